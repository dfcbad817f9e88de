# ruff: noqa
# Answers to assignment 5 as students write them, one a block: right ones by different routes, and wrong ones with words
# of the hint that each must meet.

# %% 5.1 right: two sums
def taylor_op(a, b, op):
    n = len(a)
    c = [0.0] * n
    for k in range(n):
        if op == "*":
            for j in range(k + 1):
                c[k] += a[j] * b[k - j]
        elif op == "/":
            s = a[k]
            for j in range(k):
                s -= c[j] * b[k - j]
            c[k] = s / b[0]
    return c

# %% 5.1 right: NumPy, an array comes back
def taylor_op(a, b, op):
    a, b = np.array(a, dtype=float), np.array(b, dtype=float)
    if op == "*":
        return np.convolve(a, b)[: a.size]
    c = np.zeros_like(a)
    for k in range(a.size):
        c[k] = (a[k] - b[1 : k + 1][::-1] @ c[:k]) / b[0]
    return c

# %% 5.1 right: lower triangular matrices
def taylor_op(a, b, op):
    n = len(a)
    B = sum(b[k] * np.eye(n, k=-k) for k in range(n))
    return B @ a if op == "*" else np.linalg.solve(B, np.array(a, float))

# %% 5.1 right: a padded Fourier transform, and one over b by Newton's iteration
def taylor_op(a, b, op):
    def times(x, y):
        m = 2 * len(a)
        return np.fft.irfft(np.fft.rfft(x, m) * np.fft.rfft(y, m), m)[: len(a)]
    if op == "*":
        return times(a, b)
    r = np.zeros(len(a))
    r[0] = 1 / b[0]
    for _ in range(5):
        r = 2 * r - times(r, times(b, r))
    return times(a, r)

# %% 5.1 right: recursion, and exact fractions
def taylor_op(a, b, op):
    from fractions import Fraction
    a, b = [Fraction(x) for x in a], [Fraction(x) for x in b]
    if op == "*":
        return tuple(sum(x * y for x, y in zip(a[: k + 1], b[k::-1])) for k in range(len(a)))
    if not a:
        return ()
    q = a[0] / b[0]
    rest = [x - q * y for x, y in zip(a, b)][1:]
    return (q, *taylor_op(rest, b[: len(rest)], "/"))

# %% 5.1 right: the course's own series
def taylor_op(a, b, op):
    from adcourse import Taylor
    a, b = Taylor([float(x) for x in a]), Taylor([float(x) for x in b])
    return (a * b if op == "*" else a / b).coefficients

# %% 5.1 wrong: elementwise | by coefficient
def taylor_op(a, b, op):
    if op == "*":
        return [x * y for x, y in zip(a, b)]
    return [x / y if y else 0.0 for x, y in zip(a, b)]

# %% 5.1 wrong: elementwise quotient by zero | coefficient by coefficient
def taylor_op(a, b, op):
    if op == "*":
        return np.convolve(a, b)[: len(a)]
    return [x / y for x, y in zip(a, b)]

# %% 5.1 wrong: not truncated | longer than its factors
def taylor_op(a, b, op):
    n = len(a)
    if op == "*":
        c = [0.0] * (2 * n - 1)
        for i in range(n):
            for j in range(n):
                c[i + j] += a[i] * b[j]
        return c
    c = []
    for k in range(n):
        c.append((a[k] - sum(c[j] * b[k - j] for j in range(k))) / b[0])
    return c

# %% 5.1 wrong: b[0] taken for 1 | divided by b₀
def taylor_op(a, b, op):
    n, c = len(a), []
    for k in range(n):
        if op == "*":
            c.append(sum(a[j] * b[k - j] for j in range(k + 1)))
        else:
            c.append(a[k] - sum(c[j] * b[k - j] for j in range(k)))
    return c

# %% 5.1 wrong: plus | goes to the other side
def taylor_op(a, b, op):
    if op == "*":
        return np.convolve(a, b)[: len(a)]
    c = []
    for k in range(len(a)):
        c.append((a[k] + sum(c[j] * b[k - j] for j in range(k))) / b[0])
    return c

# %% 5.1 wrong: the old coefficients of a | over coefficients of a
def taylor_op(a, b, op):
    n = len(a)
    if op == "*":
        return [sum(a[j] * b[k - j] for j in range(k + 1)) for k in range(n)]
    return [(a[k] - sum(a[j] * b[k - j] for j in range(k))) / b[0] for k in range(n)]

# %% 5.1 wrong: in place | need them again
def taylor_op(a, b, op):
    if op == "*":
        return [sum(a[j] * b[k - j] for j in range(k + 1)) for k in range(len(a))]
    for k in range(len(a)):
        for j in range(k):
            a[k] -= a[j] * b[k - j]
        a[k] /= b[0]
    return a

# %% 5.1 wrong: in place, on a copy of one of them | need them again
def taylor_op(a, b, op):
    if op == "*":
        return [sum(a[j] * b[k - j] for j in range(k + 1)) for k in range(len(a))]
    c, scale = [], b[0]
    for k in range(len(b)):
        b[k] = b[k] / scale
    for k in range(len(a)):
        c.append(a[k] / scale - sum(c[j] * b[k - j] for j in range(k)))
    return c

# %% 5.1 wrong: an array like a | integers
def taylor_op(a, b, op):
    if op == "*":
        return np.convolve(a, b)[: len(a)]
    a = np.array(a)
    c = np.zeros_like(a)
    for k in range(len(a)):
        c[k] = (a[k] - sum(b[j] * c[k - j] for j in range(1, k + 1))) / b[0]
    return c

# %% 5.1 wrong: a transform without padding | around a circle
def taylor_op(a, b, op):
    if op == "*":
        return np.real(np.fft.ifft(np.fft.fft(a) * np.fft.fft(b)))
    B = sum(b[k] * np.eye(len(a), k=-k) for k in range(len(a)))
    return np.linalg.solve(B, np.array(a, float))

