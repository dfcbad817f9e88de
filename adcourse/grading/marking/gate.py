"""The release gate: nbgrader makes the release, and nothing of it reaches students before all of this holds.

1. The source is what nbgrader and the grading rely on: markers, ids, points, tests that can fail.
2. What nbgrader makes of it is the same every time, and no secret line is anywhere in what students get.
3. The reference gets all points, untouched it gets none, known mistakes fail with their hints, right answers pass.
4. What was released before is replaced as a whole, together with the entry in the gradebook, or not at all.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions

from adcourse.grading.marking import engine_trial, forms, graded_code, known, links, trial
from adcourse.grading.marking.answers import FOLDER as ANSWERS
from adcourse.grading.marking.answers import answers
from adcourse.grading.marking.cells import Cell, Refusal, read
from adcourse.grading.marking.contents import texts
from adcourse.grading.marking.course import Course
from adcourse.grading.marking.frame import Frame
from adcourse.grading.marking.generation import (
    LEAVINGS,
    GenerationFailed,
    changes,
    conflicts,
    generate,
    replaced,
    same,
    tidy,
    tracked,
)
from adcourse.grading.marking.leaks import Leaks, is_import, markers_in
from adcourse.grading.marking.markers import Marker, Region, marked, markers
from adcourse.grading.problem import Problem


class Outcome(NamedTuple):
    """``refusals`` is empty when all is well; ``changed`` says how the release differs from the one before."""

    assignment: str
    place: str
    refusals: list[Refusal]
    changed: list[str]
    notes: list[str]
    new: bool = False


class Source(NamedTuple):
    """A source notebook as it was read: its cells, what is hidden in them, which problems are asked."""

    file: str
    cells: list[Cell]
    regions: list[Region]
    asks: dict[str, list[Problem]]  # by the id of the test cell
    refusals: list[Refusal]


def release(course: Course, assignment: str, check: bool = False, step: Callable[[str], object] = print) -> Outcome:
    """Release an assignment, or only look whether it could be. ``step`` is told what is done next."""
    place = course.path("release", ".", assignment)
    if check:
        with tempfile.TemporaryDirectory() as workshop:
            return examined(course, assignment, place, Path(workshop), True, step)[0]
    private = course.private(assignment)
    private.mkdir(parents=True, exist_ok=True)
    with FileLock(private / "release.lock"), tempfile.TemporaryDirectory() as workshop:
        tidy(place)
        outcome, made = examined(course, assignment, place, Path(workshop), False, step)
        if outcome.refusals or made is None:
            return outcome
        step("entering it in the gradebook")
        try:
            with replaced(place, made):
                entered = generate(course, assignment, Path(workshop, "entered"), gradebook=True)
                if not same(made, entered):
                    raise GenerationFailed("it made another release than a moment ago: was the source changed?")
        except GenerationFailed as failed:
            return outcome._replace(refusals=[not_generated(course, assignment, failed)], changed=[])
    return outcome


def examined(
    course: Course, assignment: str, place: Path, workshop: Path, check: bool, step: Callable
) -> tuple[Outcome, Path | None]:
    """Everything but the replacement: the outcome, and the release that was made in ``workshop``."""
    outcome = Outcome(assignment, shown(course, place), [], [], [], new=not place.is_dir())
    step("reading the source")
    vocabulary = markers(course.config)
    source = inspected(course, assignment, vocabulary)
    if source.refusals:
        return outcome._replace(refusals=source.refusals), None
    step("generating the release")
    try:
        made, again = (generate(course, assignment, workshop / part, gradebook=False) for part in ("made", "again"))
    except GenerationFailed as failed:
        return outcome._replace(refusals=[not_generated(course, assignment, failed)]), None
    if not same(made, again):
        what = "is made otherwise each time: " + "; ".join(changes(made, again, 4))[:300]
        remedy = "take out what draws random numbers while it is generated, such as AUTOTEST"
        return outcome._replace(refusals=[Refusal(source.file, what, remedy)]), None
    refusals = conflicts(course, assignment, source.cells)
    refusals += seen(course, assignment, source, place, made, vocabulary, check, step)
    changed = [] if not place.is_dir() or same(place, made) else changes(place, made)
    if check and changed and tracked(place):
        what = "is not what its source gives:\n      " + "\n      ".join(changed)
        refusals.append(Refusal(outcome.place, what, f"run: adcourse release {assignment}"))
    notes = [
        f"{cell.label} names no problem: `nbgrader autograde` grades it, `adcourse grade` leaves it to you"
        for cell in source.cells
        if cell.is_test and cell.id not in source.asks
    ]
    if not refusals:
        refusals += attempted(course, assignment, source, made, notes, step)
    return outcome._replace(refusals=list(dict.fromkeys(refusals)), changed=changed, notes=notes), made


def shown(course: Course, path: Path) -> str:
    return path.relative_to(course.root).as_posix() if path.is_relative_to(course.root) else str(path)


def not_generated(course: Course, assignment: str, failed: Exception) -> Refusal:
    folder = shown(course, course.path("source", ".", assignment))
    remedy = f"see all it says: nbgrader generate_assignment {assignment} --force"
    return Refusal(folder, f"nbgrader did not release it: {failed}", remedy)


def inspected(course: Course, assignment: str, vocabulary: list[Marker]) -> Source:
    """The source and what is wrong with it as it stands."""
    folder = course.path("source", ".", assignment)
    file = f"{shown(course, folder)}/{assignment}.ipynb"
    if refusals := forms.notebooks(folder, shown(course, folder), assignment):
        return Source(file, [], [], {}, refusals)
    cells, notebook, refusals = read(folder / f"{assignment}.ipynb", file)
    if notebook is None:
        return Source(file, [], [], {}, refusals)
    refusals += forms.whole(notebook, file) + forms.ids(cells)
    regions: list[Region] = []
    for cell in cells:
        refusals += forms.graded(cell) + forms.stripped(cell)
        inside, wrong = marked(cell, vocabulary)
        regions += inside
        refusals += wrong
    asks, wrong = coded(cells, regions)
    refusals += wrong
    return Source(file, cells, regions, asks, refusals or forms.schema(notebook, file))


def coded(cells: list[Cell], regions: list[Region]) -> tuple[dict[str, list[Problem]], list[Refusal]]:
    """Which problems each test cell asks, and what is wrong with the code of the notebook."""
    asks: dict[str, list[Problem]] = {}
    refusals: list[Refusal] = []
    trees = {}
    for cell in cells:
        if cell.type == "code":
            trees[cell.number], wrong = graded_code.parsed(cell)
            refusals += wrong
    names = graded_code.aliases([tree for tree in trees.values() if tree])
    for cell in cells:
        tree = trees.get(cell.number)
        if tree is None:
            continue
        refusals += graded_code.widgets(cell, tree, names)
        if cell.is_test or cell.is_answer:
            refusals += graded_code.plain_python(cell, tree)
        if cell.is_test:
            asked = graded_code.calls(tree, names)
            inside = [region for region in regions if region.cell is cell]
            refusals += graded_code.tested(cell, tree, asked, inside)
            for problem in graded_code.problems_of(cell, asked)[0]:
                if before := next((id for id, others in asks.items() if problem in others), None):
                    what = f"asks problem {problem.id}, whose points cell {before} gives already"
                    refusals.append(cell.refuse(what, "keep one of the two test cells"))
                else:
                    asks.setdefault(cell.id, []).append(problem)
    return asks, refusals


def seen(
    course: Course, assignment: str, source: Source, place: Path, made: Path, vocabulary, check: bool, step: Callable
) -> list[Refusal]:
    """What is wrong with the release that was made, and with what lies beside it."""
    refusals = []
    label = f"{shown(course, place)}/{assignment}.ipynb"
    released, _, unreadable = read(made / f"{assignment}.ipynb", label)
    if unreadable:
        return unreadable
    for cell in released:
        if cell.type == "code":
            refusals += graded_code.parsed(cell)[1]
    frame = Frame.read(made / f"{assignment}.ipynb")
    read_there = {cell.key: {(ask.problem, ask.name) for ask in cell.asks} for cell in frame.tests}
    for cell in source.cells:
        there = {(problem.id, problem.name) for problem in source.asks.get(cell.id, ())}
        if there and read_there.get(cell.id) != there:
            what = f"is released so that `adcourse grade` reads {sorted(read_there.get(cell.id, ()))}"
            remedy = "; ".join(f'assert adcourse.check("{id}", {name})' for id, name in sorted(there))
            refusals.append(cell.refuse(what, f"write in its released part: {remedy}"))
    if (place / f"{assignment}.ipynb").is_file():
        refusals += forms.kept(released, read(place / f"{assignment}.ipynb", label)[0])
    public = ("lectures", course.directory.release_directory)
    refusals += links.dangling(released, made, place, course.root, public)
    stub = ClearSolutions(config=course.config)
    outside = [line for cell in released if cell.type == "code" for line in cell.lines]
    secrets = Leaks(source.regions, "\n".join([*stub.code_stub.values(), stub.text_stub]), filter(is_import, outside))
    everything = dict(handed_out(course, place, made, check))
    for path, (name, ours) in everything.items():
        step(f"looking for the answers in {name}")
        refusals += leaked(name, path, ours, secrets, vocabulary, source.file)
    return refusals


def handed_out(course: Course, place: Path, made: Path, check: bool) -> Iterator[tuple[Path, tuple[str, bool]]]:
    """Every file that students get: (path, its name in the course and whether it is of this release). What will be
    replaced is left out, unless it is only looked at."""
    parent = course.path("release", ".", "x").parent
    others = sorted(path for path in parent.rglob("*") if path.is_file()) if parent.is_dir() else []
    for path in others:
        mine = made / path.relative_to(place) if path.is_relative_to(place) else None
        if mine is None or (check and not (mine.is_file() and mine.read_bytes() == path.read_bytes())):
            yield path, (shown(course, path), False)
    for path in sorted(path for path in made.rglob("*") if path.is_file()):
        yield path, (f"{shown(course, place)}/{path.relative_to(made).as_posix()}", True)


def leaked(
    name: str, path: Path, ours: bool, secrets: Leaks, vocabulary: list[Marker], source: str
) -> Iterator[Refusal]:
    """The secret lines and markers in one file, and files that never belong in a release."""
    if ours:
        remedy = "say it in other words there; if it is no secret, move it out of the answer or the hidden tests"
    else:
        remedy = f"delete it: rm {name}" if path.suffix != ".ipynb" else "release that assignment anew, or delete it"
    unread = path.suffix in (".pyc", ".pyo") or LEAVINGS & set(Path(name).parts)
    if ours and unread:
        yield Refusal(name, "is left over from running something", f"delete it beside {source}")
    told = set()
    spelt = [("its name", "\n".join((*Path(name).parts, Path(name).stem)))]
    for where, text in (*spelt, *texts("", path.read_bytes())):
        where = where.removeprefix(", ").strip()
        for found in secrets.search(text):
            if found.secret in told:
                continue
            told.add(found.secret)
            what = f"hands out what stays with you, {found.secret.where} of {source}: {found.secret.text[:100]}"
            yield Refusal(name, what, remedy, where, found.line, found.text)
        for line, guilty in markers_in(text, vocabulary):
            if guilty not in told:
                told.add(guilty)
                what = "holds a marker, so what it should hide may be there too"
                yield Refusal(name, what, "take it out of the source, with what it marks", where, line, guilty)


def attempted(
    course: Course, assignment: str, source: Source, made: Path, notes: list[str], step: Callable
) -> list[Refusal]:
    """What goes wrong when answers are handed in whose worth is known; what could not be tried goes into ``notes``."""
    _, notebook, _ = read(made / f"{assignment}.ipynb", source.file)
    assert isinstance(notebook, NotebookNode)
    refusals = list(trial.tried(source.cells, source.regions, notebook, made, course.config, step))
    step("grading both as adcourse grade does")
    reference = course.path("source", ".", assignment) / f"{assignment}.ipynb"
    try:
        refusals = refusals or list(engine_trial.graded(source.cells, reference, made / f"{assignment}.ipynb"))
    except RuntimeError as nothing_runs:
        notes.append(f"not tried with `adcourse grade`: {nothing_runs}")
    if refusals:
        return refusals
    folder = course.root / ANSWERS
    listed = {path: answers(path) for path in sorted(folder.glob("*.py"))} if folder.is_dir() else {}
    space = known.set_up(source.cells) if listed else {}
    for cell in source.cells:
        for problem in source.asks.get(cell.id, ()):
            step(f"asking the known answers to {problem.id}")
            asked = known.questions(problem)
            refusals += known.mistakes(cell, asked)
            for path, found in listed.items():
                mine = [answer for answer in found if answer.id == problem.id]
                refusals += known.written(mine, asked[1:], space, shown(course, path))
    return refusals
