"""Furniture, plants, books, machines on a desk; the foot rests at 0, 0 unless said otherwise."""

from __future__ import annotations

import math

from .brush import Brush, Figure

WOOD: tuple[str, str] = ("#c98f55", "#a86f3b")
DARK = "#2d2f38"


def couch(paint: str = "#4f8a8b", dark: str = "#3b6d70") -> Figure:
    """A two-seat couch, 280 wide, its seat 60 high."""

    def draw(b: Brush) -> None:
        for x in (-112, 112):
            b.poly([(x - 6, -14), (x + 6, -14), (x + 4, 0), (x - 4, 0)], "#6b4428")
        b.box(-122, -132, 122, -30, paint, 24)
        b.line([(0, -124), (0, -60)], 2, dark)
        b.box(-118, -40, 118, -12, dark, 6)
        for x in (-106, 2):
            b.box(x, -68, x + 104, -36, paint, 12)
            b.line([(x + 10, -37), (x + 94, -37)], 1.6, "#2f5a5d")
        for x in (-140, 108):
            b.box(x, -94, x + 32, -10, paint, 15)
            b.box(x + 4, -90, x + 28, -76, "#ffffff22", 8)

    return draw


def television(b: Brush) -> None:
    """A flat television on its foot, 190 wide, showing hills under a sun."""
    b.box(-8, -14, 8, -2, "#3a3d46")
    b.box(-44, -5, 44, 0, "#3a3d46", 2)
    b.box(-96, -124, 96, -12, "#23262e", 6)
    b.box(-89, -117, 89, -20, ("#7cc4e8", "#d3eef2"))
    b.disc(48, -92, 12, "#ffe28a")
    b.poly([(-89, -20), (-89, -52), (-50, -74), (-8, -40), (30, -62), (89, -32), (89, -20)], "#5fa05a")
    b.poly([(-89, -20), (-40, -40), (10, -30), (89, -24), (89, -20)], "#3f7f4a")
    b.poly([(-89, -117), (-40, -117), (-74, -20), (-89, -20)], "#ffffff26")


def potted_plant(pot: str = "#cf7448", leaf: str = "#4c9455", dark: str = "#35743f", tall: float = 1.0) -> Figure:
    """A leafy plant in a pot, about 110 high."""

    def draw(b: Brush) -> None:
        leaves = [(-34, -62, -58), (34, -62, 58), (-24, -86, -34), (24, -86, 34), (-10, -100, -12), (11, -100, 12)]
        for i, (x, y, turn) in enumerate(leaves):
            tip_y = -36 + (y + 36) * tall
            b.line([(0, -34), (x * 0.4, (tip_y - 34) / 2), (x, tip_y)], 2.4, dark)
            frame = b.at(x, tip_y, turn=turn)
            frame.blob([(0, 22), (-12, 4), (-7, -14), (0, -24), (7, -14), (12, 4)], dark if i % 2 else leaf)
            frame.line([(0, 18), (0, -18)], 1.2, "#ffffff50")
        b.poly([(-25, -36), (25, -36), (18, 0), (-18, 0)], pot)
        b.box(-29, -44, 29, -33, pot, 3)
        b.box(-25, -33, 25, -30, "#00000030", atop=True)

    return draw


def flower_pot(pot: str = "#c9653f", petal: str = "#e8588a", heart: str = "#ffd45c") -> Figure:
    """Flowers in a pot, about 100 high."""

    def draw(b: Brush) -> None:
        for x, y in ((-20, -74), (0, -92), (21, -76)):
            b.line([(0, -34), (x * 0.5, -54), (x, y)], 2.6, "#4c8f4a")
            b.oval(x * 0.7 - 7, -52, 9, 4, "#5da653", turn=24)
        for x, y in ((-20, -74), (0, -92), (21, -76)):
            for k in range(6):
                b.disc(x + 7.4 * math.cos(k * math.pi / 3), y + 7.4 * math.sin(k * math.pi / 3), 5.4, petal)
            b.disc(x, y, 5, heart)
        b.poly([(-23, -34), (23, -34), (17, 0), (-17, 0)], pot)
        b.box(-27, -42, 27, -31, pot, 3)

    return draw


