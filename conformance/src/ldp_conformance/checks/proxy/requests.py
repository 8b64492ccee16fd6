"""What a request says, whatever its event is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from ldp_conformance import texts
from ldp_conformance.check import NonConformance, proxy_check
from ldp_conformance.ports.setups import Feature, ProxySetup

if TYPE_CHECKING:
    from ldp_conformance.cases.proxy_case import ProxyCase

#: Clocks are read at different moments of one machine, and invocations take their time.
_SLACK_MS: Final = 3_000
_SECRET: Final = "kept-from-everybody-4d1f9a7c"  # noqa: S105 - of nobody
_TOKEN: Final = "session-of-nobody-else-93b0e2"  # noqa: S105 - of nobody
_ACCOUNT: Final = "123456789012"
SECRETS: Final = (("AWS_SECRET_ACCESS_KEY", _SECRET), ("AWS_SESSION_TOKEN", _TOKEN))


@proxy_check("request.valid", "ENV-1", "ENV-3", "ENV-4", "ENV-5", "ENV-7", "ENV-10", "ENV-13")
def requests_are_valid(case: ProxyCase) -> None:
    """A request is one valid envelope, whatever characters its event has."""
    texts = ("plain", "Grüße, 東京, 🚀", "\ufffe and \uffff", "\u2028\u2029\x7f", '"\\/\b\f\n\r\t')
    for text in texts:
        event = json.dumps({"text": text}, ensure_ascii=False).encode()
        invocation, request = case.exchange(event)
        case.expect(case.payload_of(request) == event, "the request carries another event")
        case.respond(request)
        case.answer(invocation)


@proxy_check("request.version", "ENV-7", "ENV-12")
def requests_are_of_version_1(case: ProxyCase) -> None:
    """A request is of version 1.0, and uses no reserved name."""
    invocation, request = case.exchange()
    case.expect_equal(request.envelope["version"], "1.0", "the version is another")
    used = {"environment", "signature"} & request.envelope.keys()
    case.expect(not used, f"the reserved member {' and '.join(sorted(used))} is used")
    case.respond(request)
    case.answer(invocation)


@proxy_check("request.new-id", "EXC-1")
def every_attempt_has_an_id_of_its_own(case: ProxyCase) -> None:
    """Each attempt at an invocation has a request ID of its own, a random UUID."""
    seen = []
    event = case.event()
    for _ in range(3):
        invocation, request = case.exchange(event)
        seen.append(request.id)
        case.expect(_is_random(request.id), f"{request.id} is no random UUID", came=request.id)
        aws_request_id = request.envelope["context"]["awsRequestId"]
        case.expect(request.id != aws_request_id, "the request ID is Lambda's own")
        case.respond(request)
        case.answer(invocation)
    case.expect(len(set(seen)) == len(seen), "two requests have one ID", came=", ".join(seen))


def _is_random(text: str) -> bool:
    try:
        return UUID(text).version == 4  # noqa: PLR2004 - RFC 9562: made of random numbers
    except ValueError:
        return False


@proxy_check("request.sent-at", "ENV-6", "ENV-15")
def requests_say_when_they_were_sent(case: ProxyCase) -> None:
    """`sentAtMs` is the instant of sending, in epoch milliseconds."""
    invocation, request = case.exchange()
    off_ms = request.envelope["sentAtMs"] - request.message.sent_at_ms
    case.expect(abs(off_ms) < _SLACK_MS, f"sentAtMs is {off_ms:,} ms away from the sending")
    case.respond(request)
    case.answer(invocation)


@proxy_check("request.reply-to", "ENV-18", needs=[Feature.SHARED])
def requests_name_their_reply_queue(case: ProxyCase) -> None:
    """`replyTo` ends in the account and the name of the reply queue."""
    invocation, request = case.exchange()
    named = request.envelope["replyTo"].split("/")[-2:]
    case.expect_equal(named, [_ACCOUNT, case.reply_queue.name], "replyTo names another queue")
    case.respond(request)
    case.answer(invocation)


@proxy_check("request.max-reply-bytes", "ENV-20", needs=[Feature.SHARED])
def requests_tell_the_largest_reply(case: ProxyCase) -> None:
    """`maxReplyBytes` is the largest message that the reply queue takes."""
    invocation, request = case.exchange()
    case.expect_equal(
        request.envelope["maxReplyBytes"],
        case.reply_queue.settings.maximum_message_size_bytes,
        "maxReplyBytes is not what the queue takes",
    )
    case.respond(request)
    case.answer(invocation)


@proxy_check("request.encodings", "ENV-19")
def requests_list_what_the_proxy_reads(case: ProxyCase) -> None:
    """`acceptEncodings` has `text`, and no `s3` where there is no bucket."""
    invocation, request = case.exchange()
    names = request.envelope["acceptEncodings"]
    case.expect("text" in names, "text is not listed", came=str(names))
    case.expect("s3" not in names, "s3 is listed without a bucket", came=str(names))
    case.respond(request)
    case.answer(invocation)


@proxy_check(
    "request.encodings-s3", "ENV-19", needs=[Feature.S3], setup=ProxySetup(has_bucket=True)
)
def requests_list_claim_checks_with_a_bucket(case: ProxyCase) -> None:
    """`acceptEncodings` has `s3` where there is a bucket."""
    invocation, request = case.exchange()
    names = request.envelope["acceptEncodings"]
    case.expect("s3" in names, "s3 is not listed although there is a bucket", came=str(names))
    case.respond(request)
    case.answer(invocation)


@proxy_check("request.context", "ENV-21", "ENV-15")
def requests_carry_the_context(case: ProxyCase) -> None:
    """The context is what Lambda told of this invocation."""
    case.settle()  # a function that starts has its deadline counted from when it has
    invocation, request = case.exchange()
    context = request.envelope["context"]
    case.respond(request)
    case.answer(invocation)
    told = invocation.result().headers.get("x-amzn-requestid")
    if told is not None:
        case.expect_equal(context["awsRequestId"], told, "awsRequestId is not Lambda's")
    case.expect_equal(context["functionName"], case.function_name, "functionName is another")
    arn = context["invokedFunctionArn"]
    case.expect(f":function:{case.function_name}" in arn, "the ARN is another", came=arn)
    late_ms = context["deadlineMs"] - invocation.begun_ms - case.setup.timeout_s * 1000
    case.expect(abs(late_ms) < _SLACK_MS, f"deadlineMs is {late_ms:,} ms away from the deadline")


@proxy_check("request.client-context", "ENV-22", "ENV-21")
def client_contexts_pass(case: ProxyCase) -> None:
    """The caller's client context arrives as a JSON text in a string."""
    told = {"custom": {"build": "7"}, "env": {"locale": "de"}, "client": {"app_title": "t"}}
    invocation, request = case.exchange(client_context=json.dumps(told))
    case.respond(request)
    case.answer(invocation)
    came = request.envelope["context"].get("clientContext")
    case.expect(came, "there is no clientContext")
    parsed = _context_in(came)
    for name in ("custom", "env"):
        case.expect_equal(parsed.get(name), told[name], f"{name} of clientContext is another")


