"""Animals, seen from the side and facing right unless said otherwise; their feet stand at 0, 0."""

from __future__ import annotations

from .brush import Brush, Figure, Point

EYE = "#241c22"


def dog(coat: str = "#c98645", dark: str = "#8f5427") -> Figure:
    """A dog leaping up to the right."""

    def draw(b: Brush) -> None:
        b.line([(-25, -29), (-36, -36), (-41, -50)], 6, coat, end=3)
        b.line([(-20, -26), (-32, -16), (-37, -20), (-46, -12)], 9, dark, end=5)
        b.line([(19, -36), (32, -31), (44, -38)], 7, dark, end=5)
        b.blob([(-27, -30), (-18, -38), (0, -42), (18, -50), (30, -55), (34, -44), (26, -32), (8, -27), (-12, -20),
                (-25, -20)], coat)  # fmt: skip
        b.blob([(16, -34), (26, -44), (33, -46), (28, -33), (18, -29)], "#f3e3cb", atop=True)
        b.line([(-19, -25), (-28, -13), (-33, -15), (-40, -5)], 11, coat, end=5.5)
        b.line([(22, -36), (32, -26), (43, -29)], 8, coat, end=5.5)
        b.line([(24, -44), (36, -58)], 17, coat, end=15)
        b.line([(29, -47), (38, -51)], 4, "#d23f3f")
        _dog_head(b.at(38, -62, turn=-12), coat, dark)

    return draw


def _dog_head(b: Brush, coat: str, dark: str) -> None:
    b.blob([(6, 2), (18, 3), (19, 6), (8, 9)], "#b8443f")
    b.line([(4, 4), (16, 8)], 5, coat, end=4)
    b.disc(0, 0, 11, coat)
    b.line([(4, 0), (19, 0)], 12, coat, end=8)
    b.line([(14, 2), (20, 1)], 5, "#f3e3cb", end=5)
    b.oval(22.5, -2.2, 3, 2.5, EYE)
    b.disc(5.4, -4.2, 1.7, EYE)
    b.disc(6, -4.8, 0.6, "#ffffff")
    b.blob([(-4, -9), (-10, -8), (-16, 2), (-13, 10), (-7, 9), (-1, -2)], dark)


def cat(coat: str = "#e5913d", stripe: str = "#b9661f", cream: str = "#fbe6cd") -> Figure:
    """A cat sitting upright, facing the viewer."""

    def draw(b: Brush) -> None:
        b.line([(14, -6), (29, -4), (34, -14), (29, -26)], 7, coat, end=5)
        b.line([(32, -21), (29, -26)], 5, stripe, end=5)
        b.blob([(0, -52), (-12, -46), (-18, -22), (-20, -6), (-13, 0), (13, 0), (20, -6), (18, -22), (12, -46)], coat)
        for y in (-34, -24, -14):
            for side in (-1, 1):
                b.line([(20 * side, y), (12.5 * side, y + 3)], 3, stripe, end=1, atop=True)
        b.blob([(0, -46), (-9, -40), (-7, -30), (0, -25), (7, -30), (9, -40)], cream, atop=True)
        b.line([(0, -20), (0, -2)], 1.4, stripe)
        for side in (-1, 1):
            b.line([(10.4 * side, -22), (11 * side, -8)], 1.4, stripe)
            b.oval(6 * side, -2.6, 5.6, 3.6, cream)
        _cat_head(b.at(0, -60), coat, stripe, cream)

    return draw


