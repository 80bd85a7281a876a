"""What tells somebody that words are there for them: mentions by name, and an address for short mails."""

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, db
from forum.models.columns import Tagged


class Mention(db.Model):  # type: ignore[name-defined,misc]
    """A post that everybody of the group can see names this persona with an @. It says no more than the words."""

    __tablename__ = "mention"
    persona_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("persona.id"), primary_key=True)
    post_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("post.id"), primary_key=True, index=True)


class MailAddress(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """tag(mail_address, persona) to where short mails go and when the last one went: one size, sealed.

    The group stands beside it, so that its mails are looked after together; how many want mail is all that this tells.
    """

    __tablename__ = "mail_address"
    group_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("group.id"), index=True)
