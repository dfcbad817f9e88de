# ruff: noqa
# Answers to assignment 13 as students write them, one a block: right ones by different routes, and wrong ones with words
# of the hint that each must meet.

# %% 13.1 right: the complex step, coordinate by coordinate
def force(V, q):
    F = np.zeros(q.shape)
    for i in np.ndindex(q.shape):
        z = np.array(q, dtype=complex)
        z[i] += 1e-40j
        F[i] = -V(z).imag / 1e-40
    return F

# %% 13.1 right: reverse mode
def force(V, q):
    import adcourse
    return -adcourse.grad(V)(q)

# %% 13.1 right: a pullback of -1
def force(V, q):
    import adcourse
    value, pullback = adcourse.vjp(V, q)
    return pullback(-1.0)[0]

# %% 13.1 right: forward mode, a tangent for each coordinate, and a list
def force(V, q):
    import adcourse
    F = [-adcourse.jvp(V, q, e.reshape(q.shape))[1] for e in np.eye(q.size)]
    return np.reshape(F, q.shape).tolist()

# %% 13.1 right: the gradient of -V
def force(V, q):
    import adcourse
    energy, slope = adcourse.value_and_grad(lambda x: -V(x))(q)
    return slope

# %% 13.1 right: a dual number at a time
def force(V, q):
    from adcourse import Dual
    F = np.empty(q.shape)
    for k in range(q.size):
        e = np.zeros(q.size)
        e[k] = 1.0
        F.flat[k] = -V(Dual(q, e.reshape(q.shape))).tangent
    return F

# %% 13.1 wrong: the gradient, as seed 2 says | which way does it roll
def force(V, q):
    F = np.zeros(q.shape)
    for i in np.ndindex(q.shape):
        z = np.array(q, dtype=complex)
        z[i] += 1e-40j
        F[i] = V(z).imag / 1e-40
    return F

# %% 13.1 wrong: uphill, by the package | which way does it roll
def force(V, q):
    import adcourse
    return adcourse.grad(V)(q)

# %% 13.1 wrong: flattened | form has been lost
def force(V, q):
    import adcourse
    return -np.ravel(adcourse.grad(V)(q))

# %% 13.1 wrong: at least one dimension | form has been lost
def force(V, q):
    import adcourse
    return [-x for x in np.atleast_1d(adcourse.grad(V)(q))]

# %% 13.1 wrong: a central difference | difference quotient
def force(V, q):
    F, h = np.zeros(q.shape), 1e-5
    for i in np.ndindex(q.shape):
        e = np.zeros(q.shape)
        e[i] = h
        F[i] = (V(q - e) - V(q + e)) / (2 * h)
    return F

# %% 13.1 wrong: a forward difference | difference quotient
def force(V, q):
    F, h = np.zeros(q.shape), 1e-7
    for i in np.ndindex(q.shape):
        e = np.zeros(q.shape)
        e[i] = h
        F[i] = -(V(q + e) - V(q)) / h
    return F

# %% 13.1 wrong: one tangent of ones | all coordinates together
def force(V, q):
    import adcourse
    return -adcourse.jvp(V, q, np.ones_like(q))[1]

# %% 13.1 wrong: a step of all coordinates at once | all coordinates together
def force(V, q):
    h = 1e-30
    return -np.imag(V(q + 1j * h)) / h * np.ones(q.shape)

# %% 13.1 wrong: minus the energy | how high the ball lies
def force(V, q):
    return -V(q)

# %% 13.1 wrong: both | force alone
def force(V, q):
    import adcourse
    V0, slope = adcourse.value_and_grad(V)(q)
    return V0, -slope

# %% 13.1 wrong: how strong | Where does it point to
def force(V, q):
    import adcourse
    return np.linalg.norm(np.ravel(adcourse.grad(V)(q)))

# %% 13.1 wrong: on its side | lies on its side
def force(V, q):
    import adcourse
    return -np.transpose(adcourse.grad(V)(q))

# %% 13.1 wrong: the resultant | Newton's third law
def force(V, q):
    import adcourse
    F = -adcourse.grad(V)(q)
    return F if F.ndim == 0 else F.sum(0)

# %% 13.1 wrong: to each only half | feel its force in full
def force(V, q):
    import adcourse
    return -0.5 * adcourse.grad(V)(q)

# %% 13.1 wrong: a step downhill | not the place
def force(V, q):
    import adcourse
    return q + -adcourse.grad(V)(q)

# %% 13.1 wrong: the particles are moved | belongs to the caller
def force(V, q):
    import adcourse
    F = -adcourse.grad(V)(q)
    q += 0.01 * F
    return F

# %% 13.1 wrong: nothing returned | Which way does a ball roll
def force(V, q):
    import adcourse
    -adcourse.grad(V)(q)

# %% 13.1 wrong: twice the force | twice as large
def force(V, q):
    import adcourse
    return -2 * adcourse.grad(V)(q)

# %% 13.1 right: the Jacobian
def force(V, q):
    import adcourse

    return -1 * adcourse.jacobian(V)(q)

# %% 13.1 wrong: a function for its value | is a function, too
def force(V, q):
    import adcourse

    return -adcourse.grad(V)

# %% 13.1 wrong: as if there were a tuple | that of the first alone
def force(V, q):
    import adcourse

    return -adcourse.grad(V)(q)[0]

# %% 13.2 right: the complex step inside of a central difference
def lagrangian_acceleration(L, q, v):
    n = len(q)
    def slope(x, y, k):
        z = np.concatenate([x, y]).astype(complex)
        z[k] += 1e-40j
        return L(z[:n], z[n:]).imag / 1e-40
    def second(k, d):
        h = 1e-5
        a, b = d[:n] * h, d[n:] * h
        return (slope(q + a, v + b, k) - slope(q - a, v - b, k)) / (2 * h)
    E = np.eye(2 * n)
    M = [[second(n + i, E[n + j]) for j in range(n)] for i in range(n)]
    turned = [sum(second(n + i, E[j]) * v[j] for j in range(n)) for i in range(n)]
    right = [slope(q, v, i) - turned[i] for i in range(n)]
    return np.linalg.solve(M, right).tolist()

