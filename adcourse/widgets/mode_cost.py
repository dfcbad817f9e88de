"""Widget 10, the cost of the modes: passes, groupings and multiplications for the Jacobian of a chain of stages."""

from itertools import pairwise
from numbers import Integral

import numpy as np

from ..core.errors import InputError
from ..methods import groupings as order
from .base import InteractivePicture
from .drawn import Drawing, Log, power, stroke, words
from .settings import choice, slider

STAGES, LARGEST = 6, 10_000  # 42 groupings; and every count stays a number that the browser holds exactly
SIZES = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)


class ModeCost(InteractivePicture, module="mode_cost.js", using=("frame.js", "table.js")):
    """What forward and reverse cost on a chain: ``ModeCost(1000, 3, 4, 1)``, the sizes from the inputs to the results.

    The learner sets the numbers of inputs and results and of layers between, predicts, and sees: the passes each mode
    needs for the whole Jacobian, the multiplications of each grouping of the product of Jacobians, and the best. In
    place of sizes the Jacobians themselves may be given, or their shapes, as they stand in the product:
    ``ModeCost(J_F, J_G, J_H)``. Layers that are added have the size of the last one between.

    Attributes for a later cell, for what is set now: ``sizes``; ``passes``, ``multiplications`` (dicts with "forward",
    "reverse" and, for the latter, "best"), ``best`` (the grouping as it is written); ``step``, ``done``, ``settings``
    and ``predictions``. Raises InputError if the shapes don't fit.

    >>> cost = ModeCost(1000, 3, 4, 1)
    >>> cost.multiplications, cost.best
    ({'forward': 16000, 'reverse': 3012, 'best': 3012}, '(J₃ J₂) J₁')
    >>> cost.settings = {"inputs": 1, "results": 1000}
    >>> cost.sizes, cost.passes
    ((1, 3, 4, 1000), {'forward': 1, 'reverse': 1000})
    """

    def __init__(self, *chain):
        sizes = _sizes(chain)
        inputs, *between, results = sizes
        between = between or [inputs]
        self._between = (between + [between[-1]] * STAGES)[: STAGES - 1]
        offered = {n: f"{n:,}" for n in sorted({*SIZES, inputs, results})}
        groupings = {
            stages: [[order.name(g), order.products(g), _note(g, stages)] for g in order.groupings(stages)]
            for stages in range(1, STAGES + 1)
        }
        super().__init__(
            {"title": "The cost of the modes: one Jacobian, many ways to multiply", "between": self._between,
             "groupings": groupings, "steps": [{}] * 4},
            {"inputs": choice("inputs", offered, inputs), "results": choice("results", offered, results),
             "layers": slider("layers between", len(sizes) - 2, 0, STAGES - 1)},
        )  # fmt: skip

    @property
    def sizes(self):
        """How many numbers there are at the beginning, between the stages, and at the end."""
        now = self.settings
        return (now["inputs"], *self._between[: now["layers"]], now["results"])

    @property
    def passes(self):
        """JVPs, one for each column of the Jacobian, or VJPs, one for each row."""
        return {"forward": self.sizes[0], "reverse": self.sizes[-1]}

    @property
    def multiplications(self):
        """Of forward and of reverse accumulation, and of the cheapest grouping."""
        stages = len(self.sizes) - 1
        forward, reverse = (order.multiplications(self.sizes, g(stages)) for g in (order.forward, order.reverse))
        return {"forward": forward, "reverse": reverse, "best": order.best(self.sizes)[0]}

    @property
    def best(self):
        """A grouping with the fewest multiplications."""
        return order.name(order.best(self.sizes)[1])

    def _picture(self):
        rows = self._costs()
        top, counts = max(cost for _, cost in rows), self.multiplications
        axis, left, high = Log(top, 380), 230, 22 * len(rows)
        parts = [stroke(f"M{left} 8v{high + 6}", "muted")]
        for tick in axis.ticks:
            x = left + axis.at(tick)
            parts += [stroke(f"M{x:.1f} 8v{high + 6}", width=0.4), words(x, high + 30, power(tick), anchor="middle")]
        for k, (label, cost) in enumerate(rows):
            y, least = 12 + 22 * k, cost == counts["best"]
            look = f"fill:var(--ac-{'tangent' if least else 'primal'})"
            parts.append(f'<rect x="{left}" y="{y}" width="{max(axis.at(cost), 1):.1f}" height="15" style="{look}"/>')
            parts.append(words(left - 6, y + 12, label, anchor="end"))
            parts.append(words(left + axis.at(cost) + 6, y + 12, f"{cost:,}" + ", least" * least))
        parts.append(words(left + 190, high + 50, "multiplications, logarithmic", anchor="middle"))
        alt = (
            f"Multiplications for the Jacobian of a chain of sizes {self._chain()}, a bar for each grouping. Forward "
            f"takes {counts['forward']:,}, reverse {counts['reverse']:,}, the best, {self.best}, {counts['best']:,}."
        )
        return Drawing(760, high + 60, alt, parts)

    def _table(self):
        sizes, stages = self.sizes, len(self.sizes) - 1
        rows = [
            [order.name(g) + _note(g, stages), _sum(sizes, g), f"{order.multiplications(sizes, g):,}"]
            for g in order.groupings(stages)
        ]
        caption = (
            f"Sizes {self._chain()}: {self.passes['forward']:,} JVPs or {self.passes['reverse']:,} VJPs for the whole "
            "Jacobian."
        )
        return caption, ["grouping", "products", "multiplications"], rows

    def _chain(self):
        return " → ".join(f"{n:,}" for n in self.sizes)

    def _costs(self):
        """A row for each grouping, with its count; of more than 14 only those that have a name."""
        sizes, stages = self.sizes, len(self.sizes) - 1
        shown = order.groupings(stages)
        if len(shown) > 14:
            shown = dict.fromkeys((order.forward(stages), order.reverse(stages), order.best(sizes)[1]))
        return [(order.name(g) + _note(g, stages), order.multiplications(sizes, g)) for g in shown]


