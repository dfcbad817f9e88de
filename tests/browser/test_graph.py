"""The drawn graph in a real browser: letters fit their boxes, colours follow the page's theme, contrast is there."""

import struct
import zlib

import pytest

from adcourse import record
from adcourse.show import graph, style

from ..show.programs import CASES, LARGE

MEASURE = """() => [...document.querySelectorAll("svg .node")].flatMap((node) => {
  const frames = node.querySelectorAll("rect");
  const box = frames[frames.length - 1].getBoundingClientRect();
  return [...node.querySelectorAll("text")].map((text) => {
    const words = text.getBoundingClientRect();
    const across = [words.left - box.left, box.right - words.right];
    const down = [words.top - box.top, box.bottom - words.bottom];
    return [text.textContent, ...across, ...down];
  });
})"""


def corner(page):
    """The colour "#rrggbb" of the picture's upper left pixel, which is its paper."""
    data, pixels = page.locator("img").screenshot(), b""
    while data[8:]:
        (length,) = struct.unpack(">I", data[8:12])
        if data[12:16] == b"IDAT":
            pixels += data[16 : 16 + length]
        data = data[:8] + data[20 + length :]
    return "#" + zlib.decompress(pixels)[1:4].hex()  # the first pixel: filters have nothing before it to refer to


@pytest.mark.parametrize("name", ["running_example", "layer", "softmax", *LARGE])
def test_letters_fit_their_boxes(open_page, pictures, name):
    tape = record(*{**CASES, **LARGE}[name])
    page = open_page()
    for dark in (False, True):
        page.set_content(f'<body style="margin:0">{graph(tape, adjoints=True).svg(dark=dark)}</body>')
        for text, *room in page.evaluate(MEASURE):
            assert min(room) >= 0, text
        page.locator("svg").screenshot(path=pictures / f"graph-{name}-{'dark' if dark else 'light'}.png")


@pytest.mark.parametrize(
    "theme, scheme, dark",
    [
        ("", "light", False),
        ("", "dark", True),
        ('data-jp-theme-light="true"', "dark", False),
        ('data-jp-theme-light="false"', "light", True),
    ],
)
def test_the_picture_follows_jupyterlabs_theme_and_elsewhere_the_reader(open_page, theme, scheme, dark):
    page = open_page(scheme=scheme)
    page.set_content(f"<body {theme}>{graph(record(*CASES['running_example'])).html()}</body>")
    assert corner(page) == style.colours(dark)["paper"]
