"""Cells and questions, run in real sessions: what is asked, what comes back, and what each limit costs."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
import venv
from pathlib import Path

import cloudpickle
import pytest

from adcourse.grading.marking.runner import Limits, Question, Runner, Step
from adcourse.grading.plain import Complaint, Plain
from adcourse.grading.sheet import sheet

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
QUICK = Limits(cell=2.0, question=2.0, total=20.0, memory=1000 << 20)


@pytest.fixture(scope="module")
def runner():
    with Runner(QUICK) as runner:
        yield runner


def cells(runner, *sources, **more):
    return list(runner.run([Step(str(k), source) for k, source in enumerate(sources)], **more).cells.values())


def about(name, *asks):
    cloudpickle.register_pickle_by_value(__import__(__name__, fromlist=["x"]))
    return Question("q", name, cloudpickle.dumps(list(asks)))


def text(run):
    return "".join(o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in run.outputs)


def test_cells_build_on_each_other(runner):
    ran = cells(runner, "import numpy as np\nx = np.arange(3)", "y = x.sum()", "print(y)\ny + 1")
    assert [run.status for run in ran] == ["ok"] * 3
    assert ran[2].outputs[0] == {"output_type": "stream", "name": "stdout", "text": "3\n"}
    assert "4" in ran[2].outputs[1]["data"]["text/plain"]


def test_a_cell_that_raises_keeps_what_it_defined(runner):
    ran = cells(runner, "x = 5\n1 / 0", "print(x)")
    assert ran[0].status == "error"
    assert ran[0].said == "This cell raised ZeroDivisionError."
    assert text(ran[1]) == "5\n"


def test_answers_are_plain_numbers(runner):
    question = about("f", lambda f: f(2.0), lambda f: [f(1), 1j, float("inf")], lambda f: f("x"), lambda f: 10**300)
    (asked,) = runner.run([Step("a", "def f(x): return x * 0.5", (question,))]).asked.values()
    first, second, third, fourth = asked.answers
    assert first == Plain((), (1.0,))
    assert second == Plain((3,), (0.5, 1j, float("inf")))
    assert isinstance(third, Complaint)
    assert fourth == Plain((), (10**300,))
    assert asked.defined
    assert not asked.lost


def test_a_whole_problem_with_a_function_that_is_counted_outside(runner):
    questions = sheet("1.5", 7)
    code = """
import numpy as np
def grad_fd(f, x, h=1e-6):
    x = np.array(x, float)
    fx = f(x)
    return [(f(x + h * e) - fx) / h for e in np.eye(len(x))]
"""
    question = Question("1.5", "grad_fd", questions.blob, questions.functions)
    asked = runner.run([Step("a", code, (question,))]).asked["a", "1.5"]
    assert questions.judged(asked.answers).passed


@pytest.mark.parametrize("mode", ["nested", "single", "bare"])
def test_every_mode_runs_the_same(mode):
    steps = [
        Step("a", "def f(x): return 2 * x", (about("f", lambda f: f(1)),)),
        Step("b", "import os; os._exit(1)"),
        Step("c", "while True: pass"),
        Step("d", "f(4)", (about("g", lambda g: 1), about("f", lambda f: f(3))._replace(id="r"))),
    ]
    with started(mode, Limits(cell=1.0)) as runner:
        ran, again = runner.run(steps), runner.run(steps)
    assert [run.status for run in ran.cells.values()] == ["ok", "died", "timeout", "ok"]
    assert ran.asked["a", "q"].answers == [Plain((), (2.0,))]
    assert not ran.asked["d", "q"].defined
    assert ran.asked["d", "r"].answers == [Plain((), (6.0,))]
    assert (ran.cells, ran.asked) == (again.cells, again.asked)


# --- limits --------------------------------------------------------------------------------------------------------


def test_the_time_of_a_submission_is_limited_as_a_whole():
    with Runner(Limits(cell=1.0, total=2.5)) as runner:
        ran = runner.run([Step(str(k), "while True: pass", (about("f", abs),)) for k in range(5)])
    states = [run.status for run in ran.cells.values()]
    assert states[:2] == ["timeout"] * 2
    assert states[-1] == "skipped"
    assert "used all the time" in ran.cells["4"].said
    assert ran.asked["4", "q"] == (False, [], "skipped")
    assert ran.seconds < 6


def test_files_of_the_assignment_lie_in_the_current_folder(runner):
    (ran,) = cells(runner, "print(open('data/a.txt').read())", files={"data/a.txt": b"hello"})
    assert text(ran) == "hello\n"


def test_no_submission_sees_the_files_of_another(runner):
    cells(runner, "open('/tmp/a', 'w').write('x')")
    (ran,) = cells(runner, "import os; print(os.listdir('/tmp'), os.getcwd())")
    assert "'a'" not in text(ran)
    assert text(ran).endswith("/tmp\n")


# --- what is left --------------------------------------------------------------------------------------------------


def children(pid=None) -> set[int]:
    """All processes that come from this one."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    mine = {pid or os.getpid()}
    while more := {child for child, parent in parents.items() if parent in mine} - mine:
        mine |= more
    return mine - {pid or os.getpid()}


