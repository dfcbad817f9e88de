# ruff: noqa
# Answers to assignment 12 as students write them, one a block: right ones by different routes, and wrong ones with
# words of the hint that each must meet.

# %% 12.1 right: line by line
def rk4(f, u0, p, T, n):
    h = T / n
    u = u0
    for _ in range(n):
        k1 = f(u, p)
        k2 = f(u + h / 2 * k1, p)
        k3 = f(u + h / 2 * k2, p)
        k4 = f(u + h * k3, p)
        u = u + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return u

# %% 12.1 right: increments instead of slopes
def rk4(f, u0, p, T, n):
    dt, u = T / n, np.array(u0)
    for _ in range(n):
        a = dt * f(u, p)
        b = dt * f(u + 0.5 * a, p)
        c = dt * f(u + 0.5 * b, p)
        d = dt * f(u + c, p)
        u = u + a / 6 + b / 3 + c / 3 + d / 6
    return u

# %% 12.1 right: a tableau
def rk4(f, u0, p, T, n):
    A = np.array([[0, 0, 0, 0], [0.5, 0, 0, 0], [0, 0.5, 0, 0], [0, 0, 1, 0]])
    b = np.array([1, 2, 2, 1]) / 6
    h = T / n
    for _ in range(n):
        K = np.zeros((4, len(u0)), dtype=complex)
        for i in range(4):
            K[i] = f(u0 + h * A[i] @ K, p)
        u0 = u0 + h * b @ K
    return u0

# %% 12.1 right: recursion
def rk4(f, u0, p, T, n):
    if n == 0:
        return u0
    h = T / n
    k1 = f(u0, p)
    k2 = f(u0 + h * k1 / 2, p)
    k3 = f(u0 + h * k2 / 2, p)
    k4 = f(u0 + h * k3, p)
    return rk4(f, u0 + (k1 + 2 * (k2 + k3) + k4) * h / 6, p, T - h, n - 1)

# %% 12.1 right: lists
def rk4(f, u0, p, T, n):
    h, u = T / n, list(u0)
    move = lambda u, k, h: [a + h * b for a, b in zip(u, k)]
    for _ in range(n):
        k1 = f(u0 * 0 + u, p)
        k2 = f(np.array(move(u, k1, h / 2)), p)
        k3 = f(np.array(move(u, k2, h / 2)), p)
        k4 = f(np.array(move(u, k3, h)), p)
        u = [a + h / 6 * (x + 2 * y + 2 * z + w) for a, x, y, z, w in zip(u, k1, k2, k3, k4)]
    return tuple(u)

# %% 12.1 right: in place, in a complex copy
def rk4(f, u0, p, T, n):
    u, h = np.array(u0, dtype=complex), T / n
    for _ in range(n):
        k1 = f(u, p)
        k2 = f(u + h / 2 * k1, p)
        k3 = f(u + h / 2 * k2, p)
        k4 = f(u + h * k3, p)
        u += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return u

# %% 12.1 wrong: equal weights | weighed wrongly
def rk4(f, u0, p, T, n):
    h, u = T / n, u0
    for _ in range(n):
        k1 = f(u, p)
        k2 = f(u + h / 2 * k1, p)
        k3 = f(u + h / 2 * k2, p)
        k4 = f(u + h * k3, p)
        u = u + h * (k1 + k2 + k3 + k4) / 4
    return u

# %% 12.1 wrong: k3 reuses k1 | Print k2 and k3
def rk4(f, u0, p, T, n):
    h, u = T / n, u0
    for _ in range(n):
        k1 = f(u, p)
        k2 = f(u + h / 2 * k1, p)
        k3 = f(u + h / 2 * k1, p)
        k4 = f(u + h * k3, p)
        u = u + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return u

# %% 12.1 wrong: Euler | Euler's method
def rk4(f, u0, p, T, n):
    for _ in range(n):
        u0 = u0 + T / n * f(u0, p)
    return u0

# %% 12.1 wrong: Heun | Heun's method
def rk4(f, u0, p, T, n):
    for _ in range(n):
        k = f(u0, p)
        u0 = u0 + T / n / 2 * (k + f(u0 + T / n * k, p))
    return u0

# %% 12.1 wrong: of order 2 in a way of its own | gets 16 times smaller
def rk4(f, u0, p, T, n):
    h = T / n
    for _ in range(n):
        k1 = f(u0, p)
        u0 = u0 + h * (k1 + 3 * f(u0 + 2 / 3 * h * k1, p)) / 4
    return u0

# %% 12.1 wrong: of order 3 | gets 16 times smaller
def rk4(f, u0, p, T, n):
    h = T / n
    for _ in range(n):
        k1 = f(u0, p)
        k2 = f(u0 + h / 2 * k1, p)
        k3 = f(u0 - h * k1 + 2 * h * k2, p)
        u0 = u0 + h * (k1 + 4 * k2 + k3) / 6
    return u0

# %% 12.1 wrong: Kutta's 3/8 rule | eighths
def rk4(f, u0, p, T, n):
    h = T / n
    for _ in range(n):
        k1 = f(u0, p)
        k2 = f(u0 + h * k1 / 3, p)
        k3 = f(u0 + h * (k2 - k1 / 3), p)
        k4 = f(u0 + h * (k1 - k2 + k3), p)
        u0 = u0 + h * (k1 + 3 * k2 + 3 * k3 + k4) / 8
    return u0

# %% 12.1 wrong: the last slope in the middle | It is the one at its end
def rk4(f, u0, p, T, n):
    h, u = T / n, u0
    for _ in range(n):
        k1 = f(u, p)
        k2 = f(u + h / 2 * k1, p)
        k3 = f(u + h / 2 * k2, p)
        k4 = f(u + h / 2 * k3, p)
        u = u + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return u

# %% 12.1 wrong: slopes without h | as if a step had length 1
def rk4(f, u0, p, T, n):
    h, u = T / n, u0
    for _ in range(n):
        k1 = f(u, p)
        k2 = f(u + k1 / 2, p)
        k3 = f(u + k2 / 2, p)
        k4 = f(u + k3, p)
        u = u + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return u

