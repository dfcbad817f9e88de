"""Binomial checkpointing: the reverse sweep of a long loop with room for few states.

x_(k+1) = step(x_k, k), k = 0, ..., n - 1. The reverse sweep needs the states from last to first. With room for s of
them, some are saved, and the others are computed again from the nearest one before. Where to save follows from one
number: beta(s, r) = C(s + r, s) is the longest loop that can be reversed so that no step is advanced over more than
r times. The r that n needs gives the least number of advances that there is, t(n, s) = r n - C(s + r, r - 1).

Source: Griewank and Walther, *Algorithm 799: Revolve* (2000); *Evaluating Derivatives* (2008), section 12.3.
"""

from math import comb
from operator import index

from .arguments import as_input, called, check_function
from .errors import InputError
from .levels import Traced, pack
from .rerun import Recomputed, Run, other_numbers, surroundings
from .tape import Var, _Parts, zeros_like
from .tree import flatten


def revolve(n, s):
    """The schedule that reverses ``n`` steps with at most ``s`` saved states, x_0 among them: a list of actions.

    * ``("save", k)``        keep the state x_k, which is the current one
    * ``("restore", k)``     make the saved x_k the current state
    * ``("advance", k, j)``  from x_k compute x_j: steps k, ..., j - 1
    * ``("reverse", k)``     record step k at the current state x_k and sweep it back; a saved x_k can be dropped now

    The steps are reversed from the last to the first, with t(n, s) = r n - C(s + r, r - 1) steps of advance, where r
    is the least number with C(s + r, s) >= n: no schedule has fewer. Raises InputError unless n >= 0 and s >= 1.
    Source: Griewank and Walther, *Algorithm 799: Revolve* (2000).

    >>> revolve(3, 2)
    [('save', 0), ('advance', 0, 1), ('save', 1), ('advance', 1, 2), ('reverse', 2), ('restore', 1), ('reverse', 1), \
('restore', 0), ('reverse', 0)]
    >>> sum(a[2] - a[1] for a in revolve(10, 3) if a[0] == "advance"), 2 * 10 - 5
    (15, 15)
    """
    n, s = as_count(n, "n", 0), as_count(s, "s", 1)
    actions, current = [("save", 0)] if n else [], 0
    todo = [(0, n, s)] if n else []  # reverse steps a, ..., b - 1 with room for c states, of which x_a is one
    while todo:
        a, b, c = todo.pop()
        if current != a:
            actions.append(("restore", a))
        if b - a == 1:
            actions.append(("reverse", a))
            current = None
        elif c == 1:  # no room for more: to each step from x_a
            actions += [("advance", a, b - 1), ("reverse", b - 1)]
            current = None
            todo.append((a, b - 1, 1))
        else:
            j = a + first_part(b - a, c)
            actions += [("advance", a, j), ("save", j)]
            current = j
            todo += [(a, j, c), (j, b, c - 1)]
    return actions


def first_part(n, s):
    """How many steps to advance before the next state is saved, of ``n`` that are to be reversed with ``s`` states."""
    r = 0
    while comb(s + r, s) < n:
        r += 1
    return max(1, comb(s + r - 2, s) if r > 1 else 0, n - comb(s - 1 + r, s - 1))


def as_count(n, name, least):
    if isinstance(n, bool) or not hasattr(n, "__index__") or n < least:
        raise InputError(
            f"{name} is {n!r}.",
            "steps are counted 0, 1, 2, ..., and the state from which the loop starts takes one place.",
            f"an integer, {name} >= {least}",
        )
    return index(n)


