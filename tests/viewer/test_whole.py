"""What checks say of a whole file and of no one record: told, shown above the records, kept in exported pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import datagen
from tests.viewer.browser import looking, serious
from tests.viewer.hostile import naughty, vectors
from tests.viewer.served import served


@pytest.fixture
def monotonous(tmp_path: Path) -> Path:
    """A file whose every record asks one and the same: no one of them is at fault."""

    def record(number: int) -> dict[str, Any]:
        said = ("human", "<image>\nWhat is <b>this</b>?"), ("gpt", f"Number {number} of many, and a dog.")
        return {
            "id": str(number),
            "image": f"{number}.png",
            "conversations": [{"from": role, "value": text} for role, text in said],
        }

    path = tmp_path / "train.json"
    path.write_text(json.dumps([record(number) for number in range(120)]))
    return path


def test_findings_of_the_whole_file_are_told_once_and_of_no_record(monotonous: Path) -> None:
    for _ in range(2):  # the second time they come from the side file
        with served(monotonous) as viewer:
            (found,) = viewer.get("/api/status").json["whole"]
            assert (found["code"], found["check"], found["level"]) == ("Q004", "frequent-question", "info")
            assert "120 of 120" in found["message"]
            assert found["about"]
            assert viewer.get("/api/list?check=Q004").json["count"] == 0
            assert viewer.get("/api/sample/0").json["findings"] == []


def test_a_file_that_was_changed_has_only_its_own(monotonous: Path) -> None:
    with served(monotonous) as viewer:
        assert viewer.get("/api/status").json["whole"]
    monotonous.write_text(json.dumps(json.loads(monotonous.read_text())[:3]))
    with served(monotonous) as viewer:
        assert viewer.get("/api/status").json["whole"] == []


def test_a_run_has_none(first_run: Path) -> None:
    with served(first_run) as viewer:
        assert viewer.get("/api/status").json["whole"] == []


def shown(page: Any) -> str:
    return str(page.inner_text("#whole-list"))


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1440, "dark")])
def test_they_stand_above_the_records_and_open_by_a_key(
    browser: Any, axe: str, monotonous: Path, width: int, scheme: str
) -> None:
    with served(monotonous) as viewer, looking(browser, viewer.address, bypass_csp=True, color_scheme=scheme) as look:
        look.page.set_viewport_size({"width": width, "height": 900})
        look.page.goto(viewer.address)
        look.page.wait_for_selector("#whole summary")
        assert look.page.inner_text("#whole summary") == "1 finding of the whole file"
        assert not look.page.is_visible("#whole-list")
        look.page.keyboard.press("w")
        assert "frequent-question" in shown(look.page)
        assert "<b>this</b>" in shown(look.page)
        assert look.page.locator("#whole-list b").count() == 1  # the check's name, and nothing of theirs
        assert look.page.evaluate("document.documentElement.scrollWidth") <= width
        assert serious(look.page, axe) == []
        look.page.click("#whole summary")
        assert not look.page.is_visible("#whole-list")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_exported_pages_hold_them(browser: Any, monotonous: Path, tmp_path: Path) -> None:
    page_at = datagen.export_view(monotonous, tmp_path / "pages", share=10)
    with looking(browser, page_at.parent.as_uri()) as look:
        look.page.goto(page_at.as_uri())
        look.page.click("#whole summary")
        assert "120 of 120" in shown(look.page)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_whatever_they_say_is_text(browser: Any, monotonous: Path) -> None:
    texts = [*vectors(), *naughty()[:80]]
    with served(monotonous) as viewer, looking(browser, viewer.address) as look:
        told = viewer.get("/api/status").json["whole"][0]
        names = ("code", "check", "level", "message", "where", "words", "target", "about")
        with viewer.site.book.index.commit() as db:
            evil = [({**told, **dict.fromkeys(names, text), "level": "info"},) for text in texts]
            db.executemany("INSERT INTO whole VALUES (?)", [(json.dumps(each),) for (each,) in evil])
        look.page.goto(viewer.address)
        look.page.click("#whole summary")
        assert look.page.locator("#whole-list > li").count() == min(200, len(texts) + 1)
        inside = "script, iframe, object, embed, form, link, style, base, meta, img, svg, a"
        assert look.page.locator("#whole-list").locator(inside).count() == 0
        whole = " ".join(look.page.evaluate("document.getElementById('whole-list').textContent").split())
        assert all(" ".join(text.split()) in whole for text in vectors() if text.isprintable())
