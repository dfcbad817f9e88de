"""What the instant check says: messages, hints, HTML; misuse is an error that ends in the line to write."""

import html.parser
import json
import os
import re
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache, partial, wraps
from pathlib import Path

import numpy as np
import pytest

import adcourse
from adcourse.grading import Node, UnknownProblem, check, examine
from adcourse.grading.asking import PRINTED
from adcourse.grading.problem import Problem
from adcourse.grading.problems import all_problems, find, problems_of
from tests.grading.blocks import ROOT, blocks, function

PROBLEMS = list(all_problems().values())


def right(x, y, z):
    return z, z, x + y


def test_a_right_answer():
    result = adcourse.check("6.1", right)
    assert result
    assert result.passed is True
    assert result.id == "6.1"
    assert result.hint == ""
    assert str(result).startswith("6.1 Back-propagate (x+y)z: passed")


def test_a_wrong_answer():
    result = adcourse.check("6.1", lambda x, y, z: (1, 1, x + y))
    assert not result
    assert result.passed is False
    assert "entry [0]" in result.message
    assert "local partial" in result.hint
    assert result.hint in str(result)
    assert "not yet" in str(result)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.id)
def test_the_untouched_stub_gets_a_friendly_line(problem):
    def stub(*args):
        raise NotImplementedError()

    answer = type(problem.name, (), {"__init__": stub}) if problem.kind == "class" else stub
    for result in (check(problem.id, answer), examine(problem.id, answer)):
        assert not result
        assert "empty stub" in result.message


WRITTEN = ["6.4", " 6.4 ", "p6.4", "P6.4", "p6-4", "6-4", "6,4", "06.4", "ps06.4", "problem 6.4", "Problem 6.4"]
WRITTEN += ["#6.4", "Ex. 6.4", "exercise 6-4", "p6_4", "6 4", "backward()", "backward(out)"]


@pytest.mark.parametrize(
    "id",
    [*WRITTEN, 6.4, np.float64(6.4), Decimal("6.4"), "backward", " backward "],
    ids=lambda value: type(value).__name__,
)
def test_ids_as_people_write_them(id):
    assert check(id, right).id == "6.4"


NEAREST = {
    "6.6": "6.5",
    "6.0": "6.1",
    6.41: "6.5",
    "6.": "6.1",
    "64": "6.4",
    "": "1.1",
    6: "6.1",
    "6": "6.5",
    "15.4": ".4",
    "6.4.1": "6.4",
    "p6-4-solution": "6.4",
    "bakward": "6.4",
    "Backward": "6.4",
    "topo_sort": "6.3",
    "reverse sweep": "6.4",
    "the u curve": "1.3",
    "٦.٤": ".",
    "<b>\n": ".",
    "x" * 10**6: ".",
    "6" * 5000: ".",
    1j: ".",
}


@pytest.mark.parametrize("id", NEAREST, ids=lambda id: repr(id)[:20])
def test_an_unknown_id_names_the_nearest(id):
    with pytest.raises(UnknownProblem) as error:
        check(id, right)
    offers, example = str(error.value).split("nearest are")[1].split("Write for instance ")
    assert NEAREST[id] in offers
    assert re.fullmatch(r"adcourse\.check\('\d+\.\d', \w+\)", example)
    assert len(str(error.value)) < 400


def test_numbers_that_only_a_text_can_tell_apart(monkeypatch):
    """6.1 and 6.10 are one number: it is not guessed which."""
    tenth = replace(all_problems()["6.5"], id="6.10")
    monkeypatch.setattr("adcourse.grading.problems.ps06.PROBLEMS", (*problems_of("ps06"), tenth))
    assert find("6.1").title == "Back-propagate (x+y)z"
    assert find("6.10") is tenth
    with pytest.raises(UnknownProblem, match=r"'6\.1' or '6\.10', in quotes"):
        find(6.1)


def test_a_name_that_two_problems_ask_for(monkeypatch):
    twin = replace(all_problems()["6.5"], id="6.6")
    monkeypatch.setattr("adcourse.grading.problems.ps06.PROBLEMS", (*problems_of("ps06"), twin))
    with pytest.raises(UnknownProblem, match=r"6\.5 .*6\.6 .*adcourse\.check\('6\.5', logistic_ls\)"):
        find("logistic_ls")