def gone(pids, seconds=5.0):
    end = time.monotonic() + seconds
    while (left := {pid for pid in pids if alive(pid)}) and time.monotonic() < end:
        time.sleep(0.02)
    return not left


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def opened():
    return sorted(os.listdir("/proc/self/fd"))


DIRTY = [
    Step("a", "import ctypes, os\nif ctypes.CDLL(None).fork() == 0:\n  os.setsid()\n  while True: pass"),
    Step("b", "x = 1", (about("x", lambda x: x),)),
    Step("c", "open('/tmp/x', 'w').write('x')\nimport os; os._exit(3)"),
]


@linux
@pytest.mark.parametrize("mode", ["nested", "single", "bare"])
def test_nothing_is_left(mode, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before, fds = children(), opened()
    with started(mode) as runner:
        runner.run(DIRTY)
        between = children()
        runner.run(DIRTY)
        assert len(children()) <= len(between)
        if mode != "bare":
            assert not list(tmp_path.iterdir())
    assert gone(children() - before)
    assert opened() == fds
    assert not list(tmp_path.iterdir())


@contextlib.contextmanager
def started(mode, limits=QUICK):
    try:
        runner = Runner(limits, mode=mode).__enter__()
    except RuntimeError as refused:
        if "CI" in os.environ:  # there every mode has to work: a broken sandbox is no reason to skip its tests
            raise
        pytest.skip(str(refused))
    with runner:
        yield runner


@linux
def test_a_killed_server_is_replaced():
    steps, others = [Step("a", "print(1)")], children()
    with Runner(QUICK) as runner:
        want = runner.run(steps).cells
        for pid in children() - others:
            os.kill(pid, signal.SIGKILL)
        assert runner.run(steps).cells == want


@linux
def test_a_server_that_dies_under_a_submission_costs_it_nothing():
    others = children()
    with Runner(QUICK) as runner:
        server = children() - others
        timer = threading.Timer(0.6, lambda: [os.kill(pid, signal.SIGKILL) for pid in server if alive(pid)])
        timer.start()
        ran = runner.run(
            [Step("a", "import time; time.sleep(1.2)\nx = 3"), Step("b", "print(x)", (about("x", lambda x: x),))]
        )
        timer.join()
    assert [run.status for run in ran.cells.values()] == ["ok", "ok"]
    assert ran.asked["b", "q"].answers[0].numbers == (3.0,)


@linux
def test_an_interrupt_gets_through_and_leaves_nothing():
    others = children()
    with Runner(QUICK) as runner:
        runner.run([Step("a", "x = 1")])
        through = threading.Event()

        def interrupt():  # again, for one that arrives in a finalizer is lost
            while not through.wait(0.5):
                os.kill(os.getpid(), signal.SIGINT)

        before = signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever other tests have left there
        thread = threading.Thread(target=interrupt)
        thread.start()
        with contextlib.ExitStack() as at_last:
            at_last.callback(through.set)
            with pytest.raises(KeyboardInterrupt):
                runner.run([Step("a", "while True: pass")])
        thread.join()
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)
        assert gone(children() - others)
        assert runner.run([Step("a", "1")]).cells["a"].status == "ok"


GRADER = """
import sys, time
from adcourse.grading.marking.runner import Limits, Runner, Step
runner = Runner(Limits(cell=60, total=100), mode=sys.argv[1])
runner.run([Step("a", "1")])
print("ready", flush=True)
runner.run([Step("a", "import ctypes, os\\nctypes.CDLL(None).fork()\\nos.setsid()\\nwhile True: pass")])
"""


