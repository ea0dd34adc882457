"""The scenes inside a house. Far things come first; what is put later lies in front."""

from __future__ import annotations

from . import animals, backdrops, indoors, kitchen
from .brush import Brush, Scene


def _top(b: Brush) -> None:
    """A table top seen from the front and a little above, across a picture 640 wide."""
    b.poly([(36, 262), (604, 262), (700, 500), (-60, 500)], ("#d9a56c", "#b57c45"))
    for x in (150, 260, 380, 490):
        b.line([(x, 262), (320 + (x - 320) * 1.34, 490)], 1.4, "#8a552750", curved=False)


def breakfast() -> Scene:
    scene = Scene(640, 480)
    g = scene.ground
    g.box(0, 0, 640, 480, ("#f3e3c6", "#e4cba4"))
    backdrops.window(190, 150, curtain="#e79a78")(g.at(225, 38))
    scene.put("dining table", _top, 0, 0, shade=0.5)
    g.poly([(196, 352), (440, 352), (462, 466), (172, 466)], "#f6efe0")
    g.poly([(202, 357), (434, 357), (454, 460), (182, 460)], "#7fb0a8")
    scene.shadow(560, 330, 40, 9)
    scene.put("vase", indoors.vase(), 556, 328, 1.25)
    for x, y, wide in ((70, 344, 40), (136, 356, 40), (128, 428, 74), (318, 416, 92), (520, 420, 52), (316, 446, 70)):
        scene.shadow(x, y, wide, 10)
    scene.put("orange", kitchen.orange, 72, 344, 1.0)
    scene.put("orange", kitchen.orange, 140, 354, 1.05)
    scene.put("banana", kitchen.banana, 116, 430, 1.2)
    scene.put("bowl", kitchen.cereal_bowl(), 316, 416, 1.22)
    scene.put("spoon", kitchen.spoon, 312, 441, 1.25)
    scene.put("cup", kitchen.cup("#d9604a"), 514, 420, 1.3)
    for x, y in ((508, 334), (520, 318), (504, 304)):
        g.glow(x, y, 13, 18, "#ffffffa8")
    return scene


def living_room() -> Scene:
    scene = Scene(640, 480)
    g = scene.ground
    backdrops.room(g, 640, 480, 350, ("#f0dfc8", "#e9d2b4"), ("#c49a6c", "#a67c50"))
    backdrops.frame_picture(g.at(64, 84), 90, 70)
    backdrops.frame_picture(g.at(178, 96), 66, 52)
    backdrops.window(120, 130, curtain="#7fa8a0")(g.at(458, 62))
    g.oval(230, 436, 240, 30, "#d98f6a")
    g.oval(230, 436, 218, 25, "#eab994")
    scene.shadow(176, 408, 180, 14)
    scene.put("couch", indoors.couch(), 176, 406, 1.1)
    scene.put("cat", animals.cat(), 236, 344, 1.0)
    scene.shadow(522, 414, 120, 10)
    _cabinet(g)
    scene.put("tv", indoors.television, 522, 350, 0.98)
    for x, paint, high in ((440, "#c0504a", 40), (454, "#3f6f9f", 36), (467, "#e0a13a", 42)):
        scene.put("book", indoors.standing_book(paint, high, 13), x, 402)
    scene.shadow(370, 430, 42, 8)
    scene.put("potted plant", indoors.potted_plant(tall=1.25), 372, 430, 1.0)
    scene.put("clock", indoors.clock(), 330, 110, 1.15)
    return scene


def _cabinet(b: Brush) -> None:
    for x in (430, 606):
        b.box(x, 404, x + 10, 414, "#6b4428")
    b.box(418, 350, 628, 406, ("#b57f4a", "#9a6636"), 4)
    b.box(426, 357, 482, 402, "#5d3f28", 2)
    for x in (488, 556):
        b.box(x, 357, x + 64, 401, "#c48f58", 2)
        b.disc(x + (56 if x < 500 else 8), 379, 3.4, "#5d3f28")


