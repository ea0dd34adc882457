"""Tableware, fruit and what stands in a kitchen; the foot rests at 0, 0 unless said otherwise."""

from __future__ import annotations

from .brush import Brush, Figure

DARK = "#2d2f38"


def cup(paint: str = "#4f8fc0", drink: str | None = "#5b3420") -> Figure:
    """A cup about 60 wide, handle on the right."""

    def draw(b: Brush) -> None:
        b.line([(24, -48), (40, -46), (41, -26), (22, -16)], 7, paint)
        b.blob([(-29, -58), (-28, -30), (-22, -6), (-12, 0), (12, 0), (22, -6), (28, -30), (29, -58), (0, -62)], paint)
        b.line([(-21, -46), (-19, -22)], 4, "#ffffff60", end=2)
        b.oval(0, -58, 29, 8, "#fdfbf5")
        b.oval(0, -57.4, 26, 6.2, drink or "#e9e4d8")

    return draw


def cereal_bowl(paint: str = "#e9edf0", band: str = "#d9604a") -> Figure:
    """A bowl about 130 wide, filled with milk and cereal rings."""

    def draw(b: Brush) -> None:
        b.box(-26, -8, 26, 0, "#c9cfd6", 3)
        b.blob([(-66, -58), (-60, -30), (-40, -9), (-20, -4), (20, -4), (40, -9), (60, -30), (66, -58)], paint)
        b.line([(-63, -42), (0, -28), (63, -42)], 5, band, atop=True)
        b.oval(0, -58, 66, 18, "#ffffff")
        b.oval(0, -57, 59, 14.4, "#f3e7d3")
        for i, (x, y) in enumerate(((-40, -57), (-24, -63), (-20, -52), (-4, -58), (8, -66), (14, -50), (26, -59),
                                    (40, -54), (-2, -48), (34, -64))):  # fmt: skip
            b.oval(x, y, 7.4, 4, ("#dca04a", "#c98534")[i % 2])
            b.oval(x, y - 0.4, 2.6, 1.3, "#f3e7d3")

    return draw


def fruit_bowl(paint: str = "#4f8f86") -> Figure:
    """An empty-looking bowl from the front, about 110 wide."""

    def draw(b: Brush) -> None:
        b.box(-22, -7, 22, 0, "#3b6f68", 3)
        b.blob([(-55, -38), (-48, -18), (-28, -4), (28, -4), (48, -18), (55, -38), (0, -39)], paint)
        b.line([(-54, -38), (54, -38)], 5, "#6fb0a6")

    return draw


def spoon(b: Brush) -> None:
    """A spoon lying along x, 110 long."""
    b.line([(-8, 0), (54, 0)], 4.4, "#b7bec8", end=7)
    b.oval(-30, 0, 24, 11, ("#e4e8ee", "#b7bec8"))
    b.oval(-31, -0.6, 18.5, 7.4, ("#a9b1bc", "#d7dce3"))


def banana(b: Brush) -> None:
    """A banana lying down, about 120 long, its ends up."""
    b.blob([(-58, -38), (-52, -40), (-40, -24), (-14, -13), (14, -13), (40, -24), (54, -42), (60, -38), (52, -14),
            (26, 1), (0, 4), (-28, 0), (-50, -16)], ("#ffe06b", "#e9b52f"))  # fmt: skip
    b.line([(-51, -26), (-28, -10), (0, -5), (28, -9), (52, -28)], 2, "#c99626")
    b.line([(56, -38), (63, -50)], 6, "#b58a2c", end=5)
    b.line([(62, -48), (63.5, -51)], 5, "#6d4f26")
    b.disc(-56, -38, 3.6, "#5d4426")


