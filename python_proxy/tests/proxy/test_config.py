from __future__ import annotations

import pytest

from ldp_proxy.config import Config, Level, Replies, read_config
from ldp_proxy.errors import ConfigError
from ldp_wire.claims import Bucket

REQUESTS = "https://sqs.eu-west-1.amazonaws.com/123456789012/LAMBDA_PROXY_REQ"
REPLIES = "https://sqs.eu-west-1.amazonaws.com/123456789012/LAMBDA_PROXY_RESP"
LOCAL = "http://127.0.0.1:5000/123456789012"
SMALLEST = {"LAMBDA_PROXY_REQ_QUEUE_URL": REQUESTS, "LAMBDA_PROXY_RESP_QUEUE_URL": REPLIES}


def test_two_queues_are_enough() -> None:
    """Everything but the two queues has a default; the region is the one that a URL names."""
    assert read_config(SMALLEST) == Config(REQUESTS, REPLIES, "eu-west-1", Level.INFO, None, ())


@pytest.mark.parametrize(
    ("variables", "field", "expected"),
    [
        ({"LAMBDA_PROXY_MODE": "wait"}, "reply_url", REPLIES),
        ({"LAMBDA_PROXY_MODE": "notify"}, "reply_url", None),
        ({"LAMBDA_PROXY_MODE": "notify", "LAMBDA_PROXY_RESP_QUEUE_URL": ""}, "reply_url", None),
        ({"LAMBDA_PROXY_REPLY": "shared"}, "replies", Replies.SHARED),
        ({"LAMBDA_PROXY_REPLY": "dedicated"}, "replies", Replies.DEDICATED),
        ({"LAMBDA_PROXY_TRACING_LEVEL": "debug"}, "level", Level.DEBUG),
        ({"LAMBDA_PROXY_TRACING_LEVEL": "TRACE"}, "level", Level.TRACE),
        ({"LAMBDA_PROXY_TRACING_LEVEL": ""}, "level", Level.INFO),
        ({"LAMBDA_PROXY_START_WITHIN_S": "3"}, "start_within_s", 3.0),
        ({"LAMBDA_PROXY_START_WITHIN_S": "2.5"}, "start_within_s", 2.5),
        (
            {"LAMBDA_PROXY_START_WITHIN_S": "5400", "LAMBDA_PROXY_WHEN_ABSENT": "error"},
            "start_within_s",
            5400.0,
        ),
        ({"LAMBDA_PROXY_PAYLOAD_BUCKET": "", "LAMBDA_PROXY_LEASE_S": "5"}, "unknown", ()),
        ({"LAMBDA_PROXY_PAYLOAD_BUCKET": ""}, "bucket", None),
        ({"LAMBDA_PROXY_PAYLOAD_BUCKET": "payloads"}, "bucket", Bucket("payloads")),
        ({"LAMBDA_PROXY_PAYLOAD_BUCKET": "payloads/a/b"}, "bucket", Bucket("payloads", "a/b")),
        ({"LAMBDA_PROXY_MODUS": "wait"}, "unknown", ("LAMBDA_PROXY_MODUS",)),
        ({"AWS_REGION": "us-east-1"}, "region", "eu-west-1"),
    ],
)
def test_a_variable_is_read(variables: dict[str, str], field: str, expected: object) -> None:
    """Each variable sets its field, and an empty one counts as absent."""
    config = read_config({**SMALLEST, **variables})

    assert getattr(config, field) == expected


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_the_region_comes_from_the_environment(name: str) -> None:
    """Where the URL names no region, the function's own counts."""
    local = {
        "LAMBDA_PROXY_REQ_QUEUE_URL": f"{LOCAL}/req",
        "LAMBDA_PROXY_RESP_QUEUE_URL": f"{LOCAL}/resp",
    }

    assert read_config({**local, name: "eu-north-1"}).region == "eu-north-1"
    with pytest.raises(ConfigError, match="AWS_REGION is missing"):
        read_config(local)


