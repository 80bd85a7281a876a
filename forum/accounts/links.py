"""Links that work once: to become an admin, to be given a role. What is in the link is nowhere in the database."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from forum.base import clock, tagged
from forum.base.db import row
from forum.base.errors import NotFound
from forum.base.keyring import HOUSE
from forum.base.transaction import here
from forum.base.words import _
from forum.models import LinkPurpose, OneTimeLink, Role

#: Long enough to reach somebody who is asleep, short enough that an old message opens nothing.
LIVES = timedelta(hours=24)
SECRET_BYTES = 20
_KIND = "one_time_link"
#: Of one size with an account, so that the row does not tell an admin's link from the command line's.
_NO_ADMIN = bytes(16)


@dataclass(frozen=True)
class Link:
    """What an unused link is for."""

    tag: bytes
    purpose: LinkPurpose
    organisation_id: bytes | None
    group_id: bytes | None
    role: Role | None
    made_by: bytes | None
    admin: bytes | None


def make_link(
    purpose: LinkPurpose,
    *,
    organisation_id: bytes | None = None,
    group_id: bytes | None = None,
    role: Role | None = None,
    made_by: bytes | None = None,
    admin: bytes | None = None,
) -> str:
    """Step: a new link, good for 24 hours; gives the secret for its address, shown once.

    :param made_by: the persona that gives it; None for an admin or the command line.
    :param admin: the account of the admin that gives it; None for everybody else.
    """
    secret = secrets.token_urlsafe(SECRET_BYTES)
    facts = {"organisation_id": organisation_id, "group_id": group_id, "role": role, "made_by": made_by}
    kept = tagged.sealed_row(OneTimeLink, HOUSE, _KIND, (_hash(secret),), admin or _NO_ADMIN)
    here().execute(insert(OneTimeLink).values(**kept, **facts, purpose=purpose, ends_at=clock.now() + LIVES))
    return secret


def find_link(secret: str, purpose: LinkPurpose) -> Link | None:
    """An unused link that has not ended, or None; the answer does not say which was missing."""
    found = row(
        select(
            OneTimeLink.tag,
            OneTimeLink.purpose,
            OneTimeLink.organisation_id,
            OneTimeLink.group_id,
            OneTimeLink.role,
            OneTimeLink.made_by,
            OneTimeLink.sealed,
        ).where(
            OneTimeLink.tag.in_(tagged.tags(HOUSE, _KIND, _hash(secret))),
            OneTimeLink.purpose == purpose,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.ends_at > clock.now(),
        )
    )
    return _read(found._asdict()) if found else None


def _read(columns: dict[str, Any]) -> Link:
    admin = tagged.open_value(OneTimeLink, HOUSE, columns["tag"], columns.pop("sealed"))
    return Link(**columns, admin=None if admin in (_NO_ADMIN, b"") else admin)


def use_link(secret: str, purpose: LinkPurpose) -> Link:
    """Step: use it up. Of two at once one gets it.

    :raises NotFound: it was used, has ended or never was: the three look the same.
    """
    found = find_link(secret, purpose)
    if found is None:
        raise NotFound(_("This link does not work any more. Ask for a new one."))
    used = here().execute(
        update(OneTimeLink)
        .where(OneTimeLink.tag == found.tag, OneTimeLink.used_at.is_(None))
        .values(used_at=clock.this_hour())
        .execution_options(synchronize_session=False)
        .returning(OneTimeLink.purpose)
    )
    if used.first() is None:
        raise NotFound(_("This link does not work any more. Ask for a new one."))
    return found


def purge_links() -> None:
    """Step: forget links that ended a day ago, used or not."""
    here().execute(delete(OneTimeLink).where(OneTimeLink.ends_at < clock.now() - LIVES))


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
