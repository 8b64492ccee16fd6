"""What `lambda-debug doctor` examines, healthy to begin with, and a tap before all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ldp_testing.doctor_stage import Patient
from ldp_testing.real_account import IS_ASKED_FOR
from ldp_testing.tap import Tap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_testing.account_stage import Place


collect_ignore_glob = ["test_*.py"] if IS_ASKED_FOR else []  # a real account plays no faults


@pytest.fixture
def patient(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Patient:
    """A proxy that was deployed with the defaults, and its developer, who is logged in."""
    patient = Patient(place, monkeypatch, capsys)
    patient.forget_others()
    patient.deploy()
    patient.log_in()
    return patient


@pytest.fixture
def tap(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tap]:
    """Whatever is asked of the account passes here."""
    with Tap(patient.place.account.variables()["AWS_ENDPOINT_URL"]) as tap:
        monkeypatch.setenv("AWS_ENDPOINT_URL", tap.url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", tap.url)
        yield tap
