"""What SQS, S3 and Lambda may do to their callers, as values.

Each happens so many times and is then used up. `fault_box` keeps them, `weather` draws them.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Final

#: For faults that do not end by themselves.
ALWAYS: Final = sys.maxsize
#: For faults that meet every operation.
ANY: Final = "*"


class Single:
    """What may go wrong once, or so many times; each kind says with what."""

    __slots__ = ()
    times: int


@dataclass(frozen=True, slots=True)
class Throttle(Single):
    """Calls are refused because there are too many."""

    operation: str = ANY
    times: int = 1


@dataclass(frozen=True, slots=True)
class Deny(Single):
    """Calls are refused because the caller may not make them."""

    operation: str = ANY
    times: int = 1


@dataclass(frozen=True, slots=True)
class ServerError(Single):
    """Calls are answered with a fault of the service's."""

    operation: str = ANY
    times: int = 1
    status: int = 500


@dataclass(frozen=True, slots=True)
class Cut(Single):
    """The connection breaks, before the operation is done or before its answer."""

    operation: str = ANY
    times: int = 1
    after_effect: bool = False


@dataclass(frozen=True, slots=True)
class Hang(Single):
    """Nothing comes for so long; then it goes on as if nothing had been.

    Before the effect a caller that goes away meanwhile has done nothing.
    """

    operation: str = ANY
    times: int = 1
    seconds: float = 10.0
    after_effect: bool = False


@dataclass(frozen=True, slots=True)
class ClockOff(Single):
    """AWS's clock is so much later than this machine's: in `Date`, timestamps and signatures."""

    seconds: float = 0.0
    times: int = ALWAYS


@dataclass(frozen=True, slots=True)
class EmptyPolls(Single):
    """Receives bring nothing although messages wait; at once, or when their wait is over."""

    times: int = 1
    at_once: bool = True


@dataclass(frozen=True, slots=True)
class DeadPoll(Single):
    """A receive takes messages, and its connection dies with them."""

    times: int = 1


@dataclass(frozen=True, slots=True)
class LingeringPolls(Single):
    """A receive whose caller has gone waits on, and takes what comes, as it does in SQS."""

    times: int = ALWAYS


@dataclass(frozen=True, slots=True)
class LateStore(Single):
    """A send is stored, dated and answered so much later, also if its caller goes away."""

    seconds: float = 1.0
    times: int = 1


@dataclass(frozen=True, slots=True)
class Delay(Single):
    """A message is stored, and is to be had only so much later."""

    seconds: float = 1.0
    times: int = 1


@dataclass(frozen=True, slots=True)
class SecondCopy(Single):
    """A message is stored twice, under two IDs."""

    times: int = 1


@dataclass(frozen=True, slots=True)
class Duplicate(Single):
    """A message that is received can be received again at once."""

    times: int = 1


@dataclass(frozen=True, slots=True)
class Redeliver(Single):
    """A receive brings a message that somebody holds."""

    times: int = 1


@dataclass(frozen=True, slots=True)
class BringBack(Single):
    """A message that is deleted is there again after so long."""

    seconds: float = 0.0
    times: int = 1


@dataclass(frozen=True, slots=True)
class IgnoreStaleDelete(Single):
    """A delete through a handle that is not the newest is answered, and nothing is deleted."""

    times: int = ALWAYS


@dataclass(frozen=True, slots=True)
class Reorder(Single):
    """Receives take messages in any order."""

    seed: int = 0
    times: int = ALWAYS
