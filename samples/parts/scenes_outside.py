"""The scenes of the open air. Far things come first; what is put later lies in front."""

from __future__ import annotations

from . import animals, backdrops, outdoors
from .brush import Brush, Scene
from .people import FLY, PULL, REACH, SIT, SKI, STAND, THROW, WALK, WAVE, Look, person


def harbour() -> Scene:
    scene = Scene(640, 480)
    g = scene.ground
    backdrops.sky(g, 235, ("#8fcdea", "#f6efdc"))
    backdrops.sun(g, 560, 70, 22)
    for x, y, size in ((90, 70, 0.9), (390, 60, 0.7), (500, 130, 0.8)):
        backdrops.cloud(g.at(x, y, size))
    backdrops.land(g, [(-10, 215), (120, 190), (260, 214), (420, 186), (560, 206), (650, 188)], 240, "#a9c9b4")
    backdrops.land(g, [(-10, 228), (160, 216), (340, 230), (520, 214), (650, 224)], 240, "#7fae98")
    g.box(0, 234, 640, 480, ("#69b9cf", "#22698f"))
    backdrops.lighthouse(g.at(66, 244, 0.95))
    backdrops.ripples(g, [(180, 262, 16), (330, 256, 12), (560, 268, 18), (600, 320, 22), (330, 392, 24), (60, 330, 18),
                          (110, 290, 14), (420, 452, 26), (580, 446, 22), (520, 300, 12)])  # fmt: skip
    for x, y, wide in ((455, 318, 90), (238, 362, 105), (520, 414, 72)):
        scene.shadow(x, y, wide, 12, "#0e3a5ca0")
    scene.put("boat", outdoors.sailboat(), 455, 314, 1.22)
    scene.put("boat", outdoors.fishing_boat(), 240, 352, 1.06)
    scene.put("boat", outdoors.rowing_boat(), 520, 410, 1.1)
    _pier(g)
    scene.shadow(92, 456, 34, 7)
    look = Look(cut="cap", hat="#2f4f7f", top="#f2c14e", bottom="#3f5470", hair="#5a3a26")
    scene.put("person", person(WAVE, look), 92, 456, 1.5)
    scene.put("bird", animals.gull(), 330, 118, 0.9)
    scene.put("bird", animals.gull(), 200, 66, 0.65, flip=True)
    return scene


def _pier(b: Brush) -> None:
    for x in (40, 200, 318):
        b.box(x - 8, 440, x + 8, 480, "#5d4030")
    b.poly([(0, 432), (330, 432), (356, 466), (0, 466)], ("#c9a274", "#a97f50"))
    b.poly([(0, 466), (356, 466), (356, 474), (0, 474)], "#7a5636")
    for k in range(9):
        b.line([(20 + 40 * k, 433), (22 + 43 * k, 465)], 1.4, "#7a563680")
    b.box(282, 414, 300, 442, "#4a4e58", 4)
    b.box(278, 412, 304, 420, "#5f6570", 4)


def park() -> Scene:
    scene = Scene(640, 480)
    g = scene.ground
    backdrops.sky(g, 260, ("#9fd6ef", "#f3f4df"))
    for x, y, size in ((120, 60, 1), (330, 90, 0.7), (540, 50, 0.9)):
        backdrops.cloud(g.at(x, y, size))
    backdrops.land(g, [(-10, 236), (160, 210), (340, 240), (520, 206), (650, 228)], 300, "#a6cf9a")
    for x, y, size in ((40, 270, 0.9), (250, 258, 0.7), (455, 262, 0.75), (610, 272, 1.0)):
        backdrops.tree("#6aa56a", "#8bbd7c")(g.at(x, y, size))
    backdrops.land(g, [(-10, 262), (200, 252), (420, 262), (650, 250)], 480, ("#9ccb74", "#6fa653"))
    g.blob([(660, 300), (520, 312), (330, 330), (170, 400), (40, 490), (300, 500), (400, 410), (520, 360), (660, 340)],
           ("#f0e2c0", "#e2cfa4"))  # fmt: skip
    scene.shadow(130, 398, 110, 12)
    scene.put("bench", outdoors.bench, 130, 394, 1.15)
    reader = Look(cut="long", hair="#7a3f22", top="#e0654f", bottom="#3d5f8a", skin="#f0c09a")
    scene.put("person", person(SIT, reader), 118, 398, 1.62)
    scene.put("book", outdoors.open_book("#3f7f6a"), 118, 340, 0.85)
    scene.shadow(318, 424, 60, 9)
    scene.put("dog", animals.dog(), 300, 392, 1.4)
    scene.shadow(552, 432, 48, 9)
    thrower = Look(top="#3f7fb5", bottom="#d8c49a", hair="#2b2024", skin="#9a6444", sleeves=False, bare_legs=True,
                   shoes="#f4f1ea")  # fmt: skip
    scene.put("person", person(THROW, thrower), 552, 430, 1.75, flip=True)
    scene.put("frisbee", outdoors.frisbee, 425, 240, 1.15, turn=-8)
    _flowers(g, [(30, 440), (70, 455), (440, 452), (475, 466), (600, 462), (250, 300), (215, 292)])
    return scene


