"""IDs that nobody else has, as AWS makes them, at less expense: thousands are made in a run."""

from __future__ import annotations

import random
from typing import Final
from uuid import UUID

_CHANCE: Final = random.Random()  # noqa: S311 - they keep things apart, and guard nothing


def identifier() -> str:
    """A random UUID, without the call to the system that `uuid4` makes."""
    return str(UUID(int=_CHANCE.getrandbits(128), version=4))


def token() -> str:
    """A text of 128 random bits, in hexadecimal digits."""
    return f"{_CHANCE.getrandbits(128):032x}"
