"""Whether the account has concurrency left to reserve, which shared replies need 1 of.

New accounts often have none: their quota is what has to stay unreserved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ldp_account.errors import AccessDenied, NothingToReserve

if TYPE_CHECKING:
    from ldp_account.aws import Aws

_UNRESERVED: Final = 100
"""What Lambda leaves to functions without a reservation, or all where the quota is smaller (Lambda
Developer Guide, "Configuring reserved concurrency for a function")."""


def refuse_reservation(aws: Aws, more: int) -> None:
    """Refuse to reserve what Lambda would not let go; whoever may not ask learns it from Lambda.

    Args:
        aws: The way to the account.
        more: How many are to be reserved that are not now.

    Raises:
        NothingToReserve: It has not that many.
        AccountError: A call failed.
    """
    if more <= 0:
        return
    try:
        with aws.calling():
            limit = aws.functions.get_account_settings()["AccountLimit"]
    except AccessDenied:
        return
    quota, unreserved = limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"]
    if unreserved - more < min(_UNRESERVED, quota):
        raise NothingToReserve(quota, unreserved)
