"""Taking one's words back, leaving a group, going on under another name; and thinking better of each for 21 days.

Each is one tap with effect at once. What belongs to an account and what belongs to a persona is written in transactions
of their own wherever both change, so that the rows of one transaction never join the two.
"""

import enum
from collections.abc import Iterable

from sqlalchemy import insert, select

from forum.accounts import names
from forum.accounts.usecases import account_of
from forum.base import clock
from forum.base.db import row
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _, lazy
from forum.conversations import persona_page, put_away, restrictions
from forum.conversations.put_away import Deed, Task
from forum.groups import kept_out, own_names
from forum.groups import usecases as groups
from forum.groups.apart import leave_seat
from forum.groups.successor import check_successor
from forum.leaving import farewells, steps
from forum.leaving.farewells import Going, Kind
from forum.models import Agreement, Standing
from forum.policy import answered, record
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in, holder_tags
from forum.policy.permissions import Denial, may_begin_afresh, may_take_leave, require

NOTHING_LEFT = lazy("There is nothing left to undo here.")


class Hidden(enum.StrEnum):
    """What becomes of words under hidden names, when those under one's name go."""

    APART = "apart"  #: each name's words go at an hour of their own within three days
    STAY = "stay"
    NOW = "now"  #: all go in the same minute, which shows that they are one person's


def read_hidden(typed: str) -> Hidden:
    """What a form says; without an answer the one that we advise."""
    return Hidden(typed) if typed in set(Hidden) else Hidden.APART


# --- Words ---


@retrying
def take_words_back(actor: Actor, scope: Scope, hidden: Hidden) -> None:
    """Take back all that one wrote in a group under one's name, at once; what was written to the team stays with it.

    :raises NotFound: not a member.
    """
    with transaction():
        membership = _member_now(actor, scope)
        sent = send_words_away(scope, membership.persona_id, hidden)
    _do(sent)


def send_words_away(
    scope: Scope, persona_id: bytes, hidden: Hidden, *, to_team: bool = False, apart: bool = False
) -> list[bytes]:
    """Step: have the words of a persona go; gives the errands to do first.

    :param to_team: also what was written to the team. :param apart: at an hour of its own within three days.
    """
    farewells.begin(scope, persona_id, Kind.WORDS, farewells.new(persona_id))
    put_away.call_off(scope, persona_id)
    persona_page.put_by(
        scope, persona_id, put_away.last_day()
    )  # what they said of themselves is the first that somebody would know them by
    named = put_away.send_errand(
        scope, Task(Deed.AWAY, persona_id, to_team=to_team), put_away.own_hour() if apart else None
    )
    first = [] if apart else [named]
    if hidden is Hidden.STAY:
        return first
    each = Deed.SPREAD_AWAY if hidden is Hidden.APART else Deed.ALL_AWAY
    return [*first, put_away.send_errand(scope, Task(each, persona_id, to_team=to_team))]


def bring_words_back(actor: Actor, scope: Scope) -> None:
    """The inverse of `take_words_back`: named words at once, those under hidden names each at its own hour.

    :raises NotFound: there is nothing of theirs to bring back here.
    """
    gone = can_bring_back(account_of(actor), scope)
    if not gone:
        raise NotFound(str(NOTHING_LEFT))
    bring_back(scope, gone)


def bring_back(scope: Scope, gone: list[bytes]) -> None:
    """Bring back the words of these names of one person. Of two the older ones' come at an hour of their own: in one
    minute with the others they would say that both are one person's.

    :param gone: of `can_bring_back`.
    """
    for persona_id in gone:
        with transaction():
            _still(scope, persona_id, Kind.WORDS)
            farewells.drop(scope, persona_id, Kind.WORDS)
            put_away.call_off(scope, persona_id)
            named, hidden = (Task(deed, persona_id, to_team=True) for deed in (Deed.BACK, Deed.SPREAD_BACK))
            sent = [put_away.send_errand(scope, hidden)]
            if persona_id == gone[-1]:
                persona_page.bring_back(scope, persona_id)
                sent.append(put_away.send_errand(scope, named))
            elif put_away.keep_longer(scope, named):
                put_away.send_errand(scope, named, put_away.own_hour())
        _do(sent)


def whose(account_id: bytes, scope: Scope) -> list[bytes]:
    """Who somebody is in a group or was until they left it, and before it who they were before they took another name."""
    persona = groups.find_persona(account_id, scope)
    return [*who_before(account_id, scope), *([persona.id] if persona else [])]


def who_before(account_id: bytes, scope: Scope) -> list[bytes]:
    """Who somebody was in a group before they took another name, as long as they can turn back."""
    older = farewells.find(scope, account_id, Kind.FRESH)
    return [older.persona_id] if older else []


def can_bring_back(account_id: bytes, scope: Scope) -> list[bytes]:
    """Under which of their names in a group somebody took words back lately."""
    return [one for one in whose(account_id, scope) if farewells.find(scope, one, Kind.WORDS)]


# --- The group ---


@retrying
def leave_group(actor: Actor, scope: Scope, hidden: Hidden | None = None) -> None:
    """Leave a group, at once on every device.

    :param hidden: take all one's words along, and this is done with those under hidden names; None: words stay.
    :raises NotFound: not a member. :raises NotAllowed: the last facilitator needs a successor first.
    """
    account_id = account_of(actor)
    with transaction():
        membership = _member_now(actor, scope)
        sent: list[bytes] = []
        if hidden is not None:
            sent = send_words_away(scope, membership.persona_id, hidden)
        leave(scope, account_id, membership)
    _do(sent)


