"""A counterexample as a sequence diagram: plain text for a terminal, or Mermaid for a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ldp_testing.explorer.moves import CALLER, CLIENTS, PROXIES, REPLIES, REQUESTS, Line, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_testing.explorer.moves import Lane
    from ldp_testing.explorer.scenarios import Scenario
    from ldp_testing.explorer.search import Counterexample

_WIDTH: Final = 11
_FULL_NAMES: Final = {Role.REQUESTS: "request queue", Role.REPLIES: "reply queue"}


def as_text(counterexample: Counterexample, scenario: Scenario) -> str:
    """One line for each step, with its tick, an arrow between lanes, and what it is."""
    lanes = _lanes(scenario)
    rows = ["tick  " + "".join(_name(lane, scenario).ljust(_WIDTH) for lane in lanes).rstrip()]
    for tick, line in _named(counterexample):
        arrow = _arrow(lanes.index(line.source), lanes.index(line.target), len(lanes), line)
        rows.append(f"{tick:4}  {arrow}  {_text(line)}")
    violation = counterexample.violation
    return "\n".join([*rows, f"broken: {violation.broken.value}", f"        {violation.how}"])


def as_mermaid(counterexample: Counterexample, scenario: Scenario) -> str:
    """The same for Mermaid, which renders in Markdown."""
    rows = ["sequenceDiagram"]
    for lane in _lanes(scenario):
        role = lane.role
        name = _FULL_NAMES.get(role, _name(lane, scenario))
        rows.append(f"    participant {_identifier(lane)} as {name}")
    for tick, line in _named(counterexample):
        source, target = _identifier(line.source), _identifier(line.target)
        text = f"{tick}: {_text(line)}".replace(";", ",")
        if line.source == line.target:
            rows.append(f"    Note over {source}: {text}")
        else:
            rows.append(f"    {source}{'--x' if line.fault else '->>'}{target}: {text}")
    violation = counterexample.violation
    last = _identifier(_lanes(scenario)[-1])
    rows.append(f"    Note over {_identifier(CALLER)},{last}: broken: {violation.broken.value}")
    return "\n".join(rows)


def _lanes(scenario: Scenario) -> list[Lane]:
    proxies, clients = PROXIES[: scenario.environments], CLIENTS[: scenario.clients]
    return [CALLER, *proxies, REQUESTS, REPLIES, *clients]


def _name(lane: Lane, scenario: Scenario) -> str:
    if lane.role is Role.CLIENT:
        return f"client {'ABC'[lane.number]}"
    if lane.role is Role.PROXY and scenario.environments > 1:
        return f"proxy {lane.number + 1}"
    return str(lane.role.value)


def _identifier(lane: Lane) -> str:
    return f"{lane.role.value}{lane.number}"


def _named(counterexample: Counterexample) -> Iterator[tuple[int, Line]]:
    """The lines with their ticks, where each client keeps its lane, A being the first to act."""
    places = [0, 1, 2]
    letters: dict[int, int] = {}

    def kept(lane: Lane) -> Lane:
        if lane.role is not Role.CLIENT:
            return lane
        return CLIENTS[letters.setdefault(places[lane.number], len(letters))]

    for step in counterexample.steps:
        for line in step.lines:
            source, target = kept(line.source), kept(line.target)
            yield step.tick, line._replace(source=source, target=target)
        if step.is_swapped:
            places[:2] = places[1], places[0]


def _text(line: Line) -> str:
    if line.fault is None:
        return line.text
    return f"{line.text} !! {line.fault.value}".lstrip()


def _arrow(source: int, target: int, lanes: int, line: Line) -> str:
    """Each lane is a bar; the arrow goes from one to another, or a mark stays on one."""
    row = list(("|" + " " * (_WIDTH - 1)) * lanes)
    left, right = sorted((source * _WIDTH, target * _WIDTH))
    if left == right:
        row[left] = "!" if line.fault else "*"
    else:
        row[left : right + 1] = "-" * (right - left + 1)
        row[source * _WIDTH] = "o"
        row[target * _WIDTH] = "x" if line.fault else ">" if source < target else "<"
    return "".join(row).rstrip().ljust(_WIDTH * (lanes - 1) + 1)
