"""Texts → numbers: a tokenizer made of the file's own words, and how LLaVA's lengths come out in it.

Byte-level pairs, so that no text is unknown to it. The picture is no word: it is put between the words by number.
Lengths are therefore near to those of a real model's tokenizer, and not the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from datagen.trial.masking import IMAGE, Masked

if TYPE_CHECKING:
    from tokenizers import Tokenizer

VOCABULARY = 2000
PAD, BEGIN, STOP = 0, 1, 2
IGNORED = -100
LIMIT, PICTURE = 2048, 576
"""What LLaVA-1.5 keeps of a record, and how much of it a picture takes."""
_SPECIAL = ["<unk>", "<s>", "</s>"]


class Numbers(NamedTuple):
    """A record's tokens, and what of them is trained on."""

    ids: tuple[int, ...]
    labels: tuple[int, ...]
    """The same numbers where they are trained on, else -100."""


class Measure(NamedTuple):
    """How long a record is for LLaVA-1.5, by these words."""

    tokens: int
    """Its picture counted as 576."""
    trained: int
    """Those that are trained on, within the 2,048 that are kept."""
    cut: int
    """Those to train on that are lost beyond."""


class Words:
    """The tokenizer."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.picture = tokenizer.get_vocab_size()
        """The number that stands for a patch of a picture."""
        self.size = self.picture + 1

    def numbers(self, masked: Masked, pictured: bool, patches: int) -> Numbers:
        """A text's tokens; where it has a picture, `patches` of its number stand for each image token."""
        ids, labels = [BEGIN], [IGNORED]
        at = 0
        for count, piece in enumerate(masked.text.split(IMAGE) if pictured else [masked.text]):
            if count:
                ids += [self.picture] * patches
                labels += [IGNORED] * patches
                at += len(IMAGE)
            told = self._tokenizer.encode(piece, add_special_tokens=False)
            ids += told.ids
            labels += _labels(told.ids, [at + begin for begin, _ in told.offsets], masked.spans)
            at += len(piece)
        return Numbers(tuple(ids), tuple(labels))

    def measures(self, some: Sequence[tuple[Masked, bool]]) -> Iterator[Measure]:
        """Lengths for LLaVA-1.5 of records, with or without a picture. It cuts the text first, and then again when the
        picture has come in."""
        pieces = [list(_pieces(masked, pictured)) for masked, pictured in some]
        texts = [piece.text for each in pieces for piece in each]
        lengths = map(len, self._tokenizer.encode_batch_fast(texts, add_special_tokens=False))
        for each in pieces:
            at, trained, kept = 1, 0, 0
            for piece in each:
                length = next(lengths)
                if piece.trained:
                    trained += length
                    kept += max(0, min(at + length, LIMIT) - at)
                at += length + PICTURE * piece.pictures
            yield Measure(at, kept, trained - kept)

    def text(self, ids: Iterable[int]) -> str:
        """Numbers as text again, without the special ones."""
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=True))


class _Piece(NamedTuple):
    text: str
    trained: bool
    pictures: int = 0


def _pieces(masked: Masked, pictured: bool) -> Iterator[_Piece]:
    """The text between the places where it is trained on and not. No word runs over these."""
    at = 0
    for begin, end in (*masked.spans, (len(masked.text), len(masked.text))):
        text = masked.text[at:begin]
        yield _Piece(text.replace(IMAGE, ""), False, text.count(IMAGE)) if pictured else _Piece(text, False)
        yield _Piece(masked.text[begin:end], True)
        at = end


def _labels(ids: list[int], begins: list[int], spans: tuple[tuple[int, int], ...]) -> list[int]:
    """Tokens in order and spans in order: each token is trained on that begins within one of them."""
    labels, left = [], list(spans)
    for number, begin in zip(ids, begins, strict=True):
        while left and begin >= left[0][1]:
            del left[0]
        labels.append(number if left and begin >= left[0][0] else IGNORED)
    return labels


def learnt(texts: Iterable[str]) -> Words:
    """The tokenizer of these texts; the same texts give the same one."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(unk_token=None))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        min_frequency=2,
        special_tokens=_SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return Words(tokenizer)
