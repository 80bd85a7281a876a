"""S17: how long a door takes to say no tells nobody who or what is behind it.

That it does the same work, and says the same bytes, is tested on every change. Here it is timed, at night: tries of two
kinds in turns, the difference of each pair, and the 95 % interval of its median by bootstrap. The doors are equal if all
of it lies within 3 ms; a busy machine may spoil one measurement, so it may be repeated once.
"""

import gc
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest

from forum.accounts import digits, links, slowing, usecases
from forum.accounts.phrases import new_phrase
from forum.base.idents import new_ident, write_ident
from forum.base.transaction import transaction
from forum.groups import crowds, invitations
from forum.groups.invitations import Terms
from forum.models import Door, LinkPurpose, Listing, Role
from forum.web.sign_ins import hash_of
from moderation import vouching
from tests.security.scene import phrase_in
from tests.security.test_accounts import _digits_of
from tests.world import BASE, GroupHere, Person, World

#: What the internet's own jitter hides from somebody who may try some hundred times (decisions on how things are tested).
EQUAL_MS = 3.0
#: 400 tries. Two of each kind go first and are not counted: caches fill.
PAIRS, WARM = 200, 2
RESAMPLED = 2_000
#: What the positive control plants; it has to be found.
PLANTED_S = 0.005


@dataclass(frozen=True)
class Tried:
    """One try at a door: what is sent, and by whom."""

    person: Person
    path: str
    form: dict[str, str] | None = None


@dataclass(frozen=True)
class Interval:
    """Where the median of the paired differences lies, in ms."""

    low: float
    high: float

    @property
    def equal(self) -> bool:
        """Whether nobody could tell one kind from the other by it."""
        return max(abs(self.low), abs(self.high)) <= EQUAL_MS


