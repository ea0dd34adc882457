"""L: what shows that the speaker was told of a picture and did not look at it.

Captions, sentences, "the description provided": a model that is trained on such an answer learns to speak of
things that its user cannot see. What an answer says of a caption *in* the picture is none of that, and
neither is what somebody asked for. The kinds are those found in published data: LRV-Instruction (issue 7 of
FuxiaoLiu/LRV-Instruction: "bounding box" in many answers), LLaVA-Instruct-150K, and replies of Mistral-7B.
"""

from __future__ import annotations

from collections.abc import Iterator

from datagen.checks.base import Seen, text_check
from datagen.checks.examples import record
from datagen.checks.sample import Said
from datagen.checks.wording import AS_TOLD, BEARERS, DOES_NOT, LOOK, NOT, REQUEST, SAID, Words, seen_in

_CAPTION_SHOWN = (
    r"\b(?:closed|subtitles?|tv|television|movie|film|video|turned on|comic|cartoon|contest|newspaper|magazine|meme|"
    r"poster|panels?|screen|album|instagram|social media|written|printed|handwritten|museum|bar)\b"
    r"|captions?,? (?:[\w-]+ ){0,2}(?:below|beneath|under|underneath|above|over|next to|beside|on|at the"
    r"|in the (?:upper|lower|top|"
    r"bottom)) |^(?:below|beneath|under|above) |\bthere (?:is|are) (?:a|an|some) (?:\w+ )?captions?"
    r"|captions? (?:\w+ ){0,2}(?:reads?|says?|is|be|:)\W{0,3}[\"“']|(?:good|fitting|funny|possible|suitable"
    r"|great) caption"
)
_CAPTION_SCENT = r"\bcaptions?\b"
_CAPTION = Words(
    scent=_CAPTION_SCENT,
    told=(
        rf"\b(?:captions\b|{AS_TOLD}(?:the|this|a|its|one|another|that|your)(?: [\w-]+){{0,2}} caption\b"
        rf"|caption {SAID}|(?:given|provided|image['’]?s?|photo['’]?s?) caption\b|captions? #?\d\b)"
    ),
    excuse=_CAPTION_SHOWN,
    asked=r"\b(?:write|suggest|create|make|come up|propose|think of|good|funny|fitting|give|generate)\b.*captions?\b",
    bearers=True,
)
_ASKED_CAPTION = _CAPTION._replace(excuse=f"{_CAPTION_SHOWN}|{REQUEST}", speakers=("human",))


@text_check(
    "L001",
    "caption",
    "error",
    fails=record(answer="According to the captions, the dog is running after a ball."),
    passes=record(answer='A sign with the caption "No dogs" hangs on the fence.'),
    scent=_CAPTION_SCENT,
)
def caption(said: tuple[Said, ...]) -> Iterator[Seen]:
    """It speaks of the captions that the model was told.

    Who looks at the picture sees none. A caption that stands in the picture (in a newspaper, under a photo, on a
    screen) and one that was asked for are no finding. 3 of 92 dialogues of Mistral-7B do it although the prompt
    forbids it.
    """
    yield from seen_in(said, _CAPTION)
    yield from seen_in(said, _ASKED_CAPTION)


