"""Widget 5, tape and checkpoints: which states a loop keeps on its way forward, and what the way back then costs."""

from math import comb, isqrt

import traitlets

from ..core.errors import InputError
from ..core.revolve import as_count, first_part, revolve
from .axes import Axes
from .base import InteractivePicture
from .drawn import Drawing
from .settings import choice, slider

STEPS, SLOTS = 30, 6  # beyond, the time line can't be taken in
HEAD = "schedule", "kept on the way forward", "extra steps", "states at most", "runs of a step at most"
LEGEND = (
    ("rising: steps that are run", "ink"), ("triangle: a step reversed", "adjoint"), ("dashed: a kept state", "primal"),
)  # fmt: skip
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class CheckpointSchedule(InteractivePicture, module="checkpoint_schedule.js", using=("frame.js", "table.js")):
    """Place the checkpoints of a loop by hand: ``CheckpointSchedule(20, 3)``, 20 steps with room for 3 states.

    x₀ is kept; for each further place the learner says which state it takes on the way forward, and whether places that
    become free on the way back are used again, as well as can be. The picture shows the states that are kept and the
    steps that are run again over time, and goes through the schedule action by action. Where the best schedule keeps
    its first state and how few extra steps it needs is predicted first. At most 30 steps and 6 states.

    Attributes for a later cell: ``kept``; ``schedule``, a list of actions as ``adcourse.revolve`` gives it; ``extra``,
    its steps of advance; ``least``, the least number there is; ``done``, ``settings`` and ``predictions``. Raises
    InputError for counts that can't be shown. Source: Griewank and Walther, *Algorithm 799: Revolve* (2000).

    >>> picture = CheckpointSchedule(20, 3)
    >>> picture.extra, picture.least
    (190, 45)
    >>> picture.settings = {"place 2": 7, "place 3": 13}
    >>> picture.kept, picture.extra
    ([0, 7, 13], 70)
    """

    def __init__(self, n, slots):
        self.n, self.slots = as_count(n, "n", 3), as_count(slots, "slots", 2)
        if self.n > STEPS or self.slots > min(SLOTS, self.n):
            raise InputError(
                f"CheckpointSchedule was given {n} steps and room for {slots} states.",
                f"it shows at most {STEPS} steps and {SLOTS} states, and no more states than steps.",
                f"CheckpointSchedule(20, 3); adcourse.revolve({n}, {slots}) is the schedule for any numbers",
            )
        self.least = _extra(revolve(self.n, self.slots))
        ways = self._ways()
        data = {
            "title": f"Tape and checkpoints: {n} steps, room for {slots} states",
            "n": self.n, "slots": self.slots, "least": self.least, "head": HEAD, "legend": LEGEND,
            "cuts": [[first_part(m, c) if m > 1 else 0 for m in range(self.n)] for c in range(1, self.slots + 1)],
            "ways": [_row(*way) for way in ways], "asks": [self._where(ways), self._how_many(ways)],
        }  # fmt: skip
        again = choice("on the way back", {"none": "nothing more is kept", "used": "free places are used again"})
        label = "place\N{NO-BREAK SPACE}"
        places = {f"place {k}": slider(f"{label}{k}", 0, 0, self.n - 1) for k in range(2, self.slots + 1)}
        super().__init__(data, {**places, "again": again})

    @property
    def kept(self):
        """The states that are kept on the way forward, by number."""
        return sorted({0, *(int(k) for name, k in self.settings.items() if name != "again")})

    @property
    def schedule(self):
        """The actions for what is set now."""
        return self._schedule(self.kept, self.settings["again"] == "used")

    @property
    def extra(self):
        """The steps of advance that it takes."""
        return _extra(self.schedule)

    @property
    def last(self):
        """The number of the last step: of actions."""
        return len(self.schedule)

    @traitlets.observe("settings")
    def _shorter(self, change):
        if self.step:
            self.step = self.step  # within the schedule, which may have become shorter

    def _schedule(self, kept, again):
        """Forwards once, then the stretches between kept states from the last to the first, each as revolve does it."""
        actions, ends = [], [*kept[1:], self.n - 1]
        for a, b in zip(kept, ends, strict=True):
            actions += [("save", a), ("advance", a, b)] if b > a else [("save", a)]
        actions.append(("reverse", self.n - 1))
        for i, (a, b) in reversed(list(enumerate(zip(kept, ends, strict=True)))):
            part = [(what, *(a + k for k in ks)) for what, *ks in revolve(b - a, self.slots - i if again else 1)]
            actions += [("restore", a), *part[1:]] if part else []
        return actions

    def _ways(self):
        """What there is to compare with: a name, the states kept on the way forward, the schedule."""
        even = [i * self.n // self.slots for i in range(self.slots)]
        best = revolve(self.n, self.slots)
        turn = next(i for i, action in enumerate(best) if action[0] == "reverse")
        return [
            ("x₀ alone", [0], self._schedule([0], False)),
            ("evenly spaced, nothing more", even, self._schedule(even, False)),
            ("evenly spaced, places used again", even, self._schedule(even, True)),
            ("the best schedule", [action[1] for action in best[:turn] if action[0] == "save"], best),
        ]

    def _where(self, ways):
        n, s = self.n, self.slots
        least = lambda n, s: _extra(revolve(n, s))
        right = [j for j in range(1, n) if j + least(n - j, s - 1) + least(j, s) == self.least]  # without a gap
        j = ways[-1][1][1]
        even = "Evenly spaced is best only if nothing more is kept on the way back."
        root = "That is √{}: it spaces states evenly, and needs room for about {} of them."
        return {
            "name": "first", "question": "Which state after x₀ does the best schedule keep first, by its number?",
            "answer": (right[0] + right[-1]) / 2, "tolerance": (right[-1] - right[0]) / 2,
            "shown": f"{right[0]}" if len(right) == 1 else f"any from {right[0]} to {right[-1]}",
            "because": f"With {_x(j)}, what comes after it, {n - j} steps, has room for {s - 1}; what comes before, "
            f"{j}, is reversed later, with room for {s}.",
            "mistakes": [
                *([k, even] for k in (n // s, -(-n // s))),
                *([k, root.format(n, 2 * k)] for k in (isqrt(n), isqrt(n - 1) + 1)),
            ],
            "below": "Then what comes after it is too long for the room that is left.",
            "above": "Then what comes before it is too long, and all of that has to be run once more.",
        }  # fmt: skip

    def _how_many(self, ways):
        n, s = self.n, self.slots
        r = next(r for r in range(n) if comb(s + r, s) >= n)
        alone, fixed, reused = (_extra(way[-1]) for way in ways[:-1])
        return {
            "name": "least", "question": "How many extra steps does the best schedule take?",
            "answer": self.least, "shown": str(self.least), "tolerance": 0,
            "because": f"r·n − C(s + r, r − 1) = {r}·{n} − {comb(s + r, r - 1)}: with r = {r}, {comb(s + r, s)} "
            f"steps can be reversed, with {r - 1} only {comb(s + r - 1, s)}.",
            "mistakes": [
                [alone, "That is with x₀ alone: to each step from the beginning."],
                [fixed, "That is evenly spaced, with nothing more kept on the way back."],
                [reused, "That is evenly spaced, with free places used again."],
                [r * n, f"That is r·n, but not every step is run r = {r} times."],
                *([_extra(revolve(n, k)), f"That is with room for {k}; x₀ takes one of {s}."] for k in (s - 1, s + 1)),
            ],
            "below": "No schedule has so few.", "above": "There is a better one.",
        }  # fmt: skip

    def _picture(self):
        panels = []
        for k, (name, _, actions) in enumerate(self._ways()[1::2]):
            line, total = _measured(actions), _extra(actions)
            x, y = (0, total + self.n, "time, in steps"), (-0.7, self.n, "state")
            axes = Axes(f"{name}: {total} extra steps", x, y, width=440, height=320)
            for path in line["held"]:
                axes.line(path, "primal", "dashed", 1.2)
                axes.points(path[:1], "circle", "primal")
            for path in line["runs"]:
                axes.line(path, "ink", width=1.5)
            axes.points(line["reversed"], "triangle", "adjoint")
            for down, (text, role) in enumerate(LEGEND, 1):
                axes.word(text, (x[1], self.n), role, 18 * down, "end")
            panels.append(f'<g transform="translate({440 * k} 0)">{axes.drawing("").body}</g>')
        rows = [_row(*way) for way in self._ways()]
        said = "; ".join(f"{name}, {kept}: {extra} extra steps" for name, kept, extra, *_ in (rows[1], rows[-1]))
        alt = (
            f"Two time lines of the reversal of {self.n} steps with room for {self.slots} states; kept states are "
            f"dashed lines, steps that are run rise, reversed ones are triangles from the top down to 0. {said}."
        )
        return Drawing(880, 320, alt, panels)

    def _table(self):
        return f"{self.n} steps, room for {self.slots} states", HEAD, [_row(*way) for way in self._ways()]


def _x(k):
    return "x" + str(k).translate(SUBSCRIPTS)


def _extra(actions):
    return sum(to - k for what, k, *rest in actions if what == "advance" for to in rest)


def _row(name, kept, actions):
    found = _measured(actions)
    return [name, " ".join(map(_x, kept)), _extra(actions), found["most"], max(found["passes"])]


def _measured(actions):
    """The lines of a schedule over time, where a step that is run or reversed takes one unit; the most of states."""
    time, most, saved, held, runs, turned, passes = 0, 0, {}, [], [], [], [0] * STEPS
    for what, k, *to in actions:
        if what == "save":
            saved[k] = time
            most = max(most, len(saved))
        elif what == "advance":
            runs.append([(time, k), (time + to[0] - k, to[0])])
            time += to[0] - k
            for i in range(k, *to):
                passes[i] += 1
        elif what == "reverse":
            turned.append((time + 0.5, k))
            time += 1
            held += [[(saved.pop(k), k), (time, k)]] if k in saved else []
    return {"held": held, "runs": runs, "reversed": turned, "passes": passes, "most": most}
