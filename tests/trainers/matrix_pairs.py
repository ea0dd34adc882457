"""More broken records, for the trainers that read `from` and `value`: odd mixtures, most of them found by chance.

Records made at random were shown to the loaders and to the checks; where the two differed, what was odd stands here.
"""

from __future__ import annotations

from typing import Any

from tests.trainers.matrix import A2, ASK, IMAGE, Q2, A, Q, said, talk

PAIRED = ("llava", "llava-plain", "llava-next", "qwen", "internvl")
"""The trainers that are shown these too."""

HUMAN, GPT = {"from": "human", "value": ASK}, {"from": "gpt", "value": A}

PAIRS: dict[str, Any] = {
    "answer is the token": talk(ASK, "<image>"),
    "answer is the token, text only": talk(Q, "<image>", image=...),
    "answer is the token, no other": talk(Q, "<image>"),
    "token in an answer of its own record": talk(Q, A, Q2, "<image>"),
    "tokens three, picture one": talk(f"<image><image><image>\n{Q}", A),
    "tokens three, first role unknown": said(("system", "See <image>."), ("human", ASK), ("gpt", "An <image>.")),
    "tokens three, image null": talk(f"<image><image><image>\n{Q}", A, image=None),
    "gpt first, tokens in both": said(("gpt", "See <image>."), ("human", ASK), ("gpt", A)),
    "gpt first, token only there": said(("gpt", "See <image>."), ("human", Q), ("gpt", A)),
    "system, then gpt": said(("system", ASK), ("gpt", A)),
    "system blank first": said(("system", " "), ("human", ASK), ("gpt", A)),
    "tool, then gpt": said(("tool", ASK), ("gpt", A)),
    "human, then human": said(("human", ASK), ("human", Q2)),
    "gpt, then human": said(("gpt", ASK), ("human", Q2)),
    "content beside value": talk(conversations=[{**HUMAN, "role": "user", "content": "Hi."}, GPT]),
    "content beside value, the same": talk(conversations=[{**HUMAN, "role": "user", "content": ASK}, GPT]),
    "role beside from": talk(conversations=[{**HUMAN, "role": "user"}, GPT]),
    "conversations an empty text": talk(conversations=""),
    "conversations an empty object": talk(conversations={}),
    "image false": talk(Q, A, image=False),
    "image zero": talk(Q, A, image=0),
    "image an empty object": talk(Q, A, image={}),
    "image a list with an empty path": talk(ASK, A, image=[""]),
    "image an empty list, first role unknown": said(("system", "Be brief."), ("human", Q), ("gpt", A), image=[]),
    "image empty, images not": talk(Q, A, image="", images=[IMAGE]),
    "the word assistant last in a question": talk("<image>\nWho is it?\nassistant", A),
    "the word assistant before a mark": talk("<image>\nIs it an\nassistant?", A),
    "the word assistant twice": talk("<image>\nAn assistant, or (assistant) not?", A),
    "the word assistant after a token": talk("Is <image>assistant there?", A),
    "the word assistant joined": talk("<image>\nIs a co-assistant or sub_assistant there?", A),
    "the word assistant longer": talk("<image>\nassistants and guests, who is it?", A),
    "end token alone": talk(ASK, "</s>"),
    "turn marker twice in a question": talk("<image>\nA ASSISTANT: b ASSISTANT: c?", A),
    "turn marker and two blanks": talk(ASK, "It  ASSISTANT:  b"),
    "turn marker after the token": talk("<image>ASSISTANT: what?", A),
    "turn marker first in text only": talk("ASSISTANT: what?", A, image=...),
    "question's end alone": talk("<image>\nASSISTANT:", A),
    "length told, question null": talk(None, A, length=9),
    "length told, question null, text only": talk(None, A, length=9, image=...),
    "length told, value missing": talk(conversations=[HUMAN, {"from": "gpt"}], length=9),
    "length told, turn null": talk(conversations=[HUMAN, None], length=9),
    "role null and blank": said(("human", ASK), ("gpt", A), (None, " ")),
    "tool blank": said(("human", ASK), ("tool", " "), ("gpt", A)),
    "1,600 words and a picture": talk(ASK, "a " * 1600),
    "1,600 words, text only": talk(Q, "a " * 1600, image=...),
    "length told, first answer null": said(("gpt", None), ("human", ASK), ("gpt", A), length=9),
    "qwen boxes in an answer": talk(ASK, "<|object_ref_start|>A dog<|object_ref_end|><|box_start|>(1,2)<|box_end|>"),
    "internvl boxes in a question": talk("<image>\nWhat is <ref>it</ref> at <box>[[1, 2, 3, 4]]</box>?", A),
    "a line's end": talk(ASK, "\n", Q2, A2),
}
