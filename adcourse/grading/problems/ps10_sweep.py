"""Assignment 10, a reverse sweep with few states: 10.3.

The right gradient is found by the complex step through all steps of `ps10_chain`; the Jacobians are 2x2 and don't
commute. Tolerance: 1e-9 of the largest entry, for a product of dozens of matrices, added up in another order.
"""

from __future__ import annotations

import numpy as np

from adcourse.grading.judges import Close, Price
from adcourse.grading.meters import Meter
from adcourse.grading.plain import Complaint
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.oracles import complex_step_vjp
from adcourse.grading.problems.ps10_advances import fewest
from adcourse.grading.problems.ps10_chain import Chain, Counter, Env, some_chain, the_chain


class Frugal(Price):
    """A right answer with room for ``states``, from no more than ``steps`` steps."""

    def __init__(self, judge, states: int, steps: int):
        super().__init__(judge)
        self.states, self.steps = states, steps

    def __call__(self, answer):
        if blamed := self.judge(answer):
            return blamed
        steps, states = answer.cost
        if states > self.states:
            text, detail = "too many states were saved at a time", f"{states}, and there is room for {self.states}"
            return Complaint(text, detail, kind=f"states: {states}")
        if steps > self.steps:
            return Complaint("more steps were run than are needed", f"{steps}, not {self.steps}", f"steps: {steps}")
        return None


def sweep_of(chain: Chain, s, g, question) -> Probe:
    n, x0, g = len(chain.matrices), chain.x0, np.asarray(g, float)
    meter = Meter(lambda: Counter(chain))
    expected = complex_step_vjp(chain.run, (x0,), g)[0]
    judge = Frugal(Close(expected, atol=1e-9 * float(np.abs(expected).max())), s, fewest(n, s))
    return Probe(
        question, lambda checkpointed_grad: checkpointed_grad(Env(meter, n), x0.copy(), s, g.copy()), judge, meter
    )


def steps_and_room(n, s):
    return f"{n} step{'s' * (n > 1)}, room for {s} state{'s' * (s > 1)}"


def sweep_visible():
    g = [1.5, -0.5]
    return [
        sweep_of(the_chain(n), s, g, f"{steps_and_room(n, s)}: {fewest(n, s)} steps forward")
        for n, s in ((1, 1), (2, 1), (3, 2), (6, 1), (5, 8), (10, 3), (12, 2), (20, 4))
    ]


def sweep_hidden(rng):
    # At a length that is some beta(s, r), or little less, there are many best cuts; at these two there are few.
    few = (int(rng.choice([12, 13, 17, 18, 19])), 2), (int(rng.integers(22, 27)), 3)
    for n, s in ((10, 3), (30, 4), (56, 3), (1, 2), (7, 1), (6, 10), *few):
        yield sweep_of(some_chain(rng, n), s, rng.normal(size=2), steps_and_room(n, s))


def _best(l, s):
    return min(range(1, l), key=lambda j: j + fewest(j, s) + fewest(l - j, s - 1))


def _sweep(
    place=_best,
    room=lambda s: s,
    right=1,
    left=0,
    save=True,
    drop=True,
    last=False,
    seed=lambda g: g,
    upwards=False,
):
    """The recursive sweep with some of its decisions changed."""

    def checkpointed_grad(env, x0, s, g):
        def ahead(x, a, b):
            for k in range(a, b):
                x = env.step(x, k)
            return x

        def back(x, a, b, s, g):
            if b - a == 1:
                return env.vjp(x, a, g)
            if s <= 1:
                for k in reversed(range(a, b)):
                    g = env.vjp(ahead(x, a, k), k, g)
                return g
            m = a + max(1, min(b - a - 1, place(b - a, s)))
            y = ahead(x, a, m)
            if save:
                env.save(y)
            if upwards:
                g = back(x, a, m, s - right, g)
                return back(y, m, b, s - left, g)
            g = back(y, m, b, s - right, g)
            if drop and save:
                env.drop(y)
            return back(x, a, m, s - left, g)

        if last:
            ahead(x0, 0, env.n)
        return back(x0, 0, env.n, room(s), seed(g))

    return checkpointed_grad


def _everything(save):
    def checkpointed_grad(env, x0, s, g):
        xs = [x0]
        for k in range(env.n - 1):
            xs.append(env.step(xs[-1], k))
            if save:
                env.save(xs[-1])
        for k in reversed(range(env.n)):
            g = env.vjp(xs[k], k, g)
        return g

    return checkpointed_grad


