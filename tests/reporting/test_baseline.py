"""A baseline: what was accepted is not told again, wherever it stands by then, and nothing else is kept back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.errors import InputError, SetupError
from datagen.reporting.baseline import Baseline, key_of
from datagen.schema import Hit
from tests.reporting.making import hit, wild_hits


def accepted(hits: list[Hit], path: Path) -> Baseline:
    """What a next run reads after all hits were accepted."""
    first = Baseline()
    for each in hits:
        first.add(each)
    first.write(path)
    return Baseline.read(path)


@settings(deadline=None)
@given(wild_hits(12), st.randoms())
def test_a_second_run_reports_nothing_in_whatever_order(
    tmp_path_factory: pytest.TempPathFactory, hits: list[Hit], chance: object
) -> None:
    path = tmp_path_factory.getbasetemp() / "baseline.json"
    hits = [*hits, *hits[:3]]
    again = accepted(hits, path)
    assert len(again) == len(hits)
    chance.shuffle(hits)  # type: ignore[attr-defined]
    assert all(again.is_known(each) for each in hits)
    assert len(again) == 0
    assert not any(again.is_known(each) for each in hits)


@pytest.mark.parametrize(
    "new",
    [
        hit(id="a-3"),
        hit("L002"),
        hit(where="conversations[3].value"),
        hit(words="<s>"),
        hit(message="something else"),
        hit(id=None, digest="d2"),
        hit(number=None),
        hit(),  # once more than was accepted
    ],
)
def test_a_new_finding_is_new(tmp_path: Path, new: Hit) -> None:
    old = [hit(), hit(id="a-2"), hit(id=None, digest="d1")]
    again = accepted(old, tmp_path / "b.json")
    assert [each for each in (*old, new) if not again.is_known(each)] == [new]


def test_what_moves_stays_known() -> None:
    assert key_of(hit(number=17, line=214)) == key_of(hit(number=400, line=None, file="moved/train.json"))
    assert key_of(hit(id=None, digest="d", number=1)) == key_of(hit(id=None, digest="d", number=2))
    assert key_of(hit(id=None, digest="id:x")) != key_of(hit(id="x"))
    assert key_of(hit("Q001", "23.5 % of 1,200", number=None)) == key_of(hit("Q001", "24 % of 90", number=None))
    assert len(key_of(hit(id="x" * 10**6)).record) < 100


def test_the_file_is_read_in_a_diff(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    accepted([hit(), hit(), hit(id="\ud800\x1b")], path)
    lines = path.read_text("ascii").splitlines()
    assert lines[0] == '{"version": 1, "accepted": ['
    assert [line.rpartition(",")[0] if line.endswith(",") else line for line in lines[1:3]] == [
        json.dumps([*key_of(hit()), 2]),
        json.dumps([*key_of(hit(id="\ud800\x1b")), 1]),
    ]
    assert all(line.isprintable() for line in lines)


def test_an_empty_baseline_is_one(tmp_path: Path) -> None:
    assert len(accepted([], tmp_path / "b.json")) == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "{}",
        '{"version": 1}',
        '{"version": 2, "accepted": []}',
        '{"version": 1, "accepted": {}}',
        '{"version": 1, "accepted": [["a", "b", "c", "d"]]}',
        '{"version": 1, "accepted": [["a", "b", "c", "d", 0]]}',
        '{"version": 1, "accepted": [["a", "b", "c", "d", true]]}',
        '{"version": 1, "accepted": [["a", "b", "c", 4, 1]]}',
        "[" * 100_000,
        "\x00\xff",
    ],
)
def test_nonsense_is_an_input_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "b.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"b\.json"):
        Baseline.read(path)


def test_what_cannot_be_read_or_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        Baseline.read(tmp_path / "none.json")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        Baseline.read(tmp_path)
    with pytest.raises(SetupError, match="cannot be written: No such file"):
        Baseline().write(tmp_path / "none" / "b.json")


def test_writing_replaces_the_whole_file_and_leaves_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, link = tmp_path / "b.json", tmp_path / "link.json"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(SetupError, match="No space left"):
            Baseline().write(link)
    assert path.read_text() == "old"
    Baseline().write(link)
    assert link.is_symlink()
    assert len(Baseline.read(path)) == 0
    assert path.stat().st_mode & 0o777 == 0o640
    assert {each.name for each in tmp_path.iterdir()} == {"b.json", "link.json"}
