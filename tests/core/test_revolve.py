"""Loops with room for few states: the schedule against dynamic programming, the real runs counted, reversible steps."""

import gc
import time
import weakref
from functools import cache
from itertools import pairwise
from math import comb

import numpy as np
import pytest

from adcourse import (
    checkpoint,
    checkpointed_loop,
    custom_rule,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    linearize,
    reconstruction_error,
    record,
    reversible_loop,
    revolve,
    taylor,
    value_and_grad,
    vjp,
)
from adcourse.core.errors import InputError, MutationError, RecomputationError

from .memory import peak

# ------------------------------------------------------------------ the schedule


def closed_form(n, s):
    """t = r n - C(s + r, r - 1) for the least r with C(s + r, s) >= n."""
    r = next(r for r in range(n + 1) if comb(s + r, s) >= n)
    return r * n - (comb(s + r, r - 1) if r else 0)


@cache
def least(n, s):
    """The fewest advances by dynamic programming: to the next saved state j, then what is right of it, then left."""
    if n <= 1:
        return 0
    if s == 1:
        return n * (n - 1) // 2
    return min(j + least(n - j, s - 1) + least(j, s) for j in range(1, n))


def carried_out(actions, n):
    """Carry a schedule out on paper: (steps of advance, most states held at once)."""
    current, saved, to_reverse, advanced, most = 0, set(), n - 1, 0, 0
    for action, k, *to in actions:
        if action == "save":
            assert k == current and k not in saved
            saved.add(k)
            most = max(most, len(saved))
        elif action == "restore":
            assert k in saved
            current = k
        elif action == "advance":
            assert k == current < to[0] <= to_reverse
            current, advanced = to[0], advanced + to[0] - k
        else:
            assert action == "reverse" and k == current == to_reverse
            to_reverse -= 1
            saved.discard(k)
            current = None
    assert to_reverse == -1 and not saved
    return advanced, most


@pytest.mark.parametrize("s", range(1, 61))
def test_every_schedule_to_60_steps(s):
    for n in range(1, 61):
        advanced, most = carried_out(revolve(n, s), n)
        assert most <= s
        assert advanced == least(n, s) == closed_form(n, s)


def test_numbers_of_the_lecture():
    count = lambda n, s: carried_out(revolve(n, s), n)[0]
    assert count(10, 3) == 15
    assert [count(100, s) for s in (1, 3, 10)] == [4950, 490, 222]
    assert comb(13, 3) == 286 and count(286, 3) == closed_form(286, 3)
    assert revolve(0, 3) == [] and revolve(1, 1) == [("save", 0), ("reverse", 0)]


def test_a_long_schedule_takes_linear_time():
    assert carried_out(revolve(10_000, 10), 10_000) == (closed_form(10_000, 10), 10)
    assert carried_out(revolve(100_000, 3), 100_000) == (closed_form(100_000, 3), 3)

    def seconds(n):
        start = time.process_time()
        revolve(n, 10)
        return time.process_time() - start

    assert min(seconds(40_000) for _ in range(5)) < 12 * min(seconds(10_000) for _ in range(5))


@pytest.mark.parametrize("n, s", [(-1, 2), (3, 0), (2.5, 1), (3, True), ("3", 1), (3, None)])
def test_impossible_counts(n, s):
    with pytest.raises(InputError):
        revolve(n, s)
    with pytest.raises(InputError):
        checkpointed_loop(lambda x, k: x, 1.0, n, states=s)


# ------------------------------------------------------------------ the loop


def step(x, k, p):
    """States of several parts, one of them carried along; matrices that don't commute; the number of the step."""
    turned = np.tanh(p["A"] @ x["q"]) + x["s"] * p["b"]
    return {"q": turned, "s": x["s"] * np.cos(x["q"][0]) + 0.1 * k, "c": x["c"], "name": x["name"]}


def plain_loop(step, x, n, *params, states=None):
    for k in range(n):
        x = step(x, k, *params)
    return x


def problem(loop, n, states, seed=0):
    rng = np.random.default_rng(seed)
    A, b, q, c = rng.normal(size=(2, 2)), rng.normal(size=2), rng.normal(size=2), rng.normal(size=3)

    def f(q, A):
        x0, p = {"q": q, "s": 0.3, "c": c * q[0], "name": "x"}, {"A": A, "b": b * q[1]}
        x = loop(step, x0, n, p, states=states)
        assert x["name"] == "x"
        return np.sum(x["q"] ** 2) * x["s"] + np.sum(x["c"] ** 2)

    return f, q, A


SIZES = [(1, 1), (2, 1), (2, 3), (7, 1), (10, 3), (30, 4), (56, 3), (20, 50)]


