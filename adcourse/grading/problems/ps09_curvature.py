"""Assignment 9, Hessian times vector: 9.1.

The oracles are Hessians by hand. Tolerance: a right answer is off by some roundings of the largest term, 1e-12 of it;
the best difference quotient of two gradients by 1e-10. The gradients take whatever a student differentiates with (dual
numbers, the package's or their own, complex numbers) and count the directions that are sent through: a Jacobian of the
package calls its function once, and sends n.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from adcourse.grading.judges import Close, Exact, Parts
from adcourse.grading.meters import counted
from adcourse.grading.plain import parts
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.ps07_solves import CHANGED
from adcourse.grading.untouched import Untouched, asked

ENOUGH = 2  # one sweep, and one evaluation to look at the gradient itself


def rosenbrock(a, b):
    """The gradient of Σ aᵢ (1 - xᵢ)² + Σ bᵢ (xᵢ₊₁ - xᵢ²)²."""

    def grad(x):
        r = x[1:] - x[:-1] * x[:-1]
        inner = 2 * a[:-1] * (x[:-1] - 1) - 4 * b * r * x[:-1]
        last = 2 * a[-1:] * (x[-1:] - 1)
        after = 2 * b * r
        return np.concatenate([inner[:1], inner[1:] + after[:-1], last + after[-1:]])

    return grad


def rosenbrock_hessian(a, b, x):
    H = np.diag(2.0 * a)
    for i in range(len(b)):
        H[i, i] += b[i] * (12 * x[i] ** 2 - 4 * x[i + 1])
        H[i + 1, i + 1] += 2 * b[i]
        H[i, i + 1] = H[i + 1, i] = -4 * b[i] * x[i]
    return H


def logistic(X, t):
    """The gradient of Σ log(1 + exp(Xw)) - t·Xw."""
    return lambda w: X.T @ (1 / (1 + np.exp(-(X @ w))) - t)


def logistic_hessian(X, t, w):
    y = 1 / (1 + np.exp(-(X @ w)))
    return X.T @ np.diag(y * (1 - y)) @ X


def wave(a):
    """The gradient of sin(a·x) + (x·x)²."""
    return lambda x: a * np.cos(a @ x) + x * (4 * (x @ x))


def wave_hessian(a, x):
    return -np.outer(a, a) * np.sin(a @ x) + 4 * (x @ x) * np.eye(len(x)) + 8 * np.outer(x, x)


def product_at(make: Callable, hessian: Callable, data, x, v, question) -> Probe:
    """``make(*data)`` is the gradient, ``hessian(*data, x)`` its derivative; ``price`` is 1 beyond two sweeps."""
    data, x, v = [np.asarray(d, dtype=float) for d in data], np.asarray(x, dtype=float), np.asarray(v, dtype=float)

    def ask(hvp):
        from adcourse import custom_rule  # the other checks of this assignment can do without the core
        from adcourse.core.batch import Batch

        directions, counting = [], custom_rule(lambda x: x)

        @counting.jvp
        @counting.vjp
        def passed(*given):
            """A rule for both ways: (value, primals, tangents) or (cotangent, value, primals)."""
            moved = given[2][0] if isinstance(given[1], tuple) else given[0]
            directions.append(x.size if isinstance(moved, Batch) else 1)
            return moved

        grad = make(*data)
        called, calls = counted(lambda x: grad(counting(np.array(x) if isinstance(x, (list, tuple)) else x)))
        said, changed = asked(lambda x, v: hvp(called, x, v), x, v)
        sweeps = max(calls(), sum(directions))
        return [*parts((said, sweeps > ENOUGH), product=x.shape, price=()), changed]

    expected = hessian(*data, x) @ v
    judge = Parts(
        product=Close(expected, atol=1e-12 * float(np.abs(expected).max())),
        price=Exact(False, says=f"more than {ENOUGH} sweeps through grad, and one is enough"),
        arguments=Untouched(),
    )
    return Probe(question, ask, judge)


def hvp_visible():
    a, b = [1.0, 0.0], [100.0]
    X = [[1.0, 0.4, -0.3], [1.0, -1.2, 0.8], [1.0, 0.7, 1.9], [1.0, 2.1, -0.6]]
    return [
        product_at(rosenbrock, rosenbrock_hessian, (a, b), [-1.2, 1], [1, 2], "Rosenbrock at (-1.2, 1), v = (1, 2)"),
        product_at(rosenbrock, rosenbrock_hessian, (a, b), [-1.2, 1], [-3, 0.5], "the same, v = (-3, 0.5)"),
        product_at(
            logistic,
            logistic_hessian,
            (X, [0, 1, 1, 0]),
            [0.3, -0.5, 0.8],
            [2, 0.7, -1.3],
            "logistic regression, three weights",
        ),
    ]


def hvp_hidden(rng):
    for n in (200, 5):
        data = rng.uniform(0.5, 2, size=n), rng.uniform(1, 5, size=n - 1)
        x, v = rng.normal(size=n), 1.5 * rng.normal(size=n)
        yield product_at(rosenbrock, rosenbrock_hessian, data, x, v, f"a longer Rosenbrock function, n = {n}")
    X, t = rng.normal(size=(6, 4)), rng.integers(0, 2, size=6)
    w, v = rng.normal(size=4), rng.uniform(1, 2, size=4) * rng.choice([-1, 1], size=4)
    yield product_at(logistic, logistic_hessian, (X, t), w, v, "logistic regression")
    a, x, v = (rng.uniform(0.4, 1.5, size=3) for _ in range(3))
    yield product_at(wave, wave_hessian, (a,), x, -2 * v, "sin(a·x) + (x·x)²")


def _hv(grad, x, v):
    return np.imag(grad(x + 1e-30j * np.asarray(v))) / 1e-30


def _hessian(grad, x):
    return np.column_stack([_hv(grad, x, e) for e in np.eye(len(x))])


_QUOTIENT = (
    "A difference quotient of gradients: right in its first digits, and it needs a step h that you have to choose. "
    "Give grad something else than two points near each other: x and a direction in one."
)
_VALUE = (
    "That is the gradient at x itself. A forward sweep brings two things, the value and the tangent: which of them "
    "moves when v changes?"
)

_ONE = (
    "One number came back, a slope ∇f·v or a curvature v·Hv of f along v. Asked for is the vector Hv. (Seed 1 calls "
    "∇f·v its g(x). That is scalar-valued, whatever it says there; Hv is the gradient of it.)"
)

HVP = Problem(
    id="9.1",
    title="Hessian-vector product",
    points=3,
    signature="hvp(grad, x, v)",
    visible=hvp_visible,
    hidden=hvp_hidden,
    hint="jvp(grad f, x, v)",
    hints={
        "changed": CHANGED,
        "digits": _QUOTIENT,
        "calls": "Your function goes on calling grad. One sweep is enough.",
    },
    mistakes=[
        Mistake(
            lambda grad, x, v: _hessian(grad, x) @ v,
            "Your product is right, and all columns of the Hessian were computed for it: n sweeps, n² numbers. For a "
            "million weights that is 8 terabytes. Which of the directions do you really need?",
        ),
        Mistake(lambda grad, x, v: (grad(x + 1e-6 * v) - grad(x)) / 1e-6, _QUOTIENT),
        Mistake(lambda grad, x, v: (grad(x + 1e-5 * v) - grad(x - 1e-5 * v)) / 2e-5, _QUOTIENT),
        Mistake(lambda grad, x, v: grad(x), _VALUE),
        Mistake(lambda grad, x, v: (grad(x), _hv(grad, x, v)), f"Two arrays came back, and one is asked for. {_VALUE}"),
        Mistake(
            lambda grad, x, v: grad(x) * v,
            "You multiply the gradient by v, entry by entry. The question is how the gradient moves when x moves in "
            "the direction v: does anything in your code move?",
        ),
        Mistake(
            lambda grad, x, v: grad(x) @ v,
            _ONE,
        ),
        Mistake(
            lambda grad, x, v: grad(v),
            "You evaluate the gradient at v. v is a direction, x is the point.",
        ),
        Mistake(
            lambda grad, x, v: grad(x + v) - grad(x),
            "You compare the gradients at x and at x + v, a whole v away. The Hessian is a derivative: it knows the "
            "curvature at x alone. Put in v/1000, and see whether your answer becomes 1000 times smaller.",
        ),
        Mistake(
            lambda grad, x, v: _hv(grad, v, x),
            "Point and direction have changed places: you differentiate at v, in the direction x. Double v: the "
            "product must double.",
        ),
        Mistake(
            lambda grad, x, v: _hv(grad, x, np.ones_like(v)) * v,
            "Your tangent is a one for every entry, and v comes in afterwards, entry by entry. That would be right if "
            "the Hessian were diagonal. What is the tangent of x, when x moves in the direction v?",
        ),
        Mistake(
            lambda grad, x, v: _hv(grad, x, np.ones_like(v)),
            "v has no part in your answer: every entry of x moves at speed 1. Double v: the product must double.",
        ),
        Mistake(
            lambda grad, x, v: np.diag(_hessian(grad, x)) * v,
            "Only the diagonal of the Hessian is in your product. For Rosenbrock the entry beside it is 480: let x "
            "move in the direction (0, 1), and see which entries of the gradient move.",
        ),
        Mistake(
            lambda grad, x, v: v @ _hv(grad, x, v),
            _ONE,
        ),
        Mistake(
            lambda grad, x, v: _hv(grad, x, v / np.linalg.norm(v)),
            "You make v of length 1 first. Hv is linear in v: double v, and the product must double.",
        ),
        Mistake(
            lambda grad, x, v: grad(x) * (grad(x) @ v),
            "∇f ∇fᵀ v is made of first derivatives alone. For a quadratic f the Hessian is constant, and ∇f isn't: "
            "the one can't be made from the other.",
        ),
        Mistake(
            lambda grad, x, v: np.linalg.solve(_hessian(grad, x), v),
            "You solve a system with the Hessian, H⁻¹v. Asked for is the product. (9.4 does the other.)",
        ),
        Mistake(
            lambda grad, x, v: _hessian(grad, x),
            "The whole Hessian came back, n sweeps and n² numbers. Asked for is its product with v, which needs none "
            "of its columns.",
        ),
        Mistake(
            lambda grad, x, v: _hv(grad, x, _hv(grad, x, v)),
            "You have applied the Hessian twice: the tangent that comes out has been put in once more.",
        ),
    ],
)
