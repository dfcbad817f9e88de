"""Which step? Measure the noise in f and the derivative in the truncation error; theory does the rest.

The error of a formula of order p for the n-th derivative, with the error constant C and the weights w_k of its stencil,
where the values of f are known to sigma:

    |C| |f^(n+p)| h^p + (sum of |w_k|) sigma / h^n,  least for  h^(n+p) = n (sum of |w_k|) sigma / (p |C| |f^(n+p)|)

For smooth programs sigma is rounding, some eps |f|, and the usual default h = eps^(1/(n+p)) max(1, |x|) supposes that
f^(n+p) is about as large as f. A simulation that stops at a tolerance of 1e-6, or draws random numbers, has a sigma of
that size, and with the default step its quotients are nothing but noise.

Sources: Hamming, *Introduction to Applied Numerical Analysis* (1971), chapter 6; Moré and Wild, *Estimating
computational noise*, SIAM J. Scientific Computing 33 (2011), and *Estimating derivatives of noisy simulations*, ACM
Trans. Mathematical Software 38 (2012); Gill, Murray and Wright, *Practical Optimization* (1981), section 8.6.
"""

from math import comb

import numpy as np

from adcourse.methods.points import UndefinedError, number, positive, real, representable
from adcourse.methods.stencils import stencil

POINTS = 9


def noise_level(f, x, h=None):
    """The standard deviation of the noise in f near the number x, by Hamming's difference table (ECnoise).

    Differences of order k of smooth values vanish like h^k, those of noise sigma grow: their mean square is
    (2k choose k) sigma^2. The level is taken where three orders agree on it and the signs change, as those of noise do.
    ``h``: the spacing of the nine points, so small that f changes little; default eps^(3/4) max(1, |x|), made larger or
    smaller by factors of 100 where it suits f badly. 9 evaluations, at most 45. 0 for a function without noise.
    Random noise and rounding are seen at any spacing; what moves in steps of its own, as a solver's tolerance does,
    with a spacing beyond them. Source: Moré and Wild (2011).

    >>> rng = np.random.default_rng(0)
    >>> bool(0.3e-6 < noise_level(lambda t: np.sin(t) + 1e-6 * rng.normal(), 1.0) < 3e-6)
    True
    """
    x = real(x)[()]
    h = x.dtype.type(1.2345678 * np.finfo(x.dtype).eps ** 0.75 * max(1.0, abs(x))) if h is None else positive(h, x)[()]
    least = np.inf
    for _ in range(5):
        step = representable(x, h)  # no power of 2: with one, products of x would be rounded alike at all points
        values = np.array([number(f, x + k * step) for k in range(-(POINTS // 2), POINTS // 2 + 1)], float)
        level, levels = _agreed(values)
        if level is not None:
            return level
        repeated = np.count_nonzero(np.diff(values)) <= POINTS // 2
        least = least if repeated else min(least, *levels)
        h = h * 100 if repeated else h / 100
    return 0.0 if least == np.inf else float(least)


def _agreed(values):
    """The level on which three neighbouring orders of differences agree, or None; and the levels of all orders."""
    levels, mixed = [], []
    if np.count_nonzero(np.diff(values)) <= POINTS // 2:
        return None, levels
    differences = values
    for k in range(1, POINTS):
        differences = np.diff(differences)
        levels.append(float(np.sqrt(np.mean(differences**2) / comb(2 * k, k))))
        mixed.append(np.any(differences > 0) and np.any(differences < 0))
    for k in range(POINTS - 3):
        three = levels[k : k + 3]
        if max(three) == 0 or (mixed[k] and max(three) <= 4 * min(three)):
            return three[0], levels
    return None, levels


def size_of_derivative(f, x, m, noise, kind="central"):
    """The size of the m-th derivative of f near the number x, to within a factor of about two, for values of f that are
    known to ``noise``: from the smallest step (of those that double) whose difference is 20 times what noise makes of
    it. Where no step up to max(1, |x|) shows a difference, the bound that follows."""
    x = real(x)[()]
    formula = stencil(m, 2 if kind == "central" else 1, kind)
    seen = 20 * float(formula.rounding) * noise
    size, here = max(1.0, abs(float(x))), abs(float(number(f, x)))
    h = size * (noise / max(here, noise)) ** (1 / m) / 32  # too small, unless f changes over distances of size / 32
    found, upwards = None, False
    while 64 * float(np.spacing(abs(x))) <= h <= size:
        try:
            with np.errstate(all="ignore"):
                difference = float(abs(formula(f, x, h))) * h**m
        except UndefinedError:
            if upwards:
                break
            difference = np.inf
        if difference >= seen:
            found = found if difference == np.inf else difference / h**m
            if upwards:
                break
            h /= 3
        elif found is None:
            upwards, h = True, 3 * h
        else:
            break
    return seen / min(h, size) ** m if found is None else found


def best_step(f, x, n=1, order=2, kind="central", noise=None):
    """The step at which the formula ``stencil(n, order, kind)`` has the least error, by the theory above.

    f: from one number to one number; x: a number. ``noise``: sigma, if you know it; else
    :func:`noise_level` measures it.
    |f^(n+order)| comes from a difference of that order, at the smallest step that shows it above the noise.
    Mostly 20 to 50 evaluations. Returns h, of the dtype of x.

    >>> rng = np.random.default_rng(0)
    >>> f = lambda t: np.sin(t) + 1e-6 * rng.normal()
    >>> bool(0.005 < best_step(f, 1.0) < 0.05)  # (3 sigma / |f'''|)^(1/3) = 0.018
    True
    """
    formula, x = stencil(n, order, kind), real(x)[()]
    noise = noise_level(f, x) if noise is None else float(positive(noise, real(1.0)))
    noise = max(noise, float(np.finfo(x.dtype).eps) / 4 * abs(float(number(f, x))))
    if noise == 0:
        return formula.default_step(x)
    h = formula.best_step(size_of_derivative(f, x, n + order, noise, kind), noise)
    return x.dtype.type(max(h, 8 * float(np.spacing(abs(x)))))
