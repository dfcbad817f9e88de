"""docs/adding_a_lecture.md is true: its lecture runs, keeps the rules and is on the map.

That the book has it, says tests/browser/test_book.py.
"""

import re

from tests.guides import run

from .adding import with_a_lecture_more


def test_it_is_found_by_the_tests_of_lectures_of_the_map_and_of_the_repository(tmp_path):
    course, tests, _ = with_a_lecture_more(tmp_path)
    said = run(course, "-m", *tests, "-v", "-p", "no:cacheprovider")
    for name in ("test_it_has_the_parts_of_a_lecture", "test_it_runs_without_a_word", "test_notebook_is_clean"):
        assert re.search(rf"{name}\w*\[15_horner\] PASSED", said), said
    assert "test_it_leads_to_every_lecture_in_order PASSED" in said
