"""Which case a check works with; only the role that is judged is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldp_conformance.outcomes import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.cases.proxy_case import ProxyCase
    from ldp_conformance.ports.stage import Stage


def case_for(
    role: Role, stage: Stage, seed: str, on_progress: Callable[[int, int, str], None]
) -> ClientCase | ProxyCase:
    """The case of a check of this role; see `ClientCase` and `ProxyCase`."""
    if role is Role.CLIENT:
        from ldp_conformance.cases.client_case import ClientCase  # noqa: PLC0415 - the role's own

        return ClientCase(stage, seed, on_progress)
    from ldp_conformance.cases.proxy_case import ProxyCase  # noqa: PLC0415 - the role's own

    return ProxyCase(stage, seed, on_progress)
