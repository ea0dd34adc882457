"""L: answers in which nobody answers: hedges, refusals, and speakers who say that they are a machine or see nothing.

A plain "no", and "I can't see a dog in the picture", are answers. These look at words only: whether the thing can in
truth be told from the picture they do not know.
"""

from __future__ import annotations

from collections.abc import Iterator

from datagen.checks.base import Seen, text_check
from datagen.checks.examples import record
from datagen.checks.sample import Said
from datagen.checks.wording import CANNOT, DOES_NOT, LOOK, NOT, Words, seen_in

_SURELY = (
    r"(?:(?:definitively|definitely|confidently|precisely|exactly|accurately|conclusively|reliably|fully|really|"
    r"clearly|always|just|even|completely|say|be) )*"
)
_ASK_WORD = (
    r"(?=[ ,]*(?:for (?:sure|certain)|for me|with (?:absolute |complete |any )?(?:certainty|confidence)|exactly"
    r"|precisely|if|whether|what|who|whose|which|when|where|why|how|the |just|based|from|at |without|any|much|more"
    r"|definitively)|[.,;])"
)
_LEARN = (
    r"(?:determine|identify(?! (?:real |the )?(?:people|individuals|persons))|pinpoint|ascertain|confirm|discern"
    r"|infer|conclude|deduce|verify|establish|gauge|estimate|"
    r"assess|specify|certain|sure|guess|count (?:them|the (?:exact|precise))|draw (?:any |a )?conclusions?|"
    r"(?:make|provide|give|offer) (?:a|an|any|the) (?:\w+ )?(?:definitive|exact|precise|accurate|direct|further"
    r"|clear|specific|assumption\w*)"
    rf"|(?:tell|say|know)\b{_ASK_WORD}|see (?:if|whether|which)\b)"
)
_HARD = (
    r"(?:(?<!for )(?:not|n['’]t) (?:entirely |really |always )?(?:possible|feasible)|impossible|"
    r"(?:\w+ly |quite |very |a bit |too |rather )?(?:difficult|hard|tough|challenging|tricky))"
)
_KNOWLEDGE = r"(?:information|contexts?|details?|data|evidence|clues?|visual cues)"
_QUALITY = (
    r"(?:colou?rs?|size|shape|brand|flavou?r|texture|temperature|time of (?:day|year)|season|speed|route|location"
    r"|age|condition|"
    r"purpose|identity|gender|breed|species|type|kind|material|number|content|name|make|model|style|function"
    r"|destination|meaning|reason|cause)s?"
)
_ADVERBS = (
    r"(?:definitiv|confident|precise|exact|accurate|conclusive|reliab|definite|fully|really|clearly|always"
    r"|just|even|complete)"
)
_LEARNING = (
    r"(?:determin|identif|pinpoint|ascertain|confirm|discern|infer|conclu|deduc|verif|establish|glean|gaug"
    r"|estimat|assess|specif|"
    r"certain|sure|guess|count |draw |told|tell|say |know|see (?:if|whether|which)|(?:make|provide|give"
    r"|offer) (?:an?|any|the) )"
)
_FACT = r"(?:information|context|detail|data|evidence|clue|visual)"
_HEDGE_SCENT = (
    rf"(?:possible|feasible|difficult|hard|tough|challenging|tricky)(?: for (?:me|us"
    rf"|one))? to (?:be )?(?:{_LEARNING}|{_ADVERBS})"
    rf"|(?:not|n.t|able to) (?:be |entirely |quite |really |completely )?(?:{_LEARNING}|{_ADVERBS})"
    rf"|unsure|uncertain|unclear|unknown|(?:enough|sufficient|limited) (?:visual |specific |further "
    rf"|additional )?{_FACT}"
    rf"|(?:more|further|additional|other) (?:specific )?{_FACT}"
    r"|(?:not|n.t) (?:entirely |completely |immediately |really |particularly |clearly |fully |readily "
    r"|quite )?(?:clear|visible|"
    r"discernible|apparent|known|possible)\b|(?:explicitly|clearly|definitively|conclusively) (?:show|reveal"
    r"|indicate|tell)"
    r"|alone (?:can|do|could)|no (?:definitive|definite|clear) (?:answer|indication|way)|make it possible"
)
_HEDGE = Words(
    (
        rf"\b(?:it(?:['’]s| is| was|)|is|(?<!can )be) {_HARD} (?:for (?:me|us|one) )?to {_SURELY}{_LEARN}"
        rf"|\b(?:it is|is|it|are){NOT} possible to {_SURELY}{_LEARN}"
        rf"|\b{CANNOT} be {_SURELY}(?:determined|ascertained|identified|confirmed|known|discerned|established"
        rf"|gleaned|inferred|"
        r"verified|concluded|deduced|told|certain|sure)\b"
        rf"|\b(?:I|we|one|you)(?: {CANNOT}|['’]m (?:not able|unable) to) {_SURELY}{_LEARN}"
        r"|\b(?:I['’]m|I am|we are|we['’]re) (?:not (?:entirely |quite |really |completely )?(?:sure|certain)"
        r"|unsure|uncertain)\b"
        rf"|\b(?:I|we) (?:do not|don['’]t) know {_ASK_WORD}"
        rf"|(?:\bnot|n['’]t|\bno) (?:provide |give |offer |contain |have |show |include "
        rf"|be )?(?:us )?(?:with )?(?:enough|sufficient) (?:\w+ )?{_KNOWLEDGE}(?! about the (?!color|size))"
        rf"|\b(?:insufficient|limited) {_KNOWLEDGE} (?:to|available|provided)"
        rf"|\bwithout (?:any |some |having |knowing )?(?:more|further|additional|other) (?:specific )?{_KNOWLEDGE}"
        rf"|\b(?:more|further|additional) {_KNOWLEDGE} (?:would be|is|are) (?:needed|required|necessary)"
        rf"|\b(?:unclear|uncertain|unknown|(?:not|n['’]t) (?:\w+ly |quite )?clear)"
        r"(?: from (?:the|this)| in the (?:image|picture|photo)| (?:if|whether|why|what|who|which|how|when"
        r"|where)\b| based on| exactly)"
        rf"|(?:\bnot|n['’]t) (?:visible|apparent|known) (?:if|whether)\b"
        r"|\bremains? (?:unclear|unknown|uncertain)"
        rf"|\b{_QUALITY}\b(?: (?!because|but|is |are |was |which |that )[\w'’-]+){{0,12}}? (?:is|are)(?: not"
        rf"|n['’]t) (?:\w+ly )?(?:clear|visible|discernible|known)\b"
        r"|\bweather\b(?: [\w'’-]+){0,5}? (?:is|are)(?: not|n['’]t) (?:\w+ly )?(?:visible|discernible|known"
        r"|clear from)\b"
        rf"|\b(?:exact|specific|precise|true) (?:[\w'’-]+ ){{1,9}}?(?:is|are|remains?) (?:unknown|unclear"
        rf"|uncertain|(?:not|n['’]t) (?:\w+ly )?(?:known|clear))|\b{DOES_NOT} make it possible to {_SURELY}{_LEARN}"
        r"|\bdetermining [^.!?\n]{3,90}(?:is not|isn['’]t) possible"
        rf"|\b(?:{LOOK})(?: alone)? {DOES_NOT} (?:explicitly |clearly |definitively |conclusively )(?:show|reveal"
        rf"|indicate|tell)|\b{LOOK} alone (?:{DOES_NOT}|{CANNOT})"
        r"|\bno (?:definitive|definite|clear) (?:answer|indication|way)\b(?: (?:can|of|to|as))"
    ),
    excuse=(
        r"\bmak(?:e|es|ing) it (?:\w+ )?(?:difficult|hard|impossible|challenging)|\bnot always be\b"
        r"|\b(?:right of way|say (?:no|goodbye)|apart|a joke|expert|goodbye)\b|\b(?:who|that|which) (?:are"
        r"|is) (?:unsure|uncertain)"
        r"|\bbecause\b.*\bnot (?:\w+ )?visible|not (?:\w+ )?visible\b.*\b(?:because|since|behind|under)\b"
    ),
    scent=_HEDGE_SCENT,
)


