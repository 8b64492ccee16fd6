"""Versions and aliases of one function, and the reservation that they share."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from ldp_client.local_lambda import (
    Alias,
    AliasNotFound,
    FunctionNotFound,
    InvocationType,
    InvokeEndpoint,
    InvokeOptions,
    LocalLambda,
    Package,
    SettingsError,
    TooManyRequests,
)
from ldp_testing.function_zips import function_zip
from ldp_testing.local_functions import ON_AWSLAMBDARIC, Gate, Hosts, Lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ARN = "arn:aws:lambda:us-east-1:123456789012:function:orders"
ORDERS = replace(ON_AWSLAMBDARIC, name="orders", timeout_s=20.0)
LATEST = """
    import os

    def handler(event, context):
        print("latest ran")
        if isinstance(event, str):
            print("waiting")
            open(event).read()
        return ["latest", context.function_version, context.invoked_function_arn]
"""
OLD = """
    import os

    def handler(event, context):
        print("old ran")
        told = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        return ["old", context.function_version, context.invoked_function_arn, told]
"""


@pytest.fixture
def old(tmp_path: Path) -> Package:
    """The code and configuration of a version to publish."""
    return Package(ORDERS, function_zip(tmp_path / "old.zip", OLD))


@pytest.fixture
def function(hosts: Hosts, old: Package) -> LocalLambda:
    """A function with a published version of other code, and a reservation of one."""
    hosted = hosts.handler(LATEST, replace(ORDERS, reserved_concurrency=1))
    assert hosted.publish(old) == "1"
    return hosted


def on(qualifier: str) -> InvokeOptions:
    """An invoke of a version or an alias."""
    return InvokeOptions(qualifier=qualifier)


def test_each_version_has_its_own_code(function: LocalLambda) -> None:
    """What runs goes by the qualifier, and knows which version it is."""
    latest, old = function.invoke(), function.invoke(b"{}", on("1"))

    assert json.loads(latest.payload) == ["latest", "$LATEST", ARN]
    assert json.loads(old.payload) == ["old", "1", f"{ARN}:1", "1"]
    assert (latest.executed_version, old.executed_version) == ("$LATEST", "1")


def test_an_alias_runs_the_version_that_it_names(function: LocalLambda) -> None:
    """The ARN that the function sees has the alias, the executed version its number."""
    function.set_alias(Alias("live", "1"))
    result = function.invoke(b"{}", on("live"))

    assert json.loads(result.payload) == ["old", "1", f"{ARN}:live", "1"]
    assert result.executed_version == "1"
    function.set_alias(Alias("live", "$LATEST"))
    assert function.invoke(b"{}", on("live")).executed_version == "$LATEST"


def test_an_alias_can_part_invokes_among_two_versions(function: LocalLambda) -> None:
    """A weight of 1 sends them all to the other version, one of 0 none."""
    function.publish()
    function.set_alias(Alias("live", "2", {"1": 1.0}))
    assert function.invoke(b"{}", on("live")).executed_version == "1"

    function.set_alias(Alias("live", "2", {"1": 0.0}))
    result = function.invoke(b"{}", on("live"))
    assert json.loads(result.payload)[:2] == ["latest", "2"]


@pytest.mark.parametrize("qualifier", ["2", "live"])
def test_what_is_not_there_is_not_found(function: LocalLambda, qualifier: str) -> None:
    """Neither a version nor an alias: the refusal names the whole ARN."""
    with pytest.raises(FunctionNotFound, match=f"{ARN}:{qualifier}"):
        function.invoke(b"{}", on(qualifier))
    with pytest.raises(AliasNotFound, match=f"{ARN}:{qualifier}"):
        function.alias(qualifier)


@pytest.mark.parametrize(
    ("name", "version", "weights"),
    [
        ("7", "1", {}),
        ("a b", "1", {}),
        ("live", "9", {}),
        ("live", "1", {"9": 0.5}),
        ("live", "1", {"$LATEST": 0.5}),
        ("live", "$LATEST", {"1": 0.5}),
        ("live", "1", {"1": 0.5}),
        ("live", "1", {"2": 1.5}),
        ("live", "1", {"2": 0.5, "3": 0.5}),
    ],
)
def test_an_alias_that_lambda_would_not_take_is_refused(
    function: LocalLambda, name: str, version: str, weights: dict[str, float]
) -> None:
    """Names of digits, versions that are not there, and weights that are none."""
    with pytest.raises(SettingsError):
        function.set_alias(Alias(name, version, weights))


def test_a_version_of_another_function_is_refused(function: LocalLambda, old: Package) -> None:
    """A version has the function's name and region."""
    with pytest.raises(SettingsError, match="function:other"):
        function.publish(replace(old, settings=replace(ORDERS, name="other")))


@contextmanager
def busy(function: LocalLambda, gate: Gate, lines: Lines) -> Iterator[None]:
    """`$LATEST` is running for the time of the block."""
    with ThreadPoolExecutor() as pool:
        future = pool.submit(function.invoke, json.dumps(str(gate.path)).encode())
        lines.until("waiting")
        yield
        gate.open()
    assert future.result().function_error is None


