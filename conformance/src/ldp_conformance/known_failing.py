"""The list of what a port is known to get wrong: each entry with a reason, and each still true.

An entry that passes is stale and fails the run, as does one that names no check; so the list can
only shrink by being right. Form: TOML, `[[known-failing]]` with `check`, `reason`, and where it
helps `fragment`, a part of the sentence that the failure has to have, and `issue`, its URL.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ldp_conformance.check import checks
from ldp_conformance.errors import KnownFailingError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MEMBERS: Final = {"check", "reason", "fragment", "issue"}
_MIN_REASON_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class KnownFailure:
    """One entry.

    Attributes:
        check: The ID of the check that fails.
        reason: Why that is so, and stays so for now.
        fragment: A part of the failure's sentence; empty for any failure.
        issue: URL of the issue about it; empty if there is none.
    """

    check: str
    reason: str
    fragment: str = ""
    issue: str = ""

    @property
    def told(self) -> str:
        """The reason, and where to read on."""
        return f"{self.reason} {self.issue}".rstrip()


def load(path: Path) -> Mapping[str, KnownFailure]:
    """Read a list: its entries by check.

    Raises:
        KnownFailingError: It cannot be read, or an entry is wrong.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise KnownFailingError(f"{path}: {exc.strerror}", hint="Name a file that exists.") from exc
    except ValueError as exc:
        raise KnownFailingError(f"{path}: {exc}", hint="Mend the file there.") from exc
    rows = raw.get("known-failing")
    if not isinstance(rows, list) or set(raw) != {"known-failing"}:
        raise KnownFailingError(
            f"{path}: needs tables [[known-failing]], and nothing else",
            hint='Write [[known-failing]], check = "…" and reason = "…".',
        )
    entries = [_entry(row, f"{path}: entry {number}") for number, row in enumerate(rows, 1)]
    found = {entry.check: entry for entry in entries}
    if len(found) < len(entries):
        raise KnownFailingError(f"{path}: names a check twice", hint="Keep one of the entries.")
    return found


def _entry(row: object, place: str) -> KnownFailure:
    if not isinstance(row, dict) or not all(isinstance(value, str) for value in row.values()):
        raise KnownFailingError(f"{place}: has a value that is no string", hint="Quote it.")
    if not {"check", "reason"} <= set(row) <= _MEMBERS:
        wrong = sorted(({"check", "reason"} - set(row)) | (set(row) - _MEMBERS))
        raise KnownFailingError(
            f"{place}: needs check and reason, may have fragment and issue, and nothing else",
            hint=f"Look at {', '.join(wrong)}.",
        )
    if row["check"] not in checks():
        raise KnownFailingError(
            f"{place}: there is no check {row['check']}",
            hint="`lambda-debug-conformance list` prints all of them.",
        )
    if len(row["reason"].split()) < _MIN_REASON_WORDS:
        raise KnownFailingError(
            f"{place}: {row['reason']!r} is no reason that one could judge",
            hint="Say in a sentence why the check fails and what has to happen.",
        )
    return KnownFailure(**row)
