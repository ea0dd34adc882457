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
"""Pieces of work that another process has at once: it need not wait for the next."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def in_order(
    work: Iterable[A], make: Callable[[P], Callable[[A], B]], told: P, jobs: int, preload: Sequence[str] = ()
) -> Iterator[tuple[A, B]]:
    """Each piece of work with what came of it. Every process, this one too, does `make(told)` once, and calls what that
    gives for each of its pieces. `preload`: modules that all need. Raises what a process raised, SetupError where one
    was killed."""
    context = get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    processes: list[BaseProcess] = []
    others: list[_Other] = []
    try:
        with _unheard():
            for _ in range(jobs - 1):
                ours, theirs = context.Pipe()
                others.append(_Other(ours))
                process: BaseProcess = context.Process(target=_work, args=(theirs, make, told), daemon=True)
                processes.append(process)
                process.start()
                theirs.close()
        yield from _fed(work, others, make(told))
    finally:
        for process in processes:
            if process.pid is not None:
                process.kill()
                process.join()


class _Other:
    """Another process, as it is seen from here. It is given nothing before it says that it is there: the half second
    that takes is not waited for."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._there = False
        self._given: deque[list[Any]] = deque()

    @property
    def has_room(self) -> bool:
        """Whether it could do with another piece."""
        with _alive():
            while (self._given or not self._there) and self._pipe.poll():
                self._hear()
        return self._there and len(self._given) < _AHEAD

    def give(self, piece: Any) -> list[Any]:
        """Where the outcome will be."""
        made: list[Any] = []
        with _alive():
            self._pipe.send(piece)
        self._given.append(made)
        return made

    def bring(self, made: list[Any]) -> None:
        """Wait until that is done."""
        with _alive():
            while not made:
                self._hear()

    def _hear(self) -> None:
        said = self._pipe.recv()
        if self._there:
            self._given.popleft().append(said)
        self._there = True


def _fed(work: Iterable[A], others: list[_Other], do: Callable[[A], B]) -> Iterator[tuple[A, B]]:
    """Whoever has room gets the next piece, and this process does it where nobody has."""
    waiting: deque[tuple[A, list[Any], _Other | None]] = deque()
    for piece in work:
        free = next((other for other in others if other.has_room), None)
        made = [(do(piece), None)] if free is None else free.give(piece)
        waiting.append((piece, made, free))
        while waiting and (waiting[0][1] or len(waiting) > _AHEAD * len(others)):
            yield _taken(*waiting.popleft())
    while waiting:
        yield _taken(*waiting.popleft())


def _taken(piece: A, made: list[Any], other: _Other | None) -> tuple[A, Any]:
    if other is not None:
        other.bring(made)
    ((outcome, error),) = made
    if error is not None:
        raise error
    return piece, outcome


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
        pipe.send(None)  # it is there
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
