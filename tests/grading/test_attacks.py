"""What is not a right answer must not pass, however it is dressed; what is one must, however oddly it comes."""

import collections
import contextlib
import fractions
import functools
import itertools
import logging
import math
import random
import sys
import threading
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from adcourse.grading import Node, check, examine
from adcourse.grading.asking import Complaint, Stopped
from adcourse.grading.problems import all_problems


class EqualToEverything:
    def __eq__(self, other):
        return True

    __ne__ = __lt__ = __gt__ = lambda self, other: False
    __le__ = __ge__ = __eq__
    __sub__ = __rsub__ = __abs__ = __mul__ = __rmul__ = lambda self, *other: self
    __hash__ = None


class CloseToEverything(float):
    __eq__ = lambda self, other: True
    __sub__ = __rsub__ = lambda self, other: 0.0
    __le__ = __ge__ = __lt__ = __gt__ = lambda self, other: True
    __abs__ = lambda self: 0.0
    __hash__ = None


class CloseArray(np.ndarray):
    def __sub__(self, other):
        return np.zeros(self.shape)

    __rsub__ = __sub__
    __array_ufunc__ = lambda self, *args, **kwargs: np.zeros(self.shape)


class PretendsToBeFloat:
    __class__ = property(lambda self: float)


class Moody:
    """A number that says something else each time it is asked."""

    def __init__(self):
        self.values = itertools.count(0.5, 7.3)

    def __float__(self):
        return next(self.values)


class Raiser(BaseException):
    pass


class Nameless(type):
    __name__ = property(lambda cls: 1 / 0)


class OddText(str):
    def __getitem__(self, key):
        return EqualToEverything()


def throws(error):
    def answer(*args):
        raise error

    return answer


def endless(*args):
    return itertools.count()


def contains_itself(*args):
    loop = []
    loop.append(loop)
    return loop


def endless_rows(*args):
    return (itertools.repeat(0.0, 1000) for _ in itertools.count())


def float_subclass_lying_to_float(*args):
    return [type("Liar", (float,), {"__float__": lambda self: math.nan})(1.0)] * 3


def forever_nested(*args):
    value = 1.0
    for _ in range(5000):
        value = [value]
    return value


NOT_ANSWERS = {
    "equal to everything": lambda *args: EqualToEverything(),
    "three of them": lambda *args: [EqualToEverything()] * 3,
    "a float close to everything": lambda *args: CloseToEverything(1.0),
    "floats close to everything": lambda *args: (CloseToEverything(1.0),) * 3,
    "an array close to everything": lambda *args: np.ones(3).view(CloseArray),
    "pretends to be a float": lambda *args: PretendsToBeFloat(),
    "moody numbers": lambda *args: (Moody(), Moody(), Moody()),
    "one moody number": lambda *args: Moody(),
    "nan": lambda *args: math.nan,
    "nans": lambda *args: [math.nan] * 3,
    "infinity": lambda *args: math.inf,
    "lying float": float_subclass_lying_to_float,
    "nothing": lambda *args: None,
    "true": lambda *args: True,
    "text": lambda *args: "37.0",
    "texts": lambda *args: ["-4", "-4", "3"],
    "bytes": lambda *args: b"37",
    "empty": lambda *args: (),
    "a dict": lambda *args: {"x": 1.0, "y": 2.0, "z": 3.0},
    "a set": lambda *args: {1.0, 2.0, 3.0},
    "endless": endless,
    "endless rows": endless_rows,
    "contains itself": contains_itself,
    "nested for ever": forever_nested,
    "huge view": lambda *args: np.broadcast_to(1.0, (10**6, 10**6)),
    "huge list": lambda *args: [0.0] * 10**6,
    "huge integer": lambda *args: 10**400,
    "huge integers": lambda *args: [10**400, -(10**400), 2**1024],
    "a huge integer in an array": lambda *args: np.array([10**400, 1, 2], dtype=object),
    "object array of cheats": lambda *args: np.array([EqualToEverything()] * 3, dtype=object),
    "dates": lambda *args: np.array(["2024-01-01"] * 3, dtype="datetime64[D]"),
    "masked": lambda *args: np.ma.masked_all(3),
    "a function": lambda *args: math.sin,
    "itself": lambda *args: NOT_ANSWERS["itself"],
    "the class float": lambda *args: float,
    "a coroutine-like object": lambda *args: SimpleNamespace(send=1),
    "ragged": lambda *args: [1.0, [2.0, 3.0]],
    "its arguments": lambda *args: args,
    "its first argument": lambda *args: args[0],
    "a generator that fails": lambda *args: (1 / 0 for _ in range(3)),
    "raises": throws(ValueError("no")),
    "exits": throws(SystemExit(0)),
    "raises what except Exception misses": throws(Raiser()),
    "leaves a generator": throws(GeneratorExit()),
    "stops an iteration": throws(StopIteration()),
    "out of memory": throws(MemoryError()),
    "raises something unprintable": throws(type("Mute", (Exception,), {"__str__": lambda self: 1 / 0})()),
    "asserts": throws(AssertionError()),
    "stopped by itself": throws(Stopped(Complaint("nothing is wrong"))),
    "stopped, with a right answer inside": throws(Stopped(EqualToEverything())),
    "stopped, with a judgement inside": throws(Stopped(SimpleNamespace(text="", shape=(), numbers=()))),
    "stopped, with words that are none": throws(Stopped(Complaint(EqualToEverything(), None, 1.0))),
    "an error that hides its name": throws(
        type("M", (type,), {"__name__": property(lambda c: 1 / 0)})("E", (Raiser,), {})()
    ),
    "an error that says odd things": throws(type("E", (Exception,), {"__str__": lambda self: OddText("x")})()),
    "an error that exits when it is read": throws(type("E", (Exception,), {"__str__": throws(SystemExit())})()),
    "recursion": lambda *args: NOT_ANSWERS["recursion"](*args),
}