# %% 12.1 wrong: until t reaches T | print t after each one
def rk4(f, u0, p, T, n):
    h, t, u = T / n, 0.0, u0
    while t < T:
        k1 = f(u, p)
        k2 = f(u + h / 2 * k1, p)
        k3 = f(u + h / 2 * k2, p)
        k4 = f(u + h * k3, p)
        u = u + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        t += h
    return u

# %% 12.1 wrong: one step too few | The number of your steps
def rk4(f, u0, p, T, n):
    h, u = T / n, u0
    for _ in range(1, n):
        k1 = f(u, p)
        k2 = f(u + h / 2 * k1, p)
        k3 = f(u + h / 2 * k2, p)
        k4 = f(u + h * k3, p)
        u = u + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return u

# %% 12.1 wrong: all states | The one at T
def rk4(f, u0, p, T, n):
    h, us = T / n, [u0]
    for _ in range(n):
        u = us[-1]
        k1 = f(u, p)
        k2 = f(u + h / 2 * k1, p)
        k3 = f(u + h / 2 * k2, p)
        k4 = f(u + h * k3, p)
        us.append(u + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4))
    return np.array(us)

# %% 12.1 wrong: in the caller's array | makes a second name
def rk4(f, u0, p, T, n):
    h, u = T / n, u0
    for _ in range(n):
        k1 = f(u, p)
        k2 = f(u + h / 2 * k1, p)
        k3 = f(u + h / 2 * k2, p)
        k4 = f(u + h * k3, p)
        u += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return u

# %% 12.1 wrong: rooms for floats | lost its imaginary part
def rk4(f, u0, p, T, n):
    h, us = T / n, np.empty((n + 1, len(u0)))
    us[0] = u0
    for k in range(n):
        k1 = f(us[k], p)
        k2 = f(us[k] + h / 2 * k1, p)
        k3 = f(us[k] + h / 2 * k2, p)
        k4 = f(us[k] + h * k3, p)
        us[k + 1] = us[k] + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return us[n]

# %% 12.1 wrong: rooms like u0 | whole numbers
def rk4(f, u0, p, T, n):
    h, u = T / n, u0.copy()
    for k in range(n):
        k1 = f(u, p)
        k2 = f(u + h / 2 * k1, p)
        k3 = f(u + h / 2 * k2, p)
        k4 = f(u + h * k3, p)
        u[:] = u + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return u

# %% 12.1 wrong: nothing is returned | Halve h
def rk4(f, u0, p, T, n):
    h, u = T / n, u0
    for _ in range(n):
        u = u + h * f(u, p)

# %% 12.1 wrong: f without its parameters | f takes the state
def rk4(f, u0, p, T, n):
    return u0 + T * f(u0)

# %% 12.1 wrong: a library's solver | a solver that chooses its own
def rk4(f, u0, p, T, n):
    from scipy.integrate import solve_ivp

    return solve_ivp(lambda t, u: f(u, p), (0, T), u0 + 0j, rtol=1e-10, atol=1e-12).y[:, -1]

# %% 12.2 right: one long vector, by RK4
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    d, m = len(u0), len(p)
    def F(y):
        u, S = y[:d], y[d:].reshape(d, m)
        return np.concatenate([f(u, p), (fu(u, p) @ S + fp(u, p)).ravel()])
    h, y = T / n, np.concatenate([u0, np.zeros(d * m)])
    for _ in range(n):
        k1 = F(y)
        k2 = F(y + h / 2 * k1)
        k3 = F(y + h / 2 * k2)
        k4 = F(y + h * k3)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return y[:d], y[d:].reshape(d, m)

# %% 12.2 right: stage by stage, u and S apart
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    h, u, S = T / n, u0, np.zeros((len(u0), len(p)))
    g = lambda u, S: fu(u, p) @ S + fp(u, p)
    for _ in range(n):
        k1, K1 = f(u, p), g(u, S)
        k2, K2 = f(u + h / 2 * k1, p), g(u + h / 2 * k1, S + h / 2 * K1)
        k3, K3 = f(u + h / 2 * k2, p), g(u + h / 2 * k2, S + h / 2 * K2)
        k4, K4 = f(u + h * k3, p), g(u + h * k3, S + h * K3)
        u, S = u + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), S + h / 6 * (K1 + 2 * K2 + 2 * K3 + K4)
    return u, S

# %% 12.2 right: column by column, into lists
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    columns, h = [], T / n
    for j in range(len(p)):
        u, s = u0, [0.0] * len(u0)
        for _ in range(n):
            k1 = f(u, p)
            s1 = fu(u, p) @ s + fp(u, p)[:, j]
            v = u + h / 2 * k1
            k2 = f(v, p)
            s2 = fu(v, p) @ (s + h / 2 * s1) + fp(v, p)[:, j]
            u, s = u + h * k2, s + h * s2
        columns.append(s)
    return [list(u), [[c[i] for c in columns] for i in range(len(u0))]]

# %% 12.2 right: Heun
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    u, S, h = u0, 0 * fp(u0, p), T / n
    for _ in range(n):
        k, K = f(u, p), fu(u, p) @ S + fp(u, p)
        v, V = u + h * k, S + h * K
        u, S = u + h / 2 * (k + f(v, p)), S + h / 2 * (K + fu(v, p) @ V + fp(v, p))
    return u, S

# %% 12.2 right: u stored, the trapezoidal rule for S
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    h, u, S, I = T / n, u0, np.zeros((len(u0), len(p))), np.eye(len(u0))
    for _ in range(n):
        k = f(u, p)
        v = u + h * f(u + h / 2 * k, p)
        S = np.linalg.solve(I - h / 2 * fu(v, p), S + h / 2 * (fu(u, p) @ S + fp(u, p) + fp(v, p)))
        u = v
    return u, S

# %% 12.2 right: two-step Adams and Bashforth
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    F = lambda y: np.column_stack([f(y[:, 0], p), fu(y[:, 0], p) @ y[:, 1:] + fp(y[:, 0], p)])
    h, y, before = T / n, np.column_stack([u0, np.zeros((len(u0), len(p)))]), None
    for _ in range(n):
        k = F(y)
        y, before = y + (h / 2 * (k + F(y + h * k)) if before is None else h / 2 * (3 * k - before)), k
    return y[:, 0], y[:, 1:]

