"""One small problem for each kind of answer, as a teacher would write it: what the tests of judges and sheets ask.

It is loaded as a module of ``adcourse.grading.problems``, so that its questions travel as those of the course do.
"""

from __future__ import annotations

import math

import numpy as np

from adcourse.grading.asking import refuses
from adcourse.grading.chance import Chance, Distribution, Mean, Random
from adcourse.grading.judges import Adjoint, Close, Exact, Holds, Order, Parts, Price
from adcourse.grading.meters import Counted, Meter, counted
from adcourse.grading.plain import Complaint, choice, entries, parts
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.oracles import (
    complex_step_gradient,
    complex_step_jvp,
    high_precision,
)


def problem(id, signature, hidden, *mistakes, hint="Look again.", **hints):
    """The visible questions are those of one fixed seed."""
    pairs = [Mistake(code, words) for code, words in mistakes]
    visible = lambda: hidden(np.random.default_rng(5))
    return Problem(id, signature, 1, signature, visible, hidden, hint, pairs, hints)


# --- a class ---------------------------------------------------------------------------------------------------------

EXPRESSIONS = {
    "2 - x": lambda x: 2 - x,
    "1/(x - 3)": lambda x: 1 / (x - 3),
    "x*x*x": lambda x: x * x * x,
    "(x + 2)*x": lambda x: (x + 2) * x,
}


def dual_probe(words, f, x):
    def ask(Dual):
        z = f(Dual(x, 2.0))
        return parts((z.a, z.b), a=(), b=())

    slope = complex_step_gradient(f, (x,))[0]
    return Probe(words, ask, Parts(a=Close(f(x), rtol=1e-12), b=Close(2 * slope, rtol=1e-12)))


def duals(rng):
    for words, f in EXPRESSIONS.items():
        yield dual_probe(words, f, float(rng.uniform(0.5, 2)))


class _Dual:
    times = staticmethod(lambda a, b, c, d: a * d + b * c)
    minus = -1

    def __init__(self, a, b):
        self.a, self.b = a, b

    def _of(self, other):
        return other if isinstance(other, _Dual) else type(self)(other, 0.0)

    def __add__(self, other):
        return type(self)(self.a + self._of(other).a, self.b + self._of(other).b)

    def __mul__(self, other):
        other = self._of(other)
        return type(self)(self.a * other.a, self.times(self.a, self.b, other.a, other.b))

    def __sub__(self, other):
        return self + type(self)(-1.0, 0.0) * other

    def __rsub__(self, other):
        return type(self)(other - self.a, self.minus * self.b)

    def __rtruediv__(self, other):
        return type(self)(other / self.a, -other * self.b / self.a**2)

    __radd__, __rmul__ = __add__, __mul__


class _Product(_Dual):
    times = staticmethod(lambda a, b, c, d: b * d)


class _KeepsSign(_Dual):
    minus = 1


DUAL = problem("90.1", "class Dual(a, b)", duals, (_Product, "epsilon parts multiplied"), (_KeepsSign, "2 - x"))

# --- a dict, a word, truth values, a value ---------------------------------------------------------------------------

EDGES = [(2, 1), (3, 1), (3, 2)]


def partials_at(x):
    def ask(local_partials):
        return entries(local_partials({1: x, 2: math.sin(x), 3: x * math.sin(x)}), EDGES)

    expected = [math.cos(x), math.sin(x), x]
    return Probe("the partials", ask, Close(expected, rtol=1e-12, labels=EDGES))


DICT = problem(
    "90.2",
    "local_partials(v)",
    lambda rng: [partials_at(float(x)) for x in rng.uniform(0.5, 1.5, size=2)],
    (lambda v: {(2, 1): -math.cos(v[1]), (3, 1): v[2], (3, 2): v[1]}, "sine, not cosine"),
    (lambda v: {(2, 1): math.cos(v[1]), (3, 1): v[1], (3, 2): v[2]}, "exchanged factors"),
)


def cheaper(m, n):
    right = ["forward", "reverse"].index("forward" if n < m else "reverse")
    ask = lambda mode: choice(mode(m, n), ["forward", "reverse"])
    return Probe(f"{m} outputs", ask, Exact(right, says="the other mode is cheaper"))


