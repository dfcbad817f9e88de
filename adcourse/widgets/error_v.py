"""Widget 2, the error V: how wrong a slope is, against the step; and the secant that the step makes."""

from math import ceil, floor, log10

import numpy as np

from ..core.errors import ADError, InputError
from ..core.expand import taylor
from ..core.transforms import derivative
from ..methods import numerical
from ..methods.reference import reference
from ..show.words import number
from .axes import Axes
from .base import InteractivePicture
from .learner import called, finite, number_at, span, values
from .settings import choice, slider

ROUNDING = 2.0**-53  # the relative error of one operation
POWERS = np.arange(-160, -2)  # of the steps, in tenths
QUOTIENTS = {"forward": numerical.stencil(1, 1, "forward"), "central": numerical.stencil(1, 2)}
NAMES = {"forward": "forward quotient", "central": "central quotient", "complex": "complex step", "ad": "dual numbers"}
LOOKS = {
    "forward": ("primal", "circle"), "central": ("adjoint", "triangle"),
    "complex": ("tangent", "square"), "ad": ("partial", "square"),
}  # fmt: skip
SIGNS = {"circle": "●", "triangle": "▲", "square": "■"}


class ErrorV(InteractivePicture, module="error_v.js", using=("plot.js",)):
    """Guess the best step of a difference quotient, then move it: ``ErrorV(f, 1.0)``.

    Error against step, both logarithmic, for the forward and the central quotient, the complex step and dual numbers;
    beside them the secant. ``f`` is a plain NumPy function of one number, ``x`` a number. The truth has 50 digits where
    the program can run on long numbers, else it is forward mode's.

    Attributes for a later cell: ``h`` and ``settings["method"]``, ``truth``, ``steps``, ``slopes`` and ``errors`` (by
    method, one for each step), ``best`` (the best step of theory, by method), ``predictions``, ``done``.
    Raises InputError when the function can't be used, and says what to do.

    >>> v = ErrorV(np.sin, 1.0)
    >>> f"{v.best['forward']:.0e} {v.best['central']:.0e}"
    '2e-08 8e-06'
    """

    def __init__(self, f, x):
        self.value = number_at(f, x, "ErrorV")
        self.x, self.name = float(x), called(f)
        self.powers = np.round(POWERS / 10 + ceil(log10(max(1.0, abs(self.x)))), 1)
        self.steps = [float(f"{10.0**p:.15g}") for p in self.powers]
        self.truth = _truth(f, self.x)
        self.slopes, points = {}, {}
        for name, formula in QUOTIENTS.items():
            at = [values(f, [self.x + float(o) * h for h in self.steps]) for o in formula.offsets]
            self.slopes[name] = [_quotient(formula, ys, h) for *ys, h in zip(*at, self.steps, strict=True)]
            points[name] = [[float(o), ys] for o, ys in zip(formula.offsets, at, strict=True)]
        self.slopes["complex"] = [_complex_step(f, self.x, h) for h in self.steps]
        self.slopes["ad"] = [float(derivative(f)(self.x))] * len(self.steps)
        self.errors = {
            name: [None if q is None else abs(q - self.truth) for q in slopes] for name, slopes in self.slopes.items()
        }
        self._foretell(f)
        super().__init__(self._data(f, points), {
            "power": slider("step h", self.powers[-3].item(), self.powers[0].item(), self.powers[-1].item(), 0.1),
            "method": choice("method", {k: v for k, v in NAMES.items() if any(q is not None for q in self.slopes[k])}),
        })  # fmt: skip

    @property
    def h(self):
        """The step that is shown."""
        return self.steps[int(np.argmin(np.abs(self.powers - self.settings["power"])))]

    def _foretell(self, f):
        """Truncation and round-off as theory has them, [factor, power of h], and the best step of each method."""
        try:
            found = taylor(f, self.x, 3).derivatives
        except ADError:
            found = [self.value, self.truth, np.nan, np.nan]
        noise = max(ROUNDING * abs(self.value), numerical.noise_level(f, self.x))
        self.theory, self.best = {}, {}
        for name, s in QUOTIENTS.items():
            size = abs(float(found[1 + s.order])) * abs(float(s.constant))
            self.theory[name] = [[finite(size), s.order], [float(s.rounding) * noise, -1]]
            if size and noise and np.isfinite(size):
                self.best[name] = float(
                    np.clip(s.best_step(size / abs(s.constant), noise), self.steps[0], self.steps[-1])
                )
            else:  # only one of the two errors is there, or theory is silent
                known = [
                    (e, -h if noise else h) for e, h in zip(self.errors[name], self.steps, strict=True) if e is not None
                ]
                self.best[name] = abs(min(known)[1])
        self.theory["complex"] = [[finite(abs(float(found[3])) / 6), 2], None]

    def _data(self, f, points):
        reach = self.steps[-1]
        xs = np.linspace(self.x - reach, self.x + reach, 81)
        ends = span(values(f, xs), self.value, abs(self.truth) * reach or 1.0)
        far = abs(self.value) > 1000 * (
            ends[1] - ends[0]
        )  # then the ticks would have more digits than there is room for
        less = lambda ys: [None if y is None else y - far * self.value for y in ys]
        curve = list(map(list, zip(xs.tolist(), less(values(f, xs)), strict=True)))
        seen = [e for es in self.errors.values() for e in es if e]
        low = floor(log10(max(ROUNDING * abs(self.truth), min(seen, default=1e-16) / 10, 1e-280))) - 1
        high = min(max(ceil(log10(max(seen, default=1.0))), low + 8), low + 26)
        at = f"x = {number(self.x)}"
        return {
            "title": f"Error V: the slope of {self.name} at {at}",
            "x": self.x, "value": self.value * (not far), "truth": self.truth, "name": self.name,
            "powers": self.powers.tolist(), "hs": self.steps, "slopes": self.slopes, "errors": self.errors,
            "points": {name: [[o, less(ys)] for o, ys in at] for name, at in points.items()},
            "theory": self.theory, "best": self.best, "curve": curve,
            "window": [float(xs[0]), float(xs[-1]), *less(ends)],
            "label": f"{self.name}(x)" + f" − {self.name}({number(self.x)})" * far,
            "floor": 10.0**low, "top": 10.0**high,
            "alt": f"The curve of {self.name} near {at}, its tangent, and the line that the method's slope makes.",
            "asks": [self._ask()], "table": self._sheet(),
        }  # fmt: skip

    def _ask(self):
        h = self.best["forward"]
        (size, _), (noise, _) = self.theory["forward"]
        if self.steps[0] < h < self.steps[-1] and size and noise:
            least = size * h + noise / h
            because = f"There the two errors balance: truncation {number(size, 2)}·h, round-off {number(noise, 2)}/h."
            because += f" Together they are about {number(least, 1)}."
        else:
            because = "Here truncation is never" if h == self.steps[-1] else "Here round-off is never"
            because += " the larger of the two errors."
        return {
            "name": "best step", "question": "at which step h is the error of the forward quotient smallest?",
            "answer": h, "shown": f"about {number(h, 1)}", "factor": 10, "because": because,
            "below": "With a smaller step, f(x + h) and f(x) agree in more digits, which their difference loses.",
            "above": "With a larger step, the secant still bends away from the tangent.",
        }  # fmt: skip

    def _table(self):
        shown = list(NAMES)
        rows = [
            [number(self.steps[i], 2), *("" if (e := self.errors[name][i]) is None else number(e, 2) for name in shown)]
            for i in range(len(self.steps) - 8, -1, -10)
        ]
        return f"Error of the slope of {self.name}, which is {number(self.truth)}", ("step h", *NAMES.values()), rows

    def _picture(self):
        low, high, last = self.data["floor"] / 3, self.data["top"], self.steps[-1]
        title = f"Errors of the slope of {self.name} at {number(self.x)}; lines: truncation + round-off"
        axes = Axes(title, (self.steps[0], 2 * last, "step h"), (low, high, "error (0 at the bottom)"), log=True)
        for k, (name, (role, shape)) in enumerate(LOOKS.items()):
            every = slice(0, None, 2 if k < 2 else 8)
            errors = [None if e is None else max(e, self.data["floor"]) for e in self.errors[name]]
            axes.points(zip(self.steps[every], errors[every], strict=True), shape, role)
            axes.word(
                f"{SIGNS[shape]} {NAMES[name]}",
                (self.steps[4], low ** (0.6 - 0.07 * k) * high ** (0.4 + 0.07 * k)),
                role,
            )
        for name in QUOTIENTS:
            parts = [(factor, power) for factor, power in self.theory[name] if factor]
            sums = [sum(factor * h**power for factor, power in parts) for h in self.steps]
            axes.line(zip(self.steps, sums, strict=True), LOOKS[name][0], width=1.0)
        best = ", ".join(f"of the {NAMES[n]} smallest near h = {number(h, 1)}" for n, h in self.best.items())
        return axes.drawing(
            f"Error of the slope of {self.name} at {number(self.x)} against the step h, both axes logarithmic. The "
            f"error is {best}: to the right of that truncation grows with h, to the left round-off grows as h shrinks. "
            f"Dual numbers, which have no step, are off by {number(self.errors['ad'][0], 1)}."
        )


def _truth(f, x):
    """f'(x): of 50 digits where there are such, else of Taylor mode; InputError where f has none."""
    known = reference(f, x)
    if known.values:
        return float(known.values[0])
    slope = float(derivative(f)(x))
    if known.value is not None or not np.isfinite(slope):
        why = known.how.removeprefix("none: ")
        raise InputError(
            f"{called(f)} has no slope at x = {x:g}.", f"{why}.", "another point, where the curve has a tangent"
        )
    return slope


def _quotient(formula, ys, h):
    """The difference quotient as it stands in a book: with the step h, whether or not x + h could be had."""
    if any(y is None for y in ys):
        return None
    return finite(sum(float(w) * y for w, y in zip(formula.weights, ys, strict=True)) / h)


def _complex_step(f, x, h):
    """None where the program can't run on complex numbers."""
    try:
        return finite(numerical.complex_step(f, x, h))
    except (ADError, ArithmeticError, TypeError, ValueError):
        return None
