"""Every store passes the one battery, and each check of it finds a fault."""

from __future__ import annotations

import inspect
import itertools
from typing import TYPE_CHECKING

import pytest

from ldp_queues import store_checks
from ldp_queues.checks_facts import ContractBroken
from ldp_queues.errors import ObjectNotFound, StoreError
from ldp_queues.memory_store import MemoryStore
from ldp_queues.s3 import S3Store
from ldp_queues.store_checks import STORE_CHECKS, check_store
from ldp_testing.moto_bucket import ACCOUNT, MotoBucket

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_queues.ports import Store
    from ldp_queues.sqs_connection import SqsConnection
    from ldp_testing.moto_server import MotoServer

    Check = Callable[[Callable[[], Store]], None]


@pytest.mark.parametrize("check", STORE_CHECKS, ids=lambda check: check.__name__)
def test_s3_over_http_keeps_the_contract(
    check: Check, sqs: SqsConnection, moto_server: MotoServer
) -> None:
    """The S3 adapter passes each check on moto's server; what is read stays."""
    check(lambda: S3Store(sqs.session, MotoBucket(moto_server).name, ACCOUNT))


def test_memory_keeps_the_contract() -> None:
    """The store in memory passes the battery."""
    names = itertools.count()

    check_store(lambda: MemoryStore(f"bucket{next(names)}"))


# Each is named for its fault, which is all that it has.
class _TrimsBodies(MemoryStore):
    def put(self, key: str, body: bytes) -> None:
        super().put(key, body.strip())


class _CutsLongBodies(MemoryStore):
    def put(self, key: str, body: bytes) -> None:
        super().put(key, body[:5_000_000])


class _RefusesSecondPuts(MemoryStore):
    def put(self, key: str, body: bytes) -> None:
        if key in self.objects:
            raise StoreError("there is one already")
        super().put(key, body)


class _DeletesOnGet(MemoryStore):
    def get(self, key: str, limit_bytes: int) -> bytes:
        super().get(key, limit_bytes)
        return self.objects.pop(key)[: limit_bytes + 1]


class _LooksForBeginnings(MemoryStore):
    def get(self, key: str, limit_bytes: int) -> bytes:
        longer = [known for known in sorted(self.objects) if known.startswith(key)]
        return super().get(longer[0] if longer else key, limit_bytes)


class _MakesUpObjects(MemoryStore):
    def get(self, key: str, limit_bytes: int) -> bytes:
        try:
            return super().get(key, limit_bytes)
        except ObjectNotFound:
            return b""


class _ReadsAll(MemoryStore):
    def get(self, key: str, limit_bytes: int) -> bytes:
        del limit_bytes
        return super().get(key, 10_000_000)


def _one_store() -> Callable[[], Store]:
    store = MemoryStore()
    return lambda: store


MUTANTS: dict[str, Callable[[], Store]] = {
    "what_is_put_is_got": _TrimsBodies,
    "a_full_payload_is_kept": _CutsLongBodies,
    "a_second_put_is_no_error": _RefusesSecondPuts,
    "an_object_stays": _DeletesOnGet,
    "keys_are_apart": _LooksForBeginnings,
    "stores_are_apart": _one_store(),
    "nothing_is_not_found": _MakesUpObjects,
    "no_more_is_read_than_asked": _ReadsAll,
}


@pytest.mark.parametrize("check", STORE_CHECKS, ids=lambda check: check.__name__)
def test_every_check_finds_a_fault(check: Check) -> None:
    """Each check fails on a store whose fault it is about."""
    make = MUTANTS[check.__name__]

    with pytest.raises((ContractBroken, StoreError)):
        check(make)


def test_no_fact_is_forgotten() -> None:
    """Each public function that puts a store to a check is in the battery."""
    facts = {
        function
        for name, function in vars(store_checks).items()
        if inspect.isfunction(function)
        and function.__module__ == store_checks.__name__
        and not name.startswith("_")
        and function is not check_store
    }

    assert facts == set(STORE_CHECKS)
