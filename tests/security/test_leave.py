"""S7, the server's half: leaving ends the session, clears this site alone, and always works."""

import pytest

from forum.models import SignInKind
from forum.web import sign_ins
from tests.security.answers import database_away
from tests.security.scene import phrase_in
from tests.world import BASE, Person, World


def exit_of(world: World) -> str:
    """Where the organisation wants people to arrive."""
    return str(world.app.extensions["settings"].exit_url)


@pytest.mark.parametrize("device", [SignInKind.OWN, SignInKind.SHARED])
def test_sec_s7_leaving_ends_the_session_by_a_plain_link(world: World, device: SignInKind) -> None:
    person = world.person(world.group(), device=device)
    old = person.cookie or ""
    assert person.get("/devices").status_code == 200

    answer = person.get("/leave")
    assert answer.status_code == 303
    assert answer.headers["Location"] == exit_of(world)
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert deleted(answer.headers.getlist("Set-Cookie"))
    assert person.cookie is None

    thief = world.visitor()
    thief.client.set_cookie("__Host-s", old, domain="localhost", secure=True)
    assert thief.get("/devices").status_code == 401
    with world.app.app_context():
        assert sign_ins.find(sign_ins.hash_of(old)) is None


def deleted(lines: list[str]) -> bool:
    """Exactly our own cookie is taken away, and nothing else is set."""
    (line,) = lines
    return line.startswith("__Host-s=;") and "Max-Age=0" in line and "Secure" in line and "Domain" not in line


def test_sec_s7_cookies_of_the_charitys_other_sites_stay(world: World) -> None:
    """Clear-Site-Data "cookies" would sign people out of the whole registrable domain (experience.md, finding 2)."""
    person = world.person(world.group())
    person.client.set_cookie("charity_session", "stays", domain="localhost")
    answer = person.get("/leave")
    assert "cookies" not in answer.headers["Clear-Site-Data"]
    assert "*" not in answer.headers["Clear-Site-Data"]
    assert len(answer.headers.getlist("Set-Cookie")) == 1
    kept = person.client.get_cookie("charity_session", domain="localhost")
    assert kept
    assert kept.value == "stays"


def test_sec_s7_a_visitor_can_leave_too(world: World) -> None:
    answer = world.visitor().get("/leave")
    assert (answer.status_code, answer.headers["Location"]) == (303, exit_of(world))


def test_sec_s7_leaving_works_with_a_cookie_of_nobody(world: World) -> None:
    visitor = world.visitor()
    visitor.client.set_cookie("__Host-s", "A" * 22, domain="localhost", secure=True)
    assert visitor.get("/leave").headers["Location"] == exit_of(world)
    assert visitor.cookie is None


def test_sec_s7_leaving_twice_is_harmless(world: World) -> None:
    person = world.person(world.group())
    assert [person.get("/leave").status_code for _ in range(2)] == [303, 303]


def test_sec_s7_leaving_works_with_the_database_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    person = world.person(world.group())
    database_away(monkeypatch)
    answer = person.get("/leave")
    assert (answer.status_code, answer.headers["Location"]) == (303, exit_of(world))
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert deleted(answer.headers.getlist("Set-Cookie"))


def test_sec_s7_nobody_else_is_signed_out(world: World) -> None:
    group = world.group()
    leaving, staying = world.person(group), world.person(group)
    other_phone = second_device(world, leaving)
    leaving.get("/leave")
    assert staying.get("/devices").status_code == 200
    assert other_phone.get("/devices").status_code == 200


def second_device(world: World, person: Person) -> Person:
    phrase = person.send("/way-back").get_data(as_text=True)
    words = phrase_in(phrase)
    phone = world.visitor()
    phone.get("/sign-in")
    assert phone.send("/sign-in", {"phrase": words}).status_code == 303
    return phone


def test_sec_s7_every_page_has_the_way_out_first_and_again_in_the_bar(world: World) -> None:
    person = world.person(world.group())
    for path in ("/", "/help", "/devices", "/no/such/page", f"/g/{person.group.address if person.group else ''}"):
        page = person.get(path).get_data(as_text=True)
        assert page.count('href="/leave"') >= 2, path
        first_link = page[page.index("<body") :].split("<a ")[1]
        assert 'href="/leave"' in first_link, path


def test_sec_s7_signing_out_stays_on_the_site(world: World) -> None:
    person = world.person(world.group())
    answer = person.send("/sign-out")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert person.client.get("/devices", base_url=BASE).status_code == 401
