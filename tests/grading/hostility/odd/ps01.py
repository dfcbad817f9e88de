# Honest answers to assignment 1 in odd forms: all of them earn full marks.

# %% 1.1 | lambdas with defaults and a walrus
fd = lambda f, x, h, kind: ((f(x + h) - f(x)) / h if kind == "forward" else (d := f(x + h) - f(x - h)) / (2 * h) if kind == "central" else _refuse(kind))

def _refuse(kind):
    raise ValueError(kind)

# %% 1.1 | a class with __call__, made with a metaclass
class Meta(type):
    def __call__(cls, *args, **kwargs):
        return super().__call__(*args, **kwargs)

class Quotient(metaclass=Meta):
    __slots__ = ()

    def __call__(self, f, x, h, kind):
        try:
            left = {"forward": 0.0, "central": h}[kind]
        except KeyError:
            raise ValueError(kind) from None
        return (f(x + h) - f(x - left)) / (h + left)

fd = Quotient()

# %% 1.1 | a decorated function, cached where it can be
import functools, time

def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        start = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            wrapper.seconds = time.perf_counter() - start
    return wrapper

@timed
@functools.lru_cache
def fd(f, x, h, kind):
    match kind:
        case "forward":
            return (f(x + h) - f(x)) / h
        case "central":
            return (f(x + h) - f(x - h)) / (2 * h)
        case _:
            raise ValueError(f"{kind=}")

# %% 1.2 | functools.partial of a general stencil
import functools

def stencil(weights, order, f, a, h):
    return sum(w * f(a + k * h) for k, w in weights.items()) / h**order

second = functools.partial(stencil, {-1: 1, 0: -2, 1: 1}, 2)

# %% 1.2 | Fractions where they fit, a Decimal for the step's square
from fractions import Fraction

def second(f, a, h):
    values = [f(t) for t in (a - h, a, a + h)]
    exact = [Fraction(float(v)) for v in values]
    return (exact[0] - 2 * exact[1] + exact[2]) / Fraction(float(h)) ** 2

# %% 1.3 | a generator of generators, warnings and stderr on the way
import logging, sys, warnings

def ucurve(f, df, x, hs):
    warnings.warn("careful", stacklevel=1)
    logging.getLogger(__name__).warning("logged")
    print("to stderr", file=sys.stderr)
    np.log(np.zeros(1))
    yield (abs((f(x + h) - f(x)) / h - df(x)) for h in hs)
    yield (abs((f(x + h) - f(x - h)) / (2 * h) - df(x)) for h in hs)

# %% 1.3 | a megabyte of prints
def ucurve(f, df, x, hs):
    print("debugging " * 10_000)
    rows = [[abs((f(x + h) - f(x)) / h - df(x)) for h in hs], [abs((f(x + h) - f(x - h)) / (2 * h) - df(x)) for h in hs]]
    print(rows, "." * 100_000)
    return rows

print("x" * 1_000_000)
for line in range(2000):
    print("line", line)

# %% 1.3 | vectorised, with figures left open
%matplotlib inline
import matplotlib.pyplot as plt

def ucurve(f, df, x, hs):
    hs = np.asarray(hs)
    errors = np.abs(np.stack([(f(x + hs) - f(x)) / hs, (f(x + hs) - f(x - hs)) / (2 * hs)]) - df(x))
    fig, ax = plt.subplots()
    ax.loglog(hs, errors.T)
    return errors

for _ in range(3):
    plt.figure()
    plt.plot([0, 1])
plt.show()

# %% 1.4 | type hints, unicode names, a dataclass
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T", float, complex)

@dataclass(frozen=True)
class Schritt:
    ε: float = 1e-20

def complex_step(f: Callable[[T], T], x: float, h: float = Schritt.ε) -> float:
    """∂f/∂x — «без вычитания», 導関数"""
    Δ: complex = 1j * h
    ζ = f(x + Δ)
    return ζ.imag / h

# %% 1.4 | %timeit, %time, %%capture's line form, %who, %config
def complex_step(f, x, h=1e-20):
    return np.imag(f(x + 1j * h)) / h

%timeit -n 3 -r 1 complex_step(p, 1.0)
%time complex_step(p, 1.0)
%who
%config InlineBackend.figure_format = "retina"
%precision 4
?complex_step

# %% 1.4 | top-level await
import asyncio

async def fetch():
    await asyncio.sleep(0.01)
    return 1j

unit = await fetch()

def complex_step(f, x, h=1e-20):
    return (f(x + unit * h)).imag / h

# %% 1.5 | an own class named Node and one named Problem, and names that the grader uses
class Node:
    def __init__(self, *args):
        raise TypeError("not yours")

class Problem: pass
check = examine = ask = plain = Probe = answer = question = passed = result = session = None

def grad_fd(f, x, h=1e-6):
    x = np.array(x, dtype=float)
    base = f(x)
    return [(f(x + h * e) - base) / h for e in np.eye(x.size)]

# %% 1.5 | threads that evaluate the function side by side
from concurrent.futures import ThreadPoolExecutor

def grad_fd(f, x, h=1e-6):
    x = np.array(x, dtype=float)
    points = [x, *(x + h * e for e in np.eye(x.size))]
    with ThreadPoolExecutor(4) as pool:
        base, *others = pool.map(f, points)
    return (np.array(others) - base) / h

