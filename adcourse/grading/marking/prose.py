"""The text cells of a notebook, as markup that a page may hold.

What was released is rendered with its formulas as MathML: browsers draw that by themselves, without a script or a
request. What a student changed or wrote is rendered by the grading's own sanitiser, its formulas as they were typed.
Neither makes a link, a picture or an id.
"""

from __future__ import annotations

import re
from functools import lru_cache

import nh3
from latex2mathml.converter import convert
from markupsafe import Markup, escape
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from adcourse.grading.marking.clean import clean_markdown
from adcourse.grading.marking.pages import seen

TAGS = set(
    "p br hr strong em b i u s del sub sup code pre kbd blockquote ul ol li dl dt dd details summary "
    "table caption thead tbody tfoot tr th td h1 h2 h3 h4 h5 h6".split()
)
MATHML = set(
    "math mrow mi mn mo mtext mspace mfrac msqrt mroot mstyle mfenced msub msup msubsup munder mover munderover "
    "mtable mtr mtd".split()
)
SHAPE = {"*": set("display stretchy fence separator accent width mathvariant columnalign linebreak".split())}
FORMULA = re.compile("\ue000(\\d+)\ue001")  # where a formula goes once the rest is clean


def prose(source: str, trusted: bool) -> Markup:
    r"""Markup for a text cell; ``trusted`` for what the teacher released.

    >>> prose("# One\n\n[a link](https://example.org) and *two*", trusted=True)
    Markup('<h3>One</h3>\n<p>a link and <em>two</em></p>\n')
    >>> prose("*one* <script>two</script>", trusted=False)
    Markup('<p><em>one</em> </p>\n')
    """
    source = seen(source)
    return _rendered(source) if trusted else _ours(_cleaned(source))


def as_released(source: str, released: str) -> bool:
    """Whether a text cell still is what was released, or what the grading makes of that."""
    return source in (released, _cleaned(released))


@lru_cache(maxsize=2000)
def _cleaned(source: str) -> str:
    return clean_markdown(source)


def _ours(html: str) -> Markup:
    """Markup of the few tags that a page of ours has, headings below the page's own."""
    clean = seen(nh3.clean(html, tags=TAGS, attributes={}, clean_content_tags={"script", "style"}))
    return Markup(re.sub(r"(</?h)([1-6])>", lambda tag: f"{tag[1]}{min(6, int(tag[2]) + 2)}>", clean))


@lru_cache(maxsize=2000)
def _rendered(source: str) -> Markup:
    renderer = _Renderer()
    html = MarkdownWithMath(renderer=renderer).render(re.sub("[\ue000\ue001]", "", source))
    return Markup(FORMULA.sub(lambda place: renderer.formulas[int(place[1])], _ours(html)))


class _Renderer(IPythonRenderer):
    """Links and pictures become their words; formulas wait in ``formulas``."""

    def __init__(self):
        super().__init__(escape=False, exclude_anchor_links=True)
        self.formulas: list[str] = []

    def link(self, text: str, url: str, title: str | None = None) -> str:
        return text

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return f"<em>(picture: {text})</em>" if text else ""

    def inline_math(self, body: str) -> str:
        return self._formula(body, "inline")

    def block_math(self, body: str) -> str:
        return self._formula(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        return self._formula(rf"\begin{{{name}}}{body}\end{{{name}}}", "block")

    def _formula(self, body: str, display: str) -> str:
        try:
            formula = nh3.clean(convert(body.strip(), display=display), tags=MATHML, attributes=SHAPE)
        except Exception:  # not all of LaTeX is known there: then its source is what there is to read
            formula = f"<code>{escape(body.strip())}</code>"
        if display == "block":  # wide ones scroll, also for the keyboard
            formula = f'<span class="formula" tabindex="0" role="group" aria-label="Formula">{formula}</span>'
        self.formulas.append(formula)
        return f"\ue000{len(self.formulas) - 1}\ue001"
