"""What is said while many submissions are graded: a bar in a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import sys
import time

import click
from tqdm import tqdm

EVERY = 5.0  # seconds


class Progress:
    """``with Progress("ps06", 200) as progress: progress.done("Ana")``."""

    def __init__(self, title: str, total: int):
        self._title, self._total, self._count, self._last = title, total, 0, ""
        self._start = self._said = time.monotonic()
        self._bar = tqdm(
            total=total,
            desc=title,
            unit="submission",
            smoothing=0.1,
            dynamic_ncols=True,
            disable=not sys.stderr.isatty(),
        )

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_):
        self._bar.close()

    def done(self, student: str):
        """One more is done, whose name is shown."""
        self._count, self._last = self._count + 1, student
        self._bar.set_postfix_str(student[:30], refresh=False)
        self._bar.update()
        self.tick()

    def tick(self):
        """Called every second or so, also when nothing is done."""
        now = time.monotonic()
        if not self._bar.disable:
            self._bar.refresh()
        elif now - self._said > EVERY and self._count < self._total:
            self._said, rate = now, self._count / (now - self._start)
            last = f", {rate:.2g} a second; last: {self._last}" if self._count else "; starting"
            self.say(f"{self._title}: {self._count} of {self._total} submissions{last}")

    def say(self, line: str):
        """A line beside the bar."""
        self._bar.clear()
        click.echo(line, err=True)
