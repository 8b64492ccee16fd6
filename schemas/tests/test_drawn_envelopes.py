"""What is drawn as valid is valid, and all validators agree on what one change makes of it."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ldp_schemas._files import read
from ldp_schemas.accept import compiled
from ldp_schemas.explain import Explainer
from ldp_schemas.inline import inlined
from ldp_schemas.judge import judge
from ldp_schemas.scan import pointer_to
from ldp_testing.envelopes import KINDS, envelopes
from ldp_testing.mutations import Mutation, one_field_mutations

if TYPE_CHECKING:
    from ldp_schemas.accept import Predicate


@cache
def _bundle(kind: str) -> dict[str, Any]:
    return read(f"bundles/{kind}.schema.json")


@cache
def _by_jsonschema(kind: str) -> Draft202012Validator:
    return Draft202012Validator(_bundle(kind))


@cache
def _by_rust(kind: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(_bundle(kind))


@cache
def _compiled(kind: str) -> Predicate:
    return compiled(inlined(_bundle(kind)))


@cache
def _explainer(kind: str) -> Explainer:
    return Explainer(inlined(_bundle(kind)))


@cache
def _mutated(kind: str) -> st.SearchStrategy[Mutation]:
    return envelopes(kind).flatmap(one_field_mutations)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_a_drawn_envelope_is_valid(kind: str, data: st.DataObject) -> None:
    """An envelope that the strategies draw is valid, as text and as a value."""
    envelope = data.draw(envelopes(kind))

    assert _by_jsonschema(kind).is_valid(envelope)
    # A text of 1024 characters may have more bytes than a sender may send (ENV-28).
    assert all(finding.requirements == ("ENV-28",) for finding in judge(json.dumps(envelope)))


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_all_validators_agree_on_one_change(kind: str, data: st.DataObject) -> None:
    """One change gets the same verdict everywhere, and the faults that jsonschema finds."""
    instance = data.draw(_mutated(kind)).instance
    errors = list(_by_jsonschema(kind).iter_errors(instance))
    found = [finding.pointer for finding in _explainer(kind).findings(instance)]

    assert _by_rust(kind).is_valid(instance) == (not errors)
    assert _compiled(kind)(instance) == (not errors)
    assert sorted(found) == sorted(pointer_to(iter(error.absolute_path)) for error in errors)


def test_one_change_makes_most_envelopes_invalid() -> None:
    """The mutations break envelopes often enough to prove something."""
    verdicts: list[bool] = []

    @given(st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(st.just(kind), _mutated(kind))))
    def draw(drawn: tuple[str, Mutation]) -> None:
        kind, mutation = drawn
        verdicts.append(_by_jsonschema(kind).is_valid(mutation.instance))

    draw()

    assert verdicts.count(False) > len(verdicts) / 4
    assert verdicts.count(True) > 0
