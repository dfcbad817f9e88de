# ruff: noqa
# Answers to the problems of tests/grading/kinds.py, one a block, as in the files of the assignments.
import numpy as np

# %% 90.1 right: slots and helper functions
class Dual:
    __slots__ = ("a", "b")
    def __init__(self, a, b=0.0):
        self.a, self.b = a, b
    def __add__(self, o):
        o = o if isinstance(o, Dual) else Dual(o)
        return Dual(self.a + o.a, self.b + o.b)
    __radd__ = __add__
    def __mul__(self, o):
        o = o if isinstance(o, Dual) else Dual(o)
        return Dual(self.a * o.a, self.a * o.b + self.b * o.a)
    __rmul__ = __mul__
    def __rsub__(self, o):
        return Dual(o) + self * -1
    def __sub__(self, o):
        return self + (-1) * (o if isinstance(o, Dual) else Dual(o))
    def __rtruediv__(self, o):
        return Dual(o / self.a, -o * self.b / self.a**2)

# %% 90.1 wrong: half of the class | Look again
class Dual:
    def __init__(self, a, b):
        self.a, self.b = a, b
    def __rsub__(self, o):
        return Dual(o - self.a, -self.b)

# %% 90.1 wrong: the sign in 2 - x is kept | 2 - x
class Dual:
    def __init__(self, a, b):
        self.a, self.b = a, b
    def __add__(self, o):
        return Dual(self.a + o, self.b) if not isinstance(o, Dual) else Dual(self.a + o.a, self.b + o.b)
    def __mul__(self, o):
        return Dual(self.a * o, self.b * o) if not isinstance(o, Dual) else Dual(self.a * o.a, self.a * o.b + self.b * o.a)
    def __rsub__(self, o):
        return Dual(o - self.a, self.b)
    def __sub__(self, o):
        return Dual(self.a - o, self.b)
    def __rtruediv__(self, o):
        return Dual(o / self.a, -o * self.b / self.a**2)

# %% 90.2 right: NumPy keys, lists as values of no consequence
def local_partials(v):
    out = {}
    out[np.int64(3), 2] = v[1]
    out[3, np.int32(1)] = np.array(v[2])
    out[2, 1] = np.cos(v[1])
    return out

# %% 90.2 right: a mapping that is no dict
def local_partials(v):
    from types import MappingProxyType
    return MappingProxyType({(2, 1): math.cos(v[1]), (3, 1): v[3] / v[1], (3, 2): v[1]})

# %% 90.2 wrong: factors exchanged | exchanged factors
def local_partials(v):
    return {(2, 1): math.cos(v[1]), (3, 1): v[1], (3, 2): v[2]}

# %% 90.2 wrong: sine, and factors exchanged | sine, not cosine
def local_partials(v):
    return {(2, 1): -math.cos(v[1]), (3, 1): v[1], (3, 2): v[2]}

# %% 90.2 wrong: a key is missing | Look again
def local_partials(v):
    return {(2, 1): math.cos(v[1]), (3, 1): v[2]}

# %% 90.2 wrong: everything negative | wrong sign
def local_partials(v):
    return {(2, 1): -math.cos(v[1]), (3, 1): -v[2], (3, 2): -v[1]}

# %% 90.3 right: capital letters
def mode(m, n):
    return "Reverse" if m <= n else "Forward"

# %% 90.3 wrong: exchanged | modes exchanged
def mode(m, n):
    return "reverse" if m > n else "forward"

# %% 90.3 wrong: another word | Look again
def mode(m, n):
    return "backward"

# %% 90.4 right: NumPy's truth
def audit():
    return {1: np.True_, 2: 0, 3: False, 4: True}

# %% 90.4 wrong: all false | one of them is true
def audit():
    return {k: False for k in range(1, 5)}

# %% 90.4 wrong: words | Look again
def audit():
    return {1: "True", 2: "False", 3: "False", 4: "True"}

# %% 90.5 right: nested lists
table = [[1, 1, 1], [4, 2, 1], [9, 3, 1]]

# %% 90.5 wrong: the other way round | another order
table = np.vander([1.0, 2.0, 3.0], increasing=True)

# %% 90.5 wrong: a function | Look again
def table():
    return np.vander([1.0, 2.0, 3.0])

