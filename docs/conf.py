"""Sphinx's settings for the book, which ``python docs/build.py`` makes."""

import os
import re
from unicodedata import lookup

from docutils.nodes import SkipNode
from latex2mathml.converter import convert

import adcourse

project = "adcourse"
author = "The adcourse developers"
copyright = "The adcourse developers. Text and pictures: CC BY 4.0; code: BSD-3-Clause"
version = release = adcourse.__version__
extensions = ["myst_nb", "sphinx.ext.autodoc"]
smartquotes = False  # f'' is a derivative
exclude_patterns = ["README.md"]  # index.md has it

html_theme = "furo"
html_title = f"adcourse {release}"
html_static_path = ["book.css"]
html_css_files = ["book.css"]
html_math_renderer = "mathml"
html_copy_source = False

myst_enable_extensions = ["dollarmath", "amsmath", "html_image"]
myst_heading_anchors = 4

nb_execution_mode = "cache"  # where and of which lectures, says build.py
nb_execution_raise_on_error = True
nb_execution_timeout = 600
nb_execution_in_temp = True
nb_merge_streams = True
os.environ["TQDM_DISABLE"] = "1"  # a progress bar writes over its own line, and on a page into the next
# An interactive picture shows its static form: there is no kernel, and the widget's view would ask a server for code.
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]
nb_ipywidgets_js = {}

autodoc_member_order = "bysource"
autodoc_typehints = "none"

# Kept in docstrings: examples, code, titles in italics, the dots of a list.
MARKUP = re.compile(r"(^ *>>>.*?(?:\n *\n|\Z)|``.*?``|(?<!\w)\*[A-Z][^*]*\*(?!\w)|^ *\* )", re.S | re.M)
PUBLIC = "|".join(name for name in adcourse.__all__ if callable(getattr(adcourse, name)))
NAME = re.compile(rf"^``(?:adcourse\.)?({PUBLIC})``$")


def plain(app, what, name, obj, options, lines):
    """Formulas stand in docstrings as plain text: what else would be markup isn't meant. Public names are links."""
    parts = MARKUP.split("\n".join(lines))
    parts[::2] = (re.sub(r"([*|_`\\])", r"\\\1", part) for part in parts[::2])
    parts[1::2] = (NAME.sub(r":py:obj:`~adcourse.\1`", part) for part in parts[1::2])
    lines[:] = "".join(parts).split("\n")


def letter(found):
    """ℝ, 𝔼, ℒ as characters of their own: browsers have dropped the styles of letters from MathML."""
    style, capital = found.groups()
    try:
        return lookup(f"{style} CAPITAL {capital}")
    except KeyError:
        return lookup(f"MATHEMATICAL {style} CAPITAL {capital}")


def mathml(display):
    def visit(self, node):
        formula = convert(node.astext(), display=display)
        formula = re.sub(r'(?<=<mi) mathvariant="(double-struck|script)">([A-Z])', lambda m: ">" + letter(m), formula)
        if display == "block":  # a wide one scrolls, also by the keyboard
            formula = f'<div class="formula" tabindex="0" role="group" aria-label="Formula">{formula}</div>'
        self.body.append(formula)
        raise SkipNode

    return visit, None


def setup(app):
    app.connect("autodoc-process-docstring", plain)
    app.add_html_math_renderer("mathml", mathml("inline"), mathml("block"))
