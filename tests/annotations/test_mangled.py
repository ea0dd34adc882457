"""Whatever is wrong with a file, it gives sound contexts that account for all of it, or a refusal that tells why."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datagen.annotations.names import readable
from datagen.errors import InputError
from datagen.sources import window
from tests.annotations import dialects, mangling
from tests.annotations.mangling import assert_kept_promises, outcome

Try = Callable[[bytes, Any], mangling.Outcome]
Write = Callable[[str, Any], Path]

QUICK = settings(deadline=5000, max_examples=70, suppress_health_check=list(HealthCheck))
LONG = settings(deadline=5000, max_examples=5000, suppress_health_check=list(HealthCheck), print_blob=True)
SEEDS = st.integers(0, 2**40)
GIBIBYTE = 2**30


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory, load: Any) -> Try:
    """`check(data, whole)` reads the bytes as a file and holds what comes of it against the promises."""
    path = tmp_path_factory.mktemp("mangled") / "x.json"

    def run(data: bytes, whole: mangling.Outcome | None = None) -> mangling.Outcome:
        path.write_bytes(data)
        result = outcome(load, path)
        assert_kept_promises(result, data, path, whole)
        return result

    return run


def structure(seed: int, check: Try) -> None:
    """One file that is wrong in structure."""
    random = Random(seed)
    check(mangling.restructured(mangling.sound(random), random), None)


def rewriting(seed: int, check: Try) -> None:
    """One file that is wrong in its bytes, packed or not."""
    random = Random(seed)
    data = json.dumps(mangling.sound(random), ensure_ascii=False, indent=random.choice([None, 1])).encode()
    whole = check(data, None)
    if random.random() < 0.8:
        data = mangling.rewritten(data, random)
    check(mangling.packed(data, random) if random.random() < 0.3 else data, whole)


@QUICK
@given(seed=SEEDS)
def test_what_is_wrong_in_structure_is_read_or_refused(seed: int, check: Try) -> None:
    structure(seed, check)


@QUICK
@given(seed=SEEDS)
def test_what_is_wrong_in_its_bytes_is_read_or_refused(seed: int, check: Try) -> None:
    rewriting(seed, check)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("way", [structure, rewriting])
def test_ten_thousand_mangled_files_end_well_and_in_little_memory(way: Any, check: Try) -> None:
    @LONG
    @given(seed=SEEDS)
    def run(seed: int) -> None:
        way(seed, check)

    Path("/proc/self/clear_refs").write_text("5")  # the peak until now is not ours
    before = peak()
    run()
    assert peak() - before <= GIBIBYTE


def peak() -> int:
    """The most memory that this process ever held, in bytes."""
    lines = Path("/proc/self/status").read_text("ascii", "replace").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


@pytest.mark.parametrize("step", [29, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("number", range(len(mangling.MADE)))
def test_every_single_truncation_is_refused(
    number: int, step: int, check: Try, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "SLICE", 1 << 16)  # a buffer of megabytes takes longer to make than these to read
    data = json.dumps(mangling.MADE[number]()).encode()
    for length in [*range(number % step, len(data), step), *range(len(data) - 8, len(data))]:
        assert isinstance(check(data[:length], None), InputError), length


@pytest.mark.parametrize("seed", range(30))
def test_how_json_is_laid_out_does_not_matter(seed: int, check: Try) -> None:
    document, random = mangling.made_up(Random(seed)), Random(seed)
    images, _ = check(json.dumps(document).encode(), None)
    for indent, ascii_only in ((None, False), (0, True), (7, False)):
        items = list(document.items())
        random.shuffle(items)
        text = json.dumps(dict(items), indent=indent, ensure_ascii=ascii_only)
        for data in (text.encode(), text.replace("\n", "\r\n").encode("utf-8-sig"), gzip.compress(text.encode())):
            assert check(data, None)[0] == images


# Single faults with a name

SMALL = dialects.coco_captions()


def with_caption(caption: Any) -> dict[str, Any]:
    return {**SMALL, "annotations": [*SMALL["annotations"], {"id": 99, "image_id": 1, "caption": caption}]}


@pytest.mark.parametrize("beside", [{}, {"iscrowd": None}], ids=["at once", "one by one"])
@pytest.mark.parametrize("held", [{"bbox": [1, 2, 3, 4]}, {"segmentation": [[1, 2, 30, 2, 30, 40]]}, {}])
def test_a_caption_that_is_null_is_none(held: Any, beside: Any, check: Try) -> None:
    entry = {"id": 1, "image_id": 1, "category_id": 1, **beside, **held}
    plain, empty = ({**dialects.coco_instances(), "annotations": [entry | more]} for more in ({}, {"caption": None}))
    (images, census), (others, counted) = (check(json.dumps(one).encode(), None) for one in (plain, empty))
    assert others == images
    assert list(counted) == list(census)
    assert sum(len(image.boxes) for image in images) + census["empty-annotation"] == 1


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b" \n", b"\x00" * 10, b"{", b"]", b"null", b"7", b'"x"', b"[]", b"{}", b"\xff\xfe{\x00}\x00"),
        *("{}".encode("utf-16"), "{}".encode("utf-32"), b"\xef\xbb\xbf", b"\xef\xbb\xbf\xef\xbb\xbf{}", b"\xff{}"),
        *(b"[" * 100_000, b'{"a":' * 100_000, b'{"images":' + b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000),
        json.dumps(SMALL).encode() + json.dumps(SMALL).encode(),
        json.dumps(SMALL).encode() + b"\n" + json.dumps(SMALL).encode(),
        json.dumps(SMALL).encode("utf-16"),
        json.dumps(SMALL).encode().replace(b"puppy", b"pu\xffpy"),
        json.dumps(SMALL).replace("]", ",]", 1).encode(),
        json.dumps(SMALL).replace("[", "[/* no */", 1).encode(),
        json.dumps(SMALL).replace("[", "[\n# no\n", 1).encode(),
        json.dumps(SMALL).replace('"', "'").encode(),
        gzip.compress(json.dumps(SMALL).encode(), mtime=0)[:-9],
        gzip.compress(json.dumps(SMALL).encode(), mtime=0)[:40],
        gzip.compress(b"", mtime=0),
        b"\x1f\x8b",
        b"\x1f\x8b\x08\x00junk",
        b"PK\x03\x04junk",
    ],
    ids=range(34),
)
def test_what_is_no_annotation_file_is_refused(data: bytes, check: Try) -> None:
    assert isinstance(check(data, None), InputError)


@pytest.mark.parametrize("key", ["info", "licenses", "images", "annotations"])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_nesting_without_end_is_refused_or_passed_over(key: str, opening: str, check: Try) -> None:
    deep = opening * 100_000 + "1" + ("]" if opening == "[" else "}") * 100_000
    check(json.dumps({**SMALL, key: "deep"}).replace('"deep"', deep).encode(), check(json.dumps(SMALL).encode(), None))


def test_a_caption_of_ten_megabytes_is_read_or_counted(check: Try) -> None:
    images, census = check(json.dumps(with_caption("word " * 2_000_000)).encode(), None)
    assert sum(len(image.captions) for image in images) + census["bad-caption"] == 4


def test_ten_thousand_boxes_on_one_image_are_all_read(check: Try) -> None:
    found = [{"id": n, "image_id": 1, "category_id": 1, "bbox": [n % 180, n % 90, 10, 10]} for n in range(10_000)]
    document = {"images": dialects.images(), "annotations": found, "categories": dialects.categories()}
    assert len(check(json.dumps(document).encode(), None)[0][0].boxes) == 10_000


TRAPS = [
    "},{",
    '"},{"id":1,',
    "]}",
    '],"annotations":[{',
    "\\",
    '\\"},{',
    "{[",
    "}\n,\n{",
    "\\u007d,\\u007b",
    '"images":[',
]


@pytest.mark.parametrize("trap", TRAPS)
def test_text_that_looks_like_the_end_of_an_entry_stays_text(trap: str, check: Try) -> None:
    document = with_caption(f"a {trap} b")
    document["annotations"][0] |= {trap: trap, "attributes": {trap: [trap, {"a": [[trap]]}]}, "area": [[{}, {}], [[]]]}
    for indent in (None, 1):
        images, census = check(json.dumps(document, indent=indent).encode(), None)
        assert [len(image.captions) for image in images] == [3, 1]
        assert not [oddity for oddity in census if oddity.name != "no-box"]


@pytest.mark.slow
def test_a_file_of_many_megabytes_is_read_whole_whatever_its_captions_hold(check: Try) -> None:
    listed = [{"id": n, "file_name": f"{n}.jpg"} for n in range(5000)]
    found = [
        {"id": n, "image_id": n % 5000, "attributes": [[{}], {"a": TRAPS}], "caption": TRAPS[n % 10] * 9 + str(n)}
        for n in range(60_000)
    ]
    document = {"annotations": found, "info": {"annotations": [{}], "images": [{}]}, "images": listed}
    images, census = check(json.dumps(document).encode(), None)
    assert len(images) == 5000
    expected = [" ".join(part.strip() for part in entry["caption"].split("\n")) for entry in found]
    assert sorted(caption for image in images for caption in image.captions) == sorted(expected)
    assert {oddity.name for oddity in census} == {"no-box"}


@pytest.mark.parametrize("key", ["images", "annotations"])
def test_a_list_that_stands_twice_is_refused_or_read_as_json_does(key: str, check: Try) -> None:
    text = json.dumps(SMALL)
    check((text[:-1] + f', "{key}": []}}').encode(), None)
    check(('{"%s": [], ' % key + text[1:]).encode(), None)  # noqa: UP031 (braces)


PATHS = [
    "../a.jpg",
    "/a.jpg",
    "a/../../b.jpg",
    "C:\\a.jpg",
    "\\\\host\\a.jpg",
    "file:///a.jpg",
    "a\x00.jpg",
    "..",
    ".",
    "",
]


@pytest.mark.parametrize(
    "name", [*PATHS, "a\n.jpg", "\u202egpj.a", "\ud800.jpg", " ../a", "a/./../..", "~/a.jpg", None, 7]
)
def test_no_file_name_leads_out(name: Any, check: Try) -> None:
    check(json.dumps({**SMALL, "images": [{"id": 1, "file_name": name}, {"id": 2, "coco_url": name}]}).encode(), None)


# Bombs

BOMBS = {
    "spaces": (b" " * 2**24, b""),
    "one list": (b"0," * 2**23, b'{"images":['),
    "empty images": (b"{}," * 2**22, b'{"images":['),
    "one text": (b"a" * 2**24, b'{"info":"'),
    "lists": (b"[" * 2**24, b""),
    "lines": (b"{}\n" * 2**22, b""),
}
REFUSE = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30, 3 * 2**30))
from datagen.sources.files import find
from datagen.annotations.index import index
from datagen.errors import InputError
import time
began = time.process_time()
try:
    list(index(find([Path(sys.argv[1])])).contexts())
except InputError as error:
    print("refused", error, error.hint)
seconds, status = time.process_time() - began, Path("/proc/self/status").read_text().split()
print(seconds, int(status[status.index("VmHWM:") + 1]) * 1024)
"""
"""Tells what it took; its memory as of its own start, for getrusage would begin with what the parent had."""


