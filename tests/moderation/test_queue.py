"""The one list: earliest due time first, nothing hidden because somebody looks at it, nothing closed by age."""

import random

import pytest
from sqlalchemy import select, update

from forum.base import clock, jobs
from forum.base.db import rows
from forum.base.errors import Conflict, NotFound
from forum.base.idents import write_ident
from forum.base.transaction import here, transaction
from forum.conversations import usecases as posting
from forum.conversations.prepare import Words
from forum.models import Role
from moderation import items, leases, not_for, queue
from moderation.models import CaseItem, CaseKind, Source, Target
from tests.world import Person, World, text_of

HELD = "Look at https://example.org please."


class Watch:
    """A group with two moderators, a member and items about people who are not there."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.wren = world.person(self.group, name="Wren")
        self.owl = world.person(self.group, Role.MODERATOR, name="Owl")
        self.jay = world.person(self.group, Role.MODERATOR, name="Jay")
        self.page = f"/g/{self.group.address}/team"
        self._n = 0

    def open(self, kind: CaseKind = CaseKind.REPORT, names: tuple[bytes, ...] = ()) -> bytes:
        self._n += 1
        with transaction():
            return items.open_item(
                self.group.scope,
                kind,
                about=self._n.to_bytes(16),
                target=Target.PERSON,
                source=Source.MEMBER,
                names=names,
            )

    def seen(self, person: Person, kind: CaseKind | None = None) -> list[bytes]:
        """Every item of every page; the count agrees with it."""
        found = queue.list_open(person.actor, self.group.scope, kind)
        in_all, ids = found.in_all, [line.id for line in found.lines]
        while found.onward:
            found = queue.list_open(person.actor, self.group.scope, kind, found.onward)
            ids += [line.id for line in found.lines]
        assert in_all == min(len(ids), queue.MOST_COUNTED)
        return ids

    def due_of(self, item_id: bytes) -> tuple[object, ...]:
        found = rows(select(CaseItem.due_at, CaseItem.opened_hour, CaseItem.id).where(CaseItem.id == item_id))
        return tuple(found[0])


@pytest.fixture
def watch(world: World, inside: object) -> Watch:
    return Watch(world)


def test_all_kinds_stand_in_one_list_the_earliest_first(watch: Watch) -> None:
    kinds = [CaseKind.APPEAL, CaseKind.REPORT, CaseKind.WELFARE, CaseKind.SELF, CaseKind.PRIVACY, CaseKind.LIVE]
    opened = {watch.open(kind): kind for kind in kinds}
    world = watch.world
    world.reply(watch.wren, world.topic(watch.owl), HELD)
    listed = [line.kind for line in queue.list_open(watch.jay.actor, watch.group.scope).lines]
    assert set(opened.values()) | {CaseKind.HOLD} <= set(listed)
    assert listed[:2] == [CaseKind.LIVE, CaseKind.WELFARE]
    dues = [line.due_at for line in queue.list_open(watch.jay.actor, watch.group.scope).lines]
    assert dues == sorted(dues)
    for item_id in opened:
        assert watch.jay.get(f"/cases/{write_ident(item_id)}").status_code == 200


def test_it_says_in_one_sentence_by_when_and_why(watch: Watch) -> None:
    watch.world.on_duty(watch.group, clock.now().weekday(), "00:00", "23:59")
    watch.open(CaseKind.WELFARE)
    watch.world.moment.go(minutes=3)
    assert "Due in 12 minutes because: somebody may not be safe." in text_of(watch.owl.get(watch.page))
    watch.world.moment.go(minutes=20)
    assert "Due 8 minutes ago because: somebody may not be safe." in text_of(watch.owl.get(watch.page))


def test_m3_what_others_look_at_is_listed_and_counted(watch: Watch) -> None:
    first, second = watch.open(), watch.open()
    before = watch.seen(watch.jay)
    leases.claim(watch.owl.actor, first)
    assert watch.seen(watch.jay) == before
    page = text_of(watch.jay.get(watch.page))
    assert "Owl looks at this. 10 minutes left." in page
    assert "2 things wait." in page
    assert "You look at this." in text_of(watch.owl.get(watch.page))
    assert {first, second} == set(before)


def test_the_next_one_is_the_first_that_nobody_looks_at(watch: Watch) -> None:
    first, second = watch.open(CaseKind.WELFARE), watch.open()
    assert queue.find_next(watch.jay.actor, watch.group.scope) == first
    leases.claim(watch.owl.actor, first)
    assert queue.find_next(watch.jay.actor, watch.group.scope) == second
    assert queue.find_next(watch.owl.actor, watch.group.scope) == first
    answer = watch.jay.send(f"{watch.page}/next")
    assert answer.headers["Location"] == f"/cases/{write_ident(second)}"
    with pytest.raises(Conflict):
        leases.claim(watch.owl.actor, second)
    watch.world.moment.go(minutes=3)
    assert queue.find_next(watch.jay.actor, watch.group.scope) == first


def test_m4_nothing_is_overtaken_by_what_is_due_later(watch: Watch) -> None:
    """Whatever arrives in whatever order: each time, the free item with the earliest due time comes next."""
    chance, waiting = random.Random(5), set[bytes]()
    waits: dict[bytes, int] = {}
    for _n in range(60):
        watch.world.moment.go(minutes=chance.randrange(1, 50))
        for _m in range(chance.randrange(0, 3)):
            waiting.add(watch.open(chance.choice([CaseKind.WELFARE, CaseKind.REPORT, CaseKind.PRIVACY, CaseKind.SELF])))
        taken = queue.find_next(watch.owl.actor, watch.group.scope)
        if taken is None:
            assert not waiting
            continue
        assert watch.due_of(taken) == min(watch.due_of(one) for one in waiting)
        _decide(taken)
        waiting.remove(taken)
        for one in waiting:
            waits[one] = waits.get(one, 0) + 1
    assert max(waits.values()) < 60
    assert watch.seen(watch.owl) == sorted(waiting, key=watch.due_of)


def _decide(item_id: bytes) -> None:
    with transaction():
        done = update(CaseItem).where(CaseItem.id == item_id).values(decided=True)
        here().execute(done.execution_options(synchronize_session=False))


def test_m4_a_crowd_does_not_push_a_concern_back(watch: Watch) -> None:
    """However many newer things come, each with a longer promise: what is due first stays first."""
    worry = watch.open(CaseKind.WELFARE)
    for _n in range(30):
        watch.world.moment.go(minutes=1)
        watch.open(CaseKind.WELFARE)
    assert watch.seen(watch.owl)[0] == worry


def test_m5_nothing_is_closed_by_age(watch: Watch) -> None:
    world = watch.world
    world.reply(watch.wren, world.topic(watch.owl), HELD)
    opened = {watch.open(kind) for kind in CaseKind if kind not in items.OF_POSTS}
    before = watch.seen(watch.jay)
    assert opened < set(before)
    for _month in range(14):
        world.moment.go(days=31)
        jobs.run_due()
    assert watch.seen(watch.jay) == before


def test_whom_it_names_finds_the_list_as_if_it_were_not_there(watch: Watch) -> None:
    watch.open()
    before = watch.owl.get(watch.page).data
    item = watch.open(names=(watch.owl.persona_id,))
    assert watch.owl.get(watch.page).data.count(b"cg-card") == before.count(b"cg-card")
    assert "1 thing waits." in text_of(watch.owl.get(watch.page))
    assert item not in watch.seen(watch.owl)
    assert item in watch.seen(watch.jay)
    assert "2 things wait." in text_of(watch.jay.get(watch.page))
    for act, form in (("", None), ("/claim", {}), ("/take-over", {"reason": "x"}), ("/release", {}), ("/renew", {})):
        path = f"/cases/{write_ident(item)}{act}"
        answer = watch.owl.get(path) if form is None else watch.owl.send(path, form)
        assert answer.status_code == 404


@pytest.mark.parametrize("masked", [False, True])
def test_ones_own_words_wait_for_the_others(watch: Watch, masked: bool) -> None:
    topic = watch.world.topic(watch.wren)
    watch.world.configure(watch.group, hold_newcomers=True)
    written = posting.submit_post(watch.owl.actor, topic, Words("Ring me on 020 7946 0958.", masked=masked), "t")
    held = {r.id for r in rows(select(CaseItem.id).where(CaseItem.post_id == written.id))}
    assert held
    assert held.isdisjoint(watch.seen(watch.owl))
    assert held <= set(watch.seen(watch.jay))
    (item,) = held
    assert watch.owl.get(f"/cases/{write_ident(item)}").status_code == 404
    assert watch.jay.get(f"/cases/{write_ident(item)}").status_code == 200


def test_one_kind_alone(watch: Watch) -> None:
    report, worry = watch.open(), watch.open(CaseKind.WELFARE)
    assert watch.seen(watch.owl, CaseKind.REPORT) == [report]
    page = text_of(watch.owl.get(f"{watch.page}?kind=welfare"))
    assert "Worries about a person" in page
    assert "1 thing waits." in page
    assert watch.owl.get(f"{watch.page}?kind=nonsense").status_code == 200
    assert worry in watch.seen(watch.owl)


def test_more_than_a_hundred_are_counted_as_more(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MOST_COUNTED", 4)
    monkeypatch.setattr(queue, "PAGE", 2)
    for _n in range(4):
        watch.open()
    assert "4 things wait." in text_of(watch.owl.get(watch.page))
    watch.open()
    assert "More than 4 things wait." in text_of(watch.owl.get(watch.page))
    assert len(watch.seen(watch.owl)) == 5


def test_a_page_full_of_what_names_the_reader_still_leads_on(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MOST_COUNTED", 4)
    monkeypatch.setattr(queue, "PAGE", 2)
    for _n in range(9):
        watch.open(CaseKind.WELFARE, names=(watch.owl.persona_id,))
    last = watch.open(CaseKind.SELF)
    assert watch.seen(watch.owl) == [last]
    assert queue.find_next(watch.owl.actor, watch.group.scope) == last


def test_members_find_no_list(watch: Watch) -> None:
    watch.open()
    with pytest.raises(NotFound):
        queue.list_open(watch.wren.actor, watch.group.scope)
    with pytest.raises(NotFound):
        queue.find_next(watch.wren.actor, watch.group.scope)


def test_the_old_addresses_lead_there(watch: Watch) -> None:
    item = write_ident(watch.open())
    assert watch.owl.get(f"/g/{watch.group.address}/reports").headers["Location"] == watch.page
    assert watch.owl.get(f"/reports/{item}").headers["Location"] == f"/cases/{item}"
    assert watch.owl.get(f"/reports/{write_ident(bytes(16))}").status_code == 404
    assert watch.wren.get(f"/reports/{item}").status_code == 404


def test_the_words_are_folded_and_deciding_comes_after_looking(watch: Watch) -> None:
    world = watch.world
    post = world.reply(watch.wren, world.topic(watch.owl), HELD)
    (found,) = rows(select(CaseItem.id).where(CaseItem.post_id == post, CaseItem.kind == CaseKind.HOLD))
    path = f"/cases/{write_ident(found.id)}"
    page = watch.jay.get(path).get_data(as_text=True)
    assert '<details class="nhsuk-details">' in page
    assert "I&#39;ll look at this" in page
    assert 'value="release"' not in page
    assert watch.jay.send(f"{path}/claim").status_code == 303
    assert 'value="release"' in watch.jay.get(path).get_data(as_text=True)
    theirs = watch.world.person(watch.group, Role.MODERATOR, name="Rook")
    page = theirs.get(path).get_data(as_text=True)
    assert 'value="release"' not in page
    assert "Jay</bdi> looks at this" in page
    assert theirs.send(f"{path}/claim").status_code == 409
    assert "One sentence" in text_of(theirs.send(f"{path}/take-over", {"reason": ""}))
    assert theirs.send(f"{path}/take-over", {"reason": "Jay went home."}).status_code == 303
    assert 'value="release"' in theirs.get(path).get_data(as_text=True)


def test_renewing_says_how_much_time_is_left(watch: Watch) -> None:
    item = watch.open()
    gen = leases.claim(watch.owl.actor, item)
    watch.world.moment.go(minutes=5)
    answer = watch.owl.send(f"/cases/{write_ident(item)}/renew", {"gen": str(gen)})
    assert answer.get_json() == {"left": 600}
    assert watch.owl.send(f"/cases/{write_ident(item)}/renew", {"gen": "7"}).status_code == 409


def test_what_names_somebody_later_goes_from_their_list(watch: Watch) -> None:
    item = watch.open()
    with transaction():
        not_for.keep_from(watch.group.scope, item, {watch.owl.persona_id})
    assert (item in watch.seen(watch.owl), item in watch.seen(watch.jay)) == (False, True)