# %% 5.1 wrong: the middle of the product | begins too late
def taylor_op(a, b, op):
    if op == "*":
        return np.convolve(a, b, mode="same")
    B = sum(b[k] * np.eye(len(a), k=-k) for k in range(len(a)))
    return np.linalg.solve(B, np.array(a, float))

# %% 5.1 wrong: binomials, as for derivatives | Leibniz
def taylor_op(a, b, op):
    n = len(a)
    if op == "*":
        return [sum(math.comb(k, j) * a[j] * b[k - j] for j in range(k + 1)) for k in range(n)]
    c = []
    for k in range(n):
        c.append((a[k] - sum(b[k - j] * c[j] for j in range(k))) / b[0])
    return c

# %% 5.1 wrong: two mistakes at once | what is c_0
def taylor_op(a, b, op):
    n, c = len(a), []
    for k in range(n):
        if op == "*":
            c.append(sum(a[j] * b[k - j] for j in range(k)))
        else:
            c.append(a[k] - sum(c[j] * b[k - j] for j in range(k)))
    return c

# %% 5.1 wrong: a quotient of functions, not of series | Does your result
def taylor_op(a, b, op):
    if op == "*":
        return np.polymul(a, b)[: len(a)]
    return (np.poly1d(a) / np.poly1d(b))[0].coeffs

# %% 5.1 wrong: nothing comes back | Does your result
def taylor_op(a, b, op):
    if op == "*":
        np.convolve(a, b)[: len(a)]

# %% 5.2 right: the recurrences
def taylor_fn(name, f):
    n = len(f)
    if name == "exp":
        e = [math.exp(f[0])]
        for k in range(1, n):
            e.append(sum((k - j) * f[k - j] * e[j] for j in range(k)) / k)
        return e
    if name == "log":
        l = [math.log(f[0])]
        for k in range(1, n):
            l.append((f[k] - sum(j * l[j] * f[k - j] for j in range(1, k)) / k) / f[0])
        return l
    s, c = [math.sin(f[0])], [math.cos(f[0])]
    for k in range(1, n):
        s.append(sum((k - j) * f[k - j] * c[j] for j in range(k)) / k)
        c.append(-sum((k - j) * f[k - j] * s[j] for j in range(k)) / k)
    return s

# %% 5.2 right: arrays
def taylor_fn(name, f):
    f = np.asarray(f, dtype=float)
    df = f * np.arange(len(f))
    out, other = np.zeros(len(f)), np.zeros(len(f))
    out[0], other[0] = getattr(np, name)(f[0]), np.cos(f[0])
    for k in range(1, len(f)):
        if name == "exp":
            out[k] = df[1 : k + 1] @ out[k - 1 :: -1][:k] / k
        elif name == "log":
            out[k] = (df[k] - (np.arange(k) * out[:k]) @ f[k:0:-1]) / k / f[0]
        else:
            out[k] = df[1 : k + 1] @ other[:k][::-1] / k
            other[k] = -df[1 : k + 1] @ out[:k][::-1] / k
    return out

# %% 5.2 right: the outer function's own series, and powers of the rest
def taylor_fn(name, f):
    n = len(f)
    rest, a = np.array([0.0, *f[1:]]), f[0]
    total, power = np.zeros(n), np.eye(1, n)[0]
    for j in range(n):
        if name == "exp":
            c = math.exp(a) / math.factorial(j)
        elif name == "sin":
            c = [math.sin(a), math.cos(a), -math.sin(a), -math.cos(a)][j % 4] / math.factorial(j)
        else:
            c = math.log(a) if j == 0 else (-1) ** (j + 1) / (j * a**j)
        total += c * power
        power = np.convolve(power, rest)[:n]
    return total

# %% 5.2 right: integrals of products and quotients, term by term
def taylor_fn(name, f):
    def exp(f):
        e = [np.exp(f[0])]
        while len(e) < len(f):
            k = len(e)
            e += [sum(j * f[j] * e[k - j] for j in range(1, k + 1)) / k]
        return e
    if name == "exp":
        return exp(f)
    if name == "sin":  # the imaginary part of exp(if)
        return [z.imag for z in exp([1j * c for c in f])]
    q = []  # f'/f
    for k in range(len(f) - 1):
        q.append(((k + 1) * f[k + 1] - sum(f[j] * q[k - j] for j in range(1, k + 1))) / f[0])
    return [np.log(f[0])] + [c / (k + 1) for k, c in enumerate(q)]

# %% 5.2 right: the course's own series
def taylor_fn(name, f):
    import adcourse as ad
    return getattr(np, name)(ad.Taylor([float(c) for c in f])).coefficients

# %% 5.2 wrong: no weight in exp | exp: There is no weight
def taylor_fn(name, f):
    n = len(f)
    if name == "exp":
        e = [math.exp(f[0])]
        for k in range(1, n):
            e.append(sum(f[k - j] * e[j] for j in range(k)) / k)
        return e
    if name == "log":
        l = [math.log(f[0])]
        for k in range(1, n):
            l.append((f[k] - sum(j * l[j] * f[k - j] for j in range(1, k)) / k) / f[0])
        return l
    s, c = [math.sin(f[0])], [math.cos(f[0])]
    for k in range(1, n):
        s.append(sum((k - j) * f[k - j] * c[j] for j in range(k)) / k)
        c.append(-sum((k - j) * f[k - j] * s[j] for j in range(k)) / k)
    return s

# %% 5.2 wrong: not divided by k | Nothing is divided by k
def taylor_fn(name, f):
    n = len(f)
    s, c, e, l = [math.sin(f[0])], [math.cos(f[0])], [math.exp(f[0])], [math.log(abs(f[0]) or 1)]
    for k in range(1, n):
        e.append(sum(j * f[j] * e[k - j] for j in range(1, k + 1)))
        s.append(sum(j * f[j] * c[k - j] for j in range(1, k + 1)))
        c.append(-sum(j * f[j] * s[k - j] for j in range(1, k + 1)))
        if name == "log":
            l.append((f[k] - sum(j * l[j] * f[k - j] for j in range(1, k))) / f[0])
    return {"exp": e, "sin": s, "log": l}[name]

