"""The paper's two stages: the projector alone, then the projector and the language model; the vision tower stays.

Rates rise and fall as LLaVA's do (haotian-liu/LLaVA@c121f04:scripts/v1_5/pretrain.sh and finetune.sh: AdamW without
decay, 3 % of warm-up, then a cosine), and are higher, since the toy begins with nothing. It knows no records.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import torch

from datagen.trial.report import Curve
from datagen.trial.toy import TOGETHER, Example, Toy

Watch = Callable[[str, int, int, float], None]
"""Hears a stage's name, the steps done and all its steps, and the last loss."""


class Stage(NamedTuple):
    """One of the two."""

    name: str
    steps: int
    rate: float
    language: bool
    """Whether the language model learns too."""


STAGES = (
    Stage("projector alone", 24, 2e-3, language=False),
    Stage("projector and language model", 360, 5e-3, language=True),
)
_WARM_UP = 0.03


def train(toy: Toy, stage: Stage, examples: Sequence[Example], seed: int, watch: Watch) -> Curve:
    """Teach the toy, a step for each few examples; what does not learn in this stage gets no gradient."""
    for weight in toy.model.parameters():
        weight.requires_grad_(False)
    learning = [*toy.projector, *(toy.language if stage.language else ())]
    for weight in learning:
        weight.requires_grad_(True)
    optimizer = torch.optim.AdamW(learning, lr=stage.rate, weight_decay=0.0)
    before = toy.mean_loss(examples)
    losses = []
    for step, some in zip(range(stage.steps), _dealt(examples, seed), strict=False):
        losses.append(_step(toy, some, optimizer, learning, stage.rate * _share(step, stage.steps)))
        watch(stage.name, step + 1, stage.steps, losses[-1])
    return Curve(stage.name, stage.steps, before, toy.mean_loss(examples), tuple(losses))


def _step(toy: Toy, some: Sequence[Example], optimizer: Any, learning: list[Any], rate: float) -> float:
    for group in optimizer.param_groups:
        group["lr"] = rate
    loss = toy.loss(some)
    optimizer.zero_grad()
    if loss.requires_grad:  # in stage 1, examples without a picture have nothing to teach
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimizer.step()
    return float(loss.detach())


def _share(step: int, steps: int) -> float:
    """Of the rate, at a step."""
    rising = max(1, math.ceil(_WARM_UP * steps))
    if step < rising:
        return (step + 1) / rising
    return 0.5 * (1 + math.cos(math.pi * (step - rising) / max(1, steps - rising)))


def _dealt(examples: Sequence[Example], seed: int) -> Iterator[list[Example]]:
    """The examples a few at a time, each once before any comes again, without end."""
    drawn = torch.Generator().manual_seed(seed)
    while True:
        order = torch.randperm(len(examples), generator=drawn).tolist()
        for at in range(0, len(order), TOGETHER):
            yield [examples[number] for number in order[at : at + TOGETHER]]
