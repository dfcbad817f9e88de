"""Assignment 13, forces: 13.1.

The oracles are forces by hand. The potentials take whatever a student differentiates with (the package's numbers, some
of their own, complex ones). Tolerance: a right answer is off by some dozen roundings of the largest force, 1e-12 of it.
The zero of an energy lies anywhere: some hundred units off it, the best difference quotient keeps eight digits.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from adcourse.grading.judges import Close, Parts
from adcourse.grading.plain import parts
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.untouched import Untouched, asked


def springs(k, rest, zero):
    """Every coordinate on a spring of its own."""
    return lambda q: np.sum(k * (q - rest) ** 2) / 2 + zero


def springs_force(k, rest, zero, q):
    return -k * (q - rest)


def distance(depth, zero):
    """Lennard and Jones's energy of a pair, as a function of the distance alone."""
    return lambda r: 4 * depth * (r**-12 - r**-6) + zero


def distance_force(depth, zero, r):
    return 4 * depth * (12 * r**-13 - 6 * r**-7)


def particles(depth, pull, zero):
    """All pairs of the particles q[0], q[1], ..., and a constant field that pulls each of them."""

    def V(q):
        total = zero - np.sum(q * pull)
        for i in range(len(q)):
            for j in range(i):
                gap = q[i] - q[j]
                sixth = np.sum(gap * gap) ** -3
                total = total + 4 * depth * (sixth * sixth - sixth)
        return total

    return V


def particles_force(depth, pull, zero, q):
    F = np.zeros_like(q) + pull
    for i in range(len(q)):
        for j in range(len(q)):
            if i != j:
                gap = q[i] - q[j]
                r = np.sqrt(gap @ gap)
                F[i] += distance_force(depth, 0, r) * gap / r
    return F


def waves(a, b, zero):
    """sin(a·q) + Σ b q⁴/4, of an array of any shape."""
    return lambda q: np.sin(np.sum(a * q)) + np.sum(b * q**4) / 4 + zero


def waves_force(a, b, zero, q):
    return -(a * np.cos(np.sum(a * q)) + b * q**3)


def force_at(make: Callable, by_hand: Callable, data, q, question) -> Probe:
    """``make(*data)`` is the potential, ``by_hand(*data, q)`` its force."""
    data, q = [np.asarray(d, float) for d in data], np.asarray(q, float)

    def ask(force):
        said, changed = asked(lambda q: force(make(*data), q), q)
        return [*parts((said,), F=q.shape), changed]

    F = by_hand(*data, q)
    judge = Parts(F=Close(F, atol=1e-12 * float(np.abs(F).max())), arguments=Untouched())
    return Probe(question, ask, judge)


def force_visible():
    three = [[0.1, 0.2], [1.3, -0.3], [0.4, 1.5]]
    return [
        force_at(springs, springs_force, (2.5, 0.0, 0.0), [0.4, -1.2, 0.7], "the harmonic oscillator 2.5 q·q/2"),
        force_at(distance, distance_force, (1.0, 0.0), 1.5, "Lennard-Jones, q = r = 1.5, a single number: -1.158029"),
        force_at(distance, distance_force, (1.0, 300.0), 1.05, "the same at r = 1.05, energies counted from elsewhere"),
        force_at(
            particles, particles_force, (1.0, [0.0, -0.6], 0.0), three, "three particles in a plane, shape (3, 2)"
        ),
    ]


def some_particles(rng, n, dimensions):
    """Corners of a grid, each moved a little: no two are nearer to each other than 0.9."""
    corners = np.array(list(np.ndindex(*[2] * dimensions)), float)
    return 1.5 * rng.permutation(corners)[:n] + rng.uniform(-0.2, 0.2, size=(n, dimensions))


def force_hidden(rng):
    zero = 100 * rng.uniform(1, 3)
    k, rest, q = rng.uniform(0.5, 3, size=5), rng.normal(size=5), 2 * rng.normal(size=5)
    yield force_at(springs, springs_force, (k, rest, zero), q, "five coordinates, each on its own spring")
    yield force_at(distance, distance_force, (rng.uniform(0.5, 2), 0), rng.uniform(1.3, 1.9), "a pair, attracted")
    yield force_at(distance, distance_force, (rng.uniform(0.5, 2), zero), rng.uniform(0.9, 1.1), "a pair, repelled")
    yield force_at(particles, particles_force, (1.0, np.zeros(3), 0.0), some_particles(rng, 2, 3), "two particles")
    data = rng.uniform(0.5, 2), rng.normal(size=3), zero
    yield force_at(particles, particles_force, data, some_particles(rng, 4, 3), "four particles in a field")
    a, b, q = (rng.uniform(0.4, 1.5, size=(2, 2, 3)) * rng.choice([-1, 1], size=(2, 2, 3)) for _ in range(3))
    yield force_at(waves, waves_force, (a, b, zero), q, "a potential of a (2, 2, 3) array")


def _slope(V, q):
    """The gradient, by the complex step."""
    found = np.zeros(q.shape)
    for place in np.ndindex(q.shape):
        z = q.astype(complex)
        z[place] += 1e-30j
        found[place] = np.imag(V(z[()])) / 1e-30
    return found


def _along_ones(V, q):
    return np.imag(V(q + 1e-30j)) / 1e-30


def _quotient(V, q):
    """A difference quotient, coordinate by coordinate."""
    found = np.zeros(q.shape)
    for place in np.ndindex(q.shape):
        e = np.zeros(q.shape)
        e[place] = 1e-6
        found[place] = (V(q + e) - V(q)) / 1e-6
    return found


