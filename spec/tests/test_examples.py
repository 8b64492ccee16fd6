"""Every JSON example in the prose is what its fence says that it is.

A fence's info string is `json`, then any of `envelope=<schema>` (valid under that schema),
`invalid=<keyword>` (refused by that keyword) and `elided` (not whole, so not parsed).
"""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from ldp_schemas import REGISTRY
from lint import ROOT
from pages import Fence, Page

ADDRESS = "https://lambda-debug-proxy.dev/schemas/v1/{}.schema.json"


PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "spec").rglob("*.md"))]
FENCES = {
    f"{path.relative_to(ROOT)}:{fence.line}": fence
    for path in PAGES
    for fence in Page.read(path).fences
    if fence.info.startswith("json")
}


def _complaint(fence: Fence) -> str | None:
    """What is wrong with an example, or None."""
    language, *words = fence.info.split()
    tags = dict(word.partition("=")[::2] for word in words)
    if language != "json" or not tags.keys() <= {"envelope", "invalid", "elided"}:
        return f"the info string is unknown: {fence.info}"
    if "elided" in tags:
        return None
    try:
        instance = json.loads(fence.body)
    except ValueError as error:
        return f"it is no JSON: {error}"
    if "envelope" not in tags:
        return None
    schema = REGISTRY.contents(ADDRESS.format(tags["envelope"]))
    errors = Draft202012Validator(schema, registry=REGISTRY).iter_errors(instance)
    keywords = {str(error.validator) for error in errors}
    expected = {tags["invalid"]} if "invalid" in tags else set()
    return None if keywords == expected else f"refused by {keywords}, not by {expected}"


@pytest.mark.parametrize("fence", FENCES.values(), ids=FENCES.keys())
def test_an_example_is_what_its_fence_says(fence: Fence) -> None:
    """An example in the prose is JSON, and valid or invalid as it is tagged."""
    assert _complaint(fence) is None


@pytest.mark.parametrize(
    ("info", "body", "complaint"),
    [
        ("json", "{", "it is no JSON"),
        ("json elided", "{…}", None),
        ("json envelope=payload", '{"encoding": "text", "data": ""}', None),
        ("json envelope=payload", '{"encoding": "text"}', "refused by {'required'}, not by set()"),
        ("json envelope=payload invalid=required", '{"encoding": "text"}', None),
        ("json envelope=payload invalid=enum", '{"encoding": "text"}', "refused by {'required'}"),
        (
            "json envelope=payload invalid=enum",
            '{"encoding": "text", "data": ""}',
            "refused by set()",
        ),
        ("json envelop=payload", "{}", "the info string is unknown"),
        ("jsonc", "{}", "the info string is unknown"),
    ],
)
def test_a_wrong_example_is_found(info: str, body: str, complaint: str | None) -> None:
    """An example that breaks its promise is reported, with how it does."""
    found = _complaint(Fence(info, 1, body, 3))

    assert found is None if complaint is None else found is not None and complaint in found
