# Honest answers to assignment 6 in odd forms: all of them earn full marks.

# %% 6.1 | the course's own reverse mode
import adcourse

def grad_xyz(x, y, z):
    return adcourse.grad(lambda x, y, z: (x + y) * z, argnums=(0, 1, 2))(x, y, z)

# %% 6.1 | sympy
import sympy

_symbols = sympy.symbols("x y z")
_gradient = [sympy.diff((_symbols[0] + _symbols[1]) * _symbols[2], s) for s in _symbols]

def grad_xyz(x, y, z):
    return [g.subs(dict(zip(_symbols, (x, y, z)))) for g in _gradient]

# %% 6.2 | the complex step
def mipt_grads(w1, w2):
    L = lambda a, b: b * np.log(a) + np.sqrt(b * np.log(a))
    return L(w1 + 1e-20j, w2).imag / 1e-20, L(w1, w2 + 1e-20j).imag / 1e-20

# %% 6.2 | the course's tape, a namedtuple comes back
import collections
import adcourse

Slopes = collections.namedtuple("Slopes", "w1 w2")

def mipt_grads(w1, w2):
    L = lambda a, b: b * np.log(a) + np.sqrt(b * np.log(a))
    return Slopes(*adcourse.grad(L, argnums=(0, 1))(w1, w2))

# %% 6.5 | mpmath in high precision
def logistic_ls(w, b, x, t):
    import mpmath
    with mpmath.workdps(40):
        w, b, x, t = map(mpmath.mpf, (float(w), float(b), float(x), float(t)))
        y = 1 / (1 + mpmath.exp(-(w * x + b)))
        z_bar = (y - t) * y * (1 - y)
        return (y - t) ** 2 / 2, z_bar * x, z_bar

# %% 6.5 | an own small class of dual numbers
class Dual:
    def __init__(self, value, slope=0.0):
        self.value, self.slope = value, slope

    def sigmoid(self):
        y = 1 / (1 + math.exp(-self.value))
        return Dual(y, y * (1 - y) * self.slope)

def logistic_ls(w, b, x, t):
    def loss(dw, db):
        y = Dual(w * x + b, dw * x + db).sigmoid()
        return (y.value - t) ** 2 / 2, (y.value - t) * y.slope
    return loss(0, 0)[0], loss(1, 0)[1], loss(0, 1)[1]

# %% 6.3 | the recursion limit raised, though the answer does not recurse; graphlib
import graphlib, sys
sys.setrecursionlimit(10**5)

def toposort(out):
    graph, todo = {}, [out]
    while todo:
        node = todo.pop()
        if node not in graph:
            graph[node] = node.parents
            todo += node.parents
    return graphlib.TopologicalSorter(graph).static_order()

# %% 6.4 | attributes added to the nodes, fractions of work in a deque
import collections

def backward(out):
    waiting, todo = collections.Counter(), [out]
    out.met = True
    nodes = [out]
    while todo:
        node = todo.pop()
        node.g = 0.0
        for parent in node.parents:
            waiting[parent] += 1
            if not getattr(parent, "met", False):
                parent.met = True
                nodes.append(parent)
                todo.append(parent)
    out.g = 1.0
    for node in nodes:
        del node.met
    ready = collections.deque([out])
    while ready:
        node = ready.popleft()
        for parent, partial in zip(node.parents, node.partials):
            parent.g += np.float64(partial) * node.g
            waiting[parent] -= 1
            if not waiting[parent]:
                ready.append(parent)
    return out
