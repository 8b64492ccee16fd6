"""Judges one message: its text, its schema, and what its values decode to.

A message that meets its schema is never shown to jsonschema; that is what makes thousands of
messages a matter of a second.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ldp_schemas import content, written
from ldp_schemas._files import KINDS, read
from ldp_schemas.accept import compiled
from ldp_schemas.errors import NotJsonError
from ldp_schemas.explain import Explainer
from ldp_schemas.findings import Finding
from ldp_schemas.inline import inlined
from ldp_schemas.words import name_of_type, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class _Kind:
    """What one kind of envelope has to be."""

    def __init__(self, kind: str) -> None:
        schema = inlined(read(f"bundles/{kind}.schema.json"))
        self._accepts = compiled(schema)
        self._explainer = Explainer(schema)

    def findings(self, envelope: object) -> Iterator[Finding]:
        if not self._accepts(envelope):
            yield from self._explainer.findings(envelope)


_kind = cache(_Kind)


def judge(text: str, *, kind: str | None = None, attribute_bytes: int = 0) -> list[Finding]:
    """Find everything that is wrong with a message.

    Args:
        text: The message's body.
        kind: The kind that the envelope has to be of; by default what it says itself.
        attribute_bytes: Size of the message's attributes, which count towards its size.
    """
    found = list(written.size(text, attribute_bytes))
    try:
        parsed = written.parse(text)
    except NotJsonError as error:
        return [*found, *written.characters(text, is_json=False), error.finding]
    found += written.characters(text, is_json=True)
    meaning: list[Finding] = []
    if parsed.is_suspicious:
        found += written.names(text)
        meaning += written.numbers(text)
    try:
        _add(meaning, _schema(parsed.value, kind))
    except RecursionError:
        meaning.append(Finding("", "is nested too deeply to be judged", ("ENV-1",)))
    if isinstance(parsed.value, dict):
        _add(meaning, content.findings(parsed.value))
    return found + meaning


def _add(found: list[Finding], more: Iterable[Finding]) -> None:
    """Add what is wrong at other places: one fault is reported once, by its first cause."""
    known = {finding.pointer for finding in found}
    found += [finding for finding in more if finding.pointer not in known]


def _schema(envelope: object, kind: str | None) -> Iterator[Finding]:
    if kind is not None:
        yield from _kind(kind).findings(envelope)
    elif not isinstance(envelope, dict):
        yield Finding("", f"is {name_of_type(envelope)}, not an object", ("ENV-1",))
    elif "kind" not in envelope:
        yield Finding("", 'has no member "kind"', ("ENV-10",))
    elif envelope["kind"] not in KINDS:
        allowed = ", ".join(map(shown, KINDS))
        yield Finding("/kind", f"is {shown(envelope['kind'])}, none of {allowed}", ("ENV-10",))
    else:
        yield from _kind(envelope["kind"]).findings(envelope)
