"""Which functions may answer in place of a client, as far as the environment alone tells."""

from __future__ import annotations

import pytest

from ldp_proxy.config import read_config
from ldp_proxy.errors import ConfigError
from ldp_proxy.fallback_target import Running, Target, parse_target

QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/LAMBDA_PROXY_"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:orders"
VARIABLES = {
    "LAMBDA_PROXY_REQ_QUEUE_URL": f"{QUEUE}REQ",
    "LAMBDA_PROXY_RESP_QUEUE_URL": f"{QUEUE}RESP",
    "LAMBDA_PROXY_REPLY": "dedicated",
    "LAMBDA_PROXY_START_WITHIN_S": "3",
    "LAMBDA_PROXY_WHEN_ABSENT": "fallback",
    "LAMBDA_PROXY_FALLBACK_FUNCTION": "orders:7",
    "AWS_LAMBDA_FUNCTION_NAME": "orders",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_REGION": "us-east-1",
}
RUNNING = Running("orders", "$LATEST", "us-east-1")


def test_a_fallback_is_configured() -> None:
    """The target is what the variable names, in the function's region and not the queues'."""
    assert read_config(VARIABLES).fallback == Target("orders", "7", "us-east-1", RUNNING)
    assert (
        read_config({**VARIABLES, "LAMBDA_PROXY_WHEN_ABSENT": "error"} | NO_FUNCTION).fallback
        is None
    )


NO_FUNCTION = {"LAMBDA_PROXY_FALLBACK_FUNCTION": ""}


@pytest.mark.parametrize(
    ("text", "function", "qualifier", "region", "is_own"),
    [
        ("orders:7", "orders", "7", "us-east-1", True),
        ("orders:live", "orders", "live", "us-east-1", True),
        (f"{ARN}:7", ARN, "7", "us-east-1", True),
        (
            "123456789012:function:orders:v1",
            "123456789012:function:orders",
            "v1",
            "us-east-1",
            True,
        ),
        ("orders-before:7", "orders-before", "7", "us-east-1", False),
        (
            "arn:aws-cn:lambda:cn-north-1:123456789012:function:orders:7",
            "arn:aws-cn:lambda:cn-north-1:123456789012:function:orders",
            "7",
            "cn-north-1",
            False,
        ),
    ],
)
def test_names_are_lambdas(
    text: str, function: str, qualifier: str, region: str, *, is_own: bool
) -> None:
    """A name, an ARN or its end, with a version or an alias; another region is another function."""
    target = parse_target(text, RUNNING)

    assert target == Target(function, qualifier, region, RUNNING)
    assert (str(target), target.is_own, target.is_alias) == (text, is_own, qualifier != "7")


REFUSED = [
    ("LAMBDA_PROXY_FALLBACK_FUNCTION", "", "is missing"),
    ("LAMBDA_PROXY_FALLBACK_FUNCTION", "orders", "names no published version and no alias"),
    ("LAMBDA_PROXY_FALLBACK_FUNCTION", ARN, "names no published version and no alias"),
    ("LAMBDA_PROXY_FALLBACK_FUNCTION", "orders:$LATEST", "names no published version"),
    ("LAMBDA_PROXY_FALLBACK_FUNCTION", "orders:$LATEST.PUBLISHED", "names no published version"),
    ("LAMBDA_PROXY_FALLBACK_FUNCTION", "orders:07", "names no published version and no alias"),
    ("LAMBDA_PROXY_FALLBACK_FUNCTION", "a b:7", "has to be the name or ARN of a version"),
    ("LAMBDA_PROXY_FALLBACK_FUNCTION", "orders:7:8", "has to be the name or ARN of a version"),
    ("LAMBDA_PROXY_FALLBACK_FUNCTION", "https://host/orders:7", "has to be the name or ARN"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "7", "which leads to the running version 7"),
    ("LAMBDA_PROXY_WHEN_ABSENT", "error", "has no effect without LAMBDA_PROXY_WHEN_ABSENT"),
    ("LAMBDA_PROXY_REPLY", "shared", "needs LAMBDA_PROXY_REPLY=dedicated"),
    ("LAMBDA_PROXY_REPLY", "", "needs LAMBDA_PROXY_REPLY=dedicated"),
    ("LAMBDA_PROXY_START_WITHIN_S", "", "has no effect without LAMBDA_PROXY_START_WITHIN_S"),
    ("LAMBDA_PROXY_MODE", "notify", "has no effect with LAMBDA_PROXY_MODE=notify"),
]


@pytest.mark.parametrize(("name", "value", "problem"), REFUSED)
def test_a_fallback_that_could_never_answer_is_refused(name: str, value: str, problem: str) -> None:
    """EXC-25, EXC-26, ERR-8: one sentence that names the variable to change."""
    with pytest.raises(ConfigError) as caught:
        read_config({**VARIABLES, name: value})

    message = str(caught.value)
    assert problem in message
    assert message.startswith(f"{caught.value.variable} ")
    assert message.endswith(".")
    assert "\n" not in message


def test_another_functions_version_of_the_same_number_is_no_call_of_the_proxy() -> None:
    """EXC-25: what must not be is a call of the proxy itself, not a number."""
    other = {
        "LAMBDA_PROXY_FALLBACK_FUNCTION": "orders-before:7",
        "AWS_LAMBDA_FUNCTION_VERSION": "7",
    }

    assert read_config({**VARIABLES, **other}).fallback is not None
