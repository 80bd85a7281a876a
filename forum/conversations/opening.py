"""What the first words of a topic carry along, away and back again: its title, and the question that it asks."""

from sqlalchemy import bindparam, delete, select, update

from forum.base.db import row, rows
from forum.base.hot import Hot
from forum.base.transaction import here
from forum.conversations.history import Kind
from forum.models import Conversation, ConversationEvent, Poll, PollAnswer, Post


def title_of(post: Post) -> str:
    """The title of the topic that this post opened, wherever it stands now: it goes and comes back with it."""
    opened = opened_by(post)
    if not opened:
        return ""
    titles = rows(select(Conversation.title).where(Conversation.id.in_(opened), Conversation.title != ""))
    return str(titles[0].title) if titles else ""


def opened_by(post: Post) -> list[bytes]:
    """The conversations whose first words these are: where it stands, or the emptied one from which it was merged."""
    conversation_id, seq = post.conversation_id, post.seq
    while seq > 1:
        came = _CAME.row({"conversation": conversation_id, "seq": seq})
        if came is None:
            return []
        conversation_id, seq = came.other_id, seq - came.shifted
    return [conversation_id]


_CAME = Hot(
    select(ConversationEvent.other_id, ConversationEvent.shifted).where(
        ConversationEvent.conversation_id == bindparam("conversation"),
        ConversationEvent.kind == Kind.CAME,
        ConversationEvent.undone.is_(False),
        ConversationEvent.first_seq <= bindparam("seq"),
        ConversationEvent.last_seq >= bindparam("seq"),
    )
)


def give_title_back(post: Post, title: str) -> None:
    """Step: only to what it opened, for a topic into which it was merged meanwhile has a title of its own."""
    for conversation_id in opened_by(post) if title else ():
        set_title(conversation_id, title)


def set_title(conversation_id: bytes, title: str) -> None:
    """Step: give a topic a title, or take it away."""
    here().execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(title=title)
        .execution_options(synchronize_session=False)
    )


def find_poll(post: Post) -> list[str]:
    """The question that the topic of a post asks and its options, as JSON, if the post is its first; else nothing."""
    asked = select(Poll.question, Poll.options).where(Poll.conversation_id.in_(opened_by(post)))
    found = row(asked.where(Poll.question != ""))
    return [found.question, found.options] if found else []


def give_poll_back(post: Post, poll: list[str]) -> None:
    """Step: what `find_poll` gave is asked again, with the answers it had."""
    if poll:
        question, options = poll
        _write_poll(opened_by(post), question, options, polled=True)


def empty_poll(conversation_id: bytes) -> None:
    """Step: its words go; its answers, which say nothing without them, wait for it to come back."""
    _write_poll([conversation_id], "", "[]", polled=False)


def _write_poll(conversation_ids: list[bytes], question: str, options: str, *, polled: bool) -> None:
    for change in (
        update(Poll).where(Poll.conversation_id.in_(conversation_ids)).values(question=question, options=options),
        update(Conversation).where(Conversation.id.in_(conversation_ids)).values(polled=polled),
    ):
        here().execute(change.execution_options(synchronize_session=False))


def drop_poll(conversation_id: bytes) -> None:
    """Step: a question is words as well: it goes with those that began its topic, and all answers with it."""
    asked = select(Poll.id).where(Poll.conversation_id == conversation_id)
    for gone in (
        delete(PollAnswer).where(PollAnswer.poll_id.in_(asked)),
        delete(Poll).where(Poll.conversation_id == conversation_id),
        update(Conversation).where(Conversation.id == conversation_id).values(polled=False),
    ):
        here().execute(gone.execution_options(synchronize_session=False))
