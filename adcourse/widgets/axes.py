"""Two axes that the kernel draws, linear or logarithmic, for a static form: the counterpart of ``plot.js``."""

from math import ceil, floor, hypot, isfinite, log10

from ..show.words import number
from .drawn import Drawing, mark, stroke, words

LEFT, TOP, RIGHT, BELOW = 62, 30, 16, 46


class Scale:
    """Values between ``low`` and ``high`` as pixels from ``start`` to ``end``; ``ticks`` are round ones.

    >>> Scale(0, 10, 0, 100).at(2.5), Scale(0, 10, 0, 100).ticks
    (25.0, [0, 2, 4, 6, 8, 10])
    >>> Scale(1e-4, 1, 0, 100, log=True).at(0.01)
    50.0
    """

    def __init__(self, low, high, start, end, log=False):
        self.of = log10 if log else float
        self.low, self.high, self.start, self.end = self.of(low), self.of(high), start, end
        unit = 10.0 ** floor(log10((self.high - self.low) / 6))
        stride = next(m * unit for m in (1, 2, 5, 10) if m * unit >= (self.high - self.low) / 6)
        stride = max(1, round(stride)) if log else stride
        places = range(ceil(self.low / stride - 1e-9), floor(self.high / stride + 1e-9) + 1)
        self.ticks = [10.0 ** (k * stride) if log else float(f"{k * stride:.9g}") for k in places]
        self.ticks = [int(t) if t == int(t) and abs(t) < 1e9 else t for t in self.ticks]

    def at(self, value):
        """The pixel of a value; inf where it has none."""
        try:
            part = (self.of(value) - self.low) / (self.high - self.low)
        except (TypeError, ValueError):
            return float("inf")
        return self.start + part * (self.end - self.start)


class Axes:
    """Axes with ``title`` and labels; add lines, points and words, then take the ``drawing``.

    ``x`` and ``y`` are (low, high, label); ``log``: both logarithmic.
    """

    def __init__(self, title, x, y, log=False, width=620, height=360):
        self.width, self.height, self.inside = width, height, []
        wide, high = width - LEFT - RIGHT, height - TOP - BELOW
        self.x, self.y = Scale(*x[:2], 0, wide, log), Scale(*y[:2], high, 0, log)
        self.size = wide, high
        self.frame = [words(LEFT, 18, title, more=' font-weight="600"')]
        for t in self.x.ticks:
            at = LEFT + self.x.at(t)
            self.frame.append(stroke(f"M{at:.1f} {TOP}v{high}", width=0.4))
            self.frame.append(words(at, TOP + high + 16, number(t, 3), anchor="middle"))
        for t in self.y.ticks:
            at = TOP + self.y.at(t)
            self.frame.append(stroke(f"M{LEFT} {at:.1f}h{wide}", width=0.4))
            self.frame.append(words(LEFT - 6, at + 4, number(t, 3), anchor="end"))
        self.frame.append(words(LEFT + wide / 2, height - 10, x[2], anchor="middle"))
        turned = f' transform="translate(14 {TOP + high / 2:.0f}) rotate(-90)"'
        self.frame.append(words(0, 0, y[2], anchor="middle", more=turned))

    def _places(self, points):
        for a, b in points:
            at = self.x.at(a), self.y.at(b)
            yield tuple(min(max(v, -1e4), 1e4) for v in at) if all(map(isfinite, at)) else None

    def line(self, points, role, dash="solid", width=2.0):
        """A line, which breaks where a point can't be shown."""
        path, pen = "", "M"
        for at in self._places(points):
            path += f"{pen}{at[0]:.1f} {at[1]:.1f}" if at else ""
            pen = "L" if at else "M"
        self.inside.append(stroke(path, role, width, dash))

    def arrow(self, tail, head, role, width=2.5):
        """An arrow from point to point, if both can be shown."""
        ends = [at for at in self._places([tail, head]) if at]
        if len(ends) < 2:
            return
        (a, b), (c, d) = ends
        size = 5 / (hypot(c - a, d - b) or 1)
        x, y = (c - a) * size, (d - b) * size
        tip = f"M{c:.1f} {d:.1f}l{y - 2 * x:.1f} {-x - 2 * y:.1f} {-2 * y:.1f} {2 * x:.1f}z"
        self.inside.append(stroke(f"M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}{tip}", role, width))

    def points(self, points, shape, role):
        """Points of one shape."""
        self.inside += [mark(*at, shape, role) for at in self._places(points) if at]

    def word(self, text, place, role, down=0, anchor="start"):
        """A word or two at a point, ``down`` pixels below it."""
        for at in self._places([place]):
            halo = ";paint-order:stroke;stroke:var(--ac-paper);stroke-width:4px"
            self.inside.append(words(at[0], at[1] + down, text, role, anchor).replace(')"', f'){halo}"', 1))

    def drawing(self, alt):
        """The picture; ``alt`` says what it shows."""
        area = f'<svg x="{LEFT}" y="{TOP}" width="{self.size[0]}" height="{self.size[1]}">{"".join(self.inside)}</svg>'
        return Drawing(self.width, self.height, alt, [*self.frame, area])
