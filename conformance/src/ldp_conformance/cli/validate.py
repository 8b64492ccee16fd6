"""`validate`: messages against the schemas; it is `lambda-debug-schemas validate` itself."""

from __future__ import annotations

import click

from ldp_schemas.__main__ import main


@click.command("validate", context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def command(words: tuple[str, ...]) -> int:
    """Validate messages against the schemas, as `lambda-debug-schemas validate` does."""
    return main(["validate", *words])
