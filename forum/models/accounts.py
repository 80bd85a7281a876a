"""Who signs in. Nothing here says who somebody is in any group: that is found by tag, with keys kept elsewhere."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, UtcDateTime, db
from forum.base.idents import new_ident
from forum.models.columns import state_of


class Account(db.Model):  # type: ignore[name-defined,misc]
    """Somebody who can sign in. No name, no e-mail, no date."""

    __tablename__ = "account"
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)


class WayBack(enum.StrEnum):
    """What a way back looks like to its owner, so that two can be told apart."""

    EARLIER = "earlier"  #: made before kinds were kept
    WORDS = "words"
    CARD = "card"  #: words printed on a card, to be kept somewhere else
    NAME = "name"  #: a private sign-in name with its password


class Credential(db.Model):  # type: ignore[name-defined,misc]
    """One way back in: a return phrase, or a private sign-in name with its password. Neither is kept, only its stretch."""

    __tablename__ = "credential"
    lookup: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    account_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("account.id", ondelete="CASCADE"), index=True)
    verifier: Mapped[bytes] = mapped_column(LargeBinary(32))
    kind: Mapped[WayBack] = mapped_column(state_of(WayBack), server_default="earlier")


class SignInKind(enum.StrEnum):
    """How long a session lives and how finely its end is written."""

    VISITOR = "visitor"  #: no account; a form was opened
    OWN = "own"  #: a device of one's own
    SHARED = "shared"  #: somebody else may use it next
    STAFF = "staff"  #: an admin, after a second factor


class SignIn(db.Model):  # type: ignore[name-defined,misc]
    """One device that is signed in. No address, no user agent, no "last seen"."""

    __tablename__ = "sign_in"
    cookie_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("account.id", ondelete="CASCADE"), index=True)
    kind: Mapped[SignInKind] = mapped_column(state_of(SignInKind))
    name: Mapped[str | None] = mapped_column(String(40))  #: the device's name, given by its owner
    ends_on: Mapped[datetime] = mapped_column(UtcDateTime, index=True)  #: own: half-month steps; all others: 5 minutes
    last_end: Mapped[datetime] = mapped_column(UtcDateTime)  #: never later than this, however often it is used
