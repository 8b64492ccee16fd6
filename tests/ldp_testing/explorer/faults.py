"""What may go wrong, and what of it is a named cause for a second run.

A run has a number of faults to spend. What else is free in a run is no fault: when clients attach
and whether they do, how long handlers run, which message a receive brings, who is first.
"""

from __future__ import annotations

from enum import Enum


class Fault(Enum):
    """One thing that SQS, the network or a machine may do to a run (SQS-12, design 3.2.6)."""

    REDELIVERY = "SQS delivers it although it is invisible"
    SECOND_COPY = "a second physical copy appears"  #: a resend, by an SDK or inside SQS
    REAPPEARANCE = "it reappears after its delete"
    DELAY = "SQS hides it for a while"  #: replies; for requests, clients attach later instead
    DEAD_POLL = "it goes to a dead connection"  #: consumed, and hidden for its visibility
    EMPTY_POLL = "the receive stays empty although there is something"
    SLOW_POLL = "the end of the receive arrives late"
    UNSURE_SEND = "SQS stores it, but the call fails"
    FAILED_CALL = "the call fails"
    CRASH = "is killed"
    PAUSE = "is suspended"
    QUIT = "gives up at the second signal"
    SLOW_CLOCK = "its clock is 2 s behind"
    FAST_CLOCK = "its clock is 2 s ahead"


class Cause(Enum):
    """Why two runs of one event could not be prevented; the spec promises no more (SES-35)."""

    PAUSE = "a client was suspended"
    SECOND_COPY = "there were two copies of the request"
    REDELIVERY = "SQS delivered a leased request to somebody else"
    RETURN = "a request that was done with came back, and no common journal knows it"
    UNRECORDED = "a client ended after SQS had its answer and before the journal had"
    HIDDEN_ACCEPTED = "SQS hid an accepted for longer than the grace"