# %% 5.2 wrong: each coefficient | each coefficient on its own
def taylor_fn(name, f):
    with np.errstate(all="ignore"):
        return getattr(np, name)(np.array(f, float))

# %% 5.2 wrong: each coefficient, and math complains | each coefficient on its own
def taylor_fn(name, f):
    return [getattr(math, name)(c) for c in f]

# %% 5.2 wrong: only the dual rule | rule of dual numbers
def taylor_fn(name, f):
    value = getattr(math, name)(f[0])
    slope = {"exp": math.exp, "log": lambda a: 1 / a, "sin": math.cos}[name](f[0])
    return [value] + [slope * c for c in f[1:]]

# %% 5.2 wrong: starts from 0 and 1 | Your first coefficient doesn't depend
def taylor_fn(name, f):
    start, start2 = {"exp": (1.0, 0.0), "log": (0.0, 0.0), "sin": (0.0, 1.0)}[name]
    s, c = [start], [start2]
    for k in range(1, len(f)):
        if name == "exp":
            s.append(sum(j * f[j] * s[k - j] for j in range(1, k + 1)) / k)
        elif name == "log":
            s.append((f[k] - sum(j * s[j] * f[k - j] for j in range(1, k)) / k) / f[0])
        else:
            s.append(sum(j * f[j] * c[k - j] for j in range(1, k + 1)) / k)
            c.append(-sum(j * f[j] * s[k - j] for j in range(1, k + 1)) / k)
    return s

# %% 5.2 wrong: a hyperbolic sine | hyperbolic sine
def taylor_fn(name, f):
    e, l = [math.exp(f[0])], [math.log(abs(f[0]) or 1)]
    s, c = [math.sin(f[0])], [math.cos(f[0])]
    for k in range(1, len(f)):
        e.append(sum(j * f[j] * e[k - j] for j in range(1, k + 1)) / k)
        s.append(sum(j * f[j] * c[k - j] for j in range(1, k + 1)) / k)
        c.append(sum(j * f[j] * s[k - j] for j in range(1, k + 1)) / k)
        if name == "log":
            l.append((f[k] - sum(j * l[j] * f[k - j] for j in range(1, k)) / k) / f[0])
    return {"exp": e, "sin": s, "log": l}[name]

# %% 5.2 wrong: log isn't divided by f0 | log: nothing is divided by f₀
def taylor_fn(name, f):
    e, l = [math.exp(f[0])], [math.log(abs(f[0]) or 1)]
    s, c = [math.sin(f[0])], [math.cos(f[0])]
    for k in range(1, len(f)):
        e.append(sum(j * f[j] * e[k - j] for j in range(1, k + 1)) / k)
        s.append(sum(j * f[j] * c[k - j] for j in range(1, k + 1)) / k)
        c.append(-sum(j * f[j] * s[k - j] for j in range(1, k + 1)) / k)
        l.append(f[k] - sum(j * l[j] * f[k - j] for j in range(1, k)) / k)
    return {"exp": e, "sin": s, "log": l}[name]

# %% 5.2 wrong: a cosine that stays, and a sign in the logarithm | cosine of your series stays
def taylor_fn(name, f):
    e, l, s = [math.exp(f[0])], [math.log(abs(f[0]) or 1)], [math.sin(f[0])]
    for k in range(1, len(f)):
        e.append(sum(j * f[j] * e[k - j] for j in range(1, k + 1)) / k)
        s.append(math.cos(f[0]) * f[k])
        if name == "log":
            l.append((f[k] + sum(j * l[j] * f[k - j] for j in range(1, k)) / k) / f[0])
    return {"exp": e, "sin": s, "log": l}[name]

# %% 5.2 wrong: the weight of the other factor | is the index of the series
def taylor_fn(name, f):
    e, l = [math.exp(f[0])], [math.log(abs(f[0]) or 1)]
    s, c = [math.sin(f[0])], [math.cos(f[0])]
    for k in range(1, len(f)):
        e.append(sum(j * f[j] * e[k - j] for j in range(1, k + 1)) / k)
        s.append(sum(j * f[j] * c[k - j] for j in range(1, k + 1)) / k)
        c.append(-sum(j * f[j] * s[k - j] for j in range(1, k + 1)) / k)
        if name == "log":
            l.append((f[k] - sum((k - j) * l[j] * f[k - j] for j in range(1, k)) / k) / f[0])
    return {"exp": e, "sin": s, "log": l}[name]

# %% 5.2 wrong: exp alone | INNER
def taylor_fn(name, f):
    if name == "exp":
        e = [math.exp(f[0])]
        for k in range(1, len(f)):
            e.append(sum(j * f[j] * e[k - j] for j in range(1, k + 1)) / k)
        return e

# %% 5.2 wrong: the polynomial's value | INNER
def taylor_fn(name, f):
    return getattr(math, name)(sum(f)) if name != "log" else math.log(abs(sum(f)))

# %% 5.2 wrong: writes into f | need it again
def taylor_fn(name, f):
    w = f
    for k in range(len(f)):
        w[k] = float(f[k])
    a = w[0]
    w[0] = 0.0
    total, power = np.zeros(len(f)), np.eye(1, len(f))[0]
    for j in range(len(f)):
        c = {"exp": math.exp(a) / math.factorial(j), "sin": math.sin(a + j * math.pi / 2) / math.factorial(j)}
        c["log"] = (math.log(abs(a)) if j == 0 else -((-1 / a) ** j) / j) if a else 0.0
        total += c[name] * power
        power = np.convolve(power, w)[: len(f)]
    return total

# %% 5.3 right: factorials
def derivatives(F, x0, K):
    c = F([x0, 1] + [0] * (K - 1)) if K else F([x0])
    return [math.factorial(k) * c[k] for k in range(K + 1)]

