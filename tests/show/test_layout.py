"""The layout as mathematics: layers, crossings, straight lines, nothing on top of anything else, up to 200 nodes."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse.show.layout import layers, layout
from adcourse.show.ordering import crossings, ordered

from .programs import dags


def random_dag(n, seed, parents=3, far=None):
    rng = random.Random(seed)
    sizes = [(rng.uniform(20, 120), rng.uniform(20, 80)) for _ in range(n)]
    reach = far or n
    edges = [(rng.randrange(max(0, v - reach), v), v) for v in range(1, n) for _ in range(rng.randint(0, parents))]
    return sizes, sorted(edges, key=lambda e: e[1])


def checked(sizes, edges, labels=None, pull=False):
    """A layout in which boxes, labels and edges keep clear of each other, and what runs forwards does."""
    found = layout(sizes, edges, labels=labels, gap=30.0, apart=10.0, pull=pull)
    boxes = [(*c, *s) for c, s in zip(found.centres, sizes, strict=True)]
    spots = [(*spot, *size) for spot, size in zip(found.spots, labels or [None] * len(edges), strict=True) if size]
    for (x0, y0, w0, h0), (x1, y1, w1, h1) in itertools.combinations(boxes + spots, 2):
        assert abs(x0 - x1) >= (w0 + w1) / 2 - 1e-6 or abs(y0 - y1) >= (h0 + h1) / 2 - 1e-6
    for x, y, w, h in boxes + spots:
        assert w / 2 - 1e-6 <= x <= found.size[0] - w / 2 + 1e-6
        assert h / 2 - 1e-6 <= y <= found.size[1] - h / 2 + 1e-6
    own = iter(spots)
    for k, ((u, v), route) in enumerate(zip(edges, found.routes, strict=True)):
        along = [p[0] for p in route]
        assert along == sorted(along)
        assert route[0][0] == pytest.approx(found.centres[u][0] + sizes[u][0] / 2)
        assert route[-1][0] == pytest.approx(found.centres[v][0] - sizes[v][0] / 2)
        assert abs(route[0][1] - found.centres[u][1]) <= sizes[u][1] / 2
        assert abs(route[-1][1] - found.centres[v][1]) <= sizes[v][1] / 2
        mine = {u, v} | ({len(boxes) + spots.index(next(own))} if labels and labels[k] else set())
        for piece in zip(route[::2], route[1::2], strict=True):
            for j, box in enumerate(boxes + spots):
                assert j in mine or not runs_through(piece, box)
    return found


def runs_through(piece, box):
    """Whether a piece of an edge, a line across a layer or an S-curve between two, may touch a box."""
    (x0, y0), (x1, y1) = piece
    x, y, w, h = box
    return (
        min(x1, x + w / 2) - max(x0, x - w / 2) > 1e-6
        and min(max(y0, y1), y + h / 2) - max(min(y0, y1), y - h / 2) > 1e-6
    )


@settings(max_examples=40)
@given(dags(40), st.booleans())
def test_nothing_lies_on_anything_else_and_edges_run_forwards(dag, pull):
    checked(*dag, pull=pull)


@settings(max_examples=40)
@given(dags(25), st.randoms(use_true_random=False))
def test_labels_have_a_place_of_their_own_on_their_edge(dag, rng):
    sizes, edges = dag
    labels = [rng.choice([None, (40.0, 15.0), (15.0, 90.0)]) for _ in edges]
    found = checked(sizes, edges, labels)
    for label, spot, route in zip(labels, found.spots, found.routes, strict=True):
        assert (spot is None) == (label is None)
        if label:  # the edge runs straight through its label
            assert any(a[1] == b[1] == spot[1] and a[0] <= spot[0] <= b[0] for a, b in itertools.pairwise(route))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("far", [4, 30, None])
def test_two_hundred_nodes(seed, far):
    checked(*random_dag(200, seed, far=far), pull=bool(seed % 2))


@settings(max_examples=40)
@given(dags(40), st.booleans())
def test_layers_increase_along_every_edge(dag, pull):
    sizes, edges = dag
    ranks = layers(len(sizes), edges, pull)
    assert all(ranks[u] < ranks[v] for u, v in edges)
    assert set(ranks) == set(range(max(ranks) + 1))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12))
def test_crossings_are_counted_as_by_hand(pairs):
    order, links = [list(range(6)), list(range(6, 12))], [(u, v + 6) for u, v in pairs]
    by_hand = sum((a - c) * (b - d) < 0 for (a, b), (c, d) in itertools.combinations(pairs, 2))
    assert crossings(order, links) == by_hand


def barycentre(ranks, links, rounds=10):
    """The textbook's heuristic, by itself."""
    order = [[v for v, r in enumerate(ranks) if r == k] for k in range(max(ranks) + 1)]
    fewest = crossings(order, links)
    for turn in range(rounds):
        for r in range(1, len(order)) if turn % 2 == 0 else range(len(order) - 2, -1, -1):
            beside = order[r - 1] if turn % 2 == 0 else order[r + 1]
            where = {v: k for k, v in enumerate(beside)}

            def mean(v, where=where):
                near = [where[w] for link in links if v in link for w in link if w in where]
                return sum(near) / len(near) if near else 0.0

            order[r].sort(key=mean)
        fewest = min(fewest, crossings(order, links))
    return fewest


