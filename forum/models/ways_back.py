"""Coming back without the words: a signed-in device lets in the next, or the team vouches for somebody."""

from forum.base.db import db
from forum.models.columns import Tagged


class DeviceCode(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """Numbers that a signed-in device shows and the next one types: tag(device_code, numbers) to a sealed account and end.

    The row has no time of its own: the job that forgets it after minutes has one, and goes with it.
    """

    __tablename__ = "device_code"


class Vouch(Tagged, db.Model):  # type: ignore[name-defined,misc]
    """The team says that a lost persona is somebody who joined anew. Three kinds of rows, alike from outside:

    tag(vouch, lost persona): what is to happen and whether it was stopped; tag(vouch_asker, new persona): what its owner
    is told; tag(vouch_by, lost persona, facilitator): this facilitator did so once and cannot again.
    """

    __tablename__ = "vouch"
