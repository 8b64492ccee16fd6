"""The requirements that no check judges, each with the reason.

The list is `conformance/exclusions.toml`; an installed package carries a copy of it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ldp_conformance.errors import RecordError

_PACKAGED: Final = Path(__file__).parents[1] / "data" / "exclusions.toml"
_CHECKOUT: Final = Path(__file__).parents[3] / "exclusions.toml"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A requirement that no check judges.

    Attributes:
        id: The requirement's ID.
        kind: `not observable`, `not from outside`, `not built` or `harness gap`.
        reason: Why not, in a sentence.
    """

    id: str
    kind: str
    reason: str


def exclusions(path: Path | None = None) -> tuple[Exclusion, ...]:
    """The list of a file; of the suite's own for None.

    Raises:
        RecordError: It cannot be read, or an entry lacks something.
    """
    file = path or (_PACKAGED if _PACKAGED.is_file() else _CHECKOUT)
    try:
        rows = tomllib.loads(file.read_text(encoding="utf-8")).get("exclusion", [])
        return tuple(Exclusion(row["id"], row["kind"], row["reason"]) for row in rows)
    except (OSError, ValueError) as error:
        raise RecordError(f"{file}: {error}", hint="Is it a list of exclusions?") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise RecordError(
            f"{file} has an entry that is not whole", hint="Each needs id, kind and reason."
        ) from error
