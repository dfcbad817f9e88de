"""The picture that CONTRIBUTING.md builds: its module and its class as they stand there."""

import re
from textwrap import dedent


def moving_tangent(repository, folder):
    """``MovingTangent`` of CONTRIBUTING.md, with its two files in ``folder``."""
    page = (repository / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = page[page.index("## Adding an interactive picture") :].partition("\n## ")[0]
    python, module = (dedent(re.search(rf" *```{kind}\n(.*?)```", section, re.DOTALL)[1]) for kind in ("python", "js"))
    path = folder / "moving_tangent.js"
    path.write_text(module, encoding="utf-8")
    source = python.replace('"moving_tangent.js"', repr(str(path)))
    names = {"__package__": "adcourse.widgets", "__name__": "adcourse.widgets.moving_tangent"}
    exec(compile(source, "moving_tangent.py", "exec"), names)
    return names["MovingTangent"]
