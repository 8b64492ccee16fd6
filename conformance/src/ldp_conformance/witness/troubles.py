"""A call on its way through the faults that meet it, to the service and back."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import formatdate
from typing import TYPE_CHECKING, Final, TypeVar

from ldp_conformance.witness import faults, refusals
from ldp_conformance.witness.asks import Answer, Severed
from ldp_conformance.witness.faults import Single
from ldp_conformance.witness.refusals import Refusal

if TYPE_CHECKING:
    from ldp_conformance.witness.asks import Ask, Errand
    from ldp_conformance.witness.fault_box import FaultBox

_F = TypeVar("_F", bound=Single)
_MS_PER_S: Final = 1_000
#: AWS takes a signature for so long before and after its time.
MAX_SKEW_S: Final = 300
_SIGNED_AT: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_FORMAT: Final = "%Y%m%dT%H%M%SZ"


async def carry_out(errand: Errand, ask: Ask, everywhere: FaultBox) -> Answer:
    """Do what is asked for, or let go wrong what is to.

    Args:
        errand: What is asked for.
        ask: How it came.
        everywhere: The faults that meet every call.

    Raises:
        Severed: The connection is to be cut.
    """
    off_ms = _clock_off_ms(errand, everywhere)
    try:
        answer = await _run(errand, ask, everywhere, off_ms)
    except Refusal as refusal:
        answer = errand.refuse(refusal)
    date = formatdate(time.time() + off_ms / _MS_PER_S, usegmt=True)
    return replace(answer, headers={**answer.headers, "Date": date})


async def _run(errand: Errand, ask: Ask, everywhere: FaultBox, off_ms: int) -> Answer:
    _check_signature(ask, off_ms)
    if _take(faults.Deny, errand, everywhere):
        raise errand.denied()
    if _take(faults.Throttle, errand, everywhere):
        raise errand.throttled()
    if error := _take(faults.ServerError, errand, everywhere):
        raise errand.failed(error.status)
    cut = _take(faults.Cut, errand, everywhere)
    if cut and not cut.after_effect:
        raise Severed
    hang = _take(faults.Hang, errand, everywhere)
    if hang and not hang.after_effect:
        await asyncio.sleep(hang.seconds)
    answer = await errand.run(off_ms)
    if hang and hang.after_effect:
        await asyncio.sleep(hang.seconds)
    if cut:
        raise Severed(answer.message_ids)
    return answer


def _take(kind: type[_F], errand: Errand, everywhere: FaultBox) -> _F | None:
    operation = errand.operation
    return everywhere.take(kind, operation) or errand.faults.take(kind, operation)


def _clock_off_ms(errand: Errand, everywhere: FaultBox) -> int:
    off = _take(faults.ClockOff, errand, everywhere)
    return int(off.seconds * _MS_PER_S) if off else 0


def _check_signature(ask: Ask, off_ms: int) -> None:
    """Refuse a signature whose time is too far from that of AWS's clock, and tell both.

    Raises:
        Refusal: It is.
    """
    signed = ask.headers.get("x-amz-date", "")
    if not off_ms or not _SIGNED_AT.fullmatch(signed):
        return
    signed_s = datetime.strptime(signed, _FORMAT).replace(tzinfo=UTC).timestamp()
    now_s = time.time() + off_ms / _MS_PER_S
    if abs(signed_s - now_s) <= MAX_SKEW_S:
        return
    raise refusals.bad_clock(signed_s, now_s, MAX_SKEW_S)
