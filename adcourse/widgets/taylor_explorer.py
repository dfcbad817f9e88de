"""Widget 7, the Taylor explorer: polynomials of any order beside their function, and how far they can be trusted."""

from math import ceil, floor, inf, isfinite, log10

import numpy as np

from ..core.errors import InputError
from ..core.expand import taylor
from ..show.words import number
from .axes import Axes
from .base import InteractivePicture
from .learner import called, finite, number_at, span, values
from .settings import choice, slider

ORDER, LONG = 30, 60  # shown; and for what the coefficients say about their radius
LOOKS = {2: ("adjoint", "dotted"), 6: ("tangent", "dashed"), 30: ("primal", "solid")}  # of the static form
LINES = {"dotted": "┈", "dashed": "╌", "solid": "─"}
FAR = 3.0  # shown to both sides where the series has no end


class TaylorExplorer(InteractivePicture, module="taylor_explorer.js", using=("plot.js",)):
    """Taylor polynomials of ``f`` about each centre: ``TaylorExplorer(lambda t: 1 / (1 + t**2), 0.0, 1.0)``.

    The learner predicts what higher orders do outside the disc of convergence, then sets order, centre and x. ``f`` is
    a plain NumPy function of one number. ``poles``: its singularities, complex numbers, if you know them; else those
    at the edge of the disc are estimated from 60 coefficients, as is the radius.

    Attributes for a later cell: ``settings`` (order, centre, x), ``coefficients`` and ``radius`` (by centre, inf where
    there is no end in sight), ``poles`` (by centre), ``remainder``, ``predictions``, ``done``.
    Raises InputError when the function can't be used, and says what to do.

    >>> explorer = TaylorExplorer(lambda t: 1 / (1 + t**2), 0.0, 1.0)
    >>> [round(explorer.radius[c], 3) for c in (0.0, 1.0)], explorer.coefficients[0.0][:5]
    ([1.0, 1.414], [1.0, 0.0, -1.0, 0.0, 1.0])
    """

    def __init__(self, f, *centres, poles=()):
        self.f, self.name, self.centres = f, called(f), [float(c) if _real(c) else c for c in centres or (0.0,)]
        self.coefficients, self.radius, self.poles, self.known = {}, {}, {}, bool(len(poles))
        for c in self.centres:
            number_at(f, c, "TaylorExplorer")
            found = np.array(taylor(f, c, LONG).coefficients, float)
            if not np.all(np.isfinite(found)):
                raise InputError(
                    f"The coefficients of {self.name} about {c:g} overflow.",
                    "there is a singularity so close that powers of 1 / distance are too large for a float.",
                    f"TaylorExplorer(lambda t: {self.name}(t / 1000), ...), or a centre further away",
                )
            self.coefficients[c] = found[: ORDER + 1].tolist()
            self.radius[c], self.poles[c] = _edge(found)
            if len(poles):
                away = np.abs(np.array(poles, complex) - c)
                self.radius[c] = float(away.min())
                self.poles[c] = [complex(p) for p in poles]
            else:
                self.poles[c] = [complex(c + p) for p in self.poles[c]]
        super().__init__(*self._data())

    @property
    def remainder(self):
        """f(x) less the polynomial that is shown, at the x that is shown; nan where f has no value."""
        order, c, x = (self.settings[name] for name in ("order", "centre", "x"))
        (y,) = values(self.f, [x])
        return np.nan if y is None else y - np.polyval(self.coefficients[c][order::-1], x - c)

    def _data(self):
        reach = {c: min(r, 1e6) if isfinite(r) else FAR for c, r in self.radius.items()}
        low, high = (pick(c + side * 1.6 * reach[c] for c in self.centres) for pick, side in ((min, -1), (max, 1)))
        step = 10.0 ** floor(log10((high - low) / 40))
        step *= next(m for m in (1, 2, 5, 10) if m * step >= (high - low) / 80)
        low, high = floor(low / step), ceil(high / step)
        digits = max(0, 1 - floor(log10(step)))
        self.xs = [round(i * step, digits) for i in range(low, high + 1)]
        fine = np.linspace(self.xs[0], self.xs[-1], 4 * (high - low) + 1)
        ys = values(self.f, fine)
        first = self.centres[0]
        self.inside, self.outside = (self._at(first + k * reach[first]) for k in (0.5, 1.3))
        middle = np.median([y for y in ys if y is not None])
        data = {
            "title": f"Taylor explorer: {self.name}", "name": self.name, "known": self.known,
            "xs": self.xs, "ys": values(self.f, self.xs),
            "curve": [[float(t), y] for t, y in zip(fine, ys, strict=True)],
            "window": span(ys, float(middle), 1e-3 + abs(middle) / 10, room=0.4),
            "about": [
                {"centre": c, "coefficients": self.coefficients[c], "radius": finite(self.radius[c]),
                 "poles": [[p.real, p.imag] for p in self.poles[c]], "words": _named(self.poles[c])}
                for c in self.centres
            ],
            "asks": [self._ask_outside(first), *self._ask_radius()], "table": self._sheet(),
        }  # fmt: skip
        settings = {"order": slider("order", 4, 0, ORDER), "x": slider("x", self.inside, self.xs[0], self.xs[-1], step)}
        if len(self.centres) > 1:
            settings["centre"] = choice("centre", {c: number(c) for c in self.centres})
        else:
            settings["centre"] = {"kind": "free", "start": first}
        return data, settings

    def _at(self, x):
        return min(self.xs, key=lambda t: abs(t - x))

    def _ask_outside(self, c):
        r, x = self.radius[c], number(self.outside)
        closer = not isfinite(r)
        why = (
            f"The coefficients about {number(c)} fall faster than any power: no end of the disc is in sight."
            if closer
            else f"The series converges in the disc of radius {number(r, 3)}{' (estimated)' * (not self.known)} about "
            f"{number(c)}, as far as the nearest singularity in the complex plane, and x = {x} lies outside."
        )
        return {
            "name": "outside", "question": f"at x = {x}, what do higher and higher orders about {number(c)} do?",
            "options": [
                ["closer", "they come closer to the function", "How smooth it looks on the real line says nothing."],
                ["away", "they move away from it", "Terms c_k (x - c)^k grow only where the c_k fall too slowly."],
            ],
            "answer": "closer" if closer else "away", "because": why,
            "shown": "they come closer" if closer else "they move away",
        }  # fmt: skip

    def _ask_radius(self):
        """About another centre, where the radius is another."""
        first = self.centres[0]
        for c in self.centres[1:]:
            r, before = self.radius[c], self.radius[first]
            if isfinite(r) and isfinite(before) and abs(r - before) > 0.15 * r:
                yield {
                    "name": "radius", "question": f"how far from {number(c)} does the series about {number(c)} reach?",
                    "answer": r, "shown": f"about {number(r, 3)}", "tolerance": 0.06 * r,
                    "mistakes": [[before, f"That is the radius about {number(first)}; the centre has moved."]],
                    "because": f"The singularity nearest to {number(c)} is {_named(self.poles[c]) or 'that far away'}, "
                    "and the distance is measured in the complex plane.",
                }  # fmt: skip
                return

    def _table(self):
        c = self.centres[0]
        at = (self.inside, self.outside)
        rows = [
            [K, *("" if y is None else number(y - np.polyval(self.coefficients[c][K::-1], x - c), 2)
                  for x, y in zip(at, values(self.f, at), strict=True))]
            for K in range(0, ORDER + 1, 2)
        ]  # fmt: skip
        return f"Remainder of {self.name} about {number(c)}", ("order", *(f"at x = {number(x)}" for x in at)), rows

    def _picture(self):
        c, curve = self.centres[0], self.data["curve"]
        low, high = self.data["window"]
        title = f"Taylor polynomials of {self.name} about {number(c)}"
        axes = Axes(title, (self.xs[0], self.xs[-1], "x"), (low, high, f"{self.name}(x)"))
        r = self.radius[c]
        for edge in (c - r, c + r) if isfinite(r) else ():
            axes.line([(edge, low), (edge, high)], "muted", "dotted", 1.5)
        axes.line(curve, "ink", width=3)
        for k, (K, (role, dash)) in enumerate(LOOKS.items()):
            p = [(t, np.polyval(self.coefficients[c][K::-1], t - c)) for t, _ in curve]
            axes.line(p, role, dash)
            axes.word(f"{LINES[dash]} order {K}", (self.xs[0], high), role, 20 + 18 * k)
        end = f"inside the interval of radius {number(r, 3)} and shoot away outside" if isfinite(r) else "ever further"
        return axes.drawing(
            f"{self.name} and its Taylor polynomials of orders 2, 6 and 30 about {number(c)}. They follow it {end}."
        )