# %% 12.2 right: the complex step through RK4
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    def run(p):
        h, u = T / n, u0 + 0j
        for _ in range(n):
            k1 = f(u, p)
            k2 = f(u + h / 2 * k1, p)
            k3 = f(u + h / 2 * k2, p)
            k4 = f(u + h * k3, p)
            u = u + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        return u
    return run(p).real, np.array([run(p + 1e-30j * e).imag / 1e-30 for e in np.eye(len(p))]).T

# %% 12.2 right: the package's Jacobian of RK4
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    from adcourse import jacobian
    def run(p):
        h, u = T / n, u0
        for _ in range(n):
            k = f(u, p)
            u = u + h * f(u + h / 2 * k, p)
        return u
    return run(p), jacobian(run)(p)

# %% 12.2 wrong: f_u S is forgotten | lacks a term
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    h, u, S = T / n, u0, np.zeros((len(u0), len(p)))
    for _ in range(n):
        k1 = f(u, p)
        v = u + h / 2 * k1
        S = S + h * fp(v, p)
        u = u + h * f(v, p)
    return u, S

# %% 12.2 wrong: f_p is forgotten | nothing ever moves it
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    h, u, S = T / n, u0, np.zeros((len(u0), len(p)))
    for _ in range(n):
        v = u + h / 2 * f(u, p)
        S = S + h * fu(v, p) @ (S + h / 2 * fu(u, p) @ S)
        u = u + h * f(v, p)
    return u, S

# %% 12.2 wrong: from ones | doesn't start from 0
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    h, u, S = T / n, u0, np.ones((len(u0), len(p)))
    g = lambda u, S: fu(u, p) @ S + fp(u, p)
    for _ in range(n):
        k, K = f(u, p), g(u, S)
        u, S = u + h * f(u + h / 2 * k, p), S + h * g(u + h / 2 * k, S + h / 2 * K)
    return u, S

# %% 12.2 wrong: transposed | use the transpose of fu
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    h, u, S = T / n, u0, np.zeros((len(u0), len(p)))
    g = lambda u, S: fu(u, p).T @ S + fp(u, p)
    for _ in range(n):
        k, K = f(u, p), g(u, S)
        u, S = u + h * f(u + h / 2 * k, p), S + h * g(u + h / 2 * k, S + h / 2 * K)
    return u, S

# %% 12.2 wrong: a product of entries | Look at the shapes
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    h, u, S = T / n, u0, np.zeros((len(u0), len(p)))
    for _ in range(n):
        k, K = f(u, p), fu(u, p) * S + fp(u, p)
        v, V = u + h * k, S + h * K
        u, S = u + h / 2 * (k + f(v, p)), S + h / 2 * (K + fu(v, p) * V + fp(v, p))
    return u, S

# %% 12.2 wrong: Euler | Euler's method
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    h, u, S = T / n, u0, np.zeros((len(u0), len(p)))
    for _ in range(n):
        u, S = u + h * f(u, p), S + h * (fu(u, p) @ S + fp(u, p))
    return u, S

# %% 12.2 wrong: RK4 for u, Euler for S | have to move on together
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    h, u, S = T / n, u0, np.zeros((len(u0), len(p)))
    for _ in range(n):
        S = S + h * (fu(u, p) @ S + fp(u, p))
        k1 = f(u, p)
        k2 = f(u + h / 2 * k1, p)
        k3 = f(u + h / 2 * k2, p)
        k4 = f(u + h * k3, p)
        u = u + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return u, S

# %% 12.2 wrong: u stands still while S moves | have to move on together
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    h, u, S = T / n, u0, np.zeros((len(u0), len(p)))
    def step(g, y):
        k1 = g(y)
        k2 = g(y + h / 2 * k1)
        k3 = g(y + h / 2 * k2)
        k4 = g(y + h * k3)
        return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    for _ in range(n):
        S = step(lambda S: fu(u, p) @ S + fp(u, p), S)
        u = step(lambda u: f(u, p), u)
    return u, S

# %% 12.2 wrong: implicit Euler for S | have to move on together
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    h, u, S = T / n, u0, np.zeros((len(u0), len(p)))
    for _ in range(n):
        k = f(u, p)
        u = u + h * f(u + h / 2 * k, p)
        S = np.linalg.solve(np.eye(len(u0)) - h * fu(u, p), S + h * fp(u, p))
    return u, S

# %% 12.2 wrong: the sign of f_p | The sign of fp
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    h, u, S = T / n, u0, np.zeros((len(u0), len(p)))
    g = lambda u, S: fu(u, p) @ S - fp(u, p)
    for _ in range(n):
        k, K = f(u, p), g(u, S)
        u, S = u + h * f(u + h / 2 * k, p), S + h * g(u + h / 2 * k, S + h / 2 * K)
    return u, S

# %% 12.2 wrong: a quotient | suits parameters of size 1
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    def run(p):
        h, u = T / n, u0
        for _ in range(n):
            k1 = f(u, p)
            k2 = f(u + h / 2 * k1, p)
            k3 = f(u + h / 2 * k2, p)
            k4 = f(u + h * k3, p)
            u = u + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        return u
    return run(p), np.column_stack([(run(p + 1e-6 * e) - run(p)) / 1e-6 for e in np.eye(len(p))])

# %% 12.2 wrong: S lies on its side | lies on its side
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    h, u, S = T / n, u0, np.zeros((len(u0), len(p)))
    g = lambda u, S: fu(u, p) @ S + fp(u, p)
    for _ in range(n):
        k, K = f(u, p), g(u, S)
        u, S = u + h * f(u + h / 2 * k, p), S + h * g(u + h / 2 * k, S + h / 2 * K)
    return u, S.T