@linux
@pytest.mark.parametrize("mode", ["nested", "single", "bare"])
def test_nothing_outlives_a_killed_grader(mode, tmp_path):
    env = os.environ | {"TMPDIR": str(tmp_path)}
    grader = subprocess.Popen([sys.executable, "-c", GRADER, mode], stdout=subprocess.PIPE, text=True, env=env)
    assert grader.stdout.readline() == "ready\n"
    time.sleep(1)
    family = children(grader.pid)
    assert len(family) >= 2
    grader.kill()
    grader.wait()
    grader.stdout.close()
    assert gone(family, 15), family
    assert not list(tmp_path.iterdir())


def test_a_runner_goes_from_thread_to_thread():
    runner = Runner(QUICK)
    said = []
    for _ in range(2):
        thread = threading.Thread(target=lambda: said.append(runner.run([Step("a", "print(1)")]).cells))
        thread.start()
        thread.join()
    said.append(runner.run([Step("a", "print(1)")]).cells)
    runner.close()
    assert said[0] == said[1] == said[2]


def test_a_closed_runner_starts_again():
    runner = Runner(QUICK)
    runner.close()
    assert runner.run([Step("a", "print(1)")]).cells["a"].status == "ok"
    runner.close()
    runner.close()


def resident(pid) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


@linux
@pytest.mark.slow
def test_hundreds_of_submissions_leave_no_trace(runner):
    """Memory and file descriptors of the grader and its server after 150 submissions are those after 30."""
    steps = [Step("a", "x = 5\nprint('x' * 10**5)\n1 / 0", (about("x", lambda x: x),))]
    sizes = []
    for count in range(150):
        if count % 30 == 29:
            sizes.append((len(opened()), len(children()), resident(os.getpid()), max(map(resident, children()))))
        assert runner.run(steps).cells["a"].status == "error"
    early, late = sizes[0], sizes[-1]
    assert late[:2] == early[:2]
    assert late[2] < early[2] + (20 << 20), sizes
    assert late[3] < early[3] + (20 << 20), sizes


def test_printing_without_end_costs_the_grader_no_memory(runner):
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cells(runner, "while True: print('x' * 10**5)", "while True: display('y' * 10**5)")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < before + 50_000  # kilobytes


SWARM = """
import ctypes, os, time
libc = ctypes.CDLL(None)
for _ in range(20):
    if libc.fork() == 0:
        x = bytearray(150 << 20)
        time.sleep(60)
time.sleep(60)
"""


@linux
def test_many_processes_together_are_limited_too():
    """Each keeps to its limit, all together would take 3 GB; the youngest are ended before they have 1.5."""
    limits = Limits(cell=5.0, total=20.0, memory=200 << 20)
    most, stop = [0], threading.Event()

    def look():
        while not stop.wait(0.02):
            with contextlib.suppress(OSError):
                most.append(sum(map(resident, children())))

    with started("nested", limits) as runner:
        base = max(map(resident, children()))
        watcher = threading.Thread(target=look)
        watcher.start()
        ran = runner.run([Step("a", SWARM), Step("b", "print(1)")])
        stop.set()
        watcher.join()
    assert ran.cells["b"].status == "ok"
    assert max(most) < 25 * base + (1500 << 20), (max(most), base)  # pages that forks share are counted for each


# --- where -----------------------------------------------------------------------------------------------------------


