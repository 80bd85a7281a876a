"""What a member reads of each opening of their contact details: who, what, when and why. Written before it is opened.

It may be put off where telling could put them in danger: for 72 hours at most, with a reason, and longer only if an officer
who did not open it says so each time. Nobody has to do anything for it to show: the time alone does that.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from forum.base import blocks, clock
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotAllowed
from forum.base.idents import write_ident
from forum.base.keyring import KeyringError, Scope, the_keyring
from forum.base.rotation import Pass
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.conversations.renewal import all_scopes
from forum.policy import record
from forum.policy.actor import Actor
from forum.policy.permissions import may_leave_contact, require
from moderation.safeguarding import cases, chronology, details, opening_queries, opening_rules, words
from moderation.safeguarding.key_models import DetailOpening, OpeningTold, Stage
from moderation.safeguarding.models import EventKind
from moderation.safeguarding.opening_queries import PLACE, Opening
from moderation.safeguarding.responders import TIER

KIND, BLOCK = "opened", 2_048


@dataclass(frozen=True)
class Told:
    """One opening, for the person whose details they are.

    :param agreed_by: the second person; empty: one person alone. :param fields: of details.FIELDS.
    """

    id: bytes
    at: datetime
    by: str
    role: str
    agreed_by: str
    fields: Sequence[str]
    why: str
    basis: str
    is_new: bool


# --- For the member ---


def list_for(actor: Actor, scope: Scope) -> list[Told]:
    """Who opened the actor's details, the last first. :raises NotFound: no member."""
    require(may_leave_contact, actor, scope.group_id)
    found = rows(_TOLD.where(*_shown(scope, actor.memberships[scope.group_id].persona_id)))
    return sorted((_told(scope, one) for one in found), key=lambda one: one.at, reverse=True)


_TOLD = select(OpeningTold.opening_id, OpeningTold.inbox, OpeningTold.sealed, OpeningTold.seen)


def has_new(scope: Scope, persona_id: bytes) -> bool:
    """Whether there is an opening that this member has not read about."""
    unread = (*_shown(scope, persona_id), OpeningTold.seen.is_(False))
    return row(select(OpeningTold.opening_id).where(*unread).limit(1)) is not None


def mark_seen(actor: Actor, scope: Scope) -> None:
    """The actor has read of all that is shown. :raises NotFound: no member."""
    require(may_leave_contact, actor, scope.group_id)
    me = actor.memberships[scope.group_id].persona_id
    if has_new(scope, me):
        with transaction():
            change = update(OpeningTold).where(*_shown(scope, me)).values(seen=True)
            here().execute(change.execution_options(synchronize_session=False))


def held(scope: Scope, persona_id: bytes) -> dict[str, Any]:
    """For the copy of what is held about somebody: that there are details, which no copy can show, and who opened them."""
    found = rows(_TOLD.where(*_shown(scope, persona_id)))
    told = sorted((_told(scope, one) for one in found), key=lambda one: one.at)
    return {
        "left_and_locked": details.has_details(scope, persona_id),
        "opened": [
            {"at": one.at.isoformat(), "by": one.by, "what": list(one.fields), "why": one.why, "basis": one.basis}
            for one in told
        ],
    }


def _shown(scope: Scope, persona_id: bytes) -> tuple[Any, ...]:
    at_once = OpeningTold.shown_from.is_(None) | (OpeningTold.shown_from <= clock.now())
    return OpeningTold.inbox.in_(_inboxes(scope, persona_id)), at_once


def _told(scope: Scope, found: Any) -> Told:
    said = json.loads(the_keyring().unseal(scope, OpeningTold.__tablename__, found.opening_id, found.sealed))
    at, new = datetime.fromisoformat(said["at"]), not found.seen
    who = said["by"], said["role"], said["agreed_by"]
    return Told(found.opening_id, at, *who, said["fields"], said["why"], said["basis"], new)


# --- Telling, and putting it off ---


def tell(found: Opening, now: datetime) -> None:
    """Step: write what the member will read, in the transaction that comes before the opening."""
    persona_id = opening_queries.find_subject(found.case)
    assert persona_id is not None, "there is something to open"
    agreed = next((one for one in _people(found) if one[0] == found.agreed_by), None)
    said = {
        "persona": persona_id.hex(),
        "at": now.isoformat(),
        "by": found.me.name,
        "role": found.me.role.value,
        "agreed_by": agreed[1] if agreed else "",
        "fields": list(found.asked.fields),
        "why": found.asked.purpose,
        "basis": found.asked.basis,
    }
    shown_from = now + timedelta(hours=found.asked.off_hours) if found.asked.off_hours else None
    values = _row(found.case.scope, found.id, persona_id, blocks.pack(said, BLOCK))
    here().execute(insert(OpeningTold).values(opening_id=found.id, shown_from=shown_from, **values))


def _people(found: Opening) -> list[tuple[bytes, str]]:
    return [(one, chronology.name_of(found.case, one)) for one in (found.asked_by, found.agreed_by) if one]


def off_until(opening_id: bytes) -> datetime | None:
    """Until when the member is not told; None: they are. The caller asked who may see the opening."""
    found = row(select(OpeningTold.shown_from).where(OpeningTold.opening_id == opening_id))
    return found.shown_from if found and found.shown_from and found.shown_from > clock.now() else None