def _cat_head(b: Brush, coat: str, stripe: str, cream: str) -> None:
    for side in (-1, 1):
        b.poly([(4 * side, -12), (16 * side, -24), (17 * side, -4)], coat)
        b.poly([(8 * side, -12), (14.4 * side, -19.5), (15 * side, -7)], "#e9a09a")
    b.oval(0, 0, 19, 15.6, coat)
    for x in (-5, 0, 5):
        b.line([(x, -16), (x * 0.7, -9)], 2.4, stripe, end=1, atop=True)
    b.oval(0, 7, 9, 6, cream, atop=True)
    for side in (-1, 1):
        b.oval(7.6 * side, -1.4, 3.4, 3.7, "#8fc25a")
        b.oval(7.6 * side, -1.4, 1.5, 3.3, EYE)
        b.disc(7 * side, -3, 0.9, "#ffffff")
        b.line([(8 * side, 5.4), (22 * side, 3)], 0.7, "#7a5230")
        b.line([(8 * side, 7.4), (22 * side, 8.6)], 0.7, "#7a5230")
        b.line([(0, 6.4), (1.8 * side, 8.8), (4.4 * side, 8.2)], 1, "#7a3f35")
    b.poly([(-2.4, 3.2), (2.4, 3.2), (0, 6.2)], "#d9716c")


def sheep(wool: str = "#f6f1e6", grazing: bool = False) -> Figure:
    def draw(b: Brush) -> None:
        face = "#4b4148"
        for x, tone in ((-15, "#373036"), (12, "#373036"), (-10, face), (17, face)):
            b.line([(x, -16), (x, -1.5)], 5, tone, end=4.4)
        puffs = [(-24, -28, 9), (-18, -38, 10), (-5, -42, 11), (9, -41, 11), (21, -36, 10), (25, -26, 9),
                 (16, -18, 10), (2, -16, 11), (-13, -17, 11)]  # fmt: skip
        b.oval(0, -29, 24, 15, wool)
        for x, y, r in puffs:
            b.disc(x, y, r, wool)
        for x, y in ((-14, -30), (0, -32), (12, -28), (-5, -22)):
            b.line([(x - 4, y), (x, y + 3), (x + 4, y)], 1.2, "#d6cbb8", atop=True)
        _sheep_head(b.at(31, -22, turn=42) if grazing else b.at(30, -38, turn=8), wool, face)

    return draw


def _sheep_head(b: Brush, wool: str, face: str) -> None:
    b.blob([(-7, -7), (3, -8), (13, -1), (16, 5), (12, 9), (4, 8), (-5, 5)], face)
    b.oval(-8, -1, 6.5, 2.8, "#373036", turn=20)
    b.disc(-2, -8, 5.4, wool)
    b.disc(3, -8.5, 4.4, wool)
    b.disc(5, -1.4, 1.8, "#ffffff")
    b.disc(5.4, -1.2, 1, EYE)


def cow(coat: str = "#fbf7f0", patch: str = "#5b3a2c", grazing: bool = False) -> Figure:
    def draw(b: Brush) -> None:
        b.line([(-42, -56), (-48, -44), (-47, -24)], 2.6, "#d8cdbf", end=2)
        b.blob([(-49, -26), (-50, -17), (-47, -14), (-44, -17), (-45, -26)], patch)
        for x, tone in ((-24, "#d5cabb"), (23, "#d5cabb"), (-34, coat), (32, coat)):
            b.line([(x, -32), (x, -4)], 11, tone, end=8, curved=False)
            b.box(x - 4.6, -6, x + 4.6, 0, "#3d3335", 2)
        b.oval(-18, -22, 9, 6.5, "#eda9a5")
        b.blob([(-43, -56), (-34, -63), (0, -61), (30, -64), (43, -58), (44, -36), (36, -24), (0, -22), (-36, -24),
                (-44, -38)], coat)  # fmt: skip
        b.blob([(-46, -62), (-28, -64), (-24, -50), (-34, -40), (-46, -44)], patch, atop=True)
        b.blob([(-10, -64), (12, -64), (16, -50), (4, -40), (-10, -46)], patch, atop=True)
        b.blob([(18, -30), (30, -38), (34, -22), (18, -20)], patch, atop=True)
        head = b.at(46, -36, turn=38) if grazing else b.at(50, -66)
        b.line([(36, -50), (46, -38) if grazing else (48, -62)], 25, coat, end=18)
        _cow_head(head, coat, patch)

    return draw


