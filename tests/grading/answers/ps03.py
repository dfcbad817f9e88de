# ruff: noqa
# Answers to assignment 3 as students write them, one a block: right ones by different routes, and wrong ones with words
# of the hint that each must meet.

# %% 3.1 right: row by row
def trace_lognormal(y, mu, sigma):
    v1, v2, v3 = y, mu, sigma
    v4 = v1 - v2
    v5 = v4 / v3
    v6 = v5**2
    v7 = -0.5 * v6
    v8 = np.log(v3)
    v9 = v7 - v8
    v10 = v9 - 0.5 * np.log(2 * np.pi)
    return [v1, v2, v3, v4, v5, v6, v7, v8, v9, v10]

# %% 3.1 right: append, as an array
def trace_lognormal(y, mu, sigma):
    v = [y, mu, sigma]
    v.append(v[0] - v[1])
    v.append(v[3] / v[2])
    v.append(v[4] * v[4])
    v.append(v[5] / -2)
    v.append(math.log(v[2]))
    v.append(v[6] - v[7])
    v.append(v[8] - math.log(math.sqrt(2 * math.pi)))
    return np.array(v)

# %% 3.1 wrong: v4 turned around | wrong sign
def trace_lognormal(y, mu, sigma):
    v4 = mu - y
    v5 = v4 / sigma
    v6 = v5**2
    v7 = -0.5 * v6
    v8 = math.log(sigma)
    v9 = v7 - v8
    return [y, mu, sigma, v4, v5, v6, v7, v8, v9, v9 - 0.5 * math.log(2 * math.pi)]

# %% 3.1 wrong: log10 | base 10
def trace_lognormal(y, mu, sigma):
    v4 = y - mu
    v5 = v4 / sigma
    v6 = v5**2
    v7 = -0.5 * v6
    v8 = np.log10(sigma)
    v9 = v7 - v8
    return [y, mu, sigma, v4, v5, v6, v7, v8, v9, v9 - 0.5 * np.log10(2 * np.pi)]

# %% 3.1 wrong: no half in the end | Half of log 2π
def trace_lognormal(y, mu, sigma):
    v4 = y - mu
    v5 = v4 / sigma
    v6 = v5**2
    v7 = -0.5 * v6
    v8 = math.log(sigma)
    v9 = v7 - v8
    return [y, mu, sigma, v4, v5, v6, v7, v8, v9, v9 - math.log(2 * math.pi)]

# %% 3.1 wrong: plus half a square | minus in front of one half
def trace_lognormal(y, mu, sigma):
    v4 = y - mu
    v5 = v4 / sigma
    v6 = v5**2
    v7 = 0.5 * v6
    v8 = math.log(sigma)
    v9 = v7 - v8
    return [y, mu, sigma, v4, v5, v6, v7, v8, v9, v9 - 0.5 * math.log(2 * math.pi)]

# %% 3.1 wrong: the last value alone | natural log
def trace_lognormal(y, mu, sigma):
    return -0.5 * ((y - mu) / sigma) ** 2 - math.log(sigma) - 0.5 * math.log(2 * math.pi)

# %% 3.1 wrong: log of the square | not log of its square
def trace_lognormal(y, mu, sigma):
    v4 = y - mu
    v5 = v4 / sigma
    v6 = v5**2
    v7 = -0.5 * v6
    v8 = math.log(sigma**2)
    v9 = v7 - v8
    return [y, mu, sigma, v4, v5, v6, v7, v8, v9, v9 - 0.5 * math.log(2 * math.pi)]

# %% 3.2 right: as it stands
def local_partials(v):
    return {
        (4, 1): 1.0, (4, 2): -1.0,
        (5, 4): 1 / v[3], (5, 3): -v[4] / v[3] ** 2,
        (6, 5): 2 * v[5],
        (7, 6): -0.5,
        (8, 3): 1 / v[3],
        (9, 7): 1.0, (9, 8): -1.0,
        (10, 9): 1.0,
    }

# %% 3.2 right: from the values of the rows
def local_partials(v):
    d = {}
    d[10, 9] = d[9, 7] = d[4, 1] = 1
    d[9, 8] = d[4, 2] = -1
    d[8, 3] = d[5, 4] = 1 / v[3]
    d[5, 3] = -v[5] / v[3]
    d[6, 5] = v[5] + v[5]
    d[7, 6] = v[7] / v[6]
    return d