WORD = problem(
    "90.3",
    "mode(m, n)",
    lambda rng: [cheaper(1, int(rng.integers(5, 9))), cheaper(int(rng.integers(5, 9)), 2)],
    (lambda m, n: "reverse" if n < m else "forward", "modes exchanged"),
)
CLAIMS = [True, False, False, True]
AUDIT = problem(
    "90.4",
    "audit()",
    lambda rng: [Probe("the claims", lambda audit: entries(audit(), range(1, 5)), Exact(CLAIMS, labels=range(1, 5)))],
    (lambda: dict.fromkeys(range(1, 5), False), "one of them is true"),
)
MATRIX = problem(
    "90.5",
    "table",
    lambda rng: [Probe("the table", lambda table: table, Close(np.vander([1.0, 2.0, 3.0]), rtol=1e-12))],
)

# --- integers of any length, properties ------------------------------------------------------------------------------

BETA = problem(
    "90.6",
    "beta(s, r)",
    lambda rng: [
        Probe("beta", lambda beta, s=s: beta(s, 90), Exact(math.comb(s + 90, s)))
        for s in (2, int(rng.integers(60, 90)))
    ],
    (lambda s, r: math.comb(s + r, s) - 1, "one too few"),
    (lambda s, r: int(float(math.comb(s + r, s))), "a float has lost the last digits"),
)


def colours_of(S, enough):
    def fault(colours):
        for row in S:
            if len(set(colours[row])) < row.sum():
                return Complaint("two columns that meet in a row have the same colour", kind="clash")
        return Complaint("more colours than needed", kind="many") if len(set(colours)) > enough else None

    ask = lambda colour_columns: colour_columns(S.copy())
    return Probe(f"{len(S)} columns", ask, Holds(fault, shape=(S.shape[1],)))


def bands(rng):
    for n in (5, int(rng.integers(8, 20))):
        yield colours_of(abs(np.subtract.outer(range(n), range(n))) < 2, 3)


COLOURS = problem("90.7", "colour_columns(S)", bands, clash="they meet in a row", many="three are enough")

# --- costs -----------------------------------------------------------------------------------------------------------


def cg_probe(rng, n):
    A = rng.normal(size=(n, n))
    H, g = A @ A.T + n * np.eye(n), rng.normal(size=n)
    hvp = Counted(lambda v: H @ v)
    right = Close(lambda: -np.linalg.solve(H, g), atol=1e-7)
    return Probe(f"n = {n}", lambda newton_cg: newton_cg(hvp, g.copy()), Price(right, at_most=n + 1, what="H v"), hvp)


COST = problem(
    "90.8",
    "newton_cg(hvp, g, tol=1e-10)",
    lambda rng: [cg_probe(rng, 4), cg_probe(rng, 9)],
    (lambda hvp, g, tol=0: np.linalg.solve(np.array([hvp(e) for e in np.eye(len(g))]), g), "the sign of p"),
    price="one product a step is enough",
)


class Chain:
    """A chain of steps with one state in hand and snapshots that count: what 10.3 calls an environment."""

    SAVE, LOAD, STEP, VJP = range(4)

    def __init__(self, J, x):
        self.J, self.x0, self.x, self.k, self.slots, self.peak, self.steps = J, x, x, 0, {0: (x, 0)}, 1, 0

    def __call__(self, what, arg=0.0):
        if what == self.SAVE:
            self.slots[float(arg)] = (self.x, self.k)
            self.peak = max(self.peak, len(self.slots))
        elif what == self.LOAD:
            self.x, self.k = self.slots[float(arg)]
        elif what == self.STEP:
            self.x, self.k, self.steps = np.tanh(self.J[self.k] @ self.x), self.k + 1, self.steps + 1
        else:
            y = np.tanh(self.J[self.k] @ self.x)
            return self.J[self.k].T @ (np.asarray(arg) * (1 - y**2))
        return 0.0

    @property
    def cost(self):
        return (self.peak, self.steps)


class Environment:
    """What the student is handed; ``env`` is the meter."""

    def __init__(self, env, n):
        self.n, self._env = n, env

    def save(self, slot):
        self._env(0, slot)

    def load(self, slot):
        self._env(1, slot)

    def step(self):
        self._env(2)

    def vjp(self, g):
        return self._env(3, g)


def chain_probe(rng, n):
    J, x0, g = rng.normal(size=(n, 2, 2)), rng.normal(size=2), rng.normal(size=2)
    meter = Meter(lambda: Chain(J, x0))

    def run(x):
        for k in range(n):
            x = np.tanh(J[k] @ x)
        return g[0] * x[0] + g[1] * x[1]

    def expected():
        return complex_step_gradient(lambda *x: run(np.array(x)), x0)

    judge = Price(Price(Close(expected, rtol=1e-10), at_most=2, what="snapshots", of=0), at_most=n * n, of=1)
    return Probe(f"{n} steps", lambda reverse: reverse(Environment(meter, n), g.copy()), judge, meter)


