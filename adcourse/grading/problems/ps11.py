"""Assignment 11: Implicit."""

from adcourse.grading.problems.ps11_equations import IMPLICIT
from adcourse.grading.problems.ps11_fixed_point import FIXED_POINT
from adcourse.grading.problems.ps11_heron import HERON
from adcourse.grading.problems.ps11_ridge import RIDGE

PROBLEMS = (IMPLICIT, FIXED_POINT, RIDGE, HERON)
