"""Pages that are safe to open: no script, no request, nothing a student wrote is ever taken for markup.

A template escapes whatever it is given; what is markup already was made here, from text that was escaped or from tags
on a short list. The page's Content-Security-Policy is the second wall: it allows this one style sheet, pictures that
the page itself holds, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache, lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from adcourse.grading.marking.clean import image

SHOWN = 20_000  # characters of one text that a page shows
ESCAPES = re.compile(  # what a terminal would obey: colours and cursor (ECMA-48), titles and links, single letters
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]?"
)
# Control characters, halves of letters, separators of lines; and the characters that reorder or hide others: a name or
# a line of code must read as it is (Boucher and Anderson 2023, "Trojan Source", section 3).
HIDDEN = "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f"
ODD = re.compile(f"([{HIDDEN}])|([\u2028\u2029])|[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")


def legible(text: object, limit: int | None = SHOWN) -> str:
    r"""Any text as a page can show it: no terminal escapes, no control characters, at most ``limit`` characters.

    A carriage return overwrites its line, as in a terminal; what reorders or hides text is shown as its code point.

    >>> legible("\x1b[31mred\x1b[0m, 10%\r 20%\x00")
    ' 20%�'
    >>> legible("user\u202etxt.exe")
    'user‹U+202E›txt.exe'
    """
    text = text if isinstance(text, str) else str(text)
    left_out = max(0, len(text) - limit) if limit else 0
    text = ESCAPES.sub("", text[:limit] if limit else text)
    text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")) if "\r" in text else text
    return seen(text) + (f"\n… {left_out} more characters are not shown." if left_out else "")


def seen(text: str) -> str:
    """A text, or markup, whose odd characters are there to be seen."""
    return ODD.sub(_said, text)


def _said(odd: re.Match) -> str:
    return f"‹U+{ord(odd[1]):04X}›" if odd[1] else "\n" if odd[2] else "�"


@cache
def _lexer():
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return PythonLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True)


@lru_cache(maxsize=1000)  # most cells of a class are as they were released
def code(source: str) -> Markup:
    """Python source, coloured.

    >>> code("x < 1")
    Markup('<span class="n">x</span> <span class="o">&lt;</span> <span class="mi">1</span>')
    """
    from pygments import highlight

    source = legible(source)
    return Markup(highlight(source, *_lexer()).rstrip("\n")) if len(source) < SHOWN else escape(source)


def picture(data: object) -> Markup:
    """The address of a picture that a notebook holds, or "" when it isn't one or is too large to open."""
    data = "".join(data.split()) if isinstance(data, str) else ""
    kind = image(data)
    return Markup(f"data:image/{kind};base64,{data}") if kind else Markup("")


def png(drawn) -> Markup:
    """The address of a Picture of adcourse.show."""
    return Markup(f"data:image/png;base64,{base64.b64encode(drawn.png).decode()}")


def number(value: float) -> str:
    """Points as a person writes them.

    >>> number(2.0), number(0.5), number(1 / 3)
    ('2', '0.5', '0.33')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".") if value == value else "?"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("adcourse.grading.marking"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: value if isinstance(value, Markup) else legible(value),
    )
    environment.filters |= {"number": number, "code": code, "png": png}
    return environment


@cache
def _style() -> tuple[Markup, str]:
    """The style sheet with the course's colours, and its hash for the policy."""
    from adcourse.show import style

    source = _environment().get_template("page.css").render(light=style.variables(), dark=style.variables(dark=True))
    return Markup(source), base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


def render(template: str, **context) -> str:
    """A whole page. Text is escaped wherever it stands; the same context gives the same bytes."""
    style, digest = _style()
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return _environment().get_template(template).render(**context, style=style, policy=Markup(policy))
