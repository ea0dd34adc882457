"""How a file that cannot be used is refused: an InputError that names it, in one line, with exit code 2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from datagen.errors import InputError


def refusal(path: Path, load: Any) -> InputError:
    """The error that reading `path` ends in; it must be as all of them are."""
    with pytest.raises(InputError) as caught:
        load(path)
    assert caught.value.file == str(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2
    return caught.value
