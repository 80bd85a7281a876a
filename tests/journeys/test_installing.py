"""J10: a volunteer installs it from the operators' guide alone, breaks it and has it back.

Every command, setting and program is the guide's own; only folders, the name and the port are this machine's. What needs a
whole machine of one's own (packages, a user, systemd, the certificate) is left out.
"""

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

import wsgi
from tests import services
from tests.faults.site import get
from tests.forum.live.served import wait_for
from tests.journeys.test_from_nothing import (
    ADDRESS,
    BOARDS,
    WORDS,
    Phones,
    begin_a_group,
    come_in_and_write,
    follow,
    open_the_group,
    press,
    take_the_role,
)

pytestmark = [pytest.mark.browser, pytest.mark.nightly, pytest.mark.timeout(400)]

GUIDE = (wsgi.ROOT / "docs" / "operators.md").read_text("utf-8")
#: What stays red until somebody competent has looked, who is not the volunteer at the command line.
FOR_PEOPLE = "RED crisis contacts"
#: experience.md, J10.
MOST_S = 15 * 60


def told(pattern: str) -> str:
    """What the guide says there."""
    found = re.search(pattern, GUIDE, re.S | re.M)
    assert found, pattern
    return found[1]


class Machine:
    """A server in a folder, set up as the guide says."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.port = folder, services.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        settings = told(r"^(FLASK_APP=.*?)^```")
        (folder / "env").write_text(self.here(settings).replace("forum.example.org", "127.0.0.1"))
        (folder / "forum").write_text(self.here(told(r"> /usr/local/bin/forum <<'EOF'\n(.*?)^EOF")))
        (folder / "forum").chmod(0o755)
        (folder / "data" / "keys").mkdir(parents=True, mode=0o700)

    def here(self, words: str) -> str:
        """The guide's words with this machine's folders, and nobody else to become."""
        for theirs, ours in (
            ("/opt/common-ground/.venv/bin/", f"{Path(sys.executable).parent}/"),
            (" .venv/bin/", f" {Path(sys.executable).parent}/"),
            ("runuser -u forum -- ", ""),
            ("/opt/common-ground", str(wsgi.ROOT)),
            ("/etc/common-ground.env", str(self._folder / "env")),
            ("/var/lib/common-ground", str(self._folder / "data")),
            ("/backups", str(self._folder / "backups")),
            ("127.0.0.1:8000", f"127.0.0.1:{self.port}"),
        ):
            words = words.replace(theirs, ours)
        return words

    def types(self, line: str, **values: str) -> str:
        """Somebody types a line of the guide; gives the answer. Nobody is there to answer a question."""
        said = (values.get(word, word) for word in shlex.split(self.here(line))[1:])
        words = [str(self._folder / "forum"), *said]
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=_plain(), timeout=100, check=False
        )
        red = [one for one in done.stdout.splitlines() if one.startswith("RED")]
        assert red == [] or words[1:] == ["doctor"], done.stdout
        assert done.returncode == 0 or red, f"{line}\n{done.stdout}\n{done.stderr}"
        assert all(one.startswith(FOR_PEOPLE) for one in red), done.stdout
        return done.stdout

    def forum(self, *words: str) -> str:
        """A command that the guide names in passing."""
        return self.types(shlex.join(["forum", *words]))

    def start(self) -> None:
        """As systemd would."""
        line = self.here(told(r"^ExecStart=(.*?)\n(?!\s)").replace("\\\n", " "))
        settings = dict(one.split("=", 1) for one in (self._folder / "env").read_text().split())
        self._process = subprocess.Popen(shlex.split(line), cwd=wsgi.ROOT, env=_plain() | settings)
        wait_for(lambda: get(self.url, "/healthz", Host="127.0.0.1").status == 200, self._process)

    def stop(self) -> None:
        """As if the power went."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def break_down(self) -> None:
        """The disk with the database is gone; what lies in the safe is not."""
        self.stop()
        gone = list((self._folder / "data").glob("forum.db*"))
        assert gone
        for file in gone:
            file.unlink()

    @property
    def safe(self) -> str:
        """Where the copy of the keyring goes that is moved off the machine."""
        return str(self._folder / "keyring-in-the-safe.json")

    @property
    def newest_backup(self) -> str:
        (made,) = (self._folder / "backups").glob("*.age")
        return str(made)


def _plain() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("FORUM_", "FLASK_", "DATABASE_"))}


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    found = Machine(tmp_path)
    yield found
    found.stop()


def test_j10_from_the_guide_alone_to_a_first_post_and_back_after_the_disk_broke(
    machine: Machine, browser: Browser
) -> None:
    began = time.monotonic()
    for line in re.findall(r"^forum .*$", told(r"^chmod \+x /usr/local/bin/forum\n(.*?)^```"), re.M):
        machine.types(line.partition("#")[0])
    machine.start()
    with ExitStack() as open_:
        phones = Phones(machine.url, browser, open_, machine.forum, lambda: datetime.now(UTC))
        facilitator, second = begin_a_group(phones)
        take_the_role(phones, second)
        open_the_group(phones, facilitator)
        come_in_and_write(phones, phones.new())
        assert time.monotonic() - began < MOST_S

        machine.types(told(r"^(forum keys backup .*?)$"))
        machine.types(
            told(r"Make the safe's copy of the keyring anew afterwards\s\(`(forum keys export FILE)`"),
            FILE=machine.safe,
        )
        machine.types(told(r"^30 3 \* \* \* root /usr/local/bin/(forum backup /backups)$"))
        machine.break_down()
        private = machine.here("/var/lib/common-ground/private")
        machine.types(told(r"^3\. `(forum restore FILE --key PRIVATE)`"), FILE=machine.newest_backup, PRIVATE=private)
        for command in re.findall(r"`(forum [^`]*)`", told(r"^4\. (.*?), then start\.")):
            machine.types(command)
        machine.start()

        late = phones.new()
        phones.open(late, f"/g/{ADDRESS}")
        follow(late, "Write something now")
        press(late, "Yes, I have read it")
        phones.open(late, f"/g/{ADDRESS}")
        follow(late, BOARDS[0])
        follow(late, "A first hello")
        expect(late.get_by_text(WORDS)).to_be_visible()
        assert [visitor.problems() for visitor in phones.all if visitor.problems()] == []
