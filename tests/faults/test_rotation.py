"""Keys change while people write: nothing is lost, nobody changes alias, and in the end nothing is under an old key."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from forum.base import keyring, rotation
from forum.base.db import db, rows
from forum.base.keyring import Keyring, Purpose, the_keyring
from forum.base.transaction import transaction
from forum.commands import keys
from forum.conversations import drafts, markers, masks, restrictions, usecases
from forum.conversations.drafts import Kept
from forum.live import ticker
from forum.models import Mask, ReadMarker
from forum.policy.members import list_scopes
from moderation import evidence
from moderation.models import Evidence
from tests.faults import checker
from tests.faults.conftest import now_live
from tests.faults.site import Site
from tests.faults.writers import Writer, all_sent, settle_in, write_until
from tests.world import Person, World, conversation_url

PURPOSES = [Purpose.TAG, Purpose.SEAL]


def test_sec_s33_every_table_with_a_key_is_renewed(app: Flask) -> None:
    keyed = {table.name for table in db.metadata.tables.values() if "key_id" in table.c}
    assert keyed == rotation.tables()
    assert len(keyed) >= 7


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sec_s33_the_check_notices_a_table_that_is_not(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "_passes", {k: v for k, v in rotation._passes.items() if k != "draft"})
    with pytest.raises(AssertionError):
        test_sec_s33_every_table_with_a_key_is_renewed(app)


def worn() -> set[tuple[bytes, str]]:
    """Every alias with where it is worn: people in different topics may have the same."""
    return {(m.conversation_id, m.alias) for m in rows(select(Mask.conversation_id, Mask.alias))}


class Story:
    """One group's people with something of every kind that is tagged or sealed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.group = world.group()
        self.people = [world.person(self.group) for _n in range(4)]
        self.topic = world.topic(self.people[0])
        for n, person in enumerate(self.people):
            self._leave_something(n, person)

    def _leave_something(self, n: int, person: Person) -> None:
        self.world.reply(person, self.topic, f"Masked by {n}.", masked=True)
        self.world.reply(person, self.topic, f"Held from {n}: https://example.org/{n}")
        with self.world.app.app_context():
            usecases.mark_read(person.actor, self.topic, 2 + n)
            drafts.keep_draft(person.actor, self.group.scope.group_id, self.topic, Kept(f"Unsent by {n}."))
            if n == 0:
                with transaction():
                    restrictions.hold_posts(self.group.scope, person.persona_id, person.persona_id)

    def told(self) -> list[object]:
        """Everything that only the keys make readable, as its people find it."""
        scope = self.group.scope
        found: list[object] = []
        for person in self.people:
            membership = person.actor.membership_in(scope.group_id)
            assert membership
            worn = masks.find_mask(scope, person.persona_id, self.topic)
            found.append(
                (
                    person.name,
                    worn.alias if worn else None,
                    masks.wearer_of(scope, worn.id) == person.persona_id if worn else None,
                    markers.find_marker(membership, self.topic),
                    drafts.find_draft(person.actor, scope.group_id, self.topic),
                    restrictions.holds_posts(scope, person.persona_id),
                    list_scopes(person.account_id or b""),
                )
            )
        copies = [evidence.open_copy(scope, r.id) for r in rows(select(Evidence.id).order_by(Evidence.post_id))]
        return [*found, sorted(c.body for c in copies if c)]


@pytest.mark.parametrize("purposes", [[Purpose.TAG], [Purpose.SEAL], PURPOSES], ids=["tag", "seal", "both"])
def test_sec_s33_a_rotation_changes_nothing_that_anybody_reads(
    world: World, inside: Flask, purposes: list[Purpose]
) -> None:
    story = Story(world)
    before, first = story.told(), the_keyring()
    ring = first
    for purpose in purposes:
        ring = ring.rotated(purpose)
    keyring.use(ring)
    assert rotation.count_old() > 20
    assert story.told() == before, "under both keys, before anything is renewed"

    for n, _size in enumerate(rotation.renew_old()):
        if n % 2:
            assert story.told() == before, "half renewed"
    assert rotation.count_old() == 0
    keyring.use(ring.finished())
    assert story.told() == before, "the old keys are gone"
    keyring.use(first)
    with pytest.raises((keyring.KeyringError, AssertionError, AttributeError)):
        story.told()
    keyring.use(ring.finished())


