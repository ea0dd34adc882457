"""A prompt folder becomes a task as it stands, LLaVA's own among them, and each fault of one is named with its file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datagen.errors import SetupError, UnknownName
from datagen.prompting.compose import Composer
from datagen.prompting.folder import (
    copy_tasks,
    folder_digest,
    load_task,
    load_tasks,
    task_files,
    task_folder,
    wanted_tasks,
)
from datagen.schema import Box, ImageContext, Task
from datagen.shipped import shipped

Make = Callable[..., Path]
QA = "Question:\nWho?\n===\nAnswer:\nA cat."
TOML = 'description = "Talk."\nsees = ["captions"]\nneeds = ["captions"]\nreply = "qa"\npairs = [2, 5]\n'
CAPS = "A cat.\n\ncat: [0.1, 0.2, 0.3, 0.4]"
SETTLED = {"000_caps.txt": None, "000_conv.txt": None, "task.toml": TOML}  # a folder without examples


def task_of(folder: Path) -> Task:
    return load_task(folder, folder.name)


# LLaVA's own directory, unchanged

LLAVA = ["complex_reasoning", "conversation", "detail_description"]


@pytest.fixture(scope="module")
def llava(shared_data: Path) -> Path:
    return shared_data / "prompts" / "llava"


@pytest.fixture(scope="module")
def image(shared_data: Path) -> dict[str, Any]:
    lines = (shared_data / "bench" / "caps_boxes_coco2014_val_50.jsonl").read_text(encoding="utf-8").splitlines()
    return next(entry for entry in map(json.loads, lines) if len(entry["instances"]) == 10)


def test_llavas_tasks_are_found_by_name(llava: Path) -> None:
    assert [task.name for task in load_tasks(llava)] == LLAVA


@pytest.mark.parametrize(
    ("name", "shots", "sees", "reply", "pairs"),
    [
        ("complex_reasoning", 3, ("captions", "boxes"), "qa", (1, 1)),
        ("conversation", 2, ("captions",), "qa", (1, None)),
        ("detail_description", 3, ("captions", "boxes"), "text", (1, None)),
    ],
)
def test_what_llavas_tasks_are_is_told_from_their_examples(
    name: str, shots: int, sees: tuple[str, ...], reply: str, pairs: tuple[int, int | None], llava: Path
) -> None:
    [task] = load_tasks(llava, [name])
    assert (len(task.shots), task.sees, task.reply, task.pairs) == (shots, sees, reply, pairs)
    assert (task.needs, task.description) == (("captions",), "")
    assert bool(task.questions) == (reply == "text")


def paper(folder: Path, last: str) -> list[dict[str, str]]:
    """The messages by the paper's table 13, put together from the files alone."""

    def content(path: Path) -> str:
        return path.read_bytes().decode("utf-8")

    said = [("system", content(folder / "system_message.txt"))]
    for caps in sorted(folder.glob("*_caps.txt")):
        said += [("user", content(caps)), ("assistant", content(caps.with_name(caps.name.replace("caps", "conv"))))]
    return [{"role": role, "content": text} for role, text in [*said, ("user", last)]]


@pytest.mark.parametrize("name", LLAVA)
def test_the_messages_for_llavas_prompts_are_the_papers_byte_for_byte(
    name: str, llava: Path, image: dict[str, Any]
) -> None:
    seen = "\n".join(image["captions"])
    if name != "conversation":
        seen += "\n\n" + "\n".join(f"{entry['category']}: {entry['bbox']}" for entry in image["instances"])
    context = ImageContext(
        image_id="1",
        file_name="1.jpg",
        width=640,
        height=480,
        captions=tuple(image["captions"]),
        boxes=tuple(Box(entry["category"], *entry["bbox"]) for entry in image["instances"]),
    )
    [task] = load_tasks(llava, [name])
    composer = Composer(task, "any", {}, seed=0)
    sent = composer.request(composer.query(context)).payload()
    assert sent == {"model": "any", "messages": paper(llava / name, seen)}


