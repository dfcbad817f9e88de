"""Exercises that grade themselves: problems, their instant check, and the small graph that assignment 6 works on."""

from adcourse.grading.engine import check, examine
from adcourse.grading.graphs import Node
from adcourse.grading.problems import UnknownProblem

__all__ = ["Node", "UnknownProblem", "check", "examine"]
