# ruff: noqa
# Answers to assignment 11 as students write them, one a block: right ones by different routes, and wrong ones with
# words of the hint that each must meet.

# %% 11.1 right: a linear system
def implicit_jacobian(Fz, Fx):
    return -np.linalg.solve(Fz, Fx)

# %% 11.1 right: the inverse, as nested lists
def implicit_jacobian(Fz, Fx):
    return (np.linalg.inv(Fz) @ (-Fx)).tolist()

# %% 11.1 right: Cramer's rule, number by number
def implicit_jacobian(Fz, Fx):
    n, p = len(Fx), len(Fx[0])
    answer = [[0.0] * p for _ in range(n)]
    for i in range(n):
        for j in range(p):
            swapped = np.array(Fz)
            swapped[:, i] = Fx[:, j]
            answer[i][j] = -np.linalg.det(swapped) / np.linalg.det(Fz)
    return answer

# %% 11.1 right: a row of the answer for each unknown, by the transpose
def implicit_jacobian(Fz, Fx):
    rows = []
    for e in np.eye(len(Fz)):
        w = np.linalg.solve(Fz.T, e)
        rows.append(-w @ Fx)
    return tuple(rows)

# %% 11.1 right: elimination by hand, in a copy
def implicit_jacobian(Fz, Fx):
    n = len(Fz)
    M = np.hstack([Fz, -Fx])
    for k in range(n):
        best = k + np.argmax(abs(M[k:, k]))
        M[[k, best]] = M[[best, k]]
        M[k] /= M[k, k]
        for i in range(n):
            if i != k:
                M[i] -= M[i, k] * M[k]
    return M[:, n:]

# %% 11.1 right: the package's implicit function of a linear equation
def implicit_jacobian(Fz, Fx):
    import adcourse
    z = adcourse.implicit_function(lambda z, x: Fz @ z + Fx @ x, lambda x: np.linalg.solve(Fz, -Fx @ x))
    return adcourse.jacobian(z)(np.ones(Fx.shape[1]))

# %% 11.1 right: least squares, a parameter at a time
def implicit_jacobian(Fz, Fx):
    return np.column_stack([np.linalg.lstsq(Fz, -column, rcond=None)[0] for column in Fx.T])

# %% 11.1 wrong: the sign | The sign. z² - x = 0
def implicit_jacobian(Fz, Fx):
    return np.linalg.inv(Fz) @ Fx

# %% 11.1 wrong: transposed | transpose of Fz
def implicit_jacobian(Fz, Fx):
    return -np.linalg.inv(Fz).T @ Fx

# %% 11.1 wrong: transposed, and the sign | The sign. z² - x = 0
def implicit_jacobian(Fz, Fx):
    return np.linalg.solve(np.transpose(Fz), Fx)

# %% 11.1 wrong: from the right, transposed again | transpose of Fz
def implicit_jacobian(Fz, Fx):
    return -(Fx.T @ np.linalg.inv(Fz)).T

# %% 11.1 wrong: changed places | Fz and Fx have changed places
def implicit_jacobian(Fz, Fx):
    return -np.linalg.solve(Fx, Fz)

# %% 11.1 wrong: changed places, whatever the shapes | Fz and Fx have changed places
def implicit_jacobian(Fz, Fx):
    return -np.linalg.lstsq(Fx, Fz, rcond=None)[0]

# %% 11.1 wrong: the other side | wrong side of Fx
def implicit_jacobian(Fz, Fx):
    return -(Fx @ np.linalg.inv(Fz))

# %% 11.1 wrong: a product | You multiply by Fz
def implicit_jacobian(Fz, Fx):
    return -(Fz @ Fx)

# %% 11.1 wrong: a quotient | entry by entry
def implicit_jacobian(Fz, Fx):
    return -Fx / Fz

# %% 11.1 wrong: a quotient of inverses | entry by entry
def implicit_jacobian(Fz, Fx):
    return np.dot(-1.0 / Fz, Fx)

# %% 11.1 wrong: the diagonal | its own equation alone
def implicit_jacobian(Fz, Fx):
    return np.array([-row / Fz[i, i] for i, row in enumerate(Fx)])

# %% 11.1 wrong: Fx alone | no part in your answer
def implicit_jacobian(Fz, Fx):
    return -Fx

# %% 11.1 wrong: on its side | lies on its side
def implicit_jacobian(Fz, Fx):
    return -np.linalg.solve(Fz, Fx).T

# %% 11.1 wrong: all parameters in one | a column for each parameter
def implicit_jacobian(Fz, Fx):
    return -np.linalg.solve(Fz, Fx @ np.ones(Fx.shape[1]))

# %% 11.1 wrong: one number | a column for each parameter
def implicit_jacobian(Fz, Fx):
    return -Fx[0, 0] / Fz[0, 0]

# %% 11.1 wrong: one number a row | a column for each parameter
def implicit_jacobian(Fz, Fx):
    return -np.linalg.solve(Fz, Fx)[:, 0]

# %% 11.1 wrong: a fixed point | formula for a fixed point
def implicit_jacobian(Fz, Fx):
    n = Fz.shape[0]
    return np.linalg.inv(np.identity(n) - Fz) @ Fx

