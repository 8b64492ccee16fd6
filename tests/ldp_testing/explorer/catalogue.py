"""All rules that can be switched off, in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ldp_testing.explorer import rules_leases, rules_replies, rules_window

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_testing.explorer.rules import Rule

RULES: Final[Mapping[str, Rule]] = {
    **rules_window.RULES,
    **rules_leases.RULES,
    **rules_replies.RULES,
}