MACHINE = problem("90.9", "reverse(env, g)", lambda rng: [chain_probe(rng, 3), chain_probe(rng, 5)], price="snapshots")


def jacobian_probe(rng, n):
    def f(x):
        return [x[0] * x[n - 1], 3.0, x[1] - x[0] * 2]

    def ask(jacobian):
        counting, calls = counted(f)
        return parts((jacobian(counting, x.copy()), calls()), jacobian=(3, n), calls=())

    x = rng.uniform(1, 2, size=n)
    right = np.zeros((3, n))
    right[0, 0], right[0, n - 1], right[2, :2] = x[n - 1], x[0], (-2, 1)
    return Probe(
        "Jacobian", ask, Parts(jacobian=Close(right, atol=1e-9), calls=Exact(n, says=f"{n} sweeps are asked for"))
    )


LOCAL = problem("90.10", "jacobian(f, x)", lambda rng: [jacobian_probe(rng, 3)])

# --- identities, orders, pieces, many digits -------------------------------------------------------------------------


def unbroadcast_probe(rng, small, large):
    g = rng.normal(size=large)
    directions = rng.normal(size=(3, *small))
    judge = Adjoint(lambda v: complex_step_jvp(lambda x: x + np.zeros(large), (np.zeros(small),), (v,)), g, directions)
    return Probe(f"{large} -> {small}", lambda unbroadcast: unbroadcast(g.copy(), small), judge)


IDENTITY = problem(
    "90.11",
    "unbroadcast(g, shape)",
    lambda rng: [unbroadcast_probe(rng, s, t) for s, t in [((3,), (4, 3)), ((3, 1), (3, 5)), ((), (2, 2))]],
    (
        lambda g, shape: g.sum(axis=tuple(range(g.ndim - len(shape)))),
        "axes of length one are broadcast too",
    ),
    (
        lambda g, shape: g.reshape(-1, *shape).mean(0) if shape != (3, 1) else g.mean(1, keepdims=True),
        "a sum, not a mean",
    ),
)


def order_probe(rng):
    p = float(rng.uniform(0.5, 1.5))

    def ask(rk2):
        return [rk2(lambda u: -p * u, 1.0, 1.0, n) for n in (10, 20, 40)]

    return Probe("u' = -pu at three steps", ask, Order(math.exp(-p), order=2))


def _euler(f, u, T, n):
    for _ in range(n):
        u = u + T / n * f(u)
    return u


ORDER = problem("90.12", "rk2(f, u0, T, n)", lambda rng: [order_probe(rng)], (_euler, "half a step first"))


def layer_probe(rng):
    W, b, X = rng.normal(size=(3, 2)), rng.normal(size=2), rng.normal(size=(5, 3))

    def ask(loss_and_grads):
        loss, grads = loss_and_grads({"W": W.copy(), "b": b.copy()}, X.copy())
        return parts((loss, *entries(grads, ["W", "b"])), loss=(), W=(3, 2), b=(2,))

    def loss(*flat):
        return (np.tanh(X @ np.reshape(flat[:6], (3, 2)) + np.array(flat[6:])) ** 2).sum()

    def slopes():
        return np.array(complex_step_gradient(loss, (*W.ravel(), *b)))

    judge = Parts(
        loss=Close(lambda: loss(*W.ravel(), *b), rtol=1e-12),
        W=Close(lambda: slopes()[:6].reshape(3, 2), rtol=1e-10),
        b=Close(lambda: slopes()[6:], rtol=1e-10),
    )
    return Probe("a layer", ask, judge)


def _layer(bias=lambda d: d.sum(0), two=2):
    def loss_and_grads(p, X):
        H = np.tanh(X @ p["W"] + p["b"])
        d = two * H * (1 - H**2)
        return (H**2).sum(), {"W": X.T @ d, "b": bias(d)}

    return loss_and_grads


PIECES = problem(
    "90.13",
    "loss_and_grads(p, X)",
    lambda rng: [layer_probe(rng)],
    (_layer(bias=lambda d: d.mean(0)), "the bias is used by every row: a sum"),
    (_layer(two=1), "the square has a slope of 2H"),
)


def softplus_probe(x):
    def ask(softplus):
        with np.errstate(all="raise"):
            return softplus(x)

    return Probe("far out", ask, Close(lambda: high_precision(lambda mp, t: mp.log1p(mp.exp(t)), x), rtol=1e-14))


