"""Assignment 13, leapfrog: 13.3.

The oracle is Størmer's form of the same method, which has no momenta: q(k+1) - 2 q(k) + q(k-1) = -eps² ∇U(q(k)), and p
as the central difference of the neighbours. On the way rounding grows like n², and p divides it by eps: 1e-11 of
numbers of size 1 is a hundred times that. Reversed, some hundred steps end where they began, to the same tolerance; the
energy is asked about after a quarter of a swing from rest, where its error is largest.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from adcourse.grading.judges import Close, Order, Parts, Price
from adcourse.grading.meters import Counted
from adcourse.grading.plain import parts
from adcourse.grading.problem import Probe
from adcourse.grading.untouched import Untouched, asked


def identity(q):
    """The gradient of the harmonic oscillator q·q/2."""
    return q


def quartic(k, c):
    """The gradient of Σ k q²/2 + c q⁴/4 with a coupling of neighbours, for arrays of any shape."""
    return lambda q: k * q + c * q**3 + 0.2 * (q - np.mean(q))


def stormer(gradU: Callable, q, p, eps, n):
    before = q - eps * p - eps**2 / 2 * gradU(q)
    for _ in range(n):
        before, q = q, 2 * q - before - eps**2 * gradU(q)
    after = 2 * q - before - eps**2 * gradU(q)
    return q, (after - before) / (2 * eps)


def steps_at(gradU: Callable, q, p, eps, n, question) -> Probe:
    q, p, counted = np.asarray(q, float), np.asarray(p, float), Counted(gradU, limit=500)

    def ask(leapfrog):
        said, changed = asked(lambda q, p: leapfrog(counted, q, p, eps, n), q, p)
        return [*parts(said, q=q.shape, p=p.shape), changed]

    at = stormer(gradU, q, p, eps, n)
    size = 1 + max(float(np.abs(x).max()) for x in (q, p, *at))
    judge = Parts(q=Close(at[0], atol=1e-11 * size), p=Close(at[1], atol=1e-11 * size), arguments=Untouched())
    return Probe(question, ask, Price(judge, at_most=n + 1, what="gradU"), counted)


def there_and_back(q, p, eps, n, question) -> Probe:
    """n steps of two pendulums, and n from there with the momenta turned around."""
    q, p, counted = np.asarray(q, float), np.asarray(p, float), Counted(np.sin, limit=500)

    def ask(leapfrog):
        far = np.reshape(parts(leapfrog(counted, q.copy(), p.copy(), eps, n), q=q.shape, p=p.shape), (2, -1))
        back = np.reshape(parts(leapfrog(counted, far[0], -far[1], eps, n), q=q.shape, p=p.shape), (2, -1))
        return [back[0] - q, -back[1] - p]

    says = "with p turned around it doesn't come back"
    return Probe(question, ask, Close(np.zeros((2, len(q))), atol=1e-11, says=says), counted)


def energy_at(start, question) -> Probe:
    """The energy of a pendulum, from rest, near the bottom of its swing."""
    counted = Counted(np.sin, limit=500)

    def ask(leapfrog):
        found = []
        for n in (10, 20, 40):
            q, p = parts(leapfrog(counted, np.array([start]), np.array([0.0]), 1.6 / n, n), q=(1,), p=(1,))
            found.append([p**2 / 2 - np.cos(q)])
        return found

    return Probe(question, ask, Order([-np.cos(start)], order=2), counted)


def leapfrog_visible():
    return [
        steps_at(identity, [1.0], [0.0], 0.1, 1, "one step of the harmonic oscillator: (0.995, -0.09975)"),
        steps_at(np.sin, [0.8, -1.7], [1.1, 0.4], 0.3, 1, "one step of two pendulums, eps = 0.3"),
        steps_at(np.sin, [0.8, -1.7], [1.1, 0.4], 0.3, 4, "four steps, from five gradients"),
        steps_at(np.sin, [0.8, -1.7], [1.1, 0.4], 0.3, 0, "no step at all"),
        there_and_back([0.8, -1.7], [1.1, 0.4], 0.25, 40, "40 steps there, and with -p back again"),
        energy_at(1.2, "energy after the same time in 10, 20 and 40 steps"),
    ]


def leapfrog_hidden(rng):
    some = lambda *shape: rng.uniform(0.3, 1.5, size=shape) * rng.choice([-1, 1], size=shape)
    for shape, n in (((3,), 1), ((2, 3), 7), ((4,), int(rng.integers(12, 20)))):
        gradU, eps = quartic(*rng.uniform(0.5, 1.5, size=2)), float(rng.uniform(0.1, 0.2))
        words = f"{n} step{'s' * (n > 1)} from arrays of shape {shape}"
        yield steps_at(gradU, some(*shape), some(*shape), eps, n, words)
    yield steps_at(quartic(1.0, 0.5), some(2), some(2), 0.2, 0, "no step at all")
    yield steps_at(identity, some(2), some(2), float(-rng.uniform(0.1, 0.3)), 3, "backwards in time, eps < 0")
    yield there_and_back(some(2), some(2), float(rng.uniform(0.1, 0.3)), 50, "there and back again")
    yield energy_at(float(rng.uniform(0.8, 1.5)), "the order of the energy")
