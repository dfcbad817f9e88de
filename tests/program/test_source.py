"""Derivatives as source: run without adcourse they give the same bits, and they read like a book's."""

import ast
import subprocess
import sys
import warnings

import numpy as np
import pytest

from adcourse import custom_rule, grad, hvp, jvp, record, value_and_grad, vjp
from adcourse.core.errors import InputError
from adcourse.core.tree import flatten
from adcourse.program.replay import identical
from tests.core.examples import EXAMPLES, draw
from tests.fuzz.generate import draw as draw_program

KINDS = ("value", "gradient", "value_and_gradient", "jvp", "vjp", "hvp")
CASES = [
    pytest.param(call, domains, shapes, id=f"{name}-{k}")
    for name, cases in EXAMPLES.items()
    for k, (call, domains, shapes) in enumerate(cases)
]


def function(text, what="gradient"):
    """The function that the text defines, in a namespace of its own."""
    assert "adcourse" not in text
    space = {}
    exec(compile(text, "<source>", "exec"), space)
    name = ast.parse(text).body[-1].name
    assert name.endswith(what) or what == "value"
    return space[name]


def same(a, b):
    """The same bits; a number may be of Python, of NumPy, or an array without axes."""
    a, b = flatten(a)[0], flatten(b)[0]
    numbers = lambda xs: [x if np.shape(x) else np.float64(x) for x in xs]
    return len(a) == len(b) and all(map(identical, numbers(a), numbers(b)))


def cotangent(y):
    return np.cos(np.arange(float(np.size(y)))).reshape(np.shape(y)) if np.shape(y) else 0.7


@pytest.mark.parametrize("call, domains, shapes", CASES)
def test_table(call, domains, shapes, request):
    """Every example of every rule, both ways, at the point of the recording and at another."""
    rng = np.random.default_rng(len(request.node.name))
    xs, others = draw(rng, domains, shapes), draw(rng, domains, shapes)
    tape = record(call, *xs)
    forward, reverse = function(tape.source("jvp"), "jvp"), function(tape.source("vjp"), "vjp")
    for at in (xs, others):
        vs = [np.cos(x) if shape else float(np.cos(x)) for x, shape in zip(at, shapes, strict=True)]
        y, pullback = vjp(call, *at)
        leaves, build = flatten(y)
        gs = build([cotangent(v) for v in leaves])
        found, expected = pullback(gs), None
        expected = found[0] if len(at) == 1 else found
        try:
            pushed, pulled = forward(*at, *vs), reverse(*at, gs)
        except ValueError as error:
            if at is others and "another branch" in str(error):
                continue
            raise
        assert same(pushed, jvp(call, tuple(at), tuple(vs)))
        assert same(pulled, (y, expected))


@pytest.mark.parametrize("seed", range(40))
def test_random_programs(seed):
    program = draw_program(977 + seed)
    f, args = program.function(), tuple(program.inputs.values())
    positions = 0 if len(args) == 1 else tuple(range(len(args)))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tape, vs = record(f, *args), tuple(np.cos(x) for x in args)
        vs = tuple(float(v) if isinstance(x, float) else v for x, v in zip(args, vs, strict=True))
        expected = {
            "value": f(*args), "gradient": grad(f, positions)(*args), "jvp": jvp(f, args, vs),
            "value_and_gradient": value_and_grad(f, positions)(*args), "hvp": hvp(f, args, vs),
        }  # fmt: skip
        expected["value"] = expected["value_and_gradient"][0]  # of a formula of ours where NumPy has its own
        for what, value in expected.items():
            more = vs if what in ("jvp", "hvp") else ()
            assert same(function(tape.source(what), what)(*args, *more), value), what


def test_a_saved_file_runs_without_adcourse(tmp_path):
    """In a fresh Python in which adcourse can't be imported."""

    def density(y, mu, sigma):
        z = (y - mu) / sigma
        return -np.log(sigma) - 0.5 * np.log(2.0 * np.pi) - z**2 / 2.0

    args = (3.0, 1.0, 2.5)
    path = record(density, *args).source().save(tmp_path / "density.py")
    code = "import sys; sys.modules['adcourse'] = None; import density; "
    code += f"print([float(g) for g in density.density_gradient(*{args})])"
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, text=True, capture_output=True, check=True
    )
    assert path.name == "density.py"
    y, mu, sigma = args
    z = (y - mu) / sigma
    np.testing.assert_allclose(ast.literal_eval(found.stdout), [-z / sigma, z / sigma, (z * z - 1) / sigma], rtol=1e-14)


