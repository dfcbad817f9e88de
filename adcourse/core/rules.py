"""THE table: one rule per elementary function, keyed by the NumPy function itself.

Adding a line here adds the function to every mode and to the test that walks the table. In a partial derivative,
``z`` is the result and ``x``, ``y`` are the operands; what a partial doesn't name, the tape doesn't keep. The remark
beside a rule is its caveat: the subgradient taken at a kink, the domain, the value at a singular point.

Sources: Abramowitz and Stegun, *Handbook of Mathematical Functions* (1964), chapters 3 and 4, for the elementary
derivatives; Giles, *Collected matrix derivative results for forward and reverse mode AD* (2008), for products.
"""

import operator as op

import numpy as np

from .errors import no_rule
from .kinds import SCALARS, Bilinear, Constant, Elementwise, General, Linear, dtype_of, match, shape_of, size_of
from .levels import apply, batches, highest

RULES = {}


def _add(rule):
    RULES[rule.function] = rule
    return rule


def elementwise(function, *partials, compute=None):
    """Add a rule of the first kind: ``elementwise(np.sin, lambda x: np.cos(x))``."""
    return _add(Elementwise(function, *partials, compute=compute))


def linear(function, transpose, **options):
    """Add a rule of the second kind, linear in all operands: the function and its transpose."""
    return _add(Linear(function, transpose, **options))


def bilinear(function, transpose_x, transpose_y, compute=None):
    """Add a rule that is linear in each of two operands: the function and its two transposes."""
    return _add(Bilinear(function, transpose_x, transpose_y, compute))


def general(function, jvp, **options):
    """Add a rule of the third kind: one JVP line."""
    return _add(General(function, jvp, **options))


# ---------------------------------------------------------------------------------------------- arithmetic

elementwise(np.add, 1, 1, compute=op.add)
elementwise(np.subtract, 1, -1, compute=op.sub)
elementwise(np.multiply, "y", "x", compute=op.mul)
elementwise(np.divide, lambda y: 1.0 / y, lambda z, y: -z / y, compute=op.truediv)
elementwise(np.negative, -1, compute=op.neg)
elementwise(np.positive, 1, compute=op.pos)
elementwise(np.conjugate, 1)  # of real numbers
elementwise(np.reciprocal, lambda z: -z * z)
elementwise(np.square, lambda x: 2.0 * x)
elementwise(np.remainder, 1, lambda z, x, y: np.rint((z - x) / y), compute=op.mod)  # one-sided at the jumps
elementwise(np.fmod, 1, lambda z, x, y: np.rint((z - x) / y))  # one-sided at the jumps
elementwise(np.nextafter, 1, 0)


def _power(x, y):
    if type(x) is float:  # Python's floats raise at 0.0**-1 and 1e200**2, and turn (-8.0)**0.5 complex; NumPy's don't
        try:
            z = x**y
            return np.float64(x) ** y if type(z) is complex else z
        except (OverflowError, ZeroDivisionError):
            x = np.float64(x)
    return x**y


def _power_x(x, y):
    """d(x^y)/dx = y x^(y-1), and 0 when y = 0, also at x = 0 (0^0 = 1 is constant there)."""
    if isinstance(y, (int, float)):
        return 2.0 * x if y == 2 else y * _power(x, y - 1) if y else 0.0
    e = np.where((x == 0) & (y == 0), 1.0, y - 1)
    return y * x ** (e if shape_of(e) else e[()])  # a power of numbers has other bits than one of arrays


def _power_y(z, x):
    """d(x^y)/dy = x^y log x; at x = 0 taken as 0, the limit for y > 0. For x < 0 it doesn't exist: nan."""
    if type(x) is float:
        return z * float(np.log(x)) if x else 0.0 * z
    return z * np.log(np.where(x == 0, 1.0, x))


elementwise(np.power, _power_x, _power_y, compute=_power)
elementwise(np.float_power, _power_x, _power_y)

