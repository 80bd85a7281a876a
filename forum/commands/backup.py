"""Backups that only a key kept elsewhere opens, and putting one back."""

from pathlib import Path

import click
from flask import current_app
from flask_migrate import upgrade
from sqlalchemy import delete

from forum.base import backups, jobs, keyring, restored
from forum.base.backups import BackupError
from forum.base.config import the_settings
from forum.base.transaction import here, transaction
from forum.commands.upkeep import make_ready
from forum.conversations import upkeep
from forum.models import SignIn

FILE = click.Path(path_type=Path)


@click.command("backup")
@click.argument("folder", type=FILE)
def backup(folder: Path) -> None:
    """Do the nightly upkeep, then write a backup into FOLDER. Needs `flask keys backup` once."""
    settings = the_settings()
    public = keyring.find_backup_key(keyring.load(settings.keyring_file))
    if public is None:
        raise click.ClickException("There is no key for backups yet. Run `flask keys backup FILE` once.")
    make_ready()
    try:
        made = backups.make(settings.database_url, folder, public, current_app.extensions["schema_head"])
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Made {made}, {made.stat().st_size} bytes. Only the private key opens it.")


@click.command("restore")
@click.argument("file", type=FILE)
@click.option("--key", "private_key", type=FILE, required=True, help="The private key, from its safe place.")
@click.option("--check", is_flag=True, help="Only open it and see that it is whole; nothing is changed.")
def restore(file: Path, private_key: Path, check: bool) -> None:
    """Put the backup FILE in an empty place and make it ready: nobody is signed in, old mail stays unsent."""
    settings = the_settings()
    try:
        with backups.opened(file, private_key, settings.var) as (manifest, copy):
            click.echo(f"Of {manifest.made_on}, schema {manifest.schema}, {sum(manifest.rows.values())} rows: whole.")
            if check:
                return
            backups.put_back(settings.database_url, manifest, copy)
            if wrong := backups.differences(manifest):
                raise BackupError(f"Not every row arrived: {', '.join(wrong)}. Begin again with an empty database.")
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    upgrade(directory=str(Path(current_app.root_path) / "migrations"))
    go_on()
    click.echo(
        "Now `flask audit verify` and `flask doctor`, then start. Tell the groups what came back and what is gone."
    )


def go_on() -> None:
    """What a restored database needs before anybody comes in: the world has gone on meanwhile."""
    click.echo(f"{_sign_everybody_out()} sign-ins ended: one that was ended since must not live again.")
    click.echo(f"{jobs.forget_deliveries()} old mails and calls will not be sent again.")
    click.echo(f"{upkeep.replay_erasures()} things that people had taken away are gone again.")
    for words, step in restored.list_steps():
        click.echo(f"{step()} {words}")


def _sign_everybody_out() -> int:
    with transaction():
        return here().execute(delete(SignIn)).rowcount  # type: ignore[attr-defined]
