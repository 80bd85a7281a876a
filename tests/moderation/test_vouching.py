"""The last way back: a week of notice, one tap that stops it, and nothing learnt about who tapped."""

import json
from dataclasses import replace
from typing import Any

import pytest

from forum.base import jobs, keyring, rotation
from forum.base.db import rows
from forum.base.errors import Conflict, NotAllowed, NotFound
from forum.base.idents import write_ident
from forum.base.keyring import Purpose
from forum.base.transaction import transaction
from forum.conversations import restrictions
from forum.groups import kept_out, vouching
from forum.models import Job, Persona, Post, PostState, Role, Standing
from forum.web.sign_ins import hash_of
from moderation import audit
from moderation import vouching as usecases
from moderation.models import AuditEntry
from tests.security.scene import phrase_in, plain
from tests.world import GroupHere, Person, World, conversation_url, text_of

DAYS = vouching.NOTICE.days


@pytest.fixture
def group(world: World) -> GroupHere:
    return world.group()


@pytest.fixture
def told(world: World, group: GroupHere) -> tuple[Person, Person, Person]:
    """Who holds the old name on one device, who says it is theirs, and a facilitator who has given a code."""
    lost, asker = world.person(group, name="Tidy Wagtail"), world.person(group, name="Mossy Heron")
    facilitator = world.person(group, Role.FACILITATOR)
    world.second_step(facilitator)
    world.step_up(facilitator)
    return lost, asker, facilitator


def vouch(world: World, facilitator: Person, lost: Person, asker: Person) -> None:
    assert facilitator.group
    with world.app.app_context():
        usecases.vouch(stepped(facilitator), facilitator.group.scope, lost.persona_id, asker.persona_id)


def stepped(person: Person) -> Any:
    """Who they are, on the device that gave the code."""
    return replace(person.actor, sign_in=hash_of(person.cookie or ""))


def week(world: World, days: float = DAYS) -> None:
    """Let time pass, and what is due be done."""
    world.moment.go(days=days, seconds=1)
    with world.app.app_context():
        while jobs.run_due():
            pass


def names_at_home(person: Person) -> str:
    return text_of(person.get("/"))


def test_after_a_week_the_name_is_the_askers_and_no_old_door_opens_it(
    world: World, group: GroupHere, told: tuple[Person, Person, Person]
) -> None:
    lost, asker, facilitator = told
    topic = world.topic(lost, body="Said long ago.")
    phrase = phrase_in(lost.send("/way-back").text)
    vouch(world, facilitator, lost, asker)
    week(world, DAYS - 1)
    assert "Your name here is Mossy Heron" in names_at_home(asker)
    assert "Your name here is Tidy Wagtail" in names_at_home(lost)
    week(world, 1)
    assert "Your name here is Tidy Wagtail" in names_at_home(asker)
    assert "You have your older name back." in names_at_home(asker)
    assert "Tidy Wagtail" not in names_at_home(lost)
    assert lost.get(conversation_url(topic)).status_code == 404
    phone = world.visitor()
    phone.get("/sign-in")
    assert phone.send("/sign-in", {"phrase": phrase}).status_code == 303
    assert "Tidy Wagtail" not in names_at_home(phone)
    assert asker.get(conversation_url(topic)).status_code == 200
    asker.send(f"/g/{group.address}/told")
    assert "You have your older name back." not in names_at_home(asker)


def test_every_device_that_holds_the_name_is_told_and_one_tap_stops_it(
    world: World, group: GroupHere, told: tuple[Person, Person, Person]
) -> None:
    lost, asker, facilitator = told
    phone = world.visitor()
    phone.get("/sign-in")
    phone.send("/sign-in", {"phrase": phrase_in(lost.send("/way-back").text)})
    vouch(world, facilitator, lost, asker)
    for device in (lost, phone):
        assert "No, I am here. Stop it" in names_at_home(device)
        assert "No, I am here. Stop it" in text_of(device.get(f"/g/{group.address}"))
        assert "No, I am here. Stop it" in text_of(device.get("/devices"))
    assert "Stop it" not in text_of(asker.get("/devices"))
    assert phone.send(f"/g/{group.address}/object").status_code == 303
    assert "Nothing happens to your name." in names_at_home(lost)
    assert "Nothing happens to your name." in text_of(lost.get("/devices"))
    week(world)
    assert "Your name here is Tidy Wagtail" in names_at_home(lost)
    assert "Your name here is Mossy Heron" in names_at_home(asker)
    assert "It was stopped." in names_at_home(asker)
    assert "It was stopped." not in names_at_home(lost)


