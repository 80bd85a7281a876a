"""One property over all channels: who is behind a mask makes no difference to anybody else's bytes (security.md §4.3).

A story with two masked posts in two topics is told twice: one person wrote both, or two people wrote one each. Every
reader then gets the same bytes, but for random ids and aliases, which are written by their order of appearing. So
whatever the two posts of one person share, two people's posts share as well: ids, anything made of ids, sizes, order,
times. (Aliases are drawn from one list; tests/forum/conversations/test_masks.py looks at the drawing.)
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from forum.base.db import rows
from forum.base.idents import write_post_id
from forum.base.keyring import Keyring, Scope
from forum.base.transaction import here
from forum.conversations import masks, usecases
from forum.models import Mask, Post, Role
from moderation import usecases as decisions
from moderation.models import Choice
from tests import conftest
from tests.anonymity.reading import Got, alike, differences, read_all
from tests.anonymity.traces import leads_to
from tests.conftest import Clock, Database
from tests.team_work import end, waiting
from tests.world import Person, World

pytestmark = pytest.mark.pages

#: Shown at once, or held for a link; short and long.
BODIES = st.sampled_from(["A long night.", "See https://example.org there.", "I wonder. " * 40, "Two\n\nlines ☂"])
#: What becomes of a masked post.
FATES = st.sampled_from(["stays", "edited", "withdrawn", "hidden", "quoted", "released"])
NAMED = st.tuples(st.sampled_from(["wren", "heron"]), st.sampled_from(["first", "second", "elsewhere"]))


@dataclass(frozen=True)
class Plot:
    """What the two masked posts say, what becomes of each, and who writes what under a name before and between.

    :param minutes: between one event and the next, more than an hour so that no order is left to random ids.
    """

    bodies: tuple[str, str]
    fates: tuple[str, str]
    before: tuple[tuple[str, str], ...] = ()
    between: tuple[tuple[str, str], ...] = ()
    minutes: int = 61


PLOTS = st.builds(
    Plot,
    st.tuples(BODIES, BODIES),
    st.tuples(FATES, FATES),
    st.lists(NAMED, max_size=2).map(tuple),
    st.lists(NAMED, max_size=2).map(tuple),
    st.integers(61, 200),
)


@dataclass
class Telling:
    """One telling of a plot on an empty database.

    :param second: who writes the second masked post, "wren" or "heron"; the first is wren's.
    """

    world: World
    plot: Plot
    second: str
    posts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        group = self.world.group()
        roles = {"finch": Role.FACILITATOR, "owl": Role.MODERATOR}
        names = ("wren", "heron", "robin", "finch", "owl")
        self.people = {name: self.world.person(group, roles.get(name, Role.MEMBER)) for name in names}
        self.topics = {name: self._topic(name) for name in ("first", "second", "elsewhere")}
        self._tell()

    def _topic(self, name: str) -> bytes:
        self.world.moment.go(minutes=self.plot.minutes)
        return self.world.topic(self.people["robin"], f"The {name} topic")

    def _tell(self) -> None:
        for name, topic in self.plot.before:
            self._write(name, topic, "Under my name.")
        self._write_masked("wren", "first", 0)
        for name, topic in self.plot.between:
            self._write(name, topic, "Under my name again.")
        self._write_masked(self.second, "second", 1)
        self.world.moment.go(minutes=self.plot.minutes)

    def _write(self, name: str, topic: str, body: str, *, masked: bool = False, answers_id: int | None = None) -> int:
        self.world.moment.go(minutes=self.plot.minutes)
        words = {"masked": masked, "answers_id": answers_id}
        self.posts.append(self.world.reply(self.people[name], self.topics[topic], body, **words))
        return self.posts[-1]

    def _write_masked(self, name: str, topic: str, n: int) -> None:
        post = self._write(name, topic, self.plot.bodies[n], masked=True)
        self.world.moment.go(minutes=self.plot.minutes)
        author, owl = self.people[name].actor, self.people["owl"].actor
        held = next((c for c in waiting(owl, self._scope()) if c.post_id == post), None)
        match self.plot.fates[n]:
            case "edited":
                usecases.edit_post(author, post, "Said otherwise.", "en")
            case "withdrawn":
                usecases.withdraw_post(author, post)
            case "quoted":
                self._write("robin", topic, "I hear you.", answers_id=post)
            case "hidden" if not held:
                decisions.hide_post(owl, post, "Please say it more kindly.", "be-kind")
            case "released" if held:
                end(owl, held, Choice.RELEASE)

    def _scope(self) -> Scope:
        group = self.people["owl"].group
        assert group
        return group.scope

    def got(self) -> Iterator[tuple[str, Got]]:
        """What each kind of reader gets who wrote no masked post."""
        visitor = self.world.visitor()
        visitor.group = self.people["owl"].group
        visitor.get("/sign-in")
        readers: dict[str, Person] = {n: self.people[n] for n in ("robin", "finch", "owl")} | {"visitor": visitor}
        for name, reader in readers.items():
            yield name, read_all(reader, self.topics.values(), self.posts)

    def known(self) -> dict[str, str]:
        """What to write for the names and posts of this telling."""
        everyones = rows(select(Post.id).order_by(Post.id))  # no two in one hour, so this is the order of the story
        posts = {write_post_id(post.id): f"<post {n}>" for n, post in enumerate(everyones)}
        return posts | {person.name: name for name, person in self.people.items()}


Tell = Callable[[Plot, str], "Telling"]


@pytest.fixture
def tell(app: Flask, database: Database, ring: Keyring, moment: Clock) -> Iterator[Tell]:
    """Tells a plot anew each time, on an empty database and from the same hour."""

    def anew(plot: Plot, second: str) -> Telling:
        database.reset()
        conftest.forget(ring)
        moment.at = conftest.START
        return Telling(World(app, moment), plot, second)

    with app.app_context():
        yield anew


def compare(tell: Tell, plot: Plot) -> str:
    """What differs for any reader between the two tellings."""
    told = [_read(tell(plot, second)) for second in ("wren", "heron")]
    return "\n".join(filter(None, (differences(told[0][reader], told[1][reader]) for reader in told[0])))


#: Lists of people, in the order of names that each telling draws anew. They have no posts, a facilitator's leads to a
#: page of each person, and L11 holds that they stay as they are when somebody writes under an alias.
LISTS = ("/people", "/ask", "/duty", "/setup", "/rules/agreed", "/worried", "/concerns/new", "/shift/choices")


def _but_lists(pages: dict[str, bytes]) -> dict[str, bytes]:
    return {path: page for path, page in pages.items() if not any(part in path for part in LISTS)}


def _read(telling: Telling) -> dict[str, dict[str, str]]:
    authors = [telling.people["wren"], telling.people[telling.second]]
    idents = [ident for a in authors for ident in (a.persona_id, a.account_id or b"")]
    read = {}
    for reader, got in telling.got():
        assert not leads_to(b"\n".join(_but_lists(got.pages).values()), *idents)
        read[reader] = alike(Got(_but_lists(got.pages)), telling.known())
    assert any(
        "A long night." in t or "example.org" in t or "wonder" in t or "lines" in t for t in read["owl"].values()
    )
    return read


HELD = "See https://example.org there."
RICH = Plot(("A long night.", HELD), ("quoted", "released"), (("heron", "second"),), (("wren", "elsewhere"),))
TAKEN_BACK = Plot((HELD, "A long night."), ("edited", "hidden"), (("wren", "first"),), (("heron", "first"),))


@pytest.mark.timeout(600)
@settings(max_examples=1, deadline=None, suppress_health_check=list(HealthCheck))
@example(plot=RICH)
@example(plot=TAKEN_BACK)
@given(plot=PLOTS)
def test_who_wrote_the_second_masked_post_makes_no_difference(tell: Tell, plot: Plot) -> None:
    assert compare(tell, plot) == ""


@pytest.mark.nightly
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(plot=PLOTS)
def test_nor_in_many_more_stories(tell: Tell, plot: Plot) -> None:
    assert compare(tell, plot) == ""


PLAIN = Plot(("A long night.", "Two\n\nlines ☂"), ("stays", "quoted"))


@pytest.mark.timeout(600)
def test_the_property_notices_a_size_that_depends_on_the_author(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault: what somebody wrote under an alias before makes their next alias one letter longer."""
    right, worn_by = masks.wear, list[bytes]()

    def wear(scope: Scope, persona_id: bytes, conversation_id: bytes) -> masks.WornMask:
        worn = right(scope, persona_id, conversation_id)
        longer = worn.alias + "." * worn_by.count(persona_id)
        worn_by.append(persona_id)
        here().execute(update(Mask).where(Mask.id == worn.id).values(alias=longer))
        return worn

    assert compare(tell, PLAIN) == ""
    monkeypatch.setattr(masks, "wear", wear)
    assert "<alias>." in compare(tell, PLAIN)
