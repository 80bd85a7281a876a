"""The line to the team: finding one's own, opening it with the first words, the team's list. Words go the way of every
post (forum.conversations.steps); here is only what is different about where they go."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Row, select

from forum.base.db import row, rows
from forum.base.errors import NotFound
from forum.base.keyring import Scope
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from forum.conversations import lines, markers, places, queries, steps
from forum.conversations.lifecycle import Written
from forum.conversations.lines import Line
from forum.conversations.places import Place
from forum.conversations.prepare import Words, prepare
from forum.models import ConversationKind, Group, Mask, Persona, Post, Role
from forum.policy import asking, gate
from forum.policy.actor import Actor, Membership
from forum.policy.lines import Face
from forum.policy.members import NOT_IN, writer_in
from forum.policy.permissions import ConversationFacts, Denial, may_look_after, may_write_to_team, require

#: The gate's list of a group's own words is asked for with each text.
_GROUP = select(Group.words)


def find_line(actor: Actor, scope: Scope, mask_id: bytes | None = None) -> Line | None:
    """The actor's own line to this group's team, under their name or under one of their aliases.

    :raises NotFound: neither a member nor waiting to be let in.
    """
    return lines.find_face(_writer(writer_in(actor, scope), scope), mask_id)


def place_of_first_words(actor: Actor, scope: Scope) -> bytes:
    """Where words under one's own name are kept before there is a line; under an alias that is its mask.

    :raises NotFound: as for `find_line`.
    """
    return _writer(writer_in(actor, scope), scope).persona_id


@retrying
def write_to_team(actor: Actor, scope: Scope, words: Words, token: str, mask_id: bytes | None = None) -> Written:
    """Write to the team on one's own line, which is opened by the first words.

    :param mask_id: an alias that the actor wears in a topic, from `find_own_mask`; the team sees it and nothing else.
    :raises NotFound: as for `find_line`. :raises NotAllowed: too many aliases. :raises Invalid: no such words.
    """
    _writer(writer_in(actor, scope), scope)
    group = row(_GROUP.where(Group.id == scope.group_id))
    ready = prepare(words.body, words.lang, ConversationKind.TEAM, gate.group_words(group.words if group else ""))
    with transaction():
        membership = steps.member_now(actor, ConversationFacts(scope.group_id, to_team=True), scope)
        place = open_line(membership, mask_id, words.lang)
        form = steps.form_of(token, place.id, ready.body)
        conversation = steps.lock(place.id)
        if resent := queries.find_resend(membership, form):
            return steps.as_written(resent)
        return steps.add(place, conversation, membership, words, ready, form)


def ask_to_check_in(actor: Actor, post_id: int, own: bool, lang: str, token: str) -> bytes:
    """Ask the team to check in with whoever wrote a post, under the face that stands on it; gives their line.

    :param own: the actor wrote it. :param lang: of the page they read. :raises NotFound: somebody else's, or none.
    """
    found, place, _own = queries.get_row(actor, post_id)
    if not own or place.kind is ConversationKind.TEAM:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    words = _("I wrote a post just now. I would like somebody from the team to check in with me.")
    return write_to_team(actor, place.scope, Words(words, lang), token, found.mask_id).conversation_id


def open_line(membership: Membership, mask_id: bytes | None = None, lang: str = "en") -> Place:
    """Step: the member's line under this face, made on the first use. Its use case is `retrying`.

    :raises NotAllowed: they write under as many aliases as there are places.
    """
    line = lines.find_face(membership, mask_id)
    place = places.find_place(line.conversation_id if line else _open(membership, mask_id, lang))
    assert place is not None
    return place


def _open(membership: Membership, mask_id: bytes | None, lang: str) -> bytes:
    group_id = membership.scope.group_id
    opened = steps.open_conversation(group_id, None, ConversationKind.TEAM, "", lang)
    lines.add(membership, opened, Face(mask_id or membership.persona_id, masked=mask_id is not None))
    return opened


def find_own_mask(actor: Actor, post_id: int) -> tuple[Place, Face, str]:
    """The alias under which the actor wrote this post, with where and how it is called.

    :raises NotFound: no such post for them, not theirs, or written under their name.
    """
    found, place, own = queries.get_row(actor, post_id)
    mask = row(select(Mask.id, Mask.alias).join(Post, Post.mask_id == Mask.id).where(Post.id == post_id))
    if not own or mask is None or found.mask_id is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return place, Face(mask.id, masked=True), mask.alias


@dataclass(frozen=True)
class Here:
    """A line as one of its two sides has it open.

    :param me: who asks. :param own: they are its owner; else they answer for the team. :param name: of its owner here.
    """

    place: Place
    line: Line
    actor: Actor
    me: Membership
    own: bool
    name: str

    @property
    def kept_at(self) -> bytes:
        """Where the words that this side is writing are kept (forum.conversations.drafts): for its owner where the first
        words were."""
        return self.line.face.id if self.own else self.place.id


def enter(actor: Actor, conversation_id: bytes) -> Here:
    """Open a line for its owner or the team. :raises NotFound: to everybody else there is none.

    :param actor: from `writer_in` of the line's group.
    """
    place, inside = places.enter_place(actor, conversation_id)
    me = inside.writer_in(place.group_id)
    if place.kind is not ConversationKind.TEAM or me is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    line = lines.get_line(place.scope, conversation_id)
    return Here(place, line, inside, me, conversation_id in inside.lines, names_of([line])[line.face.id])


def names_of(found: Iterable[Line]) -> dict[bytes, str]:
    """What the owners of lines are called: their names as they are now, or their aliases."""
    faces = [line.face for line in found]
    named = [face.id for face in faces if not face.masked]
    masked = [face.id for face in faces if face.masked]
    people = rows(select(Persona.id, Persona.name).where(Persona.id.in_(named))) if named else []
    masks = rows(select(Mask.id, Mask.alias.label("name")).where(Mask.id.in_(masked))) if masked else []
    return {r.id: r.name for r in (*people, *masks)}


def list_lines(actor: Actor, scope: Scope, page: int = 1) -> tuple[list[tuple[Line, str]], list[tuple[Line, str]]]:
    """For the team: what waits, the oldest promise first, and what is answered. Each with its owner's name.

    :param page: of what waits, from 1 to `count_pages`. :raises NotFound: not of the team.
    """
    require(may_look_after, actor, scope.group_id)
    waiting, answered = lines.list_waiting(scope, page), lines.list_answered(scope)
    names = names_of([*waiting, *answered])
    return [(one, names[one.face.id]) for one in waiting], [(one, names[one.face.id]) for one in answered]


def count_waiting(actor: Actor, scope: Scope) -> int:
    """How many lines wait for an answer, for the team alone."""
    require(may_look_after, actor, scope.group_id)
    return lines.count_waiting(scope)


def count_pages(actor: Actor, scope: Scope) -> int:
    """How many pages they fill, at least one."""
    return max(1, -(-count_waiting(actor, scope) // lines.MOST_LISTED))


def list_mine(memberships: Iterable[Membership]) -> list[Line]:
    """One's own lines in these groups, in one query; `has_news` says where the team wrote something not read yet."""
    return lines.list_own(memberships)


