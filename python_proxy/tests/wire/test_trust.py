from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_testing.deliveries import ACCOUNT, REPLY_QUEUE, REPLY_TO, TRUST
from ldp_testing.envelopes import queue_urls

DEDICATED = f"{REPLY_QUEUE}-0123456789abcdefghijklmnop"


@pytest.mark.parametrize(
    "url",
    [
        REPLY_TO,
        f"http://localhost:4566/{ACCOUNT}/{REPLY_QUEUE}",
        f"https://evil.example/some/path/{ACCOUNT}/{REPLY_QUEUE}",
        f"http://[::1]:9324/queue/{ACCOUNT}/{REPLY_QUEUE}",
    ],
)
def test_only_account_and_name_count(url: str) -> None:
    """Whatever host a replyTo names, only the queue's name is taken from it (SEC-1)."""
    assert TRUST.queue_for(url) == REPLY_QUEUE


def test_a_dedicated_queue_is_trusted() -> None:
    """The configured name, a hyphen and 26 characters are a queue of that proxy (SEC-2)."""
    assert TRUST.queue_for(REPLY_TO.replace(REPLY_QUEUE, DEDICATED)) == DEDICATED


@pytest.mark.parametrize(
    ("account", "name"),
    [
        ("210987654321", REPLY_QUEUE),
        (ACCOUNT, "LAMBDA_PROXY_RESP_OTHERTEAM"),
        (ACCOUNT, "LAMBDA_PROXY_RES"),
        (ACCOUNT, REPLY_QUEUE.lower()),
        (ACCOUNT, f"X{REPLY_QUEUE}"),
        (ACCOUNT, f"{REPLY_QUEUE}-"),
        (ACCOUNT, DEDICATED[:-1]),
        (ACCOUNT, DEDICATED + "0"),
        (ACCOUNT, DEDICATED[:-1] + "Z"),
        (ACCOUNT, DEDICATED[:-1] + "_"),
        (ACCOUNT, DEDICATED.replace("RESP-", "RESP_")),
        (ACCOUNT, "-0123456789abcdefghijklmnop"),
    ],
)
def test_another_queue_is_not_trusted(account: str, name: str) -> None:
    """Another account, a mere prefix or another suffix is not trusted (SEC-2)."""
    assert TRUST.queue_for(f"https://sqs.eu-west-1.amazonaws.com/{account}/{name}") is None


@pytest.mark.parametrize("url", ["", "LAMBDA_PROXY_RESP", f"{REPLY_TO}?x", f"{REPLY_TO}\n", "//"])
def test_what_is_no_queue_url_is_not_trusted(url: str) -> None:
    """What does not name a queue is never sent to (SEC-2)."""
    assert TRUST.queue_for(url) is None


@given(queue_urls())
def test_no_other_queue_is_ever_trusted(url: str) -> None:
    """A queue that is trusted is of the account and of one of the two forms (SEC-2)."""
    name = TRUST.queue_for(url)

    assert name is None or (url.endswith(f"/{ACCOUNT}/{name}") and name.startswith(REPLY_QUEUE))


@given(st.text(string.digits + string.ascii_lowercase, min_size=26, max_size=26))
def test_every_dedicated_name_is_trusted(suffix: str) -> None:
    """All suffixes of 26 characters of 0-9 and a-z are trusted (SEC-2)."""
    assert TRUST.queue_for(f"{REPLY_TO}-{suffix}") == f"{REPLY_QUEUE}-{suffix}"
