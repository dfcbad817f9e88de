# ruff: noqa
# Answers to assignment 9 as students write them, one a block: right ones by different routes, and wrong ones with words
# of the hint that each must meet.

# %% 9.1 right: one forward sweep of the package
def hvp(grad, x, v):
    import adcourse
    value, tangent = adcourse.jvp(grad, x, v)
    return tangent

# %% 9.1 right: a dual number of arrays
def hvp(grad, x, v):
    from adcourse import Dual
    return grad(Dual(x, v)).tangent

# %% 9.1 right: along a line
def hvp(grad, x, v):
    import adcourse
    return adcourse.derivative(lambda t: grad(x + t * v))(0.0)

# %% 9.1 right: the complex step, as a list
def hvp(grad, x, v):
    return [float(y.imag) / 1e-40 for y in grad(x + 1e-40j * v)]

# %% 9.1 right: reverse over reverse, as seed 1 has it
def hvp(grad, x, v):
    import adcourse
    return adcourse.grad(lambda x: np.vdot(grad(x), v))(x)

# %% 9.1 right: dual numbers of one's own, in a list
def hvp(grad, x, v):
    class Pair:
        __slots__ = ("a", "b")
        def __init__(self, a, b=0.0):
            self.a, self.b = a, b
        def __add__(self, o):
            o = o if isinstance(o, Pair) else Pair(o)
            return Pair(self.a + o.a, self.b + o.b)
        def __mul__(self, o):
            o = o if isinstance(o, Pair) else Pair(o)
            return Pair(self.a * o.a, self.a * o.b + self.b * o.a)
        def __neg__(self):
            return self * -1
        def __sub__(self, o):
            return self + -1 * (o if isinstance(o, Pair) else Pair(o))
        def __rsub__(self, o):
            return Pair(o) + -self
        def __truediv__(self, o):
            o = o if isinstance(o, Pair) else Pair(o)
            return Pair(self.a / o.a, (self.b - self.a / o.a * o.b) / o.a)
        def __rtruediv__(self, o):
            return Pair(o) / self
        def exp(self):
            return Pair(np.exp(self.a), np.exp(self.a) * self.b)
        def cos(self):
            return Pair(np.cos(self.a), -np.sin(self.a) * self.b)
        __radd__, __rmul__ = __add__, __mul__
    return [y.b for y in grad([Pair(a, b) for a, b in zip(x, v)])]

# %% 9.1 right: looks at the gradient first
def hvp(grad, x, v):
    import adcourse
    g = grad(x)
    assert g.shape == v.shape
    return adcourse.linearize(grad, x)[1](v)

# %% 9.1 wrong: a difference of gradients | difference quotient of gradients
def hvp(grad, x, v):
    h = 1e-6
    return (grad(x + h * v) - grad(x)) / h

# %% 9.1 wrong: a central difference | difference quotient of gradients
def hvp(grad, x, v):
    h = 1e-4 / np.linalg.norm(v)
    return (grad(x + h * v) - grad(x - h * v)) / (2 * h)

# %% 9.1 wrong: the best central difference | difference quotient of gradients
def hvp(grad, x, v):
    h = 6e-6
    return (grad(x + h * v) - grad(x - h * v)) / (2 * h)

# %% 9.1 wrong: the full Hessian of the package | all columns of the Hessian
def hvp(grad, x, v):
    import adcourse
    return adcourse.jacobian(grad)(x) @ v

# %% 9.1 wrong: the full Hessian, all columns at once | all columns of the Hessian
def hvp(grad, x, v):
    import adcourse
    return v @ adcourse.vmap(lambda e: adcourse.jvp(grad, x, e)[1])(np.eye(len(x)))

# %% 9.1 wrong: the full Hessian in reverse | all columns of the Hessian
def hvp(grad, x, v):
    import adcourse
    return adcourse.jacobian(grad, mode="reverse")(x).T @ v

