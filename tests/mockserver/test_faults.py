"""Each fault over real HTTP: what arrives, and what it cost."""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from datagen.errors import DatagenError
from datagen.llm import wire
from datagen.llm.base import is_mock
from datagen.mockserver.behaviour import Behaviour
from datagen.mockserver.dice import share
from datagen.mockserver.faults import FAULTS, GROUPS, Mix, parse

UNBILLED = {"401", "404", "429", "500", "502", "503", "drop-before", "moderated", "quota", "too-long"}
GOOD = {"no-usage", "bad-usage", "wrong-model"}
SILENT = {"hang", "slow-loris"}


def code(got: Any) -> Any:
    return got.json["error"]["code"]


def choice(got: Any) -> Any:
    return got.json["choices"][0]


CHECKS: dict[str, tuple[int, Callable[[Any], bool]]] = {
    "500": (500, lambda got: code(got) is None),
    "502": (502, lambda got: got.raw.startswith(b"<html>") and got.headers["content-type"].startswith("text/html")),
    "503": (503, lambda got: got.headers["retry-after"] == "1"),
    "429": (429, lambda got: code(got) == "rate_limit_exceeded" and not re.search("ratelimit|retry", str(got.headers))),
    "quota": (429, lambda got: code(got) == "insufficient_quota"),
    "too-long": (400, lambda got: code(got) == "context_length_exceeded"),
    "moderated": (403, lambda got: "moderation" in got.json["error"]["message"]),
    "401": (401, lambda got: code(got) == "invalid_api_key"),
    "404": (404, lambda got: code(got) == "model_not_found"),
    "drop-before": (0, lambda got: got.broke == "ServerDisconnectedError"),
    "drop-after": (0, lambda got: got.broke == "ServerDisconnectedError"),
    "short": (0, lambda got: got.broke == "ClientPayloadError"),
    "hang": (0, lambda got: "Timeout" in got.broke),
    "slow-loris": (0, lambda got: "Timeout" in got.broke),
    "truncate": (200, lambda got: int(got.headers["content-length"]) == len(got.raw) and got.raw.startswith(b'{"id"')),
    "garbled": (200, lambda got: "A dog" in got.text and not re.search("Question:|Answer:|===", got.text)),
    "length": (200, lambda got: choice(got)["finish_reason"] == "length" and not got.text.endswith(".")),
    "refusal": (200, lambda got: choice(got)["message"]["content"] is None and choice(got)["message"]["refusal"] != ""),
    "null": (200, lambda got: choice(got)["message"]["content"] is None and not choice(got)["message"]["refusal"]),
    "no-choices": (200, lambda got: got.json["choices"] is None),
    "no-usage": (200, lambda got: "usage" not in got.json and "A dog" in got.text),
    "bad-usage": (200, lambda got: got.json["usage"]["prompt_tokens"] < 0 and "A dog" in got.text),
    "empty": (200, lambda got: got.raw == b""),
    "html": (200, lambda got: got.headers["content-type"].startswith("text/html")),
    "wrong-model": (200, lambda got: is_mock(got.json["model"]) and got.json["model"] != "datagen-mock"),
    "huge": (200, lambda got: len(got.raw) > 40 * 2**20 and "content-length" not in got.headers),
    "gzip-bomb": (200, lambda got: len(got.raw) > 40 * 2**20 and int(got.headers["content-length"]) < 100_000),
}


def test_each_fault_is_tested() -> None:
    assert set(CHECKS) == set(FAULTS)
    assert {name for name, fault in FAULTS.items() if not fault.billed} == UNBILLED
    assert {name for name, fault in FAULTS.items() if fault.good} == GOOD
    assert all(fault.about for fault in FAULTS.values())


@pytest.mark.parametrize("name", CHECKS)
def test_what_arrives_and_what_it_costs(visit: Any, name: str) -> None:
    status, looks_right = CHECKS[name]

    async def asks(bench: Any) -> tuple[Any, Any]:
        return await bench.ask(patience=0.4 if name in SILENT else 20), await bench.settled()

    got, told = visit(Behaviour(faults=parse([f"{name}=1"])), asks)
    assert got.status == status, got
    assert looks_right(got), got
    assert told["faults"] == {name: 1}
    billed = int(name not in UNBILLED)
    assert (told["requests"], told["billed"], told["accepted"]) == (1, billed, billed)
    assert (told["prompt_tokens"] > 0) == (told["completion_tokens"] > 0) == bool(billed)
    assert told["delivered"] == int(billed and status == 200)
    assert told["undelivered"] == int(billed and status == 0)


