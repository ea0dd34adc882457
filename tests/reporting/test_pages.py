"""The pages of `datagen checks`: a line a check, and all about one."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from datagen.errors import UnknownName
from datagen.reporting.documents import dumped
from datagen.reporting.pages import checks_json, explain_check, find_checks, list_checks, select_checks
from tests.reporting.making import CATALOG, EVIL, TEXTS, Told

ALL = list(CATALOG.values())


def test_each_check_is_a_line_under_its_family() -> None:
    lines = list_checks(ALL).splitlines()
    assert lines[0] == "S: shape"
    assert lines[1].split(maxsplit=3) == ["S001", "error", "special-token", "A token stands inside a text."]
    assert "T001  error  masked  llava  damaged  Something is wrong." in lines
    assert "T: trainers, llava" in lines
    assert "T001  error  masked  damaged  Something is wrong." in list_checks(ALL, 80).splitlines()
    assert lines[-1] == "4 checks; `datagen checks CODE` explains one."


def test_a_listing_keeps_to_the_terminal() -> None:
    wordy = Told("S002", "x", "info", "word " * 50)
    assert max(map(cell_len, list_checks([*ALL, wordy], 80).splitlines())) == 80
    assert "word " * 49 in list_checks([wordy])


def test_some_are_listed_by_target_and_family() -> None:
    assert [check.code for check in select_checks(CATALOG, target="llava")] == ["T001"]
    assert [check.code for check in select_checks(CATALOG, family="s")] == ["S001"]
    assert select_checks(CATALOG, "llava", "S") == []
    with pytest.raises(UnknownName, match="no target is called 'lava'") as raised:
        select_checks(CATALOG, target="lava")
    assert raised.value.hint == "did you mean llava?"
    with pytest.raises(UnknownName, match="no family"):
        select_checks(CATALOG, family="Z")


def test_a_check_is_found_by_code_and_name() -> None:
    assert [check.code for check in find_checks(CATALOG, ["s001", "Masked", "S001"])] == ["S001", "T001"]
    for name, meant in (("S0O1", "S001"), ("special-tokens", "special-token")):
        with pytest.raises(UnknownName) as raised:
            find_checks(CATALOG, [name])
        assert meant in raised.value.hint


def test_a_page_has_the_reason_and_both_examples() -> None:
    good = {"id": "x", "value": "It is\n消 \u202e"}
    check = Told(
        "T009", "lost-turn", "error", "A turn.", "One.\nTwo.\n\nThree.", [good, "</s>"], good, "qwen", "lost", True
    )
    page = explain_check(check)
    assert page.startswith(
        "T009 lost-turn (error)\n\nA turn.\n\nOne. Two.\n\nThree.\n\nTrainer: qwen: the record is dropped."
    )
    assert "Can be mended" in page
    fails, passes = re.split(r"\nPasses\n", page.split("\nFails\n")[1])
    assert json.loads(fails) == [good, "</s>"]
    assert json.loads(passes) == good
    assert "消" in passes
    assert "\u202e" not in page


def test_a_record_too_wide_for_a_line_has_a_line_a_member() -> None:
    record = {"id": "x" * 30, "conversations": [{"from": "human", "value": "y" * 20}, {"from": "gpt", "value": ""}]}
    assert explain_check(Told("S009", "x", "info", passes=record), 60).split("Passes\n")[1] == (
        "  {\n"
        f'    "id": "{"x" * 30}",\n'
        '    "conversations": [\n'
        f'      {{"from": "human", "value": "{"y" * 20}"}},\n'
        '      {"from": "gpt", "value": ""}\n'
        "    ]\n"
        "  }\n"
    )


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(_JSON, st.sampled_from([40, 80, None]))
def test_examples_can_be_copied_and_move_no_terminal(example: object, width: int | None) -> None:
    page = explain_check(Told("S009", "x", "info", EVIL, EVIL, example, EVIL), width)
    assert all(line.isprintable() for line in page.split("\n"))
    copied = json.loads(page.split("\nFails\n")[1].split("\n\nPasses\n")[0])
    assert dumped(copied) == dumped(example)  # two halves of a pair that stand together are one letter


def test_programs_get_the_same() -> None:
    (line,) = json.loads(checks_json([CATALOG["T001"]]))
    assert line == {
        "code": "T001",
        "name": "masked",
        "level": "error",
        "target": "llava",
        "does": "damaged",
        "fixable": False,
        "about": "Something is wrong.",
    }
    (whole,) = json.loads(checks_json([CATALOG["S001"]], whole=True))
    assert whole["target"] is None
    assert (whole["why"], whole["fails"], whole["passes"]) == ("It hurts.", "bad", "good")