def orange(b: Brush) -> None:
    """An orange, 60 across."""
    b.disc(0, -30, 30, ("#f9a53b", "#e27a1d"))
    b.glow(-9, -41, 15, 13, "#fff0c8b0", atop=True)
    for x, y in ((8, -16), (-12, -14), (16, -32), (2, -28), (-18, -28), (11, -44)):
        b.disc(x, y, 0.9, "#c9660f80")
    b.oval(9, -59, 10, 4, "#5f9a3c", turn=-24)
    b.disc(0, -57.4, 2.6, "#5d4426")


def apple(paint: str = "#d6403d") -> Figure:
    def draw(b: Brush) -> None:
        b.line([(0, -46), (3, -58)], 3, "#5d4426")
        b.oval(11, -55, 9, 4, "#6aa544", turn=-20)
        b.blob([(0, -48), (-14, -52), (-26, -40), (-25, -18), (-12, -1), (0, -3), (12, -1), (25, -18), (26, -40),
                (14, -52)], paint)  # fmt: skip
        b.oval(-13, -34, 4, 9, "#ffffff55", turn=16)

    return draw


def oven(b: Brush) -> None:
    """A cooker with a lit oven, 120 wide and 160 high."""
    b.box(-60, -150, 60, -4, ("#f4f2ee", "#d9d7d4"), 5)
    b.box(-54, -6, 54, 0, "#4a4d56")
    b.box(-62, -156, 62, -148, "#3a3d46", 2)
    for x in (-36, 36):
        b.box(x - 17, -160, x + 17, -156, "#22242c", 2)
    b.box(-60, -148, 60, -124, "#55585f")
    for x in (-44, -26, 26, 44):
        b.disc(x, -136, 6.4, "#e4e4e4")
        b.line([(x, -136), (x + 2, -141)], 2, DARK)
    b.box(-14, -143, 14, -129, "#1e2d2c", 2)
    b.line([(-7, -136), (7, -136)], 2.4, "#6fe0a8")
    b.box(-52, -118, 52, -34, "#45484f", 5)
    b.box(-42, -98, 42, -44, ("#2a2422", "#c9772e"), 4)
    for y in (-78, -62):
        b.line([(-40, y), (40, y)], 1.4, "#e0b38a70")
    b.line([(-44, -109), (44, -109)], 4.6, "#e4e4e4")
    b.box(-52, -28, 52, -9, "#c4c2bf", 3)
    b.line([(-20, -19), (20, -19)], 3.4, "#8b8d92")


def refrigerator(paint: tuple[str, str] = ("#bfe0d6", "#8fbfb4")) -> Figure:
    """A two-door refrigerator, 120 wide and 290 high."""

    def draw(b: Brush) -> None:
        for x in (-46, 46):
            b.box(x - 7, -6, x + 7, 0, DARK)
        b.box(-60, -290, 60, -4, paint, 12)
        b.line([(-60, -186), (60, -186)], 3, "#5f8f86", atop=True)
        for top, foot in ((-252, -204), (-168, -98)):
            b.line([(-44, top), (-44, foot)], 6, "#f5f7f6")
        b.box(10, -262, 32, -240, "#f6d36b", 2)
        b.disc(21, -262, 3, "#d9534a")
        b.poly([(20, -150), (42, -146), (38, -122), (16, -126)], "#fbf8ef")
        b.disc(30, -148, 3, "#3f7fb5")
        b.line([(52, -270), (52, -20)], 4, "#ffffff40")

    return draw


def sink(b: Brush) -> None:
    """A white farmhouse sink with its tap, 130 wide, its rim at y = 0, 46 deep."""
    b.line([(-4, 0), (-4, -44), (4, -60), (18, -60), (24, -50), (24, -40)], 6, "#aab2bc")
    b.box(-12, -6, 4, 0, "#8b939e", 2)
    for x in (-26, 18):
        b.line([(x, -2), (x, -10)], 4, "#8b939e")
        b.line([(x - 6, -11), (x + 6, -11)], 4, "#aab2bc")
    b.box(-66, -4, 66, 46, ("#ffffff", "#dfe3e6"), 7)
    b.box(-66, -4, 66, 5, "#f4f6f7", 4)
    b.line([(-62, 6), (62, 6)], 1.4, "#b9c0c6")
    b.box(-54, 12, 54, 38, "#e9edef", 6)


