"""Numbers of the team's work: none about one person, none under five, none of what names the reader."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from forum.base import clock
from forum.base.db import row, rows
from forum.base.errors import Conflict, Invalid, NotFound
from forum.base.idents import new_ident, write_ident
from forum.base.transaction import here, transaction
from forum.models import Role
from moderation import care, health, leases, not_for, outcomes, report_targets, reports, second_looks, small_numbers
from moderation.models import AuditEntry, CaseItem, CaseKind, Choice, Decision, Source, Target
from moderation.reports import Saying
from moderation.shift_models import SecondLook
from tests.world import Person, World, text_of


class Team:
    """A group with a team of six, and a topic of a member."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.wren = world.person(self.group, name="Wren")
        self.rook = world.person(self.group, Role.FACILITATOR, name="Rook")
        self.others = [world.person(self.group, Role.MODERATOR) for _n in range(5)]
        self.owl, self.jay = self.others[:2]
        self.topic = world.topic(self.wren)
        self.scope = self.group.scope
        self.settle()

    def settle(self) -> None:
        """Nothing waits but what a test asks for."""
        with self.world.app.app_context(), transaction():
            here().execute(update(CaseItem).values(decided=True).execution_options(synchronize_session=False))

    def item(self, kind: CaseKind = CaseKind.REPORT, **columns: object) -> bytes:
        """Something that waits about the group's page."""
        item_id = new_ident()
        values = {
            "id": item_id,
            "group_id": self.scope.group_id,
            "kind": kind,
            "opened_hour": clock.this_hour(),
            "due_at": clock.now() + timedelta(hours=1),
            "target": Target.GROUP,
            "about": new_ident(),
            "source": Source.MEMBER,
            "decided": False,
            "reasons": "",
        }
        with transaction():
            here().execute(insert(CaseItem).values({**values, **columns}))
        return item_id

    def decided(self, by: Person, choice: Choice, *, kind: CaseKind = CaseKind.REPORT, **columns: object) -> bytes:
        """Something that was decided; gives the decision."""
        item_id, decision_id = self.item(kind, decided=True, **columns), new_ident()
        values = {"id": decision_id, "group_id": self.scope.group_id, "item_id": item_id, "choice": choice}
        with transaction():
            by_whom = {"decided_by": by.persona_id, "decided_at": clock.now()}
            here().execute(insert(Decision).values(**values, **by_whom))
        return decision_id

    def health(self, person: Person) -> health.Health:
        return health.get_health(person.actor, self.scope, "UTC")

    def numbers(self, person: Person) -> outcomes.Numbers:
        return outcomes.get_numbers(person.actor, self.scope, "UTC")


@pytest.fixture
def team(world: World, inside: object) -> Team:
    return Team(world)


# --- Numbers that may be shown ----------------------------------------------------------------------------------------

TABLES = st.integers(1, 5).flatmap(
    lambda columns: st.lists(st.lists(st.integers(0, 12), min_size=columns, max_size=columns), min_size=1, max_size=6)
)


@given(TABLES)
def test_no_number_under_five_is_shown_or_can_be_taken_from_a_sum(lines: list[list[int]]) -> None:
    shown = small_numbers.shown({r: dict(enumerate(line)) for r, line in enumerate(lines)})
    cells = [list(line.values()) for line in shown.values()]
    for r, line in enumerate(cells):
        assert all(n is None or (n == lines[r][c] and n >= 5) for c, n in enumerate(line))
    for some in (*cells, *zip(*cells, strict=True)):
        assert list(some).count(None) != 1 or len(some) == 1
    assert all(n is not None for line in cells for n in line) == all(n >= 5 for line in lines for n in line)


def test_a_sum_over_people_needs_five_of_them() -> None:
    assert [small_numbers.total(n, people) for n, people in ((5, 5), (4, 5), (50, 4))] == [5, None, None]


# --- How the list is doing --------------------------------------------------------------------------------------------


