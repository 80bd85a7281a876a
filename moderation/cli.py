"""The flask command's part of moderation."""

import sys

import click
from flask import Flask
from flask.cli import AppGroup

from moderation import audit as chain

audit = AppGroup("audit", help="The record of what was decided.")


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(audit)


@audit.command("verify")
def verify() -> None:
    """Say whether the audit chain is whole, or name the first link that is not."""
    broken = chain.first_break()
    if broken is None:
        click.echo("The audit chain is whole.")
        return
    click.echo(f"The audit chain breaks at entry {broken}.")
    sys.exit(1)
