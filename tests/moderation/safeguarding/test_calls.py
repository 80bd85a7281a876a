"""Calling people about a concern: who at which step, written down once, again and again until somebody takes it, and with
nothing in a call that tells of anybody."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa

from forum.base.db import rows
from forum.base.errors import NotFound
from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.models import OfficerRole, Role
from forum.policy.actor import Actor
from forum.web import sign_ins
from moderation.safeguarding import (
    cases,
    channels,
    chronology,
    concerns,
    drills,
    paging,
    queries,
    responders,
    sending,
    ticking,
    transitions,
    watchdog,
)
from moderation.safeguarding.channels import Way
from moderation.safeguarding.concerns import Raise
from moderation.safeguarding.models import Concern, EventKind, Kind, Level, Origin, State
from moderation.safeguarding.people_models import Call, CallState, ChannelKind, ConcernPage, PageState
from moderation.safeguarding.sending import Message
from tests.safeguarding import Tier, arm
from tests.world import GroupHere, Moves, Person, World

WORDS = "Marigold wrote that she has saved up her tablets."


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[ChannelKind, str, Message]]:
    """What left the machine: channel, address, message."""
    went: list[tuple[ChannelKind, str, Message]] = []
    monkeypatch.setattr(sending, "send_text", lambda kind, way, message: went.append((kind, way.address, message)))
    watchdog.forget()
    return went


def raised(group: GroupHere, **more: object) -> cases.Case:
    """A concern of this group, as somebody raises it. Needs an application context."""
    said = {"kind": Kind.ADULT, "origin": Origin.MEMBER, "once": new_ident(), "subject_kind": "nobody", "said": WORDS}
    made = concerns.raise_concern(Raise(group.scope, **(said | more)))  # type: ignore[arg-type]
    return now_of(made.concern_id)


def now_of(concern_id: bytes) -> cases.Case:
    """A concern as it is now."""
    case = cases.find(concern_id)
    assert case
    return case


def called(case: cases.Case, channel: ChannelKind = ChannelKind.PAGE) -> list[tuple[int, bytes]]:
    """Who was to be called at which step, whether or not they could be."""
    wanted = sa.select(ConcernPage.step, ConcernPage.responder_id).where(
        ConcernPage.concern_id == case.id, ConcernPage.channel == channel
    )
    return sorted(tuple(r) for r in rows(wanted))


def reachable(person: Person) -> bytes:
    """The same facilitator, who can be called by mail; gives their id."""
    way = replace(Way(f"{person.persona_id.hex()[:8]}@example.org"), tested_on="2026-11-01")
    channels.keep(person.persona_id, ChannelKind.MAIL, way)
    return person.persona_id


def events(case: cases.Case) -> list[EventKind]:
    """The kinds of what stands in a chronology."""
    return [line.kind for line in chronology.lines(now_of(case.id))]


# --- Who, and when ---


def test_a_high_concern_climbs_the_steps_and_then_repeats_without_end(
    world: World, sent: list[object], moment: Moves
) -> None:
    group = world.group()
    world.on_duty(group, 0, "00:00", "23:59")
    facilitator = world.person(group, Role.FACILITATOR)
    tier = arm(world, group)
    with world.app.app_context():
        first = reachable(facilitator)
        case = raised(group)
        began = moment.at
        minutes: dict[int, float] = {}
        for _minute in range(120):
            ticking.tick()
            for step, _who in called(case):
                minutes.setdefault(step, (moment.at - began).total_seconds() / 60)
            moment.go(minutes=1)
        lead, deputy, independent = (
            tier.ids[r] for r in (OfficerRole.LEAD, OfficerRole.DEPUTY, OfficerRole.INDEPENDENT)
        )
        by_step = {step: {who for at, who in called(case) if at == step} for step, _who in called(case)}
    assert by_step[1] == {first}
    assert 2 not in by_step, "the group has nobody else: the next step followed at once"
    assert by_step[3] == {lead}
    assert by_step[4] == {deputy}
    assert by_step[5] == by_step[6] == {first, lead, deputy, independent}
    assert (minutes[1], minutes[3], minutes[4], minutes[5]) == (0, 10, 20, 35)
    assert minutes[6] - minutes[5] == minutes[8] - minutes[7] == 15


def test_an_immediate_concern_calls_both_at_once(world: World, sent: list[object], moment: Moves) -> None:
    group = world.group()
    world.on_duty(group, 0, "00:00", "23:59")
    facilitator, other = world.person(group, Role.FACILITATOR, "Amber Wren"), world.person(group, Role.FACILITATOR)
    tier = arm(world, group)
    with world.app.app_context():
        for one in (facilitator, other):
            reachable(one)
        case = raised(group, origin=Origin.FACILITATOR, level=Level.IMMEDIATE)
        ticking.tick()
        assert called(case) == sorted(
            [(1, facilitator.persona_id), (1, other.persona_id), (1, tier.ids[OfficerRole.LEAD])]
        )
        case = now_of(case.id)
        assert case.due_at == moment.at + timedelta(minutes=3)


def test_sg5_an_empty_table_moves_on_at_once_and_says_so(world: World, sent: list[object]) -> None:
    group = world.group()
    facilitator = world.person(group, Role.FACILITATOR)
    tier = arm(world, group)
    with world.app.app_context():
        reachable(facilitator)
        case = raised(group)
        ticking.tick()
        assert called(case) == [(2, facilitator.persona_id), (3, tier.ids[OfficerRole.LEAD])]
        assert EventKind.NO_ONE_ON_CALL in events(case)
        sending.send_all()
    assert len(sent) == 2


def test_sg5_its_twin_with_somebody_on_the_table_waits(world: World, sent: list[object]) -> None:
    group = world.group()
    world.on_duty(group, 0, "00:00", "23:59")
    facilitator = world.person(group, Role.FACILITATOR)
    arm(world, group)
    with world.app.app_context():
        reachable(facilitator)
        case = raised(group)
        ticking.tick()
        assert called(case) == [(1, facilitator.persona_id)]
        assert EventKind.NO_ONE_ON_CALL not in events(case)


def test_sg4_until_somebody_takes_it_somebody_is_called_at_each_step(
    world: World, sent: list[tuple[ChannelKind, str, Message]], moment: Moves
) -> None:
    group = world.group()
    tier = arm(world, group)
    with world.app.app_context():
        case = raised(group)
        at: list[datetime] = []
        for _quarter in range(24 * 4):
            before = len(sent)
            ticking.tick()
            sending.send_all()
            if len(sent) > before:
                at.append(moment.at)
            moment.go(minutes=15)
        assert max(b - a for a, b in pairwise(at)) <= timedelta(minutes=30)
        assert len(at) > 24 * 4 - 5, "no last call"
        _take(tier.lead, case)
        count = len(sent)
        for _minute in range(30):
            ticking.tick()
            sending.send_all()
            moment.go(minutes=1)
        assert len(sent) == count, "somebody has it: nobody is called"


def _take(person: Person, case: cases.Case) -> None:
    actor = Actor(person.account_id, sign_ins.hash_of(person.cookie or ""))
    transitions.acknowledge(actor, case.id, now_of(case.id).version)


def test_whoever_must_not_know_is_skipped_and_left_out_at_once(world: World, sent: list[object], moment: Moves) -> None:
    group = world.group()
    world.on_duty(group, 0, "00:00", "23:59")
    named, other = world.person(group, Role.FACILITATOR), world.person(group, Role.FACILITATOR)
    tier = arm(world, group)
    with world.app.app_context():
        for one in (named, other):
            reachable(one)
        case = raised(group, involved=frozenset({named.persona_id}))
        for _minute in range(60):
            ticking.tick()
            moment.go(minutes=1)
        assert named.persona_id not in {who for _step, who in called(case)}
        assert other.persona_id in {who for _step, who in called(case)}
        assert paging.count_open([named.persona_id]) == 0
        assert paging.count_open([other.persona_id]) == 1
        with transaction():
            paging.drop_for(case.id, [other.persona_id])
        assert paging.count_open([other.persona_id]) == 0
        assert paging.count_open([tier.ids[OfficerRole.LEAD]]) == 1


# --- Once, and at least once ---


def test_sg3_each_intent_is_written_once_however_often_a_step_runs(world: World, sent: list[object]) -> None:
    group = world.group()
    arm(world, group)
    with world.app.app_context():
        case = raised(group)
        before = now_of(case.id)
        with transaction():
            paging.run_step(before, world.moment.at)
        with transaction():
            paging.run_step(before, world.moment.at)
        found = rows(sa.select(ConcernPage.step, ConcernPage.responder_id, ConcernPage.channel))
        assert len(found) == len(set(map(tuple, found))) == 4, "the lead's two when it was raised, and the deputy's two"
        sending.send_all()
        sending.send_all()
    assert len(sent) == 2


def test_sg3_a_call_whose_worker_died_goes_again_under_the_same_id(
    world: World, sent: list[tuple[ChannelKind, str, Message]], moment: Moves, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = world.group()
    arm(world, group)

    class Killed(BaseException):
        """As a process ends."""

    def die(name: str) -> None:
        if name == "between sent and kept":
            raise Killed

    with world.app.app_context():
        raised(group)
        ticking.tick()
        monkeypatch.setattr(sending.failpoints, "reach", die)
        with pytest.raises(Killed):
            sending.send_due(ChannelKind.MAIL)
        monkeypatch.undo()
        monkeypatch.setattr(sending, "send_text", lambda kind, way, message: sent.append((kind, way.address, message)))
        assert sending.send_due(ChannelKind.MAIL) == 0, "another worker may still be at it"
        moment.go(seconds=sending.LEASE.total_seconds() + 1)
        assert sending.send_due(ChannelKind.MAIL) == 1
        assert sending.send_due(ChannelKind.MAIL) == 0
    assert [message.id for _kind, _to, message in sent] == [sent[0][2].id] * 2


def test_when_nothing_reaches_a_person_the_next_step_follows_at_once(
    world: World, moment: Moves, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = world.group()
    world.on_duty(group, 0, "00:00", "23:59")
    facilitator = world.person(group, Role.FACILITATOR)
    tier = arm(world, group)
    tried: list[str] = []

    def refuse(_kind: ChannelKind, way: Way, _message: Message) -> None:
        tried.append(way.address)
        if "lead" not in way.address:
            raise OSError("full")

    monkeypatch.setattr(sending, "send_text", refuse)
    with world.app.app_context():
        first = reachable(facilitator)
        case = raised(group)
        ticking.tick()
        assert called(case) == [(1, first)]
        sending.send_all()
        ticking.tick()
        assert (3, tier.ids[OfficerRole.LEAD]) in called(case), "not ten minutes later"
        sending.send_all()
        assert watchdog.overdue(moment.at) == 0
        moment.go(seconds=121)
        assert watchdog.overdue(moment.at) > watchdog.LATE_S, "a call that nothing took is late"
        monkeypatch.setattr(sending, "send_text", lambda _kind, way, _message: tried.append(f"again {way.address}"))
        sending.send_all()
        assert any(one.startswith("again") for one in tried), "it is tried until it goes"
        assert watchdog.overdue(moment.at) == 0


def test_one_channel_that_fails_beside_one_that_works_hastens_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = world.group()
    tier = arm(world, group)

    def only_hook(kind: ChannelKind, _way: Way, _message: Message) -> None:
        if kind is ChannelKind.MAIL:
            raise OSError("down")

    monkeypatch.setattr(sending, "send_text", only_hook)
    with world.app.app_context():
        way = replace(Way("https://gate.example.org/call", "lead", "secret"), tested_on="2026-11-01")
        channels.keep(tier.ids[OfficerRole.LEAD], ChannelKind.HOOK, way)
        case = raised(group)
        ticking.tick()
        due = now_of(case.id).due_at
        sending.send_all()
        assert now_of(case.id).due_at == due


# --- Gathered for each person ---


@dataclass
class _Page:
    repeat_minutes: int
    urgent: bool = False


def test_nobody_is_called_more_often_than_the_strictest_that_waits() -> None:
    at = datetime.fromisoformat("2026-11-23T02:00:00+00:00")
    high, low, urgent = _Page(15), _Page(1440), _Page(5, urgent=True)

    def may(pages: list[_Page], ago: float | None = None, urgent_ago: float | None = None) -> bool:
        last = {False: ago, True: urgent_ago}
        known = {kind: at - timedelta(minutes=n) for kind, n in last.items() if n is not None}
        return sending.may_call(pages, known, at)

    assert may([high])
    assert not may([high], 14)
    assert may([high], 15)
    assert may([low, high], 15), "the strictest of them"
    assert not may([low], 15)
    assert may([urgent], 1), "danger to life waits for no lesser call"
    assert not may([urgent, high], 20, 4), "and calls again after its own time"
    assert may([urgent], 20, 5)
    assert not may([high], None, 3), "a call is a call"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("count", [60, pytest.param(500, marks=pytest.mark.nightly)])
def test_500_concerns_in_a_night_are_all_kept_and_nobody_is_called_without_end(
    world: World, sent: list[tuple[ChannelKind, str, Message]], moment: Moves, count: int
) -> None:
    group = world.group()
    tier = arm(world, group)
    calls: dict[str, list[datetime]] = {}
    looked: list[bytes] = []
    apart = 5.5 * 3600 / count  # from half past two until eight
    with world.app.app_context():
        for n in range(count):
            raised(group, said=f"Worry {n}.")
            moment.go(seconds=apart)
            if n % (count // 50 or 1) == 0:
                ticking.tick(limit=500)
                before = len(sent)
                sending.send_all()
                for _kind, address, _message in sent[before:]:
                    calls.setdefault(address, []).append(moment.at)
            if n % 20 == 19:
                looked += _take_some(tier.lead, group.scope.organisation_id, 10)
        kept = rows(sa.select(Concern.id, Concern.due_at))
    assert len(kept) == count
    assert all(r.due_at is not None for r in kept), "each has its own clock"
    assert len(looked) == len(set(looked)) == count // 2
    assert len(calls) == 3
    for times in calls.values():
        assert min(b - a for a, b in pairwise(times)) >= timedelta(minutes=15)
    assert any("concerns need you" in message.text for _kind, _to, message in sent)


def _take_some(person: Person, organisation_id: bytes, count: int) -> list[bytes]:
    """Take those that fall due first, as the list shows them."""
    lead = responders.of_organisation(organisation_id)[0]
    waiting = [one for one in queries.list_for(lead) if one.state is State.RAISED and not one.looked_at]
    due = [one.due_at for one in waiting if one.due_at is not None]
    assert due == sorted(due)
    assert len(due) == len(waiting)
    for one in waiting[:count]:
        _take(person, now_of(one.id))
    return [one.id for one in waiting[:count]]


def test_answering_one_stops_the_ringing_and_the_others_keep_their_clocks(
    world: World, sent: list[object], moment: Moves
) -> None:
    group = world.group()
    tier = arm(world, group)
    with world.app.app_context():
        one, two = raised(group), raised(group)
        ticking.tick()
        sending.send_all()
        assert len(sent) == 1, "gathered"
        _take(tier.lead, one)
        assert [r.state for r in rows(sa.select(Call.state))] == [CallState.OVER]
        assert now_of(two.id).due_at == moment.at + timedelta(minutes=10)
        states = {r.state for r in rows(sa.select(ConcernPage.state).where(ConcernPage.concern_id == two.id))}
        assert PageState.CALLED in states
        for _minute in range(20):
            moment.go(minutes=1)
            ticking.tick()
            sending.send_all()
        assert len(sent) > 1, "the other one calls again"


def test_a_stranger_takes_nothing(world: World, sent: list[object]) -> None:
    group = world.group()
    arm(world, group)
    member = world.person(group)
    with world.app.app_context():
        case = raised(group)
        with pytest.raises(NotFound):
            transitions.acknowledge(member.actor, case.id, case.version)


# --- What a call says ---


@pytest.fixture
def names(world: World) -> tuple[GroupHere, Tier, Person, Person]:
    """A group whose words must not be in any call."""
    group = world.group("Harbour Trust")
    facilitator = world.person(group, Role.FACILITATOR, "Amber Wren")
    member = world.person(group, name="Marigold")
    tier = arm(world, group)
    return group, tier, facilitator, member


def test_sg14_and_never_9_a_call_shares_no_word_with_the_case_or_the_people(
    world: World,
    sent: list[tuple[ChannelKind, str, Message]],
    names: tuple[GroupHere, Tier, Person, Person],
    moment: Moves,
) -> None:
    group, _tier, facilitator, member = names
    with world.app.app_context():
        reachable(facilitator)
        case = raised(group, subject_kind="persona", subject_id=member.persona_id)
        for _minute in range(60):
            ticking.tick()
            sending.send_all()
            moment.go(minutes=1)
    secret = {group.name, group.address, "Harbour", "Trust", "Marigold", "Amber", "Wren", "Lead", "Deputy"}
    secret |= {word.strip(".") for word in WORDS.split() if len(word) > 4}
    assert len(sent) > 3
    for _kind, _to, message in sent:
        for word in secret:
            assert word.casefold() not in message.text.casefold(), word
        assert case.code in message.text
        assert "step" in message.text


def test_never_11_a_drill_cannot_be_taken_for_real_nor_hide_what_is(
    world: World, sent: list[tuple[ChannelKind, str, Message]], moment: Moves
) -> None:
    group = world.group()
    tier = arm(world, group)
    with world.app.app_context():
        with transaction():
            drills.begin_here(group.scope.organisation_id, moment.at, 30)
        sending.send_all()
        assert len(sent) == 3
        for _kind, _to, message in sent:
            assert message.drill
            assert message.text.startswith("A DRILL, not real.")
        real = raised(group)
        ticking.tick()
        sending.send_all()
        assert len(sent) == 4, "called at once, drill or not"
        assert not sent[-1][2].drill
        assert "DRILL" not in sent[-1][2].text
        assert len(real.code) != len(drills.CODE)
        assert paging.count_open([tier.ids[OfficerRole.LEAD]]) == 1, "the drill is no concern"
        tier.lead.send("/safeguarding/drill/answer")
        assert paging.count_open([tier.ids[OfficerRole.LEAD]]) == 1, "answering it answers nothing real"
        answered = {one.responder_id: one.seconds for one in drills.list_lately(group.scope.organisation_id)}
        assert answered[tier.ids[OfficerRole.LEAD]] == 0
        assert answered[tier.ids[OfficerRole.DEPUTY]] is None
        late = drills.ANSWER_WITHIN
        moment.go(seconds=late.total_seconds())
        assert sum(one.is_late for one in drills.list_lately(group.scope.organisation_id)) == 2


def test_a_drill_begins_each_month_by_itself_once(world: World, sent: list[object], moment: Moves) -> None:
    group = world.group()
    arm(world, group)
    with world.app.app_context():
        assert drills.begin_due() == 0
        moment.go(days=30)
        assert drills.begin_due() == 1
        assert drills.begin_due() == 0
        sending.send_all()
    assert len(sent) == 3


def test_r20_the_watchdog_says_when_nothing_ticks(world: World, sent: list[object], moment: Moves) -> None:
    group = world.group()
    arm(world, group)
    facilitator = world.person(group, Role.FACILITATOR)
    stranger = world.visitor()
    with world.app.app_context():
        raised(group)
    assert stranger.get("/healthz/safeguarding").get_json() == {"overdue_seconds": 0}
    moment.go(minutes=10, seconds=121)
    answer = stranger.get("/healthz/safeguarding")
    assert answer.status_code == 503
    assert answer.get_json() == {"overdue_seconds": 121}
    assert stranger.get("/healthz/safeguarding").status_code == 200, "whoever asks has it done on the way"
    moment.go(minutes=20)
    page = f"/g/{group.address}/duty"
    assert "Ring the safeguarding lead" in facilitator.get(page).get_data(as_text=True)
    with world.app.app_context():
        ticking.tick()
    watchdog.forget()
    assert "Ring the safeguarding lead" not in facilitator.get(page).get_data(as_text=True)


def test_what_is_over_is_gone_after_a_day(world: World, sent: list[object], moment: Moves) -> None:
    group = world.group()
    tier = arm(world, group)
    with world.app.app_context():
        case = raised(group)
        ticking.tick()
        sending.send_all()
        _take(tier.lead, case)
        moment.go(days=2)
        with transaction():
            paging.purge()
            assert here().execute(sa.select(ConcernPage.id)).all() == []
            assert here().execute(sa.select(Call.id)).all() == []
