"""The line to the team: who may write, who may read, what becomes of the words, and what nothing may lose."""

import re
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Row, select, update

from forum.base import keyring, rotation
from forum.base.db import row
from forum.base.errors import NotAllowed, NotFound
from forum.base.idents import new_ident, write_ident, write_post_id
from forum.base.keyring import Purpose
from forum.base.transaction import here, transaction
from forum.conversations import outside, places, queries, restrictions, team, usecases
from forum.conversations.prepare import Words
from forum.models import OutsideReport, Persona, Post, PostState, Role, Standing
from forum.policy import gate
from forum.policy.actor import Actor
from forum.policy.lines import PLACES
from forum.web.sign_ins import hash_of
from tests.anonymity.traces import changed, everything, leads_to, listening
from tests.security.scene import plain
from tests.world import GroupHere, Person, World, conversation_url, post_url, text_of

ident, ident_of = write_ident, write_post_id
LINK = "Please look at https://example.org/page or ring 07700 900123."


def ask(person: Person, body: str = "Can somebody help me?", mask_id: bytes | None = None) -> bytes:
    """Write to the team; gives the line's conversation."""
    assert person.group
    token = write_ident(new_ident())
    with person.world.app.app_context():
        written = team.write_to_team(person.actor, person.group.scope, Words(body), token, mask_id)
    person.world.settle()
    return written.conversation_id


def answer(person: Person, line: bytes, body: str = "We are here.", seen: int = 1) -> int:
    with person.world.app.app_context():
        written = usecases.submit_post(person.actor, line, Words(body, seen=seen), write_ident(new_ident()))
    person.world.settle()
    return written.id


def waiting(person: Person) -> list[bytes]:
    assert person.group
    return [line.conversation_id for line, _name in team.list_lines(person.actor, person.group.scope)[0]]


@pytest.fixture
def group(world: World) -> GroupHere:
    return world.group()


def test_the_team_reads_what_a_member_wrote_and_other_members_do_not(
    world: World, group: GroupHere, inside: object
) -> None:
    wren, heron, robin = world.person(group), world.person(group), world.person(group, Role.MODERATOR)
    line = ask(wren)

    for reader in (wren, robin):
        here = team.enter(reader.actor, line)
        posts = queries.list_posts(here.actor, line, 1)
        assert [p.author for p in posts] == [wren.name]
    for query in (places.get_place, team.enter):
        with pytest.raises(NotFound):
            query(heron.actor, line)
    assert queries.list_posts(heron.actor, line, 1) == []


def line_url(line: bytes, page: str = "") -> str:
    return f"/line/{write_ident(line)}{page}"


def test_one_tap_and_one_form_and_the_answer_comes_back(world: World, group: GroupHere) -> None:
    wren, robin = world.person(group), world.person(group, Role.FACILITATOR)
    world.on_duty(group, 0, "19:00", "21:00")
    assert f'href="/g/{group.address}/ask"' in wren.get(f"/g/{group.address}").get_data(as_text=True)
    form = wren.get(f"/g/{group.address}/ask")
    assert form.status_code == 200
    assert f"{robin.name} (facilitator)" in text_of(form)
    assert "The next person looks today at 19:00" in text_of(form)
    sent = wren.send(f"/g/{group.address}/ask", {"body": "I am not well.", "token": "one"})
    assert sent.status_code == 303
    line = sent.headers["Location"].split("?")[0]
    assert "Your words are kept" in text_of(wren.get(sent.headers["Location"]))
    world.settle()

    todo = robin.get(f"/g/{group.address}/lines")
    assert line in todo.get_data(as_text=True)
    assert "I am not well." in text_of(robin.get(line))
    assert robin.send(f"{line}/posts", {"body": "We are here.", "token": "two", "seen": "1"}).status_code == 303
    world.settle()

    assert "The team has answered you. You have not read it yet." in text_of(wren.get("/messages"))
    page = text_of(wren.get(line))
    assert "We are here." in page
    assert robin.name in page
    wren.send(f"{line}/read", {"seq": "2"})
    assert "You have not read it yet" not in text_of(wren.get("/messages"))
    assert "Nobody waits" in text_of(robin.get(f"/g/{group.address}/lines"))


# --- Who may write -----------------------------------------------------------------------------------------------


