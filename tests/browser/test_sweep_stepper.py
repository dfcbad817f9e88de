"""The stepper's ES module in a bare page: stepping, predicting, keyboard, accessibility, speed, export. No Jupyter."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from adcourse.widgets import SweepStepper


def two_doublings(a):
    b = a + a
    return b + b


def running_example(w1, w2):
    v = w2 * np.log(w1)
    return v + np.sqrt(v)


def log_density(y, mu, sigma):
    return -0.5 * ((y - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)


def layer(x, W, b):
    h = np.tanh(W @ x + b)
    return np.sum(h * h)


def rosenbrock(x):
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(len(x) - 1))


def logistic(x):
    for _ in range(10):
        x = 4 * x * (1 - x)
    return x


CASES = {
    "one_row": (np.sin, 1.0),
    "two_doublings": (two_doublings, 3.0),
    "running_example": (running_example, np.e, 4.0),
    "log_density": (log_density, 3.0, 1.0, 2.0),
    "layer": (layer, np.array([1.0, 2.0, 3.0]), np.arange(12.0).reshape(4, 3) / 10, np.zeros(4)),
    "logistic": (logistic, 0.2),
    "rosenbrock": (rosenbrock, np.array([-1.2, 1.0, 0.5, 0.3, 0.2])),
}


def column(page, kind, place="#w0"):
    return page.locator(f"{place} td[data-column={kind}]").all_inner_texts()


def status(page):
    return page.get_by_role("status").inner_text()


def test_the_keyboard_alone_steps_to_the_end_and_back(mount):
    stepper = SweepStepper(running_example, np.e, 4.0)
    page = mount(stepper)
    assert "Nothing is computed yet" in status(page)
    assert column(page, "primal") == [""] * 6
    following = page.get_by_role("button", name="Next")
    following.focus()
    for _ in range(stepper.last + 3):  # three presses too many: the button stays, and keeps the focus
        page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "Next"
    assert following.get_attribute("aria-disabled") == "true"
    assert column(page, "primal") == ["2.718282", "4", "1", "4", "2", "6"]
    assert column(page, "tangent") == ["1", "0", "0.3678794", "1.471518", "0.3678794", "1.839397"]
    assert column(page, "adjoint") == ["1.839397", "1.25", "5", "1.25", "1", "1"]
    slider = page.get_by_role("slider", name="Step")
    slider.focus()
    page.keyboard.press("Home")
    assert column(page, "adjoint") == [""] * 6
    page.keyboard.press("ArrowRight")
    assert status(page) == "Input w1 = 2.718282."
    assert slider.get_attribute("aria-valuetext") == f"Step 1 of {stepper.last}"
    page.keyboard.press("End")
    assert column(page, "adjoint")[0] == "1.839397"
    page.get_by_role("button", name="Tangent sweep").press("Enter")
    assert status(page) == "Seed: the tangent of w1 is 1."
    page.get_by_role("button", name="Reset").press(" ")
    assert column(page, "primal") == [""] * 6


@pytest.mark.parametrize("name", ["running_example", "layer", "logistic"])
def test_every_step_says_what_the_kernel_computed(mount, name):
    stepper = SweepStepper(*CASES[name])
    page = mount(stepper)
    for step in stepper.data["steps"]:
        page.get_by_role("button", name="Next").click()
        assert status(page) == step["say"]
        assert page.locator("#w0 tr.current").get_attribute("data-row") == str(step["row"])
    assert page.evaluate("models[0].state.step") == stepper.last
    final = {(row, kind): words for step in stepper.data["steps"] for row, kind, words, _ in step["set"]}
    for kind in ("primal", "tangent", "adjoint"):
        assert column(page, kind) == [final[row, kind] for row in range(len(stepper.tape))]


def test_the_sum_at_a_fan_out_grows_share_by_share(mount):
    page = mount(SweepStepper(two_doublings, 3.0))
    page.get_by_role("slider").press("End")
    total = page.locator(".sum")
    assert "0 + 2 = 2, then 2 + 2 = 4; complete" in total.inner_text()
    page.get_by_role("button", name="Back").click()
    assert "0 + 2 = 2; 1 still to come" in total.inner_text()
    assert column(page, "adjoint") == ["2", "2", "1"]


def at_question(page, stepper, name):
    """Step to where the first prediction of an adjoint by that name is asked; its number."""
    asked = next(k for k, step in enumerate(stepper.data["steps"]) if step["ask"] and step["ask"]["name"] == name)
    page.get_by_role("slider").fill(str(asked))
    return page.get_by_role("textbox"), asked


def test_a_right_prediction_is_praised_counted_and_goes_on(mount):
    stepper = SweepStepper(running_example, np.e, 4.0)
    page = mount(stepper)
    field, asked = at_question(page, stepper, "w2")
    assert "What is the adjoint of w2 then?" in page.locator("label").inner_text()
    assert column(page, "adjoint")[1] == "0"
    field.fill("5/4")
    field.press("Enter")
    assert status(page) == "Right. " + stepper.data["steps"][asked]["say"]
    assert column(page, "adjoint")[1] == "1.25"
    assert "1 of 1 right" in page.locator(".score").inner_text()
    made = page.evaluate("models[0].state.predictions")
    assert made == [{"step": asked + 1, "name": "w2", "answer": 1.25, "expected": 1.25, "right": True}]
    assert page.evaluate("document.activeElement.tagName") == "INPUT"  # ready for the next question


def test_a_wrong_prediction_is_explained(mount):
    stepper = SweepStepper(two_doublings, 3.0)
    page = mount(stepper)
    second = [k for k, s in enumerate(stepper.data["steps"]) if s["ask"] and s["ask"]["name"] == "a"][1]
    page.get_by_role("slider").fill(str(second))
    page.get_by_role("textbox").fill("2")  # the share alone: = in place of +=
    page.get_by_role("button", name="Check").click()
    assert status(page).startswith("Not 2: it is 4.")
    assert "add" in status(page)
    assert page.evaluate("models[0].state.predictions[0].right") is False
    assert page.evaluate("document.activeElement.textContent") == "Next"  # no further question: the focus isn't lost


@pytest.mark.parametrize("text", ["", "abc", "1/0", "1/2/3", "1 2", "/"])
def test_what_is_not_a_number_is_not_judged(mount, text):
    stepper = SweepStepper(two_doublings, 3.0)
    page = mount(stepper)
    field, asked = at_question(page, stepper, "b")
    field.fill(text)
    field.press("Enter")
    assert "Write a number" in page.locator(".hint").inner_text()
    assert page.evaluate("[models[0].state.step, models[0].state.predictions.length]") == [asked, 0]


def test_a_prediction_may_be_skipped_and_reset_forgets(mount):
    stepper = SweepStepper(two_doublings, 3.0)
    page = mount(stepper)
    asked = at_question(page, stepper, "b")[1]
    page.get_by_role("button", name="Next").click()
    assert page.evaluate("[models[0].state.step, models[0].state.predictions.length]") == [asked + 1, 0]
    page.get_by_role("textbox").fill("2")
    page.get_by_role("textbox").press("Enter")
    assert page.evaluate("models[0].state.predictions.length") == 1
    page.get_by_role("button", name="Reset").click()
    assert page.evaluate("[models[0].state.step, models[0].state.predictions.length]") == [0, 0]


def test_no_question_where_the_answer_is_an_array(mount):
    stepper = SweepStepper(lambda x: np.sum(x * x), np.array([1.0, 2.0, 3.0]))
    page = mount(stepper)
    for _ in stepper.data["steps"]:
        page.get_by_role("button", name="Next").click()
        assert page.get_by_role("textbox").count() == 0
    assert column(page, "adjoint")[0] == "[2, 4, 6]"


def test_a_step_set_from_the_kernel_is_shown(mount):
    stepper = SweepStepper(two_doublings, 3.0)
    page = mount(stepper)
    page.evaluate("models[0].set('step', 3)")
    assert status(page) == stepper.data["steps"][2]["say"]


def test_instances_do_not_disturb_one_another(mount):
    first, second = SweepStepper(two_doublings, 3.0), SweepStepper(running_example, np.e, 4.0)
    page = mount(first, second)
    page.get_by_role("slider").nth(1).press("End")
    assert column(page, "primal", "#w0") == [""] * 3
    assert column(page, "adjoint", "#w1")[1] == "1.25"
    assert page.evaluate("new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size") == 2  # w0 and w1 alone


def test_the_style_sheet_touches_nothing_outside(mount):
    stepper = SweepStepper(two_doublings, 3.0)
    page = mount(stepper)
    probe = """() => {
      const outside = document.createElement("div");
      outside.innerHTML = "<table><tr><th>a</th><td>b</td></tr></table><p>c</p><button>d</button><svg><rect/></svg>";
      document.body.append(outside);
      return JSON.stringify([...outside.querySelectorAll("*")].map(e => {
        const s = getComputedStyle(e);
        return [s.color, s.backgroundColor, s.margin, s.padding, s.font, s.fill, s.border];
      }));
    }"""
    styled = page.evaluate(probe)
    page.evaluate("document.querySelector('style').remove()")
    assert page.evaluate(probe) == styled


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["one_row", "running_example", "layer", "rosenbrock"])
def test_accessible_in_both_themes_and_a_picture_is_left_to_look_at(mount, pictures, scheme, name):
    stepper = SweepStepper(*CASES[name])
    page = mount(stepper, scheme=scheme)
    steps = (0, stepper.last - 1, stepper.last) if name in ("running_example", "layer") else (stepper.last,)
    for step in steps:
        page.get_by_role("slider").fill(str(step))
        found = Axe().run(page, context="#w0")
        bad = [v for v in found.response["violations"] if v["impact"] in ("serious", "critical")]
        assert not bad, [(v["id"], v["nodes"][0]["html"]) for v in bad]
    page.locator("#w0").screenshot(path=pictures / f"stepper-{name}-{scheme}.png")


def test_all_text_of_the_graph_has_contrast(mount):
    """axe does not look into SVG: every text is measured against the fill of its box."""
    from adcourse.show.style import contrast

    for scheme in ("light", "dark"):
        page = mount(SweepStepper(running_example, np.e, 4.0), scheme=scheme)
        for step in (8, 16):
            page.get_by_role("slider").fill(str(step))
            pairs = page.evaluate("""() => [...document.querySelectorAll(".node text")].filter(t => t.textContent)
              .map(t => [getComputedStyle(t).fill, getComputedStyle(t.parentNode.querySelector("rect")).fill])""")
            assert len(pairs) >= 12
            for text, box in pairs:
                assert contrast(*map(as_hex, (text, box))) >= 4.5


def as_hex(rgb):
    return "#" + "".join(f"{int(part):02x}" for part in rgb[4:-1].split(","))


@pytest.mark.parametrize("width", [420, 900])
def test_fits_narrow_and_wide_pages(mount, pictures, width):
    page = mount(SweepStepper(running_example, np.e, 4.0), width=width)
    page.get_by_role("slider").press("End")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#w0").screenshot(path=pictures / f"stepper-width-{width}.png")


def test_stepping_is_quick(mount):
    """A step, from key press to laid-out page, costs a fraction of showing the picture anew; both are printed."""
    stepper = SweepStepper(logistic, 0.2)
    assert 30 <= len(stepper.tape) <= 32
    page = mount(stepper)
    times = page.evaluate("""async () => {
      const next = [...document.querySelectorAll("button")].find((b) => b.textContent === "Next"), times = [];
      for (let k = 0; k < 80; k++) {
        const start = performance.now();
        next.click();
        document.body.getBoundingClientRect();  // forces style and layout
        times.push(performance.now() - start);
        await new Promise(requestAnimationFrame);
      }
      return times.sort((a, b) => a - b);
    }""")
    shown = page.evaluate("""async () => {
      const times = [];
      for (let k = 0; k < 9; k++) {
        const place = document.createElement("div"), start = performance.now();
        document.querySelector("main").append(place);
        module.render({model: models[0], el: place});
        document.body.getBoundingClientRect();
        times.push(performance.now() - start);
        place.remove();
      }
      return times.sort((a, b) => a - b);
    }""")
    step, whole = times[len(times) // 2], shown[len(shown) // 2]
    print(f"step: median {step:.2f} ms, slowest {times[-1]:.2f} ms; shown anew in {whole:.1f} ms")
    assert step < 0.5 * whole


def test_the_export_opens_from_disk(open_page, tmp_path, pictures):
    for name, case in CASES.items():
        stepper = SweepStepper(*case)
        path = stepper.to_html(tmp_path / f"{name}.html")
        page = open_page(scheme="dark", width=1100)
        page.goto(path.as_uri())
        page.get_by_role("slider").press("End")
        assert column(page, "adjoint", "#picture") == [cell[2] for cell in final_cells(stepper, "adjoint")]
        page.screenshot(path=pictures / f"export-{name}.png", full_page=True)


def final_cells(stepper, kind):
    cells = {cell[0]: cell for step in stepper.data["steps"] for cell in step["set"] if cell[1] == kind}
    return [cells[row] for row in sorted(cells)]


def test_names_are_text_never_markup(mount):
    """A hostile name in the learner's data can't add elements to the page."""

    def f(p):
        return p["<img src=x onerror=document.title='owned'>"] * 2.0

    page = mount(SweepStepper(f, {"<img src=x onerror=document.title='owned'>": 1.0}))
    page.get_by_role("slider").press("End")
    assert page.locator("#w0 img").count() == 0
    assert page.title() == "Test"


PARTIALS = """() => [...document.querySelectorAll(".partial")]
  .filter((e) => getComputedStyle(e).visibility === "visible").length"""


def test_an_edge_shows_its_partial_once_that_is_known(mount):
    page = mount(SweepStepper(running_example, np.e, 4.0))
    assert page.evaluate(PARTIALS) == 0
    page.get_by_role("slider").fill("4")  # v1 and v2 are computed: three edges
    assert page.evaluate(PARTIALS) == 3
    page.get_by_role("slider").fill("6")
    assert page.evaluate(PARTIALS) == 6


def test_in_a_large_graph_only_the_edge_in_use_shows_its_partial(mount):
    page = mount(SweepStepper(logistic, 0.2))
    stepper = SweepStepper(logistic, 0.2)
    for k, step in enumerate(stepper.data["steps"], 1):
        page.get_by_role("slider").fill(str(k))
        parents = [p for p in stepper.tape[step["row"]].parents if p is not None]
        seed = step["sweep"] == "adjoint" and not step["edge"]
        assert page.evaluate(PARTIALS) == (0 if seed else 1 if step["sweep"] == "adjoint" else len(parents))
        back = page.locator(".edge.current .back[visibility=visible]").count()
        assert back == (1 if step["edge"] else 0)
