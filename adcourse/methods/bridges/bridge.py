"""Bridge: another system's derivatives of a NumPy program, for plain numbers in and plain numbers out."""

from functools import wraps

import numpy as np

from adcourse.core.arguments import as_input, as_python, as_tangents, called, check_function, pair, selected
from adcourse.core.errors import InputError
from adcourse.core.kinds import dtype_of, shape_of
from adcourse.core.tree import flatten, leaves_like
from adcourse.methods.bridges.companion import BridgeError
from adcourse.methods.bridges.system import System


class Bridge(System):
    """A bridge to one system; each of the modules beside this one has one, ``BRIDGE``.

    A system gives four derivatives of a program of a list of its arrays: ``pull`` (the values and the pullback),
    ``push`` (the values and the tangents), ``second`` (the blocks of the Hessian) and ``nth`` (of one number).
    """

    # ------------------------------------------------------------------ derivatives
    def value_and_grad(self, f, argnums=0):
        """``(f(x), grad f(x))`` by the other system's reverse mode, for NumPy's numbers and arrays. See ``grad``."""
        check_function(f, f"bridges.{self.name}.grad")

        @wraps(f, updated=())
        def value_and_gradient(*args, **kwargs):
            program, xs, build = self._split(f, args, argnums, kwargs)
            values, pull = self.pull(program, list(map(np.asarray, xs)))
            self._one_number(f, values)
            gradient = pull([np.ones_like(values[0])])
            return _like(values[0], xs), build([_as(g, x) for g, x in zip(gradient, xs, strict=True)])

        return value_and_gradient

    def grad(self, f, argnums=0):
        """The gradient of a scalar function by the other system, as a function of NumPy's numbers and arrays.

        Arguments and result as for ``adcourse.grad``: floats and arrays, in tuples, lists and dicts; of the shape and
        dtype of the argument. Raises MissingError where the system isn't installed, BridgeError at a function of
        NumPy's that it lacks, InputError when ``f`` doesn't return one number.
        """
        both = self.value_and_grad(f, argnums)

        @wraps(f, updated=())
        def gradient(*args, **kwargs):
            return both(*args, **kwargs)[1]

        return gradient

    def jacobian(self, f, argnums=0):
        """The matrix of first derivatives by the other system: of shape ``f(x).shape + x.shape``, or a tree of such."""
        check_function(f, f"bridges.{self.name}.jacobian")

        @wraps(f, updated=())
        def matrix(*args, **kwargs):
            program, xs, build = self._split(f, args, argnums, kwargs)
            blocks = self.blocks(program, list(map(np.asarray, xs)))
            rows = [build([_as(b, x) for b, x in zip(row, xs, strict=True)]) for row in blocks]
            return program.build_out(rows)

        return matrix

    def hessian(self, f, argnums=0):
        """The matrix of second derivatives of a scalar function by the other system, or a tree of such blocks."""
        check_function(f, f"bridges.{self.name}.hessian")

        @wraps(f, updated=())
        def matrix(*args, **kwargs):
            program, xs, build = self._split(f, args, argnums, kwargs)
            blocks = self.second(self._scalar(f, program), list(map(np.asarray, xs)))
            return build([build([_as(b, x) for b, x in zip(row, xs, strict=True)]) for row in blocks])

        return matrix

    def jvp(self, f, primals, tangents):
        """``(f(x), J v)`` by the other system's forward mode; arguments as for ``adcourse.jvp``."""
        primals, tangents = pair(primals, tangents, f"bridges.{self.name}.jvp")
        program, xs, _ = self._split(f, primals, tuple(range(len(primals))), {})
        vs = as_tangents(tangents, primals, xs)
        vs = [np.asarray(v, np.asarray(x).dtype) for v, x in zip(vs, xs, strict=True)]
        values, found = self.push(program, list(map(np.asarray, xs)), vs)
        return tuple(program.build_out([_like(y, xs) for y in part]) for part in (values, found))

    def vjp(self, f, *primals):
        """``(f(x), pullback)`` by the other system's reverse mode; as ``adcourse.vjp``."""
        program, xs, build = self._split(f, primals, tuple(range(len(primals))), {})
        values, pull = self.pull(program, list(map(np.asarray, xs)))
        form = program.build_out([_like(y, xs) for y in values])

        def pullback(cotangent):
            gs = leaves_like(cotangent, form, "The cotangents")
            for g, y in zip(gs, values, strict=True):
                if shape_of(g) != y.shape:
                    raise InputError(
                        f"A cotangent has shape {shape_of(g)}, its result {y.shape}.",
                        "a cotangent weighs each number of the result.",
                        "pullback(np.ones_like(y)), or another array of the shape of the result",
                    )
            gs = [np.asarray(g, y.dtype) for g, y in zip(gs, values, strict=True)]
            return tuple(build([_as(g, x) for g, x in zip(pull(gs), xs, strict=True)]))

        return form, pullback

    def gradient(self, f, x, order=1):
        """The derivative or gradient of f, of one number or array, at x; a number also has those of higher order."""
        if order == 1:
            return self.grad(f)(x)
        if shape_of(x):
            raise InputError(
                f"gradient was asked for order {order} at an array.",
                "of an array there are as many second derivatives as pairs of its numbers.",
                f"bridges.{self.name}.hessian(f)(x)",
            )
        program, xs, _ = self._split(f, (x,), 0, {})
        return _as(self.nth(self._scalar(f, program), np.asarray(xs[0]), order), xs[0])

    def _split(self, f, args, argnums, kwargs):
        """The program as a function of a list of the system's arrays; the numbers to differentiate at; a builder."""
        self.require()
        check_function(f, f"bridges.{self.name}")
        found, several = selected(args, argnums, f)
        xs, build = flatten(tuple(args[n] for n in found))
        xs = [as_input(x, f"An argument of {called(f)}") for x in xs or [args[n] for n in found]]
        for x in xs:
            if not isinstance(x, (float, np.ndarray, np.generic)):
                raise BridgeError(
                    f"{called(f)} was called with a {type(x).__name__} through the bridge to {self.title}.",
                    f"the bridge takes plain numbers to {self.title} and brings plain numbers back: the derivative by "
                    "what is traced would be lost.",
                    "bridges.jax.function(f) or bridges.torch.function(f) for adcourse's derivatives inside the other "
                    "system; or adcourse.grad of the whole",
                )
        return _Program(self, f, args, kwargs, found, build), xs, build if several else lambda new: build(new)[0]

    def _one_number(self, f, values):
        if len(values) != 1 or shape_of(values[0]) != ():
            raise InputError(
                f"grad needs a function with one number as its result; {called(f)} gave shape(s) "
                f"{[shape_of(v) for v in values]}.",
                "a gradient is the derivative of one number; of several there is a Jacobian.",
                f"bridges.{self.name}.jacobian(f)(x), or a scalar such as np.sum(f(x)) to differentiate",
            )

    def _scalar(self, f, program):
        def scalar(xs):
            ys = program(xs)
            self._one_number(f, ys)
            return ys[0]

        return scalar

    def blocks(self, program, xs):
        """The Jacobian of each result by each argument: rows, by one pullback for each number of the results."""
        values, pull = self.pull(program, xs)
        out = []
        for k, y in enumerate(values):
            rows = []
            for i in range(y.size):
                seeds = [np.zeros_like(v) for v in values]
                seeds[k] = np.asarray(np.arange(y.size) == i, y.dtype).reshape(y.shape)
                rows.append(pull(seeds))
            columns = zip(*rows, strict=True) if rows else ([] for _ in xs)
            out.append([np.reshape(np.array(c, x.dtype), y.shape + x.shape) for c, x in zip(columns, xs, strict=True)])
        return out


class _Program:
    """A call of ``f`` as a function from the list of its leaves to the list of its results', in the other system."""

    def __init__(self, system, f, args, kwargs, places, build):
        def run(*leaves):
            given = list(args)
            for n, x in zip(places, build(list(leaves)), strict=True):
                given[n] = x
            results, self.build_out = flatten(f(*given, **kwargs))
            return results

        self.run = system._translate(run, lambda y: y)

    def __call__(self, xs):
        return list(self.run(*xs))


def _as(g, x):
    """A derivative of the dtype of ``x``, and a Python float where x is one and g one number."""
    g = np.array(g, dtype_of(x) or float)[()]
    return as_python(g) if type(x) is float else g


def _like(y, xs):
    y = np.array(y)[()]
    return as_python(y) if all(type(x) is float for x in xs) else y
