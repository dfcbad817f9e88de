# ruff: noqa
# Answers to assignment 1 as students write them, one a block: right ones by different routes, and wrong ones with words
# of the hint that each must meet.

# %% 1.1 right: two branches
def fd(f, x, h, kind):
    if kind == "forward":
        return (f(x + h) - f(x)) / h
    elif kind == "central":
        return (f(x + h) - f(x - h)) / (2 * h)
    else:
        raise ValueError("kind")

# %% 1.1 right: a table of end points
def fd(f, x, h, kind):
    ends = {"forward": (0, 1), "central": (-1, 1)}
    try:
        a, b = ends[kind]
    except KeyError:
        raise ValueError(f"unknown kind {kind}") from None
    return np.divide(f(x + b * h) - f(x + a * h), (b - a) * h)

# %% 1.1 right: the central one as a mean of the two one-sided ones
def fd(f, x, h, kind):
    assert h != 0
    match kind:
        case "forward":
            return np.array((f(x + h) - f(x)) / h)
        case "central":
            return 0.5 * (f(x + h) - f(x)) / h + 0.5 * (f(x) - f(x - h)) / h
    raise ValueError

# %% 1.1 wrong: backward quotient for forward | looks backward
def fd(f, x, h, kind):
    if kind == "forward":
        return (f(x) - f(x - h)) / h
    if kind == "central":
        return (f(x + h) - f(x - h)) / 2 / h
    raise ValueError

# %% 1.1 wrong: central divided by h | twice too large
def fd(f, x, h, kind):
    shift = {"forward": 0, "central": h}
    if kind not in shift:
        raise ValueError
    return (f(x + h) - f(x - shift[kind])) / h

# %% 1.1 wrong: kinds exchanged | exchanged
def fd(f, x, h, kind):
    if kind == "central":
        return (f(x + h) - f(x)) / h
    if kind == "forward":
        return (f(x + h) - f(x - h)) / (2 * h)
    raise ValueError

# %% 1.1 wrong: any kind will do | ValueError
def fd(f, x, h, kind):
    if kind == "forward":
        return (f(x + h) - f(x)) / h
    return (f(x + h) - f(x - h)) / (2 * h)

# %% 1.1 wrong: prints instead of raising | ValueError
def fd(f, x, h, kind):
    if kind == "forward":
        return (f(x + h) - f(x)) / h
    if kind == "central":
        return (f(x + h) - f(x - h)) / (2 * h)
    print("unknown kind")

# %% 1.1 wrong: differences, not quotients | differences
def fd(f, x, h, kind):
    if kind == "forward":
        return f(x + h) - f(x)
    if kind == "central":
        return f(x + h) - f(x - h)
    raise ValueError

# %% 1.1 wrong: precedence, divides by 2 and multiplies by h | exactly
def fd(f, x, h, kind):
    if kind == "forward":
        return (f(x + h) - f(x)) / h
    if kind == "central":
        return (f(x + h) - f(x - h)) / 2 * h
    raise ValueError

# %% 1.1 wrong: ignores h | exactly
def fd(f, x, h, kind):
    h = 1e-6
    if kind == "forward":
        return (f(x + h) - f(x)) / h
    if kind == "central":
        return (f(x + h) - f(x - h)) / (2 * h)
    raise ValueError

# %% 1.2 right: as printed
def second(f, a, h):
    return (f(a + h) - 2 * f(a) + f(a - h)) / h**2

# %% 1.2 right: a difference of central half-step slopes
def second(f, a, h):
    slope = lambda x: (f(x + h / 2) - f(x - h / 2)) / h
    return np.float64(slope(a + h / 2) - slope(a - h / 2)) / h

# %% 1.2 right: weights dotted with values
def second(f, a, h):
    return np.dot([1, -2, 1], [f(a - h), f(a), f(a + h)]) / (h * h)

# %% 1.2 wrong: divides by h | 2h
def second(f, a, h):
    return (f(a + h) - 2 * f(a) + f(a - h)) / h

# %% 1.2 wrong: missing factor 2 | middle point
def second(f, a, h):
    return (f(a + h) + f(a - h) - f(a)) / h**2

# %% 1.2 wrong: plus 2 f(a) | add up to
def second(f, a, h):
    return (f(a + h) + 2 * f(a) + f(a - h)) / h**2

# %% 1.2 wrong: one-sided | not centred
def second(f, a, h):
    return (f(a) - 2 * f(a + h) + f(a + 2 * h)) / h**2

# %% 1.2 wrong: two steps of fd | four times
def second(f, a, h):
    d = lambda x: (f(x + h) - f(x - h)) / (2 * h)
    return (d(a + h) - d(a - h)) / (2 * h)

# %% 1.2 wrong: a first derivative | first derivative
def second(f, a, h):
    return (f(a + h) - f(a - h)) / h / 2

# %% 1.2 wrong: precedence | exactly 2
def second(f, a, h):
    return f(a + h) - 2 * f(a) + f(a - h) / h**2

# %% 1.3 right: loops
def ucurve(f, df, x, hs):
    errors = np.zeros((2, len(hs)))
    for k, h in enumerate(hs):
        errors[0, k] = abs((f(x + h) - f(x)) / h - df(x))
        errors[1, k] = abs((f(x + h) - f(x - h)) / (2 * h) - df(x))
    return errors

# %% 1.3 right: arrays at once
def ucurve(f, df, x, hs):
    up, down = f(x + hs), f(x - hs)
    return np.abs(np.stack([(up - f(x)) / hs, (up - down) / (2 * hs)]) - df(x))

