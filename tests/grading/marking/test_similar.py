"""Copies are found however they are dressed; answers that were written independently are not."""

import ast
import random
import time

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adcourse.grading.marking.similar import LEAST, Cell, compare, fingerprints, page, tokens
from tests.grading.blocks import ASSIGNMENTS, ROOT, blocks

NAMES = [name for short, name in ASSIGNMENTS.items() if short in ("ps01", "ps02", "ps03", "ps06")]
RIGHT = [block for block in blocks() if block.right and block.id[:2] in ("1.", "2.", "3.", "6.")]
LONG = [block for block in RIGHT if len(fingerprints(block.code).hashes) > 14]


def known(name: str) -> list[str]:
    files = (ROOT / part / name / f"{name}.ipynb" for part in ("solutions", "exercises"))
    return [c.source for file in files for c in nbformat.read(file, 4).cells if c.cell_type == "code"]


KNOWN = [source for name in NAMES for source in known(name)]


@pytest.fixture
def rng():
    return random.Random()


def renamed(code: str, rng) -> str:
    """The same program with other names for everything that it binds, and without its comments and docstrings."""
    tree = ast.parse(code)
    bound = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    bound |= {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    bound |= {n.name for n in ast.walk(tree) if isinstance(n, ast.MatchAs | ast.MatchStar) and n.name}
    new = {name: f"v{k}_{rng.randrange(10**6)}" for k, name in enumerate(sorted(bound))}

    class Renamer(ast.NodeTransformer):
        def visit_arg(self, node):
            return ast.arg(new[node.arg])

        def visit_Name(self, node):
            return ast.Name(new.get(node.id, node.id), node.ctx)

        def visit_MatchAs(self, node):
            self.generic_visit(node)
            node.name = new.get(node.name, node.name)
            return node

        visit_MatchStar = visit_MatchAs

    return ast.unparse(ast.fix_missing_locations(Renamer().visit(tree)))


def chatty(code: str, rng) -> str:
    """The same program with a docstring, comments, empty lines and other spaces."""
    lines = []
    for line in code.splitlines():
        lines.append(line + "   # " + "".join(rng.choices("abc xyz", k=8)))
        if rng.random() < 0.5:
            lines.append("")
    return '"""What this is."""\n' + "\n".join(lines)


def reordered(code: str, rng) -> str:
    """The same functions in another order, below one of the copier's own."""
    body = ast.parse(code).body
    body = [*body[1:], body[0]]
    return "def unused_helper(q):\n    return [q, q * 3]\n\n" + "\n\n".join(ast.unparse(part) for part in body)


@pytest.mark.parametrize("disguise", [renamed, chatty, lambda code, rng: chatty(renamed(code, rng), rng), reordered])
@pytest.mark.parametrize("block", LONG, ids=str)
def test_a_disguised_copy_is_found(block, disguise, rng):
    others = {f"other-{k}": [Cell(other.id, other.code)] for k, other in enumerate(RIGHT) if other is not block}
    work = {"ada": [Cell(block.id, block.code)], "bo": [Cell("", disguise(block.code, rng))], **others}
    found = compare(work)
    assert ("ada", "bo") in [match.students for match in found.matches]
    match = next(match for match in found.matches if match.students == ("ada", "bo"))
    assert match.share > 0.6
    assert found.matches[0].students == ("ada", "bo")


def test_two_functions_in_another_order_and_in_one_cell(rng):
    one, two = rng.sample(LONG, 2)
    work = {"ada": [Cell("x", one.code), Cell("y", two.code)], "bo": [Cell("z", f"{two.code}\n\n{one.code}")]}
    work |= {f"other-{k}": [Cell("x", other.code)] for k, other in enumerate(RIGHT) if other not in (one, two)}
    pairs = [(match.students, match.names) for match in compare(work).matches]
    assert (("ada", "bo"), ("x", "z")) in pairs and (("ada", "bo"), ("y", "z")) in pairs


@pytest.mark.parametrize("name", NAMES)
def test_right_answers_by_different_routes_are_not_alike(name):
    number = str(int(name[2:4]))
    mine = [block for block in RIGHT if block.id.partition(".")[0] == number]
    work = {f"student-{k}": [Cell(block.id, block.code)] for k, block in enumerate(mine)}
    found = compare(work, known(name))
    assert not found.matches, [(match.sources, match.share) for match in found.matches]


def test_what_was_handed_out_counts_for_nothing(rng):
    solution = max(KNOWN, key=len)
    work = {"ada": [Cell("6.4", solution)], "bo": [Cell("6.4", renamed(solution, rng))]}
    assert compare(work).matches
    assert not compare(work, KNOWN).matches


def test_what_everybody_writes_says_nothing(rng):
    same = LONG[0].code
    assert not compare({f"s{k}": [Cell("x", same)] for k in range(8)}).matches
    few = compare({f"s{k}": [Cell("x", same if k < 3 else RIGHT[k % len(RIGHT)].code)] for k in range(20)})
    assert {("s0", "s1"), ("s0", "s2"), ("s1", "s2")} <= {match.students for match in few.matches}


def test_short_answers_are_said_to_be_too_short():
    work = {f"s{k}": [Cell("1.4", "def g(f, x, h=1e-20):\n    return f(x + 1j * h).imag / h")] for k in range(3)}
    found = compare(work)
    assert found.short == ("1.4",)
    assert not found.matches


def test_the_lines_that_are_marked_are_the_common_ones():
    shared = LONG[-1].code
    work = {"ada": [Cell("x", f"alone = [1, 2, 3]\n\n\n{shared}")], "bo": [Cell("x", shared)]}
    (match,) = compare(work).matches
    lines = match.sources[0].splitlines()
    assert not match.lines[0] & {0, 1, 2}
    assert len(match.lines[0]) > 0.7 * (len(lines) - 3)
    marked = [
        [source.splitlines()[k] for k in sorted(at)] for source, at in zip(match.sources, match.lines, strict=True)
    ]
    assert marked[0] == marked[1]


@given(st.text(st.characters(), max_size=300))
def test_any_text_can_be_cut_into_tokens(source):
    words, lines = tokens(source)
    assert len(words) == len(lines)
    assert lines == sorted(lines)
    assert all(0 <= line <= source.count("\n") for line in lines)
    fingerprints(source)


@given(st.integers(0, 2**32))
def test_any_common_run_long_enough_is_found(seed):
    """The guarantee of winnowing: a common run of K + W - 1 tokens shares a fingerprint, whatever stands around it."""
    from adcourse.grading.marking.similar import K, W

    rng = random.Random(seed)
    program = lambda n: " ".join(rng.choice(["1", "2", "+", "*", "-", "<", "for", "in", "3.5"]) for _ in range(n))
    common = program(K + W - 1)
    texts = [f"{program(rng.randrange(40))} {common} {program(rng.randrange(40))}" for _ in range(2)]
    one, other = (set(fingerprints(text).hashes.tolist()) for text in texts)
    assert one & other


@pytest.mark.parametrize("source", ["'" * 20_000, '"""' + "x" * 20_000, "\\" * 20_000, "1e" * 10_000, "(" * 20_000])
def test_hostile_sources_take_no_time(source):
    start = time.perf_counter()
    fingerprints(source)
    assert time.perf_counter() - start < 5


def test_the_page_shows_both_and_runs_nothing():
    from adcourse.grading.marking.gradesheet import Gradesheet

    code = f'{LONG[0].code}\nprint("<script>alert(1)</script>")'
    work = {"<b>ada</b>": [Cell("6.4", code)], "bo": [Cell("6.4", code)]}
    content = page(Gradesheet("ps06", (), ()), compare(work))
    assert "<script" not in content and "<b>ada" not in content
    assert content.count("&lt;b&gt;ada&lt;/b&gt;") >= 3
    assert content.count("<mark>") > 10


def test_two_hundred_submissions(rng):
    """A class in which all programs differ but one pair, which is found; the time is printed, not judged."""
    work = {f"s{k}": [Cell("6.4", invented(rng)) for _ in range(5)] for k in range(200)}
    a, b = rng.sample(range(200), 2)
    work[f"s{a}"][2] = Cell("6.4", chatty(renamed(work[f"s{b}"][3].source, rng), rng))
    start = time.process_time()
    found = compare(work, KNOWN)
    print(f"200 submissions: {time.process_time() - start:.2f} s")
    assert [set(match.students) for match in found.matches] == [{f"s{a}", f"s{b}"}]
    assert found.matches[0].weight > LEAST


def invented(rng) -> str:
    """A program of 25 lines that nobody else writes."""
    lines = ["def answer(out):"]
    for _ in range(25):
        a, b, c = (rng.choice("abcdefgh") for _ in range(3))
        forms = [
            f"{a} = {b} {rng.choice('+-*/')} {c}",
            f"for {a} in {b}.{rng.choice(['parents', 'items', 'rows'])}: {c} += {a}",
            f"if {a} > {b}: {c} = np.{rng.choice(['sin', 'cos', 'exp', 'zeros', 'dot'])}({a}, {b})",
            f"{a}[{b}] = {rng.randrange(9)} * {c}",
        ]
        lines.append("    " + rng.choice(forms))
    return "\n".join(lines)
