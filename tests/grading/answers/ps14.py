# ruff: noqa
# Answers to assignment 14 as students write them, one a block: right ones by different routes, and wrong ones with words
# of the hint that each must meet.

# %% 14.1 right: where twice
def safe_sqrt(x):
    inside = np.where(x > 0, x, 1.0)
    return np.where(x > 0, np.sqrt(inside), 0.0), np.where(x > 0, 0.5 / np.sqrt(inside), 0.0)

# %% 14.1 right: a branch
def safe_sqrt(x):
    if x > 0:
        return math.sqrt(x), 1 / (2 * math.sqrt(x))
    return 0, 0

# %% 14.1 right: powers, as a list
def safe_sqrt(x):
    y = x if x > 0 else 7.0
    return [(x > 0) * y**0.5, (x > 0) * 0.5 * y**-0.5]

# %% 14.1 right: by logarithms, a mask to multiply with
def safe_sqrt(x):
    mask = np.float64(x > 0)
    half = 0.5 * np.log(x * mask + (1 - mask))
    return np.array([mask * np.exp(half), mask * np.exp(-half) / 2])

# %% 14.1 right: where of ufuncs, silenced without need
def safe_sqrt(x):
    x = np.atleast_1d(np.asarray(x, dtype=float))
    ok = x > 0
    with np.errstate(all="ignore"):
        value = np.sqrt(x, out=np.zeros_like(x), where=ok)
        slope = np.divide(0.5, value, out=np.zeros_like(x), where=ok)
    return value[0], slope[0]

# %% 14.1 wrong: where once, as reverse mode sees it | 0 * np.inf
def safe_sqrt(x):
    x = np.float64(x)
    mask = np.where(x > 0, 1.0, 0.0)
    return np.where(x > 0, np.sqrt(x), 0.0), mask * (0.5 / np.sqrt(x))

# %% 14.1 wrong: where outside alone | thrown away
def safe_sqrt(x):
    x = np.float64(x)
    return np.where(x > 0, np.sqrt(x), 0.0), np.where(x > 0, 0.5 / np.sqrt(x), 0.0)

# %% 14.1 wrong: where outside alone, and silence | thrown away
def safe_sqrt(x):
    x = np.float64(x)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(x > 0, np.sqrt(x), 0.0), np.where(x > 0, 0.5 / np.sqrt(x), 0.0)

# %% 14.1 wrong: a filter of warnings | thrown away
def safe_sqrt(x):
    import warnings
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old = np.seterr(all="ignore")
        r = np.sqrt(np.float64(x))
        d = np.float64(0.5) / r
        np.seterr(**old)
    if x > 0:
        return r, d
    return 0.0, 0.0

# %% 14.1 wrong: eps inside of the root | Something small was added
def safe_sqrt(x):
    y = np.maximum(x, 0.0)
    r = np.sqrt(y + 1e-12)
    return np.where(x > 0, r, 0.0), np.where(x > 0, 0.5 / r, 0.0)

# %% 14.1 wrong: eps below the line | Something small was added
def safe_sqrt(x):
    r = math.sqrt(max(x, 0.0))
    return r, 0.5 / (r + 1e-8) * (x > 0)

# %% 14.1 wrong: another eps | Something small was added
def safe_sqrt(x):
    r = math.sqrt(max(x, 0.0) + 1e-30)
    return r * (x > 0), 0.5 / r * (x > 0)

# %% 14.1 wrong: nan_to_num | np.nan_to_num repairs
def safe_sqrt(x):
    x = np.float64(x)
    return np.nan_to_num(np.sqrt(x)), np.nan_to_num(0.5 / np.sqrt(x))

# %% 14.1 wrong: no second where | substitute
def safe_sqrt(x):
    y = np.where(x > 0, x, 1.0)
    return np.sqrt(y), 0.5 / np.sqrt(y)

