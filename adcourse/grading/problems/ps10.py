"""Assignment 10: Memory."""

from adcourse.grading.problems.ps10_advances import MIN_ADVANCES
from adcourse.grading.problems.ps10_layers import COUPLING
from adcourse.grading.problems.ps10_reach import BETA
from adcourse.grading.problems.ps10_sweep import SWEEP

PROBLEMS = (BETA, MIN_ADVANCES, SWEEP, COUPLING)