_KIND = (
    r"(?:given|provided|image(?:['’]s)?|scene|textual|written|accompanying|picture(?:['’]s)?|photo(?:['’]s)?"
    r"|visual|above|original|supplied|five|detailed|short|brief)"
)
_OF_WHAT = rf"(?! of (?!the {LOOK}|the scene|this {LOOK}|your|what|it\b))(?! (?:below|above) the\b)"
_DESCRIPTIONS = (
    rf"(?:{_KIND} ){{0,2}}descriptions?\b(?:(?: of the (?:{LOOK}|scene))?(?: you)?(?: (?:given"
    rf"|provided))?)"
)
_SENTENCES = (
    r"(?:first|second|third|fourth|fifth|last|one|another|(?:two|three|four|five|several|all|most|none"
    r"|some|both|each)(?: of the(?:se)?)?)"
)
_DESCRIPTION_SCENT = (
    r"descriptions? |(?:the|given|provided|scene|image|image.s|textual) descriptions?\b|sentence|object list"
    r"|(?:given|provided) text|text (?:given|provided|describing)|described scene|list of objects"
)
_DESCRIPTION = Words(
    scent=_DESCRIPTION_SCENT,
    told=(
        rf"\b{AS_TOLD}(?:the|these|those|your|any of the) {_DESCRIPTIONS}{_OF_WHAT}"
        rf"|\b(?:the|these|those|your|different|no|various|most) {_DESCRIPTIONS} (?:{SAID}|that)"
        rf"|\b(?:given|provided|textual|image(?:['’]s)?|scene) descriptions?\b{_OF_WHAT}"
        r"|\bdescriptions? (?:that (?:was|were) )?(?:provided|given|you (?:provided|gave))\b(?! (?:by|to|in|on) the)"
        rf"|\b(?:in|from|by|on|of) (?:the|these) (?:{_KIND} )?sentences\b"
        rf"|\b(?:{_SENTENCES}|the|these) (?:{_KIND} )?sentences? (?:provided |given |above )?{SAID}"
        r"|\b(?:provided|given) sentences\b|\bsentences (?:provided|given)\b"
        rf"|\b(?:provided|given) text\b|\btext (?:provided|given)\b|\btext describing the {LOOK}"
        rf"|\bthe described scenes?\b|\b{LOOK} provides? descriptions? of"
        r"|\b(?:the |this |an |in )?(?:object list|list of objects) (?:includes?|contains?|mentions?|shows?|says?"
        r"|does|provided|given)"
    ),
    excuse=(
        r"\b(?:judge|court|prison|french|latin|english|spanish|german|blackboard|notebook|bottle|wine|painting|"
        r"below|following|passage|paragraph|trait|hamlet)\b|\bfits? the description"
    ),
    asked=(
        r"\bsentences?\b|\bpassage|\bparagraph|\b(?:following|this|that|job|product|above) (?:text|description)"
        r"|\bthe text\b|\bdescriptions? below"
    ),
    bearers=True,
)
_ASKED_DESCRIPTION = _DESCRIPTION._replace(
    told=rf"\b(?:according to|based on|in|from|by) the (?:{_KIND} )?(?:descriptions?|sentences)\b{_OF_WHAT}",
    excuse=r"\b(?:below|following|passage|paragraph|trait|complete)\b",
    speakers=("human",),
)


@text_check(
    "L005",
    "description",
    "error",
    fails=record(answer="The description provided does not say what color the dog is."),
    passes=record(answer="The description on the label says that the sauce is hot."),
    scent=_DESCRIPTION_SCENT,
)
def description(said: tuple[Said, ...]) -> Iterator[Seen]:
    """It speaks of the description or the sentences that the model was told.

    "As indicated in the image description" stands in LLaVA-Instruct-150K itself. The description on a label, a museum's
    and a menu's are no finding; nor is a question that wants one.
    """
    yield from seen_in(said, _DESCRIPTION)
    yield from seen_in(said, _ASKED_DESCRIPTION)


_DESCRIBED_AS_SCENT = r"described (?:as|to be|in the)|(?:image|picture|photo|photograph|pic)s? describe"
_DESCRIBED_AS = Words(
    scent=_DESCRIBED_AS_SCENT,
    told=(
        r"(?:\b(?:is|are|was|were)|['’]s|['’]re) (?:also |both )?described (?:as|to be)\b|, described as\b"
        rf"|\b{LOOK} describes? (?:the|a|an|him|her|it|them)\b"
    ),
    excuse=(
        r"\b(?:can|could|may|might|often|commonly|sometimes|usually|typically|generally) be described"
        r"|\bdescribed (?:as|by) (?:many|some|critics|experts)"
    ),
    bearers=True,
)
_ASKED_DESCRIBED_AS = Words(
    scent=_DESCRIBED_AS_SCENT,
    told=(
        rf"\b(?:is|are|was|were) (?:the|this|these|those) [\w' -]{{1,40}}? described (?:as|to be|in the (?:{LOOK}"
        rf"|scene))\b"
    ),
    speakers=("human",),
)


@text_check(
    "L006",
    "described-as",
    "warning",
    fails=record(answer="The dog is described as fluffy."),
    passes=record(answer="The dog is fluffy. Its breed is often described as loyal."),
    scent=_DESCRIBED_AS_SCENT,
)
def described_as(said: tuple[Said, ...]) -> Iterator[Seen]:
    """Something "is described as", where it should simply be so.

    By whom? By the captions that the model was told. About one record in thirty of LLaVA-Instruct-150K says so.
    "Can be described as" and "is often described as" are the speaker's own words.
    """
    yield from seen_in(said, _DESCRIBED_AS)
    yield from seen_in(said, _ASKED_DESCRIBED_AS)


