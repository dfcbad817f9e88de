"""Assignment 7, softmax cross-entropy: 7.4.

The oracle is the complex step through the mean of log Σₖ exp(zₖ - z), z the logit of the right class, each row shifted
by its largest difference. Tolerance: a logit of 1000 is known to 1e-13, and so are differences of two; times the few
dozen roundings of a sum, 1e-12 of 1 and of the largest logit.
"""

from __future__ import annotations

import numpy as np

from adcourse.grading.judges import Close, Parts
from adcourse.grading.plain import parts
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.oracles import complex_step_vjp
from adcourse.grading.problems.ps07_solves import CHANGED
from adcourse.grading.untouched import Untouched, asked


def mean_loss(Z, Y):
    behind = Z - Z[Y == 1][:, None]
    largest = behind.real.max(axis=1)
    return np.mean(largest + np.log(np.exp(behind - largest[:, None]).sum(axis=1)))


def xent_at(Z, classes, question) -> Probe:
    Z = np.asarray(Z, dtype=float)
    Y = np.eye(Z.shape[1])[np.asarray(classes)]

    def ask(softmax_xent):
        said, changed = asked(softmax_xent, Z, Y)
        return [*parts(said, loss=(), gradient=Z.shape), changed]

    tolerance = 1e-12 * max(1.0, float(np.abs(Z).max()))
    loss = Close(lambda: mean_loss(Z, Y), atol=tolerance)
    gradient = Close(lambda: complex_step_vjp(lambda Z: mean_loss(Z, Y), (Z,), 1.0)[0], atol=tolerance)
    return Probe(question, ask, Parts(loss=loss, gradient=gradient, arguments=Untouched()))


def xent_visible():
    return [
        xent_at([[1, 3]], [0], "one row, logits (1, 3), the first class: loss log(1 + e²) = 2.126928"),
        xent_at([[1, 0, -1], [2, 2.5, 0.5], [0, 1.5, 1]], [2, 0, 1], "three rows, three classes"),
        xent_at([[0.5, -1, 0.3, 1.2, 0.8], [2, 0.1, -0.7, 1, -0.4]], [1, 4], "two rows, five classes"),
        xent_at([[1000, 0]], [0], "logits (1000, 0), the first class: loss 0"),
        xent_at([[1000, 0]], [1], "logits (1000, 0), the second class: loss 1000"),
        xent_at([[1000, 998], [0.5, 1.5]], [1, 0], "one row at 1000, another near 0"),
        xent_at([[-1000, -1001]], [1], "logits (-1000, -1001)"),
    ]


def some_classes(rng, n, k):
    """Some class twice, and not in order."""
    return [*rng.integers(0, k, size=n - 1).tolist(), k - 1]


def xent_hidden(rng):
    for n, k in ((5, 3), (4, 4), (1, 2), (2, 6), (6, 2)):
        Z = 1.5 * rng.normal(size=(n, k))
        yield xent_at(Z, some_classes(rng, n, k), f"{n} row{'s' * (n > 1)}, {k} classes")
    far, near = float(rng.uniform(950, 1050)), float(rng.uniform(-1, 1))
    yield xent_at([[far, near]], [0], "a large logit, of the right class")
    yield xent_at([[far, near]], [1], "a large logit, of the wrong class")
    apart = np.array([[far], [near], [-far]])
    yield xent_at(rng.normal(size=(3, 4)) + apart, [1, 3, 0], "rows far from each other")
    yield xent_at(rng.normal(size=(2, 3)) - far, [2, 1], "all logits far below 0")


def _softmax(Z, axis=1):
    E = np.exp(Z - Z.max(axis=axis, keepdims=True))
    return E / E.sum(axis=axis, keepdims=True)


def _log_softmax(Z):
    S = Z - Z.max(axis=1, keepdims=True)
    return S - np.log(np.exp(S).sum(axis=1, keepdims=True))


def _xent(
    P=_softmax,
    log_p=lambda Z, P: _log_softmax(Z),
    loss=lambda L, Y: -np.sum(L * Y) / len(Y),
    gradient=lambda P, Y: (P - Y) / len(Y),
):
    def softmax_xent(Z, Y):
        p = P(Z)
        return loss(log_p(Z, p), Y), gradient(p, Y)

    return softmax_xent


def _naive(Z):
    E = np.exp(Z)
    return E / E.sum(axis=1, keepdims=True)


def _naive_log(Z, P):
    return Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))


def _all_together(Z):
    """One largest logit for the whole batch."""
    E = np.exp(Z - Z.max())
    return E / E.sum(axis=1, keepdims=True)


