"""What a trial found, as nouns, as lines for people, and as JSON. It knows no torch and no files."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

_BARS = "▁▂▃▄▅▆▇█"
_WIDTH = 32
_SHOWN = 3


class Group(NamedTuple):
    """Records that have something in common."""

    records: int
    ids: tuple[str, ...]
    """Of the first ones."""


class Tally:
    """Counts records under a word, and keeps the first ids of each."""

    def __init__(self) -> None:
        self.groups: dict[str, Group] = {}

    def add(self, word: str, id: str) -> None:
        """One more."""
        records, ids = self.groups.get(word, Group(0, ()))
        self.groups[word] = Group(records + 1, (*ids, id) if records < _SHOWN else ids)


class Curve(NamedTuple):
    """The loss in one stage."""

    stage: str
    steps: int
    before: float
    """Over all that is taught, before the first step."""
    after: float
    losses: tuple[float, ...]
    """Of each step's examples."""


class Spread(NamedTuple):
    """A number that each record has, over all of them."""

    least: int
    median: int
    most: int
    total: int


class Sight(NamedTuple):
    """Whether the picture tells the toy what to answer: asked the same question about several pictures."""

    asked: int
    """Answers that only the picture tells."""
    right: int
    """Said again, word for word, for their own picture."""
    swapped: int
    """Said again for another's picture."""


class Trial(NamedTuple):
    """How it went."""

    file: str
    records: int
    stopped: dict[str, Group]
    """Records that LLaVA does not get past, by the check that foretells it."""
    no_gradient: dict[str, Group]
    """Records of which nothing is trained on, by the check that foretells it."""
    unseen: dict[str, Group]
    """Records whose picture is never looked at."""
    left_out: dict[str, Group]
    """Records that were to be taught and could not, by what is wrong with their picture."""
    cut: int
    """Records that LLaVA-1.5 would lose part of an answer of."""
    tokens: Spread
    trained_tokens: Spread
    vocabulary: int
    taught: int
    weights: int
    seed: int
    curves: tuple[Curve, ...]
    sight: Sight
    versions: dict[str, str]

    @property
    def before(self) -> float:
        """The loss before anything was learnt."""
        return self.curves[0].before

    @property
    def after(self) -> float:
        """The loss at the end."""
        return self.curves[-1].after

    @property
    def halved(self) -> bool:
        """Whether the loss fell by at least half."""
        return self.after <= self.before / 2

    @property
    def sound(self) -> bool:
        """Whether the loss was halved, and there is no record that LLaVA stops at or learns nothing from."""
        return self.halved and not (self.stopped or self.no_gradient or self.unseen or self.left_out)


def spread(counts: Sequence[int]) -> Spread:
    """Of some numbers; all zero where there are none."""
    order = sorted(counts)
    return Spread(order[0], order[len(order) // 2], order[-1], sum(order)) if order else Spread(0, 0, 0, 0)


def trial_lines(trial: Trial, bars: bool = True) -> list[str]:
    """For people. `bars`: whether the terminal can show the little bars of a curve."""
    trained = trial.trained_tokens.total
    return [
        f"{trial.file}: {trial.records:,} records",
        f"tokens a record: {trial.tokens.least:,} to {trial.tokens.most:,}, median {trial.tokens.median:,}, a picture "
        f"as LLaVA-1.5's 576; {trained:,} are trained on (by {trial.vocabulary:,} words learnt from this file)",
        *_wrong(trial),
        f"a toy LLaVA of {trial.weights:,} weights, taught {trial.taught} records (seed {trial.seed})",
        *(_curve(number, curve, bars) for number, curve in enumerate(trial.curves, 1)),
        _sight(trial.sight),
        _verdict(trial),
    ]


_WRONG = {
    "stopped": "LLaVA stops at",
    "no_gradient": "no gradient from",
    "unseen": "trained without a look at their picture:",
    "left_out": "not taught for want of a picture:",
}


def _wrong(trial: Trial) -> list[str]:
    said = [_counted(words, getattr(trial, name)) for name, words in _WRONG.items() if getattr(trial, name)]
    if trial.cut:
        said.append(f"LLaVA-1.5 keeps 2,048 tokens: {trial.cut:,} records would lose part of an answer")
    if not (trial.stopped or trial.no_gradient):
        said.append("every record gives a gradient")
    return said


def _counted(what: str, groups: dict[str, Group]) -> str:
    told = "; ".join(f"{word} {group.records:,}: {_some(group)}" for word, group in groups.items())
    return f"{what} {sum(group.records for group in groups.values()):,} records ({told})"


def _some(group: Group) -> str:
    return ", ".join(group.ids) + (", …" if group.records > len(group.ids) else "")


def _curve(number: int, curve: Curve, bars: bool) -> str:
    drawn = sparkline(curve.losses) if bars else " ".join(f"{loss:.2f}" for loss in thinned(curve.losses, 8))
    return f"stage {number}, {curve.stage}: {curve.steps} steps, loss {curve.before:.2f} -> {curve.after:.2f}  {drawn}"


def thinned(losses: Sequence[float], width: int) -> list[float]:
    """As many means of neighbours as there is room for."""
    count = min(width, len(losses))
    ends = [round(len(losses) * at / count) for at in range(count + 1)] if count else [0]
    parts = (losses[begin:end] for begin, end in pairwise(ends))
    return [sum(part) / len(part) for part in parts]


def sparkline(losses: Sequence[float]) -> str:
    """A curve as little bars: the lowest is nought, the highest is the curve's own."""
    values = thinned(losses, _WIDTH)
    top = max(values, default=0.0) or 1.0
    return "".join(_BARS[min(len(_BARS) - 1, max(0, int(value / top * len(_BARS))))] for value in values)


def _sight(sight: Sight) -> str:
    if not sight.asked:
        return "the picture: no question is asked about two pictures, so that nothing shows whether it is looked at"
    return (
        f"the picture: of {sight.asked} answers to questions asked about several pictures the toy says {sight.right} "
        f"again for the right picture, {sight.swapped} for another's"
    )


def _verdict(trial: Trial) -> str:
    fell = f"the loss fell by {1 - trial.after / trial.before:.1%}"
    return f"{fell}: this data trains" if trial.halved else f"{fell}, which is less than half"


def trial_json(trial: Trial) -> dict[str, Any]:
    """For programs."""
    told = trial._asdict()
    for name in _WRONG:
        told[name] = {word: group._asdict() for word, group in told[name].items()}
    for name in ("tokens", "trained_tokens", "sight"):
        told[name] = told[name]._asdict()
    loss = {"before": trial.before, "after": trial.after, "halved": trial.halved}
    return {**told, "curves": [curve._asdict() for curve in trial.curves], "loss": loss, "sound": trial.sound}
