"""The graphs that questions are asked about, and the right adjoints by a way that never sweeps backwards.

They have repeated parents, shared nodes and partials that all differ, because a chain of scalars can't tell one order
of a sweep from another.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adcourse.grading.graphs import Node


def named(*nodes: Node, names: str) -> list[Node]:
    for node, name in zip(nodes, names, strict=True):
        node.name = name
    return list(nodes)


def doubled() -> list[Node]:
    """a; b = a + a; c = b + b."""
    a = Node(1.0)
    b = a + a
    return named(a, b, b + b, names="abc")


def shared() -> list[Node]:
    """The graph by which a reader of micrograd's issue 68 was shown that plain recursion is not enough."""
    a, b = Node(2.0), Node(3.0)
    c, d = a + b, a * b
    e, f = c + d, c * d
    return named(a, b, c, d, e, f, e + f, names="abcdefy")


def skipping() -> list[Node]:
    """y = b * sin b with b = a * a: b is a parent of y and of a parent of y, so the distance to y orders nothing."""
    a = Node(0.8)
    b = a * a
    c = b.sin()
    return named(a, b, c, b * c, names="abcy")


def x_sin_x_plus_2x(x=0.7) -> list[Node]:
    x, two = Node(x), Node(2.0)
    s = x.sin()
    p, q = x * s, two * x
    return named(x, two, s, p, q, p + q, names="x2spqy")


def chain(factors: Sequence[float]) -> list[Node]:
    """One parent each. It starts at 0.7, for from 1 the last value would be the first adjoint."""
    nodes = [Node(0.7)]
    for factor in factors:
        nodes.append(Node(nodes[-1].value * factor, (nodes[-1],), (factor,)))
    return nodes


def doublings(times: int) -> list[Node]:
    nodes = [Node(1.0)]
    for _ in range(times):
        nodes.append(nodes[-1] + nodes[-1])
    return nodes


def some_graph(rng, n=24) -> list[Node]:
    """A random graph in which nodes share parents, use some twice, and some do not reach the last one. Values mean
    nothing here: the partials are given."""
    nodes = [Node(float(v)) for v in rng.normal(size=3)]
    while len(nodes) < n:
        parents = [nodes[i] for i in rng.integers(max(0, len(nodes) - 8), len(nodes), size=rng.integers(1, 4))]
        partials = rng.uniform(0.5, 1.5, size=len(parents)) * rng.choice([-1.0, 1.0], size=len(parents))
        nodes.append(Node(float(rng.normal()), parents, partials.tolist()))
    return nodes


class Graph:
    """A graph as plain numbers: its nodes by position, parents first."""

    def __init__(self, nodes: Sequence[Node]):
        place = {id(node): k for k, node in enumerate(nodes)}
        self.parents = [[place[id(parent)] for parent in node.parents] for node in nodes]
        self.partials = [node.partials for node in nodes]
        self.names = [node.name or "a node" for node in nodes]

    def reachable(self, out: int) -> list[int]:
        found = {out}
        for k in range(out, -1, -1):
            if k in found:
                found.update(self.parents[k])
        return sorted(found)

    def adjoints(self, out: int, partial=float) -> dict[int, float]:
        """d out/d node for every reachable node, by one forward sweep a node; ``partial=abs`` gives the sum of the
        absolute values of all path products instead. A long chain has one path: the product along it."""
        if all(len(parents) < 2 for parents in self.parents):
            factors = [partial(p) for partials in self.partials[1 : out + 1] for p in partials]
            return dict(enumerate([*np.cumprod(factors[::-1])[::-1].tolist(), 1.0]))
        return {start: self._tangent(start, out, partial) for start in self.reachable(out)}

    def _tangent(self, start, out, partial):
        tangents = [0.0] * start + [1.0]
        for k in range(start + 1, out + 1):
            tangents.append(
                sum(partial(p) * tangents[i] for i, p in zip(self.parents[k], self.partials[k], strict=True))
            )
        return tangents[out]
