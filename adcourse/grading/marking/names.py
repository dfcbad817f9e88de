"""Which names the code of a cell binds, found without running it."""

from __future__ import annotations

import ast
import re
import warnings
from functools import lru_cache

LONGEST = 50_000  # characters; parsing costs a hundred times its text in memory

_ESCAPE = re.compile(r"(?m)^([ \t]*)(?:[%!?].*|[\w.]+\?{1,2}[ \t]*)$")
_ROUGHLY = re.compile(r"(?m)^[ \t]*(?:(?:async[ \t]+)?def|class)[ \t]+(\w+)|^[ \t]*(\w+)[ \t]*(?::[^=\n]*)?=(?!=)")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def parsed(source: str) -> ast.Module | None:
    """The syntax tree, with IPython's own lines left out; None where there is none."""
    for text in (source, _ESCAPE.sub(r"\1pass", source)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # "\d" in a string, `x is 1`: the student's business
                return ast.parse(text[: LONGEST + 1]) if len(text) <= LONGEST else None
        except (SyntaxError, ValueError, MemoryError, RecursionError):  # what the parser says of any text
            continue
    return None


@lru_cache(maxsize=512)
def bound(source: str) -> frozenset[str]:
    """The names that ``source`` binds in the notebook: ``def`` and ``class`` (decorated or under an ``if`` too),
    assignments of every kind, imports, loop variables, and what a function declares ``global``. Where it can't be
    parsed, a guess from its lines.

    >>> sorted(bound("if True:\\n    def f(): local = 1\\nimport numpy.linalg as la; (a, *b), c.d = g()"))
    ['a', 'b', 'f', 'la']
    """
    tree = parsed(source)
    if tree is None:
        return frozenset(name for pair in _ROUGHLY.findall(source[:LONGEST]) for name in pair if name)
    names, pending = set(), list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, _SCOPES):
            names.add(node.name)
            names.update(name for inner in ast.walk(node) if isinstance(inner, ast.Global) for name in inner.names)
            pending += node.decorator_list
            continue
        if isinstance(node, (ast.Lambda, ast.comprehension)):  # their variables are their own
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, (ast.MatchAs, ast.MatchStar)):
            names.add(node.name or "_")
        elif isinstance(node, ast.MatchMapping):
            names.add(node.rest or "_")
        pending += ast.iter_child_nodes(node)
    return frozenset(names - {"*", "_"})
