"""Tokenizers to run loaders with, where the models' own cannot be had: the vocabulary of Qwen (quicktok ships it), and
one that splits as LLaMA's does.

Both answer to what loaders ask of a tokenizer of `transformers`. What counts for a loader's masks is true of them:
special tokens are read inside texts; LLaMA's sets a `<s>` first, a blank before each text and joins a blank to the
letter that follows. Letters stand for the rest of LLaMA's tokens.
"""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

from tests.trainers.oracle import Piece


class Words:
    """What loaders ask of a tokenizer."""

    legacy, padding_side, add_bos_token = True, "right", False
    bos_token_id: int | None = None
    bos_token: str | None = None
    chat_template = ""

    def __init__(self, specials: dict[str, int], pad: str, longest: int) -> None:
        self.specials = dict(specials)
        self.pad_token_id = self.specials[pad]
        self.pad_token = pad
        self.model_max_length = longest
        self.additional_special_tokens_ids = [self.specials[name] for name in specials if "|im_" in name]

    def __deepcopy__(self, memo: Any) -> Words:
        twin = type(self).__new__(type(self))
        twin.__dict__ = {**self.__dict__, "specials": dict(self.specials)}
        return twin

    def plain(self, text: str) -> list[int]:
        raise NotImplementedError

    def spell(self, ids: list[int]) -> str:
        raise NotImplementedError

    def ids(self, text: str) -> list[int]:
        """A text's tokens, special ones read out of it."""
        if not isinstance(text, str):
            raise ValueError("text input must be of type `str`")
        pattern = "|".join(re.escape(name) for name in sorted(self.specials, key=len, reverse=True))
        found: list[int] = []
        for piece in re.split(f"({pattern})", text):
            found += [self.specials[piece]] if piece in self.specials else self.plain(piece) if piece else []
        return found if self.bos_token_id is None else [self.bos_token_id, *found]

    def __call__(self, text: Any, return_tensors: str = "", padding: Any = False, **more: Any) -> SimpleNamespace:
        rows = [self.ids(each) for each in text] if isinstance(text, list) else [self.ids(text)]
        if more.get("truncation"):
            rows = [row[: more.get("max_length", self.model_max_length)] for row in rows]
        if padding:
            width = self.model_max_length if padding == "max_length" else max(map(len, rows))
            rows = [row + [self.pad_token_id] * (width - len(row)) for row in rows]
        if return_tensors == "np":
            import numpy

            arrays = [numpy.array(row) for row in rows]
            return SimpleNamespace(input_ids=arrays if isinstance(text, list) else numpy.array(rows))
        if return_tensors == "pt":
            import torch

            return SimpleNamespace(input_ids=torch.tensor(rows))
        return SimpleNamespace(input_ids=rows if isinstance(text, list) else rows[0])

    def convert_tokens_to_ids(self, token: str) -> int | None:
        return self.specials.get(token)

    def add_tokens(self, tokens: list[str], special_tokens: bool = False) -> int:
        new = [token for token in tokens if token not in self.specials]
        for token in new:
            self.specials[token] = max(self.specials.values()) + 1
        return len(new)

    def apply_chat_template(self, messages: list[dict[str, Any]], **_: Any) -> list[int]:
        """As `transformers` 4 does: renders the template, gives the tokens."""
        import jinja2

        return self.ids(jinja2.Environment().from_string(self.chat_template).render(messages=messages))

    def decode(self, ids: Any, **_: Any) -> str:
        return "".join(piece.text for piece in self.pieces([int(each) for each in ids], [0] * len(ids)))

    def pieces(self, ids: list[int], trained: list[Any]) -> list[Piece]:
        """What these tokens spell, in stretches that are trained on or not."""
        names = {number: name for name, number in self.specials.items()}
        found: list[Piece] = []
        waiting: list[int] = []
        for at, (number, label) in enumerate(zip(ids, trained, strict=True)):
            if number in names:
                found.append(Piece(names[number], bool(label), "special"))
                continue
            waiting.append(number)
            ends = at + 1 == len(ids) or ids[at + 1] in names or bool(trained[at + 1]) != bool(label)
            if ends:
                found.append(Piece(self.spell(waiting), bool(label)))
                waiting = []
        return found


class Qwen(Words):
    """Qwen's own vocabulary; the word `assistant` is its token 77091, as it is for Qwen's loader."""

    def __init__(self, longest: int, vision: bool = True) -> None:
        import quicktok

        self.inner = quicktok.get_encoding("qwen3")
        names = "endoftext im_start im_end"
        if vision:
            names += " object_ref_start object_ref_end box_start box_end quad_start quad_end"
            names += " vision_start vision_end vision_pad image_pad video_pad"
        specials = {f"<|{name}|>": 151643 + at for at, name in enumerate(names.split())}
        super().__init__(specials, "<|endoftext|>", longest)

    def plain(self, text: str) -> list[int]:
        return list(self.inner.encode_ordinary(text))

    def spell(self, ids: list[int]) -> str:
        return str(self.inner.decode(ids))

    def pieces(self, ids: list[int], trained: list[Any]) -> list[Piece]:
        """The same, a turn's own heading not counted as trained on: LLaVA-NeXT trains on all of them."""
        found: list[Piece] = []
        for piece in super().pieces(ids, trained):
            heads = found and found[-1].text == "<|im_start|>" and piece.trained
            if heads and piece.text.startswith("assistant\n"):
                found += [Piece("assistant\n", False), piece._replace(text=piece.text[10:])]
            else:
                found.append(piece)
        return found


class Llama(Words):
    """A letter for a token, blanks joined to what follows them."""

    bos_token_id, bos_token = 1, "<s>"
    _PIECES = re.compile(r"▁+(?=▁[^▁])|▁[^▁]|▁+|[^▁]", re.DOTALL)

    def __init__(self, longest: int) -> None:
        self.known: dict[str, int] = {}
        super().__init__({"<unk>": 0, "<s>": 1, "</s>": 2}, "<unk>", longest)

    def plain(self, text: str) -> list[int]:
        pieces = self._PIECES.findall("▁" + text.replace(" ", "▁"))
        return [self.known.setdefault(piece, len(self.known) + 1000) for piece in pieces]

    def spell(self, ids: list[int]) -> str:
        names = {number: piece for piece, number in self.known.items()}
        return "".join(names[number] for number in ids).replace("▁", " ")