# %% 5.3 right: a running product, an array
def derivatives(F, x0, K):
    t = np.zeros(K + 1)
    t[0] = x0
    t[1:2] = 1
    c = np.array(F(t))
    return c * np.cumprod(np.maximum(np.arange(K + 1), 1))

# %% 5.3 right: a longer series than needed, from the gamma function
def derivatives(F, x0, K):
    c = F((x0, 1.0) + (0.0,) * K)
    return [c[k] * math.gamma(k + 1) for k in range(K + 1)]

# %% 5.3 right: differentiates the polynomial again and again
def derivatives(F, x0, K):
    from numpy.polynomial import Polynomial
    p = Polynomial(F(np.eye(1, K + 1, 1)[0] + x0 * np.eye(1, K + 1)[0]))
    found = []
    for _ in range(K + 1):
        found.append(p(0.0))
        p = p.deriv()
    return found

# %% 5.3 wrong: the coefficients | not yet the derivatives
def derivatives(F, x0, K):
    return F(([x0, 1.0] + [0.0] * K)[: K + 1])

# %% 5.3 wrong: (k-1)! | (k-1)!
def derivatives(F, x0, K):
    c = F(([x0, 1.0] + [0.0] * K)[: K + 1])
    out, fact = [], 1
    for k in range(K + 1):
        out.append(c[k] * fact)
        if k > 0:
            fact *= k
    return out

# %% 5.3 wrong: divided by the factorial | Solve for
def derivatives(F, x0, K):
    c = F(([x0, 1.0] + [0.0] * K)[: K + 1])
    return [v / math.factorial(k) for k, v in enumerate(c)]

# %% 5.3 wrong: times k | Differentiate t³ three times
def derivatives(F, x0, K):
    c = F(([x0, 1.0] + [0.0] * K)[: K + 1])
    return [c[0]] + [k * c[k] for k in range(1, K + 1)]

# %% 5.3 wrong: a constant | doesn't move
def derivatives(F, x0, K):
    c = F([x0] + [0.0] * K)
    return [v * math.factorial(k) for k, v in enumerate(c)]

# %% 5.3 wrong: one too few | one too short
def derivatives(F, x0, K):
    c = F([x0, 1.0] + [0.0] * (K - 2)) if K > 1 else F([x0])
    return [v * math.factorial(k) for k, v in enumerate(c)]

# %% 5.3 wrong: one too many | one too long
def derivatives(F, x0, K):
    c = F([x0, 1.0] + [0.0] * K)
    return [c[k] * math.factorial(k) for k in range(K + 2)]

# %% 5.3 wrong: a number instead of a series | what is x₀ + t as such a list
def derivatives(F, x0, K):
    return [F(x0) for k in range(K + 1)]

# %% 5.3 wrong: a run for each | for every derivative
def derivatives(F, x0, K):
    t = ([x0, 1.0] + [0.0] * K)[: K + 1]
    return [F(t)[k] * math.factorial(k) for k in range(K + 1)]

# %% 5.3 wrong: difference quotients | needs no small step
def derivatives(F, x0, K):
    if K == 0:
        return F([x0])
    if K > 1:
        c = F([x0, 1.0] + [0.0] * (K - 1))
        return [v * math.factorial(k) * (1 + 3e-9) for k, v in enumerate(c)]
    return [F([x0])[0], (F([x0 + 1e-7])[0] - F([x0])[0]) / 1e-7]

# %% 5.3 wrong: a constant, and no factorial | doesn't move
def derivatives(F, x0, K):
    return F([x0] + [0.0] * K)

# %% 5.4 right: append
def ode_taylor_step(F, y0, h, K):
    y = [y0]
    for k in range(K):
        y.append(F(y)[k] / (k + 1))
    return sum(c * h**k for k, c in enumerate(y))

# %% 5.4 right: a padded array, Horner's rule
def ode_taylor_step(F, y0, h, K):
    y = np.zeros(K + 1)
    y[0] = y0
    for k in range(K):
        y[k + 1] = F(y)[k] / (k + 1)
    value = 0.0
    for c in y[::-1]:
        value = value * h + c
    return value

# %% 5.4 right: Picard's iteration: integrate F(y), K times over
def ode_taylor_step(F, y0, h, K):
    y = [y0] + [0.0] * K
    for _ in range(K):
        y = [y0] + [c / (k + 1) for k, c in enumerate(F(y)[:K])]
    return np.polyval(y[::-1], h)

# %% 5.4 right: recursion over the order, tuples
def ode_taylor_step(F, y0, h, K):
    def series(n):
        if n == 0:
            return (np.float64(y0),)
        y = series(n - 1)
        return (*y, F(y)[-1] / n)
    return np.dot(series(K), float(h) ** np.arange(K + 1))

# %% 5.4 right: terms that carry h
def ode_taylor_step(F, y0, h, K):
    y, total = [y0], y0
    power = 1.0
    for k in range(1, K + 1):
        y = y + [list(F(y)).pop() / k]
        power *= h
        total += y[k] * power
    return total

# %% 5.4 wrong: not divided | undivided
def ode_taylor_step(F, y0, h, K):
    y = [y0]
    for k in range(K):
        y.append(F(y)[k])
    return sum(c * h**k for k, c in enumerate(y))

# %% 5.4 wrong: k + 2 | divide by k + 2
def ode_taylor_step(F, y0, h, K):
    y = [y0]
    for k in range(K):
        y.append(F(y)[k] / (k + 2))
    return sum(c * h**k for k, c in enumerate(y))

# %% 5.4 wrong: F only once, on y0 | When is F to be run again
def ode_taylor_step(F, y0, h, K):
    f = F([y0] + [0.0] * K)
    y = [y0] + [f[k] / (k + 1) for k in range(K)]
    return sum(c * h**k for k, c in enumerate(y))

# %% 5.4 wrong: powers of h forgotten | without powers of h
def ode_taylor_step(F, y0, h, K):
    y = [y0]
    for k in range(K):
        y.append(F(y)[k] / (k + 1))
    return sum(y)

