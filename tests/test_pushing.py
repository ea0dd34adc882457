"""`push`: what would be sent, what never is, and what the Hub's own client makes of it before a stand-in of the Hub."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen import ExportWish, export
from datagen.pipeline import generate
from datagen.pushing import check_repository, parcel
from datagen.settings import Settings
from tests.hub import TOKEN, Hub, served
from tests.program import Program as Cli

SENT = {"README.md", "croissant.json", "llava.json", "manifest.json", "messages.jsonl", "provenance.jsonl"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the mock's, as if a model had made it."""
    folder = tmp_path_factory.mktemp("made") / "run"
    generate([Path("samples")], Settings(model="mock", limit=2), folder)
    return folder


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    """One's own copy of it."""
    folder = tmp_path / "run"
    folder.mkdir()
    for path in made.iterdir():
        if path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())
    return folder


def changed(run: Path, **told: Any) -> None:
    manifest = json.loads((run / "manifest.json").read_text("ascii"))
    (run / "manifest.json").write_text(json.dumps({**manifest, **told}), "ascii")


def test_what_is_sent_and_what_stays(run: Path) -> None:
    changed(run, annotations=[{"file": "/home/me/secret/captions.json", "sha256": "0" * 64}])
    found = {item.name: item.content for item in parcel(run).items}
    assert set(found) == SENT
    told = json.loads(found["manifest.json"])
    assert told["annotations"][0]["file"] == "captions.json"
    assert "rejects.jsonl" not in told["files"]
    assert "rejects.jsonl" not in (run / "README.md").read_text("utf-8")


def test_what_should_be_known_before_is_told(run: Path) -> None:
    changed(run, pending=7)
    warnings = " / ".join(parcel(run).warnings)
    assert "MOCK data" in warnings
    assert "7 are pending" in warnings
    assert "no licence is told: `datagen rebuild RUN --license NAME`" in warnings
    out = run.parent / "out"
    export([run], ExportWish(("llava",)), out)
    assert "`datagen export … --license NAME` tells it" in " / ".join(parcel(out).warnings)


def test_a_file_that_was_changed_since_is_refused(run: Path) -> None:
    with (run / "llava.json").open("a") as file:
        file.write("\n")
    with pytest.raises(datagen.InputError, match=r"is not the file that manifest\.json speaks of"):
        parcel(run)


@pytest.mark.parametrize("name", ["../run.json", "/etc/hostname", "link.json"])
def test_nothing_outside_the_folder_is_sent(run: Path, name: str) -> None:
    (run / "link.json").symlink_to("/etc/hostname")
    changed(run, files={name: {"sha256": "0" * 64, "bytes": 1}})
    with pytest.raises(datagen.InputError, match="not a file of its folder"):
        parcel(run)


@pytest.mark.parametrize(
    "text", [None, "", "[]", "{}", '{"files": [], "mock": false}', '{"files": {"a": 1}, "mock": true}', "é"]
)
def test_what_is_no_manifest_is_refused(run: Path, text: str | None) -> None:
    (run / "manifest.json").unlink()
    if text is not None:
        (run / "manifest.json").write_text(text, "utf-8")
    with pytest.raises(datagen.InputError, match=r"manifest\.json"):
        parcel(run)


@pytest.mark.parametrize("name", ["set", "me/", "/set", "a/b/c", "me/../x", "me/-x", "me/x y", "https://hf.co/me/set"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(datagen.SetupError, match="no data set on the Hub"):
        check_repository(name)


@pytest.mark.parametrize("name", ["me/set", "My-Org/a.b_c-1"])
def test_what_is_a_name_is_not(name: str) -> None:
    check_repository(name)


def test_off_a_terminal_nothing_is_sent_without_yes(cli: Cli, run: Path) -> None:
    done = cli("push", run, "me/set", "--json")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert (told["sent"], told["commit"], set(told["files"])) == (False, None, SENT)
    assert "nothing was sent" in cli("push", run, "me/set", "--dry-run", "--yes").stderr


def test_mock_data_is_refused(cli: Cli, run: Path) -> None:
    done = cli("push", run, "me/set", "--yes")
    assert done.returncode == 2
    assert "MOCK data" in done.stderr
    assert "--allow-mock" in done.stderr


def test_without_the_client_it_says_how_to_install_it(cli: Cli, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    done = cli("push", run, "me/set", "--yes", "--allow-mock")
    assert done.returncode == 2
    assert "pip install 'datagen[hub]'" in done.stderr


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    pytest.importorskip("huggingface_hub")
    with served() as hub:
        yield hub


def sent(cli: Cli, hub: Hub, run: Path, *flags: str, token: str = TOKEN) -> Any:
    """By a process: the client reads the environment when it is imported."""
    environ = {"HF_ENDPOINT": hub.address, "HF_HOME": str(run.parent / "home"), "HF_TOKEN": token}
    environ |= {
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "no_proxy": "127.0.0.1",
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
    }
    done = cli.process("push", run, "me/set", "--yes", "--allow-mock", *flags, **environ)
    assert TOKEN not in done.stdout + done.stderr
    return done


def is_private(hub: Hub) -> bool:
    """Whether the repository was asked for as such, in the words of older clients or newer ones."""
    return hub.made[0].get("private") is True or hub.made[0].get("visibility") == "private"


@pytest.mark.slow
def test_the_hub_gets_each_file_byte_for_byte(cli: Cli, hub: Hub, run: Path) -> None:
    done = sent(cli, hub, run)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{hub.address}/datasets/me/set/commit/{1:040}\n"
    assert set(hub.files) == SENT
    for name in SENT - {"manifest.json"}:
        assert hub.files[name] == (run / name).read_bytes()
    assert (hub.made[0]["name"], hub.made[0]["type"]) == ("set", "dataset")
    assert is_private(hub)
    assert hub.tokens == {f"Bearer {TOKEN}"}
    assert hub.commits == 1
    assert "MOCK data" in done.stderr


@pytest.mark.slow
def test_public_only_where_it_was_said(cli: Cli, hub: Hub, run: Path) -> None:
    assert sent(cli, hub, run, "--public", "-q").returncode == 0
    assert not is_private(hub)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("status", "code", "says"), [(403, 4, "the Hub refuses"), (401, 4, "hf auth login"), (400, 4, "the Hub refuses")]
)
def test_what_the_hub_refuses_is_told_without_the_token(
    cli: Cli, hub: Hub, run: Path, status: int, code: int, says: str
) -> None:
    hub.refuse = (status, {"X-Error-Message": f"{TOKEN} may not write"})
    done = sent(cli, hub, run)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert hub.files == {}


@pytest.mark.slow
def test_without_a_token_or_a_hub_it_says_so(cli: Cli, hub: Hub, run: Path) -> None:
    done = sent(cli, hub, run, token="")
    assert done.returncode == 2
    assert "there is no token" in done.stderr
    assert hub.asked == []
    hub.address = "http://127.0.0.1:9"
    done = sent(cli, hub, run)
    assert done.returncode == 3
    assert "cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr
