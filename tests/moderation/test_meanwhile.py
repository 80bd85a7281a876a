"""Words one tap away until a person has looked: at night three who know the group are enough, and no crowd ever is."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from forum.base import clock
from forum.base.db import row, rows
from forum.base.transaction import here, transaction
from forum.content.notes import Fold
from forum.conversations import lifecycle, put_away
from forum.conversations import usecases as posting
from forum.conversations.prepare import Words
from forum.conversations.put_away import Deed, Task
from forum.models import Group, Persona, Post, PostState, Role
from moderation import decisions, report_targets, reports
from moderation.decisions import Verdict
from moderation.models import CaseItem, CaseKind, Choice, Decision, Report
from moderation.reports import Saying
from tests.world import Person, World, conversation_url, post_url, text_of

CRUEL = "Cruel and graphic words."
FOLDED = "These words are folded until the team has looked."


class Night:
    """A group at night: nobody is on duty. Wren wrote something; others have been here for long."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.wren, self.heron = world.person(self.group, name="Wren"), world.person(self.group, name="Heron")
        self.owl = world.person(self.group, Role.MODERATOR, name="Owl")
        self.topic = world.topic(self.heron, body="First words.")
        self.post = world.reply(self.wren, self.topic, CRUEL)
        self.members = [world.person(self.group) for _n in range(3)]
        for n, who in enumerate(self.members):
            joined(who, 60 + 7 * n)

    def report(self, *people: Person, post: int = 0, kind: CaseKind = CaseKind.REPORT) -> bytes:
        look = report_targets.of_author if kind is CaseKind.WELFARE else report_targets.of_post
        told = [reports.tell(p.actor, kind, lambda now: look(now, post or self.post), Saying()) for p in people]
        return told[-1]

    def fold_of(self, post: int = 0) -> Fold:
        found = row(select(Post.notes, Post.state).where(Post.id == (post or self.post)))
        assert found
        assert found.state is PostState.VISIBLE
        return Fold(found.notes)

    def decide(self, item_id: bytes, choice: Choice) -> None:
        item = row(select(CaseItem.version, CaseItem.claim_gen).where(CaseItem.id == item_id))
        assert item
        decisions.decide(self.owl.actor, item_id, Verdict(choice, item.version, item.claim_gen))


@pytest.fixture
def night(world: World, inside: object) -> Night:
    return Night(world)


def joined(who: Person, days: int) -> None:
    """They came in so many days ago, in that week."""
    day = clock.today() - timedelta(days=days)
    with transaction():
        monday = day - timedelta(days=day.weekday())
        here().execute(update(Persona).where(Persona.id == who.persona_id).values(joined_on=monday))


# --- T10 -------------------------------------------------------------------------------------------------------------


def test_t10_three_members_fold_a_graphic_post_at_night(night: Night) -> None:
    night.report(*night.members[:2])
    assert night.fold_of() == Fold(0)
    night.report(night.members[2])
    assert night.fold_of() == Fold.REPORTED
    page = night.heron.get(conversation_url(night.topic)).get_data(as_text=True)
    assert FOLDED in page
    assert "cg-fold" in page
    assert CRUEL in page  # one tap away


def test_t10_one_person_who_reports_three_times_is_one(night: Night) -> None:
    night.report(*[night.members[0]] * 3)
    assert night.fold_of() == Fold(0)


def test_t10_ten_fresh_accounts_fold_nothing(night: Night) -> None:
    night.report(*[night.world.person(night.group) for _n in range(10)])
    assert night.fold_of() == Fold(0)
    night.report(*night.members)
    assert night.fold_of() == Fold.REPORTED


def test_t10_accounts_of_one_week_count_as_one_until_they_are_known(night: Night) -> None:
    crowd = [night.world.person(night.group) for _n in range(10)]
    for who in crowd:
        joined(who, 21)
    night.report(*crowd)
    assert night.fold_of() == Fold(0)
    night.report(night.members[0])
    assert night.fold_of() == Fold(0)
    night.report(night.members[1])
    assert night.fold_of() == Fold.REPORTED


