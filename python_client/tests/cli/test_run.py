"""`lambda-debug run` as a process, with real queues between it and the caller."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from ldp_client.config import LEASE, REQUEST_QUEUE, TRACING_LEVEL
from ldp_testing.processes import read_until
from ldp_wire.envelopes import HandlerError, Inline

if TYPE_CHECKING:
    from pathlib import Path

    from ldp_testing.command_stage import CommandStage

ECHO = """
    def handler(event, context):
        print("printed by the handler")
        return [event, context.function_name, context.memory_limit_in_mb]
"""
WAITING = """
    import os

    def handler(event, context):
        print("in the handler", flush=True)
        with open(os.environ["GO_ON"]) as pipe:
            return pipe.readline()
"""


def test_once_serves_one_event_and_ends(stage: CommandStage) -> None:
    """The answer is the handler's, the report a line, the status 0 (PAY-1, PAY-2)."""
    stage.write("app.py", ECHO)
    stage.send('{"a":1.10}')
    stage.send('{"b":2}')
    status, out, err = stage.run("run", "app.handler", "--once")

    assert stage.answered_with() == '[{"a": 1.1}, "orders", "128"]'
    assert status == 0
    assert out == "printed by the handler\n"
    assert "orders  Lambda direct  returned" in err
    assert "ended after 1 event" in err
    assert stage.requests_left == 1


def test_json_leaves_standard_output_to_the_report(stage: CommandStage) -> None:
    """With --json every line of standard output is an object; prints go to standard error."""
    stage.write("app.py", 'print("printed at import")\n' + "\n".join(ECHO.split("\n    ")))
    request_id = stage.send("7")
    status, out, err = stage.run("run", "app.handler", "--once", "--json", "-v")
    lines = [json.loads(line) for line in out.splitlines()]

    assert status == 0
    assert [line["type"] for line in lines] == [
        "listening",
        "started",
        "ended",
        "answered",
        "closed",
    ]
    assert lines[1]["requestId"] == request_id
    assert lines[1]["eventText"] == "7"
    assert "printed at import" in err
    assert "printed by the handler" in err


def test_a_failing_handler_answers_with_its_error(stage: CommandStage) -> None:
    """Type, message and stack of the user's code reach the caller and the screen (ENV-27)."""
    file = stage.write("app.py", "def handler(event, context):\n    raise LookupError('gone')\n")
    stage.send("1")
    status, _, err = stage.run("run", "app.handler", "--once")
    error = stage.answer().result

    assert status == 0
    assert isinstance(error, HandlerError)
    assert (error.error_type, error.error_message) == ("LookupError", "gone")
    assert isinstance(error.payload, Inline)
    assert json.loads(error.payload.data)["stackTrace"] == [
        f"  File \"{file}\", line 2, in handler\n    raise LookupError('gone')\n"
    ]
    assert "LookupError: gone" in err
    assert "failed LookupError" in err


def test_an_interrupt_in_mid_handler_still_answers(stage: CommandStage, fifo: Path) -> None:
    """The first SIGINT lets the handler end, answers, and ends with status 0 (SES-32)."""
    stage.environment["GO_ON"] = str(fifo)
    stage.write("app.py", WAITING)
    stage.send("1")
    process = stage.start("run", "app.handler")
    read_until(process.stdout, "in the handler")
    process.send_signal(signal.SIGINT)
    read_until(process.stderr, "Ending after the running event")
    fifo.write_text("done", encoding="utf-8")

    assert stage.answered_with() == '"done"'
    assert process.wait() == 0
    assert stage.requests_left == 0


def test_a_second_interrupt_gives_the_event_back(stage: CommandStage, fifo: Path) -> None:
    """Two signals end with status 130 and no answer, and another client gets it (SES-33)."""
    stage.environment["GO_ON"] = str(fifo)
    stage.write("app.py", WAITING)
    stage.write("other.py", ECHO)
    stage.send("1")
    process = stage.start("run", "app.handler")
    read_until(process.stdout, "in the handler")
    process.send_signal(signal.SIGTERM)
    read_until(process.stderr, "Ending after the running event")
    process.send_signal(signal.SIGINT)
    err = read_until(process.stderr, "within 2 s")

    assert process.wait() == 130
    assert "lambda-debug: Abandoned." in err
    stage.run("run", "other.handler", "--once")
    assert stage.answered_with() == '[1, "orders", "128"]'


def test_an_interrupt_while_idle_ends_at_once(stage: CommandStage) -> None:
    """Without an event the session just ends, with status 0 (SES-32)."""
    stage.write("app.py", ECHO)
    process = stage.start("run", "app.handler")
    read_until(process.stderr, "listening to")
    process.send_signal(signal.SIGINT)

    assert process.wait() == 0


@pytest.mark.usefixtures("unmeasured")
def test_a_breakpoint_stops_in_the_users_terminal(stage: CommandStage) -> None:
    """A debugger reads the user's commands; afterwards Ctrl-C is the session's again."""
    stage.write(
        "app.py",
        """
        def handler(event, context):
            answer = event * 2
            breakpoint()
            return answer
        """,
    )
    stage.send("21")
    process = stage.start("run", "app.handler")
    assert process.stdin is not None
    process.stdin.write("p answer\nc\n")
    process.stdin.flush()

    assert stage.answered_with() == "42"
    assert "(Pdb) 42" in read_until(process.stdout, "42")
    process.send_signal(signal.SIGINT)
    assert process.wait() == 0