def _cow_head(b: Brush, coat: str, patch: str) -> None:
    b.line([(-3, -10), (-6, -17), (-2, -22)], 4, "#e3d3ac", end=1.6)
    b.line([(4, -10), (6, -17), (11, -20)], 4, "#e3d3ac", end=1.6)
    b.blob([(-10, -9), (4, -13), (14, -4), (23, 8), (20, 16), (10, 17), (0, 8), (-10, 4)], coat)
    b.blob([(-10, -9), (2, -13), (9, -6), (2, 2), (-9, 4)], patch, atop=True)
    b.oval(-11, -8, 8, 3.6, patch, turn=-22)
    b.blob([(14, 4), (24, 6), (25, 14), (18, 19), (10, 17)], "#eda9a5")
    b.oval(21, 9, 1.5, 1.1, "#96514f")
    b.disc(7, -3.5, 2.6, "#ffffff")
    b.disc(7.6, -3.2, 1.5, EYE)


def giraffe() -> Figure:
    """About 210 units tall."""

    def draw(b: Brush) -> None:
        coat, dark, brown = "#e6a93c", "#c1862c", "#8c4a22"
        b.line([(-40, -100), (-50, -86), (-49, -64)], 3, dark, end=2)
        b.oval(-49, -60, 3, 6, "#5d3a22")
        for x, y, tone in ((-24, -74, dark), (24, -74, dark), (-32, -78, coat), (32, -78, coat)):
            b.line([(x, y), (x + 1, -40), (x, -4)], 12, tone, end=6.4)
            b.box(x - 4.2, -6, x + 4.2, 0, "#5d4030", 2)
        b.blob([(-42, -98), (-30, -107), (0, -110), (22, -118), (40, -158), (52, -190), (66, -184), (58, -140),
                (47, -104), (44, -82), (32, -71), (0, -68), (-34, -72), (-43, -84)], coat)  # fmt: skip
        b.line([(49, -194), (38, -158), (20, -117)], 4.6, "#6d3f1f", end=5)
        for x, y, rx, ry in GIRAFFE_SPOTS:
            spot = [(-1, -0.4), (-0.3, -1), (0.8, -0.7), (1, 0.5), (0.1, 1), (-0.8, 0.7)]
            b.poly([(x + rx * u, y + ry * v) for u, v in spot], brown, atop=True)
        _giraffe_head(b.at(60, -192), coat, dark)

    return draw


GIRAFFE_SPOTS = [
    (-34, -94, 8, 6), (-18, -98, 8, 7), (0, -99, 8, 7), (18, -103, 8, 7), (34, -108, 7, 8),
    (-26, -80, 8, 6), (-8, -82, 8, 7), (10, -84, 8, 7), (28, -88, 8, 8), (43, -92, 6, 7),
    (34, -126, 5, 6), (47, -122, 6, 7), (42, -142, 5, 6), (54, -140, 5, 7), (47, -158, 5, 6),
    (57, -160, 5, 6), (52, -174, 5, 5), (61, -176, 4, 5), (-32, -64, 5, 5), (32, -66, 5, 6),
    (-32, -50, 4, 4), (32, -51, 4, 4),
]  # fmt: skip


def _giraffe_head(b: Brush, coat: str, dark: str) -> None:
    for x in (-5, 2):
        b.line([(x, -8), (x - 2, -20)], 3.2, dark, end=2.8)
        b.disc(x - 2, -21, 3, "#5d3a22")
    b.oval(-13, -8, 8.5, 3.6, dark, turn=24)
    b.blob([(-12, -4), (-6, -11), (6, -11), (20, 0), (31, 8), (31, 16), (23, 18), (8, 12), (-6, 12)], coat)
    b.blob([(23, 5), (32, 8), (32, 16), (23, 18), (19, 12)], "#f8e2b6", atop=True)
    b.disc(28, 9, 1.2, "#6d4426")
    b.line([(22, 14.4), (30, 14)], 1.2, "#8a5527")
    b.oval(4, -3, 2.6, 3, EYE)
    b.disc(4.8, -4, 0.9, "#ffffff")


