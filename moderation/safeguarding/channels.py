"""How a responder is called: by mail, and through a gateway that sends a text or rings a telephone.

Each sets their own. A channel counts only once the number that came over it was typed in. Addresses lie sealed, in rows of
one size, and are opened to call their owner and to nobody else.
"""

import hmac
import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta

from forum.base import clock, rotation, tagged
from forum.base.errors import Invalid
from forum.base.keyring import HOUSE
from forum.base.rotation import Pass
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from moderation.safeguarding import gateway
from moderation.safeguarding.people_models import Channel, ChannelKind

KIND = "call_channel"
#: What a sealed value is filled up to: the longest address of a gateway with all that stands beside it.
SIZE = 1_024
MOST_ADDRESS, MOST_TO = 300, 60
#: Channels that leave the site, in the order in which they are tried.
OUTSIDE = (ChannelKind.HOOK, ChannelKind.MAIL)
#: A telephone is changed, a mailbox fills up: after this long a channel has to be tried again.
TESTED_FOR = timedelta(days=100)
CODE_TRIES = 5

_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")


@dataclass(frozen=True)
class Way:
    """One channel of one responder.

    :param address: of the mailbox, or of the gateway. :param to: whom the gateway is to call, as it knows them.
    :param secret: what requests to the gateway are signed with. :param code: the number on its way; empty: none is.
    :param tested_on: the last day on which a number that came over it was typed in; empty: never.
    """

    address: str
    to: str = ""
    secret: str = ""
    code: str = ""
    tries: int = 0
    tested_on: str = ""

    @property
    def tested_day(self) -> date | None:
        """The day for a page."""
        return date.fromisoformat(self.tested_on) if self.tested_on else None

    @property
    def is_tested(self) -> bool:
        """Whether it reached its owner lately."""
        return bool(self.tested_on) and clock.today() - date.fromisoformat(self.tested_on) <= TESTED_FOR

    @property
    def counts(self) -> bool:
        """Whether calls go there: it reached its owner once. One that was long not tried is still better than none."""
        return bool(self.tested_on)


def find(responder_id: bytes, kind: ChannelKind, *, lock: bool = False) -> Way | None:
    """Where somebody is called over one channel."""
    value = tagged.find(Channel, HOUSE, KIND, (responder_id, _number(kind)), lock=lock)
    return Way(**json.loads(value)) if value is not None else None


def of(responder_id: bytes) -> dict[ChannelKind, Way]:
    """All of somebody's channels, tried or not."""
    ids = {kind.value.encode(): (responder_id, _number(kind)) for kind in OUTSIDE}
    found = tagged.find_many(Channel, HOUSE, KIND, ids)
    return {ChannelKind(kind.decode()): Way(**json.loads(value)) for kind, value in found.items()}


def kinds_of(responder_id: bytes) -> list[ChannelKind]:
    """The channels over which calls go to somebody."""
    found = of(responder_id)
    return [kind for kind in OUTSIDE if kind in found and found[kind].counts]


def places(responder_id: bytes) -> dict[ChannelKind, str]:
    """Where each of somebody's channels rings, to compare with another's. Tried or not."""
    return {kind: f"{kind}|{way.address}|{way.to}".casefold() for kind, way in of(responder_id).items()}


def kinds_apart(responder_id: bytes, others: Iterable[bytes]) -> list[ChannelKind]:
    """`kinds_of` without those that ring where one of the others is called, too: a mailbox that a team shares."""
    mine = places(responder_id)
    theirs = {place for one in others if one != responder_id for place in places(one).values()} if mine else set()
    return [kind for kind in kinds_of(responder_id) if mine[kind] not in theirs]


def has_tested(responder_id: bytes) -> bool:
    """Whether a call over some channel reached them lately."""
    return any(way.is_tested for way in of(responder_id).values())


def check_mail(typed: str) -> Way:
    """A mailbox. :raises Invalid: it is none."""
    address = typed.strip()
    if len(address) > MOST_ADDRESS or not _MAIL.fullmatch(address):
        raise Invalid(_("Type in an email address, such as name@example.org."), "address")
    return Way(address)


def check_hook(address: str, to: str) -> Way:
    """A gateway, with a new secret. :raises Invalid: an address that we may not ask, or nobody named."""
    where, whom = address.strip(), " ".join(to.split())
    if len(where) > MOST_ADDRESS or not gateway.is_allowed(where):
        raise Invalid(_("Type in the https address that your gateway gave you."), "address")
    if not whom or len(whom) > MOST_TO or not whom.isprintable():
        raise Invalid(_("Type in whom the gateway is to call, as it knows them."), "to")
    return Way(where, whom, secrets.token_urlsafe(24))


def fresh_code(way: Way) -> Way:
    """The same, with a new number to send over it."""
    return replace(way, code=f"{secrets.randbelow(1_000_000):06}", tries=CODE_TRIES)


@retrying
def keep(responder_id: bytes, kind: ChannelKind, way: Way) -> None:
    """Keep a channel instead of what was there. It counts once its number was typed in."""
    with transaction():
        keep_here(responder_id, kind, way)


def keep_here(responder_id: bytes, kind: ChannelKind, way: Way) -> None:
    """Step: the same."""
    packed = json.dumps(asdict(way), separators=(",", ":"), ensure_ascii=False).encode().ljust(SIZE)
    tagged.keep(Channel, HOUSE, KIND, (responder_id, _number(kind)), packed)


def confirm(responder_id: bytes, kind: ChannelKind, typed: str) -> None:
    """Type in the number that came: from now on it counts.

    :raises Invalid: another number, too many tries, or none was sent.
    """
    with transaction():
        way = find(responder_id, kind, lock=True)
        right = way is not None and way.tries > 0 and bool(way.code) and _same(typed, way.code)
        if way is not None:
            done = replace(way, code="", tested_on=clock.today().isoformat()) if right else None
            keep_here(responder_id, kind, done or replace(way, tries=max(0, way.tries - 1)))
    if not right:
        raise Invalid(_("That is not the number we sent. Look once more, or ask for another."), "code")


def _same(typed: str, code: str) -> bool:
    return hmac.compare_digest("".join(typed.split()).encode(), code.encode())


def remove(responder_id: bytes, kind: ChannelKind) -> None:
    """Nobody is called there any more."""
    with transaction():
        drop(responder_id, kind)


def drop(responder_id: bytes, kind: ChannelKind) -> None:
    """Step: the same."""
    tagged.drop(Channel, HOUSE, KIND, (responder_id, _number(kind)))


def drop_all(responder_id: bytes) -> None:
    """Step: the same for all of them."""
    for kind in OUTSIDE:
        drop(responder_id, kind)


def _number(kind: ChannelKind) -> int:
    return OUTSIDE.index(kind)


def renewal() -> Pass:
    """How a rotation renews these rows."""
    return Pass(Channel, Channel.tag, rotation.renew_tagged(Channel, lambda: [HOUSE]))
