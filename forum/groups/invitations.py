"""Invitations: three words, typed or as a printed address, that let somebody in. They name nobody.

Only a digest of the words is kept, as a tag and under a seal. Who shows them holds the invitation in this browser until
they came in, so that no page carries the words on. Wrong, ended, used up and taken back answer alike.
"""

import hashlib
import re
import secrets
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Row, and_, delete, insert, select, update

from forum.accounts.slowing import Slowing
from forum.base import clock, tagged
from forum.base.characters import fold
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotAllowed, NotFound, TooMany
from forum.base.idents import new_ident
from forum.base.keyring import HOUSE, Scope
from forum.base.transaction import here, retrying, transaction
from forum.base.words import _
from forum.groups.invitation_words import WORDS
from forum.models import Group, HeldInvitation, Invitation
from forum.policy.actor import Actor
from forum.policy.permissions import may_facilitate, require

#: 939 words to the third are 29.6 bits: enough when wrong tries are slow (decision record 0029), few enough to say aloud.
WORDS_EACH = 3
#: Typed words beyond this were not ours.
LONGEST = 60
#: A leaflet in a waiting room; a longer life or more uses would make an invitation an open door.
MOST_USES, MOST_DAYS = 50, 30
#: A browser that showed the words keeps the way open for as long as a form may lie open.
HELD = timedelta(hours=2)
#: All wrong tries of a minute together: past it words are not looked at for the rest of the minute, from wherever they come.
MISSES_A_MINUTE = 60
_KIND, _HELD_KIND = "invitation", "held_invitation"
_NO_WORD = re.compile(r"[^a-z]+")


class Guesses:
    """One process's memory of wrong words: slower for each place they come from, and bounded for all together."""

    def __init__(self) -> None:
        self._places = Slowing()
        self._recent: deque[datetime] = deque(maxlen=MISSES_A_MINUTE)

    def check(self, address: str) -> None:
        """Go on, or say how long to wait.

        :raises TooMany: with the seconds.
        """
        self._places.check(address)
        if (
            len(self._recent) == MISSES_A_MINUTE
            and (left := self._recent[0] + timedelta(minutes=1) - clock.now()) > timedelta()
        ):
            wait = int(left.total_seconds()) + 1
            raise TooMany(_("Please wait %(n)s seconds, then try again. Nothing is locked.", n=wait), wait)

    def start(self, address: str) -> None:
        """Words are looked at. They count as wrong until they are not: many sent at once would all begin uncounted.

        :raises TooMany: as `check`.
        """
        self.check(address)
        self._recent.append(clock.now())

    def miss(self, address: str) -> None:
        """The words opened nothing."""
        self._places.miss(address)

    def hit(self, address: str) -> None:
        """The words were right."""
        self._places.hit(address)
        self._recent.pop()


guesses = Guesses()


def read_words(typed: str) -> str:
    """What somebody typed, as the words are written: small letters, one space between them."""
    return " ".join(_NO_WORD.split(fold(typed))).strip()


def _digest(words: str) -> bytes:
    return hashlib.sha256(b"invitation\0" + words.encode()).digest()


# --- For the team ---


@dataclass(frozen=True)
class Terms:
    """How often and how long an invitation works.

    :param uses: 1 to MOST_USES. :param days: 1 to MOST_DAYS, today included.
    """

    uses: int = 1
    days: int = 7


@retrying
def make_invitation(actor: Actor, scope: Scope, terms: Terms) -> str:
    """A new invitation; gives its words, which are shown this once and kept nowhere.

    :raises Invalid: too many uses or days. :raises NotFound: no facilitator of this group.
    """
    require(may_facilitate, actor, scope.group_id)
    if not 1 <= terms.uses <= MOST_USES:
        raise Invalid(_("Choose a number of people from 1 to %(n)s.", n=MOST_USES), "uses")
    if not 1 <= terms.days <= MOST_DAYS:
        raise Invalid(_("Choose a number of days from 1 to %(n)s.", n=MOST_DAYS), "days")
    words = " ".join(secrets.choice(WORDS) for _n in range(WORDS_EACH))
    kept = tagged.sealed_row(Invitation, HOUSE, _KIND, (_digest(words),), b"")
    ends_on = clock.today() + timedelta(days=terms.days - 1)
    with transaction():
        here().execute(
            insert(Invitation).values(
                **kept, id=new_ident(), group_id=scope.group_id, uses_left=terms.uses, ends_on=ends_on, revoked=False
            )
        )
    return words


def list_invitations(actor: Actor, scope: Scope) -> Sequence[Row]:
    """The invitations that still let somebody in, the next to end first.

    :raises NotFound: no facilitator of this group.
    """
    require(may_facilitate, actor, scope.group_id)
    return rows(
        select(Invitation.id, Invitation.uses_left, Invitation.ends_on)
        .where(Invitation.group_id == scope.group_id, _lives())
        .order_by(Invitation.ends_on, Invitation.id)
    )