def test_llavas_examples_are_written_as_contexts_are(llava: Path) -> None:
    """The image a model is asked about looks just like the examples that it was shown."""
    compared = 0
    for task in load_tasks(llava):
        for shot in task.shots:
            captions, _, lines = shot.context.partition("\n\n")
            boxes = []
            for line in lines.splitlines():
                category, _, corners = line.partition(": ")
                boxes.append(Box(category, *json.loads(corners)))
            made = ImageContext(
                image_id="1", file_name="a", width=1, height=1, captions=tuple(captions.split("\n")), boxes=tuple(boxes)
            )
            composer = Composer(task, "any", {}, seed=0)
            assert composer.request(composer.query(made)).payload()["messages"][-1]["content"] == shot.context
            compared += 1
    assert compared == 8


# What a folder may leave out


def test_a_folder_of_llavas_kind_needs_no_toml(make_task: Make) -> None:
    task = task_of(make_task())
    assert (task.sees, task.needs, task.reply, task.pairs) == (("captions", "boxes"), ("captions",), "qa", (1, 1))
    assert task.shots == ((CAPS, QA),)


def test_a_folder_with_toml_needs_no_examples(make_task: Make) -> None:
    task = task_of(make_task(files=SETTLED))
    assert (task.description, task.sees, task.needs) == ("Talk.", ("captions",), ("captions",))
    assert (task.reply, task.pairs, task.shots, task.questions) == ("qa", (2, 5), (), ())


@pytest.mark.parametrize(
    ("context", "sees"),
    [
        (CAPS, ("captions", "boxes")),
        ("traffic light: [0, 0, 1, 1]", ("captions", "boxes")),
        ("A cat.\nA list: [sic].", ("captions",)),
        ("A cat: [0.1, 0.2] or so.", ("captions",)),
        ("A cat.", ("captions",)),
    ],
)
def test_what_a_task_sees_is_told_from_its_examples(context: str, sees: tuple[str, ...], make_task: Make) -> None:
    assert task_of(make_task(files={"000_caps.txt": context})).sees == sees


@pytest.mark.parametrize(
    ("reply", "form", "pairs"),
    [
        (QA, "qa", (1, 1)),
        (f"{QA}\n===\n{QA}", "qa", (1, None)),
        ("A cat sits.", "text", (1, None)),
        ("A cat ===\nsits.", "text", (1, None)),
        ("Question:\nWho?\n===  \nAnswer:\nA cat.", "qa", (1, 1)),
    ],
)
def test_how_a_task_replies_is_told_from_its_examples(
    reply: str, form: str, pairs: tuple[int, int | None], make_task: Make
) -> None:
    task = task_of(make_task(files={"000_conv.txt": reply}))
    assert (task.reply, task.pairs) == (form, pairs)


def test_one_long_example_lets_replies_be_long(make_task: Make) -> None:
    files = {"001_caps.txt": "A dog.", "001_conv.txt": f"{QA}\n===\n{QA}"}
    assert task_of(make_task(files=files)).pairs == (1, None)


def test_the_toml_is_stronger_than_the_examples(make_task: Make) -> None:
    toml = 'sees = ["boxes"]\nreply = "text"\npairs = [1, 3]'
    task = task_of(make_task(files={"task.toml": toml}))
    assert (task.sees, task.needs, task.reply, task.pairs) == (("boxes",), ("boxes",), "text", (1, 3))


def test_a_task_may_need_nothing(make_task: Make) -> None:
    assert task_of(make_task(files={"task.toml": "needs = []"})).needs == ()


def test_examples_come_in_the_order_of_their_names(make_task: Make) -> None:
    files: dict[str, str] = {}
    for stem in ("010", "002", "001"):
        files |= {f"{stem}_caps.txt": f"context {stem}", f"{stem}_conv.txt": f"reply {stem}"}
    assert [shot.reply for shot in task_of(make_task(files=files)).shots[1:]] == ["reply 001", "reply 002", "reply 010"]


def test_own_questions_are_taken_one_a_line(make_task: Make) -> None:
    files = {"000_conv.txt": "A cat.", "questions.txt": "What is it?\n\n  And where?  \n"}
    assert task_of(make_task(files=files)).questions == ("What is it?", "And where?")


def test_without_own_questions_the_shipped_ones_are_taken(make_task: Make) -> None:
    task = task_of(make_task(files={"000_conv.txt": "A cat."}))
    [ours] = load_tasks(names=["detail_description"])
    assert task.questions == ours.questions


def test_a_task_that_asks_its_own_questions_has_none_in_stock(make_task: Make) -> None:
    assert task_of(make_task(files={"questions.txt": "What?"})).questions == ()


