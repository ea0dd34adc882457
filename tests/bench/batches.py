"""Very many queries by batch: what submitting and collecting them takes, and how fast results come into the ledger.

Run as a program it is the measured process: `python -m tests.bench.batches ingest RUN RESULTS` takes results in, the
disk included, and prints what that used.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.clients import Bench, Used
from tests.bench.loops import MODEL, Clock
from tests.bench.table import Figure

_AT_ONCE = {"batches": {"tick": 0.001, "validating": 0, "working": 0, "finalizing": 0}}
_TURN = "Question:\nWhat is in the picture?\n===\nAnswer:\nA person on a bench, and a dog that waits beside him.\n===\n"


def measure(bench: Bench) -> Iterator[Figure]:
    """All three tasks of each image, so that a batch's limit of bytes is what cuts."""
    images = bench.size(66_667, 100)
    inputs = bench.inputs(images)
    bench.datagen("inspect", *inputs, "--json")  # what reading annotations takes is another row's matter
    script = bench.work / "batches.json"
    script.write_text(json.dumps(_AT_ONCE), "ascii")
    folder = bench.folder()
    with bench.server("--stock", "--script", str(script)) as server:
        asked = ["generate", *inputs, "--model", MODEL, "--base-url", server.address, "-o", folder, "--price", "1,1"]
        sent = bench.datagen(*asked, "--batch", "--yes", "--json")
        bench.say(f"  submitted: {sent.cpu:.0f} s, {sent.peak / 1e6:.0f} MB")
        taken = bench.datagen("batch", "collect", folder, "--json")
        bench.say(f"  collected: {taken.cpu:.0f} s, {taken.peak / 1e6:.0f} MB")
        told = server.stats()["batches"]
    made = _batches(folder)
    bench.forget(folder)
    queries = sum(batch["requests"] for batch in made)
    yield Figure("batch", "generate --batch, submitting: CPU", (sent.cpu,), "s", note=f"{queries:,} queries")
    yield _peak("generate --batch, submitting", sent)
    yield Figure("batch", "batch collect, with checks and files: CPU", (taken.cpu,), "s")
    yield _peak("batch collect", taken)
    yield Figure("batch", "batches", (float(len(made)),))
    for what, aim in (("requests", "≤ 50,000"), ("bytes", "≤ 200,000,000")):
        yield Figure("batch", f"{what} of the largest batch", (float(max(batch[what] for batch in made)),), "", aim)
    yield Figure("batch", "answered", (float(sum(b["outcomes"]["answered"] for b in made)),), "", f"{queries:,}")
    yield Figure("batch", "billed", (float(told["billed"]),), "", f"{queries:,}")
    yield _ingest(bench)


def _peak(what: str, used: Used) -> Figure:
    return Figure("batch", f"{what}: peak memory", (used.peak / 1e6,), "MB", "≤ 200")


def _batches(folder: Path) -> list[dict[str, Any]]:
    """What the ledger has of them; a list, where other commands print an object."""
    command = [sys.executable, "-m", "datagen", "batch", "list", str(folder), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def _ingest(bench: Bench) -> Figure:
    """One batch's worth of results in an order of their own, into a ledger that waits for them."""
    inputs, folder = bench.inputs(bench.size(9_700, 100)), bench.folder()
    requests, results = folder / "requests.jsonl", folder / "results.jsonl"
    run = folder / "run"
    bench.datagen("generate", *inputs, "--model", MODEL, "--base-url", "http://127.0.0.1:9/v1", "-o", run,
                  "--export-batch", requests, "--json")  # fmt: skip
    count = _answer(requests, results)
    rates = []
    for turn in range(bench.repeats):
        copy = folder / f"copy-{turn}"
        shutil.copytree(run, copy)
        used = bench.inside("batches", "ingest", copy, results)
        assert used.requests == count
        rates.append(used.requests / used.cpu)
        bench.say(f"  {turn + 1}: {count:,} rows taken in in {used.cpu:.2f} s of CPU, {used.wall:.2f} s")
    note = f"{count:,} rows, {results.stat().st_size / count:,.0f} bytes each"
    bench.forget(folder)
    return Figure("batch", "results into the ledger: rows a second of CPU", tuple(rates), "", "≥ 20,000", note)


def _answer(requests: Path, results: Path) -> int:
    """A results file, as a provider would write it; how many lines it has."""
    lines = []
    with requests.open("rb") as file:
        for number, line in enumerate(file):
            name = json.loads(line[: line.index(b",")] + b"}")["custom_id"]
            message = {"role": "assistant", "content": f"{_TURN * 8}{number}", "refusal": None}
            body = {
                "id": f"chatcmpl-{number}", "object": "chat.completion", "created": 0, "model": MODEL,
                "choices": [{"index": 0, "finish_reason": "stop", "message": message, "logprobs": None}],
                "usage": {"prompt_tokens": 1500, "completion_tokens": 230, "total_tokens": 1730},
            }  # fmt: skip
            reply = {"status_code": 200, "request_id": f"req-{number}", "body": body}
            lines.append(json.dumps({"id": f"b-{number}", "custom_id": name, "response": reply, "error": None}))
    random.Random(0).shuffle(lines)
    results.write_text("\n".join(lines) + "\n", "ascii")
    return len(lines)


def main(_kind: str, folder: str, results: str) -> None:
    """The measured process."""
    from datagen.batch.exchange import bring_in
    from datagen.observer import Silent
    from datagen.run import Run

    with Run.create(Path(folder), must_exist=True) as run:
        clock = Clock()
        bring_in(run.ledger, [Path(results)], Silent())
        told = clock.read()
        answered = run.ledger.tally()["answered"]
    print(json.dumps({**told, "requests": answered, "failed": 0}))


if __name__ == "__main__":
    main(*sys.argv[1:])
