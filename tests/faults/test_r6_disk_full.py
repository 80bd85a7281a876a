"""R6: a full disk. Reading goes on, words that cannot be kept stay on the screen, and a worry is kept all the same."""

import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from forum.base import reserve
from tests.conftest import Database
from tests.faults.conftest import environment_of, now_live
from tests.faults.site import Answer, Browser, Site, browser_of, get, kept_words
from tests.faults.test_reports_kept import WORDS, told_about
from tests.safeguarding import arm
from tests.security.scene import phrase_in
from tests.world import World, conversation_url, post_url

SMALL = "48m"
#: The ticker looks every ten seconds.
BACK_S = 25

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 48 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("Only root can mount a small disk; the tests below take its word for it.")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def copy_to(folder: Path, database: Database) -> str:
    """The world that was made, on the small disk."""
    made, copy = (sqlite3.connect(f) for f in (database.url.removeprefix("sqlite:///"), folder / "forum.db"))
    made.backup(copy)
    made.close()
    copy.close()
    return f"sqlite:///{folder / 'forum.db'}"


def fill(folder: Path) -> Path:
    """Something else takes every byte that is left."""
    file = folder / "something-else"
    with file.open("wb", buffering=0) as rest:
        try:
            while True:
                rest.write(bytes(4096))
        except OSError:
            return file


@pytest.mark.faults
@pytest.mark.timeout(180)
def test_r6_on_a_full_disk_people_read_and_worries_are_kept(
    app: Flask, people: World, database: Database, small_disk: Path, tmp_path: Path, real_hashing: None
) -> None:
    heron, post = told_about(people)
    topic = people.topic(heron, body="Words to be read.")
    phrase = phrase_in(heron.send("/way-back", {}).text)
    assert heron.group
    robin = people.person(heron.group)
    called = people.group("Beacon Trust")
    arm(people, called)
    wren = people.person(called)
    now_live(people)
    stranger = people.visitor()
    stranger.get("/sign-in")
    site = Site(environment_of(app, copy_to(small_disk, database), small_disk), tmp_path / "server.log")
    comes_back, browser = browser_of(stranger, site.url), browser_of(heron, site.url)
    site.start()
    try:
        assert say(browser, topic, "t1").status == 303
        filled = fill(small_disk)
        _nothing_but_what_is_urgent(browser, comes_back, site, topic, post, phrase)
        assert concerns_on(small_disk) == 0
        asked = browser_of(wren, site.url).send(f"/g/{called.address}/need-help", {"token": "help"})
        assert asked.status == 303
        assert concerns_on(small_disk) == 1
        filled.unlink()
        end = time.monotonic() + BACK_S
        while not (small_disk / "reserve").exists() and time.monotonic() < end:
            time.sleep(0.2)
        assert (small_disk / "reserve").stat().st_blocks * 512 >= reserve.RESERVE_BYTES
        assert say(browser_of(robin, site.url), topic, "t3").status == 303
    finally:
        site.kill9()


def concerns_on(folder: Path) -> int:
    """How many concerns the database on a disk has."""
    kept = sqlite3.connect(f"file:{folder / 'forum.db'}?mode=ro", uri=True)
    try:
        return int(kept.execute("SELECT count(*) FROM concern").fetchone()[0])
    finally:
        kept.close()


def _nothing_but_what_is_urgent(
    browser: Browser, comes_back: Browser, site: Site, topic: bytes, post: int, phrase: str
) -> None:
    assert "Words to be read." in browser.get(conversation_url(topic)).text
    assert get(site.url, "/").status == 200
    refused = say(browser, topic, "t2")
    assert refused.status == 503
    assert "retry-after" in refused.headers
    assert kept_words(refused.text) == "I cannot sleep."
    told = [browser.send(post_url(post, door), {"body": WORDS}) for door in ("worry", "report")]
    assert [answer.status for answer in told] == [303, 303]
    assert "canary-9143" in browser.get(told[0].headers["location"]).text
    assert comes_back.send("/sign-in", {"phrase": phrase}).status == 303
    assert say(browser, topic, "t2").status == 503, "the room is not for what can wait"
    assert browser.get("/leave").status == 303
    assert browser.get(conversation_url(topic)).status != 200


def say(browser: Browser, topic: bytes, token: str) -> Answer:
    return browser.send(f"{conversation_url(topic)}/posts", {"body": "I cannot sleep.", "token": token})


# --- The same without a disk ---------------------------------------------------------------------------------------


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[int]]:
    """How many bytes are said to be free; the file counts as it would."""
    said = [reserve.RESERVE_BYTES * 4]
    reserve.use(tmp_path)
    monkeypatch.setattr(reserve, "_free_bytes", lambda folder: said[0])
    monkeypatch.setattr(reserve, "RESERVE_BYTES", 1 << 20)
    yield said
    reserve.use(None)


def test_r6_what_can_wait_waits_and_a_report_takes_the_room(
    world: World, database: Database, free: list[int], tmp_path: Path
) -> None:
    heron, post = told_about(world)
    topic = world.topic(heron)
    reserve.keep()
    assert (tmp_path / "reserve").exists()
    free[0] = 0
    refused = heron.send(f"{conversation_url(topic)}/posts", {"body": "I cannot sleep.", "token": "t"})
    assert refused.status_code == 503
    assert "I cannot sleep." in refused.text
    assert (tmp_path / "reserve").exists()
    assert heron.send(post_url(post, "worry"), {"body": WORDS}).status_code == 303
    assert not (tmp_path / "reserve").exists()
    free[0] = reserve.RESERVE_BYTES  # the file's own: not for posts
    assert heron.send(f"{conversation_url(topic)}/posts", {"body": "Again.", "token": "u"}).status_code == 503
    reserve.keep()
    assert not (tmp_path / "reserve").exists()
    free[0] = 4 * reserve.RESERVE_BYTES
    reserve.keep()
    assert (tmp_path / "reserve").exists()
    assert heron.send(f"{conversation_url(topic)}/posts", {"body": "Again.", "token": "v"}).status_code == 303


def test_r6_the_doctor_says_that_the_disk_is_full(
    world: World, inside: object, database: Database, free: list[int]
) -> None:
    doctor = world.app.test_cli_runner()
    assert "ok  room on the disk" in doctor.invoke(args=["doctor"]).output
    free[0] = 0
    assert "RED room on the disk" in doctor.invoke(args=["doctor"]).output
