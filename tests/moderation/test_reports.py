"""Telling the team: kept with the words as they were, shown to nobody whom it names, and never an act by itself."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from forum.base import clock, jobs
from forum.base.db import row, rows
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.idents import write_ident
from forum.base.transaction import here, transaction
from forum.conversations import choosing, outside, restrictions, team
from forum.conversations import queries as conversations
from forum.conversations import usecases as posting
from forum.conversations.prepare import Words
from forum.ground_rules.queries import find_rules
from forum.models import Persona, Post, PostState, Role
from moderation import (
    decisions,
    evidence,
    item_decide,
    not_for,
    queue,
    report_queries,
    report_targets,
    reports,
    sight,
    usecases,
)
from moderation.decisions import Changed, Lost, Verdict
from moderation.models import TOLD, AuditEntry, CaseItem, CaseKind, Choice, Decision, Evidence, NotFor, Report
from moderation.reports import Saying
from tests.world import BASE, Person, World, post_url, text_of


def tell(person: Person, post_id: int, kind: CaseKind = CaseKind.REPORT, **said: str) -> bytes:
    """Report a post, or worry about its author."""
    look = report_targets.of_post if kind is CaseKind.REPORT else report_targets.of_author
    return reports.tell(person.actor, kind, lambda now: look(now, post_id), Saying(**said))


def waiting(person: Person) -> list[bytes]:
    """The items that a moderator sees."""
    assert person.group
    found = queue.list_open(person.actor, person.group.scope)
    assert found.in_all == len(found.lines)
    return [line.id for line in found.lines if line.kind in TOLD]


def version_of(item_id: bytes) -> int:
    found = row(select(CaseItem.version).where(CaseItem.id == item_id))
    assert found
    return int(found.version)


def decide(person: Person, item_id: bytes, choice: Choice, note: str = "", seen: int = 0) -> None:
    decisions.decide(
        person.actor, item_id, Verdict(choice, version_of(item_id), words=note, clause_uid="be-kind", seen=seen)
    )


def changed_in(post_id: int) -> int:
    found = row(select(Post.changed_in).where(Post.id == post_id))
    assert found
    return int(found.changed_in)


class Story:
    """A group with two members, two moderators and one post."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.wren, self.heron = world.person(self.group, name="Wren"), world.person(self.group, name="Heron")
        self.owl = world.person(self.group, Role.MODERATOR, name="Owl")
        self.jay = world.person(self.group, Role.MODERATOR, name="Jay")
        self.topic = world.topic(self.heron, body="First words.")
        world.reply(self.heron, self.topic, "Second words.")
        self.post = world.reply(self.wren, self.topic, "Cruel words.")
        world.reply(self.heron, self.topic, "Fourth words.")


@pytest.fixture
def story(world: World, inside: object) -> Story:
    return Story(world)


# --- What is kept ----------------------------------------------------------------------------------------------------


def test_a_report_seals_the_words_and_what_stands_around_them(story: Story) -> None:
    item = tell(story.heron, story.post, words="It hurts me.")
    assert waiting(story.owl) == [item]
    (copy,) = evidence.list_copies(story.group.scope, item)
    assert (copy.body, copy.author) == ("Cruel words.", "Wren")
    assert [(a, b, t) for a, _hour, b, t in copy.around] == [
        ("Heron", "First words.", False),
        ("Heron", "Second words.", False),
        ("Wren", "Cruel words.", True),
        ("Heron", "Fourth words.", False),
    ]
    assert "Cruel" not in repr(rows(select(Evidence.sealed)))
    assert "hurts" not in repr(rows(select(Report.sealed)))


def test_words_withdrawn_a_moment_later_are_still_held(story: Story) -> None:
    item = tell(story.heron, story.post)
    posting.withdraw_post(story.wren.actor, story.post)
    assert [c.body for c in evidence.list_copies(story.group.scope, item)] == ["Cruel words."]
    page = text_of(story.owl.get(f"/cases/{write_ident(item)}"))
    assert "Cruel words." in page
    assert "The author took this post back." in page


def test_words_changed_between_two_reports_are_both_held(story: Story) -> None:
    item = tell(story.heron, story.post)
    posting.edit_post(story.wren.actor, story.post, "Kind words.", "en")
    again = tell(story.world.person(story.group), story.post)
    assert again == item
    assert [c.body for c in evidence.list_copies(story.group.scope, item)] == ["Cruel words.", "Kind words."]


