"""World W: groups of 25 people over some weeks, told through the real use cases with the clock held, and dumped nightly.

    python -m tests.anonymity.world_w --seed 7 --out /tmp/w7                      20 groups, 40 days, SQLite
    python -m tests.anonymity.world_w --seed 7 --out /tmp/w7 --groups 4 --days 12
    python -m tests.anonymity.world_w ... --database postgresql+psycopg://...     an empty database
    python -m tests.anonymity.world_w ... --plant author_token --plant plain_read_marker

Writes OUT/world (for an attacker, see ATTACKER.md) and OUT/truth.json (for score.py; an attacker must not read it).
"""

import argparse
import contextlib
import functools
import heapq
import itertools
import json
import random
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from flask import Flask
from sqlalchemy import event, select

import wsgi
from forum.accounts import usecases as accounts
from forum.base import clock, jobs, keyring
from forum.base.db import db, empty_journal, row, rows
from forum.base.errors import ForumError
from forum.base.idents import new_ident, write_ident, write_post_id
from forum.base.keyring import Scope
from forum.base.transaction import transaction
from forum.conversations import board_queries, drafts, masks, places, queries, upkeep, usecases
from forum.conversations.drafts import Kept
from forum.conversations.prepare import Words
from forum.ground_rules import making
from forum.ground_rules import queries as rules_queries
from forum.ground_rules import usecases as rules
from forum.ground_rules.usecases import Answers
from forum.groups import usecases as groups
from forum.live import ticker
from forum.models import Board, Conversation, Mask, PostState, Role, SignInKind
from forum.policy.actor import Actor
from forum.policy.members import actor_in
from forum.web import sign_ins
from moderation.models import CaseKind, Choice
from tests.anonymity import dumps, people
from tests.anonymity.council import Council
from tests.anonymity.people import Habits
from tests.conftest import START, migrate, settings_in
from tests.team_work import end, waiting
from tests.world import answers_for

PEOPLE = 25
#: The backup's hour.
BACKUP = timedelta(hours=4, minutes=30)
#: A topic that nobody wrote in for so long has sunk.
ALIVE = timedelta(days=4)


@dataclass
class Member:
    """One person of one group."""

    scope: Scope
    board: bytes
    account_id: bytes
    persona_id: bytes
    name: str
    habits: Habits
    cookie: bytes = b""

    @functools.cached_property
    def actor(self) -> Actor:
        """Who they are. Use cases read anew what may have changed."""
        return actor_in(Actor(self.account_id), self.scope)


@dataclass
class Truth:
    """What the database must not tell."""

    tokens: list[tuple[bytes, str, int]] = field(default_factory=list)
    read: dict[tuple[bytes, bytes], int] = field(default_factory=dict)
    answered: list[tuple[bytes, int]] = field(default_factory=list)  #: by whom, and on which day


