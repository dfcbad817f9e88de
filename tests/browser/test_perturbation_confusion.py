"""Two runs of a nested derivative side by side in a bare page: stepping, predicting, what is shown. No Jupyter."""

import numpy as np

from adcourse.widgets import PerturbationConfusion


def status(page):
    return page.get_by_role("status").inner_text()


def test_line_by_line_both_runs_and_both_drawings(mount):
    picture = PerturbationConfusion(lambda x, y: np.sin(x * y), lambda x, d: d / x, 2.0, 3.0)
    page = mount(picture)
    following = page.get_by_role("button", name="Next")
    for k, (step, (_, *numbers)) in enumerate(zip(picture.data["steps"], picture.data["rows"], strict=True), 1):
        following.press("Enter")
        assert status(page) == step["say"]
        cells = page.locator(f"tbody tr[data-row='{k - 1}'] td").all_inner_texts()
        assert cells == numbers
        shown = page.locator("[data-from][display=inline]")
        assert shown.count() == 2 * k
        assert [text.split(" ")[0] for text in shown.nth(k - 1).locator("text").all_text_contents()] == [
            numbers[0].split(" ")[0]
        ]
    assert following.get_attribute("aria-disabled") == "true"


def test_the_two_readings_are_predicted_and_a_confusion_is_named(mount):
    page = mount(PerturbationConfusion())
    page.get_by_role("slider", name="Step").fill("3")
    assert "1 or 2?" in page.locator("label").last.inner_text()
    page.get_by_role("textbox").fill("1")
    page.get_by_role("textbox").press("Enter")
    assert status(page).startswith("Not 1: it is 2. That is y's part, which it ought to read.")
    page.get_by_role("button", name="Next").press("Enter")
    page.get_by_role("textbox").fill("1")
    page.get_by_role("textbox").press("Enter")
    assert status(page).startswith("Right. The outer derivative reads") and "nothing warns you" in status(page)
    made = page.evaluate("models[0].state.predictions")
    assert [(p["name"], p["right"]) for p in made] == [("without tags", False), ("with tags", True)]
