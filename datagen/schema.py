"""The nouns, in the order in which a run makes them.

Annotations give an `ImageContext`; a prompt folder gives a `Task`; the two give a `Query`; what is sent for it is a
`Request`; what comes back is a `Response`; parsed it is a list of `Turn`s; judged it is a `Record` with `Finding`s.
All are frozen and refuse unknown fields. They know nothing of files, networks or trainers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict


class Noun(BaseModel):
    """What all nouns share: frozen, and no field that was not named here."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Box(NamedTuple):
    """One object: corners over the picture's width and height, 0..1, top left is (0, 0). A NamedTuple because a whole
    COCO train set of pydantic boxes costs four times the memory."""

    category: str
    x1: float
    y1: float
    x2: float
    y2: float


class ImageContext(Noun):
    """What the annotations know of one picture."""

    image_id: str
    """The annotation file's id; whole numbers in decimal without leading zeros."""
    file_name: str
    """Relative POSIX path below the picture folder; never absolute, never with `..`."""
    width: int | None
    """Pixels; None where no file tells."""
    height: int | None
    captions: tuple[str, ...]
    """One line each, in ascending annotation id."""
    boxes: tuple[Box, ...]
    """In file order."""
    absent: tuple[str, ...] = ()
    """Things that would fit in and are surely not there; told only where some task wants to know."""


class Boxed(NamedTuple):
    """What could have a box in some annotations."""

    categories: tuple[str, ...] = ()
    """Those that any box is of."""
    everywhere: bool = True
    """Whether all of them were looked for in every picture."""


class Shot(NamedTuple):
    """One worked example: the context as the model would get it, and the reply it should give."""

    context: str
    reply: str


class Task(Noun):
    """One prompt folder, read."""

    name: str
    description: str
    system: str
    shots: tuple[Shot, ...]
    questions: tuple[str, ...]
    """For replies that are answers only: what is put before them in a record."""
    sees: tuple[str, ...]
    """Names in SIGHTS: what of an image goes into the question, in this order."""
    needs: tuple[str, ...]
    """An image without one of these is left out of this task, and counted."""
    reply: str
    """The form of a reply: a name in PARSERS."""
    pairs: tuple[int, int | None]
    """How many question/answer pairs a reply may hold; None is no upper limit."""
    default: bool = True
    """Whether it is asked where no task is named."""


class Query(Noun):
    """One thing to ask: a task about an image."""

    id: str
    """`<image>-<task>-<draw>-<digest of the request's bytes>`, at most 64 of [A-Za-z0-9_-]."""
    task: str
    image: ImageContext
    question: str | None
    """The human's line where the reply is an answer only."""
    draw: int
    """Which of several answers to the same question this is, from 0."""
    digest: str
    """sha256 in hex of the request's bytes; the id ends in its first digits."""

    @property
    def record_id(self) -> str:
        """The id that the record carries: the query's without its digest."""
        return self.id.rpartition("-")[0]


class Request(Noun):
    """What goes over the wire for a query: the very bytes, so that the digest in the id proves them."""

    id: str
    body: bytes
    sha256: str | None = None
    """Of the bytes, in hex, where they are not the query's own: a repair, which shows the model its bad reply."""

    def payload(self) -> dict[str, Any]:
        """The body, decoded."""
        decoded: dict[str, Any] = json.loads(self.body)
        return decoded


class Usage(NamedTuple):
    """Tokens as the provider counted them; None where it did not say."""

    prompt: int | None = None
    completion: int | None = None


class Window(NamedTuple):
    """What a provider said, with an answer, of one of its rate limits."""

    kind: Literal["requests", "tokens"]
    limit: float
    """A minute."""
    remaining: float
    """Left in the bank."""
    reset: float | None
    """Seconds until the bank is full again."""


class Failure(Noun):
    """Why an attempt gave no answer."""

    reason: str
    """What it is counted under: `rate-limited`, `timeout`, `too-long` …"""
    message: str
    again: bool
    """Whether sending the same request again can help."""
    wait: float | None = None
    """Seconds the provider asked to wait before that."""
    perhaps_billed: bool = False
    """Whether the provider may have billed it all the same: nobody can know."""


