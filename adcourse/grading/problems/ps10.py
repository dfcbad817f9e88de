"""Assignment 10: Memory."""

from adcourse.grading.problems.ps10_counts import BETA, MIN_ADVANCES
from adcourse.grading.problems.ps10_layers import COUPLING
from adcourse.grading.problems.ps10_sweep import SWEEP

PROBLEMS = (BETA, MIN_ADVANCES, SWEEP, COUPLING)
