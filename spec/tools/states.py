"""State diagrams, drawn from the transition tables in the code.

A table is a mapping of states to what each trigger leads to: `{State: {Trigger: State}}`, both
enumerations. The first state is where a machine begins; a state without a way out is an end.
"""

from __future__ import annotations

import importlib
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

_State = TypeVar("_State", bound=Enum)
_Trigger = TypeVar("_Trigger", bound=Enum)


def load(name: str) -> Mapping[Enum, Mapping[Enum, Enum]]:
    """The table that a module defines.

    Args:
        name: `module`, whose table is called `TRANSITIONS`, or `module:TABLE`.
    """
    module, _, attribute = name.partition(":")
    table: Mapping[Enum, Mapping[Enum, Enum]] = getattr(
        importlib.import_module(module), attribute or "TRANSITIONS"
    )
    return table


def diagram(table: Mapping[_State, Mapping[_Trigger, _State]]) -> str:
    """A table as a fenced Mermaid state diagram.

    Triggers that lead from one state to the same other state share an arrow.
    """
    start = next(iter(table))
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {_name(start)}"]
    for state, ways in table.items():
        lines += [
            f"    {_name(state)} --> {_name(target)}: {', '.join(labels)}"
            for target, labels in _labels(ways).items()
        ]
    lines += [f"    {_name(state)} --> [*]" for state in _ends(table)]
    return "\n".join([*lines, "```"]) + "\n"


def _labels(ways: Mapping[_Trigger, _State]) -> dict[_State, list[str]]:
    labels: dict[_State, list[str]] = {}
    for trigger, target in ways.items():
        labels.setdefault(target, []).append(_name(trigger).replace("_", " "))
    return labels


def _ends(table: Mapping[_State, Mapping[_Trigger, _State]]) -> list[_State]:
    """The states that nothing leads out of, in the order in which they are first named."""
    named = [*table, *(target for ways in table.values() for target in ways.values())]
    return [
        state for state in dict.fromkeys(named) if set(table.get(state, {}).values()) <= {state}
    ]


def _name(member: Enum) -> str:
    return member.name.lower()
