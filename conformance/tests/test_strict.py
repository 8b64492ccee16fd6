"""What a client writes is judged as a text, not only as what a parser makes of it."""

from __future__ import annotations

import pytest

from ldp_conformance.check import NonConformance
from ldp_conformance.checks.client.strict import envelope_in
from ldp_conformance.witness import Message


def message(body: str) -> Message:
    """A message of a client's."""
    return Message(id="m", body=body, sender="port", sent_at_ms=0)


def test_an_envelope_is_read() -> None:
    """What is right comes back as what it is, unknown members and all."""
    text = (
        '{"kind": "response", "sentAtMs": 1.0, "answerByMs": 9007199254740991,'
        ' "later": {"atMs": -1, "x": 0.5}}'
    )

    assert envelope_in(message(text)) == {
        "kind": "response",
        "sentAtMs": 1,
        "answerByMs": 2**53 - 1,
        "later": {"atMs": -1, "x": 0.5},
    }


@pytest.mark.parametrize(
    ("body", "requirement"),
    [
        ("\ufeff{}", "ENV-1"),
        ("[]", "ENV-1"),
        ("{} {}", "ENV-1"),
        ("", "ENV-1"),
        ('{"a": 1, "a": 1}', "ENV-3"),
        ('{"a": {"b": [{"c": 1, "c": 2}]}}', "ENV-3"),
        ('{"a": 9007199254740992}', "ENV-4"),
        ('{"a": -9007199254740992}', "ENV-4"),
        ('{"a": NaN}', "ENV-4"),
        ('{"a": [-Infinity]}', "ENV-4"),
        ('{"a": "\ufffe"}', "ENV-5"),
        ('{"a": "\uffff"}', "ENV-5"),
        ('{"answerByMs": 1.5}', "ENV-6"),
        ('{"answerByMs": "1"}', "ENV-6"),
        ('{"a": {"atMs": true}}', "ENV-6"),
        ('{"environment": null}', "ENV-12"),
        ('{"signature": {}}', "ENV-12"),
    ],
)
def test_each_rule_for_senders_is_told_by_its_id(body: str, requirement: str) -> None:
    """What breaks a rule is laid to that rule, with the message that broke it."""
    with pytest.raises(NonConformance) as wrong:
        envelope_in(message(body))

    assert wrong.value.requirements == (requirement,)
    assert wrong.value.came == body
