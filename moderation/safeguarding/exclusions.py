"""Whom a concern must not reach: the only module that reads or writes `concern_not_for`.

Whoever is named in it, wrote what it is about, or is not safe for the person finds no trace of it: no line, no count, no
call, no page. It binds the person, whichever hat they wear, and is found by tag: the tables name nobody.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import insert, select, update

from forum.base import rotation, tagged
from forum.base.db import rows
from forum.base.keyring import Scope
from forum.base.parts import in_parts
from forum.base.rotation import Pass
from forum.base.transaction import here
from forum.conversations.renewal import all_scopes
from forum.models import Organisation
from moderation import not_for, reports
from moderation.models import CaseItem, CaseKind
from moderation.safeguarding import cases, machine, responders, words
from moderation.safeguarding.cases import NO_GROUP, Case
from moderation.safeguarding.machine import Person
from moderation.safeguarding.models import Concern, ConcernNotFor, Kind
from moderation.safeguarding.responders import Responder, ResponderRole

KIND = "concern_not_for"
#: In one question of the database.
ASKED_AT_ONCE = 400


def keep_from(case: Case, responder_ids: Iterable[bytes]) -> frozenset[bytes]:
    """Step: these people must not see it, in either hat; gives the ids that are new. It is never taken back.

    Nor do they see what of the team's list it came from: its page says that it is a concern now.
    """
    wanted = {each for one in responder_ids for each in responders.same_person(case.scope, one)}
    there = tagged.find_many(ConcernNotFor, case.scope, KIND, {one: (one, case.id) for one in sorted(wanted)})
    new = frozenset(wanted - set(there))
    for one in sorted(new):
        values = tagged.sealed_row(ConcernNotFor, case.scope, KIND, (one, case.id), b"")
        here().execute(insert(ConcernNotFor).values(concern_id=case.id, **values))
    if wanted:
        _keep_items_from(case, wanted)
    return new


def keep_items_from_team(case: Case) -> None:
    """Step: it is about one of the team now. None of them finds it on their list, or reads there that it is a concern.

    A worry ends there, for the concern goes on: it is with the organisation now, also for whoever joins the team later.
    """
    _keep_items_from(case, not_for.team_of(case.scope))
    worries = (CaseItem.id.in_(_items_of(case)), CaseItem.kind == CaseKind.WELFARE)
    ended = update(CaseItem).where(*worries).values(decided=True, outside_id=case.id).returning(CaseItem.id)
    for one in here().execute(ended.execution_options(synchronize_session=False)).all():
        reports.note_ended(one.id)


def _keep_items_from(case: Case, people: Iterable[bytes]) -> None:
    for item_id in _items_of(case):
        not_for.keep_from(case.scope, item_id, people)


def _items_of(case: Case) -> list[bytes]:
    """What it, and whatever was put together with it, came from on the team's list; and what was joined to that there."""
    own = [item for one in [case, *_merged_into(case)] if (item := words.item_of(one)) is not None]
    which = (CaseItem.id.in_(own) | CaseItem.merged_into.in_(own), CaseItem.group_id == case.group_id)
    return [r.id for r in rows(select(CaseItem.id).where(*which))] if own else []


def _merged_into(case: Case) -> list[Case]:
    """Whatever was put together with it, and with that before."""
    found = cases.list_by(Concern.merged_into == case.id)
    return [*found, *(before for one in found for before in _merged_into(one))]


def keep_colleagues_out(case: Case) -> None:
    """Step: what was about one of the team is about something else from now on; their colleagues still do not read it."""
    keep_from(case, _colleagues(case) - _hats_of_officers(case))


def excluded_ids(case: Case) -> frozenset[bytes]:
    """Everyone it must not reach, unsealed in memory: only to leave them out, never to be shown."""
    return _named(case) | _colleagues(case) | _interims(case)


def barred_ids(case: Case) -> frozenset[bytes]:
    """Everyone who must not act on it. An officer who is of the group's team too is called as an officer, and acts as one."""
    colleagues = _colleagues(case)
    return _named(case) | (colleagues - _hats_of_officers(case) if colleagues else colleagues) | _interims(case)


