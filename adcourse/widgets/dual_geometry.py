"""Widget 3, the geometry of dual numbers: a point with an arrow goes through a function, a product, a chain."""

from math import isfinite, nan

from ..core.transforms import jvp
from ..show.words import number
from .axes import Axes
from .base import InteractivePicture
from .drawn import beside
from .samples import called, checked, grid, plain, sampled, start, tidy, window
from .settings import choice, slider

EPSILONS = (1.0, 0.5, 0.2, 0.1)  # how large ε is drawn; a tenth of it leaves a hundredth of what is dropped
FINE = 40  # grid points in the longest arrow: b is a multiple of a quarter of it, so that a + b ε is on the grid
SMALL = {"width": 380, "height": 310}  # each of the three of the static form
VIEWS = {"function": "f(x)", "product": "f(x) · g(x)", "chain": "g(f(x))"}

# What the picture asks, knows of wrong answers, and says. {u} is a number, {u+du} a dual number: x is a + b ε, f(x) is
# u + du ε with slope s, g(x) is v + dv ε with slope t, g(f(x)) is y + tangent ε with slope r; h is how ε is drawn.
BEGINNING = "That is the value, where the arrow begins."
LENGTH = "That is how much an arrow of length 1 would be stretched to; the arrow that goes in has a length of its own."
STRIP = "That is one of the two strips; the other side moves too."
ASKS = [
    {
        "name": "function",
        "question": "f({a+b}) = {u} + ? ε. The slope of f at {a} is {s}. Which number stands before ε?",
        "because": "Move a and b; then send the arrow through the product.",
        "mistakes": [
            ["s", LENGTH],
            ["b", "That is the arrow that goes in; f stretches it by its slope."],
            ["u", BEGINNING],
            ["difference", "That is how far the curve itself goes; the dual number leaves out what is of order ε²."],
        ],
    },
    {
        "name": "product",
        "question": "({u+du}) · ({v+dv}) = {value} + ? ε. Which number stands before ε?",
        "because": "Draw ε smaller and watch the corner; then try the chain.",
        "mistakes": [
            ["corner", "That is the corner, the product of the two arrows; it belongs to ε² and is dropped."],
            ["across", STRIP],
            ["up", STRIP],
            ["du", "That is the arrow of one side; it sweeps over the length of the other side."],
            ["dv", "That is the arrow of one side; it sweeps over the length of the other side."],
            ["value", "That is the area itself, not its change."],
        ],
    },
    {
        "name": "chain",
        "question": "f has slope {s} at {a}, g has slope {r} at f({a}) = {u}. g(f({a+b})) = {y} + ? ε: which number?",
        "mistakes": [
            ["du", "That is the arrow between the two; g stretches it once more."],
            ["through", "That is g's slope times the first arrow; what goes into g is the arrow that f has made."],
            ["inner", "g's slope is taken where g works: at f(x), not at x."],
            ["slope", LENGTH],
            ["y", BEGINNING],
        ],
    },
]
DROPPED = " With ε = {h} the curve differs from the arrow's tip by {left} = {second} ε². That is dropped."
WORDS = {
    "function": {
        "hidden": "{a+b} goes into f. At {a} it has the value {u} and the slope {s}. Which arrow comes out?",
        "say": "f({a+b}) = {u+tangent}: the slope {s} times the arrow {b}.",
        "drawn": DROPPED,
    },
    "product": {
        "hidden": "A rectangle with the sides {u+du} and {v+dv}. How does its area, {value}, change?",
        "say": "({u+du}) · ({v+dv}) = {value+tangent}: the two strips, {across} and {up}.",
        "drawn": " The corner, {du} · {dv} = {corner} times ε², is dropped; with ε = {h} it is {left}.",
    },
    "chain": {
        "hidden": "f makes {u+du} of {a+b}. That goes into g, whose slope there is {r}. Which arrow comes out?",
        "say": "g(f({a+b})) = {y+tangent}: f stretches {b} to {s} · {b} = {du}, and g that to {r} · {du}.",
        "drawn": DROPPED,
    },
    "none": "At x = {a} there is no value or no slope, so nothing comes out. Move a.",
}
# For each way its value and what stands before ε; and the table before and after the answer is known.
RESULTS = {"function": ["u", "du"], "product": ["area", "change"], "chain": ["y", "out"]}
PRODUCTS = [
    ["du", "s", "b"], ["dv", "t", "b"], ["area", "u", "v"], ["across", "du", "v"], ["up", "u", "dv"],
    ["corner", "du", "dv"], ["out", "r", "du"], ["inner", "t", "du"], ["through", "r", "b"], ["slope", "r", "s"],
]  # fmt: skip
_X, _F = ["x", "a", "", "b", ""], ["f(x)", "u", "s", "du", ""]
_ENDS = {
    "function": ([_X], ["f(x)", "u", "s"]),
    "product": ([_X, _F, ["g(x)", "v", "t", "dv", ""]], ["f(x) · g(x)", "area", ""]),
    "chain": ([_X, _F], ["g(f(x))", "y", "r"]),
}
ROWS = {
    view: [[*first, [*last, *found]] for found in (["", ""], ["tangent", "left"])]
    for view, (first, last) in _ENDS.items()
}


