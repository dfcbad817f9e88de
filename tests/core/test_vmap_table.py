"""Walk the table: every example of every rule under vmap is the stack of the calls, and so are its derivatives."""

import itertools

import numpy as np
import pytest

from adcourse import jvp, vjp, vmap
from adcourse.core import members
from adcourse.core.errors import ConversionError
from adcourse.core.kinds import Elementwise
from adcourse.core.rules import RULES

from .examples import EXAMPLES, draw

B = 3
VARYING = {"take-9", "take-11"}  # x[x > 0.1] and np.unique(x): as many numbers as there happen to be
CASES = [
    pytest.param(call, domains, shapes, id=f"{name}-{k}")
    for name, cases in EXAMPLES.items()
    for k, (call, domains, shapes) in enumerate(cases)
    if f"{name}-{k}" not in VARYING
]


def operands(rng, domains, shapes, mapped, axis=0):
    """The arguments of vmap, its in_axes, and the arguments of each member."""
    drawn = [draw(rng, domains, shapes) for _ in range(B)]
    axes = tuple(min(axis, len(shape)) if m else None for m, shape in zip(mapped, shapes, strict=True))
    args = [drawn[0][k] if a is None else np.stack([d[k] for d in drawn], axis=a) for k, a in enumerate(axes)]
    return args, axes, [tuple(d[k] if m else drawn[0][k] for k, m in enumerate(mapped)) for d in drawn]


def choices(shapes):
    """Which operands are mapped: all, and each choice of some of them."""
    return [mapped for mapped in itertools.product([True, False], repeat=len(shapes)) if any(mapped)]


def close(found, expected):
    expected = np.stack(expected) if isinstance(expected, list) else np.asarray(expected)
    assert np.shape(found) == expected.shape
    scale = max(1.0, np.max(np.abs(expected), initial=0.0))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11 * scale)


@pytest.mark.parametrize("call, domains, shapes", CASES)
def test_values(call, domains, shapes, request):
    rng = np.random.default_rng(len(request.node.name))
    for mapped in choices(shapes):
        for axis in (0, 1):
            args, axes, each = operands(rng, domains, shapes, mapped, axis)
            close(vmap(call, in_axes=axes)(*args), [call(*x) for x in each])


@pytest.mark.parametrize("call, domains, shapes", CASES)
def test_derivatives_inside(call, domains, shapes, request):
    rng = np.random.default_rng(len(request.node.name) + 1)

    def tangent(x, v):
        return jvp(call, x, v)[1]

    def cotangents(x):
        y, pullback = vjp(call, *x)
        return pullback(np.cos(np.arange(float(np.size(y)))).reshape(np.shape(y)) if np.shape(y) else 1.0)

    for mapped in choices(shapes):
        args, axes, each = operands(rng, domains, shapes, mapped)
        directions, _, v_each = operands(rng, [(-1.0, 1.0)] * len(shapes), shapes, mapped)
        close(
            vmap(tangent, in_axes=(axes, axes))(tuple(args), tuple(directions)),
            [tangent(x, v) for x, v in zip(each, v_each, strict=True)],
        )
        bars = [cotangents(x) for x in each]
        for k, found in enumerate(vmap(cotangents, in_axes=(axes,))(tuple(args))):
            close(found, [bar[k] for bar in bars])


@pytest.mark.parametrize("call, domains, shapes", CASES)
def test_derivatives_through_it(call, domains, shapes, request):
    """grad of vmap: the pullback of the stack is the stack of pullbacks, summed over the members that share x."""
    rng = np.random.default_rng(len(request.node.name) + 2)
    for mapped in choices(shapes)[:2]:
        args, axes, each = operands(rng, domains, shapes, mapped)
        y, pullback = vjp(vmap(call, in_axes=axes), *args)
        w = rng.normal(size=np.shape(y))
        bars = [vjp(call, *x)[1](w[b] if np.shape(y)[1:] else float(w[b])) for b, x in enumerate(each)]
        for k, (found, m) in enumerate(zip(pullback(w), mapped, strict=True)):
            close(found, [bar[k] for bar in bars] if m else sum(bar[k] for bar in bars))


@pytest.mark.parametrize("name", sorted(VARYING))
def test_what_has_another_shape_for_each_member_is_refused(name):
    call, domains, shapes = EXAMPLES["take"][int(name[5:])]
    with pytest.raises(ConversionError, match="np.where"):
        vmap(call)(*operands(np.random.default_rng(), domains, shapes, (True,))[0])


def test_no_rule_of_the_table_goes_member_by_member():
    differentiable = [r for r in RULES.values() if isinstance(r, (Elementwise, members.Linear, members.Bilinear))]
    differentiable += [r for r in RULES.values() if isinstance(r, members.General)]
    assert len(differentiable) > 120
    assert [r for r in differentiable if members.how(r) is members.one_by_one] == []


QUESTIONS_ONE_BY_ONE = """allclose array_equal array_equiv lexsort""".split()


def test_which_questions_go_member_by_member():
    """All others are answered in one call of NumPy, or have one answer for all members, or are refused."""
    from adcourse.core import answers
    from adcourse.core.kinds import Constant

    known = answers.ELEMENTWISE | answers.HOW.keys() | answers.SHAPES | answers.MEMORY | answers.VARYING
    questions = [f for f, r in RULES.items() if isinstance(r, Constant) and not isinstance(f, np.ufunc)]
    assert sorted(f.__name__ for f in questions if f not in known) == QUESTIONS_ONE_BY_ONE
