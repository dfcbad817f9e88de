"""What the text of a notebook points to: students must have it, and have nothing that nothing points to."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from nbconvert.filters import markdown2html

from adcourse.grading.marking.cells import Cell, Refusal


class Targets(HTMLParser):
    """The addresses that a page names."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in ("href", "src", "poster") and value]


def targets(text: str) -> list[str]:
    """The addresses in Markdown; nbconvert, whose Markdown knows mathematics, would look for attachments itself."""
    parser = Targets()
    parser.feed(markdown2html(text.replace("attachment:", "attached:")))
    return [target.replace("attached:", "attachment:") for target in parser.found]


def dangling(cells: list[Cell], folder: Path, place: Path, root: Path, public: tuple[str, ...]) -> list[Refusal]:
    """Links to what students do not get: ``folder`` is what will be released at ``place``, and ``public`` names the
    parts of the course in ``root`` that they have beside it."""
    refusals = []
    for cell in cells:
        if cell.type != "markdown":
            continue
        attached = set(cell.node.get("attachments", {}))
        shown = set()
        for target in targets(cell.source):
            address = urlsplit(target)
            line = next((n for n, text in enumerate(cell.lines, 1) if target in text), 0)
            if address.scheme == "attachment":
                name = unquote(address.path)
                shown.add(name)
                if name not in attached:
                    what = f"shows the attachment {name}, which is not there"
                    refusals.append(cell.refuse(what, f"attach it, or put it beside the notebook: ![]({name})", line))
            elif address.scheme == "file" or (not address.scheme and not address.netloc and address.path):
                problem = unreleased(unquote(address.path), address.scheme, folder, place, root, public)
                if problem:
                    refusals.append(cell.refuse(f"links to {target}, {problem[0]}", problem[1], line))
        for name in sorted(attached - shown):
            what = f"has an attachment that its released text does not show, {name}"
            refusals.append(cell.refuse(what, "delete it: an answer's picture would be handed out"))
    return refusals


def unreleased(path, scheme, folder: Path, place: Path, root: Path, public) -> tuple[str, str] | None:
    """Why students do not have what a relative link names, and what to write."""
    name = PurePosixPath(path).name
    if scheme or path.startswith("/") or "\\" in path:
        return "a place on your machine", f"put the file beside the notebook and write: {name}"
    beside = (folder / path).resolve()
    if beside.is_relative_to(folder.resolve()):
        if beside.exists():
            return None
        return "which is not released with it", f"put it beside the source notebook, or correct the link to {name}"
    there = (place / path).resolve()
    if any(there.is_relative_to((root / part).resolve()) for part in public):
        return None if there.exists() else ("which does not exist", f"correct the link to {name}")
    return "which students do not get", f"put the file beside the notebook and write: {name}"
