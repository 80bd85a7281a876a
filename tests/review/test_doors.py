"""Attacks on what came with the doors: words that are lost on the way to a team, codes that race, and what gives people away."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import select

from forum.accounts import digits, second_factor, staff, totp
from forum.base import clock
from forum.base.db import rows
from forum.base.errors import NotAllowed, TooMany
from forum.base.idents import write_ident
from forum.base.text import MAX_BODY
from forum.base.transaction import transaction
from forum.conversations import lines, team
from forum.conversations.prepare import Words
from forum.groups import invitations, vouching
from forum.groups.vouching import Deed
from forum.models import Account, Persona, Post, Role, Standing
from forum.web import csrf, limits, sign_ins
from tests.anonymity.test_apart import holds, statement_log
from tests.world import BASE, Person, World, post_url, text_of

#: As long as a post may be, in letters of four bytes: a person of any language gets the same room.
LONG = "🌊" * MAX_BODY


def bodies(world: World) -> set[str]:
    with world.app.app_context():
        return {r.body for r in rows(select(Post.body))}


def multipart(person: Person, path: str, **fields: str) -> int:
    """Send a form as those with somebody's words are sent; gives the status."""
    form = {csrf.FIELD: person.form_token(), "token": write_ident(b"one form of ours"), **fields}
    return person.client.post(path, data=form, base_url=BASE, content_type="multipart/form-data").status_code


@pytest.mark.parametrize("under", ["name", "alias"])
def test_r7_the_longest_words_reach_the_team(world: World, under: str) -> None:
    """They came back as "too long", from the one place where somebody may have nobody else to tell."""
    group = world.group()
    wren = world.person(group)
    masked = world.reply(wren, world.topic(wren), masked=True)
    path = f"/g/{group.address}/ask" if under == "name" else post_url(masked, "ask")
    assert multipart(wren, path, body=LONG) == 303
    assert LONG in bodies(world)


def test_r7_the_longest_words_go_on_in_a_line_and_come_back_from_a_report(world: World, inside: object) -> None:
    group = world.group()
    wren = world.person(group)
    line = team.write_to_team(wren.actor, group.scope, Words("Please help."), "t").conversation_id
    path = f"/line/{write_ident(line)}"
    assert multipart(wren, f"{path}/posts", body=LONG) == 303
    assert LONG in bodies(world)
    too_long = wren.send(f"{path}/report", {"body": LONG}, content_type="multipart/form-data")
    assert too_long.status_code == 422
    assert LONG in too_long.get_data(as_text=True)


def test_every_form_that_gets_room_is_one_of_ours(world: World) -> None:
    """A view that moves must not lose its room without anybody noticing."""
    assert set(world.app.view_functions) >= limits.WORDY


#: Forms with words that somebody thought about, by their fields.
TYPED = {
    "settings": ("/g/{address}/settings", {"benefits": "Kept one.", "who_for": "Kept two.", "words": "kept three"}),
    "board": ("/g/{address}/boards/new", {"purpose": "Kept purpose."}),
    "example": ("/g/{address}/examples/new", {"title": "Kept title", "words-1": "Kept one.", "words-8": "Kept two."}),
    "no": ("/g/{address}/people/{person}/say-no", {"words": "Kept kind words."}),
    "removal": ("/g/{address}/people/{person}/propose", {"words": "Kept reasons."}),
}


@pytest.mark.parametrize("form", TYPED)
def test_r7_what_was_typed_stands_on_the_page_that_asks_to_send_it_again(world: World, form: str) -> None:
    """The page was open for a long time, says the error, and that the words are still here: then they have to be."""
    group = world.group()
    owl, wren = world.person(group, Role.FACILITATOR), world.person(group)
    path, fields = TYPED[form]
    path = path.format(address=group.address, person=write_ident(wren.persona_id))
    answer = owl.client.post(path, data={csrf.FIELD: "old", **fields}, base_url=BASE)
    assert answer.status_code == 403
    page = text_of(answer)
    assert [text for text in fields.values() if text not in page] == []


def test_r7_no_secret_stands_on_an_error_page(world: World) -> None:
    wren = world.person(world.group())
    secrets = {
        "password": "never shown again",
        "phrase": "amber birch cedar",
        "code": "123456",
        "step_up_code": "654321",
    }
    answer = wren.client.post("/way-back/name", data={csrf.FIELD: "old", "body": "Words.", **secrets}, base_url=BASE)
    assert answer.status_code == 403
    assert "Words." in text_of(answer)
    assert [text for text in secrets.values() if text in text_of(answer)] == []


