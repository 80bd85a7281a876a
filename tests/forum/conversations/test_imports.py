"""Bringing in conversations from elsewhere: whole, once, and with every bad line named."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import func, select

from forum.base.db import row, rows
from forum.conversations import imports, queries
from forum.models import Board, Conversation, Persona, Post, PostState
from tests.world import GroupHere, World, conversation_url, text_of

THREAD = {"board": "sleep-well", "title": "Awake at night", "body": "I *cannot* sleep.", "replies": ["Me too.", "Tea?"]}


def lines(*entries: object) -> bytes:
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)


def run_import(world: World, group: GroupHere, file: Path, *options: str) -> Result:
    return world.app.test_cli_runner().invoke(args=["import", "threads", str(file), "--group", group.address, *options])


def count(model: type) -> int:
    found = row(select(func.count()).select_from(model))
    assert found
    return int(found[0])


def test_a_thread_is_read_by_members_as_rendered_posts(world: World, tmp_path: Path) -> None:
    group = world.group()
    file = tmp_path / "threads.jsonl"
    file.write_bytes(lines(THREAD))

    assert run_import(world, group, file).exit_code == 0
    with world.app.app_context():
        topic = row(select(Conversation.id, Board.name).join(Board, Board.id == Conversation.board_id))
        assert topic
        assert topic.name == "Sleep well"
        wren = world.person(group)
        posts = queries.list_posts(wren.actor, topic.id, 1)
        assert posts[0].html == '<p dir="auto">I <em>cannot</em> sleep.</p>\n'
        assert len({p.author for p in posts}) == 3
        assert all(p.state is PostState.VISIBLE for p in posts)


def test_running_it_again_adds_nothing(world: World, tmp_path: Path) -> None:
    group = world.group()
    file = tmp_path / "threads.jsonl"
    file.write_bytes(lines(THREAD, {**THREAD, "title": "Another night"}))
    run_import(world, group, file)
    with world.app.app_context():
        before = count(Post), count(Conversation), count(Persona)
    again = run_import(world, group, file)

    assert "0 topics with 0 posts imported, 2 were here already" in again.output
    with world.app.app_context():
        assert (count(Post), count(Conversation), count(Persona)) == before


def test_an_import_that_stopped_half_way_goes_on_where_it_was(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = world.group()
    file = tmp_path / "threads.jsonl"
    file.write_bytes(lines(THREAD, {**THREAD, "title": "The second night"}))
    write, written = imports._write, []

    def stop_in_the_second(*args: object) -> int:
        written.append(args)
        if len(written) == 5:
            raise KeyboardInterrupt
        return write(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(imports, "_write", stop_in_the_second)
    run_import(world, group, file)
    with world.app.app_context():
        assert (count(Conversation), count(Post)) == (1, 3), "half a topic was kept"
    monkeypatch.undo()
    assert run_import(world, group, file).exit_code == 0
    with world.app.app_context():
        assert (count(Conversation), count(Post)) == (2, 6)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"{not json\n", "not JSON"),
        (b"[1, 2]\n", "not a JSON object"),
        (lines({**THREAD, "title": ""}), '"title" is missing'),
        (lines({"board": "a", "title": "b"}), '"body" is missing'),
        (lines({**THREAD, "replies": "no list"}), '"replies" is not a list'),
        (lines({**THREAD, "replies": [1]}), "not text"),
        (lines({**THREAD, "body": "x" * 20_001}), "too long"),
        (b"[" * 100_000 + b"\n", "not JSON"),
        (b"\xff\xfe\n", "not JSON"),
    ],
)
def test_a_bad_line_is_named_and_the_rest_comes_in(world: World, tmp_path: Path, bad: bytes, reason: str) -> None:
    group = world.group()
    file = tmp_path / "threads.jsonl"
    file.write_bytes(lines(THREAD) + bad + lines({**THREAD, "title": "After the bad one"}))
    result = run_import(world, group, file)

    assert result.exit_code == 1
    assert "line 2: " in result.output
    assert reason in result.output
    with world.app.app_context():
        titles = {r.title for r in rows(select(Conversation.title))}
    assert titles == {"Awake at night", "After the bad one"}


def test_with_hold_the_gate_decides_as_for_a_member(world: World, tmp_path: Path) -> None:
    group = world.group()
    file = tmp_path / "threads.jsonl"
    file.write_bytes(lines({**THREAD, "replies": ["See https://example.org for more."]}))
    result = run_import(world, group, file, "--hold")

    assert "1 posts wait for the team" in result.output
    with world.app.app_context():
        states = sorted(r.state.value for r in rows(select(Post.state)))
    assert states == ["held", "visible"]


def test_what_is_imported_is_sanitised_like_a_form(world: World, tmp_path: Path) -> None:
    group = world.group()
    file = tmp_path / "threads.jsonl"
    file.write_bytes(lines({**THREAD, "body": "<script>alert(1)</script> [x](javascript:alert(1))"}))
    run_import(world, group, file)
    with world.app.app_context():
        stored = " ".join(r.html for r in rows(select(Post.html)))
    assert "<script" not in stored
    assert "<a " not in stored


@pytest.mark.timeout(600)  # thousands of real posts, each indexed; a busy machine took two minutes
def test_the_real_corpus_comes_in_whole_and_reads_well(world: World, threads_file: Path) -> None:
    group = world.group()
    result = run_import(world, group, threads_file)

    assert result.exit_code == 0, result.output[-500:]
    assert "815 topics with 2944 posts imported" in result.output
    assert "0 lines left out" in result.output
    with world.app.app_context():
        assert (count(Conversation), count(Post)) == (815, 2_944)
        boards = {json.loads(line)["board"] for line in threads_file.read_bytes().splitlines()}
        assert count(Board) == len(boards) + 1
        longest = row(select(Conversation.id, Conversation.title).order_by(Conversation.shown_posts.desc()).limit(1))
        assert longest
    wren = world.person(group)
    page = wren.get(conversation_url(longest.id))
    assert page.status_code == 200
    assert longest.title in text_of(page)
