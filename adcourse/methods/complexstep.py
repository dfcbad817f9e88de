"""The complex step: a slope without a subtraction."""

import numpy as np

from adcourse.methods.analytic import imaginary_part
from adcourse.methods.points import UndefinedError, pointwise

STEP = 1e-20


def complex_step(f, x, h=STEP):
    """f'(x) by the complex step, Im f(x + ih) / h: one evaluation, no subtraction, so h may be tiny (default 1e-20).

    It holds for functions that are analytic at x, made of operations that complex numbers have. Python and NumPy would
    go on without a word through ``abs`` (whose complex value is real) or ``sqrt`` left of 0; here f runs on complex
    numbers that check each operation against the real line, and raise NotAnalyticError. Comparisons look at the real
    part. Where f isn't finite it raises UndefinedError; in an array of points, that point gives nan.
    Source: Squire and Trapp, SIAM Review 40 (1998), 110-112.

    >>> f"{complex_step(np.exp, 1.0):.15f}"
    '2.718281828459045'
    """
    return _complex_step(f, x, STEP if h is None else h)


@pointwise
def _complex_step(f, x, h):
    return slope(f, x, h)


def slope(f, x, h, shape=()):
    """The complex step at the number x; ``shape``: of f(x), None for any."""
    found = np.asarray(imaginary_part(f, x, h, shape) / h)
    if not np.all(np.isfinite(found)):
        raise UndefinedError(
            f"f, or its slope by the complex step, is not finite at x = {x:.6g}.",
            "the complex step follows f in the complex plane from a point of the real line where f is defined.",
            "a point inside the domain of f",
        )
    return found.astype(x.dtype)[()]
