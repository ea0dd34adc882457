"""Who may ask, where pictures come from, what is written, and what goes back with every answer."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from datagen.labels import read_labels
from datagen.viewer.pictures import Pictures
from tests.viewer.served import TOKEN, Viewer, rewrite, served

PATHS = ("/", "/api/list", "/api/status", "/static/app.js", "/nowhere")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:{port}", "127.0.0.1", "localhost:1", "", "0:{port}"]
)
def test_another_host_is_refused(viewer: Viewer, path: str, host: str) -> None:
    assert viewer.get(path, host=host.format(port=viewer.port)).status == 403


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1", "file://"]
)
def test_another_origin_is_refused(viewer: Viewer, path: str, origin: str) -> None:
    assert viewer.get(path, origin=origin.format(port=viewer.port)).status == 403


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST"])
def test_its_own_host_and_origin_are_not(viewer: Viewer, name: str) -> None:
    host = f"{name}:{viewer.port}"
    assert viewer.get("/api/list", host=host, origin=f"http://{host}").status == 200


def test_two_hosts_are_one_too_many(viewer: Viewer) -> None:
    with socket.create_connection(("127.0.0.1", viewer.port), timeout=10) as connection:
        connection.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{viewer.port}\r\nHost: evil\r\n\r\n".encode())
        assert connection.recv(100).split(b" ")[1] in (b"400", b"403")


def test_only_this_machine_is_listened_to(viewer: Viewer) -> None:
    with socket.socket() as asking:
        asking.settimeout(2)
        assert asking.connect_ex(("127.0.0.2", viewer.port)) != 0  # which a server on 0.0.0.0 would answer


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/", "/api/list", "/picture/x", "/static/app.js"])
def test_nothing_but_reading(viewer: Viewer, method: str, path: str) -> None:
    assert viewer.get(path, method).status in (403, 405)


@pytest.mark.parametrize("path", [*PATHS, "/api/sample/x", "/thumb/x", "/picture/x", "/s/x"])
def test_every_answer_has_the_headers(viewer: Viewer, path: str) -> None:
    for got in (viewer.get(path), viewer.get(path, host="evil")):
        policy = got.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in got.headers
        assert "server" not in got.headers


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd", "/static/%00"]
)
def test_static_files_are_those_of_one_folder(viewer: Viewer, path: str) -> None:
    assert viewer.get(path).status in (400, 403, 404)


# ── pictures ──

PLACES = [
    "../secret.png", "a/../../secret.png", "/etc/passwd", "{outside}/secret.png", "..\\secret.png", "C:\\secret.png",
    "file://{outside}/secret.png", "//server/secret.png", "link.png", "folder/secret.png", "./../secret.png",
    "....//secret.png", "%2e%2e/secret.png", "secret.png\0.png", "~/secret.png", " ../secret.png", "..", ".", "",
    "http://127.0.0.1/secret.png", "a" * 5000, "\u202e../secret.png", "pipe.png", "loop.png", "..;/secret.png",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pictures with ways out of it, and a secret outside."""
    root = tmp_path_factory.mktemp("pictures")
    inside = root / "inside"
    inside.mkdir()
    Image.new("RGB", (8, 6), "red").save(root / "secret.png")
    Image.new("RGB", (8, 6), "blue").save(inside / "fine.png")
    (inside / "link.png").symlink_to(root / "secret.png")
    (inside / "folder").symlink_to(root)
    (inside / "loop.png").symlink_to(inside / "loop.png")
    os.mkfifo(inside / "pipe.png")
    return inside


@pytest.fixture(scope="module")
def opens() -> Iterator[list[str]]:
    """Every path that is opened from now on."""
    seen: list[str] = []
    active = [True]

    def heard(event: str, told: tuple[Any, ...]) -> None:
        if active[0] and event == "open" and isinstance(told[0], str | bytes | os.PathLike):
            seen.append(os.fsdecode(told[0]))

    sys.addaudithook(heard)
    yield seen
    active[0] = False


@pytest.mark.parametrize("name", PLACES)
def test_no_name_leads_out_of_the_folder(folder: Path, opens: list[str], name: str) -> None:
    pictures = Pictures(folder)
    name = name.format(outside=folder.parent) if "{" in name else name
    opens.clear()
    for got in (pictures.whole(name), pictures.thumb(name)):
        assert got is None
    assert not [path for path in opens if "secret" in path or "passwd" in path or "pipe" in path]


