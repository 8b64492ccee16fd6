"""A handler's failure as the error body that Lambda's Python runtime would post, and for people.

The stack starts at the user's code: this package's frames are left out, as awslambdaric leaves
out its own. Chained exceptions are not part of an error body; the developer sees them printed.
"""

from __future__ import annotations

import importlib
import os
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

    from ldp_client.handlers.faults import Fault
    from ldp_client.handlers.marshal import Encoder

_OWN = (str(Path(__file__).parent) + os.sep, importlib.__file__, "<frozen importlib")
"""What stands between the user's code and this package in a stack, with Python's import system."""
_EXIT_STATUSES = 256  # a process's exit status has eight bits


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure to be posted.

    Attributes:
        body: The error body.
        error_type: Its `errorType`.
        report: What the developer is shown.
    """

    body: bytes
    error_type: str
    report: str


def of_exception(exc: Exception, request_id: str, encoder: Encoder) -> Failure:
    """A handler that raised."""
    frames = [  # without columns, so that no line with carets is printed
        traceback.FrameSummary(frame.filename, frame.lineno, frame.name, line=frame.line)
        for frame in traceback.extract_tb(user_traceback(exc.__traceback__))
    ]
    body = {
        "errorMessage": _text(exc),
        "errorType": type(exc).__name__,
        "requestId": request_id,
        "stackTrace": traceback.format_list(frames),
    }
    return Failure(encoder.encode_bytes(body), type(exc).__name__, user_report(exc))


def of_fault(fault: Fault, request_id: str, encoder: Encoder) -> Failure:
    """Something that the runtime could not do."""
    body: dict[str, object] = {
        "errorMessage": str(fault),
        "errorType": fault.type.value,
        "requestId": request_id,
        "stackTrace": [],
    }
    report = f"{fault.type.value}: {fault}\n"
    return Failure(encoder.encode_bytes(body), fault.type.value, report)


def of_exit(exc: BaseException, request_id: str, encoder: Encoder) -> Failure:
    """A handler that ended its process, or would have.

    In Lambda the service then writes the error itself: this is its text. Here the process lives on.
    """
    error_type = "Runtime.ExitError"
    message = f"RequestId: {request_id} Error: {_exit_text(exc)}"
    body = {"errorType": error_type, "errorMessage": message}
    return Failure(encoder.encode_bytes(body), error_type, user_report(exc))


def user_traceback(trace: TracebackType | None) -> TracebackType | None:
    """The part of a stack that begins with the user's code."""
    while trace is not None and _is_own(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return trace


def user_report(exc: BaseException) -> str:
    """The exception as Python prints it, with its causes, from the user's code on."""
    trace = user_traceback(exc.__traceback__)
    return "".join(traceback.format_exception(type(exc), exc, trace))


def _is_own(filename: str) -> bool:
    return filename.startswith(_OWN)


def _text(exc: Exception) -> str:
    try:
        return str(exc)
    except Exception:  # noqa: BLE001 - the user's own __str__, which ends awslambdaric
        return f"<unprintable {type(exc).__name__} object>"


def _exit_text(exc: BaseException) -> str:
    if isinstance(exc, KeyboardInterrupt):  # Python ends itself by the signal
        return "Runtime exited with error: signal: interrupt"
    status = _exit_status(exc)
    if status == 0:
        return "Runtime exited without providing a reason"
    return f"Runtime exited with error: exit status {status}"


def _exit_status(exc: BaseException) -> int:
    """The status that Python's process would have ended with."""
    if not isinstance(exc, SystemExit):
        return 1
    if exc.code is None:
        return 0
    return exc.code % _EXIT_STATUSES if isinstance(exc.code, int) else 1
