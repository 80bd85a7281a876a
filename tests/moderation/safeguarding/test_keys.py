"""Keys of responders: what each opens, what the server alone never does, what happens when somebody goes or loses one."""

import sqlite3

import pytest
from sqlalchemy import delete, select, update

from forum.accounts import phrases
from forum.base import keyring, rotation
from forum.base.db import db, rows
from forum.base.errors import Conflict, Invalid, NotAllowed, TooMany
from forum.base.transaction import here, transaction
from forum.models import Officer, OfficerStanding, Role
from moderation import roles
from moderation.safeguarding import boxes, changing, details, key_queries, key_steps, keys
from moderation.safeguarding.key_models import ContactDetail, KeyHolder, KeyShare, SafeKey
from tests.moderation.safeguarding.sealed import LEFT, NUMBER, Sealed, in_transaction, sealed
from tests.world import World


@pytest.fixture
def here_is(world: World) -> Sealed:
    """An organisation with keys."""
    return sealed(world)


def plain(found: Sealed, unlocked: keys.Unlocked, *wanted: str) -> dict[str, str]:
    return details.open_fields(found.group.scope, found.member.persona_id, unlocked, wanted)


def gaps(found: Sealed) -> dict[str, bool]:
    return {one.kind: one.red for one in key_queries.gaps(found.group.scope.organisation_id)}


# --- What a key is ---


def test_a_box_opens_with_its_own_key_alone():
    one, other = boxes.new_pair(), boxes.new_pair()
    box = boxes.seal(one.public, b"a number")
    assert boxes.unseal(one.private, box) == b"a number"
    with pytest.raises(boxes.Unopened):
        boxes.unseal(other.private, box)


def test_two_halves_make_a_key_and_one_says_nothing():
    pair = boxes.new_pair()
    halves = {boxes.split(pair.private)[0] for _n in range(8)}
    one, other = boxes.split(pair.private)
    assert boxes.join(one, other) == pair.private
    assert len(halves) == 8
    assert pair.private not in (one, other)


def test_a_private_key_shows_in_no_repr():
    pair = boxes.new_pair()
    assert pair.private.hex() not in repr(pair)
    assert repr(pair.private) not in repr(pair)
    assert "safe" not in repr(keys.Unlocked(pair.private, {b"id": pair.private}))


# --- Who opens what ---


def test_an_officer_opens_and_words_forgive_slips(inside, here_is: Sealed):
    typed = here_is.words[here_is.lead.id].upper().replace(" ", ", ")
    unlocked = keys.unlock(here_is.lead.id, typed)
    assert plain(here_is, unlocked, "phone") == {"phone": NUMBER}


def test_other_words_open_nothing_and_slow_down(inside, here_is: Sealed):
    for _n in range(3):
        with pytest.raises(Invalid):
            keys.unlock(here_is.lead.id, phrases.new_phrase())
    with pytest.raises(Invalid):
        keys.unlock(here_is.lead.id, here_is.words[here_is.deputy.id])
    with pytest.raises(TooMany):
        keys.unlock(here_is.lead.id, here_is.words[here_is.lead.id])
    here_is.world.moment.go(minutes=1)
    assert keys.unlock(here_is.lead.id, here_is.words[here_is.lead.id]).safe


def test_a_facilitator_needs_both_halves(inside, here_is: Sealed):
    me, typed = here_is.on_team(), here_is.words[here_is.facilitator.persona_id]
    assert keys.unlock(me.id, typed).safe == {}
    assert plain(here_is, keys.unlock(me.id, typed, released=True), "phone") == {"phone": NUMBER}
    kept = rows(select(KeyShare.other_half).where(KeyShare.responder_id == me.id))[0].other_half
    with transaction():
        change = update(KeyShare).where(KeyShare.responder_id == me.id)
        here().execute(change.values(other_half=bytes([kept[0] ^ 1]) + kept[1:]))
    with pytest.raises(keyring.KeyringError):
        keys.unlock(me.id, typed, released=True)


