"""Askings to open sealed details and copies of records, for the table of routes: real ones, of each organisation."""

from typing import Any

from sqlalchemy import insert

from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from moderation.safeguarding import cases, concerns, opening
from moderation.safeguarding.concerns import Raise
from moderation.safeguarding.key_models import RecordExport, Way
from moderation.safeguarding.models import Kind, Origin
from moderation.safeguarding.opening_rules import Asked
from moderation.safeguarding.responders import Responder, ResponderRole
from tests.world import GroupHere, Person, World

Thing = tuple[dict[str, Any], dict[str, Any]]


def sealed_thing(world: World, endpoint: str, group: GroupHere, author: Person) -> Thing | None:
    """What an address about sealed details or a record takes, and the same of nothing that exists."""
    blueprint, name = endpoint.split(".")
    if blueprint not in ("openings", "record_exports", "record_ends"):
        return None
    raised = Raise(group.scope, Kind.ADULT, Origin.SELF, new_ident(), "persona", author.persona_id)
    with world.app.app_context(), transaction():
        concern_id = concerns.raise_here(raised).concern_id
        if name == "download":
            return {"export_id": _export(concern_id)}, {"export_id": new_ident()}
        if name in ("answer", "open_details", "review", "notice"):
            return {"opening_id": _opening(concern_id, group)}, {"opening_id": new_ident()}
    return {"concern_id": concern_id}, {"concern_id": new_ident()}


def _opening(concern_id: bytes, group: GroupHere) -> bytes:
    """What an officer who is not here any more asked for."""
    case = cases.find(concern_id)
    assert case
    asker = Responder(new_ident(), ResponderRole.LEAD, group.scope.organisation_id, None, "Lee")
    asked = Asked(("phone",), "To send somebody there.", "vital", "own_words")
    return opening._keep_asking(case, asker, Way.TWO_PEOPLE, asked, [])


def _export(concern_id: bytes) -> bytes:
    """A copy; who may not read it does not get so far as to open it."""
    export_id = new_ident()
    here().execute(insert(RecordExport).values(id=export_id, concern_id=concern_id, cut_off=1, sealed=b""))
    return export_id
