"""The stepper in a real JupyterLab: by keyboard, with the kernel busy, beside others; lecture 6 as a learner."""

import json
import os
import time

import pytest

from tests.widgets.examples import EXAMPLES

IMPORTS = "import numpy as np\nfrom adcourse.widgets import SweepStepper\n"
FUNCTION = "def f(w1, w2):\n    v = w2 * np.log(w1)\n    return v + np.sqrt(v)\n"
STEPPER = f"{IMPORTS}{FUNCTION}s = SweepStepper(f, np.e, 4.0)\ns"


@pytest.fixture
def page(lab_page):
    return lab_page


def to_the_end(page, stepper):
    """Step by keyboard until the last step; returns the final adjoints on the page, by name."""
    following = stepper.get_by_role("button", name="Next")
    following.focus()
    for _ in range(int(stepper.get_by_role("slider").get_attribute("max"))):
        page.keyboard.press("Enter")
    assert following.get_attribute("aria-disabled") == "true"
    rows = stepper.locator("tbody tr")
    names = [text.split(" ")[0] for text in rows.locator("th").all_inner_texts()]
    return dict(zip(names, rows.locator("td[data-column=adjoint]").all_inner_texts(), strict=True))


def test_stepped_by_keyboard_and_read_by_a_later_cell(notebook, page):
    notebook.open([STEPPER, "from adcourse.widgets import ModeCost\nc = ModeCost(1000, 3, 4, 1)\nc"]).run_all()
    stepper, modes = page.locator(".adcourse").first, page.locator(".adcourse").last
    adjoints = to_the_end(page, stepper)
    assert adjoints["w1"] == "1.839397"
    assert adjoints["w2"] == "1.25"
    notebook.wait_for("print(s.done, s.step == s.last)", "True True")
    assert notebook.ask("print(abs(s.adjoints['w1'] - 5 / np.e) < 1e-12)") == "True"
    stepper.get_by_role("button", name="Adjoint sweep").click()
    stepper.get_by_role("textbox").fill("1")
    page.keyboard.press("Enter")
    notebook.wait_for("print([(p['name'], p['right']) for p in s.predictions])", "[('v', True)]")
    modes.get_by_role("combobox", name="inputs").select_option(label="1")
    notebook.wait_for("print(c.sizes, c.passes['forward'], c.step)", "(1, 3, 4, 1) 1 0")


@pytest.mark.parametrize(
    "place", ["lab/tree", "notebooks"] if os.environ.get("ADCOURSE_TESTS") == "all" else ["lab/tree"]
)
def test_saved_and_reopened_it_stands_there_as_it_was_left(notebook, page, place):
    """By a setting that comes with the package: the state is saved, and shown although nothing has been run."""
    notebook.open([STEPPER], place=place).run_all()
    adjoints = to_the_end(page, page.locator(".adcourse").first)
    notebook.wait_for("print(s.done, s.step == s.last)", "True True")
    notebook.command("docmanager:save")
    saved = notebook.lab.root / "test.ipynb"
    deadline = time.monotonic() + 10
    while "widgets" not in json.loads(saved.read_text())["metadata"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    notebook.close()
    notebook.visit("test.ipynb", place)
    stepper = page.locator(".adcourse")
    stepper.wait_for()
    assert to_the_end(page, stepper) == adjoints and adjoints["w1"] == "1.839397"
    assert stepper.get_by_role("slider").input_value() == stepper.get_by_role("slider").get_attribute("max")
    stepper.get_by_role("button", name="Back").click()  # it moves, without a kernel that would know it
    assert notebook.ask("'s' in globals()") == ""
    assert stepper.get_by_role("slider").input_value() != stepper.get_by_role("slider").get_attribute("max")
    if place == "notebooks":
        page.errors.clear()  # Notebook 7's own: it misses two of JupyterLab's parts


def test_no_key_pressed_in_the_picture_reaches_the_notebook(notebook, page):
    notebook.open([STEPPER]).run_all()
    stepper = page.locator(".adcourse")
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    for control in stepper.locator("button, input, [tabindex]").all():
        if control.is_visible():
            control.focus()
            for key in ("a", "b", "d", "d", "x", "m", "0", "0"):
                page.keyboard.press(key)
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
    assert page.locator(".jp-Dialog").count() == 0


def test_it_works_while_the_kernel_is_busy_and_catches_up(notebook, page):
    notebook.open([STEPPER]).run_all()
    stepper = page.locator(".adcourse")
    page.evaluate("""() => { const k = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
      k.requestExecute({code: "import time; time.sleep(4); busy = s.step", store_history: false}); }""")
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'busy'"
    )
    start = time.monotonic()
    assert to_the_end(page, stepper)["w2"] == "1.25"
    assert (
        page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status") == "busy"
    ), f"the sleep was over before the stepping, after {time.monotonic() - start:.1f} s"
    notebook.wait_for("print(busy, s.done)", "0 True")


def test_two_in_one_notebook_one_shown_twice_and_one_of_another_kind(notebook, page):
    other = "from adcourse.widgets import DualGeometry\ng = DualGeometry()\ng"
    notebook.open([STEPPER, "t = SweepStepper(lambda a: a * a, 3.0)\nt", "s", other]).run_all()
    first, second, again, moved = (page.locator(".adcourse").nth(k) for k in range(4))
    assert to_the_end(page, first)["w2"] == "1.25"
    assert again.get_by_role("slider").input_value() == first.get_by_role("slider").input_value()
    assert second.get_by_role("slider").input_value() == "0"
    assert notebook.ask("t.step = 2") == ""
    page.wait_for_function("() => document.querySelectorAll('.adcourse input[type=range]')[1].value === '2'")
    notebook.wait_for("print(s.done, t.step)", "True 2")
    moved.get_by_role("slider", name="b").press("End")
    notebook.wait_for("print(g.settings['b'] == 1, round(g.result[1], 9))", "True 1.4")  # f' (1.4) times 1
    moved.get_by_role("textbox").fill("1.4")
    page.keyboard.press("Enter")
    notebook.wait_for("print([(p['name'], p['right']) for p in g.predictions])", "[('function', True)]")


