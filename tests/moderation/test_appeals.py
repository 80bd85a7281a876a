"""Disagreeing: another person looks, whoever decided learns nothing of it, and what is overturned is as it was."""

import re

import pytest
from sqlalchemy import select

from forum.base import jobs, rotation
from forum.base.db import row, rows
from forum.base.errors import Conflict, Invalid, NotFound
from forum.base.idents import write_ident
from forum.ground_rules import proposals
from forum.models import Persona, Post, PostState, Role
from forum.web.overload import Overload
from moderation import (
    appeal_ends,
    appeals,
    audit,
    decisions,
    not_for,
    queue,
    report_targets,
    reports,
    reviewers,
    threads,
    undo,
)
from moderation import usecases as deciding
from moderation.appeal_models import AppealWord, ReviewPass
from moderation.decisions import Changed, Lost, Verdict
from moderation.models import AuditEntry, CaseItem, CaseKind, Choice, Decision
from moderation.reports import Saying
from tests.world import BASE, Person, World, post_url, text_of

WHY = "It named somebody. Please write it anew."
MINE = "I named nobody: that was my cat. canary-4471"


class Story:
    """Words of Wren that Owl put away; Jay and Crow had no part in it. Heron told the team."""

    def __init__(self, world: World, *team: str) -> None:
        self.world, self.group = world, world.group()
        self.wren, self.heron = world.person(self.group, name="Wren"), world.person(self.group, name="Heron")
        self.team = {name: world.person(self.group, Role.MODERATOR, name=name) for name in team}
        self.topic = world.topic(self.heron, body="First words.")

    def hidden(self, *, masked: bool = False, reported: bool = False) -> int:
        post = self.world.reply(self.wren, self.topic, "Words about **my** cat.", masked=masked)
        if reported:
            self.told = reports.tell(
                self.heron.actor, CaseKind.REPORT, lambda now: report_targets.of_post(now, post), Saying()
            )
        deciding.hide_post(self.team["Owl"].actor, post, WHY, "be-kind")
        self.world.settle()
        return post

    def sees(self, name: str) -> list[bytes]:
        """What waits for one of the team, but for first words."""
        lines = queue.list_open(self.team[name].actor, self.group.scope).lines
        return [line.id for line in lines if line.kind is not CaseKind.WELCOME]


@pytest.fixture
def story(world: World, inside: object) -> Story:
    return Story(world, "Owl", "Jay", "Crow")


def conclude(person: Person, item_id: bytes, choice: Choice, words: str = "I read it all again.") -> bytes:
    found = row(select(CaseItem.version, CaseItem.claim_gen).where(CaseItem.id == item_id))
    assert found
    return appeal_ends.conclude(person.actor, item_id, Verdict(choice, found.version, found.claim_gen, words))


def state_of(post_id: int) -> tuple[PostState, str, str]:
    found = row(select(Post.state, Post.body, Post.html).where(Post.id == post_id))
    assert found
    return found.state, found.body, found.html


@pytest.mark.parametrize("masked", [False, True])
def test_m9_whoever_decided_sees_no_trace_and_another_decides(story: Story, masked: bool) -> None:
    post = story.hidden(masked=masked)
    item = appeals.appeal(story.wren.actor, post, MINE)
    assert item not in story.sees("Owl")
    assert story.sees("Jay") == story.sees("Crow") == [item]
    with pytest.raises(NotFound):
        conclude(story.team["Owl"], item, Choice.UPHOLD)
    with pytest.raises(NotFound):
        appeal_ends.answer(story.team["Owl"].actor, item, "Leave it.")
    conclude(story.team["Jay"], item, Choice.UPHOLD)
    assert story.sees("Crow") == []
    assert "canary" not in repr(rows(select(AppealWord.sealed)))


def test_m10_what_is_overturned_is_as_it_was(story: Story) -> None:
    post = story.world.reply(story.wren, story.topic, "Words about **my** cat.")
    after = story.world.reply(story.heron, story.topic, "An answer.")
    before, page = state_of(post), text_of(story.heron.get(f"/c/{write_ident(story.topic)}"))
    deciding.hide_post(story.team["Owl"].actor, post, WHY, "be-kind")
    story.world.settle()
    assert state_of(post)[1] == ""
    item = appeals.appeal(story.wren.actor, post, MINE)
    conclude(story.team["Jay"], item, Choice.OVERTURN)
    assert state_of(post) == before
    assert text_of(story.heron.get(f"/c/{write_ident(story.topic)}")) == page
    places = rows(select(Post.id).where(Post.conversation_id == story.topic).order_by(Post.seq))
    assert [r.id for r in places][-2:] == [post, after]


