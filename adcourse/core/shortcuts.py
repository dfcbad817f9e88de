"""The short way of recorded values: without this file every result is the same, and scalar programs take twice as long.

``x * y`` on two recorded values goes through ``apply`` (which level?), ``Var.process`` (which operands are recorded,
what must be kept?) and the rule. In the common case, numbers or arrays of one tape and nobody looking at it, all these
questions have one answer for each operator. So the operator is written out from a text, once, with the answers and the
rule's formulas in place. The row of a number holds its partials; see ``Tape``.

A number is a Python float here, though NumPy may have a np.float64 in its place. The two differ in nothing but
in what they make of float32 beside them: NumPy's wins, Python's gives way. For that case a row with one parent notes in
its last place whether a np.float64 joined in (1.0), and ``Tape.is_numpys`` reads it.
"""

import numpy as np

from .kinds import SCALARS, Elementwise, spec_of
from .levels import apply
from .rules import RULES, getitem

NUMBERS = frozenset({float, int, np.float64})  # what may stand beside a recorded value without a question
NOTHING = {}

_BINARY = """
def operator(self, other):
    x, tape = self.value, self.level
    if tape.lean:
        rows = tape.rows
        kind = type(other)
        try:
            if type(x) is float:
                if kind is Var:
                    y = other.value
                    if type(y) is float and other.level is tape:
                        z = {z}
                        row = (None, self.index, other.index, {dz_dx}, {dz_dy})
                    else:
                        return apply(rule, (self, other))
                elif kind in NUMBERS:
                    y = other if kind is int else float(other)
                    z = {z}
                    row = (None, self.index, None, {dz_dx}, 1.0 if kind is float64 else 0.0)
                else:
                    return apply(rule, (self, other))
                if type(z) is float:
                    out = new(Var)
                    out.value, out.level, out.index = z, tape, len(rows)
                    rows.append(row)
                    return out
            elif type(x) is ndarray:
                if kind is Var:
                    y = other.value
                    if other.level is tape and (type(y) is ndarray or (type(y) is float and x.dtype == float64)):
                        z = {z}
                        rows.append((rule, (self.index, other.index), ({keep_x}, {keep_y}), NOTHING, {keep_z}))
                        return Var(z, tape, len(rows) - 1)
                elif kind in NUMBERS:
                    y = other
                    z = {z}
                    rows.append((rule, (self.index, None), ({keep_x}, y), NOTHING, {keep_z}))
                    return Var(z, tape, len(rows) - 1)
        except ArithmeticError:
            pass  # NumPy's answer, inf or nan, comes the long way
    return apply(rule, (self, other))

def reflected(self, other):
    y, tape = self.value, self.level
    if tape.lean and type(other) in NUMBERS:
        rows = tape.rows
        try:
            if type(y) is float:
                x = other if type(other) is int else float(other)
                z = {z}
                row = (None, self.index, None, {dz_dy}, 1.0 if type(other) is float64 else 0.0)
                if type(z) is float:
                    out = new(Var)
                    out.value, out.level, out.index = z, tape, len(rows)
                    rows.append(row)
                    return out
            elif type(y) is ndarray:
                x, other = other, self
                z = {z}
                rows.append((rule, (None, self.index), (x, {keep_y}), NOTHING, {keep_z}))
                return Var(z, tape, len(rows) - 1)
        except ArithmeticError:
            pass
    return apply(rule, (other, self))
"""

_UNARY = """
def operator(self):
    x, tape = self.value, self.level
    if type(x) is float and tape.lean:
        z = {z}
        tape.rows.append((None, self.index, None, {dz_dx}, 0.0))
        return Var(z, tape, len(tape.rows) - 1)
    return apply(rule, (self,))
"""

