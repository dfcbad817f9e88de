"""``python -m tests.fuzz --programs 100000 --seed 1``: the run, its count, its seed, its pace, and what disagreed."""

import argparse
import multiprocessing
import re
import secrets
import time
from collections import Counter

from tqdm import tqdm

from ..core.examples import EXAMPLES
from .check import NO_JAX, REFUSED, UNCLEAR, disagreement, jax_disagreement, replay_disagreement
from .exact import known
from .generate import draw, table
from .shrink import fails, shrink

CHUNK = 20
UNKNOWN = "not judged: a function in it that the reference doesn't know (tests/fuzz/test_fuzz.py says which)"


def examine(seed, index, jax_share):
    """The outcomes of one program, as words to count, and for each failure its report."""
    program = draw(seed, index)
    outcomes, reports = [f"order {program.order}"], []
    jax_too = jax_share and index % round(1 / jax_share) == 0
    judges = [("adcourse", disagreement), ("replay", replay_disagreement)] + [("JAX", jax_disagreement)] * bool(jax_too)
    for whose, judge in judges:
        try:
            verdict = judge(program)
        except Exception:
            verdict = UNKNOWN
        if verdict is None:
            outcomes.append(f"{whose} agrees")
        elif verdict in (UNCLEAR, REFUSED, UNKNOWN) or verdict.startswith(NO_JAX):
            outcomes.append(f"{whose}: {verdict}")
        else:
            outcomes.append(f"{whose} DISAGREES")
            small = shrink(program) if whose == "adcourse" and fails(program) else program
            reports.append(f"# program {index} of seed {seed}, {whose}: {verdict}\n{small}")
    return outcomes, reached(program), reports


def reached(program):
    """The functions of the table that the text names."""
    text = program.source()
    named = re.findall(r"EXAMPLES\[\"(\w+)\"\]|np\.(?:linalg\.)?(\w+)", text)
    return {a or b for a, b in named} & table()


def _work(job):
    seed, indices, jax_share = job
    return [examine(seed, index, jax_share) for index in indices]


def main():
    arguments = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    arguments.add_argument("--programs", type=int, default=1000)
    arguments.add_argument("--seed", type=int, default=None, help="fresh if not given")
    arguments.add_argument("--processes", type=int, default=None, help="as many as there are processors if not given")
    arguments.add_argument("--jax", type=float, default=0.01, help="the share of programs that JAX runs too")
    arguments.add_argument("--only", type=int, help="the number of one program, to look at")
    given = arguments.parse_args()
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    if given.only is not None:
        print(draw(seed, given.only))
        for outcome in examine(seed, given.only, 1.0):
            print(outcome)
        return 0
    print(f"{given.programs} programs, seed {seed}", flush=True)
    jobs = [(seed, range(k, min(k + CHUNK, given.programs)), given.jax) for k in range(0, given.programs, CHUNK)]
    counts, functions, failures, started = Counter(), Counter(), 0, time.perf_counter()
    with (
        multiprocessing.get_context("spawn").Pool(given.processes) as pool,
        tqdm(total=given.programs, unit=" programs", smoothing=0.05) as bar,
    ):
        for results in pool.imap_unordered(_work, jobs):
            for outcomes, names, reports in results:
                counts.update(outcomes)
                functions.update(names)
                failures += len(reports)
                for report in reports:
                    tqdm.write(report)
            bar.update(len(results))
    pace = given.programs / (time.perf_counter() - started)
    print(f"\n{given.programs} programs, seed {seed}, {pace:.1f} programs a second, {failures} disagreements")
    for outcome, n in sorted(counts.items()):
        print(f"  {n:7d} {outcome}")
    unknown = [f"{name}[{k}]" for name, cases in EXAMPLES.items() for k in range(len(cases)) if not known(name, k)]
    print(f"  {len(unknown)} calls were left out, as the reference doesn't know them: {', '.join(unknown)}")
    rare = [f"{name} {functions[name]}" for name in sorted(table(), key=lambda name: functions[name])[:5]]
    print(f"  {len(functions)} of {len(table())} functions named by a program; least often: {', '.join(rare)}")
    return 1 if failures else 0
