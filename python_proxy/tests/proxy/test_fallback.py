"""The fallback function over a real Lambda API: two versions of a function in a local Lambda."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ldp_client.local_lambda import Alias, InvokeEndpoint, LocalLambda, Package
from ldp_proxy.config import read_config
from ldp_proxy.errors import (
    ConfigError,
    FunctionMissing,
    LambdaCredentialsError,
    LambdaDenied,
    LambdaError,
    LambdaThrottled,
    LambdaUnreachable,
)
from ldp_proxy.fallback import LAMBDA, FallbackFunction
from ldp_proxy.fallback_target import Running, parse_target
from ldp_proxy.wiring import connect_proxy
from ldp_queues.sdk_session import SdkSession
from ldp_queues.sqs_connection import wall_clock_ms
from ldp_testing.deliveries import CONTEXT
from ldp_testing.function_zips import EXACT_BYTES, function_zip
from ldp_testing.local_functions import LIMIT_S, ON_AWSLAMBDARIC
from ldp_testing.moto_server import REGION, aws_environment
from ldp_testing.tap import Cut, CutBody, Point, Reply, Tap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_testing.tap import Effect

APP = (
    EXACT_BYTES
    + """
    import json

    def handler(event, context):
        if event == b"null":
            raise LookupError("no order")
        if event != b"{}":
            return event
        custom = context.client_context and context.client_context.custom
        told = [context.function_version, custom, context.tenant_id]
        return json.dumps(told).encode()
"""
)
RUNNING = Running("orders", "$LATEST", REGION)
INVOKE = "POST /2015-03-31/functions/orders/invocations?Qualifier=1"
GET_ALIAS = "GET /2015-03-31/functions/orders/aliases/live"
GET_CONCURRENCY = "GET /2019-09-30/functions/orders/concurrency"


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalLambda]:
    """A function whose version 1 answers, and its alias `live`."""
    path = function_zip(tmp_path_factory.mktemp("orders") / "function.zip", APP)
    settings = replace(ON_AWSLAMBDARIC, name="orders", region=REGION, timeout_s=LIMIT_S)
    with LocalLambda(settings, path) as function:
        function.publish(Package(settings, path))
        function.set_alias(Alias("live", "1"))
        yield function


@pytest.fixture
def tap(orders: LocalLambda, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tap]:
    """A tap before the Lambda API, to which the SDK of this process goes."""
    with InvokeEndpoint(orders) as endpoint, Tap(endpoint.url) as started:
        for name, value in aws_environment("http://127.0.0.1:1").items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", started.url)
        yield started


@pytest.fixture
def session(tap: Tap) -> Iterator[SdkSession]:  # noqa: ARG001 - it has to be there first
    """The process's way to AWS."""
    with closing(SdkSession(REGION, clock_ms=wall_clock_ms, dialect=LAMBDA)) as opened:
        yield opened


@pytest.fixture
def version(session: SdkSession) -> FallbackFunction:
    """The published version."""
    return FallbackFunction(session, parse_target("orders:1", RUNNING))


@pytest.fixture
def alias(session: SdkSession) -> FallbackFunction:
    """The alias."""
    return FallbackFunction(session, parse_target("orders:live", RUNNING))


def refused(status: int, code: str, text: str = "no") -> Reply:
    """A refusal of Lambda's."""
    body = json.dumps({"__type": code, "Message": text}).encode()
    return Reply(status, "application/json", body)


def document(**members: object) -> Reply:
    """An answer of Lambda's."""
    return Reply(200, "application/json", json.dumps(members).encode())


def never(_seconds: float) -> None:
    """A pause that nobody makes."""
    raise AssertionError


def test_bytes_pass_both_ways(version: FallbackFunction, tap: Tap) -> None:
    """EXC-27: the function gets the event's bytes, and its bytes are the answer; one call."""
    event = b'{"a":1,"a":2,  "n":1.10,"s":"\\ud800","big":12345678901234567890}'

    assert version.invoke(event, CONTEXT, LIMIT_S) == (event, False, "1")
    assert [call.operation for call in tap.calls()] == [INVOKE]


def test_an_alias_names_its_version(alias: FallbackFunction) -> None:
    """What an alias leads to has run, and says so."""
    assert alias.invoke(b"1", CONTEXT, LIMIT_S).version == "1"


def test_six_mebibytes_pass_both_ways(version: FallbackFunction) -> None:
    """EXC-27: Lambda's largest events are the fallback's, too."""
    event = b'"' + b"x" * (6_291_456 - 2) + b'"'

    assert version.invoke(event, CONTEXT, LIMIT_S).payload == event


