"""The derivative of a recorded function as source that a person can read, save and run: ``tape.source()``."""

import inspect
import keyword
import re
from pathlib import Path

import numpy as np

from ..core.arguments import recording
from ..core.dual import Dual
from ..core.errors import InputError
from ..core.kinds import shape_of
from ..core.levels import Level, bottom
from ..core.tape import match_seed, zeros_like
from ..core.tree import flatten
from . import phrases  # noqa: F401  (they join the Writer's table)
from .passes import improved
from .reader import Reader, as_identifier, as_text, label
from .recorder import Program, Recorder

KINDS = ("value", "gradient", "value_and_gradient", "jvp", "vjp", "hvp")
WHAT = {
    "value": "The value of {f}{at}.",
    "gradient": "The gradient of {f}{at}.",
    "value_and_gradient": "The value and the gradient of {f}{at}.",
    "jvp": "The value of {f}{at}, and its derivative in the direction of the tangents: (y, J v).",
    "vjp": "The value of {f}{at}, and its pullback of the cotangent: (y, u J).",
    "hvp": "The Hessian of {f}{at} times the vector of the tangents.",
}
LARGEST = 10_000  # numbers in a constant that are written out


class Source(str):
    """Python source. ``save(path)`` writes it to a file that can be imported without adcourse."""

    __slots__ = ()

    def save(self, path):
        """Write the source to a file, in UTF-8; returns the path."""
        path = Path(path)
        path.write_text(self, encoding="utf-8")
        return path

    def _repr_markdown_(self):
        return f"```python\n{self}```"


def source(tape, what="gradient"):
    """A straight-line NumPy program for the value or a derivative of a function that was recorded: a ``Source``.

    ``what``: "value", "gradient", "value_and_gradient", "jvp" (called with the arguments and a tangent for each),
    "vjp" (with the arguments and a cotangent of the result), or "hvp" (with the arguments and a vector for each). The
    function takes the arguments of the recorded one, for arrays of the same shapes; values are called as in the program
    and in the table of the tape, tangents ``x_dot``, adjoints ``x_bar``, and the lines of the program stand above what
    they became. Nothing but NumPy (and SciPy, for its special functions) is needed to run it.

    The program follows the branches that were taken: arguments that take another one raise ValueError when it runs, and
    so do other shapes. Raises InputError for another ``what``, a derivative of a result that is no single number, and
    for operations that can't be written as NumPy (a ``custom_rule``, an ``implicit_function``).
    Source: Griewank and Walther (2008), section 4.3, on writing adjoint programs.

    >>> from adcourse import record
    >>> def f(w1, w2):
    ...     v1 = np.log(w1)
    ...     v2 = w2 * v1
    ...     return v2 + np.sqrt(v2)
    >>> text = record(f, np.e, 4.0).source()
    >>> space = {}
    >>> exec(text, space)
    >>> [round(float(g), 6) for g in space["f_gradient"](np.e, 4.0)]
    [1.839397, 1.25]
    >>> "v2_bar = " in text and "v2 = w2 * v1" in text
    True
    """
    if what not in KINDS:
        raise InputError(
            f"source was asked for {what!r}.",
            f"there is {', '.join(KINDS)}.",
            'tape.source("gradient")',
        )
    if tape.recorded is None:
        raise InputError(
            "source was asked of a tape that no function is known of.",
            "the program is written from a run of the function, which record(f, ...) keeps with its tape.",
            "record(f, x).source()",
        )
    f, args = tape.recorded
    return Written(tape, f, args, what).source()