def test_sg11_neither_dump_nor_keyring_nor_admin_opens_what_was_left(inside, here_is: Sealed, database):
    """All the server has: every row, and every key of the keyring. One officer's words are what is missing."""
    ring = keyring.the_keyring()
    secrets = [one.secret for one in ring.keys]
    for table in (SafeKey, KeyHolder, KeyShare, ContactDetail):
        for found in rows(select(*table.__table__.columns)):
            secrets += [value for value in found if isinstance(value, bytes)]
    value = details._find(here_is.group.scope, here_is.member.persona_id)
    assert value
    scope, team = key_steps.scope_of(here_is.lead.organisation_id), here_is.on_team()
    (half,) = rows(select(KeyShare.safe_key_id, KeyShare.other_half).where(KeyShare.responder_id == team.id))
    halves = [ring.unseal(scope, "key_share", key_steps.place_of(half.safe_key_id, team.id), half.other_half)]
    whole = [one for one in (*secrets, *halves) if len(one) == 32]
    assert len(whole) > 5
    for private in whole:
        with pytest.raises(boxes.Unopened):
            boxes.unseal(private, details._box_of(value, "phone"))
    stolen = [value for one in db.metadata.sorted_tables for found in rows(select(*one.columns)) for value in found]
    for words in filter(None, LEFT.values()):
        assert not any(words.encode() in one for one in stolen if isinstance(one, bytes))
        assert not any(words in one for one in stolen if isinstance(one, str))
    assert plain(here_is, keys.unlock(here_is.lead.id, here_is.words[here_is.lead.id]), "phone") == {"phone": NUMBER}


def test_sg11_the_file_of_the_database_has_no_letter_of_it(inside, here_is: Sealed, database):
    if database.name != "sqlite":
        pytest.skip("a file that a test can read whole")
    with sqlite3.connect(database.url.removeprefix("sqlite:///")) as there:
        there.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with open(database.url.removeprefix("sqlite:///"), "rb") as file:
        whole = file.read()
    private = keys.unlock(here_is.lead.id, here_is.words[here_is.lead.id])
    for secret in (*private.safe.values(), private.own, *(one.encode() for one in LEFT.values() if one)):
        assert secret not in whole
    assert rows(select(SafeKey.public))[0].public in whole


def test_every_row_is_of_one_size(inside, here_is: Sealed):
    other = here_is.world.person(here_is.group)
    here_is.leave_details(other, name="Al")
    assert len({len(r.sealed) for r in rows(select(ContactDetail.sealed))}) == 1
    assert len(rows(select(ContactDetail.sealed))) == 2


# --- Sharing, going, losing ---


def test_a_third_gets_a_share_from_who_holds_one(inside, here_is: Sealed):
    me, third = here_is.lead, here_is.independent
    with pytest.raises(NotAllowed):
        keys.share(me, here_is.words[me.id], third.id)
    here_is.give_key(third)
    assert "waiting" in gaps(here_is)
    with pytest.raises(Invalid):
        keys.share(me, phrases.new_phrase(), third.id)
    keys.share(me, here_is.words[me.id], third.id)
    assert "waiting" not in gaps(here_is)
    assert plain(here_is, keys.unlock(third.id, here_is.words[third.id]), "name") == {"name": LEFT["name"]}


def test_who_has_no_share_gives_none_and_makes_no_second_key(inside, here_is: Sealed):
    me = here_is.independent
    here_is.give_key(me)
    with pytest.raises(NotAllowed):
        keys.share(me, here_is.words[me.id], here_is.deputy.id)
    with pytest.raises(Conflict):
        keys.found_key(me)


def test_when_somebody_goes_their_share_goes_and_the_key_changes(inside, here_is: Sealed):
    me, gone, typed = here_is.lead, here_is.deputy, here_is.words[here_is.deputy.id]
    before = keys.unlock(gone.id, typed)
    with transaction():
        here().execute(update(Officer).where(Officer.id == gone.id).values(standing=OfficerStanding.ENDED))
        key_steps.forget_holder(gone.id)
    assert gaps(here_is)["stale"] is True
    with pytest.raises(NotAllowed):
        keys.unlock(gone.id, typed)
    changing.change_key(me, here_is.words[me.id])
    assert "stale" not in gaps(here_is)
    assert not details.can_open(here_is.group.scope, here_is.member.persona_id, before)
    assert plain(here_is, keys.unlock(me.id, here_is.words[me.id]), "phone") == {"phone": NUMBER}
    assert len(rows(select(SafeKey.id))) == 1
    team = here_is.on_team()
    opened = keys.unlock(team.id, here_is.words[team.id], released=True)
    assert plain(here_is, opened, "phone") == {"phone": NUMBER}


def test_a_change_that_was_stopped_half_way_is_begun_again(inside, here_is: Sealed):
    me = here_is.lead
    keys.begin_change(me, here_is.words[me.id])
    assert gaps(here_is)["unfinished"] is True
    assert plain(here_is, keys.unlock(me.id, here_is.words[me.id]), "phone") == {"phone": NUMBER}
    changing.change_key(me, here_is.words[me.id])
    assert "unfinished" not in gaps(here_is)
    assert len(rows(select(SafeKey.id))) == 1
    assert plain(here_is, keys.unlock(me.id, here_is.words[me.id]), "phone") == {"phone": NUMBER}


