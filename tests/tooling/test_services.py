"""The test servers themselves: they start, count, crash and come back as the other tests rely on."""

import os
import signal
import smtplib
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import redis
import sqlalchemy as sa

from tests import exercised, services

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _does_not_count_as_exercise() -> Iterator[None]:
    before = exercised.readings()
    yield
    reached = exercised.readings()
    reached.subtract(before)
    exercised.discount(reached)


@pytest.fixture(scope="module")
def template(postgres_server: services.Postgres) -> services.PostgresTemplate:
    def migrate(url: str) -> None:
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE version (n int)")
            connection.exec_driver_sql("INSERT INTO version VALUES (1)")
            connection.exec_driver_sql(
                "CREATE TABLE person (id serial PRIMARY KEY, name text, up text GENERATED ALWAYS AS (upper(name)) STORED)"
            )
            connection.exec_driver_sql("CREATE TABLE note (id serial PRIMARY KEY, person_id int REFERENCES person)")
            connection.exec_driver_sql("CREATE RULE keep AS ON DELETE TO version DO ALSO NOTHING")
        engine.dispose()

    return services.postgres_template(postgres_server, migrate, name="selftest")


def write_something(engine: sa.Engine) -> int:
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE version SET n = 2")
        person = connection.exec_driver_sql("INSERT INTO person (name) VALUES ('wren') RETURNING id").scalar_one()
        connection.exec_driver_sql(f"INSERT INTO note (person_id) VALUES ({person})")
    return int(person)


def test_reset_brings_a_postgres_database_back(template: services.PostgresTemplate) -> None:
    engine = sa.create_engine(template.url)
    first = write_something(engine)
    services.reset_postgres(engine)
    with engine.connect() as connection:
        counts = connection.exec_driver_sql(
            "SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM note), n FROM version"
        )
        assert counts.all() == [(0, 0, 1)]
    assert write_something(engine) == first, "sequences start again"
    engine.dispose()


def test_a_copy_of_the_template_is_apart_from_the_shared_one(template: services.PostgresTemplate) -> None:
    url = template.copy()
    engine = sa.create_engine(url)
    write_something(engine)
    shared = sa.create_engine(template.url)
    services.reset_postgres(shared)
    with engine.connect() as mine, shared.connect() as theirs:
        query = sa.text("SELECT count(*) FROM person")
        assert (mine.scalar(query), theirs.scalar(query)) == (1, 0)
    engine.dispose()
    shared.dispose()
    template.drop(url)


@pytest.mark.faults
def test_what_was_committed_is_there_after_postgres_was_killed(template: services.PostgresTemplate) -> None:
    url = template.copy()
    engine = sa.create_engine(url)
    write_something(engine)
    template.pg.kill9()
    with pytest.raises(sa.exc.OperationalError), engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    template.pg.restart()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM person").scalar_one() == 1
    engine.dispose()


def test_postgres_counts_statements(template: services.PostgresTemplate) -> None:
    engine = sa.create_engine(template.url)
    engine.connect().close()  # the driver's own first questions
    before = template.pg.query_count()
    with engine.begin() as connection:
        for _ in range(10):
            connection.exec_driver_sql("SELECT 41 + 1")
    assert template.pg.query_count() - before == 10
    engine.dispose()


def test_postgres_counts_sessions_and_keeps_the_count_over_a_crash(postgres_server: services.Postgres) -> None:
    name = "forum_counted"
    engine = sa.create_engine(postgres_server.create_database(name), poolclass=sa.NullPool)
    before = postgres_server.connections_served()
    for _ in range(3):
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
    wait_for(lambda: postgres_server.connections_served() == before + 3)
    postgres_server.kill9()
    postgres_server.restart()
    assert postgres_server.connections_served() == before + 3
    postgres_server.drop_database(name)
    assert postgres_server.connections_served() == before + 3


