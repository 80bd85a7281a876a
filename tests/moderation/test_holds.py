"""What waits for a person by a choice of the group or of a board, what a brake does, and what an author is told of it."""

import pytest
from sqlalchemy import select

from forum.base import clock
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.idents import write_ident
from forum.conversations import team
from forum.conversations import usecases as posting
from forum.conversations.prepare import Words
from forum.groups import brakes, holds
from forum.groups.brakes import Pull
from forum.models import Brake, Hold, Post, PostState, Role
from moderation import decisions, usecases
from moderation.decisions import Verdict
from moderation.models import AuditEntry, CaseItem, CaseKind, Choice
from tests.binding import bind
from tests.world import Person, World, conversation_url, post_url, text_of

LINK = "Read https://example.org first."
PHONE = "Ring me on 07911 123456."


class Story:
    """A group with two boards, two members who wrote before, a facilitator and a moderator."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group(boards=("Say hello", "Hard nights"))
        self.wren, self.heron = world.person(self.group, name="Wren"), world.person(self.group, name="Heron")
        self.jay = world.person(self.group, Role.FACILITATOR, name="Jay")
        self.owl = world.person(self.group, Role.MODERATOR, name="Owl")
        self.topic, _second = world.topic(self.heron), world.topic(self.wren)
        self.elsewhere = posting.start_topic(
            self.heron.actor, self.group.boards[1], "Awake again", Words("Hello."), "elsewhere"
        ).conversation_id
        world.settle()

    def choose(self, whole: Hold | None = None, board: Hold | None = None) -> None:
        """What a facilitator chose for the group, and for the first board."""
        chosen = {None: whole, self.group.board: board}
        holds.save(self.jay.actor, self.group.scope, {k: v for k, v in chosen.items() if v is not None})

    def waits(self, who: Person, body: str = "I hear you.", topic: bytes = b"", **words: object) -> bool:
        """Whether somebody's words wait, and if so that a person is asked to look at them."""
        token = f"{who.name}{body}{clock.now()}{words}"
        told = Words(body, **words)  # type: ignore[arg-type]
        written = posting.submit_post(who.actor, topic or self.topic, told, token)
        self.world.settle()
        held = state_of(written.id) is PostState.HELD
        assert held is bool(open_items(written.id, (CaseKind.HOLD, CaseKind.SPAM)))
        return held


@pytest.fixture
def story(world: World, inside: object) -> Story:
    return Story(world)


def state_of(post_id: int) -> PostState:
    found = row(select(Post.state).where(Post.id == post_id))
    assert found
    return PostState(found.state)


def open_items(post_id: int, kinds: tuple[CaseKind, ...]) -> list[CaseKind]:
    waiting = (CaseItem.post_id == post_id, CaseItem.kind.in_(kinds), CaseItem.decided.is_(False))
    return [item.kind for item in rows(select(CaseItem.kind).where(*waiting))]


# --- What a group and a board chose ----------------------------------------------------------------------------------


def test_links_and_contact_details_wait_where_nobody_chose_otherwise(story: Story) -> None:
    assert story.waits(story.wren, LINK)
    assert story.waits(story.wren, PHONE)
    assert not story.waits(story.wren)


def test_a_group_may_let_links_go_out(story: Story) -> None:
    bind(story.group.scope, {"links": "open"})
    assert not story.waits(story.wren, LINK)
    assert story.waits(story.wren, PHONE)
    bind(story.group.scope, {"links": "facilitator posts"})
    story.choose(whole=Hold(0))
    assert story.waits(story.wren, LINK), "a rule that members agreed is not changed by a tick of the team"
    assert not story.waits(story.wren, PHONE)


def test_a_board_adds_to_what_its_group_chose(story: Story) -> None:
    bind(story.group.scope, {"links": "open"})
    story.choose(whole=Hold(0), board=Hold.LINKS)
    assert story.waits(story.wren, LINK)
    assert not story.waits(story.wren, LINK, story.elsewhere)


