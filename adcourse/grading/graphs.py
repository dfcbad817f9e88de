"""The small computational graph that the exercises on reverse mode are written for."""

from __future__ import annotations

import math


class Node:
    """One value of a computation, and how it was made.

    ``parents`` are the nodes it was computed from, ``partials`` the local partial derivatives: ``partials[k]`` is
    d(this node)/d(parents[k]). Both are empty for an input. A parent used twice stands twice. ``g`` is the place for
    the adjoint, d(output)/d(this node). Nodes are compared and hashed by identity.

    >>> a = Node(3.0)
    >>> b = a * a
    >>> b.value, [p is a for p in b.parents], b.partials
    (9.0, [True, True], (3.0, 3.0))
    """

    def __init__(self, value, parents=(), partials=(), name=""):
        self.value, self.parents, self.partials, self.name = value, tuple(parents), tuple(partials), name
        self.g = 0.0

    def __add__(self, other):
        other = _node(other)
        return Node(self.value + other.value, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        other = _node(other)
        return Node(self.value * other.value, (self, other), (other.value, self.value))

    __radd__, __rmul__ = __add__, __mul__

    def sin(self):
        return Node(math.sin(self.value), (self,), (math.cos(self.value),))

    def __repr__(self):
        return f"Node({self.value!r}{', name=' + repr(self.name) if self.name else ''})"


def _node(value) -> Node:
    return value if isinstance(value, Node) else Node(value)
