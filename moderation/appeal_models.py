"""What people and the team say to each other about a decision, and who looks when nobody of the team may."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, UtcDateTime, db
from forum.base.idents import new_ident
from forum.models.columns import Tagged


class AppealWord(db.Model):  # type: ignore[name-defined,misc]
    """One message about an item: from whoever asked, or from whoever looks. Who wrote it stands nowhere."""

    __tablename__ = "appeal_word"
    __table_args__ = {"sqlite_with_rowid": False}
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    item_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("case_item.id"), index=True)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"))
    n: Mapped[int] = mapped_column(Integer)  #: its place, counted from 1
    from_team: Mapped[bool] = mapped_column(default=False)
    hour: Mapped[datetime] = mapped_column(UtcDateTime)  #: no finer: whoever asks may wear an alias
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[str] = mapped_column(String(16), index=True)


class Reviewer(db.Model):  # type: ignore[name-defined,misc]
    """Somebody outside all teams who looks again when nobody of a team may. They have no account and no password here."""

    __tablename__ = "reviewer"
    __table_args__ = {"sqlite_with_rowid": False}
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    organisation_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))  #: for the admins, such as "Priya, trustee"
    ended_on: Mapped[date | None] = mapped_column(Date)  #: gets no link any more; what they decided stays


class ReviewPass(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """What opens one item to one reviewer: a link that works once, and then the browser that used it. Found by tag."""

    __tablename__ = "review_pass"
    item_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("case_item.id"), index=True)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class OutsiderReport(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """What somebody in none of the groups told about words that name them: found by the tag of a secret that they keep.

    Kept alike whether or not there is such a group: only a job, later, looks for one.
    """

    __tablename__ = "outsider_report"
    id: Mapped[bytes] = mapped_column(Ident, unique=True, default=new_ident)
    organisation_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("organisation.id"), index=True)
    item_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("case_item.id"))  #: a team looks; None: an admin
    day: Mapped[date] = mapped_column(Date)
    handled_on: Mapped[date | None] = mapped_column(Date)
