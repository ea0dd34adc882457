"""Pages, lists, filters, search: what is shown is what the run holds."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import datagen
from tests.viewer.conftest import SAMPLES
from tests.viewer.served import Viewer, completion, rewrite, served


def text(pieces: list[Any]) -> str:
    return "".join(piece if isinstance(piece, str) else piece["t"] for piece in pieces)


def first_of(page: bytes) -> Any:
    """The JSON that a page begins with."""
    return json.loads(page.split(b'id="first">')[1].split(b"</script>")[0])


def test_the_list_holds_every_sample_once_and_in_plan_order(viewer: Viewer, first_run: Path) -> None:
    records = json.loads((first_run / "llava.json").read_text())
    told = viewer.get("/api/list").json
    assert told["count"] == len(records) == 48
    assert [item["id"] for item in told["items"]] == [record["id"] for record in records]


def test_pages_of_a_list_follow_each_other(viewer: Viewer) -> None:
    lists = viewer.site.book.lists
    from datagen.viewer.search import Wanted

    seen: list[str] = []
    after = -1
    while page := lists.page(Wanted(), after, 7):
        seen += [item["key"] for item in page]
        after = page[-1]["n"]
    assert len(seen) == len(set(seen)) == 48
    back = lists.before(Wanted(), after, 7)
    assert [item["key"] for item in back] == seen[-8:-1]


def test_a_sample_tells_what_the_record_and_the_request_hold(viewer: Viewer, first_run: Path) -> None:
    record = next(each for each in json.loads((first_run / "llava.json").read_text()) if "conversation" in each["id"])
    key = next(item["key"] for item in viewer.items() if item["id"] == record["id"])
    told = viewer.get(f"/api/sample/{key}").json
    said = [text(message["text"]) for message in told["messages"]]
    assert said == [each["value"].replace("<image>\n", "") for each in record["conversations"]]
    assert [message["role"] for message in told["messages"][:2]] == ["human", "gpt"]
    preview = datagen.preview([SAMPLES], datagen.Settings(model="mock"), "conversation", told["image"]["id"])
    sent = "\n\n".join("\n".join(text(line["text"]) for line in sight["lines"]) for sight in told["context"])
    assert preview.messages[-1]["content"] == sent
    assert told["image"]["there"]
    assert len(told["attempts"]) == 1
    assert told["state"] == "kept"


def test_words_that_speak_of_a_box_point_at_it(viewer: Viewer) -> None:
    told = viewer.get(f"/api/sample/{viewer.items('task=conversation&category=dog')[0]['key']}").json
    boxes = told["image"]["boxes"]
    speaking = [piece for message in told["messages"] for piece in message["text"] if isinstance(piece, dict)]
    dogs = [piece for piece in speaking if piece["t"].lower().rstrip("s") == "dog"]
    assert dogs
    assert all(boxes[box][0] == "dog" for piece in dogs for box in piece["b"])


def test_the_page_has_the_sample_in_it_and_an_unknown_one_is_not_found(viewer: Viewer) -> None:
    key = viewer.items()[3]["key"]
    page = viewer.get(f"/s/{key}")
    assert page.status == 200
    assert first_of(page.body)["sample"] == viewer.get(f"/api/sample/{key}").json
    assert viewer.get("/s/no-such").status == 404
    assert viewer.get("/api/sample/no-such").status == 404


@pytest.mark.parametrize("kind", ["task", "category", "state"])
def test_a_filter_holds_what_its_count_says(viewer: Viewer, kind: str) -> None:
    for value, count in viewer.get("/api/status").json["facets"][kind]:
        told = viewer.get(f"/api/list?{kind}={quote(value)}").json
        assert told["count"] == count == len(told["items"]), value


def test_search_finds_what_holds_all_the_words_however_they_are_written(viewer: Viewer) -> None:
    samples = [viewer.get(f"/api/sample/{item['key']}").json for item in viewer.items()]

    def holds(sample: Any, word: str) -> bool:
        parts = [text(message["text"]) for message in sample["messages"]]
        parts += [text(line["text"]) for sight in sample["context"] for line in sight["lines"]]
        return word in " ".join(parts).lower()

    for typed, words in (("dog", ["dog"]), ("DOG", ["dog"]), ("sail", ["sail"]), ('"fishing boat"', ["fishing boat"])):
        found = {item["key"] for item in viewer.items(f"q={quote(typed)}")}
        assert found == {each["key"] for each in samples if all(holds(each, word) for word in words)}, typed
        assert found, typed


def test_search_and_filters_narrow_each_other(viewer: Viewer) -> None:
    both = viewer.get("/api/list?q=boat&task=conversation&category=bird").json
    keys = [{item["key"] for item in viewer.items(query)} for query in ("q=boat", "task=conversation", "category=bird")]
    assert {item["key"] for item in both["items"]} == keys[0] & keys[1] & keys[2]
    assert both["count"] == len(both["items"]) > 0


@pytest.mark.parametrize(
    "typed", ['"', "*", "NEAR(", "a OR", "-", "tags:x", "col:", "'", ")", '""""', "^dog", "\u202e", "x" * 999]
)
def test_what_is_typed_is_words_and_never_a_query(viewer: Viewer, typed: str) -> None:
    told = viewer.get(f"/api/list?q={quote(typed)}")
    assert told.status == 200
    assert told.json["count"] == len(told.json["items"]) or told.json["count"] > 60