# %% 13.2 right: hyper-dual numbers of one's own
def lagrangian_acceleration(L, q, v):
    class H:
        __slots__ = ("a", "b", "c", "d")
        def __init__(self, a, b=0.0, c=0.0, d=0.0):
            self.a, self.b, self.c, self.d = a, b, c, d
        def lift(self, f, f1, f2):
            return H(f, f1 * self.b, f1 * self.c, f1 * self.d + f2 * self.b * self.c)
        def __add__(self, o):
            o = o if isinstance(o, H) else H(o)
            return H(self.a + o.a, self.b + o.b, self.c + o.c, self.d + o.d)
        def __mul__(self, o):
            o = o if isinstance(o, H) else H(o)
            return H(self.a * o.a, self.a * o.b + self.b * o.a, self.a * o.c + self.c * o.a,
                     self.a * o.d + self.b * o.c + self.c * o.b + self.d * o.a)
        __radd__, __rmul__ = __add__, __mul__
        def __neg__(self):
            return self * -1.0
        def __sub__(self, o):
            return self + -1.0 * o
        def __rsub__(self, o):
            return -self + o
        def __pow__(self, n):
            return self.lift(self.a**n, n * self.a ** (n - 1), n * (n - 1) * self.a ** (n - 2))
        def __truediv__(self, o):
            return self * (o**-1.0 if isinstance(o, H) else 1 / o)
        def __rtruediv__(self, o):
            return o * self**-1.0
        def cos(self):
            return self.lift(np.cos(self.a), -np.sin(self.a), -np.cos(self.a))
        def sin(self):
            return self.lift(np.sin(self.a), np.cos(self.a), -np.sin(self.a))
        def sqrt(self):
            return self.lift(self.a**0.5, 0.5 * self.a**-0.5, -0.25 * self.a**-1.5)
    n = len(q)
    def both(i, j):
        z = [H(float(x), float(k == i), float(k == j)) for k, x in enumerate([*q, *v])]
        return L(z[:n], z[n:])
    M = np.array([[both(n + i, n + j).d for j in range(n)] for i in range(n)])
    C = np.array([[both(n + i, j).d for j in range(n)] for i in range(n)])
    return np.linalg.solve(M, [both(i, i).b for i in range(n)] - C @ v)

# %% 13.2 right: gradients of gradients
def lagrangian_acceleration(L, q, v):
    import adcourse
    momentum = adcourse.grad(L, 1)
    masses = adcourse.jacobian(lambda v: momentum(q, v))(v)
    moved = adcourse.jvp(lambda q: momentum(q, v), q, v)[1]
    return np.linalg.solve(masses, adcourse.grad(L)(q, v) - moved)

# %% 13.2 right: blocks of one Hessian
def lagrangian_acceleration(L, q, v):
    import adcourse
    n, z = len(q), np.concatenate([q, v])
    f = lambda z: L(z[:n], z[n:])
    H = adcourse.hessian(f)(z)
    return np.linalg.inv(H[n:, n:]) @ (adcourse.grad(f)(z)[:n] - H[n:, :n] @ v)

# %% 13.2 right: forward over forward, in lists
def lagrangian_acceleration(L, q, v):
    import adcourse
    n = len(q)
    E = np.eye(n)
    p = lambda q, v: [adcourse.jvp(lambda w: L(q, w), v, e)[1] for e in E]
    C = [adcourse.jvp(lambda x: p(x, v)[i], q, v)[1] for i in range(n)]
    M = [[adcourse.jvp(lambda w: p(q, w)[i], v, e)[1] for e in E] for i in range(n)]
    F = [adcourse.jvp(lambda x: L(x, v), q, e)[1] for e in E]
    return np.linalg.solve(M, np.subtract(F, C))

# %% 13.2 right: along the motion with a = 0, by one direction for both
def lagrangian_acceleration(L, q, v):
    import adcourse
    rate = adcourse.jvp(adcourse.grad(L, 1), (q, v), (v, np.zeros_like(v)))[1]
    M = np.stack([adcourse.jvp(adcourse.grad(L, 1), (q, v), (0 * q, e))[1] for e in np.eye(len(v))])
    return np.linalg.lstsq(M, adcourse.grad(L, 0)(q, v) - rate, rcond=None)[0]

# %% 13.2 wrong: the mixed term forgotten, bare | changes for two reasons
def lagrangian_acceleration(L, q, v):
    n, h = len(q), 1e-5
    def slope(x, y, k):
        z = np.concatenate([x, y]).astype(complex)
        z[k] += 1e-40j
        return L(z[:n], z[n:]).imag / 1e-40
    M = [[(slope(q, v + h * e, n + i) - slope(q, v - h * e, n + i)) / (2 * h) for e in np.eye(n)] for i in range(n)]
    return np.linalg.solve(M, [slope(q, v, i) for i in range(n)])

# %% 13.2 wrong: the mixed term forgotten | changes for two reasons
def lagrangian_acceleration(L, q, v):
    import adcourse
    masses = adcourse.jacobian(lambda v: adcourse.grad(L, 1)(q, v))(v)
    return np.linalg.solve(masses, adcourse.grad(L)(q, v))

# %% 13.2 wrong: L_qv | stands on its side
def lagrangian_acceleration(L, q, v):
    import adcourse
    p, F = adcourse.grad(L, 1), adcourse.grad(L, 0)
    C = adcourse.jacobian(lambda v: F(q, v))(v)
    return np.linalg.solve(adcourse.jacobian(lambda v: p(q, v))(v), F(q, v) - C @ v)

# %% 13.2 wrong: the transposed block | stands on its side
def lagrangian_acceleration(L, q, v):
    import adcourse
    n = len(q)
    H = adcourse.hessian(lambda z: L(z[:n], z[n:]))(np.concatenate([q, v]))
    return np.linalg.solve(H[n:, n:], adcourse.grad(L)(q, v) - H[:n, n:] @ v)

