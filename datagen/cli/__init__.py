"""The command line: `datagen` and its commands. It uses what `import datagen` offers, like any other program would.

Data goes to stdout, everything for people to stderr. A DatagenError becomes its message, its hint and its exit code;
a traceback is a bug.
"""

import os
import sys

__all__ = ["main"]


def main() -> None:
    """Run the program; does not return. Its parts are imported here, so that Ctrl-C is met quietly meanwhile too."""
    os.environ.setdefault(
        "OPENBLAS_NUM_THREADS", "1"
    )  # numpy would start one for each core, and nothing here needs them
    try:
        from datagen.cli.app import run
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(run())
