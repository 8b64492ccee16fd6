from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ldp_conformance.outcomes import Blame, Outcome, Role
from ldp_conformance.reports.exclusions import exclusions
from ldp_conformance.reports.json_report import SCHEMA_ID, json_text, report, schema
from ldp_conformance.reports.standing import Standing
from ldp_conformance.reports.summary import fold
from ldp_conformance.reports.verdict import Judgement
from ldp_conformance.requirements import Level
from reports.sample_runs import crowded, empty, failing, finding, hostile, passing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ldp_conformance.events import Event

SCHEMA = schema()
VALIDATOR = Draft202012Validator(SCHEMA)
DEFINITIONS = SCHEMA["$defs"]


@pytest.mark.parametrize("make", [passing, failing, empty, hostile, crowded])
@pytest.mark.parametrize("left", [0, 1])
def test_every_report_is_as_the_schema_says(make: Callable[[], list[Event]], left: int) -> None:
    """The report of any run, whole or cut off, validates and is strict JSON."""
    events = make()
    text = json_text(fold(events[: len(events) - left], exclusions=exclusions()))

    VALIDATOR.validate(json.loads(text))
    assert text.isascii()
    assert json.dumps(json.loads(text), ensure_ascii=False).encode("utf-8")  # no lone surrogates


def _members(described: dict[str, Any], pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, inner in described.get("properties", {}).items():
        yield f"{pointer}/{name}", inner
    for name, inner in described.get("$defs", {}).items():
        yield from _members(inner, f"{pointer}/$defs/{name}")


def test_the_schema_keeps_the_house_rules() -> None:
    """It is a schema of 2020-12, open, and describes each member in a sentence with its unit."""
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"] == SCHEMA_ID
    for pointer, member in _members(SCHEMA):
        assert re.fullmatch(r"[A-Z].*\.", member["description"]), pointer
        assert not pointer.endswith("Ms") or "milliseconds" in member["description"], pointer
    objects = [each for each in [SCHEMA, *DEFINITIONS.values()] if "properties" in each]
    for each in objects:
        assert each["additionalProperties"] is True
        assert set(each["required"]) == set(each["properties"])


def test_the_schema_knows_the_words_of_the_code() -> None:
    """Its enumerations are those of the code, neither more nor fewer."""

    def words(definition: str, member: str) -> list[object]:
        found: list[object] = DEFINITIONS[definition]["properties"][member]["enum"]
        return found

    assert DEFINITIONS["outcome"]["enum"] == [each.value for each in Outcome]
    assert list(DEFINITIONS["counts"]["properties"]) == [each.value for each in Outcome]
    assert DEFINITIONS["level"]["enum"] == [each.value for each in Level]
    assert SCHEMA["properties"]["role"]["enum"] == [each.value for each in Role]
    assert words("finding", "blame") == [each.value for each in Blame]
    assert words("verdict", "exitStatus") == [each.value for each in Judgement]
    assert sorted(map(str, words("requirement", "standing"))) == sorted(s.value for s in Standing)


def test_a_failure_is_told_whole() -> None:
    """The finding, the vectors and the transcript of a check are all there."""
    told = report(fold(failing()))
    [echo] = [check for check in told["checks"] if check["id"] == "client.answer.echo"]
    [numbers] = [check for check in told["checks"] if check["id"] == "client.answer.numbers"]

    assert echo["outcome"] == "failed"
    assert echo["finding"]["sentence"] == finding().sentence
    assert echo["finding"]["differences"][0]["pointer"] == "/payload/data/n"
    assert echo["transcript"][1]["who"] == "port"
    assert [vector["outcome"] for vector in numbers["vectors"]] == ["passed"] + ["failed"] * 9
    assert told["verdict"]["conforms"] is False
    assert told["verdict"]["remarks"] == [
        "known-failing.toml names client.envelope.version, which passed"
    ]


@given(text=st.text(st.characters()))
def test_any_text_of_a_port_can_be_told(text: str) -> None:
    """No text that a port sends or writes makes a report that is no JSON."""
    told = json.dumps(report(fold(failing()))["checks"][0]["title"] + text)

    assert json.loads(told).endswith(text)
