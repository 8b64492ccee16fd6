"""Dataclasses and schemas, written by different hands, are held together in both directions."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ldp_testing import envelopes as drawn
from ldp_testing.mutations import Mutation, one_field_mutations
from ldp_testing.wire_strategies import envelopes
from ldp_wire.codec import decode, encode
from ldp_wire.errors import RemoteProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_wire.envelopes import Envelope

ROOT = Path(__file__).resolve().parents[3]
REQUIREMENTS = {
    row["id"]
    for row in json.loads((ROOT / "spec/v1/requirements.json").read_text(encoding="utf-8"))[
        "requirements"
    ]
}


@cache
def _schema(kind: str) -> dict[str, Any]:
    path = ROOT / "schemas" / "v1" / "bundles" / f"{kind}.schema.json"
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


@cache
def _validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(_schema(kind))


def _is_valid(instance: object) -> bool:
    """The verdict of the schema of the kind that the instance names; unknown kinds have none."""
    kind = instance.get("kind") if isinstance(instance, dict) else None
    return kind in drawn.KINDS and _validator(str(kind)).is_valid(instance)


def _names(schema: object) -> Iterator[str]:
    """Every name of a member that a schema describes."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for inner in schema.values():
            yield from _names(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _names(inner)


def _sent_names(document: object) -> Iterator[str]:
    if isinstance(document, dict):
        yield from document
        for inner in document.values():
            yield from _sent_names(inner)


@given(envelopes())
def test_what_is_encoded_is_valid(envelope: Envelope) -> None:
    """Any envelope that the core writes is valid by its schema (ENV-7, ENV-10, ENV-13)."""
    assert _is_valid(json.loads(encode(envelope)))


@given(envelopes())
def test_only_described_members_are_sent(envelope: Envelope) -> None:
    """Neither reserved names nor anything of the environment is ever written (ENV-12, SEC-5)."""
    document = json.loads(encode(envelope))
    known = set(_names(_schema(document["kind"]))) - {"environment", "signature"}

    assert set(_sent_names(document)) <= known


@pytest.mark.parametrize("kind", drawn.KINDS)
@given(data=st.data())
def test_what_is_valid_is_decoded(kind: str, data: st.DataObject) -> None:
    """Any instance that a schema takes is read, and written again it is read as the same."""
    instance = data.draw(drawn.envelopes(kind))
    envelope = decode(json.dumps(instance))

    assert type(envelope).__name__.lower() == kind
    assert decode(encode(envelope)) == envelope


@pytest.mark.parametrize("kind", drawn.KINDS)
@settings(max_examples=150)
@given(data=st.data())
def test_codec_and_schema_refuse_the_same(kind: str, data: st.DataObject) -> None:
    """A valid instance with one thing changed is refused by codec and schema, or by neither."""
    mutation: Mutation = data.draw(drawn.envelopes(kind).flatmap(one_field_mutations))
    refusal = _refusal(mutation.instance)

    assert (refusal is None) == _is_valid(mutation.instance), refusal
    if refusal is not None:
        assert refusal.requirement in REQUIREMENTS
        assert _leads_somewhere(refusal.pointer, mutation.instance)


def _refusal(instance: object) -> RemoteProtocolError | None:
    try:
        decode(json.dumps(instance))
    except RemoteProtocolError as exc:
        return exc
    return None


def _leads_somewhere(pointer: str, instance: object) -> bool:
    for step in pointer.split("/")[1:]:
        if isinstance(instance, list):
            instance = instance[int(step)]
        elif isinstance(instance, dict) and step in instance:
            instance = instance[step]
        else:
            return False
    return True
