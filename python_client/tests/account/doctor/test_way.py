from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from ldp_account.doctor.clock import TOLERATED_S
from ldp_client.errors import ExitStatus
from ldp_testing.moto_server import REGION
from ldp_testing.tap import Effect, Reply, ShiftDate, Tap

if TYPE_CHECKING:
    from ldp_testing.doctor_stage import Patient
    from ldp_testing.tap import Answer, Call

ELSEWHERE = "us-east-2"
TEN_MINUTES_S = 600
EXPIRED = (
    b"<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>"
    b"Signature expired: 20261124T100000Z is now earlier than 20261124T100500Z"
    b"</Message></Error></ErrorResponse>"
)


@dataclass(frozen=True, slots=True)
class NoDate(Effect):
    """Take the date out of the answer."""

    def on_answer(self, call: Call, answer: Answer) -> Answer:  # noqa: ARG002
        """Take it out."""
        return replace(answer, headers=tuple(h for h in answer.headers if h[0].lower() != "date"))


def export(patient: Patient, **changed: str | None) -> dict[str, str]:
    """Set the variables that deploy told, but for those that are changed; what they are then."""
    variables = patient.place.variables()
    told = {n: v for n, v in variables.items() if n.endswith(("_URL", "_BUCKET"))}
    after = {n: v for n, v in {**told, **changed}.items() if v is not None}
    for name, value in after.items():
        patient.environment.setenv(name, value)
    return after


def aws_url(url: str, region: str) -> str:
    """The URL that AWS would give a queue."""
    account, name = url.rsplit("/", 2)[1:]
    return f"https://sqs.{region}.amazonaws.com/{account}/{name}"


def test_a_wrong_region_is_found_and_mended(patient: Patient) -> None:
    """Calls that go elsewhere than the queues' URLs say are named, with what sets the region."""
    urls = {n: aws_url(v, REGION) for n, v in export(patient).items() if n.endswith("_URL")}
    export(patient, **urls)
    patient.environment.setenv("AWS_REGION", ELSEWHERE)
    patient.environment.setenv("AWS_DEFAULT_REGION", ELSEWHERE)

    said = patient.doctor()
    assert said.status == ExitStatus.FAILED
    assert said.examinations == {"clock": "good", "region": "wrong", "the rest": "not known"}
    assert f"calls go to {ELSEWHERE}, and LAMBDA_PROXY_REQ_QUEUE_URL" in said.wrong[0][0]
    command = said.wrong[0][1]
    assert command is not None
    healed = patient.mended(command)
    assert (healed.status, healed.wrong) == (ExitStatus.DONE, [])
    assert healed.examinations["variables"] == "good"


@pytest.mark.parametrize(("by_s", "side"), [(TEN_MINUTES_S, "behind"), (-TEN_MINUTES_S, "ahead")])
def test_a_clock_that_is_ten_minutes_off_is_found(
    patient: Patient, tap: Tap, by_s: int, side: str
) -> None:
    """AWS refuses what is signed then, and its refusal tells how far it is, and what sets it."""
    tap.apply(Reply(403, "text/xml", EXPIRED), times=None)
    tap.apply(ShiftDate(by_s), times=None)

    said = patient.doctor()
    assert said.status == ExitStatus.FAILED
    ((what, command),) = said.wrong
    assert side in what
    assert command is not None
    assert command.split()[0] in {"sudo", "w32tm"}
    assert said.examinations["the rest"] == "not known"
    tap.clear()
    assert patient.doctor().examinations["clock"] == "good"


def test_a_clock_that_is_a_little_off_is_none_of_our_business(patient: Patient, tap: Tap) -> None:
    """What AWS tolerates is good; an answer without a date tells nothing."""
    tap.apply(ShiftDate(int(TOLERATED_S) - 60), times=None)
    assert patient.doctor().examinations["clock"] == "good"
    tap.apply(NoDate(), times=None)
    assert patient.doctor().examinations["clock"] == "not known"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LAMBDA_PROXY_RESP_QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/123456789012/other"),
        ("LAMBDA_PROXY_RESP_QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/123456789012/q.fifo"),
        ("LAMBDA_PROXY_PAYLOAD_BUCKET", None),
        ("LAMBDA_PROXY_REPLY", "dedicated"),
    ],
)
def test_variables_that_differ_from_the_stacks_are_found_and_mended(
    patient: Patient, name: str, value: str | None
) -> None:
    """Each is named, with the line that sets or unsets it."""
    export(patient, **{name: value})

    said = patient.doctor()
    assert said.status == ExitStatus.FAILED
    assert {what.split(" ")[0].rstrip(":") for what, _ in said.wrong} == {name}
    command = said.wrong[0][1]
    assert command is not None
    assert patient.mended(command).wrong == []


