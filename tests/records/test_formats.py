"""The shapes: what each can say goes there and back unchanged, what it cannot is named, what is no record refused."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.exporting.sinks import encoded
from datagen.records.formats.entry import Entry, Line, inline, pieces
from datagen.records.formats.plain import Plain
from datagen.records.formats.reading import NotARecord, understand
from datagen.records.formats.saying import LOSSES, loss_of, say, say_plain
from datagen.records.formats.shapes import SHAPES

WHOLE = [name for name, shape in SHAPES.items() if shape.ids]
"""The shapes that can say all that LLaVA's can."""
TEXT = st.text(min_size=1, max_size=30).map(lambda text: text.replace("<image>", "?"))
"""Whatever Python takes for letters but half characters."""


@st.composite
def llava_records(draw: st.DrawFn) -> dict[str, Any]:
    """A record in LLaVA's form: one picture before or behind the first question, or none."""
    texts = [text for pair in draw(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=3)) for text in pair]
    place = draw(st.sampled_from(["first", "last", "none"]))
    if place != "none":
        texts[0] = f"<image>\n{texts[0]}" if place == "first" else f"{texts[0]}\n<image>"
    said = [{"from": ("human", "gpt")[at % 2], "value": text} for at, text in enumerate(texts)]
    return {"id": draw(TEXT), **({} if place == "none" else {"image": draw(TEXT)}), "conversations": said}


def there(raw: Any, name: str) -> Any:
    """A record in another shape, through JSON; nothing may be lost on the way."""
    entry, notes = understand(raw)
    told, lost = say(entry, SHAPES[name])
    assert (notes, lost) == ((), ())
    return json.loads(encoded(told))


@given(llava_records(), st.sampled_from(WHOLE), st.sampled_from(WHOLE))
def test_there_and_back_through_two_shapes_nothing_changes(raw: dict[str, Any], one: str, other: str) -> None:
    assert there(there(there(raw, one), other), "llava") == raw


@given(llava_records())
def test_the_short_way_gives_the_same_bytes(raw: dict[str, Any]) -> None:
    plain = msgspec.convert(raw, Plain)
    assert plain.is_plain()
    assert plain.entry() == understand(raw).entry
    for shape in SHAPES.values():
        told = say(plain.entry(), shape)
        assert say_plain(plain.entry(), shape) == told
        assert not shape.as_is or encoded(plain) == encoded(told.record)


@pytest.mark.parametrize("said", [
    "<image>\n<image>\nWhat differs?", "What is <image> here?", "<image>", "<image>\n", "\n<image>", "a\n<image>\nb",
    "<image>\n\nTwo breaks.", "<image>\n\n<image>", "Nothing.", "",
])  # fmt: skip
def test_a_text_and_its_pieces(said: str) -> None:
    """Either the text comes back, or it is one whose token does not stand on a line of its own."""
    assert (inline(pieces(said)) == said) is (said != "What is <image> here?")
    assert "".join(piece for piece in pieces(said) if piece is not None).count("<image>") == 0


PIECES = st.lists(st.one_of(st.none(), st.text("ab\n<image>", max_size=9)), max_size=5).map(tuple)


@given(PIECES)
def test_pieces_and_their_text(said: tuple[str | None, ...]) -> None:
    """Whatever stands in them: the pictures are as many, or it is no text since the token itself stands in there."""
    text = inline(said)
    literal = any("<image>" in run for run in "".join("\0" if piece is None else piece for piece in said).split("\0"))
    assert (text is None) is literal
    assert text is None or pieces(text).count(None) == said.count(None)


def entry(*said: Any, images: tuple[str, ...] = ("a.jpg",), roles: tuple[str, ...] = ()) -> Entry:
    """A record with these texts by turns."""
    names = roles or tuple(("user", "assistant")[at % 2] for at in range(len(said)))
    return Entry("1", images, tuple(Line(role, each) for role, each in zip(names, said, strict=True)))  # type: ignore[arg-type]


