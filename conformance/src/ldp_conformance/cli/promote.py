"""`promote`: a vector of what a generated check found, so that it is looked at for ever."""

from __future__ import annotations

import json

import click

from ldp_conformance.fuzz.promote import promoted


@click.command("promote")
@click.argument("token")
@click.argument("fact")
def command(token: str, fact: str) -> None:
    """Print the vector for the message behind TOKEN, whose statement is the sentence FACT.

    TOKEN is the word that a failure printed. The vector is an entry for a file of data/vectors,
    with the next ID that is free there.
    """
    chapter, entry = promoted(token, fact)
    click.echo(f"An entry for data/vectors/{chapter}.json:", err=True)
    click.echo(json.dumps(entry, indent=2))
