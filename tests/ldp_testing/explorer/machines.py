"""Machines at rest: copied, compared and stepped without knowing what they are made of.

A search has a machine in thousands of states at once, and meets the same state again and again.
So each state has a number, and what a call makes of it is remembered: the real code runs once for
each state and each call. That is sound because the core's machines are told everything and read
nothing, neither a clock nor a random number.
"""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

M = TypeVar("M")
R = TypeVar("R")


class _Kind(Enum):
    VALUE = "value"  #: immutable: shared by all copies, compared by itself
    DICT = "dict"
    SEQUENCE = "sequence"
    SET = "set"
    MACHINE = "machine"  #: compared by what is in it, and by who shares it


_KINDS: dict[type, _Kind] = {
    **dict.fromkeys((str, bytes, int, float, bool, type(None), tuple, frozenset), _Kind.VALUE),
    dict: _Kind.DICT,
    list: _Kind.SEQUENCE,
    deque: _Kind.SEQUENCE,
    set: _Kind.SET,
}


def _kind(of: type) -> _Kind:
    found = _KINDS.get(of)
    if found is None:
        found = _KINDS[of] = _judged(of)
    return found


def _judged(of: type) -> _Kind:
    """What objects of a class are; one that might hide a state is refused."""
    parameters = getattr(of, "__dataclass_params__", None)
    if issubclass(of, Enum) or (parameters is not None and parameters.frozen):
        return _Kind.VALUE
    if of.__module__.startswith("ldp_wire.") and not hasattr(of, "__slots__"):
        return _Kind.MACHINE
    raise TypeError(f"nobody knows how to copy a {of.__qualname__}")


def copied(value: Any) -> Any:
    """A copy that shares nothing that can change with `value`."""
    return _copied(value, {})


def _copied(value: Any, twins: dict[int, Any]) -> Any:
    kind = _kind(type(value))
    if kind is _Kind.VALUE:
        return value
    if kind is _Kind.MACHINE:
        return twins[id(value)] if id(value) in twins else _twin(value, twins)
    if kind is _Kind.DICT:
        return {key: _copied(item, twins) for key, item in value.items()}
    if kind is _Kind.SET:
        return set(value)
    return type(value)(_copied(item, twins) for item in value)


def _twin(machine: Any, twins: dict[int, Any]) -> Any:
    twin = twins[id(machine)] = object.__new__(type(machine))
    twin.__dict__.update({name: _copied(item, twins) for name, item in vars(machine).items()})
    return twin


def canonical(value: Any) -> Hashable:
    """A value that two objects share exactly if they are in the same state."""
    return _canonical(value, {})


def _canonical(value: Any, met: dict[int, int]) -> Hashable:
    kind = _kind(type(value))
    if kind is _Kind.VALUE:
        return value  # type: ignore[no-any-return]
    if kind is _Kind.DICT:
        return tuple((key, _canonical(item, met)) for key, item in value.items())
    if kind is _Kind.SET:
        return frozenset(value)
    if kind is _Kind.SEQUENCE:
        return tuple(_canonical(item, met) for item in value)
    if id(value) in met:
        return (type(value), met[id(value)])
    met[id(value)] = len(met)
    return (type(value), tuple((k, _canonical(item, met)) for k, item in vars(value).items()))


class Machines(Generic[M]):
    """All states of one kind of machine that a search has met, each under its number."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._machines: list[M] = []
        self._steps: dict[tuple[Hashable, ...], tuple[int, Any]] = {}

    def keep(self, machine: M) -> int:
        """The number of a machine's state; nobody may use the machine afterwards."""
        number = self._numbers.setdefault(canonical(machine), len(self._machines))
        if number == len(self._machines):
            self._machines.append(machine)
        return number

    def woken(self, number: int) -> M:
        """A machine in the state with this number, to do anything with."""
        machine: M = copied(self._machines[number])
        return machine

    def step(self, number: int, call: Callable[..., R], *arguments: Hashable) -> tuple[int, R]:
        """The state that a call leads to, and what it answers, which must be immutable."""
        key = (number, call, *arguments)
        known = self._steps.get(key)
        if known is None:
            machine = self.woken(number)
            answer = call(machine, *arguments)
            known = self._steps[key] = (self.keep(machine), answer)
        return known

    def ask(self, number: int, question: Callable[[M], R]) -> R:
        """What a machine says of itself.

        Raises:
            TypeError: Asking changes it.
        """
        after, answer = self.step(number, question)
        if after != number:
            raise TypeError(f"{question.__name__} changes the machine")
        return answer