# %% 9.1 wrong: the full Hessian, column by column | all columns of the Hessian
def hvp(grad, x, v):
    import adcourse
    H = np.array([adcourse.jvp(grad, x, e)[1] for e in np.eye(len(x))])
    return H @ v

# %% 9.1 wrong: the value, not the tangent | the value and the tangent
def hvp(grad, x, v):
    import adcourse
    return adcourse.jvp(grad, x, v)[0]

# %% 9.1 wrong: both | Two arrays came back
def hvp(grad, x, v):
    import adcourse
    return adcourse.jvp(grad, x, v)

# %% 9.1 wrong: gradient times v | does anything in your code move
def hvp(grad, x, v):
    return grad(x) * v

# %% 9.1 wrong: the slope along v | One number came back
def hvp(grad, x, v):
    return np.dot(grad(x), v)

# %% 9.1 wrong: point and direction exchanged | changed places
def hvp(grad, x, v):
    import adcourse
    return adcourse.jvp(grad, v, x)[1]

# %% 9.1 wrong: v afterwards | comes in afterwards
def hvp(grad, x, v):
    import adcourse
    return adcourse.jvp(grad, x, np.ones(len(x)))[1] * v

# %% 9.1 wrong: a direction of length 1 | of length 1
def hvp(grad, x, v):
    import adcourse
    return adcourse.jvp(grad, x, v / np.sqrt(v @ v))[1]

# %% 9.1 wrong: curvature along v | One number came back
def hvp(grad, x, v):
    import adcourse
    return v @ adcourse.jvp(grad, x, v)[1]

# %% 9.1 wrong: a whole v away | a whole v away
def hvp(grad, x, v):
    return grad(x + v) - grad(x)

# %% 9.1 wrong: first derivatives alone | first derivatives alone
def hvp(grad, x, v):
    g = grad(x)
    return np.outer(g, g) @ v

# %% 9.1 wrong: the sign | wrong sign
def hvp(grad, x, v):
    import adcourse
    return -adcourse.jvp(grad, x, v)[1]

# %% 9.1 wrong: x is moved | belong to the caller
def hvp(grad, x, v):
    import adcourse
    product = adcourse.jvp(grad, x, v)[1]
    x += 1e-3 * v
    return product

# %% 9.1 wrong: nothing returned | jvp(grad f, x, v)
def hvp(grad, x, v):
    import adcourse
    adcourse.jvp(grad, x, v)

# %% 9.1 wrong: half of it, by a quotient | difference quotient of gradients
def hvp(grad, x, v):
    return (grad(x + 1e-6 * v) - grad(x)) / 2e-6

# %% 9.2 right: first fit
def colour_columns(S):
    colours = []
    for j in range(S.shape[1]):
        taken = {colours[k] for k in range(j) if (S[:, j] & S[:, k]).any()}
        c = 0
        while c in taken:
            c += 1
        colours.append(c)
    return colours

# %% 9.2 right: the package
def colour_columns(S):
    import adcourse
    return adcourse.colour_columns(S)

# %% 9.2 right: groups, with the rows that each has used
def colour_columns(S):
    used, out = [], np.zeros(S.shape[1], dtype=int)
    for j in range(S.shape[1]):
        for c, rows in enumerate(used):
            if not np.any(rows & S[:, j]):
                break
        else:
            c = len(used)
            used.append(np.zeros(len(S), dtype=bool))
        used[c] |= S[:, j]
        out[j] = c
    return out

# %% 9.2 right: the table of meetings, largest first
def colour_columns(S):
    T = S.astype(int)
    meet = T.T @ T > 0
    np.fill_diagonal(meet, False)
    colours = [-1] * S.shape[1]
    for j in sorted(range(S.shape[1]), key=lambda j: -meet[j].sum()):
        near = {colours[k] for k in np.flatnonzero(meet[j])}
        colours[j] = min(c for c in range(S.shape[1]) if c not in near)
    return tuple(colours)

