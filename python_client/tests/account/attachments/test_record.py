from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_account.attachments.listing import found
from ldp_account.attachments.record import (
    TAGS,
    Manifest,
    Mark,
    Wish,
    decoded,
    sha256_of,
    tag_value,
)
from ldp_account.bucket import KEPT
from ldp_account.errors import RecordDamaged
from ldp_testing.attachable import NODE
from ldp_testing.function_zips import zip_of

if TYPE_CHECKING:
    from ldp_account.aws import Aws
    from ldp_testing.account_stage import Place

WISH = Wish(stack="s", alias="live", start_within_s="3", fallback=True)
MANIFEST = Manifest(
    id="a1",
    function="orders",
    arn="arn:aws:lambda:eu-west-1:123456789012:function:orders",
    configuration={"Timeout": 3, "Environment": {"Variables": {"A": "é"}}},
    code_sha256="c2hh",
    proxy_sha256="cHJveHk=",
    tags={"team": "blue"},
    policy=None,
    role_policy=None,
    event_invoke={"MaximumRetryAttempts": 1},
    concurrency=None,
    alias={"Name": "live", "FunctionVersion": "1"},
    versions=("1", "2"),
    settings={"Timeout": 900},
    reserved=None,
    wish=WISH,
)
MARK = Mark(MANIFEST.keys.manifest, sha256_of(MANIFEST.encoded()), "me", "2026-01-01T00:00:00Z")


def test_a_manifest_is_read_as_it_was_written() -> None:
    """What is encoded is decoded to an equal manifest, and has the same bytes again."""
    again = decoded(MANIFEST.encoded(), MARK)

    assert again == MANIFEST
    assert again.encoded() == MANIFEST.encoded()


def test_what_is_not_what_the_tags_say_is_refused() -> None:
    """A manifest that was changed is not read."""
    changed = replace(MANIFEST, code_sha256="other").encoded()
    with pytest.raises(RecordDamaged, match="the hash"):
        decoded(changed, MARK)


@pytest.mark.parametrize(
    "content",
    [
        b"[]",
        b"{}",
        b'{"format": 1}',
        b"\xff",
        json.dumps({**json.loads(MANIFEST.encoded()), "format": 2}).encode(),
        json.dumps({**json.loads(MANIFEST.encoded()), "wish": {}}).encode(),
    ],
)
def test_what_is_no_manifest_is_refused(content: bytes) -> None:
    """What has the right hash, and is no manifest of this version, is an error of ours."""
    with pytest.raises(RecordDamaged):
        decoded(content, replace(MARK, sha256=sha256_of(content)))


@given(st.text())
def test_any_text_becomes_the_value_of_a_tag(text: str) -> None:
    """Every text is brought into a tag's alphabet and length."""
    assert re.fullmatch(r"[A-Za-z0-9 _.:/=+@-]{0,256}", tag_value(text))


def test_tags_and_mark_say_the_same() -> None:
    """A mark becomes four tags and is read from them; a function without them has none."""
    assert set(MARK.tags()) == set(TAGS)
    assert Mark.of({**MARK.tags(), "team": "blue"}) == MARK
    assert Mark.of({"team": "blue"}) is None


def test_all_of_a_record_lies_where_nothing_expires() -> None:
    """Every key of a record is under the prefix that is no deployment's."""
    keys = MANIFEST.keys
    for key in (keys.manifest, keys.code, keys.proxy):
        assert key.startswith(f"{KEPT}orders/a1/")


def test_attached_functions_are_found_by_their_tags(place: Place, aws: Aws) -> None:
    """Of all functions of the account, those with our tags are listed."""
    functions = place.account.client("lambda")
    settings: dict[str, Any] = {
        "Runtime": "nodejs22.x",
        "Handler": "index.handler",
        "Role": "arn:aws:iam::123456789012:role/r",
        "Code": {"ZipFile": zip_of({"index.js": NODE})},
    }
    functions.create_function(FunctionName=place.name, Tags=MARK.tags(), **settings)
    functions.create_function(FunctionName=f"{place.name}-other", **settings)

    [one] = [one for one in found(aws) if one.name.startswith(place.name)]
    assert (one.name, one.record, one.by, one.since) == (
        place.name,
        MARK.record,
        MARK.by,
        MARK.since,
    )
    assert one.role == settings["Role"]
    assert one.arn.endswith(f":{place.name}")
