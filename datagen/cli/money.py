"""What concerns money on the command line: `estimate`, `generate --dry-run`, and the question before it is spent."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datagen.cli.flags import PLANNING, AsJson, ConfigFile, Inputs, Out, settings_from, takes
from datagen.cli.screen import Screen, put

if TYPE_CHECKING:
    import datagen


@takes(PLANNING)
def estimate(
    inputs: Inputs,
    out: Out = Path("datagen-run"),
    *,
    config: ConfigFile = None,
    as_json: AsJson = False,
    **flags: Any,
) -> None:
    """Say what `generate` would ask, and what that may cost and take. Offline; sends and writes nothing.

    \b
    datagen estimate captions.json instances.json --model gpt-4o --limit 1000
    """
    screen = Screen(quiet=as_json)
    tell(inputs, settings_from(flags, config, screen), out, screen, as_json=as_json)


def tell(inputs: Sequence[Path], settings: datagen.Settings, out: Path, screen: Screen, *, as_json: bool) -> None:
    """Print the estimate for `inputs` under `settings`."""
    import datagen
    from datagen.text import shown

    found = datagen.estimate(inputs, settings, out, screen)
    if as_json:
        put(json.dumps(_as_json(found, settings), indent=2))
        return
    for line in (*_table(found), "", *_facts(found, settings), *_next(inputs, settings)):
        put(_harmless(line) if line else "")
    for note in found.notes:
        put(f"note: {shown(note)}")


def _harmless(line: str) -> str:
    """A line with control bytes that data chose taken out, and its columns kept."""
    from datagen.text import clean

    return clean(line).replace("\n", " ").rstrip()


def _table(found: datagen.Estimate) -> list[str]:
    from datagen.text import shown

    rows = [("task", "requests", "answered", "prompt tokens", "a reply, likely")]
    for task in found.tasks:
        counts = f"{task.requests:,}", f"{task.answered:,}", f"{task.prompt:,}", f"{task.reply.likely:,}"
        rows.append((shown(task.task, 24), *counts))
    rows.append(("all", f"{found.requests:,}", f"{found.answered:,}", f"{found.prompt:,}", ""))
    return [f"{row[0]:<24} {row[1]:>10} {row[2]:>10} {row[3]:>15} {row[4]:>16}" for row in rows]


def _facts(found: datagen.Estimate, settings: datagen.Settings) -> list[str]:
    import datagen

    replies = found.replies
    lines = [
        f"{'':<16} {'low':>15} {'likely':>15} {'high':>15}",
        f"{'reply tokens':<16} {replies.low:>15,} {replies.likely:>15,} {replies.high:>15,}",
        _costs("cost", found.cost),
        _costs("cost by batch", found.batch_cost),
        f"{'time':<16} about {_span(found.seconds)} ({found.bound})",
        f"{'time by batch':<16} up to 24 h",
        f"{'price':<16} {_priced(found.price, settings)}",
    ]
    if found.answered or found.spent:
        spent = "unknown" if found.spent is None else datagen.dollars(found.spent)
        lines.append(f"already answered: {found.answered:,} · spent so far: {spent}")
    return lines


def _costs(label: str, cost: datagen.Spread | None) -> str:
    import datagen

    if cost is None:
        return f"{label:<16} {'unknown':>15}"
    return f"{label:<16} " + " ".join(f"{datagen.dollars(amount):>15}" for amount in cost)


def _priced(price: datagen.Price | None, settings: datagen.Settings) -> str:
    if price is None:
        return f"unknown for {settings.model} there; --price IN,OUT tells it"
    return f"${price.prompt / 10**6:g} in, ${price.completion / 10**6:g} out a million ({price.basis})"


def _span(seconds: float) -> str:
    """`40 s`, `5 min`, `3 h 20 min`, `4 days`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes < 48 * 60 else f"{minutes / 1440:.1f} days"


def _next(inputs: Sequence[Path], settings: datagen.Settings) -> list[str]:
    """How to see a prompt itself."""
    words = ["datagen", "preview", *map(str, inputs), "--model", settings.model]
    if settings.task:
        words += ["-t", settings.task[0]]
    if settings.prompts is not None:
        words += ["--prompts", str(settings.prompts)]
    for name in ("boxes", "crowd", "images"):
        if name in settings.model_fields_set and getattr(settings, name) is not None:
            words += [f"--{name}", str(getattr(settings, name))]
    return [f"to see a prompt: {shlex.join(words)}"]


def _as_json(found: datagen.Estimate, settings: datagen.Settings) -> dict[str, object]:
    tasks = [{**task._asdict(), "reply": task.reply._asdict()} for task in found.tasks]
    return {
        "model": settings.model,
        "base_url": settings.base_url,
        "tasks": [{_LONG.get(name, name): value for name, value in task.items()} for task in tasks],
        "requests": found.requests,
        "answered": found.answered,
        "prompt_tokens": found.prompt,
        "reply_tokens": found.replies._asdict(),
        "encoding": found.encoding,
        "exact": found.exact,
        "price": _price_json(found.price),
        "batch_price": _price_json(found.batch_price),
        "cost": _cost_json(found.cost),
        "batch_cost": _cost_json(found.batch_cost),
        "spent": None if found.spent is None else found.spent / 10**12,
        "seconds": round(found.seconds, 1),
        "bound": found.bound,
        "notes": list(found.notes),
    }


_LONG = {"prompt": "prompt_tokens", "reply": "tokens_of_a_reply"}


def _price_json(price: datagen.Price | None) -> dict[str, object] | None:
    """Dollars for a million tokens."""
    if price is None:
        return None
    return {"prompt": price.prompt / 10**6, "completion": price.completion / 10**6, "basis": price.basis}


def _cost_json(cost: datagen.Spread | None) -> dict[str, float] | None:
    """Dollars."""
    return None if cost is None else {name: amount / 10**12 for name, amount in cost._asdict().items()}


def question(settings: datagen.Settings) -> Callable[[datagen.Bill], bool]:
    """What asks a person whether so much may be spent. Where there is none, a hard cap is an answer; nothing is not."""

    def ask(bill: datagen.Bill) -> bool:
        import datagen

        whom = f"{settings.model} at {settings.base_url or 'api.openai.com'}"
        what = f"{bill.requests} requests to {whom}, likely {datagen.dollars(bill.cost)} ({bill.price.basis})"
        if not _somebody_is_there():
            if settings.max_cost is not None:
                return True
            raise datagen.SetupError(
                f"{what}: more than --confirm-above {settings.confirm_above:g}, and nobody is here to agree",
                "give --max-cost $ as a hard cap, or --yes; `datagen estimate` tells more",
            )
        return _agreed(datagen.shown(what, 500))

    return ask


def _somebody_is_there() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def _agreed(what: str) -> bool:
    print(f"{what}. Go on? [y/N] ", end="", file=sys.stderr, flush=True)  # noqa: T201
    return sys.stdin.readline().strip().lower() in ("y", "yes")
