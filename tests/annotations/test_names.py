"""Ids have one way to be written, no file name leads a trainer out of its folder, and categories read as words."""

from __future__ import annotations

import itertools
import math
import ntpath
import os
import posixpath
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from datagen.annotations.names import identity, order, readable, relative_path


@pytest.mark.parametrize(
    ("written", "one"),
    [
        (7, "7"),
        (7.0, "7"),
        ("7", "7"),
        ("000000000007", "7"),
        (" 7\n", "7"),
        (0, "0"),
        ("000", "0"),
        (-0.0, "0"),
        (-3, "-3"),
        ("-03", "-3"),
        (10**17, "1" + "0" * 17),
        ("9" * 18, "9" * 18),
        ("9" * 19, "9" * 19),
        ("7.0", "7.0"),
        ("7e3", "7e3"),
        ("\u0667", "\u0667"),  # an Arabic 7 is no number to a file name
        ("img_7", "img_7"),
        (" a  b ", "a b"),
        ("e\u0301", "\u00e9"),
        ("a\u202eb", "ab"),
    ],
)
def test_an_id_has_one_way_to_be_written(written: Any, one: str) -> None:
    assert identity(written) == one


@pytest.mark.parametrize("value", [None, True, False, "", " \t", "\x00", math.nan, math.inf, 7.5, [], {}, [7], 10**400])
def test_what_cannot_be_an_id_is_none(value: Any) -> None:
    assert identity(value) is None


def test_a_long_whole_number_is_an_id_like_its_text() -> None:
    assert identity(1234567890123456789) == identity("1234567890123456789")


@given(value=st.integers(-(10**18) + 1, 10**18 - 1), zeros=st.integers(0, 3))
def test_any_whole_number_joins_with_its_text(value: int, zeros: int) -> None:
    sign, digits = ("-" if value < 0 else ""), str(abs(value)).zfill(min(18, len(str(abs(value))) + zeros))
    assert identity(value) == identity(str(value)) == identity(f"{sign}{digits}") == str(value)


@given(value=st.text(st.characters()) | st.floats() | st.integers())
def test_an_id_read_again_is_the_same(value: Any) -> None:
    one = identity(value)
    assert one is None or identity(one) == one
    assert one is None or one == one.strip() != ""


def test_annotation_ids_are_ordered_as_numbers_with_all_others_behind() -> None:
    ids = [10, "9", None, "x", 8.0, -1, "0007", math.nan, "b"]
    assert sorted(ids, key=order) == [-1, "0007", 8.0, "9", 10, None, "x", math.nan, "b"]


# File names


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("000000000139.jpg", "000000000139.jpg"),
        ("train2014/COCO_train2014_000000000009.jpg", "train2014/COCO_train2014_000000000009.jpg"),
        ("batch_1\\000006.jpg", "batch_1/000006.jpg"),
        ("./a.jpg", "a.jpg"),
        ("a//b/./c.jpg", "a/b/c.jpg"),
        (" a.jpg ", "a.jpg"),
        ("a b.jpg", "a b.jpg"),
        ("...", "..."),
        ("..a/b..jpg", "..a/b..jpg"),
        (".hidden.jpg", ".hidden.jpg"),
        ("~/a.jpg", "~/a.jpg"),
        ("%2e%2e/a.jpg", "%2e%2e/a.jpg"),
        ("$HOME/a.jpg", "$HOME/a.jpg"),
        ("d/a:b.jpg", "d/a:b.jpg"),
        ("\u732b/\u00e9\U0001f600.jpg", "\u732b/\u00e9\U0001f600.jpg"),
        ("0001_jpg.rf.3a8f.jpg", "0001_jpg.rf.3a8f.jpg"),
        ("a" * 1000, "a" * 1000),
    ],
)
def test_a_relative_name_is_kept_as_a_posix_path(written: str, path: str) -> None:
    assert relative_path(written) == (path, False)


@pytest.mark.parametrize(
    "written",
    [
        *("/a.jpg", "/data/coco/a.jpg", "//server/share/a.jpg", "\\\\server\\share\\a.jpg", "\\a.jpg", "/x/../a.jpg"),
        *("C:\\photos\\a.jpg", "C:/a.jpg", "c:a.jpg", "C:\\..\\a.jpg", "x:a.jpg"),
        *("file:///etc/a.jpg", "http://host/d/a.jpg", "https://host/a.jpg?size=1&x=/../b", "s3://bucket/a.jpg"),
        *("gs://b/../a.jpg", "http://host:80/a.jpg", "HTTP://u:p@h/a.jpg"),
    ],
)
def test_of_an_absolute_path_or_an_address_the_last_part_is_kept(written: str) -> None:
    assert relative_path(written) == ("a.jpg", True)


