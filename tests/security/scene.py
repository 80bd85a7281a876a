"""Two organisations, three groups and one of every kind of person, for tests that ask who gets what."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import url_for
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from forum.accounts import staff
from forum.base.db import row
from forum.base.idents import new_ident, new_post_id, write_ident
from forum.base.transaction import here, transaction
from forum.conversations import history, looking_after, polls, usecases
from forum.ground_rules import queries as rules
from forum.groups import examples
from forum.models import Persona, PostVersion, Role, Standing
from forum.web import sign_ins
from forum.web.converters import IdentConverter, PostConverter
from moderation import report_targets, reports
from moderation import usecases as moderation
from moderation.models import CaseItem, CaseKind, Decision
from moderation.reports import Saying
from tests.security.appeal_scene import appeal_thing
from tests.security.concern_scene import concern_thing
from tests.security.door_scene import FORMS, door_thing
from tests.security.matrix import ROLES
from tests.security.officer_scene import office_thing
from tests.security.room_scene import ROOM_FORMS, room_thing
from tests.security.rules_scene import RULES_FORMS, proposal_for
from tests.security.sealed_scene import sealed_thing
from tests.security.team_scene import next_monday, team_thing
from tests.world import BASE, GroupHere, Person, World, answers_for

#: What a facilitator makes up for newcomers.
EXAMPLE = {"title": "A long day", "name-1": "Made Up", "words-1": "Hello?", "name-2": "Also Made", "words-2": "Here."}
#: A link is held for a person, so a case opens on it.
HELD = "Have a look at https://example.org/page please, or ring 07700 900123."


#: What a facilitator says of a board.
BOARD = {"name": "A new board", "purpose": "", "readers": "0", "starters": "0", "repliers": "0", "sure": "yes"}


@dataclass
class Scene:
    """`ours` and `neighbours` belong to one organisation, `strangers` to another."""

    world: World
    ours: GroupHere
    neighbours: GroupHere
    strangers: GroupHere
    people: dict[str, Person] = field(default_factory=dict)

    def depart(self) -> None:
        """Those who left leave, and new rules come for those who are behind."""
        self._set("left", standing=Standing.LEFT)
        self._set("behind", agreed_version_id=None)

    def _set(self, role: str, **columns: object) -> None:
        if role not in self.people:
            return
        persona = self.people[role].persona_id
        with self.world.app.app_context(), transaction():
            here().execute(update(Persona).where(Persona.id == persona).values(**columns))


def scene_of(world: World) -> Scene:
    """The three groups with a member who writes in each."""
    scene = Scene(world, world.group("Harbour Trust"), world.group("Harbour Trust"), world.group("Lantern Trust"))
    scene.people["heron"] = world.person(scene.ours, name="Heron")
    scene.people["far heron"] = world.person(scene.neighbours, name="Far Heron")
    scene.people["warden"] = world.person(scene.ours, Role.MODERATOR, name="Warden")
    scene.people["far warden"] = world.person(scene.neighbours, Role.MODERATOR, name="Far Warden")
    return scene


def add_role(scene: Scene, role: str) -> Person:
    """One of the eight kinds of people."""
    world = scene.world
    makers = {
        "visitor": world.visitor,
        "member": lambda: world.person(scene.ours),
        "facil": lambda: world.person(scene.ours, Role.FACILITATOR),
        "moder": lambda: world.person(scene.ours, Role.MODERATOR),
        "left": lambda: world.person(scene.ours),
        "behind": lambda: world.person(scene.ours),
        "neighb": lambda: world.person(scene.neighbours),
        "outsid": lambda: world.person(scene.strangers, Role.MODERATOR),
    }
    scene.people[role] = makers[role]()
    return scene.people[role]


def everybody(world: World) -> Scene:
    """The three groups with everybody in them."""
    scene = scene_of(world)
    for role in ROLES:
        add_role(scene, role)
    return scene


@dataclass(frozen=True)
class Ask:
    """An address with its form, and the same for something that never existed."""

    values: dict[str, Any]
    ghost: dict[str, Any]
    form: dict[str, str]


def ask_for(scene: Scene, endpoint: str, thing: str, person: Person) -> Ask:
    """What `person` asks for, with the thing made ready."""
    form = form_for(scene, endpoint)
    if endpoint == "static":
        return Ask({"filename": "manifest.json"}, {}, {})
    if endpoint == "outward.show_leaving":
        return Ask({"to": "https://example.org/help"}, {}, {})
    if endpoint == "accounts.end_device":
        ref = scene.people["heron"] if thing == "theirs" else person
        return Ask({}, {}, {"ref": sign_ins.hash_of(ref.cookie or "").hex()})
    if endpoint in ("reviewers.show_link", "reviewers.begin"):
        return Ask({"secret": "never-made"}, {}, {})
    if endpoint in ("outsiders.show_told", "outsiders.say_more"):
        return Ask({"secret": "never-made"}, {}, {"body": "It is about me."})
    if endpoint.startswith("talk.") and endpoint.endswith("_by_secret"):
        return Ask({"secret": "never-made"}, {}, {"body": "I am here."})
    if endpoint in ("mail.show_stop", "mail.stop_by_link"):
        return Ask({"token": "never-made"}, {}, {})
    if endpoint == "doors.show_code":
        return Ask({"code": "acorn-otter-zebra"}, {}, {})
    if endpoint in ("guide.show_guide", "guide.show_easy"):
        return Ask({"name": "members"}, {}, {})
    if thing == "-":
        return Ask({}, {}, form)
    group = scene.neighbours if thing == "far" else scene.ours
    author = {"own": person, "theirs": scene.people["heron"], "ours": scene.people["heron"]}.get(
        thing, scene.people["far heron"]
    )
    warden = scene.people["far warden" if thing == "far" else "warden"]
    values, ghost = _thing(scene, endpoint, group, author, warden)
    return Ask(values, ghost, form)


def _thing(
    scene: Scene, endpoint: str, group: GroupHere, author: Person, warden: Person
) -> tuple[dict[str, Any], dict[str, Any]]:
    world, name = scene.world, endpoint.split(".")[1]
    if of_team := team_thing(world, endpoint, group, author, warden):
        return of_team
    if of_appeal := appeal_thing(world, endpoint, group, author, warden):
        return of_appeal
    if of_door := door_thing(world, endpoint, group, author):
        return of_door
    if of_office := office_thing(world, endpoint, group):
        return of_office
    if of_concern := concern_thing(world, endpoint, group, author):
        return of_concern
    if of_sealed := sealed_thing(world, endpoint, group, author):
        return of_sealed
    if of_room := room_thing(world, endpoint, group, _arguments(scene, endpoint)):
        return of_room
    if of_set_up := _set_up_thing(scene, endpoint, group):
        return of_set_up
    if "decision_id" in _arguments(scene, endpoint) and endpoint.startswith("decisions."):
        return {"decision_id": _decided_by(world, warden, author)}, {"decision_id": new_ident()}
    if endpoint == "decisions.show_rule":
        rule = {"version_id": _rules_of(world, group), "uid": "be-kind"}
        return rule, rule | {"version_id": new_ident()}
    if "proposal_id" in _arguments(scene, endpoint):
        proposal = {"address": group.address, "proposal_id": proposal_for(world, endpoint, group)}
        return proposal, proposal | {"proposal_id": new_ident()}
    if endpoint.startswith("floors."):
        return {"organisation_id": group.scope.organisation_id}, {"organisation_id": new_ident()}
    wants = next(iter(argument_of(scene, endpoint)))
    if "example_id" in _arguments(scene, endpoint):
        example = {"address": group.address, "example_id": _example_of(world, group)}
        return example, example | {"example_id": new_ident()}
    if wants == "address":
        return {"address": group.address}, {"address": "never-existed"}
    if wants == "board_id":
        return {"board_id": group.board}, {"board_id": new_ident()}
    if endpoint == "reports.show_receipt":
        return {"item_id": _told_by(world, group, author)}, {"item_id": new_ident()}
    topic = world.topic(author, "A quiet topic", "Hello from here.")
    if endpoint == "tending.undo":
        pinned = {"conversation_id": topic, "event_id": _tended(world, warden, topic)}
        return pinned, {"conversation_id": new_ident(), "event_id": new_ident()}
    if endpoint == "polls.answer":
        with world.app.app_context():
            polls.start_poll(author.actor, topic, "Tea or coffee?", ["Tea", "Coffee"], 7)
    if wants == "conversation_id":
        return {"conversation_id": topic}, {"conversation_id": new_ident()}
    if wants == "item_id":
        held = world.reply(author, topic, HELD)
        return {"item_id": case_of(world, held)}, {"item_id": new_ident()}
    post = world.reply(author, topic, "Some words of mine.")
    if name == "erase_version":
        return {"post_id": post, "version_id": _edited(world, author, post)}, {
            "post_id": new_post_id(),
            "version_id": new_ident(),
        }
    if name == "restore":
        with world.app.app_context():
            moderation.hide_post(warden.actor, post, "Put away for a test.", "be-kind")
    return {"post_id": post}, {"post_id": new_post_id()}


def _set_up_thing(scene: Scene, endpoint: str, group: GroupHere) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """A link for an admin, a board by its group's address, a step of setting up."""
    arguments = _arguments(scene, endpoint)
    if endpoint.startswith("staff."):
        with scene.world.app.app_context():
            return {"secret": staff.invite()}, {"secret": "never-existed"}
    if arguments == {"address", "board_id"}:
        board = {"address": group.address, "board_id": group.board}
        return board, board | {"board_id": new_ident()}
    if arguments == {"address", "offer"}:
        return {"address": group.address, "offer": "links-none"}, {"address": group.address, "offer": "never-existed"}
    if arguments == {"address", "step"}:
        return {"address": group.address, "step": "rules"}, {"address": "never-existed", "step": "rules"}
    return None


