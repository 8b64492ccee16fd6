"""A queue side as a real child process: how it starts, and how it ends."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ldp_client.queue_side import launch
from ldp_client.queue_side.channel import VARIABLE, Channel, Hello, encode
from ldp_client.queue_side.errors import NotStarted, QueueSideFailed
from ldp_client.queue_side.launch import start_queue_side
from ldp_testing.engine_stage import LIMIT_S
from ldp_testing.moto_server import MotoServer, process_environment
from ldp_testing.tap import CLOCK_BEHIND, QUEUE_GONE, Answer, Call, Point, Refuse, ShiftDate, Tap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ldp_client.config import ClientConfig
    from ldp_client.queue_side.launch import QueueSide


NEXT = "/2018-06-01/runtime/invocation/next"


@pytest.fixture
def side(tap: Tap, config: ClientConfig) -> Iterator[QueueSide]:
    """A queue side that serves."""
    assert tap.calls() == []
    side = start_queue_side(config)
    yield side
    side.abandon()
    assert side.wait(LIMIT_S)


def _ask(side: QueueSide) -> threading.Thread:
    """Wait for an event, on a thread that ends with the connection."""

    def ask() -> None:
        connection = http.client.HTTPConnection(side.runtime_api)
        connection.request("GET", NEXT)
        with pytest.raises(http.client.RemoteDisconnected):
            connection.getresponse()
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    return thread


def test_a_queue_side_serves_the_runtime_api_on_loopback(side: QueueSide) -> None:
    """It is there, alive, and reached by nobody but this machine (SEC-8)."""
    host, _, port = side.runtime_api.partition(":")

    assert host == "127.0.0.1"
    assert int(port) > 0
    assert side.is_alive
    assert side.failure is None
    assert side.pid != os.getpid()


def test_an_idle_queue_side_closes_at_once_although_a_receive_is_open(
    side: QueueSide, tap: Tap
) -> None:
    """The first signal ends an idle client without waiting for its long poll (SES-32, SQS-7)."""
    runtime = _ask(side)
    tap.wait_for("ReceiveMessage")
    side.drain()

    assert side.wait(LIMIT_S)
    assert side.is_closed
    assert not side.is_alive
    assert tap.calls("ReceiveMessage", at=Point.ANSWER) == []
    runtime.join(LIMIT_S)


def test_what_the_open_receive_brings_after_the_end_is_given_back(
    side: QueueSide, tap: Tap, moto_server: MotoServer, config: ClientConfig
) -> None:
    """The process stays until its receive has ended, and releases what came (SES-32, SQS-7)."""
    runtime = _ask(side)
    tap.wait_for("ReceiveMessage")
    side.drain()
    assert side.wait(LIMIT_S)
    body = (
        '{"version":"1.0","kind":"request","requestId":"r-1","sentAtMs":1,"oneWay":true,'
        '"context":{"awsRequestId":"a","functionName":"f","functionVersion":"1",'
        '"invokedFunctionArn":"arn","memoryLimitInMb":1,"logGroupName":"","logStreamName":"",'
        '"deadlineMs":1},"payload":{"encoding":"text","data":"{}"}}'
    )
    moto_server.sqs.send_message(QueueUrl=config.request_queue_url, MessageBody=body)
    tap.wait_for("ChangeMessageVisibility")

    (release,) = tap.calls("ChangeMessageVisibility")
    assert release.parameters["VisibilityTimeout"] == 0
    side._process.wait(LIMIT_S)
    runtime.join(LIMIT_S)


def test_a_queue_side_of_which_nothing_is_asked_ends_at_once(side: QueueSide) -> None:
    """Without an open receive the process is gone as soon as its line is."""
    side.drain()
    assert side.wait(LIMIT_S)

    assert side._process.wait(LIMIT_S) == 0


def test_a_child_that_dies_is_noticed(side: QueueSide) -> None:
    """A queue side that was killed has ended, and not in good order."""
    os.kill(side.pid, signal.SIGKILL)

    assert side.wait(LIMIT_S)
    assert not side.is_closed
    assert side.failure is None


def test_signals_of_the_terminal_do_not_reach_the_child(side: QueueSide) -> None:
    """Ctrl-C is the parent's to decide about: another session, and deaf to both signals."""
    assert os.getsid(side.pid) != os.getsid(0)
    os.kill(side.pid, signal.SIGINT)
    os.kill(side.pid, signal.SIGTERM)
    side.drain()

    assert side.wait(LIMIT_S)
    assert side.is_closed


@pytest.mark.usefixtures("tap")
def test_a_queue_that_is_not_there_is_an_error_with_a_hint(config: ClientConfig) -> None:
    """What is wrong from the start is raised to whoever started it."""
    missing = f"{config.request_queue_url}-not"
    with pytest.raises(QueueSideFailed, match=missing) as failed:
        start_queue_side(replace(config, request_queue_url=missing))

    assert "Check the queue's URL" in failed.value.hint


def test_a_clock_that_aws_refuses_is_an_error_that_says_by_how_much(
    tap: Tap, config: ClientConfig
) -> None:
    """Ten minutes are told, not corrected (SQS-14)."""
    refusal = _RefuseLater(
        CLOCK_BEHIND.code, CLOCK_BEHIND.message, CLOCK_BEHIND.status, CLOCK_BEHIND.legacy_code
    )
    tap.apply(refusal, times=None)
    with pytest.raises(QueueSideFailed) as failed:
        start_queue_side(config)

    assert "min" in failed.value.hint
    assert "behind AWS's" in failed.value.hint


