"""The card's front matter: what the Hub reads before it shows the rest, in YAML (hub-docs: datasetcard.md).

Every text is written in ASCII between quotes, much as JSON writes it: YAML reads the same text, whatever stands in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from datagen.cards.facts import Facts
from datagen.text import one_line

_SURROGATE = re.compile("[\ud800-\udfff]")
_KNOWN = """
    afl-3.0 agpl-3.0 apache-2.0 artistic-2.0 bsd bsd-2-clause bsd-3-clause bsl-1.0 c-uda cc cc-by-2.0 cc-by-2.5
    cc-by-3.0 cc-by-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0
    cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cc-by-nd-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc0-1.0 cdla-permissive-1.0
    cdla-permissive-2.0 cdla-sharing-1.0 ecl-2.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2 gfdl gpl gpl-2.0 gpl-3.0 isc
    lgpl lgpl-2.1 lgpl-3.0 mit mpl-2.0 ms-pl ncsa odbl odc-by ofl-1.1 openrail osl-3.0 other pddl unknown unlicense
    wtfpl zlib
"""
LICENSES = frozenset(_KNOWN.split())
"""Names that the Hub knows licences by; any other is told as `other`, with its name."""
_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
)


def front_matter(facts: Facts) -> str:
    """Between two lines of `---`."""
    told: dict[str, Any] = {
        **_license(facts.license),
        "pretty_name": facts.title,
        "annotations_creators": ["machine-generated"],
        "size_categories": [size_of(facts.records)],
        "task_categories": ["visual-question-answering", "image-text-to-text"],
        "tags": tags_of(facts),
    }
    if facts.configs:
        told["configs"] = [
            {
                "config_name": name,
                **({"default": True} if not number else {}),
                "data_files": [{"split": "train", "path": path}],
            }
            for number, (name, path) in enumerate(facts.configs.items())
        ]
    return "---\n" + "\n".join(_yaml(told)) + "\n---\n"


def _license(told: str | None) -> dict[str, str]:
    """Never guessed: without one the member is not there, and the card says that it is missing."""
    if told is None:
        return {}
    known = told.strip().lower()
    return {"license": known} if known in LICENSES else {"license": "other", "license_name": one_line(told)}


def size_of(records: int) -> str:
    """The Hub's word for so many records."""
    return next((word for bound, word in _SIZES if records < bound), "100M<n<1B")


def tags_of(facts: Facts) -> list[str]:
    """What it is found by; data of the mock is found as such."""
    usual = ["datagen", "image", "llava", "synthetic", "text", "visual-instruction-tuning"]
    return usual if facts.mock is False else [*usual, "mock" if facts.mock else "perhaps-mock"]


def _yaml(value: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """A mapping in block style: of texts, truths, lists of texts and lists of mappings."""
    for key, each in value.items():
        if not isinstance(each, list):
            yield f"{indent}{key}: {_written(each)}"
            continue
        yield f"{indent}{key}:"
        for item in each:
            if isinstance(item, Mapping):
                first, *rest = _yaml(item, f"{indent}  ")
                yield from (f"{indent}- {first.lstrip()}", *rest)
            else:
                yield f"{indent}- {_written(item)}"


def _written(value: str | bool) -> str:
    """A text or a truth. Of characters, JSON's pairs of surrogates are what YAML would read as two."""
    if isinstance(value, bool):
        return json.dumps(value)
    return '"' + "".join(map(_letter, _SURROGATE.sub("\ufffd", value))) + '"'


def _letter(letter: str) -> str:
    if ord(letter) > 0xFFFF:
        return f"\\U{ord(letter):08x}"
    return "\\x7f" if letter == "\x7f" else json.dumps(letter)[1:-1]
