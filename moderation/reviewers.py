"""Who looks again when nobody of a team may: people whom the organisation names, outside all teams (moderation.md §1.8).

A reviewer has no account. An admin makes a link for one of them and one item; the browser that opens it may read that
item for a while, and nothing else. Whoever is in the group's own team, or is named by the item, opens nothing with it.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, delete, insert, select, update

from forum.accounts import staff
from forum.accounts.second_factor import require_step_up
from forum.base import clock, rotation, tagged
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotFound
from forum.base.idents import new_ident, write_ident
from forum.base.keyring import HOUSE, Scope, the_keyring
from forum.base.rotation import Pass
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.models import Group, Organisation, Persona, Role, Standing
from forum.policy.actor import Actor, Membership
from forum.policy.members import actor_in
from forum.policy.permissions import Denial, may_administer, require
from moderation import appeal_ends, audit, evidence, not_for, sight, threads
from moderation.appeal_models import Reviewer, ReviewPass
from moderation.decisions import Lost
from moderation.evidence import Copy
from moderation.models import CaseItem, CaseKind, Choice
from moderation.threads import Message

LINK, SEAT = "review_link", "review_seat"
#: Long enough to reach a volunteer who reads their mail at the weekend.
LINK_LIVES = timedelta(days=3)
#: To read, ask, wait for an answer and decide. A visit ends sooner where the browser is not signed in: then a new link helps.
SEAT_LIVES = timedelta(days=14)
SECRET_BYTES = 20
MOST_NAME = 60
#: The face of all reviewers in one group: nobody's account leads there, and no member ever sees it.
FACE = "reviewers_face"


# --- For admins -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """An item that nobody of its team may see, without what it is about."""

    id: bytes
    kind: CaseKind
    group: str
    organisation_id: bytes
    due_at: datetime


@dataclass(frozen=True)
class Overview:
    """One organisation with its reviewers and what waits for them."""

    organisation_id: bytes
    name: str
    reviewers: Sequence["Known"]
    waiting: Sequence[Waiting]

    @property
    def ref(self) -> str:
        """The organisation, for a form."""
        return write_ident(self.organisation_id)


@dataclass(frozen=True)
class Known:
    """One of the list."""

    id: bytes
    name: str

    @property
    def ref(self) -> str:
        """The same, for a form."""
        return write_ident(self.id)


def list_for_admin(actor: Actor) -> list[Overview]:
    """The organisations that the actor looks after. :raises NotFound: no admin."""
    looks = staff.get_staff(actor)
    wanted = select(Organisation.id, Organisation.name).order_by(Organisation.name, Organisation.id)
    if not looks.whole_site:
        wanted = wanted.where(Organisation.id.in_(list(looks.organisations)))
    return [Overview(one.id, one.name, _reviewers(one.id), _waiting(actor, one.id)) for one in rows(wanted)]


def _reviewers(organisation_id: bytes) -> Sequence[Known]:
    theirs = (Reviewer.organisation_id == organisation_id, Reviewer.ended_on.is_(None))
    found = rows(select(Reviewer.id, Reviewer.name).where(*theirs).order_by(Reviewer.name, Reviewer.id))
    return [Known(one.id, one.name) for one in found]


_ITEM = select(
    CaseItem.id,
    CaseItem.kind,
    CaseItem.due_at,
    CaseItem.group_id,
    CaseItem.version,
    CaseItem.decided,
    CaseItem.decision_id,
    CaseItem.post_id,
    CaseItem.target,
    CaseItem.about,
    Group.name.label("group_name"),
    Group.organisation_id,
    Organisation.nation,
).join(Group, Group.id == CaseItem.group_id)
_ITEM = _ITEM.join(Organisation, Organisation.id == Group.organisation_id).where(CaseItem.kind.in_(threads.KINDS))


def _waiting(actor: Actor, organisation_id: bytes) -> list[Waiting]:
    theirs = (Group.organisation_id == organisation_id, CaseItem.decided.is_(False))
    found = rows(_ITEM.where(*theirs).order_by(CaseItem.due_at, CaseItem.id))
    return [
        Waiting(one.id, one.kind, one.group_name, one.organisation_id, one.due_at)
        for one in found
        if _is_for_reviewers(one) and _is_not_about(actor, one)
    ]


def _is_for_reviewers(item: Row) -> bool:
    return not_for.is_for_nobody(Scope(item.organisation_id, item.group_id), item.id)


def _is_not_about(actor: Actor, item: Row) -> bool:
    """To an admin, or a reviewer, whom the item names it does not exist: they may look after the group as well."""
    scope = Scope(item.organisation_id, item.group_id)
    personas = sight.me(actor_in(actor, scope), scope)
    return not personas or not sight.hidden(actor_in(actor, scope), scope, [item])


def add(actor: Actor, organisation_id: bytes, typed: str) -> bytes:
    """Name somebody who may look again. :param typed: who they are, for the admins; 1 to MOST_NAME characters.

    :raises NotFound: not the actor's organisation. :raises Invalid: no name. :raises StepUpNeeded: give the code first.
    """
    _require_admin(actor, organisation_id)
    name, reviewer_id = " ".join(typed.split()), new_ident()
    if not 1 <= len(name) <= MOST_NAME:
        raise Invalid(_("Say who they are, in at most %(n)s letters.", n=MOST_NAME), "name")
    with transaction():
        here().execute(insert(Reviewer).values(id=reviewer_id, organisation_id=organisation_id, name=name))
        audit.note("reviewer.add", actor.account_id or b"", reviewer_id)
    return reviewer_id


def end(actor: Actor, reviewer_id: bytes) -> None:
    """They get no link any more, and those they have open nothing. :raises NotFound, StepUpNeeded: as for `add`."""
    found = _get_reviewer(reviewer_id)
    _require_admin(actor, found.organisation_id)
    with transaction():
        change = update(Reviewer).where(Reviewer.id == reviewer_id).values(ended_on=clock.today())
        here().execute(change.execution_options(synchronize_session=False))
        audit.note("reviewer.end", actor.account_id or b"", reviewer_id)


def make_link(actor: Actor, item_id: bytes, reviewer_id: bytes) -> str:
    """A link for one reviewer and one item, to be used once within three days; gives its secret.

    :raises NotFound: no such item or reviewer for this admin. :raises StepUpNeeded: give the code first.
    """
    item, reviewer = row(_ITEM.where(CaseItem.id == item_id)), _get_reviewer(reviewer_id)
    if item is None or item.decided or item.organisation_id != reviewer.organisation_id:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    _require_admin(actor, item.organisation_id)
    if not (_is_for_reviewers(item) and _is_not_about(actor, item)):
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction():
        here().execute(delete(ReviewPass).where(ReviewPass.ends_at < clock.now()))
        _keep_pass(LINK, (_hash(secret),), item_id, reviewer_id, LINK_LIVES)
        audit.note("reviewer.link", actor.account_id or b"", item_id)
    return secret


def _require_admin(actor: Actor, organisation_id: bytes) -> None:
    require(may_administer, actor, staff.get_staff(actor).of(organisation_id))
    require_step_up(actor)


def _get_reviewer(reviewer_id: bytes) -> Row:
    found = row(select(*Reviewer.__table__.columns).where(Reviewer.id == reviewer_id, Reviewer.ended_on.is_(None)))
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return found


def _keep_pass(kind: str, ids: tuple[bytes, ...], item_id: bytes, reviewer_id: bytes, lives: timedelta) -> None:
    values = tagged.sealed_row(ReviewPass, HOUSE, kind, ids, item_id + reviewer_id)
    here().execute(insert(ReviewPass).values(item_id=item_id, ends_at=clock.now() + lives, **values))


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


# --- For a reviewer -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Here:
    """One item as its reviewer has it open."""

    item: Row
    scope: Scope
    reviewer_id: bytes
    copies: Sequence[Copy] = ()
    messages: Sequence[Message] = ()
    choices: Sequence[Choice] = ()


def find_link(actor: Actor, secret: str) -> Here:
    """What a link opens. :raises NotFound: it was used, has ended or never was, or the item names who asks: all alike."""
    return _open(actor, LINK, (_hash(secret),))


@retrying
def begin(actor: Actor, secret: str) -> bytes:
    """Use a link: from now on this browser may read the item; gives it. :raises NotFound: as for `find_link`.

    :param actor: with the hash of their browser's cookie.
    """
    with transaction():
        found = find_link(actor, secret)
        tagged.drop(ReviewPass, HOUSE, LINK, (_hash(secret),))
        tagged.drop(ReviewPass, HOUSE, SEAT, _seat(actor, found.item.id))
        _keep_pass(SEAT, _seat(actor, found.item.id), found.item.id, found.reviewer_id, SEAT_LIVES)
        audit.note("reviewer.begin", found.reviewer_id, found.item.id)
    return bytes(found.item.id)


def get_here(actor: Actor, item_id: bytes) -> Here:
    """An item for the reviewer whose browser this is. Reading it is a link of the chain. :raises NotFound: none such."""
    found = _open(actor, SEAT, _seat(actor, item_id))
    with transaction():
        audit.note_read(found.reviewer_id, item_id)
    return Here(
        found.item,
        found.scope,
        found.reviewer_id,
        evidence.list_copies(found.scope, item_id),
        threads.list_messages(found.scope, item_id),
        () if found.item.decided else appeal_ends.choices_for(found.item),
    )


def _open(actor: Actor, kind: str, ids: tuple[bytes, ...]) -> Here:
    tags = tagged.tags(HOUSE, kind, *ids)
    valid = (ReviewPass.tag.in_(tags), ReviewPass.ends_at > clock.now())
    found = row(select(ReviewPass.tag, ReviewPass.sealed).where(*valid))
    value = tagged.open_value(ReviewPass, HOUSE, found.tag, found.sealed) if found else b""
    item = row(_ITEM.where(CaseItem.id == value[:16])) if found else None
    if item is None or (kind == LINK and item.decided) or not _is_not_about(actor, item):
        raise _opens_nothing()
    reviewer = _get_reviewer(value[16:])
    return Here(item, Scope(item.organisation_id, item.group_id), reviewer.id)


def _opens_nothing() -> NotFound:
    return NotFound(_("This link does not work any more. Ask for a new one."))


def _seat(actor: Actor, item_id: bytes) -> tuple[bytes, bytes]:
    return actor.sign_in or b"", item_id


def answer(actor: Actor, item_id: bytes, typed: str) -> None:
    """Write to whoever asked. :raises NotFound: not their item. :raises Invalid, Lost: as for `appeal_ends.answer`."""
    words = threads.clean(typed)
    with transaction():
        found = _open(actor, SEAT, _seat(actor, item_id))
        if found.item.decided:
            raise Lost(_("This is decided already."))
        threads.add(found.scope, item_id, words, from_team=True)
        audit.note("thread.answer", found.reviewer_id, item_id)


@retrying
def conclude(actor: Actor, item_id: bytes, choice: Choice, version: int, typed: str) -> bytes:
    """Decide; gives the decision. :raises NotFound: not their item. Else as for `appeal_ends.conclude`."""
    words = threads.clean(typed)
    scope = _open(actor, SEAT, _seat(actor, item_id)).scope
    before = appeal_ends.prepare_words(scope, item_id)
    with transaction():
        post = appeal_ends.lock_post(item_id)
        found = _open(actor, SEAT, _seat(actor, item_id))
        item = appeal_ends.take(item_id, choice, version)
        return appeal_ends.end(_face(scope), found.reviewer_id, item, post, before, choice, words)


def _face(scope: Scope) -> Membership:
    """Step: as whom a reviewer's decision stands in the group's tables. It names none of them; the audit chain knows."""
    ring = the_keyring()
    tags = ring.tags(scope, FACE, b"")
    found = row(select(Persona.id).where(Persona.holder_tag.in_(tags)))
    persona_id = bytes(found.id) if found else new_ident()
    if found is None:
        names = {"name": "Reviewer", "skeleton": f"reviewer {persona_id.hex()}"}
        values = {"holder_tag": tags[0], "role": Role.MEMBER, "standing": Standing.LEFT, "key_id": ring.writing_id}
        here().execute(insert(Persona).values(id=persona_id, group_id=scope.group_id, **names, **values))
    return Membership(scope, persona_id, "", Role.MEMBER, Standing.LEFT, agreed=True, joined_on=None)


def renewal() -> Pass:
    """How a rotation renews what opens an item."""
    return Pass(ReviewPass, ReviewPass.tag, rotation.renew_tagged(ReviewPass, lambda: [HOUSE]))
