"""Write a fixture of the newest schema from a small made-up world. Run it once, when a schema is released."""

import json
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

import wsgi
from forum.accounts import links, ways_back
from forum.accounts.usecases import Entered
from forum.base import clock, jobs, keyring
from forum.base.db import db, row
from forum.base.idents import new_ident, write_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, transaction
from forum.conversations import (
    choices,
    drafts,
    looking_after,
    mail_addresses,
    outside,
    persona_page,
    polls,
    reactions,
    restrictions,
    shelves,
    team,
    usecases,
)
from forum.conversations.drafts import Kept
from forum.conversations.prepare import Words
from forum.ground_rules import arrivals
from forum.groups import given_up, invitations, people, reading, vouching
from forum.help import usecases as remarks
from forum.leaving import copies
from forum.leaving import usecases as leaving
from forum.models import (
    Account,
    Conversation,
    DutyException,
    DutySlot,
    DutySwap,
    EndedFeed,
    LinkPurpose,
    Role,
    SetupStep,
    SignInKind,
    Welcomer,
)
from forum.policy.actor import Actor
from forum.policy.members import writer_in
from moderation.models import CaseItem, CaseKind, Choice
from tests.migrations import carried, rows_of_queue, rows_of_rules
from tests.team_work import end
from tests.world import Person, World, conversation_url, post_url


class Moment:
    """The hour at which this world stands still."""

    at = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def go(self, **delta: float) -> datetime:
        """Let time pass."""
        self.at += timedelta(**delta)
        return self.at


def main() -> int:
    revision = wsgi.schema_head()
    target = carried.FIXTURES / f"{revision}.json"
    if target.exists():
        sys.exit(f"{target} is there already. It stands for what people have, and is never made anew.")
    moment = Moment()
    clock.use(moment)
    with tempfile.TemporaryDirectory() as folder:
        app = carried.program(f"sqlite:///{folder}/forum.db", Path(folder))
        carried.migrate(app, "head")
        known = live(World(app, moment))
        with app.app_context():
            known |= {"at": moment.at.isoformat(), "tables": rows_of(app)}
        keyring.save(keyring.the_keyring(), carried.FIXTURES / f"{revision}.keyring.json")
        carried.close(app)
    target.write_text(json.dumps(known, ensure_ascii=False, indent=0) + "\n", "utf-8")
    print({name: len(rows) for name, rows in known["tables"].items()})
    return 0


def live(world: World) -> dict[str, Any]:
    """Something in every table. Gives what its people would find."""
    group = world.group("Fixture Trust", boards=("First board", "Second board"))
    wren, heron = world.person(group, name="Quiet Wren"), world.person(group, Role.MODERATOR, name="Grey Heron")
    plover = world.person(group, name="Slow Plover")
    for person, device in ((wren, "my tablet"), (heron, "")):
        person.send("/devices/name", {"name": device})
    wren.send("/way-back/name", {"name": "a private name", "password": "a long password"})
    world.on_duty(group, 0, "18:00", "20:00")
    _left(world, world.person(group, name="Far Curlew"))
    topic = world.topic(wren, "A carried topic", "The first carried words.")
    named = world.reply(wren, topic, "Named words, first.")
    world.reply(plover, topic, "Masked words.", masked=True)
    world.reply(heron, topic, "With a quote.", answers_id=named)
    taken = world.reply(wren, topic, "Taken back.")
    world.reply(plover, topic, "Held words: https://example.org/held")
    with world.app.app_context():
        usecases.edit_post(wren.actor, named, "Named words, edited.", "en")
        usecases.withdraw_post(wren.actor, taken)
        usecases.mark_read(wren.actor, topic, 2)
        drafts.keep_draft(wren.actor, group.scope.group_id, topic, Kept("Unsent words."))
        _decide(heron)
        _rest(world, wren, plover, topic)
    _doors(world, wren, plover)
    _belonging(world, wren, heron, plover)
    rows_of_queue.leave(world, wren, topic)
    rows_of_rules.leave(world, wren, heron)
    return {
        "cookies": {p.name: p.cookie for p in (wren, heron, plover)},
        "group": group.address,
        "topic": conversation_url(topic),
        "board": f"/b/{write_ident(group.board)}",
    }


def _left(world: World, curlew: Person) -> None:
    """Somebody took a copy of what is held about them, and later left: what they wrote can still come back."""
    assert curlew.group
    scope = curlew.group.scope
    other = world.topic(curlew, "A topic of who left", "Words that can come back.")
    world.reply(curlew, other, "Masked words that go at their own hour.", masked=True)
    with world.app.app_context():
        copies.ask(curlew.actor, scope)
        world.moment.go(hours=25)
        jobs.run_due()
        leaving.take_words_back(curlew.actor, scope, leaving.Hidden.APART)


