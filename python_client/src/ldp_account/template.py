"""The CloudFormation template, and what can be said of it without asking AWS.

Which resources some parameters bring, and whether they go together, follows from the template's
own conditions and rules: they are evaluated here, so that a plan is made, and a mistake found,
before anything is called, and nothing is written down twice.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import yaml  # type: ignore[import-untyped] # publishes no types

from ldp_account.errors import BadOption

if TYPE_CHECKING:
    from collections.abc import Mapping

_NO_VALUE: Final = {"Ref": "AWS::NoValue"}
_LONG_NAMES: Final = {"Ref": "Ref", "Condition": "Condition"}


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # it publishes no types
    """Reads the short forms of CloudFormation's functions, such as `!Ref`, as their long ones."""


def _function(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if name == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {_LONG_NAMES.get(name, f"Fn::{name}"): value}


_Loader.add_multi_constructor("!", _function)


@dataclass(frozen=True, slots=True)
class Template:
    """A template.

    Attributes:
        text: As it is packaged, YAML.
        document: The same as data, with long forms only.
    """

    text: str
    document: Mapping[str, Any]

    def json(self) -> str:
        """The same as JSON."""
        return json.dumps(self.document, indent=2) + "\n"

    def parameters(self, given: Mapping[str, str]) -> dict[str, str]:
        """All parameters: those that are given, and the defaults of the others.

        Raises:
            BadOption: A value is none that the template takes, or two do not go together.
        """
        values = self.completed(given)
        for name, value in values.items():
            _check(name, value, self.document["Parameters"][name])
        for rule in self.document["Rules"].values():
            self._obey(rule, values)
        return values

    def completed(self, given: Mapping[str, str]) -> dict[str, str]:
        """The same without a look at the values, as for a stack that an older template made."""
        declared = self.document["Parameters"]
        return {name: given.get(name, str(entry["Default"])) for name, entry in declared.items()}

    def resources(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """The resources that these parameters bring: logical names, and types."""
        return {
            name: entry["Type"]
            for name, entry in self.document["Resources"].items()
            if "Condition" not in entry
            or self._holds({"Condition": entry["Condition"]}, parameters)
        }

    def conditions(self, parameters: Mapping[str, str]) -> dict[str, bool]:
        """Which of the template's conditions these parameters fulfil."""
        return {
            name: self._holds({"Condition": name}, parameters)
            for name in self.document["Conditions"]
        }

    def properties(self, resource: str) -> Mapping[str, Any]:
        """What the template says of a resource, with functions that are not yet evaluated."""
        found: Mapping[str, Any] = self.document["Resources"][resource]["Properties"]
        return found

    def chosen(self, value: Any, parameters: Mapping[str, str]) -> Any:
        """A value of `properties`, with each `Fn::If` decided by these parameters."""
        if isinstance(value, list):
            found = [self.chosen(part, parameters) for part in value]
            return [part for part in found if part != _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if set(value) == {"Fn::If"}:
            condition, yes, no = value["Fn::If"]
            holds = self._holds({"Condition": condition}, parameters)
            return self.chosen(yes if holds else no, parameters)
        return {key: self.chosen(part, parameters) for key, part in value.items()}

    def _obey(self, rule: Mapping[str, Any], parameters: Mapping[str, str]) -> None:
        if self._holds(rule["RuleCondition"], parameters):
            for assertion in rule["Assertions"]:
                if not self._holds(assertion["Assert"], parameters):
                    raise BadOption(assertion["AssertDescription"])

    def _holds(self, condition: Mapping[str, Any], parameters: Mapping[str, str]) -> bool:
        ((function, of),) = condition.items()
        if function == "Condition":
            return self._holds(self.document["Conditions"][of], parameters)
        if function == "Fn::Equals":
            left, right = (_text(operand, parameters) for operand in of)
            return left == right
        parts = [self._holds(part, parameters) for part in of]
        return {"Fn::And": all(parts), "Fn::Or": any(parts), "Fn::Not": not parts[0]}[function]


def _text(operand: Any, parameters: Mapping[str, str]) -> str:
    """What is compared in a condition: a text, a parameter, or a piece of one."""
    match operand:
        case {"Ref": name}:
            return parameters[name]
        case {"Fn::Select": [index, {"Fn::Split": [by, of]}]}:
            return _text(of, parameters).split(by)[int(index)]
    return str(operand)


@cache
def packaged_template() -> Template:
    """The template that this distribution has."""
    text = (files("ldp_account") / "template.yaml").read_text("utf-8")
    return Template(text, yaml.load(text, _Loader))  # noqa: S506 - a SafeLoader


def _check(name: str, value: str, declared: Mapping[str, Any]) -> None:
    """Hold a value against what the template declares of it, as CloudFormation will.

    Raises:
        BadOption: It does not fit.
    """
    allowed = [str(choice) for choice in declared.get("AllowedValues", ())]
    if allowed and value not in allowed:
        raise BadOption(f"{name} is {value!r}; it has to be one of {', '.join(allowed)}.")
    pattern = declared.get("AllowedPattern")
    if pattern is not None and not re.fullmatch(pattern, value):
        raise BadOption(f"{name} is {value!r}, which does not match {pattern}.")
    if declared["Type"] == "Number":
        least, most = declared.get("MinValue", 0), declared.get("MaxValue", float("inf"))
        if not value.isdecimal() or not least <= int(value) <= most:
            raise BadOption(f"{name} is {value!r}, not a whole number from {least} to {most}.")