class WorldW:
    """Everything that happens, in the order of its time.

    :param chance: all chance of the story; ids and keys are the program's own.
    """

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.now, self._emptied = chance, START, START
        self.truth = Truth()
        self.members: list[Member] = []
        self.moderators: list[Member] = []
        self.councils: dict[Scope, Council] = {}
        self._coming: list[tuple[datetime, int, Callable[[], object]]] = []
        self._count = itertools.count()

    def later(self, at: datetime, act: Callable[[], object]) -> None:
        """Have something happen at its time."""
        heapq.heappush(self._coming, (at, next(self._count), act))

    def until(self, end: datetime) -> None:
        """Let everything before `end` happen."""
        while self._coming and self._coming[0][0] < end:
            at, _n, act = heapq.heappop(self._coming)
            self.now = max(self.now, at)
            self._tick()
            act()
        self.now = end
        self._tick()

    def _tick(self) -> None:
        """What the ticker did meanwhile: the journal is emptied every minute."""
        if (self.now - self._emptied).total_seconds() >= ticker.EMPTY_EVERY_S:
            empty_journal()
            self._emptied = self.now

    # --- Who is here -------------------------------------------------------------------------------------------

    def settle(self, n_groups: int) -> None:
        """Groups and their people, joining one after another."""
        for n in range(n_groups):
            address = f"world-{'abcdefghijklmnopqrstuvwxyz'[n % 26] * 3}{'abcdefghijklmnopqrstuvwxyz'[n // 26]}"
            card = making.Card(address, f"Group {n}", "You are not alone.", "Anyone.")
            scope = making.make_group(f"Trust {n % 5}", card, [making.NewBoard("Say hello")], opened=True)
            board = row(select(Board.id).where(Board.group_id == scope.group_id))
            assert board
            self.members += [self._join(scope, board.id, Role.MEMBER) for _p in range(PEOPLE)]
            self.moderators.append(self._join(scope, board.id, Role.MODERATOR))
            lead = self._join(scope, board.id, Role.FACILITATOR)
            people_here = [one for one in self.members if one.scope == scope]
            self.councils[scope] = Council(self.chance, lead, people_here, self.later)
            self.councils[scope].plan(self.now)
        self.chance.shuffle(self.members)

    def _join(self, scope: Scope, board: bytes, role: Role) -> Member:
        self.now += timedelta(seconds=self.chance.randrange(30, 300))
        found = rules_queries.find_rules(scope.group_id)
        name = groups.offer_names(scope.group_id, 1)[0]
        assert found
        with transaction():
            account_id = accounts.make_account()
            persona = groups.add_persona(scope, account_id, name, role)
            rules.keep_agreement(persona.id, found, Answers(answers_for(found)))
            entered = accounts.enter(account_id, SignInKind.OWN, None)
        cookie = sign_ins.hash_of(entered.secret)
        return Member(scope, board, account_id, persona.id, name, people.habits(self.chance), cookie)

    # --- A day -------------------------------------------------------------------------------------------------

    def plan_day(self, morning: datetime) -> None:
        """Who comes when, from this backup to the next."""
        for one in self.members:
            for second in people.times_of_visits(one.habits, self.chance):
                self.later(_after(morning, second), partial(self._visit, one))
        for one in self.moderators:
            for hour in (9, 15, 21):
                self.later(_after(morning, hour * 3600 + self.chance.randrange(3600)), partial(self._look_after, one))

    def _visit(self, one: Member) -> None:
        self._sign_in(one)
        self.councils[one.scope].visit(one)
        topics = [t for t in board_queries.list_topics(one.actor, one.board) if t.last_activity_hour > self.now - ALIVE]
        self.chance.shuffle(topics)
        topics.sort(key=lambda t: t.id not in one.habits.named_in | one.habits.hidden_in)
        at = self.now
        chosen = [t.id for t in topics[: 1 + people.poisson(0.15, self.chance)]]
        for conversation_id in chosen:
            at += timedelta(seconds=self.chance.randrange(15, 120))
            self.later(at, partial(self._read, one, conversation_id))
        for _n in range(people.poisson(people.POSTS_A_VISIT, self.chance)):
            at += timedelta(seconds=self.chance.randrange(40, 400))
            self.later(at, partial(self._write, one, self._where(topics, chosen)))
        self.later(at + timedelta(seconds=60), partial(self._go, one))

    def _where(self, topics: list[queries.Row], read: list[bytes]) -> bytes | None:
        """Mostly where they just read; a new topic when few are alive."""
        return None if not read or self.chance.random() < 1.5 / max(2, len(topics)) else self.chance.choice(read)

    def _sign_in(self, one: Member) -> None:
        """Their own device is remembered; on a shared one they sign in each time."""
        if one.habits.shared:
            with transaction():
                entered = accounts.enter(one.account_id, SignInKind.SHARED, None)
            one.cookie = sign_ins.hash_of(entered.secret)
        self._touch(one)

    def _touch(self, one: Member) -> None:
        if found := sign_ins.find(one.cookie):
            sign_ins.touch(one.cookie, found.device, found.ends_on)

    def _go(self, one: Member) -> None:
        """Half of those at a shared device sign out; the others just walk away."""
        if one.habits.shared and self.chance.random() < 0.5:
            accounts.leave(one.cookie)

    def _read(self, one: Member, conversation_id: bytes) -> None:
        self._touch(one)
        shown = row(select(Conversation.last_shown_seq).where(Conversation.id == conversation_id))
        assert shown
        usecases.mark_read(one.actor, conversation_id, shown.last_shown_seq)
        key = (one.persona_id, conversation_id)
        self.truth.read[key] = max(self.truth.read.get(key, 0), shown.last_shown_seq)

    def _write(self, one: Member, conversation_id: bytes | None) -> None:
        self._touch(one)
        place = conversation_id or one.board
        if self.chance.random() < people.KEEPS_FOR_LATER:
            drafts.keep_draft(one.actor, one.scope.group_id, place, Kept(people.words(self.chance)))
            return
        token, said = write_ident(new_ident()), people.words(self.chance)
        hidden = people.hides_name(one.habits, conversation_id or b"", self.chance)
        if not actor_in(one.actor, one.scope).memberships[one.scope.group_id].agreed:
            self.councils[one.scope].answer(one)  # they answer because they want to write just now
            self.truth.answered.append((one.persona_id, clock.today().toordinal()))
        if conversation_id is None:
            written = usecases.start_topic(one.actor, one.board, "A topic", Words(said, masked=hidden), token)
        else:
            written = usecases.submit_post(one.actor, conversation_id, Words(said, masked=hidden), token)
        drafts.discard_draft(one.actor, one.scope.group_id, place)
        (one.habits.hidden_in if hidden else one.habits.named_in).add(written.conversation_id)
        self.truth.tokens.append((one.persona_id, token, written.id))
        if written.state is PostState.SENDING:
            self.later(self.now + timedelta(seconds=11), jobs.run_due)
            self.later(self.now + timedelta(seconds=14), partial(self._read, one, written.conversation_id))
            self._maybe_change(one, written.id)

    def _maybe_change(self, one: Member, post_id: int) -> None:
        chance, soon = self.chance.random(), self.now + timedelta(minutes=self.chance.randrange(1, 90))
        if chance < 0.02:
            self.later(soon, lambda: _change(lambda: usecases.edit_post(one.actor, post_id, "Said better.", "en")))
        elif chance < 0.03:
            self.later(soon, lambda: _change(lambda: usecases.withdraw_post(one.actor, post_id)))

    def _look_after(self, one: Member) -> None:
        for case in waiting(one.actor, one.scope):
            end(one.actor, case, Choice.WELCOMED if case.kind is CaseKind.WELCOME else Choice.RELEASE)

    # --- What is known -----------------------------------------------------------------------------------------

    def public(self) -> dict[str, object]:
        """What any member of a group can see in its pages."""
        scopes = {m.scope.group_id: m.scope for m in self.moderators}
        return {
            "groups": [
                {
                    "group_id": group_id.hex(),
                    "members": self._names(group_id),
                    "conversations": [self._pages(c, reader) for c in _conversations(group_id)],
                }
                for group_id, reader in ((g, self._reader(s)) for g, s in scopes.items())
            ]
        }

    def _names(self, group_id: bytes) -> list[dict[str, str]]:
        here = sorted((m for m in self.members if m.scope.group_id == group_id), key=lambda m: m.name)
        return [{"name": m.name, "persona_id": m.persona_id.hex()} for m in here]

    def _reader(self, scope: Scope) -> Actor:
        return next(m for m in self.members if m.scope == scope).actor

    def _pages(self, conversation_id: bytes, reader: Actor) -> dict[str, object]:
        pages = places.get_place(reader, conversation_id).pages
        shown = itertools.chain(*(queries.list_posts(reader, conversation_id, n) for n in range(1, pages + 1)))
        return {"conversation_id": conversation_id.hex(), "posts": [_shown(p) for p in shown]}

    def wearers(self) -> dict[str, str]:
        """Who wears which mask."""
        scopes = {m.scope.group_id: m.scope for m in self.moderators}
        found = rows(select(Mask.id, Conversation.group_id).join(Conversation, Conversation.id == Mask.conversation_id))
        return {m.id.hex(): masks.wearer_of(scopes[m.group_id], m.id).hex() for m in found}


