"""Finding words in what is said, and the excuses for them.

The same words may show how a record was made or be about what is to be seen: a caption that the model was told, a
caption under a photo in a newspaper. Here is what tells them apart whatever the words are: quotation marks, things that
bear writing, program code, and what was asked for. It knows nothing of any one check.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from datagen.checks.base import Seen
from datagen.checks.sample import Said
from datagen.text import shown

LOOK = r"(?:images?|pictures?|photos?|photographs?|pics?)"
"""What is looked at."""
CANNOT = r"(?:can ?not|can['’]t|could not|couldn['’]t|(?:am |are |is |['’]m )?(?:unable|not able) to)"
NOT = r"(?: not|n['’]t)"
DOES_NOT = rf"(?:do|does|did){NOT}"
SAYS = (
    r"(?:say|state|mention|describe|suggest|indicate|tell|refer|note|imply|implie|call|explain|specify|specifie|show|"
    r"confirm|agree|talk|speak|list|include|contain|point|reveal|vary|varie|place|put|give|provide|make)s?"
)
BEARERS = (
    r"(?:labels?|signs?|signboards?|bottles?|packag\w*|box(?:es)?|cans?|plaques?|boards?|posters?|menus?|brochures?|"
    r"museums?|exhibits?|product|job|items?|books?|booklet|pages?|paintings?|newspapers?|magazines?|web ?sites?|"
    r"web ?page|screens?|catalog\w*|listings?|t-?shirts?|shirts?|blackboards?|whiteboards?|billboards?|cards?"
    r"|tickets?|"
    r"guides?|entrance|leaflets?|flyers?|panels?|monitors?|apps?|articles?|comics?|memes?|cartoons?|drawings?"
    r"|frames?|"
    r"displays?|maps?|tags?|stickers?|receipts?|timetables?|charts?|graphs?|tables?|diagrams?|covers?|letters?"
    r"|notes?|"
    r"plates?|stones?|walls?|passage|paragraph|documents?|forms?|manuals?|instructions|kiosks?|desk|banners?)"
)
"""Things that bear writing, or that writing is about."""
AS_TOLD = (
    r"(?:according to|based (?:up)?on|as per|per|from|judging (?:by|from)|(?:go|going) by|in|by|using|given|of|"
    r"considering|following|(?:basing|rely|relying)(?: this| that| it| my answer)? on) "
)
"""How a source is brought in."""
_ADVERB = (
    r"(?:also |only |even |explicitly |clearly |specifically |itself |all |both |just |further |directly |at all )?"
)
SAID = rf"{_ADVERB}(?:{DOES_NOT} {_ADVERB})?{SAYS}\b"
"""What a source does, "does not say" among it."""
REQUEST = (
    r"\b(?:please|provide|give|output|return|predict|draw|find|detect|generate|locate|report|mark|write|suggest"
    r"|create|make|turn|come up|propose|think of|sentence describes|described by|what (?:is|are) (?:the|their"
    r"|its) (?:bounding box )?coordinates|phrase)\b"
)
"""What a question says that asks for a caption, a box or a place."""
_WRITTEN = (
    rf"\W+(?:[\w'’-]+\W+){{0,2}}?(?:on|at|in|of|below|beneath|under|beside|near|next to|inside|from|by|for|above) "
    rf"(?:the|a|an|its|each|his|her|this|their|one) (?:[\w'’-]+ ){{0,3}}?{BEARERS}\b"
)
_OWNED = rf"\b{BEARERS}(?:['’]s?)?(?: [\w'’-]+)?[ :]+\Z"
_SURROGATE = re.compile("[\ud800-\udfff]")
_FAR = 2000  # characters to a sentence's end at most, so that no text takes time without measure
_ENDS = (". ", "! ", "? ", "\n")


class Words(NamedTuple):
    """Words to look for, as regular expressions in which letters' case is of no account and `^` is a line's begin. They
    are compiled when they are first needed: all of them take a tenth of a second, and most files want none."""

    told: str
    scent: str = ""
    """The check's scent: only sentences with it are looked at. Empty: the text as a whole is."""
    excuse: str = ""
    """Found in the same sentence, it makes the words harmless."""
    asked: str = ""
    """Found in a question before an answer, it makes the words harmless there."""
    bearers: bool = False
    """Whether the words are harmless where something that bears writing is named next to them."""
    speakers: tuple[str | None, ...] = ("gpt", None)
    code: bool = False
    """Whether the words count in a text with program code as well."""


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.MULTILINE)


def seen_in(said: tuple[Said, ...], words: Words) -> Iterator[Seen]:
    """The first unexcused place in each text."""
    for number, (text, speaker, where) in enumerate(said):
        if speaker not in words.speakers or (not words.code and "`" in text):
            continue
        found = next((m for m in _told(text, words) if not _excused(text, m, words)), None)
        if found and not (words.asked and _asked(said, number, _pattern(words.asked))):
            around = shown(" ".join(text[max(0, found.start() - 30) : found.end() + 30].split()), 120)
            yield Seen(f"{shown(found[0].strip(), 60)!r} in {around!r}", where, found[0].strip())


def _told(text: str, words: Words) -> Iterator[re.Match[str]]:
    """Wherever the words stand. A long text has few sentences with the scent, and RE2 finds those twenty times as fast
    as the words themselves could be looked for."""
    if not words.scent:
        yield from _pattern(words.told).finditer(text)
        return
    done = 0
    for smelled in _re2(words.scent).finditer(text if text.isascii() else _SURROGATE.sub("?", text)):
        if smelled.end() > done:
            start, done = _sentence(text, smelled)
            yield from _pattern(words.told).finditer(text, start, done)


@lru_cache(maxsize=64)
def _re2(scent: str) -> Any:
    import re2  # a few milliseconds that `datagen --help` need not spend

    return re2.compile(f"(?i){scent}")


def _asked(said: tuple[Said, ...], number: int, wanted: re.Pattern[str]) -> bool:
    return any(each.speaker == "human" and wanted.search(each.text) for each in said[:number])


def _excused(text: str, found: re.Match[str], words: Words) -> bool:
    start, end = _sentence(text, found)
    before, after = text[start : found.start()], text[found.end() : end]
    if _quoted(text, before, start):
        return True
    if words.excuse and _pattern(words.excuse).search(text, start, end):
        return True
    return words.bearers and bool(_pattern(_WRITTEN).match(" " + after) or _pattern(_OWNED).search(before))


def _sentence(text: str, found: re.Match[str]) -> tuple[int, int]:
    first, last = max(0, found.start() - _FAR), min(len(text), found.end() + _FAR)
    begin = max(text.rfind(end, first, found.start()) for end in _ENDS)
    after = [at for at in (text.find(end, found.end(), last) for end in _ENDS) if at >= 0]
    return max(begin + 1, first), min(after, default=last - 1) + 1


def _quoted(text: str, before: str, start: int) -> bool:
    """Whether an open quotation mark stands before the words; one around the whole text is none."""
    marks = before if start or before.lstrip()[:1] not in ('"', "“") else before.lstrip()[1:]
    return marks.count('"') % 2 == 1 or marks.count("“") > marks.count("”")