def test_on_a_board_that_is_read_first_every_post_waits_but_the_teams(story: Story) -> None:
    story.choose(board=Hold.EVERYTHING)
    assert story.waits(story.wren)
    assert story.waits(story.wren, masked=True)
    assert not story.waits(story.owl)
    assert not story.waits(story.wren, topic=story.elsewhere)
    started = posting.start_topic(story.wren.actor, story.group.board, "May I?", Words("Hello."), "started")
    assert started.state is PostState.HELD


def test_an_alias_of_the_team_waits_like_any_other(story: Story) -> None:
    """Else a look at what went out unread would show whose alias it is."""
    story.choose(board=Hold.EVERYTHING)
    assert story.waits(story.jay, masked=True)


def test_out_of_hours_posts_wait_and_while_somebody_is_here_they_do_not(story: Story) -> None:
    story.choose(whole=Hold.UNSTAFFED)
    assert story.waits(story.wren)
    story.world.on_duty(story.group, clock.today().weekday(), "00:00", "23:59")
    assert not story.waits(story.wren)


def test_a_board_for_which_first_posts_wait(story: Story) -> None:
    story.choose(board=Hold.NEWCOMERS)
    fresh = story.world.person(story.group)
    assert story.waits(fresh)
    assert not story.waits(story.wren)
    assert story.waits(story.wren, masked=True)  # or an alias that goes out would be known for no newcomer's
    another = story.world.person(story.group)
    assert not story.waits(another, topic=story.elsewhere)


def test_an_edit_passes_the_same_gate(story: Story) -> None:
    calm = story.world.reply(story.wren, story.topic)
    assert posting.edit_post(story.wren.actor, calm, "Still calm.", "en").state is PostState.VISIBLE
    assert posting.edit_post(story.wren.actor, calm, LINK, "en").state is PostState.HELD
    assert open_items(calm, (CaseKind.HOLD,)) == [CaseKind.HOLD]


def test_an_edit_under_an_alias_waits_where_all_under_an_alias_do(story: Story) -> None:
    alias = story.world.reply(story.wren, story.topic, masked=True)
    story.choose(whole=Hold.NEWCOMERS)
    assert posting.edit_post(story.wren.actor, alias, "Something else.", "en").state is PostState.HELD


def test_only_a_facilitator_chooses_and_the_choice_stands_in_the_record(story: Story) -> None:
    for who, refused in ((story.wren, NotFound), (story.owl, NotAllowed)):
        with pytest.raises(refused):
            holds.save(who.actor, story.group.scope, {None: Hold.EVERYTHING})
    story.choose(whole=Hold.EVERYTHING)
    last = row(select(AuditEntry.action, AuditEntry.codes).order_by(AuditEntry.n.desc()).limit(1))
    assert last
    assert tuple(last) == ("group.holds", "holds:3"), "every post, and links by the rule"


def test_the_page_says_what_a_choice_costs_before_it_holds(story: Story) -> None:
    story.waits(story.wren, "I have a link: https://example.org")
    page, boxes = f"/g/{story.group.address}/holds", {"group": ["1", "2", "4"]}
    said = text_of(story.jay.send(page, boxes))
    assert "In the whole group a person reads first: every post." in said
    assert "Of the last 4 posts in 30 days, 4 would have waited, under 2 names." in said
    assert "we cannot say when someone looks" in said
    assert not story.waits(story.wren)
    assert story.jay.send(page, boxes | {"sure": "yes"}).status_code == 303
    assert story.waits(story.wren)
    assert "Of the last" not in text_of(story.jay.send(page, {"group": ["2", "4"]}))


def test_out_of_hours_the_cost_is_counted_by_the_duty_times(story: Story) -> None:
    wanted = {None: Hold.UNSTAFFED}
    everything = holds.consequences(story.jay.actor, story.group.scope, "Europe/London", wanted)
    assert any("3 would have waited" in one for one in everything)
    for day in range(7):
        story.world.on_duty(story.group, day, "00:00", "00:00")
    nothing = holds.consequences(story.jay.actor, story.group.scope, "Europe/London", wanted)
    assert any(", 0 would have waited" in one for one in nothing)


