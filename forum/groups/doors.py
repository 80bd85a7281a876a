"""A group's door and who learns of the group: what outsiders meet, and who comes in how."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask_babel import format_date, format_time
from sqlalchemy import Row, select, update

from forum.accounts.second_factor import require_step_up
from forum.base import clock, tagged
from forum.base.db import row, rows
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.groups import duty, invitations, kept_out, queries
from forum.groups.usecases import joined_week
from forum.models import Door, Group, Listing, Persona, Restriction, Standing
from forum.policy import record
from forum.policy.actor import Actor
from forum.policy.members import find_waiting
from forum.policy.permissions import Denial, may_facilitate, may_look_after, require

#: What is asked for in place of a group that does not exist, so that no answer comes sooner than another.
NOWHERE = Scope(bytes(16), bytes(16))
#: The kind words with a "no": enough for three sentences; kept at one size, so that the size tells nothing.
MOST_WORDS, WORDS_BYTES = 300, 1200
#: After a "no" somebody may ask again: things change, and a team that is asked every day stops reading.
ASK_AGAIN = timedelta(days=30)
_SAID_NO, _WITHDREW = "said_no", "withdrew_request"


def is_hidden(card: Row) -> bool:
    """Whether outsiders must not learn that the group exists: it is unlisted, or still being set up."""
    return card.listing is Listing.UNLISTED or card.opened_at is None


def choose_one() -> str:
    """What a form without a choice is answered."""
    return _("Choose who may come in, and who learns of the group.")


# --- For the team: the door itself ---


def shut_door(actor: Actor, scope: Scope) -> None:
    """Let nobody in from now on, at once. Anybody of the team may, for the one who is awake must not need to ask.

    :raises NotFound: not on the team of this group.
    """
    require(may_look_after, actor, scope.group_id)
    _set(scope, door=Door.SHUT)


def set_door(actor: Actor, scope: Scope, door: Door, listing: Listing) -> None:
    """Choose who may come in, and who learns of the group.

    :raises NotFound, NotAllowed: no facilitator of this group. :raises StepUpNeeded: give the code of a second step first.
    """
    require(may_facilitate, actor, scope.group_id)
    require_step_up(actor)
    _set(scope, door=door, listing=listing)


def _set(scope: Scope, **columns: object) -> None:
    with transaction():
        here().execute(
            update(Group)
            .where(Group.id == scope.group_id)
            .values(**columns)
            .execution_options(synchronize_session=False)
        )


# --- For newcomers: coming in ---


def admit(scope: Scope, cookie: bytes | None) -> Standing:
    """Step: what the door makes of a newcomer: somebody new, or somebody who waits. Uses up an invitation where one is needed.

    :param cookie: the hash of their browser's cookie.
    :raises NotAllowed: the door is shut, or opens with an invitation only.
    """
    found = row(select(Group.door, Group.listing, Group.opened_at).where(Group.id == scope.group_id))
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    if found.door is Door.SHUT:
        raise NotAllowed(refusal(found.door))
    if found.door is Door.OPEN and not is_hidden(found):
        return Standing.NEWCOMER
    if invitations.spend(cookie, scope):
        return Standing.NEWCOMER
    if found.door is Door.REQUEST and found.opened_at is not None:
        return Standing.WAITING
    raise NotAllowed(refusal(found.door))


def refusal(door: Door) -> str:
    """Why the door does not open for somebody without an invitation."""
    if door is Door.SHUT:
        return _("This group takes no new members just now. You can still read its page.")
    return _("You need an invitation to come in here. If you had one, it has ended. Ask for a new one.")


def come_back(scope: Scope, persona: Row, cookie: bytes | None) -> Standing:
    """Step: what the door makes of somebody who asked before, and now asks again.

    :param persona: id and standing of who they were to be.
    :raises NotAllowed: they were a member and left or were removed, or a "no" is too fresh, or as for `admit`.
    """
    if until := kept_out.suspended_until(scope, persona.id):
        raise NotAllowed(kept_out.refusal(until))
    if kept_out.was_removed(scope, persona.id):
        raise NotAllowed(
            _(
                "The team decided that you cannot be in this group any more. You can tell the organisation if it is wrong."
            )
        )
    if persona.standing is not Standing.WAITING and tagged.find(Restriction, scope, _WITHDREW, (persona.id,)) is None:
        raise NotAllowed(_("You left this group before. For 21 days you can undo that, on the page “Taking leave”."))
    answer = _find_no(scope, persona.id)
    if answer and clock.today() < answer.ask_again_on:
        day = format_date(answer.ask_again_on)
        raise NotAllowed(_("The team said no lately. You can ask again from %(day)s on.", day=day))
    standing = admit(scope, cookie)
    for kind in (_WITHDREW, _SAID_NO):
        tagged.drop(Restriction, scope, kind, (persona.id,))
    return standing


# --- Requests ---


@dataclass(frozen=True)
class Answer:
    """The team said no, in these words."""

    words: str
    said_on: date

    @property
    def ask_again_on(self) -> date:
        """From this day on they may ask again."""
        return self.said_on + ASK_AGAIN


def find_answer(actor: Actor, scope: Scope) -> Answer | None:
    """What the team answered to the actor's own request, if it said no. A yes makes them a member."""
    mine = find_waiting(actor, scope)
    return _find_no(scope, mine.persona_id) if mine else None