def _real(c):
    return isinstance(c, (int, float, np.integer, np.floating))


def _edge(c):
    """The radius of convergence, and the singularities at its edge as seen from the centre: (R, poles), (inf, []).

    Where the edge has one or two simple poles p, c_(k+1) = a c_k + b c_(k-1) in the end, and 1 = a p + b p².
    Else log |c_k| is about -k log R - q log k, from whose slopes at two places R follows. If the slope doesn't settle,
    there is no end (Cauchy and Hadamard).
    """
    c = np.array(c)
    k = np.flatnonzero(c)
    if not len(k) or k[-1] < LONG // 2:
        return inf, []
    near, far = (_slope(np.abs(c), *ends) for ends in ((14, 36), (36, 58)))
    if near is None or far is None or far[0] > near[0] + 0.1:  # exp: log 25 and log 47. For sqrt, 0.07 and 0.03
        return inf, []
    R = np.exp(far[0] - (near[0] - far[0]) * far[1] / (near[1] - far[1]))
    late = c[-14:] * np.exp(far[0]) ** np.arange(14.0)  # nearly level
    late = late / np.abs(late).max()
    A = np.transpose([late[1:-1], late[:-2]])
    (a, b), *_ = np.linalg.lstsq(A, late[2:], rcond=1e-9)
    if np.abs(A @ [a, b] - late[2:]).max() < 1e-5:
        roots = np.exp(far[0]) * np.roots([b, a, -1.0])
        edge = [p for p in roots if abs(abs(p) / R - 1) < 0.1]
        edge = [complex(round(p.real, 9), round(p.imag, 9)) for p in map(complex, edge)]
        if edge and (len(edge) < 2 or edge[0].imag or edge[0].real * edge[1].real < 0):  # two in a row: a branch point
            return float(min(map(abs, edge))), edge
    return float(R), []


def _slope(c, low, high):
    """How much log |c_k| falls with k between two orders, and log k rises. Among a few about each order the largest
    counts, so that zeros and changes of sign don't matter."""
    ends = []
    for k in (low, high):
        near = np.arange(k - 4, min(k + 3, len(c)))
        if not c[near].any():
            return None
        ends.append(near[np.argmax(c[near] ** (1 / near))])
    i, j = ends
    return np.log(c[i] / c[j]) / (j - i), np.log(j / i) / (j - i)


def _named(poles):
    """Points of the complex plane: "±i", "0.5 + 2i"."""
    names = []
    for p in poles:
        re, im = (0.0 if abs(v) < 1e-6 * abs(p) else float(f"{v:.4g}") for v in (p.real, p.imag))
        twin = any(abs(q - p.conjugate()) < 1e-6 * abs(p) for q in poles) and im
        if twin and im < 0:
            continue
        size = f"{'' if abs(im) == 1 else number(abs(im))}i"
        sign = "±" if twin else "-" if im < 0 else "+"
        if not im:
            names.append(number(re))
        elif not re:
            names.append(sign.strip("+") + size)
        else:
            names.append(f"{number(re)} {sign} {size}")
    return ", ".join(names)
