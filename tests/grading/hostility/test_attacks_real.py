"""Every row of what a submission can do, and more, tried on the real engine: nobody gains, nobody else is touched, and
nothing is left behind.

The submissions stand in ``attacks/`` and ``notebooks.py``. Each says what it must not get a point for, and what it may
lose by its own doing; all the rest has to keep its points. An output with LOOT in it means that an attack found what it
was after. Each run draws a sample, and names its seed; ADCOURSE_HOSTILITY=all runs them all.
"""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter

import pytest

from adcourse.grading.marking.runner import Limits, Runner, Step
from tests.grading.hostility import handed_in, notebooks
from tests.grading.hostility.class_of import Graded, grade, sample, without_plot
from tests.grading.hostility.handed_in import Case, problems
from tests.grading.hostility.traces import Arena, children

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed"),
]

# How many of each part are tried in a run. (The last of "staying" looks for what the others have left.)
PARTS = {"costly": 8, "dressed": 10, "forged": 8, "patched": 7, "spying": 8, "staying": 8, "notebooks": 13}
SHORT = Limits(cell=2.0, question=2.0, total=40.0)
MEMORY = Limits(cell=6.0, question=6.0, total=40.0, memory=1000 << 20)

# In front of the first cell of each attack: some of them kill every process in sight.
GUARD = """import os as _os
assert not _os.path.exists({CANARY!r}), "LOOT: the attack runs outside of the sandbox"
try:
    _os.kill({HOSTPID}, 0)
    raise AssertionError("LOOT: the attack sees the processes outside")
except ProcessLookupError:
    pass
"""


def guarded(case: Case, words: dict[str, str]) -> Case:
    guard = GUARD.format(CANARY=words["CANARY"], HOSTPID=words["HOSTPID"])
    return handed_in.edited(case, lambda notebook: handed_in.first(without_plot(notebook), guard))


@pytest.fixture(scope="module")
def arena(tmp_path_factory):
    arena = Arena(tmp_path_factory.mktemp("arena"))
    yield arena
    arena.close()


def cases(words: dict[str, str]) -> list[Case]:
    return [guarded(case, words) for case in handed_in.blocks("attacks", words)] + notebooks.cases()


@pytest.fixture(scope="module", params=[random.randrange(10**6)], ids="seed {}".format)
def outcome(arena, request) -> dict[str, object]:
    """The attacks graded once: runners beside each other, on each one after the other."""
    found = cases(arena.words)
    drawn = {part: sample([case for case in found if case.part == part], PARTS[part], request.param) for part in PARTS}
    hungry = [case for case in drawn["costly"] if case.name.startswith("memory")]
    slow = [case for case in drawn["costly"] if case not in hungry]
    others = [case for part in ("dressed", "forged", "patched", "notebooks") for case in drawn[part]]
    before = children()
    graded = grade([(slow, SHORT), (others, SHORT), (drawn["spying"] + drawn["staying"] + hungry, MEMORY)])
    return {"graded": graded, "strays": children() - before, "after": arena.state()}


def attacks(outcome, part: str) -> list[Graded]:
    return [graded for graded in outcome["graded"] if graded.case.part == part]


@pytest.mark.parametrize("part", PARTS)
def test_no_attack_earns_what_it_did_not_earn_or_costs_more_than_itself(outcome, part):
    wrong = []
    for graded in attacks(outcome, part):
        for id, problem in problems(graded.case.assignment).items():
            score, case = graded.scores.get(id), graded.case
            if id in case.loses:
                fair = score == 0
            else:
                fair = score in (0, problem.points) if id in case.risks else score == problem.points
            if not fair:
                said = next((v.message for v in graded.report.verdicts if v.id == id), "no verdict")
                wrong.append(f"{case.name}: {id} has {score} of {problem.points} points ({said})")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("part", PARTS)
def test_no_attack_finds_what_it_looks_for(outcome, part):
    found = [(graded.case.name, graded.shown[:2000]) for graded in attacks(outcome, part) if "LOOT" in graded.shown]
    assert not found


@pytest.mark.parametrize("part", ["spying", "staying"])
def test_they_have_tried(outcome, part):
    """An attack that stumbles over its own code shows nothing."""
    silent = [
        (graded.case.name, graded.notebook)
        for graded in attacks(outcome, part)
        if 'print("tried")' in graded.case.content.decode().replace('\\"', '"') and "tried" not in graded.shown
    ]
    assert not silent, [name for name, _ in silent]


def test_other_submissions_are_the_same_to_the_last_byte(outcome):
    witnesses = [graded for graded in outcome["graded"] if graded.case.part == "witness"]
    assert len(witnesses) >= 2 * len(PARTS) - 4
    assert {graded.report.to_json() for graded in witnesses} == {witnesses[0].report.to_json()}
    assert all(graded.notebook == witnesses[0].notebook for graded in witnesses)
    assert witnesses[0].scores == {"1.1": 2, "1.2": 0, "1.3": 0, "1.4": 2, "1.5": 0}


def test_nothing_is_left_behind(outcome, arena):
    assert outcome["after"] == arena.before
    assert not outcome["strays"]
    assert not arena.visits


def test_time_and_descriptors_are_bounded(outcome):
    for graded in outcome["graded"]:
        assert graded.seconds < SHORT.total + 15, graded.case.name
    assert max(graded.descriptors for graded in outcome["graded"]) < 40
    assert len(os.listdir("/proc/self/fd")) < 200


def test_what_is_shown_of_them_can_do_no_harm(outcome):
    """No script, no link that runs one, no half of a surrogate, nothing that colours a terminal, and never too much."""
    for graded in outcome["graded"]:
        texts = [graded.report.to_json(), *handed_in.shown(graded.notebook)]
        for text in texts:
            text.encode()
            assert len(text) < 2_000_000
            assert "\x1b" not in text and "\x00" not in text and "\u202e" not in text, graded.case.name
        for cell in graded.notebook["cells"]:
            for output in cell.get("outputs", ()):
                assert set(output.get("data", {})) <= {"text/plain", "text/html", "image/png"}, graded.case.name
                if graded.case.part == "notebooks":
                    html = "".join(output.get("data", {}).get("text/html", ""))
                    assert "<script" not in html.lower() and "javascript:" not in html.lower()
            if cell["cell_type"] != "code":
                source = "".join(cell["source"]).lower()
                assert not any(
                    word in source for word in ("<script", "onerror=", "<iframe", "<style", "<meta", "<base")
                )


def test_signals_do_not_reach_the_server():
    """kill(2): 0 is the process group, which no process namespace bounds; -1 is whatever can be seen."""
    with Runner(SHORT, preload=()) as runner:
        for pid in ("0", "-1", "os.getppid()", "1", "-os.getpgid(0)"):
            server = runner._process.server.process.pid
            killing = f"import os, signal\nos.kill({pid}, signal.SIGKILL)"
            ran = runner.run([Step("before", "x = 6"), Step("killing", killing), Step("after", "print(x * 7)")])
            assert runner._process.server.process.pid == server, pid
            assert ran.cells["after"].outputs[0]["text"] == "42\n", pid


def test_there_are_enough_of_them(arena):
    found = cases(arena.words)
    assert len(found) > 150
    assert all(number <= Counter(case.part for case in found)[part] for part, number in PARTS.items())
    assert sum(PARTS.values()) > 60
    assert len({str(case) for case in found}) == len(found)
