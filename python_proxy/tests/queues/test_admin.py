"""Every `QueueAdmin` passes the one battery, and the battery can fail."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from ldp_queues import checks_admin
from ldp_queues.admin import NAME_REST_S, QueueAttributes
from ldp_queues.checks_admin import ATTRIBUTES, CHECKS, AdminCheck
from ldp_queues.checks_facts import ContractBroken
from ldp_queues.errors import QueueError, QueueNameTaken, QueueNotFound
from ldp_queues.memory_admin import MemoryAdmin
from ldp_testing.admin_stage import in_memory, new_name, over_sqs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ldp_queues.sqs_connection import SqsConnection

by_name = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)


@by_name
def test_sqs_over_http_keeps_the_contract(check: AdminCheck, sqs: SqsConnection) -> None:
    """The adapter passes each check on moto's server, which is usable and consistent at once."""
    check.run(over_sqs(sqs, pause=lambda _: None))


@by_name
def test_memory_keeps_the_contract(check: AdminCheck) -> None:
    """The admin in memory passes each check in virtual time."""
    check.run(in_memory())


def test_a_name_rests_after_its_queue_was_deleted() -> None:
    """In memory, as in SQS, a deleted queue's name is free again after 60 s, and not before."""
    stage = in_memory()
    url = stage.admin.create("q", ATTRIBUTES, {})
    stage.admin.delete(url)
    stage.pause(NAME_REST_S - 1)

    with pytest.raises(QueueNameTaken, match="less than 60 s ago"):
        stage.admin.create("q", ATTRIBUTES, {})

    stage.pause(1)
    assert stage.admin.create("q", ATTRIBUTES, {}) == url


# Each is named for its fault, which is all that it has.
class _ForgetsLimits(MemoryAdmin):
    def create(self, name: str, attributes: QueueAttributes, tags: Mapping[str, str]) -> str:
        url = super().create(name, attributes, tags)
        self.queue(url).limit_bytes = 0
        return url


class _ForgetsTags(MemoryAdmin):
    def create(self, name: str, attributes: QueueAttributes, tags: Mapping[str, str]) -> str:
        del tags
        return super().create(name, attributes, {})


class _MakesAnother(MemoryAdmin):
    def create(self, name: str, attributes: QueueAttributes, tags: Mapping[str, str]) -> str:
        self._made.pop(self.here.sibling(name).url, None)
        return super().create(name, attributes, tags)


class _TakesAnyAttributes(MemoryAdmin):
    def create(self, name: str, attributes: QueueAttributes, tags: Mapping[str, str]) -> str:
        del attributes
        return super().create(name, ATTRIBUTES, tags)


class _FindsOnePage(MemoryAdmin):
    def find(self, prefix: str) -> Iterator[str]:
        yield from list(super().find(prefix))[:4]


class _FindsTwice(MemoryAdmin):
    def find(self, prefix: str) -> Iterator[str]:
        yield from [*super().find(prefix), *super().find(prefix)]


class _FindsAnywhere(MemoryAdmin):
    def find(self, prefix: str) -> Iterator[str]:
        yield from (url for url in self._made if prefix in url)


class _IgnoresDeletes(MemoryAdmin):
    def delete(self, url: str) -> None:
        """Do nothing."""


class _RefusesToDeleteAgain(MemoryAdmin):
    def delete(self, url: str) -> None:
        self.tags(url)
        super().delete(url)


class _InventsTags(MemoryAdmin):
    def tags(self, url: str) -> Mapping[str, str]:
        try:
            return super().tags(url)
        except QueueNotFound:
            return {}


class _TakesAnyName(MemoryAdmin):
    def create(self, name: str, attributes: QueueAttributes, tags: Mapping[str, str]) -> str:
        try:
            return super().create(name, attributes, tags)
        except ValueError:
            return super().create("replaced", attributes, tags)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A maker of faulty admins, and the check that finds the fault."""

    make: Callable[..., MemoryAdmin]
    found_by: str


MUTANTS = [
    Mutant(_ForgetsLimits, "a_new_queue_takes_messages"),
    Mutant(_ForgetsTags, "a_new_queue_has_its_tags"),
    Mutant(_MakesAnother, "making_it_again_is_the_same_queue"),
    Mutant(_TakesAnyAttributes, "other_attributes_are_refused"),
    Mutant(_FindsOnePage, "all_of_a_prefix_are_found"),
    Mutant(_FindsTwice, "all_of_a_prefix_are_found"),
    Mutant(_FindsAnywhere, "another_prefix_is_not_found"),
    Mutant(_IgnoresDeletes, "a_deleted_queue_is_gone"),
    Mutant(_RefusesToDeleteAgain, "deleting_again_is_no_error"),
    Mutant(_InventsTags, "what_never_was_has_no_tags"),
    Mutant(_TakesAnyName, "impossible_names_are_bugs"),
]
_BY_NAME = {check.name: check for check in CHECKS}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.make.__name__)
def test_a_faulty_admin_is_found(mutant: Mutant) -> None:
    """The check that is about a fault fails on an admin that has it."""
    with pytest.raises((ContractBroken, QueueError)):
        _BY_NAME[mutant.found_by].run(in_memory(mutant.make))


def test_every_check_finds_a_fault_and_says_its_fact() -> None:
    """No check is without an admin that it fails on, and each fact is in the battery."""
    facts = {
        name
        for name, function in vars(checks_admin).items()
        if inspect.isfunction(function)
        and function.__module__ == checks_admin.__name__
        and not name.startswith("_")
    }

    assert {mutant.found_by for mutant in MUTANTS} == set(_BY_NAME) == facts
    assert all((check.run.__doc__ or "").endswith(".") for check in CHECKS)


def test_names_are_fresh() -> None:
    """The stages make names that no queue has."""
    assert len({new_name() for _ in range(100)}) == 100
