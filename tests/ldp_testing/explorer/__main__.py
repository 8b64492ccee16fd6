"""Explores scenarios, or shows what happens with one rule of the core switched off."""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

from ldp_testing.explorer.catalogue import RULES
from ldp_testing.explorer.diagram import as_mermaid, as_text
from ldp_testing.explorer.faults import Cause
from ldp_testing.explorer.model import ALL_CAUSES
from ldp_testing.explorer.properties import Property
from ldp_testing.explorer.scenarios import SCENARIOS, shortened
from ldp_testing.explorer.search import ALL_PROPERTIES, MOST_STATES, search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ldp_testing.explorer.scenarios import Scenario
    from ldp_testing.explorer.search import Result

_LISTS = (
    "scenarios:\n"
    + "".join(f"  {name:10} {scenario.about}\n" for name, scenario in SCENARIOS.items())
    + "\nrules that can be switched off:\n"
    + "".join(f"  {name}\n      {rule.about}\n" for name, rule in RULES.items())
    + "\ncauses that excuse a second run:\n"
    + "".join(f"  {cause.name:16} {cause.value}\n" for cause in Cause)
    + "\nproperties:\n"
    + "".join(f"  {one.name:10} {one.value}\n" for one in Property)
)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m ldp_testing.explorer",
        description="Look at every run of the core's machines within bounds.",
        epilog=_LISTS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("scenarios", nargs="*", metavar="SCENARIO", help="what to explore; by default all")
    add("--faults", type=int, help="the most faults of a run; by default the scenario's own bound")
    add("--shorten", type=int, default=0, metavar="TICKS", help="let proxies wait for less")
    add("--without", choices=RULES, metavar="RULE", help="switch a rule off, and see it missed")
    add(
        "--not-excused",
        choices=[cause.name for cause in Cause],
        metavar="CAUSE",
        action="append",
        help="show what this cause excuses",
    )
    add(
        "--property",
        choices=[one.name for one in Property],
        metavar="PROPERTY",
        action="append",
        help="look for what breaks this property only",
    )
    add("--most-states", type=int, default=MOST_STATES, help="where to give up")
    add("--mermaid", action="store_true", help="draw a counterexample for Mermaid")
    arguments = parser.parse_args(given)
    unknown = [name for name in arguments.scenarios if name not in SCENARIOS]
    if unknown:
        parser.error(f"there is no scenario {unknown[0]}; there are {', '.join(SCENARIOS)}")
    return arguments


def main(given: Sequence[str] | None = None) -> int:
    """Explore what is asked for.

    Args:
        given: Arguments of the command line; None for those of the process.

    Returns:
        0 if all is as it has to be: nothing was found, or something with a rule switched off.
    """
    arguments = _arguments(given)
    rule = RULES[arguments.without] if arguments.without else None
    if arguments.scenarios:
        scenarios = [SCENARIOS[name] for name in arguments.scenarios]
    else:
        scenarios = [rule.scenario] if rule else list(SCENARIOS.values())
    with rule.switched_off() if rule else nullcontext():
        results = [_explored(scenario, arguments) for scenario in scenarios]
    if rule:
        return 0 if all(result.counterexample for result in results) else 1
    return 0 if all(result.is_proof for result in results) else 1


def _explored(scenario: Scenario, arguments: argparse.Namespace) -> Result:
    """Search with more and more faults, so that a counterexample has as few as can be."""
    most = scenario.most_faults if arguments.faults is None else arguments.faults
    excuses = ALL_CAUSES - {Cause[name] for name in arguments.not_excused or ()}
    looks_for = frozenset(Property[name] for name in arguments.property or ()) or ALL_PROPERTIES
    bounded = shortened(scenario, arguments.shorten)
    for faults in range(most + 1):
        result = search(
            bounded,
            faults,
            excuses=excuses,
            looks_for=looks_for,
            most_states=arguments.most_states,
        )
        if not result.is_proof:
            break
    _show(bounded, result, draws_mermaid=arguments.mermaid)
    return result


def _show(scenario: Scenario, result: Result, *, draws_mermaid: bool) -> None:
    verdict = "nothing found" if result.is_proof else "GAVE UP: this proves nothing"
    if result.counterexample:
        verdict = "FOUND A COUNTEREXAMPLE"
    sys.stdout.write(
        f"{scenario.name:10} up to {result.faults} faults  {result.states:>9,} states  "
        f"{result.seconds:6.1f} s  {verdict}\n"
    )
    if result.counterexample:
        drawn = as_mermaid if draws_mermaid else as_text
        sys.stdout.write(f"{drawn(result.counterexample, scenario)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
