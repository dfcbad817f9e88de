"""The notebook for nbgrader's autograded folder: what was handed in, in the released frame, with the verdicts.

Formgrader, manual grading and feedback read it as if nbgrader had made it. Nothing hidden is in it, since a test cell
has its released source; nothing of the student's can act in it, since every cell is made anew: code is text, Markdown
is sanitised, outputs are text and images.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape

from adcourse.grading.marking.clean import as_typed, clean_markdown, image
from adcourse.grading.marking.frame import Frame
from adcourse.grading.marking.handed import ID
from adcourse.grading.marking.rebuild import Place, Rebuilt
from adcourse.grading.marking.report import Verdict
from adcourse.grading.marking.runner import Ran

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")  # also what turns text around
LONGEST = 50_000  # characters of a cell that are shown
ALL = 1_000_000  # characters of all cells that are shown
OUTPUT = 64_000  # characters of what a cell said


def autograded(frame: Frame, rebuilt: Rebuilt, ran: Ran | None, verdicts: Iterable[Verdict]) -> dict:
    """The notebook as nbformat 4.5, ready for ``json.dump``. ``ran`` is None when nothing ran.

    A verdict stands below the test cell of its problem (``Verdict.cell``), whatever became of that cell.
    """
    below: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        below.setdefault(verdict.cell, []).append(verdict)
    ids: set[str] = set()
    cells, left, count = [], ALL, 0
    for place in rebuilt.places:
        cell = _code(place, left) if _is_code(place) else _text(place, left)
        cell["id"] = _id(place, ids)
        if cell["cell_type"] == "code":
            if place.run is not None and ran and place.key in ran.cells:
                count += 1
                cell["execution_count"] = count
                cell["outputs"] += _outputs(ran.cells[place.key])
            cell["outputs"] += [shown(verdict) for verdict in below.get(place.key, ())]
        left -= len(cell["source"])
        cells.append(cell)
    return {"cells": cells, "metadata": dict(frame.metadata), "nbformat": 4, "nbformat_minor": 5}


def shown(verdict: Verdict) -> dict:
    """A verdict as the output of its test cell, in words and in HTML; what a student could have put in is escaped."""
    heading = f"{verdict.id} {verdict.title}: {verdict.score:g} of {verdict.points:g} points"
    hint = f"Hint: {verdict.hint}" if verdict.hint else ""
    rows = "".join(f"<p>{escape(line)}</p>" for line in (verdict.message, hint) if line)
    html = (
        f'<section class="tex2jax_ignore mathjax_ignore" aria-label="{escape(heading)}" '
        f'style="border-left: 0.3em solid; padding-left: 1em"><p><strong>{escape(heading)}</strong></p>{rows}</section>'
    )
    words = "\n".join(filter(None, (heading, verdict.message, hint)))
    return {"output_type": "display_data", "metadata": {}, "data": {"text/plain": words, "text/html": html}}


def _is_code(place: Place) -> bool:
    return (place.released.kind if place.released else place.cell.kind) == "code"


def _id(place: Place, ids: set[str]) -> str:
    wanted = place.released.id if place.released else place.key
    id = wanted if ID.fullmatch(wanted) else "cell"
    while id in ids:
        id = f"{id[:58]}-{len(ids)}"
    ids.add(id)
    return id


def _metadata(place: Place) -> dict:
    return dict(place.released.metadata) if place.released else {}


def _code(place: Place, left: int) -> dict:
    locked = place.released and place.released.locked
    source = place.released.source if locked or not place.cell else place.cell.source
    outputs = []
    if locked and place.run and place.run != source:
        typed = place.run.removeprefix(place.released.source).strip("\n")
        outputs.append(_stream(f"Typed into this cell and run:\n\n{typed[:OUTPUT]}\n"))
    if place.note:
        outputs.append(_stream(place.note + "\n"))
    return {
        "cell_type": "code", "metadata": _metadata(place), "source": source if locked else _cut(source, left),
        "outputs": outputs, "execution_count": None,
    }  # fmt: skip


def _text(place: Place, left: int) -> dict:
    """Markdown: as released where nothing was changed, else sanitised. A raw cell is shown as it was typed."""
    released, cell = place.released, place.cell
    made = {"cell_type": "markdown", "metadata": _metadata(place)}
    if released and (cell is None or released.locked or cell.source == released.source):
        note = f"*{place.note}*\n\n" if place.note and not released.locked else ""
        made["source"] = note + released.source
        if released.attachments:
            made["attachments"] = dict(released.attachments)
        return made
    source = _cut(cell.source, left)
    made["source"] = clean_markdown(source, cell.attachments) if cell.kind == "markdown" else as_typed(source)
    return made


def _cut(source: str, left: int) -> str:
    source = CONTROL.sub("\N{REPLACEMENT CHARACTER}", source)
    room = max(0, min(LONGEST, left))
    return source if len(source) <= room else f"{source[:room]}\n# ... {len(source) - room} characters more"


def _stream(text: str) -> dict:
    return {"output_type": "stream", "name": "stdout", "text": _writable(text)}


def _outputs(cell_run) -> list[dict]:
    """What a cell said, built anew from the kinds that can only be looked at."""
    made, left = [], OUTPUT
    for output in cell_run.outputs[:200]:
        kind = output.get("output_type")
        if kind == "stream":
            text = _writable(output.get("text"))[:left]
            made.append({**_stream(text), "name": "stderr" if output.get("name") == "stderr" else "stdout"})
        elif kind == "error":
            lines = output.get("traceback")
            lines = [_writable(line)[:left] for line in lines[:100]] if isinstance(lines, list) else []
            name, value = (_writable(output.get(key))[:300] for key in ("ename", "evalue"))
            made.append({"output_type": "error", "ename": name, "evalue": value, "traceback": lines})
            text = "".join(lines)
        elif kind in ("display_data", "execute_result"):
            data = _data(output.get("data"), left)
            text = data.get("text/plain", "")
            if data:
                made.append({"output_type": "display_data", "metadata": {}, "data": data})
        else:
            continue
        left = max(0, left - len(text))
    if cell_run.said:
        made.append(_stream(f"{cell_run.said}\n"))
    return made


def _data(given, left: int) -> dict:
    if not isinstance(given, Mapping):
        return {}
    data = {}
    if isinstance(given.get("text/plain"), str):
        data["text/plain"] = _writable(given["text/plain"])[:left]
    picture = given.get("image/png")
    if isinstance(picture, str) and image(picture) == "png":
        data["image/png"] = "".join(picture.split())
    return data


def _writable(text) -> str:
    """Text without what no file can hold (half of a surrogate pair); anything else is no text."""
    return text.encode("utf-8", "replace").decode() if isinstance(text, str) else ""