class DualGeometry(InteractivePicture, module="dual_geometry.js", using=("plot.js",)):
    """Move ``a + b ε`` through ``f``, through the product ``f·g`` and through the chain ``g∘f``.

    ``f`` and ``g`` take one number and return one (by default ``x**2 / 2 - 0.5`` and ``np.exp``); ``between`` is the
    interval on which they are shown, ``a`` the point and ``b`` the arrow to begin with. All values are computed here,
    on a grid; the point and the arrow then move without the kernel. Before the arrow that comes out is shown, it may
    be predicted, once for each of the three.

    Attributes for a later cell: ``through``, the function that is shown now, and ``result``, its value and tangent;
    ``settings``; ``predictions``; ``done``, once all three have been answered. Raises InputError when a function can't
    be shown, and says what to do.

    >>> picture = DualGeometry(lambda x: x**3, between=(0, 4), a=2.0, b=0.5)
    >>> picture.result
    (8.0, 6.0)
    """

    def __init__(self, f=None, g=None, between=(-1.2, 2), a=None, b=None):
        f, g = _parabola if f is None else f, _exp if g is None else g
        self.functions = f, g
        low, high, unit = grid(between)
        fine = unit / FINE
        first, last = round(low / fine), round(high / fine)
        xs = [tidy(k * fine) for k in range(first, last + 1)]
        fs, slopes = checked("f", between, sampled(f, xs, "f"))
        g_at_x, g_at_f = sampled(g, xs, "g"), sampled(g, fs, "g")
        checked("g", between, g_at_x, g_at_f)
        a = start(a, low + 0.8 * (high - low), low, high, "a", unit / 10)
        b = start(b, unit / 2, -unit, unit, "b", unit / 4)
        settings = {
            "view": choice("Through", VIEWS),
            "a": slider("a", a, low, high, tidy(unit / 10)),
            "b": slider("b", b, -unit, unit, tidy(unit / 4)),
            "epsilon": choice("ε drawn as", {str(h): number(h) for h in EPSILONS}, str(EPSILONS[0])),
        }
        letters = dict(zip("usvtyr", (fs, slopes, *g_at_x[:2], *g_at_f[:2]), strict=True))
        super().__init__(
            data={
                "title": f"Dual numbers through {called(f, 'f')} and {called(g, 'g')}",
                "fine": fine, "first": first, "values": {name: plain(found) for name, found in letters.items()},
                "products": PRODUCTS, "results": RESULTS, "words": WORDS,
                "asks": [{**ask, "shown": "{tangent}", "answer": 0, "tolerance": 0.02} for ask in ASKS],
                "axes": [_axis("x", low, high), _axis("f(x)", *window(fs)), _axis("g(f(x))", *window(g_at_f[0]))],
                "rows": ROWS, "columns": ["", "value", "slope", "before ε", "dropped"],
            },
            settings=settings,
        )  # fmt: skip

    @property
    def through(self):
        """The function that is shown now: f, f·g or g∘f."""
        f, g = self.functions
        return {"function": f, "product": lambda x: f(x) * g(x), "chain": lambda x: g(f(x))}[self.settings["view"]]

    @property
    def result(self):
        """Value and tangent of what is shown now, at a + b ε: by one forward sweep, here in the kernel."""
        value, tangent = jvp(self.through, (float(self.settings["a"]),), (float(self.settings["b"]),))
        return float(value), float(tangent)

    def _at(self, values, x):
        """The entry of one of the lists of the data that belongs to ``x``."""
        return self.data["values"][values][round(x / self.data["fine"]) - self.data["first"]]

    def _start_numbers(self):
        """What the static form shows: a, b, and value and tangent of f, of g, of the product and of the chain."""
        a, b = (self.data["settings"][name]["start"] for name in "ab")
        values = [self._at(name, a) for name in "usvtyr"]
        u, du, v, dv, y, dy = (nan if x is None else x for x in values)
        du, dv = du * b, dv * b
        return a, b, (u, du), (v, dv), (u * v, u * dv + du * v), (y, dy * du)

    def _picture(self):
        """The three ways of the point with its arrow, as they are at the beginning."""
        a, b, (u, du), (v, dv), (product, _), (y, dy) = self._start_numbers()
        x, fx, gfx = self.data["axes"]
        xs = [(self.data["first"] + k) * self.data["fine"] for k in range(len(self.data["values"]["u"]))]
        curve = list(zip(xs, self.data["values"]["u"], strict=True))
        outer = sorted(
            (p, q) for p, q in zip(*(self.data["values"][n] for n in "uy"), strict=True) if None not in (p, q)
        )
        ways = (
            _arrows(f"f({_dual(a, b)}) = {_dual(u, du)}", x, fx, curve, (a, b), (u, du)),
            _rectangle(f"f(x) · g(x): {number(product, 4)} and two strips", (u, du), (v, dv)),
            _arrows(f"g({_dual(u, du)}) = {_dual(y, dy)}", fx, gfx, outer, (u, du), (y, dy)),
        )
        return beside(ways, self._alt())

    def _alt(self):
        a, b, f, g, product, chain = self._start_numbers()
        return (
            f"Three drawings of {_dual(a, b)}. On the graph of f the arrow of length {number(b, 4)} at x = "
            f"{number(a, 4)} becomes an arrow of length {number(f[1], 4)} on the vertical axis, along the tangent. The "
            f"product is a rectangle with the sides {_dual(*f)} and {_dual(*g)}: two strips make its change, "
            f"{number(product[1], 4)} before ε, and the corner of order ε² is dropped. On the graph of g the arrow "
            f"that f made becomes one of length {number(chain[1], 4)}."
        )

    def _table(self):
        a, b, f, g, product, chain = self._start_numbers()
        rows = (("x", (a, b)), ("f(x)", f), ("g(x)", g), ("f(x) · g(x)", product), ("g(f(x))", chain))
        return (
            f"{_dual(a, b)} goes in", ("quantity", "value", "tangent: what stands before ε"),
            [(name, number(value), number(tangent)) for name, (value, tangent) in rows],
        )  # fmt: skip