# %% 11.1 wrong: the caller's array | belong to the caller
def implicit_jacobian(Fz, Fx):
    Fx *= -1
    return np.linalg.solve(Fz, Fx)

# %% 11.1 wrong: eliminated in the caller's arrays | belong to the caller
def implicit_jacobian(Fz, Fx):
    J = -Fx
    for k in range(len(Fz)):
        J[k] /= Fz[k, k]
        Fz[k] /= Fz[k, k]
        for i in range(len(Fz)):
            if i != k:
                J[i] -= Fz[i, k] * J[k]
                Fz[i] -= Fz[i, k] * Fz[k]
    return J

# %% 11.1 wrong: nothing returned | x moves F directly
def implicit_jacobian(Fz, Fx):
    J = -np.linalg.solve(Fz, Fx)

# %% 11.1 wrong: twice as much | twice as large
def implicit_jacobian(Fz, Fx):
    return -2 * np.linalg.solve(Fz, Fx)

# %% 11.1 wrong: a detour by the inverse of Fx | as many equations as unknowns
def implicit_jacobian(Fz, Fx):
    dx_dz = -np.linalg.inv(Fx) @ Fz
    return np.linalg.inv(dx_dz)

# %% 11.1 wrong: a product that doesn't exist | Print both shapes
def implicit_jacobian(Fz, Fx):
    return -Fx @ np.linalg.inv(Fz.T)

# %% 11.1 wrong: return in the loop | inside the loop over the columns
def implicit_jacobian(Fz, Fx):
    J = np.zeros_like(Fx)
    for j in range(Fx.shape[1]):
        J[:, j] = -np.linalg.solve(Fz, Fx[:, j])
        return J

# %% 11.1 wrong: in float32 | Right in the first digits
def implicit_jacobian(Fz, Fx):
    return -np.linalg.solve(Fz.astype(np.float32), Fx.astype(np.float32))

# %% 11.2 right: until nothing changes
def fixed_point_vjp(vjp_z, vjp_x, g):
    w = g
    while True:
        new = g + vjp_z(w)
        if np.linalg.norm(new - w) <= 1e-12 * np.linalg.norm(new):
            return vjp_x(new)
        w = new

# %% 11.2 right: a hundred rounds, from zero
def fixed_point_vjp(vjp_z, vjp_x, g):
    w = np.zeros_like(g)
    for _ in range(100):
        w = g + vjp_z(w)
    return vjp_x(w)

# %% 11.2 right: the terms of a geometric series
def fixed_point_vjp(vjp_z, vjp_x, g):
    term, total = g, np.zeros(len(g))
    while abs(term).max() > 1e-10:
        total = total + term
        term = vjp_z(term)
    return list(vjp_x(total))

# %% 11.2 right: recursion
def fixed_point_vjp(vjp_z, vjp_x, g, w=None, rounds=60):
    if rounds == 0:
        return vjp_x(w)
    return fixed_point_vjp(vjp_z, vjp_x, g, g if w is None else g + vjp_z(w), rounds - 1)

# %% 11.2 right: lists of numbers
def fixed_point_vjp(vjp_z, vjp_x, g):
    g = [float(v) for v in g]
    w = list(g)
    for _ in range(199):
        old = w
        w = [a + b for a, b in zip(g, vjp_z(w))]
        if max(abs(a - b) for a, b in zip(w, old)) < 1e-9 * max(abs(v) for v in w):
            break
    return [float(v) for v in vjp_x(w)]

# %% 11.2 right: half steps
def fixed_point_vjp(vjp_z, vjp_x, g):
    w = 1.0 * g
    for _ in range(150):
        w = (w + g + vjp_z(w)) / 2
    return vjp_x(w)

# %% 11.2 right: the matrix, column by column, where n is small
def fixed_point_vjp(vjp_z, vjp_x, g):
    n = len(g)
    J_T = np.column_stack([vjp_z(e) for e in np.eye(n)])
    return vjp_x(np.linalg.solve(np.eye(n) - J_T, g))

# %% 11.2 right: as long as a float can tell
def fixed_point_vjp(vjp_z, vjp_x, g):
    w, old, rounds = g, None, 0
    while not np.array_equal(w, old) and rounds < 190:
        w, old, rounds = g + vjp_z(w), w, rounds + 1
    return vjp_x(w)

# %% 11.2 right: SciPy's GMRES
def fixed_point_vjp(vjp_z, vjp_x, g):
    from scipy.sparse.linalg import LinearOperator, gmres
    A = LinearOperator((len(g), len(g)), matvec=lambda w: w - vjp_z(w))
    w, info = gmres(A, g, rtol=1e-12, atol=0)
    return vjp_x(w)

# %% 11.2 right: in place, in a copy
def fixed_point_vjp(vjp_z, vjp_x, g):
    w = np.array(g)
    for k in range(80):
        w[:] = vjp_z(w)
        w += g
    return vjp_x(w)

# %% 11.2 wrong: one step | at a fixed z
def fixed_point_vjp(vjp_z, vjp_x, g):
    return vjp_x(g)