# %% 12.2 wrong: by u0 | the derivative by the initial state
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    h, u, S = T / n, u0, np.eye(len(u0))
    for _ in range(n):
        k, K = f(u, p), fu(u, p) @ S
        v = u + h / 2 * k
        u, S = u + h * f(v, p), S + h * fu(v, p) @ (S + h / 2 * K)
    return u, S

# %% 12.2 wrong: S alone | Two things
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    h, u, S = T / n, u0, np.zeros((len(u0), len(p)))
    g = lambda u, S: fu(u, p) @ S + fp(u, p)
    for _ in range(n):
        k, K = f(u, p), g(u, S)
        u, S = u + h * f(u + h / 2 * k, p), S + h * g(u + h / 2 * k, S + h / 2 * K)
    return S

# %% 12.2 wrong: in the caller's array | makes a second name
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    h, u, S = T / n, u0, np.zeros((len(u0), len(p)))
    g = lambda u, S: fu(u, p) @ S + fp(u, p)
    for _ in range(n):
        k, K = f(u, p), g(u, S)
        v = u + h / 2 * k
        u += h * f(v, p)
        S = S + h * g(v, S + h / 2 * K)
    return u, S

# %% 12.2 right: u and S as the columns of one matrix, by the midpoint rule
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    h, Y = T / n, np.column_stack([u0, np.zeros((len(u0), len(p)))])

    def F(Y):
        u, S = Y[:, 0], Y[:, 1:]
        return np.column_stack([f(u, p), fu(u, p) @ S + fp(u, p)])

    for _ in range(n):
        Y = Y + h * F(Y + h / 2 * F(Y))
    return [Y[:, 0], Y[:, 1:]]

# %% 12.2 wrong: fu once and for all | Your fu is taken at u0
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    h, u, S, A = T / n, u0, np.zeros((len(u0), len(p))), fu(u0, p)
    for _ in range(n):
        m = u + h / 2 * f(u, p)
        M = S + h / 2 * (A @ S + fp(u, p))
        u, S = u + h * f(m, p), S + h * (A @ M + fp(m, p))
    return u, S

# %% 12.2 wrong: fp once and for all | Your fp is taken at u0
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    h, u, S, B = T / n, u0, np.zeros((len(u0), len(p))), fp(u0, p)
    for _ in range(n):
        m = u + h / 2 * f(u, p)
        M = S + h / 2 * (fu(u, p) @ S + B)
        u, S = u + h * f(m, p), S + h * (fu(m, p) @ M + B)
    return u, S

# %% 12.2 wrong: by per cent | so many per cent
def forward_sensitivity(f, fu, fp, u0, p, T, n):
    h, u, S = T / n, u0, np.zeros((len(u0), len(p)))
    for _ in range(n):
        m = u + h / 2 * f(u, p)
        M = S + h / 2 * (fu(u, p) @ S + fp(u, p))
        u, S = u + h * f(m, p), S + h * (fu(m, p) @ M + fp(m, p))
    return u, S * p

# %% 12.3 right: states in a list
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    h, us = T / n, [u0]
    for k in range(n):
        us.append(us[-1] + h * f(us[-1], p))
    lam, mu = gu(us[n], n), np.zeros(len(p))
    for k in reversed(range(n)):
        mu = mu + h * fp(us[k], p).T @ lam
        lam = lam + h * fu(us[k], p).T @ lam + gu(us[k], k)
    return lam, mu

# %% 12.3 right: recursion
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    h = T / n
    def back(u, k):
        if k == n:
            return gu(u, n), 0.0 * p
        lam, mu = back(u + h * f(u, p), k + 1)
        return gu(u, k) + lam + h * lam @ fu(u, p), mu + h * lam @ fp(u, p)
    return back(u0, 0)

# %% 12.3 right: one matrix, rows and lists
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    h, d, m, us = T / n, len(u0), len(p), np.zeros((n + 1, len(u0)))
    us[0] = u0
    for k in range(n):
        us[k + 1] = us[k] + h * f(us[k], p)
    bar = np.concatenate([gu(us[n], n), np.zeros(m)])
    for k in range(n - 1, -1, -1):
        J = np.eye(d + m)
        J[:d, :d] += h * fu(us[k], p)
        J[:d, d:] = h * fp(us[k], p)
        bar = J.T @ bar
        bar[:d] += gu(us[k], k)
    return list(bar[:d]), bar[d:].tolist()

# %% 12.3 right: the package's vjp of the Euler program
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    from adcourse import vjp
    def program(u, p):
        us = [u]
        for _ in range(n):
            us.append(us[-1] + T / n * f(us[-1], p))
        return np.stack(us)
    us, pull = vjp(program, u0, p)
    return pull(np.stack([gu(us[k], k) for k in range(n + 1)]))

# %% 12.3 right: checkpoints
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    h, each = T / n, max(1, int(n**0.5))
    kept, u = {}, u0
    for k in range(n):
        if k % each == 0:
            kept[k] = u
        u = u + h * f(u, p)
    lam, mu = gu(u, n), np.zeros(len(p))
    for start in sorted(kept, reverse=True):
        us = [kept[start]]
        for k in range(start + 1, min(start + each, n)):
            us.append(us[-1] + h * f(us[-1], p))
        for k in reversed(range(start, start + len(us))):
            v = us[k - start]
            mu = mu + h * fp(v, p).T @ lam
            lam = lam + h * fu(v, p).T @ lam + gu(v, k)
    return lam, mu

# %% 12.3 right: tangents, all in one matrix
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    d, m, h, u = len(u0), len(p), T / n, u0
    S = np.hstack([np.eye(d), np.zeros((d, m))])
    total = gu(u, 0) @ S
    for k in range(1, n + 1):
        S = S + h * (fu(u, p) @ S + np.hstack([np.zeros((d, d)), fp(u, p)]))
        u = u + h * f(u, p)
        total = total + gu(u, k) @ S
    return total[:d], total[d:]

# %% 12.3 wrong: the next state | you take it at u_{k+1}
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    h, us = T / n, [u0]
    for k in range(n):
        us.append(us[-1] + h * f(us[-1], p))
    lam, mu = gu(us[n], n), np.zeros(len(p))
    for k in reversed(range(n)):
        mu = mu + h * fp(us[k + 1], p).T @ lam
        lam = lam + h * fu(us[k + 1], p).T @ lam + gu(us[k], k)
    return lam, mu

