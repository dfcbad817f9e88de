"""Assignment 6: Reverse mode."""

from adcourse.grading.problems.ps06_formulas import GRAD_XYZ, LOGISTIC_LS, MIPT_GRADS
from adcourse.grading.problems.ps06_graphs import BACKWARD, TOPOSORT

PROBLEMS = (GRAD_XYZ, MIPT_GRADS, TOPOSORT, BACKWARD, LOGISTIC_LS)