def class_of(answer):
    """A class whose objects answer so to all that is done with them."""
    names = "add radd sub rsub mul rmul truediv rtruediv pow neg pos getattr".split()
    said = {f"__{name}__": lambda self, *args: answer(*args) for name in names}
    return type("Odd", (), {"__init__": lambda self, *args: None, **said})


@pytest.mark.parametrize("name", NOT_ANSWERS)
def test_what_is_no_answer_fails_and_says_why(name):
    """Each at some of the problems; the hidden graphs of 6.3 and 6.4 are large and judged like the visible ones."""
    for id, problem in random.sample(list(all_problems().items()), 4):
        answer = class_of(NOT_ANSWERS[name]) if problem.signature.startswith("class") else NOT_ANSWERS[name]
        results = [check(id, answer)]
        if id not in ("6.3", "6.4"):
            results.append(examine(id, answer))
        for result in results:
            assert result.passed is False, id
            assert result.message, id
            assert result.hint, id
            assert str(result), id
            assert result._repr_html_(), id


def test_the_users_own_interrupt_gets_through():
    with pytest.raises(KeyboardInterrupt):
        check("6.1", throws(KeyboardInterrupt()))


# --- functions that look at how they are asked ---------------------------------------------------------------------


def test_remembering_the_visible_points_does_not_pass():
    table = {(-2.0, 5.0, -4.0): (-4, -4, 3), (1.0, 2.0, 7.0): (7, 7, 3)}
    assert check("6.1", lambda *args: table[args])
    assert not examine("6.1", lambda *args: table.get(args, (1, 1, 1)))


def test_a_wrong_answer_can_not_be_hidden_by_changing_the_arguments():
    def ucurve(f, df, x, hs):
        hs[:] = 0.0
        return np.zeros((2, len(hs)))

    assert not check("1.3", ucurve)
    assert not examine("1.3", ucurve)


def test_emptying_the_graph_does_not_pass():
    def backward(out):
        out.parents, out.partials, out.g = (), (), 1.0

    assert not check("6.4", backward)
    assert not examine("6.4", backward)


def test_g_that_equals_everything_does_not_pass():
    def backward(out):
        todo = [out]
        for node in todo:
            node.g = EqualToEverything()
            todo += node.parents if len(todo) < 100 else ()

    assert not check("6.4", backward)


def test_swallowing_the_stop_does_not_pass():
    def toposort(out):
        order, seen = [], set()

        def visit(node):
            try:
                if node not in seen:
                    seen.add(node)
                    for parent in node.parents:
                        visit(parent)
                    order.append(node)
            except BaseException:
                order.append(node)

        visit(out)
        return order

    result = check("6.3", toposort)
    assert not result
    assert "calls itself" in result.hint


