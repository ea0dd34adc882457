"""The run folder: one writer at a time, files whole or not at all, foreign folders left alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from datagen.errors import LedgerError, SetupError
from datagen.run import Run, replacing


def test_another_process_is_refused_with_the_holders_pid(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from datagen.run import Run\n"
        "with Run.create(Path(sys.argv[1])): print('in', flush=True); input()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "run")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    try:
        assert holder.stdout.readline() == "in\n"
        with pytest.raises(LedgerError, match=f"process {holder.pid} ") as refused, Run.create(tmp_path / "run"):
            pass
        assert refused.value.exit_code == 5
        holder.kill()
        holder.wait()
        with Run.create(tmp_path / "run"):
            pass
    finally:
        holder.kill()
        holder.wait()
        holder.stdin.close()
        holder.stdout.close()


def test_a_folder_of_other_files_and_a_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").touch()
    with pytest.raises(SetupError, match="no run of datagen"), Run.create(tmp_path / "photos"):
        pass
    assert [p.name for p in (tmp_path / "photos").iterdir()] == ["a.jpg"]
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="is a file"), Run.create(tmp_path / "file"):
        pass


def test_what_must_exist_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no such run"), Run.create(tmp_path / "run", must_exist=True):
        pass
    with pytest.raises(SetupError, match="no such run"), Run.look(tmp_path / "run"):
        pass
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="is a file"), Run.look(tmp_path / "file"):
        pass
    assert not (tmp_path / "run").exists()


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError), replacing(path) as file:
        file.write("half of the n" * 10_000 + "ü")
    assert path.read_text() == "old"
    with replacing(path) as file:
        file.write("new")
    assert path.read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]


def test_a_link_in_the_way_is_replaced_and_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "out.json").symlink_to(victim)
    with replacing(tmp_path / "out.json") as file:
        file.write("new")
    assert victim.read_text() == "precious"
    assert not (tmp_path / "out.json").is_symlink()


def test_a_full_disk_keeps_the_old_file_and_says_so(tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys\nfrom pathlib import Path\nfrom datagen.run import replacing\n"
        "from datagen.errors import LedgerError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try:\n    with replacing(Path(sys.argv[1])) as file: file.write('x' * 1_000_000)\n"
        "except LedgerError as error: print(error, '|', error.hint)\n"
    )
    path = tmp_path / "out.json"
    path.write_text("old")
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True)
    assert "cannot be written: File too large" in done.stdout, done.stderr
    assert "make room" in done.stdout
    assert path.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]


def test_kept_prompts_are_replaced_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    with Run.create(tmp_path / "run") as run:
        run.keep_prompts({"one": [tmp_path / "a.txt"], "two": [tmp_path / "a.txt"]})
        run.keep_prompts({"two": [tmp_path / "a.txt"]})
        assert sorted(p.name for p in run.prompts.rglob("*")) == ["a.txt", "two"]
        assert not [p for p in run.folder.iterdir() if p.name.startswith(".")]


def test_what_a_killed_process_left_half_made_is_taken_away(tmp_path: Path) -> None:
    with Run.create(tmp_path / "run"):
        pass
    before = {path.name for path in (tmp_path / "run").iterdir()}
    (tmp_path / "run" / ".llava.json.abc123").touch()
    (tmp_path / "run" / ".rejects.jsonl.abc123").touch()
    (tmp_path / "run" / ".prompts-abc123" / "conversation").mkdir(parents=True)
    (tmp_path / "run" / ".old.prompts-abc123").mkdir()
    with Run.look(tmp_path / "run"):
        assert (tmp_path / "run" / ".llava.json.abc123").exists(), "who only looks changes nothing"
    with Run.create(tmp_path / "run"):
        pass
    assert {path.name for path in (tmp_path / "run").iterdir()} == before
