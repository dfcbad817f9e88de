"""A motion in phase space by four methods, and what each does to the energy."""

from math import isfinite

import numpy as np

from ..core.errors import InputError
from ..core.transforms import grad
from ..program.replay import replay
from ..science.mechanics import euler, leapfrog
from ..science.runge_kutta import rk4_step
from ..show.words import number
from .axes import Axes
from .base import InteractivePicture
from .learner import called, finite, number_at, running
from .settings import choice, slider

BEGIN, LEAST = 10, 1e-16  # steps shown before the prediction; errors below are shown as this
FACTORS = [0.25, 0.5, 1, 2, 4, 8]  # of the learner's step
NAMES = {"euler": "Euler", "symplectic": "symplectic Euler", "leapfrog": "leapfrog", "rk4": "Runge-Kutta of order 4"}
LOOKS = {
    "euler": ("adjoint", "triangle", "▲"), "symplectic": ("partial", "diamond", "◆"),
    "leapfrog": ("primal", "circle", "●"), "rk4": ("tangent", "square", "■"),
}  # fmt: skip


class PhaseSpace(InteractivePicture, module="phase_space.js", using=("plot.js",)):
    """Step H = p²/2 + V(q) from (q, p) by four methods: ``PhaseSpace(lambda q: 1 - np.cos(q), 2.0)``.

    The force is -∇V, by AD. The learner predicts what Euler's method does to the energy and how leapfrog's error falls
    with the step, then compares method, step and number of steps: lines of equal energy, the path, and its error.
    ``V`` is a program of one number; ``h`` the step, of which a quarter to eight times are shown.

    Attributes for a later cell: ``path``, (q, p) after each step for what is set; ``drift``, the largest
    abs(H - H₀) on it; ``done``, ``settings`` and ``predictions``. Raises InputError where V can't be used.

    >>> pendulum = PhaseSpace(lambda q: 1 - np.cos(q), 2.0)
    >>> pendulum.settings = {"method": "leapfrog", "steps": 200}
    >>> round(pendulum.drift, 4)
    0.0027
    """

    def __init__(self, V, q, p=0.0, h=0.1, steps=200):
        number_at(V, q, "PhaseSpace")
        self.name, self._V, self._most = called(V), V, self._counted(steps)
        for name, value in (("p", p), ("h", h)):
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
                _refuse(f"{name} = {value!r} is not a number.", "p is the momentum it begins with, h the step.")
        if not h > 0:
            _refuse(f"h = {h!r} leads nowhere.", "a step goes forward in time.")
        self._start, self.hs = (np.float64(q), np.float64(p)), [float(f"{f * h:.6g}") for f in FACTORS]
        with running(f"the motion in {self.name}", "its force is found by AD.", "a program of one number, V(q)"):
            self._slope = replay(grad(V))
            with np.errstate(all="ignore"):
                self._paths = {name: [self._walk(name, step, self._most) for step in self.hs] for name in NAMES}
        declared = {
            "method": choice("method", NAMES),
            "step": slider("step h", FACTORS.index(1), 0, len(FACTORS) - 1),
            "steps": slider("steps", BEGIN, 0, self._most),
        }
        super().__init__(self._data(), declared)

    def _counted(self, steps):
        if not isinstance(steps, int) or isinstance(steps, bool) or not 20 <= steps <= 400:
            _refuse(f"steps = {steps!r} can't be shown.", "the picture holds between 20 and 400 of them.")
        return steps

    def _walk(self, name, h, n):
        """q and p after each step; not finite any more once they have left the numbers."""
        slope, (q, p) = self._slope, self._start
        if name in ("euler", "leapfrog"):
            return np.array((euler if name == "euler" else leapfrog)(slope, q, p, h, n))
        path = [np.array([q, p])]
        field = lambda u, _p, _t: np.array([u[1], -slope(u[0])])
        for _ in range(n):
            if name == "symplectic":
                p = p - h * slope(q)
                q = q + h * p
                path.append((q, p))
            else:
                path.append(rk4_step(field, path[-1], None, 0.0, h))
        return np.array(path).T

    def _energy(self, path):
        q, p = path
        with np.errstate(all="ignore"):
            return p**2 / 2 + np.array([float(self._V(t)) for t in q])

    def _off(self, path):
        energy = self._energy(path)
        return np.abs(energy - energy[0])

    @property
    def path(self):
        """q and p after each of the steps that are shown."""
        now = self.settings
        return self._paths[now["method"]][now["step"]][:, : now["steps"] + 1]

    @property
    def drift(self):
        """The largest error of the energy in the steps that are shown; nan once they have left the numbers."""
        return float(np.max(self._off(self.path)))

    def _data(self):
        usual, place = FACTORS.index(1), f"({number(self._start[0])}, {number(self._start[1])})"
        seen = self._paths["leapfrog"][usual]
        seen = seen if np.isfinite(seen).all() else self._paths["leapfrog"][0]
        low, high = np.nanmin(seen, axis=1), np.nanmax(seen, axis=1)
        room = 0.45 * np.maximum(high - low, 1e-3)
        box = np.stack([low - room, high + room], axis=1)
        short = lambda row, digits: [finite(float(f"{v:.{digits}g}")) for v in row]
        self._errors = {name: [self._off(path) for path in paths] for name, paths in self._paths.items()}
        sizes = [e for rows in self._errors.values() for row in rows for e in row if isfinite(e) and e > LEAST]
        top = max((e for e in self._errors["euler"][usual] if isfinite(e)), default=1.0) or 1.0
        return {
            "title": f"Phase space: H = p²/2 + {self.name}(q), from {place}",
            "box": box.tolist(), "contours": self._contours(box), "hs": self.hs, "begin": BEGIN,
            "paths": {n: [[short(row, 5) for row in path] for path in paths] for n, paths in self._paths.items()},
            "errors": {n: [short(row, 2) for row in rows] for n, rows in self._errors.items()},
            "low": max(min(sizes, default=LEAST), top * 1e-12), "top": 10 * top,
            "looks": [[name, NAMES[name], *look] for name, look in LOOKS.items()],
            "asks": self._asks(usual), "table": self._sheet(),
        }  # fmt: skip

    def _contours(self, box):
        from contourpy import contour_generator

        qs, ps = (np.linspace(*side, 60) for side in box)
        with np.errstate(all="ignore"):
            V = np.array([float(self._V(float(q))) for q in qs])
        heights = np.where(np.isfinite(V), V, np.nan)[None, :] + ps[:, None] ** 2 / 2
        levels = np.nanquantile(heights, [0.05, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9])
        lines = contour_generator(qs, ps, np.ma.masked_invalid(heights)).multi_lines(levels)
        return [line[:: len(line) // 100 + 1].round(3).tolist() for level in lines for line in level]

    def _asks(self, usual):
        off, energy = self._errors["euler"][usual], self._energy(self._paths["euler"][usual])
        end = energy[-1] - energy[0]
        size = max(abs(energy[0]), float(np.ptp(self._energy(self._paths["leapfrog"][0]))), 1e-12)
        answer = "same" if abs(end) < 1e-2 * size else "shrinks" if end < 0 else "grows"  # nan has grown
        words = {"grows": "larger", "shrinks": "smaller", "same": "the same to a hundredth"}
        finer = self._off(self._walk("leapfrog", self.hs[usual] / 2, 2 * self._most)).max()
        factor = float(self._errors["leapfrog"][usual].max() / finer) if finer else np.nan
        asks = [{
            "name": "energy", "answer": answer, "shown": words[answer],
            "question": f"Euler's method takes {self._most} steps of h = {number(self.hs[usual])}: what is the energy "
            "then, beside that of the beginning?",
            "because": f"It has changed by {number(end, 3) if isfinite(off[-1]) else 'more than numbers can hold'}."
            + " Euler goes straight on along the tangent, outside of a curve that bends inwards." * (answer == "grows"),
            "options": [[key, text, "Look along which side of a closed curve its tangents lie."]
                        for key, text in words.items()],
        }]  # fmt: skip
        if isfinite(factor):
            asks.append({
                "name": "order", "answer": factor, "shown": number(factor, 3), "factor": 1.3,
                "question": "leapfrog with half the step and twice as many of them: by which factor does its largest "
                "error of the energy fall?",
                "because": "It is of order 2: halve h, and h² is a quarter.",
                "below": "Each half of a kick is matched by another: the first order cancels.",
                "above": "That would be a method of higher order: try Runge-Kutta.",
            })  # fmt: skip
        return asks

    def _table(self):
        rows = [
            (number(h), *(number(float(self._errors[name][k].max()), 3) for name in NAMES))
            for k, h in enumerate(self.hs)
        ]
        return f"Largest error of the energy in {self._most} steps", ("step h", *NAMES.values()), rows

    def _picture(self):
        usual = FACTORS.index(1)
        (a, b), (c, d) = self.data["box"]
        axes = Axes(f"{self._most} steps of h = {number(self.hs[usual])} in phase space", (a, b, "q"), (c, d, "p"))
        for line in self.data["contours"]:
            axes.line(line, "line", width=0.7)
        for i, name in enumerate(("euler", "leapfrog")):
            role, shape, sign = LOOKS[name]
            axes.points(self._paths[name][usual].T[:: 3 if name == "leapfrog" else 1], shape, role)
            axes.word(f"{sign} {NAMES[name]}", (a + 0.02 * (b - a), d - (0.05 + 0.06 * i) * (d - c)), role)
        drift = {name: number(float(self._errors[name][usual].max()), 2) for name in NAMES}
        return axes.drawing(
            f"Lines of equal energy in the plane of q and p. Euler's points leave the line they begin on: their energy "
            f"is off by up to {drift['euler']}. Leapfrog's points stay by it, off by up to {drift['leapfrog']}."
        )


def _refuse(what, why):
    raise InputError(what, why, "PhaseSpace(lambda q: 1 - np.cos(q), 2.0, p=0.0, h=0.1, steps=200)")