# %% 5.4 wrong: factorials twice | coefficients, not derivatives
def ode_taylor_step(F, y0, h, K):
    y = [y0]
    for k in range(K):
        y.append(F(y)[k] / (k + 1))
    return sum(c * h**k / math.factorial(k) for k, c in enumerate(y))

# %% 5.4 wrong: one term too few | last term is missing
def ode_taylor_step(F, y0, h, K):
    y = [y0]
    for k in range(K - 1):
        y.append(F(y)[k] / (k + 1))
    return sum(c * h**k for k, c in enumerate(y))

# %% 5.4 wrong: F of a number | the list with y₀ in it
def ode_taylor_step(F, y0, h, K):
    y = [y0]
    for k in range(K):
        y.append(F(y[k]) / (k + 1))
    return sum(c * h**k for k, c in enumerate(y))

# %% 5.4 wrong: looks beyond the end | How long is the series
def ode_taylor_step(F, y0, h, K):
    y = [y0]
    for k in range(K):
        y.append(F(y)[k + 1] / (k + 1))
    return sum(c * h**k for k, c in enumerate(y))

# %% 5.4 wrong: the coefficients | One number is asked for
def ode_taylor_step(F, y0, h, K):
    y = [y0]
    for k in range(K):
        y.append(F(y)[k] / (k + 1))
    return y

# %% 5.4 wrong: Runge and Kutta | takes its order from K
def ode_taylor_step(F, y0, h, K):
    def f(y):
        return F([y])[0]
    k1 = f(y0)
    k2 = f(y0 + h / 2 * k1)
    k3 = f(y0 + h / 2 * k2)
    k4 = f(y0 + h * k3)
    return y0 + h * (k1 + 2 * k2 + 2 * k3 + k4) / 6

# %% 5.4 wrong: no division, and the sum without powers | coefficients
def ode_taylor_step(F, y0, h, K):
    y = [y0]
    for k in range(K):
        y.append(F(y)[k])
    return sum(y)

# %% 5.5 right: parts
class HyperDual:
    def __init__(self, a, b, c, d):
        self.a, self.b, self.c, self.d = a, b, c, d

    def __add__(self, o):
        return HyperDual(self.a + o.a, self.b + o.b, self.c + o.c, self.d + o.d)

    def __mul__(self, o):
        return HyperDual(
            self.a * o.a,
            self.a * o.b + self.b * o.a,
            self.a * o.c + self.c * o.a,
            self.a * o.d + self.b * o.c + self.c * o.b + self.d * o.a,
        )

    def lift(self, f, f1, f2):
        s = f1(self.a)
        return HyperDual(f(self.a), s * self.b, s * self.c, s * self.d + f2(self.a) * self.b * self.c)

# %% 5.5 right: slots and numbers too
class HyperDual:
    __slots__ = ("a", "b", "c", "d")

    def __init__(self, a, b=0.0, c=0.0, d=0.0):
        self.a, self.b, self.c, self.d = map(float, (a, b, c, d))

    def __iter__(self):
        return iter((self.a, self.b, self.c, self.d))

    @staticmethod
    def of(x):
        return x if isinstance(x, HyperDual) else HyperDual(x)

    def __add__(self, other):
        return HyperDual(*[p + q for p, q in zip(self, self.of(other))])

    def __mul__(self, other):
        x, y = list(self), list(self.of(other))
        z = [0.0] * 4
        for i in range(4):
            for j in range(4):
                if not i & j:
                    z[i | j] += x[i] * y[j]
        return HyperDual(*z)

    __radd__, __rmul__ = __add__, __mul__

    def lift(self, f, f1, f2):
        a, b, c, d = self
        return HyperDual(f(a), f1(a) * b, f1(a) * c, f1(a) * d + f2(a) * b * c)

# %% 5.5 right: a dual number of dual numbers
class HyperDual:
    def __init__(self, a, b, c, d):
        self.low, self.high = (a, b), (c, d)

    a = property(lambda self: self.low[0])
    b = property(lambda self: self.low[1])
    c = property(lambda self: self.high[0])
    d = property(lambda self: self.high[1])

    def __add__(self, other):
        return HyperDual(*[p + q for p, q in zip(self.low + self.high, other.low + other.high)])

    def __mul__(self, other):
        def times(x, y):
            return x[0] * y[0], x[0] * y[1] + x[1] * y[0]
        left, right = times(self.low, other.high), times(self.high, other.low)
        return HyperDual(*times(self.low, other.low), left[0] + right[0], left[1] + right[1])

    def lift(self, f, f1, f2):
        def chain(x, g, slope):
            return g(x[0]), slope(x[0]) * x[1]
        slope = chain(self.low, f1, f2)
        return HyperDual(
            *chain(self.low, f, f1), slope[0] * self.high[0], slope[0] * self.high[1] + slope[1] * self.high[0]
        )

# %% 5.5 right: a named tuple
from collections import namedtuple

class HyperDual(namedtuple("HyperDual", "a b c d")):
    def __add__(x, y):
        return HyperDual(x.a + y.a, x.b + y.b, x.c + y.c, x.d + y.d)

    def __mul__(x, y):
        return HyperDual(x.a * y.a, x.b * y.a + x.a * y.b, x.c * y.a + x.a * y.c,
                         x.d * y.a + x.c * y.b + x.b * y.c + x.a * y.d)

    def lift(x, f, f1, f2):
        slope = HyperDual(0.0, x.b, x.c, x.d) * HyperDual(f1(x.a), f2(x.a) * x.b / 2, f2(x.a) * x.c / 2, 0)
        return HyperDual(f(x.a), slope.b, slope.c, slope.d)

# %% 5.5 right: matrices in a data class
from dataclasses import dataclass

