"""The broadcast view's ES module: shapes, sums and shares come to light step by step, each predicted before."""

from adcourse.widgets import BroadcastView

SEEN = """() => [...document.querySelectorAll("#w0 .drawn text")].filter((e) => e.getClientRects().length)
  .map((e) => e.textContent)"""


def status(page):
    return page.get_by_role("status").inner_text()


def test_axis_by_axis_forward_and_back(mount):
    view = BroadcastView((3, 1), (2, 1, 4))
    page = mount(view)
    seen = page.evaluate(SEEN)
    assert "none" in seen and "1" in seen and not any("→" in text or "Σ" in text for text in seen)

    def answer(option):
        page.locator("#w0 .predict select").select_option(option)
        page.get_by_role("button", name="Check").press("Enter")

    answer("(2, 3, 4)")
    assert status(page) == "Right. " + view.data["steps"][0]["say"]
    assert {"none → 2", "1 → 4", "1 → 3"} <= set(page.evaluate(SEEN))
    answer("axis 2")
    assert status(page).startswith("Not axis 2: it is axes 0, 2. Axis 0 was added in front: a was copied along it")
    assert {"Σ over 2", "Σ over 4"} <= set(page.evaluate(SEEN)) and "Σ over 3" not in page.evaluate(SEEN)
    page.get_by_role("textbox").fill("24")
    page.keyboard.press("Enter")
    assert status(page).startswith("Not 24: it is 8. That is the sum over the whole result")
    page.get_by_role("button", name="Next").press("Enter")
    page.get_by_role("textbox").fill("3")
    page.keyboard.press("Enter")
    assert status(page).startswith("Right. Each entry of b was used 3 times")
    assert page.evaluate("models[0].state.predictions.map(p => p.right)") == [True, False, False, True]
    cells = page.locator("#w0 td[data-column=b]").all_inner_texts()
    assert cells == [row[2] for row in view.data["cells"]]
