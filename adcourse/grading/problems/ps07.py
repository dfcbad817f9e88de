"""Assignment 7: Arrays and rules."""

from adcourse.grading.problems.ps07_broadcast import UNBROADCAST
from adcourse.grading.problems.ps07_determinant import NEGLOGDET
from adcourse.grading.problems.ps07_products import MATMUL
from adcourse.grading.problems.ps07_softmax import SOFTMAX_XENT
from adcourse.grading.problems.ps07_solves import SOLVE

PROBLEMS = (UNBROADCAST, MATMUL, SOLVE, SOFTMAX_XENT, NEGLOGDET)
