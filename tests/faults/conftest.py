"""What the tests of faults share: a run that nobody disturbed, to compare with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.helpers import adds_up, digests, run, serving


@pytest.fixture(scope="session")
def calm(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The digests of what an undisturbed run over the samples makes."""
    folder: Path = tmp_path_factory.mktemp("calm") / "run"
    with serving() as server:
        outcome = run(server, folder)
        told = server.at_rest()
    assert (told["requests"], told["billed"], told["repeated"]) == (48, 48, 0)
    adds_up(outcome, told)
    assert outcome.states.kept == 48
    return digests(folder)
