"""Envelopes with one thing changed, valid still or not: whoever judges them has to agree on which.

Whatever the change is, at most one member at one place differs from the instance given.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from hypothesis import strategies as st

from ldp_testing.envelopes import JSON, KNOWN_NAMES, Members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hypothesis.strategies import SearchStrategy

Path: TypeAlias = "tuple[str | int, ...]"

_WRONG_VALUES: Final[tuple[JSON, ...]] = (
    None, True, False, 0, 1, -1, 0.5, 1.0, 1023, 2**53, 2.0**53, 10**17, "", "0", "true", "1.0",
    "2.0", "text", "s3", "request", "response", "/w==", [], ["text"], [[]], {},
    {"encoding": "text"},
)  # fmt: skip
# One more than each of the limits in characters that the protocol knows.
_TOO_LONG: Final = (33, 65, 81, 129, 257, 1025, 2049, 16385)


@dataclass(frozen=True, slots=True)
class Mutation:
    """An envelope with one thing changed.

    Attributes:
        change: What was changed, for people.
        instance: The envelope after it.
    """

    change: str
    instance: JSON


def one_field_mutations(instance: Members) -> SearchStrategy[Mutation]:
    """Draw the envelope with one member dropped, added, renamed, or given another value."""
    places = list(_paths(instance))
    members = [path for path in places if path]
    objects = [path for path in places if isinstance(_at(instance, path), dict)]
    return st.one_of(
        st.sampled_from(members).map(lambda path: _dropped(instance, path)),
        st.builds(
            _replaced, st.just(instance), st.sampled_from(places), st.sampled_from(_WRONG_VALUES)
        ),
        st.sampled_from(members).flatmap(lambda path: _altered(instance, path)),
        st.builds(
            lambda path, name, value: _replaced(instance, (*path, name), value),
            st.sampled_from(objects),
            st.sampled_from(KNOWN_NAMES),
            st.sampled_from(_WRONG_VALUES),
        ),
    )


def _paths(value: JSON, path: Path = ()) -> Iterator[Path]:
    yield path
    steps: Iterable[tuple[str | int, JSON]] = ()
    if isinstance(value, dict):
        steps = value.items()
    elif isinstance(value, list):
        steps = enumerate(value)
    for step, inner in steps:
        yield from _paths(inner, (*path, step))


def _at(value: Any, path: Path) -> Any:
    """Follow a path, which leads through objects and arrays only."""
    for step in path:
        value = value[step]
    return value


def _dropped(instance: Members, path: Path) -> Mutation:
    changed = copy.deepcopy(instance)
    del _at(changed, path[:-1])[path[-1]]
    return Mutation(f"{path} dropped", changed)


def _replaced(instance: Members, path: Path, value: JSON) -> Mutation:
    if not path:
        return Mutation(f"everything replaced by {value!r}", value)
    changed = copy.deepcopy(instance)
    _at(changed, path[:-1])[path[-1]] = value
    return Mutation(f"{path} replaced by {value!r:.60}", changed)


def _altered(instance: Members, path: Path) -> SearchStrategy[Mutation]:
    """Change a value into one that is nearly the same, or just beyond a bound."""
    alterations = list(_alterations(_at(instance, path)))
    return st.sampled_from(alterations).map(lambda value: _replaced(instance, path, value))


def _alterations(value: JSON) -> Iterator[JSON]:
    match value:
        case bool():
            yield from (not value, int(value), str(value).lower())
        case int() | float():
            yield from (-1, 0, 1023, 1024, 1_048_577, 6_291_557, 2**53, float(value), value + 0.5)
            yield str(value)
        case str():
            yield from _altered_texts(value)
        case list():
            yield from (value + value[:1], [*value, *map(str, range(16))], value[1:], value[:1])
        case None | dict():
            yield [value]
            yield "null"


def _altered_texts(text: str) -> Iterator[str]:
    yield from (text + "\n", text + " ", " " + text, text + "\u0661", text + "=", text + "/", "")
    yield from (text.upper(), text[1:], text[:-1], text + text)
    for length in _TOO_LONG:
        yield ((text or "a") * length)[:length]
