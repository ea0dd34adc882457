"""A file read in slices, however small, gives what it gives read whole; a file that is cut anywhere is refused."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from datagen.annotations import cache
from datagen.annotations.coco import Coco
from datagen.annotations.index import index
from datagen.errors import InputError
from datagen.sources import stream, window
from datagen.sources.files import Source, find
from datagen.sources.stream import Stream
from tests.annotations import dialects, mangling


def wild(examples: int) -> settings:
    """So many of them, however long each takes."""
    return settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=examples)


class Never(msgspec.Struct):
    """What no element is."""

    no_such_key_anywhere: int


class Id(msgspec.Struct):
    """What a few elements are."""

    id: int


ANY = msgspec.json.Decoder(list[Any])
OBJECTS = msgspec.json.Decoder(list[dict[str, Any]])
NEVER = msgspec.json.Decoder(list[Never])
IDS = msgspec.json.Decoder(list[Id])
DECODERS = [ANY, OBJECTS, NEVER, IDS]


@contextmanager
def sliced(size: int) -> Iterator[None]:
    """Files are read so many bytes at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(window, "SLICE", size)
        patch.setattr(stream, "SLICE", size)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], Source]:
    """A file of these bytes."""
    path = tmp_path_factory.mktemp("stream") / "x.json"

    def make(data: bytes) -> Source:
        path.write_bytes(data)
        return Source(path, named=True)

    return make


def elements(source: Source, decoder: Any, key: str) -> tuple[list[Any], list[Any], list[str]]:
    """The plain elements of the list under `key`, the typed ones or None for a slice without, and all keys."""
    plain: list[Any] = []
    typed: list[Any] = []
    keys: list[str] = []
    with Stream(source) as file:
        file.skip_mark()
        for name in file.members():
            keys.append(name)
            if name != key:
                continue
            for piece in file.elements(decoder):
                some = piece.plain()
                plain += some
                typed += [None] * len(some) if piece.typed is None else piece.typed
                assert some
        file.end()
    return plain, typed, keys


# Any JSON

HOSTILE = ["},{", "}]", "}],", '}],"a":', "[{", "{", '"', '\\"', "\\", "\\\\", "\\u", "]", ", ", "\u2603", "\U0001f600"]
TEXT = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=3), max_size=4).map("".join)
FLAT = st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats(-1e9, 1e9) | TEXT
KEYS = st.sampled_from(["id", "images", "list", "\u00e9"]) | TEXT
JSON = st.recursive(FLAT, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=3))
ENTRY = st.dictionaries(KEYS, JSON, max_size=3) | st.builds(lambda n: {"id": n}, st.integers(0, 99))
LIST = st.lists(ENTRY, max_size=8) | st.lists(JSON, max_size=5) | st.lists(ENTRY.map(lambda e: [e, e]), max_size=3)
DOCUMENT = st.dictionaries(KEYS, JSON, max_size=3).flatmap(
    lambda before: st.builds(lambda some, after: {**before, "list": some, **after}, LIST, st.dictionaries(TEXT, JSON))
)
SLICES = st.integers(1, 64)


@st.composite
def written(draw: Any) -> tuple[Any, bytes]:
    """A document with a list, and how it may lie on the disk."""
    document = draw(DOCUMENT)
    document["list"] = draw(LIST)
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\n\t", "\r\n: ")]))
    text = json.dumps(
        document, indent=draw(st.sampled_from([None, 0, 3])), separators=separators, ensure_ascii=draw(st.booleans())
    )
    data = (draw(st.sampled_from(["", " \n"])) + text + draw(st.sampled_from(["", "\n", "  \r\n"]))).encode()
    return document, gzip.compress(data, 1) if draw(st.booleans()) else data


