"""Assignment 1: Four ways to a slope."""

from adcourse.grading.problems.ps01_quotients import SECOND, TWO_FORMULAS, UCURVE
from adcourse.grading.problems.ps01_steps import COMPLEX_STEP, GRAD_FD

PROBLEMS = (TWO_FORMULAS, SECOND, UCURVE, COMPLEX_STEP, GRAD_FD)
