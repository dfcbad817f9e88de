"""What every work shares: the contestants' ways to a gradient, a race between them, and the table of its result."""

import gc
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from statistics import median
from typing import NamedTuple

import numpy as np

import adcourse

HAND, OURS = "by hand", "adcourse"


def peer(name):
    """A module, or None where it isn't installed."""
    try:
        module = import_module(name)
    except ImportError:
        return None
    if name == "torch":
        module.set_num_threads(1)
    if name == "jax":
        module.config.update("jax_enable_x64", True)
        module.config.update("jax_cpu_enable_async_dispatch", False)
    return module


# ------------------------------------------------------------------ value and gradient of f(*args, *constants, np=...)


def by_adcourse(f, args, constants=()):
    both = adcourse.value_and_grad(f, 0 if len(args) == 1 else tuple(range(len(args))))
    return lambda: both(*args, *constants)


def by_autograd(f, args, constants=()):
    if not (autograd := peer("autograd")):
        return None
    argnums = 0 if len(args) == 1 else tuple(range(len(args)))
    both = autograd.value_and_grad(partial(f, np=peer("autograd.numpy")), argnums)
    return lambda: both(*args, *constants)


def by_torch(f, args, constants=()):
    if not (torch := peer("torch")):
        return None
    args, constants = ([torch.from_numpy(np.array(a)) for a in xs] for xs in (args, constants))

    def run():
        xs = [a.detach().requires_grad_() for a in args]
        y = f(*xs, *constants, np=torch)
        return y, torch.autograd.grad(y, xs)

    return run


def by_jax(f, args, constants=(), jit=False):
    """Eager, or compiled: compiling isn't part of the time."""
    if not (jax := peer("jax")):
        return None
    args, constants = ([jax.numpy.asarray(a) for a in xs] for xs in (args, constants))
    argnums = 0 if len(args) == 1 else tuple(range(len(args)))
    both = jax.value_and_grad(partial(f, np=jax.numpy), argnums)
    both = jax.jit(both).lower(*args, *constants).compile() if jit else both
    return lambda: jax.block_until_ready(both(*args, *constants))


WAYS = {
    OURS: by_adcourse,
    "autograd": by_autograd,
    "torch": by_torch,
    "jax": by_jax,
    "jax, compiled": partial(by_jax, jit=True),
}


def numbers(result):
    """All numbers of a result, one after the other, whatever they came in."""
    if isinstance(result, (tuple, list)):
        return np.concatenate([numbers(r) for r in result]) if result else np.zeros(0)
    return np.ravel(np.asarray(result.detach() if hasattr(result, "detach") else result)).astype(float)


class Case(NamedTuple):
    """One column of a table. A contestant is called without arguments and returns value and gradient (or None)."""

    label: str
    contestants: dict[str, Callable | None]  # None: not installed
    reach: float | None = None  # how many times the time by hand is aimed at
    unit: int = 1  # how many operations one call does, for a time per operation
    compare: Callable = numbers  # what of the result all contestants agree on


# ------------------------------------------------------------------ the race


def timed(run, times):
    start = time.process_time()
    for _ in range(times):
        run()
    return (time.process_time() - start) / times


def race(case, rounds=15, seconds=1.5):
    """The median processor time of each contestant, or why it has none: {name: seconds or text}.

    Rounds go through all contestants in turn, so that what else the machine does meets all alike. A sample repeats
    short calls to 10 ms; a slow contestant runs in fewer rounds, so that its samples take about ``seconds``.
    """
    found, runs = {}, {}
    np.empty(4_000_000)  # malloc has seen a large array: from now on it keeps freed memory at hand
    for name, run in case.contestants.items():
        if run is None:
            found[name] = "not installed"
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
    return {name: found[name] if name in found else median(samples[name]) for name in case.contestants}


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
    rows.append(["to reach", *(f"{case.reach:g}" if case.reach else "—" for case, *_ in columns)])
    rows.append(["adcourse is", *(verdict for *_, verdict in columns)])
    rows.insert(1, ["---", *["---:"] * len(columns)])
    return f"### {title}\n\n" + "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


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
    peers = {k: t for k, t in times.items() if k not in (HAND, OURS, "jax, compiled") and not isinstance(t, str)}
    behind = [f"{k} ({ours / t:.2g} times)" for k, t in peers.items() if t < ours]
    said.append("behind " + ", ".join(behind) if behind else "ahead of all" if peers else "alone")
    return "; ".join(said)
