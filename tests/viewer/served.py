"""A viewer that is served in this process, asked over real HTTP; and runs that hold whatever a test puts into them."""

from __future__ import annotations

import http.client
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from datagen.viewer.serving import listening_on, opened, server_for

TOKEN = "only-for-tests"


class Got(NamedTuple):
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Viewer:
    """A viewer at `address`."""

    def __init__(self, port: int, site: Any) -> None:
        self.port, self.site = port, site
        self.address = f"http://127.0.0.1:{port}"

    def get(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Got:
        """One request on a connection of its own; header names with `_` for `-`."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body=body, headers=told)
            answer = connection.getresponse()
            return Got(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def items(self, query: str = "") -> list[dict[str, Any]]:
        """A list's first page."""
        items: list[dict[str, Any]] = self.get(f"/api/list?{query}").json["items"]
        return items

    def label(self, key: str, verdict: object, note: object = "", token: str = TOKEN, **headers: str) -> Got:
        """Say something of a sample."""
        told = {"content_type": "application/json", "x_datagen_token": token, **headers}
        return self.get(f"/api/label/{key}", "POST", json.dumps({"verdict": verdict, "note": note}).encode(), **told)


@contextmanager
def served(
    target: Path, *, images: Path | None = None, against: Path | None = None, follow: bool = False, token: str = TOKEN
) -> Iterator[Viewer]:
    """A viewer over `target`, ready: its index holds all there is unless it is to `follow`."""
    with listening_on(0) as listening, opened(target, against, images, token, follow=follow) as site:
        port = listening.getsockname()[1]
        server = server_for(site, port)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:
                thread.join(0.01)
            yield Viewer(port, site)
        finally:
            server.should_exit = True
            thread.join(20)


def rewrite(run: Path, told: Callable[[sqlite3.Connection], None]) -> None:
    """Change a run's ledger behind its back, as no part of datagen would."""
    db = sqlite3.connect(run / "ledger.db")
    with db:
        told(db)
    db.close()


def completion(text: str, **more: Any) -> bytes:
    """A chat completion's body."""
    told = {
        "id": "x", "model": "m", "choices": [{"message": {"content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 5}, **more,
    }  # fmt: skip
    return json.dumps(told).encode()
