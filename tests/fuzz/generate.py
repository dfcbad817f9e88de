"""Draw a program: pick an operation, write its line, run it on plain NumPy; keep the line if the value is fit to go on.

What is drawn comes from the live table: every elementwise rule by its number of operands, every rule and derived
function by its entries in tests/core/examples.py. The families below add random shapes, axes, indices and control flow.
"""

import warnings
from functools import cache

import numpy as np

from adcourse.core.kinds import Elementwise
from adcourse.core.rules import RULES
from adcourse.functions.derived import DERIVED

from ..core import examples_linalg, examples_special
from ..core.examples import ANY, EXAMPLES
from .exact import known
from .programs import Program, namespace

SHAPES = [(), (), (), (3,), (2,), (4,), (1,), (2, 3), (3, 1), (2, 2), (3, 3), (1, 2, 2), (2, 1, 3)]
LARGEST, MOST = 6.0, 18  # the largest number, and how many of them, a value may have


def is_numpys(function):
    return getattr(np, function.__name__, None) is function


OPERATORS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**", "remainder": "%"}
ELEMENTWISE = sorted(f.__name__ for f, rule in RULES.items() if isinstance(rule, Elementwise) and is_numpys(f))
DOMAINS = {name: EXAMPLES[name][0][1] for name in ELEMENTWISE}


class Unfit(Exception):
    """This operation can't follow here; another is drawn."""


def knows(path):
    """Whether the table has this function of NumPy's."""
    function = np
    for part in path.split("."):
        function = getattr(function, part, None)
    return function is not None and (function in RULES or function in DERIVED)


def _generic(x):
    return np.all(np.abs(x) > 0.01) and len(np.unique(x)) == np.size(x)


class Draft:
    """A program while it is being written, with the plain values of its lines."""

    def __init__(self, rng):
        self.rng, self.lines, self.space = rng, [], dict(namespace(np))
        self.inputs = {}
        for k in range(rng.integers(1, 4)):
            shape = SHAPES[rng.integers(len(SHAPES))]
            x = rng.uniform(0.1, 1.4, shape) * rng.choice((-1.0, 1.0), shape)
            self.inputs[f"x{k}"] = x if shape else float(x)
        self.values = dict(self.inputs)

    # ------------------------------------------------------------------ what a family draws from
    def pick(self, fits=lambda x: True):
        """The name of an earlier value, rather a late one."""
        names = [n for n, x in self.values.items() if fits(x)]
        if not names:
            raise Unfit
        return names[-1 - min(int(self.rng.exponential(1.5)), len(names) - 1)]

    def array(self):
        return self.pick(np.ndim)

    def choice(self, options):
        return options[self.rng.integers(len(options))]

    def integer(self, low, high):
        return int(self.rng.integers(low, high))

    def number(self, low=-1.5, high=1.5):
        return round(float(self.rng.uniform(low, high)), 2)

    def within(self, name, low, high):
        """Text for a value inside an interval: the value itself if it is, else brought there."""
        x = self.values[name]
        return name if np.all(x > low) and np.all(x < high) else f"into({name}, {low}, {high})"

    def shaped(self, shape, low, high, reuse=True):
        """Text for a value of this shape inside an interval, whose entries have no ties and no zeros."""
        fitting = [n for n, x in self.values.items() if np.shape(x) == shape and _generic(x)]
        if reuse and fitting and self.rng.random() < 0.5:
            return self.within(self.choice(fitting), low, high)
        return f"fit({self.pick()}, {shape}, {low}, {high}, {self.integer(0, 10**6)})"

    def axis(self, x, several=True):
        kind = self.integer(0, 4 if several else 2)
        n = np.ndim(x)
        if kind == 0 or n == 0:
            return None
        axes = [int(a) for a in self.rng.permutation(n)[: self.integer(1, n + 1)]]
        axes = [a - n if self.rng.random() < 0.5 else a for a in axes]
        return tuple(axes) if kind == 3 else axes[0]

    # ------------------------------------------------------------------ writing
    def add(self, text):
        """Append ``{v} = text`` (or the statements ``text``, if they name ``{v}``) unless its value is unfit."""
        name = f"v{len(self.lines)}"
        text = text.replace("{v}", name) if "{v}" in text else f"{name} = {text}"
        space = self.space | self.values
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                exec(text, space)
            except (ValueError, IndexError, TypeError, np.linalg.LinAlgError) as error:
                raise Unfit from error
        x = space[name]
        if getattr(x, "dtype", np.dtype(type(x))).kind != "f" or not 0 < np.size(x) <= MOST or np.ndim(x) > 4:
            raise Unfit
        if not np.all(np.abs(x) <= 20 * LARGEST) or ("std" in text and np.any(np.abs(x) < 0.01)):  # cusp
            raise Unfit
        self.lines.append((name, text))
        self.values[name] = x
        if np.any(np.abs(x) > LARGEST):
            self.add(self.choice(["np.sin({0})", "np.arctan({0})", "{0} / (1.0 + np.abs({0}))"]).format(name))

    def program(self, order):
        return Program(self.inputs, tuple(self.lines), order)


