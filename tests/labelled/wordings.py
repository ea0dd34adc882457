"""Ways to say of a picture how many, on which side, how high, what, in which colour and what not: written for this, in
the manner of long answers about pictures, before the engine that is tried on them was there to look at.

A wording is a question, which may be empty, and an answer. `[` and `]` stand around the words that are false where the
claim is.
"""

from __future__ import annotations

from typing import NamedTuple


class Wording(NamedTuple):
    """`whole`: that more of them are there would make it false too."""

    answer: str
    question: str = ""
    whole: bool = False


COUNT = (
    Wording("There {are} [{n} {things}] in the image.", whole=True),
    Wording("There {are} [exactly {n} {things}] visible in the scene.", whole=True),
    Wording("There {are} [{n} {things}] in the image.", "How many {plural} are there in the image?", whole=True),
    Wording("[{N} {things}] can be seen in the picture.", "How many {plural} can you see?", whole=True),
    Wording("The picture shows [a total of {n} {things}].", whole=True),
    Wording("In total, [{n} {things}] {are} present in the scene.", whole=True),
    Wording("The scene features [{n} {things}], clearly visible to the viewer."),
    Wording("I can see [{n} {things}] here."),
    Wording("[{N} {things}] {are} visible in this photo.", whole=True),
    Wording("Altogether, the photo includes [{n} {things}].", whole=True),
    Wording("The number of {plural} in the image is [{n}].", "What is the number of {plural}?", whole=True),
    Wording("There {appear} to be [{n} {things}] in this scene.", whole=True),
    Wording("The photo captures [{n} {things}], which draw the viewer's attention."),
    Wording("There {are} [{digit} {things}] in the image.", whole=True),
    Wording("The image contains [{n} {things}] and gives a calm impression."),
    Wording("In this photograph, [{n} {things}] {are} captured in detail."),
)

PLACE_SIDE = (
    Wording("The {thing} is [on the {side} side of the image]."),
    Wording("[On the {side} side of the picture], there is {a_thing}."),
    Wording("{A_thing} can be seen [on the far {side}] of the scene."),
    Wording("{A_thing} is positioned [towards the {side} of the frame]."),
    Wording("The {thing} is located [on the {side} side of the image].", "Where is the {thing} in the image?"),
    Wording("[To the {side} of the scene], {a_thing} is visible."),
    Wording("{A_thing} appears [in the {side} half of the image]."),
    Wording("[Near the {side} edge of the image], one can notice {a_thing}."),
)

RELATION_SIDE = (
    Wording("The {thing} is [to the {side} of the {other}]."),
    Wording("The {thing} is located [to the {side} of the {other}]."),
    Wording("[To the {side} of the {other}], there is {a_thing}."),
    Wording(
        "The {thing} is [to the {side} of the {other}].", "Is the {thing} to the left or to the right of the {other}?"
    ),
    Wording("There is {a_thing} just [to the {side} of the {other}]."),
    Wording("{A_thing} can be seen [on the {side} of the {other}]."),
    Wording("The {thing} is situated [{side} of the {other}]."),
    Wording("{A_thing} is visible in the scene, positioned [to the {side} of the {other}]."),
)

PLACE_HEIGHT = (
    Wording("The {thing} is [at the {top} of the image]."),
    Wording("{A_thing} appears [in the {upper} part of the picture]."),
    Wording("[In the {upper} half of the frame], there is {a_thing}."),
    Wording("[Towards the {top} of the scene], {a_thing} can be seen."),
    Wording("The {thing} is located [in the {upper} part of the image].", "Where is the {thing}?"),
    Wording("{A_thing} is placed [near the {top} of the photo]."),
    Wording("{A_thing} is visible [at the {top} of the frame]."),
)

RELATION_HEIGHT = (
    Wording("The {thing} is [{above} the {other}]."),
    Wording("{A_thing} can be seen [{above} the {other}]."),
    Wording("The {thing} is positioned [{above} the {other}]."),
    Wording("[{Above} the {other}], there is {a_thing}."),
    Wording("The {thing} is located [{above} the {other}] in the image.", "Where is the {thing} in the picture?"),
    Wording("There is {a_thing} [{above} the {other}]."),
    Wording("The image shows {a_thing} [{above} the {other}]."),
)