def test_without_bubblewrap_it_says_so(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with Runner(QUICK) as runner:
        assert runner.isolation.startswith("Isolation is off (bubblewrap, the program bwrap, is not installed)")
        assert "\n" not in runner.isolation
        ran = runner.run([Step("a", "import subprocess; subprocess.run(['ls'])"), Step("b", "print(1)")])
    assert [run.status for run in ran.cells.values()] == ["error", "ok"]


def test_windows_is_told_about_wsl(monkeypatch):
    monkeypatch.setattr(os, "name", "nt")
    with pytest.raises(RuntimeError, match="WSL"):
        Runner(QUICK)


HELLO = """
import os, sys
from adcourse.grading.marking.runner import Limits, Runner, Step
with Runner(Limits(cell=20.0)) as runner:
    ran = runner.run([Step("a", "import os, sys, numpy, adcourse\\nprint(os.getuid() != 0, sys.prefix)"),
                      Step("b", f"import os; print([os.path.exists(p) for p in {sys.argv[1:]!r}])")])
    print(runner._process.mode, runner.isolation)
    for run in ran.cells.values():
        print(run.status, *(output.get("text") or output.get("evalue") for output in run.outputs), end="")
"""


def hello(python, *paths, env=None, cwd="/", prefix=()):
    command = [*prefix, str(python), "-c", HELLO, *map(str, paths)]
    run = subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, timeout=200)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def link_venv(home: Path) -> Path:
    """A virtual environment that has the packages of this one by reference."""
    venv.create(home, with_pip=False, symlinks=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(home)}))
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin" / "python"


@linux
@pytest.mark.parametrize("place", ["a name with spaces", "closed", "course/.venv", "course/."])
def test_environments_in_odd_places(place, tmp_path, repository):
    """Below a folder for its owner alone, in a course's folder, or being one: it works, and the course is not seen."""
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    base = tmp_path / place
    base.mkdir(parents=True)
    if place == "closed":
        base.chmod(0o700)
        base = base / "env"
    python = link_venv(base)
    course = tmp_path / "course"
    (course / "solutions").mkdir(parents=True)
    (course / "gradebook.db").write_text("x")
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(repository)}
    hidden = [course / "solutions", course / "gradebook.db", repository / "solutions", repository / "tests"]
    hidden += [repository / ".git", tmp_path / "test"]
    said = hello(python, *hidden, env=env, cwd=course)
    assert said[0].startswith("nested"), said
    assert said[1].startswith("ok True"), said
    assert said[2] == f"ok {[False] * len(hidden)}"


@linux
def test_an_installed_wheel(installed, repository):
    """Installed as a teacher has it: nothing of the repository is needed, and nothing of it is seen."""
    hidden = [repository / name for name in ("adcourse", "exercises", "solutions", "tests", ".git")]
    said = hello(installed / "python", *hidden, env={"PATH": os.environ["PATH"]})
    assert said[0].startswith("nested"), said
    assert said[1].startswith("ok True"), said
    assert said[2] == f"ok {[False] * len(hidden)}"


@linux
def test_an_ordinary_user_with_the_systems_python(repository):
    """Debian's Python, the packages of this environment, and a user without rights: as safe."""
    python = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    if os.getuid() or not os.path.exists(python) or not all(map(shutil.which, ("setpriv", "bwrap"))):
        pytest.skip("needs root, setpriv, bubblewrap and a system Python of this version")
    prefix = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{repository}:{sysconfig.get_path('purelib')}", "HOME": "/tmp"}
    probe = subprocess.run([*prefix, python, "-c", "import numpy, adcourse"], env=env, capture_output=True, text=True)
    if probe.returncode:
        pytest.skip(f"this environment can't be read by others: {probe.stderr.splitlines()[-1]}")
    hidden = [repository / "solutions", repository / "tests", "/home", "/root", "/var"]
    said = hello(python, *hidden, env=env, prefix=prefix)
    assert said[0].startswith("nested"), said
    assert said[1].startswith("ok True"), said
    assert said[2] == f"ok {[False] * len(hidden)}"


# --- speed -----------------------------------------------------------------------------------------------------------


def test_a_warm_runner_is_much_faster_than_a_kernel(runner):
    """Ten cells, against nbgrader's way (a Jupyter kernel for each notebook), as a ratio in one run."""
    import nbformat
    from nbclient import NotebookClient

    sources = ["import numpy as np", "import matplotlib.pyplot as plt", "import sympy"]
    sources += [f"def f{k}(x): return x * {k}\nprint(f{k}(2))" for k in range(7)]
    steps = [Step(str(k), source) for k, source in enumerate(sources)]
    runner.run(steps)
    ours = min(runner.run(steps).seconds for _ in range(3))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    start = time.perf_counter()
    NotebookClient(notebook, kernel_name="python3").execute()
    theirs = time.perf_counter() - start
    print(f"runner {ours:.3f} s, kernel {theirs:.3f} s, {theirs / ours:.1f} times")
    assert ours * 3 < theirs
