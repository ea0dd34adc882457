"""L: pieces of the prompt and of its grammar that are left in a text.

Sentences of the instructions and of the worked examples (datagen's own and those that LLaVA published), labels and
separators beyond the `===` and `Question:` of S004, blanks that were never filled, and talk about the task itself. In
generate R005 knows the very prompt; here only those two are known, by phrases that hardly anybody else would write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from datagen.checks.base import Seen, text_check
from datagen.checks.examples import record
from datagen.checks.sample import Said
from datagen.checks.shape import swallowed
from datagen.checks.wording import Words, seen_in

INSTRUCTIONS = (
    "you are an AI visual assistant",
    "you receive five sentences",
    "each describing the same image you are observing",
    "what you see are provided with five sentences",
    "specific object locations within the image are given",
    "these coordinates are in the form of bounding boxes",
    "with floating numbers ranging from 0 to 1",
    "correspond to the top left x, top left y",
    "using the provided caption and bounding box information",
    "to use the provided caption and bounding box information",
    "instead of directly mentioning the bounding box coordinates",
    "include details like object counts, position of the objects",
    "do not mention that the information source is the caption",
    "always answer as if you are directly looking at the image",
    "answer all questions as you are seeing the image",
    "design a conversation between you and a person asking about this photo",
    "in a tone that a visual AI assistant is seeing the image",
    "ask diverse questions and give corresponding answers",
    "only include questions that have definite answers",
    "one can see the content in the image that the question asks about",
    "one can determine confidently from the image that it is not in the image",
    "do not ask any question that cannot be answered confidently",
    "again, do not ask about uncertain details",
    "create complex questions beyond describing the scene",
    "make the question challenging by not including the visual content details",
    "you write dialogues that teach an assistant",
    "you write questions that make an assistant think about a picture",
    "the picture reaches you in words",
    "is the upper left corner, (x2, y2) the lower right one",
    "one line may stand for a whole crowd or pile",
    "give no number for a crowd or pile",
    "between a person looking at the picture and an assistant who sees it too",
    "ask only what can be answered with certainty",
    "counts and positions must agree with the objects",
    "if sentences and objects conflict",
    "both speakers simply look at the picture",
    "speak as one who sees the picture",
    "never mention sentences, captions, lists, boxes",
    "output only this, with nothing before or after",
    "write what a keen observer would tell",
    "state only what is certain; leave the rest out",
    "write exactly one question and its answer",
    "whoever has not seen it should learn nothing from the question",
)
"""What stands in a prompt and hardly anywhere else."""
EXAMPLES = (
    "clear of snow compared to the surrounding area",
    "red fire hydrant deep in the snow",
    "making his way through the snow and enjoying the beautiful mountain scenery",
    "cross-country skiing and downhill skiing are two distinct types of skiing",
    "a person would wear only one tie",
    "facing the challenge of fitting all their luggage into the black SUV",
    "a red fire hydrant is almost buried deep in the snow",
    "convenient means of land transportation for those living on the boats",
    "pack their luggage into the SUV for a trip",
    "is holding a Wii remote above his head with enthusiasm",
    "sitting on a park bench, playing chess with the board between them",
    "the flour keeps the crust from sticking",
    "hidden until the last moment, and people under umbrellas often see less",
    "the woman has a flat tire, and she is well into the repair",
    "giraffe near the middle has spread its front legs wide",
    "the baseball game should stop at once",
    "a gray cat has fallen asleep on a wooden desk in a home office",
    "a boy in a red jacket is fishing in a calm lake",
    "a woman in a blue apron is handing bananas over her fruit stall",
    "sitting on the pier and mending a green net",
    "there are books and a laptop on the table, but no cup",
    "which a man in a straw hat is leading past the barn",
    "one. the other woman is to the right of it",
    "the ball is the furthest to the left. the man is the furthest to the right",
    "it is in the upper half. the fruit is in the lower half",
)
"""What stands in a worked example's reply and hardly anywhere else."""


