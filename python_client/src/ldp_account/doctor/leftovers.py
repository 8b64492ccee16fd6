"""What earlier work left in the account: reply queues whose environments are gone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from ldp_account.doctor.findings import REPLIES, REPLY, good, wrong
from ldp_account.queues import Queues

if TYPE_CHECKING:
    from ldp_account.doctor.findings import Finding, Subject

SWEPT_AFTER_S: Final = 86_400.0
"""The age at which proxies themselves take a reply queue for left over (EXC-31)."""


def examine_reply_queues(subject: Subject) -> list[Finding]:
    """Look for reply queues that nobody can be waiting at.

    Raises:
        AccountError: A call failed.
    """
    base = subject.variables.get(REPLIES, "").rpartition("/")[2]
    queues = Queues(subject.aws)
    found = []
    for url in queues.dedicated(base) if base else ():
        attributes = queues.attributes(url)
        if attributes is None:
            continue
        age_s = time.time() - int(attributes["CreatedTimestamp"])
        if subject.variables.get(REPLY) != "dedicated" or age_s > SWEPT_AFTER_S:
            said = f"{url} is {age_s / 3600:.0f} h old, and no proxy waits at it"
            command = subject.commands.aws("sqs", "delete-queue", "--queue-url", url)
            found.append(wrong(said, command))
    return found or [good("no reply queue is left over")]
