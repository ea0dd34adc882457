"""Any OpenAI-compatible server, through the openai client: its authentication, addresses and error classes.

Requests are bytes already, so they go through `client.post` and not through `create()`, which would take them apart and
put them together again. The client never retries (`max_retries=0`): a retry that nobody counted may be billed twice.
Nothing follows a redirect, so a key cannot be carried to another host.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from datagen.errors import ProviderError
from datagen.llm import wire
from datagen.llm.headers import retry_after, windows
from datagen.llm.refusals import KEY_HINT, is_moderated, is_quota, is_too_long, said_by
from datagen.schema import Failure, Request, Response, Window
from datagen.text import shown

if TYPE_CHECKING:
    import openai


class OpenAIChat:
    """`POST /chat/completions`; `timeout` seconds a request, and at most `connections` of them at a time."""

    def __init__(self, base_url: str | None, api_key: str | None, timeout: float, connections: int = 32) -> None:
        import openai  # half a second of CPU

        from datagen.llm.carrier import BODY, HEADERS, Carrier, Client

        self._openai, self._key, self._timeout = openai, api_key, timeout
        self._body, self._headers = BODY, HEADERS
        self._client = Client(
            api_key=api_key or "none",
            base_url=base_url or "https://api.openai.com/v1",  # never from the environment behind our back
            max_retries=0,
            timeout=timeout,
            http_client=Carrier(connections, connect_timeout=min(timeout, 10.0)),
        )
        self.address = str(self._client.base_url)
        self._url = f"{self.address.rstrip('/')}/chat/completions"
        self._options: Any = {  # all that there are: what is left out is made anew for each request
            "headers": {},
            "params": {},
            "timeout": timeout,
            "max_retries": 0,
            "follow_redirects": False,
            "extra_json": None,
            "idempotency_key": "none",  # never sent
        }

    async def ask(self, request: Request) -> Response:
        """One send. Raises ProviderError for a bad key, an unknown model or address, and an empty account."""
        openai = self._openai
        try:
            async with asyncio.timeout(self._timeout):  # of everything: bytes that trickle for ever are no answer
                answer = await self._client.send(self._url, request.body, self._options)
        except openai.APIStatusError as error:
            return self._refused(request, error)
        except TimeoutError:
            message = f"no whole answer in {self._timeout:g} seconds"
            return _failed(request, "timeout", message, again=True, perhaps_billed=True)
        except Exception as error:  # whatever the transport makes of a broken answer: openai does not wrap it all
            return self._unreached(request, error)
        headers = answer.extensions[self._headers]
        request_id = self._without_key(headers.get("x-request-id", ""))
        return wire.read(request.id, self._kept(answer.extensions[self._body]), request_id or None, windows(headers))

    async def aclose(self) -> None:
        await self._client.close()

    def _kept(self, raw: bytes) -> bytes:
        """A body without the key, should a proxy quote it. A key as short as a word (`none`, `EMPTY`) is no secret, and
        is left alone: it would be cut out of the answer."""
        return raw.replace(self._key.encode(), b"***") if self._key and len(self._key) >= 16 else raw

    def _without_key(self, text: str) -> str:
        """Providers quote a key that they do not know."""
        return text.replace(self._key, "***") if self._key and len(self._key) >= 8 else text

    def _refused(self, request: Request, error: openai.APIStatusError) -> Response:
        status, code, said = error.status_code, str(error.code or ""), self._without_key(said_by(error))
        if is_quota(status, code):
            raise ProviderError(f"{self.address}: the account has no quota left: {said}", "nothing is lost; add credit")
        if status == 401 or (status == 403 and "key" in said.lower()):
            raise ProviderError(f"{self.address}: the key was not accepted ({status}): {said}", KEY_HINT)
        if is_moderated(status, said):
            return _failed(request, "moderated", said, again=False)
        if status == 403:
            raise ProviderError(
                f"{self.address}: access was refused (403): {said}", "does this account have the model?"
            )
        if status in (404, 405):
            hint = "check --model, and that --base-url ends where /chat/completions begins, often in /v1"
            raise ProviderError(f"{self.address}: no such model or address ({status}): {said}", hint)
        if status < 400:
            raise ProviderError(f"{self.address}: answers with a redirect ({status})", "give the address it leads to")
        headers = error.response.headers
        if status == 429:
            told = windows(headers)
            return _failed(request, "rate-limited", said, again=True, wait=retry_after(headers), told=told)
        if status in (408, 409) or status >= 500:
            return _failed(request, "server-error", f"{status}: {said}", again=True, wait=retry_after(headers))
        return _failed(
            request, "too-long" if is_too_long(code, said) else "bad-request", f"{status}: {said}", again=False
        )

    def _unreached(self, request: Request, error: Exception) -> Response:
        """A connection that was never made, which nobody bills, or one that broke, which somebody may."""
        cause = error.__cause__ or error
        message = self._without_key(shown(str(cause) or type(cause).__name__, 200))
        made = type(cause).__name__ != "ConnectError"
        return _failed(request, "connection", message, again=True, perhaps_billed=made)


def _failed(
    request: Request,
    reason: str,
    message: str,
    *,
    again: bool,
    wait: float | None = None,
    perhaps_billed: bool = False,
    told: tuple[Window, ...] = (),
) -> Response:
    failure = Failure(reason=reason, message=message, again=again, wait=wait, perhaps_billed=perhaps_billed)
    return Response(query_id=request.id, error=failure, windows=told)
