"""What the team decides: kept with its effect or not at all, once, never about one's own words, always undone."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from forum.base import clock
from forum.base.db import db, row, rows
from forum.base.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.base.transaction import here, transaction
from forum.conversations import places
from forum.conversations import queries as conversations
from forum.conversations import usecases as posting
from forum.conversations.prepare import Words
from forum.models import Post, PostState, Role
from moderation import audit, decisions, queries, queue, usecases
from moderation.decisions import Verdict
from moderation.models import AuditEntry, CaseItem, CaseKind, Choice, Decision, Evidence
from tests.world import GroupHere, Person, World

LINK = "Read https://example.org first."


def held_post(world: World, group: GroupHere, author: Person, body: str = LINK, **words: object) -> tuple[int, bytes]:
    """A post that the gate holds, and its case."""
    topic = world.topic(world.person(group))
    written = posting.submit_post(author.actor, topic, Words(body, **words), f"t{body}")  # type: ignore[arg-type]
    case = row(select(CaseItem.id).where(CaseItem.post_id == written.id, CaseItem.kind == CaseKind.HOLD))
    assert case
    return written.id, case.id


def state_of(post_id: int) -> PostState:
    found = row(select(Post.state).where(Post.id == post_id))
    assert found
    return PostState(found.state)


def test_a_held_post_is_released_and_then_read(world: World, inside: object) -> None:
    group = world.group()
    wren, heron, owl = world.person(group), world.person(group), world.person(group, Role.MODERATOR)
    post_id, case = held_post(world, group, wren)
    place = places.find_place_of_post(post_id)
    assert place
    assert post_id not in [p.id for p in conversations.list_posts(heron.actor, place.id, 1)]

    decisions.decide(owl.actor, case, Verdict(Choice.RELEASE, 0))

    assert state_of(post_id) is PostState.VISIBLE
    assert post_id in [p.id for p in conversations.list_posts(heron.actor, place.id, 1)]
    waiting = {line.kind for line in queue.list_open(owl.actor, group.scope).lines}
    assert waiting == {CaseKind.WELCOME}  # two newcomers wrote for the first time
    assert [d.choice.value for d in queries.list_decisions(owl.actor, group.scope.group_id, post_id)] == ["release"]


def test_a_member_cannot_see_or_decide_a_case(world: World, inside: object) -> None:
    group = world.group()
    wren, heron, owl = world.person(group), world.person(group), world.person(group, Role.FACILITATOR)
    _post, case = held_post(world, group, wren)
    with pytest.raises(NotFound):
        queue.list_open(heron.actor, group.scope)
    with pytest.raises(NotFound):
        decisions.decide(heron.actor, case, Verdict(Choice.RELEASE, 0))
    decisions.decide(owl.actor, case, Verdict(Choice.RELEASE, 0))


def test_the_team_of_another_group_is_a_stranger(world: World, inside: object) -> None:
    group, other = world.group(), world.group("Another Trust")
    _post, case = held_post(world, group, world.person(group))
    stranger = world.person(other, Role.MODERATOR)
    with pytest.raises(NotFound):
        decisions.decide(stranger.actor, case, Verdict(Choice.RELEASE, 0))


def test_nobody_decides_about_their_own_words_under_name_or_alias(world: World, inside: object) -> None:
    group = world.group()
    owl, jay = world.person(group, Role.MODERATOR), world.person(group, Role.MODERATOR)
    for masked in (False, True):
        _post, case = held_post(world, group, owl, f"Ring me on 07700 900123. {masked}", masked=masked)
        with pytest.raises(NotFound):
            decisions.decide(owl.actor, case, Verdict(Choice.RELEASE, 0))
        decisions.decide(jay.actor, case, Verdict(Choice.RELEASE, 0))


def test_the_second_of_two_moderators_is_told(world: World, inside: object) -> None:
    group = world.group()
    owl, jay = world.person(group, Role.MODERATOR), world.person(group, Role.MODERATOR)
    post_id, case = held_post(world, group, world.person(group))
    decisions.decide(owl.actor, case, Verdict(Choice.RELEASE, 0))
    with pytest.raises(Conflict, match="decided this"):
        decisions.decide(
            jay.actor, case, Verdict(Choice.KEEP_BACK, 0, words="Too late. Please write it anew.", clause_uid="links")
        )
    assert state_of(post_id) is PostState.VISIBLE


def test_keeping_back_needs_words_for_the_author_and_loses_none_of_theirs(world: World, inside: object) -> None:
    group = world.group()
    wren, owl = world.person(group), world.person(group, Role.MODERATOR)
    post_id, case = held_post(world, group, wren)
    with pytest.raises(Invalid):
        decisions.decide(owl.actor, case, Verdict(Choice.KEEP_BACK, 0, words="   ", clause_uid="links"))
    decisions.decide(
        owl.actor, case, Verdict(Choice.KEEP_BACK, 0, words="Please leave the link out.", clause_uid="links")
    )

    assert state_of(post_id) is PostState.HIDDEN
    kept = usecases.find_copy(owl.actor, group.scope, post_id)
    assert kept
    assert (kept.body, kept.reason) == (LINK, "Please leave the link out.")
    assert "example.org" not in repr(rows(select(Evidence.sealed)))

    usecases.restore_post(owl.actor, post_id)
    restored = row(select(Post.body, Post.state).where(Post.id == post_id))
    assert restored
    assert (restored.body, restored.state) == (LINK, PostState.VISIBLE)


def test_hiding_is_undone_to_the_letter(world: World, inside: object) -> None:
    group = world.group()
    wren, owl = world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(wren)
    said = world.reply(wren, topic, "Words with *weight*.")
    before = row(select(Post.body, Post.html, Post.lang, Post.seq).where(Post.id == said))
    usecases.hide_post(owl.actor, said, "Names somebody. Please write it anew.", "be-kind")
    assert state_of(said) is PostState.HIDDEN
    usecases.restore_post(owl.actor, said)
    assert row(select(Post.body, Post.html, Post.lang, Post.seq).where(Post.id == said)) == before


def test_a_hold_binds_the_name_it_was_made_on_for_a_day(world: World, inside: object) -> None:
    """An alias that is known goes on; one that is new waits whosever it is, so nothing tells whose these are (0051)."""
    group = world.group()
    wren, heron, owl = world.person(group), world.person(group), world.person(group, Role.MODERATOR)
    known, other, later = (world.topic(world.person(group), f"Topic {n}") for n in range(3))
    said = world.reply(wren, known, "Under my name.")
    world.reply(wren, known, "Under an alias.", masked=True)
    usecases.hold_author(owl.actor, said)

    named = posting.submit_post(wren.actor, known, Words("Under my name again."), "a")
    masked = posting.submit_post(wren.actor, known, Words("Under it again.", masked=True), "b")
    assert (named.state, masked.state) == (PostState.HELD, PostState.SENDING)
    new = [posting.submit_post(p.actor, other, Words("A new one.", masked=True), p.name) for p in (wren, heron)]
    assert [n.state for n in new] == [PostState.HELD, PostState.HELD]
    waiting = {c.post_id: c.reasons for c in rows(select(CaseItem.post_id, CaseItem.reasons))}
    assert [waiting[w.id] for w in (named, *new)] == ["held_author", "new_alias", "new_alias"]
    world.moment.go(hours=25)
    for masks_it in (False, True):
        free = posting.submit_post(wren.actor, later, Words("The next day.", masked=masks_it), f"c{masks_it}")
        assert free.state is PostState.SENDING


def test_a_first_post_goes_out_at_once_and_waits_for_a_welcome(world: World, inside: object) -> None:
    group = world.group()
    wren, owl = world.person(group), world.person(group, Role.MODERATOR)
    world.topic(wren)
    cases = queue.list_open(owl.actor, group.scope).lines
    assert [c.kind for c in cases] == [CaseKind.WELCOME]
    decisions.decide(owl.actor, cases[0].id, Verdict(Choice.WELCOMED, 0))
    world.topic(wren, "The second one")
    assert queue.list_open(owl.actor, group.scope).lines == []


def test_a_group_may_choose_to_hold_newcomers(world: World, inside: object) -> None:
    group = world.group()
    world.configure(group, hold_newcomers=True)
    wren, owl = world.person(group), world.person(group, Role.MODERATOR)
    first = posting.start_topic(wren.actor, group.board, "Hello there", Words("My first."), "t")
    assert first.state is PostState.HELD
    case = row(select(CaseItem.id).where(CaseItem.post_id == first.id, CaseItem.kind == CaseKind.HOLD))
    assert case
    decisions.decide(owl.actor, case.id, Verdict(Choice.RELEASE, 0))
    second = posting.start_topic(wren.actor, group.board, "Hello again", Words("My second."), "u")
    assert second.state is PostState.SENDING


def test_l15_where_newcomers_wait_an_alias_does_not_say_that_it_is_one(world: World, inside: object) -> None:
    """Newcomers are few: "these are someone's first words" beside an alias would tell the team whose it is."""
    group = world.group()
    new, settled = world.person(group), world.person(group)
    topic = world.topic(settled)
    world.configure(group, hold_newcomers=True)
    said = []
    for person in (new, settled):
        written = posting.submit_post(person.actor, topic, Words("Under an alias.", masked=True), f"t{person.name}")
        assert written.state is PostState.HELD
        case = row(select(CaseItem.reasons, CaseItem.kind, CaseItem.due_at).where(CaseItem.post_id == written.id))
        assert case
        said.append(tuple(case))
    assert said[0] == said[1]
    assert said[0][0] == "alias"
    named = posting.submit_post(settled.actor, topic, Words("Under my name."), "named")
    assert named.state is PostState.SENDING


def test_l15_elsewhere_an_alias_waits_for_nobody(world: World, inside: object) -> None:
    group = world.group()
    topic = world.topic(world.person(group))
    new = world.person(group)
    assert posting.submit_post(new.actor, topic, Words("Hidden.", masked=True), "t").state is PostState.SENDING


def test_a_held_post_promises_the_next_duty_time(world: World, inside: object) -> None:
    group = world.group()
    world.on_duty(group, 0, "19:00", "21:00")
    _post, case = held_post(world, group, world.person(group))
    found = row(select(CaseItem.due_at).where(CaseItem.id == case))
    assert found
    seven = clock.now().replace(hour=19, minute=0, second=0, microsecond=0)
    assert found.due_at == seven + timedelta(hours=2)


def test_withdrawing_a_held_post_leaves_the_case_and_the_evidence(world: World, inside: object) -> None:
    group = world.group()
    wren, owl = world.person(group), world.person(group, Role.MODERATOR)
    post_id, case = held_post(world, group, wren)
    posting.withdraw_post(wren.actor, post_id)
    assert case in [c.id for c in queue.list_open(owl.actor, group.scope).lines]
    decisions.decide(owl.actor, case, Verdict(Choice.RELEASE, 0))
    assert state_of(post_id) is PostState.WITHDRAWN


def test_versions_stay_while_a_case_needs_them(world: World, inside: object) -> None:
    group = world.group()
    wren, owl = world.person(group), world.person(group, Role.MODERATOR)
    post_id, case = held_post(world, group, wren)
    posting.edit_post(wren.actor, post_id, "Without any address.", "en")
    version = conversations.list_versions(wren.actor, post_id)[0].id
    with pytest.raises(NotAllowed, match="still looking"):
        posting.erase_version(wren.actor, post_id, version)
    decisions.decide(owl.actor, case, Verdict(Choice.RELEASE, 1))  # the case as it is since the edit
    posting.erase_version(wren.actor, post_id, version)
    assert conversations.list_versions(wren.actor, post_id) == []


def test_every_decision_is_a_link_of_the_chain_and_a_change_breaks_it(world: World, inside: object) -> None:
    group = world.group()
    owl = world.person(group, Role.MODERATOR)
    for n in range(3):
        _post, case = held_post(world, group, world.person(group), f"{LINK} {n}")
        decisions.decide(owl.actor, case, Verdict(Choice.RELEASE, 0))
    assert [r.n for r in rows(select(AuditEntry.n).order_by(AuditEntry.n))] == [1, 2, 3]
    assert audit.find_break() is None
    assert len(rows(select(Decision.id))) == 3
    tamper_with(2)
    found = audit.find_break()
    assert found is not None
    assert found.n == 2


def tamper_with(n: int) -> None:
    """Change a link behind the program's back, as somebody with the database's own password could."""
    change = update(AuditEntry).where(AuditEntry.n == n).values(action="decide.nothing")
    with transaction():
        if db.engine.dialect.name == "postgresql":
            here().execute(text("SET LOCAL session_replication_role = replica"))
            here().execute(change)
            return
        here().execute(text("DROP TRIGGER audit_entry_no_update"))
        here().execute(change)
        here().execute(text(audit.TRIGGERS["sqlite"]["audit_entry_no_update"]))
