"""Where the shipped `prompts` and `samples` are: inside an installed wheel, or at the top of a checkout."""

from __future__ import annotations

from pathlib import Path

from datagen.errors import SetupError


def shipped(name: str) -> Path:
    """The folder `prompts` or `samples` that came with datagen. Raises SetupError in a broken installation."""
    package = Path(__file__).resolve().parent
    for folder in (package / "_data" / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise SetupError(f"this installation of datagen has no {name}/", "install datagen again")
