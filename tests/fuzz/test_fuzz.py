"""A sample of the random programs, and whether the fuzzer would notice a wrong rule."""

import os

import numpy as np
import pytest

from adcourse import grad, record
from adcourse.core.errors import ConversionError
from adcourse.core.kinds import Constant
from adcourse.core.rules import RULES
from adcourse.functions import fft  # noqa: F401  (joins the table, as a program's first transform would do)
from adcourse.functions.derived import DERIVED

from ..core.examples import EXAMPLES
from ..core.examples import draw as draw_operands
from . import check
from .check import NO_JAX, REFUSED, UNCLEAR, disagreement, jax_disagreement, quiet, replay_disagreement
from .exact import directional, known
from .generate import draw
from .programs import Program
from .shrink import fails, shrink

REFUSED_ALWAYS = {np.linalg.eig, np.linalg.eigvals}  # they raise, and say why
SEED = int(os.environ.get("ADCOURSE_FUZZ_SEED", "1"))  # the long runs draw fresh ones


def test_the_reference_knows_the_table():
    """All but a few calls of the table of examples run on 50-digit numbers too, and give what NumPy gives."""
    unknown = [(name, k) for name, cases in EXAMPLES.items() for k in range(len(cases)) if not known(name, k)]
    assert len(unknown) < 0.04 * sum(map(len, EXAMPLES.values())), f"add to tests/fuzz/exact_functions.py: {unknown}"


def test_every_function_is_fuzzed(monkeypatch):
    """Programs are made of the examples: what none of them calls on a traced value would never be drawn."""
    called = {f for f, rule in RULES.items() if isinstance(rule, Constant)} | REFUSED_ALWAYS
    for function, derived in list(DERIVED.items()):
        monkeypatch.setitem(DERIVED, function, _noting(called, function, derived))
    for cases in EXAMPLES.values():
        for call, domains, shapes in cases:
            x = draw_operands(np.random.default_rng(1), domains, shapes)
            called |= {row.rule.function for row in record(call, *x) if row.rule}
    missing = {f.__name__ for f in {*RULES, *DERIVED} - called} - {"_put"}  # met in second derivatives alone
    assert not missing, f"give these an entry in tests/core/examples.py: {sorted(missing)}"


def _noting(called, function, derived):
    def noted(*args, **kwargs):
        called.add(function)
        return derived(*args, **kwargs)

    return noted


@pytest.mark.parametrize("part", range(8))
def test_random_programs(part):
    """``python -m tests.fuzz --seed SEED`` runs more of the same."""
    outcomes = []
    for index in range(part * 20, part * 20 + 20):
        program = draw(SEED, index)
        outcomes.append(disagreement(program))
        if outcomes[-1] not in (None, UNCLEAR, REFUSED):
            pytest.fail(f"program {index} of seed {SEED}: {outcomes[-1]}\n{shrink(program)}")
    assert outcomes.count(None) > 10, f"seed {SEED}: too many programs can't be judged"


def test_random_programs_in_jax():
    pytest.importorskip("jax")
    verdicts = [jax_disagreement(draw(SEED, index)) for index in range(6)]
    assert [v for v in verdicts if v and v != UNCLEAR and not v.startswith(NO_JAX)] == [], f"seed {SEED}"
    assert verdicts.count(None) > 1


@pytest.mark.parametrize(
    "function, wrong", [(np.sin, lambda x: 0.999 * np.cos(x)), (np.multiply, lambda x, y: y + 1e-6)]
)
def test_a_wrong_rule_is_found_and_the_program_shrinks(monkeypatch, function, wrong):
    rule = RULES[function]
    partials = (lambda z, x, y=None: wrong(x, y) if y is not None else wrong(x), *rule.partials[1:])
    monkeypatch.setattr(rule, "partials", partials)
    monkeypatch.setattr(rule, "local", partials[0])
    found = next(p for p in (draw(SEED, index) for index in range(200)) if fails(p))
    small = shrink(found)
    assert fails(small) and len(small.lines) <= min(4, len(found.lines)), f"seed {SEED}\n{small}"


def test_what_a_replay_gets_wrong_is_found(monkeypatch):
    program = draw(SEED, 3)
    assert replay_disagreement(program) is None
    for wrong, word in ((lambda r: (np.nextafter(r[0], 9e9), *r[1:]), "instead of"), (lambda r: 1 / 0, "ZeroDivision")):
        monkeypatch.setattr(check, "replay", lambda g, wrong=wrong: lambda *xs: wrong(g(*xs)))
        assert word in replay_disagreement(program)

    def writes(*xs):
        result = check.value_and_grad(program.function(), tuple(range(len(xs))))(*xs)
        for x in xs:
            if isinstance(x, np.ndarray):
                x += 1.0
        return result

    monkeypatch.setattr(check, "replay", lambda g: writes)
    assert "wrote" in replay_disagreement(program)


def test_the_report_of_a_failure_is_a_program():
    program = draw(SEED)
    space = {}
    exec(str(program), space)
    with quiet():
        assert space["f"](*space["xs"]) == program.function()(*program.inputs.values())


def test_a_program_by_hand():
    """d^3/dx^3 of x^3 log x is 6 log x + 11, in 50 digits and in every nesting."""
    program = Program({"x0": 2.0}, (("v0", "v0 = x0 ** 3 * np.log(x0)"),), order=3)
    slope = float(np.prod([v[0] for v in program.directions()]))
    weight = float(program.function()(1.0 * np.e)) / np.e**3
    assert directional(program) == pytest.approx((6 * np.log(2.0) + 11) * slope * weight, rel=1e-13)
    assert disagreement(program) is None


def test_an_error_teaches_in_a_program_without_a_module():
    """Seed 11 found it: text run with ``exec`` has no ``__name__``, which the making of the error asked for."""
    space = {"np": np}
    exec("f = lambda x: np.cross(np.array([x, x, x]), np.logaddexp(np.array([x, x, x]), 0.0))[0]", space)
    with pytest.raises(ConversionError, match="array of Python objects"):
        grad(space["f"])(1.0)
