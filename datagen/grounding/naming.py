"""A category's name, as any file writes it → the words that people say for it, in both numbers.

`dog_(hound)`, `Clear plastic bottle` and `wall-other-merged` become `dog`, `clear plastic bottle` and `wall`. It knows
English endings and nothing of meanings.
"""

from __future__ import annotations

import re

from datagen.grounding.words import bag

_PLURALS = {
    "person": "people", "man": "men", "woman": "women", "child": "children", "mouse": "mice", "knife": "knives",
    "leaf": "leaves", "shelf": "shelves", "loaf": "loaves", "calf": "calves", "wolf": "wolves", "goose": "geese",
    "foot": "feet", "tooth": "teeth", "ox": "oxen", "passerby": "passersby", "wife": "wives", "half": "halves",
    "scarf": "scarves", "cactus": "cacti", "policeman": "policemen", "policewoman": "policewomen", "radio": "radios",
    "fireman": "firemen", "businessman": "businessmen", "fisherman": "fishermen", "gentleman": "gentlemen",
    "potato": "potatoes", "tomato": "tomatoes", "photo": "photos", "piano": "pianos", "bus": "buses",
}  # fmt: skip
_SAME = bag(
    "sheep fish deer aircraft cattle people skis scissors shears pants luggage baggage broccoli folks livestock bison "
    "offspring gentlemen men women policemen firemen fishermen passersby mice geese geese ponies calves oxen "
    "furniture cutlery silverware flatware dishware dinnerware drinkware electronics bleachers greens traffic "
    "watercraft police staff"
)
_TAILS = re.compile(r"(?: |^)(?:merged|stuff|other|others|misc|unspecified|group|general)$")
_HEADS = re.compile(r"^(?:other|unlabeled|misc|unknown) (?=\w)")
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_BETWEEN = re.compile(r"[\s_\-/.,:;&+]+")


def spoken(name: str) -> str:
    """The name as it would be said: small letters, single spaces, without brackets and bookkeeping."""
    plain = _BETWEEN.sub(" ", _BRACKETS.sub(" ", name)).strip().lower()
    said = _HEADS.sub("", plain)
    while (shorter := _TAILS.sub("", said)) != said and shorter:
        said = shorter
    return said or plain


def plural(phrase: str) -> str:
    """The phrase's plural; its last word bends, and one that has no other form stays."""
    head, space, last = phrase.rpartition(" ")
    return head + space + _plural(last)


def _plural(word: str) -> str:
    if word in _SAME or not word.isascii() or not word[-1:].isalpha():
        return word
    if word in _PLURALS:
        return _PLURALS[word]
    if word.endswith("man") and word not in ("human", "german", "roman"):
        return word[:-3] + "men"
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


def is_group(name: str) -> bool:
    """Whether the name is of a region that holds many: `person (group)`."""
    return name.endswith("(group)") or name.lower().startswith("crowd of ")
