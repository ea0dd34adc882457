"""What was gathered, as charts and rows: each section of the page, ready for the template. It knows numbers and words,
and no HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from datagen.money import DOLLAR, dollars
from datagen.summary.ledgered import STRETCHES, Asking
from datagen.summary.svg import Bar, bars, columns, stacked, steps, sunburst
from datagen.summary.talk import Talk, binned, typical
from datagen.text import slug

if TYPE_CHECKING:
    from datagen.summary.making import Report

TOP = 30
"""Categories that are drawn."""
_STATES = ("kept", "rejected", "failed", "unread", "pending")


class Tile(NamedTuple):
    """One figure at the top."""

    name: str
    value: str
    more: str = ""


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def tiles(report: Report) -> list[Tile]:
    """The figures at the top."""
    found = []
    if report.asking is not None:
        found += _run_tiles(report.asking)
    else:
        found.append(Tile("records", f"{report.talk.records:,}"))
    turns = sum(number * count for number, count in report.talk.turns.items())
    found.append(Tile("questions and answers", f"{turns:,}"))
    if report.verdict is not None:
        levels = report.verdict.by_level
        told = f"{levels.get('warning', 0):,} warnings, {levels.get('info', 0):,} notes"
        found.append(Tile("errors found", f"{levels.get('error', 0):,}", told))
        found += _truth(report.verdict.grounded or {})
    return found


def _truth(counts: Mapping[str, int]) -> list[Tile]:
    """How much of what the records say the annotations bear out; nothing where nobody could tell."""
    supported, contradicted = counts.get("supported", 0), counts.get("contradicted", 0)
    if not supported + contradicted:
        return []
    told = f"{supported:,} claims; {contradicted:,} are not so, {counts.get('unknown', 0):,} cannot be known"
    return [Tile("borne out", _share(supported, supported + contradicted), told)]


def _run_tiles(asked: Asking) -> list[Tile]:
    states, spent = asked.states, asked.spent
    rejected, failed = sum(states.rejected.values()), sum(states.failed.values())
    tokens = asked.tally.get("prompt_tokens", 0), asked.tally.get("completion_tokens", 0)
    found = [
        Tile("planned", f"{states.planned:,}"),
        Tile("kept", f"{states.kept:,}", _share(states.kept, states.planned)),
        Tile("rejected", f"{rejected:,}", _share(rejected, states.planned)),
        Tile("failed", f"{failed:,}"),
        Tile("pending", f"{states.pending + states.unread:,}"),
        Tile("tokens", f"{sum(tokens):,}", f"{tokens[0]:,} in, {tokens[1]:,} out"),
    ]
    if asked.price:
        held = f"and at most {dollars(spent.held)} more" if spent.held else ""
        found.append(Tile("cost", dollars(spent.settled), held))
    return found


def run_part(report: Report) -> dict[str, Any] | None:
    """What the ledger tells; None for a file."""
    asked = report.asking
    if asked is None:
        return None
    settings = asked.asked["settings"]
    return {
        "subtitle": _subtitle(asked),
        **_outcome(report, asked),
        **_cost(asked, settings.get("max_cost")),
        **_attempts(asked),
        "left_out": [(f"{task}: {why}", f"{n:,}") for task, all_ in asked.left_out.items() for why, n in all_.items()],
        "settings": [(name, value) for name, value in settings.items() if value not in (None, [], {})],
        "prompts": list(asked.asked["prompts"].items()),
        "annotations": [(entry["file"], entry["sha256"]) for entry in asked.asked["annotations"]],
    }


def _subtitle(asked: Asking) -> str:
    models = ", ".join(asked.models) or "nobody yet"
    when = f", {_when(asked.times[0])} to {_when(asked.times[1])} UTC" if asked.times else ""
    return f"Asked of {asked.asked['settings']['model']}, answered by {models}{when}"


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _outcome(report: Report, asked: Asking) -> dict[str, Any]:
    states = asked.states
    anchors = {(each.state, each.name): f"why-{slug(each.state + '-' + each.name, 48)}" for each in report.rejects}
    rows = [("kept", states.kept, "")]
    rows += [(f"rejected: {why}", n, anchors.get(("rejected", why), "")) for why, n in states.rejected.items()]
    rows += [(f"failed: {why}", n, anchors.get(("failed", why), "")) for why, n in states.failed.items()]
    rows += [("answered, not looked at yet", states.unread, ""), ("pending", states.pending, "")]
    shown = [row for row in rows if row[1] or row[0] == "kept"]
    drawn = [Bar(name, n, f"{n:,} · {_share(n, states.planned)}", link) for name, n, link in shown]
    groups = [
        {**each._asdict(), "anchor": anchors[each.state, each.name]}
        for each in report.rejects
        if each.state in ("rejected", "failed")
    ]
    table = [(name, f"{n:,}", _share(n, states.planned)) for name, n, _ in shown]
    table.append(("planned", f"{states.planned:,}", _share(states.planned, states.planned)))
    return {"outcome": bars(drawn, "Queries by what became of them"), "outcome_rows": table, "groups": groups}


def _ends(asked: Asking) -> tuple[str, str]:
    assert asked.times is not None
    first, last = map(_when, asked.times)
    return (first[11:], last[11:]) if first[:10] == last[:10] else (first[5:16], last[5:16])


def _cost(asked: Asking, cap: float | None) -> dict[str, Any]:
    if not asked.times or not asked.spent.amount:
        return {"cost": None}
    most = max(asked.money[-1][1], cap or 0)
    told = f"${most:,.2f}" if most >= 1 else f"${most:.3g}"
    note = f"{dollars(asked.spent.amount)} (price: {asked.price or 'of an earlier asking'})"
    if asked.spent.held:
        note += f", of which {dollars(asked.spent.held)} at most are for attempts nobody knows the cost of"
    note += f"; the dashed line is the cap, {dollars(round(cap * DOLLAR))}." if cap else "; there was no cap."
    return {
        "cost": steps(asked.money, "Dollars spent over time", told, _ends(asked), cap or 0),
        "cost_note": note,
        "cost_rows": [(_when(at), f"{amount:,.4f}") for at, amount in asked.money],
    }


def _attempts(asked: Asking) -> dict[str, Any]:
    if not asked.times:
        return {"attempts": None}
    first, last = asked.times
    shown = {name: values for name, values in asked.ends.items() if any(values) or name == "answered"}
    starts = [_when(first + (last - first) * at / STRETCHES) for at in range(STRETCHES)]
    columns_ = list(zip(*shown.values(), strict=True))
    seconds = (last - first) / STRETCHES
    return {
        "attempts": stacked(shown, "Attempts over time, by how they ended", _ends(asked)),
        "attempts_note": f"{asked.tally.get('attempts', 0):,} attempts; each column is {seconds:,.2g} seconds.",
        "attempt_names": list(shown),
        "attempt_rows": [(start, *(f"{n:,}" for n in row)) for start, row in zip(starts, columns_, strict=True)],
        "reasons": [(why, f"{n:,}") for why, n in asked.reasons.most_common()],
    }


def data_part(report: Report) -> dict[str, Any] | None:
    """What the data is like; None while there is none."""
    talk, verdict = report.talk, report.verdict
    if verdict is None:
        return None
    openings = talk.openings()
    total = sum(node.value for node in openings)
    rows = [(node.label, f"{node.value:,}", _share(node.value, total)) for node in openings]
    rows += [
        (f"{node.label} {after.label}", f"{after.value:,}", _share(after.value, total))
        for node in openings
        for after in node.inner
    ]
    found = f"What datagen validate says of it: {len(report.found)} checks had something to say."
    return {
        "parts": _parts(talk),
        "sunburst": sunburst(openings, "The first two words of questions"),
        "opening_rows": rows,
        **_coverage(report),
        "found": report.found,
        "findings_note": found if report.found else "datagen validate finds nothing wrong with it.",
        "outcomes": [(name, *(f"{n:,}" for n in outcome)) for name, outcome in verdict.outcomes.items()],
        "samples": talk.shown,
        "samples_note": f"{len(talk.shown)} of {talk.records:,}, picked by the digests of their ids, not for looks.",
    }


def _parts(talk: Talk) -> list[dict[str, Any]]:
    parts = []
    if any(talk.kinds):
        rows = talk.kinds.most_common()
        drawn = bars([Bar(name or "–", n, f"{n:,} · {_share(n, talk.records)}") for name, n in rows], "Records by type")
        parts.append(
            {"name": "Types", "note": "", "drawing": drawn, "unit": "type", "rows": [(k, f"{n:,}") for k, n in rows]}
        )
    for name, counts, unit in (
        ("Turns a record", talk.turns, "turns"),
        ("Words a question", talk.questions, "words"),
        ("Words an answer", talk.answers, "words"),
    ):
        middle, low, high = typical(counts)
        rows = binned(counts)
        note = f"Half have {middle:,} or fewer; eight in ten lie between {low:,} and {high:,}."
        drawing = columns(rows, f"{name}: a histogram")
        parts.append(
            {"name": name, "note": note, "drawing": drawing, "unit": unit, "rows": [(k, f"{n:,}") for k, n in rows]}
        )
    return parts


def _coverage(report: Report) -> dict[str, Any]:
    asked, spoken = report.asking, report.spoken
    if asked is None or spoken is None or not asked.categories:
        return {"coverage": None}
    listed = asked.categories.most_common()
    shares = {name: spoken.named[name] / max(1, spoken.records) for name, _ in listed}
    drawn = [
        Bar(name, n / asked.pictures, f"{_share(n, asked.pictures)} · {100 * shares[name]:.1f} %") for name, n in listed
    ]
    note = (
        f"Bars: in how many of the {asked.pictures:,} pictures the annotations have a box of it. Ticks: in how many of "
        f"the {spoken.records:,} records the model's answers name it. The {min(TOP, len(listed))} most frequent of "
        f"{len(listed)}."
    )
    rows = [
        (
            name,
            f"{n:,}",
            _share(n, asked.pictures),
            f"{spoken.named[name]:,}",
            _share(spoken.named[name], spoken.records),
        )
        for name, n in listed
    ]
    ticks = [shares[name] for name, _ in listed[:TOP]]
    return {"coverage": bars(drawn[:TOP], note, ticks), "coverage_note": note, "coverage_rows": rows}