def _note(grouping, stages):
    if stages < 3:  # nothing to choose between
        return ""
    return " forward" * (grouping == order.forward(stages)) + " reverse" * (grouping == order.reverse(stages))


def _sum(sizes, grouping):
    return " + ".join(f"{sizes[p]:,}·{sizes[q]:,}·{sizes[r]:,}" for p, q, r in order.products(grouping)) or "none"


def _sizes(chain):
    """The sizes from the inputs to the results, of sizes or of Jacobians or their shapes."""
    if chain and all(isinstance(n, Integral) and not isinstance(n, bool) for n in chain):
        sizes = [int(n) for n in chain]
        if len(sizes) < 2:
            raise InputError(
                f"ModeCost was given one size, {sizes[0]}.",
                "the first size of a chain is its number of inputs, the last that of its results.",
                "ModeCost(1000, 3, 4, 1)",
            )
    else:
        shapes = [_shape(factor) for factor in chain]
        if not shapes or None in shapes:
            what = "nothing" if not chain else repr(chain[shapes.index(None)])
            raise InputError(
                f"ModeCost was given {what}.",
                "a chain is given by its sizes, from the inputs to the results, or by its Jacobians, as they stand in "
                "the product: matrices, or their shapes.",
                "ModeCost(1000, 3, 4, 1), or ModeCost((1, 4), (4, 3), (3, 1000))",
            )
        for k, (left, right) in enumerate(pairwise(shapes), 1):
            if left[1] != right[0]:
                turned = all(a[0] == b[1] for a, b in pairwise(shapes))
                raise InputError(
                    f"Factors {k} and {k + 1} don't fit: {left[0]} x {left[1]} times {right[0]} x {right[1]}.",
                    f"the {left[1]} columns of the left one meet the {right[0]} rows of the right one. The Jacobian of "
                    "the last stage stands first, and a stage from n numbers to m has an m x n Jacobian."
                    + " Turned round, they would fit."
                    * turned,
                    "ModeCost((1, 4), (4, 3), (3, 1000)), where each inner size stands twice",
                )
        sizes = [shapes[-1][1], *(rows for rows, _ in reversed(shapes))]
    if not all(1 <= n <= LARGEST for n in sizes) or len(sizes) > STAGES + 1:
        many = len(sizes) > STAGES + 1
        raise InputError(
            f"ModeCost was given {len(sizes) - 1} stages." if many else f"ModeCost was given the sizes {sizes}.",
            f"{STAGES} stages have 42 groupings, and more can't be looked through."
            if many
            else f"each is a whole number from 1 to {LARGEST:,}.",
            "adcourse.methods.groupings.best(sizes), which finds the cheapest way through a chain of any length"
            if many
            else "ModeCost(1000, 3, 4, 1)",
        )
    return sizes


def _shape(factor):
    shape = factor if isinstance(factor, (tuple, list)) and not np.ndim(factor) > 1 else np.shape(factor)
    whole = len(shape) == 2 and all(isinstance(n, Integral) and not isinstance(n, bool) for n in shape)
    return tuple(int(n) for n in shape) if whole else None
