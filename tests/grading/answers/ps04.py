# ruff: noqa
# Answers to assignment 4 as students write them, one a block: right ones by different routes, and wrong ones with words
# of the hint that each must meet.

# %% 4.1 right: every rule by itself
class Dual:
    def __init__(self, a, b=0.0):
        self.a = a
        self.b = b
    def __add__(self, o):
        if isinstance(o, Dual):
            return Dual(self.a + o.a, self.b + o.b)
        return Dual(self.a + o, self.b)
    def __radd__(self, o):
        return Dual(o + self.a, self.b)
    def __sub__(self, o):
        if isinstance(o, Dual):
            return Dual(self.a - o.a, self.b - o.b)
        return Dual(self.a - o, self.b)
    def __rsub__(self, o):
        return Dual(o - self.a, -self.b)
    def __mul__(self, o):
        if isinstance(o, Dual):
            return Dual(self.a * o.a, self.a * o.b + self.b * o.a)
        return Dual(self.a * o, self.b * o)
    def __rmul__(self, o):
        return self * o
    def __truediv__(self, o):
        if isinstance(o, Dual):
            return Dual(self.a / o.a, (self.b * o.a - self.a * o.b) / o.a**2)
        return Dual(self.a / o, self.b / o)
    def __rtruediv__(self, o):
        return Dual(o / self.a, -o * self.b / self.a**2)
    def __pow__(self, n):
        return Dual(self.a**n, n * self.a ** (n - 1) * self.b)
    def __neg__(self):
        return Dual(-self.a, -self.b)
    def sin(self):
        return Dual(math.sin(self.a), math.cos(self.a) * self.b)
    def exp(self):
        return Dual(math.exp(self.a), math.exp(self.a) * self.b)
    def log(self):
        return Dual(math.log(self.a), self.b / self.a)
    def sqrt(self):
        return Dual(math.sqrt(self.a), self.b / (2 * math.sqrt(self.a)))

# %% 4.1 right: matrices in disguise
class Dual:
    def __init__(self, a, b=0.0):
        self.m = np.array([[a, b], [0.0, a]], dtype=float)
    a = property(lambda self: self.m[0, 0])
    b = property(lambda self: self.m[0, 1])
    @classmethod
    def of(cls, m):
        return cls(m[0, 0], m[0, 1])
    @staticmethod
    def matrix(x):
        return x.m if isinstance(x, Dual) else x * np.eye(2)
    def __add__(self, o):
        return Dual.of(self.m + Dual.matrix(o))
    def __mul__(self, o):
        return Dual.of(self.m @ Dual.matrix(o))
    def __truediv__(self, o):
        return Dual.of(self.m @ np.linalg.inv(Dual.matrix(o)))
    def __rtruediv__(self, o):
        return Dual.of(o * np.linalg.inv(self.m))
    def __neg__(self):
        return Dual.of(-self.m)
    def __sub__(self, o):
        return self + -o
    def __rsub__(self, o):
        return -self + o
    def _apply(self, value, slope):
        return Dual(value, slope * self.b)
    def __pow__(self, n):
        return self._apply(self.a**n, n * self.a ** (n - 1))
    def sin(self):
        return self._apply(np.sin(self.a), np.cos(self.a))
    def exp(self):
        return self._apply(np.exp(self.a), np.exp(self.a))
    def log(self):
        return self._apply(np.log(self.a), 1 / self.a)
    def sqrt(self):
        return self ** 0.5
    __radd__, __rmul__ = __add__, __mul__

# %% 4.1 right: slots, a dataclass's habits, NumPy's protocol, everything from a table
class Dual(np.lib.mixins.NDArrayOperatorsMixin):
    __slots__ = ("a", "b")
    PARTIALS = {
        np.add: lambda x, y: (1, 1), np.subtract: lambda x, y: (1, -1), np.multiply: lambda x, y: (y, x),
        np.divide: lambda x, y: (1 / y, -x / y**2), np.power: lambda x, y: (y * x ** (y - 1.0), 0),
        np.negative: lambda x: (-1,), np.sin: lambda x: (np.cos(x),), np.exp: lambda x: (np.exp(x),),
        np.log: lambda x: (1 / x,), np.sqrt: lambda x: (0.5 / np.sqrt(x),),
    }
    def __init__(self, a, b=0.0):
        self.a, self.b = a, b
    def __array_ufunc__(self, f, method, *args):
        values = [x.a if isinstance(x, Dual) else x for x in args]
        slopes = self.PARTIALS[f](*values)
        return Dual(f(*values), sum(s * x.b for s, x in zip(slopes, args) if isinstance(x, Dual)))

# %% 4.1 right: everything from products, inverses and one chain rule, lifted first
class Dual:
    def __init__(self, a, b=0.0):
        self.a, self.b = float(a), float(b)
    def _lift(f):
        return lambda self, o: f(self, o if isinstance(o, Dual) else Dual(o))
    @_lift
    def __add__(x, y): return Dual(x.a + y.a, x.b + y.b)
    @_lift
    def __mul__(x, y): return Dual(x.a * y.a, x.a * y.b + x.b * y.a)
    @_lift
    def __sub__(x, y): return Dual(x.a - y.a, x.b - y.b)
    @_lift
    def __rsub__(x, y): return y - x
    @_lift
    def __truediv__(x, y): return x * Dual(1 / y.a, -y.b / y.a**2)
    @_lift
    def __rtruediv__(x, y): return y / x
    def __neg__(self): return 0 - self
    def __pow__(self, n): return Dual(self.a**n, n * self.b * self.a**n / self.a)
    def sin(self): return Dual(math.sin(self.a), self.b * math.cos(self.a))
    def exp(self): return Dual(math.exp(self.a), self.b * math.exp(self.a))
    def log(self): return Dual(math.log(self.a), self.b / self.a)
    def sqrt(self): return Dual(math.sqrt(self.a), self.b / 2 / math.sqrt(self.a))
    __radd__, __rmul__ = __add__, __mul__

