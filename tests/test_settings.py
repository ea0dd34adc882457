"""Settings: what overrides what, and faults say where they were set. Keys: which goes where, never into print."""

from __future__ import annotations

from pathlib import Path

import pytest

from datagen.errors import SetupError
from datagen.keys import Key, find_key
from datagen.settings import Settings, allowed, resolve


def test_flags_over_environment_over_file_over_defaults(tmp_path: Path) -> None:
    file = tmp_path / "datagen.toml"
    file.write_text('model = "from-file"\nseed = 1\nlimit = 10\nmax-tokens = 5\n')
    settings = resolve({"model": "from-flag", "seed": None}, {"DATAGEN_SEED": "2", "DATAGEN_MODEL": "from-env"}, file)
    assert (settings.model, settings.seed, settings.limit, settings.max_tokens) == ("from-flag", 2, 10, 5)
    assert settings.concurrency == Settings(model="x").concurrency


def test_tasks_from_each_source(tmp_path: Path) -> None:
    file = tmp_path / "datagen.toml"
    file.write_text('model = "m"\ntask = "a"\n')
    assert resolve({"task": ()}, {}, file).task == ("a",)
    assert resolve({"task": ()}, {"DATAGEN_TASK": "b,c"}, file).task == ("b", "c")
    assert resolve({"task": ("d",)}, {"DATAGEN_TASK": "b,c"}, file).task == ("d",)


def test_a_prompt_folder_in_a_file_is_beside_that_file(tmp_path: Path) -> None:
    (tmp_path / "datagen.toml").write_text('model = "m"\nprompts = "mine"\nmax_rejected = 25\n')
    settings = resolve({}, {}, tmp_path / "datagen.toml")
    assert (settings.prompts, settings.max_rejected) == (tmp_path / "mine", "25")


def test_lists_and_paths_of_a_selection_from_each_source(tmp_path: Path) -> None:
    file = tmp_path / "sub" / "datagen.toml"
    file.parent.mkdir()
    file.write_text('model = "m"\ncategories = ["dog", "bear, polar"]\nimages-list = "l.txt"\nimages = "p"\n')
    settings = resolve({}, {}, file)
    assert settings.categories == ("dog", "bear, polar"), "a list in a file is taken as it stands"
    assert (settings.images_list, settings.images) == (file.parent / "l.txt", file.parent / "p")
    settings = resolve({"images": Path("q")}, {"DATAGEN_CATEGORIES": "cat, dog,cat", "DATAGEN_IMAGES_LIST": "m"}, file)
    assert settings.categories == ("cat", "dog")
    assert (settings.images_list, settings.images) == (Path("m").absolute(), Path("q").absolute())
    file.write_text('model = "m"\ncategories = "cat"\nsplit = "02/3"\ncache = false\n')
    assert (resolve({}, {}, file).categories, resolve({}, {}, file).split) == (("cat",), "2/3")
    assert resolve({}, {}, file).cache is False


def test_a_selection_comes_back_from_what_is_kept_of_it() -> None:
    for settings in (Settings(model="m"), Settings(model="m", sample=3, sample_by="coverage", split="1/2")):
        assert Settings.model_validate(settings.model_dump(mode="json")) == settings


def test_who_can_do_without_a_model_takes_any_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "datagen.toml").write_text('model = "gpt-4o"\n')
    assert resolve({}, {}, None, "mock").model == "mock"
    assert resolve({}, {}, tmp_path / "datagen.toml", "mock").model == "gpt-4o"


def test_a_model_must_be_named() -> None:
    with pytest.raises(SetupError, match="no model was named") as fault:
        resolve({}, {})
    assert "--model" in fault.value.hint


