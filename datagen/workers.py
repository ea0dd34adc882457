"""Work spread over processes, with the results in the order of the work.

Each process is fed through a pipe of its own, so that there is no lock that one who dies could take along: whatever
ends the work (a signal, an error, a process that is killed) ends all processes at once. It knows nothing of the work.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import current_process, get_context, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import ForkContext, ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar, cast

from datagen.errors import SetupError

A = TypeVar("A")
B = TypeVar("B")
P = TypeVar("P")
_Context = ForkContext | ForkServerContext
_AHEAD = 2
"""Pieces of work that another process has at once: it need not wait for the next."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Killed(SetupError):
    """A process that worked for this one is gone, and nobody here ended it."""


def in_order(
    work: Iterable[A], make: Callable[[P], Callable[[A], B]], told: P, jobs: int, preload: Sequence[str] = ()
) -> Iterator[tuple[A, B]]:
    """Each piece of work with what came of it. Every process, this one too, does `make(told)` once, and calls what that
    gives for each of its pieces. `preload`: modules that all need. Raises what a process raised, and Killed."""
    processes: list[BaseProcess] = []
    try:
        context = _context(preload)
        with _unheard(context):
            others = [_Other(pipe) for pipe in _started(processes, context, jobs - 1, make, told)]
        yield from _fed(work, others, make(told))
    finally:
        _end(processes)


def can_copy() -> bool:
    """Whether a copy of this process may be made: nothing else goes on in it. Other threads may hold a lock at that
    moment, which nobody would ever open in the copy; and a pool's processes may have none of their own."""
    if sys.platform != "linux" or current_process().daemon:
        return False
    try:
        return len(list(Path("/proc/self/task").iterdir())) == 1
    except OSError:  # no /proc
        return False


def beside(do: Callable[[P], B], told: P, meanwhile: Callable[[], None], kept: Collection[int] = ()) -> B:
    """`do(told)` in a copy of this process, while this one does `meanwhile()`; only where it `can_copy`. Of the files
    that are open here the copy has those with the numbers `kept`. Raises what `do` raised, and Killed."""
    processes: list[BaseProcess] = []
    context = get_context("fork")
    try:
        with _unheard(context):
            (pipe,) = _started(processes, context, 1, lambda _: do, None, kept)
        copy = _Other(pipe)
        made = copy.give(told)
        meanwhile()
        _, outcome = _taken(told, made, copy)
    finally:
        _end(processes)
    return cast(B, outcome)


def _end(processes: list[BaseProcess]) -> None:
    for process in processes:
        if process.pid is not None:
            process.kill()
            process.join()


def _started(
    processes: list[BaseProcess], context: _Context, number: int, make: Any, told: Any, kept: Collection[int] = ()
) -> list[Connection]:
    """So many processes at work, and the pipes to them."""
    pipes: list[Connection] = []
    copied = isinstance(context, ForkContext)
    for _ in range(number):
        ours, theirs = context.Pipe()
        pipes.append(ours)
        its_own = {theirs.fileno(), *kept} if copied else None
        process = context.Process(target=_work, args=(theirs, make, told, its_own), daemon=True)
        processes.append(process)
        process.start()
        theirs.close()
    return pipes


def _context(preload: Sequence[str]) -> _Context:
    """Copies of this process where that can be: they need not load for half a second what is loaded here. Elsewhere
    they are made by a server of their own."""
    if can_copy():
        return get_context("fork")
    context = get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    return context


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
        raise Killed("one of the processes was killed", hint) from error


@contextmanager
def _unheard(context: _Context) -> Iterator[None]:
    """Processes that are started meanwhile do not hear Ctrl-C, which a terminal sends to all: who started them ends
    them. They hear it in none of their moments, since they are born deaf."""
    if not isinstance(context, ForkContext):
        resource_tracker.ensure_running()  # which, while it starts, makes all signals heard again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(
    pipe: Connection, make: Callable[[Any], Callable[[Any], Any]], told: Any, its_own: Collection[int] | None
) -> None:
    """A process: until nobody is at the other end."""
    if its_own is not None:
        _close_all_but(its_own)
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


def _close_all_but(its_own: Collection[int]) -> None:
    """A copy of a process has copies of all its open files. Another's end of a pipe would keep that one from noticing
    that nobody is there any more, and a lock would be held for as long as the copy lives."""
    for name in [path.name for path in Path("/proc/self/fd").iterdir()]:
        if int(name) > 2 and int(name) not in its_own:
            with suppress(OSError):
                os.close(int(name))


def _listen(pipe: Connection, pieces: SimpleQueue[Any]) -> None:
    """Always takes what is sent: two who both send, and do not listen, would wait for ever."""
    try:
        while True:
            pieces.put(pipe.recv())
    except (EOFError, OSError):
        pieces.put(None)
