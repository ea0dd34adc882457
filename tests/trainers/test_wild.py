"""Whatever a record is, the trainers' checks say what they see and never break; of real data they say what is so."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import datagen.checks.every  # noqa: F401
from datagen.checks.base import of_kind
from datagen.checks.sample import Sample, sample
from datagen.checks.trainers.common import FITS, MISSING_IMAGE, ORDER, worst

OUTCOMES = {
    path.stem: json.loads(path.read_text("ascii"))
    for path in sorted(Path(__file__).with_name("outcomes").glob("*.json"))
}
NAMES = "id image images video length conversations messages from value role content type text path image_url url"
KEYS = st.sampled_from(NAMES.split())
TEXTS = st.sampled_from(
    ["human", "gpt", "user", "assistant", "system", "image", "text", "<image>", "</s>", "", "a.jpg"]
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=9), TEXTS)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=25
)
TURNS = st.lists(
    st.one_of(
        st.fixed_dictionaries({"from": TEXTS, "value": VALUES}), st.dictionaries(KEYS, VALUES, max_size=4), VALUES
    ),
    max_size=5,
)
PICTURES = {"image": VALUES, "images": VALUES}
RECORDS = st.one_of(
    VALUES,
    st.fixed_dictionaries({"conversations": TURNS}, optional={**PICTURES, "length": LEAVES}),
    st.fixed_dictionaries({"messages": TURNS}, optional=PICTURES),
)


@given(RECORDS)
def test_no_record_breaks_a_check(raw: Any) -> None:
    whole = sample(0, raw)
    for check in of_kind("trainer"):
        for seen in check.run(whole):
            assert isinstance(seen.message, str)
            assert seen.message
            assert isinstance(seen.where, str)
            assert isinstance(seen.words, str)
    assert all(isinstance(fits(whole), bool) for fits in FITS.values())


def test_each_says_what_the_trainer_does() -> None:
    assert all(check.does in ORDER and check.target for check in of_kind("trainer"))
    assert set(MISSING_IMAGE.values()) <= set(ORDER)


@pytest.mark.parametrize("target", [target for target, told in OUTCOMES.items() if "picture missing" in told])
def test_a_missing_picture_is_what_we_say_it_is(target: str) -> None:
    assert OUTCOMES[target]["picture missing"]["outcome"] == MISSING_IMAGE[target]


def fates(records: list[Any], target: str) -> tuple[dict[str, int], dict[str, int]]:
    """How many records fare how, and how many each check speaks of."""
    done: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    checks = [check for check in of_kind("trainer") if check.target == target]
    for number, raw in enumerate(records):
        one: Sample = sample(number, raw)
        found = [check for check in checks if any(check.run(one))]
        done[worst(check.does for check in found)] += 1
        codes.update(check.code for check in found)
    return dict(done), dict(codes)


def read(path: Path) -> list[Any]:
    told: list[Any] = json.loads(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes())
    return told


PAIRS = ("llava", "llava-next", "qwen", "internvl")


@pytest.mark.parametrize("target", PAIRS)
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("llava_instruct_100.json", 100),
        ("blip_laion_cc_sbu_1000.json.gz", 1000),
        ("scienceqa_llava_test_CQM-A_1000.json.gz", 1000),
        ("lmms_single_image_has_text_only.json", 4),
        ("qwen_demo_single_images.json", 3),
    ],
)
def test_nothing_is_said_of_good_data(shared_data: Path, name: str, count: int, target: str) -> None:
    records = read(shared_data / "llava" / name)
    assert fates(records, target) == ({"loaded": count}, {})
    assert FITS[target](sample(0, records[0]))


@pytest.mark.parametrize(
    ("target", "done", "codes"),
    [
        ("llava", "damaged", {"T116"}),
        ("llava-next", "damaged", {"T216"}),
        ("qwen", "lost", {"T707"}),
        ("internvl", "damaged", {"T813"}),
    ],
)
def test_pictures_under_another_name_are_told_of_once(
    shared_data: Path, target: str, done: str, codes: set[str]
) -> None:
    records = read(shared_data / "llava" / "llava_instruct_images_list_250.json.gz")
    assert fates(records, target) == ({done: 250}, dict.fromkeys(codes, 250))


def test_several_pictures_stop_llava_alone(shared_data: Path) -> None:
    records = read(shared_data / "llava" / "lmms_multi_images.json")
    assert {target: fates(records, target)[0] for target in PAIRS} == {
        "llava": {"stops": 2},
        **{target: {"loaded": 2} for target in PAIRS[1:]},
    }


def test_stage_1_takes_one_caption_for_each_picture(shared_data: Path) -> None:
    captions = read(shared_data / "llava" / "blip_laion_cc_sbu_1000.json.gz")
    talks = read(shared_data / "llava" / "llava_instruct_100.json")
    assert fates(captions, "llava-plain") == ({"loaded": 1000}, {})
    assert fates(talks, "llava-plain") == ({"loaded": 1, "stops": 99}, {"T002": 99})
