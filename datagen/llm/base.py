"""The door to a language model: `async ask(Request) -> Response`, one send a call.

A backend does not retry, count or remember; `fanout.py` does that for all of them. What goes wrong with one request is
a Response with an `error`; only what makes every further request pointless is raised, as ProviderError. To add a
backend, write a file with a class like this one and name it in `backend()`.
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import Protocol

from datagen.schema import Request, Response

MOCK = "mock"
"""The model name that stands for the embedded writer."""


MOCK_NAME = "datagen-mock"
"""What the mock calls itself in every completion, here and behind mock-server."""


def is_mock(answered_by: str) -> bool:
    """Whether the model that says it answered is the mock."""
    return answered_by.startswith(MOCK_NAME)


class Backend(Protocol):
    """One language model, one send a call."""

    async def ask(self, request: Request) -> Response:
        """Send `request` once. Raises ProviderError when the provider refuses everything."""
        ...

    async def aclose(self) -> None:
        """Give connections back."""
        ...


def warm_up(model: str, base_url: str | None) -> None:
    """Load what asking will need, before it is needed: openai alone takes half a second, which fits in beside the
    reading of files."""
    if model != MOCK or base_url is not None:
        with suppress(Exception):  # whoever needs it will meet it again, where it can be told
            import_module("datagen.llm.carrier")


def backend(model: str, base_url: str | None, api_key: str | None, timeout: float, connections: int) -> Backend:
    """The backend for a model: the embedded mock for `mock` without an address, else an OpenAI-compatible server."""
    if model == MOCK and base_url is None:
        from datagen.llm.mock.backend import MockBackend

        return MockBackend()
    from datagen.llm.openai_chat import OpenAIChat

    return OpenAIChat(base_url, api_key, timeout, connections)
