"""The three kinds of rule: what forward and reverse mode need to know about one elementary function.

A rule is written once, with NumPy functions on values. Because the values may themselves be traced by another mode,
that one writing serves every mode and every order of derivative. See Griewank and Walther, *Evaluating Derivatives*
(2008), sections 2.2 and 3.2, for the two directions in which a rule is read:

    pushforward   dz = sum_k  (dz/dx_k) dx_k            forward mode
    pullback      x_k_bar = (dz/dx_k)^T z_bar           reverse mode
"""

import inspect
import math

import numpy as np

from .errors import MutationError, lost_derivative, no_rule
from .levels import Traced, apply, bottom


class Spec:
    """Shape and dtype of an array whose numbers the derivative doesn't read, so that the tape need not keep them."""

    __slots__ = ("dtype", "shape")

    def __init__(self, shape, dtype):
        self.shape, self.dtype = shape, dtype

    ndim = property(lambda self: len(self.shape))


def shape_of(x):
    """The shape of any value; ``()`` for Python numbers."""
    return getattr(x, "shape", ())


def dtype_of(x):
    """The dtype of any value, traced or not; None for Python numbers."""
    while isinstance(x, Traced):
        x = x.value
    return getattr(x, "dtype", None)


def differentiated(x):
    """Whether there may be a derivative by this value: a plain or recorded one has none."""
    return isinstance(x, Traced) and not x.recorded


def stand_in(x):
    """Plain zeros with the shape and dtype of a value, for questions about these alone."""
    return np.zeros_like(bottom(x), shape=shape_of(x)) if isinstance(x, Traced) else x


def size_of(x):
    """How many numbers a value holds."""
    return math.prod(shape_of(x))


def spec_of(x):
    """An array's shape and dtype; numbers as they are."""
    if type(x) is np.ndarray:
        return Spec(x.shape, x.dtype)
    return Spec(x.shape, dtype_of(x)) if hasattr(x, "shape") and not isinstance(x, np.generic) else x


def cast(c, x):
    """``c`` in the dtype of ``x``; beside a Python float, one that a np.float32 added to it later can't narrow."""
    to, have = dtype_of(x), dtype_of(c)
    if to is None:
        if isinstance(c, Traced):
            return c.widened(x) if c.recorded else c
        return float(c) if type(c) is np.float32 and type(bottom(x)) is float else c
    return c if have is None or have == to else c.astype(to)


SCALARS = frozenset({float, np.float64})
IN_PLACE = 4096  # bytes from which a temporary array is worth saving


def match(c, x):
    """Bring a cotangent to the shape and dtype of its operand ``x``.

    Broadcasting copies numbers, and the transpose of a copy is a sum: axes that ``x`` doesn't have, or has with
    length 1, are summed over.
    """
    if type(c) is np.ndarray:
        shape = shape_of(x)
        if c.shape == shape and shape and c.dtype is x.dtype:
            return c
    elif type(c) in SCALARS and type(x) in SCALARS:
        return c
    else:
        shape = shape_of(x)
    if shape_of(c) != shape:
        lead = c.ndim - len(shape)
        axes = tuple(range(lead)) + tuple(lead + i for i, n in enumerate(shape) if n == 1 != c.shape[lead + i])
        c = np.sum(c, axis=axes)
        c = c if shape_of(c) == shape else np.reshape(c, shape)
    return cast(c, x)


def conform(t, z):
    """Bring a tangent to the shape and dtype of the result ``z``: an operand may have been broadcast or promoted."""
    if type(z) in SCALARS and type(t) in SCALARS:
        return t
    shape = shape_of(z)
    if shape_of(t) != shape:
        t = np.broadcast_to(t, shape)
    return cast(t, z)


