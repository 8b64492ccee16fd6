"""Whole clients whose handlers are programs: official runtimes unmodified, and small ones that die.

AWS's runtime client for Python stands for the official ones. What no well-behaved runtime does is
done by programs of a few lines.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from ldp_testing.processes import children

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_testing.client_process import ClientProcess
    from ldp_testing.client_stage import ClientStage
    from ldp_wire.exchange import Answer

RUNTIME: Final = (sys.executable, "-m", "awslambdaric", "app.handler")
#: A runtime in a few lines, which a test completes: `ask` and `post` are the Runtime API.
RAW: Final = """
import base64, http.client, json, os, signal, sys

LINE = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])

def ask():
    LINE.request("GET", "/2018-06-01/runtime/invocation/next")
    answer = LINE.getresponse()
    return answer.headers, answer.read()

def post(headers, body, what="response", **more):
    path = f"/2018-06-01/runtime/invocation/{headers['Lambda-Runtime-Aws-Request-Id']}/{what}"
    LINE.request("POST", path, body, {name.replace("_", "-"): more[name] for name in more})
    answer = LINE.getresponse()
    answer.read()
    return answer.status

"""
FOR_EVER: Final = "while True:\n    headers, event = ask()\n    post(headers, event)\n"

BREAKS_OFF: Final = """
headers, event = ask()
request_id = headers["Lambda-Runtime-Aws-Request-Id"]
LINE.putrequest("POST", f"/2018-06-01/runtime/invocation/{request_id}/response")
LINE.putheader("Transfer-Encoding", "chunked")
LINE.putheader("Trailer", "Lambda-Runtime-Function-Error-Type")
LINE.putheader("Trailer", "Lambda-Runtime-Function-Error-Body")
LINE.endheaders()
LINE.send(b"3\\r\\nabc\\r\\n0\\r\\n")
LINE.send(b"Lambda-Runtime-Function-Error-Type: Runtime.Stream\\r\\n")
error = base64.b64encode(b'{"errorType":"Broken","trace":[1]}')
LINE.send(b"Lambda-Runtime-Function-Error-Body: " + error + b"\\r\\n\\r\\n")
LINE.getresponse().read()
"""


def serving(clients: ClientStage, code: str, *options: str) -> ClientProcess:
    """A client that runs a program of this code."""
    folder = clients.folder / "program"
    folder.mkdir()
    (folder / "program.py").write_text(RAW + code, encoding="utf-8")
    return started(clients, *options, "--", sys.executable, "program.py", folder=folder)


def started(clients: ClientStage, *options: str, **more: Any) -> ClientProcess:
    """A client that runs a program."""
    client = clients.starting_client(*options, serves=(), **more)
    client.wait_for("listening")
    return client


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
    """Asking for more without an answer is the end of the event before (ERR-1)."""
    serving(clients, "first, _ = ask()\n" + FOR_EVER)
    lost, next_one = clients.caller.invoke({"order": 1}), clients.caller.invoke({"order": 2})

    assert body_of(lost.answer())["errorType"] == "Runtime.ExitError"
    assert next_one.result() == {"order": 2}


def test_a_streamed_response_is_passed_on_whole(clients: ClientStage) -> None:
    """Chunks are put together byte for byte, up to the end (PAY-2)."""
    serving(
        clients,
        "headers, event = ask()\n"
        "chunks = iter([b'[\"\\xff', b' 1.10', event, b'\"]'])\n"
        "post(headers, chunks, Lambda_Runtime_Function_Response_Mode='streaming')\n",
    )
    answer = clients.caller.invoke("1").answer()

    assert answer.body == b'["\xff 1.10"1""]'


def test_a_stream_that_breaks_off_is_the_error_of_its_trailer(clients: ClientStage) -> None:
    """What was streamed before is of no use to a caller who gets all or nothing."""
    serving(clients, BREAKS_OFF)
    answer = clients.caller.invoke("1").answer()

    assert answer.body == b'{"errorType":"Broken","trace":[1]}'
    assert answer.error is not None
    assert answer.error.error_type == "Broken"


def test_a_long_cause_ends_no_runtime(clients: ClientStage) -> None:
    """An X-Ray cause of 1 MiB is a header, and answered with 202 like every post."""
    client = serving(
        clients,
        "headers, event = ask()\n"
        "status = post(headers, b'{}', 'error',\n"
        "    Lambda_Runtime_Function_XRay_Error_Cause='x' * 2**20,\n"
        "    Lambda_Runtime_Function_Error_Type='Function.Cause')\n"
        "headers, event = ask()\n"
        "post(headers, str(status).encode())\n",
    )
    failed, then = clients.caller.invoke("1"), clients.caller.invoke("2")

    assert failed.answer().body == b"{}"
    assert then.result() == 202
    client.wait_for("answered")


def test_every_header_is_told(clients: ClientStage) -> None:
    """A runtime gets the deadline, the ARN, the trace and a nonce of the attempt (ENV-12)."""
    serving(
        clients,
        "headers, event = ask()\n"
        "post(headers, json.dumps(dict(headers)).encode(),\n"
        "     Lambda_Runtime_Invocation_Id=headers['Lambda-Runtime-Invocation-Id'])\n",
    )
    request = clients.caller.request("1")
    headers = clients.caller.send(request).result()

    assert isinstance(headers, dict)
    context = request.context
    assert headers["Content-Type"] == "application/json"
    assert headers["Lambda-Runtime-Aws-Request-Id"] == context.aws_request_id
    assert headers["Lambda-Runtime-Invoked-Function-Arn"] == context.invoked_function_arn
    assert abs(int(headers["Lambda-Runtime-Deadline-Ms"]) - context.deadline_ms) < 60_000
    assert "Lambda-Runtime-Invocation-Id" in headers
