"""Vehicles (seen from the side, wheels and keels at y = 0) and other things of the open air; the foot is at 0, 0."""

from __future__ import annotations

import math

from .brush import Brush, Figure, round_points, smooth

GLASS: tuple[str, str] = ("#d8f0f8", "#8fc3d8")
WOOD: tuple[str, str] = ("#c98f55", "#a86f3b")
DARK = "#2d2f38"


def sailboat(hull: str = "#f7f3ea", band: str = "#c8453b", sail: str = "#fffdf6") -> Figure:
    def draw(b: Brush) -> None:
        b.line([(-2, -8), (-2, -150)], 3.4, "#8a6240")
        b.poly([(2, -146), (8, -100), (52, -26), (2, -22)], (sail, "#e6e0d0"))
        b.poly([(3, -74), (27, -68), (35, -54), (3, -58)], band, atop=True)
        b.poly([(-6, -136), (-14, -90), (-46, -24), (-6, -22)], (band, "#a8352f"))
        b.line([(-2, -18), (54, -20)], 2.6, "#8a6240")
        b.poly([(-1, -150), (-1, -160), (15, -155)], "#f0b73f")
        b.box(-22, -22, 18, -8, "#b98a5a", 5)
        b.poly([(-66, -14), (70, -14), (52, 6), (-50, 6)], hull)
        b.poly([(-66, -14), (70, -14), (66.5, -9), (-63, -9)], band)
        b.box(-60, 1, 60, 6, "#35506e", atop=True)

    return draw


def fishing_boat(hull: str = "#2f6f9f", trim: str = "#f4f1e8") -> Figure:
    def draw(b: Brush) -> None:
        b.line([(-30, -30), (-30, -104)], 3.4, "#71513a")
        b.line([(-30, -96), (-66, -44)], 2.2, "#71513a")
        b.line([(-30, -102), (-76, -30)], 0.9, "#5c5560", curved=False)
        b.line([(-30, -102), (70, -38)], 0.9, "#5c5560", curved=False)
        b.poly([(-30, -104), (-30, -92), (-46, -98)], "#e0533f")
        b.box(-6, -72, 36, -22, trim, 3)
        b.box(-11, -78, 41, -70, "#c8453b", 3)
        b.box(8, -92, 18, -77, "#3b3f4a", 1)
        b.box(8, -86, 18, -82, "#f0b73f")
        for x in (0, 14, 27):
            b.box(x, -62, x + 9, -48, GLASS, 2)
        b.box(-58, -34, -38, -20, "#d98b3f", 2)
        b.blob([(-84, -28), (-60, -25), (30, -26), (60, -34), (88, -44), (80, -16), (68, 6), (-70, 6), (-82, -8)], hull)
        b.line([(-84, -28), (-58, -25), (30, -26), (60, -34), (88, -44)], 4, trim)
        b.poly([(-90, 0), (90, 0), (90, 10), (-90, 10)], "#a33a34", atop=True)
        for x in (-50, -20, 10):
            b.ring(x, -10, 6, 3, DARK)

    return draw


def rowing_boat(hull: str = "#c8793d") -> Figure:
    def draw(b: Brush) -> None:
        b.line([(-18, -24), (-50, 7)], 2.6, "#e0bb84")
        b.oval(-52, 8, 7, 3, "#e0bb84", turn=-45)
        b.blob([(-58, -20), (-30, -15), (30, -15), (60, -23), (30, -10), (-30, -10)], "#7a4a26")
        for x in (-26, 12):
            b.box(x, -17, x + 16, -13, "#e0bb84", 1)
        b.blob([(-59, -21), (-30, -13), (0, -11.6), (30, -13), (61, -24), (56, -8), (42, 4), (-38, 4), (-54, -8)], hull)
        b.line([(-59, -21), (-30, -13), (0, -11.6), (30, -13), (61, -24)], 3, "#f3e2c2")
        b.line([(-50, -6), (-30, -1), (30, -1), (52, -7)], 1.2, "#8f5427")

    return draw


