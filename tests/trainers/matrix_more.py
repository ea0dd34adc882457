"""More broken records, for the trainers that read chat messages and typed parts: what goes wrong only there."""

from __future__ import annotations

from typing import Any

from tests.trainers.matrix import A2, ASK, IMAGE, MATRIX, Q2, A, Q, both, chat, part
from tests.trainers.matrix_pairs import PAIRED, PAIRS

CHAT = ("llamafactory", "swift", "trl", "axolotl")
"""The trainers that are shown these too."""


def typed(*texts: str, image: int = 1, roles: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """A record of typed parts, a picture in the first message."""
    contents = [part(text, image if at == 0 else 0) for at, text in enumerate(texts)]
    return chat(*contents, roles=roles, **more)


MORE: dict[str, Any] = {
    # typed parts: pictures
    "parts two images, two parts": typed(Q, A, image=2, images=(IMAGE, "b.jpg")),
    "parts two images, two turns": chat(part(Q, 1), part(A), part(Q2, 1), part(A2), images=(IMAGE, "b.jpg")),
    "parts picture after the text": chat([*part(Q), {"type": "image"}], part(A)),
    "parts picture in the second question": chat(part(Q), part(A), part(Q2, 1), part(A2)),
    "parts picture alone": chat([{"type": "image"}], part(A)),
    "parts path, no list": chat([{"type": "image", "path": IMAGE}, *part(Q)], part(A), images=...),
    "parts url, no list": chat([{"type": "image", "url": IMAGE}, *part(Q)], part(A), images=...),
    "parts path, list empty": chat([{"type": "image", "image": IMAGE}, *part(Q)], part(A), images=[]),
    "parts path and list": chat([{"type": "image", "image": IMAGE}, *part(Q)], part(A)),
    "parts path null and list": chat([{"type": "image", "image": None}, *part(Q)], part(A)),
    "parts image for images": typed(Q, A, images=..., image=1) | {"image": IMAGE},
    "parts images a text": typed(Q, A, images=IMAGE),
    "parts images null": typed(Q, A, images=None),
    "parts images empty": typed(Q, A, images=[]),
    "parts images with null": typed(Q, A, images=[None]),
    "parts images with a blank": typed(Q, A, images=[""]),
    "parts images numbers": typed(Q, A, images=[1]),
    "parts images objects": typed(Q, A, images=[{"path": IMAGE, "bytes": None}]),
    "parts image and images": typed(Q, A) | {"image": IMAGE},
    "parts text only, images empty": typed(Q, A, image=0, images=[]),
    "parts text only, images null": typed(Q, A, image=0, images=None),
    # typed parts: their form
    "parts text null": chat([{"type": "image"}, {"type": "text", "text": None}], part(A)),
    "parts text missing": chat([{"type": "image"}, {"type": "text"}], part(A)),
    "parts type missing": chat([{"type": "image"}, {"text": Q}], part(A)),
    "parts type null": chat([{"type": "image"}, {"type": None, "text": Q}], part(A)),
    "parts with a bare text": chat([{"type": "image"}, Q], part(A)),
    "parts of bare texts": chat([Q], [A], images=...),
    "parts a number": chat([{"type": "image"}, {"type": "text", "text": 5}], part(A)),
    "parts one object": chat({"type": "text", "text": Q}, {"type": "text", "text": A}, images=...),
    "parts two texts": chat([{"type": "image"}, *part("What is"), *part(" it?")], part(A)),
    "parts unknown kind": chat([{"type": "image"}, {"type": "note", "text": Q}], part(A)),
    "parts answer without parts": chat(part(Q, 1), []),
    "parts answer empty": typed(Q, ""),
    "parts answer blank": typed(Q, " "),
    "parts answer empty in the middle": typed(Q, "", Q2, A2),
    "parts answer null": chat(part(Q, 1), None),
    "parts question empty": typed("", A),
    "parts same keys, two turns": chat(both(Q, 1), both(A), both(Q2), both(A2)),
    "parts question null": chat(None, part(A), images=...),
    "chat question null": chat(None, A, images=...),
    "chat question a number": chat(5, A, images=...),
    # roles and order
    "parts system": chat("Be brief.", part(Q, 1), part(A), roles=("system", "user", "assistant")),
    "parts system of parts": typed("Be brief.", Q, A, image=0, images=[], roles=("system", "user", "assistant")),
    "parts human and gpt": typed(Q, A, roles=("human", "gpt")),
    "parts role unknown": typed(Q, A, roles=("user", "bot")),
    "parts role capital": typed(Q, A, roles=("User", "Assistant")),
    "parts user last": typed(Q, A, Q2),
    "parts user only": typed(Q),
    "parts assistant first": typed(A, Q2, A2, image=0, images=[], roles=("assistant", "user", "assistant")),
    "parts assistant first with a picture": typed(A, Q2, A2, roles=("assistant", "user", "assistant")),
    "parts user twice": typed(Q, Q2, A, roles=("user", "user", "assistant")),
    "parts assistant twice": typed(Q, A, A2, roles=("user", "assistant", "assistant")),
    "parts empty dialogue": chat(images=[]),
    "parts more keys": chat(
        messages=[{"role": "user", "content": part(Q, 1), "name": "x"}, {"role": "assistant", "content": part(A)}]
    ),
    # texts
    "parts token in an answer": typed(Q, "An <image> shows a dog."),
    "parts token in an answer of text only": typed(Q, "Write <image> there.", image=0, images=[]),
    "parts end token in an answer": typed(Q, "The sign reads </s> and more."),
    "parts end token in a question": typed("Is </s> a word?", A),
    "parts unknown token": typed(Q, "The tag <unk> stands there."),
    "parts chatml end in an answer": typed(Q, "It ends <|im_end|> and goes on."),
    "parts chatml end in a question": typed("What is <|im_end|> for?", A),
    "parts chatml turn in an answer": typed(Q, "A dog.<|im_end|>\n<|im_start|>user\nWhy?<|im_end|>"),
    "parts end of text": typed(Q, "The file ends <|endoftext|> here."),
    "parts image pad in a question": typed("What is <|image_pad|>?", A),
    "parts image pad in an answer": typed(Q, "It is <|image_pad|> there."),
    "parts image pad in a text only": typed("What is <|image_pad|>?", A, image=0, images=[]),
    "parts vision start": typed("What is <|vision_start|>?", A),
    "parts turn marker": typed(Q, "Then ASSISTANT: answers again."),
    "parts blanks around": typed(f"  {Q} ", f" {A}\n"),
    "parts other letters": typed("这只狗在做什么？", "它在追一个红色的球 🐕."),
    "text only, chatml end": chat(Q, "It ends <|im_end|> and goes on.", images=...),
    "text only, end token": chat("Is </s> a word?", A, images=...),
    "text only, answer blank": chat(Q, " ", images=...),
    "text only, user last": chat(Q, A, Q2, images=...),
    "text only, user only": chat(Q, images=...),
    "text only, assistant only": chat(A, images=..., roles=("assistant",)),
    "text only, role unknown": chat(Q, A, images=..., roles=("user", "bot")),
    "text only, role null": chat(messages=[{"role": "user", "content": Q}, {"role": None, "content": A}], images=...),
    "text only, content null": chat(Q, None, images=...),
    "text only, content missing": chat(messages=[{"role": "user", "content": Q}, {"role": "assistant"}], images=...),
    "text only, messages texts": chat(messages=[Q, A], images=...),
    "text only, messages a text": chat(messages=f"{Q} {A}", images=...),
    "text only, message null": chat(messages=[{"role": "user", "content": Q}, None], images=...),
    "image without token, two turns": chat(Q, A, Q2, A2),
    "image without token, assistant first": chat(A, Q2, A2, roles=("assistant", "user", "assistant")),
    "image without token, user only": chat(Q),
    "image without token, system": chat("Be brief.", Q, A, roles=("system", "user", "assistant")),
    "image without token, no user": chat("Be brief.", A, roles=("system", "assistant")),
    "image for images without token": chat(Q, A, images=..., image=IMAGE),
    "two images without token": chat(Q, A, images=(IMAGE, "b.jpg")),
    "images with null without token": chat(Q, A, images=[None]),
    "images with a blank without token": chat(Q, A, images=[""]),
    "token in the system": chat("<image> Be brief.", Q, A, roles=("system", "user", "assistant")),
    "token in the second question of two": chat(Q, A, f"<image>\n{Q2}", A2),
    "image a list, no token": {
        "id": "1",
        "image": [IMAGE],
        "conversations": MATRIX["image without token"]["conversations"],
    },
    "images a list, no token": {
        "id": "1",
        "images": [IMAGE],
        "conversations": MATRIX["image without token"]["conversations"],
    },
    "image a list and a chat": chat(ASK, A, images=..., image=[IMAGE]),
}


def shown(target: str) -> dict[str, Any]:
    """What a trainer is shown."""
    return {**MATRIX, **(MORE if target in CHAT else PAIRS if target in PAIRED else {})}
