"""Problems, notebooks and the syllabus say the same; the way to write a problem works as its docstring says."""

import ast
import textwrap

import pytest

from adcourse.grading import check, examine
from adcourse.grading import problem as problem_module
from adcourse.grading.problems import all_problems
from tests.grading.blocks import ASSIGNMENTS, cell, function, notebook

# The titles, signatures and points of the syllabus, which students, graders and outside checks rely on.
SYLLABUS = {
    "1.1": ("Two difference formulas", "fd(f, x, h, kind)", 2),
    "1.2": ("Second difference (seed 2)", "second(f, a, h)", 2),
    "1.3": ("The U-curve", "ucurve(f, df, x, hs)", 3),
    "1.4": ("Complex step", "complex_step(f, x, h=1e-20)", 2),
    "1.5": ("Finite-difference gradient and its price", "grad_fd(f, x, h=1e-6)", 3),
    "2.1": ("Differentiate a tree", "sdiff(expr, var)", 4),
    "2.2": ("Expression swell: tree versus DAG", "sizes(expr)", 3),
    "2.3": ("Derivative without the formula", "logistic_pair(n, x)", 3),
    "2.4": ("Babylonian square root", "babylonian_pair(x, N)", 3),
    "3.1": ("Wengert list of the normal log-density", "trace_lognormal(y, mu, sigma)", 2),
    "3.2": ("Fill in the partials column", "local_partials(v)", 3),
    "3.3": ("Sum over paths", "path_sum(edges, i, o)", 4),
    "3.4": ("Forward or reverse? Count multiplications", "chain_cost(shapes, mode)", 3),
    "4.1": ("Dual numbers", "class Dual(a, b)", 6),
    "4.2": ("Jacobian, one column per sweep", "jacobian_forward(f, x)", 3),
    "4.3": ("Newton with exact derivatives", "newton(f, x0, tol=1e-12, maxit=50)", 3),
    "4.4": ("Propagate an uncertainty", "propagate(f, x, sigma)", 2),
    "4.5": ("Perturbation confusion", "derivative(f, x)", 5),
    "5.1": ("Truncated series: product and quotient", "taylor_op(a, b, op)", 3),
    "5.2": ("Elementary functions of a series", "taylor_fn(name, f)", 4),
    "5.3": ("All derivatives at once", "derivatives(F, x0, K)", 2),
    "5.4": ("A Taylor-series ODE step", "ode_taylor_step(F, y0, h, K)", 4),
    "5.5": ("Hyper-dual numbers", "class HyperDual(a, b, c, d)", 4),
    "6.1": ("Back-propagate (x+y)z", "grad_xyz(x, y, z)", 1),
    "6.2": ("Seed 1's reverse table, corrected", "mipt_grads(w1, w2)", 3),
    "6.3": ("Topological order, safely", "toposort(out)", 4),
    "6.4": ("The reverse sweep", "backward(out)", 5),
    "6.5": ("Logistic least squares", "logistic_ls(w, b, x, t)", 3),
    "7.1": ("Undo a broadcast", "unbroadcast(g, shape)", 3),
    "7.2": ("Adjoint of a matrix product", "vjp_matmul(A, B, G)", 2),
    "7.3": ("Adjoint of a linear solve", "vjp_solve(A, b, x, g)", 3),
    "7.4": ("Softmax cross-entropy", "softmax_xent(Z, Y)", 3),
    "7.5": ("Gradient of -log det X", "vjp_neglogdet(X, g)", 2),
    "8.1": ("Gradient descent USES a gradient", "gradient_descent(grad, x0, lr, n)", 2),
    "8.2": ("Find the factor N", "mse_slope(w, X, Y)", 2),
    "8.3": ("One hidden layer with weight decay", "mlp_loss_and_grads(p, X, Y)", 5),
    "8.4": ("A gradient checker", "grad_check(f, g, x)", 3),
    "8.5": ("Differentiate through gradient descent", "step_size_gradient(alpha, x0)", 4),
    "9.1": ("Hessian-vector product", "hvp(grad, x, v)", 3),
    "9.2": ("Curtis-Powell-Reid colouring", "colour_columns(S)", 4),
    "9.3": ("Recover a sparse Jacobian", "compressed_jacobian(jvp, S, colours)", 4),
    "9.4": ("Newton direction without a matrix", "newton_cg(hvp, g, tol=1e-10)", 4),
    "9.5": ("Hutchinson trace (PyHessian)", "hutchinson(hvp, n, m, rng)", 3),
    "10.1": ("How far do s checkpoints reach?", "beta(s, r)", 1),
    "10.2": ("Minimal recomputation", "min_advances(l, s)", 4),
    "10.3": ("Checkpointed reverse sweep", "checkpointed_grad(env, x0, s, g)", 5),
    "10.4": ("A reversible layer stores nothing", "invert_coupling(x, y, n)", 2),
    "11.1": ("Implicit function theorem", "implicit_jacobian(Fz, Fx)", 2),
    "11.2": ("Adjoint of a fixed point", "fixed_point_vjp(vjp_z, vjp_x, g)", 4),
    "11.3": ("Hypergradient of ridge regression", "ridge_hypergrad(X, y, lam, Xv, yv)", 3),
    "11.4": ("Do not differentiate the iteration", "sqrt_with_rule(a, n)", 3),
    "12.1": ("A fixed-step RK4", "rk4(f, u0, p, T, n)", 2),
    "12.2": ("Forward sensitivity equations", "forward_sensitivity(f, fu, fp, u0, p, T, n)", 4),
    "12.3": ("Discrete adjoint of explicit Euler", "discrete_adjoint(f, fu, fp, gu, u0, p, T, n)", 5),
    "12.4": ("Continuous adjoint", "continuous_adjoint(f, fu, fp, gT, u0, p, T, n)", 5),
    "13.1": ("Force from a potential", "force(V, q)", 2),
    "13.2": ("Equations of motion from a Lagrangian", "lagrangian_acceleration(L, q, v)", 5),
    "13.3": ("Leapfrog", "leapfrog(gradU, q, p, eps, n)", 3),
    "13.4": ("One HMC transition", "hmc_step(U, gradU, q, eps, L, rng)", 4),
    "13.5": ("A PINN residual with hard boundary conditions", "pinn_residual(W, x)", 4),
    "14.1": ("The double-where trick", "safe_sqrt(x)", 3),
    "14.2": ("Programs for zero", "ad_at_kink(s)", 3),
    "14.3": ("A derivative pathwise AD cannot see", "score_gradient(f, p, n, m, rng)", 4),
    "14.4": ("AD is faithful, also to a bad formula", "softplus_and_grad(x)", 3),
    "14.5": ("Audit the claims", "audit()", 3),
}
PROBLEMS = all_problems()


