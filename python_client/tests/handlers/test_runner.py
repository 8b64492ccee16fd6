"""Held against awslambdaric's handling of an event: what is posted, byte for byte."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from awslambdaric import bootstrap
from awslambdaric.lambda_runtime_marshaller import LambdaMarshaller
from hypothesis import given
from hypothesis import strategies as st

from ldp_client.handlers.failure import Failure
from ldp_client.handlers.invocation import Invocation
from ldp_client.handlers.marshal import Encoder
from ldp_client.handlers.runner import Result, Runner
from ldp_testing.json_texts import json_texts

if TYPE_CHECKING:
    from collections.abc import Callable


class Posts:
    """Stands in for awslambdaric's HTTP client, and keeps what it is given to post."""

    marshaller = LambdaMarshaller()

    def __init__(self) -> None:
        self.posted: tuple[str, bytes, str] = ("", b"", "")

    def post_invocation_result(
        self, _id: str, data: bytes | str, content_type: str, _nonce: str | None
    ) -> None:
        """Keep a result."""
        body = data if isinstance(data, bytes) else data.encode()
        self.posted = ("response", body, content_type)

    def post_invocation_error(
        self, _id: str, error: str, _fault: str, _nonce: str | None = None
    ) -> None:
        """Keep an error body."""
        self.posted = ("error", error.encode(), "application/json")


class NoLog:
    """A log nobody reads."""

    def log_error(self, lines: list[str]) -> None:
        """Drop it."""


def invocation(event: bytes = b"{}", **members: Any) -> Invocation:
    """An invocation with this event."""
    return Invocation(request_id="r-1", event=event, deadline_ms=4_102_444_800_000, **members)


def theirs(handler: Callable[[Any, Any], Any], work: Invocation) -> tuple[str, bytes, str]:
    """What awslambdaric posts."""
    posts = Posts()
    bootstrap.handle_event_request(
        posts,
        handler,
        work.request_id,
        work.event,
        work.content_type,
        work.client_context,
        work.cognito_identity,
        work.invoked_function_arn,
        work.deadline_ms,
        work.tenant_id,
        NoLog(),
    )
    return posts.posted


def ours(handler: Callable[[Any, Any], Any], work: Invocation) -> tuple[str, bytes, str]:
    """What the runner has posted."""
    outcome = Runner(handler, Encoder(ensure_ascii=True)).run(work)
    if isinstance(outcome, Result):
        return "response", outcome.body, outcome.content_type
    return "error", outcome.body, "application/json"


class OwnError(Exception):
    """An error of the user's."""


def _echo(event: Any, _context: Any) -> Any:
    return event


def _raise_plain(_event: Any, _context: Any) -> None:
    raise ValueError("no such order: é\ud800")


def _raise_deep(event: Any, context: Any) -> None:
    def inner() -> None:
        _raise_plain(event, context)

    try:
        inner()
    except ValueError as exc:
        raise OwnError from exc


def _raise_nothing_said(_event: Any, _context: Any) -> None:
    raise OwnError


def _recurse(event: Any, context: Any) -> None:
    _recurse(event, context)


def _parse(_event: Any, _context: Any) -> Any:
    return json.loads("{")


def _return_set(_event: Any, _context: Any) -> set[int]:
    return {1}


def _return_bytes(_event: Any, _context: Any) -> bytes:
    return b"\x00\xff"


def _return_nothing(_event: Any, _context: Any) -> None:
    return None


@pytest.mark.parametrize(
    "handler",
    [
        _echo,
        _raise_plain,
        _raise_deep,
        _raise_nothing_said,
        _parse,
        _return_set,
        _return_bytes,
        _return_nothing,
    ],
)
def test_results_and_errors_are_lambdas_byte_for_byte(handler: Any) -> None:
    """Whatever a handler does, the posted body is awslambdaric's (ENV-27, PAY-2)."""
    assert ours(handler, invocation()) == theirs(handler, invocation())


@pytest.mark.parametrize(
    "members",
    [{"client_context": "{"}, {"cognito_identity": "{"}, {"event": b"{"}, {"event": b"NaN"}],
    ids=str,
)
def test_faults_are_lambdas_byte_for_byte(members: dict[str, Any]) -> None:
    """A context or an event that is no JSON gives awslambdaric's fault."""
    posted = ours(_echo, invocation(**members))

    assert posted == theirs(_echo, invocation(**members))
    assert posted[0] == "error"


