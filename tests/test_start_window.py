"""Nobody there, somebody there, somebody too late: the start window, with everything real.

A window and the grace after it take five seconds, which nothing shortens.
"""

from __future__ import annotations

import json
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from ldp_client.local_lambda import Alias, Entry, InvokeOptions, LocalLambda
from ldp_testing.lambda_stage import LambdaStage, failure_of, lambda_stage
from ldp_testing.local_functions import Gate
from ldp_testing.tap import Reply

if TYPE_CHECKING:
    from pathlib import Path

    from ldp_client.local_lambda import InvokeResult

__all__ = ["lambda_stage"]  # a fixture

WINDOW = {"START_WITHIN_S": "2", "REPLY": "dedicated"}
FALLBACK = {**WINDOW, "WHEN_ABSENT": "fallback", "FALLBACK_FUNCTION": "orders:1"}
INVOKE = "POST /2015-03-31/functions/orders/invocations?Qualifier=1"
CONCURRENCY = "GET /2019-09-30/functions/orders/concurrency"


def invoke(function: LocalLambda, event: object, qualifier: str | None = None) -> InvokeResult:
    """Invoke a version of the function with a JSON value."""
    return function.invoke(json.dumps(event).encode(), InvokeOptions(qualifier=qualifier))


@pytest.mark.parametrize("entry", list(Entry), ids=lambda entry: entry.value)
def test_the_fallback_answers_where_nobody_is_attached(
    lambda_stage: LambdaStage, entry: Entry
) -> None:
    """EXC-21, EXC-27: its result comes as bytes, its error as its own, and each event ran once."""
    function = lambda_stage.host(lambda_stage.proxy(FALLBACK, entry=entry), lambda_stage.handler())
    good, bad = {"nonce": "a"}, {"nonce": "b", "fail": "no order ü"}
    with ThreadPoolExecutor() as pool:
        result, failed = pool.map(lambda event: invoke(function, event), (good, bad))
    ran = [line for line in lambda_stage.lines.rest() if "deployed handler runs" in line]
    direct = invoke(function, good, "1")
    own = failure_of(invoke(function, bad, "1"))

    assert (result.payload, result.function_error) == (direct.payload, None)
    error = failure_of(failed)
    assert {**error, "requestId": 0} == {**own, "requestId": 0}
    assert error["errorType"] == "LookupError"
    assert sorted(ran) == ["deployed handler runs a", "deployed handler runs b"]
    assert len(lambda_stage.tap.calls(INVOKE)) == 2


def test_a_client_that_accepts_in_time_keeps_the_fallback_out(lambda_stage: LambdaStage) -> None:
    """EXC-22, EXC-23: the caller gets the client's answer, however long it takes."""
    function = lambda_stage.host(lambda_stage.proxy(FALLBACK), lambda_stage.handler())
    lambda_stage.client()
    with ThreadPoolExecutor() as pool:
        future = pool.submit(invoke, function, lambda_stage.switchboard.event("a"))
        run = lambda_stage.switchboard.next_run()
        # While the client is busy, nobody accepts another event; the first one's grace ends first.
        meanwhile = invoke(function, {"nonce": "meanwhile"})
        run.returns("by the client")
        result = future.result()

    assert result.payload == b'"by the client"'
    assert b'"nonce": "meanwhile"' in meanwhile.payload
    ran = [line for line in lambda_stage.lines.rest() if "deployed handler runs" in line]
    assert ran == ["deployed handler runs meanwhile"]


def test_a_client_that_comes_after_the_fallback_does_not_run_the_event(
    lambda_stage: LambdaStage,
) -> None:
    """SES-23, EXC-21: what the fallback answered is deleted by the next client, which lives on."""
    function = lambda_stage.host(lambda_stage.proxy(FALLBACK), lambda_stage.handler())
    first = lambda_stage.switchboard.event("first")
    assert b'"nonce": "first"' in invoke(function, first).payload
    assert lambda_stage.requests_left() == 1

    client = lambda_stage.client()
    with ThreadPoolExecutor() as pool:
        future = pool.submit(invoke, function, lambda_stage.switchboard.event("second"))
        run = lambda_stage.switchboard.next_run()
        assert run.about["nonce"] == "second"
        run.returns("by the client")
        assert future.result().payload == b'"by the client"'
    client.interrupt()
    assert client.wait_for_exit() == 0
    lambda_stage.switchboard.assert_quiet()
    assert lambda_stage.requests_left() == 0