def cells_of(id, folder="solutions"):
    return {c.id: c for c in notebook(folder, f"ps{int(id.partition('.')[0]):02}").cells}


def so_far(id):
    """What the notebook has defined for the answers up to this one, which may build on those before."""
    cells = list(cells_of(id).values())
    place = next(k for k, c in enumerate(cells) if c.id == cell(id))
    setup = [
        c.source
        for c in cells[: place + 1]
        if c.id.endswith("-setup") or c.metadata.get("nbgrader", {}).get("solution")
    ]
    return "\n\n".join(setup)


def test_the_problems_are_those_of_the_syllabus():
    assert {p.id: (p.title, p.signature, p.points) for p in PROBLEMS.values()} == SYLLABUS


@pytest.mark.parametrize("id", SYLLABUS)
def test_the_notebook_asks_for_what_the_problem_defines(id):
    title, signature, points = SYLLABUS[id]
    cells = cells_of(id)
    answer = cells[cell(id)]
    test = cells[cell(id).replace("solution", "test")]
    text = cells[cell(id).replace("solution", "text")].source
    assert text.startswith(f"## {id} {title} ({points} point{'s' * (points > 1)})")
    asked = text if id != "6.3" else cells["p6-3-question"].source
    assert f"`{signature}`" in asked
    assert test.metadata.nbgrader.points == points
    (definition,) = (part for part in ast.parse(answer.source).body if getattr(part, "name", "") == PROBLEMS[id].name)
    written = function(PROBLEMS[id], answer.source)
    head = f"class {PROBLEMS[id].name}" if PROBLEMS[id].kind == "class" else f"def {signature}"
    assert f"\n{head}:\n" in f"\n{answer.source}"
    assert PROBLEMS[id].misfit(written) == ""
    for way in ("check", "examine"):
        assert f'{way}("{id}", {definition.name})' in test.source


