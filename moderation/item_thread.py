"""What an item's page says of an appeal, a complaint or a question: what was written, and what can be decided."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moderation import appeal_ends, threads

if TYPE_CHECKING:
    from moderation.item_page import ItemHere


def facts(here: "ItemHere") -> Mapping[str, Any]:
    """Values for `item_thread.html`: messages, ends (what can be decided), most_letters, unclear (the rule behind an
    appeal that the reader may propose to change, or none). Nothing for other kinds."""
    if here.item.kind not in threads.KINDS:
        return {"ends": None}
    return {
        "messages": threads.list_messages(here.scope, here.item.id),
        "ends": [choice.value for choice in appeal_ends.choices_for(here.item)],
        "most_letters": threads.MOST_WORDS,
        "unclear": appeal_ends.find_unclear(here.actor, here.scope, here.item),
    }
