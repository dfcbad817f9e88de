"""adcourse.show.figure: what a notebook gets."""

import struct
from html.parser import HTMLParser

import matplotlib.pyplot as plt
import pytest
from IPython.core.interactiveshell import InteractiveShell

from adcourse.core.errors import InputError
from adcourse.show.picture import figure

ALT = 'Error < step & "round-off"\n  grows.'
WORDS = 'Error < step & "round-off" grows.'


def drawn(width=5.0):
    fig, ax = plt.subplots(figsize=(width, 2.0))
    ax.plot([1, 2], [3, 1])
    return fig


class Images(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.found.append(dict(attributes))


@pytest.mark.parametrize("width", [3.0, 7.5])
def test_html_and_png_show_the_same_picture_in_words_and_pixels(width):
    data, _ = InteractiveShell.instance().display_formatter.format(figure(drawn(width), ALT))
    (image,) = Images(data["text/html"]).found
    assert image["alt"] == WORDS == data["text/plain"]
    assert image["src"] == "data:image/png;base64," + data["image/png"].strip()
    picture = figure(drawn(width), ALT)
    pixels, _ = struct.unpack(">II", picture.png[16:24])  # the PNG's own header
    assert int(image["width"]) == pytest.approx(pixels / 2, abs=1)  # twice as fine as shown


def test_the_figure_is_closed():
    fig = drawn()
    figure(fig, "A falling line.")
    assert not plt.fignum_exists(fig.number)


@pytest.mark.parametrize("alt", ["", "  \n", None])
def test_no_picture_without_words(alt):
    with pytest.raises(InputError, match="alt="):
        figure(drawn(), alt)