def _flowers(b: Brush, spots: list[tuple[float, float]]) -> None:
    for i, (x, y) in enumerate(spots):
        b.line([(x, y), (x, y - 8)], 1.6, "#4f8a44")
        for dx, dy in ((-2.4, 0), (2.4, 0), (0, -2.4), (0, 2.4)):
            b.disc(x + dx, y - 10 + dy, 2.2, ("#fdf8ee", "#f4b93f", "#e8789a")[i % 3])
        b.disc(x, y - 10, 1.6, "#d98a2f")


def street() -> Scene:
    scene = Scene(640, 480)
    g = scene.ground
    backdrops.sky(g, 300, ("#9fd2ec", "#f4eedd"))
    backdrops.cloud(g.at(470, 50, 0.9))
    backdrops.cloud(g.at(120, 40, 0.7))
    for x, wide, high, wall, roof, shop in ((-20, 150, 190, "#e9c9a8", "#a8604a", "#d9534a"),
                                            (132, 120, 226, "#c9d8d4", "#5f7a86", None),
                                            (254, 140, 176, "#f0dca8", "#9a6a4a", "#4f8f86"),
                                            (396, 116, 214, "#dba89a", "#7a4f52", None),
                                            (514, 150, 184, "#b9cfdc", "#56708a", "#d98a3a")):  # fmt: skip
        backdrops.house(wide, high, wall, roof, shop=shop)(g.at(x, 276))
    g.box(0, 276, 640, 306, ("#d9d4c9", "#c4beb2"))
    g.box(0, 306, 640, 446, ("#7d828c", "#666b76"))
    for x in range(-10, 640, 90):
        g.box(x, 368, x + 48, 373, "#f4efe2")
    g.box(0, 442, 640, 480, ("#cfc9bd", "#b9b3a6"))
    g.box(0, 440, 640, 446, "#e6e1d6")
    backdrops.tree()(g.at(350, 288, 0.8))
    scene.shadow(452, 300, 44, 5)
    scene.put("bicycle", outdoors.bicycle(), 452, 299, 0.8)
    for x, wide, y in ((178, 140, 354), (430, 74, 354), (182, 92, 430), (412, 92, 430)):
        scene.shadow(x, y, wide, 9, "#14182cc0")
    scene.put("bus", outdoors.bus(), 178, 354, 0.98)
    scene.put("car", outdoors.car("#4f9a8f"), 424, 354, 0.88)
    scene.put("car", outdoors.car("#d2453d"), 182, 430, 1.08, flip=True)
    scene.put("car", outdoors.car("#3f6fb0"), 412, 430, 1.08, flip=True)
    scene.shadow(556, 470, 26, 5)
    with scene.layer() as post:
        backdrops.pole(post.at(548, 470, 0.98))
    scene.put("traffic light", outdoors.traffic_light, 548, 470, 0.98)
    scene.shadow(604, 470, 28, 6)
    look = Look(cut="bun", hair="#2b2024", top="#8a5aa0", bottom="#2f3f5c", skin="#c98d66")
    scene.put("person", person(WALK, look), 604, 468, 1.3, flip=True)
    return scene


