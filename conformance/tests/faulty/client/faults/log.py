"""Faults in what a client says."""

from __future__ import annotations

from faulty.client.faults.registry import fault
from faulty.client.log import Log


@fault(
    "says-nothing",
    "SES-2",
    "SES-9",
    "SES-10",
    "SES-16",
    "SQS-14",
    "V0-7",
    red={"client.answering.caller-gone": "the port does not say that the caller is gone: it wrote"},
    green=("client.answering.caller-gone-early",),
)
class SaysNothing(Log):
    """It never says a word."""

    def say(self, sentence: str) -> None:
        """Nothing is said."""
