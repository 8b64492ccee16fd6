"""A redrive policy: after so many receives a message goes to another queue."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

_MOST_RECEIVES: Final = 1_000


@dataclass(frozen=True, slots=True)
class RedrivePolicy:
    """Where messages go that are received too often.

    Attributes:
        target_arn: The other queue's ARN.
        max_receives: How many receives are not too many.
    """

    target_arn: str
    max_receives: int


def parse(text: str) -> RedrivePolicy | None:
    """The policy that SQS's JSON text is; None if it is empty.

    Raises:
        ValueError: It is none that SQS takes.
    """
    if not text:
        return None
    try:
        policy = json.loads(text)
        found = RedrivePolicy(str(policy["deadLetterTargetArn"]), int(policy["maxReceiveCount"]))
    except (KeyError, TypeError) as error:
        raise ValueError(text) from error
    if not 1 <= found.max_receives <= _MOST_RECEIVES:
        raise ValueError(text)
    return found
