"""Where an event comes from, as a title: `API GET /orders/{id}`, `SQS orders, 3 records`.

Shapes are recognised by the members that AWS's developer guides show for each source. Any bytes
have a title, and a wrong guess does no harm: it is only read by people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_plus

from ldp_client.report.skim import read
from ldp_client.report.words import clipped, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DIRECT: Final = "Lambda direct"
"""An event of nobody's shape: invoked by an SDK, a test, a state machine."""

_MAX_CHARACTERS: Final = 100
_ARN_PARTS: Final = 6


def title(event: bytes) -> str:
    """The title of an event; never empty, one line, at most 100 characters."""
    members = read(event)
    titles = (describe(members) for describe in _SOURCES)
    found = next((each for each in titles if each), DIRECT)
    return clipped(visible(clipped(found, _MAX_CHARACTERS)), _MAX_CHARACTERS)


def _at(value: object, *path: str | int) -> object:
    """What stands at a path, or None."""
    for step in path:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, dict) else None
        else:
            value = value[step] if isinstance(value, list) and step < len(value) else None
    return value


def _text(value: object, *path: str | int) -> str:
    found = _at(value, *path)
    return found if isinstance(found, str) else ""


def _count(value: object, *path: str | int) -> str:
    """`, 3 records` for a list of three; a single one needs no number."""
    found = _at(value, *path)
    number = len(found) if isinstance(found, list) else 1
    return f", {number} records" if number != 1 else ""


def _arn_name(arn: str) -> str:
    """The name in an ARN: of a queue, of a table and not of its stream."""
    resource = arn.split(":", _ARN_PARTS - 1)[-1]
    parts = resource.split("/")
    return parts[1] if len(parts) > 1 else resource.rpartition(":")[2]


def _rest_api(event: object) -> str:
    method, context = _text(event, "httpMethod"), _at(event, "requestContext")
    if not method or not isinstance(context, dict):
        return ""
    if "elb" in context:
        return f"ALB {method} {_text(event, 'path')}"
    return f"API {method} {_text(event, 'resource') or _text(event, 'path')}"


def _http_api(event: object) -> str:
    method = _text(event, "requestContext", "http", "method")
    if not method:
        return ""
    path = _text(event, "rawPath") or _text(event, "requestContext", "http", "path")
    if ".lambda-url." in _text(event, "requestContext", "domainName"):
        return f"URL {method} {path}"
    route = _text(event, "routeKey")
    return f"API {method} {path}" if route in {"", "$default"} else f"API {route}"


def _websocket(event: object) -> str:
    if not _text(event, "requestContext", "connectionId"):
        return ""
    return f"WebSocket {_text(event, 'requestContext', 'routeKey')}"


def _authorizer(event: object) -> str:
    is_one = _text(event, "type") in {"TOKEN", "REQUEST"}
    return (
        "API authorizer"
        if is_one and (_text(event, "methodArn") or _text(event, "routeArn"))
        else ""
    )


def _records(event: object) -> str:
    first = _at(event, "Records", 0)
    source = _text(first, "eventSource") or _text(first, "EventSource")
    if source == "aws:s3":
        bucket, key = _text(first, "s3", "bucket", "name"), _text(first, "s3", "object", "key")
        return f"S3 {_text(first, 'eventName')} {bucket}/{unquote_plus(key)}"
    if source == "aws:sns":
        return f"SNS {_arn_name(_text(first, 'Sns', 'TopicArn'))}"
    name = _RECORD_SOURCES.get(source, source.removeprefix("aws:"))
    return (
        f"{name} {_arn_name(_text(first, 'eventSourceARN'))}{_count(event, 'Records')}"
        if name
        else ""
    )


_RECORD_SOURCES: Final = {"aws:sqs": "SQS", "aws:dynamodb": "DynamoDB", "aws:kinesis": "Kinesis"}


def _kafka(event: object) -> str:
    if _text(event, "eventSource") not in {"aws:kafka", "SelfManagedKafka"}:
        return ""
    records = _at(event, "records")
    partitions: Sequence[str] = list(records) if isinstance(records, dict) else []
    topics = sorted({partition.rpartition("-")[0] for partition in partitions})
    return f"Kafka {', '.join(topics)}"


def _firehose(event: object) -> str:
    arn = _text(event, "deliveryStreamArn")
    return f"Firehose {_arn_name(arn)}{_count(event, 'records')}" if arn else ""


def _event_bus(event: object) -> str:
    source, detail_type = _text(event, "source"), _text(event, "detail-type")
    if not source or not detail_type:
        return ""
    if detail_type == "Scheduled Event" and source in {"aws.events", "aws.scheduler"}:
        return f"Schedule {_arn_name(_text(event, 'resources', 0))}"
    return f"EventBridge {source}/{detail_type}"


def _cognito(event: object) -> str:
    trigger = _text(event, "triggerSource")
    return f"Cognito {trigger}" if trigger and _text(event, "userPoolId") else ""


def _cloudformation(event: object) -> str:
    kind, name = _text(event, "RequestType"), _text(event, "LogicalResourceId")
    return f"CloudFormation {kind} {name}" if kind and name else ""


def _logs(event: object) -> str:
    return "CloudWatch Logs" if _text(event, "awslogs", "data") else ""


_SOURCES: Final[tuple[Callable[[object], str], ...]] = (
    _rest_api,
    _http_api,
    _websocket,
    _authorizer,
    _records,
    _kafka,
    _firehose,
    _event_bus,
    _cognito,
    _cloudformation,
    _logs,
)
