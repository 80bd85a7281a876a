"""Raising a concern: durable before anybody is answered, once for each form, and kept from whom it names from the start."""

import secrets
from dataclasses import dataclass, replace

from sqlalchemy import insert, select

from forum.base import clock
from forum.base.characters import normalise
from forum.base.db import row
from forum.base.errors import Invalid
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.conversations import masks
from moderation import report_targets
from moderation.evidence import Copy
from moderation.safeguarding import cases, chronology, exclusions, policy, responders, ticking, timers, words
from moderation.safeguarding.cases import NO_GROUP, Case
from moderation.safeguarding.models import Concern, EventKind, Kind, Level, Origin, State, Timer

#: Four pages and more: whoever writes this much needs somebody now, and is not sent away for its length.
MOST_WORDS = 20_000
#: No letters or digits that are taken for one another when somebody reads them out over the telephone at night.
LETTERS = "ACDEFGHJKLMNPQRTUVWXY34679"
CODE_LENGTH = 4
#: Raised by somebody of the team, or from what they had before them.
BY_TEAM = frozenset({Origin.FACILITATOR, Origin.REFERRED, Origin.ITEM, Origin.ROOM})


@dataclass(frozen=True)
class Raise:
    """What somebody raises.

    :param scope: where; NO_GROUP of cases in the place of a group if it was raised in none. :param once: of the form; the
        same form makes one concern. :param subject_kind: and the other kinds: see words.Inside. :param involved: personas
        of the team whom the form names, or who wrote what it is about. :param place_id: the conversation where it was.
    """

    scope: Scope
    kind: Kind
    origin: Origin
    once: bytes
    subject_kind: str = "nobody"
    subject_id: bytes = b""
    said: str = ""
    raiser_kind: str = "nobody"
    raiser_id: bytes = b""
    involved: frozenset[bytes] = frozenset()
    copies: tuple[Copy, ...] = ()
    place_id: bytes = b""
    do_not_write: bool = False
    level: Level = Level.UNASSESSED


@dataclass(frozen=True)
class Raised:
    """:param is_new: False: this form had raised it already."""

    concern_id: bytes
    code: str
    is_new: bool


@retrying
def raise_concern(raised: Raise) -> Raised:
    """Keep a concern and begin to call people. Once this returns, no crash loses it.

    :raises Invalid: more than 20,000 characters. :raises Busy: it could not be kept; the person must be told so.
    """
    with transaction():
        return raise_here(raised)


def raise_here(raised: Raise) -> Raised:
    """Step: the same in the transaction of what made it a concern."""
    before = _find(raised)
    if before is not None:
        _note_again(before, raised)
        return before
    said = normalise(raised.said).strip()
    if len(said) > MOST_WORDS:
        raise Invalid(_("That is too long. Please say it in %(most)s characters.", most=MOST_WORDS), "body")
    case = _add(raised)
    chronology.note(case, EventKind.RAISED, None, said, codes={"origin": raised.origin, "level": raised.level})
    for copy in raised.copies:
        chronology.keep_copy(case, copy)
    exclusions.keep_from(case, _involved(raised, said))
    ticking.begin(case)
    return Raised(case.id, case.code, is_new=True)


def _find(raised: Raise) -> Raised | None:
    tags = words.once_tags(raised.scope, raised.once)
    found = row(select(Concern.id, Concern.code).where(Concern.once_tag.in_(tags)))
    return Raised(found.id, found.code, is_new=False) if found else None


def _note_again(before: Raised, raised: Raise) -> None:
    """Step: the same form came once more, as after an answer that got lost. Who reads the record sees that they tried again."""
    codes = {"origin": raised.origin, "again": True}
    chronology.note(cases.lock(before.concern_id), EventKind.TOLD_MORE, None, codes=codes)


def _add(raised: Raise) -> Case:
    """The row. Its first clock runs out at once."""
    now, concern_id, scope = clock.now(), new_ident(), raised.scope
    inside = words.Inside(
        once=raised.once,
        subject_kind=raised.subject_kind,
        subject_id=raised.subject_id,
        raiser_kind=raised.raiser_kind,
        raiser_id=raised.raiser_id,
        place_id=raised.place_id,
    )
    values = {
        "id": concern_id,
        "organisation_id": scope.organisation_id,
        "group_id": scope.group_id if scope.group_id != NO_GROUP else None,
        "code": _new_code(scope.organisation_id),
        "kind": raised.kind,
        "origin": raised.origin,
        "level": raised.level,
        "state": State.RAISED,
        "policy": policy.as_text(policy.of_organisation(scope.organisation_id)),
        "raised_hour": clock.floor_hour(now),
        "do_not_write": raised.do_not_write,
        "ever_high": raised.level in (Level.HIGH, Level.IMMEDIATE),
        "promise_unmet": not responders.on_duty(scope, now),
    }
    seals = words.seal_inside(scope, concern_id, inside)
    here().execute(insert(Concern).values(**values, **seals, **timers.columns({Timer.PAGE: now}, now)))
    return cases.lock(concern_id)


def _new_code(organisation_id: bytes) -> str:
    """Four letters that no concern of the organisation has. Two at once that draw the same clash, and one draws again."""
    while True:
        code = "".join(secrets.choice(LETTERS) for _n in range(CODE_LENGTH))
        taken = (Concern.organisation_id == organisation_id, Concern.code == code)
        if row(select(Concern.id).where(*taken)) is None:
            return code


def told_of(raised: Raise) -> frozenset[bytes]:
    """Whom of the team whoever raised it knows that they named; never whose alias it is about."""
    told = raised if raised.subject_kind != "mask" else replace(raised, subject_kind="nobody", subject_id=b"")
    colleagues = {one.id for one in responders.of_group(raised.scope)} if raised.kind is Kind.STAFF else set()
    return _involved(told, normalise(raised.said).strip()) | colleagues


def _involved(raised: Raise, said: str) -> frozenset[bytes]:
    """Everybody of the team whom it names: in the form, in a member's words, or as the one whom it is about.

    A facilitator says in their form who is involved; a colleague whom they merely mention can still be called. Officers
    have no name in a group: whoever names one by the name of their office is heard there, too.
    """
    scope = raised.scope
    officers = responders.named_in(scope.organisation_id, said) if raised.origin not in BY_TEAM else set()
    if scope.group_id == NO_GROUP:
        return raised.involved | officers
    found = {*raised.involved, _subject_of(raised)}
    if raised.origin not in BY_TEAM and said:
        found |= report_targets.named_in(scope, said, raised.place_id or None)
    return frozenset(found & {one.id for one in responders.of_group(scope)} | raised.involved | officers)


def _subject_of(raised: Raise) -> bytes:
    """The persona whom it is about, in memory alone: nothing is written down that leads from an alias to them."""
    if raised.subject_kind == "mask":
        return masks.wearer_of(raised.scope, raised.subject_id)
    return raised.subject_id
