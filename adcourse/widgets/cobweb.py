"""An iteration as a cobweb, and the derivative of its loop, which comes behind it; that of its equation doesn't."""

from math import ceil, floor, isfinite, log10

import numpy as np

from ..core.errors import ConvergenceError, InputError
from ..core.implicit import fixed_point
from ..core.transforms import derivative, jvp
from ..show.words import number
from .axes import Axes
from .base import InteractivePicture
from .learner import called, finite, number_at, running, span, values
from .settings import slider

MOST, STARTS = 40, 25  # steps shown; places where the iteration may begin
LOOKS = {
    "value": ("primal", "circle", "● the value zₖ"),
    "loop": ("adjoint", "triangle", "▲ the derivative of the loop"),
    "equation": ("tangent", "square", "■ the derivative of the equation, at zₖ"),
}


class Cobweb(InteractivePicture, module="cobweb.js", using=("plot.js",)):
    """Step an iteration z ← f(z, a) to its fixed point z*, and watch dz*/da: ``Cobweb(f, a, z)``.

    The derivative of the loop (forward mode through the steps) comes behind the value; that of the equation,
    f_a / (1 - f_z) at the same zₖ, is as near as the value is. ``f(z, a)`` is a program of two numbers, ``a`` and
    the start ``z`` are numbers, ``between`` the starts that can be set.

    Attributes for a later cell: ``solution`` and ``derivative`` (z* and dz*/da), ``rate`` (f_z at z*), ``starts``,
    ``zs``, ``loop`` and ``equation`` (a row for each start, a column for each step), ``errors`` (by name, for the start
    that is set), ``done``, ``settings`` and ``predictions``. Raises InputError where f can't be used or doesn't settle.

    >>> c = Cobweb(lambda z, a: a + 0.5 * np.sin(z), 1.0, 3.0)
    >>> round(c.solution, 10), round(c.derivative, 10), round(c.rate, 4)
    (1.4987011335, 1.0373620219, 0.036)
    """

    def __init__(self, f, a, z, between=None):
        self.name = called(f)
        self.a = self._parameter(a)
        if callable(f):
            with self._learner(), np.errstate(all="ignore"):
                f(z, self.a)
            number_at(lambda t: f(t, self.a), z, "Cobweb")
        else:
            number_at(f, z, "Cobweb")
        self.solution, self.derivative, self.rate = self._solve(f, z)
        low, high = self._between(between, z)
        self.starts = np.linspace(low, high, STARTS).round(9).tolist()
        start = int(np.argmin(np.abs(np.array(self.starts) - z)))
        self.starts[start] = float(z)
        self.zs, self.loop, self.equation = self._run(f)
        self._first, self._most = start, self._enough(start)
        self._ahead = self._nearly_there()
        declared = {
            "start": slider("start z₀", start, 0, STARTS - 1),
            "steps": slider("steps", self._ahead[0] if self._ahead else 1, 0, self._most),
        }
        super().__init__(self._data(f), declared)

    def _parameter(self, a):
        if isinstance(a, bool) or not isinstance(a, (int, float, np.integer, np.floating)) or not isfinite(a):
            raise InputError(
                f"The parameter a = {a!r} is not a number.", "the picture shows one iteration of z ← f(z, a).",
                "Cobweb(f, 1.0, 3.0), with the parameter a and the start z",
            )  # fmt: skip
        return float(a)

    def _learner(self):
        return running(
            f"{self.name}(z, a)", "the picture iterates z ← f(z, a) and differentiates it with respect to both.",
            f"def {self.name}(z, a): return ..., a program of two numbers",
        )  # fmt: skip

    def _solve(self, f, z):
        """z*, dz*/da and f_z there."""
        with self._learner(), np.errstate(all="ignore"):
            try:
                solve = lambda a: fixed_point(f, a, float(z))
                solution, slope = float(solve(self.a)), float(derivative(solve)(self.a))
            except ConvergenceError as error:
                raise InputError(
                    f"From z = {z:g} the iteration z ← {self.name}(z, {self.a:g}) doesn't settle.",
                    "the picture shows how an iteration comes to its fixed point.",
                    "another start, another a, or a damped iteration: lambda z, a: z + 0.5 * (f(z, a) - z)",
                ) from error
            return solution, slope, float(derivative(lambda t: f(t, self.a))(solution))

    def _between(self, between, z):
        if between is None:
            reach = 1.2 * abs(z - self.solution) or 1.0
            return self.solution - reach, self.solution + reach
        low, high = map(float, between)
        if not low < high or not low <= z <= high:
            raise InputError(
                f"between = {between!r} doesn't hold the start {z:g}.", "the start is moved from its first to its last "
                "number.", f"Cobweb(f, {self.a:g}, {z:g}, between=({z - 1:g}, {z + 1:g}))",
            )  # fmt: skip
        return low, high

    def _run(self, f):
        """From every start: zₖ, the derivative of the loop, and that of the equation at zₖ; nan once it has gone."""
        rows = []
        for z in self.starts:
            slope, row = 0.0, []
            for _ in range(MOST + 1):
                here, f_z, f_a = self._step(f, z)
                row.append((z, slope, f_a / (1 - f_z) if f_z != 1 else np.nan))
                z, slope = here, f_z * slope + f_a
            rows.append(row)
        return np.moveaxis(np.array(rows), -1, 0)

    def _step(self, f, z):
        try:
            with np.errstate(all="ignore"):
                here, f_z = jvp(lambda t: f(t, self.a), (z,), (1.0,))
                return float(here), float(f_z), float(jvp(lambda a: f(z, a), (self.a,), (1.0,))[1])
        except (ArithmeticError, TypeError, ValueError):
            return np.nan, np.nan, np.nan

    @property
    def errors(self):
        """The errors of value, loop and equation after each step, from the start that is set."""
        return self._errors(self.settings["start"])

    def _errors(self, k):
        truths = self.solution, self.derivative, self.derivative
        found = zip(LOOKS, (self.zs, self.loop, self.equation), truths, strict=True)
        return {name: np.abs(rows[k] - truth) for name, rows, truth in found}

    def _enough(self, k):
        """Steps after which nothing comes nearer any more, from one start; at most MOST, at least 8."""
        slow = np.nan_to_num(np.maximum(*(self._errors(k)[name] for name in ("value", "loop"))), nan=np.inf)
        there = np.nonzero(slow <= max(4 * slow.min(), 1e-15))[0][0]
        return min(max(int(there) + 3, 8), MOST)

    def _data(self, f):
        path = self.zs[self._first]
        low, high = min(self.starts), max(self.starts)
        ts = np.linspace(low, high, 121).tolist()
        curve = values(lambda t: f(t, self.a), ts)
        ends = span([*curve, *map(finite, path[1:])], self.solution, 0.3 * (high - low))
        every = [e for k in range(STARTS) for es in self._errors(k).values() for e in es if isfinite(e)]
        top = 10.0 ** ceil(log10(max(max(self._errors(self._first)[name][0] for name in LOOKS), 1e-6)) + 0.5)
        floor_ = 10.0 ** floor(log10(min((e for e in every if e), default=1e-16)))
        floor_ = max(floor_, 1e-17 * max(1.0, abs(self.solution), abs(self.derivative)))
        shown = lambda rows: [[finite(v) for v in row[: self._most + 1]] for row in rows]
        return {
            "title": f"Cobweb: z ← {self.name}(z, a) at a = {number(self.a)}",
            "name": self.name, "starts": self.starts, "curve": list(map(list, zip(ts, curve, strict=True))),
            "window": [low, high, *ends], "zs": shown(self.zs), "loop": shown(self.loop),
            "equation": shown(self.equation), "solution": self.solution, "derivative": self.derivative,
            "floor": floor_, "top": top, "looks": [[name, *look] for name, look in LOOKS.items()],
            "asks": self._asks(), "table": self._sheet(),
        }  # fmt: skip

    def _asks(self):
        rate = abs(self.rate) if abs(self.rate) > 1e-9 else 0.0
        asks = [{
            "name": "rate", "answer": rate, "shown": number(rate, 3), "tolerance": max(0.04, 0.2 * rate),
            "question": "near the fixed point, by which factor does each step multiply the error of z?",
            "because": "It is |f_z|, the steepness of the curve where it crosses the diagonal.",
            "below": "The curve is steeper than that where it crosses the diagonal.",
            "above": "The curve is flatter than that where it crosses the diagonal.",
        }]  # fmt: skip
        if self._ahead:
            k, value, loop = self._ahead
            answer = "loop" if loop > 3 * value else "value" if value > 3 * loop else "same"
            asks.append({
                "name": "behind", "answer": answer,
                "question": f"after {k} steps, which is further off: zₖ, or the derivative of the loop?",
                "shown": f"{number(value, 2)} for zₖ, {number(loop, 2)} for the derivative",
                "because": "A step hands the derivative the old one times f_z, and adds f_a: both were taken at zₖ, "
                "which is not yet z*. So the derivative is still on its way when the value has come.",
                "options": [
                    ["value", "the value zₖ", "The derivative starts from 0, and each step mends the value first."],
                    ["loop", "the derivative", "It would have to be computed at another point than the value."],
                    ["same", "both about the same", "The loop's derivative was formed at all the earlier, worse zₖ."],
                ],
            })  # fmt: skip
        return asks

    def _nearly_there(self):
        """The first step after which z is nearly there, and both errors; None if it gets there at once."""
        errors = self._errors(self._first)
        small = 1e-5 * max(abs(self.solution), 1e-3)
        for k, (value, loop) in enumerate(zip(errors["value"], errors["loop"], strict=True)):
            if k and 0 < value < small:
                return k, float(value), float(loop)
        return None

    def _table(self):
        errors = self._errors(self._first)
        rows = [
            (k, number(z, 10), *(number(errors[name][k], 2) for name in LOOKS))
            for k, z in enumerate(self.zs[self._first]) if k <= self._most
        ]  # fmt: skip
        head = ("step k", "zₖ", "error of zₖ", "error of the loop's derivative", "error of the equation's")
        return f"From z₀ = {number(self.starts[self._first])}; z* = {number(self.solution)}", head, rows

    def _picture(self):
        errors = self._errors(self._first)
        title = f"Errors of z ← {self.name}(z, a) from z₀ = {number(self.starts[self._first])}"
        low, high = max(self.data["floor"], 1e-17), self.data["top"]
        axes = Axes(title, (0, self._most, "step k"), (log10(low), log10(high), "power of ten of the error"))
        for i, (name, (role, shape, words)) in enumerate(LOOKS.items()):
            points = [(k, log10(e)) for k, e in enumerate(errors[name][: self._most + 1]) if isfinite(e) and e > low]
            axes.line(points, role, width=1.0)
            axes.points(points, shape, role)
            axes.word(words, (0.4 * self._most, log10(high) - (0.06 + 0.06 * i) * log10(high / low)), role)
        return axes.drawing(
            f"The errors of three numbers after each step, on a logarithmic axis: of the value, which each step "
            f"multiplies by about {number(abs(self.rate), 2)}; of the derivative of the loop, which comes behind it; "
            f"and of the derivative of the equation at the same point, which is as near as the value is. {self._web()}"
        )

    def _web(self):
        steps = ", ".join(number(z) for z in self.zs[self._first][:5])
        side = "from one side" if self.rate >= 0 else "from both sides in turn"
        return f"The iteration goes {steps} and on {side} to {number(self.solution)}."
