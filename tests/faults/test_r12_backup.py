"""R12 and R13: a backup made under load is whole, opens with its key alone, and comes back into a world that went on."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from forum.base import backups, jobs
from forum.base.backups import BackupError
from forum.base.idents import new_ident, write_post_id
from forum.base.transaction import transaction
from forum.conversations import mailing
from forum.models import Role
from moderation.safeguarding import cases, concerns, transitions
from moderation.safeguarding.concerns import Raise
from moderation.safeguarding.models import Kind, Origin
from tests.conftest import Database
from tests.faults.conftest import environment_of, now_live
from tests.faults.site import Site
from tests.faults.writers import all_sent, settle_in, write_until
from tests.safeguarding import arm
from tests.services import Postgres
from tests.world import GroupHere, World

pytestmark = pytest.mark.faults

ROOT = Path(__file__).resolve().parents[2]
FLASK = str(Path(sys.executable).parent / "flask")
CANARY = "canary-among-the-words"


class Operator:
    """Somebody at the command line of one installation.

    :param url: its database.
    """

    def __init__(self, people: World, url: str, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.url, self.folder = url, folder
        self._env = {**os.environ, **environment_of(people.app, url, folder)}
        self._env["FORUM_KEYRING_FILE"] = str(folder / "keyring.json")
        kept = people.app.extensions["settings"].keyring_file
        (folder / "keyring.json").write_bytes(kept.read_bytes())
        (folder / "keyring.json").chmod(0o600)

    def runs(self, *words: str) -> tuple[int, str]:
        """What the command answered."""
        command = [FLASK, "--app", "wsgi", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self._env, capture_output=True, text=True, timeout=100, check=False
        )
        return done.returncode, done.stdout + done.stderr

    def threads(self, program: str) -> list[str]:
        """What goes on by itself in a process after it ran this."""
        script = f"import threading\n{program}\nprint(*(t.name for t in threading.enumerate()), sep='|')"
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env=self._env,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout.splitlines()[-1].split("|")

    def backs_up(self) -> Path:
        """A backup, made as every night."""
        assert self.runs("keys", "backup", str(self.folder / "private"))[0] == 0
        code, said = self.runs("backup", str(self.folder / "kept"))
        assert code == 0, said
        (made,) = (self.folder / "kept").glob("*.age")
        return made


@pytest.fixture
def elsewhere_empty(people: World, database: Database, tmp_path: Path, request: pytest.FixtureRequest) -> Operator:
    """An empty machine with the same kind of database and the keyring from the safe."""
    if database.name == "sqlite":
        return Operator(people, f"sqlite:///{tmp_path / 'new' / 'forum.db'}", tmp_path / "new")
    server: Postgres = request.getfixturevalue("postgres_server")
    return Operator(people, server.create_database(f"forum_new_{tmp_path.name}"[:60]), tmp_path / "new")


def bodies_in(url: str) -> set[str]:
    """Every word of every post in a database."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = {body for (body,) in connection.execute(sa.text("SELECT body FROM post"))}
    engine.dispose()
    return found


def count_in(url: str, what: str) -> int:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(sa.text(f"SELECT count(*) FROM {what}")).scalar_one()
    engine.dispose()
    return int(found)


@pytest.mark.both
@pytest.mark.timeout(180)
def test_r12_a_backup_made_while_people_write_comes_back_whole(
    people: World, database: Database, site: Site, elsewhere_empty: Operator, tmp_path: Path
) -> None:
    writers = settle_in(people, site.url)
    now_live(people)
    operator = Operator(people, database.url, tmp_path / "here")
    site.start()
    stop = threading.Event()
    threads = write_until(writers, stop)
    time.sleep(1)
    before = [form for form in all_sent(writers) if form.acknowledged]
    made = operator.backs_up()
    written_on = len(all_sent(writers))
    time.sleep(0.5)
    stop.set()
    for thread in threads:
        thread.join()
    assert len(all_sent(writers)) > written_on > len(before) > 0, "people wrote before, during and after"
    code, said = elsewhere_empty.runs("restore", str(made), "--key", str(operator.folder / "private"))
    assert code == 0, said
    assert {form.body for form in before} <= bodies_in(elsewhere_empty.url)
    assert count_in(elsewhere_empty.url, "sign_in") == 0
    code, said = elsewhere_empty.runs("audit", "verify")
    assert code == 0, said


def test_r12_a_command_does_nothing_that_it_was_not_asked_for(
    people: World, database: Database, tmp_path: Path
) -> None:
    """Between the rows of a backup and the end of old mails and calls in them nobody else may look at what is due."""
    operator = Operator(people, database.url, tmp_path / "here")
    assert {"ticker", "post"} <= set(operator.threads("import wsgi\nwsgi.create_app()"))
    command = "from flask.cli import cli\ncli.main(['--app', 'wsgi', 'routes'], standalone_mode=False)"
    assert operator.threads(command) == ["MainThread"]


