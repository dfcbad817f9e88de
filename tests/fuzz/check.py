"""Run a program under every nesting of the modes and compare with the reference, and with JAX."""

import copy
import itertools
import warnings
from contextlib import contextmanager
from functools import cache

import numpy as np

from adcourse import (
    HyperDual,
    TaylorN,
    derivative,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    replay,
    taylor,
    value_and_grad,
    vjp,
)
from adcourse.core.errors import ConversionError
from adcourse.core.tree import flatten
from adcourse.program.replay import identical

from .exact import directional

CLOSE = 1e-10  # relative; where a program is ill-conditioned, what the reference says of its neighbours


def forward(f, v):
    return lambda *xs: jvp(f, xs, tuple(v))[1]


def reverse(f, v):
    return lambda *xs: _dot(grad(f, tuple(range(len(xs))))(*xs), v)


def pulled(f, v):
    return lambda *xs: _dot(vjp(f, *xs)[1](1.0), v)


def along(f, v):
    return lambda *xs: derivative(lambda t: f(*(x + t * d for x, d in zip(xs, v, strict=True))))(0.0)


def columns(f, v):
    return lambda *xs: _dot(jacobian(lambda *a: np.reshape(f(*a), (1,)), tuple(range(len(xs))))(*xs), v)


def coefficient(f, v):
    return lambda *xs: taylor(f, xs, 1, tuple(v)).coefficients[1]


def _dot(gs, vs):
    return sum(np.sum(g * v) for g, v in zip(gs, vs, strict=True))


MODES = {"forward": forward, "reverse": reverse}
MORE = {"vjp": pulled, "derivative": along, "jacobian": columns, "taylor": coefficient}


def nestings(order, rng):
    """Every nesting of the two modes, and one that draws from all transforms."""
    every = MODES | MORE
    yield from itertools.product(MODES, repeat=order)
    yield tuple(str(rng.choice(list(every))) for _ in range(order))


def nested(f, modes, directions, table=MODES | MORE):
    for mode, v in zip(modes, directions, strict=True):
        f = table[mode](f, v)
    return f


def whole_matrix(f, xs, directions):
    """Two more ways to the second derivative: the Hessian's blocks, and its product with a vector."""
    u, v = directions
    every = tuple(range(len(xs)))
    blocks = hessian(f, every)(*xs)
    H = sum(
        float(np.sum(np.tensordot(np.tensordot(block, b, np.ndim(b)), a, np.ndim(a))))
        for row, a in zip(blocks, u, strict=True)
        for block, b in zip(row, v, strict=True)
    )
    yield "hessian", H
    product = hvp(f, tuple(xs), tuple(v))
    yield "hvp", float(_dot(product if len(xs) > 1 else (product,), u))


def from_rays(f, xs, directions):
    """d^n f[v_1, ..., v_n] by polarisation: from the n-th coefficients along the sums of v_1 and +- the others."""
    n, total = len(directions), 0.0
    for signs in itertools.product((1, -1), repeat=n - 1):
        ray = tuple(sum(s * v for s, v in zip((1, *signs), vs, strict=True)) for vs in zip(*directions, strict=True))
        total += np.prod(signs) * taylor(f, xs, n, ray).coefficients[n]
    return total / 2 ** (n - 1)


def mixed(f, xs, directions):
    """The same as the partial derivative by s_1, ..., s_n of f(x + s_1 v_1 + ... + s_n v_n), from one run."""

    def at(*s):
        return f(*(x + sum(a * v for a, v in zip(s, vs, strict=True)) for x, *vs in zip(xs, *directions, strict=True)))

    n = len(directions)
    yield "TaylorN", at(*TaylorN.variables(np.zeros(n), n)).partial((1,) * n)
    if n == 2:
        yield "HyperDual", at(HyperDual(0.0, 1, 0), HyperDual(0.0, 0, 1)).e12


