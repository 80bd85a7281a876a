"""A small world for tests: groups and people, made by the real use cases and seen through real clients."""

import base64
import itertools
import re
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update
from werkzeug.test import TestResponse

from forum.accounts import second_factor, staff, totp
from forum.accounts import usecases as accounts
from forum.base import jobs
from forum.base.db import rows
from forum.base.idents import new_ident, read_post_id, write_ident, write_post_id
from forum.base.keyring import Scope
from forum.base.transaction import here, transaction
from forum.conversations import usecases
from forum.conversations.prepare import Words
from forum.ground_rules import making
from forum.ground_rules import queries as rules_queries
from forum.ground_rules import usecases as rules
from forum.ground_rules.usecases import Answers
from forum.groups import examples
from forum.groups import usecases as groups
from forum.models import Board, DutySlot, Group, Role, SignInKind
from forum.policy.actor import Actor
from forum.policy.members import actor_in
from forum.web import csrf, sessions, sign_ins
from forum.web.sessions import SignInSession

#: What browsers send to a server on this address.
BASE = "https://localhost"


class Moves(Protocol):
    """The clock of a test."""

    at: datetime

    def go(self, **delta: float) -> datetime:
        """Let time pass."""


@dataclass(frozen=True)
class GroupHere:
    """A group of this world."""

    scope: Scope
    address: str
    name: str
    boards: tuple[bytes, ...]

    @property
    def board(self) -> bytes:
        """Its first board."""
        return self.boards[0]


@dataclass
class Person:
    """Somebody with a browser."""

    world: "World"
    client: FlaskClient
    name: str = ""
    account_id: bytes | None = None
    persona_id: bytes = b""
    group: GroupHere | None = None
    pages: list[bytes] = field(default_factory=list)

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page; its bytes are kept for tests about what a reader gets."""
        answer = self.client.get(path, base_url=BASE, **options)
        self.pages.append(answer.data)
        return answer

    def send(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form as its page would, with a valid token."""
        form = {csrf.FIELD: self.form_token(), **(data or {})}
        answer = self.client.post(path, data=form, base_url=BASE, **options)
        self.pages.append(answer.data)
        return answer

    def form_token(self) -> str:
        """A token of this session, masked as a page masks it."""
        secret = self.cookie or ""
        pad = secrets.token_bytes(csrf.PAD)
        with self.world.app.app_context():
            inner = SignInSession(secret).csrf_secret()
        masked = bytes(a ^ b for a, b in zip(pad, inner, strict=True))
        return base64.urlsafe_b64encode(pad + masked).decode().rstrip("=")

    @property
    def cookie(self) -> str | None:
        """The cookie of the sign-in."""
        found = self.client.get_cookie(sessions.COOKIE, domain="localhost")
        return found.value if found else None

    @property
    def actor(self) -> Actor:
        """Who they are, with their group, as use cases want it. Needs an application context."""
        plain = Actor(self.account_id)
        return actor_in(plain, self.group.scope) if self.group else plain

    @property
    def device(self) -> Actor:
        """Who they are in their browser, as their sign-in says it; in no group."""
        return Actor(self.account_id, sign_ins.hash_of(self.cookie or ""))