def _wheel(b: Brush, x: float, r: float) -> None:
    b.disc(x, -r, r, DARK)
    b.disc(x, -r, r * 0.56, "#c9ced6")
    b.disc(x, -r, r * 0.2, "#737985")


def car(paint: str = "#d2453d") -> Figure:
    """A car heading right, about 150 units long."""

    def draw(b: Brush) -> None:
        b.blob([(-72, -30), (-60, -34), (-44, -36), (-30, -54), (-14, -59), (14, -59), (28, -53), (44, -36), (66, -31),
                (75, -24), (75, -13), (66, -10), (-66, -10), (-75, -14), (-75, -26)], paint)  # fmt: skip
        b.poly([(-37, -36), (-25, -51), (-14, -54), (-2, -54), (-2, -36)], GLASS)
        b.poly([(4, -36), (4, -54), (14, -54), (24, -50), (36, -36)], GLASS)
        b.line([(1, -34), (1, -13)], 1, "#00000040")
        b.line([(-70, -24), (72, -24)], 1.4, "#ffffff50")
        for x in (-12, 29):
            b.line([(x - 4, -29), (x + 4, -29)], 2, "#00000060")
        b.oval(71, -23, 4.6, 4, "#fff1b8")
        b.box(-76, -27, -70, -19, "#8f1f25", 2)
        b.box(-78, -14, 78, -9, "#5a5f6b", 2.4)
        for x in (-44, 44):
            b.disc(x, -13, 16.5, "#22242c")
            _wheel(b, x, 13.5)

    return draw


def bus(paint: str = "#f0b632", band: str = "#d8702b") -> Figure:
    """A town bus heading right, about 260 units long."""

    def draw(b: Brush) -> None:
        b.box(-130, -112, 130, -12, paint, 14)
        b.box(-130, -46, 130, -38, band, atop=True)
        b.box(-130, -20, 130, -12, "#4a4e58", 3, atop=True)
        for i in range(5):
            b.box(-120 + i * 38, -98, -88 + i * 38, -58, GLASS, 4)
        b.box(72, -98, 96, -20, "#5b6069", 3)
        for x in (74, 85):
            b.box(x, -95, x + 9, -23, GLASS, 2)
        b.box(104, -98, 131, -52, GLASS, 5)
        b.box(-96, -118, -30, -110, "#e8e3d8", 3)
        b.box(122, -36, 131, -26, "#fff1b8", 3)
        b.box(-131, -38, -125, -24, "#a4262b", 2)
        b.line([(132, -92), (138, -88), (138, -76)], 3, DARK, curved=False)
        for x in (-78, 42):
            b.disc(x, -18, 22, "#22242c")
            _wheel(b, x, 18)

    return draw


def truck(cab: str = "#c93f3a", cargo: str = "#e9eef2", stripe: str = "#3f7fb5") -> Figure:
    """A box truck heading right, about 240 units long."""

    def draw(b: Brush) -> None:
        b.box(-124, -26, 112, -16, "#42454f", 2)
        b.box(-124, -118, 50, -24, cargo, 4)
        b.box(-124, -62, 50, -50, stripe, atop=True)
        for x in (-80, -37, 6):
            b.line([(x, -114), (x, -28)], 1.2, "#00000028")
        b.blob([(56, -20), (56, -92), (60, -97), (92, -97), (98, -92), (110, -60), (118, -52), (119, -20)], cab)
        b.poly([(68, -88), (90, -88), (101, -58), (68, -58)], GLASS)
        b.box(66, -46, 78, -42, "#00000060", 2)
        b.line([(62, -92), (62, -24)], 1, "#00000040")
        b.box(109, -44, 120, -32, "#fff4c4", 3)
        b.box(104, -26, 123, -16, "#c9ced6", 3)
        b.box(-127, -34, -121, -22, "#e0413c", 2)
        for x in (-88, -50, 84):
            b.disc(x, -18, 20, "#22242c")
            _wheel(b, x, 16.5)

    return draw


