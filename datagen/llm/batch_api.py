"""The files and batches of an OpenAI-compatible provider, through the openai client: nothing is decided here.

Files go up from a handle and come down as a stream, so that none is ever whole in memory. What only asks is tried again
(tenacity); what makes something is sent once, because a second time might make it twice: whoever called knows how to
look. Nothing follows a redirect, and the key stands in no message.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeVar

import tenacity

from datagen.errors import ProviderError
from datagen.llm.headers import retry_after
from datagen.llm.refusals import KEY_HINT, is_quota, said_by
from datagen.text import shown

if TYPE_CHECKING:
    import openai

T = TypeVar("T")

ENDPOINT: Final = "/v1/chat/completions"
"""What each line of a batch is for, and the batch itself."""
LOOKS = 6
"""How often it is asked for something that does not come."""
_PIECE = 1 << 20


class Unreachable(Exception):
    """Nobody answered, or not in a way that tells anything; `wait` is what the provider asked for, in seconds."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class NotThere(Exception):
    """The provider says that there is no such thing: not yet, or not any more."""


class RemoteFile(NamedTuple):
    """A file at the provider's."""

    id: str
    name: str
    bytes: int | None


class Complaint(NamedTuple):
    """Why a provider would not run a batch."""

    code: str
    message: str
    line: int | None
    """Of the file of requests, from 1; None where it is about the whole."""


class RemoteBatch(NamedTuple):
    """A batch at the provider's."""

    id: str
    status: str
    metadata: dict[str, str]
    output: str | None
    errors: str | None
    done: int | None
    """Requests that it is done with, well or badly; None where it does not tell."""
    complaints: tuple[Complaint, ...] = ()


class Provider(Protocol):
    """What a provider of batches can be asked. Raises ProviderError, Unreachable, and NotThere where it is said."""

    def upload(self, path: Path, name: str) -> str:
        """The id of a new file. Sent once."""
        ...

    def files(self) -> Iterator[RemoteFile]:
        """The files of requests that are there."""
        ...

    def create(self, file: str, metadata: dict[str, str]) -> RemoteBatch:
        """A new batch over a file. Sent once. NotThere: the file cannot be seen."""
        ...

    def batches(self) -> Iterator[RemoteBatch]:
        """All that are there, the newest first."""
        ...

    def batch(self, batch: str) -> RemoteBatch:
        """How one stands, or NotThere."""
        ...

    def cancel(self, batch: str) -> RemoteBatch:
        """End it before its time, or NotThere."""
        ...

    def download(self, file: str, path: Path) -> None:
        """A file's bytes to `path`, on disk and whole; or NotThere."""
        ...

    def close(self) -> None:
        """Give connections back."""
        ...


