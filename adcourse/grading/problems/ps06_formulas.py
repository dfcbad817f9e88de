"""Assignment 6, the problems on formulas: 6.1, 6.2 and 6.5.

The oracle is the complex step, which never sweeps backwards; the tolerance is some thousand roundings: a
difference quotient, which reaches ten digits at best, is no reverse sweep.
"""

from __future__ import annotations

import math

import numpy as np

from adcourse.grading.judges import Close
from adcourse.grading.problem import Mistake, Probe, Problem
from adcourse.grading.problems.oracles import complex_step_gradient


def gradient_at(f, point, question) -> Probe:
    """The partial derivatives of f to 1e-12 of their size."""
    expected = complex_step_gradient(f, point)
    return Probe(question, lambda answer: answer(*point), Close(expected, rtol=1e-12, atol=1e-13))


_DIGITS = (
    "Your numbers are right in their first digits, which is what a difference quotient leaves. A reverse sweep loses "
    "nothing but rounding: go through the lines of the computation backwards, one local partial at a time."
)


def q_times_z(x, y, z):
    return (x + y) * z


def grad_xyz_visible():
    return [
        gradient_at(q_times_z, (-2.0, 5.0, -4.0), "grad_xyz(-2, 5, -4)"),
        gradient_at(q_times_z, (1.0, 2.0, 7.0), "grad_xyz(1, 2, 7)"),
    ]


def grad_xyz_hidden(rng):
    x, y, z = rng.uniform(1.0, 3.0, size=3).tolist()
    yield gradient_at(q_times_z, (x, y, z), "another point")
    yield gradient_at(q_times_z, (x, x, -z), "a point with x = y")
    yield gradient_at(q_times_z, (-2 * x, -y, z + 3), "a point where q is negative")


GRAD_XYZ = Problem(
    id="6.1",
    title="Back-propagate (x+y)z",
    points=1,
    signature="grad_xyz(x, y, z)",
    visible=grad_xyz_visible,
    hidden=grad_xyz_hidden,
    hint="q is computed forward; its adjoint is z.",
    mistakes=[
        Mistake(
            lambda x, y, z: (x + y, x + y, z),
            "You gave each factor its own value. If q grows by a little, by how much does qz grow? Now the same for z.",
        ),
        Mistake(
            lambda x, y, z: (1.0, 1.0, x + y),
            "Your ∂f/∂x is only the local partial ∂q/∂x = 1. Change z: should ∂f/∂x not change with it?",
        ),
        Mistake(
            lambda x, y, z: (z, z, z),
            "You gave z the adjoint of q. The partial derivatives of a product with respect to its two factors are "
            "exchanged.",
        ),
        Mistake(
            lambda x, y, z: (z, z, (x + y) * z),
            "Your last entry is the value f itself. If z grows by a little, by how much does f grow?",
        ),
        Mistake(
            lambda x, y, z: (x * z, y * z, x + y),
            "Your ∂f/∂x still carries x. The sum q = x + y passes its adjoint on to both terms as it is.",
        ),
        Mistake(
            lambda x, y, z: (x + y, z, z),
            "These numbers are right but stand in another order than (∂f/∂x, ∂f/∂y, ∂f/∂z).",
        ),
        Mistake(
            lambda x, y, z: (z, z, 1.0),
            "Your ∂f/∂z stays 1 wherever you are. Let x + y be 100: how fast does f grow with z?",
        ),
    ],
)


def mipt_loss(w1, w2):
    v2 = w2 * np.log(w1)
    return v2 + np.sqrt(v2)


def mipt_visible():
    return [
        gradient_at(mipt_loss, (math.e, 4.0), "mipt_grads(e, 4), where ∂L/∂w1 is 5/e"),
        gradient_at(mipt_loss, (2.0, 3.0), "mipt_grads(2, 3)"),
    ]


def mipt_hidden(rng):
    yield gradient_at(mipt_loss, (math.e, 4.0), "(e, 4)")
    for _ in range(3):
        yield gradient_at(mipt_loss, (float(rng.uniform(3, 6)), float(rng.uniform(1.5, 5))), "another point")
    yield gradient_at(mipt_loss, (float(rng.uniform(1.2, 2)), float(rng.uniform(0.2, 0.8))), "a point with small v2")


