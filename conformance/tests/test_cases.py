"""What the cases of both roles make of ports that other languages and slow machines make likely."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ldp_conformance.cases import payloads
from ldp_conformance.cases.client_case import ClientCase
from ldp_conformance.cases.invocation import Invocation
from ldp_conformance.cases.proxy_case import ProxyCase
from ldp_conformance.check import NonConformance
from ldp_conformance.outcomes import Blame
from ldp_conformance.ports.manifest import load
from ldp_conformance.ports.setups import ClientSetup, ProxySetup
from ldp_conformance.ports.stage import Stage
from ldp_conformance.ports.visitor import Visitor
from ldp_conformance.witness import Witness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_conformance.cases.client_values import Sent

FAULTY = Path(__file__).parent / "faulty"
CLIENT = load(FAULTY / "client/conformance.toml")
PROXY = load(FAULTY / "proxy/conformance.toml")


@pytest.fixture(scope="module")
def witness() -> Iterator[Witness]:
    """A running witness."""
    with Witness() as running:
        yield running


@pytest.fixture
def case(witness: Witness, tmp_path: Path) -> ClientCase:
    """A case of a client that is not there; the test answers in its place."""
    stage = Stage(CLIENT, ClientSetup(), witness, tmp_path, visited=True)
    return ClientCase(stage, "seed", lambda *_: None)


def answered(case: ClientCase, result: str) -> Sent:
    """A request that was answered with this JSON text."""
    request = case.request()
    sent = case.send(request)
    response: dict[str, Any] = {name: request[name] for name in ("requestId", "answerByMs")}
    response |= {"version": "1.0", "kind": "response", "payload": payloads.text(result)}
    case.reply_queue.send(json.dumps(response), sender=case.stage.sender)
    return sent


def tell(case: ClientCase, *lines: str) -> None:
    """Write these lines in the handler's place."""
    with (case.port.scratch / "runs.jsonl").open("a", encoding="utf-8") as runs:
        runs.writelines(f"{line}\n" for line in lines)


def test_what_is_no_object_is_the_handler_s_fault(case: ClientCase) -> None:
    """A result of another form than PORTING.md says is laid to the handler, not to the suite."""
    sent = answered(case, "[1]")

    with pytest.raises(NonConformance, match="no object with nonce") as wrong:
        case.members(sent, "nonce")

    assert wrong.value.blame is Blame.HARNESS


@pytest.mark.parametrize("line", ['{"nonce": "n-1", "pid": 1}', '["n-1"]', '"n-1" began', '"n-1"'])
def test_what_tells_of_no_run_is_the_handler_s_fault(case: ClientCase, line: str) -> None:
    """A line that the handler must not write is shown, and laid to it."""
    tell(case, '{"nonce": "another"}', line)

    with pytest.raises(NonConformance, match=r"runs\.jsonl") as wrong:
        case.runs("n-1")

    assert (wrong.value.blame, wrong.value.came) == (Blame.HARNESS, line)


def test_an_end_without_a_beginning_is_the_handler_s_fault(case: ClientCase) -> None:
    """A run that ended and did not begin is laid to the handler, too."""
    tell(case, '{"nonce": "n-1", "phase": "ended", "pid": 1, "atMs": 1}')

    with pytest.raises(NonConformance, match=r"runs\.jsonl"):
        case.runs("n-1")


class LastWords(Visitor):
    """A port whose handler says that it runs in the moment in which it ends."""

    @property
    def status(self) -> int:
        """It has ended, and its handler has just begun before."""
        line = '{"nonce": "n-1", "phase": "began", "pid": 1, "atMs": 17}\n'
        (self.scratch / "runs.jsonl").write_text(line, encoding="utf-8")
        return -9


def test_the_last_run_of_a_port_that_ended_counts(case: ClientCase) -> None:
    """A port that dies right after its handler began is seen to have run it."""
    case.stage.subject = LastWords(case.stage.scratch)

    assert case.began("n-1").began_ms == 17


def test_a_language_of_doubles_may_lose_a_sign_of_zero(case: ClientCase) -> None:
    """JavaScript writes 0 for -0.0, and is judged by what its manifest says of its numbers."""
    case.stage.manifest = replace(CLIENT, has_exact_numbers=False)
    case.expect_equal(case.result(answered(case, "0")), -0.0, "another value")
    case.stage.manifest = CLIENT

    with pytest.raises(NonConformance):
        case.expect_equal(case.result(answered(case, "0")), -0.0, "another value")


class AtOnce(Invocation):
    """An invocation whose caller has its answer in the moment in which the request is stored."""

    def __init__(self, case: ProxyCase) -> None:
        super().__init__("http://127.0.0.1:9/", b"{}")
        self.case = case

    @property
    def is_done(self) -> bool:
        """It is, and its request has just come."""
        self.case.requests.send("the request", sender=self.case.stage.sender)
        return True


def test_a_request_that_came_with_the_answer_is_seen(witness: Witness, tmp_path: Path) -> None:
    """In one-way mode the caller has its answer right after the request is stored."""
    stage = Stage(PROXY, ProxySetup(), witness, tmp_path, visited=True)
    case = ProxyCase(stage, "seed", lambda *_: None)

    assert case.next_message(AtOnce(case)).body == "the request"
