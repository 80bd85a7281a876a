"""The teller of world W: what it writes is what ATTACKER.md promises, and the controls can be found.

The attack on the dumps is somebody else's. Here is only what must hold of the material.
"""

import json
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from forum.base.idents import read_post_id
from tests import services
from tests.anonymity import score
from tests.architecture.source import ROOT


@dataclass(frozen=True)
class Told:
    """A world on disk."""

    folder: Path
    public: dict[str, Any]
    truth: dict[str, str]


def tell(folder: Path, *more: str) -> Told:
    """In a process of its own: it is a second program with a keyring of its own."""
    command = [sys.executable, "-m", "tests.anonymity.world_w", "--seed", "7", "--out", str(folder), *more]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    public = json.loads((folder / "world" / "public.json").read_text())
    return Told(folder / "world", public, json.loads((folder / "truth.json").read_text()))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("world") / "w"
    return tell(folder, "--groups", "2", "--days", "4", "--plant", "author_token", "--plant", "plain_read_marker")


@pytest.mark.timeout(300)
def test_l24_the_folder_holds_what_the_attacker_is_told(told: Told) -> None:
    nights = [f"{night:02}" for night in range(1, 5)]
    wanted = {"public.json", *(name.format(n) for n in nights for name in ("dump-{}.db", "wal-{}", "log-{}.txt"))}
    assert {file.name for file in told.folder.iterdir()} == wanted
    assert [len(group["members"]) for group in told.public["groups"]] == [25, 25]
    posts = [post for _g, _c, post in score.posts_of(told.public)]
    assert len(posts) > 60
    for post in posts:
        assert post["time"].endswith(":00:00+00:00") or "mask_id" not in post
        assert read_post_id(post["post"]) is not None


@pytest.mark.timeout(300)
def test_l24_the_truth_is_not_in_the_folder(told: Told) -> None:
    """No file but the planted tables puts a mask beside its wearer; the keyring lies elsewhere."""
    shown = {post["mask_id"] for _g, _c, post in score.posts_of(told.public) if "mask_id" in post}
    assert shown
    assert shown <= told.truth.keys()
    pages = (told.folder / "public.json").read_text()
    for mask_id, persona_id in told.truth.items():
        for conversation in (c for g in told.public["groups"] for c in g["conversations"] if mask_id in json.dumps(c)):
            assert persona_id not in json.dumps(conversation)
    assert "entries" not in pages


@pytest.mark.timeout(300)
def test_l24_the_planted_tables_give_people_away(told: Told) -> None:
    """Positive controls: joined to the posts they name every author; how far people read is told each night."""
    with sqlite3.connect(told.folder / "dump-04.db") as dump:
        joined = dump.execute(
            "SELECT mask_id, t.persona_id FROM post JOIN author_token t ON t.post_id = post.id WHERE mask_id IS NOT NULL"
        )
        guesses = {mask.hex(): persona.hex() for mask, persona in joined}
        furthest = dict(dump.execute("SELECT conversation_id, max(seq) FROM plain_read_marker GROUP BY 1").fetchall())
        last = dict(dump.execute("SELECT id, last_shown_seq FROM conversation").fetchall())
    found = score.score(guesses, told.truth, told.public)
    assert found.posts == found.masks == 1.0
    assert furthest
    assert all(seq <= last[conversation] for conversation, seq in furthest.items())


def test_l24_the_public_guess_is_scored_like_any_other(told: Told) -> None:
    guesses = score.public_guess(told.public)
    assert guesses.keys() <= told.truth.keys()
    assert 0 <= score.score(guesses, told.truth, told.public).posts < 0.6
    assert score.score({}, told.truth, told.public).posts == 0
    assert score.score(told.truth, told.truth, told.public).posts == 1


@pytest.mark.timeout(300)
def test_l24_postgresql_is_dumped_as_text(tmp_path: Path, postgres_server: services.Postgres) -> None:
    url = postgres_server.create_database("forum_world_w")
    told = tell(tmp_path / "w", "--groups", "1", "--days", "2", "--database", url, "--plant", "author_token")
    dump = (told.folder / "dump-02.sql").read_text()
    assert "CREATE TABLE public.mask_owner" in dump
    assert dump.count("INSERT INTO author_token") == dump.count("INSERT INTO author_token VALUES ('\\x") > 5
    copied = dump.split("COPY public.post ", 1)[1].split("FROM stdin;\n", 1)[1].split("\\.", 1)[0].splitlines()
    ids = [int(line.split("\t")[0]) for line in copied]
    assert ids == sorted(ids)
    assert len(ids) > 5
