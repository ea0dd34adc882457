"""What there is to say of a data set, and where it is said already: the manifest of a run or of an export.

Plain values only. Nothing is guessed: what a manifest does not tell is not told here either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any, NamedTuple

DEFAULTS = ("parquet", "messages", "llava")
"""Which of several forms the Hub shows: the first of these that is there."""
PRIVATE = ("rejects.jsonl", "LOADING.md", "internvl_meta.json")
"""Files that are no part of the data set: replies that were not kept, with what providers said of whom, and lines with
the paths of one machine."""
_FORMS = {
    "llava.json": "llava",
    "messages.jsonl": "messages",
    "llava.jsonl": "llava-jsonl",
    "llamafactory.json": "llamafactory",
    "swift.jsonl": "swift",
    "trl.jsonl": "trl",
    "axolotl.jsonl": "axolotl",
    "internvl.jsonl": "internvl",
    "qwen.json": "qwen",
    "openai.jsonl": "openai",
    "pretrain.json": "pretrain",
}
_FOLDERS = {"parquet": "parquet/*.parquet", "webdataset": "webdataset/*.tar", "imagefolder": "imagefolder/**"}


class File(NamedTuple):
    """One file of the data set."""

    name: str
    sha256: str
    bytes: int


class Facts(NamedTuple):
    """All that a card and its Croissant are made from."""

    title: str
    mock: bool | None
    """Whether any of it is the mock's; None where of some nobody tells."""
    records: int
    kinds: Mapping[str, int]
    """Records by task."""
    files: tuple[File, ...]
    configs: Mapping[str, str]
    """Name of a form → the files that hold it, as the Hub writes such patterns. The first is the default."""
    datagen: str
    """Its version."""
    license: str | None = None
    """As it was told; None where nobody did."""
    models: tuple[str, ...] = ()
    """That were asked for."""
    answered_by: tuple[str, ...] = ()
    """That said they answered."""
    dates: tuple[str, ...] = ()
    """Days of the first and the last answer; one where they are the same."""
    parameters: Mapping[str, Any] = {}
    """Of the requests, and of what was drawn."""
    prompts: Mapping[str, str] = {}
    """Task → digest of its prompts."""
    sources: Mapping[str, str] = {}
    """File → digest, of what it was made from."""
    planned: int | None = None
    rejected: Mapping[str, int] = {}
    failed: Mapping[str, int] = {}
    dollars: float | None = None
    """None where nobody knows."""
    losses: Mapping[str, Mapping[str, int]] = {}
    """Form → what it could not say, and of how many records."""
    loading: Mapping[str, str] = {}
    """Heading → the lines to paste."""


def facts_of(
    manifest: Mapping[str, Any],
    *,
    license: str | None = None,
    title: str = "",
    loading: Mapping[str, str] | None = None,
) -> Facts:
    """What a manifest says, a run's or an export's. `license` is for what it is told of now; else what was told before
    of all that it is made from holds."""
    runs: Sequence[Mapping[str, Any]] = manifest.get("made_by") or ([manifest] if "model" in manifest else [])
    files = tuple(
        File(name, told["sha256"], told["bytes"]) for name, told in manifest["files"].items() if name not in PRIVATE
    )
    mock: bool | None = manifest["mock"]
    return Facts(
        title=title or ("Mock visual instruction data" if mock else "Visual instruction data"),
        mock=mock,
        records=manifest["records"] if "records" in manifest else manifest["kept"],
        kinds=manifest.get("kinds", {}),
        files=files,
        configs=configs_of([file.name for file in files]),
        datagen=manifest["datagen"],
        license=license or _license(manifest, runs),
        models=_once(run["model"] for run in runs),
        answered_by=_once(name for run in runs for name in run.get("answered_by", ())),
        dates=_days(runs),
        parameters=_agreed(run.get("parameters", {}) for run in runs),
        prompts=_merged(run.get("prompts", {}) for run in runs),
        sources=_merged(
            {
                PurePath(each["file"]).name: each["sha256"] for each in told
            }  # whose folders they are is no one's business
            for told in (manifest.get("sources", []), *(run.get("annotations", []) for run in runs))
        ),
        planned=sum(run["planned"] for run in runs) if runs and all("planned" in run for run in runs) else None,
        rejected=_added(run.get("rejected", {}) for run in runs),
        failed=_added(run.get("failed", {}) for run in runs),
        dollars=_dollars(runs),
        losses=manifest.get("losses", {}),
        loading=loading or {},
    )


def configs_of(names: Sequence[str]) -> dict[str, str]:
    """The forms that these files hold; the one that the Hub shows comes first."""
    found = {form: name for name, form in _FORMS.items() if name in names}
    tops = {name.partition("/")[0] for name in names if "/" in name}
    found |= {form: pattern for form, pattern in _FOLDERS.items() if form in tops}
    order = sorted(found, key=lambda form: DEFAULTS.index(form) if form in DEFAULTS else len(DEFAULTS))
    return {form: found[form] for form in order}


def _license(manifest: Mapping[str, Any], runs: Sequence[Mapping[str, Any]]) -> str | None:
    told = {run.get("license") for run in runs}
    agreed = told.pop() if len(told) == 1 and len(runs) >= len(manifest.get("sources", ())) else None
    return manifest.get("license") or agreed


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def _days(runs: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    days = sorted({day for run in runs for day in run.get("answered", ())})
    return (days[0], days[-1]) if len(days) > 1 else tuple(days)


def _agreed(told: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What all say; where they differ, all of what they say. What was left to others is not told."""
    values: dict[str, list[Any]] = {}
    for each in told:
        for key, value in each.items():
            if value is not None and value not in values.setdefault(key, []):
                values[key].append(value)
    return {key: found[0] if len(found) == 1 else found for key, found in values.items()}


def _merged(told: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """All of them; the same name with another digest is told under a name of its own."""
    found: dict[str, str] = {}
    for each in told:
        for name, sha in each.items():
            at, number = name, 2
            while found.get(at, sha) != sha:
                at, number = f"{name} ({number})", number + 1
            found[at] = sha
    return found


def _added(told: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in told:
        total.update(each)
    return dict(total.most_common())


def _dollars(runs: Sequence[Mapping[str, Any]]) -> float | None:
    """What all cost; None where of one nobody knows."""
    costs = [run.get("cost") or {} for run in runs]
    if not costs or any(cost.get("price") is None and not cost.get("dollars") for cost in costs):
        return None
    return float(sum(cost["dollars"] + cost.get("at_most_more", 0) for cost in costs))