def farm() -> Scene:
    scene = Scene(640, 480)
    g = scene.ground
    backdrops.sky(g, 240, ("#a6d8ee", "#f7f0d8"))
    backdrops.sun(g, 330, 66, 20)
    backdrops.cloud(g.at(210, 60, 0.9))
    backdrops.cloud(g.at(470, 84, 1.1))
    backdrops.land(g, [(-10, 206), (140, 168), (330, 214), (520, 172), (650, 200)], 300, "#b6d59a")
    backdrops.land(g, [(-10, 232), (220, 214), (430, 228), (650, 206)], 480, ("#a3cb74", "#7fb158"))
    backdrops.tree()(g.at(36, 236, 0.7))
    backdrops.tree("#6f9f4f", "#8fb866")(g.at(606, 226, 0.8))
    backdrops.barn(g.at(132, 238, 1.0))
    backdrops.fence(g, 236, 640, 246)
    backdrops.land(g, [(-10, 348), (200, 336), (430, 350), (650, 332)], 480, ("#8dbd5f", "#6a9f4a"))
    cow, sheep = animals.cow, animals.sheep
    herd = [("cow", cow(), 120, 330, 0.95, False), ("cow", cow(grazing=True), 310, 318, 0.9, True),
            ("cow", cow("#b5723f", "#f3e6d2"), 520, 326, 1.0, True),
            ("sheep", sheep(grazing=True), 200, 400, 0.85, False), ("sheep", sheep(), 440, 396, 0.85, False),
            ("sheep", sheep(), 80, 440, 1.0, False), ("sheep", sheep(), 330, 446, 1.05, True),
            ("sheep", sheep(grazing=True), 560, 440, 1.05, True)]  # fmt: skip
    for kind, figure, x, y, size, flip in herd:
        scene.shadow(x, y, 46 * size, 8 * size)
        scene.put(kind, figure, x, y, size, flip=flip)
    _flowers(g, [(30, 466), (160, 462), (255, 440), (420, 458), (490, 470), (620, 466)])
    return scene


def beach() -> Scene:
    scene = Scene(640, 480)
    g = scene.ground
    backdrops.sky(g, 212, ("#7cc8ec", "#e9f5ee"))
    backdrops.cloud(g.at(120, 60, 0.9))
    backdrops.cloud(g.at(330, 140, 0.7))
    backdrops.cloud(g.at(600, 150, 0.8))
    g.box(0, 208, 640, 320, ("#3fa3c4", "#8fd6d4"))
    backdrops.ripples(g, [(60, 226, 14), (280, 232, 16), (430, 246, 18), (590, 228, 14), (330, 262, 18),
                          (520, 270, 16)])  # fmt: skip
    backdrops.land(g, [(-10, 292), (120, 284), (300, 296), (460, 284), (650, 294)], 480, "#fffdf2")
    backdrops.land(g, [(-10, 298), (120, 290), (300, 302), (460, 290), (650, 300)], 480, ("#f6e2b0", "#e4c486"))
    scene.shadow(150, 424, 100, 14, "#6a4a2070")
    g.poly([(92, 418), (196, 418), (210, 440), (78, 440)], "#4f9fb5")
    for x in (110, 136, 162):
        g.poly([(x, 418), (x + 10, 418), (x + 9, 440), (x - 4, 440)], "#fdf8ee")
    scene.put("umbrella", outdoors.umbrella(), 140, 420, 1.0, turn=-7)
    scene.shadow(344, 364, 62, 8, "#6a4a2070")
    scene.put("umbrella", outdoors.umbrella("#3f8fc4", "#fff3d0"), 350, 362, 0.62, turn=6)
    g.line([(265, 330), (330, 190), (462, 82)], 0.9, "#7a6a5a")
    g.line([(602, 262), (570, 180), (548, 72)], 0.9, "#7a6a5a")
    scene.put("kite", outdoors.kite(), 464, 84, 1.05, turn=14)
    scene.put("kite", outdoors.kite("#5a4fa0", "#6fc4a0"), 548, 60, 0.8, turn=-12)
    scene.shadow(610, 318, 16, 4, "#6a4a2090")
    far = Look(top="#e0654f", bottom="#3f5f9a", hair="#7a4a26", bare_legs=True, sleeves=False)
    scene.put("person", person(FLY, far), 610, 318, 0.6, flip=True)
    scene.shadow(246, 456, 32, 7, "#6a4a2090")
    child = Look(top="#f2c14e", bottom="#3f8f86", hair="#d9a441", cut="long", bare_legs=True, sleeves=False,
                 skin="#efbf98", shoes="#d9a57f")  # fmt: skip
    scene.put("person", person(FLY, child), 246, 454, 1.25)
    scene.shadow(492, 462, 62, 9, "#6a4a2090")
    scene.put("surfboard", outdoors.surfboard(), 462, 462, 1.12, turn=-3)
    surfer = Look(top="#2f7fa0", bottom="#23506e", hair="#5a3520", skin="#d9a078", bare_legs=True, sleeves=False,
                  shoes="#c48d66")  # fmt: skip
    scene.put("person", person(REACH, surfer), 512, 462, 1.75)
    scene.shadow(350, 444, 26, 6, "#6a4a2090")
    scene.put("sports ball", outdoors.beach_ball, 350, 442, 0.95)
    return scene


