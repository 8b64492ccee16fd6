"""What a check expects, and what it says where it is not so.

Each expectation counts as an observation: a check that ends without one has looked at nothing, and
that is a fault of the suite, never a pass.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ldp_conformance.check import NonConformance
from ldp_conformance.outcomes import Difference

if TYPE_CHECKING:
    from collections.abc import Iterator

#: How much of a value a sentence shows.
_SHOWN_CHARACTERS: Final = 200
_MOST_DIFFERENCES: Final = 20


@dataclass(frozen=True, slots=True)
class VectorVerdict:
    """What became of one vector.

    Attributes:
        id: Its ID.
        broken: What was found; None if it holds.
        sent: The message that showed it.
    """

    id: str
    broken: NonConformance | None
    sent: str = ""


class Expectations:
    """The verbs of a case that judge; they count what they looked at."""

    def __init__(self) -> None:
        self.observations = 0
        #: What the suite sent, the texts of messages or events; a failure shows the last.
        self.sent_texts: list[str] = []
        #: What became of each vector so far.
        self.vectors: list[VectorVerdict] = []

    @property
    def has_exact_numbers(self) -> bool:
        """Whether 1 and 1.0 are two values to the port, and 0.0 and -0.0."""
        return True

    @contextmanager
    def vector(self, name: str, *requirements: str) -> Iterator[None]:
        """Judge one vector: what is found within is its verdict, and the check goes on.

        Args:
            name: The vector's ID.
            requirements: What it shows; what is found is laid to them unless it says otherwise.
        """
        self.sent_texts.clear()
        try:
            yield
        except NonConformance as exc:
            exc.requirements = exc.requirements or requirements
            sent = self.sent_texts[-1] if self.sent_texts else ""
            self.vectors.append(VectorVerdict(name, exc, sent))
        else:
            self.vectors.append(VectorVerdict(name, None))

    def observe(self, count: int = 1) -> None:
        """Say that the verdict rests on something that the port did."""
        self.observations += count

    def expect(
        self,
        condition: object,
        sentence: str,
        *,
        came: str = "",
        requirements: tuple[str, ...] = (),
        hint: str = "",
    ) -> None:
        """Go on only if the condition holds.

        Raises:
            NonConformance: It does not.
        """
        self.observe()
        if not condition:
            raise NonConformance(sentence, came=came, requirements=requirements, hint=hint)

    def expect_equal(
        self,
        actual: object,
        expected: object,
        sentence: str,
        *,
        requirements: tuple[str, ...] = (),
        hint: str = "",
    ) -> None:
        """Go on only if two JSON values are the same, as far as the port can tell numbers apart.

        Raises:
            NonConformance: They differ; it says where.
        """
        self.observe()
        found = tuple(differences(expected, actual, is_exact=self.has_exact_numbers))
        if found:
            raise NonConformance(
                sentence,
                differences=found[:_MOST_DIFFERENCES],
                came=shown(actual),
                requirements=requirements,
                hint=hint,
            )


def differences(
    expected: object, actual: object, pointer: str = "", *, is_exact: bool = True
) -> Iterator[Difference]:
    """Every place where two JSON values differ.

    Args:
        expected: What had to be.
        actual: What is.
        pointer: Where the two stand.
        is_exact: Whether 1 and 1.0 differ, and 0.0 and -0.0.
    """
    if isinstance(expected, dict) and isinstance(actual, dict):
        yield from _of_objects(expected, actual, pointer, is_exact=is_exact)
    elif isinstance(expected, list) and isinstance(actual, list):
        for index in range(max(len(expected), len(actual))):
            place = f"{pointer}/{index}"
            if index >= len(actual):
                yield Difference(place, shown(expected[index]), None)
            elif index >= len(expected):
                yield Difference(place, None, shown(actual[index]))
            else:
                yield from differences(expected[index], actual[index], place, is_exact=is_exact)
    elif not _is_same(expected, actual, is_exact=is_exact):
        yield Difference(pointer, shown(expected), shown(actual))


def _of_objects(
    expected: dict[str, object], actual: dict[str, object], pointer: str, *, is_exact: bool
) -> Iterator[Difference]:
    for name in [*expected, *(name for name in actual if name not in expected)]:
        place = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        if name not in actual:
            yield Difference(place, shown(expected[name]), None)
        elif name not in expected:
            yield Difference(place, None, shown(actual[name]))
        else:
            yield from differences(expected[name], actual[name], place, is_exact=is_exact)


def _is_same(expected: object, actual: object, *, is_exact: bool) -> bool:
    if not is_exact and _is_number(expected) and _is_number(actual):
        return expected == actual
    # 1, 1.0 and True are equal in Python, and three things in JSON; so are 0.0 and -0.0.
    return type(expected) is type(actual) and repr(expected) == repr(actual)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def shown(value: object) -> str:
    """A JSON value as text, cut to a readable length."""
    text = json.dumps(value, default=repr)
    if len(text) <= _SHOWN_CHARACTERS:
        return text
    return f"{text[:_SHOWN_CHARACTERS]}… ({len(text):,} characters)"