# %% 13.2 wrong: the sign of the mixed term | on the left of the equation
def lagrangian_acceleration(L, q, v):
    import adcourse
    p = adcourse.grad(L, 1)
    right = adcourse.grad(L)(q, v) + adcourse.jvp(lambda q: p(q, v), q, v)[1]
    return np.linalg.solve(adcourse.jacobian(lambda v: p(q, v))(v), right)

# %% 13.2 wrong: the sign of the force | MINUS potential
def lagrangian_acceleration(L, q, v):
    import adcourse
    p = adcourse.grad(L, 1)
    right = -adcourse.grad(L)(q, v) - adcourse.jvp(lambda q: p(q, v), q, v)[1]
    return np.linalg.solve(adcourse.jacobian(lambda v: p(q, v))(v), right)

# %% 13.2 wrong: no masses | no mass in your answer
def lagrangian_acceleration(L, q, v):
    import adcourse
    return adcourse.grad(L)(q, v) - adcourse.jvp(lambda q: adcourse.grad(L, 1)(q, v), q, v)[1]

# %% 13.2 wrong: only the force | no mass in your answer
def lagrangian_acceleration(L, q, v):
    import adcourse
    return adcourse.grad(L, 0)(q, v)

# %% 13.2 wrong: multiplied by the masses | multiply by the matrix
def lagrangian_acceleration(L, q, v):
    import adcourse
    p = adcourse.grad(L, 1)
    right = adcourse.grad(L)(q, v) - adcourse.jvp(lambda q: p(q, v), q, v)[1]
    return adcourse.jacobian(lambda v: p(q, v))(v) @ right

# %% 13.2 wrong: divided by the diagonal | entry by entry
def lagrangian_acceleration(L, q, v):
    import adcourse
    p = adcourse.grad(L, 1)
    right = adcourse.grad(L)(q, v) - adcourse.jvp(lambda q: p(q, v), q, v)[1]
    return right / np.diag(adcourse.jacobian(lambda v: p(q, v))(v))

# %% 13.2 wrong: divided by a matrix | number for each coordinate
def lagrangian_acceleration(L, q, v):
    import adcourse
    p = adcourse.grad(L, 1)
    return adcourse.jacobian(lambda v: p(q, v))(v)

# %% 13.2 wrong: a tangent of ones for the masses | sums of rows
def lagrangian_acceleration(L, q, v):
    import adcourse
    p = adcourse.grad(L, 1)
    right = adcourse.grad(L)(q, v) - adcourse.jvp(lambda q: p(q, v), q, v)[1]
    return right / adcourse.jvp(lambda v: p(q, v), v, np.ones_like(v))[1]

# %% 13.2 wrong: a Hessian by the positions | differentiates twice by q
def lagrangian_acceleration(L, q, v):
    import adcourse
    n = len(q)
    H = adcourse.hessian(lambda z: L(z[:n], z[n:]))(np.concatenate([q, v]))
    return np.linalg.solve(H[n:, n:], adcourse.grad(L)(q, v) - H[:n, :n] @ v)

# %% 13.2 wrong: the block of the positions for the masses | by velocities
def lagrangian_acceleration(L, q, v):
    import adcourse
    n = len(q)
    H = adcourse.hessian(lambda z: L(z[:n], z[n:]))(np.concatenate([q, v]))
    return np.linalg.solve(H[:n, :n], adcourse.grad(L)(q, v) - H[n:, :n] @ v)

# %% 13.2 wrong: the momentum on the right | time derivative is the left one
def lagrangian_acceleration(L, q, v):
    import adcourse
    p = adcourse.grad(L, 1)
    right = p(q, v) - adcourse.jvp(lambda q: p(q, v), q, v)[1]
    return np.linalg.solve(adcourse.jacobian(lambda v: p(q, v))(v), right)

# %% 13.2 wrong: q moves at speed 1 | How fast does q move
def lagrangian_acceleration(L, q, v):
    import adcourse
    p = adcourse.grad(L, 1)
    right = adcourse.grad(L)(q, v) - adcourse.jvp(lambda q: p(q, v), q, np.ones_like(q))[1]
    return np.linalg.solve(adcourse.jacobian(lambda v: p(q, v))(v), right)

# %% 13.2 wrong: differences of differences | second differences of L
def lagrangian_acceleration(L, q, v):
    n, h = len(q), 1e-4
    z, E = np.concatenate([q, v]), h * np.eye(2 * len(q))
    f = lambda z: L(z[:n], z[n:])
    g = np.array([f(z + e) - f(z - e) for e in E]) / (2 * h)
    H = np.array([[f(z + d + e) - f(z + d - e) - f(z - d + e) + f(z - d - e) for e in E] for d in E]) / (4 * h * h)
    return np.linalg.solve(H[n:, n:], g[:n] - H[n:, :n] @ v)

# %% 13.2 wrong: for a solver of first order | acceleration alone
def lagrangian_acceleration(L, q, v):
    import adcourse
    p = adcourse.grad(L, 1)
    right = adcourse.grad(L)(q, v) - adcourse.jvp(lambda q: p(q, v), q, v)[1]
    return v, np.linalg.solve(adcourse.jacobian(lambda v: p(q, v))(v), right)

# %% 13.2 wrong: one equation for everything | equation of one pendulum
def lagrangian_acceleration(L, q, v):
    return -9.81 * np.sin(q)

# %% 13.2 wrong: v is kept for later, in q | belong to the caller
def lagrangian_acceleration(L, q, v):
    import adcourse
    p = adcourse.grad(L, 1)
    right = adcourse.grad(L)(q, v) - adcourse.jvp(lambda q: p(q, v), q, v)[1]
    a = np.linalg.solve(adcourse.jacobian(lambda v: p(q, v))(v), right)
    v += 0.1 * a
    return a

# %% 13.2 wrong: no masses, and the sign of the mixed term | 
def lagrangian_acceleration(L, q, v):
    import adcourse
    return adcourse.grad(L)(q, v) + adcourse.jvp(lambda q: adcourse.grad(L, 1)(q, v), q, v)[1]