@pytest.mark.usefixtures("unmeasured")
def test_a_breakpoint_at_import_stops_before_any_event(stage: CommandStage) -> None:
    """The module is imported in the user's process before the queues are asked."""
    stage.write("app.py", "breakpoint()\ndef handler(event, context): return event\n")
    stage.send("1")
    process = stage.start("run", "app.handler", "--once")
    out, _ = process.communicate("import os; print('stopped', os.getpid())\nc\n")

    assert f"stopped {process.pid}" in out
    assert stage.answered_with() == "1"


def test_an_exit_in_a_handler_ends_no_client(stage: CommandStage) -> None:
    """The caller gets Lambda's error for an exit, and the next event is served."""
    stage.write(
        "app.py", "def handler(event, context):\n    raise SystemExit(3) if event else None\n"
    )
    stage.send("1")
    process = stage.start("run", "app.handler")
    error = stage.answer().result
    stage.send("0")

    assert isinstance(error, HandlerError)
    assert error.error_type == "Runtime.ExitError"
    assert isinstance(stage.answer().result, HandlerError)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 0


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("nowhere.handler", 2, "There is no module 'nowhere'"),
        ("app.nothing", 2, "The module 'app' has no 'nothing'"),
        ("app", 2, "'app' does not name a handler"),
        ("broken.handler", 1, "broken.py, line 1, is no valid Python"),
        ("failing.handler", 1, "ZeroDivisionError: division by zero"),
    ],
)
def test_a_wrong_handler_is_told_without_our_frames(
    stage: CommandStage, name: str, status: int, words: str
) -> None:
    """What is wrong with the user's code is on the screen, and nothing of the client's code."""
    stage.write("app.py", ECHO)
    stage.write("broken.py", "def handler(:\n")
    stage.write("failing.py", "1 / 0\n")
    ended, out, err = stage.run("run", name)

    assert (ended, out) == (status, "")
    assert words in err
    assert "ldp_client" not in err


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        (REQUEST_QUEUE, "", "Set LAMBDA_PROXY_REQ_QUEUE_URL to the URL of the request queue"),
        (LEASE, "soon", "Set LAMBDA_PROXY_LEASE_S to a whole number of seconds"),
        (TRACING_LEVEL, "LOUD", "Set LAMBDA_PROXY_TRACING_LEVEL to one of"),
    ],
)
def test_a_wrong_variable_is_one_sentence(
    stage: CommandStage, variable: str, value: str, words: str
) -> None:
    """A setting that is wrong ends with status 2 and a sentence that names it."""
    stage.environment[variable] = value
    status, _, err = stage.run("run", "app.handler")

    assert status == 2
    assert err.startswith(f"lambda-debug: {words}")
    assert len(err.splitlines()) == 2


def test_a_queue_that_is_not_there_is_told(stage: CommandStage) -> None:
    """What SQS says about a queue is told with a hint, with status 1."""
    stage.write("app.py", ECHO)
    stage.environment[REQUEST_QUEUE] += "-of-nobody"
    status, _, err = stage.run("run", "app.handler")

    assert status == 1
    assert "lambda-debug: " in err
    assert "Check the queue's URL" in err
    assert "Traceback" not in err


def test_nothing_secret_is_logged(stage: CommandStage) -> None:
    """At the most talkative level neither bodies nor credentials are in the log (SEC-4)."""
    stage.write("app.py", "def handler(event, context): return 'answer-s3cret'\n")
    stage.environment |= {
        TRACING_LEVEL: "TRACE",
        "AWS_SECRET_ACCESS_KEY": "key-s3cret",
        "AWS_SESSION_TOKEN": "token-s3cret",
    }
    stage.send('"event-s3cret"')
    status, out, err = stage.run("run", "app.handler", "--once")

    assert status == 0
    assert stage.answered_with() == '"answer-s3cret"'
    assert "s3cret" not in out + err


def test_the_library_is_one_line(stage: CommandStage) -> None:
    """A script that calls `run` is a client, from wherever it is started."""
    stage.write(
        "script.py",
        """
        from ldp_client import run

        def handler(event, context):
            return event + 1

        if __name__ == "__main__":
            run(handler, once=True)
            print("over")
        """,
    )
    stage.send("41")
    process = stage.start_python("script.py")
    out, _ = process.communicate()

    assert (process.returncode, out) == (0, "over\n")
    assert stage.answered_with() == "42"


def test_the_library_is_interrupted_as_python_is(stage: CommandStage, fifo: Path) -> None:
    """A second signal is a KeyboardInterrupt for the script that called `run` (SES-33)."""
    stage.environment["GO_ON"] = str(fifo)
    stage.write("app.py", WAITING)
    stage.write(
        "script.py",
        """
        import app, ldp_client

        try:
            ldp_client.run(app.handler)
        except KeyboardInterrupt:
            print("interrupted")
        """,
    )
    stage.send("1")
    process = stage.start_python("script.py")
    read_until(process.stdout, "in the handler")
    process.send_signal(signal.SIGINT)
    read_until(process.stderr, "Ending after the running event")
    process.send_signal(signal.SIGINT)

    assert read_until(process.stdout, "interrupted")
    assert process.wait() == 0
