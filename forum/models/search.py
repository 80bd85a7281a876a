"""What can be found by searching: the words of each post that its group can see, folded, in a table of their own."""

from sqlalchemy import LargeBinary, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import db
from forum.models.conversations import PostId


class PostSearch(db.Model):  # type: ignore[name-defined,misc]
    """One visible post of a topic. No author stands here, neither name nor alias (L12).

    On SQLite triggers keep the full-text table `post_search_fts` in step with it; on PostgreSQL the words are indexed
    where they stand. Both are made by the migration, for neither has a like on the other database. Only
    forum.conversations.search_index writes here.
    """

    __tablename__ = "post_search"
    post_id: Mapped[int] = mapped_column(PostId, primary_key=True, autoincrement=False)
    digest: Mapped[bytes] = mapped_column(LargeBinary(8))  #: of the words; tells cheaply if the row is still right
    #: the marks of group and board, the title if the post opened its topic, and the words, in their order
    words: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))
