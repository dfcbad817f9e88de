"""Layered layout of a directed acyclic graph (Sugiyama, Tagawa and Toda 1981), in pure Python.

Four steps: give every node a layer; put a bend into every layer that a long edge passes; order each layer so that few
edges cross; choose positions close to the neighbours' without overlap. "Along" is the direction the edges run in,
"across" the other one, so that a picture can run to the right or down.
"""

from itertools import pairwise
from typing import NamedTuple


class Layout(NamedTuple):
    """Centres of the nodes, the points each edge passes, and the extent, all as (along, across)."""

    centres: list
    routes: list
    size: tuple


def layout(sizes, edges, *, gap=70.0, apart=18.0, pull=False):
    """Lay out nodes of ``sizes`` (along, across), joined by ``edges`` (from, to), from lower to higher node numbers.

    ``gap`` is the room between layers, ``apart`` between neighbours in a layer. ``pull`` moves every node, sources too,
    next to where it is first used. A route lists points in pairs: the ends of each of its pieces.

    >>> found = layout([(10.0, 10.0)] * 2, [(0, 1)], gap=20.0)
    >>> found.centres, found.routes
    ([(5.0, 5.0), (35.0, 5.0)], [[(10.0, 5.0), (30.0, 5.0)]])
    """
    ranks = layers(len(sizes), edges, pull)
    chains, links, ranks = _bends(len(sizes), edges, ranks)
    order = _order(ranks, links)
    across = [s[1] for s in sizes] + [0.0] * (len(ranks) - len(sizes))
    position = _place(order, links, across, len(sizes), apart)
    depth = [max([sizes[v][0] for v in row if v < len(sizes)], default=0.0) for row in order]
    start = [sum(depth[:r]) + gap * r for r in range(len(depth))]
    low = min((position[v] - across[v] / 2 for v in range(len(ranks))), default=0.0)
    position = [p - low for p in position]
    centre = [(start[r] + depth[r] / 2, p) for r, p in zip(ranks, position, strict=True)]
    ports = _ports(edges, chains, position, across)
    routes = []
    for k, (u, v) in enumerate(edges):
        points = [(centre[u][0] + sizes[u][0] / 2, ports[k][0])]
        if points[0][0] < start[ranks[u]] + depth[ranks[u]]:  # a slim node: run straight to the edge of its layer
            points += [(start[ranks[u]] + depth[ranks[u]], ports[k][0])] * 2
        for bend in chains[k]:
            r = ranks[bend]
            points += [(start[r], position[bend]), (start[r], position[bend])]
            points += [(start[r] + depth[r], position[bend])] * 2
        end = centre[v][0] - sizes[v][0] / 2
        if end > start[ranks[v]]:
            points += [(start[ranks[v]], ports[k][1])] * 2
        points.append((end, ports[k][1]))
        routes.append(points)
    high = max((p + a / 2 for p, a in zip(position, across, strict=True)), default=0.0)
    return Layout(centre[: len(sizes)], routes, ((start[-1] + depth[-1]) if start else 0.0, high))


def extent(sizes, edges, *, gap=70.0, pull=False):
    """How long the layout will be along its edges."""
    deepest = {}
    for rank, (along, _) in zip(layers(len(sizes), edges, pull), sizes, strict=True):
        deepest[rank] = max(along, deepest.get(rank, 0.0))
    return sum(deepest.values()) + gap * (len(deepest) - 1)


def layers(n, edges, pull=False):
    """A layer for each node: the longest path to it, then each node moved to where its edges are shortest."""
    before, after = [[] for _ in range(n)], [[] for _ in range(n)]
    for u, v in edges:
        before[v].append(u)
        after[u].append(v)
    rank = [0] * n
    for v in range(n):
        rank[v] = max((rank[u] + 1 for u in before[v]), default=0)
    for _ in range(8):
        moved = False
        for v in reversed(range(n)):
            more = len(set(after[v])) - len(set(before[v]))
            if after[v] and (more >= 0 if pull else more > 0 and before[v]):
                latest = min(rank[w] for w in after[v]) - 1
                moved, rank[v] = moved or latest != rank[v], latest
        if not moved:
            break
    return rank


def _bends(n, edges, ranks):
    """Split each edge that spans several layers by a bend in every layer between."""
    ranks, chains, links = list(ranks), [], []
    for u, v in edges:
        chain = list(range(len(ranks), len(ranks) + ranks[v] - ranks[u] - 1))
        ranks += range(ranks[u] + 1, ranks[v])
        path = [u, *chain, v]
        links += pairwise(path)
        chains.append(chain)
    return chains, links, ranks


