"""The fixed vectors, one check for each chapter of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ldp_conformance.cases.recovery import expect_service, recover
from ldp_conformance.check import client_check
from ldp_conformance.ports.setups import ClientSetup, Feature
from ldp_conformance.vectors import trial
from ldp_conformance.vectors.catalogue import chapter

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.vectors.catalogue import Vector
    from ldp_conformance.vectors.trial import Trial

#: So many failing vectors tell enough; each may cost seconds.
_MOST_FAILURES: Final = 8


@client_check(
    "vectors.envelopes",
    *("ENV-1", "ENV-2", "ENV-7", "ENV-8", "ENV-10", "ENV-13", "ENV-15", "ENV-16", "ENV-17"),
    *("ENV-19", "ENV-20", "ENV-21", "SES-29", "SES-31", "ENV-11", "ENV-14", "ENV-9"),
    cases=len(chapter("envelopes")),
    alone=True,
)
def envelopes(case: ClientCase) -> None:
    """Each envelope of the vectors is taken in, refused or dropped as it has to be."""
    _go_through(case, "envelopes")


@client_check(
    "vectors.payloads",
    *("PAY-1", "PAY-2", "PAY-3", "PAY-4", "PAY-5", "PAY-10", "PAY-11", "SES-31"),
    cases=len(chapter("payloads")),
    alone=True,
)
def payloads(case: ClientCase) -> None:
    """Each payload of the vectors reaches the handler byte for byte, or is refused."""
    _go_through(case, "payloads")


@client_check("vectors.errors", "ENV-28", "ENV-27", "ENV-5", cases=len(chapter("errors")))
def errors(case: ClientCase) -> None:
    """Errors of the handler are told in at most 1,024 bytes of well-formed text."""
    _go_through(case, "errors")


@client_check("vectors.trust", "SEC-2", "SEC-1", "SEC-3", cases=len(chapter("trust")))
def trusted_queues(case: ClientCase) -> None:
    """Answers go to trusted reply queues only, wherever their URLs point to."""
    _go_through(case, "trust")


@client_check(
    "vectors.claim-checks",
    *("PAY-14", "PAY-15", "PAY-6", "ERR-11"),
    needs={Feature.S3},
    setup=ClientSetup(has_bucket=True),
    cases=len(chapter("claims")),
)
def claim_checks(case: ClientCase) -> None:
    """Events are fetched from the bucket only under their own keys, and only if they are whole."""
    _go_through(case, "claims")


@client_check(
    "vectors.version-0",
    *("V0-2", "V0-4", "V0-5", "V0-1"),
    needs={Feature.V0},
    cases=len(chapter("version0")),
)
def version_0(case: ClientCase) -> None:
    """Requests of version 0 are known by their shape, and answered in their form."""
    _go_through(case, "version0")


def _go_through(case: ClientCase, name: str) -> None:
    """Try each vector of a chapter, and at the end whether the client still serves."""
    rows = [vector for vector in chapter(name) if _applies(case, vector)]
    silent: list[Trial] = []
    for done, vector in enumerate(rows):
        case.progress(done, len(rows), vector.id)
        _try(case, vector, silent)
        failures = [each for each in case.vectors if each.broken is not None]
        if failures and failures[-1].id == vector.id:
            recover(case)
        if len(failures) >= _MOST_FAILURES:
            return
    expect_service(case)
    for each in silent:
        each.expect_runs(0)
        case.expect(
            not case.replies(each.sent) or not each.sent.request_id,
            f"{each.vector.id} is answered after all",
            requirements=each.vector.requirements,
        )


def _try(case: ClientCase, vector: Vector, silent: list[Trial]) -> None:
    with case.vector(vector.id, *vector.requirements):
        tried = trial.begin(case, vector)
        tried.judge()
        if vector.outcome == "survived":
            expect_service(case)
        if vector.outcome == "dropped":
            silent.append(tried)


def _applies(case: ClientCase, vector: Vector) -> bool:
    """Whether the port's language has what a vector needs."""
    has = {
        "exact-numbers": case.manifest.has_exact_numbers,
        "lone-surrogates": case.manifest.has_lone_surrogates,
    }
    return all(has[need] for need in vector.needs)
