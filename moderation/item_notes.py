"""The team's notes on the page of an item, and what keeps its reader from deciding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moderation import impartial, notes
from moderation.models import CaseKind

if TYPE_CHECKING:
    from moderation.item_page import ItemHere


def facts(here: ItemHere) -> Mapping[str, Any]:
    """What `moderation/item_notes.html` wants, and why this reader may not decide, if so: nobody else is told."""
    written = notes.list_notes(here.actor, here.item.id)
    return {
        "notes": written,
        "asking": here.item.id in notes.list_asking([here.item.id]),
        "denial": impartial.may_judge(here.actor, here.item),
        "line_id": here.item.about if here.item.kind is CaseKind.ASK else None,
    }
