"""Assignment 12: Through time."""

from adcourse.grading.problems.ps12_continuous import CONTINUOUS_ADJOINT
from adcourse.grading.problems.ps12_discrete import DISCRETE_ADJOINT
from adcourse.grading.problems.ps12_forward import FORWARD_SENSITIVITY
from adcourse.grading.problems.ps12_rk4 import RK4

PROBLEMS = (RK4, FORWARD_SENSITIVITY, DISCRETE_ADJOINT, CONTINUOUS_ADJOINT)
