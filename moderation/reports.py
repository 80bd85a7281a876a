"""Telling the team: these words break our rules, or I am worried about this person. Open to everyone who can see them.

A report hides nothing and restricts nobody, however many there are: a person looks. Whoever it names finds no trace of
it (moderation.not_for). Who told is sealed and shown to nobody.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, or_, select, update

from forum.base import blocks, clock, jobs, rotation, tagged
from forum.base.characters import normalise
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotFound
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.rotation import Pass
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.conversations import outside
from forum.conversations.outside import Said
from forum.conversations.renewal import all_scopes
from forum.ground_rules.queries import find_rules
from forum.models import OutsideReport
from forum.policy.actor import Actor
from forum.policy.members import get_scope, writer_in
from forum.policy.permissions import Denial
from moderation import evidence, in_rooms, items, meanwhile, not_for
from moderation.evidence import Copy
from moderation.models import CaseItem, CaseKind, Report, Source, Target
from moderation.report_targets import Told, named_in

KIND = "report"
#: Four pages; whoever reads it knows nothing yet. Saying nothing at all is fine as well.
MOST_WORDS = 5_000
#: What one person says about one thing, at different times. The first and the newest ones stay.
MOST_SAYINGS = 20
#: Sealed sizes are a multiple of this, so that they tell little of how much was said.
BLOCK = 1_024
#: How often it is asked whether anybody of the team is left who may look.
ASKED_AGAIN = timedelta(days=1)
OTHER = "other"
#: In the place of a ground rule: the law forbids it.
LAW = "law"


@dataclass(frozen=True)
class Saying:
    """What somebody says about it.

    :param rule: the uid of a ground rule, LAW or OTHER. :param words: at most MOST_WORDS characters, or none.
    :param version: of the rules that were in force, as hexadecimal; filled in when it is kept.
    """

    rule: str = OTHER
    words: str = ""
    version: str = ""
    day: str = ""

    @property
    def told_on(self) -> date:
        """The day, of what was kept."""
        return date.fromisoformat(self.day)


@retrying
def tell(actor: Actor, kind: CaseKind, look: Callable[[Actor], Told], saying: Saying) -> bytes:
    """Keep what somebody told, with the words as they are now; gives the item that it belongs to.

    :param look: finds the target for this actor, now. :raises NotFound: they cannot see it. :raises Invalid: too long.
    """
    clean = _clean(saying)
    with transaction():
        told = look(actor)
        kind = in_rooms.kind_of(told, kind)
        teller = teller_of(actor, told.scope, told.target)
        post = meanwhile.prepare(told, kind)
        named = named_in(told.scope, clean.words)
        alone = bool(named & not_for.team_of(told.scope))
        item_id = _find_item(told, kind, teller, clean if alone else None) or _open_item(told, kind, alone=alone)
        if _is_second(told.scope, item_id, teller):
            items.pull_forward(item_id)
        _keep_copy(told, item_id)
        not_for.keep_from(told.scope, item_id, {*told.names, *named})
        _keep_saying(told.scope, item_id, teller, _dated(clean, told.scope))
        _note_rules(told.scope, item_id)
        meanwhile.weigh(told, kind, item_id, post, list_tellers(told.scope, item_id) if post else ())
        _pass_on_if_for_nobody(told.scope, item_id, clean)
    return item_id


def _clean(saying: Saying) -> Saying:
    words = normalise(saying.words).strip()
    if len(words) > MOST_WORDS:
        raise Invalid(_("That is too long. Please say it in %(most)s characters.", most=MOST_WORDS), "body")
    return replace(saying, words=words)


def teller_of(actor: Actor, scope: Scope, target: Target | None) -> bytes:
    """Whose report it is: a persona's; of a group's page by somebody outside, this browser's.

    :raises NotFound: neither.
    """
    membership = writer_in(actor, scope).writer_in(scope.group_id)
    if membership is not None:
        return membership.persona_id
    if target is Target.GROUP and actor.sign_in is not None:
        return actor.sign_in
    raise NotFound(str(Denial.NOT_A_MEMBER.value))


def _find_item(told: Told, kind: CaseKind, teller: bytes, alone: Saying | None) -> bytes | None:
    """The open item about this target that a report joins, if there is one: a second person's joins the first one's.

    Also one that went to the organisation and waits there: a new item would say that it left the team, and so whose an
    alias is. What names somebody of the team stays by itself, or one report could keep all others from a moderator.

    :param alone: what is said, if it names somebody of the team: then only the same words again join it.
    """
    about = (CaseItem.about == told.about, CaseItem.kind == kind, CaseItem.target == told.target)
    open_now = rows(select(CaseItem.id).where(*about, _is_open()).order_by(CaseItem.round).with_for_update())
    apart = not_for.list_alone(told.scope, [item.id for item in open_now])
    joined = [item.id for item in open_now if (item.id in apart) is (alone is not None)]
    if alone is not None:
        said = find_sayings(told.scope, joined, teller)
        joined = [one for one in joined if alone.words in [before.words for before in said.get(one, [])]]
    if not joined:
        return None
    moved = update(CaseItem).where(CaseItem.id == joined[0]).values(version=CaseItem.version + 1)
    here().execute(moved.execution_options(synchronize_session=False))
    return bytes(joined[0])


def _is_second(scope: Scope, item_id: bytes, teller: bytes) -> bool:
    """Whether a second person tells the same as one before: then it is looked at sooner."""
    told = row(select(func.count().label("n")).where(Report.item_id == item_id))
    return told is not None and told.n == 1 and not find_sayings(scope, [item_id], teller)


def _is_open() -> ColumnElement[bool]:
    """Nobody has dealt with it: neither the team nor, if it went there, the organisation."""
    waits = exists().where(OutsideReport.id == CaseItem.outside_id, OutsideReport.handled_on.is_(None))
    return or_(CaseItem.decided.is_(False), and_(CaseItem.target != Target.GROUP, waits))


def _open_item(told: Told, kind: CaseKind, *, alone: bool) -> bytes:
    """A new item about this target. :param alone: reports of others do not join it."""
    item_id = items.new_item(
        told.scope, kind, about=told.about, target=told.target, source=Source.MEMBER, lang=told.copy.lang
    )
    if alone:
        not_for.keep_alone(told.scope, item_id)
    _ask_again(item_id, items.due(told.scope, kind))
    return item_id


def join_detected(told: Told, item_id: bytes) -> None:
    """Step: an item that a detector opened or found open gets the words as they are; nobody told, so nothing is said.

    If nobody of the team may see it, it goes to the organisation as what people tell does.
    """
    before = len(evidence.list_copies(told.scope, item_id))
    _keep_copy(told, item_id)
    if before:
        moved = update(CaseItem).where(CaseItem.id == item_id).values(version=CaseItem.version + 1)
        here().execute(moved.execution_options(synchronize_session=False))
    elif not_for.is_for_nobody(told.scope, item_id):
        _pass_on(told.scope, item_id)
    else:
        _ask_again(item_id, clock.now() + ASKED_AGAIN)


def _keep_copy(told: Told, item_id: bytes) -> None:
    """Seal the words again only if they are others than before."""
    before = evidence.list_copies(told.scope, item_id)
    if not before or before[-1].body != told.copy.body:
        n = before[-1].n + 1 if before else 1
        evidence.keep_for_item(told.scope, item_id, replace(told.copy, n=n))


def _dated(saying: Saying, scope: Scope) -> Saying:
    rules = find_rules(scope.group_id)
    known = {LAW, *(clause.uid for clause in (rules.clauses if rules else ()))}
    rule, version = saying.rule if saying.rule in known else OTHER, rules.version_id.hex() if rules else ""
    return replace(saying, rule=rule, version=version, day=clock.today().isoformat())


def _keep_saying(scope: Scope, item_id: bytes, teller: bytes, saying: Saying) -> None:
    """One row for each person and item; nothing that they said before is lost."""
    ids = (teller, item_id)
    value = tagged.find(Report, scope, KIND, ids, lock=True)
    said = [*(_unpack(value) if value else []), saying]
    kept = said if len(said) <= MOST_SAYINGS else [said[0], *said[2:]]
    if value is None:
        here().execute(
            insert(Report).values(item_id=item_id, **tagged.sealed_row(Report, scope, KIND, ids, _pack(kept)))
        )
    else:
        tagged.keep(Report, scope, KIND, ids, _pack(kept))


def _pack(said: Sequence[Saying]) -> bytes:
    return blocks.pack([asdict(one) for one in said], BLOCK)


def _unpack(value: bytes) -> list[Saying]:
    return [Saying(**one) for one in json.loads(value)]


def _note_rules(scope: Scope, item_id: bytes) -> None:
    """The uids of the rules that were named, for the list; the words stay sealed."""
    found = sorted({one.rule for said in list_sayings(scope, item_id) for one in said if one.rule not in (OTHER, LAW)})
    codes = ",".join(found)
    short = codes if len(codes) <= 200 else ""
    change = update(CaseItem).where(CaseItem.id == item_id).values(reasons=short)
    here().execute(change.execution_options(synchronize_session=False))


def list_sayings(scope: Scope, item_id: bytes) -> list[list[Saying]]:
    """What each person told about an item, without who. The caller asks who may know."""
    found = rows(select(Report.tag, Report.sealed).where(Report.item_id == item_id).order_by(Report.tag))
    return [_unpack(tagged.open_value(Report, scope, r.tag, r.sealed)) for r in found]


def find_sayings(scope: Scope, item_ids: Sequence[bytes], teller: bytes) -> dict[bytes, list[Saying]]:
    """What one person told, for themselves: by item, only those that are theirs."""
    found = tagged.find_many(Report, scope, KIND, {one: (teller, one) for one in item_ids})
    return {item_id: _unpack(value) for item_id, value in found.items()}


def list_tellers(scope: Scope, item_id: bytes) -> set[bytes]:
    """Who told about an item, unsealed in memory: only to keep something from them. Never to be shown."""
    found = rows(select(Report.tag, Report.sealed).where(Report.item_id == item_id))
    return {tagged.open_whole(Report, scope, r.tag, r.sealed)[2][0] for r in found}


def keep_pointer(scope: Scope, item_id: bytes, teller: bytes, told_id: bytes) -> None:
    """Step: this person's complaint is about what they told there; without words, which lie with the complaint."""
    _keep_saying(scope, item_id, teller, Saying(rule=told_id.hex(), day=clock.today().isoformat()))


