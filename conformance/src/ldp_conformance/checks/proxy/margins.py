"""Until when the proxy waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ldp_conformance.check import proxy_check
from ldp_conformance.ports.setups import Feature, ProxySetup

if TYPE_CHECKING:
    from ldp_conformance.cases.proxy_case import ProxyCase

_ROUNDING_MS: Final = 50


@proxy_check("margin.least", "EXC-4", setup=ProxySetup(timeout_s=10))
def the_margin_is_1_s_at_least(case: ProxyCase) -> None:
    """Of a timeout of 10 s, 1 s is kept back."""
    _expect_margin(case, 1_000)


@proxy_check("margin.share", "EXC-4", setup=ProxySetup(timeout_s=60))
def the_margin_is_a_share(case: ProxyCase) -> None:
    """Of a timeout of 60 s, 5 % is kept back."""
    _expect_margin(case, 3_000)


@proxy_check("margin.most", "EXC-4", setup=ProxySetup(timeout_s=900))
def the_margin_is_5_s_at_most(case: ProxyCase) -> None:
    """Of a timeout of 900 s, 5 s is kept back."""
    _expect_margin(case, 5_000)


@proxy_check("margin.bucket", "EXC-4", needs=[Feature.S3], setup=ProxySetup(has_bucket=True))
def the_margin_grows_by_3_s_with_a_bucket(case: ProxyCase) -> None:
    """With a bucket, 3 s more is kept back."""
    _expect_margin(case, 4_000)


def _expect_margin(case: ProxyCase, expected_ms: int) -> None:
    invocation, request = case.exchange()
    case.respond(request)
    case.answer(invocation)
    kept_ms = request.envelope["context"]["deadlineMs"] - request.answer_by_ms
    case.expect(
        abs(kept_ms - expected_ms) <= _ROUNDING_MS,
        f"answerByMs is {kept_ms:,} ms before the deadline, not {expected_ms:,} ms",
    )