def cook() -> Scene:
    scene = Scene(640, 480)
    g = scene.ground
    backdrops.room(g, 640, 480, 440, ("#f6e9d2", "#f0dfc0"), ("#cfa27a", "#b5855c"))
    _tiles(g)
    _cupboards(g)
    backdrops.window(130, 110, frame="#fffdf7")(g.at(374, 92))
    scene.put("potted plant", indoors.flower_pot(), 474, 207, 0.62)
    scene.shadow(88, 458, 84, 9)
    scene.put("refrigerator", kitchen.refrigerator(), 88, 456, 1.16)
    scene.shadow(254, 458, 66, 8)
    scene.put("oven", kitchen.oven, 254, 456, 0.94)
    scene.put("sink", kitchen.sink, 440, 322, 1.0)
    scene.put("microwave", kitchen.microwave, 572, 315, 1.0)
    scene.put("bottle", kitchen.bottle(), 332, 315, 0.92)
    scene.put("bottle", kitchen.bottle("#c98f3a", "#fbf3df"), 358, 315, 0.78)
    _shelf(g)
    scene.put("cup", kitchen.cup("#d9604a", None), 544, 168, 0.5)
    scene.put("cup", kitchen.cup("#3f7fb5", None), 584, 168, 0.5)
    scene.put("bowl", kitchen.fruit_bowl(), 572, 226, 0.8)
    return scene


def _tiles(b: Brush) -> None:
    b.box(158, 232, 640, 318, "#dfeae4")
    for y in (232, 260, 288):
        b.line([(158, y), (640, y)], 1.4, "#b9cfc6")
        for x in range(158 + (y % 40), 640, 40):
            b.line([(x, y), (x, y + 28)], 1.4, "#b9cfc6")


def _cupboards(b: Brush) -> None:
    b.box(310, 326, 640, 456, ("#5f8aa0", "#4f768a"))
    b.box(310, 446, 640, 456, "#35505f")
    for x in (318, 374, 442, 510, 576):
        wide = 50 if x == 318 else 62
        b.box(x, 372 if 370 < x < 500 else 334, x + wide, 442, "#6f9ab0", 3)
        b.line([(x + wide - 9, 384), (x + wide - 9, 402)], 3.4, "#f0dfc0")
    b.box(310, 315, 640, 328, "#e0b988", 3)
    b.poly([(206, 150), (302, 150), (318, 196), (190, 196)], ("#d9dde2", "#aab2bc"))
    b.box(232, 60, 276, 150, ("#d9dde2", "#b9c0c8"))
    b.box(186, 194, 322, 206, "#8b939e", 2)


def _shelf(b: Brush) -> None:
    for y in (168, 226):
        b.box(520, y, 632, y + 7, "#b57f4a", 2)
        for x in (532, 618):
            b.poly([(x - 3, y + 7), (x + 3, y + 7), (x, y + 16)], "#8a5a30")


def desk() -> Scene:
    scene = Scene(640, 480)
    g = scene.ground
    g.box(0, 0, 640, 480, ("#d3e0dc", "#bfd2cc"))
    backdrops.window(150, 130, curtain="#e6b872")(g.at(40, 46))
    _notes(g)
    g.box(0, 300, 640, 480, ("#d0a06c", "#ad7a48"))
    g.box(0, 296, 640, 303, "#e6bd88")
    for y in (346, 402, 458):
        g.line([(0, y), (640, y + 4)], 1.4, "#8a552740")
    for x, y, wide in ((250, 336, 150), (84, 336, 70), (578, 342, 40), (262, 428, 140), (444, 424, 34), (548, 416, 46),
                       (86, 436, 40)):  # fmt: skip
        scene.shadow(x, y, wide, 10)
    scene.put("potted plant", indoors.potted_plant("#e9e2d4"), 572, 340, 1.15)
    scene.put("book", indoors.lying_book("#3f6f9f", 116), 78, 336, 1.0)
    scene.put("book", indoors.lying_book("#c0504a", 96), 82, 323, 1.0)
    scene.put("apple", kitchen.apple(), 80, 311, 0.85)
    scene.put("laptop", indoors.laptop, 270, 334, 1.24)
    scene.put("keyboard", indoors.keyboard, 266, 424, 1.24)
    scene.put("mouse", indoors.mouse, 444, 422, 1.2)
    scene.put("cup", kitchen.cup("#f2c14e"), 546, 418, 1.15)
    scene.put("cell phone", indoors.cell_phone, 86, 436, 1.3)
    return scene


def _notes(b: Brush) -> None:
    b.box(440, 60, 600, 170, "#a8753f", 3)
    b.box(447, 67, 593, 163, "#d9b184")
    for x, y, tone in ((462, 80, "#ffe28a"), (508, 88, "#f6b6b0"), (552, 78, "#b9dfc4"), (476, 120, "#bcd6f0"),
                       (530, 124, "#ffe28a")):  # fmt: skip
        b.box(x, y, x + 32, y + 32, tone)
        b.disc(x + 16, y + 3, 2.6, "#d9534a")
        for k in (12, 18, 24):
            b.line([(x + 5, y + k), (x + 26, y + k)], 1.2, "#00000030")