SYSTEM = ("system", "user", "assistant")
TWO = entry("<image>\n<image>\nQ", "A", images=("a.jpg", "b.jpg"))


@pytest.mark.parametrize(("told", "shape", "kept", "names"), [
    (TWO, "llava", False, ("several-images",)),
    (TWO, "qwen", True, ()),
    (TWO, "messages", True, ()),
    (entry("Be brief.", "<image>\nQ", "A", roles=SYSTEM), "llava", True, ("system-prompt",)),
    (entry("Be brief.", "<image>\nQ", "A", roles=SYSTEM), "qwen", True, ("system-prompt",)),
    (entry("Be brief.", "<image>\nQ", "A", roles=SYSTEM), "swift", True, ()),
    (entry("<image>\nQ", "A", roles=("user", "user")), "llava", False, ("turns",)),
    (entry("<image>\nQ", "A", "Q"), "llamafactory", False, ("turns",)),
    (entry("<image>\nQ", "A", "Q"), "trl", True, ()),
    (entry((None, "Say <image>."), "A"), "llava", False, ("literal-token",)),
    (entry((None, "Say <image>."), "A"), "axolotl", True, ()),
    (entry((None, "One. ", "Two."), "A"), "swift", True, ("parts-joined",)),
    (entry((None, "One. ", "Two."), "A"), "messages", True, ()),
    (entry("What is <image>?", "A"), "messages", True, ("token-place",)),
    (entry("What is <image>?", "A"), "llamafactory", True, ()),
    (entry("<image>\nQ", "A"), "openai", True, ("id",)),
])  # fmt: skip
def test_what_a_shape_cannot_say_is_named(told: Entry, shape: str, kept: bool, names: tuple[str, ...]) -> None:
    record, lost = say(told, SHAPES[shape])
    assert (record is not None, lost) == (kept, names)
    assert all(loss_of(name)[0] == ("altered" if kept else "left out") for name in lost)


def test_two_parts_that_make_a_token_when_they_are_joined_are_no_text() -> None:
    """`<ima` and `ge>` are two texts, and one picture too many."""
    record, lost = say(entry((None, "<ima", "ge>"), "A"), SHAPES["llava"])
    assert (record, lost) == (None, ("literal-token",))