def test_the_reservation_is_all_versions_together(
    function: LocalLambda, gate: Gate, lines: Lines
) -> None:
    """With a reservation of 1, no other version runs while one does."""
    with busy(function, gate, lines), pytest.raises(TooManyRequests):
        function.invoke(b"{}", on("1"))

    assert "old ran" not in lines.rest()
    assert function.invoke(b"{}", on("1")).executed_version == "1"


def test_a_queued_event_waits_for_another_versions_end(
    function: LocalLambda, gate: Gate, lines: Lines
) -> None:
    """Where a caller would be refused, an event of another version waits its turn."""
    with busy(function, gate, lines):
        queued = function.invoke(b"{}", replace(on("1"), invocation_type=InvocationType.EVENT))
    assert queued.executed_version == "1"
    assert lines.until("old ran")


def test_a_larger_reservation_lets_versions_run_side_by_side(
    hosts: Hosts, old: Package, gate: Gate, lines: Lines
) -> None:
    """With a reservation of 2, one version runs while another does; a third is refused."""
    function = hosts.handler(LATEST, replace(ORDERS, reserved_concurrency=2))
    function.publish(old)
    second = Gate(gate.path.with_name("second"))
    with busy(function, gate, lines):
        assert function.invoke(b"{}", on("1")).executed_version == "1"
        with busy(function, second, lines), pytest.raises(TooManyRequests):
            function.invoke(b"{}", on("1"))


def client(endpoint: InvokeEndpoint) -> Any:
    """An SDK client that asks once."""
    return boto3.client(
        "lambda",
        endpoint_url=endpoint.url,
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture
def sdk(function: LocalLambda) -> Iterator[Any]:
    """An SDK client of an endpoint that the function was added to."""
    endpoint = InvokeEndpoint()
    endpoint.add(function)
    with endpoint:
        yield client(endpoint)


def test_boto3_invokes_versions_and_aliases(sdk: Any, function: LocalLambda) -> None:
    """By the Qualifier, and by the end of the function's name or ARN."""
    function.set_alias(Alias("live", "1"))
    for arguments in (
        {"FunctionName": "orders", "Qualifier": "live"},
        {"FunctionName": "orders:live"},
        {"FunctionName": f"{ARN}:live", "Qualifier": "live"},
    ):
        answer = sdk.invoke(Payload=b"{}", **arguments)
        assert answer["ExecutedVersion"] == "1"
        assert json.loads(answer["Payload"].read())[2] == f"{ARN}:live"


def test_boto3_gets_aliases(sdk: Any, function: LocalLambda) -> None:
    """Version, ARN and weights are where the SDK looks for them; without weights there are none."""
    function.publish()
    function.set_alias(Alias("live", "2", {"1": 0.25}))
    function.set_alias(Alias("plain", "1"))
    live = sdk.get_alias(FunctionName="orders", Name="live")
    plain = sdk.get_alias(FunctionName=ARN, Name="plain")

    assert (live["AliasArn"], live["Name"], live["FunctionVersion"]) == (f"{ARN}:live", "live", "2")
    assert live["RoutingConfig"] == {"AdditionalVersionWeights": {"1": 0.25}}
    assert (plain["FunctionVersion"], "RoutingConfig" in plain) == ("1", False)


def test_boto3_gets_the_reserved_concurrency(sdk: Any, hosts: Hosts) -> None:
    """The number, or nothing where there is none."""
    free = hosts.handler(OLD, ON_AWSLAMBDARIC)
    with InvokeEndpoint(free) as endpoint:
        unset = client(endpoint).get_function_concurrency(FunctionName=free.settings.name)

    assert "ReservedConcurrentExecutions" not in unset
    reserved = sdk.get_function_concurrency(FunctionName="orders")
    assert reserved["ReservedConcurrentExecutions"] == 1


@pytest.mark.parametrize(
    ("operation", "arguments", "error"),
    [
        ("get_alias", {"FunctionName": "orders", "Name": "live"}, "ResourceNotFoundException"),
        ("get_alias", {"FunctionName": "other", "Name": "live"}, "ResourceNotFoundException"),
        ("get_function_concurrency", {"FunctionName": "other"}, "ResourceNotFoundException"),
        (
            "get_function_concurrency",
            {"FunctionName": "orders:1"},
            "InvalidParameterValueException",
        ),
        (
            "invoke",
            {"FunctionName": "orders:1", "Qualifier": "live"},
            "InvalidParameterValueException",
        ),
    ],
)
def test_refusals_are_the_sdks_exceptions(
    sdk: Any, operation: str, arguments: dict[str, str], error: str
) -> None:
    """What is not there, and what contradicts itself."""
    with pytest.raises(getattr(sdk.exceptions, error)):
        getattr(sdk, operation)(**arguments)
