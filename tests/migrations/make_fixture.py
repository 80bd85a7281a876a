"""Write a fixture of the newest schema from a small made-up world. Run it once, when a schema is released."""

import json
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

import wsgi
from forum.base import clock, jobs, keyring
from forum.base.db import db, row
from forum.base.idents import new_ident, write_ident
from forum.base.transaction import here, transaction
from forum.conversations import drafts, restrictions, usecases
from forum.conversations.drafts import Kept
from forum.conversations.usecases import Words
from forum.models import Account, Conversation, DutyException, EndedFeed, Role
from moderation import usecases as deciding
from moderation.models import CaseItem, CaseKind
from tests.migrations import carried
from tests.world import Person, World, conversation_url


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
    return {
        "cookies": {p.name: p.cookie for p in (wren, heron, plover)},
        "group": group.address,
        "topic": conversation_url(topic),
        "board": f"/b/{write_ident(group.board)}",
    }


def _decide(heron: Person) -> None:
    """One first post is welcomed; the held one stays for whoever reads the fixture."""
    case = row(sa.select(CaseItem.id, CaseItem.version).where(CaseItem.kind == CaseKind.WELCOME).limit(1))
    assert case
    deciding.mark_welcomed(heron.actor, case.id, case.version)


def _rest(world: World, wren: Person, plover: Person, topic: bytes) -> None:
    """Rows that a day without incidents does not make."""
    assert wren.group
    with transaction():
        restrictions.hold_posts(wren.group.scope, plover.persona_id)
        here().execute(sa.insert(EndedFeed).values(id=new_ident(), what="sign-in:00", at=clock.now()))
        values = {"group_id": wren.group.scope.group_id, "day": clock.today(), "starts": "", "ends": ""}
        here().execute(sa.insert(DutyException).values(id=new_ident(), **values))
    usecases.submit_post(wren.actor, topic, Words("Still sending."), "the last form")
    assert jobs.list_waiting()
    assert row(sa.select(Account.id))
    assert row(sa.select(Conversation.id))


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
