"""A client's way to an account on this machine, which `lambda-debug doctor` examines.

The developer is a role, so that policies can be attached to it: the emulator enforces none.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ldp_account.attachments.record import RECORD_TAG
from ldp_client.errors import ExitStatus

if TYPE_CHECKING:
    import pytest

    from ldp_testing.account_stage import Place

#: Version 1 of AWS's command line ignores the endpoint's variables for SQS alone.
_PREAMBLE: Final = """
aws() {
  [ "$1" != sqs ] || set -- --endpoint-url "$AWS_ENDPOINT_URL_SQS" "$@"
  env -u COVERAGE_PROCESS_CONFIG aws "$@"
}
"""
_TRUST: Final = json.dumps({"Version": "2012-10-17", "Statement": []})


@dataclass(frozen=True, slots=True)
class Said:
    """What `lambda-debug doctor` said.

    Attributes:
        status: Its exit status.
        examinations: The states, by name.
        wrong: What is wrong, and what mends it.
        unknown: What is not known.
    """

    status: int
    examinations: dict[str, str]
    wrong: list[tuple[str, str | None]]
    unknown: list[str]


@dataclass(frozen=True, slots=True)
class Patient:
    """A deployed proxy and its developer.

    Attributes:
        place: The account.
        environment: Sets variables of this process.
        capsys: Reads what commands say.
    """

    place: Place
    environment: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    @property
    def role(self) -> str:
        """The developer's role."""
        return f"developer-{self.place.name}"

    def deploy(self, *options: str) -> None:
        """Deploy it, with the concurrency that the emulator does not set."""
        self.place.deploy(*options)
        self.place.account.client("lambda").put_function_concurrency(
            FunctionName=self.place.name, ReservedConcurrentExecutions=1
        )

    def forget_others(self) -> None:
        """Delete the attached functions that other tests left, since all are looked at."""
        functions = self.place.account.client("lambda")
        for function in functions.list_functions()["Functions"]:
            tags = functions.list_tags(Resource=function["FunctionArn"]).get("Tags", {})
            if RECORD_TAG in tags:
                functions.delete_function(FunctionName=function["FunctionName"])

    def log_in(self) -> None:
        """Be the developer from now on."""
        made = self.place.account.client("iam").create_role(
            RoleName=self.role, AssumeRolePolicyDocument=_TRUST
        )
        session = self.place.account.client("sts").assume_role(
            RoleArn=made["Role"]["Arn"], RoleSessionName="work"
        )["Credentials"]
        self.environment.setenv("AWS_ACCESS_KEY_ID", session["AccessKeyId"])
        self.environment.setenv("AWS_SECRET_ACCESS_KEY", session["SecretAccessKey"])
        self.environment.setenv("AWS_SESSION_TOKEN", session["SessionToken"])

    def doctor(self, *options: str) -> Said:
        """Have it examined, in this process."""
        self.capsys.readouterr()
        status = self.place.command("doctor", "--stack", self.place.name, "--json", *options)
        said = self.capsys.readouterr()
        assert said.out, said.err
        return _read(status, said.out)

    def mended(self, line: str, *options: str) -> Said:
        """Paste a line into a shell, and have it examined from there."""
        words = ["lambda-debug", "doctor", "--stack", self.place.name, "--json", *options]
        done = self.shell(f"{{ {line}\n}} >&2\n{' '.join(words)}")
        assert done.stdout, done.stderr
        return _read(done.returncode, done.stdout)

    def mend(self, line: str) -> None:
        """Paste a line into a shell."""
        done = self.shell(line)
        assert done.returncode == ExitStatus.DONE, done.stderr

    def shell(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a script with this process's variables and programs."""
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "-ec", _PREAMBLE + script],
            env={**os.environ, "PATH": programs},
            capture_output=True,
            text=True,
            check=False,
        )


def _read(status: int, said: str) -> Said:
    examinations: list[dict[str, Any]] = json.loads(said)["examinations"]
    findings = [finding for one in examinations for finding in one["findings"]]
    return Said(
        status,
        {one["name"]: one["state"] for one in examinations},
        [(one["what"], one["command"]) for one in findings if one["state"] == "wrong"],
        [one["what"] for one in findings if one["state"] == "not known"],
    )
