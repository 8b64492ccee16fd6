from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import boto3
import pytest

from ldp_client.local_lambda import FunctionSettings, serve
from ldp_queues.addresses import parse_bucket
from ldp_testing.moto_server import REGION, MotoServer, process_environment, running_moto
from ldp_wire.claims import Bucket as BucketName
from ldp_wire.claims import Direction, claim_check
from ldp_wire.envelopes import RequestId

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
NAME = "lambda-debug-proxy"
SANDBOX_VARIABLES = ("AWS_ENDPOINT_URL_SQS", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
#: No wait for IAM; and version 1 of the command line ignores AWS_ENDPOINT_URL for SQS alone.
#: Its processes are not ours to measure, which would cost each a quarter of a second.
PREAMBLE = """
set -euo pipefail
sleep() { :; }
aws() {
  [ "$1" != sqs ] || set -- --endpoint-url "$AWS_ENDPOINT_URL" "$@"
  env -u COVERAGE_PROCESS_CONFIG aws "$@"
}
"""


#: The last part of a resource's name, and what may be done with it.
Granted = tuple[str, str | list[str]]


def commands(name: str) -> str:
    """The shell block that the README marks with `name`."""
    match = re.search(rf"<!-- commands: {name} -->\n```sh\n(.*?)```", README, re.DOTALL)
    assert match is not None, name
    return match[1]


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


@dataclass(frozen=True, slots=True)
class Bucket:
    """What came of the README's commands for large payloads.

    Attributes:
        variables: The function's.
        rules: The lifecycle rules.
        proxy: What the proxy's role may do with which keys.
        developer: What the developer may.
        left: What is left after the undoing.
    """

    variables: dict[str, str]
    rules: Any
    proxy: list[Granted]
    developer: list[Granted]
    left: list[Any]


@dataclass(frozen=True, slots=True)
class Course:
    """What came of the README's commands, run one after another in one account.

    Attributes:
        function: The function, as Lambda describes it.
        retries: How it treats asynchronous events.
        queues: The attributes of both queues, by URL.
        granted: What the role may do with the queues.
        answer: What the test event got back.
        dedicated: The function with dedicated replies.
        granted_to_dedicated: What the role may do then, besides.
        left: What is left after the undoing, by kind.
    """

    function: Any
    retries: Any
    queues: dict[str, dict[str, str]]
    granted: list[Granted]
    answer: Any
    dedicated: Any
    granted_to_dedicated: list[Granted]
    left: dict[str, list[Any]]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Deployment, attachment, a test event and the end: the command line takes a second a call.

    The server is one of its own: IAM and Lambda have no names to keep tests apart.
    """
    with running_moto() as server:
        clients = {name: _client(name, server) for name in ("lambda", "iam", "logs", "sqs")}
        clients["logs"].create_log_group(logGroupName=f"/aws/lambda/{NAME}")
        printed = run(f'{commands("deploy")}\nprintf "%s %s" "$REQ_URL" "$RESP_URL"', server)
        urls = printed.split()[-2:]
        function = clients["lambda"].get_function(FunctionName=NAME)
        retries = clients["lambda"].get_function_event_invoke_config(FunctionName=NAME)
        granted = _granted(clients["iam"], NAME)
        queues = {url: _attributes(clients["sqs"], url) for url in urls}
        answer = _answer(server, urls, tmp_path_factory.mktemp("user"))
        known = {"REQ_URL": urls[0], "RESP_URL": urls[1], "RESP_ARN": queues[urls[1]]["QueueArn"]}
        run(commands("dedicated"), server, ROOT, **known)
        dedicated = clients["lambda"].get_function(FunctionName=NAME)
        more = _granted(clients["iam"], f"{NAME}-replies")
        server.create_queue(f"LAMBDA_PROXY_RESP-{'a1' * 13}")  # as an environment leaves it behind
        run(commands("undo-dedicated") + commands("undo"), server, ROOT, **known)
        return Course(
            function, retries, queues, granted[:2], answer, dedicated, more, _left(clients)
        )


@pytest.fixture(scope="module")
def bucket() -> Bucket:
    """The commands for large payloads, in an account where role and function are there."""
    with running_moto() as server:
        iam, functions, s3 = (_client(name, server) for name in ("iam", "lambda", "s3"))
        role = iam.create_role(RoleName=NAME, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        functions.create_function(
            FunctionName=NAME,
            Runtime="python3.13",
            Handler="ldp_proxy.handler.handler",
            Role=role,
            Code={"ZipFile": b"as it was deployed"},
        )
        known = {"REQ_URL": server.create_queue(), "RESP_URL": server.create_queue()}
        names = 'printf " %s %s" "$POLICY_ARN" "$BUCKET"'
        arn, name = run(f"{commands('bucket')}\n{names}", server, ROOT, **known).split()[-2:]
        function = functions.get_function(FunctionName=NAME)
        policy = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
        rules = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
        granted = _granted(iam, f"{NAME}-payloads")
        s3.put_object(Bucket=name, Key="ldp/request/r/x", Body=b"as an event leaves it")
        run(commands("undo-bucket"), server, ROOT, POLICY_ARN=arn, BUCKET=name)
        return Bucket(
            function["Configuration"]["Environment"]["Variables"],
            rules,
            granted,
            _read(policy["Document"]),
            [
                *iam.list_policies(Scope="Local")["Policies"],
                *iam.list_role_policies(RoleName=NAME)["PolicyNames"],
                *s3.list_buckets()["Buckets"],
            ],
        )


def _client(service: str, server: MotoServer) -> Any:
    """A client of the SDK's own for a server."""
    session: Any = boto3.Session("testing", "testing", region_name=REGION)
    return session.client(service, endpoint_url=server.url)


def _granted(iam: Any, policy: str) -> list[Granted]:
    return _read(iam.get_role_policy(RoleName=NAME, PolicyName=policy)["PolicyDocument"])


def _read(document: Any) -> list[Granted]:
    return [
        (statement["Resource"].rpartition(":")[2], statement["Action"])
        for statement in document["Statement"]
    ]


def _attributes(sqs: Any, url: str) -> dict[str, str]:
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return dict(attributes)


def _left(clients: dict[str, Any]) -> dict[str, list[Any]]:
    return {
        "functions": clients["lambda"].list_functions()["Functions"],
        "roles": clients["iam"].list_roles()["Roles"],
        "queues": clients["sqs"].list_queues().get("QueueUrls", []),
        "log groups": clients["logs"].describe_log_groups()["logGroups"],
    }


def _answer(server: MotoServer, urls: list[str], folder: Path) -> Any:
    """Attach a handler by the README's commands, and send the test event to the zip."""
    (folder / "my_app.py").write_text(
        "def handler(event, context):\n    return {'seen': event['order'] + 1}\n"
    )
    archive = ROOT / "dist" / "lambda-debug-proxy.zip"
    names = ("LAMBDA_PROXY_REQ_QUEUE_URL", "LAMBDA_PROXY_RESP_QUEUE_URL")
    queues = dict(zip(names, urls, strict=True))
    credentials = {key: server.environment()[key] for key in SANDBOX_VARIABLES}
    settings = FunctionSettings(
        name=NAME, timeout_s=60, environment={**credentials, **queues}, region=REGION
    )
    attach = commands("attach").replace("lambda-debug run", "lambda-debug run --once")
    with serve(settings, archive) as served:
        run(
            f"{{ {attach}}} & \n{commands('invoke')}\nwait\n",
            server,
            folder,
            AWS_ENDPOINT_URL_LAMBDA=served.endpoint_url,
            REQ_URL=urls[0],
            RESP_URL=urls[1],
            LAMBDA_DEBUG_STATE_DIR=str(folder / "state"),
        )
    return json.loads((folder / "answer.json").read_text())


def test_the_commands_create_what_is_recommended(course: Course) -> None:
    """Queues, role and function have the recommended settings (SQS-1, SQS-4, SEC-6)."""
    configuration = course.function["Configuration"]
    variables = configuration["Environment"]["Variables"]
    assert (configuration["Timeout"], configuration["MemorySize"]) == (900, 128)
    assert course.function["Concurrency"]["ReservedConcurrentExecutions"] == 1
    retries = course.retries
    assert (retries["MaximumRetryAttempts"], retries["MaximumEventAgeInSeconds"]) == (0, 60)
    assert list(course.queues) == [
        variables["LAMBDA_PROXY_REQ_QUEUE_URL"],
        variables["LAMBDA_PROXY_RESP_QUEUE_URL"],
    ]
    for url, attributes in course.queues.items():
        assert not url.endswith(".fifo")
        assert attributes["MaximumMessageSize"] == "1048576"
        assert attributes["MessageRetentionPeriod"] == "3600"
    assert course.granted == [
        ("LAMBDA_PROXY_REQ", "sqs:SendMessage"),
        (
            "LAMBDA_PROXY_RESP",
            ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"],
        ),
    ]


def test_the_commands_answer_a_test_event(course: Course) -> None:
    """The README's deployment, attachment and test event end in the handler's own answer."""
    assert course.answer == {"seen": 2}


def test_the_commands_let_several_events_run_at_once(course: Course) -> None:
    """With dedicated replies the role may do just what they need, on just those names (SEC-6)."""
    variables = course.dedicated["Configuration"]["Environment"]["Variables"]
    assert variables["LAMBDA_PROXY_REPLY"] == "dedicated"
    assert variables["LAMBDA_PROXY_RESP_QUEUE_URL"] == list(course.queues)[1]
    assert "Concurrency" not in course.dedicated
    assert course.granted_to_dedicated == [
        (
            "LAMBDA_PROXY_RESP-*",
            [
                "sqs:CreateQueue",
                "sqs:TagQueue",
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:ChangeMessageVisibility",
            ],
        ),
        ("LAMBDA_PROXY_RESP-*", ["sqs:ListQueueTags", "sqs:DeleteQueue"]),
        ("*", "sqs:ListQueues"),
    ]


def test_the_commands_let_large_payloads_pass(bucket: Bucket) -> None:
    """Bucket, rule and permissions are just what is used: a day, put and get (PAY-16, SEC-6)."""
    (rule,) = bucket.rules
    assert (rule["Status"], rule["Filter"], rule["Expiration"]) == (
        "Enabled",
        {"Prefix": "ldp/"},
        {"Days": 1},
    )
    name, prefix = parse_bucket(bucket.variables["LAMBDA_PROXY_PAYLOAD_BUCKET"])
    events, answers = f"{name}/{prefix}/request/*", f"{name}/{prefix}/response/*"
    assert bucket.proxy == [(events, "s3:PutObject"), (answers, "s3:GetObject")]
    assert bucket.developer == [(events, "s3:GetObject"), (answers, "s3:PutObject")]
    claim = claim_check(BucketName(name, prefix), Direction.REQUEST, RequestId("r"), b"")
    assert fnmatch(f"{name}/{claim.key}", events)
    assert bucket.left == []


def test_the_commands_undo_it_all(course: Course) -> None:
    """After the README's last block nothing of the deployment is left."""
    assert course.left == {"functions": [], "roles": [], "queues": [], "log groups": []}
