"""`checks`: what there is to be found in a file of training data, and why each of it matters."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from datagen.cli.flags import AsJson
from datagen.cli.screen import put


def checks(
    codes: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CODE]...", help="Explain these, by code or name.", show_default=False),
    ] = None,
    target: Annotated[str | None, typer.Option("--target", metavar="T", help="List what one trainer does.")] = None,
    family: Annotated[str | None, typer.Option("--family", metavar="F", help="List one family: S, T, L ...")] = None,
    as_json: AsJson = False,
) -> None:
    """List the checks, or explain some of them: why it matters, an example that fails and one that passes."""
    import datagen

    catalog = datagen.catalog()
    some = {check.code for check in datagen.select_checks(catalog, target, family)}
    found = [check for check in datagen.find_checks(catalog, codes or list(catalog)) if check.code in some]
    if as_json:
        put(datagen.checks_json(found, whole=bool(codes)))
        return
    manner = datagen.manner_of(sys.stdout, catalog)
    if codes:
        pages = [datagen.explain_check(check, manner.width, manner.colour) for check in found]
        manner.write("\n".join(pages))
    else:
        manner.write(datagen.list_checks(found, manner.width, manner.colour))