@pytest.mark.parametrize("raised", [None, 10**6])
def test_a_recursion_is_reported_and_nothing_crashes(raised):
    before = sys.getrecursionlimit()

    def toposort(out):
        if raised:
            sys.setrecursionlimit(raised)

        def visit(node, seen):
            if node in seen:
                return []
            seen.add(node)
            return [*itertools.chain(*map(visit, node.parents, itertools.repeat(seen))), node]

        return visit(out, set())

    for result in (check("6.3", toposort), examine("6.3", toposort)):
        assert not result
        assert "calls itself" in result.hint
    assert sys.getrecursionlimit() == before


def test_a_recursion_in_a_thread_of_its_own_is_found_too():
    def toposort(out):
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for parent in node.parents:
                    visit(parent)
                order.append(node)

        thread = threading.Thread(target=visit, args=(out,))
        hook, threading.excepthook = threading.excepthook, lambda args: None
        thread.start()
        thread.join()
        threading.excepthook = hook
        return order

    assert "calls itself" in check("6.3", toposort).hint


def test_two_to_the_forty_visits_end_quickly():
    visits = itertools.count()

    def toposort(out):
        order, todo = [], [(out, False)]
        while todo:
            next(visits)
            node, done = todo.pop()
            if done:
                order.append(node)
            else:
                todo += [(node, True), *((parent, False) for parent in node.parents)]
        return list(dict.fromkeys(order))

    result = check("6.3", toposort)
    assert not result
    assert "2^40" in result.hint
    assert next(visits) < 10**5


def test_counting_is_not_reset_from_outside():
    def grad_fd(f, x, h=1e-6):
        for name in ("calls", "count", "n"):
            with contextlib.suppress(AttributeError):
                setattr(f, name, 0)
        x = np.array(x, float)
        return [(f(x + h * e) - f(x)) / h for e in np.eye(len(x))]

    assert "2n evaluations" in check("1.5", grad_fd).hint


# --- honest, and odd -----------------------------------------------------------------------------------------------

Gradient = collections.namedtuple("Gradient", "dx dy dz")


class Slow:
    def grad(self, x, y, z):
        return z, z, x + y

    def __call__(self, x, y, z):
        return self.grad(x, y, z)


def prints_a_lot(x, y, z):
    print("debugging", x)
    print("more", file=sys.stderr)
    sys.stderr.write("and more\n")
    logging.getLogger("student").warning("careful")
    return z, z, x + y


def warns(x, y, z):
    warnings.warn("deprecated", DeprecationWarning, stacklevel=1)
    np.log(np.array([0.0]))
    return z, z, x + y


def generator(x, y, z):
    yield z
    yield z
    yield x + y


def with_sympy(x, y, z):
    import sympy

    symbols = sympy.symbols("x y z")
    f = (symbols[0] + symbols[1]) * symbols[2]
    return [f.diff(s).subs(dict(zip(symbols, (x, y, z), strict=True))) for s in symbols]


def with_adcourse(x, y, z):
    import adcourse

    return adcourse.grad(lambda x, y, z: (x + y) * z, argnums=(0, 1, 2))(x, y, z)


def changes_settings(x, y, z):
    np.seterr(all="raise")
    np.random.seed(0)  # noqa: NPY002
    warnings.simplefilter("error")
    return z, z, x + y


ODD = {
    "list": lambda x, y, z: [z, z, x + y],
    "array": lambda x, y, z: np.array([z, z, x + y]),
    "column of scalars": lambda x, y, z: (np.array(z), np.float64(z), x + y),
    "matrix row, flattened": lambda x, y, z: np.matrix([z, z, x + y]).A1,
    "long double": lambda x, y, z: np.array([z, z, np.longdouble(x) + y]),
    "object array": lambda x, y, z: np.array([z, z, x + y], dtype=object),
    "complex without imaginary part": lambda x, y, z: np.array([z, z, x + y], dtype=complex),
    "fractions": lambda x, y, z: tuple(map(fractions.Fraction, (z, z, x + y))),
    "named tuple": lambda x, y, z: Gradient(z, z, x + y),
    "generator": generator,
    "map": lambda x, y, z: map(float, (z, z, x + y)),
    "reversed": lambda x, y, z: reversed([x + y, z, z]),
    "deque": lambda x, y, z: collections.deque([z, z, x + y]),
    "dict values": lambda x, y, z: {"x": z, "y": z, "z": x + y}.values(),
    "float subclass": lambda x, y, z: [type("Metre", (float,), {})(v) for v in (z, z, x + y)],
    "memory view": lambda x, y, z: memoryview(np.array([z, z, x + y])),
    "partial": functools.partial(lambda k, x, y, z: (k * z, k * z, x + y), 1),
    "cached": functools.lru_cache(lambda x, y, z: (z, z, x + y)),
    "bound method": Slow().grad,
    "callable object": Slow(),
    "any arguments": lambda *args: (args[2], args[2], args[0] + args[1]),
    "more arguments with defaults": lambda x, y, z, verbose=False, *, log=None: (z, z, x + y),
    "other names": lambda a, b, c: (c, c, a + b),
    "vectorised": np.vectorize(lambda x, y, z: np.array([z, z, x + y]), signature="(),(),()->(n)"),
    "prints a lot": prints_a_lot,
    "warns": warns,
    "sympy": with_sympy,
    "adcourse itself": with_adcourse,
    "changes settings": changes_settings,
}


