"""What every test of the repository starts from: one way of searching with Hypothesis."""

from __future__ import annotations

from ldp_testing import profiles

profiles.load()
