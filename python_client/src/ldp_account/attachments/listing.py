"""Every function of an account and region that the proxy replaces, whoever attached it.

From ListFunctions and ListTags, a call for each function: the tagging service's index lags behind
what was tagged a moment ago, and a leftover that it does not show yet would be taken for none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ldp_account.attachments.record import Mark
from ldp_account.errors import CallRefused

if TYPE_CHECKING:
    from ldp_account.aws import Aws


@dataclass(frozen=True, slots=True)
class Attached:
    """An attached function.

    Attributes:
        name: The function's name.
        arn: Its ARN.
        role: The ARN of its role.
        mark: What its tags say.
    """

    name: str
    arn: str
    role: str
    mark: Mark

    @property
    def record(self) -> str:
        """The key of its manifest in the stack's bucket."""
        return self.mark.record

    @property
    def by(self) -> str:
        """Who attached it."""
        return self.mark.by

    @property
    def since(self) -> str:
        """When, ISO 8601 in UTC."""
        return self.mark.since


def found(aws: Aws) -> list[Attached]:
    """All attached functions, by name.

    Raises:
        AccountError: A call failed.
    """
    with aws.calling():
        pages = aws.functions.get_paginator("list_functions").paginate()
        listed = [function for page in pages for function in page["Functions"]]
    attached = []
    for function in listed:
        mark = Mark.of(_tags(aws, function["FunctionArn"]))
        if mark is not None:
            name, arn = function["FunctionName"], function["FunctionArn"]
            attached.append(Attached(name, arn, function["Role"], mark))
    return sorted(attached, key=lambda one: one.name)


def _tags(aws: Aws, arn: str) -> dict[str, str]:
    """A function's tags; none if it was deleted since it was listed."""
    try:
        with aws.calling():
            return dict(aws.functions.list_tags(Resource=arn).get("Tags", {}))
    except CallRefused as exc:
        if exc.code == "ResourceNotFoundException":
            return {}
        raise