def test_the_bombs_are_sound_gzip() -> None:
    assert gzip.decompress(mangling.bomb(b"ab" * 500, 300, b"x")) == b"x" + b"ab" * 150_000


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_before_it_goes_off(name: str, write: Write) -> None:
    chunk, before = BOMBS[name]
    path = write("bomb.json.gz", mangling.bomb(chunk, 2**31 // len(chunk), before))
    done = subprocess.run([sys.executable, "-c", REFUSE, path], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[-500:]
    told, measured = done.stdout.splitlines()
    assert told.startswith("refused")
    seconds, memory = map(float, measured.split())
    assert memory <= GIBIBYTE
    assert seconds <= 5  # the stated contract: longer is a hang


# Sound files, by pycocotools

REAL = [
    *("coco/captions_val2014_4800.json.gz", "coco/captions_val2017_2000.json.gz"),
    *("coco/instances_val2017_2000_boxes.json.gz", "coco/instances_val2017_full_101.json.gz"),
    *(f"coco/mini_train2017/{name}_train2017.json.gz" for name in ("captions", "instances", "person_keypoints")),
]
UNSOUND = {"coco_it_captions_dev.json.gz", "via_export_dogs.json"}
"""pycocotools joins `1` and `"1"` to nothing."""


def by_pycocotools(document: Any) -> dict[str, tuple[list[str], list[tuple[Any, ...]]]] | None:
    """Captions and boxes by image as pycocotools joins them; None where it joins to images that are not there."""
    from pycocotools.coco import COCO

    coco = COCO()
    coco.dataset = document
    with contextlib.redirect_stdout(io.StringIO()):
        coco.createIndex()
    if not coco.imgToAnns.keys() <= coco.imgs.keys():
        return None
    joined = {}
    for key, image in coco.imgs.items():
        found = coco.imgToAnns[key]
        told = [entry["caption"] for entry in sorted(found, key=lambda e: e["id"]) if "caption" in entry]
        captions = [" ".join(line.strip() for line in text.splitlines() if line.strip()) for text in told]
        boxes = []
        for entry in found:
            if "bbox" in entry:
                x, y, w, h = entry["bbox"]
                size = (image["width"], image["height"]) * 2
                corners = (min(1.0, max(0.0, round(v / s, 3))) for v, s in zip((x, y, x + w, y + h), size, strict=True))
                boxes.append((readable(coco.cats[entry["category_id"]]["name"]), *corners))
        joined[str(key)] = [unicodedata.normalize("NFC", caption) for caption in captions], boxes
    return joined


@pytest.mark.slow
def test_sound_files_give_what_pycocotools_joins(
    shared_data: Path, load: Any, read_json: Callable[[Path], Any]
) -> None:
    paths = [shared_data / name for name in REAL] + sorted((shared_data / "odd").iterdir())
    left_out, images_compared, pieces = set(), 0, 0
    for path in paths:
        expected = by_pycocotools(read_json(path))
        if expected is None:
            left_out.add(path.name)
            continue
        images, _ = load(path)
        found = {i.image_id: (list(i.captions), [(readable(b[0]), *b[1:]) for b in i.boxes]) for i in images}
        assert found == expected, path.name
        assert list(found) == list(expected)
        images_compared += len(found)
        pieces += sum(len(captions) + len(boxes) for captions, boxes in found.values())
    assert left_out == UNSOUND
    assert (images_compared, pieces) == (11_878, 62_244)


@pytest.mark.parametrize("seed", range(100))
def test_made_up_files_give_what_pycocotools_joins(seed: int, check: Try) -> None:
    document = mangling.made_up(Random(seed))
    for entry in document["annotations"]:
        if "segmentation" in entry and "bbox" not in entry:
            del entry["segmentation"]
        entry.setdefault("category_id", 1)  # pycocotools dies without
    images, _ = check(json.dumps(document).encode(), None)
    expected = by_pycocotools(document)
    assert {i.image_id: (list(i.captions), list(map(tuple, i.boxes))) for i in images} == expected
