"""The people who moderate: how much they take on, what is offered to them, and what stays theirs alone."""

from collections.abc import Callable

import pytest
from sqlalchemy import insert, select, update

from forum.base import rotation
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotFound
from forum.base.idents import new_ident, write_ident
from forum.base.transaction import here, transaction
from forum.conversations import choices, news_times
from forum.models import DutySlot, Post, Role
from moderation import (
    care,
    decisions,
    exposure,
    handover,
    leases,
    own,
    own_choices,
    report_targets,
    reports,
    roles,
    shifts,
)
from moderation.care import Enough
from moderation.decisions import Verdict
from moderation.exposure import At, Room
from moderation.models import CaseItem, CaseKind, Choice
from moderation.own import NOTHING
from moderation.reports import Saying
from moderation.shift_models import HandOver, ModeratorOwn
from tests.world import Person, World, text_of


class Evening:
    """A group with a team of three, and members whose posts are reported or worried about."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.wren, self.heron = world.person(self.group, name="Wren"), world.person(self.group, name="Heron")
        self.owl = world.person(self.group, Role.MODERATOR, name="Owl")
        self.jay = world.person(self.group, Role.MODERATOR, name="Jay")
        self.rook = world.person(self.group, Role.FACILITATOR, name="Rook")
        self.topic = world.topic(self.wren)
        with world.app.app_context(), transaction():  # nothing but what a test asks for waits
            here().execute(update(CaseItem).values(decided=True).execution_options(synchronize_session=False))

    def told(self, kind: CaseKind = CaseKind.WELFARE, body: str = "Words.") -> bytes:
        """Something of its own that a member told the team."""
        member = self.world.person(self.group)
        with self.world.app.app_context(), transaction():
            here().execute(
                update(CaseItem)
                .where(CaseItem.kind == CaseKind.WELCOME)
                .values(decided=True)
                .execution_options(synchronize_session=False)
            )
        post = self.world.reply(member, self.topic, body)
        with transaction():
            here().execute(
                update(CaseItem)
                .where(CaseItem.kind == CaseKind.WELCOME)
                .values(decided=True)
                .execution_options(synchronize_session=False)
            )
        look = report_targets.of_post if kind is CaseKind.REPORT else report_targets.of_author
        return reports.tell(self.heron.actor, kind, lambda now: look(now, post), Saying())

    def next_of(self, person: Person) -> bytes | None:
        """What a moderator is offered next."""
        found = shifts.find_next(person.actor, self.group.scope)
        return found.id if found else None

    def own_of(self, person: Person) -> own.Own:
        return own.find(person.actor.memberships[self.group.scope.group_id])

    @property
    def shift(self) -> str:
        return f"/g/{self.group.address}/shift"


@pytest.fixture
def evening(world: World, inside: object) -> Evening:
    return Evening(world)


# --- How much ---------------------------------------------------------------------------------------------------------


def take_all(person: Person, items: list[bytes], *, anyway: bool = False) -> None:
    for item in items:
        leases.claim(person.actor, item, anyway=anyway)


def test_three_heavy_ones_in_a_row_are_followed_by_a_lighter_one(evening: Evening) -> None:
    first = [evening.told() for _n in range(3)]
    fourth, lighter = evening.told(), evening.told(CaseKind.REPORT)
    take_all(evening.owl, first)
    with pytest.raises(Enough) as stopped:
        leases.claim(evening.owl.actor, fourth)
    assert (stopped.value.room, stopped.value.firm) == (Room.ROW, False)
    found = shifts.find_lighter(evening.owl.actor, evening.group.scope)
    assert found
    assert found.id == lighter
    leases.claim(evening.owl.actor, lighter)  # a lighter one ends the row
    leases.claim(evening.owl.actor, fourth)


def test_a_pause_of_half_an_hour_ends_a_row(evening: Evening) -> None:
    first, fourth = [evening.told() for _n in range(3)], evening.told()
    take_all(evening.owl, first)
    evening.world.moment.go(minutes=29)
    with pytest.raises(Enough):
        leases.claim(evening.owl.actor, fourth)
    evening.world.moment.go(minutes=1)
    leases.claim(evening.owl.actor, fourth)


def test_whoever_reads_that_it_is_time_for_a_pause_may_go_on(evening: Evening) -> None:
    take_all(evening.owl, [evening.told() for _n in range(3)])
    leases.claim(evening.owl.actor, evening.told(), anyway=True)
    assert evening.own_of(evening.owl).heavy == 4


def test_one_that_is_opened_again_counts_once(evening: Evening) -> None:
    item = evening.told()
    for _n in range(5):
        leases.claim(evening.owl.actor, item)
    assert evening.own_of(evening.owl).heavy == 1


def heavier(item: bytes, kind: CaseKind) -> None:
    """Make an item of another kind a heavy one."""
    with transaction():
        change = update(CaseItem).where(CaseItem.id == item).values(intensity=3, kind=kind)
        here().execute(change.execution_options(synchronize_session=False))


def after(heavy: int) -> own.Own:
    """What is theirs after so many on a day, each after a pause."""
    mine = NOTHING
    for n in range(heavy):
        mine = exposure.after_taking(mine, bytes([n]) * 16, exposure.HEAVY, At(5, 7_200 + 31 * n))
    return mine


@pytest.mark.parametrize(("heavy", "room"), [(0, "enough"), (5, "enough"), (6, "day"), (9, "day"), (10, "over")])
def test_six_on_a_day_are_many_and_ten_are_enough(heavy: int, room: str) -> None:
    mine = after(heavy)
    assert exposure.room(mine, At(5, 9_000)) == Room(room)
    assert exposure.room(mine, At(6, 9_000)) is Room.ENOUGH


@pytest.mark.parametrize(("kind", "firm"), [(CaseKind.REPORT, True), (CaseKind.WELFARE, False)])
def test_ten_are_a_firm_end_but_never_between_a_person_at_risk_and_help(
    evening: Evening, kind: CaseKind, firm: bool
) -> None:
    item = evening.told(CaseKind.REPORT)
    heavier(item, kind)
    now = care.now_in(evening.group.scope)
    with transaction():
        me = evening.owl.actor.memberships[evening.group.scope.group_id]
        own.keep_here(me, lambda mine: own.Own(day=now.day, heavy=10))
    with pytest.raises(Enough) as stopped:
        leases.claim(evening.owl.actor, item)
    assert stopped.value.firm is firm
    if firm:
        with pytest.raises(Enough):
            leases.claim(evening.owl.actor, item, anyway=True)
    else:
        leases.claim(evening.owl.actor, item, anyway=True)


def test_a_reader_says_how_heavy_it_is_and_the_next_one_is_spared(evening: Evening) -> None:
    item = evening.told(CaseKind.REPORT)
    care.say_weight(evening.owl.actor, item, 3, 1 << 1)
    (seen,) = [one for one in shifts.get_shift(evening.jay.actor, evening.group.scope, "UTC").waiting if one.id == item]
    assert seen.heaviness == 3
    with pytest.raises(Invalid):
        care.say_weight(evening.owl.actor, item, 4, 0)
    with pytest.raises(NotFound):
        care.say_weight(evening.heron.actor, item, 1, 0)


# --- What is offered --------------------------------------------------------------------------------------------------


def test_the_oldest_promise_comes_first_and_not_me_leaves_it_to_others(evening: Evening) -> None:
    first = evening.told(CaseKind.REPORT)
    evening.world.moment.go(hours=1)
    second = evening.told(CaseKind.REPORT)
    assert evening.next_of(evening.owl) == first
    leases.claim(evening.owl.actor, first)
    assert evening.next_of(evening.jay) == second
    care.pass_on(evening.owl.actor, first)
    assert evening.next_of(evening.owl) == second
    assert evening.next_of(evening.jay) == first  # at once: nobody waits for a lease of somebody who said no
    leases.claim(evening.owl.actor, first)  # and it stays theirs to take


def test_what_is_about_a_topic_of_theirs_goes_to_others_and_stays_on_the_list(evening: Evening) -> None:
    item = evening.told(CaseKind.REPORT)
    with transaction():
        about = select(CaseItem.about).where(CaseItem.id == item)
        post_id = int.from_bytes(here().execute(about).scalar_one())
        noted = update(Post).where(Post.id == post_id).values(notes=1 << 5)
        here().execute(noted.execution_options(synchronize_session=False))
    own_choices.choose_topics(evening.owl.actor, evening.group.scope, away=[], today=[5])
    assert evening.next_of(evening.owl) is None
    assert [one.away for one in shifts.get_shift(evening.owl.actor, evening.group.scope, "UTC").waiting] == [True]
    assert evening.next_of(evening.jay) == item
    evening.world.moment.go(days=1)
    assert evening.next_of(evening.owl) == item
    own_choices.choose_topics(evening.owl.actor, evening.group.scope, away=[5], today=[])
    evening.world.moment.go(days=9)
    assert evening.next_of(evening.owl) is None


def test_what_names_somebody_is_on_no_page_of_their_shift(evening: Evening) -> None:
    """The world with an item about them is, for them, the world without it."""
    post = evening.world.reply(evening.owl, evening.topic, "Words of Owl.")
    before = text_of(evening.owl.get(evening.shift))
    reports.tell(evening.heron.actor, CaseKind.REPORT, lambda now: report_targets.of_post(now, post), Saying())
    assert text_of(evening.owl.get(evening.shift)) == before
    assert "Reports" in text_of(evening.jay.get(evening.shift))


def test_the_page_before_a_fourth_heavy_one_offers_a_lighter_one_and_lets_them_go_on(evening: Evening) -> None:
    heavy = [f"/cases/{write_ident(evening.told())}/claim" for _n in range(4)]
    lighter = evening.told(CaseKind.REPORT)
    for path in heavy[:3]:
        assert evening.owl.send(path).status_code == 303
    stopped = evening.owl.send(heavy[3])
    assert stopped.status_code == 403
    assert "Time for something lighter" in text_of(stopped)
    assert "Somebody may not be safe" in text_of(stopped)
    assert f"/cases/{write_ident(lighter)}" in stopped.get_data(as_text=True)
    assert evening.owl.send(heavy[3], {"anyway": "yes"}).status_code == 303


def test_the_button_for_the_next_one_follows_what_they_left_to_others(evening: Evening) -> None:
    first, second = evening.told(CaseKind.REPORT), evening.told(CaseKind.REPORT)
    assert evening.owl.send(f"/cases/{write_ident(first)}/not-me").status_code == 303
    taken = evening.owl.send(f"/g/{evening.group.address}/team/next")
    assert taken.headers["Location"].partition("#")[0].endswith(write_ident(second))


# --- Theirs alone -----------------------------------------------------------------------------------------------------


def test_what_is_ones_own_is_sealed_in_rows_of_one_size(evening: Evening) -> None:
    own_choices.choose_topics(evening.owl.actor, evening.group.scope, away=[0, 2], today=[])
    own_choices.ask_buddy(evening.jay.actor, evening.group.scope, write_ident(evening.owl.persona_id))
    found = rows(select(ModeratorOwn.tag, ModeratorOwn.sealed))
    assert len(found) == 2
    assert len({len(one.sealed) for one in found}) == 1
    for one in found:
        assert evening.owl.persona_id not in (one.tag, one.sealed)
        assert b"away" not in one.sealed
        assert evening.owl.persona_id.hex().encode() not in one.sealed


def test_colleagues_and_leaders_read_nothing_of_it(evening: Evening) -> None:
    page = f"{evening.shift}/choices"
    before = [text_of(person.get(page)) for person in (evening.jay, evening.rook)]
    evening.owl.send(page, {"away": ["0", "3"], "today": "5"})
    assert [text_of(person.get(page)) for person in (evening.jay, evening.rook)] == before
    ticked = evening.owl.get(page).get_data(as_text=True)
    assert 'id="away-3" name="away" type="checkbox" value="3" checked' in ticked
    assert 'id="today-5" name="today" type="checkbox" value="5" checked' in ticked


def test_nothing_of_it_is_kept_of_somebody_whose_role_ends(evening: Evening) -> None:
    own_choices.choose_topics(evening.owl.actor, evening.group.scope, away=[0], today=[])
    own_choices.choose_topics(evening.jay.actor, evening.group.scope, away=[0], today=[])
    roles.set_role(evening.group.scope, "Owl", Role.MEMBER)
    assert len(rows(select(ModeratorOwn.tag))) == 1
    assert evening.own_of(evening.jay).away == 1


def test_rotations_renew_what_is_sealed_here(evening: Evening) -> None:
    own_choices.choose_topics(evening.owl.actor, evening.group.scope, away=[1], today=[])
    handover.leave(evening.owl.actor, evening.group.scope, "All quiet.")
    before = [bytes(one.sealed) for model in (ModeratorOwn, HandOver) for one in rows(select(model.sealed))]
    assert sum(rotation.renew_all()) >= 2
    after_it = [bytes(one.sealed) for model in (ModeratorOwn, HandOver) for one in rows(select(model.sealed))]
    assert not set(before) & set(after_it)
    assert evening.own_of(evening.owl).away == 2
    assert [note.words for note in handover.list_notes(evening.jay.actor, evening.group.scope)] == ["All quiet."]


# --- Together ---------------------------------------------------------------------------------------------------------


def test_a_buddy_is_asked_says_yes_and_may_say_no(evening: Evening) -> None:
    scope = evening.group.scope
    own_choices.ask_buddy(evening.owl.actor, scope, write_ident(evening.jay.persona_id))
    assert own_choices.find_buddies(evening.owl.actor, scope).agreed is False
    assert [name for _id, name in own_choices.find_buddies(evening.jay.actor, scope).asked_me] == ["Owl"]
    assert own_choices.find_buddies(evening.rook.actor, scope).asked_me == ()
    own_choices.answer_buddy(evening.rook.actor, scope, evening.owl.persona_id, yes=True)  # nobody asked them
    assert own_choices.find_buddies(evening.owl.actor, scope).agreed is False
    own_choices.answer_buddy(evening.jay.actor, scope, evening.owl.persona_id, yes=True)
    buddies = own_choices.find_buddies(evening.owl.actor, scope)
    assert (buddies.mine, buddies.agreed) == ("Jay", True)
    own_choices.answer_buddy(evening.jay.actor, scope, evening.owl.persona_id, yes=False)
    assert own_choices.find_buddies(evening.owl.actor, scope).agreed is False
    for nobody in (evening.owl, evening.heron):
        with pytest.raises(Invalid):
            own_choices.ask_buddy(evening.owl.actor, scope, write_ident(nobody.persona_id))


def test_a_heavy_one_asks_to_be_talked_about_until_they_say_that_it_is_over(evening: Evening) -> None:
    for kind, choice, asks in (
        (CaseKind.REPORT, Choice.LOOKED, False),
        (CaseKind.WELFARE, Choice.SPOKEN, True),
    ):
        item = evening.told(kind)
        gen = leases.claim(evening.owl.actor, item)
        found = row(select(CaseItem.version).where(CaseItem.id == item))
        assert found
        words = "They are safe, and we talk again on Monday."
        decisions.decide(evening.owl.actor, item, Verdict(choice, found.version, gen, words))
        assert ("A heavy one is behind you" in text_of(evening.owl.get(evening.shift))) is asks
    assert "A heavy one is behind you" not in text_of(evening.jay.get(evening.shift))
    evening.owl.send(evening.shift, {"act": "talked"})
    assert "A heavy one is behind you" not in text_of(evening.owl.get(evening.shift))


def test_supervision_is_reminded_of_as_often_as_they_chose(evening: Evening) -> None:
    own_choices.set_supervision(evening.owl.actor, evening.group.scope, 2)
    assert "Time for supervision" not in text_of(evening.owl.get(evening.shift))
    evening.world.moment.go(days=14)
    assert "Time for supervision" in text_of(evening.owl.get(evening.shift))
    own_choices.set_supervision(evening.owl.actor, evening.group.scope, 2)  # the same again puts nothing off
    assert "Time for supervision" in text_of(evening.owl.get(evening.shift))
    evening.owl.send(evening.shift, {"act": "supervised"})
    assert "Time for supervision" not in text_of(evening.owl.get(evening.shift))


def test_a_note_reaches_the_next_shift_and_is_gone_after_two_weeks(evening: Evening) -> None:
    evening.owl.send(evening.shift, {"words": "Rain in the <b>garden</b>."})
    assert "Rain in the &lt;b&gt;garden&lt;/b&gt;." in evening.jay.get(evening.shift).get_data(as_text=True)
    assert b"garden" not in rows(select(HandOver.sealed))[0].sealed
    refused = evening.owl.send(evening.shift, {"words": " "})
    assert refused.status_code == 422
    evening.world.moment.go(days=14)
    assert "garden" not in text_of(evening.jay.get(evening.shift))
    with transaction():
        handover.purge({})
    assert rows(select(HandOver.id)) == []


def on_duty(evening: Evening, person: Person, starts: str, ends: str) -> None:
    with transaction():
        hours = {"weekday": 0, "starts": starts, "ends": ends, "who": ""}
        values = {"id": new_ident(), "group_id": evening.group.scope.group_id, "persona_id": person.persona_id}
        here().execute(insert(DutySlot).values(**values, **hours))


def test_the_page_says_who_has_a_turn_now(evening: Evening) -> None:
    on_duty(evening, evening.owl, "01:00", "03:00")  # it is two on a Monday morning
    assert "You are on duty now." in text_of(evening.owl.get(evening.shift))
    jay = text_of(evening.jay.get(evening.shift))
    assert "You are on duty now." not in jay
    assert "01:00 to 03:00, Owl" in jay
    evening.world.moment.go(hours=2)
    assert "Nobody has a turn now." in text_of(evening.jay.get(evening.shift))


def test_a_turn_that_began_yesterday_goes_on_after_midnight(evening: Evening) -> None:
    on_duty(evening, evening.owl, "22:00", "03:00")
    evening.world.moment.go(days=1, minutes=-1)
    assert "You are on duty now." in text_of(evening.owl.get(evening.shift))


@pytest.mark.parametrize(
    ("duty", "hours", "shown"),
    [(False, ("9", "18"), False), (False, ("1", "4"), True), (False, ("22", "3"), True), (True, ("9", "18"), True)],
)
def test_off_duty_and_outside_their_hours_the_work_of_the_team_reaches_nobody(
    evening: Evening, duty: bool, hours: tuple[str, str], shown: bool
) -> None:
    asked = evening.heron.send(f"/g/{evening.group.address}/ask", {"body": "Are you there?", "token": "one"})
    assert asked.status_code == 303
    evening.world.settle()
    if duty:
        on_duty(evening, evening.owl, "01:00", "03:00")
    page = f"/g/{evening.group.address}"
    assert "Messages to the team: 1 waits" in text_of(evening.owl.get(page))
    evening.owl.send(f"{evening.shift}/choices", {"team_from": hours[0], "team_until": hours[1]})
    assert ("Messages to the team: 1 waits" in text_of(evening.owl.get(page))) is shown
    assert "Messages to the team: 1 waits" in text_of(evening.jay.get(page))


def test_half_a_choice_of_hours_is_refused_with_words(evening: Evening) -> None:
    answer = evening.owl.send(f"{evening.shift}/choices", {"team_from": "9"})
    assert answer.status_code == 422
    assert "Choose from when and until when" in text_of(answer)
    chosen = choices.find(evening.owl.actor.memberships[evening.group.scope.group_id])
    assert chosen.team_from is None
    with pytest.raises(Invalid):
        news_times.keep_team_hours(evening.owl.actor, evening.group.scope.group_id, 24, 3)


def test_the_first_look_is_written_down_once(evening: Evening) -> None:
    item = evening.told()
    leases.claim(evening.owl.actor, item)
    first = evening.world.moment.at
    evening.world.moment.go(minutes=30)
    leases.claim(evening.jay.actor, item)
    found = row(select(CaseItem.looked_at).where(CaseItem.id == item))
    assert found
    assert found.looked_at == first


ACTS: list[Callable[[Evening, Person], object]] = [
    lambda e, p: shifts.get_shift(p.actor, e.group.scope, "UTC"),
    lambda e, p: handover.leave(p.actor, e.group.scope, "Hello."),
    lambda e, p: handover.list_notes(p.actor, e.group.scope),
    lambda e, p: own_choices.choose_topics(p.actor, e.group.scope, [1], []),
    lambda e, p: own_choices.find_buddies(p.actor, e.group.scope),
    lambda e, p: own_choices.set_supervision(p.actor, e.group.scope, 4),
]


@pytest.mark.parametrize("act", ACTS)
def test_members_have_no_such_pages(evening: Evening, act: Callable[[Evening, Person], object]) -> None:
    with pytest.raises(NotFound):
        act(evening, evening.wren)
    act(evening, evening.owl)
