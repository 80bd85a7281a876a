"""S21: what the page of rules says about seeing a post, and what the SQL finds, are the same answer everywhere."""

import itertools
from datetime import date, timedelta

import pytest
from sqlalchemy import ColumnElement, and_, false, insert, select, update

from forum.base import clock
from forum.base.db import rows
from forum.base.idents import new_post_id, write_ident
from forum.base.transaction import here, transaction
from forum.conversations import queries
from forum.models import Board, Conversation, Persona, Post, PostState, Role, Standing
from forum.policy import visibility
from forum.policy.actor import VISITOR, Actor, Membership
from forum.policy.audience import EVERYONE, TEAM, admits
from forum.policy.visibility import can_see, on_boards_for, visible_on_boards, visible_to
from tests.world import GroupHere, Moves, Person, World, conversation_url, post_url, text_of

#: As the schema allows them; a post that was never shown has no feed number.
STATES = list(PostState)
EVER_SHOWN = (True, False)
MASKED = (True, False)


def place_posts(world: World, author: Person, topic: bytes) -> dict[int, tuple[PostState, bool, bool]]:
    """One post of `author` in every state, shown before or never, under the name and the alias."""
    masked = world.reply(author, topic, "To have an alias.", masked=True)
    with world.app.app_context(), transaction():
        mask = here().scalar(select(Post.mask_id).where(Post.id == masked))
        made = {}
        for seq, (state, shown, hidden) in enumerate(itertools.product(STATES, EVER_SHOWN, MASKED), start=1_000):
            post_id = new_post_id()
            here().execute(
                insert(Post).values(
                    id=post_id,
                    conversation_id=topic,
                    seq=seq,
                    changed_in=seq if shown else 0,
                    persona_id=None if hidden else author.persona_id,
                    mask_id=mask if hidden else None,
                    state=state,
                    body="words",
                    html="<p>words</p>",
                    renderer="md1",
                    lang="en",
                    written_at=clock.this_hour(),
                    edited=False,
                )
            )
            made[post_id] = (state, shown, hidden)
        return made


def actors(world: World, ours: GroupHere, author: Person) -> dict[str, Actor]:
    """Everybody who could ask."""
    other, twin = world.group("Harbour Trust"), world.group("Lantern Trust")
    people = {
        "author": author,
        "member": world.person(ours),
        "facilitator": world.person(ours, Role.FACILITATOR),
        "moderator": world.person(ours, Role.MODERATOR),
        "left": world.person(ours),
        "behind": world.person(ours),
        "neighbour's moderator": world.person(other, Role.MODERATOR),
        "other organisation's moderator": world.person(twin, Role.MODERATOR),
    }
    with world.app.app_context():
        with transaction():
            here().execute(
                update(Persona).where(Persona.id == people["left"].persona_id).values(standing=Standing.LEFT)
            )
            here().execute(
                update(Persona).where(Persona.id == people["behind"].persona_id).values(agreed_version_id=None)
            )
        found = {name: person.actor for name, person in people.items()}
    mod, member = found["moderator"], found["neighbour's moderator"]
    both = Actor(mod.account_id, None, {**mod.memberships, **member.memberships})
    return {"visitor": VISITOR, "in two groups": both, **found}


def own_posts(membership: Membership | None, topic: bytes) -> ColumnElement[bool]:
    return queries.mine(membership, topic) if membership else false()


def test_sec_s21_rule_and_sql_say_the_same_of_every_post_to_everybody(world: World, inside: object) -> None:
    ours = world.group("Harbour Trust")
    author = world.person(ours)
    topic = world.topic(author)
    made = place_posts(world, author, topic)

    for who, actor in actors(world, ours, author).items():
        own = own_posts(actor.membership_in(ours.scope.group_id), topic)
        found = {r.id for r in rows(_posts(topic, visible_to(actor, own)))}
        for post_id, (state, shown, hidden) in made.items():
            rule = can_see(actor, ours.scope.group_id, state, shown, who == "author")
            assert (post_id in found) is rule, (who, state, shown, "masked" if hidden else "named")


def test_sec_s21_without_own_words_the_sql_shows_what_a_stranger_to_them_sees(world: World, inside: object) -> None:
    ours = world.group("Harbour Trust")
    author = world.person(ours)
    topic = world.topic(author)
    made = place_posts(world, author, topic)

    for who, actor in actors(world, ours, author).items():
        found = {r.id for r in rows(_posts(topic, visible_to(actor)))}
        expected = {i for i, (s, shown, _) in made.items() if can_see(actor, ours.scope.group_id, s, shown, False)}
        assert found & set(made) == expected, who


