"""Assignment 3, on graphs and chains: 3.3 and 3.4.

The oracle of 3.3 is linear algebra: with C the matrix of the local derivatives, the sums over all paths are the entries
of (I - C)^-1, computed by solving a linear system. Tolerance: 1e-11 of 1 and of the largest sum of absolute values over
paths from the same node, which allows for an inverse by elimination. 3.4 is about integers.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from adcourse.grading.judges import Close, Exact
from adcourse.grading.problem import Mistake, Probe, Problem

# --- 3.3 ---------------------------------------------------------------------------------------------------------


def all_paths(edges: dict, i, o, size=lambda x: x) -> float:
    """d(o)/d(i): column i of (I - C)^-1, at o; the largest of the column if o is None."""
    nodes = list(dict.fromkeys([i, *([] if o is None else [o]), *(node for edge in edges for node in edge)]))
    place = {node: k for k, node in enumerate(nodes)}
    C = np.zeros((len(nodes), len(nodes)))
    for (parent, child), slope in edges.items():
        C[place[child], place[parent]] = size(slope)
    start = np.eye(len(nodes))[place[i]]
    column = np.linalg.solve(np.eye(len(nodes)) - C, start)
    return float(column.max() if o is None else column[place[o]])


def paths_of(edges, i, o, question) -> Probe:
    tolerance = 1e-11 * max(1.0, all_paths(edges, i, None, abs))
    judge = Close(lambda: all_paths(edges, i, o), atol=tolerance)
    return Probe(question, lambda path_sum: path_sum(dict(edges), i, o), judge)


# (x + y) z at (-2, 5, -4), with q = x + y
TIMES = {("x", "q"): 1.0, ("y", "q"): 1.0, ("q", "f"): -4.0, ("z", "f"): 3.0}
# x1 x2 + sin x1 at (2, 3): two paths from x1
SUM = {("x1", "p"): 3.0, ("x2", "p"): 2.0, ("x1", "s"): -0.416, ("p", "z"): 1.0, ("s", "z"): 1.0}
SKIP = {("a", "c"): 5.0, ("b", "c"): 3.0, ("a", "b"): 2.0, ("c", "d"): 7.0, ("b", "d"): 11.0}


def ladder(rounds, slope=lambda k: 1.0):
    """2 ** rounds paths: each node leads to the next by two ways."""
    edges = {}
    for k in range(rounds):
        edges |= {((k, "in"), (k, "up")): slope(3 * k), ((k, "in"), (k, "down")): slope(3 * k + 1)}
        edges |= {((k, "up"), (k + 1, "in")): 1.0, ((k, "down"), (k + 1, "in")): slope(3 * k + 2)}
    return edges


def paths_visible():
    return [
        paths_of(TIMES, "x", "f", "(x + y)z, from x to f: -4"),
        paths_of(TIMES, "z", "f", "(x + y)z, from z to f: 3"),
        paths_of(SUM, "x1", "z", "x1 x2 + sin x1, from x1 to z, two paths: 2.584"),
        paths_of(SKIP, "a", "d", "a graph with three paths from a to d: 2·3·7 + 5·7 + 2·11 = 99"),
        paths_of(SKIP, "b", "b", "from a node to itself: 1"),
        paths_of(SKIP, "d", "a", "against the arrows: 0"),
        paths_of(TIMES, "x", "z", "from x to z, which no path joins: 0"),
    ]


def some_edges(rng, nodes):
    """A random graph in which numbers name the nodes, in an order that says nothing."""
    names = rng.permutation(100)[:nodes].tolist()
    pairs = [(a, b) for b in range(1, nodes) for a in range(b) if b - a == 1 or rng.random() < 0.35]
    order = rng.permutation(len(pairs))
    slopes = rng.uniform(0.5, 2, size=len(pairs)) * rng.choice([-1, 1], size=len(pairs))
    edges = {(names[pairs[k][0]], names[pairs[k][1]]): float(slopes[k]) for k in order}
    return edges, names


def paths_hidden(rng):
    for nodes in (4, 6, 9):
        edges, names = some_edges(rng, nodes)
        yield paths_of(edges, names[0], names[-1], "a random graph, from its first node to its last")
        yield paths_of(edges, names[1], names[-1], "a random graph, from a node within")
        yield paths_of(edges, names[-1], names[0], "a random graph, against the arrows")
        yield paths_of(edges, names[2], names[2], "from a node to itself")
    slopes = rng.uniform(0.7, 1.3, size=40)
    edges = ladder(12, lambda k: float(slopes[k]))
    yield paths_of(edges, (0, "in"), (12, "in"), "2^12 paths")
    yield paths_of(SKIP, "nowhere", "d", "from a node that the graph doesn't have")


def _walks(edges, i, o):
    """All paths, as tuples of slopes."""
    leaving = {}
    for (a, b), slope in edges.items():
        leaving.setdefault(a, []).append((slope, b))

    def walks(node):
        if node == o:
            return [()]
        return [(slope, *rest) for slope, child in leaving.get(node, ()) for rest in walks(child)]

    return walks(i)


def _over(combine, along=math.prod, same=None, none=0.0):
    def path_sum(edges, i, o):
        if i == o and same is not None:
            return same
        walks = _walks(edges, i, o)
        return float(combine([along(walk) for walk in walks])) if walks else none

    return path_sum


PATHS = Problem(
    id="3.3",
    title="Sum over paths",
    points=4,
    signature="path_sum(edges, i, o)",
    visible=paths_visible,
    hidden=paths_hidden,
    hint="Every path counts once; multiply along, add across.",
    mistakes=[
        Mistake(
            _over(lambda values: values[0]),
            "You follow the first path that you find. x1 reaches x1 x2 + sin x1 by two ways, and both count.",
        ),
        Mistake(
            _over(lambda values: values[-1]),
            "You keep the last path that you find. x1 reaches x1 x2 + sin x1 by two ways, and both count.",
        ),
        Mistake(_over(max), "You keep one of the paths, the largest. They add up."),
        Mistake(
            lambda edges, i, o: float(np.prod(list(edges.values()))),
            "You multiplied all the numbers of the graph. In (x + y)z the path from x to f doesn't touch the arrow "
            "from z.",
        ),
        Mistake(
            _over(sum, along=sum),
            "You add along a path. Two operations after another multiply their slopes: 2·3, not 2 + 3.",
        ),
        Mistake(_over(np.prod), "You multiply the paths with one another. Along a path multiply, over the paths add."),
        Mistake(_over(len), "You count the paths. Each counts with the product of the numbers on its arrows."),
        Mistake(_over(sum, same=0.0), "From a node to itself: if x moves by a little, by how much does x move?"),
        Mistake(
            lambda edges, i, o: float(edges.get((i, o), 0.0)) if i != o else 1.0,
            "You look at the direct arrow alone. In (x + y)z none leads from x to f, and f moves with x all the same.",
        ),
        Mistake(
            lambda edges, i, o: _over(sum)(edges, o, i),
            "You walk against the arrows: an edge is (parent, child), and influence goes from parent to child.",
        ),
        Mistake(
            _over(np.mean), "You average over the paths. Their contributions add up: two pushes move more than one."
        ),
    ],
)


# --- 3.4 ---------------------------------------------------------------------------------------------------------


def cost(shapes, mode):
    """Multiplications, by multiplying matrices that only know their shapes."""
    chain = [tuple(shape) for shape in shapes]
    total = 0
    while len(chain) > 1:
        right, left = chain[:2] if mode == "forward" else chain[-2:]
        total += left[0] * left[1] * right[1]
        product = (left[0], right[1])
        chain = [product, *chain[2:]] if mode == "forward" else [*chain[:-2], product]
    return total


def cost_of(shapes, mode, question) -> Probe:
    return Probe(question, lambda chain_cost: chain_cost(list(shapes), mode), Exact(lambda: cost(shapes, mode)))


WIDE = [(3, 1000), (4, 3), (1, 4)]  # 1000 -> 3 -> 4 -> 1


def cost_visible():
    return [
        cost_of(WIDE, "reverse", "1000 → 3 → 4 → 1 in reverse: 1·4·3 + 1·3·1000 = 3012"),
        cost_of(WIDE, "forward", "1000 → 3 → 4 → 1 forward: 4·3·1000 + 1·4·1000 = 16000"),
        cost_of([(4, 1), (3, 4), (1000, 3)], "forward", "1 → 4 → 3 → 1000 forward: 3012"),
        cost_of([(5, 2)], "forward", "a single factor, where there is nothing to multiply: 0"),
        cost_of([(2, 3), (7, 2)], "reverse", "two factors, where both ways are one: 42"),
    ]


def some_shapes(rng, sizes):
    return [(int(b), int(a)) for a, b in pairwise(sizes)]


def cost_hidden(rng):
    wide = np.sort(rng.integers(2, 60, size=5))[::-1]
    for sizes in (wide, wide[::-1], rng.integers(2, 30, size=6), rng.integers(2, 200, size=4)):
        for mode in ("forward", "reverse"):
            yield cost_of(some_shapes(rng, sizes), mode, f"a chain, {mode}")
    yield cost_of([(int(rng.integers(2, 9)), 4)], "reverse", "a single factor")
    yield cost_of([(10**6, 10**6)] * 3, "forward", "large numbers")


def _cost(step=lambda p, q, r: p * q * r, mode=lambda mode: mode, shapes=lambda shapes: shapes, single=0):
    def chain_cost(given, way):
        chain = [tuple(s) for s in shapes(given)]
        if len(chain) == 1:
            return single if not callable(single) else single(*chain[0])
        total = 0
        while len(chain) > 1:
            right, left = chain[:2] if mode(way) == "forward" else chain[-2:]
            total += step(left[0], left[1], right[1])
            product = (left[0], right[1])
            chain = [product, *chain[2:]] if mode(way) == "forward" else [*chain[:-2], product]
        return total

    return chain_cost


_OTHER = {"forward": "reverse", "reverse": "forward"}

COST = Problem(
    id="3.4",
    title="Forward or reverse? Count multiplications",
    points=3,
    signature="chain_cost(shapes, mode)",
    visible=cost_visible,
    hidden=cost_hidden,
    hint="F(G(H(x))): which factor is multiplied first?",
    mistakes=[
        Mistake(
            _cost(mode=_OTHER.get),
            "Your two modes are exchanged. Forward begins with the factor that is applied first, the one next to x; "
            "reverse with the last.",
        ),
        Mistake(
            _cost(step=lambda p, q, r: p * r * (2 * q - 1)),
            "You count additions, too. Asked for are the multiplications alone: p q r for a p×q times a q×r matrix.",
        ),
        Mistake(
            _cost(step=lambda p, q, r: 2 * p * q * r),
            "Your counts are twice too large: multiplications alone, without the additions.",
        ),
        Mistake(
            _cost(step=lambda p, q, r: p * r),
            "You count the entries of the products. Each entry takes q multiplications.",
        ),
        Mistake(
            _cost(step=lambda p, q, r: p * r * (q - 1)),
            "You count the additions. A sum of q products has q multiplications and q - 1 additions.",
        ),
        Mistake(
            lambda shapes, mode: min(cost(shapes, "forward"), cost(shapes, "reverse")),
            "You give the cheaper of the two. Asked for is that of the mode that is named.",
        ),
        Mistake(lambda shapes, mode: cost(shapes, "forward"), "Your answer doesn't depend on the mode: it is forward."),
        Mistake(lambda shapes, mode: cost(shapes, "reverse"), "Your answer doesn't depend on the mode: it is reverse."),
        Mistake(
            _cost(single=lambda p, q: p * q),
            "A single factor needs no multiplication: there is nothing to multiply it with.",
        ),
        Mistake(
            lambda shapes, mode: sum(a * b for a, b in shapes),
            "You add up the sizes of the factors. What costs are the products of two of them, p q r each.",
        ),
        Mistake(
            lambda shapes, mode: sum(left[0] * left[1] * right[1] for right, left in pairwise(shapes)),
            "You multiply neighbours, and forget that after the first product one of the two is the product so far, "
            "which has other shapes than the factors.",
        ),
    ],
)
