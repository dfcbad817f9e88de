"""Derivatives checked against each other and against differences, and the rule that is wrong found.

Forward and reverse mode are two programs for one matrix J, so <w, J v> = <J^T w, v> for all v and w, to rounding.
Central differences know nothing of rules. Applied to the programs that compute J v and J^T w, the same two comparisons
check the second derivative in all four nestings, and so on to any order. Where they fail, each row of the trace is
checked by itself: the first that fails is the rule to correct.
"""

import numpy as np

from .arguments import as_output, called, check_function
from .errors import DerivativeError, InputError
from .kinds import dtype_of, shape_of
from .levels import apply, plain
from .transforms import jvp, record, vjp
from .tree import flatten

STEPS = 11


def check_derivatives(f, *args, order=2, directions=3, seed=0):
    """Check the derivatives of ``f`` at ``args``: forward against reverse mode, and both against differences.

    In random directions v and w: <w, J v> = <J^T w, v>, to about half the digits of the dtype; and J v against central
    differences in double precision, extrapolated over a scan of steps, to ten times the error that the scan itself
    shows. Up to ``order``, in every nesting of the modes. All floating-point numbers among the arguments are varied.
    At a kink any slope between the one-sided ones passes; where the differences don't converge (a jump, a pole)
    nothing is decided.
    Returns a report that prints what was found. Raises DerivativeError, which names the first rule that disagrees.
    Source: Griewank and Walther (2008), section 3.2; Ridders (1982) for the scan; ``jax.test_util.check_grads``.

    >>> report = check_derivatives(lambda x, y: np.sin(x) * y**2, 1.0, np.array([2.0, -0.5]))
    >>> print(report)  # doctest: +ELLIPSIS
    check_derivatives: <lambda> passed to order 2 (float64, 3 directions, seed 0)
      forward = reverse: relative error ..., allowed 1.5e-08
      forward = differences: relative error ..., allowed ...
      ...
    """
    check_function(f, "check_derivatives(f, x)")
    leaves, build = flatten(args)
    places = [k for k, x in enumerate(leaves) if isinstance(x, float) or getattr(dtype_of(x), "kind", "") == "f"]
    if not places or order < 1 or directions < 1:
        raise InputError(
            f"check_derivatives({called(f)}, ...) has {len(places)} floating-point argument(s), order {order}, "
            f"{directions} direction(s).",
            "it varies the floating-point numbers among the arguments, to an order and in directions of at least one.",
            "check_derivatives(f, 3.0), not check_derivatives(f, 3)",
        )

    def program(*xs):
        given = dict(zip(places, xs, strict=True))
        return tuple(flatten(f(*build([given.get(k, x) for k, x in enumerate(leaves)])))[0])

    xs = [leaves[k] for k in places]
    ys = program(*xs)
    for y, again in zip(map(as_output, ys or (None,)), program(*xs) or (None,), strict=True):
        if not np.array_equal(y, again) or not np.all(np.isfinite(y)):
            raise InputError(
                f"{called(f)} returned {y!r}, and {again!r} when called again.",
                "only a function whose values are finite and depend on its arguments alone has derivatives to check.",
                "a random generator seeded inside the function; arguments inside its domain",
            )
    check = _Check(seed)
    with np.errstate(all="ignore"):  # steps may leave the domain
        failure = check.run(program, xs, order, directions)
        if failure is None:
            return Report(called(f), order, directions, seed, check)
        raise _error(called(f), failure, _guilty(program, xs, order, directions, seed))


class Report:
    """What ``check_derivatives`` compared: ``errors[what]`` is the largest relative error and what was allowed there.

    ``kinks`` and ``undecided`` count values of which differences can't tell everything, out of ``values``.
    """

    def __init__(self, name, order, directions, seed, check):
        self.name, self.order, self.directions, self.seed = name, order, directions, seed
        self.errors = check.errors
        self.dtype = next(t for t in ("float64", "float32", "float16") if np.finfo(t).eps >= check.eps)
        self.values, self.kinks, self.undecided = check.values, check.kinks, check.undecided

    def __repr__(self):
        of = f"{self.directions} direction{'s' * (self.directions != 1)}"
        lines = [
            f"check_derivatives: {self.name} passed to order {self.order} ({self.dtype}, {of}, seed {self.seed})",
            *(f"  {k}: relative error {e:.1e}, allowed {tol:.1e}" for k, (e, tol) in self.errors.items()),
        ]
        if self.kinks:
            lines.append(f"  {self.kinks} of {self.values} at a kink: any slope between the one-sided ones passes")
        if self.undecided:
            lines.append(f"  {self.undecided} of {self.values} not decided: the differences don't converge there")
        return "\n".join(lines)


