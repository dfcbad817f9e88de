"""For every differentiable rule of the table: ways to call it, on operands drawn at generic points of its domain.

An entry is ``rule name: [(call, [domain of each operand], [shape of each operand]), ...]``. A rule without an entry
fails the test that walks the table. Domains: ``(low, high)`` of a uniform draw; ``draw`` keeps clear of kinks.
"""

import numpy as np

from . import examples_fft, examples_linalg, examples_numpy, examples_special

ANY, POSITIVE, UNIT, ABOVE_ONE = (-2.0, 2.0), (0.3, 3.0), (-0.9, 0.9), (1.2, 3.0)
PAIRS = [((), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), (4,))]
ONES = [((),), ((3,),), ((2, 3),)]

UNARY = {
    "negative positive conjugate square absolute fabs sin cos arctan sinh cosh tanh arcsinh": ANY,
    "exp exp2 expm1 deg2rad rad2deg radians degrees": ANY,
    "reciprocal log log2 log10 sqrt cbrt log1p": POSITIVE,
    "arcsin arccos arctanh tan": UNIT,
    "arccosh": ABOVE_ONE,
}
BINARY = {
    "add subtract multiply maximum minimum fmax fmin hypot logaddexp logaddexp2 arctan2 copysign nextafter": (ANY, ANY),
    "divide remainder fmod heaviside": (ANY, POSITIVE),
    "power float_power": (POSITIVE, ANY),
}

EXAMPLES = {}
for names, domain in UNARY.items():
    for name in names.split():
        EXAMPLES[name] = [(getattr(np, name), [domain], shapes) for shapes in ONES]
for names, domains in BINARY.items():
    for name in names.split():
        EXAMPLES[name] = [(getattr(np, name), list(domains), shapes) for shapes in PAIRS]


def example(name, call, *shapes, domain=ANY):
    EXAMPLES.setdefault(name, []).append((call, [domain] * len(shapes), shapes))


mask = np.array([[True, False, True], [False, False, True]])
for axis in (None, 0, 1, -1, (0, 1), (2, 0)):
    for keepdims in (False, True):
        example("sum", lambda x, a=axis, k=keepdims: np.sum(x, axis=a, keepdims=k), (2, 3, 4))
        example("mean", lambda x, a=axis, k=keepdims: x.mean(axis=a, keepdims=k), (2, 3, 4))
example("sum", np.sum, ())
example("sum", lambda x: np.add.reduce(x), (2, 3))
example("broadcast_to", lambda x: np.broadcast_to(x, (4, 2, 3)), (2, 1))
example("reshape", lambda x: np.reshape(x, (3, -1)), (2, 3))
example("reshape", lambda x: x.reshape(6), (2, 3))
example("ravel", np.ravel, (2, 3))
example("expand_dims", lambda x: np.expand_dims(x, (0, -1)), (2, 3))
example("squeeze", np.squeeze, (1, 3, 1))
example("squeeze", lambda x: np.squeeze(x, axis=2), (1, 3, 1))
example("transpose", np.transpose, (2, 3, 4))
example("transpose", lambda x: np.transpose(x, (2, 0, 1)), (2, 3, 4))
example("transpose", lambda x: x.transpose(-1, 0, 1), (2, 3, 4))
example("swapaxes", lambda x: np.swapaxes(x, 0, -1), (2, 3, 4))
example("moveaxis", lambda x: np.moveaxis(x, (0, 2), (1, 0)), (2, 3, 4))
example("where", lambda x, y: np.where(mask, x, y), (2, 3), (2, 3))
example("where", lambda x, y: np.where(mask, x, y), (), (3,))
example("where", lambda x: np.where(mask, x, 7.0), (3,))
example("concatenate", lambda x, y: np.concatenate([x, y, x]), (2, 3), (4, 3))
example("concatenate", lambda x, y: np.concatenate((x, np.ones((2, 2)), y), axis=-1), (2, 3), (2, 1))
example("concatenate", lambda x, y: np.concatenate([x, y], axis=None), (2, 3), (4,))
example("concatenate", lambda x, y: np.stack([x, 2.0 * np.ones((2, 3)), y], axis=1), (2, 3), (2, 3))
example("getitem", lambda x: x[1], (4,))
example("getitem", lambda x: x[::-2, 1:], (4, 3))
example("getitem", lambda x: x[..., None, -1], (4, 3))
example("getitem", lambda x: x[[0, 0, 2]], (4, 3))
example("getitem", lambda x: x[np.array([[0, 1], [1, 1]]), 2], (4, 3))
example("getitem", lambda x: x[mask], (2, 3))
example("put", lambda x: x[1] * x[[1, 1]], (2, 3))  # met in the second derivative of indexing
example("copy", np.copy, (2, 3))
example("astype", lambda x: x.astype(np.float64), (3,))
for x_shape, y_shape in [
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)),
    ((3,), (5, 3, 4)), ((5, 2, 3), (3,)), ((5, 1, 2, 3), (6, 3, 4)),
]:  # fmt: skip
    example("matmul", np.matmul, x_shape, y_shape)
example("matmul", np.dot, (2, 3), (3,))
example("matmul", lambda x: x @ x, (3, 3))
DERIVED = {}
EXAMPLES["modf"] = [(lambda x: np.modf(x)[0], [ANY], shapes) for shapes in ONES]
for more in (examples_linalg, examples_fft, examples_numpy):
    for name, cases in (more.RULES | more.DERIVED).items():
        EXAMPLES.setdefault(name, []).extend((call, [UNIT] * len(shapes), shapes) for call, *shapes in cases)
    DERIVED |= more.DERIVED
DERIVED |= examples_special.FUNCTIONS
for name, cases in examples_special.FUNCTIONS.items():
    EXAMPLES[name] = [(call, [ANY] * len(shapes), shapes) for call, *shapes in cases]
for name, cases in examples_special.EXAMPLES.items():
    EXAMPLES.setdefault(name, []).extend(cases)  # SciPy has its own cbrt, expm1, ...


def draw(rng, domains, shapes):
    """Generic operands: no two equal, none within 0.05 of a kink at 0."""
    out = []
    for (low, high), shape in zip(domains, shapes, strict=True):
        x = rng.uniform(low, high, shape)
        x = np.where(np.abs(x) < 0.05, 0.07 + np.abs(x), x)
        out.append(x if shape else float(x))
    return out
