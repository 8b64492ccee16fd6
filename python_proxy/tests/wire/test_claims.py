from __future__ import annotations

import hashlib
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_wire.claims import Bucket, Direction, check_claim, check_stored, claim_check
from ldp_wire.envelopes import ClaimCheck, RequestId
from ldp_wire.errors import RemoteProtocolError

ID = RequestId("0b9d3f6e")
BUCKET = Bucket("debug-payloads", "team/ldp")
CLAIM = claim_check(BUCKET, Direction.REQUEST, ID, b"event")


def _refusal(claim: ClaimCheck, bucket: Bucket | None = BUCKET) -> RemoteProtocolError:
    with pytest.raises(RemoteProtocolError) as caught:
        check_claim(claim, bucket, Direction.REQUEST, ID)
    return caught.value


@given(
    body=st.binary(),
    prefix=st.sampled_from(["", "ldp", "team/ldp"]),
    direction=st.sampled_from(Direction),
)
def test_a_claim_check_is_accepted_by_whoever_has_the_same_bucket(
    body: bytes, prefix: str, direction: Direction
) -> None:
    """Key, size and digest are what the receiver expects of this request (PAY-13, PAY-6)."""
    bucket = Bucket("debug-payloads", prefix)
    claim = claim_check(bucket, direction, ID, body)

    check_claim(claim, bucket, direction, ID)
    check_stored(claim, body)
    assert claim == claim_check(bucket, direction, ID, body)
    assert claim.sha256 == hashlib.sha256(body).hexdigest()
    folder = f"{prefix}/{direction.value}/{ID}/".lstrip("/")
    assert re.fullmatch(rf"{folder}[0-9a-f]{{8}}-[0-9a-f]{{4}}-8[0-9a-f]{{3}}-8.*", claim.key)


def test_different_payloads_have_different_keys() -> None:
    """Two answers to one request never overwrite each other (PAY-13)."""
    assert claim_check(BUCKET, Direction.REQUEST, ID, b"other").key != CLAIM.key


@pytest.mark.parametrize(
    "key",
    [
        CLAIM.key.replace("team/", ""),
        CLAIM.key.replace("/request/", "/response/"),
        CLAIM.key.replace(ID, "another"),
        CLAIM.key + "/more",
        CLAIM.key[:-1],
        CLAIM.key.upper(),
        CLAIM.key.replace("team/ldp/request", "team/ldp/../request"),
        f"team/ldp/request/{ID}/../../secret",
        "/" + CLAIM.key,
        "",
    ],
)
def test_another_key_is_refused(key: str) -> None:
    """The key is exactly prefix, direction, this request and a UUID (PAY-14)."""
    refused = _refusal(replace(CLAIM, key=key))

    assert (refused.requirement, refused.pointer) == ("PAY-14", "/payload/key")
    assert not key or key not in str(refused)


def test_another_bucket_is_refused() -> None:
    """A message cannot point a receiver to another bucket (PAY-14)."""
    assert _refusal(replace(CLAIM, bucket="secrets")).pointer == "/payload/bucket"
    assert "no payload bucket is configured" in str(_refusal(CLAIM, None))


@pytest.mark.parametrize(
    ("body", "pointer"),
    [(b"even", "/payload/sizeBytes"), (b"EVENT", "/payload/sha256"), (b"", "/payload/sizeBytes")],
)
def test_stored_bytes_that_differ_are_refused(body: bytes, pointer: str) -> None:
    """Size and digest of what was fetched are those that were announced (PAY-15)."""
    with pytest.raises(RemoteProtocolError) as caught:
        check_stored(CLAIM, body)

    assert (caught.value.requirement, caught.value.pointer) == ("PAY-15", pointer)