def checkpointed_loop(step, x0, n, *params, states):
    """The state x_n of the loop x_(k+1) = step(x_k, k, *params), of which no more than ``states`` states are kept.

    The value is that of the plain loop. The tape gets one row for all n steps. Its reverse sweep keeps at most
    ``states`` states, x_0 among them, and the record of one step; it runs steps again, as few as possible: t(n, s)
    beside the n that are recorded (see ``revolve``). A second sweep of the same record (``jacobian``, a pullback
    that is called again) needs n more. States are numbers, arrays or trees of them. Differentiable by x_0, by
    ``params`` (any trees) and by what ``step`` closes over, in every mode; reverse over reverse works but saves no
    memory, ``hvp`` does.

    ``step`` must do the same each time it runs. Raises as ``checkpoint`` does, and InputError for impossible counts.
    Source: Griewank and Walther, *Algorithm 799: Revolve* (2000).

    >>> import numpy as np
    >>> from adcourse import grad
    >>> logistic = lambda x, k, r: r * x * (1 - x)
    >>> f = lambda r: checkpointed_loop(logistic, 0.3, 50, r, states=4)
    >>> def plain(r):
    ...     x = 0.3
    ...     for k in range(50):
    ...         x = logistic(x, k, r)
    ...     return x
    >>> grad(f)(2.9) == grad(plain)(2.9)
    True
    """
    check_function(step, "checkpointed_loop(f, x0, n, states=s)")
    n, states, outer = as_count(n, "n", 0), as_count(states, "states", 1), surroundings()
    if not outer:
        for k in range(n):
            x0 = step(x0, k, *params)
        return x0
    return Loop(outer, step, x0, n, params, states).start() if n else x0


class State:
    """A state of the loop: the leaves of its tree. Those that the step computed are values below the tapes around."""

    __slots__ = ("build", "leaves", "places")

    def __init__(self, leaves, build, places=None):
        self.leaves, self.build, self.places = leaves, build, places or {}

    def numbers(self):
        """The positions of the leaves that have a derivative."""
        return [i for i, x in enumerate(self.leaves) if _is_real(x)]


def _is_real(x):
    return isinstance(x, (float, Traced)) or getattr(getattr(x, "dtype", None), "kind", "O") == "f"


