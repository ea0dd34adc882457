"""The command line: `datagen` and its commands. It uses what `import datagen` offers, like any other program would.

Data goes to stdout, everything for people to stderr. A DatagenError becomes its message, its hint and its exit code;
a traceback is a bug.
"""

from datagen.cli.app import main

__all__ = ["main"]
