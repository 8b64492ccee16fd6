"""`list`: the checks, or the requirements with the checks that judge them."""

from __future__ import annotations

import json

import click

from ldp_conformance.check import checks
from ldp_conformance.outcomes import Role
from ldp_conformance.requirements import requirements


@click.command("list")
@click.option("--role", type=click.Choice([role.value for role in Role]), help="Only this role's.")
@click.option("--requirements", "by_requirement", is_flag=True, help="List the requirements.")
@click.option("--json", "as_json", is_flag=True, help="As JSON lines.")
def command(role: str | None, *, by_requirement: bool, as_json: bool) -> None:
    """Print the checks, one a line, or the requirements."""
    rows = _requirements() if by_requirement else _checks(role)
    for row in rows:
        if as_json:
            click.echo(json.dumps(row))
        else:
            click.echo(f"{row['id']}  [{row['level']}] {row['text']}  ({row['about']})")


def _checks(role: str | None) -> list[dict[str, object]]:
    return [
        {
            "id": check.id,
            "level": check.level.value,
            "text": check.title,
            "about": " ".join(check.requirements),
            "features": sorted(feature.value for feature in check.features),
            "cases": check.cases,
        }
        for check in checks().values()
        if role in {None, check.role.value}
    ]


def _requirements() -> list[dict[str, object]]:
    return [
        {
            "id": each.id,
            "level": each.level.value,
            "text": each.text,
            "about": " ".join(c.id for c in checks().values() if each.id in c.requirements),
        }
        for each in requirements().values()
    ]