def _posts(topic: bytes, seen: ColumnElement[bool]) -> object:
    joined = select(Post.id).join(Conversation, Conversation.id == Post.conversation_id)
    return joined.where(and_(Post.conversation_id == topic, seen))


def test_the_comparison_notices_one_state_more(world: World, inside: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twin: with a filter that also lets waiting words through, the first test above fails."""
    ours = world.group("Harbour Trust")
    author = world.person(ours)
    topic = world.topic(author)
    made = place_posts(world, author, topic)
    member = actors(world, ours, author)["member"]
    assert rows(_posts(topic, visible_to(member)))
    before = {r.id for r in rows(_posts(topic, visible_to(member)))} & set(made)
    monkeypatch.setattr(visibility, "SHOWN", (*visibility.SHOWN, PostState.HELD))
    after = {r.id for r in rows(_posts(topic, visible_to(member)))} & set(made)
    assert after - before == {i for i, (s, shown, _) in made.items() if s is PostState.HELD and shown}


def test_sec_s21_held_words_that_were_shown_before_are_for_the_team_and_the_author() -> None:
    """An edit that is held takes the post out of sight, though it was seen before."""
    assert PostState.HELD not in visibility.SHOWN
    assert PostState.SENDING not in visibility.SHOWN


# --- Boards that are not for everyone ---

AUDIENCES = (EVERYONE, 7, 30, TEAM)


def on_boards(world: World, ours: GroupHere, author: Person) -> dict[bytes, int]:
    """A topic on a board of each kind, with words of `author` in it; gives who may read each."""
    found: dict[bytes, int] = {}
    for n, (board, readers) in enumerate(zip(ours.boards, AUDIENCES, strict=True)):
        topic = world.topic(author, f"Topic {n}")
        with world.app.app_context(), transaction():
            here().execute(update(Conversation).where(Conversation.id == topic).values(board_id=board))
            here().execute(update(Board).where(Board.id == board).values(readers=readers))
        found[topic] = readers
    return found


def here_since(world: World, person: Person, joined_on: date | None) -> Actor:
    with world.app.app_context(), transaction():
        here().execute(update(Persona).where(Persona.id == person.persona_id).values(joined_on=joined_on))
    return person.actor


@pytest.mark.parametrize("weeks", [None, 0, 1, 2, 5, 6, 60])
@pytest.mark.parametrize("role", list(Role))
def test_sec_s21_boards_for_some_are_read_by_the_same_people_in_python_and_in_sql(
    world: World, inside: object, weeks: int | None, role: Role
) -> None:
    ours = world.group(boards=("All", "A week", "A month", "Team"))
    author, reader = world.person(ours), world.person(ours, role)
    topics = on_boards(world, ours, author)
    monday = clock.today() - timedelta(days=clock.today().weekday())
    actor = here_since(world, reader, None if weeks is None else monday - timedelta(weeks=weeks))
    writer = here_since(world, author, monday)
    for topic, readers in topics.items():
        for who, asks in (("reader", actor), ("author", writer)):
            own = own_posts(asks.membership_in(ours.scope.group_id), topic)
            found = bool(rows(_posts(topic, visible_to(asks, own))))
            state = PostState.VISIBLE
            rule = can_see(asks, ours.scope.group_id, state, True, who == "author", readers=readers)
            assert found is rule, (who, readers, weeks, role)


@pytest.mark.parametrize("weeks", [None, 0, 1, 2, 5, 6, 60])
@pytest.mark.parametrize("role", list(Role))
def test_sec_s21_the_compiled_form_for_boards_says_what_the_rule_says(
    world: World, inside: object, weeks: int | None, role: Role
) -> None:
    """What a search asks: only what is visible, of every state and on every board."""
    ours = world.group(boards=("All", "A week", "A month", "Team"))
    author, reader = world.person(ours, Role.MODERATOR), world.person(ours, role)
    topics = on_boards(world, ours, author)
    made = {topic: place_posts(world, author, topic) for topic in topics}
    monday = clock.today() - timedelta(days=clock.today().weekday())
    actor = here_since(world, reader, None if weeks is None else monday - timedelta(weeks=weeks))
    far = world.person(world.group("Harbour Trust"), role).actor
    for asks in (actor, far):
        membership = next(iter(asks.memberships.values()))
        statement = select(Post.id).join(Conversation, Conversation.id == Post.conversation_id)
        statement = statement.join(Board, Board.id == Conversation.board_id).where(visible_on_boards())
        found = {r.id for r in rows(statement, on_boards_for(membership))}
        for topic, readers in topics.items():
            for post_id, (state, shown, _hidden) in made[topic].items():
                rule = can_see(asks, ours.scope.group_id, state, shown, mine=False, readers=readers)
                assert (post_id in found) is (rule and state is PostState.VISIBLE), (role, weeks, readers, state, shown)


@pytest.mark.parametrize(
    ("audience", "days", "included"),
    [(EVERYONE, 0, True), (7, 13, False), (7, 14, True), (30, 36, False), (30, 37, True), (TEAM, 400, False)],
)
def test_who_came_on_the_last_day_of_the_week_has_been_here_long_enough(
    audience: int, days: int, included: bool, moment: Moves
) -> None:
    """Only the Monday is kept. It counts as if they had come on the Sunday, so that nobody reads too soon."""
    monday = clock.today() - timedelta(days=clock.today().weekday())
    moment.at += timedelta(days=days - clock.today().weekday())
    assert admits(audience, on_team=False, joined_on=monday) is included
    assert admits(audience, on_team=True, joined_on=monday)
    assert admits(audience, on_team=False, joined_on=None) is (audience != TEAM)


def test_sec_s21_every_way_to_a_board_of_the_team_is_shut_to_members(world: World, inside: object) -> None:
    ours = world.group(boards=("All", "A week", "A month", "Team"))
    author, member, moderator = world.person(ours), world.person(ours), world.person(ours, Role.MODERATOR)
    topic = list(on_boards(world, ours, author))[-1]
    post = world.reply(moderator, topic, "Among ourselves.")
    board = f"/b/{write_ident(ours.boards[-1])}"
    pages = (
        conversation_url(topic),
        f"{conversation_url(topic)}/changes?after=0",
        post_url(post),
        board,
        f"{board}/write",
    )
    for path in (*pages, post_url(post, "more")):
        assert member.get(path).status_code == 404, path
        assert moderator.get(path).status_code in (200, 303), path
    assert "Team" not in text_of(member.get(f"/g/{ours.address}"))
    assert "Team" in text_of(moderator.get(f"/g/{ours.address}"))
    for path, form in ((f"{conversation_url(topic)}/posts", {}), (f"{board}/write", {"title": "New"})):
        assert member.send(path, {"body": "Hello.", "token": "a" * 26, **form}).status_code == 404
        assert moderator.send(path, {"body": "Hello.", "token": "b" * 26, **form}).status_code == 303


def test_sec_s21_words_stay_their_authors_on_a_board_that_is_not_for_them_any_more(
    world: World, inside: object
) -> None:
    ours = world.group(boards=("All", "A week", "A month", "Team"))
    author, member = world.person(ours), world.person(ours)
    topic = list(on_boards(world, ours, world.person(ours, Role.MODERATOR)))[-1]
    mine = move_away_and_back(world, author, topic, ours.boards[-1])
    assert author.get(conversation_url(topic)).status_code == 404
    assert member.send(post_url(mine, "withdraw")).status_code == 404
    assert author.send(post_url(mine, "withdraw")).status_code == 303


def move_away_and_back(world: World, author: Person, topic: bytes, board: bytes) -> int:
    """What somebody wrote while the board was for everyone."""
    set_board(world, board, readers=EVERYONE)
    mine = world.reply(author, topic, "Words of mine.")
    set_board(world, board, readers=TEAM)
    return mine


def set_board(world: World, board: bytes, **columns: object) -> None:
    with world.app.app_context(), transaction():
        here().execute(update(Board).where(Board.id == board).values(**columns))


@pytest.mark.parametrize(
    ("columns", "starts", "replies"),
    [
        ({"starters": EVERYONE}, 303, 303),
        ({"starters": TEAM}, 403, 303),
        ({"repliers": TEAM}, 303, 403),
        ({"starters": 30, "repliers": 7}, 403, 403),
        ({"retired_at": clock.from_hours(0)}, 403, 403),
    ],
)
def test_sec_s21_who_may_start_and_reply_is_asked_apart(
    world: World, inside: object, columns: dict[str, object], starts: int, replies: int
) -> None:
    ours = world.group()
    member, moderator = world.person(ours), world.person(ours, Role.MODERATOR)
    topic = world.topic(member)
    set_board(world, ours.board, **columns)
    board = f"/b/{write_ident(ours.board)}"
    start, reply = f"{board}/write", f"{conversation_url(topic)}/posts"
    assert member.send(start, {"title": "New", "body": "Hello.", "token": "a" * 26}).status_code == starts
    assert member.send(reply, {"body": "Hello.", "token": "b" * 26}).status_code == replies
    team = 403 if "retired_at" in columns else 303
    assert moderator.send(start, {"title": "New", "body": "Hello.", "token": "c" * 26}).status_code == team
    assert moderator.send(reply, {"body": "Hello.", "token": "d" * 26}).status_code == team
    assert member.get(board).status_code == 200
    assert member.get(conversation_url(topic)).status_code == 200
    assert ("Write something new" in text_of(member.get(board))) is (starts == 303)
