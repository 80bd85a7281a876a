"""What people say of themselves in a group, who welcomes, and the quiet answers to a post."""

from datetime import date

from sqlalchemy import BigInteger, Date, ForeignKey, SmallInteger, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, db
from forum.base.idents import new_ident
from forum.models.columns import Tagged


class PersonaPage(db.Model):  # type: ignore[name-defined,misc]
    """What one persona chose to say to its group. Plain, for it is published there; no row for who says nothing."""

    __tablename__ = "persona_page"
    persona_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("persona.id"), primary_key=True)
    offers: Mapped[str] = mapped_column(Text, default="")  #: "I can offer"
    would_like: Mapped[str] = mapped_column(Text, default="")  #: "I'd like"
    languages: Mapped[str] = mapped_column(String(100), default="")  #: in words
    lived: Mapped[str] = mapped_column(String(200), default="")  #: a facilitator's line about their own experience
    awake: Mapped[int] = mapped_column(
        SmallInteger, default=0
    )  #: when they are often awake, a bit for each time of day
    shows_new: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  #: everyone may see that they are new


class Welcomer(db.Model):  # type: ignore[name-defined,misc]
    """A member whom a facilitator asked to look out for newcomers. It gives no power over anybody's words."""

    __tablename__ = "welcomer"
    persona_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("persona.id"), primary_key=True)


class Reaction(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """tag(reaction, persona, post) to the sealed kinds that somebody chose. Of its post it tells; of whose, nothing."""

    __tablename__ = "reaction"
    post_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("post.id"), index=True)


class Poll(db.Model):  # type: ignore[name-defined,misc]
    """A question to everybody in a topic. It does not say who asked: whoever began the topic, or the team."""

    __tablename__ = "poll"
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    conversation_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("conversation.id"), unique=True)
    question: Mapped[str] = mapped_column(String(200))
    options: Mapped[str] = mapped_column(Text)  #: two to six texts, as JSON
    closes_on: Mapped[date] = mapped_column(Date)  #: the last day on which answers are taken


class PollAnswer(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """tag(poll_answer, persona, poll) to the sealed number of an option. Of its poll it tells; of whose, nothing."""

    __tablename__ = "poll_answer"
    poll_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("poll.id"), index=True)