# %% 90.6 right: a product of integers
def beta(s, r):
    n = 1
    for k in range(1, s + 1):
        n = n * (r + k) // k
    return n

# %% 90.6 wrong: rounded | last digits
def beta(s, r):
    return int(float(math.comb(s + r, r)))

# %% 90.6 wrong: minus one | one too few
def beta(s, r):
    return math.comb(s + r, s) - 1

# %% 90.7 right: by threes
def colour_columns(S):
    return np.arange(S.shape[1]) % 3

# %% 90.7 wrong: neighbours in the matrix only | meet in a row
def colour_columns(S):
    return np.arange(S.shape[1]) % 2

# %% 90.7 wrong: one each | three are enough
def colour_columns(S):
    return list(range(S.shape[1]))

# %% 90.8 right: conjugate gradients
def newton_cg(hvp, g, tol=1e-10):
    p, r = np.zeros_like(g), -g
    d = r.copy()
    while np.linalg.norm(r) > tol * np.linalg.norm(g):
        q = hvp(d)
        a = r @ r / (d @ q)
        p, new = p + a * d, r - a * q
        d, r = new + (new @ new) / (r @ r) * d, new
    return p

# %% 90.8 right: the whole matrix, column by column
def newton_cg(hvp, g, tol=1e-10):
    return np.linalg.solve(np.column_stack([hvp(e) for e in np.eye(g.size)]), -g)

# %% 90.8 wrong: the sign | the sign of p
def newton_cg(hvp, g, tol=1e-10):
    return np.linalg.solve(np.column_stack([hvp(e) for e in np.eye(g.size)]), g)

# %% 90.8 wrong: right, at twice the price | one product a step
def newton_cg(hvp, g, tol=1e-10):
    H = np.column_stack([hvp(2 * e) - hvp(e) for e in np.eye(g.size)])
    return np.linalg.solve(H, -g)

# %% 90.8 wrong: never ends | Look again
def newton_cg(hvp, g, tol=1e-10):
    while True:
        hvp(g)

# %% 90.9 right: from the start each time
def reverse(env, g):
    for k in range(env.n - 1, -1, -1):
        env.load(0)
        for _ in range(k):
            env.step()
        g = env.vjp(g)
    return g

# %% 90.9 wrong: all states kept | snapshots
def reverse(env, g):
    for k in range(env.n):
        env.save(k)
        env.step()
    for k in range(env.n - 1, -1, -1):
        env.load(k)
        g = env.vjp(g)
    return g

# %% 90.9 wrong: forwards | Look again
def reverse(env, g):
    for k in range(env.n):
        g = env.vjp(g)
        env.step()
    return g

# %% 90.10 right: one unit vector a sweep
def jacobian(f, x):
    def column(e):
        return [np.imag(y) / 1e-30 for y in f(x + 1e-30j * e)]
    return np.array([column(e) for e in np.eye(len(x))]).T

# %% 90.10 wrong: one sweep too many | Look again
def jacobian(f, x):
    f(x)
    return np.array([[np.imag(y) / 1e-30 for y in f(x + 1e-30j * e)] for e in np.eye(len(x))]).T

# %% 90.11 right: all axes that were added or stretched
def unbroadcast(g, shape):
    while g.ndim > len(shape):
        g = g.sum(0)
    for k, n in enumerate(shape):
        if n == 1:
            g = g.sum(k, keepdims=True)
    return g

# %% 90.11 wrong: leading axes only | of length one
def unbroadcast(g, shape):
    while g.ndim > len(shape):
        g = g.sum(0)
    return g

# %% 90.12 right: midpoint
def rk2(f, u0, T, n):
    h, u = T / n, u0
    for _ in range(n):
        u = u + h * f(u + h / 2 * f(u))
    return u

# %% 90.12 right: Heun
def rk2(f, u0, T, n):
    h, u = T / n, u0
    for _ in range(n):
        k = f(u)
        u = u + h / 2 * (k + f(u + h * k))
    return u

# %% 90.12 wrong: Euler | half a step first
def rk2(f, u0, T, n):
    h, u = T / n, u0
    for _ in range(n):
        u = u + h * f(u)
    return u