def test_a_facilitator_who_is_a_member_again_holds_nothing(inside, here_is: Sealed):
    here_is.world.person(here_is.group, Role.FACILITATOR)
    roles.set_role(here_is.group.scope, here_is.facilitator.name, Role.MEMBER)
    assert key_queries.find_holder(here_is.facilitator.persona_id) is None
    assert gaps(here_is)["stale"] is True


def test_the_last_key_lost_is_a_red_gap_and_a_new_one_begins(inside, here_is: Sealed):
    lead, deputy = here_is.lead, here_is.deputy
    assert not any(gaps(here_is).values())
    here_is.words[lead.id] = keys.make_own(lead)
    assert gaps(here_is)["one_left"] is True
    here_is.words[deputy.id] = keys.make_own(deputy)
    assert gaps(here_is)["lost"] is True
    assert not details.can_be_left(here_is.group.scope)
    with pytest.raises(NotAllowed):
        here_is.leave_details()
    kept = details.find(here_is.member.actor, here_is.group.scope)
    assert kept is not None
    assert not kept.readable
    with pytest.raises(NotAllowed):
        keys.found_key(lead)
    keys.try_key(lead, here_is.words[lead.id])
    keys.found_key(lead)
    assert gaps(here_is)["unreadable"] is False
    here_is.leave_details()
    assert plain(here_is, keys.unlock(lead.id, here_is.words[lead.id]), "phone") == {"phone": NUMBER}


def test_the_test_envelope_is_due_each_quarter(inside, here_is: Sealed):
    lead = here_is.lead
    here_is.world.moment.go(days=99)
    assert gaps(here_is)["unchecked"] is True
    with pytest.raises(Invalid):
        keys.try_key(lead, phrases.new_phrase())
    assert gaps(here_is)["unchecked"] is True
    keys.try_key(lead, here_is.words[lead.id])
    assert "unchecked" not in gaps(here_is)
    assert gaps(here_is)["check_due"] is False


def test_a_damaged_share_is_found_by_the_test_envelope(inside, here_is: Sealed):
    lead = here_is.lead
    with transaction():
        own = key_queries.find_holder(lead.id)
        assert own
        change = update(KeyShare).where(KeyShare.responder_id == lead.id)
        here().execute(change.values(box=boxes.seal(own.public, bytes(32))))
    with pytest.raises(Invalid):
        keys.try_key(lead, here_is.words[lead.id])


def test_without_a_key_nothing_is_taken(inside, world: World):
    group = world.group()
    member = world.person(group)
    with pytest.raises(NotAllowed):
        details.keep(member.actor, group.scope, LEFT)
    assert key_queries.gaps(group.scope.organisation_id)[0].kind == "no_key"


# --- Rotations of the keyring ---


def test_a_rotation_of_the_keyring_leaves_all_openable(inside, here_is: Sealed, ring):
    keyring.use(ring.rotated(keyring.Purpose.SEAL).rotated(keyring.Purpose.TAG))
    list(rotation.renew_old())
    keyring.use(keyring.the_keyring().finished())
    assert rotation.count_old() == 0
    me, team = here_is.lead, here_is.on_team()
    assert plain(here_is, keys.unlock(me.id, here_is.words[me.id]), "phone") == {"phone": NUMBER}
    opened = keys.unlock(team.id, here_is.words[team.id], released=True)
    assert plain(here_is, opened, "place") == {"place": LEFT["place"]}


def test_taking_details_away_asks_nobody(inside, here_is: Sealed):
    details.forget(here_is.member.actor, here_is.group.scope)
    assert details.find(here_is.member.actor, here_is.group.scope) is None
    assert rows(select(ContactDetail.tag)) == []


@pytest.mark.parametrize("field", ["name", "doctor"])
def test_a_field_that_is_too_long_is_named(inside, here_is: Sealed, field: str):
    with pytest.raises(Invalid) as refused:
        here_is.leave_details(**{field: "x" * 201})
    assert refused.value.field == field
    here_is.leave_details(**{field: "ن" * 200})


def test_nothing_filled_in_is_nothing_kept(inside, here_is: Sealed):
    with transaction():
        here().execute(delete(ContactDetail))
    with pytest.raises(Invalid):
        here_is.leave_details(name="  ")
    assert in_transaction(details.has_details, here_is.group.scope, here_is.member.persona_id) is False
