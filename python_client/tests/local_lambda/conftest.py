"""Hosts small functions for one test each, and makes sure that nothing of them is left."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from ldp_testing.local_functions import Gate, Hosts, Lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def lines() -> Lines:
    """The lines that hosted functions write."""
    return Lines()


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    """A gate for handlers."""
    return Gate(tmp_path / "gate")


@pytest.fixture
def hosts(tmp_path: Path, lines: Lines) -> Iterator[Hosts]:
    """Hosts functions until the test ends; then none of their threads is left."""
    before = set(threading.enumerate())
    with Hosts(tmp_path, lines) as started:
        yield started
    assert set(threading.enumerate()) <= before
