"""Bad messages on disk."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING

import pytest

from ldp_client.queue_side.bad_messages import BadMessages
from ldp_client.queue_side.private_files import write_private
from ldp_wire.actions import Keep

if TYPE_CHECKING:
    from pathlib import Path

KEEP = Keep("m/../1", "not JSON \ud800", "ENV-1", "/kind", "the body is no JSON")


def test_a_bad_message_is_written_down_with_what_is_wrong(tmp_path: Path) -> None:
    """Reason, pointer, requirement and body are kept, whatever the body is (SES-30)."""
    path = BadMessages(tmp_path / "bad", lambda: 1_000).keep(KEEP)

    assert path.parent == tmp_path / "bad"
    assert json.loads(path.read_text()) == {
        "keptAtMs": 1_000,
        "messageId": "m/../1",
        "requirement": "ENV-1",
        "pointer": "/kind",
        "reason": "the body is no JSON",
        "body": "not JSON \ud800",
    }


def test_a_bad_message_is_its_users_alone(tmp_path: Path) -> None:
    """File and folder can be read by nobody else, whatever the umask is (SEC-7)."""
    before = os.umask(0)
    try:
        path = BadMessages(tmp_path / "bad", lambda: 1_000).keep(KEEP)
    finally:
        os.umask(before)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_copy_of_a_message_takes_its_place(tmp_path: Path) -> None:
    """A message that comes again is kept once."""
    bad = BadMessages(tmp_path / "bad", lambda: 1_000)

    assert bad.keep(KEEP) == bad.keep(KEEP)
    assert len(list((tmp_path / "bad").iterdir())) == 1


def test_a_file_that_cannot_be_put_in_place_leaves_nothing(tmp_path: Path) -> None:
    """A write that fails leaves no half of a file."""
    (tmp_path / "here").mkdir()
    with pytest.raises(OSError, match="here"):
        write_private(tmp_path / "here", b"data")

    assert list(tmp_path.iterdir()) == [tmp_path / "here"]
