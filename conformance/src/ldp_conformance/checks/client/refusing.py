"""How bad input is sent and seen to be refused, for the checks of several areas.

Whatever is bad comes with an event that the handler could run, so that a client that lets it
through is seen to: a check that nothing happened would else prove nothing.
"""

from __future__ import annotations

import copy
import hashlib
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance.check import NonConformance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.cases.client_values import Sent
    from ldp_conformance.witness import Message

#: Stands for a member that is left out.
ABSENT: Final = object()
#: So that the last of many has time, too, on a slow machine.
_PATIENCE_S: Final = 120.0
BAD_REQUEST: Final = "Client.BadRequest"
STORAGE_ERROR: Final = "Client.StorageError"


class Reply(Enum):
    """What may come back for bad input."""

    ERROR = "error"  #: the frozen members can be read, so a typed error has to come
    NONE = "none"  #: there is no way to answer, or it must not be gone
    EITHER = "either"  #: the specification does not say


@dataclass(frozen=True, slots=True)
class Bad:
    """A message that is no valid request.

    Attributes:
        what: What is wrong with it, to follow "a request with".
        body: The message: an envelope, or a text that is none.
        nonce: The nonce of the event that must not run.
        reply: What may come back.
        error_type: The type of the error that has to come.
    """

    what: str
    body: dict[str, Any] | str
    nonce: str
    reply: Reply = Reply.ERROR
    error_type: str = BAD_REQUEST


def changed(request: dict[str, Any], pointer: str, value: object) -> dict[str, Any]:
    """A copy of an envelope in which one member has another value, or is `ABSENT`."""
    found = copy.deepcopy(request)
    *above, name = pointer.removeprefix("/").split("/")
    place = found
    for step in above:
        place = place.setdefault(step, {})
    if value is ABSENT:
        place.pop(name, None)
    else:
        place[name] = value
    return found


def variant(case: ClientCase, what: str, pointer: str, value: object, reply: Reply) -> Bad:
    """A request of its own in which one member is wrong."""
    nonce = case.fresh("nonce")
    request = case.request("echo", nonce=nonce, answer_in_s=_PATIENCE_S, value=1)
    return Bad(what, changed(request, pointer, value), nonce, reply)


def expect_refused(
    case: ClientCase, bads: Sequence[Bad], requirements: tuple[str, ...]
) -> list[Sent]:
    """Send bad input, all at once, and go on only if the client refuses each as it has to.

    It has to delete each message without a run of the handler, answer what can be answered, and
    serve what comes then.

    Returns:
        What was sent, in the same order.

    Raises:
        NonConformance: One is not refused.
    """
    before = {message.id for message in of_port(case)}
    sent = [case.send(bad.body) for bad in bads]
    last = case.send(case.request("nonce", answer_in_s=_PATIENCE_S))
    pairs = list(zip(bads, sent, strict=True))
    for bad, each in pairs:
        _expect_handled(case, bad, each, requirements)
    _expect_service(case, last)
    for bad, each in pairs:
        _expect_no_run(case, bad, each, requirements)
    known = [each.request_id for bad, each in pairs if bad.reply is not Reply.NONE]
    fresh = [message for message in of_port(case) if message.id not in before]
    _expect_no_stray(case, fresh, [*known, last.request_id], requirements)
    return sent


def _expect_no_stray(
    case: ClientCase, fresh: list[Message], known: list[str], requirements: tuple[str, ...]
) -> None:
    """Expect that each new message is about a request that may be answered."""
    stray = [m.body for m in fresh if not any(name and name in m.body for name in known)]
    case.expect(
        not stray,
        "something was sent about a request that must not be answered",
        came=stray[0] if stray else "",
        requirements=requirements,
    )


def _expect_handled(case: ClientCase, bad: Bad, sent: Sent, requirements: tuple[str, ...]) -> None:
    """Expect that a message is deleted, and answered where it can be."""
    try:
        case.gone(sent)
        if bad.reply is Reply.ERROR:
            case.expect_equal(case.error(sent).type, bad.error_type, "the error is of another type")
    except NonConformance as exc:
        raise _about(bad, sent, exc, requirements) from exc


def _expect_service(case: ClientCase, sent: Sent) -> None:
    digest = hashlib.sha256(sent.nonce.encode()).hexdigest()
    case.expect_equal(
        case.result(sent),
        {"nonce": sent.nonce, "sha256": digest},
        "the request after the bad ones is not served",
        requirements=("SES-29",),
    )


def _expect_no_run(case: ClientCase, bad: Bad, sent: Sent, requirements: tuple[str, ...]) -> None:
    case.observe()
    if case.runs(bad.nonce):
        raise NonConformance(
            f"a request with {bad.what} reached the handler",
            requirements=requirements,
            came=sent.body[:2000],
        )


def _about(
    bad: Bad, sent: Sent, exc: NonConformance, requirements: tuple[str, ...]
) -> NonConformance:
    return NonConformance(
        f"a request with {bad.what}: {exc.sentence}",
        requirements=exc.requirements or requirements,
        differences=exc.differences,
        came=exc.came,
        hint=exc.hint or f"It was: {sent.body[:600]}",
    )


def of_port(case: ClientCase) -> list[Message]:
    """Every message in the reply queue that the client sent."""
    return [m for m in case.reply_queue.messages() if m.sender == case.stage.sender]
