"""adcourse's derivatives inside PyTorch and JAX, against these systems' own and exact ones."""

import numpy as np
import pytest

import adcourse as ad
from adcourse.core.errors import ConversionError, InputError
from adcourse.methods import bridges


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason=bridges.torch.BRIDGE.why)


@pytest.fixture(scope="module")
def jax():
    import jax  # in the extra for tests, as PyTorch is not

    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_disable_most_optimizations", True)  # compiling takes the time
    return jax


def model(x, w):
    """Loops, writes and a solve; several results, one of them in a dict."""
    y = np.zeros_like(x)
    for i in range(len(x)):
        y[i] = np.sin(x[i]) * w[i]
    return y @ y, {"s": np.linalg.solve(np.outer(w, w) + 4.0 * np.eye(len(x)), x)}


def bend(x):
    """A branch on numbers, which no system that traces sees."""
    return np.sum(x**2) if x[0] > 0 else x[1] * 3.0


@ad.custom_rule
def root(a):
    """The cube root of a by Newton's method, in plain floats; its derivative by the equation y^3 = a."""
    y = 1.0
    for _ in range(60):
        y = (2 * y + float(a) / y**2) / 3
    return y


root.jvp(lambda y, primals, tangents: tangents[0] / (3 * y**2))


# ---------------------------------------------------------------------------------------------- PyTorch


def test_torchs_own_checks(torch):
    """gradcheck and gradgradcheck: against differences, in reverse and forward mode, batched, and to second order."""
    through = bridges.torch.function(model)

    def flat(x, w):
        total, rest = through(x, w)
        return total, rest["s"]

    x, w = (torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in ([0.3, -0.4, 0.8], [1.0, 2.0, 3.0]))
    assert torch.autograd.gradcheck(flat, (x, w), check_forward_ad=True, check_batched_grad=False)
    assert torch.autograd.gradgradcheck(flat, (x, w))


def test_in_the_middle_of_a_torch_network(torch):
    """Linear, adcourse's function, linear: every parameter's gradient is the one of PyTorch alone."""
    torch.manual_seed(7)
    first, last = torch.nn.Linear(3, 3).double(), torch.nn.Linear(3, 1).double()
    x = torch.randn(3, dtype=torch.float64)

    def loss(middle):
        for p in (*first.parameters(), *last.parameters()):
            p.grad = None
        last(middle(first(x))).square().sum().backward()
        return [p.grad.numpy().copy() for p in (*first.parameters(), *last.parameters())]

    mine = loss(bridges.torch.function(lambda h: np.tanh(h) * np.exp(-(h**2))))
    for g, e in zip(mine, loss(lambda h: torch.tanh(h) * torch.exp(-(h**2))), strict=True):
        np.testing.assert_allclose(g, e, rtol=1e-12)


def test_every_order_in_torch(torch):
    x = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    d = bridges.torch.function(lambda x: np.sin(2 * x))(x)
    for order in range(1, 5):
        (d,) = torch.autograd.grad(d, x, create_graph=True)
        assert d.item() == pytest.approx(2**order * np.sin(1.4 + order * np.pi / 2), rel=1e-12)


def test_functional_transforms_of_torch(torch):
    h = bridges.torch.function(lambda x: np.sum(np.sin(x) ** 2))
    xs = torch.tensor([[0.3, -1.2], [0.8, 2.0]], dtype=torch.float64)
    np.testing.assert_allclose(torch.func.vmap(torch.func.grad(h))(xs).numpy(), np.sin(2 * xs.numpy()), rtol=1e-12)
    np.testing.assert_allclose(torch.func.hessian(h)(xs[0]).numpy(), np.diag(2 * np.cos(2 * xs[0].numpy())), rtol=1e-12)
    _, slope = torch.func.jvp(h, (xs[0],), (xs[1],))
    assert slope.item() == pytest.approx(np.sin(2 * xs[0].numpy()) @ xs[1].numpy())


def test_what_only_adcourse_differentiates_in_torch(torch):
    """A custom rule around plain Python, and a branch on numbers: the way back brings them into PyTorch."""
    a = torch.tensor(5.0, dtype=torch.float64, requires_grad=True)
    y = bridges.torch.function(root)(a)
    (g,) = torch.autograd.grad(y, a, create_graph=True)
    assert (y.item(), g.item()) == pytest.approx((5 ** (1 / 3), 5 ** (-2 / 3) / 3))
    assert torch.autograd.grad(g, a)[0].item() == pytest.approx(-2 / 9 * 5 ** (-5 / 3))
    for x in ([1.0, 2.0], [-1.0, 2.0]):
        x = torch.tensor(x, requires_grad=True)
        bridges.torch.function(bend)(x).backward()
        assert x.grad.dtype == torch.float32
        np.testing.assert_allclose(x.grad.numpy(), ad.grad(bend)(x.detach().numpy()))


