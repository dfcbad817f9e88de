"""A Matplotlib figure for a notebook: a picture that also says in words what it shows."""

import re
from base64 import b64encode
from html import escape
from io import BytesIO

from ..core.errors import InputError


def figure(fig, alt):
    """``fig`` as a notebook shows it: an HTML figure with alternative text, and a PNG where HTML can't be had.

    ``alt`` says in a sentence or two what the picture tells, for readers who don't see it; InputError without one.
    The figure is closed, so that a notebook doesn't show it twice. The background is opaque: it reads in both themes.

    >>> from matplotlib.figure import Figure
    >>> figure(Figure(), alt="A rising line.")
    <Picture: A rising line.>
    """
    return Picture(fig, alt)


def image_html(alt, data, kind="png", width=None):
    """A ``<figure>`` of ``width`` pixels, narrower where the page is; below half of that the words in it would be too
    small, and it scrolls. ``data``: the picture's bytes. An SVG picture has its width, and the colours of both themes.
    """
    name = ""
    if kind == "svg+xml":
        name, width = 'class="adcourse-picture" ', int(re.search(rb' width="(\d+)', data)[1])
    return (
        f'<figure style="margin:0.5em 0;overflow-x:auto"><img {name}alt="{escape(alt)}" width="{width}" '
        f'style="max-width:100%;min-width:{width // 2}px" '
        f'src="data:image/{kind};base64,{b64encode(data).decode()}"></figure>'
    )


class Picture:
    """PNG data with alternative text: ``.png``, ``.alt``, ``.html()``."""

    def __init__(self, fig, alt):
        if not isinstance(alt, str) or not alt.strip():
            raise InputError(
                f"figure got alt={alt!r}.",
                "a reader who can't see the picture has nothing but this text.",
                'figure(fig, alt="The error falls with h down to 1e-8 and rises again below.")',
            )
        self.alt = " ".join(alt.split())
        self.width = round(96 * fig.get_size_inches()[0])
        data = BytesIO()
        fig.savefig(data, format="png", dpi=192)
        self.png = data.getvalue()
        from matplotlib import pyplot

        pyplot.close(fig)

    def html(self):
        """A ``<figure>`` that needs nothing but itself, at the figure's own size, narrower where the page is."""
        return image_html(self.alt, self.png, width=self.width)

    def __repr__(self):
        return f"<Picture: {self.alt}>"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": self.alt, "text/html": self.html(), "image/png": b64encode(self.png).decode()}
