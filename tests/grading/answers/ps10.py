# ruff: noqa
# Answers to assignment 10 as students write them, one a block: right ones by different routes, and wrong ones with
# words of the hint that each must meet.

# %% 10.1 right: the binomial
def beta(s, r):
    return math.comb(s + r, r)

# %% 10.1 right: factorials
def beta(s, r):
    return math.factorial(s + r) // math.factorial(s) // math.factorial(r)

# %% 10.1 right: Pascal's triangle
def beta(s, r):
    row = [1] * (r + 1)
    for _ in range(s):
        for k in range(r):
            row[k + 1] = row[k + 1] + row[k]
    return row[-1]

# %% 10.1 right: factor by factor
def beta(s, r):
    b = 1
    for i in range(1, r + 1):
        b = b * (s + i) // i
    return b

# %% 10.1 right: a sum over shorter chains
def beta(s, r):
    if r == 0:
        return 1
    return sum(math.comb(s - 1 + i, i) for i in range(r + 1))

# %% 10.1 wrong: one less | One step too few
def beta(s, r):
    return math.comb(s + r, s) - 1

# %% 10.1 wrong: a power | A power
def beta(s, r):
    return (r + 1) ** s

# %% 10.1 wrong: another power | A power
def beta(s, r):
    return (s + 1) ** r

# %% 10.1 wrong: pieces of one length | a piece of its own
def beta(s, r):
    return s + s * r

# %% 10.1 wrong: one repetition too few | One repetition too few
def beta(s, r):
    return math.comb(s + r - 1, s)

# %% 10.1 wrong: x0 isn't one of the states | One state too many
def beta(s, r):
    return math.comb(s + 1 + r, r)

# %% 10.1 wrong: floats | a float holds 16
def beta(s, r):
    b = 1.0
    for i in range(1, r + 1):
        b = b * (s + i) / i
    return b

# %% 10.1 wrong: factorials of floats | a float holds 16
def beta(s, r):
    return int(math.factorial(s + r) / (math.factorial(s) * math.factorial(r)))

# %% 10.1 wrong: rounded | a float holds 16
def beta(s, r):
    return round(np.prod([(s + i) / i for i in range(1, r + 1)]))

# %% 10.1 wrong: too deep a recursion | too deep for Python
def beta(s, r):
    if s == 0 or r == 0:
        return 1
    return beta(s - 1, r) + beta(s, r - 1)

# %% 10.1 wrong: nothing is returned | binomial(s+r, s)
def beta(s, r):
    math.comb(s + r, s)

# %% 10.2 right: the formula
def min_advances(l, s):
    if l == 1:
        return 0
    r = 1
    while math.comb(s + r, s) < l:
        r += 1
    return r * l - math.comb(s + r, r - 1)

# %% 10.2 right: dynamic programming, with arrays
def min_advances(l, s):
    n = np.arange(l + 1)
    t = n * (n - 1) // 2
    for _ in range(min(s, l) - 1):
        new = np.zeros_like(t)
        for m in range(2, l + 1):
            j = np.arange(1, m)
            new[m] = (j + new[j] + t[m - j]).min()
        t = new
    return int(t[l])

# %% 10.2 right: a sum over repetitions
def min_advances(l, s):
    total, done, r = 0, 0, 0
    while done < l:
        here = min(l, math.comb(s + r, s)) - done
        total, done, r = total + r * here, done + here, r + 1
    return total

# %% 10.2 right: the binomial cut, and a table of what is known
def min_advances(l, s, known={}):
    if l == 1:
        return 0
    if s == 1:
        return l * (l - 1) // 2
    if (l, s) not in known:
        r = 0
        while math.comb(s + r, s) < l:
            r += 1
        j = max(1, l - math.comb(s - 1 + r, s - 1), math.comb(s + r - 2, s) if r > 1 else 0)
        known[l, s] = j + min_advances(j, s) + min_advances(l - j, s - 1)
    return known[l, s]

# %% 10.2 wrong: store nothing | for one state, x0
def min_advances(l, s):
    return sum(range(l))

# %% 10.2 wrong: store all | every state is kept
def min_advances(l, s):
    return l - 1