class Loop(Recomputed):
    """The row of a loop."""

    exact = True  # whether the steps that are swept start from the very same states

    def __init__(self, outer, step, x0, n, params, states):
        super().__init__(step, f"loop {called(step)}", outer)
        self.step, self.n, self.params, self.states = step, n, params, states
        leaves, build = flatten(x0)
        self.x0 = State(list(map(pack, leaves)), build)
        self.saved = self.last = None  # what the first run leaves for the first sweep
        self.prints = [0, 0]  # sums over all steps; see noted

    def held(self):
        states = [x.leaves for x in (self.saved or {}).values()]
        return states + [row[2:] for row in (self.last[0].tape.rows if self.last else ()) if row[0] is not None]

    # ------------------------------------------------------------------ running steps
    def run(self, function, k, x, primals, own=False):
        """One step, or its inverse: the run, the rows of the state that went in, the state that came out, its rows."""
        outer = self.outer if primals is None else self.above(primals)
        with Run(outer, self.inputs, primals, own) as run:
            if primals is not None:
                run.fill()
            given = list(x.leaves)
            for i in x.numbers():
                given[i] = run.input(x.places[i]) if i in x.places else run.tape.input(as_input(given[i], "A state"))
            entered = {i: given[i].index for i in x.numbers()}
            run.meet(flatten(self.params)[0])
            leaves, build = flatten(function(x.build(given), k, *self.params))
            leaves = list(map(pack, leaves))
            run.meet(leaves)
            if any(isinstance(y, Traced) and y.pair for y in leaves):
                raise InputError(
                    f"{called(function)} returned a complex state.",
                    "the states of a loop are kept and swept as real numbers and arrays.",
                    "the pair (z.real, z.imag) as the state, and z = re + 1j * im inside the step",
                )
            left = {i: y.index for i, y in enumerate(leaves) if type(y) is Var and y.level is run.tape}
            y = State([run.value(y) if i in left else y for i, y in enumerate(leaves)], build)
        return run, entered, y, left

    def advance(self, x, k, j, primals):
        """From x_k to x_j."""
        for i in range(k, j):
            run, _, x, _ = self.run(self.step, i, x, primals)
            run.end()
        return x

    def initial(self, primals):
        """x_0, with these values of the operands."""
        if primals is None:
            return self.x0
        leaves = [primals[self.x0.places[i]] if i in self.x0.places else x for i, x in enumerate(self.x0.leaves)]
        return State(leaves, self.x0.build, self.x0.places)

    # ------------------------------------------------------------------ value
    def start(self):
        """The results of the first run."""
        for i, x in enumerate(self.x0.leaves):
            if type(x) is Var and x.level in self.outer:
                if self.inputs.place(x) is None:
                    self.inputs.add(x)
                self.x0.places[i] = self.inputs.place(x)
        x, left = self.first_run()
        self.final = x, sorted(left)
        found = dict(zip(self.final[1], self.apply([x.leaves[i] for i in self.final[1]]) if left else (), strict=True))
        return x.build([found.get(i, y) for i, y in enumerate(x.leaves)])

    def first_run(self):
        """Forwards to x_n, saving the states that the schedule begins with; the record of the last step is kept."""
        self.saved, x = {}, self.x0
        for action, k, *to in revolve(self.n, self.states):
            if action == "save":
                self.saved[k] = x
            elif action == "advance":
                for i in range(k, *to):
                    x = self.noted(self.run(self.step, i, x, None), self.prints)
            else:  # the last step
                break
        self.last = self.run(self.step, self.n - 1, x, None, own=True)
        return self.noted(self.last, self.prints, end=False), self.last[3]

    def noted(self, step, prints, end=True):
        """Add what tells this step from another to ``prints``; the state that it leads to."""
        run, _, y, left = step
        for i, value in enumerate(run.fingerprint([y.leaves[i] for i in left])):
            prints[i] += value
        if end:
            run.end()
        else:
            run.tape.release()
        return y

    def again(self, operands):
        x = self.advance(self.initial(operands), 0, self.n, operands)
        return self.bundle([x.leaves[i] for i in self.final[1]])

    # ------------------------------------------------------------------ derivative
    def backwards(self, z, primals):
        """The steps from the last to the first, each with its record: (k, run, rows in, state out, rows out)."""
        saved, last, x = {}, None, self.initial(primals)
        actions = iter(revolve(self.n, self.states))
        if self.last is not None and self.above(primals) == self.outer:
            saved, last = self.saved, self.last
            self.saved = self.last = None
            for action in actions:
                if action[0] == "reverse":
                    yield self.n - 1, *last
                    break
        for action, k, *to in actions:
            if action == "save":
                saved[k] = x
            elif action == "restore":
                x = saved[k]
            elif action == "advance":
                x = self.advance(x, k, *to, primals)
            else:
                step = self.run(self.step, k, x, primals)
                saved.pop(k, None)
                yield k, *step

    def sweep(self, gs, z, primals, parents, have):
        g, prints = dict(zip(self.final[1], gs, strict=True)), [0, 0]
        for k, run, entered, y, left in self.backwards(z, primals):
            try:
                seeds = {}
                for i, row in left.items():
                    c = g.get(i)
                    c = c.total() if type(c) is _Parts else c
                    if c is not None:
                        seeds[row] = c if row not in seeds else seeds[row] + c
                if self.exact:
                    self.noted((run, entered, y, left), prints, end=False)
                have, found = run.swept(seeds, have)
            finally:
                run.end()
            g = {i: found[row] for i, row in entered.items()} if k else {}
        same = prints[1] == self.prints[1] and (self.above(primals) != self.outer or prints[0] == self.prints[0])
        if self.exact and not same:
            raise other_numbers("computed other numbers than the first time.")
        return have

    def pushforward(self, z, primals, tangents, static):
        x, t = self.initial(primals), {}
        for k in range(self.n):
            run, entered, x, left = self.run(self.step, k, x, primals)
            given = {run.mine[i].index: c for i, c in enumerate(tangents) if c is not None and i in run.mine}
            if k:
                given |= {row: t[i] for i, row in entered.items() if t.get(i) is not None}
            found = run.tape.push(given)
            t = {i: found[row] for i, row in left.items()}
            run.end()
        return self.bundle([zeros_like(x.leaves[i]) if t[i] is None else t[i] for i in self.final[1]])
