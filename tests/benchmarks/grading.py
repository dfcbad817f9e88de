"""Grading a class: `adcourse grade` beside nbgrader's autograde, on the same submissions of one notebook that imports
NumPy, pyplot and SymPy. ``python -m tests.benchmarks.grading 200`` grades so many with `adcourse grade` alone."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.grading.marking.campaigns import ENVIRONMENT, NAME, hand_in, make_course

OURS = [sys.executable, "-c", "from adcourse.cli import main; main()", "grade", NAME]
STOCK = [sys.executable, "-m", "nbgrader", "autograde", NAME]
CONTESTANTS = {
    "nbgrader, as it comes": [*STOCK, "--Execute.shutdown_kernel=graceful"],
    "nbgrader, immediate shutdown": [*STOCK, "--Execute.shutdown_kernel=immediate"],
    "adcourse": OURS,
}
IMPORTS = "import numpy as np\nimport matplotlib.pyplot as plt\nimport sympy\n\n"


def course(folder, number):
    """A released course, and ``number`` submissions: every third as released, the others solved."""
    make_course(folder)
    for place in ("exercises", "solutions"):
        path = folder / place / NAME / f"{NAME}.ipynb"
        notebook = json.loads(path.read_text())
        cell = next(cell for cell in notebook["cells"] if cell["id"] == "p6-example-code")
        cell["source"] = IMPORTS + "".join(cell["source"])
        path.write_text(json.dumps(notebook))
    for k in range(number):
        hand_in(folder, f"student{k:03}", None if k % 3 else {})
    return folder


def measure(folder, command):
    """The seconds that a command takes in a copy of the course, and the scores that it gave."""
    with tempfile.TemporaryDirectory() as place:
        copy = shutil.copytree(folder, Path(place, "course"))
        start = time.monotonic()
        run = subprocess.run(command, cwd=copy, env=ENVIRONMENT, capture_output=True, text=True)
        wall = time.monotonic() - start
        assert run.returncode == 0, run.stdout + run.stderr
        with sqlite3.connect(copy / "build/gradebook.db") as connection:
            rows = connection.execute(
                "select s.student_id, c.name, g.auto_score from grade g join base_cell c on c.id = g.cell_id join "
                "submitted_notebook b on b.id = g.notebook_id join submitted_assignment s on s.id = b.assignment_id"
            )
            return wall, sorted(rows)


def compare(number):
    """``{contestant: (seconds, scores)}`` for so many submissions."""
    with tempfile.TemporaryDirectory() as place:
        folder = course(Path(place, "course"), number)
        found = {}
        for name, command in CONTESTANTS.items():
            print(f"Grading {number} submissions: {name}", file=sys.stderr, flush=True)
            found[name] = measure(folder, command)
        return found


def main(number=20):
    found = compare(number)
    ours, scores = found["adcourse"]
    rows = [f"| {number} submissions | time | over ours |", "| --- | ---: | ---: |"]
    for name, (wall, same) in found.items():
        assert same == scores, f"{name} gave other scores"
        cells = f"{wall:.1f} s | {wall / ours:.1f}"
        rows.append(f"| **{name}** | {cells} |" if name == "adcourse" else f"| {name} | {cells} |")
    rows.append("| to reach | | 10 and 5 |")
    return "\n".join(["### Grading a class", "", *rows, ""])


def alone(number):
    with tempfile.TemporaryDirectory() as place:
        wall, scores = measure(course(Path(place, "course"), number), OURS)
    students = len({student for student, *_ in scores})
    return f"{students} submissions in {wall:.1f} s on {os.cpu_count()} processors\n"


if __name__ == "__main__":
    print(alone(int(sys.argv[1])) if sys.argv[1:] else main())
