"""Rows are called what the program calls their values: always right, never twice, and with the line they come from."""

import keyword
import linecache
import math
import re
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse import grad, jvp, record, strict, vmap
from adcourse.core.errors import NonFiniteError
from adcourse.core.levels import Traced
from adcourse.core.origin import line_text, origin
from adcourse.core.tape import Tape


def names(f, *args):
    return list(record(f, *args).names.values())


def compiled(body, parameters="x, y", filename="<a cell>", **known):
    """A function of the given body, as exec makes one; its source is not to be had."""
    lines = "\n".join(f"    {line}" for line in body.strip("\n").split("\n"))
    space = {"np": np, "math": math, **known}
    exec(compile(f"def f({parameters}):\n{lines}\n", filename, "exec"), space)
    return space["f"]


def helper(z):
    return 1.0 / (1.0 + np.exp(-z))


PROGRAMS = {
    "assignment": ("u = x * y\nreturn u + x", "u v2"),
    "annotated": ("u: float = x * y\nreturn u", "u"),
    "parts of an expression": ("u = np.sin(x * y) + x\nreturn u", "v1 v2 u"),
    "the result has no name": ("return x * y", "v1"),
    "augmented": ("u = x * y\nu += x\nu *= u\nreturn u", "u_1 u_2 u_3"),
    "an input's own name": ("x = x * y\nx = x + 1.0\nreturn x", "x_1 x_2"),
    "chained": ("a = b = x * y\nreturn a + b", "a v2"),
    "walrus": ("return (u := x * y) + u", "u v2"),
    "walrus in a condition": ("if (u := x * y) > 0.0:\n    w = u + x\n    return w", "u w"),
    "unpacking": ("a, b = x * y, x + y\nreturn a + b", "a b v3"),
    "unpacking many": ("a, b, c, d = x * y, x + y, x - y, x / y\ns = a + b + c + d\nreturn s", "a b c d v5 v6 s"),
    "unpacking with a star": ("a, *rest = [x * y, x + y]\nreturn a", "a v2"),
    "swapping": ("a, b = x * y, x + y\ns = a * b\na, b = b, a\nreturn a - b", "a b s v4"),
    "a loop": ("u = x * y\nfor _ in range(3):\n    u = np.sin(u)\nreturn u", "u_1 u_2 u_3 u_4"),
    "a while loop": ("u = x * y\nwhile u < 100.0:\n    u = u * 3.0\nreturn u", "u_1 u_2 u_3 u_4 u_5"),
    "a branch": ("if x > 0.0:\n    a = x * y\nelse:\n    b = x + y\nreturn a if x > 0.0 else b", "a"),
    "one line of two": ("u = x * y; w = u + x\nreturn w", "u w"),
    "one of two": ("u = x * y if x > 0.0 else x + y\nreturn u", "u"),
    "or": ("u = x * 0.0 or x * y\nreturn u", "v1 u"),
    "a helper": ("u = helper(x * y)\nreturn u", "v1 v2 v3 v4 u"),
    "a helper of a helper": ("g = lambda t: helper(t)\nu = g(x)\nreturn u", "v1 v2 v3 u"),
    "a helper whose result is used at once": ("u = helper(x) * y\nreturn u", "v1 v2 v3 v4 u"),
    "a lambda": ("square = lambda t: t * t\na = square(x)\nb = square(y)\nreturn a + b", "a b v3"),
    "a nested function": ("def g(t):\n    s = t * t\n    return s + x\nu = g(y)\nreturn u", "s u"),
    "nonlocal": ("s = x\ndef add(t):\n    nonlocal s\n    s = s + t\nadd(y)\nadd(y)\nreturn s", "s_1 s_2"),
    "global": ("global kept\nkept = x * y\nreturn kept", "kept"),
    "recursion": ("def g(n):\n    if n == 0: return x\n    u = g(n - 1) * y\n    return u\nreturn g(3)", "u_1 u_2 u_3"),
    "a generator": ("def g():\n    for k in 1, 2:\n        t = x * k\n        yield t\nreturn [*g()]", "t_1 t_2"),
    "a class": ("class C:\n    u = x * y\n    def __init__(self):\n        self.w = C.u + x\nreturn C().w", "u v2"),
    "a method": ("class C:\n    def go(self, t):\n        u = t * y\n        return u\nreturn C().go(x)", "u"),
    "operators of a class": ("class P:\n    def __mul__(self, o):\n        return x * y\nu = P() * P()\nreturn u", "u"),
    "with": ("with np.errstate(all='ignore'):\n    u = x * y\nreturn u", "u"),
    "try": ("try:\n    u = x * y\n    1 // 0\nexcept ZeroDivisionError:\n    w = u + x\nreturn w", "u w"),
    "match": ("match x * y:\n    case u:\n        return u + x", "u v2"),
    "exec inside": ("d = {'x': x, 'y': y}\nexec('u = x * y', d)\nreturn d['u']", "u"),
    "nobody's": ("_ = x * y\n__ = _ + x\nreturn __", "v1 v2"),
    "an element": ("a = [0.0]\na[0] = x * y\nreturn a[0]", "v1"),
    "an attribute": ("import types\na = types.SimpleNamespace()\na.u = x * y\nreturn a.u", "v1"),
    "a result put away": ("u = x * y\nu = 3.0\nreturn x * u", "v1 v2"),
    # a function of C calls back, or makes more than one value: what the variable holds then is not this row
    "sum": ("s = sum([x, y])\nreturn s", "v1 s"),
    "max": ("s = max(map(np.sin, [x, y]))\nreturn s", "s v2"),
    "min": ("s = min(map(np.sin, [x, y]))\nreturn s", "v1 s"),
    "list": ("s = list(map(np.sin, [x, y]))\nreturn s[0]", "v1 v2"),
    "reduce": ("import functools\ns = functools.reduce(lambda a, b: a * b, [x, y, x])\nreturn s", "v1 s"),
    "sorted": ("s = sorted([x, y], key=lambda t: -t)\nreturn s[0] * s[1]", "v1 v2 v3"),
    "objects": ("s = np.array([x, y]) * 2.0\nreturn s[0]", "v1 v2"),
    "unpacked objects": ("a, b = np.array([x, y]) * 2.0\nreturn a", "a b"),
}  # fmt: skip


