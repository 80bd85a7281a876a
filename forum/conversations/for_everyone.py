"""What changed in a room, as everybody of one kind sees it who chose nothing for themselves: read once, made once, said to all."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from forum.conversations import fragments, queries
from forum.conversations.fragments import Shown
from forum.conversations.places import Place


class Told:
    """The changes of one room since a feed number, for whoever was let in to it.

    :param place: the room's conversation. :param after: as pages ask for it.
    """

    def __init__(self, place: Place, after: int) -> None:
        self._place = place
        self._found: Sequence[Row] = queries.list_told(place.id, after)
        self._made: dict[tuple[str, Shown], str] = {}

    def changes(self, locale: str, *, to_team: bool) -> list[dict[str, Any]] | None:
        """As `fragments.changes_of`. None if it is too much to be said: each page asks for itself.

        :param locale: the language of the moment.
        """
        return fragments.as_changes(self._found, self._place, lambda post: self._make(locale, post), to_team=to_team)

    def _make(self, locale: str, post: Shown) -> str:
        if (locale, post) not in self._made:
            self._made[locale, post] = fragments.changed(post)
        return self._made[locale, post]