def _example_of(world: World, group: GroupHere) -> bytes:
    """The first one of a group, made when it is first asked for: a group has only room for a few."""
    with world.app.app_context():
        found = examples.list_examples(group.scope.group_id)
    return found[0].id if found else world.example(group)


def _arguments(scene: Scene, endpoint: str) -> set[str]:
    return next(r for r in scene.world.app.url_map.iter_rules() if r.endpoint == endpoint).arguments


def filled(scene: Scene, endpoint: str, known: dict[str, Any]) -> dict[str, Any]:
    """What a route takes: ours where it is known, and nothing that exists for any other kind of thing."""
    rule = next(r for r in scene.world.app.url_map.iter_rules() if r.endpoint == endpoint)
    made = {IdentConverter: new_ident, PostConverter: new_post_id}
    return {
        name: known[name] if name in known else made.get(type(converter), lambda: "nothing")()
        for name, converter in rule._converters.items()
    }


def argument_of(scene: Scene, endpoint: str) -> set[str]:
    """What a route takes, the outermost thing first."""
    rule = next(r for r in scene.world.app.url_map.iter_rules() if r.endpoint == endpoint)
    order = ("address", "board_id", "conversation_id", "item_id", "post_id")
    return {name for name in order if name in rule.arguments}


def case_of(world: World, post_id: int) -> bytes:
    with world.app.app_context():
        found = row(select(CaseItem.id).where(CaseItem.post_id == post_id))
    assert found, "the gate held it"
    return bytes(found.id)