@pytest.mark.parametrize("name", ODD)
def test_odd_right_answers_pass(name):
    with np.errstate():
        assert check("6.1", ODD[name]), check("6.1", ODD[name])
        assert examine("6.1", ODD[name]), examine("6.1", ODD[name])


ODD_LISTS = {
    "tuple": tuple,
    "deque": collections.deque,
    "iterator": iter,
    "generator": lambda order: (node for node in order),
    "dict used as an ordered set": dict.fromkeys,
    "object array": lambda order: np.array([*order, None], dtype=object)[:-1],
    "user list": collections.UserList,
    "keys": lambda order: dict.fromkeys(order).keys(),
}


def toposort(out):
    """The nodes that ``out`` depends on, parents first."""
    order, met, path = [], {out}, [(out, iter(out.parents))]
    while path:
        parent = next(path[-1][1], None)
        if parent is None:
            order.append(path.pop()[0])
        elif parent not in met:
            met.add(parent)
            path.append((parent, iter(parent.parents)))
    return order


@pytest.mark.parametrize("name", ODD_LISTS)
def test_odd_right_orders_pass(name):
    answer = lambda out: ODD_LISTS[name](toposort(out))
    assert check("6.3", answer), check("6.3", answer)
    if name == random.choice(list(ODD_LISTS)):
        assert examine("6.3", answer)


@pytest.mark.parametrize("number", [int, float, np.float64, np.array, fractions.Fraction], ids=str)
def test_adjoints_of_any_type_of_number(number):
    def backward(out):
        order = toposort(out)
        for node in order:
            node.g = number(0)
        out.g = number(1)
        for node in order[::-1]:
            for parent, partial in zip(node.parents, node.partials, strict=True):
                parent.g = parent.g + number(partial) * node.g if number is not int else parent.g + partial * node.g

    assert check("6.4", backward), check("6.4", backward)


def test_a_student_may_add_attributes_and_methods_to_nodes():
    class Mine(Node):
        pass

    assert Mine(1.0).g == 0.0
    node = Node(2.0)
    node.visited = True
    assert (node * node).partials == (2.0, 2.0)


# --- what a grading says to the student, who may not learn the hidden questions from it ---------------------------


def named(*args):
    return "at " + " ".join(f"{arg:.6f}" for arg in args)


def stops(*args):
    raise Stopped(Complaint(named(*args), named(*args), named(*args)))


@pytest.mark.parametrize(
    "answer",
    [
        lambda *args: throws(type(named(*args), (Exception,), {})(named(*args)))(),
        lambda *args: throws(KeyError(named(*args)))(),
        lambda *args: type(named(*args), (), {})(),
        lambda *args: type(named(*args), (), {}),
        lambda *args: {named(*args): 1.0},
        stops,
        lambda *args: args,
        lambda *args: np.zeros((int(1000 * abs(args[0])), 1)),
        lambda *args: (int(1e15 * args[0]), 2, 3),
    ],
    ids=["class of error", "error", "class", "class itself", "dict", "stop", "numbers", "shape", "integer"],
)
def test_a_wrong_answer_can_not_carry_hidden_questions_out(answer):
    asked = []

    def spy(x, y, z):
        asked.extend([x, y, z])
        return answer(x, y, z)

    result = examine("6.1", spy)
    assert not result
    words = str(result).replace(result.note, "").replace("6.1", "") + result.hint
    for number in asked:
        for trace in (f"{number:.6f}", str(int(1000 * abs(number))), str(int(1e15 * number))[:8]):
            assert trace not in words
