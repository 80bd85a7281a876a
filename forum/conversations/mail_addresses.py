"""Where short mails go for one member of one group: sealed, under a tag, of one size for everybody.

Only its owner's forms and the mail round open a row. When one changes in a round all of the group are sealed afresh, so
that two copies of the database do not show who was mailed (docs/decisions/0047).
"""

import json
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from sqlalchemy import insert, select, update

from forum.base import clock, tagged
from forum.base.db import rows
from forum.base.errors import Invalid
from forum.base.idents import new_ident
from forum.base.keyring import HOUSE, KeyringError, Scope, the_keyring
from forum.base.transaction import here
from forum.base.words import _
from forum.models import MailAddress

KIND = "mail_address"
#: What the sealed value is filled up to: the longest address with all that stands beside it.
SIZE = 768
MOST_LETTERS = 254
#: Enough for slips of the thumb; a thousand guesses at six digits would take 200 mails.
TRIES = 5
#: How long a number counts, and how long a mail that could not be handed over is tried again.
HOURS = 24

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")


@dataclass(frozen=True)
class Kept:
    """What is known of an address.

    :param code: the number that was mailed to it; empty once it was typed in. :param tries: left for it.
    :param asked_hour: hours since 1970 at which the number was asked for. :param stop: secret of the link that ends it.
    :param mailed_on: the last day on which a mail went, as a number. :param told: what that mail was about, as a digest.
    :param going: the id of a mail that is on its way, with the hour it began; empty if none is.
    :param lang: of the page on which the number was asked for or typed in, and so of the mails.
    """

    address: str
    code: str = ""
    tries: int = TRIES
    asked_hour: int = 0
    stop: str = ""
    mailed_on: int = 0
    told: str = ""
    going: str = ""
    going_hour: int = 0
    lang: str = "en"

    @property
    def confirmed(self) -> bool:
        """Whether its owner typed in the number that came there."""
        return not self.code


def check(typed: str) -> str:
    """An address as it is kept.

    :raises Invalid: it is none.
    """
    address = typed.strip()
    if len(address) > MOST_LETTERS or not _ADDRESS.fullmatch(address):
        raise Invalid(_("Type in an email address, such as name@example.org."), "address")
    return address


def fresh(address: str, lang: str) -> Kept:
    """An address that waits for its number."""
    code, hour = f"{secrets.randbelow(1_000_000):06}", this_hour()
    return Kept(address, code, TRIES, hour, new_ident().hex(), going=new_ident().hex(), going_hour=hour, lang=lang)


def this_hour() -> int:
    """Hours since 1970."""
    return int(clock.now().timestamp()) // 3600


def find(scope: Scope, persona_id: bytes, *, lock: bool = False) -> Kept | None:
    """What a member asked for."""
    value = tagged.find(MailAddress, scope, KIND, (persona_id,), lock=lock)
    return _unpack(value) if value is not None else None


def keep(scope: Scope, persona_id: bytes, kept: Kept) -> None:
    """Step: keep it, instead of what was there. Its use case is `retrying`."""
    values = tagged.sealed_row(MailAddress, scope, KIND, (persona_id,), _pack(kept))
    forget(scope, persona_id)
    here().execute(insert(MailAddress).values(group_id=scope.group_id, **values))


def forget(scope: Scope, persona_id: bytes) -> None:
    """Step: no mail any more, and nothing that says where it went."""
    tagged.drop(MailAddress, scope, KIND, (persona_id,))


def list_in(scope: Scope, *, lock: bool = False) -> dict[bytes, Kept]:
    """Everybody of a group who asked for mail, by persona: for the mail round alone."""
    wanted = select(MailAddress.tag, MailAddress.sealed).where(MailAddress.group_id == scope.group_id)
    found = rows(wanted.with_for_update() if lock else wanted)
    opened = [tagged.open_whole(MailAddress, scope, r.tag, r.sealed) for r in found]
    return {ids[0]: _unpack(value) for _kind, value, ids in opened}


def keep_all(scope: Scope, changed: Mapping[bytes, Kept]) -> None:
    """Step: keep what a round did, every row of the group sealed afresh, so that none stands out.

    A row that its owner changed or took away meanwhile stays as they wished.
    """
    for persona_id, kept in list_in(scope, lock=True).items():
        done = changed.get(persona_id)
        now = _with_mail_of(kept, done) if done is not None and done.stop == kept.stop else kept
        values = tagged.sealed_row(MailAddress, scope, KIND, (persona_id,), _pack(now))
        mine = MailAddress.tag.in_(tagged.tags(scope, KIND, persona_id))
        here().execute(update(MailAddress).where(mine).values(**values).execution_options(synchronize_session=False))


def _with_mail_of(kept: Kept, done: Kept) -> Kept:
    """What the round knows of mails; code and tries are its owner's."""
    return replace(kept, mailed_on=done.mailed_on, told=done.told, going=done.going, going_hour=done.going_hour)


# --- The link in each mail that ends it ---


def stop_token(scope: Scope, persona_id: bytes, kept: Kept) -> str:
    """What the link carries: sealed, so that it tells a reader of the mail nothing, and good only for this asking."""
    said = scope.organisation_id + scope.group_id + persona_id + bytes.fromhex(kept.stop)
    return urlsafe_b64encode(the_keyring().seal(HOUSE, "mail_stop", b"", said)).decode().rstrip("=")


def read_stop(token: str) -> tuple[Scope, bytes] | None:
    """Whose mail a link ends; None for one that is over, or that nobody made."""
    try:
        said = the_keyring().unseal(HOUSE, "mail_stop", b"", urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (KeyringError, ValueError):
        return None
    scope, persona_id = Scope(said[:16], said[16:32]), said[32:48]
    kept = find(scope, persona_id)
    return (scope, persona_id) if kept is not None and bytes.fromhex(kept.stop) == said[48:] else None


def any_in_all() -> list[bytes]:
    """The groups in which somebody asked for mail."""
    return [r.group_id for r in rows(select(MailAddress.group_id).distinct())]


def _pack(kept: Kept) -> bytes:
    return json.dumps(asdict(kept), separators=(",", ":")).encode().ljust(SIZE)


def _unpack(value: bytes) -> Kept:
    return Kept(**json.loads(value))
