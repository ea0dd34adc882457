"""What boxes and captions prove, by rules strict enough that the opposite is plainly wrong. Written apart from the
engine that is tried with it: plain geometry over a picture's own boxes, plain words in its captions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import permutations
from typing import NamedTuple

from datagen.schema import Box, ImageContext

FAMILIES = (
    "person",
    "bicycle motorcycle",
    "car bus truck train boat airplane",
    "bird|cat|dog|horse|sheep|cow|elephant|bear|zebra|giraffe|teddy bear",
    "stop sign|fire hydrant|parking meter|traffic light",
    "bench|chair|couch|bed|dining table|toilet",
    "backpack|handbag|suitcase",
    "snowboard|surfboard|skateboard",
    "kite|umbrella",
    "tv|laptop|cell phone|remote|keyboard|mouse",
    "refrigerator|oven|microwave|toaster|sink",
    "pizza|donut|cake|sandwich|hot dog",
    "clock",
    "tennis racket",
)
FAMILY = {
    name: number
    for number, row in enumerate(FAMILIES)
    for name in (row.split("|") if "|" in row or row in ("tennis racket",) else row.split())
}
"""What could be taken for each other. Only these categories are spoken of: large things that annotators do not miss."""
CONSPICUOUS = (
    "elephant", "giraffe", "zebra", "bear", "horse", "cow", "train", "airplane", "bus", "toilet", "refrigerator", "bed",
    "couch", "fire hydrant", "stop sign", "motorcycle", "surfboard", "snowboard", "pizza", "umbrella", "kite", "laptop",
    "tennis racket", "suitcase", "cat", "dog", "boat",
)  # fmt: skip
OTHERWISE = {
    "airplane": "plane|jet|aircraft", "motorcycle": "motorbike|moped|scooter|bike", "refrigerator": "fridge",
    "couch": "sofa|loveseat|futon", "cat": "kitten|kitty", "dog": "puppy|pup", "cow": "cattle|calf|bull|ox|herd",
    "boat": "ship|sail|yacht|canoe|kayak|vessel|ferry|raft|barge|gondola", "horse": "pony|foal|colt|mare|carriage",
    "laptop": "computer|notebook|macbook", "suitcase": "luggage|bag|baggage|trunk", "surfboard": "surf|board|wave",
    "snowboard": "board|snow", "umbrella": "parasol|shade|canopy", "toilet": "bathroom|restroom|urinal|commode",
    "bus": "double decker|coach|transit", "stop sign": "sign", "fire hydrant": "hydrant", "bed": "bedroom|mattress",
    "tennis racket": "racquet|racket|tennis", "bear": "cub|teddy|grizzly|panda", "pizza": "slice|pie", "kite": "fly",
    "train": "locomotive|railway|tram|subway",
    "person": "man|men|woman|women|boy|girl|child|children|people|kid|player|guy|lady",
}  # fmt: skip
NUMBERING = {1: "one|single|lone|alone", 2: "two|pair|couple|both|each|another", 3: "three|trio", 4: "four"}
"""Words in captions that go with so many."""
GROUPING = re.compile(
    "|".join(NUMBERING.values()) + "|group|crowd|many|several|bunch|herd|flock|lots|lot|row|rows|line|various|multiple|"
    "some|few|five|six|seven|eight|nine|ten|dozen|other|others|twin|statue|toy|picture|poster|painting|reflection|"
    "reflected|mirror|fake|sign|half|all"
)
COLOURS = {
    "red": "blue|green|white", "blue": "red|yellow|brown", "green": "red|purple|white", "yellow": "blue|purple|black",
    "black": "white|yellow|red", "white": "black|red|blue", "brown": "blue|green|white", "pink": "green|black|blue",
    "purple": "yellow|white|green", "orange": "blue|green|black", "gray": "red|yellow|green",
    "grey": "red|yellow|green",
}  # fmt: skip
LEAST = 0.015  # of the picture, a box that nobody overlooks


class Fact(NamedTuple):
    """Something true of a picture. What `value` and `other` mean depends on the kind."""

    kind: str
    subject: str
    value: str = ""
    other: str = ""


def area(box: Box) -> float:
    """Its share of the picture."""
    return (box.x2 - box.x1) * (box.y2 - box.y1)


def counted(image: ImageContext) -> Iterator[Fact]:
    """One to four boxes, none small, none within another, and captions that name the thing and no number or group."""
    for name, boxes in _by_category(image).items():
        told = [text for text in image.captions if _names(text, name)]
        words = {word for text in image.captions for word in re.findall(r"[a-z]+", text.lower())}
        against = {word for word in words if GROUPING.fullmatch(word)} - set(NUMBERING.get(len(boxes), "").split("|"))
        if told and len(boxes) in NUMBERING and _plain(boxes) and not against:
            yield Fact("count", name, str(len(boxes)))


def sided(image: ImageContext) -> Iterator[Fact]:
    """The only one of its kind, wholly in one half and near that edge; or two such things with nothing shared."""
    alone = _alone(image)
    for name, box in alone.items():
        if box.x2 <= 0.5 and box.x1 <= 0.12:
            yield Fact("side", name, "left")
        if box.x1 >= 0.5 and box.x2 >= 0.88:
            yield Fact("side", name, "right")
    for (one, a), (other, b) in permutations(alone.items(), 2):
        if other != "person" and a.x2 <= b.x1 + 0.02 and _middle(b, 0) - _middle(a, 0) >= 0.25:
            yield Fact("side", one, "left", other)
        if other != "person" and b.x2 <= a.x1 + 0.02 and _middle(a, 0) - _middle(b, 0) >= 0.25:
            yield Fact("side", one, "right", other)


def heights(image: ImageContext) -> Iterator[Fact]:
    """The same upright."""
    alone = _alone(image)
    for name, box in alone.items():
        if box.y2 <= 0.45 and box.y1 <= 0.15:
            yield Fact("height", name, "top")
        if box.y1 >= 0.55 and box.y2 >= 0.85:
            yield Fact("height", name, "bottom")
    for (one, a), (other, b) in permutations(alone.items(), 2):
        if a.y2 <= b.y1 + 0.02 and _middle(b, 1) - _middle(a, 1) >= 0.25:
            yield Fact("height", one, "top", other)
            yield Fact("height", other, "bottom", one)


def clearly(image: ImageContext, subject: str, axis: int, low: bool, other: str = "") -> bool:
    """Whether all of a category are on that side: of the picture's middle, or of every `other`."""
    ours = [_middle(box, axis) for box in image.boxes if box.category == subject]
    theirs = [_middle(box, axis) for box in image.boxes if box.category == other] if other else [0.5]
    return bool(ours and theirs) and (
        max(ours) <= min(theirs) - 0.1 if low else min(ours) >= max(theirs) + 0.1
    )  # fmt: skip


