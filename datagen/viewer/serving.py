"""`datagen view`: books opened, a server on 127.0.0.1, until interrupted."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datagen.errors import InputError, SetupError
from datagen.text import shown

if TYPE_CHECKING:
    import uvicorn

    from datagen.viewer.app import Site
    from datagen.viewer.books import Book

_NEEDED = ("starlette", "uvicorn", "jinja2")


def check_installed(needed: tuple[str, ...] = _NEEDED) -> None:
    """Raises SetupError that says how to install what is missing."""
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        raise SetupError(f"the viewer needs {', '.join(missing)}", "install it with: pip install 'datagen[view]'")


@contextmanager
def opened(target: Path, against: Path | None, images: Path | None, token: str, *, follow: bool) -> Iterator[Site]:
    """The site over a run or a file. Raises a DatagenError for what is not there. `follow`: keep up with what comes."""
    from datagen.viewer.app import Site

    if images is not None and not images.is_dir():
        raise InputError(shown(images), "", "there is no such folder of pictures", "give it with --images")
    books: list[Book] = [_book(target)]
    try:
        if against is not None:
            books.append(_book(against))
            if {book.kind for book in books} != {"run"}:
                raise SetupError("--against: both must be runs", "samples are paired by their picture and task")
        for book in books:
            book.start() if follow else book.catch_up()
        yield Site(books[0], _pictures(books[0], images), books[1] if against is not None else None, token)
    finally:
        for book in books:
            book.close()


def _book(path: Path) -> Book:
    """A run's folder or a file of training data. Raises a DatagenError that says what it is not."""
    from datagen.viewer.files import FileBook
    from datagen.viewer.runs import RunBook

    return RunBook(path) if path.is_dir() or not path.exists() else FileBook(path)


def _pictures(book: Any, images: Path | None) -> Any:
    """The folder that was given; else the run's own, or one beside its annotations."""
    from datagen.viewer.pictures import Pictures, likely_folder

    if images is None and book.kind == "run":
        told = book.asked["settings"].get("images")
        files = [entry["file"] for entry in book.asked["annotations"]]
        names = list(islice((each.query.image.file_name for each in book.shelf.planned(-1, 3)), 3))
        images = Path(told) if told and Path(told).is_dir() else likely_folder(files, names)
    return Pictures(images)


def listening_on(port: int) -> socket.socket:
    """A socket of this machine alone that is listened on already: whoever reads the address may come at once. Raises
    OSError when the port is taken."""
    # The protocol is named because asyncio sends small answers at once only where it is: else they wait 40 ms.
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(("127.0.0.1", port))
        made.listen(128)
    except OSError:
        made.close()
        raise
    return made


def server_for(site: Site, port: int) -> uvicorn.Server:
    """What serves a site; it is to be run on a socket that listens on `port`."""
    import uvicorn

    config = uvicorn.Config(
        site.app(port), log_level="warning", access_log=False, server_header=False, lifespan="off", ws="none",
        timeout_graceful_shutdown=1, h11_max_incomplete_event_size=65536,
    )  # fmt: skip
    return uvicorn.Server(config)


def view(
    target: Path,
    *,
    against: Path | None = None,
    images: Path | None = None,
    port: int = 0,
    ready: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve the viewer on 127.0.0.1 until interrupted; `ready` is called with the address, which holds the token for
    verdicts. Port 0 takes a free one. Raises a DatagenError; OSError when the port is taken."""
    check_installed()
    token = secrets.token_urlsafe(24)
    with listening_on(port) as listening:
        taken = listening.getsockname()[1]
        with opened(target, against, images, token, follow=True) as site:
            server = server_for(site, taken)
            ready(f"http://127.0.0.1:{taken}/#token={token}")
            server.run(sockets=[listening])
