"""Numerical differentiation: a slope from values of f alone.

Every quotient here carries two errors. *Truncation*, because the step h is not zero, falls with h; *round-off*, because
close values are subtracted, grows as h shrinks: f is known to about eps |f| (eps = 2.2e-16 in float64), and the quotient
divides that by h. Their sum is the U-curve, and its minimum is the best the formula can do:

| formula                                  | truncation   | round-off     | best h ~     | best error ~ |
|------------------------------------------|--------------|---------------|--------------|--------------|
| forward   (f(x+h) - f(x)) / h            | h f''/2      | 2 eps f / h   | eps^(1/2)    | eps^(1/2)    |
| central   (f(x+h) - f(x-h)) / 2h         | h^2 f'''/6   | eps f / h     | eps^(1/3)    | eps^(2/3)    |
| second    (f(x+h) - 2f(x) + f(x-h))/h^2  | h^2 f''''/12 | 4 eps f / h^2 | eps^(1/4)    | eps^(1/2)    |
| complex   Im f(x+ih) / h                 | h^2 f'''/6   | none          | 1e-20, say   | eps          |

The default steps are those of the table times max(1, |x|): right when f changes over a distance of about max(1, |x|),
and a guess like every default. Where f changes faster (log near 0), pass a smaller h.

`x` and `h` may be arrays: each pair is a point of its own, and f is called with one number at a time.

Sources: Press et al., Numerical Recipes (3rd ed.), section 5.7; Squire & Trapp, SIAM Review 40 (1998) 110-112.
"""

from functools import wraps

import numpy as np

from adcourse.methods.complex import imaginary_part

ORDERS = {"forward": 2, "central": 3, "second": 4}  # the best step is eps ** (1 / ORDERS[scheme])


def default_step(x, scheme):
    """h = eps^(1/2), eps^(1/3) or eps^(1/4), times max(1, |x|), for `scheme` "forward", "central" or "second".

    eps belongs to the type of x: 2.2e-16 for float64, 1.2e-7 for float32.

    >>> f"{default_step(1.0, 'forward'):.1e}, {default_step(-100.0, 'central'):.1e}"
    '1.5e-08, 6.1e-04'
    """
    x = real_array(x)
    return (np.finfo(x.dtype).eps ** (1 / ORDERS[scheme]) * np.maximum(1, np.abs(x))).astype(x.dtype)[()]


def pointwise(formula):
    """Let a formula for one x and one h take arrays of them: each pair on its own, the results in their common shape."""

    @wraps(formula)
    def over_points(f, x, h=None, **more):
        x = real_array(x)
        if h is None:
            h = HOLOMORPHIC if formula.__name__ == "complex_step" else default_step(x, formula.__name__)
        xs, hs = np.broadcast_arrays(x, positive_step(h))
        slopes = np.empty(xs.shape, x.dtype)
        for i in np.ndindex(xs.shape):
            slopes[i] = formula(f, xs[i], hs[i], **more)
        return slopes[()]

    return over_points
