"""Leases: one person at a time, over by the clock alone, and nobody waits for a moderator who went away."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from forum.base.db import row, rows
from forum.base.errors import Conflict, ForumError, Invalid, NotFound
from forum.base.transaction import transaction
from forum.leaving import usecases as going
from forum.models import Role, SignIn
from forum.policy.members import actor_in
from moderation import items, leases, not_for, roles
from moderation.audit import find_break
from moderation.models import CaseItem, CaseKind, Source, Target
from tests.world import Person, World


class Watch:
    """A group with two moderators and a member."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.wren = world.person(self.group, name="Wren")
        self.owl = world.person(self.group, Role.MODERATOR, name="Owl")
        self.jay = world.person(self.group, Role.MODERATOR, name="Jay")

    def open(self, kind: CaseKind = CaseKind.REPORT, n: int = 1, names: tuple[bytes, ...] = ()) -> bytes:
        """An item about somebody."""
        about = n.to_bytes(16)
        with transaction():
            return items.open_item(
                self.group.scope, kind, about=about, target=Target.PERSON, source=Source.MEMBER, names=names
            )


@pytest.fixture
def watch(world: World, inside: object) -> Watch:
    return Watch(world)


def may_decide(person: Person, item_id: bytes, gen: int) -> bool:
    """Whether the lease holds."""
    try:
        with transaction():
            leases.require_lease(person.actor, item_id, gen)
    except Conflict:
        return False
    return True


def test_one_person_at_a_time(watch: Watch) -> None:
    item = watch.open()
    gen = leases.claim(watch.owl.actor, item)
    with pytest.raises(Conflict):
        leases.claim(watch.jay.actor, item)
    assert may_decide(watch.owl, item, gen)
    assert not may_decide(watch.jay, item, gen)


def test_a_second_tab_of_the_same_person_keeps_the_first_alive(watch: Watch) -> None:
    item = watch.open()
    assert leases.claim(watch.owl.actor, item) == leases.claim(watch.owl.actor, item)


def test_m2_a_lease_that_is_over_blocks_nobody(watch: Watch) -> None:
    for kind, lasts in ((CaseKind.REPORT, 10), (CaseKind.WELFARE, 3), (CaseKind.LIVE, 3), (CaseKind.APPEAL, 10)):
        item = watch.open(kind)
        before = leases.claim(watch.owl.actor, item)
        watch.world.moment.go(minutes=lasts, seconds=-1)
        with pytest.raises(Conflict):
            leases.claim(watch.jay.actor, item)
        watch.world.moment.go(seconds=1)
        assert leases.claim(watch.jay.actor, item) > before
        assert not may_decide(watch.owl, item, before)


def test_m2_some_moderator_can_always_take_an_open_item(watch: Watch) -> None:
    """Whatever the clock says, also a clock that was set back."""
    item = watch.open()
    for hours in (0, 1, 30, 24 * 400, -48, -24 * 300, 7):
        watch.world.moment.at += timedelta(hours=hours)
        leases.claim(watch.jay.actor, item)
        watch.world.moment.go(minutes=10)
        leases.claim(watch.owl.actor, item)
        watch.world.moment.go(minutes=10)


def test_a_slow_typist_is_not_overtaken_by_the_clock_alone(watch: Watch) -> None:
    item = watch.open()
    gen = leases.claim(watch.owl.actor, item)
    watch.world.moment.go(hours=3)
    assert may_decide(watch.owl, item, gen)
    leases.claim(watch.jay.actor, item)
    assert not may_decide(watch.owl, item, gen)


def test_whoever_types_keeps_it_for_an_hour_and_no_longer(watch: Watch) -> None:
    item = watch.open()
    gen = leases.claim(watch.owl.actor, item)
    for _n in range(7):
        watch.world.moment.go(minutes=8)
        leases.renew(watch.owl.actor, item, gen)
    watch.world.moment.go(minutes=4)
    with pytest.raises(Conflict):
        leases.renew(watch.owl.actor, item, gen)
    assert leases.claim(watch.jay.actor, item) == gen + 1


def test_left_it_is_free_at_once(watch: Watch) -> None:
    item = watch.open()
    gen = leases.claim(watch.owl.actor, item)
    leases.release(watch.jay.actor, item, gen)
    with pytest.raises(Conflict):
        leases.claim(watch.jay.actor, item)
    leases.release(watch.owl.actor, item, gen)
    assert leases.claim(watch.jay.actor, item) == gen + 1
    assert not may_decide(watch.owl, item, gen)