def test_arguments_and_results_of_torch(torch):
    x = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64, requires_grad=True)
    through = bridges.torch.function(lambda p, n, k: {"y": p["x"][n] ** k, "top": int(np.argmax(p["x"])), "n": p["x"]})
    found = through({"x": x}, torch.tensor([0, 2, 2]), k=2)
    assert found["y"].tolist() == [1.0, 9.0, 9.0] and found["top"].item() == 2
    found["y"].sum().backward()
    assert x.grad.tolist() == [2.0, 0.0, 12.0]
    found["n"].data[0] = 7.0  # the result is no view of the argument
    assert x.tolist() == [1.0, 2.0, 3.0]
    assert bridges.torch.function(np.sin)(0.5) == np.sin(0.5)  # no tensor: NumPy's own
    with pytest.raises((ValueError, TypeError)):
        bridges.torch.function(lambda x: x.__setitem__(0, 1.0) or x)(x)
    assert x.tolist() == [1.0, 2.0, 3.0]
    with pytest.raises(InputError, match="forgotten return"):
        bridges.torch.function(lambda x: "no number")(x)
    with pytest.raises(InputError, match="translate"):
        bridges.torch.function(np.sin)(torch.ones(2, device="meta"))


# ---------------------------------------------------------------------------------------------- JAX


def test_in_the_middle_of_a_jax_program(jax):
    """value, gradient and Hessian end to end, with and without jit, against the same program in JAX alone."""
    through, pure = bridges.jax.function(model), bridges.jax.translate(model)

    def loss(middle):
        def of(x, w):
            total, rest = middle(jax.numpy.tanh(x), w)
            return total + jax.numpy.sum(rest["s"] ** 3)

        return of

    x, w = np.array([0.3, -0.4, 0.8], np.float32), np.array([1.0, 2.0, 3.0], np.float32)
    exact = jax.jit(jax.grad(loss(pure), (0, 1)))(x, w)
    for found in (jax.grad(loss(through), (0, 1))(x, w), jax.jit(jax.grad(loss(through), (0, 1)))(x, w)):
        for g, e in zip(found, exact, strict=True):
            np.testing.assert_allclose(g, e, rtol=1e-4, atol=1e-5)
    second = jax.jacrev(jax.grad(loss(through)))(x, w)
    np.testing.assert_allclose(second, jax.jit(jax.hessian(loss(pure)))(x, w), rtol=1e-3, atol=1e-4)
    many = jax.vmap(jax.grad(loss(through)), (0, None))(np.stack([x, 2 * x]), w)
    np.testing.assert_allclose(many[0], exact[0], rtol=1e-4, atol=1e-5)


def test_branches_and_custom_rules_in_jax(jax):
    for x in (np.array([1.0, 2.0], np.float32), np.array([-1.0, 2.0], np.float32)):
        np.testing.assert_allclose(jax.grad(bridges.jax.function(bend))(x), ad.grad(bend)(x))
        compiled = jax.jit(jax.grad(bridges.jax.function(bend, result=0.0)))
        np.testing.assert_allclose(compiled(x), ad.grad(bend)(x))
    with pytest.raises(InputError, match=r"result=0\.0"):
        jax.jit(bridges.jax.function(bend))(x)
    assert jax.grad(bridges.jax.function(root))(5.0) == pytest.approx(5 ** (-2 / 3) / 3, rel=1e-6)


def test_arguments_and_results_of_jax(jax):
    x, n = np.array([1.0, 2.0, 3.0], np.float32), jax.numpy.array([0, 2, 2])
    through = bridges.jax.function(lambda p, n: np.sum(p["x"][n] ** 2), result=0.0)
    for transform in (lambda f: f, jax.jit):  # integers are operands without derivative
        np.testing.assert_allclose(transform(jax.grad(through))({"x": x}, n)["x"], [2.0, 0.0, 12.0])
    assert bridges.jax.function(np.sin)(0.5) == np.sin(0.5)  # no array of JAX's: NumPy's own
    with pytest.raises(TypeError, match="custom_vjp"):  # as the documentation says: no forward mode
        jax.jvp(bridges.jax.function(np.sum), (jax.numpy.ones(2),), (jax.numpy.ones(2),))
    with pytest.raises(Exception, match="promised"):
        np.asarray(jax.jit(bridges.jax.function(lambda x: x[x > 1.5], result=np.zeros(3)))(x))


def test_there_and_back_again(jax):
    """JAX differentiates adcourse's derivative of a program that JAX runs: sin, once more and once more."""
    inner = bridges.jax.function(ad.grad(lambda x: np.sin(3 * x)))  # 3 cos 3x
    assert jax.grad(inner)(0.2) == pytest.approx(-9 * np.sin(0.6), rel=1e-6)
    with pytest.raises(ConversionError):  # a traced number is no number of JAX's
        ad.grad(lambda x: float(bridges.jax.function(np.sin)(jax.numpy.asarray(float(x)))))(0.3)