# %% 14.1 wrong: small numbers taken for 0 | where does your condition cut
def safe_sqrt(x):
    if x < 1e-15:
        return 0.0, 0.0
    return math.sqrt(x), 0.5 / math.sqrt(x)

# %% 14.1 wrong: infinite at 0 | from the right
def safe_sqrt(x):
    if x < 0:
        return 0.0, 0.0
    return np.sqrt(x), (0.5 / np.sqrt(x) if x else np.inf)

# %% 14.1 wrong: caught too late | math.sqrt refuses
def safe_sqrt(x):
    return math.sqrt(x), 0.5 / math.sqrt(x) if x > 0 else 0.0

# %% 14.1 wrong: 0 is not left out | You divide by the root of 0
def safe_sqrt(x):
    if x < 0:
        return 0.0, 0.0
    return math.sqrt(x), 0.5 / math.sqrt(x)

# %% 14.1 wrong: the half is lost | from (4, 2)
def safe_sqrt(x):
    if x > 0:
        return math.sqrt(x), 1 / math.sqrt(x)
    return 0.0, 0.0

# %% 14.1 wrong: the value alone | Mask the INPUT
def safe_sqrt(x):
    return math.sqrt(x) if x > 0 else 0.0

# %% 14.1 wrong: a difference quotient | Something small was added
def safe_sqrt(x):
    if x <= 0:
        return 0.0, 0.0
    return math.sqrt(x), (math.sqrt(x + 1e-6) - math.sqrt(x)) / 1e-6

# %% 14.1 right: an exception for a branch
def safe_sqrt(x):
    try:
        return math.sqrt(x), 0.5 / math.sqrt(x)
    except (ValueError, ZeroDivisionError):
        return 0.0, 0.0

# %% 14.1 right: ufuncs that are told where
def safe_sqrt(x):
    x = np.asarray(x, float)
    root = np.sqrt(x, out=np.zeros_like(x), where=x > 0)
    return root, np.divide(0.5, root, out=np.zeros_like(x), where=x > 0)

# %% 14.2 right: formulas
def ad_at_kink(s):
    return {"zero1": 1 - 2 * s, "zero2": s * (1 - s), "zero3": -(s**2), "zero4": 0}

# %% 14.2 right: forward mode
def ad_at_kink(s):
    class Dual:
        __slots__ = ("a", "b")
        def __init__(self, a, b=0.0):
            self.a, self.b = a, b
        def __add__(self, o):
            return Dual(self.a + o.a, self.b + o.b)
        def __sub__(self, o):
            return Dual(self.a - o.a, self.b - o.b)
        def __neg__(self):
            return Dual(-self.a, -self.b)
        def __rmul__(self, c):
            return Dual(c * self.a, c * self.b)
    def relu(t):
        d = s if t.a == 0 else float(t.a > 0)
        return Dual(max(t.a, 0.0), d * t.b)
    t = Dual(0.0, 1.0)
    programs = dict(
        zero1=relu(-t) + t - relu(t),
        zero2=relu(t) - relu(relu(t)),
        zero3=relu(-relu(t)),
        zero4=relu(-3 * t) - 3 * relu(-t),
    )
    return {name: z.b for name, z in programs.items()}

# %% 14.2 right: a reverse sweep by hand, NumPy numbers
def ad_at_kink(s):
    s = np.float64(s)
    bar = {}
    # zero3: a = relu(t), b = -a, z = relu(b)
    b_bar = 1.0 * s
    a_bar = -b_bar
    bar["zero3"] = a_bar * s
    # zero2: a = relu(t), z = a - relu(a)
    a_bar = 1.0 - s
    bar["zero2"] = a_bar * s
    bar["zero1"] = np.sum([-s, 1.0, -s])
    bar["zero4"] = -3 * s + 3 * s
    return bar

# %% 14.2 wrong: the true derivative | the derivative of the function
def ad_at_kink(s):
    return {"zero1": 0.0, "zero2": 0.0, "zero3": 0.0, "zero4": 0.0}

