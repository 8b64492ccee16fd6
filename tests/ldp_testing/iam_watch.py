"""What a stage's proxies and clients ask of AWS, held against the template when the stage ends.

Which options a stage plays is its test's affair, so all that the template grants with any is
allowed; `test_iam_grants.py` holds each combination against what that alone needs.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

from ldp_testing.iam_actions import Permission, compare
from ldp_testing.iam_record import IamRecord
from ldp_testing.resolved_template import ResolvedTemplate

if TYPE_CHECKING:
    from pathlib import Path

DEDICATED: Final = {"Reply": "dedicated"}
#: Each combination of parameters that has statements of its own, once more for the bucket.
VARIANTS: Final = {
    "notify": {"Mode": "notify"},
    "shared": {},
    "dedicated": DEDICATED,
    "fallback": {
        **DEDICATED,
        "StartWithinS": "2",
        "WhenAbsent": "fallback",
        "FallbackFunction": "orders:live",
    },
}
COMBINATIONS: Final = list(product(VARIANTS, ["yes", "no"]))
#: What the README grants to a proxy in the place of the function that is its fallback.
_OWN_FALLBACK: Final = ("InvokeFunction", "GetAlias", "GetFunctionConcurrency")


class IamWatch:
    """The records of both principals.

    Args:
        folder: For the records.

    Attributes:
        proxy: What the function asked.
        developer: What the client asked.
    """

    def __init__(self, folder: Path) -> None:
        self.proxy = IamRecord(folder / "asked-by-proxy.jsonl")
        self.developer = IamRecord(folder / "asked-by-developer.jsonl")

    def check(self, request_url: str, response_url: str) -> None:
        """Make sure that nothing was asked that is granted to nobody.

        Args:
            request_url: The request queue.
            response_url: The response queue, or the one that dedicated ones are named after.

        Raises:
            AssertionError: Something was.
        """
        physical = {"RequestQueue": request_url, "ResponseQueue": response_url, "Bucket": "*"}
        name = {"ResponseQueueName": response_url.rpartition("/")[2]}
        templates = [ResolvedTemplate({**name, **given}, physical) for given in VARIANTS.values()]
        proxy = set().union(*(template.allowed_to_proxy() for template in templates))
        proxy |= {Permission(f"lambda:{verb}", "arn:aws:lambda:*") for verb in _OWN_FALLBACK}
        developer = set().union(*(template.allowed_to_developer() for template in templates))
        assert compare(proxy, self.proxy.asked())[0] == []
        assert compare(developer, self.developer.asked())[0] == []
