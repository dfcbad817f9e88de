# ruff: noqa
# Answers to assignment 6 as students write them, one a block: right ones by different routes, and wrong ones with words
# of the hint that each must meet.

# %% 6.1 right: a list
def grad_xyz(x, y, z):
    return [z, z, x + y]

# %% 6.1 right: forward mode, as an array
def grad_xyz(x, y, z):
    return np.array([(dx + dy) * z + (x + y) * dz for dx, dy, dz in np.eye(3)])

# %% 6.1 wrong: the adjoint of q for z | exchanged
def grad_xyz(x, y, z):
    dq = z
    return dq, dq, dq

# %% 6.1 wrong: forgets the chain | local partial
def grad_xyz(x, y, z):
    return 1, 1, x + y

# %% 6.1 wrong: own value | own value
def grad_xyz(x, y, z):
    q = x + y
    return q, q, z

# %% 6.1 wrong: order | another order
def grad_xyz(x, y, z):
    return x + y, z, z

# %% 6.1 wrong: value instead of dz | value f itself
def grad_xyz(x, y, z):
    return z, z, (x + y) * z

# %% 6.1 wrong: constants of the example | adjoint is z
def grad_xyz(x, y, z):
    return -4, -4, 3

# %% 6.2 right: the closed form
def mipt_grads(w1, w2):
    s = 1 + 1 / (2 * math.sqrt(w2 * math.log(w1)))
    return s * w2 / w1, s * math.log(w1)

# %% 6.2 right: the table
def mipt_grads(w1, w2):
    v1 = np.log(w1)
    v2 = w2 * v1
    dv3 = 1
    dv2 = dv3 * 0.5 * v2**-0.5 + 1
    dv1 = dv2 * w2
    return np.array([dv1 / w1, dv2 * v1])

# %% 6.2 right: dual numbers by hand
def mipt_grads(w1, w2):
    def jvp(d1, d2):
        v1, dv1 = np.log(w1), d1 / w1
        v2, dv2 = w2 * v1, d2 * v1 + w2 * dv1
        return dv2 + dv2 / (2 * np.sqrt(v2))
    return jvp(1, 0), jvp(0, 1)

# %% 6.2 wrong: as printed | w2's only child is v2
def mipt_grads(w1, w2):
    v1 = math.log(w1)
    v2 = w2 * v1
    dv2 = 1 / (2 * math.sqrt(v2)) + 1
    dv1 = dv2 * w2
    return dv1 / w1, dv1 * v1

# %% 6.2 wrong: direct edge forgotten | edge is missing
def mipt_grads(w1, w2):
    v1 = math.log(w1)
    dv2 = 0.5 / math.sqrt(w2 * v1)
    return dv2 * w2 / w1, dv2 * v1

# %% 6.2 wrong: root forgotten | edge is missing
def mipt_grads(w1, w2):
    return w2 / w1, math.log(w1)

# %% 6.2 wrong: v2 derivative without v1 | factor is missing
def mipt_grads(w1, w2):
    v2 = w2 * math.log(w1)
    dv2 = 1 + 1 / (2 * math.sqrt(v2))
    return dv2 * w2 / w1, dv2

# %% 6.2 wrong: exchanged | exchanged
def mipt_grads(w1, w2):
    v1 = math.log(w1)
    dv2 = 1 + 1 / (2 * math.sqrt(w2 * v1))
    return dv2 * v1, dv2 * w2 / w1

# %% 6.2 wrong: no half | twice too large
def mipt_grads(w1, w2):
    v1 = math.log(w1)
    dv2 = 1 + 1 / math.sqrt(w2 * v1)
    return dv2 * w2 / w1, dv2 * v1

# %% 6.2 wrong: central differences | difference quotient
def mipt_grads(w1, w2):
    L = lambda w1, w2: w2 * math.log(w1) + math.sqrt(w2 * math.log(w1))
    h = 1e-6
    return (L(w1 + h, w2) - L(w1 - h, w2)) / (2 * h), (L(w1, w2 + h) - L(w1, w2 - h)) / (2 * h)

