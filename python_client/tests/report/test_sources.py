from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ldp_client.demo.samples import samples
from ldp_client.report import skim
from ldp_client.report.sources import DIRECT, title
from ldp_testing.json_texts import json_texts

SQS_ARN = "arn:aws:sqs:eu-west-1:123456789012:orders"
S3 = {"bucket": {"name": "inbox"}, "object": {"key": "b%C3%BCro+1.csv"}}
TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2024-06-11T00:00:00.000"
KINESIS = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"
HTTP = {"http": {"method": "POST", "path": "/p"}, "domainName": "abc.execute-api.eu-west-1"}
URL = {**HTTP, "domainName": "abc.lambda-url.eu-west-1.on.aws"}
RULE = "arn:aws:events:eu-west-1:123456789012:rule/nightly"
TITLES: list[tuple[str, dict[str, Any]]] = [
    (
        "API GET /orders/{id}",
        {
            "httpMethod": "GET",
            "resource": "/orders/{id}",
            "path": "/orders/7",
            "requestContext": {},
        },
    ),
    ("API GET /orders/7", {"httpMethod": "GET", "path": "/orders/7", "requestContext": {}}),
    ("ALB GET /health", {"httpMethod": "GET", "path": "/health", "requestContext": {"elb": {}}}),
    (
        "API POST /orders",
        {"routeKey": "POST /orders", "rawPath": "/orders", "requestContext": HTTP},
    ),
    ("API POST /any", {"routeKey": "$default", "rawPath": "/any", "requestContext": HTTP}),
    ("API POST /p", {"requestContext": HTTP}),
    ("URL POST /any", {"routeKey": "$default", "rawPath": "/any", "requestContext": URL}),
    (
        "WebSocket $connect",
        {"requestContext": {"connectionId": "c", "routeKey": "$connect"}},
    ),
    ("API authorizer", {"type": "TOKEN", "methodArn": "arn:…"}),
    ("API authorizer", {"type": "REQUEST", "routeArn": "arn:…"}),
    (
        "S3 ObjectCreated:Put inbox/büro 1.csv",
        {"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": S3}]},
    ),
    ("SQS orders", {"Records": [{"eventSource": "aws:sqs", "eventSourceARN": SQS_ARN}]}),
    (
        "SQS orders, 3 records",
        {"Records": [{"eventSource": "aws:sqs", "eventSourceARN": SQS_ARN}] * 3},
    ),
    (
        "SNS news",
        {"Records": [{"EventSource": "aws:sns", "Sns": {"TopicArn": "arn:aws:sns:r:1:news"}}]},
    ),
    ("DynamoDB orders", {"Records": [{"eventSource": "aws:dynamodb", "eventSourceARN": TABLE}]}),
    ("Kinesis clicks", {"Records": [{"eventSource": "aws:kinesis", "eventSourceARN": KINESIS}]}),
    (
        "codecommit repo",
        {
            "Records": [
                {"eventSource": "aws:codecommit", "eventSourceARN": "arn:aws:codecommit:r:1:repo"}
            ]
        },
    ),
    (
        "Kafka orders, returns",
        {"eventSource": "aws:kafka", "records": {"orders-0": [], "orders-1": [], "returns-0": []}},
    ),
    ("Kafka", {"eventSource": "SelfManagedKafka"}),
    (
        "Firehose logs, 2 records",
        {"deliveryStreamArn": "arn:aws:firehose:r:1:deliverystream/logs", "records": [{}, {}]},
    ),
    ("EventBridge shop/Order Placed", {"source": "shop", "detail-type": "Order Placed"}),
    (
        "Schedule nightly",
        {"source": "aws.events", "detail-type": "Scheduled Event", "resources": [RULE]},
    ),
    ("Cognito PreSignUp_SignUp", {"triggerSource": "PreSignUp_SignUp", "userPoolId": "eu_1"}),
    ("CloudFormation Create Bucket", {"RequestType": "Create", "LogicalResourceId": "Bucket"}),
    ("CloudWatch Logs", {"awslogs": {"data": "H4sI"}}),
    (DIRECT, {"order": 1}),
    (DIRECT, {"Records": []}),
    (DIRECT, {"httpMethod": "GET"}),
    (DIRECT, {"source": "mine"}),
    (DIRECT, {"requestContext": "text", "awslogs": 1, "Records": {"eventSource": "aws:sqs"}}),
]


@pytest.mark.parametrize(("expected", "event"), TITLES, ids=[name for name, _ in TITLES])
def test_each_source_has_a_title(expected: str, event: dict[str, Any]) -> None:
    """An event of each of AWS's sources is told by what a developer calls it."""
    assert title(json.dumps(event).encode()).rstrip() == expected


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.source)
def test_real_shaped_events_are_recognised(sample: Any) -> None:
    """None of the demo's events is taken for a direct invocation."""
    assert title(sample.body) != DIRECT


@given(event=st.binary(max_size=200) | json_texts())
@example(event=b"[" * 100_000)
@example(event=b"1" * 5_000)
@example(event=b'{"source": "\x1b[2J", "detail-type": "\\u001b]0;x\\u0007"}')
def test_any_bytes_have_a_printable_title(event: bytes) -> None:
    """No event is too strange to be named, and none can drive a terminal."""
    assert 0 < len(title(event)) <= 100
    assert title(event).isprintable()


_KEYS = st.sampled_from(
    ["Records", "eventSource", "eventSourceARN", "requestContext", "http", "method", "source",
     "detail-type", "resources", "records", "s3", "bucket", "name", "httpMethod", "awslogs"]
)  # fmt: skip
_VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.sampled_from(["aws:s3", "aws:kafka"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=15,
)


@given(event=_VALUES)
def test_known_members_with_strange_values_have_a_title(event: Any) -> None:
    """A shape that only looks like one of AWS's does no harm."""
    assert title(json.dumps(event).encode())


LARGE = "x" * (skim.WHOLE_BYTES + 1)


def test_a_large_event_is_named_by_its_beginning() -> None:
    """A request with a large body behind its route has the title of a small one."""
    event = {"httpMethod": "PUT", "resource": "/files", "requestContext": {}, "body": LARGE}

    assert title(json.dumps(event).encode()) == "API PUT /files"


def test_large_records_are_counted_and_named() -> None:
    """The source of a record stands behind its body, and is found all the same."""
    nested = json.dumps({"eventSource": "aws:fake", "eventSourceARN": "fake"})
    record = {
        "messageId": "m",
        "body": nested + LARGE,
        "eventSource": "aws:sqs",
        "eventSourceARN": SQS_ARN,
    }

    assert title(json.dumps({"Records": [record] * 3}).encode()) == "SQS orders, 3 records"


def test_a_large_event_of_no_shape_is_direct() -> None:
    """Large events without anything to recognise are direct invocations."""
    for event in ([LARGE], {"Records": LARGE}, {"Records": [LARGE]}, LARGE, {"a": [[], LARGE]}):
        assert title(json.dumps(event).encode()) == DIRECT
    assert title(LARGE.encode()) == DIRECT
    assert title(b"[" * len(LARGE)) == DIRECT
    assert title(b"]}" * len(LARGE)) == DIRECT


@given(value=_VALUES | st.text(), size=st.integers(0, 200))
def test_a_beginning_completed_is_json(value: Any, size: int) -> None:
    """Wherever a JSON text of an object or list is cut, what is made of it parses."""
    text = json.dumps({"first": value, "second": [value]}, ensure_ascii=False)

    completed = skim._completed(text[: max(1, size)])
    assert isinstance(json.loads(completed), dict)