@pytest.mark.timeout(180)
def test_r12_what_was_erased_meanwhile_is_gone_again_and_old_mail_stays_unsent(
    people: World, database: Database, elsewhere_empty: Operator, tmp_path: Path
) -> None:
    author = people.person(people.group())
    topic = people.topic(author, "A topic", "It begins here.")
    kept, taken = people.reply(author, topic, "These words stay."), people.reply(author, topic, f"{CANARY} goes.")
    now_live(people)
    with people.app.app_context(), transaction():
        jobs.enqueue(mailing.JOB, {"subscription": "none"})
        jobs.enqueue("search_clean", {})
    operator = Operator(people, database.url, tmp_path / "here")
    made = operator.backs_up()
    assert author.send(f"/p/{write_post_id(taken)}/withdraw").status_code == 303
    ledger = people.app.extensions["settings"].erasure_ledger
    (elsewhere_empty.folder / ledger.name).write_bytes(ledger.read_bytes())
    code, said = elsewhere_empty.runs("restore", str(made), "--key", str(operator.folder / "private"))
    assert code == 0, said
    found = bodies_in(elsewhere_empty.url)
    assert "These words stay." in found, kept
    assert not any(CANARY in body for body in found)
    assert count_in(elsewhere_empty.url, f"job WHERE kind = '{mailing.JOB}'") == 0
    assert count_in(elsewhere_empty.url, "job WHERE kind = 'search_clean'") > 0


@pytest.mark.timeout(180)
def test_sg21_after_a_restore_people_are_called_anew_about_every_open_concern(
    people: World, database: Database, elsewhere_empty: Operator, tmp_path: Path
) -> None:
    """One nobody has taken yet, and one that somebody had in hand when the backup was made."""
    group = people.group()
    arm(people, group)
    facilitator = people.person(group, Role.FACILITATOR)
    waiting, taken = (raised_in(people, group) for _n in range(2))
    with people.app.app_context():
        case = cases.find(taken)
        assert case
        transitions.acknowledge(facilitator.actor, taken, case.version)
    operator = Operator(people, database.url, tmp_path / "here")
    made = operator.backs_up()
    assert waiting
    for count in ("concern WHERE state = 'acknowledged'", "concern WHERE state = 'raised'"):
        assert count_in(database.url, count) == 1
    assert count_in(database.url, "concern_page WHERE gen = 2") == 0
    code, said = elsewhere_empty.runs("restore", str(made), "--key", str(operator.folder / "private"))
    assert code == 0, said
    assert "2 open concerns call people anew." in said
    assert count_in(elsewhere_empty.url, "concern WHERE state = 'raised' AND owner_id IS NULL AND gen = 2") == 2
    assert count_in(elsewhere_empty.url, "concern_event WHERE kind = 'put_back'") == 2
    code, said = elsewhere_empty.runs("safeguarding", "tick")
    assert code == 0, said
    assert count_in(elsewhere_empty.url, "concern_page WHERE gen = 2") >= 2


def raised_in(people: World, group: GroupHere) -> bytes:
    with people.app.app_context():
        said = Raise(group.scope, Kind.ADULT, Origin.MEMBER, new_ident(), "persona", new_ident(), said="I worry.")
        return concerns.raise_concern(said).concern_id


Damage = Callable[[bytes], bytes]
DAMAGES: dict[str, Damage] = {
    "cut": lambda whole: whole[:-100],
    "cut at a piece": lambda whole: whole[: len(whole) // 65536 * 65536],
    "one bit": lambda whole: whole[:-500] + bytes([whole[-500] ^ 1]) + whole[-499:],
    "empty": lambda _whole: b"",
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_r13_a_backup_that_is_not_whole_is_refused_before_anything_is_touched(
    people: World, database: Database, elsewhere_empty: Operator, tmp_path: Path
) -> None:
    people.topic(people.person(people.group()), "A topic", CANARY)
    now_live(people)
    operator = Operator(people, database.url, tmp_path / "here")
    made, key = operator.backs_up(), str(operator.folder / "private")
    assert CANARY.encode() not in made.read_bytes()
    target = Path(elsewhere_empty.url.removeprefix("sqlite:///"))
    for damage in DAMAGES.values():
        broken = tmp_path / "broken.age"
        broken.write_bytes(damage(made.read_bytes()))
        with pytest.raises(BackupError, match="Nothing was touched"), backups.opened(broken, Path(key), tmp_path / "x"):
            pass
    code, said = elsewhere_empty.runs("restore", str(broken), "--key", key)
    assert code == 1, said
    assert "Nothing was touched" in said
    assert not target.exists()
    operator.runs("keys", "backup", str(tmp_path / "another"))
    code, said = elsewhere_empty.runs("restore", str(made), "--key", str(tmp_path / "another"))
    assert code == 1, said
    assert "another key" in said
    code, said = elsewhere_empty.runs("restore", str(made), "--key", key, "--check")
    assert code == 0, said
    assert "whole" in said
    assert not target.exists()
    code, said = elsewhere_empty.runs("restore", str(made), "--key", key)
    assert code == 0, said
    assert CANARY in bodies_in(elsewhere_empty.url)
    code, said = elsewhere_empty.runs("restore", str(made), "--key", key)
    assert code == 1, said
    assert "is there already" in said


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_a_key_no_backup_is_made(people: World, database: Database, tmp_path: Path) -> None:
    operator = Operator(people, database.url, tmp_path / "here")
    code, said = operator.runs("backup", str(tmp_path / "kept"))
    assert code == 1, said
    assert "flask keys backup" in said
    assert not (tmp_path / "kept").exists()
