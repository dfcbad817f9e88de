# ruff: noqa
# Answers to assignment 2 as students write them, one a block: right ones by different routes, and wrong ones with words
# of the hint that each must meet.

# %% 2.1 right: if and else
def sdiff(expr, var):
    if expr == var:
        return 1
    if not isinstance(expr, tuple):
        return 0
    if expr[0] == "+":
        return ("+", sdiff(expr[1], var), sdiff(expr[2], var))
    if expr[0] == "*":
        _, a, b = expr
        return ("+", ("*", sdiff(a, var), b), ("*", a, sdiff(b, var)))
    if expr[0] == "sin":
        return ("*", ("cos", expr[1]), sdiff(expr[1], var))
    if expr[0] == "cos":
        return ("*", ("*", -1.0, ("sin", expr[1])), sdiff(expr[1], var))
    if expr[0] == "pow":
        _, a, n = expr
        return ("*", ("*", n, ("pow", a, n - 1)), sdiff(a, var))
    raise ValueError(expr)

# %% 2.1 right: match, and simplified on the way
def sdiff(expr, var):
    def times(a, b):
        if a == 0 or b == 0:
            return 0
        return b if a == 1 else a if b == 1 else ("*", a, b)
    def plus(a, b):
        return b if a == 0 else a if b == 0 else ("+", a, b)
    match expr:
        case ("+", a, b):
            return plus(sdiff(a, var), sdiff(b, var))
        case ("*", a, b):
            return plus(times(sdiff(a, var), b), times(a, sdiff(b, var)))
        case ("sin", a):
            return times(("cos", a), sdiff(a, var))
        case ("cos", a):
            return times(times(-1, ("sin", a)), sdiff(a, var))
        case ("pow", a, n):
            return times(times(n, ("pow", a, n - 1)), sdiff(a, var))
        case str():
            return 1 if expr == var else 0
    return 0

# %% 2.1 right: a table of rules, cos by a shift of sin
def sdiff(expr, var):
    rules = {
        "+": lambda a, b: ("+", sdiff(a, var), sdiff(b, var)),
        "*": lambda a, b: ("+", ("*", b, sdiff(a, var)), ("*", sdiff(b, var), a)),
        "sin": lambda a: ("*", sdiff(a, var), ("sin", ("+", a, math.pi / 2))),
        "cos": lambda a: ("*", sdiff(a, var), ("cos", ("+", a, math.pi / 2))),
        "pow": lambda a, n: ("*", sdiff(a, var), ("*", n, ("pow", a, n - 1))),
    }
    return rules[expr[0]](*expr[1:]) if isinstance(expr, tuple) else int(expr == var)

# %% 2.1 wrong: product of derivatives | product of the derivatives
def sdiff(expr, var):
    if not isinstance(expr, tuple):
        return 1 if expr == var else 0
    op, a, *b = expr
    if op == "+":
        return ("+", sdiff(a, var), sdiff(b[0], var))
    if op == "*":
        return ("*", sdiff(a, var), sdiff(b[0], var))
    if op == "sin":
        return ("*", ("cos", a), sdiff(a, var))
    if op == "cos":
        return ("*", -1, ("*", ("sin", a), sdiff(a, var)))
    return ("*", b[0], ("*", ("pow", a, b[0] - 1), sdiff(a, var)))

# %% 2.1 wrong: no inner derivatives | derivative of its argument
def sdiff(expr, var):
    if not isinstance(expr, tuple):
        return 1 if expr == var else 0
    op, a, *b = expr
    if op == "+":
        return ("+", sdiff(a, var), sdiff(b[0], var))
    if op == "*":
        return ("+", ("*", sdiff(a, var), b[0]), ("*", a, sdiff(b[0], var)))
    if op == "sin":
        return ("cos", a)
    if op == "cos":
        return ("*", -1, ("sin", a))
    return ("*", b[0], ("pow", a, b[0] - 1))

# %% 2.1 wrong: no inner derivative of a power | (2x)³
def sdiff(expr, var):
    if not isinstance(expr, tuple):
        return 1 if expr == var else 0
    op, a, *b = expr
    if op == "+":
        return ("+", sdiff(a, var), sdiff(b[0], var))
    if op == "*":
        return ("+", ("*", sdiff(a, var), b[0]), ("*", a, sdiff(b[0], var)))
    if op == "sin":
        return ("*", ("cos", a), sdiff(a, var))
    if op == "cos":
        return ("*", -1, ("*", ("sin", a), sdiff(a, var)))
    return ("*", b[0], ("pow", a, b[0] - 1))

# %% 2.1 wrong: every letter is x | y is a constant
def sdiff(expr, var):
    if isinstance(expr, str):
        return 1
    if not isinstance(expr, tuple):
        return 0
    op, a, *b = expr
    if op == "+":
        return ("+", sdiff(a, var), sdiff(b[0], var))
    if op == "*":
        return ("+", ("*", sdiff(a, var), b[0]), ("*", a, sdiff(b[0], var)))
    if op == "sin":
        return ("*", ("cos", a), sdiff(a, var))
    if op == "cos":
        return ("*", ("*", -1, ("sin", a)), sdiff(a, var))
    return ("*", ("*", b[0], ("pow", a, b[0] - 1)), sdiff(a, var))

