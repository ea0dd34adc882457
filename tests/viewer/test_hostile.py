"""110 texts that try to run and 500 that break pages, in every field: nothing runs, nothing is fetched, all is text."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import datagen
from tests.viewer.browser import looking
from tests.viewer.hostile import naughty, vectors
from tests.viewer.served import Viewer, completion, rewrite, served

TEXTS = [*vectors(), *naughty()]
FEW = 3
"""Samples about one picture: one answers, one is answered out of form, one fails."""


def test_there_are_as_many_as_is_said() -> None:
    assert len(vectors()) >= 110
    assert len(naughty()) >= 500


def half(text: str) -> str:
    """As UTF-8 can carry it: of half a character, a question mark."""
    return text.encode("utf-8", "replace").decode()


def poison(run: Path, texts: list[str]) -> None:
    """Put each text into every field of a picture's samples."""

    def into(db: sqlite3.Connection) -> None:
        images = [row[0] for row in db.execute("SELECT DISTINCT context FROM queries ORDER BY position")]
        for image, text in zip(images, map(half, texts), strict=True):
            (body,) = db.execute("SELECT body FROM contexts WHERE n = ?", (image,)).fetchone()
            told = json.loads(body)
            told |= {"file_name": text, "captions": [text, f"a {text} b"]}
            told["boxes"] = [[text, *box[1:]] for box in told["boxes"]] or [[text, 0.1, 0.1, 0.5, 0.5]]
            db.execute("UPDATE contexts SET body = ? WHERE n = ?", (json.dumps(told), image))
            queries = db.execute("SELECT n, task FROM queries WHERE context = ? ORDER BY n", (image,)).fetchall()
            for at, (query, task) in enumerate(queries):
                _answer(db, query, task, text, at)

    rewrite(run, into)


def _answer(db: sqlite3.Connection, query: int, task: str, text: str, at: int) -> None:
    said = f"Question:\n{text}?\n===\nAnswer:\nIt is {text} here." if task == "complex_reasoning" else text
    more = {"model": text, "choices": [{"message": {"content": said, "refusal": None}, "finish_reason": "stop"}]}
    db.execute("UPDATE queries SET question = ? WHERE n = ? AND question IS NOT NULL", (text, query))
    state = ("failed", text, text) if at == FEW - 1 else ("answered", None, None)
    db.execute(
        "UPDATE attempts SET raw = ?, model = ?, request_id = ?, outcome = ?, reason = ?, message = ? WHERE query = ?",
        (completion("", **more), text, text, *state, query),
    )


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three samples for each text, which stands in every field of them."""
    folder = tmp_path_factory.mktemp("poisoned")
    one = {"captions": ["A dog."], "boxes": [["dog", 0.1, 0.1, 0.5, 0.5]]}
    images = [{"image": f"{n}.png", **one} for n in range(len(TEXTS))]
    source = folder / "a.jsonl"
    source.write_text("\n".join(map(json.dumps, images)))
    run = folder / "run"
    datagen.generate([source], datagen.Settings(model="mock"), run)
    poison(run, TEXTS)
    return run


@pytest.fixture(scope="module")
def viewer(poisoned: Path) -> Iterator[Viewer]:
    with served(poisoned) as made:
        yield made


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_every_answer_is_json_or_a_page_that_holds_no_markup_of_theirs(viewer: Viewer) -> None:
    keys = [row[0] for row in viewer.site.book.index.rows("SELECT key FROM samples ORDER BY n")]
    assert len(keys) == FEW * len(TEXTS)
    shell = viewer.get("/").body.count(b"<")
    for key in keys[:: max(1, len(keys) // 400)]:
        page = viewer.get(f"/s/{key}")
        assert page.body.count(b"<") == shell, "every `<` of theirs is written \\u003c"
        assert viewer.get(f"/api/sample/{key}").json["key"] == key


def test_every_text_can_be_searched_for_and_filtered_by(viewer: Viewer) -> None:
    for text in TEXTS[::7]:
        for name in ("q", "category", "state", "task", "check", "label"):
            assert viewer.get(f"/api/list?{name}={quote(half(text)[:300])}").status == 200


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nothing_runs_and_nothing_is_fetched_whatever_the_texts(browser: Any, viewer: Viewer) -> None:
    with looking(browser, viewer.address) as look:
        for query, count in (("task=complex_reasoning", len(TEXTS)), ("state=failed", 150), ("check=R004", 150)):
            look.page.goto(f"{viewer.address}/?{query}")
            look.page.wait_for_selector("#list a")
            look.leaf(count)
            inside = "script, iframe, object, embed, form, link, style, base, meta, a:not(.id)"
            assert look.page.locator("main").locator(inside).count() == 0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_would_run_is_read_as_text(browser: Any, viewer: Viewer) -> None:
    with looking(browser, viewer.address) as look:
        for at, text in enumerate(vectors()):
            key = viewer.site.book.index.rows("SELECT key FROM samples ORDER BY n LIMIT 1 OFFSET ?", (at * FEW,))[0][0]
            look.page.goto(f"{viewer.address}/s/{key}?q={quote(text)}&category={quote(text)}#{quote(text)}")
            look.page.wait_for_selector("main h2")
            whole = look.page.evaluate("document.querySelector('main').textContent")
            assert _seen(text) in " ".join(whole.split()), text
        look.page.goto(f"{viewer.address}/s/{quote('<img src=x onerror=alert(1)>', safe='')}")
        look.page.wait_for_timeout(200)
        look.wrong = [each for each in look.wrong if "404" not in each]


def _seen(text: str) -> str:
    """As the page writes what cannot be seen."""
    from datagen.viewer.pieces import pieces

    return " ".join("".join(each if isinstance(each, str) else each["t"] for each in pieces(text)).split())


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_exported_pages_are_as_deaf(browser: Any, poisoned: Path, tmp_path: Path) -> None:
    page_at = datagen.export_view(poisoned, tmp_path / "pages", share=len(TEXTS))
    with looking(browser, page_at.parent.as_uri()) as look:
        look.page.goto(page_at.as_uri())
        look.page.wait_for_selector("#list a")
        look.leaf(len(vectors()))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nor_does_a_file_of_training_data(browser: Any, tmp_path: Path) -> None:
    def record(text: str) -> dict[str, Any]:
        said = [
            {"from": role, "value": value}
            for role, value in (("human", f"<image>\n{text}"), (text, text), ("gpt", text))
        ]
        return {"id": text, "image": text, text[:50] or "x": text, "conversations": said}

    path = tmp_path / "train.json"
    path.write_text(json.dumps([record(text[:2000]) for text in TEXTS]))
    with served(path) as viewer, looking(browser, viewer.address) as look:
        look.page.goto(viewer.address)
        look.page.wait_for_selector("#list a")
        look.leaf(len(TEXTS))
