"""Croissant metadata (MLCommons, version 1.0): the same facts in JSON-LD, for programs that look for data sets.

Each file stands there with its sha256; the records of LLaVA's own file and of the chat messages are described so that
mlcroissant reads them. Words of the vocabulary are those of docs.mlcommons.org/croissant/docs/croissant-spec.html.
"""

from __future__ import annotations

from typing import Any

from datagen.cards.card import MOCK, PERHAPS
from datagen.cards.facts import Facts, File
from datagen.cards.front import tags_of

CROISSANT = "croissant.json"
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_KINDS = (
    (".jsonl", "application/jsonlines"),
    (".json", "application/json"),
    (".parquet", "application/x-parquet"),
    (".tar", "application/x-tar"),
    (".md", "text/markdown"),
)
_URLS = {
    "apache-2.0": "https://www.apache.org/licenses/LICENSE-2.0",
    "mit": "https://opensource.org/license/mit",
    "cc0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    **{
        f"cc-{kind}-{version}": f"https://creativecommons.org/licenses/{kind}/{version}/"
        for kind in ("by", "by-sa", "by-nc", "by-nc-sa", "by-nd", "by-nc-nd")
        for version in ("3.0", "4.0")
    },
}


def croissant(facts: Facts) -> dict[str, Any]:
    """The whole of croissant.json. Without a licence or a date that was told, it has none."""
    told: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "datagen-mock" if facts.mock else "datagen",
        "alternateName": facts.title,
        "description": _description(facts),
        "version": "1.0.0",
        "keywords": tags_of(facts),
        "isLiveDataset": False,
    }
    if facts.license is not None:
        told["license"] = _URLS.get(facts.license.strip().lower(), facts.license)
    if facts.dates:
        told["dateCreated"] = told["datePublished"] = facts.dates[-1]
    told["distribution"] = [_file(file) for file in facts.files]
    told["recordSet"] = [made for file in facts.files if (made := _records(file))]
    return told


def _description(facts: Facts) -> str:
    warning = {True: f"{MOCK} ", False: "", None: f"{PERHAPS} "}[facts.mock]
    writer = f" Written by {', '.join(facts.answered_by)}." if facts.answered_by else ""
    return f"{warning}{facts.records:,} records of visual instruction data, made by datagen {facts.datagen}.{writer}"


def _file(file: File) -> dict[str, Any]:
    kind = next((kind for ending, kind in _KINDS if file.name.endswith(ending)), "application/octet-stream")
    return {
        "@type": "cr:FileObject",
        "@id": file.name,
        "name": file.name,
        "contentUrl": file.name,
        "contentSize": f"{file.bytes} B",
        "encodingFormat": kind,
        "sha256": file.sha256,
    }


def _records(file: File) -> dict[str, Any] | None:
    """How one of the two files that a run has is read, one row a record."""
    if file.name == "llava.json":
        fields = {"id": {"jsonPath": "$[*].id"}, "image": {"jsonPath": "$[*].image"}}
    elif file.name == "messages.jsonl":
        fields = {"id": {"column": "id"}}
    else:
        return None
    name = file.name.partition(".")[0]
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/{field}",
                "name": field,
                "dataType": "sc:Text",
                "source": {"fileObject": {"@id": file.name}, "extract": extract},
            }
            for field, extract in fields.items()
        ],
    }
