"""What `inspect` counts, against counts made another way: on real files, and on small wild sets."""

from __future__ import annotations

import gzip
import json
import re
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import datagen
from datagen import inspection
from datagen.annotations.census import DROPS, ODDITIES, Census
from datagen.annotations.index import FileFacts
from datagen.inspection import survey
from datagen.prompting.compose import Composer
from datagen.prompting.folder import load_tasks
from datagen.schema import Box, ImageContext, Task

CAPTIONS, BOXES = "coco/captions_val2017_2000.json.gz", "coco/instances_val2017_2000_boxes.json.gz"


class Rows:
    """An index's public face over plain images, and nothing else of it."""

    def __init__(self, images: Sequence[ImageContext], files: Sequence[FileFacts] = (), unused: int = 0) -> None:
        self.images, self.files, self.census = images, tuple(files), Census()
        names = dict.fromkeys(box.category for image in images for box in image.boxes)
        self.categories = (*(f"unused {n}" for n in range(unused)), *names)
        self.read: list[int] = []

    def __len__(self) -> int:
        return len(self.images)

    def image_id(self, row: int) -> str:
        return self.images[row].image_id

    def size(self, row: int) -> tuple[int, int] | None:
        image = self.images[row]
        return (image.width, image.height) if image.width and image.height else None

    def captions(self, row: int) -> int:
        return len(self.images[row].captions)

    def boxes(self, row: int) -> int:
        return len(self.images[row].boxes)

    def categories_of(self, row: int) -> Sequence[int]:
        return [self.categories.index(box.category) for box in self.images[row].boxes]

    def contexts(self, rows: Iterable[int]) -> Iterator[ImageContext]:
        self.read = list(rows)
        return (self.images[row] for row in self.read)


def image(number: int, captions: int = 0, boxes: int = 0, size: tuple[int, int] | None = None) -> ImageContext:
    return ImageContext(
        image_id=str(number),
        file_name=f"{number}.jpg",
        width=size and size[0],
        height=size and size[1],
        captions=tuple("a" * (n + 1) for n in range(captions)),
        boxes=tuple(Box("dog", 0.0, 0.0, 0.5, 0.5) for _ in range(boxes)),
    )


def facts(images: int, categories: int = 0) -> FileFacts:
    return FileFacts("a.json", "COCO", images, 0, 0, 0, categories)


def told(numbers: Sequence[int]) -> tuple[int, int, int] | None:
    return (min(numbers), statistics.median_low(numbers), max(numbers)) if numbers else None


def surveyed(rows: Rows, tasks: Sequence[Task] = ()) -> datagen.Inspection:
    return survey(rows, tasks)  # type: ignore[arg-type]


_sizes = st.none() | st.tuples(st.integers(1, 99), st.integers(1, 99))
_boxes = st.builds(
    Box, st.sampled_from(["dog", "cat", "a b"]), *[st.just(v) for v in (0.1, 0.2)], *[st.floats(0.2, 1)] * 2
)
_images = st.lists(
    st.builds(
        lambda size, captions, boxes: (size, captions, boxes),
        _sizes,
        st.lists(st.text(min_size=1, max_size=9), max_size=4),
        st.lists(_boxes, max_size=30),
    ),
    max_size=8,
)


