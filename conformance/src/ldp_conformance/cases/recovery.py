"""A client brought back to rest after something failed, so that what comes next is judged alone."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ldp_conformance.check import SOON_S, NonConformance

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase


def expect_service(case: ClientCase, within_s: float = SOON_S) -> None:
    """Go on only if the client answers a plain request.

    Args:
        case: The client.
        within_s: How long it may take to answer, and then to delete the request.

    Raises:
        NonConformance: It does not.
    """
    sent = case.send(case.request("echo", value=1))
    case.expect_equal(
        case.result(sent, within_s),
        1,
        "the client does not serve any more",
        requirements=("SES-29",),
    )
    case.gone(sent, within_s)


def recover(case: ClientCase) -> None:
    """Have the client be at rest, started again if need be.

    Raises:
        NonConformance: It does not listen, even started again.
    """
    _forget(case)
    if case.port.status is None:
        with suppress(NonConformance):
            expect_service(case)
            _forget(case)
            return
    _forget(case)
    case.restart()


def _forget(case: ClientCase) -> None:
    case.requests.forget()
    case.reply_queue.forget()
