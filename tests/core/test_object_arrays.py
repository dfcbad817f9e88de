"""Walk the table: ``np.array([x, y])`` of traced numbers is an array of objects. Whoever takes it, takes it right."""

from contextlib import suppress

import numpy as np
import pytest

from adcourse import grad, jvp
from adcourse.core.errors import ADError, ConversionError

from .examples import EXAMPLES, draw

SAYS_SO_ITSELF = {"matrix_power"}  # NotImplementedError: ... object arrays
CASES = [(name, k) for name, cases in EXAMPLES.items() for k in range(len(cases)) if name not in SAYS_SO_ITSELF]


def of_objects(x):
    """What np.array makes of a list of the entries."""
    out = np.empty(np.shape(x), object)
    for i in np.ndindex(out.shape):
        out[i] = x[i]
    return out


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name, k", CASES)
def test_the_same_derivative_or_an_error_that_teaches(name, k, request):
    call, domains, shapes = EXAMPLES[name][k]
    rng = np.random.default_rng(len(request.node.name))
    x = tuple(draw(rng, domains, shapes))
    v = tuple(rng.normal(size=np.shape(a)) if np.shape(a) else float(rng.normal()) for a in x)
    _, expected = jvp(call, x, v)
    for which, shape in enumerate(shapes):
        if not shape:
            continue

        def f(*args, which=which):
            return call(*args[:which], of_objects(args[which]), *args[which + 1 :])

        with suppress(ADError):
            found = jvp(f, x, v)[1]
            np.testing.assert_allclose(np.stack(found) if isinstance(found, list) else found, expected, rtol=1e-12)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(np.cov(np.array([[x, 1.0, x * x], [2.0, x, 0.5]]))),
        lambda x: np.mean(np.array([x, 1.0]), where=[True, False]),
        lambda x: np.angle(np.array([x, x * x]))[0],
        lambda x: np.polyfit(np.array([x, 1.0, 2.0]), np.ones(3), 1)[0],
    ],
)
def test_where_numpy_stumbles_over_objects_the_error_teaches(f):
    for derivative in (grad(f), lambda x: jvp(f, (x,), (1.0,))):
        with pytest.raises(ConversionError, match="like=x"):
            derivative(0.7)


def test_a_mistake_of_ones_own_is_left_as_it_is():
    """Also where an array of objects is near."""
    with pytest.raises(ValueError, match="cannot reshape"):
        grad(lambda x: np.sum(np.reshape(np.array([x, x]), (3,))))(0.7)
    with pytest.raises(AttributeError, match="no attribute 'tan_h'"):
        grad(lambda x: len([np.array([x, x])]) * x.tan_h)(0.7)
    with pytest.raises(TypeError, match="not subscriptable"):
        grad(lambda x: np.array([x, x])[0] + len("x")[0])(0.7)


def test_least_squares_of_an_array_of_objects():
    """Found by seed 2026 of the random programs: the first derivative of a solution by its matrix."""
    y = np.array([1.0, 2.0, 4.0])
    f = lambda a: np.linalg.lstsq(np.array([[1.0, a], [1.0, 2 * a], [1.0, 3 * a]]), y * np.exp(0 * a))[0][1]
    assert f(0.5) == pytest.approx(3.0) and grad(f)(0.5) == pytest.approx(-6.0)  # the slope is 1.5 / a