def leave(scope: Scope, account_id: bytes, membership: Membership) -> None:
    """Step: out of the group, with 21 days to come back in.

    :raises NotAllowed: the last facilitator.
    """
    if membership.on_team:
        check_successor(scope, membership.persona_id)
        record.note("role.end", membership.persona_id, membership.persona_id, "left")
    going = farewells.new(membership.persona_id, membership.standing.value)
    farewells.begin(scope, account_id, Kind.LEFT, going)
    steps.step_out(scope, membership.persona_id)


def come_back(actor: Actor, scope: Scope) -> None:
    """The inverse of `leave_group`: in again under the same name; a role in the team does not come back by itself.

    :raises NotFound: they did not leave here lately. :raises NotAllowed: the team decided that they go.
    """
    account_id = account_of(actor)
    with transaction():
        take_up_again(scope, account_id, _still(scope, account_id, Kind.LEFT))


def take_up_again(scope: Scope, account_id: bytes, going: Going) -> None:
    """Step: in the group again. :raises NotAllowed: the team decided that they go."""
    if kept_out.was_removed(scope, going.persona_id):
        raise NotAllowed(_("The team decided that you leave this group, so you cannot come back to it here."))
    if until := kept_out.suspended_until(scope, going.persona_id):
        raise NotAllowed(kept_out.refusal(until))
    steps.set_persona(going.persona_id, standing=Standing(going.standing))
    farewells.drop(scope, account_id, Kind.LEFT)


# --- Another name ---


def check_afresh(actor: Actor, scope: Scope) -> None:
    """Whether the actor can go on under a name that nothing joins to the old one.

    :raises NotFound, NotAllowed: no member, of the team, or the team holds their posts for a day.
    """
    if farewells.find(scope, account_of(actor), Kind.FRESH) and not actor.membership_in(scope.group_id):
        return  # the old name is let go already; what is left to do is choosing the new one
    require(may_begin_afresh, actor, scope.group_id)
    if restrictions.is_bound(scope, actor.memberships[scope.group_id].persona_id):
        raise NotAllowed(
            _("This does not work today. You can try again tomorrow. Your words are out of sight all the same.")
        )


@retrying
def begin_afresh(actor: Actor, scope: Scope, name: str) -> str:
    """Go on in the same group as somebody new; gives the new name.

    The old persona stays on the team's list for the 21 days, silent: if it went now, who comes now would be known by it.

    :raises Invalid: the name cannot be used. Else as for `check_afresh`.
    """
    account_id = account_of(actor)
    check_afresh(actor, scope)
    clean = names.check_name(name)
    own_names.require_fitting(account_id, scope, clean)
    if groups.taken(scope, {names.skeleton(clean)}):
        raise Invalid(_("Someone here has a name like that. Please choose another."), "name")
    if actor.membership_in(scope.group_id):
        _let_go_of_old(actor, scope, account_id)
    going = farewells.find(scope, account_id, Kind.FRESH)
    if going is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    with transaction():
        fresh = groups.add_persona(scope, account_id, clean)
        _agree_as_before(scope, going.persona_id, fresh.id)
    return fresh.name


def _let_go_of_old(actor: Actor, scope: Scope, account_id: bytes) -> None:
    with transaction():
        membership = _member_now(actor, scope)
        going = farewells.new(membership.persona_id, membership.standing.value)
        farewells.begin(scope, account_id, Kind.FRESH, going)
        steps.let_go(membership.persona_id)
        leave_seat(account_id, scope)


def _agree_as_before(scope: Scope, old: bytes, fresh: bytes) -> None:
    """Step: who agreed the rules in force under the old name need not read them again. The day is today's."""
    found = row(
        select(*Agreement.__table__.columns).where(Agreement.persona_id == old).order_by(Agreement.agreed_on.desc())
    )
    if found is not None:
        here().execute(insert(Agreement).values(**{**found._mapping, "persona_id": fresh, "agreed_on": clock.today()}))
        steps.set_persona(fresh, agreed_version_id=found.version_id)
    if one := answered.find(scope, old):
        answered.keep(scope, fresh, one)


def take_old_name_again(actor: Actor, scope: Scope) -> None:
    """The inverse of `begin_afresh`. What was written under the newer name stays there and is nobody's from now on.

    :raises NotFound: they did not begin afresh here lately.
    """
    account_id = account_of(actor)
    with transaction():
        _still(scope, account_id, Kind.FRESH)
        newer = groups.find_persona(account_id, scope)
        if newer is not None:
            leave_seat(account_id, scope)
            steps.forget_persona(scope, newer.id)
    with transaction():
        going = _still(scope, account_id, Kind.FRESH)
        steps.set_persona(going.persona_id, holder_tag=holder_tags(account_id, scope)[0], **steps.written_now())
        groups.take_seat(account_id, going.persona_id, scope)
        farewells.drop(scope, account_id, Kind.FRESH)


# --- Steps ---


def _member_now(actor: Actor, scope: Scope) -> Membership:
    now = actor_in(actor, scope)
    require(may_take_leave, now, scope.group_id)
    return now.memberships[scope.group_id]


def _still(scope: Scope, owner: bytes, kind: Kind) -> Going:
    going = farewells.find(scope, owner, kind, lock=True)
    if going is None:
        raise NotFound(str(NOTHING_LEFT))
    return going


def _do(errands: Iterable[bytes]) -> None:
    for errand_id in errands:
        put_away.go_now(errand_id)
