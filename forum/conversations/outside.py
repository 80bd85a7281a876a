"""Telling somebody outside the team: sealed, with a copy of the conversation as it is now. The team is not told."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import ColumnElement, Row, and_, insert, select, true, tuple_, update

from forum.accounts import staff
from forum.base import blocks, clock, tagged
from forum.base.characters import normalise
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotFound
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.conversations import team
from forum.conversations.team import Here
from forum.models import Group, Mask, Organisation, OutsideReport, Persona, Post
from forum.policy import record
from forum.policy.actor import Actor
from forum.policy.members import find_membership, list_scopes
from forum.policy.permissions import Denial, may_administer, require

KIND = "outside_report"
#: A report is read by somebody who knows nothing of it yet; this is four pages.
MOST_WORDS = 5_000
#: The latest words of a conversation that go along.
MOST_POSTS = 100
#: Reports about one line. Whoever was not heard after so many is told where else somebody listens.
PLACES = 8
#: Sealed sizes are a multiple of this, so that they tell little of how much was said.
BLOCK = 4_096
MOST_LISTED = 50


@dataclass(frozen=True)
class Said:
    """One post as it was when the report was made."""

    author: str
    hour: str
    body: str


@dataclass(frozen=True)
class Report:
    """What was told. `name` is how the sender is called in the group: an alias stays an alias."""

    id: bytes
    day: date
    handled_on: date | None
    group: str
    name: str
    words: str
    said: tuple[Said, ...]


def get_organisation(scope: Scope) -> Row:
    """Who answers for the group, and where else somebody listens, in words."""
    found = row(select(Organisation.name, Organisation.complaints).where(Organisation.id == scope.organisation_id))
    if found is None:
        raise LookupError("A group without its organisation.")
    return found


@retrying
def report_line(actor: Actor, conversation_id: bytes, words: str) -> bytes:
    """Send the organisation one's words and a copy of one's own conversation with the team; gives the receipt's id.

    :param words: 1 to MOST_WORDS characters. :raises Invalid: none, or too many. :raises NotFound: not one's own line.
    """
    found = _own_line(actor, conversation_id)
    clean = _clean(words)
    said = _said_in(found)
    with transaction():
        again = _own_line(actor, conversation_id)
        return _keep(again, clean, said)


def _own_line(actor: Actor, conversation_id: bytes) -> Here:
    found = team.enter(actor, conversation_id)
    if not found.own:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return found


def _clean(words: str) -> str:
    clean = normalise(words).strip()
    if not clean:
        raise Invalid(_("Write a few words about what is wrong."), "body")
    if len(clean) > MOST_WORDS:
        raise Invalid(_("That is too long. Please say it in %(most)s characters.", most=MOST_WORDS), "body")
    return clean


def _said_in(found: Here) -> list[Said]:
    """What its sender can read there now. Hours only: an alias is not known by its minutes."""
    shown = rows(
        select(Post.seq, Post.body, Post.written_at, Persona.name, Mask.alias)
        .outerjoin(Persona, Persona.id == Post.persona_id)
        .outerjoin(Mask, Mask.id == Post.mask_id)
        .where(Post.conversation_id == found.place.id, Post.changed_in > 0)
        .order_by(Post.seq.desc())
        .limit(MOST_POSTS)
    )
    return [
        Said(r.name or r.alias, f"{clock.floor_hour(r.written_at):%Y-%m-%d %H:00} UTC", r.body) for r in shown[::-1]
    ]


def _keep(found: Here, words: str, said: Iterable[Said]) -> bytes:
    return send(found.place.scope, _free_place(found), found.name, words, said)


def send(scope: Scope, ids: tuple[bytes | int, ...], name: str, words: str, said: Iterable[Said]) -> bytes:
    """Step: tell the admins of a group's organisation; gives the report's id.

    :param ids: what its tag is made of. :param name: of who tells, as the group knows them; empty for nobody's name.
    """
    report_id = new_ident()
    told = {"name": name, "words": words, "said": [asdict(one) for one in said]}
    values = tagged.sealed_row(OutsideReport, scope, KIND, ids, blocks.pack(told, BLOCK))
    here().execute(
        insert(OutsideReport).values(
            id=report_id,
            organisation_id=scope.organisation_id,
            group_id=scope.group_id,
            day=clock.today(),
            handled_on=None,
            **values,
        )
    )
    return report_id


_REPORT = select(*OutsideReport.__table__.columns, Group.name.label("group_name")).join(
    Group, Group.id == OutsideReport.group_id
)


def list_receipts(found: Here) -> list[Report]:
    """What somebody told about their own line, the latest first; about anybody else's there is nothing."""
    if not found.own:
        return []
    tags = [tag for n in range(PLACES) for tag in tagged.tags(found.place.scope, KIND, *_place(found, n))]
    receipts = [_read(r) for r in rows(_REPORT.where(OutsideReport.tag.in_(tags)))]
    return sorted(receipts, key=lambda one: (one.day, one.id), reverse=True)