def test_what_is_in_it_is_given_out_as_what_it_is(folder: Path, tmp_path: Path) -> None:
    assert Pictures(folder).whole("fine.png") == ((folder / "fine.png").read_bytes(), "image/png")
    for name, data in (
        ("page.png", b"<!doctype html><script>alert(1)</script>"),
        ("drawing.png", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        ("empty.png", b""),
        ("cut.png", (folder / "fine.png").read_bytes()[:20]),
    ):
        (tmp_path / name).write_bytes(data)
        assert Pictures(tmp_path).whole(name) is None, name
        assert Pictures(tmp_path).thumb(name) is None, name
    Image.new("RGB", (9, 9)).save(tmp_path / "truly.jpeg.html", "JPEG")
    made = Pictures(tmp_path).whole("truly.jpeg.html")
    assert made is not None
    assert made.kind == "image/jpeg"


def test_a_picture_that_would_fill_the_memory_is_not_drawn(tmp_path: Path) -> None:
    Image.new("1", (20_000, 20_000)).save(tmp_path / "bomb.png")
    assert Pictures(tmp_path).thumb("bomb.png") is None
    assert Pictures(tmp_path).whole("bomb.png") is None


def test_a_ledger_that_names_files_elsewhere_gets_none(run: Path, folder: Path) -> None:
    outside = str(folder.parent / "secret.png")
    rewrite(
        run, lambda db: db.execute("UPDATE contexts SET body = json_set(body, '$.file_name', ?)", (outside,)) and None
    )
    with served(run, images=folder) as viewer:
        for item in viewer.items():
            assert viewer.get(f"/picture/{item['key']}").body == b""
            assert viewer.get(f"/thumb/{item['key']}").status == 204


# ── labels ──


def test_a_label_is_written_shown_and_taken_back(run: Path) -> None:
    with served(run) as viewer:
        key, name = viewer.items()[0]["key"], viewer.items()[0]["id"]
        assert viewer.label(key, "reject", "a dog, not a cat").status == 200
        assert viewer.get(f"/api/sample/{key}").json["label"]["verdict"] == "reject"
        assert [item["key"] for item in viewer.items("label=reject")] == [key]
        line = json.loads((run / "labels.jsonl").read_text())
        assert {**line, "at": ""} == {
            "id": name,
            "query_id": key,
            "verdict": "reject",
            "note": "a dog, not a cat",
            "at": "",
        }
        assert viewer.label(key, "keep").status == 200
        assert viewer.items("label=reject") == []
        assert viewer.items("label=keep") != []
        assert viewer.label(key, None).status == 200
        assert viewer.items("label=any") == []
        assert len((run / "labels.jsonl").read_text().splitlines()) == 3
    with served(run) as viewer:
        assert viewer.items("label=any") == []


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", TOKEN[:-1], "\u00e9"])
def test_without_the_token_nothing_is_written(run: Path, token: str) -> None:
    with served(run) as viewer:
        assert viewer.label(viewer.items()[0]["key"], "keep", token=token.encode().decode("latin-1")).status == 403
        assert not (run / "labels.jsonl").exists()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content_type": "text/plain"}, 415),
        ({"content_type": "application/x-www-form-urlencoded"}, 415),
        ({"origin": "http://evil.example"}, 403),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
    ],
)
def test_no_other_page_can_label(run: Path, headers: dict[str, str], status: int) -> None:
    with served(run) as viewer:
        assert viewer.label(viewer.items()[0]["key"], "keep", **headers).status == status
        assert not (run / "labels.jsonl").exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422), (b"[]", 422), (b'{"verdict": "perhaps", "note": ""}', 422), (b'{"verdict": "keep"}', 422),
        (b'{"verdict": "keep", "note": 7}', 422), (b"[" * 60_000, 422), (b'{"verdict": [], "note": ""}', 422),
        (json.dumps({"verdict": "keep", "note": "x" * 4001}).encode(), 422), (b"x" * 70_000, 413),
    ],
)  # fmt: skip
def test_what_is_no_label_is_refused(run: Path, body: bytes, status: int) -> None:
    with served(run) as viewer:
        path = f"/api/label/{viewer.items()[0]['key']}"
        got = viewer.get(path, "POST", body, content_type="application/json", x_datagen_token=TOKEN)
        assert got.status == status
        assert not (run / "labels.jsonl").exists()


def test_labels_survive_a_line_that_was_cut_short_and_lines_that_are_none(run: Path) -> None:
    with served(run) as viewer:
        first, second = (item["key"] for item in viewer.items()[:2])
        viewer.label(first, "keep")
        with (run / "labels.jsonl").open("ab") as file:
            file.write(b'[]\n"x"\n{"id": 7}\n{"id": "x", "query_id": "y", "verdict": "maybe"}\n{"id": "cut')
        viewer.label(second, "reject")
        found = {key[0]: label.verdict for key, label in read_labels(run / "labels.jsonl").items()}
        assert found == {first: "keep", second: "reject"}


def test_labels_do_not_go_through_a_link(run: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (run / "labels.jsonl").symlink_to(victim)
    with served(run) as viewer:
        assert viewer.label(viewer.items()[0]["key"], "keep").status == 507
    assert victim.read_text() == "mine"


def held(run: Path) -> dict[Path, bytes]:
    """Every file's bytes; SQLite's own memory and an empty log come and go."""
    files = (path for path in sorted(run.rglob("*")) if path.is_file() and not path.name.endswith("-shm"))
    return {path: data for path in files if (data := path.read_bytes())}


def test_looking_changes_nothing_of_the_run(run: Path) -> None:
    before = held(run)
    with served(run) as viewer:
        for item in viewer.items()[:5]:
            viewer.get(f"/s/{item['key']}")
    assert held(run) == before


def test_the_ledger_cannot_be_written_through_the_viewer(run: Path) -> None:
    with served(run) as viewer, pytest.raises(sqlite3.OperationalError, match="readonly"):
        viewer.site.book.shelf._db.execute("DELETE FROM attempts")


def test_what_is_kept_of_a_run_is_for_its_owner_alone(run: Path) -> None:
    with served(run) as viewer:
        path = viewer.site.book.index.path
        assert path.stat().st_mode & 0o077 == 0
        assert path.parent.stat().st_mode & 0o077 == 0
