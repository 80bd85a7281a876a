"""What one member chose for their own reading."""

from forum.base.db import db
from forum.models.columns import Tagged


class ReaderChoice(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """tag(reader_choice, persona) to whom they blocked, which words they muted, how they like content notes.

    One row of one size for each persona, and none for who chose nothing: plain, it would say who is afraid of whom.
    """

    __tablename__ = "reader_choice"