OBJECT = (
    Wording("There is [{a_thing}] in the image."),
    Wording("[{A_thing}] can be seen in the scene."),
    Wording("The image features [{a_thing}]."),
    Wording("In the background, [{a_thing}] is visible."),
    Wording("The picture also includes [{a_thing}]."),
    Wording("[{A_thing}] is present in the photo as well."),
    Wording("The main object in the image is [{a_thing}].", "What is the main object in the image?"),
    Wording("Next to the {other}, there is [{a_thing}]."),
    Wording("The photo captures [{a_thing}] and {a_other}."),
    Wording("Yes, there is [{a_thing}] in the image.", "Is there {a_thing} in the image?"),
    Wording("Additionally, [{a_thing}] can be spotted in the scene."),
    Wording("The scene shows [{a_thing}] near the {other}, adding interest to the picture."),
    Wording("Besides the {other}, the image shows [{a_thing}].", "What objects can be seen in the image?"),
    Wording("The image depicts [{a_thing}], which draws attention."),
)

COLOUR = (
    Wording("The {thing} is [{colour}]."),
    Wording("The color of the {thing} is [{colour}]."),
    Wording("The {thing} in the image is [{colour}].", "What color is the {thing} in the image?"),
    Wording("The image features [{a_colour} {thing}]."),
    Wording("[{A_colour} {thing}] can be seen in the scene."),
    Wording("There is [{a_colour} {thing}] in the picture."),
    Wording("The [{colour} {thing}] stands out in the scene."),
    Wording("The {thing} has [{a_colour} color]."),
    Wording("In the photo, the [{colour} {thing}] is clearly visible."),
    Wording("The {thing} appears to be [{colour}]."),
    Wording("The {thing}, which is [{colour}], is an important part of the scene."),
    Wording("The {thing} is [{colour} in color].", "Can you describe the {thing}?"),
)

DENIAL = (
    Wording("There is [no {thing}] in the image."),
    Wording("There are [no {plural}] in the image."),
    Wording("[No {plural} are visible] in the picture."),
    Wording("The image [does not show any {plural}]."),
    Wording("No, there is [no {thing}] in the image.", "Is there {a_thing} in the image?"),
    Wording("The scene [does not include {a_thing}]."),
    Wording("There [isn't {a_thing}] in the photo."),
    Wording("[No {thing} can be seen] in this scene."),
    Wording("There [aren't any {plural}] in the picture."),
    Wording("The picture [contains no {plural}]."),
    Wording("I [do not see any {plural}] in this scene."),
    Wording("No, there are [no {plural}] visible in the image.", "Are there any {plural} in the image?"),
    Wording("As far as one can tell, [no {thing} is present] in the scene."),
    Wording("[{A_thing} cannot be seen] in the image."),
)

PREMISE = (
    Wording("It adds to the mood of the picture.", "What color is [the {thing}] in the image?"),
    Wording("It seems calm.", "What is [the {thing}] doing?"),
    Wording("It is in plain view.", "Where is [the {thing}] in the picture?"),
    Wording("It may serve several purposes.", "What is the purpose of [the {thing}] in the image?"),
    Wording("It looks ordinary.", "Can you describe [the {thing}] in the picture?"),
    Wording("It is of ordinary size.", "How big is [the {thing}] in the image?"),
    Wording("It stands by itself.", "What is next to [the {thing}]?"),
    Wording("It fits the setting.", "Why might [the {thing}] be in this place?"),
    Wording("It looks well kept.", "What is the condition of [the {thing}]?"),
    Wording("It is hard to say more about it.", "What can you tell me about [the {thing}] in the photo?"),
    Wording("It catches the eye.", "How does [the {thing}] contribute to the scene?"),
    Wording("It seems to be of a common kind.", "What kind of {thing} is [the {thing}] in the image?"),
)