def test_texts_are_literal(make_task: Make) -> None:
    hostile = "$name {name} {{ name }} %s \\n \x1b[31m \u0000image\u0000 <|im_end|>"
    assert task_of(make_task(files={"system_message.txt": hostile})).system == hostile


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "\n", "\n\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_final_newline_crlf_and_bom_do_not_matter(line_end: str, last: str, bom: str, make_task: Make) -> None:
    texts = {"task.toml": TOML.rstrip(), "001_caps.txt": "A dog.\nTwo  lines. ", "001_conv.txt": QA + "\n\nMore. "}
    texts |= {"system_message.txt": "Talk.\n\nWell."}
    plain = task_of(make_task("plain", texts))
    other = make_task("other", {k: (bom + v + last).replace("\n", line_end).encode() for k, v in texts.items()})
    assert task_of(other).model_copy(update={"name": "plain"}) == plain
    assert plain.shots[1] == ("A dog.\nTwo  lines. ", QA + "\n\nMore. ")


# Faults

FAULTS: list[tuple[str, dict[str, Any], str, str]] = [  # what is wrong, files, file named, cause
    ("no system message", {"system_message.txt": None, "task.toml": TOML}, "system_message.txt", "is missing"),
    ("empty system message", {"system_message.txt": ""}, "system_message.txt", "is empty"),
    ("blank system message", {"system_message.txt": " \n\t\n"}, "system_message.txt", "is empty"),
    ("system message of a BOM", {"system_message.txt": b"\xef\xbb\xbf"}, "system_message.txt", "is empty"),
    ("Latin-1", {"system_message.txt": b"Caf\xe9."}, "system_message.txt", "offset 3: byte 0xe9 is not UTF-8"),
    ("UTF-16", {"000_caps.txt": "A cat.".encode("utf-16")}, "000_caps.txt", "offset 0: byte 0xff is not UTF-8"),
    ("no reply", {"000_conv.txt": None}, "000_caps.txt", "its pair 000_conv.txt is missing"),
    ("no context", {"000_caps.txt": None}, "000_conv.txt", "its pair 000_caps.txt is missing"),
    ("unlike names", {"1_caps.txt": "x", "01_conv.txt": "x"}, "1_caps.txt", "its pair 1_conv.txt is missing"),
    ("empty context", {"000_caps.txt": "\n"}, "000_caps.txt", "is empty"),
    ("empty reply", {"000_conv.txt": ""}, "000_conv.txt", "is empty"),
    ("empty questions", {"000_conv.txt": "A cat.", "questions.txt": "\n\n"}, "questions.txt", "is empty"),
    ("bad questions", {"000_conv.txt": "A cat.", "questions.txt": b"\xff"}, "questions.txt", "is not UTF-8"),
    ("empty toml", {"task.toml": ""}, "task.toml", "is empty"),
    ("no toml", {"task.toml": "sees = "}, "task.toml", "not TOML: Invalid value (at end of document)"),
    ("toml of JSON", {"task.toml": '{"sees": []}'}, "task.toml", "not TOML: Invalid statement (at line 1, column 1)"),
    ("toml twice", {"task.toml": 'reply = "qa"\nreply = "qa"'}, "task.toml", "not TOML: Cannot overwrite a value"),
    ("toml not UTF-8", {"task.toml": b"# \xe9"}, "task.toml", "offset 2: byte 0xe9 is not UTF-8"),
    ("description", {"task.toml": "description = 3"}, "task.toml", "description: must be text"),
    ("default", {"task.toml": "default = 1"}, "task.toml", "default: must be true or false"),
    ("unknown key", {"task.toml": "colour = 3"}, "task.toml", "no key of task.toml is called 'colour'"),
]
FAULTS += [
    (f"{key} = {value}", {"task.toml": f"{key} = {value}"}, "task.toml", f"{key}: must be a list of")
    for key, values in {
        "sees": ['"captions"', '["caption"]', "[]", "[1]", "[[]]", "[{}]", "3", "true", '["captions", 3]', "{}"],
        "needs": ['"captions"', '["box"]', "[1]", "3", "false", '[["captions"]]'],
    }.items()
    for value in values
]
FAULTS += [
    (f"reply = {value}", {"task.toml": f"reply = {value}"}, "task.toml", "reply: must be one of qa, text")
    for value in ('"json"', '"QA"', '""', "3", "[]", '["qa"]', "{}", "true")
]
FAULTS += [
    (f"pairs = {value}", {"task.toml": f"pairs = {value}"}, "task.toml", "pairs: must be [fewest, most]")
    for value in ("3", "[]", "[1]", "[1, 2, 3]", "[0, 3]", "[-1, 1]", "[3, 2]", "[1.0, 2]", '["1", "2"]', "[true, 2]")
]
FAULTS += [
    ("needs unseen", {"task.toml": 'sees = ["captions"]\nneeds = ["boxes"]'}, "task.toml", "needs: boxes is not among")
]


