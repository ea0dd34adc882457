"""What a trial stands on that is not installed with datagen: asked for before anything is read, imported quietly."""

from __future__ import annotations

import importlib
import os
from importlib.metadata import version

from datagen.errors import SetupError
from datagen.text import shown

PACKAGES = ("torch", "transformers", "tokenizers")
INSTALL = (
    "pip install 'datagen[train]'; where there is no GPU, before that: "
    "pip install torch --index-url https://download.pytorch.org/whl/cpu, which spares gigabytes of CUDA"
)


def ready() -> dict[str, str]:
    """Import what is needed; returns its versions. Raises SetupError where something is missing or broken."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    for name in PACKAGES:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            raise SetupError(f"a trial needs {', '.join(PACKAGES)}: there is no {error.name}", INSTALL) from error
        except Exception as error:  # a half-installed torch raises whatever it comes to
            raise SetupError(f"{name} cannot be imported: {shown(error)}", f"install it again: {INSTALL}") from error
    return {name: version(name) for name in PACKAGES}
