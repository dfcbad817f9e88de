"""A Matplotlib figure for a notebook: a picture that also says in words what it shows."""

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
        data = b64encode(self.png).decode()
        return (
            f'<figure style="margin:0.5em 0"><img alt="{escape(self.alt)}" width="{self.width}" '
            f'style="max-width:100%" src="data:image/png;base64,{data}"></figure>'
        )

    def __repr__(self):
        return f"<Picture: {self.alt}>"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": self.alt, "text/html": self.html(), "image/png": b64encode(self.png).decode()}