class Rule:
    """One row of the table: a NumPy function with its pushforward and pullback.

    ``reads``     the operands whose values the derivative needs (the tape keeps no others)
    ``reads_out`` whether it needs the result
    ``compute``   the same function, faster on plain values (``operator.mul`` for ``np.multiply``)
    """

    reads, reads_out = (), False
    spliced = False  # whether the derivative runs the function again: see rerun.py

    def __init__(self, function, operands, compute=None, name=None):
        self.function, self.operands, self.compute = function, operands, compute or function
        self.name = name or function.__name__
        self.parameters = None

    def __repr__(self):
        return f"<rule {self.name}>"

    def evaluate(self, operands, static):
        """The plain value. Where Python's own floats raise at a singular point, NumPy's answer (inf or nan)."""
        try:
            return self.compute(*operands, **static) if static else self.compute(*operands)
        except ZeroDivisionError:
            return self.function(*operands, **static)

    def bind(self, args, kwargs):
        """Split the arguments of a NumPy call into operands (differentiated) and static ones (axis, shape, ...)."""
        if self.parameters is None:
            self.parameters = inspect.signature(self.function).parameters
        given = dict(zip(self.parameters, args, strict=False))
        if len(given) < len(args) or not given.keys().isdisjoint(kwargs) or not kwargs.keys() <= self.parameters.keys():
            inspect.signature(self.function).bind(*args, **kwargs)  # raises TypeError
        given.update(kwargs)
        operands = tuple([given.pop(name) for name in list(self.parameters)[: self.operands] if name in given])
        for name, value in list(given.items()):
            default = self.parameters[name].default
            if name not in self.static and (value is None or value is default):
                del given[name]
            elif name == "out":
                raise out_argument(self.function)
            elif name not in self.static:
                raise no_rule(self.function, f"(..., {name}={value!r})")
        return operands, {name: owned(value) for name, value in given.items()}


def owned(x):
    """An index or option that later writes to the caller's lists and arrays can't change."""
    if isinstance(x, Traced):
        if not x.many:
            raise lost_derivative(x, "use as an index or option")
        return x.settle()
    if type(x) in (tuple, list):
        return type(x)(map(owned, x))
    return x.copy() if getattr(x, "ndim", 0) else x


def out_argument(function):
    """The error for ``out=`` and for ``array += traced``, which NumPy hands us as ``out=``."""
    return MutationError(
        f"np.{function.__name__} was asked to write a traced value into an existing array.",
        "a plain NumPy array holds plain numbers, so the derivative would be lost (c += x does this when c is an "
        "array and x is traced).",
        "c = c + x instead of c += x; x * np.ones_like(a) instead of np.full_like(a, x); and leave out= away",
    )


class Elementwise(Rule):
    """z = f(x, y, ...) element by element; one partial derivative per operand.

    A partial is a number (1, -1, ...), the name of what it equals (``"y"``, the partial of x y by x), or a function
    whose parameter names say what it reads: ``z`` the result, ``x``, ``y`` the operands. ``"z"`` is the derivative of
    exp, ``lambda x: np.cos(x)`` that of sin.
    """

    static = ()

    def __init__(self, function, *partials, compute=None):
        super().__init__(function, len(partials), compute)
        terms, read, known = [], set(), {}  # the partials as expressions in z, x, y and p0, p1
        for k, p in enumerate(partials):
            names = inspect.signature(p).parameters if callable(p) else {p} & {"x", "y", "z"}
            terms.append(f"p{k}({', '.join(names)})" if callable(p) else p if names else repr(float(p)))
            known[f"p{k}"] = p
            read |= set(names)
        self.reads = tuple(n in read for n in "xy"[: len(partials)])
        self.reads_out = "z" in read
        # each as a function of (z, x, y), None for 1
        given = [eval(f"lambda z, x, y=None: {t}", known) for t in terms]
        self.local = given[0]
        self.partials = tuple(None if p == 1 else g for p, g in zip(partials, given, strict=True))
        self.terms, self.known = terms, known

    def partial(self, k, z, primals):
        """dz/dx_k at these values: a number or an array that broadcasts against z."""
        return 1.0 if self.partials[k] is None else self._partial(self.partials[k], z, primals)

    @staticmethod
    def _partial(p, z, primals):
        try:
            return p(z, *primals)
        except ZeroDivisionError:  # Python's floats raise where NumPy's say inf
            return p(*(np.float64(v) if type(v) is float else v for v in (z, *primals)))

    def _times(self, c, p, z, primals):
        """``c`` times a partial; in the partial's own memory, where it is a large array that nothing else holds."""
        try:
            partial = p(z, *primals)
        except ZeroDivisionError:
            partial = self._partial(p, z, primals)
        if type(c) is not np.ndarray or c.nbytes < IN_PLACE:
            return c * partial
        shape, number = c.shape, c[(0,) * c.ndim] if not any(c.strides) else c  # one number, spread by a sum
        fits = type(partial) is np.ndarray and partial.shape == shape and partial.dtype == c.dtype
        if fits and partial.base is None and partial is not z and not any(partial is x for x in primals):
            return np.multiply(number, partial, out=partial)
        product = number * partial
        if number is not c:  # its shape is lost; a tangent's may be less than the partial's
            shape = np.broadcast_shapes(shape, shape_of(partial))
            product = product if shape_of(product) == shape else np.broadcast_to(product, shape)
        return product

    def pushforward(self, z, primals, tangents, static):
        dz = None
        for p, t in zip(self.partials, tangents, strict=True):
            if t is not None:
                t = t if p is None else self._times(t, p, z, primals)
                dz = t if dz is None else dz + t
        return conform(dz, z)

    def pullback(self, g, z, primals, static, wanted):
        out = []
        for p, w, x in zip(self.partials, wanted, primals, strict=True):
            out.append(None if w is None else match(g if p is None else self._times(g, p, z, primals), x))
        return out