def test_its_author_may_still_erase_earlier_words_and_learns_nothing(story: Story) -> None:
    """ "The team is still looking at this post" would say that somebody reported it."""
    posting.edit_post(story.wren.actor, story.post, "Crueller words.", "en")
    item = tell(story.heron, story.post)
    version = conversations.list_versions(story.wren.actor, story.post)[0].id
    posting.erase_version(story.wren.actor, story.post, version)
    (copy,) = evidence.list_copies(story.group.scope, item)
    assert tuple(copy.earlier) == ("Cruel words.",)


def test_a_second_person_joins_and_nobody_is_counted_twice(story: Story) -> None:
    item = tell(story.heron, story.post, words="First.")
    assert tell(story.heron, story.post, words="And more.") == item
    assert tell(story.world.person(story.group), story.post) == item
    (found,) = [line for line in queue.list_open(story.owl.actor, story.group.scope).lines if line.id == item]
    assert found.tellers == 2
    said = sorted([one.words for one in person] for person in reports.list_sayings(story.group.scope, item))
    assert said == [[""], ["First.", "And more."]]


def test_reporting_again_after_a_decision_begins_anew(story: Story) -> None:
    first = tell(story.heron, story.post)
    decide(story.owl, first, Choice.LOOKED)
    second = tell(story.heron, story.post)
    assert second != first
    assert waiting(story.owl) == [second]


def test_it_is_said_when_somebody_looks_and_a_worry_comes_first(story: Story) -> None:
    story.world.on_duty(story.group, 0, "19:00", "21:00")
    report, worry = tell(story.heron, story.post), tell(story.heron, story.post, CaseKind.WELFARE)
    seven = clock.now().replace(hour=19, minute=0, second=0, microsecond=0)
    due = {r.id: r.due_at for r in rows(select(CaseItem.id, CaseItem.due_at).where(CaseItem.post_id.is_(None)))}
    soon = clock.now().replace(second=0, microsecond=0) + timedelta(minutes=30)
    assert due == {worry: soon, report: seven + timedelta(hours=4)}
    assert waiting(story.owl) == [worry, report]


def test_without_duty_times_a_worry_comes_first_too(story: Story) -> None:
    report = tell(story.heron, story.post)
    story.world.moment.go(hours=2)
    worry = tell(story.heron, story.post, CaseKind.WELFARE)
    assert waiting(story.owl) == [worry, report]


def test_the_list_has_pages_and_each_item_stands_on_one(story: Story) -> None:
    posts = [story.world.reply(story.wren, story.topic, f"Words {n}.") for n in range(23)]
    named = story.world.reply(story.owl, story.topic, "Words of the team.")
    items = {tell(story.heron, one) for one in posts}
    tell(story.heron, named)
    first = queue.list_open(story.owl.actor, story.group.scope, CaseKind.REPORT)
    assert (len(first.lines), first.in_all) == (queue.PAGE, len(items))
    second = queue.list_open(story.owl.actor, story.group.scope, CaseKind.REPORT, first.onward)
    assert {one.id for page in (first, second) for one in page.lines} == items
    assert len(first.lines) + len(second.lines) == len(items)


# --- Who may tell ----------------------------------------------------------------------------------------------------


def _behind(story: Story) -> None:
    _set(story.heron, agreed_version_id=None)


def _held(story: Story) -> None:
    with transaction():
        restrictions.hold_posts(story.group.scope, story.heron.persona_id, story.heron.persona_id)


def _waits(story: Story) -> None:
    posting.submit_post(story.heron.actor, story.topic, Words("See https://example.org"), "waits")


def _set(person: Person, **columns: object) -> None:
    with transaction():
        here().execute(update(Persona).where(Persona.id == person.persona_id).values(**columns))


@pytest.mark.parametrize(
    "state", [lambda _story: None, _behind, _held, _waits], ids=["plain", "behind", "held", "waits"]
)
def test_everyone_who_can_see_it_can_tell_from_minute_one(story: Story, state: Callable[[Story], None]) -> None:
    state(story)
    for door in ("report", "report-person", "worry"):
        assert story.heron.get(post_url(story.post, door)).status_code == 200
        assert story.heron.send(post_url(story.post, door)).status_code == 303
    assert len(waiting(story.owl)) == 3


def test_whoever_cannot_see_it_cannot(story: Story) -> None:
    stranger = story.world.person(story.world.group())
    with pytest.raises(NotFound):
        tell(stranger, story.post)
    tell(story.heron, story.post)