@text_check(
    "L009",
    "hedge",
    "warning",
    fails=record(answer="Without more context, it is difficult to say what the dog is doing."),
    passes=record(answer="No, I can't see a cat. The fog makes it hard to find the way."),
    scent=_HEDGE_SCENT,
)
def hedge(said: tuple[Said, ...]) -> Iterator[Seen]:
    """It says that the thing cannot be told.

    The question has no answer in the picture, or the model did not find it in what it was told, and whoever is trained
    on it learns to evade. LLaVA's prompts ask only for questions "that have definite answers"
    (haotian-liu/LLaVA@c121f04:playground/data/prompts/conversation); 32 of 92 dialogues of Mistral-7B hedge all the
    same, and about one record in ten of LLaVA-Instruct-150K.
    """
    return seen_in(said, _HEDGE)


_UNSEEN_SCENT = (
    r"(?:seeing|viewing|observing|looking at|access to|see|view|seen|viewed|access|open|display|process"
    r"|analy[sz]e|upload|attach|share|"
    r"provide|send|look at|me) (?:(?:the|this|that|any|your|an?) )?(?:(?:actual|attached|original) )?(?:image"
    r"|picture|photo|pic)"
    r"|\b(?:no|any) (?:image|picture|photo|pic)"
)
_UNSEEN = Words(
    (
        rf"\bwithout (?:actually |directly )?(?:seeing|viewing|observing|looking at|having access to"
        rf"|access to) (?:the|this|an?) (?:actual |original )?{LOOK}\b"
        rf"|\bI(?:['’]m)? ?(?:{CANNOT}|(?:do not|don['’]t) have the (?:ability|capability) to|haven['’]t|have not"
        rf"|could) "
        r"(?:actually |directly |physically |currently )?(?:see|view|seen|viewed|access|open|display|process"
        r"|analy[sz]e)(?: (?:or|and) \w+)? "
        rf"(?:the |this |that |any |your )?(?:actual |attached )?{LOOK}\b(?! of)|\bif I could (?:see|view) the {LOOK}"
        rf"|\bI (?:do not|don['’]t) (?:currently )?have (?:direct )?access to (?:the|any|your"
        rf"|this) (?:actual )?{LOOK}"
        rf"|\b(?:no|any) {LOOK} (?:(?:was|is|were|has been|have been) )?(?:attached|provided|included|uploaded"
        rf"|shared)\b|\b(?:please|could you|can you|you could) (?:please )?(?:upload|attach|share|provide"
        rf"|send)(?: me)? (?:the|an|your|a) {LOOK}|\b(?:see|view|look at|seeing) the actual {LOOK}"
    ),
    scent=_UNSEEN_SCENT,
)


