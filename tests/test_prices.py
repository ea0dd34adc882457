"""What a token costs: exact sums, who is believed first, and unknown rather than a neighbour's price."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.errors import SetupError
from datagen.money import DOLLAR, Price, parse_price, per_token, worst, written_price
from datagen.prices import batch_price_of, price_of, reply_limit
from datagen.schema import Usage
from datagen.settings import Settings, resolve

amounts = st.decimals(min_value=0, max_value=100_000, places=6)


def price(model: str, *, batch: bool = False, **settings: object) -> Price | None:
    return price_of(model, Settings(model=model, **settings), batch=batch)


@given(amounts, amounts, st.integers(0, 10**7), st.integers(0, 10**6))
def test_sums_are_exact_to_the_picodollar(prompt: Decimal, completion: Decimal, sent: int, got: int) -> None:
    found = parse_price(f" {prompt:f}, {completion:f} ", "told")
    cost = found.of(Usage(sent, got))
    assert cost is not None
    assert Decimal(cost) / DOLLAR == (prompt * sent + completion * got) / 10**6
    assert worst(sent, got, found) == cost


@given(amounts, amounts)
def test_what_is_written_as_numbers_is_what_is_written_as_text(prompt: Decimal, completion: Decimal) -> None:
    listed = parse_price(written_price([float(prompt), float(completion)]), "")
    assert listed == parse_price(f"{prompt:f},{completion:f}", "")


@given(st.text())
def test_any_other_text_is_refused_by_how_it_should_be_written(text: str) -> None:
    try:
        found = parse_price(text, "told")
    except ValueError as error:
        assert "must be IN,OUT" in str(error)  # noqa: PT017
    else:
        assert min(found.prompt, found.completion) >= 0
        assert text.count(",") == 1


BAD = [
    "",
    "5",
    "1,2,3",
    "-1,2",
    "nan,1",
    "1,inf",
    "1e3,1",
    "1_0,2",
    "$1,2",
    "1;2",
    "1,",
    "0.0000001,1",
    "100001,1",
    "1,٣",
]


@pytest.mark.parametrize("told", BAD)
def test_a_bad_price_is_refused_under_the_name_it_was_given_by(tmp_path: Path, told: str) -> None:
    with pytest.raises(SetupError, match=r"--price: must be IN,OUT"):
        resolve({"model": "m", "price": told}, {})
    if told:
        with pytest.raises(SetupError, match=r"DATAGEN_PRICE: must be IN,OUT"):
            resolve({"model": "m"}, {"DATAGEN_PRICE": told})
    file = tmp_path / "datagen.toml"
    file.write_text(f'model = "m"\n[prices]\n"My-LLM" = "{told}"\n', "utf-8")
    with pytest.raises(SetupError, match=r"datagen\.toml: prices: the price of 'My-LLM' must be IN,OUT"):
        resolve({}, {}, file)


@pytest.mark.parametrize("told", ["nan", "[1]", "[1, inf]", "[-1, 2]", "[true, 2]", "{ in = 1 }", "3"])
def test_bad_prices_in_toml_are_refused(tmp_path: Path, told: str) -> None:
    (tmp_path / "datagen.toml").write_text(f'model = "m"\n[prices]\nm = {told}\n')
    with pytest.raises(SetupError, match=r"datagen\.toml: prices: the price of 'm' must be IN,OUT"):
        resolve({}, {}, tmp_path / "datagen.toml")
    (tmp_path / "datagen.toml").write_text('model = "m"\nprices = 3\n')
    with pytest.raises(SetupError, match=r"datagen\.toml: prices: must be a table"):
        resolve({}, {}, tmp_path / "datagen.toml")


def test_the_users_word_is_over_the_table(tmp_path: Path) -> None:
    file = tmp_path / "datagen.toml"
    file.write_text('model = "m"\n[prices]\n"gpt-4*" = "9,9"\n"gpt-4o*" = [0.5, 1]\n"gpt-4o-mini" = "3,4"\n')
    settings = resolve({}, {}, file)
    assert price_of("gpt-4o-mini", settings) == Price(3_000_000, 4_000_000, "[prices]: gpt-4o-mini")
    assert price_of("gpt-4o-mini-x", settings) == Price(500_000, 1_000_000, "[prices]: gpt-4o*")
    assert price_of("gpt-4", settings) == Price(9_000_000, 9_000_000, "[prices]: gpt-4*")
    assert price_of("gpt-3.5-turbo", settings) != price_of("gpt-4", settings)
    flag = resolve({"price": "1,2"}, {}, file)
    assert price_of("gpt-4o-mini", flag) == Price(1_000_000, 2_000_000, "--price")
    assert price_of("gpt-4o-mini", flag, batch=True) == price_of("gpt-4o-mini", flag)


def test_the_mock_is_free_and_a_server_that_calls_itself_so_is_unknown() -> None:
    assert price("mock") == Price(0, 0, "the mock is free")
    assert price("mock", base_url="http://127.0.0.1:8000/v1") is None


@pytest.mark.parametrize(
    ("model", "prompt", "completion"),
    [("gpt-4", 30, 60), ("gpt-4-0314", 30, 60), ("gpt-4o-2024-05-13", 5, 15), ("ft:gpt-4o-2024-08-06:me::x", 3.75, 15)],
)
def test_openais_prices_are_from_the_table(model: str, prompt: float, completion: float) -> None:
    for address in (None, "https://api.openai.com/v1", "https://API.openai.com:443/v1/"):
        found = price(model, base_url=address)
        assert found is not None
        assert (found.prompt, found.completion) == (prompt * 10**6, completion * 10**6)
        assert found.basis.startswith("genai-prices 0.2")
        assert ": openai/" in found.basis


def test_a_price_that_changed_tells_since_when() -> None:
    found = price("o3")
    assert found is not None
    assert ", since 2025-06-10" in found.basis


def test_batches_have_their_own_price_or_none() -> None:
    usual, batch = price("gpt-4o"), price("gpt-4o", batch=True)
    assert usual is not None
    assert batch is not None
    assert (2 * batch.prompt, 2 * batch.completion) == (usual.prompt, usual.completion)
    assert batch.basis.endswith(", batch")
    assert price("gpt-4.5-preview", batch=True) is None


def test_the_road_by_batch_goes_by_what_is_told_of_batches_else_by_half() -> None:
    def by_batch(model: str = "m", **settings: object) -> Price | None:
        return batch_price_of(model, Settings(model=model, **settings))

    assert by_batch(price="3,5", batch_price="1,2") == parse_price("1,2", "--batch-price")
    assert by_batch(price="3,5") == Price(1_500_000, 2_500_000, "--price, half of it by batch")
    assert by_batch(price="0.000001,0") == Price(1, 0, "--price, half of it by batch"), "never too low"
    assert by_batch("gpt-4o") == price("gpt-4o", batch=True)
    assert by_batch() is None


def test_a_tiered_price_is_that_of_short_prompts() -> None:
    from genai_prices.data_snapshot import get_snapshot

    openai = next(provider for provider in get_snapshot().providers if provider.id == "openai")
    (tiered,) = (model.prices.input_mtok for model in openai.models if model.id == "gpt-5.4")
    found = price("gpt-5.4")
    assert found is not None
    assert found.prompt == per_token(tiered.base) < per_token(tiered.tiers[0].price)


@pytest.mark.parametrize(
    "model",
    [
        "gpt-4o-2099-01-01", "gpt-4o-mini-2", "gpt-4o-minimax", "gpt-4.9", "gpt-4-next", "gpt-4x", "gpt-40", "gpt-5.99",
        "gpt-99", "o9", "o9-mini", "o3-mega", "gpt-3.5-turbo-0999", "gpt-4o-audio-preview-mini", "openai/gpt-4o",
        "gpt-4o ", "my-gpt-4", "ft:gpt-9:me", "whisper-1", "text-embedding-3-small", "moderation-9", "llama", "", "*",
    ],
)  # fmt: skip
def test_a_name_that_the_table_does_not_list_has_no_price(model: str) -> None:
    assert price_of(model, Settings(model="m")) is None


@pytest.mark.parametrize("model", ["claude-opus-4-99", "claude-2.7", "claude-3-5-haiku-mini", "claude-haiku-4-55"])
def test_a_beginning_in_common_is_not_enough(model: str) -> None:
    assert price(model, base_url="https://api.anthropic.com/v1") is None


def test_other_known_providers_are_known_by_their_address() -> None:
    dated = price("claude-sonnet-4-20250514", base_url="https://api.anthropic.com/v1")
    assert dated is not None
    assert dated.prompt == 3_000_000
    assert price("gpt-4o", base_url="https://api.anthropic.com/v1") is None
    routed = price("openai/gpt-4o", base_url="https://openrouter.ai/api/v1")
    assert routed is not None
    assert "openrouter/openai/gpt-4o" in routed.basis


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8000/v1", "https://127.0.0.1/v1", "http://api.openai.com/v1", "https://gpu01/v1",
        "https://api.openai.com.evil.example/v1", "https://api.openai.com:8443/v1", "https://evil.example/api.openai.com",
        "https://evil.example/x.googleapis.com", "https://evil.example/https://api.openai.com", "https://api.openai.co",
        "https://me.openai.azure.com/openai", "https://me--vllm.modal.run/v1", "https://api.openai.com:99999/v1",
    ],
)  # fmt: skip
def test_a_server_that_is_not_known_has_no_price_whatever_its_model_is_called(address: str) -> None:
    for model in ("gpt-4", "gpt-4o", "gemini-2.5-flash"):
        assert price(model, base_url=address) is None


@pytest.mark.parametrize(
    ("model", "most"),
    [
        ("gpt-3.5-turbo", 4096), ("gpt-4", 8192), ("gpt-4-0613", 8192), ("gpt-4-turbo-2024-04-09", 4096),
        ("gpt-4-1106-preview", 4096), ("gpt-4-32k", 32768), ("gpt-4o-mini", 16384), ("gpt-4.1-nano", 32768),
        ("o3", 100_000), ("o4-mini", 100_000), ("gpt-5", 128_000), ("gpt-5-pro", 272_000), ("gpt-5.2", 128_000),
        ("openai/gpt-4o", 16384), ("ft:gpt-4o-2024-08-06:me::x", 16384), ("Qwen/Qwen2.5-7B-Instruct", 32768),
    ],
)  # fmt: skip
def test_the_longest_reply(model: str, most: int) -> None:
    assert reply_limit(model) == most


def test_the_table_is_loaded_for_nobody_who_needs_it_not() -> None:
    code = (
        "import sys; from datagen.prices import price_of; from datagen.settings import Settings\n"
        "price_of('mock', Settings(model='mock')); price_of('m', Settings(model='m', price='1,2'))\n"
        "price_of('gpt-4', Settings(model='gpt-4', base_url='http://gpu01:8000/v1'))\n"
        "assert 'genai_prices' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
