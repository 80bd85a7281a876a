"""The flask command's part of moderation: the audit chain, and roles, which it records."""

import sys

import click
from flask import Flask
from flask.cli import AppGroup

from forum.base.errors import ForumError
from forum.commands import upkeep
from forum.commands.groups import card_at, group
from forum.groups.queries import list_for_operator, scope_of
from forum.models import Role
from moderation import audit as chain
from moderation import audit_role, roles

audit = AppGroup("audit", help="The record of what was decided.")


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(audit)
    upkeep.examine_also("audit chain", audit_role.examine)


_WORDS = {
    chain.Wrong.CHANGED: "it is not what was written",
    chain.Wrong.MISSING: "it is missing",
    chain.Wrong.CUT: "it is missing, and with it what came after",
    chain.Wrong.HEAD: "the note about the last entry was changed",
    chain.Wrong.OTHER: "it is another one than the link that was kept",
}


@audit.command("verify")
@click.option("--head", nargs=2, type=(int, str), help="What `flask audit head` printed earlier, kept elsewhere.")
def verify(head: tuple[int, str] | None) -> None:
    """Say whether the audit chain is whole, or name the first link that is not."""
    broken = chain.find_break(head)
    if broken is None:
        click.echo("The audit chain is whole.")
        return
    said = f" It says {broken.action}, {broken.at:%Y-%m-%d %H:%M} UTC." if broken.at else ""
    click.echo(f"The audit chain breaks at entry {broken.n}: {_WORDS[broken.wrong]}.{said}")
    sys.exit(1)


@audit.command("head")
def head() -> None:
    """The number and the link of the last entry: to be kept where nobody of this machine reaches it."""
    found = chain.read_head()
    click.echo(f"{found[0]} {found[1]}" if found else "Nothing is in the chain yet.")


@audit.command("grant")
@click.argument("role")
def grant(role: str) -> None:
    """Give ROLE, as which the program shall run, what it needs, and of the audit chain no more than to add to it.

    On PostgreSQL, as the role that owns the tables; again after each `flask db upgrade`.
    """
    try:
        audit_role.grant(role)
    except ForumError as error:
        raise click.ClickException(error.message) from error
    click.echo(f"{role} can add to the audit chain, and neither change nor delete in it.")


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
