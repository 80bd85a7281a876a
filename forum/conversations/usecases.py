"""What members do with words. Each prepares (may wait), then commits in one transaction that never waits."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Row, insert, select

from forum.base import clock, erasures, jobs, tagged
from forum.base.db import row
from forum.base.errors import NotAllowed, NotFound
from forum.base.idents import new_ident, read_post_id
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction, write
from forum.base.words import _
from forum.conversations import board_queries, lifecycle, lines, markers, masks, places, queries, restrictions
from forum.conversations.lifecycle import Author, Written
from forum.conversations.lines import Line
from forum.conversations.places import Place
from forum.conversations.prepare import Prepared, prepare, prepare_title
from forum.groups.duty import next_look
from forum.groups.queries import list_turns
from forum.models import (
    Conversation,
    ConversationKind,
    Post,
    PostState,
    PostVersion,
    ReadMarker,
    Resend,
    Standing,
)
from forum.policy import gate
from forum.policy.actor import Actor, Membership
from forum.policy.gate import Situation, Waiting
from forum.policy.members import actor_in, writer_in
from forum.policy.permissions import (
    ConversationFacts,
    Denial,
    PostFacts,
    may_edit,
    may_look_after,
    may_post,
    may_read,
    may_see_versions,
    may_withdraw,
    require,
)


@dataclass(frozen=True)
class Words:
    """What somebody wants to say.

    :param masked: hide my name: the alias of this conversation instead.
    :param answers_id: the post it answers, in the same conversation.
    :param seen: the last place that stood on the writer's page; for answers of the team, which answer no more than that.
    """

    body: str
    lang: str = "en"
    masked: bool = False
    answers_id: int | None = None
    seen: int = 0


@retrying
def submit_post(actor: Actor, conversation_id: bytes, words: Words, token: str) -> Written:
    """Post to a topic or a room; the gate decides if it waits for a person.

    :param token: from the form; the same words with it twice are one post, and the second answer shows the first result.
    :raises NotFound: no such conversation, or none this actor may see.
    :raises NotAllowed: with the reason, to show to the author.
    :raises Invalid: the words cannot be taken as they are.
    """
    place = places.get_place(actor, conversation_id)
    require(may_post, actor, places.facts_here(place))
    ready = prepare(words.body, words.lang, place.kind, place.group_words)
    form = form_of(token, conversation_id, ready.body)
    with transaction():
        membership = member_now(actor, places.facts_here(place), place.scope)
        conversation = lock(conversation_id)
        if resent := queries.find_resend(membership, form):
            return as_written(resent)
        place = places.find_place(conversation_id) or place  # its board may have been closed or narrowed meanwhile
        if place.kind is not ConversationKind.TEAM:
            require(may_post, Actor(memberships={place.group_id: membership}), places.facts_here(place))
        return add(place, conversation, membership, words, ready, form)


@retrying
def start_topic(actor: Actor, board_id: bytes, title: str, words: Words, token: str) -> Written:
    """Open a topic with its first post.

    :raises NotFound: no such board, or none this actor may see.
    :raises NotAllowed: with the reason. :raises Invalid: title or words cannot be taken as they are.
    """
    board = board_queries.find_board(board_id)
    if board is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    facts = board_queries.facts_of_board(board)
    require(may_post, actor, facts)
    scope, clean = Scope(board.organisation_id, board.group_id), prepare_title(title)
    ready = prepare(words.body, words.lang, ConversationKind.TOPIC, places.group_words(board.group_words), clean)
    form = form_of(token, board_id, clean, ready.body)
    with transaction():
        membership = member_now(actor, facts, scope)
        if resent := queries.find_resend(membership, form):
            return as_written(resent)
        if (board := board_queries.find_board(board_id)) is None:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        require(may_post, Actor(memberships={scope.group_id: membership}), board_queries.facts_of_board(board))
        conversation_id = open_conversation(scope.group_id, board_id, ConversationKind.TOPIC, clean, words.lang)
        place = places.find_place(conversation_id)
        assert place is not None
        return add(place, lock(conversation_id), membership, words, ready, form)


def form_of(token: str, place_id: bytes, *said: str) -> bytes:
    """What makes a form the same one sent again: its token, where it was sent, and its words.

    Not the token alone: on a slow line people are told to send again, and write on meanwhile. What they added must not
    be answered with what was kept before. The name is left out, or the same words would stand under both.
    """
    return hashlib.sha256("\0".join((token, place_id.hex(), *said)).encode("utf-8", "surrogatepass")).digest()


def open_conversation(
    group_id: bytes,
    board_id: bytes | None,
    kind: ConversationKind,
    title: str,
    lang: str,
    ident: bytes | None = None,
) -> bytes:
    """Step: a conversation without posts; nobody sees it before one is shown.

    :param ident: an id made from what is imported; a random one otherwise.
    """
    conversation_id = ident or new_ident()
    here().execute(
        insert(Conversation).values(
            id=conversation_id,
            group_id=group_id,
            board_id=board_id,
            kind=kind,
            title=title,
            lang=lang,
            next_seq=1,
            feed_no=0,
            shown_posts=0,
            last_shown_seq=0,
            last_activity_hour=clock.this_hour(),
        )
    )
    return conversation_id


def member_now(actor: Actor, facts: ConversationFacts, scope: Scope) -> Membership:
    """The membership as it is inside this transaction: it may have ended since the page was opened."""
    now = writer_in(actor, scope) if facts.to_team else actor_in(actor, scope)
    require(may_post, now, replace(facts, closed_at=None))
    membership = now.writer_in(scope.group_id)
    assert membership is not None
    return membership


def lock(conversation_id: bytes) -> Row:
    """Step: the conversation, nobody else writing to it meanwhile."""
    conversation = lifecycle.lock_conversation(conversation_id)
    if conversation is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return conversation


def as_written(found: Row) -> Written:
    """What a form became that was sent before."""
    return Written(found.id, found.conversation_id, found.seq, found.state)


def add(place: Place, conversation: Row, membership: Membership, words: Words, ready: Prepared, form: bytes) -> Written:
    """Step: write the post with what belongs to it. Under an alias nothing here names the persona (decisions.md §2)."""
    if place.kind is ConversationKind.TEAM:
        return _add_to_line(place, conversation, membership, words, ready, form)
    now = Actor(memberships={place.group_id: membership})
    require(may_post, now, ConversationFacts(place.group_id, conversation.closed_at))
    author = _author(place, membership, words.masked)
    situation = _situation(place, membership, author)
    verdict = gate.decide(ready.findings, situation)
    answers_id = _answered(place, membership, words.answers_id)
    written = lifecycle.add_post(
        conversation, author, ready, held=verdict.hold, answers_id=answers_id, rules=place.rules
    )
    _keep_form(membership, form, written.id)
    gate.record(Waiting(written.id, place.group_id, ready.body), verdict)
    if situation.newcomer and not verdict.hold:
        lifecycle.settle_author(written.id)
    return written


def _add_to_line(
    place: Place, conversation: Row, membership: Membership, words: Words, ready: Prepared, form: bytes
) -> Written:
    """The same in a line to the team. What the gate finds only marks the words: nothing stands between a person and it.

    So no case is opened, and a gate that is broken cannot lose a cry for help (docs/decisions, the line to the team).
    """
    line = lines.find_own(membership, place.id)
    if line is None:
        require(may_look_after, Actor(memberships={place.group_id: membership}), place.group_id)
    author = _author_to_team(line, membership)
    verdict = gate.decide(
        ready.findings, Situation(place.group_id)
    )  # about the words alone, never about who wrote them
    written = lifecycle.add_post(conversation, author, ready, held=False, answers_id=None, rules=place.rules)
    _keep_form(membership, form, written.id)
    if line is None:
        lines.note_answered(place.id, min(words.seen, conversation.next_seq - 1), written.seq)
    else:
        lines.note_asked(place.id, written.seq, look_at(place), verdict.reasons)
    return written


def _author_to_team(line: Line | None, membership: Membership) -> Author:
    """The owner writes under the face of the line, anybody else of the team under their own name."""
    if line is not None and line.face.masked:
        return Author(mask_id=line.face.id)
    return Author(persona_id=membership.persona_id)


def look_at(place: Place) -> datetime:
    """When somebody of the team looks; now, if nobody is due: then it is overdue rather than promised by nobody."""
    now = clock.now()
    return next_look(list_turns(place.group_id, place.zone, now), now) or now


def _situation(place: Place, membership: Membership, author: Author) -> Situation:
    first, masked = membership.standing is Standing.NEWCOMER, author.mask_id is not None
    return Situation(
        group_id=place.group_id,
        newcomer=first and not masked,
        holds_newcomers=place.holds_newcomers and (first or masked),  # all aliases: one that waits must not be new here
        held_author=restrictions.holds_posts(membership.scope, author.mask_id or membership.persona_id),
        by_team=membership.on_team and not masked,
    )


def _author(place: Place, membership: Membership, masked: bool) -> Author:
    if masked:
        return Author(mask_id=masks.wear(membership.scope, membership.persona_id, place.id).id)
    return Author(persona_id=membership.persona_id)


def _answered(place: Place, membership: Membership, answers_id: int | None) -> int | None:
    """The post to quote, if it is one of this conversation that the author could see; else none."""
    if answers_id is None:
        return None
    found = row(select(Post.id).where(Post.id == answers_id, Post.conversation_id == place.id, Post.changed_in > 0))
    return found.id if found else None


def _keep_form(membership: Membership, form: bytes, post_id: int) -> None:
    write(_KEEP_FORM, tag=queries.resend_tags(membership, form)[0], post_id=post_id, day=clock.today())


_KEEP_FORM = insert(Resend)


@jobs.step("publish_post")
def publish_sent(payload: jobs.Payload) -> None:
    """Ten seconds have gone by: let the group see a post, unless its author took it back or it waits."""
    post_id = read_post_id(payload["post"])
    post = lifecycle.lock_post(post_id) if post_id is not None else None
    if post is not None and post.state is PostState.SENDING:
        lifecycle.publish(post.id, post.conversation_id, "add")


def edit_post(actor: Actor, post_id: int, body: str, lang: str) -> Written:
    """Put new words in one's own post; they pass the same gate, and the old ones are kept as a version.

    :raises NotFound, NotAllowed, Invalid: as for posting.
    """
    found, place, own = queries.get_row(actor, post_id)
    require(may_edit, actor, queries.facts_of(found, place, own))
    ready = prepare(body, lang, place.kind, place.group_words)
    with transaction():
        post, membership = _own_post(actor, place, post_id, may_edit)
        author = Author(post.persona_id, post.mask_id)
        situation = replace(_situation(place, membership, author), newcomer=False, holds_newcomers=False)
        verdict = gate.decide(ready.findings, situation)
        if place.kind is ConversationKind.TEAM:
            lifecycle.edit(post, ready, held=False)
            if lines.find_own(membership, place.id):
                lines.note_edited(place.id, post.seq, look_at(place), verdict.reasons)
            return Written(post.id, place.id, post.seq, post.state)
        held = verdict.hold or post.state is PostState.HELD
        lifecycle.edit(post, ready, held=held)
        gate.record(Waiting(post.id, place.group_id, ready.body), verdict)
        return Written(post.id, place.id, post.seq, post.state)


def withdraw_post(actor: Actor, post_id: int) -> Written:
    """Take one's own words back, at once and everywhere. Doing it twice is harmless.

    :raises NotFound, NotAllowed: not one's own, or gone already.
    """
    found, place, own = queries.get_row(actor, post_id)
    require(may_withdraw, actor, queries.facts_of(found, place, own))
    with transaction():
        post, _who = _own_post(actor, place, post_id, may_withdraw)
        lifecycle.withdraw(post)
        if place.kind is ConversationKind.TEAM:
            lines.note_withdrawn(place.scope, post)
        erasures.note("post", post_id.to_bytes(16))  # first: what is not noted comes back with a restore
        return Written(post.id, place.id, post.seq, PostState.WITHDRAWN)


def _own_post(
    actor: Actor, place: Place, post_id: int, rule: Callable[[Actor, PostFacts], Denial | None]
) -> tuple[Post, Membership]:
    """The post, locked, with the rule asked again about how things are now."""
    to_team = place.kind is ConversationKind.TEAM
    now = writer_in(actor, place.scope) if to_team else actor_in(actor, place.scope)
    post = lifecycle.lock_post(post_id)
    membership = now.writer_in(place.group_id)
    if post is None or membership is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    own = bool(row(select(Post.id).where(Post.id == post_id, queries.mine_in(place, membership))))
    require(rule, now, PostFacts(place.group_id, post.state, own, post.changed_in > 0, to_team))
    return post, membership


def erase_version(actor: Actor, post_id: int, version_id: bytes) -> None:
    """Erase one earlier version of one's own post for good, and note it in the ledger that a restore replays.

    :raises NotFound: not one's own. :raises NotAllowed: an open item needs it.
    """
    found, place, own = queries.get_row(actor, post_id)
    require(may_see_versions, actor, queries.facts_of(found, place, own))
    with transaction():
        _own_post(actor, place, post_id, may_see_versions)
        version = row(select(PostVersion.id).where(PostVersion.id == version_id, PostVersion.post_id == post_id))
        if version is None:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        if gate.needs_versions(post_id):
            raise NotAllowed(_("The team is still looking at this post. You can erase it once that is over."))
        erasures.note("post_version", version_id)  # first: an erasure that is not noted comes back with a restore
        lifecycle.erase_version(version_id)


@retrying
def mark_read(actor: Actor, conversation_id: bytes, seq: int) -> None:
    """Note how far somebody read. Only forwards, and never past what is shown.

    :param seq: a place in the conversation, 0 or more.
    """
    place = places.get_place(actor, conversation_id)
    require(may_read, actor, places.facts_here(place))
    membership = actor.membership_in(place.group_id)
    assert membership is not None
    upto = min(seq, place.last_shown_seq)
    if upto <= markers.find_marker(membership, conversation_id):
        return
    with transaction():
        keep_marker(membership, conversation_id, upto)


def keep_marker(membership: Membership, conversation_id: bytes, seq: int) -> None:
    """Step: seal how far somebody read, unless another page of theirs went further meanwhile."""
    ids = (membership.persona_id, conversation_id)
    before = tagged.find(ReadMarker, membership.scope, "read_marker", ids, lock=True)
    if seq <= int.from_bytes(before or b""):
        return
    tagged.keep(ReadMarker, membership.scope, "read_marker", ids, seq.to_bytes(8))
