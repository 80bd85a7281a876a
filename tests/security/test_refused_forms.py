"""X14 and S23: a refused form says what to change and keeps what was typed; a form changes what it is for and no more."""

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy import inspect, select, update

from forum.base.db import db, rows
from forum.base.transaction import here, transaction
from forum.models import Persona, Role, Standing
from tests.security.scene import Scene, add_role, address_of, ask_for, everybody, scene_of
from tests.world import Person, World, conversation_url

pytestmark = pytest.mark.pages

#: Longer than any line of text may be, and shorter than a post.
TYPED = "kingfisher " * 700
#: Signing out, and deeds that end what the next form would need; each has tests of its own.
ENDS = {
    "accounts.sign_out", "accounts.choose_language", "accounts.end_device", "admin.end_sessions", "apart.keep_apart",
    "ending.delete_account", "leaving.leave_group", "leaving.begin_afresh", "people.end_role", "setup.retire_board",
    "tending.act", "staff.accept", "staff.keep_second_step", "ways_back.stop",
}  # fmt: skip


class Page(HTMLParser):
    """Where things stand in a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.wordy: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.ids.add(said.get("id") or "")
        if tag == "a" and (said.get("href") or "").startswith("#"):
            self.links.append((said["href"] or "")[1:])
        if tag == "textarea" or (tag == "input" and said.get("type") in ("text", "search", "email")):
            self.wordy.add(said.get("name") or "")


def forms(scene: Scene, person: Person) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Every form of the program: its endpoint, an address of it, and what its own page would send."""
    for rule in list(scene.world.app.url_map.iter_rules()):
        if "POST" not in (rule.methods or ()) or rule.endpoint in ENDS:
            continue
        thing = "-" if not rule.arguments else "theirs" if {"post_id", "item_id"} & rule.arguments else "ours"
        asked = ask_for(scene, rule.endpoint, thing, person)
        yield rule.endpoint, address_of(scene, rule.endpoint, asked.values), asked.form


def faults_of(page: str, path: str, typed: dict[str, str]) -> list[str]:
    """What a refused form does not do for the person who sent it."""
    summary, found = page.find("nhsuk-error-summary"), Page(page)
    told = page[summary : page.find("</ul>", summary)]
    faults = []
    if not re.search(r"<title>\s*Error: ", page):
        faults.append("no Error: in the title")
    if not -1 < page.find('data-behaviour="errors"') < page.find("<h1"):
        faults.append("the summary is not the first thing")
    if f'action="{path}"' in page:  # else something changed meanwhile, and there is another thing to do
        faults += [f"a link to no field: {link}" for link in Page(told).links if link not in found.ids]
    shown = unescape(page)
    lost = [
        name for name, value in typed.items() if name in found.wordy and value.strip()[:40] not in shown
    ]  # far too long: cut
    return [*faults, *(f"what was typed into {name} is gone" for name in lost)]


def test_x14_every_refused_form_says_what_to_change_and_keeps_what_was_typed(world: World) -> None:
    scene = scene_of(world)
    person = add_role(scene, "facil")
    world.second_step(person)
    world.step_up(person)
    refused: dict[str, list[str]] = {}
    for endpoint, path, form in forms(scene, person):
        wordy = {name: TYPED.strip() for name in form if name not in ("token", "answer", "version")}
        for typed in (wordy, dict.fromkeys(form, "")):
            answer = person.send(path, {**form, **typed})
            page = answer.get_data(as_text=True)
            if "nhsuk-error-summary" in page:
                assert 400 <= answer.status_code < 500, endpoint
                refused.setdefault(endpoint, []).extend(faults_of(page, path, typed))
    assert [f"{endpoint}: {fault}" for endpoint, faults in refused.items() for fault in faults] == []
    assert len(refused) > 15, sorted(refused)


# --- S23 ---------------------------------------------------------------------------------------------------------

#: What a member's form must never reach, whatever it says: who somebody is, what they may do, whose words those are.
FENCED = {
    "persona": ("role", "standing", "holder_tag", "group_id", "joined_on"),
    "post": ("persona_id", "mask_id", "conversation_id", "charter_version_id", "written_at"),
    "sign_in": ("account_id", "ends_on", "kind"),
    "staff": ("account_id",),
    "group": ("organisation_id", "address", "door", "listing"),
    "board": ("readers", "starters", "repliers", "group_id"),
    "decision": ("id", "choice"),
}


