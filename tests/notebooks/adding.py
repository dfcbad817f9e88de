"""docs/adding_a_lecture.md, followed to the letter."""

import shlex

import nbformat

from tests.guides import blocks, commands, copy, run

PAGE, NAME = "adding_a_lecture.md", "15_horner"
PARTS = """lectures binder docs tests adcourse README.md CONTRIBUTING.md CHANGELOG.md CITATION.cff LICENSE
LICENSE-CONTENT pyproject.toml conftest.py"""


def with_a_lecture_more(folder):
    """A copy of the repository with the page's lecture, and the two commands that end the page: its tests, its book."""
    course = copy(folder, *PARTS.split(), without=["answers"])
    lecture, names, drawn = blocks(PAGE, "python")
    (row,) = blocks(PAGE, "markdown")
    convert, remove, link, *then = [shlex.split(command) for command in commands(PAGE)]
    (course / "lectures" / f"{NAME}.py").write_text(lecture, encoding="utf-8")
    run(course, "-m", *convert)
    assert remove[0] == "rm"
    (course / remove[1]).unlink()
    run(course, "-c", names)

    path = course / "lectures" / "00_start_here.ipynb"
    book = nbformat.read(path, as_version=4)
    (table,) = (cell for cell in book.cells if cell.source.startswith("## The course in five parts"))
    *_, last = (line for line in table.source.splitlines() if line.startswith("|"))
    table.source = table.source.replace(last, f"{last}\n{row.rstrip()}")
    (drawing,) = (cell for cell in book.cells if "plt.subplots" in cell.source)
    before, line, after = drawing.source.partition("fig, ax = plt.subplots")
    drawing.source = before + drawn + line + after.replace("12 to 13.", "12 to 13; 5 to 15.")
    nbformat.write(book, path)

    run(course, *link[1:])
    return course, *then