@pytest.mark.parametrize(
    ("flags", "environ", "toml", "says"),
    [
        ({"limit": 0}, {}, "", "--limit"),
        ({"temperature": 9}, {}, "", "--temperature"),
        ({"image_token": "middle"}, {}, "", "--image-token"),
        ({"max_cost": float("nan")}, {}, "", "--max-cost"),
        ({"max_cost": float("inf")}, {}, "", "--max-cost"),
        ({"rpm": float("nan")}, {}, "", "--rpm"),
        ({"confirm_above": float("nan")}, {}, "", "--confirm-above"),
        ({"max_rejected": "lots"}, {}, "", "--max-rejected"),
        ({"base_url": "localhost:8000"}, {}, "", "--base-url"),
        ({"base_url": "http://me:secret@host/v1"}, {}, "", "must not hold a name or password"),
        ({"base_url": "http://host/v1?api_key=secret"}, {}, "", "keys are no part of an address"),
        ({}, {"DATAGEN_CONCURRENCY": "many"}, "", "DATAGEN_CONCURRENCY"),
        ({"sample": 0}, {}, "", "--sample:"),
        ({"split": "2"}, {}, "", "--split: must be i/N"),
        ({"split": "0/2"}, {}, "", "--split: must be i/N"),
        ({"split": "3/2"}, {}, "", "--split: must be i/N"),
        ({}, {}, "split = 0.5", "datagen.toml: split"),
        ({"sample_by": "coverage"}, {}, "", "--sample-by: says how a sample is drawn: give --sample N too$"),
        ({}, {"DATAGEN_SAMPLE_BY": "random"}, "", "DATAGEN_SAMPLE_BY: says how"),
        ({"max_boxes": 2}, {"DATAGEN_MIN_BOXES": "3"}, "", "--max-boxes: must be at least as many as min-boxes"),
        ({"min_captions": -1}, {}, "", "--min-captions"),
        ({}, {"DATAGEN_CATEGORIES": " , "}, "", "DATAGEN_CATEGORIES: must name a category"),
        ({}, {}, "boxes = 'round'", "datagen.toml: boxes"),
        ({}, {"DATAGEN_CACHE": "perhaps"}, "", "DATAGEN_CACHE"),
        ({}, {}, "seed = 'x'", "datagen.toml: seed"),
        ({}, {}, "modle = 'x'", "datagen.toml: modle: no setting is called 'modle'"),
        ({}, {"DATAGEN_MODLE": "x"}, "", "DATAGEN_MODLE"),
        ({}, {}, "seed = ", "not TOML"),
        ({}, {}, "api_key = 'sk-1'", "no setting is called 'api_key'"),
    ],
)
def test_a_fault_says_where_it_was_set(
    tmp_path: Path, flags: dict[str, object], environ: dict[str, str], toml: str, says: str
) -> None:
    (tmp_path / "datagen.toml").write_text(toml)
    with pytest.raises(SetupError, match=says.replace("(", r"\(")):
        resolve({"model": "m", **flags}, environ, tmp_path / "datagen.toml")
    with pytest.raises(SetupError) as fault:
        resolve({"model": "m", **flags}, environ, tmp_path / "datagen.toml")
    assert "secret" not in f"{fault.value} {fault.value.hint}"


def test_near_misses_are_offered() -> None:
    with pytest.raises(SetupError) as fault:
        resolve({"model": "m"}, {"DATAGEN_CONCURENCY": "5"})
    assert "concurrency" in fault.value.hint


def test_openais_address_in_the_environment_counts_but_not_for_the_mock() -> None:
    environ = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    assert resolve({"model": "m"}, environ).base_url == "http://127.0.0.1:9/v1"
    assert resolve({"model": "mock"}, environ).base_url is None
    assert resolve({"model": "m"}, {**environ, "DATAGEN_BASE_URL": "https://ours/v1"}).base_url == "https://ours/v1"
    assert resolve({"model": "m", "base_url": "https://flag/v1"}, environ).base_url == "https://flag/v1"


def test_only_what_was_asked_for_is_sent() -> None:
    assert Settings(model="m").options == {}
    assert Settings(model="m", temperature=0, max_tokens=9).options == {"temperature": 0, "max_completion_tokens": 9}
    assert Settings(model="m", max_tokens=9, base_url="http://127.0.0.1/v1").options == {"max_tokens": 9}


@pytest.mark.parametrize(
    ("text", "planned", "value"), [("25", 100, 25), ("0", 9, 0), ("0.1", 50, 5), ("10%", 50, 5), ("1.0", 7, 7)]
)
def test_how_many_may_be_rejected(text: str, planned: int, value: float) -> None:
    assert allowed(text, planned) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "-1", "200%", "1.5", "nan", "x", "ten"])
def test_garbage_for_that_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number of records"):
        allowed(text, 10)


def test_openai_wants_a_key() -> None:
    assert find_key(None, None, {"OPENAI_API_KEY": " sk-1\n"}, on_purpose=False).value == "sk-1"
    with pytest.raises(SetupError, match="no key"):
        find_key(None, None, {}, on_purpose=False)


@pytest.mark.parametrize(
    ("address", "on_purpose", "sent"),
    [
        ("https://router.example/v1", True, True),
        ("http://127.0.0.1:8000/v1", True, True),
        ("http://localhost:8000/v1", True, True),
        ("http://[::1]:8000/v1", True, True),
        ("http://gpu01:8000/v1", True, False),
        ("http://127.0.0.1.evil.example/v1", True, False),
        ("https://router.example/v1", False, False),
    ],
)
def test_openais_key_does_not_leave_unencrypted_nor_by_a_file(address: str, on_purpose: bool, sent: bool) -> None:
    key = find_key(address, None, {"OPENAI_API_KEY": "sk-1"}, on_purpose=on_purpose)
    assert key.value == ("sk-1" if sent else None)
    assert bool(key.notice) != sent


def test_a_key_given_on_purpose_goes_where_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-2\n")
    assert find_key("http://gpu01/v1", tmp_path / "key", {}, on_purpose=True).value == "sk-2"
    assert find_key("http://gpu01/v1", None, {"DATAGEN_API_KEY": "sk-3"}, on_purpose=False).value == "sk-3"


@pytest.mark.parametrize("text", ["", "two words", "sk-\x1b[31m", "schlüssel"])
def test_a_file_that_holds_no_key_is_refused_without_showing_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text, "utf-8")
    with pytest.raises(SetupError) as fault:
        find_key(None, tmp_path / "key", {}, on_purpose=True)
    assert not text or text not in str(fault.value)


def test_a_key_does_not_show_itself() -> None:
    assert "sk-1" not in repr(Key("sk-1"))
    assert "sk-1" not in f"{Key('sk-1')}"