# %% 6.3 right: a stack of iterators
def toposort(out):
    order, seen, path = [], {id(out)}, [(out, iter(out.parents))]
    while path:
        node, rest = path[-1]
        for parent in rest:
            if id(parent) not in seen:
                seen.add(id(parent))
                path.append((parent, iter(parent.parents)))
                break
        else:
            order.append(path.pop()[0])
    return order

# %% 6.3 right: count the children, take away from the end
def toposort(out):
    from collections import Counter, deque
    children, todo, seen = Counter(), [out], {out}
    for node in todo:
        children.update(node.parents)
        for p in node.parents:
            if p not in seen:
                seen.add(p)
                todo.append(p)
    order, ready = deque(), [out]
    while ready:
        node = ready.pop()
        order.appendleft(node)
        for p in node.parents:
            children[p] -= 1
            if not children[p]:
                ready.append(p)
    return order

# %% 6.3 right: marks on the nodes, and an iterator comes back
def toposort(out):
    found, todo = [], [out]
    while todo:
        node = todo.pop()
        state = getattr(node, "state", None)
        if state == "open":
            node.state = "done"
            found.append(node)
        elif state is None:
            node.state = "open"
            todo.append(node)
            for p in node.parents:
                if getattr(p, "state", None) is None:
                    todo.append(p)
    for node in found:
        del node.state
    return iter(found)

# %% 6.3 wrong: recursive | calls itself
def toposort(out):
    order, seen = [], set()
    def build(v):
        if v not in seen:
            seen.add(v)
            for p in v.parents:
                build(p)
            order.append(v)
    build(out)
    return order

# %% 6.3 wrong: reversed pre-order | arrow points backwards
def toposort(out):
    order, seen, todo = [], set(), [out]
    while todo:
        v = todo.pop()
        if v not in seen:
            seen.add(v)
            order.append(v)
            todo.extend(v.parents)
    return order[::-1]

# %% 6.3 wrong: recursive with a raised limit | calls itself
def toposort(out):
    import sys
    sys.setrecursionlimit(10**6)
    order, seen = [], set()
    def build(v):
        if v in seen:
            return
        seen.add(v)
        for p in v.parents:
            build(p)
        order.append(v)
    build(out)
    return order

# %% 6.3 wrong: level by level | arrow points backwards
def toposort(out):
    order, seen = [out], {out}
    for v in order:
        for p in v.parents:
            if p not in seen:
                seen.add(p)
                order.append(p)
    order.reverse()
    return order

# %% 6.3 wrong: no visited set | in a list it has to stand once
def toposort(out):
    order, todo = [], [out]
    while todo:
        v = todo.pop()
        order.append(v)
        todo.extend(v.parents)
    return order[::-1]

# %% 6.3 wrong: walks every path, repeats thrown out afterwards | 2^40
def toposort(out):
    order, todo = [], [(out, 0)]
    while todo:
        v, done = todo.pop()
        if done:
            order.append(v)
        else:
            todo.append((v, 1))
            todo += [(p, 0) for p in v.parents]
    return list(dict.fromkeys(order))

# %% 6.3 wrong: output first | wrong end
def toposort(out):
    order, seen, todo = [], set(), [(out, 0)]
    while todo:
        v, done = todo.pop()
        if done:
            order.append(v)
        elif v not in seen:
            seen.add(v)
            todo += [(v, 1), *((p, 0) for p in v.parents)]
    return order[::-1]

# %% 6.3 wrong: inputs left out | without parents
def toposort(out):
    order, seen, todo = [], set(), [(out, 0)]
    while todo:
        v, done = todo.pop()
        if done:
            order.append(v)
        elif v not in seen and v.parents:
            seen.add(v)
            todo += [(v, 1), *((p, 0) for p in v.parents)]
    return order

# %% 6.3 wrong: values | nodes themselves
def toposort(out):
    order, seen, todo = [], set(), [(out, 0)]
    while todo:
        v, done = todo.pop()
        if done:
            order.append(v.value)
        elif v not in seen:
            seen.add(v)
            todo += [(v, 1), *((p, 0) for p in v.parents)]
    return order

