"""Work spread over processes, with the results in the order of the work.

Each process is fed through a pipe of its own, so that there is no lock that one who dies could take along: whatever
ends the work (a signal, an error, a process that is killed) ends all processes at once. It knows nothing of the work.
"""

from __future__ import annotations

import signal
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from datagen.errors import SetupError

A = TypeVar("A")
B = TypeVar("B")
P = TypeVar("P")
_AHEAD = 2
"""Pieces of work that a process has at once: it need not wait for the next."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def in_order(
    work: Iterable[A], make: Callable[[P], Callable[[A], B]], told: P, jobs: int, preload: Sequence[str] = ()
) -> Iterator[tuple[A, B]]:
    """Each piece of work with what came of it. Every process does `make(told)` once, and calls what that gives for each
    of its pieces. `preload`: modules that all need. Raises what a process raised, SetupError where one was killed."""
    context = get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    processes: list[BaseProcess] = []
    pipes: list[Connection] = []
    try:
        with _unheard():
            for _ in range(jobs):
                ours, theirs = context.Pipe()
                pipes.append(ours)
                process: BaseProcess = context.Process(target=_work, args=(theirs, make, told), daemon=True)
                processes.append(process)
                process.start()
                theirs.close()
        yield from _fed(work, pipes)
    finally:
        for process in processes:
            if process.pid is not None:
                process.kill()
                process.join()


def _fed(work: Iterable[A], pipes: list[Connection]) -> Iterator[tuple[A, Any]]:
    """Pieces are dealt out in turn, so that whose result comes next is known."""
    waiting: deque[tuple[A, Connection]] = deque()
    for number, piece in enumerate(work):
        pipe = pipes[number % len(pipes)]
        with _alive():
            pipe.send(piece)
        waiting.append((piece, pipe))
        if len(waiting) >= _AHEAD * len(pipes):
            yield _taken(*waiting.popleft())
    while waiting:
        yield _taken(*waiting.popleft())


def _taken(piece: A, pipe: Connection) -> tuple[A, Any]:
    with _alive():
        made, error = pipe.recv()
    if error is not None:
        raise error
    return piece, made


@contextmanager
def _alive() -> Iterator[None]:
    try:
        yield
    except (EOFError, ConnectionError) as error:
        hint = "there may be too little memory for so many: give fewer --jobs"
        raise SetupError("one of the processes was killed", hint) from error


@contextmanager
def _unheard() -> Iterator[None]:
    """Processes that are started meanwhile do not hear Ctrl-C, which a terminal sends to all: who started them ends
    them. They hear it in none of their moments, since they are born deaf."""
    resource_tracker.ensure_running()  # which, while it starts, makes all signals heard again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: Connection, make: Callable[[Any], Callable[[Any], Any]], told: Any) -> None:
    """A process: until nobody is at the other end."""
    pieces: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_listen, args=(pipe, pieces), daemon=True).start()
    with suppress(ConnectionError):
        do = None
        while (piece := pieces.get()) is not None:
            try:
                do = do or make(told)
                pipe.send((do(piece), None))
            except ConnectionError:
                raise
            except Exception as error:
                error.add_note(traceback.format_exc())
                pipe.send((None, error))


def _listen(pipe: Connection, pieces: SimpleQueue[Any]) -> None:
    """Always takes what is sent: two who both send, and do not listen, would wait for ever."""
    try:
        while True:
            pieces.put(pipe.recv())
    except (EOFError, OSError):
        pieces.put(None)