@pytest.mark.parametrize(
    "id",
    [right, None, ("6.1",), ["6.1"], True, {"6.1": right}, b"6.1", object()],
    ids=lambda value: type(value).__name__,
)
def test_something_else_where_the_number_belongs(id):
    with pytest.raises(UnknownProblem, match=r"comes first.*; write adcourse\.check\('\d\.\d', \w+\)$"):
        check(id, "6.1")


def test_the_function_first_is_told_its_number():
    def backward(out):
        pass

    with pytest.raises(UnknownProblem, match=r"write adcourse\.check\('6\.4', backward\)$"):
        check(backward)


def test_a_missing_function():
    with pytest.raises(TypeError, match=r"adcourse\.check\('6\.4', backward\)"):
        check("6.4")


@pytest.mark.parametrize(
    "value",
    [None, 3.0, (1, 2, 3), "grad_xyz", np.zeros(3), [right], {"f": right}, Node(1.0)],
    ids=lambda value: type(value).__name__,
)
def test_a_value_in_place_of_the_function(value):
    result = check("6.1", value)
    assert not result
    assert result.message.endswith("write adcourse.check('6.1', grad_xyz)")
    assert ("without quotes" if isinstance(value, str) else f"of type {type(value).__name__}") in result.message


class Solver:
    """Callable itself, and its methods are."""

    def __call__(self, x, y, z):
        return right(x, y, z)

    def method(self, x, y, z):
        return right(x, y, z)

    @staticmethod
    def static(x, y, z):
        return right(x, y, z)

    @classmethod
    def of_class(cls, x, y, z):
        return right(x, y, z)


class AsClass:
    """Its instances read as three numbers."""

    def __init__(self, x, y, z):
        self.numbers = right(x, y, z)

    def __iter__(self):
        return iter(self.numbers)


def generator(x, y, z):
    yield from right(x, y, z)


def with_more(a, b, c, verbose=False, *rest, **options):
    return [*right(a, b, c)]


