"""Looking after what can be searched."""

import click
from flask.cli import AppGroup

from forum.conversations import full_text, search_index

looking = AppGroup("search", help="What members can find by searching.")


@looking.command("rebuild")
def rebuild() -> None:
    """Compare the search with every post and mend what differs, while people read and write.

    Stopped half-way nothing is lost: run it again, and it goes quickly over what is right already.
    """
    if full_text.mend():
        click.echo("The full-text table was damaged and is made anew.")
    mended = 0
    with click.progressbar(length=search_index.count_stretches(), label="Comparing") as bar:
        for wrong in search_index.mend_all():
            mended += wrong
            bar.update(1)
    full_text.clean()
    click.echo(f"{mended} posts were not found as they are now; that is mended.")