@pytest.mark.parametrize("body, expected", PROGRAMS.values(), ids=list(PROGRAMS))
def test_names(body, expected):
    f = compiled(body, helper=helper)
    assert " ".join(names(f, 1.5, 2.0)[2:]) == expected
    assert " ".join(names(f, 1.5, 2.0)[2:]) == expected  # once more, when Python has specialised its instructions


def test_names_in_a_loop_long_enough_for_python_to_specialise_its_instructions():
    def f(x):
        for _ in range(50):
            a = abs(x)
            b = a * x
            c = max([b * 1.0, b * 2.0])
            s = [t * 1.0 for t in (a, c)]
            x = sum(s)
        return x

    tape = record(f, 0.5)
    found = [re.sub(r"_?\d+$", "", name) for name in tape.names.values()]
    assert found == ["x", *["a", "b", "v", "v", "v", "v", "v", "x"] * 50]
    assert tape.name(len(tape) - 1) == "x_50"


def test_arrays_and_functions_of_several_rows():
    def f(A, b):
        x = np.linalg.solve(A, b)
        length = np.linalg.norm(x)
        q, r = np.linalg.qr(A)
        parts = np.split(x, 2)
        first, second = x
        for each in x:
            total = each * length
        return total + np.sum(q @ r) + np.sum(parts[0]) + first * second

    tape = record(f, np.array([[2.0, 1.0], [0.5, 3.0]]), np.array([1.0, -2.0]))
    by = {row.name: row for row in tape}
    np.testing.assert_allclose(by["x"].value, np.linalg.solve(tape[0].value, tape[1].value))
    assert by["length"].value == pytest.approx(np.linalg.norm(by["x"].value))
    np.testing.assert_allclose(by["q"].value @ by["r"].value, tape[0].value)
    assert (by["first"].value, by["second"].value) == tuple(by["x"].value)
    assert [by[f"each_{k}"].value for k in (1, 2)] == list(by["x"].value)
    assert "parts" not in by


def test_an_array_that_is_written_to_has_a_new_name_after_each_write():
    def f(x):
        y = np.zeros_like(x)
        y[0] = x[1] * 2.0
        y[1] = y[0] + x[0]
        y += x
        z = y[:1]
        z[0] = 7.0
        return np.sum(y)

    by = {row.name: row.value for row in record(f, np.array([1.0, 10.0]))}
    assert [by[f"y_{k}"].tolist() for k in range(1, 6)] == [[0, 0], [20, 0], [20, 21], [21, 31], [7, 31]]


