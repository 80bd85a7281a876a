"""Reports, open rooms and what the law may forbid: who is called if nobody looks, when, and what a call says."""

import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from forum.base import jobs, mail
from forum.base.db import row, rows
from forum.base.idents import new_ident
from forum.base.transaction import here as session
from forum.base.transaction import transaction
from forum.conversations import news_times
from forum.models import DutySlot, OfficerRole, Persona, Role
from moderation import items, leases, report_targets, reports
from moderation.models import CaseItem, CaseKind, Choice, Source, Target
from moderation.reports import Saying
from moderation.safeguarding import channels, item_calls, sending
from moderation.safeguarding.channels import Way
from moderation.safeguarding.people_models import CallSetting, ChannelKind, ItemCall
from tests.conftest import Clock
from tests.moderation.test_reports import decide
from tests.safeguarding import Tier, arm
from tests.world import GroupHere, Person, World

LEAD, DEPUTY = "lead@example.org", "deputy@example.org"


@dataclass
class Scene:
    """A group whose organisation calls people: two facilitators who can be called, a moderator, a writer, a reader."""

    world: World
    group: GroupHere
    tier: Tier
    robin: Person
    sam: Person
    owl: Person
    wren: Person
    heron: Person
    sent: list[tuple[str, str]] = field(default_factory=list)

    def tell(self, kind: CaseKind, author: Person | None = None, said: str = "") -> bytes:
        """Somebody tells the team about a post."""
        post_id = self.world.reply(author or self.wren, self.world.topic(self.heron), "I gave my cat away.")
        if kind is CaseKind.LIVE:
            with transaction():
                about = {"about": post_id, "target": Target.POST, "source": Source.MEMBER}
                return items.open_item(self.group.scope, kind, **about)
        return reports.tell(
            self.heron.actor, kind, lambda now: report_targets.of_post(now, post_id), Saying(words=said)
        )

    def went(self) -> list[str]:
        """One pass; where the calls of it went."""
        before = len(self.sent)
        jobs.run_due(which=[item_calls.REST])
        item_calls.call_late()
        jobs.run_due(which=[item_calls.JOB])
        return sorted(address for address, _text in self.sent[before:])


