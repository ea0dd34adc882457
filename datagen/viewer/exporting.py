"""`datagen view --export DIR`: the same pages as files that need no server, for a share of the samples.

One page holds everything but the pictures, which are drawn anew beside it, under numbers for names. Its scripts and
styles are the viewer's own, and its policy names each by its hash: nothing else in it may run.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datagen.errors import SetupError
from datagen.files import replacing
from datagen.text import shown
from datagen.viewer.facts import check_name
from datagen.viewer.serving import check_installed, opened

if TYPE_CHECKING:
    from datagen.viewer.app import Site

_EDGE = 960
_HEAD = ("theme.js",)
_STYLES = ("page.css", "viewer.css")
_BODY = ("dom.js", "source.js", "picture.js", "sample.js", "list.js", "app.js")


def export_view(
    target: Path, out: Path, *, against: Path | None = None, images: Path | None = None, share: int = 200
) -> Path:
    """Write `out`/index.html and its pictures for at most `share` samples, spread evenly; returns the page's path.

    Raises a DatagenError where there is nothing to look at, or nothing can be written."""
    check_installed(("jinja2", "starlette"))
    with opened(target, against, images, "", follow=False) as site:
        try:
            (out / "images").mkdir(parents=True, exist_ok=True)
            with replacing(out / "index.html", encoding="utf-8") as file:
                file.write(_page(site, out, share))
        except OSError as error:
            raise SetupError(f"{shown(out)}: cannot be written: {error.strerror}", "give another --export") from error
    return out / "index.html"


def _page(site: Site, out: Path, share: int) -> str:
    from datagen.viewer.app import templates

    keys = _spread(site, share)
    samples = {key: told for key in keys if (told := site.facts(key)) is not None}
    kept = {
        "items": [item for key in samples if (item := site.book.lists.item(key)) is not None],
        "samples": samples,
        "facets": _facets(samples.values()),
        "whole": site.book.whole(),
        "pictures": _draw(site, samples, out),
    }
    first = {"sample": None, "site": {**site.about(), "writes": False}}
    page = templates().get_template("page.html")
    return page.render(title=site.book.name, first=first, kept=kept, inline=inline(_HEAD, _STYLES, _BODY))


def _spread(site: Site, share: int) -> list[str]:
    """Keys of samples, evenly over the whole."""
    total = site.book.lists.total()
    if not total:
        raise SetupError(f"{shown(site.book.path)}: there is nothing in it to look at", "generate something first")
    wanted = {total * number // share for number in range(share)} if total > share else set(range(total))
    return site.book.lists.keys_at(sorted(wanted))


def _facets(samples: Any) -> dict[str, list[list[Any]]]:
    counts: dict[str, dict[str, int]] = {"state": {}, "task": {}, "check": {}, "category": {}}
    for told in samples:
        values = {
            "state": {told["state"]},
            "task": {told["task"]} - {""},
            "check": {finding["code"] for finding in told["findings"]},
            "category": {box[0] for box in told["image"]["boxes"]},
        }
        for kind, found in values.items():
            for value in found:
                counts[kind][value] = counts[kind].get(value, 0) + 1
    told = {kind: [list(pair) for pair in sorted(found.items())] for kind, found in counts.items()}
    return told | {"check": [[*pair, check_name(pair[0])] for pair in told["check"]]}


def _draw(site: Site, samples: dict[str, Any], out: Path) -> dict[str, str]:
    """Key → the picture's place beside the page."""
    places: dict[str, str] = {}
    drawn: dict[str, str] = {}
    for key, told in samples.items():
        name = told["image"]["name"]
        if name not in drawn:
            picture = site.pictures.thumb(name, _EDGE)
            drawn[name] = "" if picture is None else f"images/{len(drawn)}.jpg"
            if picture is not None:
                (out / drawn[name]).write_bytes(picture.data)
        told["image"]["there"] = bool(drawn[name])
        places[key] = drawn[name]
    return places


def inline(head: Sequence[str], styles: Sequence[str], body: Sequence[str]) -> dict[str, Any]:
    """Our own scripts and styles as they go into a page, and the policy that lets nothing else run."""
    from markupsafe import Markup

    parts = {name: _joined(files) for name, files in (("head", head), ("style", styles), ("body", body))}
    scripts = " ".join(_hash(parts[name]) for name in ("head", "body"))
    csp = (
        f"default-src 'none'; script-src {scripts}; style-src {_hash(parts['style'])}; img-src 'self' file: data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    return {**{name: Markup(text) for name, text in parts.items()}, "csp": csp}  # noqa: S704  (files of ours)


def _joined(names: Sequence[str]) -> str:
    from datagen.viewer.app import STATIC

    return "\n".join(
        (STATIC / name).read_text("utf-8").replace('"use strict";\n', "", int(at > 0)) for at, name in enumerate(names)
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