HUMAN, GPT = {"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}


@pytest.mark.parametrize(("raw", "where"), [
    (7, ""), ({}, ""), ({"conversations": []}, "conversations"), ({"conversations": "x"}, "conversations"),
    ({"conversations": [7]}, "conversations[0]"), ({"conversations": [{"from": "human"}]}, "conversations[0]"),
    ({"conversations": [{"value": "Q"}]}, "conversations[0]"),
    ({"conversations": [HUMAN, {"from": "narrator", "value": "A"}]}, "conversations[1].from"),
    ({"conversations": [HUMAN, {"from": ["gpt"], "value": "A"}]}, "conversations[1].from"),
    ({"conversations": [HUMAN, {"from": "gpt", "value": None}]}, "conversations[1].value"),
    ({"messages": [{"role": "user", "content": [{"type": "video"}]}]}, "messages[0].content[0]"),
    ({"messages": [{"role": "user", "content": [{"type": "image", "path": 3}]}]}, "messages[0].content[0]"),
    ({"image": 3, "conversations": [HUMAN, GPT]}, "image"),
    ({"images": ["a", None], "conversations": [HUMAN, GPT]}, "images[1]"),
    ({"image": "a.jpg", "conversations": [HUMAN, GPT]}, ""),
    ({"conversations": [{"from": "human", "value": "<image>\nQ"}, GPT]}, ""),
    ({"id": [1], "conversations": [HUMAN, GPT]}, "id"),
])  # fmt: skip
def test_what_is_no_record_is_refused_with_its_place(raw: Any, where: str) -> None:
    with pytest.raises(NotARecord) as caught:
        understand(raw)
    assert caught.value.where == where


@pytest.mark.parametrize(("raw", "notes"), [
    ({"id": 7, "conversations": [HUMAN, GPT]}, ("id-number",)),
    ({"id": "7", "model": "", "conversations": [HUMAN, GPT]}, ("member:model",)),
    ({"image": "a.jpg", "messages": [{"role": "user", "content": "Q"}]}, ("picture-placed",)),
    ({"system": "Be brief.", "conversations": [HUMAN, GPT]}, ()),
    ({"system": " ", "system_prompt": None, "conversations": [HUMAN, GPT]}, ()),
    ({"system": 3, "conversations": [HUMAN, GPT]}, ("member:system",)),
    ({"system": "x", "messages": [{"role": "system", "content": "y"}, {"role": "user", "content": "Q"}]},
     ("member:system",)),
])  # fmt: skip
def test_what_is_understood_and_not_kept_is_noted(raw: Any, notes: tuple[str, ...]) -> None:
    found = understand(raw)
    assert found.notes == notes
    assert all(loss_of(name)[1] for name in notes)


def test_a_system_prompt_beside_the_dialogue_is_its_first_message() -> None:
    found = understand({"id": "1", "system_prompt": "Be brief.", "conversations": [HUMAN, GPT]}).entry
    assert found.lines[0] == Line("system", "Be brief.")
    assert say(found, SHAPES["llava"]).losses == ("system-prompt",)


def test_a_text_without_a_list_of_pictures_means_none_by_the_token() -> None:
    """OpenAI's records have no list: a token in a text is those letters."""
    raw = {"messages": [{"role": "user", "content": "Say <image>."}, {"role": "assistant", "content": "A"}]}
    found = understand(raw).entry
    assert found.images == ()
    assert say(found, SHAPES["openai"]).record == raw


LEAF = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.sampled_from(["<image>\nQ", "a.jpg"])
)
PART = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "image", "image_url", "video", None])},
    optional={
        "text": LEAF,
        "path": LEAF,
        "image": LEAF,
        "url": LEAF,
        "image_url": st.one_of(LEAF, st.just({"url": "a"})),
    },
)
CONTENT = st.one_of(LEAF, st.lists(st.one_of(PART, LEAF), max_size=4))
ROLE = st.one_of(st.sampled_from(["human", "gpt", "user", "assistant", "system"]), LEAF)
MESSAGE = st.one_of(
    LEAF,
    st.fixed_dictionaries({"from": ROLE, "value": CONTENT}),
    st.fixed_dictionaries({"role": ROLE, "content": CONTENT}),
    st.dictionaries(st.sampled_from(["from", "role", "value", "content"]), CONTENT),
)
ANY = st.one_of(
    LEAF,
    st.fixed_dictionaries({}, optional={
        "id": LEAF, "image": st.one_of(LEAF, st.lists(LEAF, max_size=3)), "images": st.lists(LEAF, max_size=3),
        "conversations": st.one_of(LEAF, st.lists(MESSAGE, max_size=4)),
        "messages": st.one_of(LEAF, st.lists(MESSAGE, max_size=4)), "system": LEAF, "model": LEAF,
    }),
)  # fmt: skip


@given(ANY)
def test_whatever_stands_there_is_refused_or_said_or_named(raw: Any) -> None:
    """And what is said has as many places for pictures as pictures."""
    try:
        entry, notes = understand(raw)
    except NotARecord:
        return
    for shape in SHAPES.values():
        told, lost = say(entry, shape)
        assert all(loss_of(name) for name in (*notes, *lost))
        assert told is not None or lost
        if told is not None:
            again = understand(json.loads(encoded(told))).entry
            assert again.images == entry.images


def test_each_loss_says_why() -> None:
    assert all(why and becomes in ("left out", "altered") for becomes, why in LOSSES.values())