# %% 14.2 wrong: -1 inside forgotten | which way does
def ad_at_kink(s):
    return {"zero1": s + 1 - s, "zero2": s - s * s, "zero3": s * s, "zero4": 3 * s - 3 * s}

# %% 14.2 wrong: a relu of a relu gives s | slope of what stands inside
def ad_at_kink(s):
    return {"zero1": s + 1 - s, "zero2": s - s, "zero3": s, "zero4": s - 3 * s}

# %% 14.2 wrong: relu twice is relu | meets its kink twice
def ad_at_kink(s):
    return {"zero1": 1 - 2 * s, "zero2": 0.0, "zero3": -(s**2), "zero4": 0.0}

# %% 14.2 wrong: jax.nn.relu | as jax.nn.relu does
def ad_at_kink(s):
    return {"zero1": 1.0, "zero2": 0.0, "zero3": 0.0, "zero4": 0.0}

# %% 14.2 wrong: jnp.maximum | as jnp.maximum does
def ad_at_kink(s):
    return {"zero1": 0.0, "zero2": 0.25, "zero3": -0.25, "zero4": 0.0}

# %% 14.2 wrong: from the right | slope is 1
def ad_at_kink(s):
    def relu(t, d):
        return max(t, 0.0), d * (t >= 0)
    return {"zero1": -1 + 1 - 1, "zero2": 1 - 1, "zero3": -1, "zero4": -3 + 3}

# %% 14.2 wrong: t has no slope | stands alone in zero1
def ad_at_kink(s):
    return {"zero1": -s - s, "zero2": s - s * s, "zero3": -s * s, "zero4": 0.0}

# %% 14.2 wrong: two relus cancel | three slopes of the three terms
def ad_at_kink(s):
    return {"zero1": 1.0, "zero2": s - s**2, "zero3": -(s**2), "zero4": 0.0}

# %% 14.2 wrong: slopes added | does not add them
def ad_at_kink(s):
    return {"zero1": 1 - 2 * s, "zero2": s - (s + s), "zero3": -s - s, "zero4": 0.0}

# %% 14.2 wrong: two signs | in front of a relu
def ad_at_kink(s):
    return {"zero1": 1 - 2 * s, "zero2": s + s * s, "zero3": s * s, "zero4": 0.0}

# %% 14.2 wrong: other keys | relu(-t) contributes
def ad_at_kink(s):
    return {1: 1 - 2 * s, 2: s - s**2, 3: -(s**2), 4: 0.0}

# %% 14.2 wrong: a list | relu(-t) contributes
def ad_at_kink(s):
    return [1 - 2 * s, s - s**2, -(s**2), 0.0]

# %% 14.2 wrong: half of the programs known to nobody | relu(-t) contributes
def ad_at_kink(s):
    return {"zero1": 1 - s / 3, "zero2": 2.5 * s, "zero3": 5 * s, "zero4": 7.0 * s + 1}

# %% 14.2 right: the package, with a rule of one's own
def ad_at_kink(s):
    import adcourse

    @adcourse.custom_rule
    def relu(t):
        return max(t, 0.0)

    @relu.jvp
    def relu_jvp(z, primals, tangents):
        return tangents[0] * (s if primals[0] == 0 else float(primals[0] > 0))

    programs = {
        "zero1": lambda t: relu(-t) + t - relu(t),
        "zero2": lambda t: relu(t) - relu(relu(t)),
        "zero3": lambda t: relu(-relu(t)),
        "zero4": lambda t: relu(-3 * t) - 3 * relu(-t),
    }
    return {name: float(adcourse.jvp(f, (0.0,), (1.0,))[1]) for name, f in programs.items()}

# %% 14.3 right: the score
def score_gradient(f, p, n, m, rng):
    X = rng.binomial(n, p, size=m)
    return np.mean(f(X) * (X - n * p) / (p * (1 - p)))

