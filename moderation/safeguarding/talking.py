"""What is said in a talk: written and read by the person, and by whoever holds the concern.

Spoken with means that the person answered. Words that they have not had on a page are a try, and the record says which.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, insert, select, update

from forum.base import blocks, clock, tagged
from forum.base.characters import normalise
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotAllowed
from forum.base.keyring import HOUSE
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.policy.actor import Actor
from moderation.safeguarding import (
    cases,
    chronology,
    concerns,
    exclusions,
    queries,
    ticking,
    timers,
    transitions,
    words,
)
from moderation.safeguarding import talk as talks
from moderation.safeguarding.cases import Case
from moderation.safeguarding.concerns import Raise
from moderation.safeguarding.models import EventKind, Kind, Origin
from moderation.safeguarding.responders import Responder
from moderation.safeguarding.talk import KIND, Talk
from moderation.safeguarding.talk_models import ConcernTalk, ConcernWord

PLACE = "concern_word"
#: Four pages at once; somebody can go on in a second one.
MOST_WORDS = 5_000
BLOCK = 1_024


@dataclass(frozen=True)
class Word:
    """One thing that was said.

    :param name: of the responder; "" for the person. :param seen: the other side had it on a page.
    """

    n: int
    by_person: bool
    seen: bool
    at: datetime
    text: str
    name: str = ""


@retrying
def write_as_person(talk: Talk, text: str, once: str) -> bytes | None:
    """Keep what the person writes. After words of whoever holds the concern, it means that they were spoken with.

    What comes after the end begins anew: it is a new concern, and people are called. If they have another talk by then, it
    goes on there; gives its id.

    :param talk: from `get_own` or `get_by_secret`. :param once: of the form. :raises Invalid: no words, or too many.
    """
    clean = _clean(text)
    with transaction():
        now_in = None
        if not talk.case.is_open:
            talk, now_in = _begin_anew(talk, once)
        case = cases.lock(talk.case.id)
        if _add_word(talks.original(talk), clean, by_person=True, me=None, once=once):
            _note_answer(case, answers=_was_written_to(talk.concern_id))
    return now_in


def _begin_anew(talk: Talk, once: str) -> tuple[Talk, bytes | None]:
    """Step: the person comes back after the end."""
    inside = words.open_inside(talk.case)
    by_member = inside.subject_kind in ("persona", "mask")
    origin = Origin.SELF if by_member else Origin.VISITOR
    made = concerns.raise_here(
        Raise(
            talk.case.scope,
            talk.case.kind,
            origin,
            once.encode() + talk.id,
            subject_kind=inside.subject_kind,
            subject_id=inside.subject_id,
        )
    )
    other = talks.there(made.concern_id)
    if other is not None:
        found = row(select(*ConcernTalk.__table__.columns).where(ConcernTalk.id == other))
        assert found is not None
        return talks.read(found), other
    found = here().execute(select(*ConcernTalk.__table__.columns).where(ConcernTalk.id == talk.id)).one()
    scope = talk.case.scope if by_member else HOUSE
    _kind, _value, ids = tagged.open_whole(ConcernTalk, scope, found.tag, found.sealed)
    again = tagged.sealed_row(ConcernTalk, scope, KIND, ids, made.concern_id)
    change = update(ConcernTalk).where(ConcernTalk.tag == found.tag).values(concern_id=made.concern_id, **again)
    here().execute(change)
    case = cases.find(made.concern_id)
    assert case is not None
    return Talk(talk.id, made.concern_id, found.shared, case), None


def _note_answer(case: Case, *, answers: bool) -> None:
    """Step: the person wrote. The words stay in the talk; the record says that they did, and if they were spoken with."""
    if answers and not case.spoken:
        transitions.person_answered(case.id)
    else:
        chronology.note(case, EventKind.SAID, None, codes={"talk": "person"})
    ticking.call_holder(cases.lock(case.id), clock.now())


@retrying
def wish_no_action(talk: Talk) -> None:
    """The person wants nothing done: it is written down. A person still looks, and closing still needs people."""
    with transaction():
        if talk.case.is_open:
            transitions.wishes_no_action(talk.case.id)


@retrying
def say_young(talk: Talk) -> None:
    """The person says that they are under 18: their post and their place stay, and the concern is about a child from now on."""
    with transaction():
        case = cases.lock(talk.case.id)
        if case.is_open and case.kind is not Kind.CHILD:
            chronology.note(case, EventKind.SAID, None, codes={"talk": "under_18"})
            exclusions.keep_colleagues_out(case)
            cases.change(case, kind=Kind.CHILD)


def let_others_read(talk: Talk, shared: bool) -> None:
    """The person says who reads along: everybody who may see the concern, or only whoever holds it."""
    with transaction():
        here().execute(update(ConcernTalk).where(ConcernTalk.id == talk.id).values(shared=shared))


@retrying
def write_as_owner(actor: Actor, concern_id: bytes, text: str, once: str) -> None:
    """Write to the person: a logged try until they answer. Only for whoever holds the concern.

    :raises NotFound: not theirs to see. :raises NotAllowed: not theirs to write, or writing could endanger the person.
    """
    clean = _clean(text)
    case, me = queries.get(actor, concern_id)
    _require_may_write(case, me)
    with transaction():
        case = cases.lock(concern_id)
        _require_may_write(case, me)
        face, kept_in = talks.persona_of(case), talks.find_of(case)
        if face is not None and kept_in is None:
            talks.open_for(case, face)
            kept_in = case
        if kept_in is None:
            raise NotAllowed(_("We do not know who this is here. So there is nobody to write to on this site."))
        if _add_word(kept_in, clean, by_person=False, me=me, once=once):
            talks.tell_home(kept_in)
            chronology.note(case, EventKind.CONTACT_ATTEMPT, me, codes={"talk": "written"})
            cases.change(case, **timers.columns(timers.renewed(case, clock.now()), clock.now()))


def _require_may_write(case: Case, me: Responder) -> None:
    if case.owner_id is None or case.owner_id not in talks.hats(case, me):
        raise NotAllowed(_("Whoever has this concern writes to the person. Take it first, or ask them."))
    if case.do_not_write and not any(_person_wrote(one) for one in talks.gathered(case)):
        raise NotAllowed(_("Do not write first here: it could put them at risk. Talk to your lead."))


def _person_wrote(concern_id: bytes) -> bool:
    theirs = (ConcernWord.concern_id == concern_id, ConcernWord.by_person.is_(True))
    return row(select(ConcernWord.n).where(*theirs).limit(1)) is not None


# --- Words -----------------------------------------------------------------------------------------------------------


def list_for_person(talk: Talk) -> list[Word]:
    """All that was said, the first first; what was written to the person counts as seen from now on."""
    return _list(talks.original(talk), for_person=True)


def list_words(case: Case) -> list[Word]:
    """The same for a responder, who then has seen what the person wrote. The caller asked `may_read`."""
    kept_in = talks.find_of(case)
    return _list(kept_in, for_person=False) if kept_in else []


def _list(case: Case, *, for_person: bool) -> list[Word]:
    found, key = _rows(case), words.open_inside(case).key
    _mark_seen(case, found, for_person)
    return [_word(key, r) for r in found]


def _mark_seen(case: Case, found: Iterable[Row], for_person: bool) -> None:
    if any(r.by_person is not for_person and not r.seen for r in found):
        with transaction():
            theirs = (ConcernWord.concern_id == case.id, ConcernWord.by_person.is_(not for_person))
            here().execute(update(ConcernWord).where(*theirs).values(seen=True))
            if for_person:
                talks.tell_home(case)


def _add_word(case: Case, text: str, *, by_person: bool, me: Responder | None, once: str) -> bool:
    """Whether it is new: the same form sent twice adds nothing."""
    found, key = _rows(case), words.open_inside(case).key
    if any(_open(key, r)[3] == once for r in found):
        return False
    n = 1 + max((r.n for r in found), default=0)
    said = [text, clock.now().isoformat(), me.name if me else "", once]
    sealed = words.seal_with(key, PLACE, _row_key(case.id, n), blocks.pack(said, BLOCK))
    values = {"by_person": by_person, "seen": False, "hour": clock.this_hour(), "sealed": sealed}
    here().execute(insert(ConcernWord).values(concern_id=case.id, n=n, **values))
    return True


def _rows(case: Case) -> Sequence[Row]:
    return rows(select(*ConcernWord.__table__.columns).where(ConcernWord.concern_id == case.id).order_by(ConcernWord.n))


def _row_key(concern_id: bytes, n: int) -> bytes:
    return concern_id + n.to_bytes(4)


def _open(key: bytes, found: Row) -> list[str]:
    return list(json.loads(words.open_with(key, PLACE, _row_key(found.concern_id, found.n), found.sealed)))


def _word(key: bytes, found: Row) -> Word:
    text, at, name, _once = _open(key, found)
    return Word(found.n, found.by_person, found.seen, datetime.fromisoformat(at), text, name)


def _was_written_to(concern_id: bytes) -> bool:
    theirs = (ConcernWord.concern_id == concern_id, ConcernWord.by_person.is_(False))
    found = row(select(func.count().label("n")).where(*theirs))
    return bool(found and found.n)


def _clean(text: str) -> str:
    clean = normalise(text).strip()
    if not clean:
        raise Invalid(_("Write a few words first."), "body")
    if len(clean) > MOST_WORDS:
        raise Invalid(_("That is too long. Please say it in %(most)s characters.", most=MOST_WORDS), "body")
    return clean
