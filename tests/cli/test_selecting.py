"""The flags that say which images, as they are typed: each reaches the settings, and what is wrong with one is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datagen import Settings
from datagen.cli import flags, look, make, money
from tests.program import Program as Cli

GENERATE = ("generate", "samples", "--model", "mock")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--sample", "0"], "--sample: input should be greater than or equal to 1, not '0'"),
        (["--sample", "few"], "--sample"),
        (["--sample-by", "coverage"], "--sample-by: says how a sample is drawn: give --sample N too"),
        (["--sample", "3", "--sample-by", "luck"], "--sample-by: input should be 'random' or 'coverage'"),
        (["--split", "3/2"], "--split: must be i/N"),
        (["--split", "0.5"], "--split: must be i/N"),
        (["--min-boxes", "3", "--max-boxes", "2"], "--max-boxes: must be at least as many as min-boxes, which is 3"),
        (["--min-captions", "-1"], "--min-captions"),
        (["--min-boxes", "999"], "none of 16 images is left (left out: min-boxes 16)"),
        (["--categories", "baot"], "did you mean boat"),
        (["--categories", ","], "--categories: must name a category"),
        (["--images-list", "none.txt"], "none.txt: there is no such file"),
        (["--images-list", "wrong.txt"], "none of its 1 entries is an image's id or file name"),
        (["--images", "nowhere"], "nowhere: there is no such folder"),
        (["--boxes", "round"], "--boxes: input should be 'auto', 'xywh', 'xyxy' or 'normalized'"),
        (["--crowd", "loud"], "--crowd: input should be 'keep', 'drop' or 'group'"),
    ],
)
def test_wrong_wishes_end_with_2_and_say_what_is_wrong(
    cli: Cli, tmp_path: Path, arguments: list[str], says: str
) -> None:
    (tmp_path / "wrong.txt").write_text("dog-99\n")
    done = cli(*GENERATE, *arguments)
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_wishes_are_taken_by_generate_and_its_dry_run_alike(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("1\n2\n3\n4\n5\n6\nnobody.jpg\n")
    wishes = ["--images-list", "list.txt", "--min-captions", "1", "--sample", "2", "-t", "conversation"]
    dry = cli(*GENERATE, *wishes, "--dry-run", "--json")
    assert json.loads(dry.stdout)["requests"] == 2
    done = cli(*GENERATE, *wishes, "-o", "run")
    assert "taken 2 of 16 images (left out: images-list 10, sample 4)" in done.stderr
    assert "--images-list: 1 entry is no image's id or file name (first: nobody.jpg)" in done.stderr
    told = json.loads((tmp_path / "run" / "manifest.json").read_text())["selection"]
    assert told == {"images": 16, "taken": 2, "left_out": {"images-list": 10, "sample": 4}, "not_found": 1}


class Caught(Exception):
    """Instead of the act itself."""


def settings_of(*arguments: str) -> Settings:
    """The settings that a command line comes to, by way of the real commands."""
    import datagen
    from datagen.cli.app import app

    found: list[Any] = []

    def catch(*given: Any, **_named: Any) -> None:
        found.append(given[1])
        raise Caught

    with pytest.MonkeyPatch.context() as patch:
        for act in ("generate", "estimate", "preview"):
            patch.setattr(datagen, act, catch, raising=False)
        with pytest.raises(Caught):
            app(list(arguments), standalone_mode=False)
    (settings,) = found
    return settings


def test_every_flag_reaches_its_setting(tmp_path: Path) -> None:
    wishes = {
        "sample": 5, "sample_by": "coverage", "min_captions": 1, "min_boxes": 2, "max_boxes": 3, "split": "1/2",
        "images_list": tmp_path / "l", "boxes": "xyxy", "crowd": "drop", "images": tmp_path / "p", "limit": 4,
        "seed": 9, "model": "mock", "prompts": tmp_path / "q", "base_url": "http://127.0.0.1:1/v1", "temperature": 0.5,
        "max_tokens": 7, "concurrency": 3, "rpm": 5.0, "tpm": 6.0, "price": "1,2",
    }  # fmt: skip
    typed = [word for name, value in wishes.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    typed += ["--no-cache", "--categories", "dog, hot dog", "--categories", "cat", "-t", "a", "-t", "b"]
    settings = settings_of("estimate", "x.json", *typed)
    assert {name: getattr(settings, name) for name in wishes} == wishes
    assert (settings.cache, settings.task) == (False, ("a", "b"))
    assert settings.categories == ("dog", "hot dog", "cat")


def test_what_is_not_given_lets_the_environment_show_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAGEN_CATEGORIES", "dog,cat")
    monkeypatch.setenv("DATAGEN_CACHE", "false")
    monkeypatch.setenv("DATAGEN_SPLIT", "2/3")
    for command in ("generate", "estimate", "preview"):
        settings = settings_of(command, "x.json", "--model", "mock")
        assert (settings.categories, settings.cache, settings.split) == (("dog", "cat"), False, "2/3")


def test_preview_reads_as_generate_does(cli: Cli, tmp_path: Path) -> None:
    settings = settings_of("preview", "x.json", "--boxes", "xyxy", "--crowd", "group", "--images", ".",
                           "--no-cache")  # fmt: skip
    assert (settings.boxes, settings.crowd, settings.images, settings.cache) == ("xyxy", "group", tmp_path, False)
    told = cli("estimate", "samples", "--model", "mock", "--boxes", "xywh").stdout
    assert "datagen preview samples --model mock --boxes xywh" in told


@pytest.mark.parametrize("command", [make.generate, money.estimate, look.preview])
def test_a_flag_that_is_a_setting_is_one(command: Callable[..., Any]) -> None:
    import inspect

    groups = {**flags.PLANNING, **flags.ASKING}
    assert set(groups) <= set(Settings.model_fields)
    assert len(set(inspect.signature(command).parameters) & set(groups)) > 5
