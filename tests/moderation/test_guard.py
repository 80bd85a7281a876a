"""Whether somebody is worried about a person shows to nobody who proposes to restrict them, nor to who may not agree."""

import re
from collections.abc import Iterator

import pytest

from forum.base.errors import NotAllowed
from forum.base.idents import write_ident
from forum.base.keyring import Scope
from forum.conversations import restrictions
from forum.models import Role
from forum.policy import guard
from forum.policy.actor import Membership
from moderation import report_targets, reports
from moderation.models import CaseKind, Choice
from moderation.reports import Saying
from tests.moderation.test_together import Story
from tests.world import Person, World, post_url, text_of

SAYS = "Not now: please talk to them first."


class Lead:
    """Somebody who looks after people at risk: Robin alone may agree, and nothing begins for whom they worry about."""

    def __init__(self, robin: bytes, worried_about: bytes) -> None:
        self.robin, self.worried_about = robin, worried_about

    def may_agree(self, scope: Scope, me: Membership | None) -> bool | None:
        return me is not None and me.persona_id == self.robin

    def refusal(self, scope: Scope, persona_id: bytes, me: Membership | None) -> str:
        return SAYS if persona_id == self.worried_about else ""

    def begun(self, scope: Scope, persona_id: bytes) -> None:
        """Nobody has to be told."""


@pytest.fixture(autouse=True)
def unguarded() -> Iterator[None]:
    yield
    guard.plug(None)


def plain(page: str) -> str:
    """A page without what is another each time: ids, and tokens of forms."""
    return re.sub(r"[a-z2-7]{26}|[A-Za-z0-9_-]{40,}|[a-z2-7]{12}|Group \d+|[a-z]+-[a-j][a-j]lane", "·", page)


def all_that_is_seen(world: World, *, worried: bool, masked: bool) -> tuple[list[str], Story]:
    """What whoever proposes gets, and whoever may not agree, in a world with a worry or without."""
    story = Story(world)
    jay = world.person(story.group, Role.FACILITATOR, "Jay")
    guard.plug(Lead(story.robin.persona_id, story.wren.persona_id if worried else b""))
    path = post_url(story.posts[masked], "restrict")
    form = {
        "what": "pause_posting",
        "days": "2",
        "words": "Please stop writing to people at night.",
        "clause": "be-kind",
    }
    seen = [story.owl.get(path).text, story.owl.send(path, form).text, story.owl.send(path, form).text]
    item = story.owl.get(f"/g/{story.group.address}/team?kind=proposed").text
    seen.append(item)
    found = re.search(r"/cases/([a-z2-7]{26})", item)
    assert found
    case = f"/cases/{found[1]}"
    for gen, person in (("1", story.owl), ("2", jay)):
        seen += [person.send(f"{case}/claim").text, person.get(case).text]
        answer = person.send(f"{case}/decide", {"choice": "confirm", "version": "0", "gen": gen, "looked": "yes"})
        seen += [str(answer.status_code), answer.text]
        person.send(f"{case}/release", {"gen": gen})
    names = {one.name: f"person {n}" for n, one in enumerate((story.wren, story.heron, story.owl, story.robin, jay))}
    for name, other in names.items():
        seen = [page.replace(name, other) for page in seen]
    return [plain(page) for page in seen], story


@pytest.mark.parametrize("masked", [False, True])
def test_m13_the_bytes_are_equal_whether_or_not_somebody_worries(world: World, inside: object, masked: bool) -> None:
    worlds = [all_that_is_seen(world, worried=worried, masked=masked)[0] for worried in (True, False)]
    assert worlds[0] == worlds[1]
    assert SAYS not in "".join(worlds[0])
    assert any("Whoever looks after people at risk" in page for page in worlds[0]), "who may agree is asked first"


@pytest.mark.parametrize("worried", [True, False])
def test_only_who_may_agree_is_told_that_it_cannot_begin_now(world: World, inside: object, worried: bool) -> None:
    story = Story(world)
    guard.plug(Lead(story.robin.persona_id, story.wren.persona_id if worried else b""))
    item = story.propose()
    if worried:
        with pytest.raises(NotAllowed, match="Not now"):
            story.answer(item, story.robin)
    else:
        story.answer(item, story.robin)
    assert (restrictions.find(story.group.scope, story.wren.persona_id) is None) is worried


def test_a_removal_asks_as_well(world: World, inside: object) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    owl, robin, jay = (world.person(group, Role.FACILITATOR) for _n in range(3))
    for person in (robin, jay):
        world.second_step(person)
        world.step_up(person)
    guard.plug(Lead(robin.persona_id, wren.persona_id))

    def ask(about: Person, second: Person) -> tuple[int, str]:
        page = f"/g/{group.address}/people/{write_ident(about.persona_id)}"
        form = {"words": "You wrote to people at night, again.", "clause": "be-kind"}
        owl.send(f"{page}/propose", form)
        answer = second.send(f"{page}/decide", {"choice": "agree"})
        return answer.status_code, text_of(answer)

    assert SAYS not in ask(wren, jay)[1]
    assert ask(wren, jay)[0] == 403
    assert SAYS in ask(wren, robin)[1]
    assert wren.get(f"/g/{group.address}").status_code == 200
    assert ask(heron, robin)[0] == 303


def test_without_such_a_part_a_worry_told_to_the_team_changes_no_byte_either(world: World, inside: object) -> None:
    pages = []
    for worried in (True, False):
        story = Story(world)
        if worried:
            reports.tell(
                story.heron.actor,
                CaseKind.WELFARE,
                lambda now, s=story: report_targets.of_author(now, s.posts[False]),
                Saying(),
            )
        answer = story.owl.get(post_url(story.posts[False], "restrict"))
        item = story.propose(Choice.PAUSE_POSTING)
        page = story.owl.get(f"/cases/{write_ident(item)}").text
        names = {one.name: str(n) for n, one in enumerate((story.wren, story.heron, story.owl, story.robin))}
        both = answer.text + page
        for name, other in names.items():
            both = both.replace(name, other)
        pages.append(plain(both))
    assert pages[0] == pages[1]
