"""Sizes of formulas, shared parts, and the two ways of the chain rule through their graph."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import example, given, reject, settings
from hypothesis import strategies as st
from sympy.core.cache import clear_cache

from adcourse import grad
from adcourse.core.box import Box
from adcourse.core.errors import ADError
from adcourse.core.kinds import Elementwise
from adcourse.core.levels import Level
from adcourse.methods import symbolic
from adcourse.methods.chain_rule import differentiate_down, differentiate_up, operations_on_graph
from adcourse.methods.formulas import common_subexpressions, dag_size, lambdify, operations, parts, tree_size
from adcourse.methods.swell import logistic, nested_sine, speelpenning
from tests.methods.programs import EXAMPLES, program, steps

x, y, z = sp.symbols("x y z", real=True)


def written(f, *letters):
    """The formula as the program writes it."""
    with sp.evaluate(False):
        return symbolic.expression(f, *letters)


# ---------------------------------------------------------------- trees and graphs


@given(steps)
@settings(max_examples=40, deadline=None)
def test_sizes_are_those_of_the_recursive_definitions(steps):
    formula = symbolic.expression(program(steps), x)

    def tree(e):
        return 1 + sum(map(tree, e.args))

    def distinct(e):
        return {e}.union(*map(distinct, e.args))

    assert tree_size(formula) == tree(formula)
    assert dag_size(formula) == len(distinct(formula)) == len(parts(formula))
    seen = set()
    for e in parts(formula):
        assert set(e.args) <= seen
        seen.add(e)


def test_sizes_of_several_formulas_count_shared_parts_once():
    gradient = {"w": sp.Array([sp.sin(x * y), x]), "b": (x * y,)}
    assert tree_size(gradient) == 4 + 1 + 3 and dag_size(gradient) == 4
    with pytest.raises(ADError, match="no formula"):
        tree_size(np.sin)


def test_equal_parts_that_were_built_separately_are_one():
    one = written(lambda t: t * (t + 1), x)
    clear_cache()  # SymPy remembers what it has built
    other = written(lambda t: t * (t + 1), x)
    assert one is not other and dag_size((one, other)) == 4


def test_a_formula_nested_a_thousand_times_is_measured():
    formula = written(lambda t: nested_sine(t, 1000), x)
    assert (tree_size(formula), dag_size(formula)) == (3 * 1000 + 1, 2 * 1000 + 1)
    assert operations_on_graph((formula, differentiate_up(formula, x))) == 5 * 1000 - 1


@example([(7, 0, 0), (11, 0, 0)], 0.5)  # branches, whose condition occurs twice
@given(steps, st.floats(-2, 2))
@settings(max_examples=30, deadline=None)
def test_the_straight_line_program_has_the_values_of_the_formula(steps, at):
    x0 = sp.Symbol("x0", real=True)  # a name that cse would take
    formula = symbolic.expression(program(steps), x0, exact=True)
    wanted = (formula, symbolic.differentiate(formula, x0))
    line, known = common_subexpressions(wanted), {x0: sp.Rational(at)}
    conditions = {}  # of branches: true or false, no numbers
    for name, e in line.lines:
        assert name not in formula.free_symbols
        if e.is_Relational or e.is_Boolean:
            conditions[name] = e.xreplace(conditions)
        else:
            known[name] = symbolic.run(e.xreplace(conditions), known, 40)[0]
    for e, exact in zip(line.results, wanted, strict=True):
        assert abs(symbolic.run(e.xreplace(conditions), known, 40)[0] - symbolic.run(exact, {x0: at}, 40)[0]) < 1e-25
    assert line.operations <= operations(wanted)
    assert str(line).count("\n") == len(line.lines)


def test_a_formula_becomes_a_numpy_function():
    rng = np.random.default_rng()
    for name, (f, at, by_hand) in EXAMPLES.items():
        letters = np.array(sp.symbols(f"x:{np.size(at)}", real=True), object)[()] if np.ndim(at) else x
        slope = (symbolic.gradient if np.ndim(at) else symbolic.derivative)(f, letters)
        for point in (at, at + rng.uniform(0, 0.1, np.shape(at))):
            for cse in (True, False):
                assert lambdify(slope, letters, cse=cse)(point) == pytest.approx(by_hand(point), rel=1e-12), name
    with pytest.raises(ADError, match="y"):
        lambdify(x * y, x)
    with pytest.raises(ADError, match="declared real"):
        lambdify(sp.Symbol("x") ** 2, "x")


# ---------------------------------------------------------------- the chain rule


@given(steps, st.floats(-2, 2))
@settings(max_examples=40, deadline=None)
def test_both_ways_through_the_graph_give_the_derivative(steps, at):
    f = program(steps)
    clear_cache()  # it decides whether SymPy raises below, which must not change from one run to the next
    try:
        formula = written(f, x)
    except ZeroDivisionError:  # SymPy's own, of the sine of a sine of a constant and their like
        reject()
    exact = grad(f)(at)
    for slope in (differentiate_up(formula, x), *differentiate_down(formula, [x])):
        assert float(symbolic.run(slope, {x: at}, 30)[0]) == pytest.approx(exact, rel=1e-11, abs=1e-11)


@pytest.mark.parametrize("name", EXAMPLES)
def test_gradients_of_the_running_examples_both_ways(name):
    f, at, by_hand = EXAMPLES[name]
    letters = sp.symbols(f"x:{np.size(at)}", real=True)
    formula = written(f, letters[0] if np.ndim(at) == 0 else letters)
    point = dict(zip(letters, np.atleast_1d(at), strict=True))
    down = differentiate_down(formula, letters)
    up = [differentiate_up(formula, s) for s in letters]
    for slopes in (down, up):
        found = [float(symbolic.run(d, point, 25)[0]) for d in slopes]
        assert found == pytest.approx(np.atleast_1d(by_hand(at)).tolist(), rel=1e-13)


class Counting(Box):
    """A number that counts the operations done to it, changes of sign not."""

    __slots__ = ()

    def __init__(self, value, level):
        self.value, self.level = value, level

    def process(self, rule, operands, static):
        values = [o.value if isinstance(o, Counting) else o for o in operands]
        self.level.done += isinstance(rule, Elementwise) and rule.function is not np.negative
        return Counting(rule.evaluate(values, static), self.level)


def counted(run, at):
    level = Level(lean=False)
    level.done = 0
    run(Counting(at, level))
    level.close()
    return level.done


def neighbours(v, n):
    v = list(v)  # each entry is taken out once, so that what comes back to it is added up as numbers
    return sum(np.exp(v[i] * v[i + 1]) * np.cos(v[i]) for i in range(n - 1))


@pytest.mark.parametrize(
    "f, at",
    [
        (logistic, lambda n: 0.2),
        (nested_sine, lambda n: 0.1),
        (speelpenning, lambda n: np.linspace(0.5, 1.5, n)),
        (neighbours, lambda n: np.linspace(1, 2, n)),
    ],
)
@pytest.mark.parametrize("n", [2, 3, 7, 12, 30])
def test_on_the_graph_symbolic_differentiation_and_reverse_mode_do_the_same_operations(f, at, n):
    """Laue (2019), by number: what the tape does on numbers, counted, and the nodes of the symbolic graph."""
    letters = np.array(sp.symbols(f"x:{n}", real=True), object) if np.ndim(at(n)) else x
    formula = written(lambda v: f(v, n), letters)
    symbolic_way = operations_on_graph((formula, *differentiate_down(formula, list(np.ravel(letters)))))
    assert symbolic_way == counted(grad(lambda v: f(v, n)), at(n))


@pytest.mark.parametrize("n", [2, 5, 40])
def test_the_gradient_of_a_product_costs_three_products(n):
    """n - 1 multiplications for the product, twice as many more for all n derivatives; SymPy's formulas: n (n - 2)."""
    letters = np.array(sp.symbols(f"x:{n}", real=True), object)
    formula = written(lambda v: speelpenning(v, n), letters)
    assert operations_on_graph(formula) == n - 1
    assert operations_on_graph((formula, *differentiate_down(formula, list(letters)))) == 3 * (n - 1)
    assert operations(symbolic.gradient(lambda v: speelpenning(v, n), letters)) == n * (n - 2)