def test_words_to_the_team_are_never_held_and_what_the_gate_finds_only_marks_them(
    world: World, group: GroupHere, inside: object
) -> None:
    wren, robin = world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(wren)
    held = world.reply(wren, topic, LINK)
    assert state_of(held) is PostState.HELD, "the same words on a board wait"

    line = ask(wren, LINK)
    (found, _name), *_rest = team.list_lines(robin.actor, group.scope)[0]
    assert found.marks == ("link", "phone")
    assert [p.state for p in queries.list_posts(robin_in(robin, line), line, 1)] == [PostState.VISIBLE]


NO = {"reason": "We would rather not have this seen."}


def in_line(world: World, person: Person, line: bytes) -> Sequence[Row[Any]]:
    with world.app.app_context():
        return queries.list_posts(robin_in(person, line), line, 1)


def state_of(post_id: int) -> PostState:
    found = row(select(Post.state).where(Post.id == post_id))
    assert found
    return PostState(found.state)


def robin_in(person: Person, line: bytes) -> Actor:
    return team.enter(person.actor, line).actor


def test_a_gate_that_breaks_stands_between_nobody_and_the_team(
    world: World, group: GroupHere, inside: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(gate.HoldEverything):
        def screen(self, body: str, words: frozenset[str], lang: str) -> object:
            raise OSError

        def record(self, post: gate.Waiting, verdict: gate.Verdict) -> None:
            raise OSError

    wren, robin = world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(wren)
    gate.plug(Broken())
    with pytest.raises(OSError):
        world.reply(wren, topic, "A board needs the gate.")
    line = ask(wren, "I need somebody.")
    assert waiting(robin) == [line]


def test_somebody_held_or_behind_the_rules_writes_to_the_team_all_the_same(
    world: World, group: GroupHere, inside: object
) -> None:
    wren, robin = world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(wren)
    with transaction():
        restrictions.hold_posts(group.scope, wren.persona_id, wren.persona_id)
        behind = update(Persona).where(Persona.id == wren.persona_id).values(agreed_version_id=None)
        here().execute(behind.execution_options(synchronize_session=False))
    with pytest.raises(NotAllowed):
        world.reply(wren, topic, "Others come later.")
    line = ask(wren)
    assert waiting(robin) == [line]
    (found, _name), *_rest = team.list_lines(robin.actor, group.scope)[0]
    assert found.marks == (), "a hold is about the person, and is not shown here (L17)"


def test_somebody_who_waits_to_be_let_in_is_answered_and_reads_nothing_else(world: World, group: GroupHere) -> None:
    wren, robin = world.person(group), world.person(group, Role.FACILITATOR)
    topic = world.topic(robin)
    with world.app.app_context(), transaction():
        waits = update(Persona).where(Persona.id == wren.persona_id).values(standing=Standing.WAITING)
        here().execute(waits.execution_options(synchronize_session=False))
    assert wren.get(conversation_url(topic)).status_code == 404
    sent = wren.send(f"/g/{group.address}/ask", {"body": "May I come in?", "token": "one"})
    line = sent.headers["Location"].split("?")[0]
    post = re.search(r"/p/([a-z2-7]{12})/more", wren.get(line).get_data(as_text=True))
    assert post
    world.settle()
    robin.send(f"{line}/posts", {"body": "Soon, yes.", "token": "two", "seen": "1"})
    world.settle()
    assert "Soon, yes." in text_of(wren.get(line))
    assert "You wait to be let in" in text_of(wren.get("/messages"))
    assert wren.get(f"/p/{post[1]}/more").status_code == 200
    assert wren.send(f"/p/{post[1]}/edit", {"body": "May I come in, please?"}).status_code == 303
    assert wren.send(f"/p/{post[1]}/withdraw").status_code == 303
    assert wren.send(f"{line}/report", {"body": "Nobody let me in."}).status_code == 303
    assert wren.get(conversation_url(topic)).status_code == 404


# --- What others see ---------------------------------------------------------------------------------------------


def test_l15_under_an_alias_the_team_sees_the_alias_and_two_aliases_are_two_lines(
    world: World, group: GroupHere, inside: object
) -> None:
    wren, robin = world.person(group), world.person(group, Role.MODERATOR)
    posts = [world.reply(wren, world.topic(robin), "I hide.", masked=True) for _n in range(2)]
    faces = [team.find_own_mask(wren.actor, post) for post in posts]
    named = ask(wren, "Under my name.")
    masked = [ask(wren, "Under an alias.", face.id) for _place, face, _alias in faces]
    assert len({named, *masked}) == 3
    assert ask(wren, "Again.", faces[0][1].id) == masked[0]

    for line, (_place, _face, alias) in zip(masked, faces, strict=True):
        page = robin.get(line_url(line)).get_data(as_text=True)
        assert alias in page
        assert wren.name not in page
        assert write_ident(wren.persona_id) not in page
        assert team.find_persona(robin.actor, group.scope, line) is None
    assert team.find_persona(robin.actor, group.scope, named) == wren.persona_id
    assert [line.conversation_id for line in team.list_mine([wren.actor.memberships[group.scope.group_id]])]
    mine = wren.get("/messages").get_data(as_text=True)
    assert all(line_url(line) in mine for line in (named, *masked))


def test_l17_no_statement_of_words_under_an_alias_names_the_persona(world: World, group: GroupHere) -> None:
    wren, robin = world.person(group), world.person(group, Role.MODERATOR)
    with world.app.app_context():
        post = world.reply(wren, world.topic(robin), "I hide.", masked=True)
        _place, face, _alias = team.find_own_mask(wren.actor, post)
        actor = wren.actor
        world.moment.go(minutes=7, seconds=13)
        before = everything()
        with listening() as told:
            team.write_to_team(actor, group.scope, Words("Under an alias."), "one", face.id)
        assert told.written_tables() == {"post", "conversation", "resend", "job", "team_line"}
        for statement, values in told.statements:
            assert not leads_to(values, wren.persona_id, wren.account_id or b""), statement
        new = changed(before, everything())
        for table, found in new.items():
            for values in found:
                assert not leads_to([v for _name, v in values], wren.persona_id, wren.account_id or b""), table
        (line,) = new["team_line"]
        assert dict(line)["due_at"].minute == 0
        with listening() as told:
            team.write_to_team(actor, group.scope, Words("Under my name."), "two")
        assert any(leads_to(values, wren.persona_id) for _statement, values in told.statements), "the twin"


def test_sec_s21_no_other_page_of_the_program_opens_a_line(world: World, group: GroupHere) -> None:
    wren, heron, robin = world.person(group), world.person(group), world.person(group, Role.FACILITATOR)
    world.topic(heron)
    before = {path: plain(heron.get(path), path) for path in ("/", f"/g/{group.address}", f"/b/{ident(group.board)}")}
    line = ask(wren, "A canary that sings to the team.")
    answer_id = answer(robin, line, "A canary that sings back.")
    assert {path: plain(heron.get(path), path) for path in before} == before
    for reader in (wren, heron, robin):
        for page in ("", "/changes?after=0", "/withdrawn"):
            assert reader.get(conversation_url(line) + page).status_code == 404
        assert reader.send(conversation_url(line) + "/posts", {"body": "x", "token": "t"}).status_code == 404
        assert reader.send(conversation_url(line) + "/read", {"seq": "1"}).status_code == 404
    for path in (post_url(answer_id), post_url(answer_id, "more"), f"/c/{ident(line)}?answers={ident_of(answer_id)}"):
        assert heron.get(path).status_code == 404
    topic = world.topic(heron)
    for person in (wren, robin):
        asked = person.get(f"{conversation_url(topic)}?answers={ident_of(answer_id)}")
        assert "canary" not in text_of(asked)
    asked_id = next(p.id for p in in_line(world, robin, line) if p.author == wren.name)
    for page in ("hide", "hold-author", "look-after"):
        sent = robin.get(post_url(asked_id, page)) if page == "look-after" else robin.send(post_url(asked_id, page), NO)
        assert sent.status_code == 404, "words to the team are not the team's to put away"
    assert not any(b"canary" in page for page in heron.pages)


# --- Answers -----------------------------------------------------------------------------------------------------


def test_words_that_came_in_while_somebody_answered_wait_on(world: World, group: GroupHere, inside: object) -> None:
    wren, robin = world.person(group), world.person(group, Role.MODERATOR)
    line = ask(wren, "First.")
    ask(wren, "I have hurt myself.")
    answer(robin, line, "To the first.", seen=1)
    assert waiting(robin) == [line]
    answer(robin, line, "To both.", seen=3)
    assert waiting(robin) == []


def test_the_oldest_promise_stands_first_and_no_age_takes_a_line_away(
    world: World, group: GroupHere, inside: object
) -> None:
    wren, heron, robin = world.person(group), world.person(group), world.person(group, Role.MODERATOR)
    first = ask(wren)
    world.moment.go(days=3)
    second = ask(heron)
    world.moment.go(days=400)
    assert waiting(robin) == [first, second]
    ask(wren, "Are you there?")
    assert waiting(robin) == [first, second], "more words do not put the promise off"


def test_an_answer_taken_back_is_no_answer(world: World, group: GroupHere, inside: object) -> None:
    wren, robin = world.person(group), world.person(group, Role.MODERATOR)
    line = ask(wren)
    post = answer(robin, line)
    assert waiting(robin) == []
    usecases.withdraw_post(robin.actor, post)
    assert waiting(robin) == [line]


def test_a_question_taken_back_before_anybody_saw_it_is_none_and_after_that_it_still_waits(
    world: World, group: GroupHere, inside: object
) -> None:
    wren, heron, robin = world.person(group), world.person(group), world.person(group, Role.MODERATOR)
    token = write_ident(new_ident())
    unseen = team.write_to_team(wren.actor, group.scope, Words("A slip."), token)
    usecases.withdraw_post(wren.actor, unseen.id)
    world.settle()
    assert waiting(robin) == []
    line = ask(heron, "I cannot go on.")
    seen = queries.list_posts(robin_in(robin, line), line, 1)[0].id
    usecases.withdraw_post(heron.actor, seen)
    assert waiting(robin) == [line]


def test_changed_words_wait_again(world: World, group: GroupHere, inside: object) -> None:
    wren, robin = world.person(group), world.person(group, Role.MODERATOR)
    line = ask(wren)
    answer(robin, line)
    post = queries.list_posts(robin_in(robin, line), line, 1)[0].id
    usecases.edit_post(wren.actor, post, "I took too many of them.", "en")
    assert waiting(robin) == [line]
    assert state_of(post) is PostState.VISIBLE


def test_what_needs_no_answer_leaves_the_list_and_comes_back_with_new_words(
    world: World, group: GroupHere, inside: object
) -> None:
    wren, robin = world.person(group), world.person(group, Role.MODERATOR)
    line = ask(wren, "Thank you.")
    team.mark_no_answer(robin.actor, line, 1)
    assert waiting(robin) == []
    ask(wren, "One more thing.")
    assert waiting(robin) == [line]


def test_a_form_sent_twice_is_one_post_on_one_line(world: World, group: GroupHere, inside: object) -> None:
    wren = world.person(group)
    token = write_ident(new_ident())
    written = [team.write_to_team(wren.actor, group.scope, Words("Once."), token) for _n in range(2)]
    assert written[0].id == written[1].id


def test_somebody_who_lost_their_role_reads_and_answers_no_more(world: World, group: GroupHere, inside: object) -> None:
    wren, robin = world.person(group), world.person(group, Role.MODERATOR)
    line = ask(wren)
    answer(robin, line)
    stale = robin.actor
    with transaction():
        ended = update(Persona).where(Persona.id == robin.persona_id).values(role=Role.MEMBER)
        here().execute(ended.execution_options(synchronize_session=False))
    with pytest.raises(NotFound):
        team.enter(robin.actor, line)
    with pytest.raises(NotFound):
        usecases.submit_post(stale, line, Words("From before."), write_ident(new_ident()))


def test_too_many_aliases_are_told_so_and_the_name_still_reaches_the_team(
    world: World, group: GroupHere, inside: object
) -> None:
    wren, robin = world.person(group), world.person(group, Role.MODERATOR)
    for n in range(PLACES):
        topic = world.topic(robin)
        mask = team.find_own_mask(wren.actor, world.reply(wren, topic, "I hide.", masked=True))[1]
        if n < PLACES - 1:
            ask(wren, mask_id=mask.id)
    with pytest.raises(NotAllowed):
        ask(wren, mask_id=mask.id)
    assert ask(wren)


def as_the_team_sees(person: Person, line: bytes) -> bytes:
    """A line's page without what is new on every page."""
    page = plain(person.get(line_url(line)), line_url(line))
    return re.sub(rb'name="token" value="[a-z2-7]{26}"', b"", page)


# --- Somebody outside --------------------------------------------------------------------------------------------


def test_a_report_goes_past_the_team_with_a_copy_that_nobody_can_take_away(world: World, group: GroupHere) -> None:
    wren, robin = world.person(group), world.person(group, Role.FACILITATOR)
    with world.app.app_context():
        line = ask(wren, "You left me alone.")
        post = answer(robin, line, "An unkind answer.")
    before = as_the_team_sees(robin, line)
    sent = wren.send(line_url(line, "/report"), {"body": "They are unkind."})
    assert sent.status_code == 303
    receipt = text_of(wren.get(sent.headers["Location"]))
    assert "They are unkind." in receipt
    assert "A copy of 2 posts went along." in receipt
    assert as_the_team_sees(robin, line) == before, "the team is not told"
    assert robin.get(sent.headers["Location"]).status_code == 404

    with world.app.app_context():
        usecases.withdraw_post(robin.actor, post)
        report = row(select(OutsideReport.id, OutsideReport.sealed))
        assert report
        assert b"unkind" not in report.sealed
    other = world.group("Lantern Trust")
    admin, far = world.admin(group.scope.organisation_id), world.admin(other.scope.organisation_id)
    assert "Reports about teams" in text_of(far.get("/admin/reports"))
    there = f"/admin/reports/{ident(report.id)}"
    assert there in admin.get("/admin/reports").get_data(as_text=True)
    assert there not in far.get("/admin/reports").get_data(as_text=True)
    assert "An unkind answer." in text_of(admin.get(there))
    assert far.get(there).status_code == far.send(f"{there}/handled").status_code == 404
    assert admin.send(f"{there}/handled").status_code == 303
    assert "They saw to it on" in text_of(wren.get(sent.headers["Location"]))


def test_a_rotation_of_keys_keeps_lines_and_reports(
    world: World, group: GroupHere, inside: object, ring: keyring.Keyring
) -> None:
    wren = world.person(group)
    line = ask(wren)
    outside.report_line(wren.actor, line, "Something.")
    keyring.use(ring.rotated(Purpose.TAG).rotated(Purpose.SEAL))
    assert sum(rotation.renew_old()) > 0
    assert rotation.count_old() == 0
    here_ = team.enter(wren.actor, line)
    assert here_.own
    assert [one.words for one in outside.list_receipts(here_)] == ["Something."]


def test_the_way_to_the_team_stands_on_every_page_of_a_group_and_on_no_other(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    topic = world.topic(wren)
    post = world.reply(wren, topic, "Something.")
    here_, board = f"/g/{group.address}", f"/b/{ident(group.board)}"
    way = f'href="{here_}/ask"'
    pages = (here_, f"{here_}/rules", f"{here_}/name", board, f"{board}/write", conversation_url(topic))
    for path in (*pages, post_url(post, "more"), post_url(post, "edit"), post_url(post, "sent"), f"{here_}/help"):
        for _again in range(2):  # the second time from memory
            assert way in wren.get(path).get_data(as_text=True), path
    with world.app.app_context(), transaction():
        behind = update(Persona).where(Persona.id == wren.persona_id).values(agreed_version_id=None)
        here().execute(behind.execution_options(synchronize_session=False))
    refused = wren.send(f"{conversation_url(topic)}/posts", {"body": "Not agreed.", "token": "t"})
    assert "Not agreed." in refused.get_data(as_text=True)
    assert way in refused.get_data(as_text=True), "also where words wait for an answer"
    assert way in wren.get(f"{here_}/write").get_data(as_text=True), "also before the rules"
    stranger = world.person(world.group())
    for path in (here_, "/", "/help", board):
        assert way not in stranger.get(path).get_data(as_text=True)
    assert way not in world.visitor().get(here_).get_data(as_text=True)


@pytest.mark.parametrize("others", [False, True])
def test_an_admin_on_the_team_reads_a_report_about_it_only_if_nobody_else_could(
    world: World, inside: object, others: bool
) -> None:
    group = world.group()
    wren, organisation_id = world.person(group), group.scope.organisation_id
    owl = world.join(world.admin(organisation_id), group, Role.FACILITATOR)
    outsider = world.admin(organisation_id) if others else None
    line = ask(wren)
    report = outside.report_line(wren.actor, line, "They laugh at me.")

    assert [one.id for one in outside.list_reports(signed_in(owl))] == ([] if others else [report])
    with pytest.raises(NotFound) if others else nullcontext():
        outside.get_report(signed_in(owl), report)
    if outsider:
        assert [one.id for one in outside.list_reports(signed_in(outsider))] == [report]
        assert outside.get_report(signed_in(outsider), report).words == "They laugh at me."


def signed_in(person: Person) -> Actor:
    """Who they are with the browser they use: what admins may do hangs on it."""
    return replace(person.actor, sign_in=hash_of(person.cookie or ""))