def test_m10_an_appeal_undoes_its_own_decision_and_no_other(story: Story) -> None:
    post = story.hidden(reported=True)
    told = row(select(CaseItem.version).where(CaseItem.id == story.told))
    assert told
    why = "It also says how much somebody took."
    decisions.decide(story.team["Crow"].actor, story.told, Verdict(Choice.HIDE, told.version, 0, why, "be-kind"))
    story.world.settle()
    item = appeals.appeal(story.wren.actor, post, MINE)
    assert item in story.sees("Owl"), "the newest decision is the one that is appealed"
    conclude(story.team["Jay"], item, Choice.OVERTURN)
    assert state_of(post)[0] is PostState.HIDDEN, "the other reason still holds"
    again = appeals.appeal(story.wren.actor, post, MINE)
    conclude(story.team["Jay"], again, Choice.OVERTURN)
    assert state_of(post)[0] is PostState.VISIBLE


def test_m10_words_put_away_for_a_second_reason_come_back_as_long_as_it_can_be_appealed(story: Story) -> None:
    post = story.hidden(reported=True)
    first, told = (row(select(Decision.id)), row(select(CaseItem.version).where(CaseItem.id == story.told)))
    assert first
    assert told
    story.world.moment.go(days=100)
    why = "It also says how much somebody took."
    decisions.decide(story.team["Crow"].actor, story.told, Verdict(Choice.HIDE, told.version, 0, why, "be-kind"))
    undo.revert(story.team["Jay"].actor, first.id, "That was too much.")
    story.world.moment.go(days=180)
    jobs.run_due()
    conclude(story.team["Jay"], appeals.appeal(story.wren.actor, post, MINE), Choice.OVERTURN)
    assert state_of(post)[:2] == (PostState.VISIBLE, "Words about **my** cat.")


def test_something_milder_brings_the_words_back_one_tap_away(story: Story) -> None:
    post = story.hidden()
    item = appeals.appeal(story.wren.actor, post, MINE)
    conclude(story.team["Jay"], item, Choice.VARY)
    assert state_of(post)[:2] == (PostState.VISIBLE, "Words about **my** cat.")
    assert row(select(Post.notes).where(Post.id == post)).notes != 0  # type: ignore[union-attr]


def test_m9_whoever_told_does_not_decide_about_it(world: World, inside: object) -> None:
    """A moderator may tell the team like anybody; then they are no judge of what came of it."""
    story = Story(world, "Owl", "Jay", "Crow")
    story.heron = story.team["Jay"]
    post = story.hidden(reported=True)
    item = appeals.appeal(story.wren.actor, post, MINE)
    assert item not in story.sees("Jay")
    assert item in story.sees("Crow")


def test_m9_with_one_moderator_it_goes_to_the_reviewers(world: World, inside: object) -> None:
    story = Story(world, "Owl")
    item = appeals.appeal(story.wren.actor, story.hidden(), MINE)
    assert story.sees("Owl") == []
    assert not_for.is_for_nobody(story.group.scope, item)
    admin = world.admin(story.group.scope.organisation_id)
    (overview,) = reviewers.list_for_admin(admin.device)
    assert [one.id for one in overview.waiting] == [item]
    with pytest.raises(NotFound):
        reviewers.list_for_admin(story.wren.actor)


def test_half_a_year_and_not_a_day_longer(story: Story) -> None:
    post = story.hidden()
    story.world.moment.go(days=182)
    appeals.appeal(story.wren.actor, post, MINE)
    other = story.hidden()
    story.world.moment.go(days=184)
    with pytest.raises(Conflict):
        appeals.appeal(story.wren.actor, other, MINE)