def microwave(b: Brush) -> None:
    b.box(-52, -58, 52, -3, ("#e4e6e9", "#bfc3c8"), 4)
    for x in (-40, 40):
        b.box(x - 6, -4, x + 6, 0, DARK)
    b.box(-46, -52, 20, -9, "#3a3d46", 4)
    b.box(-40, -46, 13, -15, ("#5a6a72", "#2d363c"), 3)
    b.line([(24, -50), (24, -11)], 3.4, "#8b8d92")
    b.box(30, -52, 47, -43, "#1e2d2c", 1)
    b.line([(34, -47.5), (43, -47.5)], 2, "#6fe0a8")
    for y in (-37, -29, -21):
        for x in (33, 39, 45):
            b.disc(x - 0.5, y, 2.2, "#7a7f88")


def bottle(paint: str = "#4f8a4a", label: str = "#f4e6c4") -> Figure:
    """A bottle, 80 high."""

    def draw(b: Brush) -> None:
        b.box(-13, -50, 13, 0, paint, 4)
        b.blob([(-13, -46), (-12, -52), (-5, -60), (5, -60), (12, -52), (13, -46), (0, -40)], paint)
        b.box(-5, -76, 5, -56, paint)
        b.box(-6, -81, 6, -74, "#b5863f", 1.6)
        b.box(-13, -36, 13, -14, label, atop=True)
        b.line([(-8, -48), (-8, -40)], 2.4, "#ffffff70")

    return draw


def cake(b: Brush) -> None:
    """A birthday cake of two tiers with five candles, on a stand, 130 wide."""
    b.box(-18, -14, 18, 0, "#cfd6dc", 3)
    b.box(-70, -20, 70, -12, "#eef1f3", 4)
    for x0, y0, wide, paint in ((-60, -66, 120, "#f6b6c4"), (-38, -104, 76, "#fbe3c0")):
        b.box(x0, y0, x0 + wide, y0 + 48 if wide > 100 else y0 + 40, paint, 6)
        b.box(x0, y0, x0 + wide, y0 + 10, "#fffaf2", 5)
        for k in range(wide // 12):
            b.line([(x0 + 6 + 12 * k, y0 + 8), (x0 + 6 + 12 * k, y0 + (20 if k % 2 else 13))], 9, "#fffaf2")
    for k in range(9):
        b.disc(-52 + 13 * k, -24, 5, ("#e4574c", "#fffaf2")[k % 2])
    for x, paint in ((-26, "#3f8fc4"), (-13, "#f4b93f"), (0, "#5aa862"), (13, "#e4574c"), (26, "#9a5fb0")):
        b.box(x - 2.4, -126, x + 2.4, -103, paint)
        b.blob([(x, -141), (x - 3.6, -132), (x, -127), (x + 3.6, -132)], ("#fff0a8", "#f59a2e"))


def wine_glass(wine: str = "#a82845") -> Figure:
    """A wine glass, 84 high."""

    def draw(b: Brush) -> None:
        rim = "#a9c3cf"
        b.oval(0, -2.4, 17, 3.4, rim)
        b.line([(0, -3), (0, -38)], 3, rim)
        bowl = [(-17, -84), (-20, -66), (-15, -48), (0, -38), (15, -48), (20, -66), (17, -84)]
        b.poly(bowl, "#e8f4f8a0")
        b.poly([(-19.6, -64), (-15, -48), (0, -39), (15, -48), (19.6, -64)], wine)
        b.oval(0, -64, 19.4, 3.4, wine)
        b.line(bowl, 1.6, rim)
        b.oval(0, -84, 17, 2.4, "#d5e6edc0")
        b.line([(-12, -78), (-13.4, -56)], 2.4, "#ffffffa0")

    return draw
