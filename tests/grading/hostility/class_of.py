"""A class of hostile submissions, graded by the real engine: several processes, each with a runner of its own that
grades one submission after the other, as `adcourse grade` does."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache

from adcourse.grading.marking.frame import Frame
from adcourse.grading.marking.mark import mark
from adcourse.grading.marking.report import Report
from adcourse.grading.marking.runner import Limits, Runner
from tests.grading.blocks import ROOT
from tests.grading.hostility.handed_in import Case, submission

SEED = 20_240_229
PLOT = "p1-3-plot"


@dataclass(frozen=True)
class Graded:
    case: Case
    report: Report
    notebook: dict
    seconds: float
    descriptors: int  # that the grader had open afterwards

    @property
    def scores(self) -> dict[str, float]:
        return {verdict.id: verdict.score for verdict in self.report.verdicts}

    @property
    def shown(self) -> str:
        """What the submission's cells put out, errors left aside: these quote their own source."""
        outputs = [output for cell in self.notebook["cells"] for output in cell.get("outputs", ())]
        return json.dumps([output for output in outputs if output["output_type"] != "error"])


@cache
def frame(assignment: str) -> Frame:
    return Frame.read(ROOT / "exercises" / assignment / f"{assignment}.ipynb")


@cache
def witness() -> Case:
    """An honest submission with a known mistake, a stub and an error in it: graded between the others, its report must
    stay the same to the last byte."""
    mistake = "def second(f, a, h):\n    return (f(a + h) - 2 * f(a) + f(a - h)) / h"
    raises = "def ucurve(f, df, x, hs):\n    return hs[99]"
    stub = "def grad_fd(f, x, h=1e-6):\n    raise NotImplementedError()"
    assignment = "ps01_four_ways_to_a_slope"
    content = json.dumps(without_plot(submission(assignment, {"1.2": mistake, "1.3": raises, "1.5": stub}))).encode()
    return Case("an honest student", assignment, content, frozenset(["1.2", "1.3", "1.5"]), part="witness")


def without_plot(notebook: dict) -> dict:
    """A second for each submission is better spent otherwise."""
    return {**notebook, "cells": [cell for cell in notebook["cells"] if cell.get("id") != PLOT]}


def play(cases: Sequence[Case], limits: Limits, every: int = 8) -> list[Graded]:
    """Grade the cases one after the other on one runner, and a witness before, between and after them."""
    with Runner(limits) as runner:
        assert not runner.isolation, runner.isolation
        found = []
        for k, case in enumerate(cases):
            for each in ([witness()] if k % every == 0 else []) + [case] + [witness()] * (k == len(cases) - 1):
                start = time.monotonic()
                report, notebook = mark(frame(each.assignment), each.content, runner, SEED)
                seconds = time.monotonic() - start
                descriptors = len(os.listdir("/proc/self/fd"))
                found.append(Graded(each, replace(report, seconds=0.0), json.loads(notebook), seconds, descriptors))
    return found


def grade(groups: Sequence[tuple[Sequence[Case], Limits]]) -> list[Graded]:
    """Grade groups beside each other."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(groups), mp_context=context) as pool:
        futures = [pool.submit(play, cases, limits) for cases, limits in groups]
        return [graded for future in futures for graded in future.result()]


def sample(cases: Sequence[Case], number: int, seed: int) -> list[Case]:
    """Some of the cases, in their order; all of them where the environment says ADCOURSE_HOSTILITY=all."""
    if os.environ.get("ADCOURSE_HOSTILITY") == "all" or len(cases) <= number:
        return list(cases)
    chosen = set(random.Random(seed).sample(range(len(cases)), number))
    return [case for k, case in enumerate(cases) if k in chosen]