def test_inside_other_transforms_a_row_is_called_as_the_value_that_holds_it():
    def f(x):
        def g(t):
            u = t * t
            return u * x

        slope = grad(g)(x)
        value, change = jvp(g, (x,), (1.0,))
        many = vmap(lambda s: s * x)(np.array([1.0, 2.0]))
        return slope + value + change + many[0]

    tape = record(f, 3.0)
    by = {row.name: row.value for row in tape}
    assert (by["slope"], by["value"], by["change"]) == (18.0, 27.0, 18.0)
    assert by["u_1"] == by["u_2"] == 9.0
    np.testing.assert_array_equal(by["many"], [3.0, 6.0])


def test_names_beside_those_of_the_inputs():
    assert names(lambda x, y: x * y + x, 1.0, 2.0) == ["x", "y", "v1", "v2"]
    assert names(lambda v1, v2: v1 * v2, 1.0, 2.0) == ["v1", "v2", "t1"]
    assert names(compiled("v1 = x * y\nv2 = v1 + x\nreturn v2 * v1"), 1.0, 2.0) == ["x", "y", "v1", "v2", "v3"]
    assert names(compiled("v4 = x * y\nv5 = v4 + x\nreturn v5 * v4"), 1.0, 2.0) == ["x", "y", "v4", "v5", "t3"]
    assert names(compiled("v1 = x * y\nv1 = v1 + x\nreturn v1 * y"), 1.0, 2.0) == ["x", "y", "v1_1", "v1_2", "t3"]
    assert names(compiled("u = x * y\nu_1 = u + x\nu = u_1 * y\nreturn u"), 1.0, 2.0)[2:] == ["u_2", "u_1", "u_3"]
    assert names(compiled("p = p['x'] * p['y']\nreturn p", "p"), {"x": 1.0, "y": 2.0}) == ["p['x']", "p['y']", "p_1"]
    assert names(np.sin, 1.0) == ["x", "v1"]
    assert names(compiled("u = x * y\nreturn u", __name__=None), 1.0, 2.0) == ["x", "y", "u"]


# ---------------------------------------------------------------------------------------------- any program at all

VARIABLES = "x y u v v1 v2 v3 t t1 u_1 u_2 x_1 σ lambda_ _ sum".split()
VALUES = "x * y|x + 1.0|np.sin(A)|A * B|-A|helper(A)|add([A, B])|max(A, B * 2.0)|(w := A * 2.0) + B".split("|")
STATEMENTS = """C = VALUE
C = VALUE
C = D = VALUE
C, D = VALUE, VALUE
C = [VALUE, VALUE][0]
C = (lambda q: q * VALUE)(A)
C = next(iter([VALUE, VALUE]))
C = list(map(np.cos, [A, B]))[1]
C = VALUE if A > 0.5 else VALUE
A += VALUE
for C in (A, B): D = VALUE; look(locals())
C = [np.sin(C) * VALUE for C in (A, B)][1]
C = list(map(np.cos, [A, B])); C = C[1]
C = VALUE; C = A""".split("\n")


@st.composite
def programs(draw):
    """The body of a function, with a look at all of its variables after each statement."""
    bound, lines = {"x", "y"}, []
    for _ in range(draw(st.integers(1, 8))):
        text = draw(st.sampled_from(STATEMENTS))
        while "VALUE" in text:
            values = VALUES if text == "C = VALUE" else VALUES[:-1]
            text = text.replace("VALUE", draw(st.sampled_from(values)), 1)
        a, b = (draw(st.sampled_from(sorted(bound))) for _ in "ab")
        c, d = draw(st.lists(st.sampled_from(VARIABLES), min_size=2, max_size=2, unique=True))
        bound |= set() if " += " in text else {c}
        text = re.sub(r"\b[ABCD]\b", lambda m, new={"A": a, "B": b, "C": c, "D": d}: new[m[0]], text)
        lines += [text, "look(locals())"]
    return "\n".join([*lines, f"return {draw(st.sampled_from(sorted(bound)))} * 1.0"])


