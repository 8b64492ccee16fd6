"""The examinations in their order; what stands on something that is wrong is not examined."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ldp_account.deployment import exports
from ldp_account.doctor.attachments import examine_attachments
from ldp_account.doctor.clock import examine_clock
from ldp_account.doctor.echo import Times, examine_echo
from ldp_account.doctor.findings import (
    Examination,
    Finding,
    State,
    Subject,
    good,
    unknown,
    wrong,
)
from ldp_account.doctor.function import examine_function
from ldp_account.doctor.leftovers import examine_reply_queues
from ldp_account.doctor.listener import examine_listener
from ldp_account.doctor.permissions import examine_developer, examine_proxy
from ldp_account.doctor.region import examine_region
from ldp_account.doctor.services import examine_services
from ldp_account.doctor.settings import examine_settings
from ldp_account.doctor.variables import examine_stack, examine_variables
from ldp_account.errors import AccessDenied, AccountError, ForeignStack
from ldp_account.stacks import Stacks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ldp_account.aws import Aws
    from ldp_account.doctor.findings import Commands

_FIRST: Final = "not examined: what stands above comes first"


@dataclass(frozen=True, slots=True)
class Doctor:
    """Examines one client's way to an account and back.

    Attributes:
        aws: The way to the account.
        commands: How commands are written that mend.
        given: The variables of this shell that the client reads.
        echo: How long to wait for the answer to an event that is sent; None to send none.
    """

    aws: Aws
    commands: Commands
    given: Mapping[str, str]
    echo: Times | None

    def examinations(self, stack: str) -> Iterator[Examination]:
        """Examine, one thing after the other.

        Args:
            stack: Name of the stack.

        Raises:
            AccountError: Nothing can be found out: no answer came, or there is no valid login.
        """
        clock = Examination("clock", tuple(examine_clock(self.aws)))
        yield clock
        region = Examination("region", tuple(examine_region(self.aws.region, self.given)))
        yield region
        if State.WRONG in (clock.state, region.state):
            yield Examination("the rest", (unknown(_FIRST),))
            return
        yield _made("services", lambda: examine_services(self.aws))
        yield from self._of_stack(stack)

    def _of_stack(self, name: str) -> Iterator[Examination]:
        identity = self.aws.identity()
        yield Examination("identity", (good(identity.arn),))
        subject = Subject(self.aws, identity, self.commands, None, self.given, {})
        try:
            found = Stacks(self.aws, lambda _line: None).find(name)
        except (AccessDenied, ForeignStack) as exc:
            yield Examination("stack", (unknown(str(exc)),))
        else:
            if found is not None:
                expected = exports(found)
                subject = replace(subject, stack=found, expected=expected)
            yield _made("stack", lambda: examine_stack(subject))
        variables = _made("variables", lambda: examine_variables(subject))
        yield variables
        if variables.state is State.WRONG:
            yield Examination("the rest", (unknown(_FIRST),))
            return
        for title, examine in self._parts():
            yield _made(title, lambda examine=examine: examine(subject))  # type: ignore[misc]

    def _parts(self) -> list[tuple[str, Callable[[Subject], list[Finding]]]]:
        parts: list[tuple[str, Callable[[Subject], list[Finding]]]] = [
            ("queues", examine_settings),
            ("your permissions", examine_developer),
            ("proxy", examine_function),
            ("its permissions", examine_proxy),
            ("reply queues", examine_reply_queues),
            ("attachments", examine_attachments),
        ]
        times = self.echo
        if times is None:
            return [*parts, ("listener", examine_listener)]
        return [*parts, ("listener", lambda subject: examine_echo(subject, times))]


def _made(name: str, examine: Callable[[], list[Finding]]) -> Examination:
    """An examination; a call that fails in it is a finding."""
    try:
        return Examination(name, tuple(examine()))
    except AccessDenied as exc:
        return Examination(name, (unknown(f"{exc} {exc.hint}"),))
    except AccountError as exc:
        return Examination(name, (wrong(f"{exc} {exc.hint}"),))
