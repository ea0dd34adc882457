"""One page about a run or a file: it tells what is there, and nothing that data chose does anything on it."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from datagen import Settings, generate, rebuild, report
from datagen.errors import DatagenError
from datagen.summary.rejected import marked
from tests.program import Program

ROOT = Path(__file__).resolve().parents[2]
TAGS = set(
    "html head meta title style body header h1 h2 h3 p dl div dt dd small nav ul li a main section svg g rect text "
    "path details summary table thead tbody tr th td article b span img mark code i footer".split()
)
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><script>alert(1)</script>",
    "</title></svg><svg onload=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "\x1b]0;owned\x07 \x00 \u202e txet \ud800",
    "]]><!--",
]


class Page(HTMLParser):
    """What elements and attributes a browser would see, and all of the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def harmless(html: str) -> Page:
    page = Page(html)
    assert page.tags <= TAGS
    for tag, name, value in page.attributes:
        assert not name.startswith("on")
        assert name != "href" or value.startswith("#"), (tag, value)
        assert name != "src" or value.startswith("data:image/jpeg;base64,")
        assert name != "style"
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", html)
    return page


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the samples, with one task whose replies are all cut off."""
    folder = tmp_path_factory.mktemp("report") / "run"
    generate([ROOT / "samples"], Settings(model="mock", max_tokens=90, price="1,2"), folder)
    return folder


def test_a_run_is_told_whole(run: Path, tmp_path: Path) -> None:
    page = harmless(report(run, tmp_path / "r.html").read_text("utf-8"))
    manifest = json.loads((run / "manifest.json").read_text())
    assert sum(manifest["rejected"].values()) > 0
    assert manifest["kept"] > 0
    for told in (
        "MOCK data",
        f"{manifest['planned']:,}",
        f"{manifest['kept']:,}",
        "rejected: cut",
        "Attempts over time",
    ):
        assert told in page.text
    links = {value[1:] for _, name, value in page.attributes if name == "href"}
    anchors = {value for _, name, value in page.attributes if name == "id"}
    assert "why-rejected-cut" in links
    assert links <= anchors
    assert "person" in page.text
    assert "How questions begin" in page.text


def test_a_file_is_told_with_its_pictures(tmp_path: Path, cli: Program) -> None:
    source = ROOT / "samples" / "output" / "llava.json"
    done = cli("report", source, "--images", ROOT / "samples" / "images", "-o", "page.html")
    assert done.returncode == 0
    assert done.stdout == "page.html\n"
    page = harmless((tmp_path / "page.html").read_text("utf-8"))
    assert sum(tag == "img" for tag, name, _ in page.attributes if name == "src") > 3
    assert f"12 of {len(json.loads(source.read_text()))}, picked by" in page.text


def test_the_same_run_gives_the_same_page(run: Path, tmp_path: Path) -> None:
    assert report(run, tmp_path / "a.html").read_bytes() == report(run, tmp_path / "b.html").read_bytes()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_does_nothing(text: str, tmp_path: Path) -> None:
    talk = [{"from": "human", "value": f"<image>\n{text}"}, {"from": "gpt", "value": f"{text} a caption says"}]
    records = [{"id": text + str(number), "image": text, "conversations": talk} for number in range(3)]
    (tmp_path / "data.json").write_text(json.dumps(records))
    page = harmless(report(tmp_path / "data.json", tmp_path / "r.html", tmp_path).read_text("utf-8"))
    visible = text if text.isprintable() else "txet"
    assert visible in page.text


def test_hostile_names_in_a_run(tmp_path: Path) -> None:
    annotations: dict[str, Any] = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 9, "height": 9}],
        "categories": [{"id": number, "name": text} for number, text in enumerate(HOSTILE, 1) if text.isprintable()],
        "annotations": [{"id": 9, "image_id": 1, "caption": HOSTILE[0]}],
    }
    annotations["annotations"] += [
        {"id": each["id"], "image_id": 1, "category_id": each["id"], "bbox": [0, 0, 3, 3], "area": 9, "iscrowd": 0}
        for each in annotations["categories"]
    ]
    (tmp_path / "a.json").write_text(json.dumps(annotations))
    generate([tmp_path / "a.json"], Settings(model="mock"), tmp_path / "<b>run")
    page = harmless(report(tmp_path / "<b>run", tmp_path / "r.html").read_text("utf-8"))
    assert "<script>alert(1)</script>" in page.text


def test_a_run_without_files_yet_is_told_too(run: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    for name in ("ledger.db", "run.json"):
        (tmp_path / "run" / name).write_bytes((run / name).read_bytes())
    page = harmless(report(tmp_path / "run", tmp_path / "r.html").read_text("utf-8"))
    assert "There is no training file yet" in page.text


@pytest.mark.parametrize("name", ["nothing", "words.json", "folder"])
def test_what_is_no_data_is_refused_and_the_old_page_stays(name: str, tmp_path: Path) -> None:
    (tmp_path / "words.json").write_text("words")
    (tmp_path / "folder").mkdir()
    (tmp_path / "r.html").write_text("old")
    with pytest.raises(DatagenError):
        report(tmp_path / name, tmp_path / "r.html")
    assert (tmp_path / "r.html").read_text() == "old"


def test_a_page_that_cannot_be_written(run: Path, tmp_path: Path) -> None:
    with pytest.raises(DatagenError, match="cannot be written"):
        report(run, tmp_path / "no" / "such" / "r.html")


def test_no_picture_from_outside_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.jpg").write_bytes((ROOT / "samples/images/park.png").read_bytes())
    talk = [{"from": "human", "value": "<image>\nWhat?"}, {"from": "gpt", "value": "A."}]
    names = ["../secret.jpg", str(tmp_path / "secret.jpg"), "in/../../secret.jpg", "\x00", "a" * 5000]
    records = [{"id": str(at), "image": name, "conversations": talk} for at, name in enumerate(names)]
    (tmp_path / "data.json").write_text(json.dumps(records))
    page = harmless(report(tmp_path / "data.json", tmp_path / "r.html", tmp_path / "in").read_text("utf-8"))
    assert "img" not in page.tags


def test_what_is_not_so_is_marked_in_kept_and_rejected(tmp_path: Path) -> None:
    said = "Question:\nWhat is it?\n===\nAnswer:\nA dog, and a giraffe beside it."
    one = {
        "image": "a.jpg",
        "captions": ["A dog."],
        "boxes": [["dog", 0.1, 0.1, 0.5, 0.5], ["cat", 0.6, 0.1, 0.9, 0.5]],
    }
    other = {"image": "b.jpg", "captions": ["A giraffe."], "boxes": [["giraffe", 0.1, 0.1, 0.5, 0.5]]}
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, (one, other))))
    generate([tmp_path / "a.jsonl"], Settings(model="mock", task=("complex_reasoning",)), tmp_path / "run")
    answer = json.dumps({"model": "m", "choices": [{"message": {"content": said}, "finish_reason": "stop"}]})
    with closing(sqlite3.connect(tmp_path / "run" / "ledger.db")) as db, db:
        db.execute("UPDATE attempts SET raw = ?", (answer.encode(),))
    for wished in ((), ("G",)):
        rebuild(tmp_path / "run", reject=wished)
        html = report(tmp_path / "run", tmp_path / "r.html").read_text("utf-8")
        page = harmless(html)
        assert "<mark>a giraffe</mark>" in html
        assert ("borne out" in page.text) is not bool(wished)  # rejected are both
        assert ("rejected: absent-object" in page.text) is bool(wished)


def test_of_words_that_begin_alike_the_longest_is_marked() -> None:
    assert marked("a dog. a dog house", {"a dog", "a dog house", ""}) == (
        ("a dog", True),
        (". ", False),
        ("a dog house", True),
    )
    assert marked("plain", set()) == (("plain", False),)
    assert marked("", {"x"}) == ()


def test_pictures_that_are_nowhere_are_spoken_of(run: Path, tmp_path: Path) -> None:
    with pytest.raises(DatagenError, match="there is no folder"):
        report(run, tmp_path / "r.html", tmp_path / "nope")
