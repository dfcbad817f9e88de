"""Judges against mathematics: what is right within rounding passes, what is not does not, chance as often as stated."""

import math
import secrets

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from adcourse.grading.chance import Chance, Distribution, Mean, Random
from adcourse.grading.judges import Adjoint, Close, Exact, Holds, Order, Parts, Price
from adcourse.grading.meters import CALLS, Counted, Meter, Running, evaluated
from adcourse.grading.plain import Complaint, NotPlain, Plain, choice, entries, parts, plain
from adcourse.grading.problems.oracles import complex_step_gradient, complex_step_jvp, high_precision
from tests.grading import kinds

small = st.floats(-100, 100)
vectors = npst.arrays(float, st.integers(1, 6), elements=small)
matrices = npst.arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=st.integers(-99, 99))


def right(judge):
    return Plain(judge.shape, tuple(judge.right()))


# --- numbers ---------------------------------------------------------------------------------------------------------


@given(vectors, vectors)
def test_parts_are_judged_as_each_of_them_is(a, b):
    judge = Parts(a=Close(a, rtol=1e-12), b=Close(b, rtol=1e-12))
    assert judge(plain(np.concatenate([a, b]))) is None
    for k in range(a.size + b.size):
        off = np.concatenate([a, b])
        off[k] += 1 + abs(off[k])
        said = judge(plain(off))
        assert said.text.startswith("a: " if k < a.size else "b: ")
        assert judge.wrong(plain(off)) == [k]
        assert [i for i, same in enumerate(judge.equal(plain(off), right(judge))) if not same] == [k]


@given(st.lists(st.integers(), min_size=1, max_size=5), st.data())
def test_exact_means_the_last_digit(numbers, data):
    judge = Exact(numbers)
    k = data.draw(st.integers(0, len(numbers) - 1))
    assert judge(plain(numbers)) is None
    assert judge(plain([*numbers[:k], numbers[k] + 1, *numbers[k + 1 :]])) is not None


@given(st.integers(-(10**300), 10**300), small)
def test_any_number_can_be_compared_with_any_other(huge, number):
    for judge in (Close(number, rtol=1e-9), Exact(number), Close(huge, rtol=1e-9), Exact(huge)):
        for got in (huge, number, math.nan, math.inf, 1j, 10**400):
            blamed = judge(plain(got))
            assert blamed is None or blamed.text
            assert judge.same(plain(got), plain(got)) or got != got


@given(small)
def test_an_infinite_number_is_near_no_other(number):
    """A known mistake that overflows must not claim every answer."""
    judge = Close(1.0, rtol=1e-9)
    for known in (math.inf, -math.inf):
        assert not judge.same(plain(number), plain(known))
        assert not judge.same(plain(known), plain(number))
        assert not judge.same(plain(known), plain(-known))
        assert judge.same(plain(known), plain(known))


