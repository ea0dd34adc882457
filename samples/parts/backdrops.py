"""Skies, land, rooms and the other scenery that gets no box."""

from __future__ import annotations

from .brush import Brush, Figure, Fill, Point, smooth


def sky(b: Brush, foot: float, colours: Fill, width: float = 640) -> None:
    b.box(0, 0, width, foot, colours)


def cloud(b: Brush, colour: str = "#ffffffd8") -> None:
    """A cloud about 100 wide."""
    b.blob([(-50, 0), (-46, -12), (-30, -14), (-22, -28), (0, -32), (16, -22), (34, -20), (50, -8), (48, 0), (0, 2)],
           colour)  # fmt: skip


def sun(b: Brush, x: float, y: float, r: float, colour: str = "#fff3c4") -> None:
    b.glow(x, y, r * 4, r * 4, "#fff3c4a0")
    b.disc(x, y, r, colour)


def land(b: Brush, crest: list[Point], foot: float, colours: Fill) -> None:
    """A hill: a smooth crest from left to right, filled down to `foot`."""
    left, right = crest[0][0], crest[-1][0]
    b.poly([*smooth(crest, closed=False), (right, foot), (left, foot)], colours)


def tree(crown: str = "#5f9f58", light: str = "#7fb86a", trunk: str = "#7a5236") -> Figure:
    """A broad-leaved tree, 150 high."""

    def draw(b: Brush) -> None:
        b.line([(0, 0), (1, -70)], 12, trunk, end=8)
        b.line([(0, -50), (16, -78)], 6, trunk, end=4)
        for x, y, r in ((-26, -84, 24), (26, -86, 25), (0, -116, 32), (-14, -98, 26), (18, -104, 26), (0, -78, 22)):
            b.disc(x, y, r, crown)
        for x, y, r in ((-10, -122, 14), (-28, -92, 9), (14, -106, 10)):
            b.disc(x, y, r, light)

    return draw


def fir(green: str = "#3f7a63", snow: str | None = None) -> Figure:
    """A fir tree, 140 high."""

    def draw(b: Brush) -> None:
        b.box(-5, -20, 5, 0, "#6d4a33")
        for top, foot, half in ((-80, -14, 42), (-108, -48, 34), (-140, -82, 24)):
            hem = [(1, 0), (0.4, -5), (0, 0), (-0.4, -5), (-1, 0)]
            b.poly([(0, top), *((half * u, foot + v) for u, v in hem)], green)
            if snow:
                mid = top + (foot - top) * 0.5
                b.poly([(0, top), (half * 0.5, mid), (half * 0.22, mid - 4), (0, mid + 5), (-half * 0.22, mid - 4),
                        (-half * 0.5, mid)], snow)  # fmt: skip

    return draw


def house(wide: float, high: float, wall: str, roof: str, pane: Fill = ("#cfe6ee", "#9cc4d4"), rows: int = 2,
          shop: str | None = None) -> Figure:  # fmt: skip
    """A town house with rows of windows and, if asked, an awning over the ground floor."""

    def draw(b: Brush) -> None:
        b.box(0, -high, wide, 0, wall)
        b.poly([(-5, -high), (wide + 5, -high), (wide - 10, -high - 24), (10, -high - 24)], roof)
        count = max(2, int(wide / 42))
        step = wide / count
        ground = 64
        for row in range(rows):
            y = -high + 16 + row * (high - ground - 10) / rows
            for k in range(count):
                x = step * (k + 0.5)
                b.box(x - 11, y, x + 11, y + 32, "#fbf8f0")
                b.box(x - 8.6, y + 2.4, x + 8.6, y + 29.6, pane)
                b.line([(x, y + 2), (x, y + 30)], 1.6, "#fbf8f0")
        b.box(wide * 0.1, -46, wide * 0.6, -8, pane, 2)
        b.box(wide * 0.7, -50, wide * 0.9, 0, roof, 2)
        if shop:
            strip = wide * 0.0775
            for k in range(8):
                x = wide * 0.04 + strip * k
                b.box(x, -58, x + strip, -40, shop if k % 2 else "#fbf8f0", 2)

    return draw


