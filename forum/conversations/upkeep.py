"""Housekeeping of conversations: nothing is kept longer than it serves."""

from datetime import timedelta

from sqlalchemy import delete, select

from forum.base import clock
from forum.base.db import rows
from forum.base.transaction import here, transaction
from forum.models import Resend

#: A form is sent again within minutes, at the latest when a phone that lost its signal comes back the next day.
RESENDS_KEPT = timedelta(days=2)


def purge_resends() -> None:
    """Forget which forms became which posts after two days."""
    before = (clock.now() - RESENDS_KEPT).date()
    if not rows(select(Resend.tag).where(Resend.day < before).limit(1)):
        return
    with transaction():
        here().execute(delete(Resend).where(Resend.day < before))
