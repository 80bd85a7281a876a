"""What members do with words. Each prepares (may wait), then commits in one transaction that never waits."""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import select

from forum.base import erasures, jobs
from forum.base.db import row
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.idents import read_post_id
from forum.base.keyring import Scope
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from forum.content.notes import offered
from forum.conversations import (
    board_queries,
    kept_rules,
    lifecycle,
    lines,
    markers,
    masks,
    places,
    queries,
    slow,
    steps,
)
from forum.conversations.lifecycle import Author, Written
from forum.conversations.places import Place
from forum.conversations.prepare import Meant, Words, prepare, prepare_title
from forum.models import ConversationKind, Post, PostState, PostVersion
from forum.policy import asking, gate, room_rules
from forum.policy.actor import Actor, Membership
from forum.policy.gate import Situation, Waiting
from forum.policy.members import actor_in, writer_in
from forum.policy.permissions import (
    Denial,
    PostFacts,
    may_edit,
    may_post,
    may_read,
    may_see_versions,
    may_withdraw,
    require,
)
from forum.policy.room_rules import OPEN, Heard, Speaking


@retrying
def submit_post(actor: Actor, conversation_id: bytes, words: Words, token: str) -> Written:
    """Post to a topic or a room; the gate decides if it waits for a person.

    :param token: from the form; the same words with it twice are one post, and the second answer shows the first result.
    :raises NotFound: no such conversation, or none this actor may see.
    :raises NotAllowed: with the reason, to show to the author.
    :raises Invalid: the words cannot be taken as they are.
    """
    return _post(actor, places.get_place(actor, conversation_id), words, token)


@retrying
def submit_inside(actor: Actor, place: Place, words: Words, token: str) -> Written:
    """`submit_post` for an actor who was let in to this place a moment ago (`entrance.enter`), so that it is not asked
    twice. What may have ended since is asked again where the words are written.

    :raises NotFound, NotAllowed, Invalid: as `submit_post`.
    """
    return _post(actor, place, words, token)


def _post(actor: Actor, place: Place, words: Words, token: str) -> Written:
    require(may_post, actor, places.facts_here(place))
    ready = prepare(words.body, words.lang, place.kind, place.group_words)
    form = steps.form_of(token, place.id, ready.body)
    with transaction():
        membership = steps.member_now(actor, places.facts_here(place), place.scope)
        conversation = steps.lock(place.id)
        if resent := queries.find_resend(membership, form):
            return steps.as_written(resent)
        place = places.find_place(place.id) or place  # its board may have been closed or narrowed meanwhile
        if place.kind is not ConversationKind.TEAM:
            require(may_post, Actor(memberships={place.group_id: membership}), places.facts_here(place))
        slow.check(place, membership, masked=words.masked)
        heard = room_rules.check(_speaking(place, membership, words)) if place.kind is ConversationKind.ROOM else OPEN
        written = steps.add(place, conversation, membership, words, ready, form, heard)
    slow.note(place, membership)
    if heard.slow:
        room_rules.note_spoken(place.id, membership)
    return written


def _speaking(place: Place, membership: Membership, words: Words) -> Speaking:
    worn = masks.find_mask(place.scope, membership.persona_id, place.id) if words.masked else None
    return Speaking(place.id, membership, words.masked, worn.id if worn else None)


@retrying
def start_topic(
    actor: Actor, board_id: bytes, title: str, words: Words, token: str, *, ident: bytes | None = None
) -> Written:
    """Open a topic with its first post.

    :param ident: of the topic, where somebody else may have to go on; a random one otherwise.
    :raises NotFound: no such board, or none this actor may see.
    :raises NotAllowed: with the reason. :raises Invalid: title or words cannot be taken as they are.
    """
    board = board_queries.find_board(board_id)
    if board is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    facts = board_queries.facts_of_board(board)
    require(may_post, actor, facts)
    if words.names_only and words.masked:
        raise Invalid(_("You ask for answers with names. Then please write with your name, too, or allow hidden ones."))
    scope, clean = Scope(board.organisation_id, board.group_id), prepare_title(title)
    ready = prepare(words.body, words.lang, ConversationKind.TOPIC, gate.group_words(board.group_words), clean)
    if ready.body == board.template:
        raise Invalid(_("These are only the questions of this board. Write what you like, with them or without."))
    form = steps.form_of(token, board_id, clean, ready.body)
    with transaction():
        membership = steps.member_now(actor, facts, scope)
        if resent := queries.find_resend(membership, form):
            return steps.as_written(resent)
        if (board := board_queries.find_board(board_id)) is None:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        require(may_post, Actor(memberships={scope.group_id: membership}), board_queries.facts_of_board(board))
        conversation_id = steps.open_conversation(
            scope.group_id, board_id, ConversationKind.TOPIC, clean, words.lang, ident, names_only=words.names_only
        )
        place = places.find_place(conversation_id)
        assert place is not None
        return steps.add(place, steps.lock(conversation_id), membership, words, ready, form)