PICTURE = ".adcourse tbody tr"
PLOTS = "from adcourse.widgets import ErrorV, TaylorExplorer\nimport numpy as np\n"


def test_settings_and_guesses_travel_both_ways(notebook, page):
    """Two pictures that are set, not stepped: by keyboard in the browser, by a cell in the kernel."""
    cells = [f"{PLOTS}v = ErrorV(np.sin, 1.0)\nv", "e = TaylorExplorer(np.tanh, 0.0, 1.0)\ne", "v"]
    notebook.open(cells).run_all()
    first, explorer, again = (page.locator(".adcourse").nth(k) for k in range(3))
    first.get_by_role("textbox").fill("1e-8")
    page.keyboard.press("Enter")
    assert first.get_by_role("status").inner_text().startswith("Near enough")
    step = first.get_by_role("slider", name="step h")
    step.press("Home")
    step.press("ArrowRight")
    notebook.wait_for("print(v.done, v.settings['power'], v.predictions[0]['right'])", "True -15.9 True")
    assert again.get_by_role("slider", name="step h").input_value() == "-15.9"
    assert again.get_by_role("status").inner_text().startswith("With h = 1.3e-16")
    explorer.get_by_role("combobox", name="centre").select_option("1")
    notebook.wait_for("print(e.settings['centre'], e.done)", "1 False")
    assert notebook.ask("e.settings = {'order': 9}; e.predictions = [{'name': 'outside', 'right': None}]") == ""
    page.wait_for_function("() => document.querySelector('input[aria-label=order]').value === '9'")
    assert "the polynomial of order 9 about 1" in explorer.get_by_role("status").inner_text()
    assert "no setting 'ordr'" in notebook.ask("e.settings = {'ordr': 9}")


@pytest.mark.parametrize(
    "place", ["lab/tree", "notebooks"] if os.environ.get("ADCOURSE_TESTS") == "all" else ["notebooks"]
)
def test_every_picture_in_one_notebook_of_jupyterlab_and_of_notebook_7(notebook, page, place):
    """Shown, moved by keyboard, and what was moved is known to a later cell; a time for each is printed."""
    loop = "def g(x):\n    for _ in range(10):\n        x = 4 * x * (1 - x)\n    return x\n"
    start = f"{IMPORTS}{loop}from tests.widgets.examples import EXAMPLES\np = {{}}"
    shown = [f"p[{name!r}] = EXAMPLES[{name!r}]()\np[{name!r}]" for name in EXAMPLES]
    notebook.open([start, *shown, "SweepStepper(g, 0.2)"], place=place)
    if place == "notebooks":
        page.errors.clear()  # Notebook 7's own: before a cell has run it misses two of JupyterLab's parts
    notebook.run_all()
    pictures = page.locator(".adcourse")
    for k, name in enumerate(EXAMPLES):
        picture, state = pictures.nth(k), f"[p[{name!r}].step, p[{name!r}].settings]"
        before = notebook.ask(f"print({state})")
        assert len(picture.get_by_role("status").inner_text()) > 10
        control = picture.locator("input[type=range]:visible, .controls select:visible").first
        last = control.evaluate("e => e.max ? e.value === e.max : e.selectedIndex === e.length - 1")
        control.press("ArrowLeft" if last else "ArrowRight")
        notebook.wait_for(f"print({state} != {before})", "True")
        print(f"{place}: {name} shown after {notebook.shown(k + 1, PICTURE):.0f} ms")
    print(f"{place}: a stepper of thirty rows shown after {notebook.shown(len(EXAMPLES) + 1, PICTURE):.0f} ms")
    assert pictures.count() == len(EXAMPLES) + 1


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_it_follows_the_theme(notebook, page, theme, pictures):
    notebook.open([STEPPER]).run_all()
    page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    page.wait_for_function(
        "light => document.body.dataset.jpThemeLight === light", arg="false" if "Dark" in theme else "true"
    )
    stepper = page.locator(".adcourse")
    stepper.get_by_role("slider").press("End")
    paper = stepper.evaluate("e => getComputedStyle(e).backgroundColor")
    assert paper == ("rgb(27, 27, 27)" if "Dark" in theme else "rgb(255, 255, 255)")
    page.screenshot(path=pictures / f"lab-{theme[-5:].strip().lower()}.png")
    page.evaluate("() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'})")


def test_lecture_6_runs_and_its_stepper_ends_with_the_gradient(notebook, page, repository, pictures):
    """The lecture as a learner meets it: open, run all, step by keyboard, read the adjoints."""
    lecture = repository / "lectures" / "06_reverse_mode.ipynb"
    assert lecture.exists(), "lectures/06_reverse_mode.ipynb is missing"
    notebook.open(lecture).run_all(timeout=300)
    steppers = page.locator(".adcourse")
    assert steppers.count() >= 1
    for k in range(steppers.count()):
        stepper = steppers.nth(k)
        adjoints = to_the_end(page, stepper)
        tangents = stepper.locator("td[data-column=tangent]").all_inner_texts()
        assert all(adjoints.values())
        first = next(iter(adjoints.values()))
        if "[" not in first:  # the tangent of the output along the first input is that input's adjoint
            assert float(tangents[-1]) == pytest.approx(float(first), rel=1e-5)
        stepper.screenshot(path=pictures / f"lecture-6-stepper-{k}.png")
