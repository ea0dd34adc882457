"""The text of a context, as a language model gets it → what can be said of the picture with certainty.

It reads back the lines of captions and of `category: [x1, y1, x2, y2]`. Every statement it offers (kinds, counts, left
and right, sizes, places, colours) is computed from the boxes or stands in a caption; where the two leave doubt, it
offers nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from datagen.llm.mock.knowledge import GROUPS
from datagen.llm.mock.words import NUMBERS, is_are, number, plural
from datagen.schema import Box

_BOX_LINE = re.compile(r"^(.+): \[([0-9.]+), ([0-9.]+), ([0-9.]+), ([0-9.]+)\]$")
_ABSENT = re.compile(r"(?:\A|\n\n)absent: (.+)\s*\Z")
_COLOURS = [
    "red",
    "orange",
    "yellow",
    "green",
    "blue",
    "purple",
    "pink",
    "brown",
    "black",
    "white",
    "gray",
    "grey",
    "silver",
    "golden",
    "beige",
    "turquoise",
]
_SAME_WORDS = {
    "person": "men women boys girls children kids guys ladies skiers surfers players riders adults pedestrians",
    "bird": "birds seagull seagulls gull gulls duck ducks pigeon pigeons parrot owl goose geese",
    "airplane": "airplanes plane planes jet jets aircraft airliner",
    "elephant": "elephants",
    "giraffe": "giraffes",
    "zebra": "zebras",
    "bear": "bears teddy cub cubs",
    "surfboard": "surfboards surfer surfing board boards",
    "snowboard": "snowboards snowboarder snowboarding board",
    "toilet": "toilets bathroom restroom urinal",
    "train": "trains locomotive railway rail tram",
    "boat": "boats ship ships canoe kayak sailboat yacht ferry vessel",
    "cow": "cows cattle bull bulls calf ox oxen",
    "horse": "horses pony ponies foal",
    "sheep": "lamb lambs ram goat goats",
    "pizza": "pizzas",
}
_NEVER_BY_CHANCE = ("elephant", "giraffe", "zebra", "airplane", "surfboard", "train", "horse", "cow", "toilet", "pizza",
                    "boat", "snowboard", "bear", "sheep")  # fmt: skip


class Thing(NamedTuple):
    """All objects of one kind."""

    name: str
    boxes: tuple[Box, ...]

    @property
    def number(self) -> int:
        return len(self.boxes)


class Scene(NamedTuple):
    """What a context says."""

    captions: tuple[str, ...]
    things: tuple[Thing, ...]
    absent: tuple[str, ...] = ()
    """What is said to be absent."""

    @property
    def single(self) -> list[Thing]:
        """The kinds of which there is just one; enough of them to talk about."""
        return [thing for thing in self.things if thing.number == 1][:24]


def read(context: str) -> Scene:
    """A context as `prompting.context.describe` writes it, or any text: lines that are no boxes are captions."""
    captions: list[str] = []
    kinds: dict[str, list[Box]] = {}
    told = _ABSENT.search(context)
    if told is not None:
        context = context[: told.start()]
    for line in context.splitlines():
        found = _BOX_LINE.match(line)
        if found:
            kinds.setdefault(found[1], []).append(Box(found[1], *(float(found[i]) for i in range(2, 6))))
        elif line.strip():
            captions.append(line.strip())
    return Scene(tuple(captions), tuple(Thing(name, tuple(boxes)) for name, boxes in kinds.items()),
                 tuple(told[1].split(", ")) if told is not None else ())  # fmt: skip


def area(box: Box) -> float:
    """The share of the picture a box covers, 0..1."""
    return (box.x2 - box.x1) * (box.y2 - box.y1)


def largest(scene: Scene) -> list[Thing]:
    """The kinds of object, the one with the largest single box first."""
    return sorted(scene.things, key=lambda thing: -max(map(area, thing.boxes)))


def place(box: Box) -> str:
    """Where a box's middle is, in thirds of the picture: `at the top left`, `in the middle`, `at the bottom`."""
    x, y = (box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2
    column = "left" if x < 0.34 else "right" if x > 0.66 else ""
    row = "top" if y < 0.34 else "bottom" if y > 0.66 else ""
    if not column and not row:
        return "in the middle of the picture"
    if not row:
        return f"on the {column} side of the picture"
    return f"at the {f'{row} {column}'.strip()} of the picture"


def sides(scene: Scene) -> Iterator[tuple[Thing, Thing]]:
    """Pairs of single objects of which the first is clearly left of the second: no overlap, and a gap between."""
    for left in scene.single:
        for right in scene.single:
            if left.boxes[0].x2 + 0.02 < right.boxes[0].x1:
                yield left, right


def heights(scene: Scene) -> Iterator[tuple[Thing, Thing]]:
    """Pairs of single objects of which the first is clearly above the second."""
    for upper in scene.single:
        for lower in scene.single:
            if upper.boxes[0].y2 + 0.02 < lower.boxes[0].y1:
                yield upper, lower


def counted(scene: Scene) -> list[Thing]:
    """The kinds that can be counted: a dozen of one at most, and no caption that tells another number."""
    return [thing for thing in scene.things if thing.number <= 12 and not disputed(scene, thing)]


def sizes(scene: Scene) -> Iterator[tuple[Thing, Thing]]:
    """Pairs of single objects of which the first covers at least twice as much of the picture."""
    for big in scene.single:
        for small in scene.single:
            if area(big.boxes[0]) > 2 * area(small.boxes[0]) > 0:
                yield big, small


def colours(scene: Scene) -> Iterator[tuple[Thing, str]]:
    """Single objects with the one colour that the captions give them."""
    for thing in scene.single:
        pattern = re.compile(rf"\b({'|'.join(_COLOURS)}) {re.escape(thing.name)}\b(?! \w+ing)", re.IGNORECASE)
        mixed = re.compile(rf"\b({'|'.join(_COLOURS)})( and| or|,)? ({'|'.join(_COLOURS)}) {re.escape(thing.name)}\b")
        said = {found.lower() for caption in scene.captions for found in pattern.findall(caption)}
        if len(said) == 1 and not any(mixed.search(caption.lower()) for caption in scene.captions):
            yield thing, said.pop()


def absent(scene: Scene) -> list[str]:
    """Kinds that are surely not there: large, never overlooked, unboxed, and with no word for them in the captions.

    Only where every box is of a COCO category: other annotators did not look for these.
    """
    if not scene.things or any(thing.name not in GROUPS for thing in scene.things):
        return []
    words = {word for caption in scene.captions for word in re.findall(r"[a-z]+", caption.lower())}
    words |= {word for thing in scene.things for word in thing.name.split()}
    return [n for n in _NEVER_BY_CHANCE if not words & {n, plural(n), *_SAME_WORDS.get(n, "").split()}]


def disputed(scene: Scene, thing: Thing) -> bool:
    """Whether a caption gives another number of these than there are boxes."""
    names = "|".join(re.escape(name) for name in {plural(thing.name), *_SAME_WORDS.get(thing.name, "").split()})
    said = re.compile(rf"\b({'|'.join(NUMBERS[1:])}|\d+) (?:\w+ )?(?:{names})\b", re.IGNORECASE)
    found = {count.lower() for caption in scene.captions for count in said.findall(caption)}
    return bool(found - {number(thing.number), str(thing.number)})


def stands(thing: Thing) -> str:
    """`The dog is at the left of the picture`, for one object."""
    if area(thing.boxes[0]) > 0.4:
        return f"The {thing.name} {'take' if is_are(thing.name) == 'are' else 'takes'} up much of the picture"
    return f"The {thing.name} {is_are(thing.name)} {place(thing.boxes[0])}"
