"""Both entries as Lambda runs them: the zip, a process, and queues over HTTP."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import TYPE_CHECKING

import pytest

from ldp_client.local_lambda import Entry, InvokeOptions
from ldp_testing.proxy_stage import echo, error
from ldp_testing.tap import ACCESS_DENIED, EXPIRED_TOKEN, THROTTLED, Cut, Tap
from ldp_wire.codec import encode
from ldp_wire.envelopes import Identity

if TYPE_CHECKING:
    from ldp_testing.deployed_proxy import Deployments
    from ldp_testing.moto_server import MotoServer

both = pytest.mark.parametrize("entry", list(Entry), ids=lambda entry: entry.value)

EVENT = b'{"a":1.10,"a":2,"s":"\\ud800","n":12345678901234567890,  "z":"\\/"}'
ERROR = '{"errorMessage":"no \\ud800","errorType":"OrderError","stackTrace":["a\\n  b"],"cause":1}'
#: Bytes that no compression makes smaller, as JSON text.
NOISE = json.dumps(Random(7).randbytes(1_200_000).hex()).encode()


@both
def test_bytes_and_context_pass(deployments: Deployments, entry: Entry) -> None:
    """PAY-1, PAY-2, ENV-21, ENV-22: event, result and context pass, each to its byte."""
    proxy = deployments.deploy(entry)
    options = InvokeOptions(
        client_context='{ "custom": {"k": "\\ud800\u00e4"}, "services": [1] }',
        cognito_identity='{"cognitoIdentityId":"u","cognitoIdentityPoolId":"p"}',
        tenant_id="blue",
        trace_id="Root=1-a;Sampled=0",
    )

    with proxy.answering() as client:
        result = proxy.function.invoke(EVENT, options)

    (request,) = client.seen
    context = request.context
    assert (result.payload, result.function_error) == (EVENT, None)
    assert (context.aws_request_id, context.function_name) == (result.request_id, "test_function")
    assert (context.tenant_id, context.trace_id) == ("blue", "Root=1-a;Sampled=0")
    assert (context.memory_limit_in_mb, context.function_version) == (128, "$LATEST")
    assert context.log_group_name == "/aws/lambda/test_function"
    assert context.identity == Identity("u", "p")
    assert context.client_context is not None
    if entry is Entry.RUNTIME:
        assert context.client_context == options.client_context
        assert context.invocation_id is not None
    else:
        assert json.loads(context.client_context) == {"custom": {"k": "\ud800\u00e4"}}


@both
def test_errors_pass(deployments: Deployments, entry: Entry) -> None:
    """ERR-14, ERR-15: the own runtime passes an error's bytes, the managed one its three parts."""
    proxy = deployments.deploy(entry)

    with proxy.answering(error(ERROR)):
        result = proxy.invoke()

    assert result.function_error == "Unhandled"
    if entry is Entry.RUNTIME:
        assert result.payload == ERROR.encode()
    else:
        assert json.loads(result.payload) == {
            "errorMessage": "no \ufffd",
            "errorType": "OrderError",
            "stackTrace": ["a\n  b"],
            "requestId": result.request_id,
        }


@both
def test_a_misconfigured_proxy_says_so(deployments: Deployments, entry: Entry) -> None:
    """ERR-8: a wrong variable reaches the caller and the log as one sentence."""
    proxy = deployments.deploy(entry, variables={"LAMBDA_PROXY_MODE": "sideways"})

    failure = proxy.fail()

    sentence = "LAMBDA_PROXY_MODE is 'sideways'; it has to be 'wait' or 'notify'."
    assert (failure["errorType"], failure["errorMessage"]) == ("Proxy.Misconfigured", sentence)
    assert sentence.split("'", maxsplit=1)[0] in proxy.lines.until("LAMBDA_PROXY_MODE")


@both
def test_one_way_returns_null(deployments: Deployments, entry: Entry) -> None:
    """EXC-28: one-way, the caller has null, and the queue has the event."""
    proxy = deployments.deploy(
        entry,
        variables={"LAMBDA_PROXY_MODE": "notify", "LAMBDA_PROXY_RESP_QUEUE_URL": None},
    )

    assert proxy.invoke(EVENT).payload == b"null"
    assert len(proxy.requests.receive(wait_s=1, visibility_s=0)) == 1


@both
def test_calls_are_few_and_as_specified(deployments: Deployments, tap: Tap, entry: Entry) -> None:
    """EXC-9, SQS-8, SQS-9, SQS-11, SEC-6: a send, a poll, a delete, and no more is asked."""
    proxy = deployments.deploy(entry, endpoint=tap.url, timeout_s=900)
    with proxy.answering():
        proxy.invoke(EVENT)
    tap.wait_for("DeleteMessage")

    send, receive, delete = tap.calls()
    assert set(send.parameters) == {"QueueUrl", "MessageBody"}
    assert receive.parameters == {
        "QueueUrl": proxy.replies.url,
        "WaitTimeSeconds": 20,
        "VisibilityTimeout": 2,
        "MaxNumberOfMessages": 1,
        "MessageSystemAttributeNames": ["ApproximateReceiveCount", "SentTimestamp"],
    }
    assert delete.operation == "DeleteMessage"


@both
def test_a_delete_that_hangs_does_not_cost_the_answer(
    deployments: Deployments, tap: Tap, entry: Entry
) -> None:
    """EXC-33: the caller has the answer while the delete is still under way."""
    proxy = deployments.deploy(entry, endpoint=tap.url)
    hold = tap.hold("DeleteMessage")

    with proxy.answering():
        assert proxy.invoke(EVENT).payload == EVENT

    hold.wait_until_reached()
    assert not hold.released.is_set()


