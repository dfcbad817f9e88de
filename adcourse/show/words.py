"""Numbers, arrays and operations, as a student writes them: ``(8,) [1, 2, 3, …]``, ``w2 * v1``, ``sum(v2, axis=0)``."""

FEW = 3  # entries shown of a long array
WHOLE = 6  # an array with no more entries than this is shown whole
DIGITS = 4  # significant digits of an array's entries

INFIX = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**", "matmul": "@", "remainder": "%",
    "floor_divide": "//", "greater": ">", "greater_equal": ">=", "less": "<", "less_equal": "<=", "equal": "==",
    "not_equal": "!=",
}  # fmt: skip
PREFIX = {"negative": "-", "positive": "+"}
LEVELS = {"power": 4, "add": 1, "subtract": 1} | dict.fromkeys(
    "multiply divide matmul remainder floor_divide".split(), 2
)
SIGNED, WHOLE_NAME = 3, 5  # how strongly -2 and x hold together
SHORT = {"absolute": "abs"}


def shape(x):
    """The shape of a value; ``()`` for a number."""
    return tuple(getattr(x, "shape", ()))


def number(x, digits=7):
    """A number with at most ``digits`` significant digits, no trailing zeros and no negative zero.

    >>> number(1.8393972058572117), number(4.0), number(-0.0), number(1e-12)
    ('1.839397', '4', '0', '1e-12')
    """
    if isinstance(x, bool) or type(x).__name__ == "bool":
        return str(bool(x))
    try:
        if isinstance(x, complex) or getattr(getattr(x, "dtype", None), "kind", "") == "c":
            return f"{complex(x):.{digits}g}"
        text = str(x) if isinstance(x, int) and abs(x) < 10**digits else f"{float(x):.{digits}g}"
    except (TypeError, ValueError):
        return str(x)
    mantissa, e, exponent = text.partition("e")
    return "0" if text == "-0" else mantissa + (f"e{int(exponent)}" if e else "")


def value(x, digits=7, whole=WHOLE):
    """A value: a number, a small array whole, a larger one by its shape and first entries.

    >>> value([1.0, 2.0]), value(2.5)
    ('[1, 2]', '2.5')
    """
    if isinstance(x, (list, tuple)):
        return "[" + ", ".join(value(v, digits, whole) for v in x) + "]"
    size = shape(x)
    if not hasattr(x, "ravel"):
        return f"{size} {x.dtype}" if size else number(x, digits)  # a tape keeps of some arrays no more than this
    if not size:
        return number(x.item() if hasattr(x, "item") else x, digits)
    flat = x.ravel()
    if flat.shape[0] <= whole:
        return f"{size} []" if not flat.shape[0] else value(x.tolist(), min(digits, DIGITS), whole)
    return f"{size} [" + ", ".join(number(v, min(digits, DIGITS)) for v in flat[:FEW].tolist()) + ", …]"


def index(i):
    """What stands between the brackets of ``x[...]``.

    >>> index((0, slice(1, None), Ellipsis)), index(-1)
    ('0, 1:, ...', '-1')
    """
    if isinstance(i, tuple):
        return ", ".join(map(index, i)) + ("," if len(i) == 1 else "")
    if isinstance(i, slice):
        ends = "".join("" if e is None else str(e) for e in (i.start,)), "" if i.stop is None else str(i.stop)
        return ":".join(ends) + ("" if i.step is None else f":{i.step}")
    if i is Ellipsis:
        return "..."
    return "None" if i is None else value(i)


def operands(row, names, digits=7):
    """The operands of a tape row in words: names of rows, constants by value."""
    return [value(x, digits) if p is None else names(p) for x, p in zip(row.operands, row.parents, strict=True)]


def level(text):
    """How strongly a number or name holds together."""
    return SIGNED if text.startswith("-") else WHOLE_NAME


