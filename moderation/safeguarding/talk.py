"""Whose talk is which: what leads a person to what they and whoever holds their concern say to each other.

Read by the person and whoever holds the concern now; by the others who may see the concern only if the person says so, or
if it is about a child. What is said is in `talking`.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Row, insert, select, update

from forum.base import rotation, tagged
from forum.base.db import row, rows
from forum.base.errors import NotFound
from forum.base.idents import new_ident
from forum.base.keyring import HOUSE, Scope
from forum.base.rotation import Pass
from forum.base.transaction import here
from forum.conversations import masks
from forum.conversations.renewal import all_scopes
from forum.policy import waiting_word
from forum.policy.actor import Actor, Membership
from forum.policy.members import get_scope, writer_in
from forum.policy.permissions import Denial
from moderation.safeguarding import cases, responders, words
from moderation.safeguarding.cases import Case
from moderation.safeguarding.models import Concern, Kind, Origin
from moderation.safeguarding.responders import Responder
from moderation.safeguarding.talk_models import ConcernTalk, ConcernWord

KIND = "concern_talk"
#: Concerns about one person gather in one, so this many open at a time in a group are hardly thinkable.
PLACES = 16
SECRET_BYTES = 20


@dataclass(frozen=True)
class Talk:
    """One talk as somebody has it open. :param case: the concern it belongs to now, also after two were put together."""

    id: bytes
    concern_id: bytes
    shared: bool
    case: Case


# --- Where it is ------------------------------------------------------------------------------------------------------


def open_for(case: Case, persona_id: bytes) -> bytes:
    """Step: the talk of a concern with somebody of its group, made on the first use; gives its id.

    Where every place is taken by one that is not over, they go on in one of those: nobody is refused.
    """
    if before := there(case.id):
        return before
    taken = tagged.find_many(ConcernTalk, case.scope, KIND, {bytes([n]): (persona_id, n) for n in range(PLACES)})
    free = next((n for n in range(PLACES) if bytes([n]) not in taken), None)
    if free is not None:
        return _add(case, case.scope, persona_id, free)
    over = next((n for n in range(PLACES) if not _is_open(taken[bytes([n])])), None)
    if over is None:
        return there(taken[bytes([PLACES - 1])]) or b""
    _let_go(case.scope, taken[bytes([over])])
    return _add(case, case.scope, persona_id, over)


def _let_go(scope: Scope, concern_id: bytes) -> None:
    """What is over long since leads to nobody from now on; its words stay in the record."""
    moved = tagged.sealed_row(ConcernTalk, scope, KIND, (new_ident(), 0), concern_id)
    here().execute(update(ConcernTalk).where(ConcernTalk.concern_id == concern_id).values(**moved))


def open_with_secret(case: Case) -> str:
    """Step: the same for somebody who is not signed in; gives the secret of its address, which is kept nowhere.

    A form that is sent twice is answered twice, and only the last answer is read: from then on its address leads there.
    """
    secret = secrets.token_urlsafe(SECRET_BYTES)
    if there(case.id) is None:
        _add(case, HOUSE, _hash(secret), 0)
        return secret
    again = tagged.sealed_row(ConcernTalk, HOUSE, KIND, (_hash(secret), 0), case.id)
    here().execute(update(ConcernTalk).where(ConcernTalk.concern_id == case.id).values(**again))
    return secret


def there(concern_id: bytes) -> bytes | None:
    """The talk of a concern, by its id."""
    found = row(select(ConcernTalk.id).where(ConcernTalk.concern_id == concern_id))
    return bytes(found.id) if found else None


def _add(case: Case, scope: Scope, face: bytes, place: int) -> bytes:
    ident = new_ident()
    values = tagged.sealed_row(ConcernTalk, scope, KIND, (face, place), case.id)
    here().execute(insert(ConcernTalk).values(id=ident, concern_id=case.id, **values))
    return ident


def _is_open(concern_id: bytes) -> bool:
    case = cases.find(concern_id)
    return case is not None and case.is_open


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()[:16]


# --- The person's side -----------------------------------------------------------------------------------------------


def get_own(actor: Actor, talk_id: bytes) -> Talk:
    """A talk for the person it is with. :raises NotFound: there is none, or it is somebody else's."""
    found = row(select(*ConcernTalk.__table__.columns).where(ConcernTalk.id == talk_id))
    case = cases.find(found.concern_id) if found else None
    scope = get_scope(case.scope.group_id) if case and case.scope.group_id else None
    me = writer_in(actor, scope).writer_in(scope.group_id) if scope else None
    if found is None or scope is None or me is None or found.tag not in _own_tags(me):
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return read(found)


