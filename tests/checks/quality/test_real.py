"""Real training data: what the checks say of it, and that a person would say so too. Texts stay outside."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from datagen.checks.base import CHECKS
from datagen.checks.quality.against import read_against
from datagen.checks.quality.options import Options
from datagen.checks.sample import sample
from tests.checks.quality.seeing import FILE_CHECKS, numbers, seen

SILENT = [
    "blip_laion_cc_sbu_1000.json.gz",
    "llava_instruct_100.json",
    "llava_instruct_images_list_250.json.gz",
    "lmms_multi_images.json",
    "lmms_single_image_has_text_only.json",
    "mllm_demo_messages.json",
    "mllm_demo_messages_2024-04.json",
    "qwen_demo_single_images.json",
    "scienceqa_llava_test_CQM-A_1000.json.gz",
]


def loaded(path: Path) -> list[Any]:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if path.name.endswith((".jsonl", ".jsonl.gz")):
        return [json.loads(line) for line in raw.splitlines()]
    found: list[Any] = json.loads(raw)
    return found


@pytest.mark.parametrize("name", SILENT)
def test_files_that_a_person_finds_nothing_wrong_with(shared_data: Path, name: str) -> None:
    records = loaded(shared_data / "llava" / name)
    for code in FILE_CHECKS:
        assert not seen(code, records, Options()), code
    for number, raw in enumerate(records):
        for code in ("Q007", "Q009"):
            assert not list(CHECKS[code].run(sample(number, raw).said)), code


def test_one_record_of_llava_stands_in_two_of_the_files(shared_data: Path) -> None:
    one = loaded(shared_data / "llava" / "llava_instruct_100.json")
    two = loaded(shared_data / "llava" / "llava_instruct_images_list_250.json.gz")
    (found,) = seen("Q002", one + two, Options())
    first = int(found.seen.message.rpartition(" ")[2])
    assert (first, found.number) == (41, 133)
    assert Path(one[41]["image"]).name == Path(two[33]["images"][0]).name


@pytest.mark.slow
def test_llava_s_eleven_wordings_are_no_frequent_question_nor_a_benchmark_s(shared_data: Path) -> None:
    asked = loaded(shared_data / "llava" / "detail_23k_questions.jsonl.gz")
    records = [
        {"id": str(n), "image": each["image"], "conversations": [{"from": "human", "value": each["text"]}]}
        for n, each in enumerate(asked)
    ]
    options = read_against([shared_data / "bench" / "qa90_questions.jsonl"])
    for code in FILE_CHECKS:
        assert not seen(code, records, options), code


def test_pictures_are_known_by_their_numbers_in_any_folder(shared_data: Path) -> None:
    options = read_against([shared_data / "bench" / "qa90_questions.jsonl"])
    assert len(options.against) == 30
    others = loaded(shared_data / "bench" / "coco2014_val_gpt4_qa_30x3.jsonl")
    found = seen("Q010", [{"image": f"coco/{each['image']}"} for each in others], options)
    assert len({others[number or 0]["image"] for number in numbers(found)}) == 23  # as the data's README counts


@pytest.mark.parametrize("kind", ["conversation", "complex_reasoning", "detail_description"])
def test_replies_of_a_small_model_do_not_go_round(shared_data: Path, kind: str) -> None:
    for each in loaded(shared_data / "replies" / f"mistral7b_{kind}.jsonl"):
        raw = {"conversations": [{"from": "human", "value": "?"}, {"from": "gpt", "value": each["reply"]}]}
        for code in ("Q007", "Q009"):
            assert not list(CHECKS[code].run(sample(0, raw).said))
