"""The account of whoever runs the tests, in the place of the one on this machine.

Asked for with LDP_TEST_REAL_AWS=1, and found as the SDK finds it: by profile and region, by an
endpoint if one is set.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import boto3
from botocore.config import Config

from ldp_testing.iam_record import ONLOOKER

IS_ASKED_FOR: Final = os.environ.get("LDP_TEST_REAL_AWS") == "1"


@dataclass(frozen=True, slots=True)
class RealAccount:
    """What tests need to know of an account, as `Ministack` has it."""

    def variables(self) -> dict[str, str]:
        """The variables with which an SDK finds the account, with keys of the present login.

        A function on this machine is told them too, and has no profiles.
        """
        session = _session()
        keys = session.get_credentials()
        assert keys is not None, "log in first: LDP_TEST_REAL_AWS needs an account"
        frozen = keys.get_frozen_credentials()
        assert frozen.access_key is not None
        assert frozen.secret_key is not None
        found = {
            "AWS_ACCESS_KEY_ID": frozen.access_key,
            "AWS_SECRET_ACCESS_KEY": frozen.secret_key,
            "AWS_REGION": session.region_name,
            "AWS_DEFAULT_REGION": session.region_name,
        }
        if frozen.token is not None:
            found["AWS_SESSION_TOKEN"] = frozen.token
        endpoint = os.environ.get("AWS_ENDPOINT_URL")
        return found if endpoint is None else {**found, "AWS_ENDPOINT_URL": endpoint}

    def environment(self) -> dict[str, str]:
        """The whole environment of a process that knows the account."""
        return {**os.environ, **self.variables()}

    def client(self, service: str) -> Any:
        """A client of the SDK's own, to look at what there is."""
        return _client(service)


@cache
def _session() -> boto3.Session:
    """A session that stays where it is, whatever a test does to the variables."""
    return boto3.Session(region_name=boto3.Session().region_name)


@cache
def _client(service: str) -> Any:
    session: Any = _session()
    return session.client(service, config=Config(user_agent_extra=ONLOOKER))