def _own_tags(me: Membership) -> set[bytes]:
    return {tag for n in range(PLACES) for tag in tagged.tags(me.scope, KIND, me.persona_id, n)}


def get_by_secret(secret: str) -> Talk:
    """A talk for whoever has its address. :raises NotFound: there is none."""
    at = tagged.tags(HOUSE, KIND, _hash(secret), 0)
    found = row(select(*ConcernTalk.__table__.columns).where(ConcernTalk.tag.in_(at)))
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return read(found)


def list_own(memberships: Iterable[Membership]) -> list[Talk]:
    """The talks of one person in these groups that are not over, or in which they have not read all, in one question a group."""
    found: list[Talk] = []
    for me in memberships:
        kept = rows(select(*ConcernTalk.__table__.columns).where(ConcernTalk.tag.in_(sorted(_own_tags(me)))))
        found += [talk for talk in map(read, kept) if talk.case.is_open or has_news(talk)]
    return found


def is_begun(talk: Talk) -> bool:
    """Whether the person knows of it: they asked for help, or somebody wrote."""
    return (
        talk.case.origin is Origin.SELF
        or row(select(ConcernWord.n).where(ConcernWord.concern_id == talk.concern_id)) is not None
    )


def has_news(talk: Talk) -> bool:
    """Whether something was written to the person that they have not had on a page."""
    waits = (ConcernWord.concern_id == talk.concern_id, ConcernWord.by_person.is_(False), ConcernWord.seen.is_(False))
    return row(select(ConcernWord.n).where(*waits).limit(1)) is not None


def tell_home(case: Case) -> None:
    """Step: home says that something is new as long as there is something that they have not read. It names nothing."""
    persona_id = persona_of(case)
    if persona_id is None or case.scope.group_id == cases.NO_GROUP:
        return
    tags = [tag for n in range(PLACES) for tag in tagged.tags(case.scope, KIND, persona_id, n)]
    kept = rows(select(*ConcernTalk.__table__.columns).where(ConcernTalk.tag.in_(tags)))
    tell = waiting_word.put if any(has_news(read(one)) for one in kept) else waiting_word.drop
    tell(case.scope, persona_id)


# --- Who may read and write --------------------------------------------------------------------------------------------


def may_read(case: Case, me: Responder) -> bool:
    """Whether this responder, who may see the concern, may read the talk as well."""
    if case.kind is Kind.CHILD or (case.owner_id is not None and case.owner_id in hats(case, me)):
        return True  # of a child never one adult alone
    return any(row(_SHARED.where(ConcernTalk.concern_id == one)) for one in gathered(case))


_SHARED = select(ConcernTalk.id).where(ConcernTalk.shared)


def gathered(case: Case) -> list[bytes]:
    """The concern with those that were put to it: the person goes on in the talk that they know."""
    return [case.id, *(r.id for r in rows(select(Concern.id).where(Concern.merged_into == case.id)))]


def find_of(case: Case) -> Case | None:
    """The concern under whose key the talk of this one lies."""
    holds = next((one for one in gathered(case) if there(one)), None)
    return cases.find(holds) if holds else None


def hats(case: Case, me: Responder) -> frozenset[bytes]:
    """Every id of one person for this concern."""
    return responders.same_person(case.scope, me.id)


def persona_of(case: Case) -> bytes | None:
    """Who it is about, in memory alone: of an alias whoever wears it, whom the responder never learns."""
    inside = words.open_inside(case)
    if inside.subject_kind == "mask":
        return masks.wearer_of(case.scope, inside.subject_id)
    return inside.subject_id if inside.subject_kind == "persona" else None


def can_be_written_to(case: Case) -> bool:
    """Whether there is somebody on this site to write to."""
    return find_of(case) is not None or persona_of(case) is not None


def read(found: Row) -> Talk:
    """A row as a talk, with the concern that it belongs to now."""
    case = cases.find(found.concern_id)
    if case is None:
        raise LookupError("A talk without its concern: the database was changed by hand.")
    while case.merged_into is not None and (later := cases.find(case.merged_into)) is not None:
        case = later
    return Talk(found.id, found.concern_id, found.shared, case)


def original(talk: Talk) -> Case:
    """The concern under whose key its words lie."""
    case = cases.find(talk.concern_id)
    assert case is not None
    return case


def renewal() -> Pass:
    """How a rotation renews whose talk is which."""
    return Pass(ConcernTalk, ConcernTalk.tag, rotation.renew_tagged(ConcernTalk, _scopes))


def _scopes() -> list[Scope]:
    return [*all_scopes(), HOUSE]