# %% 3.2 right: the complex step on every row
def local_partials(v):
    rows = {
        4: (lambda a, b: a - b, (1, 2)), 5: (lambda a, b: a / b, (4, 3)), 6: (lambda a: a**2, (5,)),
        7: (lambda a: -0.5 * a, (6,)), 8: (lambda a: np.log(a), (3,)), 9: (lambda a, b: a - b, (7, 8)),
        10: (lambda a: a - 0.5 * np.log(2 * np.pi), (9,)),
    }
    found = {}
    for i, (f, parents) in rows.items():
        for j in parents:
            found[i, j] = np.imag(f(*[v[k] + 1e-30j * (k == j) for k in parents])) / 1e-30
    return found

# %% 3.2 wrong: square lost | a square is lost
def local_partials(v):
    return {(4, 1): 1, (4, 2): -1, (5, 4): 1 / v[3], (5, 3): -v[4] / v[3], (6, 5): 2 * v[5], (7, 6): -0.5,
            (8, 3): 1 / v[3], (9, 7): 1, (9, 8): -1, (10, 9): 1}

# %% 3.2 wrong: plus in a difference | v8 grows
def local_partials(v):
    return {(4, 1): 1, (4, 2): -1, (5, 4): 1 / v[3], (5, 3): -v[4] / v[3] ** 2, (6, 5): 2 * v[5], (7, 6): -0.5,
            (8, 3): 1 / v[3], (9, 7): 1, (9, 8): 1, (10, 9): 1}

# %% 3.2 wrong: keys turned around | turned around
def local_partials(v):
    return {(1, 4): 1, (2, 4): -1, (4, 5): 1 / v[3], (3, 5): -v[4] / v[3] ** 2, (5, 6): 2 * v[5], (6, 7): -0.5,
            (3, 8): 1 / v[3], (7, 9): 1, (8, 9): -1, (9, 10): 1}

# %% 3.2 wrong: sign of the quotient | v4/v3 falls
def local_partials(v):
    return {(4, 1): 1, (4, 2): -1, (5, 4): 1 / v[3], (5, 3): v[4] / v[3] ** 2, (6, 5): 2 * v[5], (7, 6): -0.5,
            (8, 3): 1 / v[3], (9, 7): 1, (9, 8): -1, (10, 9): 1}

# %% 3.2 wrong: a list | ONE operation
def local_partials(v):
    return [1, -1, 1 / v[3], -v[4] / v[3] ** 2, 2 * v[5], -0.5, 1 / v[3], 1, -1, 1]

# %% 3.2 wrong: an edge forgotten | ONE operation
def local_partials(v):
    return {(4, 1): 1, (4, 2): -1, (5, 4): 1 / v[3], (5, 3): -v[4] / v[3] ** 2, (6, 5): 2 * v[5], (7, 6): -0.5,
            (9, 7): 1, (9, 8): -1, (10, 9): 1}

# %% 3.2 wrong: the square's own value | depends on v5
def local_partials(v):
    return {(4, 1): 1, (4, 2): -1, (5, 4): 1 / v[3], (5, 3): -v[4] / v[3] ** 2, (6, 5): 2, (7, 6): -0.5,
            (8, 3): 1 / v[3], (9, 7): 1, (9, 8): -1, (10, 9): 1}

# %% 3.3 right: recursion
def path_sum(edges, i, o):
    if i == o:
        return 1.0
    return sum(slope * path_sum(edges, child, o) for (parent, child), slope in edges.items() if parent == i)

# %% 3.3 right: a matrix
def path_sum(edges, i, o):
    nodes = list({n for e in edges for n in e} | {i, o})
    C = np.zeros((len(nodes), len(nodes)))
    for (a, b), s in edges.items():
        C[nodes.index(b), nodes.index(a)] = s
    return np.linalg.inv(np.eye(len(nodes)) - C)[nodes.index(o), nodes.index(i)]

# %% 3.3 right: remembers what it knows
def path_sum(edges, i, o):
    known = {o: 1.0}
    def to_o(node):
        if node not in known:
            known[node] = sum(s * to_o(b) for (a, b), s in edges.items() if a == node)
        return known[node]
    return to_o(i)

# %% 3.3 right: rounds of pushing
def path_sum(edges, i, o):
    total, wave = 0.0, {i: 1.0}
    while wave:
        total += wave.get(o, 0.0)
        after = {}
        for (a, b), s in edges.items():
            if a in wave:
                after[b] = after.get(b, 0.0) + s * wave[a]
        wave = after
    return total

