"""`lambda-debug doctor`: finds what keeps events from travelling, and says what mends it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import click

from ldp_client.cli.account import Where, ask, explained, where_options
from ldp_client.errors import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ldp_account.doctor.findings import Examination

_WIDTH, _GOOD = 18, "good"


@click.command()
@where_options
@click.option("--echo", is_flag=True, help="Send one event through the function, too.")
@click.option("--yes", is_flag=True, help="Send it without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(
    *, stack: str, profile: str | None, region: str | None, echo: bool, **options: bool
) -> int:
    """Examine account, queues, permissions, clock and region, and say what mends them.

    Nothing is changed. The variables of this shell are examined, or those of the stack where none
    are set. The exit status is 1 if anything is wrong.
    """
    yes, as_json = options["yes"], options["as_json"]
    if yes and not echo:
        raise click.UsageError("--yes has no effect without --echo.")
    if as_json and echo and not yes:
        raise click.UsageError("--json with --echo needs --yes: there is nobody to ask.")
    with explained():
        from ldp_account.aws import Aws  # noqa: PLC0415 - commands import when they run
        from ldp_account.doctor import echo as echoes  # noqa: PLC0415 - as above
        from ldp_account.doctor.doctor import Doctor  # noqa: PLC0415 - as above
        from ldp_account.doctor.findings import NAMES  # noqa: PLC0415 - as above

        aws = Aws(profile, region)
        if echo and not as_json:
            _plan(yes=yes)
        times = echoes.Times(echoes.TAKEN_WITHIN_S, echoes.ANSWERED_WITHIN_S)
        given = {name: os.environ[name] for name in NAMES if os.environ.get(name)}
        patient = Doctor(aws, Where(stack, profile, region), given, times if echo else None)
        found = patient.examinations(stack)
        return _in_json(found) if as_json else _in_text(found, aws.region, stack)


def _plan(*, yes: bool) -> None:
    click.echo(
        "One event will be sent through the function: the handler that listens will get it,\n"
        '{"lambda-debug": "doctor", …}. If nobody takes it, it is taken back and deleted.'
    )
    ask("\nSend it?", yes=yes)


def _in_text(found: Iterable[Examination], region: str, stack: str) -> int:
    click.echo(f"Region {region}\nStack {stack}\n")
    states = []
    for examination in found:
        states.append(examination.state.value)
        amiss = [one for one in examination.findings if one.state.value != _GOOD]
        for finding in amiss or examination.findings[:1]:
            more = len(examination.findings) - 1 if not amiss else 0
            rest = f", and {more} more" if more else ""
            named = f"{finding.state.value:<10} {examination.name:<{_WIDTH}}"
            click.echo(f"{named} {finding.what}{rest}")
            if finding.command is not None:
                click.echo(f"    {finding.command}")
    return _status(states)


def _in_json(found: Iterable[Examination]) -> int:
    examinations = [
        {
            "name": examination.name,
            "state": examination.state.value,
            "findings": [
                {"state": one.state.value, "what": one.what, "command": one.command}
                for one in examination.findings
            ],
        }
        for examination in found
    ]
    click.echo(json.dumps({"examinations": examinations}, indent=2))
    return _status([str(one["state"]) for one in examinations])


def _status(states: Iterable[str]) -> int:
    return ExitStatus.FAILED if "wrong" in states else ExitStatus.DONE
