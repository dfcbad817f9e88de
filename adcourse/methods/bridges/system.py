"""System: how a NumPy program runs in another system, operation by operation.

A system says what its functions are called (``native``) and how its arrays are made and taken apart. Everything that
only moves numbers follows from what NumPy does to their positions.
"""

from functools import wraps
from importlib.util import find_spec

import numpy as np

from adcourse.core.arguments import as_input, as_output, check_function, teach
from adcourse.core.errors import ADError
from adcourse.core.gather import gather, scatter
from adcourse.core.inplace import argument, setitem
from adcourse.core.kinds import dtype_of, shape_of
from adcourse.core.rules import RULES, concatenate, getitem, put
from adcourse.core.tree import flatten
from adcourse.functions.shapes import MOVES
from adcourse.methods.bridges.companion import Companion, Run, no_counterpart, unknown

_SAME_ORDER = {RULES[f] for f in (np.reshape, np.ravel, np.expand_dims, np.squeeze)}
_MOVING = MOVES | _SAME_ORDER | {RULES[f] for f in (np.broadcast_to, np.transpose, np.swapaxes, np.moveaxis, np.flip)}
_MOVING |= {concatenate, getitem, setitem}


class MissingError(ADError, ImportError):
    """The other system isn't installed."""


class System:
    """Another system's arrays and functions. ``name`` of the bridge, ``package`` to import, ``title`` for people."""

    name = title = package = None
    with_numbers = "adcourse's own grad(f)(x), which runs f on numbers"

    # ------------------------------------------------------------------ whether it is there
    @property
    def available(self):
        """Whether the system is installed. Nothing is imported to find out."""
        return find_spec(self.package) is not None

    @property
    def why(self):
        """ "" where it is available, otherwise what is missing."""
        return "" if self.available else f"{self.title} isn't installed (pip install {self.package})"

    def require(self):
        """Raise a MissingError where the system isn't installed."""
        if not self.available:
            raise MissingError(
                f"{self.title} isn't installed.",
                f"adcourse.methods.bridges.{self.name} runs your program through {self.title} itself.",
                f"pip install {self.package}; or pip install 'adcourse[bridges]' for all bridges",
            )

    # ------------------------------------------------------------------ the program
    def translate(self, f):
        """``f``, a NumPy program, as a function of the other system: arrays of that system in, arrays of it out.

        Arguments and results may be nested tuples, lists and dicts; what isn't an array of the system is a constant.
        Raises BridgeError at a function that the system lacks. In ``f``, transforms of adcourse may be used.
        """
        self.require()
        check_function(f, f"bridges.{self.name}.translate")
        return self._translate(f, self.leave)

    def _translate(self, f, leave):
        @wraps(f, updated=())
        def translated(*args, **kwargs):
            leaves, build = flatten((args, kwargs))
            run = Run(self, next((self.where(x) for x in leaves if self.is_array(x)), None))
            try:
                args, kwargs = build([self._enter(x, run) if self.is_array(x) else x for x in leaves])
                try:
                    outputs, build_out = flatten(f(*args, **kwargs))
                    outputs = [self.operand(as_output(y, run), None, run.where) for y in outputs]
                except (AttributeError, TypeError, ValueError) as error:
                    teach(error)
                    raise
                return build_out([leave(y) for y in outputs])
            finally:
                run.close()

        return translated

    def _enter(self, x, run):
        value = self.value(x)
        known = value is not None
        value = value if known else np.zeros(*self.spec(x))
        kind = getattr(value, "dtype", np.dtype(float)).kind
        if kind == "c":
            return as_input(value)  # refused
        if kind != "f" and known:
            return value  # an integer, a mask: nothing that has a derivative
        return argument(Companion(value[()] if isinstance(value, np.ndarray) else value, x, run, known))

    # ------------------------------------------------------------------ one operation
    def compute(self, rule, operands, value, static, where):
        """The other system's result of a rule; ``value`` is NumPy's."""
        dtype, kept = dtype_of(value) or np.dtype(float), getattr(rule, "constant", ())
        if rule.name == "insert":  # its second operand is inserted; the first keeps its dtype
            dtype = dtype_of(value)
        if rule in (gather, scatter) and isinstance(operands[1], Companion):
            raise unknown(self, "an index")
        arrays = [x if rule in (gather, scatter) and k else self.operand(x, None if k in kept else dtype, where)
                  for k, x in enumerate(operands)]  # fmt: skip
        native = self.native(rule)
        if native is not None:
            found = native(*arrays, **static)
            return self._bundle(rule, found, value) if isinstance(found, tuple) else found
        if rule.name in ("astype", "copy", "array", "float"):
            return arrays[0]
        if rule in _SAME_ORDER and static.get("order", "C") == "C":
            return self.reshape(arrays[0], shape_of(value))
        if rule in _MOVING:
            return self.move(rule, arrays, list(map(shape_of, operands)), static)
        if rule is gather:
            return self.take(arrays[:1], operands[1])
        if rule is scatter:
            return self._added(arrays[:1], [operands[1]], static["shape"], [shape_of(operands[0])])
        if rule is put:
            numbers = np.arange(int(np.prod(static["shape"]))).reshape(static["shape"])
            places = [numbers[i] for i in static["indices"]]
            return self._added(arrays, places, static["shape"], list(map(shape_of, operands)))
        raise no_counterpart(self, rule)

    def operand(self, x, dtype, where):
        """An operand as an array of the system, of this dtype (None: of its own)."""
        if isinstance(x, Companion):
            return x.other if dtype is None or x.kind == dtype else self.cast(x.other, dtype)
        x = np.asarray(x)
        return self.constant(x.astype(dtype or x.dtype), where)  # astype copies: the program may write to its arrays

    def move(self, rule, arrays, shapes, static):
        """A function that moves numbers: what it does to 1, 2, 3, ... says which number goes where; 0 is a zero."""
        numbers, first = [], 1
        for shape in shapes:
            n = int(np.prod(shape))
            numbers.append(np.arange(first, first + n).reshape(shape))
            first += n
        return self.take(arrays, np.asarray(rule.compute(*numbers, **static)) - 1)

    def spread(self, x, shape):
        """An array broadcast to a shape."""
        own = tuple(x.shape)
        return x if own == tuple(shape) else self.move(RULES[np.broadcast_to], [x], [own], {"shape": shape})

    def _added(self, parts, places, shape, shapes):
        """Zeros, to which every part is added at its places."""
        numbers, first = [], 0
        for at, own in zip(places, shapes, strict=True):
            n = int(np.prod(own))
            numbers.append(np.broadcast_to(np.arange(first, first + n).reshape(own), at.shape).ravel())
            first += n
        flat = self.take(parts, np.concatenate(numbers))
        whole = self.scatter(flat, np.concatenate([at.ravel() for at in places]), int(np.prod(shape)))
        return self.reshape(whole, shape)

    def _bundle(self, rule, results, value):
        """Several results side by side on the last axis, behind the axes of the batch; see core/linalg.py."""
        batch, places, first = shape_of(value)[:-1], [], 0
        for r in results:
            n = int(np.prod(r.shape))
            places.append(np.arange(first, first + n).reshape(*batch, -1))
            first += n
        at = np.concatenate(places, axis=-1)
        if rule.name in ("eigh", "svd"):
            results = self._with_signs(rule, results, value, np.cumsum([0] + [p.shape[-1] for p in places]))
        return self.take(results, at)

    def _with_signs(self, rule, results, value, ends):
        """Eigenvectors and singular vectors with the signs that NumPy's have: both are as good."""
        k = 0 if rule.name == "svd" else 1
        mine = self.value(results[k])
        if mine is None:
            return results
        sign = np.sign(np.sum(value[..., ends[k] : ends[k + 1]].reshape(mine.shape) * mine, axis=-2, keepdims=True))
        sign[sign == 0] = 1
        parts = list(results)
        where = self.where(parts[k])
        parts[k] = parts[k] * self.constant(sign, where)
        if k == 0:
            parts[2] = parts[2] * self.constant(np.swapaxes(sign, -1, -2), where)
        return parts

    # ------------------------------------------------------------------ what a system says of itself
    def native(self, rule):
        """The system's function for a rule, called with its arrays and the static arguments; or None."""
        raise NotImplementedError

    def question(self, rule):
        """The system's function for a question such as ``x > 0``, where there are no numbers yet; or None."""
        return None

    def where(self, x):
        """The device of an array."""
        return None

    def leave(self, y):
        """A result in the form that the system's own functions have."""
        return y


def is_numpys(rule):
    """Whether a rule is that of a function of NumPy's. SciPy has some of the same names; these four mean the same."""
    return getattr(np, rule.name, None) is rule.function or rule.name in ("cbrt", "exp2", "expm1", "log1p")
