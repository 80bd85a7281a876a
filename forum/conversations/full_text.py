"""SQLite's full-text table: nothing stays in it of words that were taken back, it is whole, and it does not wear out.

FTS5 notes that a word is gone, and lets go of it when the parts of the index are put together. Nothing here does anything
on PostgreSQL, whose index needs no care of ours.
"""

import logging
import sqlite3
from datetime import timedelta
from typing import Any, NoReturn

from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from forum.base import clock, jobs
from forum.base.db import db
from forum.base.errors import Busy, origin
from forum.base.transaction import after_commit, here, transaction
from forum.base.words import _

log = logging.getLogger(__name__)

#: Several words taken back within it are cleaned up after in one go.
CLEAN_AFTER = timedelta(minutes=1)
#: Pages of the full-text index rewritten in one step: 12 ms measured with an index of 24 MB.
PAGES_AT_ONCE = 100

#: The index begins with a list of its levels, and in SQLite 3.40 each time its parts are put together it has two more,
#: of two bytes each, for ever. With 2,000 of them (4,009 bytes) SQLite calls it malformed, and every post fails. Below
#: this it has room for 250 times more.
WORN_BYTES = 3_000
#: The same at night, when few wait for the seconds that it takes: a day has 1,440 minutes, and few of them words taken back.
WORN_BYTES_AT_NIGHT = 1_000


def is_used() -> bool:
    """Whether there is such a table: on SQLite alone."""
    return db.engine.dialect.name == "sqlite"


# --- Nothing stays -----------------------------------------------------------------------------------------------


def clean_up_soon() -> None:
    """Step: words that were taken back are found no more from this transaction on; their last bytes go in a minute."""
    if is_used():
        jobs.enqueue("search_clean", {}, clock.now() + CLEAN_AFTER, dedupe_key="search_clean")


@jobs.step("search_clean")
def clean_on(_payload: jobs.Payload) -> None:
    """A step of cleaning, and the next one if there is more to do."""
    if is_used() and _put_together(WORN_BYTES):
        jobs.enqueue("search_clean", {}, dedupe_key="search_clean")


def clean() -> None:
    """Leave the index in one part, in the order of its words: nothing that was taken back, nor what was written when.

    A part for each transaction would tell a thief of the backup which words were written one after the other.
    """
    going_on = is_used()
    while going_on:
        with transaction():
            going_on = _put_together(WORN_BYTES_AT_NIGHT)


def _put_together(worn_bytes: int) -> bool:
    """One step; says whether there is more to do."""
    if int(here().scalar(_LEVELS) or 0) > worn_bytes:
        write_anew()
    before = here().scalar(_CHANGES)
    here().execute(text("INSERT INTO post_search_fts(post_search_fts, rank) VALUES ('merge', :pages)"), _STEP)
    return int(here().scalar(_CHANGES) or 0) - int(before or 0) > 1


#: Below zero: go on with all parts until they are one.
_STEP = {"pages": -PAGES_AT_ONCE}
_CHANGES = text("SELECT total_changes()")
#: How long the list of levels is.
_LEVELS = text("SELECT length(block) FROM post_search_fts_data WHERE id = 10")


# --- It is whole -------------------------------------------------------------------------------------------------


def mend() -> bool:
    """Make the table anew if it is not what the words say; says whether it was wrong.

    Both take seconds in which whoever posts waits: 2 each for 60,000 posts of 60 words.
    """
    if not is_used() or _is_whole():
        return False
    with transaction():
        write_anew()
    return True


def _is_whole() -> bool:
    try:
        with transaction():
            here().execute(text("INSERT INTO post_search_fts(post_search_fts, rank) VALUES ('integrity-check', 1)"))
    except DatabaseError as error:
        if not _is_broken(error):
            raise
        return False
    return True


def write_anew() -> None:
    """Step: write the table from the words that are kept."""
    if is_used():
        here().execute(text("INSERT INTO post_search_fts(post_search_fts) VALUES ('rebuild')"))
        after_commit(forget)


def begin_anew() -> None:
    """Step: have it written anew in a moment."""
    jobs.enqueue("search_anew", {}, dedupe_key="search_anew")


# --- A broken one keeps nobody from posting ----------------------------------------------------------------------

_shut = False


def is_shut() -> bool:
    """Whether the table has to be left alone until it is made anew, for it would take a whole transaction with it."""
    return _shut and is_used()


def forget() -> None:
    """Use it again: it was made anew, or it is another database."""
    global _shut
    _shut = False


def bear(error: DatabaseError) -> None:
    """Step: go on after a write to the search failed, and have the table made anew.

    :raises Busy: SQLite undid the whole transaction. Whoever tries again gets through.
    :raises DatabaseError: this was not the table's fault.
    """
    if not is_used() or not _is_broken(error):
        raise error
    log.error("the search index is broken and is made anew. %s", origin(error))
    driver: Any = here().connection().connection.driver_connection
    if not driver.in_transaction:
        _shut_it()
    begin_anew()


def bear_reading(error: DatabaseError) -> NoReturn:
    """Have the table made anew after it could not be searched.

    :raises Busy: this was so. :raises DatabaseError: this was not the table's fault.
    """
    if not is_used() or not _is_broken(error):
        raise error
    log.error("the search index is broken and is made anew. %s", origin(error))
    with transaction():
        begin_anew()
    raise Busy(_("We are putting the search in order. Please try again in a minute."))


def _shut_it() -> NoReturn:
    global _shut
    _shut = True
    raise Busy(_("We could not keep this just now. Your words are still here. Please try again."))


def _is_broken(error: DatabaseError) -> bool:
    """Whether the table is what failed, and not a full disk or a lock."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code is not None and code & 0xFF == sqlite3.SQLITE_CORRUPT