def snow() -> Scene:
    scene = Scene(480, 640)
    g = scene.ground
    backdrops.sky(g, 420, ("#6fb4e4", "#e9f3f8"), 480)
    backdrops.sun(g, 392, 84, 24, "#fffae0")
    for peak, half, tone in (((120, 170), 190, "#8fa9c9"), ((330, 210), 200, "#a3bad6"), ((230, 250), 150, "#b3c8df")):
        x, y = peak
        g.poly([(x - half, 430), (x, y), (x + half, 430)], tone)
        g.poly([(x, y), (x + half * 0.3, y + (430 - y) * 0.3), (x + half * 0.13, y + (430 - y) * 0.25),
                (x, y + (430 - y) * 0.38), (x - half * 0.12, y + (430 - y) * 0.24),
                (x - half * 0.3, y + (430 - y) * 0.3)], "#fbfdff")  # fmt: skip
    backdrops.land(g, [(-10, 372), (120, 390), (300, 380), (490, 410)], 640, ("#dfeaf4", "#cfdfee"))
    for x, y, size in ((150, 398, 0.75), (196, 402, 0.5), (300, 400, 0.6), (352, 408, 0.85), (424, 424, 1.05)):
        backdrops.fir("#3f7a6a", "#eef5fa")(g.at(x, y, size))
    backdrops.land(g, [(-10, 420), (150, 462), (330, 520), (490, 558)], 640, ("#ffffff", "#d3e2f0"))
    backdrops.fir("#2f6a5c", "#f4f9fc")(g.at(52, 480, 1.3))
    for dy in (0, 8):
        g.line([(-10, 486 + dy), (90, 516 + dy), (210, 556 + dy)], 3.4, "#b6cde2")
    turn = 17.0
    scene.shadow(248, 578, 150, 20, "#3f5f8a80")
    place = g.at(240, 566, 2.25, turn)
    for tip, foot in (((23, -44), (-12, 2)), ((27, -47), (0, -4))):
        place.line([tip, foot], 1.3, "#4a4e58")
        place.disc(foot[0] + 2, foot[1] - 4, 2.4, "#e0483f")
    scene.put("skis", outdoors.skis, 240, 570, 2.1, turn)
    scene.put("backpack", lambda b: outdoors.backpack("#f0a63a")(b.at(-11, -41, 0.5, turn=36)), 240, 566, 2.25, turn)
    look = Look(cut="hat", hat="#e0483f", top="#2f7fb5", bottom="#27364f", shoes="#e9edf2", hair="#5a3a26")
    scene.put("person", person(SKI, look), 240, 566, 2.25, turn)
    with scene.layer() as spray:
        for x, y in ((120, 540), (104, 552), (138, 556), (90, 536), (126, 566)):
            spray.disc(x, y, 5, "#ffffffd0")
    return scene


def station() -> Scene:
    scene = Scene(640, 480)
    g = scene.ground
    backdrops.sky(g, 330, ("#bfe0ee", "#f5efe0"))
    backdrops.land(g, [(-10, 190), (200, 160), (420, 196), (650, 150)], 330, "#a9c8a0")
    g.box(0, 300, 640, 350, ("#8f8a84", "#6f6a66"))
    scene.put("train", outdoors.train(620), 600, 336, 1.42)
    g.box(0, 344, 640, 480, ("#dcd6ca", "#bdb5a6"))
    g.box(0, 344, 640, 350, "#f6f2e8")
    g.box(0, 358, 640, 366, "#f2c14e")
    for x in (-40, 120, 280, 440, 600):
        g.line([(x + 40, 368), (x, 480)], 1.4, "#00000014")
    with scene.layer() as roof:
        _canopy(roof)
    scene.put("clock", outdoors.station_clock, 320, 88, 1.0)
    _travellers(scene)
    return scene


def _canopy(b: Brush) -> None:
    b.poly([(0, 0), (640, 0), (640, 40), (0, 40)], ("#4f6a6a", "#6a8686"))
    for x in range(20, 640, 40):
        b.line([(x, 0), (x, 40)], 1.6, "#3f5656")
    for x in range(0, 640, 20):
        b.poly([(x, 40), (x + 20, 40), (x + 10, 50)], "#f2e6c8")
    b.line([(320, 40), (320, 64)], 4, "#3f454f")


