"""The keys that live outside the database: make, copy, rotate, renew, retire."""

import shutil
import time
from pathlib import Path

import click
from flask.cli import AppGroup

from forum.base import backups, keyring, rotation
from forum.base.backups import BackupError
from forum.base.config import the_settings
from forum.base.keyring import KeyringError, Purpose

#: A program looks at the file every second and at the start of every change; this bears one that is slow.
NOTICED_S = 5

keys = AppGroup("keys", help="The keys that live outside the database.")


@keys.command("init")
@click.option("--demonstration", is_flag=True, help="For demonstration mode only.")
def init_keys(demonstration: bool) -> None:
    """Make a keyring where none is."""
    path = the_settings().keyring_file
    try:
        keyring.init(path, demonstration=demonstration)
    except KeyringError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Made {path}. Copy it to the safe with `flask keys export FILE`: without it sealed words are lost.")


@keys.command("export")
@click.argument("file", type=click.Path(path_type=Path))
def export_keys(file: Path) -> None:
    """Copy the keyring to FILE, for the safe."""
    if file.exists():
        raise click.ClickException(f"{file} exists already; give another name.")
    settings = the_settings()
    keyring.save(keyring.marked_exported(keyring.load(settings.keyring_file)), settings.keyring_file)
    shutil.copy2(settings.keyring_file, file)
    click.echo(f"Copied to {file}. Keep it apart from the database's backups.")


@keys.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
def make_backup_key(file: Path) -> None:
    """Make the pair of keys for backups; the private one goes to FILE. Move it away from this machine."""
    path = the_settings().keyring_file
    try:
        public = backups.make_pair(file)
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    keyring.save(keyring.with_backup_key(keyring.load(path), public), path)
    click.echo(f"Backups are made for {public}. Move {file} to the safe: without it no backup can be read,")
    click.echo("and as long as it lies here whoever takes this machine can read them all.")


@keys.command("rotate")
@click.argument("purpose", type=click.Choice([Purpose.TAG.value, Purpose.SEAL.value]))
def rotate_keys(purpose: str) -> None:
    """Begin to use a new key while people read and write; the old one is still read."""
    path = the_settings().keyring_file
    try:
        keyring.save(keyring.load(path).announced(Purpose(purpose)), path)
    except KeyringError as error:
        raise click.ClickException(str(error)) from error
    click.echo("Every running program gets to know the new key.")
    time.sleep(NOTICED_S)
    keyring.save(keyring.load(path).activated(Purpose(purpose)), path)
    click.echo(
        "The new key is in use. Make a copy for the safe with `flask keys export FILE`, then `flask keys renew`."
    )


@keys.command("renew")
def renew() -> None:
    """Bring every row to the active keys, while people read and write."""
    keyring.refresh()
    with click.progressbar(length=rotation.count_old(), label="Renewing") as bar:
        while rotation.count_old():  # again: a post that was being written meanwhile may be under the older key
            for done in rotation.renew_old():
                bar.update(done)
    click.echo("Every row is under the active keys. After two days run `flask keys retire`.")


@keys.command("retire")
def retire() -> None:
    """Stop reading the older keys. Two days after renewing, so that a form sent twice is still one post."""
    if left := rotation.count_old():
        raise click.ClickException(f"{left} rows are still under an older key. Run `flask keys renew` first.")
    path = the_settings().keyring_file
    keyring.save(keyring.load(path).finished(), path)
    click.echo("The older keys are retired.")
