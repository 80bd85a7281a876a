"""Short mails say that something is new and nothing else, over a real mail server, and keep their receivers unnamed."""

import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message
from pathlib import Path

import pytest
from flask_babel import force_locale, gettext
from sqlalchemy import select

from forum.base import config, jobs, mail
from forum.base.config import SettingsError
from forum.base.db import rows
from forum.base.jobs import Job
from forum.conversations import mail_addresses, mailing, shelves
from forum.models import MailAddress, SignInKind
from tests.conftest import Clock
from tests.security.dump import dump_of
from tests.services import Smtp
from tests.world import BASE, GroupHere, Person, World, conversation_url, text_of

CANARY = "canary.heron.77@example.org"


@pytest.fixture
def post(world: World, smtp_server: Smtp) -> Iterator[Smtp]:
    """The site sends its mail to a real server of this machine."""
    before = world.app.extensions["settings"]
    url = f"smtp://{smtp_server.host}:{smtp_server.port}"
    world.app.extensions["settings"] = replace(
        before, smtp_url=url, mail_from="Notes <notes@example.org>", trusted_hosts=("localhost",)
    )
    mailing.forget()
    yield smtp_server
    world.app.extensions["settings"] = before


def deliver(world: World) -> None:
    with world.app.app_context():
        mailing.begin_round()
        jobs.run_due()


def ask(person: Person, address: str = CANARY, **form: str) -> str:
    assert person.group
    answer = person.send(f"/g/{person.group.address}/mail", {"address": address, "others": "no", **form})
    return text_of(person.get(answer.headers["Location"])) if answer.status_code == 303 else text_of(answer)


def said(letter: Message) -> str:
    return str(letter.get_payload())


def confirmed(world: World, person: Person, post: Smtp, address: str = CANARY) -> None:
    assert person.group
    ask(person, address)
    deliver(world)
    code = re.search(r"number is (\d{6})", said(post.messages[-1]))
    assert code
    answer = person.send(f"/g/{person.group.address}/mail/code", {"code": f" {code[1]} "})
    assert answer.status_code == 303
    post.messages.clear()


def evening(world: World) -> tuple[GroupHere, Person, Person, bytes]:
    """Wren follows a topic of Heron's, and read it."""
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(heron, "A long evening")
    with world.app.app_context():
        shelves.follow(wren.actor, topic)
    wren.send(f"{conversation_url(topic)}/read", {"seq": "100"})
    return group, wren, heron, topic


def test_nothing_goes_before_the_number_was_typed_in_and_then_only_about_news(world: World, post: Smtp) -> None:
    group, wren, heron, topic = evening(world)
    assert "We sent a number" in ask(wren)
    world.reply(heron, topic, "Words that no mail may hold.")
    deliver(world)
    deliver(world)
    assert len(post.messages) == 1, "the number, and nothing about news"
    wrong = wren.send(f"/g/{group.address}/mail/code", {"code": "no"})
    assert wrong.status_code == 422
    post.messages.clear()
    confirmed(world, wren, post)
    deliver(world)
    assert [said(one).splitlines()[0] for one in post.messages] == ["There is something new for you."]
    whole = post.messages[0].as_string()
    for secret in (group.name, group.address, "A long evening", heron.name, wren.name, "Words that"):
        assert secret not in whole


def test_x16_mails_come_in_the_language_of_the_page_on_which_they_were_wanted(world: World, post: Smtp) -> None:
    group, wren, heron, topic = evening(world)
    wren.client.set_cookie("__Host-lang", "ur", domain="localhost", secure=True)
    assert wren.send(f"/g/{group.address}/mail", {"address": CANARY, "others": "no"}).status_code == 303
    deliver(world)
    code = re.search(r"\b(\d{6})\b", in_letters(post.messages[-1]))
    assert code
    assert "Your number is" not in in_letters(post.messages[-1])
    assert wren.send(f"/g/{group.address}/mail/code", {"code": code[1]}).status_code == 303
    post.messages.clear()
    world.reply(heron, topic, "Words that no mail may hold.")
    deliver(world)
    with world.app.app_context(), force_locale("ur"):
        wanted = gettext("There is something new for you.")
    assert wanted != "There is something new for you."
    assert in_letters(post.messages[0]).splitlines()[0] == wanted


def in_letters(letter: Message) -> str:
    """What its reader sees."""
    return bytes(letter.get_payload(decode=True)).decode()


def test_at_most_one_mail_a_day_and_never_twice_about_the_same(world: World, post: Smtp, moment: Clock) -> None:
    _group, wren, heron, topic = evening(world)
    confirmed(world, wren, post)
    deliver(world)
    assert post.messages == [], "nothing is new"
    world.reply(heron, topic)
    deliver(world)
    deliver(world)
    assert len(post.messages) == 1
    moment.go(days=1)
    deliver(world)
    assert len(post.messages) == 1, "the same news are no news"
    elsewhere = world.topic(heron)
    with world.app.app_context():
        shelves.follow(wren.actor, elsewhere)
    deliver(world)
    assert len(post.messages) == 2
    world.reply(heron, elsewhere, f"@{wren.name}")
    deliver(world)
    assert len(post.messages) == 2, "one a day"