def _evenly(env, x0, s, g):
    """A state at the beginning of each of s pieces."""
    n, x, kept = env.n, x0, {0: x0}
    starts = {(n * i) // s for i in range(s)}
    for k in range(max(starts)):
        x = env.step(x, k)
        if k + 1 in starts:
            kept[k + 1] = env.save(x)
    for k in reversed(range(n)):
        start = max(a for a in kept if a <= k)
        x = kept[start]
        for i in range(start, k):
            x = env.step(x, i)
        g = env.vjp(x, k, g)
    return g


def _next_state(env, x0, s, g):
    """The adjoint of step k at x_(k+1)."""
    for k in reversed(range(env.n)):
        x = x0
        for i in range(k + 1):
            x = env.step(x, i)
        g = env.vjp(x, k, g)
    return g


def _from_the_front(env, x0, s, g):
    x = x0
    for k in range(env.n):
        g = env.vjp(x, k, g)
        x = env.step(x, k)
    return g


_PEAK = (
    "Your gradient is right, and more states are saved at a time than there is room for. x0 is saved from the start: "
    "with s = 1 nothing else can be saved. When the part behind a saved state has been reversed, is its place "
    "given back? And how many places has that part, if one is taken by its own first state?"
)
_STEPS = (
    "Your gradient is right, and more steps were run than are needed. "
    "Is every place used that is free, also for the left part, when the right one is done? And where do you cut? To "
    "the right of the cut there is one place less than to the left; your 10.2 tells what each cut costs."
)

SWEEP = Problem(
    id="10.3",
    title="Checkpointed reverse sweep",
    points=5,
    signature="checkpointed_grad(env, x0, s, g)",
    visible=sweep_visible,
    hidden=sweep_hidden,
    hint="Save in the middle, reverse the right part with s-1, then the left part with s. (Where the middle is, 10.2 "
    "tells.) The pullbacks run from the last step to the first, each at the state where its step began.",
    hints={
        "states": _PEAK,
        "steps": _STEPS,
        "unsaved": "You hold a state in a variable of your own that was never saved, or is dropped already. There is "
        "the current state, the last one that env.step gave, and there are those that are saved; who needs another one "
        "has to run the steps to it again.",
        "not there": "x0 is saved from the start, and whatever env.save was given. Each can be dropped once.",
        "other state": "env.step(x, k) makes x_{k+1} from x_k, and env.vjp(x, k, g) is the pullback of that step: both "
        "want x_k, the state where step k begins. Print k and how many steps you have run since x0.",
        "beyond": "The steps are numbered from 0 to env.n - 1. The last pullback needs x_{n-1}; nobody needs a step "
        "from x_n.",
        "raised TypeError": "The calls: env.step(x, k), env.vjp(x, k, g), env.save(x), env.drop(x); env.n is a number.",
        "raised AttributeError": "env has n, step, vjp, save and drop, and nothing else. What was saved you keep in a "
        "variable; env only counts it.",
        "recursion": "Your function calls itself for every step. Let it call itself for parts of the chain.",
    },
    mistakes=[
        Mistake(
            _everything(save=True),
            "You save every state. There is room for s of them: all others have to be computed again from those.",
        ),
        Mistake(
            _everything(save=False),
            "You keep every state in a list of your own. That is the memory that there isn't: only what is saved, and "
            "the current state, can be used.",
        ),
        Mistake(
            _sweep(place=lambda l, s: 1, room=lambda s: 1),
            "You run to every step from x0 anew: with ten steps that is 45 steps forward, and there is room for more "
            "states than x0.",
        ),
        Mistake(
            _sweep(place=lambda l, s: l // 2),
            "You cut in the middle. To the right of the cut there is one place less than to the left: which should "
            "be the longer one? Your 10.2 tells what each cut costs.",
        ),
        Mistake(
            _evenly,
            "You save s states at equal distances and leave them there. When the last piece has been reversed, its "
            "place is free, and can be used in the piece before.",
        ),
        Mistake(
            _sweep(drop=False),
            "You never give a place back. When the part behind a saved state has been reversed, nobody needs it: "
            "env.drop.",
        ),
        Mistake(
            _sweep(right=0),
            "The part to the right gets as many places as the whole. One of them is taken by the state that was saved "
            "for the left: x at the beginning of the whole.",
        ),
        Mistake(
            _sweep(left=1),
            "The part to the left gets one place too few: when the right part is done, the place of its first state is "
            "free again.",
        ),
        Mistake(
            _sweep(room=lambda s: s + 1),
            "You count x0 apart: it is one of the s states, from the start.",
        ),
        Mistake(
            _sweep(room=lambda s: max(1, s - 1)),
            "You use one place less than there is. x0 is one of the s states; s - 1 more can be saved.",
        ),
        Mistake(
            _sweep(last=True),
            "You run to x_n before you begin. g is its adjoint, and its value is not needed: the last pullback begins "
            "at x_{n-1}.",
        ),
        Mistake(
            _sweep(seed=lambda g: np.ones(2)),
            "Your sweep starts with ones. It starts with g, the adjoint of x_n.",
        ),
        Mistake(
            _from_the_front,
            "You go through the pullbacks from the first step to the last. That is cheap, and it is another product: "
            "matrices don't commute. g belongs to x_n, so whose turn is it first?",
        ),
        Mistake(
            _next_state,
            "You call the pullback of step k at x_{k+1}. Step k begins at x_k, and there its Jacobian is taken.",
        ),
        Mistake(
            _sweep(upwards=True),
            "You reverse the left part before the right one. The adjoint at the cut comes out of the right part: the "
            "left one can't begin without it.",
        ),
    ],
)
