"""What people tell about an open room waits minutes, not hours, and whoever looks after the room sees it at the desk."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import Row, select

from forum.base.db import row, rows
from forum.base.idents import write_ident
from forum.models import Post, PostState, Role
from forum.rooms import doorway, opening
from moderation import decisions, in_rooms, sight, undo
from moderation.decisions import Verdict
from moderation.models import CaseItem, CaseKind, Choice, Target
from tests.conftest import Clock
from tests.meeting import Gathering, gather
from tests.moderation.test_meanwhile import joined
from tests.world import Person, World, post_url, text_of

TOLD = "may break your rules."


@pytest.fixture
def there(world: World, inside: object) -> Gathering:
    return gather(world)


def item_of(*kinds: CaseKind) -> Row:
    (found,) = rows(select(*sight.COLUMNS, CaseItem.due_at).where(CaseItem.kind.in_(kinds)))
    return found


def desk_of(there: Gathering, person: Person) -> str:
    answer = person.get(f"{there.page}/desk")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def told(there: Gathering, way: str = "report") -> int:
    wren, heron = there.members
    written = there.say(wren, "Something unkind.")
    assert heron.send(post_url(written.id, way), {"body": "It hurts."}).status_code == 303
    return written.id


@pytest.mark.parametrize("way", ["report", "report-person"])
def test_what_is_told_of_an_open_room_is_due_in_two_minutes(there: Gathering, moment: Clock, way: str) -> None:
    told(there, way)
    item = item_of(CaseKind.LIVE, CaseKind.REPORT)
    assert item.kind is CaseKind.LIVE
    assert item.due_at - moment.at.replace(second=0, microsecond=0) == timedelta(minutes=2)


def test_of_a_room_that_closed_it_is_a_report_like_any_other(there: Gathering, moment: Clock) -> None:
    wren, heron = there.members
    written = there.say(wren, "Something unkind.")
    opening.wind_down(there.host.actor, there.id)
    opening.close_meeting(there.host.actor, there.id)
    assert not in_rooms.is_open(there.seen.conversation_id)
    assert heron.send(post_url(written.id, "report"), {"body": "It hurts."}).status_code == 303
    assert item_of(CaseKind.LIVE, CaseKind.REPORT).kind is CaseKind.REPORT


def test_a_whole_open_room_can_be_told_of(there: Gathering) -> None:
    wren, heron = there.members
    there.say(wren, "Something unkind.")
    page = f"/c/{write_ident(there.seen.conversation_id)}/report"
    assert "Those who look after this room can see it now." in text_of(heron.get(page))
    sent = heron.send(page, {"body": "They all do it."})
    assert "Those who look after this room can see it now." in text_of(heron.get(sent.location))
    item = item_of(CaseKind.LIVE, CaseKind.REPORT)
    assert (item.kind, item.target) == (CaseKind.LIVE, Target.TOPIC)


def test_whoever_sits_at_the_desk_reads_that_somebody_told(there: Gathering) -> None:
    assert TOLD not in desk_of(there, there.host)
    told(there)
    item = item_of(CaseKind.LIVE)
    for person in (there.host, there.support):
        page = desk_of(there, person)
        assert TOLD in page
        assert f"/cases/{write_ident(item.id)}" in page
        assert "Something unkind." in text_of(person.get(f"/cases/{write_ident(item.id)}"))


def test_sec_t5_a_facilitator_it_names_finds_no_trace_at_the_desk(there: Gathering) -> None:
    before = desk_of(there, there.host)
    written = there.say(there.host, "Words of the one who leads.")
    heron = there.members[1]
    with_words = desk_of(there, there.host)
    assert with_words != before
    assert heron.send(post_url(written.id, "report"), {"body": "They lead unkindly."}).status_code == 303
    assert _same(desk_of(there, there.host)) == _same(with_words)
    assert TOLD in desk_of(there, there.support)


def _same(page: str) -> str:
    return re.sub(r'value="[A-Za-z0-9_-]{26,43}"', "", page)


def test_a_worry_stands_at_the_desk_too(there: Gathering) -> None:
    told(there, "worry")
    assert "Somebody may not be safe." in desk_of(there, there.support)


def test_m13_members_in_the_room_get_the_same_bytes(there: Gathering) -> None:
    wren, heron = there.members
    written = there.say(wren, "Something unkind.")
    before = _same(wren.get(there.page).get_data(as_text=True))
    assert heron.send(post_url(written.id, "report"), {"body": "It hurts."}).status_code == 303
    assert _same(wren.get(there.page).get_data(as_text=True)) == before


def test_a_colleague_decides_and_what_it_does_is_undone(world: World, there: Gathering) -> None:
    post_id = told(there)
    owl = world.person(there.group, Role.MODERATOR)
    item = item_of(CaseKind.LIVE)
    why = "These words hurt somebody who was in the room."
    seen = row(select(CaseItem.version).where(CaseItem.id == item.id))
    assert seen
    chosen = Verdict(Choice.HIDE, seen.version, item.claim_gen, why, "be-kind")
    decision = decisions.decide(owl.actor, item.id, chosen)
    assert _state(post_id) is PostState.HIDDEN
    undo.revert(owl.actor, decision, "")
    assert _state(post_id) is PostState.VISIBLE


def _state(post_id: int) -> PostState:
    found = row(select(Post.state).where(Post.id == post_id))
    assert found
    return found.state  # type: ignore[no-any-return]


def test_m11_reports_in_a_room_restrict_nobody(world: World, there: Gathering) -> None:
    wren = there.members[0]
    written = there.say(wren, "Something unkind.")
    others = [world.person(there.group) for _n in range(2)]
    for person in others:
        doorway.come_in(person.actor, there.id)
        joined(person, 60)
    for person in (*others, there.members[1]):
        assert person.send(post_url(written.id, "report"), {"body": "Away with them."}).status_code == 303
    assert there.say(wren, "I am still here.").state is PostState.VISIBLE
