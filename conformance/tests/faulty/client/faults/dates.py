"""Faults of a clock that believes too much."""

from __future__ import annotations

from faulty.client.clock import Clock
from faulty.client.faults.registry import fault


@fault(
    "trusts-the-last-date",
    "SQS-13",
    red={"client.sqs.clock-outlier": "no response came"},
    green=("client.sqs.clock-behind", "client.envelope.answer-by"),
)
class TrustsTheLastDate(Clock):
    """It corrects its clock by the last answer alone."""

    def offset_ms(self) -> float:
        return self.offsets[-1] if self.offsets else 0.0


@fault(
    "trusts-slow-answers",
    "SQS-13",
    red={"client.sqs.clock-slow-calls": "no response came"},
    green=("client.sqs.clock-outlier", "client.envelope.answer-by"),
)
class TrustsSlowAnswers(Clock):
    """It corrects its clock by answers that took long, too."""

    def learn(self, date_ms: int, begun_ms: float, ended_ms: float) -> None:
        self.offsets.append(date_ms + 500 - (begun_ms + ended_ms) / 2)
