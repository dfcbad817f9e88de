"""``adcourse grade``."""

from __future__ import annotations

import click


@click.command()
@click.argument("assignment")
@click.argument("students", nargs=-1)
def grade(assignment, students):
    """Grade what was handed in."""
    raise click.ClickException("not there yet")
