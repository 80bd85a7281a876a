"""Mentions: "@Quiet Heron" in words that the group can see is a row for that name. It says no more than the words do.

Only names: an alias leads to nobody, not even here (L6). Who was named is found out from the words alone, whoever wrote
them, so a masked post and a named one write the same rows.
"""

import re
import unicodedata
from collections.abc import Iterator

from sqlalchemy import bindparam, delete, insert, select

from forum.accounts.names import MOST, skeleton
from forum.base.db import rows
from forum.base.hot import Hot
from forum.base.transaction import here
from forum.models import Board, Conversation, ConversationKind, Mention, Persona, Post, PostState
from forum.policy.audience import EVERYONE, personas_of
from forum.policy.members import NOT_IN

#: Nobody speaks to more people at once; what names more calls out to a crowd.
MOST_NAMED = 10
#: Words of one name: "Wren of the Far Hill" has five.
MOST_WORDS = 5

#: Not within a word: an e-mail address names nobody here.
_SIGN = re.compile(r"(?<![\w@.])@(?=\w)")
_WORD = re.compile(r"[^\s@.,;:!?()\[\]{}<>*_\"“”…،؟۔]+")

_POST = Hot(
    select(
        Post.state,
        Post.body,
        Conversation.kind,
        Conversation.group_id,
        Board.readers,
        select(Mention.post_id).where(Mention.post_id == Post.id).limit(1).scalar_subquery().label("named"),
    )
    .join(Conversation, Conversation.id == Post.conversation_id)
    .outerjoin(Board, Board.id == Conversation.board_id)
    .where(Post.id == bindparam("post"))
)


def may_name(body: str) -> bool:
    """Whether words can name anybody at all."""
    return "@" in body


def note(post_id: int) -> None:
    """Step: keep who is named in a post as its words now say it and the group can see it. Safe to repeat."""
    post = _POST.row({"post": post_id})
    if post is None:
        return
    if post.named is not None:
        here().execute(delete(Mention).where(Mention.post_id == post_id))
    if post.state is not PostState.VISIBLE or post.kind is ConversationKind.TEAM or not may_name(post.body):
        return
    named = sorted(find_named(post.group_id, EVERYONE if post.readers is None else post.readers, post.body))
    if named:
        here().execute(insert(Mention), [{"persona_id": one, "post_id": post_id} for one in named])


def find_named(group_id: bytes, readers: int, body: str) -> set[bytes]:
    """Who of the group is named in a text: for each sign the longest name that stands behind it.

    :param readers: of the board, as `forum.policy.audience` counts: who cannot read there is not called there.
    """
    wanted = [[skeleton(one) for one in may_be] for may_be in _after_signs(body)]
    keys = {key for may_be in wanted for key in may_be if key}
    if not keys:
        return set()
    here_now = (Persona.group_id == group_id, Persona.standing.not_in(NOT_IN), personas_of(readers))
    found = rows(select(Persona.skeleton, Persona.id).where(*here_now, Persona.skeleton.in_(keys)))
    known = {r.skeleton: r.id for r in found}
    longest = (next((known[key] for key in may_be if key in known), None) for may_be in wanted)
    return {one for one in longest if one is not None}


def _after_signs(body: str) -> Iterator[list[str]]:
    """What may be a name behind each @ of a text, the longest first."""
    folded = unicodedata.normalize("NFKC", body)
    for sign, _n in zip(_SIGN.finditer(folded), range(MOST_NAMED), strict=False):
        line = folded[sign.end() : sign.end() + 2 * MOST].split("\n", 1)[0]
        yield [line[: word.end()] for word in reversed(list(_words(line)))]


def _words(line: str) -> Iterator[re.Match[str]]:
    """The words at the beginning of a line that stand beside each other with spaces alone between them."""
    at = 0
    for word, _n in zip(_WORD.finditer(line), range(MOST_WORDS), strict=False):
        if line[at : word.start()].strip():
            return
        at = word.end()
        yield word