@pytest.mark.parametrize("n, s", SIZES)
def test_value_and_gradient_to_the_last_bit(n, s):
    f, q, A = problem(checkpointed_loop, n, s, seed=n)
    y, (dq, dA) = value_and_grad(f, (0, 1))(q, A)
    y0, (dq0, dA0) = value_and_grad(problem(plain_loop, n, s, seed=n)[0], (0, 1))(q, A)
    assert y == y0 == f(q, A)
    assert dq.tobytes() == dq0.tobytes() and dA.tobytes() == dA0.tobytes()


DERIVATIVES = {
    "jvp": lambda f, x, v: jvp(f, x, v)[1],
    "linearize": lambda f, x, v: linearize(f, x)[1](v),
    "vjp twice": lambda f, x, v: (lambda pull: pull(2.0)[0] + pull(1.0)[0])(vjp(f, x)[1]),
    "hvp": lambda f, x, v: hvp(f, x, v),
    "reverse over reverse": lambda f, x, v: grad(lambda x: np.sum(grad(f)(x) * v))(x),
    "reverse over forward": lambda f, x, v: grad(lambda x: jvp(f, x, v)[1])(x),
    "hessian": lambda f, x, v: hessian(f)(x),
    "forward jacobian": lambda f, x, v: jacobian(f, mode="forward")(x),
    "jacobian of a vector": lambda f, x, v: jacobian(lambda x: f(x) * x, mode="reverse")(x),
    "as a closure": lambda f, x, v: grad(lambda t: f(x + t * v))(0.3),
    "inside checkpoint": lambda f, x, v: grad(lambda x: checkpoint(lambda y: f(y) * f(x))(2 * x))(x),
    "taylor": lambda f, x, v: np.array(taylor(lambda t: f(x + t * v), 0.0, 3).coefficients),
}


@pytest.mark.parametrize("name", DERIVATIVES)
@pytest.mark.parametrize("n, s", [(1, 1), (6, 2), (11, 3)])
def test_every_mode_and_order(name, n, s):
    (f, q, A), (g, *_) = (problem(loop, n, s, seed=4) for loop in (checkpointed_loop, plain_loop))
    v = np.array([0.7, -0.4])
    expected = DERIVATIVES[name](lambda q: g(q, A * q[0]), q, v)
    found = DERIVATIVES[name](lambda q: f(q, A * q[0]), q, v)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10 * np.abs(expected).max())


def test_what_the_step_closes_over():
    def f(loop):
        def g(x):
            w = np.sin(x[0])
            return np.sum(loop(lambda y, k: np.tanh(w * y + x[k % 3]), x * 2, 9, states=2))

        return g

    x = np.array([0.3, -0.8, 1.1])
    assert grad(f(checkpointed_loop))(x).tobytes() == grad(f(plain_loop))(x).tobytes()
    np.testing.assert_allclose(hessian(f(checkpointed_loop))(x), hessian(f(plain_loop))(x), rtol=1e-12)


def test_states_that_change_their_form():
    grow = lambda x, k: np.append(x, x[-1] * np.sin(x[0]))
    f = lambda loop: lambda x: np.sum(loop(grow, x, 6, states=2) ** 2)
    x = np.array([0.4, 1.5])
    assert grad(f(checkpointed_loop))(x).tolist() == grad(f(plain_loop))(x).tolist()
    same = lambda x: checkpointed_loop(lambda x, k: x, x, 5, states=2) * 3
    assert grad(same)(2.0) == 3.0 and grad(lambda x: checkpointed_loop(grow, x, 0, states=1))(1.0) == 1.0
    constant = lambda x: checkpointed_loop(lambda y, k: 2.0, x, 3, states=1) + x
    assert grad(constant)(1.0) == 1.0


def test_loops_in_loops():
    inner = lambda loop: lambda x, k, w: loop(lambda y, j, w: np.sin(w * y) + 0.1 * k, x, 5, w, states=2)
    f = lambda loop: lambda w: loop(inner(loop), 0.4, 6, w, states=2)
    assert grad(f(checkpointed_loop))(1.2) == grad(f(plain_loop))(1.2)
    assert grad(grad(f(checkpointed_loop)))(1.2) == pytest.approx(grad(grad(f(plain_loop)))(1.2), rel=1e-12)


# ------------------------------------------------------------------ what the real runs do


class Counter:
    """A step that counts its runs, and how many of the states that it was given or has returned are alive."""

    def __init__(self):
        self.runs, self.most, self.states = 0, 0, []

    def __call__(self, x, k):
        self.runs += 1
        y = make_state(x)
        self.states = [r for r in self.states if r() is not None] + [weakref.ref(y.value)]
        self.most = max(self.most, len({id(r()) for r in self.states}))
        return y


