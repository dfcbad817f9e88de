"""Arrows: a smooth path along a route, its heads, and a free place for its label."""

LABEL_LETTER = 7.23  # width of a letter of the 12 px fixed-width font
LABEL_HEIGHT = 15.0


def width_of(text):
    return len(text) * LABEL_LETTER


def _pieces(route):
    return [(a, b) for a, b in zip(route[::2], route[1::2], strict=True) if a != b]


def path(route, down):
    """A smooth path through the pieces of a route: it leaves and enters every layer straight on."""
    (x, y), out = route[0], []
    out.append(f"M{x:.1f} {y:.1f}")
    for (x0, y0), (x1, y1) in _pieces(route):
        if (x0 == x1) if down else (y0 == y1):
            out.append(f"L{x1:.1f} {y1:.1f}")
        else:
            mx, my = (x0 + x1) / 2, (y0 + y1) / 2
            bend = (x0, my, x1, my) if down else (mx, y0, mx, y1)
            out.append("C" + " ".join(f"{c:.1f}" for c in (*bend, x1, y1)))
    return "".join(out)


def heads(route, down, back):
    """The arrow head at the end, and, if ``back``, one at the start, for an adjoint that travels backwards."""

    def head(point, sign, kind):
        x, y = point
        base = -9 * sign
        sides = ((-4, base), (4, base)) if down else ((base, -4), (base, 4))
        corners = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in ((0, 0), *sides))
        return f'<polygon class="head {kind}" points="{corners}"/>'

    behind = head(route[0], -1, "back").replace("/>", ' visibility="hidden"/>') if back else ""
    return head(route[-1], 1, "ahead") + behind


def label_spot(route, width, taken, down):
    """Where an edge's label covers nothing that is ``taken``, as (x, y, width, height): on the edge, or beside it."""
    best, beside = None, width / 2 + 4
    for (x0, y0), (x1, y1) in reversed(_pieces(route)):
        for shift in (0.0, beside, -beside) if down else (0.0,):
            for t in (0.5, 0.4, 0.6, 0.3, 0.7):
                s = 3 * t * t * (1 - t) + t**3  # the cubic of ``path``, across; along, it moves by another one
                along = 1.5 * t * (1 - t) + t**3
                fx, fy = (s, along) if down else (along, s)
                x, y = x0 + (x1 - x0) * fx + shift, y0 + (y1 - y0) * fy
                clash = sum(
                    max(0.0, (width + w) / 2 + 4 - abs(x - bx)) * max(0.0, (LABEL_HEIGHT + h) / 2 + 1 - abs(y - by))
                    for bx, by, w, h in taken
                )
                if best is None or clash < best[0]:
                    best = (clash, x, y)
                if not clash:
                    return x, y
    return best[1:]