def zebra(grazing: bool = False) -> Figure:
    def draw(b: Brush) -> None:
        coat, dim, ink = "#fbf8f2", "#d9d4cc", "#2b2730"
        b.line([(-37, -54), (-45, -44), (-44, -30)], 3, coat, end=2)
        b.oval(-44, -26, 2.6, 6, ink)
        for x, tone in ((-21, dim), (19, dim), (-29, coat), (27, coat)):
            b.line([(x, -34), (x + 1, -18), (x, -3)], 9, tone, end=5.4)
            b.box(x - 3.6, -4.5, x + 3.6, 0, ink, 1.6)
        nose = (50, -34) if grazing else (46, -76)
        b.line([(26, -50), nose], 24, coat, end=15)
        b.blob([(-38, -54), (-28, -63), (0, -58), (24, -63), (38, -56), (38, -40), (26, -31), (0, -28), (-28, -32),
                (-39, -42)], coat)  # fmt: skip
        _zebra_stripes(b, nose, ink)
        crest = [(26, -62), (40, -54), (50, -42)] if grazing else [(22, -64), (32, -80), (44, -92)]
        b.line(crest, 5, ink, end=5)
        _zebra_head(b.at(52, -30, turn=48) if grazing else b.at(49, -80), coat, ink)

    return draw


def _zebra_stripes(b: Brush, nose: Point, ink: str) -> None:
    for i, x in enumerate((-34, -26, -18, -10, -2, 6, 14, 22)):
        b.line([(x - 1, -68), (x + 3 - i * 0.5, -50), (x + 1, -37)], 3.8, ink, end=1, atop=True)
    for x in (-29, 27, -21, 19):
        for y in (-28, -22, -16, -10):
            b.line([(x - 6, y), (x + 6, y - 1)], 2, ink, atop=True)
    (x0, y0), (x1, y1) = (28, -50), nose
    for k in (0.1, 0.34, 0.58, 0.82):
        u, v = x0 + (x1 - x0) * k, y0 + (y1 - y0) * k
        dx, dy = (y1 - y0) * 0.5, (x0 - x1) * 0.5
        b.line([(u - dx, v - dy), (u + dx, v + dy)], 3.6, ink, atop=True)


def _zebra_head(b: Brush, coat: str, ink: str) -> None:
    b.oval(-4, -13, 3.2, 7, coat, turn=-8)
    b.oval(-4, -12, 1.6, 4.6, ink, turn=-8)
    face = [(-9, -6), (-3, -11), (6, -9), (20, 2), (25, 8), (22, 14), (14, 13), (2, 9), (-8, 6)]
    b.blob(face, coat)
    b.blob([(19, 0), (27, 6), (24, 16), (13, 14), (15, 6)], "#4a424c")
    for x in (6, 11):
        b.line([(x, -8 + (x - 6) * 0.7), (x - 2, 8)], 1.8, ink, end=1)
    b.line([(-4, -10), (-6, 4)], 2, ink, end=1)
    b.disc(3, -3.4, 2, EYE)
    b.disc(3.6, -4, 0.7, "#ffffff")


