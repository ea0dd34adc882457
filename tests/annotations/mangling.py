"""Sound annotation files made wrong on purpose, and what must hold of whatever is read from them.

Everything comes from a `random.Random`, so that a seed is the whole example. It knows the format and the reader's
promises (ImageContext, Census, InputError), and nothing of how the reader keeps them.
"""

from __future__ import annotations

import copy
import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from random import Random
from typing import Any

from datagen.annotations.census import Census
from datagen.annotations.names import identity
from datagen.errors import InputError
from datagen.schema import ImageContext
from tests.annotations import dialects

Json = dict[str, Any]
Outcome = tuple[list[ImageContext], Census] | InputError

# Sound documents

MADE: list[Callable[[], Any]] = [
    *(dialects.coco_instances, dialects.coco_keypoints, dialects.coco_captions, dialects.panoptic_detection),
    *(dialects.panoptic, dialects.lvis, dialects.objects365, dialects.roboflow, dialects.via_old, dialects.via_new),
    *(
        dialects.coco_annotator,
        dialects.sahi,
        dialects.labelme2coco,
        dialects.datumaro,
        dialects.cvat,
        dialects.fiftyone,
    ),
    *(dialects.supervision, dialects.taco, dialects.plain, lambda: dialects.plain("object", True)),
]

TEXTS = [
    *("", " ", "\n", "\x00", "a\x00b", "\u2028", "a\u2029b", "\u202eevil\u202c", "\ud800", "\udfff\ud800", "\x1b[31m"),
    *("e\u0301", "\ufeff", "\U0001f600", "\x85", "../x.jpg", "/etc/passwd", "C:\\x", "..", "a/../../b", "file:///x"),
    *("//host/x", "~/x", "a\\..\\..\\b", "CON", "x" * 300, "},{", '"},{"id":1', "]}", '],"annotations":[', "\\", '\\"'),
    *('{"images":[],"annotations":[]}', "NaN", "null", "0", "-1", "1e5", "true", "007", "１", "[[[[", "/*", "//"),
]
NUMBERS = [0, -1, 1, 0.5, -0.0, 1e-9, 1e9, 1e308, 2**31, 2**53 + 1, 2**63, 2**64, -(2**63) - 1, 10**30, 99999, 100000]
OTHERS: list[Any] = [None, True, False, [], {}, [[]], [None], {"": 0}, [[1, 2, 3, 4]], {"id": 1}, [{"id": 1}]]
TOKENS = {
    "nan": "NaN",
    "inf": "Infinity",
    "minus": "-Infinity",
    "huge": "1e400",
    "less": "-1e400",
    "least": "1e-400",
    "digits": "9" * 5000,
    "fraction": "0." + "3" * 5000,
    "deep": "[" * 200 + "]" * 200,
    "objects": '{"a":' * 100 + "1" + "}" * 100,
}
"""What `json.dumps` would not write."""
_TOKEN, _TWICE = "\x00token ", "\x00twice"


def sound(random: Random) -> Any:
    """A document of a tool, or one made up."""
    return random.choice(MADE)() if random.random() < 0.5 else made_up(random)


def made_up(random: Random) -> Json:
    """COCO of a few images with captions, boxes, polygons and masks."""
    listed = dialects.images(random.choice([0, 1, 7])) * random.randint(0, 1) + [
        {"id": 50 + n, "file_name": f"d{n}/é{n}.jpg", "width": 64, "height": 48} for n in range(random.randint(0, 4))
    ]
    found: list[Json] = []
    for entry in listed * random.randint(0, 3):
        more: Json = {"id": len(found), "image_id": entry["id"]}
        if random.random() < 0.5:
            more["caption"] = random.choice(["A cat.", "Two  dogs ", '},{ [ ] \\ " ü'])
        if random.random() < 0.7:
            x, y = random.randint(0, 40), random.uniform(0, 30)
            more |= {"bbox": [x, y, random.randint(0, 24), 7.5], "category_id": random.randint(1, 2), "iscrowd": 0}
        if random.random() < 0.3:
            more |= {"segmentation": [[1, 2, 30, 2, 30.5, 40]], "category_id": 1}
        found.append(more)
    items = [
        ("images", listed),
        ("annotations", found),
        ("categories", dialects.categories()),
        ("info", {"a": [1, {}]}),
    ]
    random.shuffle(items)
    return dict(items)