# %% 9.2 right: one colour after the other, counted from 1
def colour_columns(S):
    left, colours, c = set(range(S.shape[1])), {}, 0
    while left:
        c += 1
        rows = set()
        for j in sorted(left):
            mine = set(np.flatnonzero(S[:, j]))
            if not rows & mine:
                rows |= mine
                colours[j] = c
        left -= set(colours)
    return np.array([colours[j] for j in range(S.shape[1])])

# %% 9.2 right: bits of integers
def colour_columns(S):
    masks = [sum(1 << int(i) for i in np.flatnonzero(column)) for column in S.T]
    groups, colours = [], []
    for mask in masks:
        c = next((c for c, group in enumerate(groups) if not group & mask), len(groups))
        if c == len(groups):
            groups.append(0)
        groups[c] |= mask
        colours.append(float(c))
    return colours

# %% 9.2 wrong: one colour a column | no two columns meet
def colour_columns(S):
    return np.arange(S.shape[1])

# %% 9.2 wrong: the matrix as a graph | look at row 1
def colour_columns(S):
    m, n = S.shape
    colours = np.zeros(n, dtype=int)
    for j in range(n):
        near = {colours[k] for k in range(j) if (j < m and S[j, k]) or (k < m and S[k, j])}
        while colours[j] in near:
            colours[j] += 1
    return colours

# %% 9.2 wrong: the matrix as a graph, square only | whether row j has an entry
def colour_columns(S):
    colours = []
    for j in range(S.shape[1]):
        near = [colours[k] for k in range(j) if S[j, k]]
        colours.append(next(c for c in range(j + 1) if c not in near))
    return colours

# %% 9.2 wrong: rows | coloured the rows
def colour_columns(S):
    colours = []
    for i in range(S.shape[0]):
        taken = {colours[k] for k in range(i) if np.any(S[i] & S[k])}
        colours.append(next(c for c in range(i + 1) if c not in taken))
    return colours

# %% 9.2 wrong: only the column before | the one before it alone
def colour_columns(S):
    colours = [0]
    for j in range(1, S.shape[1]):
        meets = np.any(S[:, j] & S[:, j - 1])
        colours.append(1 if meets and colours[-1] == 0 else 0)
    return colours

# %% 9.2 wrong: the other way round | The other way round
def colour_columns(S):
    colours = []
    for j in range(S.shape[1]):
        taken = {colours[k] for k in range(j) if not np.any(S[:, j] & S[:, k])}
        colours.append(next(c for c in range(j + 1) if c not in taken))
    return colours

# %% 9.2 wrong: counted through | whatever the pattern
def colour_columns(S):
    return [j % 3 for j in range(S.shape[1])]

# %% 9.2 wrong: all the same | sums of whole rows
def colour_columns(S):
    return [0] * S.shape[1]

# %% 9.2 wrong: compared with the first of each colour | joined since
def colour_columns(S):
    first, colours = {}, []
    for j in range(S.shape[1]):
        c = 0
        while c in first and np.any(S[:, j] & S[:, first[c]]):
            c += 1
        first.setdefault(c, j)
        colours.append(c)
    return colours

# %% 9.2 wrong: never goes back | Only the newest colour
def colour_columns(S):
    rows, c, colours = np.zeros(len(S), dtype=bool), 0, []
    for j in range(S.shape[1]):
        if np.any(rows & S[:, j]):
            c, rows = c + 1, np.zeros(len(S), dtype=bool)
        rows = rows | S[:, j]
        colours.append(c)
    return colours

# %% 9.2 wrong: the number of colours | colour of each column
def colour_columns(S):
    return int(S.sum(axis=1).max())

# %% 9.2 wrong: groups of columns | whole number for each column
def colour_columns(S):
    groups = []
    for j in range(S.shape[1]):
        for group in groups:
            if not any(np.any(S[:, j] & S[:, k]) for k in group):
                group.append(j)
                break
        else:
            groups.append([j])
    return groups if len(groups) > 1 else [groups, []]

