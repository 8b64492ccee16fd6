"""The requirements of the specification, as the suite was written against them.

The record comes with the package, so that a run says which clauses it judged. A clause that was
changed has another digest, which tells that its checks have to be looked at again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ldp_conformance.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping

_RECORD: Final = Path(__file__).with_name("data") / "requirements.json"


class Level(Enum):
    """How binding a requirement is (RFC 2119)."""

    MUST = "must"
    SHOULD = "should"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One numbered requirement.

    Attributes:
        id: Such as `EXC-4`; never used for anything else.
        level: How binding it is.
        roles: Whom it concerns: `client`, `proxy`, `sender`, `receiver`, `envelope`, `queue`.
        text: The clause, in Markdown.
        intent: Why it is there.
        anchor: Where it stands, below the folder of the specification.
    """

    id: str
    level: Level
    roles: tuple[str, ...]
    text: str
    intent: str
    anchor: str

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that another wording would change."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]


@cache
def requirements() -> Mapping[str, Requirement]:
    """Every requirement by its ID, in the order of the specification."""
    rows = json.loads(_RECORD.read_text(encoding="utf-8"))["requirements"]
    return {
        row["id"]: Requirement(
            id=row["id"],
            level=Level(row["level"].lower()),
            roles=tuple(row["roles"]),
            text=row["text"],
            intent=row["intent"],
            anchor=row["anchor"],
        )
        for row in rows
    }


def requirement(name: str) -> Requirement:
    """The requirement of this ID.

    Raises:
        UnknownNameError: There is none.
    """
    try:
        return requirements()[name]
    except KeyError:
        raise UnknownNameError(
            f"there is no requirement {name}",
            hint="`lambda-debug-conformance list --requirements` prints all of them.",
        ) from None