def test_a_lone_unfinished_word_is_looked_for_by_its_beginning(viewer: Viewer) -> None:
    whole, begun = viewer.get("/api/list?q=sailboat").json["count"], viewer.get("/api/list?q=sailbo").json["count"]
    assert 0 < whole <= begun
    assert viewer.get("/api/list?q=sailbo%20").json["count"] == 0


def test_a_list_can_begin_around_a_sample(viewer: Viewer) -> None:
    key = viewer.items()[40]["key"]
    told = viewer.get(f"/api/list?around={key}").json
    keys = [item["key"] for item in told["items"]]
    assert told["before"] + keys.index(key) == 40


def test_findings_are_counted_filtered_and_their_words_marked(run: Path) -> None:
    reply = "Question:\nWhat is it?\n===\nAnswer:\nThe bounding box of the dog is large."

    def spoil(db: sqlite3.Connection) -> None:
        db.execute(
            "UPDATE attempts SET raw = ? WHERE query = (SELECT min(n) FROM queries WHERE task = 'complex_reasoning')",
            (completion(reply),),
        )

    rewrite(run, spoil)
    with served(run) as viewer:
        (item,) = viewer.items("check=L002")
        assert (item["state"], item["reason"]) == ("rejected", "bounding-box")
        assert viewer.items("state=rejected") == [item]
        assert ["L002", 1, "bounding-box"] in viewer.get("/api/status").json["facets"]["check"]
        told = viewer.get(f"/api/sample/{item['key']}").json
        marked = [
            piece["t"] for m in told["messages"] for piece in m["text"] if isinstance(piece, dict) and "f" in piece
        ]
        assert "".join(marked).lower() == "bounding box"
        assert viewer.items("q=%22bounding%20box%22&check=L002") == [item]


def test_two_runs_stand_side_by_side_by_picture_and_task(first_run: Path, second_run: Path) -> None:
    with served(first_run, against=second_run) as viewer:
        items = viewer.items()
        told = [viewer.get(f"/api/sample/{item['key']}").json for item in items]
        beside = [each["beside"] for each in told if each["beside"] is not None]
        assert len(beside) == 30
        for each in told:
            if each["beside"] is not None:
                assert each["beside"]["image"]["id"] == each["image"]["id"]
                assert (each["beside"]["task"], each["beside"]["key"]) == (each["task"], each["beside"]["key"])
                assert each["beside"]["key"] != each["key"]


def test_a_file_of_training_data_is_shown_with_its_findings(tmp_path: Path) -> None:
    records = [
        {"id": "a", "image": "dog.png", "conversations": [
            {"from": "human", "value": "<image>\nWhat is it?"}, {"from": "gpt", "value": "A dog on a rug."}]},
        {"id": "b", "image": "dog.png", "conversations": [
            {"from": "human", "value": "<image>\nAnd this?"},
            {"from": "gpt", "value": "I am sorry, but I cannot see images."}]},
        {"nothing": 1},
    ]  # fmt: skip
    path = tmp_path / "train.json"
    path.write_text(json.dumps(records))
    with served(path) as viewer:
        states = {item["key"]: item["state"] for item in viewer.items()}
        assert states == {"0": "clean", "1": "error", "2": "error"}
        told = viewer.get("/api/sample/1").json
        marked = [piece for m in told["messages"] for piece in m["text"] if isinstance(piece, dict) and "f" in piece]
        assert marked
        assert [item["key"] for item in viewer.items("q=rug")] == ["0"]
        assert [item["key"] for item in viewer.items("q=sorry&state=error")] == ["1"]


