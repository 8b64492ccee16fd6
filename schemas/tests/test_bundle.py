from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from ldp_schemas import _files, bundle
from ldp_schemas.accept import compiled
from ldp_schemas.errors import PartsError
from ldp_schemas.inline import inlined

V1 = Path(__file__).parents[1] / "v1"


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a copy of the schemas that may be changed."""
    folder = tmp_path / "v1"
    shutil.copytree(V1, folder, ignore=shutil.ignore_patterns("examples"))
    monkeypatch.setattr(_files, "_PACKAGED", folder)
    return folder


@pytest.mark.parametrize("kind", _files.KINDS)
def test_a_bundle_is_what_its_parts_make(kind: str) -> None:
    """A committed bundle is fresh, a valid schema, and refers to nothing outside itself."""
    text = (V1 / "bundles" / f"{kind}.schema.json").read_text(encoding="utf-8")

    assert text == bundle.text(kind)
    Draft202012Validator.check_schema(json.loads(text))
    assert text.count('"$ref"') == text.count('"$ref": "#/$defs/')
    assert text.count('"$id"') == 1


def test_fresh_bundles_pass_the_check() -> None:
    """The check says nothing of bundles that are what their parts make."""
    command = [sys.executable, "-m", "ldp_schemas.bundle", "--check"]
    checked = subprocess.run(command, check=False, capture_output=True)

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_a_stale_bundle_is_named_and_not_touched(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The check names a stale or missing bundle and its remedy, and writes nothing."""
    (copied / "bundles" / "request.schema.json").write_text("{}", encoding="utf-8")
    (copied / "bundles" / "declined.schema.json").unlink()

    assert bundle.main(["--check"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "request.schema.json is stale: run python -m ldp_schemas.bundle",
        "declined.schema.json is stale: run python -m ldp_schemas.bundle",
    ]
    assert (copied / "bundles" / "request.schema.json").read_text("utf-8") == "{}"


def test_bundles_are_written_anew(copied: Path) -> None:
    """Without the check, every bundle is made again."""
    shutil.rmtree(copied / "bundles")

    assert bundle.main([]) == 0
    assert bundle.main(["--check"]) == 0


def test_two_parts_of_one_name_are_refused(copied: Path) -> None:
    """A bundle cannot hold two different definitions of the same name."""
    part = json.loads((copied / "client.schema.json").read_text("utf-8"))
    part["properties"]["other"] = {"$ref": "#/$defs/identifier"}
    part["$defs"] = {"identifier": {"type": "string"}}
    (copied / "client.schema.json").write_text(json.dumps(part), encoding="utf-8")

    with pytest.raises(PartsError, match="identifier"):
        bundle.bundle("accepted")


def test_a_definition_may_refer_to_itself(copied: Path) -> None:
    """A circle of references is bundled once, not for ever."""
    part = json.loads((copied / "client.schema.json").read_text("utf-8"))
    part["properties"]["parent"] = {"$ref": "client.schema.json"}
    (copied / "client.schema.json").write_text(json.dumps(part), encoding="utf-8")

    made = bundle.bundle("accepted")

    assert made["$defs"]["client"]["properties"]["parent"] == {"$ref": "#/$defs/client"}


def test_a_reference_and_its_definition_may_not_disagree() -> None:
    """Inlining refuses a keyword that the reference and the definition both state."""
    schema = {"$ref": "#/$defs/a", "maxLength": 3, "$defs": {"a": {"maxLength": 4}}}

    with pytest.raises(PartsError, match="maxLength"):
        inlined(schema)


@pytest.mark.parametrize("schema", [{"minProperties": 1}, {"additionalProperties": False}])
def test_a_keyword_that_cannot_be_compiled_is_refused(schema: dict[str, object]) -> None:
    """A schema is never compiled into something that passes over a keyword."""
    with pytest.raises(PartsError):
        compiled(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"const": True},
        {"const": {"a": [1, {"b": None}]}},
        {"enum": [0, "0", False, [0]]},
        {"uniqueItems": True},
        {"uniqueItems": False},
        {"items": {"type": "integer"}, "maxItems": 2},
        {"properties": {"a": {"type": "integer"}, "b": {"type": "boolean"}}},
        {"contains": {"const": 1}},
        {"type": "object", "additionalProperties": True, "required": ["a"]},
        {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
        {"not": {"type": "string", "pattern": "\\n"}},
        {"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"required": ["c"]}},
        {"if": {"required": ["a"]}},
        {"minimum": 1, "maximum": 1},
        {"minLength": 1, "maxLength": 1},
        {},
    ],
)
def test_a_compiled_keyword_means_what_it_means_to_jsonschema(schema: dict[str, object]) -> None:
    """Each keyword gives the same verdict as in jsonschema on values of every type."""
    values = [
        None, True, False, 0, 1, 1.0, 0.5, 2, -1, "", "a", "ab", "0", "a\n", [], [0], [1], [1, 1],
        [1, 1.0], [1, True], [0, False], [[1], [1.0]], [{"a": 1}, {"a": 1.0}], [1, 2, 3], {},
        {"a": 1}, {"b": 1}, {"a": 1, "b": 2}, {"c": 1}, {"a": [1, {"b": None}]},
        {"a": [1.0, {"b": None}]}, {"a": [True, {"b": None}]},
    ]  # fmt: skip
    accepts, validator = compiled(schema), Draft202012Validator(schema)

    assert [accepts(value) for value in values] == [validator.is_valid(value) for value in values]
