"""Officers: how they come in and go, what calls wait for before they are turned on, and what no admin can do."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from forum.accounts import second_factor, totp
from forum.base import clock
from forum.base.db import row
from forum.base.errors import NotAllowed, NotFound
from forum.base.idents import write_ident
from forum.base.transaction import transaction
from forum.models import Officer, OfficerRole, OfficerStanding, Role
from forum.policy.actor import Actor
from moderation.safeguarding import arming, channels, here, officers, resets, responders, settings
from moderation.safeguarding.channels import Way
from moderation.safeguarding.people_models import ChannelKind
from tests.safeguarding import Tier, arm, officer
from tests.world import GroupHere, Person, World, text_of


def house(group: GroupHere) -> str:
    """The admin's page about an organisation."""
    return f"/admin/organisations/{write_ident(group.scope.organisation_id)}/safety"


def give_both(person: Person) -> None:
    """A second phone. Needs an application context."""
    assert person.account_id
    with transaction():
        second_factor.give(person.account_id, second_factor.SECOND)


# --- Coming in ---


def test_an_officer_comes_in_by_a_link_with_two_phones_and_spare_codes(world: World) -> None:
    group, admin = world.group(), world.admin()
    world.step_up(admin)
    made = admin.send(f"{house(group)}/officers", {"role": "lead", "name": "Lee Lead"})
    secret = made.get_data(as_text=True).split("/safeguarding/join/")[1].split("<")[0]
    lee = world.visitor()
    assert "Safeguarding lead" in text_of(lee.get(f"/safeguarding/join/{secret}"))
    joined = lee.send(f"/safeguarding/join/{secret}", {"name": "quiet heron", "password": "a long enough one"})
    assert joined.headers["Location"] == "/second-step"
    assert world.visitor().get(f"/safeguarding/join/{secret}").status_code == 404, "it works once"
    assert lee.get("/safeguarding").status_code == 401, "half a sign-in is none"
    assert _set_up(world, lee, {}).count("<code>") == second_factor.SPARE_CODES
    desk = lee.get("/safeguarding")
    assert desk.status_code == 200
    assert "Calls are not on yet" in text_of(desk)
    with world.app.app_context():
        found = row(sa.select(Officer.account_id, Officer.standing))
        assert found
        assert found.standing is OfficerStanding.ACTIVE
        assert not second_factor.has_both(found.account_id)
        first = second_factor.find_factor(found.account_id)
    assert first
    world.moment.go(seconds=totp.STEP_S)
    old = totp.code_at(first.secret, world.moment.at)
    assert _set_up(world, lee, {"which": "second"}, old).count("<code>") == second_factor.SPARE_CODES
    with world.app.app_context():
        assert second_factor.has_both(found.account_id)
        second = second_factor.find_factor(found.account_id, which=second_factor.SECOND)
        assert second_factor.find_factor(found.account_id).secret == first.secret
    assert second
    world.moment.go(seconds=totp.STEP_S)
    again = world.visitor()
    again.send("/sign-in", {"name": "quiet heron", "password": "a long enough one"})
    entered = again.send("/sign-in/code", {"code": totp.code_at(second.secret, world.moment.at)})
    assert entered.headers["Location"] == "/safeguarding", "either phone opens, and it leads to their work"


def _set_up(world: World, person: Person, form: dict[str, str], old: str = "") -> str:
    person.send("/second-step", form)
    page = person.get("/second-step/new").get_data(as_text=True)
    secret = page.split("secret=")[1].split("&")[0]
    code = totp.code_at(totp_secret(secret), world.moment.at)
    return person.send("/second-step/new", {"code": code, "old_code": old}).get_data(as_text=True)


def totp_secret(written: str) -> bytes:
    """What an app reads out of the square."""
    import base64

    return base64.b32decode(written + "=" * (-len(written) % 8))


def test_an_admin_who_opens_the_link_gets_nothing(world: World) -> None:
    group, admin = world.group(), world.admin()
    with world.app.app_context():
        secret = officers.invite(None, group.scope.organisation_id, OfficerRole.LEAD, "Lee Lead")
    form = {"name": "quiet heron", "password": "a long enough one"}
    assert admin.send(f"/safeguarding/join/{secret}", form).status_code == 403
    assert world.visitor().send(f"/safeguarding/join/{secret}", form).status_code == 303, "its twin"