def bicycle(frame: str = "#2f9a8a") -> Figure:
    """A bicycle heading right, about 100 units long."""

    def draw(b: Brush) -> None:
        for x in (-30, 30):
            b.ring(x, -20, 18.5, 3, DARK)
            for px, py in ((18, 0), (13, 13), (0, 18), (-13, 13)):
                b.line([(x - px, -20 - py), (x + px, -20 + py)], 0.7, "#8b909b")
            b.disc(x, -20, 2.6, "#737985")
        for tube in (((-30, -20), (-12, -46)), ((-30, -20), (-3, -20)), ((-3, -20), (-14, -53)), ((-3, -20), (21, -44)),
                     ((-12, -45), (20, -48)), ((30, -20), (18, -56))):  # fmt: skip
            b.line(tube, 3.6, frame)
        b.disc(-3, -20, 5.4, "#737985")
        b.line([(-3, -20), (3, -10)], 2, "#737985")
        b.line([(0, -9), (7, -9)], 2.6, DARK)
        b.line([(-22, -55.5), (-8, -55)], 5, "#6b4428", end=3.6)
        b.line([(18, -56), (17, -60), (25, -62), (28, -57)], 3, DARK)

    return draw


def train(length: float = 620, paint: str = "#2f7f6d", band: str = "#f2d58a") -> Figure:
    """A passenger train heading right; its nose is at x = 0 and it runs `length` units to the left."""

    def draw(b: Brush) -> None:
        for x in range(-60, -int(length), -150):
            for wheel in (x, x - 34):
                _wheel(b, wheel, 11)
        b.box(-length, -20, -12, -10, "#3a3d46", 3)
        b.box(-length, -134, -70, -16, paint)
        nose = smooth([(-66, -134), (-40, -126), (-16, -94), (-1, -48), (-2, -24), (-12, -16)], closed=False)
        b.poly([(-90, -16), (-90, -134), *nose], paint)
        b.box(-length, -134, 0, -124, "#e9ede8", atop=True)
        b.box(-length, -58, 0, -48, band, atop=True)
        b.poly([(-66, -110), (-34, -110), (-19, -78), (-66, -78)], GLASS)
        b.oval(-10, -38, 6, 5, "#fff4c4")
        for i in range(int((length - 100) / 76)):
            x = -112 - i * 76
            if i % 3 == 1:
                _train_door(b, x)
            else:
                b.box(x - 24, -110, x + 32, -72, GLASS, 6)
        b.line([(-length, -22), (-14, -22)], 2, "#00000040")

    return draw


def _train_door(b: Brush, x: float) -> None:
    b.box(x - 16, -114, x + 24, -20, "#e9ede8", 4)
    for left in (x - 13, x + 5):
        b.box(left, -110, left + 16, -22, "#d5604a", 2)
        b.box(left + 3, -106, left + 13, -66, GLASS, 3)


def bench(b: Brush) -> None:
    """A park bench, 170 units wide, its seat 34 high."""
    iron = "#3f4a4d"
    for x in (-68, 68):
        b.line([(x, -74), (x, -34), (x + 4, 0)], 5, iron, curved=False)
        b.line([(x, -34), (x - 6, 0)], 5, iron)
        b.line([(x - 2, -52), (x + 10, -52), (x + 10, -36)], 4, iron)
    for y in (-76, -63, -50):
        b.box(-85, y, 85, y + 9, WOOD, 3)
    b.box(-87, -38, 87, -28, WOOD, 3)


def frisbee(b: Brush) -> None:
    b.oval(0, 0, 17, 6, "#b52f3d")
    b.oval(0, -1.6, 17, 5.4, "#ea5561")
    b.oval(0, -2.2, 10, 2.8, "#f58a8f")