class Written:
    """One program, from the run of the function to its text."""

    def __init__(self, tape, f, args, what):
        self.tape, self.f, self.args, self.what = tape, f, args, what
        name = getattr(f, "__name__", "f")
        self.name = name if name.isidentifier() and not keyword.iskeyword(name) else "f"
        self.level = Recorder()
        self.values = [tape.rows[i][4] for i in tape.inputs]
        self.build = flatten(args)[1]
        self.inputs = [one_by_one(f, name) for name in tape.input_names]
        self.results = None

    # ------------------------------------------------------------------ the run
    def run(self):
        """Record the value or the derivative, with a name for each step that has one in the trace."""
        xs = [self.level.input(x) for x in self.values]
        for x, name in zip(xs, self.inputs, strict=True):
            x.step.name = as_identifier(name)
        more = getattr(self, f"_{self.what}")(xs)
        self.level.close()
        return more

    def recorded(self, xs):
        """The tape of the function on these values, and its result."""
        args = self.build(xs)
        with recording(self.f, args, tuple(range(len(args))), keep=True, own=True) as (inner, _, _, values, build_out):
            inner.input_names = self.inputs
        names = inner.names
        for i, row in enumerate(inner.rows):
            label(row[4], names[i], inner.line(i))  # the line stands above what it became
        return inner, values, build_out

    def _value(self, xs):
        _, values, build_out = self.recorded(xs)
        return build_out(values)

    def _gradient(self, xs):
        return self._value_and_gradient(xs)[1]

    def _value_and_gradient(self, xs):
        inner, values, _ = self.recorded(xs)
        y = self.only(values)
        return y, self.swept(inner, [match_seed(1.0, y)])

    def only(self, values):
        if len(values) == 1 and not shape_of(values[0]):
            return values[0]
        raise InputError(
            f"The {self.what} was asked of a function with result(s) of shape(s) {[shape_of(v) for v in values]}.",
            "a gradient is the derivative of one number; of several there is a Jacobian, by rows or by columns.",
            'tape.source("jvp") or tape.source("vjp"); or record(lambda x: np.sum(f(x)), x)',
        )

    def swept(self, inner, cotangents):
        """The adjoints of the inputs, in the form of the arguments; all adjoints get their names."""
        seeds = {}
        for i, g in zip(inner.outputs, cotangents, strict=True):
            if i is not None:
                seeds[i] = seeds[i] + g if i in seeds else g
        begun = len(self.level.steps)
        found = inner.sweep(seeds, everything=True)
        for i in range(len(found) - 1, -1, -1):
            label(found[i], f"{as_identifier(inner.names[i])}_bar")
        self.note(begun, "adjoints, from the last row to the first")
        found = [found[i] for i in inner.inputs]
        return self.tree([zeros_like(x) if g is None else g for g, x in zip(found, self.values, strict=True)])

    def note(self, begun, text):
        """A comment for the steps that have been written down since."""
        for step in self.level.steps[begun:]:
            step.note = text

    def tree(self, leaves):
        args = self.build(leaves)
        return args[0] if len(args) == 1 else args

    def tangents(self, suffix="_dot"):
        """An input more for each input: its tangent."""
        vs = [self.level.input(generic(x)) for x in self.values]
        for v, name in zip(vs, self.inputs, strict=True):
            v.step.name = as_identifier(name) + suffix
        return vs

    def _jvp(self, xs):
        vs = self.tangents()
        inner, values, build_out = self.recorded(xs)
        begun = len(self.level.steps)
        found = inner.push(dict(zip(inner.inputs, vs, strict=True)))
        for i, t in enumerate(found):
            label(t, f"{as_identifier(inner.names[i])}_dot")
        self.note(begun, "tangents, from the first row to the last")
        out = [None if i is None else found[i] for i in inner.outputs]
        dys = [zeros_like(y) if t is None else t for t, y in zip(out, values, strict=True)]
        return build_out(values), build_out(dys)

    def _vjp(self, xs):
        inner, values, build_out = self.recorded(xs)
        gs = [self.level.input(generic(bottom(v))) for v in values]
        for k, g in enumerate(gs):
            g.step.name = "cotangent" if len(gs) == 1 else f"cotangent_{k + 1}"
        self.cotangents = build_out(list(gs))
        return build_out(values), self.swept(inner, gs)

    def _hvp(self, xs):
        vs, level = self.tangents(), Level()
        try:
            inner, values, _ = self.recorded([Dual(x, v, level) for x, v in zip(xs, vs, strict=True)])
            self.only(values)
            gradient = self.swept(inner, [1.0])
        finally:
            level.close()
        leaves, build = flatten(gradient)
        return build([g.tangent if isinstance(g, Dual) and g.level is level else zeros_like(g) for g in leaves])

    # ------------------------------------------------------------------ the text
    def source(self):
        results, build = flatten(self.run())
        outputs = [self.level._step(x) for x in results]
        program = improved(Program(self.level.steps, self.level.inputs, outputs, build))
        w = Reader(program)
        for step in program.inputs:
            w.name(step)
        for step in program.steps:
            w.write(step)
        result = as_text(build([w.result(x) for x in program.outputs]))
        return Source(self.text(w, [*self.opening(w), *w.lines, f"return {result}"]))

    def opening(self, w):
        """The lines that make the inputs of the program from the arguments, and see whether it is for them."""
        for step, path in zip(w.program.inputs, self.paths(), strict=False):
            name, x = w.name(step), step.value
            if not shape_of(x):
                kind = f"np.{x.dtype.name}" if isinstance(x, (np.generic, np.ndarray)) else "float"
                yield f"{name} = {kind}({path})"
                continue
            yield f"{name} = np.asarray({path}, np.{x.dtype.name})"
            yield f"if {name}.shape != {x.shape}:"
            yield f'    raise ValueError(f"written for {as_identifier(path)} of shape {x.shape}, not {{{name}.shape}}")'

    def paths(self):
        """How the arguments hold the inputs: the names of the parameters, or ``p['w']``."""
        yield from self.inputs
        if self.what in ("jvp", "hvp"):
            for name in self.inputs:
                yield re.sub(r"^\w+", r"\g<0>_dot", name)
        if self.what == "vjp":
            leaves = len(flatten(self.cotangents)[0])
            yield from ["cotangent"] if leaves == 1 else [f"cotangent[{k}]" for k in range(leaves)]

    def text(self, w, body):
        parameters = list(dict.fromkeys(re.match(r"\w+", name).group() for name in self.inputs))
        if self.what in ("jvp", "hvp"):
            parameters += [f"{p}_dot" for p in parameters]
        parameters += ["cotangent"] * (self.what == "vjp")
        at = " at " + ", ".join(dict.fromkeys(re.match(r"\w+", name).group() for name in self.inputs))
        imports = ["import numpy as np"] + ["from scipy import special"] * any("special." in line for line in body)
        constants = [f"{name} = {self.constant(x)}" for name, x in w.bound.items() if not callable(x)]
        helpers = [inspect.getsource(x) for x in w.bound.values() if callable(x)]
        imports = ["import math"] * any("math." in h for h in helpers) + imports
        said = WHAT[self.what].format(f=self.name, at=at)
        name = self.name if self.what == "value" else f"{self.name}_{self.what}"
        head = [f"def {name}({', '.join(parameters)}):", f'    """{said}"""']
        parts = ["\n".join(imports), *helpers, "\n".join(constants), "\n".join([*head, *(f"    {x}" for x in body)])]
        return "\n\n\n".join(p.rstrip() for p in parts if p) + "\n"

    def constant(self, x):
        if isinstance(x, np.ndarray) and x.dtype.kind in "fiub" and x.size <= LARGEST:
            axes = sorted(
                range(x.ndim), key=lambda k: -x.strides[k]
            )  # as it lies in memory, on which BLAS's bits depend
            if axes != list(range(x.ndim)) and x.size:
                back = tuple(np.argsort(axes).tolist())
                return f"{self.constant(np.ascontiguousarray(x.transpose(axes)))}.transpose({back})"
            text = re.sub(r"\b(inf|nan)\b", r"np.\1", repr(x.tolist()))
            kind = "" if x.dtype == np.dtype(float) and x.size else f", np.{x.dtype.name}"
            return f"np.array({text}{kind})" + f".reshape({x.shape})" * (0 in x.shape)
        raise InputError(
            f"The program has a constant that can't be written as text: {type(x).__name__} of shape {shape_of(x)}.",
            f"constants are numbers, and arrays with up to {LARGEST} of them.",
            "make it an argument of the function: record(lambda x, data: f(x, data), x, data)",
        )


def generic(x):
    """A tangent or cotangent to record with: nothing about it is special, as zeros would be."""
    return np.ones_like(x) if isinstance(x, (np.ndarray, np.generic)) else 1.0


def one_by_one(f, name):
    """``xs_0`` for ``xs[0]`` where ``f`` takes ``*xs``: each of them is an argument of the program."""
    try:
        starred = [p.name for p in inspect.signature(f).parameters.values() if p.kind is p.VAR_POSITIONAL]
    except (TypeError, ValueError):
        return name
    return re.sub(rf"^({starred[0]})\[(\d+)\]", r"\1_\2", name) if starred else name
