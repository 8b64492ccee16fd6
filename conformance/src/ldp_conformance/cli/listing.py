"""`list`: the checks, or the requirements with the checks that judge them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from ldp_conformance.check import checks
from ldp_conformance.outcomes import Role
from ldp_conformance.requirements import requirements

if TYPE_CHECKING:
    from ldp_conformance.check import Check


@click.command("list")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), help="Only what judges this role."
)
@click.option(
    "--requirements",
    "by_requirement",
    is_flag=True,
    help="List the requirements, each with the checks that judge it.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON lines.")
def command(role: str | None, *, by_requirement: bool, as_json: bool) -> None:
    """Print the checks, one a line, or the requirements."""
    chosen = [check for check in checks().values() if role in {None, check.role.value}]
    rows = _requirements(chosen, is_whole=role is None) if by_requirement else _checks(chosen)
    for row in rows:
        if as_json:
            click.echo(json.dumps(row))
        else:
            click.echo(f"{row['id']}  [{row['level']}] {row['text']}  ({row['about']})")


def _checks(chosen: list[Check]) -> list[dict[str, object]]:
    return [
        {
            "id": check.id,
            "level": check.level.value,
            "text": check.title,
            "about": " ".join(check.requirements),
            "features": sorted(feature.value for feature in check.features),
            "cases": check.cases,
        }
        for check in chosen
    ]


def _requirements(chosen: list[Check], *, is_whole: bool) -> list[dict[str, object]]:
    judged = {name for check in chosen for name in check.requirements}
    return [
        {
            "id": each.id,
            "level": each.level.value,
            "text": each.text,
            "about": " ".join(check.id for check in chosen if each.id in check.requirements),
        }
        for each in requirements().values()
        if is_whole or each.id in judged
    ]
