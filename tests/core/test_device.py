"""No rule converts to NumPy: on an array type that refuses conversion, every rule gives what it gives on NumPy."""

import numpy as np
import pytest

from adcourse import grad, hessian, jacobian, jvp, vjp

from .device import DeviceArray
from .device import to_host as to_host_from_double
from .examples import EXAMPLES, draw


def _arrays_in(call):
    """Whether an example's own text brings in NumPy arrays (a mask, np.ones), which may not meet device arrays."""
    if not hasattr(call, "__code__"):
        return False
    names = set(call.__code__.co_names)
    theirs = any(isinstance(call.__globals__.get(n), np.ndarray) for n in names)
    return theirs or not names.isdisjoint({"ones", "arange", "array", "ix_"})


CASES = [
    pytest.param(call, domains, shapes, id=f"{name}-{k}")
    for name, cases in EXAMPLES.items()
    for k, (call, domains, shapes) in enumerate(cases)
    if all(shapes) and not _arrays_in(call)
]


def _cupy():
    """CuPy, if it and a GPU are at hand: ``pytest -m gpu`` runs on it what runs on the double everywhere."""
    cupy = pytest.importorskip("cupy", reason="CuPy isn't installed: pip install adcourse[gpu]")
    try:
        cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        pytest.skip(f"no GPU at hand: {error}")
    return cupy


@pytest.fixture(params=["double", pytest.param("cupy", marks=pytest.mark.gpu)])
def device(request):
    """``(to the device, to the host, relative tolerance)``; the second refuses what isn't on the device."""
    if request.param == "double":
        return DeviceArray, to_host_from_double, 1e-14
    cupy = _cupy()

    def to_host(x):
        assert isinstance(x, cupy.ndarray), f"left the device: {x!r}"
        return cupy.asnumpy(x)

    return cupy.asarray, to_host, 1e-9  # a GPU adds up in another order


@pytest.mark.parametrize("call, domains, shapes", CASES)
def test_every_rule_stays_on_the_device(call, domains, shapes, device):
    to_device, to_host, rtol = device
    rng = np.random.default_rng(11)
    x, v = draw(rng, domains, shapes), draw(rng, domains, shapes)
    y, dy = jvp(call, tuple(x), tuple(v))
    device_x, device_v = map(to_device, x), map(to_device, v)
    _, device_dy = jvp(call, tuple(device_x), tuple(device_v))
    np.testing.assert_allclose(to_host(device_dy), dy, rtol=rtol, atol=rtol)
    w = rng.normal(size=np.shape(y))
    bars = vjp(call, *x)[1](w if w.shape else float(w))
    device_bars = vjp(call, *map(to_device, x))[1](to_device(w))
    for a, b in zip(device_bars, bars, strict=True):
        np.testing.assert_allclose(to_host(a), b, rtol=rtol, atol=rtol)


def test_matrices_of_derivatives_on_the_device(device):
    to_device, to_host, _ = device
    x = np.array([0.3, -0.7, 1.1])

    def f(x):
        return np.sum(np.tanh(x[:, None] * x) @ np.maximum(x, 0.1)) / (1.0 + np.linalg.norm(x)) + np.prod(x)

    for transform in (grad, hessian, jacobian):
        np.testing.assert_allclose(to_host(transform(f)(to_device(x))), transform(f)(x), rtol=1e-12, atol=1e-14)


def test_the_double_refuses_what_a_gpu_refuses():
    for leak in (
        lambda: np.asarray(DeviceArray([1.0])),
        lambda: DeviceArray([1.0]) + np.ones(1),
        lambda: float(DeviceArray(1.0)),
    ):
        with pytest.raises(TypeError):
            leak()
