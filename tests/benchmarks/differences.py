"""Derivatives from values of f alone, beside SciPy and numdifftools: time, error, estimated error, evaluations."""

import warnings

import numpy as np

from adcourse.methods import numerical

from .bench import Case, table
from .ways import HAND, OURS, numbers, peer

SMOOTH = lambda t: np.exp(np.sin(t))
SLOPE = lambda t: np.cos(t) * np.exp(np.sin(t))


def rosenbrock(v):
    """Of an array, or of many as columns: SciPy asks for all points at once."""
    return np.sum(100.0 * (v[1:] - v[:-1] ** 2) ** 2 + (1.0 - v[:-1]) ** 2, axis=0)


def rosenbrock_gradient(v):
    g = np.zeros_like(v)
    g[:-1] = -400.0 * v[:-1] * (v[1:] - v[:-1] ** 2) - 2.0 * (1.0 - v[:-1])
    g[1:] += 200.0 * (v[1:] - v[:-1] ** 2)
    return g


def rosenbrock_hessian(v):
    off, diagonal = -400.0 * v[:-1], np.zeros_like(v)
    diagonal[:-1] = 1200.0 * v[:-1] ** 2 - 400.0 * v[1:] + 2.0
    diagonal[1:] += 200.0
    return np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1)


def scipy():
    return peer("scipy.differentiate")


def cases(tiny=False):
    n = 3 if tiny else 10
    x, v, nd, sd = 1.0, np.linspace(0.2, 1.1, n), peer("numdifftools"), scipy()
    whole = lambda result: np.round(numbers(result), 3) + 0.0
    yield Case(
        "derivative of exp(sin x)",
        {
            HAND: lambda: SLOPE(x),
            OURS: lambda: numerical.richardson(SMOOTH, x).value,
            "adcourse, central": lambda: numerical.central(SMOOTH, x),
            "scipy": sd and (lambda: sd.derivative(SMOOTH, x).df),
            "numdifftools": nd and (lambda: nd.Derivative(SMOOTH)(x)),
        },
        compare=whole,
    )
    yield Case(
        f"gradient of Rosenbrock's function, n = {n}",
        {
            HAND: lambda: rosenbrock_gradient(v),
            OURS: lambda: numerical.gradient(rosenbrock, v, "richardson"),
            "adcourse, central": lambda: numerical.gradient(rosenbrock, v, "central"),
            "scipy": sd and (lambda: sd.jacobian(rosenbrock, v).df),
            "numdifftools": nd and (lambda: nd.Gradient(rosenbrock)(v)),
        },
        compare=whole,
    )
    yield Case(
        f"its Hessian, n = {n}",
        {
            HAND: lambda: rosenbrock_hessian(v),
            OURS: lambda: numerical.hessian(rosenbrock, v),
            "scipy": sd and (lambda: sd.hessian(rosenbrock, v).ddf),
            "numdifftools": nd and (lambda: nd.Hessian(rosenbrock)(v)),
        },
        compare=lambda result: np.round(numbers(result), 2) + 0.0,
    )


def noisy(t):
    """A sine with noise of 1e-6 that a point always has again."""
    return np.sin(t) + 1e-6 * np.sin(1e15 * t)


PROBLEMS = {  # function, point, slope
    "exp(sin x) at 1": (SMOOTH, 1.0, SLOPE(1.0)),
    "sin(100 x) at 0.7": (lambda t: np.sin(100 * t), 0.7, 100 * np.cos(70)),
    "log x at 0.001": (np.log, 1e-3, 1e3),
    "x³ at 1e6": (lambda t: t**3, 1e6, 3e12),
    "sin x, noise 1e-6, at 1": (noisy, 1.0, np.cos(1.0)),
    "|x| at 0": (np.abs, 0.0, None),
}


def _scipy(f, x):
    found = scipy().derivative(f, x)
    return (found.df, found.error) if found.success else None


def _numdifftools(f, x):
    value, estimate, *_ = peer("numdifftools").Derivative(f, full_output=True)(x)
    return float(value), float(estimate)


METHODS = {  # each gives value and estimated error, or None where it says that it failed
    "central, default step": lambda f, x: (numerical.central(f, x), None),
    "central, best_step": lambda f, x: (numerical.central(f, x, numerical.best_step(f, x)), None),
    "richardson": lambda f, x: numerical.richardson(f, x)[:2],
    "scipy.differentiate": _scipy,
    "numdifftools.Derivative": _numdifftools,
}
NEEDS = {"scipy.differentiate": "scipy.differentiate", "numdifftools.Derivative": "numdifftools"}


def outcome(method, f, x, slope):
    """Relative error, relative estimate and evaluations; or that it says there is no slope, or it can't tell."""
    points = 0

    def counted(t):
        nonlocal points
        points += np.size(t)  # SciPy hands over many points at once
        return f(t)

    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = METHODS[method](counted, x)
    except (ArithmeticError, ValueError):
        found = None
    if found is None or not np.isfinite(found[0]):
        return None, None, points
    value, estimate = found
    size = abs(slope) if slope else 1.0
    return abs(value - slope) / size if slope else np.inf, None if estimate is None else float(estimate) / size, points


def _cell(method, f, x, slope):
    error, estimate, points = outcome(method, f, x, slope)
    said = "" if estimate is None else f", said {estimate:.0e}"
    what = "says no" if error is None else f"{error:.0e}{said}" if slope else f"says there is one{said}"
    return f"{what}; {points}"


def accuracy():
    """Rows of the second table: relative error, the error that was estimated, evaluations."""
    for method in METHODS:
        if method in NEEDS and not peer(NEEDS[method]):
            yield method, ["not installed"] * len(PROBLEMS)
        else:
            yield method, [_cell(method, *problem) for problem in PROBLEMS.values()]


def main(tiny=False):
    rows = [
        f"| relative error; evaluations | {' | '.join(PROBLEMS)} |".replace("|x|", "abs(x)"),
        "| --- |" + " ---: |" * len(PROBLEMS),
        *(f"| {method} | {' | '.join(cells)} |" for method, cells in accuracy()),
        "",
    ]
    return "\n".join([table("Derivatives from values alone", cases(tiny), tiny), *rows])


if __name__ == "__main__":
    print(main())