def get_receipt(found: Here, report_id: bytes) -> Report:
    """One's own report. :raises NotFound: none, or somebody else's."""
    receipt = next((one for one in list_receipts(found) if one.id == report_id), None)
    if receipt is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return receipt


def _place(found: Here, n: int) -> tuple[bytes, bytes, int]:
    return found.me.persona_id, found.place.id, n


def _free_place(found: Here) -> tuple[bytes, bytes, int]:
    scope = found.place.scope
    for n in range(PLACES):
        if tagged.find(OutsideReport, scope, KIND, _place(found, n)) is None:
            return _place(found, n)
    raise Invalid(_("You told them several times already. Please use one of the other ways below."), "body")


def list_reports(actor: Actor, *, seen: bool = False, after: bytes | None = None) -> Sequence[Report]:
    """For an admin: what waits in their organisations, the oldest first: MOST_LISTED, and one more if there are more.

    :param seen: what was seen to instead. :param after: the report that the page before ended with.
    :raises NotFound: no admin.
    """
    order = (OutsideReport.day, OutsideReport.id)
    handled = OutsideReport.handled_on.is_not(None) if seen else OutsideReport.handled_on.is_(None)
    theirs = _REPORT.where(_of_theirs(actor))
    last = row(theirs.where(OutsideReport.id == after)) if after else None
    if last is not None:
        theirs = theirs.where(tuple_(*order) > (last.day, last.id))
    return [_read(r) for r in rows(theirs.where(handled).order_by(*order).limit(MOST_LISTED + 1))]


def _of_theirs(actor: Actor) -> ColumnElement[bool]:
    """The reports that an admin may know of."""
    looks = staff.get_staff(actor)
    own = list_scopes(actor.account_id) if actor.account_id else []
    inside = [scope.group_id for scope in own if not _is_outside(actor, scope)]
    theirs = true() if looks.whole_site else OutsideReport.organisation_id.in_(list(looks.organisations))
    return and_(theirs, OutsideReport.group_id.not_in(inside))


def _is_outside(actor: Actor, found: Row | Scope) -> bool:
    """Whether an admin is outside the team that a report is about. One who is on it reads it only if nobody else could:
    a report that nobody reads helps nobody."""
    me = find_membership(actor.account_id, Scope(found.organisation_id, found.group_id))
    return me is None or not me.on_team or not staff.has_others(actor, found.organisation_id)


def get_report(actor: Actor, report_id: bytes) -> Report:
    """For an admin of its organisation. :raises NotFound: none such, or another's: the two look the same."""
    looks = staff.get_staff(actor)
    found = row(_REPORT.where(OutsideReport.id == report_id))
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    require(may_administer, actor, looks.of(found.organisation_id))
    if not _is_outside(actor, found):
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return _read(found)


def read_report(actor: Actor, report_id: bytes) -> Report:
    """`get_report` for a page: that somebody read it stands in the record. :raises NotFound: as for `get_report`."""
    found = get_report(actor, report_id)
    with transaction():
        record.note("read", actor.account_id or b"", report_id)
    return found


def mark_handled(actor: Actor, report_id: bytes) -> None:
    """Somebody of the organisation saw to it; its sender reads the day. :raises NotFound: as for `get_report`."""
    with transaction():
        get_report(actor, report_id)
        here().execute(
            update(OutsideReport)
            .where(OutsideReport.id == report_id, OutsideReport.handled_on.is_(None))
            .values(handled_on=clock.today())
            .execution_options(synchronize_session=False)
        )


def _read(found: Row) -> Report:
    value = json.loads(
        tagged.open_value(OutsideReport, Scope(found.organisation_id, found.group_id), found.tag, found.sealed)
    )
    said = tuple(Said(**one) for one in value["said"])
    return Report(found.id, found.day, found.handled_on, found.group_name, value["name"], value["words"], said)