ANSWERS = {
    "a lambda": lambda x, y, z: right(x, y, z),
    "a bound method": Solver().method,
    "a static method": Solver().static,
    "a class method": Solver.of_class,
    "a callable object": Solver(),
    "a class": AsClass,
    "a partial": partial(lambda k, x, y, z: right(x, y, z), 1),
    "a partial by name": partial(lambda x, y, z, k: right(x, y, z), k=1),
    "cached": lru_cache(right),
    "wrapped": wraps(right)(lambda *args: right(*args)),
    "a generator": generator,
    "with more arguments": with_more,
    "vectorized": np.vectorize(right),
    "an array": lambda *point: np.array(right(*point)),
    "a column of objects": lambda *point: np.array(right(*point), dtype=object),
    "no signature": type("Odd", (), {"__call__": lambda self, *a: right(*a), "__signature__": "odd"})(),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_whatever_can_be_called_rightly_passes(answer):
    assert check("6.1", answer), check("6.1", answer)


class Endless:
    def __repr__(self):
        raise RuntimeError("no")


def no_repr(x, y=Endless()):  # noqa: B008
    pass


@pytest.mark.parametrize(
    "answer, words",
    [
        (lambda: 1, "takes (),"),
        (lambda x: 1, "takes (x),"),
        (lambda x, y: 1, "takes (x, y),"),
        (lambda x, y, z, w: 1, "takes (x, y, z, w),"),
        (lambda x, y, *, z: 1, "takes (x, y, *, z),"),
        (no_repr, "takes (x, y=…),"),
        (Solver.method, "takes (self, x, y, z),"),
        (Solver, "takes (),"),
        (partial(right, 1.0), "takes (y, z),"),
    ],
)
def test_wrong_arity(answer, words):
    result = check("6.1", answer)
    assert not result
    assert words in result.message and "6.1 calls grad_xyz(x, y, z)" in result.message


@pytest.mark.parametrize(
    "signature, fits, misfits",
    [
        ("class Sum(a, b)", complex, [None, 1j, "Sum", right, lambda a, b: a + b]),
        ("table", [[1.0, 2.0], [3.0, 4.0]], [right, complex, "table", np.sin]),
        ("word", "reverse", [right, str, "word"]),
    ],
)
def test_classes_and_values(signature, fits, misfits):
    problem = replace(all_problems()["6.1"], id="9.9", signature=signature)
    assert problem.misfit(fits) == ""
    for answer in misfits:
        assert problem.misfit(answer).endswith(f"write adcourse.check('9.9', {problem.name})")


def test_a_missing_default():
    result = check("1.4", lambda f, x, h: np.imag(f(x + 1j * h)) / h)
    assert not result
    assert "complex_step(f, x)" in result.message


@pytest.mark.parametrize(
    "answer, words",
    [
        (lambda x, y, z: None, "`return` missing"),
        (lambda x, y, z: (z, z), "a sequence of 3 was asked for (a sequence of 2 came back)"),
        (lambda x, y, z: z, "a single number came back"),
        (lambda x, y, z: [[z, z, x + y]], "an array of shape (1, 3)"),
        (lambda x, y, z: ("z", "z", "q"), "text"),
        (lambda x, y, z: (z, None, x + y), "None"),
        (lambda x, y, z: (z, z, float("nan")), "entry [2] of your answer is nan"),
        (lambda x, y, z: (z, z, float("inf")), "entry [2] of your answer is inf"),
        (lambda x, y, z: (z, z, 1j), "complex"),
        (lambda x, y, z: {"x": z, "y": z, "z": x + y}, "dict"),
        (lambda x, y, z: right, "function"),
        (lambda x, y, z: (z, z, (x, y)), "different shapes"),
        (lambda x, y, z: 1 / 0, "ZeroDivisionError"),
        (lambda x, y, z: undefined, "NameError"),  # noqa: F821
    ],
)
def test_an_answer_of_the_wrong_form_is_told_so(answer, words):
    assert words in check("6.1", answer).message


def test_hidden_questions_are_not_in_the_report():
    asked = []

    def wrong(x, y, z):
        asked.extend([x, y, z, x + y])
        print(x, y, z)
        return 1.25, 1.25, 1.25

    report = str(examine("6.1", wrong)) + examine("6.1", wrong)._repr_html_()
    assert asked
    for number in asked:
        assert f"{number:.5g}"[:5] not in report.replace("6.1", "")


def test_an_exception_can_not_carry_hidden_questions_out():
    def shouts(x, y, z):
        raise ValueError(f"asked about {x}")

    assert "asked about" in check("6.1", shouts).message
    assert "asked about" not in str(examine("6.1", shouts))


def test_a_grading_can_be_repeated_by_its_seed():
    first, again = [], []
    examine("6.1", lambda *point: first.append(point), seed=7)
    examine("6.1", lambda *point: again.append(point), seed=7)
    other = []
    examine("6.1", lambda *point: other.append(point))
    assert first == again != other


class Text(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = [], ""

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def test_html_says_all_in_words_and_escapes():
    def shouts(x, y, z):
        raise ValueError("<script>alert(1)</script>&amp;")

    result = check("6.1", shouts)
    page = Text()
    page.feed(result._repr_html_())
    assert set(page.tags) <= {"section", "p", "strong", "ul", "li"}
    assert "<script>alert(1)</script>&amp;" in page.text
    for words in (result.heading, result.hint, result.message, "wrong"):
        assert words in page.text


def test_prints_are_seen_in_the_check_and_stderr_stays_empty(capsys):
    def chatty(x, y, z):
        print("to stdout")
        sys.stderr.write("to stderr\n")
        return right(x, y, z)

    assert check("6.1", chatty)
    out, err = capsys.readouterr()
    assert "to stdout" in out
    assert "to stderr" in out
    assert err == ""
    assert examine("6.1", chatty)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("lines", [1, 10, 100, 10**5])
def test_prints_are_cut_where_they_would_bury_the_verdict(capsys, lines):
    def chatty(x, y, z):
        for _ in range(lines):
            print("x" * (10**6 // lines))
        return right(x, y, z)

    assert check("6.1", chatty)
    out = capsys.readouterr().out
    assert PRINTED < len(out) < PRINTED + 100
    assert out.endswith("prints more than is shown here]\n")


def test_no_setting_of_the_students_is_changed():
    with np.errstate(all="warn"):
        before = (np.geterr(), sys.getrecursionlimit(), sys.stdout, sys.stderr)
        check("6.3", lambda out: [out])
        assert (np.geterr(), sys.getrecursionlimit(), sys.stdout, sys.stderr) == before


# What a browser's Python or a bare one lacks, and what costs a second to import: none of it is on the way.
ABSENT = (
    "fcntl resource pwd grp termios signal threading subprocess multiprocessing asyncio concurrent socket ssl ctypes "
    "sqlite3 cloudpickle filelock nbgrader nbformat jupyterlab IPython "
    "ipywidgets anywidget matplotlib sympy scipy click tqdm"
).split()
BARE = """
import json, sys
absent, answers = json.load(sys.stdin)
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ImportError(name)
sys.meta_path.insert(0, Absent())
before = set(sys.modules)
import adcourse
import numpy as np, math
from adcourse.grading import Node
for id, name, code, right in answers:
    space = {"np": np, "math": math, "Node": Node}
    exec(code, space)
    result = adcourse.check(id, space[name])
    assert bool(result) == right, result
    assert result._repr_html_() and "can't be kept" not in str(result)
print(adcourse.progress().points)
print(*{name.partition(".")[0] for name in set(sys.modules) - before})
"""


def test_the_check_needs_numpy_and_a_small_part_of_the_standard_library(tmp_path):
    """Every problem, answered wrongly and then rightly; progress is kept."""
    needing = {problem.id for problem in PROBLEMS if "rng" in problem.signature} | {"9.1"}
    # These need more: NumPy's generators, and the core whose gradients 9.1 is about.
    bare = (block for block in blocks() if block.id not in needing and not re.search("adcourse|scipy", block.code))
    answers = {(block.id, block.right): block for block in bare}
    assert len(answers) == 2 * (len(PROBLEMS) - len(needing))
    told = [(b.id, all_problems()[b.id].name, b.code, b.right) for _, b in sorted(answers.items(), key=lambda x: x[0])]
    env = {name: value for name, value in os.environ.items() if name not in ("ADCOURSE_PROGRESS", "HOME")}
    # -S: site-packages' own start-up files import what they like
    command = [sys.executable, "-S", "-c", BARE]
    env["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(Path(np.__file__).parents[1])])
    run = subprocess.run(
        command, input=json.dumps([ABSENT, told]), stdout=subprocess.PIPE, text=True, check=True, cwd=tmp_path, env=env
    )
    points, modules = run.stdout.splitlines()
    assert float(points) == sum(problem.points for problem in PROBLEMS if problem.id not in needing)
    assert set(modules.split()) - set(sys.stdlib_module_names) <= {"adcourse", "numpy"}


def test_only_the_assignment_that_is_asked_for_is_imported():
    code = """
        import sys, adcourse
        adcourse.check("6.1", lambda x, y, z: (z, z, x + y))
        names = {name.rpartition(".")[2] for name in sys.modules if name.startswith("adcourse.grading.problems.")}
        assert "ps06" in names and "ps01" not in names, names
        """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)


def seconds(run) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def test_every_check_is_instant():
    """A right answer takes less than twice the import of NumPy, which is a tenth of a second; a wrong one, with all
    known mistakes looked at, less than three times that."""
    code = "import time; start = time.process_time(); import numpy; print(time.process_time() - start)"
    numpy = min(float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(3))
    for block in blocks():
        answer = function(all_problems()[block.id], block.code)
        run = lambda answer=answer, id=block.id: str(result := check(id, answer)) + result._repr_html_()
        aim = numpy * (2 if block.right else 3)
        assert any(seconds(run) < aim for _ in range(3)), block


def test_a_problem_without_questions_passes_nobody(monkeypatch):
    empty = Problem("9.9", "Empty", 1, "f(x)", list, lambda rng: [], hint="-")
    monkeypatch.setattr("adcourse.grading.engine.find", lambda id: empty)
    assert not check("9.9", lambda x: x)
    assert not examine("9.9", lambda x: x)