@wild(28)
@given(case=written(), size=SLICES, decoder=st.sampled_from(DECODERS))
@example(case=({"list": [{"a": "},{"}]}, b'{"list":[{"a":"},{"}]}'), size=1, decoder=ANY)
@example(case=({"list": [[{}, {}], [{}]]}, b'{"list":[[{},{}],[{}]]}'), size=5, decoder=NEVER)
def test_a_list_gives_the_elements_that_json_does_whatever_the_slice(
    case: tuple[Any, bytes], size: int, decoder: Any, made: Callable[[bytes], Source]
) -> None:
    document, data = case
    with sliced(size):
        plain, typed, keys = elements(made(data), decoder, "list")
    assert same(plain, document["list"])
    assert keys == list(document)
    if decoder in (ANY, OBJECTS):
        assert all(entry is None or same(entry, other) for entry, other in zip(typed, document["list"], strict=True))
    if decoder is ANY:
        assert same(typed, document["list"])
    for entry, other in zip(typed, plain, strict=True):
        assert not isinstance(entry, Id) or entry.id == other["id"]
        assert not isinstance(entry, Never)


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: true is not 1, and 1.0 is not 1."""
    return json.dumps(one) == json.dumps(other)


@wild(20)
@given(case=written(), size=SLICES)
def test_values_and_what_is_gone_past_are_whole_whatever_the_slice(
    case: tuple[Any, bytes], size: int, made: Callable[[bytes], Source]
) -> None:
    document, data = case
    found = {}
    with sliced(size), Stream(made(data)) as file:
        for n, key in enumerate(file.members()):
            if n % 2:
                found[key] = file.value()
        file.end()
    assert same(found, {key: value for n, (key, value) in enumerate(document.items()) if n % 2})


@wild(8)
@given(case=written(), size=SLICES, decoder=st.sampled_from(DECODERS))
def test_a_document_cut_anywhere_is_refused(
    case: tuple[Any, bytes], size: int, decoder: Any, made: Callable[[bytes], Source]
) -> None:
    data = gzip.decompress(case[1]) if case[1].startswith(b"\x1f\x8b") else case[1]
    whole = data.rstrip()
    with sliced(size):
        for length in range(0, len(whole), max(1, len(whole) // 40)):
            with pytest.raises(InputError) as caught:
                elements(made(whole[:length]), decoder, "list")
            assert "the JSON ends in the middle" in caught.value.cause
            text = whole[:length].decode(errors="replace")
            assert (
                caught.value.place == f"line {text.count(chr(10)) + 1}, column {len(text.rpartition(chr(10))[2]) + 1}"
            )


@wild(28)
@given(case=written(), size=SLICES, at=st.integers(0), byte=st.binary(max_size=3))
def test_a_damaged_document_is_read_as_it_stands_or_refused(
    case: tuple[Any, bytes], size: int, at: int, byte: bytes, made: Callable[[bytes], Source]
) -> None:
    at %= len(case[1])
    source = made(case[1][:at] + byte + case[1][at + 1 :])

    def read() -> Any:
        try:
            return json.dumps(elements(source, NEVER, "list")[::2])
        except InputError as error:
            return type(error)

    whole = read()
    with sliced(size):
        assert read() == whole


@wild(20)
@given(lines=st.lists(st.binary(max_size=20).map(lambda line: line.replace(b"\n", b""))), size=SLICES)
def test_lines_are_those_of_the_file(lines: list[bytes], size: int, made: Callable[[bytes], Source]) -> None:
    data = b"x" + b"\n".join(lines)
    with sliced(size), Stream(made(data)) as file:
        first = file.first_line()
        found = list(iter(file.line, None))
    assert b"\n".join(found) == data.removesuffix(b"\n")
    assert found[0].startswith(first)


def test_one_endless_entry_is_refused_and_a_long_one_is_read(
    made: Callable[[bytes], Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "LONGEST", 1 << 12)
    for text in (
        '{"list": [{"a": "%s"}]}',
        '{"list": [{"a": [%s]}]}',
        '{"list": ["%s"]}',
        '{"more": "%s", "list": []}',
    ):
        with sliced(64):
            assert elements(made((text % ("1" * 1000)).encode()), ANY, "list")[2]
            with pytest.raises(InputError, match="one entry is larger than"):
                elements(made((text % ("1" * 10_000)).encode()), ANY, "list")


@pytest.mark.parametrize("size", [pytest.param(1, marks=pytest.mark.slow), 100, 1 << 14, 1 << 22])
@pytest.mark.parametrize(
    ("entry", "cause"),
    [
        ("9" * 5000, "thousands of digits"),
        ("[" * 3000 + "]" * 3000, "too deeply"),
        ("[" * 99_999 + "]" * 99_999, "too deeply"),
    ],
)
def test_what_json_cannot_read_is_told_where_it_stands(
    entry: str, cause: str, size: int, made: Callable[[bytes], Source]
) -> None:
    text = '{"list": [\n{"id": 1},\n' + '{"\u2603": "' + "8" * 6000 + '", "id": ' + entry + '},\n{"id": 2}, 3]}'
    with sliced(size), pytest.raises(InputError, match=cause) as caught:
        elements(made(text.encode()), IDS, "list")
    assert caught.value.place == f"line 3, column {6017 if 'deep' not in cause else 1}"


# Through the whole reader


def outcome(path: Path) -> Any:
    """All that comes of a file: contexts, what was odd and what it held; or the refusal."""
    try:
        found = index(find([path]))
    except InputError as error:
        return str(error), error.hint
    return list(found.contexts()), list(found.census), found.files, found.categories


@contextmanager
def slowly() -> Iterator[None]:
    """Every entry is read by rule, one by one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Coco, "_take_images", lambda *_: False)
        patch.setattr(Coco, "_take_annotations", lambda *_: False)
        yield


SEEDS = st.integers(0, 2**40)


def is_beyond_json(result: Any) -> bool:
    """Whether it was refused for what Python's json cannot read, which does not matter where nobody needs it."""
    return "nested too deeply" in result[0] or "thousands of digits" in result[0]


def bytes_of(seed: int) -> bytes:
    """A file of a tool, sound or wrong in structure."""
    random = mangling.Random(seed)
    document = mangling.sound(random)
    if random.random() < 0.6:
        return mangling.restructured(document, random)
    return json.dumps(document, ensure_ascii=False, indent=random.choice([None, 1])).encode()


