# The tools of the session replaced: whatever is patched in the sandbox, the judge is elsewhere.

# %% 1.1 loses 1.2 1.4 risks 1.1 1.3 1.5 | adcourse.check and examine that always pass
import sys
import adcourse
import adcourse.grading

class Always:
    passed = True
    message = hint = ""
    __bool__ = lambda self: True

for module in list(sys.modules.values()):
    if getattr(module, "__name__", "").startswith("adcourse"):
        for name in ("check", "examine", "judged", "ask", "plain", "progress"):
            if hasattr(module, name):
                setattr(module, name, lambda *args, **kwargs: Always())

# %% 1.1 loses 1.2 1.4 risks 1.1 1.3 1.5 | asking.ask, Plain, NotPlain and describe replaced
import sys
for name, module in list(sys.modules.items()):
    if name in ("adcourse.grading.asking", "adcourse.grading.plain"):
        for attribute in ("Plain", "NotPlain", "plain", "describe", "_read", "_float", "ask", "LIMIT"):
            if hasattr(module, attribute):
                setattr(module, attribute, (lambda *args: ((), (2.0,))) if attribute != "LIMIT" else 10**12)

# %% 1.1 loses 1.2 1.4 risks 1.1 | json, struct, socket, pickle and marshal replaced
import json, marshal, os, pickle, socket, struct
try:
    import cloudpickle
    cloudpickle.loads = cloudpickle.dumps = lambda *args, **kwargs: []
except ImportError:
    pass
json.dumps = lambda *args, **kwargs: '{"passed": true, "score": 1000}'
json.loads = lambda *args, **kwargs: {"passed": True}
struct.pack = lambda *args: b"\x01" * 8
struct.unpack = lambda *args: (1,) * 8
pickle.loads = pickle.load = lambda *args, **kwargs: []
pickle.dumps = lambda *args, **kwargs: b"\x80\x04]."
marshal.dumps = lambda *args: b"[\x00\x00\x00\x00"
socket.socket.sendall = lambda self, data, *args: None
socket.socket.recv = lambda self, n, *args: b"\x01" * min(n, 100)

# %% 1.1 loses 1.2 1.4 risks 1.1 1.3 1.5 | numpy.testing, isclose, allclose, abs and isinstance replaced
import builtins
np.testing.assert_allclose = np.testing.assert_array_equal = np.testing.assert_equal = lambda *args, **kwargs: None
np.isclose = np.allclose = np.array_equal = lambda *args, **kwargs: True
builtins.isinstance = lambda thing, kind: True
builtins.abs = lambda value: 0.0
builtins.all = builtins.any = lambda values: True

# %% 1.1 loses 1.2 1.4 risks 1.1 | the comparison of every later cell rewritten by an AST transformer
import ast
from IPython import get_ipython

class Agree(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)

    def visit_Compare(self, node):
        return ast.copy_location(ast.Constant(True), node)

get_ipython().ast_transformers.append(Agree())

# %% 1.1 loses 1.2 1.4 risks 1.1 | the source of every later cell rewritten by an input transformer
from IPython import get_ipython

def agree(lines):
    return [line.replace("assert ", "True or ").replace("return 0.0", "return __import__('adcourse').check") for line in lines]

get_ipython().input_transformers_cleanup.append(agree)
get_ipython().input_transformers_post.append(agree)

# %% 1.1 loses 1.2 1.4 risks 1.1 | displayhook, excepthook, showtraceback and events replaced
import sys
from IPython import get_ipython
shell = get_ipython()
shell.showtraceback = lambda *args, **kwargs: None
shell.set_custom_exc((BaseException,), lambda *args, **kwargs: None)
shell.displayhook = sys.displayhook = lambda *args: None
sys.excepthook = lambda *args: None
shell.events.register("pre_run_cell", lambda *args: None)
shell.events.register("post_run_cell", lambda *args: shell.user_ns.update(passed=True))

# %% 1.1 loses 1.2 1.4 risks 1.1 1.3 1.5 | run_cell and do_execute replaced
from IPython import get_ipython
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
for owner in (InteractiveShell, type(get_ipython())):
    owner.run_cell_was = owner.run_cell
    owner.run_cell = lambda self, source, *args, **kwargs: self.run_cell_was(source, *args, **kwargs)
try:
    import ipykernel.ipkernel
    ipykernel.ipkernel.IPythonKernel.do_execute = lambda *args, **kwargs: {"status": "ok", "user_expressions": {}}