# %% 9.2 wrong: no two neighbours of neighbours, either | more sweeps than needed
def colour_columns(S):
    T = S.astype(int)
    near = np.linalg.matrix_power(T.T @ T, 2) > 0
    colours = []
    for j in range(S.shape[1]):
        taken = {colours[k] for k in range(j) if near[j, k]}
        colours.append(next(c for c in range(j + 1) if c not in taken))
    return colours

# %% 9.2 wrong: halves | whole number
def colour_columns(S):
    return [0.5 * j for j in range(S.shape[1])]

# %% 9.2 wrong: only the last row that both have | 
def colour_columns(S):
    last = [max(np.flatnonzero(column)) for column in S.T]
    colours = []
    for j in range(S.shape[1]):
        taken = {colours[k] for k in range(j) if last[k] == last[j]}
        colours.append(next(c for c in range(j + 1) if c not in taken))
    return colours

# %% 9.3 right: all columns of a colour at once
def compressed_jacobian(jvp, S, colours):
    J = np.zeros(S.shape)
    for c in np.unique(colours):
        v = (colours == c).astype(float)
        J += np.where(S & (colours == c), jvp(v)[:, None], 0)
    return J

# %% 9.3 right: entry by entry, into lists
def compressed_jacobian(jvp, S, colours):
    products = {int(c): jvp([float(d == c) for d in colours]) for c in set(colours)}
    m, n = S.shape
    return [[products[int(colours[j])][i] if S[i, j] else 0.0 for j in range(n)] for i in range(m)]

# %% 9.3 right: a matrix of seeds, and the places of the pattern
def compressed_jacobian(jvp, S, colours):
    seeds = np.eye(colours.max() + 1)[colours]
    compressed = np.column_stack([jvp(v) for v in seeds.T])
    rows, columns = np.nonzero(S)
    J = np.zeros(S.shape)
    J[rows, columns] = compressed[rows, colours[columns]]
    return J

# %% 9.3 right: columns in turn, each product kept
def compressed_jacobian(jvp, S, colours):
    kept, columns = {}, []
    for j, c in enumerate(colours):
        if c not in kept:
            kept[c] = np.asarray(jvp(1 * (colours == c)))
        columns.append(kept[c] * S[:, j])
    return np.transpose(columns)

# %% 9.3 wrong: no mask | with the entries of the others in it
def compressed_jacobian(jvp, S, colours):
    J = np.zeros(S.shape)
    for c in range(colours.max() + 1):
        product = jvp((colours == c).astype(float))
        for j in np.where(colours == c)[0]:
            J[:, j] = product
    return J

# %% 9.3 wrong: a product a column | from one product for each column
def compressed_jacobian(jvp, S, colours):
    return np.array([jvp(e) for e in np.eye(S.shape[1])]).T

# %% 9.3 wrong: a product a column, masked | from one product for each column
def compressed_jacobian(jvp, S, colours):
    J = np.zeros(S.shape)
    for j in range(S.shape[1]):
        v = np.array([float(c == colours[j]) for c in colours])
        J[:, j] = np.where(S[:, j], jvp(v), 0)
    return J

# %% 9.3 wrong: on its side | lies on its side
def compressed_jacobian(jvp, S, colours):
    J = np.zeros(S.shape[::-1])
    for c in set(colours):
        product = jvp(1.0 * (colours == c))
        for i, j in zip(*np.nonzero(S)):
            if colours[j] == c:
                J[j, i] = product[i]
    return J

# %% 9.3 wrong: truth values | keeps truth values
def compressed_jacobian(jvp, S, colours):
    J = np.zeros_like(S)
    for c in set(colours):
        product = jvp(1.0 * (colours == c))
        for i, j in zip(*np.nonzero(S)):
            if colours[j] == c:
                J[i, j] = product[i]
    return J

# %% 9.3 wrong: compressed | compressed Jacobian
def compressed_jacobian(jvp, S, colours):
    return np.array([jvp((colours == c).astype(float)) for c in range(max(colours) + 1)]).T

