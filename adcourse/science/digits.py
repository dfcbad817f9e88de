"""Handwritten digits, eight by eight pixels, to learn from; and a stand-in that needs no other package."""

import numpy as np

from adcourse.core.errors import ADError

SEGMENTS = (  # of the seven bars of a pocket calculator's display, those that are lit: abcdefg
    "abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg",
)  # fmt: skip
BARS = {  # rows, columns
    "a": (0, slice(1, 5)), "b": (slice(0, 4), 4), "c": (slice(3, 7), 4), "d": (6, slice(1, 5)),
    "e": (slice(3, 7), 1), "f": (slice(0, 4), 1), "g": (3, slice(1, 5)),
}  # fmt: skip


class NotInstalledError(ADError, ImportError):
    """The package with the digits isn't installed."""


def handwritten():
    """1797 digits written by thirteen people: X (1797 × 64, from 0 to 1) and their labels, from scikit-learn.

    Source: E. Alpaydin and C. Kaynak, *Optical recognition of handwritten digits* (UCI repository, 1998), its test set.
    Raises NotInstalledError, an ImportError, where scikit-learn isn't installed.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise NotInstalledError(
            "The handwritten digits come with scikit-learn, which is not installed here.",
            "the course itself does without it, so it is an extra.",
            'pip install "adcourse[science]"; or, with drawn digits: digits.drawn(1797, rng)',
        ) from error
    X, labels = load_digits(return_X_y=True)
    return X / 16, labels


def drawn(n, rng):
    """``n`` digits of a pocket calculator, shifted and smudged at random: X (n × 64, from 0 to 1) and their labels.

    >>> X, labels = drawn(100, np.random.default_rng())
    >>> X.shape, labels.shape, bool(0 <= X.min() <= X.max() <= 1)
    ((100, 64), (100,), True)
    """
    labels = rng.integers(0, 10, n)
    X = np.zeros((n, 8, 8))
    for picture, label in zip(X, labels, strict=True):
        for bar in SEGMENTS[label]:
            picture[BARS[bar]] = 1.0
        picture[:] = np.roll(picture, rng.integers(0, (2, 3)), axis=(0, 1))
    smudged = X * rng.uniform(0.6, 1.0, X.shape) + rng.normal(size=X.shape) * 0.1
    return np.clip(smudged, 0.0, 1.0).reshape(n, 64), labels


def split(X, labels, part, rng):
    """Two pairs (X, labels), drawn at random: one to learn from and, with ``part`` of the rows, one to test with.

    >>> (X, _), (T, _) = split(np.zeros((10, 2)), np.zeros(10, int), 0.3, np.random.default_rng())
    >>> len(X), len(T)
    (7, 3)
    """
    order = rng.permutation(len(X))
    test, rest = np.split(order, [round(part * len(X))])
    return (X[rest], labels[rest]), (X[test], labels[test])