def test_only_its_author_can_and_only_about_a_decision(story: Story) -> None:
    post, free = story.hidden(), story.world.reply(story.wren, story.topic, "Nobody minds these.")
    with pytest.raises(NotFound):
        appeals.appeal(story.heron.actor, post, MINE)
    with pytest.raises(Conflict):
        appeals.appeal(story.wren.actor, free, MINE)
    with pytest.raises(Invalid):
        appeals.appeal(story.wren.actor, post, "  ")
    appeals.appeal(story.wren.actor, post, MINE)


def test_a_second_message_joins_and_whoever_reads_has_to_read_it(story: Story) -> None:
    post = story.hidden()
    item = appeals.appeal(story.wren.actor, post, MINE)
    read = row(select(CaseItem.version).where(CaseItem.id == item))
    assert read
    assert appeals.appeal(story.wren.actor, post, "And one more thing.") == item
    with pytest.raises(Changed):
        appeal_ends.conclude(story.team["Jay"].actor, item, Verdict(Choice.UPHOLD, read.version, 0, "It stands."))
    appeal_ends.answer(story.team["Jay"].actor, item, "What was the cat called?")
    _place, (asked,) = appeals.list_asked(story.wren.actor, post)
    assert [(m.from_team, m.words) for m in asked.messages] == [
        (False, MINE),
        (False, "And one more thing."),
        (True, "What was the cat called?"),
    ]
    conclude(story.team["Jay"], item, Choice.UPHOLD)
    with pytest.raises(Lost):
        conclude(story.team["Crow"], item, Choice.OVERTURN)
    assert state_of(post)[0] is PostState.HIDDEN


def test_after_it_stands_new_facts_go_to_somebody_else_again(story: Story) -> None:
    post = story.hidden()
    conclude(story.team["Jay"], appeals.appeal(story.wren.actor, post, MINE), Choice.UPHOLD)
    again = appeals.appeal(story.wren.actor, post, "My neighbour saw it, too.")
    assert story.sees("Jay") == []
    assert story.sees("Crow") == [again]


def test_the_first_decider_does_not_read_on_the_post_that_anybody_asked(story: Story) -> None:
    post = story.hidden()
    before = text_of(story.team["Owl"].get(post_url(post, "look-after")))
    item = appeals.appeal(story.wren.actor, post, MINE)
    conclude(story.team["Jay"], item, Choice.UPHOLD)
    assert text_of(story.team["Owl"].get(post_url(post, "look-after"))) == before


def pages_of(story: Story, person: Person, post: int) -> dict[str, str]:
    """Every page that the person can open of the group, the topic and the post, without form tokens."""
    known = {
        "address": story.group.address,
        "board_id": write_ident(story.group.board),
        "conversation_id": write_ident(story.topic),
        "persona_id": write_ident(story.team["Owl"].persona_id),
        "post_id": post_url(post).split("/")[-1],
    }
    found = {}
    for rule in story.world.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in ("static", "accounts.leave") or "/name" in rule.rule:
            continue
        path = re.sub(r"<(?:[a-z]+:)?(\w+)>", lambda m: known.get(m[1], f"<{m[1]}>"), rule.rule)
        if "<" not in path:
            answer = person.client.get(path, base_url=BASE)
            found[path] = f"{answer.status_code} {without_tokens(answer.get_data(as_text=True))}"
    assert len(found) > 40
    return found


def without_tokens(page: str) -> str:
    return re.sub(r'value="[A-Za-z0-9_-]{26,}"', 'value="(token)"', page)