def test_words_far_too_long_come_back(story: Story) -> None:
    with pytest.raises(Invalid):
        tell(story.heron, story.post, words="x" * 5_001)
    answer = story.heron.send(post_url(story.post, "report"), {"body": "x" * 5_001})
    assert answer.status_code == 422
    assert "xxxxx" in text_of(answer)
    assert waiting(story.owl) == []


def test_a_report_of_a_group_page_reaches_the_organisation(world: World, inside: object) -> None:
    """Also from somebody without a sign-in; the team, whose words it is, hears nothing of it."""
    group = world.group()
    owl, visitor = world.person(group, Role.MODERATOR), world.visitor()
    visitor.get(f"/g/{group.address}/report")
    answer = visitor.send(f"/g/{group.address}/report", {"body": "It promises a cure."})
    assert answer.status_code == 303
    receipt = text_of(visitor.get(answer.headers["Location"]))
    assert "Thank you for telling us" in receipt
    assert "It promises a cure." in receipt
    assert waiting(owl) == []
    admin = world.admin(group.scope.organisation_id)
    (found,) = outside.list_reports(admin.device)
    assert "It promises a cure." in found.words
    outside.mark_handled(admin.device, found.id)
    assert "nothing more is needed" in text_of(visitor.get(answer.headers["Location"]))
    assert world.visitor().get(answer.headers["Location"]).status_code == 404


def test_a_message_of_the_team_is_told_to_the_others_of_it(story: Story) -> None:
    written = team.write_to_team(story.heron.actor, story.group.scope, Words("Can you help?"), "line")
    story.world.settle()
    answer = posting.submit_post(story.owl.actor, written.conversation_id, Words("Go away."), "answer")
    story.world.settle()
    assert story.heron.send(post_url(answer.id, "report"), {"body": "That was unkind."}).status_code == 303
    assert waiting(story.owl) == []
    (item,) = waiting(story.jay)
    assert "Go away." in text_of(story.jay.get(f"/cases/{write_ident(item)}"))


# --- Whom it names ---------------------------------------------------------------------------------------------------


def by_named_words(story: Story) -> int:
    return story.world.reply(story.owl, story.topic, "Words of the team.")


def by_alias(story: Story) -> int:
    return story.world.reply(story.owl, story.topic, "Words under an alias.", masked=True)


def by_being_named(story: Story) -> int:
    return story.world.reply(story.wren, story.topic, "I do not trust owl, and nobody should.")


ACCUSED = pytest.mark.parametrize("way", [by_named_words, by_alias, by_being_named])


@ACCUSED
def test_sec_t5_the_accused_moderator_finds_no_trace(story: Story, way: Callable[[Story], int]) -> None:
    """Every page that the accused can open is the same to the byte, but for form tokens, as before the report."""
    post = way(story)
    before = pages_of(story, story.owl, post)
    told = story.heron.send(post_url(post, "report"), {"body": "Please look at this."})
    assert told.status_code == 303
    (item,) = waiting(story.jay)
    assert pages_of(story, story.owl, post) == before
    with pytest.raises(NotFound):
        decide(story.owl, item, Choice.LOOKED)
    nothing, real = write_ident(b"\1" * 16), write_ident(item)
    forms = {"decide": {"choice": "looked", "version": "0"}, "claim": {}, "take-over": {"reason": "Why."}, "renew": {}}
    for path, form in (("/cases/%s", None), *((f"/cases/%s/{act}", sent) for act, sent in forms.items())):
        there, ghost = (_ask(story.owl, path % ident, form) for ident in (real, nothing))
        assert there[0] == ghost[0] == 404
        assert there[1].replace(real, "x") == ghost[1].replace(nothing, "x")
    assert _ask(story.jay, f"/cases/{real}", None)[0] == 200


def _ask(person: Person, path: str, form: dict[str, str] | None) -> tuple[int, str]:
    answer = person.get(path) if form is None else person.send(path, form)
    return answer.status_code, _without_tokens(answer.get_data(as_text=True))


def _without_tokens(page: str) -> str:
    return re.sub(r'value="[A-Za-z0-9_-]{26,43}"', 'value="(token)"', page)


#: Leads away, or offers names by chance.
OTHER_EACH_TIME = ("static", "accounts.leave")


