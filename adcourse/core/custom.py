"""A rule of one's own: the function runs on plain values, the derivative is the line that stands beside it."""

import inspect
from functools import wraps
from types import MethodType

import numpy as np

from .arguments import as_input, called, check_function
from .errors import InputError, NoRuleError, RuleError, from_around
from .kinds import General, cast, conform, shape_of
from .levels import Traced, apply, highest, levels_in, pack
from .rules import RULES
from .tape import transpose, zeros_like
from .tree import flatten, leaves_like, ravel


def custom_rule(f=None, *, jvp=None, vjp=None):
    """``f`` with a derivative that you write: as one JVP line, or as a VJP, or both.

    The body of ``f`` runs on plain numbers and arrays, so it may call anything: ``math``, SciPy, a C library, a loop
    until convergence. The derivative is a function of

    * ``(z, primals, tangents)``, which returns the tangent J v of the result ``z = f(*primals)``. Reverse mode
      transposes it; it must be linear in the tangents. Or
    * ``(g, z, primals)``, which returns the cotangents J^T g, one for each argument (a single one may stand without a
      tuple). Forward mode transposes it; it must be linear in ``g``.

    ``primals`` and ``tangents`` are tuples with one entry for each positional argument; that of a constant is zero
    (None where it isn't a number). Keyword-only arguments are constants and are handed on to the derivative by name.
    Arguments and results may be tuples, lists and dicts. Written with NumPy functions (or with ``f`` itself), the
    derivative can be differentiated in its turn: every mode and every order follow. ``check_derivatives`` tells
    whether it is right. Raises RuleError when it returns values of the wrong number or shape.
    Source: rules as in Griewank and Walther (2008), section 3.2; ``jax.custom_jvp``, ``jax.custom_vjp``.

    >>> import math
    >>> import numpy as np
    >>> from adcourse import derivative, grad
    >>> @custom_rule
    ... def sinc(x):
    ...     return math.sin(x) / x
    >>> @sinc.jvp
    ... def sinc_jvp(z, primals, tangents):
    ...     (x,), (dx,) = primals, tangents
    ...     return (np.cos(x) - z) / x * dx
    >>> [round(d(sinc)(2.0), 12) for d in (grad, derivative)] == [round((math.cos(2) - math.sin(2) / 2) / 2, 12)] * 2
    True
    """
    if f is None:
        return lambda f: custom_rule(f, jvp=jvp, vjp=vjp)
    check_function(f, "custom_rule")
    return wraps(f, updated=())(CustomFunction(f, jvp, vjp))


class CustomFunction:
    """What ``custom_rule`` makes: call it as the function; ``@f.jvp`` and ``@f.vjp`` give it its derivative."""

    def __init__(self, f, jvp=None, vjp=None):
        self.f, self.written = f, {"jvp": jvp, "vjp": vjp}

    def jvp(self, rule):
        """Take ``rule(z, primals, tangents)``, which returns the tangent of the result, as the derivative."""
        self.written["jvp"] = rule
        return rule

    def vjp(self, rule):
        """Take ``rule(g, z, primals)``, which returns the cotangents of the arguments, as the derivative."""
        self.written["vjp"] = rule
        return rule

    def __get__(self, owner, kind=None):
        return self if owner is None else MethodType(self, owner)

    def __call__(self, *args, **kwargs):
        if not any(map(is_traced, flatten((args, kwargs))[0])):
            return self.f(*args, **kwargs)
        args, options = self._bound(args, kwargs)
        leaves, build = flatten(args)
        operands = {k: pack(x) for k, x in enumerate(leaves) if _is_number(x)}
        rule = _CustomRule(self, leaves, list(operands), build)
        rule.lowest = min(level.number for level in levels_in(*operands.values()))
        return rule.unbundle(apply(rule, tuple(operands.values()), options))

    def _bound(self, args, kwargs):
        """Positional arguments, with defaults, also where they were given by name; and keyword-only ones."""
        try:
            bound = inspect.signature(self.f).bind(*args, **kwargs)
        except ValueError:  # some built-in functions have no signature
            return args, kwargs
        if isinstance(self.f, np.ufunc):  # its options are no business of the derivative
            return bound.args, bound.kwargs
        bound.apply_defaults()
        for name, value in bound.kwargs.items():
            if any(map(is_traced, flatten(value)[0])):
                raise InputError(
                    f"The keyword-only argument {name} of {called(self.f)} is traced.",
                    "a custom rule differentiates by positional arguments and takes the others as constants.",
                    f"{name} before the * in def {called(self.f)}(...)",
                )
        return bound.args, bound.kwargs

    def __repr__(self):
        return f"<custom_rule {called(self.f)}>"


def is_traced(x):
    if isinstance(x, np.ndarray) and x.dtype == object:
        return any(isinstance(e, Traced) for e in x.flat)
    return isinstance(x, Traced)


def _is_number(x):
    return isinstance(x, (int, float)) or is_traced(x) or getattr(getattr(x, "dtype", None), "kind", "O") in "fiub"


