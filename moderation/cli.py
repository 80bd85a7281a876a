"""The flask command's part of moderation: the audit chain, and roles, which it records."""

import sys

import click
from flask import Flask
from flask.cli import AppGroup

from forum.base.errors import ForumError
from forum.commands.groups import card_at, group
from forum.groups.queries import list_for_operator, scope_of
from forum.models import Role
from moderation import audit as chain
from moderation import roles

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


@group.command("role")
@click.argument("address")
@click.argument("name")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.option("--organisation", default="", help="Refuse if the group belongs to another one.")
def set_role(address: str, name: str, role: str, organisation: str) -> None:
    """Make NAME of the group at ADDRESS a facilitator or moderator, or a member again."""
    card = card_at(address)
    if organisation and card.organisation != organisation:
        raise click.ClickException(f"There is no group at {address}.")
    try:
        roles.set_role(scope_of(card), name, Role(role))
    except ForumError as error:
        raise click.ClickException(error.message) from error
    click.echo(f"{name} is {role} in {address} now.")


@group.command("list")
@click.option("--organisation", default="", help="Only the groups of this one.")
@click.option("--people", "with_team", is_flag=True, help="Also the names and roles of each group's team.")
def list_groups(organisation: str, with_team: bool) -> None:
    """Each group's address, organisation, door and listing. It never says which names belong to one person."""
    for one in list_for_operator(organisation):
        click.echo(f"{one.address}  {one.organisation}  {one.door}  {one.listing}")
        if with_team:
            for name, role in roles.list_team(one.id):
                click.echo(f"    {name}  {role}")
