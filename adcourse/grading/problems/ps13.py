"""Assignment 13: Physics, chance, PINNs."""

from adcourse.grading.problems.ps13_force import FORCE
from adcourse.grading.problems.ps13_hmc import HMC
from adcourse.grading.problems.ps13_motion import MOTION
from adcourse.grading.problems.ps13_pinn import PINN
from adcourse.grading.problems.ps13_steps import LEAPFROG

PROBLEMS = (FORCE, MOTION, LEAPFROG, HMC, PINN)