# %% 4.1 wrong: epsilon parts multiplied | multiplies the ε parts
class Dual:
    def __init__(self, a, b=0.0):
        self.a, self.b = a, b
    def pair(self, o):
        return (o.a, o.b) if isinstance(o, Dual) else (o, 0.0)
    def __add__(self, o):
        c, d = self.pair(o)
        return Dual(self.a + c, self.b + d)
    def __mul__(self, o):
        c, d = self.pair(o)
        return Dual(self.a * c, self.b * d)
    def __sub__(self, o):
        c, d = self.pair(o)
        return Dual(self.a - c, self.b - d)
    def __rsub__(self, o):
        return Dual(o - self.a, -self.b)
    def __truediv__(self, o):
        c, d = self.pair(o)
        return Dual(self.a / c, (self.b * c - self.a * d) / c**2)
    def __rtruediv__(self, o):
        return Dual(o / self.a, -o * self.b / self.a**2)
    def __pow__(self, n):
        return Dual(self.a**n, n * self.a ** (n - 1) * self.b)
    def __neg__(self):
        return Dual(-self.a, -self.b)
    def sin(self):
        return Dual(np.sin(self.a), np.cos(self.a) * self.b)
    def exp(self):
        return Dual(np.exp(self.a), np.exp(self.a) * self.b)
    def log(self):
        return Dual(np.log(self.a), self.b / self.a)
    def sqrt(self):
        return Dual(np.sqrt(self.a), 0.5 * self.b / np.sqrt(self.a))
    __radd__, __rmul__ = __add__, __mul__

# %% 4.1 wrong: sign of the quotient | only the denominator grows
class Dual:
    def __init__(self, a, b=0.0):
        self.a, self.b = a, b
    def pair(self, o):
        return (o.a, o.b) if isinstance(o, Dual) else (o, 0.0)
    def __add__(self, o):
        c, d = self.pair(o)
        return Dual(self.a + c, self.b + d)
    def __mul__(self, o):
        c, d = self.pair(o)
        return Dual(self.a * c, self.b * c + self.a * d)
    def __truediv__(self, o):
        c, d = self.pair(o)
        return Dual(self.a / c, (self.b * c + self.a * d) / c**2)
    def __rtruediv__(self, o):
        return Dual(o / self.a, -o * self.b / self.a**2)
    def __pow__(self, n):
        return Dual(self.a**n, n * self.a ** (n - 1) * self.b)
    def __neg__(self):
        return Dual(-self.a, -self.b)
    def __sub__(self, o):
        return self + -o
    def __rsub__(self, o):
        return -self + o
    def sin(self):
        return Dual(np.sin(self.a), np.cos(self.a) * self.b)
    def exp(self):
        return Dual(np.exp(self.a), np.exp(self.a) * self.b)
    def log(self):
        return Dual(np.log(self.a), self.b / self.a)
    def sqrt(self):
        return Dual(np.sqrt(self.a), 0.5 * self.b / np.sqrt(self.a))
    __radd__, __rmul__ = __add__, __mul__

# %% 4.1 wrong: the tangent forgotten in all functions | functions forget the tangent
class Dual:
    def __init__(self, a, b=0.0):
        self.a, self.b = a, b
    def pair(self, o):
        return (o.a, o.b) if isinstance(o, Dual) else (o, 0.0)
    def __add__(self, o):
        c, d = self.pair(o)
        return Dual(self.a + c, self.b + d)
    def __mul__(self, o):
        c, d = self.pair(o)
        return Dual(self.a * c, self.b * c + self.a * d)
    def __pow__(self, n):
        return Dual(self.a**n, n * self.a ** (n - 1) * self.b)
    def __truediv__(self, o):
        return self * o**-1
    def __rtruediv__(self, o):
        return self**-1 * o
    def __neg__(self):
        return Dual(-self.a, -self.b)
    def __sub__(self, o):
        return self + -o
    def __rsub__(self, o):
        return -self + o
    def sin(self):
        return Dual(np.sin(self.a), np.cos(self.a))
    def exp(self):
        return Dual(np.exp(self.a), np.exp(self.a))
    def log(self):
        return Dual(np.log(self.a), 1 / self.a)
    def sqrt(self):
        return Dual(np.sqrt(self.a), 0.5 / np.sqrt(self.a))
    __radd__, __rmul__ = __add__, __mul__

# %% 4.1 wrong: 2 - x is x - 2, and 1/x is x/1 | who is subtracted from whom
class Dual:
    def __init__(self, a, b=0.0):
        self.a, self.b = a, b
    def pair(self, o):
        return (o.a, o.b) if isinstance(o, Dual) else (o, 0.0)
    def __add__(self, o):
        c, d = self.pair(o)
        return Dual(self.a + c, self.b + d)
    def __mul__(self, o):
        c, d = self.pair(o)
        return Dual(self.a * c, self.b * c + self.a * d)
    def __sub__(self, o):
        c, d = self.pair(o)
        return Dual(self.a - c, self.b - d)
    def __truediv__(self, o):
        c, d = self.pair(o)
        return Dual(self.a / c, (self.b * c - self.a * d) / c**2)
    def __pow__(self, n):
        return Dual(self.a**n, n * self.a ** (n - 1) * self.b)
    def __neg__(self):
        return Dual(-self.a, -self.b)
    def sin(self):
        return Dual(np.sin(self.a), np.cos(self.a) * self.b)
    def exp(self):
        return Dual(np.exp(self.a), np.exp(self.a) * self.b)
    def log(self):
        return Dual(np.log(self.a), self.b / self.a)
    def sqrt(self):
        return Dual(np.sqrt(self.a), 0.5 * self.b / np.sqrt(self.a))
    __radd__, __rmul__, __rsub__, __rtruediv__ = __add__, __mul__, __sub__, __truediv__

