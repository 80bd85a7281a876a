"""Coming in: rules first, a name that is offered, nothing asked about who somebody is."""

import re

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from forum.base.db import row, rows
from forum.models import Account, Agreement, CharterVersion, Clause, ClauseKind, Persona, Role, Seat, Standing
from forum.policy.members import list_scopes
from tests.world import GroupHere, Person, World, text_of

YES = {"answer-what-we-must-tell": "yes"}


def count(model: type) -> int:
    found = row(select(func.count()).select_from(model))
    assert found
    return int(found[0])


def offered_name(page: str) -> str:
    found = re.search(r'name="name" value="([^"]+)"', page)
    assert found
    return found[1]


def come_in(visitor: Person, group: GroupHere, **form: str) -> TestResponse:
    page = visitor.get(f"/g/{group.address}/write").get_data(as_text=True)
    return visitor.send(f"/g/{group.address}/join", {"name": offered_name(page), **YES, **form})


def test_a_visitor_becomes_a_member_with_nothing_but_an_answer(world: World) -> None:
    group = world.group()
    visitor = world.visitor()
    answer = come_in(visitor, group)

    assert answer.status_code == 303
    form = visitor.get(answer.headers["Location"], follow_redirects=True)
    assert "Write something" in text_of(form)
    with world.app.app_context():
        persona = row(select(Persona.role, Persona.standing, Persona.agreed_version_id))
        assert persona
        assert (persona.role, persona.standing) == (Role.MEMBER, Standing.NEWCOMER)
        assert persona.agreed_version_id is not None
    assert Account.__table__.columns.keys() == ["id"]


def test_the_limits_of_confidentiality_stand_in_full_before_the_answer(world: World) -> None:
    group = world.group()
    page = text_of(world.visitor().get(f"/g/{group.address}/write"))
    with world.app.app_context():
        given = rows(select(Clause.body).where(Clause.kind == ClauseKind.GIVEN, Clause.question.is_not(None)))
    for clause in given:
        for sentence in clause.body.split(". "):
            assert " ".join(sentence.split()).rstrip(".") in page


def test_without_an_answer_nobody_is_in(world: World) -> None:
    group = world.group()
    visitor = world.visitor()
    visitor.get(f"/g/{group.address}/write")
    answer = visitor.send(f"/g/{group.address}/join", {"name": "Quiet Heron"})

    assert answer.status_code == 422
    assert "Please answer the question" in text_of(answer)
    assert "Quiet Heron" in text_of(answer)
    with world.app.app_context():
        assert (count(Account), count(Persona)) == (0, 0)


def test_not_now_is_an_answer_that_costs_nothing(world: World) -> None:
    group = world.group()
    visitor = world.visitor()
    visitor.get(f"/g/{group.address}/write")
    answer = visitor.send(f"/g/{group.address}/join", {"name": "Quiet Heron", "answer-what-we-must-tell": "not-now"})

    assert answer.status_code == 200
    assert "nobody is told" in text_of(answer)
    with world.app.app_context():
        assert (count(Account), count(Persona)) == (0, 0)


def test_what_was_agreed_is_kept_with_its_text_and_language(world: World) -> None:
    group = world.group()
    visitor = world.visitor()
    visitor.client.post("/language", data={"language": "ur"}, base_url="https://localhost")
    come_in(visitor, group)
    with world.app.app_context():
        kept = row(select(Agreement.text_sha256, Agreement.locale, Agreement.method, Agreement.acknowledged))
        version = row(select(CharterVersion.text_sha256))
        assert kept
        assert version
        assert kept.text_sha256 == version.text_sha256
        assert (kept.locale, kept.method) == ("ur", "self")
        assert "what-we-must-tell" in kept.acknowledged.split("\n")


@pytest.mark.parametrize(
    ("method", "kept"), [("", "self"), ("read_aloud", "read_aloud"), ("with_supporter", "with_supporter")]
)
def test_how_somebody_read_the_rules_is_kept_and_costs_no_tap(world: World, method: str, kept: str) -> None:
    """Somebody who cannot read gets them read aloud; most people leave what is chosen already."""
    group, visitor = world.group(), world.visitor()
    page = visitor.get(f"/g/{group.address}/write").get_data(as_text=True)
    assert re.findall(r'name="method"[^>]*value="(\w+)"', page) == ["self", "read_aloud", "with_supporter"]
    assert re.findall(r'name="method"[^>]*value="(\w+)"[^>]* checked', page) == ["self"]
    come_in(visitor, group, **({"method": method} if method else {}))
    with world.app.app_context():
        assert row(select(Agreement.method)) == (kept,)


def test_how_they_read_them_stays_chosen_when_an_answer_is_missing(world: World) -> None:
    group, visitor = world.group(), world.visitor()
    visitor.get(f"/g/{group.address}/write")
    answer = visitor.send(f"/g/{group.address}/join", {"name": "Quiet Heron", "method": "read_aloud"})
    assert answer.status_code == 422
    checked = re.findall(r'name="method"[^>]*value="(\w+)"[^>]* checked', answer.get_data(as_text=True))
    assert checked == ["read_aloud"]


def test_joining_twice_is_one_persona(world: World) -> None:
    group = world.group()
    visitor = world.visitor()
    come_in(visitor, group)
    again = visitor.send(f"/g/{group.address}/join", {"name": "Another Name", **YES})
    assert again.status_code == 303
    with world.app.app_context():
        assert (count(Account), count(Persona), count(Seat)) == (1, 1, 1)


def test_one_account_has_a_persona_of_its_own_in_each_group(world: World) -> None:
    first, second = world.group(), world.group("Another Trust")
    visitor = world.visitor()
    come_in(visitor, first)
    come_in(visitor, second)
    with world.app.app_context():
        personas = rows(select(Persona.group_id, Persona.holder_tag, Persona.name))
        account = row(select(Account.id))
        assert account
        assert len({p.holder_tag for p in personas}) == 2
        assert {s.group_id for s in list_scopes(account.id)} == {p.group_id for p in personas}
        assert count(Account) == 1
    home = text_of(visitor.get("/"))
    assert all(p.name in home for p in personas)


def test_a_taken_name_is_refused_also_when_it_only_looks_the_same(world: World) -> None:
    group = world.group()
    wren = world.person(group, name="Quiet Heron")
    visitor = world.visitor()
    for name in ("Quiet Heron", "quiet heron", "Qu\u0456et Heron"):
        visitor.get(f"/g/{group.address}/write")
        answer = visitor.send(f"/g/{group.address}/join", {"name": name, **YES})
        assert answer.status_code == 422, name
    assert wren.name == "Quiet Heron"


def test_a_shared_device_is_signed_out_after_twenty_minutes(world: World) -> None:
    group = world.group()
    own, shared = world.visitor(), world.visitor()
    come_in(own, group)
    come_in(shared, group, shared="yes")
    world.moment.go(minutes=26)  # ends are written in steps of five minutes
    assert own.get("/devices").status_code == 200
    assert shared.get("/devices").status_code == 401


def test_a_name_is_changed_by_its_owner_alone(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren, body="Signed by me.")
    answer = wren.send(f"/g/{group.address}/rename", {"own_name": "Gentle Alder"})
    assert answer.status_code == 303
    with world.app.app_context():
        names = {r.name for r in rows(select(Persona.name))}
    assert names == {"Gentle Alder", heron.name}
    assert topic
    stranger = world.visitor().send(f"/g/{group.address}/rename", {"own_name": "Nobody Here"})
    assert stranger.status_code in (401, 403)