def test_without_a_stack_the_variables_are_examined(patient: Patient) -> None:
    """Queues that were made by hand are looked at as those of a stack are."""
    url = export(patient)["LAMBDA_PROXY_REQ_QUEUE_URL"]
    patient.place.account.client("sqs").set_queue_attributes(
        QueueUrl=url, Attributes={"MaximumMessageSize": "1024"}
    )

    said = patient.doctor("--stack", "no-such-stack")
    assert said.examinations["stack"] == "not known"
    assert [what.partition(" is ")[0] for what, _ in said.wrong] == [
        f"{patient.place.name}-req: MaximumMessageSize"
    ]


def test_without_stack_and_variables_deploying_is_told(patient: Patient) -> None:
    """With nothing to examine, what makes something is told."""
    ((what, command),) = patient.doctor("--stack", "no-such-stack").wrong

    assert "there is no such stack, and LAMBDA_PROXY_REQ_QUEUE_URL is not set" in what
    assert command == "lambda-debug deploy --stack no-such-stack"


def test_the_function_is_set_as_the_stack_says(patient: Patient) -> None:
    """A function that sends elsewhere, or that runs events at once, is found and mended."""
    functions, name = patient.place.account.client("lambda"), patient.place.name
    functions.update_function_configuration(
        FunctionName=name,
        Environment={
            "Variables": {
                **patient.place.variables(),
                "LAMBDA_PROXY_REQ_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/1/other",
            }
        },
    )
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=5)

    said = patient.doctor()
    assert len(said.wrong) == 2
    for _, command in said.wrong:
        assert command is not None
        patient.mend(command)
    assert patient.doctor().wrong == []


def test_a_function_that_cannot_be_invoked_is_found_and_mended(patient: Patient) -> None:
    """A reservation of nothing keeps every event out, with dedicated replies as well."""
    patient.place.deploy("--reply", "dedicated")
    patient.place.account.client("lambda").put_function_concurrency(
        FunctionName=patient.place.name, ReservedConcurrentExecutions=0
    )

    ((what, command),) = patient.doctor().wrong
    assert "reserved concurrency is 0" in what
    assert command is not None
    patient.mend(command)
    assert patient.doctor().wrong == []


def test_reply_queues_that_are_left_over_are_found_and_deleted(patient: Patient) -> None:
    """A queue that an environment made, where no proxy makes any, is named, and deleted."""
    sqs = patient.place.account.client("sqs")
    url = sqs.create_queue(QueueName=f"{patient.place.name}-resp-{'a1' * 13}")["QueueUrl"]

    ((what, command),) = patient.doctor().wrong
    assert what.startswith(url)
    assert command is not None
    patient.mend(command)
    assert patient.doctor().wrong == []


def test_people_are_told_line_by_line(patient: Patient) -> None:
    """Without --json each examination is a line, and what mends it stands below."""
    patient.place.account.client("lambda").delete_function_concurrency(
        FunctionName=patient.place.name
    )
    patient.capsys.readouterr()

    assert patient.place.command("doctor", "--stack", patient.place.name) == ExitStatus.FAILED
    said = patient.capsys.readouterr().out
    assert "\ngood       clock " in said
    assert "\nwrong      proxy              its reserved concurrency is None" in said
    assert "\n    aws lambda put-function-concurrency " in said


@pytest.mark.parametrize("options", [["--yes"], ["--json", "--echo"]])
def test_options_that_would_do_nothing_are_refused(patient: Patient, options: list[str]) -> None:
    """There is nothing to agree to without an event, and nobody to ask where JSON is wanted."""
    assert patient.place.command("doctor", *options) == ExitStatus.MISUSED
