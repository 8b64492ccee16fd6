from __future__ import annotations

from typing import TYPE_CHECKING

from ldp_testing.attached import LikeAttached
from ldp_testing.iam_actions import compare, permissions
from ldp_testing.resolved_template import ResolvedTemplate

if TYPE_CHECKING:
    import pytest

    from ldp_testing.doctor_stage import Patient
    from ldp_testing.iam_record import IamRecord


def test_what_examining_asks_is_allowed(
    asked: IamRecord, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both policies together let nothing be unknown, and what is for examining alone is used.

    Of the services any answer will do, so that nobody needs what they are asked without a name.
    """
    monkeypatch.setattr("ldp_account.doctor.echo.TAKEN_WITHIN_S", 0.1)
    one = LikeAttached.made(patient.place, "2026-11-24T10:00:00+00:00")
    deployed = len(asked.asked())
    patient.doctor("--echo", "--yes")
    patient.place.command("status", "--stack", patient.place.name)
    calls = [call for call in asked.asked()[deployed:] if call.given]
    calls += [call for call in asked.asked()[deployed:] if call.operation == "ListFunctions"]
    one.delete()

    place = patient.place
    variables = place.variables()
    template = ResolvedTemplate(
        {"ResponseQueueName": f"{place.name}-resp"},
        {
            "RequestQueue": variables["LAMBDA_PROXY_REQ_QUEUE_URL"],
            "ResponseQueue": variables["LAMBDA_PROXY_RESP_QUEUE_URL"],
            "Bucket": place.bucket(),
        },
    )
    policy = place.operator_policy()
    operator = permissions(policy)
    examining = permissions(
        {"Statement": [one for one in policy["Statement"] if one["Sid"].startswith("Examine")]}
    )
    assert compare(operator | template.allowed_to_developer(), calls)[0] == []
    assert compare(examining, calls)[1] == []