# %% 13.2 right: least squares
def lagrangian_acceleration(L, q, v):
    import adcourse

    p = adcourse.grad(L, 1)
    masses, mixed = adcourse.jacobian(lambda v: p(q, v))(v), adcourse.jacobian(lambda q: p(q, v))(q)
    return np.linalg.lstsq(masses, adcourse.grad(L)(q, v) - mixed @ v, rcond=None)[0]

# %% 13.2 wrong: the mixed term without masses | divided by the masses
def lagrangian_acceleration(L, q, v):
    import adcourse

    p = adcourse.grad(L, 1)
    masses, mixed = adcourse.jacobian(lambda v: p(q, v))(v), adcourse.jacobian(lambda q: p(q, v))(q)
    return np.linalg.solve(masses, adcourse.grad(L)(q, v)) - mixed @ v

# %% 13.2 wrong: q along q | in the direction of q
def lagrangian_acceleration(L, q, v):
    import adcourse

    p = adcourse.grad(L, 1)
    masses = adcourse.jacobian(lambda v: p(q, v))(v)
    return np.linalg.solve(masses, adcourse.grad(L)(q, v) - adcourse.jvp(lambda q: p(q, v), (q,), (q,))[1])

# %% 13.3 right: kicks and drifts, the slope kept
def leapfrog(gradU, q, p, eps, n):
    slope = gradU(q)
    for _ in range(n):
        p = p - eps / 2 * slope
        q = q + eps * p
        slope = gradU(q)
        p = p - eps / 2 * slope
    return q, p

# %% 13.3 right: half kicks at the ends alone
def leapfrog(gradU, q, p, eps, n):
    if n == 0:
        return q, p
    p = p - 0.5 * eps * gradU(q)
    for k in range(n):
        q = q + eps * p
        if k != n - 1:
            p = p - eps * gradU(q)
    return q, p - 0.5 * eps * gradU(q)

# %% 13.3 right: velocity Verlet, in copies, and lists
def leapfrog(gradU, q, p, eps, n):
    q, p = q.copy(), p.copy()
    a = -np.asarray(gradU(q))
    while n > 0:
        q += eps * p + eps * eps / 2 * a
        new = -np.asarray(gradU(q))
        p += eps / 2 * (a + new)
        a, n = new, n - 1
    return [q.tolist(), p.tolist()]

# %% 13.3 right: recursion
def leapfrog(gradU, q, p, eps, n, slope=None):
    if n == 0:
        return q, p
    slope = gradU(q) if slope is None else slope
    half = p - eps / 2 * slope
    q = q + eps * half
    slope = gradU(q)
    return leapfrog(gradU, q, half - eps / 2 * slope, eps, n - 1, slope)

# %% 13.3 right: Størmer's three positions
def leapfrog(gradU, q, p, eps, n):
    if n == 0:
        return q, p
    a, b = q, q + eps * p - eps**2 / 2 * gradU(q)
    for _ in range(n - 1):
        a, b = b, 2 * b - a - eps**2 * gradU(b)
    return b, (b - a) / eps - eps / 2 * gradU(b)

# %% 13.3 wrong: explicit Euler | Explicit Euler
def leapfrog(gradU, q, p, eps, n):
    for _ in range(n):
        q, p = q + eps * p, p - eps * gradU(q)
    return q, p

# %% 13.3 wrong: symplectic Euler | Symplectic Euler, a whole kick
def leapfrog(gradU, q, p, eps, n):
    for _ in range(n):
        p = p - eps * gradU(q)
        q = q + eps * p
    return q, p

# %% 13.3 wrong: symplectic Euler, drift first | Symplectic Euler, the drift
def leapfrog(gradU, q, p, eps, n):
    for _ in range(n):
        q = q + eps * p
        p = p - eps * gradU(q)
    return q, p

# %% 13.3 wrong: half a drift first | Half a drift
def leapfrog(gradU, q, p, eps, n):
    for _ in range(n):
        q = q + eps * p / 2
        p = p - eps * gradU(q)
        q = q + eps * p / 2
    return q, p

# %% 13.3 wrong: two gradients a step | ask for twice
def leapfrog(gradU, q, p, eps, n):
    for _ in range(n):
        p = p - eps / 2 * gradU(q)
        q = q + eps * p
        p = p - eps / 2 * gradU(q)
    return q, p

# %% 13.3 wrong: in the caller's arrays | belong to the caller
def leapfrog(gradU, q, p, eps, n):
    slope = gradU(q)
    for _ in range(n):
        p -= eps / 2 * slope
        q += eps * p
        slope = gradU(q)
        p -= eps / 2 * slope
    return q, p

# %% 13.3 wrong: half kicks everywhere | All your kicks are half
def leapfrog(gradU, q, p, eps, n):
    p = p - (eps / 2 * gradU(q) if n else 0)
    for _ in range(n):
        q = q + eps * p
        p = p - eps / 2 * gradU(q)
    return q, p

# %% 13.3 wrong: the last kick is a whole one | ahead of q
def leapfrog(gradU, q, p, eps, n):
    if n:
        p = p - eps / 2 * gradU(q)
    for _ in range(n):
        q = q + eps * p
        p = p - eps * gradU(q)
    return q, p

# %% 13.3 wrong: the old slope twice | at the old place
def leapfrog(gradU, q, p, eps, n):
    for _ in range(n):
        slope = gradU(q)
        p = p - eps / 2 * slope
        q = q + eps * p
        p = p - eps / 2 * slope
    return q, p

# %% 13.3 wrong: the old momentum drifts | from before the half kick
def leapfrog(gradU, q, p, eps, n):
    slope = gradU(q)
    for _ in range(n):
        half = p - eps / 2 * slope
        q = q + eps * p
        slope = gradU(q)
        p = half - eps / 2 * slope
    return q, p