def _options(f):
    """The names of the keyword-only parameters of ``f``: the static arguments that a rule understands."""
    return tuple(p.name for p in inspect.signature(f).parameters.values() if p.kind is p.KEYWORD_ONLY)


class Linear(Rule):
    """z is linear in all operands together: forward mode applies the function to the tangents, reverse its transpose.

    ``transpose(g, k, operands, **static)`` returns the cotangent of operand ``k``; of the operands it may use shape
    and dtype only. Its keyword-only parameters are the static arguments that the rule understands.
    """

    def __init__(self, function, transpose, operands=1, compute=None, name=None, constant=()):
        super().__init__(function, operands, compute, name)
        self.transpose, self.constant = transpose, constant
        self.static = _options(transpose)
        self.reads = tuple(k in constant for k in range(operands))

    def pushforward(self, z, primals, tangents, static):
        some = next(t for t in tangents if t is not None)
        args = [
            p if k in self.constant else np.zeros_like(some, shape=shape_of(p)) if t is None else t
            for k, (p, t) in enumerate(zip(primals, tangents, strict=True))
        ]
        return conform(apply(self, tuple(args), static), z)

    def pullback(self, g, z, primals, static, wanted):
        return [
            None if w is None else cast(self.transpose(g, k, primals, **static), primals[k])
            for k, w in enumerate(wanted)
        ]


class Bilinear(Rule):
    """z is linear in each of two operands: dz = f(dx, y) + f(x, dy)."""

    static, reads = (), (True, True)

    def __init__(self, function, transpose_x, transpose_y, compute=None):
        super().__init__(function, 2, compute)
        self.transposes = transpose_x, transpose_y

    def pushforward(self, z, primals, tangents, static):
        (x, y), (dx, dy) = primals, tangents
        terms = [] if dx is None else [self.evaluate((dx, y), static)]
        terms += [] if dy is None else [self.evaluate((x, dy), static)]
        return conform(terms[0] if len(terms) == 1 else terms[0] + terms[1], z)

    def pullback(self, g, z, primals, static, wanted):
        return [
            None if w is None else match(transpose(g, *primals), primals[k])
            for k, (w, transpose) in enumerate(zip(wanted, self.transposes, strict=True))
        ]


class General(Rule):
    """Everything else: one line, ``jvp(z, primals, tangents, **static)``, with ``None`` for a constant operand.

    Reverse mode transposes that line, so no second one is written (tape.transpose_of_jvp). ``vjp(g, z, primals,
    **static)``, the cotangents of all operands, may stand beside it where a measurement has earned it.
    """

    def __init__(self, function, jvp, operands=1, vjp=None, compute=None, name=None):
        super().__init__(function, operands, compute, name)
        self.jvp, self.vjp, self.static = jvp, vjp, _options(jvp)
        self.reads, self.reads_out = (True,) * operands, True

    def pushforward(self, z, primals, tangents, static):
        return conform(self.jvp(z, primals, tangents, **static), z)

    def pullback(self, g, z, primals, static, wanted):
        if self.vjp is not None:
            found = self.vjp(g, z, primals, **static)
            return [None if w is None else match(c, x) for c, x, w in zip(found, primals, wanted, strict=True)]
        from .tape import transpose_of_jvp  # the one place where a rule needs a mode

        return transpose_of_jvp(self, g, z, primals, static, [k for k, w in enumerate(wanted) if w is not None])


class Constant(Rule):
    """Derivative zero wherever it has one (``sign``, ``floor``), or no derivative at all (``x > y``, ``argmax``)."""

    static = None

    def __init__(self, function, compute=None):
        super().__init__(function, 0, compute)
