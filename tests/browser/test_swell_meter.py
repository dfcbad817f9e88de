"""The swell meter's ES module: curves and table are uncovered together, predictions are judged, the loop may change."""

import pytest

from adcourse.widgets import SwellMeter


@pytest.fixture(scope="module")
def meter():
    return SwellMeter(lambda y: 4 * y * (1 - y))


def status(page):
    return page.get_by_role("status").inner_text()


def column(page, kind):
    return page.locator(f"#w0 td[data-column={kind}]").all_inner_texts()


SHOWN = """() => [...document.querySelectorAll('#w0 [data-only]')].filter((e) => e.getClientRects().length)
  .map((e) => e.textContent)"""


def test_every_round_of_every_loop_shows_what_the_kernel_counted(mount, meter):
    page = mount(meter)
    for loop, found in meter.sizes.items():
        page.get_by_role("combobox", name="In the loop").select_option(loop)
        for n in (0, 1, 4, 9):
            page.get_by_role("slider").fill(str(n))
            now = found[n]
            assert status(page) == meter.data["loops"][loop]["says"][n]
            revealed = [f"{s.slope_tree:,}" for s in found[: n + 1]]
            assert column(page, "slope_tree") == revealed + [""] * (9 - n)
            expected = {f"tree {now.slope_tree:,}", f"graph {now.slope_dag:,}", f"trace {now.trace}"}
            assert set(page.evaluate(SHOWN)) == expected


def test_nothing_of_a_round_to_come_is_on_the_page(mount, meter):
    page = mount(meter)
    page.get_by_role("slider").fill("3")
    text = page.locator("#w0").inner_text()
    assert "343" in text and "935" not in text
    future = "[...document.querySelectorAll('#w0 [data-from]')].filter(e => e.dataset.from > 3)"
    assert page.evaluate(f"{future}.length") > 0 and page.evaluate(f"{future}.every(e => !e.getClientRects().length)")


@pytest.mark.parametrize("text, verdict", [("6,000", "Near enough: it is 5,767."), ("935", "Not 935: it is 5,767.")])
def test_a_prediction_goes_on_and_is_judged(mount, meter, text, verdict):
    page = mount(meter)
    page.get_by_role("slider").fill("5")
    assert (
        "as a tree, had 935, then 2,375 nodes. How many after one more round, to within 8 %?"
        in page.locator("label", has_text="Predict").inner_text()
    )
    page.get_by_role("textbox").fill(text)
    page.keyboard.press("Enter")
    assert status(page).startswith(verdict)
    assert status(page).endswith(meter.data["loops"]["nest"]["says"][6])
    made = page.evaluate("models[0].state.predictions")
    assert [(p["name"], p["expected"], p["right"]) for p in made] == [
        ("nest: tree after 6 rounds", 5767, text == "6,000")
    ]
    assert "as a graph" in page.locator("label", has_text="Predict").inner_text()


def test_a_known_mistake_is_explained(mount, meter):
    page = mount(meter)
    page.get_by_role("slider").fill("1")
    page.get_by_role("textbox").fill("53")  # 27, and 26 more, as in the round before
    page.get_by_role("button", name="Check").click()
    assert status(page).startswith("Not 53: it is 111. That adds as much as the round before")