DIGITS = problem(
    "90.14",
    "softplus(x)",
    lambda rng: [
        softplus_probe(s * float(rng.uniform(*r))) for s, r in [(1, (800, 1000)), (-1, (38, 42)), (1, (1, 2))]
    ],
    (lambda x: np.log(1 + np.exp(x)), "an overflow"),
    **{"raised FloatingPointError": "never exponentiate a positive number"},
)

REFUSES = problem(
    "90.15",
    "newton(f, x0)",
    lambda rng: [
        Probe(
            "x² + 1 has no root",
            lambda newton: refuses(RuntimeError, newton, lambda x: x * x + 1, 0.5),
            Exact(True, says="RuntimeError is asked for where there is no root"),
        )
    ],
    (lambda f, x0: x0, "did it converge?"),
)

# --- random draws ----------------------------------------------------------------------------------------------------


def trace_probe(rng, n=6, m=8, draws=600, false_alarm=1e-6):
    """The variance of a Rademacher estimate is 2 (|H|² - |diag H|²) / m: exact."""
    A = rng.normal(size=(n, n))
    H, seed = A + A.T + 3 * np.eye(n), int(rng.integers(2**32))
    trace, variance = float(np.trace(H)), float(2 * (np.sum(H**2) - np.sum(np.diag(H) ** 2)) / m)

    def ask(hutchinson):
        rng = np.random.default_rng(seed)
        return [hutchinson(lambda v: H @ v, n, m, rng) for _ in range(draws)]

    judge = Random(
        Mean("the mean", trace, variance),
        Mean("the spread", variance, of=lambda t: (t - trace) ** 2),
        Mean(
            "the product of one estimate with the next",
            0.0,
            variance**2,
            of=lambda t: (t[1:] - trace) * (t[:-1] - trace),
        ),
        draws=draws,
        false_alarm=false_alarm,
    )
    return Probe("600 estimates", ask, judge)


def _hutchinson(draw, fresh=True):
    def hutchinson(hvp, n, m, rng):
        z = [draw(rng, n) for _ in range(m)]
        return sum(v @ hvp(v) for v in z) / m

    return hutchinson


TRACE = problem(
    "90.16",
    "hutchinson(hvp, n, m, rng)",
    lambda rng: [trace_probe(rng)],
    (_hutchinson(lambda rng, n: rng.normal(size=n)), "Gaussian probes are not exact on the diagonal"),
    (_hutchinson(lambda rng, n: rng.integers(0, 2, size=n)), "0/1 probes: E[z zᵀ] is not the identity"),
    (lambda hvp, n, m, rng: _hutchinson(lambda r, n: r.choice([-1, 1], n))(hvp, n, 2 * m, rng), "twice as many"),
)


def transition_probe(rng, draws=2000, false_alarm=1e-6):
    """One Metropolis step from points distributed as exp(-q²/2): the new ones must be distributed alike, exactly."""
    seed = int(rng.integers(2**32))

    def ask(step):
        rng = np.random.default_rng(seed)
        return [parts(step(lambda q: q * q / 2, q, 1.5, rng), q=(), accepted=()) for q in rng.normal(size=draws)]

    moves = 2 / math.pi * math.atan(2 / 1.5)  # the chance that a Gaussian step of size s is accepted: 2/π arctan(2/s)
    judge = Random(
        Distribution("the size", lambda q: (1 + math.erf(q / math.sqrt(2))) / 2, of=lambda x: x[:, 0]),
        Mean("the mean square", 1.0, 2.0, of=lambda x: x[:, 0] ** 2),
        Chance("the share of accepted moves", moves, of=lambda x: x[:, 1] == 1),
        draws=draws,
        shape=(2,),
        false_alarm=false_alarm,
    )
    return Probe("2000 transitions", ask, judge)


def _metropolis(accept):
    def step(U, q, size, rng):
        new = q + size * rng.normal()
        ok = accept(U(q) - U(new), rng)
        return (new if ok else q), ok

    return step


CHAIN = problem(
    "90.17",
    "step(U, q, size, rng)",
    lambda rng: [transition_probe(rng)],
    (_metropolis(lambda gain, rng: True), "every move is accepted"),
    (_metropolis(lambda gain, rng: rng.uniform() < math.exp(min(0.0, -gain))), "the sign of the change"),
)

PROBLEMS = tuple(value for value in list(globals().values()) if isinstance(value, Problem))
