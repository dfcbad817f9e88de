"""The drawn graph: the picture as well-formed SVG in which nothing covers anything, words that say what it says."""

import base64
import itertools
import math
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse import grad, record
from adcourse.core.errors import InputError
from adcourse.show import graph, trace
from adcourse.show.boxes import FEW, WHOLE
from adcourse.show.drawing import LABELS

from .programs import CASES, LARGE, logistic, newton_root, running_example, tapes

SPACE = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("depth", [1, 2, 5, 13])
def test_trees_ladders_and_chains_are_drawn_without_crossings(depth):
    """These graphs are planar in layers; the layout must find it."""
    for f, x in ((logistic(depth), 0.2), (newton_root(min(depth, 9)), 2.0)):
        routes = re.findall(r'<path d="([^"]+)"', graph(record(f, x)).drawing()[0])
        assert not any(cross(a, b) for a, b in itertools.combinations(map(polyline, routes), 2))


def polyline(path):
    """Points along an SVG path of lines and cubics."""
    points = []
    for command, numbers in re.findall(r"([MLC])([^MLC]+)", path):
        values = [float(v) for v in numbers.split()]
        if command in "ML":
            points.append(tuple(values))
        else:
            x0, y0 = points[-1]
            (x1, y1, x2, y2, x3, y3) = values
            for t in (0.25, 0.5, 0.75, 1.0):
                s = 1 - t
                weights = (s**3, 3 * s * s * t, 3 * s * t * t, t**3)
                points.append((np.dot(weights, (x0, x1, x2, x3)), np.dot(weights, (y0, y1, y2, y3))))
    return points


def cross(a, b):
    return any(segments(p, q, r, s) for p, q in itertools.pairwise(a) for r, s in itertools.pairwise(b))


def segments(p, q, r, s):
    def side(a, b, c):
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    return side(p, q, r) * side(p, q, s) < -1e-6 and side(r, s, p) * side(r, s, q) < -1e-6


class Picture:
    """An SVG read back: boxes and labels as (x, y, width, height), arrows as points."""

    def __init__(self, svg):
        self.root = ElementTree.fromstring(svg)
        self.boxes, self.texts, self.labels, self.arrows = [], [], [], []
        for g in self.root.iter(f"{SPACE}g"):
            words = g.findall(f"{SPACE}text")
            if "node" in g.get("class").split():
                frames = [[float(r.get(k)) for k in ("x", "y", "width", "height")] for r in g.findall(f"{SPACE}rect")]
                self.boxes.append([(x + w / 2, y + h / 2, w, h) for x, y, w, h in frames])
                self.texts += [(len(self.boxes) - 1, *self.place(t, 7.8, 17)) for t in words]
            else:
                self.labels += [self.place(t, 7.2, 14) for t in words]
                self.arrows.append(polyline(g.find(f"{SPACE}path").get("d")))

    def place(self, text, letter, height):
        return float(text.get("x")), float(text.get("y")), letter * len(text.text), height

    def check(self):
        """Nothing covers anything: boxes, labels, arrows; every text in its box, everything in the picture."""
        left, top, width, height = (float(v) for v in self.root.get("viewBox").split())
        frames = np.reshape([frames[0] for frames in self.boxes] + self.labels, (-1, 4))
        assert np.sum(overlaps(frames, frames)) == len(frames)  # each with itself
        lines = [
            (*(np.add(p, q) / 2), *np.abs(np.subtract(p, q))) for a in self.arrows for p, q in itertools.pairwise(a)
        ]
        assert not np.any(overlaps(np.reshape(lines, (-1, 4)), frames[: len(self.boxes)], 0.2))
        for frame in frames:
            assert inside(frame, (left + width / 2, top + height / 2, width, height))
        for k, *text in self.texts:
            assert inside(text, self.boxes[k][-1])