def traffic_light(b: Brush) -> None:
    """A signal showing red, to hang 215 above the foot of a `backdrops.pole`."""
    b.box(-22, -215, 22, -130, "#31353e", 9)
    for y, colour in ((-199, "#ff4a3d"), (-172, "#6b5a2a"), (-145, "#2c5a3a")):
        b.disc(0, y, 10, colour)
        b.line([(-11, y - 5), (-6, y - 11), (6, y - 11), (11, y - 5)], 3, "#1d2027")
    b.disc(-3, -202, 3, "#ffc3bb")


def stop_sign(b: Brush) -> None:
    """An eight-sided sign with a white hand, to hang 200 above the foot of a `backdrops.pole`."""
    frame = b.at(0, -155)
    frame.poly(round_points(0, 0, 47, 47, 22.5, 8), "#f8f5f0")
    frame.poly(round_points(0, 0, 42, 42, 22.5, 8), "#d43a37")
    frame.blob([(-14, 2), (-13, 16), (-6, 25), (7, 25), (13, 14), (14, 0), (0, -4)], "#fbf8f3")
    for x, top in ((-11, -17), (-3.7, -24), (3.7, -23), (10.8, -16)):
        frame.line([(x, 6), (x, top)], 6, "#fbf8f3")
    frame.line([(10, 18), (20, 6), (22, 1)], 6, "#fbf8f3")


def suitcase(paint: str = "#d98a3a", handle: float = 24) -> Figure:
    """A suitcase on wheels, 50 wide and 68 high without its handle."""

    def draw(b: Brush) -> None:
        for x in (-8, 8):
            b.line([(x, -66), (x, -70 - handle)], 2.4, "#8b909b")
        b.line([(-8, -70 - handle), (8, -70 - handle)], 4.4, DARK)
        for x in (-17, 17):
            b.disc(x, -4, 4, DARK)
        b.box(-25, -70, 25, -5, paint, 8)
        for x in (-13, 0, 13):
            b.line([(x, -62), (x, -13)], 2.2, "#00000030")
        for x in (-25, 18):
            b.box(x, -70, x + 7, -62, "#ffffff40", 2, atop=True)

    return draw


def handbag(paint: str = "#8f3f5f") -> Figure:
    def draw(b: Brush) -> None:
        b.line([(-10, -22), (-8, -38), (8, -38), (10, -22)], 2.6, paint)
        b.blob([(-16, -24), (16, -24), (20, -3), (14, 0), (-14, 0), (-20, -3)], paint)
        b.box(-5, -17, 5, -11, "#f0c96a", 2)

    return draw


def backpack(paint: str = "#e0a13a") -> Figure:
    """A backpack, 46 high."""

    def draw(b: Brush) -> None:
        b.line([(-6, -44), (0, -50), (6, -44)], 3, DARK)
        b.box(-17, -46, 17, 0, paint, 11)
        b.box(-12, -22, 12, -4, "#00000028", 4)
        b.line([(-16, -28), (16, -28)], 2, "#00000050", atop=True)

    return draw


def umbrella(first: str = "#e4574c", second: str = "#fdf6e8") -> Figure:
    """A beach umbrella, 190 wide and 200 high."""

    def draw(b: Brush) -> None:
        b.line([(0, 0), (0, -196)], 5, "#c9a06a")
        edge = [(-95 + 190 * i / 6, -118 + (0 if i in (0, 6) else 6)) for i in range(7)]
        arc = [(95 * math.cos(math.pi * (1 + i / 24)), -118 + 74 * math.sin(math.pi * (1 + i / 24))) for i in range(25)]
        b.poly([*arc, *reversed(edge)], first)
        for i in (1, 3, 5):
            (x0, y0), (x1, y1) = edge[i - 1], edge[i]
            b.poly([(0, -196), (x0 * 0.62, -175), (x0 * 1.02, y0 + 9), (x1 * 1.02, y1 + 9), (x1 * 0.62, -175)], second,
                   atop=True)  # fmt: skip
        b.disc(0, -194, 4, "#c9a06a")

    return draw


