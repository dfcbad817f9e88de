"""The drawn graph: layout as mathematics, the picture as well-formed SVG, words that say what it says."""

import base64
import itertools
import math
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse import record
from adcourse.core.errors import InputError
from adcourse.show import graph, trace
from adcourse.show.drawing import LABELS
from adcourse.show.layout import crossings, layers, layout


def running_example(w1, w2):
    v = w2 * np.log(w1)
    return v + np.sqrt(v)


def logistic(n):
    def f(x):
        for _ in range(n):
            x = 4 * x * (1 - x)
        return x

    return f


def rosenbrock(x):
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(len(x) - 1))


def newton_root(n):
    def f(x):
        t = (1 + x) / 2
        for _ in range(n):
            t = (t + x / t) / 2
        return t

    return f


@st.composite
def dags(draw, most=24):
    n = draw(st.integers(1, most))
    pairs = [draw(st.lists(st.integers(0, v - 1), max_size=3)) if v else [] for v in range(n)]
    sizes = [(draw(st.floats(20, 120)), draw(st.floats(20, 80))) for _ in range(n)]
    return sizes, [(u, v) for v, parents in enumerate(pairs) for u in parents]


@given(dags(), st.booleans())
def test_boxes_do_not_overlap_and_edges_run_forwards(dag, pull):
    sizes, edges = dag
    found = layout(sizes, edges, gap=30.0, apart=10.0, pull=pull)
    boxes = list(zip(found.centres, sizes, strict=True))
    for ((x0, y0), (w0, h0)), ((x1, y1), (w1, h1)) in itertools.combinations(boxes, 2):
        assert abs(x0 - x1) >= (w0 + w1) / 2 - 1e-6 or abs(y0 - y1) >= (h0 + h1) / 2 - 1e-6
    for (u, v), route in zip(edges, found.routes, strict=True):
        along = [p[0] for p in route]
        assert along == sorted(along)
        assert route[0][0] == pytest.approx(found.centres[u][0] + sizes[u][0] / 2)
        assert route[-1][0] == pytest.approx(found.centres[v][0] - sizes[v][0] / 2)
        assert abs(route[0][1] - found.centres[u][1]) <= sizes[u][1] / 2
        assert abs(route[-1][1] - found.centres[v][1]) <= sizes[v][1] / 2
    for (x, y), (w, h) in boxes:
        assert w / 2 - 1e-6 <= x <= found.size[0] - w / 2 + 1e-6
        assert h / 2 - 1e-6 <= y <= found.size[1] - h / 2 + 1e-6


@given(dags(), st.booleans())
def test_layers_increase_along_every_edge(dag, pull):
    sizes, edges = dag
    ranks = layers(len(sizes), edges, pull)
    assert all(ranks[u] < ranks[v] for u, v in edges)
    assert min(ranks) >= 0


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12))
def test_crossings_are_counted_as_by_hand(pairs):
    order, links = [list(range(6)), list(range(6, 12))], [(u, v + 6) for u, v in pairs]
    by_hand = sum((a - c) * (b - d) < 0 for (a, b), (c, d) in itertools.combinations(pairs, 2))
    assert crossings(order, links) == by_hand


@pytest.mark.parametrize("depth", [1, 2, 5, 20])
def test_trees_ladders_and_chains_are_drawn_without_crossings(depth):
    """These graphs are planar in layers; the layout must find it."""
    for f, x in ((logistic(depth), 0.2), (newton_root(min(depth, 9)), 2.0)):
        tape = record(f, x)
        routes = re.findall(r'<path d="([^"]+)"', graph(tape).drawing()[0])
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


