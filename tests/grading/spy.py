"""Run where there are no problems: all that can be reached from packed questions, and all that they do when asked."""

from __future__ import annotations

import functools
import json
import pickle
import sys
import types

OURS = "adcourse.grading.problems"
LEAVES = (str, bytes, bool, type(None), types.ModuleType, types.BuiltinFunctionType, types.GetSetDescriptorType)


class Reached:
    """Everything that references lead to, code and numbers; what can be imported is no secret and not entered."""

    def __init__(self, *roots, through_globals=True):
        self._through_globals = through_globals
        self.codes, self.numbers, self._seen, todo = {}, [], {}, list(roots)
        while todo:
            thing = todo.pop()
            if id(thing) not in self._seen:
                self._seen[id(thing)] = thing
                todo += self._from(thing)

    def _from(self, thing):
        import numpy as np

        if isinstance(thing, types.CodeType):
            self.codes[thing.co_qualname, thing.co_firstlineno] = thing
            return thing.co_consts
        if isinstance(thing, LEAVES):
            return ()
        if isinstance(thing, (int, float, complex, np.number)):
            self.numbers.append(complex(thing))
            return ()
        if isinstance(thing, np.ndarray):
            return thing.ravel().tolist()
        if isinstance(thing, dict):
            return (*thing, *thing.values())
        if isinstance(thing, (list, tuple, set, frozenset)):
            return tuple(thing)
        if isinstance(thing, types.FunctionType):
            if not thing.__module__.startswith(OURS):
                return ()
            cells = [cell.cell_contents for cell in thing.__closure__ or ()]
            own = (thing.__code__, thing.__defaults__, thing.__kwdefaults__, thing.__dict__)
            return (*own, *cells, thing.__globals__ if self._through_globals else None)
        if isinstance(thing, types.MethodType):
            return (thing.__self__, thing.__func__)
        if isinstance(thing, functools.partial):
            return (thing.func, thing.args, thing.keywords)
        if isinstance(thing, type):
            return (*vars(thing).values(), *thing.__mro__) if thing.__module__.startswith(OURS) else ()
        if isinstance(thing, (staticmethod, classmethod)):
            return (thing.__func__,)
        if isinstance(thing, property):
            return (thing.fget, thing.fset, thing.fdel)
        held = [getattr(thing, "__dict__", {})]
        held += [getattr(thing, slot, None) for c in type(thing).__mro__ for slot in getattr(c, "__slots__", ())]
        return (type(thing), *held)


class Watch:
    """What runs while it is on, and the numbers in the local variables and results of our own code."""

    def __init__(self):
        self.executed, self.held = set(), []

    def __call__(self, frame, event, arg):
        if event not in ("call", "return") or not frame.f_globals.get("__name__", "").startswith(OURS):
            return
        self.executed.add((frame.f_code.co_qualname, frame.f_code.co_firstlineno))
        if event == "return":
            self.held.append([arg, *frame.f_locals.values()])


def main():
    sys.modules[OURS] = None
    import math

    import numpy as np

    from adcourse.grading import Node, asking
    from adcourse.grading.plain import Plain

    asking.REMOTE = lambda place, args: Plain((), (0.0,))
    code, name, blob = json.loads(sys.stdin.read())
    questions, space = pickle.loads(bytes.fromhex(blob)), {"np": np, "math": math, "Node": Node}
    exec(code, space)
    reached, right = Reached(questions), Watch()
    with asking.quiet(False):
        for question in questions:
            sys.setprofile(right)
            asking.ask(question, space[name])
            sys.setprofile(None)
    found = []
    for question in questions:
        given, watch = [], Watch()

        def nothing(*args, given=given):
            given.append(args)

        with asking.quiet(False):
            sys.setprofile(watch)
            asking.ask(question, nothing)
            sys.setprofile(None)
        told = {repr(n) for n in Reached(given).numbers}
        held = [*Reached(question).numbers, *Reached(watch.held).numbers]
        found.append([[n.real, n.imag] for n in held if repr(n) not in told])
    print(json.dumps([sorted(reached.codes), sorted(right.executed), found]))


if __name__ == "__main__":
    main()
