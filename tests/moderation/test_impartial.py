"""Nobody judges where they took part, or whom they blocked; the refusal is theirs alone."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from forum.base.db import row
from forum.base.errors import NotAllowed
from forum.base.idents import write_ident
from forum.conversations import choices
from forum.models import Role
from forum.policy.permissions import Denial
from moderation import impartial, leases, report_targets, reports, usecases
from moderation.models import CaseItem, CaseKind
from moderation.reports import Saying
from tests.world import Person, World, post_url, text_of


class Dispute:
    """A topic of two members, and a team of two."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.robin, self.wren = (world.person(self.group, Role.MODERATOR) for _n in range(2))
        self.member, self.other = world.person(self.group), world.person(self.group)
        self.topic = world.topic(self.member)
        self.post = world.reply(self.other, self.topic, "Something unkind.")

    def judge(self, who: Person, kind: CaseKind = CaseKind.REPORT) -> Denial | None:
        """What somebody of the team is told who wants to decide about the post, or about its author."""
        look = report_targets.of_post if kind is CaseKind.REPORT else report_targets.of_author
        item_id = reports.tell(self.member.actor, kind, lambda now: look(now, self.post), Saying())
        item = row(select(*CaseItem.__table__.columns).where(CaseItem.id == item_id))
        assert item
        denial = impartial.may_judge(who.actor, item)
        if kind is CaseKind.REPORT:
            assert impartial.may_judge_post(who.actor, self.group.scope, self.post) is denial
        return denial


@pytest.fixture
def dispute(world: World, inside: None) -> Dispute:
    return Dispute(world)


@pytest.mark.parametrize("masked", [False, True])
def test_who_took_part_does_not_judge_and_a_colleague_does(dispute: Dispute, masked: bool) -> None:
    assert dispute.judge(dispute.robin) is None
    dispute.world.reply(dispute.robin, dispute.topic, "I was here.", masked=masked)
    assert dispute.judge(dispute.robin) is Denial.TOOK_PART
    assert dispute.judge(dispute.wren) is None


def test_who_blocked_the_author_does_not_judge_and_a_colleague_does(dispute: Dispute) -> None:
    blocked = frozenset({dispute.other.persona_id})
    choices.keep(dispute.robin.actor, dispute.group.scope.group_id, lambda mine: replace(mine, blocked=blocked))
    for kind in (CaseKind.REPORT, CaseKind.WELFARE):
        assert dispute.judge(dispute.robin, kind) is Denial.BLOCKED_THEM
        assert dispute.judge(dispute.wren, kind) is None


def test_taking_part_elsewhere_keeps_nobody_from_judging(dispute: Dispute) -> None:
    dispute.world.reply(dispute.robin, dispute.world.topic(dispute.other), "Elsewhere.")
    assert dispute.judge(dispute.robin) is None


def test_words_never_wait_for_nobody_where_the_whole_team_took_part_for_all_to_see(dispute: Dispute) -> None:
    dispute.world.reply(dispute.robin, dispute.topic, "One.")
    dispute.world.reply(dispute.wren, dispute.topic, "Two.")
    assert dispute.judge(dispute.robin) is None


def test_an_alias_of_a_colleague_cannot_be_read_from_what_one_may_decide(dispute: Dispute) -> None:
    dispute.world.reply(dispute.robin, dispute.topic, "One.")
    before = dispute.judge(dispute.robin)
    dispute.world.reply(dispute.wren, dispute.topic, "Two.", masked=True)
    assert dispute.judge(dispute.robin) is before is Denial.TOOK_PART
    assert dispute.judge(dispute.wren) is None


def test_who_took_part_puts_nothing_away_there_and_a_colleague_does(dispute: Dispute) -> None:
    dispute.world.reply(dispute.robin, dispute.topic, "I was here.", masked=True)
    said = ("Please be kind to each other here.", "be-kind")
    with pytest.raises(NotAllowed, match="You wrote in this conversation"):
        usecases.hide_post(dispute.robin.actor, dispute.post, *said)
    page = text_of(dispute.robin.get(post_url(dispute.post, "look-after")))
    assert "You wrote in this conversation." in page
    assert "You wrote in this conversation." not in text_of(dispute.wren.get(post_url(dispute.post, "look-after")))
    usecases.hide_post(dispute.wren.actor, dispute.post, *said)


def test_who_took_part_takes_nothing_so_that_it_does_not_count_as_looked_at(dispute: Dispute) -> None:
    """A worry that somebody took who may decide nothing would lie there as if it were seen to, and call nobody."""
    dispute.world.reply(dispute.robin, dispute.topic, "I was here.")
    look = report_targets.of_post
    item_id = reports.tell(dispute.member.actor, CaseKind.REPORT, lambda now: look(now, dispute.post), Saying())
    for take in (leases.claim, lambda actor, item: leases.take_over(actor, item, "They are asleep.")):
        with pytest.raises(NotAllowed):
            take(dispute.robin.actor, item_id)
    found = select(CaseItem.looked_at, CaseItem.claimed_by).where(CaseItem.id == item_id)
    assert tuple(row(found) or ()) == (None, None)
    leases.claim(dispute.wren.actor, item_id)
    assert None not in tuple(row(found) or (None,))


def test_who_took_part_is_told_before_anything_else_and_can_leave_a_note(dispute: Dispute) -> None:
    dispute.world.reply(dispute.robin, dispute.topic, "I was here.")
    look = report_targets.of_post
    item_id = reports.tell(dispute.member.actor, CaseKind.REPORT, lambda now: look(now, dispute.post), Saying())
    path = f"/cases/{write_ident(item_id)}"
    theirs, free = text_of(dispute.robin.get(path)), text_of(dispute.wren.get(path))
    assert "Somebody else of the team has to decide" in theirs
    assert theirs.index("Somebody else of the team has to decide") < theirs.index("Something unkind.")
    assert "ll look at this" not in theirs
    assert "ll look at this" in free
    leases.claim(dispute.wren.actor, item_id)
    assert "looks at this" in text_of(dispute.robin.get(path)), "who looks is said to them as well"
    assert "Take it over" not in text_of(dispute.robin.get(path))
    sent = dispute.robin.send(f"{path}/notes", {"note_words": "They were tired.", "kind": "note"})
    assert sent.status_code == 303


def test_the_page_of_a_shift_says_what_is_for_a_colleague_to_the_reader_alone(dispute: Dispute) -> None:
    dispute.world.reply(dispute.robin, dispute.topic, "I was here.")
    look = report_targets.of_post
    reports.tell(dispute.member.actor, CaseKind.REPORT, lambda now: look(now, dispute.post), Saying())
    theirs, free = (text_of(who.get(f"/g/{dispute.group.address}/shift")) for who in (dispute.robin, dispute.wren))
    assert "A colleague decides. Only you see this line." in theirs
    assert "A colleague decides." not in free
