"""Results and progress in a real Chromium: accessible, light and dark; no script of a student's runs."""

import pytest
from axe_playwright_python.sync_playwright import Axe

import adcourse
from adcourse.grading import keeping

ATTACK = '<img src=x onerror="window.ran = 1"><script>window.ran = 1</script></section>&lt;'


def right(x, y, z):
    return z, z, x + y


def shouts(x, y, z):
    raise ValueError(ATTACK + "long" * 1000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_results_and_progress(open_page, pictures, tmp_path, monkeypatch, scheme):
    monkeypatch.setenv("ADCOURSE_PROGRESS", str(tmp_path / "<b>.json"))
    monkeypatch.setattr(keeping, "_said", set())
    answers = [("6.1", right), ("6.1", shouts), ("6.2", lambda w1, w2: (0, 0)), ("6.4", ATTACK)]
    shown = [adcourse.check(id, answer) for id, answer in answers] + [adcourse.progress()]
    page = open_page(scheme=scheme, width=500)
    page.set_content(
        f"<!doctype html><html lang=en><head><meta charset=utf-8><meta name=color-scheme content={scheme}>"
        f"<title>Checks</title></head><body><main><h1>Checks</h1>{''.join(one._repr_html_() for one in shown)}</main>"
    )
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("window.ran") is None
    assert page.get_by_role("region").count() == len(shown)
    for one in shown:
        section = page.get_by_role("region", name=one.heading).first
        assert one.heading in section.inner_text()
    (wrong,) = page.get_by_role("region", name="6.1").filter(has_text="not yet").all()
    assert "<script>" in wrong.inner_text() and wrong.locator("script, img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.get_by_role("rowheader").count() == len(shown[-1].rows) + len(shown[-1].parts)
    page.screenshot(path=pictures / f"check-{scheme}.png", full_page=True)
