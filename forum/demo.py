"""Demonstration mode: three fictional groups, and a banner that lets one person try every seat.

Registered only when FORUM_DEMO=1; outside it none of this exists.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import click
from flask import Blueprint, Flask, current_app, redirect, request, url_for
from flask.cli import AppGroup
from sqlalchemy import insert, select
from werkzeug.wrappers import Response

from forum.accounts import second_factor, totp
from forum.accounts import usecases as accounts
from forum.accounts.views import take
from forum.base import clock
from forum.base.db import row
from forum.base.errors import NotFound
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.content.demo import DemoGroup, DemoPost, DemoTopic, demo_world
from forum.conversations import lifecycle, masks
from forum.conversations.lifecycle import Author, Written
from forum.conversations.prepare import Meant, Prepared, prepare
from forum.conversations.steps import open_conversation
from forum.ground_rules import making, queries, usecases
from forum.ground_rules.usecases import Answers
from forum.groups import usecases as groups
from forum.groups.examples import Voice, add_example, prepare_voices
from forum.groups.queries import find_card
from forum.models import Board, ConversationKind, DutyException, DutySlot, PostMark, Role, RoomKind, SignInKind
from forum.policy import gate, terms
from forum.policy.gate import Situation, Waiting
from forum.rooms import meetings, schedule, set_up
from forum.rooms.set_up import Wanted
from forum.web.csrf import current
from forum.web.pages import DemoSeat

bp = Blueprint("demo", __name__)
demo = AppGroup("demo", help="The demonstration.")

Ready = dict[int, tuple[Prepared, Prepared | None]]
Made = dict[int, list[Voice]]

SEATS = ("newcomer", "member", "facilitator", "moderator")


def register(app: Flask) -> None:
    """Add the banner's seats and the commands."""
    app.register_blueprint(bp)
    app.cli.add_command(demo)
    app.extensions["demo_seats"] = list_seats
    app.extensions["demo_code"] = code_now


def _seat_file() -> Path:
    return Path(current_app.extensions["settings"].var) / "demo-seats.json"


def _seat_accounts() -> dict[str, str]:
    """Which account sits where; a file beside the demonstration database, for nothing in that leads back to accounts."""
    path = _seat_file()
    return dict(json.loads(path.read_text())) if path.exists() else {}


def list_seats() -> Sequence[DemoSeat]:
    """The seats for the banner."""
    account_id = current().account_id
    sitting = account_id.hex() if account_id else ""
    names = {
        "newcomer": _("Newcomer"),
        "member": _("Member"),
        "facilitator": _("Facilitator"),
        "moderator": _("Moderator"),
    }
    seated = _seat_accounts()
    return [DemoSeat(seat, names[seat], sitting == seated.get(seat, "")) for seat in SEATS]


def code_now() -> str:
    """What the app of this seat would show: in a demonstration nobody has its phone."""
    account_id = current().account_id
    factor = second_factor.find_factor(account_id) if account_id else None
    return totp.code_at(factor.secret, clock.now()) if factor else ""


@bp.post("/demo/seat")
def take_seat() -> Response:
    """Become somebody else of the demonstration."""
    seat, session = request.form.get("seat", ""), current()
    account = _seat_accounts().get(seat)
    if seat not in SEATS or (account is None and seat != "newcomer"):
        raise NotFound(_("There is no such page here."))
    with transaction():
        if account is not None:
            take(accounts.enter(bytes.fromhex(account), SignInKind.OWN, session.cookie_sha256))
    if account is None:
        if session.cookie_sha256 and session.found is not None:
            accounts.leave(session.cookie_sha256)
        session.finish()
    return redirect(url_for("groups.show_home"), 303)


@demo.command("load")
def load() -> None:
    """Load the demonstration groups, once: all of them or, if anything fails, nothing."""
    world = demo_world()
    if find_card(world.groups[0].address):
        click.echo("The demonstration is loaded already; its data are kept.")
        return
    organisations = {o.uid: o for o in world.organisations}
    posts = [p for g in world.groups for t in g.topics for p in t.posts]
    with click.progressbar(posts, label="Loading the demonstration") as bar:
        ready = {id(post): _prepare(post) for post in bar}
    made = {id(e): prepare_voices([Voice(*pair) for pair in e.voices]) for g in world.groups for e in g.examples}
    seats: dict[str, str] = {}
    with transaction():
        for group in world.groups:
            organisation = organisations[group.organisation]
            for role, account in _load_group(group, organisation.name, organisation.nation, ready, made).items():
                seats.setdefault(role, account)
        _seat_file().write_text(json.dumps(seats))


def _prepare(post: DemoPost) -> tuple[Prepared, Prepared | None]:
    """What a post says, and what it said before an edit."""
    kind = ConversationKind.TOPIC
    before = prepare(post.earlier, post.lang, kind, frozenset()) if post.earlier else None
    meant = Meant(post.notes, PostMark(post.mark) if post.mark else None)
    return replace(prepare(post.body, post.lang, kind, frozenset()), meant=meant), before


@demo.command("seats")
def show_seats() -> None:
    """Say how to enter as each person."""
    click.echo("Choose a seat in the banner on every page: " + ", ".join(SEATS) + ".")