# %% 2.1 wrong: cos has the sign of sin | cos rising or falling
def sdiff(expr, var):
    if not isinstance(expr, tuple):
        return 1 if expr == var else 0
    op, a, *b = expr
    if op == "+":
        return ("+", sdiff(a, var), sdiff(b[0], var))
    if op == "*":
        return ("+", ("*", sdiff(a, var), b[0]), ("*", a, sdiff(b[0], var)))
    if op == "sin":
        return ("*", ("cos", a), sdiff(a, var))
    if op == "cos":
        return ("*", ("sin", a), sdiff(a, var))
    return ("*", ("*", b[0], ("pow", a, b[0] - 1)), sdiff(a, var))

# %% 2.1 wrong: only the first factor | only the first factor
def sdiff(expr, var):
    if not isinstance(expr, tuple):
        return 1 if expr == var else 0
    op, a, *b = expr
    if op == "+":
        return ("+", sdiff(a, var), sdiff(b[0], var))
    if op == "*":
        return ("*", sdiff(a, var), b[0])
    if op == "sin":
        return ("*", ("cos", a), sdiff(a, var))
    if op == "cos":
        return ("*", ("*", -1, ("sin", a)), sdiff(a, var))
    return ("*", ("*", b[0], ("pow", a, b[0] - 1)), sdiff(a, var))

# %% 2.1 wrong: a difference quotient of formulas | derivative of its argument
def sdiff(expr, var):
    def moved(e, h):
        if e == var:
            return ("+", e, h)
        if not isinstance(e, tuple):
            return e
        if e[0] == "pow":
            return ("pow", moved(e[1], h), e[2])
        return (e[0], *[moved(part, h) for part in e[1:]])
    h = 1e-6
    return ("*", 0.5 / h, ("+", moved(expr, h), ("*", -1, moved(expr, -h))))

# %% 2.1 wrong: a text | derivative of its argument
def sdiff(expr, var):
    return f"d({expr})/d{var}"

# %% 2.2 right: recursion and a set
def sizes(expr):
    seen = set()
    def nodes(e):
        seen.add(e)
        return 1 + (sum(nodes(part) for part in e[1:]) if isinstance(e, tuple) else 0)
    total = nodes(expr)
    return total, len(seen)

# %% 2.2 right: a dict of sizes, each distinct part once
def sizes(expr):
    size = {}
    def visit(e):
        if e not in size:
            size[e] = 1
            if isinstance(e, tuple):
                size[e] += sum(visit(part) for part in e[1:])
        return size[e]
    return [visit(expr), len(size)]

# %% 2.2 right: a stack and a list, slow
def sizes(expr):
    stack, found, total = [expr], [], 0
    while stack:
        e = stack.pop()
        total += 1
        if e not in found:
            found.append(e)
        if isinstance(e, tuple):
            stack.extend(e[1:])
    return np.array([total, len(found)])

# %% 2.2 wrong: DAG = tree | count every node
def sizes(expr):
    def nodes(e):
        return 1 + (sum(nodes(part) for part in e[1:]) if isinstance(e, tuple) else 0)
    return nodes(expr), nodes(expr)

# %% 2.2 wrong: leaves only | You count leaves
def sizes(expr):
    leaves = []
    def walk(e):
        if isinstance(e, tuple):
            for part in e[1:]:
                walk(part)
        else:
            leaves.append(e)
    walk(expr)
    return len(leaves), len(set(leaves))

# %% 2.2 wrong: by identity | where they lie in memory
def sizes(expr):
    seen, total, stack = set(), 0, [expr]
    while stack:
        e = stack.pop()
        total += 1
        seen.add(id(e))
        if isinstance(e, tuple):
            stack += e[1:]
    return total, len(seen)

# %% 2.2 wrong: exchanged | changed places
def sizes(expr):
    seen = set()
    def nodes(e):
        seen.add(e)
        return 1 + (sum(nodes(part) for part in e[1:]) if isinstance(e, tuple) else 0)
    total = nodes(expr)
    return len(seen), total

# %% 2.2 wrong: the head is a node | The tuple is the node
def sizes(expr):
    seen = set()
    def nodes(e):
        seen.add(e)
        return 1 + (sum(nodes(part) for part in e) if isinstance(e, tuple) else 0)
    total = nodes(expr)
    return total, len(seen)

# %% 2.2 wrong: operations alone | operations alone
def sizes(expr):
    found = []
    def walk(e):
        if isinstance(e, tuple):
            found.append(e)
            for part in e[1:]:
                walk(part)
    walk(expr)
    return len(found), len(set(found))

