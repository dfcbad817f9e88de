"""Special functions as series of hundreds of terms: no recursion, and the coefficients that closed forms give."""

import mpmath
import numpy as np
import pytest
import scipy.special as sc

from adcourse import derivative, jvp, taylor
from adcourse.core.errors import DomainError, NoRuleError

ORDER = 300


def coefficients(f, x, order=ORDER):
    return np.array(taylor(f, x, order).coefficients)


@pytest.mark.parametrize("x", [0.7, 3.0, 20.0])
def test_digamma(x):
    """psi^(k) / k! is (-1)^(k+1) zeta(k + 1, x)."""
    with mpmath.workdps(50):
        exact = [mpmath.psi(0, x), *((-1) ** (k + 1) * mpmath.zeta(k + 1, x) for k in range(1, ORDER + 1))]
    np.testing.assert_allclose(coefficients(sc.psi, x), np.array(exact, float), rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("x", [0.3, 0.7])
def test_gamma_has_the_series_of_its_poles(x):
    """The sum over n of (-1)^n / n! / (x + n + t), beside an entire function, of which the last terms see nothing."""
    k = np.arange(100, ORDER + 1)
    poles = [(-1.0) ** (n + k) / sc.factorial(n) * (x + n) ** -(k + 1.0) for n in range(20)]
    np.testing.assert_allclose(coefficients(sc.gamma, x)[100:], sum(poles), rtol=1e-12)


@pytest.mark.parametrize("name, sign", [("jv", -1), ("iv", 1)])
@pytest.mark.parametrize("n, x", [(0, 0.0), (2, 0.7), (1, 5.0)])
def test_bessel_functions(name, sign, n, x):
    """The sum over m of (+-1)^m (x/2)^(2m+n) / m! / (m+n)!, moved to x in 60 digits."""
    order = 120
    with mpmath.workdps(60):
        a = {
            2 * m + n: mpmath.mpf(sign) ** m / 2 ** (2 * m + n) / mpmath.fac(m) / mpmath.fac(m + n) for m in range(120)
        }
        moved = lambda k: mpmath.fsum(
            c * mpmath.binomial(p, k) * mpmath.mpf(x) ** (p - k) for p, c in a.items() if p >= k
        )
        expected = np.array([moved(k) for k in range(order + 1)], float)
    f = lambda t: getattr(sc, name)(n, t)
    np.testing.assert_allclose(coefficients(f, x, order), expected, rtol=1e-11, atol=1e-300)


def test_bessel_functions_to_a_high_order():
    """J_0 + 2 J_2 + 2 J_4 + ... is 1; at 2, its series of order 300 too."""
    total = sum((2.0 if n else 1.0) * coefficients(lambda t, n=n: sc.jv(n, t), 2.0, 300) for n in (0, 2))
    rest = sum(2.0 * coefficients(lambda t, n=n: sc.jv(n, t), 2.0, 20) for n in range(4, 60, 2))
    np.testing.assert_allclose(total[:21] + rest, np.arange(21) == 0, atol=1e-14)
    assert np.all(np.isfinite(total)) and np.all(np.abs(total[30:]) < 1e-25)


@pytest.mark.parametrize("x", [0.0, 0.7, -3.0])
def test_logistic_function(x):
    """Times 1 + exp(-t) it is 1, to every order."""
    a, b = coefficients(sc.expit, x), coefficients(lambda t: 1.0 + np.exp(-t), x)
    product, size = np.convolve(a, b)[: ORDER + 1], np.convolve(abs(a), abs(b))[: ORDER + 1]
    assert np.all(np.abs(product - (np.arange(ORDER + 1) == 0)) <= 1e-13 * size)


@pytest.mark.parametrize("x", [-600.0, -40.0, 0.0, 40.0, 600.0])
def test_logistic_function_keeps_its_digits_where_it_is_flat(x):
    with mpmath.workdps(300):
        e = mpmath.exp(-abs(mpmath.mpf(x)))
        exact = [e / (1 + e) ** 2, np.sign(-x) * e * (1 - e) / (1 + e) ** 3 / 2]
    np.testing.assert_allclose(coefficients(sc.expit, x, 2)[1:], np.array(exact, float), rtol=1e-14)


@pytest.mark.parametrize(
    "f", [sc.expit, sc.gamma, sc.psi, lambda x: sc.jv(1, x), lambda x: sc.kv(0.5, x), lambda x: sc.yv(2, x)]
)
def test_arrays_compositions_and_other_modes(f):
    """Of arrays, of series that are no straight line, within forward mode and of it."""
    x = np.array([[0.6, 1.5], [2.25, 4.0]])
    g = lambda t: f(x * np.exp(t) + t * t)
    found = taylor(g, 0.0, 4).coefficients
    for i in np.ndindex(x.shape):
        alone = taylor(lambda t, i=i: f(float(x[i]) * np.exp(t) + t * t), 0.0, 4).coefficients
        np.testing.assert_allclose([c[i] for c in found], alone, rtol=1e-12)
    third = derivative(derivative(derivative(g)))(0.0)
    np.testing.assert_allclose(6 * found[3], third, rtol=1e-9)
    inner = jvp(lambda a: taylor(f, a, 3).coefficients[3], (x,), (np.ones_like(x),))[1]
    np.testing.assert_allclose(inner, 4 * np.array(taylor(f, x, 4).coefficients[4]), rtol=1e-9)
    outer = taylor(lambda t: derivative(f)(t), 0.8, 4).coefficients
    np.testing.assert_allclose(outer, np.arange(1, 6) * coefficients(f, 0.8, 5)[1:], rtol=1e-10)


def test_orders_beyond_all_floats_are_refused():
    """J_(1/2 - 200) at 0.7 is no float: the triangle of neighbours ends there, and says so."""
    with pytest.raises(DomainError, match="lower order"):
        taylor(lambda x: sc.jv(0.5, x), 0.7, 400)
    with pytest.raises(NoRuleError, match="plain number"):
        taylor(lambda v: sc.jv(v, 0.7), 2.0, 3)
    with pytest.raises(NoRuleError, match="plain number"):
        taylor(lambda v: sc.jv(v, v), 2.0, 3)
