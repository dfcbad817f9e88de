"""docs/jupyterhub.md and binder/jupyterhub_config.py: a real hub, two students, a teacher, and homework there and back.

A hub needs root, JupyterHub (``pip install jupyterhub``), its proxy (``npm install -g configurable-http-proxy``), and
an environment that every user may read; without them these tests are skipped.
"""

import asyncio
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import textwrap
import time
import uuid
from contextlib import contextmanager
from pathlib import Path

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

from tests.guides import ROOT, blocks, commands

pytest.importorskip("jupyterhub")


def for_everybody() -> bool:
    """Whether other users can run this Python: one in root's home they can't."""
    try:
        who = pwd.getpwnam("nobody")
        as_nobody = {"cwd": "/", "user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
        return subprocess.run([sys.executable, "-c", "import adcourse"], **as_nobody).returncode == 0
    except (OSError, LookupError):
        return False


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="a hub for several users needs root"),
    pytest.mark.skipif(shutil.which("configurable-http-proxy") is None, reason="configurable-http-proxy is missing"),
    pytest.mark.skipif(not for_everybody(), reason="other users can't run this Python"),
]
CONFIG = ROOT / "binder" / "jupyterhub_config.py"
NAME = "ps06_reverse_mode"
ADA, BEN, TEACHER = USERS = [f"adc-{name}" for name in ("ada", "ben", "teacher")]
ADDRESS = "tcp://10.0.0.1:8786"  # on the page, the cluster's
PROGRAMS = Path(sys.executable).parent  # on the page, /opt/hub/bin
# What is different here: a port, a folder and an exchange of its own, and nobody types a password.
DIFFERENT = """
c = get_config()
load_subconfig({config!r})
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.services = [{{"name": "tests", "api_token": {token!r}}}]
c.JupyterHub.load_roles = [
    {{"name": "tests", "scopes": ["admin:users", "admin:servers", "access:servers"], "services": ["tests"]}}
]
c.Spawner.environment = {{"JUPYTER_CONFIG_PATH": {settings!r}}}
"""


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Hub:
    """A running hub, and what can be asked of it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.port, hub, api = free_ports(3)
        self.token = uuid.uuid4().hex
        self.exchange, self.settings = folder / "exchange", folder / "settings"
        self.exchange.mkdir()
        self.exchange.chmod(0o777)
        self.settings.mkdir()
        (code,) = blocks("jupyterhub.md", "python")
        (self.settings / "nbgrader_config.py").write_text(f"{code}c.Exchange.root = {str(self.exchange)!r}\n")
        root = folder / "hub"
        root.mkdir(mode=0o700)
        values = {"config": str(CONFIG), "port": self.port, "hub": hub, "api": api, "token": self.token}
        (root / "config.py").write_text(DIFFERENT.format(**values, settings=str(self.settings)))
        (line,) = (line for line in commands("jupyterhub.md") if line.startswith("/opt/hub/bin/jupyterhub "))
        line = line.replace("/opt/hub/bin", str(PROGRAMS)).replace("jupyterhub_config.py", "config.py")
        self.log = (root / "log").open("w+")
        self.process = subprocess.Popen(line.split(), cwd=root, stdout=self.log, stderr=subprocess.STDOUT)

    def said(self) -> str:
        return Path(self.log.name).read_text()[-4000:]

    async def ask(self, path: str, method="GET", body=None, wanted=(200, 201, 202, 204)):
        request = HTTPRequest(
            f"http://127.0.0.1:{self.port}/{path}", method=method, body=body, request_timeout=60,
            headers={"Authorization": f"token {self.token}"}, allow_nonstandard_methods=True,
        )  # fmt: skip
        answer = await AsyncHTTPClient().fetch(request, raise_error=False)
        assert answer.code in wanted, (path, answer.code, answer.body, self.said())
        return json.loads(answer.body or b"null")

    def wait(self):
        end = time.monotonic() + 120
        while time.monotonic() < end and self.process.poll() is None:
            try:
                return asyncio.run(self.ask("hub/api/"))
            except (OSError, AssertionError):
                time.sleep(0.5)
        pytest.fail(self.said())

    async def start(self, user: str):
        await self.ask(f"hub/api/users/{user}", "POST", "")
        await self.ask(f"hub/api/users/{user}/server", "POST", "")
        end = time.monotonic() + 150
        while not (await self.ask(f"hub/api/users/{user}"))["server"]:
            assert time.monotonic() < end, self.said()
            await asyncio.sleep(1)

    async def run(self, user: str, code: str) -> str:
        """What a notebook of this user prints when it runs ``code``, or its error's name."""
        kernel = await self.ask(f"user/{user}/api/kernels", "POST", "{}")
        address = f"ws://127.0.0.1:{self.port}/user/{user}/api/kernels/{kernel['id']}/channels"
        headers = {"Authorization": f"token {self.token}"}
        channel = await websocket_connect(HTTPRequest(address, headers=headers, request_timeout=60))
        head = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": "execute_request",
            "session": uuid.uuid4().hex,
            "version": "5.3",
        }
        content = {"code": textwrap.dedent(code), "silent": False, "store_history": False}
        message = {"header": head, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        await channel.write_message(json.dumps(message))
        said, ended = "", 0
        while ended < 2:  # idle, and the reply: in which order is not said
            heard = await asyncio.wait_for(channel.read_message(), 120)
            heard = json.loads(heard)
            if heard["parent_header"].get("msg_id") != head["msg_id"]:
                continue
            kind, content = heard["header"]["msg_type"], heard["content"]
            said += content["text"] if kind == "stream" else ""
            said += f"{content['ename']}: {content['evalue']}" if kind == "error" else ""
            ended += kind == "execute_reply" or (kind == "status" and content["execution_state"] == "idle")
        channel.close()
        await self.ask(f"user/{user}/api/kernels/{kernel['id']}", "DELETE")
        return said

    def type(self, user: str, begins: str, folder: str, address: str = ADDRESS) -> str:
        """The first command of the page that ``begins`` so, typed by a user into a terminal."""
        line = next(line for line in commands("jupyterhub.md") if line.startswith(f"/opt/hub/bin/{begins}"))
        who = pwd.getpwnam(user)
        run = subprocess.run(
            line.replace("/opt/hub/bin", str(PROGRAMS)).replace(ADDRESS, address).split(),
            cwd=Path(who.pw_dir) / folder, user=who.pw_uid, group=who.pw_gid, extra_groups=[],
            env={"HOME": who.pw_dir, "PATH": os.defpath, "USER": user, "JUPYTER_CONFIG_PATH": str(self.settings)},
            capture_output=True, text=True, timeout=300, umask=0o077,
        )  # fmt: skip
        print(line, run.stdout, run.stderr)
        assert run.returncode == 0, (line, run.stdout, run.stderr)
        return run.stdout + run.stderr


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A hub with three users, made as the page says but for the folder of their homes."""
    folder = Path(tmp_path_factory.mktemp("hub"))
    for place in (folder, folder.parent, folder.parent.parent):
        place.chmod(0o755)
    add, close = (line for line in commands("jupyterhub.md") if line.endswith("ada"))
    made = []
    try:
        for user in USERS:
            home = folder / user
            subprocess.run([*add.split()[:-1], "--home-dir", str(home), user], check=True)
            made.append(user)
            subprocess.run([*close.split()[:-1], str(home)], check=True)
        teach(folder / TEACHER)
        hub = Hub(folder)
        try:
            hub.wait()
            yield hub
        finally:
            asyncio.run(leave(hub))
    finally:
        for user in made:
            subprocess.run(["userdel", user], check=False)


async def leave(hub: Hub):
    for user in (ADA, BEN):
        await hub.ask(f"hub/api/users/{user}/server", "DELETE", wanted=(202, 204, 400, 404))
    hub.process.terminate()
    hub.process.wait(60)
    hub.log.close()


def teach(home: Path):
    """The teacher's copy of the repository, as much of it as is used."""
    course, who = home / "course", pwd.getpwnam(TEACHER)
    course.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", course)
    for part in ("solutions", "exercises"):
        shutil.copytree(ROOT / part / NAME, course / part / NAME)
    for path in (course, *course.rglob("*")):
        os.chown(path, who.pw_uid, who.pw_gid)


@contextmanager
def cluster(folder: Path):
    """A Dask cluster by the page's two commands, started by the teacher; its address."""
    who = pwd.getpwnam(TEACHER)
    (port,) = free_ports(1)
    address = f"tcp://127.0.0.1:{port}"
    env = {"HOME": who.pw_dir, "PATH": os.defpath, "DASK_DISTRIBUTED__DASHBOARD__LINK": ""}
    lines = [line for line in commands("jupyterhub.md") if line.startswith("/opt/hub/bin/dask ")]
    assert [line.split()[1] for line in lines] == ["scheduler", "worker"]
    lines[0] += f" --host 127.0.0.1 --port {port} --no-dashboard"
    started = []
    with (folder / "dask.log").open("w") as log:
        try:
            for line in lines:
                command = line.replace("/opt/hub/bin", str(PROGRAMS)).replace(ADDRESS, address).split()
                given = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": [], "cwd": who.pw_dir, "env": env}
                started.append(subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, **given))
                time.sleep(3)
            yield address
        finally:
            for process in reversed(started):
                process.terminate()
                process.wait(60)


