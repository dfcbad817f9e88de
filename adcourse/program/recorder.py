"""A program, written down while it runs: one step for every call of NumPy, on whatever level it was asked.

Recording is one more mode, below all others. What goes in travels as a ``Tracer``, a plain value with the step that
computed it, and a transform sees nothing but a value to calculate with. So the program of ``grad(f)`` is written down
like that of ``f``: its steps are those of the forward and of the reverse sweep. A question (``x > 0``, ``argmax``) is a
step like any other. Where its answer decides what the program does next, a *guard* is written down: the program holds
for the same answer only.
"""

from contextlib import suppress

import numpy as np

from ..core.batch import Answers
from ..core.errors import ConversionError, NoRuleError
from ..core.inplace import CREATES, VIEWS, WRITES, argument
from ..core.levels import Level, Traced, apply, ask, bottom, by_formula, pack, plain
from ..core.rules import RULES, astype, put
from ..core.tape import NARROW
from ..core.tree import flatten
from ..functions.derived import DERIVED

FREE = {float, int, bool, np.float64, str, type(None)}  # what nobody can write to


class Step:
    """One line of a program: ``value = rule(*args, **static)``, an input, or a guard.

    ``args`` are earlier steps and constants, also inside tuples, lists and dicts; ``reads`` the steps among them.
    ``value`` is what came out while recording, ``others`` the memory of steps in whose place it stands, by its id.
    ``name`` and ``note`` are for a reader: what the result is called, and the line it comes from.
    """

    __slots__ = ("args", "name", "note", "others", "reads", "rule", "static", "value")

    def __init__(self, rule, args, static, value, reads=None):
        self.rule, self.args, self.static, self.value = rule, args, static, value
        self.reads = tuple(steps_in((args, static))) if reads is None else reads
        self.name = self.note = None
        self.others = None

    def stands_for(self, step):
        """Note that it takes the place of another, an array."""
        memory = memory_of(step.value)
        self.others = self.others or {}
        self.others[id(memory)] = memory
        self.others.update(step.others or {})

    def __repr__(self):
        return f"<step {self.rule.name}: {self.value!r}>"


def memory_of(x):
    """The array in whose memory a view lies, be it a view of a view."""
    while isinstance(x.base, np.ndarray):
        x = x.base
    return x


def steps_in(x):
    """The steps in tuples, lists and dicts of arguments."""
    if type(x) is Step:
        yield x
    elif isinstance(x, (tuple, list, dict)):
        for e in x.values() if isinstance(x, dict) else x:
            yield from steps_in(e)


class Mark:
    """What stands in the place of a rule for a step that computes nothing."""

    function = None

    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return f"<{self.name}>"


PLAIN = {np.sum, np.mean}  # of the functions with a formula of ours beside a rule: the rule is NumPy's own function
SEEN = VIEWS - {np.einsum}  # functions whose result may be written to, and the array that it is a view of with it
INPUT, GUARD = Mark("input"), Mark("guard")


class Part:
    """The rule of one of several results: ``z[k]``."""

    name, function = "part", None

    def __init__(self, k):
        self.k, self.key = k, (Part, k)

    def evaluate(self, operands, static):
        return operands[0][self.k]


class Tracer(Answers):
    """A plain value and the step that computed it."""

    __slots__ = ("step",)
    many = recorded = True

    def __init__(self, value, level, step):
        self.value, self.level, self.step = value, level, step

    def process(self, rule, operands, static):
        return self.level.write(rule, operands, static)

    def decide(self, rule, args, kwargs):
        return self.level.question(rule, args, kwargs)

    def lift(self, value):
        """A constant that can be written to."""
        return self.level.write(HOLD, (value,), {})

    # ------------------------------------------------------------------ NumPy's protocols: no derivative is asked for
    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        known = method == "__call__" and ufunc in RULES and not kwargs
        if out is not None or method == "at" or known or not alone(inputs):
            return super().__array_ufunc__(ufunc, method, *inputs, out=out, **kwargs)
        return ask(getattr(ufunc, method) if method != "__call__" else ufunc, *inputs, **kwargs)

    def __array_function__(self, function, types, args, kwargs):
        """NumPy's own function, where no other mode is there to see what it is made of."""
        fourier = function.__module__ == "numpy.fft"
        if not alone((args, kwargs)) or fourier or function in CREATES or function in WRITES or function in SEEN:
            if fourier and alone((args, kwargs)):
                by_formula("complex numbers", self)
            return super().__array_function__(function, types, args, kwargs)
        rule = RULES.get(function)
        known = rule is not None and rule.static is not None
        if known and (function in PLAIN or rule.compute is function not in DERIVED):
            with suppress(NoRuleError):  # an option that the rule doesn't know
                return apply(rule, *rule.bind(args, kwargs))
        return ask(function, *args, **kwargs)

    def widened(self, x):
        """As a Python float, if that is what ``x`` is and this is a np.float32; see ``kinds.cast``."""
        narrow = type(self.value) is np.float32 and type(bottom(x)) is float
        return self.level.write(FLOAT, (self,), {}) if narrow else self

    def astype(self, dtype):
        return self.level.write(astype, (self,), {"dtype": np.dtype(dtype)})

    # ------------------------------------------------------------------ where one answer is needed
    def settle(self):
        """The plain value, to decide something by it: from here on the program holds for this value only."""
        self.level.steps.append(Step(GUARD, (self.step,), {}, self.value))
        return self.value

    def __bool__(self):
        return bool(self.settle())

    def __int__(self):
        return int(np.floor_divide(self, 1).settle() if self.value >= 0 else np.ceil(self).settle())

    def __index__(self):
        return self.value.__index__() if not isinstance(self.settle(), float) else Traced.__index__(self)

    def __float__(self):
        raise frozen("float(), or a function of the math module,")

    def __complex__(self):
        raise frozen("complex()")

    def __hash__(self):
        return hash(self.settle())

    def __repr__(self):
        return f"Tracer({self.value!r})"


