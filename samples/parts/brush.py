"""The engine behind `samples/draw.py`: a brush for soft flat shapes, and a scene that remembers where things are.

Everything is drawn ZOOM times too large and scaled down at the end, so edges come out smooth. A `Brush` draws into one
picture through a frame that can be moved, scaled, turned and mirrored, so a figure is written once in its own
coordinates (feet at 0, 0; up is negative) and used at any size. A `Scene` gives each object a transparent layer of its
own; the box of an object is the box of those pixels of its layer that no later layer covers. Nobody types a box.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageChops, ImageColor, ImageDraw

ZOOM = 3
Point = tuple[float, float]
Fill = str | tuple[str, str]  # one colour, or a gradient from the top colour to the bottom colour
Matrix = tuple[float, float, float, float, float, float]

# How strong a glow is at each value of Pillow's radial gradient, which is 181 at the middle of an edge.
FALLOFF = [round(255 * (1 - min(v / 180, 1)) ** 2 * (1 + 2 * min(v / 180, 1))) for v in range(256)]


def smooth(points: Sequence[Point], closed: bool, steps: int = 10) -> list[Point]:
    """A Catmull-Rom curve through the points."""
    n = len(points)
    if n < 3:
        return list(points)

    def knot(i: int) -> Point:
        return points[i % n] if closed else points[min(max(i, 0), n - 1)]

    curve = []
    for i in range(n if closed else n - 1):
        p, q, r, s = knot(i - 1), knot(i), knot(i + 1), knot(i + 2)
        curve += [(_spline(p[0], q[0], r[0], s[0], k / steps), _spline(p[1], q[1], r[1], s[1], k / steps))
                  for k in range(steps)]  # fmt: skip
    return curve if closed else [*curve, points[-1]]


def _spline(p: float, q: float, r: float, s: float, t: float) -> float:
    return 0.5 * (2 * q + (r - p) * t + (2 * p - 5 * q + 4 * r - s) * t**2 + (3 * q - p - 3 * r + s) * t**3)


def round_points(x: float, y: float, rx: float, ry: float, turn: float = 0.0, count: int = 64) -> list[Point]:
    """An ellipse as a polygon; `turn` is in degrees."""
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    angles = [2 * math.pi * i / count for i in range(count)]
    return [(x + rx * math.cos(a) * c - ry * math.sin(a) * s, y + rx * math.cos(a) * s + ry * math.sin(a) * c)
            for a in angles]  # fmt: skip


def box_points(x0: float, y0: float, x1: float, y1: float, radius: float = 0.0) -> list[Point]:
    """A box, its corners rounded when a radius is given."""
    r = min(radius, (x1 - x0) / 2, (y1 - y0) / 2)
    if r <= 0:
        return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    corners = [(x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90), (x0 + r, y0 + r, 180), (x1 - r, y0 + r, 270)]
    return [(x + r * math.cos(math.radians(a + k * 9)), y + r * math.sin(math.radians(a + k * 9)))
            for x, y, a in corners for k in range(11)]  # fmt: skip


class Brush:
    """Draws shapes into a picture through a frame of its own."""

    def __init__(self, image: Image.Image, matrix: Matrix = (ZOOM, 0, 0, 0, ZOOM, 0)) -> None:
        self.image = image
        self.matrix = matrix

    def at(self, x: float, y: float, scale: float = 1.0, turn: float = 0.0, flip: bool = False) -> Brush:
        """A brush on the same picture whose frame sits at x, y of this one."""
        a, b, c, d, e, f = self.matrix
        cos, sin = scale * math.cos(math.radians(turn)), scale * math.sin(math.radians(turn))
        side = -1 if flip else 1
        frame = (a * cos * side + b * sin * side, b * cos - a * sin, a * x + b * y + c,
                 d * cos * side + e * sin * side, e * cos - d * sin, d * x + e * y + f)  # fmt: skip
        return Brush(self.image, frame)

    def _place(self, points: Sequence[Point]) -> list[Point]:
        a, b, c, d, e, f = self.matrix
        return [(a * x + b * y + c, d * x + e * y + f) for x, y in points]

    def poly(self, points: Sequence[Point], fill: Fill, atop: bool = False) -> None:
        """A polygon. `atop` keeps it to what the layer already holds (spots on a coat, stripes on a sail)."""
        self._paint([self._place(points)], fill, atop)

    def blob(self, points: Sequence[Point], fill: Fill, atop: bool = False) -> None:
        """A smooth closed shape through the points."""
        self.poly(smooth(points, closed=True), fill, atop)

    def oval(self, x: float, y: float, rx: float, ry: float, fill: Fill, turn: float = 0, atop: bool = False) -> None:
        self.poly(round_points(x, y, rx, ry, turn), fill, atop)

    def disc(self, x: float, y: float, r: float, fill: Fill, atop: bool = False) -> None:
        self.oval(x, y, r, r, fill, atop=atop)

    def ring(self, x: float, y: float, r: float, width: float, fill: Fill) -> None:
        self.line([*round_points(x, y, r, r, count=40), (x + r, y)], width, fill, curved=False)

    def box(self, x0: float, y0: float, x1: float, y1: float, fill: Fill, radius: float = 0,
            atop: bool = False) -> None:  # fmt: skip
        self.poly(box_points(x0, y0, x1, y1, radius), fill, atop)

    def line(self, points: Sequence[Point], width: float, fill: Fill, end: float | None = None, curved: bool = True,
             atop: bool = False) -> None:  # fmt: skip
        """A line with round ends, curved through its points; `end` is its width at the far end."""
        path = smooth(points, closed=False) if curved else list(points)
        last = width if end is None else end
        radii = [(width + (last - width) * i / max(len(path) - 1, 1)) / 2 for i in range(len(path))]
        knots = list(zip(path, radii, strict=True))
        shapes = [round_points(x, y, r, r, count=28) for (x, y), r in knots]
        shapes += [_bar(p, q, r, s) for (p, r), (q, s) in pairwise(knots)]
        self._paint([self._place(shape) for shape in shapes], fill, atop)

    def glow(self, x: float, y: float, rx: float, ry: float, colour: str, atop: bool = False) -> None:
        """A soft round patch, strongest in the middle: a shadow, or a light."""
        ((px, py),) = self._place([(x, y)])
        size = math.hypot(self.matrix[0], self.matrix[3])
        left, top = round(px - rx * size), round(py - ry * size)
        wide, high = max(round(2 * rx * size), 1), max(round(2 * ry * size), 1)
        mask = Image.radial_gradient("L").point(FALLOFF).resize((wide, high), Image.Resampling.BILINEAR)
        self._lay(mask, (left, top), colour, atop)

    def _paint(self, shapes: Sequence[Sequence[Point]], fill: Fill, atop: bool) -> None:
        xs = [x for shape in shapes for x, _ in shape]
        ys = [y for shape in shapes for _, y in shape]
        left, top = math.floor(min(xs)), math.floor(min(ys))
        mask = Image.new("L", (math.ceil(max(xs)) - left + 1, math.ceil(max(ys)) - top + 1), 0)
        pen = ImageDraw.Draw(mask)
        for shape in shapes:
            pen.polygon([(x - left, y - top) for x, y in shape], fill=255)
        self._lay(mask, (left, top), fill, atop)

    def _lay(self, mask: Image.Image, corner: tuple[int, int], fill: Fill, atop: bool) -> None:
        """Put a fill onto the picture through a mask whose top left corner goes to `corner`."""
        left, top = corner
        x0, y0 = max(left, 0), max(top, 0)
        x1, y1 = min(left + mask.width, self.image.width), min(top + mask.height, self.image.height)
        if x0 >= x1 or y0 >= y1:
            return
        cut = (x0 - left, y0 - top, x1 - left, y1 - top)
        patch = _colours(fill, mask.size).crop(cut)
        alpha = ImageChops.multiply(patch.getchannel("A"), mask.crop(cut))
        if atop:
            alpha = ImageChops.multiply(alpha, self.image.crop((x0, y0, x1, y1)).getchannel("A"))
        patch.putalpha(alpha)
        self.image.alpha_composite(patch, (x0, y0))


def _bar(p: Point, q: Point, r: float, s: float) -> list[Point]:
    length = math.hypot(q[0] - p[0], q[1] - p[1]) or 1.0
    nx, ny = (p[1] - q[1]) / length, (q[0] - p[0]) / length
    return [(p[0] + nx * r, p[1] + ny * r), (q[0] + nx * s, q[1] + ny * s),
            (q[0] - nx * s, q[1] - ny * s), (p[0] - nx * r, p[1] - ny * r)]  # fmt: skip


def _colours(fill: Fill, size: tuple[int, int]) -> Image.Image:
    if isinstance(fill, str):
        return Image.new("RGBA", size, ImageColor.getcolor(fill, "RGBA"))
    first, last = (Image.new("RGBA", size, ImageColor.getcolor(colour, "RGBA")) for colour in fill)
    return Image.composite(last, first, Image.linear_gradient("L").resize(size, Image.Resampling.BILINEAR))


Figure = Callable[[Brush], None]


@dataclass
class Thing:
    """One boxed object: its category and the mask of its visible pixels."""

    category: str
    mask: Image.Image

    def box(self) -> tuple[float, float, float, float]:
        """x, y, width, height in pixels of the finished picture."""
        found = self.mask.getbbox()
        if found is None:
            raise ValueError(f"a {self.category} cannot be seen")
        x0, y0, x1, y1 = (edge / ZOOM for edge in found)
        return round(x0, 2), round(y0, 2), round(x1 - x0, 2), round(y1 - y0, 2)

    def area(self) -> float:
        """Visible pixels."""
        return round(self.mask.histogram()[255] / ZOOM**2, 2)


class Scene:
    """A picture in the making, and the things in it."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.canvas = Image.new("RGBA", (width * ZOOM, height * ZOOM), "white")
        self.things: list[Thing] = []

    @property
    def ground(self) -> Brush:
        """A brush straight onto the canvas, for backdrops and for shadows; it hides nothing."""
        return Brush(self.canvas)

    def put(self, category: str, figure: Figure, x: float, y: float, scale: float = 1.0, turn: float = 0.0,
            flip: bool = False, shade: float = 1.0) -> None:  # fmt: skip
        """Draw a boxed object."""
        with self.layer(shade) as brush:
            figure(brush.at(x, y, scale, turn, flip))
            layer = brush.image
        self.things.append(Thing(category, layer.getchannel("A").point(lambda v: 255 if v > 8 else 0)))

    @contextmanager
    def layer(self, shade: float = 0.0) -> Iterator[Brush]:
        """A transparent layer laid over the picture at the end; it hides what is under it."""
        image = Image.new("RGBA", self.canvas.size, (0, 0, 0, 0))
        yield Brush(image)
        _shade(image, shade)
        self.canvas.alpha_composite(image)
        solid = image.getchannel("A").point(lambda v: 255 if v >= 128 else 0)
        for thing in self.things:
            thing.mask = ImageChops.subtract(thing.mask, solid)

    def shadow(self, x: float, y: float, rx: float, ry: float, colour: str = "#1a203890") -> None:
        self.ground.glow(x, y, rx, ry, colour)

    def picture(self, colours: int = 256) -> Image.Image:
        """The finished picture, scaled down and reduced to a palette."""
        small = self.canvas.convert("RGB").resize((self.width, self.height), Image.Resampling.LANCZOS)
        palette = _census(small).quantize(colours, method=Image.Quantize.MEDIANCUT, kmeans=1)
        return small.quantize(palette=palette, dither=Image.Dither.NONE)


def _census(image: Image.Image) -> Image.Image:
    """The colours of a picture, the common ones thinned out, so that edges and details count."""
    whole = image.tobytes()
    counts = Counter(whole[i : i + 3] for i in range(0, len(whole), 3))
    pixels = b"".join(colour * max(1, int(count**0.68)) for colour, count in sorted(counts.items()))
    return Image.frombytes("RGB", (len(pixels) // 3, 1), pixels)


def _shade(image: Image.Image, strength: float) -> None:
    """Light from above: brighten the top of a layer a little and darken its foot."""
    found = image.getbbox()
    if found is None or strength <= 0:
        return
    part = image.crop(found)
    ramp = Image.linear_gradient("L").resize(part.size, Image.Resampling.BILINEAR)
    for tone, mask, most in (((255, 255, 240), ImageChops.invert(ramp), 0.13), ((24, 20, 60), ramp, 0.17)):
        cover = Image.new("RGBA", part.size, tone)
        weight = mask.point([round(v * most * strength) for v in range(256)])
        cover.putalpha(ImageChops.multiply(weight, part.getchannel("A")))
        part.alpha_composite(cover)
    image.paste(part, found)
