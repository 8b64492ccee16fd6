from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_queues.addresses import QueueAddress, parse_bucket, region_of

_NAMES = st.from_regex(r"[0-9A-Za-z_-]{1,80}", fullmatch=True)


@pytest.mark.parametrize(
    ("url", "base"),
    [
        (
            "https://sqs.eu-west-1.amazonaws.com/123456789012/REQ",
            "https://sqs.eu-west-1.amazonaws.com",
        ),
        ("http://127.0.0.1:5000/123456789012/REQ", "http://127.0.0.1:5000"),
        (
            "http://localhost:4566/queue/eu-west-1/123456789012/REQ",
            "http://localhost:4566/queue/eu-west-1",
        ),
    ],
)
def test_a_url_is_taken_apart(url: str, base: str) -> None:
    """Account and name are the last two parts of the path; the rest is the base."""
    address = QueueAddress.parse(url)

    assert address == QueueAddress(base, "123456789012", "REQ")
    assert address.url == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "REQ",
        "https://sqs.eu-west-1.amazonaws.com/REQ",
        "https://sqs.eu-west-1.amazonaws.com/12345678901/REQ",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/REQ.fifo",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/REQ?x=1",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/REQ\n",
        "ftp://sqs.eu-west-1.amazonaws.com/123456789012/REQ",
        "https:///123456789012/REQ",
        f"https://host/123456789012/{'x' * 81}",
    ],
)
def test_what_is_no_standard_queue_is_refused(url: str) -> None:
    """A text that is no URL of a standard queue raises ValueError that quotes it."""
    with pytest.raises(ValueError, match="not the URL of a standard SQS queue"):
        QueueAddress.parse(url)


@given(_NAMES)
def test_a_sibling_is_rebuilt_on_the_own_base(name: str) -> None:
    """A peer's queue is addressed by name on this side's base, in this side's account."""
    own = QueueAddress.parse("https://vpce-1.sqs.eu-west-1.vpce.amazonaws.com/123456789012/REQ")

    sibling = own.sibling(name)

    assert sibling.url == f"https://vpce-1.sqs.eu-west-1.vpce.amazonaws.com/123456789012/{name}"
    assert QueueAddress.parse(sibling.url) == sibling


@pytest.mark.parametrize("name", ["", "a/b", "REQ.fifo", "é", "x" * 81, "x\n"])
def test_a_name_that_no_queue_can_have_is_refused(name: str) -> None:
    """A name with other characters, or too many, raises ValueError."""
    own = QueueAddress.parse("https://host/123456789012/REQ")

    with pytest.raises(ValueError, match="not a name"):
        own.sibling(name)


@pytest.mark.parametrize(
    ("url", "region"),
    [
        ("https://sqs.eu-west-1.amazonaws.com/123456789012/q", "eu-west-1"),
        ("https://sqs-fips.us-east-1.amazonaws.com/123456789012/q", "us-east-1"),
        ("https://sqs.us-gov-west-1.amazonaws.com/123456789012/q", "us-gov-west-1"),
        ("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q", "cn-north-1"),
        ("https://sqs.eu-west-1.api.aws/123456789012/q", "eu-west-1"),
        ("https://vpce-1-a.sqs.eu-west-1.vpce.amazonaws.com/123456789012/q", "eu-west-1"),
        ("https://eu-west-1.queue.amazonaws.com/123456789012/q", "eu-west-1"),
        ("http://127.0.0.1:5000/123456789012/q", None),
        ("https://sqs.eu-west-1.amazonaws.com.evil.example/123456789012/q", None),
        ("https://example.com/sqs.eu-west-1.amazonaws.com/q", None),
    ],
)
def test_the_region_is_read_from_hosts_of_aws(url: str, region: str | None) -> None:
    """Each form of AWS's hosts tells the region, and no other host does."""
    assert region_of(url) == region


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my-bucket", ("my-bucket", "")),
        ("my.bucket.1/", ("my.bucket.1", "")),
        ("abc/debug", ("abc", "debug")),
        ("abc/team=1/Debug_2.x/", ("abc", "team=1/Debug_2.x")),
        (f"{'b' * 63}/{'p' * 849}", ("b" * 63, "p" * 849)),
    ],
)
def test_a_bucket_has_a_name_and_may_have_a_prefix(text: str, expected: tuple[str, str]) -> None:
    """What stands before the first slash is the bucket, and the rest begins its keys."""
    assert parse_bucket(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "ab", "b" * 64, "Bucket", "my_bucket", "-bucket", "bucket.", "a..b", "s3://bucket", "/x"]
    + [f"abc/{prefix}" for prefix in ("/", "a//b", "../x", "a/./b", "a b", "ä", "p" * 850)],
)
def test_what_is_no_bucket_is_refused(text: str) -> None:
    """A name that S3 does not take, and a prefix that is odd or too long, are errors."""
    with pytest.raises(ValueError, match=r"is not a bucket's name|is no prefix"):
        parse_bucket(text)
