"""Assignment 3: Programs are graphs."""

from adcourse.grading.problems.ps03_density import PARTIALS, TRACE
from adcourse.grading.problems.ps03_graphs import COST, PATHS

PROBLEMS = (TRACE, PARTIALS, PATHS, COST)
