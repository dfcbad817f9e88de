"""Straight lines in a layered drawing: what is to be on one line moves as one block, and blocks keep their distance."""

from heapq import heapify, heappop, heappush


def straight(order, offsets, lines, near, position, rounds=40):
    """Positions near ``position`` in which each node lies on a line with ``lines[node]``, in the next layer.

    ``order``: the nodes of each layer, ``offsets``: how far from the first each may at least be; ``near``: for each
    node those it is joined to, as (node, weight). Lines that don't cross are ordered from left to right as a whole, so
    moving each as far as its left, or its right, neighbours ask for ends in two placements that hold, and so does the
    mean of the two (as in Brandes and Koepf 2001). Then each block in turn moves to the mean of what it is joined to.
    """
    blocks, block = [], {}
    for v in sorted({*range(len(position))} - {*lines.values()}):
        blocks.append([v])
        while blocks[-1][-1] in lines:
            blocks[-1].append(lines[blocks[-1][-1]])
        block.update(dict.fromkeys(blocks[-1], len(blocks) - 1))
    left, right = [{} for _ in blocks], [{} for _ in blocks]  # neighbours of a block, and how far they are at least
    for row, reach in zip(order, offsets, strict=True):
        for k in range(len(row) - 1):
            a, b, room = block[row[k]], block[row[k + 1]], reach[k + 1] - reach[k]
            right[a][b] = left[b][a] = max(room, right[a].get(b, 0.0))
    turn = _from_the_left(left, right)
    goal = [sum(position[v] for v in nodes) / len(nodes) for nodes in blocks]
    low, high = list(goal), list(goal)
    for b in turn:
        low[b] = max([goal[b], *(low[a] + room for a, room in left[b].items())])
    for b in reversed(turn):
        high[b] = min([goal[b], *(high[c] - room for c, room in right[b].items())])
    at = [(a + b) / 2 for a, b in zip(low, high, strict=True)]
    outside = [[(block[w], t) for v in nodes for w, t in near[v] if block[w] != b] for b, nodes in enumerate(blocks)]
    before = None
    for k in range(rounds):
        if at == before:  # then no order moves any block
            break
        before = list(at)
        for b in turn if k % 2 else reversed(turn):
            if total := sum(t for _, t in outside[b]):
                wish = sum(at[c] * t for c, t in outside[b]) / total
                wish = min([wish, *(at[c] - room for c, room in right[b].items())])
                at[b] = max([wish, *(at[a] + room for a, room in left[b].items())])
    return [at[block[v]] for v in range(len(position))]


def _from_the_left(left, right):
    """The blocks in an order in which each comes after those to its left."""
    waiting = [len(before) for before in left]
    ready, turn = [b for b, n in enumerate(waiting) if not n], []
    heapify(ready)
    while ready:
        b = heappop(ready)
        turn.append(b)
        for c in right[b]:
            waiting[c] -= 1
            if not waiting[c]:
                heappush(ready, c)
    return turn