class World:
    """Everything a test needs to tell a story."""

    def __init__(self, app: Flask, moment: Moves) -> None:
        self.app, self.moment = app, moment
        self._names = itertools.count()
        self._words = itertools.cycle(("amber", "birch", "cedar", "delta", "ember", "fern", "glade", "heath", "inlet"))

    def go_on_from(self, before: "World", at: datetime) -> None:
        """Take up the story of another test, whose rows were put back: at its time, and no address twice."""
        self.moment.at, self._names, self._words = at, before._names, before._words

    def group(
        self, organisation: str = "Harbour Trust", *, boards: tuple[str, ...] = ("Say hello",), opened: bool = True
    ) -> GroupHere:
        """A group with the starter rules, open or still being set up."""
        n = next(self._names)
        address = f"{next(self._words)}-{'abcdefghij'[n // 10 % 10]}{'abcdefghij'[n % 10]}lane"
        card = making.Card(address, f"Group {n} of {organisation}", "You are not alone here.", "Anyone who cares.")
        with self.app.app_context():
            scope = making.make_group(organisation, card, [making.NewBoard(b) for b in boards], opened=opened)
            found = _boards_of(scope)
        return GroupHere(scope, address, card.name, found)

    def person(
        self, group: GroupHere, role: Role = Role.MEMBER, name: str = "", *, device: SignInKind = SignInKind.OWN
    ) -> Person:
        """A member who has agreed the rules and is signed in."""
        with self.app.app_context():
            shown = name or groups.offer_names(group.scope.group_id, 1)[0]
            found = rules_queries.find_rules(group.scope.group_id)
            assert found
            with transaction():
                account_id = accounts.make_account()
                persona = groups.add_persona(group.scope, account_id, shown, role)
                rules.keep_agreement(persona.id, found, Answers(answers_for(found)))
                entered = accounts.enter(account_id, device, None)
        person = Person(self, self.app.test_client(), persona.name, account_id, persona.id, group)
        person.client.set_cookie(sessions.COOKIE, entered.secret, domain="localhost", secure=True)
        return person

    def join(self, person: Person, group: GroupHere, role: Role = Role.MEMBER, name: str = "") -> Person:
        """The same person with the same browser, as who they are in another group."""
        assert person.account_id
        with self.app.app_context():
            shown = name or groups.offer_names(group.scope.group_id, 1)[0]
            found = rules_queries.find_rules(group.scope.group_id)
            assert found
            with transaction():
                persona = groups.add_persona(group.scope, person.account_id, shown, role)
                rules.keep_agreement(persona.id, found, Answers(answers_for(found)))
        return Person(self, person.client, persona.name, person.account_id, persona.id, group)

    def admin(self, organisation_id: bytes | None = None) -> Person:
        """Somebody who looks after an organisation, or the whole site, signed in with both steps."""
        person = self.visitor()
        with self.app.app_context():
            secret = staff.invite(organisation_id)
            half = staff.accept(person.actor, secret, f"admin {next(self._names)}", "a long enough one")
            with transaction():
                account_id = second_factor.find_half(Actor(sign_in=sign_ins.hash_of(half.secret)))
                assert account_id
                second_factor.give(account_id)
                entered = accounts.enter_proved(account_id, None)
        person.account_id = account_id
        person.client.set_cookie(sessions.COOKIE, entered.secret, domain="localhost", secure=True)
        return person

    def signed_in_again(self, person: Person) -> Person:
        """The same person with another browser."""
        assert person.account_id
        with self.app.app_context(), transaction():
            entered = accounts.enter(person.account_id, SignInKind.OWN, None)
        again = replace(person, client=self.app.test_client(), pages=[])
        again.client.set_cookie(sessions.COOKIE, entered.secret, domain="localhost", secure=True)
        return again

    def second_step(self, person: Person) -> bytes:
        """Give somebody a second step; gives the secret of its codes."""
        assert person.account_id
        with self.app.app_context(), transaction():
            second_factor.give(person.account_id)
        with self.app.app_context():
            found = second_factor.find_factor(person.account_id)
        assert found
        return found.secret

    def step_up(self, person: Person) -> None:
        """Let somebody who has a second step give a code of it, as before an act with weight."""
        assert person.account_id
        with self.app.app_context():
            found = second_factor.find_factor(person.account_id)
            assert found
            self.moment.go(seconds=totp.STEP_S)
            second_factor.step_up(person.device, totp.code_at(found.secret, self.moment.at))

    def visitor(self) -> Person:
        """Somebody without a sign-in."""
        return Person(self, self.app.test_client())

    def topic(self, author: Person, title: str = "A quiet topic", body: str = "Hello from me.", **words: Any) -> bytes:
        """A topic that the group can see; gives its conversation's id."""
        assert author.group
        with self.app.app_context():
            written = usecases.start_topic(
                author.actor, author.group.board, title, Words(body, **words), write_ident(new_ident())
            )
        self.settle()
        return written.conversation_id

    def reply(self, author: Person, conversation: bytes, body: str = "I hear you.", **words: Any) -> int:
        """A reply that the group can see, unless the gate holds it; gives its id."""
        with self.app.app_context():
            written = usecases.submit_post(author.actor, conversation, Words(body, **words), write_ident(new_ident()))
        self.settle()
        return written.id

    def settle(self) -> None:
        """Let the ten seconds of sending pass."""
        self.moment.go(seconds=11)
        with self.app.app_context():
            jobs.run_due()

    def example(self, group: GroupHere, title: str = "A made-up evening") -> bytes:
        """An example conversation that newcomers can read; gives its id."""
        voices = [examples.Voice("Made Up", "Is anybody *there*?"), examples.Voice("Also Made", "Yes, I am here.")]
        with self.app.app_context():
            ready = examples.prepare_voices(voices)
            with transaction():
                return examples.add_example(group.scope.group_id, title, ready)

    def on_duty(self, group: GroupHere, weekday: int, starts: str, ends: str) -> None:
        """Somebody looks after the group at these hours."""
        with self.app.app_context(), transaction():
            values = {"weekday": weekday, "starts": starts, "ends": ends}
            here().execute(insert(DutySlot).values(id=new_ident(), group_id=group.scope.group_id, **values))

    def configure(self, group: GroupHere, **columns: Any) -> None:
        """Change a group's settings."""
        with self.app.app_context(), transaction():
            here().execute(update(Group).where(Group.id == group.scope.group_id).values(**columns))


def _boards_of(scope: Scope) -> tuple[bytes, ...]:
    return tuple(r.id for r in rows(select(Board.id).where(Board.group_id == scope.group_id).order_by(Board.ord)))


def answers_for(found: rules_queries.Rules) -> dict[str, str]:
    """Answers that open the group."""
    return {c.uid: next(a.uid for a in found.answers_to(c.uid) if a.opens) for c in found.questions}


def conversation_url(conversation: bytes) -> str:
    """Where a conversation is."""
    return f"/c/{write_ident(conversation)}"


def post_url(post_id: int, page: str = "") -> str:
    """A page of a post."""
    return f"/p/{write_post_id(post_id)}{'/' + page if page else ''}"


def sent_post(answer: TestResponse) -> int:
    """The post that a form became, from where it leads."""
    found = re.search(r"/p/([a-z2-7]{12})", answer.headers["Location"])
    assert found, answer.headers["Location"]
    post_id = read_post_id(found[1])
    assert post_id is not None
    return post_id


def text_of(answer: TestResponse) -> str:
    """A page as text without its tags, spaces folded."""
    plain = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", answer.get_data(as_text=True), flags=re.S)
    return " ".join(plain.split())
