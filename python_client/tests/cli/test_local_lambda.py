from __future__ import annotations

import json
import re
import signal
import socket
import urllib.request
import zipfile
from typing import TYPE_CHECKING

import pytest

from ldp_client.cli import execute

if TYPE_CHECKING:
    from pathlib import Path

    from ldp_testing.command_stage import CommandStage

HANDLER = """
import os

def handler(event, context):
    print("a line of the function's")
    return [event, context.function_name, context.memory_limit_in_mb, os.environ["COLOUR"],
            os.environ["LAMBDA_PROXY_REQ_QUEUE_URL"], os.environ["AWS_SECRET_ACCESS_KEY"]]
"""


@pytest.fixture
def zip_path(tmp_path: Path) -> Path:
    """A function's zip whose code stands where the proxy's does."""
    path = tmp_path / "function.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ldp_proxy/__init__.py", "")
        archive.writestr("ldp_proxy/handler.py", HANDLER)
    return path


@pytest.fixture
def no_zip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> pytest.CaptureFixture[str]:
    """A current folder with a file `no.zip` that is none; what is printed there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "no.zip").write_bytes(b"no zip")
    return capsys


def invoke(url: str, event: bytes) -> tuple[bytes, str | None]:
    """A caller's invoke: the payload, and the header of a function error."""
    request = urllib.request.Request(url, data=event)
    with urllib.request.urlopen(request) as answer:
        return answer.read(), answer.headers["X-Amz-Function-Error"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_function_is_hosted_until_a_signal(
    stage: CommandStage, zip_path: Path, number: int
) -> None:
    """The printed curl line invokes it, with its settings; a signal ends it with status 0."""
    process = stage.start(
        *["local-lambda", "--zip", str(zip_path), "--name", "orders", "--memory", "256"],
        *["--reserved-concurrency", "1", "--timeout", "5", "--env", "COLOUR=a=b"],
    )
    assert process.stdout is not None
    assert process.stderr is not None
    url = ""
    while not url:
        match = re.match(r"  curl (\S+/orders/invocations) -d ", process.stdout.readline())
        url = match[1] if match else ""
    body, error = invoke(url, b'{"order": 1}')

    assert error is None
    assert json.loads(body) == [
        *[{"order": 1}, "orders", "256", "a=b"],
        *[stage.environment["LAMBDA_PROXY_REQ_QUEUE_URL"], "testing"],
    ]
    assert process.stderr.readline() == "  a line of the function's\n"
    process.send_signal(number)
    assert process.wait() == 0


def test_by_default_it_is_the_proxy(stage: CommandStage) -> None:
    """Without a zip the proxy's is built; it says itself what it lacks."""
    del stage.environment["LAMBDA_PROXY_REQ_QUEUE_URL"]
    process = stage.start("local-lambda", "--entry", "runtime")
    assert process.stdout is not None
    url = ""
    while not url:
        match = re.match(r"  curl (\S+) -d ", process.stdout.readline())
        url = match[1] if match else ""
    body, error = invoke(url, b"{}")
    process.send_signal(signal.SIGINT)

    assert error == "Unhandled"
    assert json.loads(body)["errorType"] == "Proxy.Misconfigured"
    assert process.wait() == 0


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--zip", "nowhere.zip"], 2, "'nowhere.zip' does not exist"),
        (["--zip", "no.zip"], 1, "cannot be unzipped"),
        (["--env", "COLOUR"], 2, "'COLOUR' is not KEY=VALUE."),
        (["--env", "=1"], 2, "'' is not KEY=VALUE."),
        (["--env", "AWS_REGION=x"], 2, "The setting AWS_REGION is invalid"),
        (["--name", "a b"], 2, "The setting name is invalid"),
        (["--entry", "java"], 2, "'java' is not one of"),
    ],
    ids=str,
)
def test_what_lambda_would_not_take_is_told(
    no_zip: pytest.CaptureFixture[str], arguments: list[str], status: int, words: str
) -> None:
    """A wrong setting has status 2, a function that cannot be hosted 1."""
    assert execute(lambda: None, ["local-lambda", *arguments]) == status
    assert words in " ".join(no_zip.readouterr().err.split())


def test_a_taken_port_is_told(zip_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A port in use ends with status 1 and a hint."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        arguments = ["local-lambda", "--zip", str(zip_path), "--port", str(port)]
        arguments += ["--entry", "awslambdaric"]
        assert execute(lambda: None, arguments) == 1
    assert "Choose another port" in capsys.readouterr().err
