"""The stepper's data: sentences, sums and questions agree with the derivative; errors teach; the static form stands."""

import itertools
import json
import math
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adcourse import grad, record
from adcourse.core.errors import ADError, InputError
from adcourse.widgets import SweepStepper
from tests.show.programs import logistic, running_example


def two_doublings(a):
    b = a + a
    return b + b


def sweep(stepper, kind):
    return [step for step in stepper.data["steps"] if step["sweep"] == kind]


def test_sweeps_come_in_order_and_every_row_gets_every_column():
    stepper = SweepStepper(running_example, math.e, 4.0)
    kinds = [key for key, _ in itertools.groupby(step["sweep"] for step in stepper.data["steps"])]
    assert kinds == ["primal", "tangent", "adjoint"]
    for kind, title, first in stepper.data["sweeps"]:
        assert stepper.data["steps"][first - 1]["sweep"] == kind
        assert title.startswith(kind.capitalize())
        assert {cell[0] for step in sweep(stepper, kind) for cell in step["set"]} == set(range(6))


def test_the_sum_at_a_fan_out_contribution_by_contribution():
    """micrograd's example: b = a + a; b + b."""
    stepper = SweepStepper(two_doublings, 3.0)
    shares = [step for step in sweep(stepper, "adjoint") if step["set"][0][0] == 0 and step["edge"]]
    assert [step["edge"] for step in shares] == ["0,1,0", "0,1,1"]
    assert shares[0]["sum"].endswith("0 + 2 = 2; 1 still to come.")
    assert shares[1]["sum"].endswith("0 + 2 = 2, then 2 + 2 = 4; complete.")
    assert stepper.adjoints == {"a": 4.0, "b": 2.0, "v2": 1.0}


@given(st.floats(0.3, 2.5), st.floats(0.3, 2.5))
def test_the_numbers_of_every_step_are_those_of_the_derivative(x, y):
    def f(x, y):
        u = np.exp(-x) * y
        return u * u + np.sin(u) * x / y

    stepper = SweepStepper(f, x, y)
    assert (stepper.adjoints["x"], stepper.adjoints["y"]) == pytest.approx(grad(f, argnums=(0, 1))(x, y))
    running = {}
    for step in sweep(stepper, "adjoint"):
        for row, _, text, _ in step["set"]:
            running[row] = float(text)
        if step["edge"]:
            product = re.search(r"= (\S+) × (\S+) = (\S+)\.", step["say"]).groups()
            a, b, c = (float(part.strip("()")) for part in product)
            assert a * b == pytest.approx(c, rel=1e-5, abs=1e-9)
            before, share, after = re.search(r": (\S+) \+ (\S+) = (\S+)\.$", step["say"]).groups()
            assert float(before) + float(share.strip("()")) == pytest.approx(float(after), rel=1e-5, abs=1e-6)
            assert step["ask"]["answer"] == pytest.approx(float(after), rel=1e-6)
    final = [stepper.adjoints[row.name] for row in stepper.tape]
    assert [running[k] for k in range(len(final))] == pytest.approx(final, rel=1e-6)
    for step in sweep(stepper, "tangent"):
        terms = re.search(r"(?:added up|tangent): (.+) = (\S+)\.$", step["say"])
        if terms:
            assert eval(terms[1].replace("×", "*")) == pytest.approx(float(terms[2]), rel=1e-5, abs=1e-6)


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_no_known_mistake_would_pass_as_right(x, y):
    """Tolerances leave room for rounding, and never for a misunderstanding."""
    stepper = SweepStepper(lambda x, y: (x * y + x) * (y - x * x) + x, x, y)
    for step in sweep(stepper, "adjoint"):
        if ask := step["ask"]:
            assert 0 <= ask["tolerance"] <= 0.005 * abs(ask["answer"]) + 1e-300
            for wrong, why in ask["mistakes"]:
                assert abs(wrong - ask["answer"]) > ask["tolerance"]
                assert why.endswith(".")
            assert abs(float(ask["shown"]) - ask["answer"]) <= max(ask["tolerance"], 1e-6 * abs(ask["answer"]))


def test_the_tangent_sweep_follows_the_seeds():
    stepper = SweepStepper(running_example, math.e, 4.0, seeds=[0.0, 1.0])
    assert sweep(stepper, "tangent")[-1]["set"][0][2] == "1.25"


def test_arrays_are_shown_by_shape_and_entries_and_only_numbers_are_asked():
    W, x, b = np.arange(12.0).reshape(4, 3) / 10, np.array([1.0, 2.0, 3.0]), np.zeros(4)
    stepper = SweepStepper(lambda W, x, b: np.sum(np.tanh(W @ x + b) ** 2), W, x, b)
    assert sweep(stepper, "primal")[0]["set"][0][2] == "(4, 3) [0, 0.1, 0.2, …]"
    assert all(step["ask"] is None for step in sweep(stepper, "adjoint"))
    np.testing.assert_allclose(stepper.adjoints["b"], grad(lambda b: np.sum(np.tanh(W @ x + b) ** 2))(b))