@both
def test_a_passing_failure_is_ridden_out(deployments: Deployments, tap: Tap, entry: Entry) -> None:
    """EXC-32, SQS-10: each call is tried once by the SDK, and again by the proxy."""
    proxy = deployments.deploy(entry, endpoint=tap.url)
    tap.apply(THROTTLED, "SendMessage", times=2)
    tap.apply(Cut(), "ReceiveMessage")

    with proxy.answering():
        assert proxy.invoke(EVENT).payload == EVENT

    assert len(tap.calls("SendMessage")) == 3
    assert len(tap.calls("ReceiveMessage")) == 2


@both
def test_expired_credentials_are_explained(
    deployments: Deployments, tap: Tap, entry: Entry
) -> None:
    """ERR-2, ERR-5: credentials that expire in mid-run are a typed error that says so."""
    proxy = deployments.deploy(entry, endpoint=tap.url)
    with proxy.answering():
        proxy.invoke(EVENT)
    tap.apply(EXPIRED_TOKEN, "SendMessage")

    failure = proxy.fail()

    assert failure["errorType"] == "Proxy.QueueError"
    assert "security token included in the request is expired" in str(failure["errorMessage"])


@both
def test_what_is_not_allowed_is_explained(deployments: Deployments, tap: Tap, entry: Entry) -> None:
    """ERR-2, ERR-5, SEC-6: a missing permission names the call and where to allow it."""
    proxy = deployments.deploy(entry, endpoint=tap.url)
    tap.apply(ACCESS_DENIED, "ReceiveMessage")

    failure = proxy.fail()

    assert failure["errorType"] == "Proxy.QueueError"
    assert "ReceiveMessage on " in str(failure["errorMessage"])
    assert "Allow this action on this queue" in str(failure["errorMessage"])


@both
def test_missing_credentials_are_explained(deployments: Deployments, entry: Entry) -> None:
    """ERR-2, ERR-5: without credentials the first call says so."""
    without = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    proxy = deployments.deploy(entry, variables=without)

    failure = proxy.fail()

    assert failure["errorType"] == "Proxy.QueueError"
    assert "Unable to locate credentials" in str(failure["errorMessage"])


@both
def test_a_queue_that_does_not_exist_is_explained(
    deployments: Deployments, moto_server: MotoServer, entry: Entry
) -> None:
    """ERR-2, ERR-5: a URL of no queue says what to check."""
    url = f"{moto_server.url}/123456789012/nowhere"
    proxy = deployments.deploy(entry, variables={"LAMBDA_PROXY_REQ_QUEUE_URL": url})

    failure = proxy.fail()

    assert failure["errorType"] == "Proxy.QueueError"
    assert "Check the queue's URL" in str(failure["errorMessage"])


@both
def test_a_queue_that_vanishes_is_noticed(
    deployments: Deployments, moto_server: MotoServer, tap: Tap, entry: Entry
) -> None:
    """ERR-5: a reply queue deleted in mid-wait ends the wait, long before the deadline."""
    proxy = deployments.deploy(entry, endpoint=tap.url, timeout_s=900)
    hold = tap.hold("ReceiveMessage")
    with ThreadPoolExecutor(1) as pool:
        failing = pool.submit(proxy.fail)
        hold.wait_until_reached()
        moto_server.delete_queue(proxy.replies.url)
        hold.release()
        failure = failing.result()

    assert failure["errorType"] == "Proxy.QueueError"


@both
def test_an_event_that_does_not_fit_is_refused(deployments: Deployments, entry: Entry) -> None:
    """ERR-4, PAY-9: an event over the limit names the limit and the variable that lifts it."""
    proxy = deployments.deploy(entry)

    failure = proxy.fail(NOISE)

    assert failure["errorType"] == "Proxy.EventTooLarge"
    assert "LAMBDA_PROXY_PAYLOAD_BUCKET" in str(failure["errorMessage"])


@both
def test_an_undecodable_answer_is_an_error_at_once(deployments: Deployments, entry: Entry) -> None:
    """ERR-6, EXC-16: the first response that cannot be decoded ends the wait."""
    proxy = deployments.deploy(entry, timeout_s=900)

    with proxy.answering(lambda r: encode(echo(r)).replace('"text"', '"gzip+base64"')):
        failure = proxy.fail()

    assert failure["errorType"] == "Proxy.BadAnswer"


@both
def test_a_caller_hears_of_silence_before_the_timeout(
    deployments: Deployments, entry: Entry
) -> None:
    """EXC-6, ERR-3: the proxy's own error comes before Lambda's timeout does."""
    proxy = deployments.deploy(entry, timeout_s=3)

    assert proxy.fail()["errorType"] == "Proxy.NoResponse"


@both
def test_too_short_a_timeout_is_an_error(deployments: Deployments, entry: Entry) -> None:
    """EXC-5, ERR-7: a function with a second to live says that this is not enough."""
    proxy = deployments.deploy(entry, timeout_s=1.5)

    assert proxy.fail()["errorType"] == "Proxy.TimeoutTooShort"


def test_nobody_there_is_told_within_the_window(deployments: Deployments) -> None:
    """EXC-19, EXC-21, ERR-9: with a start window the caller hears of absence in seconds."""
    window = {"LAMBDA_PROXY_START_WITHIN_S": "2", "LAMBDA_PROXY_WHEN_ABSENT": "error"}
    proxy = deployments.deploy(Entry.RUNTIME, timeout_s=900, variables=window)

    assert proxy.fail()["errorType"] == "Proxy.Absent"


@both
def test_a_bad_event_leaves_the_environment_good(deployments: Deployments, entry: Entry) -> None:
    """An environment that failed once serves the next invocation."""
    proxy = deployments.deploy(entry)
    proxy.fail(NOISE)

    with proxy.answering():
        assert proxy.invoke(EVENT).payload == EVENT
