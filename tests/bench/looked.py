"""The viewer as `datagen view` serves it, and beside it a folder of static files: one server, so that they compare."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from datagen.viewer.serving import opened, server_for


def main() -> None:
    """Serve the run in argv[1] and the folder in argv[2] under /twin; print the port."""
    run, static = map(Path, sys.argv[1:3])
    with socket.socket() as listening, opened(run, None, None, "", follow=True) as site:
        listening.bind(("127.0.0.1", 0))
        listening.listen(16)
        port = listening.getsockname()[1]
        guard = site.app(port)
        guard._app.router.routes.append(Mount("/twin", StaticFiles(directory=static)))
        site.app = lambda _port: guard  # type: ignore[method-assign]
        print(port, flush=True)
        server_for(site, port).run(sockets=[listening])


if __name__ == "__main__":
    main()