@pytest.mark.parametrize("name", sorted(set(CHECKS) - SILENT))
def test_the_next_request_is_as_if_nothing_had_been(visit: Any, name: str) -> None:
    """Nothing is left on the connection; and a repeat is known for what it is."""
    from datagen.mockserver.script import parse as script

    async def asks(bench: Any) -> Any:
        await bench.ask()
        got = [await bench.ask(), await bench.ask("Two cats.")]
        assert [one.status for one in got] == [200, 200]
        assert all(wire.read("q", one.raw).error is None for one in got)
        return await bench.settled()

    told = visit(Behaviour(script=script([name])), asks)
    billed = name not in UNBILLED
    assert told["repeated"] == int(billed)
    assert told["repeated_after_delivery"] == int(name in GOOD)
    assert told["repeated_after_fault"] == int(billed and name not in GOOD)


def test_what_is_cut_costs_what_it_says(visit: Any) -> None:
    async def asks(bench: Any) -> None:
        got = await bench.ask()
        told = await bench.stats()
        assert got.json["usage"]["completion_tokens"] == told["completion_tokens"]

    visit(Behaviour(faults=parse(["length=1"])), asks)


def test_plain_text_is_garbled_too(visit: Any) -> None:
    async def asks(bench: Any) -> Any:
        shots = [{"role": "user", "content": "A cat."}, {"role": "assistant", "content": "There is a cat."}]
        messages = [*shots, {"role": "user", "content": "A dog runs."}]
        return await bench.send(json.dumps({"model": "m", "messages": messages}).encode())

    assert "<|im_end|>" in visit(Behaviour(faults=parse(["garbled=1"])), asks).text


def test_the_bomb_is_small_on_the_wire(visit: Any) -> None:
    async def asks(bench: Any) -> bytes:
        url = str(bench.session._base_url)
        async with aiohttp.ClientSession(url, auto_decompress=False) as plain:
            bench.session = plain
            return (await bench.ask()).raw

    raw = visit(Behaviour(faults=parse(["gzip-bomb=1"])), asks)
    assert len(raw) < 100_000
    assert len(zlib.decompress(raw, wbits=31)) > 40 * 2**20


def test_the_slow_one_goes_on_for_long() -> None:
    from datagen.mockserver import broken

    assert broken._DRIP * broken._DRIPS > 600


def test_rates_are_kept_and_the_rest_is_well() -> None:
    mix = parse(["all=10%", "500=0.1", "hang=5%"])
    drawn = Counter(fault.name if fault else "ok" for fault in (mix.drawn(n / 10_000) for n in range(10_000)))
    assert drawn["500"] == pytest.approx(1100, abs=2)
    assert drawn["hang"] == pytest.approx(500, abs=2)
    assert drawn["ok"] == pytest.approx(7500, abs=2)
    assert all(drawn[name] == pytest.approx(100, abs=2) for name in GROUPS["all"] if name != "500")
    assert parse(["500=1"]).drawn(1 - 2**-53) is FAULTS["500"]
    assert parse(["500=0"]).drawn(0.0) is None
    assert Mix().drawn(0.0) is None


def test_each_body_and_each_attempt_draws_anew() -> None:
    mix = parse(["500=50%"])
    keys = [b"%d" % n for n in range(500)]
    first = [mix.drawn(share(0, key, 0, "fault")) is None for key in keys]
    again = [mix.drawn(share(0, key, 1, "fault")) is None for key in keys]
    assert 200 < sum(first) < 300
    assert 200 < sum(one != two for one, two in zip(first, again, strict=True)) < 300


@pytest.mark.parametrize(
    ("words", "said", "hint"),
    [
        (["gabled=1"], "no fault is called 'gabled'", "did you mean garbled?"),
        (["=1"], "no fault is called ''", "there are: "),
        (["500"], "'500': no rate", "500=5%"),
        (["500="], "no rate", "500=5%"),
        (["500=5"], "no rate", "0 to 1"),
        (["500=101%"], "no rate", "0% to 100%"),
        (["500=-1%"], "no rate", ""),
        (["500=nan"], "no rate", ""),
        (["500=60%", "all=60%"], "add up to 120.0%", "100%"),
    ],
)
def test_what_cannot_be_meant_is_refused(words: list[str], said: str, hint: str) -> None:
    with pytest.raises(DatagenError, match=re.escape(said)) as refused:
        parse(words)
    assert hint in refused.value.hint
    assert refused.value.exit_code == 2
