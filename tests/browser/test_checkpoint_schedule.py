"""Tape and checkpoints in a real Chromium: the browser's schedule is the kernel's; predicted and placed by keyboard."""

import re

import numpy as np

from adcourse.widgets import CheckpointSchedule
from tests.widgets.test_checkpoint_schedule import drawn

WORDS = {"Keep": "save", "Go back": "restore", "Advance": "advance", "Reverse": "reverse"}
PLAIN = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
SENTENCES = """([settings, last]) => {
  models[0].set("settings", settings);
  return Array.from({length: last}, (_, k) => {
    models[0].set("step", k + 1);
    return document.querySelector("[role=status]").textContent;
  });
}"""


def status(page):
    return page.get_by_role("status").inner_text()


def action(sentence):
    what = next(name for words, name in WORDS.items() if sentence.startswith(words))
    numbers = re.findall(r"(?<=x)\d+", sentence.translate(PLAIN))
    return (what, *map(int, numbers[: 2 if what == "advance" else 1]))


def test_whatever_is_set_the_browser_goes_through_the_schedule_of_the_kernel(mount):
    rng = np.random.default_rng()
    slots = int(rng.integers(2, 7))
    picture = CheckpointSchedule(int(rng.integers(slots + 2, 31)), slots)
    page = mount(picture)
    for _ in range(4):
        drawn(picture, rng)
        said = page.evaluate(SENTENCES, [picture.settings, picture.last])
        assert [action(sentence) for sentence in said] == picture.schedule, (picture.data["title"], picture.settings)
        assert f"{picture.extra} extra steps" in said[-1]
        yours = [cell.translate(PLAIN) for cell in page.locator("tbody tr").first.locator("td").all_inner_texts()]
        assert yours[:2] == [" ".join(f"x{k}" for k in picture.kept), str(picture.extra)]


def test_predicted_and_placed_by_keyboard_alone(mount):
    picture = CheckpointSchedule(20, 3)
    page = mount(picture)
    field = page.get_by_role("textbox")
    best = page.locator("tbody tr").last
    assert "least" not in status(page) and not any(best.locator("td").all_inner_texts())

    field.fill("7")
    field.press("Enter")
    assert status(page).startswith("Not 7: it is 10. Evenly spaced is best only if nothing more is kept")
    assert not any(best.locator("td").all_inner_texts())
    field.fill("52")
    field.press("Enter")
    assert "That is evenly spaced, with free places used again." in status(page) and "The least is 45." in status(page)
    assert best.locator("td").all_inner_texts()[1] == "45"

    for place, state in (("place 2", 10), ("place 3", 16)):
        slider = page.get_by_role("slider", name=place)
        for _ in range(state):
            slider.press("ArrowRight")
    assert "82 extra steps" in status(page)
    page.get_by_role("combobox", name="on the way back").press("ArrowDown")
    assert (
        status(page)
        == "Kept on the way forward: x₀ x₁₀ x₁₆. 45 extra steps, 3 of 3 states at most. No schedule has fewer."
    )
    page.get_by_role("slider", name="Step").press("End")
    assert status(page).startswith("Reverse step 0, from x₀; 0 are left. 45 extra steps")
    picture.settings = page.evaluate("models[0].state.settings")
    assert picture.extra == picture.least and page.evaluate("models[0].state.step") == picture.last
