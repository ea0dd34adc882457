"""The viewer as `datagen view` serves it, and beside it a folder of static files: one server, so that they compare."""

from __future__ import annotations

import sys
from pathlib import Path

from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from datagen.viewer.serving import listening_on, opened, server_for


def main() -> None:
    """Serve the run in argv[1] and the folder in argv[2] under /twin; print the port."""
    run, static = map(Path, sys.argv[1:3])
    with listening_on(0) as listening, opened(run, None, None, "", follow=True) as site:
        port = listening.getsockname()[1]
        guard = site.app(port)
        guard._app.router.routes.append(Mount("/twin", StaticFiles(directory=static)))
        site.app = lambda _port: guard  # type: ignore[method-assign]
        print(port, flush=True)
        server_for(site, port).run(sockets=[listening])


if __name__ == "__main__":
    main()
