"""Assignment 6, the reverse sweep: 6.4.

Adjoints are compared with the oracle of ``sample_graphs.Graph``, and a wrong sweep is recognised by the equations that
its own numbers satisfy.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from adcourse.grading.graphs import Node
from adcourse.grading.meters import watched
from adcourse.grading.plain import NotPlain, describe, plain
from adcourse.grading.problem import Complaint, Judge, Mistake, Probe, Problem
from adcourse.grading.problems.ps06_toposort import DEEP, LOOKUPS, NO_RECURSION, NO_VISITED, random_graphs
from adcourse.grading.problems.sample_graphs import (
    Graph,
    chain,
    doubled,
    doublings,
    shared,
    skipping,
    x_sin_x_plus_2x,
)

TOLERANCE = 1e-10  # of the sum of the absolute path products, which bounds what rounding can do


class Adjoints(Judge):
    """The adjoints after each of several sweeps. What a wrong answer got wrong shows in its own numbers: in a right
    one each adjoint is the sum, over all edges to children, of partial times the child's adjoint."""

    def __init__(self, graph: Graph, outs: Sequence[int]):
        self.graph, self.outs = graph, outs

    @cached_property
    def _right(self) -> list[tuple[dict, dict]]:
        """For each sweep the adjoints, and the sums of the absolute path products."""
        return [(self.graph.adjoints(out), self.graph.adjoints(out, abs)) for out in self.outs]

    def __call__(self, answer):
        numbers = iter(answer.numbers)
        for sweep, (out, (right, size)) in enumerate(zip(self.outs, self._right, strict=True)):
            got = {k: next(numbers) for k in right}
            wrong = [k for k in right if not abs(got[k] - right[k]) <= TOLERANCE * size[k]]
            if wrong and sweep:
                return Complaint("the adjoints are right after the first call and wrong after the next", kind="again")
            if wrong:
                text, kind = self._explain(got, set(wrong), out)
                k = wrong[-1]
                return Complaint(text, f"the .g of {self.graph.names[k]} is {got[k]:.10g}, not {right[k]:.10g}", kind)
        return None

    def _explain(self, got, wrong, out):
        if not any(got.values()):
            return "every .g is still 0", "untouched"
        if got[out] != 1:
            return "the adjoint of the output itself is not 1", "seed"
        edges = {k: [] for k in got if k != out}
        for child in got:
            for parent, partial in zip(self.graph.parents[child], self.graph.partials[child], strict=True):
                edges[parent].append((child, partial))

        def everywhere(rule):
            return all(any(_near(got[k], value) for value in rule(edges[k])) for k in edges)

        if everywhere(lambda edges: [sum(p * got[child] for child, p in dict(edges).items())]):
            return "a parent that stands twice in `parents` is counted once", "once"
        if everywhere(lambda edges: [partial * got[child] for child, partial in edges]):
            return "of several edges to its children, only one counts for a node", "overwritten"
        if everywhere(lambda edges: [sum(partial for _, partial in edges)]):
            return "your adjoints are sums of local partials", "local"
        # A node hands on too early when it gets more than one contribution. So where an adjoint is wrong although those
        # of all children came out right, one of the children is such a node, if the order is to blame.
        first = [k for k in wrong if not any(child in wrong for child, _ in edges[k])]
        early = all(any(len(edges.get(child, ())) > 1 for child, _ in edges[k]) for k in first)
        return "some adjoints are wrong", "order" if early else ""


def _near(a, b):
    return abs(a - b) <= 1e-9 * (abs(a) + abs(b))


def sweeps_of(make, question, outs=(-1, -1)) -> Probe:
    """Ask for all the adjoints after ``backward`` from each of ``outs`` in turn: by default the same twice."""
    nodes = make()
    graph, outs = Graph(nodes), [range(len(nodes))[out] for out in outs]
    reach = [_ranges(graph.reachable(out)) for out in outs]

    def ask(backward):
        nodes, numbers = make(), []
        with watched(nodes, LOOKUPS * len(nodes) * len(outs) + 2000):
            for out, reached in zip(outs, reach, strict=True):
                backward(nodes[out])
                numbers += [plain_number(nodes[k].g) for start, stop in reached for k in range(start, stop)]
        return numbers

    return Probe(question, ask, Adjoints(graph, outs))


def _ranges(places: Sequence[int]) -> list[tuple[int, int]]:
    """Runs of consecutive places, which are shorter to send than a list."""
    found = set(places)
    starts, stops = ([k for k in places if k + step not in found] for step in (-1, 1))
    return [(start, stop + 1) for start, stop in zip(starts, stops, strict=True)]


