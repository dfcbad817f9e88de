"""Layered layout of a directed acyclic graph (Sugiyama, Tagawa and Toda 1981), in pure Python.

Four steps: give every node a layer; put a bend into every layer that a long edge passes, one for all edges of a node,
so that they share a trunk and branch off it, and a place for the edge's label, which is laid out like a node (Gansner
et al. 1993); order each layer so that few edges cross; choose positions close to the neighbours' without overlap.
"Along" is the direction the edges run in, "across" the other one, so that a picture can run to the right or down.
"""

from collections import Counter
from itertools import accumulate, pairwise
from typing import NamedTuple

from .ordering import ordered
from .straightening import straight


class Layout(NamedTuple):
    """Centres of the nodes, the points each edge passes, its label's centre, the extent, all as (along, across)."""

    centres: list
    routes: list
    spots: list
    size: tuple


def layout(sizes, edges, *, labels=None, gap=70.0, apart=18.0, pull=False):
    """Lay out nodes of ``sizes`` (along, across), joined by ``edges`` (from, to), from lower to higher node numbers.

    ``labels`` gives each edge the size of its label, or None. ``gap`` is about the room between layers (of nodes or
    of labels), ``apart`` between neighbours in a layer. ``pull`` moves every node, sources too, next to where it is
    first used. A route lists points in pairs: the ends of each of its pieces.

    >>> found = layout([(10.0, 10.0)] * 2, [(0, 1)], gap=40.0)
    >>> found.centres, found.routes
    ([(5.0, 5.0), (45.0, 5.0)], [[(10.0, 5.0), (40.0, 5.0)]])
    """
    labels = labels or [None] * len(edges)
    step = 2 if any(labels) else 1  # labels stand in layers of their own, between those of the nodes
    real, sizes = len(sizes), list(sizes)
    ranks = [step * r for r in layers(real, edges, pull)]
    chains = _bends(sizes, edges, labels, ranks)
    links = list(dict.fromkeys(link for (u, v), c in zip(edges, chains, strict=True) for link in pairwise([u, *c, v])))
    order = ordered(ranks, links)
    across = [s[1] for s in sizes]
    position = _place(order, links, across, real, apart)
    depth = [max(sizes[v][0] for v in row) for row in order]
    least, slope = (gap, 0.9) if step == 2 else (0.75 * gap, 0.35)  # labels leave less way to turn in
    gaps = _gaps(links, ranks, position, len(depth), least, slope, 1.75 * gap)
    start = [d + g for d, g in zip(accumulate(depth, initial=0.0), gaps, strict=False)]
    low = min((p - a / 2 for p, a in zip(position, across, strict=True)), default=0.0)
    position = [p - low for p in position]
    centre = [(start[r] + depth[r] / 2, p) for r, p in zip(ranks, position, strict=True)]
    routes = []
    for (u, v), chain, (left, right) in zip(edges, chains, _ports(edges, chains, position, across), strict=True):
        points = [(centre[u][0] + sizes[u][0] / 2, left)]
        if points[0][0] < start[ranks[u]] + depth[ranks[u]]:  # a slim node: run straight to the edge of its layer
            points += [(start[ranks[u]] + depth[ranks[u]], left)] * 2
        for bend in chain:
            r = ranks[bend]
            points += [(start[r], position[bend])] * 2
            points += [(start[r] + depth[r], position[bend])] * 2
        end = centre[v][0] - sizes[v][0] / 2
        if end > start[ranks[v]]:
            points += [(start[ranks[v]], right)] * 2
        points.append((end, right))
        routes.append(points)
    high = max((p + a / 2 for p, a in zip(position, across, strict=True)), default=0.0)
    spots = [centre[c[-1]] if label else None for c, label in zip(chains, labels, strict=True)]
    return Layout(centre[:real], routes, spots, (start[-1] + depth[-1] if depth else 0.0, high))


def _gaps(links, ranks, position, n, least, slope, most):
    """Where the layers would start if nodes had no size: the further links run across, the more room they get."""
    across = [0.0] * n
    for u, v in links:
        across[ranks[v]] = max(across[ranks[v]], abs(position[u] - position[v]))
    return [*accumulate((min(max(least, slope * a), most) for a in across[1:]), initial=0.0)]


def extent(sizes, edges, *, label=0.0, gap=70.0, pull=False):
    """How long the layout will be along its edges, with labels of the length ``label``."""
    deepest = {}
    for rank, (along, _) in zip(layers(len(sizes), edges, pull), sizes, strict=True):
        deepest[rank] = max(along, deepest.get(rank, 0.0))
    return sum(deepest.values()) + (gap + (gap + label if label else 0.0)) * (len(deepest) - 1)


def layers(n, edges, pull=False):
    """A layer for each node: the longest path to it, then each node moved to where its edges are shortest."""
    before, after = [set() for _ in range(n)], [set() for _ in range(n)]
    for u, v in edges:
        before[v].add(u)
        after[u].add(v)
    rank = [0] * n
    for v in range(n):
        rank[v] = max((rank[u] + 1 for u in before[v]), default=0)
    for _ in range(8):
        moved = False
        for v in reversed(range(n)):
            more = len(after[v]) - len(before[v])
            if after[v] and (more >= 0 if pull else more > 0 and before[v]):
                latest = min(rank[w] for w in after[v]) - 1
                moved, rank[v] = moved or latest != rank[v], latest
        if not moved:
            break
    return rank