# --- If nobody of the team may look ---------------------------------------------------------------------------------


def _pass_on_if_for_nobody(scope: Scope, item_id: bytes, saying: Saying) -> None:
    """What is about the group's page, or names everyone of the team, goes to the admins of the organisation."""
    item = row(select(CaseItem.target, CaseItem.outside_id).where(CaseItem.id == item_id))
    assert item is not None
    if item.outside_id is not None:
        _send_outside(scope, item_id, [saying.words])  # what was told before lies there already
    elif item.target is Target.GROUP or not_for.is_for_nobody(scope, item_id):
        _pass_on(scope, item_id)


def look_again(scope: Scope, item_id: bytes) -> None:
    """Step: what was told waits anew, here or with the organisation if nobody of the team may look."""
    told = row(select(CaseItem.kind, CaseItem.version).where(CaseItem.id == item_id).with_for_update())
    if told is None:
        return
    free = {"claimed_by": None, "lease_until": None, "outside_id": None, "decided": False}
    due_at = items.due(scope, told.kind)
    change = update(CaseItem).where(CaseItem.id == item_id).values(**free, version=told.version + 1, due_at=due_at)
    here().execute(change.execution_options(synchronize_session=False))
    _pass_on_if_for_nobody(scope, item_id, Saying())
    _ask_again(item_id, due_at)


