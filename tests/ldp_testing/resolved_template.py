"""The template as CloudFormation resolves it for some parameters, without CloudFormation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ldp_account.template import packaged_template
from ldp_testing.iam_actions import permissions
from ldp_testing.ministack import ACCOUNT
from ldp_testing.moto_server import REGION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_testing.iam_actions import Permission

_NOTHING: Final = object()
_PSEUDO: Final = {
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::NoValue": _NOTHING,
}


class ResolvedTemplate:
    """The packaged template, for one set of parameters.

    Args:
        given: The parameters that have not their defaults.
        physical: What a reference to a resource gives: the URLs of queues, the bucket's name.
    """

    def __init__(self, given: Mapping[str, str], physical: Mapping[str, str]) -> None:
        template = packaged_template()
        self.parameters = template.parameters(given)
        self._document = template.document
        self._conditions = template.conditions(self.parameters)
        self._references: dict[str, object] = {**_PSEUDO, **self.parameters, **physical}

    def properties(self, resource: str) -> dict[str, Any]:
        """The properties of a resource."""
        resolved: dict[str, Any] = self._resolve(self._document["Resources"][resource])
        properties: dict[str, Any] = resolved["Properties"]
        return properties

    def variables(self) -> dict[str, str]:
        """The function's variables."""
        return dict(self.properties("Function")["Environment"]["Variables"])

    def allowed_to_proxy(self) -> set[Permission]:
        """What the function's role may do."""
        [policy] = self.properties("Role")["Policies"]
        return permissions(policy["PolicyDocument"])

    def allowed_to_developer(self) -> set[Permission]:
        """What the developer's policy allows."""
        return permissions(self.properties("DeveloperPolicy")["PolicyDocument"])

    def arn(self, queue: str) -> str:
        """The ARN of a queue."""
        name = str(self._references.get(queue, queue)).rpartition("/")[2]
        return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"

    def _resolve(self, node: Any) -> Any:
        match node:
            case {"Fn::If": [name, yes, no]}:
                found = self._resolve(yes if self._conditions[name] else no)
            case {"Ref": name}:
                found = self._references.get(name, name)
            case {"Fn::GetAtt": [name, "Arn"]}:
                found = self.arn(name)
            case {"Fn::Sub": text}:
                found = self._substitute(text)
            case dict():
                items = {key: self._resolve(value) for key, value in node.items()}
                found = {key: value for key, value in items.items() if value is not _NOTHING}
            case list():
                found = [value for part in node if (value := self._resolve(part)) is not _NOTHING]
            case _:
                found = node
        return found

    def _substitute(self, text: str) -> str:
        return re.sub(r"\$\{([^}]+)\}", lambda found: str(self._references[found[1]]), text)
