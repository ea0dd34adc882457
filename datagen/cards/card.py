"""The data set's card, README.md: for whoever finds it, in the order in which they ask.

It is made of facts alone, so that the same facts give the same bytes. What came from outside (names of models, files,
tasks) is written so that Markdown and HTML do nothing with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from datagen.cards.facts import Facts
from datagen.cards.front import front_matter
from datagen.text import clean, one_line

CARD = "README.md"
MOCK = "This is MOCK data: made by rules, for tests and demos, and not by a language model. Train nothing on it."
PERHAPS = "Of some of this nobody tells whether it is mock data, made by rules for tests."
UNLICENSED = (
    "**No licence is told yet.** Nobody may take that for a permission. It depends on the annotations' and pictures' "
    "own terms and on those of the model's provider: find out, then give it with `--license`."
)


def card(facts: Facts) -> str:
    """The whole of README.md."""
    parts = [f"# {_plain(facts.title)}", *_warning(facts), _about(facts)]
    sections = {
        "Licence": [_license(facts)],
        "What is in it": list(_contents(facts)),
        "How it was made": list(_making(facts)),
        "What was left out": list(_left_out(facts)),
        "How to load it": list(_loading(facts)),
        "What it cannot do": [_limits(facts)],
        "Files": list(_files(facts)),
    }
    for title, texts in sections.items():
        if texts:
            parts += [f"## {title}", *texts]
    return front_matter(facts) + "\n" + "\n\n".join(parts) + "\n"


def _warning(facts: Facts) -> list[str]:
    if facts.mock is False:
        return []
    return [f"> **{MOCK if facts.mock else PERHAPS}**"]


def _about(facts: Facts) -> str:
    return (
        f"{facts.records:,} records of visual instruction data in the way of [LLaVA](https://arxiv.org/abs/2304.08485):"
        " a model that sees no pictures was shown an image's captions and boxes, and wrote about it as if it saw it. "
        f"Made by datagen {_plain(facts.datagen)}. The pictures are not told of here: `image` names each by its path "
        "below the folder of pictures."
    )


def _license(facts: Facts) -> str:
    return UNLICENSED if facts.license is None else f"As its makers tell: {_code(facts.license)}."


def _contents(facts: Facts) -> Iterator[str]:
    if facts.kinds:
        yield _table(("task", "records"), {_code(kind): f"{count:,}" for kind, count in facts.kinds.items()})
    if facts.configs:
        yield _table(("form", "files"), {_code(form): _code(files) for form, files in facts.configs.items()})


def _making(facts: Facts) -> Iterator[str]:
    told: dict[str, str] = {}
    if facts.models:
        told["model asked for"] = _codes(facts.models)
    if facts.answered_by:
        told["model that said it answered"] = _codes(facts.answered_by)
    if facts.dates:
        told["answered on"] = " to ".join(facts.dates)
    told |= {_plain(name.replace("_", " ")): _code(_value(value)) for name, value in facts.parameters.items()}
    if facts.models:
        told["cost"] = "unknown" if facts.dollars is None else f"at most ${facts.dollars:,.4f}"
    if told:
        yield _table(("", ""), told)
    if facts.prompts:
        yield "Prompts, each task's files by their digest; `provenance.jsonl` tells each record's request:"
        yield _table(("task", "sha256 of its prompts"), {_code(k): _code(v) for k, v in facts.prompts.items()})
    if facts.sources:
        yield _table(("made from", "sha256"), {_code(k): _code(v) for k, v in facts.sources.items()})


def _left_out(facts: Facts) -> Iterator[str]:
    if facts.planned is not None:
        rejected, failed = sum(facts.rejected.values()), sum(facts.failed.values())
        yield f"Of {facts.planned:,} that were asked for, {rejected:,} were rejected by a check and {failed:,} failed."
    reasons = {**{_code(k): f"{v:,}" for k, v in facts.rejected.items()}}
    reasons |= {f"{_code(k)} (failed)": f"{v:,}" for k, v in facts.failed.items()}
    if reasons:
        yield _table(("reason", "records"), reasons)
    lost = {f"{_code(k)} in {_code(form)}": f"{v:,}" for form, each in facts.losses.items() for k, v in each.items()}
    if lost:
        yield _table(("what a form cannot say", "records"), lost)


def _loading(facts: Facts) -> Iterator[str]:
    for heading, lines in facts.loading.items():
        yield f"### {_plain(heading)}"
        yield f"```\n{clean(lines).strip()}\n```"


def _limits(facts: Facts) -> str:
    writer = "The mock writes by rules" if facts.mock else "The model saw no picture"
    return (
        f"{writer}: what the captions and boxes do not say it cannot know, and what they get wrong it gets wrong too. "
        "Checks rejected what is malformed or gives the method away; nobody read every answer."
    )


def _files(facts: Facts) -> Iterator[str]:
    rows = {_code(file.name): f"{file.bytes:,} | {_code(file.sha256)}" for file in facts.files}
    if rows:
        yield _table(("file", "bytes | sha256"), rows)
    yield "This card is written again whenever the files are; keep another text of yours beside it."


def _table(head: tuple[str, str], rows: Mapping[str, str]) -> str:
    columns = " | ".join(head)
    rule = "|".join(" --- " for _ in columns.split("|"))
    return "\n".join([f"| {columns} |", f"|{rule}|", *(f"| {name} | {told} |" for name, told in rows.items())])


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _codes(names: tuple[str, ...]) -> str:
    return ", ".join(map(_code, names))


def _code(text: str) -> str:
    """As code, in a table's cell: nothing in it ends either."""
    return "`" + one_line(text).replace("`", "'").replace("|", "\u00a6") + "`"


def _plain(text: str) -> str:
    """As text that is no mark-up."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]<>#|!~&" else letter for letter in one_line(text))