PULLER = Look(top="#d9604a", bottom="#33415c", hair="#3b2a22")
WAITING = Look(cut="long", hair="#8a4a26", top="#3f8f86", bottom="#7a4f6a", skirt=True)
BOY = Look(cut="cap", hat="#3f6fb0", top="#f2c14e", bottom="#4f6f8a", hair="#2b2024", skin="#a8704c", sleeves=False)
GRANNY = Look(cut="bun", hair="#c9c4bd", top="#6f5aa0", bottom="#4a4652", skin="#ecc0a0")


def _travellers(scene: Scene) -> None:
    for x, y, wide in ((100, 446, 54), (262, 454, 58), (410, 452, 56), (540, 456, 40)):
        scene.shadow(x, y, wide, 8)
    for paint, handle, x, y, size in (("#3f7fb5", 22, 76, 446, 0.8), ("#d98a3a", 24, 296, 454, 0.85),
                                      ("#b5473f", 12, 448, 452, 0.75)):  # fmt: skip
        scene.put("suitcase", outdoors.suitcase(paint, handle), x, y, size)
    for pose, look, x, y, size in ((PULL, PULLER, 112, 440, 1.42), (STAND, WAITING, 248, 448, 1.42),
                                   (WAVE, BOY, 396, 446, 1.1), (WALK, GRANNY, 540, 450, 1.4)):  # fmt: skip
        scene.put("person", person(pose, look), x, y, size, flip=look is GRANNY)
    scene.put("handbag", outdoors.handbag(), 517, 409, 0.85)


def savanna() -> Scene:
    scene = Scene(480, 640)
    g = scene.ground
    backdrops.sky(g, 440, ("#f3a15f", "#fdeab8"), 480)
    backdrops.sun(g, 392, 300, 40, "#fff1b0")
    backdrops.land(g, [(-10, 392), (120, 372), (260, 396), (400, 376), (490, 390)], 640, "#d9a86a")
    backdrops.acacia(g.at(400, 420, 0.85))
    backdrops.acacia(g.at(30, 410, 0.6))
    backdrops.land(g, [(-10, 414), (160, 406), (330, 418), (490, 408)], 640, ("#e4bf72", "#b98d4a"))
    scene.shadow(322, 442, 40, 6, "#4a2a1090")
    scene.put("zebra", animals.zebra(), 318, 440, 0.74)
    scene.shadow(176, 524, 90, 10, "#4a2a1090")
    scene.put("giraffe", animals.giraffe(), 170, 522, 1.82)
    scene.shadow(362, 574, 76, 9, "#4a2a1090")
    scene.put("zebra", animals.zebra(), 356, 572, 1.42)
    scene.shadow(150, 622, 74, 9, "#4a2a1090")
    scene.put("zebra", animals.zebra(grazing=True), 130, 620, 1.4, flip=True)
    with scene.layer() as front:
        _grass(front, [(20, 556), (250, 548), (300, 610), (452, 616), (240, 632), (20, 470), (280, 474), (462, 540)])
    return scene


def _grass(b: Brush, spots: list[tuple[float, float]]) -> None:
    for x, y in spots:
        for dx, top in ((-9, -12), (-4, -18), (0, -22), (5, -17), (10, -11)):
            b.line([(x + dx * 0.4, y), (x + dx, y + top)], 2.6, "#96743a", end=1)