def revoke_invitation(actor: Actor, scope: Scope, invitation_id: bytes) -> None:
    """Take an invitation back; who showed its words already and has not come in stays outside too.

    :raises NotFound: no facilitator of this group, or no such invitation here.
    """
    require(may_facilitate, actor, scope.group_id)
    with transaction():
        gone = here().execute(
            update(Invitation)
            .where(Invitation.id == invitation_id, Invitation.group_id == scope.group_id)
            .values(revoked=True)
            .execution_options(synchronize_session=False)
            .returning(Invitation.id)
        )
        if gone.first() is None:
            raise NotFound(_("There is no such page here."))


# --- For whoever has the words ---


def show_words(cookie: bytes, typed: str, address: str) -> str:
    """Show an invitation's words; from then on this browser may come in. Gives the group's short address.

    :param cookie: the hash of this browser's cookie. :param address: where the try comes from.
    :raises NotAllowed: the words open nothing, for whatever reason. :raises TooMany: after several wrong tries.
    """
    guesses.start(address)
    found = _find(read_words(typed))
    if found is None:
        guesses.miss(address)
        raise NotAllowed(_("These words open nothing here. Check each word, or ask for a new invitation."))
    guesses.hit(address)
    _hold(cookie, found)
    return str(found.address)


def _find(words: str) -> Row | None:
    """The live invitation with these words. One question whatever is wrong with them, so that no answer takes longer."""
    found = row(
        select(
            Invitation.id,
            Invitation.uses_left,
            Invitation.ends_on,
            Invitation.revoked,
            Group.id.label("group_id"),
            Group.organisation_id,
            Group.address,
            Group.opened_at,
        )
        .join(Group, Group.id == Invitation.group_id)
        .where(Invitation.tag.in_(tagged.tags(HOUSE, _KIND, _digest(words))))
    )
    if found is None or found.opened_at is None or found.revoked:
        return None
    return found if found.uses_left > 0 and clock.today() <= found.ends_on else None


@retrying
def _hold(cookie: bytes, found: Row) -> None:
    with transaction():
        _keep_held(cookie, Scope(found.organisation_id, found.group_id), found.id)


def _keep_held(cookie: bytes, scope: Scope, invitation_id: bytes) -> None:
    until = clock.now() + HELD
    value = invitation_id + scope.organisation_id + scope.group_id + int(until.timestamp()).to_bytes(8)
    tagged.drop(HeldInvitation, HOUSE, _HELD_KIND, (cookie,))
    kept = tagged.sealed_row(HeldInvitation, HOUSE, _HELD_KIND, (cookie,), value)
    here().execute(insert(HeldInvitation).values(**kept, day=until.date()))


@retrying
def hold_for_link(cookie: bytes, scope: Scope, secret: str) -> None:
    """Let in the browser that opened a link with a role, once, today: also into a group that is still being set up.

    :param secret: of the link, which the caller found to work.
    """
    ids = (_digest(secret),)
    with transaction():
        known = row(select(Invitation.id).where(Invitation.tag.in_(tagged.tags(HOUSE, _KIND, *ids))))
        invitation_id = known.id if known else new_ident()
        if known is None:
            kept = tagged.sealed_row(Invitation, HOUSE, _KIND, ids, b"")
            facts = {"id": invitation_id, "group_id": scope.group_id, "uses_left": 1, "ends_on": clock.today()}
            here().execute(insert(Invitation).values(**kept, **facts, revoked=False))
        _keep_held(cookie, scope, invitation_id)


def holds_one(cookie: bytes | None, scope: Scope) -> bool:
    """Whether this browser showed an invitation to this group that still lets somebody in."""
    invitation_id = _held(cookie, scope)
    return invitation_id is not None and bool(
        rows(select(Invitation.id).where(Invitation.id == invitation_id, _lives()).limit(1))
    )


def spend(cookie: bytes | None, scope: Scope) -> bool:
    """Step: use up one use of the invitation that this browser holds; whether there was one."""
    invitation_id = _held(cookie, scope)
    if cookie is None or invitation_id is None:
        return False
    tagged.drop(HeldInvitation, HOUSE, _HELD_KIND, (cookie,))
    used = here().execute(
        update(Invitation)
        .where(Invitation.id == invitation_id, _lives())
        .values(uses_left=Invitation.uses_left - 1)
        .execution_options(synchronize_session=False)
        .returning(Invitation.id)
    )
    return used.first() is not None


def _held(cookie: bytes | None, scope: Scope) -> bytes | None:
    value = tagged.find(HeldInvitation, HOUSE, _HELD_KIND, (cookie,)) if cookie else None
    if value is None or Scope(value[16:32], value[32:48]) != scope:
        return None
    until = datetime.fromtimestamp(int.from_bytes(value[48:]), UTC)
    return value[:16] if clock.now() < until else None


def _lives() -> ColumnElement[bool]:
    return and_(Invitation.uses_left > 0, Invitation.revoked.is_(False), Invitation.ends_on >= clock.today())


def purge() -> None:
    """Forget invitations that let nobody in any more, and what browsers held yesterday."""
    today = clock.today()
    ended = (Invitation.ends_on < today, HeldInvitation.day < today)
    if not any(rows(select(e.left).where(e).limit(1)) for e in ended):
        return
    with transaction():
        here().execute(delete(Invitation).where(Invitation.ends_on < today))
        here().execute(delete(HeldInvitation).where(HeldInvitation.day < today))
