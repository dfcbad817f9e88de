"""What every interactive picture shares: its page elements, its theme, a static form and an export to one file.

A picture is one Python class and one ES module. The class names the module, computes all data once in the kernel and
says what the picture shows where nothing moves; the module defines ``render({model, el})`` with the helpers of
``frame.js``, which is put in front of it. Only ``step`` and ``predictions`` travel back.
"""

import json
from html import escape
from pathlib import Path

import anywidget
import traitlets

from ..show import style

HERE = Path(__file__).parent


def theme():
    """The style sheet of all pictures: the palette for both themes, the look of a graph, the frame."""
    light, dark = style.variables(), style.variables(dark=True)
    return "\n".join(
        (
            f".adcourse {{ {light} color-scheme: light; }}",
            f'[data-jp-theme-light="false"] .adcourse {{ {dark} color-scheme: dark; }}',
            "@media (prefers-color-scheme: dark) { body:not([data-jp-theme-light]) .adcourse "
            f"{{ {dark} color-scheme: dark; }} }}",
            style.GRAPH_CSS,
            (HERE / "frame.css").read_text(encoding="utf-8"),
        )
    )


class InteractivePicture(anywidget.AnyWidget):
    """The common parent of the interactive pictures. A subclass is declared with its module's file name."""

    data = traitlets.Dict().tag(sync=True)
    step = traitlets.Int(0, help="the step that is shown; 0 is the beginning").tag(sync=True)
    predictions = traitlets.List(help="the learner's predictions, each with its verdict").tag(sync=True)

    def __init_subclass__(cls, module=None, **options):
        if module:
            parts = (HERE / name for name in ("frame.js", module))
            cls._esm = "\n".join(part.read_text(encoding="utf-8") for part in parts)
            cls._css = theme()
        super().__init_subclass__(**options)

    @property
    def done(self):
        """Whether the last step has been reached."""
        return self.step == self.last

    @property
    def last(self):
        """The number of the last step."""
        return len(self.data["steps"])

    @traitlets.validate("step")
    def _inside(self, proposal):
        return min(max(proposal["value"], 0), self.last if self.data else 0)

    def static_html(self):
        """What the picture shows without JavaScript: a figure with alternative text, and a table."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **options):
        """The live picture, and its static form for whoever can't run it: GitHub, a PDF, a notebook without kernel."""
        bundle = super()._repr_mimebundle_(**options)
        data, *metadata = bundle if isinstance(bundle, tuple) else (bundle,)
        data = {**data, "text/plain": repr(self), "text/html": self.static_html()}
        return (data, *metadata) if metadata else data

    def __repr__(self):
        return f"{type(self).__name__}: step {self.step} of {self.last}"

    def to_html(self, path):
        """Write the picture to one HTML file that opens from disk, without kernel or network. Returns the path."""
        state = {"data": self.data, "step": 0, "predictions": []}
        page = PAGE.format(
            title=escape(self.data["title"]), css=self._css, module=self._esm, static=self.static_html(),
            state=json.dumps(state).replace("<", "\\u003c"),
        )  # fmt: skip
        path = Path(path)
        path.write_text(page, encoding="utf-8")
        return path


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