# ---------------------------------------------------------------------------------------------- elementary

elementwise(np.exp, "z")
elementwise(np.exp2, lambda z: z * 0.6931471805599453)  # log 2
elementwise(np.expm1, lambda x: np.exp(x))  # not z + 1: that cancels for very negative x
elementwise(np.log, lambda x: 1.0 / x)
elementwise(np.log2, lambda x: 1.4426950408889634 / x)  # 1 / log 2
elementwise(np.log10, lambda x: 0.4342944819032518 / x)  # 1 / log 10
elementwise(np.log1p, lambda x: 1.0 / (1.0 + x))
elementwise(np.sqrt, lambda z: 0.5 / z)  # inf at 0
elementwise(np.cbrt, lambda z: 1.0 / (3.0 * z * z))  # inf at 0
elementwise(np.sin, lambda x: np.cos(x))
elementwise(np.cos, lambda x: -np.sin(x))
elementwise(np.tan, lambda z: 1.0 + z * z)
elementwise(np.arcsin, lambda x: 1.0 / np.sqrt((1.0 - x) * (1.0 + x)))  # inf at -1 and 1
elementwise(np.arccos, lambda x: -1.0 / np.sqrt((1.0 - x) * (1.0 + x)))  # -inf at -1 and 1
elementwise(np.arctan, lambda x: 1.0 / (1.0 + x * x))
elementwise(np.sinh, lambda x: np.cosh(x))
elementwise(np.cosh, lambda x: np.sinh(x))
elementwise(np.tanh, lambda z: 1.0 - z * z)  # absolute error 1e-16; few relative digits where |x| > 15
elementwise(np.arcsinh, lambda x: 1.0 / np.hypot(1.0, x))
elementwise(np.arccosh, lambda x: 1.0 / np.sqrt((x - 1.0) * (x + 1.0)))  # inf at 1
elementwise(np.arctanh, lambda x: 1.0 / ((1.0 - x) * (1.0 + x)))  # inf at -1 and 1
elementwise(np.arctan2, lambda x, y: y / (x * x + y * y), lambda x, y: -x / (x * x + y * y))  # nan at (0, 0)
elementwise(
    np.hypot, lambda z, x: x * (z != 0) / (z + (z == 0)), lambda z, y: y * (z != 0) / (z + (z == 0))
)  # at (0, 0) constant, as abs at 0


def _below(x, z):
    """x - z, and 0 where they are equal: also at -inf, which np.log(0) brings into such sums."""
    tie = x == z
    return np.where(tie, 0.0, x) - np.where(tie, 0.0, z)


elementwise(np.logaddexp, lambda z, x: np.exp(_below(x, z)), lambda z, y: np.exp(_below(y, z)))
elementwise(np.logaddexp2, lambda z, x: np.exp2(_below(x, z)), lambda z, y: np.exp2(_below(y, z)))
for _name in ("deg2rad", "radians"):
    elementwise(getattr(np, _name), 0.017453292519943295)  # pi / 180
for _name in ("rad2deg", "degrees"):
    elementwise(getattr(np, _name), 57.29577951308232)  # 180 / pi

# ---------------------------------------------------------------------------------------------- kinks

elementwise(np.absolute, lambda x: np.sign(x), compute=abs)  # 0 at 0
elementwise(np.fabs, lambda x: np.sign(x))  # 0 at 0


def _wins(x, y):
    """1 where x > y, 0 where x < y and 1/2 at a tie, as jax.numpy.maximum has it."""
    return np.add(x > y, x >= y, dtype=dtype_of(x) or dtype_of(y) or float) * 0.5


