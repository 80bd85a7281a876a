"""A night in an organisation whose people are called: phones, mailboxes and a telephone gateway, all real, on the test's clock."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from playwright.sync_api import Browser, Page
from sqlalchemy import insert

from forum.accounts import usecases as accounts
from forum.base import clock, jobs
from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.models import DutySlot, OfficerRole, Role
from forum.web import sessions
from moderation.safeguarding import channels, sending, ticking, watchdog
from moderation.safeguarding.channels import Way
from moderation.safeguarding.people_models import ChannelKind
from tests.browser.harness import PHONE, Visitor, visiting
from tests.browser.test_journeys import sign_in
from tests.conftest import Live
from tests.safeguarding import Tier, arm
from tests.services import Smtp
from tests.services.gateway import Gateway
from tests.world import GroupHere, Person, World

SECRET = "what this gateway knows us by"


class Night:
    """One group of an organisation with lead, deputy and independent contact; the lead's telephone rings, too."""

    def __init__(self, world: World, live: Live, smtp: Smtp, gateway: Gateway, open_phone: Callable[[bool], Visitor]):
        self.world, self.url = world, live.url
        self._smtp, self._gateway, self._open_phone = smtp, gateway, open_phone
        self.group: GroupHere = world.group()
        self.tier: Tier = arm(world, self.group)
        self.rings(self.tier.ids[OfficerRole.LEAD], "lead")
        self.at = f"/g/{self.group.address}"
        self.people: dict[str, Person] = {}

    def facilitator(self, name: str, mailbox: str = "") -> Person:
        """One of the group's team. :param mailbox: where they are called; "" for nowhere."""
        person = self.people[name] = self.world.person(self.group, Role.FACILITATOR, name=name)
        if mailbox:
            self.writes_to(person.persona_id, mailbox)
        return person

    def on_duty(self, *names: str) -> None:
        """These look after the group tonight, and nobody else."""
        values = {"group_id": self.group.scope.group_id, "weekday": 0, "starts": "00:00", "ends": "08:00"}
        with self.world.app.app_context(), transaction():
            for name in names:
                person = {"id": new_ident(), "persona_id": self.people[name].persona_id}
                here().execute(insert(DutySlot).values(**values, **person))

    def writes_to(self, responder_id: bytes, mailbox: str) -> None:
        """Somebody is called by mail, and that was tried."""
        self._keep(responder_id, ChannelKind.MAIL, Way(mailbox))

    def rings(self, responder_id: bytes, whom: str) -> None:
        """Somebody is called through the gateway, and that was tried."""
        self._keep(responder_id, ChannelKind.HOOK, Way(f"{self._gateway.url}/call", whom, SECRET))

    def _keep(self, responder_id: bytes, kind: ChannelKind, way: Way) -> None:
        with self.world.app.app_context():
            channels.keep(responder_id, kind, replace(way, tested_on=clock.today().isoformat()))

    def phone(self, person: Person, *, slow: bool = False) -> Visitor:
        """Their phone, signed in. :param slow: an old one on a bad line."""
        visitor = self._open_phone(slow)
        sign_in(visitor, person.cookie or "", self.url)
        return visitor

    def open(self, person: Person, path: str, *, slow: bool = False) -> Page:
        """The same at a page."""
        page = self.phone(person, slow=slow).new_page()
        page.goto(self.url + path)
        return page

    def again(self, officer: Person) -> None:
        """An officer who was away for half an hour signs in once more."""
        assert officer.account_id
        with self.world.app.app_context(), transaction():
            entered = accounts.enter_proved(officer.account_id, None)
        officer.client.set_cookie(sessions.COOKIE, entered.secret, domain="localhost", secure=True)

    def wait(self, **delta: float) -> None:
        """Time goes by, and what stands beside the ticker does its work."""
        self.world.moment.go(**delta)
        with self.world.app.app_context():
            ticking.tick()
            sending.send_all()
            jobs.run_due()

    def mails(self, to: str) -> list[str]:
        """What came to a mailbox, oldest first."""
        mine = [one for one in self._smtp.messages if one["To"] == to]
        return [one.get_payload(decode=True).decode() for one in mine]  # type: ignore[union-attr]

    def mailboxes(self) -> set[str]:
        """Wherever anything came to."""
        return {str(one["To"]) for one in self._smtp.messages}

    def calls(self, to: str) -> list[str]:
        """What the gateway was asked to say to somebody, each signed."""
        return [one["text"] for one in self._gateway.rang(SECRET) if one["to"] == to]


@contextmanager
def a_night(world: World, live: Live, browser: Browser, smtp: Smtp, gateway: Gateway) -> Iterator[Night]:
    """With all that opens closed again, and nothing wrong in any browser."""
    before = world.app.extensions["settings"]
    world.app.extensions["settings"] = replace(
        before,
        smtp_url=f"smtp://{smtp.host}:{smtp.port}",
        mail_from="Notes <notes@example.org>",
        call_gateways=(gateway.url,),
    )
    visitors: list[Visitor] = []
    try:
        with ExitStack() as stack:

            def open_phone(slow: bool) -> Visitor:
                visitors.append(stack.enter_context(visiting(browser, live.url, PHONE, slow=slow)))
                return visitors[-1]

            yield Night(world, live, smtp, gateway, open_phone)
    finally:
        world.app.extensions["settings"] = before
        watchdog.forget()
    assert [one.problems() for one in visitors if one.problems()] == []
