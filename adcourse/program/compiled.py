"""A recorded program as a Python function."""

import numpy as np

from . import idioms, phrases  # noqa: F401  (they join the Writer's tables)
from .blocks import Buffers, arranged
from .machine import Elsewhere, Machine, Singular
from .recorder import traceable


class Compiled:
    """A recording that can be run, on the leaves of arguments or, where these are ``flat``, on the arguments.

    ``source`` is the text of what runs, ``steps`` the number of steps.
    """

    def __init__(self, program, leaves, wanted, flat, captured):
        self.flat, self.captured = flat, captured
        order = arranged(program.steps)
        program.steps = [s for some in order for s in (some if type(some) is list else [some])]
        self.steps = len(program.steps)
        self.source, bound = self.written(program, order, leaves, wanted)
        exec(compile(self.source, "<replayed program>", "exec"), bound)
        self.body = bound["program"]

    def run(self, leaves):
        """The result for these leaves of the arguments."""
        return self.body(*(leaves if self.flat else filter(traceable, leaves)))

    def written(self, program, order, leaves, wanted):
        """The text, and what its names mean. The program itself isn't kept: its values are as large as a tape."""
        buffers, w = Buffers(), Machine(program)
        names = [w.name(step) for step in program.inputs]
        for step in program.inputs:
            w.enter(step)
        for step in order:
            w.group(step, buffers) if type(step) is list else w.write(step)
        results = [w.leave(x, v) for x, v in zip(program.outputs, wanted, strict=True)]
        try:
            result = as_text(program.build(list(map(Text, results))))
        except NotATree:
            result = f"{w.bind('build', program.build)}([{', '.join(results)}])"
        body = [*w.lines, f"return {result}"]
        if buffers.shapes:
            w.bound["buffers"] = buffers
            names_of = "".join(f"b{k}, " for k in range(1, len(buffers.shapes) + 1))
            body = [f"taken = {names_of}= buffers.take()", *w.lines, f"result = {result}"]
            body += ["buffers.free.append(taken)", "return result"]
        if w.scalars:
            w.bound["Singular"] = Singular
            body = ["try:", *(f"    {line}" for line in body)]
            body += ["except (ArithmeticError, ValueError) as error:", "    raise Singular from error"]
        head = self.checked(w, leaves, names) if self.flat else [f"def program({', '.join(names)}):"]
        return "\n".join([*head, *(f"    {line}" for line in body)]) + "\n", w.bound

    def checked(self, w, leaves, names):
        """The function of all arguments, which first looks whether the program holds for them."""
        names, given, tests = iter(names), [], []
        for x in leaves:
            name = next(names) if traceable(x) else w.new("option")
            given.append(name)
            if isinstance(x, np.ndarray):
                tests += [f"type({name}) is not {w.function('np.ndarray', np.ndarray)}", f"{name}.shape != {x.shape}"]
                tests.append(f"{name}.dtype is not {w.bind('dtype', x.dtype)}")
                if x.ndim > 1 or not x.flags.c_contiguous:  # a program for one without gaps serves a vector with gaps
                    tests.append(f"{name}.flags.c_contiguous is not {x.flags.c_contiguous}")
                    tests.append(f"{name}.flags.f_contiguous is not {x.flags.f_contiguous}")
            elif isinstance(x, (float, np.floating)):
                tests.append(f"type({name}) is not {w.function(type(x).__name__, type(x))}")
            elif type(x) in (bool, int, str, type(None)):
                tests += [f"type({name}) is not {w.bind('kind', type(x))}", f"{name} != {x!r}"]
            else:
                tests.append(f"{name} is not {w.bind('thing', x)}")
        w.bound["Elsewhere"] = Elsewhere
        for home, key, value in self.captured.names:  # the same objects; if they are only equal, ``look`` finds out
            read = "cell_contents" if key is None else f"get({key!r})"
            tests.append(f"{w.bind('home', home)}.{read} is not {w.bind('was', value)}")
        if self.captured.arrays:
            w.bound["holds"] = self.captured.holds
            tests.append("not holds()")
        check = [f"    if {' or '.join(tests)}:", "        raise Elsewhere"] if tests else []
        return [f"def program({', '.join(given)}):", *check]


class Unrecorded:
    """What there is of a function that can't be recorded: it is run as it is."""

    source, steps, flat = "", 0, False

    def __init__(self, captured):
        self.captured = captured


class Text:
    """A piece of source in the place of a value."""

    def __init__(self, text):
        self.text = text


class NotATree(Exception):
    """A result in a container that has no literal: a named tuple, an ordered dict."""


def as_text(x):
    """A tree of pieces of source as one expression."""
    if type(x) is Text:
        return x.text
    if type(x) is tuple:
        return f"({', '.join(map(as_text, x))}{',' * (len(x) == 1)})"
    if type(x) is list:
        return f"[{', '.join(map(as_text, x))}]"
    if type(x) is dict and all(type(k) in (str, int) for k in x):
        return f"{{{', '.join(f'{k!r}: {as_text(v)}' for k, v in x.items())}}}"
    if x is None:
        return "None"
    raise NotATree
