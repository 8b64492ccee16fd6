"""Which wording of each requirement its checks were written for, or last looked at again.

A clause that is written anew may ask for something else, which no check would notice. So the
repository records a digest of each clause, and whoever changes one acknowledges it after a look.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Final

from ldp_conformance.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ldp_conformance.reports.traceability import Trace

_HEAD: Final = """\
# The digest of each requirement's clause as its checks were last looked at. After a clause changed,
# look at its checks, then run: python conformance/tools/traceability.py --acknowledge ID

[acknowledged]
"""


def acknowledged(path: Path) -> dict[str, str]:
    """The recorded digests by the requirements' IDs; none if there is no file.

    Raises:
        RecordError: The file is no such record.
    """
    if not path.exists():
        return {}
    try:
        record = tomllib.loads(path.read_text(encoding="utf-8"))["acknowledged"]
        if all(isinstance(digest, str) for digest in record.values()):
            return dict(record)
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise RecordError(f"{path}: {error}", hint="Write it anew with --acknowledge.") from error
    raise RecordError(f"{path} holds what is no digest", hint="Write it anew with --acknowledge.")


def unacknowledged(traced: Trace, record: Mapping[str, str]) -> list[str]:
    """A sentence for each clause that nobody has looked at as it is now."""
    known = {row.requirement.id for row in traced.rows}
    told = []
    for row in traced.rows:
        each = row.requirement
        if each.id not in record:
            told.append(f"{each.id} is new: write its checks, then acknowledge it")
        elif record[each.id] != each.digest:
            looked = ", ".join(check.id for check in row.checks) or "its exclusion"
            told.append(f"{each.id} was written anew: look at {looked}, then acknowledge it")
    told += [f"{name} is acknowledged, but no requirement" for name in record if name not in known]
    return told


def written(traced: Trace, record: Mapping[str, str], names: Iterable[str] | None) -> str:
    """The record with clauses acknowledged as they are now, as the text of its file.

    Args:
        traced: The requirements.
        record: What is acknowledged already.
        names: The requirements to acknowledge; None for all.

    Raises:
        RecordError: A name is no requirement.
    """
    digests = {row.requirement.id: row.requirement.digest for row in traced.rows}
    wanted = set(digests if names is None else names)
    unknown = sorted(wanted - set(digests))
    if unknown:
        raise RecordError(f"{', '.join(unknown)} is no requirement", hint="Is the ID right?")
    kept = {**record, **{name: digests[name] for name in wanted}}
    return _HEAD + "".join(f'{name} = "{kept[name]}"\n' for name in digests if name in kept)