@jobs.step("publish_post")
def publish_sent(payload: jobs.Payload) -> None:
    """Ten seconds have gone by: let the group see a post, unless its author took it back or it waits."""
    post_id = read_post_id(payload["post"])
    post = lifecycle.lock_post(post_id) if post_id is not None else None
    if post is not None and post.state is PostState.SENDING:
        lifecycle.publish(post.id, post.conversation_id, "add")
        asking.note_waiting(post.conversation_id)


def edit_post(actor: Actor, post_id: int, body: str, lang: str, meant: Meant | None = None) -> Written:
    """Put new words in one's own post; they pass the same gate, and the old ones are kept as a version.

    :param meant: content notes and mark from now on; None to leave them as they are.
    :raises NotFound, NotAllowed, Invalid: as for posting.
    """
    found, place, own = queries.get_row(actor, post_id)
    require(may_edit, actor, queries.facts_of(found, place, own))
    ready = prepare(body, lang, place.kind, place.group_words)
    with transaction():
        post, membership = _own_post(actor, place, post_id, may_edit)
        place = places.find_place(place.id) or place  # its group may have agreed other rules meanwhile
        if place.kind is not ConversationKind.TEAM:
            steps.require_not_paused(membership)
        author = Author(post.persona_id, post.mask_id)
        said = replace(meant, notes=offered(meant.notes, place.own_notes)) if meant else Meant(post.notes, post.mark)
        ready = replace(ready, meant=said)
        to_team = place.kind is ConversationKind.TEAM
        noted = offered(said.notes, place.own_notes)
        heard = _hear_again(place, membership, post)
        situation = (
            Situation(place.group_id) if to_team else steps.situation_of(place, membership, author, noted, heard)
        )
        verdict = gate.decide(ready.findings, replace(situation, newcomer=False))
        kept_rules.require_words(verdict, place.terms)
        if to_team:
            lifecycle.edit(post, ready, held=False)
            if lines.find_own(membership, place.id):
                lines.note_edited(place.id, post.seq, steps.look_at(place), verdict.reasons)
                asking.note_waiting(place.id)
            return Written(post.id, place.id, post.seq, post.state)
        held = verdict.hold or post.state is PostState.HELD
        if verdict.notes:
            ready = replace(ready, meant=replace(said, notes=said.notes | verdict.notes))
        lifecycle.edit(post, ready, held=held)
        if verdict.fold:
            lifecycle.fold(post, verdict.fold)
        gate.record(Waiting(post.id, place.group_id, ready.body), verdict)
        return Written(post.id, place.id, post.seq, post.state)


def _hear_again(place: Place, membership: Membership, post: Post) -> Heard:
    """Step: in a live room new words in a message that all read are a message: whoever may not speak now changes none.

    What a person reads first can be changed at any time.

    :raises NotAllowed: they may not speak there now.
    """
    if place.kind is not ConversationKind.ROOM or post.state is PostState.HELD:
        return OPEN
    heard = room_rules.check(Speaking(place.id, membership, post.mask_id is not None, post.mask_id))
    if heard.until is not None and post.state is not PostState.SENDING:
        raise NotAllowed(
            _("Everybody writes for themselves just now. Your words stay here. Save them when that is over.")
        )
    return heard


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
            asking.note_waiting(place.id)
        erasures.note("post", post_id.to_bytes(16))  # first: what is not noted comes back with a restore
        return Written(post.id, place.id, post.seq, PostState.WITHDRAWN)


def _own_post(
    actor: Actor, place: Place, post_id: int, rule: Callable[[Actor, PostFacts], Denial | None]
) -> tuple[Post, Membership]:
    """Step: the post, locked, with the rule asked again about how things are now."""
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
        markers.keep_marker(membership, conversation_id, upto)
