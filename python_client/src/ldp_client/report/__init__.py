"""What a developer sees of each event: lines for people, or JSON lines for programs.

The queue side tells a `Reporter` what happens; nothing here decides anything.
"""

from __future__ import annotations

from ldp_client.report.reporter import Outcome, Reporter, make_reporter

__all__ = ["Outcome", "Reporter", "make_reporter"]
