"""The files that a client keeps, as far as they lie in the folder that it was given."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from ldp_conformance.cases.client_case import ClientCase

#: What the conformance handler writes, and what the suite writes for it.
_OF_THE_SUITE = {"runs.jsonl", "flags"}


def files_of_port(case: ClientCase) -> list[Path]:
    """Every file of the client's below its scratch folder."""
    scratch = case.port.scratch
    return [
        path
        for path in sorted(scratch.rglob("*"))
        if path.relative_to(scratch).parts[0] not in _OF_THE_SUITE and path.is_file()
    ]


def contents(case: ClientCase) -> dict[Path, bytes]:
    """What is in each file of the client's; one that is gone since it was listed is left out."""
    found = {}
    for path in files_of_port(case):
        with suppress(FileNotFoundError):
            found[path] = path.read_bytes()
    return found


def is_private(case: ClientCase, path: Path) -> bool:
    """Whether only its user can read a file: by its own mode, or by that of a folder above it."""
    if not path.stat().st_mode & 0o077:
        return True
    above = [folder for folder in path.parents if case.port.scratch in folder.parents]
    return any(not folder.stat().st_mode & 0o077 for folder in above)
