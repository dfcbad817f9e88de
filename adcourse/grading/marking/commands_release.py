"""``adcourse release``."""

from __future__ import annotations

import sys
import time

import click
from tqdm import tqdm


@click.command()
@click.argument("assignment")
@click.option("--check", is_flag=True, help="Only look: change nothing, exit with 1 if it would be refused.")
def release(assignment, check):
    """Make the students' version of an assignment, if it is fit for them.

    nbgrader generates it from the source. It replaces the one before only when no line of a solution or hidden test is
    in it, the reference gets all points and the untouched notebook none, and every known mistake gets its hint.
    ASSIGNMENT is the name of the folder, or what it begins with: adcourse release ps06
    """
    start = time.perf_counter()
    with tqdm(bar_format="{desc} [{elapsed}]", file=sys.stderr, leave=False, desc="reading the course") as bar:
        from adcourse.grading.marking import gate  # nbgrader takes seconds to load
        from adcourse.grading.marking.course import Course

        course = Course.find()
        name = course.assignment(assignment)
        outcome = gate.release(course, name, check, lambda step: bar.set_description_str(f"{name}: {step}"))
    seconds = f"{time.perf_counter() - start:.1f} s"
    for number, refusal in enumerate(outcome.refusals, 1):
        click.echo(f"{number}. {refusal}\n")
    if outcome.refusals:
        kept = "" if check or outcome.new else f"; {outcome.place} stays as it was"
        count = f"{len(outcome.refusals)} reason{'s' * (len(outcome.refusals) > 1)}"
        raise click.ClickException(f"{name} is not fit to be released, for {count} ({seconds}){kept}")
    for note in outcome.notes:
        click.echo(f"{name}: {note}")
    if outcome.changed:
        click.echo(f"{outcome.place} {'would change' if check else 'changed'}:")
        click.echo("".join(f"  {line}\n" for line in outcome.changed), nl=False)
    done = "is fit to be released" if check else f"is released in {outcome.place}"
    same = ", as it was" if not check and not outcome.changed and not outcome.new else ""
    click.echo(f"{name} {done}{same} ({seconds})")
