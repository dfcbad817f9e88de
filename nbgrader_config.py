"""nbgrader finds the course here: start it, and JupyterLab, in this folder.

solutions/ is the only source of an assignment, exercises/ is generated from it, and everything else, the gradebook
included, goes under build/, which git ignores.
"""

import os
import sys
from pathlib import Path

root = Path(__file__).resolve().parent
(root / "build").mkdir(exist_ok=True)

# nbgrader starts `alembic` by name; it lies beside the Python that runs nbgrader, environment activated or not.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

c = get_config()  # noqa: F821 (nbgrader defines it)

c.CourseDirectory.course_id = "adcourse"
c.CourseDirectory.root = str(root)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.CourseDirectory.submitted_directory = "build/submitted"
c.CourseDirectory.autograded_directory = "build/autograded"
c.CourseDirectory.feedback_directory = "build/feedback"
c.CourseDirectory.solution_directory = "build/solution"
c.CourseDirectory.db_url = f"sqlite:///{root / 'build' / 'gradebook.db'}"
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "feedback",
    "*.py",
    "*.md",
    "adcourse-progress*",
]

c.OverwriteCells.add_missing_cells = True
c.Execute.timeout = 10
c.Execute.shutdown_kernel = "immediate"