# %% 11.2 wrong: two terms | Two terms
def fixed_point_vjp(vjp_z, vjp_x, g):
    return vjp_x(g) + vjp_x(vjp_z(g))

# %% 11.2 wrong: five terms | after a few terms
def fixed_point_vjp(vjp_z, vjp_x, g):
    term, w = g, g
    for _ in range(5):
        term = vjp_z(term)
        w = w + term
    return vjp_x(w)

# %% 11.2 wrong: seven terms | Start from g and keep ADDING g
def fixed_point_vjp(vjp_z, vjp_x, g):
    w = g
    for _ in range(7):
        w = g + vjp_z(w)
    return vjp_x(w)

# %% 11.2 wrong: np.allclose is content | five digits
def fixed_point_vjp(vjp_z, vjp_x, g):
    w = g
    while True:
        new = g + vjp_z(w)
        if np.allclose(new, w):
            return vjp_x(new)
        w = new

# %% 11.2 wrong: a coarse tolerance | five digits
def fixed_point_vjp(vjp_z, vjp_x, g):
    w, change = g, 1.0
    while change > 1e-6:
        new = g + vjp_z(w)
        w, change = new, np.linalg.norm(new - w)
    return vjp_x(w)

# %% 11.2 wrong: g only at the start | g comes in once
def fixed_point_vjp(vjp_z, vjp_x, g):
    w = g
    for _ in range(100):
        w = vjp_z(w)
    return vjp_x(w)

# %% 11.2 wrong: the second term alone | g comes in once
def fixed_point_vjp(vjp_z, vjp_x, g):
    return vjp_x(vjp_z(g))

# %% 11.2 wrong: w is added to itself | what is in it already
def fixed_point_vjp(vjp_z, vjp_x, g):
    w = g
    for _ in range(40):
        w = w + vjp_z(w)
    return vjp_x(w)

# %% 11.2 wrong: w is added to itself, for ever | put w into
def fixed_point_vjp(vjp_z, vjp_x, g):
    w, change = g, 1.0
    while change > 1e-12:
        change = np.linalg.norm(vjp_z(w))
        w = w + vjp_z(w)
    return vjp_x(w)

# %% 11.2 wrong: a tolerance that floats can't reach | sixteen digits
def fixed_point_vjp(vjp_z, vjp_x, g):
    w, change = g, 1.0
    while change >= 0:
        new = g + vjp_z(w)
        w, change = new, np.linalg.norm(new - w)
    return vjp_x(w)

# %% 11.2 right: the package's iteration, which differentiates nothing here
def fixed_point_vjp(vjp_z, vjp_x, g):
    import adcourse
    return vjp_x(adcourse.fixed_point(lambda w, g: g + vjp_z(w), g, g))

# %% 11.2 wrong: dual numbers for a plain function | plain arrays
def fixed_point_vjp(vjp_z, vjp_x, g):
    import adcourse
    matrix = adcourse.jacobian(vjp_z)(g)
    return vjp_x(np.linalg.solve(np.eye(len(g)) - matrix, g))

# %% 11.2 wrong: the sign inside | w = g - (∂f/∂z)ᵀw
def fixed_point_vjp(vjp_z, vjp_x, g):
    w = g
    for _ in range(100):
        w = g - vjp_z(w)
    return vjp_x(w)

# %% 11.2 wrong: the sign of the end | The sign: in z
def fixed_point_vjp(vjp_z, vjp_x, g):
    w = g
    for _ in range(100):
        w = g + vjp_z(w)
    return -vjp_x(w)

# %% 11.2 wrong: w itself | That is w
def fixed_point_vjp(vjp_z, vjp_x, g):
    w = g
    for _ in range(100):
        w = g + vjp_z(w)
    return w

# %% 11.2 wrong: without the first term | The first term is missing
def fixed_point_vjp(vjp_z, vjp_x, g):
    total, term = np.zeros(len(g)), g
    for _ in range(100):
        term = vjp_z(term)
        total = total + term
    return vjp_x(total)

# %% 11.2 wrong: on its side | stands on its side
def fixed_point_vjp(vjp_z, vjp_x, g):
    n = len(g)
    rows = np.array([vjp_z(e) for e in np.eye(n)])
    return vjp_x(np.linalg.inv(np.eye(n) - rows) @ g)

# %% 11.2 wrong: one minus the slope, entry by entry | You divide entry by entry
def fixed_point_vjp(vjp_z, vjp_x, g):
    return vjp_x(g / (1 - vjp_z(np.ones_like(g))))

# %% 11.2 wrong: a thousand rounds | Your iteration doesn't end
def fixed_point_vjp(vjp_z, vjp_x, g):
    w = g
    for _ in range(1000):
        w = g + vjp_z(w)
    return vjp_x(w)

# %% 11.2 wrong: 250 rounds | from more products
def fixed_point_vjp(vjp_z, vjp_x, g):
    w = g
    for _ in range(250):
        w = g + vjp_z(w)
    return vjp_x(w)

