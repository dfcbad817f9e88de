"""The orders in which a chain of Jacobians can be multiplied, what each costs, and the cheapest by dynamic programming.

A program of ``k`` stages takes ``sizes[0]`` numbers to ``sizes[1]``, those to ``sizes[2]``, and so on. Stage i has a
Jacobian ``J_i`` of shape ``sizes[i] x sizes[i-1]``, and the whole has ``J = J_k ... J_2 J_1``. A product of a p x q
with a q x r matrix takes p q r multiplications. A grouping is a stage's number, or a pair (left factor, right factor)
of groupings: ``(3, (2, 1))`` is J3 (J2 J1), forward accumulation; ``((3, 2), 1)`` is (J3 J2) J1, reverse.

Matrix chains: Cormen et al., *Introduction to Algorithms* (2009), section 15.2. In differentiation: Griewank and
Walther, *Evaluating Derivatives* (2008), chapter 10. On a graph that isn't a chain the cheapest way is NP-complete
(Naumann 2008).
"""

from functools import cache

from adcourse.core.errors import InputError

DIGITS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def forward(stages):
    """The grouping of forward accumulation, from the input: J_k (... (J_2 J_1)).

    >>> forward(3), name(forward(3))
    ((3, (2, 1)), 'J₃ (J₂ J₁)')
    """
    grouping = 1
    for i in range(2, stages + 1):
        grouping = (i, grouping)
    return grouping


def reverse(stages):
    """The grouping of reverse accumulation, from the result: ((J_k J_(k-1)) ...) J_1.

    >>> reverse(3), name(reverse(3))
    (((3, 2), 1), '(J₃ J₂) J₁')
    """
    grouping = stages
    for i in range(stages - 1, 0, -1):
        grouping = (grouping, i)
    return grouping


@cache
def groupings(last, first=1):
    """Every grouping of the factors J_last ... J_first: as many as the Catalan numbers 1, 1, 2, 5, 14, 42, ... say.

    >>> groupings(3)
    ((3, (2, 1)), ((3, 2), 1))
    """
    if last == first:
        return (last,)
    return tuple(
        (left, right)
        for cut in range(last, first, -1)
        for left in groupings(last, cut)
        for right in groupings(cut - 1, first)
    )


def products(grouping):
    """The matrix products that a grouping does, in order, as triples of positions in ``sizes``: a product of a
    ``sizes[p] x sizes[q]`` with a ``sizes[q] x sizes[r]`` matrix is (p, q, r).

    >>> products((3, (2, 1)))
    [(2, 1, 0), (3, 2, 0)]
    """
    if isinstance(grouping, int):
        return []
    left, right = grouping
    return [*products(left), *products(right), (_last(left), _last(right), _first(right) - 1)]


def _last(grouping):
    return grouping if isinstance(grouping, int) else _last(grouping[0])


def _first(grouping):
    return grouping if isinstance(grouping, int) else _first(grouping[1])


def multiplications(sizes, grouping):
    """How many multiplications of numbers it takes to multiply the chain in this grouping.

    >>> multiplications((1000, 3, 4, 1), forward(3)), multiplications((1000, 3, 4, 1), reverse(3))
    (16000, 3012)
    """
    return sum(sizes[p] * sizes[q] * sizes[r] for p, q, r in products(grouping))


def best(sizes):
    """The fewest multiplications for the whole Jacobian of a chain, and a grouping that takes no more.

    Dynamic programming: the best for J_j ... J_i is made of the bests of two parts, for one of the j - i places to cut.
    Of equal ones forward wins.

    >>> best((100, 1, 100, 1, 100))  # begins between the narrow places, where neither forward nor reverse does
    (10200, (4, ((3, 2), 1)))
    """
    if len(sizes) < 2 or isinstance(sizes, str):
        raise InputError(
            f"The sizes of the chain are {sizes!r}.",
            "they are how many numbers there are before the first stage and after each: two at least.",
            "best((1000, 3, 4, 1)) for three stages",
        )
    found = {(i, i): (0, i) for i in range(1, len(sizes))}
    for length in range(1, len(sizes) - 1):
        for first in range(1, len(sizes) - length):
            last = first + length
            tried = []
            for cut in range(last, first, -1):  # J_last ... J_cut times J_(cut-1) ... J_first
                (left, a), (right, b) = found[last, cut], found[cut - 1, first]
                tried.append((left + right + sizes[last] * sizes[cut - 1] * sizes[first - 1], (a, b)))
            found[last, first] = min(tried, key=lambda t: t[0])
    return found[len(sizes) - 1, 1]


def name(grouping):
    """The grouping as it is written.

    >>> name(((4, 3), (2, 1)))
    '(J₄ J₃) (J₂ J₁)'
    """
    if isinstance(grouping, int):
        return f"J{grouping}".translate(DIGITS)
    return " ".join(name(part) if isinstance(part, int) else f"({name(part)})" for part in grouping)
