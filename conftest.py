"""What every test of the repository starts from: one way of searching with Hypothesis."""

from __future__ import annotations

import signal

import pytest

from ldp_testing import profiles
from ldp_testing.processes import MEASURING

profiles.load()

# A job in the background ignores Ctrl-C, and so would every program that a test starts and ends.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

#: Fixtures for all tests. A module that another one imports comes before it.
pytest_plugins = ["ldp_testing.moto_server", "ldp_testing.client_stage"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with tests that have a longer limit, so that nobody waits for one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("timeout") is None)


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start processes without coverage: a debugger in them wants the same hook of Python's.

    It also saves each a quarter of a second.
    """
    monkeypatch.delenv(MEASURING, raising=False)