def birthday() -> Scene:
    scene = Scene(640, 480)
    g = scene.ground
    backdrops.room(g, 640, 480, 380, ("#cfe3e8", "#e6ead8"), ("#c99d70", "#ab7d52"))
    _bunting(g)
    for x, y, size, tone in ((70, 150, 1.1, "#e4574c"), (118, 190, 0.95, "#f4b93f"), (540, 176, 1.0, "#5aa862"),
                             (588, 140, 1.1, "#3f8fc4")):  # fmt: skip
        backdrops.balloon(tone)(g.at(x, y, size))
    g.oval(320, 446, 300, 26, "#e4b7a0")
    scene.shadow(84, 446, 60, 8)
    scene.shadow(556, 446, 60, 8)
    scene.put("chair", indoors.chair(seat="#3f8fc4"), 80, 446, 1.35)
    scene.put("chair", indoors.chair(seat="#3f8fc4"), 560, 446, 1.35, flip=True)
    scene.shadow(320, 452, 200, 12)
    scene.put("dining table", indoors.dining_table("#fbf6ec", 320, 92), 320, 448, 1.2)
    scene.put("cake", kitchen.cake, 320, 337, 1.12)
    for x in (178, 222, 444):
        scene.put("wine glass", kitchen.wine_glass(), x, 337, 0.98)
    with scene.layer() as front:
        backdrops.present(front.at(250, 450), 60, 44, "#7fb0d9", "#f4b93f")
        backdrops.present(front.at(318, 456), 44, 34, "#e8789a", "#fbf6ec")
        backdrops.present(front.at(388, 452), 54, 52, "#8fc48a", "#d9534a")
    return scene


def _bunting(b: Brush) -> None:
    tones = ("#e4574c", "#f4b93f", "#5aa862", "#3f8fc4", "#9a5fb0")
    for k in range(14):
        x = 10 + k * 46
        dip = 60 - ((x % 320) - 160) ** 2 / 700
        b.poly([(x - 14, dip), (x + 14, dip), (x, dip + 30)], tones[k % 5])
    cord = [(x, 60 - ((x % 320) - 160) ** 2 / 700) for x in range(0, 641, 20)]
    b.line(cord, 2, "#8a7a6a")


def bedroom() -> Scene:
    scene = Scene(512, 512)
    g = scene.ground
    backdrops.room(g, 512, 512, 400, ("#3f5f78", "#5a7d8f"), ("#a8784e", "#875c38"))
    backdrops.window(130, 140, pane=("#16204a", "#3f5590"), curtain="#c98a9a", night=True)(g.at(60, 70))
    backdrops.frame_picture(g.at(276, 110), 84, 66)
    g.oval(220, 474, 210, 26, "#d9c2a0")
    g.oval(220, 474, 188, 21, "#c98a6a")
    _nightstand(g)
    backdrops.table_lamp(g.at(474, 356, 1.05))
    scene.put("clock", indoors.alarm_clock(), 424, 356, 0.85)
    scene.put("book", indoors.lying_book("#c0504a", 70), 450, 412, 1.0)
    scene.put("book", indoors.lying_book("#e0a13a", 58), 448, 399, 1.0)
    scene.shadow(200, 456, 200, 12)
    scene.put("bed", indoors.bed(), 202, 452, 1.12)
    scene.shadow(258, 362, 44, 6)
    scene.put("teddy bear", animals.teddy(), 256, 366, 1.25)
    _slippers(g)
    return scene


def _nightstand(b: Brush) -> None:
    for x in (406, 492):
        b.box(x, 446, x + 9, 458, "#5d3f28")
    b.box(400, 356, 508, 448, ("#b57f4a", "#8f5f34"), 4)
    b.box(396, 352, 512, 362, "#c9925a", 3)
    b.box(408, 370, 500, 412, "#5d3f28", 2)
    b.box(408, 418, 500, 442, "#c48f58", 2)
    b.disc(454, 430, 3.6, "#5d3f28")


def _slippers(b: Brush) -> None:
    for x in (300, 338):
        b.oval(x, 480, 17, 7, "#4f8fa8")
        b.blob([(x - 2, 474), (x + 12, 472), (x + 18, 480), (x + 10, 486), (x - 2, 485)], "#7fb8c9")


INSIDE = {
    "breakfast": breakfast, "living_room": living_room, "kitchen": cook, "desk": desk, "birthday": birthday,
    "bedroom": bedroom,
}  # fmt: skip