def overlaps(a, b, slack=1e-6):
    """Which of the rectangles ``a`` overlaps which of ``b``, each (x, y, width, height)."""
    near = [(a[:, None, k + 2] + b[None, :, k + 2]) / 2 - np.abs(a[:, None, k] - b[None, :, k]) for k in (0, 1)]
    return np.logical_and(near[0] > slack, near[1] > slack)


def inside(a, b):
    return all(abs(a[k] - b[k]) + a[k + 2] / 2 <= b[k + 2] / 2 + 1e-6 for k in (0, 1))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_the_picture_is_well_formed_and_complete(name, dark):
    tape = record(*CASES[name])
    drawn = graph(tape, group=False)
    picture = Picture(drawn.svg(dark))
    picture.check()
    boxes = [g for g in picture.root.iter(f"{SPACE}g") if "data-row" in g.attrib]
    assert [int(g.get("data-row")) for g in boxes] == list(range(len(tape)))
    edges = [tuple(map(int, g.get("data-edge").split(","))) for g in picture.root.iter() if "data-edge" in g.attrib]
    assert edges == [(p, row.index, k) for row in tape for k, p in enumerate(row.parents) if p is not None]
    outputs = [int(g.get("data-row")) for g in boxes if "output" in g.get("class").split()]
    assert outputs == sorted(i for i in tape.outputs if i is not None)


@settings(max_examples=30)
@given(tapes(), st.booleans(), st.booleans(), st.booleans())
def test_nothing_covers_anything(tape, partials, group, adjoints):
    Picture(graph(tape, adjoints and tape.outputs[0] is not None, partials=partials, group=group).svg()).check()