def test_once_calls_are_on_another_officer_says_that_a_new_one_is_right(world: World) -> None:
    group = world.group()
    tier = arm(world, group)
    new, ident = officer(world, group.scope.organisation_id, OfficerRole.DEPUTY, "Somebody Else")
    with world.app.app_context():
        assert responders.find_officer(new.device) is None
        assert ident not in {one.id for one in responders.of_organisation(group.scope.organisation_id)}
    assert new.get("/safeguarding").status_code == 404
    assert new.get("/concerns").status_code == 404
    admin = world.admin()
    world.step_up(admin)
    assert admin.send(f"/safeguarding/officers/{write_ident(ident)}/agree").status_code == 404, "no admin can say so"
    world.step_up(tier.independent)
    assert tier.independent.send(f"/safeguarding/officers/{write_ident(ident)}/agree").status_code == 303
    assert new.get("/safeguarding").status_code == 200


def test_an_admin_reads_nothing_and_ends_nobody_once_calls_are_on(world: World) -> None:
    group, admin = world.group(), world.admin()
    tier = arm(world, group)
    ident = write_ident(tier.ids[OfficerRole.LEAD])
    world.step_up(admin)
    assert admin.get(house(group)).status_code == 200
    for path in ("/safeguarding", "/safeguarding/readiness", "/safeguarding/channels", "/concerns"):
        assert admin.get(path).status_code == 404, path
    assert admin.send(f"{house(group)}/officers/{ident}/end").status_code == 403
    assert tier.lead.get("/safeguarding").status_code == 200
    elsewhere = world.group("Another Trust")
    other = world.admin(elsewhere.scope.organisation_id)
    assert other.get(house(group)).status_code == 404


def test_before_calls_are_on_an_admin_takes_an_office_back(world: World) -> None:
    group, admin = world.group(), world.admin()
    lee, ident = officer(world, group.scope.organisation_id, OfficerRole.LEAD, "Lee Lead")
    world.step_up(admin)
    assert lee.get("/safeguarding").status_code == 200
    assert admin.send(f"{house(group)}/officers/{write_ident(ident)}/end").status_code == 303
    assert lee.get("/safeguarding").status_code == 401, "signed out everywhere"
    with world.app.app_context():
        assert channels.kinds_of(ident) == []


def test_nobody_leaves_an_office_empty_once_calls_are_on(world: World) -> None:
    group = world.group()
    tier = arm(world, group)
    ident = tier.ids[OfficerRole.DEPUTY]
    world.step_up(tier.deputy)
    with world.app.app_context(), pytest.raises(NotAllowed):
        officers.end(tier.deputy.device, ident)
    successor, new = officer(world, group.scope.organisation_id, OfficerRole.DEPUTY, "Next One")
    world.step_up(tier.lead)
    with world.app.app_context():
        officers.agree(tier.lead.device, new)
        world.moment.go(seconds=1)
        officers.end(tier.deputy.device, ident)
        assert {one.id for one in responders.of_organisation(group.scope.organisation_id)} == {
            tier.ids[OfficerRole.LEAD], tier.ids[OfficerRole.INDEPENDENT], new,
        }  # fmt: skip
    assert successor.get("/safeguarding").status_code == 200


# --- Turning calls on ---


def test_calls_begin_only_with_three_people_who_can_be_reached(world: World) -> None:
    group, admin = world.group(), world.admin()
    organisation_id = group.scope.organisation_id
    people = {}
    for role in officers.NEEDED:
        assert not _armed(world, admin, group), role
        people[role] = officer(world, organisation_id, role, role.value)
    assert not _armed(world, admin, group), "one phone each is not enough"
    with world.app.app_context():
        for person, _ident in people.values():
            give_both(person)
        same = replace(Way("lead@example.org"), tested_on=clock.today().isoformat())
        channels.keep(people[OfficerRole.DEPUTY][1], ChannelKind.MAIL, same)
        assert [need.key for need in arming.needs(organisation_id) if not need.done] == ["apart"]
    assert not _armed(world, admin, group), "one mailbox is one person"
    with world.app.app_context():
        untried = Way("deputy@example.org")
        channels.keep(people[OfficerRole.DEPUTY][1], ChannelKind.MAIL, untried)
    assert not _armed(world, admin, group), "nobody knows whether it reaches them"
    with world.app.app_context():
        tried = replace(untried, tested_on=clock.today().isoformat())
        channels.keep(people[OfficerRole.DEPUTY][1], ChannelKind.MAIL, tried)
        said = here.sentence(group.scope, world.moment.at)
        assert "Nobody is called" in said
    assert _armed(world, admin, group)
    with world.app.app_context():
        assert settings.find(organisation_id).drill_at is not None
        said = here.sentence(group.scope, world.moment.at)
        assert "we call the person on duty for safety now" in said


def _armed(world: World, admin: Person, group: GroupHere) -> bool:
    world.step_up(admin)
    answer = admin.send(f"{house(group)}/on")
    with world.app.app_context():
        on = settings.is_armed(group.scope.organisation_id)
    assert answer.status_code == (303 if on else 403)
    return on