def test_a_run_is_followed_while_it_is_written(run: Path) -> None:
    answered = "(SELECT n FROM queries WHERE position >= 10)"

    def forget(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE aside AS SELECT * FROM attempts")
        db.execute(f"DELETE FROM attempts WHERE query IN {answered}")

    rewrite(run, forget)
    with served(run) as viewer:
        book = viewer.site.book
        states = dict(viewer.get("/api/status").json["facets"]["state"])
        assert states == {"kept": 10, "pending": 38}
        assert viewer.items("q=dog&state=pending") == []
        rewrite(
            run, lambda db: db.execute(f"INSERT INTO attempts SELECT * FROM aside WHERE query IN {answered}") and None
        )
        book.catch_up()
        assert dict(viewer.get("/api/status").json["facets"]["state"]) == {"kept": 48}


def test_a_reply_that_took_anothers_place_is_found_by_its_own_words_only(run: Path) -> None:
    one = "(SELECT n FROM queries WHERE task = 'detail_description' ORDER BY n LIMIT 1)"
    rewrite(
        run,
        lambda db: (
            db.execute(f"UPDATE attempts SET raw = ? WHERE query = {one}", (completion("zyzzyva here"),)) and None
        ),
    )
    with served(run) as viewer:
        (item,) = viewer.items("q=zyzzyva")

        def again(db: sqlite3.Connection) -> None:
            db.execute(f"UPDATE attempts SET outcome = 'spoiled', reason = 'x' WHERE query = {one}")
            db.execute(
                f"INSERT INTO attempts (query, outcome, sent, ended, raw) VALUES ({one}, 'answered', 1, 2, ?)",
                (completion("quokka now"),),
            )

        rewrite(run, again)
        viewer.site.book.catch_up()
        assert viewer.items("q=zyzzyva") == []
        assert [each["key"] for each in viewer.items("q=quokka")] == [item["key"]]
        assert len(viewer.get(f"/api/sample/{item['key']}").json["attempts"]) == 2


def test_the_index_is_kept_and_made_anew_for_another_ledger(run: Path, second_run: Path) -> None:
    with served(run) as viewer:
        before = viewer.site.book.index.path
        assert len(viewer.items()) == 48
    with served(run) as viewer:
        assert viewer.site.book.index.changes == 0 or viewer.site.book.index.meta("planned") == "47"
    for name in ("ledger.db", "run.json", "prompts"):
        source, there = second_run / name, run / name
        if source.is_dir():
            continue
        there.write_bytes(source.read_bytes())
    for end in ("-wal", "-shm"):
        (run / f"ledger.db{end}").unlink(missing_ok=True)
    with served(run) as viewer:
        assert viewer.site.book.index.path == before
        assert len(viewer.items()) == 30


def test_two_viewers_of_one_run_do_not_meet_in_one_side_file(run: Path) -> None:
    with served(run) as one, served(run) as other:
        paths = [viewer.site.book.index.path for viewer in (one, other)]
        assert paths[0] != paths[1]
        assert one.get("/api/list?q=dog").json == other.get("/api/list?q=dog").json
    assert [path.exists() for path in paths] == [True, False]


def test_a_damaged_ledger_is_told_of_where_it_is_met(run: Path) -> None:
    with served(run) as viewer:
        key = viewer.items()[0]["key"]
        rewrite(run, lambda db: db.execute("UPDATE contexts SET body = '{}'") and None)
        got = viewer.get(f"/api/sample/{key}")
        assert got.status == 500
        assert "damaged" in got.json["error"]
        assert viewer.get("/api/list").json["count"] == 48


def test_a_plan_that_was_changed_is_taken_up_with_its_tasks(tmp_path: Path) -> None:
    run = tmp_path / "run"
    datagen.generate([SAMPLES], datagen.Settings(model="mock", limit=2, task=("conversation",)), run)
    with served(run) as viewer:
        assert len(viewer.items()) == 2
        datagen.generate([SAMPLES], datagen.Settings(model="mock", limit=3), run, replan=True)
        viewer.site.book.catch_up()
        assert len(viewer.items()) == 9
        assert {viewer.get(f"/api/sample/{item['key']}").json["task"] for item in viewer.items()} >= {"conversation"}


def test_a_runs_pictures_are_found_beside_its_annotations_or_where_it_was_told(first_run: Path, tmp_path: Path) -> None:
    with served(first_run) as viewer:
        assert viewer.site.pictures.folder == (SAMPLES / "images").resolve()
        assert viewer.get(f"/picture/{viewer.items()[0]['key']}").headers["content-type"] == "image/png"
        assert viewer.get(f"/thumb/{viewer.items()[0]['key']}").headers["content-type"] == "image/jpeg"
    run, alone = tmp_path / "run", tmp_path / "alone"
    alone.mkdir()
    for path in (SAMPLES / "annotations").iterdir():
        (alone / path.name).write_bytes(path.read_bytes())
    datagen.generate([alone], datagen.Settings(model="mock", limit=1, images=SAMPLES / "images"), run)
    with served(run) as viewer:
        assert viewer.site.pictures.folder == (SAMPLES / "images").resolve()
