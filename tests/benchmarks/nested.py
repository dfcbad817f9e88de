"""Derivatives of derivatives: a third derivative by nesting, and the Hessian of Rosenbrock's function."""

import math
from functools import partial
from itertools import pairwise

import numpy

import adcourse

from .bench import Case, table
from .rosenbrock import rosenbrock
from .ways import HAND, OURS, peer


def wave(x, np=numpy):
    return np.exp(np.sin(x)) * x


def third_by_hand(x, sin=math.sin, cos=math.cos, exp=math.exp):
    """With g = exp(sin x): (x g)''' = x g''' + 3 g''."""
    s, c = sin(x), cos(x)
    return exp(s) * (x * c * (c * c - 3.0 * s - 1.0) + 3.0 * (c * c - s))


def third_autograd(x):
    if not (autograd := peer("autograd")):
        return None
    third = autograd.grad(autograd.grad(autograd.grad(partial(wave, np=peer("autograd.numpy")))))
    return lambda: third(x)


def third_torch(x):
    if not (torch := peer("torch")):
        return None
    third = torch.func.grad(torch.func.grad(torch.func.grad(partial(wave, np=torch))))
    x = torch.tensor(x, dtype=torch.float64)
    return lambda: third(x)


def third_algopy(x):
    """No nesting: the Taylor coefficients up to the third."""
    if not (algopy := peer("algopy")):
        return None
    series = numpy.array([x, 1.0, 0.0, 0.0]).reshape(4, 1)
    return lambda: 6.0 * wave(algopy.UTPM(series), np=algopy).data[3, 0]


def hessian_by_hand(x):
    n = len(x)
    left = x[:-1]
    H = numpy.zeros((n, n))
    flat = H.reshape(-1)
    below = -400.0 * left
    flat[1 :: n + 1] = below
    flat[n :: n + 1] = below
    diagonal = flat[:: n + 1]
    diagonal[1:] = 200.0
    diagonal[:-1] += 1200.0 * (left * left) - 400.0 * x[1:] + 2.0
    return H


def hessian_autograd(x):
    if not (autograd := peer("autograd")):
        return None
    hessian = autograd.hessian(partial(rosenbrock, np=peer("autograd.numpy")))
    return lambda: hessian(x)


def hessian_torch(x):
    if not (torch := peer("torch")):
        return None
    hessian, x = torch.func.hessian(partial(rosenbrock, np=torch)), torch.from_numpy(x)
    return lambda: hessian(x)


def hessian_algopy(x):
    if not (algopy := peer("algopy")):
        return None
    series = algopy.UTPM
    return lambda: series.extract_hessian(len(x), rosenbrock(series.init_hessian(x), np=algopy))


def hessian_hyperjet(x):
    if not (hyperjet := peer("hyperjet")):
        return None
    values = x.tolist()

    def run():
        x = hyperjet.variables(values, 2)
        return sum(100.0 * (b - a**2) ** 2 + (1.0 - a) ** 2 for a, b in pairwise(x)).hm()

    return run


def cases(tiny=False):
    x = 0.7
    third = {"autograd": third_autograd, "torch": third_torch, "algopy": third_algopy}
    ours = {HAND: lambda: third_by_hand(x), OURS: lambda: adcourse.derivative(wave, 3)(x)}
    yield Case("third derivative of x exp(sin x)", ours | {name: way(x) for name, way in third.items()})

    n = 4 if tiny else 100
    X = numpy.random.default_rng(n).normal(size=n)
    hessian = {
        "autograd": hessian_autograd,
        "torch": hessian_torch,
        "algopy": hessian_algopy,
        "hyperjet": hessian_hyperjet,
    }
    ours = {HAND: lambda: hessian_by_hand(X), OURS: lambda: adcourse.hessian(rosenbrock)(X)}
    yield Case(f"Hessian of Rosenbrock's function, n = {n}", ours | {name: way(X) for name, way in hessian.items()})


def main(tiny=False):
    return table("Derivatives of derivatives", cases(tiny), tiny)


if __name__ == "__main__":
    print(main())
