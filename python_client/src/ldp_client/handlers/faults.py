"""The faults that Lambda's Python runtime reports under its own names."""

from __future__ import annotations

from enum import Enum


class FaultType(Enum):
    """The `errorType` of a failure that happened around the handler (awslambdaric's names)."""

    MARSHAL = "Runtime.MarshalError"  #: the result cannot be encoded
    UNMARSHAL = "Runtime.UnmarshalError"  #: the event is no JSON
    CONTEXT = "Runtime.LambdaContextUnmarshalError"  #: a header of the context is no JSON


class Fault(Exception):  # noqa: N818 - Lambda's word for it
    """The runtime, not the handler, could not go on; has no stack to show.

    Attributes:
        type: What the caller sees as `errorType`.
    """

    def __init__(self, kind: FaultType, message: str) -> None:
        super().__init__(message)
        self.type = kind
