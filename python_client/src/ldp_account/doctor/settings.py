"""The settings of the queues against those that the template gives them (SQS-4)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ldp_account.doctor.findings import MODE, REPLIES, REPLY, REQUESTS, good, unknown, wrong
from ldp_account.queues import Queues
from ldp_account.template import packaged_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ldp_account.doctor.findings import Finding, Subject

_UNSET: Final = {"DelaySeconds": "0"}  # what the template leaves to SQS
_ENCRYPTED: Final = "SqsManagedSseEnabled"


def examine_settings(subject: Subject) -> list[Finding]:
    """Look at each queue that the client uses.

    Raises:
        AccountError: A call failed.
    """
    queues = Queues(subject.aws)
    found: list[Finding] = []
    for name in client_queues(subject):
        url = subject.variables[name]
        attributes = queues.attributes(url)
        if attributes is None:
            found.append(wrong(f"there is no queue {url}", _made(subject, url)))
        else:
            found += _judged(subject, url, attributes, is_reply=name == REPLIES)
    return found


def client_queues(subject: Subject) -> list[str]:
    """The variables whose queues exist: a name that dedicated replies begin with is none."""
    named = [REQUESTS]
    if subject.variables.get(MODE) != "notify" and subject.variables.get(REPLY) != "dedicated":
        named.append(REPLIES)
    return [name for name in named if name in subject.variables]


def recommended() -> dict[str, str]:
    """The attributes that the template sets, as SQS words them."""
    has = {**_UNSET, **packaged_template().properties("RequestQueue")}
    del has["QueueName"]
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in has.items()
    }


def _made(subject: Subject, url: str) -> str:
    """The command that makes a queue that somebody deleted."""
    settings = ",".join(f"{name}={value}" for name, value in recommended().items())
    words = ("sqs", "create-queue", "--queue-name", url.rpartition("/")[2])
    return subject.commands.aws(*words, "--attributes", settings)


def _judged(
    subject: Subject, url: str, attributes: Mapping[str, str], *, is_reply: bool
) -> Iterator[Finding]:
    name = url.rpartition("/")[2]
    amiss = dict(_differences(attributes))
    for attribute, wanted in amiss.items():
        yield wrong(
            f"{name}: {attribute} is {attributes[attribute]}, and should be {wanted}",
            _set(subject, url, {attribute: wanted}),
        )
    if is_reply and attributes.get("RedrivePolicy"):
        yield wrong(
            f"{name}: a redrive policy takes answers away from who waits",
            _set(subject, url, {"RedrivePolicy": ""}),
        )
    if not _only_tls(attributes.get("Policy", "")):
        yield wrong(f"{name}: its policy lets calls in without TLS", _tls(subject, url, attributes))
    if not amiss:
        yield good(f"{name} is set as recommended")
    if _ENCRYPTED not in attributes and "KmsMasterKeyId" not in attributes:
        yield unknown(f"{name}: SQS does not say whether it is encrypted")


def _differences(attributes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for attribute, wanted in recommended().items():
        has = attributes.get(attribute, wanted)
        if attribute == _ENCRYPTED and "KmsMasterKeyId" in attributes:
            continue
        if has != wanted:
            yield attribute, wanted


def _only_tls(policy: str) -> bool:
    """Whether a statement refuses what comes without TLS."""
    statements = json.loads(policy)["Statement"] if policy else []
    return any(
        statement["Effect"] == "Deny"
        and statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport") == "false"
        for statement in statements
    )


def _tls(subject: Subject, url: str, attributes: Mapping[str, str]) -> str:
    """The command that adds the template's statement to what the policy has."""
    document = packaged_template().properties("RequestQueuePolicy")["PolicyDocument"]
    statement = {**document["Statement"][0], "Resource": attributes["QueueArn"]}
    before: dict[str, Any] = json.loads(attributes.get("Policy") or "{}")
    after = {**document, **before, "Statement": [*before.get("Statement", ()), statement]}
    return _set(subject, url, {"Policy": json.dumps(after)})


def _set(subject: Subject, url: str, attributes: Mapping[str, str]) -> str:
    words = ("sqs", "set-queue-attributes", "--queue-url", url)
    return subject.commands.aws(*words, "--attributes", json.dumps(attributes))
