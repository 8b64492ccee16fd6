"""Rules of the core that can be switched off, to see that the explorer finds out.

An earlier draft of the protocol lacked most of them and failed a review for it; the letters are
that review's. Each is one patch of the real code, in `rules_window`, `rules_leases` and
`rules_replies`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from ldp_testing.explorer.properties import Property
    from ldp_testing.explorer.scenarios import Scenario

    Switch = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the core.

    Attributes:
        name: Its name on the command line: what happens without it.
        about: What happens without it, in a sentence.
        review: The letter of the review's finding, or the requirement.
        scenario: Where it is missed.
        faults: How many faults it takes there to miss it.
        breaks: What such a run breaks.
        switched_off: Has the core run without it.
    """

    name: str
    about: str
    review: str
    scenario: Scenario
    faults: int
    breaks: Property
    switched_off: Switch


class Rules(dict[str, Rule]):
    """Rules by their names."""

    def add(
        self, review: str, scenario: Scenario, faults: int, breaks: Property
    ) -> Callable[[Switch], Switch]:
        """Make a rule of the function that switches it off; its docstring says what it is."""

        def added(switch: Switch) -> Switch:
            name = switch.__name__.replace("_", "-")
            about = (switch.__doc__ or "").strip()
            self[name] = Rule(name, about, review, scenario, faults, breaks, switch)
            return switch

        return added