# %% 11.2 wrong: both products in every round | from more products
def fixed_point_vjp(vjp_z, vjp_x, g):
    w = g
    for _ in range(110):
        x_bar, w = vjp_x(w), g + vjp_z(w)
    return x_bar

# %% 11.2 wrong: in the caller's array | belongs to the caller
def fixed_point_vjp(vjp_z, vjp_x, g):
    start = g.copy()
    w = g
    for _ in range(60):
        w[:] = start + vjp_z(w)
    return vjp_x(w)

# %% 11.2 wrong: g grows with w | what is in it already
def fixed_point_vjp(vjp_z, vjp_x, g):
    w = g
    for _ in range(40):
        w += vjp_z(w)
    return vjp_x(w)

# %% 11.2 wrong: the w of all rounds | the last is the best
def fixed_point_vjp(vjp_z, vjp_x, g):
    w, x_bar = g, 0
    for _ in range(40):
        x_bar = x_bar + vjp_x(w)
        w = g + vjp_z(w)
    return x_bar

# %% 11.2 wrong: g once too often | once too often
def fixed_point_vjp(vjp_z, vjp_x, g):
    w = total = g
    for _ in range(90):
        total = total + w
        w = vjp_z(w)
    return vjp_x(total)

# %% 11.2 wrong: no round, and no g | g has no part
def fixed_point_vjp(vjp_z, vjp_x, g):
    return vjp_x(np.ones(g.size))

# %% 11.2 wrong: a function for a matrix | functions of one vector
def fixed_point_vjp(vjp_z, vjp_x, g):
    return np.linalg.solve(np.eye(len(g)) - vjp_z, g) @ vjp_x

# %% 11.2 wrong: nothing returned | Start from g and keep ADDING g
def fixed_point_vjp(vjp_z, vjp_x, g):
    w = g
    for _ in range(100):
        w = g + vjp_z(w)
    vjp_x(w)

# %% 11.2 wrong: too many rounds, and the sign | The sign: in z
def fixed_point_vjp(vjp_z, vjp_x, g):
    w = g
    for _ in range(250):
        w = g + vjp_z(w)
    return -vjp_x(w)

# %% 11.2 right: every term through the end
def fixed_point_vjp(vjp_z, vjp_x, g):
    total, term = vjp_x(g), g
    for _ in range(60):
        term = vjp_z(term)
        total = total + vjp_x(term)
    return total

# %% 11.2 wrong: parameters in the loop | no place in the loop
def fixed_point_vjp(vjp_z, vjp_x, g):
    w = g
    for _ in range(80):
        w = g + vjp_x(w)
    return vjp_x(w)

# %% 11.2 wrong: multiplied, not divided | has to be divided by
def fixed_point_vjp(vjp_z, vjp_x, g):
    return vjp_x(g - vjp_z(g))

# %% 11.3 right: how the weights move
def ridge_hypergrad(X, y, lam, Xv, yv):
    A = X.T @ X + lam * np.eye(X.shape[1])
    w = np.linalg.solve(A, X.T @ y)
    dw = np.linalg.solve(A, -w)
    return 2 * (Xv @ w - yv) @ (Xv @ dw)

# %% 11.3 right: the adjoint
def ridge_hypergrad(X, y, lam, Xv, yv):
    A = X.T @ X + lam * np.eye(X.shape[1])
    w = np.linalg.solve(A, X.T @ y)
    w_bar = 2 * Xv.T @ (Xv @ w - yv)
    u = np.linalg.solve(A.T, w_bar)
    return -(u @ w)

# %% 11.3 right: singular values
def ridge_hypergrad(X, y, lam, Xv, yv):
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    w = Vt.T @ (s / (s**2 + lam) * (U.T @ y))
    dw = -Vt.T @ (s / (s**2 + lam) ** 2 * (U.T @ y))
    return float(np.sum(2 * (Xv @ w - yv) * (Xv @ dw)))

# %% 11.3 right: as many equations as data points
def ridge_hypergrad(X, y, lam, Xv, yv):
    K = X @ X.T + lam * np.eye(len(X))
    alpha = np.linalg.solve(K, y)
    w, dw = X.T @ alpha, -X.T @ np.linalg.solve(K, alpha)
    return np.vdot(2 * (Xv @ w - yv), Xv @ dw)

# %% 11.3 right: the inverse twice
def ridge_hypergrad(X, y, lam, Xv, yv):
    inverse = np.linalg.inv(X.T.dot(X) + np.diag([lam] * X.shape[1]))
    w = inverse @ X.T @ y
    r = Xv @ w - yv
    return -2 * r @ Xv @ inverse @ inverse @ X.T @ y

# %% 11.3 right: eigenvectors
def ridge_hypergrad(X, y, lam, Xv, yv):
    d, Q = np.linalg.eigh(X.T @ X)
    c, M = Q.T @ (X.T @ y), Xv @ Q
    return sum(2 * r * v for r, v in zip(M @ (c / (d + lam)) - yv, -M @ (c / (d + lam) ** 2)))