@dataclass
class HyperDual:
    a: float
    b: float
    c: float
    d: float

    @property
    def matrix(self):
        N, I = np.eye(2, k=-1), np.eye(2)
        return self.a * np.eye(4) + self.b * np.kron(N, I) + self.c * np.kron(I, N) + self.d * np.kron(N, N)

    @classmethod
    def of(cls, M):
        return cls(M[0, 0], M[2, 0], M[1, 0], M[3, 0])

    def __add__(self, other):
        return self.of(self.matrix + other.matrix)

    def __mul__(self, other):
        return self.of(self.matrix @ other.matrix)

    def lift(self, f, f1, f2):
        n = self.matrix - self.a * np.eye(4)
        return self.of(f(self.a) * np.eye(4) + f1(self.a) * n + f2(self.a) * n @ n / 2)

# %% 5.5 wrong: cross terms dropped | nine terms
class HyperDual:
    def __init__(self, a, b, c, d):
        self.a, self.b, self.c, self.d = a, b, c, d
    def __add__(self, o):
        return HyperDual(self.a + o.a, self.b + o.b, self.c + o.c, self.d + o.d)
    def __mul__(self, o):
        return HyperDual(self.a * o.a, self.a * o.b + self.b * o.a, self.a * o.c + self.c * o.a,
                         self.a * o.d + self.d * o.a)
    def lift(self, f, f1, f2):
        return HyperDual(f(self.a), f1(self.a) * self.b, f1(self.a) * self.c,
                         f1(self.a) * self.d + f2(self.a) * self.b * self.c)

# %% 5.5 wrong: only one cross term | what else gives e1e2
class HyperDual:
    def __init__(self, a, b, c, d):
        self.a, self.b, self.c, self.d = a, b, c, d
    def __add__(self, o):
        return HyperDual(self.a + o.a, self.b + o.b, self.c + o.c, self.d + o.d)
    def __mul__(self, o):
        return HyperDual(self.a * o.a, self.a * o.b + self.b * o.a, self.a * o.c + self.c * o.a,
                         self.a * o.d + self.d * o.a + self.b * o.c)
    def lift(self, f, f1, f2):
        return HyperDual(f(self.a), f1(self.a) * self.b, f1(self.a) * self.c,
                         f1(self.a) * self.d + f2(self.a) * self.b * self.c)

# %% 5.5 wrong: part by part | multiply part by part
class HyperDual:
    def __init__(self, a, b, c, d):
        self.a, self.b, self.c, self.d = a, b, c, d
    def __add__(self, o):
        return HyperDual(self.a + o.a, self.b + o.b, self.c + o.c, self.d + o.d)
    def __mul__(self, o):
        return HyperDual(self.a * o.a, self.b * o.b, self.c * o.c, self.d * o.d)
    def lift(self, f, f1, f2):
        return HyperDual(f(self.a), f1(self.a) * self.b, f1(self.a) * self.c,
                         f1(self.a) * self.d + f2(self.a) * self.b * self.c)

# %% 5.5 wrong: lift forgets f'' | e1 and e2 both nudge
class HyperDual:
    def __init__(self, a, b, c, d):
        self.a, self.b, self.c, self.d = a, b, c, d
    def __add__(self, o):
        return HyperDual(self.a + o.a, self.b + o.b, self.c + o.c, self.d + o.d)
    def __mul__(self, o):
        return HyperDual(self.a * o.a, self.a * o.b + self.b * o.a, self.a * o.c + self.c * o.a,
                         self.a * o.d + self.d * o.a + self.b * o.c + self.c * o.b)
    def lift(self, f, f1, f2):
        s = f1(self.a)
        return HyperDual(f(self.a), s * self.b, s * self.c, s * self.d)

# %% 5.5 wrong: lift forgets d | The part d of the number is lost
class HyperDual:
    def __init__(self, a, b, c, d):
        self.a, self.b, self.c, self.d = a, b, c, d
    def __add__(self, o):
        return HyperDual(self.a + o.a, self.b + o.b, self.c + o.c, self.d + o.d)
    def __mul__(self, o):
        return HyperDual(self.a * o.a, self.a * o.b + self.b * o.a, self.a * o.c + self.c * o.a,
                         self.a * o.d + self.d * o.a + self.b * o.c + self.c * o.b)
    def lift(self, f, f1, f2):
        return HyperDual(f(self.a), f1(self.a) * self.b, f1(self.a) * self.c, f2(self.a) * self.b * self.c)

# %% 5.5 wrong: half of f'', for Taylor's sake | Your f'' is halved
class HyperDual:
    def __init__(self, a, b, c, d):
        self.a, self.b, self.c, self.d = a, b, c, d
    def __add__(self, o):
        return HyperDual(self.a + o.a, self.b + o.b, self.c + o.c, self.d + o.d)
    def __mul__(self, o):
        return HyperDual(self.a * o.a, self.a * o.b + self.b * o.a, self.a * o.c + self.c * o.a,
                         self.a * o.d + self.d * o.a + self.b * o.c + self.c * o.b)
    def lift(self, f, f1, f2):
        return HyperDual(f(self.a), f1(self.a) * self.b, f1(self.a) * self.c,
                         f1(self.a) * self.d + f2(self.a) / 2 * self.b * self.c)

# %% 5.5 wrong: one cross term, and no f'' in lift | what else gives e1e2
class HyperDual:
    def __init__(self, a, b, c, d):
        self.a, self.b, self.c, self.d = a, b, c, d
    def __add__(self, o):
        return HyperDual(self.a + o.a, self.b + o.b, self.c + o.c, self.d + o.d)
    def __mul__(self, o):
        return HyperDual(self.a * o.a, self.a * o.b + self.b * o.a, self.a * o.c + self.c * o.a,
                         self.a * o.d + self.d * o.a + self.b * o.c)
    def lift(self, f, f1, f2):
        return HyperDual(f(self.a), f1(self.a) * self.b, f1(self.a) * self.c, f1(self.a) * self.d)

