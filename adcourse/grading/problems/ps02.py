"""Assignment 2: Formulas explode, programs do not."""

from adcourse.grading.problems.ps02_loops import BABYLONIAN, LOGISTIC
from adcourse.grading.problems.ps02_sdiff import SDIFF
from adcourse.grading.problems.ps02_sizes import SIZES

PROBLEMS = (SDIFF, SIZES, LOGISTIC, BABYLONIAN)