def there(image: ImageContext) -> Iterator[Fact]:
    """Boxed, not small, and named in a caption."""
    for name, boxes in _by_category(image).items():
        if max(map(area, boxes)) >= 2 * LEAST and any(_names(text, name) for text in image.captions):
            yield Fact("there", name)


def absent(image: ImageContext) -> Iterator[Fact]:
    """Conspicuous, without a box, without anything of its family, and without a word for it in any caption."""
    families = {FAMILY.get(box.category) for box in image.boxes}
    said = " ".join(image.captions)
    for name in CONSPICUOUS:
        if FAMILY[name] not in families and not _names(said, name) and image.boxes:
            yield Fact("absent", name)


def coloured(image: ImageContext) -> Iterator[Fact]:
    """The only one of its kind, and at least two captions that give it one and the same colour and none another."""
    for name in _alone(image):
        if name == "person":
            continue
        found: dict[str, int] = defaultdict(int)
        for text in image.captions:
            for colour in COLOURS:
                found[colour] += bool(re.search(rf"\b{colour} (\w+ )?{_stem(name)}", text, re.IGNORECASE))
        named = [colour for colour, times in found.items() if times]
        mixed = re.search(r"\b(\w+) (and|with|&) (\w+ )?(\w+) (\w+ )?" + _stem(name), " ".join(image.captions))
        if len(named) == 1 and found[named[0]] >= 2 and not mixed:
            yield Fact("colour", name, named[0])


def _by_category(image: ImageContext) -> dict[str, list[Box]]:
    found: dict[str, list[Box]] = defaultdict(list)
    for box in image.boxes:
        if box.category in FAMILY:
            found[box.category].append(box)
    return found


def _alone(image: ImageContext) -> dict[str, Box]:
    return {
        name: boxes[0]
        for name, boxes in _by_category(image).items()
        if len(boxes) == 1 and area(boxes[0]) >= LEAST and any(_names(text, name) for text in image.captions)
    }


def _plain(boxes: list[Box]) -> bool:
    small = any(area(box) < LEAST for box in boxes)
    return not small and not any(_within(a, b) > 0.5 for a, b in permutations(boxes, 2))


def _within(a: Box, b: Box) -> float:
    """How much of `a` lies in `b`."""
    wide, high = min(a.x2, b.x2) - max(a.x1, b.x1), min(a.y2, b.y2) - max(a.y1, b.y1)
    return wide * high / area(a) if wide > 0 and high > 0 else 0.0


def _middle(box: Box, axis: int) -> float:
    return (box.x1 + box.x2) / 2 if axis == 0 else (box.y1 + box.y2) / 2


def _names(text: str, name: str) -> bool:
    words = "|".join([_stem(name), *OTHERWISE.get(name, "").split("|")]).rstrip("|")
    return bool(re.search(rf"\b({words})", text, re.IGNORECASE))


def _stem(name: str) -> str:
    return name.replace(" ", " ?")
