"""Doors: who may come in and who looks after what, ways back, the line to the team, help from inside.

Why: a group exists because somebody could set it up, people could come in, and those who lost their key came back.
Old code: goes on working; new columns have defaults that open nothing.
Cost: empty tables, and columns with a fixed default, which neither database writes into each row.
Undo: drops them with what they hold.
"""

from collections.abc import Callable

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: Each part brings its tables and takes them away again.
PARTS: list[tuple[Callable[[], None], Callable[[], None]]] = []


def upgrade() -> None:
    for up, _down in PARTS:
        up()


def downgrade() -> None:
    for _up, down in reversed(PARTS):
        down()
