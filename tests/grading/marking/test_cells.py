"""Honest cells, however odd, run as they would in JupyterLab; what can't be had is refused at once, in one sentence."""

import base64
import importlib.util

import pytest

from adcourse.grading.marking.runner import Limits, Runner, Step
from adcourse.grading.marking.shell import INPUT, PROGRAMS
from tests.grading.marking.test_runner import about, text


@pytest.fixture(scope="module")
def runner():
    with Runner(Limits(cell=20.0, total=60.0)) as runner:
        yield runner


def run(runner, *sources):
    return list(runner.run([Step(str(k), source) for k, source in enumerate(sources)]).cells.values())


HONEST = {
    "warnings": "import warnings\nwarnings.warn('careful')\nprint('ok')",
    "stderr": "import sys\nprint('careful', file=sys.stderr)\nprint('ok')",
    "logging": "import logging\nlogging.basicConfig(level=10)\nlogging.info('x')\nlogging.warning('x')\nprint('ok')",
    "threads": "import threading\nr = []\nts = [threading.Thread(target=r.append, args=(k,)) for k in range(20)]\n"
    "[t.start() for t in ts]\n[t.join() for t in ts]\nassert sorted(r) == list(range(20))\nprint('ok')",
    "threads that print": "import threading\nts = [threading.Thread(target=print, args=('x' * 500,))"
    " for k in range(20)]\n"
    "[t.start() for t in ts]\n[t.join() for t in ts]\nprint('ok')",
    "a pool of threads": "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor() as p:\n"
    "  assert list(p.map(abs, range(-9, 0))) == list(range(9, 0, -1))\nprint('ok')",
    "300 MB": "import numpy as np\nx = np.ones(300 * 2**17)\nprint('ok' if x.sum() else '')",
    "recursion to 5000": "import sys\nsys.setrecursionlimit(10000)\ndef f(n): return n and 1 + f(n - 1)\n"
    "assert f(5000) == 5000\nprint('ok')",
    "unicode": "größe = 'ä∂ℝ🙂'\nprint(größe[:1] and 'ok')",
    "a future": "from __future__ import annotations\ndef f(x: nonsense) -> more: return x\nprint('ok')",
    "print redefined": "keep = print\ndef print(*a): keep('said', *a)\nprint('x')\nkeep('ok')",
    "np redefined": "import numpy as np\nnp = 3\nprint('ok')",
    "files": "with open('/tmp/x.txt', 'w') as f: f.write('ok')\nwith open('/tmp/x.txt') as f: print(f.read())",
    "files beside": "with open('mine.py', 'w') as f: f.write('x = 4')\nimport mine\nprint('ok' if mine.x == 4 else '')",
    "temporary files": "import tempfile\nwith tempfile.TemporaryDirectory() as d: print('ok')",
    "saved arrays": "import numpy as np\nnp.save('a.npy', np.eye(3))\nassert np.load('a.npy').sum() == 3\nprint('ok')",
    "await": "import asyncio\nawait asyncio.sleep(0.01)\nprint('ok')",
    "gather": "import asyncio\nasync def f(x): return x\n"
    "assert await asyncio.gather(f(1), f(2)) == [1, 2]\nprint('ok')",
    "%matplotlib inline": "%matplotlib inline\nprint('ok')",
    "%time": "%time x = 3\nassert x == 3\nprint('ok')",
    "%timeit": "%timeit -n 2 -r 2 sum(range(10))\nprint('ok')",
    "%%time": "%%time\nx = 3\nprint('ok')",
    "%%capture": "%%capture c\nprint('hidden')",
    "%precision": "%precision 3\nprint('ok')",
    "%who": "x = 1\n%who\nprint('ok')",
    "%load_ext autoreload": "%load_ext autoreload\n%autoreload 2\nprint('ok')",
    "help": "len?\nprint('ok')",
    "help()": "help(abs)\nprint('ok')",
    "a class with dataclass": "from dataclasses import dataclass\n@dataclass\nclass P:\n  x: float\n"
    "print('ok' if P(1.0).x else '')",
    "pickle of a class": "import pickle\nclass P: pass\npickle.loads(pickle.dumps(P()))\nprint('ok')",
    "inspect": "import inspect\ndef f(): pass\nassert 'def f' in inspect.getsource(f)\nprint('ok')",
    "sympy": "import sympy as sp\nx = sp.symbols('x')\nassert sp.diff(x**2, x) == 2 * x\nprint('ok')",
    "adcourse": "import adcourse as ad, numpy as np\nassert ad.grad(lambda x: x**2)(3.0) == 6.0\nprint('ok')",
    "check": "import adcourse\nassert adcourse.check('6.4', lambda out: None)\nprint('ok')",
    "check without a function": "import adcourse\nassert adcourse.check('nonsense')\nprint('ok')",
    "progress": "import adcourse\nadcourse.progress()\nprint('ok')",
    "Node": "from adcourse.grading import Node\nassert (Node(2.0) * 3.0).value == 6.0\nprint('ok')",
    "widgets": "import ipywidgets as w\nw.interact(lambda x: None, x=(0, 1))\nw.IntSlider()\nprint('ok')",
    "rich": "from IPython.display import HTML, Markdown, Math, display\n"
    "display(HTML('<b>x</b>'), Markdown('x'), Math('x'))\n"
    "print('ok')",
    "tqdm": "from tqdm import tqdm\nfor _ in tqdm(range(3)): pass\nprint('ok')",
    "tqdm.notebook": "from tqdm.auto import tqdm\nfor _ in tqdm(range(3)): pass\nprint('ok')",
    "random": "import random, numpy as np\nrandom.random(), np.random.default_rng().normal()\nprint('ok')",
    "environment": "import os\nos.environ['X'] = 'y'\nos.makedirs('a/b', exist_ok=True)\nos.chdir('a')\nprint('ok')",
    "the machine": "import platform, sys, os\n"
    "platform.platform(), sys.version, os.cpu_count(), platform.processor()\nprint('ok')",
    "signal": "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\nprint('ok')",
    "decimal and fractions": "from fractions import Fraction\nfrom decimal import Decimal\n"
    "Fraction(1, 3), Decimal('0.1')\nprint('ok')",
    "docstring tests": "import doctest\ndef f():\n  '''\n  >>> 1\n  1\n  '''\ndoctest.testmod()\nprint('ok')",
    "windows line ends": "x = 1\r\nif x:\r\n  print('ok')\r\n",
    "tabs": "if True:\n\tprint('ok')",
    "comment alone": "# nothing\nprint('ok')",
    "a semicolon": "print('ok');",
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_cells_run(runner, name):
    (ran,) = run(runner, HONEST[name])
    assert ran.status == "ok", ran
    assert not ran.said
    assert "ok" in text(ran) or name == "%%capture"


@pytest.mark.parametrize("source", ["", "   \n", "# only a comment", "%%html\n<b>x</b>", "%%javascript\nalert(1)"])
def test_cells_that_say_nothing(runner, source):
    (ran,) = run(runner, source)
    assert ran.status == "ok"
    assert "alert" not in str(ran.outputs)


PROGRAM = """
!rm -rf /
x = !ls
!!ls
%pip install x
%conda install x
%system ls
%sx ls
get_ipython().system("ls")
get_ipython().getoutput("ls")
import os; os.system("ls")
import os; os.popen("ls")
import os; os.fork()
import posix; posix.fork()
import posix as p; p.system("ls")
import _posixsubprocess as s; s.fork_exec()
import os; os.execv("/bin/ls", ["ls"])
import subprocess; subprocess.run(["ls"])
import subprocess; subprocess.check_output("ls", shell=True)
import multiprocessing as m; p = m.Process(target=print); p.start()
import multiprocessing as m; m.get_context("spawn").Process(target=print).start()
import pty; pty.spawn("/bin/sh")
"""


@pytest.mark.parametrize(
    "source", [*PROGRAM.split("\n")[1:-1], "%%bash\nls", "%%sh\nls", "%%script ls\n1", "%%perl\n1"]
)
def test_other_programs_are_refused_in_one_sentence(runner, source):
    ran = run(runner, "x = 1", source, "print(x)")
    assert ran[1].status == "error", ran
    assert ran[1].outputs[-1]["evalue"] == PROGRAMS
    assert text(ran[2]) == "1\n"


@pytest.mark.parametrize(
    "source",
    ["input()", "input('x? ')", "import getpass; getpass.getpass()", "from getpass import getpass\ngetpass('x')"],
)
def test_input_is_refused_at_once(runner, source):
    (ran,) = run(runner, source)
    assert ran.outputs[-1]["evalue"] == INPUT


def test_sys_exit_ends_its_cell_alone(runner):
    ran = run(runner, "import sys\nx = 1\nsys.exit()", "exit()", "quit()", "print(x)")
    assert ran[0].status == "error"
    assert text(ran[3]) == "1\n"


@pytest.mark.parametrize("show", ["plt.show()", "", "fig = plt.gcf(); display(fig); plt.close()"])
def test_figures_come_as_pictures(runner, show):
    (ran,) = run(runner, f"import matplotlib.pyplot as plt\nplt.plot([1, 2])\n{show};")
    (picture,) = [o["data"]["image/png"] for o in ran.outputs if "image/png" in o.get("data", {})]
    assert base64.b64decode(picture).startswith(b"\x89PNG")


def test_a_figure_belongs_to_its_own_cell(runner):
    ran = run(runner, "import matplotlib.pyplot as plt\nplt.plot([1, 2]);", "print('x')")
    assert [o["output_type"] for o in ran[1].outputs] == ["stream"]


def test_what_is_shown_stands_in_its_order(runner):
    (ran,) = run(runner, "import sys\nprint(1)\nprint(2, file=sys.stderr)\ndisplay(3)\nprint(4)\n5")
    said = [o.get("text") or o["data"]["text/plain"] for o in ran.outputs]
    assert said == ["1\n", "2\n", "3", "4\n", "5"]


def test_history_and_results_by_number(runner):
    ran = run(runner, "6 * 7", "_ + 1", "Out[1], In[1]", "print(__name__)")
    assert text(ran[1]) == "43"
    assert text(ran[2]) == "(42, '6 * 7')"
    assert text(ran[3]) == "__main__\n"


def test_too_much_output_is_cut_and_the_cell_goes_on(runner):
    ran = run(runner, "for k in range(10**5): print('line', k)\nx = 3", "print(x)")
    assert ran[0].status == "ok"
    assert 60_000 < len(text(ran[0])) < 70_000
    assert "more was shown" in text(ran[0])
    assert text(ran[1]) == "3\n"


def test_an_endless_loop_leaves_what_stood_above_it():
    ask = about("f", lambda f: f(2.0))
    with Runner(Limits(cell=1.0)) as runner:
        ran = runner.run([Step("a", "def f(x): return 2 * x\nprint('before')\nwhile True: pass", (ask,))])
    assert ran.cells["a"].status == "timeout"
    assert ran.cells["a"].said == "This cell ran longer than 1 seconds and was stopped."
    assert text(ran.cells["a"]).startswith("before\n")
    assert ran.asked["a", "q"].answers[0].numbers == (4.0,)


@pytest.mark.parametrize("module", ["jax", "torch", "autograd", "casadi", "scipy.stats"])
def test_larger_packages_can_be_imported(runner, module):
    if importlib.util.find_spec(module.partition(".")[0]) is None:
        pytest.skip("not installed")
    (ran,) = run(runner, f"import {module}\nprint('ok')")
    assert text(ran).endswith("ok\n"), ran


def test_what_is_not_installed_is_an_import_error(runner):
    (ran,) = run(runner, "import there_is_no_such_package")
    assert ran.outputs[-1]["ename"] == "ModuleNotFoundError"
