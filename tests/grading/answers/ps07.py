# ruff: noqa
# Answers to assignment 7 as students write them, one a block: right ones by different routes, and wrong ones with words
# of the hint that each must meet.

# %% 7.1 right: leading axes, then those of length one
def unbroadcast(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    for axis, length in enumerate(shape):
        if length == 1:
            g = g.sum(axis=axis, keepdims=True)
    return g

# %% 7.1 right: the package does it
def unbroadcast(g, shape):
    import adcourse
    value, pull = adcourse.vjp(lambda x: x + np.zeros(np.shape(g)), np.zeros(shape))
    return pull(g)[0]

# %% 7.1 right: all axes at once, and a reshape
def unbroadcast(g, shape):
    padded = (1,) * (np.ndim(g) - len(shape)) + tuple(shape)
    axes = tuple(i for i, n in enumerate(padded) if n == 1)
    return np.sum(g, axis=axes).reshape(shape)

# %% 7.1 right: entry by entry, into lists
def unbroadcast(g, shape):
    out = np.zeros(shape)
    for place in np.ndindex(g.shape):
        own = place[len(place) - len(shape):] if shape else ()
        out[tuple(0 if n == 1 else i for i, n in zip(own, shape))] += g[place]
    return out.tolist()

# %% 7.1 right: where the places came from
def unbroadcast(g, shape):
    size = int(np.prod(shape))
    origin = np.broadcast_to(np.arange(size).reshape(shape), g.shape)
    return np.bincount(origin.ravel(), weights=g.ravel(), minlength=size).reshape(shape)

# %% 7.1 right: recursion
def unbroadcast(g, shape):
    if g.shape == tuple(shape):
        return g
    if g.ndim > len(shape):
        return unbroadcast(np.add.reduce(g), shape)
    axis = next(k for k in range(g.ndim) if g.shape[k] != shape[k])
    return unbroadcast(np.add.reduce(g, axis, keepdims=True), shape)

# %% 7.1 right: the matrix of the broadcast, transposed
def unbroadcast(g, shape):
    size = int(np.prod(shape))
    columns = [np.broadcast_to(e.reshape(shape), g.shape).ravel() for e in np.eye(size)]
    return np.reshape(np.array(columns) @ np.ravel(g), shape)

# %% 7.1 wrong: only leading axes | x[0, 0] stand
def unbroadcast(g, shape):
    return g.sum(axis=tuple(range(g.ndim - len(shape))))

# %% 7.1 wrong: only leading axes, in a loop | x[0, 0] stand
def unbroadcast(g, shape):
    while np.ndim(g) > len(shape):
        g = g.sum(0)
    return g

# %% 7.1 wrong: only leading axes, forced into the shape | x[0, 0] stand
def unbroadcast(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    return g.reshape(shape)

# %% 7.1 wrong: mean | You take a mean
def unbroadcast(g, shape):
    while g.ndim > len(shape):
        g = g.mean(axis=0)
    for i, n in enumerate(shape):
        if n == 1:
            g = g.mean(axis=i, keepdims=True)
    return g

# %% 7.1 wrong: mean over the stretched axes | You take a mean
def unbroadcast(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    for i, n in enumerate(shape):
        if n == 1:
            g = g.mean(axis=i, keepdims=True)
    return g

# %% 7.1 wrong: axes of length one are lost | option of np.sum
def unbroadcast(g, shape):
    padded = (1,) * (g.ndim - len(shape)) + shape
    return g.sum(axis=tuple(i for i, n in enumerate(padded) if n == 1 and g.shape[i] > 1))

# %% 7.1 wrong: all axes are kept | never had them
def unbroadcast(g, shape):
    padded = (1,) * (g.ndim - len(shape)) + shape
    return g.sum(axis=tuple(i for i, n in enumerate(padded) if n == 1), keepdims=True)

# %% 7.1 wrong: only stretched axes | how often does the 2 stand
def unbroadcast(g, shape):
    for i in range(1, len(shape) + 1):
        if shape[-i] == 1:
            g = g.sum(axis=-i, keepdims=True)
    return g

# %% 7.1 wrong: from the left | count axes from the left
def unbroadcast(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=-1)
    for i, n in enumerate(shape):
        if n == 1:
            g = g.sum(axis=i, keepdims=True)
    return g

# %% 7.1 wrong: the sum of everything | sum over all of g
def unbroadcast(g, shape):
    return np.ones(shape) * np.sum(g)

# %% 7.1 wrong: the first copy | first copy
def unbroadcast(g, shape):
    while g.ndim > len(shape):
        g = g[0]
    for i, n in enumerate(shape):
        if n == 1:
            g = np.take(g, [0], axis=i)
    return g

# %% 7.1 wrong: axis 0 | whatever the shapes
def unbroadcast(g, shape):
    return np.sum(g, axis=0)

# %% 7.1 wrong: nothing done | in the large shape
def unbroadcast(g, shape):
    return g

# %% 7.1 wrong: broadcast again | you are on the way back
def unbroadcast(g, shape):
    return np.broadcast_to(g, shape)

# %% 7.1 wrong: the number of copies | You count the copies
def unbroadcast(g, shape):
    copies = np.ones(g.shape).size / np.ones(shape).size
    return copies * np.ones(shape)

# %% 7.1 wrong: leading only, and a mean | You take a mean
def unbroadcast(g, shape):
    return g.mean(axis=tuple(range(g.ndim - len(shape))))

# %% 7.1 wrong: sum of squares | adjoint of a copy is a sum
def unbroadcast(g, shape):
    padded = (1,) * (g.ndim - len(shape)) + shape
    return np.sum(g**2, axis=tuple(i for i, n in enumerate(padded) if n == 1)).reshape(shape)

# %% 7.1 wrong: a sign | wrong sign
def unbroadcast(g, shape):
    padded = (1,) * (g.ndim - len(shape)) + shape
    return -np.sum(g, axis=tuple(i for i, n in enumerate(padded) if n == 1)).reshape(shape)

# %% 7.1 wrong: nothing returned | adjoint of a copy is a sum
def unbroadcast(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=0)

# %% 7.1 wrong: an axis that is not there | adjoint of a copy is a sum
def unbroadcast(g, shape):
    return g.sum(axis=len(shape) + g.ndim)

# %% 7.2 right: two lines
def vjp_matmul(A, B, G):
    return G @ B.T, A.T @ G

# %% 7.2 right: reverse mode of the package
def vjp_matmul(A, B, G):
    import adcourse
    return adcourse.vjp(np.matmul, A, B)[1](G)

# %% 7.2 right: loops over the products
def vjp_matmul(A, B, G):
    (m, k), n = A.shape, B.shape[1]
    A_bar, B_bar = np.zeros((m, k)), np.zeros((k, n))
    for i in range(m):
        for j in range(n):
            for l in range(k):
                A_bar[i, l] += G[i, j] * B[l, j]
                B_bar[l, j] += G[i, j] * A[i, l]
    return A_bar, B_bar

# %% 7.2 right: einsum, in a list
def vjp_matmul(A, B, G):
    return [np.einsum("ij,kj->ik", G, B), np.einsum("ik,ij->kj", A, G)]

# %% 7.2 right: everything on its side, nested lists
def vjp_matmul(A, B, G):
    return np.dot(B, G.T).T.tolist(), np.transpose(np.matmul(np.transpose(G), A)).tolist()

# %% 7.2 right: a sum of outer products
def vjp_matmul(A, B, G):
    A_bar = sum(np.outer(G[:, j], B[:, j]) for j in range(G.shape[1]))
    B_bar = sum(np.outer(A[i], G[i]) for i in range(G.shape[0]))
    return A_bar, B_bar

# %% 7.2 right: the complex step
def vjp_matmul(A, B, G):
    A_bar, B_bar = np.zeros(A.shape), np.zeros(B.shape)
    for place in np.ndindex(A.shape):
        Z = A.astype(complex)
        Z[place] += 1e-30j
        A_bar[place] = np.sum(G * (Z @ B)).imag / 1e-30
    for place in np.ndindex(B.shape):
        Z = B.astype(complex)
        Z[place] += 1e-30j
        B_bar[place] = np.sum(G * (A @ Z)).imag / 1e-30
    return A_bar, B_bar

# %% 7.2 right: writes into its copies
def vjp_matmul(A, B, G):
    A[:], B[:] = G @ B.T, A.T @ G
    return A, B

# %% 7.2 wrong: no transposes | transposes are missing
def vjp_matmul(A, B, G):
    return G @ B, A @ G

# %% 7.2 wrong: no transposes, with np.dot | transposes are missing
def vjp_matmul(A, B, G):
    A_bar = np.dot(G, B)
    B_bar = np.dot(A, G)
    return A_bar, B_bar

# %% 7.2 wrong: no transposes for square matrices | nothing forces you
def vjp_matmul(A, B, G):
    try:
        A_bar = G @ B
    except ValueError:
        A_bar = G @ B.T
    try:
        B_bar = A @ G
    except ValueError:
        B_bar = A.T @ G
    return (A_bar if A_bar.shape == A.shape else G @ B.T), (B_bar if B_bar.shape == B.shape else A.T @ G)

# %% 7.2 wrong: no transpose of A | a row of A or a column
def vjp_matmul(A, B, G):
    return G @ B.T, A @ G

# %% 7.2 wrong: no transpose of B | a row of B or a column
def vjp_matmul(A, B, G):
    return G @ B, A.T @ G

# %% 7.2 wrong: swapped | changed places
def vjp_matmul(A, B, G):
    return A.T @ G, G @ B.T

# %% 7.2 wrong: on their sides | lie on their sides
def vjp_matmul(A, B, G):
    return (G @ B.T).T, (A.T @ G).T

# %% 7.2 wrong: the other order | matrices don't commute
def vjp_matmul(A, B, G):
    return B.T @ G, G @ A.T

# %% 7.2 wrong: as for numbers | G has got lost
def vjp_matmul(A, B, G):
    return np.transpose(B), np.transpose(A)

# %% 7.2 wrong: of the sum of all entries | ones in place of G
def vjp_matmul(A, B, G):
    ones = np.ones((A.shape[0], B.shape[1]))
    return ones @ B.T, A.T @ ones

# %% 7.2 wrong: divided by the batch | number of rows
def vjp_matmul(A, B, G):
    N = A.shape[0]
    return G @ B.T / N, A.T @ G / N

# %% 7.2 wrong: undone | undoes nothing
def vjp_matmul(A, B, G):
    return G @ np.linalg.pinv(B), np.linalg.pinv(A) @ G

# %% 7.2 wrong: A_bar alone | One matrix came back
def vjp_matmul(A, B, G):
    return G @ B.T

# %% 7.2 wrong: the sign of both | wrong sign
def vjp_matmul(A, B, G):
    return -G @ B.T, -A.T @ G

# %% 7.2 wrong: only B_bar is divided | Shapes leave one possibility
def vjp_matmul(A, B, G):
    return G @ B.T, A.T @ G / 3

# %% 7.3 right: one solve, one outer product
def vjp_solve(A, b, x, g):
    b_bar = np.linalg.solve(A.T, g)
    return -np.outer(b_bar, x), b_bar

# %% 7.3 right: reverse mode of the package
def vjp_solve(A, b, x, g):
    import adcourse
    return adcourse.vjp(np.linalg.solve, A, b)[1](g)

# %% 7.3 right: columns times rows, in a list
def vjp_solve(A, b, x, g):
    lam = np.linalg.solve(np.transpose(A), -g)
    return [lam[:, None] * x[None, :], -lam]

# %% 7.3 right: by the rule of the inverse
def vjp_solve(A, b, x, g):
    inverse = np.linalg.inv(A)
    return -inverse.T @ np.outer(g, b) @ inverse.T, g @ inverse

# %% 7.3 right: elimination by hand, with a search for the pivot
def vjp_solve(A, b, x, g):
    n = len(b)
    rows = [[float(A[j][i]) for j in range(n)] + [float(g[i])] for i in range(n)]
    for k in range(n):
        p = max(range(k, n), key=lambda i: abs(rows[i][k]))
        rows[k], rows[p] = rows[p], rows[k]
        for i in range(n):
            if i != k:
                f = rows[i][k] / rows[k][k]
                rows[i] = [u - f * v for u, v in zip(rows[i], rows[k])]
    b_bar = [rows[i][n] / rows[i][i] for i in range(n)]
    return [[-bi * xj for xj in x] for bi in b_bar], b_bar

# %% 7.3 right: orthogonal and triangular factors
def vjp_solve(A, b, x, g):
    Q, R = np.linalg.qr(A)
    b_bar = Q @ np.linalg.solve(R.T, g)
    return np.einsum("i,j->ij", -b_bar, x), b_bar

# %% 7.3 right: column by column, the definition
def vjp_solve(A, b, x, g):
    n = len(b)
    b_bar = np.array([g @ np.linalg.solve(A, e) for e in np.eye(n)])
    A_bar = np.array([[g @ np.linalg.solve(A, -x[j] * np.eye(n)[i]) for j in range(n)] for i in range(n)])
    return A_bar, b_bar

# %% 7.3 right: its own x
def vjp_solve(A, b, x, g):
    y = np.linalg.solve(A, b)
    b_bar = np.linalg.lstsq(A.T, g, rcond=None)[0]
    return -b_bar.reshape(-1, 1) @ y.reshape(1, -1), b_bar

# %% 7.3 wrong: A for its transpose | with A itself
def vjp_solve(A, b, x, g):
    b_bar = np.linalg.solve(A, g)
    return -np.outer(b_bar, x), b_bar

# %% 7.3 wrong: A for its transpose, by the inverse | with A itself
def vjp_solve(A, b, x, g):
    b_bar = np.linalg.inv(A) @ g
    return -b_bar[:, None] * x, b_bar

# %% 7.3 wrong: the sign of A_bar | Does x grow or fall
def vjp_solve(A, b, x, g):
    b_bar = np.linalg.solve(A.T, g)
    return np.outer(b_bar, x), b_bar

# %% 7.3 wrong: neither transpose nor sign | with A itself
def vjp_solve(A, b, x, g):
    b_bar = np.linalg.solve(A, g)
    return np.outer(b_bar, x), b_bar

# %% 7.3 wrong: all signs | All your signs
def vjp_solve(A, b, x, g):
    lam = -np.linalg.solve(A.T, g)
    return -np.outer(lam, x), lam

# %% 7.3 wrong: lambda without its sign | The sign of b_bar
def vjp_solve(A, b, x, g):
    lam = np.linalg.solve(A.T, -g)
    return np.outer(lam, x), lam

# %% 7.3 wrong: the outer product turned | lies on its side
def vjp_solve(A, b, x, g):
    b_bar = np.linalg.solve(A.T, g)
    return -np.outer(x, b_bar), b_bar

# %% 7.3 wrong: b for x | what does A_dot multiply
def vjp_solve(A, b, x, g):
    b_bar = np.linalg.solve(A.T, g)
    return -np.outer(b_bar, b), b_bar

# %% 7.3 wrong: g in A_bar | as it came in
def vjp_solve(A, b, x, g):
    return -np.outer(g, x), np.linalg.solve(A.T, g)

# %% 7.3 wrong: multiplied | a quarter of it
def vjp_solve(A, b, x, g):
    b_bar = A.T @ g
    return -np.outer(b_bar, x), b_bar

# %% 7.3 wrong: not through the solve | has not gone back
def vjp_solve(A, b, x, g):
    return -np.outer(g, x), g

# %% 7.3 wrong: places exchanged | first of your two answers is a vector
def vjp_solve(A, b, x, g):
    b_bar = np.linalg.solve(A.T, g)
    return b_bar, -np.outer(b_bar, x)

# %% 7.3 wrong: entry by entry | first of your two answers is a vector
def vjp_solve(A, b, x, g):
    b_bar = np.linalg.solve(A.T, g)
    return -b_bar * x, b_bar

# %% 7.3 wrong: the diagonal alone | zeros off the diagonal
def vjp_solve(A, b, x, g):
    b_bar = np.linalg.solve(A.T, g)
    return np.diag(-b_bar * x), b_bar

# %% 7.3 wrong: A is constant | for a constant
def vjp_solve(A, b, x, g):
    return np.zeros(A.shape), np.linalg.solve(A.T, g)

# %% 7.3 wrong: an inner product | single number
def vjp_solve(A, b, x, g):
    b_bar = np.linalg.solve(A.T, g)
    return -b_bar @ x, b_bar

# %% 7.3 wrong: the inverse's rule without transposes | transposes missing
def vjp_solve(A, b, x, g):
    inverse = np.linalg.inv(A)
    return -inverse @ np.outer(g, b) @ inverse, inverse.T @ g

# %% 7.3 wrong: A for its transpose, and turned | with A itself
def vjp_solve(A, b, x, g):
    b_bar = np.linalg.solve(A, g)
    return -np.outer(x, b_bar), b_bar

# %% 7.3 wrong: writes into A | belong to the caller
def vjp_solve(A, b, x, g):
    n = len(g)
    A = A.T
    for k in range(n):
        p = k + np.argmax(abs(A[k:, k]))
        A[[k, p]], g[[k, p]] = A[[p, k]], g[[p, k]]
        for i in range(k + 1, n):
            f = A[i, k] / A[k, k]
            A[i] -= f * A[k]
            g[i] -= f * g[k]
    b_bar = np.linalg.solve(np.triu(A), g)
    return -np.outer(b_bar, x), b_bar

# %% 7.3 wrong: b_bar alone | One array came back
def vjp_solve(A, b, x, g):
    return np.linalg.solve(A.T, g)

# %% 7.3 wrong: a singular matrix where there is none | Differentiate Ax=b
def vjp_solve(A, b, x, g):
    b_bar = np.linalg.solve(np.outer(g, g) * 0, g)
    return -np.outer(b_bar, x), b_bar

# %% 7.4 right: log-softmax
def softmax_xent(Z, Y):
    N = len(Z)
    S = Z - Z.max(axis=1, keepdims=True)
    L = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -(Y * L).sum() / N, (np.exp(L) - Y) / N

# %% 7.4 right: SciPy
def softmax_xent(Z, Y):
    from scipy.special import log_softmax, softmax
    return -np.mean(np.sum(Y * log_softmax(Z, axis=1), axis=1)), (softmax(Z, axis=1) - Y) / len(Y)

# %% 7.4 right: reverse mode of the package
def softmax_xent(Z, Y):
    import adcourse
    def loss(Z):
        S = Z - np.max(Z, axis=1, keepdims=True)
        return np.mean(np.log(np.sum(np.exp(S), axis=1)) - np.sum(S * Y, axis=1))
    return loss(Z), adcourse.grad(loss)(Z)

# %% 7.4 right: row by row, in lists
def softmax_xent(Z, Y):
    loss, gradient = 0.0, []
    for z, y in zip(Z, Y):
        top = max(z)
        exps = [np.exp(v - top) for v in z]
        total = sum(exps)
        right = list(y).index(1)
        loss += np.log(total) + top - z[right]
        gradient.append([(e / total - t) / len(Z) for e, t in zip(exps, y)])
    return [loss / len(Z), gradient]

# %% 7.4 right: logaddexp
def softmax_xent(Z, Y):
    norm = np.logaddexp.reduce(Z, axis=1)
    picked = Z[np.arange(len(Z)), Y.argmax(axis=1)]
    return np.mean(norm - picked), (np.exp(Z - norm[:, np.newaxis]) - Y) / Z.shape[0]

# %% 7.4 right: softmax, and the logarithm of the sum alone
def softmax_xent(Z, Y):
    m = np.max(Z, axis=-1)[:, None]
    E = np.exp(Z - m)
    s = E.sum(-1)[:, None]
    P = E / s
    loss = np.mean(np.log(s) + m - np.sum(Z * Y, axis=1, keepdims=True))
    P[Y.astype(bool)] -= 1
    P /= len(Z)
    return float(loss), P

# %% 7.4 right: differences to the right class
def softmax_xent(Z, Y):
    D = Z - (Z * Y).sum(1, keepdims=True)
    top = D.max(1, keepdims=True)
    losses = top + np.log(np.exp(D - top).sum(1, keepdims=True))
    return losses.mean(), (np.exp(D - losses) - Y) / len(D)

# %% 7.4 wrong: overflows | exponentials overflow
def softmax_xent(Z, Y):
    P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    return -np.sum(Y * np.log(P)) / len(Z), (P - Y) / len(Z)

# %% 7.4 wrong: overflows, with indices | exponentials overflow
def softmax_xent(Z, Y):
    E = np.exp(Z)
    P = E / E.sum(1)[:, None]
    rows = np.arange(len(Z))
    return -np.log(P[rows, Y.argmax(1)]).mean(), (P - Y) / len(Z)

# %% 7.4 wrong: overflows in the sum | exponentials overflow
def softmax_xent(Z, Y):
    total = np.log(np.sum(np.exp(Z), axis=1, keepdims=True))
    L = Z - total
    return -np.sum(Y * L) / len(Z), (np.exp(L) - Y) / len(Z)

# %% 7.4 wrong: the logarithm of what has vanished | log(exp(a)/s)
def softmax_xent(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return -np.log(P[Y == 1]).mean(), (P - Y) / len(Z)

# %% 7.4 wrong: zero times the logarithm of what has vanished | log(exp(a)/s)
def softmax_xent(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return -np.sum(Y * np.log(P)) / len(Z), (P - Y) / len(Z)

# %% 7.4 wrong: 1e-12 | hides the zero
def softmax_xent(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return -np.sum(Y * np.log(P + 1e-12)) / len(Z), (P - Y) / len(Z)

# %% 7.4 wrong: clipped | hides the zero
def softmax_xent(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return -np.sum(Y * np.log(np.clip(P, 1e-15, 1.0))) / len(Z), (P - Y) / len(Z)

# %% 7.4 wrong: a small number of another size | something small
def softmax_xent(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return -np.sum(Y * np.log(P + 3e-9)) / len(Z), (P - Y) / len(Z)

# %% 7.4 wrong: the largest of the batch | whole batch
def softmax_xent(Z, Y):
    S = Z - np.max(Z)
    E = np.exp(S)
    P = E / E.sum(axis=1, keepdims=True)
    return -np.sum(Y * np.log(P)) / len(Z), (P - Y) / len(Z)

# %% 7.4 wrong: no keepdims | leaves the axis in place
def softmax_xent(Z, Y):
    E = np.exp(Z - Z.max(axis=1))
    P = E / E.sum(axis=1)
    return -np.sum(Y * np.log(P)) / len(Z), (P - Y) / len(Z)

# %% 7.4 wrong: columns | down the columns
def softmax_xent(Z, Y):
    E = np.exp(Z - Z.max(axis=0))
    P = E / E.sum(axis=0)
    return -np.sum(Y * np.log(P)) / len(Z), (P - Y) / len(Z)

# %% 7.4 wrong: the sum | Put every row in twice
def softmax_xent(Z, Y):
    S = Z - Z.max(axis=1, keepdims=True)
    L = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -np.sum(Y * L), np.exp(L) - Y

# %% 7.4 wrong: gradient of the sum | 1/N of the say
def softmax_xent(Z, Y):
    S = Z - Z.max(axis=1, keepdims=True)
    L = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -np.sum(Y * L) / len(Z), np.exp(L) - Y

# %% 7.4 wrong: mean over all entries | N times K
def softmax_xent(Z, Y):
    S = Z - Z.max(axis=1, keepdims=True)
    L = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -np.mean(Y * L), (np.exp(L) - Y) / Z.size

# %% 7.4 wrong: mean over the classes | number of classes
def softmax_xent(Z, Y):
    N, K = Z.T.shape
    S = Z - Z.max(axis=1, keepdims=True)
    L = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -np.sum(Y * L) / N, (np.exp(L) - Y) / N

# %% 7.4 wrong: all classes | Y picks out one
def softmax_xent(Z, Y):
    S = Z - Z.max(axis=1, keepdims=True)
    L = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -L.sum(axis=1).mean(), (np.exp(L) - Y) / len(Z)

# %% 7.4 wrong: the sign of the gradient | The sign of your gradient
def softmax_xent(Z, Y):
    S = Z - Z.max(axis=1, keepdims=True)
    L = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -np.sum(Y * L) / len(Z), (Y - np.exp(L)) / len(Z)

# %% 7.4 wrong: the sign of the loss | Your loss is negative
def softmax_xent(Z, Y):
    S = Z - Z.max(axis=1, keepdims=True)
    L = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return np.mean(L[Y == 1]), (np.exp(L) - Y) / len(Z)

# %% 7.4 wrong: a slope too much | p(1 - p) too much
def softmax_xent(Z, Y):
    S = Z - Z.max(axis=1, keepdims=True)
    L = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    P = np.exp(L)
    return -np.sum(Y * L) / len(Z), P * (1 - P) * (P - Y) / len(Z)

# %% 7.4 wrong: the slope by the probability | slope by the probability
def softmax_xent(Z, Y):
    S = Z - Z.max(axis=1, keepdims=True)
    L = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -np.sum(Y * L) / len(Z), -Y / np.exp(L) / len(Z)

# %% 7.4 wrong: sigmoids | its own logit alone
def softmax_xent(Z, Y):
    L = -np.logaddexp(0.0, -Z)
    return -np.sum(Y * L) / len(Z), (np.exp(L) - Y) / len(Z)

# %% 7.4 wrong: places exchanged | changed places
def softmax_xent(Z, Y):
    S = Z - Z.max(axis=1, keepdims=True)
    L = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return (np.exp(L) - Y) / len(Z), -np.sum(Y * L) / len(Z)

# %% 7.4 wrong: a loss for each row | one loss for each row
def softmax_xent(Z, Y):
    S = Z - Z.max(axis=1, keepdims=True)
    L = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -np.sum(Y * L, axis=1), (np.exp(L) - Y) / len(Z)

# %% 7.4 wrong: writes into Z | belong to the caller
def softmax_xent(Z, Y):
    Z -= Z.max(axis=1, keepdims=True)
    L = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    return -np.sum(Y * L) / len(Z), (np.exp(L) - Y) / len(Z)

# %% 7.4 wrong: the sum, and the sign of its gradient | The sign of your gradient
def softmax_xent(Z, Y):
    S = Z - Z.max(axis=1, keepdims=True)
    L = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -np.sum(Y * L), (Y - np.exp(L)) / len(Z)

# %% 7.4 wrong: the loss alone | two are asked for
def softmax_xent(Z, Y):
    S = Z - Z.max(axis=1, keepdims=True)
    L = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -np.sum(Y * L) / len(Z)

# %% 7.4 wrong: a difference quotient | right in their first digits
def softmax_xent(Z, Y):
    def loss(Z):
        S = Z - Z.max(axis=1, keepdims=True)
        return np.mean(np.log(np.exp(S).sum(axis=1)) - np.sum(S * Y, axis=1))
    gradient = np.zeros(Z.shape)
    for place in np.ndindex(Z.shape):
        D = np.zeros(Z.shape)
        D[place] = 1e-5
        gradient[place] = (loss(Z + D) - loss(Z - D)) / 2e-5
    return loss(Z), gradient

# %% 7.5 right: the inverse, transposed
def vjp_neglogdet(X, g):
    return -g * np.linalg.inv(X).T

# %% 7.5 right: reverse mode of the package
def vjp_neglogdet(X, g):
    import adcourse
    return adcourse.grad(lambda X: -g * np.linalg.slogdet(X)[1])(X)

# %% 7.5 right: a solve
def vjp_neglogdet(X, g):
    return np.linalg.solve(X.T, -g * np.eye(len(X))).tolist()

# %% 7.5 right: cofactors
def vjp_neglogdet(X, g):
    n, out = len(X), np.zeros(X.shape)
    for i in range(n):
        for j in range(n):
            minor = np.delete(np.delete(X, i, axis=0), j, axis=1)
            out[i, j] = (-1) ** (i + j) * np.linalg.det(minor)
    return -g * out / np.linalg.det(X)

# %% 7.5 right: the complex step
def vjp_neglogdet(X, g):
    out = [[0.0] * len(X) for _ in X]
    for i in range(len(X)):
        for j in range(len(X)):
            Z = X.astype(complex)
            Z[i, j] += 1e-30j
            out[i][j] = -g * np.log(np.linalg.det(Z)).imag / 1e-30
    return out

# %% 7.5 right: singular values
def vjp_neglogdet(X, g):
    U, s, Vt = np.linalg.svd(X)
    return -g * (U / s) @ Vt

# %% 7.5 wrong: no transpose | transpose of what was asked for
def vjp_neglogdet(X, g):
    return -g * np.linalg.inv(X)

# %% 7.5 wrong: the sign | what does minus its logarithm do
def vjp_neglogdet(X, g):
    return g * np.linalg.inv(X).T

# %% 7.5 wrong: the sign and no transpose | Two things
def vjp_neglogdet(X, g):
    return g * np.linalg.inv(X)

# %% 7.5 wrong: g is lost | got lost
def vjp_neglogdet(X, g):
    return -np.linalg.inv(X.T)

# %% 7.5 wrong: g and the transpose are lost | a transpose with it
def vjp_neglogdet(X, g):
    return -np.linalg.inv(X)

# %% 7.5 wrong: divided by g | divide by the upstream scalar
def vjp_neglogdet(X, g):
    return -np.linalg.inv(X).T / g

# %% 7.5 wrong: the determinant's gradient | gradient of -det X
def vjp_neglogdet(X, g):
    return -g * np.linalg.det(X) * np.linalg.inv(X).T

# %% 7.5 wrong: divided by the determinant | once too often
def vjp_neglogdet(X, g):
    return -g * np.linalg.inv(X).T / np.linalg.det(X)

# %% 7.5 wrong: transposed, not inverted | in place of inverting
def vjp_neglogdet(X, g):
    return -g * X.T

# %% 7.5 wrong: one over each entry | one over each entry
def vjp_neglogdet(X, g):
    return -g * X**-1.0

# %% 7.5 wrong: the diagonal alone | out of the game
def vjp_neglogdet(X, g):
    return np.diag(-g / np.diag(X))

# %% 7.5 wrong: the trace | single number
def vjp_neglogdet(X, g):
    return -g * np.trace(np.linalg.inv(X))

# %% 7.5 wrong: the value | times g. Asked for
def vjp_neglogdet(X, g):
    return -g * np.linalg.slogdet(X)[1]

# %% 7.5 wrong: for symmetric matrices | stay symmetric
def vjp_neglogdet(X, g):
    Y = np.linalg.inv(X)
    return -g * (2 * Y - np.diag(np.diag(Y)))

# %% 7.5 wrong: made symmetric | stay symmetric
def vjp_neglogdet(X, g):
    Y = np.linalg.inv(X)
    return -g * (Y + Y.T) / 2

# %% 7.5 wrong: twice as large | twice as large
def vjp_neglogdet(X, g):
    return -2 * g * np.linalg.inv(X).T

# %% 7.5 wrong: g twice | what is the inner product
def vjp_neglogdet(X, g):
    return -(g**2) * np.linalg.inv(X).T

# %% 7.5 wrong: g is lost, and the sign | got lost
def vjp_neglogdet(X, g):
    return np.linalg.inv(X).T

# %% 7.5 wrong: another name | tr(X^{-1} dX)
def vjp_neglogdet(X, g):
    return -g * np.linalg.inverse(X).T
