"""`explain`: what a check or a requirement is about."""

from __future__ import annotations

import click

from ldp_conformance.check import check_named, checks
from ldp_conformance.reports.exclusions import exclusions
from ldp_conformance.requirements import requirement


@click.command("explain")
@click.argument("name")
def command(name: str) -> None:
    """Say what the check or the requirement NAME is about, and what belongs to it."""
    if "." in name:  # as every check's ID has, and no requirement's
        _explain_check(name)
    else:
        _explain_requirement(name)


def _explain_requirement(name: str) -> None:
    found = requirement(name)
    click.echo(f"{found.id} ({found.level.value.upper()}; {', '.join(found.roles)})")
    click.echo(f"\n{found.text}\n\nIntent: {found.intent}\nIn the specification: {found.anchor}")
    judged = [check for check in checks().values() if name in check.requirements]
    reason = "".join(f": {each.reason}" for each in exclusions() if each.id == name)
    click.echo("\nChecks:" if judged else f"\nNo check judges it{reason or '.'}")
    for check in judged:
        click.echo(f"  {check.id}: {check.title}")


def _explain_check(name: str) -> None:
    check = check_named(name)
    click.echo(f"{check.id} ({check.level.value.upper()}; judges a {check.role.value})\n")
    click.echo(check.title)
    if check.description:
        click.echo(f"\n{check.description}")
    if check.features:
        features = ", ".join(sorted(feature.value for feature in check.features))
        click.echo(f"\nIt applies to ports that declare {features}.")
    if check.cases > 1:
        click.echo(f"\nIt goes through {check.cases:,} generated cases.")
    click.echo("\nClauses:")
    for each in check.requirements:
        found = requirement(each)
        click.echo(f"  {found.id} ({found.level.value.upper()}): {found.text}")
