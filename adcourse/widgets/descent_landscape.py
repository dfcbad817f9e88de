"""Widget 4, a landscape to descend in: contours, minima with their basins, and a walk from any start with any step."""

import numpy as np
from numpy.polynomial import chebyshev

from ..core.errors import InputError
from ..core.jacobians import hessian
from ..core.transforms import value_and_grad
from ..core.vmap import vmap
from ..science.optimize import descend, momentum, newton_cg
from ..show.words import number
from .axes import Axes
from .base import InteractivePicture
from .settings import choice, slider

SHOWN, MOST = 25, 1000  # steps in the picture; steps after which a walk counts as not settled
EXACT = 1e-8  # what the series in the browser may be off by, relative to the largest value in the picture
DEGREES = (8, 16, 32, 48)


class DescentLandscape(InteractivePicture, module="descent_landscape.js", using=("plot.js",)):
    """Walk down the landscape of ``f``, a program of an array (x, y): ``DescentLandscape(f, (-5, 5), (-5, 5))``.

    The learner sets the start, the step size α and the momentum β of v ← βv + ∇f, (x, y) ← (x, y) - αv, and predicts
    where the walk ends and which step is too long. ``names`` stand at the axes. ``f`` must be smooth where it is
    shown: the browser walks by Chebyshev series of f and of the gradient that AD gives, as good as equal to them.

    Attributes for a later cell: ``minima``, a dict from letters to points; ``walk``, the Descent for what is set now;
    ``longest``, 2/λ for each minimum with its largest curvature λ; ``done``, ``settings`` and ``predictions``. Raises
    InputError for a function that isn't finite and smooth in the picture.

    >>> bowl = DescentLandscape(lambda v: (v[0] ** 2 + 10 * v[1] ** 2) / 2, (-5, 5), (-2, 2), start=(4.0, 1.0))
    >>> bowl.minima["A"].round(6) + 0.0, round(bowl.longest["A"], 6)
    (array([0., 0.]), 0.2)
    >>> bowl.settings = {"steps": 1}
    >>> bowl.walk.x.round(2)  # α is a quarter of 0.2
    array([3.8, 0.5])
    """

    def __init__(self, f, x=(-5.0, 5.0), y=(-5.0, 5.0), start=(0.0, 0.0), names=("x", "y")):
        self._names = tuple(map(str, names))
        self._f, self._box = f, _box(x, y, start)
        if self._box is None:
            raise InputError(
                f"A landscape was to be shown for x in {x}, y in {y}, with a start at {start}.",
                "each of the two goes from a smaller to a larger number, and the start lies between.",
                "DescentLandscape(f, (-5, 5), (-5, 5), start=(0, 0))",
            )
        self._series, size = self._fit()
        starts = np.stack(np.meshgrid(*[np.linspace(*side, 20) for side in self._box]), -1).reshape(-1, 2)
        ends = self._settle(starts)
        self.minima = self._minima(ends)
        steepest = {name: np.linalg.eigvalsh(hessian(f)(point))[-1] for name, point in self.minima.items()}
        self.longest = {name: float(2 / most) for name, most in steepest.items()}
        there = np.abs(hessian(f)(np.array(start, float))).max() or 1.0
        reference = min(self.longest.values(), default=2 / there)
        self._rates = [float(f"{reference * 2**power:.3g}") for power in np.linspace(-6, 2, 33)]
        self._flat = 1e-7 * size
        near = lambda point: np.max(np.abs(ends - point), axis=1) < 0.03 * np.ptp(self._box)
        minima = [[name, *map(float, point), float(f(point))] for name, point in self.minima.items()]
        declared = {
            **{
                key: slider(f"start {name}", float(at), *map(float, side), float(np.ptp(side) / 100))
                for key, name, at, side in zip("xy", names, start, self._box, strict=True)
            },
            "rate": slider("step size α", 16, 0, len(self._rates) - 1),
            "momentum": choice("momentum β", {0.0: "none", 0.5: "0.5", 0.8: "0.8", 0.9: "0.9"}),
            "steps": slider("steps", SHOWN, 0, SHOWN),
            "basins": choice("basins", {"hide": "hidden", "show": "shown"}),
        }
        self._start = {name: how["start"] for name, how in declared.items()}
        data = {
            "title": "A landscape to descend in", "names": list(self._names), "box": self._box.tolist(),
            "rates": self._rates, "most": MOST,
            "flat": self._flat, "minima": minima, "shown": SHOWN, "contours": self._contours(),
            "series": [[[float(f"{c:.13g}") for c in row] for row in series] for series in self._series],
            "basins": [starts[near(point)].round(4).tolist() for point in self.minima.values()],
        }  # fmt: skip
        super().__init__({**data, "asks": self._asks()}, declared)

    @property
    def walk(self):
        """The Descent for what is set now, by the gradients of f itself."""
        return self._walk(self.settings, self.settings["steps"])

    def _walk(self, now, steps, tol=0.0):
        rule = momentum(self._rates[now["rate"]], now["momentum"])
        with np.errstate(all="ignore"):  # it may run away
            return descend(self._f, np.array([now["x"], now["y"]], float), rule, steps, tol)

    def _inside(self, point):
        return np.all((self._box[:, 0] <= point) & (point <= self._box[:, 1]), axis=-1)

    def _unit(self, points):
        """Points of the picture in the square from -1 to 1, where the Chebyshev series live."""
        return (2 * points - self._box.sum(axis=1)) / np.ptp(self._box, axis=1)

    def _fit(self):
        """The series of ∂f/∂x, ∂f/∂y and f, from their values at Chebyshev points; and the largest slope."""
        middle, half = self._box.mean(axis=1), np.ptp(self._box, axis=1) / 2

        def sample(points):
            values = _slopes_and_value(self._f, points.reshape(-1, 2))
            if not np.isfinite(values).all():
                raise InputError(
                    "f or its gradient is not finite somewhere in the picture.",
                    "a landscape has a height everywhere.",
                    "a smaller picture: DescentLandscape(f, (0.1, 5), (0.1, 5), start=(1, 1))",
                )  # fmt: skip
            return values.T.reshape(3, *points.shape[:-1])

        trial = middle + half * np.random.default_rng(0).uniform(-1, 1, (30, 2))
        expected = sample(trial)
        for degree in DEGREES:
            nodes = chebyshev.chebpts1(degree)
            values = sample(middle + half * np.stack(np.meshgrid(nodes, nodes, indexing="ij"), -1))
            inverse = chebyshev.chebvander(nodes, degree - 1).T * 2 / degree  # the columns are at right angles
            inverse[0] /= 2
            series = inverse @ values @ inverse.T
            largest = np.abs(values).max(axis=(1, 2))
            off = np.abs(_evaluate(series, self._unit(trial)) - expected).max(axis=1)
            if (off <= EXACT * largest).all():
                needed = [np.nonzero(np.abs(series) > 1e-13 * largest[:, None, None])[k].max(initial=1) for k in (1, 2)]
                return series[:, : needed[0] + 1, : needed[1] + 1], largest[:2].max()
        raise InputError(
            "f is not smooth enough in the picture.",
            f"a series of degree {DEGREES[-1]} doesn't follow it: there is a kink, a jump or a very sharp bend.",
            "a smaller picture, or a smooth function, such as np.sqrt(t**2 + 0.01) for abs(t)",
        )

    def _settle(self, points):
        """Where gradient descent goes from ``points`` with a step that is short everywhere; nan for whoever leaves."""
        t = np.linspace(-1, 1, 25)
        square, half = np.stack(np.meshgrid(t, t), -1).reshape(-1, 2), np.ptp(self._box, axis=1) / 2
        bends = [
            np.abs(_evaluate(chebyshev.chebder(s, axis=k)[None], square) / half[k]).max()
            for s in self._series[:2] for k in (0, 1)
        ]  # fmt: skip
        for _ in range(600):
            step = _evaluate(self._series[:2], self._unit(points)).T / (max(bends) or 1.0)
            points = np.where(self._inside(points - step)[:, None], points - step, np.nan)
            if not np.nanmax(np.abs(step), initial=0) > 1e-9 * half.max():
                break
        return points

    def _minima(self, ends):
        found = []
        coarse = np.ptp(self._box) / 60
        for point in np.unique((ends[~np.isnan(ends[:, 0])] / coarse).round(), axis=0)[:16] * coarse:
            point = newton_cg(self._f, np.clip(point, *self._box.T), steps=30).x
            new = all(np.max(np.abs(point - other)) > coarse / 3 for other in found)
            if new and self._inside(point) and np.linalg.eigvalsh(hessian(self._f)(point))[0] > 0:
                found.append(point)
        found.sort(key=lambda point: tuple(-point.round(6)))
        return dict(zip("ABCDEFGHIJKLMNOP", found, strict=False))

    def _contours(self):
        from contourpy import contour_generator

        xs, ys = (np.linspace(*side, 60) for side in self._box)
        grid = np.stack(np.meshgrid(xs, ys), -1)
        heights = _evaluate(self._series[2:], self._unit(grid.reshape(-1, 2)))[0].reshape(60, 60)
        levels = np.quantile(heights, [0.01, 0.04, 0.1, 0.2, 0.32, 0.46, 0.6, 0.75, 0.9])
        lines = contour_generator(xs, ys, heights).multi_lines(levels)
        return [line[:: len(line) // 150 + 1].round(3).tolist() for level in lines for line in level]

    def _end(self, now):
        """Where a walk ends: the letter of a minimum, "out" of the picture, or "on" its way."""
        way = self._walk(now, MOST, self._flat)
        if not self._inside(np.array(way.points)).all():
            return "out"
        near = [n for n, point in self.minima.items() if np.max(np.abs(way.x - point)) < 1e-3 * np.ptp(self._box)]
        return near[0] if near else "on"

    def _asks(self):
        end, now = self._end(self._start), self._start
        words = {name: f"in {name}" for name in self.minima} | {"out": "outside the picture", "on": "in none of these"}
        why = "Against the gradient means: at right angles through the contours, downwards."
        place = f"({number(now['x'])}, {number(now['y'])})"
        asks = [{
            "name": "end", "answer": end, "shown": words[end], "because": why,
            "question": f"From {place}, with α = {number(self._rates[now['rate']])}: where does the walk end?",
            "options": [[key, text, "Look at the contours around the start."] for key, text in words.items()],
        }]  # fmt: skip
        if self.minima:
            name, longest = next(iter(self.longest.items()))
            asks.append({
                "name": "longest", "answer": longest, "shown": number(longest), "factor": 1.15,
                "question": f"Without momentum, beyond which α does no walk settle in {name}?",
                "below": "Longer steps still settle there: try them.",
                "above": "Try that: the walk is thrown out again.",
                "because": f"The largest curvature at {name} is {number(2 / longest)}; the limit is 2 divided by it.",
            })  # fmt: skip
        return asks

    def _picture(self):
        way, (first, second) = self._walk(self._start, SHOWN).points, self._names
        axes = Axes("Contour lines and a walk", (*self._box[0], first), (*self._box[1], second), width=560, height=480)
        for line in self.data["contours"]:
            axes.line(line, "line", width=0.8)
        axes.line(way, "adjoint", width=1.5)
        axes.points(way, "circle", "adjoint")
        for name, point in self.minima.items():
            axes.word(name, point, "ink", down=5, anchor="middle")
        low = ", ".join(f"{n} at ({number(p[0])}, {number(p[1])})" for n, p in self.minima.items()) or "none"
        walk = f"A walk of {SHOWN} steps from ({number(way[0][0])}, {number(way[0][1])})"
        return axes.drawing(f"Contour lines over {first} and {second}, with the minima {low}. {walk} is drawn.")

    def _table(self):
        way = self._walk(self._start, SHOWN)
        rows = zip(way.points, way.values, way.slopes, strict=True)
        lines = [[k, *map(number, (*point, value, slope))] for k, (point, value, slope) in enumerate(rows)]
        return "The walk", ("step", *self._names, "f", "largest entry of ∇f"), lines


def _box(x, y, start):
    """The sides as an array, if they are intervals with the start between their ends; otherwise None."""
    try:
        box, start = np.array([x, y], float), np.array(start, float)
    except (TypeError, ValueError):
        return None
    right = box.shape == (2, 2) and start.shape == (2,)
    return box if right and np.all((box[:, 0] < box[:, 1]) & (box[:, 0] <= start) & (start <= box[:, 1])) else None


def _evaluate(series, points):
    """Chebyshev series (k × n × m) at points (p × 2) of the square from -1 to 1: k × p."""
    X, Y = (chebyshev.chebvander(t, n - 1) for t, n in zip(points.T, series.shape[1:], strict=True))
    return np.sum((X @ series) * Y, axis=-1)


def _slopes_and_value(f, points):
    """∂f/∂x, ∂f/∂y and f at each of ``points``: all in one run, or one by one where f can't run on all together."""
    both = value_and_grad(f)
    try:
        values, slopes = vmap(both)(points)
    except Exception:  # whatever it was, the run at one point says it better
        found = [both(point) for point in points]
        values, slopes = [value for value, _ in found], [slope for _, slope in found]
    return np.column_stack([slopes, values]).astype(float)