# %% 4.1 wrong: constants are not thought of | one of the two operands is a plain number
class Dual:
    def __init__(self, a, b=0.0):
        self.a, self.b = a, b
    def __add__(self, o):
        return Dual(self.a + o.a, self.b + o.b)
    def __sub__(self, o):
        return Dual(self.a - o.a, self.b - o.b)
    def __mul__(self, o):
        return Dual(self.a * o.a, self.b * o.a + self.a * o.b)
    def __truediv__(self, o):
        return Dual(self.a / o.a, (self.b * o.a - self.a * o.b) / o.a**2)
    def __pow__(self, n):
        return Dual(self.a**n, n * self.a ** (n - 1) * self.b)
    def __neg__(self):
        return Dual(-self.a, -self.b)
    def __rsub__(self, o):
        return Dual(o - self.a, -self.b)
    def sin(self):
        return Dual(np.sin(self.a), np.cos(self.a) * self.b)
    def exp(self):
        return Dual(np.exp(self.a), np.exp(self.a) * self.b)
    def log(self):
        return Dual(np.log(self.a), self.b / self.a)
    def sqrt(self):
        return Dual(np.sqrt(self.a), 0.5 * self.b / np.sqrt(self.a))
    __radd__, __rmul__ = __add__, __mul__

# %% 4.1 wrong: half done | Python found no method
class Dual:
    def __init__(self, a, b=0.0):
        self.a, self.b = a, b
    def __add__(self, o):
        return Dual(self.a + o.a, self.b + o.b)
    def __mul__(self, o):
        return Dual(self.a * o.a, self.b * o.a + self.a * o.b)
    def __pow__(self, n):
        return Dual(self.a**n, n * self.a ** (n - 1) * self.b)

# %% 4.1 wrong: pairs come back | a new Dual
class Dual:
    def __init__(self, a, b=0.0):
        self.a, self.b = a, b
    def pair(self, o):
        return (o.a, o.b) if isinstance(o, Dual) else (o, 0.0)
    def __add__(self, o):
        c, d = self.pair(o)
        return self.a + c, self.b + d
    def __sub__(self, o):
        c, d = self.pair(o)
        return self.a - c, self.b - d
    def __rsub__(self, o):
        return o - self.a, -self.b
    def __mul__(self, o):
        c, d = self.pair(o)
        return self.a * c, self.b * c + self.a * d
    def __pow__(self, n):
        return self.a**n, n * self.a ** (n - 1) * self.b
    def __neg__(self):
        return -self.a, -self.b
    __radd__, __rmul__ = __add__, __mul__

# %% 4.1 wrong: other - self in __rsub__ of numbers | ends up in itself
class Dual:
    def __init__(self, a, b=0.0):
        self.a, self.b = a, b
    def pair(self, o):
        return (o.a, o.b) if isinstance(o, Dual) else (o, 0.0)
    def __add__(self, o):
        c, d = self.pair(o)
        return Dual(self.a + c, self.b + d)
    def __mul__(self, o):
        c, d = self.pair(o)
        return Dual(self.a * c, self.b * c + self.a * d)
    def __pow__(self, n):
        return Dual(self.a**n, n * self.a ** (n - 1) * self.b)
    def __truediv__(self, o):
        return self * o**-1
    def __rtruediv__(self, o):
        return self**-1 * o
    def __neg__(self):
        return self * -1
    def __sub__(self, o):
        return self + -o
    def __rsub__(self, o):
        return o - self
    def sin(self):
        return Dual(np.sin(self.a), np.cos(self.a) * self.b)
    def exp(self):
        return Dual(np.exp(self.a), np.exp(self.a) * self.b)
    def log(self):
        return Dual(np.log(self.a), self.b / self.a)
    def sqrt(self):
        return Dual(np.sqrt(self.a), 0.5 * self.b / np.sqrt(self.a))
    __radd__, __rmul__ = __add__, __mul__

# %% 4.1 wrong: += in disguise | should be what it was
class Dual:
    def __init__(self, a, b=0.0):
        self.a, self.b = a, b
    def pair(self, o):
        return (o.a, o.b) if isinstance(o, Dual) else (o, 0.0)
    def __add__(self, o):
        c, d = self.pair(o)
        self.a += c
        self.b += d
        return self
    def __mul__(self, o):
        c, d = self.pair(o)
        return Dual(self.a * c, self.b * c + self.a * d)
    def __pow__(self, n):
        return Dual(self.a**n, n * self.a ** (n - 1) * self.b)
    def __truediv__(self, o):
        return self * o**-1
    def __rtruediv__(self, o):
        return self**-1 * o
    def __neg__(self):
        return self * -1
    def __sub__(self, o):
        return self + -o
    def __rsub__(self, o):
        return -self + o
    def sin(self):
        return Dual(np.sin(self.a), np.cos(self.a) * self.b)
    def exp(self):
        return Dual(np.exp(self.a), np.exp(self.a) * self.b)
    def log(self):
        return Dual(np.log(self.a), self.b / self.a)
    def sqrt(self):
        return Dual(np.sqrt(self.a), 0.5 * self.b / np.sqrt(self.a))
    __radd__, __rmul__ = __add__, __mul__