def _mipt(v2_bar=lambda v2: 1 + 0.5 / math.sqrt(v2), v1_bar=None, w1_bar=None, w2_bar=None):
    """The table with rows exchanged for wrong ones."""

    def table(w1, w2):
        v1 = math.log(w1)
        of_v2 = v2_bar(w2 * v1)
        of_v1 = v1_bar(of_v2, w2) if v1_bar else of_v2 * w2
        return (w1_bar or (lambda a, w1: a / w1))(of_v1, w1), (w2_bar or (lambda a, b, v1: a * v1))(of_v2, of_v1, v1)

    return table


MIPT_GRADS = Problem(
    id="6.2",
    title="Seed 1's reverse table, corrected",
    points=3,
    signature="mipt_grads(w1, w2)",
    visible=mipt_visible,
    hidden=mipt_hidden,
    hint="v2 = w2*v1, so w2's only child is v2.",
    hints={"digits": _DIGITS},
    mistakes=[
        Mistake(
            _mipt(w2_bar=lambda of_v2, of_v1, v1: of_v1 * v1),
            "Your ∂L/∂w2 is the last row as it was printed, and a difference quotient of L in w2 disagrees with it: "
            "1.25 at (e, 4), not 5. v2 = w2*v1, so w2's only child is v2: whose adjoint should stand in that row?",
        ),
        Mistake(
            _mipt(v2_bar=lambda v2: 0.5 / math.sqrt(v2)),
            "An edge is missing: v2 goes into L twice, once through the square root and once directly. Follow both "
            "arrows back.",
        ),
        Mistake(
            _mipt(v2_bar=lambda v2: 1.0),
            "An edge is missing: v2 goes into L twice, once directly and once through the square root v3.",
        ),
        Mistake(
            _mipt(v2_bar=lambda v2: 0.5 / math.sqrt(v2), w2_bar=lambda of_v2, of_v1, v1: of_v1 * v1),
            "Two things at once: the direct edge from v2 to L is missing, and the last row takes the wrong adjoint. "
            "v2 = w2*v1, so w2's only child is v2.",
        ),
        Mistake(
            _mipt(v2_bar=lambda v2: 1 + 1 / math.sqrt(v2)),
            "Your slope of the square root is twice too large: compare with (sqrt(4.01) - 2)/0.01.",
        ),
        Mistake(
            _mipt(v2_bar=lambda v2: 1 + 0.5 * math.sqrt(v2)),
            "Your slope of the square root grows with v2. Look at its graph: it flattens.",
        ),
        Mistake(
            _mipt(v1_bar=lambda of_v2, w2: of_v2),
            "From v2 back to v1 a factor is missing: v2 = w2*v1, what is ∂v2/∂v1?",
        ),
        Mistake(
            _mipt(w1_bar=lambda of_v1, w1: of_v1),
            "From v1 back to w1 a factor is missing: v1 = log w1, what is ∂v1/∂w1?",
        ),
        Mistake(
            _mipt(w2_bar=lambda of_v2, of_v1, v1: of_v2),
            "From v2 back to w2 a factor is missing: v2 = w2*v1, what is ∂v2/∂w2? At (e, 4) it happens to be 1, at "
            "(2, 3) it is not.",
        ),
        Mistake(
            lambda w1, w2: _mipt()(w1, w2)[::-1],
            "Your two derivatives are exchanged: (∂L/∂w1, ∂L/∂w2) was asked for.",
        ),
    ],
)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def logistic_loss(w, b, x, t):
    return (sigmoid(w * x + b) - t) ** 2 / 2


def logistic_at(w, b, x, t, question) -> Probe:
    slopes = complex_step_gradient(lambda w, b: logistic_loss(w, b, x, t), (w, b))
    expected = [logistic_loss(w, b, x, t), *slopes]
    return Probe(question, lambda logistic_ls: logistic_ls(w, b, x, t), Close(expected, rtol=1e-12, atol=1e-13))


def logistic_visible():
    return [
        logistic_at(2.0, 0.5, -1.0, 1.0, "logistic_ls(2, 0.5, -1, 1)"),
        logistic_at(1.0, -0.5, 3.0, 0.0, "logistic_ls(1, -0.5, 3, 0)"),
    ]


