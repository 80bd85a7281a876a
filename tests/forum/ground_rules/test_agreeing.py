"""New rules: what a member reads of them, what they answer, and what stays open meanwhile."""

import pytest
from sqlalchemy import select

from forum.base.db import row
from forum.base.errors import NotAllowed
from forum.conversations import usecases as posting
from forum.conversations.prepare import Words
from forum.ground_rules import agreeing, answers, versions
from forum.models import Agreement, CharterVersion, Persona, Role
from forum.policy.members import actor_in
from tests.forum.ground_rules.changing import AFTER_GRACE, GENTLY, MEANS, bring, change_rules
from tests.world import GroupHere, Person, World, conversation_url, text_of

STATED = "We tell the people who need to know, and our own lead."


def page_of(person: Person, group: GroupHere) -> str:
    return person.get(f"/g/{group.address}/rules/agree").get_data(as_text=True)


def agree(person: Person, group: GroupHere, **said: str) -> int:
    version = page_of(person, group).split('name="version" value="')[1].split('"')[0]
    form = {"version": version, "method": "self", **said}
    return person.send(f"/g/{group.address}/rules/agree", form).status_code


def can_post(person: Person, topic: bytes) -> bool:
    with person.world.app.app_context():
        now = actor_in(person.actor, person.group.scope)
        try:
            posting.submit_post(now, topic, Words("I am here."), "token")
        except NotAllowed:
            return False
    return True


@pytest.fixture
def group(world: World) -> GroupHere:
    return world.group()


def change(world: World, group: GroupHere, **said: object) -> None:
    with world.app.app_context():
        change_rules(group, **said)  # type: ignore[arg-type]


def test_c7_without_an_answer_nobody_publishes_and_everything_else_stays_open(world: World, group: GroupHere) -> None:
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(heron, body="Hello from me.")
    mine = world.reply(wren, topic, "My own words.")
    change(world, group)
    world.moment.go(seconds=AFTER_GRACE.total_seconds())
    assert not can_post(wren, topic)
    for open_page in (
        conversation_url(topic),
        f"/g/{group.address}",
        f"/g/{group.address}/rules",
        f"/g/{group.address}/help",
        f"/g/{group.address}/ask",
        f"/g/{group.address}/going",
        f"/g/{group.address}/copy",
        f"/g/{group.address}/report",
        "/help",
        "/privacy",
    ):
        assert wren.get(open_page, follow_redirects=True).status_code == 200, open_page
    with world.app.app_context():
        posting.withdraw_post(actor_in(wren.actor, group.scope), mine)
    assert agree(wren, group) == 303
    assert can_post(wren, topic)