def street_lamp(b: Brush) -> None:
    """A lamp on a curved post, 200 high, its light at 44, -188."""
    b.line([(0, 0), (0, -150), (8, -186), (36, -196)], 5, "#3f454f", end=4)
    b.poly([(28, -196), (56, -196), (60, -188), (26, -188)], "#3f454f")
    b.oval(43, -187, 13, 4, "#ffeeb0")


def pole(b: Brush) -> None:
    """The pole of a sign or a signal, 150 high."""
    b.box(-4, -150, 4, 0, ("#a3a9b3", "#5f6570"), 1)
    b.box(-11, -7, 11, 0, "#4f5560", 2)


def fence(b: Brush, left: float, right: float, y: float) -> None:
    for rail in (-22, -11):
        b.box(left, y + rail, right, y + rail + 4, "#f4ede0")
    for k in range(int((right - left) / 40) + 1):
        b.box(left + 40 * k - 3, y - 28, left + 40 * k + 3, y, "#efe6d6", 1.6)


def barn(b: Brush) -> None:
    """A red barn with a silo, 190 wide and 130 high."""
    b.box(76, -118, 116, 0, ("#dfe3e6", "#b7bdc4"))
    b.oval(96, -118, 20, 16, "#9aa3ad")
    b.poly([(-72, 0), (-72, -66), (-50, -100), (0, -122), (50, -100), (72, -66), (72, 0)], ("#c9483f", "#a83a35"))
    b.line([(-78, -62), (-53, -102), (0, -125), (53, -102), (78, -62)], 7, "#6b4a42", curved=False)
    b.box(-26, -56, 26, 0, "#f6efe2")
    b.box(-22, -52, 22, 0, "#8f2f2c")
    b.line([(-22, -52), (22, 0)], 4, "#f6efe2")
    b.line([(22, -52), (-22, 0)], 4, "#f6efe2")
    b.box(-11, -94, 11, -74, "#f6efe2")
    b.box(-8, -91, 8, -77, "#5d2a28")


def lighthouse(b: Brush) -> None:
    """A red and white lighthouse on its rock, 130 high."""
    b.blob([(-50, 4), (-36, -10), (-10, -16), (18, -14), (40, -4), (54, 4)], "#7d7f78")
    b.poly([(-14, -14), (14, -14), (9, -96), (-9, -96)], "#fbf8f0")
    for y in (-36, -62, -88):
        half = 14 - 5 * (-14 - y) / 82
        b.poly([(-half, y), (half, y), (half - 0.8, y - 13), (-half + 0.8, y - 13)], "#d9534a")
    b.box(-13, -102, 13, -96, "#4a4e58", 2)
    b.box(-7, -118, 7, -102, "#ffe9a8")
    b.poly([(-10, -118), (10, -118), (0, -131)], "#d9534a")


def acacia(b: Brush) -> None:
    """A flat-topped tree, 150 high."""
    b.line([(0, 0), (-3, -60), (-30, -104)], 9, "#5d4030", end=4)
    b.line([(-2, -50), (18, -84), (36, -110)], 7, "#5d4030", end=4)
    b.blob([(-90, -108), (-60, -130), (0, -142), (64, -132), (92, -110), (40, -102), (-40, -102)], "#5f7a3c")
    b.blob([(-60, -120), (-10, -138), (44, -130), (20, -122)], "#7d9448")


def ripples(b: Brush, marks: list[tuple[float, float, float]], colour: str = "#ffffff70") -> None:
    """Short waves: x, y, half width."""
    for x, y, half in marks:
        crest = [(x - half, y), (x - half / 2, y - 1.6), (x, y), (x + half / 2, y - 1.6), (x + half, y)]
        b.line(crest, 2, colour, end=1)


def room(b: Brush, width: float, height: float, skirting: float, wall: Fill, floor: Fill) -> None:
    """A wall down to `skirting`, and boards below it."""
    b.box(0, 0, width, skirting, wall)
    b.box(0, skirting, width, height, floor)
    b.box(0, skirting - 9, width, skirting, "#fbf6ec")
    for k in range(1, 4):
        y = skirting + (height - skirting) * (k / 4) ** 1.2
        b.line([(0, y), (width, y)], 1.2, "#00000018")