def _tended(world: World, warden: Person, topic: bytes) -> bytes:
    """Something that the team changed in a topic."""
    with world.app.app_context():
        looking_after.slow_down(warden.actor, topic, 15, "It is late.")
        return bytes(history.list_events(topic)[0].id)


def _told_by(world: World, group: GroupHere, author: Person) -> bytes:
    """What somebody told the team about a post of another member, who is nobody of the team."""
    other = world.person(group)
    post = world.reply(other, world.topic(other), "Words of somebody.")
    with world.app.app_context():
        return reports.tell(author.actor, CaseKind.REPORT, lambda now: report_targets.of_post(now, post), Saying())


def _rules_of(world: World, group: GroupHere) -> bytes:
    with world.app.app_context():
        found = rules.find_rules(group.scope.group_id)
    assert found
    return found.version_id


def _decided_by(world: World, warden: Person, author: Person) -> bytes:
    """What the team decided about a post."""
    post = world.reply(author, world.topic(author), "Some words to put away.")
    with world.app.app_context():
        moderation.hide_post(warden.actor, post, "Put away for a test.", "be-kind")
        found = row(select(Decision.id).where(Decision.post_id == post))
    assert found
    return bytes(found.id)


def _edited(world: World, author: Person, post_id: int) -> bytes:
    with world.app.app_context():
        usecases.edit_post(author.actor, post_id, "Better words of mine.", "en")
        found = row(select(PostVersion.id).where(PostVersion.post_id == post_id))
    assert found
    return bytes(found.id)