def test_sec_s33_a_stopped_renewal_goes_on_where_it_was(
    world: World, inside: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    story = Story(world)
    before = story.told()
    keyring.use(the_keyring().rotated(Purpose.TAG).rotated(Purpose.SEAL))
    half = rotation.renew_old()
    done = sum(next(half) for _n in range(5))
    half.close()
    left = rotation.count_old()
    assert left > 0
    assert sum(rotation.renew_old()) <= left + done
    assert rotation.count_old() == 0
    assert story.told() == before


def test_sec_s33_a_second_rotation_waits_for_the_first(ring: Keyring) -> None:
    """Look-ups try two keys, not three: rows under a third would not be found."""
    once = ring.rotated(Purpose.TAG)
    with pytest.raises(keyring.KeyringError, match="retire"):
        once.rotated(Purpose.TAG)
    assert len(once.rotated(Purpose.SEAL).readable(Purpose.SEAL)) == 2
    assert len(once.finished().rotated(Purpose.TAG).readable(Purpose.TAG)) == 2
    assert ring.rotated(Purpose.COOKIE).rotated(Purpose.COOKIE)


def test_before_a_backup_every_seal_changes_and_nothing_else(world: World, inside: Flask) -> None:
    story = Story(world)
    before = story.told()
    sealed = {r.tag: r.sealed for r in rows(select(ReadMarker.tag, ReadMarker.sealed))}
    list(rotation.renew_all())
    again = {r.tag: r.sealed for r in rows(select(ReadMarker.tag, ReadMarker.sealed))}
    assert sealed.keys() == again.keys()
    assert not set(sealed.values()) & set(again.values())
    assert story.told() == before


def _rotated_by_another_process(world: World, monkeypatch: pytest.MonkeyPatch, path: Path) -> tuple[Person, bytes]:
    """Somebody wears a mask; then another process rotates and renews, while this one has the old ring in memory."""
    keyring.save(the_keyring(), path)
    first = keyring.use_file(path)
    wren = world.person(world.group())
    topic = world.topic(wren)
    world.reply(wren, topic, "Masked before.", masked=True)
    before = replace(keyring._watched) if keyring._watched else None

    keyring.save(first.rotated(Purpose.TAG).rotated(Purpose.SEAL), path)
    keyring.use_file(path)
    list(rotation.renew_old())
    assert rotation.count_old() == 0

    keyring.use(first)
    monkeypatch.setattr(keyring, "_watched", before)
    return wren, topic


def _wear(wren: Person, topic: bytes) -> None:
    """What a masked post does inside its transaction."""
    assert wren.group
    with transaction():
        masks.wear(wren.group.scope, wren.persona_id, topic)


@pytest.mark.parametrize("by", ["a transaction", "a tick"])
def test_sec_s33_a_running_program_notices_that_the_keys_were_renewed(
    world: World, inside: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    wren, topic = _rotated_by_another_process(world, monkeypatch, tmp_path / "ring.json")
    if by == "a transaction":
        _wear(wren, topic)
    else:
        ticker.tick(1)
        world.reply(wren, topic, "Masked after.", masked=True)
    assert len(rows(select(Mask.alias))) == 1, "the same person, the same alias"
    assert rotation.count_old() == 0, "and nothing new under a key that was put away"


def test_sec_s33_one_that_does_not_gives_somebody_a_second_alias(
    world: World, inside: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the test above would miss if it could not fail."""
    wren, topic = _rotated_by_another_process(world, monkeypatch, tmp_path / "ring.json")
    monkeypatch.setattr(keyring, "refresh", lambda: None)
    _wear(wren, topic)
    assert len(rows(select(Mask.alias))) == 2


def test_sec_s33_the_next_key_is_read_before_it_is_used(world: World, inside: Flask) -> None:
    """The step between: a program that is a second behind finds what one that is ahead wrote, and the other way round."""
    story = Story(world)
    first = the_keyring()
    announced = first.announced(Purpose.TAG).announced(Purpose.SEAL)
    assert announced.writing_id == first.writing_id
    ahead = announced.activated(Purpose.TAG).activated(Purpose.SEAL)
    assert ahead.writing_id != first.writing_id
    before = story.told()
    keyring.use(ahead)
    list(rotation.renew_old())
    keyring.use(announced)
    assert story.told() == before
    assert announced.announced(Purpose.TAG) == announced, "a rotation that was stopped goes on with the same key"
    keyring.use(ahead)


@pytest.mark.faults
def test_sec_s33_keys_rotate_under_a_server_that_goes_on(
    people: World, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commands as an operator gives them, with the server started long before and never again."""
    monkeypatch.setattr(rotation, "BATCH", 5)
    monkeypatch.setattr(keys, "NOTICED_S", 2)
    writers = settle_in(people, site.url)
    app, first = people.app, the_keyring()
    path = app.extensions["settings"].keyring_file
    keyring.use_file(path)
    now_live(people)
    site.start()
    stop = threading.Event()
    threads = write_until(writers, stop)
    try:
        runner = app.test_cli_runner()
        for command in (["rotate", "tag"], ["rotate", "seal"], ["renew"]):
            done = runner.invoke(args=["keys", *command])
            assert done.exit_code == 0, done.output
        time.sleep(0.5)
        stop.set()
        for thread in threads:
            thread.join(40)
        for writer in writers:
            writer.retry()
        assert [s for w in writers for s in w.refusals] == []
        assert runner.invoke(args=["keys", "retire"]).exit_code == 0
        for writer in writers:
            writer.post()
            assert writer.browser.get(conversation_url(writer.topic)).status == 200
        site.kill9()  # what it publishes meanwhile would be half counted
        with app.app_context():
            assert checker.problems(all_sent(writers)) == []
            assert rotation.count_old() == 0
            assert len(rows(select(Mask.alias))) == len(writers), "somebody was given a second alias"
    finally:
        stop.set()
        keyring.save(first, path)
        keyring.use_file(path)


@pytest.mark.faults
def test_sec_s33_keys_rotate_under_load(people: World, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server runs with the new ring while this process renews in small batches and people write, read and draft."""
    monkeypatch.setattr(rotation, "BATCH", 5)
    writers = settle_in(people, site.url)
    app, path = people.app, people.app.extensions["settings"].keyring_file
    now_live(people)
    site.start()
    for writer in writers:
        for _n in range(5):
            writer.post()
    with app.app_context():
        aliases = worn()
    site.kill9()

    first = the_keyring()
    keyring.use(first.rotated(Purpose.TAG).rotated(Purpose.SEAL))
    keyring.save(the_keyring(), path)
    try:
        _write_while_renewing(people, site, writers)
        with app.app_context():
            assert checker.problems(all_sent(writers)) == []
            assert rotation.count_old() == 0
            assert worn() == aliases, "somebody was given a second alias"
            assert len(aliases) == len(writers)

        keyring.use(the_keyring().finished())
        keyring.save(the_keyring(), path)
        site.start()
        for writer in writers:
            for _n in range(3):
                writer.post()
            page = writer.browser.get(conversation_url(writer.topic))
            assert page.status == 200
        assert [s for w in writers for s in w.refusals] == []
        with app.app_context():
            assert worn() == aliases
    finally:
        keyring.save(first, path)


def _write_while_renewing(world: World, site: Site, writers: list[Writer]) -> None:
    site.start()
    stop = threading.Event()
    threads = write_until(writers, stop)
    reading = threading.Thread(target=_read, args=(writers[0], stop), daemon=True)
    reading.start()
    time.sleep(0.5)
    with world.app.app_context():
        renewed = sum(rotation.renew_old())
    time.sleep(0.5)
    stop.set()
    for thread in [*threads, reading]:
        thread.join(40)
    for writer in writers:
        writer.retry()
    assert renewed >= 14
    assert [s for w in writers for s in w.refusals] == []
    site.kill9()
    time.sleep(0.2)


def _read(writer: Writer, stop: threading.Event) -> None:
    """Marks are written by the server, as a browser would; they only go forwards."""
    seq = 0
    while not stop.is_set():
        seq += 1
        answer = writer.browser.send(f"{conversation_url(writer.topic)}/read", {"seq": str(seq)})
        if answer.status not in (204, 303):
            writer.refusals.append(answer.status)
        time.sleep(0.02)