# %% 90.13 right: einsum
def loss_and_grads(p, X):
    H = np.tanh(X @ p["W"] + p["b"])
    d = 2 * H * (1 - H * H)
    return np.sum(H * H), {"b": d.sum(axis=0), "W": np.einsum("ni,nj->ij", X, d)}

# %% 90.13 wrong: the mean | used by every row
def loss_and_grads(p, X):
    H = np.tanh(X @ p["W"] + p["b"])
    d = 2 * H * (1 - H * H)
    return np.sum(H * H), {"b": d.mean(axis=0), "W": X.T @ d}

# %% 90.13 wrong: no two, and the mean | slope of 2H
def loss_and_grads(p, X):
    H = np.tanh(X @ p["W"] + p["b"])
    d = H * (1 - H * H)
    return np.sum(H * H), {"b": d.mean(axis=0), "W": X.T @ d}

# %% 90.13 wrong: W transposed | Look again
def loss_and_grads(p, X):
    H = np.tanh(X @ p["W"] + p["b"])
    d = 2 * H * (1 - H * H)
    return np.sum(H * H), {"b": d.sum(axis=0), "W": d.T @ X}

# %% 90.14 right: two branches
def softplus(x):
    return x + math.log1p(math.exp(-x)) if x > 0 else math.log1p(math.exp(x))

# %% 90.14 wrong: NumPy, naive | an overflow
def softplus(x):
    return np.log(1 + np.exp(x))

# %% 90.14 wrong: clipped | Look again
def softplus(x):
    return math.log1p(math.exp(x)) if x < 50 else 50.0

# %% 90.15 right: a bounded loop
def newton(f, x0):
    x = x0
    for _ in range(20):
        if abs(f(x)) < 1e-12:
            return x
        x = x - f(x) / (f(x + 1e-30j).imag / 1e-30)
    raise RuntimeError("no convergence")

# %% 90.15 wrong: returns what it has | did it converge
def newton(f, x0):
    return x0 + 1

# %% 90.15 wrong: another error | Look again
def newton(f, x0):
    raise ArithmeticError

# %% 90.16 right: signs of a uniform draw
def hutchinson(hvp, n, m, rng):
    return np.mean([z @ hvp(z) for z in np.where(rng.random((m, n)) < 0.5, -1.0, 1.0)])

# %% 90.16 right: integers, all at once, the generator of its own
def hutchinson(hvp, n, m, rng):
    total = 0.0
    for _ in range(m):
        z = 2.0 * np.random.randint(0, 2, size=n) - 1
        total += z @ hvp(z)
    return total / m

# %% 90.16 wrong: Gaussian | not exact on the diagonal
def hutchinson(hvp, n, m, rng):
    return np.mean([z @ hvp(z) for z in rng.standard_normal((m, n))])

# %% 90.16 wrong: zeros and ones | E[z zᵀ]
def hutchinson(hvp, n, m, rng):
    return np.mean([z @ hvp(z) for z in (rng.random((m, n)) < 0.5).astype(float)])

# %% 90.16 wrong: no chance in it | Look again
def hutchinson(hvp, n, m, rng):
    return sum(e @ hvp(e) for e in np.eye(n))

# %% 90.16 wrong: the same draws each time | Look again
def hutchinson(hvp, n, m, rng):
    rng = np.random.default_rng(1)
    return np.mean([z @ hvp(z) for z in rng.choice([-1.0, 1.0], size=(m, n))])

# %% 90.17 right: logarithms
def step(U, q, size, rng):
    new = q + size * rng.standard_normal()
    if np.log(1 - rng.random()) < U(q) - U(new):
        return new, True
    return q, False

# %% 90.17 right: a uniform proposal? no: a Gaussian from two uniforms
def step(U, q, size, rng):
    z = math.sqrt(-2 * math.log(1 - rng.random())) * math.cos(2 * math.pi * rng.random())
    new = q + size * z
    ok = rng.random() < min(1.0, math.exp(U(q) - U(new)))
    return (new, 1) if ok else (q, 0)

# %% 90.17 wrong: always | every move
def step(U, q, size, rng):
    return q + size * rng.normal(), True

# %% 90.17 wrong: sign | sign of the change
def step(U, q, size, rng):
    new = q + size * rng.normal()
    if rng.random() < math.exp(min(0.0, U(new) - U(q))):
        return new, True
    return q, False
