"""How Hypothesis searches, decided in one place for all tests.

`dev`, the default, draws anew at every run and remembers what failed; `ci`, with `CI=true` in the
environment, draws the same examples at every run, so that a red run is red again. Neither judges
time: a loaded machine is no failure.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings


def load() -> None:
    """Register both profiles and load the one that the environment asks for."""
    common = settings(
        deadline=None, suppress_health_check=[HealthCheck.too_slow], stateful_step_count=40
    )
    settings.register_profile("dev", parent=common)
    settings.register_profile("ci", parent=common, derandomize=True, database=None, print_blob=True)
    settings.load_profile("ci" if os.environ.get("CI") == "true" else "dev")
