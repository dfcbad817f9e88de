"""The picture that docs/adding_a_picture.md builds: its module and its class as they stand there."""

from tests.guides import blocks


def moving_tangent(folder):
    """``MovingTangent`` of that page, with its two files in ``folder``."""
    (python,), (module,) = (blocks("adding_a_picture.md", kind) for kind in ("python", "js"))
    path = folder / "moving_tangent.js"
    path.write_text(module, encoding="utf-8")
    source = python.replace('"moving_tangent.js"', repr(str(path)))
    names = {"__package__": "adcourse.widgets", "__name__": "adcourse.widgets.moving_tangent"}
    exec(compile(source, "moving_tangent.py", "exec"), names)
    return names["MovingTangent"]