# --- Brakes ----------------------------------------------------------------------------------------------------------


def pull(who: Person, kind: Brake, board_id: bytes | None = None, hours: int = 24, words: str = "") -> None:
    assert who.group
    brakes.pull(who.actor, who.group.scope, board_id, Pull(kind, hours, words))


def test_a_board_on_hold_holds_every_new_post_there_and_none_elsewhere(story: Story) -> None:
    pull(story.owl, Brake.HOLD, story.group.board)
    assert story.waits(story.wren)
    assert not story.waits(story.owl)  # somebody has to be able to say why
    assert not story.waits(story.wren, topic=story.elsewhere)
    brakes.let_go(story.jay.actor, story.group.scope, story.group.board)
    assert not story.waits(story.wren)


def test_a_stop_refuses_new_posts_of_everybody_and_the_words_come_back(story: Story) -> None:
    pull(story.jay, Brake.STOP)
    for who in (story.wren, story.owl):
        with pytest.raises(NotAllowed):
            story.waits(who)
    with pytest.raises(NotAllowed):
        posting.start_topic(story.wren.actor, story.group.board, "May I?", Words("Hello."), "token")
    answer = story.wren.send(f"{conversation_url(story.topic)}/posts", {"body": "Not lost.", "token": "t"})
    assert answer.status_code == 403
    assert "Not lost." in text_of(answer)
    brakes.let_go(story.owl.actor, story.group.scope, None)
    assert not story.waits(story.wren)


def test_a_brake_ends_by_itself(story: Story) -> None:
    pull(story.owl, Brake.STOP, hours=8)
    story.world.moment.go(hours=7, minutes=58)
    with pytest.raises(NotAllowed):
        story.waits(story.wren)
    story.world.moment.go(minutes=3)
    assert not story.waits(story.wren)


def test_help_stays_open_behind_a_brake(story: Story) -> None:
    mine = story.world.reply(story.wren, story.topic, "My own words.")
    pull(story.owl, Brake.STOP)
    assert (
        team.write_to_team(story.wren.actor, story.group.scope, Words("Are you there?"), "asked").state
        is PostState.SENDING
    )
    for door in ("report", "worry"):
        assert story.heron.send(post_url(mine, door)).status_code == 303
    assert posting.withdraw_post(story.wren.actor, mine).state is PostState.WITHDRAWN
    assert "116 123" in text_of(story.wren.get(f"/g/{story.group.address}/help"))


def test_an_edit_behind_a_brake_waits(story: Story) -> None:
    mine = story.world.reply(story.wren, story.topic, "My own words.")
    pull(story.owl, Brake.STOP)
    assert posting.edit_post(story.wren.actor, mine, "Other words.", "en").state is PostState.HELD


def test_members_read_what_a_brake_does_and_until_when(story: Story) -> None:
    pages = (conversation_url(story.topic), f"/b/{write_ident(story.group.board)}", f"/g/{story.group.address}")
    before = [text_of(story.wren.get(page)) for page in pages]
    pull(story.owl, Brake.STOP, words="We need a quiet night.")
    for page, calm in zip(pages, before, strict=True):
        braked = text_of(story.wren.get(page))
        assert "The team has stopped new posts here. This ends by itself: " in braked
        assert "We need a quiet night." in braked
        assert "stopped new posts" not in calm
    brakes.let_go(story.owl.actor, story.group.scope, None)
    assert [text_of(story.wren.get(page)) for page in pages] == before


def test_only_the_team_pulls_and_not_for_longer_than_a_day(story: Story) -> None:
    other = story.world.group("Another Trust")
    stranger = story.world.person(other, Role.FACILITATOR)
    for who in (story.wren, stranger):
        with pytest.raises(NotFound):
            brakes.pull(who.actor, story.group.scope, None, Pull(Brake.STOP))
    with pytest.raises(NotFound):
        brakes.pull(story.owl.actor, story.group.scope, other.board, Pull(Brake.STOP))
    for hours in (0, 25):
        with pytest.raises(Invalid):
            pull(story.owl, Brake.STOP, hours=hours)
    assert not story.waits(story.wren)
    pull(story.owl, Brake.STOP)
    last = row(select(AuditEntry.action, AuditEntry.codes).order_by(AuditEntry.n.desc()).limit(1))
    assert last
    assert tuple(last) == ("group.brake", "stop:24")