def form_for(scene: Scene, endpoint: str) -> dict[str, str]:
    """A form that the page itself could send."""
    answers: dict[str, str] = {}
    if endpoint == "ground_rules.join":
        with scene.world.app.app_context():
            found = rules.find_rules(scene.ours.scope.group_id)
            assert found
            answers = {f"answer-{uid}": answer for uid, answer in answers_for(found).items()}
    return {
        **FORMS,
        **RULES_FORMS,
        **ROOM_FORMS,
        "room_set_up.plan": {"day": str(scene.world.moment.at.date() + timedelta(days=7)), "at": "19:30"},
        "accounts.submit_sign_in": {"phrase": "no such words are known here at all"},
        "accounts.choose_language": {"language": "en"},
        "display.save": {"size": "2"},
        "ways_back.choose_name": {"name": f"quiet {write_ident(new_ident())[:8]}", "password": "a long enough one"},
        "accounts.name_device": {"name": "the kitchen tablet"},
        "groups.rename": {"own_name": next(_NAMES)},
        "staff.accept": {"name": f"quiet {write_ident(new_ident())[:8]}", "password": "a long enough one"},
        "officers.accept": {"name": f"calm {write_ident(new_ident())[:8]}", "password": "a long enough one"},
        "calling.change_in_group": {"kind": "mail", "act": "set", "address": "me@example.org"},
        "concern_ways.go": {"kind": "fact", "words": "They wrote three times."},
        "talk.write": {"body": "I am here."},
        "setup.make_board": BOARD,
        "setup.change_board": BOARD,
        "holding.save_holds": {"sure": "yes"},
        "holding.pull_brake": {"act": "off group"},
        "setup.save_settings": {"benefits": "You are not alone.", "who_for": "Anyone.", "sure": "yes"},
        "ground_rules.pick_name": {"name": "Marsh Wren"},
        "library.propose": {"summary": "We post no links.", "rationale": "Links frighten some of us."},
        "ground_rules.join": {"name": next(_NAMES), "method": "self"} | answers,
        "writing.start_topic": {"title": "Something new", "body": "Hello to all.", "token": _token()},
        "writing.submit_post": {"body": "I hear you.", "token": _token()},
        "conversations.mark_read": {"seq": "1"},
        "choosing.mute_word": {"word": "needle"},
        "choosing.set_notes": {"note": "0"},
        "note_classes.save_notes": {"place-0": "Hospital food"},
        "writing.edit_post": {"body": "Other words."},
        "drafting.keep_reply": {"body": "Half a thought."},
        "drafting.keep_topic": {"title": "Half", "body": "Half a thought."},
        "drafting.keep_change": {"body": "Half a thought."},
        "polls.start_poll": {"question": "Tea or coffee?", "option-0": "Tea", "option-1": "Coffee", "days": "7"},
        "polls.answer": {"option": "0"},
        "search.find": {"words": "quiet"},
        "examples.add": EXAMPLE,
        "examples.save": EXAMPLE,
        "guide.try_practice": {"body": "Only trying.", "step": "post"},
        "guide.send_feedback": {"page": "conversations.show_group", "rating": "hard", "body": "Too many words."},
        "drafting.keep_question": {"body": "Half a thought."},
        "drafting.keep_hidden_question": {"body": "Half a thought."},
        "drafting.keep_line": {"body": "Half a thought."},
        "team.ask": {"body": "Can somebody help me?", "token": _token()},
        "team.ask_hidden": {"body": "Can somebody help me?", "token": _token()},
        "team.write": {"body": "One more thing.", "token": _token(), "seen": "1"},
        "team.mark_read": {"seq": "1"},
        "team.mark_no_answer": {"seen": "1"},
        "case_notes.write": {"note_words": "I wrote to them.", "kind": "note"},
        "appeals.appeal": {"words": "That was my cat."},
        "own_place.disagree": {"words": "I was asleep."},
        "appeals.ask": {"words": "Please take my street out of the title."},
        "appeals.complain": {"words": "It still stands there."},
        "appeals.answer": {"words": "What was it called?"},
        "appeals.conclude": {"words": "I read it all again.", "choice": "uphold", "version": "1", "gen": "0"},
        "reviewers.answer": {"words": "What was it called?"},
        "reviewers.conclude": {"words": "I read it all again.", "choice": "uphold", "version": "1"},
        "outsiders.tell": {"place": "quiet-harbour", "body": "It is about me."},
        "outside.report": {"body": "They do not answer me."},
        "duty.add_slot": {"weekday": "0", "starts": "19:00", "ends": "21:00"},
        "duty.change_slot": {"weekday": "1", "starts": "19:00", "ends": "21:00"},
        "duty.set_other_day": {"day": next_monday().isoformat(), "how": "nobody"},
        "duty.ask_swap": {"day": next_monday().isoformat()},
        "duty.answer_swap": {"answer": "drop"},
        "shifts.act": {"words": "All quiet."},
        "shifts.choose": {"today": "1", "weeks": "4"},
        "shifts.say_weight": {"intensity": "2", "topic": "1"},
        "decisions.decide": {"choice": "release", "version": "0", "gen": "0"},
        "together.restrict": {
            "what": "slow_member",
            "days": "2",
            "clause": "be-kind",
            "words": "Please wait a little.",
        },
        "decisions.revert": {"words": "It was kindly meant."},
        "moderation.hide": {"words": "Please leave out the place.", "clause": "names", "sure": "yes"},
        "items.take_over": {"reason": "They went home."},
        "tending.act": {"act": "lock", "reason": "It went in circles."},
        "tending.undo": {"reason": "A new day."},
        "tending.split": {"title": "Something else", "reason": "It is about something else."},
    }.get(endpoint, {})