# %% 4.1 wrong: the power and the sine forget, the minus keeps | forgets the tangent that came in
class Dual:
    def __init__(self, a, b=0.0):
        self.a, self.b = a, b
    def pair(self, o):
        return (o.a, o.b) if isinstance(o, Dual) else (o, 0.0)
    def __add__(self, o):
        c, d = self.pair(o)
        return Dual(self.a + c, self.b + d)
    def __mul__(self, o):
        c, d = self.pair(o)
        return Dual(self.a * c, self.b * c + self.a * d)
    def __sub__(self, o):
        c, d = self.pair(o)
        return Dual(self.a - c, self.b - d)
    def __rsub__(self, o):
        return Dual(o - self.a, -self.b)
    def __truediv__(self, o):
        c, d = self.pair(o)
        return Dual(self.a / c, (self.b * c - self.a * d) / c**2)
    def __rtruediv__(self, o):
        return Dual(o / self.a, -o * self.b / self.a**2)
    def __pow__(self, n):
        return Dual(self.a**n, n * self.a ** (n - 1))
    def __neg__(self):
        return Dual(-self.a, self.b)
    def sin(self):
        return Dual(np.sin(self.a), np.cos(self.a) * self.b)
    def exp(self):
        return Dual(np.exp(self.a), np.exp(self.a) * self.b)
    def log(self):
        return Dual(np.log(self.a), self.b / self.a)
    def sqrt(self):
        return Dual(np.sqrt(self.a), 0.5 * self.b / np.sqrt(self.a))
    __radd__, __rmul__ = __add__, __mul__

# %% 4.2 right: a small class of dual numbers
def jacobian_forward(f, x):
    class D(np.lib.mixins.NDArrayOperatorsMixin):
        rules = {
            np.add: lambda x, y: (1, 1), np.subtract: lambda x, y: (1, -1), np.multiply: lambda x, y: (y, x),
            np.divide: lambda x, y: (1 / y, -x / y**2), np.power: lambda x, y: (y * x ** (y - 1.0), 0),
            np.negative: lambda x: (-1,), np.sin: lambda x: (np.cos(x),), np.exp: lambda x: (np.exp(x),),
            np.log: lambda x: (1 / x,), np.sqrt: lambda x: (0.5 / np.sqrt(x),),
        }
        def __init__(self, a, b):
            self.a, self.b = a, b
        def __array_ufunc__(self, g, method, *args):
            values = [z.a if isinstance(z, D) else z for z in args]
            return D(g(*values), sum(s * z.b for s, z in zip(self.rules[g](*values), args) if isinstance(z, D)))
    rows = None
    for i in range(len(x)):
        out = f([D(v, float(i == k)) for k, v in enumerate(x)])
        rows = rows or [[] for _ in out]
        for row, y in zip(rows, out):
            row.append(y.b if hasattr(y, "b") else 0)
    return rows

# %% 4.2 right: the package's sweep
def jacobian_forward(f, x):
    from adcourse import jvp
    return np.column_stack([jvp(f, (x,), (list(e),))[1] for e in np.eye(len(x))])

# %% 4.2 right: imaginary dual numbers, in an array that is filled
def jacobian_forward(f, x):
    n, J = len(x), None
    for j in range(n):
        z = np.array(x, dtype=complex)
        z[j] += 1e-40j
        y = np.asarray(f(z), dtype=complex)
        if J is None:
            J = np.zeros((len(y), n))
        J[:, j] = y.imag / 1e-40
    return J

# %% 4.2 wrong: rows for columns | lies on its side
def jacobian_forward(f, x):
    from adcourse import jvp
    return [jvp(f, (x,), (list(e),))[1] for e in np.eye(len(x))]

# %% 4.2 wrong: all move in every sweep | every input moves
def jacobian_forward(f, x):
    from adcourse import jvp
    return np.column_stack([jvp(f, (x,), ([1.0] * len(x),))[1] for _ in x])

# %% 4.2 wrong: one sweep with ones | the sum of its row
def jacobian_forward(f, x):
    from adcourse import jvp
    return jvp(f, (x,), ([1.0] * len(x),))[1]

# %% 4.2 wrong: seeds are not taken back | go on moving
def jacobian_forward(f, x):
    seed, columns = [0.0] * len(x), []
    from adcourse import jvp
    for i in range(len(x)):
        seed[i] = 1.0
        columns.append(jvp(f, (x,), (seed,))[1])
    return np.array(columns).T

# %% 4.2 wrong: values read | other half of the dual numbers
def jacobian_forward(f, x):
    from adcourse import jvp
    return np.array([jvp(f, (x,), (list(e),))[0] for e in np.eye(len(x))]).T

# %% 4.2 wrong: one more to count the results | once more than there are inputs
def jacobian_forward(f, x):
    from adcourse import jvp
    J = np.zeros((len(f(x)), len(x)))
    for i, e in enumerate(np.eye(len(x))):
        J[:, i] = jvp(f, (x,), (list(e),))[1]
    return J

# %% 4.2 wrong: a sweep an entry | one evaluation for each entry
def jacobian_forward(f, x):
    from adcourse import jvp
    m, rows = 1, []
    i = 0
    while i < m:
        row = []
        for e in np.eye(len(x)):
            tangents = jvp(f, (x,), (list(e),))[1]
            m = len(tangents)
            row.append(tangents[i])
        rows.append(row)
        i += 1
    return rows

# %% 4.2 wrong: all at once | all tangents travelled together
def jacobian_forward(f, x):
    import adcourse
    return np.array(adcourse.jacobian(f)(np.array(x)))

# %% 4.2 wrong: difference quotients | difference quotient
def jacobian_forward(f, x):
    h, base = 1e-8, np.array(f(x))
    J = []
    for i in range(len(x)):
        moved = list(x)
        moved[i] += h
        J.append((np.array(f(moved)) - base) / h)
    return np.array(J).T

