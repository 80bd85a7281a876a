"""Words that name somebody outside: kept alike whatever there is, and looked at by a person."""

import re

import pytest
from sqlalchemy import select

from forum.base import jobs
from forum.base.db import rows
from forum.base.errors import Invalid, NotFound
from forum.base.idents import write_ident
from forum.models import Role
from moderation import decisions, outsiders, queue, usecases
from moderation.appeal_models import OutsiderReport
from moderation.decisions import Verdict
from moderation.models import CaseKind, Choice
from tests.statements import statements
from tests.world import Person, World, post_url, text_of

ABOUT_ME = "Somebody there calls me Dana Whitlow and says where I work. canary-7712"


def send(world: World, place: str) -> tuple[str, str, list[str]]:
    """The answer, the page it leads to, and what the database was asked, without what is random."""
    browser = world.visitor()
    browser.get("/about-me")
    world.moment.go(minutes=20)
    with world.app.app_context(), statements() as said:
        answer = browser.send("/about-me", {"place": place, "body": ABOUT_ME})
    secret = answer.headers["Location"].split("/")[-1].split("?")[0]
    page = browser.get(f"/told/{secret}").get_data(as_text=True)
    plain = [re.sub(r"x'[0-9a-f]*'|'[^']*'|\d+", "…", one, flags=re.I) for one in said]
    return answer.get_data(as_text=True).replace(secret, "s"), hide_tokens(page).replace(secret, "s"), plain


def hide_tokens(page: str) -> str:
    return re.sub(r'value="[A-Za-z0-9_-]{26,}"', 'value="(token)"', page)


def test_the_answer_is_the_same_whether_or_not_there_is_such_a_group(world: World) -> None:
    open_one, shut = world.group(), world.group()
    world.configure(shut, listing="unlisted", door="shut")
    world.person(open_one, Role.MODERATOR)
    got = [send(world, place) for place in (open_one.address, shut.address, "never-existed")]
    assert got[0] == got[1] == got[2]
    with world.app.app_context():
        jobs.run_due()
    after = [send(world, place) for place in (open_one.address, "never-existed")]
    assert after[0] == after[1] == got[0]


def told(world: World, place: str, words: str = ABOUT_ME) -> str:
    secret = outsiders.tell(place, words)
    jobs.run_due()
    return secret


def waiting(person: Person) -> list[bytes]:
    assert person.group
    return [one.id for one in queue.list_open(person.actor, person.group.scope, CaseKind.PRIVACY).lines]


def test_the_team_of_the_group_looks_and_whoever_told_reads_that_they_did(world: World, inside: object) -> None:
    group = world.group()
    owl, far = world.person(group, Role.MODERATOR), world.person(world.group(), Role.MODERATOR)
    secret = told(world, f"https://forum.example.org/g/{group.address}")
    (item,) = waiting(owl)
    assert waiting(far) == []
    assert "canary-7712" in text_of(owl.get(f"/cases/{write_ident(item)}"))
    assert "canary" not in repr(rows(select(OutsiderReport.sealed)))
    assert not outsiders.get_told(secret).handled
    decisions.decide(owl.actor, item, Verdict(Choice.LOOKED, 0))
    assert outsiders.get_told(secret).handled
    with pytest.raises(NotFound):
        outsiders.get_told("another")


def test_what_names_a_moderator_is_kept_from_them(world: World, inside: object) -> None:
    group = world.group()
    owl, jay = world.person(group, Role.MODERATOR, "Owl"), world.person(group, Role.MODERATOR, "Jay")
    told(world, group.address, "Owl writes about me.")
    assert waiting(owl) == []
    assert len(waiting(jay)) == 1


def test_if_it_names_the_whole_team_an_admin_looks(world: World, inside: object) -> None:
    group = world.group()
    owl = world.person(group, Role.MODERATOR, "Owl")
    secret = told(world, group.address, "Owl writes about me.")
    assert waiting(owl) == []
    admin, other = (
        world.admin(group.scope.organisation_id),
        world.admin(world.group("Lantern Trust").scope.organisation_id),
    )
    (found,) = outsiders.list_reports(admin.device)
    assert found.told.said == ("Owl writes about me.",)
    assert outsiders.list_reports(other.device) == []
    with pytest.raises(NotFound):
        outsiders.mark_handled(other.device, found.id)
    with pytest.raises(NotFound):
        outsiders.list_reports(owl.actor)
    outsiders.mark_handled(admin.device, found.id)
    assert outsiders.get_told(secret).handled


def test_of_no_group_the_admins_of_the_site_look(world: World, inside: object) -> None:
    told(world, "a page about gardens")
    assert [one.told.place for one in outsiders.list_reports(world.admin().device)] == ["a page about gardens"]


def test_whoever_is_not_content_is_heard_by_somebody_else(world: World, inside: object) -> None:
    group = world.group()
    owl, admin = world.person(group, Role.MODERATOR), world.admin(group.scope.organisation_id)
    secret = told(world, group.address)
    assert outsiders.list_reports(admin.device) == []
    (item,) = waiting(owl)
    decisions.decide(owl.actor, item, Verdict(Choice.LOOKED, 0))
    outsiders.say_more(secret, "It still stands there.")
    assert not outsiders.get_told(secret).handled
    (found,) = outsiders.list_reports(admin.device)
    assert found.told.said == (ABOUT_ME, "It still stands there.")


def test_words_that_cannot_be_kept_come_back(world: World) -> None:
    browser = world.visitor()
    answer = browser.send("/about-me", {"place": "a-place", "body": "x" * 5_001})
    assert answer.status_code == 422
    assert "xxxxx" in text_of(answer)
    with world.app.app_context(), pytest.raises(Invalid):
        outsiders.tell("", " ")


def test_it_restricts_nobody(world: World, inside: object) -> None:
    """However often strangers say so: a person looks, and nothing is hidden before."""
    group = world.group()
    owl, wren = world.person(group, Role.MODERATOR), world.person(group)
    post = world.reply(wren, world.topic(wren), "Words of mine.")
    for _n in range(5):
        told(world, group.address)
    assert len(waiting(owl)) == 5
    assert "Words of mine." in text_of(owl.get(post_url(post, "more")))
    usecases.hide_post(owl.actor, post, "It named somebody. Please write it anew.", "be-kind")