def test_a_reservation_of_one_would_starve_the_fallback(lambda_stage: LambdaStage) -> None:
    """EXC-26, ERR-10, ERR-8: it is refused at start-up, and unchecked the fallback is throttled."""
    function = lambda_stage.host(lambda_stage.proxy(FALLBACK, reserved=1), lambda_stage.handler())
    refused = failure_of(invoke(function, {"nonce": "a"}))
    assert refused["errorType"] == "Proxy.Misconfigured"
    assert "a reserved concurrency of 1" in refused["errorMessage"]

    lambda_stage.tap.apply(Reply(200, "application/json", b"{}"), CONCURRENCY)
    starved = failure_of(invoke(function, {"nonce": "a"}))
    assert starved["errorType"] == "Proxy.FallbackFailed"
    assert "Rate Exceeded" in starved["errorMessage"]
    assert "raise or remove the function's reserved concurrency" in starved["errorMessage"]
    assert len(lambda_stage.tap.calls(INVOKE)) == 1


def test_an_alias_that_leads_to_the_proxy_is_refused(lambda_stage: LambdaStage) -> None:
    """EXC-25, ERR-8: the proxy asks Lambda where the alias leads, and would call itself."""
    latest = lambda_stage.proxy({**FALLBACK, "FALLBACK_FUNCTION": "orders:live"})
    function = lambda_stage.host(latest, lambda_stage.handler())
    function.set_alias(Alias("live", "$LATEST"))
    error = failure_of(invoke(function, {"nonce": "a"}))

    assert error["errorType"] == "Proxy.Misconfigured"
    assert error["errorMessage"].startswith("LAMBDA_PROXY_FALLBACK_FUNCTION is 'orders:live'")


def test_a_fallback_that_takes_too_long_is_left(lambda_stage: LambdaStage, tmp_path: Path) -> None:
    """ERR-10, EXC-6, EXC-27: the caller is told before the proxy's own time is up; asked once."""
    function = lambda_stage.host(
        lambda_stage.proxy(FALLBACK, timeout_s=9.0), lambda_stage.handler()
    )
    gate = Gate(tmp_path / "gate")
    error = failure_of(invoke(function, {"nonce": "a", "gate": str(gate.path)}))
    gate.open()

    assert error["errorType"] == "Proxy.FallbackFailed"
    assert "It may have run the event all the same." in error["errorMessage"]
    assert len(lambda_stage.tap.calls(INVOKE)) == 1


def test_a_busy_client_runs_nothing_of_its_backlog_that_nobody_waits_for(
    lambda_stage: LambdaStage,
) -> None:
    """SES-2, SES-23, ERR-9: what expired or was told absent is deleted, the rest is answered."""
    patient, hasty = lambda_stage.proxy(), lambda_stage.proxy(timeout_s=3.0)
    function = lambda_stage.host(lambda_stage.proxy(WINDOW), patient, hasty)
    client, board = lambda_stage.client(), lambda_stage.switchboard

    def start(nonce: str, version: str | None = None) -> Future[InvokeResult]:
        return pool.submit(invoke, function, board.event(nonce), version)

    with ThreadPoolExecutor() as pool:
        busy = start("busy")
        stopped = board.next_run()
        absent, expired = [start("absent"), start("absent too")], start("expired", "2")
        types = [failure_of(future.result())["errorType"] for future in [*absent, expired]]
        waiting = start("waiting", "1")
        lambda_stage.wait_for_requests(5)
        board.assert_quiet()
        stopped.returns("at last")
        run = board.next_run()
        assert run.about["nonce"] == "waiting"
        run.returns("in its turn")
        assert (busy.result().payload, waiting.result().payload) == (b'"at last"', b'"in its turn"')
    client.interrupt()
    assert client.wait_for_exit() == 0

    assert types == ["Proxy.Absent", "Proxy.Absent", "Proxy.NoResponse"]
    board.assert_quiet()
    assert lambda_stage.requests_left() == 0
