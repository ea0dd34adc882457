"""A prompt folder → Task, and every fault of one named with its file.

The layout is LLaVA's (haotian-liu/LLaVA:docs/Data.md): `system_message.txt`, and pairs `NNN_caps.txt` / `NNN_conv.txt`
as worked examples. We add `task.toml` (what the task sees and how it replies) and `questions.txt`. Where there is no
`task.toml`, both are told from the examples, so LLaVA's own directory works as it is. Texts are literal: nothing in
them is a template. The newlines that end a file are not part of its text.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from datagen.errors import SetupError
from datagen.prompting.context import SIGHTS
from datagen.registry import unknown
from datagen.schema import Shot, Task
from datagen.shipped import shipped
from datagen.text import digest_of_files, shown

REPLY_FORMS = ("qa", "text")
"""`qa`: Question / === / Answer blocks; `text`: an answer only, under a question drawn from `questions.txt`."""

_KEYS = ("description", "sees", "needs", "reply", "pairs", "default")
_BOX_LINE = re.compile(r"^[^:\n]+: \[[-0-9., ]+\]$", re.MULTILINE)
_SEPARATOR = re.compile(r"^===\s*$", re.MULTILINE)


def load_tasks(folder: Path | None = None, names: Sequence[str] = ()) -> list[Task]:
    """The tasks of a prompt directory (the shipped one by default), all of them by name, or `names` in that order.

    Raises SetupError for whatever is wrong with a folder that is asked for, UnknownName for one that is not there.
    """
    root = folder or shipped("prompts")
    found = _task_folders(root)
    for name in names:
        if name not in found:
            raise unknown(f"task in {shown(root)}", name, found)
    return [load_task(found[name], name) for name in (dict.fromkeys(names) or sorted(found))]


def wanted_tasks(folder: Path | None = None, names: Sequence[str] = ()) -> list[Task]:
    """The tasks `names` of a prompt directory; where none is named all that are asked by default, or simply all. Raises
    as `load_tasks` does."""
    tasks = load_tasks(folder, names)
    return tasks if names else [task for task in tasks if task.default] or tasks


def _task_folders(root: Path) -> dict[str, Path]:
    try:
        return _found(root)
    except OSError as error:
        raise SetupError(
            f"{shown(root)}: cannot be read: {error.strerror}", "check its name and permissions"
        ) from error


def _found(root: Path) -> dict[str, Path]:
    if not root.is_dir():
        raise SetupError(f"{shown(root)}: there is no such prompt folder", "give the folder that holds a folder a task")
    if _is_task(root):
        return {root.resolve().name: root}
    found = {path.name: path for path in sorted(root.iterdir()) if path.is_dir() and _is_task(path)}
    if not found:
        raise SetupError(f"{shown(root)}: holds no task", "a task is a folder with a system_message.txt")
    return found


def _is_task(folder: Path) -> bool:
    return (folder / "system_message.txt").exists() or (folder / "task.toml").exists()


def task_files(folder: Path) -> list[Path]:
    """The files that make a task, by name: what a run keeps a copy of."""
    fixed = [folder / name for name in ("system_message.txt", "task.toml", "questions.txt")]
    shots = [p for kind in ("caps", "conv") for p in folder.glob(f"*_{kind}.txt")]
    return sorted(path for path in (*fixed, *shots) if path.is_file())


def task_folder(root: Path, name: str) -> Path:
    """The folder of a task that `load_tasks(root)` gave."""
    return root if _is_task(root) else root / name


def copy_tasks(target: Path, root: Path | None = None, names: Sequence[str] = ()) -> list[Path]:
    """Copies of task folders (the shipped ones by default) to edit, under `target`; existing ones are never touched.

    Raises SetupError when a folder to be made is there already.
    """
    root = root or shipped("prompts")
    folders = {task.name: target / task.name for task in load_tasks(root, names)}
    there = next((folder for folder in folders.values() if folder.exists()), None)
    if there is not None:
        raise SetupError(f"{shown(there)}: is there already", "give another folder")
    try:
        for name, folder in folders.items():
            folder.mkdir(parents=True)
            for file in task_files(task_folder(root, name)):
                shutil.copyfile(file, folder / file.name)
    except OSError as error:
        raise SetupError(f"{shown(target)}: cannot be made: {error.strerror}") from error
    return list(folders.values())


def folder_digest(folder: Path) -> str:
    """sha256 over the names and bytes of a task's files: which words a run was made with."""
    return digest_of_files(task_files(folder))


