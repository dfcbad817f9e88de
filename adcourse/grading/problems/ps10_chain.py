"""Assignment 10, the steps of 10.3: a chain, and what the student may do with it.

The steps run on the grader's side, which knows where it is: a step or a pullback is refused where the state that it is
given is neither saved nor the current one. So nothing can be kept aside, and the numbers of steps and of saved states
are what they are.
"""

from __future__ import annotations

import numpy as np

from adcourse.grading.asking import Stopped
from adcourse.grading.plain import Complaint

UNSAVED = Complaint(
    "a state was used that is neither saved nor the current one: the last that a step gave", kind="unsaved"
)
NOT_THERE = Complaint("env.drop was called with a state that isn't saved", kind="not there")
OTHER = Complaint("step or vjp number k was called with another state than x_k", kind="other state")
BEYOND = Complaint("there is no step of this number: they are 0, ..., env.n - 1", kind="beyond")
ENDLESS = Complaint("your function was stopped: it runs steps again and again", kind="endless")


class Env:
    """What the student gets: four functions that are counted, and the number of steps."""

    def __init__(self, call, n):
        self._call, self.n = call, n

    def step(self, x, k):
        return self._call(0, x, k)

    def vjp(self, x, k, x_bar):
        return self._call(1, x, k, x_bar)

    def save(self, x):
        return self._call(2, x)

    def drop(self, x):
        return self._call(3, x)


class Chain:
    """x_(k+1) = x_k + sin(A_k x_k) / 2."""

    def __init__(self, matrices, x0):
        self.matrices, self.x0 = [np.asarray(A, float) for A in matrices], np.asarray(x0, float)

    def step(self, x, k):
        return x + np.sin(self.matrices[k] @ x) / 2

    def vjp(self, x, k, x_bar):
        A = self.matrices[k]
        return x_bar + A.T @ (np.cos(A @ x) * x_bar) / 2

    def run(self, x):
        for k in range(len(self.matrices)):
            x = self.step(x, k)
        return x


class Counter:
    """Carries out the calls of ``Env`` and knows which states are there. Its cost: steps, saved states at most."""

    def __init__(self, chain: Chain):
        self.chain, self.steps, self.calls = chain, 0, 0
        self.numbers = {chain.x0.tobytes(): 0}  # of all states that have been seen
        self.saved = {chain.x0.tobytes()}
        self.current, self.most = chain.x0.tobytes(), 1

    @property
    def cost(self):
        return self.steps, self.most

    def __call__(self, what, x, *more):
        self.calls += 1
        if self.calls > 20_000:
            raise Stopped(ENDLESS)
        x = np.asarray(x, float)
        name = x.tobytes()
        if what == 3:
            if name not in self.saved:
                raise Stopped(NOT_THERE)
            self.saved.discard(name)
            return 0.0
        if name not in self.saved and name != self.current:
            raise Stopped(UNSAVED)
        if what == 2:
            self.saved.add(name)
            self.most = max(self.most, len(self.saved))
            return x
        k = int(more[0])
        if not 0 <= k < len(self.chain.matrices):
            raise Stopped(BEYOND)
        if self.numbers[name] != k:
            raise Stopped(OTHER)
        if what == 1:
            return self.chain.vjp(x, k, np.asarray(more[1], float))
        self.steps += 1
        after = self.chain.step(x, k)
        self.current = after.tobytes()
        self.numbers[self.current] = k + 1
        return after


def some_chain(rng, n) -> Chain:
    """Each step turns and stretches in its own way."""
    return Chain(rng.uniform(-1, 1, size=(n, 2, 2)), rng.uniform(0.5, 1.5, size=2))


def the_chain(n) -> Chain:
    """As ``some_chain``, always the same, and without NumPy's generators, which the check can do without."""
    return Chain(np.cos(np.arange(1.0, 4 * n + 1) ** 2).reshape(n, 2, 2), np.array([0.6, 1.3]))
