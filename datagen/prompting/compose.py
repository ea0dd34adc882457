"""Task + ImageContext → Query and Request: the messages, their bytes, and an id that proves them.

The scheme is the paper's: the system message, each example as a user and an assistant turn, and the image as the last
user turn. Everything but the image is the same for every query of a task, so it is serialised once and the image
spliced in; the digest that ends a query's id is over the whole of the bytes, so an edited prompt is a new question.
A repair is the same bytes with two turns more: the model's bad reply, and what is wrong with it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from datagen.prompting.context import SIGHTS, describe
from datagen.schema import ImageContext, Query, Request, Task
from datagen.text import paragraphs, pick, slug

_MARK = "\u0000image\u0000"  # where the image goes while the rest is serialised
_WRONG = "Your reply cannot be used:"
_UNTRUE = "Your reply is not true in all it says:"
_AGAIN = "Write the whole reply again with that put right: the same form, and nothing besides."
_TOKEN = re.compile(r"<(?=[|/!<\uff5cA-Za-z])|\[(?=/?[A-Z]{2})")


def messages(task: Task, image_text: str) -> list[dict[str, str]]:
    """What is said: system, the examples, and `image_text` as the last user turn."""
    turns = [{"role": "system", "content": task.system}]
    for shot in task.shots:
        turns += [{"role": "user", "content": shot.context}, {"role": "assistant", "content": shot.reply}]
    return [*turns, {"role": "user", "content": image_text}]


class Composer:
    """Makes the queries and requests of one task. `options` are further fields of the request's body."""

    def __init__(self, task: Task, model: str, options: Mapping[str, Any], seed: int) -> None:
        self.task, self.seed = task, seed
        body = {"model": model, "messages": messages(task, _MARK), **options}
        before, _, after = _json(body).rpartition(_json(_MARK))
        self._before, self._after = before.encode(), after.encode()
        self._digest = hashlib.sha256(self._before)
        self._slug = slug(task.name, 24)

    def lacks(self, image: ImageContext) -> str | None:
        """What the task needs and the image has not; None when it can be asked about."""
        missing = next((name for name in self.task.needs if not SIGHTS[name](image)), None)
        if missing is None and not describe(image, self.task.sees):
            return " or ".join(self.task.sees)
        return missing

    def query(self, image: ImageContext, draw: int = 0) -> Query:
        """The query about `image`; the same input gives the same query."""
        questions = self.task.questions
        name = self.task.name
        question = (
            questions[pick(len(questions), str(self.seed), name, image.image_id, str(draw))] if questions else None
        )
        digest = self._sha256(self._rest(image))
        stem = f"{image_slug(image.image_id)}-{self._slug}-{draw}"
        return Query(id=f"{stem}-{digest[:8]}", task=name, image=image, question=question, draw=draw, digest=digest)

    def request(self, query: Query) -> Request:
        """The bytes to send for `query`."""
        return Request(id=query.id, body=self._before + self._rest(query.image))

    def planned(self, query: Query) -> Request | None:
        """The same; None where it is not, byte for byte, what the query was planned with."""
        rest = self._rest(query.image)
        return Request(id=query.id, body=self._before + rest) if self._sha256(rest) == query.digest else None

    def repair(self, query: Query, reply: str, wrong: Sequence[str], *, usable: bool = False) -> Request:
        """The bytes to send after a reply that cannot be used, or is `usable` and not true in all it says, for the
        reasons in `wrong`, a line each."""
        told = "\n".join([_UNTRUE if usable else _WRONG, *(f"- {_harmless(reason)}" for reason in wrong), "", _AGAIN])
        more = [{"role": "assistant", "content": _harmless(reply)}, {"role": "user", "content": told}]
        rest = _json(describe(query.image, self.task.sees)).encode() + b"}," + _json(more)[1:-2].encode()
        body = self._before + rest + self._after
        return Request(id=query.id, body=body, sha256=self._sha256(rest + self._after))

    def _sha256(self, rest: bytes) -> str:
        """Of the whole request; what is the same in all of them has been gone through once."""
        sha = self._digest.copy()
        sha.update(rest)
        return sha.hexdigest()

    def _rest(self, image: ImageContext) -> bytes:
        return _json(describe(image, self.task.sees)).encode() + self._after


def image_slug(image_id: str) -> str:
    """An image's id for use in other ids: whole numbers as COCO writes them, twelve digits; never with a `-`, so that
    the task's name begins at the first one and no two ids can meet."""
    whole = image_id.isascii() and image_id.isdecimal() and len(image_id) <= 18
    return image_id.zfill(12) if whole else slug(image_id, 24, "_")


def _harmless(text: str) -> str:
    """Without control characters, and with a blank in what a chat template would take for the end of a turn or for
    another token of its own."""
    return _TOKEN.sub(lambda found: f"{found[0]} ", paragraphs(text))


_json = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