def crossings(order, links):
    """How many pairs of links cross, when each layer is drawn in this order."""
    place = {v: (r, k) for r, row in enumerate(order) for k, v in enumerate(row)}
    between = [[] for _ in order]
    for u, v in links:
        between[place[u][0]].append((place[u][1], place[v][1]))
    return sum(_inversions([v for _, v in sorted(pairs)]) for pairs in between)


def _inversions(sequence):
    """Pairs in the wrong order; a binary indexed tree counts the smaller or equal numbers seen so far."""
    if len(sequence) < 2:
        return 0
    count, size = 0, max(sequence) + 1
    tree = [0] * (size + 1)
    for seen, v in enumerate(sequence):
        k, smaller = v + 1, 0
        while k:
            smaller += tree[k]
            k &= k - 1
        count += seen - smaller
        k = v + 1
        while k <= size:
            tree[k] += 1
            k += k & -k
    return count


def _order(ranks, links, rounds=12):
    """The order of each layer with the fewest crossings found: barycentres down and up, then swaps of neighbours."""
    up, down = [[] for _ in ranks], [[] for _ in ranks]
    for u, v in links:
        down[u].append(v)
        up[v].append(u)
    best, fewest = None, None
    for walk in (range(len(ranks)), _depth_first(ranks, up, down)):
        order = [[] for _ in range(max(ranks, default=-1) + 1)]
        for v in walk:
            order[ranks[v]].append(v)
        count, stale = crossings(order, links), 0
        if best is None or count < fewest:
            best, fewest = [list(row) for row in order], count
        for turn in range(rounds):
            if not fewest or stale == 4:
                break
            for r in range(1, len(order)) if turn % 2 == 0 else range(len(order) - 2, -1, -1):
                side = up if turn % 2 == 0 else down
                where = {v: k for k, v in enumerate(order[r - 1 if turn % 2 == 0 else r + 1])}
                own = {v: k for k, v in enumerate(order[r])}
                key = {v: sum(where[w] for w in side[v]) / len(side[v]) if side[v] else own[v] for v in order[r]}
                order[r].sort(key=lambda v: (key[v], own[v]))
            _swap(order, up, down)
            count = crossings(order, links)
            stale += 1
            if count < fewest:
                best, fewest, stale = [list(row) for row in order], count, 0
    return best


def _depth_first(ranks, up, down):
    """All nodes, each close to its neighbours: a walk from the last sink along the edges, without recursion."""
    seen, out = set(), []
    for root in sorted(range(len(ranks)), key=lambda v: (-ranks[v], v)):
        stack = [root]
        while stack:
            v = stack.pop()
            if v not in seen:
                seen.add(v)
                out.append(v)
                stack += reversed(down[v])
                stack += reversed(up[v])
    return out


def _swap(order, up, down):
    """Swap neighbours in a layer while that removes crossings."""
    for _ in range(4):
        better = False
        for r, row in enumerate(order):
            above = {v: k for k, v in enumerate(order[r - 1])} if r else {}
            below = {v: k for k, v in enumerate(order[r + 1])} if r + 1 < len(order) else {}
            near = {v: (sorted(above[w] for w in up[v]), sorted(below[w] for w in down[v])) for v in row}
            for k in range(len(row) - 1):
                a, b = near[row[k]], near[row[k + 1]]
                now = sum(_pairs(x, y) for x, y in zip(a, b, strict=True))
                then = sum(_pairs(y, x) for x, y in zip(a, b, strict=True))
                if then < now:
                    row[k], row[k + 1], better = row[k + 1], row[k], True
        if not better:
            return


def _pairs(first, second):
    """Crossings between the links of two neighbours, given where those end."""
    return sum(1 for x in first for y in second if x > y)


def _place(order, links, across, real, apart):
    """Positions across: each layer in turn as close as it can be to its neighbours, long edges straight."""
    near = [[] for _ in across]
    for u, v in links:
        weight = (1.0, 3.0, 12.0)[(u >= real) + (v >= real)]
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
    rounds = [-1, 1] * 6 + [0] * 6
    for side in rounds:  # neighbours before, neighbours after, then both
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
    return position


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
    """Where each edge leaves and enters its nodes: spread over the side, in the order of where the edges come from."""
    out, into = {}, {}
    for k, (u, v) in enumerate(edges):
        second, last = [*chains[k], v][0], [u, *chains[k]][-1]
        out.setdefault(u, []).append((position[second], k))
        into.setdefault(v, []).append((position[last], k))
    ports = [[0.0, 0.0] for _ in edges]
    for end, groups in enumerate((out, into)):
        for node, group in groups.items():
            step = min(14.0, 0.7 * across[node] / len(group))
            for j, (_, k) in enumerate(sorted(group)):
                ports[k][end] = position[node] + (j - (len(group) - 1) / 2) * step
    return ports