def gull() -> Figure:
    """A gull in flight, wings up."""

    def draw(b: Brush) -> None:
        white, grey, tip = "#fdfdfb", "#c3ccd4", "#3b4048"
        b.blob([(-2, -2), (-4, -14), (-16, -25), (-30, -26), (-20, -18), (-12, -2)], grey)
        b.blob([(-22, -25), (-33, -27), (-24, -20)], tip)
        b.blob([(-24, 3), (-14, -3), (4, -6), (16, -6), (20, -2), (14, 4), (-4, 6), (-16, 5)], white)
        b.poly([(-18, 0), (-31, 1), (-29, 5), (-18, 5)], white)
        b.blob([(4, -4), (8, -16), (22, -26), (37, -25), (26, -17), (14, 0), (2, 2)], ("#eef1f3", grey))
        b.blob([(29, -25), (40, -25), (32, -19)], tip)
        b.poly([(18, -4), (27, -0.4), (18, 1.4)], "#f0a23a")
        b.disc(15, -3, 1.2, EYE)

    return draw


def robin() -> Figure:
    """A big round robin, about 100 units across, its feet at 0, 0."""

    def draw(b: Brush) -> None:
        brown, dark, red = "#8f7157", "#6a503c", "#e3672f"
        b.poly([(-34, -30), (-84, -12), (-80, -2), (-28, -14)], dark)
        b.line([(-40, -24), (-80, -7)], 3, brown)
        b.blob([(-44, -34), (-28, -62), (-8, -88), (16, -102), (38, -96), (48, -80), (47, -56), (38, -30), (18, -12),
                (-8, -8), (-32, -16)], brown)  # fmt: skip
        b.blob([(-22, -14), (6, -30), (36, -34), (34, -10), (0, -2)], "#f4ede2", atop=True)
        b.blob([(20, -92), (44, -94), (56, -76), (52, -48), (36, -28), (14, -30), (6, -48), (14, -68)], red, atop=True)
        b.blob([(2, -62), (-20, -58), (-46, -34), (-62, -16), (-34, -18), (-8, -26), (6, -42)], (dark, "#59422f"))
        for k in (0, 1, 2):
            b.line([(-6 - 5 * k, -36 + 4 * k), (-30 - 6 * k, -26 + 3 * k)], 1.8, "#a98a6d", end=1)
        for x in (-6, 10):
            b.line([(x, -12), (x + 2, 0)], 3, "#5a4036")
            for toe in (-7, 1, 8):
                b.line([(x + 2, -1), (x + 2 + toe, 2)], 2.4, "#5a4036", end=1.6)
        b.poly([(45, -86), (62, -79), (45, -75)], ("#5b5148", "#38312c"))
        b.disc(32, -84, 5, EYE)
        b.disc(33.6, -85.8, 1.6, "#ffffff")

    return draw


def teddy(fur: str = "#b98352", pale: str = "#e8c79c") -> Figure:
    """A teddy bear sitting, facing the viewer."""

    def draw(b: Brush) -> None:
        for side in (-1, 1):
            b.line([(13 * side, -34), (25 * side, -22), (28 * side, -12)], 12, fur, end=12)
        b.blob([(0, -46), (-16, -38), (-20, -16), (-12, -2), (12, -2), (20, -16), (16, -38)], fur)
        b.oval(0, -18, 12, 14, pale, atop=True)
        for side in (-1, 1):
            b.line([(10 * side, -8), (24 * side, -6)], 15, fur, end=15)
            b.oval(27 * side, -7, 7, 8.4, fur)
            b.oval(28 * side, -7, 4.6, 5.8, pale)
            b.disc(16 * side, -70, 8, fur)
            b.disc(16 * side, -70, 4.4, pale)
        b.oval(0, -57, 21, 18, fur)
        b.oval(0, -51, 10, 8, pale)
        b.oval(0, -55, 3.8, 2.8, EYE)
        b.line([(0, -53), (0, -49)], 1.2, "#5f3f28")
        b.line([(-4, -48.6), (0, -46.6), (4, -48.6)], 1.3, "#5f3f28")
        for side in (-1, 1):
            b.disc(8.6 * side, -61, 2.4, EYE)
            b.disc(8 * side, -62, 0.8, "#ffffff")
            b.poly([(0, -38), (11 * side, -43), (11 * side, -32)], "#c9433f")
        b.disc(0, -38, 2.8, "#9f2f2f")

    return draw