def surfboard(paint: str = "#f4e6b8", stripe: str = "#e4703f") -> Figure:
    """A surfboard standing upright, 170 high."""

    def draw(b: Brush) -> None:
        b.blob([(0, -172), (-16, -140), (-21, -85), (-16, -28), (-6, 0), (6, 0), (16, -28), (21, -85), (16, -140)],
               paint)  # fmt: skip
        b.line([(0, -176), (0, 4)], 3, "#a9753f", atop=True)
        for x in (-10, 10):
            b.line([(x, -176), (x, 4)], 3.4, stripe, atop=True)

    return draw


def kite(first: str = "#e4574c", second: str = "#f4b93f") -> Figure:
    """A diamond kite with a tail, 60 high without it; its middle at 0, 0."""

    def draw(b: Brush) -> None:
        b.line([(0, 38), (8, 52), (-4, 64), (6, 78)], 1.6, "#5b5560")
        for x, y in ((7, 52), (-3, 65), (6, 78)):
            b.poly([(x, y), (x - 8, y - 5), (x - 8, y + 5)], second)
            b.poly([(x, y), (x + 8, y - 5), (x + 8, y + 5)], first)
        b.poly([(0, -36), (26, -6), (0, 40), (-26, -6)], first)
        b.poly([(0, -36), (26, -6), (0, -6)], second)
        b.poly([(0, -6), (-26, -6), (0, 40)], second)
        b.line([(0, -36), (0, 40)], 1.4, "#7a4a2a")
        b.line([(-26, -6), (26, -6)], 1.4, "#7a4a2a")

    return draw


def beach_ball(b: Brush) -> None:
    """A striped ball, 40 across."""
    b.disc(0, -20, 20, "#fdf8ee")
    for k, colour in ((0, "#e4574c"), (2, "#3f8fc4"), (4, "#f4b93f")):
        a, c = math.radians(60 * k - 20), math.radians(60 * k + 40)
        wedge = [(0, -20)] + [(24 * math.cos(a + (c - a) * i / 6), -20 + 24 * math.sin(a + (c - a) * i / 6))
                              for i in range(7)]  # fmt: skip
        b.poly(wedge, colour, atop=True)
    b.disc(-1, -21, 3.4, "#fdf8ee")


def skis(b: Brush) -> None:
    """A pair of skis pointing right, 120 long."""
    for x, y, paint in ((8, -4, "#a8342f"), (0, 0, "#e0483f")):
        b.line([(x - 56, y), (x + 42, y), (x + 55, y - 1.6), (x + 65, y - 6)], 4, paint, end=2.6)


def open_book(cover: str = "#b5473f") -> Figure:
    """An open book seen from behind, held up; 40 wide, its middle at 0, 0."""

    def draw(b: Brush) -> None:
        for side in (-1, 1):
            b.poly([(0, -12), (21 * side, -15), (21 * side, 11), (0, 14)], "#f7efdc")
            b.poly([(0, -10), (20 * side, -13), (20 * side, 13), (0, 16)], cover)
        b.line([(0, -10), (0, 16)], 2.4, "#7d2f2b")

    return draw


def station_clock(b: Brush) -> None:
    """A round clock with a steel rim, 52 across, its middle at 0, 0."""
    b.disc(0, 0, 26, "#3f454f")
    b.disc(0, 0, 22, "#fdfaf2")
    for k in range(12):
        x, y = math.sin(k * math.pi / 6), -math.cos(k * math.pi / 6)
        b.line([(16.6 * x, 16.6 * y), (19.6 * x, 19.6 * y)], 1.8, DARK)
    b.line([(0, 0), (-9, -6)], 3, DARK)
    b.line([(0, 0), (10, -12)], 2.2, DARK)
    b.disc(0, 0, 2.4, "#d9534a")
