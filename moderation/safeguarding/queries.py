"""Which concerns one person may see: the one filter for lists, counts, pages, exports and notices.

To whomever a concern must not reach it does not exist: the same answer as for a concern that never was.
"""

from collections.abc import Sequence

from forum.base.errors import NotFound
from forum.base.keyring import Scope
from forum.base.parts import in_parts
from forum.leaving.usecases import who_before
from forum.policy.actor import Actor
from forum.policy.permissions import Denial
from moderation.safeguarding import cases, exclusions, machine, responders, words
from moderation.safeguarding.cases import Case
from moderation.safeguarding.machine import Facts, Person
from moderation.safeguarding.models import Concern, State, Timer
from moderation.safeguarding.responders import Responder

#: In one question of the database: somebody can wear hundreds of aliases.
TAGS_AT_ONCE = 400


def get(actor: Actor, concern_id: bytes) -> tuple[Case, Responder]:
    """One concern, and who the actor is for it. :raises NotFound: there is none, or not for this person."""
    case = cases.find(concern_id)
    if case is None:
        raise _nothing()
    return case, require(actor, case)


def require(actor: Actor, case: Case) -> Responder:
    """Who the actor is for a concern. :raises NotFound: it does not exist for them."""
    me = responders.find(actor, case.scope)
    if me is None or case.gone_on is not None or not visible(me, [case], _before(actor, case.scope)):
        raise _nothing()
    return me


def visible(me: Responder, found: Sequence[Case], before: Sequence[bytes] = ()) -> list[Case]:
    """Those of the concerns that exist for this person, in their order.

    :param before: personas that they had in the group until lately.
    """
    mine = [case for case in found if _is_of(me, case) and case.gone_on is None]
    hidden = exclusions.hidden_from(me, mine, before)
    return [case for case in mine if case.id not in hidden]


def _is_of(me: Responder, case: Case) -> bool:
    if case.organisation_id != me.organisation_id:
        return False
    if not me.is_tier:
        return case.group_id == me.group_id
    return me.may_own or case.state is State.CLOSE_PROPOSED or Timer.NOBODY_LEFT in case.clocks


def list_for(me: Responder, *, closed: bool = False) -> list[Case]:
    """The concerns of an officer's organisation or of a facilitator's group, what falls due first before the others.

    :param closed: those that ended instead of those that are open.
    """
    where = Concern.organisation_id == me.organisation_id
    if not me.is_tier:
        where = where & (Concern.group_id == me.group_id)
    found = cases.list_by(where, Concern.due_at.is_(None) if closed else Concern.due_at.is_not(None))
    return sorted(visible(me, found), key=lambda case: (case.due_at or case.raised_hour, case.id))


def count_for(me: Responder) -> int:
    """How many are open for this person."""
    return len(list_for(me))


def list_about(case: Case, me: Responder) -> list[Case]:
    """Others about the same person that this one may see, too."""
    subject = words.open_inside(case).subject_id
    if not subject:
        return []
    tags = words.subject_tags(case.scope, subject)
    return visible(me, cases.list_by(Concern.subject_tag.in_(tags), Concern.id != case.id))


def list_open_about(scope: Scope, subject_ids: Sequence[bytes]) -> list[Case]:
    """Open concerns about any of these personas and aliases. It asks no permission: for guards only, never for a page."""
    return [case for case in list_about_any(scope, subject_ids) if case.is_open]


def list_about_any(scope: Scope, subject_ids: Sequence[bytes]) -> list[Case]:
    """The same with those that ended and are kept. It asks no permission either."""
    tags = [tag for one in subject_ids for tag in words.subject_tags(scope, one)]
    return [case for some in in_parts(tags, TAGS_AT_ONCE) for case in cases.list_by(Concern.subject_tag.in_(some))]


def facts_of(case: Case) -> Facts:
    """A concern as the table of ways sees it."""
    return Facts(
        state=case.state,
        level=case.level,
        kind=case.kind,
        owner_id=case.owner_id,
        offered_to=case.offered_to,
        proposed_by=case.proposed_by,
        ever_high=case.ever_high,
        identity_opened=case.identity_opened,
        gen=case.gen,
        excluded=exclusions.barred_ids(case),
        body_called=Timer.NOBODY_LEFT in case.clocks,
    )


def person_of(me: Responder, scope: Scope) -> Person:
    """Somebody as the table of ways sees them."""
    return Person(me.id, exclusions.ids_of(me, scope), me.may_own, me.is_tier)


def ways(case: Case, me: Responder) -> list[machine.Transition]:
    """What this person can do about a concern now, for the buttons of its page."""
    return machine.allowed(facts_of(case), person_of(me, case.scope))


def _before(actor: Actor, scope: Scope) -> list[bytes]:
    if actor.account_id is None or scope.group_id == cases.NO_GROUP:
        return []
    return who_before(actor.account_id, scope)


def _nothing() -> NotFound:
    return NotFound(str(Denial.NOT_A_MEMBER.value))
