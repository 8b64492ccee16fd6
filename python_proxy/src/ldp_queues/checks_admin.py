"""The battery that any `QueueAdmin` passes: in memory, on an emulator, on SQS itself.

As in `checks`, it asks for no more than SQS promises, and every fact is told how to make what it
needs and nothing else. Where SQS takes up to a minute, a fact waits until it is so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from ldp_queues.addresses import QueueAddress
from ldp_queues.admin import NEW_QUEUE_WAIT_S, QueueAttributes
from ldp_queues.checks_facts import ContractBroken
from ldp_queues.errors import QueueNameTaken, QueueNotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_queues.admin import QueueAdmin
    from ldp_queues.checks_facts import TextQueue

#: Deletions and listings lag by a minute at most (DeleteQueue).
_LONGEST_LAG_S = 70
_MORE_THAN_A_PAGE = 5
_WAIT_S = 10

ATTRIBUTES = QueueAttributes(
    maximum_message_size_bytes=1_048_576,
    visibility_s=10,
    retention_s=3_600,
    receive_wait_s=20,
    is_encrypted=True,
)
_TAGS = {"createdAtMs": "1700000000000", "other": "ü /:=+-@"}


@dataclass(frozen=True, slots=True)
class AdminStage:
    """Where the facts are found out.

    Attributes:
        admin: What is found out; it lists in pages of fewer than 5.
        queue: Opens the queue at a URL.
        new_name: Makes a name that no queue has, of 40 characters at most.
        pause: Lets so many seconds pass.
    """

    admin: QueueAdmin
    queue: Callable[[str], TextQueue]
    new_name: Callable[[], str]
    pause: Callable[[float], object]


def a_new_queue_takes_messages(stage: AdminStage) -> None:
    """A queue has the name that was asked for, and after a second it takes and gives messages."""
    name = stage.new_name()
    url = stage.admin.create(name, ATTRIBUTES, {})
    _require(QueueAddress.parse(url).name == name, f"{name} is at {url}")
    stage.pause(NEW_QUEUE_WAIT_S)
    queue = stage.queue(url)
    queue.send("x")
    bodies = [message.body for message in queue.receive(wait_s=_WAIT_S, visibility_s=0)]
    _require(bodies == ["x"], f"it brought {bodies}")


def a_new_queue_has_its_tags(stage: AdminStage) -> None:
    """A queue has the tags that it was made with, and no others; without any it has none."""
    for tags in (_TAGS, {}):
        url = stage.admin.create(stage.new_name(), ATTRIBUTES, tags)
        stage.pause(NEW_QUEUE_WAIT_S)
        found = dict(stage.admin.tags(url))
        _require(found == tags, f"made with {tags}, found {found}")


def making_it_again_is_the_same_queue(stage: AdminStage) -> None:
    """Made again with the same of everything, it is the same queue, with what is in it."""
    name = stage.new_name()
    first = stage.admin.create(name, ATTRIBUTES, _TAGS)
    stage.pause(NEW_QUEUE_WAIT_S)
    stage.queue(first).send("x")
    again = stage.admin.create(name, ATTRIBUTES, _TAGS)
    _require(first == again, f"{name} is at {first} and at {again}")
    found = stage.queue(again).receive(wait_s=_WAIT_S, visibility_s=0)
    _require(len(found) == 1, "what was in it is gone")


def other_attributes_are_refused(stage: AdminStage) -> None:
    """A name whose queue has other attributes is taken."""
    name = stage.new_name()
    stage.admin.create(name, ATTRIBUTES, {})
    other = replace(ATTRIBUTES, retention_s=60)
    _require_raises(QueueNameTaken, partial(stage.admin.create, name, other, {}))


def all_of_a_prefix_are_found(stage: AdminStage) -> None:
    """All queues whose names begin so are found, each once, however many pages they take."""
    prefix = f"{stage.new_name()}-"
    made = {
        stage.admin.create(f"{prefix}{number}", ATTRIBUTES, {})
        for number in range(_MORE_THAN_A_PAGE)
    }
    _require_soon(stage, lambda: sorted(stage.admin.find(prefix)) == sorted(made), "listed")


def another_prefix_is_not_found(stage: AdminStage) -> None:
    """A queue whose name only resembles a prefix, or holds it elsewhere, is not found."""
    name = stage.new_name()
    url = stage.admin.create(name, ATTRIBUTES, {})
    for prefix in (f"{name}-", name[1:], name.swapcase()):
        found = list(stage.admin.find(prefix))
        _require(url not in found, f"{prefix} found {url}")


def a_deleted_queue_is_gone(stage: AdminStage) -> None:
    """A deleted queue is neither listed nor has it tags nor takes it messages, within a minute."""
    name = stage.new_name()
    url = stage.admin.create(name, ATTRIBUTES, _TAGS)
    stage.pause(NEW_QUEUE_WAIT_S)
    stage.admin.delete(url)
    _require_soon(stage, lambda: list(stage.admin.find(name)) == [], "not listed")
    for ask in (partial(stage.admin.tags, url), partial(stage.queue(url).send, "x")):
        _require_soon(stage, partial(_raises, QueueNotFound, ask), "gone")


def deleting_again_is_no_error(stage: AdminStage) -> None:
    """To delete a queue that is gone, or never was, is no error."""
    url = stage.admin.create(stage.new_name(), ATTRIBUTES, {})
    never = QueueAddress.parse(url).sibling(stage.new_name()).url
    for each in (url, url, never):
        stage.admin.delete(each)


def what_never_was_has_no_tags(stage: AdminStage) -> None:
    """To ask for the tags of a queue that never was raises QueueNotFound."""
    url = stage.admin.create(stage.new_name(), ATTRIBUTES, {})
    never = QueueAddress.parse(url).sibling(stage.new_name()).url
    _require_raises(QueueNotFound, partial(stage.admin.tags, never))


def impossible_names_are_bugs(stage: AdminStage) -> None:
    """A name or a prefix that no standard queue can have raises ValueError."""
    for name in ("", "a b", "é", "a" * 81, "q.fifo"):
        _require_raises(ValueError, partial(stage.admin.create, name, ATTRIBUTES, {}))
        _require_raises(ValueError, partial(next, stage.admin.find(name), None))


@dataclass(frozen=True, slots=True)
class AdminCheck:
    """One fact about everybody who makes and deletes queues.

    Attributes:
        name: The fact in short, good as the ID of a test.
        run: Raises `ContractBroken`, or what the admin raises, where it is not so.
    """

    name: str
    run: Callable[[AdminStage], None]


CHECKS: tuple[AdminCheck, ...] = tuple(
    AdminCheck(run.__name__, run)
    for run in (
        a_new_queue_takes_messages,
        a_new_queue_has_its_tags,
        making_it_again_is_the_same_queue,
        other_attributes_are_refused,
        all_of_a_prefix_are_found,
        another_prefix_is_not_found,
        a_deleted_queue_is_gone,
        deleting_again_is_no_error,
        what_never_was_has_no_tags,
        impossible_names_are_bugs,
    )
)


def _require_soon(stage: AdminStage, holds: Callable[[], bool], what: str) -> None:
    for _ in range(_LONGEST_LAG_S):
        if holds():
            return
        stage.pause(1)
    raise ContractBroken(f"after {_LONGEST_LAG_S} s it is still not {what}")


def _require_raises(error: type[Exception], action: Callable[[], object]) -> None:
    _require(_raises(error, action), f"expected {error.__name__}, and nothing was raised")


def _raises(error: type[Exception], action: Callable[[], object]) -> bool:
    try:
        action()
    except error:
        return True
    return False


def _require(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as an assertion
    if not holds:
        raise ContractBroken(otherwise)
