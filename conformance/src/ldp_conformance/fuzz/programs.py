"""Programs of what queues do to messages, as data: the states of a machine that Hypothesis drives.

A step names requests by number; where that makes no sense in the state that the program is in, the
step does nothing, so every program can be run, and what is left of one when it is shrunk, too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_MOST_STEPS: Final = 7
_NUMBERS: Final = st.integers(0, 3)
_LONGEST_HIDE_MS: Final = 200


class Does(Enum):
    """What a step does."""

    SEND = "send"  #: a request whose handler returns at once
    HOLD = "hold"  #: one whose handler runs until `FINISH`
    FAIL = "fail"  #: one whose handler fails
    ONE_WAY = "one-way"  #: one that nobody waits for
    EXPIRED = "expired"  #: one whose time is over
    FINISH = "finish"  #: the running handler returns
    COPY = "copy"  #: a second physical copy of a request appears
    REDELIVER = "redeliver"  #: a request can be received although somebody holds it
    BRING_BACK = "bring-back"  #: a deleted request is there again
    HIDE = "hide"  #: a request is invisible for a while
    SETTLE = "settle"  #: everything so far comes to its end
    WEATHER = "weather"  #: from now on queues do all that by chance
    THROTTLE = "throttle"  #: the next calls are refused because there are too many
    SERVER_ERROR = "server-error"  #: the next calls fail in the service
    CUT_BEFORE = "cut-before"  #: the connections of the next calls break before they do anything
    CUT_AFTER = "cut-after"  #: they break when it is done
    EMPTY_POLLS = "empty-polls"  #: the next receives bring nothing although messages wait
    DEAD_POLL = "dead-poll"  #: the next receive takes a message and breaks


OUTAGES: Final = (Does.THROTTLE, Does.SERVER_ERROR, Does.CUT_BEFORE, Does.CUT_AFTER)
_ANSWERING: Final = ("SendMessage", "DeleteMessage")


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        does: What it does.
        number: Which request it concerns, counted round; or the seed of a weather, or how long a
            request is hidden, or how many calls are met.
        operation: Which calls are met.
    """

    does: Does
    number: int = 0
    operation: str = ""

    def __str__(self) -> str:
        return " ".join(
            str(part) for part in (self.does.value, self.number, self.operation) if part
        )


Program = tuple[Step, ...]


def _sends(*, reports: bool) -> SearchStrategy[Step]:
    kinds = [Does.SEND, Does.SEND, Does.HOLD, Does.ONE_WAY, Does.EXPIRED]
    return st.sampled_from([*kinds, Does.FAIL] if reports else kinds).map(Step)


def deliveries(*, reports: bool) -> SearchStrategy[Program]:
    """Programs of what a standard queue does to messages.

    Args:
        reports: Whether the client reports what a handler fails with.
    """
    moves = st.builds(
        Step, st.sampled_from([Does.COPY, Does.REDELIVER, Does.BRING_BACK, Does.HIDE]), _NUMBERS
    )
    turns = st.sampled_from([Does.FINISH, Does.SETTLE]).map(Step)
    weathers = st.builds(Step, st.just(Does.WEATHER), st.integers(0, 2**16))
    first = _sends(reports=reports)
    then = st.lists(
        st.one_of(first, moves, moves.map(_same), turns, weathers), max_size=_MOST_STEPS - 1
    )
    return st.tuples(first, then).map(lambda both: (both[0], *both[1]))


def _same(step: Step) -> Step:
    return Step(step.does)


def outages(*, reports: bool) -> SearchStrategy[Program]:
    """Programs of calls that fail."""
    failures = st.one_of(
        st.builds(Step, st.sampled_from(OUTAGES), st.integers(1, 2), st.sampled_from(_ANSWERING)),
        st.builds(Step, st.sampled_from(OUTAGES), st.just(1), st.just("ReceiveMessage")),
    )
    polls = st.one_of(
        st.builds(Step, st.just(Does.EMPTY_POLLS), st.integers(1, 3)),
        st.just(Step(Does.DEAD_POLL, 1)),
    )
    calm = st.one_of(_sends(reports=reports), st.just(Step(Does.FINISH)))
    trouble = st.one_of(failures, polls)
    parts = st.tuples(trouble, _sends(reports=reports), st.lists(calm, max_size=2))
    return st.lists(parts, min_size=1, max_size=2).map(
        lambda found: tuple(step for bad, send, rest in found for step in (bad, send, *rest))
    )


def dumped(programs: list[Program]) -> bytes:
    """Programs as JSON text, which `loaded` reads."""
    rows = [[_row(step) for step in program] for program in programs]
    return json.dumps(rows, separators=(",", ":")).encode()


def _row(step: Step) -> list[Any]:
    return [step.does.value, step.number, step.operation]


def loaded(text: bytes) -> list[Program]:
    """The programs that `dumped` wrote.

    Raises:
        ValueError: It is no such text.
    """
    try:
        return [_program(rows) for rows in json.loads(text)]
    except TypeError as exc:
        raise ValueError(f"no programs: {exc}") from exc


def _program(rows: object) -> Program:
    if not isinstance(rows, list):
        raise TypeError(rows)
    return tuple(Step(Does(does), number, operation) for does, number, operation in rows)