# %% 12.3 wrong: continuous, with the trapezoidal rule | trapezoidal rule
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    h, us = T / n, [u0]
    for k in range(n):
        us.append(us[-1] + h * f(us[-1], p))
    lams = [gu(us[n], n)]
    mu = np.zeros(len(p))
    for k in reversed(range(n)):
        new = lams[-1] + h * fu(us[k], p).T @ lams[-1] + gu(us[k], k)
        mu = mu + h * fp(us[k], p).T @ (new + lams[-1]) / 2
        lams.append(new)
    return lams[-1], mu

# %% 12.3 wrong: λ first | you give it that of u_k
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    h, us = T / n, [u0]
    for k in range(n):
        us.append(us[-1] + h * f(us[-1], p))
    lam, mu = gu(us[n], n), np.zeros(len(p))
    for k in reversed(range(n)):
        lam = lam + h * fu(us[k], p).T @ lam + gu(us[k], k)
        mu = mu + h * fp(us[k], p).T @ lam
    return lam, mu

# %% 12.3 wrong: no transpose | fu isn't transposed
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    h, us = T / n, [u0]
    for k in range(n):
        us.append(us[-1] + h * f(us[-1], p))
    lam, mu = gu(us[n], n), np.zeros(len(p))
    for k in reversed(range(n)):
        mu = mu + h * fp(us[k], p).T @ lam
        lam = lam + h * fu(us[k], p) @ lam + gu(us[k], k)
    return lam, mu

# %% 12.3 wrong: the data replace | two parts of one sum
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    h, us = T / n, [u0]
    for k in range(n):
        us.append(us[-1] + h * f(us[-1], p))
    lam, mu = gu(us[n], n), np.zeros(len(p))
    for k in reversed(range(n)):
        mu = mu + h * fp(us[k], p).T @ lam
        lam = lam + h * fu(us[k], p).T @ lam
        if np.any(gu(us[k], k) != 0):
            lam = gu(us[k], k)
    return lam, mu

# %% 12.3 wrong: the end alone | knows J at its end alone
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    h, us = T / n, [u0]
    for k in range(n):
        us.append(us[-1] + h * f(us[-1], p))
    lam, mu = gu(us[n], n), np.zeros(len(p))
    for k in reversed(range(n)):
        mu = mu + h * fp(us[k], p).T @ lam
        lam = lam + h * fu(us[k], p).T @ lam
    return lam, mu

# %% 12.3 wrong: μ is overwritten | a += belongs
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    h, us = T / n, [u0]
    for k in range(n):
        us.append(us[-1] + h * f(us[-1], p))
    lam = gu(us[n], n)
    for k in reversed(range(n)):
        mu = h * fp(us[k], p).T @ lam
        lam = lam + h * fu(us[k], p).T @ lam + gu(us[k], k)
    return lam, mu

# %% 12.3 wrong: λ goes through f alone | contains u_k twice
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    h, us = T / n, [u0]
    for k in range(n):
        us.append(us[-1] + h * f(us[-1], p))
    lam, mu = gu(us[n], n), np.zeros(len(p))
    for k in reversed(range(n)):
        mu = mu + h * fp(us[k], p).T @ lam
        lam = h * fu(us[k], p).T @ lam + gu(us[k], k)
    return lam, mu

# %% 12.3 wrong: two things at once | u_0 is in J, too
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    h, us = T / n, [u0]
    for k in range(n):
        us.append(us[-1] + h * f(us[-1], p))
    lam, mu = gu(us[n], n), np.zeros(len(p))
    for k in reversed(range(n)):
        mu = mu + h * fp(us[k], p).T @ lam
        lam = lam + h * fu(us[k], p).T @ lam
        if k > 0:
            lam = lam + gu(us[k], k)
    return lam, mu

# %% 12.3 wrong: data as an integral | multiply gu by h
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    h, us = T / n, [u0]
    for k in range(n):
        us.append(us[-1] + h * f(us[-1], p))
    lam, mu = gu(us[n], n), np.zeros(len(p))
    for k in reversed(range(n)):
        mu = mu + h * fp(us[k], p).T @ lam
        lam = lam + h * (fu(us[k], p).T @ lam + gu(us[k], k))
    return lam, mu

# %% 12.3 wrong: RK4's states | not those of Euler's method
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    h, us = T / n, [u0]
    for k in range(n):
        u = us[-1]
        k1 = f(u, p)
        k2 = f(u + h / 2 * k1, p)
        k3 = f(u + h / 2 * k2, p)
        us.append(u + h / 6 * (k1 + 2 * k2 + 2 * k3 + f(u + h * k3, p)))
    lam, mu = gu(us[n], n), np.zeros(len(p))
    for k in reversed(range(n)):
        mu = mu + h * fp(us[k], p).T @ lam
        lam = lam + h * fu(us[k], p).T @ lam + gu(us[k], k)
    return lam, mu

# %% 12.3 wrong: from u_0 to every state | keep them on the way forward
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    h = T / n
    def state(k):
        u = u0
        for _ in range(k):
            u = u + h * f(u, p)
        return u
    lam, mu = gu(state(n), n), np.zeros(len(p))
    for k in reversed(range(n)):
        mu = mu + h * fp(state(k), p).T @ lam
        lam = lam + h * fu(state(k), p).T @ lam + gu(state(k), k)
    return lam, mu

# %% 12.3 wrong: a run for each parameter | forward mode
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    d, m, h, eps = len(u0), len(p), T / n, 1e-25
    grads = []
    for i in range(d + m):
        u, q = u0.astype(complex), p.astype(complex)
        (u if i < d else q)[i if i < d else i - d] += 1j * eps
        total = gu(u.real, 0) @ u.imag
        for k in range(1, n + 1):
            u = u + h * f(u, q)
            total += gu(u.real, k) @ u.imag
        grads.append(total / eps)
    return np.array(grads[:d]), np.array(grads[d:])