def test_sec_s17_neither_asker_nor_facilitator_learns_that_or_when_somebody_objected(
    world: World, group: GroupHere, told: tuple[Person, Person, Person]
) -> None:
    """All that both can open is the same before and after the tap, until the week is over."""
    lost, asker, facilitator = told
    vouch(world, facilitator, lost, asker)
    person = f"/g/{group.address}/people/{write_ident(lost.persona_id)}"
    looks = [(asker, "/"), (asker, f"/g/{group.address}"), (facilitator, f"{person}/left"), (facilitator, person)]

    def seen() -> list[bytes]:
        return [plain(who.get(path), path) for who, path in looks]

    before = seen()
    assert b"Something is under way" in before[2]
    lost.send(f"/g/{group.address}/object")
    assert seen() == before
    with world.app.app_context(), pytest.raises(Conflict):
        usecases.vouch(_second(world, group), group.scope, lost.persona_id, asker.persona_id)
    assert seen() == before


def _second(world: World, group: GroupHere) -> Any:
    other = world.person(group, Role.FACILITATOR)
    world.second_step(other)
    world.step_up(other)
    return stepped(other)


def test_one_facilitator_vouches_for_a_name_once(
    world: World, group: GroupHere, told: tuple[Person, Person, Person]
) -> None:
    lost, asker, facilitator = told
    vouch(world, facilitator, lost, asker)
    lost.send(f"/g/{group.address}/object")
    week(world)
    world.step_up(facilitator)
    with pytest.raises(NotAllowed, match="Somebody else of the team"):
        vouch(world, facilitator, lost, asker)
    with world.app.app_context():
        usecases.vouch(_second(world, group), group.scope, lost.persona_id, asker.persona_id)


def test_a_facilitator_gains_nothing_by_it_and_no_role_is_given_back(
    world: World, group: GroupHere, told: tuple[Person, Person, Person]
) -> None:
    lost, asker, facilitator = told
    moderator = world.person(group, Role.MODERATOR)
    for one, other in ((lost, facilitator), (moderator, asker), (facilitator, asker)):
        with pytest.raises(NotAllowed):
            vouch(world, facilitator, one, other)
    with world.app.app_context():
        for stranger in (asker.actor, moderator.actor):
            with pytest.raises((NotAllowed, NotFound)):
                usecases.vouch(stranger, group.scope, lost.persona_id, asker.persona_id)
        far = world.person(world.group("Lantern Trust"))
        with pytest.raises(NotFound):
            usecases.vouch(stepped(facilitator), group.scope, far.persona_id, asker.persona_id)
    vouch(world, facilitator, lost, asker)


def test_without_a_code_nothing_begins(world: World, group: GroupHere, told: tuple[Person, Person, Person]) -> None:
    lost, asker, facilitator = told
    world.moment.go(minutes=11)
    with pytest.raises(NotAllowed):
        vouch(world, facilitator, lost, asker)
    world.step_up(facilitator)
    vouch(world, facilitator, lost, asker)


def test_the_job_done_twice_or_left_from_an_earlier_try_does_nothing(
    world: World, group: GroupHere, told: tuple[Person, Person, Person]
) -> None:
    lost, asker, facilitator = told
    vouch(world, facilitator, lost, asker)
    with world.app.app_context():
        (payload,) = [j.payload for j in rows(Job.__table__.select()) if j.kind == vouching.SETTLE]
        lost.send(f"/g/{group.address}/object")
    week(world)
    with world.app.app_context():
        usecases.vouch(_second(world, group), group.scope, lost.persona_id, asker.persona_id)
    _run_again(world, payload)
    assert "Your name here is Tidy Wagtail" in names_at_home(lost), (
        "the job of the first try touches nothing of the second"
    )
    week(world)
    assert "Your name here is Tidy Wagtail" in names_at_home(asker)
    _run_again(world, payload)
    assert "Your name here is Tidy Wagtail" in names_at_home(asker)


def _run_again(world: World, payload: str) -> None:
    with world.app.app_context():
        with transaction():
            jobs.enqueue(vouching.SETTLE, json.loads(payload))
        while jobs.run_due():
            pass


def test_who_left_or_was_removed_meanwhile_gets_no_name(
    world: World, group: GroupHere, told: tuple[Person, Person, Person]
) -> None:
    lost, asker, facilitator = told
    vouch(world, facilitator, lost, asker)
    with world.app.app_context(), transaction():
        kept_out.remove(group.scope, asker.persona_id)
    week(world)
    assert "Your name here is Tidy Wagtail" in names_at_home(lost)


