"""Back: what adcourse's derivatives are to another system, a program of arrays with a program for its derivative.

The derivative is such a program again, so it has one in its turn: every order follows.
"""

from adcourse.core.arguments import as_output
from adcourse.core.transforms import jvp, vjp
from adcourse.core.tree import flatten


class Called:
    """A call of ``f`` as a program of some of its leaves, ``places``: arrays in, a tuple of arrays out.

    ``build``: makes what ``f`` returned of such a tuple, once the program has run.
    """

    def __init__(self, f, args, kwargs, is_operand):
        self.f, self.build = f, None
        self.leaves, self.build_in = flatten((args, kwargs))
        self.places = [k for k, x in enumerate(self.leaves) if is_operand(x)]
        self.operands = [self.leaves[k] for k in self.places]

    def __call__(self, *xs):
        given = list(self.leaves)
        for k, x in zip(self.places, xs, strict=True):
            given[k] = x
        args, kwargs = self.build_in(given)
        results, self.build = flatten(self.f(*args, **kwargs))
        return tuple(as_output(y) for y in results)


def pulled(program, smooth):
    """The program of the operands and the cotangents of the results that gives the cotangents of the operands.

    Of those that are ``smooth``, that is: the others are integers or masks.
    """
    n = len(smooth)

    def pull(*given):
        _, pullback = vjp(_fixed(program, given[:n], smooth), *_chosen(given[:n], smooth))
        return pullback(given[n:])

    return pull


def pushed(program, smooth):
    """The program of the operands and the tangents of the smooth ones that gives the tangents of the results."""
    n = len(smooth)

    def push(*given):
        return jvp(_fixed(program, given[:n], smooth), tuple(_chosen(given[:n], smooth)), given[n:])[1]

    return push


def _chosen(values, smooth):
    return [x for x, s in zip(values, smooth, strict=True) if s]


def _fixed(program, values, smooth):
    """The program as one of its smooth operands."""

    def fixed(*some):
        given = iter(some)
        return program(*(next(given) if s else v for v, s in zip(values, smooth, strict=True)))

    return fixed