@pytest.mark.parametrize("id", SYLLABUS)
def test_the_reference_passes(id):
    reference = function(PROBLEMS[id], so_far(id))
    assert check(id, reference), check(id, reference)
    for _ in range(3):
        assert examine(id, reference), examine(id, reference)


@pytest.mark.parametrize("id", SYLLABUS)
def test_a_test_cell_relies_on_no_name_of_the_students(id):
    """It imports what it calls, uses the one function it tests, and ends in an assertion, not in a value."""
    tree = ast.parse(cells_of(id)[cell(id).replace("solution", "test")].source)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    assert used == {"adcourse", "examine", "verdict", "print", PROBLEMS[id].name}
    assert isinstance(tree.body[-1], ast.Assert)
    assert not any(isinstance(statement, ast.Expr) for statement in tree.body[-1:])


def test_points_add_up():
    totals = {1: 12, 2: 13, 3: 12, 4: 19, 5: 17, 6: 16, 7: 13, 8: 16, 9: 18, 10: 12}
    totals |= {12: 16, 14: 16}
    for assignment, points in totals.items():
        assert sum(p.points for p in PROBLEMS.values() if p.id.startswith(f"{assignment}.")) == points


def test_hints_tell_mistakes_apart():
    for problem in PROBLEMS.values():
        codes = [mistake.code for mistake in problem.mistakes]
        assert len(set(codes)) == len(codes)
        for hint in (problem.hint, *problem.hints.values(), *(mistake.hint for mistake in problem.mistakes)):
            assert len(hint) > 10
            assert "  " not in hint


def test_the_way_to_write_a_problem(monkeypatch):
    """The example of the docstring, run as it stands."""
    code = textwrap.dedent(problem_module.__doc__.partition("::\n")[2])
    space = dict(vars(problem_module))
    exec("from adcourse.grading.judges import Close\n", space)
    exec("from adcourse.grading.problems.oracles import complex_step_gradient\n" + code, space)
    assert len(code.strip().splitlines()) < 40
    monkeypatch.setattr("adcourse.grading.engine.find", lambda id: space["GRAD_XYZ"])
    assert check("6.1", lambda x, y, z: (z, z, x + y))
    assert examine("6.1", lambda x, y, z: (z, z, x + y))
    assert "∂q/∂x" in check("6.1", lambda x, y, z: (1, 1, x + y)).hint
    assert check("6.1", lambda x, y, z: (x, y, z)).hint == "q is computed forward; its adjoint is z."


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
@pytest.mark.parametrize("folder", ["solutions", "exercises"])
def test_ids_are_stable_names_and_outputs_are_stripped(folder, assignment):
    book = notebook(folder, assignment)
    ids = [c.id for c in book.cells]
    assert len(set(ids)) == len(ids)
    assert (book.nbformat, book.nbformat_minor) == (4, 5)
    assert book.metadata.kernelspec.name == "python3"
    for c in book.cells:
        assert c.id.startswith(f"p{int(assignment[2:])}-")
        if "nbgrader" in c.metadata:
            assert c.metadata.nbgrader.grade_id == c.id
        if c.cell_type == "code":
            assert c.outputs == []
            assert c.execution_count is None
            assert "widgets" not in c.source


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_solutions_and_exercises_have_the_same_cells(assignment):
    source, release = (notebook(folder, assignment).cells for folder in ("solutions", "exercises"))
    assert [c.id for c in source] == [c.id for c in release]