@pytest.fixture
def here(inside: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> Scene:
    group = world.group()
    robin, sam = world.person(group, Role.FACILITATOR, "Robin"), world.person(group, Role.FACILITATOR, "Samphire")
    owl, wren, heron = world.person(group, Role.MODERATOR), world.person(group), world.person(group)
    scene = Scene(world, group, arm(world, group), robin, sam, owl, wren, heron)
    with transaction():
        session().execute(update(Persona).values(joined_on=None).execution_options(synchronize_session=False))
    for one in (robin, sam):
        reachable(one, at(one))
    monkeypatch.setattr(
        sending, "send_text", lambda _kind, way, message: scene.sent.append((way.address, message.text))
    )
    return scene


def reachable(person: Person, address: str) -> None:
    """A facilitator can be called by mail."""
    channels.keep(person.persona_id, ChannelKind.MAIL, replace(Way(address), tested_on="2026-11-01"))


def at(person: Person) -> str:
    """Where they can be called."""
    return f"{person.persona_id.hex()[:8]}@example.org"


def due_of(item: bytes) -> datetime:
    """By when it is to be looked at."""
    found = row(select(CaseItem.due_at).where(CaseItem.id == item))
    assert found
    return found.due_at  # type: ignore[no-any-return]


def turn(here: Scene, person: Person, starts: str, ends: str) -> None:
    """Somebody has a turn on this Monday."""
    with transaction():
        hours = {"weekday": 0, "starts": starts, "ends": ends, "who": "", "persona_id": person.persona_id}
        session().execute(insert(DutySlot).values(id=new_ident(), group_id=here.group.scope.group_id, **hours))


# --- Who, and when ---


def test_a_report_calls_the_team_when_it_is_due_and_an_officer_an_hour_later_by_day(here: Scene, moment: Clock) -> None:
    due = due_of(here.tell(CaseKind.REPORT))
    assert due.hour == 6
    moment.at = due - timedelta(seconds=1)
    assert here.went() == []
    moment.at = due
    assert here.went() == sorted([at(here.robin), at(here.sam)])
    assert here.went() == [], "once"
    moment.at = due + timedelta(hours=1)
    assert here.went() == [], "no officer is woken for a report"
    moment.at = due.replace(hour=8)
    assert here.went() == sorted([at(here.robin), at(here.sam), LEAD])
    moment.go(days=9)
    assert here.went() == [], "reminders end"


def test_a_room_calls_the_team_at_once_and_an_officer_in_five_minutes(here: Scene, moment: Clock) -> None:
    due = due_of(here.tell(CaseKind.LIVE))
    assert due - moment.at < timedelta(minutes=2)
    assert here.went() == []
    moment.at = due
    assert here.went() == sorted([at(here.robin), at(here.sam)])
    moment.go(minutes=4)
    assert here.went() == []
    moment.go(minutes=1)
    assert here.went() == [LEAD], "the others were called five minutes ago"


def test_what_the_law_forbids_calls_the_lead_and_then_the_deputy_at_any_hour(here: Scene, moment: Clock) -> None:
    due = due_of(here.tell(CaseKind.ILLEGAL))
    assert here.went() == []
    moment.at = due
    assert here.went() == [LEAD]
    moment.at = due + timedelta(minutes=59)
    assert here.went() == []
    moment.at = due + timedelta(hours=1)
    assert here.went() == [DEPUTY]


def test_whoever_has_a_turn_is_called_first(here: Scene, moment: Clock) -> None:
    item = here.tell(CaseKind.REPORT)
    turn(here, here.sam, "05:00", "09:00")
    moment.at = due_of(item)
    assert here.went() == [at(here.sam)]


# --- Whom not ---


@pytest.mark.parametrize("kind", [CaseKind.REPORT, CaseKind.LIVE])
def test_nobody_is_called_about_what_somebody_looks_at(here: Scene, moment: Clock, kind: CaseKind) -> None:
    item = here.tell(kind)
    moment.at = due_of(item) - timedelta(minutes=1)
    leases.claim(here.owl.actor, item)
    moment.go(minutes=2)
    assert here.went() == []
    moment.go(minutes=10)
    assert here.went(), "they let it lie"


def test_nobody_is_called_about_what_is_decided(here: Scene, moment: Clock) -> None:
    decided, other = here.tell(CaseKind.REPORT), here.tell(CaseKind.ILLEGAL)
    decide(here.owl, decided, Choice.LOOKED)
    moment.at = due_of(other)
    assert here.went() == [LEAD]


def test_whom_it_names_is_not_called_nor_over_a_mailbox_that_they_share(here: Scene, moment: Clock) -> None:
    moment.at = due_of(here.tell(CaseKind.REPORT, author=here.robin))
    assert here.went() == [at(here.sam)]
    second = here.tell(CaseKind.REPORT, said="Robin was unkind.")
    reachable(here.sam, at(here.robin))
    moment.at = due_of(second)
    assert here.went() == [LEAD], "of the first report; Robin would read the call of the second"


def test_whoever_wrote_there_and_may_not_decide_is_not_called(here: Scene, moment: Clock) -> None:
    topic = here.world.topic(here.heron)
    post_id = here.world.reply(here.wren, topic, "I gave my cat away.")
    here.world.reply(here.robin, topic, "I hear you.")
    item = reports.tell(here.heron.actor, CaseKind.REPORT, lambda now: report_targets.of_post(now, post_id), Saying())
    moment.at = due_of(item)
    assert here.went() == [at(here.sam)]


@pytest.mark.parametrize(("has_turn", "called"), [(False, False), (True, True)], ids=["no turn", "their turn"])
def test_outside_of_their_hours_a_volunteer_is_called_only_in_their_turn(
    here: Scene, moment: Clock, has_turn: bool, called: bool
) -> None:
    item = here.tell(CaseKind.REPORT)
    news_times.keep_team_hours(here.sam.actor, here.group.scope.group_id, 9, 17)
    if has_turn:
        turn(here, here.sam, "05:00", "07:00")
    moment.at = due_of(item)
    assert (at(here.sam) in here.went()) is called


def test_a_call_that_could_not_leave_does_not_leave_outside_of_the_hours(
    here: Scene, moment: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = here.tell(CaseKind.REPORT)
    news_times.keep_team_hours(here.sam.actor, here.group.scope.group_id, 5, 7)
    moment.at = due_of(item)
    with monkeypatch.context() as silent:
        silent.setattr(sending, "send_text", refuse)
        assert here.went() == []
    moment.at = due_of(item).replace(hour=7)
    assert here.went() == [at(here.robin)]


def refuse(*_given: object) -> None:
    """A mail server that takes nothing."""
    raise OSError


def test_who_came_lately_under_a_name_that_may_be_new_is_not_called(here: Scene, moment: Clock) -> None:
    item = here.tell(CaseKind.REPORT)
    with transaction():
        mine = update(Persona).where(Persona.id == here.sam.persona_id).values(joined_on=moment.at.date())
        session().execute(mine)
    moment.at = due_of(item)
    assert here.went() == [at(here.robin)]


def test_a_crowd_of_reports_is_one_call_to_each(here: Scene, moment: Clock) -> None:
    last = [here.tell(CaseKind.REPORT) for _n in range(3)][-1]
    moment.at = due_of(last)
    assert here.went() == sorted([at(here.robin), at(here.sam)])
    assert here.went() == []


def test_nobody_is_called_where_calls_are_off_or_nobody_has_a_channel(here: Scene, moment: Clock) -> None:
    item = here.tell(CaseKind.REPORT)
    moment.at = due_of(item)
    for one in (here.robin, here.sam):
        channels.remove(one.persona_id, ChannelKind.MAIL)
    assert here.went() == []
    assert rows(select(ItemCall)) == [], "nothing says that a call was made"
    reachable(here.sam, at(here.sam))
    with transaction():
        session().execute(update(CallSetting).values(armed_on=None))
    assert here.went() == []


# --- Once, and with nothing in it ---


def test_two_processes_call_once(here: Scene, moment: Clock) -> None:
    moment.at = due_of(here.tell(CaseKind.REPORT))
    begin = threading.Barrier(2)

    def process() -> None:
        with here.world.app.app_context():
            begin.wait(timeout=10)
            item_calls.call_late()

    both = [threading.Thread(target=process) for _n in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(timeout=20)
    assert here.went() == sorted([at(here.robin), at(here.sam)])


def test_a_call_that_is_written_does_not_leave_once_somebody_decided(here: Scene, moment: Clock) -> None:
    item = here.tell(CaseKind.REPORT)
    moment.at = due_of(item)
    assert item_calls.call_late() == 1
    decide(here.owl, item, Choice.LOOKED)
    assert here.went() == []


def test_a_call_says_nothing_of_anybody_and_no_row_says_who_is_called(
    here: Scene, moment: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters: list[EmailMessage] = []
    monkeypatch.undo()
    monkeypatch.setattr(mail, "send", lambda _server, letter: letters.append(letter))
    settings = here.world.app.extensions["settings"]
    known = replace(settings, smtp_url="smtp://localhost:25", mail_from="Notes <notes@example.org>")
    monkeypatch.setitem(here.world.app.extensions, "settings", known)
    item = here.tell(CaseKind.REPORT, said="They lied to me.")
    moment.at = due_of(item)
    item_calls.call_late()
    kept = " ".join(f"{r.payload} {r.dedupe_key}" for r in rows(select(jobs.Job.payload, jobs.Job.dedupe_key)))
    assert not [one for one in (here.robin, here.sam) if one.persona_id.hex() in kept]
    jobs.run_due(which=[item_calls.JOB])
    assert len(letters) == 2
    for letter in letters:
        text = f"{letter['Subject']} {letter.get_content()}"
        assert "Something waits in the queue. Please look when you can." in text
        for word in (here.group.name, here.group.address, "Robin", "Samphire", here.wren.name, "cat", "lied", "report"):
            assert word not in text


def test_an_officer_reads_that_a_team_waits_and_not_which(here: Scene, moment: Clock) -> None:
    moment.at = due_of(here.tell(CaseKind.ILLEGAL))
    here.went()
    ((address, text),) = here.sent
    assert address == LEAD
    assert text.startswith("Something waits too long for a team.")
    assert here.group.name not in text


def test_an_officer_whom_it_names_is_not_called_and_the_next_one_is(here: Scene, moment: Clock) -> None:
    lead = here.world.join(here.tier.lead, here.group, name="Plover")
    item = here.tell(CaseKind.ILLEGAL, said="Plover wrote it with them.")
    assert lead.persona_id != here.tier.ids[OfficerRole.LEAD]
    moment.at = due_of(item)
    assert here.went() == [DEPUTY]
