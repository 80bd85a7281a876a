"""How long words are kept at most: what was promised, so that a longer time chosen later does not break it."""

from datetime import date

from sqlalchemy import Date, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, db


class Promise(db.Model):  # type: ignore[name-defined,misc]
    """Words are kept so many days: by a persona of its own, or by an organisation of all in its groups."""

    __tablename__ = "promise"
    subject_id: Mapped[bytes] = mapped_column(Ident, primary_key=True)
    days: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    until_on: Mapped[date | None] = mapped_column(Date)  #: for words written up to that day; None: it still holds
