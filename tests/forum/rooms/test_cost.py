"""What a message in a live room asks of the database: what is true is asked once, where it counts."""

from forum.base.idents import new_ident, write_ident
from forum.conversations import entrance, usecases
from forum.conversations.prepare import Words
from forum.models import PostState
from forum.web import sign_ins
from tests.meeting import gather
from tests.statements import statements
from tests.world import World

#: The meeting, its place, the writer, who looks after it, who was let in, the floor and what binds the writer, once each;
#: the form's key; four writes; BEGIN and COMMIT.
MOST = 20


def test_a_message_asks_once_and_writes_four_rows(world: World) -> None:
    room = gather(world)
    wren = room.members[0]
    with world.app.app_context():
        found = entrance.enter(sign_ins.hash_of(wren.cookie), room.seen.conversation_id)
        assert found is not None
        token = write_ident(new_ident())
        usecases.submit_inside(
            found.actor, found.place, Words("First."), write_ident(new_ident())
        )  # finds nothing in memory
        with statements() as said:
            written = usecases.submit_inside(found.actor, found.place, Words("Hello, all."), token)
        asked = [one for one in said if one.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE"))]
        assert len([one for one in asked if " FROM meeting" in one.replace("\n", " ")]) == 1
        assert len([one for one in asked if not one.startswith("SELECT")]) == 4
        assert len(asked) < MOST
        assert written.state is PostState.VISIBLE
        assert usecases.submit_post(wren.actor, found.place.id, Words("Hello, all."), token) == written
