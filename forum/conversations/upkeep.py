"""Housekeeping of conversations: nothing is kept longer than it serves, and no copy tells more than it must."""

from datetime import timedelta

from sqlalchemy import Row, and_, delete, select, update

from forum.accounts import links, proofs
from forum.base import clock, erasures, rotation, text
from forum.base.db import lay_in_key_order, row, rows
from forum.base.errors import Invalid
from forum.base.transaction import here, transaction
from forum.conversations import fading, full_text, lifecycle, put_away
from forum.ground_rules import answers, arrivals
from forum.groups import given_up, invitations, reading
from forum.help import usecases as feedback
from forum.models import Conversation, ConversationKind, Post, PostState, PostVersion, Resend
from forum.web import sign_ins

#: A form is sent again within minutes, at the latest when a phone that lost its signal comes back the next day.
RESENDS_KEPT = timedelta(days=2)
#: Few enough that somebody who posts meanwhile waits for some milliseconds.
RENDERED_AT_ONCE = 100


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
        proofs.purge()


def replay_erasures() -> int:
    """After a restore: take away again what people took away since the backup. Gives how many rows went; safe to repeat."""
    gone = 0
    for table, ident in erasures.noted():
        with transaction():
            gone += _erase_again(table, ident)
    return gone


def _erase_again(table: str, ident: bytes) -> bool:
    """Step: whether there was anything to erase."""
    if table == "post_version" and row(select(PostVersion.id).where(PostVersion.id == ident)):
        lifecycle.erase_version(ident)
        return True
    if table == "post":
        return _withdraw_again(int.from_bytes(ident))
    replay = erasures.replay_of(table)
    return replay is not None and replay(ident)


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
    fading.let_go_of_due()
    answers.bring_in_due()
    purge_resends()
    arrivals.purge()
    feedback.purge()
    given_up.purge()
    invitations.purge()
    put_away.purge()
    reading.keep_facts()
    sign_ins.purge()
    purge_second_steps()
    sealed = sum(rotation.renew_all())
    full_text.clean()
    lay_in_key_order()
    return sealed


def render_anew(*, every: bool = False) -> int:
    """Show words as the newest renderer does, also those that were written before it; gives how many posts changed.

    Nothing that anybody said changes: the words as typed are kept beside their HTML. What the new renderer would refuse
    stays as it is.

    :param every: look also at those that this renderer wrote, for what was damaged since.
    """
    done, last = 0, -1
    old = select(Post.id, Post.body, Post.html, Conversation.kind)
    old = old.join(Conversation, Conversation.id == Post.conversation_id)
    old = old.where(Post.body != "" if every else and_(Post.renderer != text.RENDERER, Post.html != ""))
    old = old.order_by(Post.id).limit(RENDERED_AT_ONCE)
    while found := rows(old.where(Post.id > last)):
        last = found[-1].id
        made = [(r, html) for r in found if (html := _html_of(r)) is not None and not (every and html == r.html)]
        with transaction():
            for post, html in made:
                _put_html(post, html)
        done += len(made)
    return done


def _html_of(post: Row) -> str | None:
    try:
        return (text.render_room if post.kind is ConversationKind.ROOM else text.render)(post.body)
    except Invalid:
        return None


def _put_html(post: Row, html: str) -> None:
    """Unless the words were edited or taken back meanwhile: then they are newer than this."""
    here().execute(
        update(Post)
        .where(Post.id == post.id, Post.body == post.body)
        .values(html=html, renderer=text.RENDERER)
        .execution_options(synchronize_session=False)
    )