def test_sec_s18_codes_tried_all_at_once_wait_like_those_tried_in_turn(world: World, inside: object) -> None:
    """A million codes, three of them right at any time: a hundred tries that all begin before the first is counted
    are a hundred tries in each half minute."""
    owl = world.person(world.group(), Role.FACILITATOR)
    world.second_step(owl)
    begun = 0
    with suppress(TooMany):
        for _n in range(100):
            second_factor.slowed_tries(owl.account_id or b"")
            begun += 1
    assert 0 < begun <= 5


def test_sec_s18_one_code_given_twice_at_the_same_moment_is_taken_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody was tricked into giving a code, and both send it: one of them gets in."""
    owl = world.person(world.group(), Role.FACILITATOR)
    secret = world.second_step(owl)
    code, other = totp.code_at(secret, clock.now()), world.signed_in_again(owl)
    both, fitting = threading.Barrier(2), totp.fitting

    def meeting(*args: Any) -> int | None:
        with suppress(threading.BrokenBarrierError):
            both.wait(1)
        return fitting(*args)

    monkeypatch.setattr(totp, "fitting", meeting)

    def give(person: Person) -> bool:
        with world.app.app_context():
            try:
                second_factor.step_up(person.device, code)
            except NotAllowed:
                return False
            return True

    with ThreadPoolExecutor(2) as hands:
        assert sorted(hands.map(give, (owl, other))) == [False, True]


@pytest.mark.parametrize("how", ["others", "one", "none"])
def test_sec_s16_numbers_for_the_next_device_end_with_the_devices_that_are_signed_out(world: World, how: str) -> None:
    """Somebody had the phone for a minute and asked it for numbers. Its owner then signs the others out, and means it."""
    wren = world.person(world.group())
    thief = world.signed_in_again(wren)
    code = "".join(re.findall(r"\d{4}", text_of(thief.send("/devices/code")))[:3])
    assert len(code) == digits.CODE_DIGITS
    if how != "none":
        wren.send("/devices/end", {"ref": "others" if how == "others" else (thief.device.sign_in or b"").hex()})
    next_one = world.visitor()
    next_one.get("/sign-in")
    assert next_one.send("/sign-in", {"phrase": code}).status_code == (303 if how == "none" else 403)


def test_no_transaction_joins_an_admin_to_the_member_whose_browser_it_was(world: World, inside: object) -> None:
    """A member of a group becomes an admin in the same browser. The rows of one transaction are found together in a
    stolen database (decisions on what the attack showed)."""
    wren = world.person(world.group())
    before, cookie = {r.id for r in rows(select(Account.id))}, sign_ins.hash_of(wren.cookie or "")
    secret = staff.invite()
    with statement_log() as log:
        answer = wren.send(f"/staff/{secret}", {"name": "a private one", "password": "a long enough one"})
    assert answer.status_code == 303
    (new,) = {r.id for r in rows(select(Account.id))} - before
    theirs = [said for said in log if any(holds(values, new) for values in said)]
    assert theirs
    for said in theirs:
        for known in (wren.account_id or b"", cookie):
            assert not any(holds(values, known) for values in said)
    assert sign_ins.find(cookie) is None, "who was signed in here is not any more"


def test_r7_the_team_finds_again_whom_it_answered_last(
    world: World, inside: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past what one page lists, the oldest stood there, and nobody found the conversation of this morning."""
    monkeypatch.setattr(lines, "MOST_LISTED", 2)
    group = world.group()
    robin, asked = world.person(group, Role.MODERATOR), []
    for n in range(3):
        wren = world.person(group)
        asked.append(team.write_to_team(wren.actor, group.scope, Words(f"Question {n}."), "t").conversation_id)
        world.settle()
        team.mark_no_answer(robin.actor, asked[-1], 1)
        world.moment.go(days=1)
    _waiting, answered = team.list_lines(robin.actor, group.scope)
    assert [line.conversation_id for line, _name in answered] == [asked[2], asked[1]]


@pytest.mark.parametrize("asker", ["themselves", "another"])
def test_t5_an_admin_who_is_of_the_team_is_no_second_person_for_what_they_asked(world: World, asker: str) -> None:
    group = world.group()
    admin = world.admin(group.scope.organisation_id)
    owl, wren = world.join(admin, group, Role.FACILITATOR), world.person(group)
    by = owl if asker == "themselves" else world.person(group, Role.FACILITATOR)
    ref = write_ident(wren.persona_id)
    assert (
        by.send(
            f"/g/{group.address}/people/{ref}/propose", {"words": "You wrote to people at night.", "clause": "be-kind"}
        ).status_code
        == 303
    )
    form = {"group": write_ident(group.scope.group_id), "ref": ref, "choice": "agree"}
    answer = admin.send("/removals", form)
    with world.app.app_context():
        left = [r.id for r in rows(select(Persona.id).where(Persona.standing == Standing.LEFT))]
    if asker == "themselves":
        assert answer.status_code == 403
        assert not left
    else:
        assert answer.status_code == 303
        assert left == [wren.persona_id]


