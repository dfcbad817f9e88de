"""A program, run where ``adcourse.grading.problems`` can't be imported, as in the sandbox: opens the packed questions
on its input, goes through all that they refer to, and prints the names that it meets and the numbers."""

import gc
import json
import pickle
import sys
import types

import numpy as np


def of_a_library(thing) -> bool:
    """Whether it came by its name alone, from a module that is there without the course's problems."""
    module = sys.modules.get(getattr(thing, "__module__", None) or "")
    return isinstance(thing, (type, types.FunctionType)) and hasattr(module, thing.__name__)


def main():
    sys.modules["adcourse.grading.problems"] = None
    names, numbers, seen, todo = set(), set(), {}, [pickle.loads(sys.stdin.buffer.read())]
    while todo:
        thing = todo.pop()
        if id(thing) in seen or isinstance(thing, types.ModuleType) or of_a_library(thing):
            continue
        seen[id(thing)] = thing
        names |= {type(thing).__name__, str(getattr(thing, "__name__", ""))}
        if isinstance(thing, np.ndarray):
            todo += thing.ravel().tolist()
        elif isinstance(thing, (float, complex, np.inexact)):
            numbers.add(complex(thing))
        elif isinstance(thing, types.FunctionType):
            todo += [thing.__code__, thing.__closure__, thing.__defaults__, thing.__kwdefaults__, thing.__dict__]
            todo += [value for name, value in thing.__globals__.items() if name not in ("__builtins__", "__name__")]
        elif isinstance(thing, types.CodeType):
            todo += thing.co_consts
        elif not isinstance(thing, (str, bytes, int)):
            todo += gc.get_referents(thing)
    print(json.dumps([sorted(names), [[number.real, number.imag] for number in numbers]]))


if __name__ == "__main__":
    main()