def _token() -> str:
    return write_ident(new_ident())


def _many_names() -> Iterator[str]:
    for first in ("Amber", "Birch", "Cedar", "Dusky", "Early", "Faint", "Gentle", "Hazel", "Inner", "Jolly", "Kind"):
        for second in ("Otter", "Robin", "Sparrow", "Finch", "Badger", "Willow", "Meadow", "Pebble", "River", "Cloud"):
            yield f"{first} {second}"


_NAMES = itertools.cycle(_many_names())


def address_of(scene: Scene, endpoint: str, values: dict[str, Any]) -> str:
    """The path of a route."""
    with scene.world.app.test_request_context(base_url=BASE):
        return url_for(endpoint, **values)


def send(person: Person, method: str, path: str, form: dict[str, str]) -> TestResponse:
    """As a browser with this person's page open would."""
    answer = person.get(path) if method == "GET" else person.send(path, form)
    answer.close()
    return answer


def plain(answer: TestResponse, path: str) -> bytes:
    """An answer's bytes without what differs each time: form tokens, and the address that was asked for."""
    body = answer.get_data(as_text=True)
    body = re.sub(r'value="[A-Za-z0-9_-]{43}"', 'value="(form token)"', body)
    return body.replace(path, "(this address)").encode()


def ids_in(text: str) -> set[str]:
    """Every id of a group's things that stands in a page."""
    return set(re.findall(r"/(?:c|b|p|cases)/([a-z2-7]{12,26})", text))


def phrase_in(page: str) -> str:
    """The six words that the way-back page shows once."""
    words = re.findall(r"<li>([a-z]+)</li>", page[page.index("cg-phrase") :].split("</ol>")[0])
    assert len(words) == 6
    return " ".join(words)
