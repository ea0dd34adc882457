"""The pages and what they ask for: lists, samples, pictures, and one thing that is written, a person's verdict.

Pages are a shell with the first answer in it; static/*.js draws from the same JSON that it later asks for. It knows
books (books.py) and no ledger.
"""

from __future__ import annotations

import hmac
import json
import mimetypes
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from datagen.errors import DatagenError
from datagen.labels import LONGEST_NOTE, VERDICTS, Verdict
from datagen.version import __version__
from datagen.viewer.books import Book
from datagen.viewer.pictures import Picture, Pictures
from datagen.viewer.safety import Guard
from datagen.viewer.search import PAGE, Wanted

STATIC = Path(__file__).parent / "static"
_BODY = 64 * 1024
mimetypes.add_type("text/javascript", ".js")  # some systems' tables say otherwise, and nosniff holds browsers to it


def templates() -> Environment:
    """The pages' templates; whatever goes into one is escaped."""
    return Environment(
        loader=PackageLoader("datagen.viewer", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
    )


class Site:
    """One book, perhaps another to hold beside it, and their pictures."""

    def __init__(self, book: Book, pictures: Pictures, other: Book | None = None, token: str = "") -> None:
        self.book, self.pictures, self.other, self._token = book, pictures, other, token
        self._page = templates().get_template("page.html")

    def app(self, port: int) -> Any:
        """The ASGI application, guarded."""
        get = ["GET"]
        routes = [
            Route("/", self.front, methods=get),
            Route("/s/{key}", self.page, methods=get),
            Route("/api/list", self.list, methods=get),
            Route("/api/status", self.status, methods=get),
            Route("/api/sample/{key}", self.sample, methods=get),
            Route("/api/label/{key}", self.label, methods=["POST"]),
            Route("/picture/{key}", self.picture, methods=get),
            Route("/thumb/{key}", self.thumb, methods=get),
            Route("/favicon.ico", _icon, methods=get),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]
        return Guard(Starlette(routes=routes, exception_handlers={DatagenError: _told}), port)

    def front(self, request: Request) -> Response:
        """The list."""
        return self._shell({"sample": None})

    def page(self, request: Request) -> Response:
        """A sample's own page."""
        told = self.facts(request.path_params["key"])
        return self._shell({"sample": told}, 200 if told is not None else 404)

    def _shell(self, first: dict[str, Any], status: int = 200) -> Response:
        first |= {"site": self.about()}
        sample = first["sample"]
        title = f"{sample['id']} · {self.book.name}" if sample else self.book.name
        return Response(self._page.render(title=title, first=first), status, media_type="text/html")

    def about(self) -> dict[str, Any]:
        """What the pages know from the beginning."""
        other = self.other
        return {
            "name": self.book.name,
            "kind": self.book.kind,
            "about": self.book.about(),
            "other": None if other is None else {"name": _apart(other, self.book), "about": other.about()},
            "writes": bool(self._token),
            "version": __version__,
        }

    def facts(self, key: str) -> dict[str, Any] | None:
        """A sample with its label, and the one beside it."""
        told = self.book.sample(key)
        if told is None:
            return None
        self._add(told, self.book)
        if self.other is not None:
            pair = self.other.lists.paired(told["image"]["id"], told["task"], told["draw"])
            beside = None if pair is None else self.other.sample(pair)
            told["beside"] = None if beside is None else self._add(beside, self.other)
        return told

    def _add(self, told: dict[str, Any], book: Book) -> dict[str, Any]:
        label = book.labels.of(told["key"] if book.kind == "run" else "", told["id"])
        told["label"] = None if label is None else label._asdict()
        told["image"]["there"] = self.pictures.has(told["image"]["name"])
        return told

    def list(self, request: Request) -> Response:
        """A page of samples: after a number, before one, or around a key."""
        asked = request.query_params
        wanted = Wanted(*(asked.get(name, "")[:400] for name in Wanted._fields))
        lists = self.book.lists
        told: dict[str, Any] = {}
        if "before" in asked:
            told["items"] = lists.before(wanted, _number(asked["before"]))
        elif "after" in asked:
            told["items"] = lists.page(wanted, _number(asked["after"]))
        elif (around := lists.number(asked["around"]) if "around" in asked else None) is not None:
            near = lists.before(wanted, around, PAGE // 3)
            after = near[0]["n"] - 1 if near else around - 1
            told |= {"before": lists.count(wanted, below=after + 1), "items": lists.page(wanted, after)}
            told["count"] = lists.count(wanted)
        else:
            told["items"], told["count"] = lists.first(wanted)
        return _json(told)

    def status(self, request: Request) -> Response:
        """What there is of each kind, and whether more is coming."""
        if request.query_params.get("seen") == str(self.book.index.changes):
            return _json({"changes": self.book.index.changes})
        return _json(self.book.status())

    def sample(self, request: Request) -> Response:
        """One sample whole."""
        told = self.facts(request.path_params["key"])
        return _json(told) if told is not None else _json({"error": "there is no such sample"}, 404)

    def picture(self, request: Request) -> Response:
        """A sample's picture."""
        return self._pictured(request, self.pictures.whole)

    def thumb(self, request: Request) -> Response:
        """A sample's picture, small."""
        return self._pictured(request, self.pictures.thumb)

    def _pictured(self, request: Request, draw: Any) -> Response:
        name = self.book.picture(request.path_params["key"])
        found = cast(Picture | None, draw(name)) if name else None
        if found is None:
            return Response(status_code=204)  # nothing to complain of: many have the annotations only
        return Response(found.data, headers={"content-type": found.kind, "cache-control": "private, max-age=300"})

    async def label(self, request: Request) -> Response:
        """What a person says of a sample, if the token of this session comes with it."""
        given = request.headers.get("x-datagen-token", "")
        if not self._token or not hmac.compare_digest(given.encode(), self._token.encode()):
            return _json({"error": "open the address that datagen view printed: its token is missing"}, 403)
        if request.headers.get("content-type", "").split(";")[0] != "application/json":
            return _json({"error": "application/json only"}, 415)
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _BODY:
                return _json({"error": "that is too long"}, 413)
        return self._keep(request.path_params["key"], body)

    def _keep(self, key: str, body: bytes) -> Response:
        item = self.book.lists.item(key)
        if item is None:
            return _json({"error": "there is no such sample"}, 404)
        try:
            told = json.loads(body)
            verdict, note = told["verdict"], told["note"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return _json({"error": "a verdict and a note are expected"}, 422)
        if verdict not in (*VERDICTS, None) or not isinstance(note, str) or len(note) > LONGEST_NOTE:
            return _json({"error": "a verdict is keep, reject or null, a note 4,000 characters at most"}, 422)
        query_id = key if self.book.kind == "run" else ""
        if not query_id and not item["id"]:
            return _json({"error": "this record has no id that a label could be kept under"}, 409)
        try:
            kept = self.book.labels.add(query_id, item["id"], cast(Verdict | None, verdict), note)
        except DatagenError as error:
            return _json({"error": str(error)}, 507)
        self.book.read_labels()
        return _json(kept._asdict())


def _apart(other: Book, book: Book) -> str:
    return other.name if other.name != book.name else str(other.path)


def _number(told: str) -> int:
    return int(told) if told.removeprefix("-").isdecimal() and len(told) < 15 else -1


def _json(told: object, status: int = 200) -> Response:
    data = json.dumps(told, separators=(",", ":")).encode()
    return Response(data, status, headers={"content-type": "application/json", "cache-control": "no-store"})


async def _told(_request: Request, error: Exception) -> Response:
    """What is wrong with the run or the file, where a page would be."""
    return _json({"error": f"{error} ({error.hint})" if isinstance(error, DatagenError) else ""}, 500)


def _icon(_request: Request) -> Response:
    return Response(status_code=204)