# %% 4.2 wrong: central differences, with 2n evaluations | difference quotient
def jacobian_forward(f, x):
    x, h = np.array(x), 1e-5
    return np.array([(np.array(f(x + h * e)) - np.array(f(x - h * e))) / (2 * h) for e in np.eye(len(x))]).T

# %% 4.2 wrong: a result at rest is not thought of | Nothing moved it
def jacobian_forward(f, x):
    class D(np.lib.mixins.NDArrayOperatorsMixin):
        rules = {
            np.add: lambda x, y: (1, 1), np.subtract: lambda x, y: (1, -1), np.multiply: lambda x, y: (y, x),
            np.divide: lambda x, y: (1 / y, -x / y**2), np.power: lambda x, y: (y * x ** (y - 1.0), 0),
            np.negative: lambda x: (-1,), np.sin: lambda x: (np.cos(x),), np.exp: lambda x: (np.exp(x),),
            np.log: lambda x: (1 / x,), np.sqrt: lambda x: (0.5 / np.sqrt(x),),
        }
        def __init__(self, a, b):
            self.a, self.b = a, b
        def __array_ufunc__(self, g, method, *args):
            values = [z.a if isinstance(z, D) else z for z in args]
            return D(g(*values), sum(s * z.b for s, z in zip(self.rules[g](*values), args) if isinstance(z, D)))
    columns = []
    for i in range(len(x)):
        columns.append([y.b for y in f([D(v, float(k == i)) for k, v in enumerate(x)])])
    return np.array(columns).T

# %% 4.2 wrong: None | column i
def jacobian_forward(f, x):
    for e in x:
        f(x)

# %% 4.2 wrong: the gradient of the sum | one row
def jacobian_forward(f, x):
    from adcourse import jvp
    return [sum(jvp(f, (x,), (list(e),))[1]) for e in np.eye(len(x))]

# %% 4.2 wrong: the first row | one row
def jacobian_forward(f, x):
    from adcourse import jvp
    return [jvp(f, (x,), (list(e),))[1][0] for e in np.eye(len(x))]

# %% 4.3 right: the step decides
def newton(f, x0, tol=1e-12, maxit=50):
    from adcourse import jvp
    x = x0
    for _ in range(maxit):
        value, slope = jvp(f, (float(x),), (1.0,))
        step = value / slope
        x -= step
        if abs(step) < tol:
            return x
    raise RuntimeError("no convergence")

# %% 4.3 right: recursion, other names, the error of its own kind
def newton(g, start, eps=1e-12, n=50):
    class NoRoot(RuntimeError):
        pass
    from adcourse import jvp
    if n == 0:
        raise NoRoot
    y, dy = jvp(g, (np.float64(start),), (np.float64(1),))
    after = start - y / dy
    return after if abs(after - start) <= eps * max(1, abs(after)) else newton(g, after, eps, n - 1)

# %% 4.3 right: the value decides, a while loop
def newton(f, x0, tol=1e-12, maxit=50):
    h, x, k = 1e-30, float(x0), 0
    z = f(x + 1j * h)
    while abs(z.real) > tol:
        if k == maxit:
            raise RuntimeError(f"still {z.real}")
        x = x - z.real * h / z.imag
        z = f(x + 1j * h)
        k += 1
    return np.float64(x)

# %% 4.3 wrong: the slope of x0 | slope is that of the starting point
def newton(f, x0, tol=1e-12, maxit=50):
    from adcourse import jvp
    slope = jvp(f, (float(x0),), (1.0,))[1]
    x = x0
    for _ in range(maxit):
        step = jvp(f, (float(x),), (1.0,))[0] / slope
        x = x - step
        if abs(step) < tol:
            return x
    raise RuntimeError("no convergence")

# %% 4.3 wrong: the sign | away from the root
def newton(f, x0, tol=1e-12, maxit=50):
    from adcourse import jvp
    x = float(x0)
    for _ in range(maxit):
        value, slope = jvp(f, (x,), (1.0,))
        x = x + value / slope
        if abs(value / slope) < tol:
            return x
    raise RuntimeError("no convergence")

# %% 4.3 wrong: value and slope one by one | brings the value and the slope at once
def newton(f, x0, tol=1e-12, maxit=50):
    from adcourse import jvp
    x = float(x0)
    for _ in range(maxit):
        value = jvp(f, (x,), (1.0,))[0]
        slope = jvp(f, (x,), (1.0,))[1]
        step = value / slope
        x -= step
        if abs(step) < tol:
            return x
    raise RuntimeError("no convergence")

# %% 4.3 wrong: no size | f/f' is negative
def newton(f, x0, tol=1e-12, maxit=50):
    from adcourse import jvp
    x = float(x0)
    for _ in range(maxit):
        value, slope = jvp(f, (x,), (1.0,))
        x -= value / slope
        if value / slope < tol:
            return x
    raise RuntimeError("no convergence")

# %% 4.3 wrong: no size of the value | as soon as f is negative
def newton(f, x0, tol=1e-12, maxit=50):
    from adcourse import jvp
    x = float(x0)
    for _ in range(maxit):
        value, slope = jvp(f, (x,), (1.0,))
        if value < tol:
            return x
        x -= value / slope
    raise RuntimeError("no convergence")

# %% 4.3 wrong: the last guess comes back | whether or not it solves
def newton(f, x0, tol=1e-12, maxit=50):
    from adcourse import jvp
    x = float(x0)
    for _ in range(maxit):
        value, slope = jvp(f, (x,), (1.0,))
        x -= value / slope
        if abs(value) < tol:
            break
    return x

