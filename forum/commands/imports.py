"""Bringing in conversations from elsewhere."""

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from forum.conversations import imports
from forum.groups import queries as groups

bring_in = AppGroup("import", help="Bring in conversations from elsewhere.")


@bring_in.command("threads")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--group", "address", required=True, help="The group's short address.")
@click.option("--hold", is_flag=True, help="Let the gate hold what it would hold from a member.")
def import_threads(file: Path, address: str, hold: bool) -> None:
    """Import JSON Lines of {"board", "title", "body", "replies": [...]}. Running it again adds nothing twice."""
    card = groups.find_card(address)
    if card is None:
        raise click.ClickException(f"There is no group at {address}.")
    report = imports.Report()
    with file.open("rb") as lines, click.progressbar(length=file.stat().st_size, label="Importing") as bar:
        for line in lines:
            imports.import_line(groups.scope_of(card), line, report, hold=hold)
            bar.update(len(line))
    for problem in report.problems:
        click.echo(f"line {problem.line}: {problem.reason}", err=True)
    click.echo(report.summary())
    if report.problems:
        sys.exit(1)