def _context_in(text: str) -> dict[str, Any]:
    try:
        parsed = texts.loads(text)
    except ValueError as exc:
        raise NonConformance(f"clientContext is no JSON text: {exc}", came=text[:2000]) from exc
    if not isinstance(parsed, dict):
        raise NonConformance("clientContext is no JSON object", came=text[:2000])
    return parsed


@proxy_check("request.client-context-text", "ENV-22", needs=[Feature.VERBATIM])
def client_contexts_pass_as_they_are(case: ProxyCase) -> None:
    """The caller's client context arrives as the very text that it sent."""
    text = '{"custom": {"n": 12345678901234567890,  "b" :1.10}, "env":{}, "x": "\\u00e9"}'
    invocation, request = case.exchange(client_context=text)
    case.expect_equal(
        request.envelope["context"].get("clientContext"), text, "clientContext is another text"
    )
    case.respond(request)
    case.answer(invocation)


@proxy_check("request.no-attributes", "SQS-11")
def requests_have_no_message_attributes(case: ProxyCase) -> None:
    """The message of a request has no message attributes."""
    invocation, request = case.exchange()
    names = request.message.attribute_names
    case.expect(not names, f"the message has the attribute {', '.join(names)}")
    case.respond(request)
    case.answer(invocation)


@proxy_check("request.first", "EXC-9", needs=[Feature.SHARED])
def requests_go_out_first(case: ProxyCase) -> None:
    """Nothing is received or purged between taking an invocation and sending its request."""
    case.reply_queue.send('{"an": "old message"}')
    invocation, request = case.exchange()
    case.respond(request)
    case.answer(invocation)
    sent = case.calls("SendMessage")[0]
    before = {call.operation for call in case.calls() if call.number < sent.number}
    early = sorted({"ReceiveMessage", "PurgeQueue"} & before)
    case.expect(not early, f"{' and '.join(early)} came before the request was sent")


@proxy_check("request.no-secrets", "SEC-5", setup=ProxySetup(variables=SECRETS))
def requests_carry_no_secrets(case: ProxyCase) -> None:
    """A request carries no credentials and no environment variables."""
    invocation, request = case.exchange()
    variables = case.stage.variables()
    case.respond(request)
    case.answer(invocation)
    body = request.message.body
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID"):
        case.expect(variables[name] not in body, f"the value of {name} is in the request")
    words = [name for name in variables if f'"{name}"' in body]
    case.expect(not words, f"the variable {', '.join(words)} is in the request")