# %% 4.3 wrong: endless | What is maxit for
def newton(f, x0, tol=1e-12, maxit=50):
    from adcourse import jvp
    x, value = float(x0), 1.0
    while abs(value) > tol:
        value, slope = jvp(f, (x,), (1.0,))
        x -= value / slope
    return x

# %% 4.3 wrong: maxit not looked at | maxit is not looked at
def newton(f, x0, tol=1e-12, maxit=50):
    from adcourse import jvp
    x = float(x0)
    for _ in range(50):
        value, slope = jvp(f, (x,), (1.0,))
        x -= value / slope
        if abs(value) < tol:
            return x
    raise RuntimeError("no convergence")

# %% 4.3 wrong: secant | difference quotients
def newton(f, x0, tol=1e-12, maxit=50):
    a, b = float(x0), x0 + 1e-2
    fa, fb = f(a), f(b)
    for _ in range(maxit):
        if fb == fa or abs(b - a) < tol:
            break
        a, fa, b = b, fb, b - fb * (b - a) / (fb - fa)
        fb = f(b)
    if abs(fb) > 1e-9:
        raise RuntimeError
    return b

# %% 4.3 wrong: another error | a RuntimeError
def newton(f, x0, tol=1e-12, maxit=50):
    from adcourse import jvp
    x = float(x0)
    for _ in range(maxit):
        value, slope = jvp(f, (x,), (1.0,))
        x -= value / slope
        if abs(value) < tol:
            return x
    raise ValueError("no root")

# %% 4.3 wrong: stops early | first digits
def newton(f, x0, tol=1e-12, maxit=50):
    from adcourse import jvp
    x = float(x0)
    for _ in range(maxit):
        value, slope = jvp(f, (x,), (1.0,))
        if abs(value) < 1e-6:
            return x
        x -= value / slope
    raise RuntimeError("no root")

# %% 4.3 wrong: root and steps | The root itself
def newton(f, x0, tol=1e-12, maxit=50):
    from adcourse import jvp
    x = float(x0)
    for k in range(maxit):
        value, slope = jvp(f, (x,), (1.0,))
        x -= value / slope
        if abs(value) < tol:
            return x, k
    raise RuntimeError("no root")

# %% 4.3 wrong: no root is None | whether or not it solves
def newton(f, x0, tol=1e-12, maxit=50):
    from adcourse import jvp
    x = float(x0)
    for k in range(maxit):
        value, slope = jvp(f, (x,), (1.0,))
        x -= value / slope
        if abs(value) < tol:
            return x

# %% 4.4 right: one sweep for each input
def propagate(f, x, sigma):
    from adcourse import jvp
    total = 0
    for i in range(len(x)):
        seed = [sigma[i] if i == k else 0.0 for k in range(len(x))]
        total += jvp(f, tuple(x), tuple(seed))[1] ** 2
    return total ** 0.5

# %% 4.4 right: gradient times sigma, as arrays
def propagate(f, x, sigma):
    from adcourse import grad
    g = np.array(grad(f, argnums=tuple(range(len(x))))(*x))
    return np.linalg.norm(g * np.array(sigma))

# %% 4.4 right: a covariance matrix, by the complex step
def propagate(f, x, sigma):
    g = np.array([np.imag(f(*(np.array(x) + 1e-30j * e))) / 1e-30 for e in np.eye(len(x))])
    return np.sqrt(g @ np.diag(np.square(sigma)) @ g)

# %% 4.4 wrong: all in one sweep | with their signs
def propagate(f, x, sigma):
    from adcourse import jvp
    return jvp(f, tuple(x), tuple(sigma))[1]

# %% 4.4 wrong: all in one sweep, its size | take the size
def propagate(f, x, sigma):
    from adcourse import jvp
    return np.sqrt(jvp(f, tuple(x), tuple(sigma))[1] ** 2)

# %% 4.4 wrong: sizes | worst case
def propagate(f, x, sigma):
    from adcourse import grad
    g = grad(f, argnums=tuple(range(len(x))))(*x)
    return sum(abs(a) * s for a, s in zip(g, sigma))

# %% 4.4 wrong: variance | standard deviation is asked for
def propagate(f, x, sigma):
    from adcourse import grad
    g = grad(f, argnums=tuple(range(len(x))))(*x)
    return sum((a * s) ** 2 for a, s in zip(g, sigma))

# %% 4.4 wrong: sigma is not squared | sigma is not
def propagate(f, x, sigma):
    from adcourse import grad
    g = grad(f, argnums=tuple(range(len(x))))(*x)
    return math.sqrt(sum(a**2 * s for a, s in zip(g, sigma)))

# %% 4.4 wrong: without sigma | does not depend on sigma
def propagate(f, x, sigma):
    from adcourse import grad
    return np.linalg.norm(np.array(grad(f, argnums=tuple(range(len(x))))(*x)))

# %% 4.4 wrong: differences | difference quotient
def propagate(f, x, sigma):
    x, h = np.array(x), 1e-6
    g = [(f(*(x + h * e)) - f(*(x - h * e))) / (2 * h) for e in np.eye(len(x))]
    return np.linalg.norm(np.array(g) * sigma)

# %% 4.4 wrong: how far f goes with each | quadrature
def propagate(f, x, sigma):
    x = np.array(x)
    return np.linalg.norm([f(*(x + s * e)) - f(*x) for s, e in zip(sigma, np.eye(len(x)))])

# %% 4.4 wrong: mean of squares | a mean of the squares
def propagate(f, x, sigma):
    from adcourse import grad
    g = np.array(grad(f, argnums=tuple(range(len(x))))(*x))
    return np.sqrt(np.mean((g * sigma) ** 2))