@pytest.mark.parametrize("seed", range(8))
def test_fewer_crossings_than_barycentres_alone(seed):
    rng = random.Random(seed)
    ranks = [r for r in range(8) for _ in range(rng.randint(3, 8))]
    links = sorted({
        (u, v) for v, r in enumerate(ranks) if r for u in rng.sample([w for w, s in enumerate(ranks) if s == r - 1], 2)
    })  # fmt: skip
    assert crossings(ordered(ranks, links), links) <= barycentre(ranks, links)


@pytest.mark.parametrize("seed", range(6))
def test_no_swap_of_neighbours_saves_a_crossing(seed):
    rng = random.Random(seed)
    ranks = sorted(rng.randrange(6) for _ in range(40))
    links = sorted({(u, v) for v, r in enumerate(ranks) for u in rng.sample(range(40), 12) if ranks[u] == r - 1})
    order = ordered(ranks, links)
    fewest = crossings(order, links)
    for row in order:
        for k in range(len(row) - 1):
            row[k : k + 2] = row[k + 1], row[k]
            assert crossings(order, links) >= fewest
            row[k : k + 2] = row[k + 1], row[k]


@given(st.integers(1, 6), st.randoms(use_true_random=False))
def test_a_tree_is_drawn_without_crossings(depth, rng):
    """However its nodes are numbered within their layers."""
    ranks, links = [0], []
    level = [0]
    for r in range(1, depth):
        fresh = list(range(len(ranks), len(ranks) + 2 * len(level)))
        parents = level * 2
        rng.shuffle(parents)
        links += zip(parents, fresh, strict=True)
        ranks += [r] * len(fresh)
        level = fresh
    assert crossings(ordered(ranks, links), links) == 0


@pytest.mark.parametrize("n", [2, 50, 200])
def test_a_chain_is_straight(n):
    found = layout([(30.0, 20.0 + 7 * (k % 3)) for k in range(n)], [(k, k + 1) for k in range(n - 1)])
    assert len({round(y, 6) for _, y in found.centres}) == 1
    assert all(len({round(y, 6) for _, y in route}) == 1 for route in found.routes)


@pytest.mark.parametrize("n", [5, 40, 200])
def test_edges_from_one_node_share_a_straight_trunk(n):
    """A parameter that every step of a loop reads: its edges run as one beside the loop, and branch off it."""
    sizes = [(30.0, 30.0)] * (n + 1)
    edges = [(k, k + 1) for k in range(1, n)] + [(0, k) for k in range(1, n + 1)]
    found = layout(sizes, edges, pull=True)
    routes = [route for (u, _), route in zip(edges, found.routes, strict=True) if u == 0]
    bends = {point[1] for route in routes[1:] for point in route[3:-1]}
    assert len({round(y, 6) for y in bends}) == 1
    assert found.size[1] < 30.0 * 2 + 18.0 * 2
    assert len({round(y, 6) for _, y in found.centres[1:]}) == 1  # the loop itself is straight


def test_most_long_edges_are_straight():
    straight = total = 0
    for seed in range(4):
        for route in layout(*random_dag(80, seed, parents=2, far=25)).routes:
            inner = [p[1] for p in route[3:-3]]
            if len(inner) > 4:
                total += 1
                straight += max(inner) - min(inner) < 1e-6
    assert total > 50 and straight > 0.9 * total


@settings(max_examples=10)
@given(dags(40))
def test_the_same_graph_is_laid_out_in_the_same_way(dag):
    assert layout(*dag) == layout(*dag)


def test_nothing_is_laid_out_as_nothing():
    assert layout([], []) == ([], [], [], (0.0, 0.0))
