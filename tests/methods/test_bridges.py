"""The same NumPy programs through JAX, PyTorch, autograd and CasADi: derivatives against the core's and exact ones.

What isn't installed is skipped.
"""

import math
import os
import subprocess
import sys

import numpy as np
import pytest

import adcourse as ad
from adcourse.core.errors import ADError, InputError
from adcourse.methods.bridges import BRIDGES, Bridge, BridgeError, MissingError

from ..core.examples import EXAMPLES, draw
from ..fuzz.generate import draw as draw_program
from . import programs

SEED = int(os.environ.get("ADCOURSE_FUZZ_SEED", "1"))
SYSTEMS = ["jax", "torch", "autograd", "casadi"]
WITH_NUMBERS = ["jax", "torch", "autograd"]


def bridge(name):
    if not BRIDGES[name].available:
        pytest.skip(BRIDGES[name].why)
    if name == "jax":
        import jax

        jax.config.update("jax_platforms", "cpu")
        jax.config.update("jax_disable_most_optimizations", True)  # compiling takes the time
    return BRIDGES[name]


# ---------------------------------------------------------------------------------------------- the whole table

BESSEL = "j0 j1 y0 y1 k0 k1 jv yv iv kv".split()
REFUSED = {  # examples of these names are refused, all or some of them
    "jax": {"erfi", *BESSEL},
    "torch": {"erfi", "dawsn", "expi", "exp1", "gammainc", "gammaincc", *BESSEL},
    "autograd": {"erfi", "dawsn", "expi", "exp1", "_zeta", "polygamma", "k0", "k1", "jv", "yv", "kv", "qr", "pinv"},
    "casadi": {
        "erfi", "dawsn", "expi", "exp1", "_zeta", "polygamma", "i0", "i1", "psi", "gammainc", "gammaincc", "gamma",
        "rgamma", "gammaln", "loggamma", "beta", "betaln", *BESSEL, "cholesky", "eigh", "qr", "svd", "eigvalsh",
        "svdvals", "norm", "matrix_norm", "cond", "lstsq", "polyfit", "pinv", "take_along_axis", "nan", "take",
        "quantile", "average", "interp", "linspace", "elementary", "logsumexp", "softmax", "log_softmax", "nextafter",
    },
}  # fmt: skip
COVERED = {"jax": 0.95, "torch": 0.95, "autograd": 0.95, "casadi": 0.8}


def agrees(system, name, call, domains, shapes, seed):
    """Whether the gradient of the example is the core's; False where the bridge refuses, by name."""
    rng = np.random.default_rng(seed)
    x = draw(rng, domains, shapes)
    weights, every = rng.normal(size=np.shape(call(*x))), tuple(range(len(x)))

    def f(*a):
        return np.sum(weights * np.sin(call(*a)))

    exact = ad.grad(f, every)(*x)
    if name in REFUSED[system.name]:
        try:
            value, found = system.value_and_grad(f, every)(*x)
        except ADError as refusal:
            return system.title not in str(refusal) and pytest.fail(f"the refusal names no system: {refusal}")
    else:
        value, found = system.value_and_grad(f, every)(*x)
    tolerance = 1e-7 if system.name == "casadi" and "inv" in name else 1e-9  # CasADi's erfinv has eight digits
    np.testing.assert_allclose(value, f(*x), rtol=tolerance, atol=tolerance)
    for g, e in zip(found, exact, strict=True):
        assert np.shape(g) == np.shape(e)
        np.testing.assert_allclose(g, e, rtol=100 * tolerance, atol=tolerance)
    return True


def _cases(name):
    """Of JAX, which compiles every operation for every shape, a sample: all examples take minutes."""
    cases = [(example, *case) for example, all_of_it in EXAMPLES.items() for case in all_of_it]
    if name != "jax":
        return cases
    chosen = np.random.default_rng(SEED).choice(len(cases), 25, replace=False)
    return [cases[k] for k in chosen]


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_table_agrees_or_is_refused(name):
    system, cases = bridge(name), _cases(name)
    covered = [agrees(system, example, *case, SEED) for example, *case in cases]
    slack = 0.15 if name == "jax" else 0.0  # of the sample
    assert np.mean(covered) >= COVERED[name] - slack
    print(f"{system.title}: {sum(covered)} of {len(covered)} examples of the table")