# %% 9.3 wrong: all columns move | the sum of its row
def compressed_jacobian(jvp, S, colours):
    J = np.zeros(S.shape)
    for c in range(max(colours) + 1):
        J[:, colours == c] = (S * jvp(np.ones(S.shape[1]))[:, None])[:, colours == c]
    return J

# %% 9.3 wrong: added to the whole pattern | the sum of its row
def compressed_jacobian(jvp, S, colours):
    return sum(S * jvp(1.0 * (colours == c))[:, None] for c in set(colours))

# %% 9.3 wrong: the last colour is left out | last colour stay empty
def compressed_jacobian(jvp, S, colours):
    J = np.zeros(S.shape)
    for c in range(max(colours)):
        J += S * (colours == c) * jvp(1.0 * (colours == c))[:, None]
    return J

# %% 9.3 wrong: argmax | argmax of a row
def compressed_jacobian(jvp, S, colours):
    J = np.zeros(S.shape)
    for c in range(max(colours) + 1):
        product = jvp(1.0 * (colours == c))
        where = (S & (colours == c)).argmax(axis=1)
        J[np.arange(len(S)), where] = product
    return J

# %% 9.3 wrong: a unit vector for each colour | c is a colour
def compressed_jacobian(jvp, S, colours):
    J = np.zeros(S.shape)
    for c in range(max(colours) + 1):
        J += S * (colours == c) * jvp(np.eye(S.shape[1])[c])[:, None]
    return J

# %% 9.3 wrong: several seeds in one matrix | only one column of a colour
def compressed_jacobian(jvp, S, colours):
    seeds = np.eye(max(colours) + 1)[colours]
    return S * jvp(seeds)[:, colours]

# %% 9.3 wrong: colour of the row | number of the row
def compressed_jacobian(jvp, S, colours):
    products = [jvp(1.0 * (colours == c)) for c in range(max(colours) + 1)]
    n = len(colours)
    return [[products[colours[i % n]][i] * S[i, j] for j in range(n)] for i in range(len(S))]

# %% 9.3 wrong: a look at the first product once more | more products than there are colours
def compressed_jacobian(jvp, S, colours):
    m = len(jvp(np.zeros(S.shape[1])))
    J = np.zeros((m, S.shape[1]))
    for c in np.unique(colours):
        J += S * (colours == c) * jvp(1.0 * (colours == c))[:, None]
    return J

# %% 9.3 wrong: half the entries | half as large
def compressed_jacobian(jvp, S, colours):
    J = np.zeros(S.shape)
    for c in np.unique(colours):
        J += S * (colours == c) * jvp(0.5 * (colours == c))[:, None]
    return J

# %% 9.4 right: conjugate gradients
def newton_cg(hvp, g, tol=1e-10):
    p, r = np.zeros_like(g), -g
    d = r.copy()
    while np.linalg.norm(r) > tol * np.linalg.norm(g):
        q = hvp(d)
        a = (r @ r) / (d @ q)
        p = p + a * d
        new = r - a * q
        d = new + (new @ new) / (r @ r) * d
        r = new
    return p

# %% 9.4 right: n steps at most, an absolute tolerance, lists
def newton_cg(hvp, g, tol=1e-10):
    n = len(g)
    p, r, d = [0.0] * n, [-x for x in g], [-x for x in g]
    rr = sum(x * x for x in r)
    for _ in range(n + 1):
        if rr**0.5 <= tol:
            break
        q = hvp(d)
        a = rr / sum(x * y for x, y in zip(d, q))
        p = [x + a * y for x, y in zip(p, d)]
        r = [x - a * y for x, y in zip(r, q)]
        rr, old = sum(x * x for x in r), rr
        d = [x + rr / old * y for x, y in zip(r, d)]
    return p

