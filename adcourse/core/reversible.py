"""Reversible steps: a loop whose reverse sweep keeps no state at all.

Where step k can be undone, x_k = inverse(x_(k+1), k), the reverse sweep finds its states by going back from the last
one. In exact arithmetic. Rounding errors are carried along, and a step that forgets (friction, averaging) divides by
little on the way back: then they grow. So the way back is checked against the way there.

Source: Maclaurin, Duvenaud and Adams, *Gradient-based hyperparameter optimization through reversible learning* (2015);
Gomez, Ren, Urtasun and Grosse, *The reversible residual network* (2017).
"""

import numpy as np

from .arguments import check_function
from .errors import InputError, RecomputationError
from .kinds import dtype_of, shape_of
from .levels import plain
from .rerun import surroundings
from .revolve import Loop, State, as_count
from .tree import flatten


def reversible_loop(step, inverse, x0, n, *params, tolerance=None):
    """The state x_n of the loop x_(k+1) = step(x_k, k, *params), where x_k = inverse(x_(k+1), k, *params).

    The value is that of the plain loop. Nothing is kept but x_0 and x_n: the reverse sweep runs ``inverse``, then
    records one step, n times. States, ``params`` and modes as for ``checkpointed_loop``.

    Each recorded step must lead to the state from which ``inverse`` came, and the last inverse to x_0, within
    ``tolerance`` of the largest number of the state (by default the square root of the machine epsilon, 1.5e-8 in
    float64). Together the two say that all states were found again. Raises RecomputationError where they weren't:
    ``inverse`` is wrong, or rounding errors have grown; ``reconstruction_error`` shows which.
    Source: Maclaurin, Duvenaud and Adams (2015); Gomez, Ren, Urtasun and Grosse (2017).

    >>> import numpy as np
    >>> from adcourse import grad
    >>> def layer(state, k, w):
    ...     x, y = state
    ...     y = y + np.sin(w * x)
    ...     return x + np.tanh(y), y
    >>> def undo(state, k, w):
    ...     x, y = state
    ...     x = x - np.tanh(y)
    ...     return x, y - np.sin(w * x)
    >>> dw = grad(lambda w: reversible_loop(layer, undo, (0.5, 0.2), 2, w)[0])(1.3)
    >>> bool(np.isclose(dw, grad(lambda w: layer(layer((0.5, 0.2), 0, w), 1, w)[0])(1.3), rtol=1e-12))
    True
    """
    for f in (step, inverse):
        check_function(f, "reversible_loop(f, inverse, x0, n)")
    n, outer = as_count(n, "n", 0), surroundings()
    if not outer:
        for k in range(n):
            x0 = step(x0, k, *params)
        return x0
    return Reversible(outer, step, inverse, x0, n, params, tolerance).start() if n else x0


def reconstruction_error(step, inverse, x0, n, *params):
    """How far the way back is from the way there: for k = 0, ..., n the largest |x_k' - x_k| of all numbers.

    x_n' = x_n, and x_k' = inverse(x_(k+1)', k, *params). Keeps all n states: it is for looking at the drift.

    >>> errors = reconstruction_error(lambda x, k: x / 2 + 1, lambda y, k: 2 * (y - 1), 3.3, 60)
    >>> bool(errors[-1] == 0 and errors[40] < 1e-9 and errors[0] > 1e-3)  # what is halved n times is lost
    True
    """
    for f in (step, inverse):
        check_function(f, "reconstruction_error(f, inverse, x0, n)")
    states = [x0]
    for k in range(as_count(n, "n", 0)):
        states.append(step(states[-1], k, *params))
    x, errors = states[-1], [0.0]
    for k in range(n - 1, -1, -1):
        x = inverse(x, k, *params)
        errors.append(_difference(flatten(x)[0], flatten(states[k])[0])[0])
    return np.array(errors[::-1])


def _difference(xs, ys):
    """The largest difference of two lists of numbers and arrays, and the largest of the numbers themselves."""
    pairs = [(plain(x), plain(y)) for x, y in zip(xs, ys, strict=False)]
    if len(xs) != len(ys) or any(shape_of(x) != shape_of(y) for x, y in pairs):
        raise InputError(
            f"The inverse returned shapes {list(map(shape_of, xs))}, the state has {list(map(shape_of, ys))}.",
            "it leads back to the state before the step.",
            "return the same tuple, list or dict of arrays that the step takes",
        )
    largest = lambda values: max((float(np.max(np.abs(v), initial=0.0)) for v in values), default=0.0)
    pairs = [(x, y) for x, y in pairs if isinstance(y, (int, float)) or hasattr(y, "dtype")]
    with np.errstate(all="ignore"):
        error = largest([x - y for x, y in pairs])
    return (error if error == error else np.inf), largest([y for _, y in pairs])


class Reversible(Loop):
    """The row of a reversible loop. It keeps its value, x_n."""

    exact, reads_out = False, True

    def __init__(self, outer, step, inverse, x0, n, params, tolerance):
        super().__init__(outer, step, x0, n, params, states=1)
        self.inverse, self.tolerance = inverse, tolerance

    def first_run(self):
        x = self.advance(self.x0, 0, self.n - 1, None)
        run, _, x, left = self.run(self.step, self.n - 1, x, None)
        run.end()
        return x, left

    def backwards(self, z, primals):
        y, places = self.final
        found = dict(zip(places, self.split(z) if places else (), strict=True))
        y = State([found.get(i, x) for i, x in enumerate(y.leaves)], y.build)
        for k in range(self.n - 1, -1, -1):
            run, _, x, _ = self.run(self.inverse, k, y, primals)
            run.end()
            if k == 0:
                x0 = self.initial(primals)
                self.compare(x, x0, 0)
                x = x0
            step = self.run(self.step, k, x, primals)
            try:
                self.compare(step[2], y, k + 1)
            except BaseException:
                step[0].end()
                raise
            yield k, *step
            y = x

    def compare(self, x, y, k):
        error, scale = _difference(x.leaves, y.leaves)
        types = [dtype_of(v) or np.dtype(float) for v in y.leaves]
        epsilon = max((np.finfo(t).eps for t in types if t.kind == "f"), default=0.0)
        tolerance = epsilon**0.5 if self.tolerance is None else self.tolerance
        if not error <= tolerance * scale:
            raise RecomputationError(
                f"On its way back, a reversible loop of {self.n} steps didn't find its state {k} again: numbers up to "
                f"{scale:.3g} differ by {error:.3g}, and the tolerance is {tolerance:.2g} of the largest.",
                "the derivative is made of the states that the inverse finds. It isn't the inverse of the step, or "
                "the step forgets (friction, averaging), and undoing it makes rounding errors grow.",
                "adcourse.reconstruction_error(step, inverse, x0, n) to look at the error state by state; a larger "
                "tolerance=...; or adcourse.checkpointed_loop(step, x0, n, states=10), which needs no inverse",
            )
