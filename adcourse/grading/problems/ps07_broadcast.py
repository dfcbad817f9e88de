"""Assignment 7, broadcasting: 7.1.

Broadcasting is linear, so its adjoint is known from the definition: entry by entry ⟨g, broadcast e⟩, without any rule.
A right answer adds up at most a hundred numbers of size 1, in whatever order: 1e-12. The shapes are such that each way
to choose axes gives another answer: axes in front, axes within, both, and a square g, whose shape doesn't tell from
which side axes are counted.
"""

from __future__ import annotations

import numpy as np

from adcourse.grading.judges import Close
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.oracles import complex_step_vjp


def unbroadcast_at(g, shape, question) -> Probe:
    g = np.asarray(g, dtype=float)

    def expected():
        return complex_step_vjp(lambda x: x + np.zeros(g.shape), (np.zeros(shape),), g)[0]

    return Probe(question, lambda unbroadcast: unbroadcast(g.copy(), shape), Close(expected, atol=1e-12))


def words(large, small):
    return f"from {large} to {small}"


VISIBLE = [
    ((3, 5), (3, 1)),
    ((2, 3), ()),
    ((3, 3), (3,)),
    ((2, 3, 4), (1, 1, 4)),
    ((2, 3), (2, 3)),
]


def unbroadcast_visible():
    yield unbroadcast_at(
        np.arange(1.0, 13.0).reshape(4, 3), (3,), "the numbers 1 to 12 from (4, 3) to (3,): 22, 26, 30"
    )
    for large, small in VISIBLE:
        g = np.reshape([(7 * k * k + 3) % 11 - 4.5 for k in range(int(np.prod(large)))], large)
        yield unbroadcast_at(g, small, words(large, small))


FIXED = [
    ((4, 3), (3,)),
    ((5, 4), ()),
    ((4, 5), (4, 1)),
    ((4, 4), (4,)),
    ((3, 2, 5), (1, 1, 5)),
    ((2, 4, 3), (4, 1)),
    ((3, 4, 2), (1, 4, 1)),
    ((5, 1), (1,)),
    ((1, 3), (3,)),
    ((6,), (1,)),
    ((), ()),
    ((2, 3, 2), (2, 3, 2)),
]


def some_shapes(rng):
    """A large shape, and one that broadcasts to it: some axes of it have length 1, some in front are missing."""
    large = tuple(rng.integers(2, 4, size=rng.integers(2, 5)).tolist())
    small = tuple(1 if rng.random() < 0.5 else n for n in large)
    return large, small[rng.integers(0, len(large)) :]


def unbroadcast_hidden(rng):
    for large, small in FIXED:
        yield unbroadcast_at(rng.normal(size=large), small, words(large, small))
    for _ in range(4):
        large, small = some_shapes(rng)
        yield unbroadcast_at(rng.normal(size=large), small, "other shapes")


def _axes(g, shape):
    """The axes that were added in front, and those that were stretched."""
    front = g.ndim - len(shape)
    within = [front + k for k, n in enumerate(shape) if n == 1 and g.shape[front + k] != 1]
    return tuple(range(front)), tuple(within)


def _reduced(front=np.sum, within=np.sum):
    def unbroadcast(g, shape):
        added, stretched = _axes(g, shape)
        g = within(g, axis=stretched, keepdims=True) if stretched else g
        return front(g, axis=added) if added else g

    return unbroadcast


def _taken(g, axis, keepdims=False):
    """The first of the copies."""
    return g[tuple((slice(1) if keepdims else 0) if k in axis else slice(None) for k in range(g.ndim))]


def _kept(g, axis, keepdims=False):
    return g


def _left(g, shape):
    """Axes counted from the left: those behind are taken for the added ones."""
    within = [k for k, n in enumerate(shape) if n == 1]
    g = g.sum(axis=tuple(range(len(shape), g.ndim)))
    return g.sum(axis=tuple(within), keepdims=True)


