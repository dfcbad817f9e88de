"""A kink, its two slopes, and what the chain rule makes of it, which depends on how the function was written."""

from inspect import signature
from math import isfinite

import numpy as np

from ..core.custom import custom_rule
from ..core.errors import InputError
from ..core.transforms import derivative
from ..show.words import number
from .axes import Axes
from .base import InteractivePicture
from .learner import called, finite, number_at, running, span, values
from .settings import slider

PLACES, SHARES = 41, [k / 10 for k in range(11)]


class KinkExplorer(InteractivePicture, module="kink_explorer.js", using=("plot.js",)):
    """Predict what AD says at a kink: ``KinkExplorer(lambda t, relu: relu(-t) + t - relu(t))``.

    ``f(t, relu)`` is handed a relu whose slope at 0 is the learner's choice s (systems choose 0, 1/2 or 1); ``f(t)``
    may have kinks of its own (``np.abs``, ``np.maximum``), and gets what adcourse takes there. ``x`` is the place that
    the questions are about, ``between`` the interval that is shown.

    Attributes for a later cell, for what is set: ``slope`` (what the chain rule says), ``left`` and ``right`` (the
    slopes of the curve to both sides), ``between_them``; and ``done``, ``settings``, ``predictions``. Raises
    InputError where f can't be used. Source: Bolte and Pauwels, *A mathematical model for automatic differentiation
    in machine learning* (2020).

    >>> zero = KinkExplorer(lambda t, relu: relu(-t) + t - relu(t))
    >>> zero.slope, zero.left, zero.right, zero.between_them
    (1.0, 0.0, 0.0, False)
    """

    def __init__(self, f, x=0.0, between=None):
        self.name = called(f)
        self._shares = SHARES if _wants_relu(f) else [None]
        program = (lambda s: lambda t: f(t, relu(s))) if _wants_relu(f) else lambda s: f
        number_at(program(0.0), x, "KinkExplorer")
        low, high = self._between(between, float(x))
        self.ts = np.linspace(low, high, PLACES).round(9).tolist()
        self._first = int(np.argmin(np.abs(np.array(self.ts) - x)))
        self.ts[self._first] = float(x)
        self._sample(program, (high - low) * 1e-5)
        declared = {"place": slider("t", self._first, 0, PLACES - 1)}
        if len(self._shares) > 1:
            declared["share"] = slider("slope of relu at 0, s", 0.0, 0.0, 1.0, 0.1)
        super().__init__(self._data(), declared)

    def _between(self, between, x):
        low, high = (x - 1, x + 1) if between is None else map(float, between)
        if not low < x < high:
            raise InputError(
                f"between = {between!r} doesn't hold x = {x:g}.", "the curve is shown to both sides of it.",
                f"KinkExplorer(f, {x:g}, between=({x - 1:g}, {x + 1:g}))",
            )  # fmt: skip
        return low, high

    def _sample(self, program, near):
        """Values, the chain rule's slopes for each s, and the slopes to both sides."""
        why = "the picture runs it on dual numbers at many points."
        self.values = values(program(0.0), self.ts)
        with running(f"{self.name} on a dual number", why, "NumPy functions, or the relu it is handed"):
            self.slopes = [[_slope(program(s or 0.0), t) for t in self.ts] for s in self._shares]
            self.lefts = [_limit(program(0.0), t, -near) for t in self.ts]
            self.rights = [_limit(program(0.0), t, near) for t in self.ts]

    @property
    def slope(self):
        """What the chain rule says at the place and with the s that are set; nan where it has no value."""
        return self.slopes[round(10 * self.settings.get("share", 0))][self.settings["place"]]

    @property
    def left(self):
        """The slope of the curve to the left of the place that is set."""
        return self.lefts[self.settings["place"]]

    @property
    def right(self):
        """The slope of the curve to the right of the place that is set."""
        return self.rights[self.settings["place"]]

    @property
    def between_them(self):
        """Whether the chain rule's slope is one of the slopes from left to right: of Clarke's generalised gradient."""
        return _inside(self.slope, self.left, self.right)

    def _data(self):
        found = [v for v in (*self.lefts, *self.rights, *(row[self._first] for row in self.slopes)) if isfinite(v)]
        middle = found[0] if found else 0.0
        lists = lambda row: [finite(v) for v in row]
        width = self.ts[-1] - self.ts[0]
        return {
            "title": f"A kink: {self.name} near t = {number(self.ts[self._first])}", "name": self.name,
            "ts": self.ts, "values": self.values, "lefts": lists(self.lefts), "rights": lists(self.rights),
            "slopes": [lists(row) for row in self.slopes],
            "inside": [list(map(_inside, row, self.lefts, self.rights)) for row in self.slopes],
            "places": [number(t) for t in self.ts], "steep": span(found, middle, 0.6),
            "heights": span(self.values, self.values[self._first], 0.25 * width),
            "asks": self._asks(), "table": self._sheet(),
        }  # fmt: skip

    def _asks(self):
        k = self._first
        left, right, answers = self.lefts[k], self.rights[k], [row[k] for row in self.slopes]
        chosen = len(self._shares) > 1
        slope = answers[0]
        smooth = abs(left - right) < 1e-6 * max(1.0, abs(left))
        sides = f"{number(left, 4)} to " + ("both sides" if smooth else f"the left and {number(right, 4)} to the right")
        if not isfinite(slope):
            return [self._ask_broken(slope)]
        ask = {
            "name": "answer", "answer": slope, "shown": number(slope, 4), "tolerance": 0.01 * max(1.0, abs(slope)),
            "question": f"at t = {number(self.ts[k])}, which slope does the chain rule return"
            + (", if the slope of relu at 0 is s = 0?" if chosen else "?"),
            "below": "Go through the program operation by operation, each with its own slope there; don't look at the "
            "curve.",
            "above": "Go through the program operation by operation, each with its own slope there; don't look at the "
            "curve.",
            "because": f"The curve has the slope {sides}; the chain rule has never seen the curve.",
        }  # fmt: skip
        good = [_inside(a, left, right) for a in answers]
        verdict = "all" if all(good) else "some" if any(good) else "none"
        least, most = min(answers), max(answers)
        shown = f"goes from {number(least, 4)} to {number(most, 4)}" if most > least else f"is {number(least, 4)}"
        slopes = f"has only the slope {number(left, 4)}"
        if not smooth:
            slopes = f"has slopes from {number(left, 4)} to {number(right, 4)}"
        words = {
            "all": "whatever s is" if chosen else "yes", "some": "for some s, not for all",
            "none": "for no s" if chosen else "no",
        }  # fmt: skip
        wrong = "Move s, and look where the chain rule's answer lies." if chosen else "Look where the answer lies."
        options = [[key, text, wrong] for key, text in words.items() if chosen or key != "some"]
        return [ask, {
            "name": "right", "answer": verdict, "shown": words[verdict], "options": options,
            "question": "is that answer a slope of this curve (one from its left to its right slope)?",
            "because": f"The answer {shown}; the curve {slopes} there.",
        }]  # fmt: skip

    def _ask_broken(self, slope):
        options = {"number": "a number", "broken": "nan or infinite"}
        return {
            "name": "answer", "answer": "broken", "shown": f"{slope}".replace("inf", "infinite"),
            "question": f"at t = {number(self.ts[self._first])}, what does the chain rule return?",
            "options": [[key, words, "One operation has an infinite slope there."] for key, words in options.items()],
            "because": "One operation has an infinite slope there; and 0 times infinity is nan, also in a branch that "
            "isn't taken.",
        }  # fmt: skip

    def _table(self):
        shares = [("", row) if s is None else (f", s = {s:g}", row) for s, row in zip(self._shares, self.slopes)]  # noqa: B905
        kept = [
            (words, row) for words, row in shares if len(shares) == 1 or words in (", s = 0", ", s = 0.5", ", s = 1")
        ]
        near = sorted({*range(0, PLACES, 5), self._first})
        head = ("t", self.name, "slope to the left", "to the right", *(f"chain rule{words}" for words, _ in kept))
        rows = [
            (number(self.ts[k]), "" if self.values[k] is None else number(self.values[k]),
             *(number(v) for v in (self.lefts[k], self.rights[k], *(row[k] for _, row in kept))))
            for k in near
        ]  # fmt: skip
        return f"{self.name}, its slopes to both sides, and the chain rule's", head, rows

    def _picture(self):
        k, first = self._first, self.ts[self._first]
        low, high = self.data["steep"]
        axes = Axes(f"Slopes of {self.name}", (self.ts[0], self.ts[-1], "t"), (low, high, "slope"))
        smooth = [(t, s if i != k else np.nan) for i, (t, s) in enumerate(zip(self.ts, self.slopes[0], strict=True))]
        axes.line(smooth, "ink", width=1.5)
        shapes = {0.0: "square", 0.5: "circle", 1.0: "triangle", None: "square"}
        told = []
        for s, row in zip(self._shares, self.slopes, strict=True):
            if s in shapes:
                axes.points([(first, row[k])], shapes[s], "adjoint")
                told.append(f"{number(row[k])}" + ("" if s is None else f" for s = {s:g}"))
        sides = f"{number(self.lefts[k])} to the left and {number(self.rights[k])} to the right"
        return axes.drawing(
            f"The slope of {self.name} against t. At t = {number(first)} the curve has the slopes {sides}; the chain "
            f"rule returns {', '.join(told)}, shown as points."
        )