_FACTS = r"(?:information|context|details?|data|facts|clues|input)"
_GIVEN = (
    rf"(?:(?:limited |little |visual )?(?:provided|given|available|supplied) {_FACTS}"
    rf"|(?:limited |little |visual )?{_FACTS} (?:that (?:was|were|is|are) )?(?:provided|given|available|supplied))"
)
_IN_IT = r"(?! (?:in|by|on|within|at|from|through|to|about|for) (?:the|this|these|a|an|each|his|her|their)\b)"
_GIVEN_SCENT = (
    r"(?:provided|given|available|supplied) (?:information|context|detail|data|facts|clues|input|scene)"
    r"|(?:information|context|details?|data|facts|clues|input|scene) (?:that (?:was|were|is|are) )?(?:provided"
    r"|given|available|supplied)"
    r"|the input "
)
_GIVEN_INFORMATION = Words(
    scent=_GIVEN_SCENT,
    told=(
        rf"\b(?:based (?:up)?on|from|according to|as per|per|given|with|considering|using"
        rf"|by) (?:all )?(?:of )?(?:the |this )?{_GIVEN}\b{_IN_IT}"
        rf"|\bthe {_GIVEN} {SAID}|\b(?:the provided scene|the scene provided)\b|\bthe input {SAID}"
    ),
    excuse=r"\binput (?:field|device)",
    asked=r"\b(?:data|input|following|below)\b",
    bearers=True,
    speakers=("gpt", None),
)
_ASKED_GIVEN = _GIVEN_INFORMATION._replace(
    told=(
        r"(?:\A|\n|[.?!] )based on the (?:(?:information|context|details) (?:provided|given)|(?:provided"
        r"|given) (?:information|context|"
        r"details)),|\A[^\n]{3,160} based on the (?:(?:provided|given) (?:information|context|details)"
        r"|(?:information|context|details) (?:provided|given))[.?!]?\s*\Z"
    ),
    excuse=r"\bcontext:|\bpassage|\bhint:",
    speakers=("human",),
    scent="",
)


@text_check(
    "L007",
    "given-information",
    "warning",
    fails=record(answer="Based on the information provided, the dog is in a park."),
    passes=record(answer="Based on the information on the sign, dogs may run free here."),
    scent=_GIVEN_SCENT,
)
def given_information(said: tuple[Said, ...]) -> Iterator[Seen]:
    """It speaks of information, context or details that were given, and of no picture that gives them.

    "Based on the information provided" is how a model speaks of its prompt. "The information in the image" and what
    stands on a sign are no finding.
    """
    yield from seen_in(said, _GIVEN_INFORMATION)
    yield from seen_in(said, _ASKED_GIVEN)


_ELSEWHERE = (
    rf"(?! (?:in|on|by) (?:the|this|our|his|her|a|an) (?!{LOOK}|scene|captions?|descriptions?|sentences?"
    rf"|text|given|provided|information))"
)
_NO_MENTION_SCENT = (
    r"mention (?:of|is made|about)|nothing is |unspecified|(?:not|n.t) (?:provide|give|offer|contain|include"
    r"|described)"
    r"|(?:not|n.t) (?:been )?(?:explicitly |clearly |specifically |directly |otherwise )?(?:mention|specif|state"
    r"|indicate|say\b)"
)
_NO_MENTION = Words(
    scent=_NO_MENTION_SCENT,
    told=(
        r"\bno (?:explicit |specific |direct )?mention (?:of|is made|about)|\bnothing is (?:said|mentioned"
        r"|stated) (?:about|of)"
        rf"|\b(?:is|are|was|were|has|have){NOT}(?: been)? (?:explicitly |clearly |specifically |directly "
        rf"|otherwise )?"
        rf"(?:mentioned|specified|stated|indicated)\b{_ELSEWHERE}"
        r"|\b(?:is|are|was|were)(?: not|n['’]t) (?:provided|given|described)(?=[.,;]| in the (?:image|picture|photo))"
        r"|\bunspecified\b"
        rf"|\b(?:{LOOK}|scene) {DOES_NOT} (?:explicitly |clearly |specifically |directly )?(?:mention|specify"
        rf"|state|say|indicate)\b"
        rf"|\b(?:{LOOK}|scene) {DOES_NOT} (?:provide|give|offer|contain|include) (?:us )?(?:any |much |enough "
        rf"|sufficient )?"
        r"(?:additional |further |specific |other )?(?:information|context|details) (?:about|on|regarding|such as|of)"
        rf"|\b(?:{LOOK}|scene) {DOES_NOT} (?:provide|give|offer|contain|include) (?:any )?(?:additional"
        rf"|further) (?:information|context|details)"
    ),
    excuse=(
        rf"\b(?:{BEARERS}) (?:\w+ )?(?:is|are|was|were|do|does|has|have){NOT}|\b(?:on|by|in) the (?:\w+ )?{BEARERS}\b"
    ),
    bearers=True,
)


@text_check(
    "L008",
    "no-mention",
    "warning",
    fails=record(answer="There is no mention of a cat, and the dog's breed is not specified."),
    passes=record(answer="There is no cat. The sign does not mention dogs."),
    scent=_NO_MENTION_SCENT,
)
def no_mention(said: tuple[Said, ...]) -> Iterator[Seen]:
    """Something is not mentioned, not specified or not stated: a picture neither mentions nor states.

    Such words are about a text that the model was told (LRV-Instruction: "there is no mention of a teapot"). What a
    sign, a label or a menu does not mention is no finding.
    """
    return seen_in(said, _NO_MENTION)