def _first_stretched(g, shape):
    added, stretched = _axes(g, shape)
    g = g.sum(axis=stretched[0], keepdims=True) if stretched else g
    return g.sum(axis=added)


_MEAN = (
    "You take a mean. Let b = [10.0] be copied into four places that all count with adjoint 1, and raise it by 1: "
    "by how much does the sum of the four rise?"
)
_FRONT = (
    "You sum over the axes that were added in front and over nothing else. Take x of shape (3, 1) and print "
    "np.broadcast_to(x, (3, 5)): in how many places does x[0, 0] stand?"
)

UNBROADCAST = Problem(
    id="7.1",
    title="Undo a broadcast",
    points=3,
    signature="unbroadcast(g, shape)",
    visible=unbroadcast_visible,
    hidden=unbroadcast_hidden,
    hint="Broadcast copies; the adjoint of a copy is a sum.",
    mistakes=[
        Mistake(_reduced(within=_kept), _FRONT),
        Mistake(lambda g, shape: _reduced(within=_kept)(g, shape).reshape(shape), _FRONT),
        Mistake(_reduced(front=np.mean, within=np.mean), _MEAN),
        Mistake(_reduced(within=np.mean), _MEAN),
        Mistake(_reduced(front=np.mean), _MEAN),
        Mistake(
            lambda g, shape: g.sum(axis=sum(_axes(g, shape), ())),
            "Your sums are right, and the axes of length 1 are gone: shape (3, 1) was asked for, and x has it. Look "
            "for the option of np.sum that leaves a summed axis in place.",
        ),
        Mistake(
            lambda g, shape: g.sum(axis=sum(_axes(g, shape), ()), keepdims=True),
            "Your sums are right, and the axes that broadcasting added in front are still there, with length 1. x "
            "never had them.",
        ),
        Mistake(
            _reduced(front=_kept),
            "You sum over the axes that were stretched from length 1 and over no others. Print np.broadcast_to([1, 2, "
            "3], (4, 3)): how often does the 2 stand there, and along which axis?",
        ),
        Mistake(
            _left,
            "You count axes from the left. NumPy lines shapes up at their last axes: print np.zeros((3, 3)) + np.array("
            "[1, 2, 3]) and look whether the 1 fills a row or a column.",
        ),
        Mistake(
            lambda g, shape: np.full(shape, g.sum()),
            "Each of your entries is the sum over all of g. Which entries of the large array does x[0] stand in? Only "
            "their adjoints come back to it.",
        ),
        Mistake(
            _reduced(front=_taken, within=_taken),
            "You keep the adjoint of the first copy and drop the others. Change the last row of g: should the adjoint "
            "of b not change?",
        ),
        Mistake(
            lambda g, shape: np.resize(g, shape),
            "You cut g to the shape, or fill the shape with the first of its numbers. Change the last number of g: "
            "should the adjoint not change?",
        ),
        Mistake(
            lambda g, shape: g.sum(axis=0),
            "You sum over axis 0, whatever the shapes. From (3, 5) to (3, 1) another axis was copied along, from "
            "(2, 3, 4) to (1, 1, 4) two were, and from (2, 3) to (2, 3) none.",
        ),
        Mistake(
            lambda g, shape: g,
            "You give back g in the large shape. The adjoint of x has the shape of x, a number for each entry.",
        ),
        Mistake(
            lambda g, shape: np.broadcast_to(g, shape),
            "You broadcast once more, from the large shape to the small one, which NumPy refuses. That is the way "
            "forward; you are on the way back.",
        ),
        Mistake(
            lambda g, shape: np.full(shape, g.size / np.prod(shape)),
            "You count the copies. That is right where every entry of g is 1; print g.",
        ),
        Mistake(
            _reduced(front=np.max, within=np.max),
            "You keep the largest of the adjoints. Every copy contributes.",
        ),
        Mistake(
            _first_stretched,
            "Of the axes within you sum over one. From (2, 3, 4) to (1, 1, 4) two were stretched.",
        ),
    ],
)