def _interims(case: Case) -> frozenset[bytes]:
    """Whoever was appointed for a time is there for what nobody else can hold, and reads nothing besides."""
    officers = responders.of_organisation(case.organisation_id)
    interims = frozenset(one.id for one in officers if one.role is ResponderRole.INTERIM and one.id != case.owner_id)
    if not interims:
        return interims
    kept_out = _named(case) | _colleagues(case)
    people = [*officers, *(responders.of_group(case.scope) if case.group_id else [])]
    regular = [one for one in people if one.id not in kept_out and one.role is not ResponderRole.INTERIM]
    return interims if _can_end(case, regular) else frozenset()


def _named(case: Case) -> frozenset[bytes]:
    found = rows(select(ConcernNotFor.tag, ConcernNotFor.sealed).where(ConcernNotFor.concern_id == case.id))
    return frozenset(tagged.open_whole(ConcernNotFor, case.scope, r.tag, r.sealed)[2][0] for r in found)


def _hats_of_officers(case: Case) -> frozenset[bytes]:
    officers = responders.of_organisation(case.organisation_id)
    return frozenset(each for one in officers for each in responders.same_person(case.scope, one.id))


def _colleagues(case: Case) -> frozenset[bytes]:
    """What one of a group's team is said to have done goes to the organisation: their colleagues do not judge it."""
    if case.kind is not Kind.STAFF or case.group_id is None:
        return frozenset()
    return frozenset(one.id for one in responders.of_group(case.scope))


def hidden_from(me: Responder, found: Sequence[Case], before: Sequence[bytes] = ()) -> set[bytes]:
    """Those of the concerns that do not exist for this person. :param before: personas that they had until lately."""
    hidden = _hidden_by_itself(me, found, before)
    onward = {case.merged_into for case in found if case.merged_into is not None} - hidden
    if onward:  # that it was put together with something would tell them that there is something
        hidden_too = hidden_from(me, cases.list_by(Concern.id.in_(onward)), before)
        hidden |= {case.id for case in found if case.merged_into in hidden_too}
    return hidden


def _hidden_by_itself(me: Responder, found: Sequence[Case], before: Sequence[bytes]) -> set[bytes]:
    hidden = {case.id for case in found if case.kind is Kind.STAFF and not me.is_tier}
    if me.role is ResponderRole.INTERIM:
        hidden |= {case.id for case in found if me.id in _interims(case)}
    for scope in {case.scope for case in found}:
        mine = ids_of(me, scope) | set(before)
        of_scope = [case.id for case in found if case.scope == scope]
        for part in in_parts(of_scope, ASKED_AT_ONCE):
            for one in mine:
                asked = {each: (one, each) for each in part}
                hidden |= set(tagged.find_many(ConcernNotFor, scope, KIND, asked))
    return hidden


def is_hidden(case: Case, me: Responder) -> bool:
    """Whether a concern does not exist for this person."""
    return case.id in hidden_from(me, [case])


def ids_of(me: Responder, scope: Scope) -> frozenset[bytes]:
    """Every responder id of one person in one group, whichever hat they wear now."""
    return responders.same_person(scope, me.id)


def eligible(case: Case, people: Iterable[Responder]) -> list[Responder]:
    """Those of these people who may know of it."""
    kept_out = excluded_ids(case)
    return [one for one in people if one.id not in kept_out]


def insiders(case: Case) -> list[Responder]:
    """Everyone who could hold it now."""
    people = responders.all_of(case.scope)
    return [one for one in eligible(case, people) if one.may_own]


def are_enough(case: Case) -> bool:
    """Whether those who are left could hold it and close it, two of them if need be."""
    return _can_end(case, eligible(case, responders.all_of(case.scope)))


def _can_end(case: Case, left: Iterable[Responder]) -> bool:
    return machine.can_end(as_persons(case, left))


def as_persons(case: Case, people: Iterable[Responder]) -> list[Person]:
    """These people as the table of ways sees them."""
    return [Person(one.id, ids_of(one, case.scope), one.may_own, one.is_tier) for one in people]


def outside_body(case: Case) -> list[Responder]:
    """Whoever is called when nobody else is left: those from outside who hold no concern."""
    officers = eligible(case, responders.of_organisation(case.organisation_id))
    return [one for one in officers if one.role is ResponderRole.CONFIRMER]


def renewal() -> Pass:
    """How a rotation renews these rows."""
    return Pass(ConcernNotFor, ConcernNotFor.tag, rotation.renew_tagged(ConcernNotFor, _scopes))


def _scopes() -> list[Scope]:
    """Every group, and each organisation for what was raised in none of its groups."""
    return [*all_scopes(), *(Scope(r.id, NO_GROUP) for r in rows(select(Organisation.id)))]
