"""What holds for every interactive picture in a real Chromium, without Jupyter: keyboard, Reset, themes, export."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.widgets.contributing import moving_tangent
from tests.widgets.examples import EXAMPLES

CONTROLS = "button, input, select, summary, [tabindex]"
LOOK = """e => [e.outerHTML.replaceAll(' class=""', "").replaceAll(' style=""', ""),
  ...[...e.querySelectorAll("input, select")].map((control) => control.value)]"""
STATE = "JSON.stringify([models[0].state.step, models[0].state.settings])"


@pytest.fixture(scope="module", params=[*EXAMPLES, "adding_a_picture.md"])
def make(request, tmp_path_factory):
    """Makes the picture anew: ``make()``; its name is ``make.name``."""
    if request.param in EXAMPLES:
        build = EXAMPLES[request.param]
    else:
        tangent = moving_tangent(tmp_path_factory.mktemp("contributing"))
        build = lambda: tangent(lambda x: x * x)
    made = lambda: build()
    made.name = request.param.partition(".")[0].lower()
    return made


def finish(page, place="#w0"):
    """Answer every question by asking for the answer, and go to the last step, by keyboard alone."""
    while (show := page.locator(f"{place} .predict:visible button", has_text="Show me")).count():
        show.press("Enter")
    if (step := page.locator(f"{place} input[aria-label=Step]")).count():
        step.press("End")


def test_every_control_works_by_keyboard_and_reset_restores_the_beginning(make, mount):
    page = mount(make())
    root = page.locator("#w0 .adcourse")
    beginning = root.evaluate(LOOK)
    controls = root.locator(CONTROLS)
    for control in controls.all():
        assert control.get_attribute("data-lm-suppress-shortcuts") == "true", control.evaluate("e => e.outerHTML")
    reached = set()
    visible = [control for control in controls.all() if control.is_visible()]
    visible[0].focus()
    for _ in visible:
        reached.add(page.evaluate(f"[...document.querySelectorAll('{CONTROLS}')].indexOf(document.activeElement)"))
        page.keyboard.press("Tab")
    assert len(reached) >= len(visible) - 1  # of radio buttons that belong together only one is a stop
    finish(page)
    for control in root.locator("input[type=range], .controls select").all():
        before = page.evaluate(STATE)
        there, back = "ArrowRight", "ArrowLeft"
        control.press(there)
        if page.evaluate(STATE) == before:  # it is at its end
            there, back = back, there
            control.press(there)
        assert page.evaluate(STATE) != before, control.evaluate("e => e.outerHTML")
        assert len(page.get_by_role("status").inner_text()) > 10
        assert page.evaluate("document.activeElement.matches('input, select')")
        control.press(back)
        assert page.evaluate(STATE) == before
        control.press(there)
    root.get_by_role("button", name="Reset").press("Enter")
    assert page.evaluate("models[0].state.predictions") == []
    assert root.evaluate(LOOK) == beginning


def test_it_is_accessible_in_both_themes_and_pictures_are_left_to_look_at(make, mount, pictures):
    for scheme in ("light", "dark"):
        page = mount(make(), scheme=scheme)
        for end in (False, True):
            if end:
                finish(page)
                for summary in page.locator("#w0 summary").all():
                    summary.press("Enter")
            found = Axe().run(page, context="#w0").response["violations"]
            bad = [v for v in found if v["impact"] in ("serious", "critical")]
            assert not bad, [(v["id"], v["nodes"][0]["html"]) for v in bad]
        for width in (1000, 400):
            page.set_viewport_size({"width": width, "height": 1400})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"too wide for {width} px"
            page.locator("#w0").screenshot(path=pictures / f"every-{make.name}-{scheme}-{width}.png")


def test_two_of_them_do_not_disturb_each_other_and_each_cleans_up(make, mount):
    page = mount(make(), make())
    finish(page, "#w1")
    for control in page.locator("#w1 input[type=range], #w1 .controls select").all():
        control.press("End")
    untouched = page.evaluate("[models[0].saves, models[0].state.step, models[0].state.predictions.length]")
    assert untouched == [0, 0, 0]
    assert page.evaluate("[...document.querySelectorAll('#w0 [id], #w1 [id]')].length") == 0
    assert page.evaluate("Object.values(models[1].listeners).flat().length") > 0
    page.evaluate("cleanups[1]()")
    assert page.evaluate("Object.values(models[1].listeners).flat().length") == 0
    assert page.locator("#w1 *").count() == 0
    assert page.locator("#w0 .adcourse").is_visible()


def test_what_the_kernel_sets_is_shown(make, mount):
    """State that comes back: after a cell has set it, and when a saved notebook is opened again."""
    first, second = make(), make()
    declared = {n: h for n, h in first.data["settings"].items() if h["kind"] in ("range", "choice", "number")}
    ends = {n: h["max"] if "max" in h else h["options"][-1][0] for n, h in declared.items()}
    second.settings, second.step = ends, second.last
    second.predictions = [{"name": a["name"], "answer": None, "right": None} for a in second.data.get("asks", ())]
    page = mount(first, second)
    state = second.get_state(["settings", "step", "predictions"])
    page.evaluate("state => Object.keys(state).forEach((name) => models[0].set(name, state[name]))", state)
    text = "(k) => document.querySelector(`#w${k} .adcourse`).innerText"
    assert page.evaluate(text, 0) == page.evaluate(text, 1)
    values = "(k) => [...document.querySelectorAll(`#w${k} input, #w${k} .controls select`)].map(e => e.value)"
    assert page.evaluate(values, 0) == page.evaluate(values, 1)


def test_it_repaints_at_once(make, mount):
    """From key press to laid-out page; medians are printed, and a repaint is less work than showing it anew.

    That is asked of the quicker ones, for what else a machine does makes some of them longer, and none shorter.
    """
    page = mount(make())
    finish(page)
    step, whole, less = page.evaluate("""async () => {
      const part = (times, p) => times.sort((a, b) => a - b)[Math.floor(times.length * p)];
      const sliders = [...document.querySelectorAll("#w0 input[type=range]")], moved = [], shown = [];
      for (let k = 0; k < 60; k++) {
        const slider = sliders[k % sliders.length];
        const start = performance.now();
        slider[(k / sliders.length) % 20 < 10 ? "stepDown" : "stepUp"]();
        slider.dispatchEvent(new Event("input"));
        document.body.getBoundingClientRect();  // forces style and layout
        moved.push(performance.now() - start);
        await new Promise(requestAnimationFrame);
      }
      for (let k = 0; k < 9; k++) {
        const place = document.createElement("div"), start = performance.now();
        document.querySelector("main").append(place);
        module.render({model: models[0], el: place})
        document.body.getBoundingClientRect();
        shown.push(performance.now() - start);
        place.remove();
      }
      return [part(moved, 0.5), part(shown, 0.5), part(moved, 0.25) < part(shown, 0.25)];
    }""")
    print(f"{make.name}: repaint {step:.2f} ms, shown in {whole:.1f} ms")
    assert less


def test_the_export_opens_from_disk(make, open_page, tmp_path):
    page = open_page(scheme="dark", width=1000)
    page.goto(make().to_html(tmp_path / "picture.html").as_uri())
    finish(page, "#picture")
    assert len(page.get_by_role("status").inner_text()) > 10
    assert page.locator("#picture .predict:visible").count() == 0
