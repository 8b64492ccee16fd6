"""The policies of whoever deploys and of whoever attaches, to be pasted.

CloudFormation makes what a template names with the rights of whoever asks it to, so those belong
to the policy too: they are the statements whose names begin with it, as the types of resources
document what their handlers need. All others are for calls of the commands themselves, those whose
names begin with Examine for those of `doctor`, who tries the developer's permissions as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: To how much a stack's name is cut in the names that are made of it is not documented: to no less
#: than this.
_SURELY_KEPT: Final = 20
_PARTITIONS: Final = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A stack, and where it is.

    Attributes:
        stack: The stack's name.
        region: The region; `*` for every one.
        account: The account's number; `*` for every one, which is that of whoever has the policy.
    """

    stack: str
    region: str = "*"
    account: str = "*"

    def names(self) -> dict[str, str]:
        """What stands for it in a policy."""
        made = self.stack
        if len(made) > _SURELY_KEPT:
            made = f"{made[:_SURELY_KEPT]}*"
        partitions = (name for start, name in _PARTITIONS.items() if self.region.startswith(start))
        return {
            "partition": next(partitions, "aws"),
            "region": self.region,
            "account": self.account,
            "stack": self.stack,
            "made": made,
            "bucket": f"{made.lower()}-bucket-*",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Operated(Where):
    """What is deployed, by its names.

    Attributes:
        function: The function.
        request_queue: The request queue.
        response_queue: The response queue, whose name those of dedicated reply queues begin with.
    """

    function: str
    request_queue: str
    response_queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachables(Where):
    """What may be attached to a stack.

    Attributes:
        functions: The functions' names, in which `*` stands for anything.
        roles: The names of their roles, each with its path, likewise.
    """

    functions: str = "*"
    roles: str = "*"


def operator_policy(operated: Operated) -> str:
    """The policy of whoever deploys, empties and destroys, as JSON."""
    names = {
        "function": operated.function,
        "request-queue": operated.request_queue,
        "response-queue": operated.response_queue,
    }
    return _filled("operator-policy.json", {**operated.names(), **names})


def attach_policy(attachables: Attachables) -> str:
    """The policy of whoever attaches and detaches, as JSON."""
    names = {"functions": attachables.functions, "roles": attachables.roles}
    return _filled("attach-policy.json", {**attachables.names(), **names})


def _filled(name: str, names: Mapping[str, str]) -> str:
    text = (files("ldp_account") / name).read_text("utf-8")
    return re.sub(r"<([a-z-]+)>", lambda found: names[found[1]], text)
