"""Which names the code of a cell binds, changes and uses, found without running it."""

from __future__ import annotations

import ast
import re
import symtable
import warnings
from collections.abc import Iterable
from functools import lru_cache

LONGEST = 50_000  # characters; parsing costs a hundred times its text in memory

_ESCAPE = re.compile(r"(?m)^([ \t]*)(?:[%!?].*|[\w.]+\?{1,2}[ \t]*)$")
_ROUGHLY = re.compile(r"(?m)^[ \t]*(?:(?:async[ \t]+)?def|class)[ \t]+(\w+)|^[ \t]*(\w+)[ \t]*(?::[^=\n]*)?=(?!=)")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


_ANYTHING = {"globals", "vars", "exec", "eval", "setattr", "delattr", "get_ipython", "__import__", "import_module"}


@lru_cache(maxsize=512)
def _python(source: str) -> str | None:
    """The source with IPython's own lines left out; None where it can't be parsed."""
    for text in (source, _ESCAPE.sub(r"\1pass", source)):
        if len(text) <= LONGEST and _tree(text) is not None:
            return text
    return None


def _tree(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\d" in a string, `x is 1`: the student's business
            return ast.parse(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):  # what the parser says of any text
        return None


def parsed(source: str) -> ast.Module | None:
    """The syntax tree, with IPython's own lines left out; None where there is none."""
    text = _python(source)
    return None if text is None else _tree(text)


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


@lru_cache(maxsize=512)
def used(source: str) -> frozenset[str]:
    """The names that ``source`` looks up in the notebook, in its functions too.

    >>> sorted(used("def f(x):\\n    return g(x) + c"))
    ['c', 'g']
    """
    text, names = _python(source), set()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pending = [symtable.symtable(text or "", "cell", "exec")]
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return frozenset()
    while pending:
        table = pending.pop()
        outside = table.get_type() == "module"
        names.update(s.get_name() for s in table.get_symbols() if s.is_referenced() and (outside or s.is_global()))
        pending += table.get_children()
    return frozenset(names)


def changes(source: str, names: frozenset[str]) -> bool:
    """Whether ``source`` may change what ``names`` mean: it binds one, stores into one, or does what can't be seen.

    >>> changes("f.cache = {}", frozenset("f")), changes("g = f", frozenset("f"))
    (True, False)
    """
    tree = parsed(source)
    if tree is None or bound(source) & names or used(source) & _ANYTHING:
        return True
    stored = (node for node in ast.walk(tree) if isinstance(node, (ast.Attribute, ast.Subscript)))
    return any(_root(node) in names for node in stored if isinstance(node.ctx, ast.Store))


def _root(node: ast.expr) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return getattr(node, "id", "")


def imports(sources: Iterable[str]) -> tuple[str, ...]:
    """The modules that cells import, those that every assignment needs, and the names of adcourse that they use: these
    load when they are first asked for.

    >>> imports(["import math, adcourse", "adcourse.grad(math.sin)", "from adcourse import jvp"])
    ('adcourse', 'adcourse.grad', 'adcourse.jvp', 'math', 'numpy')
    """
    found = {"numpy", "adcourse"}
    for source in sources:
        for node in ast.walk(parsed(source) or ast.Module([], [])):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module)
                found.update(f"adcourse.{alias.name}" for alias in node.names if node.module == "adcourse")
            elif isinstance(node, ast.Attribute) and _root(node) == "adcourse" and isinstance(node.value, ast.Name):
                found.add(f"adcourse.{node.attr}")
    return tuple(sorted(found))
