"""What makes posts wait for a person, and the brakes that a team can pull: facts of a board or of a whole group."""

import enum
from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from forum.base.db import UtcDateTime
from forum.models.columns import state_of


class Hold(enum.IntFlag):
    """Which posts wait for a person. A board adds to what its group chose."""

    EVERYTHING = 1  #: every post, read before others see it
    LINKS = 2  #: those with a link
    CONTACTS = 4  #: those with a phone number or a mail address
    NEWCOMERS = 8  #: first posts, and all under an alias, so that none says whose first it is
    UNSTAFFED = 16  #: those written while nobody of the team is here


#: What a group begins with: both are how strangers lead somebody away from people who look after them.
USUAL = Hold.LINKS | Hold.CONTACTS


class Brake(enum.StrEnum):
    """What a team can do at once, for a day at most, when a board or the group gets out of hand."""

    HOLD = "hold"  #: every new post waits for a person
    STOP = "stop"  #: nobody writes new posts; reading and help stay


class Braked:
    """Columns of what a brake can be pulled on. Whoever compares clocks knows that it is over: nothing has to end it."""

    brake: Mapped[Brake | None] = mapped_column(state_of(Brake))
    brake_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    brake_words: Mapped[str] = mapped_column(String(200), default="", server_default="")  #: of the team, to members