def pages_of(story: Story, person: Person, post: int) -> dict[str, str]:
    """Every page without a place of its own, and those of the group, the topic and the post."""
    found = {}
    known = {
        "address": story.group.address,
        "board_id": write_ident(story.group.board),
        "conversation_id": write_ident(story.topic),
        "persona_id": write_ident(story.owl.persona_id),
    }
    for rule in story.world.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in OTHER_EACH_TIME or "/name" in rule.rule:
            continue
        path = re.sub(r"<(?:[a-z]+:)?(\w+)>", lambda m: known.get(m[1], f"<{m[1]}>"), rule.rule)
        path = re.sub(r"<post_id>", post_url(post).split("/")[-1], path)
        if "<" not in path:
            answer = person.client.get(path, base_url=BASE)
            found[path] = f"{answer.status_code} {_without_tokens(answer.get_data(as_text=True))}"
    assert len(found) > 40
    return found


@ACCUSED
def test_the_check_would_see_it(story: Story, way: Callable[[Story], int]) -> None:
    """The twin: for somebody who is not named, the same pages do change."""
    post = way(story)
    before = pages_of(story, story.jay, post)
    tell(story.heron, post)
    assert pages_of(story, story.jay, post) != before


def test_whoever_is_named_in_the_words_of_the_reporter_sees_it_neither(story: Story) -> None:
    item = tell(story.heron, story.post, words="I think Owl is behind this.")
    assert waiting(story.owl) == []
    assert waiting(story.jay) == [item]


def test_a_person_reported_as_a_person_sees_it_neither(story: Story) -> None:
    post = by_alias(story)
    story.heron.send(post_url(post, "report-person"))
    story.heron.send(post_url(post, "worry"))
    assert waiting(story.owl) == []
    assert len(waiting(story.jay)) == 2


def test_what_names_the_whole_team_goes_to_the_organisation(world: World, inside: object) -> None:
    group = world.group()
    owl, heron = world.person(group, Role.MODERATOR, name="Owl"), world.person(group)
    topic = world.topic(heron)
    post = world.reply(owl, topic, "Harsh words.")
    tell(heron, post, words="Only one person looks after us.")
    assert waiting(owl) == []
    (found,) = outside.list_reports(world.admin(group.scope.organisation_id).device)
    assert "Only one person looks after us." in found.words
    assert [one.body for one in found.said][-1] == "Harsh words."
    assert found.name == ""


def test_l15_the_reporter_does_not_learn_where_it_went(world: World, inside: object) -> None:
    """With one moderator, "this went to the organisation" beside an alias would say that the alias is theirs."""
    seen = []
    for of_team in (True, False):
        group = world.group()
        owl, wren, heron = world.person(group, Role.MODERATOR), world.person(group), world.person(group)
        topic = world.topic(heron)
        post = world.reply(owl if of_team else wren, topic, "Under an alias.", masked=True)
        answer = heron.send(post_url(post, "report"))
        path = answer.headers["Location"]
        page = heron.get(path).get_data(as_text=True) + heron.get("/my-reports").get_data(as_text=True)
        ident = path.split("/")[-1].split("?")[0]
        for own, word in ((ident, "item"), (group.name, "group"), (group.address, "address")):
            page = page.replace(own, word)
        seen.append(_without_tokens(page))
    assert seen[0] == seen[1]


def test_an_item_that_nobody_is_left_for_goes_to_the_organisation(story: Story) -> None:
    item = tell(story.heron, by_named_words(story))
    _set(story.jay, role=Role.MEMBER)
    story.world.moment.go(days=3)
    jobs.run_due()
    (found,) = outside.list_reports(story.world.admin(story.group.scope.organisation_id).device)
    assert found.said[-1].body == "Words of the team."
    with pytest.raises(NotFound):
        sight.require_item(story.owl.actor, item)


def test_an_item_that_somebody_is_left_for_stays(story: Story) -> None:
    item = tell(story.heron, by_named_words(story))
    story.world.moment.go(days=3)
    jobs.run_due()
    assert waiting(story.jay) == [item]
    assert outside.list_reports(story.world.admin(story.group.scope.organisation_id).device) == []


def test_the_tables_name_nobody(story: Story) -> None:
    item = tell(story.heron, by_alias(story))
    plain = [story.owl.persona_id, story.heron.persona_id, story.owl.account_id, story.heron.account_id]
    for model in (Report, NotFor, CaseItem, Evidence):
        for found in rows(select(*model.__table__.columns)):
            for value in found:
                assert not isinstance(value, bytes) or not any(one and one in value for one in plain), model
    assert not_for.list_hidden(story.group.scope, [story.owl.persona_id], [item]) == {item}


