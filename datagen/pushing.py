"""`push`: a run's or an export's data set to the Hub, by huggingface_hub's own client.

What goes is what manifest.json speaks of, unchanged since, and what tells of it. What was rejected, the ledger, and
whose folders the annotations were in stay here. The token is the client's business: it is never asked for and never
shown. Nothing is sent before somebody agreed, and mock data only where that was said in so many words.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, NamedTuple

from datagen.cards.card import CARD
from datagen.cards.croissant import CROISSANT
from datagen.cards.facts import PRIVATE
from datagen.errors import InputError, ProviderError, SetupError, Stopped
from datagen.text import shown

INSTALL = "pip install 'datagen[hub]'"
MANIFEST = "manifest.json"
_LOGIN = "log in with `hf auth login`, or set HF_TOKEN to a token that may write"
_REPOSITORY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9])?")
_TOLD = re.compile(r"^license:", re.MULTILINE)


class Item(NamedTuple):
    """One file that would be sent."""

    name: str
    content: Path | bytes
    bytes: int


class Parcel(NamedTuple):
    """All that would be sent, and what should be known before it is."""

    folder: Path
    items: tuple[Item, ...]
    mock: bool | None
    """Whether any of it is the mock's; None where of some nobody tells."""
    warnings: tuple[str, ...]

    @property
    def bytes(self) -> int:
        """Together."""
        return sum(item.bytes for item in self.items)


class Sent(NamedTuple):
    """Where it is now."""

    repository: str
    commit: str


def parcel(folder: Path) -> Parcel:
    """What of a run's or an export's folder would be sent. Raises InputError where it is not whole."""
    manifest = _manifest(folder)
    items = [_item(folder, name, told) for name, told in manifest["files"].items() if name not in (*PRIVATE, CARD)]
    for name in (CARD, CROISSANT):
        path = folder / name
        if path.is_file() and name not in {item.name for item in items}:
            items.append(Item(name, path, path.stat().st_size))
    told = (json.dumps(_public(manifest), ensure_ascii=True, indent=2) + "\n").encode("ascii")
    items.append(Item(MANIFEST, told, len(told)))
    return Parcel(folder, tuple(sorted(items)), manifest["mock"], tuple(_warnings(folder, manifest)))


def push(sending: Parcel, repository: str, *, private: bool = True, allow_mock: bool = False) -> Sent:
    """Send it, in one commit; a repository that is not there is made, for its owner's eyes unless told otherwise.

    Raises SetupError for mock data that nobody allowed, ProviderError where the Hub refuses, Stopped where it cannot be
    reached. The same call again sends what is not there yet.
    """
    check_repository(repository)
    check_mock(sending, allow_mock)
    hub = _hub()
    if hub.get_token() is None:
        raise SetupError("there is no token for the Hub", _LOGIN)
    with _told(hub):
        api = hub.HfApi(library_name="datagen")
        api.create_repo(repository, repo_type="dataset", private=private, exist_ok=True)
        operations = [hub.CommitOperationAdd(item.name, _given(item.content)) for item in sending.items]
        made = api.create_commit(repository, operations, commit_message="Add data made by datagen", repo_type="dataset")
        return Sent(repository, str(made.commit_url))


def _given(content: Path | bytes) -> str | bytes:
    return content if isinstance(content, bytes) else str(content)


def check_mock(sending: Parcel, allowed: bool) -> None:
    """Raises SetupError for mock data that nobody allowed."""
    if sending.mock and not allowed:
        raise SetupError(
            f"{shown(sending.folder)}: is MOCK data, made by rules and not by a language model",
            "nobody should train on it; --allow-mock sends it all the same",
        )


def check_repository(name: str) -> None:
    """Raises SetupError for what is no `owner/name`."""
    owner, slash, rest = name.partition("/")
    if not slash or not all(_REPOSITORY.fullmatch(part) and ".." not in part for part in (owner, rest)):
        raise SetupError(f"{shown(name, 100)!r} is no data set on the Hub", "give it as OWNER/NAME")