def draw(seed, index=0):
    """The program with this number in the run with this seed."""
    rng = np.random.default_rng((seed, index))
    draft, wanted = Draft(rng), int(rng.integers(2, 10))
    for _ in range(20 * wanted):
        try:
            draft.add(draft.choice(_families())(draft))
        except Unfit:
            continue
        if len(draft.lines) >= wanted:
            break
    return draft.program(int(rng.choice((1, 2, 3), p=(0.25, 0.4, 0.35))))


# ---------------------------------------------------------------------------------------------- families of operations

FAMILIES = {}


def family(share):
    return lambda f: FAMILIES.setdefault(f, share)


@cache
def _families():
    return [f for f, share in FAMILIES.items() for _ in range(share)]


@family(6)
def elementwise(d):
    name = d.choice(ELEMENTWISE)
    operands = []
    for low, high in DOMAINS[name]:
        if operands and d.rng.random() < 0.25:  # a constant beside the first
            operands.append(repr(d.number(max(low, -1.5), min(high, 1.5))))
        else:
            wide = (low, high) == ANY
            away = (lambda x: np.all(x != 0)) if name in ("arctan2", "hypot") else (lambda x: True)  # not at (0, 0)
            operands.append(d.within(d.pick(away), *((-LARGEST, LARGEST) if wide else (low, high))))
    if len(operands) == 2 and DOMAINS[name][0] == DOMAINS[name][1] and d.rng.random() < 0.5:
        operands.reverse()
    if name in OPERATORS and d.rng.random() < 0.7:
        return f"{operands[0]} {OPERATORS[name]} {operands[1]}"
    return f"np.{name}({', '.join(operands)})"


@family(3)
def arithmetic(d):
    a, b, c = d.pick(), d.pick(), d.number()
    return d.choice([f"{a} * {b}", f"{a} + {b}", f"{a} - {c} * {b}", f"{a} / (1.5 + {b} * {b})", f"{c} - {a}",
                     f"{a} ** {d.integer(0, 5)}", f"1.0 / (2.0 + np.cos({a}))", f"-{a}", f"abs({a})"])  # fmt: skip


MATRICES = examples_linalg.RULES | examples_linalg.DERIVED
SPECIAL = sorted(examples_special.EXAMPLES)
COMMON = sorted(set(EXAMPLES) - set(SPECIAL))


@family(8)
def example(d):
    """A call from the table of examples, on operands of the shape and domain that it asks for."""
    name = d.choice(COMMON if d.rng.random() < 0.85 else SPECIAL)
    k = d.integer(0, len(EXAMPLES[name]))
    if not known(name, k):
        raise Unfit
    _, domains, shapes = EXAMPLES[name][k]
    reuse = name not in MATRICES  # matrices of low rank, or with eigenvalues that coincide, are singular points
    operands = [d.shaped(tuple(s), *domain, reuse) for s, domain in zip(shapes, domains, strict=True)]
    return f'EXAMPLES["{name}"][{k}][0]({", ".join(operands)})'


