"""What the functions here are given, checked: an error says what to write instead."""

import inspect
from operator import index

import numpy as np

from adcourse.core.arguments import check_function
from adcourse.core.errors import InputError


def whole(number, least, name):
    """A whole number from ``least`` on."""
    if isinstance(number, bool) or not hasattr(number, "__index__") or number < least:
        raise InputError(
            f"{name}={number!r} was given.", f"it is a whole number from {least} on.", f"{name}={max(least, 10)}"
        )
    return index(number)


def right_hand_side(f, who):
    """The f of u' = f(u, p, t), which must take these three."""
    check_function(f, f"{who}(f, u0, p, t)")
    try:
        inspect.signature(f).bind(None, None, None)
    except TypeError:
        raise InputError(
            f"{who} was given a function that doesn't take three arguments.",
            "the right-hand side of u' = f(u, p, t) is asked with the state, the parameters and the time.",
            "lambda u, p, t: f(u, p), for one in which the time doesn't occur",
        ) from None
    except ValueError:  # built-in functions have no signature
        pass
    return f


def generator(rng, who):
    """A generator of random numbers, which goes on from call to call. (A seed would give the same ones each time.)"""
    if not isinstance(rng, np.random.Generator):
        raise InputError(
            f"{who} was given rng={rng!r}.",
            "its random numbers come from a generator, which goes on where the last call stopped.",
            "rng = np.random.default_rng(1), once, before the first call",
        )
    return rng