@given(matrices, st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_the_adjoint_identity_holds_for_the_transpose_and_for_nothing_else(A, seed):
    rng = np.random.default_rng(seed)
    u = rng.normal(size=A.shape[0])
    jvp = lambda v: complex_step_jvp(lambda x: A @ x, (np.zeros(A.shape[1]),), (v,))
    judge = Adjoint(jvp, u, rng.normal(size=(3, A.shape[1])))
    z = A.T @ u
    assert judge(plain(z)) is None
    off = z.copy()
    off[rng.integers(z.size)] += 1e-4 * (1 + abs(A).sum())
    assert judge(plain(off)) is not None
    assert judge(plain([z])) is not None


@given(st.sampled_from([1, 2, 3, 4]), st.floats(0.1, 10), st.sampled_from([2.0, 3.0]), small)
def test_orders_are_seen(order, constant, ratio, exact):
    errors = [constant * ratio ** (-order * k) * (1 + 0.1 * ratio**-k) for k in range(4)]
    answer = plain([[exact + error] for error in errors])
    for asked in (1, 2, 3, 4):
        blamed = Order([exact], asked, ratio)(answer)
        assert (blamed is None) == (asked <= order)
    assert Order([exact], order, ratio)(plain([[exact]] * 3)) is None, "no error left to speak of"
    assert Order([exact], order, ratio)(plain([[exact + 1]] * 3)) is not None, "it converges to something else"
    assert Order([exact], order, ratio)(plain([[math.nan]] * 3)) is not None


@given(st.integers(0, 20), st.integers(0, 20))
def test_a_price_is_asked_of_right_answers_alone(calls, limit):
    answer, wrong = Plain((), (2.0,), (calls,)), Plain((), (3.0,), (0,))
    assert (Price(Close(2.0), at_most=limit)(answer) is None) == (calls <= limit)
    assert (Price(Close(2.0), exactly=limit)(answer) is None) == (calls == limit)
    assert Price(Close(2.0), at_most=limit)(wrong).kind == ""


def test_properties():
    judge = Holds(lambda x: "" if np.all(np.diff(x) > 0) else "it is not increasing", shape=(3,))
    assert judge(plain([1, 2, 5])) is None
    assert judge(plain([1, 3, 2])).text == "it is not increasing"
    assert judge(plain([1, 3])) is not None


@given(st.floats(0.1, 5), st.floats(0.1, 5))
def test_oracles_agree_with_each_other(x, y):
    f = lambda x, y: np.exp(x) * np.sin(x * y) / y
    gradient = complex_step_gradient(f, (x, y))
    jvp = complex_step_jvp(f, (x, y), (0.3, -2.0))
    assert jvp == pytest.approx(0.3 * gradient[0] - 2 * gradient[1], rel=1e-12, abs=1e-12)
    slope = high_precision(lambda mp, x, y: mp.diff(lambda t: mp.exp(t) * mp.sin(t * y) / y, x), x, y)
    assert gradient[0] == pytest.approx(slope, rel=1e-12, abs=1e-12)


# --- forms of answers ------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.dictionaries(st.tuples(st.integers(-5, 5), st.integers(0, 5)) | st.text(max_size=3) | st.integers(), small))
def test_dicts_are_read_by_their_keys(d):
    keys = list(d)
    assert entries(dict(reversed(d.items())), keys) == list(d.values())
    with pytest.raises(NotPlain, match="missing"):
        entries(d, [*keys, "another"])
    if keys:
        with pytest.raises(NotPlain, match="too many"):
            entries(d, keys[1:])


class Anything:
    __hash__ = lambda self: hash("a")
    __eq__ = lambda self, other: True
    __iter__ = lambda self: iter([self] * 3)
    __str__ = lambda self: "a"


class Liar(str):
    __hash__ = str.__hash__
    __eq__ = lambda self, other: True


@pytest.mark.parametrize("odd", [None, 1.0, [1.0], "a", {Anything(): 1.0}, {1: 1.0}, {("a",): 1.0}, dict, {None: 1.0}])
def test_what_is_no_such_dict_is_told_so(odd):
    with pytest.raises(NotPlain):
        entries(odd, ["a"])


@pytest.mark.parametrize("odd", [None, 1, "sideways", b"forward", Anything(), ["forward"], Liar("x"), "", {}])
def test_what_is_none_of_the_words_is_told_so(odd):
    with pytest.raises(NotPlain):
        choice(odd, ["forward", "reverse"])


@pytest.mark.parametrize("odd", [None, 1.0, "ab", (1.0,), (1.0, [2.0]), (1.0, [2.0, 3.0], 4.0), {1: 1.0, 2: 2.0}, abs])
def test_what_has_other_parts_is_told_so(odd):
    with pytest.raises(NotPlain):
        parts(odd, loss=(), gradient=(2,))


# --- meters ----------------------------------------------------------------------------------------------------------


@given(npst.arrays(float, npst.array_shapes(max_dims=2, max_side=4), elements=small), st.integers(0, 5))
def test_a_counted_function_is_the_function(x, calls):
    f = Counted(lambda v: np.sin(v) * 2)
    for _ in range(calls):
        np.testing.assert_array_equal(f(x), np.sin(x) * 2)
        np.testing.assert_array_equal(f(x + 1e-20j), np.sin(x + 1e-20j) * 2)
    assert f.cost == (2 * calls,)
    with pytest.raises(AttributeError):
        f.cost = (0,)


def test_costs_come_from_the_graders_side():
    running = Running([None, Counted(np.sin), Meter(lambda: kinds.Chain(np.ones((1, 2, 2)), np.ones(2)))])
    assert running.call(1, [plain(0.0)]) == Plain((), (0.0,))
    for bad in (running.call(0, []), running.call(7, []), running.call(-1, []), running.call(1, [])):
        assert isinstance(bad, Complaint)
    answers = [plain(1.0), plain(1.0)._replace(cost=(0,)), plain(1.0)]
    assert [a.cost for a in running.read(answers)] == [(), (2,), (1, 0)], "a call that failed was a call"
    assert [a.cost for a in Running([None, Counted(np.sin)]).read(answers)] == [(), (0,)]


def test_an_endless_loop_of_calls_ends():
    evaluator = Counted(np.sin).start()
    said = [evaluated(evaluator, [plain(0.0)]) for _ in range(CALLS + 2)]
    assert isinstance(said[CALLS - 1], Plain)
    assert said[CALLS].kind == "calls"


# --- chance ----------------------------------------------------------------------------------------------------------

STATED = 0.05  # high, so that two hundred gradings can show it
GAUSS = (
    Mean("the mean", 0.0, 1.0),
    Mean("the mean square", 1.0, 2.0, of=np.square),
    Distribution("the size", lambda x: (1 + math.erf(x / math.sqrt(2))) / 2),
)
SIGNS = (
    Chance("the share above 0", 0.5, of=lambda x: x > 0),
    Chance("the share above 1", 0.158655253931457, lambda x: x > 1),
)


def refused(judge, draw, times=200):
    seed = secrets.randbits(40)
    draws = [draw(np.random.default_rng([seed, k])) for k in range(times)]
    return sum(judge(plain(d)) is not None for d in draws), seed


@pytest.mark.parametrize(
    "statistics", [GAUSS, SIGNS, GAUSS[:1], GAUSS[2:]], ids=["all", "shares", "mean", "distribution"]
)
def test_right_draws_are_refused_as_often_as_stated(statistics):
    """At most. By Bonferroni's bound and the discreteness of shares it may be less."""
    judge = Random(*statistics, draws=300, false_alarm=STATED)
    count, seed = refused(judge, lambda rng: rng.normal(size=300))
    assert count <= 10 + 5 * math.sqrt(200 * STATED * (1 - STATED)), seed


def test_the_rate_is_not_far_below_what_is_stated():
    """Of one statistic whose distribution is exact: else a judge that refuses nothing would do."""
    count, seed = refused(Random(GAUSS[0], draws=50, false_alarm=0.3), lambda rng: rng.normal(size=50))
    assert abs(count - 60) <= 5 * math.sqrt(200 * 0.3 * 0.7), seed


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: rng.normal(size=4000) + 0.2,
        lambda rng: rng.normal(size=4000) * 1.2,
        lambda rng: rng.uniform(-math.sqrt(3), math.sqrt(3), size=4000),
        lambda rng: rng.choice([-1.0, 1.0], size=4000),
        lambda rng: np.zeros(4000),
    ],
    ids=["mean", "variance", "uniform", "signs", "zeros"],
)
def test_wrong_draws_are_refused_however_rarely_right_ones_are(draw):
    count, seed = refused(Random(*GAUSS, draws=4000), draw, times=5)
    assert count == 5, seed


