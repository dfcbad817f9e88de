"""The mode cost's ES module: what the browser computes for any sizes is what Python counts; predictions are judged."""

import random

import pytest

from adcourse.methods import groupings as order
from adcourse.widgets import ModeCost


def status(page):
    return page.get_by_role("status").inner_text()


def test_for_any_sizes_the_browser_counts_what_python_counts(mount):
    cost = ModeCost(30, 2, 9, 1, 70, 4, 6)
    page = mount(cost)
    page.get_by_role("slider", name="Step").fill("4")
    declared = cost.data["settings"]
    for _ in range(12):
        now = {name: random.choice(declared[name]["options"])[0] for name in ("inputs", "results")}
        now["layers"] = random.randint(0, 5)
        page.evaluate("now => models[0].set('settings', now)", now)
        cost.settings = now
        every = order.groupings(now["layers"] + 1)
        counts = [order.multiplications(cost.sizes, grouping) for grouping in every]
        cells = page.locator("#w0 td[data-column=count]").all_inner_texts()
        assert [cell.split(", least")[0].strip() for cell in cells] == [f"{count:,}" for count in counts], now
        assert sum("least" in cell for cell in cells) == counts.count(min(counts))
        said = status(page)
        assert f"= {cost.multiplications['best']:,}." in said
        assert f"Forward takes {cost.multiplications['forward']:,}, reverse {cost.multiplications['reverse']:,}" in said
        assert page.locator("#w0 .factor").count() == now["layers"] + 1


def test_the_questions_come_one_after_the_other_and_nothing_is_shown_before(mount):
    page = mount(ModeCost(1000, 3, 4, 1))
    assert "3,012" not in page.locator("#w0").inner_text()
    ask, cells = page.locator("#w0 .predict label"), page.locator("#w0 td[data-column=count]")
    page.locator("#w0 .predict select").select_option("reverse")
    page.get_by_role("button", name="Check").press("Enter")
    assert status(page).startswith("Right. A JVP gives a column of the Jacobian, a VJP a row")
    assert status(page).endswith("forward takes 1,000 JVPs, reverse 1 VJP.")
    assert "J₃ (J₂ J₁)" in ask.inner_text()
    page.get_by_role("textbox").fill("16 000")
    page.keyboard.press("Enter")
    assert status(page).startswith("Right. Forward, from the input, J₃ (J₂ J₁): 4·3·1,000 + 1·4·1,000 = 16,000")
    assert [text.strip() for text in cells.all_inner_texts()] == ["16,000", ""]
    page.get_by_role("textbox").fill("12000")  # 1·4·3·1000
    page.keyboard.press("Enter")
    assert status(page).startswith("Not 12000: it is 3,012. The products are done one after the other")
    assert page.locator("#w0 .predict:visible").count() == 0  # there is no third grouping to ask about
    page.get_by_role("button", name="Next").press("Enter")
    assert status(page).startswith("The least of 2 groupings, (J₃ J₂) J₁")
    made = page.evaluate("models[0].state.predictions.map(p => [p.name, p.right])")
    assert made == [["passes", True], ["forward", True], ["reverse", False]]


@pytest.mark.parametrize("sizes, answer", [((100, 1, 100, 1, 100), "yes"), ((5, 5, 5, 5, 5), "no")])
def test_whether_a_third_way_is_cheaper(mount, sizes, answer):
    cost = ModeCost(*sizes)
    page = mount(cost)
    page.get_by_role("slider", name="Step").fill("3")
    page.locator("#w0 .predict select").select_option(answer)
    page.get_by_role("button", name="Check").press("Enter")
    assert status(page).startswith("Right.")
    counts = cost.multiplications
    assert (counts["best"] < min(counts["forward"], counts["reverse"])) == (answer == "yes")
