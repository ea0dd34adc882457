"""What a check is, and the catalog of them.

A check is a function under a decorator that yields what it sees. The decorator gives it a stable code, a name, a level,
and an example that fails and one that passes; the first line of its docstring says what is wrong, the rest why that
matters and where the fact is from. What a check is shown differs by its kind:

    @reply_check      a model's answer before it is parsed           (generate only)
    @task_check       the turns, and what the task allows            (generate only)
    @text_check       what is said in a dialogue                     (generate and validate)
    @grounding_check  what is claimed of the picture, judged         (generate, and validate --annotations)
    @record_check     one record as it stands in a file              (validate)
    @picture_check    the same, with the pictures' folder            (validate --images)
    @length_check     the same, with a measure of length             (validate --max-tokens)
    @trainer_check    the same, through the eyes of one trainer      (validate --target)
    @file_check       all records of a file together                 (validate)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, TypeVar

from datagen.checks.quality.options import Options
from datagen.checks.sample import Said, Sample
from datagen.schema import Finding, Level, Query, Response, Task, Turn

if TYPE_CHECKING:
    from datagen.grounding.claims import Judged

Does = Literal["stops", "lost", "damaged"]
"""What a trainer does with such a record: the whole run ends there, the record is dropped, or it is taken otherwise
than it was meant (masked, cut, misread)."""


class Seen(NamedTuple):
    """One thing a check saw."""

    message: str
    where: str = ""
    """The place inside the record, as a JSON path: `conversations[1].value`; in generate `turn 1 answer`."""
    words: str = ""
    """The words in question, as they stand there, where there are any."""


class SeenAt(NamedTuple):
    """What a file check saw, and in which record (counted from 0; None is the file as a whole)."""

    number: int | None
    seen: Seen


class Subject(NamedTuple):
    """What there is to judge a reply by: the question, the answer, and what the model was told."""

    query: Query
    task: Task
    response: Response
    context: str
    """The image as the model was shown it."""


class FileCheck(Protocol):
    """Looks at every record in turn, keeps little of each, and says at the end what it saw.

    A class may say how little it needs of sound records, which is quicker: `reads = "ids"` gets their ids, many at a
    time, through `see_ids(numbers, ids)`; `reads = "sounds"` gets them too, and how many are sound alike, through
    `see_sound(sound, count, first number)`.
    """

    def __init__(self, options: Options) -> None:
        """`options`: what it is told beside the file."""

    def see(self, sample: Sample) -> None:
        """One record, in the file's order."""

    def merge(self, other: Any, shift: int = 0) -> None:
        """Take over what another of its kind saw in the records that follow. `shift` is added to their numbers: how
        many records came before, where they were counted from the part's beginning and not from the file's."""

    def end(self) -> Iterable[SeenAt]:
        """What is wrong with them together."""


ReplyCheck = Callable[[Subject], Iterator[Seen]]
TaskCheck = Callable[[Subject, tuple[Turn, ...]], Iterator[Seen]]
TextCheck = Callable[[tuple[Said, ...]], Iterator[Seen]]
GroundingCheck = Callable[[Sequence["Judged"]], Iterator["Judged"]]
RecordCheck = Callable[[Sample], Iterator[Seen]]
Kind = Literal["reply", "task", "text", "grounding", "record", "picture", "length", "trainer", "file"]
F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)


class Check(NamedTuple):
    """A registered check."""

    code: str
    """Stable: a family letter and three digits."""
    name: str
    level: Level
    kind: Kind
    about: str
    """One line: what is wrong."""
    why: str
    """Why that matters, and where the fact is from."""
    fails: Any
    """An example that it speaks of: a reply's text, a record, or for a file check a list of records."""
    passes: Any
    """The same, mended."""
    run: Callable[..., Any]
    target: str = ""
    """Whose trainer it is about."""
    does: Does | None = None
    scent: str = ""
    """A pattern (RE2's syntax, letters' case ignored) that is found in whatever the check speaks of, the texts being
    joined by a line with a NUL: texts without it need not be shown to the check. Empty: it must see all."""
    mends: bool = False
    """Whether `--fix` can mend it."""
    texts: bool = True
    """Whether it may look at what is said and shown; else members, types and roles are all that it looks at."""
    tells: bool = True
    """Whether a model that is told of it can mend its reply (`--repair`). One that was cut, is empty or refuses holds
    nothing to mend: there another is drawn."""

    def finding(self, seen: Seen) -> Finding:
        """What was seen, under this check's name."""
        return Finding(
            code=self.code,
            check=self.name,
            level=self.level,
            message=seen.message,
            where=seen.where,
            words=seen.words,
            target=self.target,
        )


