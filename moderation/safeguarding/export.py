"""A record that leaves: a page to read, the same for a program, and the hashes of both. The same cut-off gives the same bytes.

Nobody's sealed details are in it: names are those of the forum. Other people are left out unless somebody says why not. Who
took it, when and why stands on each sheet and in the record itself.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, insert, select

from forum.accounts import second_factor
from forum.base import clock
from forum.base.db import row, rows
from forum.base.errors import Conflict, NotAllowed, NotFound
from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.models import Conversation, Mask, Persona
from forum.policy import record
from forum.policy.actor import Actor
from forum.policy.permissions import Denial
from moderation.safeguarding import cases, chronology, opening_rules, queries, words
from moderation.safeguarding import export_content as content
from moderation.safeguarding.cases import Case
from moderation.safeguarding.export_content import Taken
from moderation.safeguarding.key_models import RecordExport
from moderation.safeguarding.models import EventKind
from moderation.safeguarding.responders import TIER

PLACE = "record_export"


@dataclass(frozen=True)
class Export:
    """A copy as its page lists it."""

    id: bytes
    cut_off: int
    taken: Taken


# --- Taking one ---


def take(actor: Actor, concern_id: bytes, why: str, *, others: bool) -> bytes:
    """Take a copy of a record as it is now; gives the copy's id.

    :param why: whom it is for. :param others: do not leave other people out.
    :raises NotFound: no such concern for this person. :raises NotAllowed: not an officer. :raises Invalid: no reason.
    :raises Conflict: somebody wrote into the record at the same moment.
    """
    case, me = queries.get(actor, concern_id)
    second_factor.require_step_up(actor)
    clean = opening_rules.check_words(why, "why")
    if me.role not in TIER:
        raise NotAllowed(_("You cannot take a record out. Please ask the lead or a deputy."))
    export_id, lines = new_ident(), chronology.lines(case)
    cut_off = lines[-1].n if lines else 0
    taken = Taken(me.name, me.role.value, clock.now().isoformat(), clean, others, _names(case, cut_off, others))
    manifest = content.manifest_of(content.build(case, export_id, lines, taken))
    with transaction():
        now = cases.lock(concern_id)
        queries.require(actor, now)
        if chronology.lines(now)[-1].n != cut_off:
            raise Conflict(_("Someone just wrote into the record. Please take it again."))
        kept = Taken(**asdict(taken) | {"manifest": manifest})
        here().execute(
            insert(RecordExport).values(
                id=export_id, concern_id=case.id, cut_off=cut_off, sealed=_seal(case, export_id, kept)
            )
        )
        codes = {
            "export": export_id.hex(),
            "cut_off": cut_off,
            "others": others,
            "sha256": content.sha(manifest.encode()),
        }
        chronology.note(now, EventKind.EXPORTED, me, clean, codes=codes)
        record.note("concern.export", me.id, case.id, f"{cut_off} {'others' if others else 'redacted'}")
    return export_id


def read(actor: Actor, export_id: bytes) -> bytes:
    """The files of a copy, packed, byte for byte as they were taken; after an upgrade the sheets alone may be laid out anew.

    :raises NotFound: none, or of a concern that the actor may not see. :raises Conflict: the record is not what it was.
    """
    case, found, taken = _open(actor, export_id)
    files = content.build(case, export_id, chronology.lines(case, found.cut_off), taken)
    manifest = content.manifest_of(files)
    if content.hash_of(manifest, content.PLAIN) != content.hash_of(taken.manifest, content.PLAIN):
        raise Conflict(_("The record is not what it was when this copy was taken. Please tell whoever runs this site."))
    with transaction():
        _case, me = queries.get(actor, case.id)
        record.note("concern.export.read", me.id, case.id, str(found.cut_off))
    return content.pack(files | {"manifest.sha256": manifest.encode()})


def list_of(case: Case) -> list[Export]:
    """The copies that were taken of a record, the last first. The caller asks who may see it."""
    found = rows(_COLUMNS.where(RecordExport.concern_id == case.id))
    opened = [Export(one.id, one.cut_off, _unseal(case, one)) for one in found]
    return sorted(opened, key=lambda one: one.taken.at, reverse=True)


_COLUMNS = select(RecordExport.id, RecordExport.concern_id, RecordExport.cut_off, RecordExport.sealed)


def _open(actor: Actor, export_id: bytes) -> tuple[Case, Row[Any], Taken]:
    found = row(_COLUMNS.where(RecordExport.id == export_id))
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    case, me = queries.get(actor, found.concern_id)
    if me.role not in TIER:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return case, found, _unseal(case, found)


def _seal(case: Case, export_id: bytes, taken: Taken) -> bytes:
    packed = json.dumps(asdict(taken), ensure_ascii=False).encode("utf-8", "surrogatepass")
    return words.seal_with(words.open_inside(case).key, PLACE, export_id, packed)


def _unseal(case: Case, found: Row[Any]) -> Taken:
    opened = json.loads(words.open_with(words.open_inside(case).key, PLACE, found.id, found.sealed))
    return Taken(**opened | {"names": tuple(opened["names"])})


def _names(case: Case, cut_off: int, others: bool) -> tuple[str, ...]:
    """Whom to leave out: every name and every alias in the record but the one that the concern is about; as it was for an
    earlier copy of the same lines, so that somebody who came in since changes none of it.

    The person's own other names go, too: the one name that is left beside an alias would say whose it is.
    """
    for one in list_of(case):
        if one.cut_off == cut_off and one.taken.others == others:
            return one.taken.names
    if others or case.group_id is None:
        return ()
    said = content.all_words(case, chronology.lines(case, cut_off)).casefold()
    inside = words.open_inside(case)
    faces = [*_named(case), *_masked(case)]
    own = {name for face, name in faces if face == inside.subject_id}
    return tuple(sorted({name for _face, name in faces if name.casefold() in said} - own))


def _named(case: Case) -> list[tuple[bytes, str]]:
    """Who has which name in the group."""
    return [(r.id, r.name) for r in rows(select(Persona.id, Persona.name).where(Persona.group_id == case.group_id))]


def _masked(case: Case) -> list[tuple[bytes, str]]:
    """Who has which alias in its conversations."""
    found = select(Mask.id, Mask.alias).join(Conversation, Conversation.id == Mask.conversation_id)
    return [(r.id, r.alias) for r in rows(found.where(Conversation.group_id == case.group_id))]