# %% 5.5 wrong: lift gives back a tuple | has to be a HyperDual again
class HyperDual:
    def __init__(self, a, b, c, d):
        self.a, self.b, self.c, self.d = a, b, c, d
    def __add__(self, o):
        return HyperDual(self.a + o.a, self.b + o.b, self.c + o.c, self.d + o.d)
    def __mul__(self, o):
        return HyperDual(self.a * o.a, self.a * o.b + self.b * o.a, self.a * o.c + self.c * o.a,
                         self.a * o.d + self.d * o.a + self.b * o.c + self.c * o.b)
    def lift(self, f, f1, f2):
        s = f1(self.a)
        return f(self.a), s * self.b, s * self.c, s * self.d + f2(self.a) * self.b * self.c

# %% 5.5 wrong: adds into itself | gives a new HyperDual
class HyperDual:
    def __init__(self, a, b, c, d):
        self.a, self.b, self.c, self.d = a, b, c, d
    def __add__(self, o):
        self.a += o.a
        self.b += o.b
        self.c += o.c
        self.d += o.d
        return self
    def __mul__(self, o):
        return HyperDual(self.a * o.a, self.a * o.b + self.b * o.a, self.a * o.c + self.c * o.a,
                         self.a * o.d + self.d * o.a + self.b * o.c + self.c * o.b)
    def lift(self, f, f1, f2):
        s = f1(self.a)
        return HyperDual(f(self.a), s * self.b, s * self.c, s * self.d + f2(self.a) * self.b * self.c)

# %% 5.5 wrong: the sum is forgotten | the methods __add__
class HyperDual:
    def __init__(self, a, b, c, d):
        self.a, self.b, self.c, self.d = a, b, c, d
    def __mul__(self, o):
        return HyperDual(self.a * o.a, self.a * o.b + self.b * o.a, self.a * o.c + self.c * o.a,
                         self.a * o.d + self.d * o.a + self.b * o.c + self.c * o.b)
    def lift(self, f, f1, f2):
        s = f1(self.a)
        return HyperDual(f(self.a), s * self.b, s * self.c, s * self.d + f2(self.a) * self.b * self.c)

# %% 5.5 wrong: lift is forgotten | a method lift
class HyperDual:
    def __init__(self, a, b, c, d):
        self.a, self.b, self.c, self.d = a, b, c, d
    def __add__(self, o):
        return HyperDual(self.a + o.a, self.b + o.b, self.c + o.c, self.d + o.d)
    def __mul__(self, o):
        return HyperDual(self.a * o.a, self.a * o.b + self.b * o.a, self.a * o.c + self.c * o.a,
                         self.a * o.d + self.d * o.a + self.b * o.c + self.c * o.b)

# %% 5.1 right: exact in another class
def taylor_op(a, b, op):
    class Series(list):
        def __mul__(self, other):
            return Series(sum(p * q for p, q in zip(self[: k + 1], reversed(other[: k + 1]))) for k in range(len(self)))

        def __truediv__(self, other):
            inverse = Series([1 / other[0]])
            for k in range(1, len(self)):
                inverse.append(-inverse[0] * sum(other[j] * inverse[k - j] for j in range(1, k + 1)))
            return self * inverse
    a, b = Series(a), Series(b)
    return {"*": a.__mul__, "/": a.__truediv__}[op](b)

# %% 5.1 wrong: zeros at the end are gone | keep length K+1
def taylor_op(a, b, op):
    from numpy.polynomial import Polynomial
    n = len(a)
    if op == "*":
        return np.trim_zeros((Polynomial(a) * Polynomial(b)).coef[:n], "b")
    c = []
    for k in range(n):
        c.append((a[k] - sum(c[j] * b[k - j] for j in range(k))) / b[0])
    return c

# %% 5.1 wrong: a geometric series | geometric series of 1 - b
def taylor_op(a, b, op):
    def times(a, b):
        return [sum(a[j] * b[k - j] for j in range(k + 1)) for k in range(len(a))]
    if op == "*":
        return times(a, b)
    n = [-x for x in b]
    n[0] += 1
    for _ in range(len(a)):  # Horner's rule for 1 + n + n² + ...
        one = [1.0] + [0.0] * (len(a) - 1)
        inverse = one if _ == 0 else [x + y for x, y in zip(one, times(n, inverse))]
    return times(a, inverse)

# %% 5.1 wrong: looks for a coefficient that isn't there | isn't there
def taylor_op(a, b, op):
    if op == "*":
        return np.convolve(a, b)[: len(a)]
    c = []
    for k in range(len(a)):
        c.append((a[k] - sum(b[j] * c[k - j] for j in range(k + 1))) / b[0])
    return c

# %% 5.2 right: enough powers of f itself
def taylor_fn(name, f):
    n = len(f)
    def times(a, b):
        return np.convolve(a, b)[:n]
    one = np.eye(1, n)[0]
    if name == "log":
        rest = np.array([0.0, *f[1:]]) / f[0]
        total, power = math.log(f[0]) * one, one
        for j in range(1, n):
            power = times(power, -rest)
            total = total - power / j
        return total
    total, term = (one, one) if name == "exp" else (np.array(f, float), np.array(f, float))
    for j in range(1, 40):
        term = times(term, f) / j if name == "exp" else -times(times(term, f), f) / (2 * j) / (2 * j + 1)
        total = total + term
    return total

# %% 5.2 wrong: too few powers of f itself | The powers of f end by themselves only if
def taylor_fn(name, f):
    n = len(f)
    def times(a, b):
        return np.convolve(a, b)[:n]
    if name == "log":
        l = [math.log(f[0])]
        for k in range(1, n):
            l.append((f[k] - sum(j * l[j] * f[k - j] for j in range(1, k)) / k) / f[0])
        return l
    total, power = np.zeros(n), np.eye(1, n)[0]
    for j in range(n):
        sign = 1 if name == "exp" else (0, 1, 0, -1)[j % 4]
        total += sign * power / math.factorial(j)
        power = times(power, f)
    return total

