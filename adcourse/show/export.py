"""A graph for other programs: Graphviz's DOT, Mermaid, and files."""

from pathlib import Path

from ..core.errors import InputError
from . import style


def _nodes(graph):
    """Each box as (its words, line by line; whether it is an input, several rows, an output)."""
    rows = graph.captions.rows
    for box in graph.boxes:
        lines = [text for _, text in graph.captions.lines(box)]
        yield lines, rows.rows[box.start].rule is None, not box.single, not rows.outputs.isdisjoint(box.rows)


def dot(graph):
    r"""The graph in the DOT language: backslashes and quotes escaped, ``\n`` between the lines of a box."""

    def quoted(lines):
        return '"' + r"\n".join(t.replace("\\", r"\\").replace('"', r"\"") for t in lines) + '"'

    ink, paper = style.colours(), style.colours()["panel"]
    out = [
        "digraph {",
        "  graph [rankdir=TB];",
        f'  node [shape=box, fontname="monospace", fontsize=11, style=filled, fillcolor="{paper}", '
        f'color="{ink["line"]}", fontcolor="{ink["ink"]}"];',
        f'  edge [fontname="monospace", fontsize=10, color="{ink["line"]}", fontcolor="{ink["partial"]}"];',
    ]
    for k, (lines, is_input, several, output) in enumerate(_nodes(graph)):
        look = ['style="filled,rounded"'] * is_input + ["peripheries=2"] * several + ["penwidth=2.5"] * output
        out.append(f"  n{k} [{', '.join([f'label={quoted(lines)}', *look])}];")
    for arrow, label in zip(graph.arrows, graph.labels()[0], strict=True):
        out.append(f"  n{arrow.tail} -> n{arrow.head}" + (f" [label={quoted([label])}]" if label else "") + ";")
    return "\n".join([*out, "}"]) + "\n"


def mermaid(graph):
    """The graph as a Mermaid flowchart; what isn't a letter, a digit or harmless is written as its character code."""

    def quoted(lines):
        coded = ("".join(c if c.isalnum() or c in " .,=+…" else f"#{ord(c)};" for c in text) for text in lines)
        return '"' + "<br>".join(coded) + '"'

    out, shapes = ["flowchart TD"], {}
    for k, (lines, is_input, several, output) in enumerate(_nodes(graph)):
        left, right = ("([", "])") if is_input else ("[[", "]]") if several else ("[", "]")
        out.append(f"  n{k}{left}{quoted(lines)}{right}")
        shapes.setdefault("output", []).extend([f"n{k}"] * output)
    for arrow, label in zip(graph.arrows, graph.labels()[0], strict=True):
        out.append(f"  n{arrow.tail} -->{f'|{quoted([label])}|' if label else ''} n{arrow.head}")
    if shapes["output"]:
        out += ["  classDef output stroke-width:3px", f"  class {','.join(shapes['output'])} output"]
    return "\n".join(out) + "\n"


WRITE = {
    ".svg": lambda graph: graph.svg(), ".html": lambda graph: page(graph), ".dot": dot, ".gv": dot,
    ".mmd": mermaid, ".mermaid": mermaid,
}  # fmt: skip


def page(graph):
    """A page with the picture, its words, and the trace as a table."""
    return (
        '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f"<title>Computational graph</title></head>\n<body>{graph.html()}</body>\n</html>\n"
    )


def save(graph, path):
    """Write the graph to ``path`` in the form that its suffix names; returns the path."""
    path = Path(path)
    if path.suffix.lower() not in WRITE:
        raise InputError(
            f"A graph isn't written as {path.suffix or 'a file without suffix'}.",
            f"the suffix says in which form: {', '.join(WRITE)}.",
            f"graph(tape).save({str(path.with_suffix('.svg'))!r}); any browser, LaTeX and Inkscape take an SVG, and "
            f"'dot -T{path.suffix[1:] or 'png'} graph.dot' makes other forms of a .dot file",
        )
    if not path.parent.is_dir():
        raise InputError(
            f"There is no folder {str(path.parent)!r}.", "a file is written into a folder that exists.",
            f"pathlib.Path({str(path.parent)!r}).mkdir(parents=True), then save again",
        )  # fmt: skip
    path.write_text(WRITE[path.suffix.lower()](graph), encoding="utf-8")
    return path