@wild(28)
@given(seed=SEEDS, size=SLICES)
def test_a_file_gives_the_same_whatever_the_slice(seed: int, size: int, made: Callable[[bytes], Source]) -> None:
    source = made(bytes_of(seed))
    whole = outcome(source.path)
    with sliced(size):
        assert is_beyond_json(again := outcome(source.path)) or again == whole


@wild(60)
@given(seed=SEEDS)
def test_the_fast_way_gives_what_the_slow_way_does(seed: int, made: Callable[[bytes], Source]) -> None:
    source = made(bytes_of(seed))
    fast = outcome(source.path)
    with slowly():
        assert is_beyond_json(slow := outcome(source.path)) or slow == fast


ID = st.integers(0, 6) | st.sampled_from([-1, "1", "x", 1.0, 2**61, 2**62, -(2**62), 2**63, 10**30, None, True, 1.5])
SHARE = st.floats(0, 1) | st.integers(0, 2) | st.sampled_from([-0.0, 0.0005, 1.001, 1.003])
PIXEL = st.integers(-3, 60) | st.floats(-3, 60) | st.sampled_from([1e9, 1e8, -1e9, 1e400, True, "5", None])
NAMES = [
    "a.jpg",
    "b/c.png",
    "b/../c.png",
    ".a.jpg",
    "a/.b.jpg",
    "a//b",
    "",
    "/x/a.jpg",
    "\u00e9.jpg",
    "a" * 250,
    None,
    3,
]
IMAGE = st.fixed_dictionaries(
    {"id": ID, "file_name": st.sampled_from(NAMES)},
    optional={"width": PIXEL | st.just(50), "height": PIXEL | st.just(10**6), "coco_url": st.just("http://x/u.jpg")},
)
SEGMENTS = [[], [[1, 2, 30, 2, 30.5, 40]], [[1]], {"size": [9, 9], "counts": [0, 81]}, None, "x"]
ANNOTATION = st.fixed_dictionaries(
    {"image_id": ID, "id": ID},
    optional={
        "category_id": ID,
        "bbox": st.lists(PIXEL, min_size=4, max_size=4) | st.lists(SHARE, min_size=4, max_size=5) | st.none(),
        "caption": st.sampled_from(
            ["A dog.", " two\nlines ", "", " ", "\u2028", "\u00e9", "a\x00b", "\ud800", None, 3]
        ),
        "iscrowd": st.sampled_from([0, 1, 2, -1, True, None, "true", 0.0, 1.0]),
        "segmentation": st.sampled_from(SEGMENTS),
        "segments_info": st.just([{"bbox": [1, 2, 3, 4], "category_id": 1}]),
    },
)
CATEGORIES = [{"id": n, "name": f"c{n}"} for n in range(4)]
COCO = st.fixed_dictionaries({"images": st.lists(IMAGE, max_size=5)}).flatmap(
    lambda first: st.builds(
        lambda some, turned: dict(
            sorted({**first, "annotations": some, "categories": CATEGORIES}.items(), reverse=turned)
        ),
        st.lists(ANNOTATION, max_size=6),
        st.booleans(),
    )
)


@wild(48)
@given(document=COCO, size=SLICES | st.just(1 << 22))
def test_both_ways_agree_on_what_is_hardly_odd(document: Any, size: int, made: Callable[[bytes], Source]) -> None:
    source = made(json.dumps(document).encode())
    with slowly():
        slow = outcome(source.path)
    assert outcome(source.path) == slow
    with sliced(size):
        assert outcome(source.path) == slow


@pytest.mark.parametrize("number", range(len(mangling.MADE)))
@pytest.mark.parametrize("size", [1, 2, 7, 64])
def test_a_tools_file_gives_the_same_whatever_the_slice(
    number: int, size: int, made: Callable[[bytes], Source]
) -> None:
    source = made(json.dumps(mangling.MADE[number](), indent=size % 2).encode())
    whole = outcome(source.path)
    assert whole[0]
    with sliced(size):
        assert outcome(source.path) == whole


@pytest.mark.parametrize("entries", [dialects.plain(), dialects.plain("object", True)])
@pytest.mark.parametrize("size", [1, 5, 64])
def test_lines_and_lists_give_the_same_whatever_the_slice(
    entries: Any, size: int, made: Callable[[bytes], Source]
) -> None:
    for text in (dialects.lines(entries), json.dumps(entries), "\ufeff" + dialects.lines(entries)):
        source = made(text.encode())
        whole = outcome(source.path)
        with sliced(size):
            assert outcome(source.path) == whole


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["coco", "odd"])
def test_both_ways_agree_on_every_real_file(folder: str, shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "WORTH", 1 << 60)
    paths = [path for path in sorted((shared_data / folder).rglob("*.json*")) if path.is_file()]
    assert len(paths) >= 4
    for path in paths:
        fast = outcome(path)
        with slowly():
            assert outcome(path) == fast, path
        with sliced(1 << 14):
            assert outcome(path) == fast, path
