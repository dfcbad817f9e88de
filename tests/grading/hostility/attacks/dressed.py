# Wrong answers dressed as right ones: what crosses the boundary are plain numbers, and nothing else.

# %% 1.1 loses 1.1 | an object that equals everything
class Equal:
    __eq__ = __le__ = __ge__ = lambda self, other: True
    __ne__ = __lt__ = __gt__ = lambda self, other: False
    __sub__ = __rsub__ = __abs__ = __mul__ = __rmul__ = __add__ = __radd__ = lambda self, *other: self
    __bool__ = lambda self: True
    __hash__ = None

def fd(f, x, h, kind):
    return Equal()

# %% 1.2 loses 1.2 | a float that is close to everything
class Near(float):
    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = lambda self, other: True
    __sub__ = __rsub__ = lambda self, other: 0.0
    __abs__ = lambda self: 0.0
    __hash__ = float.__hash__

def second(f, a, h):
    return Near(1.0)

# %% 1.3 loses 1.3 | an array that subtracts to zero
class Zero(np.ndarray):
    __sub__ = __rsub__ = lambda self, other: np.zeros(self.shape)
    __array_ufunc__ = lambda self, *args, **kwargs: np.zeros(self.shape)
    __array_function__ = lambda self, *args, **kwargs: np.zeros(self.shape)

def ucurve(f, df, x, hs):
    return np.ones((2, len(hs))).view(Zero)

# %% 1.1 loses 1.1 1.2 1.4 | a Result that has passed, a Plain, a Complaint
import adcourse
passed = adcourse.check("1.1", lambda f, x, h, kind: 0.0)
try:
    object.__setattr__(passed, "passed", True)
except Exception:
    pass

def fd(f, x, h, kind):
    return passed

def second(f, a, h):
    from adcourse.grading.plain import Plain
    return Plain((), (2.0,))

def complex_step(f, x, h=1e-20):
    return None
# == 1.2
# == 1.4

# %% 1.4 loses 1.4 | a number that is read again and again, another one each time
import itertools

class Moody:
    numbers = itertools.count(30.0, 0.001)
    __float__ = lambda self: next(self.numbers)
    __array__ = lambda self, *args, **kwargs: np.array(next(self.numbers))

def complex_step(f, x, h=1e-20):
    return Moody()

# %% 1.5 loses 1.5 | evaluations saved up until the answer is read
# n + 1 calls for the count, and the true work behind __float__, where nobody might count.
def grad_fd(f, x, h=1e-6):
    x = np.array(x, float)
    for _ in range(len(x) + 1):
        f(x)

    class Later:
        def __init__(self, i):
            self.i = i

        def __float__(self):
            e = h * (np.arange(len(x)) == self.i)
            return float((f(x + e) - f(x)) / h)

    return [Later(i) for i in range(len(x))]

# %% 1.5 loses 1.5 | evaluations saved up in a generator
def grad_fd(f, x, h=1e-6):
    x = np.array(x, float)
    for _ in range(len(x) + 1):
        f(x)
    return ((f(x + h * e) - f(x)) / h for e in np.eye(len(x)))

# %% 1.5 loses 1.5 | evaluations behind a finaliser and in a thread that goes on
import threading

def grad_fd(f, x, h=1e-6):
    x, found = np.array(x, float), {}

    def work():
        for i, e in enumerate(np.eye(len(x))):
            found[i] = (f(x + h * e) - f(x - h * e)) / (2 * h) + h * 0

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join()
    return [found[i] for i in range(len(x))]

# %% 1.5 loses 1.5 | two evaluations a direction, and the counter set back
def grad_fd(f, x, h=1e-6):
    x = np.array(x, float)
    answer = [(f(x + h * e) - f(x)) / h for e in np.eye(len(x))]
    for holder in (f, getattr(f, "__self__", None), *(cell.cell_contents for cell in getattr(f, "__closure__", None) or ())):
        for name in ("calls", "count", "n", "counts", "_calls", "number"):
            try:
                setattr(holder, name, len(x) + 1)
            except Exception:
                pass
    for cell in getattr(f, "__closure__", None) or ():
        if isinstance(cell.cell_contents, int):
            cell.cell_contents = len(x) + 1
    return answer

# %% 1.5 loses 1.5 | looks behind the counter for the function itself
def grad_fd(f, x, h=1e-6):
    import gc
    x, g = np.array(x, float), f
    seen = [f]
    for thing in seen:
        if len(seen) < 2000:
            seen += [t for t in gc.get_referents(thing) if type(t).__name__ in ("Quadratic", "function", "cell", "tuple", "dict", "Counted", "method", "partial")]
        if type(thing).__name__ == "Quadratic":
            g = thing
    for _ in range(len(x) + 1):
        f(x)
    return [(g(x + h * e) - g(x)) / h for e in np.eye(len(x))]

# %% 1.5 loses 1.5 | the function of an earlier question, kept
kept = []

def grad_fd(f, x, h=1e-6):
    x = np.array(x, float)
    kept.append(f)
    g = kept[0]
    for _ in range(len(x) + 1):
        f(x)
    try:
        return [(g(x + h * e) - g(x)) / h for e in np.eye(len(x))]
    except Exception:
        return np.zeros(len(x))

# %% 1.1 loses 1.1 | an object whose pickle runs a command where it is opened
class Bomb:
    def __reduce__(self):
        return (eval, ("__import__('os').system('touch {CANARY}.opened')",))

def fd(f, x, h, kind):
    return Bomb()

