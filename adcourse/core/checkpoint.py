"""checkpoint: forget what a function computed, and compute it again when the reverse sweep needs it.

The tape keeps what the derivative will read, so memory grows with the length of the program. A checkpointed function
leaves one row, and runs again when the reverse sweep comes to it (rerun.py). m stages of one size then need m inputs
and the tape of one stage.

Source: Griewank and Walther, *Evaluating Derivatives* (2008), section 12.1; ``jax.checkpoint``.
"""

from functools import wraps

from .arguments import called, check_function
from .inplace import argument
from .levels import Traced, pack
from .rerun import Recomputed, Run, other_numbers, surroundings
from .tape import zeros_like
from .tree import flatten


def checkpoint(f):
    """``f`` as a function that isn't recorded: its reverse sweep runs it again. Values and gradients stay the same.

    Only the inputs of each call are kept, and while it is swept the tape of that one call. The price is a second run
    of ``f``. Arguments and results may be numbers, arrays and tuples, lists and dicts of them, with whatever else;
    traced values that ``f`` closes over are inputs too. Calls may be nested. Forward modes run ``f`` as it is; in
    reverse over reverse (``grad(grad(f))``, ``hessian``) the outer tape records the inner sweep, and the second run
    with it, so memory is saved by ``hvp`` but not there.

    ``f`` must do the same each time it runs. Raises RecomputationError when the second run computes other numbers
    (random ones, an array changed in between), MutationError when ``f`` writes to an array that it was given.
    Source: Griewank and Walther (2008), section 12.1; ``jax.checkpoint``, also called ``jax.remat``.

    >>> import numpy as np
    >>> from adcourse import grad, record
    >>> layer = checkpoint(lambda x, w: np.tanh(w * x) ** 2)
    >>> def f(x):
    ...     for w in (0.5, 0.8):
    ...         x = layer(x, w)
    ...     return x
    >>> len(record(f, 2.0)), grad(f)(2.0) == grad(lambda x: np.tanh(0.8 * np.tanh(0.5 * x) ** 2) ** 2)(2.0)
    (3, True)
    """
    check_function(f, "checkpoint")

    @wraps(f, updated=())
    def unrecorded(*args, **kwargs):
        outer = surroundings()
        if not outer:
            return f(*args, **kwargs)
        return Checkpoint(f, outer, lambda: f(*args, **kwargs)).start(flatten((args, kwargs))[0])

    return unrecorded


class Checkpoint(Recomputed):
    """The row of a checkpointed call."""

    def __init__(self, f, outer, program):
        super().__init__(f, f"checkpoint {called(f)}", outer)
        self.program = program

    def start(self, arguments):
        """The results of the first run."""
        with Run(self.outer, self.inputs) as run:
            run.meet(arguments)
            leaves, build = flatten(self.program())
            leaves = list(map(pack, leaves))
            results = run.taken(_parts(leaves))
            given = {id(box) for box, *_ in run.changed}
            shared = {id(y) for y in results if id(_owner(y)) in given}
        if not results:
            run.end()
            return build(leaves)
        values = list(map(run.value, results))
        self.prints = run.fingerprint(values)
        run.end()
        found = dict(zip(map(id, results), self.apply(values), strict=True))
        for key in shared:  # a view of an input: a write to it would have to reach the input
            argument(found[key])
        mine = lambda y: found.get(id(y), y)
        return build([type(y)(mine(y.real), mine(y.imag)) if _is_pair(y) else mine(y) for y in leaves])

    def recorded(self, primals, parents=None):
        """The program run again: its run, still holding the record, and the results."""
        with Run(self.above(primals), self.inputs, primals) as run:
            run.fill(parents)
            results = run.taken(_parts(list(map(pack, flatten(self.program())[0]))))
        now, before = run.fingerprint(list(map(run.value, results))), self.prints
        if now[1] != before[1] or (run.outer == self.outer and now[0] != before[0]):
            run.end()
            raise other_numbers("computed other numbers than the first time.")
        return run, results

    def again(self, operands):
        run, results = self.recorded(operands)
        run.end()
        return self.bundle(list(map(run.value, results)))

    def sweep(self, gs, z, primals, parents, have):
        """The adjoints of the operands: what they ``have``, and what comes to it."""
        run, results = self.recorded(primals, parents)
        try:
            seeds = {y.index: g for y, g in zip(results, gs, strict=True) if g is not None}
            return run.swept(seeds, have)[0]
        finally:
            run.end()

    def pushforward(self, z, primals, tangents, static):
        run, results = self.recorded(primals)
        try:
            found = run.tape.push({run.mine[k].index: t for k, t in enumerate(tangents) if t is not None})
            found = [found[y.index] for y in results]
            return self.bundle([zeros_like(y.value) if t is None else t for t, y in zip(found, results, strict=True)])
        finally:
            run.end()


def _is_pair(y):
    return isinstance(y, Traced) and y.pair


def _parts(leaves):
    """The same with complex numbers as two."""
    return [part for y in leaves for part in ((y.real, y.imag) if _is_pair(y) else (y,))]


def _owner(box):
    """The array whose memory a view shares."""
    while type(getattr(box, "_base", None)) is tuple:
        box = box._base[0]
    return box
