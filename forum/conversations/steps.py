"""What posting is made of, inside the transaction of a use case: nothing here waits, and nothing begins or ends one."""

import hashlib
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Row, insert, select

from forum.base import clock
from forum.base.db import row
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, write
from forum.base.words import _, ngettext
from forum.content.notes import offered
from forum.conversations import kept_rules, lifecycle, lines, masks, queries, restrictions, voice
from forum.conversations.lifecycle import Author, Written
from forum.conversations.lines import Line
from forum.conversations.places import Place
from forum.conversations.prepare import Meant, Prepared, Words
from forum.groups.duty import next_look
from forum.groups.queries import is_staffed, list_turns
from forum.models import Conversation, ConversationKind, Hold, Post, PostState, Resend, Standing
from forum.policy import asking, gate
from forum.policy.actor import Actor, Membership
from forum.policy.gate import Situation, Waiting
from forum.policy.members import actor_in, writer_in
from forum.policy.permissions import ConversationFacts, Denial, may_look_after, may_post, require
from forum.policy.room_rules import OPEN, Heard


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
    *,
    names_only: bool = False,
) -> bytes:
    """Step: a conversation without posts; nobody sees it before one is shown.

    :param ident: an id made from what is imported; a random one otherwise.
    :param names_only: whoever starts it wants no answers under hidden names.
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
            names_only=names_only,
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


def add(
    place: Place,
    conversation: Row,
    membership: Membership,
    words: Words,
    ready: Prepared,
    form: bytes,
    heard: Heard = OPEN,
) -> Written:
    """Step: write the post with what belongs to it. Under an alias nothing here names the persona (decisions.md §2).

    :param heard: what a live room says of it.
    """
    if place.kind is ConversationKind.TEAM:
        return _add_to_line(place, conversation, membership, words, ready, form)
    now = Actor(memberships={place.group_id: membership})
    require(may_post, now, ConversationFacts(place.group_id, conversation.closed_at))
    if words.masked and place.names_only:
        raise Invalid(
            _("Answers here show a name, as whoever began this asked. Your words are kept. Nothing is posted.")
        )
    kept_rules.require_face(place.terms, words.masked)
    if words.as_team:
        require(may_look_after, now, place.group_id)
    _require_unrestricted(membership)
    author = _author(place, membership, words)
    noted = offered(words.notes, place.own_notes)
    situation = situation_of(place, membership, author, noted, heard)
    verdict = gate.decide(ready.findings, situation)
    kept_rules.require_words(verdict, place.terms)
    answers_id = _answered(place, membership, words.answers_id)
    notes = noted | verdict.notes | int(verdict.fold)
    said = replace(ready, meant=Meant(notes, words.mark))
    written = lifecycle.add_post(
        conversation,
        author,
        said,
        held=verdict.hold,
        answers_id=answers_id,
        rules=place.rules,
        until=heard.until,
    )
    _keep_form(membership, form, written.id)
    if words.as_team:
        voice.note_spoken(membership, written.id)
    gate.record(Waiting(written.id, place.group_id, ready.body, new=True), verdict)
    if situation.newcomer and not verdict.hold:
        lifecycle.settle_author(written.id)
    return written


def _require_unrestricted(membership: Membership) -> None:
    """What two of the team agreed binds every face of a person. The line to the team is open all the time."""
    again = restrictions.note_written(membership.scope, membership.persona_id)
    if again is None:
        return
    hours = max(1, -int((clock.now() - again).total_seconds() // 3600))
    raise NotAllowed(
        ngettext(
            "The team asked you to wait. You can post again in %(num)d hour. You can read, and write to the team.",
            "The team asked you to wait. You can post again in %(num)d hours. You can read, and write to the team.",
            hours,
        )
    )


def require_not_paused(membership: Membership) -> None:
    """The same for what is no new post and still new words: an edit, a question to everybody.

    Refused, not held: on the team's list words under an alias would tell whose it is. Taking words back stays open.
    """
    now = restrictions.find(membership.scope, membership.persona_id)
    if now is not None and not now.slow:
        raise NotAllowed(_("The team asked you to wait. You can read, take words back, and write to the team."))


def _add_to_line(
    place: Place, conversation: Row, membership: Membership, words: Words, ready: Prepared, form: bytes
) -> Written:
    """The same in a line to the team. What the gate finds only marks the words: nothing stands between a person and it.

    So no case is opened, and a gate that is broken cannot lose a cry for help (docs/decisions, the line to the team).
    """
    line = lines.find_own(membership, place.id)
    if line is None:
        require(may_look_after, Actor(memberships={place.group_id: membership}), place.group_id)
        asking.require_free(membership, place.id)
    author = _author_to_team(line, membership, words)
    verdict = gate.decide(
        ready.findings, Situation(place.group_id)
    )  # about the words alone, never about who wrote them
    written = lifecycle.add_post(conversation, author, ready, held=False, answers_id=None, rules=place.rules)
    _keep_form(membership, form, written.id)
    if line is None and words.as_team:
        voice.note_spoken(membership, written.id)
    if line is None:
        lines.note_answered(place.id, min(words.seen, conversation.next_seq - 1), written.seq)
        asking.note_answered(membership, place.id)
    else:
        lines.note_asked(place.id, written.seq, look_at(place), verdict.reasons)
    return written


def _author_to_team(line: Line | None, membership: Membership, words: Words) -> Author:
    """The owner writes under the face of the line, anybody else of the team under their own name or in its voice."""
    if line is not None and line.face.masked:
        return Author(mask_id=line.face.id)
    if line is None and words.as_team:
        return Author(persona_id=voice.find_or_make(membership.scope))
    return Author(persona_id=membership.persona_id)


def look_at(place: Place) -> datetime:
    """When somebody of the team looks; now, if nobody is due: then it is overdue rather than promised by nobody."""
    now = clock.now()
    return next_look(list_turns(place.group_id, place.zone, now), now) or now


def situation_of(place: Place, membership: Membership, author: Author, notes: int, heard: Heard = OPEN) -> Situation:
    """What the gate needs to know of where a post goes and of who writes it.

    :param notes: that its author put on it. :param heard: what the live room it goes to says of it.
    """
    first, masked = membership.standing is Standing.NEWCOMER, author.mask_id is not None
    return replace(
        _situation_in_room(place, heard) if place.kind is ConversationKind.ROOM else situation_at(place),
        newcomer=first and not masked,
        holds_newcomers=place.holds_newcomers and (first or masked),  # all aliases: one that waits must not be new here
        held_author=restrictions.holds_posts(membership.scope, author.mask_id or membership.persona_id),
        new_alias=masked and restrictions.new_aliases_wait(membership.scope) and not _was_seen(author),
        by_team=membership.on_team and not masked,
        noted=bool(notes),
    )


def situation_at(place: Place) -> Situation:
    """The same of the place alone, whoever writes there."""
    alone = Hold.UNSTAFFED in place.holds and not is_staffed(place.group_id, place.zone)
    braked = place.brake is not None
    return Situation(place.group_id, holds=place.holds, nobody_here=alone, braked=braked, terms=place.terms)


def _situation_in_room(place: Place, heard: Heard) -> Situation:
    """A room says by its seats whether somebody is here, whatever the table of duty times says, and which brake is on."""
    holds = place.holds | Hold.UNSTAFFED if heard.waits else place.holds
    return Situation(place.group_id, holds=holds, nobody_here=heard.waits, braked=heard.braked, terms=place.terms)


def _was_seen(author: Author) -> bool:
    """Whether the group can read words under this alias already."""
    seen = select(Post.id).where(Post.mask_id == author.mask_id, Post.state == PostState.VISIBLE).limit(1)
    return row(seen) is not None


def _author(place: Place, membership: Membership, words: Words) -> Author:
    if words.as_team:
        return Author(persona_id=voice.find_or_make(membership.scope))
    if words.masked:
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
