"""What JSON is in a port's language, and which optional parts of the protocol it has."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance.ports.setups import Feature

if TYPE_CHECKING:
    from ldp_conformance.ports.manifest import Manifest

_LARGEST: Final = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Dialect:
    """What may be asked of a port.

    Attributes:
        has_exact_numbers: Whether it tells integers beyond 2^53, and 1 from 1.0, apart.
        has_lone_surrogates: Whether its strings can hold half of a surrogate pair.
        has_start_window: Whether it announces that it starts.
    """

    has_exact_numbers: bool
    has_lone_surrogates: bool
    has_start_window: bool

    @classmethod
    def of(cls, manifest: Manifest, features: frozenset[Feature]) -> Dialect:
        """The dialect that a manifest tells."""
        return cls(
            manifest.has_exact_numbers,
            manifest.has_lone_surrogates,
            Feature.ACCEPTED in features,
        )

    def can_hold(self, value: Any) -> bool:
        """Whether a value comes through a handler of the port unchanged."""
        if isinstance(value, dict):
            return all(map(self.can_hold, [*value, *value.values()]))
        if isinstance(value, list):
            return all(map(self.can_hold, value))
        if isinstance(value, str):
            return self.has_lone_surrogates or not has_lone_surrogate(value)
        if isinstance(value, float):
            return math.isfinite(value)
        if isinstance(value, int):
            return self.has_exact_numbers or abs(value) <= _LARGEST
        return True

    def is_same(self, one: Any, other: Any) -> bool:
        """Whether two values are the same as far as the port's language can tell."""
        if isinstance(one, dict) and isinstance(other, dict):
            return one.keys() == other.keys() and all(
                self.is_same(one[name], other[name]) for name in one
            )
        if isinstance(one, list) and isinstance(other, list):
            return len(one) == len(other) and all(map(self.is_same, one, other))
        if _is_number(one) and _is_number(other) and not self.has_exact_numbers:
            return float(one) == float(other)
        return type(one) is type(other) and repr(one) == repr(other)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def has_lone_surrogate(text: str) -> bool:
    """Whether a text has half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