# Wrong in structure


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container below `value` with every key or position it has."""
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from places(value[key])


def anything(random: Random) -> Any:
    """A value that hardly ever belongs where it is put."""
    kinds: list[list[Any]] = [TEXTS, NUMBERS, OTHERS, [_TOKEN + name for name in TOKENS]]
    return copy.deepcopy(random.choice(random.choice(kinds)))


def restructured(document: Any, random: Random) -> bytes:
    """`document` with one to four things wrong in it, as JSON in one of the ways people write it."""
    document = copy.deepcopy(document)
    for _ in range(random.randint(1, 4)):
        _spoil(document, random)
    indent = random.choice([None, None, 1, 4])
    between = random.choice([(", ", ": "), (",", ":"), (" ,\n", " :\t")])
    text = json.dumps(document, indent=indent, separators=between, ensure_ascii=random.random() < 0.8)
    text = text.replace('\\u0000twice"', '"')
    for name, token in TOKENS.items():
        text = text.replace(f'"\\u0000token {name}"', token)
    return text.encode("utf-8", "surrogatepass")


def _spoil(document: Any, random: Random) -> None:
    there = list(places(document))
    if not there:
        return
    parent, key = random.choice(there)
    how = random.randrange(6)
    if how == 0:
        del parent[key]
    elif how == 1 and isinstance(parent, list):
        parent.insert(key, copy.deepcopy(parent[key]))
    elif how == 1 and parent is not document and isinstance(key, str):
        parent[key + _TWICE] = anything(random)
    elif how == 2:
        other, place = random.choice(there)
        parent[key] = copy.deepcopy(other[place]) if place in _keys(other) else anything(random)
    elif how == 3:
        parent[key] = random.choice([lambda v: [v], lambda v: {"": v}, lambda v: [[v], v], str])(parent[key])
    else:
        parent[key] = anything(random)


def _keys(container: Any) -> Any:
    return container if isinstance(container, dict) else range(len(container))


# Wrong in bytes


def rewritten(data: bytes, random: Random) -> bytes:
    """`data` as a bad disk, a bad line or a good editor leaves it."""
    a, b = sorted((random.randint(0, len(data)), random.randint(0, len(data))))
    junk = random.choice([b"\x00", b"\xff", b"\xed\xa0\x80", b",", b"}", b"]", b"{", b'"', b"},{", b"\\", b"\x1f\x8b"])
    ways: list[Callable[[], bytes]] = [
        lambda: data[:a],
        lambda: data[a:],
        lambda: data[:a] + data[b:],
        lambda: data[:b] + data[a:],
        lambda: data[:a] + junk + data[a:],
        lambda: data[:a] + bytes([data[a] ^ 1 << random.randrange(8)]) + data[a + 1 :] if a < len(data) else b"",
        lambda: b"\xef\xbb\xbf" * random.randint(1, 2) + data,
        lambda: data.decode("utf-8", "replace").encode(
            random.choice(["utf-16", "utf-16-le", "utf-32", "latin-1"]), "replace"
        ),
        lambda: data.replace(b"\n", b"\r\n").replace(b", ", b",\r\n"),
        lambda: data.replace(b"[", b"[ // a comment\n", 1),
        lambda: data.replace(b"]", random.choice([b",]", b"/**/]", b"]]"]), 1),
        lambda: data + random.choice([b" ", b"\n", b"\x00", b"\n{}", b"x"]) * random.randint(1, 3),
        lambda: b"" if a % 2 else b" \n\t ",
    ]
    return random.choice(ways)()


def packed(data: bytes, random: Random) -> bytes:
    """`data` gzipped, and perhaps torn."""
    whole = gzip.compress(data, 1)
    place = random.randrange(len(whole))
    ways = [whole, gzip.compress(whole), whole[:place], whole + b"junk", whole + whole, b"\x1f\x8b" + data]
    ways.append(whole[:place] + bytes([whole[place] ^ 1 << random.randrange(8)]) + whole[place + 1 :])
    return random.choice(ways)


def bomb(chunk: bytes, times: int, before: bytes = b"") -> bytes:
    """A sound gzip file of `before` and `chunk` many times over, made without ever holding them."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = squeezer.compress(before) + squeezer.flush(zlib.Z_FULL_FLUSH)
    one = squeezer.compress(chunk) + squeezer.flush(zlib.Z_FULL_FLUSH)  # owes nothing to what stands before it
    check = zlib.crc32(before)
    for _ in range(times):
        check = zlib.crc32(chunk, check)
    size = (len(before) + len(chunk) * times) & 0xFFFFFFFF
    ending = squeezer.flush(zlib.Z_FINISH) + check.to_bytes(4, "little") + size.to_bytes(4, "little")
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + head + one * times + ending


# What must hold

HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
BROKEN = object()
LOST = {"bad-caption", "unknown-category", "no-image-size", "bad-box", "bad-mask", "outside-box", "repeated-annotation"}
LEFT = {"gone-with-image", "bad-annotation-entry", "dangling-image-id", "empty-annotation"}
GONE = {"bad-record", "bad-image-entry", "duplicate-image-id", "unsafe-file-name"}


