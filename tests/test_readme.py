"""README.md is true: its picture is drawn by the product, its examples run, its links lead somewhere.

.ci/run runs its two commands. ``python tests/test_readme.py`` draws the picture again.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import adcourse as ad
from adcourse import widgets
from adcourse.grading.problems import all_problems
from adcourse.show import graph

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
IMAGES = ROOT / "lectures" / "images"
PICTURES = {"sweep.svg": False, "sweep-dark.svg": True}  # name -> for a dark page


def f(x, y, z):
    return (x + y) * z


def draw(dark: bool) -> str:
    return graph(ad.record(f, -2.0, 5.0, -4.0), adjoints=True).svg(dark=dark) + "\n"


@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_what_the_product_draws(name):
    drawn = draw(PICTURES[name])
    assert (IMAGES / name).read_text(encoding="utf-8") == drawn, "run python tests/test_readme.py and look at it"
    assert f'"lectures/images/{name}"' in README


def test_alt_text_states_the_right_numbers():
    value, gradient = ad.value_and_grad(f, argnums=(0, 1, 2))(-2.0, 5.0, -4.0)
    (alt,) = re.findall(r'<img src="lectures/images/sweep.svg" alt="(.*?)">', README)
    stated = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", alt)]
    # the point, x + y, the value, the seed, and the adjoints of x, y and z
    assert stated == [-2, 5, -4, -2 + 5, value, 1, *gradient]


def test_two_commands():
    """Two fenced shell blocks, each one command that a reader can paste; .ci/run takes them from here."""
    script = ROOT / ".ci" / "readme_command"
    commands = [subprocess.check_output([sys.executable, script, str(n)], text=True).strip() for n in (1, 2)]
    assert len(re.findall(r"^```(?:bash|sh|shell|console)$", README, re.M)) == 2
    for command in commands:
        assert "\n" not in command
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install ")


def test_it_counts_right():
    lectures = len([*ROOT.glob("lectures/[0-9]*.ipynb")]) - 1  # the map
    stated = f"{lectures} lectures, {len(widgets.__all__)} interactive pictures, and {len(all_problems())} problems"
    assert stated in " ".join(README.split())


def test_python_example():
    """The Python block runs, and a comment that is a number or a series is the line's value."""
    (block,) = re.findall(r"^```python\n(.*?)^```", README, re.M | re.S)
    names = {}
    for line in block.strip().splitlines():
        code, _, comment = line.partition("  # ")
        if re.fullmatch(r"-?[\d.]+", comment):
            assert eval(code, names) == pytest.approx(float(comment))
        elif "O(" in comment:
            assert str(eval(code, names)) == comment
        else:
            exec(code, names)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_links_and_paths_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert target.startswith("https://") or (ROOT / target).exists(), target
    for path in re.findall(r"`((?:adcourse|lectures|exercises|solutions|tests|binder|\.ci)/[\w./-]*)`", text):
        assert (ROOT / path).exists(), path


if __name__ == "__main__":
    for name, dark in PICTURES.items():
        (IMAGES / name).write_text(draw(dark), encoding="utf-8")