@text_check(
    "L010",
    "unseen",
    "error",
    fails=record(answer="There are several dogs, but I cannot count them without seeing the image."),
    passes=record(answer="I can't see a cat in the picture, only a dog."),
    scent=_UNSEEN_SCENT,
)
def unseen(said: tuple[Said, ...]) -> Iterator[Seen]:
    """The speaker says that he does not see the picture.

    Then he was told of it. "I cannot provide a precise count without seeing the image itself" is an answer of
    LLaVA-Instruct-150K.
    """
    return seen_in(said, _UNSEEN)


_AI = r"(?:AI|artificial intelligence|(?:[\w-]+ )?language model|LLM|chatbot)"
_MACHINE = Words(
    (
        rf"\b(?:as|being|I am|I['’]m)(?: (?:just|only|merely|still))? (?:an?|your) (?:[\w-]+ ){{0,2}}?{_AI}"
        r"(?: (?:visual|vision|language|chat|text))?(?: (?:model|assistant|chatbot|system|bot))?"
        r"(?=[,.;:!]| (?:I|that|and|but|developed|created|made|trained|designed|with|without|it|who|myself)\b|\s*$)"
        r"|\bI(?: am|['’]m) (?:an? )?artificial intelligence\b|\bmy (?:training data|knowledge cut-?off)\b"
        r"|\bI(?: am|['’]m) (?:ChatGPT|GPT-?\d|Qwen|Claude|Gemini|Gemma|Llama|Mistral)\b"
        r"|\b(?:I|me)\b[^.!?\n]{0,80}\b(?:developed|created|trained) by (?:OpenAI|Alibaba Cloud|Anthropic"
        r"|Google DeepMind|Mistral AI|Meta AI)\b"
    ),
    excuse=r"\b(?:app|robot|software|speaker|device|company)\b[^.]*\b(?:developed|created|trained) by",
    code=True,
)


