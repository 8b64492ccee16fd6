from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ldp_client.local_lambda import FunctionSettings, LocalLambda
from ldp_testing.account_client import ANSWER, EVENT, answering

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from ldp_testing.account_stage import Place


def test_what_was_deployed_works(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The function's code, with its variables, takes an event to a client that was told by deploy.

    The account only keeps the function: a local Lambda runs it, with the account's queues.
    """
    place.deploy()
    (tmp_path / "deployed.zip").write_bytes(place.code())
    account = place.account.variables()
    del account["AWS_REGION"], account["AWS_DEFAULT_REGION"]  # Lambda sets them
    settings = FunctionSettings(
        name=place.name,
        handler=place.function()["Handler"],
        timeout_s=60.0,
        environment={**account, **place.variables()},
        region=place.function()["FunctionArn"].split(":")[3],
    )

    with (
        answering(place, capsys.readouterr().out, tmp_path),
        LocalLambda(settings, tmp_path / "deployed.zip", log=lambda _line: None) as hosted,
    ):
        assert json.loads(hosted.invoke(EVENT).payload) == ANSWER


def test_what_was_deployed_works_where_it_was_deployed(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The account itself runs the function, and its caller gets the client's answer."""
    place.deploy()

    with answering(place, capsys.readouterr().out, tmp_path):
        invoked = place.account.client("lambda").invoke(FunctionName=place.name, Payload=EVENT)
        assert json.loads(invoked["Payload"].read()) == ANSWER
    assert "FunctionError" not in invoked