def list_team(scope: Scope) -> list[tuple[str, Role]]:
    """Who of the team can read and answer, by the names they have in the group."""
    of_team = (Persona.role != Role.MEMBER, Persona.standing.not_in(NOT_IN))
    found = rows(
        select(Persona.name, Persona.role).where(Persona.group_id == scope.group_id, *of_team).order_by(Persona.name)
    )
    return [(r.name, r.role) for r in found]


def find_group(scope: Scope) -> Row | None:
    """A group's name and address, for somebody who may write to its team."""
    return row(select(Group.name, Group.address, Group.zone).where(Group.id == scope.group_id))


def find_persona(actor: Actor, scope: Scope, conversation_id: bytes) -> bytes | None:
    """For the team: the persona that writes under its name on this line; None where an alias writes.

    :raises NotFound: not of the team.
    """
    require(may_look_after, actor, scope.group_id)
    return lines.find_persona(scope, conversation_id)


@retrying
def mark_read(actor: Actor, conversation_id: bytes, seq: int) -> None:
    """Note how far somebody read a line: its owner on the line itself, the team each for themselves.

    :param seq: a place, 0 or more; only forwards, and never past what is shown.
    """
    here = enter(actor, conversation_id)
    upto = min(seq, here.place.last_shown_seq)
    if upto <= read_upto(here):
        return
    with transaction():
        if here.own:
            lines.keep_read(here.me, here.line, upto)
        else:
            markers.keep_marker(here.me, conversation_id, upto)


def read_upto(here: Here) -> int:
    """How far whoever opened the line has read."""
    return here.line.read_seq if here.own else markers.find_marker(here.me, here.place.id)


def mark_no_answer(actor: Actor, conversation_id: bytes, seq: int) -> None:
    """The team read these words and they need no answer. What came in after them waits on.

    :param seq: the last place that stood on the page. :raises NotFound: not of the team, or one's own line.
    """
    here = enter(actor, conversation_id)
    require(may_look_after, here.actor, here.place.group_id)
    if here.own:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    with transaction():
        require(may_look_after, writer_in(actor, here.place.scope), here.place.group_id)
        asking.require_free(here.me, conversation_id)
        lines.note_answered(conversation_id, min(seq, here.place.last_shown_seq), None)
        asking.note_answered(here.me, conversation_id)


def _writer(actor: Actor, scope: Scope) -> Membership:
    require(may_write_to_team, actor, scope.group_id)
    membership = actor.writer_in(scope.group_id)
    assert membership is not None
    return membership
