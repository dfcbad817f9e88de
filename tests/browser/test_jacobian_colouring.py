"""Jacobian colouring in a real Chromium: painting and predicting by keyboard."""

import numpy as np

from adcourse.widgets import JacobianColouring


def line(u):
    return u[:-2] - 2 * u[1:-1] + 3 * u[2:]


def status(page):
    return page.get_by_role("status").inner_text()


def test_columns_are_painted_and_conflicts_named_by_keyboard_alone(mount):
    page = mount(JacobianColouring(line, np.zeros(6)))
    given = page.get_by_role("group", name="What the sweeps give")
    assert given.locator("tbody tr").count() == 0 and "onflict" not in status(page)  # the prediction comes first

    field = page.get_by_role("textbox")
    field.fill("2")
    field.press("Enter")
    assert status(page).startswith("Not 2: it is 3. With so few, two columns of one colour meet in some row.")
    assert page.evaluate("models[0].state.predictions[0].right") is False
    assert given.locator("tbody tr").count() == 4

    colours = page.get_by_role("slider", name="colours")
    for _ in range(3):
        colours.press("ArrowLeft")
    assert "3 colours, 3 of 6 sweeps. No conflict: every entry can be read off." in status(page)
    assert given.locator("tbody tr").first.inner_text().split() == ["0", "1", "−2", "3"]

    page.get_by_role("button", name="column 2: C").press("Enter")  # the next colour, round and round
    assert "in row 0, columns 0 and 2 are all A; the sweep gives 1 + 3" in status(page)
    assert given.locator("td", has_text="mixed").count() == page.locator("td", has_text="!").count() / 2 > 0
    page.get_by_role("button", name="column 2: A").press("c")
    assert "No conflict" in status(page)
    assert page.evaluate("models[0].state.settings.painted") == [0, 1, 2, 0, 1, 2]
