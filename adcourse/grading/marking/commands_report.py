"""``adcourse feedback`` and ``adcourse report``: what becomes of the marks."""

from __future__ import annotations

import click


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


def _read(assignment: str):
    from adcourse.grading.marking.course import Course
    from adcourse.grading.marking.gradesheet import gradesheet
    from adcourse.grading.marking.records import Records

    course = Course.find()
    name = course.assignment(assignment)
    return course, gradesheet(course, name, Records(course, name).reports())


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