@pytest.mark.parametrize("name, count", [("jax", 3), ("torch", 60), ("autograd", 60), ("casadi", 60)])
def test_random_programs(name, count):
    """Programs of the fuzzer: random shapes, indices, control flow and functions of the table."""
    system, refused, judged = bridge(name), 0, 0
    for index in range(count):
        program = draw_program(SEED, index)
        f, x = program.function(), list(program.inputs.values())
        every = tuple(range(len(x)))
        try:
            with np.errstate(all="ignore"):
                exact = ad.grad(f, every)(*x)
                found = system.grad(f, every)(*x)
        except ADError:
            refused += 1
            continue
        if not all(np.all(np.isfinite(e)) for e in exact):
            continue
        judged += 1
        size = max(1.0, *(np.max(np.abs(e), initial=0.0) for e in exact))
        for g, e in zip(found, exact, strict=True):
            np.testing.assert_allclose(g, e, rtol=1e-6, atol=1e-7 * size, err_msg=str(program))
    assert judged >= (0.3 if name == "casadi" else 0.6) * count, f"{refused} refused"


# ---------------------------------------------------------------------------------------------- every derivative


def test_random_programs_in_torch_without_numbers():
    """torch.func doesn't show its numbers: what isn't refused is right all the same."""
    system, judged = bridge("torch"), 0
    import torch

    for index in range(60):
        program = draw_program(SEED, index)
        f, x = program.function(), list(program.inputs.values())
        every = tuple(range(len(x)))
        try:
            with np.errstate(all="ignore"):
                exact = ad.grad(f, every)(*x)
                found = torch.func.grad(system.translate(f), every)(*(torch.tensor(np.asarray(a)) for a in x))
        except ADError:
            continue
        judged += all(np.all(np.isfinite(e)) for e in exact)
        for g, e in zip(found, exact, strict=True):
            np.testing.assert_allclose(g.numpy(), e, rtol=1e-6, atol=1e-7, err_msg=str(program))
    assert judged > 20


@pytest.mark.parametrize("name", SYSTEMS)
def test_closed_forms(name):
    system = bridge(name)
    a = np.array([[3.0, 1.0], [0.5, 2.0]])
    assert system.grad(lambda x: np.log(1 + np.exp(x)))(0.0) == pytest.approx(0.5, abs=1e-15)
    np.testing.assert_allclose(system.grad(lambda m: np.log(np.linalg.det(m)))(a), np.linalg.inv(a).T, rtol=1e-12)
    np.testing.assert_allclose(system.hessian(lambda x: x @ a @ x)(np.ones(2)), a + a.T, rtol=1e-12)
    np.testing.assert_allclose(
        system.jacobian(lambda x: np.linalg.solve(a, x))(np.ones(2)), np.linalg.inv(a), rtol=1e-12
    )
    assert [system.gradient(lambda x: x**5, 2.0, k) for k in (1, 2, 3)] == pytest.approx([80.0, 160.0, 240.0])
    assert type(system.gradient(np.sin, 0.5)) is float
    y, dy = system.jvp(lambda x, y: (x * y, {"s": np.sin(x)}), (2.0, 3.0), (1.0, 10.0))
    assert y == (6.0, {"s": pytest.approx(np.sin(2.0))}) and dy == (23.0, {"s": pytest.approx(np.cos(2.0))})
    value, pullback = system.vjp(lambda x: (x[0] * x[1], np.exp(x)), np.array([1.0, 2.0]))
    np.testing.assert_allclose(pullback((1.0, np.array([0.0, 1.0])))[0], [2.0, 1.0 + np.exp(2.0)])
    np.testing.assert_allclose(value[1], np.exp([1.0, 2.0]))