def test_no_mail_comes_in_quiet_time(world: World, post: Smtp, moment: Clock) -> None:
    group, wren, heron, topic = evening(world)
    confirmed(world, wren, post)
    wren.send(f"/g/{group.address}/news-times", {"quiet_from": "22", "quiet_until": "8"})
    world.reply(heron, topic)
    deliver(world)
    assert post.messages == []
    moment.go(hours=7)
    deliver(world)
    assert len(post.messages) == 1


def test_l5_headers_of_two_authors_and_two_groups_are_equal_but_for_ids(world: World, post: Smtp) -> None:
    heads = []
    for masked in (False, True):
        _group, wren, heron, topic = evening(world)
        confirmed(world, wren, post)
        world.reply(heron, topic, masked=masked)
        deliver(world)
        (letter,) = post.messages
        plain = {k: v for k, v in letter.items() if k not in ("Message-ID", "Date")}
        heads.append((list(letter.keys()), plain, said(letter).splitlines()[0]))
        wren.send(f"/g/{wren.group.address if wren.group else ''}/mail/stop")
        post.messages.clear()
    assert heads[0] == heads[1]
    assert not {"Reply-To", "References", "List-Id", "Sender", "X-Mailer"} & set(heads[0][0])


@pytest.mark.parametrize("signed_in", [True, False])
def test_the_link_in_a_mail_ends_it_with_or_without_a_sign_in(world: World, post: Smtp, signed_in: bool) -> None:
    _group, wren, heron, topic = evening(world)
    confirmed(world, wren, post)
    world.reply(heron, topic)
    deliver(world)
    path = re.search(r"https://\S+(/mail/\S+)", said(post.messages[0]))
    assert path
    reader = wren if signed_in else world.visitor()
    page = reader.get(path[1])
    assert page.status_code == 200
    with world.app.app_context():
        assert rows(select(MailAddress.tag)), "opening the link alone ends nothing"
    token = page.get_data(as_text=True).split('name="csrf_token" value="')[1].split('"')[0]
    for _twice in range(2):
        ended = reader.client.post(path[1], data={"csrf_token": token}, base_url=BASE)
        assert "No more mails come" in text_of(ended)
    with world.app.app_context():
        assert rows(select(MailAddress.tag)) == []


def test_a_link_of_an_asking_before_ends_nothing(world: World, post: Smtp) -> None:
    _group, wren, _heron, _topic = evening(world)
    ask(wren)
    deliver(world)
    path = re.search(r"https://\S+(/mail/\S+)", said(post.messages[0]))
    assert path
    ask(wren, "another@example.org")
    wren.send(path[1])
    with world.app.app_context():
        assert rows(select(MailAddress.tag))


def test_a_shared_inbox_is_advised_against_and_a_shared_device_refused(world: World, post: Smtp) -> None:
    group = world.group()
    wren, sharer = world.person(group), world.person(group, device=SignInKind.SHARED)
    assert "We advise against it" in ask(wren, others="yes")
    with world.app.app_context():
        assert rows(select(MailAddress.tag)) == []
    assert "We sent a number" in ask(wren, others="yes", sure="yes")
    assert "on a device of your own" in text_of(sharer.get(f"/g/{group.address}/mail"))
    answer = sharer.send(f"/g/{group.address}/mail", {"address": CANARY, "others": "no"})
    assert answer.status_code == 403
    assert wren.send(f"/g/{group.address}/mail", {"address": CANARY}).status_code == 422
    assert "Type in an email address" in ask(wren, "no address")