CASES = {
    "one_row": (np.sin, 1.0), "running_example": (running_example, math.e, 4.0), "logistic_3": (logistic(3), 0.2),
    "logistic_10": (logistic(10), 0.2), "newton_root": (newton_root(9), 2.0),
    "rosenbrock": (rosenbrock, np.array([-1.2, 1.0, 0.5, 0.3, 0.2])),
    "layer": (lambda W, x: np.sum(np.tanh(W @ x)), np.ones((4, 3)), np.arange(3.0)),
    "unused": (lambda x, y: (x * y, x * 2.0)[1], 1.0, 2.0),
}  # fmt: skip


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_the_picture_is_well_formed_and_complete(name, dark):
    tape = record(*CASES[name])
    svg = ElementTree.fromstring(graph(tape).svg(dark))
    space = "{http://www.w3.org/2000/svg}"
    boxes = [g for g in svg.iter(f"{space}g") if "data-row" in g.attrib]
    assert [int(g.get("data-row")) for g in boxes] == list(range(len(tape)))
    edges = [tuple(map(int, g.get("data-edge").split(","))) for g in svg.iter(f"{space}g") if "data-edge" in g.attrib]
    assert edges == [(p, row.index, k) for row in tape for k, p in enumerate(row.parents) if p is not None]
    left, top, width, height = (float(v) for v in svg.get("viewBox").split())
    for text in svg.iter(f"{space}text"):
        half = len(text.text) * 7.2 / 2
        assert left + half < float(text.get("x")) < left + width - half
        assert top < float(text.get("y")) < top + height
    for g in boxes:  # the text fits its box, in a font whose letters are 0.6 em wide
        room = float(g.find(f"{space}rect").get("width"))
        assert all(len(t.text) * 7.8 <= room for t in g.findall(f"{space}text"))
    outputs = [int(g.get("data-row")) for g in boxes if "output" in g.get("class").split()]
    assert outputs == [i for i in tape.outputs if i is not None]


def test_constants_are_part_of_their_operation():
    drawn = graph(record(lambda x: 3.0 * x + 1.0, 2.0))
    assert drawn.edges == [(0, 1, 1), (1, 2, 0)]
    assert "v1 = 3 * x" in drawn.svg() and "v2 = v1 + 1" in drawn.svg()


def test_small_graphs_show_every_partial_and_large_ones_none_by_default():
    small, large = record(logistic(3), 0.2), record(logistic(10), 0.2)
    assert len(small) <= LABELS < len(large)
    assert graph(small).svg().count('class="partial" visibility="hidden"') == 0
    assert graph(large).svg().count('class="partial" visibility="hidden"') == len(graph(large).edges)


def test_unused_rows_are_marked():
    svg = graph(record(*CASES["unused"])).svg()
    assert len(re.findall(r'class="node operation unused"', svg)) == 1


def test_alt_text_says_the_values_and_the_adjoints():
    alt = graph(record(running_example, math.e, 4.0), adjoints=True).alt
    assert "2 inputs and 4 operations" in alt
    for part in ("w1 = 2.718282", "v = w2 * v1 = 4", "v4 = v + v3 = 6 (output)", "w1 1.839397, w2 1.25"):
        assert part in alt
    long = graph(record(logistic(20), 0.2), adjoints=True).alt
    assert len(long) < 600 and "in the table" in long


def test_the_static_form_needs_no_script_and_has_picture_words_and_table():
    tape = record(running_example, math.e, 4.0)
    drawn = graph(tape, adjoints=True)
    html = drawn.html()
    assert "<script" not in html and "<svg" not in html and "<style" not in html
    assert trace(tape).html() in html and "<details>" in html
    picture = base64.b64decode(re.search(r"data:image/svg\+xml;base64,([^\"]+)", html)[1]).decode()
    assert picture == drawn.svg()
    assert drawn._repr_mimebundle_()["text/html"] == html


def test_adjoints_of_an_array_are_refused_with_the_line_to_write():
    with pytest.raises(InputError, match=r"Write: graph\(tape\)"):
        graph(record(lambda x: x * 2, np.ones(3)), adjoints=True)


def test_a_tape_too_long_to_draw_says_so_and_still_displays():
    tape = record(logistic(100), 0.2)
    with pytest.raises(InputError, match="301 rows"):
        graph(tape).svg()
    assert "too many to draw" in graph(tape)._repr_mimebundle_()["text/html"]


@settings(max_examples=10)
@given(st.integers(2, 60))
def test_the_time_to_draw_grows_gently(n):
    """Counted, not timed: an edge bends at most once in each layer it passes."""
    tape = record(logistic(n), 0.2)
    routes = re.findall(r'<path d="([^"]+)"', graph(tape).drawing()[0])
    assert sum(route.count("C") + route.count("L") for route in routes) <= 4 * len(routes)