@given(_images, st.integers(0, 3))
def test_small_sets_are_counted_as_a_plain_count_counts(wild: list[Any], unused: int) -> None:
    images = [
        ImageContext(
            image_id=str(n),
            file_name=f"{n}.jpg",
            width=size and size[0],
            height=size and size[1],
            captions=tuple(captions),
            boxes=tuple(boxes),
        )
        for n, (size, captions, boxes) in enumerate(wild)
    ]
    found = surveyed(Rows(images, unused=unused))
    numbers = [len(i.captions) for i in images]
    assert found.captions == (sum(numbers), told(numbers), numbers.count(0))
    numbers = [len(i.boxes) for i in images]
    assert found.boxes == (sum(numbers), told(numbers), numbers.count(0))
    assert found.sampled.characters == told([len(c) for i in images for c in i.captions])
    sizes = [(i.width, i.height) for i in images if i.width and i.height]
    assert found.pictures.width == told([w for w, _ in sizes])
    assert found.pictures.height == told([h for _, h in sizes])
    shapes = Counter("landscape" if w > h else "portrait" if w < h else "square" for w, h in sizes)
    assert {name: getattr(found.pictures, name) for name in ("landscape", "portrait", "square")} == {
        "landscape": shapes["landscape"], "portrait": shapes["portrait"], "square": shapes["square"],
    }  # fmt: skip
    assert found.pictures.unknown == len(images) - len(sizes)
    boxes_of = Counter(b.category for i in images for b in i.boxes)
    images_of = Counter(name for i in images for name in {b.category for b in i.boxes})
    assert {c.name: (c.boxes, c.images) for c in found.categories} == {n: (boxes_of[n], images_of[n]) for n in boxes_of}
    assert [c.boxes for c in found.categories] == sorted(boxes_of.values(), reverse=True)
    assert found.listed_categories == len(boxes_of) + unused
    assert found.crowded.images == sum(len(i.boxes) > found.crowded.more_than for i in images)
    assert sum(found.joined[1:5]) == found.joined.images == len(images)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=9))
def test_a_task_can_be_asked_about_as_many_images_as_its_composer_takes(held: list[tuple[int, int]]) -> None:
    images = [image(n, captions, boxes) for n, (captions, boxes) in enumerate(held)]
    (task,) = load_tasks(names=["conversation"])
    needs: list[tuple[str, ...]] = [("captions",), ("boxes",), ("captions", "boxes"), ()]
    sees: list[tuple[str, ...]] = [("captions", "boxes"), ("captions", "boxes"), ("boxes", "captions"), ("captions",)]
    tasks = [task.model_copy(update={"needs": n, "sees": s}) for n, s in zip(needs, sees, strict=True)]
    expected = [sum(not Composer(t, "m", {}, 0).lacks(i) for i in images) for t in tasks]
    assert [asked.images for asked in surveyed(Rows(images), tasks).tasks] == expected


def test_of_many_images_evenly_spaced_ones_are_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "SAMPLE", 5)
    rows = Rows([image(n, captions=n % 2) for n in range(40)])  # every other image has something to read
    found = surveyed(rows)
    assert rows.read == [1, 9, 17, 25, 33]
    assert (found.sampled.images, found.sampled.of) == (5, 20)
    assert found.captions.total == 20


@pytest.mark.parametrize(
    ("files", "images", "listed", "shared"),
    [([], 3, 3, None), ([3], 3, 3, None), ([3, 2], 4, 5, 1), ([3, 1], 4, 4, 0), ([3, 3, 3], 3, 9, None)],
)
def test_how_files_meet_is_told_where_it_can_be_known(
    files: list[int], images: int, listed: int, shared: int | None
) -> None:
    found = surveyed(Rows([image(n) for n in range(images)], [facts(n) for n in files]))
    assert (found.joined.listed, found.joined.shared) == (listed, shared)


def test_how_two_files_meet_is_not_told_where_images_were_left_out() -> None:
    rows = Rows([image(0)], [facts(1), facts(1)])
    rows.census.add("unsafe-file-name", "a.json: $.images[0]")
    assert surveyed(rows).joined.shared is None


def test_the_longest_list_of_categories_counts_where_the_index_names_the_used_ones_only() -> None:
    assert surveyed(Rows([image(0, boxes=1)], [facts(1, 80), facts(1, 3)])).listed_categories == 80


def test_areas_are_those_of_a_tenth_of_half_and_of_nine_tenths() -> None:
    boxes = tuple(Box("dog", 0.0, 0.0, n / 100, 1.0) for n in range(101))
    found = surveyed(Rows([image(0).model_copy(update={"boxes": boxes})]))
    assert found.sampled.areas == (0.1, 0.5, 0.9)


def test_what_is_said_to_be_left_out_is_what_drops() -> None:
    """A new oddity must be put on one side or the other."""
    lost = {name for name, rule in ODDITIES.items() if re.search(r"\bleft out\b|passed over|went with", rule)}
    assert lost == DROPS