def _belonging(world: World, wren: Person, heron: Person, plover: Person) -> None:
    """What people do who stay: choose, follow, answer each other, tell the team; and a topic that was parted."""
    assert wren.group
    scope = wren.group.scope
    parted = world.topic(wren, "A parted topic", "How do you sleep?")
    world.reply(plover, parted, "Badly, under a hidden name.", masked=True)
    second = world.reply(heron, parted, "This is another topic, @Quiet Wren.")
    world.reply(plover, parted, "It is, under the same hidden name.", masked=True)
    with world.app.app_context():
        shelves.follow(plover.actor, parted)
        shelves.bookmark(plover.actor, second)
        choices.keep(plover.actor, scope.group_id, lambda chosen: replace(chosen, words=("spiders",)))
        persona_page.save(wren.actor, scope, persona_page.About(offers="An ear at night."))
        reactions.react(wren.actor, second, 1)
        polls.start_poll(wren.actor, parted, "When do you sleep?", ("At night", "By day"), 7)
        polls.answer(plover.actor, parted, 0)
        looking_after.split(heron.actor, second, "The other topic", "It is about something else.")
        with transaction():
            here().execute(sa.insert(Welcomer).values(persona_id=wren.persona_id))
            mail_addresses.keep(scope, wren.persona_id, mail_addresses.fresh("wren@example.org", "en"))
    for door, words in (("report", "This was about me."), ("worry", "They sound so low.")):
        told = plover.send(post_url(second, door), {"body": words, "rule": "other"})
        assert told.status_code == 303, told.status_code


def _decide(heron: Person) -> None:
    """One first post is welcomed; the held one stays for whoever reads the fixture."""
    columns = (CaseItem.id, CaseItem.version, CaseItem.claim_gen)
    case = row(sa.select(*columns).where(CaseItem.kind == CaseKind.WELCOME).limit(1))
    assert case
    end(heron.actor, case, Choice.WELCOMED)


def _rest(world: World, wren: Person, plover: Person, topic: bytes) -> None:
    """Rows that a day without incidents does not make."""
    assert wren.group
    with transaction():
        restrictions.hold_posts(wren.group.scope, plover.persona_id, plover.persona_id)
        here().execute(sa.insert(EndedFeed).values(id=new_ident(), what="sign-in:00", at=clock.now()))
        values = {"group_id": wren.group.scope.group_id, "day": clock.today(), "starts": "", "ends": ""}
        here().execute(sa.insert(DutyException).values(id=new_ident(), **values))
    usecases.submit_post(wren.actor, topic, Words("Still sending."), "the last form")
    assert jobs.list_waiting()
    assert row(sa.select(Account.id))
    assert row(sa.select(Conversation.id))


def _doors(world: World, wren: Person, plover: Person) -> None:
    """What people leave behind who set a group up, come in, lose their key, and write to the team."""
    assert wren.group
    group = wren.group
    scope = group.scope
    facilitator = world.person(group, Role.FACILITATOR, name="Kind Robin")
    world.second_step(facilitator)
    world.step_up(facilitator)
    world.admin(scope.organisation_id)
    world.example(group)
    with world.app.app_context():
        invitations.make_invitation(facilitator.actor, scope, invitations.Terms())
        invitations.hold_for_link(b"c" * 32, scope, "a secret")
        ways_back.make_device_code(wren.actor)
        remarks.give_feedback("accounts.show_help", "good", "Plain words.")
        line = team.write_to_team(plover.actor, scope, Words("Only for the team."), "a form to the team")
        outside.report_line(writer_in(plover.actor, scope), line.conversation_id, "Only for others.")
        with transaction():
            links.make_link(LinkPurpose.ADMIN)
            _by_the_way(scope, facilitator, plover)


def _by_the_way(scope: Scope, facilitator: Person, plover: Person) -> None:
    """Steps whose use cases need more than one visit."""
    visitor = Actor(sign_in=b"v" * 32)
    arrivals.keep(visitor, scope, write_ident(new_ident()), new_ident(), Entered("a secret", SignInKind.OWN))
    given_up.keep(scope, "slowheron", plover.persona_id)
    people.propose(scope, plover.persona_id, facilitator.persona_id, "Why.")
    vouching.start(scope, plover.persona_id, vouching.Deed.TAKE_AWAY, facilitator.persona_id)
    reading._keep(b"f" * 16, {"group_id": scope.group_id, "day": clock.today(), "conversations": 90})
    here().execute(sa.insert(SetupStep).values(group_id=scope.group_id, step="rules", done_on=clock.today()))
    slot = row(sa.select(DutySlot.id).where(DutySlot.group_id == scope.group_id))
    assert slot
    swap = {"slot_id": slot.id, "day": clock.today(), "asked_by": facilitator.persona_id}
    here().execute(sa.insert(DutySwap).values(id=new_ident(), **swap))


def rows_of(app: Flask) -> dict[str, list[dict[str, Any]]]:
    """Every table with its rows, in the order they were written."""
    inspector = sa.inspect(db.engine)
    found: dict[str, list[dict[str, Any]]] = {}
    for table in db.metadata.sorted_tables:
        if table.name not in inspector.get_table_names():
            continue
        with db.engine.connect() as connection:
            rows = connection.execute(sa.select(table)).mappings().all()
        found[table.name] = [{k: carried.written(v) for k, v in r.items()} for r in rows]
    return found


if __name__ == "__main__":
    sys.exit(main())
