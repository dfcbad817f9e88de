"""Exercises that grade themselves: problems, their instant check, and the small graph that assignment 6 works on."""

from importlib import import_module

from adcourse.grading.graphs import Node

_HOME = {"UnknownProblem": "problems", "check": "engine", "examine": "engine"}  # looked up when first used

__all__ = ["Node", "UnknownProblem", "check", "examine"]


def __getattr__(name):
    if name in _HOME:
        return getattr(import_module(f"adcourse.grading.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
