"""Assignment 8: Learning with gradients."""

from adcourse.grading.problems.ps08_checker import GRAD_CHECK
from adcourse.grading.problems.ps08_descent import DESCENT
from adcourse.grading.problems.ps08_network import NETWORK
from adcourse.grading.problems.ps08_slope import MSE_SLOPE
from adcourse.grading.problems.ps08_stepsize import STEP_SIZE

PROBLEMS = (DESCENT, MSE_SLOPE, NETWORK, GRAD_CHECK, STEP_SIZE)