# %% 14.3 right: one by one
def score_gradient(f, p, n, m, rng):
    total = 0.0
    for _ in range(m):
        k = int(rng.binomial(n, p))
        total += f(k) * (k / p - (n - k) / (1 - p))
    return total / m

# %% 14.3 right: from uniform numbers
def score_gradient(f, p, n, m, rng):
    trials = rng.random((m, n)) < p
    score = np.where(trials, 1 / p, -1 / (1 - p)).sum(axis=1)
    return float(f(trials.sum(axis=1)) @ score / m)

# %% 14.3 right: a covariance
def score_gradient(f, p, n, m, rng):
    X = rng.binomial(n, p, size=m)
    return np.cov(f(X), X)[0, 1] / (p * (1 - p))

# %% 14.3 right: a constant subtracted
def score_gradient(f, p, n, m, rng):
    X = rng.binomial(n, p, m)
    return sum((f(X) - f(round(n * p))) * (X - n * p)) / (m * p * (1 - p))

# %% 14.3 right: the mean of the others subtracted
def score_gradient(f, p, n, m, rng):
    X = rng.binomial(n, p, m)
    F = f(X) + np.zeros(m)
    others = (F.sum() - F) / (m - 1)
    return np.mean((F - others) * (X - n * p) / (p * (1 - p)))

# %% 14.3 right: one trial more among the others
def score_gradient(f, p, n, m, rng):
    Y = rng.binomial(n - 1, p, m)
    return n * np.mean(f(Y + 1) - f(Y))

# %% 14.3 wrong: along the path | Which factor of it depends
def score_gradient(f, p, n, m, rng):
    U = rng.random((m, n))
    X = lambda p: (U < p).sum(axis=1)
    h = 1e-12
    return np.mean((f(X(p + h)) - f(X(p - h))) / (2 * h))

# %% 14.3 wrong: X as if it were np | You differentiate f
def score_gradient(f, p, n, m, rng):
    X = rng.binomial(n, p, m)
    h = 1e-5
    return np.mean((f(X + h) - f(X)) / h * X / p)

# %% 14.3 wrong: X - np | up to a factor
def score_gradient(f, p, n, m, rng):
    X = rng.binomial(n, p, m)
    return np.mean(f(X) * (X - n * p))

# %% 14.3 wrong: only over p | up to a factor
def score_gradient(f, p, n, m, rng):
    X = rng.binomial(n, p, m)
    return np.mean(f(X) * (X - n * p) / p)

# %% 14.3 wrong: successes alone | the successes and the failures
def score_gradient(f, p, n, m, rng):
    X = rng.binomial(n, p, m)
    return np.mean(f(X) * X / p)

# %% 14.3 wrong: the sign of the failures | the successes and the failures
def score_gradient(f, p, n, m, rng):
    X = rng.binomial(n, p, m)
    return np.mean(f(X) * (X / p + (n - X) / (1 - p)))

# %% 14.3 wrong: the sign | large X become more probable
def score_gradient(f, p, n, m, rng):
    X = rng.binomial(n, p, m)
    return np.mean(f(X) * (n * p - X) / (p * (1 - p)))

# %% 14.3 wrong: without f | whatever f is
def score_gradient(f, p, n, m, rng):
    X = rng.binomial(n, p, m)
    return np.mean((X - n * p) / (p * (1 - p)))

# %% 14.3 wrong: a sum | doesn't grow with m
def score_gradient(f, p, n, m, rng):
    X = rng.binomial(n, p, m)
    return np.sum(f(X) * (X - n * p) / (p * (1 - p)))

# %% 14.3 wrong: the mean itself | E f(X) itself
def score_gradient(f, p, n, m, rng):
    return np.mean(f(rng.binomial(n, p, m)))

# %% 14.3 wrong: n too small | n times too small
def score_gradient(f, p, n, m, rng):
    X = rng.binomial(n, p, m)
    return np.mean(f(X) * (X - n * p) / (n * p * (1 - p)))