def test_a_take_over_says_why_and_stands_in_the_record(watch: Watch) -> None:
    item = watch.open()
    gen = leases.claim(watch.owl.actor, item)
    for words in ("  ", "x" * 501):
        with pytest.raises(Invalid):
            leases.take_over(watch.jay.actor, item, words)
    assert may_decide(watch.owl, item, gen)
    mine = leases.take_over(watch.jay.actor, item, "Owl had to go to work.")
    assert (may_decide(watch.owl, item, gen), may_decide(watch.jay, item, mine)) == (False, True)
    assert leases.list_taken(watch.group.scope, item) == [("Jay", "Owl had to go to work.")]
    assert find_break() is None


def test_nobody_takes_what_names_them(watch: Watch) -> None:
    item = watch.open(names=(watch.owl.persona_id,))
    for wanted in (leases.claim, lambda who, one: leases.take_over(who, one, "Why.")):
        with pytest.raises(NotFound):
            wanted(watch.owl.actor, item)
    with pytest.raises(NotFound):
        leases.claim(watch.wren.actor, item)
    assert leases.claim(watch.jay.actor, item) == 1


def test_r17_many_at_once_and_one_has_it(watch: Watch) -> None:
    """Real threads on the real database, 50 times; each time exactly one lease with a number of its own."""
    app, scope = watch.world.app, watch.group.scope
    found = [watch.open(n=n) for n in range(50)]
    meeting = Barrier(4)

    def all_of_them(person: Person) -> list[tuple[bytes, int]]:
        taken = []
        with app.app_context():
            for item in found:
                meeting.wait()
                try:
                    taken.append((item, leases.claim(actor_in(person.actor, scope), item)))
                except ForumError:
                    continue
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [one for part in pool.map(all_of_them, [watch.owl, watch.jay] * 2) for one in part]
    # The two tabs of one person share a lease: the same item has one number, and all items are taken.
    assert {item for item, _gen in taken} == set(found)
    assert len(set(taken)) == len(found)


def test_not_for_holds_beside_other_leases(watch: Watch) -> None:
    """A lease that was given before an item came to name its holder ends there."""
    item = watch.open()
    gen = leases.claim(watch.owl.actor, item)
    with transaction():
        not_for.keep_from(watch.group.scope, item, {watch.owl.persona_id})
    with pytest.raises(NotFound), transaction():
        leases.require_lease(watch.owl.actor, item, gen)


@pytest.mark.parametrize("how", ["sign out", "quick exit", "role ends", "leaves"])
def test_whoever_goes_leaves_what_they_look_at_to_others(watch: Watch, how: str) -> None:
    """And keeps it while they stay, and whatever a colleague does."""
    robin, other = watch.world.person(watch.group, Role.FACILITATOR), watch.open(n=2)
    item = watch.open()
    leases.claim(watch.owl.actor, item)
    leases.claim(robin.actor, other)
    watch.jay.send("/sign-out")
    assert not is_free(watch, item)
    if how == "sign out":
        watch.owl.send("/sign-out")
    elif how == "quick exit":
        watch.owl.get("/leave")
    elif how == "role ends":
        with transaction():
            roles._change(watch.group.scope, watch.owl.persona_id, Role.MEMBER)
    else:
        going.leave_group(watch.owl.actor, watch.group.scope)
    assert is_free(watch, item)
    assert not is_free(watch, other)


def test_nobody_is_kept_from_signing_out(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that cannot be written is no reason to stay."""

    def broken(*_what: object) -> None:
        raise RuntimeError("no list")

    leases.claim(watch.owl.actor, watch.open())
    monkeypatch.setattr(leases.Hands, "empty", broken)
    theirs = select(SignIn.kind).where(SignIn.account_id == watch.owl.account_id)
    assert len(rows(theirs)) == 1
    assert watch.owl.send("/sign-out").status_code == 303
    assert rows(theirs) == []


def is_free(watch: Watch, item: bytes) -> bool:
    """Whether nobody looks at it."""
    found = row(select(CaseItem.claimed_by).where(CaseItem.id == item, CaseItem.group_id == watch.group.scope.group_id))
    return found is not None and found.claimed_by is None