REDUCTIONS = [n for n in "sum mean prod max min var std median ptp nansum nanmean linalg.norm".split() if knows(n)]
CUMULATIVE = [n for n in "cumsum cumprod flip sort".split() if knows(n)]


@family(3)
def reduction(d):
    name, a = d.choice(REDUCTIONS), d.array()
    axis = d.axis(d.values[a], several=name not in ("linalg.norm", "median"))
    a = f"{a} + 0.01" if name == "linalg.norm" else a
    return f"np.{name}({a}, axis={axis}{', keepdims=True' if d.rng.random() < 0.3 else ''})"


@family(2)
def cumulative(d):
    if not CUMULATIVE:
        raise Unfit
    a = d.array()
    return f"np.{d.choice(CUMULATIVE)}({a}, axis={d.axis(d.values[a], several=False)})"


@family(3)
def shape(d):
    a = d.array()
    x = d.values[a]
    n = x.ndim
    perm = tuple(map(int, d.rng.permutation(n)))
    i, j = d.integer(-n, n), d.integer(-n, n)
    wider = (d.integer(1, 3), *x.shape)
    options = {
        "reshape": f"np.reshape({a}, {_factors(d, x.size)})",
        "ravel": f"{a}.ravel()",
        "transpose": d.choice([f"np.transpose({a}, {perm})", f"{a}.T"]),
        "swapaxes": f"np.swapaxes({a}, {i}, {j})",
        "moveaxis": f"np.moveaxis({a}, {i}, {j})",
        "expand_dims": f"np.expand_dims({a}, {i})",
        "squeeze": f"np.squeeze({a})",
        "broadcast_to": f"np.broadcast_to({a}, {wider})",
        "roll": f"np.roll({a}, {d.integer(-2, 3)}, axis={i})",
        "repeat": f"np.repeat({a}, {d.integer(1, 3)}, axis={i})",
        "tile": f"np.tile({a}, {d.choice([2, (2, 1), (1, 2)])})",
        "rot90": f"np.rot90({a}, {d.integer(-1, 4)})",
        "triu": f"np.triu({a}, {d.integer(-1, 2)})",
        "tril": f"np.tril({a}, {d.integer(-1, 2)})",
        "diff": f"np.diff({a}, axis={i})",
        "pad": f"np.pad({a}, {d.integer(0, 2)})",
    }
    known = [text for name, text in options.items() if knows(name)]
    return d.choice(known)


