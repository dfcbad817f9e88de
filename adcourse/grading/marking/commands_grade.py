"""``adcourse grade``."""

from __future__ import annotations

import gc
import glob
import json
import os
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import click

SHOWN = 10  # lines of one kind


@click.command()
@click.argument("assignment")
@click.argument("students", nargs=-1)
@click.option(
    "--workers", type=click.IntRange(1), metavar="N", help="Processes on this machine. [default: its processors]"
)
@click.option("--scheduler", metavar="ADDRESS", help="Grade on the workers of this Dask scheduler instead.")
@click.option("--again", is_flag=True, help="Grade also what has not changed since it was graded.")
def grade(assignment, students, workers, scheduler, again):
    """Grade what was handed in of ASSIGNMENT: psNN, or its whole name.

    Run it in the folder of the course. It reads nbgrader's folder of submissions, of all students or of those named,
    and writes scores and comments into nbgrader's gradebook. Scores that you gave by hand stay. It can be stopped at
    any time, and goes on where it stopped; what has not changed is not graded twice.
    """
    if workers and scheduler:
        raise click.UsageError("--workers is for this machine, --scheduler for others: give one of them")
    click.echo(f"Reading the course for {assignment} ...", err=True)
    from adcourse.grading.marking.workers import Dask, Here

    def here(number: int, preload: tuple[str, ...]):
        return Here(min(workers or processors(), number), preload)

    with ExitStack() as early:
        crew = None
        if not scheduler and (expected := foreseen(assignment)):
            # Workers and server import what they need while this process imports nbgrader: each takes seconds.
            count, modules = expected
            crew = here(len(students) or count, modules)
            early.callback(lambda: crew.close(at_once=True))
        from adcourse.grading.marking.campaign import grade
        from adcourse.grading.marking.course import Course

        gc.freeze()  # what was imported stays: no collection need walk over all of nbgrader again and again

        def hire(number: int, preload: tuple[str, ...]):
            if scheduler:
                return Dask(scheduler)
            if crew:
                early.pop_all()
                return crew
            return here(number, preload)

        course = Course.find()
        name = course.assignment(assignment)
        try:
            outcome = grade(course, name, students, hire, again)
        except OSError as error:
            where = f" ({error.filename})" if error.filename else ""
            raise click.ClickException(f"{error.strerror or error}{where}. What was graded before is kept.") from error
    tell(outcome, course)
    sys.exit(130 if outcome.stopped else 1 if outcome.failed else 0)


def foreseen(assignment: str) -> tuple[int, tuple[str, ...]] | None:
    """A guess, before nbgrader says where things lie: how many hand in, at most, and what their notebooks import.
    A wrong one costs time alone: workers import what is missing when they meet it."""
    from adcourse.grading.marking.names import imports

    here, name = Path.cwd(), glob.escape(assignment.rstrip("/"))
    count = sum(1 for depth in ("*/*", "*/*/*") for _ in here.glob(f"{depth}/{name}*"))
    if not (here / "nbgrader_config.py").is_file() or not count:
        return None
    sources = []
    for path in here.glob(f"*/{name}*/*.ipynb"):
        with suppress(OSError, ValueError, LookupError, TypeError):
            if path.stat().st_size < 1 << 24:
                cells = json.loads(path.read_bytes())["cells"]
                sources += ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return count, imports(sources)


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def tell(outcome, course):
    """The summary: what happened, what needs a look, where to go from here."""
    count = len(outcome.graded)
    rate = f" in {outcome.seconds:.1f} s, by {outcome.crew}" if count else ""
    unchanged = f"; {len(outcome.unchanged)} unchanged since they were graded" if outcome.unchanged else ""
    click.echo(f"{outcome.assignment}: {count} submission{'s' * (count != 1)} graded{rate}{unchanged}.")
    if outcome.stopped:
        click.echo("Stopped. What is graded is kept; the same command goes on from here.")
    _list("Graded, but nothing in the file could be read", outcome.unread)
    _list("Not graded", outcome.failed)
    meant = {
        name: f"no assignment is called so{f'; is it {near}?' if near else ''}" for name, near in outcome.strays.items()
    }
    _list("Folders that were not looked at", meant)
    if outcome.by_hand:
        cells = ", ".join(outcome.by_hand[:SHOWN])
        click.echo(f"Test cells that call no adcourse.check are not run; give their points in formgrader: {cells}")
    for line in sorted(outcome.isolation - {""}):
        click.echo(f"Isolation: {line}")
    if count and not outcome.isolation - {""}:
        click.echo("All of it ran isolated from this machine, without a network.")
    if count or outcome.unchanged:
        short = outcome.assignment.partition("_")[0]
        click.echo(
            f"Scores and comments are in the gradebook, the notebooks in {course.directory.autograded_directory}: look "
            f"at them in formgrader (adcourse lab). Then: adcourse feedback {short}, adcourse report {short}"
        )


def _list(title: str, lines: dict[str, str]):
    if lines:
        click.echo(f"{title}:")
        for name, why in list(lines.items())[:SHOWN]:
            click.echo(f"  {printable(name)}: {printable(why)}")
        if len(lines) > SHOWN:
            click.echo(f"  and {len(lines) - SHOWN} more")


def printable(text: str) -> str:
    """A name that a student chose may hold what moves a terminal's cursor."""
    return "".join(char if char.isprintable() else "?" for char in text)
