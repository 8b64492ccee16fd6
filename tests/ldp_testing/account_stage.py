"""A proxy in an account on this machine, by the commands that a person gives."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import urllib.request
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ldp_account.operator_policy import Operated, operator_policy
from ldp_client.cli import execute
from ldp_testing.function_zips import zip_of
from ldp_testing.ministack import ACCOUNT
from ldp_testing.processes import read_until, unmeasured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ldp_testing.ministack import Ministack
    from ldp_testing.moto_account import MotoAccount
    from ldp_testing.real_account import RealAccount


class Terminal(io.StringIO):
    """Standard input at which somebody types."""

    def isatty(self) -> bool:
        """It is a terminal."""
        return True


@dataclass(frozen=True, slots=True)
class Place:
    """Names of one stack, and of all that it is to make, that no other test has.

    Attributes:
        account: The account, which may be a real one (`real_account`).
        name: Of stack and function, and the beginning of the queues' names.
    """

    account: Ministack | MotoAccount | RealAccount
    name: str = field(default_factory=lambda: f"proxy-{uuid.uuid4().hex[:12]}")

    def deploying(self, *options: str) -> list[str]:
        """The arguments that deploy it."""
        names = ["--function-name", self.name, "--request-queue", f"{self.name}-req"]
        return [
            *("deploy", "--stack", self.name, *names, "--response-queue", f"{self.name}-resp"),
            *options,
        ]

    def deploy(self, *options: str) -> int:
        """Deploy it without being asked, in this process; the exit status."""
        return self.command(*self.deploying("--yes", *options))

    def command(self, *arguments: str) -> int:
        """Give a command, in this process; the exit status."""
        return execute(lambda: None, arguments)

    def destroy(self, *options: str) -> int:
        """Destroy it, in this process; the exit status."""
        return self.command("destroy", "--stack", self.name, *options)

    def clear(self) -> None:
        """Delete all of it, with what a test put there beside it."""
        s3, sqs = self.account.client("s3"), self.account.client("sqs")
        for bucket in (each["Name"] for each in s3.list_buckets()["Buckets"]):
            if bucket.startswith(self.name):
                for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", ()):
                    s3.delete_object(Bucket=bucket, Key=entry["Key"])
        self.destroy("--yes", "--region", self.account.variables()["AWS_REGION"])
        for url in sqs.list_queues(QueueNamePrefix=self.name).get("QueueUrls", ()):
            sqs.delete_queue(QueueUrl=url)

    def killed_at(self, words: str, arguments: list[str], folder: Path) -> None:
        """Give a command in a process of its own, which is killed as soon as it says this."""
        with subprocess.Popen(
            [sys.executable, "-m", "ldp_client", *arguments, "--yes"],
            env=unmeasured(self.account.environment()),
            cwd=folder,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                read_until(process.stdout, words)
            finally:
                process.kill()

    def operator_policy(self) -> dict[str, Any]:
        """The policy of whoever deploys it."""
        names = (f"{self.name}-req", f"{self.name}-resp")
        operated = Operated(
            stack=self.name, function=self.name, request_queue=names[0], response_queue=names[1]
        )
        document: dict[str, Any] = json.loads(operator_policy(operated))
        return document

    def function(self) -> dict[str, Any]:
        """The function's configuration."""
        answer = self.account.client("lambda").get_function(FunctionName=self.name)
        configuration: dict[str, Any] = answer["Configuration"]
        return configuration

    def code(self) -> bytes:
        """The function's zip."""
        answer = self.account.client("lambda").get_function(FunctionName=self.name)
        with urllib.request.urlopen(answer["Code"]["Location"]) as zip_file:
            content: bytes = zip_file.read()
        return content

    def variables(self) -> dict[str, str]:
        """The function's variables."""
        return dict(self.function()["Environment"]["Variables"])

    def bucket(self) -> str:
        """The name of the stack's bucket."""
        stacks = self.account.client("cloudformation").describe_stacks(StackName=self.name)
        outputs = {o["OutputKey"]: o["OutputValue"] for o in stacks["Stacks"][0]["Outputs"]}
        return str(outputs["BucketName"])

    def left(self) -> list[str]:
        """What there is in the account that has the stack's name in its own."""
        services = ("sqs", "lambda", "s3", "iam", "logs")
        clients = {service: self.account.client(service) for service in services}
        found = [
            *clients["sqs"].list_queues().get("QueueUrls", []),
            *(
                f["FunctionName"]
                for f in self.account.client("lambda").list_functions()["Functions"]
            ),
            *(b["Name"] for b in self.account.client("s3").list_buckets()["Buckets"]),
            *(r["RoleName"] for r in self.account.client("iam").list_roles()["Roles"]),
            *(
                p["Arn"]
                for p in self.account.client("iam").list_policies(Scope="Local")["Policies"]
            ),
            *(
                g["logGroupName"]
                for g in self.account.client("logs").describe_log_groups()["logGroups"]
            ),
        ]
        return [name for name in found if self.name in name]


@contextmanager
def spent_concurrency(place: Place) -> Iterator[None]:
    """Leave the account no more concurrency than it has to keep unreserved."""
    functions, name = place.account.client("lambda"), f"other-{uuid.uuid4().hex[:12]}"
    code = {"ZipFile": zip_of({"index.py": ""})}
    role = f"arn:aws:iam::{ACCOUNT}:role/other"
    functions.create_function(
        FunctionName=name, Runtime="python3.12", Handler="index.handler", Role=role, Code=code
    )
    left = functions.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=left - 100)
    try:
        yield
    finally:
        functions.delete_function(FunctionName=name)