# --- What it does by itself: nothing ---------------------------------------------------------------------------------


def test_t10_ten_fresh_accounts_silence_nobody(story: Story) -> None:
    for _n in range(10):
        fresh = story.world.person(story.group)
        for door in ("report", "report-person", "worry"):
            assert fresh.send(post_url(story.post, door)).status_code == 303
    found = row(select(Post.state).where(Post.id == story.post))
    assert found
    assert found.state is PostState.VISIBLE
    again = posting.submit_post(story.wren.actor, story.topic, Words("Still here."), "after")
    assert again.state is PostState.SENDING
    assert rows(select(Decision.id)) == []


# --- What the team decides -------------------------------------------------------------------------------------------


def test_looking_is_a_decision_with_an_outcome_and_a_link_of_the_chain(story: Story) -> None:
    item = tell(story.heron, story.post)
    decide(story.owl, item, Choice.LOOKED, "A quarrel, and over.")
    assert waiting(story.owl) == []
    assert report_queries.get_mine(story.heron.actor, item).outcome == "looked"
    last = row(select(AuditEntry.action).order_by(AuditEntry.n.desc()).limit(1))
    assert last
    assert last.action == "decide.looked"
    (found,) = item_decide.list_history(story.jay.actor, story.group.scope, item)
    assert (found["choice"], found["words"]) == (Choice.LOOKED, "A quarrel, and over.")


def test_hiding_tells_the_author_why_and_the_reporter_that(story: Story) -> None:
    item = tell(story.heron, story.post)
    with pytest.raises(Invalid):
        decide(story.owl, item, Choice.HIDE, "", changed_in(story.post))
    decide(story.owl, item, Choice.HIDE, "Please leave out names.", changed_in(story.post))
    assert report_queries.get_mine(story.heron.actor, item).outcome == "hidden"
    story.world.moment.go(seconds=11)
    assert "Please leave out names." in text_of(story.wren.get(post_url(story.post, "decision")))
    usecases.restore_post(story.owl.actor, story.post)
    found = row(select(Post.body).where(Post.id == story.post))
    assert found
    assert found.body == "Cruel words."


def test_words_that_changed_meanwhile_are_not_hidden_unread(story: Story) -> None:
    item = tell(story.heron, story.post)
    seen = changed_in(story.post)
    posting.edit_post(story.wren.actor, story.post, "Kind words.", "en")
    with pytest.raises(Conflict):
        decide(story.owl, item, Choice.HIDE, "Unkind. Please write it anew.", seen)
    decide(story.owl, item, Choice.HIDE, "Unkind. Please write it anew.", changed_in(story.post))


@pytest.mark.parametrize("choice", [Choice.LOOKED, Choice.HIDE, Choice.RELEASE])
def test_a_worry_never_ends_by_hiding_or_by_nothing(story: Story, choice: Choice) -> None:
    item = tell(story.heron, story.post, CaseKind.WELFARE)
    with pytest.raises(Conflict):
        decide(story.owl, item, choice, "Words that its author reads.", changed_in(story.post))
    assert waiting(story.owl) == [item]
    usecases.hide_post(story.owl.actor, story.post, "Out of sight for now.", "be-kind")
    assert waiting(story.owl) == [item]


def test_a_worry_ends_when_somebody_spoke_with_the_person(story: Story) -> None:
    item = tell(story.heron, story.post, CaseKind.WELFARE)
    decide(story.owl, item, Choice.KEPT_OPEN, "I wrote to them.")
    assert waiting(story.owl) == [item]
    assert report_queries.get_mine(story.heron.actor, item).outcome == "seen"
    with pytest.raises(Invalid):
        decide(story.jay, item, Choice.SPOKEN)
    decide(story.jay, item, Choice.SPOKEN, "They are safe tonight.")
    assert waiting(story.owl) == []
    assert report_queries.get_mine(story.heron.actor, item).outcome == "spoken"


def test_the_second_of_two_moderators_is_told(story: Story) -> None:
    item = tell(story.heron, story.post)
    seen = version_of(item)
    decide(story.owl, item, Choice.LOOKED)
    with pytest.raises(Lost):
        decisions.decide(story.jay.actor, item, Verdict(Choice.LOOKED, seen))
    other = tell(story.heron, story.post, words="Again.")
    seen = version_of(other)
    tell(story.world.person(story.group), story.post, words="Me too.")
    with pytest.raises(Changed):
        decisions.decide(story.jay.actor, other, Verdict(Choice.LOOKED, seen))


