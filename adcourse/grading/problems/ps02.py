"""Assignment 2: Formulas explode, programs do not."""

from adcourse.grading.problems.ps02_loops import BABYLONIAN, LOGISTIC
from adcourse.grading.problems.ps02_trees import SDIFF, SIZES

PROBLEMS = (SDIFF, SIZES, LOGISTIC, BABYLONIAN)
