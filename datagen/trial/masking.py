"""What LLaVA trains on in a record: the text it makes of a dialogue, and which of it gives a gradient.

Facts: haotian-liu/LLaVA@c121f04:llava/train/train.py (preprocess_multimodal, preprocess_v1) and
llava/conversation.py (get_prompt). Only answers are trained on, each with the `</s>` that ends it. Where the trainer
cannot find question and answer again in its own text, it masks the whole record and goes on. It knows no tokenizer:
places are characters. The system's message, which is never trained on, is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

IMAGE, END, UNKNOWN = "<image>", "</s>", "<unk>"
_NAMES = {"human": "USER", "gpt": "ASSISTANT"}
_MARK = " ASSISTANT: "
_AFTER = {"human": " ", "gpt": END}


class Masked(NamedTuple):
    """A dialogue as text, and the parts of it that are trained on."""

    text: str
    """In a record with a picture, `<image>` in it stands for one."""
    spans: tuple[tuple[int, int], ...]
    """From the blank before an answer to the end of its `</s>`; none where all is masked."""

    @property
    def pictures(self) -> int:
        """Image tokens in the text."""
        return self.text.count(IMAGE)


def masked(raw: Mapping[str, Any]) -> Masked:
    """A record at which LLaVA does not stop, as it trains on it."""
    turns = [(turn["from"], turn["value"]) for turn in raw["conversations"]]
    if "image" in raw:
        turns = [(role, _moved(value)) for role, value in turns]
    if turns and turns[0][0] != "human":
        turns = turns[1:]
    text = "".join(map(_written, turns))
    return Masked(text, _spans(text))


def _moved(value: str) -> str:
    """A text with its image token, if it has any, on a line of its own before all else."""
    return f"{IMAGE}\n{value.replace(IMAGE, '').strip()}".strip() if IMAGE in value else value


def _written(turn: Sequence[str]) -> str:
    """A turn under its name. One that says nothing is left open, which is how the next one melts into it."""
    role, value = turn
    return f"{_NAMES[role]}: {value}{_AFTER[role]}" if value else f"{_NAMES[role]}:"


def _spans(text: str) -> tuple[tuple[int, int], ...]:
    """The answers in the text, as LLaVA finds them again: by the `</s>` after each, and by their one mark.

    Where it does not come to the text's end that way, its count of tokens is not the text's: all is masked. So it is
    where the text holds the token that it pads with.
    """
    found: list[tuple[int, int]] = []
    at = 0
    for part in text.split(END):
        if not part or part.count(_MARK) != 1:
            break
        begin = at + part.index(_MARK) + len(_MARK) - 1
        at += len(part) + len(END)
        found.append((begin, at))
    return tuple(found) if at == len(text) and UNKNOWN not in text else ()
