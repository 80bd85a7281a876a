"""Who looks after organisations, second factors, and links that work once. Nothing here can be read as a secret."""

import enum
from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import Ident, UtcDateTime, db
from forum.base.idents import new_ident
from forum.models.columns import Tagged, state_of
from forum.models.groups import Role


class StaffRole(enum.StrEnum):
    """What somebody does for a whole organisation."""

    ADMIN = "admin"


class Staff(db.Model):  # type: ignore[name-defined,misc]
    """An account that looks after an organisation, or the whole site. It is a member of no group by this."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("account_id", "organisation_id"),)
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    account_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("account.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("organisation.id"))  #: None: the whole site
    role: Mapped[StaffRole] = mapped_column(state_of(StaffRole), default=StaffRole.ADMIN)


class OfficerRole(enum.StrEnum):
    """What somebody does when a person of the organisation's groups may be in danger."""

    LEAD = "lead"
    DEPUTY = "deputy"
    INDEPENDENT = "independent"  #: a trustee or an outside body, for when the lead is what it is about
    INTERIM = (
        "interim"  #: for a time, for concerns in which all of these are named: an admin names, the confirmer agrees
    )
    CONFIRMER = "confirmer"  #: from outside; may confirm that a concern is closed, and never holds one


class OfficerStanding(enum.StrEnum):
    """How far somebody is in their office."""

    INVITED = "invited"  #: a link was made; nobody has opened it
    WAITING = "waiting"  #: came in, and another officer has still to say that it is right
    ACTIVE = "active"
    ENDED = "ended"


class Officer(db.Model):  # type: ignore[name-defined,misc]
    """Somebody who answers for people's safety in an organisation. No admin, and no admin becomes one by their role.

    Not a row of `staff`: the program of the schema before takes each of those for an admin.
    """

    __tablename__ = "officer"
    id: Mapped[bytes] = mapped_column(Ident, primary_key=True, default=new_ident)
    organisation_id: Mapped[bytes] = mapped_column(Ident, ForeignKey("organisation.id"), index=True)
    #: None: nobody came in yet, or their sign-in is gone and the name beside what they did stays
    account_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("account.id", ondelete="SET NULL"), unique=True)
    role: Mapped[OfficerRole] = mapped_column(state_of(OfficerRole))
    name: Mapped[str] = mapped_column(String(60))  #: as the others know them; in no group
    standing: Mapped[OfficerStanding] = mapped_column(state_of(OfficerStanding))
    agreed_by: Mapped[bytes | None] = mapped_column(Ident)  #: the officer who said that it is right, once calls are on
    end_by: Mapped[bytes | None] = mapped_column(
        Ident
    )  #: the officer who says that it should end; a second one ends it


class SecondFactor(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """What makes the six digits of an account: found by tag, so that a thief does not learn who has one."""

    __tablename__ = "second_factor"


class Proof(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """What a browser has shown so far: half a sign-in, or a code of the last ten minutes. Gone after a day."""

    __tablename__ = "proof"
    day: Mapped[date] = mapped_column(Date, index=True)


class LinkPurpose(enum.StrEnum):
    """What opening a link does."""

    ADMIN = "admin"  #: makes a staff account
    ROLE = "role"  #: gives a role in a group
    OFFICER = "officer"  #: makes the sign-in of somebody who answers for people's safety


class OneTimeLink(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """A link that works once. Found by the tag of its secret, which is nowhere in the database."""

    __tablename__ = "one_time_link"
    purpose: Mapped[LinkPurpose] = mapped_column(state_of(LinkPurpose))
    organisation_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("organisation.id"))
    group_id: Mapped[bytes | None] = mapped_column(Ident, ForeignKey("group.id"), index=True)
    role: Mapped[Role | None] = mapped_column(state_of(Role))
    made_by: Mapped[bytes | None] = mapped_column(
        Ident
    )  #: the persona that gave it, or the office it is for; None: the command line or an admin
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: to the hour: who came in then is not to be told
