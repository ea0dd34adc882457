"""What became of batches: looked at, and once they have ended, their results fetched and each request settled.

However a batch ends (completed, expired, cancelled, refused as a whole), what it delivered is kept, each of its
requests gets one outcome, and what was not answered is asked again with the next. It submits nothing.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from datagen.batch.reading import ANOMALIES, Reader
from datagen.errors import ProviderError
from datagen.ledger import Ledger
from datagen.llm.batch_api import Complaint, NotThere, Provider, RemoteBatch
from datagen.money import Price
from datagen.observer import Observer
from datagen.schema import Answered, Failure, Response
from datagen.shards import BAD_LINE, Ending, Shard
from datagen.text import shown, slug

KNOWN = ("validating", "in_progress", "finalizing", "cancelling")
ENDED = ("completed", "expired", "cancelled")
_LIMIT = re.compile(r"(?:limit|reached):?\s*([0-9][0-9,]*)", re.IGNORECASE)
_SYSTEMATIC = 10
_LATE = 5  # looks at a file that cannot be seen yet, a few seconds apart


class Full(NamedTuple):
    """The provider has too many tokens waiting already; `limit` is how many it takes, where it says so."""

    limit: int | None


class Collector:
    """Looks at batches and takes in what came of them."""

    def __init__(
        self, ledger: Ledger, provider: Provider, folder: Path, observer: Observer, pause: Callable[[float], None]
    ) -> None:
        self._ledger, self._provider, self._folder, self._observer = ledger, provider, folder, observer
        self._pause = pause

    def look(self, shard: Shard) -> Shard | Full:
        """How a created batch stands by now. Full: it was refused for that alone, and nothing of it was run."""
        assert shard.batch is not None
        try:
            told = self._provider.batch(shard.batch)
        except NotThere as error:
            hint = "is this the key and --base-url of the account that it was submitted with?"
            raise ProviderError(f"batch {shard.n} ({shard.batch}) is not there: {error}", hint) from error
        if told.status == "failed" and not (told.output or told.errors):
            return self._refused(shard, told)
        if told.status in (*ENDED, "failed"):
            fields = {"output": told.output, "errors": told.errors, "done": told.done, "ended": time.time()}
            return self._ledger.change(shard, state="ended", status=told.status, **fields)
        if told.status not in KNOWN and told.status != shard.status:
            self._observer.say(f"batch {shard.n}: says it is {shown(told.status, 60)!r}, whatever that is: waiting on")
        if (told.status, told.done) == (shard.status, shard.done):
            return shard
        return self._ledger.change(shard, status=told.status, done=told.done)

    def _refused(self, shard: Shard, told: RemoteBatch) -> Shard | Full:
        """Nothing was run. Lines that are to blame are told from the rest."""
        full = next((each for each in told.complaints if _is_full(each)), None)
        if full is not None:
            limit = _LIMIT.search(full.message)
            return Full(int(limit[1].replace(",", "")) if limit else None)
        wrong = {each.line: each for each in told.complaints if each.line and 1 <= each.line <= shard.requests}
        if not wrong or _is_about_all(wrong.keys(), shard.requests):
            self._ledger.settle(shard, "batch-failed", _said(told.complaints), status="failed")
            hint = "nothing of it was run or billed; without --batch it is asked request by request"
            raise ProviderError(f"batch {shard.n} was refused as a whole: {_said(told.complaints)}", hint)
        rows = [(shard.first + line - 1, _blamed(each)) for line, each in sorted(wrong.items())]
        self._ledger.take_in(rows, shard)
        self._observer.say(f"batch {shard.n}: refused for {len(rows)} of its lines: {_said(told.complaints)}")
        self._ledger.settle(shard, "batch-failed", "another line made the provider refuse the batch", status="failed")
        return self._ledger.batch(shard.n)

    def collect(self, shard: Shard) -> Shard:
        """Fetch and take in what an ended batch brought, and settle it; as it was where that is not to be had yet."""
        reader = Reader(self._ledger, shard, self._ledger.members(shard.n), cost_by(shard))
        for part, file in (("output", shard.output), ("errors", shard.errors)):
            if file is None:
                continue
            path = self._folder / f"{shard.n:04d}-{part}.jsonl"
            if part not in shard.tally.get("read", ()) and not path.exists() and not self._fetch(shard, file, path):
                return shard
            if path.exists():
                reader.read(path, part)
        self._settle(self._ledger.batch(shard.n), reader.tally)
        return self._ledger.batch(shard.n)

    def _fetch(self, shard: Shard, file: str, path: Path) -> bool:
        for turn in range(_LATE):
            try:
                self._provider.download(file, path)
                return True
            except NotThere as error:
                said = error
            self._pause(min(8.0, 0.5 * 2.0**turn))
        self._observer.say(f"batch {shard.n}: what came of it cannot be had yet: {shown(said)}")
        return False

    def _settle(self, shard: Shard, tally: dict[str, int]) -> None:
        """What no line spoke of was not run, where the batch was ended before its time and its files are whole; else
        nobody knows, and it may have been billed."""
        if shard.status in ("expired", "cancelled") and not tally["torn"]:
            reason, outcome = f"batch-{shard.status}", "failed"
        else:
            reason, outcome = "batch-missing", "unknown"
        read = json.dumps({**shard.tally, "tally": tally, "missing": shard.requests - tally["taken"]})
        message = f"no line of the results speaks of it; the batch: {shard.status}"
        left = self._ledger.settle(shard, reason, message, outcome=outcome, read=read)
        assert left == shard.requests - tally["taken"], f"batch {shard.n}: {left} left, {tally['taken']} taken"
        odd = {name: tally[name] for name in ANOMALIES if tally[name]}
        if odd or (outcome == "unknown" and left):
            told = {**odd, **({"missing": left} if outcome == "unknown" and left else {})}
            words = ", ".join(f"{count} {name}" for name, count in told.items())
            self._observer.say(
                f"batch {shard.n}: lines that are not as they should be: {words}; kept in {self._folder}"
            )
        else:
            for part in ("output", "errors"):
                (self._folder / f"{shard.n:04d}-{part}.jsonl").unlink(missing_ok=True)


def cost_by(shard: Shard) -> Callable[[Response | Answered], int | None]:
    """What tells the cost of each of a batch's answers, at the price that held when it was submitted."""
    price = None if shard.price is None else Price(*json.loads(shard.price))

    def cost(response: Response | Answered) -> int | None:
        if response.error is not None:
            return None if response.error.perhaps_billed else 0
        return None if price is None else price.of(response.usage)

    return cost


def _is_about_all(lines: Collection[int], requests: int) -> bool:
    """Whether it is no line's own fault: all are named, or so many from the first on that the list was cut short."""
    return len(lines) == requests > 1 or (len(lines) >= _SYSTEMATIC and max(lines) == len(lines))


def _is_full(complaint: Complaint) -> bool:
    return complaint.code == "token_limit_exceeded" or "enqueued token" in complaint.message.lower()


def _blamed(complaint: Complaint) -> Ending:
    reason = BAD_LINE + slug(complaint.code.replace("_", "-").lower() or "refused", 40)
    failure = Failure(reason=reason, message=f"line {complaint.line}: {complaint.message}", again=True)
    return Ending(Response(query_id="", error=failure), 0)


def _said(complaints: Sequence[Complaint]) -> str:
    told = list(dict.fromkeys(f"{each.code}: {each.message}" for each in complaints))
    more = f", and {len(told) - 3} more" if len(told) > 3 else ""
    return "; ".join(told[:3]) + more if told else "no reason is told"