@pytest.mark.pages
@pytest.mark.parametrize("masked", [False, True])
def test_m13_the_world_of_whoever_decided_is_the_same_with_an_appeal_and_without(
    story: Story, masked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every page, to the byte, while it waits, and after it stands; for the others the same pages do change."""
    monkeypatch.setattr(Overload, "refuses", lambda _self, _environ: False)  # a busy machine lets crawlers wait
    post = story.hidden(masked=masked)
    owl, jay = story.team["Owl"], story.team["Jay"]
    before, of_jay = pages_of(story, owl, post), pages_of(story, jay, post)
    item = appeals.appeal(story.wren.actor, post, MINE)
    assert pages_of(story, owl, post) == before
    assert pages_of(story, jay, post) != of_jay
    conclude(jay, item, Choice.UPHOLD)
    assert pages_of(story, owl, post) == before
    real, nothing = write_ident(item), write_ident(b"\1" * 16)
    there, ghost = (owl.get(f"/cases/{ident}") for ident in (real, nothing))
    assert there.status_code == ghost.status_code == 404
    pages = (without_tokens(one.get_data(as_text=True)) for one in (there, ghost))
    assert next(pages).replace(real, "x") == next(pages).replace(nothing, "x")


def test_an_author_asks_about_their_own_words(story: Story) -> None:
    post = story.world.reply(story.wren, story.topic, "My words.")
    item = appeals.ask_about_own(story.wren.actor, post, "Please take my street out of the title.")
    assert item in story.sees("Owl")
    conclude(story.team["Owl"], item, Choice.ANSWERED, "We did.")
    _place, (asked,) = appeals.list_asked(story.wren.actor, post)
    assert (asked.kind, asked.outcome, asked.messages[-1].words) == (CaseKind.SELF, "answered", "We did.")


# --- Those who told ---


def decide_told(story: Story, name: str) -> None:
    found = row(select(CaseItem.version).where(CaseItem.id == story.told))
    assert found
    decisions.decide(story.team[name].actor, story.told, Verdict(Choice.LOOKED, found.version))


def told(story: Story) -> int:
    post = story.world.reply(story.wren, story.topic, "Cruel words.")
    story.told = reports.tell(
        story.heron.actor, CaseKind.REPORT, lambda now: report_targets.of_post(now, post), Saying(words="It hurts.")
    )
    return post


def test_whoever_told_can_say_that_it_is_not_enough(story: Story) -> None:
    told(story)
    with pytest.raises(Conflict):
        appeals.complain(story.heron.actor, story.told, "Nobody looked.")
    decide_told(story, "Owl")
    with pytest.raises(NotFound):
        appeals.complain(story.wren.actor, story.told, "Who told on me?")
    item = appeals.complain(story.heron.actor, story.told, "It still stands there.")
    assert item not in story.sees("Owl")
    assert story.sees("Jay") == [item]
    conclude(story.team["Jay"], item, Choice.OVERTURN, "You are right. We look again.")
    assert story.told in story.sees("Crow")
    assert story.sees("Owl") == [], "whoever decided it first does not look at it again"
    found = appeals.find_complaint(story.heron.actor, story.told)
    assert found is not None
    assert found.messages[-1].words == "You are right. We look again."


def test_m13_a_complaint_names_nobody(story: Story) -> None:
    story.heron = story.world.person(story.group, name="Linnet")
    post = told(story)
    decide_told(story, "Owl")
    item = appeals.complain(story.heron.actor, story.told, "It still stands there.")
    page = text_of(story.team["Jay"].get(f"/cases/{write_ident(item)}"))
    assert "It still stands there." in page
    assert "Linnet" not in page
    assert "It still stands" not in text_of(story.wren.get(post_url(post, "appeal")))


# --- Reviewers ---


class Review:
    """A group with one moderator, an appeal, an admin and a reviewer with a browser of their own."""

    def __init__(self, world: World) -> None:
        self.story = Story(world, "Owl")
        self.post = self.story.hidden()
        self.item = appeals.appeal(self.story.wren.actor, self.post, MINE)
        self.admin = world.admin(self.story.group.scope.organisation_id)
        world.step_up(self.admin)
        self.priya = reviewers.add(self.admin.device, self.story.group.scope.organisation_id, "Priya, trustee")
        self.browser = world.visitor()

    def link(self) -> str:
        return f"/review/{reviewers.make_link(self.admin.device, self.item, self.priya)}"


@pytest.fixture
def review(world: World, inside: object) -> Review:
    return Review(world)


def begin(browser: Person, link: str) -> str:
    browser.get(link)
    answer = browser.send(link)
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def version_in(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


def test_a_reviewer_reads_asks_and_decides(review: Review) -> None:
    place = begin(review.browser, review.link())
    page = review.browser.get(place).get_data(as_text=True)
    assert MINE in page
    assert "Words about" in page
    review.browser.send(f"{place}/answer", {"words": "What was the cat called?"})
    assert "What was the cat called?" in text_of(review.story.wren.get(post_url(review.post, "appeal")))
    sent = {"words": "It was a cat.", "choice": "overturn", "version": version_in(page)}
    assert review.browser.send(f"{place}/conclude", sent).status_code == 303
    assert state_of(review.post)[0] is PostState.VISIBLE
    assert "It is decided" in text_of(review.browser.get(place))
    (decision,) = rows(select(Decision.decided_by, Decision.reverts_id).where(Decision.item_id == review.item))
    assert decision.reverts_id is not None
    owl = review.story.team["Owl"].persona_id
    assert decision.decided_by != owl
    assert audit.find_break() is None
    said = rows(
        select(AuditEntry.action, AuditEntry.actor).where(AuditEntry.actor == audit.digest("persona", review.priya))
    )
    assert [r.action for r in said] == ["reviewer.begin", "read", "thread.answer", "decide.overturn"]


def test_the_face_of_reviewers_is_seen_by_nobody(review: Review) -> None:
    place = begin(review.browser, review.link())
    version = version_in(review.browser.get(place).get_data(as_text=True))
    review.browser.send(f"{place}/conclude", {"words": "It stands.", "choice": "uphold", "version": version})
    assert len(rows(select(Persona.id).where(Persona.name == "Reviewer"))) == 1
    facilitator = review.story.world.person(review.story.group, Role.FACILITATOR)
    assert "Reviewer" not in text_of(facilitator.get(f"/g/{review.story.group.address}/people"))


def test_a_link_works_once_and_only_where_it_was_opened(review: Review) -> None:
    link = review.link()
    place = begin(review.browser, link)
    other = review.story.world.visitor()
    assert other.get(link).status_code == 404
    assert other.get(place).status_code == 404
    assert review.browser.get(place).status_code == 200
    late = review.link()
    review.story.world.moment.go(days=4)
    assert other.get(late).status_code == 404


def test_m9_a_link_never_opens_it_to_whoever_decided(review: Review) -> None:
    link = review.link()
    assert review.story.team["Owl"].get(link).status_code == 404
    assert review.story.team["Owl"].send(link).status_code == 404
    assert review.story.wren.get(link).status_code == 404, "nor to the author"
    assert review.browser.get(link).status_code == 200


def test_whoever_is_taken_off_the_list_opens_nothing(review: Review) -> None:
    place, link = begin(review.browser, review.link()), review.link()
    assert review.browser.get(place).status_code == 200
    reviewers.end(review.admin.device, review.priya)
    assert review.browser.get(place).status_code == 404
    assert review.story.world.visitor().get(link).status_code == 404


def test_an_admin_of_another_organisation_makes_no_link(review: Review) -> None:
    far = review.story.world.group("Lantern Trust")
    admin = review.story.world.admin(far.scope.organisation_id)
    review.story.world.step_up(admin)
    with pytest.raises(NotFound):
        reviewers.make_link(admin.device, review.item, review.priya)
    reviewers.make_link(review.admin.device, review.item, review.priya)
    assert "canary" not in repr(rows(select(ReviewPass.sealed)))


def test_somebody_new_on_the_team_can_look_and_then_no_link_is_made(review: Review) -> None:
    """The list of reviewers is for when nobody of the team may."""
    story = review.story
    story.team["Jay"] = story.world.person(story.group, Role.MODERATOR, name="Jay")
    assert story.sees("Jay") == [review.item]
    with pytest.raises(NotFound):
        reviewers.make_link(review.admin.device, review.item, review.priya)


def test_a_refused_form_keeps_the_words(review: Review) -> None:
    """Nothing to disagree with any more; a stale page of a reviewer: the words stay on the page."""
    free = review.story.world.reply(review.story.wren, review.story.topic, "Nobody minds these.")
    refused = review.story.wren.send(post_url(free, "appeal"), {"words": MINE})
    assert refused.status_code == 409
    assert "nothing here to disagree with" in text_of(refused)
    assert MINE in text_of(refused)
    place = begin(review.browser, review.link())
    stale = {"words": "It was a cat.", "choice": "overturn", "version": "0"}
    answer = review.browser.send(f"{place}/conclude", stale)
    assert answer.status_code == 409
    assert "It was a cat." in text_of(answer)


# --- What is kept ---


def test_words_of_an_appeal_go_after_the_half_year(story: Story) -> None:
    post = story.hidden()
    conclude(story.team["Jay"], appeals.appeal(story.wren.actor, post, MINE), Choice.UPHOLD)
    story.world.moment.go(days=184)
    jobs.run_due()
    assert rows(select(AppealWord.id)) == []
    assert len(rows(select(Decision.id))) == 2


def test_words_of_an_appeal_are_sealed_anew_with_the_keys(story: Story) -> None:
    item = appeals.appeal(story.wren.actor, story.hidden(), MINE)
    sealed = rows(select(AppealWord.sealed))[0].sealed
    list(rotation.renew_all())
    assert rows(select(AppealWord.sealed))[0].sealed != sealed
    assert [m.words for m in threads.list_messages(story.group.scope, item)] == [MINE]


def test_reading_what_is_sealed_is_a_link_once_an_hour(story: Story) -> None:
    item = appeals.appeal(story.wren.actor, story.hidden(), MINE)
    for _n in range(3):
        assert WHY in text_of(story.team["Jay"].get(f"/cases/{write_ident(item)}"))
    assert reads() == 1
    story.world.moment.go(minutes=61)
    story.team["Jay"].get(f"/cases/{write_ident(item)}")
    story.team["Crow"].get(f"/cases/{write_ident(item)}")
    story.team["Owl"].get(f"/cases/{write_ident(item)}")
    assert reads() == 3


def reads() -> int:
    return len(rows(select(AuditEntry.n).where(AuditEntry.action == audit.READ)))


# --- "The rule was unclear" ---


def conclude_unclear(person: Person, item_id: bytes, choice: Choice, clearer: str) -> bytes:
    found = row(select(CaseItem.version, CaseItem.claim_gen).where(CaseItem.id == item_id))
    assert found
    verdict = Verdict(choice, found.version, found.claim_gen, "I read it all again.")
    return appeal_ends.conclude(person.actor, item_id, verdict, clearer)


def test_an_unclear_rule_behind_an_undone_decision_becomes_a_draft(story: Story) -> None:
    post, jay, scope = story.hidden(), story.team["Jay"], story.group.scope
    item = appeals.appeal(story.wren.actor, post, MINE)
    shown = text_of(jay.get(f"/cases/{write_ident(item)}"))
    assert "Was the rule unclear?" in shown
    conclude_unclear(jay, item, Choice.OVERTURN, "Pets have no names to hide.")
    made = proposals.list_for(jay.actor, scope.group_id)
    assert [one.state.value for one in made] == ["draft"]
    assert made[0].patch[0].uid == "be-kind"
    assert str(made[0].patch[0].to["body"]).endswith("\n\nPets have no names to hide.")
    said = f"{made[0].summary} {made[0].rationale} {made[0].patch}"
    for secret in ("canary-4471", "cat", "Wren", "Owl", "appeal", "decision"):
        assert secret not in said
    assert proposals.list_for(story.team["Owl"].actor, scope.group_id) == [], "nobody else hears of it"
    assert state_of(post)[0] is PostState.VISIBLE


def test_without_words_about_the_rule_nothing_is_drafted(story: Story) -> None:
    item = appeals.appeal(story.wren.actor, story.hidden(), MINE)
    conclude_unclear(story.team["Jay"], item, Choice.OVERTURN, " \n")
    assert proposals.list_for(story.team["Jay"].actor, story.group.scope.group_id) == []


def test_a_rule_was_unclear_only_if_the_decision_is_undone(story: Story) -> None:
    jay, item = story.team["Jay"], appeals.appeal(story.wren.actor, story.hidden(), MINE)
    with pytest.raises(Invalid) as refused:
        conclude_unclear(jay, item, Choice.UPHOLD, "Pets have no names.")
    assert refused.value.field == "clearer"
    form = {"words": "I read it.", "clearer": "Pets have no names.", "choice": "uphold", "version": "0", "gen": "0"}
    page = jay.send(f"/cases/{write_ident(item)}/conclude", form)
    assert page.status_code == 422
    assert "Pets have no names." in text_of(page)
    conclude(jay, item, Choice.UPHOLD)
    assert proposals.list_for(jay.actor, story.group.scope.group_id) == []
