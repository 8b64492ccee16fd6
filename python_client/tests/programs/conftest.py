"""A queue side whose end is in a test's hands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ldp_client.runtime_api import RuntimeApi
from ldp_testing.runtime_side import ScriptedInvocations
from ldp_testing.scripted_queue_side import ScriptedQueueSide

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def queue_side() -> Iterator[ScriptedQueueSide]:
    """A queue side that serves nothing."""
    invocations = ScriptedInvocations()
    with RuntimeApi(invocations) as api:
        yield ScriptedQueueSide(api, invocations)
        invocations.close()
