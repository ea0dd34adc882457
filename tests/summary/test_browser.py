"""The report in a real browser: 119 texts that would run and 500 that break pages do nothing in any field; a reason's
link shows its replies; axe finds nothing serious, light and dark, narrow and wide.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.summary import findings, rejected, talk
from tests.viewer.browser import Watched, looking, serious
from tests.viewer.hostile import naughty, vectors

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
SAMPLES = Path(__file__).resolve().parents[2] / "samples"
TEXTS = [*vectors(), *naughty()]
FORBIDDEN = "script, iframe, object, embed, form, link, base, image, use, video, audio, input, a:not([href^='#'])"


@pytest.fixture
def all_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page shows every record, reply and finding, and not the first few."""
    for module, name in ((talk, "SHOWN"), (rejected, "EACH"), (findings, "PLACES")):
        monkeypatch.setattr(module, name, len(TEXTS) * 3)


@pytest.fixture(scope="module")
def rough(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a run with rejected replies and findings, with pictures."""
    folder = tmp_path_factory.mktemp("rough")
    settings = datagen.Settings(model="mock", max_tokens=90, price="1,2", max_cost=5.0)
    datagen.generate([SAMPLES], settings, folder / "run")
    return datagen.report(folder / "run", folder / "r.html", SAMPLES / "images")


def deaf(browser: Any, page_at: Path) -> Iterator[str]:
    """Everything on the page is opened and passed by; then all that is on it, as text."""
    with looking(browser, page_at.as_uri()) as look:
        look.page.goto(page_at.as_uri())
        look.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        look.page.mouse.wheel(0, 100_000)
        look.page.wait_for_timeout(500)
        assert look.page.locator(FORBIDDEN).count() == 0
        assert look.page.locator("style, meta[http-equiv]").count() == 2
        assert look.page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
        yield " ".join(look.page.evaluate("document.body.textContent").split())


def test_a_run_full_of_hostile_texts_does_nothing(browser: Any, all_shown: None, tmp_path: Path) -> None:
    pytest.importorskip("starlette", reason="the poisoned run is made by the viewer's tests")
    from tests.viewer.test_hostile import poison

    one = {"captions": ["A dog."], "boxes": [["dog", 0.1, 0.1, 0.5, 0.5]]}
    lines = [json.dumps({"image": f"{number}.png", **one}) for number in range(len(TEXTS))]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    datagen.generate([tmp_path / "a.jsonl"], datagen.Settings(model="mock", price="1,2"), tmp_path / "run")
    poison(tmp_path / "run", TEXTS)
    datagen.rebuild(tmp_path / "run")
    for text in deaf(browser, datagen.report(tmp_path / "run", tmp_path / "r.html", tmp_path)):
        for vector in vectors():
            if vector.isprintable():
                assert " ".join(vector.split()) in text


def test_nor_does_a_file_of_them(browser: Any, all_shown: None, tmp_path: Path) -> None:
    def record(text: str) -> dict[str, Any]:
        said = (("human", f"<image>\n{text}"), ("gpt", f"{text} caption"))
        talked = [{"from": who, "value": value} for who, value in said]
        return {"id": text, "image": text, "conversations": talked}

    records = [record(text[:2000]) for text in TEXTS]
    (tmp_path / "train.json").write_text(json.dumps(records))
    for text in deaf(browser, datagen.report(tmp_path / "train.json", tmp_path / "r.html", tmp_path)):
        for vector in vectors():
            if vector.isprintable():
                assert " ".join(vector.split()) in text


def test_a_reason_leads_to_its_replies(browser: Any, rough: Path) -> None:
    with looking(browser, rough.as_uri()) as look:
        look.page.goto(rough.as_uri())
        reply = look.page.locator("#why-rejected-cut .raw").first
        assert not reply.is_visible()
        look.page.locator("svg a[href='#why-rejected-cut']").click()
        look.page.wait_for_timeout(1500)  # it scrolls smoothly
        assert reply.is_visible()
        top = look.page.evaluate("document.getElementById('why-rejected-cut').getBoundingClientRect().top")
        assert 0 <= top < 900


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_serious(browser: Any, rough: Path, axe: str, scheme: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    look = Watched(context.new_page(), rough.as_uri())
    look.page.goto(rough.as_uri())
    found = []
    for opened in ("false", "true"):
        look.page.evaluate(f"document.querySelectorAll('details').forEach((each) => {{ each.open = {opened}; }})")
        assert look.page.evaluate("document.documentElement.scrollWidth") <= width
        found += serious(look.page, axe)
    context.close()
    assert found == []
