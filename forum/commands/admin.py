"""Admins from the command line: the first one, who they are, shutting everybody out."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from forum.accounts import staff
from forum.base.config import site_address
from forum.base.db import row
from forum.base.idents import read_ident, write_ident
from forum.models import Organisation

admin = AppGroup("admin", help="Admins of an organisation or of the whole site.")


@admin.command("create")
@click.option("--organisation", default="", help="Its name; without one: an admin of the whole site.")
def create(organisation: str) -> None:
    """Print a link that makes one admin. It works once, for 24 hours."""
    secret = staff.invite(organisation_named(organisation) if organisation else None)
    click.echo(f"{site_address()}/staff/{secret}")
    click.echo("Works once, for 24 hours. Whoever opens it becomes an admin: send it to nobody else.")


@admin.command("list")
def list_all() -> None:
    """Each admin: a number to name it by, what it looks after, whether it has a second factor. No names are kept."""
    for one, has_factor in staff.list_staff():
        state = "second factor" if has_factor else "NO second factor"
        click.echo(f"{write_ident(one.id)}  {one.name or 'whole site'}  {state}")


@admin.command("end")
@click.argument("ident")
def end(ident: str) -> None:
    """Take the admin role of IDENT (see `flask admin list`) away and sign them out."""
    staff_id = read_ident(ident)
    if staff_id is None or not staff.end_staff(staff_id):
        raise click.ClickException(f"There is no admin {ident}. See `flask admin list`.")
    click.echo("This person is no admin any more, and is signed out everywhere.")


@admin.command("end-sessions")
@click.option("--organisation", default="", help="Its name; without one: everywhere.")
def end_sessions(organisation: str) -> None:
    """Sign out all admins and the teams of all groups at once."""
    ended = staff.end_all(organisation_named(organisation) if organisation else None)
    click.echo(f"Signed out {ended} devices. They sign in again with what they know and their code.")


def organisation_named(name: str) -> bytes:
    """The id of an organisation.

    :raises ClickException: there is none.
    """
    found = row(select(Organisation.id).where(Organisation.name == name))
    if found is None:
        raise click.ClickException(f"There is no organisation called {name}.")
    return bytes(found.id)