# %% 11.3 right: the complex step
def ridge_hypergrad(X, y, lam, Xv, yv):
    A = X.T @ X + (lam + 1e-30j) * np.eye(X.shape[1])
    r = Xv @ np.linalg.solve(A, X.T @ y) - yv
    return np.imag(np.sum(r * r)) / 1e-30

# %% 11.3 right: the package, through the solve
def ridge_hypergrad(X, y, lam, Xv, yv):
    import adcourse
    def loss(lam):
        w = np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y)
        return np.sum((Xv @ w - yv) ** 2)
    return adcourse.grad(loss)(lam)

# %% 11.3 right: the package's implicit function
def ridge_hypergrad(X, y, lam, Xv, yv):
    import adcourse
    A, b = X.T @ X, X.T @ y
    w = adcourse.implicit_function(
        lambda w, lam: A @ w + lam * w - b, lambda lam: np.linalg.solve(A + lam * np.eye(len(A)), b)
    )
    return adcourse.derivative(lambda lam: np.sum((Xv @ w(lam) - yv) ** 2))(float(lam))

# %% 11.3 right: least squares with lines added
def ridge_hypergrad(X, y, lam, Xv, yv):
    d = X.shape[1]
    tall = np.vstack([X, lam**0.5 * np.eye(d)])
    w = np.linalg.lstsq(tall, np.concatenate([y, np.zeros(d)]), rcond=None)[0]
    Q, R = np.linalg.qr(tall)
    dw = -np.linalg.solve(R, np.linalg.solve(R.T, w))
    return 2.0 * np.dot(np.dot(Xv, w) - yv, np.dot(Xv, dw))

# %% 11.3 wrong: the sign | The sign. As lam grows
def ridge_hypergrad(X, y, lam, Xv, yv):
    A = X.T @ X + lam * np.eye(X.shape[1])
    w = np.linalg.solve(A, X.T @ y)
    return 2 * (Xv @ w - yv) @ Xv @ np.linalg.solve(A, w)

# %% 11.3 wrong: the residual's sign | The sign. As lam grows
def ridge_hypergrad(X, y, lam, Xv, yv):
    A = X.T @ X + lam * np.eye(X.shape[1])
    w = np.linalg.solve(A, X.T @ y)
    return 2 * (yv - Xv @ w) @ Xv @ np.linalg.solve(A, -w)

# %% 11.3 wrong: the factor 2 | The factor
def ridge_hypergrad(X, y, lam, Xv, yv):
    A = X.T @ X + lam * np.eye(X.shape[1])
    w = np.linalg.solve(A, X.T @ y)
    return -(Xv @ w - yv) @ Xv @ np.linalg.solve(A, w)

# %% 11.3 wrong: the sign and the factor | And then: The factor
def ridge_hypergrad(X, y, lam, Xv, yv):
    A = X.T @ X + lam * np.eye(X.shape[1])
    w = np.linalg.solve(A, X.T @ y)
    return (Xv @ w - yv) @ Xv @ np.linalg.solve(A, w)

# %% 11.3 wrong: a mean | mean over the data
def ridge_hypergrad(X, y, lam, Xv, yv):
    A = X.T @ X + lam * np.eye(X.shape[1])
    w = np.linalg.solve(A, X.T @ y)
    return -2 / len(yv) * (Xv @ w - yv) @ Xv @ np.linalg.solve(A, w)

# %% 11.3 wrong: the norm | the loss is its square
def ridge_hypergrad(X, y, lam, Xv, yv):
    A = X.T @ X + lam * np.eye(X.shape[1])
    w = np.linalg.solve(A, X.T @ y)
    r = Xv @ w - yv
    return -(r / np.sqrt(r @ r)) @ Xv @ np.linalg.solve(A, w)

# %% 11.3 wrong: without the targets | yv has no part
def ridge_hypergrad(X, y, lam, Xv, yv):
    A = X.T @ X + lam * np.eye(X.shape[1])
    w = np.linalg.solve(A, X.T @ y)
    return -2 * (Xv @ w) @ Xv @ np.linalg.solve(A, w)

# %% 11.3 wrong: the training data | loss on the training data
def ridge_hypergrad(X, y, lam, Xv, yv):
    A = X.T @ X + lam * np.eye(X.shape[1])
    w = np.linalg.solve(A, X.T @ y)
    return -2 * (X @ w - y) @ X @ np.linalg.solve(A, w)

# %% 11.3 wrong: the penalty | That is wᵀw
def ridge_hypergrad(X, y, lam, Xv, yv):
    w = np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y)
    return np.sum(w**2)

# %% 11.3 wrong: the penalty on top | You add wᵀw
def ridge_hypergrad(X, y, lam, Xv, yv):
    A = X.T @ X + lam * np.eye(X.shape[1])
    w = np.linalg.solve(A, X.T @ y)
    return w @ w - 2 * (Xv @ w - yv) @ Xv @ np.linalg.solve(A, w)

# %% 11.3 wrong: w moves as itself | Your dw is -w
def ridge_hypergrad(X, y, lam, Xv, yv):
    w = np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y)
    return 2 * (Xv @ w - yv) @ (Xv @ -w)

