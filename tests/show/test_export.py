"""DOT, Mermaid and files: read back by a small parser of each language's grammar, every word as it was."""

import html
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adcourse import record
from adcourse.core.errors import InputError
from adcourse.show import graph

from .programs import CASES, LARGE, logistic, tapes

STRING = r'"(?:[^"\\]|\\.)*"'


def read_dot(text):
    """Nodes and edges with their labels, by the grammar of DOT: statements of identifiers and quoted strings."""
    (body,) = re.fullmatch(r"digraph \{\n(.*)\}\n", text, re.S).groups()
    nodes, edges = {}, []
    for line in body.splitlines():
        one = re.fullmatch(rf"  (\w+)(?: -> (\w+))?(?: \[((?:\w+=(?:{STRING}|[\w.]+)(?:, )?)*)\])?;", line)
        assert one, line
        first, second, attributes = one.groups()
        label = re.search(rf"label=({STRING})", attributes or "")
        words = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], label[1][1:-1]) if label else None
        if second:
            edges.append((first, second, words))
        elif first not in ("graph", "node", "edge"):
            nodes[first] = words
    return nodes, edges


def read_mermaid(text):
    """Nodes and edges with their labels, by the grammar of Mermaid's flowcharts, quoted texts with character codes."""
    lines = text.splitlines()
    assert lines[0] == "flowchart TD"
    nodes, edges = {}, []
    decode = lambda words: html.unescape(re.sub(r"#(\d+);", r"&#\1;", words.replace("<br>", "\n")))
    for line in lines[1:]:
        if one := re.fullmatch(r"  (n\d+)(?:\(\[|\[\[|\[)\"([^\"]*)\"(?:\]\)|\]\]|\])", line):
            assert not re.search(r"[^\w\s.,=+…⋮×#;<>]|<(?!br>)", one[2]), line  # all else is coded
            nodes[one[1]] = decode(one[2])
        elif one := re.fullmatch(r"  (n\d+) -->(?:\|\"([^\"|]*)\"\|)? (n\d+)", line):
            edges.append((one[1], one[3], decode(one[2]) if one[2] else None))
        else:
            assert re.fullmatch(r"  (classDef output stroke-width:3px|class (n\d+,?)+ output)", line), line
    return nodes, edges


def expected(drawn):
    nodes = {f"n{k}": "\n".join(t for _, t in drawn.captions.lines(box)) for k, box in enumerate(drawn.boxes)}
    labels, _ = drawn.labels()
    return nodes, [(f"n{a.tail}", f"n{a.head}", label) for a, label in zip(drawn.arrows, labels, strict=True)]


@pytest.mark.parametrize("name", [*CASES, *LARGE])
@pytest.mark.parametrize("partials", [None, True])
def test_dot_and_mermaid_say_what_the_picture_says(name, partials):
    drawn = graph(record(*{**CASES, **LARGE}[name]), partials=partials)
    assert read_dot(drawn.dot()) == expected(drawn)
    assert read_mermaid(drawn.mermaid()) == expected(drawn)


KEYS = st.lists(
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=8),
    min_size=1,
    max_size=4,
    unique=True,
)


@settings(max_examples=60)
@given(KEYS | st.just(['"', "\\", '\\"', "<b>|{}[]#;&`", "end", "]]>", "--"]))
def test_any_name_is_escaped(keys):
    """Names come from the user's dictionary: quotes, backslashes, brackets, what each language gives a meaning."""
    drawn = graph(record(lambda p: sum(np.sin(v) for v in p.values()), dict.fromkeys(keys, 0.5)))
    assert read_dot(drawn.dot()) == expected(drawn)
    assert read_mermaid(drawn.mermaid()) == expected(drawn)
    texts = [t.text for t in ElementTree.fromstring(drawn.svg()).iter("{http://www.w3.org/2000/svg}text")]
    assert {line for words in expected(drawn)[0].values() for line in words.split("\n")} <= set(texts)


@given(tapes(30))
def test_arrows_of_the_exports_are_those_of_the_tape(tape):
    drawn = graph(tape, group=False)
    uses = [(f"n{p}", f"n{row.index}") for row in tape for p in row.parents if p is not None]
    assert (
        [edge[:2] for edge in read_dot(drawn.dot())[1]]
        == [edge[:2] for edge in read_mermaid(drawn.mermaid())[1]]
        == uses
    )


@pytest.mark.parametrize("suffix", ["svg", "html", "dot", "gv", "mmd", "mermaid", "SVG"])
def test_a_file_is_written_in_the_form_of_its_suffix(tmp_path, suffix):
    drawn = graph(record(logistic(3), 0.2))
    path = drawn.save(tmp_path / f"graph.{suffix}")
    text = path.read_text(encoding="utf-8")
    forms = {
        "svg": drawn.svg(),
        "dot": drawn.dot(),
        "gv": drawn.dot(),
        "mmd": drawn.mermaid(),
        "mermaid": drawn.mermaid(),
    }
    assert text == forms[suffix.lower()] if suffix != "html" else drawn.html() in text
    if suffix.lower() == "svg":
        ElementTree.fromstring(text)


@pytest.mark.parametrize("name", ["graph.png", "graph", "graph.pdf", "gone/graph.svg"])
def test_a_file_that_can_not_be_written_is_refused_with_the_line_to_write(tmp_path, name):
    with pytest.raises(InputError, match=r"(?s)Why: .*Write: .*"):
        graph(record(logistic(3), 0.2)).save(tmp_path / name)
    assert not list(tmp_path.iterdir())
