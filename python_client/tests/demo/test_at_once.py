from __future__ import annotations

import hashlib
import json

from ldp_client.demo.acts.at_once import Journey, judge_all
from ldp_client.demo.samples import Sample, samples_of
from ldp_client.demo.verdict import Reply


def sha256(data: bytes) -> str:
    """The hash as the sample handler writes it."""
    return hashlib.sha256(data).hexdigest()


def journey(
    sample: Sample, answered: Sample, begun_s: float = 0.0, ended_s: float = 2.0
) -> Journey:
    """A trip of one event, with the right answer to another."""
    body = {"eventSha256": sha256(answered.body), "nonceSha256": sha256(answered.nonce.encode())}
    return Journey(sample, Reply(json.dumps(body).encode(), False, 1.0), begun_s, ended_s)  # noqa: FBT003


def test_right_answers_to_all_are_right() -> None:
    """Each of many answers is right for its own event, and all were under way together."""
    events = samples_of("EventBridge", 3)

    row = judge_all([journey(event, event, begun_s=0.5 * n) for n, event in enumerate(events)])

    assert row.fault is None
    assert row.answers == 3
    assert row.sent_bytes == sum(len(event.body) for event in events)
    assert row.reply.elapsed_ms == 2_000


def test_one_answer_for_another_event_is_found() -> None:
    """Two answers that are exchanged are a fault of the whole."""
    one, other = samples_of("EventBridge", 2)

    assert (
        judge_all([journey(one, other), journey(other, one)]).fault == "the handler saw other bytes"
    )


def test_events_one_after_another_are_found() -> None:
    """Right answers do not count where an event was answered before all had been sent."""
    one, other = samples_of("EventBridge", 2)

    row = judge_all([journey(one, one, 0.0, 1.0), journey(other, other, 1.5, 2.0)])

    assert row.fault == "an answer came before all had called"


def test_events_of_one_source_have_nonces_of_their_own() -> None:
    """No two of many events are alike."""
    assert len({event.body for event in samples_of("EventBridge", 20)}) == 20
