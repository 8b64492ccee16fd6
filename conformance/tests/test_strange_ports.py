"""Ports that are right in another way than the reference pass, as far as the clauses go."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ldp_conformance.cases.client_case import ClientCase
from ldp_conformance.check import check_named
from ldp_conformance.checks.proxy.bad_answers import around
from ldp_conformance.ports.manifest import load
from ldp_conformance.ports.setups import ClientSetup
from ldp_conformance.ports.stage import Stage
from ldp_conformance.ports.visitor import Visitor
from ldp_conformance.witness import Witness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MANIFEST = load(Path(__file__).parent / "faulty/client/conformance.toml")


class Talking(Visitor):
    """A client of the test's own, with what it says."""

    said = ""

    def output_until_still(self, moment: float, still_s: float) -> str:  # noqa: ARG002 - as of any
        """What it said since it was asked before."""
        said, self.said = self.said, ""
        return said


@pytest.fixture
def case(tmp_path: Path) -> Iterator[ClientCase]:
    """A case of a client that the test plays."""
    with Witness() as witness:
        stage = Stage(MANIFEST, ClientSetup(), witness, tmp_path, visited=True)
        stage.subject = Talking(stage.scratch)
        yield ClientCase(stage, "seed", lambda *_: None)


@contextmanager
def serving(case: ClientCase, handle: Callable[[str], str | None]) -> Iterator[None]:
    """Have a client take each message, send what comes of it, and delete it."""
    is_over = threading.Event()

    def serve() -> None:
        while not is_over.is_set():
            message = case.requests.take(within_s=0.1, visibility_s=60)
            if message is not None:
                if (reply := handle(message.body)) is not None:
                    case.reply_queue.send(reply, sender=case.stage.sender)
                case.requests.delete(message.id)

    client = threading.Thread(target=serve)
    client.start()
    try:
        yield
    finally:
        is_over.set()
        client.join()


def response(request: dict[str, Any], result: object) -> str:
    """The response with this result."""
    told = {name: request[name] for name in ("version", "requestId", "answerByMs")}
    payload = {"encoding": "text", "data": json.dumps(result)}
    return json.dumps(told | {"kind": "response", "payload": payload})


def test_body_and_reason_may_be_kept_in_two_files(case: ClientCase) -> None:
    """SES-30 says that both are kept, and not in which form."""
    pointers = iter(["/context/memoryLimitInMb", "/payload/encoding", ""])
    reasons = case.port.scratch / "reasons.log"

    def refuse(body: str) -> None:
        pointer = next(pointers)
        (case.port.scratch / f"{len(pointer)}.body").write_text(body, encoding="utf-8")
        with reasons.open("a", encoding="utf-8") as log:
            log.write(f"{pointer} is wrong\n")

    with serving(case, refuse):
        check_named("client.bad-input.kept").run(case)

    assert next(pointers, None) is None


def test_how_often_a_lease_is_renewed_is_no_warning(case: ClientCase) -> None:
    """A client that logs its renewals, sometimes one more, and warns once, warned once."""
    warnings = iter(["", "beware: an answer may go astray\nlease renewed\n", "", "lease renewed\n"])

    def answer(body: str) -> str:
        case.port.said += next(warnings)  # type: ignore[attr-defined] # it is a `Talking`
        request = json.loads(body)
        if "ctx" in request:
            return json.dumps(request["event"]["value"])
        return response(request, {"same": True})

    with serving(case, answer):
        check_named("client.v0.warned-once").run(case)

    assert next(warnings, None) is None


def test_client_contexts_are_such_as_every_runtime_can_hold(case: ClientCase) -> None:
    """What is in `custom` and `env` is text: Lambda's types of Go and Java hold nothing else."""

    def show(body: str) -> str:
        request = json.loads(body)
        context = request["context"]
        told = json.loads(context.get("clientContext", "null"))
        for members in (told or {}).values():
            assert all(isinstance(value, str) for value in members.values())
        shown = {name: context.get(name) for name in (*context, "traceId", "identity")}
        return response(request, shown | {"clientContext": told, "remainingMs": 1})

    with serving(case, show):
        check_named("client.context.client-context").run(case)

    assert case.observations


@pytest.mark.parametrize(
    "entry", ["bad {d} 7919", "{\n  event: 'bad',\n  sha: '{d}',\n  n: 7919\n}"]
)
def test_an_entry_of_a_log_may_have_several_lines(entry: str) -> None:
    """Some languages break what they log into lines; what stands elsewhere does not count."""
    far = "\n".join(["7919", *["-"] * 20])

    assert "7919" in around(f"{far}\n{entry.replace('{d}', 'abc')}\n", "abc")
    assert "7919" not in around(f"{far}\nabc\n", "abc")
    assert around(far, "abc") == ""
