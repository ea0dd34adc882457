"""The program: its commands gathered, and every way it can end turned into an exit code.

0 ok · 1 finished, more rejected or failed than --max-rejected allows, or `inspect`, `validate` or `trial` found fault ·
2 wrong use or input · 3 stopped by a limit, resumable · 4 the provider refuses · 5 the run folder is locked, damaged or
0 ok · 1 finished, more rejected or failed than --max-rejected allows, or `inspect` found what is left out ·
2 wrong use or input · 3 stopped by a limit, or batches are open: resumable · 4 the provider refuses · 5 the run folder
is locked, damaged or cannot be written · 129/130/143 a signal
"""

from __future__ import annotations

import io
import os
import signal
import sys
from contextlib import suppress
from typing import Annotated, NoReturn

import typer

from datagen.cli import (
    batch,
    checks,
    export,
    inspect,
    look,
    make,
    money,
    push,
    report,
    serve,
    trial,
    validate,
    view,
)
from datagen.cli.screen import complain, let_go_of_stdout

app = typer.Typer(
    help="COCO-style annotations in, LLaVA visual-instruction data out.",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help: rich's costs more than all the rest of it
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command()(make.generate)
app.command()(inspect.inspect)
app.command()(money.estimate)
app.command()(make.rebuild)
app.command()(look.preview)
app.command()(look.status)
app.command()(view.view)
app.command()(view.show)
app.command()(look.tasks)
app.command()(validate.validate)
app.command()(checks.checks)
app.command()(report.report)
app.command()(trial.trial)
app.command()(push.push)
app.command()(export.export)
app.command()(export.convert)
app.add_typer(batch.app, name="batch")
app.command("mock-server")(serve.mock_server)


def _version(wanted: bool) -> None:
    if wanted:
        import datagen

        typer.echo(f"datagen {datagen.__version__}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    pass


_signals: list[int] = []  # which ended it: typer and event loops hand a KeyboardInterrupt on without saying


def _caught(number: int, _frame: object) -> None:
    _signals.append(number)
    raise KeyboardInterrupt


def run() -> int:
    """Run the program; returns its exit code."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup means it
            signal.signal(number, _caught)
    for stream, errors in ((sys.stdout, "surrogateescape"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):  # a path must come out as it came in, whatever the locale
            stream.reconfigure(errors=errors)
    code = _outcome()
    if _signals:
        _leave(code)
    return code


def _leave(code: int) -> NoReturn:
    """At once. Python's own end would be SIGINT's where the signal met an extension module while that was loading,
    whatever code it is given."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


def _outcome() -> int:
    from datagen.errors import DatagenError

    try:
        code = app(standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except DatagenError as error:
        complain(str(error), error.hint)
        return error.exit_code
    except KeyboardInterrupt:
        code = None
    except (BrokenPipeError, SystemExit):  # typer makes a SystemExit of a reader that went away
        let_go_of_stdout()
        return 141
    except OSError as error:
        if error.filename is not None:  # not a stream's: a file that somebody should have spoken of
            raise
        let_go_of_stdout()
        complain(f"the output cannot be written: {error.strerror}")
        return 2
    except Exception as error:
        return _starved() if _is_starved(error) else _usage(error)
    if _signals:
        return _stopped()
    return code if isinstance(code, int) else 0


def _stopped() -> int:
    making = sys.argv[1:2] == ["generate"]
    complain("stopped; the same command goes on from here" if making else "stopped")
    return 128 + _signals[-1]


def _is_starved(error: Exception) -> bool:
    """Whether it is how Python says that there is no memory left: for data, for a thread's stack, for a library."""
    said = str(error)
    return isinstance(error, MemoryError) or "start new thread" in said or "failed to map segment" in said


def _starved() -> int:
    hint = "nothing that was answered is lost: the same command goes on where there is more, or with less at a time"
    complain("there is no memory left", hint)
    return 3


def _usage(error: Exception) -> int:
    """typer's own errors (a wrong flag) as it would show them; anything else is a bug and shows itself whole."""
    show, code = getattr(error, "show", None), getattr(error, "exit_code", None)
    if callable(show) and isinstance(code, int):
        show()
        return code
    raise error