# %% 3.3 wrong: the first path | first path
def path_sum(edges, i, o):
    if i == o:
        return 1.0
    for (a, b), s in edges.items():
        if a == i:
            rest = path_sum(edges, b, o)
            if rest:
                return s * rest
    return 0.0

# %% 3.3 wrong: product of all | all the numbers of the graph
def path_sum(edges, i, o):
    product = 1.0
    for s in edges.values():
        product *= s
    return product

# %% 3.3 wrong: adds along | add along a path
def path_sum(edges, i, o):
    def walks(node):
        if node == o:
            return [0.0]
        return [s + rest for (a, b), s in edges.items() if a == node for rest in walks(b)]
    return sum(walks(i))

# %% 3.3 wrong: to itself 0 | by how much does x move
def path_sum(edges, i, o):
    if i == o:
        return 0.0
    total = 0.0
    for (a, b), s in edges.items():
        if a == i:
            total += s * (1.0 if b == o else path_sum(edges, b, o))
    return total

# %% 3.3 wrong: direct arrow | direct arrow alone
def path_sum(edges, i, o):
    if i == o:
        return 1.0
    return edges.get((i, o), 0.0)

# %% 3.3 wrong: against the arrows | against the arrows
def path_sum(edges, i, o):
    if i == o:
        return 1.0
    return sum(s * path_sum(edges, a, o) for (a, b), s in edges.items() if b == i)

# %% 3.3 wrong: None where there is no path | Every path counts
def path_sum(edges, i, o):
    if i == o:
        return 1.0
    found = [s * (path_sum(edges, b, o) or 0) for (a, b), s in edges.items() if a == i]
    return sum(found) if any(found) else None

# %% 3.4 right: two loops
def chain_cost(shapes, mode):
    shapes = list(shapes)
    if mode == "reverse":
        rows, cols = shapes.pop()
        total = 0
        while shapes:
            r, c = shapes.pop()
            total += rows * cols * c
            cols = c
        return total
    rows, cols = shapes.pop(0)
    total = 0
    for r, c in shapes:
        total += r * c * cols
    return total

# %% 3.4 right: a formula
def chain_cost(shapes, mode):
    if len(shapes) < 2:
        return 0
    if mode == "forward":
        return shapes[0][1] * sum(r * c for r, c in shapes[1:])
    return shapes[-1][0] * sum(r * c for r, c in shapes[:-1])

# %% 3.4 right: with reduce
def chain_cost(shapes, mode):
    from functools import reduce
    total = 0
    def times(left, right):
        nonlocal total
        total += left[0] * left[1] * right[1]
        return left[0], right[1]
    if mode == "forward":
        reduce(lambda sofar, J: times(J, sofar), shapes)
    else:
        reduce(lambda sofar, J: times(sofar, J), reversed(shapes))
    return total

# %% 3.4 wrong: swapped | exchanged
def chain_cost(shapes, mode):
    if len(shapes) < 2:
        return 0
    if mode == "reverse":
        return shapes[0][1] * sum(r * c for r, c in shapes[1:])
    return shapes[-1][0] * sum(r * c for r, c in shapes[:-1])

# %% 3.4 wrong: additions too | additions, too
def chain_cost(shapes, mode):
    shapes, total = list(shapes), 0
    while len(shapes) > 1:
        if mode == "forward":
            (q, r), (p, _) = shapes.pop(0), shapes.pop(0)
            shapes.insert(0, (p, r))
        else:
            (p, q), (_, r) = shapes.pop(), shapes.pop()
            shapes.append((p, r))
        total += p * q * r + p * r * (q - 1)
    return total

# %% 3.4 wrong: the cheaper one | cheaper of the two
def chain_cost(shapes, mode):
    if len(shapes) < 2:
        return 0
    return min(shapes[0][1] * sum(r * c for r, c in shapes[1:]), shapes[-1][0] * sum(r * c for r, c in shapes[:-1]))

# %% 3.4 wrong: mode not looked at | doesn't depend on the mode
def chain_cost(shapes, mode):
    return shapes[-1][0] * sum(r * c for r, c in shapes[:-1])

# %% 3.4 wrong: neighbours | product so far
def chain_cost(shapes, mode):
    return sum(b[0] * b[1] * a[1] for a, b in zip(shapes, shapes[1:]))

# %% 3.4 wrong: one factor costs | single factor
def chain_cost(shapes, mode):
    if len(shapes) == 1:
        return shapes[0][0] * shapes[0][1]
    if mode == "forward":
        return shapes[0][1] * sum(r * c for r, c in shapes[1:])
    return shapes[-1][0] * sum(r * c for r, c in shapes[:-1])