def test_a_site_without_a_mail_server_says_so(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    assert "This site sends no mail." in text_of(wren.get(f"/g/{group.address}/mail"))
    answer = wren.send(f"/g/{group.address}/mail", {"address": CANARY, "others": "no"})
    assert answer.status_code == 403


def test_sec_s26_the_address_is_nowhere_in_the_database_the_jobs_or_the_logs(
    world: World, post: Smtp, caplog: pytest.LogCaptureFixture
) -> None:
    _group, wren, heron, topic = evening(world)
    ask(wren)
    with world.app.app_context():
        assert [r.payload for r in rows(select(Job.payload).where(Job.kind == mailing.JOB))] == ["{}"]
    post.refusing = True
    deliver(world)
    post.refusing = False
    confirmed(world, wren, post)
    world.reply(heron, topic)
    deliver(world)
    assert len(post.messages) == 1
    kept = dump_of(world.app)
    for part in (CANARY, CANARY.split("@")[0], CANARY.encode().hex()):
        assert part.encode() not in kept
        assert part not in caplog.text


def test_l24_a_round_seals_all_rows_of_the_group_afresh(world: World, post: Smtp) -> None:
    group, wren, heron, topic = evening(world)
    others = [world.person(group) for _n in range(3)]
    for n, person in enumerate([wren, *others]):
        confirmed(world, person, post, f"somebody{n}@example.org")

    def kept() -> dict[bytes, bytes]:
        with world.app.app_context():
            return {r.tag: r.sealed for r in rows(select(MailAddress.tag, MailAddress.sealed))}

    before = kept()
    deliver(world)
    assert kept() == before, "nothing went, nothing changed"
    world.reply(heron, topic)
    deliver(world)
    after = kept()
    assert len(post.messages) == 1
    assert set(after) == set(before)
    assert all(after[tag] != before[tag] for tag in before)
    assert len({len(sealed) for sealed in after.values()}) == 1


def test_r11_a_mail_that_is_not_taken_is_tried_again_with_one_id_for_a_day(
    world: World, post: Smtp, moment: Clock
) -> None:
    group, wren, heron, topic = evening(world)
    confirmed(world, wren, post)
    world.reply(heron, topic)
    post.refusing = True
    deliver(world)
    assert post.messages == []
    with world.app.app_context():
        (kept,) = mail_addresses.list_in(group.scope).values()
    moment.go(hours=1)
    post.refusing = False
    deliver(world)
    deliver(world)
    assert [one["Message-ID"] for one in post.messages] == [f"<{kept.going}@example.org>"]


def test_r11_a_mail_is_given_up_after_a_day(world: World, post: Smtp, moment: Clock) -> None:
    _group, wren, heron, topic = evening(world)
    confirmed(world, wren, post)
    world.reply(heron, topic)
    post.refusing = True
    deliver(world)
    moment.go(hours=24)
    deliver(world)
    post.refusing = False
    deliver(world)
    assert post.messages == []
    world.reply(heron, topic)
    with world.app.app_context():
        shelves.follow(wren.actor, world.topic(heron))
    deliver(world)
    assert len(post.messages) == 1, "newer news go as ever"


def test_r11_a_server_that_cuts_after_the_data_gets_it_once(world: World, post: Smtp) -> None:
    _group, wren, heron, topic = evening(world)
    confirmed(world, wren, post)
    world.reply(heron, topic)
    post.cut_after_data = True
    deliver(world)
    post.cut_after_data = False
    deliver(world)
    assert len(post.messages) == 1


def test_r11_no_page_waits_for_mail(world: World, post: Smtp) -> None:
    """What helps out on the way of a page does steps alone."""
    _group, wren, _heron, topic = evening(world)
    ask(wren)
    with world.app.app_context():
        jobs.help_out()
        assert post.messages == []
        assert jobs.is_due()
    assert wren.get(conversation_url(topic)).status_code == 200
    assert post.messages == []
    deliver(world)
    assert len(post.messages) == 1


def test_r11_a_slow_server_is_left_for_later(world: World, post: Smtp, monkeypatch: pytest.MonkeyPatch) -> None:
    _group, wren, _heron, _topic = evening(world)
    monkeypatch.setattr(mail, "TIMEOUT_S", 0.3)
    ask(wren)
    post.delay_s = 2
    deliver(world)
    post.delay_s = 0
    deliver(world)
    assert len(post.messages) <= 1


def test_wrong_numbers_run_out(world: World, post: Smtp, moment: Clock) -> None:
    group, wren, _heron, _topic = evening(world)
    ask(wren)
    deliver(world)
    code = re.search(r"number is (\d{6})", said(post.messages[0]))
    assert code
    for _n in range(mail_addresses.TRIES):
        assert wren.send(f"/g/{group.address}/mail/code", {"code": "x"}).status_code == 422
    assert wren.send(f"/g/{group.address}/mail/code", {"code": code[1]}).status_code == 422
    for _n in range(mailing.ASKS_A_DAY - 1):
        ask(wren)
    assert wren.send(f"/g/{group.address}/mail", {"address": CANARY, "others": "no"}).status_code == 429
    moment.go(days=1)
    assert "We sent a number" in ask(wren)


def test_the_settings_of_mail_are_looked_at_when_the_program_starts(tmp_path: Path) -> None:
    env = {"FORUM_VAR": str(tmp_path), "FORUM_MAIL_FROM": "Notes <notes@example.org>"}
    good = config.settings_from({**env, "FORUM_SMTP_URL": "smtp://me:p%40ss@mail.example.org?starttls"})
    assert mail.read_server(good.smtp_url) == mail.Server("mail.example.org", 587, "starttls", "me", "p@ss")
    assert "p%40ss" not in repr(good)
    assert mail.read_server("smtps://mail.example.org").port == 465
    for wrong in ("http://mail.example.org", "smtp://", "smtp://mail.example.org?nonsense"):
        with pytest.raises(SettingsError):
            config.settings_from({**env, "FORUM_SMTP_URL": wrong})
    with pytest.raises(SettingsError):
        config.settings_from({"FORUM_VAR": str(tmp_path), "FORUM_SMTP_URL": "smtp://mail.example.org"})