@pytest.mark.parametrize(("what", "files", "file", "cause"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_a_fault_is_named_with_its_file(
    what: str, files: dict[str, Any], file: str, cause: str, make_task: Make
) -> None:
    folder = make_task(files=files)
    with pytest.raises(SetupError) as caught:
        load_tasks(folder.parent)
    assert str(caught.value).startswith(f"{folder / file}: ")
    assert cause in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("key", "near"), [("see", "sees"), ("repply", "reply"), ("Pairs", "pairs"), ("desc", "description")]
)
def test_an_unknown_key_comes_with_the_near_miss(key: str, near: str, make_task: Make) -> None:
    folder = make_task(files={"task.toml": f"{key} = 1"})
    with pytest.raises(SetupError) as caught:
        load_tasks(folder)
    assert str(caught.value).startswith(f"{folder / 'task.toml'}: ")
    assert near in caught.value.hint


def test_needs_that_no_example_shows_are_a_fault(make_task: Make) -> None:
    """With no `sees`, what a task sees is told from its examples; `needs` must be among that as well."""
    with pytest.raises(SetupError, match="needs: boxes is not among what the task sees"):
        load_tasks(make_task(files={"000_caps.txt": "A cat.", "task.toml": 'needs = ["boxes"]'}))


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 5000], ids=["5000 digits", "5000 lists deep"])
def test_a_toml_that_python_itself_refuses_is_named(value: str, make_task: Make) -> None:
    with pytest.raises(SetupError, match=r"task\.toml: "):
        load_tasks(make_task(files={"task.toml": f"pairs = {value}"}))


def test_neither_examples_nor_toml_is_a_fault_of_the_folder(make_task: Make) -> None:
    folder = make_task(files={"000_caps.txt": None, "000_conv.txt": None})
    with pytest.raises(SetupError, match=r"neither examples nor task\.toml") as caught:
        load_tasks(folder.parent)
    assert str(caught.value).startswith(f"{folder}: ")
    assert "NNN_caps.txt" in caught.value.hint


@pytest.mark.parametrize("file", ["system_message.txt", "000_caps.txt", "task.toml"])
def test_a_folder_where_a_file_should_be_is_a_fault(file: str, make_task: Make) -> None:
    folder = make_task(files={file: None})
    (folder / file).mkdir()
    with pytest.raises(SetupError, match=rf"{file}: is no regular file"):
        load_tasks(folder.parent)


def test_a_missing_directory_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="there is no such prompt folder") as caught:
        load_tasks(tmp_path / "none")
    assert str(tmp_path / "none") in str(caught.value)


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    with pytest.raises(SetupError, match="there is no such prompt folder"):
        load_tasks(tmp_path / "a.txt")


def test_a_directory_without_tasks_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "prompts" / "notes").mkdir(parents=True)
    with pytest.raises(SetupError, match="holds no task"):
        load_tasks(tmp_path / "prompts")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("conversatoin", "did you mean conversation"),
        ("Conversation", "did you mean conversation"),
        ("detail", "did you mean detail_description"),
        ("zzz", "there are: complex_reasoning, conversation, counting_spatial, detail_description, negatives"),
    ],
)
def test_an_unknown_task_comes_with_the_near_miss(name: str, hint: str) -> None:
    with pytest.raises(UnknownName, match=f"is called '{name}'") as caught:
        load_tasks(names=[name])
    assert caught.value.hint.startswith(hint)


def test_a_fault_of_a_task_that_is_not_asked_for_does_no_harm(make_task: Make) -> None:
    make_task("broken", {"system_message.txt": ""})
    root = make_task("whole").parent
    assert [task.name for task in load_tasks(root, ["whole"])] == ["whole"]
    with pytest.raises(SetupError, match="broken"):
        load_tasks(root)


