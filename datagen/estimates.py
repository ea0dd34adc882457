"""What a run would cost and how long it would take, told before anything is sent.

`estimate` plans in memory as plan.py does on disk, and counts; `likely_bill` is the quick guess that decides whether
somebody is asked first. Neither opens a connection. Prompts are counted, replies are guessed: a range, and what it
stands on, is all that can be said of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from datagen.annotations.index import index
from datagen.choose import choose, images_list, reading
from datagen.counts import Spent
from datagen.money import Price
from datagen.observer import Observer, Silent
from datagen.paging import contexts, lines
from datagen.plan import composers_for, sources_of
from datagen.prices import batch_price_of, price_of, reply_limit
from datagen.prompting.compose import messages
from datagen.prompting.context import describe
from datagen.prompting.folder import load_tasks, wanted_tasks
from datagen.prompting.tokens import count, encoding_for, measure
from datagen.run import Run
from datagen.schema import Query, Task
from datagen.settings import Settings

TYPICAL = {"dialogue": (258, 342), "pair": (115, 141), "text": (69, 88)}
"""Tokens of a reply, the tenth percentile and the mean, for several question/answer pairs, for one, and for free text.

Measured with o200k_base on the 277 readable replies to LLaVA's prompts in PrateekHumane/vlm-instruction-tuning-data-
generation@0a1cda2cca (Mistral-7B-Instruct). LLaVA's own are of that size: 353 on average for 100 dialogues of
LLaVA-Instruct, and 89 and 128 for GPT-4's descriptions and reasoned answers in its qa90 (haotian-liu/LLaVA@c121f0432d).
"""
ENOUGH = 10
"""Answers of a run from which its own lengths are taken instead."""
COUNTED = 5000
"""Prompts a task of which every one is counted; of more, evenly spaced ones."""
_BYTES_A_TOKEN = 4.2
_THINKS = re.compile(r"(?:.*/)?(?:o\d|gpt-(?:[5-9]|\d\d))")
_FIRST, _A_SECOND = 1.0, 50.0  # seconds to a reply's start, and its tokens a second: what hosted models do, roughly


class Spread(NamedTuple):
    """A figure that nobody knows yet. `high` is what it cannot exceed."""

    low: int
    likely: int
    high: int


class TaskEstimate(NamedTuple):
    """What one task would ask."""

    task: str
    answered: int
    """What the run's folder has already."""
    requests: int
    """What is left to ask; everything below is about that."""
    prompt: int
    """Tokens of all the prompts."""
    reply: Spread
    """Tokens of one reply."""
    measured: int
    """How many answers of this run `reply` is taken from; 0 is none, then it is what is typical."""
    sampled: int | None
    """How many prompts were counted, where not all."""


class Estimate(NamedTuple):
    """What is left to ask, and what that may come to."""

    tasks: tuple[TaskEstimate, ...]
    encoding: str
    exact: bool
    """Whether `prompt` is the very number that will be billed."""
    price: Price | None
    batch_price: Price | None
    cost: Spread | None
    """Picodollars; None where there is no price."""
    batch_cost: Spread | None
    spent: int | None
    """Picodollars the run cost so far; None where nobody knows."""
    seconds: float
    bound: str
    """What `seconds` stands on."""
    notes: tuple[str, ...]

    @property
    def requests(self) -> int:
        return sum(task.requests for task in self.tasks)

    @property
    def answered(self) -> int:
        return sum(task.answered for task in self.tasks)

    @property
    def prompt(self) -> int:
        """Tokens of all prompts."""
        return sum(task.prompt for task in self.tasks)

    @property
    def replies(self) -> Spread:
        """Tokens of all replies."""
        return _total([Spread(*(task.requests * each for each in task.reply)) for task in self.tasks])


class Bill(NamedTuple):
    """What is about to be asked, and what that will likely cost."""

    requests: int
    cost: int
    """Picodollars."""
    price: Price


class _Past(NamedTuple):
    """What a run's folder knows already."""

    answered: Mapping[str, bool] = {}
    lengths: Mapping[str, Sequence[int]] = {}
    latency: float | None = None
    spent: Spent = Spent(0, 0, 0, 0, 0)