class Function:
    """A function of Python's as a rule."""

    static = ()

    def __init__(self, function, name):
        self.function = self.compute = function
        self.name = name

    def evaluate(self, operands, static):
        return self.compute(*operands)


HOLD = Function(lambda x: x, "array")  # a constant that the program writes to
FLOAT = Function(float, "float")


def alone(args):
    """Whether all that is traced in these arguments is recorded, and plain below."""
    leaves = flatten(args)[0]
    return all(type(x) is Tracer or not is_traced(x) for x in leaves)


def is_traced(x):
    return isinstance(x, Traced) or (is_objects(x) and any(isinstance(e, Traced) for e in x.flat))


def frozen(how):
    """The error for a number that would stay in a program as it was while recording."""
    return ConversionError(
        f"{how} would turn a number that is recorded into a plain one.",
        "a recorded program runs again at other arguments; a plain number in it would stay what it was.",
        "np.sin(x) instead of math.sin(x); x instead of float(x); or call f itself in place of replay(f)",
    )


class Recorder(Level):
    """The level of one recording: the steps, in order."""

    def __init__(self):
        super().__init__(lean=False)
        self.steps, self.inputs = [], []
        self.ours = None  # what was computed by a formula of ours where the plain program calls another

    def input(self, value):
        step = Step(INPUT, (), {}, value)
        self.steps.append(step)
        self.inputs.append(step)
        return argument(Tracer(value, self, step))

    def write(self, rule, operands, static):
        """Compute a value and write down how."""
        args, primals, reads = [], [], []
        for x in operands:
            if type(x) is Tracer and x.level is self:
                args.append(x.step)
                reads.append(x.step)
                primals.append(x.value)
            else:
                x = x if type(x) in FREE else kept(x)
                args.append(x)
                primals.append(x)
        args = tuple(args)
        if rule is put:  # its indices may have been computed
            leaves, build = flatten(static)
            value = rule.evaluate(primals, build([self._value(x) for x in leaves]))
            step = Step(rule, args, build([self._step(x) for x in leaves]), value)
        else:
            value = rule.evaluate(primals, static)
            step = Step(rule, args, static, value, args if len(reads) == len(args) else tuple(reads))
        self.steps.append(step)
        return Tracer(value, self, step)

    def question(self, rule, args, kwargs):
        """Ask a function without derivative. What it says of shapes and types alone is no step."""
        from ..core.answers import MEMORY, SHAPES

        leaves, build = flatten((args, kwargs))
        values, own = build([self._value(x) for x in leaves])
        found = rule.compute(*values, **own)
        if rule.function in SHAPES or rule.function in MEMORY:
            return found
        args, kwargs = build([self._step(x) for x in leaves])
        step = Step(Asked(rule), args, kwargs, found)
        self.steps.append(step)
        if not isinstance(found, (tuple, list)):
            return Tracer(found, self, step)
        parts = [self.write(Part(k), (Tracer(found, self, step),), {}) for k in range(len(found))]
        return type(found)._make(parts) if hasattr(found, "_make") else type(found)(parts)

    def _value(self, x):
        return x.value if type(x) is Tracer and x.level is self else x

    def _step(self, x):
        return x.step if type(x) is Tracer and x.level is self else kept(x)


class Asked:
    """The rule of a step that asks a question."""

    __slots__ = ("compute", "function", "key", "name")

    def __init__(self, rule):
        self.name, self.function, self.compute = rule.name, rule.function, rule.compute
        self.key = (Asked, rule.function)

    def evaluate(self, operands, static):
        return self.compute(*operands, **static)


def kept(x):
    """A constant as it is now, whatever is written to it later."""
    if is_objects(x) and is_traced(x):
        raise TypeError("an array of recorded numbers was made by np.array([...]); write np.stack([...])")
    return x.copy("K") if isinstance(x, np.ndarray) else plain(x)


class Program:
    """What was recorded: ``steps`` in order, ``inputs`` and ``outputs`` among them (an output may be a constant).

    ``build`` makes the result of the outputs' values, in the tree that the function returned. ``ours``: see ``ours``.
    """

    def __init__(self, steps, inputs, outputs, build, ours=None):
        self.steps, self.inputs, self.outputs, self.build, self.ours = steps, inputs, outputs, build, ours

    def __len__(self):
        return len(self.steps)

    @property
    def narrow(self):
        """Whether any of its numbers are float32 or less, where the type of the others matters."""
        return any(type(s.value) is not float and getattr(s.value, "dtype", None) in NARROW for s in self.steps)


def recorded(f, leaves, build):
    """The program of ``f(*args, **kwargs)``, where ``args, kwargs = build(leaves)``, by the leaves that are traced.

    ``leaves``: values; those that are floats or arrays of numbers become inputs, others stay as they are.
    """
    level = Recorder()
    try:
        args, kwargs = build([level.input(x) if traceable(x) else x for x in leaves])
        results, build_out = flatten(f(*args, **kwargs))
        outputs = [level._step(pack(x)) for x in results]
    finally:
        level.close()
    return Program(level.steps, level.inputs, outputs, build_out, level.ours)


def is_objects(x):
    return isinstance(x, np.ndarray) and x.dtype == object


def traceable(x):
    """Whether a recorded program takes this as an input: floats, and arrays of numbers."""
    return isinstance(x, float) or (isinstance(x, (np.ndarray, np.floating)) and x.dtype.kind in "fiub")
