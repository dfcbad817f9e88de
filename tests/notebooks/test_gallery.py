"""The gallery of lecture 14: every system that the sources name has an entry, with its idea running here and checked.

That the checks hold is shown by executing the lecture, in test_lectures.py.
"""

import ast
import re

import nbformat
import pytest

from .reading import FOLDER

SYSTEMS = {  # entry: the names in the sources that it answers for
    "jax": ("JAX", "XLA"),
    "pytorch": ("PyTorch",),
    "tensorflow": ("TensorFlow",),
    "theano": ("Theano", "Aesara", "PyTensor", "PyMC"),
    "taichi": ("Taichi",),
    "autograd": ("autograd",),
    "autograd-forward": ("autograd-forward",),
    "micrograd": ("micrograd",),
    "autodidact": ("autodidact",),
    "enzyme": ("Enzyme", "LLVM"),
    "casadi": ("CasADi", "IPOPT"),
    "keops": ("KeOps",),
    "adol-c": ("ADOL-C",),
    "ceres": ("Ceres",),
    "audi": ("audi",),
    "algopy": ("algopy",),
    "taylorseries": ("TaylorSeries.jl",),
    "zygote": ("Zygote",),
    "flux": ("Flux",),
    "chainrules": ("ChainRules",),
    "abstractdifferentiation": ("AbstractDifferentiation",),
    "sympy": ("SymPy", "Maple", "Mathematica"),
    "pyhessian": ("PyHessian",),
    "f-1": ("F-1", "implicit differentiation"),
    "sundials": ("SUNDIALS",),
}


def asks(node):
    """``if installed("jax"): ...``: what runs only where the system itself is there."""
    test = node.test if isinstance(node, ast.If) else None
    return isinstance(test, ast.Call) and ast.unparse(test.func) == "installed"


def faults(cells, entry):
    """What an entry lacks, in words; nothing if it is complete. ``cells``: their sources by their ids."""
    about, code = (cells.get(f"gallery-{entry}{end}", "") for end in ("-about", ""))
    lines = cells.get("gallery", "").splitlines()
    body = ast.parse(code).body
    here = [node for statement in body if not asks(statement) for node in ast.walk(statement)]
    checks = [node for node in here if isinstance(node, ast.Assert) and not isinstance(node.test, ast.Constant)]
    ours = [node for node in here if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "ad"]
    snippet = re.search(r"```\w*\n.*not run here.*\n```", about, re.S) or any(map(asks, body))
    status = re.search(r"\*\*Status:\*\*.*", about)
    return [
        *(f"doesn't name {name}" for name in SYSTEMS[entry] if name not in about),
        *(
            f"{name} has no row in the table"
            for name in SYSTEMS[entry][:1]
            if not any(name in x for x in lines if "|" in x)
        ),
        *["no idea"] * ("**Idea:**" not in about),
        *["no status with a date"] * (not (status and re.search(r"\b20[12]\d\b", status[0]))),
        *["nothing runs here"] * (not ours),
        *["no check"] * (not checks),
        *["no snippet of the system's own"] * (not snippet),
    ]


@pytest.fixture(scope="module")
def book():
    (path,) = FOLDER.glob("14_*.ipynb")
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


@pytest.fixture(scope="module")
def cells(book):
    return {cell.id: cell.source for cell in book.cells if cell.id.startswith("gallery")}


@pytest.mark.parametrize("entry", SYSTEMS)
def test_every_system_has_its_entry_and_its_check(cells, entry):
    assert faults(cells, entry) == []


def test_there_are_no_other_entries_and_each_is_tagged(book):
    tagged = [cell.id for cell in book.cells if "gallery" in cell.metadata.get("tags", [])]
    assert tagged == [f"gallery-{entry}" for entry in SYSTEMS]


@pytest.mark.parametrize("entry", SYSTEMS)
def test_what_is_taken_away_is_missed(cells, entry):
    """The demonstration, the text, the check, the date, the snippet: dropped one at a time."""

    def without(change, where):
        name = f"gallery-{entry}{where}"
        return faults({**cells, name: change(cells[name])}, entry)

    def uncheck(code):
        tree = ast.parse(code)
        tree.body = [node for node in tree.body if not isinstance(node, ast.Assert)]
        for node in ast.walk(tree):
            if isinstance(node, ast.For):  # a loop over cases
                node.body = [n for n in node.body if not isinstance(n, ast.Assert)] or [ast.Pass()]
        return ast.unparse(tree)

    def unsnip(code):
        tree = ast.parse(code)
        tree.body = [node for node in tree.body if not asks(node)]
        return ast.unparse(tree)

    assert "no check" in without(lambda code: "", "") and "nothing runs here" in without(lambda code: "", "")
    assert "no idea" in without(lambda text: "", "-about")
    assert "no check" in without(uncheck, "")
    assert without(lambda text: re.sub(r"\b20\d\d\b", "then", text), "-about") == ["no status with a date"]
    in_text, in_code = without(lambda text: text.split("```")[0], "-about"), without(unsnip, "")
    assert "no snippet of the system's own" in in_text + in_code