def night() -> Scene:
    scene = Scene(640, 480)
    g = scene.ground
    backdrops.sky(g, 300, ("#141b3c", "#3f4a7c"))
    for x, y in ((40, 40), (96, 84), (180, 30), (262, 66), (330, 34), (390, 84), (430, 40), (340, 104), (50, 100),
                 (470, 62), (120, 24), (230, 22)):  # fmt: skip
        g.disc(x, y, 1.5, "#fff6d6")
    g.glow(556, 76, 110, 110, "#fff3c470")
    g.disc(556, 76, 28, "#fff3cf")
    for x, y, r in ((548, 70, 6), (564, 84, 4), (562, 66, 3)):
        g.disc(x, y, r, "#e9dcae")
    lit = ("#ffe59a", "#f6bd5c")
    for x, wide, high, wall, roof in ((-20, 140, 170, "#3a4068", "#262b4c"), (122, 130, 206, "#444a76", "#2c3156"),
                                      (254, 150, 160, "#3a4068", "#262b4c"), (406, 120, 190, "#474d7a", "#2f345a"),
                                      (528, 130, 150, "#3c426c", "#282d50")):  # fmt: skip
        backdrops.house(wide, high, wall, roof, pane=lit)(g.at(x, 284))
    g.box(0, 284, 640, 316, ("#565c80", "#484d70"))
    g.box(0, 316, 640, 430, ("#30344e", "#282b44"))
    for x in range(-30, 640, 96):
        g.box(x, 414, x + 50, 419, "#9a97a0")
    g.box(0, 428, 640, 480, ("#5a5f80", "#474b6a"))
    g.box(0, 426, 640, 431, "#7a7f9a")
    scene.shadow(226, 398, 150, 12, "#080a18d0")
    scene.put("truck", outdoors.truck(), 230, 396, 1.24)
    for spread, tone in ((62, "#fff0b014"), (46, "#fff0b01c"), (30, "#fff0b022")):
        g.poly([(374, 350), (640, 372 - spread), (640, 372 + spread), (374, 362)], tone)
    g.glow(374, 352, 30, 30, "#fff6d0c0")
    with scene.layer() as lamp:
        backdrops.street_lamp(lamp.at(34, 446, 1.3))
    g.glow(91, 204, 120, 110, "#ffe9a080")
    g.glow(110, 452, 130, 24, "#ffe9a060")
    scene.shadow(436, 464, 34, 6, "#080a18c0")
    scene.put("cat", animals.cat(), 434, 464, 0.92)
    with scene.layer() as post:
        backdrops.pole(post.at(540, 462, 1.5))
    scene.put("stop sign", outdoors.stop_sign, 540, 462, 1.5)
    return scene


def robin() -> Scene:
    scene = Scene(480, 640)
    g = scene.ground
    backdrops.sky(g, 640, ("#bcd6e8", "#f1f4f3"), 480)
    for x, y, r, tone in ((70, 110, 90, "#ffffff50"), (410, 180, 120, "#ffffff58"), (240, 330, 150, "#ffffff40"),
                          (60, 560, 110, "#c9d8dc70"), (430, 590, 130, "#c3d6d480")):  # fmt: skip
        g.glow(x, y, r, r, tone)
    backdrops.land(g, [(-10, 560), (140, 530), (320, 556), (490, 520)], 640, ("#fbfdff", "#dbe7f0"))
    for x, y, size in ((60, 556, 0.9), (420, 540, 1.1), (352, 552, 0.7)):
        backdrops.fir("#a3bfbd", "#f1f6f8")(g.at(x, y, size))
    _branch(g)
    scene.put("bird", animals.robin(), 236, 440, 2.55)
    with scene.layer() as air:
        for left, top, size in SNOWFLAKES:
            air.disc(left, top, size, "#ffffff")
    return scene


SNOWFLAKES = [
    (40, 60, 4), (120, 130, 3), (200, 50, 3.4), (300, 90, 4), (380, 50, 3), (440, 130, 4), (60, 220, 3.4),
    (430, 260, 3),
    (40, 330, 3), (450, 380, 4), (90, 500, 4), (200, 560, 3), (300, 600, 4), (420, 500, 3), (30, 600, 3), (360, 160, 3),
]  # fmt: skip


def _branch(b: Brush) -> None:
    b.line([(-20, 486), (120, 458), (260, 452), (380, 464), (500, 430)], 26, "#6d4f3c", end=15)
    b.line([(360, 462), (420, 500), (450, 544)], 11, "#6d4f3c", end=5)
    b.line([(90, 464), (60, 420), (22, 390)], 10, "#6d4f3c", end=4)
    b.line([(-20, 474), (120, 447), (200, 443), (260, 442), (380, 455), (500, 422)], 9, "#fdfeff", end=7)
    b.line([(84, 448), (58, 414), (24, 386)], 4, "#fdfeff", end=2)
    for x, y in ((404, 494), (424, 516), (436, 486), (446, 548), (462, 524), (20, 384), (42, 372), (12, 404)):
        b.line([(x, y), (x + 4, y - 14)], 1.8, "#6d4f3c")
        b.disc(x, y, 9, ("#e4483f", "#b52f35"))
        b.disc(x - 3, y - 3, 2.2, "#ffffffb0")


OUTSIDE = {
    "harbour": harbour, "park": park, "street": street, "farm": farm, "beach": beach, "snow": snow,
    "station": station, "savanna": savanna, "night": night, "robin": robin,
}  # fmt: skip
