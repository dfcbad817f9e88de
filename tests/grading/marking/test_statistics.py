"""The numbers of a class, counted again by other means; pages and pictures without names."""

import re
import statistics as plainly
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adcourse.grading.marking.gradesheet import Gradesheet, Item, Mark, Row
from adcourse.grading.marking.plots import plots
from adcourse.grading.marking.report import Report, Verdict
from adcourse.grading.marking.statistics import bins, correlation, first_sentence, page, statistics

ITEMS = (Item("ps", "p6-1-test", 2.0, "6.1", "One"), Item("ps", "p6-2-test", 4.0, "6.2", "Two"))
HINTS = ["You gave each factor its own value. Try x = 3.", "The edge is missing. Draw it.", ""]


def a_class(scores, hints=None) -> Gradesheet:
    rows = []
    for k, earned in enumerate(scores):
        hint = HINTS[k % 3] if hints is None else hints[k]
        verdicts = tuple(
            Verdict(item.problem, item.title, item.points, score, "wrong", hint, cell=item.cell)
            for item, score in zip(ITEMS, earned, strict=True)
        )
        marks = {v: Mark(s, verdict=w) for v, s, w in zip(ITEMS, earned, verdicts, strict=True)}
        reports = (Report("ps", "ps", f"secret-{k}", verdicts, notes=("Secret.ipynb",), seconds=0.1 + k),)
        rows.append(Row(f"secret-{k}", "Secret", "Name", status="graded", marks=marks, reports=reports))
    return Gradesheet("ps", ITEMS, (*rows, Row("secret-absent", "Secret", "Name")))


marks = st.lists(st.tuples(st.sampled_from([0.0, 1.0, 2.0]), st.sampled_from([0.0, 1.5, 4.0])), min_size=1, max_size=40)


@given(marks)
def test_counts_and_means_are_those_of_the_marks(scores):
    found = statistics(a_class(scores))
    assert (found.students, found.handed_in) == (len(scores) + 1, len(scores))
    assert sorted(found.totals) == sorted(a + b for a, b in scores)
    for k, problem in enumerate(found.problems):
        column = [row[k] for row in scores]
        assert problem.solved == sum(x == ITEMS[k].points for x in column)
        assert problem.unsolved == column.count(0.0)
        assert problem.marked == len(scores)
        assert problem.success == pytest.approx(plainly.fmean(column) / ITEMS[k].points)


@given(marks)
def test_discrimination_is_the_correlation_with_the_rest(scores):
    found = statistics(a_class(scores))
    one, two = ([row[k] for row in scores] for k in (0, 1))
    constant = len(set(one)) == 1 or len(set(two)) == 1
    expected = None if len(scores) < 10 or constant else pytest.approx(plainly.correlation(one, two), abs=1e-9)
    assert [p.discrimination for p in found.problems] == [expected, expected]


@given(marks)
def test_misunderstandings_are_counted_by_problem_and_first_sentence(scores):
    found = statistics(a_class(scores))
    expected = {}
    for k, row in enumerate(scores):
        for item, score in zip(ITEMS, row, strict=True):
            if score < item.points and (said := HINTS[k % 3].split(". ")[0]):
                expected[item.problem, said + "."] = expected.get((item.problem, said + "."), 0) + 1
    assert {(m.item.problem, m.sentence): m.count for m in found.misunderstandings} == expected
    counts = [m.count for m in found.misunderstandings]
    assert counts == sorted(counts, reverse=True)


@given(st.lists(st.floats(0, 60)), st.floats(0.5, 100))
def test_every_total_falls_into_one_range(totals, points):
    ranges = bins(totals, points)
    assert sum(count for _, _, count in ranges) == len(totals)
    assert len(ranges) <= 21
    for (_, end, _), (start, _, _) in pairwise(ranges):
        assert end == start
    for low, high, count in ranges[:-1]:
        assert count == sum(low <= total < high for total in totals)


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=10, max_size=40))
def test_correlation_is_pearson_s(pairs):
    x, y = zip(*pairs, strict=True)
    if len(set(x)) > 1 and len(set(y)) > 1:
        assert correlation(x, y) == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-9)
    else:
        assert correlation(x, y) is None


def test_a_first_sentence_is_whole():
    assert first_sentence("At 1.5 the value is .g. Look.") == "At 1.5 the value is .g."


@pytest.mark.parametrize("scores", [[], [(0.0, 0.0)], [(float(k % 3), [0.0, 1.5, 4.0][k * 7 % 3]) for k in range(30)]])
def test_the_page_names_nobody_and_says_every_number(scores):
    sheet = a_class(scores)
    found = statistics(sheet)
    pictures = plots(found)
    content = page(sheet, found, pictures)
    assert not re.search("secret|Secret", content)
    assert "<script" not in content
    for problem in found.problems:
        assert problem.item.label in content
    for m in found.misunderstandings:
        assert m.sentence in content
    assert content.count("<img") == len(pictures)
    assert len(re.findall(r'<img alt="[^"]{20,}"', content)) == len(pictures)
    assert content.encode() == page(sheet, statistics(sheet), plots(found)).encode()


def test_the_pictures_say_what_they_show():
    found = statistics(a_class([(2.0, 0.0)] * 6 + [(0.0, 4.0)] * 5 + [(2.0, 4.0)] * 4))
    pictures = plots(found)
    assert set(pictures) == {"totals", "success", "misunderstandings", "discrimination"}
    light, dark = pictures["success"]
    assert "6.1 67 %, 6.2 60 %" in light.alt
    assert light.alt == dark.alt and light.png != dark.png
    assert light.png.startswith(b"\x89PNG")
    assert "median is 4" in pictures["totals"][0].alt
