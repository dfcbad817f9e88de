"""Cells and questions, run in real sessions: what is asked, what comes back, and what each limit costs."""

import cloudpickle
import pytest

from adcourse.grading.marking.runner import Limits, Question, Runner, Step
from adcourse.grading.plain import Complaint, Plain
from adcourse.grading.sheet import sheet

QUICK = Limits(cell=2.0, question=2.0, total=20.0, memory=1000 << 20)


@pytest.fixture(scope="module")
def runner():
    with Runner(QUICK) as runner:
        yield runner


def cells(runner, *sources, **more):
    return list(runner.run([Step(str(k), source) for k, source in enumerate(sources)], **more).cells.values())


def about(name, *asks):
    cloudpickle.register_pickle_by_value(__import__(__name__, fromlist=["x"]))
    return Question("q", name, cloudpickle.dumps(list(asks)))


def text(run):
    return "".join(o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in run.outputs)


def test_cells_build_on_each_other(runner):
    ran = cells(runner, "import numpy as np\nx = np.arange(3)", "y = x.sum()", "print(y)\ny + 1")
    assert [run.status for run in ran] == ["ok"] * 3
    assert ran[2].outputs[0] == {"output_type": "stream", "name": "stdout", "text": "3\n"}
    assert "4" in ran[2].outputs[1]["data"]["text/plain"]


def test_a_cell_that_raises_keeps_what_it_defined(runner):
    ran = cells(runner, "x = 5\n1 / 0", "print(x)")
    assert ran[0].status == "error"
    assert ran[0].said == "This cell raised ZeroDivisionError."
    assert text(ran[1]) == "5\n"


def test_answers_are_plain_numbers(runner):
    question = about("f", lambda f: f(2.0), lambda f: [f(1), 1j, float("inf")], lambda f: f("x"), lambda f: 10**300)
    (asked,) = runner.run([Step("a", "def f(x): return x * 0.5", (question,))]).asked.values()
    first, second, third, fourth = asked.answers
    assert first == Plain((), (1.0,))
    assert second == Plain((3,), (0.5, 1j, float("inf")))
    assert isinstance(third, Complaint)
    assert fourth == Plain((), (10**300,))
    assert asked.defined
    assert not asked.lost


def test_a_whole_problem_with_a_function_that_is_counted_outside(runner):
    questions = sheet("1.5", 7)
    code = """
import numpy as np
def grad_fd(f, x, h=1e-6):
    x = np.array(x, float)
    fx = f(x)
    return [(f(x + h * e) - fx) / h for e in np.eye(len(x))]
"""
    question = Question("1.5", "grad_fd", questions.blob, questions.functions)
    asked = runner.run([Step("a", code, (question,))]).asked["a", "1.5"]
    assert questions.judged(asked.answers).passed


@pytest.mark.parametrize("mode", ["nested", "single", "bare"])
def test_every_mode_runs_the_same(mode):
    steps = [
        Step("a", "def f(x): return 2 * x", (about("f", lambda f: f(1)),)),
        Step("b", "import os; os._exit(1)"),
        Step("c", "while True: pass"),
        Step("d", "f(4)", (about("g", lambda g: 1), about("f", lambda f: f(3))._replace(id="r"))),
    ]
    try:
        with Runner(Limits(cell=1.0), mode=mode) as runner:
            ran, again = runner.run(steps), runner.run(steps)
    except RuntimeError as refused:
        pytest.skip(str(refused))
    assert [run.status for run in ran.cells.values()] == ["ok", "died", "timeout", "ok"]
    assert ran.asked["a", "q"].answers == [Plain((), (2.0,))]
    assert not ran.asked["d", "q"].defined
    assert ran.asked["d", "r"].answers == [Plain((), (6.0,))]
    assert (ran.cells, ran.asked) == (again.cells, again.asked)
