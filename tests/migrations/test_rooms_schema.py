"""Rooms come and go with the sixth schema; going back no words of a room stay that everybody could read then."""

from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask

from forum import models
from forum.base import clock
from forum.base.db import db, rows
from forum.base.idents import new_ident, new_post_id
from forum.base.transaction import here, transaction
from forum.models import (
    Conversation,
    ConversationKind,
    Group,
    Meeting,
    MeetingState,
    Persona,
    Post,
    PostState,
    Room,
    RoomKind,
)
from tests.migrations import carried
from tests.migrations.test_migrations import app, empty, upgraded  # noqa: F401 - fixtures


def test_r14_rooms_go_with_the_sixth_schema_and_their_words_do_not_stay_open_to_all(
    upgraded: Callable[[str], tuple[Flask, object]],  # noqa: F811
) -> None:
    program, _known = upgraded("0003")
    with program.app_context():
        before = _topics()
        shown, held = _room_with_words()
    carried.migrate(program, "0005")
    with program.app_context():
        assert not {"room", "meeting", "room_seat", "signal"} & set(sa.inspect(db.engine).get_table_names())
    carried.migrate(program, "head")
    with program.app_context():
        assert rows(sa.select(Meeting.id)) == []
        words = {r.id: (r.body, r.state) for r in rows(sa.select(Post.id, Post.body, Post.state))}
        assert words[shown] == ("", PostState.WITHDRAWN)
        assert words[held] == ("Please, somebody read this.", PostState.HELD)
        assert _topics() == before


def _topics() -> list[tuple[int, str]]:
    in_topics = sa.select(Post.id, Post.body).join(Conversation, Conversation.id == Post.conversation_id)
    found = rows(in_topics.where(Conversation.kind == ConversationKind.TOPIC))
    return sorted((r.id, r.body) for r in found)


def _room_with_words() -> tuple[int, int]:
    group = rows(sa.select(Group.id).order_by(Group.id))[0].id
    author = rows(sa.select(Persona.id).where(Persona.group_id == group).order_by(Persona.id))[0].id
    room, place, now = new_ident(), new_ident(), clock.now()
    with transaction():
        here().execute(sa.insert(Room).values(id=room, group_id=group, name="Tea", kind=RoomKind.DROP_IN, purpose=""))
        talk = {"kind": ConversationKind.ROOM, "title": "Tea", "last_activity_hour": clock.this_hour()}
        here().execute(sa.insert(Conversation).values(id=place, group_id=group, **talk))
        meets = {"conversation_id": place, "state": MeetingState.OPEN, "opened_at": now}
        here().execute(sa.insert(Meeting).values(id=new_ident(), room_id=room, group_id=group, **meets))
        return tuple(  # type: ignore[return-value]
            _say(place, author, n, *said)
            for n, said in enumerate(
                (("Only for us.", PostState.VISIBLE), ("Please, somebody read this.", PostState.HELD)), start=1
            )
        )


def _say(place: bytes, author: bytes, seq: int, body: str, state: PostState) -> int:
    ident = new_post_id()
    words = {"body": body, "html": f"<p>{body}</p>", "renderer": "1", "state": state, "written_at": clock.now()}
    where = {"conversation_id": place, "seq": seq, "changed_in": int(state is PostState.VISIBLE), "persona_id": author}
    here().execute(sa.insert(Post).values(id=ident, **words, **where))
    return ident


def test_r14_rows_in_every_table_of_the_sixth_schema_go_down_and_the_tables_come_back_empty(
    upgraded: Callable[[str], tuple[Flask, object]],  # noqa: F811
) -> None:
    program, _known = upgraded("0005")
    with program.app_context():
        _room_with_words()
        _what_hangs_on_a_meeting()
        ours = _counts()
    carried.migrate(program, "0005")
    with program.app_context():
        there = set(sa.inspect(db.engine).get_table_names())
    assert not set(ours) & there
    assert all(ours.values()), [name for name, rows_of in ours.items() if not rows_of]
    carried.migrate(program, "head")
    with program.app_context():
        assert _counts() == dict.fromkeys(ours, 0)
        _room_with_words()
        _what_hangs_on_a_meeting()
        assert _counts() == ours


def _counts() -> dict[str, int]:
    """Rows of each table that a room needs: those of its module, and their cards."""
    ours = [one for one in db.Model.registry.mappers if one.class_.__module__ in OF_ROOMS]
    return {one.local_table.name: len(rows(sa.select(sa.literal(1)).select_from(one.local_table))) for one in ours}


OF_ROOMS = {"forum.models.rooms", "forum.models.room_cards"}


def _what_hangs_on_a_meeting() -> None:
    meeting = rows(sa.select(Meeting.id, Meeting.group_id))[0]
    group, author, now = meeting.group_id, rows(sa.select(Persona.id).order_by(Persona.id))[0].id, clock.now()
    seal = {"sealed": b"sealed", "key_id": "k1"}
    of_group = {"meeting_id": meeting.id, "group_id": group, **seal}
    with transaction():
        for tagged in (models.RoomGuest, models.SignUp, models.Debrief, models.CheckIn):
            here().execute(sa.insert(tagged).values(meeting_id=meeting.id, tag=new_ident(), **seal))
        lease = {"duty": models.Duty.HOST, "lease_until": now, "since": now}
        here().execute(sa.insert(models.RoomSeat).values(meeting_id=meeting.id, persona_id=author, **lease))
        up = {"id": new_ident(), "n": 1, "state": models.HandState.UP}
        here().execute(sa.insert(models.Hand).values(meeting_id=meeting.id, persona_id=author, **up))
        asked = {"id": new_ident(), "kind": "struggling", "state": models.SignalState.OPEN, "line": ""}
        here().execute(sa.insert(models.Signal).values(at=now, heard_at=now, **asked, **of_group))
        todo = {"kind": "struggling", "state": models.FollowUpState.OPEN, "due_at": now, "version": 1}
        here().execute(sa.insert(models.FollowUp).values(id=new_ident(), signal_id=asked["id"], **todo, **of_group))
        here().execute(sa.insert(models.RoomNote).values(id=new_ident(), persona_id=author, at=now, **of_group))
        draft = {"state": models.SummaryState.DRAFT, "body": "We talked.", "version": 1, "author_id": author}
        here().execute(sa.insert(models.Summary).values(meeting_id=meeting.id, **draft))
        here().execute(sa.insert(models.RoomCard).values(meeting_id=meeting.id, face_id=author, card="tired"))
