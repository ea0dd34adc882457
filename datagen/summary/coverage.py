"""Which categories the answers speak of, beside what the annotations have. It knows names, and no pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from datagen.checks.sample import Sample
from datagen.grounding.tokens import tokens
from datagen.grounding.vocabulary import Vocabulary


class Spoken:
    """Fed with records: in how many of them each category is named by the model."""

    def __init__(self, categories: Iterable[str]) -> None:
        self.records = 0
        self.named: Counter[str] = Counter()
        self._vocabulary = Vocabulary(categories)

    def see(self, sample: Sample) -> None:
        """One record."""
        self.records += 1
        words = [word for said in sample.said if said.speaker == "gpt" for word in tokens(said.text)]
        found: set[str] = set()
        for _, _, form in self._vocabulary.find(words):
            if form.noun.width != "wide":
                found.update(form.noun.categories)
        self.named.update(found)