def test_a_hold_goes_along_with_who_gets_a_name_back(
    world: World, group: GroupHere, told: tuple[Person, Person, Person]
) -> None:
    lost, asker, facilitator = told
    vouch(world, facilitator, lost, asker)
    world.moment.go(days=DAYS, hours=-1)
    with world.app.app_context(), transaction():
        restrictions.hold_posts(group.scope, asker.persona_id, asker.persona_id)
    week(world, 0.1)
    with world.app.app_context():
        assert restrictions.holds_posts(group.scope, lost.persona_id)


def test_it_stands_in_the_audit_chain(world: World, told: tuple[Person, Person, Person]) -> None:
    lost, asker, facilitator = told
    vouch(world, facilitator, lost, asker)
    week(world)
    with world.app.app_context():
        noted = [(e.action, e.codes) for e in rows(AuditEntry.__table__.select()) if e.action.startswith("vouch")]
        assert sorted(noted) == [("vouch.end", "give_back done"), ("vouch.start", "")]
        assert audit.find_break() is None


def test_keys_can_be_rotated_after_a_name_was_given_back(world: World, told: tuple[Person, Person, Person]) -> None:
    lost, asker, facilitator = told
    vouch(world, facilitator, lost, asker)
    week(world)
    with world.app.app_context():
        for purpose in (Purpose.TAG, Purpose.SEAL):
            keyring.use(keyring.the_keyring().rotated(purpose))
        for _batch in rotation.renew_old():
            pass
        keyring.use(keyring.the_keyring().finished())
    assert "Your name here is Tidy Wagtail" in names_at_home(asker)
    assert "Tidy Wagtail" not in names_at_home(lost)


def test_words_left_behind_go_after_a_week_and_hidden_names_keep_theirs(
    world: World, group: GroupHere, told: tuple[Person, Person, Person]
) -> None:
    lost, _asker, facilitator = told
    topic = world.topic(lost, body="Left behind.")
    for n in range(usecases.BATCH + 2):
        world.reply(lost, topic, f"Left behind, part {n}.")
    world.reply(lost, topic, "Under an alias.", masked=True)
    path = f"/g/{group.address}/people/{write_ident(lost.persona_id)}/left"
    world.step_up(facilitator)
    assert facilitator.send(path, {"why": "nonsense"}).status_code == 422
    assert facilitator.send(path, {"why": "died"}).status_code == 303
    assert "all posts under this name are taken away" in names_at_home(lost)
    assert "Left behind." in text_of(facilitator.get(f"{conversation_url(topic)}?page=1"))
    week(world)
    pages = [text_of(facilitator.get(f"{conversation_url(topic)}?page={n}")) for n in (1, 2)]
    assert "Left behind" not in "".join(pages)
    assert "Under an alias." in "".join(pages)
    with world.app.app_context():
        states = {p.state for p in rows(Post.__table__.select()) if p.persona_id == lost.persona_id}
        assert states == {PostState.WITHDRAWN}
        noted = [e.codes for e in rows(AuditEntry.__table__.select()) if e.action == "left_words.start"]
        assert noted == ["died"]


def test_words_stay_when_their_owner_is_here(
    world: World, group: GroupHere, told: tuple[Person, Person, Person]
) -> None:
    lost, _asker, facilitator = told
    topic = world.topic(lost, body="Still mine.")
    path = f"/g/{group.address}/people/{write_ident(lost.persona_id)}/left"
    world.step_up(facilitator)
    facilitator.send(path, {"why": "asked"})
    lost.send(f"/g/{group.address}/object")
    week(world)
    assert "Still mine." in text_of(lost.get(conversation_url(topic)))


def test_a_facilitator_vouches_on_the_page(world: World, group: GroupHere, told: tuple[Person, Person, Person]) -> None:
    lost, asker, facilitator = told
    path = f"/g/{group.address}/people/{write_ident(asker.persona_id)}/lost"
    assert "Tidy Wagtail" in text_of(facilitator.get(path))
    assert facilitator.send(path, {"lost": write_ident(lost.persona_id)}).status_code == 303
    assert "The team vouched for you." in names_at_home(asker)
    assert "Is this you?" in names_at_home(lost)
    left = f"/g/{group.address}/people/{write_ident(lost.persona_id)}"
    facilitator.send(f"{left}/stop")
    week(world)
    assert "It was stopped." in names_at_home(asker)


def test_who_asked_under_the_new_name_has_left_it(world: World, told: tuple[Person, Person, Person]) -> None:
    lost, asker, facilitator = told
    topic = world.topic(asker, body="Said under the new name.")
    vouch(world, facilitator, lost, asker)
    week(world)
    assert "Mossy Heron" in text_of(asker.get(conversation_url(topic))), "words stay where they were said"
    with world.app.app_context():
        (left,) = [p for p in rows(Persona.__table__.select()) if p.id == asker.persona_id]
    assert left.standing is Standing.LEFT