# %% 9.4 right: Polak and Ribiere, from a first product, residual with the other sign
def newton_cg(hvp, g, tol=1e-10):
    p = np.zeros(g.size)
    r = hvp(p) + g
    d = -r
    while max(abs(r)) > tol:
        q = hvp(d)
        a = -(r @ d) / (d @ q)
        p += a * d
        old, r = r, r + a * q
        d = -r + (r @ (r - old)) / (old @ old) * d
    return p

# %% 9.4 right: conjugate to all directions before (Arnoldi's way)
def newton_cg(hvp, g, tol=1e-10):
    p, r, before = np.zeros(len(g)), -np.array(g), []
    while np.linalg.norm(r) > tol * np.linalg.norm(g):
        d = r.copy()
        for e, He in before:
            d -= (d @ He) / (e @ He) * e
        q = np.array(hvp(d))
        before.append((d, q))
        a = (r @ d) / (d @ q)
        p, r = p + a * d, r - a * q
    return p

# %% 9.4 right: SciPy
def newton_cg(hvp, g, tol=1e-10):
    from scipy.sparse.linalg import LinearOperator, cg
    H = LinearOperator((len(g), len(g)), matvec=lambda v: hvp(np.ravel(v)), dtype=float)
    return cg(H, -g, rtol=tol)[0]

# %% 9.4 wrong: uphill | goes downhill
def newton_cg(hvp, g, tol=1e-10):
    p, r = np.zeros_like(g), g.copy()
    d = r.copy()
    while np.linalg.norm(r) > tol * np.linalg.norm(g):
        q = hvp(d)
        a = (r @ r) / (d @ q)
        p = p + a * d
        new = r - a * q
        d = new + (new @ new) / (r @ r) * d
        r = new
    return p

# %% 9.4 wrong: steepest descent | steepest descent
def newton_cg(hvp, g, tol=1e-10):
    p, r = np.zeros(len(g)), -g
    while r @ r > (tol * np.linalg.norm(g)) ** 2:
        Hr = hvp(r)
        a = (r @ r) / (r @ Hr)
        p += a * r
        r = r - a * Hr
    return p

# %% 9.4 wrong: the whole matrix | the whole matrix was built
def newton_cg(hvp, g, tol=1e-10):
    H = np.array([hvp(e) for e in np.eye(len(g))])
    return -np.linalg.solve(H, g)

# %% 9.4 wrong: the residual anew in each step | two products in each step
def newton_cg(hvp, g, tol=1e-10):
    p, r = np.zeros(len(g)), -g
    d = r
    while np.linalg.norm(r) > tol * np.linalg.norm(g):
        rr = r @ r
        p = p + rr / (d @ hvp(d)) * d
        r = -g - hvp(p)
        d = r + (r @ r) / rr * d
    return p

# %% 9.4 wrong: beta upside down | how much of the old direction
def newton_cg(hvp, g, tol=1e-10):
    p, r = np.zeros(len(g)), -g
    d = r
    for _ in range(len(g)):
        if np.linalg.norm(r) <= tol * np.linalg.norm(g):
            break
        q = hvp(d)
        a = (r @ r) / (d @ q)
        p, new = p + a * d, r - a * q
        d, r = new + (r @ r) / (new @ new) * d, new
    return p

# %% 9.4 wrong: H is missing in the step | one step must arrive
def newton_cg(hvp, g, tol=1e-10):
    p, r = np.zeros(len(g)), -g
    d = r
    while np.linalg.norm(r) > tol * np.linalg.norm(g):
        q = hvp(d)
        a = (r @ r) / (d @ d)
        p, new = p + a * d, r - a * q
        d, r = new + (new @ new) / (r @ r) * d, new
    return p

# %% 9.4 wrong: n steps without a look | divides 0 by 0
def newton_cg(hvp, g, tol=1e-10):
    p, r = np.zeros(len(g)), -g
    d = r
    for _ in range(len(g)):
        q = hvp(d)
        a = (r @ r) / (d @ q)
        p, new = p + a * d, r - a * q
        d, r = new + (new @ new) / (r @ r) * d, new
    return p

