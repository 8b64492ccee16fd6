"""The step that lets the function's role do what the proxy needs, in one policy of its own.

Several attached functions may have one role: then its policy is for all of them, and stays until
the last of them is detached.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ldp_account.attachments.listing import found as attached
from ldp_account.attachments.site import Found

if TYPE_CHECKING:
    from ldp_account.attachments.functions import Function
    from ldp_account.attachments.site import Site

POLICY: Final = "ldp-attach"
_Statements = list[dict[str, Any]]


def role_policy(function: Function, role: str) -> dict[str, Any] | None:
    """The policy of our name that a role has, given the role's ARN."""
    answer = function.or_none(
        lambda: function.aws.iam.get_role_policy(RoleName=_name(role), PolicyName=POLICY)
    )
    return None if answer is None else json.loads(json.dumps(answer["PolicyDocument"]))


def shares_role(function: Function, role: str) -> bool:
    """Whether another attached function has this role."""
    return any(one.role == role and one.name != function.name for one in attached(function.aws))


@dataclass(frozen=True, slots=True)
class RoleStep:
    """The policy `ldp-attach` of the function's role."""

    site: Site
    title: str = f"policy {POLICY} of the role"

    def found(self) -> Found:
        """Whether the role has what the proxy needs; what others still need counts as before."""
        now = role_policy(self.site.function, self._role)
        before = self.site.manifest.role_policy
        result = Found.FOREIGN
        if now is not None and all(one in now["Statement"] for one in self._own()):
            result |= Found.AFTER
        unchanged = now == (None if before is None else json.loads(before))
        if unchanged or shares_role(self.site.function, self._role):
            result |= Found.BEFORE
        return result

    def do(self) -> None:
        """Add what the proxy needs."""
        now = role_policy(self.site.function, self._role) or {"Statement": []}
        more = [one for one in self._own() if one not in now["Statement"]]
        self._put({"Version": "2012-10-17", "Statement": [*now["Statement"], *more]})

    def undo(self) -> None:
        """Take the policy away, or give back what somebody else had there."""
        before = self.site.manifest.role_policy
        if before is not None:
            self._put(json.loads(before))
            return
        aws = self.site.function.aws
        with aws.calling():
            aws.iam.delete_role_policy(RoleName=_name(self._role), PolicyName=POLICY)

    def foreign(self) -> list[str]:
        """It was changed."""
        return [f"the policy {POLICY} of {self._role}"]

    @property
    def _role(self) -> str:
        return str(self.site.manifest.configuration["Role"])

    def _own(self) -> _Statements:
        """What the proxy needs; names of statements are unique only in one policy."""
        return [
            {key: value for key, value in statement.items() if key != "Sid"}
            for statement in self.site.rendering().statements()
        ]

    def _put(self, document: dict[str, Any]) -> None:
        aws = self.site.function.aws
        with aws.calling():
            aws.iam.put_role_policy(
                RoleName=_name(self._role), PolicyName=POLICY, PolicyDocument=json.dumps(document)
            )


def _name(role: str) -> str:
    return role.rpartition("/")[2]