def _sideways(Z):
    """The largest logits and the sums as rows, not as columns."""
    E = np.exp(Z - Z.max(axis=1))
    return E / E.sum(axis=1)


def _sum_sideways(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1)


def _of_p(Z, P):
    return np.log(P)


def _picked(L, Y):
    return -np.mean(L[Y == 1])


def _minus_one(P, Y):
    """1 taken from all."""
    return (P - 1) / len(Y)


def _sigmoid(Z):
    return np.exp(-np.logaddexp(0, -Z))


def _binary(L, Y):
    return -np.sum(Y * L + (1 - Y) * np.log1p(-np.exp(L))) / len(Y)


_OVERFLOW = (
    "At logits of 1000 your exponentials overflow: print np.exp(1000.0). What happens to the probabilities if the same "
    "number is added to all logits of a row? Choose that number well."
)
_UNDERFLOW = (
    "Your probabilities survive logits of 1000, and then you take their logarithm: that of exp(-1000) is -1000, but "
    "print np.log(np.exp(-1000.0)). Simplify log(exp(a)/s) on paper first."
)
_BATCH_MAXIMUM = (
    "You subtract the largest logit of the whole batch: with one row at 1000, all exponentials of a row near 0 vanish, "
    "and 0/0 is left. Which rows does a row have to do with? (And look at what the logarithm is taken of.)"
)
_CLIPPED = (
    "A small number inside the logarithm hides the zero, and not the error: at logits (1000, 0) and the second class "
    "the loss is 1000. Print -np.log(1e-12). Simplify log(exp(a)/s) on paper first."
)
_KEEPDIMS = (
    "Row sums of shape (N,) broadcast along the wrong axis: with shapes (3, 4) and (3,) NumPy refuses, with (3, 3) and "
    "(3,) it divides the columns. Print the sum over each row of your probabilities; then look for the option of sum "
    "and max that leaves the axis in place."
)
_ENTRIES = "You average over all entries of Y, N times K of them. There is one loss a row: the mean is over N rows."


_BOTH = "One answer came back, and two are asked for: the loss, and its gradient by Z."


def _clipped(small):
    return _xent(log_p=lambda Z, P: np.log(P + small))


