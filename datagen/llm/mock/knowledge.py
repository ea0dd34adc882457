"""What the mock knows of the world: COCO's categories by group, and a question worth asking about each group.

A lesson's question gives nothing of the picture away; its answer follows a sentence that
names what was seen, and reasons from there.
"""

from __future__ import annotations

from typing import NamedTuple

GROUPS: dict[str, str] = {
    name: group
    for group, names in {
        "people": "person",
        "traffic": "bicycle, car, motorcycle, bus, train, truck, traffic light, fire hydrant, stop sign, parking meter",
        "water": "boat, surfboard",
        "air": "airplane, kite",
        "street": "bench, umbrella, handbag, suitcase, backpack, tie",
        "pets": "dog, cat, bird",
        "farm": "horse, sheep, cow",
        "wild": "elephant, bear, zebra, giraffe",
        "sport": "frisbee, skis, snowboard, sports ball, baseball bat, baseball glove, skateboard, tennis racket",
        "table": "bottle, wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange, broccoli, "
        "carrot, hot dog, pizza, donut, cake, dining table",
        "room": "chair, couch, potted plant, bed, tv, remote, clock, vase, teddy bear",
        "desk": "laptop, mouse, keyboard, cell phone, book, scissors",
        "kitchen": "microwave, oven, toaster, sink, refrigerator",
        "bath": "toilet, hair drier, toothbrush",
    }.items()
    for name in names.split(", ")
}
"""COCO's eighty categories, each with its group."""


class Lesson(NamedTuple):
    """A question that gives nothing away, and what to say once the things it is about have been named."""

    question: str
    answer: str


LESSONS: dict[str, tuple[Lesson, ...]] = {
    "traffic": (
        Lesson(
            "What should anyone who is about to cross here pay attention to?",
            "This is a place where traffic and people on foot share the space. Anyone who wants to cross should "
            "stop at the edge first, look both ways, and make sure that drivers have noticed them before "
            "stepping out. Large vehicles hide smaller ones, so it helps to check what may be coming from "
            "behind them, and to cross where the view is open rather than between parked vehicles.",
        ),
        Lesson(
            "Why does it pay to be patient in a place like this?",
            "Everything on wheels moves at its own speed and stops over its own distance. Whoever hurries "
            "leaves the others less time to react, and a second gained is easily lost again at the next stop. "
            "Keeping a steady pace and some room on every side is safer, and usually just as fast.",
        ),
    ),
    "water": (
        Lesson(
            "What would a careful person check before going out from here?",
            "So people go out on the water in this place. Before doing so, it is wise to look at the weather "
            "and the wind, which change faster over open water than on land, to tell somebody when to expect "
            "one back, and to wear something that floats. Whatever is taken along should be tied down or "
            "carried close.",
        ),
    ),
    "air": (
        Lesson(
            "What conditions make this a good moment for what is going on?",
            "That makes the air matter more than anything on the ground. Steady wind and a clear view are what "
            "one hopes for: gusts make it hard to keep control, and low cloud hides what is ahead. Open space "
            "all around, without wires and tall trees, leaves room for a small mistake.",
        ),
    ),
    "pets": (
        Lesson(
            "What would help the animal feel at ease in this situation?",
            "Animals that live close to people read the mood around them, so calm voices and slow movements do "
            "more than any treat. It helps to let them come closer by themselves, to leave a way out, and to "
            "keep water and a quiet corner within reach.",
        ),
    ),
    "farm": (
        Lesson(
            "How should a visitor behave in this place?",
            "That means that this is somebody's livelihood as well as a pleasant view. A visitor should stay on "
            "the path, close every gate again, and keep a fair distance, since animals that graze in a group "
            "may startle together. Feeding them is best left to those who look after them.",
        ),
    ),
    "wild": (
        Lesson(
            "Why is it better to watch from a distance here?",
            "Here the animals set the rules. Wild animals defend the space around them, and one that seems calm "
            "can move much faster than a person. Watching from afar keeps both sides safe, and it shows more as "
            "well: undisturbed animals go on feeding, resting and minding their young.",
        ),
    ),
    "sport": (
        Lesson(
            "What makes the difference between a good and a poor attempt here?",
            "So it is mostly a matter of balance and timing. Bent knees and eyes that stay on the target let "
            "the body correct small errors, while looking away at the last moment spoils the best start. "
            "Warming up and wearing the right protection make sure that there is a next attempt.",
        ),
    ),
    "table": (
        Lesson(
            "What could be done to make this meal a good one for everybody?",
            "Much of the work is done already. It helps to set out what people need before they begin, so that "
            "nobody has to get up, to put what is shared within reach of all, and to ask beforehand about "
            "things that someone should not eat. Fresh food tastes best soon after it was prepared.",
        ),
    ),
    "room": (
        Lesson(
            "How could this place be made more comfortable without buying anything?",
            "That is enough to start with. Moving seats so that they face each other or the light changes how a "
            "room feels, and clearing the way between them makes it seem larger. Things that are used every day "
            "belong within reach; what is only looked at can stand further back.",
        ),
    ),
    "desk": (
        Lesson(
            "What habits would make working here easier on body and mind?",
            "With such things at hand, hours can pass without a movement. It helps to look up and into the "
            "distance every now and then, to keep the wrists straight and the shoulders low, and to leave on "
            "the surface only what the present task needs. A short walk each hour clears the head better than "
            "another cup of coffee.",
        ),
    ),
    "kitchen": (
        Lesson(
            "What should be kept in mind to work safely in this place?",
            "Where food is made, heat, water and electricity come close together. Handles are best turned away "
            "from the edge, spills wiped up at once, and cloths kept clear of anything hot. Working from clean "
            "to dirty, and cleaning up along the way, keeps the space safe and the work short.",
        ),
    ),
    "bath": (
        Lesson(
            "How can a place like this be kept pleasant with little effort?",
            "Such a room stays pleasant when it can dry: an open window or a running fan after each use does "
            "most of the work. Wiping surfaces briefly every day spares a long cleaning later, and fewer things "
            "standing around mean fewer things to move.",
        ),
    ),
    "street": (
        Lesson(
            "What does this moment suggest one should think of before leaving the house?",
            "A day outside needs a little planning. A look at the sky decides what to wear, and carrying only "
            "what is needed leaves the hands free. A place to sit down along the way is worth knowing, above "
            "all for those who tire easily.",
        ),
    ),
    "people": (
        Lesson(
            "What would make this a good moment to look back on?",
            "It is the company and the attention that count. People remember how they felt more than what they "
            "did, so taking time, putting other things aside, and noticing small details is what turns an "
            "ordinary moment into one worth keeping.",
        ),
    ),
}
"""At least one lesson for every group of GROUPS."""

ANYWHERE = (
    Lesson(
        "What could someone who just arrived here learn by looking around for a minute?",
        "A minute of looking tells a good deal: what the place is used for, whether it is looked after, and "
        "what is about to happen next. Starting with the largest things and going on to the small ones, one "
        "soon sees what belongs together and what is there by chance, and that is usually enough to decide what "
        "to do.",
    ),
    Lesson(
        "Why might somebody have wanted to keep this moment?",
        "People keep what they would like to tell somebody about later. Such a moment says where one was, what "
        "there was to see, and what the day felt like, and all of it comes back at a glance years afterwards.",
    ),
)
"""For pictures of which no group is known."""