@pytest.mark.parametrize(
    "written",
    [
        *("", " ", ".", "./", "..", "../a.jpg", "a/../b.jpg", "a/..", "..\\a.jpg", "a\\..\\..\\b.jpg", "./../a", ".. "),
        *("/", "//", "/..", "C:", "C:\\", "C:..", "x:/..", "http://host/..", "file:../../a.jpg", "x:x:.."),
        *("a\x00.jpg", "\x00", "a\nb.jpg", "a\tb.jpg", "\x1b[31m.jpg", "\x7f.jpg", "a\x85b.jpg", "a\u2028b.jpg"),
        *("\u202egpj.exe", "\u2066a.jpg", "a\u200fb.jpg", "\ufeffa.jpg", "\ud800.jpg", "a" * 1001, "/" * 1001),
        *(None, 7, 7.5, True, [], ["a.jpg"], {}, b"a.jpg"),
    ],
)
def test_a_name_that_must_not_be_opened_is_refused(written: Any) -> None:
    assert relative_path(written) is None


@pytest.mark.parametrize(
    "written",
    ["two  spaces.jpg", "e\u0301.jpg", "\u1112\u1161\u11ab.jpg"],
    ids=["two spaces", "decomposed accent", "decomposed Hangul"],
)
def test_a_harmless_name_is_kept_as_it_stands_on_the_disk(written: str) -> None:
    assert relative_path(written) == (written, False)


@pytest.mark.parametrize(
    ("written", "path"), [("/data/12:30:45.jpg", "12:30:45.jpg"), ("/data/what?.jpg", "what?.jpg")]
)
def test_of_an_absolute_posix_path_the_whole_last_part_is_kept(written: str, path: str) -> None:
    assert relative_path(written) == (path, True)


ROOTS = ["", "/", "//", "\\\\", "C:", "C:\\", "c:/", "file://", "file:", "http://h/", "~/", "./", "../", "..\\"]
MIDDLES = ["", "a/", "../", "a/../", "a/../../", "..\\..\\", "%2e%2e/", ".../", "./../", "C:/", "..;/"]
ENDS = ["x.jpg", "..", ".", "", " ..", ".. ", "..\x00.jpg", "\u202e..", "..?y", "..:..", "C:..", "\uff0e\uff0e"]
HOSTILE = sorted({"".join(parts) for parts in itertools.product(ROOTS, MIDDLES, ENDS)})


def assert_stays_inside(written: str) -> None:
    made = relative_path(written)
    if made is None:
        return
    path, _ = made
    assert path
    for root, module in (("/data/images", posixpath), ("C:\\data\\images", ntpath), ("/data/images", os.path)):
        joined = module.normpath(module.join(root, path))
        assert joined.startswith(module.normpath(root) + module.sep), (written, path, joined)
    assert not any(ord(letter) < 32 or letter in "\x7f\u202e" for letter in path)


def test_there_are_hundreds_of_hostile_names_and_some_pass_disarmed() -> None:
    assert len(HOSTILE) > 1000
    passed = [name for name in HOSTILE if relative_path(name)]
    assert 200 < len(passed) < len(HOSTILE) - 200


def test_no_hostile_name_leads_out_of_a_folder() -> None:
    for written in HOSTILE:
        assert_stays_inside(written)


PIECES = st.sampled_from(["..", ".", "/", "\\", ":", "C:", "a", " ", "//", "file:", "://", "?", "\x00", "\u202e", "~"])


@settings(deadline=None, max_examples=150)
@given(written=st.lists(PIECES | st.text(max_size=3), max_size=9).map("".join) | st.text(st.characters(), max_size=40))
@example(written="a/C:\\..\\..\\b")
@example(written="x:" * 9 + "..")
def test_no_name_at_all_leads_out_of_a_folder(written: str) -> None:
    assert_stays_inside(written)


@settings(deadline=None)
@given(written=st.lists(PIECES, max_size=9).map("".join))
@example(written="/x/ y.jpg")
def test_a_kept_name_would_be_kept_as_it_is(written: str) -> None:
    made = relative_path(written)
    assert made is None or relative_path(made[0]) == (made[0], False)


# Category names