# Which tasks


def test_tasks_come_by_name_or_as_asked_each_once(make_task: Make) -> None:
    for name in "cab":
        root = make_task(name).parent
    (root / "README.md").write_text("no task", encoding="utf-8")
    assert [task.name for task in load_tasks(root)] == ["a", "b", "c"]
    assert [task.name for task in load_tasks(root, ["c", "a", "c"])] == ["c", "a"]


def test_a_single_task_folder_may_be_given_itself(make_task: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_task("talk")
    assert [task.name for task in load_tasks(folder)] == ["talk"]
    monkeypatch.chdir(folder)
    assert [task.name for task in load_tasks(Path())] == ["talk"]
    assert task_folder(folder, "talk") == folder
    assert task_folder(folder.parent, "talk") == folder


def test_the_shipped_tasks_are_the_default() -> None:
    assert load_tasks() == load_tasks(shipped("prompts"))
    assert [task.name for task in wanted_tasks()] == LLAVA


# Copies and digests


def test_copies_load_as_the_same_tasks(tmp_path: Path) -> None:
    made = copy_tasks(tmp_path / "mine" / "prompts")
    assert made == [tmp_path / "mine" / "prompts" / task.name for task in load_tasks()]
    assert load_tasks(tmp_path / "mine" / "prompts") == load_tasks()
    for folder in made:
        assert folder_digest(folder) == folder_digest(shipped("prompts") / folder.name)


def test_copies_of_some_tasks_of_another_directory(make_task: Make, tmp_path: Path) -> None:
    root = make_task("a").parent
    (make_task("b") / "notes.txt").write_text("not part of the task", encoding="utf-8")
    assert copy_tasks(tmp_path / "copy", root, ["b"]) == [tmp_path / "copy" / "b"]
    copied = sorted(path.name for path in (tmp_path / "copy" / "b").iterdir())
    assert copied == ["000_caps.txt", "000_conv.txt", "system_message.txt"]


def test_llavas_tasks_are_copied_byte_for_byte(llava: Path, tmp_path: Path) -> None:
    for folder in copy_tasks(tmp_path / "copy", llava):
        original = {path.name: path.read_bytes() for path in (llava / folder.name).iterdir()}
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == original


def test_a_copy_never_touches_what_is_there(tmp_path: Path) -> None:
    own = tmp_path / "conversation" / "system_message.txt"
    own.parent.mkdir()
    own.write_text("My own words.", encoding="utf-8")
    with pytest.raises(SetupError, match="is there already") as caught:
        copy_tasks(tmp_path, names=["conversation"])
    assert str(own.parent) in str(caught.value)
    assert own.read_text(encoding="utf-8") == "My own words."
    assert list(own.parent.iterdir()) == [own]


def test_a_copy_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "conversation").mkdir()
    with pytest.raises(SetupError, match="is there already"):
        copy_tasks(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["conversation"]


def test_a_copy_to_where_no_folder_can_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(SetupError, match="cannot be made: Not a directory"):
        copy_tasks(tmp_path / "file")


def test_a_copy_of_an_unknown_task_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnknownName):
        copy_tasks(tmp_path / "copy", names=["conversation", "conversatoin"])
    assert not (tmp_path / "copy").exists()


def test_the_files_of_a_task_are_those_that_make_it(make_task: Make) -> None:
    folder = make_task(files={"task.toml": TOML, "questions.txt": "Who?", "notes.txt": "x", "a_caps.txt": "x"})
    names = [path.name for path in task_files(folder)]
    assert names == ["000_caps.txt", "000_conv.txt", "a_caps.txt", "questions.txt", "system_message.txt", "task.toml"]


def test_the_digest_of_a_folder_changes_with_any_word_or_name(make_task: Make) -> None:
    digests = [
        folder_digest(make_task(name, files))
        for name, files in {
            "as it is": {},
            "a word": {"system_message.txt": "Talk!"},
            "a newline": {"system_message.txt": "Talk.\n"},
            "a toml": {"task.toml": TOML},
            "a name": {"000_caps.txt": None, "000_conv.txt": None, "001_caps.txt": CAPS, "001_conv.txt": QA},
        }.items()
    ]
    assert len(set(digests)) == len(digests)
    assert folder_digest(make_task("again", {"notes.txt": "no part"})) == digests[0]