def _after(morning: datetime, second: float) -> datetime:
    """The next time after `morning` at which a clock shows so many seconds after midnight."""
    at = morning.replace(hour=0, minute=0, second=0) + timedelta(seconds=second)
    return at if at > morning else at + timedelta(days=1)


def _change(act: Callable[[], object]) -> None:
    with contextlib.suppress(ForumError):  # it was taken back, or is held, meanwhile
        act()


def _conversations(group_id: bytes) -> list[bytes]:
    found = rows(select(Conversation.id).where(Conversation.group_id == group_id, Conversation.last_shown_seq > 0))
    return sorted(r.id for r in found)


def _shown(post: queries.Row) -> dict[str, object]:
    """A post as its page shows it: a minute under a name, an hour under an alias."""
    seen = {
        "post": write_post_id(post.id),
        "seq": post.seq,
        "author": post.author,
        "time": post.written_at.replace(second=0, microsecond=0).isoformat(),
        "state": post.state.value,
        "edited": post.edited,
    }
    return {**seen, "mask_id": post.mask_id.hex()} if post.mask_id else seen


# --- The command -------------------------------------------------------------------------------------------------


def tell(seed: int, out: Path, *, n_groups: int, days: int, url: str = "", plants: tuple[str, ...] = ()) -> None:
    """Tell the whole story and write its dumps.

    :param out: a folder that is not there yet. :param url: an empty database; SQLite in `out` if left out.
    :param plants: weaknesses of `dumps.PLANTS` to put into the dumps, for controls.
    """
    folder = out / "world"
    folder.mkdir(parents=True)
    app = _program(out / "live", url)
    with app.app_context():
        world = WorldW(random.Random(seed))
        clock.use(lambda: world.now)
        world.settle(n_groups)
        log, morning = dumps.Log(folder), _next_morning(world.now)
        for night in range(1, days + 1):
            log.turn(night)
            world.plan_day(morning)
            morning += timedelta(days=1)
            world.until(morning)
            _back_up(world, folder, night, plants)
        (folder / "public.json").write_text(json.dumps(world.public()))
        (out / "truth.json").write_text(json.dumps(world.wearers()))


