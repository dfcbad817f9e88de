"""Numerical differentiation: a slope from values of f alone.

Every quotient carries two errors. *Truncation*, because the step h is not zero, falls with h. *Round-off*, because
close values are subtracted, grows as h shrinks: f is known to about eps |f| (eps = 2.2e-16 in float64), and the
quotient divides that by h. Their sum is the U-curve, and its minimum is the best the formula can do:

    formula                                       truncation     round-off       best h      best error
    forward   (f(x+h) - f(x)) / h                 h f''/2        2 eps f / h     eps^(1/2)   eps^(1/2)
    central   (f(x+h) - f(x-h)) / (2 h)           h^2 f'''/6     eps f / h       eps^(1/3)   eps^(2/3)
    second    (f(x+h) - 2 f(x) + f(x-h)) / h^2    h^2 f''''/12   4 eps f / h^2   eps^(1/4)   eps^(1/2)
    stencil   of order p, for f^(n)               C h^p          S eps f / h^n   eps^(1/(n+p))  eps^(p/(n+p))
    complex   Im f(x + ih) / h                    h^2 f'''/6     none            1e-20, say  eps

The default steps are those of the table times max(1, |x|). That suits a function that changes over distances of about
max(1, |x|) and is a guess, as every default is: where f changes faster (log near 0), give a smaller h; where f is
noisy, let ``best_step`` measure. ``richardson`` tries many steps, and says how far it may be off.

One number: ``forward backward central second complex_step``, ``derivative`` to any order by a ``stencil``,
``richardson``.
Several: ``gradient jacobian hessian mixed``. Steps: ``default_step best_step noise_level``,
and ``step_plot``, which draws the U-curves with their theory.

``x`` and ``h`` may be arrays that broadcast: every pair is a point of its own, and f gets one number at a time.

Sources: Press et al., *Numerical Recipes* (2007), section 5.7; Squire and Trapp, SIAM Review 40 (1998), 110-112; those
of the single modules.
"""

from adcourse.methods.complexstep import complex_step
from adcourse.methods.hessians import hessian, mixed
from adcourse.methods.partials import SCHEMES, gradient, jacobian
from adcourse.methods.points import Estimate, NotSmoothError, StepError, UndefinedError, default_step
from adcourse.methods.quotients import backward, central, derivative, forward, second
from adcourse.methods.richardson import richardson, tableau
from adcourse.methods.stencils import Stencil, stencil, weights
from adcourse.methods.stepcurves import step_plot
from adcourse.methods.steps import best_step, noise_level, size_of_derivative

__all__ = [
    "SCHEMES",
    "Estimate",
    "NotSmoothError",
    "Stencil",
    "StepError",
    "UndefinedError",
    "backward",
    "best_step",
    "central",
    "complex_step",
    "default_step",
    "derivative",
    "forward",
    "gradient",
    "hessian",
    "jacobian",
    "mixed",
    "noise_level",
    "richardson",
    "second",
    "size_of_derivative",
    "stencil",
    "step_plot",
    "tableau",
    "weights",
]  # fmt: skip
