"""Category names of any file, and the words that stand for them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from datagen.grounding.judge import Grounder
from datagen.grounding.naming import plural, spoken
from datagen.grounding.tokens import tokens
from datagen.grounding.vocabulary import Vocabulary
from datagen.llm.mock.knowledge import GROUPS
from datagen.schema import Box, ImageContext, Turn


def names(categories: list[str], text: str) -> list[str]:
    return [form.noun.name for _, _, form in Vocabulary(categories).find(tokens(text))]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("dog_(hound)", "dog"),
        ("Clear plastic bottle", "clear plastic bottle"),
        ("wall-other-merged", "wall"),
        ("Other plastic bottle", "plastic bottle"),
        ("bus_(vehicle)", "bus"),
        ("_background_", "background"),
        ("stuff", "stuff"),
        ("(x)", "x"),
        ("", ""),
    ],
)
def test_a_name_as_it_would_be_said(name: str, said: str) -> None:
    assert spoken(name) in (said, "")


@pytest.mark.parametrize(
    ("one", "many"),
    [("dog", "dogs"), ("bus", "buses"), ("fire truck", "fire trucks"), ("knife", "knives"), ("policeman", "policemen"),
     ("sheep", "sheep"), ("pony", "ponies"), ("wine glass", "wine glasses"), ("犬", "犬")],
)  # fmt: skip
def test_plurals(one: str, many: str) -> None:
    assert plural(one) == many


def test_all_of_coco_is_found_in_both_numbers() -> None:
    vocabulary = Vocabulary(GROUPS)
    for name in GROUPS:
        for phrase in (name, plural(name)):
            (found,) = vocabulary.find(tokens(f"the {phrase} ."))
            assert name in found[2].noun.categories


def test_the_longest_phrase_wins() -> None:
    assert names(list(GROUPS), "a hot dog, a teddy bear, a fire truck and two wine glasses") == [
        "hot dog", "teddy bear", "truck", "wine glass"]  # fmt: skip


def test_other_names_of_the_same_things_get_their_synonyms() -> None:
    voc = ["aeroplane", "diningtable", "motorbike", "pottedplant", "sofa", "tvmonitor", "person"]
    assert names(voc, "a plane, a couch and a woman on motorcycles") == ["aeroplane", "sofa", "person", "motorbike"]


def test_a_file_without_people_has_no_word_for_them() -> None:
    assert names(["dog"], "a man with his puppy") == ["dog"]


def test_names_that_only_this_file_has_are_known_by_themselves_and_their_last_word() -> None:
    taco = Vocabulary(["Clear plastic bottle", "Other plastic bottle", "Pop tab"])
    found = {
        form.noun.name: form.noun for _, _, form in taco.find(tokens("clear plastic bottles, pop tabs and a bottle"))
    }
    assert found["Clear plastic bottle"].certain
    assert found["bottle"].categories == ("Clear plastic bottle", "Other plastic bottle")
    assert not found["bottle"].certain
    ((_, _, other),) = taco.find(tokens("a plastic bottle"))
    assert other.noun.categories == ("Other plastic bottle", "Clear plastic bottle")


@pytest.mark.parametrize("file", ["taco", "lvis_val_100", "panoptic_detection_format"])
def test_real_files_of_other_people(shared_data: Path, file: str) -> None:
    path = next((shared_data / "odd").glob(f"{file}.json*"))
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    categories = [each["name"] for each in json.loads(raw)["categories"]]
    vocabulary = Vocabulary(categories)
    missing = [name for name in categories if not vocabulary.find(tokens(f"a {spoken(name)}."))]
    assert missing == []


def test_what_thousands_of_categories_leave_unboxed_is_not_missing() -> None:
    many = [f"thing {n}" for n in range(500)] + ["giraffe", "dog"]
    image = ImageContext(image_id="1", file_name="a", width=1, height=1, captions=(), boxes=(Box("dog", 0, 0, 1, 1),))
    assert not Grounder(many).ground([Turn("?", "There is a giraffe.")], image).contradicted
    assert Grounder(many[-2:]).ground([Turn("?", "There is a giraffe.")], image).contradicted
