"""On the page of an item: how heavy it is to read, who reads its language, and "not me"."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moderation import own_choices, tongues

if TYPE_CHECKING:
    from moderation.item_page import ItemHere


def facts(here: "ItemHere") -> Mapping[str, Any]:
    """Values for `moderation/item_care.html`."""
    return {
        "care": own_choices.of_item(here.scope, here.item.id),
        "reads": tongues.who_reads(here.actor, here.scope, here.item.lang),
    }
