"""An account on this machine for all tests of `ldp_account`, each with names of its own.

With LDP_TEST_REAL_AWS=1 it is the account that the SDK finds, in which the same tests run, but for
those of the emulator itself, of errors that no account has, and of names that somebody may use.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from botocore.loaders import create_loader

from ldp_testing.account_stage import Place
from ldp_testing.deployed_proxy import proxy_zip
from ldp_testing.iam_actions import compare, permissions
from ldp_testing.iam_record import IamRecord
from ldp_testing.ministack import running_ministack
from ldp_testing.real_account import IS_ASKED_FOR, RealAccount

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from botocore.loaders import Loader

    from ldp_testing.ministack import Ministack

collect_ignore = (
    [f"test_{about}.py" for about in ("divergences", "errors", "purge", "readme", "real_account")]
    if IS_ASKED_FOR
    else []
)


@pytest.fixture(autouse=True)
def _models_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK reads its descriptions of services once, not again in each command of a test.

    They are most of what a command of this process would spend its time on.
    """
    monkeypatch.setattr("botocore.session.create_loader", _loader)


@cache
def _loader(_search_path: str | None) -> Loader:
    return create_loader()


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministack | RealAccount]:
    """One server for the whole run, or the real account."""
    if IS_ASKED_FOR:
        yield RealAccount()
        return
    with running_ministack(tmp_path_factory.mktemp("ministack")) as server:
        yield server


@pytest.fixture
def asked(
    ministack: Ministack | RealAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> IamRecord:
    """What this process and those that it starts ask of AWS from now on."""
    assert ministack.variables(), "which has started, and whose own functions nobody records"
    record = IamRecord(tmp_path / "asked.jsonl")
    for name, value in record.environment().items():
        monkeypatch.setenv(name, value)
    return record


@pytest.fixture
def place(
    request: pytest.FixtureRequest,
    ministack: Ministack | RealAccount,
    asked: IamRecord,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Place]:
    """Names for a stack in the account that this process's SDK then knows.

    At the end, nothing was asked that the policy of whoever deploys does not allow; but for what
    finds out permissions, and takes no refusal for a failure.
    """
    for name, value in ministack.variables().items():
        monkeypatch.setenv(name, value)
    # Building it takes longer than most tests; what is killed is a process that builds its own.
    monkeypatch.setattr("ldp_client.cli.deploy.proxy_zip", proxy_zip)
    place = Place(ministack)
    yield place
    if IS_ASKED_FOR:
        place.clear()
        assert place.left() == []
    if "doctor" in request.path.parts:
        return
    assert compare(permissions(place.operator_policy()), asked.asked())[0] == []