@settings(deadline=None, max_examples=60)
@given(programs(), st.floats(0.5, 1.5), st.floats(0.5, 1.5))
def test_every_name_is_an_identifier_of_its_own_and_true(body, x, y):
    """``look`` sees which variables hold which row after each statement, without a word about bytecode."""
    held = {}

    def look(variables):
        for name, value in variables.items():
            if isinstance(value, Traced):
                held.setdefault(value.index, set()).add(name)

    tape = record(compiled(body, look=look, helper=helper, add=sum), x, y)
    found = list(tape.names.values())
    assert len(set(found)) == len(found)
    assert found[:2] == ["x", "y"]
    assert all(name.isidentifier() and not keyword.iskeyword(name) for name in found)
    for i, name in tape.origins.bound.items():
        assert name in held[i]
        assert found[i] == name or re.fullmatch(rf"{name}_\d+", found[i]) or not name.strip("_")
    for i in set(range(2, len(found))) - tape.origins.bound.keys():
        assert re.fullmatch(rf"[a-z]+{i - 1}", found[i])


# ---------------------------------------------------------------------------------------------- lines


def test_lines():
    def f(x):
        u = x * x  # a square
        return helper(u) + np.sin(u)

    tape = record(f, 1.0)
    assert tape.line(0) is None
    assert [tape.line(i) for i in (1, 2, 5)] == ["u = x * x  # a square"] + ["return 1.0 / (1.0 + np.exp(-z))"] * 2
    assert record(lambda x: x * 2.0, 1.0).line(1).startswith("assert record(lambda x: x * 2.0, 1.0).line(1)")


def test_the_line_of_a_notebooks_cell_and_of_a_program_without_source():
    """IPython enters each cell into linecache under a name of its own."""
    source = "def f(x):\n    rate = x * x\n    w = (\n        rate\n        * np.sin(x)\n    )\n    return w\n"
    name = "/tmp/ipykernel_1/2345.py"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    space = {"np": np}
    exec(compile(source, name, "exec"), space)
    tape = record(space["f"], 2.0)
    assert list(tape.names.values()) == ["x", "rate", "v2", "w"]
    assert [tape.line(i) for i in (1, 2, 3)] == ["rate = x * x", "* np.sin(x)", "rate"]
    assert record(compiled("u = x * y\nreturn u"), 1.0, 2.0).line(2) is None


def test_a_file_that_has_changed_is_read_again(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("a = 1\n")
    assert line_text(str(path), 1) == "a = 1"
    path.write_text("changed = 22\n")
    assert line_text(str(path), 1) == "changed = 22"
    assert line_text(str(path), 7) is None
    assert line_text("nowhere", 1) is None
    assert line_text("nowhere", None) is None


def test_at_module_level():
    """The variables of a module, as a script or a notebook's cell has them."""

    def f(x):
        exec(compile("u = x * x\nu = u + x\nw = u * u\n", "a script", "exec"), script := {"x": x})
        return script["w"]

    assert names(f, 2.0) == ["x", "u_1", "u_2", "w"]


def test_origin_of_what_is_running_now():
    def probe():
        return origin()

    here = probe()
    first, second = 1, origin()
    assert (here.names, here.filename, line_text(here.filename, here.line)) == (("here",), __file__, "return origin()")
    assert (set(second.names), origin().names, first) == ({"first", "second"}, (), 1)


def test_an_error_of_a_strict_run_names_the_variable():
    def f(x):
        gap = x - x
        return np.sqrt(gap)

    with pytest.raises(NonFiniteError, match=r"In v2, sqrt\(0\.0\)"), strict():
        grad(f)(1.0)


def test_lean_tapes_look_at_no_frames(monkeypatch):
    """Only a tape that a reader asked for pays for names."""
    monkeypatch.setattr(sys, "_getframe", lambda depth=0: pytest.fail("a frame was looked at"))
    assert grad(lambda x: x * x + np.sin(x))(0.0) == 1.0
    assert Tape().origins is None
    monkeypatch.undo()
    assert Tape(keep=True).origins is not None


def test_no_frame_of_the_programs_is_kept():
    import gc
    import weakref

    class Big:
        pass

    def f(x):
        big = Big()
        gone.append(weakref.ref(big))
        u = x * x
        return u

    gone = []
    tape = record(f, 1.0)
    gc.collect()
    assert tape.name(1) == "u"
    assert gone[0]() is None


def test_naming_a_long_program_takes_steps_in_proportion_to_its_length():
    def lines_run(n):
        def f(x):
            for _ in range(n):
                y = x * 1.0
                x = y + 0.0
            return x

        tape, steps = record(f, 1.0), 0

        def count(frame, event, _):
            nonlocal steps
            steps += 1
            return count

        before = sys.gettrace()
        sys.settrace(count)
        try:
            last = tape.name(2 * n)
        finally:
            sys.settrace(before)
        assert last == f"x_{n}"
        return steps

    assert lines_run(1000) < 12 * lines_run(100)
