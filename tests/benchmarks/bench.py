"""A race between the ways to a derivative, and the table of its result."""

import gc
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

import numpy as np

from .ways import HAND, OURS, VALUE, numbers


class Case(NamedTuple):
    """One column of a table. A contestant is called without arguments and returns value and gradient (or None)."""

    label: str
    contestants: dict[str, Callable | str | None]  # None: not installed; a text: why it can't take part
    reach: float | None = None  # how many times the time by hand is aimed at
    faster: tuple[str, float] | None = None  # than which contestant we aim to be faster, and how many times
    unit: int = 1  # how many operations one call does, for a time per operation
    compare: Callable = numbers  # what of the result all contestants agree on


def timed(run, times):
    start = time.process_time()
    for _ in range(times):
        run()
    return (time.process_time() - start) / times


def race(case, rounds=15, seconds=1.5):
    """The processor time of each contestant, or why it has none: {name: seconds or text}.

    Rounds go through all contestants in turn, so that what else the machine does meets all alike: what counts is the
    median of the ratios to the time by hand in the same round, times the median of that. A sample repeats short calls
    to 10 ms; a slow contestant runs in fewer rounds, so that its samples take about ``seconds``.
    """
    found, runs = {}, {}
    np.empty(4_000_000)  # malloc has seen a large array: from now on it keeps freed memory at hand
    for name, run in case.contestants.items():
        if run is None or isinstance(run, str):
            found[name] = run or "not installed"
            continue
        try:
            once = timed(run, 1)  # the first call also fills caches
            once = timed(run, 1) if once < 20 else once
        except Exception as error:
            found[name] = type(error).__name__
            continue
        if once > 20:
            found[name] = once
            continue
        times = max(1, round(0.01 / once)) if rounds > 1 else 1
        runs[name] = run, times, min(rounds, max(1, int(seconds / (once * times))))
    samples = {name: [] for name in runs}
    gc.collect()
    gc.freeze()  # the peers' modules are no burden to the collector of anyone
    for r in range(rounds):
        for name, (run, times, share) in runs.items():
            if r < share:
                gc.collect()
                samples[name].append(timed(run, times))
    gc.unfreeze()
    hand = samples.get(HAND) or [1.0] * rounds
    for name in samples:
        found[name] = median(hand) * median(t / h for t, h in zip(samples[name], hand, strict=False))
    return {name: found[name] for name in case.contestants}


def duration(seconds):
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def table(title, cases, quick=False):
    """Race all cases and write the table in Markdown: ratios to the time by hand."""
    columns, names = [], []
    for case in cases:
        print(f"{title}: {case.label}", file=sys.stderr, flush=True)
        times = race(case, *((1,) if quick else ()))
        columns.append((case, times, _verdict(case, times)))
        names += [name for name in times if name not in names]
    rows = [["", *(case.label for case, *_ in columns)]]
    for name in names:
        rows.append([f"**{name}**" if name == OURS else name, *(_cell(name, case, t) for case, t, _ in columns)])
    rows.append(["to reach", *(_aim(case) for case, *_ in columns)])
    rows.append(["adcourse is", *(verdict for *_, verdict in columns)])
    rows.insert(1, ["---", *["---:"] * len(columns)])
    return f"### {title}\n\n" + "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def _aim(case):
    if case.faster:
        name, times = case.faster
        return f"{times:g} times faster than {name}" if times > 1 else f"faster than {name}"
    return f"{case.reach:g}" if case.reach else "—"


def _cell(name, case, times):
    t = times.get(name, "—")
    if isinstance(t, str):
        return t
    if name == HAND or isinstance(times[HAND], str):
        return duration(t / case.unit) + (" an operation" if case.unit > 1 else "")
    return f"**{t / times[HAND]:.3g}**" if name == OURS else f"{t / times[HAND]:.3g}"


def _verdict(case, times):
    """Whether the aim is reached, and who is ahead of us. Compiled programs are shown, and left out here."""
    ours = times[OURS]
    if isinstance(ours, str):
        return "—"
    said = []
    if case.reach and ours > case.reach * times[HAND]:
        said.append(f"{100 * (ours / times[HAND] / case.reach - 1):.0f} % above the aim")
    known = {k: t for k, t in times.items() if not isinstance(t, str)}
    if case.faster and (rival := case.faster[0]) in known:
        said.append(f"{known[rival] / ours:.2g} times faster than {rival}")
    own = lambda name: name in (HAND, VALUE) or name.startswith(OURS)
    peers = {k: t for k, t in known.items() if not own(k) and not k.endswith(", compiled")}
    behind = [f"{k} ({ours / t:.2g} times)" for k, t in peers.items() if t < ours]
    said.append("behind " + ", ".join(behind) if behind else "ahead of all" if peers else "alone")
    return "; ".join(said)