def _bends(sizes, edges, labels, ranks):
    """The bends of each edge, shared by those from one node; ``sizes`` and ``ranks`` get an entry for each bend."""
    chains, trunks = [], {}

    def bend(rank, size=(0.0, 0.0)):
        ranks.append(rank)
        sizes.append(size)
        return len(ranks) - 1

    for (u, v), label in zip(edges, labels, strict=True):
        trunk, length = trunks.setdefault(u, []), ranks[v] - ranks[u] - (2 if label else 1)
        while len(trunk) < length:
            trunk.append(bend(ranks[u] + 1 + len(trunk)))
        chains.append(trunk[:length] + ([bend(ranks[v] - 1, label)] if label else []))
    return chains


def _place(order, links, across, real, apart):
    """Positions across: each layer in turn as close as it can be to its neighbours; then long edges made straight."""
    near = [[] for _ in across]
    for u, v in links:
        weight = (2.0, 1.0, 8.0)[(u >= real) + (v >= real)]
        near[u].append((v, weight))
        near[v].append((u, weight))
    layer = {v: r for r, row in enumerate(order) for v in row}
    position = [0.0] * len(across)
    offsets = []
    for row in order:
        reach = [0.0]
        for a, b in pairwise(row):
            room = apart if a < real and b < real else 0.8 * apart
            reach.append(reach[-1] + (across[a] + across[b]) / 2 + room)
        offsets.append(reach)
        for v, o in zip(row, reach, strict=True):
            position[v] = o - reach[-1] / 2
    for side in [-1, 1] * 5 + [0] * 4:  # neighbours before, neighbours after, then both
        for r in range(len(order)) if side <= 0 else reversed(range(len(order))):
            row = order[r]
            goals, weights = [], []
            for v in row:
                pulls = [(position[w], t) for w, t in near[v] if side == 0 or layer[w] == r + side]
                total = sum(t for _, t in pulls)
                goals.append(sum(p * t for p, t in pulls) / total if total else position[v])
                weights.append(total or 0.01)
            for v, p in zip(row, _spread(goals, weights, offsets[r]), strict=True):
                position[v] = p
    return straight(order, offsets, _lines(order, links, real), near, position)


def _lines(order, links, real):
    """The links to be drawn as one straight line: those of the trunks, then of chains; none crosses another of them."""
    place = {v: k for row in order for k, v in enumerate(row)}
    layer = {v: r for r, row in enumerate(order) for v in row}
    bent = [link for link in links if min(link) >= real]
    plain, ends = (
        [link for link in links if max(link) < real],
        [link for link in links if min(link) < real <= max(link)],
    )
    chosen = list(bent)
    for some, all_of_them in ((plain, plain), (ends, links)):  # what a trunk brings doesn't break a chain
        after, before = Counter(u for u, _ in all_of_them), Counter(v for _, v in all_of_them)
        chosen += [(u, v) for u, v in some if after[u] == before[v] == 1]
    accepted, left, entered = [[] for _ in order], {}, set()
    for u, v in chosen:
        others = accepted[layer[u]]
        if u in left or v in entered or any((place[u] - a) * (place[v] - b) < 0 for a, b in others):
            continue
        others.append((place[u], place[v]))
        left[u] = v
        entered.add(v)
    return left


def _spread(goals, weights, offsets):
    """The positions nearest to ``goals`` (weighted least squares) that keep order and distance.

    Pool adjacent violators (Ayer et al. 1955).
    """
    blocks = []  # [mean, weight, count]
    for goal, weight, offset in zip(goals, weights, offsets, strict=True):
        blocks.append([goal - offset, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, w, n = blocks.pop()
            total = blocks[-1][1] + w
            blocks[-1] = [(blocks[-1][0] * blocks[-1][1] + mean * w) / total, total, blocks[-1][2] + n]
    means = [mean for mean, _, n in blocks for _ in range(n)]
    return [m + o for m, o in zip(means, offsets, strict=True)]


def _ports(edges, chains, position, across):
    """Where each edge leaves and enters its nodes: spread over the side, in the order of where the edges lead.

    Edges that share a trunk leave together; each edge enters by itself.
    """
    out, into = {}, {}
    for k, ((u, v), chain) in enumerate(zip(edges, chains, strict=True)):
        second, last = [*chain, v][0], [u, *chain][-1]
        out.setdefault(u, {}).setdefault(second if chain else (v, k), (position[second], k))
        into.setdefault(v, {})[k] = (position[last], k)
    ports = [[0.0, 0.0] for _ in edges]
    places = ({}, {})
    for end, groups in enumerate((out, into)):
        for node, group in groups.items():
            step = min(14.0, 0.7 * across[node] / len(group))
            for j, key in enumerate(sorted(group, key=group.get)):
                places[end][node, key] = position[node] + (j - (len(group) - 1) / 2) * step
    for k, ((u, v), chain) in enumerate(zip(edges, chains, strict=True)):
        ports[k] = places[0][u, chain[0] if chain else (v, k)], places[1][v, k]
    return ports
