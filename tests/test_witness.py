"""Which picture a record is about: every way that files call one, and what must not be taken for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen import Settings, generate
from datagen.annotations.index import Reading, index
from datagen.checks.grounding import turns_in
from datagen.checks.sample import sample
from datagen.errors import InputError
from datagen.sources.files import Source
from datagen.witness import Pictures, Told, Witness, annotated, of_run, witness

SAMPLES = Path(__file__).resolve().parents[1] / "samples"


def coco(folder: Path, names: Sequence[tuple[int, str]]) -> Path:
    """A COCO file with such images, a dog on each."""
    data = {
        "images": [{"id": number, "file_name": name, "width": 100, "height": 100} for number, name in names],
        "categories": [{"id": 1, "name": "dog"}, {"id": 2, "name": "umbrella"}],
        "annotations": [
            {"id": n, "image_id": own, "category_id": 1, "bbox": [10, 10, 50, 50]} for n, (own, _) in enumerate(names)
        ],
    }  # fmt: skip
    path = folder / "instances.json"
    path.write_text(json.dumps(data))
    return path


def pictures(folder: Path, *names: tuple[int, str]) -> Pictures:
    return Pictures(index([Source(coco(folder, names), named=True)], Reading(cache=False)))


def about(known: Pictures, **record: Any) -> str | None:
    image = known.about(sample(0, {"conversations": [], **record}))
    return image and image.image_id


@pytest.mark.parametrize(
    "name",
    [
        "000000033471.jpg", "train2017/000000033471.jpg", "coco/train2017/000000033471.jpg", "000000033471",
        "/data/coco/val2014/COCO_val2014_000000033471.jpg", "coco\\train2017\\000000033471.png",
        "COCO_train2014_000000033471.jpg",
    ],
)  # fmt: skip
def test_coco_s_names_are_one_however_they_are_written(tmp_path: Path, name: str) -> None:
    for own in ("000000033471.jpg", "COCO_val2014_000000033471.jpg", "val2017/000000033471.jpg"):
        known = pictures(tmp_path, (33471, own), (5, "000000000005.jpg"))
        assert about(known, image=name) == "33471", own
        assert about(known, images=[name]) == "33471"


@pytest.mark.parametrize(
    "record",
    [
        {"image": "vg/VG_100K/33471.jpg"},  # Visual Genome's numbers are its own
        {"image": "gqa/images/33471.jpg", "id": "000000033471"},
        {"image": "33471"},
        {"image": "000000033472.jpg", "id": "000000033471"},  # the file counts, not the id
        {"image": ["000000033471.jpg", "000000000005.jpg"]},
        {"image": None, "id": 33471},
        {"id": "33472"},
        {"id": None},
        {"image": ""},
        {},
    ],
)
def test_what_only_looks_alike_is_not_joined(tmp_path: Path, record: dict[str, Any]) -> None:
    known = pictures(tmp_path, (33471, "000000033471.jpg"), (5, "000000000005.jpg"))
    assert about(known, **record) is None


def test_a_record_without_an_image_is_joined_by_llava_s_id_or_ours(tmp_path: Path) -> None:
    known = pictures(tmp_path, (33471, "000000033471.jpg"), (7, "a b.jpg"))
    assert about(known, id="000000033471") == "33471"
    assert about(known, id="000000000007-detail_description-0") == "7"
    assert about(known, id="000000000007-detail_description") is None


def test_of_several_files_of_one_name_the_path_decides(tmp_path: Path) -> None:
    known = pictures(tmp_path, (1, "batch_1/000006.jpg"), (2, "batch_2/000006.jpg"), (3, "c/x.jpg"))
    assert about(known, image="taco/batch_2/000006.jpg") == "2"
    assert about(known, image="batch_1/000006.jpg") == "1"
    assert about(known, image="000006.jpg") is None
    assert about(known, image="elsewhere/x.jpg") == "3"


def test_turns_are_paired_and_image_tokens_left_out() -> None:
    record = {
        "conversations": [
            {"from": "system", "value": "s"},
            {"from": "human", "value": "<image>\nq1"},
            {"from": "gpt", "value": "a1"},
            {"from": "gpt", "value": "again"},
            {"from": "human", "value": "q2"},
            {"from": "human", "value": "q3"},
            {"from": "gpt", "value": "a3"},
            {"from": "human", "value": "left over"},
        ]
    }
    turns, places = turns_in(sample(0, record))
    assert [tuple(turn) for turn in turns] == [("q1", "a1"), ("q3", "a3")]
    assert places == [
        ("conversations[1].value", "conversations[2].value"),
        ("conversations[5].value", "conversations[6].value"),
    ]


def test_a_witness_elsewhere_says_the_same(tmp_path: Path) -> None:
    """What goes to another process is the name of a file, which is gone when nobody needs it."""
    path = coco(tmp_path, [(33471, "000000033471.jpg")])
    talk = [{"from": "human", "value": "<image>\nIs there a dog?"}, {"from": "gpt", "value": "No, there is no dog."}]
    record = {"image": "000000033471.jpg", "conversations": talk}
    with annotated([path]) as told:
        assert told is not None
        found = witness(told).ground(sample(0, record))
        assert found is not None
        assert [each.code for each in found[0].against] == ["G005"]
    assert not Path(told.images).exists()
    with annotated([]) as nothing:
        assert nothing is None
    with pytest.raises(InputError), annotated([tmp_path / "not-there.json"]):
        pass


def test_a_run_s_ledger_knows_its_records(tmp_path: Path) -> None:
    generate([SAMPLES], Settings(model="mock", limit=2, task=("conversation",)), tmp_path / "run")
    told = of_run(tmp_path / "run" / "llava.json")
    assert told == Told(ledger=str(tmp_path / "run" / "ledger.db"))
    assert of_run(tmp_path / "run" / "rejects.jsonl") is None
    assert of_run(tmp_path / "llava.json") is None
    known = witness(told)
    records = json.loads((tmp_path / "run" / "llava.json").read_text())
    assert all(known.ground(sample(0, record)) is not None for record in records)
    for wrong in ("000000000001-conversation-9", "", "%", None, 7, "\ud800", "é"):
        assert known.ground(sample(0, {**records[0], "id": wrong})) is None


TEXT = st.text(st.characters(), max_size=40) | st.sampled_from(["<image>", "There is a dog.", "no umbrella", "\ud800"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT, lambda inner: st.lists(inner, max_size=3), max_leaves=6
)
MESSAGE = st.fixed_dictionaries(
    {}, optional={"from": st.sampled_from(["human", "gpt", "x"]) | JSON, "value": TEXT | JSON}
)
RECORD = st.fixed_dictionaries(
    {}, optional={"id": TEXT | JSON, "image": TEXT | JSON, "conversations": st.lists(MESSAGE | JSON, max_size=6) | JSON}
)


@pytest.fixture(scope="module")
def wild(tmp_path_factory: pytest.TempPathFactory) -> Witness:
    return Witness(pictures(tmp_path_factory.mktemp("wild"), (1, "a.jpg"), (2, "000000000002.jpg")))


@settings(deadline=None)
@given(record=RECORD, known=st.booleans())
def test_whatever_a_record_is_a_witness_says_something_or_nothing(
    wild: Witness, record: dict[str, Any], known: bool
) -> None:
    found = wild.ground(sample(0, {**record, "image": "x/a.jpg"} if known else record))
    assert found is not None or not known
    if found is not None:
        assert all(each.claim.words for each in found[0].against)