#: Words that were seen make a newcomer one of the group, as they should.
IN = {Standing.NEWCOMER: "in", Standing.SETTLED: "in"}


def fenced() -> dict[str, Any]:
    """All fenced cells, by table and row."""
    found = {}
    for table, names in FENCED.items():
        made = db.metadata.tables[table]
        keys = [column.name for column in inspect(made).primary_key]
        for r in rows(select(made)):
            found[table, tuple(r._mapping[k] for k in keys)] = tuple(
                IN.get(r._mapping[n], r._mapping[n]) for n in names
            )
    return found


def everything_at_once() -> dict[str, str]:
    """A value for every column that any table has, as somebody would guess them."""
    guessed = {"role": "facilitator", "standing": "member", "state": "visible", "seq": "1", "is_admin": "1"}
    names = {column.name for table in db.metadata.tables.values() for column in table.columns}
    return {name: guessed.get(name, "1") for name in sorted(names)}


def test_sec_s23_fields_that_a_form_does_not_have_change_nothing(world: World) -> None:
    scene = scene_of(world)
    member = add_role(scene, "member")
    topic = world.topic(member, "One's own topic")
    with world.app.app_context():
        extra, before = everything_at_once(), fenced()
    tried = 0
    for endpoint, path, form in list(forms(scene, member)):
        if endpoint.startswith("leaving.") or endpoint in ("people.accept_role", "officers.accept"):  # it is for that
            continue
        member.send(path, {**extra, **form})
        tried += 1
    member.send(f"{conversation_url(topic)}/posts", {**extra, "body": "Mine alone.", "token": "t" * 26})
    world.settle()
    assert tried > 40
    with world.app.app_context():
        after = fenced()
        mine = rows(select(Persona.role, Persona.standing).where(Persona.id == member.persona_id))[0]
    assert mine.role is Role.MEMBER
    assert [(key[0], cells, after.get(key)) for key, cells in before.items() if after.get(key) != cells] == []


def test_sec_s23_the_fence_would_be_seen_to_fall(world: World) -> None:
    """Twin: one changed role, and the comparison above shows it."""
    member = world.person(world.group())
    with world.app.app_context():
        before = fenced()
        with transaction():
            here().execute(update(Persona).where(Persona.id == member.persona_id).values(role=Role.MODERATOR))
        assert fenced() != before


#: Every key of every answer that scripts read, wherever it stands.
ALLOWED = {"to", "changes", "reload", "post", "seq", "html", "names", "message", "errors", "field", "ref", "status",
           "saved", "kept", "page", "id", "title", "alive", "ready", "checks", "database", "redis", "error", "reference",
           "no", "overdue_seconds", "left", "most"}  # fmt: skip


def keys_in(value: Any) -> set[str]:
    """The keys of some JSON."""
    if isinstance(value, dict):
        return set(value) | {key for one in value.values() for key in keys_in(one)}
    return {key for one in value for key in keys_in(one)} if isinstance(value, list) else set()


def test_sec_s23_answers_for_scripts_hold_no_key_outside_the_list(world: World) -> None:
    scene = everybody(world)
    spoken: set[str] = set()
    for person in (scene.people["member"], scene.people["moder"], scene.people["visitor"]):
        for rule in list(world.app.url_map.iter_rules()):
            thing = "-" if not rule.arguments else "theirs" if {"post_id", "item_id"} & rule.arguments else "ours"
            if "GET" not in (rule.methods or ()) or rule.endpoint in ("static", "accounts.leave"):
                continue
            asked = ask_for(scene, rule.endpoint, thing, person)
            path = address_of(scene, rule.endpoint, asked.values)
            answer = person.get(path, headers={"Accept": "application/json"})
            if answer.mimetype == "application/json" and rule.endpoint != "leaving.take_copy":
                spoken |= keys_in(answer.get_json())
            answer.close()
    assert spoken
    assert spoken <= ALLOWED, spoken - ALLOWED
