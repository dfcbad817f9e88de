"""Names, numbers and operations of a tape in LaTeX: ``v_{3} = w_{2} \\cdot v_{1}``."""

import re
import unicodedata
from itertools import takewhile

from . import words

GREEK = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|upsilon|phi|chi|psi|omega"
    "|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega"
)
FUNCTIONS = ("sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "log", "exp")
INFIX = {"add": "+", "subtract": "-", "multiply": r"\cdot", "matmul": r"\,"}
ACCENTS = {"": "{}", "d": r"\dot{{{}}}", "bar": r"\bar{{{}}}"}


def name(text, accent=""):
    """A variable's name in LaTeX; ``accent``: "d" for its tangent, "bar" for its adjoint.

    >>> name("w1"), name("sigma"), name("p[0]"), name("x_2", "bar")
    ('w_{1}', '\\\\sigma', 'p_{0}', '\\\\bar{x}_{2}')
    >>> print(name("learning_rate_2"), name("w_hidden"), name("σ"))
    \\mathrm{learning\\_rate}_{2} w_{\\mathrm{hidden}} \\sigma
    """
    parts = re.findall(r"[^\W\d_]+|\d+", text)
    if not parts or parts[0].isdigit() or text.startswith("_"):  # no letter to begin with: as it is written
        return ACCENTS[accent].format(text_mode(text))
    stem = _word(parts.pop(0))
    if stem.startswith(r"\mathrm"):  # a word, perhaps of several
        more = [*takewhile(lambda part: not part.isdigit(), parts)] if text.isidentifier() else []
        stem, parts = stem.replace("}", "".join(rf"\_{part}" for part in more) + "}"), parts[len(more) :]
    return ACCENTS[accent].format(stem) + (f"_{{{', '.join(map(_word, parts))}}}" if parts else "")


def _word(letters):
    """Part of a name: a number, a letter, the name of a Greek letter or the letter itself, or set upright."""
    kind, _, greek = (unicodedata.name(letters, "") if len(letters) == 1 else "").partition(" LETTER ")
    word = {"GREEK SMALL": greek.lower(), "GREEK CAPITAL": greek.capitalize()}.get(kind, letters)
    if GREEK.fullmatch(word):
        return f"\\{word}"
    return letters if len(letters) == 1 or letters.isdigit() else rf"\mathrm{{{letters}}}"


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
    if rule == "transpose" and not row.static:
        return rf"\left({args[0]}\right)^{{\top}}"
    if rule == "getitem":
        return rf"\left({args[0]}\right)_{{{_escape(words.index(row.static['index']))}}}"
    if rule == "setitem":
        return f"{args[0]} {text_mode('with')} {args[1]} {text_mode('at [' + words.index(row.static['index']) + ']')}"
    options = [text_mode(f"{k}={v}") for k, v in row.static.items() if v is not None and v is not False]
    return joined(rule, [(a, _level(a)) for a in args + options])[0]


def joined(rule, args):
    """An operation on operands in LaTeX, each with how strongly it holds together (see words.py); so for the result."""
    mine = words.LEVELS.get(rule, words.WHOLE_NAME)
    if rule in INFIX:
        (a, left), (b, right) = args
        b = b if right > mine and not b.startswith("-") else _bracketed(b)
        return f"{a if left >= mine else _bracketed(a)} {INFIX[rule]} {b}", mine
    a, inside = args[0]
    if rule == "divide":
        return rf"\frac{{{a}}}{{{args[1][0]}}}", words.SIGNED
    if rule in ("power", "square"):
        return f"{a if inside == words.WHOLE_NAME else _bracketed(a)}^{{{args[1][0] if rule == 'power' else 2}}}", 4
    if rule == "negative":
        return f"-{a if inside >= 2 and not a.startswith('-') else _bracketed(a)}", words.SIGNED
    if rule == "sqrt":
        return rf"\sqrt{{{a}}}", mine
    if rule == "absolute":
        return rf"\left|{a}\right|", mine
    sign = rf"\{rule}" if rule in FUNCTIONS else rf"\operatorname{{{_escape(rule)}}}"
    return sign + _bracketed(", ".join(a for a, _ in args)), words.WHOLE_NAME


def _level(text):
    return words.LEVELS["multiply"] if r"\cdot" in text else words.level(text)


def _bracketed(text):
    return rf"\left({text}\right)"


def expression(formula, digits=7):
    """A formula (see formula.py), or a plain value, in LaTeX: ``\\frac{0.5}{v_{3}} \\cdot \\dot{v}_{2}``."""
    return _expression(formula, digits)[0]


def _expression(formula, digits):
    if not hasattr(formula, "op"):
        text = value(formula, digits)
        return text, _level(text)
    if formula.args:
        return joined(formula.op, [_expression(a, digits) for a in formula.args])
    return name(formula.op, formula.accent), words.WHOLE_NAME


def by(child, parent):
    """The sign of a local partial derivative."""
    return rf"\frac{{\partial {name(child)}}}{{\partial {name(parent)}}}"


def listed(texts):
    """Several in one cell."""
    return r",\; ".join(texts)


def total(parts):
    """Local partials in words as a sum."""
    parts = [_number(p) for p in parts]
    return " + ".join(_bracketed(p) if k and p.startswith("-") else p for k, p in enumerate(parts))


def _number(text):
    try:
        return value(float(text))
    except ValueError:
        return text_mode(text)


def equation(row, names):
    """A tape row in LaTeX: ``v_{2} = w_{2} \\cdot v_{1}``."""
    return name(row.name) if row.rule is None else f"{name(row.name)} = {operation(row, names)}"