# %% 13.3 wrong: uphill | uphill
def leapfrog(gradU, q, p, eps, n):
    slope = gradU(q)
    for _ in range(n):
        p = p + eps / 2 * slope
        q = q + eps * p
        slope = gradU(q)
        p = p + eps / 2 * slope
    return q, p

# %% 13.3 wrong: p turned around | sign turned
def leapfrog(gradU, q, p, eps, n):
    slope = gradU(q)
    for _ in range(n):
        p = p - eps / 2 * slope
        q = q + eps * p
        slope = gradU(q)
        p = p - eps / 2 * slope
    return q, -p

# %% 13.3 wrong: p first | changed places
def leapfrog(gradU, q, p, eps, n):
    slope = gradU(q)
    for _ in range(n):
        p = p - eps / 2 * slope
        q = q + eps * p
        slope = gradU(q)
        p = p - eps / 2 * slope
    return p, q

# %% 13.3 wrong: q alone | nobody can go on
def leapfrog(gradU, q, p, eps, n):
    slope = gradU(q)
    for _ in range(n):
        p = p - eps / 2 * slope
        q = q + eps * p
        slope = gradU(q)
        p = p - eps / 2 * slope
    return q

# %% 13.3 wrong: half a kick without a step | half a kick before the loop
def leapfrog(gradU, q, p, eps, n):
    p = p - eps / 2 * gradU(q)
    for k in range(n):
        q = q + eps * p
        p = p - eps * gradU(q) * (0.5 if k == n - 1 else 1)
    return q, p

# %% 13.3 wrong: one step | whatever n is
def leapfrog(gradU, q, p, eps, n):
    if n == 0:
        return q, p
    p = p - eps / 2 * gradU(q)
    q = q + eps * p
    return q, p - eps / 2 * gradU(q)

# %% 13.3 wrong: Runge and Kutta | Runge and Kutta
def leapfrog(gradU, q, p, eps, n):
    f = lambda y: np.array([y[1], -np.asarray(gradU(y[0]))])
    y = np.array([q, p])
    for _ in range(n):
        a = f(y)
        b = f(y + eps / 2 * a)
        c = f(y + eps / 2 * b)
        d = f(y + eps * c)
        y = y + eps / 6 * (a + 2 * b + 2 * c + d)
    return y[0], y[1]

# %% 13.3 wrong: the whole path | all the points
def leapfrog(gradU, q, p, eps, n):
    qs, ps = [q], [p]
    for _ in range(n):
        p = p - eps / 2 * gradU(q)
        q = q + eps * p
        p = p - eps / 2 * gradU(q)
        qs.append(q)
        ps.append(p)
    return np.array(qs), p

# %% 13.3 wrong: slopes of slopes | felt half of the force
def leapfrog(gradU, q, p, eps, n):
    for _ in range(n):
        p = p - eps / 2 * (gradU(q + 1e-7) - gradU(q)) / 1e-7
        q = q + eps * p
    return q, p

# %% 13.3 wrong: never ends | goes on calling gradU
def leapfrog(gradU, q, p, eps, n):
    while n >= 0:
        p = p - eps / 2 * gradU(q)
        q = q + eps * p
    return q, p

# %% 13.3 right: velocity Verlet with accelerations
def leapfrog(gradU, q, p, eps, n):
    a = -gradU(q)
    for _ in range(n):
        q = q + eps * p + eps**2 / 2 * a
        before, a = a, -gradU(q)
        p = p + eps / 2 * (before + a)
    return q, p

# %% 13.3 wrong: eps for all steps together | You divide eps by n
def leapfrog(gradU, q, p, eps, n):
    h, g = eps / max(n, 1), gradU(q)
    for _ in range(n):
        p = p - h / 2 * g
        q = q + h * p
        g = gradU(q)
        p = p - h / 2 * g
    return q, p

# %% 13.4 right: a logarithm against the error
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = np.log(rng.uniform()) < -dH
    return (new, True) if accepted else (q, False)

# %% 13.4 right: a probability, and the copy of q
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.standard_normal(len(q))
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = bool(rng.random() < min(1.0, np.exp(min(0.0, -dH))))
    return (new if accepted else q.copy()), accepted

# %% 13.4 right: half kicks at the ends, an exponential number, NumPy's own truth values
def hmc_step(U, gradU, q, eps, L, rng):
    H = lambda q, p: U(q) + 0.5 * np.sum(p**2)
    p = rng.normal(0.0, 1.0, q.size).reshape(q.shape)
    x, w = np.copy(q), p - eps / 2 * gradU(q)
    for _ in range(L - 1):
        x = x + eps * w
        w = w - eps * gradU(x)
    x = x + eps * w
    w = w - eps / 2 * gradU(x)
    accepted = H(x, w) - H(q, p) < rng.exponential()
    return np.where(accepted, x, q), accepted

# %% 13.4 right: number by number, the uniform one first, p turned around at the end
def hmc_step(U, gradU, q, eps, L, rng):
    u = 1 - rng.random()
    p = [float(rng.standard_normal()) for _ in q]
    x, w = list(q), list(p)
    for _ in range(L):
        w = [b - eps / 2 * g for b, g in zip(w, gradU(np.array(x)))]
        x = [a + eps * b for a, b in zip(x, w)]
        w = [b - eps / 2 * g for b, g in zip(w, gradU(np.array(x)))]
    w = [-b for b in w]
    H0 = U(q) + sum(b * b for b in p) / 2
    H1 = U(np.array(x)) + sum(b * b for b in w) / 2
    if np.log(u) <= H0 - H1:
        return x, 1
    return list(q), 0

# %% 13.4 right: a generator of normal numbers with another covariance, and time backwards
def hmc_step(U, gradU, q, eps, L, rng):
    p0 = rng.multivariate_normal(np.zeros(len(q)), np.eye(len(q)), method="cholesky")
    x, p = q.copy(), p0.copy()
    for _ in range(L):
        p += eps / 2 * gradU(x)
        x -= eps * p
        p += eps / 2 * gradU(x)
    if rng.random() > np.exp(U(q) + p0 @ p0 / 2 - U(x) - p @ p / 2):
        return q, False
    return x, True

