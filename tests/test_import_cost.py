"""What an import loads, counted in modules: `import adcourse` costs NumPy at most, and the core never needs more."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import adcourse

PACKAGE = Path(adcourse.__file__).parent
CORE = sorted(f"{layer}.{path.stem}" for layer in ("core", "functions") for path in (PACKAGE / layer).glob("[!_]*.py"))
SCIPY = "functions.special"  # loaded by programs alone that have loaded SciPy

USE_OF_THE_CORE = """
import numpy as np, adcourse as ad
f = lambda x: np.sum(np.sin(x) * x)
x = np.arange(3.0)
ad.grad(f)(x), ad.hessian(f)(x), ad.jvp(f, (x,), (x,)), ad.hvp(f, (x,), (x,)), ad.derivative(np.exp)(1.0)
ad.record(f, x).adjoints()
"""


def loaded(code: str) -> set[str]:
    """The packages outside the standard library that running ``code`` in a new interpreter loads."""
    script = (
        "import sys, json; before = set(sys.modules)\n"
        f"exec({code!r})\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in set(sys.modules) - before})))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(run.stdout)) - set(sys.stdlib_module_names) - {"adcourse"}


def test_the_measurement_sees_a_package():
    assert "sympy" in loaded("import sympy")


@pytest.mark.parametrize(
    "code",
    ["import adcourse", "import adcourse; dir(adcourse)"]
    + [f"import adcourse.{name}" for name in CORE if name != SCIPY]
    + [USE_OF_THE_CORE],
)
def test_core_loads_numpy_alone(code):
    assert loaded(code) <= {"numpy"}


def test_command_line_answers_without_numpy():
    """`adcourse --version` and `--help` are immediate."""
    assert loaded("import adcourse.cli") <= {"click", "colorama"}


# Imports run one way; a function may import upwards when it is called (a tape draws itself with `show`).
CORE_LAYER = {"core", "functions"}  # the functions join the core's table when the core is loaded
LAYERS = {
    "core": CORE_LAYER,
    "functions": CORE_LAYER,
    "methods": CORE_LAYER | {"methods"},
    "science": CORE_LAYER | {"methods", "science"},
    "grading": CORE_LAYER | {"methods", "grading"},
    "show": CORE_LAYER | {"methods", "science", "show"},
    "widgets": CORE_LAYER | {"methods", "science", "show", "widgets"},
}


def imports(path: Path, everywhere: bool) -> set[str]:
    """The dotted names that a module imports, absolute: at its top level, or inside functions too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = path.relative_to(PACKAGE.parent).parent.parts
    names = set()
    for node in ast.walk(tree) if everywhere else tree.body:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else ()
            names |= {".".join([*base, *filter(None, [node.module]), alias.name]) for alias in node.names}
    return names


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_run_one_way(layer):
    for path in (PACKAGE / layer).rglob("*.py"):
        for name in imports(path, everywhere=False):
            top, _, rest = name.partition(".")
            if top == "adcourse" and (part := rest.partition(".")[0]) in LAYERS:
                assert part in LAYERS[layer], f"{path} imports {name}"


def test_core_names_no_other_package_even_inside_functions():
    for path in (PACKAGE / "core").rglob("*.py"):
        for name in imports(path, everywhere=True):
            top = name.partition(".")[0]
            assert top in {"numpy", "adcourse"} or top in sys.stdlib_module_names, f"{path} imports {name}"
