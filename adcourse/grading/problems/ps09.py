"""Assignment 9: Curvature and sparsity."""

from adcourse.grading.problems.ps09_colours import COLOUR_COLUMNS
from adcourse.grading.problems.ps09_curvature import HVP
from adcourse.grading.problems.ps09_newton import NEWTON_CG
from adcourse.grading.problems.ps09_recovery import COMPRESSED_JACOBIAN
from adcourse.grading.problems.ps09_trace import HUTCHINSON

PROBLEMS = (HVP, COLOUR_COLUMNS, COMPRESSED_JACOBIAN, NEWTON_CG, HUTCHINSON)
