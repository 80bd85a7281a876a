"""Check-in cards: what somebody in a meeting shows of how they are."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, db


class RoomCard(db.Model):  # type: ignore[name-defined,misc]
    """One face's card in one meeting: a name's or, where names are hidden, an alias's. It goes when the meeting closes."""

    __tablename__ = "room_card"
    meeting_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("meeting.id"), primary_key=True)
    face_id: Mapped[bytes] = mapped_column(Ident, primary_key=True)
    card: Mapped[str] = mapped_column(String(20))  #: of forum.rooms.cards
