"""Which key goes to which server.

A key given on purpose (`--api-key-file`, DATAGEN_API_KEY) goes wherever the user points. OPENAI_API_KEY stands in many
environments for OpenAI alone, so it does not leave unencrypted, nor for an address that only a settings file names.
No key is ever a flag: command lines can be read by every process.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from datagen.errors import SetupError
from datagen.text import shown

_HINT = "put one into OPENAI_API_KEY or DATAGEN_API_KEY, or give --api-key-file; or try --model mock"


class Key(NamedTuple):
    """The key to send, if any, and what the user should know about that."""

    value: str | None
    notice: str = ""

    def __repr__(self) -> str:
        return f"Key({'***' if self.value else None})"


def find_key(base_url: str | None, key_file: Path | None, environ: Mapping[str, str], *, on_purpose: bool) -> Key:
    """The key for `base_url` (None: OpenAI). `on_purpose`: the address came from a flag or the environment.

    Raises SetupError when OpenAI itself is asked without a key, or the key's file is of no use.
    """
    given = _from_file(key_file) if key_file else environ.get("DATAGEN_API_KEY", "").strip()
    if given:
        return Key(_checked(given))
    key = environ.get("OPENAI_API_KEY", "").strip()
    if base_url is None:
        if not key:
            raise SetupError("there is no key for api.openai.com", _HINT)
        return Key(_checked(key))
    if key and on_purpose and _is_private(base_url):
        return Key(_checked(key))
    notice = f"OPENAI_API_KEY is not sent to {shown(base_url)}; give --api-key-file if it needs a key" if key else ""
    return Key(None, notice)


def _is_private(base_url: str) -> bool:
    """Whether nobody can listen on the way there."""
    parts = urlsplit(base_url)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:  # a name, which can point anywhere
        return False


def _from_file(path: Path) -> str:
    try:
        key = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        cause = error.strerror if isinstance(error, OSError) else "not text"
        raise SetupError(f"--api-key-file {shown(path)}: cannot be read: {cause}") from None
    if not key:
        raise SetupError(f"--api-key-file {shown(path)}: is empty")
    return key


def _checked(key: str) -> str:
    if not key.isascii() or not key.isprintable() or " " in key:
        raise SetupError("the key holds characters that no key has", "it should be one line of letters and digits")
    return key