def _factors(d, size):
    options = [(a, size // a) for a in range(1, size + 1) if size % a == 0] + [(size,), (-1,), (1, -1, 1)]
    return d.choice(options)


@family(4)
def index(d):
    """Any index NumPy understands: numbers, slices, None, Ellipsis, lists, arrays of integers, masks."""
    a = d.array()
    entries, x = [], d.values[a]
    if d.rng.random() < 0.15:
        mask = d.rng.random(x.shape) < 0.6
        return f"{a}[np.array({mask.tolist()})]" if d.rng.random() < 0.5 else f"{a}[{a} > {d.number()}]"
    for n in x.shape[: d.integer(0, x.ndim) + 1]:
        pick = [d.integer(-n, n) for _ in range(d.integer(1, 4))]
        bounds = d.choice([f"{d.choice(['', 0, 1])}:{d.choice(['', -1, n])}:{d.choice(['', 2])}", "::-1"])
        pairs = f"np.array([{pick}, {pick[::-1]}])"
        entries.append(d.choice([str(d.integer(-n, n)), bounds, bounds, str(pick), pairs]))
    if d.rng.random() < 0.2:
        entries.insert(d.integer(0, len(entries) + 1), "None")
    if d.rng.random() < 0.2:
        entries.insert(d.integer(0, len(entries) + 1), "...")
    return f"{a}[{', '.join(entries)}]"


@family(2)
def joined(d):
    a, b = d.array(), d.array()
    s, t = d.pick(lambda x: np.ndim(x) == 0), d.pick(lambda x: np.ndim(x) == 0)
    i = d.integer(-1, 2)
    return d.choice([
        f"np.concatenate([{a}, {b}], axis={i})", f"np.concatenate(({a}, {b}), axis=None)",
        f"np.stack([{a}, {b}, {a}], axis={i})", f"np.array([{s}, {t}]) * {s}",
        f"np.array([{s}, {t} * {s}, {d.number()} * {t}])", f"np.array([[{s}, {t}], [{t} - {s}, np.cos({s})]])",
    ])  # fmt: skip


@family(3)
def product(d):
    a, b = d.array(), d.array()
    options = [f"{a} @ {b}", f"{a}.T @ {b}", f"np.dot({a}, {b})", f"np.outer({a}, {b})"]
    options += [f"np.{n}({a}, {b})" for n in ("inner", "kron", "vdot", "cross", "vecdot") if knows(n)]
    if knows("tensordot"):
        options.append(f"np.tensordot({a}, {b}, {d.choice([0, 1, ([0], [0]), ([-1], [0])])})")
    if knows("einsum"):
        letters = d.rng.permutation(list("ijkl"))
        left = "".join(letters[: np.ndim(d.values[a])])
        right = "".join(d.rng.permutation(list(letters))[: np.ndim(d.values[b])])
        out = "".join(c for c in sorted(set(left + right)) if d.rng.random() < 0.6)
        options += [f"np.einsum('{left},{right}->{out}', {a}, {b})"] * 3
    return d.choice(options)


@family(2)
def selected(d):
    a, b, c = d.pick(), d.pick(), d.pick()
    return d.choice([f"np.where({c} > {d.number()}, {a}, {b})", f"np.where({c} < {b}, {a} * {c}, {d.number()})",
                     f"np.clip({a}, {d.number(-1, 0)}, {d.number(0, 1)})", f"np.maximum({a}, {b})"])  # fmt: skip


@family(2)
def constants(d):
    """Functions without a derivative: their values steer the program."""
    a, b = d.array(), d.pick()
    return d.choice([
        f"{b} * np.sign({a})", f"{b} + np.floor({a})", f"np.round({a}) * {b}", f"{a} % 0.7 + {a} // 0.7",
        f"{b} * int({a}.sum())", f"{b} * len({a}) + {a}.shape[0]", f"{b} * np.count_nonzero({a} > 0)",
        f"{a}[np.argmax({a}, axis=0)]", f"{a}[np.argsort(np.ravel({a}[0]))]",
    ])  # fmt: skip


@family(3)
def control(d):
    """Branches on values, loops, recursion, closures, sequences."""
    a, b, c = d.pick(), d.pick(), d.number()
    return d.choice([
        f"{a} * 2.0 if np.sum({b}) > {c} else np.cos({a})",
        f"{{v}} = {a}\nfor k in range(3):\n    {{v}} = {{v}} + np.sin({b} * k) * 0.5",
        f"{{v}} = {a}\nwhile np.sum({{v}} * {{v}}) > 1.0:\n    {{v}} = {{v}} * 0.6",
        f"half = lambda y, n: y if n == 0 else half(np.tanh(y * {c}), n - 1) + y\n{{v}} = half({a}, 3)",
        f"sum([y * {c} for y in ({a}, {b}, {a})])",
        f"np.stack([y * y for y in {d.array()}])",
        f"table = {{'a': {a}, 'b': ({b}, {c})}}\n{{v}} = table['a'] * table['b'][0] + table['b'][1]",
    ])  # fmt: skip


@family(1)
def reduced_by_ufunc(d):
    return f"np.{d.choice(['add', 'multiply', 'maximum', 'minimum'])}.reduce({d.array()}, axis={d.integer(-1, 1)})"


def table():
    """The names under which the table's differentiable functions have examples: what the programs are made of."""
    return set(EXAMPLES)
