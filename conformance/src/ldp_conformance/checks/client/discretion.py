"""Discretion: what a client prints, at any level, gives nothing away."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from ldp_conformance.check import client_check
from ldp_conformance.checks.client.refusing import Reply, variant
from ldp_conformance.ports.setups import ClientSetup

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase

_MARKER: Final = "salsify-in-an-event"
#: What only a signature has.
_SIGNED: Final = ("X-Amz-Signature", "X-Amz-Security-Token", "Signature=")


@client_check("trust.no-secrets-logged", "SEC-4", alone=True)
def nothing_secret_is_logged(case: ClientCase) -> None:
    """What a client prints holds no credentials, no signed URL, and no payload.

    Neither of an event that is served, nor of one that fails, nor of bad input.
    """
    _work(case, f"{_MARKER}{_noise(case)}")
    case.port.kill()
    _expect_not(case, "a payload", _MARKER)
    _expect_no_credentials(case)


@client_check(
    "trust.no-secrets-traced", "SEC-4", alone=True, setup=ClientSetup(tracing_level="TRACE")
)
def nothing_secret_is_traced(case: ClientCase) -> None:
    """At the level TRACE, too, no credentials are printed, and payloads are cut."""
    _work(case, f"{_noise(case) * 20}{_MARKER}")
    case.port.kill()
    _expect_not(case, "the end of a long payload", _MARKER)
    _expect_no_credentials(case)


def _noise(case: ClientCase) -> str:
    return hashlib.sha256(case.fresh("noise").encode()).hexdigest() * 20


def _work(case: ClientCase, text: str) -> None:
    """Have a client serve, fail, refuse and expire events that have this text in them."""
    requests = [
        case.request("echo", value=text),
        case.request("measure", text=text),
        case.request("echo", value=text) | {"maxReplyBytes": 1_024, "acceptEncodings": ["text"]},
        case.request("echo", value=text) | {"answerByMs": case.witness.now_ms() - 1},
        case.one_way("echo", value=text),
    ]
    for request in requests:
        case.gone(case.send(request))
    for pointer, value in (("/payload/encoding", "base64"), ("/version", "2.0"), ("/context", [])):
        bad = variant(case, "a wrong member", pointer, value, Reply.EITHER)
        case.gone(case.send({**dict(bad.body), "later": text}))  # type: ignore[arg-type]
    case.gone(case.send(f'{{"garbage": "{text}"'))


def _expect_no_credentials(case: ClientCase) -> None:
    for name, value in case.stage.secrets.items():
        _expect_not(case, name, value)
    for word in _SIGNED:
        _expect_not(case, "a signature", word)


def _expect_not(case: ClientCase, what: str, text: str) -> None:
    output = case.port.output
    place = output.find(text)
    around = "" if place < 0 else output[max(0, place - 300) : place + 300]
    case.expect(place < 0, f"the output shows {what}", came=around)