# %% 1.3 right: two lists
def ucurve(f, df, x, hs):
    return (
        [abs(df(x) - (f(x + h) - f(x)) / h) for h in hs],
        [abs(df(x) - (f(x + h) / h - f(x - h) / h) / 2) for h in hs],
    )

# %% 1.3 wrong: signed errors | signs
def ucurve(f, df, x, hs):
    return np.array([(f(x + hs) - f(x)) / hs - df(x), (f(x + hs) - f(x - hs)) / (2 * hs) - df(x)])

# %% 1.3 wrong: rows swapped | exchanged
def ucurve(f, df, x, hs):
    return abs(np.array([(f(x + hs) - f(x - hs)) / (2 * hs), (f(x + hs) - f(x)) / hs]) - df(x))

# %% 1.3 wrong: relative errors | relative
def ucurve(f, df, x, hs):
    return abs(np.array([(f(x + hs) - f(x)) / hs, (f(x + hs) - f(x - hs)) / (2 * hs)]) / df(x) - 1)

# %% 1.3 wrong: transposed | transposed
def ucurve(f, df, x, hs):
    return [[abs((f(x + h) - f(x)) / h - df(x)), abs((f(x + h) - f(x - h)) / (2 * h) - df(x))] for h in hs]

# %% 1.3 wrong: squared | squared
def ucurve(f, df, x, hs):
    return (np.array([(f(x + hs) - f(x)) / hs, (f(x + hs) - f(x - hs)) / (2 * hs)]) - df(x)) ** 2

# %% 1.3 wrong: flat | minimum further left
def ucurve(f, df, x, hs):
    return np.abs(np.concatenate([(f(x + hs) - f(x)) / hs, (f(x + hs) - f(x - hs)) / (2 * hs)]) - df(x))

# %% 1.4 right: np.imag
def complex_step(f, x, h=1e-20):
    return np.imag(f(complex(x, h))) / h

# %% 1.4 right: two conjugate points
def complex_step(f, x, h=1e-20):
    z = (f(x + 1j * h) - f(x - 1j * h)) / 2j
    return (z / h).real

# %% 1.4 right: a complex number that happens to be real
def complex_step(f, x, h=1e-20):
    y = f(np.complex128(x) + h * 1j)
    return complex(y.imag / h)

# %% 1.4 wrong: real part | real part
def complex_step(f, x, h=1e-20):
    return f(x + 1j * h).real / h

# %% 1.4 wrong: no division | shrinks with h
def complex_step(f, x, h=1e-20):
    return f(x + 1j * h).imag

# %% 1.4 wrong: a real step | real
def complex_step(f, x, h=1e-20):
    return (f(x + h) - f(x)) / h

# %% 1.4 wrong: ignores h | does not use the h
def complex_step(f, x, h=1e-20):
    h = 1e-8
    return f(x + 1j * h).imag / h

# %% 1.4 wrong: the modulus | modulus
def complex_step(f, x, h=1e-20):
    return np.abs(f(x + 1j * h)) / h

# %% 1.4 wrong: complex answer | f(x+ih)
def complex_step(f, x, h=1e-20):
    return f(x + 1j * h) / h

# %% 1.5 right: rows of a shifted matrix
def grad_fd(f, x, h=1e-6):
    shifted = np.asarray(x, dtype=float) + h * np.eye(len(x))
    return np.array([f(row) for row in shifted]) / h - f(np.asarray(x, float)) / h

# %% 1.5 right: unit vectors, and a list comes back
def grad_fd(f, x, h=1e-6):
    fx = f(x)
    e = np.identity(np.size(x))
    return [(f(x + h * e_i) - fx) / h for e_i in e]

# %% 1.5 right: keep and restore in a float copy
def grad_fd(f, x, h=1e-6):
    x = x.astype(float)
    base, g = f(x), np.zeros(x.shape)
    for i, old in enumerate(x.tolist()):
        x[i] = old + h
        g[i] = (f(x) - base) / h
        x[i] = old
    return g

# %% 1.5 wrong: 2n evaluations | 2n evaluations
def grad_fd(f, x, h=1e-6):
    x = np.array(x, float)
    g = []
    for i in range(len(x)):
        y = x.copy()
        y[i] += h
        g.append((f(y) - f(x)) / h)
    return np.array(g)

# %% 1.5 wrong: forgets to restore x | pile up
def grad_fd(f, x, h=1e-6):
    base, g = f(x), np.zeros(len(x))
    for i in range(len(x)):
        x[i] = x[i] + h
        g[i] = (f(x) - base) / h
    return g

# %% 1.5 wrong: steps back by subtracting | step back
def grad_fd(f, x, h=1e-6):
    base, g = f(x), np.zeros(len(x))
    for i in range(len(x)):
        x[i] += h
        g[i] = (f(x) - base) / h
        x[i] -= h
    return g

# %% 1.5 wrong: integers stay integers | keeps integers
def grad_fd(f, x, h=1e-6):
    base, g = f(x), np.zeros(len(x))
    for i in range(len(x)):
        y = np.array(x)
        y[i] = y[i] + h
        g[i] = (f(y) - base) / h
    return g

# %% 1.5 wrong: an integer gradient | keeps integers
def grad_fd(f, x, h=1e-6):
    g, base, y = np.zeros_like(x), f(x), x.astype(float)
    for i in range(len(x)):
        y[i] += h
        g[i] = (f(y) - base) / h
        y[i] = x[i]
    return g

# %% 1.5 wrong: central quotients | central
def grad_fd(f, x, h=1e-6):
    e = h * np.eye(len(x))
    return np.array([f(x + d) - f(x - d) for d in e]) / (2 * h)

# %% 1.5 wrong: all entries at once | at once
def grad_fd(f, x, h=1e-6):
    return (f(x + h) - f(x)) / h