elementwise(np.maximum, lambda x, y: _wins(x, y), lambda x, y: _wins(y, x))
elementwise(np.minimum, lambda x, y: _wins(y, x), lambda x, y: _wins(x, y))
elementwise(np.fmax, lambda x, y: _wins(x, y) + (y != y), lambda x, y: _wins(y, x) + (x != x))  # a nan always loses
elementwise(np.fmin, lambda x, y: _wins(y, x) + (y != y), lambda x, y: _wins(x, y) + (x != x))
elementwise(np.copysign, lambda x, y: np.copysign(1.0, x) * np.copysign(1.0, y), 0)  # at 0 by the sign of the zero
elementwise(np.heaviside, 0, lambda x: (x == 0) * 1.0)  # 0 at the jump, where the value is the second argument


def modf(x):
    """The fractional part, with the sign of x; its derivative is 1, at the jumps too."""
    return np.modf(x)[0]


fraction = elementwise(modf, 1)

# ---------------------------------------------------------------------------------------------- linear: shape and index


def _sum_t(g, k, operands, *, axis=None, keepdims=False):
    if axis is not None and not keepdims:
        g = np.expand_dims(g, axis)
    shape = shape_of(operands[0])
    if type(g) in SCALARS:  # as below, without broadcast_to's 5 us
        return np.ndarray(shape, float, np.array(g), strides=(0,) * len(shape)) if shape else g
    return np.broadcast_to(g, shape)


def _mean_t(g, k, operands, *, axis=None, keepdims=False):
    count = size_of(operands[0]) / (size_of(g) or 1)
    return _sum_t(g / count if count else g, k, operands, axis=axis, keepdims=keepdims)


def _concatenate_t(g, k, operands, *, axis=0):
    if axis is None:
        g, axis = np.reshape(g, (-1,)), 0
        start = sum(map(size_of, operands[:k]))
        return np.reshape(g[start : start + size_of(operands[k])], shape_of(operands[k]))
    start, length = sum(x.shape[axis] for x in operands[:k]), operands[k].shape[axis]
    return g[(slice(None),) * (axis % len(g.shape)) + (slice(start, start + length),)]


def _where_t(g, k, operands):
    condition = operands[0]
    return match(np.where(condition, g, 0.0) if k == 1 else np.where(condition, 0.0, g), operands[k])


def _transpose_t(g, k, operands, *, axes=None):
    if axes is not None:
        axes = [a % len(axes) for a in axes]
        axes = sorted(range(len(axes)), key=axes.__getitem__)  # the inverse permutation
    return np.transpose(g, axes)


def _back_to_shape(g, k, operands, **static):
    return np.reshape(g, shape_of(operands[0]))


def _in_order(function):
    """``function`` in C or Fortran order. The others follow the layout in memory, which a tangent need not share."""

    def compute(x, order="C", **static):
        if order in ("A", "K"):
            raise no_rule(function, f"(..., order={order!r})")
        return function(x, order=order, **static)

    return compute


linear(np.sum, _sum_t)
linear(np.mean, _mean_t)
linear(np.broadcast_to, lambda g, k, operands, *, shape: match(g, operands[0]))
linear(
    np.reshape,
    lambda g, k, operands, *, shape, order="C", copy=None: np.reshape(g, shape_of(operands[0]), order),
    compute=_in_order(np.reshape),
)
linear(
    np.ravel,
    lambda g, k, operands, *, order="C": np.reshape(g, shape_of(operands[0]), order),
    compute=_in_order(np.ravel),
)
linear(np.expand_dims, lambda g, k, operands, *, axis: _back_to_shape(g, k, operands))
linear(np.squeeze, lambda g, k, operands, *, axis=None: _back_to_shape(g, k, operands))
linear(np.transpose, _transpose_t)
linear(np.swapaxes, lambda g, k, operands, *, axis1, axis2: np.swapaxes(g, axis1, axis2))
linear(np.moveaxis, lambda g, k, operands, *, source, destination: np.moveaxis(g, destination, source))

linear(np.flip, lambda g, k, operands, *, axis=None: np.flip(g, axis))
linear(np.cumsum, lambda g, k, operands, *, axis: np.flip(np.cumsum(np.flip(g, axis), axis), axis))

