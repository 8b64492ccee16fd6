"""Functions such as people have, to be attached, in the account on this machine."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ldp_testing.function_zips import zip_of
from ldp_testing.limits import WAIT_LIMIT_S

if TYPE_CHECKING:
    from ldp_testing.account_stage import Place

NODE: Final = "exports.handler = async (event) => ({ seen: event.order + 1, by: 'node' });\n"

_OWN: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
                "Resource": "*",
            }
        ],
    }
)
_ASSUMED: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
_GLANCES: Final = {"Delay": 0.1, "MaxAttempts": 3000}  # in seconds, and how many
_CHANGING: Final = {"LastModified", "RevisionId", "ResponseMetadata", "Location"}


@dataclass(frozen=True, slots=True)
class Attachable:
    """A function of somebody's, and the stack whose queues it may use.

    Attributes:
        place: The stack, deployed.
        name: The function's name.
        role: The name of its role.
    """

    place: Place
    name: str
    role: str

    @classmethod
    def made(cls, place: Place) -> Attachable:
        """Make one that has all that attaching must not lose."""
        one = cls(place, f"{place.name}-own", f"{place.name}-own")
        functions, iam = one.client("lambda"), one.client("iam")
        role = iam.create_role(RoleName=one.name, AssumeRolePolicyDocument=_ASSUMED)["Role"]["Arn"]
        iam.put_role_policy(RoleName=one.name, PolicyName="own", PolicyDocument=_OWN)
        content = {"ZipFile": zip_of({"nodejs/shared.js": NODE})}
        layer = functions.publish_layer_version(LayerName=one.name, Content=content)
        _created_in_time(
            functions,
            FunctionName=one.name,
            Runtime="nodejs22.x",
            Handler="index.handler",
            Role=role,
            Description="orders",
            Timeout=7,
            MemorySize=256,
            Code={"ZipFile": zip_of({"index.js": NODE})},
            Environment={"Variables": {"TABLE": "orders", "AWS_LAMBDA_EXEC_WRAPPER": "/opt/w"}},
            Layers=[layer["LayerVersionArn"]],
            Tags={"team": "blue"},
            TracingConfig={"Mode": "Active"},
            EphemeralStorage={"Size": 1024},
        )
        functions.get_waiter("function_active_v2").wait(
            FunctionName=one.name, WaiterConfig=_GLANCES
        )
        functions.publish_version(FunctionName=one.name, Description="first")
        functions.update_function_configuration(FunctionName=one.name, Description="all orders")
        one.configuration()
        functions.publish_version(FunctionName=one.name, Description="second")
        functions.create_alias(
            FunctionName=one.name,
            Name="live",
            FunctionVersion="1",
            RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}},
        )
        functions.put_function_event_invoke_config(FunctionName=one.name, MaximumRetryAttempts=1)
        functions.add_permission(
            FunctionName=one.name,
            StatementId="uploads",
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
        )
        return one

    def beside(self, name: str, python: str = "") -> Attachable:
        """Another function with the same role, in Node or this Python, and without versions."""
        other = Attachable(self.place, name, self.role)
        self.client("lambda").create_function(
            FunctionName=other.name,
            Runtime="python3.12" if python else "nodejs22.x",
            Handler="index.handler",
            Role=self.configuration()["Role"],
            Code={"ZipFile": zip_of({"index.py": python} if python else {"index.js": NODE})},
            Environment={"Variables": {"TABLE": "orders"}},
        )
        return other

    def delete(self) -> None:
        """Delete it and what is beside it, with role, layer and logs."""
        functions, iam = self.client("lambda"), self.client("iam")
        for page in functions.get_paginator("list_functions").paginate():
            for name in (each["FunctionName"] for each in page["Functions"]):
                if name.startswith(self.name):
                    functions.delete_function(FunctionName=name)
        for name in iam.list_role_policies(RoleName=self.role)["PolicyNames"]:
            iam.delete_role_policy(RoleName=self.role, PolicyName=name)
        iam.delete_role(RoleName=self.role)
        for layer in functions.list_layer_versions(LayerName=self.name)["LayerVersions"]:
            functions.delete_layer_version(LayerName=self.name, VersionNumber=layer["Version"])
        logs = self.client("logs")
        for group in logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{self.name}")[
            "logGroups"
        ]:
            logs.delete_log_group(logGroupName=group["logGroupName"])

    def client(self, service: str) -> Any:
        """A client to look at what there is, and to change it."""
        return self.place.account.client(service)

    def attaching(self, *options: str) -> list[str]:
        """The arguments that attach it."""
        return ["attach", self.name, "--stack", self.place.name, *options]

    def detaching(self, *options: str) -> list[str]:
        """The arguments that detach it."""
        return ["detach", self.name, "--stack", self.place.name, *options]

    def attach(self, *options: str) -> int:
        """Attach it without being asked, in this process; the exit status."""
        return self.place.command(*self.attaching("--yes", *options))

    def detach(self, *options: str) -> int:
        """Detach it without being asked, in this process; the exit status."""
        return self.place.command(*self.detaching("--yes", *options))

    def configuration(self) -> dict[str, Any]:
        """Its configuration, at rest."""
        functions = self.client("lambda")
        functions.get_waiter("function_updated_v2").wait(
            FunctionName=self.name, WaiterConfig=_GLANCES
        )
        found: dict[str, Any] = functions.get_function(FunctionName=self.name)["Configuration"]
        return found

    def code(self, qualifier: str = "$LATEST") -> bytes:
        """Its zip, or that of a version or alias."""
        found = self.client("lambda").get_function(FunctionName=self.name, Qualifier=qualifier)
        with urllib.request.urlopen(found["Code"]["Location"]) as answer:
            content: bytes = answer.read()
        return content

    def versions(self) -> list[str]:
        """The numbers of its published versions, the newest last."""
        listed = self.client("lambda").list_versions_by_function(FunctionName=self.name)["Versions"]
        return sorted((v["Version"] for v in listed if v["Version"] != "$LATEST"), key=int)

    def everything(self) -> dict[str, Any]:
        """All that there is of it, but for times, revisions and states on the way."""
        functions, iam = self.client("lambda"), self.client("iam")
        self.configuration()
        named = {"FunctionName": self.name}
        found = {
            "function": functions.get_function(**named),
            "code": self.code(),
            "versions": functions.list_versions_by_function(**named)["Versions"],
            "aliases": functions.list_aliases(**named)["Aliases"],
            "tags": functions.list_tags(Resource=self.arn())["Tags"],
            "asynchronous": functions.list_function_event_invoke_configs(**named)[
                "FunctionEventInvokeConfigs"
            ],
            "concurrency": functions.get_function_concurrency(**named),
            "urls": functions.list_function_url_configs(**named)["FunctionUrlConfigs"],
            "permissions": json.loads(functions.get_policy(**named)["Policy"])["Statement"],
            "role": [
                iam.get_role_policy(RoleName=self.role, PolicyName=name)["PolicyDocument"]
                for name in iam.list_role_policies(RoleName=self.role)["PolicyNames"]
            ],
        }
        settled: dict[str, Any] = _settled(found)
        return settled

    def arn(self) -> str:
        """Its ARN."""
        return str(self.configuration()["FunctionArn"])

    def records(self) -> list[str]:
        """The keys of what is remembered of it."""
        listed = self.client("s3").list_objects_v2(
            Bucket=self.place.bucket(), Prefix=f"attachments/{self.name}/"
        )
        return [entry["Key"] for entry in listed.get("Contents", ())]


def _created_in_time(functions: Any, **function: Any) -> None:
    """Create a function as soon as Lambda may assume its new role, which takes IAM some seconds."""
    until_s, pause = time.monotonic() + WAIT_LIMIT_S, threading.Event()
    while True:
        try:
            functions.create_function(**function)
        except functions.exceptions.InvalidParameterValueException as exc:  # noqa: PERF203 - rare
            if "cannot be assumed" not in str(exc) or time.monotonic() > until_s:
                raise
            pause.wait(1.0)
        else:
            return


def _settled(value: Any) -> Any:
    """The same without what changes whenever anything is changed."""
    if isinstance(value, dict):
        return {key: _settled(entry) for key, entry in value.items() if key not in _CHANGING}
    if isinstance(value, list):
        return [_settled(entry) for entry in value]
    return value
