"""Names, numbers and operations of a tape in LaTeX: ``v_{3} = w_{2} \\cdot v_{1}``."""

import re

from . import words

GREEK = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|upsilon|phi|chi|psi|omega"
    "|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega"
)
FUNCTIONS = ("sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "log", "exp")
INFIX = {"add": "+", "subtract": "-", "multiply": r"\cdot", "matmul": r"\,"}


def name(text):
    """A variable's name in LaTeX.

    >>> name("w1"), name("sigma"), name("p[0]"), name("rate_2")
    ('w_{1}', '\\\\sigma', 'p_{0}', '\\\\mathrm{rate}_{2}')
    """
    letters, digits, rest = re.fullmatch(r"([^\W\d_]*)_?(\d*)(.*)", text, re.DOTALL).groups()
    subscripts = [digits] * bool(digits) + [_escape(part) for part in re.findall(r"[\w.]+", rest)]
    stem = f"\\{letters}" if GREEK.fullmatch(letters) else letters if len(letters) == 1 else rf"\mathrm{{{letters}}}"
    return stem + (f"_{{{', '.join(subscripts)}}}" if subscripts else "")


def text_mode(text):
    """Words inside mathematics."""
    return rf"\text{{{_escape(text)}}}".replace("…", "...")


def _escape(text):
    return re.sub(r"([_#$%&{}])", r"\\\1", text)


def value(x, digits=7):
    """A number or array in LaTeX: ``1.5 \\cdot 10^{-9}``; an array as words."""
    if not words.shape(x):
        text = words.number(x, digits)
        mantissa, e, exponent = text.partition("e")
        if re.fullmatch(r"-?[\d.]+", mantissa):
            return mantissa + (rf" \cdot 10^{{{int(exponent)}}}" if e else "")
        return {"inf": r"\infty", "-inf": r"-\infty"}.get(text, text_mode(text))
    return text_mode(words.value(x))


def operation(row, names):
    """The right-hand side of a tape row in LaTeX; what has no sign of its own is set as an operator's name."""
    if row.rule is None:
        return name(row.name)
    args = [value(x) if p is None else name(names(p)) for x, p in zip(row.operands, row.parents, strict=True)]
    rule = row.rule.name
    if rule in INFIX:
        a, b = (rf"({t})" if t.startswith("-") and row.parents[k] is None else t for k, t in enumerate(args))
        return f"{a} {INFIX[rule]} {b}"
    if rule == "divide":
        return rf"\frac{{{args[0]}}}{{{args[1]}}}"
    if rule in ("power", "square"):
        base = args[0] if re.fullmatch(r"[\w.]", args[0]) else rf"\left({args[0]}\right)"
        return f"{base}^{{{args[1] if rule == 'power' else 2}}}"
    if rule == "sqrt":
        return rf"\sqrt{{{args[0]}}}"
    if rule == "negative":
        return f"-{args[0]}"
    if rule == "absolute":
        return rf"\left|{args[0]}\right|"
    if rule == "transpose" and not row.static:
        return rf"\left({args[0]}\right)^{{\top}}"
    if rule == "getitem":
        return rf"\left({args[0]}\right)_{{{_escape(words.index(row.static['index']))}}}"
    if rule == "setitem":
        return f"{args[0]} {text_mode('with')} {args[1]} {text_mode('at [' + words.index(row.static['index']) + ']')}"
    if rule in FUNCTIONS:
        return rf"\{rule}\left({args[0]}\right)"
    options = [text_mode(f"{k}={v}") for k, v in row.static.items() if v is not None and v is not False]
    return rf"\operatorname{{{_escape(rule)}}}\left({', '.join(args + options)}\right)"


def equation(row, names):
    """A tape row in LaTeX: ``v_{2} = w_{2} \\cdot v_{1}``."""
    return name(row.name) if row.rule is None else f"{name(row.name)} = {operation(row, names)}"