def test_reset_brings_an_open_sqlite_database_back(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "template.db") as template:
        template.execute("CREATE TABLE person (name TEXT)")
        template.execute("INSERT INTO person VALUES ('kept')")
    template.close()
    services.reset_sqlite(tmp_path / "template.db", tmp_path / "work.db")
    open_all_along = sqlite3.connect(tmp_path / "work.db")
    open_all_along.execute("PRAGMA journal_mode = WAL")
    for _ in range(2):
        with open_all_along:
            open_all_along.execute("INSERT INTO person VALUES ('gone')")
        services.reset_sqlite(tmp_path / "template.db", tmp_path / "work.db")
        assert open_all_along.execute("SELECT name FROM person").fetchall() == [("kept",)]
    open_all_along.close()


@pytest.mark.faults
def test_redis_hangs_crashes_and_comes_back(redis_server: services.Redis) -> None:
    client = redis.Redis(port=redis_server.port, socket_timeout=0.2, retry=None)
    client.set("a", "b")
    served = redis_server.commands_served()
    redis_server.pause()
    with pytest.raises(redis.exceptions.TimeoutError):
        client.get("a")
    redis_server.resume()
    assert client.get("a") == b"b"
    redis_server.kill9()
    with pytest.raises(redis.exceptions.ConnectionError):
        client.get("a")
    redis_server.restart()
    assert client.get("a") is None, "it comes back empty"
    assert redis_server.commands_served() > served
    client.set("a", "b")
    redis_server.flush()
    assert client.get("a") is None
    client.close()


class _Upstream(BaseHTTPRequestHandler):
    visits = 0

    def do_GET(self) -> None:
        type(self).visits += 1
        self.send_response(200)
        self.send_header("Cache-Control", "no-store" if self.path == "/private" else "max-age=60")
        self.end_headers()
        self.wfile.write(b"page %d" % self.visits)

    def log_message(self, *args: object) -> None:
        pass


def test_the_proxy_really_caches_what_it_may(nginx_server: services.Nginx) -> None:
    upstream = HTTPServer(("127.0.0.1", 0), _Upstream)
    thread = Thread(target=upstream.serve_forever)
    thread.start()
    try:
        nginx_server.point_at(upstream.server_port)
        before = nginx_server.requests()
        pages = {path: [read(nginx_server.url + path) for _ in range(2)] for path in ("/shared", "/private")}
        assert pages["/shared"][0] == pages["/shared"][1]
        assert pages["/private"][0] != pages["/private"][1]
        assert nginx_server.requests() - before == 4
        assert "127.0.0.1" not in nginx_server.access_log()
    finally:
        upstream.shutdown()
        thread.join()
        upstream.server_close()


def read(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return bytes(answer.read())


def test_the_mail_receiver_keeps_refuses_and_cuts(smtp_server: services.Smtp) -> None:
    def send(subject: str) -> None:
        with smtplib.SMTP(smtp_server.host, smtp_server.port, timeout=5) as client:
            client.sendmail("a@example.org", ["b@example.org"], f"Subject: {subject}\r\n\r\nHello")

    send("kept")
    smtp_server.refusing = True
    with pytest.raises(smtplib.SMTPDataError):
        send("refused")
    smtp_server.refusing, smtp_server.cut_after_data = False, True
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send("kept, but nobody said so")
    assert [m["Subject"] for m in smtp_server.messages] == ["kept", "kept, but nobody said so"]


@pytest.mark.faults
def test_servers_end_with_a_run_that_is_killed(postgres_server: services.Postgres) -> None:
    program = (
        "import os, time; from tests import services; p = services.postgres(); r = services.redis_server();"
        "n = services.nginx(); print(*[c.child.process.pid for c in (p, r, n)], flush=True); time.sleep(60)"
    )
    run = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert run.stdout
    children = [int(pid) for pid in run.stdout.readline().split()]
    assert len(children) == 3
    assert all(is_running(pid) for pid in children)
    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdout.close()
    wait_for(lambda: not any(is_running(pid) for pid in children))


def wait_for(holds: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"did not happen within {seconds} s"
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    """Alive and not merely waiting to be collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z" and os.getpgid(pid) >= 0
    except (FileNotFoundError, ProcessLookupError):
        return False
