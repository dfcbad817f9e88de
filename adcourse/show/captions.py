"""The words of a graph: what stands in its boxes and at its arrows, below the picture, and in its alternative text."""

from collections import Counter

from . import words
from .boxes import Box, arrows, partials

LONGEST = 26  # letters of an operation that are drawn; the table has the rest
FORMULA = 40  # letters of a formula that several rows make up, or of a line of the program
LINES = 4  # lines of the program that stand in a box
LIMIT = 200  # boxes that are drawn; beyond, a picture can't be read
SENTENCES = 4  # boxes of several rows that the alternative text tells of
LISTED = 24  # rows that the alternative text tells one by one
BINDING = {
    "add": 1, "subtract": 1, "multiply": 2, "divide": 2, "matmul": 2, "remainder": 2, "floor_divide": 2,
    "negative": 3, "positive": 3, "power": 4, "getitem": 6, "transpose": 6, "setitem": 0, "put": 0,
}  # fmt: skip  # how tightly an operation holds together; comparisons 0, calls 5


def short(x):
    """A value as it stands in a box: four digits, of an array three entries at most."""
    return words.value(x, 4 if not words.shape(x) else 3, whole=words.FEW)


def cut(text, letters=LONGEST):
    return text if len(text) <= letters else text[: letters - 1] + "…"


def count(n, word):
    return f"{n} {word}{'' if n == 1 else 's'}"


def listed(names, most=6):
    """``x, y and z``; of many the first ones, and how many more."""
    names = list(names)
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    return " and ".join([*([", ".join(names[:-1])] if names[1:] else []), *names[-1:]])


def operations(rows, box):
    """How often each operation occurs: ``8 multiply, 6 add and 2 sin``."""
    found = Counter(rows.rows[i].rule.name for i in box.rows if rows.rows[i].rule is not None)
    return listed([f"{n} {name}" for name, n in found.most_common()], 5)


def formula(rows, box, i):
    """A box with the result ``i`` as one equation, its other rows put in; None if one is read twice, or it gets long.

    ``v3 = 4 * x * (1 - x)`` for the rows ``v1 = 4 * x``, ``v2 = 1 - x``, ``v3 = v1 * v2``.
    """
    text, put_in = {}, 1
    for j in range(box.start, i + 1):
        row = rows.rows[j]

        def operand(p, row=row):
            if p not in text or len(rows.uses[p]) != 1 or p in rows.outputs:
                return rows.rows[p].name
            nonlocal put_in
            put_in += 1
            held, by = _binding(rows.rows[p]), _binding(row)
            left = held == by in (1, 2) and row.parents[0] == p
            return text[p] if held > by or left or by == 5 or held == by == 6 else f"({text[p]})"

        if row.rule is None or len(made := words.operation(row, operand, digits=4)) > FORMULA:
            return None
        text[j] = made
    return f"{rows.rows[i].name} = {text[i]}" if put_in == len(box.rows) else None


def _binding(row):
    name = row.rule.name
    return BINDING.get(name, 0 if name in words.INFIX else 5)


