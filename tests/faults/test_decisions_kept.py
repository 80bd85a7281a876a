"""M6, R1, R7, R17: a decision is there with its effect, reasons and link of the chain, or not at all; and there once."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from forum.base.db import row, rows
from forum.base.idents import write_ident
from forum.models import Post, PostState, Role
from moderation import audit, decisions, report_targets, reports
from moderation.decisions import Lost, Verdict
from moderation.models import AuditEntry, CaseItem, CaseKind, Choice, Decision, Effect, Evidence
from moderation.reports import Saying
from moderation.round_models import CaseNote
from tests.faults.conftest import now_live
from tests.faults.site import Site, browser_of
from tests.world import GroupHere, Person, World

WHY = "Please leave out what shows who somebody is."
DIES_WITHIN_S = 30


def reported(world: World, group: GroupHere, heron: Person, wren: Person, topic: bytes) -> tuple[int, bytes]:
    """A post and the item that somebody opened by reporting it."""
    post = world.reply(wren, topic, "Words to put away.")
    with world.app.app_context():
        told = reports.tell(heron.actor, CaseKind.REPORT, lambda now: report_targets.of_post(now, post), Saying())
    return post, told


def problems(world: World, post_id: int, item_id: bytes) -> tuple[int, list[str]]:
    """How many decisions there are, and what is only half there."""
    with world.app.app_context():
        made = rows(select(Decision.id, Decision.statement, Decision.evidence_id).where(Decision.item_id == item_id))
        parts = {
            "effect": rows(select(func.count()).select_from(Effect).where(Effect.post_id == post_id))[0][0],
            "state": int(row(select(Post.state).where(Post.id == post_id)).state is PostState.HIDDEN),  # type: ignore[union-attr]
            "item": int(row(select(CaseItem.decided).where(CaseItem.id == item_id)).decided),  # type: ignore[union-attr]
            "audit": rows(select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "decide.hide"))[0][0],
            "reasons": rows(select(func.count()).where(Evidence.id.in_([one.statement for one in made])))[0][0],
            "copy": rows(select(func.count()).where(Evidence.id.in_([one.evidence_id for one in made])))[0][0],
        }
        broken = audit.find_break()
    half = [name for name, count in parts.items() if count != len(made)]
    return len(made), [*half, *(["chain"] if broken else [])]


def form_of(world: World, item_id: bytes, post_id: int) -> dict[str, str]:
    with world.app.app_context():
        item = row(select(CaseItem.version, CaseItem.claim_gen).where(CaseItem.id == item_id))
        post = row(select(Post.changed_in).where(Post.id == post_id))
    assert item
    assert post
    fixed = {"choice": "hide", "sure": "yes", "words": WHY, "clause": "be-kind", "seen": str(post.changed_in)}
    return fixed | {"version": str(item.version), "gen": str(item.claim_gen)}


def set_scene(world: World) -> tuple[Person, int, bytes]:
    group = world.group()
    wren, heron, owl = world.person(group), world.person(group), world.person(group, Role.MODERATOR)
    return owl, *reported(world, group, heron, wren, world.topic(heron))


@pytest.mark.faults
@pytest.mark.parametrize("place", ["before commit", pytest.param("after commit", marks=pytest.mark.both)])
def test_m6_a_decision_is_whole_or_not_there_after_a_kill(people: World, site: Site, place: str) -> None:
    owl, post, item = set_scene(people)
    now_live(people)
    form, browser = form_of(people, item, post), browser_of(owl, site.url)
    site.start(FORUM_FAILPOINT=f"{place}:1")
    with pytest.raises(OSError):
        browser.send(f"/cases/{write_ident(item)}/decide", form)
    assert site.wait_until_dead(DIES_WITHIN_S)
    made, half = problems(people, post, item)
    assert (made, half) == (int(place == "after commit"), [])
    site.start()
    again = browser.send(f"/cases/{write_ident(item)}/decide", form)
    assert again.status == (409 if made else 303)
    assert problems(people, post, item) == (1, [])
    assert WHY not in site.log_text()


@pytest.mark.faults
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_m6_the_checker_catches_a_twin_whose_effect_comes_later(people: World, site: Site) -> None:
    owl, post, item = set_scene(people)
    now_live(people)
    form, browser = form_of(people, item, post), browser_of(owl, site.url)
    site.start(FORUM_TWIN="effect_later", FORUM_FAILPOINT="after commit:1")
    with pytest.raises(OSError):
        browser.send(f"/cases/{write_ident(item)}/decide", form)
    assert site.wait_until_dead(DIES_WITHIN_S)
    _made, half = problems(people, post, item)
    assert "effect" in half
    assert "state" in half


def races(world: World, times: int) -> None:
    """Two moderators press at the same moment: one decision, one note, one whole chain, each time."""
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    owl, jay = world.person(group, Role.MODERATOR), world.person(group, Role.MODERATOR)
    topic = world.topic(heron)
    with ThreadPoolExecutor(2) as pool:
        for n in range(times):
            post, item = reported(world, group, heron, wren, topic)
            with world.app.app_context():
                seen = row(select(Post.changed_in).where(Post.id == post))
                assert seen
                wanted = [
                    (owl.actor, Verdict(Choice.HIDE, 0, words=WHY, clause_uid="be-kind", seen=seen.changed_in)),
                    (
                        jay.actor,
                        Verdict(Choice.ASK_AUTHOR, 0, words="Could you say it more gently?", clause_uid="be-kind"),
                    ),
                ]
            errors = at_once(world, pool, item, wanted)
            assert sorted(type(error) for error in errors if error) == [Lost], (n, errors)
            with world.app.app_context():
                assert len(rows(select(Decision.id).where(Decision.item_id == item))) == 1
                assert len(rows(select(CaseNote.id).where(CaseNote.item_id == item))) == 1
    with world.app.app_context():
        assert audit.find_break() is None


def at_once(world: World, pool: ThreadPoolExecutor, item: bytes, wanted: list) -> list[BaseException | None]:
    ready = threading.Barrier(2)

    def press(actor: object, verdict: Verdict) -> None:
        with world.app.app_context():
            ready.wait()
            decisions.decide(actor, item, verdict)  # type: ignore[arg-type]

    return [one.exception() for one in [pool.submit(press, *each) for each in wanted]]


def test_m1_r17_two_at_once_make_one_decision(world: World) -> None:
    races(world, 5)


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_m1_r17_five_hundred_races(world: World) -> None:
    races(world, 500)


KILLS = 20


@pytest.mark.nightly
@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_m6_r1_twenty_kills_at_any_moment_of_a_decision(people: World, site: Site) -> None:
    """The moment is not chosen by the program: 0 to 1 s after the button is pressed; the last waits for the answer."""
    group = people.group()
    wren, heron, owl = people.person(group), people.person(group), people.person(group, Role.MODERATOR)
    topic = people.topic(heron)
    told = [reported(people, group, heron, wren, topic) for _n in range(KILLS)]
    now_live(people)
    browser = browser_of(owl, site.url)
    ends = []
    for n, (post, item) in enumerate(told):
        site.start()
        press = threading.Thread(target=press_once, args=(browser.send, item, form_of(people, item, post)))
        press.start()
        press.join(DIES_WITHIN_S if n == KILLS - 1 else (n * 37 % 41) / 41)
        site.kill9()
        press.join(DIES_WITHIN_S)
        ends.append(made_whole(people, item, post))
    assert 0 < sum(ends) < KILLS, "no kill came before the commit, or none after it"
    assert links_of(people) == sum(ends)
    site.start()
    for made, (post, item) in zip(ends, told, strict=True):
        again = browser.send(f"/cases/{write_ident(item)}/decide", form_of(people, item, post) | {"version": "0"})
        assert again.status == (409 if made else 303)
        assert made_whole(people, item, post) == 1
    assert links_of(people) == KILLS


def press_once(send: object, item: bytes, form: dict[str, str]) -> None:
    with contextlib.suppress(OSError):
        send(f"/cases/{write_ident(item)}/decide", form)  # type: ignore[operator]


def made_whole(world: World, item: bytes, post: int) -> int:
    """How many decisions about an item there are: none or one, with its effect, state, reasons, copy and end."""
    with world.app.app_context():
        made = rows(select(Decision.id, Decision.statement, Decision.evidence_id).where(Decision.item_id == item))
        state = row(select(Post.state).where(Post.id == post))
        ended = row(select(CaseItem.decided).where(CaseItem.id == item))
        kept = [one for each in made for one in (each.statement, each.evidence_id)]
        parts = {
            len(rows(select(Effect.id).where(Effect.post_id == post))),
            len(rows(select(Evidence.id).where(Evidence.id.in_(kept)))) / 2,
            int(state.state is PostState.HIDDEN) if state else -1,
            int(ended.decided) if ended else -1,
        }
        assert audit.find_break() is None
    assert parts == {len(made)}, "it is only half there"
    return len(made)


def links_of(world: World) -> int:
    """How many decisions the chain tells of."""
    with world.app.app_context():
        found = row(select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "decide.hide"))
    return found[0] if found else 0


@pytest.mark.faults
def test_r7_a_decision_sent_twice_is_one(people: World, site: Site) -> None:
    owl, post, item = set_scene(people)
    now_live(people)
    form, browser = form_of(people, item, post), browser_of(owl, site.url)
    site.start()
    answers = [browser.send(f"/cases/{write_ident(item)}/decide", form).status for _n in range(2)]
    site.kill9()
    assert answers == [303, 409]
    assert problems(people, post, item) == (1, [])
