"""The flask command's part of safeguarding: what cron runs where no ticker does."""

import click
from flask import Flask
from flask.cli import AppGroup

from moderation.safeguarding import lapsed, sending, ticking, without_role

safeguarding = AppGroup("safeguarding", help="Concerns about people: what falls due, and who is called.")
#: A tick of cron serves what a minute of the ticker would.
MOST_PASSES = 20


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(safeguarding)


@safeguarding.command("tick")
def tick() -> None:
    """Do what is due about concerns and send the calls. Safe beside the ticker; run it each minute from cron."""
    lapsed.raise_lapsed()
    without_role.let_go_all()
    looked_at = 0
    for _n in range(MOST_PASSES):
        found = ticking.tick()
        looked_at += found
        if not found:
            break
    sent = sending.send_all()
    click.echo(f"{looked_at} concerns looked at, {sent} calls sent.")