@custom_rule
def make_state(x):
    return np.sin(x)


@make_state.jvp
def _(z, primals, tangents):
    return np.cos(primals[0]) * tangents[0]


@pytest.mark.parametrize("n, s", [(1, 1), (5, 1), (10, 3), (30, 4), (56, 3), (100, 10), (40, 60)])
def test_steps_run_and_states_held(n, s):
    """n recorded steps and t(n, s) advances, the first run included; s states, x_0 among them, and a few on the way."""
    count = Counter()
    gc.disable()
    try:
        grad(lambda x: np.sum(checkpointed_loop(count, x, n, states=s)))(np.ones(3))
    finally:
        gc.enable()
    assert count.runs == n + closed_form(n, s)
    assert count.most <= s + 3


def test_another_sweep_costs_a_first_run_more():
    runs = []
    f = lambda x: checkpointed_loop(lambda x, k: (runs.append(k), np.sin(x))[1], x, 30, states=4)
    pullback = vjp(f, 0.5)[1]
    first = pullback(1.0)
    assert len(runs) == 30 + closed_form(30, 4)
    assert pullback(1.0) == first and len(runs) == 2 * (30 + closed_form(30, 4))


def test_memory_of_many_steps_is_flat():
    """With ten states, of 1,000 steps as of 200 (the schedule itself, a list of actions, is let off)."""
    x, runs = np.linspace(0.1, 1.0, 2000), []
    f = lambda n: lambda x: np.sum(checkpointed_loop(lambda x, k: np.sin(x + 0.001), x, n, states=10))
    grad(f(10))(x)
    for n in (200, 1000):  # 10,000 holds as well, and takes half a minute
        actions = peak(lambda n=n: revolve(n, 10))
        runs.append(peak(lambda n=n: grad(f(n))(x)) - 2 * actions)
    assert runs[1] < 30 * x.nbytes and runs[1] < 1.5 * max(runs[0], 15 * x.nbytes)


# ------------------------------------------------------------------ what is refused


def test_steps_that_do_not_repeat_are_refused():
    rng, b = np.random.default_rng(0), np.ones(3)
    with pytest.raises(RecomputationError):
        grad(lambda x: checkpointed_loop(lambda x, k: x * rng.normal(), x, 5, states=2))(1.0)

    def f(x):
        y = np.sum(checkpointed_loop(lambda x, k: x * b, x, 5, states=2))
        b[1] = 2.0
        return y

    with pytest.raises(RecomputationError):
        grad(f)(np.zeros(3))

    def writes(x, k):
        x[0] = 1.0
        return x

    with pytest.raises(MutationError):
        grad(lambda x: np.sum(checkpointed_loop(writes, x * 2, 5, states=2)))(np.ones(2))


# ------------------------------------------------------------------ reversible steps

K = np.random.default_rng(8).normal(size=(3, 3))


def leapfrog(state, k, h, c):
    """A step of symplectic leapfrog for chained pendulums, q'' = -K^T K sin(q) - c q."""
    q, p = state
    p = p - h / 2 * (K.T @ K @ np.sin(q) + c * q)
    q = q + h * p
    return q, p - h / 2 * (K.T @ K @ np.sin(q) + c * q)


def leapfrog_back(state, k, h, c):
    return leapfrog(state, k, -h, c)


def coupled(state, k, w):
    """A coupled residual layer: y += f(x), then x += g(y)."""
    x, y = state["x"], state["y"]
    y = y + np.tanh(w[k % 2] @ x)
    return {"x": x + np.sin(y) / (k + 1), "y": y}


def coupled_back(state, k, w):
    x, y = state["x"], state["y"]
    x = x - np.sin(y) / (k + 1)
    return {"x": x, "y": y - np.tanh(w[k % 2] @ x)}


def pendulums(loop, n=40):
    def f(x):
        q, p = loop((leapfrog, leapfrog_back), (x[:3], x[3:6]), n, 0.05 * x[6], x[7])
        return np.sum(q**2) + p[0] * q[1]

    return f, np.random.default_rng(2).uniform(0.5, 1.5, 8)


def residual(loop, n=12):
    def f(x):
        s = loop((coupled, coupled_back), {"x": x[:2], "y": x[2:4]}, n, np.reshape(x[4:], (2, 2, 2)))
        return np.sum(s["x"] * s["y"]) + s["y"][0]

    return f, np.random.default_rng(3).normal(size=12) * 0.6


forwards = lambda steps, x0, n, *params: plain_loop(steps[0], x0, n, *params)
there_and_back = lambda steps, x0, n, *params: reversible_loop(*steps, x0, n, *params)