def logistic_hidden(rng):
    for sign in (1, -1, 1):
        w, b, t = rng.uniform(0.4, 1.5, size=3).tolist()
        yield logistic_at(w, sign * b, sign * float(rng.uniform(0.6, 2)), t + 0.3, "another point")


def _logistic(y_of=lambda z, x: sigmoid(z), slope=lambda y, z, x: y * (1 - y), error=lambda y, t: y - t, last=None):
    """The structured computation with steps exchanged for wrong ones."""

    def logistic_ls(w, b, x, t):
        z = w * x + b
        y = y_of(z, x)
        z_bar = error(y, t) * slope(y, z, x)
        return (last or (lambda y, t, z_bar, x: ((y - t) ** 2 / 2, z_bar * x, z_bar)))(y, t, z_bar, x)

    return logistic_ls


LOGISTIC_LS = Problem(
    id="6.5",
    title="Logistic least squares",
    points=3,
    signature="logistic_ls(w, b, x, t)",
    visible=logistic_visible,
    hidden=logistic_hidden,
    hint="sigma' = y(1-y), evaluated at z.",
    hints={"digits": _DIGITS},
    mistakes=[
        Mistake(
            _logistic(y_of=lambda z, x: sigmoid(x)),
            "You used y = σ(x), as the lecture notes print it. Change w and watch your loss: it does not move, so "
            "nothing could be learned. The activation acts on z.",
        ),
        Mistake(
            _logistic(y_of=lambda z, x: sigmoid(x), slope=lambda y, z, x: sigmoid(z) * (1 - sigmoid(z))),
            "Your y is σ(x), as the lecture notes print it, and your σ' is taken at z. Change w and watch your "
            "loss: it does not move. The activation acts on z.",
        ),
        Mistake(
            _logistic(slope=lambda y, z, x: 1.0),
            "On the way back you stepped over the activation: between ∂L/∂y and ∂L/∂z stands the factor σ'.",
        ),
        Mistake(
            _logistic(slope=lambda y, z, x: sigmoid(x) * (1 - sigmoid(x))),
            "Your σ' is taken at x. In y = σ(z) the argument is z.",
        ),
        Mistake(
            _logistic(slope=lambda y, z, x: sigmoid(y) * (1 - sigmoid(y))),
            "Your σ' is taken at y, which is σ of z already: one σ too many.",
        ),
        Mistake(
            _logistic(slope=lambda y, z, x: z * (1 - z)),
            "The form y(1-y) is written in the output y = σ(z), and you put in z itself.",
        ),
        Mistake(
            _logistic(slope=lambda y, z, x: y),
            "Your σ' lacks a factor: as y goes to 1 the curve flattens, and σ' must go to 0.",
        ),
        Mistake(
            _logistic(error=lambda y, t: t - y),
            "Both slopes have the wrong sign: raise b a little and see whether your loss rises or falls.",
        ),
        Mistake(
            _logistic(error=lambda y, t: 2 * (y - t)),
            "Both slopes are twice too large. The ½ in the loss is there to cancel a 2.",
        ),
        Mistake(
            _logistic(last=lambda y, t, z_bar, x: ((y - t) ** 2, z_bar * x, z_bar)),
            "Your loss is twice too large: it is defined with a ½.",
        ),
        Mistake(
            _logistic(error=lambda y, t: 2 * (y - t), last=lambda y, t, z_bar, x: ((y - t) ** 2, z_bar * x, z_bar)),
            "Everything is twice too large: the loss is defined with a ½.",
        ),
        Mistake(
            _logistic(last=lambda y, t, z_bar, x: ((y - t) ** 2 / 2, z_bar, z_bar)),
            "Your two slopes are equal. z = wx + b: what is ∂z/∂w?",
        ),
        Mistake(
            _logistic(last=lambda y, t, z_bar, x: ((y - t) ** 2 / 2, z_bar, z_bar * x)),
            "Your two slopes are exchanged: (loss, ∂L/∂w, ∂L/∂b) was asked for.",
        ),
        Mistake(
            _logistic(last=lambda y, t, z_bar, x: (y, z_bar * x, z_bar)),
            "Your first entry is the prediction y; the loss was asked for.",
        ),
    ],
)