def test_never_5_the_sentence_promises_nobody_who_cannot_be_reached(world: World) -> None:
    group = world.group()
    tier = arm(world, group)
    with world.app.app_context():
        assert "we call the person on duty" in here.sentence(group.scope, world.moment.at)
        for ident in tier.ids.values():
            channels.remove(ident, ChannelKind.MAIL)
        said = here.sentence(group.scope, world.moment.at)
        assert "we call" not in said
        assert "Nobody can be called just now" in said
    world.on_duty(group, 0, "00:00", "06:00")
    with world.app.app_context():
        assert here.sentence(group.scope, world.moment.at) == "Someone from the team is here until 06:00."


# --- Lost phones ---


def test_second_steps_are_taken_away_by_two_of_the_others_after_a_day_and_by_no_admin(world: World) -> None:
    group, admin = world.group(), world.admin()
    tier = arm(world, group)
    lead = tier.ids[OfficerRole.LEAD]
    path = f"/safeguarding/officers/{write_ident(lead)}/reset"
    world.step_up(admin)
    assert admin.send(path, {"answer": "agree"}).status_code == 404
    for one in (tier.deputy, tier.independent):
        world.step_up(one)
    assert tier.deputy.send(path, {"answer": "agree"}).status_code == 303
    assert tier.deputy.send(path, {"answer": "agree"}).status_code == 403, "one is not two"
    assert tier.deputy.send(path, {"answer": "finish"}).status_code == 403
    assert tier.independent.send(path, {"answer": "agree"}).status_code == 303
    assert tier.deputy.send(path, {"answer": "finish"}).status_code == 403, "a day has to pass"
    again = _signed_in(world, tier.deputy)
    world.moment.go(hours=24)
    again = _signed_in(world, tier.deputy)
    assert tier.lead.account_id
    with world.app.app_context():
        assert second_factor.has_factor(tier.lead.account_id)
    assert again.send(path, {"answer": "finish"}).status_code == 303
    with world.app.app_context():
        assert not second_factor.has_factor(tier.lead.account_id)
        assert resets.list_waiting(responders.of_organisation(group.scope.organisation_id)[0]) == []


def test_whom_it_is_about_cannot_agree_but_can_stop_it(world: World) -> None:
    group = world.group()
    tier = arm(world, group)
    path = f"/safeguarding/officers/{write_ident(tier.ids[OfficerRole.LEAD])}/reset"
    for one in (tier.lead, tier.deputy):
        world.step_up(one)
    assert tier.lead.send(path, {"answer": "agree"}).status_code == 403
    assert tier.deputy.send(path, {"answer": "agree"}).status_code == 303
    assert "Lost second steps" in text_of(tier.lead.get("/safeguarding/readiness"))
    assert tier.lead.send(path, {"answer": "stop"}).status_code == 303
    assert "Lost second steps" not in text_of(tier.lead.get("/safeguarding/readiness"))
    assert tier.lead.send(path, {"answer": "stop"}).status_code == 404


def _signed_in(world: World, person: Person) -> Person:
    """The same officer in a new browser, with a code given."""
    from forum.accounts import usecases as accounts
    from forum.web import sessions

    assert person.account_id
    with world.app.app_context(), transaction():
        entered = accounts.enter_proved(person.account_id, None)
    again = replace(person, client=world.app.test_client(), pages=[])
    again.client.set_cookie(sessions.COOKIE, entered.secret, domain="localhost", secure=True)
    return again


# --- One person, two hats ---


def test_a_person_is_one_person_whichever_hat_they_wear(world: World) -> None:
    group = world.group()
    tier = arm(world, group)
    other = world.person(group, Role.FACILITATOR)
    hat = world.join(tier.lead, group, Role.FACILITATOR)
    lead = tier.ids[OfficerRole.LEAD]
    with world.app.app_context():
        both = frozenset({lead, hat.persona_id})
        assert responders.same_person(group.scope, lead) == both
        assert responders.same_person(group.scope, hat.persona_id) == both
        assert responders.same_person(group.scope, other.persona_id) == {other.persona_id}
        found = responders.find(tier.lead.device, group.scope)
        assert found
        assert found.id == lead


def test_an_officer_without_the_second_step_is_nobody(world: World) -> None:
    group = world.group()
    tier: Tier = arm(world, group)
    with world.app.app_context():
        assert responders.find_officer(tier.lead.device) is not None
        assert responders.find_officer(Actor(tier.lead.account_id)) is None
        own = world.signed_in_again(tier.lead)
        assert responders.find_officer(own.device) is None
        with pytest.raises(NotFound):
            officers.get_officer(own.device)
