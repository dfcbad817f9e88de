"""Assignment 6: Reverse mode."""

from adcourse.grading.problems.ps06_backward import BACKWARD
from adcourse.grading.problems.ps06_formulas import GRAD_XYZ, LOGISTIC_LS, MIPT_GRADS
from adcourse.grading.problems.ps06_toposort import TOPOSORT

PROBLEMS = (GRAD_XYZ, MIPT_GRADS, TOPOSORT, BACKWARD, LOGISTIC_LS)
