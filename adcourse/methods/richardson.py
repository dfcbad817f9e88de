"""Richardson's extrapolation: from quotients at several steps to the value at step zero, and how far it may be off.

A difference quotient is D(h) = f^(n)(x) + c_1 h^q + c_2 h^2q + ..., with q = 2 for central formulas and q = 1 for
one-sided ones. Two steps remove c_1, three remove c_2 too. Column j of the tableau comes from column j - 1:

    R[i][0] = D(h_i),    R[i][j] = R[i][j-1] + (R[i][j-1] - R[i-1][j-1]) / ((h_(i-j) / h_i)^q - 1)

Down the rows truncation falls and round-off grows, so the best entry is in the middle, and to say which it is takes an
estimate of each entry's error. The customary one, the distance to its neighbours, trusts coincidences: among fifty
entries full of noise, two are always close. Here an entry must be confirmed by the rows below it, at smaller steps,
whose distances tell the noise in f; and where entries that look exact contradict each other, that is the error.

What f does between the points no formula sees: a spike much narrower than the steps stays unseen.

Source: Ridders, *Accurate computation of F'(x) and F'(x) F''(x)*, Advances in Engineering Software 4 (1982), 75-76.
"""

from math import factorial

import numpy as np

from adcourse.core.errors import ADError
from adcourse.methods.points import (
    Counted,
    Estimate,
    NotSmoothError,
    StepError,
    UndefinedError,
    number,
    positive,
    real,
    representable,
)  # fmt: skip
from adcourse.methods.stencils import stencil

RATIO = 1.6  # of a step to the next: no whole number, or a wave could be hit at the same phase with every step
START = 243 / 1024  # the first step, times max(1, |x|)
COLUMNS = 7
BELOW = 3  # rows that must confirm an entry
SAFETY = 4
RESOLVED = 1e-6  # relative error from which on more rows are only made to confirm


def tableau(quotients, steps, power=2):
    """Richardson's tableau: row i starts with quotients[i], and entry j of it has the first j error terms removed.

    ``steps``: falling; ``power``: q, 2 for central quotients, 1 for one-sided ones. Returns a list of lists.

    >>> f = lambda t: t**4  # its central quotient at 1 is 4 + 4 h^2
    >>> [[float(r) for r in row] for row in tableau([f(1 + h) / 2 / h - f(1 - h) / 2 / h for h in (1, 0.5)], (1, 0.5))]
    [[8.0], [5.0, 4.0]]
    """
    rows = []
    for i, quotient in enumerate(quotients):
        rows.append(_row(quotient, rows, steps[: i + 1], power))
    return rows


def _row(quotient, rows, steps, power):
    """The next row, given those above it and all steps."""
    row = [quotient]
    for j, above in enumerate(rows[-1] if rows else (), 1):
        ratio = (steps[-1 - j] / steps[-1]) ** power
        row.append(row[-1] + (row[-1] - above) / (ratio - 1))
    return row


