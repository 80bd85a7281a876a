"""J7: the safeguarding lead is called at three in the morning. The call tells nothing; the link in it, the password, the code
of the second step and one button later somebody has it: within a minute, on an old phone with a bad line."""

import time
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from forum.accounts import second_factor, totp
from forum.accounts import usecases as accounts
from forum.base import clock
from forum.base.transaction import transaction
from forum.models import OfficerRole
from forum.policy.actor import Actor
from forum.web import sign_ins
from moderation.safeguarding import channels, officers, responders, sending, settings, ticking
from moderation.safeguarding.channels import Way
from moderation.safeguarding.models import State
from moderation.safeguarding.people_models import ChannelKind
from tests.browser.harness import Visitor
from tests.conftest import Clock, Live
from tests.moderation.safeguarding.test_calls import now_of, raised
from tests.services import Smtp
from tests.world import GroupHere, World

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

WITHIN_S = 60
NAME, PASSWORD = "quiet heron", "lamp river stone"
#: As fast as somebody types what they know by heart.
KEY_MS = 120


def lead_of(world: World, group: GroupHere) -> bytes:
    """A lead with a password, a second step and a mailbox; gives the secret of their app."""
    person = world.visitor()
    with world.app.app_context():
        house = group.scope.organisation_id
        secret = officers.invite(None, house, OfficerRole.LEAD, "Lee Lead")
        half = officers.accept(person.actor, secret, NAME, PASSWORD)
        with transaction():
            account = second_factor.find_half(Actor(sign_in=sign_ins.hash_of(half.secret)))
            assert account
            second_factor.give(account)
            accounts.enter_proved(account, None)
            settings.turn_on(house, b"admin")
        found = second_factor.find_factor(account)
        lead = responders.of_organisation(house)[0]
        way = replace(Way("lead@example.org"), tested_on=clock.today().isoformat())
        channels.keep(lead.id, ChannelKind.MAIL, way)
    assert found
    return found.secret


def test_j7_called_at_three_in_the_morning_and_taken_within_a_minute(
    world: World, live: Live, phone: Visitor, smtp_server: Smtp, moment: Clock
) -> None:
    group = world.group("Harbour Trust")
    app_secret = lead_of(world, group)
    before = world.app.extensions["settings"]
    url = f"smtp://{smtp_server.host}:{smtp_server.port}"
    world.app.extensions["settings"] = replace(before, smtp_url=url, mail_from="Notes <notes@example.org>")
    moment.go(hours=1)
    try:
        with world.app.app_context():
            case = raised(group)
            ticking.tick()
            sending.send_all()
    finally:
        world.app.extensions["settings"] = before
    call = smtp_server.messages[0].get_payload(decode=True).decode()
    for word in (group.name, "Harbour", "Lee", "Marigold", "tablets"):
        assert word not in smtp_server.messages[0].as_string() + call
    assert case.code in call

    page = phone.new_page()
    began = time.monotonic()
    page.goto(live.url + call.split("site>")[1].strip())
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.get_by_text("I chose a sign-in name and a password").click()
    page.get_by_label("Your secret sign-in name").press_sequentially(NAME, delay=KEY_MS)
    page.get_by_label("Password", exact=True).press_sequentially(PASSWORD, delay=KEY_MS)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code").press_sequentially(totp.code_at(app_secret, moment.at), delay=KEY_MS)
    page.get_by_role("main").get_by_role("button").click()
    page.get_by_role("link", name=case.code).click()
    page.get_by_role("button", name="I have this").click()
    expect(page.get_by_role("button", name="I have this")).to_have_count(0)
    took = time.monotonic() - began
    with world.app.app_context():
        assert now_of(case.id).state is State.ACKNOWLEDGED
    assert group.name not in page.title()
    assert took <= WITHIN_S, f"{took:.0f} s"