# %% 9.4 wrong: the square against tol | the square of the residual
def newton_cg(hvp, g, tol=1e-10):
    p, r = np.zeros(len(g)), -g
    d, rr = r, g @ g
    while rr > tol:
        q = hvp(d)
        a = rr / (d @ q)
        p, r = p + a * d, r - a * q
        rr, old = r @ r, rr
        d = r + rr / old * d
    return p

# %% 9.4 wrong: tol is not used | tol is not looked at
def newton_cg(hvp, g, tol=1e-10):
    p, r = np.zeros(len(g)), -g
    d, rr = r, g @ g
    while rr > 1e-20:
        q = hvp(d)
        a = rr / (d @ q)
        p, r = p + a * d, r - a * q
        rr, old = r @ r, rr
        d = r + rr / old * d
    return p

# %% 9.4 wrong: the residual is never moved | one step must arrive
def newton_cg(hvp, g, tol=1e-10):
    p, r = np.zeros(len(g)), -g
    d, rr = r, g @ g
    for _ in range(len(g)):
        q = hvp(d)
        a = rr / (d @ q)
        p = p + a * d
        rr, old = r @ r, rr
        d = r + rr / old * d
    return p

# %% 9.4 wrong: the gradient's direction | gradient descent
def newton_cg(hvp, g, tol=1e-10):
    return -1 * g

# %% 9.4 wrong: multiplied | You multiply by H
def newton_cg(hvp, g, tol=1e-10):
    return hvp(-g)

# %% 9.4 wrong: never ends | one step must arrive
def newton_cg(hvp, g, tol=1e-10):
    p = np.zeros(len(g))
    while True:
        p = p - 0.01 * (hvp(p) + g)

# %% 9.4 wrong: the residual comes back | which both vanish
def newton_cg(hvp, g, tol=1e-10):
    p, r = np.zeros(len(g)), -g
    d = r
    while np.linalg.norm(r) > tol * np.linalg.norm(g):
        q = hvp(d)
        a = (r @ r) / (d @ q)
        p, new = p + a * d, r - a * q
        d, r = new + (new @ new) / (r @ r) * d, new
    return r

# %% 9.4 wrong: a matrix of vectors | one product per iteration
def newton_cg(hvp, g, tol=1e-10):
    return np.linalg.solve(hvp(np.eye(len(g))), -g)

# %% 9.5 right: one probe after the other
def hutchinson(hvp, n, m, rng):
    total = 0.0
    for _ in range(m):
        z = rng.choice([-1.0, 1.0], size=n)
        total += z @ hvp(z)
    return total / m

# %% 9.5 right: all draws at once
def hutchinson(hvp, n, m, rng):
    Z = 2 * rng.integers(0, 2, size=(m, n)) - 1
    return np.mean([z @ hvp(z) for z in Z])

# %% 9.5 right: the signs of Gaussian numbers
def hutchinson(hvp, n, m, rng):
    values = []
    for _ in range(m):
        z = np.sign(rng.standard_normal(n))
        values.append(np.dot(z, hvp(z)))
    return sum(values) / len(values)

# %% 9.5 right: lists and coins, a running mean
def hutchinson(hvp, n, m, rng):
    estimate = 0.0
    for k in range(m):
        z = [1.0 if rng.random() < 0.5 else -1.0 for _ in range(n)]
        estimate += (sum(a * b for a, b in zip(z, hvp(z))) - estimate) / (k + 1)
    return float(estimate)

# %% 9.5 wrong: Gaussian | Gaussian probes
def hutchinson(hvp, n, m, rng):
    return np.mean([z @ hvp(z) for z in rng.standard_normal((m, n))])

# %% 9.5 wrong: Gaussian, one by one | Gaussian probes
def hutchinson(hvp, n, m, rng):
    total = 0
    for _ in range(m):
        z = rng.normal(0, 1, n)
        total += z.dot(hvp(z))
    return total / m

# %% 9.5 wrong: zeros and ones | Probes with zeros
def hutchinson(hvp, n, m, rng):
    return np.mean([z @ hvp(z) for z in (rng.random((m, n)) < 0.5).astype(float)])