def _hub() -> Any:
    try:
        import huggingface_hub
    except ImportError as error:
        raise SetupError("push needs huggingface_hub, which is not installed", INSTALL) from error
    return huggingface_hub


@contextmanager
def _told(hub: Any) -> Iterator[None]:
    """Whatever the client raises, in our words; a token that found its way into a message is taken out."""
    import httpx2

    token = hub.get_token()

    def said(error: Exception) -> str:
        return shown(str(error).replace(token, "***") if token else error)

    try:
        yield
    except hub.errors.HfHubHTTPError as error:
        status = getattr(error.response, "status_code", 0)
        if status >= 500 or status == 429:
            raise Stopped(f"the Hub fails: {said(error)}", "the same command again sends what is missing") from None
        raise ProviderError(f"the Hub refuses: {said(error)}", _LOGIN if status in (401, 403) else "") from None
    except (hub.errors.HFValidationError, ValueError) as error:
        raise SetupError(f"the Hub's client refuses: {said(error)}") from None
    except (OSError, httpx2.HTTPError, RuntimeError) as error:
        raise Stopped(f"the Hub cannot be reached: {said(error)}", "the same command again sends it") from None


def _manifest(folder: Path) -> dict[str, Any]:
    hint = "give a run's folder, or what `datagen export` made; `datagen rebuild RUN` makes a run's files again"
    try:
        told = json.loads((folder / MANIFEST).read_text("ascii"))
    except FileNotFoundError as error:
        raise InputError(shown(folder), "", f"there is no {MANIFEST} in it", hint) from error
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(shown(folder / MANIFEST), "", f"cannot be read: {shown(error)}", hint) from error
    files = told.get("files") if isinstance(told, dict) else None
    if not isinstance(files, dict) or "mock" not in told or not all(isinstance(f, dict) for f in files.values()):
        raise InputError(shown(folder / MANIFEST), "", "is not what datagen writes there", hint)
    return dict(told)


def _item(folder: Path, name: str, told: dict[str, Any]) -> Item:
    """A file as the manifest tells of it. Raises InputError where it is another, or somewhere else."""
    path, parts = folder / name, PurePosixPath(name).parts
    if PurePosixPath(name).is_absolute() or ".." in parts or path.is_symlink():
        raise InputError(shown(folder / MANIFEST), "", f"names {shown(name)!r}, which is not a file of its folder")
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        size = path.stat().st_size
    except OSError as error:
        raise InputError(shown(path), "", f"cannot be read: {error.strerror}", "make it again") from error
    if found != told.get("sha256"):
        hint = "`datagen rebuild RUN` makes a run's files again; edit a copy, and push that by the Hub's own tools"
        raise InputError(shown(path), "", f"is not the file that {MANIFEST} speaks of", hint)
    return Item(name, path, size)


def _public(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest without what stays here."""
    told = {**manifest, "files": {name: each for name, each in manifest["files"].items() if name not in PRIVATE}}
    if isinstance(told.get("annotations"), list):
        told["annotations"] = [{**each, "file": PurePath(each["file"]).name} for each in told["annotations"]]
    return told


def _warnings(folder: Path, manifest: dict[str, Any]) -> Iterator[str]:
    if manifest["mock"]:
        yield "this is MOCK data: made by rules for tests and demos, not by a language model"
    elif manifest["mock"] is None:
        yield "of some of it nobody tells whether it is mock data"
    if manifest.get("pending"):
        yield f"the run is not finished: {manifest['pending']} are pending"
    try:
        front = (folder / CARD).read_text("utf-8").split("\n---\n")[0]
    except (OSError, UnicodeDecodeError):
        yield f"there is no card ({CARD})"
        return
    if not _TOLD.search(front):
        tells = "`datagen rebuild RUN --license NAME`" if "planned" in manifest else "`datagen export … --license NAME`"
        yield f"no licence is told: {tells} tells it"
