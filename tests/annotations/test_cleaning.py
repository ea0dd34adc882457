"""Captions cleaned many at a time come out as they do one by one, whatever stands in them."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from datagen.annotations.cleaning import cleaned
from datagen.text import unbroken

_PLAIN = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=30)
_WILD = st.text(st.sampled_from("ab \t\n\r\x00\x0b\x1c\x7f\x85\u2028\u202e\u0301é猫\ud800"), max_size=8)


@given(st.lists(st.one_of(_PLAIN, _WILD, st.text()), min_size=1, max_size=40))
@example(["a\nb", "c"])
@example([" \n ", "", "x"])
@example(["\u0301 a", "e\u0301\n", "\x1c b"])
def test_many_at_once_are_cleaned_as_each_is(captions: list[str]) -> None:
    wanted = [unbroken(caption).encode() for caption in captions]
    found = cleaned(captions)
    assert found.text == b"".join(wanted)
    assert found.sizes.tolist() == [len(text) for text in wanted]


def test_a_single_odd_caption_leaves_its_neighbours_alone() -> None:
    captions = [f"a cat number {n} " for n in range(1000)]
    captions[500] = "caf\u0065\u0301\x00"
    found = cleaned(captions)
    ends = found.sizes.cumsum()
    assert found.text[ends[499] : ends[500]].decode() == "café"
    assert found.text[ends[500] : ends[501]] == b"a cat number 501"
