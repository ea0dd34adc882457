"""The names that repairs are counted under, and what each of them does. The names are stable."""

from __future__ import annotations

from collections.abc import Mapping

Done = dict[str, None]
"""The repairs of one record, each once, in the order in which they were first done."""

REPAIRS: Mapping[str, str] = {
    "surrogates": "a lone half of a surrogate pair, anywhere, becomes U+FFFD",
    "not-a-number": "NaN and Infinity, anywhere, become null: they are no JSON",
    "null-member": "a member for a picture, a dialogue or a role that holds null is taken away",
    "image-null": "an `image` or `images` that names nothing is taken away; an empty `images` list stays",
    "image-type": "one picture as a text or as a list of one: as the rest of the file has it, where both occur",
    "keys": "from/value and role/content mixed in one dialogue become one; `messages` get role/content",
    "roles": "USER, Human, GPT, bot … become human and gpt beside `from`, user and assistant beside `role`",
    "content-type": "texts and typed parts mixed become one form, over the file",
    "line-endings": "every kind of line break becomes a newline",
    "control-characters": "control characters are taken out of what is said; tabs and newlines stay",
    "bidi-marks": "marks that turn the direction of reading are taken out of what is said",
    "nfc": "what is said is composed to NFC",
    "white-space": "white space at both ends of what is said is taken away",
    "special-token-at-end": "template tokens that begin or end a text are taken away, where none is inside it",
    "same-speaker-joined": "two messages in a row of one speaker become one, parted by a blank line",
    "leading-answer-dropped": "an answer before the first question is dropped, where the rest is a whole dialogue",
    "trailing-question-dropped": "a question after the last answer is dropped, where the rest is a whole dialogue",
    "image-token-added": "a record of one picture and no image token gets one before its first question",
    "image-token-moved": "the one image token goes to the front of the first question, on a line of its own",
    "image-token-doubled": "image tokens of a record with one picture become one",
    "image-token-in-answer": "image tokens are taken out of answers, where the record has one picture",
    "image-token-without-image": "image tokens are taken away where there is no picture and none is spoken of",
    "id-missing": "a record without an id gets one of its picture's name and its number",
    "id-type": "an id that is a number becomes a text",
    "id-text": "white space and control characters are taken out of an id",
    "id-repeated": "an id that an earlier record has gets a number behind it",
}
"""Name → what it does."""