class _Limit:
    """The limit of quotients at falling steps, as far as they tell it: ``value``, ``error`` and the ``step`` there."""

    def __init__(self, power):
        self.power, self.steps, self.rows, self.rounding, self.spread = power, [], [], [], []
        self.entries, self.least, self.since = [], np.inf, 0

    @property
    def quotients(self):
        return np.array([row[0] for row in self.rows])

    def add(self, h, quotient, rounding, spread):
        """A quotient, the bound for its rounding, and by how much the values that it is made of differ."""
        self.steps.append(h)
        self.rounding.append(rounding)
        self.spread.append(spread)
        self.rows.append(_row(quotient, self.rows, self.steps, self.power)[: COLUMNS + 1])
        self.since += 1
        if len(self.rows) > BELOW + 1:
            self._judge(len(self.rows) - 1 - BELOW)

    def _judge(self, k):
        """The entries of row k, now that there are enough rows below it."""
        columns = len(self.rows[k])
        first = np.asarray(self.rows[k][0])
        block = np.full((BELOW + 2, columns, *first.shape), np.nan, np.result_type(first, float))
        for m, row in enumerate(self.rows[k - 1 :]):
            block[m, : len(row)] = row[:columns]
        steps = np.reshape(self.steps[k:], (-1, *[1] * (block.ndim - 1)))
        noise = np.abs(np.diff(block, axis=0))[:, 1:] * (steps / steps[0])  # noise of size e shows as e / h
        seen = np.fmax.reduce(noise, axis=0)
        seen = np.maximum(seen, np.maximum(np.abs(np.diff(block[1], axis=0)), np.abs(block[1, 1:] - block[0, :-1])))
        error = SAFETY * seen + self.rounding[k]
        calm = np.max(self.spread[k:], axis=0) <= 0.5 * np.max(self.spread, axis=0)  # f is resolved by these steps
        self.entries.append((block[1, 1:], error, np.full(error.shape, self.steps[k]), calm & (error == error)))
        least = np.minimum(self.least, np.min(np.where(calm, error, np.inf), axis=0))
        if np.any(least < 0.5 * self.least):
            self.since = 0
        self.least = least

    def settled(self, accuracy):
        """Whether all is known to this accuracy or to rounding, and the last rows have made nothing much better."""
        return bool(self.since >= 2 and self.entries and np.all(self._known(self.least, accuracy)))

    def unsettled(self):
        """Where after all not even a tenth is known, and that isn't for rounding."""
        return ~self._known(np.min([np.min(errors, axis=0) for _, errors, *_ in self.entries], axis=0), 0.1)

    def _known(self, error, accuracy):
        size = np.max(np.abs(self.quotients), axis=0)
        return (error <= accuracy * size) | (error <= 1e3 * self.rounding[-1])

    def resolved(self):
        """Whether f differs less over the steps of the last rows than over some larger one."""
        return len(self.rows) > 10 and bool(np.all(self.spread[-10] <= 0.1 * np.max(self.spread, axis=0)))

    def choose(self):
        """The entry of least error. That error is widened where entries that look right are further away from it."""
        values, errors, steps, calm = (np.concatenate(parts) for parts in zip(*self.entries, strict=True))
        usable = np.where(np.any(calm, axis=0), np.where(calm, errors, np.inf), errors)
        best = np.expand_dims(np.argmin(usable, axis=0), 0)
        self.value, self.error, self.step = (np.take_along_axis(a, best, 0)[0] for a in (values, errors, steps))
        apart = np.where(calm & (errors <= 1e-2 * np.abs(values)), np.abs(values - self.value) - errors, 0)
        self.error = np.maximum(self.error, np.max(apart, axis=0))

    def diverges(self):
        """Where the quotients of the smallest steps follow a power of h that grows without bound."""
        last = np.abs(self.quotients[-8:])
        if len(last) < 8:
            return np.zeros(last.shape[1:], bool)
        with np.errstate(all="ignore"):
            growth = np.diff(np.log(last), axis=0) / np.log(RATIO)
        growth = np.where(np.isfinite(growth), growth, -1)
        unknown = (self.error > 0.1 * np.abs(self.value)) & (last[-1] > 10 * self.rounding[-1])
        return unknown & (np.min(growth, axis=0) > 0.1) & (np.ptp(growth, axis=0) < 0.1)