_DUAL = """
def operator(self, other):
    x, level = self.value, self.level
    if type(x) in SCALARS and level.lean:
        try:
            if type(other) is Dual:
                y = other.value
                if type(y) in SCALARS and other.level is level:
                    z = {z}
                    return Dual(z, self.tangent * {dz_dx} + other.tangent * {dz_dy}, level)
            elif type(other) in NUMBERS:
                y = other
                z = {z}
                return Dual(z, self.tangent * {dz_dx}, level)
        except ArithmeticError:
            pass
    return apply(rule, (self, other))

def reflected(self, other):
    y, level = self.value, self.level
    if type(y) in SCALARS and level.lean and type(other) in NUMBERS:
        try:
            x = other
            z = {z}
            return Dual(z, self.tangent * {dz_dy}, level)
        except ArithmeticError:
            pass
    return apply(rule, (other, self))
"""

_OPERATORS = {
    "add": ("add", "x + y"), "sub": ("subtract", "x - y"), "mul": ("multiply", "x * y"), "neg": ("negative", "-x"),
    "truediv": ("divide", "x / y"), "pow": ("power", "x ** y if type(y) is int and y == 2 else compute(x, y)"),
}  # fmt: skip


def _write_operators(cls, binary, unary=None):
    for name, (function, z) in _OPERATORS.items():
        rule = RULES[getattr(np, function)]
        text = binary if rule.operands == 2 else unary
        if text is None:
            continue
        space = {cls.__name__: cls, "rule": rule, "compute": rule.compute, "apply": apply, "spec_of": spec_of}
        space |= {"NUMBERS": NUMBERS, "SCALARS": SCALARS, "NOTHING": NOTHING, "float64": np.float64}
        space["new"] = object.__new__
        terms = dict(zip(("dz_dx", "dz_dy"), rule.terms, strict=False))
        keep = {
            "keep_x": "x" if rule.reads[0] else "rows[self.index][4]",
            "keep_y": "y" if rule.reads[-1] else "y if type(y) is float else rows[other.index][4]",
            "keep_z": "z" if rule.reads_out else "spec_of(z)",
        }
        code = compile(text.format(z=z, **terms, **keep), f"{__file__}: {name}", "exec")
        exec(code, {**space, "ndarray": np.ndarray, **rule.known}, space)
        setattr(cls, f"__{name}__", space["operator"])
        if rule.operands == 2:
            setattr(cls, f"__r{name}__", space["reflected"])


def _plain_call(rule, method, inputs, kwargs):
    return type(rule) is Elementwise and method == "__call__" and len(inputs) == 1 and not kwargs


def shorten_var(Var):
    """Give the class of recorded values the short way for Python's operators, functions of one number and ``x[i]``."""
    _write_operators(Var, _BINARY, _UNARY)
    long_way = Var.__array_ufunc__

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        x, tape, rule = self.value, self.level, RULES.get(ufunc)
        if type(x) is float and tape.lean and _plain_call(rule, method, inputs, kwargs):
            try:
                z = float(ufunc(x))
                tape.rows.append((None, self.index, None, float(rule.local(z, x)), 1.0))
                return Var(z, tape, len(tape.rows) - 1)
            except ArithmeticError:
                pass
        return long_way(self, ufunc, method, *inputs, **kwargs)

    long_index = Var.__getitem__

    def __getitem__(self, index):  # x[i] in a loop
        x, tape = self.value, self.level
        if type(index) is int and tape.lean and type(x) is np.ndarray:
            z = x[index]
            if type(z) is np.float64:
                rows = tape.rows
                rows.append((getitem, (self.index,), (rows[self.index][4],), {"index": index}, z))
                return Var(float(z), tape, len(rows) - 1)
        return long_index(self, index)

    Var.__array_ufunc__, Var.__getitem__ = __array_ufunc__, __getitem__


def shorten_dual(Dual):
    """The same for dual numbers."""
    _write_operators(Dual, _DUAL)
    long_way = Dual.__array_ufunc__

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        x, level, rule = self.value, self.level, RULES.get(ufunc)
        if type(x) in SCALARS and level.lean and _plain_call(rule, method, inputs, kwargs):
            try:
                z = ufunc(x)
                return Dual(z, self.tangent * rule.local(z, x), level)
            except ArithmeticError:
                pass
        return long_way(self, ufunc, method, *inputs, **kwargs)

    Dual.__array_ufunc__ = __array_ufunc__