# %% 10.2 wrong: every √l steps | every √l steps
def min_advances(l, s):
    n = max(1, int(l ** 0.5))
    pieces = [min(n, l - a) for a in range(0, l, n)]
    return (l - 1) + sum(p - 1 for p in pieces)

# %% 10.2 wrong: equal pieces | equal distances
def min_advances(l, s):
    s = min(s, l)
    pieces = [l // s + 1] * (l % s) + [l // s] * (s - l % s)
    return sum(pieces[:-1]) + sum(p * (p - 1) // 2 for p in pieces)

# %% 10.2 wrong: in the middle | You cut in the middle
def min_advances(l, s):
    if l == 1:
        return 0
    if s == 1:
        return l * (l - 1) // 2
    return l // 2 + min_advances(l // 2, s) + min_advances(l - l // 2, s - 1)

# %% 10.2 wrong: nothing is subtracted | what has to be subtracted
def min_advances(l, s):
    r = 0
    while math.comb(s + r, s) < l:
        r += 1
    return r * l

# %% 10.2 wrong: x0 doesn't count | one place too many
def min_advances(l, s):
    if l == 1:
        return 0
    s, r = s + 1, 1
    while math.comb(s + r, s) < l:
        r += 1
    return r * l - math.comb(s + r, r - 1)

# %% 10.2 wrong: the reversals, too | l reversals
def min_advances(l, s):
    if l == 1:
        return 1
    r = 1
    while math.comb(s + r, s) < l:
        r += 1
    return r * l - math.comb(s + r, r - 1) + l

# %% 10.2 wrong: a negative choice | wants k >= 0
def min_advances(l, s):
    r = 0
    while math.comb(s + r, s) < l:
        r += 1
    return r * l - math.comb(s + r, r - 1)

# %% 10.2 wrong: too deep a recursion | calls itself too deeply
def min_advances(l, s):
    from functools import cache
    @cache
    def t(l, s):
        if l == 1:
            return 0
        if s == 1:
            return l * (l - 1) // 2
        return min(j + t(j, s) + t(l - j, s - 1) for j in range(l - 1, 0, -1))
    return t(l, s)

# %% 10.2 wrong: r alone | how often a step
def min_advances(l, s):
    r = 0
    while math.comb(s + r, s) < l:
        r += 1
    return r

# %% 10.2 wrong: r must be larger than needed | smallest r
def min_advances(l, s):
    r = 1
    while math.comb(s + r, s) <= l + 1:
        r += 1
    return r * l - math.comb(s + r, r - 1)

# %% 10.3 right: recursion, with the best cut
def checkpointed_grad(env, x0, s, g):
    def t(l, s):
        r = 1
        while math.comb(s + r, s) < l:
            r += 1
        return r * l - math.comb(s + r, r - 1)
    def back(x, a, b, s, g):
        while b - a > 1 and s > 1:
            l = b - a
            m = a + min(range(1, l), key=lambda j: j + t(j, s) + t(l - j, s - 1))
            y = x
            for k in range(a, m):
                y = env.step(y, k)
            env.save(y)
            g = back(y, m, b, s - 1, g)
            env.drop(y)
            b = m
        for k in range(b - 1, a - 1, -1):
            y = x
            for i in range(a, k):
                y = env.step(y, i)
            g = env.vjp(y, k, g)
        return g
    return back(x0, 0, env.n, s, g)

# %% 10.3 right: the package's schedule
def checkpointed_grad(env, x0, s, g):
    from adcourse import revolve
    saved, x, at = {}, x0, 0
    for what, k, *to in revolve(env.n, s):
        if what == "save":
            saved[k] = x
            if k:
                env.save(x)
        elif what == "restore":
            for old in [i for i in saved if i > k]:
                env.drop(saved.pop(old))
            x = saved[k]
        elif what == "advance":
            for i in range(k, to[0]):
                x = env.step(x, i)
        else:
            g = env.vjp(x, k, g)
    return g

# %% 10.3 right: a stack, no recursion, and the binomial cut
def checkpointed_grad(env, x0, s, g):
    stack, end = [(0, x0)], env.n
    while end:
        a, x = stack[-1]
        l, free = end - a, s - len(stack) + 1
        if l == 1:
            g, end = env.vjp(x, a, g), end - 1
            if a:
                env.drop(x)
                stack.pop()
            continue
        if free > 1:
            r = 1
            while math.comb(free + r, free) < l:
                r += 1
            j = max(1, l - math.comb(free - 1 + r, free - 1), math.comb(free + r - 2, free) if r > 1 else 0)
        else:
            j = l - 1
        for k in range(a, a + j):
            x = env.step(x, k)
        if free > 1:
            stack.append((a + j, env.save(x)))
        else:
            g, end = env.vjp(x, a + j, g), end - 1
    return g

# %% 10.3 right: lists, and x0 is saved once more
def checkpointed_grad(env, x0, s, g):
    x0 = [float(v) for v in x0]
    env.save(x0)
    def cost(l, s, table={}):
        if l <= 1 or s == 1:
            return l * (l - 1) // 2
        if (l, s) not in table:
            table[l, s] = min(j + cost(j, s) + cost(l - j, s - 1) for j in range(1, l))
        return table[l, s]
    def back(x, a, b, s, g):
        l = b - a
        if l == 1:
            return list(env.vjp(x, a, g))
        cuts = {j: j + cost(j, s) + cost(l - j, s - 1) for j in range(1, l)} if s > 1 else {l - 1: 0}
        j = min(cuts, key=cuts.get)
        y = x
        for k in range(a, a + j):
            y = env.step(y, k)
        if s > 1 and l - j > 1:
            env.save(y)
        g = back(y, a + j, b, s - 1, g)
        if s > 1 and l - j > 1:
            env.drop(y)
        return back(x, a, a + j, s, g)
    return back(x0, 0, env.n, s, g)

# %% 10.3 wrong: saves everything | You save every state
def checkpointed_grad(env, x0, s, g):
    xs = [x0]
    for k in range(env.n - 1):
        xs.append(env.save(env.step(xs[-1], k)))
    for k in reversed(range(env.n)):
        g = env.vjp(xs[k], k, g)
    return g

# %% 10.3 wrong: a list of all states | a list of your own
def checkpointed_grad(env, x0, s, g):
    xs = [x0]
    for k in range(env.n - 1):
        xs.append(env.step(xs[-1], k))
    for x in reversed(xs):
        g = env.vjp(x, len(xs) - 1, g)
        xs = xs[:-1]
    return g

# %% 10.3 wrong: from the start each time | from x0 anew
def checkpointed_grad(env, x0, s, g):
    for k in reversed(range(env.n)):
        x = x0
        for i in range(k):
            x = env.step(x, i)
        g = env.vjp(x, k, g)
    return g

# %% 10.3 wrong: in the middle | You cut in the middle
def checkpointed_grad(env, x0, s, g):
    def back(x, a, b, s, g):
        if b - a == 1:
            return env.vjp(x, a, g)
        m = (a + b) // 2 if s > 1 else b - 1
        y = x
        for k in range(a, m):
            y = env.step(y, k)
        if s > 1:
            env.save(y)
        g = back(y, m, b, s - 1, g)
        if s > 1:
            env.drop(y)
        return back(x, a, m, s, g)
    return back(x0, 0, env.n, s, g)

# %% 10.3 wrong: in the middle, and nothing is dropped | Your gradient is right, and more
def checkpointed_grad(env, x0, s, g):
    def back(x, a, b, s, g):
        if b - a == 1:
            return env.vjp(x, a, g)
        m = (a + b) // 2 if s > 1 else b - 1
        y = x
        for k in range(a, m):
            y = env.step(y, k)
        if s > 1:
            env.save(y)
        g = back(y, m, b, s - 1, g)
        return back(x, a, m, s, g)
    return back(x0, 0, env.n, s, g)

# %% 10.3 wrong: cuts by another cost | more steps were run
def checkpointed_grad(env, x0, s, g):
    def t(l, s):
        r = 1
        while math.comb(s + r, s) < l:
            r += 1
        return r * l
    def back(x, a, b, s, g):
        while b - a > 1 and s > 1:
            l = b - a
            m = a + min(range(1, l), key=lambda j: j + t(j, s) + t(l - j, s - 1))
            y = x
            for k in range(a, m):
                y = env.step(y, k)
            env.save(y)
            g = back(y, m, b, s - 1, g)
            env.drop(y)
            b = m
        for k in range(b - 1, a - 1, -1):
            y = x
            for i in range(a, k):
                y = env.step(y, i)
            g = env.vjp(y, k, g)
        return g
    return back(x0, 0, env.n, s, g)

# %% 10.3 wrong: from the front | matrices don't commute
def checkpointed_grad(env, x0, s, g):
    x = x0
    for k in range(env.n):
        g = env.vjp(x, k, g)
        x = env.step(x, k)
    return g

# %% 10.3 wrong: to the end first | You run to x_n
def checkpointed_grad(env, x0, s, g):
    def t(l, s):
        r = 1
        while math.comb(s + r, s) < l:
            r += 1
        return r * l - math.comb(s + r, r - 1)
    def advance(x, a, b):
        for k in range(a, b):
            x = env.step(x, k)
        return x
    def back(x, a, b, s, g):
        l = b - a
        if l == 1:
            return env.vjp(x, a, g)
        if s == 1:
            for k in reversed(range(a, b)):
                g = env.vjp(advance(x, a, k), k, g)
            return g
        m = a + min(range(1, l), key=lambda j: j + t(j, s) + t(l - j, s - 1))
        y = env.save(advance(x, a, m))
        g = back(y, m, b, s - 1, g)
        env.drop(y)
        return back(x, a, m, s, g)
    loss = advance(x0, 0, env.n)
    return back(x0, 0, env.n, s, g)

# %% 10.3 wrong: dropped too early | in a variable of your own
def checkpointed_grad(env, x0, s, g):
    def back(x, a, b, s, g):
        if b - a == 1:
            return env.vjp(x, a, g)
        m = (a + b) // 2 if s > 1 else b - 1
        y = x
        for k in range(a, m):
            y = env.step(y, k)
        if s > 1:
            env.save(y)
            env.drop(y)
        g = back(y, m, b, s - 1, g)
        return back(x, a, m, s, g)
    return back(x0, 0, env.n, s, g)

# %% 10.3 wrong: the pullback at the end of the step | and there its Jacobian
def checkpointed_grad(env, x0, s, g):
    for k in range(env.n - 1, -1, -1):
        x = x0
        for i in range(k + 1):
            x = env.step(x, i)
        g = env.vjp(x, k, g)
    return g

# %% 10.3 wrong: a step too many | nobody needs a step
def checkpointed_grad(env, x0, s, g):
    x = x0
    for k in range(env.n + 1):
        x = env.step(x, k)
    return env.vjp(x, env.n, g)

# %% 10.3 wrong: the last step alone | Save in the middle
def checkpointed_grad(env, x0, s, g):
    x = x0
    for k in range(env.n - 1):
        x = env.step(x, k)
    return env.vjp(x, env.n - 1, g)

# %% 10.3 wrong: the pullback without its adjoint | The calls: env
def checkpointed_grad(env, x0, s, g):
    return g * env.vjp(x0, 0)

# %% 10.3 wrong: states are asked back from env | nothing else
def checkpointed_grad(env, x0, s, g):
    return env.vjp(env.load(0), 0, g)

# %% 10.3 wrong: nothing is returned | Save in the middle
def checkpointed_grad(env, x0, s, g):
    for k in reversed(range(env.n)):
        x = x0
        for i in range(k):
            x = env.step(x, i)
        g = env.vjp(x, k, g)

# %% 10.4 right: line by line
def invert_coupling(x, y, n):
    for k in range(n, 0, -1):
        x = x - np.tanh(y) / 2
        y = y - np.sin(k * x)
    return x, y

# %% 10.4 right: recursion
def invert_coupling(x, y, n):
    if n == 0:
        return x, y
    before = x - 0.5 * np.tanh(y)
    return invert_coupling(before, y - np.sin(n * before), n - 1)

# %% 10.4 right: in place, in copies
def invert_coupling(x, y, n):
    x, y = x.copy(), y.copy()
    while n:
        x -= np.tanh(y) / 2
        y -= np.sin(n * x)
        n -= 1
    return [x, y]

# %% 10.4 right: entry by entry, into lists
def invert_coupling(x, y, n):
    xs, ys = np.ravel(x).tolist(), np.ravel(y).tolist()
    for i in range(len(xs)):
        for k in reversed(range(n)):
            xs[i] -= math.tanh(ys[i]) / 2
            ys[i] -= math.sin((k + 1) * xs[i])
    return np.reshape(xs, np.shape(x)), np.reshape(ys, np.shape(y))

# %% 10.4 wrong: y first | Within a layer
def invert_coupling(x, y, n):
    for k in range(n, 0, -1):
        y = y - np.sin(k * x)
        x = x - np.tanh(y) / 2
    return x, y

# %% 10.4 wrong: k ascending | in the order in which they were done
def invert_coupling(x, y, n):
    for k in range(1, n + 1):
        x = x - np.tanh(y) / 2
        y = y - np.sin(k * x)
    return x, y

# %% 10.4 wrong: both orders | Shoes and socks
def invert_coupling(x, y, n):
    for k in range(1, n + 1):
        y = y - np.sin(k * x)
        x = x - np.tanh(y) / 2
    return x, y

# %% 10.4 wrong: in one line | from the same x
def invert_coupling(x, y, n):
    for k in range(n, 0, -1):
        x, y = x - np.tanh(y) / 2, y - np.sin(k * x)
    return x, y

# %% 10.4 wrong: from n - 1 to 0 | runs from n - 1
def invert_coupling(x, y, n):
    for k in reversed(range(n)):
        x = x - np.tanh(y) / 2
        y = y - np.sin(k * x)
    return x, y

# %% 10.4 wrong: the first layer is left | ends before the first layer
def invert_coupling(x, y, n):
    for k in range(n, 1, -1):
        x = x - np.tanh(y) / 2
        y = y - np.sin(k * x)
    return x, y

# %% 10.4 wrong: the layers once more | once more
def invert_coupling(x, y, n):
    for k in range(1, n + 1):
        y = y + np.sin(k * x)
        x = x + np.tanh(y) / 2
    return x, y

# %% 10.4 wrong: the layers once more, from the last | The sign in the line of x
def invert_coupling(x, y, n):
    for k in range(n, 0, -1):
        x = x + np.tanh(y) / 2
        y = y + np.sin(k * x)
    return x, y

# %% 10.4 wrong: no half | The 1/2 is missing
def invert_coupling(x, y, n):
    for k in range(n, 0, -1):
        x = x - np.tanh(y)
        y = y - np.sin(k * x)
    return x, y

# %% 10.4 wrong: in the caller's arrays | caller's own arrays
def invert_coupling(x, y, n):
    for k in range(n, 0, -1):
        x -= np.tanh(y) / 2
        y -= np.sin(k * x)
    return x, y

# %% 10.4 wrong: only x in the caller's | caller's own arrays
def invert_coupling(x, y, n):
    for k in range(n, 0, -1):
        x -= np.tanh(y) / 2
        y = y - np.sin(k * x)
    return x, y

# %% 10.4 wrong: the functions of numbers | np.sin and np.tanh
def invert_coupling(x, y, n):
    for k in range(n, 0, -1):
        x = x - math.tanh(y) / 2
        y = y - math.sin(k * x)
    return x, y

# %% 10.4 wrong: changed places | changed places
def invert_coupling(x, y, n):
    for k in range(n, 0, -1):
        x = x - np.tanh(y) / 2
        y = y - np.sin(k * x)
    return y, x

# %% 10.4 wrong: sin is inverted | You invert the functions
def invert_coupling(x, y, n):
    for k in range(n, 0, -1):
        x, y = 2 * np.arctanh(np.clip(x, -0.99, 0.99)), np.arcsin(np.clip(y, -1, 1)) / k
    return x, y
