"""`lambda-debug template`: prints the template, for people who deploy by other means."""

from __future__ import annotations

import click


@click.command()
@click.option(
    "--format", "form", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True
)
def template(*, form: str) -> None:
    """Print the CloudFormation template of the proxy.

    Give it CodeBucket and CodeKey, where the zip lies that `make zip` builds; without them the
    function is left out.
    """
    from ldp_account.template import packaged_template  # noqa: PLC0415 - commands import when run

    packaged = packaged_template()
    click.echo(packaged.text if form == "yaml" else packaged.json(), nl=False)