def load_task(folder: Path, name: str) -> Task:
    """One task's folder, under its name. Raises SetupError that names the file at fault."""
    shots = _shots(folder)
    told = _settings(folder / "task.toml") if (folder / "task.toml").exists() else {}
    if not told and not shots:
        hint = "add NNN_caps.txt / NNN_conv.txt pairs, or a task.toml that says what it sees and how it replies"
        raise SetupError(f"{shown(folder)}: neither examples nor task.toml", hint)
    reply = told.get("reply") or ("qa" if any(_SEPARATOR.search(shot.reply) for shot in shots) else "text")
    sees = tuple(told.get("sees") or _seen(shots))
    extra = set(told.get("needs", [])) - set(sees)
    if extra:
        raise SetupError(
            f"{shown(folder / 'task.toml')}: needs: {', '.join(sorted(extra))} is not among what the task sees"
        )
    return Task(
        name=name,
        description=told.get("description", ""),
        system=_text(folder / "system_message.txt"),
        shots=tuple(shots),
        questions=_questions(folder, reply),
        sees=sees,
        needs=tuple(told.get("needs", [name for name in sees if name == "captions"] or sees)),
        reply=reply,
        pairs=_pairs(told, shots),
        default=told.get("default", True),
    )


def _seen(shots: Sequence[Shot]) -> list[str]:
    return ["captions", "boxes"] if any(_BOX_LINE.search(shot.context) for shot in shots) else ["captions"]


def _pairs(told: dict[str, Any], shots: Sequence[Shot]) -> tuple[int, int | None]:
    """As told; else exactly one where every example has exactly one, as in LLaVA's complex_reasoning."""
    if "pairs" in told:
        return told["pairs"][0], told["pairs"][1]
    single = all(len(_SEPARATOR.findall(shot.reply)) == 1 for shot in shots)
    return (1, 1) if shots and single else (1, None)


def _shots(folder: Path) -> list[Shot]:
    stems = {kind: {p.name[: -len(f"_{kind}.txt")] for p in folder.glob(f"*_{kind}.txt")} for kind in ("caps", "conv")}
    for have, lack in (("caps", "conv"), ("conv", "caps")):
        for stem in sorted(stems[have] - stems[lack]):
            cause = f"{shown(folder / f'{stem}_{have}.txt')}: its pair {stem}_{lack}.txt is missing"
            raise SetupError(cause, "an example is a pair: what the model sees, and what it should reply")
    return [Shot(_text(folder / f"{s}_caps.txt"), _text(folder / f"{s}_conv.txt")) for s in sorted(stems["caps"])]


def _questions(folder: Path, reply: str) -> tuple[str, ...]:
    if reply != "text":
        return ()
    path = folder / "questions.txt"
    if not path.exists():
        path = shipped("prompts") / "detail_description" / "questions.txt"
    questions = tuple(line.strip() for line in _text(path).splitlines() if line.strip())
    for number, question in enumerate(questions, 1):
        if "<image>" in question:
            raise SetupError(f"{shown(path)}: question {number}: holds <image>", "the image token is put there later")
    return questions


def _text(path: Path) -> str:
    if path.exists() and not path.is_file():
        raise SetupError(f"{shown(path)}: is no regular file")
    try:
        text = path.read_text(encoding="utf-8-sig").rstrip("\n")
    except FileNotFoundError as error:
        raise SetupError(f"{shown(path)}: is missing") from error
    except OSError as error:
        raise SetupError(f"{shown(path)}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        cause = f"{shown(path)}: offset {error.start}: byte 0x{error.object[error.start]:02x} is not UTF-8"
        raise SetupError(cause, "save the file as UTF-8") from error
    if not text.strip():
        raise SetupError(f"{shown(path)}: is empty")
    return text


def _settings(path: Path) -> dict[str, Any]:
    try:
        told = tomllib.loads(_text(path))
    except (ValueError, RecursionError) as error:  # a TOMLDecodeError is a ValueError, and so are numbers without end
        raise SetupError(f"{shown(path)}: not TOML: {shown(error)}") from error
    for key in told:
        if key not in _KEYS:
            fault = unknown("key of task.toml", key, _KEYS)
            raise SetupError(f"{shown(path)}: {fault}", fault.hint)
    _check_sights(path, told)
    _check_reply(path, told)
    if not isinstance(told.get("description", ""), str):
        raise SetupError(f"{shown(path)}: description: must be text")
    if not isinstance(told.get("default", True), bool):
        raise SetupError(f"{shown(path)}: default: must be true or false")
    return told


def _check_sights(path: Path, told: dict[str, Any]) -> None:
    for key in ("sees", "needs"):
        value = told.get(key, [])
        wrong = not isinstance(value, list) or any(not isinstance(v, str) or v not in SIGHTS for v in value)
        if wrong or (key == "sees" and key in told and not value):
            names = ", ".join(f'"{name}"' for name in SIGHTS)
            raise SetupError(f"{shown(path)}: {key}: must be a list of {names}, not {shown(value)}")


def _check_reply(path: Path, told: dict[str, Any]) -> None:
    reply, pairs = told.get("reply", "qa"), told.get("pairs", [1, 1])
    if reply not in REPLY_FORMS:
        raise SetupError(f"{shown(path)}: reply: must be one of {', '.join(REPLY_FORMS)}, not {shown(reply)}")
    if not (
        isinstance(pairs, list) and len(pairs) == 2 and all(type(n) is int for n in pairs) and 1 <= pairs[0] <= pairs[1]
    ):
        raise SetupError(f"{shown(path)}: pairs: must be [fewest, most], whole numbers from 1, not {shown(pairs)}")
