"""Whether a port can go on with the next check after one that it passed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ldp_conformance.check import NonConformance
from ldp_conformance.ports.setups import ClientSetup

if TYPE_CHECKING:
    from ldp_conformance.ports.stage import Stage

#: How long a client may take to show that it serves, in seconds; a new one is there as soon.
_SERVES_S: Final = 2.0


def is_at_rest(stage: Stage) -> bool:
    """Whether the port is through with everything that it was sent, which is then forgotten.

    Bad input is left in the queue by right, so what waits there may be nothing that the client has
    still to do with. One that then serves a plain request is through with it, and need not be
    started again, which would take longer than most checks.
    """
    if stage.subject.status is not None:
        return False
    is_idle = all(message.is_deleted for message in stage.requests.messages())
    _forget(stage)
    if not is_idle:
        is_idle = _serves(stage)
        _forget(stage)
    return is_idle


def _forget(stage: Stage) -> None:
    stage.requests.forget()
    stage.replies.forget()


def _serves(stage: Stage) -> bool:
    if not isinstance(stage.setup, ClientSetup) or not stage.setup.has_response_queue:
        return False
    from ldp_conformance.cases.client_case import ClientCase  # noqa: PLC0415 - the role's own
    from ldp_conformance.cases.recovery import expect_service  # noqa: PLC0415 - the role's own

    try:
        expect_service(ClientCase(stage, "rest", lambda *_: None), _SERVES_S)
    except NonConformance:
        return False
    return True