def test_names_are_those_of_the_trace_and_lines_are_quoted():
    def f(w1, w2):
        v1 = np.log(w1)
        v2 = w2 * v1
        return v2 + np.sqrt(v2)

    tape = record(f, np.e, 4.0)
    names = lambda text: {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)}
    text = tape.source("value_and_gradient")
    assert set(tape.names.values()) <= names(text)
    assert {"v1_bar", "v2_bar", "w1_bar", "w2_bar"} <= names(text)
    assert {"v1_dot", "v2_dot", "v3_dot", "v4_dot"} <= names(tape.source("jvp"))
    assert {"v2_dot", "w1_bar_dot", "w2_bar_dot"} <= names(tape.source("hvp"))
    assert "# return v2 + np.sqrt(v2)" in text and "v2 = w2 * v1" in text
    assert text._repr_markdown_().startswith("```python\nimport numpy as np")


def test_a_variable_that_is_assigned_again_and_words_of_python():
    def f(x, np_=2.0):
        for _ in range(3):
            x = np.sin(x) * np_
        return x

    text = record(f, 0.5, 2.0).source("jvp")
    assert same(function(text, "jvp")(0.7, 2.0, 1.0, 0.0), jvp(f, (0.7, 2.0), (1.0, 0.0)))
    lambd = {"lambda": 2.0, "np": 3.0}
    g = lambda p: p["lambda"] * np.exp(p["np"])
    assert same(function(record(g, lambd).source())(lambd), grad(g)(lambd))


def test_arguments_in_trees_and_of_other_types():
    def loss(p, x):
        w, (b, c) = p["w"], p["rest"]
        return np.sum(np.tanh(x @ w + b) * c)

    rng = np.random.default_rng(0)
    make = lambda: {"w": rng.normal(size=(3, 2)), "rest": (rng.normal(size=2), rng.normal())}
    p, x = make(), rng.normal(size=(4, 3))
    gradient = function(record(loss, p, x).source())
    q = make()
    assert same(gradient(q, x), grad(loss, (0, 1))(q, x))
    single = function(record(lambda x: np.sum(x**2 * x), x.astype(np.float32)).source())
    assert single(x.astype(np.float32)).dtype == np.float32
    assert same(single(x.astype(np.float32)), grad(lambda x: np.sum(x**2 * x))(x.astype(np.float32)))
    whole = function(record(lambda x: np.sum(x**3) / 2, np.ones(3)).source())
    assert same(whole([1, 2, 3]), np.array([1.5, 6.0, 13.5]))


def test_other_branches_and_shapes_raise():
    def f(x):
        return np.sum(x**2) if x[0] > 0 else np.sum(x)

    gradient = function(record(f, np.ones(3)).source())
    with pytest.raises(ValueError, match="another branch"):
        gradient(-np.ones(3))
    with pytest.raises(ValueError, match=r"written for x of shape \(3,\), not \(4,\)"):
        gradient(np.ones(4))
    masked = function(record(lambda x: np.sum(x[x > 0] ** 2), np.array([1.0, -1.0])).source())
    with pytest.raises(ValueError, match="another branch"):
        masked(np.array([1.0, 1.0]))
    np.testing.assert_array_equal(masked(np.array([3.0, -2.0])), [6.0, 0.0])


def test_results_are_the_callers_own():
    f = lambda x: np.sum(x) + x[0]
    gradient, x = function(record(f, np.ones(3)).source()), np.ones(3)
    a = gradient(x)
    a[...] = 9.0
    assert gradient(x).tolist() == [2.0, 1.0, 1.0] and x.tolist() == [1.0, 1.0, 1.0]
    same_again = function(record(lambda x: x[::-1], np.arange(3.0)).source("value"), "value")
    assert not np.may_share_memory(same_again(x), x)


def test_errors_teach():
    tape = record(lambda x: x[:2] * 2, np.ones(3))
    with pytest.raises(InputError, match="there is value, gradient"):
        tape.source("integral")
    with pytest.raises(InputError, match=r'tape.source\("jvp"\)'):
        tape.source()
    with pytest.raises(InputError, match="make it an argument"):
        record(lambda x: np.sum(x * np.arange(20_000.0)), np.ones(20_000)).source()

    @custom_rule
    def cube(x):
        return x**3

    cube.jvp(lambda z, primals, tangents: 3 * primals[0] ** 2 * tangents[0])
    with pytest.raises(InputError, match="cube, which can't be written as NumPy source"):
        record(lambda x: cube(x), 2.0).source("value")


def test_long_programs():
    def f(x):
        for _ in range(2000):
            x = x * 1.001 + 0.001
        return x

    text = record(f, 0.5).source()
    assert function(text)(0.25) == grad(f)(0.25) and len(text.splitlines()) < 10_000