# %% 14.3 wrong: other draws for the score | the SAME draw
def score_gradient(f, p, n, m, rng):
    return np.mean(f(rng.binomial(n, p, m)) * (rng.binomial(n, p, m) - n * p) / (p * (1 - p)))

# %% 14.3 wrong: the mean of the same draws subtracted | from the same draws
def score_gradient(f, p, n, m, rng):
    X = rng.binomial(n, p, m)
    return np.mean((f(X) - f(X).mean()) * (X - n * p) / (p * (1 - p)))

# %% 14.3 wrong: a quotient of means | No step is needed
def score_gradient(f, p, n, m, rng):
    h = 1e-3
    return (f(rng.binomial(n, p + h, m)).mean() - f(rng.binomial(n, p - h, m)).mean()) / (2 * h)

# %% 14.3 wrong: a quotient with another step | scatter far more
def score_gradient(f, p, n, m, rng):
    h = 1e-5
    return (f(rng.binomial(n, p + h, m)).mean() - f(rng.binomial(n, p, m)).mean()) / h

# %% 14.3 wrong: the exact sum | the exact derivative
def score_gradient(f, p, n, m, rng):
    return sum(f(k) * math.comb(n, k) * p**k * (1 - p) ** (n - k) * (k - n * p) / (p * (1 - p)) for k in range(n + 1))

# %% 14.3 wrong: a generator of its own | rng that is passed in
def score_gradient(f, p, n, m, rng):
    X = np.random.default_rng().binomial(n, p, m)
    return np.mean(f(X) * (X - n * p) / (p * (1 - p)))

# %% 14.3 wrong: a generator of its own, seeded | the same each time
def score_gradient(f, p, n, m, rng):
    rng = np.random.default_rng(7)
    X = rng.binomial(n, p, m)
    return np.mean(f(X) * (X - n * p) / (p * (1 - p)))

# %% 14.3 wrong: one draw | as uncertain as a single draw
def score_gradient(f, p, n, m, rng):
    X = rng.binomial(n, p)
    return f(X) * (X - n * p) / (p * (1 - p))

# %% 14.3 wrong: an array of products | d/dp log P
def score_gradient(f, p, n, m, rng):
    X = rng.binomial(n, p, m)
    return f(X) * (X - n * p) / (p * (1 - p))

# %% 14.3 right: a draw raised
def score_gradient(f, p, n, m, rng):
    X = rng.binomial(n, p, size=m)
    return np.mean((n - X) / (1 - p) * (f(X + 1) - f(X)))

# %% 14.3 right: the package differentiates the logarithm
def score_gradient(f, p, n, m, rng):
    import adcourse

    X = rng.binomial(n, p, size=m)
    return np.mean(f(X) * adcourse.jvp(lambda p: X * np.log(p) + (n - X) * np.log(1 - p), (p,), (1.0,))[1])

# %% 14.3 right: a ratio of probabilities, differentiated
def score_gradient(f, p, n, m, rng):
    import adcourse

    X = rng.binomial(n, p, size=m)
    return adcourse.derivative(lambda r: np.mean(f(X) * (r / p) ** X * ((1 - r) / (1 - p)) ** (n - X)))(p)

# %% 14.3 wrong: in units of the spread | up to a factor
def score_gradient(f, p, n, m, rng):
    X = rng.binomial(n, p, size=m)
    return np.mean(f(X) * (X - n * p) / math.sqrt(n * p * (1 - p)))

# %% 14.3 wrong: divided twice | by m twice
def score_gradient(f, p, n, m, rng):
    X = rng.binomial(n, p, size=m)
    return np.mean(f(X) * (X - n * p) / (p * (1 - p))) / m

# %% 14.4 right: minus the absolute value
def softplus_and_grad(x):
    small = math.exp(-abs(x))
    return max(x, 0.0) + math.log1p(small), (1.0 if x > 0 else small) / (1 + small)