@pytest.mark.parametrize("example", [pendulums, residual])
@pytest.mark.parametrize("name", ["grad", *DERIVATIVES])
def test_reversible_loops_in_every_mode_and_order(example, name):
    (f, x), (g, _) = example(there_and_back), example(forwards)
    v = np.random.default_rng(5).normal(size=len(x))
    derivative = DERIVATIVES.get(name, lambda f, x, v: grad(f)(x))
    expected, found = derivative(g, x, v), derivative(f, x, v)
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-8 * np.abs(expected).max())
    assert value_and_grad(f)(x)[0] == g(x)  # the value to the last bit


def test_drift_of_the_way_back():
    """Errors are of rounding size where steps neither contract nor expand; friction multiplies them going back."""
    x0 = np.array([1.0, 0.5, -0.3]), np.zeros(3)
    errors = reconstruction_error(leapfrog, leapfrog_back, x0, 400, 0.05, 0.1)
    assert errors.shape == (401,) and errors[-1] == 0.0
    assert 0 < errors[0] < 1e-9
    # friction: a factor 0.9 forwards is 1/0.9 for every error on the way back
    damped, undamped = lambda x, k: 0.9 * x + np.sin(k), lambda y, k: (y - np.sin(k)) / 0.9
    errors = reconstruction_error(damped, undamped, 1.0, 300)
    assert 1e-3 < errors[0] / (2.0**-53 * 0.9**-300) < 1e3


def test_what_can_not_be_undone_is_refused():
    damped, undamped = lambda x, k: 0.9 * x + np.sin(k), lambda y, k: (y - np.sin(k)) / 0.9
    f = lambda n, **options: lambda x: reversible_loop(damped, undamped, x, n, **options)
    assert grad(f(50))(1.0) == pytest.approx(0.9**50, rel=1e-12)
    with pytest.raises(RecomputationError, match="checkpointed_loop"):
        grad(f(300))(1.0)
    assert grad(f(300, tolerance=1e3))(1.0) == pytest.approx(0.9**300, rel=1e-9)
    with pytest.raises(RecomputationError):
        grad(f(50, tolerance=0.0))(1.0)


@pytest.mark.parametrize(
    "step, inverse",
    [
        (lambda x, k: x + np.sin(x) / 2, lambda y, k: y - np.sin(y) / 2),  # as the coupled layer's, but x is gone
        (lambda x, k: x**2, lambda y, k: np.sqrt(y)),  # leads back to |x|, from which the steps repeat
        (lambda x, k: x * (k + 2), lambda y, k: y / (k + 1)),  # the number of the step
        (lambda x, k: x, lambda y, k: y * np.nan),
    ],
)
@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_wrong_inverse_is_refused(step, inverse, n):
    with pytest.raises(RecomputationError):
        grad(lambda x: np.sum(reversible_loop(step, inverse, x, n)))(np.array([-0.8, 0.7]))


def test_an_inverse_of_another_form_is_refused():
    with pytest.raises(InputError, match="shape"):
        grad(lambda x: np.sum(reversible_loop(lambda x, k: 2 * x, lambda y, k: y[:1], x, 3)))(np.ones(2))


def test_float32():
    f = lambda x: np.sum(reversible_loop(coupled, coupled_back, {"x": x, "y": x}, 8, W)["x"])
    W = np.random.default_rng(0).normal(size=(2, 2, 2)).astype(np.float32)
    g = grad(f)(np.ones(2, np.float32))
    assert g.dtype == np.float32
    np.testing.assert_allclose(g, grad(f)(np.ones(2)), rtol=1e-3)


def test_no_state_is_kept():
    """Memory doesn't grow with the number of steps: n inverses, n recorded steps, and the ends."""
    x, runs = np.linspace(0.1, 1.0, 5000), [0, 0]

    def there(s, k):
        runs[0] += 1
        return s[0] + np.sin(s[1]), s[1]

    def back(s, k):
        runs[1] += 1
        return s[0] - np.sin(s[1]), s[1]

    f = lambda n: lambda x: np.sum(reversible_loop(there, back, (x, x), n)[0])
    grad(f(7))(x)
    assert runs == [14, 7]
    few, many = (peak(lambda n=n: grad(f(n))(x)) for n in (20, 400))
    assert many < 1.2 * few < 1.2 * 30 * x.nbytes
    assert record(f(9), x).nbytes < 6 * x.nbytes


def test_pairwise_states_of_the_schedule_are_in_order():
    """What is saved later lies further on, until it is used up: places can be kept on a stack."""
    saved = []
    for action, k, *_ in revolve(50, 4):
        if action == "save":
            saved.append(k)
            assert all(a < b for a, b in pairwise(saved))
        elif action == "reverse" and saved and saved[-1] == k:
            saved.pop()
    assert saved == []
