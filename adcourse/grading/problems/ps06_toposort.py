"""Assignment 6, a topological order: 6.3.

Any such order is right, so the judge looks at the properties of the list.
"""

from __future__ import annotations

from functools import cached_property
from itertools import islice

import numpy as np

from adcourse.grading.graphs import Node
from adcourse.grading.meters import watched
from adcourse.grading.plain import NotPlain, describe, plain
from adcourse.grading.problem import Complaint, Judge, Probe, Problem
from adcourse.grading.problems.sample_graphs import (
    Graph,
    chain,
    doubled,
    doublings,
    shared,
    skipping,
    some_graph,
)

DEEP = 20_000  # for an order alone; the numbers of a sweep cost more, and a fifth of that is as deep for any recursion
LOOKUPS = 20  # a careful traversal reads the parents of a node once or twice


class Topological(Judge):
    """Any order will do in which every reachable node stands once, after its parents, and the output last."""

    def __init__(self, graph: Graph, out: int):
        self.graph, self.out = graph, out

    @cached_property
    def _wanted(self) -> set[int]:
        return set(self.graph.reachable(self.out))

    def __call__(self, answer):
        order, wanted = [int(number) for number in answer.numbers], self._wanted
        missing, foreign = wanted - set(order), set(order) - wanted
        if -1 in foreign:
            return Complaint("there is something in your list that is not a node of the graph", kind="foreign")
        if len(set(order)) < len(order):
            return Complaint("a node stands in your list more than once", kind="twice")
        if foreign:
            return Complaint("there is a node in your list that `out` does not depend on", kind="foreign")
        if missing:
            kind = "inputs" if not any(self.graph.parents[k] for k in missing) else "missing"
            kind = "out" if missing == {self.out} else kind
            return Complaint("nodes are missing from your list", f"{len(missing)} of {len(wanted)}", kind)
        if not self._is_sorted(order):
            kind = "reversed" if self._is_sorted(order[::-1]) else "order"
            return Complaint("a node stands in your list before one of its parents", kind=kind)
        return None

    @cached_property
    def _edges(self) -> np.ndarray:
        edges = [(parent, k) for k in self._wanted for parent in self.graph.parents[k]]
        return np.array(edges, dtype=int).reshape(-1, 2).T

    def _is_sorted(self, order):
        place = np.zeros(len(self.graph.parents), int)
        place[order] = np.arange(len(order))
        parents, children = place[self._edges]
        return bool(np.all(parents < children))


def order_of(make, question, out=-1) -> Probe:
    """Ask for the order of the graph that ``make()`` builds, as the positions of its nodes."""

    def ask(toposort):
        nodes = make()
        place = {id(node): k for k, node in enumerate(nodes)}
        with watched(nodes, LOOKUPS * len(nodes) + 2000):
            order = toposort(nodes[out])
            if order is None or isinstance(order, (Node, str, set, frozenset)) or not hasattr(type(order), "__iter__"):
                plain(order)  # says what is wrong with None, a set, a number ...
                raise NotPlain(f"{describe(order)} came back, not a list of nodes")
            return [place.get(id(node), -1) for node in islice(order, 3 * len(nodes) + 10)]

    nodes = make()
    return Probe(question, ask, Topological(Graph(nodes), range(len(nodes))[out]))


def toposort_visible():
    return [
        order_of(doubled, "b = a + a, c = b + b"),
        order_of(shared, "c = a + b, d = a*b, y = (c + d) + c*d"),
        order_of(shared, "the same graph, with d for `out`", out=3),
        order_of(skipping, "b = a*a, y = b sin b"),
        order_of(lambda: chain([]), "a single node"),
        order_of(lambda: doublings(40), "a node doubled 40 times"),
        order_of(lambda: chain([1.0] * 400), "a chain of 400 nodes, without recursion"),
    ]


def random_graphs(rng):
    """Functions that build a random graph, the same at each call."""
    return [lambda seed=int(seed): some_graph(np.random.default_rng(seed)) for seed in rng.integers(2**32, size=3)]


def toposort_hidden(rng):
    yield order_of(shared, "a graph with shared nodes")
    for make in random_graphs(rng):
        yield order_of(make, "a random graph")
    yield order_of(lambda: doublings(40), "40 doublings")
    yield order_of(lambda: chain([1.0] * DEEP), "a chain 20,000 deep")


NO_RECURSION = (
    "Your function calls itself for every node on the way, and a program of 20,000 steps makes a chain of 20,000 "
    "nodes: Python gives up near 1000. Keep the nodes still to do in a list of your own."
)
NO_VISITED = (
    "Your function comes back to nodes that it has seen: after 40 doublings that would be 2^40 visits. Remember which "
    "nodes you have met; a set finds them at once."
)

TOPOSORT = Problem(
    id="6.3",
    title="Topological order, safely",
    points=4,
    signature="toposort(out)",
    visible=toposort_visible,
    hidden=toposort_hidden,
    hint="Push a node twice: once to expand it, once to emit it.",
    hints={
        "recursion": NO_RECURSION + " Push a node twice: once to expand it, once to emit it.",
        "visits": NO_VISITED,
        "twice": "In b = a + a the node a is a parent twice, and in a list it has to stand once. Remember which "
        "nodes you have met already, in a set.",
        "order": "Draw c = a + b, d = a*b, e = c + d, f = c*d, y = e + f and write your list below it: one arrow "
        "points backwards. Meeting a node is too early to emit it: its parents come first. Push a node twice: once "
        "to expand it, once to emit it.",
        "reversed": "Your list is a topological order read from the wrong end: parents come before children, and "
        "`out` is last.",
        "inputs": "The nodes missing from your list are those without parents. They belong there too: their "
        "adjoints are what the whole sweep is for.",
        "out": "Only `out` itself is missing; it comes last.",
        "missing": "Some nodes that `out` depends on are not in your list: are you following all the parents of a "
        "node?",
        "foreign": "The list holds the nodes themselves (not their names or values), and only those that `out` "
        "depends on.",
    },
)