def clock(rim: str = "#b5533c", hours: float = 10.17) -> Figure:
    """A round clock, 60 across, its middle at 0, 0."""

    def draw(b: Brush) -> None:
        b.disc(0, 0, 30, rim)
        b.disc(0, 0, 25, "#fdfaf2")
        for k in range(12):
            a = k * math.pi / 6
            inner = 18 if k % 3 == 0 else 20.5
            b.line([(inner * math.sin(a), -inner * math.cos(a)), (22.4 * math.sin(a), -22.4 * math.cos(a))], 1.8, DARK)
        for turn, reach, width in ((hours / 12, 11.5, 3), (hours % 1, 17, 2.2)):
            a = turn * 2 * math.pi
            b.line([(0, 0), (reach * math.sin(a), -reach * math.cos(a))], width, DARK)
        b.disc(0, 0, 2.4, rim)

    return draw


def lying_book(cover: str = "#c0504a", wide: float = 60) -> Figure:
    """A closed book lying flat, its spine to the viewer."""

    def draw(b: Brush) -> None:
        b.box(-wide / 2, -13, wide / 2, 0, cover, 3)
        b.box(wide / 2 - 4, -10.6, wide / 2 + 0.5, -2.4, "#f4ecd8")
        for x in (-wide / 2 + 7, -wide / 2 + 12):
            b.line([(x, -12.4), (x, -0.6)], 1.8, "#f0d48a")

    return draw


def standing_book(cover: str = "#3f6f9f", high: float = 56, wide: float = 14) -> Figure:
    """A book standing on a shelf, its spine to the viewer."""

    def draw(b: Brush) -> None:
        b.box(-wide / 2, -high, wide / 2, 0, cover, 2)
        for y in (-high + 9, -high + 14, -10):
            b.line([(-wide / 2, y), (wide / 2, y)], 1.6, "#f0d48a", atop=True)

    return draw


def laptop(b: Brush) -> None:
    """An open laptop from the front, 190 wide and 130 high."""
    b.box(-82, -130, 82, -12, "#4a4e58", 7)
    b.box(-75, -123, 75, -20, ("#34558f", "#f2a679"))
    b.disc(34, -72, 14, "#ffe9b0")
    b.poly([(-75, -20), (-75, -50), (-36, -82), (0, -48), (24, -62), (75, -28), (75, -20)], "#2d3f6b")
    b.poly([(-75, -20), (-30, -38), (20, -30), (75, -36), (75, -20)], "#22304f")
    b.poly([(-84, -12), (84, -12), (97, -3), (-97, -3)], "#c9ced6")
    b.poly([(-74, -10.6), (74, -10.6), (79, -7), (-79, -7)], "#6d737e")
    b.box(-98, -3.4, 98, 1, "#9aa1ac", 2)


def keyboard(b: Brush) -> None:
    """A keyboard seen from above and in front, 190 wide."""
    b.poly([(-88, -38), (88, -38), (97, -2), (-97, -2)], "#e9ebee")
    b.poly([(-97, -2), (97, -2), (96, 4), (-96, 4)], "#b9bec7")
    for row in range(4):
        y, wide = -33 + row * 7.6, 83 + row * 2
        count = 13 if row < 3 else 7
        for k in range(count):
            left = -wide + 2 * wide * k / count
            right = left + 2 * wide / count - 2.6
            if row < 3 or k not in (2, 4):
                b.box(left, y, right + (2 * wide / count * (row == 3 and k == 3)), y + 5.8, "#5f6672", 1.4)


def mouse(b: Brush) -> None:
    """A computer mouse lying flat, 40 wide."""
    b.blob([(-18, -8), (-15, -26), (0, -33), (15, -26), (18, -8), (12, 1), (-12, 1)], ("#f6f7f8", "#cfd4da"))
    b.line([(0, -32), (0, -17)], 1.2, "#9aa1ac")
    b.line([(-17, -14), (0, -17), (17, -14)], 1.2, "#9aa1ac")
    b.line([(0, -27), (0, -22)], 4, "#5f6672")


def cell_phone(b: Brush) -> None:
    """A telephone lying on a table, its screen up, 46 wide."""
    b.poly([(-17, -46), (17, -46), (23, 0), (-23, 0)], "#2d2f38")
    b.box(-23, -1, 23, 2.4, "#1a1b21", 1)
    b.poly([(-14.6, -43), (14.6, -43), (19.6, -5), (-19.6, -5)], ("#7fd0d8", "#5a86c9"))
    for row, y in enumerate((-37, -29, -21)):
        for k in (-1, 0, 1):
            x = k * (8.4 + row * 0.7)
            b.box(x - 3, y - 2.4, x + 3, y + 2.4, ("#ffe28a", "#ffffff", "#f6a0a0")[(row + k) % 3], 1.2)
    b.oval(0, -10, 2.6, 2, "#ffffff")