class Bundled(General):
    """A rule with several results, which are one value: their numbers side by side, a bundle."""

    def bundle_up(self, leaves, single):
        """The results as one value; ``single``: there is but one, which stands for itself."""
        self.single = single
        _, self.unravel = ravel(leaves)
        return self.bundle(leaves)

    def bundle(self, leaves):
        return leaves[0] if self.single else ravel(leaves)[0]

    def split(self, z):
        """The results in a bundle."""
        return [z] if self.single else self.unravel(z)


class _CustomRule(Bundled):
    """The row of one call."""

    def __init__(self, custom, leaves, places, build):
        self.custom, self.places, self.build = custom, places, build
        self.leaves = [None if k in places else x for k, x in enumerate(leaves)]  # what isn't a number
        name = called(custom.f)
        self.name = f"custom {name}" if any(name == rule.name for rule in RULES.values()) else name
        self.function, self.static, self.operands = custom.f, (), len(places)
        self.reads, self.reads_out = (True,) * len(places), True

    def arguments(self, operands):
        """Values of the operands as the arguments of the function."""
        given = dict(zip(self.places, operands, strict=True))
        return self.build([given.get(k, x) for k, x in enumerate(self.leaves)])

    # ------------------------------------------------------------------ value
    def compute(self, *operands, **options):
        if highest(operands) is not None:
            return apply(self, operands, options)
        # copies: the tape may need the arrays, whatever the body does to its arguments
        args = self.arguments([x.copy() if isinstance(x, np.ndarray) else x for x in operands])
        result = self.custom.f(*args, **options)
        leaves, self.build_out = flatten(result)
        leaves = [as_input(x, f"A result of {self.name}") for x in leaves]
        for level in levels_in(*leaves):
            if level.number >= self.lowest:
                raise from_around(self.name, leaves)
        return self.bundle_up(leaves, single=not isinstance(result, (tuple, list, dict)))

    def unbundle(self, z):
        return self.build_out(self.split(z))

    # ------------------------------------------------------------------ derivative
    def pushforward(self, z, primals, tangents, static):
        jvp, vjp = self.custom.written["jvp"], self.custom.written["vjp"]
        if jvp is None and vjp is None:
            raise NoRuleError(
                f"{self.name} has no derivative rule.",
                "custom_rule keeps the transforms out of the body; the derivative must be said beside it.",
                f"@{self.name}.jvp above def rule(z, primals, tangents), or @{self.name}.vjp above "
                "def rule(g, z, primals)",
            )
        if jvp is not None:
            given = {
                k: zeros_like(x) if t is None else t for k, x, t in zip(self.places, primals, tangents, strict=True)
            }
            dxs = self.build([given.get(k) for k in range(len(self.leaves))])
            found = jvp(self.unbundle(z), self.arguments(primals), dxs, **static)
            parts = self.split(z)
            found = self.checked("jvp", found, self.build_out(range(len(parts))), dict(enumerate(parts)))
            return conform(self.bundle(found), z)
        active = [k for k, t in enumerate(tangents) if t is not None]

        def pull(gs):
            found = self.cotangents(self.build_out(gs), z, primals, static, active)
            return [found[k] for k in active]

        return conform(self.bundle(transpose(pull, self.split(z), [tangents[k] for k in active])), z)

    def pullback(self, g, z, primals, static, wanted):
        if self.custom.written["vjp"] is None:
            return super().pullback(g, z, primals, static, wanted)
        active = [k for k, w in enumerate(wanted) if w is not None]
        found = self.cotangents(self.unbundle(g), z, primals, static, active)
        return [cast(found[k], x) if k in active else None for k, x in enumerate(primals)]

    vjp = None  # what General's own pullback looks at: transpose the pushforward

    def cotangents(self, g, z, primals, static, active):
        """What the written VJP returns, operand by operand."""
        found = self.custom.written["vjp"](g, self.unbundle(z), self.arguments(primals), **static)
        form = self.build(range(len(self.leaves)))
        if len(form) == 1 and not (isinstance(found, tuple) and len(found) == 1):
            found = (found,)
        found = self.checked("vjp", found, form, {self.places[k]: primals[k] for k in active})
        return [found[k] for k in self.places]

    def checked(self, kind, found, form, like):
        """The leaves of what the written derivative returned: of this form, those in ``like`` of the shapes there."""
        try:
            leaves, wrong = leaves_like(found, form, "They"), None
        except InputError:
            leaves, wrong, like = [found], "the containers of the " + ("result" if kind == "jvp" else "arguments"), {}
        for k, x in like.items():
            leaves[k] = pack(leaves[k])
            if not _is_number(leaves[k]) or shape_of(leaves[k]) != shape_of(x):
                found, wrong = leaves[k], f"a number or array of shape {shape_of(x)}"
                break
        if wrong is None:
            return leaves
        of = f" of shape {shape_of(found)}" if shape_of(found) else ""
        raise RuleError(
            f"The {kind} of {self.name} returned {found!r}{of}; it needs {wrong}.",
            "a jvp returns the tangent of the result alone; a vjp returns one cotangent for each argument, summed over "
            "the axes along which the argument was broadcast.",
            "return dz at the end of the jvp; return x_bar, y_bar at the end of the vjp, np.zeros_like(x) where "
            "nothing depends on x",
        )
