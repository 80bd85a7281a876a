"""Whoever decided reads what they did where they go next, and takes it back there with one tap for five minutes."""

import pytest
from sqlalchemy import select

from forum.base.db import row, rows
from forum.base.idents import write_ident
from forum.models import Post, PostState, Role
from moderation import leases, report_targets, reports
from moderation.models import CaseItem, CaseKind, Decision
from moderation.reports import Saying
from tests.world import Person, World, text_of

WHY = "Please leave out what shows who somebody is."


class Evening:
    """A report that one of two moderators put out of sight."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.wren, self.heron = world.person(self.group), world.person(self.group)
        self.owl, self.jay = world.person(self.group, Role.MODERATOR), world.person(self.group, Role.MODERATOR)
        self.post = world.reply(self.wren, world.topic(self.heron), "Words that hurt, canary-4417.")
        look = report_targets.of_post
        self.item = reports.tell(self.heron.actor, CaseKind.REPORT, lambda now: look(now, self.post), Saying())

    @property
    def path(self) -> str:
        return f"/cases/{write_ident(self.item)}"

    def hide(self) -> str:
        """Where it leads whoever decides."""
        leases.claim(self.owl.actor, self.item)
        item = row(select(CaseItem.version, CaseItem.claim_gen).where(CaseItem.id == self.item))
        post = row(select(Post.changed_in).where(Post.id == self.post))
        assert item
        assert post
        form = {"choice": "hide", "sure": "yes", "words": WHY, "clause": "be-kind", "seen": str(post.changed_in)}
        answer = self.owl.send(f"{self.path}/decide", form | {"version": str(item.version), "gen": str(item.claim_gen)})
        assert answer.status_code == 303
        return str(answer.headers["Location"])

    def state(self) -> PostState:
        found = row(select(Post.state).where(Post.id == self.post))
        assert found
        return found.state  # type: ignore[no-any-return]


@pytest.fixture
def evening(world: World, inside: object) -> Evening:
    return Evening(world)


def undo_address(evening: Evening) -> str:
    (made,) = rows(select(Decision.id).where(Decision.item_id == evening.item))
    return f"/decisions/{write_ident(made.id)}/undo"


def test_m8_one_tap_on_the_list_takes_a_decision_back(evening: Evening) -> None:
    onward = evening.hide()
    there = undo_address(evening)
    assert evening.state() is PostState.HIDDEN
    for _again in ("made", "from memory"):
        page = evening.owl.get(onward).get_data(as_text=True)
        assert "Put out of sight" in page
        assert there in page
    assert evening.owl.send(there).status_code == 303
    assert evening.state() is PostState.VISIBLE
    assert there not in evening.owl.get(onward).get_data(as_text=True)


def test_it_is_offered_for_five_minutes(evening: Evening) -> None:
    onward, there = evening.hide(), undo_address(evening)
    evening.world.moment.go(minutes=4)
    assert there in evening.owl.get(onward).get_data(as_text=True)
    evening.world.moment.go(minutes=2)
    assert there not in evening.owl.get(onward).get_data(as_text=True)


def test_it_is_offered_to_whoever_decided_alone(evening: Evening) -> None:
    onward, there = evening.hide(), undo_address(evening)
    assert there in evening.owl.get(onward).get_data(as_text=True)
    assert there not in evening.jay.get(onward).get_data(as_text=True)
    for person in (evening.wren, evening.heron):
        assert _status(person, onward) == 404


def _status(person: Person, path: str) -> int:
    return person.get(path).status_code


def test_what_waits_is_folded_until_somebody_chooses_to_read_it(evening: Evening) -> None:
    """The copy and the words as they are now: whoever opens a page need not meet them at once."""
    page = evening.jay.get(evening.path).get_data(as_text=True)
    parts = page.split("canary-4417")
    assert len(parts) > 2
    for before in ("".join(parts[: n + 1]) for n in range(len(parts) - 1)):
        assert before.count("<details") > before.count("</details>")
    assert "Read the post as it is now" in text_of(evening.jay.get(evening.path))
