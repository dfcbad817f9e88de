"""What students and teachers open, in a real browser: readable by everybody, everywhere, and nothing in it acts."""

import functools

import pytest
from axe_playwright_python.sync_playwright import Axe

from adcourse.grading.marking.feedback import page as feedback
from adcourse.grading.marking.frame import frames
from adcourse.grading.marking.gradesheet import Gradesheet, Item, Mark, Row
from adcourse.grading.marking.plots import plots
from adcourse.grading.marking.report import Report, Verdict
from adcourse.grading.marking.similar import Cell, compare
from adcourse.grading.marking.similar import page as similar
from adcourse.grading.marking.statistics import page as class_page
from adcourse.grading.marking.statistics import statistics
from tests.grading.blocks import ROOT, blocks

NAME = "ps06_reverse_mode"
FRAME = frames(ROOT / "exercises" / NAME)[NAME]
ITEMS = tuple(
    Item(NAME, cell.key, cell.points, cell.asks[0].problem, f"Title of {cell.asks[0].problem}") for cell in FRAME.tests
)
PAYLOAD = (
    "<script>window.stolen=1</script><img src=https://example.org/x onerror=window.stolen=1>"
    "<svg onload=window.stolen=1></svg>"
)


def row(k: int, said: str = "") -> Row:
    marks, verdicts = {}, []
    for n, item in enumerate(ITEMS):
        score = item.points if (k + n) % 3 else 0.0
        hint = f"The edge to the square root is missing. Draw it. {said}"
        verdicts.append(
            Verdict(item.problem, item.title, item.points, score, f"not right {said}", hint, cell=item.cell)
        )
        marks[item] = Mark(score, comment=f"See lecture 6. {said}", verdict=verdicts[-1])
    report = Report(NAME, NAME, f"s{k}", tuple(verdicts), (f"Your test cell had been edited. {said}",), 0.1 * k)
    return Row(f"s{k}{said}", "Ada", f"Number {k}", status="graded", marks=marks, penalty=0.5, reports=(report,))


def notebook(said: str) -> dict:
    cells = []
    for cell in FRAME.cells:
        source = f"{cell.source}\n# {said}" if cell.role == "answer" else cell.source
        output = {"output_type": "stream", "text": f"{said} " + "9" * 3000}
        about = {"nbgrader": {"grade_id": cell.key}}
        cells.append({"cell_type": cell.kind, "source": source, "metadata": about, "outputs": [output] * 2})
    return {"cells": [*cells, {"cell_type": "markdown", "source": f"# Mine\n\n{said} $x$\n\n|a|b|\n|-|-|\n|1|2|"}]}


CLASS = Gradesheet(NAME, ITEMS, tuple(row(k) for k in range(24)))


@functools.cache  # made when the first test wants one, not when tests are collected
def pages() -> dict[str, str]:
    hostile = row(1, PAYLOAD)
    sheet = Gradesheet(NAME, ITEMS, (hostile,))
    code = max((block.code for block in blocks()), key=len)
    found = compare({"ada": [Cell("6.4", code)], PAYLOAD: [Cell("6.4", code)]})
    numbers = statistics(CLASS)
    return {
        "feedback": feedback(CLASS, row(1), FRAME, notebook("mine")),
        "hostile": feedback(sheet, hostile, FRAME, notebook(PAYLOAD)),
        "ungraded": feedback(sheet, Row("s", status="ungraded"), FRAME, None),
        "unreadable": feedback(CLASS, row(2), FRAME, None),
        "statistics": class_page(CLASS, numbers, plots(numbers)),
        "similar": similar(sheet, found),
    }


NAMES = ("feedback", "hostile", "ungraded", "unreadable", "statistics", "similar")


@pytest.mark.parametrize("width", [1100, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_page(open_page, pictures, tmp_path, name, scheme, width):
    """Nothing runs, nothing is fetched (see open_page), nothing is cut off, and axe finds nothing serious."""
    path = tmp_path / "page.html"
    path.write_text(pages()[name], encoding="utf-8")
    page = open_page(scheme, width)
    page.goto(path.as_uri())
    page.screenshot(path=pictures / f"feedback-{name}-{scheme}-{width}.png", full_page=True)
    assert page.evaluate("window.stolen") is None
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate("document.scripts.length") == 0
    assert page.get_by_role("main").count() == page.get_by_role("banner").count() == 1
    assert page.locator("h1").count() == 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_axe(open_page, name, scheme):
    page = open_page(scheme, 800)
    content = pages()[name]
    start = content.index("<meta http-equiv")
    page.set_content(content[:start] + content[content.index(">", start) + 1 :])  # the policy would stop axe as well
    bad = [v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")]
    assert not bad, [(v["id"], v["nodes"][0]["html"][:300]) for v in bad]


def test_the_policy_is_a_second_wall(open_page, tmp_path):
    """Were markup to get into a page, it still could not run, style or fetch anything."""
    page = open_page()
    page.goto("about:blank")
    broken = pages()["feedback"].replace("<main", f"{PAYLOAD}<p id=p style='color: red'>x</p><main", 1)
    path = tmp_path / "page.html"
    path.write_text(broken, encoding="utf-8")
    page.goto(path.as_uri())
    assert page.evaluate("window.stolen") is None
    assert page.evaluate("getComputedStyle(document.getElementById('p')).color") != "rgb(255, 0, 0)"
    assert page.errors  # the browser says what it refused
    page.errors.clear()


def test_print_is_dark_on_light(open_page, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(pages()["feedback"], encoding="utf-8")
    page = open_page("dark")
    page.goto(path.as_uri())
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
