from __future__ import annotations

from typing import Any

import pytest

from ldp_client.local_lambda import FunctionSettings, SettingsError


def test_the_arn_names_region_and_function() -> None:
    """The ARN has AWS's example account and no qualifier."""
    settings = FunctionSettings(name="orders", region="eu-west-1")

    assert settings.arn == "arn:aws:lambda:eu-west-1:123456789012:function:orders"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("name", ""),
        ("name", "a b"),
        ("name", "x" * 65),
        ("memory_mb", 0),
        ("timeout_s", 0),
        ("init_timeout_s", -1),
        ("reserved_concurrency", -1),
        ("retry_attempts", 3),
        ("retry_attempts", -1),
    ],
)
def test_values_out_of_range_are_refused(setting: str, value: Any) -> None:
    """The error names the setting and says what to do."""
    with pytest.raises(SettingsError, match=setting) as caught:
        FunctionSettings(**{setting: value})

    assert setting in caught.value.hint


@pytest.mark.parametrize(
    "variable",
    ["_HANDLER", "AWS_REGION", "AWS_LAMBDA_RUNTIME_API", "AWS_LAMBDA_FUNCTION_NAME"],
)
def test_lambdas_own_variables_are_refused(variable: str) -> None:
    """A variable that Lambda sets cannot be configured."""
    with pytest.raises(SettingsError, match=variable):
        FunctionSettings(environment={variable: "x"})


@pytest.mark.parametrize(
    "variable",
    ["LAMBDA_PROXY_MODE", "AWS_ENDPOINT_URL_SQS", "AWS_ACCESS_KEY_ID", "AWS_LAMBDA_LOG_FORMAT"],
)
def test_other_variables_are_the_users(variable: str) -> None:
    """Endpoints, the role's credentials and the proxy's own settings may be given."""
    assert variable in FunctionSettings(environment={variable: "x"}).environment