# %% 13.4 wrong: always accepted | Every move is accepted
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = True
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: always accepted, by a test that can't fail | Every move is accepted
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() <= 1.0
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: the sign of the error | the sign of ΔH
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = np.log(rng.random()) < dH
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: the sign of the error, by what is subtracted from what | the sign of ΔH
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(q) + p @ p / 2 - U(new) - end @ end / 2
    accepted = rng.random() < np.exp(-dH)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: only downhill | No chance in your test
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = dH <= 0
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: without kinetic energy | no kinetic energy
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) - U(q)
    accepted = rng.random() < np.exp(-dH)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: kinetic energy alone | kinetic energy
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = (end @ end - p @ p) / 2
    accepted = rng.random() < np.exp(-dH)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: kinetic energy not halved | kinetic energy
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end - U(q) - p @ p
    accepted = rng.random() < np.exp(-dH)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: the kinetic energy's sign | kinetic energy
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = (U(new) - end @ end / 2) - (U(q) - p @ p / 2)
    accepted = rng.random() < np.exp(-dH)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: half of the error | doesn't fit its energy error
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() < np.exp(-dH / 2)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: twice the error | doesn't fit its energy error
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() < np.exp(-2 * dH)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: a normal number in the test | doesn't fit its energy error
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.normal() < np.exp(-dH)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: a fixed threshold | doesn't fit its energy error
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = np.exp(-dH) > 0.5
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: Barker's rule | Half of the moves
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() < 1 / (1 + np.exp(dH))
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: a uniform momentum | standard Gaussian
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.uniform(-1, 1, len(q))
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() < np.exp(-dH)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: one momentum for all coordinates | number of its own
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal() * np.ones(len(q))
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() < np.exp(-dH)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: a momentum scaled by the step | standard Gaussian
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(0, eps, q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() < np.exp(-dH)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: no momentum | 
def hmc_step(U, gradU, q, eps, L, rng):
    p = np.zeros(len(q))
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() < np.exp(-dH)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: a rejected move moves | gives you the new point
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() < np.exp(-dH)
    return new, bool(accepted)

# %% 13.4 wrong: never moves | The old q comes back
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() < np.exp(-dH)
    return q, bool(accepted)

# %% 13.4 wrong: the flag upside down | says the opposite
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() < np.exp(-dH)
    return (new if accepted else q, not accepted)

# %% 13.4 wrong: a probability for a flag | not with which probability
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() < np.exp(-dH)
    return (new if accepted else q), min(1.0, float(np.exp(min(-dH, 0))))

# %% 13.4 wrong: q alone | Two things come back
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() < np.exp(-dH)
    return new if accepted else q

# %% 13.4 wrong: the flag first | changed places
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() < np.exp(-dH)
    return bool(accepted), (new if accepted else q)

# %% 13.4 wrong: all from the old generator of NumPy | nobody can repeat a run
def hmc_step(U, gradU, q, eps, L, rng):
    p = np.random.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = np.random.rand() < np.exp(-dH)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: the test from the old generator of NumPy | nobody can repeat a run
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = np.random.rand() < np.exp(-dH)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: a generator of its own | the same each time
def hmc_step(U, gradU, q, eps, L, rng):
    p = (rng := np.random.default_rng(0)).normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() < np.exp(-dH)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: Euler's path | isn't that of leapfrog
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    for _ in range(L):
        new, end = new + eps * end, end - eps * gradU(new)
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() < np.exp(-dH)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: symplectic Euler's path | isn't that of leapfrog
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    for _ in range(L):
        end = end - eps * gradU(new)
        new = new + eps * end
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() < np.exp(-dH)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: uphill | isn't that of leapfrog
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end + eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end + eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() < np.exp(-dH)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: without the last half kick | isn't that of leapfrog
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new) * 2
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() < np.exp(-dH)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: half a drift first | begins with half a drift
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    for _ in range(L):
        new = new + eps / 2 * end
        end = end - eps * gradU(new)
        new = new + eps / 2 * end
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() < np.exp(-dH)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: one step too many | another length
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L + 1):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() < np.exp(-dH)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: one step | another length
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(1):
        end = end - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() < np.exp(-dH)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: a new momentum in each step | new momentum in each
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    new, end = q, p
    slope = gradU(new)
    for _ in range(L):
        end = (rng.normal(size=q.shape) if _ else end) - eps / 2 * slope
        new = new + eps * end
        slope = gradU(new)
        end = end - eps / 2 * slope
    dH = U(new) + end @ end / 2 - U(q) - p @ p / 2
    accepted = rng.random() < np.exp(-dH)
    return (new, True) if accepted else (q, False)

# %% 13.4 wrong: in the caller's array | belongs to the caller
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    old, new, end = q.copy(), q, p.copy()
    for _ in range(L):
        end -= eps / 2 * gradU(new)
        new += eps * end
        end -= eps / 2 * gradU(new)
    dH = U(new) + end @ end / 2 - U(old) - p @ p / 2
    accepted = rng.random() < np.exp(-dH)
    return (new, True) if accepted else (old, False)

# %% 13.4 wrong: the momentum's energy after the path, as p was written over | Every move is accepted
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    x = q
    for _ in range(L):
        p = p - eps / 2 * gradU(x)
        x = x + eps * p
        p = p - eps / 2 * gradU(x)
    q_old, q = q, x
    dH = U(x) + p @ p / 2 - U(q) - p @ p / 2
    return (x, True) if rng.random() < np.exp(-dH) else (q_old, False)

# %% 13.4 wrong: p was written over in the energy | no kinetic energy
def hmc_step(U, gradU, q, eps, L, rng):
    p = rng.normal(size=q.shape)
    x = q
    for _ in range(L):
        p = p - eps / 2 * gradU(x)
        x = x + eps * p
        p = p - eps / 2 * gradU(x)
    dH = U(x) + p @ p / 2 - U(q) - p @ p / 2
    return (x, True) if rng.random() < np.exp(-dH) else (q, False)