# %% 11.3 wrong: divided by lam | You divide by lam
def ridge_hypergrad(X, y, lam, Xv, yv):
    w = np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y)
    return -2 * (Xv @ w - yv) @ (Xv @ w) / lam

# %% 11.3 wrong: no lam in the second system | there is no lam
def ridge_hypergrad(X, y, lam, Xv, yv):
    w = np.linalg.inv(X.T @ X + lam * np.eye(X.shape[1])) @ X.T @ y
    dw = -np.linalg.pinv(X.T @ X) @ w
    return 2 * (Xv @ w - yv) @ (Xv @ dw)

# %% 11.3 wrong: a product for a quotient | You multiply by the matrix
def ridge_hypergrad(X, y, lam, Xv, yv):
    A = X.T @ X + lam * np.eye(X.shape[1])
    w = np.linalg.solve(A, X.T @ y)
    return 2 * (Xv @ w - yv) @ (Xv @ -(A @ w))

# %% 11.3 wrong: w is held | You hold w fixed
def ridge_hypergrad(X, y, lam, Xv, yv):
    return 0.0

# %% 11.3 wrong: lam in every entry | to every entry
def ridge_hypergrad(X, y, lam, Xv, yv):
    A = X.T @ X + lam
    w = np.linalg.solve(A, X.T @ y)
    return -2 * (Xv @ w - yv) @ Xv @ np.linalg.solve(A, w)

# %% 11.3 wrong: lam times the number of data points | number of data points
def ridge_hypergrad(X, y, lam, Xv, yv):
    n, d = X.shape
    A = X.T @ X / n + lam * np.eye(d)
    w = np.linalg.solve(A, X.T @ y / n)
    return -2 * (Xv @ w - yv) @ Xv @ np.linalg.solve(X.T @ X + n * lam * np.eye(d), w)

# %% 11.3 wrong: the validation data in the system | you have XvᵀXv
def ridge_hypergrad(X, y, lam, Xv, yv):
    unit = np.eye(X.shape[1])
    w = np.linalg.solve(X.T @ X + lam * unit, X.T @ y)
    return -2 * (Xv @ w - yv) @ Xv @ np.linalg.inv(Xv.T @ Xv + lam * unit) @ w

# %% 11.3 wrong: the slope by log lam | the slope by log lam
def ridge_hypergrad(X, y, lam, Xv, yv):
    A = X.T @ X + lam * np.eye(X.shape[1])
    w = np.linalg.solve(A, X.T @ y)
    return -2 * lam * (Xv @ w - yv) @ Xv @ np.linalg.solve(A, w)

# %% 11.3 wrong: one solve too many | One solve too many
def ridge_hypergrad(X, y, lam, Xv, yv):
    inverse = np.linalg.inv(X.T @ X + lam * np.eye(X.shape[1]))
    w = inverse @ X.T @ y
    return -2 * (Xv @ w - yv) @ Xv @ inverse @ inverse @ w

# %% 11.3 wrong: how the weights move | An array came back
def ridge_hypergrad(X, y, lam, Xv, yv):
    A = X.T @ X + lam * np.eye(X.shape[1])
    return -np.linalg.solve(A, np.linalg.solve(A, X.T @ y))

# %% 11.3 wrong: not added up | An array came back
def ridge_hypergrad(X, y, lam, Xv, yv):
    A = X.T @ X + lam * np.eye(X.shape[1])
    w = np.linalg.solve(A, X.T @ y)
    return 2 * (Xv @ w - yv) * (Xv @ -np.linalg.solve(A, w))

# %% 11.3 wrong: the gradient by w | An array came back
def ridge_hypergrad(X, y, lam, Xv, yv):
    w = np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y)
    return 2 * Xv.T @ (Xv @ w - yv)

# %% 11.3 wrong: a difference quotient | A difference quotient
def ridge_hypergrad(X, y, lam, Xv, yv):
    def loss(lam):
        w = np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y)
        return np.sum((Xv @ w - yv) ** 2)
    h = 1e-7
    return (loss(lam + h) - loss(lam)) / h

# %% 11.3 wrong: the best central quotient | A difference quotient
def ridge_hypergrad(X, y, lam, Xv, yv):
    def loss(lam):
        w = np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y)
        return np.sum((Xv @ w - yv) ** 2)
    h = 6e-6
    return (loss(lam + h) - loss(lam - h)) / (2 * h)

# %% 11.3 wrong: the loss | That is the loss itself
def ridge_hypergrad(X, y, lam, Xv, yv):
    w = np.linalg.lstsq(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y, rcond=None)[0]
    return np.linalg.norm(Xv @ w - yv) ** 2

# %% 11.3 wrong: the unit matrix of the data points | Print the shapes
def ridge_hypergrad(X, y, lam, Xv, yv):
    A = X.T @ X + lam * np.eye(len(X))
    w = np.linalg.solve(A, X.T @ y)
    return -2 * (Xv @ w - yv) @ Xv @ np.linalg.solve(A, w)

# %% 11.3 wrong: in the caller's array | belong to the caller
def ridge_hypergrad(X, y, lam, Xv, yv):
    A = X.T @ X + lam * np.eye(X.shape[1])
    w = np.linalg.solve(A, X.T @ y)
    yv -= Xv @ w
    return 2 * yv @ Xv @ np.linalg.solve(A, w)