where = linear(np.where, _where_t, operands=3, constant=(0,))
concatenate = linear(
    np.concatenate,
    _concatenate_t,
    operands=0,
    compute=lambda *arrays, axis=0: np.concatenate(arrays, axis=axis),
)


def _take(x, *, index):
    return x[index]


def _put(*parts, indices, shape):
    """The transpose of indexing: add every part into one array of zeros. An element indexed twice gets both."""
    if highest(parts) is not None:  # this is no NumPy function, so NumPy's protocols don't see traced parts
        return apply(put, parts, {"indices": indices, "shape": shape})
    some = parts[0]
    whole = np.zeros(shape, some.dtype) if type(some) is np.ndarray else np.zeros_like(some, shape=shape)
    for k, (part, index) in enumerate(zip(parts, indices, strict=True)):
        items = () if type(index) is int else index if isinstance(index, tuple) else (index,)
        if any(isinstance(i, list) or hasattr(i, "dtype") for i in items):
            if found := batches(items):  # while recording, of integers: the parts are recorded with them
                parts = found[0].lift(parts[0]), *parts[1:]
                return apply(put, parts, {"indices": indices, "shape": shape})
            np.add.at(whole, index, part)
        elif k == 0 and shape_of(part):  # nothing there yet: one pass less
            whole[index] = part
        else:
            whole[index] += part
    return whole


getitem = linear(
    _take,
    lambda g, k, operands, *, index: apply(put, (g,), {"indices": (index,), "shape": shape_of(operands[0])}),
    name="getitem",
)
put = linear(_put, lambda g, k, operands, *, indices, shape: g[indices[k]], operands=0, name="put")
linear(np.copy, lambda g, k, operands, *, order="K": g)
astype = linear(
    lambda x, *, dtype: (np.float64(x) if type(x) is float else x).astype(dtype),
    lambda g, k, operands, *, dtype: g,
    name="astype",
)

# ---------------------------------------------------------------------------------------------- bilinear: products


def _mT(x):
    return np.swapaxes(x, -1, -2)


def _matmul_x(g, x, y):
    if y.ndim == 1:
        return g[..., None] * y if x.ndim > 1 else g * y
    if x.ndim == 1:
        return np.matmul(y, g[..., None])[..., 0]
    return np.matmul(g, _mT(y))


def _matmul_y(g, x, y):
    if x.ndim == 1:
        return x[:, None] * g[..., None, :] if y.ndim > 1 else g * x
    if y.ndim == 1:
        return np.matmul(_mT(x), g[..., None])[..., 0]
    return np.matmul(_mT(x), g)


bilinear(np.matmul, _matmul_x, _matmul_y, compute=op.matmul)
bilinear(np.convolve, lambda g, x, y: np.correlate(g, y), lambda g, x, y: np.correlate(g, x))

# ---------------------------------------------------------------------------------------------- no derivative

for _name, _compute in {
    "greater": op.gt, "greater_equal": op.ge, "less": op.lt, "less_equal": op.le, "equal": op.eq, "not_equal": op.ne,
    "floor_divide": op.floordiv,
}.items():  # fmt: skip
    _add(Constant(getattr(np, _name), _compute))
_NAMES = """
    sign floor ceil trunc rint round around fix signbit spacing result_type can_cast common_type
    isfinite isnan isinf isposinf isneginf iscomplex isreal iscomplexobj isrealobj isin angle
    logical_and logical_or logical_not logical_xor any all allclose isclose array_equal array_equiv
    argmax argmin nanargmax nanargmin argsort argpartition lexsort argwhere nonzero flatnonzero count_nonzero
    searchsorted digitize diag_indices_from tril_indices_from triu_indices_from ix_ einsum_path
    may_share_memory shares_memory
"""
for _name in _NAMES.split():
    _add(Constant(getattr(np, _name)))
