"""Lines to the team stand in the one queue: opened with the words, taken by one, ended by an answer alone."""

import pytest
from sqlalchemy import delete, select, update

from forum.base import jobs
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotFound
from forum.base.idents import new_ident, write_ident
from forum.base.transaction import here, transaction
from forum.conversations import team
from forum.conversations import usecases as posting
from forum.conversations.prepare import Words
from forum.models import Role, TeamLine
from moderation import leases, sight
from moderation.models import CaseItem, CaseKind, Choice, Decision, NotFor
from tests.world import Person, World, text_of


class Desk:
    """A team of two and a member with a question."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.robin, self.wren = (world.person(self.group, Role.MODERATOR) for _n in range(2))
        self.member = world.person(self.group)

    def ask(self, who: Person, body: str = "Can you help me?", mask_id: bytes | None = None) -> bytes:
        written = team.write_to_team(who.actor, self.group.scope, Words(body), write_ident(new_ident()), mask_id)
        self.world.settle()
        return written.conversation_id

    def answer(self, who: Person, line: bytes, seen: int = 1) -> int:
        words = Words("We are here.", seen=seen, as_team=True)
        written = posting.submit_post(who.actor, line, words, write_ident(new_ident()))
        self.world.settle()
        return written.id

    def items(self) -> list[bytes]:
        """What waits for the team of this kind."""
        wanted = (CaseItem.kind == CaseKind.ASK, CaseItem.decided.is_(False))
        return [r.id for r in rows(select(CaseItem.id).where(*wanted))]


@pytest.fixture
def desk(world: World, inside: None) -> Desk:
    return Desk(world)


def test_words_to_the_team_wait_in_the_queue_with_the_promise_of_their_line(desk: Desk) -> None:
    line = desk.ask(desk.member)
    item = row(select(*CaseItem.__table__.columns).where(CaseItem.kind == CaseKind.ASK))
    kept = row(select(TeamLine.due_at).where(TeamLine.conversation_id == line))
    assert item
    assert kept
    assert (item.about, item.due_at, item.decided) == (line, kept.due_at, False)
    page = text_of(desk.robin.get(f"/cases/{write_ident(item.id)}"))
    assert "Read it and answer" in page


def test_words_that_were_taken_back_before_anybody_could_read_them_never_wait(desk: Desk) -> None:
    token = write_ident(new_ident())
    written = team.write_to_team(desk.member.actor, desk.group.scope, Words("Forget it."), token)
    posting.withdraw_post(desk.member.actor, written.id)
    desk.world.settle()
    assert desk.items() == []
    desk.ask(desk.member)
    assert len(desk.items()) == 1


def test_an_answer_ends_it_with_who_answered_and_later_words_wait_anew(desk: Desk) -> None:
    line = desk.ask(desk.member)
    (item,) = desk.items()
    desk.answer(desk.wren, line)
    decided = row(select(Decision.choice, Decision.decided_by).where(Decision.item_id == item))
    assert decided == (Choice.ANSWERED, desk.wren.persona_id)
    assert desk.items() == []
    desk.ask(desk.member, "And one more thing.")
    assert len(desk.items()) == 1


def test_words_that_came_meanwhile_and_an_answer_that_is_taken_back_wait_on(desk: Desk) -> None:
    line = desk.ask(desk.member)
    before = desk.items()
    desk.ask(desk.member, "I forgot something.")
    said = desk.answer(desk.robin, line, seen=1)
    assert desk.items() == before
    desk.answer(desk.robin, line, seen=2)
    assert desk.items() == []
    posting.withdraw_post(desk.wren.actor, said)
    assert len(desk.items()) == 1


def test_that_no_answer_is_needed_ends_it_as_well(desk: Desk) -> None:
    line = desk.ask(desk.member)
    team.mark_no_answer(desk.robin.actor, line, 1)
    assert desk.items() == []


def test_what_one_took_to_answer_another_does_not_answer_and_keeps_their_words(desk: Desk) -> None:
    line = desk.ask(desk.member)
    (item,) = desk.items()
    leases.claim(desk.robin.actor, item)
    page = text_of(desk.wren.get(f"/line/{write_ident(line)}"))
    assert f"{desk.robin.name} has taken this to answer." in page
    refused = desk.wren.send(f"/line/{write_ident(line)}/posts", {"body": "My answer.", "seen": "1"})
    assert refused.status_code == 422
    assert "My answer." in text_of(refused)
    assert desk.items() == [item]
    with pytest.raises(Invalid):
        team.mark_no_answer(desk.wren.actor, line, 1)
    desk.answer(desk.robin, line)
    assert desk.items() == []


def test_a_lease_that_ran_out_keeps_nobody_from_answering(desk: Desk) -> None:
    line = desk.ask(desk.member)
    leases.claim(desk.robin.actor, desk.items()[0])
    desk.world.moment.go(minutes=11)
    desk.answer(desk.wren, line)
    assert desk.items() == []


@pytest.mark.parametrize("masked", [False, True])
def test_sec_m13_who_asks_and_is_of_the_team_finds_no_item_of_it(desk: Desk, masked: bool) -> None:
    mask_id = None
    if masked:
        post = desk.world.reply(desk.robin, desk.world.topic(desk.member), "Not my name.", masked=True)
        mask_id = team.find_own_mask(desk.robin.actor, post)[1].id
    line = desk.ask(desk.robin, "I am not well myself.", mask_id)
    (item,) = desk.items()
    with pytest.raises(NotFound):
        sight.require_item(desk.robin.actor, item)
    assert desk.robin.get(f"/cases/{write_ident(item)}").status_code == 404
    assert sight.require_item(desk.wren.actor, item)[0].about == line
    assert "has taken" not in text_of(desk.robin.get(f"/line/{write_ident(line)}"))


def test_who_asked_sees_the_same_whether_or_not_somebody_took_it(desk: Desk) -> None:
    line = desk.ask(desk.member)
    before = text_of(desk.member.get(f"/line/{write_ident(line)}"))
    leases.claim(desk.robin.actor, desk.items()[0])
    assert text_of(desk.member.get(f"/line/{write_ident(line)}")) == before


def test_lines_that_waited_before_the_queue_come_into_it_once(desk: Desk) -> None:
    line = desk.ask(desk.member)
    kept = row(select(TeamLine.due_at).where(TeamLine.conversation_id == line))
    assert kept
    with transaction():
        here().execute(delete(NotFor))
        here().execute(delete(CaseItem))
    page = f"/g/{desk.group.address}/team"
    assert "A message to the team" in text_of(desk.robin.get(page))
    assert row(select(CaseItem.due_at)) == (kept.due_at,)
    desk.wren.get(page)
    assert len(desk.items()) == 1


def test_an_open_item_never_ends_by_age(desk: Desk) -> None:
    desk.ask(desk.member)
    with transaction():
        here().execute(update(CaseItem).values(due_at=desk.world.moment.at))
    desk.world.moment.go(days=400)
    jobs.run_due()
    assert len(desk.items()) == 1