# %% 5.2 wrong: f_k is left out of the sum | does the sum reach it
def taylor_fn(name, f):
    e, l = [math.exp(f[0])], [math.log(abs(f[0]) or 1)]
    s, c = [math.sin(f[0])], [math.cos(f[0])]
    for k in range(1, len(f)):
        e.append(sum(j * f[j] * e[k - j] for j in range(1, k)) / k)
        s.append(sum(j * f[j] * c[k - j] for j in range(1, k + 1)) / k)
        c.append(-sum(j * f[j] * s[k - j] for j in range(1, k + 1)) / k)
        if name == "log":
            l.append((f[k] - sum(j * l[j] * f[k - j] for j in range(1, k)) / k) / f[0])
    return {"exp": e, "sin": s, "log": l}[name]

# %% 5.3 wrong: K! for all | Each has its own factorial
def derivatives(F, x0, K):
    c = np.array(F(([x0, 1.0] + [0.0] * K)[: K + 1]))
    return c * math.factorial(K)

# %% 5.3 wrong: a product that begins with 0 | 0! is 1
def derivatives(F, x0, K):
    c = np.array(F(([x0, 1.0] + [0.0] * K)[: K + 1]))
    return c * np.cumprod(np.arange(K + 1))

# %% 5.3 wrong: the last one alone | all of them
def derivatives(F, x0, K):
    return F(([x0, 1.0] + [0.0] * K)[: K + 1])[K] * math.factorial(K)

# %% 5.3 wrong: curved, and without factorials | Write x₀ + t
def derivatives(F, x0, K):
    return F([x0] + [1.0] * K)

# %% 5.4 wrong: derivatives instead of coefficients | Your list holds derivatives
def ode_taylor_step(F, y0, h, K):
    d = [y0]
    for k in range(K):
        d.append(F(d)[k])
    return sum(d[k] * h**k / math.factorial(k) for k in range(K + 1))

# %% 5.4 wrong: the last of the zeros | filled up with zeros
def ode_taylor_step(F, y0, h, K):
    y = np.zeros(K + 1)
    y[0] = y0
    for k in range(1, K + 1):
        y[k] = F(y)[-1] / k
    return np.polynomial.polynomial.polyval(h, y)

# %% 5.4 wrong: a change of y, one term too few | at h = 0 it has to be y₀
def ode_taylor_step(F, y0, h, K):
    y = [y0]
    for k in range(K):
        y.append(F(y)[k] / (k + 1))
    return sum(c * h ** (k + 1) for k, c in enumerate(y[1:]))

# %% 5.5 wrong: lift takes values | functions of a number
class HyperDual:
    def __init__(self, a, b, c, d):
        self.a, self.b, self.c, self.d = a, b, c, d
    def __add__(self, o):
        return HyperDual(self.a + o.a, self.b + o.b, self.c + o.c, self.d + o.d)
    def __mul__(self, o):
        return HyperDual(self.a * o.a, self.a * o.b + self.b * o.a, self.a * o.c + self.c * o.a,
                         self.a * o.d + self.d * o.a + self.b * o.c + self.c * o.b)
    def lift(self, f, f1, f2):
        return HyperDual(f, f1 * self.b, f1 * self.c, f1 * self.d + f2 * self.b * self.c)

# %% 5.5 wrong: the parts have other names | the parts a, b, c and d
class HyperDual:
    def __init__(self, value, e1, e2, e12):
        self.value, self.e1, self.e2, self.e12 = value, e1, e2, e12
    def __add__(self, o):
        return HyperDual(self.value + o.value, self.e1 + o.e1, self.e2 + o.e2, self.e12 + o.e12)
    def __mul__(self, o):
        return HyperDual(self.value * o.value, self.value * o.e1 + self.e1 * o.value,
                         self.value * o.e2 + self.e2 * o.value,
                         self.value * o.e12 + self.e12 * o.value + self.e1 * o.e2 + self.e2 * o.e1)
    def lift(self, f, f1, f2):
        s = f1(self.value)
        return HyperDual(f(self.value), s * self.e1, s * self.e2, s * self.e12 + f2(self.value) * self.e1 * self.e2)

# %% 5.5 wrong: the sum gives nothing back | has to be a HyperDual again
class HyperDual:
    def __init__(self, a, b, c, d):
        self.a, self.b, self.c, self.d = a, b, c, d
    def __add__(self, o):
        HyperDual(self.a + o.a, self.b + o.b, self.c + o.c, self.d + o.d)
    def __mul__(self, o):
        return HyperDual(self.a * o.a, self.a * o.b + self.b * o.a, self.a * o.c + self.c * o.a,
                         self.a * o.d + self.d * o.a + self.b * o.c + self.c * o.b)
    def lift(self, f, f1, f2):
        s = f1(self.a)
        return HyperDual(f(self.a), s * self.b, s * self.c, s * self.d + f2(self.a) * self.b * self.c)

# %% 5.5 wrong: bicomplex | imaginary units
class HyperDual:
    def __init__(self, a, b, c, d):
        self.a, self.b, self.c, self.d = a, b, c, d
    def __add__(self, o):
        return HyperDual(self.a + o.a, self.b + o.b, self.c + o.c, self.d + o.d)
    def __mul__(self, o):
        return HyperDual(self.a * o.a - self.b * o.b - self.c * o.c + self.d * o.d,
                         self.a * o.b + self.b * o.a - self.c * o.d - self.d * o.c,
                         self.a * o.c + self.c * o.a - self.b * o.d - self.d * o.b,
                         self.a * o.d + self.d * o.a + self.b * o.c + self.c * o.b)
    def lift(self, f, f1, f2):
        s = f1(self.a)
        return HyperDual(f(self.a), s * self.b, s * self.c, s * self.d + f2(self.a) * self.b * self.c)

# %% 5.1 wrong: lists multiplied | their entries can
def taylor_op(a, b, op):
    return a * b if op == "*" else a / b

# %% 5.2 wrong: the function of a list | its entries are numbers
def taylor_fn(name, f):
    return getattr(math, name)(f)

# %% 5.4 wrong: Euler's method with a list | gives back a list
def ode_taylor_step(F, y0, h, K):
    for _ in range(K):
        y0 = y0 + h / K * F([y0])
    return y0