# %% 12.3 wrong: no number for μ | Look at the shapes
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    h, us = T / n, [u0]
    for k in range(n):
        us.append(us[-1] + h * f(us[-1], p))
    lam, mu = gu(us[n], n), np.zeros(len(p))
    for k in reversed(range(n)):
        mu = mu + h * fp(us[k], p) @ lam
        lam = lam + h * fu(us[k], p).T @ lam + gu(us[k], k)
    return lam, mu

# %% 12.3 wrong: a state too many | There are n + 1 states
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    h, us = T / n, [u0]
    for k in range(n):
        us.append(us[-1] + h * f(us[-1], p))
    lam, mu = np.zeros(len(u0)), np.zeros(len(p))
    for k in reversed(range(n + 1)):
        lam = lam + gu(us[k + 1], k + 1)
        mu = mu + h * fp(us[k], p).T @ lam
        lam = lam + h * fu(us[k], p).T @ lam
    return lam, mu

# %% 12.3 wrong: only dJ/du0 | Two things
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    h, us = T / n, [u0]
    for k in range(n):
        us.append(us[-1] + h * f(us[-1], p))
    lam = gu(us[n], n)
    for k in reversed(range(n)):
        lam = lam + h * fu(us[k], p).T @ lam + gu(us[k], k)
    return lam

# %% 12.3 right: all adjoints at once, from one triangular system
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    h, d, us = T / n, len(u0), [u0]
    for k in range(n):
        us.append(us[k] + h * f(us[k], p))
    A = np.eye((n + 1) * d)
    for k in range(n):
        A[(k + 1) * d : (k + 2) * d, k * d : (k + 1) * d] = -(np.eye(d) + h * fu(us[k], p))
    lam = np.linalg.solve(A.T, np.concatenate([gu(u, k) for k, u in enumerate(us)])).reshape(n + 1, d)
    return lam[0], sum(h * fp(us[k], p).T @ lam[k + 1] for k in range(n))

# %% 12.3 wrong: the last data twice | added twice
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    h, us = T / n, [u0]
    for k in range(n):
        us.append(us[-1] + h * f(us[-1], p))
    lam, mu = gu(us[n], n), 0 * p
    for k in range(n - 1, -1, -1):
        lam = lam + gu(us[k + 1], k + 1)
        mu = mu + h * fp(us[k], p).T @ lam
        lam = lam + h * fu(us[k], p).T @ lam
    return lam, mu

# %% 12.3 wrong: the first state moves along | your first state is that same array
def discrete_adjoint(f, fu, fp, gu, u0, p, T, n):
    h, us, u = T / n, [u0], u0
    for k in range(n):
        u += h * f(u, p)
        us.append(u.copy())
    lam, mu = gu(us[n], n), 0 * p
    for k in range(n - 1, -1, -1):
        mu = mu + h * fp(us[k], p).T @ lam
        lam = lam + h * fu(us[k], p).T @ lam + gu(us[k], k)
    return lam, mu

# %% 12.4 right: all three backwards, by RK4
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    d, h = len(u0), T / n
    def step(F, y, h):
        k1 = F(y)
        k2 = F(y + h / 2 * k1)
        k3 = F(y + h / 2 * k2)
        k4 = F(y + h * k3)
        return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    u = u0
    for _ in range(n):
        u = step(lambda u: f(u, p), u, h)
    def F(y):
        u, lam = y[:d], y[d:2 * d]
        return np.concatenate([f(u, p), -lam @ fu(u, p), -lam @ fp(u, p)])
    y = np.concatenate([u, gT(u), np.zeros(len(p))])
    for _ in range(n):
        y = step(F, y, -h)
    return y[d:2 * d], y[2 * d:]

# %% 12.4 right: states stored, Heun, trapezoidal rule
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    h, us = T / n, [u0]
    for _ in range(n):
        k = f(us[-1], p)
        us.append(us[-1] + h / 2 * (k + f(us[-1] + h * k, p)))
    lam = gT(us[n])
    mu = h / 2 * fp(us[n], p).T @ lam
    for k in reversed(range(n)):
        a = fu(us[k + 1], p).T @ lam
        lam = lam + h / 2 * (a + fu(us[k], p).T @ (lam + h * a))
        mu = mu + (h if k else h / 2) * fp(us[k], p).T @ lam
    return lam, mu

# %% 12.4 right: the midpoint rule, with the mean of two states
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    h, us = T / n, [u0]
    for _ in range(n):
        us.append(us[-1] + h * f(us[-1] + h / 2 * f(us[-1], p), p))
    lam, mu = gT(us[-1]), 0.0
    for u1, u0 in zip(us[:0:-1], us[-2::-1]):
        A = fu((u0 + u1) / 2, p).T
        middle = lam + h / 2 * A @ lam
        mu = mu + h * fp((u0 + u1) / 2, p).T @ middle
        lam = lam + h * A @ middle
    return lam, mu

# %% 12.4 right: RK4 along states interpolated linearly
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    h, us = T / n, [u0]
    for _ in range(n):
        u = us[-1]
        k1 = f(u, p)
        k2 = f(u + h / 2 * k1, p)
        k3 = f(u + h / 2 * k2, p)
        us.append(u + h / 6 * (k1 + 2 * k2 + 2 * k3 + f(u + h * k3, p)))
    lams = [gT(us[-1])]
    for k in reversed(range(n)):
        lam, A, C = lams[-1], fu(us[k + 1], p).T, fu(us[k], p).T
        B = fu((us[k] + us[k + 1]) / 2, p).T
        k1 = A @ lam
        k2 = B @ (lam + h / 2 * k1)
        k3 = B @ (lam + h / 2 * k2)
        lams.append(lam + h / 6 * (k1 + 2 * k2 + 2 * k3 + C @ (lam + h * k3)))
    rows = np.array([fp(u, p).T @ lam for u, lam in zip(us, lams[::-1])])
    return lams[-1], h * (rows[0] / 2 + rows[1:-1].sum(axis=0) + rows[-1] / 2)