_QUOTIENT = (
    "A difference quotient: right in its first digits, and in fewer of them where the energy is counted from another "
    "zero. Add 300 to V: no force has changed. What of your digits? A program's derivative can be had without a step."
)
_TOGETHER = (
    "You move all coordinates together, by one step or one tangent of ones: what comes out is the sum of all slopes. "
    "A spring that pulls to the left and one that pulls to the right would cancel. How many numbers has a force?"
)
_SHAPE = (
    "The numbers are right, and the form has been lost: q says where each particle is in a row of its own, and its "
    "force belongs into the same row. Compare q.shape with the shape of your answer, for three particles."
)
_VALUE = (
    "That is the energy, or made of it: one number, and the force isn't decided by how high the ball lies, but by how "
    "steep it is there."
)

FORCE = Problem(
    id="13.1",
    title="Force from a potential",
    points=2,
    signature="force(V, q)",
    visible=force_visible,
    hidden=force_hidden,
    hint="Which way does a ball roll? Take V = q²/2 and q = 3: how steep is it there, and where does it push?",
    hints={
        "changed": "q belongs to the caller: print it before and after. `q[i] += ...` writes into it; take a copy for "
        "what you move.",
        "digits": _QUOTIENT,
        "raised TypeError": "It is called as force(V, q), with a function and an array. And adcourse.grad(V) is a "
        "function, too: its value at q is adcourse.grad(V)(q).",
    },
    mistakes=[
        Mistake(
            lambda V, q: _slope(V, q),
            "Your force pushes uphill. (Seed 2 says that forces are derivatives of potentials, and leaves a sign out.) "
            "Put a ball at q = 3 into the bowl q²/2: which way does it roll?",
        ),
        Mistake(lambda V, q: -_slope(V, q).ravel(), _SHAPE),
        Mistake(lambda V, q: _slope(V, q).ravel(), f"{_SHAPE} And then look which way a ball would roll."),
        Mistake(lambda V, q: -_slope(V, q).T, f"{_SHAPE} Yours lies on its side."),
        Mistake(lambda V, q: np.atleast_1d(-_slope(V, q)), _SHAPE),
        Mistake(lambda V, q: -_quotient(V, q), _QUOTIENT),
        Mistake(
            lambda V, q: _quotient(V, q),
            f"{_QUOTIENT} And look at the sign: into the bowl q²/2 put a ball at q = 3. Which way does it roll?",
        ),
        Mistake(lambda V, q: -_along_ones(V, q), _TOGETHER),
        Mistake(lambda V, q: -_along_ones(V, q) * np.ones(q.shape), _TOGETHER),
        Mistake(lambda V, q: _along_ones(V, q), _TOGETHER),
        Mistake(
            lambda V, q: -_along_ones(V, q) * q,
            f"q comes in afterwards, as a factor. {_TOGETHER}",
        ),
        Mistake(lambda V, q: -V(q), _VALUE),
        Mistake(lambda V, q: V(q), _VALUE),
        Mistake(lambda V, q: -V(q) / q, f"You divide an energy by a place. {_VALUE}"),
        Mistake(
            lambda V, q: -abs(_slope(V, q)),
            "All your forces point in the negative direction. A spring pulls back from both sides: look at q = 3 and "
            "at q = -3 in the bowl q²/2.",
        ),
        Mistake(
            lambda V, q: abs(_slope(V, q)),
            "Your forces are sizes without a direction. A spring pulls back from both sides: look at q = 3 and at "
            "q = -3 in the bowl q²/2.",
        ),
        Mistake(
            lambda V, q: np.sqrt(np.sum(_slope(V, q) ** 2)),
            "One number came back, how strong the force is. Where does it point to? It has a number for each "
            "coordinate.",
        ),
        Mistake(
            lambda V, q: -_slope(V, q) / np.sqrt(np.sum(_slope(V, q) ** 2)),
            "Your force has length 1, whatever the potential is. Double V: a ball is pushed twice as hard.",
        ),
        Mistake(
            lambda V, q: -_slope(V, q).sum(axis=0),
            "One force came back. The sum over all particles? For a pair that is always zero, which is Newton's third "
            "law. Or that of the first alone? Asked for is what each of them feels.",
        ),
        Mistake(
            lambda V, q: -_slope(V, q).sum(axis=-1, keepdims=q.ndim > 0) * np.ones(q.shape),
            "You add up slopes over the directions of space. Each coordinate of each particle has a force of its own.",
        ),
        Mistake(
            lambda V, q: -_slope(V, q) / 2,
            "Your forces are half as large as they should be. Both particles of a pair feel its force in full, though "
            "its energy is in V once: move one of them, and only it.",
        ),
        Mistake(
            lambda V, q: -_slope(V, q) * q,
            "You multiply the slope by q: that is work, or a virial, and no force. In a constant field, does the force "
            "depend on where you are?",
        ),
        Mistake(
            lambda V, q: q - _slope(V, q),
            "You have moved q already, downhill by a step of 1. Asked for is the push, not the place.",
        ),
        Mistake(
            lambda V, q: (V(q), -_slope(V, q)),
            "Two things came back, the energy and the force. The force alone was asked for.",
        ),
        Mistake(
            lambda V, q: -_slope(V, 0 * q + 1),
            "Your slope isn't taken at q: wherever the particles are, they feel the same. Print what you call V with.",
        ),
        Mistake(
            lambda V, q: np.where(np.arange(q.size).reshape(q.shape) == 0, -_slope(V, q), 0.0),
            "Only the first coordinate feels a force. How often does your loop run, and what does it write into?",
        ),
    ],
)