def _load_group(group: DemoGroup, organisation: str, nation: str, ready: Ready, made: Made) -> dict[str, str]:
    card = making.Card(
        address=group.address,
        name=group.name,
        benefits=group.card.benefits,
        who_for=group.card.for_whom,
        expect=group.card.expect,
        hours=group.card.hours,
        facilitators=" ".join(filter(None, (group.card.facilitator, group.card.lived_experience))),
        zone=group.time_zone,
    )
    boards = [making.NewBoard(b.name, b.purpose) for b in group.boards]
    scope = making.add_group(organisation, card, boards, nation, opened=True)
    _load_duty(group, scope)
    _load_rooms(group, scope)
    people, seats = _load_people(group, scope)
    for example in group.examples:
        add_example(scope.group_id, example.title, made[id(example)])
    for topic in group.topics:
        _load_topic(group, scope, topic, people, ready)
    return seats


def _load_duty(group: DemoGroup, scope: Scope) -> None:
    today = clock.today()
    for duty in group.duty:
        values = {"weekday": duty.weekday, "starts": f"{duty.start:%H:%M}", "ends": f"{duty.end:%H:%M}"}
        here().execute(insert(DutySlot).values(id=new_ident(), group_id=scope.group_id, who=duty.role, **values))
    for other in group.exceptions:
        days = (other.weekday - today.weekday()) % 7 or 7
        day = today + timedelta(days=days + 7 * other.weeks_later)
        hours = {
            "starts": f"{other.start:%H:%M}" if other.start else "",
            "ends": f"{other.end:%H:%M}" if other.end else "",
        }
        here().execute(insert(DutyException).values(id=new_ident(), group_id=scope.group_id, day=day, **hours))


def _load_rooms(group: DemoGroup, scope: Scope) -> None:
    """Rooms that one person alone can open, from the seat of a facilitator."""
    for room in group.rooms:
        wanted = Wanted(room.name, room.purpose, RoomKind.DROP_IN, needs=1, planned=True)
        if room.start:
            wanted = replace(wanted, kind=RoomKind.SESSION, weekday=room.weekday, starts=f"{room.start:%H:%M}")
        room_id = set_up.add_room(scope, wanted)
        for meeting in schedule.list_planned(room_id)[:1]:
            meetings.put(meeting.id, theme=room.theme)


def _load_people(group: DemoGroup, scope: Scope) -> tuple[dict[str, bytes], dict[str, str]]:
    """Everyone's persona, and one account for each role."""
    people: dict[str, bytes] = {}
    seats: dict[str, str] = {}
    rules = queries.find_rules(scope.group_id)
    assert rules is not None
    given = {c.uid: next(a.uid for a in rules.answers_to(c.uid) if a.opens) for c in rules.questions}
    for person in group.people:
        account_id = accounts.make_account()
        persona = groups.add_persona(scope, account_id, person.name, Role(person.role))
        usecases.keep_agreement(persona.id, rules, Answers(given))
        people[person.name] = persona.id
        if Role(person.role) is not Role.MEMBER:
            second_factor.give(account_id)
        seats.setdefault(person.role, account_id.hex())
    return people, seats


def _load_topic(group: DemoGroup, scope: Scope, topic: DemoTopic, people: dict[str, bytes], ready: Ready) -> None:
    """A topic with its posts, each at its own time before now."""
    name = next(b.name for b in group.boards if b.uid == topic.board)
    board = row(select(Board.id).where(Board.group_id == scope.group_id, Board.name == name))
    assert board is not None
    loaded_at, first = clock.now(), topic.posts[0]
    source = clock.use(lambda: loaded_at - timedelta(minutes=first.minutes_ago))
    try:
        conversation_id = open_conversation(scope.group_id, board.id, ConversationKind.TOPIC, topic.title, first.lang)
        written: list[Written] = []
        for post in topic.posts:
            clock.use(partial(_moment, loaded_at, post.minutes_ago))
            written.append(_load_post(scope, conversation_id, post, ready[id(post)], people[post.by], written))
    finally:
        clock.use(source)


def _moment(loaded_at: datetime, minutes_ago: int) -> datetime:
    return loaded_at - timedelta(minutes=minutes_ago)


def _load_post(
    scope: Scope,
    conversation_id: bytes,
    post: DemoPost,
    ready: tuple[Prepared, Prepared | None],
    persona_id: bytes,
    written: list[Written],
) -> Written:
    words, before = ready
    masked = masks.wear(scope, persona_id, conversation_id).id if post.masked else None
    author = Author(mask_id=masked) if masked else Author(persona_id=persona_id)
    conversation = lifecycle.lock_conversation(conversation_id)
    assert conversation is not None
    rules = queries.find_rules(scope.group_id)
    assert rules is not None
    verdict = gate.decide(words.findings, Situation(scope.group_id, terms=terms.of_group(scope.group_id)))
    assert not verdict.refused, "What a group's rules refuse is no example of it."
    answers_id = written[post.answers].id if post.answers is not None else None
    done = lifecycle.add_post(
        conversation,
        author,
        before or words,
        held=verdict.hold,
        answers_id=answers_id,
        rules=rules.version_id,
        waits=False,
    )
    gate.record(Waiting(done.id, scope.group_id, words.body), verdict)
    kept = lifecycle.lock_post(done.id)
    assert kept is not None
    if before:
        lifecycle.edit(kept, words, held=False)
    if post.state == "withdrawn":
        lifecycle.withdraw(kept)
    return done