def _next_morning(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0) + timedelta(days=1) + BACKUP


def _back_up(world: WorldW, folder: Path, night: int, plants: tuple[str, ...]) -> None:
    """As docs/operators.md says; own devices are kept alive once a week, as the ticker does."""
    dumps.copy_journal(folder, night)
    if night % 7 == 0:
        sign_ins.flush_touched()
    upkeep.prepare_for_backup()
    dumps.dump(folder, night, plants, world.truth)


def _program(folder: Path, url: str) -> Flask:
    folder.mkdir()
    url = url or f"sqlite:///{folder / 'forum.db'}"
    migrate(url, folder / "migrating")
    app = wsgi.create_app(settings_in(folder, url, keyring.fresh(demonstration=True)))
    if url.startswith("sqlite"):
        with app.app_context():
            for engine in db.engines.values():
                event.listen(engine, "connect", _hurry)
    return app


def _hurry(connection: sqlite3.Connection, _record: object) -> None:
    """Nobody needs this database after a power cut."""
    connection.execute("PRAGMA synchronous=OFF").close()


def main() -> None:
    """Read the command line and tell the story."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seed", type=int, required=True)
    asked.add_argument("--out", type=Path, required=True)
    asked.add_argument("--groups", type=int, default=20)
    asked.add_argument("--days", type=int, default=40)
    asked.add_argument("--database", default="")
    asked.add_argument("--plant", action="append", default=[], choices=sorted(dumps.PLANTS))
    a = asked.parse_args()
    tell(a.seed, a.out, n_groups=a.groups, days=a.days, url=a.database, plants=tuple(a.plant))


if __name__ == "__main__":
    main()