class Captions:
    """The words for the boxes of a graph.

    ``columns``: which columns of the trace ``table`` stand in them. ``around``: the row in focus, and its reach.
    """

    def __init__(self, table, rows, boxes, columns, around=None):
        self.around = around or ()
        self.table, self.rows, self.boxes, self.columns = table, rows, boxes, columns
        self.arrows = arrows(rows, boxes)

    def name(self, i):
        return self.rows.rows[i].name

    # ------------------------------------------------------------------ in the picture
    def lines(self, box):
        """The lines of text in a box, each with its class."""
        if box.single:
            row = self.rows.rows[box.start]
            yield "op", cut(words.equation(row, self.name, digits=4))
            results = [box.start]
            yield "value", short(row.value)
            yield from self._columns(box.start)
            return
        yield from (("op" if k == 0 else "formula", line) for k, line in enumerate(self.heading(box)))
        results = self.rows.gives(box)
        if self.rows.rows[box.start].rule is None or len(results) > 2:
            results = []
        for i in results:
            yield "value", f"{self.name(i)} = {short(self.rows.rows[i].value)}"
            yield from self._columns(i)

    def _columns(self, i):
        for kind in self.columns:
            yield kind, f"{kind} {short(getattr(self.table, f'{kind}s')[i])}"

    def heading(self, box):
        """What a box of several rows holds, in one to four lines."""
        first, last = self.name(box.start), self.name(box.stop - 1)
        if self.rows.rows[box.start].rule is None:
            return [count(len(box.rows), "input"), f"{first} … {last}"]
        if box.times == 1:
            results = self.rows.gives(box)
            whole = formula(self.rows, box, results[0]) if len(results) == 1 else None
            return [f"{count(len(box.rows), 'row')}, {first} … {last}", *([whole] if whole else self._program(box))]
        period = len(box.rows) // box.times
        ends = [box._replace(stop=box.start + period), box._replace(start=box.stop - period)]
        told = [[formula(self.rows, end, i) for i in self.rows.gives(end)] for end in ends]
        title = f"{box.times} × {'the same step' if period > 1 else self.rows.rows[box.start].rule.name}"
        if len(told[0]) == len(told[1]) == 1 and told[0][0] and told[1][0]:
            return [title, told[0][0], "⋮", told[1][0]]
        return [title, *(self._program(ends[0]) if period > 1 else []), f"{first} … {last}"]

    def _program(self, box):
        """The lines of the program that the rows of a box come from, or, of many, how often each operation occurs."""
        found = list(dict.fromkeys(self.rows.tape.line(i) for i in box.rows))
        told = None not in found and len(found) <= LINES and all(len(line) <= FORMULA for line in found)
        return found if told else [operations(self.rows, box)]

    def label(self, arrow):
        """The local partial at an arrow; of an array the shape alone; None where boxes hand on several values."""
        if arrow.use:
            _, i, k = arrow.use
            text, local = words.partial(self.rows.tape, i, k, digits=4), self.rows.tape.partials(i)[k]
            return text if len(text) <= LONGEST / 2 or local is None else f"shape {words.shape(local)}"
        if len(arrow.sources) > 1:
            return None
        found = partials(self.rows, self.boxes[arrow.head])
        if found is None or (size := words.shape(found[arrow.sources[0]])):
            return None if found is None else f"shape {size}"
        return words.value(found[arrow.sources[0]], 4)

    def note(self):
        """What the picture leaves out, and the line that shows it; empty where nothing is left out."""
        hidden = [box for box in self.boxes if not box.single]
        if not hidden:
            return ""
        inside = max(hidden, key=lambda box: (self.rows.rows[box.start].rule is not None, len(box.rows)))
        text = (
            f"A double frame stands for several rows, here for {sum(len(box.rows) for box in hidden)}. To look inside: "
        )
        text += f"graph(tape, focus={self.name(inside.start + len(inside.rows) // 2)!r}). "
        return text + ("Every row: graph(tape, group=False)." if len(self.rows) <= LIMIT else "Every row: print(tape).")

    # ------------------------------------------------------------------ in words
    def alt(self):
        """The graph in words: all that a small one says; of a large one its make-up, repeats, results and adjoints."""
        rows, inputs = self.rows.rows, self.table.tape.inputs
        text = (
            f"Computational graph with {count(len(inputs), 'input')} and {count(len(rows) - len(inputs), 'operation')}"
        )
        value = lambda i: f"{self.name(i)} = {words.value(rows[i].value)}"
        if len(rows) <= LISTED:
            told = (f"{words.equation(row, self.name)} = {words.value(row.value)}" for row in rows)
            marks = (" (output)" if row.index in self.rows.outputs else "" for row in rows)
            text += f". {'; '.join(map(''.join, zip(told, marks, strict=True)))}."
        else:
            text += f": {operations(self.rows, Box(0, len(rows)))}. "
            text += f"The longest chain has {count(self._depth(), 'operation')}. "
            if self.around:
                text += f"Shown around {self.name(self.around[0])}. "
            groups = sorted((box for box in self.boxes if not box.single), key=lambda box: -len(box.rows))
            text += "".join(f"{self._group(box)}. " for box in groups[:SENTENCES])
            if len(groups) > SENTENCES:
                text += f"{len(groups) - SENTENCES} smaller stretches are drawn as one box each. "
            results = [value(i) for i in sorted(self.rows.outputs)]
            text += f"At {listed(map(value, inputs))} " if inputs else ""
            text += f"{'the result is' if len(results) == 1 else 'the results are'} {listed(results) or 'constant'}."
        if self.table.adjoints is not None:
            found = [f"{self.name(i)} {words.value(self.table.adjoints[i])}" for i in inputs]
            text += f" Adjoints of the inputs: {', '.join(found[:12])}{', …' * (len(found) > 12)}."
        return text

    def _depth(self):
        """How many operations the longest chain has."""
        depth = []
        for row in self.rows.rows:
            depth.append((row.rule is not None) + max((depth[p] for p in row.parents if p is not None), default=0))
        return max(depth, default=0)

    def _group(self, box):
        """A box of several rows as a sentence."""
        who = f"{self.name(box.start)} to {self.name(box.stop - 1)}"
        if self.rows.rows[box.start].rule is None:
            return f"{who} are {count(len(box.rows), 'input')}"
        if box.times == 1:
            return f"{who} are {operations(self.rows, box)}, drawn as one box"
        first = box._replace(stop=box.start + len(box.rows) // box.times)
        gives = self.rows.gives(first)
        whole = formula(self.rows, first, gives[0]) if len(gives) == 1 else None
        return f"{who} are {box.times} times the same step, {whole or operations(self.rows, first)}, drawn as one box"
