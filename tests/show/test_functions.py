"""The page of functions says what the table says."""

import re
import subprocess
import sys

import numpy as np
import pytest

from adcourse.core.rules import RULES
from adcourse.functions.derived import DERIVED
from adcourse.show.functions import COMMAND, PAGE, _written, name_of, rows


def test_the_page_is_up_to_date(repository):
    """In a process of its own: other tests add rules to the table."""
    pytest.importorskip("scipy.special")
    code = "from adcourse.show.functions import page; import sys; sys.stdout.buffer.write(page().encode())"
    now = subprocess.run([sys.executable, "-c", code], cwd=repository, check=True, capture_output=True).stdout.decode()
    assert PAGE.read_text(encoding="utf-8") == now, f"the table of rules has changed; run: {COMMAND}"


def test_every_function_has_a_row():
    named = {row[0] for row in rows()}
    assert {name_of(f, rule) for f, rule in RULES.items()} | {name_of(f) for f in DERIVED} == named
    assert {"np.sin", "np.linalg.solve", "getitem", "np.floor", "np.dot"} <= named


def test_derivatives_are_written_as_in_the_rule():
    """What the page says of an elementwise function, evaluated, is the rule's partial derivative."""
    table = {row[0]: row for row in rows()}
    for name, at in [("np.sin", 0.3), ("np.arctanh", 0.3), ("np.sqrt", 2.0), ("np.arctan", -1.2), ("np.tanh", 0.8)]:
        function = getattr(np, name[3:])
        (formula,) = re.findall("`(.*)`", table[name][2])
        assert eval(formula, {"np": np, "x": at, "z": function(at)}) == RULES[function].partial(0, function(at), (at,))
    assert table["np.absolute"][4] == "0 at 0"  # the remark beside the rule


def test_two_lambdas_on_one_line_are_told_apart():
    first, second = (lambda x, y: x - y), (lambda x, y: y - x)
    assert [_written(f)[0].body.left.id for f in (first, second)] == ["x", "y"]