# %% 13.5 right: by hand
def pinn_residual(W, x):
    w, b, v = W
    t = np.tanh(np.outer(x, w) + b)
    s = 1 - t**2
    N, N1, N2 = t @ v, s @ (v * w), (-2 * t * s) @ (v * w**2)
    return x * (1 - x) * N2 + 2 * (1 - 2 * x) * N1 - 2 * N + np.pi**2 * np.sin(np.pi * x)

# %% 13.5 right: by hand in loops, with 1/cosh
def pinn_residual(W, x):
    out = []
    for t in x:
        n = [0.0, 0.0, 0.0]
        for w, b, v in zip(*W):
            c = 1 / np.cosh(w * t + b) ** 2
            n[0] += v * np.tanh(w * t + b)
            n[1] += v * w * c
            n[2] -= 2 * v * w * w * c * np.tanh(w * t + b)
        out.append((t - t * t) * n[2] + 2 * (1 - 2 * t) * n[1] - 2 * n[0] + np.pi**2 * np.sin(np.pi * t))
    return out

# %% 13.5 right: the complex step inside of a central difference
def pinn_residual(W, x):
    u = lambda x: x * (1 - x) * (W[2] @ np.tanh(np.multiply.outer(W[0], x) + W[1][:, None]))
    slope = lambda x: np.imag(u(x + 1e-30j)) / 1e-30
    h = 1e-5
    return (slope(x + h) - slope(x - h)) / (2 * h) + np.pi**2 * np.sin(np.pi * x)

# %% 13.5 right: forward over forward
def pinn_residual(W, x):
    import adcourse
    u = lambda x: x * (1 - x) * np.sum(W[2] * np.tanh(x[:, None] * W[0] + W[1]), axis=1)
    ones = np.ones_like(x)
    slope = lambda x: adcourse.jvp(u, x, ones)[1]
    return adcourse.jvp(slope, x, ones)[1] + np.pi**2 * np.sin(np.pi * x)

# %% 13.5 right: Taylor, all points at once
def pinn_residual(W, x):
    import adcourse
    w, b, v = W
    u = adcourse.taylor(lambda x: x * (1 - x) * (np.tanh(x[:, None] * w + b) @ v), x, 2)
    return 2 * u.coefficients[2] + np.pi**2 * np.sin(np.pi * x)

# %% 13.5 right: second derivatives, point by point
def pinn_residual(W, x):
    import adcourse
    w, b, v = W
    u2 = adcourse.derivative(lambda t: t * (1 - t) * (v @ np.tanh(w * t + b)), 2)
    return np.array([u2(t) + np.pi**2 * np.sin(np.pi * t) for t in x])

# %% 13.5 right: the slope of a reverse sweep
def pinn_residual(W, x):
    import adcourse
    u = lambda t: t * (1 - t) * (W[2] @ np.tanh(W[0] * t + W[1]))
    return [adcourse.grad(adcourse.grad(u))(t) + np.pi**2 * np.sin(np.pi * t) for t in x]

# %% 13.5 wrong: a term is missing | no N' in your u''
def pinn_residual(W, x):
    w, b, v = W
    t = np.tanh(np.outer(x, w) + b)
    N, N2 = t @ v, (-2 * t * (1 - t**2)) @ (v * w**2)
    return x * (1 - x) * N2 - 2 * N + np.pi**2 * np.sin(np.pi * x)

# %% 13.5 wrong: the middle term once | half as large as it should be
def pinn_residual(W, x):
    w, b, v = W
    t = np.tanh(np.outer(x, w) + b)
    s = 1 - t**2
    N, N1, N2 = t @ v, s @ (v * w), (-2 * t * s) @ (v * w**2)
    return x * (1 - x) * N2 + (1 - 2 * x) * N1 - 2 * N + np.pi**2 * np.sin(np.pi * x)

# %% 13.5 wrong: without N | no N itself
def pinn_residual(W, x):
    w, b, v = W
    t = np.tanh(np.outer(x, w) + b)
    s = 1 - t**2
    return x * (1 - x) * ((-2 * t * s) @ (v * w**2)) + 2 * (1 - 2 * x) * (s @ (v * w)) + np.pi**2 * np.sin(np.pi * x)

# %% 13.5 wrong: a constant factor | constant factor
def pinn_residual(W, x):
    w, b, v = W
    t = np.tanh(np.outer(x, w) + b)
    return x * (1 - x) * ((-2 * t * (1 - t**2)) @ (v * w**2)) + np.pi**2 * np.sin(np.pi * x)

# %% 13.5 wrong: the sign of the source | exact solution
def pinn_residual(W, x):
    import adcourse
    u = lambda t: t * (1 - t) * (W[2] @ np.tanh(W[0] * t + W[1]))
    return [adcourse.derivative(u, 2)(t) - np.pi**2 * np.sin(np.pi * t) for t in x]

# %% 13.5 wrong: the equation with its other sign | Everything has the opposite sign
def pinn_residual(W, x):
    import adcourse
    u = lambda t: t * (1 - t) * (W[2] @ np.tanh(W[0] * t + W[1]))
    return [-adcourse.derivative(u, 2)(t) - np.pi**2 * np.sin(np.pi * t) for t in x]

# %% 13.5 wrong: one factor of pi | exact solution
def pinn_residual(W, x):
    import adcourse
    u = lambda t: t * (1 - t) * (W[2] @ np.tanh(W[0] * t + W[1]))
    return [adcourse.derivative(u, 2)(t) + np.pi * np.sin(np.pi * t) for t in x]

# %% 13.5 wrong: no source | no source in your residual
def pinn_residual(W, x):
    import adcourse
    u = lambda t: t * (1 - t) * (W[2] @ np.tanh(W[0] * t + W[1]))
    return [adcourse.derivative(u, 2)(t) for t in x]

# %% 13.5 wrong: the network instead of u | differentiate the network
def pinn_residual(W, x):
    import adcourse
    N = lambda t: W[2] @ np.tanh(W[0] * t + W[1])
    return [adcourse.derivative(N, 2)(t) + np.pi**2 * np.sin(np.pi * t) for t in x]

