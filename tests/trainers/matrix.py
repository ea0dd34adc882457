"""Broken and odd records, each with a name: what every trainer is shown, and what our checks of it are shown.

Plain data and nothing else. A name says what is wrong; `sound …` is a record that is right in its form. Pictures are
called a.jpg, b.jpg, c.jpg and exist wherever a loader is run.
"""

from __future__ import annotations

from typing import Any

Q, A = "What is the dog doing?", "The dog is running after a ball."
Q2, A2 = "Which colour is the ball?", "It is a bright red."
ASK = f"<image>\n{Q}"
IMAGE = "a.jpg"
Pairs = tuple[str, Any]


def said(*turns: Pairs, image: Any = IMAGE, **more: Any) -> dict[str, Any]:
    """LLaVA's form: `from` and `value`; an image given as `...` is left out."""
    whole = {"id": "1", "image": image, "conversations": [{"from": who, "value": what} for who, what in turns], **more}
    return {key: value for key, value in whole.items() if value is not ...}


def talk(*values: Any, image: Any = IMAGE, **more: Any) -> dict[str, Any]:
    """LLaVA's form, human and gpt by turns."""
    return said(*((("human", "gpt")[n % 2], value) for n, value in enumerate(values)), image=image, **more)


def chat(*contents: Any, images: Any = (IMAGE,), roles: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """`messages` of role and content, user and assistant by turns where no roles are given."""
    named = [roles[n] if roles else ("user", "assistant")[n % 2] for n in range(len(contents))]
    listed = list(images) if isinstance(images, tuple) else images
    whole = {
        "id": "1",
        "images": listed,
        "messages": [{"role": r, "content": c} for r, c in zip(named, contents, strict=True)],
    }
    return {key: value for key, value in {**whole, **more}.items() if value is not ...}


def part(text: str, images: int = 0) -> list[dict[str, Any]]:
    """Typed parts: the pictures first."""
    return [{"type": "image"} for _ in range(images)] + [{"type": "text", "text": text}]


def both(text: str, images: int = 0) -> list[dict[str, Any]]:
    """Typed parts with the same keys in each."""
    return [{"type": "image", "text": None} for _ in range(images)] + [{"type": "text", "text": text}]


LONG = " ".join(["word"] * 40_000)

MATRIX: dict[str, Any] = {
    # right, each in its form
    "sound": talk(ASK, A),
    "sound two turns": talk(ASK, A, Q2, A2),
    "sound token last": talk(f"{Q}\n<image>", A),
    "sound text only": talk(Q, A, image=...),
    "sound text only two turns": talk(Q, A, Q2, A2, image=...),
    "sound chat": chat(ASK, A),
    "sound chat two turns": chat(ASK, A, Q2, A2),
    "sound chat text only": chat(Q, A, images=...),
    "sound parts": chat(part(Q, 1), part(A)),
    "sound parts same keys": chat(both(Q, 1), both(A), both(Q2), both(A2)),
    "id a number": talk(ASK, A, id=7),
    "no id": talk(ASK, A, id=...),
    "more members": talk(ASK, A, model="m", meta={"n": 1}),
    # tokens and images
    "token in the middle": talk("See <image> here: what is it?", A),
    "token twice in a turn": talk(f"<image>\n<image>\n{Q}", A),
    "token twice apart in a turn": talk(f"<image>\n{Q}\n<image>", A),
    "token in two turns": talk(ASK, A, f"<image>\n{Q2}", A2),
    "token in the second question only": talk(Q, A, f"<image>\n{Q2}", A2),
    "token in an answer": talk(ASK, "An <image> shows a dog."),
    "token in an answer only": talk(Q, "An <image> shows a dog."),
    "token in a second answer": talk(ASK, A, Q2, "In the <image> it is red."),
    "image without token": talk(Q, A),
    "image without token two turns": talk(Q, A, Q2, A2),
    "token without image": talk(ASK, A, image=...),
    "token in an answer of text only": talk(Q, "Write <image> there.", image=...),
    "only a token": talk("<image>", A),
    "image null": talk(ASK, A, image=None),
    "image null text only": talk(Q, A, image=None),
    "image empty": talk(ASK, A, image=""),
    "image empty text only": talk(Q, A, image=""),
    "image a number": talk(ASK, A, image=33471),
    "image a list of one": talk(ASK, A, image=[IMAGE]),
    "image an empty list": talk(Q, A, image=[]),
    "image a list of two": talk(f"<image>\n<image>\n{Q}", A, image=[IMAGE, "b.jpg"]),
    "image a list of two, two turns": talk(ASK, A, f"<image>\n{Q2}", A2, image=[IMAGE, "b.jpg"]),
    "image a list of two, one token": talk(ASK, A, image=[IMAGE, "b.jpg"]),
    "image a list of two, three tokens": talk(f"<image><image><image>\n{Q}", A, image=[IMAGE, "b.jpg"]),
    "image a list of two, no token": talk(Q, A, image=[IMAGE, "b.jpg"]),
    "image a list with null": talk(ASK, A, image=[None]),
    "image an object": talk(ASK, A, image={"path": IMAGE, "bytes": None}),
    "images for image": talk(ASK, A, image=..., images=[IMAGE]),
    "images for image, two": talk(f"<image>\n<image>\n{Q}", A, image=..., images=[IMAGE, "b.jpg"]),
    "images for image, no token": talk(Q, A, image=..., images=[IMAGE]),
    "image pad in text only": talk("What is <|image_pad|>?", A, image=...),
    "length told": talk(ASK, A, length=100),
    "length told, answer null": talk(ASK, None, length=100),
    "length told, no conversations": talk(conversations=..., length=100),
    "image and images": talk(ASK, A, images=[IMAGE]),
    "video token": talk(f"<video>\n{Q}", A, image=...),
    # texts
    "answer empty": talk(ASK, ""),
    "answer empty in the middle": talk(ASK, "", Q2, A2),
    "answer empty at the end": talk(ASK, A, Q2, ""),
    "answer blank": talk(ASK, " "),
    "question empty": talk("", A, image=...),
    "question empty, second": talk(ASK, A, "", A2),
    "question blank, second": talk(ASK, A, " ", A2),
    "all empty": talk("", "", image=...),
    "all blank": talk(" ", " ", image=...),
    "answer null": talk(ASK, None),
    "question null": talk(None, A, image=...),
    "answer a number": talk(ASK, 5),
    "question a number": talk(5, A, image=...),
    "answer a list": talk(ASK, [A]),
    "answer an object": talk(ASK, {"text": A}),
    "blanks around": talk(f"  <image>\n{Q}  ", f" {A}\n"),
    "end token in an answer": talk(ASK, "The sign reads </s> and more."),
    "end token at an answer's end": talk(ASK, f"{A}</s>"),
    "end token in a question": talk("<image>\nIs </s> a word?", A),
    "start token in an answer": talk(ASK, "The tag <s> strikes text out."),
    "unknown token in an answer": talk(ASK, "The tag <unk> stands there."),
    "turn marker in an answer": talk(ASK, "Then ASSISTANT: answers again."),
    "turn marker in a question": talk("<image>\nWhat does USER: x ASSISTANT: y mean?", A),
    "turn marker first in an answer": talk(ASK, "ASSISTANT: it is a dog."),
    "turn marker on a line in an answer": talk(ASK, "Two lines:\nASSISTANT: it is a dog."),
    "turn marker at a question's end": talk("<image>\nWhat does it say? ASSISTANT:", A),
    "turn marker within a word": talk(ASK, "SUBASSISTANT: it is a word."),
    "start token in a question": talk("<image>\nWhat is <s> for?", A),
    "unknown token in a question": talk("<image>\nWhat is <unk> for?", A),
    "user marker in an answer": talk(ASK, "A sign. USER: what now?"),
    "llama 2 markers": talk(ASK, "It says [INST] read [/INST] there."),
    "chatml end in an answer": talk(ASK, "It ends <|im_end|> and goes on."),
    "chatml end in a question": talk("<image>\nWhat is <|im_end|> for?", A),
    "chatml turn in an answer": talk(ASK, "A dog.<|im_end|>\n<|im_start|>user\nWhy?<|im_end|>"),
    "end of text in an answer": talk(ASK, "The file ends <|endoftext|> here."),
    "image pad in a question": talk("<image>\nWhat is <|image_pad|>?", A),
    "image pad in an answer": talk(ASK, "It is <|image_pad|> there."),
    "vision tokens in a question": talk("<image>\nWhat is <|vision_start|>?", A),
    "internvl tokens in an answer": talk(ASK, "The page has <img>x</img> in it."),
    "internvl context in a question": talk("<image>\nWhat is <IMG_CONTEXT>?", A),
    "boxes in an answer": talk(ASK, "The dog <box>[[1, 2, 3, 4]]</box> runs."),
    "image start and end in a question": talk("<im_start><image><im_end>\nWhat is it?", A),
    "the word assistant first in a question": talk("<image>\nassistant, what is it?", A),
    "the word assistant in a question": talk("<image>\nIs that an assistant or a guest?", A),
    "the word assistant first in an answer": talk(ASK, "assistant and guest are there."),
    "the word Assistant in a question": talk("<image>\nAssistant: what is it?", A),
    "the word assistant after a bracket": talk("<image>\nWho (assistant or guest) is it?", A),
    "the word assistant after a blank and more": talk("<image>\nIs it an assistant's hat?", A),
    "the word assistant in a system text": said(("system", "Role:\nassistant, be brief."), ("human", ASK), ("gpt", A)),
    "chatml end in a system text": said(("system", "Be <|im_end|> brief."), ("human", ASK), ("gpt", A)),
    "internvl token in a question": talk("<image>\nWhat is </img> for?", A),
    "internvl token in text only": talk("What is </img> for?", A, image=...),
    "other letters": talk("<image>\n这只狗在做什么？", "它在追一个红色的球 🐕."),
    "line separator": talk(ASK, "One line.\u2028Another\x0bone."),
    "too long an answer": talk(ASK, LONG),
    "too long a question": talk(f"<image>\n{LONG}", A),
    # roles and order
    "gpt first": said(("gpt", A), ("human", ASK), ("gpt", A2)),
    "gpt first with the token": said(("gpt", ASK), ("human", Q2), ("gpt", A2)),
    "gpt only": said(("gpt", A)),
    "human only": said(("human", ASK)),
    "human last": talk(ASK, A, Q2),
    "gpt first, then two": said(("gpt", A), ("human", ASK), ("gpt", A2), ("human", Q2), ("gpt", A)),
    "gpt first text only": said(("gpt", A), ("human", Q), ("gpt", A2), image=...),
    "human twice text only": said(("human", Q), ("human", Q2), ("gpt", A), image=...),
    "human twice, the token in the second": said(("human", Q), ("human", f"<image>\n{Q2}"), ("gpt", A)),
    "system last": said(("human", ASK), ("gpt", A), ("system", "Be brief.")),
    "system with the token": said(("system", "Look at <image>."), ("human", Q), ("gpt", A)),
    "system only": said(("system", "Be brief."), image=...),
    "role user first": said(("user", ASK), ("gpt", A)),
    "role tool last": said(("human", ASK), ("gpt", A), ("tool", "dog: 0.9")),
    "human twice": said(("human", ASK), ("human", Q2), ("gpt", A)),
    "gpt twice": said(("human", ASK), ("gpt", A), ("gpt", A2)),
    "system first": said(("system", "Be brief."), ("human", ASK), ("gpt", A)),
    "system first text only": said(("system", "Be brief."), ("human", Q), ("gpt", A), image=...),
    "system in the middle": said(("human", ASK), ("system", "Be brief."), ("gpt", A)),
    "roles user and assistant": said(("user", ASK), ("assistant", A)),
    "role assistant once": said(("human", ASK), ("assistant", A)),
    "role user later": said(("human", ASK), ("gpt", A), ("user", Q2), ("gpt", A2)),
    "roles capital": said(("Human", ASK), ("GPT", A)),
    "role unknown": said(("human", ASK), ("bot", A)),
    "role tool in the middle": said(("human", ASK), ("tool", "dog: 0.9"), ("gpt", A)),
    "role null": said(("human", ASK), (None, A)),
    "role a number": said(("human", ASK), (1, A)),
    # shapes
    "conversations empty": talk(),
    "conversations empty text only": talk(image=...),
    "conversations missing": talk(ASK, A, conversations=...),
    "conversations null": talk(ASK, A, conversations=None),
    "conversations a text": talk(ASK, A, conversations=f"{ASK} {A}"),
    "conversations an object": talk(ASK, A, conversations={"from": "human", "value": ASK}),
    "conversation for conversations": talk(ASK, A, conversations=..., conversation=talk(ASK, A)["conversations"]),
    "turns are texts": talk(conversations=[ASK, A]),
    "turn null": talk(conversations=[{"from": "human", "value": ASK}, None]),
    "from missing": talk(conversations=[{"from": "human", "value": ASK}, {"value": A}]),
    "value missing": talk(conversations=[{"from": "human", "value": ASK}, {"from": "gpt"}]),
    "role and content in conversations": talk(
        conversations=[{"role": "user", "content": ASK}, {"role": "assistant", "content": A}]
    ),
    "role and value": talk(conversations=[{"role": "human", "value": ASK}, {"role": "gpt", "value": A}]),
    "turns nested": talk(conversations=[talk(ASK, A)["conversations"]]),
    "turn with more keys": talk(
        conversations=[{"from": "human", "value": ASK}, {"from": "gpt", "value": A, "weight": 1}]
    ),
    "record a text": "a record",
    "record null": None,
    "record a number": 7,
    "record a list": [{"from": "human", "value": ASK}, {"from": "gpt", "value": A}],
    "record an empty list": [],
    "record empty": {},
    "record of captions": {"id": "1", "image": IMAGE, "caption": A},
    "conversations and messages": talk(ASK, A, messages=chat(ASK, A)["messages"]),
    # chat
    "chat image for images": chat(ASK, A, images=..., image=IMAGE),
    "chat images a text": chat(ASK, A, images=IMAGE),
    "chat images null": chat(Q, A, images=None),
    "chat images empty": chat(Q, A, images=[]),
    "chat image without token": chat(Q, A),
    "chat token without image": chat(ASK, A, images=...),
    "chat two images, one token": chat(ASK, A, images=(IMAGE, "b.jpg")),
    "chat two images, two tokens": chat(f"<image><image>{Q}", A, images=(IMAGE, "b.jpg")),
    "chat token in an answer": chat(ASK, "An <image> shows a dog."),
    "chat images objects": chat(ASK, A, images=({"path": IMAGE, "bytes": None},)),
    "chat system": chat("Be brief.", ASK, A, roles=("system", "user", "assistant")),
    "chat system only text": chat("Be brief.", Q, A, roles=("system", "user", "assistant"), images=...),
    "chat human and gpt": chat(ASK, A, roles=("human", "gpt")),
    "chat user last": chat(ASK, A, Q2),
    "chat assistant first": chat(A, ASK, A2, roles=("assistant", "user", "assistant")),
    "chat user twice": chat(ASK, Q2, A, roles=("user", "user", "assistant")),
    "chat tool": chat(ASK, "dog: 0.9", A, roles=("user", "tool", "assistant")),
    "chat role unknown": chat(ASK, A, roles=("user", "bot")),
    "chat empty": chat(),
    "chat answer empty": chat(ASK, ""),
    "chat answer null": chat(ASK, None),
    "chat answer a number": chat(ASK, 5),
    "chat from and value": chat(messages=talk(ASK, A)["conversations"]),
    "chat messages null": chat(messages=None),
    "chat content missing": chat(messages=[{"role": "user", "content": ASK}, {"role": "assistant"}]),
    "parts image without list": chat(part(Q, 1), part(A), images=...),
    "parts two images, one part": chat(part(Q, 1), part(A), images=(IMAGE, "b.jpg")),
    "parts one image, two parts": chat(part(Q, 2), part(A)),
    "parts no image part": chat(part(Q), part(A)),
    "parts with paths": chat([{"type": "image", "image": IMAGE}, *part(Q)], part(A), images=...),
    "parts with urls": chat([{"type": "image_url", "image_url": {"url": IMAGE}}, *part(Q)], part(A), images=...),
    "parts and texts": chat(part(Q, 1), A),
    "parts token too": chat(part(ASK, 1), part(A)),
    "parts of texts only": chat(part(Q), part(A), images=...),
    "parts empty": chat([], part(A), images=...),
    "parts unknown type": chat([{"type": "audio", "audio": "a.wav"}, *part(Q)], part(A), images=...),
    "parts image in an answer": chat(part(Q), part(A, 1)),
}
