"""Any text, any boxes, any names: always a grounding, its claims' words where they say they are."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.grounding.federated import Federated
from datagen.grounding.judge import Grounder
from datagen.grounding.words import COLOURS, FRAME, HEADS_AFTER, NUMBERS
from datagen.llm.mock.knowledge import GROUPS
from datagen.schema import Box, ImageContext, Turn

GROUNDER, FEDERATED = Grounder(GROUPS), Federated(GROUPS)
SMALL = (
    "dogs people the a no two of left right above than larger there is are how many what color in on to not İ ’s 's "
    "- , . ? [0.1, 0.2] 99 007 1e9 ½ ² red image"
)
_words = st.sampled_from([*GROUPS, *SMALL.split(), "\n", *sorted(FRAME | HEADS_AFTER)[::9], *NUMBERS, *COLOURS])
_texts = st.lists(_words, max_size=30).map(" ".join) | st.text(max_size=60)
_share = st.floats(allow_nan=True, allow_infinity=True) | st.floats(0, 1)
_names = st.sampled_from(list(GROUPS)[:12]) | st.text(max_size=4)
_boxes = st.lists(st.builds(Box, _names, _share, _share, _share, _share), max_size=6)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.builds(Turn, _texts, _texts), max_size=3), _boxes, st.lists(_texts, max_size=3))
def test_nothing_raises_and_words_are_where_they_are_said_to_be(
    turns: list[Turn], boxes: list[Box], captions: list[str]
) -> None:
    image = ImageContext(
        image_id="1", file_name="a", width=None, height=None, captions=tuple(captions), boxes=tuple(boxes)
    )
    for each in GROUNDER.ground(turns, image).judged:
        claim = each.claim
        text = getattr(turns[claim.turn], claim.part)
        assert text[claim.start : claim.end] == claim.words
        assert bool(each.code) == (each.standing == "contradicted")
        assert all(0 <= number < len(boxes) for number in each.boxes)
        assert "\n" not in each.why or "\n" in claim.words
    for grounder in (GROUNDER, FEDERATED):
        full, brief = grounder.ground(turns, image), grounder.tally(turns, image)
        assert brief.grounded == (full.supported, full.contradicted, full.unknown)
        assert brief.against == tuple(each for each in full.judged if each.standing == "contradicted")
    for mention in GROUNDER.mentions(turns, image):
        assert 0 <= mention.start < mention.end <= len(getattr(turns[mention.turn], mention.part))


@given(st.lists(st.text(max_size=12), max_size=8), _texts)
@settings(max_examples=100, deadline=None)
def test_any_names_make_a_vocabulary(names: list[str], text: str) -> None:
    image = ImageContext(image_id="1", file_name="a", width=None, height=None, captions=(text,), boxes=())
    Grounder(names).ground([Turn(text, " ".join(names))], image)


def test_what_never_stops_is_cut_and_read() -> None:
    image = ImageContext(
        image_id="1", file_name="a", width=None, height=None, captions=(), boxes=(Box("dog", 0, 0, 1, 1),)
    )
    answer = "there is no dog or a cat on the left of the dog and " * 20_000
    found = GROUNDER.ground([Turn("How many dogs?", answer)], image)  # minutes, were it read as one
    assert found.judged