class OpenAIBatches:
    """`/files` and `/batches`; `timeout` seconds without a byte are too many."""

    def __init__(self, base_url: str | None, api_key: str | None, timeout: float, pause: Callable[[float], None]):
        import httpx2
        import openai  # half a second of CPU

        self._openai, self._key, self._pause = openai, api_key, pause
        self._broken = (openai.APIConnectionError, httpx2.HTTPError, OSError)
        self._client = openai.OpenAI(
            api_key=api_key or "none",
            base_url=base_url or "https://api.openai.com/v1",  # never from the environment behind our back
            max_retries=0,
            timeout=timeout,
            http_client=openai.DefaultHttpxClient(follow_redirects=False),
        )
        self.address = str(self._client.base_url)

    def upload(self, path: Path, name: str) -> str:
        with path.open("rb") as file:
            made = self._once(lambda: self._client.files.create(file=(name, file), purpose="batch"))
        return _text(made, "id") or self._nonsense("a file")

    def files(self) -> Iterator[RemoteFile]:
        for each in self._paged(lambda after: self._client.files.list(purpose="batch", limit=1000, **after)):
            size = getattr(each, "bytes", None)
            yield RemoteFile(_text(each, "id"), _text(each, "filename"), size if type(size) is int else None)

    def create(self, file: str, metadata: dict[str, str]) -> RemoteBatch:
        return self._read(
            self._once(
                lambda: self._client.batches.create(
                    input_file_id=file, endpoint=ENDPOINT, completion_window="24h", metadata=metadata
                )
            )
        )

    def batches(self) -> Iterator[RemoteBatch]:
        return map(self._read, self._paged(lambda after: self._client.batches.list(limit=100, **after)))

    def batch(self, batch: str) -> RemoteBatch:
        return self._read(self._often(lambda: self._client.batches.retrieve(batch)))

    def cancel(self, batch: str) -> RemoteBatch:
        return self._read(self._often(lambda: self._client.batches.cancel(batch)))

    def download(self, file: str, path: Path) -> None:
        """A body that was cut off on its way may say nothing of it: it is held against what the list has."""
        told = self._size(file)
        for _ in range(LOOKS):
            self._often(lambda: self._stream(file, path))
            if told in (None, path.stat().st_size):
                return
            self._pause(1.0)

    def _size(self, file: str) -> int | None:
        try:
            size = self._often(lambda: self._client.files.retrieve(file)).bytes
        except (NotThere, ProviderError, AttributeError):  # who does not tell, and who answers with something else
            return None
        return size if type(size) is int and size > 0 else None

    def close(self) -> None:
        self._client.close()

    def _stream(self, file: str, path: Path) -> None:
        part = path.with_name(f".{path.name}.part")
        with self._client.files.with_streaming_response.content(file) as answer, part.open("wb") as out:
            for piece in answer.iter_bytes(_PIECE):
                with _ours(part):
                    out.write(piece)
            with _ours(part):
                out.flush()
                os.fsync(out.fileno())
        part.replace(path)

    def _paged(self, page: Callable[[dict[str, Any]], Any]) -> Iterator[Any]:
        """All of a list, a page at a time. Ended by what the provider says, and by a page that brings nothing new."""
        after: dict[str, Any] = {}
        while True:
            found = self._often(lambda after=after: page(after))  # type: ignore[misc]
            data = getattr(found, "data", None)
            if not isinstance(data, list):
                raise Unreachable(f"{self.address} answers with something that is not a list")
            yield from data
            last = _text(data[-1], "id") if data else ""
            if not last or not getattr(found, "has_more", False) or after.get("after") == last:
                return
            after = {"after": last}

    def _often(self, call: Callable[[], T]) -> T:
        """What only asks may be asked again."""
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(Unreachable),
            wait=_wait,
            stop=tenacity.stop_after_attempt(LOOKS),
            sleep=self._pause,
            reraise=True,
        )
        return retrying(lambda: self._once(call))

    def _once(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except self._openai.APIStatusError as error:
            raise self._refused(error) from error
        except self._openai.OpenAIError as error:
            raise Unreachable(self._without_key(shown(str(error.__cause__ or error), 200))) from error
        except self._broken as error:
            if isinstance(error, OSError) and error.filename is not None:
                raise  # a file of ours, and not the network
            raise Unreachable(self._without_key(shown(str(error) or type(error).__name__, 200))) from error
        except ValueError as error:  # an answer that is no JSON
            raise Unreachable(f"an answer that cannot be read: {shown(error, 100)}") from error

    def _refused(self, error: openai.APIStatusError) -> Exception:
        status, code, told = error.status_code, str(error.code or ""), self._without_key(said_by(error))
        if is_quota(status, code):
            return ProviderError(
                f"{self.address}: the account has no quota left: {told}", "nothing is lost; add credit"
            )
        if status in (408, 409, 429) or status >= 500:
            return Unreachable(f"{status}: {told}", retry_after(error.response.headers))
        if status == 401:
            return ProviderError(f"{self.address}: the key was not accepted (401): {told}", KEY_HINT)
        if status == 404 or (status == 400 and "file" in told.lower()):
            return NotThere(f"{status}: {told}")
        hint = "does this provider take batches of this model? without --batch it is asked request by request"
        return ProviderError(f"{self.address}: refuses ({status}): {told}", hint)

    def _without_key(self, text: str) -> str:
        return text.replace(self._key, "***") if self._key and len(self._key) >= 8 else text

    def _nonsense(self, what: str) -> Any:
        raise Unreachable(f"{self.address} answers with something that is not {what}")

    def _read(self, told: Any) -> RemoteBatch:
        """A batch, whatever a compatible server leaves out or makes of it."""
        batch_id, status = _text(told, "id"), _text(told, "status")
        if not batch_id or not status:
            self._nonsense("a batch")
        metadata = getattr(told, "metadata", None)
        counts = getattr(told, "request_counts", None)
        done = [getattr(counts, name, None) for name in ("completed", "failed")]
        return RemoteBatch(
            batch_id,
            status,
            {str(name): str(value) for name, value in metadata.items()} if isinstance(metadata, dict) else {},
            _text(told, "output_file_id") or None,
            _text(told, "error_file_id") or None,
            sum(done) if all(type(each) is int for each in done) else None,  # type: ignore[arg-type]
            tuple(map(_complaint, getattr(getattr(told, "errors", None), "data", None) or ())),
        )


@contextmanager
def _ours(path: Path) -> Iterator[None]:
    """What goes wrong with a file of ours is told from what goes wrong on the network: it has a name."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _wait(state: tenacity.RetryCallState) -> float:
    """As long as the provider asks for, up to a minute; else a time that grows."""
    error = state.outcome.exception() if state.outcome is not None else None
    asked = error.wait if isinstance(error, Unreachable) else None
    return min(60.0, asked) if asked is not None else min(30.0, 0.5 * 2.0**state.attempt_number)


def _text(told: Any, name: str) -> str:
    value = getattr(told, name, None)
    return value if isinstance(value, str) else ""


def _complaint(told: Any) -> Complaint:
    line = getattr(told, "line", None)
    message = shown(getattr(told, "message", None) or "no reason is told", 200)
    return Complaint(shown(getattr(told, "code", None) or "", 60), message, line if type(line) is int else None)