SAID = [
    ("dog_(hound)", "dog (hound)"),
    ("alarm_clock", "alarm clock"),
    ("car_(automobile)", "car (automobile)"),
    ("monitor_(computer_equipment) computer_monitor", "monitor (computer equipment)"),
    ("speaker_(stero_equipment)", "speaker (stereo equipment)"),
    ("_background_", "background"),
    ("wall-other-merged", "wall"),
    ("sky-other-merged", "sky"),
    ("tree-merged", "tree"),
    ("door-stuff", "door"),
    ("mirror-stuff", "mirror"),
    ("water-other", "water"),
    ("Tree-Merged", "Tree"),
    ("wall-brick", "brick wall"),
    ("wall-concrete", "concrete wall"),
    ("wall-panel", "panel wall"),
    ("floor-wood", "wood floor"),
    ("floor-marble", "marble floor"),
    ("ceiling-tile", "tile ceiling"),
    ("wall-wood-merged", "wood wall"),
    ("window-blind", "window blind"),
    ("playingfield", "playing field"),
    ("  traffic \n light ", "traffic light"),
    ("__a__b__", "a b"),
    ("wall" + "-other" * 100_000, "wall"),
    ("-other" * 100_000 + "x", "-other" * 100_000 + "x"),
    *((name, name) for name in ("t-shirt", "white-king", "hot-air balloon", "tv/monitor", "Person", "bow-tie", "7")),
    *(
        (name, name)
        for name in ("table-tennis table", "brick-wall", "wall-clock", "brother", "other", "merged", "stuff")
    ),
    *((name, name) for name in ("other", "-other", "_", "__", " ", "", "-", "\u200e")),
]


@pytest.mark.parametrize(("written", "said"), SAID, ids=range(len(SAID)))
def test_a_category_reads_as_people_say_it(written: str, said: str) -> None:
    assert readable(written) == said


COCO_STUFF = """
banner blanket branch bridge building-other bush cabinet cage cardboard carpet ceiling-other ceiling-tile cloth
clothes clouds counter cupboard curtain desk-stuff dirt door-stuff fence floor-marble floor-other floor-stone
floor-tile floor-wood flower fog food-other fruit furniture-other grass gravel ground-other hill house leaves light
mat metal mirror-stuff moss mountain mud napkin net paper pavement pillow plant-other plastic platform playingfield
railing railroad river road rock roof rug salad sand sea shelf sky-other skyscraper snow solid-other stairs stone
straw structural-other table tent textile-other towel tree vegetable wall-brick wall-concrete wall-other wall-panel
wall-stone wall-tile wall-wood water-other waterdrops window-blind window-other wood
""".split()
"""nightrome/cocostuff:labels.txt, 92 to 182."""


def test_no_name_of_coco_stuff_keeps_a_hyphen() -> None:
    assert len(COCO_STUFF) == 91
    said = {name: readable(name) for name in COCO_STUFF}
    assert not [name for name in said.values() if "-" in name]
    changed = {name for name in said if said[name] != name}
    assert changed == {name for name in COCO_STUFF if "-" in name} | {"playingfield", "waterdrops"}
    assert len(set(said.values())) == 91


def test_cocos_own_names_are_left_alone(shared_data: Path, read_json: Callable[[Path], Any]) -> None:
    document = read_json(shared_data / "coco" / "instances_val2017_2000_boxes.json.gz")
    names = [entry["name"] for entry in document["categories"]]
    assert len(names) == 80
    assert [readable(name) for name in names] == names


@pytest.mark.parametrize(
    ("file", "total", "changed"), [("lvis_val_100.json.gz", 1230, 444), ("panoptic_detection_format.json", 133, 28)]
)
def test_names_of_real_files_stay_apart_and_lose_their_marks(
    file: str, total: int, changed: int, shared_data: Path, read_json: Callable[[Path], Any]
) -> None:
    names = [entry["name"] for entry in read_json(shared_data / "odd" / file)["categories"]]
    said = [readable(name) for name in names]
    assert len(set(said)) == len(names) == total
    assert sum(a != b for a, b in zip(names, said, strict=True)) == changed
    assert not [name for name in said if "_" in name or name.endswith(("-other", "-merged", "-stuff"))]


PARTS = st.sampled_from(
    ["wall", "brick", "-", "_", "-other", "-merged", "-stuff", " ", "(", ")", "window-blind", "other"]
)


@settings(deadline=None, max_examples=100)
@given(written=st.lists(PARTS, max_size=6).map("".join) | st.text(max_size=12))
def test_what_reads_well_is_left_alone(written: str) -> None:
    said = readable(written)
    assert said or not written
    assert readable(said) == said