CHECKS: dict[str, Check] = {}
"""Every check by its code, in the order in which they are run."""


def _register(kind: Kind, code: str, name: str, level: Level, **more: Any) -> Callable[[F], F]:
    def register(function: F) -> F:
        if code in CHECKS or name in {
            check.name for check in CHECKS.values() if check.target == more.get("target", "")
        }:
            raise ValueError(f"two checks are called {code} or {name}")
        about, _, why = (function.__doc__ or "").strip().partition("\n")
        why = "\n".join(line.strip() for line in why.strip().splitlines())
        CHECKS[code] = Check(code, name, level, kind, about.strip(), why, run=function, **more)
        return function

    return register


def reply_check(code: str, name: str, level: Level, *, fails: str, passes: str) -> Callable[[ReplyCheck], ReplyCheck]:
    """Register a check of an unparsed answer. An error of one ends the matter: a reply that was cut off is not also
    examined for grammar."""
    return _register("reply", code, name, level, fails=fails, passes=passes, tells=False)


def task_check(code: str, name: str, level: Level, *, fails: str, passes: str) -> Callable[[TaskCheck], TaskCheck]:
    """Register a check of parsed turns against what their task allows."""
    return _register("task", code, name, level, fails=fails, passes=passes)


def text_check(
    code: str, name: str, level: Level, *, fails: Any, passes: Any, scent: str = "", mends: bool = False
) -> Callable[[TextCheck], TextCheck]:
    """Register a check of what is said."""
    return _register("text", code, name, level, fails=fails, passes=passes, scent=scent, mends=mends)


def grounding_check(
    code: str, name: str, level: Level = "warning", *, fails: Any, passes: Any
) -> Callable[[GroundingCheck], GroundingCheck]:
    """Register a check of what is claimed of a picture: it picks, of claims that the annotations contradict, those that
    it speaks of. Its examples are a record, its image, and the categories that could have a box."""
    return _register("grounding", code, name, level, fails=fails, passes=passes)


def record_check(
    code: str, name: str, level: Level, *, fails: Any, passes: Any, mends: bool = False, texts: bool = True
) -> Callable[[RecordCheck], RecordCheck]:
    """Register a check of a record's shape. It must have nothing to say of a record that is `sound` (sample.py)."""
    return _register("record", code, name, level, fails=fails, passes=passes, mends=mends, texts=texts)


def picture_check(code: str, name: str, level: Level, *, fails: Any, passes: Any) -> Callable[[F], F]:
    """Register a check of a record's pictures: it gets the record and their folder (pictures.py)."""
    return _register("picture", code, name, level, fails=fails, passes=passes)


def length_check(code: str, name: str, level: Level, *, fails: Any, passes: Any) -> Callable[[F], F]:
    """Register a check of a record's length: it gets the record and how to measure it (length.py)."""
    return _register("length", code, name, level, fails=fails, passes=passes)


def trainer_check(
    code: str, name: str, level: Level, *, target: str, does: Does, fails: Any, passes: Any, mends: bool = False
) -> Callable[[RecordCheck], RecordCheck]:
    """Register what a trainer does with such records. Of a record that is `sound` (sample.py) it may look at nothing
    but `sample.sound`: it is asked once for all that are sound alike."""
    return _register("trainer", code, name, level, target=target, does=does, fails=fails, passes=passes, mends=mends)


def file_check(
    code: str,
    name: str,
    level: Level,
    *,
    fails: Any,
    passes: Any,
    target: str = "",
    does: Does | None = None,
    mends: bool = False,
) -> Callable[[C], C]:
    """Register a check of a file as a whole: a class, made afresh for each file with its `Options`. Its examples are
    lists of records, looked at with the options' `EXAMPLE`."""
    return _register("file", code, name, level, fails=fails, passes=passes, target=target, does=does, mends=mends)


def of_kind(*kinds: Kind) -> list[Check]:
    """The checks of some kinds, in their order."""
    return [check for check in CHECKS.values() if check.kind in kinds]