# %% 1.5 | global state: a counter, a cache, a log
calls, log = 0, []

def grad_fd(f, x, h=1e-6):
    global calls
    calls += 1
    x = np.array(x, dtype=float)
    log.append((calls, x.tolist()))
    base = f(x)
    gradient = np.empty_like(x)
    for i in range(x.size):
        y = x.copy()
        y[i] += h
        gradient[i] = (f(y) - base) / h
    return gradient

# %% 1.1 | slow but fair
import time
time.sleep(0.8)

def fd(f, x, h, kind):
    time.sleep(0.05)
    if kind not in ("forward", "central"):
        raise ValueError(kind)
    return (f(x + h) - f(x)) / h if kind == "forward" else (f(x + h) - f(x - h)) / (2 * h)

# %% 1.1 | a helper module written to /tmp and imported from there
import pathlib, sys
folder = pathlib.Path("/tmp/mymodules")
folder.mkdir(exist_ok=True)
(folder / "quotients.py").write_text("def forward(f, x, h):\n    return (f(x + h) - f(x)) / h\n")
sys.path.insert(0, str(folder))
from quotients import forward

def fd(f, x, h, kind):
    if kind == "forward":
        return forward(f, x, h)
    if kind == "central":
        return (forward(f, x, h) + forward(f, x, -h)) / 2
    raise ValueError

# %% 1.1 | numba absent, and the answer says so to nobody
try:
    from numba import njit
except ImportError:
    njit = lambda function: function

@njit
def fd(f, x, h, kind):
    if kind == "forward":
        return (f(x + h) - f(x)) / h
    if kind == "central":
        return (f(x + h) - f(x - h)) / (2 * h)
    raise ValueError(kind)

# %% 1.1 | from adcourse import *, from numpy import *, from math import *
from adcourse import *
from numpy import *

def fd(f, x, h, kind):
    if kind == "forward":
        return (f(x + h) - f(x)) / h
    if kind == "central":
        return (f(x + h) - f(x - h)) / (2 * h)
    raise ValueError(kind)

# %% 1.1 | defined inside an exec, an if, a try and a with
import contextlib
with contextlib.suppress(ZeroDivisionError):
    if True:
        try:
            exec("""def fd(f, x, h, kind):
    if kind == "forward":
        return (f(x + h) - f(x)) / h
    if kind == "central":
        return (f(x + h) - f(x - h)) / (2 * h)
    raise ValueError(kind)
""")
        finally:
            del contextlib

# %% 1.1 | an error below the answer, in the same cell
def fd(f, x, h, kind):
    if kind == "forward":
        return (f(x + h) - f(x)) / h
    if kind == "central":
        return (f(x + h) - f(x - h)) / (2 * h)
    raise ValueError(kind)

print(fd(p, 1.0, 0.1, "backward"))

# %% 1.1 | asserts and checks of one's own in the answer cell, and a last expression
import adcourse

def fd(f, x, h, kind):
    if kind == "forward":
        return (f(x + h) - f(x)) / h
    if kind == "central":
        return (f(x + h) - f(x - h)) / (2 * h)
    raise ValueError(kind)

assert adcourse.check("1.1", fd)
verdict = adcourse.check("1.1", fd)
print(verdict, verdict.passed, verdict.message)
adcourse.progress()
verdict

# %% 1.1 | a subprocess tried and given up, a file written, the folder changed, settings changed
import os, subprocess, warnings
try:
    subprocess.run(["true"], timeout=2, check=False)
except Exception:
    pass
open("notes.txt", "w").write("mine")
os.chdir("/tmp")
np.seterr(all="raise")
np.set_printoptions(precision=2)
np.random.seed(0)
warnings.simplefilter("error")
os.environ["OMP_NUM_THREADS"] = "7"

def fd(f, x, h, kind):
    if kind == "forward":
        return (f(x + h) - f(x)) / h
    if kind == "central":
        return (f(x + h) - f(x - h)) / (2 * h)
    raise ValueError(kind)

# %% 1.4 | widgets, HTML, Markdown, Latex and a DataFrame-like thing shown
from IPython.display import HTML, Image, Latex, Markdown, Math, clear_output, display
clear_output()
display(HTML("<b>bold</b>"), Markdown("**bold**"), Latex("$x$"), Math("x"), {"a": 1})
try:
    import ipywidgets
    display(ipywidgets.IntSlider())
    ipywidgets.interact(lambda h: h, h=(0, 3))
except Exception as error:
    print(type(error))

def complex_step(f, x, h=1e-20):
    return np.imag(f(x + 1j * h)) / h

# %% 1.2 | numpy scalars of every width, positional-only and keyword-only parameters
def second(f, a, h, /, *, log=None):
    return np.longdouble(f(a + h) - 2 * f(a) + f(a - h)) / np.float64(h) ** np.int8(2)

# %% 1.4 | a closure, a nonlocal, a coroutine driven by hand, a descriptor
class Method:
    def __get__(self, owner, kind=None):
        return lambda f, x, h=1e-20: run(part(f, x, h))

class Holder:
    complex_step = Method()

async def part(f, x, h):
    return f(x + 1j * h).imag / h

def run(coroutine):
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value

complex_step = Holder().complex_step