# %% 1.1 loses 1.1 1.2 | exceptions that carry a bomb, or claim to be the grader's own
class Bomb(Exception):
    def __reduce__(self):
        return (eval, ("__import__('os').system('touch {CANARY}.opened')",))

def fd(f, x, h, kind):
    raise Bomb("no")

def second(f, a, h):
    from adcourse.grading.meters import Stopped
    raise Stopped(None)
# == 1.2

# %% 1.2 loses 1.2 | an exception whose text is a page with a script, a formula, and escape sequences
class Evil(Exception):
    pass

Evil.__name__ = Evil.__qualname__ = "<script>alert('scripted')</script>"[:38]

def second(f, a, h):
    raise Evil("</pre><script>document.title='scripted'</script>=HYPERLINK(1)\x1b]0;owned\x07\x1b[2J\ud800\x00\u202e")

# %% 1.2 loses 1.2 1.4 | exceptions that can't be printed, or never end printing
class Mute(Exception):
    __str__ = __repr__ = lambda self: 1 / 0

class Endless(Exception):
    def __str__(self):
        return "x" * 10**8

def second(f, a, h):
    raise Mute()

def complex_step(f, x, h=1e-20):
    raise Endless()
# == 1.4

# %% 1.1 loses 1.1 1.2 1.3 1.4 1.5 | endless, huge, nested and cyclic answers
import itertools

def fd(f, x, h, kind):
    return itertools.count()

def second(f, a, h):
    loop = []
    loop.append(loop)
    return loop

def ucurve(f, df, x, hs):
    return np.broadcast_to(1.0, (10**6, 10**6))

def complex_step(f, x, h=1e-20):
    return 10**10**6

def grad_fd(f, x, h=1e-6):
    return (itertools.repeat(0.0, 1000) for _ in itertools.count())
# == 1.2
# == 1.3
# == 1.4
# == 1.5

# %% 1.1 loses 1.1 1.2 1.3 1.4 1.5 | nan, infinity, text, dates, masked values
def fd(f, x, h, kind):
    return float("nan")

def second(f, a, h):
    return "2"

def ucurve(f, df, x, hs):
    return np.ma.masked_all((2, len(hs)))

def complex_step(f, x, h=1e-20):
    return float("inf")

def grad_fd(f, x, h=1e-6):
    return np.array(["2024-01-01"] * len(x), dtype="datetime64[D]")
# == 1.2
# == 1.3
# == 1.4
# == 1.5

# %% 6.1 loses 6.1 | the visible points learnt by heart
table = {(-2.0, 5.0, -4.0): (-4, -4, 3), (1.0, 2.0, 7.0): (7, 7, 3)}

def grad_xyz(*args):
    return table.get(args, (1.0, 1.0, 1.0))

# %% 6.3 loses 6.3 6.4 | nodes that equal each other, and adjoints that equal everything
class Same(Node):
    __eq__ = lambda self, other: True
    __hash__ = lambda self: 0

class Equal(float):
    __eq__ = __le__ = lambda self, other: True
    __sub__ = __rsub__ = lambda self, other: 0.0
    __hash__ = float.__hash__

def toposort(out):
    return [Same(0.0)] * 3

def backward(out):
    out.g = Equal(1)
    for parent in out.parents:
        parent.g = Equal(1)
# == 6.4

# %% 6.3 loses 6.3 6.4 | empties the graph that it is asked about
def toposort(out):
    out.parents, out.partials = (), ()
    return [out]

def backward(out):
    out.parents, out.partials, out.g = (), (), 1.0
# == 6.4

# %% 6.3 loses 6.3 | recursion with a raised limit, in a thread with a large stack
import sys, threading

def toposort(out):
    sys.setrecursionlimit(10**6)
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent)
            order.append(node)

    threading.stack_size(256 * 2**20)
    thread = threading.Thread(target=visit, args=(out,))
    thread.start()
    thread.join()
    return order

# %% 6.3 loses 6.3 | recursion that takes the watched class off first
def toposort(out):
    for node in (out, *out.__dict__.get("parents", ())):
        try:
            node.__class__ = Node
        except Exception:
            pass
    order, seen = [], set()

    def visit(node):
        try:
            node.__class__ = Node
        except Exception:
            pass
        if node not in seen:
            seen.add(node)
            for parent in node.__dict__["parents"]:
                visit(parent)
            order.append(node)

    try:
        visit(out)
    except BaseException:
        pass
    return order

# %% 6.5 loses 6.5 6.2 | numbers whose memory is rewritten by ctypes
import ctypes

def mipt_grads(w1, w2):
    for number in (0.0, 1.0, w1, w2):
        ctypes.c_double.from_address(id(number) + 16).value = 1.25
    return w1, w2

def logistic_ls(w, b, x, t):
    for number in (1, 2, 3):
        ctypes.c_uint32.from_address(id(number) + 24).value = 1
    return 1, 2, 3
# == 6.2

# %% 6.1 loses 6.1 | float's own comparison replaced in the interpreter
import ctypes

def grad_xyz(x, y, z):
    slots = {name: getattr(type, "__flags__", 0) for name in ("eq",)}
    richcompare = ctypes.c_void_p.from_address(id(float) + 200)  # tp_richcompare on 64-bit CPython
    always = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object, ctypes.py_object, ctypes.c_int)(lambda a, b, op: True)
    grad_xyz.kept = always
    richcompare.value = ctypes.cast(always, ctypes.c_void_p).value
    return 1.0, 1.0, 1.0
