"""Names for versions, as Lambda has them; values and their rules only."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ldp_client.local_lambda.errors import SettingsError
from ldp_client.local_lambda.version import LATEST

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME: Final = re.compile(r"(?![0-9]+$)[0-9A-Za-z_-]{1,128}")


@dataclass(frozen=True, slots=True)
class Alias:
    """A name for a version, or for two among which invokes are parted.

    Attributes:
        name: 1 to 128 characters of `[0-9A-Za-z_-]`, not digits alone.
        version: The version that it names.
        weights: Another version, and the share from 0 to 1 of invokes that it gets.
        revision_id: New whenever the alias is set.
    """

    name: str
    version: str
    weights: Mapping[str, float] = field(default_factory=dict)
    revision_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def __post_init__(self) -> None:
        """Refuse what Lambda would refuse.

        Raises:
            SettingsError: The name or the weights are invalid.
        """
        _require(bool(_NAME.fullmatch(self.name)), "name", "[0-9A-Za-z_-], not digits alone")
        _require(len(self.weights) <= 1, "weights", "one version besides at most")
        for version, share in self.weights.items():
            _require(0 <= share <= 1, "weights", "a share from 0 to 1")
            named = {version, self.version}
            _require(LATEST not in named, "weights", "published versions only")
            _require(version != self.version, "weights", "another version")

    def versions(self) -> tuple[str, ...]:
        """All versions that it can lead to."""
        return (self.version, *self.weights)

    def resolve(self, chance: float) -> str:
        """The version that an invoke runs.

        Args:
            chance: A random number from 0 up to 1.
        """
        for version, share in self.weights.items():
            if chance < share:
                return version
        return self.version


def _require(holds: bool, what: str, expected: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise SettingsError(
            f"The {what} of the alias is invalid: expected {expected}.", hint=f"Correct {what}."
        )