def test_members_decide_nothing_and_see_no_list(story: Story) -> None:
    item = tell(story.heron, story.post)
    for person in (story.heron, story.wren):
        with pytest.raises(NotFound):
            decide(person, item, Choice.LOOKED)
        with pytest.raises(NotFound):
            queue.list_open(person.actor, story.group.scope)


# --- What the author and the reporter see ----------------------------------------------------------------------------


def test_m13_the_author_sees_no_difference(story: Story) -> None:
    before = pages_of(story, story.wren, story.post)
    tell(story.heron, story.post, words="He hurts me.")
    tell(story.heron, story.post, CaseKind.WELFARE)
    assert pages_of(story, story.wren, story.post) == before


def test_m13_who_told_stands_on_no_page_of_the_team(story: Story) -> None:
    item = tell(story.world.person(story.group, name="Quiet Teller"), story.post, words="He hurts me.")
    for path in (f"/cases/{write_ident(item)}", f"/g/{story.group.address}/team"):
        page = story.owl.get(path).get_data(as_text=True)
        assert "Quiet Teller" not in page
    assert "He hurts me." in text_of(story.owl.get(f"/cases/{write_ident(item)}"))


def test_my_reports_are_mine_alone(story: Story) -> None:
    item = tell(story.heron, story.post, words="It hurts me.")
    assert "A report about a post" in text_of(story.heron.get("/my-reports"))
    path = f"/my-reports/{write_ident(item)}"
    assert "It hurts me." in text_of(story.heron.get(path))
    assert "No one is called" in text_of(story.heron.get(path))
    for other in (story.wren, story.owl, story.world.visitor()):
        assert other.get(path).status_code == 404
        assert "A report about a post" not in text_of(other.get("/my-reports"))
    again = story.world.signed_in_again(story.heron)
    assert "It hurts me." in text_of(again.get(path))


def test_the_ground_rule_that_somebody_names_is_of_the_version_in_force(story: Story) -> None:
    rules = find_rules(story.group.scope.group_id)
    assert rules
    clause = rules.clauses[0]
    item = tell(story.heron, story.post, rule=clause.uid)
    tell(story.owl, story.post, rule="made up")
    said = [one for person in reports.list_sayings(story.group.scope, item) for one in person]
    assert {(one.rule, one.version) for one in said} == {
        (clause.uid, rules.version_id.hex()),
        ("other", rules.version_id.hex()),
    }
    assert clause.heading in text_of(story.jay.get(f"/cases/{write_ident(item)}"))


# --- A hidden message is an open item --------------------------------------------------------------------------------


def test_a_hidden_message_counts_as_an_open_item_until_nobody_can_disagree(story: Story) -> None:
    posting.edit_post(story.wren.actor, story.post, "Crueller words.", "en")
    version = conversations.list_versions(story.wren.actor, story.post)[0].id
    usecases.hide_post(story.owl.actor, story.post, "Unkind. Please write it anew.", "be-kind")
    with pytest.raises(NotAllowed, match="still looking"):
        posting.erase_version(story.wren.actor, story.post, version)
    story.world.moment.go(days=184)
    posting.erase_version(story.wren.actor, story.post, version)


def test_copies_of_what_is_open_outlive_the_half_year(story: Story) -> None:
    item = tell(story.heron, story.post)
    story.world.moment.go(days=200)
    jobs.run_due()
    assert evidence.list_copies(story.group.scope, item)
    decide(story.owl, item, Choice.LOOKED)
    story.world.moment.go(days=185)
    jobs.run_due()
    assert evidence.list_copies(story.group.scope, item) == []
    assert rows(select(Report.tag)) == []
    assert report_queries.list_mine(story.heron.actor) == []
    assert rows(select(func.count()).select_from(Decision))[0][0] == 1


def test_the_form_shows_words_as_this_reader_chose_to_see_them(story: Story) -> None:
    """Who blocked somebody can report them without reading them again."""
    assert "Cruel words." in text_of(story.heron.get(post_url(story.post, "report")))
    choosing.block_author(story.heron.actor, story.post)
    for door in ("report", "report-person", "worry"):
        page = text_of(story.heron.get(post_url(story.post, door)))
        assert "Cruel words." not in page
    assert story.heron.send(post_url(story.post, "report")).status_code == 303