class _Check:
    """One check: its random numbers and its findings."""

    def __init__(self, seed):
        self.rng, self.errors, self.eps = np.random.default_rng(seed), {}, 2.0**-52
        self.values = self.kinks = self.undecided = 0

    def run(self, f, xs, order, directions, over=""):
        """The first failure, ``(what, message, f, xs, vs)``, or None."""
        for n in range(directions):
            vs = [self.direction(x) for x in xs]
            ys, dys = jvp(f, tuple(xs), tuple(vs))
            ws = [self.direction(np.ones_like(y)) if shape_of(y) else 1.0 for y in ys]
            xbars = vjp(f, *xs)[1](tuple(ws))
            self.eps = max(self.eps, _precision([*xs, *ys]))
            if not all(np.all(np.isfinite(y)) for y in ys):
                return None
            name = f"forward{over} = "
            message = self.compare_modes(f"{name}reverse{over}", ws, dys, xbars, vs)
            message = message or self.compare_differences(f"{name}differences", f, *map(_wide, (xs, vs)))
            if message:
                return message, f, xs, vs
            if order > 1 and n == 0:
                lower = {
                    f"{over} over forward": lambda *xs, vs=vs: jvp(f, xs, tuple(vs))[1],
                    f"{over} over reverse": lambda *xs, ws=ws: vjp(f, *xs)[1](tuple(ws)),
                }
                for label, derivative in lower.items():
                    failure = self.run(derivative, xs, order - 1, 1, label)
                    if failure is not None:
                        return failure
        return None

    def direction(self, x):
        """A random direction in the units of ``x``, so that one step suits large and small numbers alike."""
        v = self.rng.normal(size=shape_of(x)) * np.where(plain(x) == 0, 1.0, np.abs(x))
        return v.astype(x.dtype) if hasattr(x, "dtype") else float(v)

    def note(self, what, error, allowed):
        if error >= self.errors.get(what, (-1.0,))[0]:
            self.errors[what] = (float(error), float(allowed))

    def compare_modes(self, what, ws, dys, xbars, vs):
        pairs = [(w, dy) for w, dy in zip(ws, dys, strict=True)], [(g, v) for g, v in zip(xbars, vs, strict=True)]
        left, right = (sum(float(np.sum(np.multiply(a, b, dtype=float))) for a, b in p) for p in pairs)
        size = max(sum(float(np.sum(np.abs(np.multiply(a, b, dtype=float)))) for a, b in p) for p in pairs)
        error, allowed = abs(left - right) / (size or 1.0), np.sqrt(self.eps)
        self.note(what, error, allowed)
        if not np.isfinite(left) or not np.isfinite(right):
            return f"{what}: <w, J v> = {left}, <J^T w, v> = {right} are not finite"
        if not error <= allowed:
            return f"{what}: <w, J v> = {left:.8g}, but <J^T w, v> = {right:.8g}"
        return None

    def compare_differences(self, what, f, xs, vs):
        ys, dys = jvp(f, tuple(xs), tuple(vs))
        eps = _precision(xs + list(ys))
        h = 0.25 * (2 * np.sqrt(eps)) ** (np.arange(STEPS) / (STEPS - 1))  # from 1/4 down to sqrt(eps) / 2
        sides = [[_moved(f, xs, vs, s * t, ys) for t in h] for s in (1, -1)]
        rounding = 1e3 * eps * max(float(np.max(np.abs(a), initial=0.0)) for a in (*ys, *dys))
        for k, (y, dy) in enumerate(zip(ys, dys, strict=True)):
            if not _is_float(y):
                continue
            plus, minus = (np.stack([np.asarray(at[k], float) for at in side]) for side in sides)
            y, dy = np.asarray(y, float), np.asarray(dy, float)
            steps = h.reshape(-1, *(1,) * y.ndim)
            central = (plus - minus) / (2 * steps)
            # rounding: of the values, of the largest one (cancellations inside f), of the step; and what is seen of it
            noise = np.abs(plus) + np.abs(minus) + np.max(np.abs(y), initial=0.0) + np.abs(central)
            seen = np.max(np.nan_to_num(np.abs(plus + minus - 2 * y)[-3:], posinf=0.0), axis=0)
            noise = (eps * noise + seen) / steps
            noise[(central == 0) & np.any(central != 0, axis=0)] = np.inf  # too small a step for the value to change
            ratio = h[0] / h[1]
            D, error = _limit(central, noise, ratio**2)
            forward, error_f = _limit((plus - y) / steps, noise, ratio)
            backward, error_b = _limit((y - minus) / steps, noise, ratio)
            scale = np.maximum(np.abs(D), np.abs(dy))
            floor = np.sqrt(eps) * np.abs(y)
            slope = np.maximum(np.abs(forward), np.abs(backward))
            kink = np.abs(forward - backward) > 10 * (error_f + error_b) + 1e-3 * slope
            kink &= error_f + error_b < 1e-2 * slope + floor
            low, high = (np.where(kink, m(forward, backward), D) for m in (np.minimum, np.maximum))
            tolerance = 10 * np.where(kink, error_f + error_b, error) + np.sqrt(eps) * scale + rounding
            wrong = ~((low - tolerance <= dy) & (dy <= high + tolerance))
            decided = kink | (error <= 1e-2 * np.abs(D) + floor) | ~np.isfinite(dy)
            self.values += y.size
            self.kinks += int(np.sum(kink))
            self.undecided += int(np.sum(~decided))
            wrong &= decided
            if np.any(wrong):
                i = np.unravel_index(np.argmax(wrong), y.shape)
                at = f" in entry {tuple(map(int, i))}" if i else ""
                return f"{what}: J v = {dy[i]:.8g}, but differences give {D[i]:.8g} (error {error[i]:.1g}){at}"
            clear = decided & ~kink & (scale > rounding)
            if np.any(clear):
                relative = np.where(clear, np.abs(dy - D) / np.where(clear, scale, 1.0), -1.0)
                i = np.unravel_index(np.argmax(relative), y.shape)
                self.note(what, relative[i], tolerance[i] / scale[i])
        return None


