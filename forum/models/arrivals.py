"""What keeps a newcomer's way in open for some minutes, and a name free of others for some weeks."""

from datetime import date, datetime

from sqlalchemy import Date
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import UtcDateTime, db
from forum.models.columns import Tagged


class Arrival(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """This join form was sent already: tag(arrival, form token, visitor's cookie, group) to the sealed sign-in it became."""

    __tablename__ = "arrival"
    ends_hour: Mapped[datetime] = mapped_column(UtcDateTime, index=True)  #: when the row may go; exact in the seal


class GivenUpName(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """Somebody was called this until lately: tag(given_up_name, skeleton) to the sealed persona that may take it back."""

    __tablename__ = "given_up_name"
    day: Mapped[date] = mapped_column(Date, index=True)  #: when it was given up