# %% 4.4 wrong: a constant is not thought of | Nothing moved it
def propagate(f, x, sigma):
    class D(np.lib.mixins.NDArrayOperatorsMixin):
        rules = {
            np.add: lambda x, y: (1, 1), np.subtract: lambda x, y: (1, -1), np.multiply: lambda x, y: (y, x),
            np.divide: lambda x, y: (1 / y, -x / y**2), np.power: lambda x, y: (y * x ** (y - 1.0), 0),
            np.negative: lambda x: (-1,), np.sin: lambda x: (np.cos(x),), np.exp: lambda x: (np.exp(x),),
            np.log: lambda x: (1 / x,), np.sqrt: lambda x: (0.5 / np.sqrt(x),),
        }
        def __init__(self, a, b):
            self.a, self.b = a, b
        def __array_ufunc__(self, g, method, *args):
            values = [z.a if isinstance(z, D) else z for z in args]
            return D(g(*values), sum(s * z.b for s, z in zip(self.rules[g](*values), args) if isinstance(z, D)))
    return math.sqrt(sum(f(*[D(v, s * (k == i)) for k, v in enumerate(x)]).b ** 2 for i, s in enumerate(sigma)))

# %% 4.4 wrong: f gets the list | It is called as
def propagate(f, x, sigma):
    from adcourse import jvp
    total = 0
    for i in range(len(x)):
        total += jvp(f, (x,), ([sigma[i] * (i == k) for k in range(len(x))],))[1] ** 2
    return math.sqrt(total)

# %% 4.5 right: tags that count
def derivative(f, x):
    class T:
        def __init__(self, a, b, tag):
            self.a, self.b, self.tag = a, b, tag
        def both(self, o):
            tag = max(self.tag, getattr(o, "tag", -1))
            return tag, *((z.a, z.b) if getattr(z, "tag", -1) == tag else (z, 0.0) for z in (self, o))
        def __add__(self, o):
            tag, (a, b), (c, d) = self.both(o)
            return T(a + c, b + d, tag)
        def __mul__(self, o):
            tag, (a, b), (c, d) = self.both(o)
            return T(a * c, a * d + b * c, tag)
        __radd__, __rmul__ = __add__, __mul__
    derivative.last = tag = getattr(derivative, "last", 0) + 1
    y = f(T(x, 1.0, tag))
    return y.b if getattr(y, "tag", -1) == tag else 0.0

# %% 4.5 right: a polynomial in all the epsilons, as a dict of sets
def derivative(f, x):
    class E:
        def __init__(self, terms):
            self.terms = terms
        def __add__(self, o):
            out = dict(self.terms)
            for k, v in terms(o).items():
                out[k] = out.get(k, 0.0) + v
            return E(out)
        def __mul__(self, o):
            out = {}
            for k, v in self.terms.items():
                for l, w in terms(o).items():
                    if not k & l:
                        out[k | l] = out.get(k | l, 0.0) + v * w
            return E(out)
        __radd__, __rmul__ = __add__, __mul__
    def terms(z):
        return z.terms if hasattr(z, "terms") else {frozenset(): z}
    mine = object()
    y = terms(f(E(terms(x)) + E({frozenset([mine]): 1.0})))
    left = {k - {mine}: v for k, v in y.items() if mine in k}
    return E(left) if set(left) - {frozenset()} else left.get(frozenset(), 0.0)

# %% 4.5 right: the package has tags
def derivative(f, x):
    import adcourse
    return adcourse.derivative(f)(float(x) if isinstance(x, int) else x)

# %% 4.5 right: the depth is the tag
def derivative(f, x):
    class T:
        __slots__ = ("value", "speed", "depth")
        def __init__(self, value, speed, depth):
            self.value, self.speed, self.depth = value, speed, depth
        def __add__(self, o): return op(self, o, lambda a, b, c, d: (a + c, b + d))
        def __radd__(self, o): return op(o, self, lambda a, b, c, d: (a + c, b + d))
        def __mul__(self, o): return op(self, o, lambda a, b, c, d: (a * c, b * c + a * d))
        def __rmul__(self, o): return op(o, self, lambda a, b, c, d: (a * c, b * c + a * d))
    def depth(z):
        return getattr(z, "depth", 0)
    def op(x, y, rule):
        top = max(depth(x), depth(y))
        a, b = (x.value, x.speed) if depth(x) == top else (x, 0)
        c, d = (y.value, y.speed) if depth(y) == top else (y, 0)
        return T(*rule(a, b, c, d), top)
    derivative.depth = getattr(derivative, "depth", 0) + 1
    try:
        y = f(T(x, 1, derivative.depth))
        return y.speed if depth(y) == derivative.depth else 0
    finally:
        derivative.depth -= 1

# %% 4.5 wrong: no tags | All your ε are the same
def derivative(f, x):
    y = f(Dual(x, 1.0))
    return y.b if isinstance(y, Dual) else 0.0

class Dual:
    def __init__(self, a, b=0.0):
        self.a, self.b = a, b
    def __add__(self, o):
        o = o if isinstance(o, Dual) else Dual(o)
        return Dual(self.a + o.a, self.b + o.b)
    def __mul__(self, o):
        o = o if isinstance(o, Dual) else Dual(o)
        return Dual(self.a * o.a, self.a * o.b + self.b * o.a)
    __radd__, __rmul__ = __add__, __mul__

# %% 4.5 wrong: the complex step, whose i is one for all | All your ε are the same
def derivative(f, x):
    return np.imag(f(x + 1e-30j)) / 1e-30

# %% 4.5 wrong: no tags, and constants forgotten | What is its derivative
def derivative(f, x):
    return f(Dual(x, 1.0)).b

