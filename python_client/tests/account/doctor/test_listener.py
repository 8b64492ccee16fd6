from __future__ import annotations

import io
import json
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from ldp_account.doctor.listener import RUN
from ldp_client.errors import ExitStatus
from ldp_testing.processes import read_until, unmeasured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ldp_testing.doctor_stage import Patient

APP = """
def handler(event, context):
    if "fail" in event:
        raise KeyError("no order")
    return {"seen": event}
"""


@contextmanager
def listening(patient: Patient, folder: Path) -> Iterator[None]:
    """The client that doctor tells to run, with the variables of the stack."""
    (folder / "my_app.py").write_text(APP)
    told = {n: v for n, v in patient.place.variables().items() if n.startswith("LAMBDA_PROXY_")}
    with subprocess.Popen(
        [sys.executable, "-m", "ldp_client", *RUN.split()[1:]],
        cwd=folder,
        env=unmeasured({**patient.place.account.environment(), **told}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as client:
        try:
            read_until(client.stdout, "listening to")
            yield
        finally:
            client.kill()


def waiting(patient: Patient) -> int:
    """How many messages are in the request queue."""
    url = patient.place.variables()["LAMBDA_PROXY_REQ_QUEUE_URL"]
    found = patient.place.account.client("sqs").get_queue_attributes(
        QueueUrl=url, AttributeNames=["All"]
    )["Attributes"]
    return sum(int(n) for name, n in found.items() if name.startswith("ApproximateNumberOf"))


def test_an_event_that_nobody_takes_shows_that_nobody_listens(
    patient: Patient, tmp_path: Path
) -> None:
    """It is taken back and answered; once the client runs that is told, its answer comes."""
    url = patient.place.variables()["LAMBDA_PROXY_REQ_QUEUE_URL"]
    patient.place.account.client("sqs").send_message(QueueUrl=url, MessageBody="another's")

    said = patient.doctor("--echo", "--yes")
    assert said.status == ExitStatus.FAILED
    ((what, command),) = said.wrong
    assert what.startswith("nobody listens: no client took the event")
    assert "reaches the caller" in what
    assert command == RUN
    assert waiting(patient) == 1
    patient.place.account.client("sqs").purge_queue(QueueUrl=url)

    with listening(patient, tmp_path):
        healed = patient.doctor("--echo", "--yes")
    assert (healed.status, healed.wrong) == (ExitStatus.DONE, [])
    assert healed.examinations["listener"] == "good"


@pytest.mark.parametrize(
    "options",
    [
        ["--start-within-s", "2"],
        ["--mode", "notify"],
    ],
)
def test_nobody_is_found_in_every_mode(
    patient: Patient, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    """A proxy that answers by itself does not hide it, and its request is taken away."""
    monkeypatch.setattr("ldp_account.doctor.echo.TAKEN_WITHIN_S", 0.1)
    patient.deploy(*options)

    said = patient.doctor("--echo", "--yes")
    assert [what.partition(":")[0] for what, _ in said.wrong] == ["nobody listens"]
    assert waiting(patient) == 0


def test_events_that_wait_show_that_nobody_listens(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an event of its own: one that has waited for longer than a lease; it stays."""
    url = patient.place.variables()["LAMBDA_PROXY_REQ_QUEUE_URL"]
    sqs = patient.place.account.client("sqs")
    assert patient.doctor().examinations["listener"] == "not known"
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"an": "event"}))
    assert patient.doctor().examinations["listener"] == "not known"

    monkeypatch.setattr("ldp_account.doctor.listener.NOBODY_AFTER_S", -1.0)
    ((what, command),) = patient.doctor().wrong
    assert "nobody listens: 1 events wait" in what
    assert command == RUN
    assert waiting(patient) == 1

    sqs.receive_message(QueueUrl=url, VisibilityTimeout=600)
    assert patient.doctor().examinations["listener"] == "good"


def test_an_event_is_sent_only_to_who_agrees(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What will happen is said first; without a terminal and --yes it does not happen."""
    monkeypatch.setattr("sys.stdin", io.StringIO())
    patient.capsys.readouterr()
    asking = ("doctor", "--stack", patient.place.name, "--echo")
    assert patient.place.command(*asking) == ExitStatus.MISUSED
    assert "One event will be sent" in patient.capsys.readouterr().out
    assert waiting(patient) == 0
