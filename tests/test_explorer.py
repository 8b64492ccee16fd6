"""The protocol's promises hold in every run within small bounds, and are missed without its rules.

`make explore` looks further; `ldp_testing.explorer` says what a run is.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ldp_testing.explorer.catalogue import RULES
from ldp_testing.explorer.faults import Cause, Fault
from ldp_testing.explorer.model import ALL_CAUSES
from ldp_testing.explorer.properties import Property
from ldp_testing.explorer.scenarios import BARE, FALLBACK, SCENARIOS, WAIT, Scenario, shortened
from ldp_testing.explorer.search import Counterexample, search

if TYPE_CHECKING:
    from collections.abc import Iterator

OF_CLIENTS = {Fault.CRASH, Fault.PAUSE, Fault.QUIT, Fault.SLOW_CLOCK, Fault.FAST_CLOCK}
#: What SQS and the network do; a deleted request that comes back is met in `wait`.
OF_SQS = frozenset(Fault) - OF_CLIENTS - {Fault.REAPPEARANCE}


#: What cannot be promised: the cause, the faults that bring it about, and what is then broken.
UNPROMISED = [
    (Cause.PAUSE, [Fault.PAUSE], Property.TOGETHER, WAIT),
    (Cause.SECOND_COPY, [Fault.SECOND_COPY], Property.TOGETHER, WAIT),
    (Cause.REDELIVERY, [Fault.REDELIVERY], Property.TOGETHER, WAIT),
    (Cause.RETURN, [Fault.FAST_CLOCK, Fault.REAPPEARANCE], Property.TOGETHER, BARE),
    (Cause.UNRECORDED, [Fault.CRASH], Property.AGAIN, WAIT),
    (Cause.HIDDEN_ACCEPTED, [Fault.DELAY], Property.BOTH, FALLBACK),
]


@pytest.fixture(autouse=True)
def untraced() -> Iterator[None]:
    """Let coverage look away, which doubles the time of a search; the core has its own tests."""
    tracer = sys.gettrace()
    sys.settrace(None)
    yield
    sys.settrace(tracer)


def _faults_of(counterexample: Counterexample) -> list[Fault]:
    lines = [line for step in counterexample.steps for line in step.lines]
    return [line.fault for line in lines if line.fault is not None]


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_run_with_one_fault_keeps_every_promise(name: str) -> None:
    """One fault of any kind at any moment breaks none of the properties, in any scenario."""
    scenario = SCENARIOS[name]
    result = search(shortened(scenario, 1) if name == "shared" else scenario, 1)

    assert result.counterexample is None
    assert result.is_proof
    assert result.states > 5_000


def test_two_faults_of_sqs_never_run_fallback_and_client() -> None:
    """What SQS and the network do to a start window, twice, breaks nothing (EXC-18 to EXC-23)."""
    assert search(replace(shortened(FALLBACK, 2), faults=OF_SQS), 2).is_proof


def test_two_faults_of_any_kind_lose_nothing() -> None:
    """Any two faults without a start window break nothing but by a named cause (SQS-12, SES-35)."""
    assert search(shortened(WAIT, 3), 2).is_proof


@pytest.mark.parametrize("name", RULES)
def test_a_rule_that_is_switched_off_is_missed(name: str) -> None:
    """Without any one of its rules the real core breaks the promise that the rule is for."""
    rule = RULES[name]
    with rule.switched_off():
        result = search(rule.scenario, rule.faults, looks_for=frozenset({rule.breaks}))

    assert result.counterexample is not None
    assert result.counterexample.violation.broken is rule.breaks
    assert len(_faults_of(result.counterexample)) <= rule.faults


def test_every_property_can_be_broken() -> None:
    """No property holds merely because nobody looks."""
    assert {rule.breaks for rule in RULES.values()} == set(Property)


@pytest.mark.parametrize(("cause", "faults", "broken", "scenario"), UNPROMISED)
def test_each_named_cause_is_needed(
    cause: Cause, faults: list[Fault], broken: Property, scenario: Scenario
) -> None:
    """What the spec says cannot be promised happens indeed, by these faults (SES-35)."""
    only = replace(scenario, faults=frozenset(faults))
    excuses, looks_for = ALL_CAUSES - {cause}, frozenset({broken})
    result = search(only, len(faults), excuses=excuses, looks_for=looks_for)

    assert result.counterexample is not None
    assert _faults_of(result.counterexample) == faults


def test_every_cause_is_needed() -> None:
    """No excuse is there that nothing needs."""
    assert {row[0] for row in UNPROMISED} == set(Cause)


def test_a_search_that_gives_up_proves_nothing() -> None:
    """A truncated search says so, and is no proof though it found nothing."""
    result = search(WAIT, 1, most_states=100)

    assert (result.is_truncated, result.is_proof, result.counterexample) == (True, False, None)