def test_what_can_be_passed_on_is(version: FallbackFunction) -> None:
    """The client context and the tenant of the proxy's invocation are the fallback's."""
    bare = version.invoke(b"{}", CONTEXT, LIMIT_S)
    context = replace(CONTEXT, client_context='{"custom":{"ü":"v"}}', tenant_id="blue")
    full = version.invoke(b"{}", context, LIMIT_S)

    assert json.loads(bare.payload) == ["1", None, None]
    assert json.loads(full.payload) == ["1", {"ü": "v"}, "blue"]


def test_a_functions_own_error_is_its_answer(version: FallbackFunction) -> None:
    """EXC-27: an error body comes as bytes, and is no error of the invocation."""
    answer = version.invoke(b"null", CONTEXT, LIMIT_S)

    assert answer.is_error
    assert json.loads(answer.payload)["errorType"] == "LookupError"


FAILURES = [
    (refused(403, "AccessDeniedException"), LambdaDenied, False),
    (refused(403, "ExpiredTokenException"), LambdaCredentialsError, False),
    (refused(404, "ResourceNotFoundException"), FunctionMissing, False),
    (refused(429, "TooManyRequestsException", "Rate Exceeded."), LambdaThrottled, False),
    (refused(400, "InvalidRequestContentException"), LambdaError, False),
    (refused(403, "RequestTimeTooSkewed"), LambdaError, False),
    (refused(500, "ServiceException"), LambdaUnreachable, True),
    (refused(502, "EC2ThrottledException"), LambdaUnreachable, True),
    (Reply(), LambdaUnreachable, True),
    (Reply(200, body=b"<html>Please log in</html>"), LambdaUnreachable, True),
    (Cut(), LambdaUnreachable, True),
    (Cut(Point.ANSWER), LambdaUnreachable, True),
    (CutBody(1), LambdaUnreachable, True),
]


@pytest.mark.parametrize(("effect", "error", "may_have_run"), FAILURES)
def test_what_fails_is_asked_once(
    version: FallbackFunction,
    tap: Tap,
    effect: Effect,
    error: type[LambdaError],
    *,
    may_have_run: bool,
) -> None:
    """EXC-27, ERR-2: no failure is tried again; each says what to do, and what is not known."""
    tap.apply(effect, INVOKE, times=None)

    with pytest.raises(LambdaError) as caught:
        version.invoke(b'"event"', CONTEXT, LIMIT_S)

    assert type(caught.value) is error
    assert caught.value.may_have_run is may_have_run
    assert "Invoke on orders:1" in str(caught.value)
    assert caught.value.hint
    assert len(tap.calls(INVOKE)) == 1


def test_an_endpoint_that_hangs_is_asked_once_and_left(version: FallbackFunction, tap: Tap) -> None:
    """EXC-27, EXC-6: when the time is up the caller is told, and nothing is asked again."""
    hold = tap.hold(INVOKE)

    with pytest.raises(LambdaUnreachable, match="no answer of orders:1 within 1 s"):
        version.invoke(b"1", CONTEXT, 1.0)

    hold.wait_until_reached()
    hold.release()
    tap.wait_for(INVOKE, at=Point.ANSWER)
    assert len(tap.calls(INVOKE)) == 1


def test_a_proxy_that_is_its_own_fallback_does_not_call_itself(
    alias: FallbackFunction, tap: Tap
) -> None:
    """EXC-25, ERR-10: an alias that was moved after the check costs one invocation, not more."""
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders:live"
    with pytest.raises(LambdaError, match="orders:live leads to the proxy by now"):
        alias.invoke(b"1", replace(CONTEXT, invoked_function_arn=arn), LIMIT_S)

    assert tap.calls() == []


def test_a_published_version_needs_no_alias(version: FallbackFunction, tap: Tap) -> None:
    """EXC-26: of a version only the reservation of its function is asked."""
    version.check(never)

    assert [call.operation for call in tap.calls()] == [GET_CONCURRENCY]


def test_an_alias_of_another_version_passes(alias: FallbackFunction, tap: Tap) -> None:
    """EXC-25: an alias that leads elsewhere is asked for once, and may be the fallback."""
    alias.check(never)

    assert [call.operation for call in tap.calls()] == [GET_ALIAS, GET_CONCURRENCY]


def test_another_functions_version_is_not_asked_about(session: SdkSession, tap: Tap) -> None:
    """EXC-25, EXC-26: what is no version of the proxy's function can neither recurse nor starve."""
    FallbackFunction(session, parse_target("others:live", RUNNING)).check(never)

    assert tap.calls() == []