def test_oddities_are_split_in_left_out_and_kept() -> None:
    rows = Rows([image(0)])
    for name in ("no-box", "bad-box", "flat-box", "not-coco"):
        rows.census.add(name, "a.json")
    found = surveyed(rows)
    assert {oddity.name for oddity in found.left_out} == {"bad-box", "not-coco"}
    assert {oddity.name for oddity in found.kept} == {"no-box", "flat-box"}


@pytest.fixture(scope="module")
def val2017(shared_data: Path) -> tuple[datagen.Inspection, dict[str, Any], dict[str, Any]]:
    """The joined files as inspected, and as plain JSON."""
    paths = [shared_data / CAPTIONS, shared_data / BOXES]
    documents = [json.loads(gzip.decompress(path.read_bytes())) for path in paths]
    return datagen.inspect(paths, datagen.Reading(cache=False)), documents[0], documents[1]


def test_cocos_captions_and_boxes_are_all_counted(val2017: Any) -> None:
    found, captions, boxes = val2017
    for held, document in ((found.captions, captions), (found.boxes, boxes)):
        per_image = Counter({entry["id"]: 0 for entry in captions["images"]})
        per_image.update(entry["image_id"] for entry in document["annotations"])
        counts = list(per_image.values())
        assert held == (len(document["annotations"]), told(counts), counts.count(0))
    lengths = [len(entry["caption"].strip()) for entry in captions["annotations"]]
    assert found.sampled.characters == told(lengths)


def test_cocos_images_join_and_can_be_asked_about(val2017: Any) -> None:
    found, captions, boxes = val2017
    said, seen = ({entry["image_id"] for entry in document["annotations"]} for document in (captions, boxes))
    assert found.joined[:5] == (2000, len(said & seen), len(said - seen), len(seen - said), 0)
    assert {asked.task: asked.images for asked in found.tasks} == dict.fromkeys(
        ("complex_reasoning", "conversation", "detail_description"), len(said)
    )


def test_cocos_categories_are_counted(val2017: Any) -> None:
    found, _, boxes = val2017
    names = {entry["id"]: entry["name"] for entry in boxes["categories"]}
    expected = Counter(names[entry["category_id"]] for entry in boxes["annotations"])
    pairs = {(names[entry["category_id"]], entry["image_id"]) for entry in boxes["annotations"]}
    images = Counter(name for name, _ in pairs)
    assert {c.name: (c.boxes, c.images) for c in found.categories} == {n: (expected[n], images[n]) for n in expected}
    assert (len(found.categories), found.listed_categories) == (80, 80)


def test_cocos_sizes_and_areas_are_told(val2017: Any) -> None:
    found, captions, boxes = val2017
    sizes = {entry["id"]: (entry["width"], entry["height"]) for entry in captions["images"]}
    assert found.pictures.width == told([width for width, _ in sizes.values()])
    assert found.pictures.landscape == sum(width > height for width, height in sizes.values())
    shares = sorted(
        entry["bbox"][2] * entry["bbox"][3] / sizes[entry["image_id"]][0] / sizes[entry["image_id"]][1]
        for entry in boxes["annotations"]
    )
    expected = [shares[len(shares) * tenths // 10] for tenths in (1, 5, 9)]
    assert found.sampled.areas == pytest.approx(expected, rel=0.02)


def test_what_each_file_held_is_told(val2017: Any, shared_data: Path) -> None:
    found, captions, boxes = val2017
    if not found.files:
        pytest.skip("the reader says nothing of its files yet")
    assert [file.label for file in found.files] == [str(shared_data / CAPTIONS), str(shared_data / BOXES)]
    assert [file.images for file in found.files] == [2000, 2000]
    assert [file.captions for file in found.files] == [len(captions["annotations"]), 0]
    assert [file.boxes for file in found.files] == [0, len(boxes["annotations"])]
    assert [file.categories for file in found.files] == [0, 80]
    assert found.joined.shared == 2000


def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"images": [')
    with pytest.raises(datagen.InputError, match="ends in the middle"):
        datagen.inspect([tmp_path / "bad.json"])
