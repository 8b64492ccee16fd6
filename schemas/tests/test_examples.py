"""The examples get the verdict that they promise, and from every validator the same."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator

from ldp_schemas import REGISTRY
from ldp_schemas.judge import judge

V1 = Path(__file__).parents[1] / "v1"
BASE = "https://lambda-debug-proxy.dev/schemas/v1/"
KINDS = ("request", "accepted", "declined", "response")
AJV = "8.20.0"


@dataclass(frozen=True)
class Example:
    """One file under examples/."""

    path: Path
    kind: str
    instance: Any
    description: str = ""
    keyword: str = ""
    pointer: str = ""


def _load(path: Path, kind: str, verdict: str) -> Example:
    content = json.loads(path.read_text(encoding="utf-8"))
    if verdict == "valid":
        return Example(path, kind, content)
    return Example(path, kind, **content)


def _all(verdict: str) -> list[Example]:
    return [
        _load(path, kind, verdict)
        for kind in KINDS
        for path in sorted((V1 / "examples" / kind / verdict).iterdir())
    ]


VALID = _all("valid")
INVALID = _all("invalid")
EXAMPLES = VALID + INVALID


def _name(example: Example) -> str:
    return f"{example.kind}/{example.path.stem}"


def _schemas(kind: str) -> list[str]:
    return [f"{BASE}{kind}.schema.json", f"{BASE}bundles/{kind}.schema.json"]


def _contents(uri: str) -> dict[str, Any]:
    contents = REGISTRY.contents(uri)
    assert isinstance(contents, dict)
    return contents


def _by_jsonschema(example: Example, schema: str) -> list[tuple[str, str]]:
    validator = Draft202012Validator(REGISTRY.contents(schema), registry=REGISTRY)
    return [
        (str(error.validator), "".join(f"/{step}" for step in error.absolute_path))
        for error in validator.iter_errors(example.instance)
    ]


@pytest.mark.parametrize("example", VALID, ids=_name)
def test_a_valid_example_is_valid_for_jsonschema(example: Example) -> None:
    """The library jsonschema takes a valid example, by the parts and by the bundle."""
    assert [_by_jsonschema(example, schema) for schema in _schemas(example.kind)] == [[], []]


@pytest.mark.parametrize("example", INVALID, ids=_name)
def test_an_invalid_example_fails_for_the_stated_reason_alone(example: Example) -> None:
    """The library jsonschema finds one fault: the keyword and pointer that an example names."""
    for schema in _schemas(example.kind):
        assert _by_jsonschema(example, schema) == [(example.keyword, example.pointer)]


@pytest.mark.parametrize("example", VALID, ids=_name)
def test_a_valid_example_is_a_message_that_a_sender_may_send(example: Example) -> None:
    """A valid example also keeps to the rules that no schema can state."""
    assert judge(example.path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("example", INVALID, ids=_name)
def test_the_command_names_the_pointer_of_an_invalid_example(example: Example) -> None:
    """The validator finds one fault in an invalid example, where its file says."""
    found = judge(json.dumps(example.instance), kind=example.kind)

    assert [finding.pointer for finding in found] == [example.pointer]
    assert all(finding.requirements for finding in found)


@pytest.mark.parametrize("kind", KINDS)
def test_rust_gives_the_same_verdicts(kind: str) -> None:
    """jsonschema-rs, with a regex engine without backtracking, agrees on every example."""
    registry = jsonschema_rs.Registry([(uri, _contents(uri)) for uri in REGISTRY])
    for schema in _schemas(kind):
        validator = jsonschema_rs.Draft202012Validator(
            _contents(schema),
            registry=registry,
            pattern_options=jsonschema_rs.RegexOptions(),
        )
        wrong = [
            _name(example)
            for example in EXAMPLES
            if example.kind == kind
            and validator.is_valid(example.instance) == bool(example.keyword)
        ]

        assert wrong == []


def _installed_ajv() -> Path:
    """Install ajv once, outside the repository."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "lambda-debug-proxy" / f"ajv-{AJV}"
    if not (folder / "node_modules" / "ajv").is_dir():
        command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund"]
        command += ["--ignore-scripts", "--prefix", str(folder), f"ajv@{AJV}"]
        folder.mkdir(parents=True, exist_ok=True)
        installed = subprocess.run(command, check=False, capture_output=True, text=True)
        if installed.returncode:
            pytest.fail(f"npm could not install ajv: {installed.stderr.strip()[-200:]}")
    return folder / "node_modules"


@pytest.mark.languages
def test_ajv_gives_the_same_verdicts() -> None:
    """ajv, in strict mode, takes what is valid and finds what an invalid example names."""
    cases = [
        {"schema": schema, "instance": example.instance}
        for example in EXAMPLES
        for schema in _schemas(example.kind)
    ]
    schemas = [REGISTRY.contents(uri) for uri in sorted(REGISTRY)]
    judged = subprocess.run(
        ["node", str(Path(__file__).with_name("ajv_verdicts.cjs"))],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        input=json.dumps({"schemas": schemas, "cases": cases}),
        env={**os.environ, "NODE_PATH": str(_installed_ajv())},
    )
    examples = [example for example in EXAMPLES for _ in _schemas(example.kind)]

    assert judged.stderr == ""
    for example, found in zip(examples, json.loads(judged.stdout), strict=True):
        if example.keyword:
            assert f"{example.keyword} {example.pointer}" in found, _name(example)
        else:
            assert found == [], _name(example)


def test_descriptions_are_unique_and_state_a_fact() -> None:
    """Each invalid example is described once, in the present tense, in at most 90 characters."""
    descriptions = [example.description for example in INVALID]

    assert len(set(descriptions)) == len(descriptions)
    for description in descriptions:
        assert len(description) <= 90
        assert re.fullmatch(r"[A-Z].*\.", description)
        assert not re.search(r"\b(should|must|will|test that)\b", description)


def test_names_of_examples_are_kebab_case() -> None:
    """An example's file is named in lower-case words joined by hyphens."""
    for example in EXAMPLES:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*\.json", example.path.name)


def test_both_verdicts_are_shown_for_every_kind() -> None:
    """Each kind has valid and invalid examples."""
    for examples in (VALID, INVALID):
        assert {example.kind for example in examples} == set(KINDS)