def test_what_is_late_is_counted_by_kind_also_if_somebody_looks_at_it(team: Team) -> None:
    late = [team.item(due_at=clock.now() - timedelta(minutes=1)) for _n in range(2)]
    team.item()
    team.item(CaseKind.WELFARE)
    leases.claim(team.owl.actor, late[0])
    found = team.health(team.jay)
    assert {(one.kind, one.waiting, one.late) for one in found.kinds} == {
        (CaseKind.REPORT, 3, 2),
        (CaseKind.WELFARE, 1, 0),
    }
    page = team.jay.get(f"/g/{team.group.address}/team/health")
    assert "2 of 3 late" in text_of(page)
    assert '<div class="cg-plot" role="img" aria-label="A picture of what waits by kind' in page.get_data(as_text=True)
    widths = re.findall(r'class="cg-plot__(whole|marked)"[^>]* width="([0-9.]+)"', page.get_data(as_text=True))
    assert widths[:4] == [("whole", "100.0"), ("marked", "66.7"), ("whole", "33.3"), ("marked", "0.0")]


def test_the_oldest_is_the_oldest_that_nobody_looks_at(team: Team) -> None:
    old = team.item(opened_hour=clock.this_hour() - timedelta(hours=9))
    team.item(opened_hour=clock.this_hour() - timedelta(hours=2))
    assert team.health(team.owl).oldest == clock.this_hour() - timedelta(hours=9)
    leases.claim(team.owl.actor, old)
    assert team.health(team.owl).oldest == clock.this_hour() - timedelta(hours=2)


def test_first_looks_are_told_by_week_with_a_median_of_five_at_least(team: Team) -> None:
    def looked(hours: int, n: int) -> None:
        opened = clock.this_hour() - timedelta(days=7)
        at = opened + timedelta(hours=hours)
        for _n in range(n):
            team.item(opened_hour=opened, looked_at=at, due_at=opened + timedelta(hours=2), decided=True)

    looked(1, 2)
    looked(3, 2)
    week = team.health(team.owl).weeks[-2]
    assert (week.looks, week.in_time, week.hours) == (4, 2, None)
    looked(9, 1)
    week = team.health(team.owl).weeks[-2]
    assert (week.looks, week.in_time, week.hours) == (5, 2, 3.0)


def test_what_names_somebody_is_in_no_number_of_theirs(team: Team) -> None:
    post = team.world.reply(team.owl, team.topic, "Words of Owl.")
    team.settle()
    pages = [f"/g/{team.group.address}/team/{page}" for page in ("health", "outcomes")]
    before = [text_of(team.owl.get(page)) for page in pages]
    reports.tell(team.wren.actor, CaseKind.REPORT, lambda now: report_targets.of_post(now, post), Saying())
    for _n in range(5):
        decision = team.decided(team.jay, Choice.LOOKED, due_at=clock.now() - timedelta(hours=1))
        found = row(select(Decision.item_id).where(Decision.id == decision))
        assert found
        with transaction():
            not_for.keep_from(team.scope, found.item_id, [team.owl.persona_id])
    assert [text_of(team.owl.get(page)) for page in pages] == before
    assert [text_of(team.jay.get(page)) for page in pages] != before


def test_gaps_of_the_duty_times_stand_there_as_on_their_own_page(team: Team) -> None:
    assert "nobody looks on this day." in text_of(team.owl.get(f"/g/{team.group.address}/team/health"))
    for weekday in range(7):
        team.world.on_duty(team.group, weekday, "19:00", "21:00")
    assert "Somebody looks on each of these days." in text_of(team.owl.get(f"/g/{team.group.address}/team/health"))


def test_open_appeals_and_complaints_are_counted(team: Team) -> None:
    team.item(CaseKind.APPEAL)
    team.item(CaseKind.COMPLAINT)
    team.item(CaseKind.APPEAL, decided=True)
    assert team.health(team.owl).appeals == 2