def window(wide: float, high: float, pane: Fill = ("#bfe3f5", "#eaf5ee"), frame: str = "#fffdf7",
           curtain: str | None = None, night: bool = False) -> Figure:  # fmt: skip
    """A window with its top left corner at 0, 0."""

    def draw(b: Brush) -> None:
        b.box(-7, -7, wide + 7, high + 7, frame, 3)
        b.box(0, 0, wide, high, pane)
        if night:
            b.glow(wide * 0.3, high * 0.3, 40, 40, "#fff3c480")
            b.disc(wide * 0.3, high * 0.3, 15, "#fff6d6")
            for x, y in ((0.6, 0.15), (0.82, 0.34), (0.68, 0.6), (0.14, 0.62), (0.88, 0.75), (0.36, 0.8)):
                b.disc(wide * x, high * y, 1.4, "#fff6d6")
        else:
            cloud(b.at(wide * 0.3, high * 0.42, 0.5))
            b.poly([(0, high), (0, high * 0.8), (wide * 0.4, high * 0.7), (wide, high * 0.84), (wide, high)], "#9cc79a")
        b.box(wide / 2 - 3, 0, wide / 2 + 3, high, frame)
        b.box(0, high / 2 - 3, wide, high / 2 + 3, frame)
        b.box(-14, high + 5, wide + 14, high + 14, frame, 2)
        if curtain:
            _curtains(b, wide, high, curtain)

    return draw


def _curtains(b: Brush, wide: float, high: float, colour: str) -> None:
    b.line([(-22, -14), (wide + 22, -14)], 5, "#8a6240")
    for edge, side in ((-16, 1), (wide + 16, -1)):
        b.poly([(edge, -13), (edge + 40 * side, -13), (edge + 28 * side, high * 0.6), (edge + 22 * side, high + 24),
                (edge, high + 24)], colour)  # fmt: skip
        for k in (8, 17):
            b.line([(edge + k * side, -10), (edge + k * 0.8 * side, high + 22)], 1.6, "#00000018")


def frame_picture(b: Brush, wide: float, high: float) -> None:
    """A landscape in a frame, its top left corner at 0, 0."""
    b.box(0, 0, wide, high, "#a8753f", 2)
    b.box(6, 6, wide - 6, high - 6, ("#f7d9b0", "#f3efe0"))
    b.poly([(6, high - 6), (6, high * 0.62), (wide * 0.35, high * 0.4), (wide * 0.62, high * 0.64),
            (wide * 0.8, high * 0.52), (wide - 6, high * 0.7), (wide - 6, high - 6)], "#6f9fa8")  # fmt: skip
    b.disc(wide * 0.7, high * 0.3, high * 0.1, "#e8744f")


def table_lamp(b: Brush) -> None:
    """A lit lamp, 90 high."""
    b.glow(0, -66, 110, 100, "#ffe9a888")
    b.oval(0, -3, 17, 4, "#8a6240")
    b.line([(0, -4), (0, -44)], 5, "#a8753f")
    b.poly([(-16, -90), (16, -90), (28, -46), (-28, -46)], ("#ffe9a8", "#f6c877"))


def balloon(colour: str) -> Figure:
    """A balloon on its string, its middle at 0, 0."""

    def draw(b: Brush) -> None:
        b.line([(0, 36), (4, 62), (-3, 92), (2, 120)], 1.2, "#8b8590")
        b.poly([(0, 30), (-5, 38), (5, 38)], colour)
        b.blob([(0, -34), (-20, -24), (-27, -2), (-17, 22), (0, 34), (17, 22), (27, -2), (20, -24)], colour)
        b.oval(-10, -14, 4, 8, "#ffffff80", turn=24)

    return draw


def present(b: Brush, wide: float, high: float, paper: str, ribbon: str) -> None:
    b.box(-wide / 2, -high, wide / 2, 0, paper, 2)
    b.box(-wide / 2 - 3, -high - 3, wide / 2 + 3, -high + 9, paper, 2)
    b.box(-5, -high - 3, 5, 0, ribbon)
    for side in (-1, 1):
        b.blob([(0, -high - 3), (14 * side, -high - 18), (20 * side, -high - 8), (8 * side, -high - 2)], ribbon)
