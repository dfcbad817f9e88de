"""Assignment 14: Where AD lies."""

from adcourse.grading.problems.ps14_audit import AUDIT
from adcourse.grading.problems.ps14_kinks import AT_KINK
from adcourse.grading.problems.ps14_roots import SAFE_SQRT
from adcourse.grading.problems.ps14_score import SCORE_GRADIENT
from adcourse.grading.problems.ps14_softplus import SOFTPLUS

PROBLEMS = (SAFE_SQRT, AT_KINK, SCORE_GRADIENT, SOFTPLUS, AUDIT)
