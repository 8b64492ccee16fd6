from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ldp_testing.deliveries import (
    ANSWER_BY_MS,
    NOW_MS,
    ONE_WAY_REQUEST,
    REQUEST,
    TERMS,
    TRUST,
    WINDOW_REQUEST,
    Delivered,
    all_of,
    kinds,
    the,
)
from ldp_testing.wire_stage import SETTINGS, new_session, notices_of, record_of
from ldp_wire.actions import (
    Action,
    Delete,
    Fetch,
    Keep,
    NoticeKind,
    Record,
    Release,
    Renew,
    Returned,
    Send,
    SendFailure,
    Start,
    Status,
)
from ldp_wire.arrivals import Arrival, read
from ldp_wire.claims import Bucket, Direction, claim_check
from ldp_wire.codec import decode, encode
from ldp_wire.envelopes import HandlerError, Request, Response
from ldp_wire.errors import RemoteProtocolError

if TYPE_CHECKING:
    from ldp_wire.session import ClientSession

BUCKET = Bucket("debug-payloads", "ldp")
EVENT = b'{"order": 1}' * 1000
ID = REQUEST.request_id
CLAIM = claim_check(BUCKET, Direction.REQUEST, ID, EVENT)
MISMATCH = RemoteProtocolError("PAY-15", "the digest differs", pointer="/payload/sha256")


def _claimed(request: Request = REQUEST) -> Arrival:
    found = read(Delivered(encode(replace(request, payload=CLAIM))), TRUST, BUCKET)
    assert isinstance(found, Arrival)
    return found


def _fetching(request: Request = REQUEST) -> ClientSession:
    session = new_session(replace(SETTINGS, bucket=BUCKET))
    until_ms = None if request.terms is None else ANSWER_BY_MS
    assert session.receive(_claimed(request), None, NOW_MS) == [Fetch(ID, CLAIM, until_ms)]
    return session


def _error_type(actions: list[Action]) -> str:
    response = decode(the(Send, actions).text)
    assert isinstance(response, Response)
    assert isinstance(response.result, HandlerError)
    return response.result.error_type


def test_an_event_in_the_bucket_is_fetched_before_the_handler_starts() -> None:
    """The handler starts with the bytes that were fetched (PAY-1, PAY-15)."""
    session = _fetching()

    assert session.free_handlers == 0
    assert session.fetched(ID, EVENT, NOW_MS) == [Start(replace(REQUEST, payload=CLAIM), EVENT)]
    assert session.fetched(ID, EVENT, NOW_MS) == []
    assert kinds(session.handler_ended(ID, Returned(b"42"), NOW_MS)) == ["answer"]


def test_a_lease_is_kept_while_an_event_is_fetched() -> None:
    """A slow transfer costs nobody the event (SES-7)."""
    assert kinds(_fetching().tick(NOW_MS + 5_000)) == ["Renew"]
    assert the(Renew, _fetching().tick(NOW_MS + 5_000)).receipt == "h-1"


def test_an_event_is_fetched_only_after_the_start_window_allows_it() -> None:
    """The transfer does not eat up the window (SES-20, SES-21)."""
    session = new_session(replace(SETTINGS, bucket=BUCKET))
    accepted = the(Send, session.receive(_claimed(WINDOW_REQUEST), None, NOW_MS))

    assert kinds(session.sent(accepted, NOW_MS, NOW_MS)) == ["Record", "Fetch"]


def test_an_event_that_comes_too_late_is_not_run() -> None:
    """Nobody waits for its answer any more (SES-2)."""
    came, ticked = _fetching(), _fetching()
    for actions in (came.fetched(ID, EVENT, ANSWER_BY_MS), ticked.tick(ANSWER_BY_MS)):
        assert notices_of(actions) == [NoticeKind.EXPIRED_BEFORE_START, NoticeKind.LEASE_LAPSED]
        assert the(Record, actions) == record_of(Status.DISCARDED, "expired before start")


def test_an_event_that_cannot_be_had_is_a_storage_error() -> None:
    """The caller learns at once that the bucket is to blame."""
    session = _fetching()
    actions = session.fetch_failed(ID, "S3 denies it. Allow it.", NOW_MS)

    assert notices_of(actions) == [NoticeKind.FETCH_FAILED]
    assert _error_type(actions) == "Client.StorageError"
    assert session.fetch_failed(ID, "again", NOW_MS) == []
    assert kinds(session.sent(the(Send, actions), NOW_MS, NOW_MS)) == ["Record", "Delete"]


def test_an_event_that_is_another_is_bad_input() -> None:
    """It is kept and refused, and never run (PAY-15, SES-30, SES-31)."""
    actions = _fetching().fetch_failed(ID, MISMATCH, NOW_MS)

    assert kinds(actions) == ["Notice", "Keep", "answer"]
    assert the(Keep, actions).requirement == "PAY-15"
    assert _error_type(actions) == "Client.BadRequest"


def test_a_one_way_event_that_cannot_be_had_comes_back() -> None:
    """Nothing is deleted because the bucket was out of reach (SES-13)."""
    actions = _fetching(ONE_WAY_REQUEST).fetch_failed(ID, "S3 is out of reach.", NOW_MS)

    assert all_of(Delete, actions) == []
    assert all_of(Release, actions) == []


def test_a_one_way_event_that_is_another_is_kept_on_disk() -> None:
    """There is nobody to tell but the developer (SES-27, SES-30)."""
    actions = _fetching(ONE_WAY_REQUEST).fetch_failed(ID, MISMATCH, NOW_MS)

    assert kinds(actions) == ["Notice", "Keep", "Record", "Delete"]


def test_an_answer_that_the_bucket_refuses_becomes_an_error() -> None:
    """Nobody has seen the answer yet, so the error may take its place (SES-14)."""
    session = new_session(replace(SETTINGS, bucket=BUCKET))
    terms = replace(TERMS, max_reply_bytes=2048, accept_encodings=("text", "s3"))
    session.receive(_claimed(replace(REQUEST, terms=terms)), None, NOW_MS)
    session.fetched(ID, EVENT, NOW_MS)
    answer = the(Send, session.handler_ended(ID, Returned(b"x" * 5000), NOW_MS))
    assert answer.attachment is not None

    actions = session.send_failed(answer, SendFailure.STORAGE, "S3 denies it.", NOW_MS)

    assert _error_type(actions) == "Client.StorageError"


def test_an_answer_that_may_have_been_seen_is_repeated() -> None:
    """After a send of unknown outcome the same bytes go again, whatever failed then (SES-14)."""
    session = new_session(replace(SETTINGS, bucket=BUCKET))
    terms = replace(TERMS, max_reply_bytes=2048, accept_encodings=("text", "s3"))
    session.receive(_claimed(replace(REQUEST, terms=terms)), None, NOW_MS)
    session.fetched(ID, EVENT, NOW_MS)
    answer = the(Send, session.handler_ended(ID, Returned(b"x" * 5000), NOW_MS))
    session.send_failed(answer, SendFailure.OTHER, "cut", NOW_MS)
    session.send_failed(answer, SendFailure.STORAGE, "S3 denies it.", NOW_MS + 600)

    assert the(Send, session.tick(NOW_MS + 2_000)) == answer


@pytest.mark.parametrize("bucket", [None, Bucket("another")])
def test_a_claim_check_of_another_bucket_is_bad_input(bucket: Bucket | None) -> None:
    """No message makes a client fetch what its developer did not configure (PAY-14)."""
    found = read(Delivered(encode(replace(REQUEST, payload=CLAIM))), TRUST, bucket)

    assert not isinstance(found, Arrival)
    assert found.error.requirement == "PAY-14"
