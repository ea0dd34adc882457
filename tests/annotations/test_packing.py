"""A table packed and opened again is the same, whatever it holds, and bytes that were not packed so are refused."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.annotations.census import ODDITIES, Census
from datagen.annotations.index import Index
from datagen.annotations.packing import MAGIC, Damaged, FileFacts, Packed, pack
from datagen.annotations.table import Table
from datagen.schema import Box, ImageContext
from tests.annotations.packed import image, packed

LINE = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=12)
SHARE = st.integers(0, 1000).map(lambda n: n / 1000)
BOX = st.builds(lambda name, a, b, c, d: Box(name, min(a, c), min(b, d), max(a, c), max(b, d)), LINE, *[SHARE] * 4)
CONTEXT = st.builds(
    lambda image_id, name, size, captions, boxes: ImageContext.model_construct(
        image_id=image_id, file_name=name, width=size and size[0], height=size and size[1],
        captions=tuple(captions), boxes=tuple(boxes),
    ),
    LINE, LINE, st.none() | st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)),
    st.lists(LINE, max_size=4), st.lists(BOX, max_size=4),
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(contexts=st.lists(CONTEXT, max_size=6))
def test_what_is_packed_comes_out_again(contexts: list[ImageContext]) -> None:
    found = packed(contexts)
    assert len(found) == len(contexts)
    assert list(found.contexts()) == contexts
    for row, context in enumerate(contexts):
        assert found.image_id(row) == context.image_id
        assert found.file_name(row) == context.file_name
        assert found.size(row) == ((context.width, context.height) if context.width else None)
        assert found.captions(row) == len(context.captions)
        assert found.boxes(row) == len(context.boxes)
        assert [found.categories[n] for n in found.categories_of(row)] == [box.category for box in context.boxes]


def table() -> Table:
    """Two images; the captions lie in the text in another order than that of the rows."""
    return Table(
        ids=["1", "x y"], names=["a.jpg", "d/\u00e9.jpg"],
        widths=np.array([9, 0], np.int32), heights=np.array([8, 0], np.int32),
        caption_text=bytearray("zwei\u2603eins".encode()),
        caption_starts=np.array([7, 0]), caption_sizes=np.array([4, 7], np.int32), caption_ends=np.array([1, 2]),
        categories=np.array([1, 0], np.int32),
        corners=np.array([[0, 1, 999, 1000], [5, 5, 5, 5]], np.uint16), box_ends=np.array([0, 2]),
        category_names=("b", "a\u2603"),
    )  # fmt: skip


FACTS = FileFacts("a\u00e9.json", "JSON lines", 1, 2, 3, 4, 5)


def whole() -> bytes:
    census = Census()
    census.add("no-box", "a\u00e9.json: $.images[0]", 7)
    census.add("bad-box", "first", 2)
    return bytes(pack(table(), census, [FACTS]))


def test_all_that_is_told_of_the_files_comes_out_again() -> None:
    found = Index(Packed(whole()))
    assert found.files == (FACTS,)
    assert found.categories == ("b", "a\u2603")
    assert [(odd.name, odd.number, odd.example) for odd in found.census] == [
        ("bad-box", 2, "first"),
        ("no-box", 7, "a\u00e9.json: $.images[0]"),
    ]
    first, second = found.contexts()
    assert (first.captions, second.captions) == (("eins",), ("zwei\u2603",))
    assert second.boxes == (("a\u2603", 0.0, 0.001, 0.999, 1.0), ("b", 0.005, 0.005, 0.005, 0.005))
    assert (first.width, second.width) == (9, None)


def test_the_same_is_packed_alike_and_can_be_mapped(tmp_path: Path) -> None:
    assert whole() == whole()
    (tmp_path / "x").write_bytes(whole())
    with (tmp_path / "x").open("rb") as file:
        found = Packed(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    assert list(Index(found).contexts()) == list(Index(Packed(whole())).contexts())


def test_every_single_changed_byte_is_noticed() -> None:
    data = whole()
    for at in range(len(data)):
        for mask in (1, 0x80, 0xFF):
            with pytest.raises(Damaged):
                Packed(data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :])


def test_every_cut_and_whatever_is_added_is_noticed() -> None:
    data = whole()
    for at in range(len(data)):
        with pytest.raises(Damaged):
            Packed(data[:at])
    for more in (b"\0", b"x" * 8, data):
        with pytest.raises(Damaged):
            Packed(data + more)


@settings(deadline=None)
@given(data=st.binary(max_size=100) | st.binary(max_size=60).map(lambda rest: MAGIC + rest))
def test_no_other_bytes_are_taken(data: bytes) -> None:
    with pytest.raises(Damaged):
        Packed(data)


@pytest.mark.parametrize("magic", [b"datagen index 2l", b"datagen index 1?", bytes(16)])
def test_bytes_of_another_version_or_machine_are_refused(magic: bytes) -> None:
    assert len(MAGIC) == 16
    with pytest.raises(Damaged):
        Packed(magic + whole()[16:])


def test_nothing_is_packed_too() -> None:
    found = packed([])
    assert (len(found), list(found.contexts()), found.categories) == (0, [], ())


def test_many_captions_are_packed_some_at_a_time() -> None:
    contexts: list[Any] = [image(n, ["dog"] * (n % 3), captions=n % 4) for n in range(20_000)]
    contexts[7_000] = contexts[7_000].model_copy(update={"captions": ("one", "two \u2603", "3")})
    assert list(packed(contexts).contexts()) == contexts


def test_every_oddity_can_be_kept() -> None:
    census = Census()
    for name in ODDITIES:
        census.add(name, f"{name} \u2603\U0001f600\ud800"[: len(name) + 3], 3)
    assert list(Packed(pack(table(), census, ())).census) == list(census)
