"""Whether somebody takes events, as far as the queue tells without sending one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from ldp_account.doctor.findings import REQUESTS, good, unknown, wrong
from ldp_account.queues import Queues

if TYPE_CHECKING:
    from ldp_account.doctor.findings import Finding, Subject

NOBODY_AFTER_S: Final = 20.0
"""How long an event may wait for a free client: a lease (SES-7), after which a dead one lost it."""

RUN: Final = "lambda-debug run my_app.handler"
"""What listens; the name of the handler is the user's own."""

_S_PER_MS: Final = 0.001


def examine_listener(subject: Subject) -> list[Finding]:
    """Look at what waits in the request queue: for how long, and whether anything is taken.

    Raises:
        AccountError: A call failed.
    """
    url = subject.variables[REQUESTS]
    depth = Queues(subject.aws).depth(url)
    if depth is None:
        return [unknown("there is no request queue")]
    if depth.in_flight:
        return [good(f"{depth.in_flight} events are taken")]
    waits_s = _waits_s(subject, url) if depth.visible else None
    if waits_s is not None and waits_s > NOBODY_AFTER_S:
        said = f"nobody listens: {depth.visible} events wait, one for {waits_s:.0f} s"
        return [wrong(said, RUN)]
    said = "no event shows whether somebody listens; --echo sends one"
    return [unknown(said, subject.commands.command("doctor", "--echo"))]


def _waits_s(subject: Subject, url: str) -> float | None:
    """How long an event has been waiting that is received, and at once given back."""
    answer = subject.aws.ask(
        "sqs",
        "receive_message",
        QueueUrl=url,
        MaxNumberOfMessages=1,
        WaitTimeSeconds=0,
        VisibilityTimeout=0,
        MessageSystemAttributeNames=["SentTimestamp"],
    )
    sent_ms = [int(one["Attributes"]["SentTimestamp"]) for one in answer.get("Messages", ())]
    return time.time() - sent_ms[0] * _S_PER_MS if sent_ms else None
