"""Whole clients whose handlers are programs: official runtimes unmodified, and small ones that die.

AWS's runtime client for Python stands for the official ones. What no well-behaved runtime does is
done by programs of a few lines.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from ldp_testing.moto_bucket import MotoBucket
from ldp_testing.processes import children, peak_resident_bytes
from ldp_testing.program_clients import RUNTIME, serving, started
from ldp_testing.raw_runtime import FOR_EVER, RAW
from ldp_wire.claims import Bucket, Direction, claim_check
from ldp_wire.envelopes import ClaimCheck
from ldp_wire.limits import MAX_PAYLOAD_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_testing.client_process import ClientProcess
    from ldp_testing.client_stage import ClientStage
    from ldp_testing.moto_server import MotoServer
    from ldp_wire.exchange import Answer


@contextmanager
def pressing_enter(client: ClientProcess) -> Iterator[None]:
    """A developer who presses Enter again and again: it counts once the hold is known."""
    enough = threading.Event()

    def press() -> None:
        while not enough.wait(0.1):
            client.type_in("\n")

    thread = threading.Thread(target=press)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


def body_of(answer: Answer) -> dict[str, Any]:
    """The error body that the caller gets."""
    assert answer.error is not None
    assert isinstance(answer.body, bytes)
    body: dict[str, Any] = json.loads(answer.body)
    return body


def program_of(client: ClientProcess) -> int:
    """The process of the only program."""
    (program,) = children(client.queue_side_pid)
    return program


def test_a_stopped_program_keeps_its_event(clients: ClientStage) -> None:
    """While a debugger holds every thread of it, the lease is renewed, and nobody else runs it."""
    client = started(clients, "--", *RUNTIME)
    exchange = clients.caller.invoke(clients.switchboard.event())
    run = clients.switchboard.next_run()
    os.kill(program_of(client), signal.SIGSTOP)
    other = clients.client()
    clients.tap.wait_for("ChangeMessageVisibility", 5)
    os.kill(program_of(client), signal.SIGCONT)
    run.returns("mine")

    assert exchange.result() == "mine"
    other.interrupt()
    assert other.wait_for_exit() == 0
    assert "started" not in other.types()


def test_a_killed_program_is_told_of_at_once(clients: ClientStage) -> None:
    """Its caller need not wait for the end of its time, and the next event finds a new process."""
    client = started(clients, "--", *RUNTIME)
    exchange = clients.caller.invoke(clients.switchboard.event())
    before = clients.switchboard.next_run().about
    os.kill(program_of(client), signal.SIGKILL)
    body = body_of(exchange.answer())
    clients.caller.invoke(clients.switchboard.event())
    after = clients.switchboard.next_run().about

    assert body["errorType"] == "Runtime.ExitError"
    assert body["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")
    assert before["pid"] != after["pid"]
    assert before["awsRequestId"] in body["errorMessage"]
    assert after["remainingMs"] > 0


@pytest.mark.parametrize("how", ["killed", "abandoned"])
def test_a_program_goes_with_its_client(clients: ClientStage, how: str) -> None:
    """Nobody is left behind to run an event that another client gets (SES-33, SES-34)."""
    client = started(clients, "--", *RUNTIME)
    clients.caller.invoke(clients.switchboard.event())
    run = clients.switchboard.next_run()
    if how == "killed":
        client.kill_handler_side()
    else:
        client.interrupt()
        client.wait_for_error("Interrupt again")
        client.interrupt()

    run.wait_for_death()


def test_six_mebibytes_pass_each_way(
    clients: ClientStage, moto_server: MotoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events of 6 MiB come back byte for byte, and the client needs less than 100 MB (PAY-13).

    Summed are the peaks (`VmHWM`) of the client's two processes: the one that was started and its
    queue side. Pages that both share are counted twice, and the program's own are not counted.
    Events follow each other, so that what one leaves behind counts too.
    """
    bucket = MotoBucket(moto_server)
    clients.caller.bucket = place = Bucket(bucket.name, "ldp")
    monkeypatch.setenv("LAMBDA_PROXY_PAYLOAD_BUCKET", f"{bucket.name}/ldp")
    client = serving(clients, FOR_EVER)
    for seed in range(3):
        text = Random(seed).randbytes(MAX_PAYLOAD_BYTES // 2 - 1).hex()
        event = b'"' + text.encode() + b'"'
        request = clients.caller.request({})
        claim = claim_check(place, Direction.REQUEST, request.request_id, event)
        bucket.put(claim.key, event)
        answer = clients.caller.send(replace(request, payload=claim)).answer()
        assert isinstance(answer.body, ClaimCheck)
        assert bucket.body(answer.body.key) == event

    processes = (client.process.pid, client.queue_side_pid)
    assert sum(map(peak_resident_bytes, processes)) < 100_000_000


def test_a_program_stays_warm(clients: ClientStage) -> None:
    """Events of one function, one after another, are run by one process."""
    started(clients, "--", *RUNTIME)
    pids = set()
    for _ in range(3):
        exchange = clients.caller.invoke(clients.switchboard.event())
        run = clients.switchboard.next_run()
        pids.add(run.about["pid"])
        run.returns(None)
        exchange.result()

    assert len(pids) == 1


def test_workers_run_events_side_by_side(clients: ClientStage) -> None:
    """With two of them two events run at once, each in a process of its own."""
    started(clients, "--workers", "2", "--", *RUNTIME)
    exchanges = [clients.caller.invoke(clients.switchboard.event(i)) for i in range(2)]
    runs = [clients.switchboard.next_run() for _ in range(2)]
    for run in runs:
        run.returns(run.about["nonce"])

    assert [exchange.result() for exchange in exchanges] == [0, 1]
    assert len({run.about["pid"] for run in runs}) == 2


def test_a_held_event_runs_again_in_a_new_process(clients: ClientStage) -> None:
    """Enter starts the mended program, and its caller gets the answer (SES-36)."""
    client = serving(
        clients,
        "headers, event = ask()\npost(headers, b'{}', 'error')\nask()\n",
        "--on-error",
        "hold",
    )
    exchange = clients.caller.invoke({"order": 1})
    client.wait_for("notice", kind="held")
    (client.folder / "program.py").write_text(RAW + FOR_EVER)
    with pressing_enter(client):
        assert exchange.result() == {"order": 1}
    assert client.wait_for("started")["attempt"] == 2


def test_a_program_that_never_asks_is_given_up_in_time(clients: ClientStage) -> None:
    """Its caller gets Lambda's error for that before nobody waits any more."""
    serving(clients, "signal.pause()\n")
    exchange = clients.caller.invoke({"order": 1}, answer_within_s=5)
    body = body_of(exchange.answer())

    assert body["errorType"] == "Sandbox.Timedout"
    assert "Task timed out after" in body["errorMessage"]


def test_a_runtime_that_a_supervisor_replaced_has_lost_its_event(clients: ClientStage) -> None:
    """Asking for more without an answer is the end of the event before."""
    serving(clients, "first, _ = ask()\n" + FOR_EVER)
    lost, next_one = clients.caller.invoke({"order": 1}), clients.caller.invoke({"order": 2})

    assert body_of(lost.answer())["errorType"] == "Runtime.ExitError"
    assert next_one.result() == {"order": 2}
