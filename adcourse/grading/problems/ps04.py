"""Assignment 4: Forward mode."""

from adcourse.grading.problems.ps04_confusion import CONFUSION
from adcourse.grading.problems.ps04_dual import DUAL
from adcourse.grading.problems.ps04_jacobian import JACOBIAN
from adcourse.grading.problems.ps04_newton import NEWTON
from adcourse.grading.problems.ps04_uncertainty import PROPAGATE

PROBLEMS = (DUAL, JACOBIAN, NEWTON, PROPAGATE, CONFUSION)