@contextmanager
def quiet():
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def answers(program):
    """Every nesting's derivative of the program, by name."""
    f, xs, directions = program.function(), tuple(program.inputs.values()), program.directions()
    rng = np.random.default_rng(len(program.source()))
    for modes in nestings(program.order, rng):
        yield " of ".join(modes[::-1]), float(nested(f, modes, directions)(*xs))
    yield "taylor along rays", float(from_rays(f, xs, directions))
    for name, y in mixed(f, xs, directions):
        yield name, float(y)
    if program.order == 2:
        yield from whole_matrix(f, xs, directions)


UNCLEAR, REFUSED = "ill-conditioned", "refused, with the reason: this function doesn't take np.array([x, y])"


def disagreement(program):
    """None if all nestings agree with the reference, UNCLEAR if the program is too ill-conditioned to tell, REFUSED for
    an error about an array of objects; else what went wrong, in words."""
    with quiet():
        exact = directional(program)
        try:
            found = list(answers(program))
        except Exception as error:
            refused = isinstance(error, ConversionError) and "array of Python objects" in error.what
            return REFUSED if refused else f"{type(error).__name__}: {error}"
        return _judge(program, exact, found)


def _judge(program, exact, found):
    """Close at once, or else as close as programs are whose every operation errs by up to 2^-52."""
    if all(abs(y - exact) <= CLOSE * abs(exact) for _, y in found):
        return None
    spread = max(abs(directional(program, noise=k) - exact) for k in range(4))
    scale = max(1e-3, abs(exact))
    wrong = [f"{name}: {y!r}" for name, y in found if not abs(y - exact) <= CLOSE * scale + 1e3 * spread]
    if wrong:
        return "\n".join([*wrong, f"exactly {exact!r}, and {spread:.0e} for a last digit in every operation"])
    return UNCLEAR if 1e3 * spread > 1e-4 * scale else None


# ------------------------------------------------------------------------------ replay


def replay_disagreement(program):
    """None if the derivatives, recorded at one point and run at another, are the same to the last bit; else which not.

    Nor may a program write to what it is given. A call that raises is the business of the other judges.
    """
    f, args = program.function(), tuple(program.inputs.values())
    argnums = tuple(range(len(args)))
    asked = {"value and gradient": value_and_grad(f, argnums)}
    asked["second derivative"] = lambda *xs: jvp(grad(f, argnums), xs, xs)[1]
    with quiet():
        for name, g in asked.items():
            fast = replay(g)
            for xs in (args, tuple(x * 1.001 for x in args)):
                given = copy.deepcopy(xs)
                try:
                    expected = g(*xs)
                except Exception:
                    break
                try:
                    found = fast(*xs)
                except Exception as error:
                    return f"{name}, replayed: {type(error).__name__}: {error}"
                if not all(map(identical, flatten(found)[0], flatten(expected)[0])):
                    return f"{name}, replayed: {found!r} instead of {expected!r}"
                if not all(map(identical, xs, given)):
                    return f"{name}, replayed, wrote to its arguments"
    return None


# ------------------------------------------------------------------------------ JAX


@cache
def _jax():
    import jax

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_disable_most_optimizations", True)  # compiling takes the time
    return jax, {
        "forward": lambda f, v: lambda *xs: jax.jvp(f, xs, tuple(v))[1],
        "reverse": lambda f, v: lambda *xs: _dot(jax.grad(f, tuple(range(len(xs))))(*xs), v),
    }


NO_JAX = "JAX can't run it"


def jax_disagreement(program):
    """The same of JAX in double precision, forward over reverse. NO_JAX for what it lacks, or answers with nan."""
    jax, modes = _jax()
    directions = [list(map(jax.numpy.asarray, v)) for v in program.directions()]
    modes_used = ("reverse", *["forward"] * (program.order - 1))
    with quiet():
        try:
            f = program.function(jax.numpy)
            y = float(nested(f, modes_used, directions, modes)(*map(jax.numpy.asarray, program.inputs.values())))
        except Exception as error:
            return f"{NO_JAX}: {type(error).__name__}"
    if not np.isfinite(y):
        return f"{NO_JAX}: {y}"
    return _judge(program, directional(program), [("jax", y)])