def _find_no(scope: Scope, persona_id: bytes) -> Answer | None:
    value = tagged.find(Restriction, scope, _SAID_NO, (persona_id,))
    return _read_no(value) if value else None


def _read_no(value: bytes) -> Answer:
    return Answer(value[4:].rstrip(b"\0").decode(), date.fromordinal(int.from_bytes(value[:4])))


def list_requests(actor: Actor, scope: Scope) -> Sequence[Row]:
    """Who asks to come in and has no answer yet, by name. A request never ends by age.

    :raises NotFound, NotAllowed: no facilitator of this group.
    """
    require(may_facilitate, actor, scope.group_id)
    waiting = rows(
        select(Persona.id, Persona.name)
        .where(Persona.group_id == scope.group_id, Persona.standing == Standing.WAITING)
        .order_by(Persona.name)
    )
    answered = tagged.find_many(Restriction, scope, _SAID_NO, {r.id: (r.id,) for r in waiting}) if waiting else {}
    return [r for r in waiting if r.id not in answered]


@retrying
def let_in(actor: Actor, scope: Scope, persona_id: bytes) -> None:
    """Say yes to a request.

    :raises NotFound, NotAllowed: no facilitator of this group, or nobody waits here by that id.
    """
    require(may_facilitate, actor, scope.group_id)
    with transaction():
        _from_waiting(scope, persona_id, Standing.NEWCOMER)
        record.note("request.let_in", actor.memberships[scope.group_id].persona_id, persona_id)
        tagged.drop(Restriction, scope, _SAID_NO, (persona_id,))


@retrying
def say_no(actor: Actor, scope: Scope, persona_id: bytes, words: str) -> None:
    """Say no to a request, with words that the person reads. They keep their line to the team.

    :param words: 1 to MOST_WORDS characters.
    :raises Invalid: no words, or too many. :raises NotFound, NotAllowed: as for `let_in`.
    """
    require(may_facilitate, actor, scope.group_id)
    said = " ".join(words.split())
    if not 1 <= len(said) <= MOST_WORDS:
        raise Invalid(_("Write what the person will read, in at most %(n)s letters.", n=MOST_WORDS), "words")
    value = clock.today().toordinal().to_bytes(4) + said.encode().ljust(WORDS_BYTES, b"\0")
    with transaction():
        _from_waiting(scope, persona_id, Standing.WAITING)
        record.note("request.say_no", actor.memberships[scope.group_id].persona_id, persona_id)
        tagged.keep(Restriction, scope, _SAID_NO, (persona_id,), value)


@retrying
def withdraw_request(actor: Actor, scope: Scope) -> None:
    """Take one's own request back. Asking again is open, as it was before.

    :raises NotFound: the actor does not wait here.
    """
    with transaction():
        mine = find_waiting(actor, scope)
        if mine is None:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        _from_waiting(scope, mine.persona_id, Standing.LEFT)
        tagged.keep(Restriction, scope, _WITHDREW, (mine.persona_id,), b"\1")


def _from_waiting(scope: Scope, persona_id: bytes, standing: Standing) -> None:
    """Step: change somebody who waits in this group, and nobody else; of two at once one gets it."""
    changed = here().execute(
        update(Persona)
        .where(Persona.id == persona_id, Persona.group_id == scope.group_id, Persona.standing == Standing.WAITING)
        .values(standing=standing, joined_on=joined_week(standing))
        .execution_options(synchronize_session=False)
        .returning(Persona.id)
    )
    if changed.first() is None:
        raise Conflict(_("Nobody of that name waits here now. Somebody of the team may have been quicker."))


def looks_at_requests(card: Row) -> str:
    """When a person looks at requests, as the duty table has it. It never says whether somebody is here just now: who
    waits is an outsider, and may be one who means harm."""
    now, zone = clock.now(), ZoneInfo(card.zone)
    found = queries.list_turns(card.id, card.zone, now)
    turn = duty.current_turn(found, now) or duty.next_turn(found, now)
    if turn is None:
        return _("The team has set no time yet, so we cannot say when somebody looks.")
    starts, ends = turn.starts.astimezone(zone), turn.ends.astimezone(zone)
    return _(
        "The team looks on %(day)s, from %(start)s to %(end)s.",
        day=format_date(starts.date(), "EEEE d MMMM"),
        start=format_time(starts, "HH:mm", rebase=False),
        end=format_time(ends, "HH:mm", rebase=False),
    )
