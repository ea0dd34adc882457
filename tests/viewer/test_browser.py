"""A person at a real browser: opens, filters, searches, points at boxes, turns pages by keys, compares, labels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import datagen
from tests.viewer.browser import Watched, looking, serious
from tests.viewer.conftest import SAMPLES
from tests.viewer.served import TOKEN, Viewer, served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def look(browser: Any, viewer: Viewer) -> Iterator[Watched]:
    """A page of the viewer, opened."""
    with looking(browser, viewer.address) as watched:
        watched.page.goto(viewer.address)
        watched.page.wait_for_selector("#list a")
        yield watched


def heading(page: Any) -> str:
    return str(page.inner_text("main h2"))


def test_the_list_opens_and_a_sample_with_its_picture(look: Watched) -> None:
    page = look.page
    assert page.inner_text("#count") == "48 samples"
    page.click("#list li:nth-child(2) a")
    page.wait_for_selector("main .stage img")
    look.until("document.querySelector('.stage img').naturalWidth > 0")
    assert page.url.endswith(page.get_attribute("#list li:nth-child(2) a", "href"))
    assert "Conversation" in heading(page)
    assert page.locator(".said").count() >= 2


def test_filters_and_search_narrow_the_list_and_stand_in_the_address(look: Watched, viewer: Viewer) -> None:
    page = look.page
    found = len(viewer.items("task=conversation&q=dog"))
    assert 0 < found < 16
    page.select_option("#filter-task", "conversation")
    look.until("document.getElementById('count').textContent.startsWith('16 ')")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("dog", delay=30)
    look.until("location.search.includes('q=dog')")  # on a busy machine its first letter may be looked for before
    look.until(f"document.getElementById('count').textContent.startsWith('{found} ')")
    assert "task=conversation" in page.url
    assert page.locator("#list a").count() == found
    page.reload()
    page.wait_for_selector("#list a")
    assert page.locator("#list a").count() == found
    assert page.input_value("#q") == "dog"
    page.click("#clear")
    look.until("document.getElementById('count').textContent === '48 samples'")


def test_pointing_at_a_box_lights_its_line_and_the_words_that_speak_of_it(look: Watched, viewer: Viewer) -> None:
    page = look.page
    key = viewer.items("task=conversation&category=dog")[0]["key"]
    page.goto(f"{viewer.address}/s/{key}")
    page.wait_for_selector(".speaks")
    told = viewer.get(f"/api/sample/{key}").json
    dog = next(number for number, box in enumerate(told["image"]["boxes"]) if box[0] == "dog")
    page.hover(f"g.box[data-b='{dog}'] .over", force=True)
    lit = page.evaluate("[...document.querySelectorAll('.speaks.lit')].map((each) => each.textContent.toLowerCase())")
    assert lit
    assert all(word.rstrip("s") == "dog" for word in lit)
    assert page.evaluate("[...document.querySelectorAll('.of-box.lit')].map((each) => each.dataset.b)") == [str(dog)]
    page.hover("main h2")
    assert page.locator(".lit").count() == 0
    page.hover(".speaks >> nth=0")
    boxes = page.get_attribute(".speaks >> nth=0", "data-b").split()
    lit = page.evaluate("[...document.querySelectorAll('g.box.lit')].map((each) => each.dataset.b)")
    assert sorted(lit) == sorted(boxes)
    page.focus(".of-box >> nth=0")
    assert page.locator("g.box.lit").count() == 1


def test_keys_turn_the_pages(look: Watched, viewer: Viewer) -> None:
    page = look.page
    keys = [item["key"] for item in viewer.items()]
    page.keyboard.press("j")
    page.wait_for_url(f"**/s/{keys[0]}")
    for key in keys[1:4]:
        page.keyboard.press("j")
        page.wait_for_url(f"**/s/{key}")
    page.keyboard.press("k")
    page.wait_for_url(f"**/s/{keys[2]}")
    assert page.inner_text("#place") == "3 of 48"
    page.go_back()
    page.wait_for_url(f"**/s/{keys[3]}")
    page.keyboard.press("f")
    assert page.evaluate("document.activeElement.name") == "state"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("#help[open]").count() == 1
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    assert page.get_attribute("html", "data-theme") == "dark"


def test_two_runs_are_compared(browser: Any, first_run: Path, second_run: Path) -> None:
    pictures = SAMPLES / "images"
    with served(first_run, against=second_run, images=pictures) as viewer, looking(browser, viewer.address) as look:
        look.page.goto(f"{viewer.address}/s/{viewer.items('task=detail_description')[0]['key']}")
        look.page.wait_for_selector(".compared")
        assert look.page.locator(".compared .dialogue").count() == 2
        assert [words.split()[0] for words in look.page.locator(".whose").all_inner_texts()] == ["first", "second"]


def test_a_sample_is_labelled_by_keys_once_the_token_came(browser: Any, run: Path) -> None:
    with served(run) as viewer, looking(browser, viewer.address) as look:
        page = look.page
        key = viewer.items()[0]["key"]
        page.goto(f"{viewer.address}/s/{key}")
        page.wait_for_selector(".verdict.keep[disabled]")
        page.goto(f"{viewer.address}/#token={TOKEN}")
        page.reload()
        page.wait_for_selector("#list a")
        assert TOKEN not in page.url
        page.keyboard.press("j")
        page.wait_for_selector(".verdict.keep:not([disabled])")
        page.keyboard.press("x")
        page.wait_for_selector(".verdict.reject[aria-pressed=true]")
        page.keyboard.press("n")
        page.keyboard.type("the dog is a <b>cat</b>")
        page.click("#note-keep")
        page.wait_for_selector(".noted")
        assert page.inner_text(".noted") == "the dog is a <b>cat</b>"
        page.wait_for_selector("#list .pill.reject")
        last = json.loads((run / "labels.jsonl").read_text().splitlines()[-1])
        assert (last["query_id"], last["verdict"], last["note"]) == (key, "reject", "the dog is a <b>cat</b>")


def test_news_of_a_run_at_work_arrive_by_themselves(browser: Any, tmp_path: Path) -> None:
    run = tmp_path / "run"
    datagen.generate([SAMPLES], datagen.Settings(model="mock", limit=4), run)
    with served(run, follow=True) as viewer, looking(browser, viewer.address) as look:
        look.page.goto(viewer.address)
        look.until("document.getElementById('count').textContent === '12 samples'")
        datagen.generate([SAMPLES], datagen.Settings(model="mock", limit=9), run)
        look.until("document.getElementById('count').textContent === '27 samples'")


def test_exported_pages_work_from_a_folder(browser: Any, first_run: Path, tmp_path: Path) -> None:
    page_at = datagen.export_view(first_run, tmp_path / "pages", images=SAMPLES / "images", share=20)
    with looking(browser, page_at.parent.as_uri()) as look:
        page = look.page
        page.goto(page_at.as_uri())
        page.wait_for_selector("#list a")
        assert page.inner_text("#count") == "20 samples"
        page.keyboard.press("j")
        page.wait_for_selector("main .stage img")
        assert page.evaluate("document.querySelector('.stage img').naturalWidth") > 0
        page.keyboard.press("/")
        page.keyboard.type("dog", delay=20)
        look.until("document.getElementById('count').textContent.includes(' of ')")
        assert page.locator("#list a").count() < 20
        page.reload()
        page.wait_for_selector("main h2")


# ── axe ──


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_serious(
    browser: Any, first_run: Path, second_run: Path, axe: str, scheme: str, width: int
) -> None:
    with served(first_run, images=SAMPLES / "images", against=second_run) as viewer:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
        look = Watched(context.new_page(), viewer.address)
        page = look.page
        key = viewer.items("task=conversation")[0]["key"]
        found = []
        for path in ("/", f"/s/{key}", "/?q=zzz"):
            page.goto(viewer.address + path)
            look.until("document.getElementById('count').textContent !== ''")
            if path.startswith("/s"):
                page.wait_for_selector(".speaks")
            page.wait_for_timeout(300)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            found += [(path, each) for each in serious(page, axe)]
        context.close()
        assert found == []
