"""The cells of a trace in each of its formats, read back as text."""

import re
from html.parser import HTMLParser


class HTMLTable(HTMLParser):
    """Rows of cells of the first table, and what a screen reader needs to find its way."""

    def __init__(self, html):
        super().__init__()
        self.rows, self.scopes, self.caption, self.inside = [], [], "", None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")
            self.scopes.append(dict(attributes).get("scope") if tag == "th" else None)
        self.inside = tag if tag in ("th", "td", "caption") else self.inside if tag == "code" else None

    def handle_endtag(self, tag):
        self.inside = None if tag in ("td", "caption") else self.inside

    def handle_data(self, data):
        if self.inside == "caption":
            self.caption += data
        elif self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def html_rows(table):
    return HTMLTable(table.html()).rows


def markdown_rows(table):
    """As GitHub reads a table: cells end at a bar without a backslash; then code and escapes are resolved."""
    _, _, head, rule, *rows = table.markdown().split("\n")
    assert re.fullmatch(r"\|( :-- \|| --: \|)+", rule)
    split = [[c.strip() for c in re.split(r"(?<!\\)\|", row)[1:-1]] for row in (head, *rows)]
    assert len({len(row) for row in split} | {rule.count("-: |") + rule.count(":-- |")}) == 1
    return [[_resolved(cell) for cell in row] for row in split]


def _resolved(cell):
    code = re.fullmatch(r"(`+)(.*?)\1((?: \(\w+\))*)", cell)
    if code:
        inside = code[2][1:-1] if len(code[1]) > 1 else code[2]
        return inside.replace("\\|", "|") + code[3]
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", cell)


def latex_rows(table):
    """The cells of the array, without its rules."""
    lines = table.latex().split("\n")
    assert re.fullmatch(r"\\begin\{array\}\{[lr]+\}", lines[0]) and lines[-1] == r"\end{array}"
    assert lines[1].endswith(r" \\ \hline") and all(line.endswith(r" \\") for line in lines[2:-2])
    return [line.removesuffix(r" \hline").removesuffix(r" \\").split(" & ") for line in lines[1:-1]]


def text_rows(table):
    """The cells of the fixed-width text; columns stand two spaces or more apart, so no cell may hold two."""
    return [re.split(r" {2,}", line.strip()) for line in table.text().split("\n")[1:]]
