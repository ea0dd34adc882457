"""L: places told in numbers, and talk of boxes and coordinates.

That is how a model is told of objects. LLaVA's mixture also holds questions that ask for a box, from RefCOCO and Visual
Genome: there numbers are the answer. Coordinates of a map or a graph that is to be seen are no finding either.
"""

from __future__ import annotations

from collections.abc import Iterator

from datagen.checks.base import Seen, text_check
from datagen.checks.examples import record
from datagen.checks.sample import Said
from datagen.checks.wording import REQUEST, SAYS, Words, seen_in

_ALL = ("gpt", None, "human")
_GROUNDING = (
    r"\b(?:bounding|bbox|coordinates?|regions?|sentence describes|described by|locali[sz]e|detect|ground(?:ing|ed)?)\b"
)
_DRAWN = (
    r"\b(?:drawn|overlaid|superimposed|software|detectors?|detection|monitor|screens?|screenshot|computer vision"
    r"|tools?|label(?:l?ing)|(?:red|green|blue|yellow|white|orange|pink|colou?red|thin|thick) (?:bounding|bbox))\b"
)
_BOX_SCENT = r"bounding.?box|\bbbox|\bbox coordinates|object annotation|\bboxes (?:given|provided)"
_BOX = Words(
    scent=_BOX_SCENT,
    told=(
        r"\bbounding[- ]?box(?:es)?\b|\bbbox(?:es)?\b|\bbox coordinates\b|\bobject annotations?\b"
        r"|\bboxes (?:given|provided) (?:for|in|show|overlap|indicate)"
    ),
    excuse=_DRAWN,
    asked=_GROUNDING,
)
_ASKED_BOX = _BOX._replace(excuse=f"{_DRAWN}|{REQUEST}", speakers=("human",))


@text_check(
    "L002",
    "bounding-box",
    "error",
    fails=record(answer="The dog's bounding box lies inside that of the sofa."),
    passes=record("<image>\nGive the bounding box of the dog.", "The bounding box is [0.1, 0.2, 0.3, 0.4]."),
    scent=_BOX_SCENT,
)
def bounding_box(said: tuple[Said, ...]) -> Iterator[Seen]:
    """It speaks of bounding boxes, and nobody asked for them.

    There are none in the picture. Boxes that a program has drawn into it, and answers to a question that asks for a
    place in numbers, are no finding (issue 7 of FuxiaoLiu/LRV-Instruction; haotian-liu/LLaVA@c121f04:
    playground/data/prompts forbids it in words).
    """
    yield from seen_in(said, _BOX)
    yield from seen_in(said, _ASKED_BOX)


_TOOL = (
    r"\b(?:graphs?|curves?|axis|axes|charts?|plots?|plotted|p-values?|interval|equation|function|slope|matrix"
    r"|array|vector)\b"
)
_D = r"(?:0?\.\d+)"
_F = r"(?:0?\.\d+|[01](?:\.\d+)?)"
_NUMBERS_SCENT = r"[\[(<]\s*[\d.]+\s*,\s*[\d.]+|\.\d+\s*,?\s*0?\.\d|\b[xy][12]?.?\s*[=:]\s*[\d.]"
_NUMBERS = Words(
    scent=_NUMBERS_SCENT,
    told=(
        rf"[\[(<]\s*{_F}\s*,\s*{_F}\s*,\s*{_F}\s*,\s*{_F}\s*[\])>]"
        rf"|(?:\b(?:at|from|in|around)|:) {_D},? {_D},? {_D},? {_D}"
        rf"|[\[(<]\s*{_D}\s*,\s*{_D}\s*[\])>]|[\[(]\s*{_F}\s*,\s*{_D}\s*[\])] (?:to|and) [\[(]"
        rf"|\bto [\[(]\s*{_F}\s*,\s*{_D}\s*[\])]"
        rf"|(?:located|positioned|cent(?:er|re)d|found|placed|situated) (?:at|around|near) {_D}\s*,\s*{_D}"
        r"|\b(?:at|from|in|located|around)\s*[\[(]\d{1,4}(?:,\s*\d{1,4}){3}[\])]"
        rf"|\b[xy][12]?[\"']?\s*[=:]\s*(?:{_D}|\d{{2,4}}\b)"
    ),
    excuse=rf"{_TOOL}|{_GROUNDING}.*\?|\bfor this region|=\s*\[",
    asked=_GROUNDING,
    speakers=_ALL,
)


@text_check(
    "L003",
    "coordinates",
    "error",
    fails=record(answer="The dog [0.12, 0.33, 0.45, 0.78] is running after a ball (0.5, 0.71)."),
    passes=record(answer="The dog, on the left, is running after a ball. It is about 0.5 meters tall."),
    scent=_NUMBERS_SCENT,
)
def coordinates(said: tuple[Said, ...]) -> Iterator[Seen]:
    """Places are told in numbers, and nobody asked for that.

    Lists such as [0.1, 0.2, 0.3, 0.4] are how the model was told of objects. Where a question asks for a box, a region
    or coordinates, as those of RefCOCO and Visual Genome in LLaVA's mixture do, they are the answer.
    """
    for seen in seen_in(said, _NUMBERS):
        if "." in seen.words or "," in seen.words or ":" in seen.words or "=" in seen.words:
            yield seen


_PLACES = (
    r"\b(?:gps|latitude|longitude|geograph\w*|geocach\w*|navigat\w*|destination|phone|screen|dashboard|graph|grid|"
    r"whiteboard|blackboard|axis|axes|radar|computer|compass|camp|satellite|rescue|maps?|engraved|written|printed"
    r"|tattoo\w*|displays?|ship['’]s|paris|city|sea|ocean)\b"
)
_COORDINATE_SCENT = r"coordinate|object (?:locations|positions)"
_SPOKEN_COORDINATES = Words(
    scent=_COORDINATE_SCENT,
    told=(
        r"(?:\b(?:the|its|their|his|her|provided|given|objects?|detailed|specific|normali[sz]ed|no|at|by|these"
        r"|those|box|"
        rf"boxes|pixel)|['’]s?) coordinates\b|\b[xy][- ]coordinates?\b|\bcoordinates? (?:data|information|values)\b"
        rf"|\bcoordinates (?:given|provided|(?:of|for) the|{SAYS})\b"
        r"|\bobject (?:locations|positions) (?:given|provided)|\b(?:given|provided) object (?:locations|positions)"
    ),
    excuse=_PLACES,
    asked=_GROUNDING,
)
_ASKED_COORDINATES = _SPOKEN_COORDINATES._replace(excuse=f"{_PLACES}|{REQUEST}", speakers=("human",))


@text_check(
    "L004",
    "speaks-of-coordinates",
    "error",
    fails=record(answer="Based on its coordinates, the dog is to the left of the ball."),
    passes=record(answer="The outfit is color-coordinated. The phone shows the coordinates of the trail's end."),
    scent=_COORDINATE_SCENT,
)
def speaks_of_coordinates(said: tuple[Said, ...]) -> Iterator[Seen]:
    """It speaks of coordinates, and nobody asked for them.

    Those of a map, a phone or a graph are no finding, and neither is whoever coordinates something.
    """
    yield from seen_in(said, _SPOKEN_COORDINATES)
    yield from seen_in(said, _ASKED_COORDINATES)
