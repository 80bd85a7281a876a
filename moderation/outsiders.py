"""Words here name somebody who is in none of the groups. They tell us without an account.

The answer is the same, in bytes and in what the database does, whether or not there is such a group or such words: it is
only kept. A job looks for the group later, and brings it to its team, or to an admin if nobody of the team may look.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, Row, and_, insert, select, true, update

from forum.accounts import staff
from forum.base import blocks, clock, jobs, rotation, tagged
from forum.base.characters import normalise
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotFound
from forum.base.idents import new_ident
from forum.base.keyring import HOUSE, Scope
from forum.base.rotation import Pass
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.models import Group
from forum.policy.actor import Actor
from forum.policy.permissions import Denial
from moderation import audit, evidence, items, not_for
from moderation.appeal_models import OutsiderReport
from moderation.appeals import SOMEBODY
from moderation.evidence import Copy
from moderation.models import CaseItem, CaseKind, Source, Target
from moderation.report_targets import named_in

KIND = "outsider"
MOST_WORDS = 5_000
MOST_PLACE = 200
#: Nobody writes more than some times about one thing; then somebody talks with them.
MOST_SAID = 10
BLOCK = 4_096
SECRET_BYTES = 20
MOST_LISTED = 50
_ADDRESS = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")


@dataclass(frozen=True)
class Told:
    """What was told. :param place: where, in their words. :param said: what, the first first."""

    place: str
    said: tuple[str, ...]


@dataclass(frozen=True)
class Listed:
    """The same for an admin, or for whoever told. :param handled: a person has looked."""

    id: bytes
    day: date
    handled: bool
    told: Told


def tell(place: str, words: str) -> str:
    """Keep it; gives the secret with which whoever told reads what came of it.

    :param place: at most MOST_PLACE characters. :param words: 1 to MOST_WORDS. :raises Invalid: otherwise.
    """
    told = Told(_clean_place(place), (_clean(words),))
    secret, ident = secrets.token_urlsafe(SECRET_BYTES), new_ident()
    values = tagged.sealed_row(OutsiderReport, HOUSE, KIND, (_hash(secret),), _pack(told))
    with transaction():
        here().execute(insert(OutsiderReport).values(id=ident, day=clock.today(), **values))
        jobs.enqueue("sort_outsider", {"report": ident.hex()})
    return secret


def _clean_place(typed: str) -> str:
    place = " ".join(normalise(typed).split())
    if len(place) > MOST_PLACE:
        raise Invalid(_("Say where in a few words, please: at most %(n)s characters.", n=MOST_PLACE), "place")
    return place


def _clean(typed: str) -> str:
    words = normalise(typed).strip()
    if not words:
        raise Invalid(_("Write a few words about what is wrong."), "body")
    if len(words) > MOST_WORDS:
        raise Invalid(_("That is too long. Please say it in %(most)s characters.", most=MOST_WORDS), "body")
    return words


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _pack(told: Told) -> bytes:
    return blocks.pack([told.place, list(told.said)], BLOCK)


def _unpack(value: bytes) -> Told:
    place, said = json.loads(value)
    return Told(place, tuple(said))


_WANTED = select(*OutsiderReport.__table__.columns, CaseItem.decided).outerjoin(
    CaseItem, CaseItem.id == OutsiderReport.item_id
)


def get_told(secret: str) -> Listed:
    """What somebody told, and whether a person has looked. :raises NotFound: no such secret."""
    found = row(_WANTED.where(OutsiderReport.tag.in_(tagged.tags(HOUSE, KIND, _hash(secret)))))
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return _listed(found)


def _listed(found: Row) -> Listed:
    told = _unpack(tagged.open_value(OutsiderReport, HOUSE, found.tag, found.sealed))
    return Listed(found.id, found.day, bool(found.handled_on or found.decided), told)


@retrying
def say_more(secret: str, words: str) -> None:
    """Add to it, or say that one is not content with what came of it: somebody who runs the site looks now.

    :raises NotFound: no such secret. :raises Invalid: no words, too many, or too often.
    """
    clean, ids = _clean(words), (_hash(secret),)
    with transaction():
        value = tagged.find(OutsiderReport, HOUSE, KIND, ids, lock=True)
        if value is None:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        told = _unpack(value)
        if len(told.said) >= MOST_SAID:
            raise Invalid(_("You told us several times already. Please wait for somebody to look."), "body")
        more = tagged.sealed_row(OutsiderReport, HOUSE, KIND, ids, _pack(replace(told, said=(*told.said, clean))))
        again = update(OutsiderReport).where(OutsiderReport.tag.in_(tagged.tags(HOUSE, KIND, *ids)))
        anew = {"item_id": None, "handled_on": None, **more}
        here().execute(again.values(**anew).execution_options(synchronize_session=False))


# --- Where it goes --------------------------------------------------------------------------------------------------


@jobs.step("sort_outsider")
def _sort(payload: jobs.Payload) -> None:
    """To the team of the group that is named, if there is one; else to the admins of the site."""
    found = row(_WANTED.where(OutsiderReport.id == bytes.fromhex(payload["report"])))
    if found is None:
        return
    told = _listed(found).told
    scope = _find_group(f"{told.place}\n{told.said[0]}")
    if scope is None:
        return
    item_id = _open_item(scope, told)
    change = update(OutsiderReport).where(OutsiderReport.id == found.id)
    values = {"organisation_id": scope.organisation_id, "item_id": item_id}
    here().execute(change.values(**values).execution_options(synchronize_session=False))


def _find_group(text: str) -> Scope | None:
    """The first group whose address stands in the words."""
    written = list(dict.fromkeys(_ADDRESS.findall(text.casefold())))[:MOST_LISTED]
    theirs = select(Group.address, Group.id, Group.organisation_id).where(Group.address.in_(written))
    found = {r.address: r for r in rows(theirs)} if written else {}
    first = next((found[one] for one in written if one in found), None)
    return Scope(first.organisation_id, first.id) if first else None


def _open_item(scope: Scope, told: Told) -> bytes | None:
    """What names one of the team is kept from them; if that is everybody, it stays with the admins."""
    named = named_in(scope, "\n".join(told.said))
    if not not_for.team_of(scope) - named:
        return None
    item_id = items.new_item(scope, CaseKind.PRIVACY, about=scope.group_id, target=Target.GROUP, source=Source.OUTSIDE)
    not_for.keep_alone(scope, item_id)
    not_for.keep_from(scope, item_id, named)
    evidence.keep_for_item(scope, item_id, Copy("\n\n".join((told.place, *told.said)).strip(), "", "", n=1))
    audit.note("outsider.told", SOMEBODY, item_id)
    return item_id


# --- For admins -----------------------------------------------------------------------------------------------------


def list_reports(actor: Actor) -> Sequence[Listed]:
    """What no team looks at, of the actor's organisations, the oldest first; of no group, for the whole site's admins.

    :raises NotFound: no admin.
    """
    waits = and_(_of_theirs(actor), OutsiderReport.handled_on.is_(None), OutsiderReport.item_id.is_(None))
    found = rows(_WANTED.where(waits).order_by(OutsiderReport.day, OutsiderReport.id).limit(MOST_LISTED))
    with transaction():
        for one in found:
            audit.note_read(actor.account_id or b"", one.id)
    return [_listed(one) for one in found]


def _of_theirs(actor: Actor) -> ColumnElement[bool]:
    looks = staff.get_staff(actor)
    return true() if looks.whole_site else OutsiderReport.organisation_id.in_(list(looks.organisations))


def mark_handled(actor: Actor, report_id: bytes) -> None:
    """Somebody saw to it; whoever told reads so. :raises NotFound: none such for this admin."""
    mine = and_(OutsiderReport.id == report_id, _of_theirs(actor), OutsiderReport.item_id.is_(None))
    with transaction():
        change = update(OutsiderReport).where(mine).values(handled_on=clock.today()).returning(OutsiderReport.id)
        if here().execute(change.execution_options(synchronize_session=False)).first() is None:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        audit.note("outsider.handled", actor.account_id or b"", report_id)


def renewal() -> Pass:
    """How a rotation renews these rows."""
    return Pass(OutsiderReport, OutsiderReport.tag, rotation.renew_tagged(OutsiderReport, lambda: [HOUSE]))