def test_t10_while_somebody_is_on_duty_a_person_decides(night: Night) -> None:
    for day in range(7):
        night.world.on_duty(night.group, day, "00:00", "00:00")
    night.report(*night.members)
    assert night.fold_of() == Fold(0)


def test_t10_the_author_does_not_count_and_neither_does_who_left(night: Night) -> None:
    joined(night.wren, 90)
    night.report(night.wren, *night.members[:2])
    assert night.fold_of() == Fold(0)
    masked = night.world.reply(night.wren, night.topic, CRUEL, masked=True)
    night.report(night.wren, *night.members[:2], post=masked)
    assert night.fold_of(masked) == Fold(0)


def test_t10_what_a_person_looked_at_and_left_is_not_folded_by_numbers_again(night: Night) -> None:
    item = night.report(*night.members)
    night.decide(item, Choice.LOOKED)
    assert night.fold_of() == Fold(0)
    night.report(*night.members)
    assert night.fold_of() == Fold(0)
    posting.edit_post(night.wren.actor, night.post, "Even more cruel.", "en")
    night.report(*night.members)
    assert night.fold_of() == Fold.REPORTED


def test_t10_the_person_is_untouched(night: Night) -> None:
    night.report(*night.members)
    again = posting.submit_post(night.wren.actor, night.topic, Words("Still here."), "again")
    assert again.state is PostState.SENDING
    assert rows(select(Decision.id)) == []


# --- Reversible, and its author is told --------------------------------------------------------------------------------


def test_the_author_is_told_on_their_post_and_who_reported_stands_nowhere(night: Night) -> None:
    night.report(*night.members)
    page = text_of(night.wren.get(post_url(night.post, "more")))
    assert FOLDED in page
    assert "Nothing was decided about you" in page
    assert not any(who.name in page for who in night.members)
    assert "Nothing was decided about you" not in text_of(night.heron.get(post_url(night.post, "more")))


def test_a_look_unfolds_byte_for_byte(night: Night) -> None:
    before = night.heron.get(f"{conversation_url(night.topic)}?page=1").get_data(as_text=True).partition("<main")[2]
    item = night.report(*night.members)
    night.decide(item, Choice.LOOKED)
    after = night.heron.get(f"{conversation_url(night.topic)}?page=1").get_data(as_text=True).partition("<main")[2]
    assert _posts_of(after) == _posts_of(before)


def _posts_of(page: str) -> str:
    return page.partition('<article class="cg-post')[2].partition('id="reply"')[0].partition("</div>\n<")[0]


def test_folded_words_are_folded_wherever_they_show(night: Night) -> None:
    quoting = night.world.reply(night.heron, night.topic, "I saw that.", answers_id=night.post)
    late = night.world.person(night.group)
    night.report(*night.members)
    assert CRUEL not in text_of(late.get(f"/g/{night.group.address}/catch-up"))
    page = late.get(conversation_url(night.topic)).get_data(as_text=True)
    assert f"post-{write_ident_of(quoting)}" in page
    assert page.count(CRUEL) == 1
    found = text_of(late.send(f"/g/{night.group.address}/search", {"words": "graphic"}))
    assert CRUEL not in found
    assert FOLDED in found


def write_ident_of(post_id: int) -> str:
    return post_url(post_id).rpartition("/")[2]


def test_an_edit_and_a_note_of_the_team_leave_the_fold(night: Night) -> None:
    night.report(*night.members)
    posting.edit_post(night.wren.actor, night.post, "Other words.", "en")
    assert night.fold_of() == Fold.REPORTED
    with transaction():
        post = lifecycle.lock_post(night.post)
        assert post
        lifecycle.set_notes(post, 1)
    assert night.fold_of() == Fold.REPORTED | 1


def test_a_reader_cannot_choose_to_see_them_open_for_good(night: Night) -> None:
    night.report(*night.members)
    page = night.heron.get(f"/g/{night.group.address}/my-reading").get_data(as_text=True)
    assert "folded until the team" not in page


# --- Never welfare (M11) -----------------------------------------------------------------------------------------------


def test_m11_reports_never_fold_words_that_somebody_worries_about(night: Night) -> None:
    night.report(night.heron, kind=CaseKind.WELFARE)
    night.report(*night.members)
    assert night.fold_of() == Fold(0)