class Dual:
    def __init__(self, a, b=0.0):
        self.a, self.b = a, b
    def __add__(self, o):
        o = o if isinstance(o, Dual) else Dual(o)
        return Dual(self.a + o.a, self.b + o.b)
    def __mul__(self, o):
        o = o if isinstance(o, Dual) else Dual(o)
        return Dual(self.a * o.a, self.a * o.b + self.b * o.a)
    __radd__, __rmul__ = __add__, __mul__

# %% 4.5 wrong: tags, and a point that is cut off | ε of the point gets lost
class T:
    last = 0
    def __init__(self, a, b, tag):
        self.a, self.b, self.tag = a, b, tag
    def both(self, o):
        tag = max(self.tag, getattr(o, "tag", -1))
        return tag, *((z.a, z.b) if getattr(z, "tag", -1) == tag else (z, 0.0) for z in (self, o))
    def __add__(self, o):
        tag, (a, b), (c, d) = self.both(o)
        return T(a + c, b + d, tag)
    def __mul__(self, o):
        tag, (a, b), (c, d) = self.both(o)
        return T(a * c, a * d + b * c, tag)
    __radd__, __rmul__ = __add__, __mul__

def derivative(f, x):
    while isinstance(x, T):
        x = x.a
    T.last += 1
    tag = T.last
    y = f(T(x, 1.0, tag))
    return y.b if isinstance(y, T) and y.tag == tag else 0.0

# %% 4.5 wrong: tags, and inner derivatives as floats | come back as plain numbers
class T:
    last = 0
    def __init__(self, a, b, tag):
        self.a, self.b, self.tag = a, b, tag
    def __float__(self):
        return float(self.a)
    def both(self, o):
        tag = max(self.tag, getattr(o, "tag", -1))
        return tag, *((z.a, z.b) if getattr(z, "tag", -1) == tag else (z, 0.0) for z in (self, o))
    def __add__(self, o):
        tag, (a, b), (c, d) = self.both(o)
        return T(a + c, b + d, tag)
    def __mul__(self, o):
        tag, (a, b), (c, d) = self.both(o)
        return T(a * c, a * d + b * c, tag)
    __radd__, __rmul__ = __add__, __mul__

def derivative(f, x):
    T.last += 1
    tag = T.last
    y = f(T(x, 1.0, tag))
    return float(y.b) if isinstance(y, T) and y.tag == tag else 0.0

# %% 4.5 wrong: tags that are not asked for when reading | without asking whose
class T:
    last = 0
    def __init__(self, a, b, tag):
        self.a, self.b, self.tag = a, b, tag
    def both(self, o):
        tag = max(self.tag, getattr(o, "tag", -1))
        return tag, *((z.a, z.b) if getattr(z, "tag", -1) == tag else (z, 0.0) for z in (self, o))
    def __add__(self, o):
        tag, (a, b), (c, d) = self.both(o)
        return T(a + c, b + d, tag)
    def __mul__(self, o):
        tag, (a, b), (c, d) = self.both(o)
        return T(a * c, a * d + b * c, tag)
    __radd__, __rmul__ = __add__, __mul__

def derivative(f, x):
    T.last += 1
    y = f(T(x, 1.0, T.last))
    return y.b if isinstance(y, T) else 0.0

# %% 4.5 wrong: the smaller tag outside | nest the wrong way round
class T:
    last = 0
    def __init__(self, a, b, tag):
        self.a, self.b, self.tag = a, b, tag
    def both(self, o):
        tag = min(self.tag, getattr(o, "tag", 10**9))
        return tag, *((z.a, z.b) if getattr(z, "tag", 10**9) == tag else (z, 0.0) for z in (self, o))
    def __add__(self, o):
        tag, (a, b), (c, d) = self.both(o)
        return T(a + c, b + d, tag)
    def __mul__(self, o):
        tag, (a, b), (c, d) = self.both(o)
        return T(a * c, a * d + b * c, tag)
    __radd__, __rmul__ = __add__, __mul__

def derivative(f, x):
    T.last += 1
    tag = T.last
    y = f(T(x, 1.0, tag))
    return y.b if isinstance(y, T) and y.tag == tag else 0.0

# %% 4.5 wrong: the first operand's tag decides | wrong way round
class T:
    last = 0
    def __init__(self, a, b, tag):
        self.a, self.b, self.tag = a, b, tag
    def of(self, o):
        return (o.a, o.b) if isinstance(o, T) and o.tag == self.tag else (o, 0.0)
    def __add__(self, o):
        c, d = self.of(o)
        return T(self.a + c, self.b + d, self.tag)
    def __mul__(self, o):
        c, d = self.of(o)
        return T(self.a * c, self.a * d + self.b * c, self.tag)
    __radd__, __rmul__ = __add__, __mul__

def derivative(f, x):
    T.last += 1
    tag = T.last
    y = f(T(x, 1.0, tag))
    return y.b if isinstance(y, T) and y.tag == tag else 0.0

# %% 4.5 wrong: differences | difference quotient
def derivative(f, x):
    h = 1e-5
    return (f(x + h) - f(x - h)) / (2 * h)

# %% 4.5 wrong: the dual number comes back | still carries an ε
class Dual:
    def __init__(self, a, b=0.0):
        self.a, self.b = a, b
    def __add__(self, o):
        o = o if isinstance(o, Dual) else Dual(o)
        return Dual(self.a + o.a, self.b + o.b)
    def __mul__(self, o):
        o = o if isinstance(o, Dual) else Dual(o)
        return Dual(self.a * o.a, self.a * o.b + self.b * o.a)
    __radd__, __rmul__ = __add__, __mul__

def derivative(f, x):
    return f(Dual(x, 1.0))

# %% 4.5 wrong: a derivative is a function | plain number
def derivative(f, x):
    return lambda v: v
