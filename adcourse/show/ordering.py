"""The order of the nodes within each layer of a drawing: few crossings (Sugiyama, Tagawa and Toda 1981)."""


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


def ordered(ranks, links, rounds=24):
    """The order of each layer with the fewest crossings found: barycentres down and up, then swaps of neighbours."""
    up, down = [[] for _ in ranks], [[] for _ in ranks]
    for u, v in links:
        down[u].append(v)
        up[v].append(u)
    best, fewest = None, None
    for walk in (range(len(ranks)), _depth_first(ranks, up, down), _depth_first(ranks, down, up, first=True)):
        order = [[] for _ in range(max(ranks, default=-1) + 1)]
        for v in walk:
            order[ranks[v]].append(v)
        count, stale = crossings(order, links), 0
        if best is None or count < fewest:
            best, fewest = [list(row) for row in order], count
        for turn in range(rounds):
            if not fewest or stale == 6:
                break
            for r in range(1, len(order)) if turn % 2 == 0 else range(len(order) - 2, -1, -1):
                side = up if turn % 2 == 0 else down
                where = {v: k for k, v in enumerate(order[r - 1 if turn % 2 == 0 else r + 1])}
                own = {v: k for k, v in enumerate(order[r])}
                key = {v: sum(where[w] for w in side[v]) / len(side[v]) if side[v] else own[v] for v in order[r]}
                sign = -1 if turn % 4 >= 2 else 1  # nodes that pull alike change places now and then
                order[r].sort(key=lambda v: (key[v], sign * own[v]))
            _swap(order, up, down)
            count = crossings(order, links)
            stale += 1
            if count < fewest:
                best, fewest, stale = [list(row) for row in order], count, 0
    return best


def _depth_first(ranks, up, down, first=False):
    """All nodes, each close to its neighbours: a walk from the last sink (``first``: source), without recursion."""
    seen, out = set(), []
    for root in sorted(range(len(ranks)), key=lambda v: (ranks[v] if first else -ranks[v], v)):
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
                if now and sum(_pairs(y, x) for x, y in zip(a, b, strict=True)) < now:
                    row[k], row[k + 1], better = row[k + 1], row[k], True
        if not better:
            return


def _pairs(first, second):
    """Crossings between the links of two neighbours, given where those end."""
    return sum(1 for x in first for y in second if x > y)
