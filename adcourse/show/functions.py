"""Every function that adcourse differentiates, as a page: ``python -m adcourse.show.functions`` writes it.

What the page says stands in the table itself: each rule's kind, what it reads, its derivative as it is written in the
source, and the remark beside it.
"""

import ast
import inspect
import re
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np

from adcourse.core import box  # noqa: F401  (every rule has joined the table then)
from adcourse.core.kinds import Bilinear, Constant, Elementwise, General, Linear
from adcourse.core.recurrences import RECURRENCES
from adcourse.core.rules import RULES
from adcourse.functions.derived import DERIVED

PAGE = Path(__file__).parents[1] / "core" / "FUNCTIONS.md"
COMMAND = "python -m adcourse.show.functions"
HEAD = f"""# The functions that adcourse differentiates

`{COMMAND}` makes this page from the table of rules; a test says when it is out of date.
In a derivative `z` is the result, `x` and `y` are the operands; in a transpose `g` is the cotangent of the result.
"Keeps" says which of these numbers the tape holds on to, because the derivative reads them.
"""
BY_HAND = [f for f in RECURRENCES if f in RULES]
SECTIONS = {
    "elementwise": ("Element by element", "The partial derivative by each operand."),
    "linear": (
        "Linear",
        "Forward mode applies the function itself to the tangents, reverse mode this to `g`.",
    ),
    "bilinear": ("Linear in each of two operands", "The product rule, and the transpose by each operand."),
    "general": ("One JVP line", "The tangent of the result; reverse mode transposes that line."),
    "derived": ("Derived", "Made of functions that have a rule: derivatives of every order follow from theirs."),
    "constant": ("Without a derivative", "Zero wherever there is one. They return plain values."),
}
_KINDS = {Elementwise: "elementwise", Linear: "linear", Bilinear: "bilinear", General: "general", Constant: "constant"}


@cache
def _module(path):
    source = Path(path).read_text(encoding="utf-8")
    return ast.parse(source), source.splitlines()


def _written(function):
    """The node of the source that defines a function, and its first line; None if it has none."""
    code = getattr(function, "__code__", None)
    if code is None or not Path(code.co_filename).is_file():
        return None, ""
    tree, lines = _module(code.co_filename)
    here = [node for node in ast.walk(tree) if _starts(node) == code.co_firstlineno]
    for node in here:
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            return node, lines[node.lineno - 1]
    same = [node for node in here if isinstance(node, ast.Lambda) and _names(node) == _names(code)]
    if len(same) > 1:
        same = [node for node in same if _compiled(node).co_code == code.co_code] or same
    return (same or [None])[0], lines[code.co_firstlineno - 1]


def _names(x):
    if isinstance(x, ast.Lambda):
        return [a.arg for a in (*x.args.args, *x.args.kwonlyargs)]
    return list(x.co_varnames[: x.co_argcount + x.co_kwonlyargcount])


def _compiled(node):
    return next(c for c in compile(ast.Expression(node), "", "eval").co_consts if inspect.iscode(c))


def _starts(node):
    """The line on which a definition starts, its decorators counted in."""
    return min([d.lineno for d in getattr(node, "decorator_list", [])], default=getattr(node, "lineno", None))


def _formula(function):
    """A derivative in words: the body of a lambda, or the first line of what a named function says of itself."""
    if isinstance(function, str):
        return f"`{function}`"
    if not callable(function):
        return f"`{function}`"
    node, _ = _written(function)
    if isinstance(node, ast.Lambda):
        return f"`{ast.unparse(node.body)}`"
    if _first_line(function):
        return _first_line(function).rstrip(".")
    returns = [n.value for n in ast.walk(node or ast.Pass()) if isinstance(n, ast.Return) and n.value is not None]
    return f"`{ast.unparse(returns[0]) if len(returns) == 1 else function.__name__}`"


def _first_line(function):
    return (inspect.getdoc(function) or "").split("\n")[0] if getattr(function, "__code__", None) else ""


def _remark(*functions):
    """The comments beside the definitions of these functions."""
    found = []
    for function in functions:
        _, line = _written(function)
        comment = re.search(r"#\s*(.*)", line)
        text = comment.group(1).strip() if comment else ""
        if text and not text.startswith(("noqa", "fmt")) and text not in found:
            found.append(text)
    return "; ".join(found)


