"""Pictures that the kernel draws, as SVG: the live picture shows them as they stand, the static form as an image.

The page's theme gives the colours, by role; the image brings both themes along and takes what its reader prefers.
"""

from html import escape
from math import floor, log10

from ..show import style
from ..show.picture import image_html
from ..show.series import RAISED

DASHES = {"solid": "", "dashed": "7 4", "dotted": "2 4"}
SHAPES = {
    "square": "m-4 -4h8v8h-8z", "circle": "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0", "triangle": "m0 -5l5 9h-10z",
}  # fmt: skip


def words(x, y, text, role="ink", anchor="start", more=""):
    """A word or two at a place."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" style="fill:var(--ac-{role})"'
    return f"<text {place}{more}>{escape(text)}</text>"


def stroke(path, role="line", width=1.0, dash="solid", more=""):
    """A line along an SVG path."""
    dashed = f' stroke-dasharray="{DASHES[dash]}"' if DASHES[dash] else ""
    return f'<path d="{path}" style="fill:none;stroke:var(--ac-{role});stroke-width:{width:g}"{dashed}{more}/>'


def mark(x, y, shape, role, more=""):
    """A point: a square, a circle or a triangle."""
    return f'<path d="M{x:.1f} {y:.1f}{SHAPES[shape]}" style="fill:var(--ac-{role})"{more}/>'


class Log:
    """A logarithmic axis from 1 to ``top``, along so many pixels.

    >>> Log(1000, 300).at(10), Log(1000, 300).ticks
    (100.0, [1, 10, 100, 1000])
    """

    def __init__(self, top, pixels):
        self.decades, self.pixels = max(log10(max(top, 10)), 1.0), pixels
        each = 1 + floor(self.decades) // 6
        self.ticks = [10**k for k in range(0, floor(self.decades + 1e-9) + 1, each)]

    def at(self, value):
        return self.pixels * log10(max(value, 1)) / self.decades


def power(value):
    """A power of ten as a label.

    >>> power(100), power(10**6)
    ('100', '10⁶')
    """
    return f"{value:,}" if value < 10**4 else "10" + str(round(log10(value))).translate(RAISED)


class Drawing:
    """An SVG picture of this size, made of ``parts``; ``alt`` says what it shows."""

    def __init__(self, width, height, alt, parts):
        self.width, self.height, self.alt, self.body = width, height, " ".join(alt.split()), "".join(parts)

    def inline(self):
        """The picture for a page that has the theme: an ``<svg>``."""
        return (
            f'<svg class="drawn" role="img" aria-label="{escape(self.alt)}" viewBox="0 0 {self.width} {self.height}" '
            f'style="width:{self.width}px;min-width:{0.7 * self.width:.0f}px">{self.body}</svg>'
        )

    def html(self):
        """The picture as an image with alternative text, which needs nothing but itself."""
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}" '
            f'viewBox="0 0 {self.width} {self.height}"><style>svg {{ {style.variables()} }} @media '
            f"(prefers-color-scheme: dark) {{ svg {{ {style.variables(dark=True)} }} }} "
            "text { font: 13px system-ui, sans-serif }</style>"
            f'<rect width="100%" height="100%" style="fill:var(--ac-paper)"/>{self.body}</svg>'
        )
        return style.FOLLOW_THEME + image_html(self.alt, svg.encode(), "svg+xml")


def beside(drawings, alt):
    """Drawings next to one another as one; ``alt`` says what they show together."""
    parts, width = [], 0
    for each in drawings:
        parts.append(f'<svg x="{width}" width="{each.width}" height="{each.height}">{each.body}</svg>')
        width += each.width
    return Drawing(width, max(each.height for each in drawings), alt, parts)