def interval_of(differences: list[float]) -> Interval:
    """The 95 % interval of the median, by resampling; seeded, so that the same times say the same."""
    drawn = random.Random(17)
    medians = sorted(
        statistics.median(drawn.choices(differences, k=len(differences))) for _resample in range(RESAMPLED)
    )
    return Interval(medians[RESAMPLED // 40], medians[-RESAMPLED // 40])


def measure(one: Tried, other: Tried) -> Interval:
    """Try both in turns, now this first and now that."""
    order = random.Random(23)
    asked = [_ready(one), _ready(other)]
    status = {ask() for ask in asked for _n in range(WARM)}
    assert len({code for code, _ms in status}) == 1, "the two are answered alike"
    differences = []
    with _quiet():
        for _pair in range(PAIRS):
            took = [0.0, 0.0]
            for n in order.sample((0, 1), 2):
                took[n] = asked[n]()[1]
            differences.append(took[0] - took[1])
    return interval_of(differences)


def _ready(tried: Tried) -> Callable[[], tuple[int, float]]:
    """The try as something to time: everything of the test's own is done before."""
    if tried.form is not None:
        tried.person.get("/sign-in")  # a form was open, as in a browser
    token = tried.person.form_token()
    data = None if tried.form is None else {"csrf_token": token, **tried.form}
    method = "GET" if data is None else "POST"

    def ask() -> tuple[int, float]:
        _forget_tries()
        began = time.perf_counter()
        answer = tried.person.client.open(tried.path, method=method, data=data, base_url=BASE)
        took = time.perf_counter() - began
        return answer.status_code, took * 1000

    return ask


def _forget_tries() -> None:
    """Nothing is slowed: what is timed is the work."""
    slowing.tries = slowing.Slowing()
    invitations.guesses = invitations.Guesses()
    crowds.joins = crowds.Crowd()


@contextmanager
def _quiet() -> Iterator[None]:
    """Collecting rubbish takes as long as a try, and falls on either."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def assert_equal(one: Tried, other: Tried) -> None:
    """At once, or when it is done once more."""
    got = []
    for _repeat in range(2):
        got.append(measure(one, other))
        if got[-1].equal:
            return
    pytest.fail(f"{one.path} takes longer or shorter than {other.path}: {got}")


# --- The doors ---

Doors = dict[str, tuple[Tried, Tried]]


def _sign_in(world: World, group: GroupHere) -> Doors:
    """Phrases, names and numbers: of somebody, and of nobody."""
    person, phone, visitor = world.person(group), world.visitor(), world.visitor()
    words = phrase_in(person.send("/way-back").get_data(as_text=True)).split()
    replaced = _digits_of(person.send("/way-back").text)
    pair = {"name": "quiet morning", "password": "a long enough one"}
    assert person.send("/way-back/name", pair).status_code == 303
    used = _digits_of(person.send("/devices/code").text)
    phone.get("/sign-in")
    assert phone.send("/sign-in", {"phrase": used}).status_code == 303
    person.send("/way-back", {"instead": "all"})
    assert person.send("/way-back/name", pair).status_code == 303

    def typed(**form: str) -> Tried:
        return Tried(visitor, "/sign-in", form)

    nobodys, wrong = typed(phrase=new_phrase()), typed(name=pair["name"], password="a wrong one indeed")
    numbers = typed(phrase=digits.new_code())
    return {
        "a phrase nearly right": (typed(phrase=" ".join([words[1], *words[1:]])), nobodys),
        "a name with a wrong password": (wrong, typed(name="never chosen", password="a wrong one indeed")),
        "a way back that was replaced": (typed(phrase=replaced), typed(phrase=digits.of_phrase(new_phrase()))),
        "the numbers of a device, used": (typed(phrase=used), numbers),
    }


def _joining(world: World, group: GroupHere) -> Doors:
    """A name that somebody has, before the rules are answered."""
    member, visitor = world.person(group, name="Marsh Harrier"), world.visitor()
    path = f"/g/{group.address}/join"
    taken, free = (Tried(visitor, path, {"name": name}) for name in (member.name, "Marsh Herrier"))
    return {"a name that is taken": (taken, free)}


def _invitations(world: World, group: GroupHere) -> Doors:
    """Words of the right shape that never were, that were used, and that ended."""
    facilitator, friend, visitor = world.person(group, Role.FACILITATOR), world.visitor(), world.visitor()
    with world.app.app_context():
        used, ended = (invitations.make_invitation(facilitator.actor, group.scope, Terms(days=1)) for _ in range(2))
    friend.get("/invitation")
    assert friend.send("/invitation", {"words": used}).status_code == 303
    joined = friend.send(f"/g/{group.address}/join", {"name": "Quiet Fern", "answer-what-we-must-tell": "yes"})
    assert joined.status_code == 303
    world.moment.go(hours=23)
    never = Tried(visitor, "/invitation", {"words": "acorn otter zebra"})
    return {
        f"an invitation that {what}": (Tried(visitor, "/invitation", {"words": words}), never)
        for what, words in (("was used", used), ("ended", ended))
    }


def _hidden(world: World, group: GroupHere) -> Doors:
    """The address of a group that is not listed, for a visitor and for a member of another one."""
    hidden, ghost = world.group(), "never-aalane"
    world.configure(hidden, listing=Listing.UNLISTED, door=Door.OPEN)
    far, visitor = world.person(group), world.visitor()
    asked: Doors = {}
    for who, person in (("a visitor", visitor), ("a neighbour", far)):
        paths = [f"/g/{address}" for address in (hidden.address, ghost)]
        asked[f"a hidden group's page, for {who}"] = (Tried(person, paths[0]), Tried(person, paths[1]))
        joins = [Tried(person, f"{path}/join", {"name": "Marsh Wren"}) for path in paths]
        asked[f"a hidden group's door, for {who}"] = (joins[0], joins[1])
    return asked


def _vouching(world: World, group: GroupHere) -> Doors:
    """Whether somebody objected, for the one who asks; whether there is such a person, for another group's team."""
    (asking, _lost), (stopped, objects) = (_vouched(world, group) for _n in range(2))
    assert objects.send(f"/g/{group.address}/object").status_code == 303
    elsewhere = world.person(world.group(), Role.FACILITATOR)
    paths = [f"/g/{group.address}/people/{write_ident(ident)}/lost" for ident in (asking.persona_id, new_ident())]
    form = {"lost": write_ident(stopped.persona_id)}
    return {
        "home while it waits, and when it was stopped": (Tried(asking, "/"), Tried(stopped, "/")),
        "the group, likewise": (Tried(asking, f"/g/{group.address}"), Tried(stopped, f"/g/{group.address}")),
        "vouching from another group": (Tried(elsewhere, paths[0], form), Tried(elsewhere, paths[1], form)),
    }


def _vouched(world: World, group: GroupHere) -> tuple[Person, Person]:
    lost, asker, facilitator = world.person(group), world.person(group), world.person(group, Role.FACILITATOR)
    world.second_step(facilitator)
    world.step_up(facilitator)
    with world.app.app_context():
        actor = replace(facilitator.actor, sign_in=hash_of(facilitator.cookie or ""))
        vouching.vouch(actor, group.scope, lost.persona_id, asker.persona_id)
    return asker, lost


def _reports(world: World, group: GroupHere) -> Doors:
    """Somebody else's line to the team, and one that never was."""
    asker, other = world.person(group), world.person(group)
    token = write_ident(new_ident())
    asked = asker.send(f"/g/{group.address}/ask", {"body": "Can somebody help me?", "token": token})
    line = asked.headers["Location"].split("?")[0].split("#")[0]
    assert asker.get(f"{line}/report").status_code == 200
    form = {"body": "They do not answer me."}
    paths = (f"{line}/report", f"/line/{write_ident(new_ident())}/report")
    return {
        f"a report about a line, from {who}": (Tried(person, paths[0], form), Tried(person, paths[1], form))
        for who, person in (("another member", other), ("another group", world.person(world.group())))
    }


def _links(world: World, group: GroupHere) -> Doors:
    """A link with a role that was used, and one that never was."""
    taker, visitor = world.person(group), world.visitor()
    with world.app.app_context(), transaction():
        secret = links.make_link(
            LinkPurpose.ROLE,
            organisation_id=group.scope.organisation_id,
            group_id=group.scope.group_id,
            role=Role.MODERATOR,
        )
    assert taker.send(f"/role/{secret}").status_code == 303
    never = "A" * len(secret)
    return {"a link that was used": (Tried(visitor, f"/role/{secret}"), Tried(visitor, f"/role/{never}"))}


DOORS: dict[str, Callable[[World, GroupHere], Doors]] = {
    "signing in": _sign_in,
    "joining": _joining,
    "invitations": _invitations,
    "hidden groups": _hidden,
    "vouching": _vouching,
    "reports": _reports,
    "links": _links,
}


@pytest.mark.nightly
@pytest.mark.timeout(900)
@pytest.mark.parametrize("door", DOORS)
def test_sec_s17_every_door_takes_as_long_for_somebody_as_for_nobody(world: World, door: str) -> None:
    for one, other in DOORS[door](world, world.group()).values():
        assert_equal(one, other)


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_sec_s17_the_real_price_of_a_phrase_is_paid_for_nobodys_too(world: World, real_hashing: None) -> None:
    doors = _sign_in(world, world.group())
    for name in ("a phrase nearly right", "a name with a wrong password"):
        assert_equal(*doors[name])


@pytest.mark.nightly
@pytest.mark.timeout(300)
def test_the_measure_finds_five_milliseconds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twin: a door that looks longer at a name that somebody has. Measured as the others, it does not pass."""
    one, other = _sign_in(world, world.group())["a name with a wrong password"]
    look = usecases._account_of_pair

    def looks_longer(name: str, password: str) -> bytes | None:
        if name == "quiet morning":
            time.sleep(PLANTED_S)
        return look(name, password)

    monkeypatch.setattr(usecases, "_account_of_pair", looks_longer)
    got = measure(one, other)
    assert not got.equal
    assert got.low > EQUAL_MS, got
    monkeypatch.undo()
    assert_equal(one, other)


def test_an_interval_is_small_for_equal_times_and_tells_a_shift() -> None:
    """Of made-up times, so that each change is told if the statistic itself breaks."""
    drawn = random.Random(5)
    noise = [drawn.gauss(0, 4) for _pair in range(PAIRS)]
    assert interval_of(noise).equal
    assert not interval_of([n + PLANTED_S * 1000 for n in noise]).equal
    assert not interval_of([n - PLANTED_S * 1000 for n in noise]).equal
    wild = [n * 40 for n in noise]
    assert not interval_of(wild).equal, "too noisy to say anything is not equal"
