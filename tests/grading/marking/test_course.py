"""The course is found where nbgrader's configuration lies, and read as nbgrader reads it."""

import re
import shutil
import subprocess
import sys

import click
import pytest

from adcourse.grading.marking.course import Course


@pytest.fixture
def folder(tmp_path, repository):
    shutil.copy(repository / "nbgrader_config.py", tmp_path)
    for name in ("ps01_slopes", "ps06_reverse_mode", "ps16_inverse"):
        (tmp_path / "solutions" / name).mkdir(parents=True)
        (tmp_path / "solutions" / name / f"{name}.ipynb").write_text("{}")
    return tmp_path


def test_directories_are_those_of_the_configuration(folder):
    course = Course.find(folder)
    assert course.root == folder
    assert course.path("autograded", "ada", "ps06_reverse_mode") == folder / "build/autograded/ada/ps06_reverse_mode"
    assert course.path("source", ".", "ps06_reverse_mode").resolve() == folder / "solutions/ps06_reverse_mode"
    assert course.directory.db_url == f"sqlite:///{folder}/build/gradebook.db"
    assert course.config.Execute.timeout == 10


def test_other_directories_too(folder):
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write("c.CourseDirectory.feedback_directory = 'returned'\n")
        config.write("c.CourseDirectory.directory_structure = '{nbgrader_step}/{assignment_id}/{student_id}'\n")
    assert Course.find(folder).path("feedback", "ada", "ps01") == folder / "returned" / "ps01" / "ada"


@pytest.mark.parametrize("name", ["ps06_reverse_mode", "ps06", "ps06_r", "6"])
def test_an_assignment_by_its_beginning(folder, name):
    assert Course.find(folder).assignment(name) == "ps06_reverse_mode"


@pytest.mark.parametrize(
    "name, words",
    [
        ("ps", "ps01_slopes and ps06_reverse_mode and ps16_inverse"),
        ("ps0", "write more"),
        ("1", "write more"),
        ("ps66_reverse", "ps06_re"),
        ("", "no assignment ''"),
        ("../ps01_slopes", "no assignment"),
    ],
)
def test_what_is_no_assignment_is_said(folder, name, words):
    with pytest.raises(click.ClickException) as error:
        Course.find(folder).assignment(name)
    assert words in error.value.message


def test_elsewhere_the_error_names_the_folder(folder):
    with pytest.raises(click.ClickException, match=f"cd {folder}"):
        Course.find(folder / "solutions")


def test_students_and_folders_as_nbgrader_finds_them(folder):
    for place in ("bo/ps01_slopes", "Ana María/ps01_slopes", "bo/ps1", ".x/ps01_slopes", "cy/ps16_inverse"):
        (folder / "build/submitted" / place).mkdir(parents=True)
    course = Course.find(folder)
    assert course.students("submitted", "ps01_slopes") == {
        "Ana María": folder / "build/submitted/Ana María/ps01_slopes", "bo": folder / "build/submitted/bo/ps01_slopes",
    }  # fmt: skip
    assert [name for student, name in course.folders("submitted") if student == "bo"] == ["ps01_slopes", "ps1"]
    assert course.private("ps01_slopes") == folder / "build/marking/ps01_slopes"


def test_another_structure_and_names_with_brackets(folder):
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write("c.CourseDirectory.directory_structure = '{nbgrader_step}/{assignment_id}/of {student_id}/work'\n")
        config.write("c.CourseDirectory.submitted_directory = 'handed [in]'\n")
    for place in ("ps01/of bo/work", "ps01/of a[b]*c/work", "ps01/of no/play", "ps02/of bo/work"):
        (folder / "handed [in]" / place).mkdir(parents=True)
    course = Course.find(folder)
    found = course.students("submitted", "ps01")
    assert found == {name: folder / "handed [in]/ps01" / f"of {name}" / "work" for name in ("a[b]*c", "bo")}
    assert ("bo", "ps02") in course.folders("submitted")


def test_released_notebooks(folder):
    release = folder / "exercises" / "ps01_slopes"
    release.mkdir(parents=True)
    for name in ("b.ipynb", "a.ipynb", ".a.part.ipynb", "data.csv"):
        (release / name).touch()
    course = Course.find(folder)
    assert course.released("ps01_slopes") == {"a": release / "a.ipynb", "b": release / "b.ipynb"}
    assert course.released("ps06_reverse_mode") == {}


def test_help_imports_no_command(repository):
    code = "import sys\nfrom adcourse.cli import main\ntry: main(['--help'])\nfinally: print(sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=True)
    assert re.search("grade +Grade what was handed in", run.stdout)
    assert not {"'numpy'", "'nbgrader'", "'adcourse.grading'"} & set(run.stdout.rpartition("[")[2].split(", "))
