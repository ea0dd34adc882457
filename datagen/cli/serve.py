"""The command that serves: mock-server, a test bench for any pipeline that asks an OpenAI-compatible server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datagen.cli.screen import complain, put


def mock_server(
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="0 takes a free one.")] = 8000,
    latency: Annotated[
        str,
        typer.Option(
            "--latency",
            metavar="SPEC",
            help="Seconds an answer takes: 0.2, uniform:A,B, lognormal:MEDIAN,SIGMA or exp:MEAN.",
        ),
    ] = "0",
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of everything that is drawn.")] = 0,
    rpm: Annotated[int | None, typer.Option("--rpm", metavar="N", min=1, help="Requests a minute, else 429.")] = None,
    tpm: Annotated[int | None, typer.Option("--tpm", metavar="N", min=1, help="Tokens a minute, else 429.")] = None,
    burst: Annotated[
        float,
        typer.Option("--burst", metavar="S", min=0.001, max=86400, help="Seconds' worth of a limit saved up at most."),
    ] = 60.0,
    no_headers: Annotated[bool, typer.Option("--no-headers", help="Neither x-ratelimit-... nor retry-after.")] = False,
    headers_at: Annotated[
        str, typer.Option("--headers-at", metavar="admission|answer", help="When the x-ratelimit-... are computed.")
    ] = "answer",
    fault: Annotated[
        list[str] | None,
        typer.Option(
            "--fault",
            metavar="NAME=RATE",
            help="A fault and its share, as in 500=5% (repeatable).",
        ),
    ] = None,
    script: Annotated[
        Path | None, typer.Option("--script", metavar="FILE", help="JSON that says what the n-th request gets.")
    ] = None,
    ledger: Annotated[
        Path | None, typer.Option("--ledger", metavar="FILE", help="Every event goes there, a JSON line each.")
    ] = None,
    stock: Annotated[
        bool, typer.Option("--stock", help="Answers from stock, for benchmarks: next to no CPU a request.")
    ] = False,
    batch_fault: Annotated[
        list[str] | None,
        typer.Option(
            "--batch-fault",
            metavar="NAME=RATE",
            help="A fault of a batch's lines and its share, as in missing=1% (repeatable).",
        ),
    ] = None,
    tick: Annotated[
        float | None,
        typer.Option(
            "--tick",
            metavar="S",
            min=0,
            max=1e9,
            help="Seconds by which each call to files or batches moves their clock (60).",
        ),
    ] = None,
) -> int:
    """Serve the mock model over HTTP on this machine, OpenAI-compatible, as slow, limited and faulty as you like.

    Prints its address when it is ready. GET /stats is its own account, POST /reset begins anew.

    \b
    datagen mock-server --port 8000 --latency lognormal:0.8,0.6 --rpm 500 --tpm 90000
    datagen mock-server --fault all=10% --fault hang=0.5% --ledger account.jsonl

    \b
    Faults that are not billed:
      401 404 429 500 502 503 drop-before moderated quota too-long
    Faults that are billed:
      bad-usage drop-after empty garbled gzip-bomb hang html huge length no-choices
      no-usage null refusal short slow-loris truncate wrong-model
    all: ten of them in equal shares.

    \b
    Batches: /v1/files and /v1/batches; POST /clock moves their clock, GET /bills is what they cost.
    Faults of a batch's lines, beside those above that an answer can have:
      both glued missing nameless timeout torn twice unfinished unknown

    \b
    A script: ["ok", {"fault": "429", "headers": {"retry-after": "3"}, "times": 5},
               {"from": 10, "to": 40, "fault": "503"}]
    {"calls": {"create": ["drop-after"], "content": ["short"]},
     "batches": {"late": 300, "each": [{"end": "expired", "share": 0.5}]}}
    """
    import datagen

    behaviour = datagen.Behaviour.told(
        latency=latency, faults=fault or (), script=script, seed=seed, rpm=rpm, tpm=tpm, burst=burst,
        headers=not no_headers, headers_at=headers_at, ledger=ledger, stock=stock,
        batch_faults=batch_fault or (), tick=tick,
    )  # fmt: skip
    try:
        datagen.serve(port, behaviour, lambda address: put(address))
    except OSError as error:
        complain(f"port {port} cannot be used: {error.strerror}", "give another --port; 0 takes a free one")
        return 2
    return 0