def plain_number(g):
    number = plain(g)
    if number.shape:
        raise NotPlain(f".g of a node is {describe(g)}, a single number belongs there")
    return number.numbers[0]


def backward_visible():
    return [
        sweeps_of(shared, "c = a + b, d = a*b, y = (c + d) + c*d", outs=(-1,)),
        sweeps_of(doubled, "b = a + a, c = b + b: a.g is 4", outs=(-1,)),
        sweeps_of(doubled, "backward(c) called twice"),
        sweeps_of(skipping, "b = a*a, y = b sin b"),
        sweeps_of(x_sin_x_plus_2x, "x sin x + 2x"),
        sweeps_of(shared, "backward(c*d), then backward(y)", outs=(-2, -1)),
        sweeps_of(lambda: doublings(40), "a node doubled 40 times"),
        sweeps_of(lambda: chain([1 + 1 / k for k in range(1, 401)]), "a chain of 400 nodes, without recursion"),
    ]


def backward_hidden(rng):
    x = float(rng.uniform(0.5, 3))
    yield sweeps_of(shared, "a graph with shared nodes")
    yield sweeps_of(doubled, "a + a, then doubled again")
    yield sweeps_of(lambda: x_sin_x_plus_2x(x), "x sin x + 2x")
    yield sweeps_of(lambda: [Node(x)], "a single node")
    for make in random_graphs(rng):
        yield sweeps_of(make, "a random graph", outs=(-1, -1))
        yield sweeps_of(make, "two outputs of one random graph", outs=(-2, -1, -2))
    yield sweeps_of(lambda: doublings(40), "40 doublings")
    seed = int(rng.integers(2**32))

    def deep_chain():
        return chain(np.random.default_rng(seed).uniform(0.999, 1.001, size=DEEP // 5).tolist())

    yield sweeps_of(deep_chain, "a chain 4,000 deep", outs=(-1,))


def _hands_on_at_once(out):
    """Recursion over the parents without an order: a node hands on what it has before it has everything."""

    def visit(node):
        for parent, partial in zip(node.parents, node.partials, strict=True):
            parent.g += partial * node.g
            visit(parent)

    for node in _each_path(out):
        node.g = 0.0
    out.g = 1.0
    visit(out)


def _hands_on_at_once_without_reset(out):
    def visit(node):
        for parent, partial in zip(node.parents, node.partials, strict=True):
            parent.g += partial * node.g
            visit(parent)

    out.g = 1.0
    visit(out)


def _each_path(node):
    yield node
    for parent in node.parents:
        yield from _each_path(parent)


_EARLY = "A node handed its adjoint on before it had received everything. "
_LATE = " Every child has to come before its parents: that is what the order of 6.3, read from its end, is for."
_TWICE = (
    "Try b = a + a, c = b + b by hand: b is reached twice, and what it passes to a the second time includes what it "
    "passed the first time."
)

BACKWARD = Problem(
    id="6.4",
    title="The reverse sweep",
    points=5,
    signature="backward(out)",
    visible=backward_visible,
    hidden=backward_hidden,
    hint="Fan-out in the forward pass is a sum in the reverse pass: += .",
    mistakes=[
        Mistake(_hands_on_at_once, _EARLY + _TWICE + _LATE),
        Mistake(
            _hands_on_at_once_without_reset,
            _EARLY + _TWICE + _LATE + " And a second call starts from the adjoints of the first.",
        ),
    ],
    hints={
        "again": "Call backward(out) twice and print a.g after each: the second sweep starts from what the first left "
        "behind. Where does your function put every .g back to 0?",
        "overwritten": "In b = a + a the node a has two edges to its child and gets one of them. Fan-out in the "
        "forward pass is a sum in the reverse pass: += .",
        "once": "In b = a + a the node a stands in `parents` twice, with two partials. A dict or a set of the "
        "parents keeps one of them; go through both tuples side by side.",
        "untouched": "After your sweep every .g is 0. What is d(out)/d(out)? And does the result go into .g? What "
        "backward returns is not looked at.",
        "seed": "What is d(out)/d(out)? The sweep starts from that number.",
        "local": "You add up the local partials alone. What a child hands to its parent is the partial times the "
        "child's own adjoint.",
        "order": _EARLY + "Try c = a + b, d = a*b, y = (c + d) + c*d by hand." + _LATE,
        "recursion": NO_RECURSION,
        "visits": NO_VISITED,
    },
)