# %% 14.4 right: two branches
def softplus_and_grad(x):
    if x > 0:
        return x + np.log1p(np.exp(-x)), 1 / (1 + np.exp(-x))
    return np.log1p(np.exp(x)), np.exp(x) / (1 + np.exp(x))

# %% 14.4 right: logaddexp, and the slope by logarithms
def softplus_and_grad(x):
    return np.logaddexp(0.0, x), np.exp(-np.logaddexp(0.0, -x))

# %% 14.4 right: where of a safe exponent
def softplus_and_grad(x):
    e = np.exp(-np.abs(x))
    return [np.maximum(x, 0) + np.log1p(e), np.where(x >= 0, 1.0, e) / (1 + e)]

# %% 14.4 right: by the area tangent
def softplus_and_grad(x):
    e = np.exp(-abs(x))
    value = 2 * np.arctanh(e / (2 + e))
    return (x + value, 1 - e / (1 + e)) if x > 0 else (value, e / (1 + e))

# %% 14.4 right: SciPy
def softplus_and_grad(x):
    from scipy.special import expit
    return np.logaddexp(x, 0), expit(x)

# %% 14.4 wrong: as it stands | a second form
def softplus_and_grad(x):
    e = np.exp(x)
    return np.log(1 + e), e / (1 + e)

# %% 14.4 wrong: as it stands, in math | a second form
def softplus_and_grad(x):
    return math.log(1 + math.exp(x)), math.exp(x) / (1 + math.exp(x))

# %% 14.4 wrong: log1p and no more | too late
def softplus_and_grad(x):
    return np.log1p(np.exp(x)), np.exp(x) / (1 + np.exp(x))

# %% 14.4 wrong: 1 swallows it | logarithm of 1 plus something small
def softplus_and_grad(x):
    e = math.exp(-abs(x))
    return max(x, 0.0) + math.log(1 + e), 1 / (1 + e) if x > 0 else e / (1 + e)

# %% 14.4 wrong: one minus | difference of two numbers close to 1
def softplus_and_grad(x):
    e = math.exp(-abs(x))
    right = 1 / (1 + e)
    return max(x, 0.0) + math.log1p(e), right if x > 0 else 1 - right

# %% 14.4 wrong: by tanh | difference of two numbers close to 1
def softplus_and_grad(x):
    return np.logaddexp(0, x), 0.5 * (1 + np.tanh(x / 2))

# %% 14.4 wrong: where computes both | computes both of its branches
def softplus_and_grad(x):
    x = np.float64(x)
    value = np.where(x > 0, x + np.log1p(np.exp(-x)), np.log1p(np.exp(x)))
    return value, np.where(x > 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))

# %% 14.4 wrong: where computes both, silently | computes both of its branches
def softplus_and_grad(x):
    x = np.float64(x)
    with np.errstate(all="ignore"):
        value = np.where(x > 0, x + np.log1p(np.exp(-x)), np.log1p(np.exp(x)))
        return value, np.where(x > 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))

# %% 14.4 wrong: the logistic function in one form | Which of the two forms
def softplus_and_grad(x):
    return np.logaddexp(0, x), 1 / (1 + np.exp(-x))

# %% 14.4 wrong: the same in math | math.exp refuses
def softplus_and_grad(x):
    return max(x, 0.0) + math.log1p(math.exp(-abs(x))), 1 / (1 + math.exp(-x))

# %% 14.4 wrong: clipped at 50 | x was clipped
def softplus_and_grad(x):
    x = np.clip(x, -50, 50)
    return np.log1p(np.exp(x)), 1 / (1 + np.exp(-x))

# %% 14.4 wrong: a threshold of 20 | some libraries do
def softplus_and_grad(x):
    if x > 20:
        return x, 1.0
    e = math.exp(x)
    return math.log1p(e), e / (1 + e)

# %% 14.4 wrong: a threshold on both sides | small, but not 0
def softplus_and_grad(x):
    if x > 35:
        return x, 1.0
    if x < -35:
        return 0.0, 0.0
    e = math.exp(x)
    return math.log1p(e), e / (1 + e)

