"""What an operator does every night, what waits to be done, and what is not in order."""

import json
import sys
from collections.abc import Callable

import click
from flask.cli import AppGroup

from forum.accounts import staff
from forum.base import clock, jobs, keyring, reserve
from forum.base.config import the_settings
from forum.content import crisis
from forum.conversations import full_text, search_index, upkeep
from forum.rooms import retention

keeping = AppGroup("upkeep", help="What is done every night.")


@keeping.command("nightly")
def run_nightly() -> None:
    """Make ready for a backup of your own making. `flask backup` does this itself."""
    make_ready()
    click.echo("Make the backup now.")


def make_ready() -> None:
    """What has to be done right before each backup, while people read and write."""
    if shown := upkeep.render_anew():
        click.echo(f"{shown} posts written before this version are shown in its way.")
    if full_text.mend():
        click.echo("The full-text table of the search was damaged and is made anew.")
    if wrong := sum(search_index.mend_all()):
        click.echo(f"The search knew {wrong} posts otherwise than they are now; that is mended.")
    retention.let_go_of_due()
    sealed = upkeep.prepare_for_backup()
    click.echo(f"{sealed} rows sealed afresh, tables laid in order.")


@keeping.command("render")
def render() -> None:
    """Show every post anew from the words as they were typed, if what is shown of them was damaged. Then restart."""
    click.echo(f"{upkeep.render_anew(every=True)} posts were shown otherwise than their words say; that is mended.")


@keeping.command("replay-erasures")
def replay_erasures() -> None:
    """After restoring a backup: erase again what people erased since. Needs the ledger, which is kept apart."""
    click.echo(f"{upkeep.replay_erasures()} things that people had taken away are gone again.")


@click.command("jobs")
@click.option("--run", is_flag=True, help="Do what is due now.")
@click.option("--revive", is_flag=True, help="First have what gave up tried again, once its cause is mended.")
def run_jobs(run: bool, revive: bool) -> None:
    """List what waits to be done, and what failed."""
    if revive:
        click.echo(f"To be tried again: {jobs.revive()}.")
    if run:
        click.echo(f"Tried {jobs.run_due()}.")
    for job in jobs.list_waiting():
        click.echo(json.dumps(job))


@click.command("doctor")
def doctor() -> None:
    """Say what is not in order. Exits with 1 if anything is red."""
    red = False
    for name, fine, words in _examined():
        click.echo(f"{'ok ' if fine else 'RED'} {name}: {words}")
        red = red or not fine
    sys.exit(1 if red else 0)


#: What other packages have looked at, by name: whether it is fine, and words.
_also: dict[str, Callable[[], tuple[bool, str]]] = {}


def examine_also(name: str, look: Callable[[], tuple[bool, str]]) -> None:
    """Have `flask doctor` look at one more thing."""
    _also[name] = look


def _examined() -> list[tuple[str, bool, str]]:
    settings = the_settings()
    ring = keyring.load(settings.keyring_file)
    to_check = crisis.list_to_check(clock.today(), settings.crisis_file)
    unlocked = sum(1 for _one, has_factor in staff.list_staff() if not has_factor)
    dead = [j for j in jobs.list_waiting() if j["dead"]]
    return [
        ("keyring copy", ring.exported_on is not None, ring.exported_on or "run `flask keys export FILE`"),
        ("keyring kind", settings.demo or not ring.demonstration, "demonstration" if ring.demonstration else "own"),
        ("room on the disk", not reserve.is_short(), "next to none" if reserve.is_short() else "enough"),
        ("host names", settings.demo or bool(settings.trusted_hosts), ", ".join(settings.trusted_hosts) or "any"),
        ("jobs", not dead, f"{len(dead)} gave up; see `flask jobs`" if dead else "none gave up"),
        ("admins", not unlocked, f"{unlocked} without a second factor" if unlocked else "each has two steps"),
        ("crisis contacts", not to_check, f"{len(to_check)} to be checked by somebody competent"),
        *((name, *look()) for name, look in _also.items()),
    ]
