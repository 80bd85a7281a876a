"""Housekeeping of conversations: nothing is kept longer than it serves, and no copy tells more than it must."""

from datetime import timedelta

from sqlalchemy import delete, select

from forum.accounts import links, second_factor
from forum.base import clock, erasures, rotation
from forum.base.db import lay_in_key_order, row, rows
from forum.base.transaction import here, transaction
from forum.conversations import lifecycle
from forum.ground_rules import arrivals
from forum.groups import given_up
from forum.help import usecases as feedback
from forum.models import PostState, PostVersion, Resend
from forum.web import sign_ins

#: A form is sent again within minutes, at the latest when a phone that lost its signal comes back the next day.
RESENDS_KEPT = timedelta(days=2)


def purge_resends() -> None:
    """Forget which forms became which posts after two days."""
    before = (clock.now() - RESENDS_KEPT).date()
    if not rows(select(Resend.tag).where(Resend.day < before).limit(1)):
        return
    with transaction():
        here().execute(delete(Resend).where(Resend.day < before))


def purge_second_steps() -> None:
    """Forget links that ended and codes that were given: both counted for minutes or a day."""
    with transaction():
        links.purge_links()
        second_factor.purge_proofs()


def replay_erasures() -> int:
    """After a restore: take away again what people took away since the backup. Gives how many rows went; safe to repeat."""
    gone = 0
    for table, ident in erasures.noted():
        with transaction():
            if table == "post_version" and row(select(PostVersion.id).where(PostVersion.id == ident)):
                lifecycle.erase_version(ident)
                gone += 1
            elif table == "post" and _withdraw_again(int.from_bytes(ident)):
                gone += 1
    return gone


def _withdraw_again(post_id: int) -> bool:
    post = lifecycle.lock_post(post_id)
    if post is None or post.state is PostState.WITHDRAWN:
        return False
    lifecycle.withdraw(post)
    return True


def prepare_for_backup() -> int:
    """Make ready for the nightly backup; gives how many rows were sealed afresh.

    A thief with the backups of two nights would see in a sealed value that changed whose words were read or written
    that day, and in the order of the rows what came right after what. So every seal is renewed and every table laid in
    the order of its random keys (decisions.md, "What the attack showed").
    """
    purge_resends()
    arrivals.purge()
    feedback.purge()
    given_up.purge()
    sign_ins.purge()
    purge_second_steps()
    sealed = sum(rotation.renew_all())
    lay_in_key_order()
    return sealed
