from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from jsonschema import Draft202012Validator

from ldp_conformance.errors import SuiteFault, UnknownNameError
from ldp_conformance.requirements import requirements
from ldp_conformance.vectors.catalogue import (
    CHAPTERS,
    FOLDER,
    SCHEMA,
    Vector,
    chapter,
    retired,
    vector_named,
    vectors,
)
from ldp_conformance.vectors.filling import Surroundings, body_of
from ldp_schemas.judge import judge

if TYPE_CHECKING:
    from pathlib import Path

ALL = [vector for name in CHAPTERS for vector in chapter(name)]
BODIES = [vector for vector in ALL if vector.kind != "error"]
MODAL = re.compile(r"\b(must|should|shall|may not|will|test that|ought)\b", re.IGNORECASE)
HEARD = {"answered", "handed-over", "ran"}
BAD = {"refused", "dropped", "bad", "survived", "answered-v0"}
#: Valid, and turned down for what a message alone does not tell: time, trust, queue or bucket.
VALID_BUT_TURNED_DOWN = {"SES-2", "SEC-2", "ENV-10", "PAY-14", "PAY-15", "ERR-11", "ENV-2"}
#: What a sender may not send, and a receiver takes in all the same.
INVALID_BUT_HEARD = {"ENV-12", "PAY-4"}


def _around() -> Surroundings:
    names = {
        "requestId": str(uuid4()),
        "awsRequestId": str(uuid4()),
        "uuid": str(uuid4()),
        "nonce": "n-1",
        "account": "123456789012",
        "endpoint": "http://127.0.0.1:4566",
        "replyQueue": "LAMBDA_PROXY_RESP",
        "requestQueue": "LAMBDA_PROXY_REQ",
        "replyTo": "http://127.0.0.1:4566/123456789012/LAMBDA_PROXY_RESP",
        "bucket": "debug-payloads",
        "prefix": "ldp",
    }
    return Surroundings(1_718_071_341_001, names)


def _ids(vector: Vector) -> str:
    return vector.id


def test_ids_are_unique_and_none_is_a_retired_one() -> None:
    """No two vectors share an ID, and none has one that was given up."""
    ids = [vector.id for vector in ALL]

    assert len(set(ids)) == len(ids)
    assert not set(ids) & set(retired())
    assert len(ids) >= 120


def test_ids_follow_one_another() -> None:
    """The IDs of a chapter and the retired ones together have no gap."""
    for name in CHAPTERS:
        own = [vector.id for vector in chapter(name)]
        prefix = own[0].rpartition("-")[0]
        every = sorted(own + [each for each in retired() if each.rpartition("-")[0] == prefix])

        assert every == [f"{prefix}-{number:04d}" for number in range(1, len(every) + 1)]
        assert own == sorted(own)


def test_facts_are_unique() -> None:
    """No two vectors state the same."""
    facts = [vector.fact for vector in ALL]

    assert sorted({fact for fact in facts if facts.count(fact) > 1}) == []


@pytest.mark.parametrize("vector", ALL, ids=_ids)
def test_facts_state_and_do_not_demand(vector: Vector) -> None:
    """A fact is in the present tense, without modal verbs."""
    assert MODAL.search(vector.fact) is None


@pytest.mark.parametrize("vector", ALL, ids=_ids)
def test_every_requirement_exists(vector: Vector) -> None:
    """A vector shows requirements that the specification has."""
    assert set(vector.requirements) <= set(requirements())


@pytest.mark.parametrize("vector", BODIES, ids=_ids)
def test_the_schemas_agree_on_what_is_valid(vector: Vector) -> None:
    """A body is valid exactly where its vector says so."""
    found = judge(body_of(vector, _around()))

    assert (not found) == vector.is_valid, found


@pytest.mark.parametrize("vector", BODIES, ids=_ids)
def test_what_is_valid_is_run(vector: Vector) -> None:
    """Valid bodies are run and others are not, but for exceptions with a requirement."""
    exceptions = VALID_BUT_TURNED_DOWN if vector.is_valid else INVALID_BUT_HEARD
    expected = HEARD if vector.is_valid else BAD

    assert vector.outcome in expected or exceptions & set(vector.requirements)


def test_every_member_of_the_schema_is_described() -> None:
    """Each property and definition of the vectors' schema says what it is."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)

    assert list(_undescribed(schema, "")) == []


def _undescribed(node: object, place: str) -> list[str]:
    if not isinstance(node, dict):
        return []
    found = []
    for name in ("properties", "$defs"):
        for member, schema in node.get(name, {}).items():
            if "description" not in schema and "$ref" not in schema:
                found.append(f"{place}/{member}")
            found += _undescribed(schema, f"{place}/{member}")
    return found + _undescribed(node.get("items"), place)


def test_every_file_is_a_chapter_or_told_of() -> None:
    """The folder holds chapters, what they stand on, and nothing that nobody reads."""
    names = {path.stem for path in FOLDER.glob("*.json")}

    assert names == {*CHAPTERS, "bases", "retired"}


def test_a_vector_is_found_by_its_id() -> None:
    """A vector is found by its ID, and an ID that is none is an error with a hint."""
    assert vector_named("V-ENV-0001") is vectors()["V-ENV-0001"]
    with pytest.raises(UnknownNameError, match="no vector V-NONE-1"):
        vector_named("V-NONE-1")


def test_a_chapter_that_is_not_as_the_schema_says_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that does not meet the schema is a fault of the suite, with the place."""
    monkeypatch.setattr("ldp_conformance.vectors.catalogue.FOLDER", tmp_path)
    (tmp_path / "wrong.json").write_text('{"about": "x", "vectors": [{"id": "V1"}]}')

    with pytest.raises(SuiteFault, match=r"vectors/wrong.json: vectors/0"):
        chapter("wrong")
