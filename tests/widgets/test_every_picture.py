"""What holds for every interactive picture: plain data, settings that are checked, a static form, a small module."""

import json
import re
from pathlib import Path

import pytest

import adcourse.widgets
from adcourse.core.errors import InputError
from tests.notebooks.reading import Images, described

from .contributing import moving_tangent
from .examples import EXAMPLES


@pytest.fixture(params=[*EXAMPLES, "adding_a_picture.md"])
def picture(request, tmp_path):
    if request.param in EXAMPLES:
        return EXAMPLES[request.param]()
    return moving_tangent(tmp_path)(lambda x: x * x)


def test_there_is_an_example_of_each():
    assert set(EXAMPLES) == set(adcourse.widgets.__all__)


def test_the_data_are_what_json_can_hold(picture):
    json.dumps(picture.get_state(["data", "step", "settings", "predictions"]), allow_nan=False)
    assert picture.data["title"]


def test_the_module_with_all_it_shares_is_small(picture):
    size = len(picture._esm.encode())
    print(f"{type(picture).__name__}: {size} bytes")
    assert size < 15_000


def test_no_template_stands_in_a_template():
    """What makes the modules small would take the blanks out of its words."""
    for path in Path(adcourse.widgets.__file__).parent.glob("*.js"):
        assert not re.search(r"\$\{[^{}`]*`", path.read_text(encoding="utf-8")), path.name


def test_settings_begin_as_declared_and_only_what_is_possible_can_be_set(picture):
    declared = picture.data["settings"]
    assert picture.settings == {name: how["start"] for name, how in declared.items()}
    for name, how in declared.items():
        if how["kind"] == "choice":
            other = how["options"][-1][0]
        elif how["kind"] == "range":
            other = how["max"]
        else:
            continue
        picture.settings = {name: other}  # the others stay as they are
        assert picture.settings == {**{n: h["start"] for n, h in declared.items()}, name: other}
        picture.settings = {name: how["start"]}
        with pytest.raises(InputError, match="(?s)Why: .*Write: "):
            picture.settings = {name: "no such choice"}
    with pytest.raises(InputError, match="no setting 'nothing of the kind'"):
        picture.settings = {"nothing of the kind": 1}


def test_it_is_done_when_its_end_is_reached_and_its_questions_are_answered(picture):
    asks = picture.data.get("asks", ())
    assert picture.last or asks, "nothing to step through and nothing to predict: what does the learner do?"
    assert not picture.done
    picture.step = picture.last
    picture.predictions = [{"name": ask["name"], "answer": None, "right": None} for ask in asks]
    assert picture.done


def test_a_question_has_an_answer_that_it_would_take_and_says_it_in_words(picture):
    for ask in [*picture.data.get("asks", ()), *(s.get("ask") for s in picture.data.get("steps", ()))]:
        if ask is None:
            continue
        assert ask["question"].endswith("?") and ask["name"] and ask["shown"]
        if "options" in ask:
            assert ask["answer"] in [option[0] for option in ask["options"]]
            assert all(len(option) == 3 for option in ask["options"]), "each option says why it is wrong"
        else:
            assert ask.get("factor", 0) > 1 or ask["tolerance"] >= 0


def test_the_static_form_is_a_picture_with_words_and_a_table(picture):
    bundle = picture._repr_mimebundle_()
    html = (bundle[0] if isinstance(bundle, tuple) else bundle)["text/html"]
    images = Images(html).found
    assert images and all(map(described, images))
    assert "<table" in html and "<caption" in html and "<script" not in html


def test_the_export_is_one_file_that_asks_for_no_other(picture, tmp_path):
    page = picture.to_html(tmp_path / "picture.html").read_text(encoding="utf-8")
    for address in ("http://", "https://", "src=", "href="):
        for rest in page.split(address)[1:]:
            assert address != "href=" and rest.lstrip("\"'").startswith(("www.w3.org/2000/svg", "data:")), rest[:80]
    assert "<noscript>" in page