def extrapolate(f, x, n, kind, h, value):
    """What :func:`richardson` does, at one number x, for values of f of any shape."""
    side = 1 + (kind == "central")
    formula, other = stencil(n, side, kind), stencil(n + 1, 2)
    across = float(sum(w * abs(o) * o ** (n - 1) for w, o in zip(other.weights, other.offsets, strict=True)))
    across /= 2 * factorial(n)  # what the other formula makes of a jump by 1 in the n-th derivative
    f, seen = Counted(f), {}

    def at(f, t):
        if t not in seen:
            with np.errstate(all="ignore"):  # whether there are values at t is for this function to find out
                seen[t] = value(f, t)
        return seen[t]

    eps, here = float(np.finfo(x.dtype).eps), value(f, x)
    seen[x] = here
    size = np.exp2(np.floor(np.log2(max(1.0, abs(float(x))))))
    h = START * size if h is None else float(h)
    smallest = max(16 * float(np.spacing(abs(x))), eps**2 * size)
    wide = np.result_type(x, float).type
    limit, jump, undefined, first = _Limit(side), _Limit(1), None, h
    while h >= smallest and not (limit.settled(RESOLVED) and (kind != "central" or jump.settled(0.01))):
        if h < first * eps ** (1 / (n + 1)) / 4 and (limit.resolved() or h < first * eps**0.5 / 4):
            break
        try:
            step = representable(x, x.dtype.type(h))
            quotient, ys = formula.quotient(f, x, step, at)
            sharp, _ = other.quotient(f, x, step, at) if kind == "central" else (None, ())
        except StepError:  # x + h overflows, or is x
            if limit.rows:
                break
        except (ValueError, ArithmeticError) as error:  # outside the domain, unless a smaller step stays inside
            if isinstance(error, ADError) and not isinstance(error, UndefinedError):
                raise
            undefined = error
        else:
            with np.errstate(all="ignore"):
                size, spread = np.max(np.abs(ys), axis=0), np.max(np.abs(np.subtract(ys, here)), axis=0)
                noise = 2 * eps * float(formula.rounding) * (size + spread * float(abs(x) / step)) / h**n
                limit.add(wide(step), quotient, noise, spread)
                if kind == "central":
                    jump.add(wide(step), sharp * step / across, 2**n / across * noise, spread)
        h, seen = h / RATIO, {x: here}
        first = first if limit.rows else h
    if not limit.entries:
        raise undefined or StepError(
            f"The first step h = {first:.3g} leaves no room for smaller ones.",
            "extrapolation goes from large steps to small ones.",
            "a larger h, or none for the default",
        )
    with np.errstate(all="ignore"):
        limit.choose()
        if jump.entries:
            jump.choose()
            _check_sides(limit, jump, x, n)
        if np.any(limit.diverges()):
            why = "a jump or a vertical tangent is near"
            raise _not_smooth(x, n, "the difference quotients grow without bound", why)
    cast = lambda a: np.asarray(a).astype(x.dtype)[()]
    return Estimate(cast(limit.value), cast(limit.error), cast(limit.step), f.calls)


def _check_sides(limit, jump, x, n):
    """Raise NotSmoothError where the derivatives from the left and the right differ, by ``jump``."""
    size = 1e-3 * np.max(np.abs(limit.quotients), axis=0)
    kink = (abs(jump.value) > 3 * jump.error) & (abs(jump.value) > size)
    if np.any(kink):
        i = np.unravel_index(np.argmax(kink), np.shape(kink))
        left, right = (limit.value[i] + s * jump.value[i] / 2 for s in (-1, 1))
        why = "central quotients would give the mean of the two, whatever the step"
        raise _not_smooth(x, n, f"from the left it is {left:.6g}, from the right {right:.6g}", why)
    if np.any(jump.diverges() | (jump.unsettled() & (jump.error > size))):
        why = "they grow without bound, or swing, as the step gets smaller"
        raise _not_smooth(x, n, "the quotients from the left and the right don't settle on one value", why)


def _not_smooth(x, n, what, why):
    return NotSmoothError(
        f"f has no {'slope' if n == 1 else f'derivative of order {n}'} at x = {x:.6g}: {what}.",
        f"{why}.",
        'a point beside the kink or jump; richardson(f, x, kind="forward") or "backward" for one side; or '
        "adcourse.derivative(f)(x), which takes the branch that f takes",
    )


def richardson(f, x, n=1, kind="central", h=None):
    """The n-th derivative by Richardson's extrapolation, with an estimate of its error: an :class:`Estimate`.

    f: from one number to one number. x: a number or an array of points of their own. ``kind``: "central", or "forward"
    or "backward" at the border of the domain. ``h``: the first and largest step, default about max(1, |x|) / 4; steps
    at which f is undefined are left out. It takes some 15 to 30 evaluations of a smooth f, up to 150 of a wild one.
    The estimate is cautious: mostly 10 to 100 times the error. Noise in f is seen, and makes it larger.
    Raises NotSmoothError at a kink, jump or vertical tangent, UndefinedError where f has no finite values, InputError
    for what isn't a real number. Source: Ridders (1982); see the module for the estimate.

    >>> slope = richardson(np.sin, 1.0)
    >>> bool(abs(slope.value - np.cos(1.0)) <= slope.error < 1e-11)
    True
    """
    x = real(x)
    xs, hs = np.broadcast_arrays(x, x if h is None else positive(h, x))
    found = [extrapolate(f, xs[i], n, kind, None if h is None else hs[i], number) for i in np.ndindex(xs.shape)]
    if not xs.ndim:
        return found[0]
    values, errors, steps, calls = zip(*found, strict=True) if found else ((), (), (), ())
    return Estimate(*(np.array(a, x.dtype).reshape(xs.shape) for a in (values, errors, steps)), sum(calls))