class _RefuseLater(Refuse):
    """AWS's refusal of a signature, with a `Date` that is ten minutes ahead."""

    def on_request(self, call: Call) -> Answer:
        """Answer instead of the server."""
        return ShiftDate(600).on_answer(call, super().on_request(call))


def test_a_first_receive_that_cannot_succeed_ends_the_queue_side(side: QueueSide, tap: Tap) -> None:
    """A queue that vanishes before anything was received is told as the reason of the end."""
    tap.apply(QUEUE_GONE, "ReceiveMessage", times=None)
    runtime = _ask(side)

    assert side.wait(LIMIT_S)
    assert side.failure is not None
    assert "does not exist" in str(side.failure)
    runtime.join(LIMIT_S)


def test_a_stranger_on_the_port_is_sent_away(
    tap: Tap, config: ClientConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who does not know the token is not the child, and does not keep it away."""
    assert tap.calls() == []
    start = launch._start

    def disturbed(meeting_point: str, stdout: int | None) -> subprocess.Popen[bytes]:
        port = int(meeting_point.partition(":")[0])
        for word in (Hello("guess"), Hello("\u00e4")):
            with socket.create_connection(("127.0.0.1", port)) as stranger:
                stranger.sendall(encode(word))
        return start(meeting_point, stdout)

    monkeypatch.setattr(launch, "_start", disturbed)
    side = start_queue_side(config)
    side.drain()
    assert side.wait(LIMIT_S)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("raise SystemExit(3)", "status 3"),
        (
            """
            import os, socket
            from ldp_client.queue_side.channel import VARIABLE, Channel, Closed, Hello
            port, _, token = os.environ[VARIABLE].partition(":")
            channel = Channel(socket.create_connection(("127.0.0.1", int(port))))
            channel.say(Hello(token))
            channel.hear()
            channel.say(Closed())
            channel.hear()
            """,
            "does not answer",
        ),
    ],
)
def test_a_child_that_does_not_come_up_is_an_error(
    config: ClientConfig, monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    """A child that ends, or says something else, is told as what it is."""

    def start(meeting_point: str, _stdout: int | None) -> subprocess.Popen[bytes]:
        environment = {**os.environ, VARIABLE: meeting_point}
        return subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], env=environment)

    monkeypatch.setattr(launch, "_start", start)
    with pytest.raises(NotStarted, match=words):
        start_queue_side(config)


@pytest.mark.usefixtures("tap")
def test_a_profile_wins_over_what_the_environment_offers(config: ClientConfig) -> None:
    """`--profile` counts although the environment has keys, as with the AWS command line."""
    with pytest.raises(QueueSideFailed, match="nobody"):
        start_queue_side(replace(config, profile="nobody"))


@pytest.mark.usefixtures("tap")
def test_a_client_of_one_way_events_needs_no_response_queue(config: ClientConfig) -> None:
    """Without a response queue a queue side serves all the same."""
    side = start_queue_side(replace(config, response_queue_url=None))
    side.abandon()

    assert side.wait(LIMIT_S)
    assert side.is_closed


def test_a_bug_ends_the_queue_side_with_a_traceback(
    tap: Tap,
    config: ClientConfig,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A thread that dies takes the process with it, rather than leave a client that is deaf."""
    code = """
        import sys, threading
        from ldp_client.queue_side import __main__
        from ldp_client.queue_side.receiver import Receiver
        def stumble(self):
            threading.Thread(target=sys.exit).start()
            self._engine.wait_for_room()
            1 / 0
        Receiver.receive_once = stumble
        sys.exit(__main__.main())
    """

    def start(meeting_point: str, _stdout: int | None) -> subprocess.Popen[bytes]:
        environment = {**os.environ, VARIABLE: meeting_point}
        return subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], env=environment)

    monkeypatch.setattr(launch, "_start", start)
    side = start_queue_side(config)
    runtime = _ask(side)

    assert side.wait(LIMIT_S)
    assert side.failure is not None
    assert "ZeroDivisionError" in str(side.failure)
    assert "division by zero" in capfd.readouterr().err
    assert tap.calls("ReceiveMessage") == []
    runtime.join(LIMIT_S)


def _run_alone(environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "ldp_client.queue_side"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("meeting_point", ["", "1:", "no:token", "9:token"])
def test_a_queue_side_without_a_parent_says_what_it_is(meeting_point: str) -> None:
    """Started by hand, it says in a sentence that it is not meant to be."""
    ran = _run_alone({**process_environment("http://127.0.0.1:9"), VARIABLE: meeting_point})

    assert ran.returncode == 1
    assert "lambda-debug" in ran.stderr


def test_a_parent_that_says_nothing_is_no_parent() -> None:
    """A line that ends before the configuration came ends the child."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        point = f"{listener.getsockname()[1]}:token"

        def answer() -> None:
            connection, _ = listener.accept()
            channel = Channel(connection)
            assert channel.hear() == Hello("token")
            channel.close()

        thread = threading.Thread(target=answer)
        thread.start()
        ran = _run_alone({**process_environment("http://127.0.0.1:9"), VARIABLE: point})
        thread.join(LIMIT_S)

    assert ran.returncode == 1
