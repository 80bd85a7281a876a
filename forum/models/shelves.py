"""What one member puts aside for themselves."""

from forum.base.db import db
from forum.models.columns import Tagged


class Follow(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """tag(follow, persona) to the conversations they follow: one row of one size, which names nobody and no conversation.

    A row for each would show in two nightly copies who began to follow on the day a masked post appeared.
    """

    __tablename__ = "follow"


class Bookmark(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """tag(bookmark, persona) to the posts they want to find again: one row of one size."""

    __tablename__ = "bookmark"