# %% 2.3 right: a loop over a pair
def logistic_pair(n, x):
    l, d = x, 1.0
    for _ in range(n - 1):
        l, d = 4 * l * (1 - l), 4 * (1 - 2 * l) * d
    return l, d

# %% 2.3 right: recursion
def logistic_pair(n, x):
    if n == 1:
        return x, 1
    l, d = logistic_pair(n - 1, x)
    return 4 * l - 4 * l**2, (4 - 8 * l) * d

# %% 2.3 right: product rule, as an array
def logistic_pair(n, x):
    pair = np.array([x, 1.0])
    for k in range(2, n + 1):
        l, d = pair
        pair = np.array([4 * l * (1 - l), 4 * d * (1 - l) + 4 * l * (-d)])
    return pair

# %% 2.3 wrong: the updated l | just been updated
def logistic_pair(n, x):
    l, d = x, 1.0
    for _ in range(n - 1):
        l = 4 * l * (1 - l)
        d = 4 * (1 - 2 * l) * d
    return l, d

# %% 2.3 wrong: no chain | Chain rule
def logistic_pair(n, x):
    l, d = x, 1.0
    for _ in range(n - 1):
        l, d = 4 * l * (1 - l), 4 * (1 - 2 * l)
    return l, d

# %% 2.3 wrong: n rounds | One round too many
def logistic_pair(n, x):
    l, d = x, 1.0
    for _ in range(n):
        l, d = 4 * l * (1 - l), 4 * (1 - 2 * l) * d
    return l, d

# %% 2.3 wrong: a difference quotient | difference quotient
def logistic_pair(n, x):
    def run(x):
        for _ in range(n - 1):
            x = 4 * x * (1 - x)
        return x
    return run(x), (run(x + 1e-7) - run(x - 1e-7)) / 2e-7

# %% 2.3 wrong: half of the product rule | both move
def logistic_pair(n, x):
    l, d = x, 1.0
    for _ in range(n - 1):
        l, d = 4 * l * (1 - l), 4 * d * (1 - l)
    return l, d

# %% 2.3 wrong: the slope starts at 0 | starts at 0
def logistic_pair(n, x):
    l, d = x, 0
    for _ in range(n - 1):
        l, d = 4 * l * (1 - l), 4 * (1 - 2 * l) * d
    return l, d

# %% 2.4 right: a loop
def babylonian_pair(x, N):
    t, d = (1 + x) / 2, 0.5
    for _ in range(N - 1):
        t, d = (t + x / t) / 2, (d + (t - x * d) / t**2) / 2
    return t, d

# %% 2.4 right: by steps
def babylonian_pair(x, N):
    t = 0.5 + 0.5 * x
    dt = 0.5
    for i in range(2, N + 1):
        q = x / t
        dq = (1 - q * dt) / t
        t = 0.5 * (t + q)
        dt = 0.5 * (dt + dq)
    return [t, dt]

# %% 2.4 right: the complex step
def babylonian_pair(x, N):
    z = x + 1e-30j
    t = (1 + z) / 2
    for _ in range(N - 1):
        t = (t + z / t) / 2
    return t.real, t.imag / 1e-30

# %% 2.4 wrong: starts at 0 | starts at 0
def babylonian_pair(x, N):
    t, d = (1 + x) / 2, 0.0
    for _ in range(N - 1):
        t, d = (t + x / t) / 2, (d + (t - x * d) / t**2) / 2
    return t, d

# %% 2.4 wrong: drops the second term | quotient rule
def babylonian_pair(x, N):
    t, d = (1 + x) / 2, 0.5
    for _ in range(N - 1):
        t, d = (t + x / t) / 2, (d + 1 / t) / 2
    return t, d

# %% 2.4 wrong: N steps | One step too many
def babylonian_pair(x, N):
    t, d = (1 + x) / 2, 0.5
    for _ in range(N):
        t, d = (t + x / t) / 2, (d + (t - x * d) / t**2) / 2
    return t, d

# %% 2.4 wrong: the updated t | just been updated
def babylonian_pair(x, N):
    t, d = (1 + x) / 2, 0.5
    for _ in range(N - 1):
        t = (t + x / t) / 2
        d = (d + 1 / t - x * d / t**2) / 2
    return t, d

# %% 2.4 wrong: the derivative of the root | the square root itself
def babylonian_pair(x, N):
    t = (1 + x) / 2
    for _ in range(N - 1):
        t = (t + x / t) / 2
    return t, 1 / (2 * math.sqrt(x))

# %% 2.4 wrong: the root of the loop | root already
def babylonian_pair(x, N):
    t = (1 + x) / 2
    for _ in range(N - 1):
        t = (t + x / t) / 2
    return t, 1 / (2 * t)

# %% 2.4 wrong: x does not move | the x moves too
def babylonian_pair(x, N):
    t, d = (1 + x) / 2, 0.5
    for _ in range(N - 1):
        t, d = (t + x / t) / 2, (d - x * d / t**2) / 2
    return t, d