def joined(name, args):
    """An operation on operands in words, each with how strongly it holds together; and the same for the result."""
    if name in INFIX and len(args) == 2:
        mine, ((a, left), (b, right)) = LEVELS.get(name, 0), args
        a = a if left >= mine + (name == "power") else f"({a})"
        return f"{a} {INFIX[name]} {b if right > mine and not b.startswith('-') else f'({b})'}", mine
    if name in PREFIX:
        a, inside = args[0]
        return PREFIX[name] + (a if inside >= 2 and not a.startswith("-") else f"({a})"), SIGNED
    return f"{SHORT.get(name, name)}({', '.join(a for a, _ in args)})", WHOLE_NAME


def expression(formula, digits=7):
    """A formula (see formula.py), or a plain value, as Python writes it: ``0.5 / v3 * dv2``."""
    return _expression(formula, digits)[0]


def _expression(formula, digits):
    if not hasattr(formula, "op"):
        text = value(formula, digits)
        return text, level(text)
    if formula.args:
        return joined(formula.op, [_expression(a, digits) for a in formula.args])
    return {"": "{}", "d": "d{}", "bar": "{}_bar"}[formula.accent].format(formula.op), WHOLE_NAME


def _options(static):
    return [f"{k}={v!r}" for k, v in static.items() if v is not None and v is not False]


def operation(row, names, digits=7):
    """The operation of a tape row without its left-hand side: ``w2 * v1``, ``log(w1)``, ``x[0]``."""
    if row.rule is None:
        return row.name
    name, args, static = row.rule.name, operands(row, names, digits), dict(row.static)
    if name in INFIX or name in PREFIX:
        return joined(name, [(a, level(a)) for a in args])[0]
    if name == "getitem":
        return f"{args[0]}[{index(static['index'])}]"
    if name == "setitem":  # y[i] = v: the new array is the old one with v in it
        return f"{args[0]} with {args[1]} at [{index(static['index'])}]"
    if name == "transpose" and not _options(static):
        return f"{args[0]}.T"
    if name == "astype":
        return f"{args[0]}.astype({static['dtype']})"
    if name == "concatenate":
        args = [f"[{', '.join(args)}]"]
    if name in ("reshape", "broadcast_to"):
        args.append(str(static.pop("shape")))
    if name == "put":  # the transpose of indexing, met when a gradient is itself recorded
        where = "; ".join(index(i) for i in static["indices"])
        return f"zeros({static['shape']}) with {', '.join(args)} added at [{where}]"
    return f"{SHORT.get(name, name)}({', '.join(args + _options(static))})"


def equation(row, names, digits=7):
    """A tape row as a line of a program, ``v3 = w2 * v1``; for an input its name."""
    return row.name if row.rule is None else f"{row.name} = {operation(row, names, digits)}"


def partial(tape, i, k, digits=7):
    """The local partial derivative of row ``i`` by its ``k``-th operand as words, or None for a constant operand.

    A number or array where the rule is elementwise; the row of the local Jacobian where the result is a number;
    the shape of the local Jacobian elsewhere.
    """
    row = tape[i]
    if row.parents[k] is None:
        return None
    if row.rule.name == "getitem":
        return f"1 at [{index(row.static['index'])}]"
    local = tape.partials(i)[k]
    if local is not None:
        return value(local, digits)
    if not shape(row.value):
        return value(tape.pullback(i, 1.0)[k], digits)
    return f"Jacobian of shape {shape(row.value) + shape(row.operands[k])}"


def partials(tape, i):
    """All local partials of row ``i``: ``{parent row: [words, ...]}``, one entry for each time the parent is used."""
    found = {}
    for k, parent in enumerate(tape[i].parents):
        if parent is not None:
            found.setdefault(parent, []).append(partial(tape, i, k))
    return found


def by(name, parent):
    """The sign of a local partial derivative."""
    return f"∂{name}/∂{parent}"


def listed(texts):
    """Several in one cell."""
    return ", ".join(texts)


def total(parts):
    """Numbers in words as a sum: ``3 + (-1)``."""
    return " + ".join(f"({p})" if k and p.startswith("-") else p for k, p in enumerate(parts))