def put_off(actor: Actor, opening_id: bytes, hours: int, why: str) -> None:
    """Put the notice off once more, by somebody who did not open it.

    :param hours: 1 to 72, from now. :raises NotAllowed: they opened it, are no officer, or the member was told already.
    :raises Invalid: hours or reason. :raises NotFound: no such opening for this person.
    """
    if not 1 <= hours <= opening_rules.MOST_HOURS_OFF:
        raise Invalid(_("At most %(n)s hours.", n=opening_rules.MOST_HOURS_OFF), "hours")
    clean, until = opening_rules.check_words(why, "why"), clock.now() + timedelta(hours=hours)
    with transaction():
        found = _locked(actor, opening_id)
        _require_other_officer(found)
        if off_until(opening_id) is None:
            raise NotAllowed(_("The person has been told already. What was said cannot be taken back."))
        _show_from(opening_id, until)
        again = {"at": clock.now().isoformat(), "by": found.me.name, "why": clean}
        asked = replace(found.asked, again=(*found.asked.again, again))
        _keep(found, asked)
        codes = {"opening": opening_id.hex(), "hours": hours, "put_off": True}
        chronology.note(found.case, EventKind.DECISION, found.me, clean, codes=codes)
        record.note("details.put_off", found.me.id, opening_id, str(hours))


def tell_now(actor: Actor, opening_id: bytes) -> None:
    """Put nothing off any more: the member reads it from now on. Any responder who sees the concern may say so."""
    with transaction():
        found = _locked(actor, opening_id)
        if off_until(opening_id) is None:
            return
        _show_from(opening_id, None)
        chronology.note(found.case, EventKind.PERSON_TOLD, found.me, codes={"opening": opening_id.hex()})
        record.note("details.told", found.me.id, opening_id)


# --- What one person opened alone, another looks at ---


def review(actor: Actor, opening_id: bytes, words_of_it: str) -> None:
    """Say, as an officer who did not open it, whether it was right.

    :raises NotAllowed: they opened it or are no officer, or there is nothing to review. :raises Invalid: no words.
    """
    clean = opening_rules.check_words(words_of_it, "review")
    with transaction():
        found = _locked(actor, opening_id)
        _require_other_officer(found)
        if found.stage is not Stage.OPENED or found.review_by is None:
            raise NotAllowed(_("There is nothing to check here, or someone did."))
        _keep(found, replace(found.asked, review=clean), reviewed_by=found.me.id, review_by=None)
        codes = {"opening": opening_id.hex(), "review": True, "grounds": found.asked.grounds}
        chronology.note(found.case, EventKind.DECISION, found.me, clean, codes=codes)
        record.note("details.review", found.me.id, opening_id)


def _require_other_officer(found: Opening) -> None:
    if found.me.role not in TIER or found.is_mine:
        raise NotAllowed(_("Someone else has to do this. Ask the lead or a deputy."))


def _locked(actor: Actor, opening_id: bytes) -> Opening:
    cases.lock(opening_queries.get(actor, opening_id).case.id)
    return opening_queries.get(actor, opening_id)


def _show_from(opening_id: bytes, moment: datetime | None) -> None:
    change = update(OpeningTold).where(OpeningTold.opening_id == opening_id).values(shown_from=moment)
    here().execute(change.execution_options(synchronize_session=False))


def _keep(found: Opening, asked: opening_rules.Asked, **columns: Any) -> None:
    packed = json.dumps(asked.packed(), ensure_ascii=False).encode("utf-8", "surrogatepass")
    sealed = words.seal_with(words.open_inside(found.case).key, PLACE, found.id, packed)
    change = update(DetailOpening).where(DetailOpening.id == found.id).values(sealed=sealed, **columns)
    here().execute(change.execution_options(synchronize_session=False))


# --- Its rows ---


def _inboxes(scope: Scope, persona_id: bytes) -> list[bytes]:
    return the_keyring().tags(scope, KIND, persona_id)


def _row(scope: Scope, opening_id: bytes, persona_id: bytes, packed: bytes) -> dict[str, Any]:
    ring = the_keyring()
    sealed = ring.seal(scope, OpeningTold.__tablename__, opening_id, packed)
    return {"inbox": ring.tag(scope, KIND, persona_id), "sealed": sealed, "key_id": ring.writing_id}


def forget(scope: Scope, persona_id: bytes) -> None:
    """Step: what was told to this persona goes with it."""
    here().execute(delete(OpeningTold).where(OpeningTold.inbox.in_(_inboxes(scope, persona_id))))


def renewal() -> Pass:
    """How a rotation renews what members read."""
    return Pass(OpeningTold, OpeningTold.opening_id, _renew)


def _renew(found: Any) -> None:
    ring, place = the_keyring(), OpeningTold.__tablename__
    for scope in all_scopes():
        try:
            packed = ring.unseal(scope, place, found.opening_id, found.sealed)
        except KeyringError:
            continue
        values = _row(scope, found.opening_id, bytes.fromhex(json.loads(packed)["persona"]), packed)
        change = update(OpeningTold).where(OpeningTold.opening_id == found.opening_id).values(values)
        here().execute(change.execution_options(synchronize_session=False))
        return
    raise KeyringError(f"{place} {write_ident(found.opening_id)} opens in no group. Was the right keyring restored?")