@pytest.mark.parametrize(
    ("answer", "running"),
    [
        (document(FunctionVersion="$LATEST"), "$LATEST"),
        (document(FunctionVersion="3"), "3"),
        (
            document(FunctionVersion="2", RoutingConfig={"AdditionalVersionWeights": {"3": 0.01}}),
            "3",
        ),
        (
            document(FunctionVersion="3", RoutingConfig={"AdditionalVersionWeights": {"2": 1.0}}),
            "3",
        ),
    ],
)
def test_an_alias_of_the_running_version_is_refused(
    session: SdkSession, tap: Tap, answer: Reply, running: str
) -> None:
    """EXC-25, ERR-8: wholly or in part, the proxy would call itself."""
    tap.apply(answer, GET_ALIAS)
    target = parse_target("orders:live", RUNNING._replace(version=running))

    with pytest.raises(ConfigError, match="which leads to the running version") as caught:
        FallbackFunction(session, target).check(never)

    assert caught.value.variable == "LAMBDA_PROXY_FALLBACK_FUNCTION"


@pytest.mark.parametrize(
    ("reserved", "is_enough"), [(0, False), (1, False), (2, True), (None, True)]
)
def test_the_reservation_has_room_for_both(
    version: FallbackFunction, tap: Tap, reserved: int | None, *, is_enough: bool
) -> None:
    """EXC-26, ERR-8: two of one function run at once, so that a reservation of 1 is refused."""
    members = {} if reserved is None else {"ReservedConcurrentExecutions": reserved}
    tap.apply(document(**members), GET_CONCURRENCY)
    if is_enough:
        version.check(never)
        return

    with pytest.raises(ConfigError, match=f"a reserved concurrency of {reserved}") as caught:
        version.check(never)

    assert caught.value.variable == "LAMBDA_PROXY_WHEN_ABSENT"


def test_a_proxy_is_wired_with_its_fallback_checked(tap: Tap) -> None:
    """EXC-25, EXC-26: what is refused keeps the proxy from starting; what passes is asked once."""
    url = f"https://sqs.{REGION}.amazonaws.com/123456789012/LAMBDA_PROXY_"
    config = read_config(
        {
            "LAMBDA_PROXY_REQ_QUEUE_URL": f"{url}REQ",
            "LAMBDA_PROXY_RESP_QUEUE_URL": f"{url}RESP",
            "LAMBDA_PROXY_REPLY": "dedicated",
            "LAMBDA_PROXY_START_WITHIN_S": "2",
            "LAMBDA_PROXY_WHEN_ABSENT": "fallback",
            "LAMBDA_PROXY_FALLBACK_FUNCTION": "orders:live",
            "AWS_LAMBDA_FUNCTION_NAME": "orders",
            "AWS_REGION": REGION,
        }
    )
    connect_proxy(config)
    assert [call.operation for call in tap.calls()] == [GET_ALIAS, GET_CONCURRENCY]

    tap.apply(document(FunctionVersion="$LATEST"), GET_ALIAS)
    with pytest.raises(ConfigError, match="orders:live"):
        connect_proxy(config)


@pytest.mark.parametrize("operation", [GET_ALIAS, GET_CONCURRENCY])
@pytest.mark.parametrize(
    ("effect", "advice"),
    [
        (refused(403, "AccessDeniedException", "not authorized to perform: x"), "Allow lambda:"),
        (refused(404, "ResourceNotFoundException"), "Check LAMBDA_PROXY_FALLBACK_FUNCTION"),
        (Cut(), "in a VPC, Lambda needs"),
    ],
)
def test_what_cannot_be_checked_is_refused(
    alias: FallbackFunction, tap: Tap, operation: str, effect: Effect, advice: str
) -> None:
    """EXC-25, EXC-26, ERR-2: without an answer of Lambda's it is refused, with what to do."""
    tap.apply(effect, operation, times=None)

    with pytest.raises(ConfigError, match="cannot be checked") as caught:
        alias.check(never)

    assert advice in str(caught.value)
    assert len(tap.calls(operation)) == 1


def test_a_throttled_check_is_asked_again(alias: FallbackFunction, tap: Tap) -> None:
    """Many environments that start at once do not refuse to start for it; a few pauses, no more."""
    throttled = refused(429, "TooManyRequestsException", "Rate exceeded")
    paused: list[float] = []
    tap.apply(throttled, GET_ALIAS, times=2)
    alias.check(paused.append)
    assert len(paused) == 2

    tap.apply(throttled, GET_CONCURRENCY, times=None)
    with pytest.raises(ConfigError, match="Rate exceeded"):
        alias.check(paused.append)
    assert sum(paused) < 5
