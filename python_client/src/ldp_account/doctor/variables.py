"""The variables of this shell, against those that the stack's client needs."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from ldp_account.doctor.findings import NAMES, REPLIES, REQUESTS, good, unknown, wrong
from ldp_queues.addresses import QueueAddress

if TYPE_CHECKING:
    from ldp_account.doctor.findings import Finding, Subject


def examine_variables(subject: Subject) -> list[Finding]:
    """Compare them, or look at their form if there is no stack."""
    if not subject.variables:
        return [
            wrong(
                f"there is no such stack, and {REQUESTS} is not set",
                subject.deploy,
            )
        ]
    if REQUESTS not in subject.given:
        return [good("not set in this shell: those of the stack are examined")]
    found = [_formed(name, subject) for name in (REQUESTS, REPLIES) if name in subject.given]
    if subject.stack is not None:
        found += [_compared(name, subject) for name in NAMES]
    return [one for one in found if one is not None] or [good("set in this shell")]


def _formed(name: str, subject: Subject) -> Finding | None:
    """What is wrong with a queue's URL."""
    try:
        QueueAddress.parse(subject.given[name])
    except ValueError as exc:
        expected = subject.expected.get(name)
        mended = subject.deploy if expected is None else _set(name, expected)
        return wrong(f"{name}: {exc}", mended)
    return None


def _compared(name: str, subject: Subject) -> Finding | None:
    has, needs = subject.given.get(name), subject.expected.get(name)
    if _meaning(has) == _meaning(needs):
        return None
    if needs is None:
        return wrong(f"{name} is {has}, and the stack has none", f"unset {name}")
    if has is None:
        return wrong(f"{name} is not set, and the stack's is {needs}", _set(name, needs))
    return wrong(f"{name} is {has}, and the stack's is {needs}", _set(name, needs))


def _meaning(value: str | None) -> str | None:
    """A queue's account and name, whatever way its URL goes there; anything else as it is."""
    try:
        address = QueueAddress.parse(value or "")
    except ValueError:
        return value
    return f"{address.account}/{address.name}"


def _set(name: str, value: str) -> str:
    return f"export {name}={quote(value)}"


def examine_stack(subject: Subject) -> list[Finding]:
    """Look at the stack's state."""
    stack = subject.stack
    if stack is None:
        return [unknown("there is none: what the variables name is examined")]
    if stack.whole:
        return [good(stack.status)]
    if stack.busy:
        return [unknown(f"{stack.status}: look again when CloudFormation is done")]
    mended = subject.deploy if stack.usable else subject.commands.command("destroy")
    return [wrong(f"its state is {stack.status}", mended)]