def _any_of(phrases: tuple[str, ...]) -> str:
    return "|".join(r"\s+".join(re.escape(word) for word in phrase.split()) for phrase in phrases)


_INSTRUCTIONS = _any_of(INSTRUCTIONS)
_EXAMPLES = _any_of(EXAMPLES)


@text_check(
    "L013",
    "prompt-echo",
    "error",
    fails=record(answer="Always answer as if you are directly looking at the image. The dog is running."),
    passes=record(answer="The dog is directly looking at the camera."),
    scent=_INSTRUCTIONS,
)
def prompt_echo(said: tuple[Said, ...]) -> Iterator[Seen]:
    """A sentence of the instructions stands in the text.

    Known are those that datagen ships and those that LLaVA published (haotian-liu/LLaVA@c121f04:
    playground/data/prompts). ALLaVA's translations hold thousands of prompts (issue 11 of FreedomIntelligence/ALLaVA).
    """
    return seen_in(said, Words(_INSTRUCTIONS, speakers=("gpt", "human", None), code=True))


@text_check(
    "L014",
    "example-copied",
    "error",
    fails=record(answer="They are sitting on a park bench, playing chess with the board between them."),
    passes=record(answer="Two men play chess on a bench in the park."),
    scent=_EXAMPLES,
)
def example_copied(said: tuple[Said, ...]) -> Iterator[Seen]:
    """A sentence of a worked example stands in the text, where it is about another picture.

    Small models answer with the example instead of the picture: Gemma's base model told of the "black SUV" and its
    "luggage" for any image.
    """
    return seen_in(said, Words(_EXAMPLES, code=True))


_LABEL = Words(
    (
        r"\S[ \t]*={3,}[ \t]*(?:answer|question)\b|[.!?]\n={4,}[ \t]*$"
        r"|^[*#\[<\s]{0,4}(?:(?:question|answer) ?#?|[qa])\d{1,2}[\]*]{0,3}:"
        r"|^[*#\[<]{0,4}(?:human|assistant|gpt|chatgpt)[\]*>]{0,3}:\s|\n[*#\[<]{0,4}user[\]*>]{0,3}:\s"
        r"|^#{2,4}\s?(?:human|user|assistant|response|instruction|input|answer|question)\b"
        r"|\A\s*\W{0,3}(?:(?:response|reply)\W{0,2}:\s|context\W{0,2}:\s*\n)|^\W{0,4}captions?\W{0,2}:\s*$"
        r"|\[/?(?:end of|end\]|question\]|answer\]|conversation\])|</?(?:question|answer|conversation|response)>"
        r"|\bquestion:\s[^\n]{3,200}\?\s*answer:|\n(?:---|\*\*\*)\s*\n\s*(?:question|answer)\b"
    ),
)
_NUMBERED_QUESTION = Words(r"\A(?:<image>\s*)?\W{0,4}(?:question|q)\s?#?\d{1,2}\W{0,3}:", speakers=("human",))


@text_check(
    "L015",
    "label-left",
    "error",
    fails=record(answer="It is running.\n\n**Question 2:** What color is it?"),
    passes=record(answer='It is running. The sheet beside it says "Question 2: What is 2 + 2?".'),
    scent=r"===|(?:question|answer) ?#?\d|\b[qa]\d|(?:human|user|assistant|gpt)[\]*>]{0,3}:"
    r"|##\s?(?:human|user|assistant|response|instruction|input|answer|question)|(?:response|reply|context"
    r"|captions?)\W{0,2}:"
    r"|\[/?(?:end|question|answer|conversation)|</?(?:question|answer|conversation|response)>|question:"
    r"|(?:---|\*\*\*)\s*\n\s*(?:question|answer)",
)
def label_left(said: tuple[Said, ...]) -> Iterator[Seen]:
    """A separator, or the label of a question, an answer or a speaker, is left over.

    Beyond those that S004 and S005 know: numbered ones, other speakers, marks of other prompts, and what stands within
    a line.
    """
    told = {seen.where for seen in swallowed(said)}
    for words in (_LABEL, _NUMBERED_QUESTION):
        yield from (seen for seen in seen_in(said, words) if seen.where not in told)