def test_leaders_learn_only_what_five_people_shared(team: Team) -> None:
    for person in team.others[:4]:
        team.decided(person, Choice.SPOKEN, kind=CaseKind.WELFARE)
        team.decided(person, Choice.SPOKEN, kind=CaseKind.WELFARE)
    assert team.health(team.rook).hard is None
    team.decided(team.others[4], Choice.SPOKEN, kind=CaseKind.WELFARE)
    assert team.health(team.rook).hard == 9
    assert team.health(team.owl).hard is None
    assert "The team ended 9 heavy ones" in text_of(team.rook.get(f"/g/{team.group.address}/team/health"))


# --- What becomes of things -------------------------------------------------------------------------------------------


def test_outcomes_stand_by_rule_and_by_hour_without_numbers_under_five(team: Team) -> None:
    for _n in range(6):
        team.decided(team.owl, Choice.RELEASE, kind=CaseKind.HOLD, reasons="link")
        team.decided(team.owl, Choice.KEEP_BACK, kind=CaseKind.HOLD, reasons="phone")
    for _n in range(4):
        team.decided(team.owl, Choice.HIDE, reasons="phone")
    team.decided(team.owl, Choice.FOLD, reasons="word")
    numbers = team.numbers(team.jay)
    assert numbers.rules["link"]["left"] == 6
    assert numbers.rules["phone"]["away"] == 10
    assert numbers.rules["link"]["away"] is None
    assert numbers.hours["00"]["left"] == 6  # it is two in the morning
    page = text_of(team.jay.get(f"/g/{team.group.address}/team/outcomes"))
    assert "It has a link. 6 under 5 under 5 under 5" in page
    assert "00:00–02:59 6 under 5 10 under 5" in page


def test_members_have_no_such_pages(team: Team) -> None:
    for act in (health.get_health, outcomes.get_numbers):
        with pytest.raises(NotFound):
            act(team.wren.actor, team.scope, "UTC")


# --- Second looks -----------------------------------------------------------------------------------------------------


