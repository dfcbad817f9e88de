"""docs/adding_a_rule.md, followed to the letter in a copy of the course: one rule, and every mode has the function."""

import re
from textwrap import dedent, indent

import pytest

from tests.guides import commands, copy, run, text

PAGE = "adding_a_rule.md"
INTO = re.compile(r"This\s+goes\s+into\s+`(\w+)`\s+of\s+`([\w/.]+)`:\s+```python\n(.*?)^ *```$", re.M | re.S)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """What the page says, done by a program."""
    course = copy(tmp_path_factory.mktemp("course"), "adcourse", "tests", "conftest.py", "pyproject.toml")
    steps = INTO.findall(text(PAGE))
    assert len(steps) == 4
    for table, file, entry in steps:
        begins = re.compile(rf"^{table} = {{\n", re.M)
        before = (course / file).read_text(encoding="utf-8")
        after, found = begins.subn(lambda line, entry=entry: line[0] + indent(dedent(entry), 4 * " "), before)
        assert found == 1, f"{file} has no table {table}"
        (course / file).write_text(after, encoding="utf-8")
    return course


def test_every_mode_has_it(course):
    """By its mathematics: f(tx, ty) = t² f(x, y), so the slope along (x, y) is 2f and the Hessian has it as well."""
    code = """
        import adcourse as ad, numpy as np
        from scipy.special import pseudo_huber as f
        from adcourse.methods.bridges import BRIDGES

        at = np.random.default_rng().uniform(0.3, 2.0, (5, 2))
        x, y = at[0].tolist()
        same = lambda found, expected: np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-11)
        gradient = np.array(ad.grad(f, (0, 1))(x, y))
        same(gradient[1], y / np.sqrt(1 + (y / x) ** 2))
        same(gradient @ at[0], 2 * f(x, y))
        same(ad.jvp(f, (x, y), (x, y))[1], 2 * f(x, y))
        same(ad.hessian(lambda v: f(v[0], v[1]))(at[0]) @ at[0], gradient)
        same(ad.taylor(lambda t: f(t * x, t * y), 1.0, 4).coefficients, f(x, y) * np.array([1, 2, 1, 0, 0]))
        same(ad.vmap(ad.grad(f))(at[:, 0], at[:, 1]), [ad.grad(f)(*row) for row in at])
        same(ad.replay(ad.grad(f, (0, 1)))(x, y), gradient)
        same(BRIDGES["autograd"].grad(f, (0, 1))(x, y), gradient)
        assert ad.check_derivatives(f, x, y)
        names = {}
        exec(ad.record(f, x, y).source(), names)
        same(names["pseudo_huber_gradient"](x, y), gradient)
        """
    run(course, "-c", dedent(code))


def test_it_is_on_the_page_of_functions_and_tested(course):
    """By the two commands that end the steps."""
    write, check = commands(PAGE)
    run(course, *write.split()[1:])
    page = (course / "adcourse" / "core" / "FUNCTIONS.md").read_text(encoding="utf-8")
    (row,) = (line for line in page.splitlines() if "pseudo_huber" in line)
    assert "x * y / np.hypot(x, y)" in row and "nan at x = 0" in row
    said = run(course, "-m", *check.split(), "-q", "-p", "no:cacheprovider")
    assert int(re.search(r"(\d+) passed", said)[1]) >= 20, said