# %% 6.4 right: order, then sweep
def backward(out):
    order, seen, todo = [], set(), [(out, False)]
    while todo:
        node, done = todo.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            todo.append((node, True))
            todo += [(p, False) for p in node.parents]
    for node in order:
        node.g = 0
    out.g = 1
    for node in reversed(order):
        for parent, partial in zip(node.parents, node.partials):
            parent.g += node.g * partial

# %% 6.4 right: pull from the children, adjoints in a dict, NumPy scalars
def backward(out):
    edges, seen, todo = {}, {out}, [out]
    while todo:
        v = todo.pop()
        for k in range(len(v.parents)):
            p = v.parents[k]
            edges.setdefault(p, []).append((v, v.partials[k]))
            if p not in seen:
                seen.add(p)
                todo.append(p)
    g = {out: np.float64(1.0)}
    todo = list(seen - {out})
    while todo:
        v = todo.pop()
        late = [child for child, _ in edges[v] if child not in g]
        if late:
            todo += [v, *late]
        elif v not in g:
            g[v] = sum(partial * g[child] for child, partial in edges[v])
    for v in g:
        v.g = g[v]
    return g

# %% 6.4 right: uses a function and a class of its own
class _Sweep:
    def __init__(self, out):
        self.order = self.sort(out)
    def sort(self, out):
        stack, seen, order = [(out, iter(out.parents))], {out}, []
        while stack:
            v, it = stack[-1]
            p = next(it, None)
            if p is None:
                order.append(v)
                stack.pop()
            elif p not in seen:
                seen.add(p)
                stack.append((p, iter(p.parents)))
        return order[::-1]
    def run(self):
        for v in self.order:
            v.g = 0.0
        self.order[0].g = 1.0
        for v in self.order:
            for d, p in zip(v.partials, v.parents):
                p.g = p.g + d * v.g

def backward(out):
    _Sweep(out).run()

# %% 6.4 wrong: = instead of += | +=
def backward(out):
    order, seen, todo = [], set(), [(out, False)]
    while todo:
        node, done = todo.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            todo.append((node, True))
            todo += [(p, False) for p in node.parents]
    out.g = 1
    for node in reversed(order):
        for parent, partial in zip(node.parents, node.partials):
            parent.g = node.g * partial

# %% 6.4 wrong: no reset between calls | back to 0
def backward(out):
    order, seen, todo = [], set(), [(out, False)]
    while todo:
        node, done = todo.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            todo.append((node, True))
            todo += [(p, False) for p in node.parents]
    out.g = 1
    for node in reversed(order):
        for parent, partial in zip(node.parents, node.partials):
            parent.g += node.g * partial

# %% 6.4 wrong: recursion over paths without an order | handed its adjoint on
def backward(out, root=True):
    if root:
        todo, seen = [out], {out}
        for v in todo:
            v.g = 0.0
            for p in v.parents:
                if p not in seen:
                    seen.add(p)
                    todo.append(p)
        out.g = 1.0
    for p, d in zip(out.parents, out.partials):
        p.g += d * out.g
    for p in out.parents:
        backward(p, False)

# %% 6.4 wrong: level by level | handed its adjoint on
def backward(out):
    order, seen = [out], {out}
    for v in order:
        for p in v.parents:
            if p not in seen:
                seen.add(p)
                order.append(p)
    for v in order:
        v.g = 0.0
    out.g = 1.0
    for v in order:
        for p, d in zip(v.parents, v.partials):
            p.g += d * v.g

# %% 6.4 wrong: no seed | d(out)/d(out)
def backward(out):
    order, seen = [out], {out}
    for v in order:
        v.g = 0.0
        for p in v.parents:
            if p not in seen:
                seen.add(p)
                order.append(p)
    for v in order:
        for p, d in zip(v.parents, v.partials):
            p.g += d * v.g

# %% 6.4 wrong: a set of parents | both tuples side by side
def backward(out):
    order, seen, todo = [], set(), [(out, False)]
    while todo:
        node, done = todo.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            todo.append((node, True))
            todo += [(p, False) for p in node.parents]
    for node in order:
        node.g = 0
    out.g = 1
    for node in reversed(order):
        for parent, partial in dict(zip(node.parents, node.partials)).items():
            parent.g += node.g * partial

