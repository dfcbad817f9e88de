"""nbgrader's formgrader in a real Chromium, on what `adcourse grade` has written."""

from __future__ import annotations

import json

import pytest

from tests.grading.blocks import blocks
from tests.grading.marking.campaigns import NAME, hand_in, make_course, run

from .lab import Lab

pytestmark = pytest.mark.slow
MATHJAX = "MathJax = {Hub: {Config() {}, Queue() {}, Startup: {signal: {Interest: (f) => f('End')}}}}"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of three students, graded."""
    folder = make_course(tmp_path_factory.mktemp("formgrader") / "course")
    hand_in(folder, "Zoë Right")
    hand_in(folder, "Nobody", {})
    wrong = next(block for block in blocks() if block.id == "6.1" and not block.right)
    path = hand_in(folder, "Uma One-Wrong")
    notebook = json.loads(path.read_text())
    next(cell for cell in notebook["cells"] if cell["id"] == "p6-1-solution")["source"] = wrong.code
    path.write_text(json.dumps(notebook))
    run(folder, "--workers", "2")
    return folder


@pytest.fixture
def formgrader(course, browser, chromium, tmp_path, pictures):
    """``formgrader(path)``: a page of formgrader, opened."""
    context = browser.new_context(viewport={"width": 1280, "height": 1600})
    # nbgrader's own page fetches MathJax from elsewhere, and waits for it.
    context.route(lambda url: "//127.0.0.1:" not in url, lambda route: route.fulfill(body=MATHJAX))
    page = context.new_page()
    page.set_default_timeout(60_000)
    with Lab(tmp_path, course) as lab:
        page.goto(f"{lab.url}/formgrader/?token={lab.token}")  # to be logged in

        def visit(path):
            page.goto(f"{lab.url}/formgrader/{path}")
            return page

        yield visit
        page.screenshot(path=pictures / "formgrader.png")
    context.close()


def table(page) -> dict[str, tuple[str, bool]]:
    """Of each student the score, and whether a person is asked to look."""
    page.wait_for_selector("td.score:has-text('/')")
    rows = page.locator("tbody tr").all()
    text = lambda row, of: row.locator(f"td.{of}").inner_text().strip()
    return {
        row.locator("a.name-shown").text_content(): (
            text(row, "score"), row.locator("td.needs-manual-grade .glyphicon-ok").count() > 0,
        )
        for row in rows
    }  # fmt: skip


def test_scores_are_seen_and_what_a_person_gives_stays(course, formgrader):
    """See the class, open one, give a score and a comment by hand, grade all again, see it still there."""
    page = formgrader(f"gradebook/{NAME}/{NAME}")
    assert table(page) == {
        "Zoë Right": ("16 / 16", False), "Uma One-Wrong": ("15 / 16", False), "Nobody": ("0 / 16", False),
    }  # fmt: skip

    page.locator("#toggle_names").click()
    page.get_by_role("link", name="Uma One-Wrong").click()
    score, comment = page.locator("input#p6-1-test"), page.locator("textarea#p6-1-solution-comment")
    score.wait_for()
    # Score and comment come by two requests, in either order.
    page.wait_for_function("() => document.querySelector('input#p6-1-test').placeholder === '0'")
    page.wait_for_function(
        "() => document.querySelector('textarea#p6-1-solution-comment').placeholder.startsWith('6.1: ')"
    )
    assert "6.1 Back-propagate" in page.locator("body").inner_text()  # the verdict, below the test cell

    with page.expect_response(lambda answer: answer.request.method == "PUT" and "/api/grade/" in answer.url):
        score.fill("0.5")
        score.press("Tab")
    with page.expect_response(lambda answer: answer.request.method == "PUT" and "/api/comment/" in answer.url):
        comment.fill("Nearly: see me.")
        page.locator("body").click()
    address = page.url

    run(course, "--workers", "1", "--again")
    page.goto(address)
    page.wait_for_function("() => document.querySelector('input#p6-1-test').value === '0.5'")
    page.wait_for_function("() => document.querySelector('textarea#p6-1-solution-comment').value === 'Nearly: see me.'")
    page = formgrader(f"gradebook/{NAME}/{NAME}")
    assert table(page)["Uma One-Wrong"] == ("15.5 / 16", True)  # as nbgrader: graded anew, so look again
    assert table(page)["Zoë Right"] == ("16 / 16", False)

    page = formgrader(f"manage_submissions/{NAME}")
    page.wait_for_selector("td.status:has-text('graded')")
    assert page.locator("td.status:has-text('needs autograding')").count() == 0