def test_a_second_step_that_took_too_long_says_what_to_do(world: World) -> None:
    """The page was empty: the secret that it would have shown again had ended while somebody fetched their phone."""
    owl = world.person(world.group(), Role.FACILITATOR)
    world.second_step(owl)
    world.step_up(owl)
    assert owl.send("/second-step").status_code == 303
    world.moment.go(minutes=11)
    answer = owl.send("/second-step/new", {"code": "123456", "old_code": "000000"})
    assert answer.status_code == 404
    assert "Please begin again." in text_of(answer)


def test_a_code_that_comes_too_late_is_told_to_sign_in_again(world: World) -> None:
    """It said "no such page" to an admin who had typed the right password, and the right code too late."""
    with world.app.app_context():
        secret = staff.invite()
    admin = world.visitor()
    admin.get(f"/staff/{secret}")
    assert admin.send(f"/staff/{secret}", {"name": "a private one", "password": "a long enough one"}).status_code == 303
    world.moment.go(minutes=11)
    answer = admin.send("/sign-in/code", {"code": "123456"})
    assert answer.status_code == 404
    assert "Please sign in again" in text_of(answer)


def test_r7_nobody_who_waits_for_the_team_is_out_of_reach(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever floods the team with requests and questions hid everybody who wrote after them: one page was all."""
    monkeypatch.setattr(lines, "MOST_LISTED", 2)
    group = world.group()
    robin = world.person(group, Role.MODERATOR)
    asking = [world.person(group) for _n in range(5)]
    for wren in asking:
        with world.app.app_context():
            team.write_to_team(wren.actor, group.scope, Words("Please help."), "t")
        world.settle()
        world.moment.go(hours=2)
    path, seen = f"/g/{group.address}/lines", ""
    for n in (1, 2, 3):
        page = robin.get(f"{path}?page={n}")
        assert page.status_code == 200
        assert f"{path}?page={3 if n == 2 else 2}" in page.get_data(as_text=True)
        seen += text_of(page)
    assert [wren.name for wren in asking if seen.count(wren.name) != 1] == []
    assert robin.get(f"{path}?page=99").status_code == 200


def test_sec_s17_invitations_guessed_all_at_once_are_counted_before_they_are_looked_at(
    world: World, inside: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From many places, each try begun before the one before it was answered: all together get 60 in a minute."""
    looked = []

    def find(_words: str) -> None:
        looked.append(1)
        guess(len(looked))

    def guess(n: int) -> None:
        with suppress(NotAllowed, TooMany):
            if n <= 100:
                invitations.show_words(b"c" * 32, "acorn acorn acorn", f"10.0.0.{n}")

    monkeypatch.setattr(invitations, "_find", find)
    guess(1)
    assert len(looked) == invitations.MISSES_A_MINUTE


def test_right_words_of_an_invitation_are_no_wrong_try(world: World, inside: object) -> None:
    """A leaflet in a waiting room: its readers must not use up the tries of everybody else."""
    group = world.group()
    owl = world.person(group, Role.FACILITATOR)
    words = invitations.make_invitation(owl.actor, group.scope, invitations.Terms(uses=50))
    for n in range(2 * invitations.MISSES_A_MINUTE):
        assert invitations.show_words(n.to_bytes(32), words, "10.0.0.1") == group.address


def test_an_objection_in_the_last_moment_is_not_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The week is over, and while the name moves its holder says no: either it was too late, or nothing moves."""
    group = world.group()
    owl, lost, asker = world.person(group, Role.FACILITATOR), world.person(group), world.person(group)
    with world.app.app_context(), transaction():
        begun = vouching.start(group.scope, lost.persona_id, Deed.GIVE_BACK, owl.persona_id, asker.persona_id)
    world.moment.go(days=7)
    settling, is_here, order = threading.Event(), vouching._is_here, []

    def slowly(*args: Any) -> bool:
        settling.set()
        objected.wait(1)
        return is_here(*args)

    monkeypatch.setattr(vouching, "_is_here", slowly)
    objected = threading.Event()

    def settle() -> None:
        with world.app.app_context(), transaction():
            vouching.settle(group.scope, lost.persona_id, begun.fence)
            order.append("moved")  # before the commit that lets an objection in, which is too late then

    def object_to() -> None:
        with world.app.app_context():
            settling.wait(5)
            with transaction():
                vouching.stop(group.scope, lost.persona_id)
            order.append("objected")
            objected.set()

    with ThreadPoolExecutor(2) as hands:
        for done in [hands.submit(settle), hands.submit(object_to)]:
            done.result()
    with world.app.app_context():
        moved = not lost.actor.memberships
        assert vouching.find(group.scope, lost.persona_id) is None
    assert not (moved and order[0] == "objected")