# %% 6.4 wrong: local partials only | local partials alone
def backward(out):
    order, seen = [out], {out}
    for v in order:
        v.g = 0.0
        for p in v.parents:
            if p not in seen:
                seen.add(p)
                order.append(p)
    out.g = 1.0
    for v in order:
        for p, d in zip(v.parents, v.partials):
            p.g += d

# %% 6.4 wrong: recursive order | calls itself
def backward(out):
    order, seen = [], set()
    def build(v):
        if v not in seen:
            seen.add(v)
            for p in v.parents:
                build(p)
            order.append(v)
    build(out)
    for v in order:
        v.g = 0.0
    out.g = 1.0
    for v in reversed(order):
        for p, d in zip(v.parents, v.partials):
            p.g += d * v.g

# %% 6.5 right: forward and back
def logistic_ls(w, b, x, t):
    z = w * x + b
    y = 1 / (1 + math.exp(-z))
    dz = (y - t) * y * (1 - y)
    return 0.5 * (y - t) ** 2, dz * x, dz

# %% 6.5 right: tanh instead of exp, an array comes back
def logistic_ls(w, b, x, t):
    y = (1 + np.tanh((w * x + b) / 2)) / 2
    slope = 1 / (4 * np.cosh((w * x + b) / 2) ** 2)
    return np.array([(t - y) ** 2 / 2, (y - t) * slope * x, (y - t) * slope])

# %% 6.5 right: slopes by the complex step
def logistic_ls(w, b, x, t):
    loss = lambda w, b: (1 / (1 + np.exp(-(w * x + b))) - t) ** 2 / 2
    return loss(w, b), loss(w + 1e-30j, b).imag / 1e-30, loss(w, b + 1e-30j).imag / 1e-30

# %% 6.5 wrong: y = sigma(x) as printed | as the lecture notes print it
def logistic_ls(w, b, x, t):
    z = w * x + b
    y = 1 / (1 + math.exp(-x))
    dz = (y - t) * y * (1 - y)
    return (y - t) ** 2 / 2, dz * x, dz

# %% 6.5 wrong: sigma' missing | stepped over
def logistic_ls(w, b, x, t):
    z = w * x + b
    y = 1 / (1 + math.exp(-z))
    return (y - t) ** 2 / 2, (y - t) * x, y - t

# %% 6.5 wrong: sigma' in z | put in z itself
def logistic_ls(w, b, x, t):
    z = w * x + b
    y = 1 / (1 + math.exp(-z))
    dz = (y - t) * z * (1 - z)
    return (y - t) ** 2 / 2, dz * x, dz

# %% 6.5 wrong: sign | wrong sign
def logistic_ls(w, b, x, t):
    y = 1 / (1 + math.exp(-(w * x + b)))
    dz = (t - y) * y * (1 - y)
    return (y - t) ** 2 / 2, dz * x, dz

# %% 6.5 wrong: x forgotten | what is ∂z/∂w
def logistic_ls(w, b, x, t):
    y = 1 / (1 + math.exp(-(w * x + b)))
    dz = (y - t) * y * (1 - y)
    return (y - t) ** 2 / 2, dz, dz

# %% 6.5 wrong: no half | defined with a ½
def logistic_ls(w, b, x, t):
    y = 1 / (1 + math.exp(-(w * x + b)))
    dz = 2 * (y - t) * y * (1 - y)
    return (y - t) ** 2, dz * x, dz

# %% 6.5 wrong: gradient without the loss | evaluated at z
def logistic_ls(w, b, x, t):
    y = 1 / (1 + math.exp(-(w * x + b)))
    dz = (y - t) * y * (1 - y)
    return dz * x, dz

# %% 6.5 wrong: forward differences | difference quotient
def logistic_ls(w, b, x, t):
    loss = lambda w, b: (1 / (1 + math.exp(-(w * x + b))) - t) ** 2 / 2
    h = 1e-7
    return loss(w, b), (loss(w + h, b) - loss(w, b)) / h, (loss(w, b + h) - loss(w, b)) / h
