"""What the tests of the prompting wing share: prompt folders made of a few words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Make = Callable[..., Path]


@pytest.fixture
def make_task(tmp_path: Path) -> Make:
    """`make_task("name", {"system_message.txt": "Hi."})` makes `prompts/name`; a file that is None is left out."""

    def make(name: str = "talk", files: dict[str, str | bytes | None] | None = None) -> Path:
        folder = tmp_path / "prompts" / name
        folder.mkdir(parents=True)
        whole: dict[str, str | bytes | None] = {
            "system_message.txt": "Talk.",
            "000_caps.txt": "A cat.\n\ncat: [0.1, 0.2, 0.3, 0.4]",
            "000_conv.txt": "Question:\nWho?\n===\nAnswer:\nA cat.",
        }
        for file, content in {**whole, **(files or {})}.items():
            if content is not None:
                (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    return make