# %% 14.4 wrong: relu | smooth version
def softplus_and_grad(x):
    return max(x, 0.0), float(x > 0)

# %% 14.4 wrong: the slope of -x | belongs to -x
def softplus_and_grad(x):
    e = math.exp(-abs(x))
    return max(x, 0.0) + math.log1p(e), (e if x > 0 else 1.0) / (1 + e)

# %% 14.4 wrong: the value alone | Never exponentiate
def softplus_and_grad(x):
    return np.logaddexp(0, x)

# %% 14.4 right: an exception for a branch
def softplus_and_grad(x):
    try:
        power = math.exp(x)
    except OverflowError:
        return x, 1.0
    return math.log1p(power), power / (1 + power)

# %% 14.4 right: the slope from the value
def softplus_and_grad(x):
    value = np.logaddexp(0.0, x)
    return value, np.exp(x - value)

# %% 14.5 right: a table
def audit():
    return {
        "polynomial": True, "swell": False, "density": True, "taylor": True, "reverse_table": False,
        "independent": False, "descent": False, "hessian_vector": False, "adjoint": False, "force": False,
        "stable": False, "procedure": True,
    }

# %% 14.5 right: with experiments
def audit():
    found = dict.fromkeys("swell reverse_table independent descent hessian_vector adjoint force stable".split(), 0)
    slope = np.imag(5 * (1 + 1e-30j) ** 5 + 4 * (1 + 1e-30j) ** 3 - 5) / 1e-30
    found["polynomial"] = np.isclose(slope, 37)
    z = (3 - 1) / 2
    found["density"] = z * z / 2 - 1 / 2 == 0
    found["taylor"] = np.bool_(math.factorial(3) == 6)
    found["procedure"] = 1
    return found

# %% 14.5 wrong: believes the adjoint | adjoint: compute both numbers
def audit():
    yes = "polynomial density taylor procedure adjoint".split()
    no = "swell reverse_table independent descent hessian_vector force stable".split()
    return dict.fromkeys(yes, True) | dict.fromkeys(no, False)

# %% 14.5 wrong: suspects the polynomial | polynomial: take the complex step
def audit():
    yes = "density taylor procedure".split()
    no = "polynomial swell reverse_table independent descent hessian_vector force stable adjoint".split()
    return dict.fromkeys(yes, True) | dict.fromkeys(no, False)

# %% 14.5 wrong: two at once | And then: force
def audit():
    yes = "polynomial density taylor procedure force swell".split()
    no = "reverse_table independent descent hessian_vector stable adjoint".split()
    return dict.fromkeys(yes, True) | dict.fromkeys(no, False)

# %% 14.5 wrong: all false | You believe nothing
def audit():
    keys = "polynomial swell density taylor reverse_table independent descent hessian_vector adjoint force stable"
    return dict.fromkeys(keys.split() + ["procedure"], False)

# %% 14.5 wrong: all as it was printed | You believe everything
def audit():
    keys = "polynomial swell density taylor reverse_table independent descent hessian_vector adjoint force stable"
    return dict.fromkeys(keys.split() + ["procedure"], True)

# %% 14.5 wrong: one true sentence | does not make all others false
def audit():
    keys = "swell density taylor reverse_table independent descent hessian_vector adjoint force stable procedure"
    return dict.fromkeys(keys.split(), False) | {"polynomial": True}

# %% 14.5 wrong: in quotes | Use the numbers
def audit():
    keys = "polynomial swell density taylor reverse_table independent descent hessian_vector adjoint force stable"
    return dict.fromkeys(keys.split() + ["procedure"], "False")

# %% 14.5 wrong: a key forgotten | Use the numbers
def audit():
    return {
        "polynomial": True, "swell": False, "density": True, "taylor": True, "reverse_table": False,
        "independent": False, "descent": False, "hessian_vector": False, "adjoint": False, "force": False,
        "stable": False,
    }
