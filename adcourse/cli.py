"""The ``adcourse`` command.

``adcourse lab`` opens JupyterLab on the course: in a checkout, there; from an installed package, on a working copy
in a folder of the student's choice. A working copy is brought up to date each time, and no work in it is ever
overwritten: ``.adcourse.json`` in its root remembers what was delivered, so a file that changed since is the
student's, is left alone, and a newer version from the course is laid beside it.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import sysconfig
import tomllib
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import click

PACKAGE = Path(__file__).resolve().parent
CONTENT = ("lectures", "exercises")
LEAVINGS = {".ipynb_checkpoints", "__pycache__"}  # what running a notebook leaves in a checkout
MANIFEST = ".adcourse.json"  # in a working copy: {relative path: SHA-256 of the version last delivered or offered}


class LabCommand(click.Command):
    """A command that hands everything after ``--`` to JupyterLab unread."""

    def parse_args(self, ctx, args):
        split = args.index("--") if "--" in args else len(args)
        ctx.meta["jupyterlab options"] = args[split + 1 :]
        try:
            return super().parse_args(ctx, args[:split])
        except click.NoSuchOption as error:
            error.message += f" JupyterLab's own options go after two dashes: adcourse lab -- {error.option_name}"
            raise

    def format_usage(self, ctx, formatter):
        formatter.write_usage(ctx.command_path, "[FOLDER] [-- JUPYTERLAB OPTIONS]")


# What is done less often, and the lines that `adcourse --help` shows: these modules are imported when they are called.
LATER = {
    "doctor": ("adcourse.doctor", "Check this installation, and say what to mend."),
    "grade": ("adcourse.grading.marking.commands_grade", "Grade what was handed in."),
    "feedback": ("adcourse.grading.marking.commands_report", "Write the pages that students get back."),
    "release": ("adcourse.grading.marking.commands_release", "Make the students' version, if it is fit for them."),
    "report": ("adcourse.grading.marking.commands_report", "Write the class's tables and statistics."),
}


class Lazy(click.Group):
    """A group whose commands in LATER cost nothing until they are called."""

    def list_commands(self, ctx):
        return sorted([*super().list_commands(ctx), *LATER])

    def get_command(self, ctx, name):
        if name in LATER:
            return getattr(import_module(LATER[name][0]), name)
        return super().get_command(ctx, name)

    def format_commands(self, ctx, formatter):
        own = {name: command.get_short_help_str() for name, command in self.commands.items()}
        rows = sorted((own | {name: line for name, (_, line) in LATER.items()}).items())
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="adcourse", prog_name="adcourse")
def main():
    """One program, many derivatives: a course on automatic differentiation."""


@main.command(cls=LabCommand)
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.pass_context
def lab(ctx, folder):
    """Open JupyterLab on the course.

    In a checkout of the course it opens there. From an installed package it makes a working copy of the lectures and
    exercises in FOLDER (./adcourse-course if none is given) and opens that. Run it again to open the copy again and to
    fetch what is new: your own work is never overwritten.

    Everything after -- goes to JupyterLab: adcourse lab -- --no-browser --port 9999
    """
    try:
        root = prepare(folder)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise click.ClickException(
            f"the course can't be opened or copied there: {error.strerror or error}{where}. The folder must be yours "
            "to write to, and no other file may stand where a folder belongs. Choose another: adcourse lab FOLDER"
        ) from error
    start_jupyterlab(root, ctx.meta["jupyterlab options"])


def prepare(folder: Path | None) -> Path:
    """The folder to open: a checkout or working copy that holds ``folder``, else a working copy, made or refreshed."""
    start = (folder or Path()).resolve()
    if folder is None or folder.exists():
        for place in (start, *start.parents):
            if is_checkout(place):
                click.echo(f"Opening the course in {place}")
                return place
            if (place / MANIFEST).is_file():
                return refresh(place, course_files())
    if folder is None and is_checkout(PACKAGE.parent):
        click.echo(f"Opening the course in {PACKAGE.parent}")
        return PACKAGE.parent
    return refresh(start if folder else start / "adcourse-course", course_files())


def is_checkout(place: Path) -> bool:
    """Whether ``place`` is the root of the course's repository."""
    if not ((place / "lectures").is_dir() and (place / "nbgrader_config.py").is_file()):
        return False
    try:
        project = tomllib.loads((place / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return project.get("project", {}).get("name") == "adcourse"


def course_files() -> dict[str, Path]:
    """Every file of the course that a student opens, by its path relative to the working copy."""
    home = PACKAGE.parent if is_checkout(PACKAGE.parent) else PACKAGE / "course"
    paths = [path for part in CONTENT for path in sorted((home / part).rglob("*")) if path.is_file()]
    paths = [path for path in paths if not LEAVINGS & set(path.parts)]
    if not paths:
        raise click.ClickException(f"this installation carries no lectures in {home}: install adcourse again")
    return {path.relative_to(home).as_posix(): path for path in paths}


@dataclass
class Delivery:
    """What happened to each file of one delivery."""

    new: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # the student's own, left as they are
    beside: list[str] = field(default_factory=list)  # newer versions laid beside the student's

    def tell(self, root: Path):
        click.echo(f"Your working copy of the course: {root}")
        for what, names in (
            ("New", self.new),
            ("Updated", self.updated),
            ("Kept as you changed them", self.kept),
            ("The course has a newer version of a file you changed; it lies beside yours", self.beside),
        ):
            if names:
                click.echo(f"{what}: {', '.join(names) if len(names) < 9 else f'{len(names)} files'}")


def refresh(root: Path, files: dict[str, Path]) -> Path:
    """Make a working copy of ``files`` in ``root``, or bring the one there up to date."""
    manifest = root / MANIFEST
    delivered = read_manifest(manifest)
    before, report = dict(delivered), Delivery()
    try:
        for name, source in files.items():
            deliver(root, name, source.read_bytes(), delivered, report)
    finally:  # also when interrupted: what was delivered so far must not pass for the student's work next time
        if delivered != before:
            replace(manifest, json.dumps(delivered, indent=1, sort_keys=True).encode())
    report.tell(root)
    return root


def read_manifest(manifest: Path) -> dict[str, str]:
    try:
        return {str(name): str(digest) for name, digest in json.loads(manifest.read_bytes()).items()}
    except (FileNotFoundError, ValueError, AttributeError):  # none yet, or spoilt: then every differing file is kept
        return {}


def deliver(root: Path, name: str, content: bytes, delivered: dict[str, str], report: Delivery):
    """Bring one file of the course to ``root``; a file the student changed stays."""
    digest = hashlib.sha256(content).hexdigest()
    state = standing(root / name, digest, delivered.get(name))
    if state == "theirs":
        report.kept.append(name)
        if delivered.get(name) != digest:
            offer(root, name, content, delivered, report)
    elif state != "same":
        replace(root / name, content)
        (report.new if state == "missing" else report.updated).append(name)
    delivered[name] = digest


def offer(root: Path, name: str, content: bytes, delivered: dict[str, str], report: Delivery):
    """Lay a newer version beside the student's: ``ps06.new.ipynb``, or the next name that holds no work of theirs."""
    digest = hashlib.sha256(content).hexdigest()
    path, number = Path(name), 1
    while True:
        beside = path.with_name(f"{path.stem}.new{number if number > 1 else ''}{path.suffix}").as_posix()
        state = standing(root / beside, digest, delivered.get(beside))
        if state != "theirs":
            break
        number += 1
    if state != "same":
        replace(root / beside, content)
    delivered[beside] = digest
    report.beside.append(beside)


def standing(path: Path, digest: str, delivered: str | None) -> str:
    """How ``path`` stands to the course's version: missing, same, ours (as delivered, so replaceable) or theirs."""
    if path.is_symlink() or path.is_dir():
        return "theirs"
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return "missing"
    return "same" if found == digest else "ours" if found == delivered else "theirs"


def replace(path: Path, content: bytes, mode: int | None = None):
    """Write all of ``path`` or nothing of it; ``mode`` are its permissions, if not the usual ones."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        if mode is not None:
            part.chmod(mode)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def start_jupyterlab(root: Path, options: list[str]):
    """Become JupyterLab, in ``root``: nbgrader looks for its configuration where the server was started."""
    command = [sys.executable, "-P", "-m", "jupyterlab", f"--ServerApp.root_dir={root}"]  # -P: no imports from root
    if hasattr(os, "geteuid") and os.geteuid() == 0 and "--allow-root" not in options:
        click.echo("Running as root, which JupyterLab refuses by itself: adding --allow-root")
        command.append("--allow-root")
    # nbgrader starts `alembic` by name, so this environment's programs must be found without activating it.
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])
    os.environ["PATH"] = path
    os.chdir(root)
    sys.stdout.flush()
    if os.name == "nt":  # there, exec would return the terminal to the shell at once
        sys.exit(subprocess.call([*command, *options]))
    os.execv(sys.executable, [*command, *options])