@pytest.mark.parametrize("name", [*CASES, *LARGE])
def test_nothing_covers_anything_in_graphs_of_every_kind(name):
    tape = record(*{**CASES, **LARGE}[name])
    for options in ({}, {"partials": True}, {"focus": len(tape) // 2}):
        Picture(graph(tape, **options).svg()).check()


@pytest.mark.parametrize("name", LARGE)
def test_two_hundred_rows_are_drawn_whole_on_request(name):
    tape = record(*LARGE[name])
    assert WHOLE < len(tape) <= 200
    picture = Picture(graph(tape, group=False).svg())
    picture.check()
    assert len(picture.boxes) == len(tape)
    assert len(graph(tape).boxes) <= FEW


def test_constants_are_part_of_their_operation():
    drawn = graph(record(lambda x: 3.0 * x + 1.0, 2.0))
    assert [arrow.use for arrow in drawn.arrows] == [(0, 1, 1), (1, 2, 0)]
    assert "v1 = 3 * x" in drawn.svg() and "v2 = v1 + 1" in drawn.svg()


def test_small_graphs_show_every_partial_and_large_ones_on_request():
    small, large = record(logistic(3), 0.2), record(logistic(10), 0.2)
    assert len(small) <= LABELS < len(large)
    shown = lambda drawn: drawn.svg().count('class="partial"')
    assert shown(graph(small)) == shown(graph(small, partials=True)) == len(graph(small).arrows)
    assert shown(graph(large)) == shown(graph(small, partials=False)) == 0
    assert shown(graph(large, partials=True)) == len(graph(large).arrows)


def test_a_trace_is_drawn_with_the_columns_it_has():
    tape = record(running_example, math.e, 4.0)
    for sweep, kinds in (
        (None, set()),
        ("forward", {"tangent"}),
        ("reverse", {"adjoint"}),
        ("both", {"tangent", "adjoint"}),
    ):
        svg = graph(trace(tape, sweep)).svg()
        assert {kind for kind in ("tangent", "adjoint") if f'class="{kind}"' in svg} == kinds
    assert "adjoint 1.839" in svg and "tangent 1.839" in svg


def test_unused_rows_are_marked():
    svg = graph(record(*CASES["unused"])).svg()
    assert len(re.findall(r'class="node operation unused"', svg)) == 1


def test_alt_text_says_the_values_and_the_adjoints():
    alt = graph(record(running_example, math.e, 4.0), adjoints=True).alt
    assert "2 inputs and 4 operations" in alt
    for part in ("w1 = 2.718282", "v = w2 * v1 = 4", "v4 = v + v3 = 6 (output)", "w1 1.839397, w2 1.25"):
        assert part in alt


def test_alt_text_of_a_large_graph_is_a_summary_and_true():
    f = logistic(60)
    tape = record(f, 0.3)
    alt = graph(tape, adjoints=True).alt
    assert "1 input and 180 operations: 120 multiply and 60 subtract" in alt
    assert "The longest chain has 120 operations" in alt  # x, 1 - x, their product
    assert "58 times the same step" in alt and "At x = 0.3 the result is" in alt
    stated = [float(n) for n in re.findall(r"(?:the result is \S+ =|Adjoints of the inputs: x) (-?[\d.e]+\d)", alt)]
    assert stated == pytest.approx([f(0.3), grad(f)(0.3)], rel=1e-5)
    assert "times the same step" not in graph(tape, group=False).alt


@pytest.mark.parametrize("name", LARGE)
def test_alt_text_stays_short_and_names_inputs_and_results(name):
    tape = record(*LARGE[name])
    alt = graph(tape, adjoints=True).alt
    assert len(alt) < 1600
    assert all(tape.name(i) in alt for i in (tape.inputs[0], tape.outputs[0]))
    assert f"{len(tape) - len(tape.inputs)} operations" in alt


def test_the_static_form_needs_no_script_and_has_picture_words_and_table():
    tape = record(running_example, math.e, 4.0)
    drawn = graph(tape, adjoints=True)
    html = drawn.html(dark=False)
    assert "<script" not in html and "<svg" not in html and "<style" not in html
    assert trace(tape).html() in html and "<details>" in html
    picture = base64.b64decode(re.search(r"data:image/svg\+xml;base64,([^\"]+)", html)[1]).decode()
    assert picture == drawn.svg()
    bundle = drawn._repr_mimebundle_()
    assert bundle["text/plain"] == drawn.alt
    assert "<script" not in bundle["text/html"] and bundle["text/html"].count("<style") == 1
    both = base64.b64decode(re.search(r"data:image/svg\+xml;base64,([^\"]+)", bundle["text/html"])[1]).decode()
    assert both == drawn.svg(dark=None) and "prefers-color-scheme: dark" in both


def test_adjoints_of_an_array_are_refused_with_the_line_to_write():
    with pytest.raises(InputError, match=r"Write: graph\(tape\)"):
        graph(record(lambda x: x * 2, np.ones(3)), adjoints=True)


def test_a_tape_too_long_to_draw_whole_says_so_and_still_displays():
    tape = record(logistic(100), 0.2)
    with pytest.raises(InputError, match=r"(?s)301 rows.*Write: graph\(tape\)"):
        graph(tape, group=False).svg()
    assert "too many to draw" in graph(tape, group=False)._repr_mimebundle_()["text/html"]
    Picture(graph(tape).svg()).check()


def test_a_tape_of_thousands_of_rows_is_shown_around_a_focus():
    tape = record(logistic(1000), 0.2)
    with pytest.raises(InputError, match=r"(?s)3001 rows.*focus"):
        graph(tape).svg()
    picture = Picture(graph(tape, focus="x_500").svg())
    picture.check()
    assert len(picture.boxes) < 25


@settings(max_examples=10)
@given(st.integers(2, 60))
def test_the_time_to_draw_grows_gently(n):
    """Counted, not timed: an edge bends at most once in each layer it passes."""
    tape = record(logistic(n), 0.2)
    assert len(tape) == 3 * n + 1
    routes = re.findall(r'<path d="([^"]+)"', graph(tape, group=False).drawing()[0])
    assert sum(route.count("C") + route.count("L") for route in routes) <= 4 * len(routes)
