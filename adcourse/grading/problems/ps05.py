"""Assignment 5: All derivatives at once."""

from adcourse.grading.problems.ps05_derivatives import DERIVATIVES
from adcourse.grading.problems.ps05_functions import FUNCTIONS
from adcourse.grading.problems.ps05_hyperdual import HYPERDUAL
from adcourse.grading.problems.ps05_products import PRODUCTS
from adcourse.grading.problems.ps05_steps import ODE_STEP

PROBLEMS = (PRODUCTS, FUNCTIONS, DERIVATIVES, ODE_STEP, HYPERDUAL)