def _pass_on(scope: Scope, item_id: bytes) -> None:
    """The item leaves the team's list."""
    words = []
    for said in [said for one in (item_id, *_joined(item_id)) for said in list_sayings(scope, one)]:
        words += [f"{one.day}: {one.words}" if one.words else one.day for one in said]
    _send_outside(scope, item_id, words)
    note_ended(item_id)


def _send_outside(scope: Scope, item_id: bytes, words: Sequence[str]) -> None:
    copies = [copy for one in (item_id, *_joined(item_id)) for copy in evidence.list_copies(scope, one)]
    report_id = outside.send(scope, (item_id, new_ident()), "", "\n\n".join(words), _said(copies))
    change = update(CaseItem).where(CaseItem.id == item_id).values(outside_id=report_id, decided=True)
    here().execute(change.execution_options(synchronize_session=False))


def _joined(item_id: bytes) -> list[bytes]:
    """What was put together with an item goes where it goes."""
    return [r.id for r in rows(select(CaseItem.id).where(CaseItem.merged_into == item_id))]


def note_ended(item_id: bytes) -> None:
    """Step: it is decided, or went to the organisation. What was told is kept while somebody can disagree, no longer."""
    evidence.keep_longer(item_id)
    jobs.enqueue("forget_report", {"item": item_id.hex()}, clock.now() + evidence.KEPT + ASKED_AGAIN)


@jobs.step("forget_report")
def _forget(payload: jobs.Payload) -> None:
    """Who told and what they said is gone for good. Whom it named is not: they must never see the item.

    What waits anew keeps it until it ends once more.
    """
    over = select(CaseItem.id).where(CaseItem.id == bytes.fromhex(payload["item"]), CaseItem.decided)
    gone = delete(Report).where(Report.item_id.in_(over))
    here().execute(gone.execution_options(synchronize_session=False))


def _said(copies: Sequence[Copy]) -> list[Said]:
    found = []
    for copy in copies:
        around = copy.around or ((copy.author, "", copy.body, True),)
        found += [Said(author, hour, body) for author, hour, body, _told in around]
    return found


def _ask_again(item_id: bytes, due_at: datetime) -> None:
    jobs.enqueue("pass_on_report", {"item": item_id.hex()}, due_at)


@jobs.step("pass_on_report")
def _pass_on_later(payload: jobs.Payload) -> None:
    """The team may have changed meanwhile: an open item that nobody of it may see any more goes to the organisation."""
    item_id = bytes.fromhex(payload["item"])
    item = row(select(CaseItem.group_id).where(CaseItem.id == item_id, CaseItem.decided.is_(False)))
    scope = get_scope(item.group_id) if item else None
    if scope is None:
        return
    if not_for.is_for_nobody(scope, item_id):
        _pass_on(scope, item_id)
    else:
        _ask_again(item_id, clock.now() + ASKED_AGAIN)


def renewal() -> Pass:
    """How a rotation renews what was told."""
    return Pass(Report, Report.tag, rotation.renew_tagged(Report, all_scopes))
