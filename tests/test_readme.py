from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from ldp_client.local_lambda import FunctionSettings, serve
from ldp_testing.moto_server import REGION, MotoServer, process_environment, running_moto

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
NAME = "lambda-debug-proxy"
#: No wait for IAM; and version 1 of the command line ignores AWS_ENDPOINT_URL for SQS alone.
PREAMBLE = """
set -euo pipefail
sleep() { :; }
aws() {
  [ "$1" != sqs ] || set -- --endpoint-url "$AWS_ENDPOINT_URL" "$@"
  command aws "$@"
}
"""


def commands(name: str) -> str:
    """The shell block that the README marks with `name`."""
    match = re.search(rf"<!-- commands: {name} -->\n```sh\n(.*?)```", README, re.DOTALL)
    assert match is not None, name
    return match[1]


@pytest.fixture
def server() -> Iterator[MotoServer]:
    """A server of its own: IAM and Lambda have no names to keep tests apart."""
    with running_moto() as running:
        yield running


def run(script: str, server: MotoServer, folder: Path = ROOT, **variables: str) -> str:
    """Run a script in bash as a reader of the README would, against a server."""
    environment = process_environment(server.url) | variables
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-c", PREAMBLE + script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def client(service: str, server: MotoServer) -> Any:
    """A client of the SDK's own for a server."""
    session: Any = boto3.Session("testing", "testing", region_name=REGION)
    return session.client(service, endpoint_url=server.url)


def deploy(server: MotoServer, *more: str) -> str:
    """Run the README's deployment, and what is to follow it."""
    return run("\n".join([commands("deploy"), *more]), server)


def test_the_commands_create_what_is_recommended(server: MotoServer) -> None:
    """Queues, role and function have the recommended settings (SQS-1, SQS-4, SEC-6)."""
    deploy(server)

    functions, iam = client("lambda", server), client("iam", server)
    function = functions.get_function(FunctionName=NAME)
    configuration = function["Configuration"]
    request_url = configuration["Environment"]["Variables"]["LAMBDA_PROXY_REQ_QUEUE_URL"]
    response_url = configuration["Environment"]["Variables"]["LAMBDA_PROXY_RESP_QUEUE_URL"]
    assert (configuration["Timeout"], configuration["MemorySize"]) == (900, 128)
    assert function["Concurrency"]["ReservedConcurrentExecutions"] == 1
    retries = functions.get_function_event_invoke_config(FunctionName=NAME)
    assert (retries["MaximumRetryAttempts"], retries["MaximumEventAgeInSeconds"]) == (0, 60)
    for url in (request_url, response_url):
        assert not url.endswith(".fifo")
        assert server.attribute(url, "MaximumMessageSize") == "1048576"
        assert server.attribute(url, "MessageRetentionPeriod") == "3600"
    policy = iam.get_role_policy(RoleName=NAME, PolicyName=NAME)["PolicyDocument"]
    granted = {
        statement["Resource"].rpartition(":")[2]: statement["Action"]
        for statement in policy["Statement"][:2]
    }
    assert granted == {
        "LAMBDA_PROXY_REQ": "sqs:SendMessage",
        "LAMBDA_PROXY_RESP": [
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:ChangeMessageVisibility",
        ],
    }


def test_the_commands_undo_it_all(server: MotoServer) -> None:
    """After the README's last block nothing of the deployment is left."""
    client("logs", server).create_log_group(logGroupName=f"/aws/lambda/{NAME}")

    deploy(server, commands("undo"))

    assert client("lambda", server).list_functions()["Functions"] == []
    assert client("iam", server).list_roles()["Roles"] == []
    assert "QueueUrls" not in server.sqs.list_queues()
    assert client("logs", server).describe_log_groups()["logGroups"] == []


def test_the_commands_answer_a_test_event(server: MotoServer, tmp_path: Path) -> None:
    """The README's deployment, attachment and test event end in the handler's own answer."""
    printed = deploy(server, 'printf "%s %s" "$REQ_URL" "$RESP_URL"')
    request_url, response_url = printed.split()[-2:]
    (tmp_path / "my_app.py").write_text(
        "def handler(event, context):\n    return {'seen': event['order'] + 1}\n"
    )
    archive = ROOT / "dist" / "lambda-debug-proxy.zip"
    assert "ldp_proxy/handler.py" in zipfile.ZipFile(archive).namelist()
    queues = {
        "LAMBDA_PROXY_REQ_QUEUE_URL": request_url,
        "LAMBDA_PROXY_RESP_QUEUE_URL": response_url,
    }
    credentials = {key: server.environment()[key] for key in SANDBOX_VARIABLES}
    settings = FunctionSettings(
        name=NAME, timeout_s=60, environment={**credentials, **queues}, region=REGION
    )
    attach = commands("attach").replace("lambda-debug run", "lambda-debug run --once")

    with serve(settings, archive) as served:
        run(
            f"{{ {attach} }} & \n{commands('invoke')}\nwait\n",
            server,
            tmp_path,
            AWS_ENDPOINT_URL_LAMBDA=served.endpoint_url,
            REQ_URL=request_url,
            RESP_URL=response_url,
            LAMBDA_DEBUG_STATE_DIR=str(tmp_path / "state"),
        )

    assert json.loads((tmp_path / "answer.json").read_text()) == {"seen": 2}


SANDBOX_VARIABLES = ("AWS_ENDPOINT_URL_SQS", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