@pytest.mark.parametrize("name", SYSTEMS)
def test_trees_argnums_and_dtypes(name):
    system = bridge(name)

    def f(p, x, scale=1.0):
        return scale * np.sum(np.tanh(p["w"] @ x + p["b"][0])) * p["b"][1]

    p, x = {"w": np.array([[1.0, -0.5], [0.2, 0.3]]), "b": (np.array([0.1, 0.2]), 2.0)}, np.array([0.5, -1.0])
    found, exact = system.grad(f, (0, 1))(p, x, scale=3.0), ad.grad(f, (0, 1))(p, x, scale=3.0)
    for g, e in [(found[0]["w"], exact[0]["w"]), (found[0]["b"][0], exact[0]["b"][0]), (found[1], exact[1])]:
        np.testing.assert_allclose(g, e, rtol=1e-12)
    assert found[0]["b"][1] == pytest.approx(exact[0]["b"][1]) and type(found[0]["b"][1]) is float
    H = system.hessian(lambda p: p[0] ** 2 * np.sum(p[1]))((2.0, x))
    assert H[0][0] == pytest.approx(2 * np.sum(x))
    np.testing.assert_allclose(H[0][1], [4.0, 4.0])
    np.testing.assert_allclose(H[1][1], np.zeros((2, 2)), atol=1e-15)
    J = system.jacobian(lambda x: {"s": np.outer(x, x), "t": np.sum(x)})(x)
    np.testing.assert_allclose(J["s"], ad.jacobian(lambda x: np.outer(x, x))(x))
    np.testing.assert_allclose(J["t"], [1.0, 1.0])
    single = system.grad(lambda x: np.sum(np.exp(x) * np.float32(2.0)))(np.array([0.5, 1.0], np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, 2 * np.exp([0.5, 1.0]), rtol=1e-6)
    np.testing.assert_allclose(system.grad(lambda x: np.sum(x**2))(np.array([1, 2])), [2.0, 4.0])  # integers are floats
    assert system.grad(lambda x: 3.0)(1.0) == 0.0  # nothing depends on x
    np.testing.assert_allclose(system.jacobian(lambda x: (x, 2.0))(x)[1], [0.0, 0.0])


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("f, x", [
    (programs.polynomial, 1.3), (programs.circuit, np.array([-2.0, 5.0, -4.0])),
    (programs.baydin, np.array([1.5, 2.5])),
    (programs.log_density, np.array([0.3, 0.1, 1.2])), (programs.logistic_least_squares, np.array([0.2, -0.4])),
])  # fmt: skip
def test_the_programs_of_the_course(name, f, x):
    system = bridge(name)
    np.testing.assert_allclose(system.grad(f)(x), ad.grad(f)(x), rtol=1e-11)
    if name != "jax":
        np.testing.assert_allclose(system.hessian(f)(x), ad.hessian(f)(x), rtol=1e-10, atol=1e-12)


def writes(x):
    """Views, writes through them, and a loop."""
    y = np.zeros_like(x)
    row, flat = y[0], y.ravel()
    row[:] = x[0] ** 2
    flat[-2:] += np.sin(x[1, :2])
    y[:, 0] *= x[0, 1]
    for i in range(2):
        y[i, ::-1] = y[i] * x[1, i]
    y.T[2] -= x[:, 0]
    y[[0, 0], [1, 1]] = x[1, :2]
    return np.sum(np.cumsum(y) * np.arange(6.0))


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("seed", [1, 2])
def test_writing_into_arrays(name, seed):
    system = bridge(name)
    x = np.random.default_rng(seed).normal(size=(2, 3))
    np.testing.assert_allclose(system.grad(writes)(x), ad.grad(writes)(x), rtol=1e-11)
    with pytest.raises(ADError, match="x.copy()"):
        system.grad(lambda x: x.fill(0.0) or np.sum(x))(x)


def branches(x):
    n = 0
    while abs(x) < 10 and n < 20:
        x = x * x + 1.0 if x > 0 else 0.5 - x
        n += 1
    return max(x, 2.0) * n


@pytest.mark.parametrize("name", WITH_NUMBERS)
@pytest.mark.parametrize("x", [-3.0, 0.4, 2.5])
def test_branches_on_numbers(name, x):
    assert bridge(name).grad(branches)(x) == pytest.approx(ad.grad(branches)(x), rel=1e-12)
    order = bridge(name).grad(lambda v: np.sum(np.sort(v) * np.arange(3.0)) + v[int(np.argmax(v))])
    np.testing.assert_allclose(order(np.array([2.0, 3.0, 1.0])), [1.0, 3.0, 0.0])


@pytest.mark.parametrize("name", SYSTEMS)
def test_adcourse_inside_the_other_system(name):
    """Transforms nest: the other system differentiates adcourse's gradients, batches and Taylor series."""
    system = bridge(name)

    def energy(v):
        return np.sum(np.sin(v) * v[::-1] ** 2)

    x = np.array([0.3, 1.2])
    np.testing.assert_allclose(system.jacobian(ad.grad(energy))(x), ad.hessian(energy)(x), rtol=1e-11)
    batch = np.arange(6.0).reshape(3, 2)
    mean = lambda v: np.mean(ad.vmap(lambda b: energy(b * v))(batch))
    np.testing.assert_allclose(system.grad(mean)(x), ad.grad(mean)(x), rtol=1e-11)
    third = lambda t: ad.derivative(lambda s: np.exp(s * t), 2)(0.5)
    assert system.grad(third)(0.7) == pytest.approx(ad.derivative(third)(0.7))


@pytest.mark.parametrize("name", SYSTEMS)
def test_constants_may_be_overwritten_later(name):
    """The other system keeps copies: what the program does to its own arrays afterwards changes no derivative."""
    system = bridge(name)

    def f(x):
        c = np.array([1.0, 2.0])
        y = np.sum(c * x * x)
        c[:] = 100.0
        return y

    np.testing.assert_allclose(system.grad(f)(np.array([1.0, 1.0])), [2.0, 4.0])


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_custom_rule_is_a_program_to_others(name):
    system = bridge(name)

    @ad.custom_rule(jvp=lambda z, primals, tangents: 7.0 * tangents[0])  # deliberately not the derivative
    def square(x):
        return x * x

    assert system.grad(lambda x: square(np.sin(x)))(0.3) == pytest.approx(np.sin(0.6))


# ---------------------------------------------------------------------------------------------- errors


def test_casadi_says_why_it_cannot_branch():
    system = bridge("casadi")
    for f in (lambda x: x if x > 0 else -x, lambda x: max(x, 0.0), lambda x: x * (x > 0 and 1.0)):
        with pytest.raises(BridgeError, match="np.where"):
            system.grad(f)(1.0)
    with pytest.raises(BridgeError, match="argmax"):
        system.grad(lambda x: x[np.argmax(x)])(np.array([1.0, 2.0]))
    with pytest.raises(BridgeError, match="argsort"):
        system.grad(lambda x: np.sort(x)[0])(np.array([1.0, 2.0]))


@pytest.mark.parametrize("name", SYSTEMS)
def test_refusals_teach(name):
    system = bridge(name)
    with pytest.raises(InputError, match="jacobian"):
        system.grad(lambda x: x * x)(np.ones(2))
    with pytest.raises(InputError, match="jacobian"):
        system.hessian(lambda x: x * x)(np.ones(2))
    with pytest.raises(ADError, match=r"np\.sin\(x\) instead of math\.sin"):
        system.grad(lambda x: math.sin(x))(1.0)
    with pytest.raises(BridgeError, match="adcourse.grad of the whole"):
        ad.grad(lambda x: system.grad(np.sin)(x))(1.0)
    with pytest.raises(BridgeError, match="another transform"):
        ad.grad(lambda a: system.grad(lambda x: a * x * x)(1.0))(1.0)
    with pytest.raises(InputError, match="call"):
        system.grad(3.0)
    kept = []
    system.grad(lambda x: kept.append(x) or x * x)(1.0)
    with pytest.raises(ADError, match="after the transform"):
        kept[0] + 1.0


class Nowhere(Bridge):
    name, package, title = "nowhere", "a_package_that_is_not_there", "Nowhere"


def test_a_system_that_is_not_installed():
    system = Nowhere()
    assert not system.available and "pip install" in system.why
    for ask in (lambda: system.grad(np.sin)(1.0), lambda: system.translate(np.sin), lambda: system.vjp(np.sin, 1.0)):
        with pytest.raises(MissingError, match="pip install"):
            ask()


def test_nothing_is_imported_before_it_is_used():
    code = "import sys, adcourse.methods.bridges as b; [s.available for s in b.BRIDGES.values()]; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"jax", "torch", "autograd", "casadi"} & set(found)
    assert "adcourse.methods.bridges.jax" in found


# ---------------------------------------------------------------------------------------------- as their own functions


def test_translated_for_jax():
    """A program under jit, vmap and jax.grad; JAX's precision is JAX's business, and stays what it was."""
    system = bridge("jax")
    import jax

    def f(x):
        mask = (x > 0.5) & ~np.isnan(x)
        return np.sum(np.where(mask, np.sin(x), np.floor(x) * x) * np.exp(x - np.max(x)))

    x, before = np.array([0.3, -1.2, 0.8], np.float32), jax.config.jax_enable_x64
    exact = ad.grad(f)(x)
    g = system.translate(f)
    np.testing.assert_allclose(jax.grad(g)(x), exact, rtol=1e-5)
    np.testing.assert_allclose(jax.jit(jax.grad(g))(x), exact, rtol=1e-5)
    np.testing.assert_allclose(jax.vmap(jax.grad(g))(np.stack([x, 2 * x])), [exact, ad.grad(f)(2 * x)], rtol=1e-5)
    np.testing.assert_allclose(jax.jit(jax.hessian(g))(x), ad.hessian(f)(x), rtol=1e-4, atol=1e-5)
    assert system.grad(f)(x.astype(float)).dtype == np.float64
    assert jax.config.jax_enable_x64 == before
    with pytest.raises(BridgeError, match="np.where"):
        jax.jit(system.translate(branches))(1.0)
    with pytest.raises(BridgeError, match="np.where"):  # NumPy's own series for i0 looks at its numbers
        jax.jit(system.translate(np.i0))(1.0)


def test_translated_for_torch():
    system = bridge("torch")
    import torch

    x = torch.tensor([0.3, -1.2, 0.8], dtype=torch.float64, requires_grad=True)
    y = system.translate(lambda x, k: {"y": np.sum(np.sin(x) ** k), "x": x[::-1]})(x, 3)
    assert y["y"].dtype == torch.float64 and y["x"].tolist() == x.tolist()[::-1]
    y["y"].backward()
    numbers = x.detach().numpy()
    np.testing.assert_allclose(x.grad.numpy(), 3 * np.sin(numbers) ** 2 * np.cos(numbers), rtol=1e-12)
    assert torch.autograd.gradcheck(system.translate(writes), torch.rand(2, 3, dtype=torch.float64, requires_grad=True))
    f = system.translate(lambda x: np.sum(np.where(x > 0.5, np.sin(x), x**2)))
    exact = np.diag(np.where(numbers > 0.5, -np.sin(numbers), 2.0))
    np.testing.assert_allclose(torch.func.hessian(f)(x.detach()).numpy(), exact, rtol=1e-12)


def test_translated_for_autograd():
    system = bridge("autograd")
    from autograd import elementwise_grad, grad

    f = system.translate(lambda x: np.tanh(x) * x)
    x = np.linspace(-1.0, 1.0, 5)
    second = 2 / np.cosh(x) ** 2 * (1 - x * np.tanh(x))
    np.testing.assert_allclose(elementwise_grad(elementwise_grad(f))(x), second, rtol=1e-12)
    assert grad(system.translate(branches))(0.4) == pytest.approx(ad.grad(branches)(0.4))


def test_translated_for_casadi():
    system = bridge("casadi")
    import casadi

    x = casadi.MX.sym("x", 3)
    f = system.translate(lambda x: (np.outer(x, x), np.sum(x**2)))
    square, total = f(x)
    assert square.shape == (3, 3) and total.shape == (1, 1)
    values = casadi.Function("f", [x], [square, casadi.gradient(total, x)])([1.0, 2.0, 3.0])
    np.testing.assert_allclose(values[0].full(), np.outer([1, 2, 3], [1, 2, 3]))
    np.testing.assert_allclose(values[1].full(), [[2.0], [4.0], [6.0]])