class _Pile:
    """The queries of one task: how many, and what their images come to in tokens."""

    def __init__(self, task: Task) -> None:
        self.task, self.requests, self.answered = task, 0, 0
        self.texts: list[str] = []
        self._step = 1

    def add(self, query: Query) -> None:
        """Count it, and keep every so-manieth text: twice as many between two as soon as they become too many."""
        if self.requests % self._step == 0:
            self.texts.append(describe(query.image, self.task.sees))
            if len(self.texts) > COUNTED:
                del self.texts[1::2]
                self._step *= 2
        self.requests += 1

    @property
    def sampled(self) -> int | None:
        return len(self.texts) if self._step > 1 else None


def estimate(
    inputs: Sequence[Path], settings: Settings, folder: Path | None = None, observer: Observer | None = None
) -> Estimate:
    """What `generate` would ask, and what that may cost and take. Sends nothing and writes nothing; what the run in
    `folder` has answered already is not counted again.

    Raises as `generate` would for inputs, settings and prompts that cannot be used.
    """
    observer = observer or Silent()
    tasks = wanted_tasks(settings.prompts, settings.task)
    past = _past(folder)
    piles = {task.name: _Pile(task) for task in tasks}
    lost = sum(past.answered.values())
    sources, listed = sources_of(inputs, observer), images_list(settings)
    images = index(sources, reading(settings))
    try:
        chosen = choose(images, settings, listed, observer)
        composers = composers_for(tasks, settings)
        for line in lines(contexts(images, chosen.rows, composers), composers):
            if line.query is None:
                continue
            if line.query.id in past.answered:
                piles[line.task].answered += 1
                lost -= past.answered[line.query.id]
            else:
                piles[line.task].add(line.query)
    finally:
        for odd in images.census:
            observer.odd(odd)
    return _summed(_counted(list(piles.values()), settings, past), settings, past, lost)


def _past(folder: Path | None) -> _Past:
    if folder is None or not Run.is_there(folder):
        return _Past()
    with Run.look(folder) as run:
        ledger = run.ledger
        return _Past(ledger.answered(), ledger.lengths(), ledger.latency(), ledger.spent())


def _counted(piles: Sequence[_Pile], settings: Settings, past: _Past) -> list[TaskEstimate]:
    size = measure(settings.model)
    seen: dict[str, int] = {}  # tasks that see the same of an image share its count
    found = []
    for pile in piles:
        for text in pile.texts:
            if text not in seen:
                seen[text] = size(text)
        mean = _mean([seen[text] for text in pile.texts])
        frame = count(messages(pile.task, ""), settings.model).number
        own = past.lengths.get(pile.task.name, ())
        found.append(
            TaskEstimate(
                task=pile.task.name,
                answered=pile.answered,
                requests=pile.requests,
                prompt=pile.requests * frame + round(pile.requests * mean),
                reply=_reply(pile.task, settings, own),
                measured=len(own) if len(own) >= ENOUGH else 0,
                sampled=pile.sampled,
            )
        )
    return found