def name_of(function, rule=None):
    """How a program calls the function."""
    for home, label in ((np, "np"), (np.linalg, "np.linalg"), (np.fft, "np.fft")):
        if getattr(home, function.__name__, None) is function:
            return f"{label}.{function.__name__}"
    if rule is not None and not rule.name.startswith(("_", "<")) and rule.name != function.__name__:
        return rule.name
    if isinstance(function, np.ufunc):
        return f"scipy.special.{function.__name__.strip('_')}"
    return function.__name__


def _row(rule):
    kept = [n for n, reads in zip("xy", rule.reads, strict=False) if reads] + ["z"] * rule.reads_out
    if isinstance(rule, Elementwise):
        partials = [rule.known[f"p{k}"] for k in range(len(rule.partials))]
        return ["; ".join(map(_formula, partials)), " ".join(kept), _remark(*filter(callable, partials))]
    if isinstance(rule, Linear):
        return [_formula(rule.transpose), "shape", _remark(rule.transpose)]
    if isinstance(rule, Bilinear):
        return ["; ".join(map(_formula, rule.transposes)), "x y", _remark(*rule.transposes)]
    jvp = inspect.getclosurevars(rule.jvp).nonlocals.get("jvp", rule.jvp)  # of a function with several results
    return [_formula(jvp), "x z", _remark(jvp)]


def rows():
    """``(name, kind, derivative, what is kept, remark)`` for every function of the table, SciPy's too where it is."""
    with suppress(ImportError):
        import adcourse.functions.special  # noqa: F401
    found = []
    for function, rule in RULES.items():
        kind = _KINDS[type(rule)]
        found.append((name_of(function, rule), kind, *(["", "", ""] if kind == "constant" else _row(rule))))
    for function, mine in DERIVED.items():
        found.append((name_of(function), "derived", _first_line(mine), "", _remark(mine)))
    return sorted(found)


GPU = """
## On a GPU

A rule calls NumPy functions on whatever arrays it is given, so CuPy's stay on the device: CI runs every rule on an
array type that refuses to become a NumPy array or to meet one, and `pytest -m gpu` runs the same tests on CuPy where it
finds a device. What is different there, according to CuPy's sources (15.0.0a1, read and not run):

- Reductions give arrays without axes where NumPy gives numbers. They are the value and the seed of a gradient too.
- A NumPy array beside a traced CuPy array raises CuPy's TypeError, except as an index or a mask, which CuPy copies.
- `if x > 0` waits for the device.
- `ufunc.at` exists where there is a scatter (add, subtract, maximum, minimum), `ufunc.reduce` for add and multiply.
- `cupy.linalg` has no `eig` (nor have we), and SciPy's `erfi dawsn jv yv iv kv` are not in `cupyx.scipy.special`.
- Plain CuPy arrays, outside a transform, have no `geomspace block insert unstack polyder polyint vecdot matvec vecmat`,
  and in `linalg` no `vector_norm matrix_norm svdvals multi_dot outer tensordot vecdot trace diagonal`. Traced ones do:
  these are made of others.
"""


def taylor():
    """The section on Taylor mode."""
    names = ", ".join(f"`{name_of(f, RULES.get(f))}`" for f in sorted(BY_HAND, key=lambda f: f.__name__))
    return f"""
## Taylor mode

Every function on this page has its Taylor coefficients to any order. These have a recurrence written by hand
(`adcourse/core/recurrences.py`): {names}. Linear functions act on each coefficient, products sum over pairs of
coefficients; of all others the derivative above is run on series in its turn, with z' = f'(x) x' for the next
coefficient. Where there is no power series, at a pole, a branch point or the edge of a domain, `DomainError` names the
coefficient that must be non-zero; kinks and jumps have the one-sided convention in the remark, to every order.
"""


def page():
    """The whole page, as Markdown."""
    parts, table = [HEAD], rows()
    for kind, (title, meaning) in SECTIONS.items():
        chosen = [row for row in table if row[1] == kind]
        parts.append(f"\n## {title} ({len(chosen)})\n\n{meaning}\n")
        if kind == "constant":
            parts.append("\n" + ", ".join(f"`{row[0]}`" for row in chosen) + "\n")
            continue
        if kind == "derived":
            parts.append("\n| function | remark |\n|---|---|\n")
            parts += [f"| `{row[0]}` | {_cell('; '.join(filter(None, (row[2], row[4]))))} |\n" for row in chosen]
            continue
        parts.append("\n| function | derivative | keeps | remark |\n|---|---|---|---|\n")
        for name, _, what, keeps, remark in chosen:
            parts.append(f"| `{name}` | {_cell(what)} | {keeps} | {_cell(remark)} |\n")
    return "".join([*parts, taylor(), GPU])


def _cell(text):
    return text.replace("|", "\\|")


def main():
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