class Response(Noun):
    """What one attempt brought: an answer, or an error."""

    query_id: str
    text: str = ""
    finish: str | None = None
    """The provider's `finish_reason`; `length` means cut off."""
    refusal: str | None = None
    model: str | None = None
    """The model that says it answered, which need not be the one that was asked for."""
    usage: Usage = Usage()
    request_id: str | None = None
    raw: bytes = b""
    """The body as it came; `text` and the rest can be read from it again."""
    windows: tuple[Window, ...] = ()
    """What the provider said of its rate limits."""
    error: Failure | None = None


class Answered(NamedTuple):
    """An answer as far as a ledger wants to know it, without what is read from its bytes again later: of the many that
    come at once a Response would cost three times as much."""

    query_id: str
    raw: bytes
    model: str | None
    usage: Usage
    request_id: str | None
    error: None = None


Fault = Callable[[Response], str | None]
"""What is wrong with a reply, in the word that it would be rejected with; None when it is good."""


class Turn(NamedTuple):
    """A question and its answer."""

    question: str
    answer: str


Level = Literal["error", "warning", "info"]


class Finding(Noun):
    """What a check saw. An error rejects the record."""

    code: str
    """Stable: a family letter and three digits."""
    check: str
    """The check's name, which is the reason a rejected record is counted under."""
    level: Level
    message: str
    where: str
    """`reply`, `reply line 4`, `turn 2 answer`; in a file a JSON path, `conversations[1].value`."""
    words: str = ""
    """The words in question, where there are any."""
    target: str = ""
    """Whose trainer it is about, where it is about one."""


class Grounded(NamedTuple):
    """Claims about a picture, by what the annotations say of them."""

    supported: int = 0
    contradicted: int = 0
    unknown: int = 0
    """The annotations cannot tell."""

    @property
    def score(self) -> float | None:
        """The share of those that could be judged which is borne out, 0..1; None where none could be."""
        judged = self.supported + self.contradicted
        return self.supported / judged if judged else None


class Record(Noun):
    """A reply, read and judged."""

    id: str
    query_id: str
    task: str
    image: str
    turns: tuple[Turn, ...]
    findings: tuple[Finding, ...]
    grounded: Grounded | None = None
    """What it claims of the picture; None where nobody looked."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.level == "error")

    @property
    def kept(self) -> bool:
        """Whether the record goes into the training file."""
        return not self.errors


class Hit(NamedTuple):
    """A finding and its place: what validating a file brings, one at a time."""

    file: str
    """As it was named; `-` is what came on stdin."""
    number: int | None
    """The record's position, from 0; None where it is about the file as a whole."""
    id: str | None
    """The record's id, as text; None where it has none."""
    line: int | None
    """Of the file, from 1, where it is known."""
    place: str
    """JSON path from the file's top: `[17].conversations[1].value`."""
    finding: Finding
    digest: str = ""
    """Of what the record holds. It tells a record without an id from others, wherever it stands."""
    text: str = ""
    """The text that the finding's words stand in; as much of it is shown as there is room for."""
    mends: bool = False
    """Whether `--fix` mends it: this one, and not only most that its check finds."""


class Outcome(NamedTuple):
    """What a trainer would do with the records, each counted once: under the worst that becomes of it."""

    loaded: int
    """Taken as they were meant."""
    damaged: int
    """Taken otherwise: masked, cut, misread."""
    lost: int
    """Dropped."""
    stops: int
    """Each of these ends the whole run."""


class Verdict(NamedTuple):
    """All hits, counted; those that a baseline accepts are in `baselined` only."""

    files: tuple[str, ...]
    """All that were read, those with nothing wrong too."""
    records: int
    by_check: dict[str, int]
    """By code."""
    by_level: dict[Level, int]
    outcomes: dict[str, Outcome]
    """By the trainer's name; empty where no trainer was asked about."""
    fixable: int = 0
    """Of the findings counted above, those that can be mended."""
    baselined: int = 0
    grounded: dict[str, int] | None = None
    """Where records were held against annotations: how many `records` that could be, how many are about no image of
    them (`elsewhere`), and how many claims are `supported`, `contradicted` and `unknown`."""
    unreadable: tuple[str, ...] = ()
    """Of the files, those that could not be read to their end; what was found before that is counted."""