# %% 9.5 wrong: uniform | between -1 and 1
def hutchinson(hvp, n, m, rng):
    total = 0
    for _ in range(m):
        z = 2 * rng.random(n) - 1
        total += z @ hvp(z)
    return total / m

# %% 9.5 wrong: of length one | n times too small
def hutchinson(hvp, n, m, rng):
    Z = rng.choice([-1, 1], size=(m, n)) / np.sqrt(n)
    return sum(z @ hvp(z) for z in Z) / m

# %% 9.5 wrong: the sum | doesn't grow with m
def hutchinson(hvp, n, m, rng):
    return sum(z @ hvp(z) for z in rng.choice([-1.0, 1.0], size=(m, n)))

# %% 9.5 wrong: divided by n | The mean is over m
def hutchinson(hvp, n, m, rng):
    return sum(z @ hvp(z) for z in rng.choice([-1.0, 1.0], size=(m, n))) / n

# %% 9.5 wrong: one probe for all | only one of your probes counts
def hutchinson(hvp, n, m, rng):
    z = rng.choice([-1.0, 1.0], size=n)
    return np.mean([z @ hvp(z) for _ in range(m)])

# %% 9.5 wrong: mirrored | nothing new
def hutchinson(hvp, n, m, rng):
    values = []
    for k in range(m):
        z = rng.choice([-1.0, 1.0], size=n) if k % 2 == 0 else -z
        values.append(z @ hvp(z))
    return np.mean(values)

# %% 9.5 wrong: the exact trace | exact trace, from n products
def hutchinson(hvp, n, m, rng):
    return sum(hvp(e)[i] for i, e in enumerate(np.eye(n)))

# %% 9.5 wrong: a generator of its own | same each time
def hutchinson(hvp, n, m, rng):
    rng = np.random.default_rng(42)
    return np.mean([z @ hvp(z) for z in rng.choice([-1.0, 1.0], size=(m, n))])

# %% 9.5 wrong: the old generator of NumPy | nobody can repeat a run
def hutchinson(hvp, n, m, rng):
    return np.mean([z @ hvp(z) for z in np.random.choice([-1.0, 1.0], size=(m, n))])

# %% 9.5 wrong: one sign for all entries | the same sign
def hutchinson(hvp, n, m, rng):
    return np.mean([z @ hvp(z) for z in rng.choice([-1.0, 1.0], size=(m, 1)) * np.ones(n)])

# %% 9.5 wrong: without z on the left | turns every sign back
def hutchinson(hvp, n, m, rng):
    return np.mean([np.sum(hvp(z)) for z in rng.choice([-1.0, 1.0], size=(m, n))])

# %% 9.5 wrong: the diagonal | A vector came back
def hutchinson(hvp, n, m, rng):
    return np.mean([z * hvp(z) for z in rng.choice([-1.0, 1.0], size=(m, n))], axis=0)

# %% 9.5 wrong: unit vectors at random | one axis at a time
def hutchinson(hvp, n, m, rng):
    total = 0
    for _ in range(m):
        i = rng.integers(n)
        total += n * hvp(np.eye(n)[i])[i]
    return total / m

# %% 9.5 wrong: two products for each probe | Count your products
def hutchinson(hvp, n, m, rng):
    Z = rng.choice([-1.0, 1.0], size=(m, n))
    return np.mean([z @ hvp(z) / 2 - z @ hvp(-z) / 2 for z in Z])

# %% 9.5 wrong: a matrix of probes | E[z z^T]
def hutchinson(hvp, n, m, rng):
    Z = rng.choice([-1.0, 1.0], size=(n, m))
    return np.sum(Z * hvp(Z)) / m

# %% 9.5 wrong: the median | only one of your probes counts
def hutchinson(hvp, n, m, rng):
    return np.median([z @ hvp(z) for z in rng.choice([-1.0, 1.0], size=(m, n))])
