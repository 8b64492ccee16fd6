from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

import ldp_account
from ldp_account.errors import BadOption
from ldp_account.template import packaged_template
from ldp_client.cli import execute

TEMPLATE = packaged_template()
FILE = Path(ldp_account.__file__).with_name("template.yaml")
FALLBACK = {
    "Reply": "dedicated",
    "StartWithinS": "3",
    "WhenAbsent": "fallback",
    "FallbackFunction": "orders:7",
}
VARIANTS = [
    {"Mode": mode, "PayloadBucket": bucket, "CodeBucket": code, "CodeKey": "key", **more}
    for mode, bucket, code, more in itertools.product(
        ("wait", "notify"), ("yes", "no"), ("", "elsewhere"), ({}, {"Reply": "dedicated"}, FALLBACK)
    )
    if mode == "wait" or not more
] + [{}, {**FALLBACK, "FunctionName": "orders", "CodeKey": "key"}]


def test_the_template_is_linted() -> None:
    """cfn-lint finds nothing to say against the template, in no combination of conditions."""
    done = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), FILE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_variants_see_each_condition_both_ways() -> None:
    """Among the variants that are tried, each condition holds and does not."""
    seen: dict[str, set[bool]] = {}
    for given in VARIANTS:
        for name, holds in TEMPLATE.conditions(TEMPLATE.parameters(given)).items():
            seen.setdefault(name, set()).add(holds)

    assert seen.keys() == TEMPLATE.document["Conditions"].keys()
    assert all(both == {True, False} for both in seen.values())


@pytest.mark.parametrize("given", VARIANTS, ids=lambda given: "-".join(given.values()) or "bare")
def test_nothing_refers_to_what_is_left_out(given: dict[str, str]) -> None:
    """In each variant, whatever is made refers only to what is made too."""
    parameters = TEMPLATE.parameters(given)
    conditions, resources = TEMPLATE.conditions(parameters), TEMPLATE.resources(parameters)
    known = resources.keys() | parameters.keys()
    document = TEMPLATE.document
    made = [document["Resources"][name] for name in resources]
    told = [o for o in document["Outputs"].values() if conditions.get(o.get("Condition"), True)]

    references = {name for part in made + told for name in _references(part, conditions)}
    assert {name for name in references if "::" not in name} - known == set()


def _references(part: object, conditions: dict[str, bool]) -> set[str]:
    """What a part of the template refers to, once its conditions are decided."""
    within: list[object] = []
    match part:
        case {"Fn::If": [name, yes, no]}:
            within = [yes if conditions[str(name)] else no]
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            return {name}
        case {"Fn::Sub": str(text)}:
            return {piece.partition("}")[0] for piece in text.split("${")[1:]}
        case dict():
            within = list(part.values())
        case list():
            within = part
    return {name for inner in within for name in _references(inner, conditions)}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"Mode": "sometimes"}, "Mode is 'sometimes'; it has to be one of wait, notify."),
        ({"TimeoutS": "901"}, "TimeoutS is '901', not a whole number from 3 to 900."),
        ({"FunctionName": "a b"}, "FunctionName is 'a b'"),
        ({"Reply": "dedicated", "Mode": "notify"}, "Reply dedicated has no effect"),
        ({"StartWithinS": "3", "Mode": "notify"}, "StartWithinS has no effect"),
        ({"WhenAbsent": "fallback"}, "WhenAbsent fallback needs StartWithinS."),
        ({**FALLBACK, "Reply": "shared"}, "WhenAbsent fallback needs Reply dedicated."),
        ({**FALLBACK, "FallbackFunction": ""}, "WhenAbsent fallback needs FallbackFunction."),
        ({"FallbackFunction": "orders:7"}, "FallbackFunction has no effect without"),
        ({"CodeBucket": "elsewhere"}, "CodeBucket needs CodeKey."),
    ],
)
def test_parameters_that_do_not_go_together_are_refused(given: dict[str, str], said: str) -> None:
    """A wrong value, and what has no effect without another, is said before anything is called."""
    with pytest.raises(BadOption) as caught:
        TEMPLATE.parameters(given)

    assert said in str(caught.value)


def test_the_template_is_printed_in_two_forms(capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints the packaged file, and the same as JSON."""
    assert execute(lambda: None, ["template"]) == 0
    assert capsys.readouterr().out == FILE.read_text("utf-8")

    assert execute(lambda: None, ["template", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == TEMPLATE.document


def test_the_template_can_be_given_inline() -> None:
    """The template is shorter than what CloudFormation takes without a bucket."""
    assert len(TEMPLATE.text.encode()) < 51_200
