"""JupyterHub for a class on one Linux machine, started as root: ``jupyterhub -f jupyterhub_config.py``.

docs/jupyterhub.md says what is around it. JupyterHub's own spawner of local processes only tells a server its limits;
this one has the kernel keep them.
"""

import os
import resource
import sys

from jupyterhub.spawner import LocalProcessSpawner

COURSE = "adcourse-course"  # in each student's home
SHARED = "/srv/adcourse"  # data for all, which only the teacher can change; if it exists, it is COURSE/shared
PROCESSES = 256  # of one user, threads included

# Runs as the student. The lectures come with the package, the exercises through nbgrader's exchange.
START = f"""
import os, sys, traceback
from pathlib import Path
root = Path.home() / {COURSE!r}
root.mkdir(exist_ok=True)
os.chdir(root)
try:
    from adcourse.cli import course_files, refresh
    refresh(root, {{name: path for name, path in course_files().items() if name.startswith("lectures/")}})
    if os.path.isdir({SHARED!r}) and not os.path.lexists("shared"):
        os.symlink({SHARED!r}, "shared")
except BaseException:  # a full disk, say: the server starts nevertheless, so that something can be deleted
    traceback.print_exc()
os.execv(sys.executable, [sys.executable, "-m", "jupyterhub.singleuser", *sys.argv[1:]])
"""


class Limited(LocalProcessSpawner):
    """Servers whose processes have at most ``mem_limit`` bytes each, on ``cpu_limit`` of the processors."""

    def make_preexec_fn(self, name):
        become = super().make_preexec_fn(name)
        memory, processors = self.mem_limit, sorted(os.sched_getaffinity(0))
        first = sum(name.encode()) % len(processors)  # students are spread over the processors
        own = (processors[first:] + processors[:first])[: round(self.cpu_limit)]

        def limited():
            os.umask(0o077)
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
            resource.setrlimit(resource.RLIMIT_NPROC, (PROCESSES, PROCESSES))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            os.sched_setaffinity(0, own)
            become()

        return limited


c = get_config()  # noqa: F821 (JupyterHub defines it)

c.JupyterHub.spawner_class = Limited
c.JupyterHub.bind_url = "http://127.0.0.1:8000"  # a web server with a certificate stands before it
c.JupyterHub.cleanup_servers = False  # a new start of the hub leaves running servers alone
c.Authenticator.allow_all = True  # whoever has an account on this machine ...
c.Authenticator.blocked_users = {"root"}  # ... but whose server would run as root
c.PAMAuthenticator.open_sessions = False

c.Spawner.cmd = [sys.executable, "-c", START]
c.Spawner.notebook_dir = f"~/{COURSE}"
c.Spawner.default_url = "/lab"
c.Spawner.mem_limit = "3G"
c.Spawner.cpu_limit = 2
c.Spawner.start_timeout = 120
c.Spawner.env_keep = ["PATH", "LANG", "LC_ALL"]
