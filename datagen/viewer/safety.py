"""Who may ask, and what a page may do: the Host, the Origin, and the headers of every answer.

A page elsewhere can have a browser send requests here; it is refused by the Origin it must tell, or, where it gave this
machine a name of its own, by that name. What is shown may run nothing, fetch nothing and be framed by nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS: Mapping[str, str] = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "x-frame-options": "DENY",
}
"""Of every answer."""


class Guard:
    """ASGI: lets through what comes from this machine's own pages, and puts the headers on what goes back."""

    def __init__(self, app: Any, port: int) -> None:
        self._app = app
        self._hosts = {f"{name}:{port}".encode() for name in ("127.0.0.1", "localhost")}
        self._origins = {b"http://" + host for host in self._hosts}
        self._headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        async def marked(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self._headers]
            await send(message)

        if self._allows(scope):
            await self._app(scope, receive, marked)
        else:
            await _refuse(marked)

    def _allows(self, scope: Any) -> bool:
        told: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            told.setdefault(name, []).append(value)
        hosts = told.get(b"host", [])
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return False
        if any(origin.lower() not in self._origins for origin in told.get(b"origin", ())):
            return False
        if scope["method"] not in ("GET", "HEAD") and told.get(b"sec-fetch-site", [b"same-origin"]) != [b"same-origin"]:
            return False
        return scope["method"] in ("GET", "HEAD", "POST")


async def _refuse(send: Any) -> None:
    body = b"datagen view: only its own pages on this machine are served\n"
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