# --- What the author is told -----------------------------------------------------------------------------------------


def held(story: Story, body: str = LINK) -> int:
    written = posting.submit_post(story.wren.actor, story.topic, Words(body), f"held {body}")
    assert written.state is PostState.HELD
    return written.id


def test_the_author_reads_why_it_waits_and_the_promise_of_the_duty_times(story: Story) -> None:
    story.world.on_duty(story.group, clock.today().weekday(), "10:00", "12:00")
    post_id = held(story)
    case = row(select(CaseItem.due_at).where(CaseItem.post_id == post_id, CaseItem.kind == CaseKind.HOLD))
    assert case
    promised = brakes.when(case.due_at, "Europe/London")
    page = text_of(story.wren.get(post_url(post_id, "waiting")))
    assert "In this group a person looks at links first." in page
    assert f"Someone from the team is to read it by then: {promised}." in page
    assert promised in text_of(story.wren.get(post_url(post_id, "sent")))
    story.world.moment.go(days=2)
    assert "It is late, and we are sorry." in text_of(story.wren.get(post_url(post_id, "waiting")))


def test_nothing_is_promised_where_nobody_is_due(story: Story) -> None:
    page = text_of(story.wren.get(post_url(held(story), "waiting")))
    assert "No one from the team is due, so we cannot say when." in page
    assert "is to read it by then" not in page


def test_nothing_that_waits_is_rejected_by_age(story: Story) -> None:
    post_id = held(story)
    story.world.moment.go(days=400)
    story.world.settle()
    assert state_of(post_id) is PostState.HELD
    assert open_items(post_id, (CaseKind.HOLD,)) == [CaseKind.HOLD]


def test_whoever_waits_can_read_write_to_the_team_and_ask_for_help(story: Story) -> None:
    held(story)
    assert story.wren.get(conversation_url(story.topic)).status_code == 200
    assert story.wren.get(f"/g/{story.group.address}/help").status_code == 200
    assert team.write_to_team(story.wren.actor, story.group.scope, Words(LINK), "asked").state is PostState.SENDING


def test_nobody_else_reads_that_page_and_what_waits_no_more_leads_on(story: Story) -> None:
    post_id = held(story)
    assert story.heron.get(post_url(post_id, "waiting")).status_code == 404
    assert story.owl.get(post_url(post_id, "waiting")).status_code == 404
    assert story.wren.get(post_url(post_id, "waiting")).status_code == 200
    case = row(select(CaseItem.id).where(CaseItem.post_id == post_id, CaseItem.kind == CaseKind.HOLD))
    assert case
    decisions.decide(story.owl.actor, case.id, Verdict(Choice.RELEASE, 0))
    assert story.wren.get(post_url(post_id, "waiting")).status_code == 303


def test_an_author_does_not_learn_that_somebody_else_is_held(story: Story) -> None:
    shown = story.world.reply(story.heron, story.topic, "To be looked at.", masked=True)
    usecases.hold_author(story.owl.actor, shown)
    written = posting.submit_post(story.wren.actor, story.topic, Words("New alias.", masked=True), "alias")
    page = text_of(story.wren.get(post_url(written.id, "waiting")))
    assert "A person of the team reads them before others do." in page
    assert "held today" not in page


def test_before_writing_it_is_said_that_it_will_wait(story: Story) -> None:
    page = conversation_url(story.topic)
    assert "reads each post here before the group does" not in text_of(story.wren.get(page))
    story.choose(board=Hold.EVERYTHING)
    assert "reads each post here before the group does" in text_of(story.wren.get(page))
