"""The template's own statements and variables, for a function that is not the stack's.

What the proxy needs to be told and allowed is written down once, in the template. Here its two
properties that say so are resolved for another function, as CloudFormation would resolve them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ldp_account.attachments.errors import StackUnfit
from ldp_account.template import packaged_template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_account.stacks import Stack

_NOTHING: Final = object()
FALLBACK_VARIABLE: Final = "LAMBDA_PROXY_FALLBACK_FUNCTION"
_QUEUES: Final = {"RequestQueue": "RequestQueueUrl", "ResponseQueue": "ResponseQueueUrl"}


@dataclass(frozen=True, slots=True)
class Rendering:
    """What the proxy is told and allowed in the place of a function.

    Args:
        stack: The stack whose queues and bucket it uses.
        arn: The function's ARN, without a version.
        parameters: All parameters of the template, for this function.
    """

    stack: Stack
    arn: str
    parameters: Mapping[str, str]

    def variables(self) -> dict[str, str]:
        """The function's variables."""
        function = packaged_template().document["Resources"]["Function"]["Properties"]
        return dict(self._resolved(function["Environment"]["Variables"]))

    def statements(self) -> list[dict[str, Any]]:
        """The statements of its role."""
        [policy] = packaged_template().document["Resources"]["Role"]["Properties"]["Policies"]
        return list(self._resolved(policy["PolicyDocument"]["Statement"]))

    def holds(self, condition: str) -> bool:
        """Whether a condition of the template is fulfilled."""
        return packaged_template().conditions(self.parameters)[condition]

    def _resolved(self, node: Any) -> Any:  # noqa: PLR0911 - one for each of the functions
        match node:
            case {"Fn::If": [name, yes, no]}:
                return self._resolved(yes if self.holds(name) else no)
            case {"Ref": name}:
                return self._reference(name)
            case {"Fn::GetAtt": [name, "Arn"]}:
                account, queue = self._reference(name).split("/")[-2:]
                return ":".join((*self.arn.split(":")[:2], "sqs", self._region, account, queue))
            case {"Fn::Sub": [text, more]}:
                return self._substituted(text, self._resolved(more))
            case {"Fn::Sub": text}:
                return self._substituted(text, {})
            case {"Fn::Select": [index, {"Fn::Split": [mark, text]}]}:
                return self._resolved(text).split(mark)[index]
            case dict():
                pairs = ((key, self._resolved(value)) for key, value in node.items())
                return {key: value for key, value in pairs if value is not _NOTHING}
            case list():
                return [v for part in node if (v := self._resolved(part)) is not _NOTHING]
        return node

    @property
    def _region(self) -> str:
        return self.arn.split(":")[3]

    def _substituted(self, text: str, more: Mapping[str, str]) -> str:
        return re.sub(r"\$\{([^}]+)\}", lambda m: more.get(m[1]) or self._reference(m[1]), text)

    def _reference(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NOTHING
        _, partition, _, region, account = self.arn.split(":")[:5]
        pseudo = {"Region": region, "AccountId": account, "Partition": partition}
        if name.startswith("AWS::"):
            return pseudo[name.removeprefix("AWS::")]
        if name in self.parameters:
            return self.parameters[name]
        output = _QUEUES.get(name, "BucketName")
        if output not in self.stack.outputs:
            raise StackUnfit(self.stack.name, f"has no {output}", "Deploy it again, and wait.")
        return self.stack.outputs[output]


def rendering(
    stack: Stack, name: str, arn: str, start_within_s: str, fallback: str | None
) -> Rendering:
    """What the proxy is told and allowed in the place of a function.

    Args:
        stack: The stack whose queues and bucket it uses.
        name: The function's name.
        arn: Its ARN.
        start_within_s: What overrides the stack's; "" for nothing.
        fallback: The version that answers where nobody is, as in `orders:7`; None for an error.

    Raises:
        BadOption: That does not go with the stack's parameters.
    """
    template = packaged_template()
    own = template.completed(stack.parameters)
    own |= {"FunctionName": name, "WhenAbsent": "error", "FallbackFunction": ""}
    own["StartWithinS"] = start_within_s or own["StartWithinS"]
    if fallback is not None:
        own |= {"WhenAbsent": "fallback", "FallbackFunction": fallback}
    return Rendering(stack, arn, template.parameters(own))
