"""``adcourse feedback`` and ``adcourse report``: what becomes of the marks."""

from __future__ import annotations

from pathlib import Path

import click

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("assignment")
@click.argument("students", nargs=-1)
def feedback(assignment, students):
    """Write the page that each student gets back: what every problem earned, why, and a hint.

    ASSIGNMENT is a name or what it begins with (ps06). STUDENTS are all who handed something in, if none is named.
    The pages lie in nbgrader's feedback folder; nbgrader release_feedback returns them through the exchange.
    """
    from adcourse.grading.marking.feedback import TICKETS, write
    from adcourse.grading.marking.frame import frames
    from adcourse.grading.marking.progress import Progress

    course, sheet = _read(assignment)
    rows = [row for row in sheet.of(students) if row.status != "nothing"]
    if not rows:
        raise click.ClickException(f"nobody named here has handed in {sheet.assignment}: there is nothing to give back")
    released = frames(course.path("release", ".", sheet.assignment))
    changed = lacking = 0
    with Progress(f"feedback on {sheet.assignment}", len(rows)) as progress:
        for row in rows:
            changed += write(course, sheet, row, released)
            folder = course.path("feedback", row.student, sheet.assignment)
            lacking += not all((folder / ticket).is_file() for ticket in TICKETS)
            progress.done(row.student)
    where = course.path("feedback", "STUDENT", sheet.assignment)
    click.echo(f"{len(rows)} students: {changed} pages new or changed, in {where}")
    for status, words in (("waiting", "wait for marking by hand"), ("ungraded", "are not graded yet")):
        if some := [row.student for row in rows if row.status == status]:
            click.echo(f"{len(some)} {words}, and their pages say so: {_some(some)}")
    if lacking:
        click.echo(
            f"{lacking} were not collected through nbgrader's exchange, so nbgrader release_feedback can't return "
            "theirs: hand out the pages in another way"
        )


@click.command()
@click.argument("assignment")
@click.option("--to", type=click.Path(path_type=Path), help="The folder to write to, instead of nbgrader's neighbour.")
@click.option("--reasons", is_flag=True, help="In grades.csv, also why points are missing, and notes.")
@click.option("--excel", is_flag=True, help="Begin grades.csv so that Excel on Windows reads accents.")
@click.option("--zero", is_flag=True, help="Who handed in nothing gets 0 in the learning platform, not an empty mark.")
@click.option("--canvas", type=_FILE, help="The gradebook that Canvas exported, to be filled in.")
@click.option("--column", default="", help="The assignment's column in Canvas, if it isn't called as here.")
@click.option("--moodle", type=_FILE, help="The grading worksheet that Moodle exported, to be filled in.")
def report(assignment, to, reasons, excel, zero, canvas, column, moodle):
    """Write the tables and pictures of a class: marks, statistics, similar answers, files for Canvas and Moodle.

    \b
    grades.csv       a row a student, a column a problem. Who handed in nothing has empty problems and a total of
                     0; what isn't marked yet is empty
    statistics.html  how the class did and which misunderstandings it has; without names, to be shown to the class
    plots/           its pictures
    similar.html     answers that are more alike than chance would have them, for your eyes alone
    canvas.csv       for Grades > Import: made from the gradebook, or with --canvas the exported file filled in
    moodle.csv       likewise; only final marks are written, and what stands in an exported file stays

    They go into the folder report/ASSIGNMENT beside nbgrader's feedback folder.
    """
    from adcourse.cli import replace
    from adcourse.grading.marking import lms
    from adcourse.grading.marking.tables import wide, written

    course, sheet = _read(assignment)
    if to is None:
        to = (course.root / course.directory.feedback_directory).parent / "report" / sheet.assignment
    files = {"grades.csv": written(wide(sheet, reasons), excel=excel)}
    platforms = {
        "canvas.csv": lms.canvas(sheet, canvas, column, zero),
        "moodle.csv": lms.moodle(sheet, moodle, zero),
    }
    files |= {name: export.content() for name, export in platforms.items()}
    files |= _class(course, sheet)
    for name, content in files.items():
        replace(to / name, content)
    click.echo(f"{len(sheet.rows)} students, {sheet.assignment}: {', '.join(f for f in files if '/' not in f)} in {to}")
    for name, export in platforms.items():
        for note in export.notes:
            click.echo(f"{name}: {note}")


def _class(course, sheet) -> dict[str, bytes]:
    """The pages about the class, and their pictures."""
    from adcourse.grading.marking import similar, statistics
    from adcourse.grading.marking.feedback import read
    from adcourse.grading.marking.frame import frames
    from adcourse.grading.marking.plots import plots
    from adcourse.grading.marking.progress import Progress

    name = sheet.assignment
    released = frames(course.path("release", ".", name))
    sources = [released, frames(course.path("source", ".", name))]
    known = [cell.source for some in sources for frame in some.values() for cell in frame.cells if cell.kind == "code"]
    marked = sum(row.marked for row in sheet.rows)
    with Progress(f"reading {name}", marked * len(sheet.notebooks())) as progress:

        def notebook(row, of):
            progress.done(row.student)
            return read(course.path("autograded", row.student, name) / f"{of}.ipynb")

        alike = similar.compare(similar.work(sheet, notebook, released), known)
    numbers = statistics.statistics(sheet)
    pictures = plots(numbers)
    files = {
        "statistics.html": statistics.page(sheet, numbers, pictures).encode(),
        "similar.html": similar.page(sheet, alike).encode(),
    }
    for title, (light, dark) in pictures.items():
        files |= {f"plots/{title}.png": light.png, f"plots/{title}-dark.png": dark.png}
    return files


def _read(assignment: str):
    from adcourse.grading.marking.course import Course
    from adcourse.grading.marking.gradesheet import gradesheet
    from adcourse.grading.marking.records import Records

    course = Course.find()
    name = course.assignment(assignment)
    return course, gradesheet(course, name, Records(course, name).reports())


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