# %% 13.5 wrong: half of the boundary | vanish at both ends
def pinn_residual(W, x):
    import adcourse
    u = lambda t: t * (W[2] @ np.tanh(W[0] * t + W[1]))
    return [adcourse.derivative(u, 2)(t) + np.pi**2 * np.sin(np.pi * t) for t in x]

# %% 13.5 wrong: the first derivative | That is u' where
def pinn_residual(W, x):
    import adcourse
    u = lambda t: t * (1 - t) * (W[2] @ np.tanh(W[0] * t + W[1]))
    return [adcourse.derivative(u)(t) + np.pi**2 * np.sin(np.pi * t) for t in x]

# %% 13.5 wrong: a coefficient for a derivative | 
def pinn_residual(W, x):
    import adcourse
    w, b, v = W
    u = adcourse.taylor(lambda x: x * (1 - x) * (np.tanh(x[:, None] * w + b) @ v), x, 2)
    return u.coefficients[2] + np.pi**2 * np.sin(np.pi * x)

# %% 13.5 wrong: a second difference | second difference
def pinn_residual(W, x):
    u = lambda x: x * (1 - x) * (np.tanh(np.multiply.outer(x, W[0]) + W[1]) @ W[2])
    h = 2e-4
    return (u(x + h) - 2 * u(x) + u(x - h)) / h**2 + np.pi**2 * np.sin(np.pi * x)

# %% 13.5 wrong: the inner derivative once | factor is missing from N''
def pinn_residual(W, x):
    w, b, v = W
    t = np.tanh(np.outer(x, w) + b)
    s = 1 - t**2
    N, N1, N2 = t @ v, s @ (v * w), (-2 * t * s) @ (v * w)
    return x * (1 - x) * N2 + 2 * (1 - 2 * x) * N1 - 2 * N + np.pi**2 * np.sin(np.pi * x)

# %% 13.5 wrong: the sign of tanh'' | sign of N''
def pinn_residual(W, x):
    w, b, v = W
    t = np.tanh(np.outer(x, w) + b)
    s = 1 - t**2
    N, N1, N2 = t @ v, s @ (v * w), (2 * t * s) @ (v * w**2)
    return x * (1 - x) * N2 + 2 * (1 - 2 * x) * N1 - 2 * N + np.pi**2 * np.sin(np.pi * x)

# %% 13.5 wrong: w and b exchanged | w and b have changed places
def pinn_residual(W, x):
    import adcourse
    b, w, v = W
    u = lambda t: t * (1 - t) * (v @ np.tanh(w * t + b))
    return [adcourse.derivative(u, 2)(t) + np.pi**2 * np.sin(np.pi * t) for t in x]

# %% 13.5 wrong: a mean over the neurons | mean over the neurons
def pinn_residual(W, x):
    import adcourse
    u = lambda t: t * (1 - t) * np.mean(W[2] * np.tanh(W[0] * t + W[1]))
    return [adcourse.derivative(u, 2)(t) + np.pi**2 * np.sin(np.pi * t) for t in x]

# %% 13.5 wrong: the loss | the residual at each x
def pinn_residual(W, x):
    import adcourse
    u = lambda t: t * (1 - t) * (W[2] @ np.tanh(W[0] * t + W[1]))
    return np.mean([(adcourse.derivative(u, 2)(t) + np.pi**2 * np.sin(np.pi * t)) ** 2 for t in x])

# %% 13.5 wrong: squares | square of the residual
def pinn_residual(W, x):
    import adcourse
    u = lambda t: t * (1 - t) * (W[2] @ np.tanh(W[0] * t + W[1]))
    return [(adcourse.derivative(u, 2)(t) + np.pi**2 * np.sin(np.pi * t)) ** 2 for t in x]

# %% 13.5 wrong: x is shifted | belong to the caller
def pinn_residual(W, x):
    w, b, v = W
    t = np.tanh(np.outer(x, w) + b)
    s = 1 - t**2
    r = x * (1 - x) * ((-2 * t * s) @ (v * w**2)) + 2 * (1 - 2 * x) * (s @ (v * w)) - 2 * (t @ v)
    r += np.pi**2 * np.sin(np.pi * x)
    x -= 0.5
    return r

# %% 13.5 wrong: a source that isn't there, and a term too few | put u = sin
def pinn_residual(W, x):
    w, b, v = W
    t = np.tanh(np.outer(x, w) + b)
    return x * (1 - x) * ((-2 * t * (1 - t**2)) @ (v * w**2)) - 2 * (t @ v) - np.pi**2 * np.sin(np.pi * x)

# %% 13.5 right: with math, neuron by neuron
import math

def pinn_residual(W, x):
    found = []
    for at in x:
        r = math.pi**2 * math.sin(math.pi * at)
        for w, b, v in W.T:
            t = math.tanh(w * at + b)
            s = 1 - t * t
            r += v * (at * (1 - at) * -2 * t * s * w * w + 2 * (1 - 2 * at) * s * w - 2 * t)
        found.append(r)
    return found

# %% 13.5 wrong: the slope's sign | does x(1 - x) rise or fall
def pinn_residual(W, x):
    w, b, v = W
    t = np.tanh(np.outer(x, w) + b)
    s = 1 - t**2
    u2 = x * (1 - x) * (-2 * t * s @ (w**2 * v)) + 2 * (2 * x - 1) * (s @ (w * v)) - 2 * t @ v
    return u2 + np.pi**2 * np.sin(np.pi * x)

# %% 13.5 wrong: b and v exchanged | b and v have changed places
def pinn_residual(W, x):
    w, v, b = W
    t = np.tanh(np.outer(x, w) + b)
    s = 1 - t**2
    u2 = x * (1 - x) * (-2 * t * s @ (w**2 * v)) + 2 * (1 - 2 * x) * (s @ (w * v)) - 2 * t @ v
    return u2 + np.pi**2 * np.sin(np.pi * x)
