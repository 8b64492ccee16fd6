"""The foundation: a client that starts, and a conformance handler that does as it is told.

Where one of these fails nothing else can be judged, and the port's glue is the first suspect.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ldp_conformance.check import NonConformance, client_check
from ldp_conformance.outcomes import Blame

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase


@client_check("start.answers", "PAY-1", "PAY-2", "SES-13")
def client_answers(case: ClientCase) -> None:
    """A client takes a request from its queue, runs the handler, and answers.

    The handler has to compute on a number that it cannot know beforehand, so an answer is a proof
    that it ran.
    """
    sent = case.send(case.request("nonce"))
    digest = hashlib.sha256(sent.nonce.encode()).hexdigest()

    case.expect_equal(
        case.result(sent),
        {"nonce": sent.nonce, "sha256": digest},
        "the answer is not what the handler had to compute",
        hint="For the event `nonce` the handler returns the nonce and its SHA-256.",
    )
    case.gone(sent)


@client_check("start.handler-tells-its-runs", "PAY-1")
def handler_tells_its_runs(case: ClientCase) -> None:
    """The conformance handler writes into `runs.jsonl` that it began and that it ended.

    Without that the suite could not tell an event that ran twice from one that ran once.
    """
    sent = case.send(case.request("echo", value=1))
    case.answer(sent)
    runs = case.runs(sent.nonce)
    case.observe()
    if len(runs) != 1 or runs[0].ended_ms is None:
        raise NonConformance(
            f"runs.jsonl tells of {len(runs)} runs of an event that was answered, not of one whole",
            hint="The handler appends a line before it does anything else, and one before it "
            "returns or throws, to the file in LAMBDA_DEBUG_CONFORMANCE_DIR.",
            blame=Blame.HARNESS,
        )
