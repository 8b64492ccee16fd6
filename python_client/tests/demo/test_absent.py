from __future__ import annotations

import json

import pytest

from ldp_client.demo.acts.absent import judge_absence
from ldp_client.demo.verdict import Reply


def reply(body: object, *, is_error: bool = True) -> Reply:
    """What a caller got."""
    return Reply(json.dumps(body).encode(), is_error, 1.0)


def test_an_absence_is_told_as_such() -> None:
    """The error of the start window is right (ERR-9)."""
    assert judge_absence(reply({"errorType": "Proxy.Absent", "errorMessage": "m"})) is None


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (reply("an answer", is_error=False), "nobody was there"),
        (reply({"errorType": "Proxy.NoResponse"}), "of type Proxy.NoResponse"),
        (reply({"message": "Rate Exceeded."}), "of type None"),
    ],
)
def test_anything_else_is_wrong(wrong: Reply, fault: str) -> None:
    """A success would be a fake one, and another error another cause."""
    assert fault in (judge_absence(wrong) or "")
