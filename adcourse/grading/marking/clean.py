"""A student's Markdown as HTML that can be shown to others: no script, no request, nothing that leaves its place.

Sanitising Markdown before it is rendered is unsound: what looks like text may come out as a link or a tag. So it is
rendered first, by nbconvert itself, and the HTML is sanitised.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from html import escape
from io import BytesIO

LONGEST = 20_000  # characters of Markdown in a cell; more is shown as it was typed
DEEP = 60  # tags in tags
PIXELS = 4_000  # width and height of an image
IMAGE = 3_000_000  # characters of base64
FORMATS = {"png": "PNG", "jpeg": "JPEG", "gif": "GIF"}

_TAGS = set(
    "p div span br hr h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table caption thead tbody tfoot tr th td pre code kbd samp "
    "var blockquote q cite em strong b i u s del ins sub sup small mark abbr details summary figure figcaption a img"
    "".split()
)
_ATTRIBUTES = {
    "a": {"href", "title"}, "img": {"src", "alt", "title", "width", "height"}, "ol": {"start"}, "abbr": {"title"},
    "th": {"align"}, "td": {"align"}, "details": {"open"},
}  # fmt: skip
_GONE = {"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title", "textarea", "select"}
_LINK = re.compile(r"(?:https?://|mailto:)[^\s]+", re.I)
_DATA = re.compile(r"data:image/(png|jpeg|gif);base64,([A-Za-z0-9+/=\s]+)")
_NUMBER = re.compile(r"\d{1,3}")
# TeX that makes links or styles, or changes what other TeX on the page means.
_MACROS = re.compile(
    r"\\(?=(?:href|url|class|cssId|style|data|html\w*|require|unicode|bbox|enclose|action|toggle|mathtip|texttip|tip|"
    r"includegraphics|[egx]?def|let|futurelet|global|newcommand|renewcommand|providecommand|newenvironment|"
    r"renewenvironment|Declare\w+)(?![a-zA-Z]))"
)
_TAG = re.compile(r"<(/?)([a-z0-9]+)")
_OPENERS = re.compile(r"\\\[|\\\(|\\begin|\$\$|!?\[|<")


def clean_markdown(source: str, attachments: Mapping = {}) -> str:
    """The Markdown as HTML on one line, which means the same to a Markdown renderer: itself. Never raises.

    >>> clean_markdown("**x** [y](javascript:alert(1)) <img src=x onerror=alert(1)>")
    '<div><p><strong>x</strong> <a rel="noopener noreferrer">y</a> <img></p>&#10;</div>'
    """
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath  # slow to import

    openers = len(_OPENERS.findall(source[:LONGEST]))
    if len(source) > LONGEST or openers * len(source) > 4_000_000:  # renderers look for the end of each
        return as_typed(source)
    try:
        renderer = IPythonRenderer(escape=False, exclude_anchor_links=True, attachments=_Attached(attachments))
        html = clean_html(MarkdownWithMath(renderer=renderer).render(source))
    except Exception:  # a renderer may stumble over anything
        return as_typed(source)
    return html if _depth(html) <= DEEP else as_typed(source)


def clean_html(html: str) -> str:
    """HTML that can do nothing but be read, on one line in a ``div``. Images are those that it brings along."""
    import nh3

    kept = nh3.clean(
        html, tags=_TAGS, attributes=_ATTRIBUTES, attribute_filter=_attribute, clean_content_tags=_GONE,
        url_schemes={"http", "https", "mailto", "data"},
    )  # fmt: skip
    return _one_line(f"<div>{_MACROS.sub(_unslashed, kept)}</div>")


def as_typed(source: str) -> str:
    """Any text as HTML that shows it."""
    return _one_line(f'<div><pre class="tex2jax_ignore mathjax_ignore">{escape(source)}</pre></div>')


def image(data: str, formats: Mapping[str, str] = FORMATS) -> str:
    """What kind of image the base64 text is ("png", ...), or "" when it is none that may be shown."""
    from PIL import Image

    if len(data) > IMAGE:
        return ""
    try:
        raw = base64.b64decode("".join(data.split()), validate=True)
        with Image.open(BytesIO(raw), formats=list(formats.values())) as opened:  # reads the header alone
            kind, size = opened.format, opened.size
    except (OSError, ValueError, binascii.Error, Image.DecompressionBombError, SyntaxError, Warning):
        return ""
    except Exception:  # a decoder may stumble over anything
        return ""
    return {v: k for k, v in formats.items()}.get(kind, "") if max(size) <= PIXELS else ""


class _Attached(dict):
    """Attachments by name; one that doesn't exist is an image without content, not an error."""

    def __contains__(self, name):
        return True

    def __missing__(self, name):
        return {"image/png": ""}


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "href":
        return value if _LINK.fullmatch(value) else None
    if name == "src":
        data = _DATA.fullmatch(value)
        return value if data and image(data[2]) == data[1] else None
    if name in ("width", "height", "start"):
        return value if _NUMBER.fullmatch(value) else None
    return value[:300]


def _unslashed(match: re.Match) -> str:
    return "\\ "


def _depth(html: str) -> int:
    depth = deepest = 0
    for closing, tag in _TAG.findall(html):
        if tag not in ("br", "hr", "img"):
            depth += -1 if closing else 1
            deepest = max(deepest, depth)
    return deepest


def _one_line(html: str) -> str:
    """Without line ends, and so without the blank line at which Markdown would begin again."""
    return re.sub(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]", "&#10;", html)