# %% 11.3 wrong: the loss comes along | Two numbers came back
def ridge_hypergrad(X, y, lam, Xv, yv):
    A = X.T @ X + lam * np.eye(X.shape[1])
    w = np.linalg.solve(A, X.T @ y)
    r = Xv @ w - yv
    return r @ r, -2 * r @ Xv @ np.linalg.solve(A, w)

# %% 11.3 wrong: training data, and the sign | loss on the training data
def ridge_hypergrad(X, y, lam, Xv, yv):
    A = X.T @ X + lam * np.eye(X.shape[1])
    w = np.linalg.solve(A, X.T @ y)
    return 2 * (X @ w - y) @ X @ np.linalg.solve(A, w)

# %% 11.3 right: Cholesky's factor, and the adjoint
def ridge_hypergrad(X, y, lam, Xv, yv):
    R = np.linalg.cholesky(X.T @ X + lam * np.eye(X.shape[1]))
    w = np.linalg.solve(R.T, np.linalg.solve(R, X.T @ y))
    adjoint = np.linalg.solve(R.T, np.linalg.solve(R, 2 * Xv.T @ (Xv @ w - yv)))
    return np.array(-adjoint @ w)

# %% 11.3 wrong: twice lam | falls out
def ridge_hypergrad(X, y, lam, Xv, yv):
    A = X.T @ X + 2 * lam * np.eye(X.shape[1])
    w = np.linalg.solve(A, X.T @ y)
    return -2 * (Xv @ w - yv) @ Xv @ np.linalg.solve(A, w)

# %% 11.3 wrong: trained without lam | with lam = 0
def ridge_hypergrad(X, y, lam, Xv, yv):
    w = np.linalg.lstsq(X, y, rcond=None)[0]
    return -2 * (Xv @ w - yv) @ Xv @ np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), w)

# %% 11.4 right: the rule at what the loop found
def sqrt_with_rule(a, n):
    z = 1.0
    for _ in range(n):
        z = (z + a / z) / 2
    return z, 1 / (2 * z)

# %% 11.4 right: recursion
def sqrt_with_rule(a, n):
    if n == 0:
        return 1, 0.5
    z, _ = sqrt_with_rule(a, n - 1)
    z = z / 2 + a / z / 2
    return z, 0.5 / z

# %% 11.4 right: Newton's method, in a list
def sqrt_with_rule(a, n):
    z = np.float64(1)
    while n > 0:
        z -= (z**2 - a) / (2 * z)
        n -= 1
    return [z, 1 / (z + z)]

# %% 11.4 right: a rule of one's own, for the package
def sqrt_with_rule(a, n):
    import adcourse

    @adcourse.custom_rule
    def root(a):
        z = 1.0
        for _ in range(n):
            z = 0.5 * (z + a / z)
        return z

    @root.jvp
    def root_jvp(z, primals, tangents):
        return tangents[0] / (2 * z)

    return adcourse.jvp(root, float(a), 1.0)

# %% 11.4 right: the implicit function theorem of 11.1
def sqrt_with_rule(a, n):
    z = 1.0
    for k in range(n):
        z = (z * z + a) / (2 * z)
    Fz, Fa = np.array([[2 * z]]), np.array([[-1.0]])
    return np.array([z, -np.linalg.solve(Fz, Fa).item()])

# %% 11.4 right: exact fractions, while they last
def sqrt_with_rule(a, n):
    from fractions import Fraction
    a, z = Fraction(a), Fraction(1)
    for _ in range(n):
        z = (z + a / z) / 2
        z = z.limit_denominator(10**20)
    return z, 1 / (2 * z)

# %% 11.4 wrong: unrolled | differentiate the loop
def sqrt_with_rule(a, n):
    z, dz = 1.0, 0.0
    for _ in range(n):
        z, dz = (z + a / z) / 2, (dz + (z - a * dz) / z**2) / 2
    return z, dz

# %% 11.4 wrong: the package, through the loop | differentiate the loop
def sqrt_with_rule(a, n):
    import adcourse
    def heron(a):
        z = 1.0 + 0 * a
        for _ in range(n):
            z = (z + a / z) / 2
        return z
    return heron(a), adcourse.derivative(heron)(a)

# %% 11.4 wrong: the complex step through the loop | differentiate the loop
def sqrt_with_rule(a, n):
    z = 1
    for _ in range(n):
        z = (z + (a + 1e-40j) / z) / 2
    return np.real(z), np.imag(z) / 1e-40

# %% 11.4 wrong: a difference quotient | differentiate the loop
def sqrt_with_rule(a, n):
    def heron(a):
        z = 1.0
        for _ in range(n):
            z = (z + a / z) / 2
        return z
    return heron(a), (heron(a + 1e-6) - heron(a - 1e-6)) / 2e-6

# %% 11.4 wrong: an exact root in the derivative | In your derivative: An exact
def sqrt_with_rule(a, n):
    z = 1.0
    for _ in range(n):
        z = (z + a / z) / 2
    return z, 1 / (2 * np.sqrt(a))