@given(event=json_texts() | st.binary(max_size=20))
def test_any_event_through_any_runtime_is_the_same(event: bytes) -> None:
    """For any event, an echoing handler has the same bytes posted as in Lambda (PAY-1, PAY-2)."""
    assert ours(_echo, invocation(event)) == theirs(_echo, invocation(event))


@given(message=st.text(st.characters(), max_size=20))
def test_any_message_of_an_error_is_the_same(message: str) -> None:
    """For any message, the error body is awslambdaric's (ENV-27)."""

    def fail(_event: Any, _context: Any) -> None:
        raise OwnError(message)

    assert ours(fail, invocation()) == theirs(fail, invocation())


def test_a_recursion_error_is_shortened_as_in_lambda() -> None:
    """The stack says how often the line repeats, and starts at the user's code."""
    kind, body, _ = ours(_recurse, invocation())
    stack = json.loads(body)["stackTrace"]

    assert kind == "error"
    assert json.loads(body)["errorType"] == "RecursionError"
    assert "_recurse" in stack[0]
    assert any("Previous line repeated" in line for line in stack)


def test_a_handler_with_other_arguments_fails_without_our_frames() -> None:
    """A wrong number of arguments is the user's TypeError; no frame of the client is in it."""

    def takes_nothing() -> None:
        return None

    _, body, _ = ours(takes_nothing, invocation())  # type: ignore[arg-type]
    error = json.loads(body)

    assert error["errorType"] == "TypeError"
    assert error["stackTrace"] == []


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (None, "Runtime exited without providing a reason"),
        (0, "Runtime exited without providing a reason"),
        (3, "Runtime exited with error: exit status 3"),
        (-1, "Runtime exited with error: exit status 255"),
        (256, "Runtime exited without providing a reason"),
        ("fatal: no config", "Runtime exited with error: exit status 1"),
    ],
)
def test_an_exit_is_reported_as_lambda_would(code: Any, text: str) -> None:
    """SystemExit ends no client; its caller gets what Lambda says of such an exit."""

    def leave(_event: Any, _context: Any) -> None:
        sys.exit(code)

    outcome = Runner(leave).run(invocation())

    assert isinstance(outcome, Failure)
    assert outcome.error_type == "Runtime.ExitError"
    assert json.loads(outcome.body) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: r-1 Error: {text}",
    }
    assert "SystemExit" in outcome.report


@pytest.mark.parametrize(
    ("raised", "text"),
    [(KeyboardInterrupt, "signal: interrupt"), (GeneratorExit, "exit status 1")],
)
def test_what_would_end_the_process_is_an_exit(raised: type[BaseException], text: str) -> None:
    """Any other exception that Python ends for is reported as that end."""

    def leave(_event: Any, _context: Any) -> None:
        raise raised

    outcome = Runner(leave).run(invocation())

    assert f"Runtime exited with error: {text}" in outcome.body.decode()


def test_an_exception_that_cannot_be_printed_is_still_an_answer() -> None:
    """A failing `__str__`, which ends awslambdaric, costs only the message."""

    class Mute(Exception):  # noqa: N818 - what it is
        def __str__(self) -> str:
            raise RuntimeError

    def fail(_event: Any, _context: Any) -> None:
        raise Mute

    outcome = Runner(fail).run(invocation())

    assert json.loads(outcome.body)["errorMessage"] == "<unprintable Mute object>"


def test_the_report_shows_causes_and_no_frame_of_ours() -> None:
    """The developer sees the exception as Python prints it, from the own code on."""
    outcome = Runner(_raise_deep).run(invocation())

    assert isinstance(outcome, Failure)
    assert "direct cause" in outcome.report
    assert "ldp_client" not in outcome.report.replace(__file__, "")


def test_the_runtime_lives_on() -> None:
    """After any outcome the next event is run as ever."""

    def handler(event: Any, context: Any) -> None:
        if event == 1:
            sys.exit()
        if event == 2:
            _raise_plain(event, context)

    runner = Runner(handler)
    bodies = [runner.run(invocation(b"%d" % number)).body for number in (1, 2, 3)]

    assert bodies[-1] == b"null"


def test_what_the_handler_prints_is_flushed(capfd: pytest.CaptureFixture[str]) -> None:
    """Prints are out when the handler ends, also through a pipe; a closed stream does no harm."""
    Runner(lambda _event, _context: print("printed")).run(invocation())  # noqa: T201 - the fact

    assert capfd.readouterr().out == "printed\n"


def test_a_handler_may_close_or_drop_its_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """A standard stream that is gone, or None, does not fail an event."""
    monkeypatch.setattr(sys, "stdout", None)

    assert Runner(_return_nothing).run(invocation()).body == b"null"