def _is_float(x):
    return isinstance(x, float) or getattr(dtype_of(x), "kind", "") == "f"


def _precision(xs):
    """The relative rounding error of the coarsest of these numbers."""
    return max(float(np.finfo(dtype_of(x) or float).eps) for x in xs if _is_float(x))


def _wide(xs):
    """Single precision as double: differences have no digits to lose."""
    return [x * np.ones((), float) if dtype_of(x) is not None and _precision([x]) > 1e-15 else x for x in xs]


def _moved(f, xs, vs, s, ys):
    """f(x + s v), or nan where the function refuses to be evaluated."""
    try:
        at = [x + v * (type(v)(s) if isinstance(v, np.generic) else s) for x, v in zip(xs, vs, strict=True)]
        return f(*at)
    except (ArithmeticError, ValueError):
        return [np.full(shape_of(y), np.nan) for y in ys]


def _limit(quotients, noise, weight):
    """The limit of difference quotients for h -> 0, extrapolated, at the step where its error looks least; that error.

    Each step is smaller than the one before by a factor whose power ``weight`` is that of the leading error.
    """
    better = (weight * quotients[1:] - quotients[:-1]) / (weight - 1)
    change = np.abs(better[1:] - better[:-1])
    error = np.maximum(change[1:], change[:-1]) + noise[2:-1]
    error = np.where(np.isfinite(error), error, np.inf)
    best = np.argmin(error, axis=0, keepdims=True)
    return np.take_along_axis(better[1:-1], best, 0)[0], np.take_along_axis(error, best, 0)[0]


# ---------------------------------------------------------------------------------------------- who is it


def _guilty(f, xs, order, directions, seed, inside=True):
    """The first row of the trace of ``f`` whose rule fails by itself: ``(row, failure)``, or None."""
    for row in record(f, *xs):
        if row.rule is None or all(p is None for p in row.parents):
            continue
        active = [k for k, p in enumerate(row.parents) if p is not None]

        def alone(*xs, row=row, active=active):
            given = dict(zip(active, xs, strict=True))
            return (apply(row.rule, tuple(given.get(k, x) for k, x in enumerate(row.operands)), row.static),)

        failure = _Check(seed).run(alone, [row.operands[k] for k in active], order, directions)
        if failure is None:
            continue
        (_, program, at, vs), deeper = failure, None
        if program is not alone:  # a second derivative: which rule did the first one use?
            deeper = _guilty(program, at, 1, directions, seed, inside)
        elif inside:  # did another rule, which the JVP line of this one uses, fail?
            deeper = _guilty(lambda *vs: jvp(program, tuple(at), vs)[1], vs, 1, directions, seed, inside=False)  # noqa: B023
        return deeper if deeper is not None and deeper[0].rule.name != row.rule.name else (row, failure)
    return None


def _error(name, failure, guilty):
    if guilty is None:
        return DerivativeError(
            f"The derivatives of {name} disagree. {failure[0]}.",
            "each rule of its trace agrees by itself, so the function depends on its arguments in a way that the trace "
            "can't see (round(x), int(x), a branch, a value kept from another call), or several kinks meet there.",
            f"{name} as a smooth function of its arguments near this point, made of operations that record(f, x) shows",
        )
    row, (message, *_) = guilty
    rule, shapes = row.rule.name, ", ".join(str(shape_of(x)) for x in row.operands)
    return DerivativeError(
        f"The derivatives of {name} disagree. {failure[0]}.",
        f"the first rule that disagrees by itself is {rule}, with operands of shape {shapes}: {message}.",
        f"another derivative of {rule}; check_derivatives({rule}, ...) at operands like "
        f"{', '.join(_short(x) for x in row.operands)} tells when it is right",
    )


def _short(x):
    x = plain(x)
    return np.array2string(np.ravel(x), threshold=3, edgeitems=2, precision=4) if shape_of(x) else str(x)
