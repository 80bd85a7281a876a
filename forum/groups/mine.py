"""One of my groups at home: as its rows come in, and as it is shown."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any

from forum.base.keyring import Scope
from forum.groups.home_questions import ASKED, BOARD, COPIED, GROUP, MEMBER, SLOT, TOPIC, VOUCHED, WRITTEN
from forum.models import Role, Standing
from forum.policy import audience


@dataclass(frozen=True)
class Unread:
    """Posts not read yet. :param more: there may be more than that."""

    posts: int
    more: bool


#: Weekday, start, end, whether somebody holds it, and the dates on which another took it and whether they hold it.
Weekly = tuple[int, str, str, bool, tuple[tuple[str, bool], ...]]


@dataclass(slots=True)
class Mine:
    """One of my groups.

    :param slots: its duty times; `others` are the dates that differ, and whether somebody holds them.
    :param answers: on how many of my lines to its team there is something that I have not read. :param vouched: what the team is about to do with my name here;
        `asked` is what it does for me; `copied`: a copy of my words is being made (forum.groups.vouching reads all three).
    :param written: whoever looks after them wrote, and they have not read it (forum.policy.waiting_word).
    :param decides: the group decides about a change of its rules now.
    :param meets: its next live meeting as its row says it: state, time and theme, with "|" between; empty for none.
    """

    scope: Scope
    persona_id: bytes
    name: str
    group_name: str
    address: str
    zone: str
    role: Role
    standing: Standing
    agreed: bool
    unread: Unread
    slots: tuple[Weekly, ...] = ()
    others: tuple[tuple[str, str, str, bool], ...] = ()
    answers: int = 0
    vouched: bytes | None = None
    asked: bytes | None = None
    copied: bytes | None = None
    written: bool = False
    decides: bool = False
    meets: str = ""


@dataclass(slots=True)
class Draft:
    """A group while its rows come in."""

    scope: Scope
    member: Any = None
    card: Any = None
    slots: dict[bytes, Weekly] = field(default_factory=dict)
    others: list[tuple[str, str, str, bool]] = field(default_factory=list)
    topics: list[Any] = field(default_factory=list)

    def add_slot(self, r: Any) -> None:
        """One row of a time of the week: with each of its swaps there is another."""
        *_hours, swaps = self.slots.get(r.ident, (0, "", "", False, ()))
        swapped = (*swaps, (r.c, r.d == "1")) if r.c else swaps
        self.slots[r.ident] = (r.one, r.a, r.b, bool(r.two), swapped)


def sort_out(scopes: Sequence[Scope], found: Sequence[Any]) -> list[Draft]:
    """The rows by group. Who somebody is comes before the boards, and those before the topics."""
    drafts = {scope.group_id: Draft(scope) for scope in scopes}
    boards: dict[bytes, Draft] = {}
    for r in sorted(found, key=attrgetter("kind")):
        if r.kind == TOPIC:
            if r.group_id in boards:
                boards[r.group_id].topics.append(r)
            continue
        draft = drafts[r.group_id]
        if r.kind == BOARD:
            if _may_read(draft.member, r.one):
                boards[r.ident] = draft
        elif r.kind == MEMBER:
            draft.member = r
        elif r.kind == GROUP:
            draft.card = r
        elif r.kind == SLOT:
            draft.add_slot(r)
        else:
            draft.others.append((r.a, r.b, r.c, bool(r.one)))
    return [d for d in drafts.values() if d.member is not None and d.member.c != Standing.LEFT.value]


def looked_at_others(drafts: Sequence[Draft], found: Sequence[Any]) -> bool:
    """Whether there were topics that are not for them."""
    return sum(r.kind == TOPIC for r in found) > sum(len(draft.topics) for draft in drafts)


def _may_read(member: Any, readers: int) -> bool:
    """Whether a board is for them."""
    if member is None or member.c == Standing.WAITING.value:
        return False
    if readers == audience.EVERYONE:
        return True
    on_team, joined_on = member.b != Role.MEMBER.value, date.fromisoformat(member.d) if member.d else None
    return audience.admits(readers, on_team=on_team, joined_on=joined_on)


def mine_of(
    draft: Draft,
    unread: Unread,
    answers: Mapping[bytes, int],
    said: Mapping[tuple[int, bytes], bytes],
    agreed: Collection[bytes],
) -> Mine:
    """The group as home shows it. :param answers: by group; `said`: what is vouched, by kind and group.
    :param agreed: groups whose rules in force they answered lately."""
    member, card, group_id = draft.member, draft.card, draft.scope.group_id
    return Mine(
        scope=draft.scope,
        persona_id=member.ident,
        name=member.a,
        group_name=card.a,
        address=card.b,
        zone=card.c,
        role=Role(member.b),
        standing=Standing(member.c),
        agreed=bool(member.one) or group_id in agreed,
        unread=unread,
        answers=answers.get(group_id, 0),
        slots=tuple(sorted(draft.slots.values())),
        others=tuple(sorted(draft.others)),
        vouched=said.get((VOUCHED, group_id)),
        asked=said.get((ASKED, group_id)),
        copied=said.get((COPIED, group_id)),
        written=(WRITTEN, group_id) in said,
        decides=bool(card.one),
        meets=card.d or "",
    )