# %% 12.4 right: implicit trapezoidal steps
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    h, I, us = T / n, np.eye(len(u0)), [u0]
    for _ in range(n):
        k = f(us[-1], p)
        us.append(us[-1] + h / 2 * (k + f(us[-1] + h * k, p)))
    lam, mu = gT(us[n]), np.zeros(len(p))
    for k in range(n - 1, -1, -1):
        new = np.linalg.solve(I - h / 2 * fu(us[k], p).T, lam + h / 2 * fu(us[k + 1], p).T @ lam)
        mu += h / 2 * (fp(us[k], p).T @ new + fp(us[k + 1], p).T @ lam)
        lam = new
    return lam.tolist(), mu.tolist()

# %% 12.4 right: half steps forward, RK4 backwards, Simpson
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    h, us = T / n, [u0]
    for _ in range(2 * n):
        k = f(us[-1], p)
        us.append(us[-1] + h / 4 * (k + f(us[-1] + h / 2 * k, p)))
    lam, mu = gT(us[-1]), np.zeros(len(p))
    for k in reversed(range(n)):
        A, B, C = (fu(us[2 * k + i], p).T for i in (2, 1, 0))
        k1 = A @ lam
        k2 = B @ (lam + h / 2 * k1)
        k3 = B @ (lam + h / 2 * k2)
        k4 = C @ (lam + h * k3)
        new = lam + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        middle = (lam + new) / 2 + h / 8 * (k1 - k4)
        mu = mu + h / 6 * (lam @ fp(us[2 * k + 2], p) + 4 * middle @ fp(us[2 * k + 1], p) + new @ fp(us[2 * k], p))
        lam = new
    return lam, mu

# %% 12.4 right: two-step Adams and Bashforth, from a Heun step
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    h, us = T / n, [u0]
    for _ in range(n):
        us.append(us[-1] + h * f(us[-1] + h / 2 * f(us[-1], p), p))
    lam, before = gT(us[n]), None
    mu = h / 2 * lam @ fp(us[n], p)
    for k in reversed(range(n)):
        a = lam @ fu(us[k + 1], p)
        lam = lam + (h / 2 * (a + (lam + h * a) @ fu(us[k], p)) if before is None else h / 2 * (3 * a - before))
        before = a
        mu = mu + (h if k else h / 2) * lam @ fp(us[k], p)
    return lam, mu

# %% 12.4 right: the discrete adjoint of the midpoint rule
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    from adcourse import vjp
    def end(u, p):
        for _ in range(n):
            u = u + T / n * f(u + T / n / 2 * f(u, p), p)
        return u
    u, pull = vjp(end, u0, p)
    return pull(gT(u))

# %% 12.4 right: SciPy
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    from scipy.integrate import solve_ivp
    d = len(u0)
    run = lambda F, span, y: solve_ivp(F, span, y, rtol=1e-7, atol=1e-9).y[:, -1]
    u = run(lambda t, u: f(u, p), (0, T), u0)
    def F(t, y):
        u, lam = y[:d], y[d:2 * d]
        return np.concatenate([f(u, p), -fu(u, p).T @ lam, -fp(u, p).T @ lam])
    y = run(F, (T, 0), np.concatenate([u, gT(u), np.zeros(len(p))]))
    return y[d:2 * d], y[2 * d:]

# %% 12.4 wrong: the sign of f_u | The sign of fu
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    h, us = T / n, [u0]
    for _ in range(n):
        us.append(us[-1] + h * f(us[-1] + h / 2 * f(us[-1], p), p))
    lam, mu = gT(us[-1]), np.zeros(len(p))
    for k in reversed(range(n)):
        u = (us[k] + us[k + 1]) / 2
        middle = lam - h / 2 * fu(u, p).T @ lam
        mu = mu + h * fp(u, p).T @ middle
        lam = lam - h * fu(u, p).T @ middle
    return lam, mu

# %% 12.4 wrong: no transpose | fu isn't transposed
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    h, us = T / n, [u0]
    for _ in range(n):
        us.append(us[-1] + h * f(us[-1] + h / 2 * f(us[-1], p), p))
    lam, mu = gT(us[-1]), np.zeros(len(p))
    for k in reversed(range(n)):
        u = (us[k] + us[k + 1]) / 2
        middle = lam + h / 2 * fu(u, p) @ lam
        mu = mu + h * fp(u, p).T @ middle
        lam = lam + h * fu(u, p) @ middle
    return lam, mu

# %% 12.4 wrong: rectangles | only halves when the steps do
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    h, us = T / n, [u0]
    for _ in range(n):
        k = f(us[-1], p)
        us.append(us[-1] + h / 2 * (k + f(us[-1] + h * k, p)))
    lam, mu = gT(us[n]), np.zeros(len(p))
    for k in reversed(range(n)):
        a = fu(us[k + 1], p).T @ lam
        lam = lam + h / 2 * (a + fu(us[k], p).T @ (lam + h * a))
        mu = mu + h * fp(us[k], p).T @ lam
    return lam, mu

# %% 12.4 wrong: RK4 with u from one end of the step | only halves when the steps do
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    h, us = T / n, [u0]
    for _ in range(n):
        u = us[-1]
        k1 = f(u, p)
        k2 = f(u + h / 2 * k1, p)
        k3 = f(u + h / 2 * k2, p)
        us.append(u + h / 6 * (k1 + 2 * k2 + 2 * k3 + f(u + h * k3, p)))
    lam, mu = gT(us[-1]), np.zeros(len(p))
    for k in reversed(range(n)):
        A, before = fu(us[k + 1], p).T, lam
        k1 = A @ lam
        k2 = A @ (lam + h / 2 * k1)
        k3 = A @ (lam + h / 2 * k2)
        lam = lam + h / 6 * (k1 + 2 * k2 + 2 * k3 + A @ (lam + h * k3))
        mu = mu + h / 2 * (fp(us[k + 1], p).T @ before + fp(us[k], p).T @ lam)
    return lam, mu

