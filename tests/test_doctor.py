"""`adcourse doctor` in a fresh environment: nothing to mend where all is well, and each thing that is wrong, named."""

import json
import os
import subprocess
import sys
import sysconfig

import pytest

SHARE = os.path.join(sys.prefix, "share", "jupyter")


@pytest.fixture
def doctor(installed, tmp_path):
    """Run it in ``tmp_path``, on a machine where everything is there; ``changes`` to the environment spoil that."""

    def run(**changes):
        env = {
            "PATH": os.pathsep.join([sysconfig.get_path("scripts"), os.defpath]), "LANG": "C.UTF-8",
            "HOME": str(tmp_path), "JUPYTER_PATH": SHARE,
        } | changes  # fmt: skip
        return subprocess.run(
            [installed / "adcourse", "doctor"], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300
        )

    return run


def test_a_healthy_installation(doctor, wheel):
    run = doctor()
    assert run.returncode == 0 and not run.stderr, run.stdout + run.stderr
    assert "Everything that the course needs is there." in run.stdout and "WRONG" not in run.stdout
    for line in (f"adcourse {wheel.name.split('-')[1]}", "a kernel, which imports adcourse", "interactive pictures"):
        assert f"ok   {line}" in run.stdout or line in run.stdout.splitlines()[1]


def test_everything_wrong_at_once_each_with_what_to_do(doctor, tmp_path):
    """A package too old, a CuPy without a GPU, no parts in JupyterLab, folders that are files, a kernel of the past."""
    site = tmp_path / "site"
    old = site / "tqdm-1.0.dist-info"
    old.mkdir(parents=True)
    (old / "METADATA").write_text("Metadata-Version: 2.1\nName: tqdm\nVersion: 1.0\n")
    (site / "cupy").mkdir()
    (site / "cupy" / "__init__.py").write_text(
        "__version__ = '13.0'\nclass cuda:\n    class runtime:\n        @staticmethod\n        def getDeviceCount():\n"
        "            raise RuntimeError('cudaErrorNoDevice: no CUDA-capable device is detected')\n"
    )
    data = tmp_path / "data"
    spec = data / "kernels" / "python3"
    spec.mkdir(parents=True)
    gone = str(tmp_path / "removed" / "python")
    (spec / "kernel.json").write_text(
        json.dumps({"argv": [gone, "-m", "ipykernel"], "display_name": "x", "language": "python"})
    )
    (tmp_path / "file").write_text("")
    run = doctor(
        PYTHONPATH=str(site), JUPYTER_PATH="", JUPYTER_DATA_DIR=str(data), JUPYTER_RUNTIME_DIR=str(tmp_path / "file"),
        PATH=os.defpath,
    )  # fmt: skip
    assert run.returncode == 1
    for words in (
        "tqdm 1.0 is installed; the course needs tqdm>=", "no CUDA-capable device",
        "JupyterLab has no part of anywidget", "Jupyter's running servers can't be written to",
        "kernel `python3` doesn't start", gone,
        "`nbgrader` isn't beside this Python",
    ):  # fmt: skip
        assert words in run.stdout, run.stdout
    wrong = run.stdout.count("WRONG")
    assert run.stdout.count("Do: ") == wrong and f"{wrong} things to mend" in run.stdout
    assert "Traceback" not in run.stdout + run.stderr


def test_the_kernel_of_another_environment_is_recognised(doctor, tmp_path):
    spec = tmp_path / "data" / "kernels" / "python3"
    spec.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "x", "language": "python"}))
    run = doctor(JUPYTER_PATH=os.pathsep.join([str(tmp_path / "data"), SHARE]))
    assert run.returncode == 1 and "1 thing to mend" in run.stdout, run.stdout
    assert f"is another Python, in {sys.prefix}" in run.stdout and str(spec) in run.stdout
