"""The clock of this machine against AWS's, which refuses what is signed at another time."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from ldp_account.doctor.findings import good, unknown, wrong

if TYPE_CHECKING:
    from ldp_account.aws import Aws
    from ldp_account.doctor.findings import Finding

TOLERATED_S: Final = 300.0
"""How far apart the clocks may be: AWS takes a signature for about five minutes (IAM User Guide,
"Troubleshoot Signature Version 4 requests")."""

_SETTING: Final = {
    "darwin": "sudo sntp -sS time.apple.com",
    "win32": "w32tm /resync",
}


def examine_clock(aws: Aws) -> list[Finding]:
    """Compare the clocks.

    Raises:
        AccountError: No answer came.
    """
    ahead_s = aws.seconds_ahead()
    if ahead_s is None:
        return [unknown("AWS's answer has no date")]
    side = "behind" if ahead_s > 0 else "ahead of"
    said = f"this machine is {abs(ahead_s):.0f} s {side} AWS"
    if abs(ahead_s) <= TOLERATED_S:
        return [good(said)]
    command = _SETTING.get(sys.platform, "sudo timedatectl set-ntp true")
    return [wrong(f"{said}, which refuses everything signed with it", command)]
