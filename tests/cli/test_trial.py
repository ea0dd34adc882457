"""`datagen trial` where there is nothing to try it with, or on: exit 2, and what to do."""

from __future__ import annotations

import sys

import pytest

from datagen.trial import run
from tests.program import Program as Cli


def test_without_the_extra_it_says_how_to_install_it(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    done = cli("trial", "samples")
    assert done.returncode == 2
    assert "there is no torch" in done.stderr
    assert "pip install 'datagen[train]'" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.json", "--images", "."], "there is no such file"),
        (["llava.json"], "--images DIR"),
        (["llava.json", "--images", "nowhere"], "there is no such folder"),
        (["llava.json", "--images", "."], "is empty"),
        (["coco.json", "--images", "."], "no array of records"),
        (["chat.jsonl", "--images", "."], "LLaVA learns nothing from any of its 1 records (T101 no-dialogue)"),
    ],
)
def test_what_cannot_be_tried_is_refused(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, arguments: list[str], said: str
) -> None:
    monkeypatch.setattr(run, "ready", dict)  # nothing of it is reached
    monkeypatch.setattr(run, "learnt", list)
    folder = tmp_path_factory.mktemp("files")
    (folder / "llava.json").write_text("")
    (folder / "coco.json").write_text('{\n"images": {}\n}')
    (folder / "chat.jsonl").write_text('{"messages": [{"role": "user", "content": "What?"}]}\n')
    done = cli("trial", *arguments, cwd=folder)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