def outcome(load: Any, path: Path) -> Outcome:
    """What loading ends in; any other exception is the fault that is looked for."""
    try:
        images, census = load(path)
    except InputError as error:
        return error
    return images, census


def assert_kept_promises(result: Outcome, data: bytes, path: Path, whole: Outcome | None = None) -> None:
    """A refusal that tells, or sound contexts that account for all that stands in `data`.

    `whole` is what was read before `data` was damaged: what is no JSON may at most be read as if nothing had happened.
    """
    if isinstance(result, InputError):
        assert_told(result, path)
        return
    images, census = result
    for image in images:
        assert_sound(image)
    assert len({image.image_id for image in images}) == len(images)
    for oddity in census:
        assert not HARMFUL.search(oddity.example), oddity
        assert len(oddity.example) < 1000
    document = parsed(data)
    if document is BROKEN:
        if whole is not None and not isinstance(whole, InputError) and images == whole[0]:
            return
        document = parsed(data, "replace")  # a reader need not decode what it passes over
    assert document is not BROKEN, "what is no JSON was read, and otherwise than before"
    assert_accounted(document, images, census)


def assert_told(error: InputError, path: Path) -> None:
    """A refusal names the file and the cause, in one line that is fit for a terminal."""
    assert path.name in error.file
    assert error.cause
    assert not HARMFUL.search(f"{error}{error.hint}")
    assert len(str(error)) < 1000


def assert_sound(image: ImageContext) -> None:
    """What everything behind the reader relies on."""
    assert type(image.image_id) is str
    assert image.image_id
    parts = PurePosixPath(image.file_name).parts
    assert parts
    assert not PurePosixPath(image.file_name).is_absolute()
    assert ".." not in parts
    assert not HARMFUL.search(image.file_name + image.image_id)
    assert image.width is None or (type(image.width) is int and image.width > 0)
    assert (image.width is None) == (image.height is None)
    for caption in image.captions:
        assert caption == caption.strip() != ""
        assert not HARMFUL.search(caption)
    for box in image.boxes:
        assert box.category == box.category.strip() != ""
        assert not HARMFUL.search(box.category)
        assert all(type(value) is float and 0 <= value <= 1 and round(value, 3) == value for value in box[1:])
        assert box.x1 <= box.x2
        assert box.y1 <= box.y2
    assert json.loads(image.model_dump_json())["image_id"] == image.image_id


def parsed(data: bytes, errors: str = "strict") -> Any:
    """What stands in the bytes, by the shortest way; BROKEN where it is no JSON."""
    try:
        plain = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        text = plain.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors)
        return json.loads(text, parse_int=lambda digits: int(digits) if len(digits) < 4000 else 10**4000)
    except (ValueError, RecursionError, OSError, EOFError, zlib.error):
        return BROKEN


def assert_accounted(document: Any, images: list[ImageContext], census: Census) -> None:
    """Every image, caption and box is there, or was counted as left out."""
    kept = sum(len(image.captions) + len(image.boxes) for image in images)
    counted = kept + sum(census[name] for name in LOST | LEFT)
    gone = len(images) + sum(census[name] for name in GONE)
    if isinstance(document, dict) and isinstance(document.get("images"), list):
        assert len(document["images"]) == gone
        assert pieces(document) == counted
    else:
        entries = document if isinstance(document, list) else [document]
        spoken = [identity(e.get("id", e.get("image"))) or n for n, e in enumerate(entries) if isinstance(e, dict)]
        assert len(entries) - (len(spoken) - len(set(spoken))) <= gone  # several may speak of one picture
        if not any(census[name] for name in GONE):  # what goes with its image need not be counted by the piece
            keys = ("captions", "boxes", "instances")
            listed = [entry[key] for entry in entries if isinstance(entry, dict) for key in keys if key in entry]
            assert sum(len(value) for value in listed if isinstance(value, list)) <= counted


def pieces(document: Json) -> int:
    """How many captions and boxes the annotations of listed images hold, one at least for each annotation."""
    listed = {identity(entry.get("id")) for entry in document["images"] if isinstance(entry, dict)} - {None}
    total = 0
    for entry in document["annotations"]:
        held = 0
        if isinstance(entry, dict) and identity(entry.get("image_id")) in listed:
            told = entry.get("caption") is not None
            drawn = entry.get("segmentation") and (not told or entry.get("category_id") is not None)
            held = told + (entry.get("bbox") is not None or bool(drawn))
            segments = entry.get("segments_info")
            held += len(segments) if isinstance(segments, list) and not held else 0
        total += max(1, held)
    return total