def chair(wood: str = "#b5763f", seat: str = "#d9604a") -> Figure:
    """A dining chair turned to the right, 134 high."""

    def draw(b: Brush) -> None:
        far = "#8a5527"
        b.line([(-16, -134), (-13, -60), (-12, -8)], 6, far, end=4.4)
        b.line([(38, -60), (40, -8)], 6, far, end=4.4)
        for y in (-122, -104, -86):
            b.line([(-33, y), (-15, y - 3)], 8, far)
        b.line([(-35, -130), (-30, -58), (-33, 0)], 7, wood, end=5)
        b.line([(24, -54), (26, 0)], 7, wood, end=5)
        b.poly([(-34, -58), (30, -58), (44, -66), (44, -60), (30, -49), (-34, -49)], wood)
        b.blob([(-32, -60), (-18, -72), (10, -73), (42, -71), (42, -66), (30, -59), (0, -58)], seat)

    return draw


def dining_table(cloth: str | None = None, wide: float = 300, high: float = 90) -> Figure:
    """A table from the front, its top at y = -high."""

    def draw(b: Brush) -> None:
        half = wide / 2
        for x in (-half + 22, half - 22):
            b.poly([(x - 8, -high + 8), (x + 8, -high + 8), (x + 5, 0), (x - 5, 0)], "#8a5527")
        b.box(-half, -high, half, -high + 13, WOOD, 4)
        if cloth is None:
            return
        b.box(-half + 6, -high - 1, half - 6, -high + 28, cloth)
        for k in range(int((wide - 12) / 24)):
            b.disc(-half + 18 + k * 24, -high + 28, 12, cloth)
        b.line([(-half + 6, -high + 20), (half - 6, -high + 20)], 2.4, "#ffffff90", atop=True)

    return draw


def bed(frame: str = "#a86f3b", quilt: str = "#4f7fb0", pillow: str = "#fbf7ee") -> Figure:
    """A bed from the side, its head at the left, 330 wide; the mattress lies 74 high."""

    def draw(b: Brush) -> None:
        b.box(-168, -140, -150, 0, frame, 7)
        b.box(152, -92, 168, 0, frame, 7)
        b.box(-156, -44, 158, -14, frame, 4)
        b.box(-152, -74, 154, -34, "#f1ece0", 10)
        b.box(-148, -100, -72, -66, pillow, 16)
        b.line([(-136, -72), (-84, -72)], 2, "#d9d0bf")
        b.blob([(-62, -78), (-40, -82), (60, -80), (140, -80), (157, -70), (158, -30), (152, -18), (60, -22),
                (-10, -17), (-56, -22), (-64, -40)], quilt)  # fmt: skip
        b.blob([(-64, -78), (-46, -82), (-36, -60), (-40, -22), (-60, -21), (-68, -50)], "#d8e6f2")
        for x in (0, 44, 88, 132):
            b.line([(x, -86), (x - 4, -14)], 3, "#ffffff40", atop=True)
        for y in (-62, -40):
            b.line([(-36, y), (160, y)], 3, "#ffffff40", atop=True)

    return draw


def alarm_clock(paint: str = "#d9534a") -> Figure:
    """A small alarm clock with two bells, 50 high."""

    def draw(b: Brush) -> None:
        for side in (-1, 1):
            b.line([(10 * side, -6), (15 * side, 0)], 4, DARK)
            b.disc(13 * side, -41, 7.4, "#e3b24a")
        b.line([(0, -40), (0, -50)], 2.4, DARK)
        clock(paint, 10.12)(b.at(0, -22, 0.72))

    return draw


def vase(paint: str = "#4f8fa8", petal: str = "#f4b93f") -> Figure:
    """A vase with three flowers, 100 high."""

    def draw(b: Brush) -> None:
        for x, y in ((-18, -80), (2, -94), (20, -78)):
            b.line([(0, -40), (x * 0.5, -58), (x, y)], 2.4, "#4c8f4a")
            for k in range(6):
                b.disc(x + 6 * math.cos(k * math.pi / 3), y + 6 * math.sin(k * math.pi / 3), 4.8, petal)
            b.disc(x, y, 4.4, "#8a5527")
        b.blob([(-9, -44), (9, -44), (8, -34), (17, -18), (11, 0), (-11, 0), (-17, -18), (-8, -34)], paint)
        b.line([(-9, -24), (-10, -12)], 3, "#ffffff60")

    return draw
