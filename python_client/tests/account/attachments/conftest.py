"""Functions to attach, each in an account on this machine and with names of its own."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ldp_account.aws import Aws
from ldp_account.operator_policy import Attachables, attach_policy
from ldp_testing.account_stage import Place
from ldp_testing.attachable import Attachable
from ldp_testing.deployed_proxy import proxy_zip
from ldp_testing.iam_actions import compare, permissions
from ldp_testing.moto_account import moto_account
from ldp_testing.moto_server import REGION
from ldp_testing.real_account import IS_ASKED_FOR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_testing.iam_record import IamRecord
    from ldp_testing.ministack import Ministack
    from ldp_testing.moto_account import MotoAccount
    from ldp_testing.moto_server import MotoServer

collect_ignore = (
    [f"test_{about}.py" for about in ("attach_policy", "divergences", "record", "refused")]
    if IS_ASKED_FOR
    else []
)


@pytest.fixture
def place(
    ministack: Ministack, asked: IamRecord, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    """Names for a stack in the account that this process's SDK then knows.

    At the end, nothing was asked that neither of the policies allows that people are given.
    """
    for name, value in ministack.variables().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("ldp_client.cli.deploy.proxy_zip", proxy_zip)
    place = Place(ministack)
    yield place
    if IS_ASKED_FOR:
        place.clear()
        assert place.left() == []
    attaching = json.loads(attach_policy(Attachables(stack=place.name)))
    allowed = permissions(place.operator_policy()) | permissions(attaching)
    assert compare(allowed, asked.asked())[0] == []


@pytest.fixture
def aws(place: Place) -> Aws:
    """The way to the account on this machine."""
    assert place.account.variables(), "which has started"
    return Aws(None, None)


@pytest.fixture(scope="session")
def moto_and_stacks(ministack: Ministack, moto_server: MotoServer) -> Iterator[MotoAccount]:
    """An account of which all but the stacks is moto's."""
    with moto_account(ministack, moto_server) as account:
        yield account


@pytest.fixture
def motos(
    place: Place, moto_and_stacks: MotoAccount, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Attachable]:
    """A function of somebody's in moto's Lambda, beside a stack; gone after the test."""
    if IS_ASKED_FOR:
        pytest.skip("a real account has no moto")
    assert place.deploy() == 0
    for name, value in moto_and_stacks.variables().items():
        monkeypatch.setenv(name, value)
    with_moto = replace(place, account=moto_and_stacks)
    moto_and_stacks.client("s3").create_bucket(
        Bucket=place.bucket(), CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    one = Attachable.made(with_moto)
    yield one
    one.delete()


@pytest.fixture
def own(place: Place) -> Iterator[Attachable]:
    """A function of somebody's, beside a stack; gone after the test, whatever became of it.

    Other tests look at all attached functions of the account.
    """
    assert place.deploy() == 0
    own = Attachable.made(place)
    yield own
    if IS_ASKED_FOR:
        own.detach("--overwrite")  # whose record would keep the stack from being destroyed
    own.delete()
