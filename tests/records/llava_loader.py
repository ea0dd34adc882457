"""LLaVA's own preprocessing re-enacted, written afresh from what its code does, with a character for a token.

Facts: haotian-liu/LLaVA@c121f04:llava/train/train.py (preprocess_multimodal, preprocess_v1, LazySupervisedDataset) and
llava/model/llava_arch.py (image features are consumed by a running index, one for each image token, at least one).
"""

from __future__ import annotations

from typing import Any, NamedTuple

SYSTEM = "A chat between a curious human and an artificial intelligence assistant."
IMAGE = "<image>"
TURN, END = " ASSISTANT: ", "</s>"


class Fate(NamedTuple):
    """What became of a record: the trained text, whether all was masked, and the images it consumes and has."""

    trained: list[str]
    masked: bool
    image_tokens: int
    images: int

    @property
    def well(self) -> bool:
        return not self.masked and self.image_tokens == self.images


def load(record: dict[str, Any]) -> Fate:
    """What LLaVA v1 trains on of a record. Raises what LLaVA would raise."""
    values = [(turn["from"], turn["value"]) for turn in record["conversations"]]
    if "image" in record:
        values = [(role, _image_first(value)) for role, value in values]
    roles = {"human": "USER", "gpt": "ASSISTANT"}
    if roles[values[0][0]] != "USER":
        values = values[1:]
    prompt = SYSTEM + " "
    for index, (role, value) in enumerate(values):
        assert roles[role] == ("USER", "ASSISTANT")[index % 2], index
        prompt += f"{roles[role]}: {value}" + (" ", END)[index % 2] if value else f"{roles[role]}:"
    trained, whole = _labels(prompt)
    tokens = prompt.count(IMAGE) if "image" in record else 0
    return Fate(trained, not whole, tokens, 1 if "image" in record else 0)


def _image_first(value: str) -> str:
    if IMAGE not in value:
        return value
    return f"{IMAGE}\n{value.replace(IMAGE, '').strip()}".strip()


def _labels(prompt: str) -> tuple[list[str], bool]:
    """The answers that get labels, and whether the counted length is the real one (else all is masked)."""
    trained: list[str] = []
    counted = 0
    for stretch in prompt.split(END):
        if not stretch:
            break
        parts = stretch.split(TURN)
        if len(parts) != 2:
            return trained, False
        trained.append(parts[1])
        counted += len(stretch) + len(END)
    return trained, counted == len(prompt)
