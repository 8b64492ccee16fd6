from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from ldp_testing.moto_server import free_port
from ldp_testing.tap import Answer, Cut, Effect, Hold, Tap

if TYPE_CHECKING:
    from ldp_testing.doctor_stage import Patient
    from ldp_testing.tap import Call


@dataclass(frozen=True, slots=True)
class FunctionError(Effect):
    """Let an invocation end with an error.

    Attributes:
        body: The error.
    """

    body: str

    def on_request(self, call: Call) -> Answer | None:
        """Answer instead of Lambda, if it is an invocation."""
        if not is_invocation(call):
            return None
        raised = {"X_Amz_Function_Error": "Unhandled"}
        return Answer.of_tap(200, "application/json", self.body.encode(), **raised)


@dataclass(frozen=True, slots=True)
class NotAllowed(Effect):
    """Refuse an invocation."""

    def on_request(self, call: Call) -> Answer | None:
        """Answer instead of Lambda, if it is one."""
        if not is_invocation(call):
            return None
        denied = {"x_amzn_ErrorType": "AccessDeniedException"}
        return Answer.of_tap(403, "application/json", b'{"Message": "no"}', **denied)


def is_invocation(call: Call) -> bool:
    """Whether a call invokes a function."""
    return call.operation.endswith("/invocations")


def error(kind: str) -> str:
    """An error as runtimes word it."""
    return json.dumps({"errorType": kind, "errorMessage": "of a test"})


@pytest.mark.parametrize(
    ("body", "state"),
    [
        (error("Proxy.QueueError"), "wrong"),
        (error("Proxy.Absent"), "wrong"),
        (error("Runtime.ImportModuleError"), "not known"),
        (error("KeyError"), "good"),
        ("no JSON", "good"),
    ],
)
def test_an_error_tells_who_made_it(patient: Patient, tap: Tap, body: str, state: str) -> None:
    """The proxy's own are faults; a handler's has come all the way; a runtime's may be either's."""
    tap.apply(FunctionError(body), times=None)

    assert patient.doctor("--echo", "--yes").examinations["listener"] == state


def test_who_may_not_invoke_learns_that(patient: Patient, tap: Tap) -> None:
    """A permission that is missing is no fault of the way: nothing is known of it."""
    tap.apply(NotAllowed(), times=None)

    said = patient.doctor("--echo", "--yes")
    assert said.examinations["listener"] == "not known"
    assert any("may not do" in what and "Allow" in what for what in said.unknown)


def test_an_event_that_somebody_has_is_not_waited_for_to_the_end(
    patient: Patient, tap: Tap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken and unanswered, as by a handler at a breakpoint: it is not known who listens."""
    monkeypatch.setattr("ldp_account.doctor.echo.TAKEN_WITHIN_S", 0.1)
    monkeypatch.setattr("ldp_account.doctor.echo.ANSWERED_WITHIN_S", 0.5)
    tap.apply(Hold(), times=None, when=is_invocation)
    tap.apply(Cut(), times=None, when=is_invocation)  # else it would run once the tap lets go

    said = patient.doctor("--echo", "--yes")
    assert said.examinations["listener"] == "not known"
    assert any("somebody took the event" in what for what in said.unknown)


def test_a_service_that_does_not_answer_is_named(patient: Patient) -> None:
    """Which of them it is, and what to check."""
    patient.environment.setenv("AWS_ENDPOINT_URL_LAMBDA", f"http://127.0.0.1:{free_port()}")

    said = patient.doctor()
    assert said.examinations["services"] == "wrong"
    assert said.wrong[0][0].startswith("Lambda: AWS does not answer")
    assert said.examinations["queues"] != "wrong"
