"""The core stays readable: how far it is from ``x * y`` to its row on the tape and back, and how much there is."""

import ast
import sys
from pathlib import Path

import numpy as np
import pytest

import adcourse
from adcourse.core.tape import Tape

CORE = Path(adcourse.__file__).parent / "core"


def functions_called(run):
    """The functions of adcourse that ``run`` calls, in order, each once; but for the note of the line it came from."""
    seen = []

    def watch(frame, event, _):
        ours, noted = (
            frame.f_globals.get("__name__", "adcourse").startswith("adcourse"),
            frame.f_code.co_filename.endswith("origin.py"),
        )
        if event == "call" and ours and not noted:
            name = frame.f_code.co_qualname
            if name not in seen and "__init__" not in name and not name.startswith("<"):
                seen.append(name)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        result = run()
    finally:
        sys.setprofile(before)
    return seen, result


@pytest.mark.parametrize("keep", [False, True])
def test_from_a_multiplication_to_its_row_and_back_in_at_most_five_functions(keep):
    tape = Tape(keep=keep)
    x, y = tape.begin([3.0, 5.0])
    there, z = functions_called(lambda: x * y)
    assert len(tape) == 3
    assert len(there) <= 5, there
    tape.close()
    back, adjoints = functions_called(lambda: tape.sweep({z.index: 1.0}))
    assert adjoints[:2] == [5.0, 3.0]
    assert len(back) <= 5, back


def test_of_arrays_too():
    tape = Tape()
    x, y = tape.begin([np.array([3.0, 1.0]), np.array([5.0, 2.0])])
    there, z = functions_called(lambda: x * y)
    assert len(there) <= 5, there
    back, adjoints = functions_called(lambda: tape.sweep({z.index: np.ones(2)}))
    np.testing.assert_array_equal(adjoints[0], [5.0, 2.0])
    assert len(back) <= 5, back


def code_lines(path):
    """Lines of code: neither empty nor a comment nor of a docstring."""
    text = path.read_text(encoding="utf-8")
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            docstrings |= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    lines = enumerate(text.splitlines(), 1)
    return sum(bool(line.strip()) and not line.strip().startswith("#") and i not in docstrings for i, line in lines)


SERIES = {
    f"{name}.py"
    for name in "taylor recurrences coefficients singular expand flow straight".split()
    + "homogeneous taylorn rays hyperdual".split()
}

FACES = {
    f"{name}.py"
    for name in "sparsity colouring sparse implicit krylov pairs checkpoint rerun revolve reversible alive".split()
    + "batch members answers gather vmap origin".split()
}


def test_there_is_no_more_to_read_than_an_afternoon():
    """And another one for series, and one for what else is done with a tape: each has a lecture of its own."""
    sizes = {path.name: code_lines(path) for path in CORE.glob("*.py")}
    assert sum(size for name, size in sizes.items() if name not in SERIES | FACES) < 2930, sizes
    assert sum(size for name, size in sizes.items() if name in SERIES) < 1460, sizes
    assert sum(size for name, size in sizes.items() if name in FACES) < 2150, sizes
    assert max(sizes.values()) <= 300, sizes
