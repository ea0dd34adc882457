"""Which images are taken: by each wish, in one order, every image counted once; drawn by ids and by nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.annotations.index import Index
from datagen.annotations.selection import Chosen, Selection, _lot, select
from datagen.errors import SetupError, UnknownName
from datagen.schema import ImageContext
from tests.annotations.packed import image, packed

NAMES = ("ant", "bee", "cat", "dog")
IMAGES = st.lists(
    st.builds(image, st.integers(0, 10**6), st.lists(st.sampled_from(NAMES), max_size=4), st.integers(0, 3)),
    max_size=30,
    unique_by=lambda context: context.image_id,
)
WISHES = st.builds(
    Selection,
    images_list=st.none() | st.lists(st.integers(0, 10**6).map(str), max_size=3).map(tuple),
    categories=st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
    min_captions=st.integers(0, 3),
    min_boxes=st.integers(0, 3),
    max_boxes=st.none() | st.integers(0, 4),
    split=st.none() | st.sampled_from([(1, 1), (1, 2), (2, 3)]),
    sample=st.none() | st.integers(1, 9),
    sample_by=st.sampled_from(["random", "coverage"]),
    limit=st.none() | st.integers(1, 5),
    seed=st.integers(0, 3),
)


def ids(index: Index, chosen: Chosen) -> list[str]:
    return [index.image_id(row) for row in chosen.rows]


def taken(images: Sequence[ImageContext], **wishes: object) -> list[str]:
    """The ids that are taken, in order; none where that is refused."""
    index = packed(images)
    try:
        return ids(index, select(index, Selection(**wishes)))  # type: ignore[arg-type]
    except SetupError:
        return []


FEW = [
    image(1, ["dog", "dog", "cat"], 5),
    image(2, [], 5),
    image(3, ["Fire Hydrant"], 1, "train/000000000003.jpg"),
    image(4, ["cat"], 0, "val/000000000003.jpg"),
    image("x-5", ["dog"] * 9, 2, "a/b/five.png"),
]


@pytest.mark.parametrize(
    ("wishes", "left", "left_out"),
    [
        ({}, "1 2 3 4 x-5", {}),
        ({"limit": 2}, "1 2", {"limit": 3}),
        ({"limit": 9}, "1 2 3 4 x-5", {}),
        ({"min_captions": 2}, "1 2 x-5", {"min-captions": 2}),
        ({"min_boxes": 1, "max_boxes": 3}, "1 3 4", {"min-boxes": 1, "max-boxes": 1}),
        ({"max_boxes": 0}, "2", {"max-boxes": 4}),
        ({"categories": ("cat",)}, "1 4", {"categories": 3}),
        ({"categories": ("CAT", "dog")}, "1 4 x-5", {"categories": 2}),
        ({"categories": ("fire_hydrant",)}, "3", {"categories": 4}),
        ({"images_list": ("1", "x-5")}, "1 x-5", {"images-list": 3}),
        ({"images_list": ("000000000001", "2")}, "1 2", {"images-list": 3}),
        ({"images_list": ("000000000003.jpg",)}, "3 4", {"images-list": 3}),
        ({"images_list": ("val/000000000003.jpg",)}, "4", {"images-list": 4}),
        ({"images_list": ("/data/coco/val/000000000003.jpg",)}, "4", {"images-list": 4}),
        ({"images_list": ("..\\images\\train\\000000000003.jpg",)}, "3", {"images-list": 4}),
        ({"images_list": ("b/five.png", "1.jpg")}, "1 x-5", {"images-list": 3}),
        ({"images_list": ("1", "2", "4"), "categories": ("cat",), "min_captions": 1}, "1",
         {"images-list": 2, "categories": 1, "min-captions": 1}),
        ({"sample": 5}, "1 2 3 4 x-5", {}),
        ({"split": (1, 1)}, "1 2 3 4 x-5", {}),
    ],
)  # fmt: skip
def test_what_each_wish_leaves(wishes: dict[str, object], left: str, left_out: dict[str, int]) -> None:
    index = packed(FEW)
    chosen = select(index, Selection(**wishes))  # type: ignore[arg-type]
    assert (ids(index, chosen), chosen.left_out, chosen.seen) == (left.split(), left_out, 5)


def first_unmet(context: ImageContext, wanted: Selection) -> str | None:
    """The first wish about the image alone that it does not meet, by the words of the documentation."""
    held = [box.category for box in context.boxes]
    part = wanted.split
    unmet = {
        "images-list": wanted.images_list is not None and context.image_id not in wanted.images_list,
        "categories": bool(wanted.categories) and not set(held) & set(wanted.categories),
        "min-captions": len(context.captions) < wanted.min_captions,
        "min-boxes": len(held) < wanted.min_boxes,
        "max-boxes": wanted.max_boxes is not None and len(held) > wanted.max_boxes,
        "split": part is not None and _lot("split")(context.image_id) % part[1] != part[0] - 1,
    }
    return next((reason for reason, is_unmet in unmet.items() if is_unmet), None)


@settings(deadline=None, max_examples=80)
@given(IMAGES, WISHES)
def test_every_image_is_taken_or_counted_under_the_first_wish_that_it_does_not_meet(
    images: list[ImageContext], wanted: Selection
) -> None:
    # a category or list that nothing has is refused, which is another test's business
    known = {box.category for context in images for box in context.boxes}
    listed = None if wanted.images_list is None else (*wanted.images_list, *(i.image_id for i in images[::2]))
    wanted = wanted._replace(categories=tuple(n for n in wanted.categories if n in known), images_list=listed)
    reasons = Counter(reason for context in images if (reason := first_unmet(context, wanted)))
    left = len(images) - reasons.total()
    sampled = left if wanted.sample is None else min(left, wanted.sample)
    end = sampled if wanted.limit is None else min(sampled, wanted.limit)
    reasons += Counter({"sample": left - sampled, "limit": sampled - end})
    index = packed(images)
    if images and not end:
        with pytest.raises(SetupError) as refused:
            select(index, wanted)
        assert all(f"{reason} {count}" in str(refused.value) for reason, count in reasons.items())
        return
    chosen = select(index, wanted)
    assert (len(chosen.rows), chosen.left_out, chosen.seen) == (end, dict(reasons), len(images))
    assert list(chosen.rows) == sorted(set(chosen.rows))


@settings(deadline=None)
@given(IMAGES, st.integers(1, 7))
def test_parts_share_no_image_and_are_all_of_them(images: list[ImageContext], parts: int) -> None:
    found = [taken(images, split=(part, parts), seed=part) for part in range(1, parts + 1)]
    assert sorted(one for part in found for one in part) == sorted(context.image_id for context in images)


@settings(deadline=None)
@given(IMAGES, IMAGES, st.integers(1, 4))
def test_more_data_moves_no_image_to_another_part(
    images: list[ImageContext], more: list[ImageContext], parts: int
) -> None:
    old = {context.image_id for context in images}
    grown = [context for context in more if context.image_id not in old] + images[::-1]
    for part in range(1, parts + 1):
        now = taken(grown, split=(part, parts))
        assert {one for one in now if one in old} == set(taken(images, split=(part, parts)))


@settings(deadline=None, max_examples=60)
@given(IMAGES, IMAGES, st.integers(1, 12), st.integers(0, 5))
def test_more_data_displaces_sampled_images_and_brings_none_back(
    images: list[ImageContext], more: list[ImageContext], number: int, seed: int
) -> None:
    old = {context.image_id for context in images}
    new = [context for context in more if context.image_id not in old]
    before = set(taken(images, sample=number, seed=seed))
    after = set(taken([*new, *images], sample=number, seed=seed))
    assert after & old <= before
    assert len(before - after) <= len(new)


@settings(deadline=None, max_examples=60)
@given(IMAGES, st.randoms(), st.integers(1, 12), st.sampled_from(["random", "coverage"]))
def test_a_sample_does_not_depend_on_the_order_of_the_file_and_keeps_it(
    images: list[ImageContext], random: object, number: int, by: str
) -> None:
    found = taken(images, sample=number, sample_by=by)
    shuffled = list(images)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert set(taken(shuffled, sample=number, sample_by=by)) == set(found)
    assert found == [context.image_id for context in images if context.image_id in set(found)]


@settings(deadline=None, max_examples=60)
@given(IMAGES, st.integers(1, 12), st.sampled_from(["random", "coverage"]))
def test_a_larger_sample_keeps_the_smaller_one(images: list[ImageContext], number: int, by: str) -> None:
    few = taken(images, sample=number, sample_by=by)
    assert set(few) <= set(taken(images, sample=number + 1, sample_by=by))
    assert len(few) == min(number, len(images))


def by_the_rule(images: Sequence[ImageContext], number: int, seed: int) -> set[str]:
    """`coverage` as its sentence says it, step by step and slowly."""
    lot = _lot(f"sample {seed}")
    holds = {context.image_id: {box.category for box in context.boxes} for context in images}
    having = Counter(name for names in holds.values() for name in names)
    chosen: set[str] = set()
    while len(chosen) < min(number, len(images)):
        rest = [one for one in holds if one not in chosen]
        has = Counter(name for one in chosen for name in holds[one])
        names = [name for name in having if any(name in holds[one] for one in rest)]
        if names:
            name = min(names, key=lambda each: (has[each], having[each], each))
            rest = [one for one in rest if name in holds[one]]
        chosen.add(min(rest, key=lot))
    return chosen


@settings(deadline=None, max_examples=80)
@given(IMAGES, st.integers(1, 20), st.integers(0, 3))
def test_coverage_is_what_its_rule_says(images: list[ImageContext], number: int, seed: int) -> None:
    assert set(taken(images, sample=number, sample_by="coverage", seed=seed)) == by_the_rule(images, number, seed)


def test_coverage_finds_what_is_rare_where_chance_does_not() -> None:
    images = [image(n, ["person"]) for n in range(500)] + [image(1000 + n, ["person", "otter"]) for n in range(3)]
    images += [image(2000 + n) for n in range(500)]
    covering = taken(images, sample=6, sample_by="coverage")
    assert sum(int(one) in (1000, 1001, 1002) for one in covering) == 3
    assert all(int(one) < 2000 for one in covering), "nothing without a box while there are boxes"
    assert len(set(taken(images, sample=6)) & {"1000", "1001", "1002"}) < 3


def test_a_sample_is_another_one_by_another_seed_and_as_likely_here_as_there() -> None:
    images = [image(n) for n in range(2000)]
    first, second = taken(images, sample=500, seed=1), taken(images, sample=500, seed=2)
    assert 75 < len(set(first) & set(second)) < 175, "a quarter by chance"
    assert 190 < sum(int(one) < 1000 for one in first) < 310
    part = {*taken(images, split=(1, 2))}
    assert 190 < len(part & {*first}) < 310, "the parts are not dealt as the sample is drawn"
    assert 900 < len(part) < 1100


def test_the_draw_is_what_it_was_yesterday() -> None:
    images = [image(n, ["dog" if n % 3 else "cat"]) for n in range(40)]
    assert taken(images, sample=4) == DRAWN
    assert taken(images, sample=4, sample_by="coverage", seed=7) == COVERED
    assert taken(images, split=(2, 8)) == SECOND_OF_EIGHT


DRAWN = ["13", "17", "19", "26"]
COVERED = ["12", "13", "21", "26"]
SECOND_OF_EIGHT = ["4", "18", "24", "30"]


def test_entries_that_no_image_has_are_told() -> None:
    chosen = select(packed(FEW), Selection(images_list=("1", "77", "no.jpg", "2.jpg", "77")))
    assert chosen.not_found == ("77", "no.jpg")


@pytest.mark.parametrize(
    ("listed", "says", "hint"),
    [
        (("77", "8.jpg"), "none of its 2 entries is an image's id", "begins with 77"),
        ((), "the list is empty", "a line"),
    ],
)
def test_a_list_that_nothing_is_on_is_refused(listed: tuple[str, ...], says: str, hint: str) -> None:
    with pytest.raises(SetupError, match=says) as refused:
        select(packed(FEW), Selection(images_list=listed))
    assert hint in refused.value.hint
    assert "1.jpg" in refused.value.hint, "what would have been right is shown"


def test_an_unknown_category_is_refused_with_the_near_misses() -> None:
    with pytest.raises(UnknownName, match="no category is called 'dgo'") as refused:
        select(packed(FEW), Selection(categories=("cat", "dgo")))
    assert refused.value.hint == "did you mean dog?"
    with pytest.raises(UnknownName, match=r"'\*\*'"):
        select(packed([image(1, ["--"])]), Selection(categories=("**",)))


def test_a_name_is_first_taken_as_it_stands() -> None:
    images = [image(1, ["hot dog"]), image(2, ["hot_dog"]), image(3, ["Hot Dog"])]
    assert taken(images, categories=("hot_dog",)) == ["2"]
    assert taken(images, categories=("HOT DOG",)) == ["1", "3"]
    assert taken(images, categories=("hot-dog",)) == ["1", "2", "3"]


def test_where_nothing_is_left_it_says_what_took_how_many() -> None:
    with pytest.raises(
        SetupError, match=r"none of 5 images is left \(left out: min-captions 2, min-boxes 3\)"
    ) as refused:
        select(packed(FEW), Selection(min_captions=2, min_boxes=10))
    assert "--min-boxes took the most" in refused.value.hint


def test_of_no_images_none_is_taken() -> None:
    assert select(packed([]), Selection(min_boxes=1, sample=3, split=(1, 2))) == Chosen(
        select(packed([]), Selection()).rows, {}, 0
    )


class Counted(Index):
    """An index that cannot be asked for a whole image."""

    def context(self, row: int) -> ImageContext:
        raise AssertionError(row)


def test_no_image_is_made_whole_to_be_chosen() -> None:
    index = packed(FEW)
    index.__class__ = Counted
    wanted = Selection(images_list=("1", "2", "4"), categories=("dog", "cat"), min_captions=0, min_boxes=1, max_boxes=9,
                       split=(1, 1), sample=1, sample_by="coverage", limit=1)  # fmt: skip
    assert len(select(index, wanted).rows) == 1