@text_check(
    "L011",
    "machine",
    "error",
    fails=record(answer="As an AI language model, I cannot know the dog's name, but it is running."),
    passes=record(answer="As an AI researcher, she has a robot dog."),
    scent=r"\bAI\b|artificial intelligence|language model|LLM|chatbot|training data|knowledge cut"
    r"|ChatGPT|GPT|Qwen|Claude|Gemini|Gemma|Llama|Mistral|OpenAI|Anthropic|DeepMind",
)
def machine(said: tuple[Said, ...]) -> Iterator[Seen]:
    """The speaker says that he is an AI, or which.

    That is about the model that wrote the data and not about the one to be trained; mostly a refusal follows.
    """
    return seen_in(said, _MACHINE)


_WONT = (
    rf"(?:{CANNOT}|will not|won['’]t(?: be able to)?|(?:must|have to|need to) decline to|do(?: not"
    rf"|n['’]t) feel comfortable)"
)
_SERVE = (
    r"(?:assist|comply|fulfil\w*|help (?:with|you)\b|engage|answer (?:that|this|questions?|your|the question)|"
    r"provide (?:that|this|any|information|identif\w*|a description|assistance|details)|"
    r"(?:identify|recogni[sz]e|describe|name) (?:\w+ )?(?:people|persons?|individuals?|this (?:person|man|woman"
    r"|picture|image)|who)|create content|generate (?:content|that|this)|describing this|discuss (?:this|that))"
)
_REFUSAL_SCENT = (
    r"sorry|apolog|(?:can ?not|n.t|will not|able to|decline to|comfortable) "
    r"(?:assist|comply|fulfil|help (?:with|you)|engage|answer (?:that|this|question|your|the question)|"
    r"provide (?:that|this|any|information|identif|a description|assistance|details)|identify|recogni[sz]e"
    r"|describ|name|"
    r"create content|generate (?:content|that|this)|discuss|do (?:that|this)|continue)"
    r"|against my |my (?:content|usage|safety) polic|not something (?:that )?i"
)
_REFUSAL = Words(
    (
        r"(?:\bI(?:['’]m| am) (?:\w+ )?sorry|\bsorry|\bI (?:do )?apologi[sz]e|\bmy apologies)\b[^.!?\n]{0,40}?"
        rf"\bI(?:['’]m| am)? ?{_WONT} (?:\w+ )?(?:{_SERVE}|do (?:that|this)|continue)"
        rf"|\bI(?:['’]m)? ?{_WONT} {_SERVE}"
        r"|\bagainst my (?:\w+ )?(?:guidelines|policy|policies|programming|principles)|\bmy (?:content|usage"
        r"|safety) polic|\bnot something (?:that )?I(?: can|['’]m able to) (?:help|assist|do)"
    ),
    scent=_REFUSAL_SCENT,
    code=True,
)


@text_check(
    "L012",
    "refusal",
    "error",
    fails=record(answer="I'm sorry, but I can't assist with identifying people."),
    passes=record(answer="I'm sorry to say that the dog has lost its ball; I can't see it anywhere."),
    scent=_REFUSAL_SCENT,
)
def refusal(said: tuple[Said, ...]) -> Iterator[Seen]:
    """The speaker declines to answer.

    A model that is trained on refusals refuses. "No, I can't see a dog in the picture" is an answer.
    """
    return seen_in(said, _REFUSAL)