SOFTMAX_XENT = Problem(
    id="7.4",
    title="Softmax cross-entropy",
    points=3,
    signature="softmax_xent(Z, Y)",
    visible=xent_visible,
    hidden=xent_hidden,
    hint="Subtract the row maximum; gradient is (p-Y)/N.",
    hints={
        "changed": CHANGED,
        "digits": "Your numbers are right in their first digits: something small has been added in a logarithm or a "
        "quotient, or a slope comes from a difference. " + _CLIPPED,
    },
    mistakes=[
        Mistake(_xent(P=_naive, log_p=_of_p), _OVERFLOW),
        Mistake(_xent(P=_naive, log_p=_of_p, loss=_picked), _OVERFLOW),
        Mistake(_xent(P=_naive), _OVERFLOW),
        Mistake(_xent(P=_naive, log_p=_naive_log), _OVERFLOW),
        Mistake(_xent(log_p=_naive_log), _OVERFLOW),
        Mistake(_xent(log_p=_of_p), _UNDERFLOW),
        Mistake(_xent(log_p=_of_p, loss=_picked), _UNDERFLOW),
        *(Mistake(_clipped(10.0**-k), _CLIPPED) for k in (8, 10, 12, 15)),
        Mistake(_clipped(np.finfo(float).eps), _CLIPPED),
        Mistake(_xent(P=_all_together, log_p=_of_p), _BATCH_MAXIMUM),
        Mistake(_xent(P=_all_together, log_p=_of_p, loss=_picked), _BATCH_MAXIMUM),
        Mistake(_xent(P=_all_together), _BATCH_MAXIMUM),
        Mistake(_xent(P=_sideways, log_p=_of_p), _KEEPDIMS),
        Mistake(_xent(P=_sum_sideways, log_p=_of_p), _KEEPDIMS),
        Mistake(_xent(P=_sum_sideways), _KEEPDIMS),
        Mistake(
            _xent(P=lambda Z: _softmax(Z, axis=0), log_p=_of_p),
            "Your probabilities sum to 1 down the columns: print P.sum(axis=0) and P.sum(axis=1). A row is one example "
            "and its classes share the 1.",
        ),
        Mistake(
            _xent(loss=lambda L, Y: -np.sum(L * Y), gradient=lambda P, Y: P - Y),
            "You add up over the batch. Put every row in twice: the mean loss stays, yours doubles.",
        ),
        Mistake(
            _xent(gradient=lambda P, Y: P - Y),
            "Your loss is a mean, and your gradient that of the sum. In a batch of N a row has 1/N of the say.",
        ),
        Mistake(
            _xent(loss=lambda L, Y: -np.sum(L * Y)),
            "Your gradient is that of the mean, and your loss the sum. Put every row in twice: the mean loss stays.",
        ),
        Mistake(_xent(loss=lambda L, Y: -np.mean(L * Y), gradient=lambda P, Y: (P - Y) / P.size), _ENTRIES),
        Mistake(_xent(loss=lambda L, Y: -np.mean(L * Y)), _ENTRIES),
        Mistake(
            _xent(
                loss=lambda L, Y: -np.sum(L * Y) / Y.shape[1],
                gradient=lambda P, Y: (P - Y) / Y.shape[1],
            ),
            "You divide by the number of classes. There is one loss a row: the mean is over N rows.",
        ),
        Mistake(
            _xent(loss=lambda L, Y: -np.sum(L) / len(Y)),
            "Your loss adds up the logarithms of all probabilities of a row. Y picks out one of them.",
        ),
        Mistake(
            _xent(gradient=lambda P, Y: (Y - P) / len(Y)),
            "The sign of your gradient: let the logit of the right class grow. Does the loss rise or fall?",
        ),
        Mistake(
            _xent(loss=lambda L, Y: np.sum(L * Y) / len(Y)),
            "Your loss is negative. A probability is below 1, and its logarithm below 0: what does a loss measure?",
        ),
        Mistake(
            _xent(gradient=lambda P, Y: P / len(Y)),
            "Your gradient doesn't know which class is right: all its entries are positive. Add 1 to all logits of a "
            "row: the loss stays as it is, so the entries of a row must add up to 0.",
        ),
        Mistake(
            _xent(gradient=lambda P, Y: -Y / P / len(Y)),
            "That is the slope by the probability. The logits come before it: go back through the softmax, too.",
        ),
        Mistake(
            _xent(gradient=lambda P, Y: -Y * (1 - P) / len(Y)),
            "Your gradient is zero but for the right class. When the logit of another class grows, it takes its share "
            "of the 1: from whom?",
        ),
        Mistake(
            _xent(gradient=_minus_one),
            "You subtract 1 from every class. Add 1 to all logits of a row: the loss stays as it is, so the entries of "
            "a row must add up to 0.",
        ),
        Mistake(
            _xent(gradient=lambda P, Y: (P - Y) * P * (1 - P) / len(Y)),
            "There is a slope p(1 - p) too much: that belongs to a squared error after a sigmoid, as in 6.5. Compare "
            "with a difference quotient of your own loss.",
        ),
        Mistake(
            _xent(loss=lambda L, Y: -np.sum(L * Y) / len(Y) / np.log(2)),
            "Your loss is in bits: a logarithm to base 2. log means the natural one.",
        ),
        Mistake(
            _xent(loss=lambda L, Y: -np.sum(L * Y) / len(Y) / np.log(10)),
            "Your loss has a logarithm to base 10. log means the natural one.",
        ),
        Mistake(
            _xent(loss=lambda L, Y: -np.sum(L.max(axis=1)) / len(Y)),
            "Your loss looks at the likeliest class. What counts is the probability of the class that is right.",
        ),
        Mistake(
            _xent(loss=lambda L, Y: -np.sum(np.exp(L) * Y) / len(Y)),
            "The logarithm is missing in your loss.",
        ),
        Mistake(
            _xent(loss=_binary),
            "Your loss adds log(1 - p) of the other classes: that belongs to K questions of yes or no. Here one class "
            "of K is right, and the softmax has made them share the 1 already.",
        ),
        Mistake(
            _xent(P=_sigmoid, log_p=lambda Z, P: -np.logaddexp(0, -Z)),
            "Each of your probabilities looks at its own logit alone: print their sum over a row. The classes share "
            "the 1.",
        ),
        Mistake(lambda Z, Y: _xent()(Z, Y)[0], _BOTH),
        Mistake(lambda Z, Y: _xent()(Z, Y)[1], _BOTH),
        Mistake(
            lambda Z, Y: _xent()(Z, Y)[::-1],
            "Your two answers have changed places: the loss comes first.",
        ),
        Mistake(
            _xent(loss=lambda L, Y: -np.sum(L * Y, axis=1)),
            "You give one loss for each row. Their mean was asked for, one number.",
        ),
    ],
)
