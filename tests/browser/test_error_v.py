"""The error V in a bare page: nothing is told before the guess; every position says the kernel's numbers; a pointer."""

import numpy as np
import pytest

from adcourse.widgets import ErrorV


def p(x):
    return 5 * x**5 + 4 * x**3 - 5


def status(page):
    return page.get_by_role("status").inner_text()


def test_the_errors_are_shown_after_the_guess_and_a_wrong_one_is_explained(mount):
    v = ErrorV(p, 1.0)
    page = mount(v)
    assert "error" not in status(page)
    assert page.locator("summary").is_hidden() and page.get_by_text("dual numbers", exact=False).last.is_hidden()
    page.get_by_role("textbox").fill("1e-16")
    page.get_by_role("textbox").press("Enter")
    assert status(page).startswith("Not 1e-16: it is about 4e-9. With a smaller step, f(x + h) and f(x) agree")
    assert "an error of 26. The step is too large" in status(page)
    assert page.locator("summary").is_visible()
    made = page.evaluate("models[0].state.predictions[0]")
    assert made == {"name": "best step", "answer": 1e-16, "expected": v.best["forward"], "right": False}
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "step h"


def test_a_guess_within_a_factor_of_ten_is_near_enough(mount):
    page = mount(ErrorV(p, 1.0))
    for guess, right in (("1e-8", True), ("5e-10", True), ("1/1000", False), ("0", False), ("-1", False)):
        page.get_by_role("textbox").fill(guess)
        page.get_by_role("button", name="Check").click()
        assert status(page).startswith("Near enough: it is about 4e-9." if right else f"Not {guess}: it is about 4e-9.")
        page.get_by_role("button", name="Reset").click()


def test_every_position_of_the_slider_and_every_method_says_what_the_kernel_computed(mount):
    v = ErrorV(np.sin, 1.0)
    page = mount(v)
    page.get_by_role("button", name="Show me").click()
    for method in v.slopes:
        page.get_by_role("combobox", name="method").select_option(method)
        for k in (0, 1, 60, 100, len(v.steps) - 1):
            page.get_by_role("slider", name="step h").fill(str(v.powers[k]))
            words = status(page)
            assert float(words.split("h = ")[1].split(" ")[0]) == pytest.approx(v.steps[k], rel=0.06)
            assert float(words.split("slope ")[1].split(",")[0]) == pytest.approx(v.slopes[method][k], rel=1e-8)
            if error := v.errors[method][k]:
                assert float(words.split("error of ")[1].rstrip(".").split(". ")[0]) == pytest.approx(error, rel=0.06)
            else:
                assert "no error at all" in words
    page.get_by_role("combobox", name="method").select_option("forward")
    for power, regime in (
        (-1, "too large"),
        (-12, "too small"),
        (-7.7, "in balance"),
        (-16, "rounds to 1: the difference is 0"),
    ):
        page.get_by_role("slider", name="step h").fill(str(power))
        assert regime in status(page)


def test_a_pointer_on_the_curve_moves_the_step_as_the_slider_does(mount):
    v = ErrorV(p, 1.0)
    page = mount(v)
    axes = page.get_by_role("img", name="Error of the slope")
    box = axes.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.click(*middle)
    assert page.evaluate("models[0].state.settings.power") == -0.5  # not before the guess
    page.get_by_role("button", name="Show me").click()
    page.mouse.click(*middle)
    clicked = page.evaluate("models[0].state.settings.power")
    assert -9 < clicked < -6 and clicked in v.powers
    assert page.get_by_role("slider").input_value() == str(clicked)
