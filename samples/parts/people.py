"""Stylised people: a pose (where the joints are) and a look (hair, clothes), drawn about 100 units tall, feet at 0, 0.

A figure is turned to the viewer (`front`), away from the viewer (`back`) or to the right (`side`; mirror it for left).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .brush import Brush, Figure, Point

Limb = tuple[Point, Point]  # elbow and hand, or knee and foot


@dataclass(frozen=True)
class Look:
    skin: str = "#e9b48f"
    hair: str = "#4a2f22"
    cut: str = "short"  # short, long, bun, hat, cap
    top: str = "#d9574a"
    bottom: str = "#34507a"
    shoes: str = "#2b2b33"
    hat: str = "#f2c14e"
    sleeves: bool = True
    skirt: bool = False
    bare_legs: bool = False


@dataclass(frozen=True)
class Pose:
    head: Point
    neck: Point
    hip: Point
    near_arm: Limb
    far_arm: Limb
    near_leg: Limb
    far_leg: Limb
    view: str = "side"


STAND = Pose((0, -89), (0, -77), (0, -47), ((14, -62), (13, -46)), ((-14, -62), (-13, -46)),
             ((5.5, -25), (5.5, -4)), ((-5.5, -25), (-5.5, -4)), "front")  # fmt: skip
WAVE = Pose((0, -89), (0, -77), (0, -47), ((19, -75), (20, -92)), ((-14, -62), (-13, -46)),
            ((5.5, -25), (6.5, -4)), ((-5.5, -25), (-5.5, -4)), "front")  # fmt: skip
REACH = Pose((0, -89), (0, -77), (0, -47), ((15, -62), (13, -47)), ((-16, -66), (-22, -54)),
             ((5.5, -25), (6, -4)), ((-5.5, -25), (-6, -4)), "front")  # fmt: skip
FLY = Pose((0, -89), (0, -77), (0, -47), ((15, -84), (17, -99)), ((-14, -64), (-10, -52)),
           ((6, -25), (8, -4)), ((-6, -25), (-8, -4)), "back")  # fmt: skip
WALK = Pose((2, -89), (1, -77), (0, -47), ((-8, -63), (-9, -48)), ((8, -64), (16, -54)),
            ((8, -27), (14, -4.5)), ((-1, -25), (-14, -6)))  # fmt: skip
PULL = Pose((2, -89), (1, -77), (0, -47), ((-8, -64), (-16, -50)), ((8, -64), (16, -54)),
            ((8, -27), (14, -4.5)), ((-1, -25), (-14, -6)))  # fmt: skip
THROW = Pose((4, -88), (2, -77), (-1, -47), ((15, -80), (29, -88)), ((-10, -66), (-15, -53)),
             ((10, -28), (15, -4)), ((-6, -26), (-16, -4)))  # fmt: skip
SIT = Pose((0, -68), (0, -56), (0, -27), ((14, -42), (7, -35)), ((-14, -42), (-7, -35)),
       ((6, -23), (6.5, -4)), ((-6, -23), (-6.5, -4)), "front")  # fmt: skip
SKI = Pose((15, -69), (8, -60), (-9, -36), ((9, -43), (23, -44)), ((14, -45), (27, -47)),
           ((9, -24), (-1, -4)), ((11, -25), (3, -4)))  # fmt: skip


def person(pose: Pose, look: Look) -> Figure:
    """A person; put it with the feet on the ground."""

    def draw(b: Brush) -> None:
        shoulder, hip = (9.0, 4.5) if pose.view != "side" else (0.5, 0.8)
        if look.cut == "long":
            _long_hair(b, pose, look)
        if pose.view == "side":
            _arm(b, pose, pose.far_arm, -shoulder, look, dim=True)
        _leg(b, pose, pose.far_leg, -hip, look, dim=pose.view == "side")
        _leg(b, pose, pose.near_leg, hip, look, dim=False)
        if pose.view != "side":
            _arm(b, pose, pose.far_arm, -shoulder, look, dim=False)
            _arm(b, pose, pose.near_arm, shoulder, look, dim=False)
        _torso(b, pose, look)
        _head(b.at(*pose.head), pose.view, look)
        if pose.view == "side":
            _arm(b, pose, pose.near_arm, shoulder, look, dim=False)

    return draw


def _tint(colour: str, by: float) -> str:
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{max(0, min(255, round(v * by))):02x}" for v in parts)


def _torso(b: Brush, pose: Pose, look: Look) -> None:
    (nx, ny), (hx, hy) = pose.neck, pose.hip
    length = math.hypot(hx - nx, hy - ny)
    frame = b.at(nx, ny, turn=math.degrees(math.atan2(hy - ny, hx - nx)) - 90)
    b.line([pose.head, pose.neck], 6, _tint(look.skin, 0.88))
    wide = (11.0, 8.6, 9.2) if pose.view != "side" else (7.4, 6.6, 7.4)
    if look.skirt:
        frame.blob([(-wide[1], length - 5), (wide[1], length - 5), (wide[2] + 5, length + 22), (0, length + 24),
                    (-wide[2] - 5, length + 22)], look.bottom)  # fmt: skip
    else:
        frame.box(-wide[2], length - 8, wide[2], length + 5, look.bottom, 5)
    frame.blob([(-wide[0] + 3, 0), (wide[0] - 3, 0), (wide[0], 5), (wide[1], length * 0.62), (wide[2], length),
                (0, length + 2), (-wide[2], length), (-wide[1], length * 0.62), (-wide[0], 5)], look.top)  # fmt: skip
    if pose.view == "front":
        frame.oval(0, 0.4, 4.4, 3.2, _tint(look.skin, 0.94))


def _arm(b: Brush, pose: Pose, limb: Limb, side: float, look: Look, dim: bool) -> None:
    by = 0.82 if dim else (1.0 if pose.view == "side" else 0.93)
    shoulder = (pose.neck[0] + side, pose.neck[1] + 4.5)
    elbow, hand = limb
    skin, cloth = _tint(look.skin, 0.9 if dim else 1.0), _tint(look.top, by)
    if look.sleeves:
        b.disc(*hand, 3.3, skin)
        b.line([shoulder, elbow, _between(elbow, hand, 0.78)], 7.4, cloth, end=5.8)
        return
    b.disc(*hand, 3.1, skin)
    b.line([shoulder, elbow, hand], 6.2, skin, end=4.6)
    b.line([shoulder, _between(shoulder, elbow, 0.62)], 8, cloth, end=7.6)


def _between(p: Point, q: Point, part: float) -> Point:
    return p[0] + (q[0] - p[0]) * part, p[1] + (q[1] - p[1]) * part


def _leg(b: Brush, pose: Pose, limb: Limb, side: float, look: Look, dim: bool) -> None:
    knee, foot = limb
    bare = look.bare_legs or look.skirt
    colour = _tint(look.skin if bare else look.bottom, 0.84 if dim else 1.0)
    hip = (pose.hip[0] + side, pose.hip[1] + 1)
    b.line([hip, knee, foot], 8.8 if bare else 10.4, colour, end=5.4 if bare else 7.4)
    if look.bare_legs and not look.skirt:
        b.line([hip, _between(hip, knee, 0.72)], 11, _tint(look.bottom, 0.84 if dim else 1.0), end=10.6)
    _shoe(b, foot, 0 if pose.view == "side" else side, _tint(look.shoes, 0.84 if dim else 1.0))


def _shoe(b: Brush, foot: Point, side: float, colour: str) -> None:
    x, y = foot
    if side:
        b.blob([(x - 4, y + 4), (x - 3.6, y), (x, y - 1.5), (x + 3.6, y), (x + 4, y + 4)], colour)
        return
    b.blob([(x - 4.4, y + 4), (x - 4.4, y - 1), (x, y - 2), (x + 4, y + 0.4), (x + 9.5, y + 2.4), (x + 9.5, y + 4)],
           colour)  # fmt: skip


def _long_hair(b: Brush, pose: Pose, look: Look) -> None:
    x, y = pose.head
    if pose.view == "side":
        b.blob([(x - 1, y - 8), (x - 8, y - 4), (x - 10, y + 8), (x - 10, y + 19), (x - 4, y + 18), (x + 1, y + 6)],
               look.hair)  # fmt: skip
        return
    b.blob([(x, y - 9), (x - 8.6, y - 3), (x - 10, y + 9), (x - 8.6, y + 18), (x + 8.6, y + 18), (x + 10, y + 9),
            (x + 8.6, y - 3)], look.hair)  # fmt: skip


def _head(b: Brush, view: str, look: Look) -> None:
    {"front": _face_front, "side": _face_side, "back": _face_back}[view](b, look)
    if look.cut in ("hat", "cap"):
        _hat(b, view, look)


def _face_front(b: Brush, look: Look) -> None:
    if look.cut == "bun":
        b.disc(0, -10.5, 4.4, look.hair)
    for side in (-1, 1):
        b.disc(7.3 * side, 1, 1.7, _tint(look.skin, 0.92))
    b.oval(0, 0, 7.4, 8.7, look.skin)
    for side in (-1, 1):
        b.disc(2.8 * side, 0, 0.95, "#2a2024")
        b.disc(4.5 * side, 3, 1.5, "#e0665a50")
    b.line([(-2.4, 4.2), (0, 5.5), (2.4, 4.2)], 0.9, "#8c3b35")
    b.blob([(-7.9, 0.5), (-8.2, -5), (-4.5, -9.6), (0, -10.6), (4.5, -9.6), (8.2, -5), (7.9, 0.5), (6.3, -3),
            (3, -4.6), (-2, -4), (-6, -3)], look.hair)  # fmt: skip


def _face_side(b: Brush, look: Look) -> None:
    if look.cut == "bun":
        b.disc(-8.6, -4.6, 4.2, look.hair)
    b.disc(7.2, 1.4, 1.5, look.skin)
    b.oval(0.4, 0, 7.2, 8.6, look.skin)
    b.disc(4.3, -0.6, 0.95, "#2a2024")
    b.disc(3.3, 3, 1.5, "#e0665a50")
    b.line([(3.6, 4.6), (5, 5), (6, 4.3)], 0.9, "#8c3b35")
    b.blob([(-7.4, 4), (-8, -3), (-5, -8.8), (0, -10.4), (5, -8.8), (7.4, -4.6), (4, -4.4), (1.4, -3), (0, 0.6),
            (-2, 1), (-3, 5), (-5.6, 6)], look.hair)  # fmt: skip
    b.disc(-1.2, 1.6, 1.6, _tint(look.skin, 0.92))


def _face_back(b: Brush, look: Look) -> None:
    if look.cut == "bun":
        b.disc(0, -10.5, 4.4, look.hair)
    for side in (-1, 1):
        b.disc(7.2 * side, 1.4, 1.6, _tint(look.skin, 0.92))
    b.oval(0, 0.4, 7.2, 8.4, look.skin)
    b.blob([(-7.8, 1), (-8, -5), (-4.5, -9.6), (0, -10.6), (4.5, -9.6), (8, -5), (7.8, 1), (5, 5.6), (0, 6.6),
            (-5, 5.6)], look.hair)  # fmt: skip


def _hat(b: Brush, view: str, look: Look) -> None:
    if look.cut == "cap":
        b.blob([(-8, -3.4), (-7, -8.6), (0, -11.4), (7, -8.6), (8, -3.4), (0, -4.6)], look.hat)
        if view == "side":
            b.line([(5, -4), (13, -2.8)], 2.4, _tint(look.hat, 0.8))
        elif view == "front":
            b.blob([(-8, -4.4), (0, -6.4), (8, -4.4), (6, -2), (0, -3), (-6, -2)], _tint(look.hat, 0.72))
        return
    b.blob([(-8.2, -3), (-7.6, -8.6), (0, -12.4), (7.6, -8.6), (8.2, -3)], look.hat)
    b.line([(-8, -3.4), (8, -3.4)], 4, _tint(look.hat, 0.84))
    b.disc(0, -13.4, 3, _tint(look.hat, 1.15))