_BLANK = (
    r"(?:name|colou?r|object|answer|question|location|brand|number|city|date|place|person|animal|text|description"
    r"|caption|street name|image description|your answer|answer here|insert answer)"
)
_PLACEHOLDER = Words(
    (
        rf"\[insert [^\]\n]{{1,60}}\]|\[your [^\]\n]{{1,40}}\]|\[{_BLANK}\]|<(?:text|answer|your answer"
        rf"|insert [^>\n]{{1,40}})>"
        r"|\{\{?(?:caption|object|image|question|answer|category|name|text|context|description|colou?r)s?\}\}?"
    ),
    asked=(
        r"\b(?:letter|e-?mail|template|write|draft|message|essay|r[eé]sum[eé]|poem|form|invitation|html|svg|code)\b"
    ),
)


@text_check(
    "L016",
    "placeholder",
    "error",
    fails=record(answer="The dog's collar is [color]."),
    passes=record(answer="The sign reads [EXIT]."),
    scent=rf"\[(?:insert |your |{_BLANK}\])|<(?:text|answer|your|insert)|\{{[a-z]{{4,11}}\}}",
)
def placeholder(said: tuple[Said, ...]) -> Iterator[Seen]:
    """A blank was never filled: `[insert answer here]`, `{object}`, `<text>`."""
    return seen_in(said, _PLACEHOLDER)


_TASK = (
    r"(?:(?:conversation|dialogue)s? (?:about|between|based|for|of)|questions? (?:and (?:their )?answers?|about"
    r"|based)|"
    r"reasoning question|descriptions? (?:you (?:requested|asked)|based on (?:what|the) (?:you|captions?"
    r"|information)|"
    r"of the (?:image|picture|photo|scene) based))"
)
_PREAMBLE_SCENT = (
    rf"{_TASK}|let me know if you(?:.d| would)? (?:like|want|need) |would you like me to |i hope this |note: i"
)
_PREAMBLE = Words(
    (
        r"\A\W{0,3}(?:(?:sure|certainly|of course|absolutely|okay|ok|great|alright|yes)\b[!,.]? ?(?:thing[!,.] )?)?"
        rf"(?:here(?:['’]s| is| are)|below (?:is|are)) (?:[\w-]+ ){{0,5}}?{_TASK}"
        r"|\blet me know if you(?:['’]d| would)? (?:like|want|need) [^.!?\n]{0,50}(?:questions|conversation"
        r"|dialogue|descriptions?)"
        r"|\bwould you like me to (?:create|generate|write|make) [^.!?\n]{0,30}(?:question|conversation|dialogue)"
        r"|\bI hope this (?:description|conversation|dialogue|answer) (?:meets|helps|is|works|satisfies)"
        r"|^\W{0,3}note: I(?:['’]ve| have)? (?:followed|kept|avoided|used|assumed|tried|made)"
    ),
    asked=r"\b(?:questions|dialogue|conversation|quiz|interview|q&a|role-?play)\b",
)


@text_check(
    "L017",
    "preamble",
    "warning",
    fails=record(answer="Sure! Here is a conversation about the image: a dog is running."),
    passes=record("<image>\nHow do I train a dog?", "Sure! Here are some tips: start early, and be patient."),
    scent=_PREAMBLE_SCENT,
)
def preamble(said: tuple[Said, ...]) -> Iterator[Seen]:
    """It speaks of the task: "Here is a conversation about the image", "let me know if you'd like more questions"."""
    return seen_in(said, _PREAMBLE)
