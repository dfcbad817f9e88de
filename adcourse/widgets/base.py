"""What every interactive picture shares: its page elements, its theme, a static form and an export to one file.

A picture is one Python class and one ES module. The class names the module, computes all data once in the kernel and
says what the picture shows where nothing moves; the module defines ``render({model, el})`` with the helpers of
``shell.js``, which is put in front of it, and of what else the class uses: ``frame.js`` for steps, ``plot.js`` for
axes, ``table.js`` for a table whose cells change. Only ``step``, ``settings`` and ``predictions`` travel back.
"""

import json
import re
from html import escape
from pathlib import Path

import anywidget
import traitlets

from ..show import style
from .settings import checked

HERE = Path(__file__).parent
BLANKS = re.compile(
    r"""("(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`)  # strings and templates stay as they are
    | ,(?=(?:\s|//[ ].*)+[)\]}]) | ;(?=(?:\s|//[ ].*)+})  # nothing follows in the list, in the block
    | (?:\s|//[ ].*)*([=<>!+*?:,;&|(){}\[\]])(?:\s|//[ ].*)* | [ ]([-/])[ ](?=[\w(])""",
    re.VERBOSE,
)


def theme():
    """The style sheet of all pictures: the palette for both themes, the look of a graph, the page elements."""
    light, dark = style.variables(), style.variables(dark=True)
    return "\n".join(
        (
            f".adcourse {{ {light} color-scheme: light; }}",
            f'[data-jp-theme-light="false"] .adcourse {{ {dark} color-scheme: dark; }}',
            "@media (prefers-color-scheme: dark) { body:not([data-jp-theme-light]) .adcourse "
            f"{{ {dark} color-scheme: dark; }} }}",
            style.GRAPH_CSS,
            (HERE / "shell.css").read_text(encoding="utf-8"),
        )
    )


def _lean(path):
    """A module without its comments, blanks around punctuation and last commas: it is sent anew for each picture shown.

    Every statement ends in a semicolon. Strings and templates stay as they are; a template in a template would not,
    nor would a blank in a regular expression.
    """
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    code = "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"
    return BLANKS.sub(lambda found: found[1] or found[2] or found[3] or "", code)


class InteractivePicture(anywidget.AnyWidget):
    """The common parent of the interactive pictures: ``class MyPicture(InteractivePicture, module="my_picture.js")``.

    ``using`` names the shared modules it needs besides ``shell.js``. A subclass gives ``data``, all that its module
    shows, with a ``title``; ``settings``, the declarations of what the learner sets (see ``settings.py``); and
    ``_picture`` with ``_table``, its static form. ``data["asks"]`` are the questions asked before the reveal.
    """

    data = traitlets.Dict().tag(sync=True)
    step = traitlets.Int(0, help="the step that is shown; 0 is the beginning").tag(sync=True)
    settings = traitlets.Dict(help="what the learner has set, by name").tag(sync=True)
    predictions = traitlets.List(help="the learner's predictions, each with its verdict").tag(sync=True)

    def __init_subclass__(cls, module=None, using=(), **options):
        if module:
            cls._esm = "\n".join(_lean(HERE / name) for name in ("shell.js", *using, module))
            cls._css = theme()
        super().__init_subclass__(**options)

    def __init__(self, data, settings=None):
        declared = settings or {}
        super().__init__(
            data={**data, "settings": declared}, settings={name: how["start"] for name, how in declared.items()}
        )

    @property
    def done(self):
        """Whether the last step has been reached and every question has been answered, or its answer looked up."""
        asked = {question["name"] for question in self.data.get("asks", ())}
        return self.step == self.last and asked <= {made["name"] for made in self.predictions}

    @property
    def last(self):
        """The number of the last step."""
        return len(self.data.get("steps", ()))

    @traitlets.validate("step")
    def _inside(self, proposal):
        return min(max(proposal["value"], 0), self.last if self.data else 0)

    @traitlets.validate("settings")
    def _possible(self, proposal):
        return {**self.settings, **checked(proposal["value"], self.data.get("settings", {}))}

    def _picture(self):
        """What the picture shows in the end: something whose ``html()`` is a figure with alternative text."""
        raise NotImplementedError

    def _table(self):
        """The numbers of the picture: a caption, headings, rows."""
        raise NotImplementedError

    def _sheet(self):
        """The same in words, for ``data`` and the module's ``sheet``."""
        caption, head, rows = self._table()
        return [caption, list(head), [list(map(str, row)) for row in rows]]

    def static_html(self):
        """What the picture shows without JavaScript: a figure with alternative text, and a table."""
        return self._picture().html() + table_html(*self._sheet())

    def _repr_mimebundle_(self, **options):
        """The live picture, and its static form for whoever can't run it: GitHub, a PDF, a notebook without kernel."""
        bundle = super()._repr_mimebundle_(**options)
        data, *metadata = bundle if isinstance(bundle, tuple) else (bundle,)
        data = {**data, "text/plain": repr(self), "text/html": self.static_html()}
        return (data, *metadata) if metadata else data

    def __repr__(self):
        state = ", ".join(f"{name} = {value!r}" for name, value in self.settings.items())
        steps = f"step {self.step} of {self.last}" if self.last else ""
        return f"{type(self).__name__}: " + (", ".join(filter(None, (steps, state))) or "nothing to set")

    def to_html(self, path):
        """Write the picture to one HTML file that opens from disk, without kernel or network. Returns the path."""
        start = {name: how["start"] for name, how in self.data["settings"].items()}
        state = {"data": self.data, "step": 0, "settings": start, "predictions": []}
        page = PAGE.format(
            title=escape(self.data["title"]), css=self._css, module=self._esm, static=self.static_html(),
            state=json.dumps(state).replace("<", "\\u003c"),
        )  # fmt: skip
        path = Path(path)
        path.write_text(page, encoding="utf-8")
        return path


def table_html(caption, head, rows):
    """A table of words, folded away below a picture."""
    line = lambda tag, cells, close: "".join(f"<{tag}>{escape(cell)}</{close}>" for cell in cells)
    body = "".join(f'<tr><th scope="row">{escape(first)}</th>{line("td", rest, "td")}</tr>' for first, *rest in rows)
    return (
        f"<details><summary>The picture as a table</summary><table><caption>{escape(caption)}</caption>"
        f"<thead><tr>{line('th scope=col', head, 'th')}</tr></thead><tbody>{body}</tbody></table></details>"
    )


PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ margin: 1rem auto; max-width: 70rem; padding: 0 1rem; font-family: system-ui, sans-serif; }}
{css}
</style>
</head>
<body>
<main>
<div id="picture"></div>
<noscript>{static}</noscript>
</main>
<script type="module">
{module}
const state = {state};
const model = {{
  get: (name) => state[name],
  set: (name, value) => {{ state[name] = value; }},
  save_changes() {{}}, on() {{}}, off() {{}},
}};
render({{ model, el: document.getElementById("picture") }});
</script>
</body>
</html>
"""