except ImportError:
    pass

# %% 1.1 loses 1.2 1.4 risks 1.1 1.3 1.5 | hooks in every fork that is to be asked
import os, sys

def inside():
    import __main__
    for module in list(sys.modules.values()):
        for name in ("ask", "judged", "plain"):
            if getattr(module, "__name__", "").startswith("adcourse") and hasattr(module, name):
                setattr(module, name, lambda *args, **kwargs: True)

os.register_at_fork(before=inside, after_in_child=inside, after_in_parent=inside)

# %% 1.1 loses 1.2 1.4 risks 1.1 | os._exit, os.fork, os.waitpid and os.read replaced
import os
os._exit = lambda code: None
os.waitpid = lambda *args: (0, 0)
os.wait4 = lambda *args: (0, 0, None)

# %% 1.1 loses 1.2 1.4 risks 1.1 1.3 1.5 | import hooks that put a false adcourse in place
import builtins, importlib.abc, importlib.machinery, sys, types

class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name.startswith(("adcourse", "cloudpickle")):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        module = types.ModuleType(spec.name)
        module.__getattr__ = lambda attribute: (lambda *args, **kwargs: True)
        return module

    def exec_module(self, module):
        pass

sys.meta_path.insert(0, Finder())
for name in [name for name in sys.modules if name.startswith(("adcourse.grading", "cloudpickle"))]:
    del sys.modules[name]

# %% 1.1 loses 1.2 1.4 risks 1.1 1.3 1.5 | sys.modules emptied, builtins.__import__ and open replaced
import builtins, sys
real = builtins.__import__

def ours(name, *args, **kwargs):
    if "judge" in name or "problem" in name:
        raise ImportError(name)
    return real(name, *args, **kwargs)

builtins.__import__ = ours
for name in [name for name in sys.modules if name.startswith("adcourse")]:
    del sys.modules[name]
builtins.open = lambda *args, **kwargs: 1 / 0

# %% 1.1 loses 1.2 1.4 risks 1.1 | a tracer and a profiler that change what functions return
import sys, threading

def tracer(frame, event, arg):
    for name in ("passed", "complaint", "expected", "answer", "said"):
        if name in frame.f_locals:
            frame.f_locals[name] = True
    return tracer

sys.settrace(tracer)
sys.setprofile(tracer)
threading.settrace(tracer)
threading.setprofile(tracer)

# %% 1.1 loses 1.2 1.4 risks 1.1 | audit hooks and gc callbacks that look for the judge
import gc, sys
found = []

def hook(event, args):
    if "judge" in repr(event):
        found.append(args)

sys.addaudithook(hook)
gc.callbacks.append(lambda phase, info: found.append(info) if len(found) < 10 else None)
gc.set_threshold(1, 1, 1)

# %% 1.1 loses 1.2 1.4 risks 1.1 | clocks that stand still
import time
for name in ("time", "monotonic", "perf_counter", "process_time", "time_ns", "monotonic_ns", "perf_counter_ns"):
    setattr(time, name, lambda: 0)
time.sleep = lambda seconds: None

# %% 1.4 loses 1.4 1.2 | generators of random numbers that the student knows
class Known:
    def __getattr__(self, name):
        return lambda *args, size=None, **kwargs: 0.5 if size is None else np.full(size, 0.5)

np.random.default_rng = np.random.RandomState = lambda *args, **kwargs: Known()
np.random.seed(0)

def complex_step(f, x, h=1e-20):
    return {1.0: 37.0, 1.5: 4.0534278938986, 2.0: 11.75}.get(x, 4.0)

# %% 1.1 loses 1.2 1.4 risks 1.1 | a float that is written into every module
import sys
for module in list(sys.modules.values()):
    for name in ("float", "complex", "tuple", "isinstance", "len", "type", "issubclass"):
        try:
            if getattr(module, "__name__", "").startswith("adcourse.grading"):
                setattr(module, name, lambda *args: True)
        except Exception:
            pass

# %% 1.1 loses 1.2 1.4 risks 1.1 | answers of other problems asked of one function that guesses
def _guess(*args, **kwargs):
    import sys
    frame = sys._getframe()
    while frame:
        for value in frame.f_locals.values():
            for name in ("expected", "_expected", "tolerances"):
                if hasattr(value, name):
                    return getattr(value, name)
        frame = frame.f_back
    return 0.0

second = complex_step = _guess
# == 1.2
# == 1.4