def test_entries_of_an_array_send_their_adjoint_to_their_place():
    stepper = SweepStepper(lambda p: p[0] * p[1] * p[2], np.array([2.0, 3.0, 4.0]))
    last = sweep(stepper, "adjoint")[-1]
    assert "12 for p[0], 0 elsewhere" in last["say"]
    assert last["sum"].endswith("share 3 of 3 has come in; complete.")
    assert last["set"][0][2] == "[12, 8, 6]"


def test_rows_that_the_result_does_not_need_keep_adjoint_zero():
    def f(x, y):
        x * y  # computed and thrown away
        return np.sin(x)

    stepper = SweepStepper(f, 1.0, 2.0)
    assert stepper.adjoints["y"] == stepper.adjoints["v1"] == 0
    assert [cell[2] for cell in sweep(stepper, "adjoint")[0]["set"]] == ["0", "0", "0", "1"]


@pytest.mark.parametrize("x", [0.0, 1.0, -1.0])
def test_infinite_and_undefined_derivatives_are_shown_and_never_asked(x):
    with np.errstate(all="ignore"):
        stepper = SweepStepper(lambda x: np.sqrt(x) * 1.0, x)
    json.dumps(stepper.data, allow_nan=False)
    asked = [step["ask"]["answer"] for step in sweep(stepper, "adjoint") if step["ask"]]
    assert all(math.isfinite(a) for a in asked)


def test_step_stays_inside_and_done_is_the_end():
    stepper = SweepStepper(two_doublings, 3.0)
    assert (stepper.step, stepper.done) == (0, False)
    stepper.step = 10_000
    assert (stepper.step, stepper.done) == (stepper.last, True)
    stepper.step = -1
    assert stepper.step == 0


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: SweepStepper(logistic(200), 0.2), "601 rows.*at most 200"),
        (lambda: SweepStepper(lambda x: x * 2.0, np.ones(3)), "not one number"),
        (lambda: SweepStepper(lambda x: 3.0, 1.0), "not one number"),
        (lambda: SweepStepper(lambda x: (x, x * 2.0), 1.0), "not one number"),
        (lambda: SweepStepper(lambda x: {}[x], 1.0), "raised KeyError"),
        (lambda: SweepStepper(lambda x: x, 1.0, 2.0), "raised TypeError"),
        (lambda: SweepStepper(np.sin), "no point"),
        (lambda: SweepStepper(3.0, 1.0), "no function"),
    ],
)
def test_what_cannot_be_stepped_through_is_refused_with_the_line_to_write(make, message):
    with pytest.raises(InputError, match=rf"(?s){message}.*Why: .*Write: .*"):
        make()


def test_errors_of_the_core_pass_as_they_are():
    with pytest.raises(ADError, match="np.sin"):
        SweepStepper(lambda x: math.sin(x), 1.0)


class Words(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.alt = [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.alt = dict(attributes).get("alt", self.alt)


def test_the_static_form_stands_beside_the_live_one():
    stepper = SweepStepper(running_example, math.e, 4.0)
    bundle = stepper._repr_mimebundle_()
    bundle = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in bundle
    static = Words(bundle["text/html"])
    assert "script" not in static.tags
    assert {"figure", "img", "details", "table", "caption"} <= set(static.tags)
    assert "w1 1.839397, w2 1.25" in static.alt
    assert bundle["text/plain"] == "SweepStepper: step 0 of 19"


def test_nbconvert_shows_the_static_form_where_no_widget_state_is_stored():
    import nbformat
    from nbconvert import HTMLExporter

    stepper = SweepStepper(running_example, math.e, 4.0)
    output = nbformat.v4.new_output("display_data", stepper._repr_mimebundle_()[0])
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("stepper", outputs=[output])])
    page, _ = HTMLExporter().from_notebook_node(book)
    assert Words(page).alt == Words(stepper.static_html()).alt


def test_the_export_is_one_file_without_addresses(tmp_path):
    path = SweepStepper(running_example, math.e, 4.0).to_html(tmp_path / "stepper.html")
    page = path.read_text(encoding="utf-8")
    assert not re.findall(r"(?:src|href)=\"(?!data:)", page)
    assert set(re.findall(r"https?://[^\s\"'<]+", page)) <= {"http://www.w3.org/2000/svg"}
    assert "<noscript>" in page


def test_a_hostile_name_cannot_end_the_script(tmp_path):
    stepper = SweepStepper(lambda p: p["</script><b>"] * 2.0, {"</script><b>": 1.0})
    page = stepper.to_html(tmp_path / "stepper.html").read_text(encoding="utf-8")
    assert page.count("</script>") == 1


def test_the_same_tape_as_record():
    stepper = SweepStepper(running_example, math.e, 4.0)
    assert [row.value for row in stepper.tape] == [row.value for row in record(running_example, math.e, 4.0)]
