"""What was gathered → one HTML page: charts, the figures beneath them, and texts that cannot do anything.

Jinja escapes every text, what cannot be seen is spelt out, and the page's own policy allows no script at all, its one
style by its digest, and pictures that are part of it.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from datagen.summary.charted import data_part, run_part, tiles
from datagen.text import visible
from datagen.version import __version__

if TYPE_CHECKING:
    from jinja2 import Template

    from datagen.summary.making import Report

_ALL = 10**7


@cache
def _style() -> str:
    return files("datagen.summary").joinpath("templates/report.css").read_text("utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    text = files("datagen.summary").joinpath("templates/report.html").read_text("utf-8")
    made = Environment(autoescape=True, undefined=StrictUndefined, finalize=_harmless, trim_blocks=True)
    return made.from_string(text)


def _harmless(value: Any) -> Any:
    """What data chose, with all that cannot be seen spelt out; lines stay lines."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return "\n".join(visible(line, _ALL) for line in value.replace("\r\n", "\n").split("\n"))


def page(report: Report) -> str:
    """The whole page."""
    run, data = run_part(report), data_part(report)
    sections = [("outcome", "What became of it")] if run else []
    sections += [("cost", "Cost")] if run and run["cost"] else []
    sections += [("attempts", "Attempts")] if run and run["attempts"] else []
    if data:
        sections += [("data", "The data"), ("words", "Questions")]
        sections += [("categories", "Categories")] if data["coverage"] else []
        sections += [("findings", "Findings"), ("samples", "Records")]
    sections += [("made", "How it was made")] if run else []
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode("ascii")
    return _template().render(
        title=report.title,
        subtitle=run["subtitle"] if run else "A file of training data",
        mock=report.mock,
        tiles=tiles(report),
        sections=sections,
        run=run,
        data=data,
        thumbnails={name: Markup(uri) for name, uri in report.thumbnails.items()},  # noqa: S704 (base64, made by us)
        style=Markup(_style()),  # noqa: S704 (ours)
        style_digest=Markup(digest),  # noqa: S704
        version=__version__,
    )
