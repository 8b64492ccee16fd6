"""What runtimes ask and post, through whole clients: streams, causes, headers, and a full context.

AWS's runtime client for Python stands for the official ones. What it does not do is done by
programs of a few lines.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ldp_testing.program_clients import RUNTIME, serving, started
from ldp_wire.envelopes import Identity

if TYPE_CHECKING:
    from ldp_testing.client_stage import ClientStage

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
CONTEXT_OF_A_HANDLER: Final = """
import os

def handler(event, context):
    return {
        "trace": os.environ["_X_AMZN_TRACE_ID"],
        "tenant": context.tenant_id,
        "custom": context.client_context.custom,
        "identity": context.identity.cognito_identity_id,
        "logs": [context.log_group_name, context.log_stream_name],
        "version": context.function_version,
    }
"""


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


def test_an_answer_for_http_is_passed_on_with_its_prelude(clients: ClientStage) -> None:
    """Who invokes without a stream gets status and headers before eight NULs, byte for byte."""
    prelude = '{"statusCode": 201, "headers": {"a": "b"}, "cookies": []}'
    serving(
        clients,
        "headers, event = ask()\n"
        f"chunks = iter([{prelude.encode()!r}, bytes(8), b'\\xc3\\xa4', event])\n"
        "post(headers, chunks, Lambda_Runtime_Function_Response_Mode='streaming',\n"
        "     Content_Type='application/vnd.awslambda.http-integration-response')\n",
    )
    answer = clients.caller.invoke("1").answer()

    assert answer.body == prelude.encode() + bytes(8) + b'\xc3\xa4"1"'


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


def test_a_real_runtime_has_a_complete_context(clients: ClientStage) -> None:
    """Trace, tenant, client context and identity reach the objects that its handlers know."""
    (clients.folder / "app.py").write_text(CONTEXT_OF_A_HANDLER, encoding="utf-8")
    started(clients, "--", *RUNTIME, folder=clients.folder)
    request = clients.caller.request(None)
    context = replace(
        request.context,
        trace_id="Root=1-5759e988-bd862e3fe1be46a994272793",
        tenant_id="blue",
        client_context='{"custom": {"shop": "Bücher"}}',
        identity=Identity("eu-west-1:7", "eu-west-1:pool"),
        log_stream_name="2024/06/11/[7]8f1c",
    )

    assert clients.caller.send(replace(request, context=context)).result() == {
        "trace": context.trace_id,
        "tenant": "blue",
        "custom": {"shop": "Bücher"},
        "identity": "eu-west-1:7",
        "logs": ["/aws/lambda/orders", "2024/06/11/[7]8f1c"],
        "version": "$LATEST",
    }


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