def _mean(numbers: Sequence[int]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0


def _reply(task: Task, settings: Settings, own: Sequence[int]) -> Spread:
    """Tokens of one reply; `own` are those that the run has, shortest first."""
    most = settings.max_tokens or reply_limit(settings.model)
    if len(own) >= ENOUGH:
        low, likely = own[len(own) // 10], round(_mean(own))
    else:
        low, likely = TYPICAL["text" if task.reply != "qa" else "pair" if task.pairs[1] == 1 else "dialogue"]
    return Spread(min(low, most), min(likely, most), most)


def _summed(tasks: Sequence[TaskEstimate], settings: Settings, past: _Past, lost: int) -> Estimate:
    encoding, exact = encoding_for(settings.model)
    price = price_of(settings.model, settings)
    batch = batch_price_of(settings.model, settings)
    seconds, bound = _time(tasks, settings, past.latency)
    return Estimate(
        tasks=tuple(tasks),
        encoding=encoding,
        exact=exact and not any(task.sampled for task in tasks),
        price=price,
        batch_price=batch,
        cost=_cost(tasks, price),
        batch_cost=_cost(tasks, batch),
        spent=_spent(past.spent, price),
        seconds=seconds,
        bound=bound,
        notes=tuple(_notes(tasks, settings, price, past, lost)),
    )


def _cost(tasks: Sequence[TaskEstimate], price: Price | None) -> Spread | None:
    if price is None:
        return None
    return _total(
        [
            Spread(*(price.prompt * task.prompt + price.completion * task.requests * each for each in task.reply))
            for task in tasks
        ]
    )


def _total(spreads: Sequence[Spread]) -> Spread:
    return Spread(*(sum(column) for column in zip(*spreads, strict=True))) if spreads else Spread(0, 0, 0)


def _spent(spent: Spent, price: Price | None) -> int | None:
    """What attempts without an amount came to is told by today's price."""
    if price is None:
        return None if spent.prompt or spent.completion else spent.amount
    return spent.amount + price.prompt * spent.prompt + price.completion * spent.completion


def _time(tasks: Sequence[TaskEstimate], settings: Settings, latency: float | None) -> tuple[float, str]:
    """Seconds, and what they stand on: the tightest of what is allowed a minute and what fits in flight."""
    requests = sum(task.requests for task in tasks)
    if not requests:
        return 0.0, "nothing is left to ask"
    if settings.model == "mock" and settings.base_url is None:
        return 0.0, "the mock does not wait"
    replies = sum(task.requests * task.reply.likely for task in tasks)
    tokens = sum(task.prompt for task in tasks) + replies
    each = _FIRST + replies / requests / _A_SECOND if latency is None else latency
    known = "as in this run so far" if latency is not None else "a guess"
    in_flight = min(settings.concurrency, requests)
    bounds = [(requests * each / in_flight, f"{in_flight} at a time, {each:.1f} s a reply, {known}")]
    if settings.rpm:
        bounds.append((60 * requests / settings.rpm, f"{settings.rpm:g} requests a minute"))
    if settings.tpm:
        bounds.append((60 * tokens / settings.tpm, f"{settings.tpm:g} tokens a minute"))
    return max(bounds)


def _notes(tasks: Sequence[TaskEstimate], settings: Settings, price: Price | None, past: _Past, lost: int) -> list[str]:
    """What somebody should know who goes by the figures."""
    notes = []
    encoding, exact = encoding_for(settings.model)
    if not exact:
        notes.append(f"prompt tokens are an estimate by {encoding}, which is not the model's own encoding")
    if any(task.sampled for task in tasks):
        fewest = min(task.sampled for task in tasks if task.sampled)
        notes.append(f"prompt tokens are scaled up from at least {fewest} evenly spaced images a task")
    if settings.max_tokens is None:
        most = reply_limit(settings.model)
        notes.append(f"high: every reply as long as the model allows ({most} tokens); --max-tokens bounds it")
    if _THINKS.match(settings.model) and not any(task.measured for task in tasks):
        notes.append("the model may think before it answers: billed as reply tokens, and not in low and likely")
    if price is not None and price.prompt:
        notes.append("a discount for prompts that begin alike, where there is one, is not counted")
    if past.spent.unheard:
        notes.append(f"{past.spent.unheard} requests were sent and never heard of; they may have been billed too")
    if lost:
        notes.append(f"{lost} answers of the run are outside this plan: generate would ask for --replan")
    return notes


def likely_bill(run: Run, settings: Settings, price: Price, again: int = 0) -> Bill:
    """What asking the rest of a planned run will likely cost, and asking `again` so many that have answers: the bytes
    of some prompts and typical replies, so that no table of tokens is loaded for it."""
    tasks = {task.name: task for task in load_tasks(run.prompts, ())}
    composers = composers_for(list(tasks.values()), settings)
    left = run.ledger.unasked_by_task()
    some = chain((query for query, _ in run.ledger.unasked()), (answer.query for answer in run.ledger.answers()))
    sizes: dict[str, list[int]] = {}
    for query in islice(some, 200 * len(tasks)):
        sizes.setdefault(query.task, []).append(len(composers[query.task].request(query).body))
    any_task = _mean([size for found in sizes.values() for size in found])
    lengths = run.ledger.lengths()
    replies = {name: _reply(task, settings, lengths.get(name, ())).likely for name, task in tasks.items()}

    def cost(number: int, prompt: float, reply: float) -> int:
        return number * round(price.prompt * prompt + price.completion * reply)

    costs = [
        cost(number, (_mean(sizes[name]) if name in sizes else any_task) / _BYTES_A_TOKEN, replies[name])
        for name, number in left.items()
    ]
    reply = max(replies.values(), default=0)
    costs.append(cost(again, any_task / _BYTES_A_TOKEN + reply, reply))  # which shows the model its reply, to better it
    return Bill(sum(left.values()) + again, sum(costs), price)