def _axis(label, low, high):
    """An axis of the picture; an arrow that lies on the axis is drawn at ``foot``."""
    return {"label": label, "min": low, "max": high, "foot": low + 0.03 * (high - low)}


def _arrows(title, x, y, points, before, after):
    """A graph with the arrow that goes in below, the one that comes out at the left, and the one along the curve."""
    (a, b), (u, du) = before, after
    axes = Axes(title, *((way["min"], way["max"], way["label"]) for way in (x, y)), **SMALL)
    axes.line(points, "primal")
    axes.line([(a, y["min"]), (a, u), (x["min"], u)], "muted", dash="dotted", width=1)
    axes.arrow((a, y["foot"]), (a + b, y["foot"]), "tangent")
    axes.arrow((a, u), (a + b, u + du), "tangent")
    axes.arrow((x["foot"], u), (x["foot"], u + du), "tangent")
    return axes.drawing("")


def _rectangle(title, f, g):
    """A product as a rectangle, with its two strips and the corner that is dropped."""
    (u, du), (v, dv) = f, g
    known = all(map(isfinite, (u, du, v, dv)))
    reach = lambda *ends: (min(0, *ends) - 0.1, 1.1 * max(0, *ends) + 0.1) if known else (0, 1)
    axes = Axes(title, (*reach(u, u + du), "f(x)"), (*reach(v, v + dv), "g(x)"), **SMALL)
    for p, q, r, s, role, said, dash in (
        (0, 0, u, v, "ink", number(u * v, 4), "solid"),
        (u, 0, u + du, v, "tangent", number(du * v, 4) + "ε", "solid"),
        (0, v, u, v + dv, "adjoint", number(u * dv, 4) + "ε", "dashed"),
        (u, v, u + du, v + dv, "muted", "ε²", "dotted"),
    ):
        axes.line([(p, q), (r, q), (r, s), (p, s), (p, q)], role, dash, 1.5)
        axes.word(said.replace("-", "−"), ((p + r) / 2, (q + s) / 2), role, down=4, anchor="middle")
    return axes.drawing("")


def _parabola(x):
    return x**2 / 2 - 0.5


def _exp(x):
    import numpy as np

    return np.exp(x)


_parabola.__name__, _exp.__name__ = "x²/2 − 1/2", "exp"


def _dual(value, tangent):
    """A dual number as it is written: 0.6 + 0.5ε.

    >>> _dual(0.6, -0.5)
    '0.6 − 0.5ε'
    """
    return f"{number(value, 4)} {'−' if tangent < 0 else '+'} {number(abs(tangent), 4)}ε".replace("-", "−")
