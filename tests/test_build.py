"""Real replies of a real model through reading and judging, as a build does it: each kept, or rejected by name."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from datagen.examine import examine
from datagen.prompting.folder import load_tasks
from datagen.schema import ImageContext, Query, Record, Response, Task, Turn


@pytest.fixture(scope="module")
def tasks(shared_data: Path) -> dict[str, Task]:
    return {task.name: task for task in load_tasks(shared_data / "prompts" / "llava")}


def judged(task: Task, image_id: str, text: str, finish: str) -> Record:
    image = ImageContext(image_id=image_id, file_name="1.jpg", width=9, height=9, captions=("A picture.",), boxes=())
    query = Query(id=f"{image_id}-{task.name}-0-d", task=task.name, image=image, question="Q?", draw=0, digest="d")
    return examine(query, task, Response(query_id=query.id, text=text, finish=finish))


def lines(shared: Path, name: str) -> list[dict[str, str]]:
    return [
        json.loads(line) for line in (shared / "replies" / f"mistral7b_{name}.jsonl").read_text("utf-8").splitlines()
    ]


def reasons(records: list[Record]) -> Counter[str]:
    return Counter(record.errors[0].check if record.errors else "kept" for record in records)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("conversation", {"kept": 92}),
        ("complex_reasoning", {"kept": 91, "grammar": 1, "bounding-box": 1}),
        ("detail_description", {"kept": 91, "coordinates": 1}),
    ],
)
def test_what_the_author_could_use_is_kept_but_for_what_speaks_of_boxes(
    shared_data: Path, tasks: dict[str, Task], name: str, expected: dict[str, int]
) -> None:
    found = [judged(tasks[name], str(line["image_id"]), line["reply"], "stop") for line in lines(shared_data, name)]
    assert reasons(found) == expected


def test_the_eleven_he_could_not_use_are_rejected_for_his_reasons(shared_data: Path, tasks: dict[str, Task]) -> None:
    found = Counter()
    for line in lines(shared_data, "unparsed"):
        finish = "length" if line["error"] == "finish length" else "stop"
        record = judged(tasks["conversation"], str(line["image_id"]), line["text"], finish)
        found[line["error"], record.errors[0].check] += 1
    assert found == {("finish length", "cut"): 10, ("parsing", "grammar"): 1}


@pytest.mark.parametrize("before", ["<think>It is a dog.\n===\nSo.</think>\n\n", "Let me see.\n</think>"])
def test_what_a_reasoning_model_thought_is_not_part_of_its_reply(tasks: dict[str, Task], before: str) -> None:
    record = judged(tasks["conversation"], "1", f"{before}Question:\nA?\n===\nAnswer:\nB.", "stop")
    assert record.kept
    assert record.turns == (Turn("A?", "B."),)


def test_thoughts_without_an_end_are_rejected(tasks: dict[str, Task]) -> None:
    assert judged(tasks["detail_description"], "1", "<think>It is a dog.", "stop").errors[0].check == "special-token"


def test_findings_say_where(tasks: dict[str, Task]) -> None:
    record = judged(tasks["conversation"], "1", "Question:\nA?\n===\nAnswer:\nSee <image> here.", "stop")
    assert [(f.code, f.check, f.where) for f in record.errors] == [("S001", "special-token", "turn 1 answer")]
    assert not record.kept