@pytest.fixture
def every(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each decision is of the sample."""
    monkeypatch.setattr(second_looks, "ONE_OF", 1)


def reported(team: Team, by: Person, choice: Choice = Choice.LOOKED, body: str = "Cruel words.") -> bytes:
    """A report about a member's post that somebody decided; gives the decision."""
    author = team.world.person(team.group)
    post = team.world.reply(author, team.topic, body)
    item = reports.tell(team.wren.actor, CaseKind.REPORT, lambda now: report_targets.of_post(now, post), Saying())
    team.settle()
    decision_id = new_ident()
    values = {"id": decision_id, "group_id": team.scope.group_id, "item_id": item, "choice": choice}
    with transaction():
        here().execute(insert(Decision).values(**values, decided_by=by.persona_id, decided_at=clock.now()))
    return decision_id


def test_a_second_look_is_blind_and_changes_nothing(team: Team, every: None) -> None:
    decision = reported(team, team.owl, Choice.HIDE)
    page = f"/g/{team.group.address}/second-look"
    seen = text_of(team.jay.get(page))
    assert "Cruel words." in seen
    assert "Put out of sight" in seen  # as one of four answers
    assert team.owl.name not in seen
    assert "Before:" not in seen
    before = rows(select(CaseItem.decided, CaseItem.version, Decision.choice).join(Decision))
    after = team.jay.send(page, {"decision": write_ident(decision), "choice": "fold"})
    assert after.status_code == 303
    seen = text_of(team.jay.get(after.headers["Location"]))
    assert "You: Folded" in seen
    assert "Before: Put out of sight" in seen
    assert "That differs." in seen
    assert rows(select(CaseItem.decided, CaseItem.version, Decision.choice).join(Decision)) == before
    (look,) = rows(select(SecondLook.agreed))
    assert look.agreed is False
    assert rows(select(AuditEntry.codes).where(AuditEntry.action == "look.second"))[0].codes == "fold"


def test_the_page_of_a_decision_to_be_looked_at_is_the_same_whatever_was_decided(team: Team, every: None) -> None:
    page = f"/g/{team.group.address}/second-look"
    decision = reported(team, team.owl, Choice.HIDE)
    hidden = text_of(team.jay.get(page))
    with transaction():
        change = update(Decision).where(Decision.id == decision).values(choice=Choice.LOOKED)
        here().execute(change.execution_options(synchronize_session=False))
    assert text_of(team.jay.get(page)) == hidden


def test_nobody_looks_twice_at_their_own_and_each_is_looked_at_once(team: Team, every: None) -> None:
    decision = reported(team, team.owl)
    assert second_looks.find_next(team.owl.actor, team.scope) is None
    with pytest.raises(NotFound):
        second_looks.answer(team.owl.actor, team.scope, decision, "looked")
    with pytest.raises(Invalid):
        second_looks.answer(team.jay.actor, team.scope, decision, "release")
    with pytest.raises(NotFound):
        second_looks.answer(team.wren.actor, team.scope, decision, "looked")
    second_looks.answer(team.jay.actor, team.scope, decision, "looked")
    with pytest.raises(Conflict):
        second_looks.answer(team.rook.actor, team.scope, decision, "looked")
    assert second_looks.find_next(team.rook.actor, team.scope) is None


def test_whom_a_thing_names_gets_no_second_look_at_it(team: Team, every: None) -> None:
    decision = reported(team, team.owl)
    found = row(select(Decision.item_id).where(Decision.id == decision))
    assert found
    with transaction():
        not_for.keep_from(team.scope, found.item_id, [team.jay.persona_id])
    assert second_looks.count_waiting(team.jay.actor, team.scope) == 0
    assert second_looks.find_compared(team.jay.actor, team.scope, decision) is None
    assert second_looks.count_waiting(team.rook.actor, team.scope) == 1


def test_worries_and_old_decisions_get_none(team: Team, every: None) -> None:
    team.decided(team.owl, Choice.LOOKED, kind=CaseKind.WELFARE)
    assert second_looks.count_waiting(team.jay.actor, team.scope) == 0
    reported(team, team.owl)
    assert second_looks.count_waiting(team.jay.actor, team.scope) == 1
    team.world.moment.go(days=29)
    assert second_looks.count_waiting(team.jay.actor, team.scope) == 0


def test_the_sample_is_about_one_of_eight_and_follows_from_the_keyring(team: Team) -> None:
    ids = [new_ident() for _n in range(2_000)]
    sampled = [one for one in ids if second_looks.is_sampled(team.scope, one)]
    assert 180 < len(sampled) < 330  # 250, five standard deviations either way
    assert [one for one in ids if second_looks.is_sampled(team.scope, one)] == sampled


def test_a_heavy_second_look_counts_for_whoever_reads_it(team: Team, every: None) -> None:
    decision = reported(team, team.owl)
    found = row(select(Decision.item_id).where(Decision.id == decision))
    assert found
    care.say_weight(team.rook.actor, found.item_id, 3, 0)
    second_looks.answer(team.jay.actor, team.scope, decision, "looked")
    assert "You took 1 heavy one today." in text_of(team.jay.get(f"/g/{team.group.address}/shift"))


def test_how_many_came_to_the_same_is_said_from_five_of_each_on(team: Team) -> None:
    def looked(agreed: bool, n: int) -> None:
        for _n in range(n):
            decision = team.decided(team.owl, Choice.HIDE)
            values = {"decision_id": decision, "group_id": team.scope.group_id, "choice": Choice.HIDE}
            with transaction():
                here().execute(insert(SecondLook).values(**values, agreed=agreed, looked_on=clock.today()))

    looked(True, 4)
    assert (team.numbers(team.jay).looked, team.numbers(team.jay).agreed) == (None, None)
    looked(True, 2)
    assert (team.numbers(team.jay).looked, team.numbers(team.jay).agreed) == (6, None)
    looked(False, 5)
    assert (team.numbers(team.jay).looked, team.numbers(team.jay).agreed) == (11, 6)
