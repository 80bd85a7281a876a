"""Groups from the command line: make one, say who looks after it when, what waits."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import Row

from forum.base.config import site_address
from forum.base.errors import ForumError
from forum.base.transaction import transaction
from forum.content.crisis import NATIONS
from forum.ground_rules import admins, making
from forum.groups import queries, settings
from forum.models import Door, Listing
from forum.policy import record

group = AppGroup("group", help="Groups.")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def card_at(address: str) -> Row:
    """The group at this address.

    :raises ClickException: there is none.
    """
    card = queries.find_card(address)
    if card is None:
        raise click.ClickException(f"There is no group at {address}.")
    return card


@group.command("create")
@click.option("--organisation", required=True, help="Made if there is none of that name.")
@click.option(
    "--nation",
    type=click.Choice(NATIONS),
    default="england",
    help="Whose numbers for a crisis a new organisation shows.",
)
@click.option("--address", required=True, help="Two neutral words, such as quiet-harbour.")
@click.option("--name", required=True)
@click.option("--benefits", required=True, help="What people get out of it; one a line.")
@click.option("--who-for", required=True)
@click.option("--expect", default="", help="What to expect here.")
@click.option("--hours", default="", help="When somebody is here, in words.")
@click.option("--facilitators", default="", help="Who looks after it, as they want strangers to read it.")
@click.option("--zone", default="Europe/London", help="The group's own clock.")
@click.option("--door", type=click.Choice([d.value for d in Door]), default=Door.OPEN.value)
@click.option("--listing", type=click.Choice([one.value for one in Listing]), default=Listing.LISTED.value)
@click.option("--board", "boards", multiple=True, required=True)
def create_group(
    organisation: str, nation: str, door: str, listing: str, boards: tuple[str, ...], **words: str
) -> None:
    """Make a group with its boards and the starter ground rules. Outsiders do not know it until its team opens it."""
    try:
        card = making.Card(**words, door=Door(door), listing=Listing(listing))
        with transaction():
            admins.add_group(record.OPERATOR, organisation, card, [making.NewBoard(b) for b in boards], nation)
    except ForumError as error:
        raise click.ClickException(error.message) from error
    click.echo(f"Made {card.name} at /g/{card.address}.")
    click.echo(f"Next: `flask group facilitator {card.address}` makes the link for its first facilitator.")


@group.command("facilitator")
@click.argument("address")
def invite_facilitator(address: str) -> None:
    """Print a link that makes whoever opens it a facilitator of the group at ADDRESS. Once, for 24 hours."""
    card = card_at(address)
    with transaction():
        secret = admins.first_facilitator(queries.scope_of(card))
    click.echo(f"{site_address()}/role/{secret}")
    click.echo("Works once, for 24 hours. Whoever opens it looks after the group: send it to nobody else.")


@group.command("duty")
@click.argument("address")
@click.argument("weekday", type=click.Choice(WEEKDAYS))
@click.argument("starts")
@click.argument("ends")
@click.option("--who", default="", help="A role or a name, as people may read it.")
def add_duty(address: str, weekday: str, starts: str, ends: str, who: str) -> None:
    """Somebody looks after the group every WEEKDAY from STARTS to ENDS (19:00 21:00), by the group's own clock."""
    card = card_at(address)
    _told(settings.add_duty, card.id, WEEKDAYS.index(weekday), starts, ends, who)
    click.echo(queries.duty_sentence(card.id, card.zone))


@group.command("other-hours")
@click.argument("address")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.argument("hours", nargs=-1)
def add_exception(address: str, day: date, hours: tuple[str, ...]) -> None:
    """On DAY nobody is here, or other HOURS hold (19:00 20:00)."""
    card = card_at(address)
    if len(hours) not in (0, 2):
        raise click.ClickException("Give a start and an end, such as 19:00 20:00, or neither if nobody is here.")
    starts, ends = hours or ("", "")
    _told(settings.add_exception, card.id, day, starts, ends)
    click.echo(queries.duty_sentence(card.id, card.zone))


@group.command("hold-newcomers")
@click.argument("address")
@click.argument("choice", type=click.Choice(["on", "off"]))
@click.option("--yes", is_flag=True, help="Do not ask.")
def hold_newcomers(address: str, choice: str, yes: bool) -> None:
    """Whether first posts wait for a person. Says what that costs before it is saved."""
    card = card_at(address)
    if choice == "on" and not yes:
        click.echo(f"First posts will wait until somebody reads them. {queries.duty_sentence(card.id, card.zone)}")
        click.confirm("Hold first posts?", abort=True)
    _told(settings.set_hold_newcomers, card.id, choice == "on")
    click.echo("First posts wait for a person." if choice == "on" else "First posts go out at once.")


@group.command("words")
@click.argument("address")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def set_words(address: str, file: Path) -> None:
    """The group's own list: a post with one of these words waits for a person. One a line."""
    count = settings.set_words(card_at(address).id, file.read_text("utf-8"))
    click.echo(f"A post with one of {count} words waits for a person.")


def _told(change: Callable[..., None], *values: object) -> None:
    try:
        change(*values)
    except ForumError as error:
        raise click.ClickException(error.message) from error