@given(st.floats(0.05, 0.95), st.integers(5, 300), st.floats(1e-6, 0.1))
@settings(max_examples=30)
def test_shares_are_judged_by_the_binomial_distribution(p, n, level):
    """Against the sum of its terms in exact integers."""
    chance = Chance("share", p, of=lambda x: x)
    terms = [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    assume(all(abs(sum(terms[: k + 1]) / (level / 2) - 1) > 1e-6 for k in range(n + 1)))
    for k in (0, n // 4, n // 2, 3 * n // 4, n):
        low, high = sum(terms[: k + 1]) < level / 2, sum(terms[k:]) < level / 2
        assert chance.off(np.arange(n) < k, level) == (-1 if low else 1 if high else 0)


@pytest.mark.parametrize("id", ["trace_probe", "transition_probe"])
def test_problems_of_chance_state_their_rate(id):
    """With the rate set to what two hundred gradings can show, right answers of two problems."""
    make = getattr(kinds, id)
    answer = {"trace_probe": rademacher, "transition_probe": kinds._metropolis(metropolis)}[id]
    refusals, seed = 0, secrets.randbits(40)
    for k in range(200):
        probe = make(np.random.default_rng([seed, k]), draws=150, false_alarm=STATED)
        refusals += probe.judge(plain(probe.ask(answer))) is not None
    assert refusals <= 10 + 5 * math.sqrt(200 * STATED * (1 - STATED)), seed


def rademacher(hvp, n, m, rng):
    z = rng.choice([-1.0, 1.0], size=(m, n))
    return sum(v @ hvp(v) for v in z) / m


def metropolis(gain, rng):
    return rng.uniform() < math.exp(min(0.0, gain))
