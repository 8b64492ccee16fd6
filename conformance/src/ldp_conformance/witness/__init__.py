"""The witness: SQS, S3 and Lambda on loopback, which record everything and can do all that AWS may.

`Witness` is what the suite holds. A core without I/O (`core`) does what a standard queue does;
`queue` lets faults at it; `sqs_*`, `s3_*` and `lambda_*` put it on the wire; `calls` writes down.
"""

from ldp_conformance.witness.buckets import WitnessBucket
from ldp_conformance.witness.calls import Call, CallLog
from ldp_conformance.witness.fault_box import Fault
from ldp_conformance.witness.faults import (
    ALWAYS,
    ANY,
    BringBack,
    ClockOff,
    Cut,
    DeadPoll,
    Delay,
    Deny,
    Duplicate,
    EmptyPolls,
    Hang,
    IgnoreStaleDelete,
    LateStore,
    LingeringPolls,
    Redeliver,
    Reorder,
    SecondCopy,
    ServerError,
    Throttle,
)
from ldp_conformance.witness.functions import FunctionAnswer, WitnessFunction
from ldp_conformance.witness.message import Attribute, Message, Receive
from ldp_conformance.witness.queue import WitnessQueue
from ldp_conformance.witness.refusals import Refusal
from ldp_conformance.witness.settings import RECOMMENDED, QueueSettings
from ldp_conformance.witness.weather import Weather
from ldp_conformance.witness.witness import Witness

__all__ = [
    "ALWAYS",
    "ANY",
    "RECOMMENDED",
    "Attribute",
    "BringBack",
    "Call",
    "CallLog",
    "ClockOff",
    "Cut",
    "DeadPoll",
    "Delay",
    "Deny",
    "Duplicate",
    "EmptyPolls",
    "Fault",
    "FunctionAnswer",
    "Hang",
    "IgnoreStaleDelete",
    "LateStore",
    "LingeringPolls",
    "Message",
    "QueueSettings",
    "Receive",
    "Redeliver",
    "Refusal",
    "Reorder",
    "SecondCopy",
    "ServerError",
    "Throttle",
    "Weather",
    "Witness",
    "WitnessBucket",
    "WitnessFunction",
    "WitnessQueue",
]