def test_m11_a_worry_opens_what_reports_folded(night: Night) -> None:
    night.report(*night.members)
    assert night.fold_of() == Fold.REPORTED
    night.report(night.heron, kind=CaseKind.WELFARE)
    assert night.fold_of() == Fold(0)


def test_m11_worries_fold_nothing_however_many(night: Night) -> None:
    night.report(*night.members, night.heron, kind=CaseKind.WELFARE)
    assert night.fold_of() == Fold(0)
    assert rows(select(Decision.id)) == []


# --- What the law forbids ------------------------------------------------------------------------------------------------


def test_one_who_knows_the_group_folds_what_the_law_forbids_and_a_fresh_account_does_not(night: Night) -> None:
    night.report(night.world.person(night.group), kind=CaseKind.ILLEGAL)
    assert night.fold_of() == Fold(0)
    item = night.report(night.members[0], kind=CaseKind.ILLEGAL)
    assert night.fold_of() == Fold.ILLEGAL
    night.decide(item, Choice.LOOKED)
    assert night.fold_of() == Fold(0)


# --- Somebody else's details ---------------------------------------------------------------------------------------------


def test_details_of_somebody_else_are_folded_at_once_and_a_person_is_asked_to_look(night: Night) -> None:
    with transaction():
        here().execute(update(Group).where(Group.id == night.group.scope.group_id).values(holds=0))
    post_id = night.world.reply(night.wren, night.topic, "My sister lives at 14 Acacia Avenue, ring her: 07911 123456.")
    assert night.fold_of(post_id) == Fold.PRIVACY
    about = (CaseItem.about == post_id.to_bytes(16), CaseItem.kind == CaseKind.PRIVACY)
    item = row(select(CaseItem.id).where(*about, CaseItem.decided.is_(False)))
    assert item
    night.decide(item.id, Choice.LOOKED)
    assert night.fold_of(post_id) == Fold(0)


# --- Words that come back --------------------------------------------------------------------------------------------------


def take_back(night: Night) -> None:
    scope, who = night.group.scope, night.wren.persona_id
    with transaction():
        errand = put_away.send_errand(scope, Task(Deed.AWAY, who))
    put_away.go_now(errand)


def bring_back(night: Night) -> None:
    scope, who = night.group.scope, night.wren.persona_id
    with transaction():
        errand = put_away.send_errand(scope, Task(Deed.BACK, who))
    put_away.go_now(errand)


def is_open(item_id: bytes) -> bool:
    found = row(select(CaseItem.decided).where(CaseItem.id == item_id))
    assert found
    return not found.decided


def test_words_that_come_back_reopen_a_report_that_ended_while_they_were_away(night: Night) -> None:
    item = night.report(night.heron)
    take_back(night)
    night.world.moment.go(hours=2)
    night.decide(item, Choice.LOOKED)
    assert not is_open(item)
    night.world.moment.go(days=1)
    bring_back(night)
    assert is_open(item)
    assert row(select(Report.tag).where(Report.item_id == item))


def test_a_report_that_was_looked_at_before_stays_ended(night: Night) -> None:
    item = night.report(night.heron)
    night.decide(item, Choice.LOOKED)
    night.world.moment.go(hours=2)
    take_back(night)
    night.world.moment.go(days=1)
    bring_back(night)
    assert not is_open(item)


def test_words_that_were_folded_come_back_folded_and_what_nobody_waits_for_is_open(night: Night) -> None:
    item = night.report(*night.members)
    take_back(night)
    night.world.moment.go(hours=2)
    bring_back(night)
    assert night.fold_of() == Fold.REPORTED
    night.decide(item, Choice.LOOKED)
    assert night.fold_of() == Fold(0)


def test_what_was_told_is_kept_until_what_waits_anew_has_ended(night: Night) -> None:
    item = night.report(night.heron)
    take_back(night)
    night.world.moment.go(hours=2)
    night.decide(item, Choice.LOOKED)
    night.world.moment.go(days=1)
    bring_back(night)
    night.world.moment.go(days=200)
    night.world.settle()
    assert row(select(Report.tag).where(Report.item_id == item))