ANSWER = """
import json
path = "exercises/ps06_reverse_mode/ps06_reverse_mode.ipynb"
book = json.load(open(path))
(cell,) = (cell for cell in book["cells"] if cell["id"] == "p6-1-solution")
cell["source"] = "def grad_xyz(x, y, z):\\n    return {answer}"
json.dump(book, open(path, "w"))
"""
OTHERS = """
import glob, os
for path in ({places}):
    try:
        print(os.listdir(path) if os.path.isdir(path) else open(path).read())
    except OSError as error:
        print(type(error).__name__)
    else:
        print("READ", path)
print(glob.glob("{exchange}/*/inbound/*"))
"""


def test_a_week_on_a_hub(hub):
    asyncio.run(week(hub))


async def week(hub: Hub):
    homes = {user: pwd.getpwnam(user).pw_dir for user in USERS}
    hub.type(TEACHER, "adcourse release", "course")
    hub.type(TEACHER, "nbgrader release_assignment", "course")
    await asyncio.gather(hub.start(ADA), hub.start(BEN))
    for user in (ADA, BEN):
        said = await hub.run(user, "import os; print(os.getcwd(), sorted(os.listdir()), os.getuid())")
        assert f"{homes[user]}/adcourse-course" in said and "lectures" in said, said
        assert said.split()[-1] == str(pwd.getpwnam(user).pw_uid)

    # Students fetch, solve 6.1 (one of them wrongly) in their notebooks, and submit.
    for user, answer in {ADA: "z, z, x + y", BEN: "z, z, x"}.items():
        hub.type(user, "nbgrader fetch_assignment", "adcourse-course")
        assert not await hub.run(user, ANSWER.format(answer=answer))
        hub.type(user, "nbgrader submit", "adcourse-course")

    # What one can't see: another's home, another's submission, the solutions.
    (submitted,) = hub.exchange.glob(f"adcourse/inbound/{ADA}+*")
    places = [homes[ADA], homes[TEACHER], f"{homes[TEACHER]}/course/solutions/{NAME}/{NAME}.ipynb"]
    places += [str(submitted.parent), f"{homes[ADA]}/adcourse-course/exercises/{NAME}/{NAME}.ipynb"]
    seen = await hub.run(BEN, OTHERS.format(places=", ".join(map(repr, places)), exchange=hub.exchange))
    assert seen.split() == ["PermissionError"] * len(places) + ["[]"], seen

    # One asks for more memory than there is for one, then for more processes; the other's server goes on.
    hog = "kept = []\nwhile True: kept.append(bytearray(200_000_000)); print(end='.')"
    said = await hub.run(BEN, hog)
    assert "MemoryError" in said and 3 < said.count(".") < 15, said
    bomb = """
        import os, resource, subprocess
        kept = []
        try:
            while True: kept.append(subprocess.Popen(["sleep", "60"]))
        except OSError as error:
            print(type(error).__name__, len(kept) < 256, len(os.sched_getaffinity(0)) <= 2)
        for each in kept: each.kill()
        """
    said, other = await asyncio.gather(hub.run(BEN, bomb), hub.run(ADA, "print(6 * 7)"))
    assert said.split() == ["BlockingIOError", "True", "True"], said
    assert other == "42\n"
    assert await hub.run(BEN, "print(6 * 7)") == "42\n"

    # The teacher collects, grades on a cluster, and the students get their pages.
    hub.type(TEACHER, "nbgrader collect", "course")
    with cluster(hub.folder) as address:
        said = hub.type(TEACHER, "adcourse grade ps06 --scheduler", "course", address)
    assert "2 submissions graded" in said and "Dask" in said and "ran isolated from this machine" in said
    assert "0 submissions graded; 2 unchanged" in hub.type(TEACHER, "adcourse grade ps06", "course")
    hub.type(TEACHER, "adcourse feedback", "course")
    hub.type(TEACHER, "nbgrader release_feedback", "course")
    for user, words in {ADA: "6.1", BEN: "Hint"}.items():
        hub.type(user, "nbgrader fetch_feedback", "adcourse-course")
        (page,) = Path(homes[user]).rglob("feedback/*/*.html")
        assert words in page.read_text()