def relu(s):
    """max(t, 0), with the slope s at 0.

    >>> derivative(relu(0.25))(0.0), derivative(relu(0.25))(2.0)
    (0.25, 1.0)
    """

    def slope(z, primals, tangents):
        (t,), (dt,) = primals, tangents
        return np.where(t > 0, 1.0, np.where(t < 0, 0.0, s)) * dt

    return custom_rule(lambda t: np.maximum(t, 0.0), jvp=slope)


def _wants_relu(f):
    """Whether f is written with two arguments, (t, relu)."""
    try:
        return len([p for p in signature(f).parameters.values() if p.default is p.empty and p.kind < 2]) == 2
    except (TypeError, ValueError):
        return False


def _slope(f, t):
    with np.errstate(all="ignore"):
        return float(derivative(f)(float(t)))


def _limit(f, t, h):
    """The slope of f to one side of t, from two quotients there; infinite at a jump and where it is ever steeper."""
    with np.errstate(all="ignore"):
        near, far = ((float(f(t + k * h)) - float(f(t))) / (k * h) for k in (1, 2))
    if not abs(near - far) < 1e-2 * max(1.0, abs(near)):
        return float(np.copysign(np.inf, near))
    return float(f"{2 * near - far:.7g}") + 0.0  # straight on to t, without the dust of the two places


def _inside(slope, left, right):
    """Whether a slope lies from the one to the other; up to rounding."""
    slack = 1e-6 * max(1.0, abs(left), abs(right))
    return min(left, right) - slack <= slope <= max(left, right) + slack
