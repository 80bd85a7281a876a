"""Concerns and talks for the table of routes: a real one about the author of the thing."""

from typing import Any

from forum.base.idents import new_ident
from forum.base.transaction import transaction
from moderation.safeguarding import cases, concerns, talk
from moderation.safeguarding.concerns import Raise
from moderation.safeguarding.models import Kind, Origin
from tests.world import GroupHere, Person, World

Thing = tuple[dict[str, Any], dict[str, Any]]


def concern_thing(world: World, endpoint: str, group: GroupHere, author: Person) -> Thing | None:
    """What an address about a concern or a talk takes, and the same of nothing that exists."""
    blueprint, name = endpoint.split(".")
    if blueprint not in ("concerns", "concern_ways", "talk"):
        return None
    with world.app.app_context(), transaction():
        about = {"subject_kind": "persona", "subject_id": author.persona_id}
        raised = concerns.raise_here(Raise(group.scope, Kind.ADULT, Origin.SELF, new_ident(), **about))
        case = cases.find(raised.concern_id)
        assert case
        talk_id = talk.open_for(case, author.persona_id)
    if blueprint == "talk":
        return {"talk_id": talk_id}, {"talk_id": new_ident()}
    way = {"way": "note"} if name == "go" else {}
    return {"concern_id": raised.concern_id} | way, {"concern_id": new_ident()} | way