# %% 11.4 wrong: an exact root | In both numbers
def sqrt_with_rule(a, n):
    return np.sqrt(a), 0.5 / np.sqrt(a)

# %% 11.4 wrong: n isn't looked at | In both numbers
def sqrt_with_rule(a, n):
    z = 1.0
    while abs(z * z - a) > 1e-14 * a:
        z = (z + a / z) / 2
    return z, 1 / (2 * z)

# %% 11.4 wrong: the exact root for a value | In your value: An exact
def sqrt_with_rule(a, n):
    z = 1.0
    for _ in range(n):
        z = (z + a / z) / 2
    return a**0.5, 1 / (2 * z)

# %% 11.4 wrong: the last step | the last step alone
def sqrt_with_rule(a, n):
    z, dz = 1.0, 0.0
    for _ in range(n):
        z, dz = (z + a / z) / 2, 1 / (2 * z)
    return z, dz

# %% 11.4 wrong: the loop's equation | loop's own equation
def sqrt_with_rule(a, n):
    z = 1.0
    for _ in range(n):
        z = (z + a / z) / 2
    f_z, f_a = (1 - a / z**2) / 2, 1 / (2 * z)
    return z, f_a / (1 - f_z)

# %% 11.4 wrong: a for z² | a in place of z²
def sqrt_with_rule(a, n):
    z = 1.0
    for _ in range(n):
        z = (z + a / z) / 2
    return z, 0.5 * z / a

# %% 11.4 wrong: precedence | In Python
def sqrt_with_rule(a, n):
    z = 1.0
    for _ in range(n):
        z = (z + a / z) / 2
    return z, 1 / 2 * z

# %% 11.4 wrong: the reciprocal | da/dz
def sqrt_with_rule(a, n):
    z = 1.0
    for _ in range(n):
        z = (z + a / z) / 2
    return z, 2 * z

# %% 11.4 wrong: the sign | The sign: when a grows
def sqrt_with_rule(a, n):
    z = 1.0
    for _ in range(n):
        z = (z + a / z) / 2
    return z, -1 / (2 * z)

# %% 11.4 wrong: the factor | The factor
def sqrt_with_rule(a, n):
    z = 1.0
    for _ in range(n):
        z = (z + a / z) / 2
    return z, 1 / z

# %% 11.4 wrong: a for its root | stands a where
def sqrt_with_rule(a, n):
    z = 1.0
    for _ in range(n):
        z = (z + a / z) / 2
    return z, 1 / (2 * a)

# %% 11.4 wrong: one step too few | print z after each step
def sqrt_with_rule(a, n):
    z = 1.0
    for _ in range(1, n):
        z = (z + a / z) / 2
    return z, 1 / (2 * z)

# %% 11.4 wrong: one step too many | print z after each step
def sqrt_with_rule(a, n):
    z = 1.0
    for _ in range(n + 1):
        z = (z + a / z) / 2
    return z, 1 / (2 * z)

# %% 11.4 wrong: from a | The loop starts from z = 1
def sqrt_with_rule(a, n):
    z = a
    for _ in range(n):
        z = (z + a / z) / 2
    return z, 1 / (2 * z)

# %% 11.4 wrong: the value alone | (value, derivative)
def sqrt_with_rule(a, n):
    z = 1.0
    for _ in range(n):
        z = (z + a / z) / 2
    return z

# %% 11.4 wrong: the derivative alone | (value, derivative)
def sqrt_with_rule(a, n):
    z = 1.0
    for _ in range(n):
        z = (z + a / z) / 2
    return 1 / (2 * z)

# %% 11.4 wrong: in the other order | changed places
def sqrt_with_rule(a, n):
    z = 1.0
    for _ in range(n):
        z = (z + a / z) / 2
    return 1 / (2 * z), z

# %% 11.4 wrong: how a step moves | how a step moves
def sqrt_with_rule(a, n):
    z = 1.0
    for _ in range(n):
        z = (z + a / z) / 2
    return z, 0.5 * (1 - a / (z * z))

# %% 11.4 wrong: nothing returned | Which equation does z satisfy
def sqrt_with_rule(a, n):
    z = 1.0
    for _ in range(n):
        z = (z + a / z) / 2
    dz = 1 / (2 * z)

# %% 11.4 wrong: integers | Which equation does z satisfy
def sqrt_with_rule(a, n):
    z = 1
    for _ in range(n):
        z = (z + a // z) // 2
    return z, 1 / (2 * z)

# %% 11.4 wrong: unrolled, and a step too few | print z after each step
def sqrt_with_rule(a, n):
    z, dz = 1.0, 0.0
    for _ in range(n - 1):
        z, dz = (z + a / z) / 2, (dz + (z - a * dz) / z**2) / 2
    return z, dz

# %% 11.4 wrong: the factor, of an exact root | And in your derivative: An exact
def sqrt_with_rule(a, n):
    z = 1.0
    for _ in range(n):
        z = (z + a / z) / 2
    return z, 1 / a**0.5