def test_c7_an_answer_to_the_version_before_is_enough_while_time_is_given(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    topic = world.topic(wren)
    change(world, group)
    assert can_post(wren, topic)
    assert "The ground rules changed" in text_of(wren.get(f"/g/{group.address}"))
    world.moment.go(seconds=AFTER_GRACE.total_seconds())
    assert not can_post(wren, topic)


def test_who_never_agreed_gets_no_time(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    topic = world.topic(wren)
    wren.send(f"/g/{group.address}/rules/agree/take-back", {})
    change(world, group)
    assert not can_post(wren, topic)
    assert "What we must tell others" in text_of(wren.get(f"/g/{group.address}/rules/agree", follow_redirects=True))


def test_only_what_changed_is_read_word_by_word_with_what_it_means(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    change(world, group)
    shown = page_of(wren, group)
    assert MEANS in shown
    assert "<ins" in shown
    assert "<del" in shown
    assert "gently" in shown
    assert "No private messages" not in shown
    agree(wren, group)
    assert "You agreed to version 2" in text_of(wren.get(f"/g/{group.address}/rules/agree"))


def test_a_new_rule_and_one_that_is_gone_are_said(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    with world.app.app_context():
        rules = list(versions.get_in_force(group.scope.group_id).rules)
        gone = next(rule for rule in rules if rule.uid == "listen-first")
        fresh = versions.Rule("phones", "Phones away", "Put your phone away.")
        bring(group, [*(rule for rule in rules if rule.uid != gone.uid), fresh])
    shown = text_of(wren.get(f"/g/{group.address}/rules/agree"))
    assert "This rule is new." in shown
    assert "Put your phone away." in shown
    assert "This rule is gone." in shown
    assert "Listen first" in shown


def test_a_setting_that_changes_says_what_the_site_does_now(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    change(world, group, uid="links", body="No links.", binding_value="none")
    assert "What the site does now: Nobody posts links here." in text_of(wren.get(f"/g/{group.address}/rules/agree"))


def test_a_change_of_what_must_be_told_asks_its_question_anew(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    change(world, group, uid="what-we-must-tell", body=STATED)
    assert agree(wren, group) == 422
    assert agree(wren, group, **{"answer-what-we-must-tell": "not-now"}) == 200
    assert agree(wren, group, **{"answer-what-we-must-tell": "yes"}) == 303


def test_other_changes_ask_no_question(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    change(world, group)
    assert "answer-what-we-must-tell" not in page_of(wren, group)


def test_an_answer_to_rules_that_changed_meanwhile_agrees_to_nothing(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    change(world, group)
    version = page_of(wren, group).split('name="version" value="')[1].split('"')[0]
    change(world, group, body="Write even more gently.")
    answer = wren.send(f"/g/{group.address}/rules/agree", {"version": version, "method": "self"})
    assert answer.status_code == 409
    assert "changed once more" in text_of(answer)
    with world.app.app_context():
        found = row(select(CharterVersion.n).join(Persona, Persona.agreed_version_id == CharterVersion.id))
        assert found
        assert found.n == 1


def test_the_record_says_which_text_in_which_language_and_how_it_was_read(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    change(world, group)
    agree(wren, group, method="read_aloud")
    world.moment.go(days=7)
    with world.app.app_context():
        answers.bring_in_due()
        kept = row(
            select(*Agreement.__table__.columns, CharterVersion.text_sha256.label("hash"))
            .join(CharterVersion, CharterVersion.id == Agreement.version_id)
            .where(CharterVersion.n == 2)
        )
        assert kept
        assert (kept.text_sha256, kept.locale, kept.method) == (kept.hash, "en", "read_aloud")
        assert "what-we-must-tell" in kept.acknowledged.split("\n")


def test_an_answer_can_be_taken_back_and_given_again(world: World, group: GroupHere) -> None:
    wren = world.person(group)
    topic = world.topic(wren)
    wren.send(f"/g/{group.address}/rules/agree/take-back", {})
    assert not can_post(wren, topic)
    assert wren.get(conversation_url(topic)).status_code == 200
    with world.app.app_context():
        taken = row(select(Agreement.withdrawn_on))
        assert taken
        assert taken.withdrawn_on
    wren.send(f"/g/{group.address}/join", {"answer-what-we-must-tell": "yes"})
    assert can_post(wren, topic)


def test_members_see_how_many_agreed_and_facilitators_who(world: World, group: GroupHere) -> None:
    wren, heron = world.person(group), world.person(group)
    lead, owl = world.person(group, Role.FACILITATOR), world.person(group, Role.MODERATOR)
    change(world, group)
    agree(wren, group)
    assert "0 of the 4 people" in text_of(lead.get(f"/g/{group.address}/rules/agreed")), "not before Monday"
    world.moment.go(days=7)
    with world.app.app_context():
        answers.bring_in_due()
    for reader in (wren, heron, owl):
        shown = text_of(reader.get(f"/g/{group.address}/rules/agreed"))
        assert "1 of the 4 people" in shown
        assert heron.name not in shown
    shown = text_of(lead.get(f"/g/{group.address}/rules/agreed"))
    agreed, waiting = shown.split("They had not answered")
    assert wren.name in agreed
    assert heron.name not in agreed
    assert heron.name in waiting
    assert wren.name not in waiting


def test_the_page_of_rules_has_easy_words_a_date_and_a_day_to_look_again(world: World, group: GroupHere) -> None:
    visitor = world.visitor()
    full, easy = (text_of(visitor.get(f"/g/{group.address}/rules{end}")) for end in ("", "?easy=yes"))
    assert "Be kind to other people." in easy
    assert "Be kind to other people." not in full
    assert "Write to people as you would like them to write to you." in full
    assert "They came with this site." in full
    assert "We look at them again by" in full
    world.moment.go(days=20)
    assert "It is time to look at them again." in text_of(visitor.get(f"/g/{group.address}/rules"))


def test_a_rule_without_easy_words_stands_in_its_own_among_easy_ones(world: World, group: GroupHere) -> None:
    change(world, group, easy="")
    shown = text_of(world.visitor().get(f"/g/{group.address}/rules?easy=yes"))
    assert GENTLY in shown
    assert "Listen first. Say what you heard." in shown


def test_a_text_that_was_written_anew_stands_whole_beside_the_old_one() -> None:
    small = agreeing.readable_diff("Be kind to all of us.", "Be kind to each of us.")
    assert [(one.how, one.text.strip()) for one in small if one.how != "same"] == [
        ("removed", "all"),
        ("added", "each"),
    ]
    whole = agreeing.readable_diff("We must tell others now and then.", "Put others first, then write.")
    assert [one.how for one in whole] == ["removed", "added"]
    assert whole[1].text == "Put others first, then write."