# %% 12.4 wrong: Euler's states, RK4 for the rest | only halves when the steps do
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    d, h, u = len(u0), T / n, u0
    for _ in range(n):
        u = u + h * f(u, p)
    def F(y):
        u, lam = y[:d], y[d:2 * d]
        return np.concatenate([f(u, p), -lam @ fu(u, p), -lam @ fp(u, p)])
    y = np.concatenate([u, gT(u), np.zeros(len(p))])
    for _ in range(n):
        k1 = F(y)
        k2 = F(y - h / 2 * k1)
        k3 = F(y - h / 2 * k2)
        k4 = F(y - h * k3)
        y = y - h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return y[d:2 * d], y[2 * d:]

# %% 12.4 wrong: implicit Euler for λ | only halves when the steps do
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    h, us, I = T / n, [u0], np.eye(len(u0))
    for _ in range(n):
        us.append(us[-1] + h * f(us[-1] + h / 2 * f(us[-1], p), p))
    lam, mu = gT(us[-1]), np.zeros(len(p))
    for k in reversed(range(n)):
        lam = np.linalg.solve(I - h * fu(us[k], p).T, lam)
        mu = mu + h * fp(us[k], p).T @ lam
    return lam, mu

# %% 12.4 wrong: the discrete adjoint of Euler's method | 12.3
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    h, us = T / n, [u0]
    for k in range(n):
        us.append(us[-1] + h * f(us[-1], p))
    lam, mu = gT(us[n]), np.zeros(len(p))
    for k in reversed(range(n)):
        mu = mu + h * fp(us[k], p).T @ lam
        lam = lam + h * fu(us[k], p).T @ lam
    return lam, mu

# %% 12.4 wrong: the integral from T to 0 | the integral goes from 0 to T
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    h, us = T / n, [u0]
    for _ in range(n):
        k = f(us[-1], p)
        us.append(us[-1] + h / 2 * (k + f(us[-1] + h * k, p)))
    lam, rows = gT(us[n]), []
    for k in reversed(range(n)):
        rows.append(fp(us[k + 1], p).T @ lam)
        a = fu(us[k + 1], p).T @ lam
        lam = lam + h / 2 * (a + fu(us[k], p).T @ (lam + h * a))
    rows.append(fp(us[0], p).T @ lam)
    return lam, np.sum((np.array(rows[1:]) + rows[:-1]) / 2 * -h, axis=0)

# %% 12.4 wrong: u stays at the end | stays at u(T)
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    h, u = T / n, u0
    for _ in range(n):
        u = u + h * f(u + h / 2 * f(u, p), p)
    lam, mu, A, B = gT(u), 0.0, fu(u, p).T, fp(u, p).T
    for _ in range(n):
        middle = lam + h / 2 * A @ lam
        mu = mu + h * B @ middle
        lam = lam + h * A @ middle
    return lam, mu

# %% 12.4 wrong: forward in time | What is known of it
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    h, us = T / n, [u0]
    for _ in range(n):
        us.append(us[-1] + h * f(us[-1] + h / 2 * f(us[-1], p), p))
    lam, mu = gT(us[-1]), np.zeros(len(p))
    for k in range(n):
        u = (us[k] + us[k + 1]) / 2
        middle = lam - h / 2 * fu(u, p).T @ lam
        mu = mu - h * fp(u, p).T @ middle
        lam = lam - h * fu(u, p).T @ middle
    return lam, mu

# %% 12.4 wrong: from gT(u0) | J is about u(T)
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    h, us = T / n, [u0]
    for _ in range(n):
        us.append(us[-1] + h * f(us[-1] + h / 2 * f(us[-1], p), p))
    lam, mu = gT(u0), np.zeros(len(p))
    for k in reversed(range(n)):
        u = (us[k] + us[k + 1]) / 2
        middle = lam + h / 2 * fu(u, p).T @ lam
        mu = mu + h * fp(u, p).T @ middle
        lam = lam + h * fu(u, p).T @ middle
    return lam, mu

# %% 12.4 wrong: no width | heights times widths
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    h, us = T / n, [u0]
    for _ in range(n):
        us.append(us[-1] + h * f(us[-1] + h / 2 * f(us[-1], p), p))
    lam, mu = gT(us[-1]), np.zeros(len(p))
    for k in reversed(range(n)):
        u = (us[k] + us[k + 1]) / 2
        middle = lam + h / 2 * fu(u, p).T @ lam
        mu = mu + fp(u, p).T @ middle
        lam = lam + h * fu(u, p).T @ middle
    return lam, mu

# %% 12.4 wrong: f_p isn't transposed | Look at the shapes
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    h, us = T / n, [u0]
    for _ in range(n):
        us.append(us[-1] + h * f(us[-1] + h / 2 * f(us[-1], p), p))
    lam, mu = gT(us[-1]), np.zeros(len(p))
    for k in reversed(range(n)):
        u = (us[k] + us[k + 1]) / 2
        middle = lam + h / 2 * fu(u, p).T @ lam
        mu = mu + h * fp(u, p) @ middle
        lam = lam + h * fu(u, p).T @ middle
    return lam, mu

# %% 12.4 wrong: two mistakes | The signs of fu and of the integral
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    h, us = T / n, [u0]
    for _ in range(n):
        us.append(us[-1] + h * f(us[-1] + h / 2 * f(us[-1], p), p))
    lam, mu = gT(us[-1]), np.zeros(len(p))
    for k in reversed(range(n)):
        u = (us[k] + us[k + 1]) / 2
        middle = lam - h / 2 * fu(u, p).T @ lam
        mu = mu - h * fp(u, p).T @ middle
        lam = lam - h * fu(u, p).T @ middle
    return lam, mu

# %% 12.4 wrong: changed places | changed places
def continuous_adjoint(f, fu, fp, gT, u0, p, T, n):
    h, us = T / n, [u0]
    for _ in range(n):
        us.append(us[-1] + h * f(us[-1] + h / 2 * f(us[-1], p), p))
    lam, mu = gT(us[-1]), np.zeros(len(p))
    for k in reversed(range(n)):
        u = (us[k] + us[k + 1]) / 2
        middle = lam + h / 2 * fu(u, p).T @ lam
        mu = mu + h * fp(u, p).T @ middle
        lam = lam + h * fu(u, p).T @ middle
    return mu, lam
