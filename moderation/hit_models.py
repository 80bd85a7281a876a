"""What detectors found and what came of it: names of rules, never a word of what they found."""

from datetime import date

from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, db
from forum.base.idents import new_ident


class DetectorHit(db.Model):  # type: ignore[name-defined,misc]
    """One rule that found something in words that were posted.

    What people decided about it stands with the item. It names no post and no person; of what an author covered before
    posting nothing is kept but the mark that everybody sees.
    """

    __tablename__ = "detector_hit"
    __table_args__ = {"sqlite_with_rowid": False}
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"), index=True)
    item_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("case_item.id"), index=True)
    rule: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(8))  #: of the detectors, so that old figures stay explainable
    day: Mapped[date] = mapped_column(Date, index=True)