WRONG = [
    ("LAMBDA_PROXY_REQ_QUEUE_URL", "", "is missing"),
    ("LAMBDA_PROXY_REQ_QUEUE_URL", "LAMBDA_PROXY_REQ", "is not the URL of a standard SQS queue"),
    ("LAMBDA_PROXY_REQ_QUEUE_URL", f"{REQUESTS}.fifo", "is not the URL of a standard SQS queue"),
    ("LAMBDA_PROXY_REQ_QUEUE_URL", f" {REQUESTS}", "is not the URL of a standard SQS queue"),
    (
        "LAMBDA_PROXY_REQ_QUEUE_URL",
        f"https://h/{'x/' * 600}123456789012/q",
        "has 1224 characters; 997 are the most",
    ),
    ("LAMBDA_PROXY_RESP_QUEUE_URL", "", "is missing"),
    ("LAMBDA_PROXY_RESP_QUEUE_URL", REQUESTS, "names the queue of LAMBDA_PROXY_REQ_QUEUE_URL"),
    (
        "LAMBDA_PROXY_RESP_QUEUE_URL",
        REPLIES.replace("123456789012", "999999999999"),
        "names the account 999999999999",
    ),
    ("LAMBDA_PROXY_RESP_QUEUE_URL", REPLIES.replace("eu-west-1", "eu-west-3"), "is in eu-west-3"),
    ("LAMBDA_PROXY_MODE", "Wait", "is 'Wait'; it has to be 'wait' or 'notify'"),
    ("LAMBDA_PROXY_REPLY", "mine", "it has to be 'shared' or 'dedicated'"),
    ("LAMBDA_PROXY_TRACING_LEVEL", "LOUD", "it has to be 'INFO' or 'DEBUG' or 'TRACE'"),
    ("LAMBDA_PROXY_START_WITHIN_S", "soon", "is 'soon', not a number of seconds from 2 to 5400"),
    ("LAMBDA_PROXY_START_WITHIN_S", "1.9", "not a number of seconds from 2 to 5400"),
    ("LAMBDA_PROXY_START_WITHIN_S", "5401", "not a number of seconds from 2 to 5400"),
    ("LAMBDA_PROXY_START_WITHIN_S", "-3", "not a number of seconds from 2 to 5400"),
    ("LAMBDA_PROXY_START_WITHIN_S", "nan", "not a number of seconds from 2 to 5400"),
    ("LAMBDA_PROXY_WHEN_ABSENT", "fallback", "has no effect without LAMBDA_PROXY_START_WITHIN_S"),
    ("LAMBDA_PROXY_WHEN_ABSENT", "null", "it has to be 'error' or 'fallback'"),
    ("LAMBDA_PROXY_WHEN_ABSENT", "error", "has no effect without LAMBDA_PROXY_START_WITHIN_S"),
    (
        "LAMBDA_PROXY_FALLBACK_FUNCTION",
        "orders:7",
        "has no effect without LAMBDA_PROXY_WHEN_ABSENT=fallback",
    ),
    ("LAMBDA_PROXY_PAYLOAD_BUCKET", "s3://payloads", "is not a bucket's name, or name/prefix"),
    ("LAMBDA_PROXY_PAYLOAD_BUCKET", "payloads//x", "is no prefix for the keys of payloads"),
]


@pytest.mark.parametrize(("name", "value", "problem"), WRONG)
def test_a_wrong_value_is_one_sentence(name: str, value: str, problem: str) -> None:
    """ERR-8, ERR-2: what is missing or wrong is one sentence that names the variable."""
    with pytest.raises(ConfigError) as caught:
        read_config({**SMALLEST, name: value})

    message = str(caught.value)
    assert caught.value.variable == name
    assert message.startswith(f"{name} ")
    assert problem in message
    assert message.endswith(".")
    assert "\n" not in message
    assert name in caught.value.hint


def test_a_start_window_needs_somebody_who_waits() -> None:
    """ENV-17: a one-way request has no start window, so asking for both is refused."""
    both = {"LAMBDA_PROXY_MODE": "notify", "LAMBDA_PROXY_START_WITHIN_S": "3"}

    with pytest.raises(ConfigError, match="has no effect with LAMBDA_PROXY_MODE=notify"):
        read_config({**SMALLEST, **both})


def test_dedicated_replies_need_somebody_who_waits() -> None:
    """ERR-8: dedicated replies and one-way mode are refused together."""
    with pytest.raises(ConfigError, match="has no effect with LAMBDA_PROXY_MODE=notify"):
        read_config(SMALLEST | {"LAMBDA_PROXY_REPLY": "dedicated", "LAMBDA_PROXY_MODE": "notify"})


@pytest.mark.parametrize(("length", "is_short_enough"), [(53, True), (54, False)])
def test_a_base_leaves_room_for_a_suffix(length: int, *, is_short_enough: bool) -> None:
    """EXC-29, ERR-8: the name that dedicated names begin with has 53 characters at most."""
    url = f"https://sqs.eu-west-1.amazonaws.com/123456789012/{'r' * length}"
    wanted = SMALLEST | {"LAMBDA_PROXY_RESP_QUEUE_URL": url}

    assert read_config(wanted).reply_url == url
    if is_short_enough:
        assert read_config(wanted | {"LAMBDA_PROXY_REPLY": "dedicated"}).reply_url == url
    else:
        with pytest.raises(ConfigError, match="names a queue of 54 characters; with"):
            read_config(wanted | {"LAMBDA_PROXY_REPLY": "dedicated"})
